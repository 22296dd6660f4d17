/* Constraints and assemblers: the last checks before computing. */
#include <string.h>

#include "problem/problem.h"

/* For the warning about conditions that disagree. */
static void write_note(const gkt_problem *p, const gkt_condition_settings *c, char *note, size_t room) {
  if (!strcmp(c->value.file, p->settings->file)) snprintf(note, room, "line %d", c->at->mark.line);
  else snprintf(note, room, "%s", c->value.file); /* a --set */
}

/* The message begins "NOTE on 'SET': ", which its place says better. */
static void drop_head(char *message, const char *note, const char *set) {
  char head[512];
  size_t n = (size_t)snprintf(head, sizeof head, "%s on '%s': ", note, set);
  if (n < sizeof head && !strncmp(message, head, n)) memmove(message, message + n, strlen(message + n) + 1);
}

static gkt_status add_condition(gkt_problem *p, int i) {
  const gkt_condition_settings *c = &p->settings->conditions[i];
  const gkt_mesh_set *set;
  char note[200];
  write_note(p, c, note, sizeof note);
  for (int k = 0; k < c->num_on; k++) {
    GKT_TRY(gkt_problem_find_set(p, &c->on[k], -1, &set));
    gkt_status status = gkt_constraints_add(p->constraints, set, c->component, p->conditions[i], &p->inputs, note);
    if (status > 0) drop_head(p->ctx->message, note, set->name);
    GKT_TRY(gkt_problem_place(p, status, &c->on[k]));
  }
  return GKT_OK;
}

static gkt_status add_conditions(gkt_problem *p) {
  GKT_TRY(gkt_constraints_create(p->spaces[p->field], &p->constraints));
  for (int i = 0; i < p->settings->num_conditions; i++) GKT_TRY(add_condition(p, i));
  return GKT_OK;
}

static gkt_status plan(gkt_problem *p, const gkt_form *form, gkt_assembler **out) {
  gkt_assembler_info info;
  GKT_TRY(gkt_assembler_create(form, p->mesh, p->spaces, out));
  gkt_assembler_get_info(*out, &info);
  p->timings[GKT_TIME_COMPILE] += info.compile_seconds;
  p->timings[GKT_TIME_PATTERN] += info.pattern_seconds;
  return GKT_OK;
}

gkt_status gkt_problem_make_system(gkt_problem *p) {
  GKT_TRY(add_conditions(p));
  GKT_TRY(gkt_problem_check_results(p));
  GKT_TRY(plan(p, p->residual, &p->residual_assembler));
  if (p->energy) GKT_TRY(plan(p, p->energy, &p->energy_assembler));
  return plan(p, p->tangent, &p->tangent_assembler);
}
