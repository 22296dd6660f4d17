/* The true residual: recomputed from A, b and x with plain loops, never taken from the method.
   One length over all rows proves nothing for those with small entries: a penalty of 1e12, a jump of a condition, a stiff neighbour make ||b|| large, and what they leave unsolved
   counts nothing. So it is measured in two units: as it is (forces), where stiff rows count, and with each row divided by its diagonal, or what stands for it (displacements),
   where soft ones do; on each connected piece by itself; and, where the caller tells loads from jumps, against the loads. */
#include <float.h>

#include "solvers/linear.h"

struct gkt_piece_size {
  gkt_length residual, right, load, scaled_residual, scaled_right, scaled_load, floor, scaled_floor;
  int exponent; /* of two: what gkt_pieces_normalize took out */
};

static const double SMALLEST_LOAD = 1e-3; /* of the jumps: below, what rounding leaves of these hides it */

gkt_status gkt_residual_create(gkt_solve *s) {
  GKT_TRY(gkt_pieces_create(s->petsc.ctx, s->A, s->facts->constrained, &s->pieces));
  GKT_TRY(gkt_scales_create(s->petsc.ctx, s->A, &s->scales));
  return gkt_alloc(s->petsc.ctx, s->pieces.count, sizeof *s->sizes, &s->sizes);
}

/* Entries that were zero may not be so any more, and the pieces are others. */
gkt_status gkt_residual_update(gkt_solve *s) {
  gkt_pieces pieces;
  GKT_TRY(gkt_pieces_create(s->petsc.ctx, s->A, s->facts->constrained, &pieces));
  gkt_pieces_destroy(&s->pieces);
  s->pieces = pieces;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->scales.rows[i] = s->scales.cols[i] = 1; /* what is said of a system depends on none before */
  gkt_scales_fit(s->A, &s->scales, s->r, s->d);
  return gkt_realloc(s->petsc.ctx, s->pieces.count, sizeof *s->sizes, &s->sizes);
}

typedef struct {
  double value, magnitude; /* (b - A x)_i, (|A||x|+|b|)_i */
} row_sums;

static row_sums sum_row(const gkt_csr *A, gkt_idx i, double b, const gkt_scalar *x) {
  row_sums s = {b, fabs(b)};
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
    double product = A->vals[k] * x[A->cols[k]];
    s.value -= product, s.magnitude += fabs(product);
  }
  return s;
}

static double ratio(const gkt_length *residual, const gkt_length *right, const gkt_length *load, bool loaded) {
  double r = gkt_length_value(residual), b = gkt_length_value(right), l = loaded ? gkt_length_value(load) : 0;
  if (l > 0) b = fmin(b, fmax(l, SMALLEST_LOAD * b));
  return r == 0 ? 0 : r / b;
}

static bool pieces_are_rounding(const gkt_solve *s) {
  const double unit = 10 * DBL_EPSILON;
  for (gkt_idx c = 0; c < s->pieces.count; c++) {
    const struct gkt_piece_size *p = &s->sizes[c];
    if (!(gkt_length_value(&p->residual) <= unit * gkt_length_value(&p->floor))) return false;
    if (!(gkt_length_value(&p->scaled_residual) <= unit * gkt_length_value(&p->scaled_floor))) return false;
  }
  return true;
}

/* A piece without a right-hand side has the solution 0, which rounding may miss. */
static double worst_ratio(const gkt_solve *s, bool loaded) {
  double worst = 0;
  for (gkt_idx c = 0; c < s->pieces.count; c++) {
    const struct gkt_piece_size *p = &s->sizes[c];
    double here = fmax(ratio(&p->residual, &p->right, &p->load, loaded), ratio(&p->scaled_residual, &p->scaled_right, &p->scaled_load, loaded));
    if (gkt_length_value(&p->right) == 0 && gkt_length_value(&p->residual) <= 10 * DBL_EPSILON * gkt_length_value(&p->floor)) here = 0;
    worst = here <= worst ? worst : here; /* NaN as well */
  }
  return worst;
}

gkt_true_residual gkt_residual(gkt_solve *s, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_scalar *r) {
  gkt_length rr = {0, 0}, bb = {0, 0}, ff = {0, 0};
  double worst = 0;
  for (gkt_idx c = 0; c < s->pieces.count; c++) s->sizes[c] = (struct gkt_piece_size){0};
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    r[i] = 0;
    if (s->pieces.of[i] < 0) continue;
    struct gkt_piece_size *p = &s->sizes[s->pieces.of[i]];
    row_sums row = sum_row(s->A, i, b[i], x);
    double unit = 1 / (s->scales.rows[i] * s->scales.cols[i]);
    r[i] = row.value;
    gkt_length_add(&rr, row.value), gkt_length_add(&bb, b[i]), gkt_length_add(&ff, row.magnitude);
    gkt_length_add(&p->residual, row.value), gkt_length_add(&p->right, b[i]), gkt_length_add(&p->floor, row.magnitude);
    gkt_length_add(&p->scaled_floor, row.magnitude / unit), gkt_length_add(&p->scaled_residual, row.value / unit), gkt_length_add(&p->scaled_right, b[i] / unit);
    if (load) gkt_length_add(&p->load, load[i]), gkt_length_add(&p->scaled_load, load[i] / unit);
    if (row.value != 0) worst = fmax(worst, fabs(row.value) / (DBL_EPSILON * row.magnitude));
  }
  return (gkt_true_residual){gkt_length_value(&rr), gkt_length_value(&bb), 10 * DBL_EPSILON * gkt_length_value(&ff), worst_ratio(s, load), worst, pieces_are_rounding(s)};
}

bool gkt_pieces_clear(const gkt_solve *s, gkt_scalar *x) {
  bool cleared = false;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) {
    bool loaded = s->pieces.of[i] < 0 || gkt_length_value(&s->sizes[s->pieces.of[i]].right) > 0;
    if (loaded || x[i] == 0) continue;
    x[i] = 0, cleared = true;
  }
  return cleared;
}

double gkt_pieces_normalize(gkt_solve *s, gkt_scalar *v) {
  double before = gkt_norm(s->A->num_rows, v, s->facts->constrained), after;
  for (gkt_idx c = 0; c < s->pieces.count; c++) {
    gkt_length length = {0, 0};
    for (gkt_idx k = s->pieces.offsets[c]; k < s->pieces.offsets[c + 1]; k++) gkt_length_add(&length, v[s->pieces.dofs[k]]);
    double value = gkt_length_value(&length);
    s->sizes[c].exponent = value > 0 && isfinite(value) ? ilogb(value) : 0;
    for (gkt_idx k = s->pieces.offsets[c]; k < s->pieces.offsets[c + 1]; k++) v[s->pieces.dofs[k]] = scalbn(v[s->pieces.dofs[k]], -s->sizes[c].exponent);
  }
  after = gkt_norm(s->A->num_rows, v, s->facts->constrained);
  return after > 0 ? before / after : 1;
}

void gkt_pieces_restore(const gkt_solve *s, gkt_scalar *v) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    if (s->pieces.of[i] >= 0) v[i] = scalbn(v[i], s->sizes[s->pieces.of[i]].exponent);
}

void gkt_solve_constrained(const gkt_csr *A, const bool *constrained, const gkt_scalar *b, gkt_scalar *x) {
  if (!constrained) return;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; constrained[i] && k < A->row_offsets[i + 1]; k++)
      if (A->cols[k] == i && A->vals[k] != 0) x[i] = b[i] / A->vals[k];
}
