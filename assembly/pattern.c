/* Pairs of nodes that share a cell, row by row: the cells around a row node (by counting sort), their column nodes, each once, sorted. Rows are independent, so threads share them.
 */
#include <string.h>

#include "assembly/reduce.h"

typedef struct {
  int num_blocks;
  const gkt_incidence *blocks;
  const gkt_idx *first_cell; /* of teams */
  gkt_pattern *pattern;
  gkt_idx first_node[16]; /* cell nodes (rows) before each block; [num_blocks] in all */
  gkt_idx cells_before[16];
  gkt_size first_pair[16]; /* contributions before each block */
  gkt_idx *offsets;        /* [rows+1]: cell nodes at a row node */
  gkt_idx *stars;          /* their numbers, ascending */
  gkt_idx max_row;         /* bound on the columns of a row before doubles are dropped */
} plan;

typedef struct {     /* of one thread */
  gkt_idx *seen;     /* [columns] last row that has the column */
  gkt_idx *position; /* [columns] its pair in that row */
  gkt_idx *row;      /* [max_row] */
  gkt_idx *team;     /* [max_row] last team that touched the pair */
} scratch;

static gkt_idx node_of(const gkt_idx *nodes, gkt_size i) { return nodes ? nodes[i] : 0; }

/* The column that a row has in any case: the diagonal of a square matrix, the only column of a vector; -1: none. */
static gkt_idx own_column(const gkt_pattern *p, gkt_idx row) {
  if (p->num_nodes[1] == 1) return 0;
  return p->num_nodes[0] == p->num_nodes[1] && p->block_size[0] == p->block_size[1] ? row : -1;
}

static gkt_status count_blocks(gkt_context *ctx, plan *p) {
  gkt_size nodes = 0, cells = 0, pairs = 0;
  if (p->num_blocks > 15) return gkt_fail(ctx, GKT_UNAVAILABLE, "a mesh of %d cell blocks: more than 15 are not available yet", p->num_blocks);
  for (int b = 0; b <= p->num_blocks; b++) {
    GKT_TRY(gkt_narrow(ctx, nodes, "nodes of cells", &p->first_node[b]));
    p->cells_before[b] = (gkt_idx)cells;
    p->first_pair[b] = pairs;
    if (b == p->num_blocks) break;
    const gkt_incidence *i = &p->blocks[b];
    nodes += (gkt_size)i->num_cells * i->num[0];
    pairs += (gkt_size)i->num_cells * i->num[0] * i->num[1];
    cells += i->num_cells;
  }
  return GKT_OK;
}

/* Counting sort of the cell nodes by row node; cells ascend at every node. */
static gkt_status make_stars(gkt_context *ctx, plan *p) {
  gkt_idx rows = p->pattern->num_nodes[0];
  GKT_TRY(gkt_calloc(ctx, (gkt_size)rows + 2, sizeof *p->offsets, &p->offsets));
  GKT_TRY(gkt_alloc(ctx, p->first_node[p->num_blocks], sizeof *p->stars, &p->stars));
  gkt_idx *next = p->offsets + 2; /* two places ahead, so that filling leaves the offsets right */
  int widest = 0;
  for (int b = 0; b < p->num_blocks; b++) {
    const gkt_incidence *i = &p->blocks[b];
    if (i->num[1] > widest) widest = i->num[1];
    for (gkt_size k = 0; k < (gkt_size)i->num_cells * i->num[0]; k++) next[node_of(i->nodes[0], k)]++;
  }
  for (gkt_idx r = 1; r < rows; r++) p->offsets[r + 1] += p->offsets[r];
  for (int b = 0; b < p->num_blocks; b++) {
    const gkt_incidence *i = &p->blocks[b];
    for (gkt_size k = 0; k < (gkt_size)i->num_cells * i->num[0]; k++) p->stars[p->offsets[node_of(i->nodes[0], k) + 1]++] = p->first_node[b] + (gkt_idx)k;
  }
  gkt_idx most = 0;
  for (gkt_idx r = 0; r < rows; r++)
    if (p->offsets[r + 1] - p->offsets[r] > most) most = p->offsets[r + 1] - p->offsets[r];
  gkt_size bound = (gkt_size)most * widest + 1;
  p->max_row = (gkt_idx)(bound < p->pattern->num_nodes[1] ? bound : p->pattern->num_nodes[1]);
  return GKT_OK;
}

