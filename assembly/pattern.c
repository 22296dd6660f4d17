/* The rows of the pattern: the union of what the chunks list of each (chunk_pairs.c). Most rows stand in one chunk and are copied. Rows are independent, so threads share them. */
#include <string.h>

#include "assembly/index_set.h"
#include "assembly/reduce.h"

typedef struct {
  gkt_pattern *pattern;
  gkt_routing *routing;
} plan;

/* The column that a row has in any case: the diagonal of a square matrix, the only column of a vector; -1: none. */
static gkt_idx own_column(const gkt_pattern *p, gkt_idx row) {
  if (p->num_nodes[1] == 1) return 0;
  return p->num_nodes[0] == p->num_nodes[1] && p->block_size[0] == p->block_size[1] ? row : -1;
}

static bool is_own_listed(const gkt_pattern *p, int num_blocks, const gkt_incidence *blocks) {
  bool same = true;
  for (int b = 0; b < num_blocks; b++) same &= blocks[b].nodes[0] == blocks[b].nodes[1] && blocks[b].num[0] == blocks[b].num[1];
  return same || p->num_nodes[1] == 1 || own_column(p, 0) < 0;
}

/* Counting sort of the rows of chunks: chunks ascend at every row. */
static gkt_status sort_parts(gkt_context *ctx, gkt_idx num_rows, gkt_routing *r) {
  gkt_size count = 0;
  gkt_idx narrow;
  for (int c = 0; c < r->num_chunks; c++) count += r->chunks[c].num_rows;
  GKT_TRY(gkt_narrow(ctx, count, "rows of chunks", &narrow));
  GKT_TRY(gkt_calloc(ctx, (gkt_size)num_rows + 2, sizeof *r->part_offsets, &r->part_offsets));
  GKT_TRY(gkt_alloc(ctx, count, sizeof *r->parts, &r->parts));
  gkt_idx *next = r->part_offsets + 2; /* two places ahead, so that filling leaves the offsets right */
  for (int c = 0; c < r->num_chunks; c++)
    for (gkt_idx i = 0; i < r->chunks[c].num_rows; i++) next[r->chunks[c].rows[i]]++;
  for (gkt_idx row = 1; row < num_rows; row++) r->part_offsets[row + 1] += r->part_offsets[row];
  for (int c = 0; c < r->num_chunks; c++)
    for (gkt_idx i = 0; i < r->chunks[c].num_rows; i++) r->parts[r->part_offsets[r->chunks[c].rows[i] + 1]++] = (gkt_part){c, i};
  return GKT_OK;
}

/* The row is what one chunk lists. */
static bool is_copied(const plan *p, gkt_idx row) {
  const gkt_idx *offsets = p->routing->part_offsets;
  return p->routing->own_listed && offsets[row + 1] - offsets[row] == 1;
}

static gkt_idx unite(const plan *p, gkt_idx row, gkt_index_set *set, gkt_idx *out) {
  gkt_idx own = own_column(p->pattern, row), *cols;
  if (own >= 0) gkt_index_set_add(set, own);
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++)
    for (gkt_idx i = 0, n = gkt_part_pairs(p->routing, k, &cols); i < n; i++) gkt_index_set_add(set, cols[i]);
  return gkt_index_set_drain(set, out);
}

/* Room for the row, before it is known how many columns its chunks share. */
static gkt_idx bound_row(const plan *p, gkt_idx row) {
  gkt_size bound = own_column(p->pattern, row) >= 0 && !is_copied(p, row);
  gkt_idx *cols;
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++) bound += gkt_part_pairs(p->routing, k, &cols);
  return bound < p->pattern->num_nodes[1] ? (gkt_idx)bound : p->pattern->num_nodes[1];
}

/* The columns of the row; returns their number. */
static gkt_idx fill_row(const plan *p, gkt_idx row, gkt_index_set *set, gkt_idx *cols) {
  gkt_idx *list;
  if (!is_copied(p, row)) return unite(p, row, set, cols);
  gkt_idx count = gkt_part_pairs(p->routing, p->routing->part_offsets[row], &list);
  memcpy(cols, list, (size_t)count * sizeof *cols);
  return count;
}

/* The lists of the chunks become pairs. */
static void find_pairs(const plan *p, gkt_idx row) {
  gkt_idx first = p->pattern->offsets[row], *list;
  const gkt_idx *cols = p->pattern->cols + first;
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++)
    for (gkt_idx i = 0, at = 0, n = gkt_part_pairs(p->routing, k, &list); i < n; i++, at++) {
      while (cols[at] != list[i]) at++; /* both ascend */
      list[i] = first + at;
    }
}

