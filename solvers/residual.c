/* The true residual: recomputed from A, b and x with plain loops, never taken from the method. */
#include <float.h>
#include <math.h>

#include "solvers/linear.h"

/* The largest entry of b on free dofs: lengths are summed in this unit, so that squares neither overflow nor vanish. */
static double unit_of(gkt_idx n, const bool *constrained, const gkt_scalar *b) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++)
    if (!(constrained && constrained[i])) most = fmax(most, fabs(b[i]));
  return most > 0 ? most : 1;
}

gkt_true_residual gkt_residual(const gkt_csr *A, const bool *constrained, const gkt_scalar *b, const gkt_scalar *x, gkt_scalar *r) {
  double rr = 0, bb = 0, ff = 0, unit = unit_of(A->num_rows, constrained, b);
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    double sum = b[i], size = fabs(b[i]);
    r[i] = 0;
    if (constrained && constrained[i]) continue;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      double product = A->vals[k] * x[A->cols[k]];
      sum -= product, size += fabs(product);
    }
    r[i] = sum;
    rr += (sum / unit) * (sum / unit), bb += (b[i] / unit) * (b[i] / unit), ff += (size / unit) * (size / unit);
  }
  return (gkt_true_residual){unit * sqrt(rr), unit * sqrt(bb), unit * 10 * DBL_EPSILON * sqrt(ff)};
}

void gkt_solve_constrained(const gkt_csr *A, const bool *constrained, const gkt_scalar *b, gkt_scalar *x) {
  if (!constrained) return;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; constrained[i] && k < A->row_offsets[i + 1]; k++)
      if (A->cols[k] == i && A->vals[k] != 0) x[i] = b[i] / A->vals[k];
}
