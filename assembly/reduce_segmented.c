/* The strategy `segmented`: each pair sums its segment of contributions, block by block. Rows are independent, so threads share them, and every sum has a fixed order. */
#include "assembly/reduce_strategy.h"

gkt_status gkt_segmented_plan(gkt_reduce *r, gkt_routing *routing) {
  GKT_TRY(gkt_segments_make(r, routing, &r->segments));
  return gkt_elements_make(r);
}

void gkt_segmented_clear(gkt_reduce *r) { gkt_segments_clear(&r->segments); }

/* Blocks are summed in pieces of at most so many scalars, which the compiler keeps in registers. */
enum { PIECE = 9 };

/* out [n] '=': the sum of n scalars of each contribution; tensors: from the first of them on. */
INLINE void sum_segment(gkt_idx count, const gkt_idx *order, const gkt_scalar *tensors, int block, int n, gkt_scalar *restrict out) {
  for (int i = 0; i < n; i++) out[i] = 0;
  for (gkt_idx k = 0; k < count;) {
    gkt_idx end = count - k < GKT_RUN ? count : k + GKT_RUN;
    gkt_scalar sum[PIECE] = {0};
    for (; k < end; k++) UNROLL for (int i = 0; i < n; i++) sum[i] += tensors[(gkt_size)order[k] * block + i];
    UNROLL for (int i = 0; i < n; i++) out[i] += sum[i];
  }
}

/* to: first scalar of the block, stride: from row to row. */
INLINE void sum_block(gkt_idx count, const gkt_idx *order, const gkt_scalar *tensors, int rows, int cols, gkt_size stride, gkt_scalar *to) {
  int block = rows * cols;
  for (int first = 0; first < block; first += PIECE) {
    int n = block - first < PIECE ? block - first : PIECE;
    gkt_scalar out[PIECE];
    sum_segment(count, order, tensors + first, block, n, out);
    UNROLL for (int i = 0; i < n; i++) to[(first + i) / cols * stride + (first + i) % cols] = out[i];
  }
}

INLINE void sum_row(const gkt_reduce *r, gkt_idx row, int rows, int cols, gkt_scalar *values) {
  const gkt_idx *offsets = r->segments.offsets, *order = r->segments.order;
  gkt_idx first = r->pattern.offsets[row], end = r->pattern.offsets[row + 1];
  gkt_idx stride;
  gkt_scalar *to = values + gkt_reduce_place(r, row, first, &stride);
  for (gkt_idx k = first; k < end; k++, to += cols) sum_block(offsets[k + 1] - offsets[k], order + offsets[k], r->kept, rows, cols, stride, to);
}

/* The size of blocks is chosen inside of the loop: it would be no constant in what OpenMP makes of the loop's body. */
void gkt_segmented_join(const gkt_reduce *r, gkt_scalar *values) {
#define SUM(rows, cols) sum_row(r, row, rows, cols, values)
  int threads = gkt_threads(r->ctx);
  if (threads == 1) { /* OpenMP allocates for a team of one */
    for (gkt_idx row = 0; row < r->pattern.num_nodes[0]; row++) FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], SUM);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx row = 0; row < r->pattern.num_nodes[0]; row++) FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], SUM);
#undef SUM
}

gkt_size gkt_segmented_bytes(const gkt_reduce *r) {
  gkt_size pairs = r->pattern.offsets[r->pattern.num_nodes[0]], index = (gkt_size)sizeof(gkt_idx), block = r->block * (gkt_size)sizeof(gkt_scalar);
  return gkt_elements_bytes(r) + r->num_contributions * index + pairs * (index + GKT_WRITTEN * block);
}
