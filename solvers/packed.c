/* The matrix of several fields as methods see it: in units of the blocks, and without the zeros of its pattern. Assembly keeps whole blocks of a vector's components, of which two
   thirds are 0 where nothing couples these, as in flows by the full gradient: multigrid, factors and products would carry them along. */
#include "solvers/linear.h"

static bool holds(const gkt_csr *P, gkt_idx i, gkt_idx col) {
  for (gkt_idx k = P ? P->row_offsets[i] : 0; P && k < P->row_offsets[i + 1]; k++)
    if (P->cols[k] == col) return true;
  return false;
}

/* What was not 0 before is kept, as it may come back. */
static bool is_kept(const gkt_csr *A, gkt_idx i, gkt_idx k, const gkt_csr *before) { return A->vals[k] != 0 || A->cols[k] == i || holds(before, i, A->cols[k]); }

gkt_status gkt_packed_create(gkt_context *ctx, const gkt_csr *A, const gkt_csr *before, gkt_csr **out) {
  gkt_csr *P;
  gkt_size count = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) count += is_kept(A, i, k, before);
  GKT_TRY(gkt_csr_create(ctx, A->num_rows, A->num_cols, count, 1, &P));
  count = 0;
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    P->row_offsets[i] = (gkt_idx)count;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (is_kept(A, i, k, before)) P->cols[count++] = A->cols[k];
  }
  P->row_offsets[A->num_rows] = (gkt_idx)count;
  *out = P;
  return GKT_OK;
}

bool gkt_packed_fill(const gkt_csr *A, const gkt_system_facts *f, const gkt_units *units, gkt_csr *P) {
  for (int b = 0; b < f->num_blocks; b++)
    for (gkt_idx i = f->blocks[b].first; i < f->blocks[b].first + f->blocks[b].count; i++) {
      gkt_idx at = P->row_offsets[i], end = P->row_offsets[i + 1];
      int c = 0;
      for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) { /* columns ascend */
        while (A->cols[k] >= f->blocks[c].first + f->blocks[c].count) c++;
        if (at < end && P->cols[at] == A->cols[k]) P->vals[at++] = scalbn(A->vals[k], units->left[b] + units->right[c]);
        else if (A->vals[k] != 0) return false;
      }
    }
  return true;
}
