/* The rows of the pattern: the union of what the chunks list of each (chunk_pairs.c). Most rows stand in one chunk and are copied. Rows are independent, so threads share them. */
#include <string.h>

#include "assembly/index_set.h"
#include "assembly/reduce.h"

typedef struct {
  gkt_pattern *pattern;
  gkt_routing *routing;
  bool own_listed; /* rows with cells have their own column in any case */
  gkt_idx longest; /* bound on the columns of a row */
} plan;

typedef struct { /* of one thread */
  gkt_index_set row;
  gkt_idx *cols; /* [longest] */
} scratch;

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

gkt_idx gkt_part_pairs(const gkt_routing *r, gkt_idx part, gkt_idx **pairs) {
  const gkt_chunk_pairs *c = &r->chunks[r->parts[part].chunk];
  gkt_idx row = r->parts[part].row;
  *pairs = c->pairs + c->offsets[row];
  return c->offsets[row + 1] - c->offsets[row];
}

static void find_longest(plan *p) {
  const gkt_routing *r = p->routing;
  gkt_idx *pairs;
  for (gkt_idx row = 0; row < p->pattern->num_nodes[0]; row++) {
    gkt_size length = 1;
    for (gkt_idx k = r->part_offsets[row]; k < r->part_offsets[row + 1]; k++) length += gkt_part_pairs(r, k, &pairs);
    if (length > p->pattern->num_nodes[1]) length = p->pattern->num_nodes[1];
    if (length > p->longest) p->longest = (gkt_idx)length;
  }
}

/* The row is what one chunk lists. */
static bool is_copied(const plan *p, gkt_idx row) {
  const gkt_idx *offsets = p->routing->part_offsets;
  return p->own_listed && offsets[row + 1] - offsets[row] == 1;
}

static gkt_idx unite(const plan *p, gkt_idx row, gkt_index_set *set, gkt_idx *out) {
  gkt_idx own = own_column(p->pattern, row), *cols;
  if (own >= 0) gkt_index_set_add(set, own);
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++)
    for (gkt_idx i = 0, n = gkt_part_pairs(p->routing, k, &cols); i < n; i++) gkt_index_set_add(set, cols[i]);
  return gkt_index_set_drain(set, out);
}

static void count_row(const plan *p, gkt_idx row, scratch *t) {
  gkt_idx *cols, first = p->routing->part_offsets[row];
  p->pattern->offsets[row + 1] = is_copied(p, row) ? gkt_part_pairs(p->routing, first, &cols) : unite(p, row, &t->row, t->cols);
}

/* The columns of the row; the lists of the chunks become pairs. */
static void fill_row(const plan *p, gkt_idx row, scratch *t) {
  gkt_idx first = p->pattern->offsets[row], *cols = p->pattern->cols + first, *list;
  if (!is_copied(p, row)) unite(p, row, &t->row, cols);
  for (gkt_idx k = p->routing->part_offsets[row]; k < p->routing->part_offsets[row + 1]; k++) {
    gkt_idx n = gkt_part_pairs(p->routing, k, &list);
    if (is_copied(p, row)) memcpy(cols, list, (size_t)n * sizeof *cols);
    for (gkt_idx i = 0, at = 0; i < n; i++, at++) {
      while (cols[at] != list[i]) at++; /* both ascend */
      list[i] = first + at;
    }
  }
}

static void scratch_free(int threads, scratch **all) {
  for (int t = 0; *all && t < threads; t++) {
    gkt_index_set_free(&(*all)[t].row);
    gkt_free(&(*all)[t].cols);
  }
  gkt_free(all);
}

static gkt_status scratch_make(gkt_context *ctx, const plan *p, int threads, scratch **out) {
  GKT_TRY(gkt_calloc(ctx, threads, sizeof **out, out));
  for (int t = 0; t < threads; t++) {
    GKT_TRY(gkt_index_set_make(ctx, p->pattern->num_nodes[1], &(*out)[t].row));
    GKT_TRY(gkt_alloc(ctx, p->longest, sizeof *(*out)[t].cols, &(*out)[t].cols));
  }
  return GKT_OK;
}

static void for_rows(const plan *p, int threads, scratch *all, void (*visit)(const plan *, gkt_idx row, scratch *)) {
  gkt_size rows = p->pattern->num_nodes[0];
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++)
    for (gkt_idx r = (gkt_idx)(rows * t / threads); r < (gkt_idx)(rows * (t + 1) / threads); r++) visit(p, r, &all[t]);
}

static gkt_status sum_rows(gkt_context *ctx, gkt_pattern *p) {
  gkt_size total = 0;
  gkt_idx narrow;
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) total += p->offsets[r + 1];
  GKT_TRY(gkt_narrow(ctx, total * p->block_size[0] * p->block_size[1], "matrix entries", &narrow));
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) p->offsets[r + 1] += p->offsets[r];
  return gkt_alloc(ctx, total, sizeof *p->cols, &p->cols);
}

gkt_status gkt_pattern_create(gkt_context *ctx, int num_blocks, const gkt_incidence *blocks, gkt_routing *routing, gkt_pattern *pattern) {
  plan p = {.pattern = pattern, .routing = routing, .own_listed = is_own_listed(pattern, num_blocks, blocks)};
  int threads = gkt_threads(ctx);
  scratch *all = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, (gkt_size)pattern->num_nodes[0] + 1, sizeof *pattern->offsets, &pattern->offsets));
  GKT_GO(sort_parts(ctx, pattern->num_nodes[0], routing));
  find_longest(&p);
  GKT_GO(scratch_make(ctx, &p, threads, &all));
  for_rows(&p, threads, all, count_row);
  GKT_GO(sum_rows(ctx, pattern));
  for_rows(&p, threads, all, fill_row);
done:
  scratch_free(threads, &all);
  if (status != GKT_OK) gkt_pattern_clear(pattern);
  return status;
}

void gkt_pattern_clear(gkt_pattern *p) {
  gkt_free(&p->offsets);
  gkt_free(&p->cols);
}

void gkt_routing_clear(gkt_routing *r) {
  for (int c = 0; r->chunks && c < r->num_chunks; c++) gkt_free(&r->chunks[c].rows);
  gkt_free(&r->chunks);
  gkt_free(&r->slots);
  gkt_free(&r->part_offsets);
  gkt_free(&r->parts);
}
