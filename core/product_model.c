/* The model by which a layout is chosen for y = A x, from its row offsets. */
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
  out->entries = best_width(offsets, A->num_rows, 1, &out->width);
  out->bytes = 12 * out->entries + 4.0 * A->num_rows + vector_bytes(A);
}

static void model_bsr3(const gkt_csr *A, const gkt_idx *offsets, gkt_product_info *out) {
  *out = (gkt_product_info){.kind = GKT_PRODUCT_BSR3, .name = "BSR3"};
  out->entries = 3 * best_width(offsets, A->num_rows, 3, &out->width);
  out->bytes = (24 + 4.0 / 3) * out->entries / 3 + 4.0 * A->num_rows + vector_bytes(A);
}

static void model_sell(const gkt_csr *A, gkt_idx entries, gkt_product_info *out) {
  *out = (gkt_product_info){.kind = GKT_PRODUCT_SELL, .name = "SELL-32", .width = 1};
  out->entries = (double)GKT_SLICE * entries;
  out->bytes = 12 * out->entries + 4.0 * A->num_rows + 4.0 * A->num_rows / GKT_SLICE + vector_bytes(A);
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
