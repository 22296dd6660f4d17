/* Execution of the strategy `fused`: nothing is allocated here, and every sum has a fixed order. */
#include <string.h>

#include "assembly/reduce_strategy.h"

INLINE void add_cells(const gkt_reduce *r, const gkt_chunk *c, int block, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors,
                      gkt_scalar *restrict sums) {
  int pairs = c->pairs;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const uint16_t *slots = r->slots + c->slots + (gkt_size)(cell - c->first) * pairs;
    const gkt_scalar *tensor = tensors + (gkt_size)(k / GKT_LANES) * pairs * block * GKT_LANES + k % GKT_LANES;
    for (int p = 0; p < pairs; p++, tensor += block * GKT_LANES) {
      gkt_scalar *sum = sums + (gkt_size)slots[p] * block;
      UNROLL for (int i = 0; i < block; i++) sum[i] += tensor[i * GKT_LANES];
    }
  }
}

gkt_scalar *gkt_fused_begin(gkt_reduce *r, const gkt_chunk *c, gkt_scalar *scratch) {
  memset(scratch, 0, (size_t)c->ways[GKT_NUM_WAYS] * (size_t)r->block * sizeof *scratch);
  return scratch;
}

void gkt_fused_add(const gkt_reduce *r, const gkt_chunk *c, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_scalar *sums) {
#define ADD(rows, cols) add_cells(r, c, (rows) * (cols), count, cells, first, tensors, sums)
  FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], ADD);
#undef ADD
}

/* Where row i of the k-th block starts; blocks of one row have no stride. */
INLINE gkt_scalar *row_of(const gkt_places *p, gkt_size k, int i, gkt_scalar *values) { return values + p->first[k] + (i ? (gkt_size)i * p->stride[k] : 0); }

/* Slots whose places are asked for ahead of being stored: rows of blocks are too short, and too many at a time, for a processor to see them coming. */
enum { AHEAD = 24 };
INLINE void fetch(const gkt_reduce *r, const gkt_chunk *c, gkt_idx slot, int row, gkt_scalar *values) {
  if (slot < c->ways[GKT_SET_PARTIAL]) __builtin_prefetch(row_of(&r->places, c->first_value + slot, row, values), 1);
}

INLINE void to_values(const gkt_reduce *r, const gkt_chunk *c, int rows, int cols, const gkt_scalar *sums, gkt_scalar *values) {
  for (gkt_idx s = 0; s < c->ways[GKT_ADD_VALUES]; s++) UNROLL for (int i = 0; i < rows; i++) {
      gkt_scalar *to = row_of(&r->places, c->first_value + s, i, values);
      fetch(r, c, s + AHEAD, i, values);
      UNROLL for (int j = 0; j < cols; j++) to[j] = sums[((gkt_size)s * rows + i) * cols + j];
    }
  for (gkt_idx s = c->ways[GKT_ADD_VALUES]; s < c->ways[GKT_SET_PARTIAL]; s++) UNROLL for (int i = 0; i < rows; i++) {
      gkt_scalar *to = row_of(&r->places, c->first_value + s, i, values);
      fetch(r, c, s + AHEAD, i, values);
      UNROLL for (int j = 0; j < cols; j++) to[j] += sums[((gkt_size)s * rows + i) * cols + j];
    }
}

INLINE void to_partials(gkt_reduce *r, const gkt_chunk *c, int block, const gkt_scalar *sums) {
  const gkt_idx *to = r->partial_places + c->first_partial - c->ways[GKT_SET_PARTIAL];
  for (gkt_idx s = c->ways[GKT_SET_PARTIAL]; s < c->ways[GKT_ADD_PARTIAL]; s++)
    UNROLL for (int i = 0; i < block; i++) r->kept[(gkt_size)to[s] * block + i] = sums[(gkt_size)s * block + i];
  for (gkt_idx s = c->ways[GKT_ADD_PARTIAL]; s < c->ways[GKT_NUM_WAYS]; s++)
    UNROLL for (int i = 0; i < block; i++) r->kept[(gkt_size)to[s] * block + i] += sums[(gkt_size)s * block + i];
}

void gkt_fused_flush(gkt_reduce *r, const gkt_chunk *c, const gkt_scalar *sums, gkt_scalar *values) {
#define FLUSH(rows, cols) (to_values(r, c, rows, cols, sums, values), to_partials(r, c, (rows) * (cols), sums))
  FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH);
#undef FLUSH
}

INLINE void join_pair(const gkt_reduce *r, gkt_idx k, int rows, int cols, gkt_scalar *values) {
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < cols; j++) {
    gkt_scalar sum = 0;
    for (gkt_idx s = r->join_offsets[k]; s < r->join_offsets[k + 1]; s++) sum += r->kept[(gkt_size)s * rows * cols + i * cols + j];
    row_of(&r->joined, k, i, values)[j] = sum;
  }
}

/* The size of blocks is chosen inside of the loop: it would be no constant in what OpenMP makes of the loop's body. */
void gkt_fused_join(const gkt_reduce *r, gkt_scalar *values) {
#define JOIN(rows, cols) join_pair(r, k, rows, cols, values)
  int threads = gkt_threads_for(r->ctx, r->num_contributions * r->block);
  if (threads == 1) { /* OpenMP allocates for a team of one */
    for (gkt_idx k = 0; k < r->num_joined; k++) FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], JOIN);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx k = 0; k < r->num_joined; k++) FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], JOIN);
#undef JOIN
}
