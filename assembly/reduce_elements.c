/* Element tensors of all cells in memory, [contribution][block], and the contributions of each pair: what `segmented` and `spmm` share. */
#include <string.h>

#include "assembly/reduce_strategy.h"

gkt_status gkt_elements_make(gkt_reduce *r) {
  r->num_kept = r->num_contributions * r->block;
  return gkt_alloc(r->ctx, r->num_kept, sizeof *r->kept, &r->kept);
}

/* Counting sort: contributions ascend in every segment. */
gkt_status gkt_segments_check(const gkt_reduce *r) {
  const gkt_size count = r->num_contributions;
  if (count > INT32_MAX)
    return gkt_fail(
        r->ctx, GKT_BAD_INPUT,
        "assembly: the cells have %lld pairs of nodes in all; expected at most %d for lists of their sums (reduce segmented and spmm, and all of the backend cuda): fewer "
        "cells, a lower degree, or reduce fused on the backend cpu",
        (long long)count, INT32_MAX);
  return GKT_OK;
}

gkt_status gkt_segments_make(const gkt_reduce *r, const gkt_routing *routing, gkt_segments *s) {
  const gkt_idx pairs = r->pattern.offsets[r->pattern.num_nodes[0]];
  const gkt_size count = r->num_contributions;
  GKT_TRY(gkt_segments_check(r));
  GKT_TRY(gkt_calloc(r->ctx, (gkt_size)pairs + 2, sizeof *s->offsets, &s->offsets));
  GKT_TRY(gkt_alloc(r->ctx, count, sizeof *s->order, &s->order));
  gkt_idx *next = s->offsets + 2; /* two places ahead, so that filling leaves the offsets right */
  for (int c = 0; c < r->num_chunks; c++)
    for (gkt_size k = r->chunks[c].slots, end = k + (gkt_size)r->chunks[c].count * r->chunks[c].pairs; k < end; k++) next[routing->chunks[c].pairs[routing->slots[k]]]++;
  for (gkt_idx p = 1; p < pairs; p++) s->offsets[p + 1] += s->offsets[p];
  for (int c = 0; c < r->num_chunks; c++)
    for (gkt_size k = r->chunks[c].slots, end = k + (gkt_size)r->chunks[c].count * r->chunks[c].pairs; k < end; k++)
      s->order[s->offsets[routing->chunks[c].pairs[routing->slots[k]] + 1]++] = (gkt_idx)k;
  return GKT_OK;
}

static gkt_idx find_pair(const gkt_pattern *p, gkt_idx row, gkt_idx col) {
  gkt_idx low = p->offsets[row], high = p->offsets[row + 1] - 1;
  while (low < high) {
    const gkt_idx middle = low + (high - low) / 2;
    if (p->cols[middle] < col) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* The pair of each contribution of a chunk. */
static void find_pairs(const gkt_reduce *r, const gkt_chunk *c, const gkt_incidence *in, gkt_idx *pairs) {
  for (gkt_idx cell = c->first; cell < c->first + c->count; cell++)
    for (int a = 0; a < in->num[0]; a++)
      for (int b = 0; b < in->num[1]; b++)
        *pairs++ = find_pair(&r->pattern, in->nodes[0] ? in->nodes[0][(gkt_size)cell * in->num[0] + a] : 0, in->nodes[1] ? in->nodes[1][(gkt_size)cell * in->num[1] + b] : 0);
}

gkt_status gkt_segments_find(const gkt_reduce *r, const gkt_incidence *blocks, gkt_segments *s) {
  const gkt_idx num_pairs = r->pattern.offsets[r->pattern.num_nodes[0]], count = (gkt_idx)r->num_contributions; /* they had lists before */
  gkt_idx *pairs;
  GKT_TRY(gkt_calloc(r->ctx, (gkt_size)num_pairs + 2, sizeof *s->offsets, &s->offsets));
  GKT_TRY(gkt_alloc(r->ctx, count, sizeof *s->order, &s->order));
  GKT_TRY(gkt_alloc(r->ctx, count, sizeof *pairs, &pairs));
  for (int c = 0; c < r->num_chunks; c++) find_pairs(r, &r->chunks[c], &blocks[r->chunks[c].block], pairs + r->chunks[c].slots);
  for (gkt_idx k = 0; k < count; k++) s->offsets[pairs[k] + 2]++;
  for (gkt_idx p = 1; p < num_pairs; p++) s->offsets[p + 1] += s->offsets[p];
  for (gkt_idx k = 0; k < count; k++) s->order[s->offsets[pairs[k] + 1]++] = k;
  gkt_free(&pairs);
  return GKT_OK;
}

void gkt_segments_clear(gkt_segments *s) {
  gkt_free(&s->offsets);
  gkt_free(&s->order);
}

gkt_scalar *gkt_elements_begin(gkt_reduce *r, const gkt_chunk *c, gkt_scalar *scratch) {
  (void)scratch;
  gkt_scalar *tensors = r->kept + c->slots * r->block;
  memset(tensors, 0, (size_t)c->count * (size_t)c->pairs * (size_t)r->block * sizeof *tensors);
  return tensors;
}

/* Several integrals may add to a cell, and a facet's integral to some cells only. */
INLINE void add_cells(const gkt_chunk *c, int block, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *restrict tensors, gkt_size tile,
                      gkt_scalar *restrict sums) {
  int scalars = c->pairs * block;
  for (gkt_idx k = 0; k < count; k++) {
    gkt_idx cell = cells ? cells[k] : first + k;
    const gkt_scalar *tensor = tensors + (k / GKT_LANES) * tile + k % GKT_LANES;
    gkt_scalar *sum = sums + (gkt_size)(cell - c->first) * scalars;
    for (int i = 0; i < scalars; i++) sum[i] += tensor[i * GKT_LANES];
  }
}

void gkt_elements_add(const gkt_reduce *r, const gkt_chunk *c, gkt_idx count, const gkt_idx *cells, gkt_idx first, const gkt_scalar *tensors, gkt_size tile, gkt_scalar *sums) {
  add_cells(c, r->block, count, cells, first, tensors, tile, sums);
}

void gkt_elements_flush(gkt_reduce *r, const gkt_chunk *c, const gkt_scalar *sums, gkt_scalar *values) { (void)r, (void)c, (void)sums, (void)values; }

/* Tensors are zeroed and added to in cache, so they are written once, and read once by the sums. */
gkt_size gkt_elements_bytes(const gkt_reduce *r) { return r->num_contributions * r->block * (gkt_size)sizeof(gkt_scalar) * (GKT_WRITTEN + 1); }
