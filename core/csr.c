/* Matrices by rows, and their copies in other places. */
#include <string.h>

#include "core/device.h"

/* What holds the arrays: the host's memory, or a context's device. */
typedef struct {
  gkt_csr csr;
  gkt_context *ctx; /* NULL: on the host */
  gkt_indices row_offsets, cols;
  gkt_scalars vals;
} holder;

gkt_status gkt_csr_create(gkt_context *ctx, gkt_idx num_rows, gkt_idx num_cols, gkt_size num_entries, int block_size, gkt_csr **out) {
  holder *h = NULL;
  gkt_csr *A;
  gkt_status status;
  gkt_idx narrow;
  GKT_TRY(gkt_narrow(ctx, num_entries, "matrix entries", &narrow));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *h, &h));
  A = &h->csr;
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

static gkt_status create_on_device(gkt_context *ctx, const gkt_csr *like, gkt_size num_entries, gkt_csr **out) {
  gkt_device *device;
  holder *h = NULL;
  gkt_csr *A;
  gkt_status status;
  GKT_TRY(gkt_device_open(ctx, &device));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *h, &h));
  A = &h->csr;
  h->ctx = gkt_context_retain(ctx);
  GKT_GO(gkt_device_alloc(device, (gkt_size)like->num_rows + 1, sizeof(gkt_idx), "matrix rows", &h->row_offsets));
  GKT_GO(gkt_device_alloc(device, num_entries, sizeof(gkt_idx), "matrix columns", &h->cols));
  GKT_GO(gkt_device_alloc(device, num_entries, sizeof(gkt_scalar), "matrix values", &h->vals));
  *A = (gkt_csr){like->num_rows, like->num_cols, like->block_size, h->row_offsets.at, h->cols.at, h->vals.at, GKT_ON_DEVICE};
  *out = A;
  return GKT_OK;
done:
  gkt_csr_destroy(&A);
  return status;
}

void gkt_csr_destroy(gkt_csr **A) {
  holder *h = (holder *)*A; /* its first member */
  if (!h) return;
  if (h->ctx) {
    gkt_device_free(h->ctx->device, &h->row_offsets);
    gkt_device_free(h->ctx->device, &h->cols);
    gkt_device_free(h->ctx->device, &h->vals);
    gkt_context_destroy(&h->ctx);
  } else {
    gkt_free(&h->csr.row_offsets);
    gkt_free(&h->csr.cols);
    gkt_free(&h->csr.vals);
  }
  gkt_free(&h);
  *A = NULL;
}

/* ---- copies ---- */
static gkt_status copy(gkt_device *device, gkt_where from, const void *x, gkt_where to, void *y, gkt_size bytes) {
  if (from == GKT_ON_HOST && to == GKT_ON_HOST) return memcpy(y, x, (size_t)bytes), GKT_OK;
  if (from == GKT_ON_HOST) return gkt_device_upload(device, x, y, bytes);
  return to == GKT_ON_HOST ? gkt_device_download(device, x, y, bytes) : gkt_device_copy(device, x, y, bytes);
}

gkt_status gkt_csr_to(gkt_context *ctx, const gkt_csr *A, gkt_where where, gkt_csr **out) {
  gkt_device *device = NULL;
  gkt_csr *B = NULL;
  gkt_idx entries;
  gkt_status status;
  if (A->where == GKT_ON_DEVICE || where == GKT_ON_DEVICE) GKT_TRY(gkt_device_open(ctx, &device));
  GKT_TRY(copy(device, A->where, A->row_offsets + A->num_rows, GKT_ON_HOST, &entries, sizeof entries));
  if (where == GKT_ON_DEVICE) GKT_TRY(create_on_device(ctx, A, entries, &B));
  else GKT_TRY(gkt_csr_create(ctx, A->num_rows, A->num_cols, entries, A->block_size, &B));
  GKT_GO(copy(device, A->where, A->row_offsets, where, B->row_offsets, ((gkt_size)A->num_rows + 1) * (gkt_size)sizeof *A->row_offsets));
  GKT_GO(copy(device, A->where, A->cols, where, B->cols, (gkt_size)entries * (gkt_size)sizeof *A->cols));
  GKT_GO(copy(device, A->where, A->vals, where, B->vals, (gkt_size)entries * (gkt_size)sizeof *A->vals));
  *out = B;
  return GKT_OK;
done:
  gkt_csr_destroy(&B);
  return status;
}

void *gkt_context_stream(gkt_context *ctx) { return ctx->device ? gkt_device_stream(ctx->device) : NULL; }

void gkt_csr_multiply(const gkt_csr *A, const gkt_scalar *x, gkt_scalar *y) {
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    gkt_scalar sum = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k] * x[A->cols[k]];
    y[i] = sum;
  }
}
