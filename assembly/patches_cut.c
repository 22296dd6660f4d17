/* Rows are cut into patches: as many as fit. */
#include "assembly/patches_plan.h"

typedef struct {                                           /* of the patch at hand */
  gkt_idx first, rows, nodes, cells, pairs, contributions; /* first: row, of the order */
  gkt_idx mirrored;                                        /* pairs that are not summed */
  gkt_size records;                                        /* scalars */
  gkt_idx of_block[GKT_NUM_CELL_TYPES];
} extent;

static gkt_size count_scalars(const gkt_patch_plan *p, const extent *e) {
  const gkt_size coordinates = (gkt_size)e->nodes * p->in->dim, sums = gkt_patch_staged(p->sets, p->block, p->in->reduce->pattern.block_size[1], e->pairs - e->mirrored);
  return p->in->tables + p->sets * (p->zeros + e->records) + (coordinates > sums ? coordinates : sums);
}

/* Codes of pair mode, those of padding among them. */
static gkt_size count_codes(const gkt_patch_plan *p, const extent *e) {
  gkt_size codes = p->by_pairs[0].by;
  for (int b = 0; b < p->in->num_blocks; b++) codes += (gkt_size)e->of_block[b] * p->by_pairs[b].by;
  return codes;
}

/* NULL: it fits. */
static const char *find_excess(const gkt_patch_plan *p, const extent *e) {
  if (e->rows > p->limits.rows) return "rows";
  if (e->nodes > p->limits.nodes) return "nodes";
  if (e->cells > p->limits.cells || (p->in->pairs && count_codes(p, e) >= GKT_PATCH_MOST_CODES - p->by_pairs[0].by)) return "cells";
  if (e->contributions > p->limits.contributions) return "contributions";
  if (e->pairs >= GKT_PATCH_NO_PLACE) return "pairs of nodes";
  if (!p->in->pairs && p->zeros + e->records >= GKT_PATCH_MOST_SCALARS) return "scalars that 15 bits can name";
  return count_scalars(p, e) * (gkt_size)sizeof(gkt_scalar) > p->limits.shared_bytes ? "bytes of shared memory" : NULL;
}

/* Of a row that is added, pairs with rows that are there. */
static gkt_idx count_mirrored(const gkt_patch_plan *p, gkt_idx row, const extent *e) {
  const gkt_pattern *pattern = &p->in->reduce->pattern;
  gkt_idx count = 0;
  for (gkt_idx k = pattern->offsets[row]; p->in->once && k < pattern->offsets[row + 1]; k++) {
    const gkt_idx at = p->rank[pattern->cols[k]];
    count += e->first <= at && at < e->first + e->rows;
  }
  return count;
}

/* A row with its cells and their nodes; returns as soon as it is too much. */
static const char *add_row(const gkt_patch_plan *p, gkt_idx row, gkt_patch_worker *w, extent *e) {
  const gkt_pattern *pattern = &p->in->reduce->pattern;
  const gkt_segments *s = p->in->segments;
  const char *excess = NULL;
  e->mirrored += count_mirrored(p, row, e);
  e->rows++, e->pairs += pattern->offsets[row + 1] - pattern->offsets[row];
  for (gkt_idx k = s->offsets[pattern->offsets[row]], end = s->offsets[pattern->offsets[row + 1]]; k < end; k++) {
    gkt_contribution c;
    if (!gkt_patch_read(p, s->order[k], &c)) continue;
    e->contributions++;
    if (c.b) continue; /* all pairs of a row and a cell are there: one of them is enough */
    if (!gkt_patch_numbers_add(&w->cells, p->cells[c.block] + c.cell)) continue;
    const int corners = p->in->corners[c.block];
    for (int i = 0; i < corners; i++) gkt_patch_numbers_add(&w->nodes, p->in->nodes[c.block][(gkt_size)c.cell * corners + i]);
    e->cells++, e->of_block[c.block]++, e->nodes = w->nodes.count, e->records += p->record[c.block] + (p->own[c.block] ? p->own[c.block][c.cell] : 0);
    if ((excess = find_excess(p, e))) return excess;
  }
  return find_excess(p, e);
}

static void clear_patch(gkt_patch_worker *w, gkt_idx first, extent *e) {
  gkt_patch_numbers_clear(&w->cells);
  gkt_patch_numbers_clear(&w->nodes);
  *e = (extent){.first = first};
}

/* The patch at hand ends before row number `end` of the order. */
static gkt_status close_patch(gkt_row_patches *out, const extent *e, gkt_idx end) {
  const gkt_idx p = out->num_patches++;
  gkt_size words = out->first_group[p] + (e->pairs - e->mirrored + GKT_PATCH_GROUP - 1) / GKT_PATCH_GROUP;
  out->first_row[p + 1] = end, out->first_node[p + 1] = e->nodes;
  for (int b = 0; b < out->num_blocks; b++) out->blocks[b].first[p + 1] = e->of_block[b];
  out->num_contributions += e->contributions, out->num_computed += e->cells;
  if (e->rows > out->most_rows) out->most_rows = e->rows;
  if (e->nodes > out->most_nodes) out->most_nodes = e->nodes;
  if (e->pairs > out->most_pairs) out->most_pairs = e->pairs;
  if (e->cells > out->most_cells) out->most_cells = e->cells;
  if (e->contributions > out->most_contributions) out->most_contributions = e->contributions;
  return gkt_narrow(out->ctx, words, "groups of pairs", &out->first_group[p + 1]);
}

/* As many rows as fit, from the first one on. */
gkt_status gkt_patch_cut(const gkt_patch_plan *p, gkt_row_patches *out, gkt_patch_worker *w, char why[200]) {
  extent e, before;
  clear_patch(w, 0, &e);
  for (gkt_idx i = 0; i < out->num_rows; i++) {
    before = e;
    if (i > 0 && i % GKT_PATCH_SEGMENT == 0) {
      GKT_TRY(close_patch(out, &before, i));
      clear_patch(w, i, &e);
      before = e;
    }
    const char *excess = add_row(p, out->rows[i], w, &e);
    if (excess && before.rows) {
      GKT_TRY(close_patch(out, &before, i));
      clear_patch(w, i, &e);
      excess = add_row(p, out->rows[i], w, &e);
    }
    if (excess) return snprintf(why, 200, "node %d of the rows alone has more %s than a patch may have", (int)out->rows[i], excess), GKT_OK;
    const gkt_size bytes = count_scalars(p, &e) * (gkt_size)sizeof(gkt_scalar);
    if (bytes > out->shared_bytes) out->shared_bytes = bytes;
  }
  return out->num_rows ? close_patch(out, &e, out->num_rows) : GKT_OK;
}