typedef struct {
  const gkt_incidence *incidence;
  int block, local;
  gkt_idx cell;
} star;
static star star_of(const plan *p, gkt_idx number) {
  int b = 0;
  while (number >= p->first_node[b + 1]) b++;
  gkt_idx k = number - p->first_node[b];
  int rows = p->blocks[b].num[0];
  return (star){&p->blocks[b], b, k % rows, k / rows};
}

static gkt_idx collect_row(const plan *p, gkt_idx row, scratch *t) {
  gkt_idx count = 0, own = own_column(p->pattern, row);
  if (own >= 0) t->seen[own] = row, t->row[count++] = own;
  for (gkt_idx k = p->offsets[row]; k < p->offsets[row + 1]; k++) {
    star s = star_of(p, p->stars[k]);
    for (int b = 0; b < s.incidence->num[1]; b++) {
      gkt_idx col = node_of(s.incidence->nodes[1], (gkt_size)s.cell * s.incidence->num[1] + b);
      if (t->seen[col] == row) continue;
      t->seen[col] = row;
      t->row[count++] = col;
    }
  }
  return count;
}

static void sort(gkt_idx n, gkt_idx *a) { /* Shell's; rows are short */
  for (gkt_idx gap = n > 40 ? 13 : n > 12 ? 4 : 1; gap; gap = gap == 13 ? 4 : gap == 4 ? 1 : 0)
    for (gkt_idx i = gap; i < n; i++) {
      gkt_idx x = a[i], j = i;
      for (; j >= gap && a[j - gap] > x; j -= gap) a[j] = a[j - gap];
      a[j] = x;
    }
}

/* Pairs of the row's contributions, and how many teams touch each pair: cells ascend, so another team is a new one. */
static void route_row(const plan *p, gkt_idx row, scratch *t, gkt_routing *out) {
  gkt_idx first = p->pattern->offsets[row], team = 0;
  for (gkt_idx k = p->offsets[row]; k < p->offsets[row + 1]; k++) {
    star s = star_of(p, p->stars[k]);
    const gkt_incidence *i = s.incidence;
    while (p->first_cell[team + 1] <= p->cells_before[s.block] + s.cell) team++;
    gkt_idx *pairs = out->pairs + p->first_pair[s.block] + ((gkt_size)s.cell * i->num[0] + s.local) * i->num[1];
    for (int b = 0; b < i->num[1]; b++) {
      gkt_idx pair = t->position[node_of(i->nodes[1], (gkt_size)s.cell * i->num[1] + b)];
      bool known = t->team[pair - first] == team;
      pairs[b] = known ? pair : ~pair;
      if (known) continue;
      t->team[pair - first] = team;
      out->touched[pair]++;
    }
  }
}

static void fill_row(const plan *p, gkt_idx row, scratch *t, gkt_routing *out) {
  gkt_idx first = p->pattern->offsets[row], *cols = p->pattern->cols + first, count = collect_row(p, row, t);
  sort(count, t->row);
  memcpy(cols, t->row, (size_t)count * sizeof *cols);
  for (gkt_idx k = 0; k < count; k++) {
    t->position[cols[k]] = first + k;
    t->team[k] = -1;
  }
  route_row(p, row, t, out);
}

static void scratch_free(int threads, scratch **all) {
  for (int t = 0; *all && t < threads; t++) {
    gkt_free(&(*all)[t].seen);
    gkt_free(&(*all)[t].position);
    gkt_free(&(*all)[t].row);
    gkt_free(&(*all)[t].team);
  }
  gkt_free(all);
}

