/* Conditions of a system: u = g on sets, their values anew when data or time change. */
#include <string.h>

#include "forms/form.h"
#include "meshes/mesh.h"
#include "systems/device.h"

/* "PLACE: what" */
static gkt_status refuse(const gkt_system *s, gkt_status status, const gkt_condition *c, const char *what) {
  const char *place = c->place ? c->place : c->note ? c->note : "a condition";
  return gkt_fail(s->ctx, status, "%s: %s", place, what);
}

static gkt_status check(const gkt_system *s, const gkt_condition *c) {
  if (gkt_system_find_block(s, c->unknown) < 0)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a condition for function %d, which is no unknown; expected the number of %s", c->unknown, s->names);
  if (!c->set || !c->value) return refuse(s, GKT_BAD_ARGUMENT, c, "no set or no value is given");
  if (c->value->scope != s->scope) return refuse(s, GKT_BAD_ARGUMENT, c, "its value is an expression of another scope; expected that of the form");
  if (gkt_expression_uses_fields(c->value)) return refuse(s, GKT_BAD_INPUT, c, "its value contains an unknown; expected x, t, constants and coefficients");
  return GKT_OK;
}

gkt_status gkt_system_constrain(gkt_system *s, const gkt_condition *c) {
  GKT_TRY(check(s, c));
  GKT_TRY(gkt_system_refresh(s)); /* so that conflicts are judged by the values of now */
  GKT_TRY(gkt_realloc(s->ctx, s->num_conditions + 1, sizeof *s->conditions, &s->conditions));
  GKT_TRY(gkt_constraints_add_at(s->constraints, gkt_system_find_block(s, c->unknown), c->set, c->component, c->value, &s->inputs, c->note, c->place));
  gkt_system_forget_slopes(s);
  s->conditions[s->num_conditions++] = (gkt_system_condition){.value = gkt_expression_retain(c->value), .varies = gkt_expression_uses_time(c->value)};
  gkt_system_forget(s);
  return gkt_unless_exhausted(s->ctx, gkt_system_follow_ties(s));
}

bool gkt_system_conditions_vary(const gkt_system *s) {
  bool any = s->mesh->moves && s->num_conditions > 0;
  for (int i = 0; i < s->num_conditions; i++) any = any || s->conditions[i].varies;
  return any;
}

gkt_status gkt_system_refresh(gkt_system *s) {
  gkt_system_look_at(s, s->inputs.time);
  if (!s->is_stale) return GKT_OK;
  for (int i = 0; i < s->num_conditions; i++) {
    if (s->conditions[i].is_stale) GKT_TRY(gkt_constraints_update(s->constraints, i, s->conditions[i].value, &s->inputs));
    s->conditions[i].is_stale = false;
  }
  s->is_stale = false;
  return GKT_OK;
}

/* From the data, as the constraints had others for a moment. */
static gkt_status make_anew(gkt_system *s, gkt_status status) {
  for (int i = 0; i < s->num_conditions; i++) s->conditions[i].is_stale = true;
  s->is_stale = true;
  return status == GKT_OK ? gkt_system_refresh(s) : status;
}

/* The constraints take the derivatives as values: so frames, ties and later conditions that win hold for them as well. */
gkt_status gkt_system_derive_values(gkt_system *s, gkt_expression *const *slopes, gkt_scalar *out) {
  const bool *constrained = s->layout.constrained;
  gkt_status status = GKT_OK;
  for (int i = 0; i < s->num_conditions; i++) GKT_GO(gkt_constraints_update(s->constraints, i, slopes[i], &s->inputs));
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) out[i] = constrained[i] && gkt_constraints_give(s->constraints, i) ? s->constraints->values[i] : 0;
done:
  return make_anew(s, status);
}

gkt_status gkt_system_transpose_values(gkt_system *s, int condition, const gkt_scalar *by_dofs, gkt_scalar *out) {
  const gkt_status status = gkt_constraints_transpose(s->constraints, condition, by_dofs, out);
  return s->constraints->conditions[condition].of->ties ? make_anew(s, status) : status;
}

gkt_status gkt_system_hold(gkt_system *s, const gkt_vector *values) {
  gkt_scalar *tied = NULL;
  gkt_status status;
  GKT_TRY(gkt_system_check_vector(s, values, "values to hold"));
  GKT_TRY(gkt_system_refresh(s));
  GKT_GO(gkt_alloc(s->ctx, gkt_system_num_dofs(s), sizeof *tied, &tied));
  gkt_system_to_tied(s, gkt_vector_read(values), tied);
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++)
    if (gkt_constraints_give(s->constraints, i)) s->constraints->values[i] = tied[i];
  s->is_held = true;
done:
  gkt_free(&tied);
  return status;
}

static gkt_status lift_there(gkt_system *s, gkt_vector *u) {
  GKT_TRY(gkt_system_check_size(s, u, "u"));
  GKT_TRY(gkt_system_check_place(s));
  GKT_TRY(gkt_system_send(s));
  gkt_system_to_tied_there(s, u);
  gkt_system_lift_tied(s, u);
  gkt_system_from_tied_there(s, u);
  return gkt_context_settled(s->ctx, false);
}

gkt_status gkt_system_lift(gkt_system *s, gkt_vector *u) {
  if (u && gkt_vector_where(u) == GKT_ON_DEVICE) return lift_there(s, u);
  GKT_TRY(gkt_system_check_vector(s, u, "u"));
  GKT_TRY(gkt_system_refresh(s));
  gkt_scalar *values = gkt_vector_values(u);
  if (s->ties) gkt_system_to_tied(s, values, values);
  gkt_constraints_lift(s->constraints, values);
  if (s->ties) gkt_system_from_tied(s, values, s->expanded), memcpy(values, s->expanded, (size_t)gkt_system_num_dofs(s) * sizeof *values);
  return GKT_OK;
}
