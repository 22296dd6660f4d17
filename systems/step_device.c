/* step.c where the unknowns stand on the device: the same sums, of vectors that stay there. */
#include "assembly/assembler.h"
#include "core/vector.h"
#include "systems/device.h"

/* ---- known parts: where the caller has them, and copies where they are asked for elsewhere ---- */
static gkt_status copy(gkt_system *s, gkt_where where, const gkt_vector *from, gkt_vector **room, const gkt_vector **out) {
  if (!from || *out) return GKT_OK;
  if (!*room) GKT_TRY(gkt_vector_create_on(s->ctx, where, gkt_system_num_dofs(s), room));
  GKT_TRY(gkt_vector_to(from, *room));
  *out = *room;
  return GKT_OK;
}

gkt_status gkt_system_fetch_known(gkt_system *s) {
  for (int k = 0; s->device && k < s->num_stages; k++)
    for (int order = 0; order < 3; order++) GKT_TRY(copy(s, GKT_ON_HOST, s->stages[k].there[order], &s->device->fetched[k][order], &s->stages[k].known[order]));
  return GKT_OK;
}

/* ---- memory ---- */
static gkt_status make_room(gkt_system *s) {
  gkt_system_device *d = s->device;
  const gkt_idx n = gkt_system_num_dofs(s);
  for (int order = 0; order < 3; order++)
    if (!d->at[order].at && (order == 0 || s->zeros)) GKT_TRY(gkt_device_alloc(d->device, n, sizeof(gkt_scalar), "where a step looks", &d->at[order]));
  if (s->num_stages > 1 && !d->part) GKT_TRY(gkt_vector_create_on(s->ctx, GKT_ON_DEVICE, n, &d->part));
  if (gkt_system_is_one_tangent(s) || d->part_vals.at) return GKT_OK;
  GKT_TRY(gkt_device_alloc(d->device, d->vals.count, sizeof(gkt_scalar), "values of a stage's matrix", &d->part_vals));
  d->part_matrix = d->matrix, d->part_matrix.vals = d->part_vals.at;
  return GKT_OK;
}

gkt_status gkt_system_send_step(gkt_system *s) {
  gkt_system_device *d = s->device;
  if (s->zeros && !d->zeros.at) {
    GKT_TRY(gkt_device_alloc(d->device, gkt_system_num_dofs(s), sizeof(gkt_scalar), "rates at rest", &d->zeros));
    GKT_TRY(gkt_device_fill(d->device, d->zeros.at, 0, d->zeros.count * (gkt_size)sizeof(gkt_scalar)));
  }
  if (s->num_stages) GKT_TRY(make_room(s));
  for (int k = 0; k < s->num_stages; k++)
    for (int order = 0; order < 3; order++) GKT_TRY(copy(s, GKT_ON_DEVICE, s->stages[k].known[order], &d->sent[k][order], &s->stages[k].there[order]));
  return GKT_OK;
}

void gkt_system_device_clear_step(gkt_system_device *d) {
  for (int order = 0; order < 3; order++) {
    if (d->device) gkt_device_free(d->device, &d->at[order]);
    for (int k = 0; k < GKT_MAX_STAGES; k++) gkt_vector_destroy(&d->sent[k][order]), gkt_vector_destroy(&d->fetched[k][order]);
  }
  gkt_vector_destroy(&d->part);
  if (d->device) gkt_device_free(d->device, &d->zeros), gkt_device_free(d->device, &d->part_vals);
}

/* ---- where it looks ---- */
/* u, rates: on the device, of u itself; NULL: 0 */
static gkt_inputs look(gkt_system *s, const gkt_scalar *u, const gkt_scalar *const rates[2], gkt_scalar time) {
  gkt_system_device *d = s->device;
  gkt_inputs inputs = s->inputs;
  for (int b = 0; b < s->num_unknowns; b++) {
    d->values[s->unknowns[b]] = u + s->blocks[b].first;
    for (int order = 1; order <= 2; order++) {
      const int rate = gkt_scope_rate(s->scope, s->unknowns[b], order);
      if (rate >= 0 && rate < s->num_functions) d->values[rate] = (rates[order - 1] ? rates[order - 1] : d->zeros.at) + s->blocks[b].first;
    }
  }
  inputs.values = d->values, inputs.where = GKT_ON_DEVICE, inputs.time = time;
  return inputs;
}

static gkt_scalar shift_of(const gkt_system_stage *stage, int block, int order) {
  const gkt_shifts *shifts = &stage->shifts[block];
  return order == 0 ? shifts->value : order == 1 ? shifts->rate : shifts->acceleration;
}

static void combine(const gkt_system *s, const gkt_system_stage *stage, int order, const gkt_scalar *u) {
  const gkt_scalar *known = stage->there[order] ? gkt_vector_address(stage->there[order]) : NULL;
  for (int b = 0; b < s->num_unknowns; b++) {
    const gkt_layout_block *l = &s->blocks[b];
    const gkt_scalar factors[] = {shift_of(stage, b, order), 1}, *const x[] = {u + l->first, known ? known + l->first : NULL};
    (void)!gkt_device_vector_combine(s->device->device, l->count, known ? 2 : 1, factors, x, s->device->at[order].at + l->first);
  }
}

static gkt_inputs look_at_stage(gkt_system *s, int k, const gkt_scalar *u) {
  gkt_system_device *d = s->device;
  for (int order = 0; order < 3; order++)
    if (d->at[order].at) combine(s, &s->stages[k], order, u);
  return look(s, d->at[0].at, (const gkt_scalar *const[]){d->at[1].at, d->at[2].at}, s->stages[k].time);
}

