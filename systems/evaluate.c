/* Residual, tangent and energy of a system at a state. */
#include "systems/device.h"

void gkt_system_set_rates(gkt_system *s, int order, const gkt_scalar *rates) {
  for (int k = 0; k < s->num_unknowns; k++) {
    const int rate = gkt_scope_rate(s->scope, s->unknowns[k], order);
    if (rate >= 0 && rate < s->num_functions) s->values[rate] = (rates ? rates : s->zeros) + s->blocks[k].first;
  }
}

gkt_inputs gkt_system_at(gkt_system *s, const gkt_scalar *u, gkt_scalar time) {
  gkt_inputs inputs = s->inputs;
  for (int k = 0; k < s->num_unknowns; k++) s->values[s->unknowns[k]] = u ? u + s->blocks[k].first : NULL;
  for (int order = 1; s->zeros && order <= 2; order++) gkt_system_set_rates(s, order, NULL);
  gkt_system_look_at(s, time);
  inputs.time = time;
  return inputs;
}

const gkt_scalar *gkt_system_untied(gkt_system *s, const gkt_scalar *u) {
  if (!u || !s->ties) return u;
  gkt_system_from_tied(s, u, s->expanded);
  return s->expanded;
}

gkt_inputs gkt_system_now(gkt_system *s, const gkt_scalar *u) {
  u = gkt_system_untied(s, u);
  return u && s->num_stages ? gkt_system_at_stage(s, s->num_stages - 1, u) : gkt_system_at(s, u, s->inputs.time);
}

gkt_status gkt_system_check_vector(const gkt_system *s, const gkt_vector *v, const char *what) {
  if (v && gkt_vector_where(v) != GKT_ON_HOST) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s is on a device; expected it on the host", what);
  return gkt_system_check_size(s, v, what);
}

gkt_status gkt_system_check_size(const gkt_system *s, const gkt_vector *v, const char *what) {
  if (!v) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no vector %s is given", what);
  if (gkt_vector_size(v) == s->layout.num_owned) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s has %d entries; expected %d, one for each dof", what, gkt_vector_size(v), s->layout.num_owned);
}

gkt_state gkt_system_state(const gkt_system *s, const gkt_vector *u) { return (gkt_state){.u = u, .time = s->inputs.time}; }

gkt_status gkt_system_inputs(gkt_system *s, const gkt_state *state, gkt_inputs *out) {
  if (state->u && gkt_vector_where(state->u) == GKT_ON_DEVICE) return gkt_system_inputs_there(s, state, out);
  GKT_TRY(gkt_system_check_vector(s, state->u, "u"));
  if (state->rate) GKT_TRY(gkt_system_check_vector(s, state->rate, "rate"));
  if (state->acceleration) GKT_TRY(gkt_system_check_vector(s, state->acceleration, "acceleration"));
  GKT_TRY(gkt_system_follow(s, state->time));
  *out = gkt_system_at(s, gkt_vector_read(state->u), state->time);
  if (state->rate && s->zeros) gkt_system_set_rates(s, 1, gkt_vector_read(state->rate));
  if (state->acceleration && s->zeros) gkt_system_set_rates(s, 2, gkt_vector_read(state->acceleration));
  return GKT_OK;
}

static void set_shift(gkt_system *s, int block, int order, gkt_scalar value) {
  const int constant = gkt_scope_shift(s->scope, s->unknowns[block], order);
  if (constant >= 0 && constant < s->num_constants) s->constants[constant] = value;
}

void gkt_system_set_shifts(gkt_system *s, int block, gkt_shifts shifts) {
  set_shift(s, block, 0, shifts.value), set_shift(s, block, 1, shifts.rate), set_shift(s, block, 2, shifts.acceleration);
}

static gkt_status apply(gkt_system *s, const gkt_state *state, gkt_vector *r) {
  const gkt_scalar *const x[3] = {gkt_vector_read(state->u), state->rate ? gkt_vector_read(state->rate) : NULL, state->acceleration ? gkt_vector_read(state->acceleration) : NULL};
  return gkt_system_apply_operators(s, x, state->time, gkt_vector_values(r));
}

gkt_status gkt_system_residual(gkt_system *s, const gkt_state *state, gkt_vector *r) {
  gkt_inputs inputs;
  bool by_operators = false;
  if (r && r == state->u) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: r is the vector u; expected another");
  if (state->u && gkt_vector_where(state->u) == GKT_ON_DEVICE) return gkt_system_residual_there(s, state, r);
  GKT_TRY(gkt_system_check_vector(s, r, "r"));
  GKT_TRY(gkt_system_plan(s));
  if (s->operators.wanted) GKT_TRY(gkt_system_make_operators(s, &by_operators));
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  if (by_operators) GKT_TRY(apply(s, state, r));
  else GKT_TRY(gkt_assemble_vector(s->residual_assembler, &inputs, gkt_vector_values(r)));
  gkt_constraints_zero(s->constraints, gkt_vector_values(r));
  return GKT_OK;
}

gkt_status gkt_system_matrix(gkt_system *s, gkt_csr **out) {
  GKT_TRY(gkt_system_plan(s));
  return gkt_assembler_matrix(s->tangent_assembler, out);
}

gkt_status gkt_system_need_matrix(gkt_system *s) { return s->matrix ? GKT_OK : gkt_system_matrix(s, &s->matrix); }

/* Of a form without rates the shift is a factor. */
static void scale(const gkt_system *s, gkt_scalar factor, gkt_csr *A) {
  for (gkt_size i = 0, n = A->row_offsets[A->num_rows]; !s->has_rates && factor != 1 && i < n; i++) A->vals[i] *= factor;
}

static void set_all_shifts(gkt_system *s, gkt_shifts shifts) {
  for (int k = 0; k < s->num_unknowns; k++) gkt_system_set_shifts(s, k, shifts);
}

gkt_status gkt_system_tangent(gkt_system *s, const gkt_state *state, gkt_shifts shifts, gkt_csr *A) {
  gkt_inputs inputs;
  GKT_TRY(gkt_system_plan(s));
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  set_all_shifts(s, shifts);
  gkt_status status = gkt_assemble_matrix(s->tangent_assembler, &inputs, A);
  gkt_system_combine_shifts(s);
  GKT_TRY(status);
  scale(s, shifts.value, A);
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
  GKT_TRY(gkt_system_sum_residual(s, u, r));
  gkt_constraints_zero(s->constraints, r);
  *size = gkt_norm(gkt_system_num_dofs(s), r, NULL);
  return GKT_OK;
}

gkt_status gkt_system_assemble_tangent(gkt_system *s, const gkt_scalar *u) {
  s->kept.fits = s->kept.fits_at = false;
  GKT_TRY(gkt_system_need_matrix(s));
  return gkt_system_sum_tangent(s, u, s->matrix);
}
