/* Execution of the strategy `fused`: nothing is allocated here, and every sum has a fixed order. */
#include <string.h>

#include "assembly/reduce_strategy.h"

INLINE void add_cells(const gkt_reduce *r, const gkt_chunk *c, int block, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors, gkt_size tile,
                      gkt_scalar *restrict sums) {
  int pairs = c->pairs;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const uint16_t *slots = r->slots + c->first_slot + (gkt_size)(cell - c->first) * pairs;
    const gkt_scalar *tensor = tensors + (k / GKT_LANES) * tile + k % GKT_LANES;
    for (int p = 0; p < pairs; p++, tensor += block * GKT_LANES) {
      gkt_scalar *sum = sums + (gkt_size)slots[p] * block;
      UNROLL for (int i = 0; i < block; i++) sum[i] += tensor[i * GKT_LANES];
    }
  }
}

/* The block, or the block turned over its diagonal: no branch, since the turned ones come in no order. */
INLINE void add_block(int rows, bool across, const gkt_scalar *restrict tensor, gkt_scalar *restrict sum) {
  gkt_size down = (across ? 1 : rows) * GKT_LANES, right = (across ? rows : 1) * GKT_LANES;
  UNROLL for (int i = 0; i < rows; i++, tensor += down) UNROLL for (int j = 0; j < rows; j++) sum[i * rows + j] += tensor[j * right];
}

/* Pairs (a,b) with a <= b. */
INLINE void add_halves(const gkt_reduce *r, const gkt_chunk *c, int rows, int nodes, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors,
                       gkt_size tile, gkt_scalar *restrict sums) {
  int block = rows * rows;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const uint16_t *slots = r->slots + c->first_slot + (gkt_size)(cell - c->first) * (nodes * (nodes + 1) / 2);
    const gkt_scalar *tensor = tensors + (k / GKT_LANES) * tile + k % GKT_LANES;
    for (int a = 0; a < nodes; a++)
      for (int b = a; b < nodes; b++, slots++) {
        const gkt_scalar *from = tensor + (a * nodes + b) * block * GKT_LANES;
        if (rows == 1) sums[*slots] += *from;
        else add_block(rows, *slots & GKT_ACROSS, from, sums + (gkt_size)(*slots & ~GKT_ACROSS) * block);
      }
  }
}

gkt_scalar *gkt_fused_begin(gkt_reduce *r, const gkt_chunk *c, gkt_scalar *scratch) {
  memset(scratch, 0, (size_t)c->num_sums * (size_t)r->block * sizeof *scratch);
  return scratch;
}

void gkt_fused_add(const gkt_reduce *r, const gkt_chunk *c, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums) {
#define ADD(rows, cols) add_cells(r, c, (rows) * (cols), count, cells, first, tensors, tile, sums)
#define ADD_HALVES(rows, cols) \
  (c->nodes == 4 ? add_halves(r, c, rows, 4, count, cells, first, tensors, tile, sums) : add_halves(r, c, rows, c->nodes, count, cells, first, tensors, tile, sums))
  if (r->half) FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], ADD_HALVES);
  else FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], ADD);
#undef ADD_HALVES
#undef ADD
}

/* Where row i of the k-th block starts; blocks of one row have no stride. */
INLINE gkt_scalar *row_of(const gkt_places *p, gkt_size k, int i, gkt_scalar *values) { return values + p->first[k] + (i ? (gkt_size)i * p->stride[k] : 0); }

/* Slots whose places are asked for ahead of being stored: rows of blocks are too short, and too many at a time, for a processor to see them coming. */
enum { AHEAD = 24 };
INLINE void fetch(const gkt_reduce *r, const gkt_chunk *c, gkt_idx slot, int row, gkt_scalar *values) {
  if (slot < c->ways[GKT_SET_PARTIAL]) __builtin_prefetch(row_of(&r->places, c->first_value + slot, row, values), 1);
}

