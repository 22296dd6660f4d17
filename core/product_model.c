/* The model by which a layout is chosen for y = A x, and what a product costs by it. */
#include "core/product.h"

#include "core/product_arguments.h"

enum { LEAST_WIDTH = 4 }; /* fewer doubles are less than the 32 bytes that memory moves */

/* Entries that `width` threads a row pass over, the last of them in part. */
static double slots(const gkt_idx *offsets, gkt_idx num_rows, int step, int width) {
  double sum = 0;
  for (gkt_idx i = 0; i < num_rows; i += step) sum += (double)((offsets[i + 1] - offsets[i] + width - 1) / width) * width;
  return sum;
}

/* The fewest slots; of equal ones more threads, which leave each row sooner. */
static double best_width(const gkt_idx *offsets, gkt_idx num_rows, int step, int *width) {
  double best = INFINITY;
  for (int w = LEAST_WIDTH; w <= 32; w *= 2) {
    double here = slots(offsets, num_rows, step, w);
    if (here <= best) best = here, *width = w;
  }
  return best;
}

static double vector_bytes(const gkt_csr *A) { return 8.0 * A->num_rows + 8.0 * A->num_cols; }

static void model_csr(const gkt_csr *A, const gkt_idx *offsets, gkt_product_info *out) {
  *out = (gkt_product_info){.kind = GKT_PRODUCT_CSR, .name = "CSR"};
  out->bytes = 12 * best_width(offsets, A->num_rows, 1, &out->width) + 4.0 * A->num_rows + vector_bytes(A);
}

static void model_bsr3(const gkt_csr *A, const gkt_idx *offsets, gkt_product_info *out) {
  *out = (gkt_product_info){.kind = GKT_PRODUCT_BSR3, .name = "BSR3"};
  out->bytes = (24 + 4.0 / 3) * best_width(offsets, A->num_rows, 3, &out->width) + 4.0 * A->num_rows + vector_bytes(A);
}

static void model_sell(const gkt_csr *A, gkt_idx entries, gkt_product_info *out) {
  *out = (gkt_product_info){.kind = GKT_PRODUCT_SELL, .name = "SELL-32", .width = 1};
  out->bytes = 12.0 * GKT_SLICE * entries + 4.0 * A->num_rows + 4.0 * A->num_rows / GKT_SLICE + vector_bytes(A);
}

/* ---- SELL: rows by falling length among 256, each slice as long as its first row ---- */
gkt_idx gkt_product_num_slices(const gkt_csr *A) { return (A->num_rows + GKT_SLICE - 1) / GKT_SLICE; }

/* Stable. */
static void sort_rows(const gkt_idx *offsets, gkt_idx first, gkt_idx end, gkt_idx *order) {
  for (gkt_idx i = first; i < end; i++) {
    gkt_idx length = offsets[i + 1] - offsets[i], at = i;
    for (; at > first && offsets[order[at - 1] + 1] - offsets[order[at - 1]] < length; at--) order[at] = order[at - 1];
    order[at] = i;
  }
}

gkt_status gkt_product_plan_slices(gkt_context *ctx, const gkt_csr *A, const gkt_idx *offsets, gkt_product_slices *s) {
  GKT_TRY(gkt_alloc(ctx, A->num_rows, sizeof *s->order, &s->order));
  GKT_TRY(gkt_alloc(ctx, (gkt_size)gkt_product_num_slices(A) + 1, sizeof *s->offsets, &s->offsets));
  for (gkt_idx i = 0; i < A->num_rows; i += GKT_SORTED) sort_rows(offsets, i, A->num_rows - i < GKT_SORTED ? A->num_rows : i + GKT_SORTED, s->order);
  s->offsets[0] = 0;
  for (gkt_idx k = 0; k < gkt_product_num_slices(A); k++) {
    gkt_idx first = s->order[k * GKT_SLICE]; /* the longest */
    s->offsets[k + 1] = s->offsets[k] + offsets[first + 1] - offsets[first];
  }
  return GKT_OK;
}

void gkt_product_model(const gkt_csr *A, const gkt_idx *offsets, gkt_product_kind kind, gkt_idx slice_entries, gkt_product_info *out) {
  if (kind == GKT_PRODUCT_SELL) model_sell(A, slice_entries, out);
  else if (kind == GKT_PRODUCT_BSR3) model_bsr3(A, offsets, out);
  else model_csr(A, offsets, out);
}

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

static void count_cost(const gkt_csr *A, const gkt_product_info *info, const gkt_idx *order, gkt_device_cost *cost) {
  const int step = info->kind == GKT_PRODUCT_BSR3 ? 3 : 1;
  const double entries = A->row_offsets[A->num_rows], own = info->bytes - 8.0 * A->num_cols;
  const touched x = touch_all(A, info->width, step, order);
  *cost = (gkt_device_cost){
      .strategy = info->name, .cells = A->num_rows, .computed = A->num_rows, .dram_bytes = info->bytes, .fp64 = entries, .launches = 1, .block = {.threads = 256}};
  cost->blocks = (double)gkt_blocks_for((gkt_size)A->num_rows / step * info->width, 256);
  cost->l2_bytes = own + 32 * x.sectors;
  cost->wavefronts = own / 128 + x.lines * step;
  cost->floor_bytes = entries * (8 + 4.0 / (step * step)) + 4.0 * A->num_rows / step + vector_bytes(A); /* a column for each block */
}

gkt_status gkt_product_predict(gkt_context *ctx, const gkt_csr *A, gkt_product_info *out, gkt_device_cost *cost) {
  gkt_product_slices s = {0};
  gkt_product_info csr, other;
  gkt_status status = GKT_OK;
  model_csr(A, A->row_offsets, &csr);
  other = csr;
  if (has_blocks(A)) model_bsr3(A, A->row_offsets, &other);
  else {
    GKT_GO(gkt_product_plan_slices(ctx, A, A->row_offsets, &s));
    model_sell(A, s.offsets[gkt_product_num_slices(A)], &other);
  }
  *out = other.bytes < csr.bytes ? other : csr;
  out->csr_bytes = csr.bytes;
  count_cost(A, out, out->kind == GKT_PRODUCT_SELL ? s.order : NULL, cost);
done:
  gkt_free(&s.order);
  gkt_free(&s.offsets);
  return status;
}
