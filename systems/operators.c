/* A linear system whose derivatives do not depend on t: R(t, u, u', u'') = A0 u + A1 u' + A2 u'' + R(t, 0, 0, 0), by matrices that are assembled once, in one pattern. A product
   moves 12 bytes an entry, 20 where two matrices share their columns; of P1 the maps of cells alone took longer than a whole step does by products (ADR 48). Sums of rows are the
   same for any number of threads. */
#include <math.h>

#include "assembly/assembler.h"
#include "assembly/backend.h"
#include "forms/form.h"
#include "meshes/mesh.h"
#include "systems/system.h"

void gkt_system_clear_operators(gkt_system *s) {
  gkt_operators *o = &s->operators;
  if (o->pattern) o->pattern->vals = o->vals[0];
  gkt_csr_destroy(&o->pattern);
  for (int order = 1; order < 3; order++) gkt_free(&o->vals[order]);
  gkt_free(&o->rest);
  gkt_free(&o->rests);
  gkt_assembler_destroy(&o->assembler);
  gkt_form_destroy(&o->form);
  *o = (gkt_operators){0};
}

/* ---- what R is without the unknowns ---- */
static gkt_status find_rest_form(gkt_system *s) {
  int count = 0, *functions = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(s->ctx, 3 * (gkt_size)s->num_unknowns, sizeof *functions, &functions));
  for (int k = 0; k < s->num_unknowns; k++)
    for (int order = 0; order < 3; order++) {
      const int function = order ? gkt_scope_rate(s->scope, s->unknowns[k], order) : s->unknowns[k];
      if (function >= 0 && function < s->num_functions) functions[count++] = function;
    }
  GKT_GO(gkt_form_at_zero(s->residual, count, functions, &s->operators.form));
  if (gkt_form_num_integrals(s->operators.form)) GKT_GO(gkt_assembler_create(s->operators.form, s->mesh, s->spaces, &s->operators.assembler));
done:
  gkt_free(&functions);
  return status;
}

static gkt_status follow_rest(gkt_system *s, gkt_scalar time) {
  gkt_operators *o = &s->operators;
  if (!o->assembler || (o->rest_fits && (!s->residual_varies || o->time == time))) return GKT_OK;
  const gkt_inputs inputs = gkt_system_at(s, NULL, time);
  o->rest_fits = false;
  GKT_TRY(gkt_assemble_vector(o->assembler, &inputs, o->rest));
  o->rest_fits = true, o->time = time;
  return GKT_OK;
}

/* ---- matrices ---- */
static gkt_status assemble(gkt_system *s, int order) {
  gkt_operators *o = &s->operators;
  const gkt_inputs inputs = gkt_system_at(s, NULL, s->inputs.time);
  for (int k = 0; k < s->num_unknowns; k++) gkt_system_set_shifts(s, k, (gkt_shifts){order == 0, order == 1, order == 2});
  o->pattern->vals = o->vals[order];
  gkt_status status = gkt_assemble_matrix(s->tangent_assembler, &inputs, o->pattern);
  o->pattern->vals = o->vals[0];
  gkt_system_combine_shifts(s);
  return status;
}

static bool holds(const gkt_system *s, int order) {
  bool any = order == 0;
  for (int k = 0; k < s->num_unknowns; k++) any = any || gkt_form_rate_order(s->residual, s->unknowns[k]) == order;
  for (int k = 0; k < s->num_unknowns && !any; k++) {
    const int rate = gkt_scope_rate(s->scope, s->unknowns[k], order);
    any = rate >= 0 && gkt_form_depends_on(s->residual, rate);
  }
  return any;
}

/* The mirror of entry (i, j), j < i, is the next of row j when rows are gone through in order, as columns ascend. next [rows] is work. */
static const double MAX_ASYMMETRY = 1e-14; /* of the diagonal: rounding of sums over the cells of an edge */
static bool is_symmetric(const gkt_csr *A, const gkt_scalar *vals, const gkt_scalar *diagonal, gkt_idx *next) {
  for (gkt_idx i = 0; i < A->num_rows; i++) next[i] = A->row_offsets[i];
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      const gkt_idx j = A->cols[k], mirror = next[j]++;
      if (mirror >= A->row_offsets[j + 1] || A->cols[mirror] != i) return false;
      if (!(fabs(vals[k] - vals[mirror]) <= MAX_ASYMMETRY * (diagonal[i] + diagonal[j]))) return false;
    }
  return true;
}

