/* Layouts of a matrix for y = A x on the device. A model of the bytes that each moves decides; threads without an entry count as if they moved one, as those beside them wait. */
#include "core/product.h"

#include <string.h>

#include "core/bsr.h"
#include "core/embed.h"
#include "core/product_arguments.h"
#include "core/product_cusparse.h"

GKT_EMBED(gkt_product_arguments_text, "core/product_arguments.h");
GKT_EMBED(gkt_product_text, "core/product.cu");
const char *const gkt_product_kernels[] = {gkt_product_arguments_text, gkt_product_text, NULL};

struct gkt_product {
  gkt_context *ctx;
  gkt_device *device;
  const gkt_csr *A;
  gkt_product_info info;
  gkt_indices offsets, cols, order; /* of SELL; cols: those of blocks as well */
  gkt_scalars vals;
  gkt_cusparse *library;
};

static gkt_status launch(const gkt_product *p, const char *kernel, gkt_size threads, const void *arguments, size_t size) {
  return gkt_device_launch_kept(p->device, gkt_product_kernels, &(gkt_launch){.kernel = kernel, .blocks = gkt_blocks_for(threads, 256), .threads = 256}, arguments, size);
}

static gkt_status fill_slices(const gkt_product *p, bool cols) {
  const gkt_csr *A = p->A;
  gkt_product_slice_arguments a = {A->row_offsets, A->cols, A->vals, p->offsets.at, p->order.at, cols ? p->cols.at : NULL, p->vals.at, A->num_rows};
  return launch(p, "gkt_product_slice", (gkt_size)gkt_product_num_slices(A) * GKT_SLICE, &a, sizeof a);
}

static gkt_status create_slices(gkt_product *p, const gkt_product_slices *s) {
  const gkt_csr *A = p->A;
  gkt_size entries = (gkt_size)s->offsets[gkt_product_num_slices(A)] * GKT_SLICE;
  GKT_TRY(gkt_device_send(p->device, s->order, A->num_rows, sizeof *s->order, "order of a matrix's rows", &p->order));
  GKT_TRY(gkt_device_send(p->device, s->offsets, (gkt_size)gkt_product_num_slices(A) + 1, sizeof *s->offsets, "slices of a matrix", &p->offsets));
  GKT_TRY(gkt_device_alloc(p->device, entries, sizeof *p->cols.at, "columns of a matrix in slices", &p->cols));
  GKT_TRY(gkt_device_alloc(p->device, entries, sizeof *p->vals.at, "values of a matrix in slices", &p->vals));
  return fill_slices(p, true);
}

/* ---- 3x3 blocks ---- */
static gkt_status find_blocks(gkt_product *p, bool *whole) {
  const gkt_csr *A = p->A;
  gkt_idx entries, bad = 0;
  gkt_status status;
  *whole = false;
  if (A->block_size != 3 || A->num_rows % 3 || A->num_cols % 3 || A->num_rows == 0) return GKT_OK;
  GKT_GO(gkt_device_download(p->device, A->row_offsets + A->num_rows, &entries, sizeof entries));
  GKT_GO(gkt_device_alloc(p->device, entries / 9 + 1, sizeof *p->cols.at, "columns of a matrix's blocks", &p->cols));
  GKT_GO(gkt_blocks_list(p->device, A, NULL, p->cols.at, &bad));
  *whole = bad < 0;
done:
  if (!*whole) gkt_device_free(p->device, &p->cols);
  return status;
}

/* ---- the choice ---- */
/* A copy of the matrix is worth no more than half of the memory that is free. */
static bool fits(const gkt_product *p, double bytes) {
  gkt_device_counts now = gkt_device_count_all(p->device);
  return bytes < 0.5 * (double)(gkt_device_get_info(p->device)->free_bytes - now.bytes_held);
}

static gkt_status choose(gkt_product *p, gkt_product_kind kind, const gkt_idx *offsets, gkt_product_slices *s) {
  gkt_product_info csr, sell, bsr;
  bool whole = false;
  gkt_product_model(p->A, offsets, GKT_PRODUCT_CSR, 0, &csr);
  p->info = csr, p->info.csr_bytes = csr.bytes;
  if (kind == GKT_PRODUCT_CUSPARSE) p->info.kind = kind, p->info.name = "cuSPARSE";
  if (kind == GKT_PRODUCT_CSR || kind == GKT_PRODUCT_CUSPARSE) return GKT_OK;
  if (kind != GKT_PRODUCT_SELL) GKT_TRY(find_blocks(p, &whole));
  if (kind == GKT_PRODUCT_BSR3 && !whole) return gkt_fail(p->ctx, GKT_UNAVAILABLE, "the rows of the matrix are not of whole 3x3 blocks");
  if (whole) gkt_product_model(p->A, offsets, GKT_PRODUCT_BSR3, 0, &bsr), bsr.csr_bytes = csr.bytes, p->info = bsr;
  if (whole) return GKT_OK; /* it reads less than half of what the others do for a column */
  GKT_TRY(gkt_product_plan_slices(p->ctx, p->A, offsets, s));
  gkt_product_model(p->A, offsets, GKT_PRODUCT_SELL, s->offsets[gkt_product_num_slices(p->A)], &sell);
  sell.csr_bytes = csr.bytes;
  if (kind == GKT_PRODUCT_SELL || (sell.bytes < csr.bytes && fits(p, sell.bytes))) p->info = sell;
  return GKT_OK;
}

