/* A factor of a singular matrix gives some x where rounding left a tiny pivot, and that x is so large that its residual passes for rounding. So the factor is asked for a vector
   that A maps to zero: inverse iteration on A w = lambda D w with D = |diagonal|, which no scaling of the unknowns disturbs. That ||A w|| is of the order of its rounding is then
   seen by multiplying, so a regular matrix is not called singular unless no digit of its solutions would be right. */
#include <math.h>

#include "solvers/linear.h"

enum { STEPS = 3 }; /* each divides what is not kernel by 1/(eps condition): one does for a kernel, the others for kernels that the first vector hardly meets */

/* Noise in (0, 1), the same in every run: Knuth's linear congruence (MMIX). */
static double noise(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*seed >> 11) * 0x1p-53;
}

static double diagonal(const gkt_csr *A, gkt_idx row) {
  for (gkt_idx k = A->row_offsets[row]; k < A->row_offsets[row + 1]; k++)
    if (A->cols[k] == row && A->vals[k] != 0) return fabs(A->vals[k]);
  return 1;
}

static double norm(const gkt_scalar *v, gkt_idx count) {
  double square = 0;
  for (gkt_idx i = 0; i < count; i++) square += v[i] * v[i];
  return sqrt(square);
}

/* d: what A maps closest to zero, of length 1 and 0 on constrained dofs; false: the method failed. */
static gkt_status find_kernel(gkt_solve *s, bool *found) {
  const bool *fixed = s->facts->constrained;
  uint64_t seed = 1;
  gkt_idx n = s->A->num_rows;
  *found = false;
  for (gkt_idx i = 0; i < n; i++) s->d[i] = 0.5 + noise(&seed);
  for (int step = 0; step < STEPS; step++) {
    for (gkt_idx i = 0; i < n; i++) s->r[i] = fixed && fixed[i] ? 0 : diagonal(s->A, i) * s->d[i];
    GKT_TRY(gkt_method_correct(s, 1e-10, 1));
    double length = norm(s->d, n);
    if (s->reason < 0 || !isfinite(length) || length == 0) return GKT_OK;
    for (gkt_idx i = 0; i < n; i++) s->d[i] = fixed && fixed[i] ? 0 : s->d[i] / length;
  }
  *found = true;
  return GKT_OK;
}

/* report->singular: d is mapped to zero, to rounding. */
static gkt_status look_at(gkt_solve *s) {
  gkt_scalar *zero = NULL;
  GKT_TRY(gkt_calloc(s->petsc.ctx, s->A->num_rows, sizeof *zero, &zero));
  gkt_true_residual image = gkt_residual(s->A, s->facts->constrained, zero, s->d, s->r);
  gkt_free(&zero);
  s->report->singular = image.floor > 0 && image.residual <= image.floor;
  for (gkt_idx i = 0; s->report->singular && i < s->A->num_rows; i++)
    if (fabs(s->d[i]) > fabs(s->d[s->report->free_dof])) s->report->free_dof = i;
  return GKT_OK;
}

gkt_status gkt_find_free_mode(gkt_solve *s) {
  for (int m = 0; m < gkt_num_modes(s->facts) && !s->report->singular; m++) {
    gkt_mode(s->A, s->facts, m, s->d);
    GKT_TRY(look_at(s));
  }
  return GKT_OK;
}

gkt_status gkt_find_singular(gkt_solve *s) {
  KSPConvergedReason reason = s->reason;
  gkt_status status;
  bool found;
  GKT_GO(gkt_method_watch(s, false)); /* these solves are not the user's */
  GKT_GO(find_kernel(s, &found));
  GKT_GO(gkt_method_watch(s, true));
  s->reason = reason;
  if (found) GKT_GO(look_at(s));
done:
  return status;
}