static gkt_status look_for_symmetry(gkt_system *s) {
  gkt_operators *o = &s->operators;
  const gkt_csr *A = o->pattern;
  gkt_idx *next = NULL;
  gkt_scalar *diagonal = NULL;
  gkt_status status;
  o->symmetric = true;
  GKT_GO(gkt_alloc(s->ctx, A->num_rows, sizeof *next, &next));
  GKT_GO(gkt_alloc(s->ctx, A->num_rows, sizeof *diagonal, &diagonal));
  for (int order = 0; order < 3 && o->symmetric; order++) {
    if (!o->vals[order]) continue;
    for (gkt_idx i = 0; i < A->num_rows; i++) {
      diagonal[i] = 0;
      for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) diagonal[i] += A->cols[k] == i ? fabs(o->vals[order][k]) : 0;
    }
    o->symmetric = is_symmetric(A, o->vals[order], diagonal, next);
  }
done:
  gkt_free(&next);
  gkt_free(&diagonal);
  return status;
}

static gkt_status make(gkt_system *s) {
  gkt_operators *o = &s->operators;
  const gkt_idx n = gkt_system_num_dofs(s);
  if (!o->pattern) {
    GKT_TRY(gkt_system_matrix(s, &o->pattern));
    o->vals[0] = o->pattern->vals;
    for (int order = 1; order < 3; order++)
      if (s->has_rates && holds(s, order)) GKT_TRY(gkt_alloc(s->ctx, o->pattern->row_offsets[n], sizeof(gkt_scalar), &o->vals[order]));
    GKT_TRY(gkt_calloc(s->ctx, n, sizeof *o->rest, &o->rest));
    GKT_TRY(find_rest_form(s));
  }
  for (int order = 0; order < 3; order++)
    if (o->vals[order]) GKT_TRY(assemble(s, order));
  GKT_TRY(look_for_symmetry(s));
  o->rest_fits = false;
  return follow_rest(s, s->inputs.time);
}

/* ---- products: rows first to end ---- */
typedef const gkt_scalar *restrict values;
static void multiply_rows(const gkt_system *s, const gkt_scalar *const x[3], const gkt_scalar *rest, gkt_scalar factor, gkt_scalar *out) {
  const gkt_operators *o = &s->operators;
  const gkt_csr *A = o->pattern;
  const int threads = gkt_threads_for(s->ctx, A->row_offsets[A->num_rows]);
  values v[3], at[3]; /* those that count */
  int count = 0;
  for (int order = 0; order < 3; order++)
    if (x[order] && o->vals[order]) v[count] = o->vals[order], at[count++] = x[order];
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    gkt_scalar sum = rest ? factor * rest[i] : 0;
    const gkt_idx first = A->row_offsets[i], end = A->row_offsets[i + 1];
    if (count == 1)
      for (gkt_idx k = first; k < end; k++) sum += v[0][k] * at[0][A->cols[k]];
    else if (count == 2)
      for (gkt_idx k = first; k < end; k++) sum += v[0][k] * at[0][A->cols[k]] + v[1][k] * at[1][A->cols[k]];
    else
      for (int p = 0; p < count; p++)
        for (gkt_idx k = first; k < end; k++) sum += v[p][k] * at[p][A->cols[k]];
    out[i] = sum;
  }
}

gkt_status gkt_system_apply_operators(gkt_system *s, const gkt_scalar *const x[3], gkt_scalar time, gkt_scalar *out) {
  const gkt_operators *o = &s->operators;
  GKT_TRY(follow_rest(s, time));
  multiply_rows(s, x, o->assembler ? o->rest : NULL, 1, out);
  return GKT_OK;
}

bool gkt_system_has_symmetric_operators(const gkt_system *s) { return s->operators.fits && s->operators.symmetric; }

void gkt_system_multiply_by_operator(const gkt_system *s, int order, const gkt_scalar *x, gkt_scalar *out) {
  const gkt_scalar *const at[3] = {order == 0 ? x : NULL, order == 1 ? x : NULL, order == 2 ? x : NULL};
  multiply_rows(s, at, NULL, 0, out);
}

/* ---- the step that is set ---- */
/* out = the weighted sum of u, u' or u'' over the stages; is it other than 0? u NULL: 0 */
static bool sum_stages(const gkt_system *s, int order, const gkt_scalar *u, gkt_scalar *out) {
  bool any = false;
  for (int b = 0; b < s->num_unknowns; b++) {
    const gkt_idx first = s->blocks[b].first, end = first + s->blocks[b].count;
    for (int k = 0; k < s->num_stages; k++) {
      const gkt_system_stage *stage = &s->stages[k];
      const gkt_scalar *known = stage->known[order] ? gkt_vector_read(stage->known[order]) : NULL, weight = stage->weight;
      const gkt_scalar shift = weight * (order == 0 ? stage->shifts[b].value : order == 1 ? stage->shifts[b].rate : stage->shifts[b].acceleration);
      for (gkt_idx i = first; i < end; i++) out[i] = (k ? out[i] : 0) + (u ? shift * u[i] : 0) + (known ? weight * known[i] : 0);
    }
    for (gkt_idx i = first; i < end && !any; i++) any = out[i] != 0;
  }
  return any;
}

