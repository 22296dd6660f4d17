/* A problem in time: from its start to its end, with results and files on the way. */
#include <math.h>
#include <string.h>

#include "problem/problem.h"

/* ---- the scheme ---- */
static int highest_rate(const gkt_problem *p) {
  int highest = 0;
  for (int i = 0; i < p->settings->num_fields; i++) {
    const int order = gkt_form_rate_order(p->form, p->fields[i]);
    highest = order > highest ? order : highest;
  }
  return highest;
}

static gkt_status refuse_no_rate(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  return gkt_problem_refuse_text(
      p, GKT_BAD_INPUT, s->equation.text ? &s->equation : &s->energy,
      "no rate in it, and the file has the key `time` (line %d); expected dt(%s) or dtt(%s), or scheme: static for a path of loads, arc-length past its limit points",
      s->time.at->key->mark.line, s->fields[0].name.text, s->fields[0].name.text);
}

/* Lengths by errors in time. */
static gkt_status check_adaptive(gkt_problem *p) {
  const gkt_yaml *map = p->settings->time.at;
  if (!gkt_yaml_get(map, "adaptive")) return GKT_OK;
  switch (p->scheme.kind) {
  case GKT_SCHEME_STATIC:
    return gkt_problem_refuse_key(p, GKT_BAD_INPUT, map, "adaptive", "a path of loads has no errors in time; expected no such key: steps that fail are halved, and grow again");
  case GKT_SCHEME_ARC_LENGTH:
    return gkt_problem_refuse_key(p, GKT_BAD_INPUT, map, "adaptive",
                                  "arc lengths follow Newton's iterations and the turn of the path, not errors in time; expected no such key, and longest: for the largest");
  default: return GKT_OK;
  }
}

/* Steps of no length. */
static gkt_status check_repeat(gkt_problem *p) {
  const gkt_yaml *map = p->settings->time.at;
  if (!gkt_yaml_get(map, "repeat")) return GKT_OK;
  if (p->scheme.kind != GKT_SCHEME_STATIC)
    return gkt_problem_refuse_key(p, GKT_BAD_INPUT, map, "repeat", "steps are repeated along a path of loads alone; expected scheme: static, or no such key");
  if (p->settings->num_histories) return GKT_OK;
  return gkt_problem_refuse_key(p, GKT_BAD_INPUT, map, "repeat", "without `history` a step that is repeated finds what it has found; expected no such key");
}

gkt_status gkt_problem_choose_scheme(gkt_problem *p) {
  const gkt_time_settings *t = &p->settings->time;
  const int order = highest_rate(p);
  if (!t->at) return GKT_OK; /* rates were refused as they were read */
  if (t->scheme.text) GKT_TRY(gkt_problem_place(p, gkt_scheme_read(p->ctx, t->scheme.text, &p->scheme), &t->scheme));
  else GKT_TRY(gkt_scheme_read(p->ctx, order == 2 ? "newmark" : "bdf2", &p->scheme));
  if (!order && gkt_scheme_rates(&p->scheme)) return refuse_no_rate(p);
  GKT_TRY(gkt_problem_check_path(p));
  GKT_TRY(check_adaptive(p));
  GKT_TRY(check_repeat(p));
  if (order > gkt_scheme_rates(&p->scheme))
    return gkt_problem_refuse(p, GKT_BAD_INPUT, &t->scheme, "not for equations with %s, which this one holds; expected %s", order == 2 ? "dtt" : "dt",
                              order == 2 ? "newmark or generalized-alpha" : "a scheme for rates, such as bdf2");
  return GKT_OK;
}

/* ---- masses ---- */
static gkt_status lump(gkt_problem *p, int field) {
  gkt_form *lumped;
  GKT_TRY(gkt_form_lump(p->form, p->fields[field], &lumped));
  gkt_form_destroy(&p->form);
  p->form = lumped;
  return GKT_OK;
}

/* What is chosen; of an explicit scheme all that have rates. */
gkt_status gkt_problem_lump(gkt_problem *p) {
  const gkt_time_settings *t = &p->settings->time;
  const bool is_explicit = t->at && gkt_scheme_is_explicit(&p->scheme);
  if (t->num_lump && is_explicit) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, t->at, "lump", "an explicit scheme lumps the masses of all fields; expected no such key");
  if (t->num_lump && !gkt_scheme_rates(&p->scheme)) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, t->at, "lump", "a path of loads has no masses; expected no such key");
  for (int i = 0; i < t->num_lump; i++) {
    if (!gkt_form_rate_order(p->form, p->fields[t->lump[i]]))
      return gkt_problem_refuse_key(p, GKT_BAD_INPUT, t->at, "lump", "the equation holds no rate of %s; expected fields of which it holds dt or dtt",
                                    p->settings->fields[t->lump[i]].name.text);
    GKT_TRY(lump(p, t->lump[i]));
  }
  for (int i = 0; is_explicit && i < p->settings->num_fields; i++)
    if (gkt_form_rate_order(p->form, p->fields[i])) GKT_TRY(lump(p, i));
  return GKT_OK;
}

