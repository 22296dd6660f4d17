/* A copy of a matrix with something added to its diagonal. A singular matrix whose kernel is known gets a factor by one number for each vector of the kernel, at a dof where that
   vector is not 0: A + e e' / (r c) is regular if the kernel is no larger, whatever the signs of A's eigenvalues, and solves A x = b where that has solutions, with x = 0 at those
   dofs. */
#include <string.h>

#include "solvers/linear.h"

static bool has_diagonal(const gkt_csr *A, gkt_idx i) {
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
    if (A->cols[k] == i) return true;
  return false;
}

/* The values of A with add on the diagonal, and the columns. */
static void fill(const gkt_csr *A, const double *add, gkt_csr *out) {
  gkt_idx at = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    bool done = false;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      if (!done && A->cols[k] > i) out->cols[at] = i, out->vals[at++] = add[i], done = true;
      out->cols[at] = A->cols[k], out->vals[at++] = A->vals[k] + (A->cols[k] == i ? add[i] : 0);
      done = done || A->cols[k] == i;
    }
    if (!done) out->cols[at] = i, out->vals[at++] = add[i];
    out->row_offsets[i + 1] = at;
  }
}

static gkt_status copy_with_diagonal(gkt_context *ctx, const gkt_csr *A, const double *add, gkt_csr **out) {
  gkt_size count = A->row_offsets[A->num_rows];
  gkt_idx narrow;
  for (gkt_idx i = 0; i < A->num_rows; i++) count += !has_diagonal(A, i);
  GKT_TRY(gkt_narrow(ctx, count, "entries of a matrix with its diagonal", &narrow));
  GKT_TRY(gkt_csr_create(ctx, A->num_rows, A->num_cols, count, A->block_size, out));
  (*out)->row_offsets[0] = 0;
  fill(A, add, *out);
  return GKT_OK;
}

/* ---- one dof for each vector of the kernel: Gaussian elimination with row pivots on a copy of the vectors ---- */
static void eliminate_at(gkt_idx n, int count, int step, gkt_idx pivot, gkt_scalar *z) {
  for (int k = step + 1; k < count; k++) {
    double factor = z[(gkt_size)k * n + pivot] / z[(gkt_size)step * n + pivot];
    for (gkt_idx i = 0; i < n; i++) z[(gkt_size)k * n + i] -= factor * z[(gkt_size)step * n + i];
  }
}

gkt_status gkt_pins_find(gkt_context *ctx, const gkt_null_space *kernel, gkt_idx *pins) {
  gkt_idx n = kernel->num_rows;
  gkt_scalar *z;
  GKT_TRY(gkt_alloc(ctx, (gkt_size)kernel->count * n, sizeof *z, &z));
  memcpy(z, kernel->right, (size_t)kernel->count * (size_t)n * sizeof *z);
  for (int k = 0; k < kernel->count; k++) {
    const gkt_scalar *v = z + (gkt_size)k * n;
    pins[k] = 0;
    for (gkt_idx i = 0; i < n; i++)
      if (fabs(v[i]) > (1 + 1e-6) * fabs(v[pins[k]])) pins[k] = i; /* of equals the first */
    eliminate_at(n, kernel->count, k, pins[k], z);
  }
  gkt_free(&z);
  return GKT_OK;
}

static gkt_status add_pins(gkt_solve *s, double *add) {
  gkt_idx pins[GKT_MAX_MODES];
  GKT_TRY(gkt_pins_find(s->petsc.ctx, s->matrix.kernel, pins));
  for (int k = 0; k < s->matrix.kernel->count; k++) add[pins[k]] = 1 / (s->scales.rows[pins[k]] * s->scales.cols[pins[k]]);
  return GKT_OK;
}

static gkt_status list_additions(gkt_solve *s, double shift, double *add) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++) add[i] = shift / (s->scales.rows[i] * s->scales.cols[i]);
  if (s->matrix.kernel && s->matrix.kernel->count) GKT_TRY(add_pins(s, add));
  gkt_units_scale(s->facts, s->units.left, 1, add);
  gkt_units_scale(s->facts, s->units.right, 1, add);
  return GKT_OK;
}

/* ---- */
static const gkt_csr *seen(const gkt_solve *s) { return s->matrix.packed ? s->matrix.packed : s->A; }

gkt_status gkt_pinned_create(gkt_solve *s, double shift, gkt_pinned *out) {
  gkt_status status;
  double *add = NULL;
  GKT_GO(gkt_alloc(s->petsc.ctx, s->A->num_rows, sizeof *add, &add));
  GKT_GO(list_additions(s, shift, add));
  GKT_GO(copy_with_diagonal(s->petsc.ctx, seen(s), add, &out->csr));
  GKT_GO(gkt_petsc_wrap(&s->petsc, out->csr, &out->matrix));
  if (s->facts->symmetric) GKT_PETSC(&s->petsc, MatSetOption(out->matrix.mat, MAT_SYMMETRIC, PETSC_TRUE));
  if (s->facts->symmetric && s->facts->positive) GKT_PETSC(&s->petsc, MatSetOption(out->matrix.mat, MAT_SPD, PETSC_TRUE));
done:
  gkt_free(&add);
  if (status != GKT_OK) gkt_pinned_destroy(out);
  return status;
}

gkt_status gkt_pinned_update(gkt_solve *s, double shift, gkt_pinned *pinned) {
  gkt_status status;
  double *add = NULL;
  GKT_GO(gkt_alloc(s->petsc.ctx, s->A->num_rows, sizeof *add, &add));
  GKT_GO(list_additions(s, shift, add));
  fill(seen(s), add, pinned->csr);
  GKT_PETSC(&s->petsc, MatAssemblyBegin(pinned->matrix.mat, MAT_FINAL_ASSEMBLY));
  GKT_PETSC(&s->petsc, MatAssemblyEnd(pinned->matrix.mat, MAT_FINAL_ASSEMBLY));
done:
  gkt_free(&add);
  return status;
}

void gkt_pinned_destroy(gkt_pinned *pinned) {
  gkt_petsc_matrix_destroy(&pinned->matrix);
  gkt_csr_destroy(&pinned->csr);
  pinned->matrix = (gkt_petsc_matrix){0};
}
