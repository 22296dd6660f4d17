/* Blocks of a matrix: its values in another order, block by block. */
#include "core/bsr.h"

#include "core/bsr_arguments.h"
#include "core/embed.h"

GKT_EMBED(gkt_bsr_arguments_text, "core/bsr_arguments.h");
GKT_EMBED(gkt_bsr_text, "core/bsr.cu");
static const char *const kernels[] = {gkt_bsr_arguments_text, gkt_bsr_text, NULL};

enum { NONE = 0x7F7F7F7F }; /* bytes that memory can be filled with, and no row */

static gkt_bsr_arguments arguments_of(const gkt_csr *A) {
  return (gkt_bsr_arguments){.row_offsets = A->row_offsets, .row_cols = A->cols, .row_vals = A->vals, .num_rows = A->num_rows / A->block_size, .block_size = A->block_size};
}

/* ---- the pattern ---- */
static bool is_whole(const gkt_csr *A, gkt_idx node) {
  const gkt_idx size = A->block_size, begin = A->row_offsets[node * size], count = A->row_offsets[node * size + 1] - begin, *cols = A->cols + begin;
  if (begin % (size * size) || count % size) return false;
  for (gkt_idx i = 1; i < size; i++)
    if (A->row_offsets[node * size + i + 1] - begin != (i + 1) * count) return false;
  for (gkt_idx k = 0; k < size * count; k++)
    if (cols[k] % size != k % size || cols[k] / size != cols[k % count - k % size] / size) return false;
  return true;
}

static gkt_idx list_on_host(const gkt_csr *A, int threads, gkt_bsr *B) {
  const gkt_idx size = A->block_size, area = size * size;
  gkt_idx bad = NONE;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(min : bad)
  for (gkt_idx node = 0; node < B->num_rows; node++) {
    const gkt_idx begin = A->row_offsets[node * size], count = A->row_offsets[node * size + 1] - begin;
    if (!is_whole(A, node)) bad = node < bad ? node : bad;
    else
      for (gkt_idx k = 0; k < count; k += size) B->cols[begin / area + k / size] = A->cols[begin + k] / size;
    B->row_offsets[node + 1] = (begin + size * count) / area;
  }
  return bad;
}

gkt_status gkt_blocks_list(gkt_device *device, const gkt_csr *A, gkt_idx *offsets, gkt_idx *cols, gkt_idx *bad) {
  gkt_bsr_arguments a = arguments_of(A);
  gkt_indices found = {0};
  gkt_status status;
  *bad = -1;
  if (a.num_rows == 0) return offsets ? gkt_device_fill(device, offsets, 0, sizeof *offsets) : GKT_OK;
  GKT_TRY(gkt_device_alloc(device, 1, sizeof *found.at, "check of a matrix's blocks", &found));
  a.offsets = offsets, a.cols = cols, a.bad = found.at;
  GKT_GO(gkt_device_fill(device, found.at, NONE & 0xFF, sizeof *found.at));
  GKT_GO(gkt_device_launch_kept(device, kernels, &(gkt_launch){.kernel = "gkt_bsr_list", .blocks = gkt_blocks_for(a.num_rows, 256), .threads = 256}, &a, sizeof a));
  GKT_GO(gkt_device_download(device, found.at, bad, sizeof *bad));
  if (*bad == NONE) *bad = -1;
done:
  gkt_device_free(device, &found);
  return status;
}

/* ---- values ---- */
static void fill_on_host(const gkt_csr *A, int threads, gkt_bsr *B) {
  const gkt_idx size = A->block_size;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx node = 0; node < B->num_rows; node++) {
    const gkt_idx begin = A->row_offsets[node * size], count = A->row_offsets[node * size + 1] - begin;
    gkt_scalar *to = B->vals + begin;
    for (gkt_idx k = 0; k < count; k += size)
      for (gkt_idx i = 0; i < size; i++)
        for (gkt_idx j = 0; j < size; j++) *to++ = A->vals[begin + i * count + k + j];
  }
}

