/* One patch: its cells and nodes, the entities that add to their tensors, and the lists of its sums. */
#include "assembly/patches_plan.h"

/* ---- its contributions ---- */
typedef void visit_contribution(const gkt_patch_plan *, gkt_patch_worker *, gkt_idx pair, const gkt_contribution *);
/* Pairs are counted within the patch, row by row; those of a pair come in the order of the cells. */
static void visit(const gkt_patch_plan *p, const gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w, visit_contribution *one) {
  const gkt_idx *pairs = p->in->reduce->pattern.offsets, *offsets = p->in->segments->offsets;
  gkt_idx pair = 0;
  for (gkt_idx r = out->first_row[patch]; r < out->first_row[patch + 1]; r++)
    for (gkt_idx k = pairs[out->rows[r]]; k < pairs[out->rows[r] + 1]; k++, pair++)
      for (gkt_idx i = offsets[k]; i < offsets[k + 1]; i++) {
        gkt_contribution c;
        if (gkt_patch_read(p, p->in->segments->order[i], &c)) one(p, w, pair, &c);
      }
}

static gkt_idx count_pairs(const gkt_row_patches *out, gkt_idx patch) { return out->first_pair[out->first_row[patch + 1]] - out->first_pair[out->first_row[patch]]; }

/* ---- pairs that are one sum: (i,j) with i < j is summed for (j,i), too ---- */
static gkt_idx find(gkt_idx first, gkt_idx end, const gkt_idx *list, gkt_idx number) {
  while (first < end) {
    const gkt_idx middle = first + (end - first) / 2;
    if (list[middle] < number) first = middle + 1;
    else end = middle;
  }
  return first;
}

static gkt_idx find_mirror(const gkt_patch_plan *p, const gkt_row_patches *out, gkt_idx patch, gkt_idx row, gkt_idx col) {
  const gkt_pattern *pattern = &p->in->reduce->pattern;
  const gkt_idx first = out->first_row[patch], end = out->first_row[patch + 1];
  if (row == col || p->rank[col] < first || p->rank[col] >= end) return GKT_PATCH_ALONE;
  if (col < row) return GKT_PATCH_MIRRORED;
  const gkt_idx r = find(first, end, out->rows, col), before = pattern->offsets[col];
  return out->first_pair[r] - out->first_pair[first] + find(before, pattern->offsets[col + 1], pattern->cols, row) - before;
}

static void find_mirrors(const gkt_patch_plan *p, const gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  const gkt_pattern *pattern = &p->in->reduce->pattern;
  gkt_idx pair = 0;
  w->summed = 0;
  for (gkt_idx r = out->first_row[patch]; r < out->first_row[patch + 1]; r++)
    for (gkt_idx k = pattern->offsets[out->rows[r]]; k < pattern->offsets[out->rows[r] + 1]; k++, pair++) {
      w->mirrors[pair] = out->once ? find_mirror(p, out, patch, out->rows[r], pattern->cols[k]) : GKT_PATCH_ALONE;
      w->summed += w->mirrors[pair] != GKT_PATCH_MIRRORED;
    }
}

static void note(const gkt_patch_plan *p, gkt_patch_worker *w, gkt_idx pair, const gkt_contribution *c) {
  w->counts[pair] += w->mirrors[pair] != GKT_PATCH_MIRRORED;
  if (!c->b) gkt_patch_numbers_add(&w->cells, p->cells[c->block] + c->cell);
}

/* Most contributions first, equal ones as they stand; the first part has 15 bits, pairs have 16. */
static void sort_pairs(int block, gkt_idx pairs, gkt_patch_worker *w) {
  for (gkt_idx k = 0; k < pairs; k++) w->sorted[k] = gkt_patch_key(block, w->counts[k], w->mirrors[k]) << 16 | k;
  gkt_patch_sort(pairs, w->sorted, w->moved);
  for (gkt_idx k = 0; k < pairs; k++) w->sorted[k] &= 0xFFFF;
}

static void find_pairs(const gkt_patch_plan *p, const gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  const gkt_idx pairs = count_pairs(out, patch);
  gkt_patch_numbers_clear(&w->cells);
  for (gkt_idx k = 0; k < pairs; k++) w->counts[k] = 0;
  find_mirrors(p, out, patch, w);
  visit(p, out, patch, w, note);
  sort_pairs(out->block, pairs, w);
}

/* ---- cells and nodes ---- */
static void write_cells(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx patch, const gkt_patch_worker *w) {
  gkt_idx k = 0;
  for (int b = 0; b < out->num_blocks; b++)
    for (gkt_idx i = out->blocks[b].first[patch]; i < out->blocks[b].first[patch + 1]; i++) out->blocks[b].cells[i] = w->cells.listed[k++] - p->cells[b];
}

