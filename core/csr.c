#include "core/core.h"

gkt_status gkt_csr_create(gkt_context *ctx, gkt_idx num_rows, gkt_idx num_cols, gkt_size num_entries, int block_size, gkt_csr **out) {
  gkt_csr *A = NULL;
  gkt_status status;
  gkt_idx narrow;
  GKT_TRY(gkt_narrow(ctx, num_entries, "matrix entries", &narrow));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *A, &A));
  A->num_rows = num_rows, A->num_cols = num_cols, A->block_size = block_size;
  GKT_GO(gkt_calloc(ctx, (gkt_size)num_rows + 1, sizeof *A->row_offsets, &A->row_offsets));
  GKT_GO(gkt_alloc(ctx, num_entries, sizeof *A->cols, &A->cols));
  GKT_GO(gkt_alloc(ctx, num_entries, sizeof *A->vals, &A->vals));
  *out = A;
  return GKT_OK;
done:
  gkt_csr_destroy(&A);
  return status;
}

void gkt_csr_destroy(gkt_csr **A) {
  if (!*A) return;
  gkt_free(&(*A)->row_offsets);
  gkt_free(&(*A)->cols);
  gkt_free(&(*A)->vals);
  gkt_free(A);
}

void gkt_csr_multiply(const gkt_csr *A, const gkt_scalar *x, gkt_scalar *y) {
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    gkt_scalar sum = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k] * x[A->cols[k]];
    y[i] = sum;
  }
}