static gkt_status fill(gkt_context *ctx, const gkt_csr *A, gkt_bsr *B) {
  gkt_bsr_arguments a = arguments_of(A);
  gkt_device *device;
  if (B->where == GKT_ON_HOST) return fill_on_host(A, gkt_threads_for(ctx, A->row_offsets[A->num_rows]), B), GKT_OK;
  a.vals = B->vals;
  GKT_TRY(gkt_device_open(ctx, &device));
  return gkt_device_launch_kept(device, kernels, &(gkt_launch){.kernel = "gkt_bsr_fill", .blocks = gkt_blocks_for((gkt_size)a.num_rows * 32, 256), .threads = 256}, &a, sizeof a);
}

gkt_status gkt_bsr_update(gkt_context *ctx, const gkt_csr *A, gkt_bsr *B) {
  static const char *const places[] = {[GKT_ON_HOST] = "on the host", [GKT_ON_DEVICE] = "on the device"};
  const int size = B->block_size;
  if (A->where != B->where) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a matrix %s, its blocks %s; expected them in one place", places[A->where], places[B->where]);
  if (A->block_size != size || A->num_rows != B->num_rows * size)
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a matrix of %d rows in blocks of %d; expected that of which the blocks were made, %d rows in blocks of %d", (int)A->num_rows,
                    A->block_size, (int)B->num_rows * size, size);
  return fill(ctx, A, B);
}

/* ---- creation ---- */
static gkt_status list(gkt_context *ctx, gkt_device *device, const gkt_csr *A, gkt_bsr *B) {
  const int size = A->block_size;
  gkt_idx bad;
  if (device) GKT_TRY(gkt_blocks_list(device, A, B->row_offsets, B->cols, &bad));
  else bad = list_on_host(A, gkt_threads_for(ctx, A->row_offsets[A->num_rows]), B);
  if (bad < 0 || bad == NONE) return GKT_OK;
  return gkt_fail(ctx, GKT_UNAVAILABLE, "rows %d to %d of the matrix are not of whole %dx%d blocks", bad * size, (bad + 1) * size - 1, size, size);
}

gkt_status gkt_bsr_from_csr(gkt_context *ctx, const gkt_csr *A, gkt_bsr **out) {
  const int size = A->block_size;
  gkt_device *device = NULL;
  gkt_bsr *B;
  gkt_idx entries;
  gkt_status status;
  if (size < 2) return gkt_fail(ctx, GKT_UNAVAILABLE, "the matrix is one of scalars, as those of scalar fields, of several fields and of couplings are; it has no blocks");
  if (A->num_rows % size || A->num_cols % size)
    return gkt_fail(ctx, GKT_UNAVAILABLE, "a matrix of %d rows and %d columns is not of whole %dx%d blocks", A->num_rows, A->num_cols, size, size);
  if (A->where == GKT_ON_DEVICE) {
    GKT_TRY(gkt_device_open(ctx, &device));
    GKT_TRY(gkt_device_download(device, A->row_offsets + A->num_rows, &entries, sizeof entries));
  } else entries = A->row_offsets[A->num_rows];
  GKT_TRY(gkt_bsr_create(ctx, A->where, A->num_rows / size, A->num_cols / size, entries / (size * size) + (entries % (size * size) > 0), size, &B));
  GKT_GO(list(ctx, device, A, B));
  GKT_GO(fill(ctx, A, B));
  *out = B;
  return GKT_OK;
done:
  gkt_bsr_destroy(&B);
  return status;
}

void gkt_bsr_multiply(const gkt_bsr *A, const gkt_scalar *x, gkt_scalar *y) {
  const int size = A->block_size;
  for (gkt_idx row = 0; row < A->num_rows; row++)
    for (int i = 0; i < size; i++) {
      gkt_scalar sum = 0;
      for (gkt_idx k = A->row_offsets[row]; k < A->row_offsets[row + 1]; k++)
        for (int j = 0; j < size; j++) sum += A->vals[((gkt_size)k * size + i) * size + j] * x[A->cols[k] * size + j];
      y[row * size + i] = sum;
    }
}