static const gkt_idx *corners_of(const gkt_patch_plan *p, const gkt_row_patches *out, int b, gkt_idx i) {
  return p->in->nodes[b] + (gkt_size)out->blocks[b].cells[i] * p->in->corners[b];
}

static void write_nodes(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  gkt_patch_numbers_clear(&w->nodes);
  for (int b = 0; b < out->num_blocks; b++)
    for (gkt_idx i = out->blocks[b].first[patch]; i < out->blocks[b].first[patch + 1]; i++)
      for (int a = 0; a < p->in->corners[b]; a++) gkt_patch_numbers_add(&w->nodes, corners_of(p, out, b, i)[a]);
  gkt_patch_numbers_sort(&w->nodes);
  for (gkt_idx k = 0; k < w->nodes.count; k++) out->nodes[out->first_node[patch] + k] = w->nodes.listed[k];
}

static void write_numbers(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx patch, const gkt_patch_worker *w) {
  for (int b = 0; b < out->num_blocks; b++)
    for (gkt_idx i = out->blocks[b].first[patch]; i < out->blocks[b].first[patch + 1]; i++)
      for (int a = 0; a < p->in->corners[b]; a++)
        out->blocks[b].numbers[(gkt_size)i * p->in->corners[b] + a] = (gkt_short)gkt_patch_numbers_find(&w->nodes, corners_of(p, out, b, i)[a]);
}

static void deal_cells(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  for (int b = 0; b < out->num_blocks; b++) {
    const gkt_idx first = out->blocks[b].first[patch], count = out->blocks[b].first[patch + 1] - first;
    gkt_idx *cells = out->blocks[b].cells + first;
    gkt_patch_deal_cells(p->in->window, out->dim, p->in->corners[b], count, out->blocks[b].numbers + (gkt_size)first * p->in->corners[b], w->moved);
    for (gkt_idx k = 0; k < count; k++) w->sorted[k] = cells[w->moved[k]];
    for (gkt_idx k = 0; k < count; k++) cells[k] = w->sorted[k];
  }
  write_numbers(p, out, patch, w);
}

