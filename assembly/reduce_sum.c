/* Execution of the reduce plan: nothing is allocated here, and every sum has a fixed order. */
#include <string.h>

#include "assembly/reduce.h"

/* Inlined with constants for the block sizes that matter. */
static inline void add_cell(int pairs, int block, const uint16_t *slots, const gkt_scalar *tensors, gkt_scalar *sums) {
  for (int k = 0; k < pairs; k++)
    for (int i = 0; i < block; i++) sums[(gkt_size)slots[k] * block + i] += tensors[(k * block + i) * GKT_LANES];
}

void gkt_reduce_add(const gkt_reduce *r, int chunk, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_scalar *sums) {
  const gkt_chunk *c = &r->chunks[chunk];
  int pairs = c->pairs;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const uint16_t *slots = r->slots + c->slots + (gkt_size)(cell - c->first) * pairs;
    const gkt_scalar *tensor = tensors + (gkt_size)(k / GKT_LANES) * pairs * r->block * GKT_LANES + k % GKT_LANES;
    if (r->block == 1) add_cell(pairs, 1, slots, tensor, sums);
    else if (r->block == 9) add_cell(pairs, 9, slots, tensor, sums);
    else if (r->block == 4) add_cell(pairs, 4, slots, tensor, sums);
    else if (r->block == 3) add_cell(pairs, 3, slots, tensor, sums);
    else add_cell(pairs, r->block, slots, tensor, sums);
  }
}

static inline void put(int rows, int cols, const gkt_places *to, gkt_size at, const gkt_scalar *sums, gkt_scalar *values) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) values[to->first[at] + i * to->stride[at] + j] = sums[i * cols + j];
}

void gkt_reduce_flush(gkt_reduce *r, int chunk, const gkt_scalar *sums, gkt_scalar *values) {
  const gkt_chunk *c = &r->chunks[chunk];
  int rows = r->pattern.block_size[0], cols = r->pattern.block_size[1];
  if (r->block == 1)
    for (gkt_idx s = 0; s < c->num_private; s++) values[r->private_.first[c->first_private + s]] = sums[s];
  else
    for (gkt_idx s = 0; s < c->num_private; s++) put(rows, cols, &r->private_, c->first_private + s, sums + (gkt_size)s * r->block, values);
  memcpy(r->partial + c->first_shared * r->block, sums + (gkt_size)c->num_private * r->block, (size_t)c->num_shared * (size_t)r->block * sizeof *sums);
}

void gkt_reduce_join(const gkt_reduce *r, gkt_scalar *values) {
  int rows = r->pattern.block_size[0], cols = r->pattern.block_size[1];
#pragma omp parallel for num_threads(gkt_threads(r->ctx)) schedule(static)
  for (gkt_idx k = 0; k < r->num_joined; k++)
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < cols; j++) {
        gkt_scalar sum = 0;
        for (gkt_idx s = r->join_offsets[k]; s < r->join_offsets[k + 1]; s++) sum += r->partial[(gkt_size)r->join_sources[s] * r->block + i * cols + j];
        values[r->joined.first[k] + (gkt_size)i * r->joined.stride[k] + j] = sum;
      }
}
