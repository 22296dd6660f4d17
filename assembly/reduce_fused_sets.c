/* The strategy `fused` for GKT_LANES sets of a batch at once: places and orders are those of one set, so each set gets the same bits. Arrays have the sets as lanes. */
#include <string.h>

#include "assembly/reduce_strategy.h"

INLINE void add_cells(const gkt_reduce *r, const gkt_chunk *c, int block, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors,
                      gkt_scalar *restrict sums) {
  int pairs = c->pairs;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const uint16_t *slots = r->slots + c->slots + (gkt_size)(cell - c->first) * pairs;
    for (int p = 0; p < pairs; p++, tensors += block * GKT_LANES) {
      gkt_scalar *sum = sums + (gkt_size)slots[p] * block * GKT_LANES;
      for (int i = 0; i < block * GKT_LANES; i++) sum[i] += tensors[i];
    }
  }
}

void gkt_fused_begin_sets(const gkt_reduce *r, int chunk, gkt_scalar *sums) {
  memset(sums, 0, (size_t)r->chunks[chunk].ways[GKT_NUM_WAYS] * (size_t)r->block * GKT_LANES * sizeof *sums);
}

void gkt_fused_add_sets(const gkt_reduce *r, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_scalar *sums) {
#define ADD(rows, cols) add_cells(r, &r->chunks[chunk], (rows) * (cols), count, cells, first, tensors, sums)
  FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], ADD);
#undef ADD
}

/* One scalar of `count` sets to its place in the values of each. */
INLINE void set(const gkt_scalar *sum, int count, gkt_size stride, gkt_scalar *to) {
  for (int l = 0; l < count; l++) to[l * stride] = sum[l];
}
INLINE void add(const gkt_scalar *sum, int count, gkt_size stride, gkt_scalar *to) {
  for (int l = 0; l < count; l++) to[l * stride] += sum[l];
}

/* first scalar of row i of the k-th block; blocks of one row have no stride */
INLINE gkt_size row_of(const gkt_places *p, gkt_size k, int i) { return p->first[k] + (i ? (gkt_size)i * p->stride[k] : 0); }

enum { AHEAD = 12 }; /* as in reduce_fused_sum.c */
INLINE void fetch(const gkt_reduce *r, const gkt_chunk *c, gkt_idx slot, int row, int count, gkt_size stride, gkt_scalar *values) {
  if (slot >= c->ways[GKT_SET_PARTIAL]) return;
  gkt_scalar *to = values + row_of(&r->places, c->first_value + slot, row);
  for (int l = 0; l < count; l++) __builtin_prefetch(to + l * stride, 1);
}

INLINE void to_values(const gkt_reduce *r, const gkt_chunk *c, int rows, int cols, const gkt_scalar *sums, int count, gkt_size stride, gkt_scalar *values) {
  for (gkt_idx s = 0; s < c->ways[GKT_SET_PARTIAL]; s++)
    for (int i = 0; i < rows; i++) {
      gkt_scalar *to = values + row_of(&r->places, c->first_value + s, i);
      fetch(r, c, s + AHEAD, i, count, stride, values);
      for (int j = 0; j < cols; j++, sums += GKT_LANES) {
        if (s < c->ways[GKT_ADD_VALUES]) set(sums, count, stride, to + j);
        else add(sums, count, stride, to + j);
      }
    }
}

INLINE void to_partials(const gkt_reduce *r, const gkt_chunk *c, int scalars, const gkt_scalar *sums, gkt_scalar *kept) {
  const gkt_idx *to = r->partial_places + c->first_partial - c->ways[GKT_SET_PARTIAL];
  for (gkt_idx s = c->ways[GKT_SET_PARTIAL]; s < c->ways[GKT_ADD_PARTIAL]; s++)
    for (int i = 0; i < scalars; i++) kept[(gkt_size)to[s] * scalars + i] = sums[(gkt_size)s * scalars + i];
  for (gkt_idx s = c->ways[GKT_ADD_PARTIAL]; s < c->ways[GKT_NUM_WAYS]; s++)
    for (int i = 0; i < scalars; i++) kept[(gkt_size)to[s] * scalars + i] += sums[(gkt_size)s * scalars + i];
}

void gkt_fused_flush_sets(const gkt_reduce *r, int chunk, const gkt_scalar *sums, gkt_scalar *kept, int count, gkt_size stride, gkt_scalar *values) {
  const gkt_chunk *c = &r->chunks[chunk];
#define FLUSH(rows, cols) to_values(r, c, rows, cols, sums, count, stride, values)
  if (count == GKT_LANES) {
#define FLUSH_ALL(rows, cols) to_values(r, c, rows, cols, sums, GKT_LANES, stride, values)
    FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH_ALL);
  } else FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH);
  to_partials(r, c, r->block * GKT_LANES, sums, kept);
}

static void join_pair(const gkt_reduce *r, gkt_idx k, const gkt_scalar *kept, int count, gkt_size stride, gkt_scalar *values) {
  int cols = r->pattern.block_size[1];
  for (int i = 0; i < r->block; i++) {
    gkt_scalar sum[GKT_LANES] = {0};
    for (gkt_idx s = r->join_offsets[k]; s < r->join_offsets[k + 1]; s++)
      for (int l = 0; l < GKT_LANES; l++) sum[l] += kept[((gkt_size)s * r->block + i) * GKT_LANES + l];
    set(sum, count, stride, values + row_of(&r->joined, k, i / cols) + i % cols);
  }
}

void gkt_fused_join_sets(const gkt_reduce *r, const gkt_scalar *kept, int count, gkt_size stride, gkt_scalar *values) {
  int threads = gkt_threads_for(r->ctx, r->num_contributions * r->block);
  if (threads == 1) { /* OpenMP allocates for a team of one */
    for (gkt_idx k = 0; k < r->num_joined; k++) join_pair(r, k, kept, count, stride, values);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx k = 0; k < r->num_joined; k++) join_pair(r, k, kept, count, stride, values);
}