/* ---- entities ---- */
/* The first entity of a cell in its source, or of the next cell that has one. */
static gkt_idx find_entity(const gkt_patch_source *s, gkt_idx cell) {
  gkt_idx low = 0, high = s->count;
  while (low < high) {
    const gkt_idx middle = low + (high - low) / 2;
    if (s->cells[middle] < cell) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Returns their number; writes them where entities are made. */
static gkt_idx find_entities(const gkt_patch_source *s, const gkt_patch_cells *cells, gkt_idx patch, gkt_idx first, gkt_patch_entities *out) {
  gkt_idx count = 0;
  for (gkt_idx i = cells->first[patch]; i < cells->first[patch + 1]; i++)
    for (gkt_idx entity = find_entity(s, cells->cells[i]); entity < s->count && s->cells[entity] == cells->cells[i]; entity++, count++)
      if (out->entities) out->entities[first + count] = entity, out->records[first + count] = (gkt_short)(i - cells->first[patch]);
  return count;
}

void gkt_patch_fill_cells(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  find_pairs(p, out, patch, w);
  for (gkt_idx k = 0; k < w->summed; k += GKT_PATCH_GROUP)
    out->first_word[out->first_group[patch] + k / GKT_PATCH_GROUP + 1] = (w->counts[w->sorted[k]] + GKT_PATCH_PER_WORD - 1) / GKT_PATCH_PER_WORD;
  gkt_patch_numbers_sort(&w->cells);
  write_cells(p, out, patch, w);
  write_nodes(p, out, patch, w);
  write_numbers(p, out, patch, w);
  if (p->in->window) deal_cells(p, out, patch, w);
  for (int s = 0; s < out->num_sources; s++)
    if (out->sources[s].first) out->sources[s].first[patch + 1] = find_entities(&p->in->sources[s], &out->blocks[out->sources[s].block], patch, 0, &out->sources[s]);
}

/* ---- lists ---- */
static gkt_short code_of(const gkt_patch_plan *p, gkt_size start, gkt_idx cell, const gkt_contribution *c) {
  if (p->in->pairs) return (gkt_short)(start + (gkt_size)cell * p->by_pairs[c->block].by + c->a * p->nodes[1][c->block] + c->b);
  const int n = p->nodes[1][c->block], low = c->a < c->b ? c->a : c->b, high = c->a < c->b ? c->b : c->a;
  const int pair = p->in->half ? low * n - low * (low - 1) / 2 + high - low : c->a * n + c->b;
  const gkt_size at = start + (gkt_size)cell * p->record[c->block] + pair * p->block;
  return (gkt_short)(at | (p->in->half && p->block > 1 && c->a > c->b ? GKT_PATCH_ACROSS : 0));
}

/* Cells of the patch under their numbers in it. */
static void number_cells(const gkt_patch_plan *p, const gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  gkt_size records = p->in->pairs ? p->by_pairs[0].by : p->zeros;
  gkt_idx before = 0;
  gkt_patch_numbers_clear(&w->cells);
  for (int b = 0; b < out->num_blocks; b++) {
    const gkt_patch_cells *c = &out->blocks[b];
    w->records[b] = records, w->before[b] = before;
    for (gkt_idx i = c->first[patch]; i < c->first[patch + 1]; i++) gkt_patch_numbers_add(&w->cells, p->cells[b] + c->cells[i]);
    records += (gkt_size)(c->first[patch + 1] - c->first[patch]) * (p->in->pairs ? p->by_pairs[b].by : c->record), before = w->cells.count;
  }
}

static void write_code(const gkt_patch_plan *p, gkt_patch_worker *w, gkt_idx pair, const gkt_contribution *c) {
  if (w->mirrors[pair] == GKT_PATCH_MIRRORED) return;
  const gkt_idx cell = gkt_patch_numbers_find(&w->cells, p->cells[c->block] + c->cell) - w->before[c->block];
  w->codes[w->starts[pair + 1]++] = code_of(p, w->records[c->block], cell, c);
}

/* Where the codes of a pair begin; while they are written, one place ahead. */
static void find_codes(const gkt_patch_plan *p, const gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  const gkt_idx pairs = count_pairs(out, patch);
  w->starts[0] = w->starts[1] = 0;
  for (gkt_idx k = 0; k < pairs; k++) w->starts[k + 2] = w->starts[k + 1] + w->counts[k];
  number_cells(p, out, patch, w);
  visit(p, out, patch, w, write_code);
}

/* Where its sum goes: of a scalar, whence; of a block, whither. */
static void write_place(gkt_row_patches *out, gkt_idx patch, gkt_idx slot, gkt_idx pair, gkt_idx mirror) {
  const gkt_size at = (gkt_size)out->first_group[patch] * GKT_PATCH_GROUP + slot;
  if (out->block == 1) {
    gkt_short *slots = out->slots + out->first_pair[out->first_row[patch]];
    if (pair >= 0) slots[pair] = (gkt_short)slot;
    if (mirror >= 0) slots[mirror] = (gkt_short)slot;
    return;
  }
  out->places[at] = (gkt_short)(pair >= 0 ? pair : GKT_PATCH_NO_PLACE);
  if (out->once) out->mirrors[at] = (gkt_short)(mirror >= 0 ? mirror : GKT_PATCH_NO_PLACE);
}

static void write_group(gkt_row_patches *out, gkt_idx patch, gkt_idx group, gkt_idx count, const gkt_idx *pairs, const gkt_patch_worker *w) {
  const gkt_idx length = (out->first_word[group + 1] - out->first_word[group]) * GKT_PATCH_PER_WORD;
  gkt_short *list = out->list + (gkt_size)out->first_word[group] * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD;
  for (gkt_idx s = 0; s < GKT_PATCH_GROUP; s++) {
    const gkt_idx first = s < count ? w->starts[pairs[s]] : 0, own = s < count ? w->starts[pairs[s] + 1] - first : 0;
    write_place(out, patch, (group - out->first_group[patch]) * GKT_PATCH_GROUP + s, s < count ? pairs[s] : -1, s < count ? w->mirrors[pairs[s]] : -1);
    for (gkt_idx k = 0; k < length; k++) list[(k / GKT_PATCH_PER_WORD * GKT_PATCH_GROUP + s) * GKT_PATCH_PER_WORD + k % GKT_PATCH_PER_WORD] = k < own ? w->codes[first + k] : 0;
  }
}

void gkt_patch_fill_lists(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx patch, gkt_patch_worker *w) {
  for (int s = 0; s < out->num_sources; s++)
    if (out->sources[s].first) find_entities(&p->in->sources[s], &out->blocks[out->sources[s].block], patch, out->sources[s].first[patch], &out->sources[s]);
  find_pairs(p, out, patch, w);
  find_codes(p, out, patch, w);
  if (p->in->window) gkt_patch_deal_slots(p->in->window, out, patch, w->summed, w->starts, w->codes, w->mirrors, w->sorted);
  for (gkt_idx k = 0; k < w->summed; k += GKT_PATCH_GROUP)
    write_group(out, patch, out->first_group[patch] + k / GKT_PATCH_GROUP, w->summed - k < GKT_PATCH_GROUP ? w->summed - k : GKT_PATCH_GROUP, w->sorted + k, w);
}
