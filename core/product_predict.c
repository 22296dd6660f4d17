/* What a product costs on a device: bytes by the layout and by the places of its entries, operations by the machine code of its kernel. */
#include "core/code.h"
#include "core/product.h"
#include "core/product_arguments.h"

/* ---- what is read of x ---- */
typedef struct {
  double sectors, lines; /* of 32 and 128 bytes, each once for a load of a warp */
} touched;

/* The places that the lanes of a warp read; scalars: that stand together at each. */
static void touch(int count, const gkt_idx *places, int scalars, touched *sum) {
  for (int unit = 4; unit <= 16; unit *= 4) { /* scalars of a sector, of a line */
    int different = 0;
    for (int i = 0; i < count; i++) {
      bool is_new = true;
      for (int j = 0; j < i && is_new; j++) is_new = places[j] * scalars / unit != places[i] * scalars / unit;
      different += is_new;
    }
    *(unit == 4 ? &sum->sectors : &sum->lines) += different;
  }
}

/* `width` lanes of a warp for each row (of blocks of `step`), which they take in `order`, NULL: as it stands. */
static touched touch_all(const gkt_csr *A, int width, int step, const gkt_idx *order) {
  const gkt_idx rows = A->num_rows / step;
  const int together = 32 / width;
  touched sum = {0, 0};
  for (gkt_idx first = 0; first < rows; first += together) {
    int lanes = 1;
    for (gkt_idx k = 0; lanes; k += width) {
      gkt_idx places[32];
      lanes = 0;
      for (int i = 0; i < together && first + i < rows; i++) {
        const gkt_idx row = (order ? order[first + i] : first + i) * step, *cols = A->cols + A->row_offsets[row];
        const gkt_idx length = (A->row_offsets[row + 1] - A->row_offsets[row]) / step;
        for (gkt_idx e = k; e < k + width && e < length; e++) places[lanes++] = cols[e * step] / step;
      }
      touch(lanes, places, step, &sum);
    }
  }
  return sum;
}

/* Are the rows of whole 3x3 blocks? */
static bool has_blocks(const gkt_csr *A) {
  if (A->block_size != 3 || A->num_rows % 3 || A->num_cols % 3) return false;
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    const gkt_idx *first = A->cols + A->row_offsets[i - i % 3], length = A->row_offsets[i + 1] - A->row_offsets[i];
    if (length % 3 || length != A->row_offsets[i - i % 3 + 1] - A->row_offsets[i - i % 3]) return false;
    for (gkt_idx k = 0; k < length; k++)
      if (A->cols[A->row_offsets[i] + k] != first[k] || first[k] % 3 != k % 3) return false;
  }
  return true;
}

static void count_bytes(const gkt_csr *A, const gkt_product_info *info, const gkt_idx *order, gkt_device_cost *cost) {
  const int step = info->kind == GKT_PRODUCT_BSR3 ? 3 : 1;
  const double entries = A->row_offsets[A->num_rows], own = info->bytes - 8.0 * A->num_cols;
  const touched x = touch_all(A, info->width, step, order);
  *cost = (gkt_device_cost){.strategy = info->name, .cells = A->num_rows, .computed = A->num_rows, .dram_bytes = info->bytes, .launches = 1, .block = {.threads = 256}};
  cost->blocks = (double)gkt_blocks_for((gkt_size)A->num_rows / step * info->width, 256);
  cost->l2_bytes = own + 32 * x.sectors;
  cost->wavefronts = own / 128 + x.lines * step;
  cost->floor_bytes = entries * (8 + 4.0 / (step * step)) + 4.0 * A->num_rows / step + 8.0 * A->num_rows + 8.0 * A->num_cols; /* a column for each block */
}

/* ---- what threads do ---- */
static gkt_status count_code(gkt_context *ctx, const gkt_csr *A, int architecture, const gkt_product_info *info, gkt_device_cost *cost) {
  const double threads = (double)A->num_rows / (info->kind == GKT_PRODUCT_BSR3 ? 3 : 1) * info->width;
  gkt_cubin_kernel *kernels = NULL;
  char *image = NULL;
  int count;
  GKT_TRY(gkt_code_compile(ctx, gkt_product_kernels, architecture, &image, &count, &kernels));
  const gkt_loop_code code = gkt_loop_code_read(gkt_code_find(count, kernels, gkt_product_kernel(info->kind)), architecture, GKT_CODE_DFMA, 1);
  const double joins = threads * log2(info->width);
  cost->instructions = info->entries * code.item.all + threads * code.thread.all + joins * code.join.all;
  cost->fp64 = info->entries * gkt_code_fp64(&code.item) + threads * gkt_code_fp64(&code.thread) + joins * gkt_code_fp64(&code.join);
  cost->block.registers = code.registers;
  gkt_free(&kernels);
  gkt_free(&image);
  return GKT_OK;
}

gkt_status gkt_product_predict(gkt_context *ctx, const gkt_csr *A, int architecture, gkt_product_info *out, gkt_device_cost *cost) {
  gkt_product_slices s = {0};
  gkt_product_info csr, other;
  gkt_status status = GKT_OK;
  gkt_product_model(A, A->row_offsets, GKT_PRODUCT_CSR, 0, &csr);
  other = csr;
  if (has_blocks(A)) gkt_product_model(A, A->row_offsets, GKT_PRODUCT_BSR3, 0, &other);
  else {
    GKT_GO(gkt_product_plan_slices(ctx, A, A->row_offsets, &s));
    gkt_product_model(A, A->row_offsets, GKT_PRODUCT_SELL, s.offsets[gkt_product_num_slices(A)], &other);
  }
  *out = other.bytes < csr.bytes ? other : csr;
  out->csr_bytes = csr.bytes;
  count_bytes(A, out, out->kind == GKT_PRODUCT_SELL ? s.order : NULL, cost);
  GKT_GO(count_code(ctx, A, architecture, out, cost));
done:
  gkt_free(&s.order);
  gkt_free(&s.offsets);
  return status;
}