/* The weighted sum of rests, at other times; work [dofs] */
static gkt_status sum_rests(gkt_system *s, gkt_scalar *work) {
  const gkt_idx n = gkt_system_num_dofs(s);
  for (int k = 0; k < s->num_stages; k++) {
    GKT_TRY(follow_rest(s, s->stages[k].time));
    for (gkt_idx i = 0; i < n; i++) work[i] = (k ? work[i] : 0) + s->stages[k].weight * s->operators.rest[i];
  }
  return GKT_OK;
}

gkt_status gkt_system_sum_by_operators(gkt_system *s, const gkt_scalar *u, gkt_scalar *out) {
  gkt_operators *o = &s->operators;
  const gkt_scalar *x[3] = {NULL};
  double weights = 0;
  for (int k = 0; k < s->num_stages; k++) weights += s->stages[k].weight;
  for (int order = 0; order < 3; order++)
    if (o->vals[order] && sum_stages(s, order, u, s->at[order])) x[order] = s->at[order];
  if (o->assembler && s->residual_varies && s->num_stages > 1) {
    if (!o->rests) GKT_TRY(gkt_alloc(s->ctx, gkt_system_num_dofs(s), sizeof *o->rests, &o->rests));
    GKT_TRY(sum_rests(s, o->rests));
    multiply_rows(s, x, o->rests, 1, out);
    return GKT_OK;
  }
  GKT_TRY(follow_rest(s, s->stages[0].time));
  multiply_rows(s, x, o->assembler ? o->rest : NULL, weights, out);
  return GKT_OK;
}

/* ---- is R that? ---- */
static const double MAX_MISMATCH = 1e-9; /* of |A||x| row by row: rounding leaves 1e-13, a form that is not linear about 1 */
static double mismatch(const gkt_operators *o, const gkt_scalar *const x[3], const gkt_scalar *exact, const gkt_scalar *found) {
  double worst = 0;
  for (gkt_idx i = 0; i < o->pattern->num_rows; i++) {
    double size = fabs(o->rest[i]);
    for (int order = 0; order < 3; order++)
      for (gkt_idx k = o->pattern->row_offsets[i]; o->vals[order] && k < o->pattern->row_offsets[i + 1]; k++) size += fabs(o->vals[order][k] * x[order][o->pattern->cols[k]]);
    if (!(fabs(exact[i] - found[i]) <= MAX_MISMATCH * size)) worst = INFINITY;
  }
  return worst;
}

/* At signs of the bits of a counter (Knuth's multiplicative hash), by the form itself. */
static gkt_status compare(gkt_system *s, bool *agrees) {
  const gkt_idx n = gkt_system_num_dofs(s);
  gkt_scalar *work = NULL;
  gkt_status status;
  GKT_TRY(gkt_alloc(s->ctx, 5 * (gkt_size)n, sizeof *work, &work));
  const gkt_scalar *const x[3] = {work, work + n, work + 2 * (gkt_size)n};
  gkt_scalar *exact = work + 3 * (gkt_size)n, *found = work + 4 * (gkt_size)n;
  for (gkt_size i = 0; i < 3 * (gkt_size)n; i++) work[i] = (uint32_t)i * UINT32_C(2654435761) >> 31 ? 1 : -1;
  const gkt_inputs inputs = gkt_system_at(s, x[0], s->inputs.time);
  for (int order = 1; s->zeros && order < 3; order++) gkt_system_set_rates(s, order, x[order]);
  GKT_GO(gkt_assemble_vector(s->residual_assembler, &inputs, exact));
  GKT_GO(gkt_system_apply_operators(s, x, s->inputs.time, found));
  *agrees = mismatch(&s->operators, x, exact, found) == 0;
done:
  gkt_system_at(s, NULL, 0);
  gkt_free(&work);
  return status;
}

gkt_status gkt_system_make_operators(gkt_system *s, bool *made) {
  gkt_operators *o = &s->operators;
  *made = false;
  if (o->refused || !s->is_constant || s->ties || s->mesh->moves) return GKT_OK;
  GKT_TRY(gkt_system_plan(s));
  if (s->residual_assembler->backend->on_device || s->tangent_assembler->backend->on_device) return GKT_OK;
  if (o->fits) return *made = true, GKT_OK;
  gkt_status status = make(s);
  if (status == GKT_OK) status = compare(s, made);
  if (status != GKT_OK) { /* what is half made serves nobody */
    const bool wanted = o->wanted;
    gkt_system_clear_operators(s);
    o->wanted = wanted;
    return status;
  }
  o->fits = *made, o->refused = !*made;
  return GKT_OK;
}

gkt_status gkt_system_keep_operators(gkt_system *s, bool *kept) {
  s->operators.wanted = true;
  return gkt_system_make_operators(s, kept);
}
