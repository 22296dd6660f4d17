/* Residual, tangent and energy of a system at a state. */
#include "systems/system.h"

#include "assembly/assembler.h"

void gkt_system_look_at(gkt_system *s, const gkt_scalar *u) { s->values[s->unknown] = u; }

static gkt_status check_vector(const gkt_system *s, const gkt_vector *v, const char *what) {
  if (!v) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no vector %s is given", what);
  if (gkt_vector_where(v) != GKT_ON_HOST) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s is on a device; expected it on the host", what);
  if (gkt_vector_size(v) == s->layout.num_owned) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s has %d entries; expected %d, one for each dof", what, gkt_vector_size(v), s->layout.num_owned);
}

/* Conditions keep their time: it is gkt_system_set_time that moves them. */
static gkt_status look_at_state(gkt_system *s, const gkt_state *state, gkt_scalar *kept_time) {
  GKT_TRY(check_vector(s, state->u, "u"));
  GKT_TRY(gkt_system_plan(s));
  gkt_system_look_at(s, gkt_vector_read(state->u));
  *kept_time = s->inputs.time;
  s->inputs.time = state->time;
  return GKT_OK;
}

gkt_status gkt_system_inputs(gkt_system *s, const gkt_state *state, gkt_inputs *out) {
  gkt_scalar time;
  GKT_TRY(look_at_state(s, state, &time));
  *out = s->inputs;
  s->inputs.time = time;
  return GKT_OK;
}

gkt_status gkt_system_residual(gkt_system *s, const gkt_state *state, gkt_vector *r) {
  gkt_scalar time;
  GKT_TRY(check_vector(s, r, "r"));
  GKT_TRY(look_at_state(s, state, &time));
  gkt_status status = gkt_assemble_vector(s->residual_assembler, &s->inputs, gkt_vector_values(r));
  s->inputs.time = time;
  if (status == GKT_OK) gkt_constraints_zero(s->constraints, gkt_vector_values(r));
  return status;
}

gkt_status gkt_system_matrix(gkt_system *s, gkt_csr **out) {
  GKT_TRY(gkt_system_plan(s));
  return gkt_assembler_matrix(s->tangent_assembler, out);
}

gkt_status gkt_system_need_matrix(gkt_system *s) { return s->matrix ? GKT_OK : gkt_system_matrix(s, &s->matrix); }

/* No form has rates yet, so their derivatives are zero. */
gkt_status gkt_system_tangent(gkt_system *s, const gkt_state *state, gkt_shifts shifts, gkt_csr *A) {
  gkt_scalar time;
  GKT_TRY(look_at_state(s, state, &time));
  gkt_status status = gkt_assemble_matrix(s->tangent_assembler, &s->inputs, A);
  s->inputs.time = time;
  GKT_TRY(status);
  for (gkt_size i = 0, n = A->row_offsets[A->num_rows]; shifts.value != 1 && i < n; i++) A->vals[i] *= shifts.value;
  gkt_constraints_eliminate(s->constraints, A);
  return GKT_OK;
}

gkt_status gkt_system_energy(gkt_system *s, const gkt_state *state, double *out) {
  gkt_scalar time;
  GKT_TRY(gkt_system_plan_energy(s));
  GKT_TRY(look_at_state(s, state, &time));
  gkt_status status = gkt_assemble_functional(s->energy_assembler, &s->inputs, out);
  s->inputs.time = time;
  return status;
}

gkt_status gkt_system_free_residual(gkt_system *s, const gkt_scalar *u, gkt_scalar *r, double *size) {
  gkt_system_look_at(s, u);
  GKT_TRY(gkt_assemble_vector(s->residual_assembler, &s->inputs, r));
  gkt_constraints_zero(s->constraints, r);
  *size = gkt_norm(gkt_system_num_dofs(s), r, NULL);
  return GKT_OK;
}
