/* The strategy `segmented`: each pair sums its segment of contributions, block by block. Rows are independent, so threads share them, and every sum has a fixed order. */
#include "assembly/reduce_strategy.h"

gkt_status gkt_segmented_plan(gkt_reduce *r, const gkt_incidence *blocks, const gkt_routing *routing) {
  (void)blocks;
  GKT_TRY(gkt_segments_make(r, routing, &r->segments));
  return gkt_elements_make(r);
}

void gkt_segmented_clear(gkt_reduce *r) { gkt_segments_clear(&r->segments); }

/* The i-th scalars of the contributions. */
INLINE gkt_scalar sum_segment(gkt_idx count, const gkt_idx *order, const gkt_scalar *tensors, int block, int i) {
  gkt_scalar total = 0;
  for (gkt_idx k = 0; k < count;) {
    gkt_idx end = count - k < GKT_RUN ? count : k + GKT_RUN;
    gkt_scalar sum = 0;
    for (; k < end; k++) sum += tensors[(gkt_size)order[k] * block + i];
    total += sum;
  }
  return total;
}

INLINE void sum_rows(const gkt_reduce *r, int rows, int cols, gkt_scalar *values) {
  const gkt_pattern *p = &r->pattern;
  const gkt_segments *s = &r->segments;
#pragma omp parallel for num_threads(gkt_threads(r->ctx)) schedule(static)
  for (gkt_idx row = 0; row < p->num_nodes[0]; row++) {
    gkt_idx first = p->offsets[row], length = p->offsets[row + 1] - first;
    for (gkt_idx k = 0; k < length; k++) {
      gkt_idx begin = s->offsets[first + k], count = s->offsets[first + k + 1] - begin;
      gkt_scalar *to = values + (gkt_size)first * rows * cols + (gkt_size)k * cols;
      UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < cols; j++) to[(gkt_size)i * length * cols + j] =
          sum_segment(count, s->order + begin, r->kept, rows * cols, i * cols + j);
    }
  }
}

void gkt_segmented_join(const gkt_reduce *r, gkt_scalar *values) {
#define SUM(rows, cols) sum_rows(r, rows, cols, values)
  FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], SUM);
#undef SUM
}

gkt_size gkt_segmented_bytes(const gkt_reduce *r) {
  gkt_size pairs = r->pattern.offsets[r->pattern.num_nodes[0]], index = (gkt_size)sizeof(gkt_idx), block = r->block * (gkt_size)sizeof(gkt_scalar);
  return gkt_elements_bytes(r) + r->num_contributions * index + pairs * (index + GKT_WRITTEN * block);
}
