/* A step in time: the unknown u of the system is that of the step's end, and its residual a weighted sum of R where the step looks at it (gkt_stage). */
#include <math.h>

#include "assembly/magnitude.h"
#include "systems/system.h"

/* ---- what is set ---- */
static gkt_status check(const gkt_system *s, int num_stages, const gkt_stage *stages) {
  static const char *const names[3] = {"u of a stage", "the rate of a stage", "the acceleration of a stage"};
  if (num_stages && !s->has_rates) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a step in time of a form without rates; expected dt(u) or dtt(u) in it");
  if (num_stages < 0 || num_stages > GKT_MAX_STAGES) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a step of %d stages; expected 0 to %d", num_stages, GKT_MAX_STAGES);
  for (int k = 0; k < num_stages; k++) {
    const gkt_vector *const known[3] = {stages[k].u, stages[k].rate, stages[k].acceleration};
    for (int order = 0; order < 3; order++)
      if (known[order]) GKT_TRY(gkt_system_check_size(s, known[order], names[order]));
    if (!stages[k].shifts) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no shifts of a stage are given");
    if (!isfinite(stages[k].weight) || !isfinite(stages[k].time)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: weight or time of a stage is not finite");
  }
  return GKT_OK;
}

static gkt_status make_room(gkt_system *s) {
  const gkt_idx n = gkt_system_num_dofs(s);
  for (int order = 0; order < 3; order++)
    if (!s->at[order] && (order == 0 || s->zeros)) GKT_TRY(gkt_calloc(s->ctx, n, sizeof **s->at, &s->at[order]));
  if (!s->kept.shifts) GKT_TRY(gkt_calloc(s->ctx, 3 * (gkt_size)s->num_unknowns, sizeof *s->kept.shifts, &s->kept.shifts));
  for (int k = 0; k < GKT_MAX_STAGES; k++)
    if (!s->stages[k].shifts) GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->stages[k].shifts, &s->stages[k].shifts));
  for (int k = 0; k < GKT_MAX_STAGES; k++)
    if (!s->stages[k].rows) GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->stages[k].rows, &s->stages[k].rows));
  return GKT_OK;
}

static gkt_shifts add(gkt_shifts a, gkt_scalar weight, gkt_shifts b) {
  return (gkt_shifts){a.value + weight * b.value, a.rate + weight * b.rate, a.acceleration + weight * b.acceleration};
}

/* Of the tangent as a whole, which facts are asked of, and the whole tangent where it is the same at every stage. */
void gkt_system_combine_shifts(gkt_system *s) {
  for (int b = 0; b < s->num_unknowns; b++) {
    gkt_shifts sum = s->num_stages ? (gkt_shifts){0} : (gkt_shifts){.value = 1};
    for (int k = 0; k < s->num_stages; k++) sum = add(sum, s->stages[k].weight, s->stages[k].shifts[b]);
    gkt_system_set_shifts(s, b, sum);
  }
}

/* Of all unknowns, one after the other. */
static gkt_scalar shift_at(const gkt_system *s, int i) {
  const int constant = gkt_scope_shift(s->scope, s->unknowns[i / 3], i % 3);
  return constant >= 0 && constant < s->num_constants ? s->constants[constant] : 0;
}

/* inout [3 unknowns]: the shifts as they were, then as they are; have they changed? */
static bool follow_shifts(const gkt_system *s, gkt_scalar *inout) {
  bool changed = false;
  for (int i = 0; i < 3 * s->num_unknowns; i++) {
    changed = changed || inout[i] != shift_at(s, i);
    inout[i] = shift_at(s, i);
  }
  return changed;
}

bool gkt_system_is_one_tangent(const gkt_system *s) {
  return s->num_stages == 0 || (!s->stages[0].weighs_rows && (s->num_stages == 1 || (s->is_constant && !s->stages[1].weighs_rows)));
}

static void place(const gkt_vector *v, const gkt_vector **here, const gkt_vector **there) {
  const bool on_host = v && gkt_vector_where(v) == GKT_ON_HOST;
  *here = on_host ? v : NULL, *there = on_host ? NULL : v;
}

gkt_status gkt_system_set_step(gkt_system *s, int num_stages, const gkt_stage *stages) {
  GKT_TRY(check(s, num_stages, stages));
  if (num_stages) GKT_TRY(make_room(s));
  if (!s->num_stages) s->kept.fits = false; /* what was kept at rest */
  s->kept.fits_at = false;
  s->num_stages = num_stages;
  for (int k = 0; k < num_stages; k++) {
    gkt_system_stage *to = &s->stages[k];
    to->weight = stages[k].weight, to->time = stages[k].time;
    const gkt_vector *const known[3] = {stages[k].u, stages[k].rate, stages[k].acceleration};
    for (int order = 0; order < 3; order++) place(known[order], &to->known[order], &to->there[order]);
    to->weighs_rows = stages[k].row_weights;
    for (int b = 0; b < s->num_unknowns; b++) to->shifts[b] = stages[k].shifts[b], to->rows[b] = stages[k].row_weights ? stages[k].row_weights[b] : 1;
  }
  for (int k = 0; k < num_stages; k++) GKT_TRY(gkt_system_follow(s, stages[k].time));
  gkt_system_combine_shifts(s);
  if (num_stages == 0) gkt_system_forget(s);
  else if (follow_shifts(s, s->kept.shifts) || !gkt_system_is_one_tangent(s)) s->kept.fits = false;
  return GKT_OK;
}

void gkt_system_clear_step(gkt_system *s) {
  for (int order = 0; order < 3; order++) gkt_free(&s->at[order]);
  for (int k = 0; k < GKT_MAX_STAGES; k++) gkt_free(&s->stages[k].shifts), gkt_free(&s->stages[k].rows);
  gkt_csr_destroy(&s->stage_matrix);
  gkt_free(&s->kept.shifts);
  gkt_free(&s->stage_residual);
}