static gkt_status scratch_make(gkt_context *ctx, const plan *p, int threads, scratch **out) {
  gkt_idx cols = p->pattern->num_nodes[1];
  GKT_TRY(gkt_calloc(ctx, threads, sizeof **out, out));
  for (int i = 0; i < threads; i++) {
    scratch *t = &(*out)[i];
    GKT_TRY(gkt_alloc(ctx, cols, sizeof *t->seen, &t->seen));
    GKT_TRY(gkt_alloc(ctx, cols, sizeof *t->position, &t->position));
    GKT_TRY(gkt_alloc(ctx, p->max_row, sizeof *t->row, &t->row));
    GKT_TRY(gkt_alloc(ctx, p->max_row, sizeof *t->team, &t->team));
  }
  return GKT_OK;
}

static void forget(const plan *p, scratch *t) { memset(t->seen, 0xFF, (size_t)p->pattern->num_nodes[1] * sizeof *t->seen); }

static void count_rows(const plan *p, int threads, scratch *all) {
  gkt_idx rows = p->pattern->num_nodes[0];
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++) {
    forget(p, &all[t]);
    gkt_idx end = (gkt_idx)((gkt_size)rows * (t + 1) / threads);
    for (gkt_idx r = (gkt_idx)((gkt_size)rows * t / threads); r < end; r++) p->pattern->offsets[r + 1] = collect_row(p, r, &all[t]);
  }
}

static void fill_rows(const plan *p, int threads, scratch *all, gkt_routing *out) {
  gkt_idx rows = p->pattern->num_nodes[0];
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; t++) {
    forget(p, &all[t]);
    gkt_idx end = (gkt_idx)((gkt_size)rows * (t + 1) / threads);
    for (gkt_idx r = (gkt_idx)((gkt_size)rows * t / threads); r < end; r++) fill_row(p, r, &all[t], out);
  }
}

static gkt_status sum_rows(gkt_context *ctx, gkt_pattern *p) {
  gkt_size total = 0;
  gkt_idx narrow;
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) total += p->offsets[r + 1];
  GKT_TRY(gkt_narrow(ctx, total * p->block_size[0] * p->block_size[1], "matrix entries", &narrow));
  for (gkt_idx r = 0; r < p->num_nodes[0]; r++) p->offsets[r + 1] += p->offsets[r];
  return gkt_alloc(ctx, total, sizeof *p->cols, &p->cols);
}

gkt_status gkt_pattern_create(gkt_context *ctx, int num_blocks, const gkt_incidence *blocks, const gkt_idx *first_cell, gkt_pattern *pattern, gkt_routing *out) {
  plan p = {.num_blocks = num_blocks, .blocks = blocks, .first_cell = first_cell, .pattern = pattern};
  gkt_status status;
  scratch *all = NULL;
  int threads = gkt_threads(ctx);
  *out = (gkt_routing){0};
  GKT_TRY(gkt_calloc(ctx, (gkt_size)pattern->num_nodes[0] + 1, sizeof *pattern->offsets, &pattern->offsets));
  GKT_GO(count_blocks(ctx, &p));
  GKT_GO(make_stars(ctx, &p));
  GKT_GO(scratch_make(ctx, &p, threads, &all));
  count_rows(&p, threads, all);
  GKT_GO(sum_rows(ctx, pattern));
  GKT_GO(gkt_alloc(ctx, p.first_pair[num_blocks], sizeof *out->pairs, &out->pairs));
  GKT_GO(gkt_calloc(ctx, pattern->offsets[pattern->num_nodes[0]], sizeof *out->touched, &out->touched));
  fill_rows(&p, threads, all, out);
done:
  scratch_free(threads, &all);
  gkt_free(&p.offsets);
  gkt_free(&p.stars);
  if (status != GKT_OK) gkt_pattern_clear(pattern), gkt_routing_clear(out);
  return status;
}

void gkt_pattern_clear(gkt_pattern *p) {
  gkt_free(&p->offsets);
  gkt_free(&p->cols);
}

void gkt_routing_clear(gkt_routing *r) {
  gkt_free(&r->pairs);
  gkt_free(&r->touched);
}
