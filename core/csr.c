/* Matrices by rows, and their copies in other places. */
#include <string.h>

#include "core/device.h"

/* What holds the arrays: the host's memory, or a context's device. */
typedef struct {
  union { /* the same members, which count scalars or blocks */
    gkt_csr csr;
    gkt_bsr bsr;
  };
  gkt_context *ctx; /* NULL: on the host */
  gkt_indices row_offsets, cols;
  gkt_scalars vals;
} holder;

static gkt_size scalars_of(gkt_size entries, int block_size, bool blocks) { return blocks ? entries * block_size * block_size : entries; }

static gkt_status create_on_host(gkt_context *ctx, gkt_size num_entries, gkt_size num_scalars, gkt_csr *A) {
  GKT_TRY(gkt_calloc(ctx, (gkt_size)A->num_rows + 1, sizeof *A->row_offsets, &A->row_offsets));
  GKT_TRY(gkt_alloc(ctx, num_entries, sizeof *A->cols, &A->cols));
  return gkt_alloc(ctx, num_scalars, sizeof *A->vals, &A->vals);
}

static gkt_status create_on_device(gkt_context *ctx, gkt_size num_entries, gkt_size num_scalars, holder *h) {
  gkt_device *device;
  GKT_TRY(gkt_device_open(ctx, &device));
  h->ctx = gkt_context_retain(ctx);
  GKT_TRY(gkt_device_alloc(device, (gkt_size)h->csr.num_rows + 1, sizeof(gkt_idx), "matrix rows", &h->row_offsets));
  GKT_TRY(gkt_device_alloc(device, num_entries, sizeof(gkt_idx), "matrix columns", &h->cols));
  GKT_TRY(gkt_device_alloc(device, num_scalars, sizeof(gkt_scalar), "matrix values", &h->vals));
  h->csr.row_offsets = h->row_offsets.at, h->csr.cols = h->cols.at, h->csr.vals = h->vals.at;
  return GKT_OK;
}

/* like: its sizes, and where. */
static gkt_status create(gkt_context *ctx, const gkt_csr *like, gkt_size num_entries, bool blocks, gkt_csr **out) {
  const gkt_size num_scalars = scalars_of(num_entries, like->block_size, blocks);
  holder *h = NULL;
  gkt_csr *A;
  gkt_status status;
  gkt_idx narrow;
  GKT_TRY(gkt_narrow(ctx, num_entries, "matrix entries", &narrow));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *h, &h));
  A = &h->csr;
  A->num_rows = like->num_rows, A->num_cols = like->num_cols, A->block_size = like->block_size, A->where = like->where;
  if (like->where == GKT_ON_HOST) GKT_GO(create_on_host(ctx, num_entries, num_scalars, A));
  else GKT_GO(create_on_device(ctx, num_entries, num_scalars, h));
  *out = A;
  return GKT_OK;
done:
  gkt_csr_destroy(&A);
  return status;
}

gkt_status gkt_csr_create(gkt_context *ctx, gkt_idx num_rows, gkt_idx num_cols, gkt_size num_entries, int block_size, gkt_csr **out) {
  return create(ctx, &(gkt_csr){.num_rows = num_rows, .num_cols = num_cols, .block_size = block_size}, num_entries, false, out);
}

gkt_status gkt_bsr_create(gkt_context *ctx, gkt_where where, gkt_idx num_rows, gkt_idx num_cols, gkt_size num_blocks, int block_size, gkt_bsr **out) {
  gkt_csr *A;
  GKT_TRY(create(ctx, &(gkt_csr){.num_rows = num_rows, .num_cols = num_cols, .block_size = block_size, .where = where}, num_blocks, true, &A));
  *out = &((holder *)A)->bsr;
  return GKT_OK;
}

static void destroy(holder *h) {
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
}

void gkt_csr_destroy(gkt_csr **A) {
  destroy((holder *)*A); /* its first member */
  *A = NULL;
}

void gkt_bsr_destroy(gkt_bsr **A) {
  destroy((holder *)*A);
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
  gkt_csr *B = NULL, like = *A;
  gkt_idx entries;
  gkt_status status;
  like.where = where;
  if (A->where == GKT_ON_DEVICE || where == GKT_ON_DEVICE) GKT_TRY(gkt_device_open(ctx, &device));
  GKT_TRY(copy(device, A->where, A->row_offsets + A->num_rows, GKT_ON_HOST, &entries, sizeof entries));
  GKT_TRY(create(ctx, &like, entries, false, &B));
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

/* ---- products ---- */
static inline gkt_scalar multiply_row(const gkt_csr *A, gkt_idx i, const gkt_scalar *x) {
  gkt_scalar sum = 0;
  for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k] * x[A->cols[k]];
  return sum;
}

void gkt_csr_multiply_by(const gkt_csr *A, int threads, const gkt_scalar *x, gkt_scalar *y) {
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (gkt_idx i = 0; i < A->num_rows; i++) y[i] = multiply_row(A, i, x);
}

void gkt_csr_multiply_add_by(const gkt_csr *A, int threads, gkt_scalar weight, const gkt_scalar *x, gkt_scalar *y) {
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (gkt_idx i = 0; i < A->num_rows; i++) y[i] += weight * multiply_row(A, i, x);
}

void gkt_csr_multiply(const gkt_csr *A, const gkt_scalar *x, gkt_scalar *y) { gkt_csr_multiply_by(A, 1, x, y); }

void gkt_csr_multiply_add(const gkt_csr *A, gkt_scalar weight, const gkt_scalar *x, gkt_scalar *y) { gkt_csr_multiply_add_by(A, 1, weight, x, y); }
