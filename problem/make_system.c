/* The system with its conditions, and all plans: the last checks before computing. */
#include <string.h>

#include "problem/problem.h"

/* For the warning about conditions that disagree. */
static void write_note(const gkt_problem *p, const gkt_condition_settings *c, char *note, size_t room) {
  if (!strcmp(c->value.file, p->settings->file)) snprintf(note, room, "line %d", c->at->mark.line);
  else snprintf(note, room, "%s", c->value.file); /* a --set */
}

static gkt_status add_condition(gkt_problem *p, int i) {
  const gkt_condition_settings *c = &p->settings->conditions[i];
  gkt_condition condition = {.unknown = p->fields[c->number], .component = c->component, .value = p->conditions[i]};
  char note[200], place[GKT_YAML_PLACE];
  write_note(p, c, note, sizeof note);
  condition.note = note, condition.place = place;
  for (int k = 0; k < c->num_on; k++) {
    GKT_TRY(gkt_problem_find_set(p, &c->on[k], -1, &condition.set));
    gkt_problem_print_word(&c->on[k], place);
    GKT_TRY(gkt_system_constrain(p->system, &condition));
  }
  return GKT_OK;
}

/* In the plane the axis stands on it; a line has none. */
static gkt_status check_rotation(gkt_problem *p, const gkt_tie_settings *t) {
  const gkt_yaml *rotate = gkt_yaml_get(t->at, "rotate");
  if (p->dim == 1) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, t->at, "rotate", "lines cannot turn; expected a mesh in two or three dimensions");
  if (p->dim == 2 && t->num_axis) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, rotate, "axis", "in the plane the axis stands on it; expected angle and point only");
  if (p->dim == 3 && t->num_axis != 3) {
    if (t->num_axis) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, rotate, "axis", "%d coordinates; expected 3", t->num_axis);
    return gkt_problem_refuse_key(p, GKT_BAD_INPUT, t->at, "rotate", "an axis is missing; expected axis, for example axis: [0, 0, 1]");
  }
  if (t->num_point && t->num_point != p->dim)
    return gkt_problem_refuse_key(p, GKT_BAD_INPUT, rotate, "point", "%d coordinates; expected %d, as the mesh has", t->num_point, p->dim);
  return GKT_OK;
}

static gkt_status add_tie(gkt_problem *p, const gkt_tie_settings *t) {
  int *unknowns = NULL;
  char place[GKT_YAML_PLACE];
  gkt_status status;
  gkt_tie tie = {.rotation = t->rotates ? &t->rotation : NULL, .num_unknowns = t->num_fields, .place = place};
  if (t->rotates) GKT_TRY(check_rotation(p, t));
  GKT_TRY(gkt_problem_find_set(p, &t->from, -1, &tie.from));
  GKT_TRY(gkt_problem_find_set(p, &t->to, -1, &tie.to));
  gkt_problem_print_word(&t->from, place);
  GKT_GO(gkt_alloc(p->ctx, t->num_fields, sizeof *unknowns, &unknowns));
  for (int i = 0; i < t->num_fields; i++) unknowns[i] = p->fields[t->fields[i]];
  tie.unknowns = unknowns;
  GKT_GO(gkt_system_tie(p->system, &tie));
done:
  gkt_free(&unknowns);
  return status;
}

static void add_times(gkt_problem *p, gkt_assembler *assembler) {
  gkt_assembler_info info = {0};
  if (assembler) gkt_assembler_get_info(assembler, &info);
  p->timings[GKT_TIME_COMPILE] += info.compile_seconds;
  p->timings[GKT_TIME_PATTERN] += info.pattern_seconds;
}

/* At the solution the energy is no minimum, it is a saddle. */
static gkt_status check_acceptance(gkt_problem *p) {
  const gkt_yaml *map = gkt_yaml_get(gkt_yaml_get(p->settings->root, "solver"), "nonlinear");
  for (int k = 0; p->is_nonlinear && p->settings->solver.nonlinear.accept == GKT_ACCEPT_ENERGY && k < p->settings->num_fields; k++)
    if (gkt_system_is_multiplier(p->system, k))
      return gkt_problem_refuse_key(p, GKT_BAD_INPUT, map, "accept", "%s is a multiplier, with which the solution is a saddle of the energy; expected the natural test",
                                    p->settings->fields[k].name.text);
  return GKT_OK;
}

gkt_status gkt_problem_make_system(gkt_problem *p) {
  GKT_TRY(gkt_system_create(p->form, p->mesh, p->settings->num_fields, p->fields, p->spaces, &p->system));
  GKT_TRY(gkt_system_set_data(p->system, &p->inputs));
  GKT_TRY(gkt_system_set_time(p->system, p->settings->time.start));
  GKT_TRY(gkt_problem_follow_coefficients(p));
  GKT_TRY(gkt_problem_add_histories(p));
  for (int i = 0; i < p->settings->num_ties; i++) GKT_TRY(add_tie(p, &p->settings->ties[i]));
  for (int i = 0; i < p->settings->num_conditions; i++) GKT_TRY(add_condition(p, i));
  GKT_TRY(check_acceptance(p));
  GKT_TRY(gkt_problem_check_results(p));
  GKT_TRY(gkt_system_plan(p->system));
  for (int arity = 0; arity <= 2; arity++) add_times(p, gkt_system_assembler(p->system, arity));
  p->is_planned = true;
  return GKT_OK;
}