/* ---- progress ---- */
static double seconds_left(const gkt_problem *p, double time) {
  const gkt_time_settings *t = &p->settings->time;
  if (p->scheme.kind == GKT_SCHEME_ARC_LENGTH) return -1;
  const double done = (time - p->march_from) / (t->end - p->march_from);
  return done > 0 ? (gkt_seconds() - p->solve_started) * (1 - done) / done : -1;
}

/* At the start of step k of n. */
gkt_status gkt_march_tell(gkt_problem *p, int k, int n, double time, const gkt_step_report *before) {
  const gkt_problem_options *o = &p->options;
  if (p->is_trial) return gkt_problem_tell_iterate(p) ? GKT_OK : GKT_CANCELLED;
  p->marching = (gkt_step_progress){k, n, time, p->settings->time.end, before->step, before->newton, seconds_left(p, time)};
  if (o->step_progress) return o->step_progress(o->progress_user, &p->marching) ? GKT_OK : GKT_CANCELLED;
  return !o->progress || o->progress(o->progress_user, "time", k, before->report.linear.residual, p->marching.seconds_left) ? GKT_OK : GKT_CANCELLED;
}

static bool go_on(void *user, const char *stage) {
  gkt_problem *p = user;
  (void)stage;
  if (p->is_trial) return gkt_problem_tell_iterate(p);
  return p->options.step_progress ? p->options.step_progress(p->options.progress_user, &p->marching) : gkt_problem_stage(p, "time") == GKT_OK;
}

/* ---- what is kept of a state ---- */
gkt_status gkt_problem_look_at(gkt_problem *p, const gkt_time *t) {
  const gkt_state state = gkt_time_state(t);
  gkt_vector_copy(state.u, p->u);
  GKT_TRY(gkt_system_inputs(p->system, &state, &p->inputs));
  gkt_problem_take_followed(p);
  return GKT_OK;
}

gkt_status gkt_march_keep(gkt_problem *p, gkt_time *t, double step, bool is_last) {
  if (p->is_trial) return GKT_OK;
  GKT_TRY(gkt_problem_look_at(p, t));
  GKT_TRY(gkt_problem_compute(p));
  GKT_TRY(gkt_series_add(p, &p->series, gkt_time_state(t).time, step));
  gkt_samples_keep_state(p);
  if (p->has_run) GKT_TRY(gkt_problem_output_series(p));
  if (p->has_run) GKT_TRY(gkt_problem_add_frame(p));
  return gkt_problem_keep_checkpoint(p, t, is_last);
}

/* ---- the way ---- */
void gkt_march_count(gkt_problem *p, const gkt_step_report *r) {
  p->counts.steps += r->steps, p->counts.newton += r->newton, p->counts.linear += r->linear, p->counts.setups += r->setups, p->counts.rejected += r->rejected;
  p->counts.assemblies += r->assemblies, p->counts.kept += r->kept;
  p->timings[GKT_TIME_ASSEMBLE] += r->assemble_seconds, p->timings[GKT_TIME_SETUP] += r->setup_seconds, p->timings[GKT_TIME_SOLVE] += r->solve_seconds;
  p->cpu[GKT_TIME_ASSEMBLE] += r->assemble_cpu_seconds, p->cpu[GKT_TIME_SETUP] += r->setup_cpu_seconds, p->cpu[GKT_TIME_SOLVE] += r->solve_cpu_seconds;
}

/* The last step's report is that of the problem. */
gkt_status gkt_march_take_report(gkt_problem *p, gkt_time *t, const gkt_step_report *r) {
  gkt_time_take_report(t, &p->solution);
  p->valid = r->valid;
  if (r->valid) return p->reason[0] = 0, GKT_OK; /* that of a run before */
  char turn[120];
  gkt_problem_print_turn(p, sizeof turn, turn);
  snprintf(p->reason, sizeof p->reason, "%sat t = %.9g, with a step of %.3g: %.1800s", turn, r->time, r->step, r->reason);
  return p->solution.cancelled ? GKT_CANCELLED : GKT_OK;
}

/* The k-th of n steps, to start + k step, the last one to the end. */
static double end_of(const gkt_time_settings *s, int k, int n) { return k == n ? s->end : s->start + k * s->step; }

int gkt_problem_num_steps(const gkt_problem *p) {
  const gkt_time_settings *s = &p->settings->time;
  return (int)ceil((s->end - s->start) / s->step * (1 - 1e-12) - 1e-9);
}

int gkt_problem_num_outputs(const gkt_problem *p) {
  const gkt_time_settings *s = &p->settings->time;
  return s->at ? 1 + gkt_problem_num_steps(p) / s->output_every + (gkt_problem_num_steps(p) % s->output_every != 0) : 1;
}

double gkt_problem_output_time(const gkt_problem *p, int i) {
  const gkt_time_settings *s = &p->settings->time;
  const int n = gkt_problem_num_steps(p);
  return (gkt_size)i * s->output_every < n ? end_of(s, i * s->output_every, n) : s->end;
}