static gkt_idx share(const plan *p, int thread, int threads) { return (gkt_idx)((gkt_size)p->pattern->num_nodes[0] * thread / threads); }

/* Each thread packs its rows from the room of its first one on; then they move together. */
static void fill_rows(const plan *p, int threads, const gkt_size *room, gkt_index_set *sets) {
  gkt_idx *offsets = p->pattern->offsets;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++) {
    gkt_idx *cols = p->pattern->cols + room[t];
    for (gkt_idx r = share(p, t, threads); r < share(p, t + 1, threads); r++) cols += offsets[r + 1] = fill_row(p, r, &sets[t], cols);
  }
  for (gkt_idx r = 0; r < p->pattern->num_nodes[0]; r++) offsets[r + 1] += offsets[r];
  for (int t = 1; t < threads; t++) {
    gkt_idx first = offsets[share(p, t, threads)], end = offsets[share(p, t + 1, threads)];
    memmove(p->pattern->cols + first, p->pattern->cols + room[t], (size_t)(end - first) * sizeof *p->pattern->cols);
  }
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx r = 0; r < p->pattern->num_nodes[0]; r++) find_pairs(p, r);
}

static gkt_status count_entries(gkt_context *ctx, const gkt_pattern *p) {
  gkt_idx narrow;
  return gkt_narrow(ctx, (gkt_size)p->offsets[p->num_nodes[0]] * p->block_size[0] * p->block_size[1], "matrix entries", &narrow);
}

static gkt_size num_pairs(int num_blocks, const gkt_incidence *blocks) {
  gkt_size pairs = 0;
  for (int b = 0; b < num_blocks; b++) pairs += (gkt_size)blocks[b].num_cells * blocks[b].num[0] * blocks[b].num[1];
  return pairs;
}

gkt_status gkt_pattern_create(gkt_context *ctx, int num_blocks, const gkt_incidence *blocks, gkt_routing *routing, gkt_pattern *pattern) {
  plan p = {.pattern = pattern, .routing = routing};
  int threads = gkt_threads_for(ctx, num_pairs(num_blocks, blocks));
  gkt_size *room = NULL; /* [threads+1] bounds of the columns before the first row of each */
  gkt_index_set *sets = NULL;
  gkt_idx narrow;
  gkt_status status;
  routing->own_listed = is_own_listed(pattern, num_blocks, blocks);
  GKT_GO(gkt_calloc(ctx, (gkt_size)pattern->num_nodes[0] + 1, sizeof *pattern->offsets, &pattern->offsets));
  GKT_GO(gkt_calloc(ctx, threads + 1, sizeof *room, &room));
  GKT_GO(gkt_calloc(ctx, threads, sizeof *sets, &sets));
  GKT_GO(sort_parts(ctx, pattern->num_nodes[0], routing));
  for (int t = 0; t < threads; t++) {
    room[t + 1] = room[t];
    for (gkt_idx r = share(&p, t, threads); r < share(&p, t + 1, threads); r++) room[t + 1] += bound_row(&p, r);
    GKT_GO(gkt_index_set_make(ctx, pattern->num_nodes[1], &sets[t]));
  }
  GKT_GO(gkt_narrow(ctx, room[threads], "pairs of nodes of chunks of cells", &narrow));
  GKT_GO(gkt_alloc(ctx, room[threads], sizeof *pattern->cols, &pattern->cols));
  fill_rows(&p, threads, room, sets);
  GKT_GO(count_entries(ctx, pattern));
done:
  for (int t = 0; sets && t < threads; t++) gkt_index_set_free(&sets[t]);
  gkt_free(&sets);
  gkt_free(&room);
  if (status != GKT_OK) gkt_pattern_clear(pattern);
  return status;
}

void gkt_pattern_clear(gkt_pattern *p) {
  gkt_free(&p->offsets);
  gkt_free(&p->cols);
}

void gkt_routing_clear(gkt_routing *r) {
  while (r->blocks) {
    char *block = r->blocks;
    memcpy(&r->blocks, block, sizeof r->blocks);
    gkt_free(&block);
  }
  gkt_free(&r->chunks);
  gkt_free(&r->slots);
  gkt_free(&r->part_offsets);
  gkt_free(&r->parts);
}
