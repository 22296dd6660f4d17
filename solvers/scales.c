/* Row and column scales r, c for which the largest entry of each row and column of (r_i a_ij c_j) is near 1 (Ruiz, A scaling algorithm to equilibrate both rows and columns norms
   in matrices, 2001). Equations and unknowns may have any units, and a diagonal may be next to nothing: what is said of the scaled matrix depends on neither. 1/(r_i c_i) stands
   for the diagonal: it is its size where the diagonal is what counts in its row. Of [A B'; B 0] only the product of the two scales of B would be determined, and with B large A
   would count nothing: the fields of a system begin with scales of their own, by their diagonal blocks, and multipliers by what they are tied to. */
#include "solvers/linear.h"

enum { SWEEPS = 6 }; /* each takes the square root of what is left: factors of 1e16 end below 2 */

static double root(double most) { return most > 0 ? sqrt(most) : 1; }

static bool is_near_one(gkt_idx n, const double *most) {
  for (gkt_idx i = 0; i < n; i++)
    if (most[i] != 0 && !(most[i] > 0.5 && most[i] < 2)) return false;
  return true;
}

/* Of finite numbers: fmax is a call. */
static double larger(double a, double b) { return a > b ? a : b; }

/* rows, cols [n]: largest scaled entries */
static void find_largest(const gkt_csr *A, const gkt_scales *s, double *rows, double *cols) {
  for (gkt_idx i = 0; i < A->num_rows; i++) cols[i] = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    double most = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      const gkt_idx j = A->cols[k];
      const double size = s->rows[i] * fabs(A->vals[k]) * s->cols[j];
      most = larger(most, size), cols[j] = larger(cols[j], size);
    }
    rows[i] = most;
  }
}

static const gkt_block_facts *block_of(const gkt_system_facts *f, gkt_idx i) {
  const gkt_block_facts *b = f->blocks;
  while (i >= b->first + b->count) b++;
  return b;
}

/* The largest entry of row i in the columns of its own field, or, scaled, in those of fields that are no multipliers. */
static double largest_own(const gkt_csr *A, gkt_idx i, const gkt_block_facts *b) {
  double most = 0;
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (A->cols[k] >= b->first && A->cols[k] < b->first + b->count) most = fmax(most, fabs(A->vals[k]));
  return most;
}

static double largest_tie(const gkt_csr *A, gkt_idx i, const gkt_system_facts *f, const double *cols) {
  double most = 0;
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (A->vals[k] != 0 && !block_of(f, A->cols[k])->multiplier) most = fmax(most, fabs(A->vals[k]) * cols[A->cols[k]]);
  return most;
}

/* Nothing that is said of a system depends on values before. */
static void start(const gkt_csr *A, const gkt_system_facts *f, gkt_scales *s) {
  for (gkt_idx i = 0; i < A->num_rows; i++) s->rows[i] = s->cols[i] = 1;
  for (int b = 0; f->blocks && b < f->num_blocks; b++)
    for (gkt_idx i = f->blocks[b].first; !f->blocks[b].multiplier && i < f->blocks[b].first + f->blocks[b].count; i++)
      s->rows[i] = s->cols[i] = 1 / root(largest_own(A, i, &f->blocks[b]));
  for (int b = 0; f->blocks && b < f->num_blocks; b++)
    for (gkt_idx i = f->blocks[b].first; f->blocks[b].multiplier && i < f->blocks[b].first + f->blocks[b].count; i++) {
      double tie = largest_tie(A, i, f, s->cols);
      s->rows[i] = s->cols[i] = tie > 0 ? 1 / tie : 1 / root(largest_own(A, i, &f->blocks[b]));
    }
}

void gkt_scales_fit(const gkt_csr *A, const gkt_system_facts *f, gkt_scales *s, double *rows, double *cols) {
  start(A, f, s);
  for (int sweep = 0; sweep < SWEEPS; sweep++) {
    find_largest(A, s, rows, cols);
    if (is_near_one(A->num_rows, rows) && is_near_one(A->num_rows, cols)) break;
    for (gkt_idx i = 0; i < A->num_rows; i++) s->rows[i] /= root(rows[i]), s->cols[i] /= root(cols[i]);
  }
}

gkt_status gkt_scales_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *f, gkt_scales *out) {
  gkt_idx n = A->num_rows;
  gkt_scales s = {0};
  double *rows = NULL, *cols = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, n, sizeof *s.rows, &s.rows));
  GKT_GO(gkt_alloc(ctx, n, sizeof *s.cols, &s.cols));
  GKT_GO(gkt_alloc(ctx, n, sizeof *rows, &rows));
  GKT_GO(gkt_alloc(ctx, n, sizeof *cols, &cols));
  gkt_scales_fit(A, f, &s, rows, cols);
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
