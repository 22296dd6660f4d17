/* A problem along a path by arc length, whose number of steps nobody knows. */
#include "problem/problem.h"

enum { MOST_STEPS = 1000 };

gkt_status gkt_problem_check_path(gkt_problem *p) {
  static const char *const of_paths[] = {"longest", "steps"};
  const gkt_yaml *map = p->settings->time.at;
  const bool is_path = p->scheme.kind == GKT_SCHEME_ARC_LENGTH;
  for (int k = 0; k < 2; k++) {
    if (!is_path && gkt_yaml_get(map, of_paths[k]))
      return gkt_problem_refuse_key(p, GKT_BAD_INPUT, map, of_paths[k], "of scheme: arc-length alone; expected that scheme, or no such key");
  }
  if (is_path && p->settings->solver.nonlinear.accept == GKT_ACCEPT_ENERGY)
    return gkt_problem_refuse(p, GKT_BAD_INPUT, &p->settings->time.scheme,
                              "past limit points the energy has no minimum, but solver.nonlinear.accept is energy; expected accept: natural, or no such key");
  if (is_path && p->settings->solver.nonlinear.load_steps > 1)
    return gkt_problem_refuse_key(p, GKT_BAD_INPUT, gkt_yaml_get(gkt_yaml_get(p->settings->root, "solver"), "nonlinear"), "load_steps",
                                  "of a path, which has steps of its own; expected 1, or no such key");
  if (is_path && p->num_followed)
    return gkt_problem_refuse(p, GKT_UNAVAILABLE, p->followed[0].name,
                              "its values depend on t, which is not available yet along a path of arc length; expected a symbolic coefficient, or scheme: static");
  if (is_path && p->settings->sample.at)
    return gkt_problem_refuse(p, GKT_UNAVAILABLE, &p->settings->time.scheme,
                              "not available yet for data sets, whose samples have states at the same times; expected another scheme");
  return GKT_OK;
}

void gkt_problem_print_turn(const gkt_problem *p, size_t size, char *text) {
  const gkt_series *l = &p->limit_points;
  text[0] = 0;
  if (l->count) snprintf(text, size, "the path turned back at t = %.6g and did not reach the end, %g; ", l->rows[(l->count - 1) * l->width], p->settings->time.end);
}

/* Results where the path turned back in t between two times, of which one may be that of the turn, at a kink. */
static gkt_status keep_limit(gkt_problem *p, gkt_time *t, double before, double after) {
  const gkt_state state = gkt_time_limit_point(t);
  if (!state.u) return GKT_OK;
  gkt_vector_copy(state.u, p->u);
  GKT_TRY(gkt_system_inputs(p->system, &state, &p->inputs));
  GKT_TRY(gkt_problem_compute(p));
  return gkt_series_add(p, &p->limit_points, state.time, 2 * state.time > before + after ? 1 : -1);
}

/* By its steps, or because there were more than anybody should need. */
static void explain_end(gkt_problem *p, gkt_step_report *r) {
  p->path_end = p->settings->time.steps ? "steps" : NULL;
  if (p->path_end) return;
  r->valid = false;
  snprintf(r->reason, sizeof r->reason, "%d steps have not led to the end, %g; expected an end that the path reaches, or steps: where it is to stop", MOST_STEPS,
           p->settings->time.end);
}

gkt_status gkt_problem_follow_path(gkt_problem *p, gkt_time *t, gkt_step_report *r) {
  const gkt_time_settings *s = &p->settings->time;
  const int most = s->steps ? s->steps : MOST_STEPS;
  double time = gkt_time_state(t).time;
  for (int k = p->counts.steps + 1; k <= most && time != s->end; k++) {
    const double before = time;
    GKT_TRY(gkt_march_tell(p, k, most, before, r));
    GKT_TRY(gkt_time_advance(t, s->end, r));
    gkt_march_count(p, r);
    if (!r->valid) return GKT_OK;
    time = gkt_time_state(t).time;
    const bool is_last = k == most || time == s->end;
    GKT_TRY(keep_limit(p, t, before, time));
    if (k % s->output_every == 0 || is_last) GKT_TRY(gkt_march_keep(p, t, r->step, is_last));
  }
  p->path_end = "end";
  if (time != s->end) explain_end(p, r);
  return p->has_run && r->valid ? gkt_problem_output(p) : GKT_OK;
}