/* What is wrong with the scheme or its step is known at the start alone, where masses and eigenvalues are. */
gkt_status gkt_march_begin(gkt_problem *p, gkt_time *t, gkt_step_report *r) {
  const gkt_yaml *time = p->settings->time.at;
  GKT_TRY(gkt_problem_start_histories(p));
  GKT_TRY(gkt_problem_place(p, gkt_time_begin(t, p->u, p->rate, r), &(gkt_word){(char *)(uintptr_t)time->key->text, time}));
  gkt_march_count(p, r);
  return GKT_OK;
}

/* From the start, or from a checkpoint. */
static gkt_status begin(gkt_problem *p, gkt_time *t, gkt_step_report *r) {
  *r = (gkt_step_report){.valid = true};
  if (p->settings->time.restart.text) return gkt_problem_resume(p, t);
  if (!p->told_jumps) GKT_TRY(gkt_problem_tell_jumps(p));
  p->told_jumps = p->samples.states || p->design;
  GKT_TRY(gkt_march_begin(p, t, r));
  return r->valid ? gkt_march_keep(p, t, 0, false) : GKT_OK;
}

/* How many of n steps lead to the state of now. */
static int steps_done(const gkt_time_settings *s, double time, int n) {
  if (time > s->end - 1e-9 * s->step) return n;
  return (int)floor((time - s->start) / s->step + 1e-9);
}

gkt_size gkt_problem_outputs_ahead(const gkt_problem *p) {
  const gkt_time_settings *s = &p->settings->time;
  if (!s->at) return 1;
  const int n = gkt_problem_num_steps(p), done = steps_done(s, p->march_from, n);
  return (p->march_from == s->start) + n / s->output_every - done / s->output_every + (n % s->output_every != 0 && n > done);
}

static gkt_status march(gkt_problem *p, gkt_time *t, gkt_step_report *r) {
  const gkt_time_settings *s = &p->settings->time;
  const int n = gkt_problem_num_steps(p);
  GKT_TRY(begin(p, t, r));
  if (!r->valid) return GKT_OK;
  if (p->scheme.kind == GKT_SCHEME_ARC_LENGTH) return gkt_problem_follow_path(p, t, r);
  const int done = steps_done(s, gkt_time_state(t).time, n);
  for (int k = done + 1; k <= n; k++) {
    GKT_TRY(gkt_march_tell(p, k, n, r->time, r));
    GKT_TRY(gkt_time_advance(t, end_of(s, k, n), r));
    gkt_march_count(p, r);
    if (!r->valid) return GKT_OK;
    if (k % s->output_every == 0 || k == n) GKT_TRY(gkt_march_keep(p, t, r->step, k == n));
  }
  return p->has_run && !p->is_trial ? gkt_problem_output(p) : GKT_OK;
}

static gkt_time_options options_of(gkt_problem *p) {
  gkt_time_options options = gkt_time_options_default();
  options.scheme = p->scheme, options.start = p->settings->time.start, options.step = p->settings->time.step;
  options.repeat_rtol = p->settings->time.repeat_rtol;
  if (options.repeat_rtol > 0) options.repeats = p->settings->time.repeats;
  options.longest = p->settings->time.longest, options.rtol = p->settings->time.rtol, options.atol = p->settings->time.atol;
  options.solve = gkt_problem_solve_options(p);
  options.solve.stage = go_on, options.solve.newton.progress = NULL, options.solve.newton.linear.progress = NULL;
  return options;
}

gkt_status gkt_problem_check_time(gkt_problem *p) {
  const gkt_time_settings *s = &p->settings->time;
  if (!s->at) return GKT_OK;
  const gkt_time_options options = options_of(p);
  return gkt_problem_place(p, gkt_time_check(p->system, &options), s->scheme.text ? &s->scheme : &(gkt_word){(char *)(uintptr_t)s->at->key->text, s->at});
}

gkt_status gkt_march_create(gkt_problem *p, gkt_time **out) {
  const gkt_time_options options = options_of(p);
  return gkt_time_create(p->system, &options, out);
}

gkt_status gkt_march_run(gkt_problem *p, gkt_time *t) {
  gkt_step_report r = {0};
  gkt_status status;
  p->solve_started = gkt_seconds(), p->march_from = p->settings->time.start;
  GKT_GO(march(p, t, &r));
  GKT_GO(gkt_march_take_report(p, t, &r));
done:
  gkt_vector_copy(gkt_time_state(t).u, p->u);
  return status == GKT_OK ? gkt_context_settled(p->ctx, false) : status;
}

gkt_status gkt_problem_march(gkt_problem *p) {
  gkt_time *t = NULL;
  gkt_status status;
  GKT_GO(gkt_march_create(p, &t));
  GKT_GO(gkt_march_run(p, t));
done:
  gkt_time_destroy(&t);
  const gkt_status listed = gkt_problem_finish_series(p); /* of all that was written, whatever became of the run */
  if (status == GKT_OK) status = listed;
  return status > 0 && p->series.count ? GKT_IO : status; /* too late to be a refusal */
}