gkt_inputs gkt_system_now_there(gkt_system *s, const gkt_scalar *u) {
  if (s->num_stages) return look_at_stage(s, s->num_stages - 1, u);
  return look(s, u, (const gkt_scalar *const[]){NULL, NULL}, s->inputs.time);
}

gkt_status gkt_system_look_at_stage(gkt_system *s, int stage, const gkt_vector *u, gkt_inputs *out) {
  if (gkt_vector_where(u) == GKT_ON_DEVICE) GKT_TRY(gkt_system_send(s));
  *out = gkt_vector_where(u) == GKT_ON_DEVICE ? look_at_stage(s, stage, gkt_vector_address(u)) : gkt_system_at_stage(s, stage, gkt_vector_read(u));
  return GKT_OK;
}

/* ---- sums over the stages ---- */
static void weigh_part(const gkt_system *s, int k, const gkt_vector *part, gkt_vector *out) {
  gkt_device *device = s->device->device;
  for (int b = 0; b < s->num_unknowns; b++) {
    const gkt_layout_block *l = &s->blocks[b];
    const gkt_scalar weight = s->stages[k].weight * s->stages[k].rows[b];
    if (k == 0) (void)!gkt_device_vector_scale(device, l->count, weight, gkt_vector_address(out) + l->first);
    else (void)!gkt_device_vector_axpy(device, l->count, weight, gkt_vector_address(part) + l->first, gkt_vector_address(out) + l->first);
  }
}

gkt_status gkt_system_sum_residual_there(gkt_system *s, const gkt_scalar *u, gkt_vector *r) {
  if (s->num_stages == 0) {
    const gkt_inputs inputs = gkt_system_now_there(s, u);
    return gkt_assemble_to(s->residual_assembler, 1, &inputs, gkt_vector_address(r), GKT_ON_DEVICE);
  }
  for (int k = 0; k < s->num_stages; k++) {
    const gkt_inputs inputs = look_at_stage(s, k, u);
    gkt_vector *part = k ? s->device->part : r;
    GKT_TRY(gkt_assemble_to(s->residual_assembler, 1, &inputs, gkt_vector_address(part), GKT_ON_DEVICE));
    weigh_part(s, k, part, r);
  }
  return GKT_OK;
}

static void weigh_rows(const gkt_system *s, int k, gkt_csr *A) {
  const gkt_idx *offsets = s->matrix->row_offsets;
  for (int b = 0; b < s->num_unknowns && s->stages[k].weighs_rows; b++) {
    const gkt_size first = offsets[s->blocks[b].first], end = offsets[s->blocks[b].first + s->blocks[b].count];
    (void)!gkt_device_vector_scale(s->device->device, end - first, s->stages[k].rows[b], A->vals + first);
  }
}

static gkt_status assemble_stage(gkt_system *s, int k, const gkt_scalar *u, gkt_csr *A) {
  const gkt_inputs inputs = look_at_stage(s, k, u);
  GKT_TRY(gkt_system_assemble_stage(s, k, &inputs, A));
  weigh_rows(s, k, A);
  return GKT_OK;
}

gkt_status gkt_system_sum_tangent_there(gkt_system *s, const gkt_scalar *u, gkt_csr *A) {
  if (gkt_system_is_one_tangent(s)) {
    const gkt_inputs inputs = gkt_system_now_there(s, u);
    return gkt_assemble_matrix(s->tangent_assembler, &inputs, A);
  }
  for (int k = 0; k < s->num_stages; k++) {
    gkt_csr *part = k ? &s->device->part_matrix : A;
    GKT_TRY(assemble_stage(s, k, u, part));
    if (k) GKT_TRY(gkt_device_vector_axpy(s->device->device, s->device->vals.count, 1, part->vals, A->vals));
  }
  return GKT_OK;
}

/* ---- states ---- */
static gkt_status check_there(const gkt_system *s, const gkt_vector *v, const char *what) {
  if (!v || gkt_vector_where(v) == GKT_ON_DEVICE) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s is on the host, u on a device; expected both in the same place", what);
}

gkt_status gkt_system_inputs_there(gkt_system *s, const gkt_state *state, gkt_inputs *out) {
  GKT_TRY(gkt_system_check_size(s, state->u, "u"));
  if (state->rate) GKT_TRY(gkt_system_check_size(s, state->rate, "rate"));
  if (state->acceleration) GKT_TRY(gkt_system_check_size(s, state->acceleration, "acceleration"));
  GKT_TRY(check_there(s, state->rate, "rate"));
  GKT_TRY(check_there(s, state->acceleration, "acceleration"));
  GKT_TRY(gkt_system_check_place(s));
  GKT_TRY(gkt_system_send(s));
  const gkt_scalar *const rates[] = {state->rate ? gkt_vector_address(state->rate) : NULL, state->acceleration ? gkt_vector_address(state->acceleration) : NULL};
  *out = look(s, gkt_vector_address(state->u), rates, state->time);
  return GKT_OK;
}

gkt_status gkt_system_residual_there(gkt_system *s, const gkt_state *state, gkt_vector *r) {
  gkt_inputs inputs;
  GKT_TRY(gkt_system_check_size(s, r, "r"));
  GKT_TRY(check_there(s, r, "r"));
  GKT_TRY(gkt_system_inputs_there(s, state, &inputs));
  GKT_TRY(gkt_assemble_to(s->residual_assembler, 1, &inputs, gkt_vector_address(r), GKT_ON_DEVICE));
  gkt_system_zero(s, r);
  return GKT_OK;
}
