/* Residual, tangent and energy of a system at a state. */
#include "systems/system.h"

gkt_inputs gkt_system_at(gkt_system *s, const gkt_scalar *u, gkt_scalar time) {
  gkt_inputs inputs = s->inputs;
  for (int k = 0; k < s->num_unknowns; k++) s->values[s->unknowns[k]] = u ? u + s->blocks[k].first : NULL;
  inputs.time = time;
  return inputs;
}

gkt_inputs gkt_system_now(gkt_system *s, const gkt_scalar *u) {
  if (u && s->ties) gkt_system_from_tied(s, u, s->expanded);
  return gkt_system_at(s, u && s->ties ? s->expanded : u, s->inputs.time);
}

gkt_status gkt_system_check_vector(const gkt_system *s, const gkt_vector *v, const char *what) {
  if (!v) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no vector %s is given", what);
  if (gkt_vector_where(v) != GKT_ON_HOST) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s is on a device; expected it on the host", what);
  if (gkt_vector_size(v) == s->layout.num_owned) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s has %d entries; expected %d, one for each dof", what, gkt_vector_size(v), s->layout.num_owned);
}

gkt_state gkt_system_state(const gkt_system *s, const gkt_vector *u) { return (gkt_state){.u = u, .time = s->inputs.time}; }

gkt_status gkt_system_inputs(gkt_system *s, const gkt_state *state, gkt_inputs *out) {
  GKT_TRY(gkt_system_check_vector(s, state->u, "u"));
  *out = gkt_system_at(s, gkt_vector_read(state->u), state->time);
  return GKT_OK;
}

gkt_status gkt_system_residual(gkt_system *s, const gkt_state *state, gkt_vector *r) {
  gkt_inputs inputs;
  GKT_TRY(gkt_system_check_vector(s, r, "r"));
  if (r == state->u) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: r is the vector u; expected another");
  GKT_TRY(gkt_system_plan(s));
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  GKT_TRY(gkt_assemble_vector(s->residual_assembler, &inputs, gkt_vector_values(r)));
  gkt_constraints_zero(s->constraints, gkt_vector_values(r));
  return GKT_OK;
}

gkt_status gkt_system_matrix(gkt_system *s, gkt_csr **out) {
  GKT_TRY(gkt_system_plan(s));
  return gkt_assembler_matrix(s->tangent_assembler, out);
}

gkt_status gkt_system_need_matrix(gkt_system *s) { return s->matrix ? GKT_OK : gkt_system_matrix(s, &s->matrix); }

/* No form has rates yet, so their derivatives are zero. */
gkt_status gkt_system_tangent(gkt_system *s, const gkt_state *state, gkt_shifts shifts, gkt_csr *A) {
  gkt_inputs inputs;
  GKT_TRY(gkt_system_plan(s));
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  GKT_TRY(gkt_assemble_matrix(s->tangent_assembler, &inputs, A));
  for (gkt_size i = 0, n = A->row_offsets[A->num_rows]; shifts.value != 1 && i < n; i++) A->vals[i] *= shifts.value;
  gkt_constraints_eliminate(s->constraints, A);
  return GKT_OK;
}

gkt_status gkt_system_energy(gkt_system *s, const gkt_state *state, double *out) {
  gkt_inputs inputs;
  GKT_TRY(gkt_system_plan_energy(s));
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  return gkt_assemble_functional(s->energy_assembler, &inputs, out);
}

gkt_status gkt_system_free_residual(gkt_system *s, const gkt_scalar *u, gkt_scalar *r, double *size) {
  const gkt_inputs inputs = gkt_system_now(s, u);
  GKT_TRY(gkt_assemble_vector(s->residual_assembler, &inputs, r));
  gkt_constraints_zero(s->constraints, r);
  *size = gkt_norm(gkt_system_num_dofs(s), r, NULL);
  return GKT_OK;
}

gkt_status gkt_system_assemble_tangent(gkt_system *s, const gkt_scalar *u) {
  const gkt_inputs inputs = gkt_system_now(s, u);
  GKT_TRY(gkt_system_need_matrix(s));
  return gkt_assemble_matrix(s->tangent_assembler, &inputs, s->matrix);
}