/* ---- where it looks ---- */
static void combine(const gkt_system *s, const gkt_system_stage *stage, int order, const gkt_scalar *u, gkt_scalar *out) {
  const gkt_scalar *known = stage->known[order] ? gkt_vector_read(stage->known[order]) : NULL;
  for (int b = 0; b < s->num_unknowns; b++) {
    const gkt_layout_block *l = &s->blocks[b];
    const gkt_scalar shift = order == 0 ? stage->shifts[b].value : order == 1 ? stage->shifts[b].rate : stage->shifts[b].acceleration;
    for (gkt_idx i = l->first; i < l->first + l->count; i++) out[i] = shift * u[i] + (known ? known[i] : 0);
  }
}

gkt_inputs gkt_system_at_stage(gkt_system *s, int k, const gkt_scalar *u) {
  const gkt_system_stage *stage = &s->stages[k];
  for (int order = 0; order < 3; order++)
    if (s->at[order]) combine(s, stage, order, u, s->at[order]);
  const gkt_inputs inputs = gkt_system_at(s, s->at[0], stage->time);
  for (int order = 1; s->zeros && order < 3; order++) gkt_system_set_rates(s, order, s->at[order]);
  return inputs;
}

/* ---- sums over the stages; u of the system, NULL: none ---- */
typedef gkt_status assemble_fn(const gkt_assembler *, const gkt_inputs *, gkt_scalar *);
static gkt_status assemble_residual(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *out) { return gkt_assemble_vector((gkt_assembler *)a, inputs, out); }

/* out '=' of the first stage, '+=' of others; by equations, with their weights */
static void add_part(const gkt_system *s, int k, bool magnitude, const gkt_scalar *part, gkt_scalar *out) {
  for (int b = 0; b < s->num_unknowns; b++) {
    const gkt_layout_block *l = &s->blocks[b];
    const double weight = s->stages[k].weight * s->stages[k].rows[b], factor = magnitude ? fabs(weight) : weight;
    for (gkt_idx i = l->first; i < l->first + l->count; i++) out[i] = k ? out[i] + factor * part[i] : factor * part[i];
  }
}

static gkt_status sum_vectors(gkt_system *s, const gkt_scalar *u, bool magnitude, gkt_scalar *out) {
  assemble_fn *assemble = magnitude ? gkt_assemble_magnitude : assemble_residual;
  if (s->num_stages == 0) {
    const gkt_inputs inputs = gkt_system_now(s, u);
    return assemble(s->residual_assembler, &inputs, out);
  }
  if (s->num_stages > 1 && !s->stage_residual) GKT_TRY(gkt_calloc(s->ctx, gkt_system_num_dofs(s), sizeof *s->stage_residual, &s->stage_residual));
  for (int k = 0; k < s->num_stages; k++) {
    const gkt_inputs inputs = gkt_system_at_stage(s, k, gkt_system_untied(s, u));
    gkt_scalar *part = k ? s->stage_residual : out;
    GKT_TRY(assemble(s->residual_assembler, &inputs, part));
    add_part(s, k, magnitude, part, out);
  }
  return GKT_OK;
}

gkt_status gkt_system_sum_residual(gkt_system *s, const gkt_scalar *u, gkt_scalar *r) { return sum_vectors(s, u, false, r); }
gkt_status gkt_system_sum_magnitude(gkt_system *s, const gkt_scalar *u, gkt_scalar *m) { return sum_vectors(s, u, true, m); }

static void weigh_rows(const gkt_system *s, int k, gkt_csr *A) {
  for (int b = 0; b < s->num_unknowns && s->stages[k].weighs_rows; b++) {
    const gkt_layout_block *l = &s->blocks[b];
    for (gkt_size i = A->row_offsets[l->first]; i < A->row_offsets[l->first + l->count]; i++) A->vals[i] *= s->stages[k].rows[b];
  }
}

static void take_shifts(gkt_system *s, int k) {
  for (int b = 0; b < s->num_unknowns; b++) gkt_system_set_shifts(s, b, add((gkt_shifts){0}, s->stages[k].weight, s->stages[k].shifts[b]));
}

gkt_status gkt_system_assemble_stage(gkt_system *s, int k, const gkt_inputs *inputs, gkt_csr *A) {
  take_shifts(s, k);
  gkt_status status = gkt_assemble_matrix(s->tangent_assembler, inputs, A);
  gkt_system_combine_shifts(s);
  return status;
}

static gkt_status assemble_stage(gkt_system *s, int k, const gkt_scalar *u, gkt_csr *A) {
  const gkt_inputs inputs = gkt_system_at_stage(s, k, gkt_system_untied(s, u));
  GKT_TRY(gkt_system_assemble_stage(s, k, &inputs, A));
  weigh_rows(s, k, A);
  return GKT_OK;
}

gkt_status gkt_system_sum_tangent(gkt_system *s, const gkt_scalar *u, gkt_csr *A) {
  if (gkt_system_is_one_tangent(s)) {
    const gkt_inputs inputs = gkt_system_now(s, u);
    return gkt_assemble_matrix(s->tangent_assembler, &inputs, A);
  }
  if (!s->stage_matrix) GKT_TRY(gkt_system_matrix(s, &s->stage_matrix));
  for (int k = 0; k < s->num_stages; k++) {
    gkt_csr *part = k ? s->stage_matrix : A;
    GKT_TRY(assemble_stage(s, k, u, part));
    for (gkt_size i = 0, n = A->row_offsets[A->num_rows]; k && i < n; i++) A->vals[i] += part->vals[i];
  }
  return GKT_OK;
}
