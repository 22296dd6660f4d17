/* Row and column scales r, c for which the largest entry of each row and column of (r_i a_ij c_j) is near 1 (Ruiz, A scaling algorithm to equilibrate both rows and columns norms
   in matrices, 2001). Equations and unknowns may have any units, and a diagonal may be next to nothing: what is said of the scaled matrix depends on neither. 1/(r_i c_i) stands
   for the diagonal: it is its size where the diagonal is what counts in its row. */
#include "solvers/linear.h"

enum { SWEEPS = 6 }; /* each takes the square root of what is left: factors of 1e16 end below 2 */

static double root(double most) { return most > 0 ? sqrt(most) : 1; }

static bool is_near_one(gkt_idx n, const double *most) {
  for (gkt_idx i = 0; i < n; i++)
    if (most[i] != 0 && !(most[i] > 0.5 && most[i] < 2)) return false;
  return true;
}

/* rows, cols [n]: largest scaled entries */
static void find_largest(const gkt_csr *A, const gkt_scales *s, double *rows, double *cols) {
  for (gkt_idx i = 0; i < A->num_rows; i++) rows[i] = cols[i] = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      double size = s->rows[i] * fabs(A->vals[k]) * s->cols[A->cols[k]];
      rows[i] = fmax(rows[i], size), cols[A->cols[k]] = fmax(cols[A->cols[k]], size);
    }
}

void gkt_scales_fit(const gkt_csr *A, gkt_scales *s, double *rows, double *cols) {
  for (int sweep = 0; sweep < SWEEPS; sweep++) {
    find_largest(A, s, rows, cols);
    if (is_near_one(A->num_rows, rows) && is_near_one(A->num_rows, cols)) break;
    for (gkt_idx i = 0; i < A->num_rows; i++) s->rows[i] /= root(rows[i]), s->cols[i] /= root(cols[i]);
  }
}

gkt_status gkt_scales_create(gkt_context *ctx, const gkt_csr *A, gkt_scales *out) {
  gkt_idx n = A->num_rows;
  gkt_scales s = {0};
  double *rows = NULL, *cols = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, n, sizeof *s.rows, &s.rows));
  GKT_GO(gkt_alloc(ctx, n, sizeof *s.cols, &s.cols));
  GKT_GO(gkt_alloc(ctx, n, sizeof *rows, &rows));
  GKT_GO(gkt_alloc(ctx, n, sizeof *cols, &cols));
  for (gkt_idx i = 0; i < n; i++) s.rows[i] = s.cols[i] = 1;
  gkt_scales_fit(A, &s, rows, cols);
  *out = s;
done:
  gkt_free(&rows);
  gkt_free(&cols);
  if (status != GKT_OK) gkt_scales_destroy(&s);
  return status;
}

void gkt_scales_destroy(gkt_scales *s) {
  gkt_free(&s->rows);
  gkt_free(&s->cols);
}
