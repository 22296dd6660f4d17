/* Constraints and assemblers: the last checks before computing. */
#include <string.h>

#include "problem/problem.h"

static gkt_status find_on(gkt_problem *p, const gkt_word *name, const gkt_mesh_set **out) {
  *out = gkt_mesh_find_set(p->mesh, name->text);
  if (*out && (*out)->count) return GKT_OK;
  if (*out) return gkt_problem_refuse(p, GKT_BAD_INPUT, "conditions", name->mark, "'%s' is empty: it matches nothing", name->text);
  gkt_text known = {.ctx = p->ctx};
  for (int i = 0; i < gkt_mesh_num_sets(p->mesh); i++) gkt_text_printf(&known, "%s%s", i ? ", " : "", gkt_mesh_get_set(p->mesh, i)->name);
  gkt_status status = gkt_problem_refuse(p, GKT_BAD_INPUT, "conditions", name->mark, "'%s': unknown name; the mesh has: %s", name->text, known.data ? known.data : "none");
  gkt_text_free(&known);
  return status;
}

static gkt_status add_conditions(gkt_problem *p) {
  const gkt_mesh_set *set;
  GKT_TRY(gkt_constraints_create(p->spaces[p->field], &p->constraints));
  for (int i = 0; i < p->settings->num_conditions; i++) {
    const gkt_condition_settings *c = &p->settings->conditions[i];
    char note[64];
    snprintf(note, sizeof note, "line %d", c->mark.line);
    if (gkt_expression_uses_fields(p->conditions[i]))
      return gkt_problem_refuse(p, GKT_BAD_INPUT, "conditions", c->mark, "the value of a condition must not contain the unknown");
    if (gkt_expression_uses_normal(p->conditions[i])) return gkt_problem_refuse(p, GKT_UNAVAILABLE, "conditions", c->mark, "the normal n in the value of a condition is not available yet");
    for (int k = 0; k < c->num_on; k++) {
      GKT_TRY(find_on(p, &c->on[k], &set));
      gkt_status status = gkt_constraints_add(p->constraints, set, c->component, p->conditions[i], &p->inputs, note);
      if (status > 0) {
        char text[1024];
        snprintf(text, sizeof text, "%s", gkt_context_message(p->ctx));
        gkt_context_clear(p->ctx);
        return gkt_problem_refuse(p, status, "conditions", c->mark, "%s", text);
      }
      GKT_TRY(status);
    }
  }
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
  return plan(p, p->tangent, &p->tangent_assembler);
}