/* Row i of a block of a chunk's sums to its place. */
INLINE void set_row(const gkt_scalar *sum, bool across, int i, int rows, int cols, gkt_scalar *to) {
  UNROLL for (int j = 0; j < cols; j++) to[j] = sum[across ? j * rows + i : i * cols + j];
}
INLINE void add_row(const gkt_scalar *sum, bool across, int i, int rows, int cols, gkt_scalar *to) {
  UNROLL for (int j = 0; j < cols; j++) to[j] += sum[across ? j * rows + i : i * cols + j];
}

/* A branch for the turned blocks: here they come before the others in each row of the matrix. */
#define ROW(store, i, to)                            \
  do {                                               \
    if (across) store(sum, true, i, rows, cols, to); \
    else store(sum, false, i, rows, cols, to);       \
  } while (0)

/* numbers: of the sums of the chunk's slots; NULL: they are the slots' own */
INLINE const gkt_scalar *sum_of(const gkt_scalar *sums, const uint16_t *numbers, gkt_idx slot, int rows, int cols, bool *across) {
  gkt_size number = numbers ? numbers[slot] : slot;
  *across = numbers && rows > 1 && (number & GKT_ACROSS);
  return sums + (*across ? number & ~GKT_ACROSS : number) * rows * cols;
}

INLINE void to_values(const gkt_reduce *r, const gkt_chunk *c, const uint16_t *numbers, int rows, int cols, const gkt_scalar *sums, gkt_scalar *values) {
  bool across;
  for (gkt_idx s = 0; s < c->ways[GKT_ADD_VALUES]; s++) {
    const gkt_scalar *sum = sum_of(sums, numbers, s, rows, cols, &across);
    UNROLL for (int i = 0; i < rows; i++) {
      fetch(r, c, s + AHEAD, i, values);
      ROW(set_row, i, row_of(&r->places, c->first_value + s, i, values));
    }
  }
  for (gkt_idx s = c->ways[GKT_ADD_VALUES]; s < c->ways[GKT_SET_PARTIAL]; s++) {
    const gkt_scalar *sum = sum_of(sums, numbers, s, rows, cols, &across);
    UNROLL for (int i = 0; i < rows; i++) {
      fetch(r, c, s + AHEAD, i, values);
      ROW(add_row, i, row_of(&r->places, c->first_value + s, i, values));
    }
  }
}

INLINE void to_partials(gkt_reduce *r, const gkt_chunk *c, const uint16_t *numbers, int rows, int cols, const gkt_scalar *sums) {
  const gkt_idx *to = r->partial_places + c->first_partial - c->ways[GKT_SET_PARTIAL];
  bool across;
  for (gkt_idx s = c->ways[GKT_SET_PARTIAL]; s < c->ways[GKT_ADD_PARTIAL]; s++) {
    const gkt_scalar *sum = sum_of(sums, numbers, s, rows, cols, &across);
    UNROLL for (int i = 0; i < rows; i++) ROW(set_row, i, r->kept + ((gkt_size)to[s] * rows + i) * cols);
  }
  for (gkt_idx s = c->ways[GKT_ADD_PARTIAL]; s < c->ways[GKT_NUM_WAYS]; s++) {
    const gkt_scalar *sum = sum_of(sums, numbers, s, rows, cols, &across);
    UNROLL for (int i = 0; i < rows; i++) ROW(add_row, i, r->kept + ((gkt_size)to[s] * rows + i) * cols);
  }
}
#undef ROW

void gkt_fused_flush(gkt_reduce *r, const gkt_chunk *c, const gkt_scalar *sums, gkt_scalar *values) {
  const uint16_t *numbers = r->half ? r->sums + c->first_value + c->first_partial : NULL;
#define FLUSH(rows, cols) (to_values(r, c, NULL, rows, cols, sums, values), to_partials(r, c, NULL, rows, cols, sums))
#define FLUSH_HALVES(rows, cols) (to_values(r, c, numbers, rows, cols, sums, values), to_partials(r, c, numbers, rows, cols, sums))
  if (r->half) FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH_HALVES);
  else FOR_BLOCK(r->pattern.block_size[0], r->pattern.block_size[1], FLUSH);
#undef FLUSH_HALVES
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
