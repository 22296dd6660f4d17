/* The strategy `fused` for GKT_LANES sets of a batch at once: places and orders are those of one set, so each set gets the same bits. Arrays have the sets as lanes. */
#include <string.h>

#include "assembly/reduce_strategy.h"

INLINE void add_cells(const gkt_reduce *r, const gkt_chunk *c, int block, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors,
                      gkt_scalar *restrict sums) {
  int pairs = c->pairs;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const uint16_t *slots = r->slots + c->first_slot + (gkt_size)(cell - c->first) * pairs;
    for (int p = 0; p < pairs; p++, tensors += block * GKT_LANES) {
      gkt_scalar *sum = sums + (gkt_size)slots[p] * block * GKT_LANES;
      for (int i = 0; i < block * GKT_LANES; i++) sum[i] += tensors[i];
    }
  }
}

/* Pairs (a,b) with a <= b. */
static void add_halves(const gkt_reduce *r, const gkt_chunk *c, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors, gkt_scalar *restrict sums) {
  int n = c->nodes, rows = r->pattern.block_size[0], block = r->block;
  for (gkt_idx k = 0; k < count; k++, tensors += n * n * block * GKT_LANES) {
    const uint16_t *slots = r->slots + c->first_slot + (gkt_size)((cells ? cells[k] : first + k) - c->first) * c->cell_slots;
    for (int a = 0; a < n; a++)
      for (int b = a; b < n; b++, slots++) {
        bool across = block > 1 && (*slots & GKT_ACROSS);
        const gkt_scalar *from = tensors + (a * n + b) * block * GKT_LANES;
        gkt_scalar *sum = sums + (gkt_size)(block > 1 ? *slots & ~GKT_ACROSS : *slots) * block * GKT_LANES;
        for (int i = 0; i < block; i++)
          for (int l = 0; l < GKT_LANES; l++) sum[i * GKT_LANES + l] += from[(across ? i % rows * rows + i / rows : i) * GKT_LANES + l];
      }
  }
}

void gkt_fused_begin_sets(const gkt_reduce *r, int chunk, gkt_scalar *sums) { memset(sums, 0, (size_t)r->chunks[chunk].num_sums * (size_t)r->block * GKT_LANES * sizeof *sums); }

void gkt_fused_add_sets(const gkt_reduce *r, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_scalar *sums) {
#define ADD(rows, cols) add_cells(r, &r->chunks[chunk], (rows) * (cols), count, cells, first, tensors, sums)
  if (r->half) add_halves(r, &r->chunks[chunk], count, cells, first, tensors, sums);
  else FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], ADD);
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

/* Entry (i,j) of the sum that slot s has. numbers: as in reduce_fused_sum.c */
INLINE const gkt_scalar *entry(const gkt_scalar *sums, const uint16_t *numbers, gkt_idx s, int i, int j, int rows, int cols) {
  bool across = numbers && rows > 1 && (numbers[s] & GKT_ACROSS);
  gkt_size sum = !numbers ? s : rows > 1 ? numbers[s] & ~GKT_ACROSS : numbers[s];
  return sums + (sum * rows * cols + (across ? j * rows + i : i * cols + j)) * GKT_LANES;
}

INLINE void to_values(const gkt_reduce *r, const gkt_chunk *c, const uint16_t *numbers, int rows, int cols, const gkt_scalar *sums, int count, gkt_size stride,
                      gkt_scalar *values) {
  for (gkt_idx s = 0; s < c->ways[GKT_SET_PARTIAL]; s++)
    for (int i = 0; i < rows; i++) {
      gkt_scalar *to = values + row_of(&r->places, c->first_value + s, i);
      fetch(r, c, s + AHEAD, i, count, stride, values);
      for (int j = 0; j < cols; j++) {
        const gkt_scalar *sum = entry(sums, numbers, s, i, j, rows, cols);
        if (s < c->ways[GKT_ADD_VALUES]) set(sum, count, stride, to + j);
        else add(sum, count, stride, to + j);
      }
    }
}

INLINE void to_partials(const gkt_reduce *r, const gkt_chunk *c, const uint16_t *numbers, int rows, int cols, const gkt_scalar *sums, gkt_scalar *kept) {
  const gkt_idx *places = r->partial_places + c->first_partial - c->ways[GKT_SET_PARTIAL];
  for (gkt_idx s = c->ways[GKT_SET_PARTIAL]; s < c->ways[GKT_NUM_WAYS]; s++) {
    gkt_scalar *to = kept + (gkt_size)places[s] * rows * cols * GKT_LANES;
    bool known = s >= c->ways[GKT_ADD_PARTIAL];
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < cols; j++, to += GKT_LANES) {
        const gkt_scalar *sum = entry(sums, numbers, s, i, j, rows, cols);
        for (int l = 0; l < GKT_LANES; l++) to[l] = known ? to[l] + sum[l] : sum[l];
      }
  }
}

void gkt_fused_flush_sets(const gkt_reduce *r, int chunk, const gkt_scalar *sums, gkt_scalar *kept, int count, gkt_size stride, gkt_scalar *values) {
  const gkt_chunk *c = &r->chunks[chunk];
  const uint16_t *numbers = r->half ? r->sums + c->first_value + c->first_partial : NULL;
#define FLUSH(rows, cols) to_values(r, c, numbers, rows, cols, sums, count, stride, values)
  if (count == GKT_LANES) {
#define FLUSH_ALL(rows, cols) to_values(r, c, numbers, rows, cols, sums, GKT_LANES, stride, values)
    FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH_ALL);
  } else FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH);
  to_partials(r, c, numbers, r->pattern.block_size[0], r->pattern.block_size[1], sums, kept);
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