static gkt_status plan(gkt_product *p, gkt_product_kind kind) {
  gkt_product_slices s = {0};
  gkt_idx *offsets = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, (gkt_size)p->A->num_rows + 1, sizeof *offsets, &offsets));
  GKT_GO(gkt_device_download(p->device, p->A->row_offsets, offsets, ((gkt_size)p->A->num_rows + 1) * (gkt_size)sizeof *offsets));
  GKT_GO(choose(p, kind, offsets, &s));
  if (p->info.kind == GKT_PRODUCT_SELL) GKT_GO(create_slices(p, &s));
  if (p->info.kind == GKT_PRODUCT_CUSPARSE) GKT_GO(gkt_cusparse_create(p->ctx, p->device, p->A, offsets[p->A->num_rows], &p->library));
  gkt_log(p->ctx, GKT_LOG_DETAIL, "product: %s, %d threads a row, %.3g bytes by the model (CSR: %.3g)", p->info.name, p->info.width, p->info.bytes, p->info.csr_bytes);
done:
  gkt_free(&s.order);
  gkt_free(&s.offsets);
  gkt_free(&offsets);
  return status;
}

gkt_status gkt_product_create(gkt_context *ctx, const gkt_csr *A, gkt_product_kind kind, gkt_product **out) {
  const gkt_device_module *module;
  gkt_product *p = NULL;
  gkt_status status;
  if (A->where != GKT_ON_DEVICE) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a matrix on the host; expected one on the device");
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *p, &p));
  p->ctx = gkt_context_retain(ctx), p->A = A;
  GKT_GO(gkt_device_open(ctx, &p->device));
  GKT_GO(plan(p, kind));
  GKT_GO(gkt_device_kernels(p->device, gkt_product_kernels, &module)); /* nothing is compiled while a product is recorded */
  *out = p;
done:
  if (status != GKT_OK) gkt_product_destroy(&p);
  return status;
}

void gkt_product_destroy(gkt_product **product) {
  gkt_product *p = *product;
  if (!p) return;
  gkt_cusparse_destroy(&p->library);
  if (p->device) {
    gkt_device_free(p->device, &p->offsets);
    gkt_device_free(p->device, &p->cols);
    gkt_device_free(p->device, &p->order);
    gkt_device_free(p->device, &p->vals);
  }
  gkt_context_destroy(&p->ctx);
  gkt_free(product);
}

gkt_status gkt_product_update(gkt_product *p) { return p->info.kind == GKT_PRODUCT_SELL ? fill_slices(p, false) : GKT_OK; }

const char *gkt_product_kernel(gkt_product_kind kind) { return kind == GKT_PRODUCT_SELL ? "gkt_product_sell" : kind == GKT_PRODUCT_BSR3 ? "gkt_product_bsr3" : "gkt_product_csr"; }

static gkt_status apply_sell(const gkt_product *p, const gkt_scalar *x, gkt_scalar *y) {
  gkt_product_sell_arguments a = {p->offsets.at, p->cols.at, p->order.at, p->vals.at, x, y, p->A->num_rows};
  return launch(p, gkt_product_kernel(p->info.kind), p->A->num_rows, &a, sizeof a);
}

gkt_status gkt_product_apply(const gkt_product *p, const gkt_scalar *x, gkt_scalar *y) {
  const gkt_csr *A = p->A;
  bool blocks = p->info.kind == GKT_PRODUCT_BSR3;
  gkt_product_csr_arguments a = {A->row_offsets, A->cols, A->vals, x, y, A->num_rows, p->info.width, p->cols.at};
  if (p->info.kind == GKT_PRODUCT_CUSPARSE) return gkt_cusparse_apply(p->library, x, y);
  if (p->info.kind == GKT_PRODUCT_SELL) return apply_sell(p, x, y);
  return launch(p, gkt_product_kernel(p->info.kind), (gkt_size)A->num_rows / (blocks ? 3 : 1) * p->info.width, &a, sizeof a);
}

gkt_product_info gkt_product_get_info(const gkt_product *p) { return p->info; }
