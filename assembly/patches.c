/* The plan of patches: what all of them need, its memory, and the passes over them. */
#include "assembly/patches.h"

#include <omp.h>
#include <string.h>

#include "assembly/patches_plan.h"
#include "meshes/lagrange.h"

/* What a block has beside its dynamic shared memory; and as much as a block may have, for a multiprocessor of which nothing is known. */
enum { RESERVED = 1024, LEAST = 46 * 1024 };

gkt_patch_limits gkt_patch_limits_default(gkt_size shared_bytes) {
  const gkt_size half = shared_bytes / 2 - RESERVED;
  return (gkt_patch_limits){.rows = 1024, .nodes = 1024, .cells = 4096, .contributions = GKT_PATCH_MOST_CONTRIBUTIONS, .shared_bytes = half > LEAST ? half : LEAST};
}

/* ---- what all patches need ---- */
static gkt_status note_blocks(gkt_context *ctx, gkt_patch_plan *p) {
  const gkt_patch_input *in = p->in;
  GKT_TRY(gkt_calloc(ctx, in->num_blocks + 1, sizeof *p->contributions, &p->contributions));
  GKT_TRY(gkt_calloc(ctx, in->num_blocks + 1, sizeof *p->cells, &p->cells));
  GKT_TRY(gkt_calloc(ctx, in->num_blocks, sizeof *p->record, &p->record));
  GKT_TRY(gkt_calloc(ctx, in->num_blocks, sizeof *p->touched, &p->touched));
  GKT_TRY(gkt_calloc(ctx, in->num_blocks, sizeof *p->by_pairs, &p->by_pairs));
  GKT_TRY(gkt_calloc(ctx, in->num_blocks, sizeof *p->by_cols, &p->by_cols));
  for (int w = 0; w < 2; w++) GKT_TRY(gkt_calloc(ctx, in->num_blocks, sizeof *p->nodes[w], &p->nodes[w]));
  for (int k = 0; k < in->reduce->num_chunks; k++) {
    const gkt_chunk *c = &in->reduce->chunks[k];
    p->cells[c->block + 1] += c->count;
    p->contributions[c->block + 1] += (gkt_size)c->count * c->pairs;
    p->nodes[0][c->block] = c->nodes, p->nodes[1][c->block] = c->nodes ? c->pairs / c->nodes : 0;
  }
  for (int b = 0; b < in->num_blocks; b++) {
    p->record[b] = gkt_patch_record_in(in, b, p->nodes[0][b], p->nodes[1][b]);
    p->by_pairs[b] = gkt_divisor_of(p->nodes[0][b] * p->nodes[1][b]), p->by_cols[b] = gkt_divisor_of(p->nodes[1][b]);
    p->cells[b + 1] += p->cells[b], p->contributions[b + 1] += p->contributions[b];
  }
  p->zeros = in->pairs ? p->record[0] : p->block;
  return GKT_OK;
}

static gkt_status note_order(gkt_context *ctx, gkt_patch_plan *p) {
  const gkt_idx rows = p->in->reduce->pattern.num_nodes[0];
  if (!p->in->once) return GKT_OK;
  GKT_TRY(gkt_alloc(ctx, rows, sizeof *p->rank, &p->rank));
  for (gkt_idx i = 0; i < rows; i++) p->rank[p->in->order ? p->in->order[i] : i] = i;
  return GKT_OK;
}

/* Cells without any entity are not computed, as the facets of a boundary leave most of them. */
static gkt_status note_touched(gkt_context *ctx, gkt_patch_plan *p) {
  const gkt_patch_input *in = p->in;
  for (int b = 0; b < in->num_blocks; b++) {
    bool all = false;
    for (int s = 0; s < in->num_sources; s++) all |= in->sources[s].block == b && !in->sources[s].cells;
    if (!all) GKT_TRY(gkt_calloc(ctx, p->cells[b + 1] - p->cells[b], sizeof **p->touched, &p->touched[b]));
  }
  for (int s = 0; s < in->num_sources; s++)
    for (gkt_idx k = 0; in->sources[s].cells && p->touched[in->sources[s].block] && k < in->sources[s].count; k++) p->touched[in->sources[s].block][in->sources[s].cells[k]] = true;
  return GKT_OK;
}

/* Records of entities come with those of their cells. */
static gkt_status note_own(gkt_context *ctx, gkt_patch_plan *p) {
  const gkt_patch_input *in = p->in;
  GKT_TRY(gkt_calloc(ctx, in->num_blocks, sizeof *p->own, &p->own));
  for (int s = 0; s < in->num_sources; s++) {
    const gkt_patch_source *from = &in->sources[s];
    const int b = from->block;
    if (from->own && !p->own[b]) GKT_TRY(gkt_calloc(ctx, p->cells[b + 1] - p->cells[b], sizeof **p->own, &p->own[b]));
    for (gkt_idx k = 0; from->own && k < from->count; k++) p->own[b][from->cells[k]] += from->own;
  }
  return GKT_OK;
}

static void clear_plan(gkt_patch_plan *p) {
  gkt_free(&p->contributions);
  gkt_free(&p->cells);
  gkt_free(&p->record);
  gkt_free(&p->by_pairs);
  gkt_free(&p->by_cols);
  gkt_free(&p->rank);
  for (int b = 0; p->touched && b < p->in->num_blocks; b++) gkt_free(&p->touched[b]);
  gkt_free(&p->touched);
  for (int b = 0; p->own && b < p->in->num_blocks; b++) gkt_free(&p->own[b]);
  gkt_free(&p->own);
  for (int w = 0; w < 2; w++) gkt_free(&p->nodes[w]);
}

void gkt_row_patches_note_sources(const gkt_patch_input *in, gkt_row_patches *out) {
  for (int b = 0; b < in->num_blocks; b++) out->blocks[b].tensors = !in->record[b], out->blocks[b].apart = in->apart[b];
  for (int s = 0; s < in->num_sources; s++) {
    out->sources[s].block = in->sources[s].block, out->sources[s].numbered = in->sources[s].numbered, out->sources[s].own = in->sources[s].own;
    if (!in->sources[s].cells) out->blocks[in->sources[s].block].numbered |= in->sources[s].numbered;
  }
}

/* ---- memory ---- */
static gkt_status create_worker(gkt_context *ctx, const gkt_patch_limits *l, gkt_idx most_pairs, gkt_patch_worker *w) {
  const gkt_size most = (l->contributions > most_pairs ? l->contributions : most_pairs) + (gkt_size)GKT_PATCH_GROUP;
  GKT_TRY(gkt_patch_numbers_create(ctx, l->cells + 1, &w->cells));
  GKT_TRY(gkt_patch_numbers_create(ctx, l->nodes + GKT_MAX_BASIS, &w->nodes));
  GKT_TRY(gkt_alloc(ctx, most, sizeof *w->mirrors, &w->mirrors));
  GKT_TRY(gkt_alloc(ctx, most, sizeof *w->counts, &w->counts));
  GKT_TRY(gkt_alloc(ctx, most, sizeof *w->sorted, &w->sorted));
  GKT_TRY(gkt_alloc(ctx, most + 2, sizeof *w->starts, &w->starts));
  GKT_TRY(gkt_alloc(ctx, most, sizeof *w->codes, &w->codes));
  return gkt_alloc(ctx, most + l->cells, sizeof *w->moved, &w->moved);
}

static void free_worker(gkt_patch_worker *w) {
  gkt_patch_numbers_free(&w->cells);
  gkt_patch_numbers_free(&w->nodes);
  gkt_free(&w->mirrors);
  gkt_free(&w->counts);
  gkt_free(&w->sorted);
  gkt_free(&w->starts);
  gkt_free(&w->codes);
  gkt_free(&w->moved);
}

/* Room for cutting: at most as many patches as rows. */
static gkt_status make_room(const gkt_patch_plan *p, gkt_row_patches *out) {
  const gkt_patch_input *in = p->in;
  const gkt_size rows = out->num_rows;
  GKT_TRY(gkt_calloc(out->ctx, rows + 1, sizeof(gkt_idx), &out->first_row));
  GKT_TRY(gkt_calloc(out->ctx, rows + 1, sizeof(gkt_idx), &out->first_node));
  GKT_TRY(gkt_calloc(out->ctx, rows + 1, sizeof(gkt_idx), &out->first_group));
  GKT_TRY(gkt_calloc(out->ctx, rows + 1, sizeof(gkt_idx), &out->first_pair));
  GKT_TRY(gkt_alloc(out->ctx, rows, sizeof(gkt_idx), &out->rows));
  GKT_TRY(gkt_alloc(out->ctx, rows, sizeof(gkt_idx), &out->first_value));
  GKT_TRY(gkt_alloc(out->ctx, rows, sizeof(gkt_idx), &out->stride));
  GKT_TRY(gkt_calloc(out->ctx, in->num_blocks, sizeof *out->blocks, &out->blocks));
  GKT_TRY(gkt_calloc(out->ctx, in->num_sources, sizeof *out->sources, &out->sources));
  GKT_TRY(gkt_calloc(out->ctx, in->num_sources, sizeof *out->totals.entities, &out->totals.entities));
  out->num_blocks = in->num_blocks, out->num_sources = in->num_sources;
  for (int b = 0; b < in->num_blocks; b++) {
    out->blocks[b] = (gkt_patch_cells){.corners = in->corners[b], .nodes = {p->nodes[0][b], p->nodes[1][b]}, .record = p->record[b]};
    GKT_TRY(gkt_calloc(out->ctx, rows + 1, sizeof(gkt_idx), &out->blocks[b].first));
  }
  gkt_row_patches_note_sources(in, out);
  for (gkt_idx r = 0; r < rows; r++) out->rows[r] = in->order ? in->order[r] : r;
  return GKT_OK;
}

static gkt_status add_up(gkt_context *ctx, gkt_idx count, gkt_idx *offsets, const char *what) {
  gkt_size sum = 0;
  for (gkt_idx k = 0; k <= count; k++) {
    sum += offsets[k];
    GKT_TRY(gkt_narrow(ctx, sum, what, &offsets[k]));
  }
  return GKT_OK;
}

static gkt_status make_lists(const gkt_patch_plan *p, gkt_row_patches *out) {
  GKT_TRY(add_up(out->ctx, out->num_patches, out->first_node, "nodes of patches"));
  GKT_TRY(gkt_alloc(out->ctx, out->first_node[out->num_patches], sizeof(gkt_idx), &out->nodes));
  for (int b = 0; b < out->num_blocks; b++) {
    gkt_patch_cells *c = &out->blocks[b];
    GKT_TRY(add_up(out->ctx, out->num_patches, c->first, "cells of patches"));
    GKT_TRY(gkt_alloc(out->ctx, c->first[out->num_patches], sizeof(gkt_idx), &c->cells));
    GKT_TRY(gkt_alloc(out->ctx, (gkt_size)c->first[out->num_patches] * c->corners, sizeof(gkt_short), &c->numbers));
  }
  for (int s = 0; s < out->num_sources; s++) {
    if (p->in->sources[s].cells) GKT_TRY(gkt_calloc(out->ctx, out->num_patches + 1, sizeof(gkt_idx), &out->sources[s].first));
  }
  return gkt_calloc(out->ctx, (gkt_size)out->first_group[out->num_patches] + 1, sizeof(gkt_idx), &out->first_word);
}

static gkt_status make_sums(gkt_row_patches *out) {
  const gkt_idx groups = out->first_group[out->num_patches];
  GKT_TRY(add_up(out->ctx, groups, out->first_word, "words of contributions"));
  GKT_TRY(gkt_alloc(out->ctx, (gkt_size)out->first_word[groups] * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD, sizeof *out->list, &out->list));
  if (out->block == 1) GKT_TRY(gkt_alloc(out->ctx, out->first_pair[out->num_rows], sizeof *out->slots, &out->slots));
  else GKT_TRY(gkt_alloc(out->ctx, (gkt_size)groups * GKT_PATCH_GROUP, sizeof *out->places, &out->places));
  if (out->once && out->block > 1) GKT_TRY(gkt_alloc(out->ctx, (gkt_size)groups * GKT_PATCH_GROUP, sizeof *out->mirrors, &out->mirrors));
  for (int s = 0; s < out->num_sources; s++) {
    gkt_patch_entities *e = &out->sources[s];
    if (!e->first) continue;
    GKT_TRY(add_up(out->ctx, out->num_patches, e->first, "entities of patches"));
    GKT_TRY(gkt_alloc(out->ctx, e->first[out->num_patches], sizeof *e->entities, &e->entities));
    GKT_TRY(gkt_alloc(out->ctx, e->first[out->num_patches], sizeof *e->records, &e->records));
  }
  return GKT_OK;
}

static void note_totals(gkt_row_patches *out) {
  gkt_patch_totals *t = &out->totals;
  t->pairs = out->first_pair[out->num_rows], t->nodes = out->first_node[out->num_patches], t->groups = out->first_group[out->num_patches], t->words = out->first_word[t->groups];
  for (gkt_idx g = 0; g < t->groups; g++)
    if (out->first_word[g + 1] - out->first_word[g] > t->longest) t->longest = out->first_word[g + 1] - out->first_word[g];
  for (int b = 0; b < out->num_blocks; b++) t->cells[b] = out->blocks[b].first[out->num_patches];
  for (int s = 0; s < out->num_sources; s++) t->entities[s] = out->sources[s].first ? out->sources[s].first[out->num_patches] : -1;
}

/* ---- rows ---- */
static void place_rows(const gkt_patch_plan *p, gkt_row_patches *out, gkt_idx *scratch) {
  const gkt_idx *offsets = p->in->reduce->pattern.offsets;
  for (gkt_idx k = 0; k < out->num_patches; k++) gkt_patch_sort(out->first_row[k + 1] - out->first_row[k], out->rows + out->first_row[k], scratch);
  for (gkt_idx r = 0; r < out->num_rows; r++) {
    const gkt_idx row = out->rows[r];
    out->first_pair[r + 1] = out->first_pair[r] + offsets[row + 1] - offsets[row];
    out->first_value[r] = gkt_reduce_place(p->in->reduce, row, offsets[row], &out->stride[r]);
  }
}

/* ---- the plan ---- */
typedef void fill_patch(const gkt_patch_plan *, gkt_row_patches *, gkt_idx patch, gkt_patch_worker *);
static void fill(const gkt_patch_plan *p, gkt_row_patches *out, int threads, gkt_patch_worker *workers, fill_patch *one) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
  for (gkt_idx k = 0; k < out->num_patches; k++) one(p, out, k, &workers[omp_get_thread_num()]);
}

static gkt_status make(const gkt_patch_plan *p, gkt_row_patches *out, int threads, gkt_patch_worker *workers, char why[200]) {
  GKT_TRY(make_room(p, out));
  GKT_TRY(create_worker(out->ctx, &p->limits, 0, &workers[0]));
  GKT_TRY(gkt_patch_cut(p, out, &workers[0], why));
  if (*why) return GKT_OK;
  free_worker(&workers[0]);
  for (int t = 0; t < threads; t++) GKT_TRY(create_worker(out->ctx, &p->limits, out->most_pairs, &workers[t]));
  place_rows(p, out, workers[0].moved);
  GKT_TRY(make_lists(p, out));
  fill(p, out, threads, workers, gkt_patch_fill_cells);
  GKT_TRY(make_sums(out));
  fill(p, out, threads, workers, gkt_patch_fill_lists);
  note_totals(out);
  return GKT_OK;
}

gkt_status gkt_row_patches_create(gkt_context *ctx, const gkt_patch_input *in, const gkt_patch_limits *limits, gkt_row_patches **result, char why[200]) {
  const gkt_pattern *pattern = &in->reduce->pattern;
  gkt_patch_plan p = {.in = in, .limits = *limits, .sets = in->sets ? in->sets : 1, .block = in->reduce->block};
  gkt_patch_worker *workers = NULL;
  gkt_row_patches *out = NULL;
  const int threads = gkt_threads_for(ctx, in->reduce->num_contributions);
  gkt_status status;
  *why = 0, *result = NULL;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *out, &out));
  *out = (gkt_row_patches){.ctx = ctx,
                           .dim = in->dim,
                           .block_size = {pattern->block_size[0], pattern->block_size[1]},
                           .block = p.block,
                           .half = in->half,
                           .pairs = in->pairs,
                           .once = in->once,
                           .single = pattern->num_nodes[1] == 1,
                           .tables = in->tables,
                           .sets = p.sets,
                           .num_rows = pattern->num_nodes[0]};
  GKT_GO(gkt_calloc(ctx, threads, sizeof *workers, &workers));
  GKT_GO(note_blocks(ctx, &p));
  out->zeros = p.zeros;
  GKT_GO(note_order(ctx, &p));
  GKT_GO(note_touched(ctx, &p));
  GKT_GO(note_own(ctx, &p));
  GKT_GO(make(&p, out, threads, workers, why));
  if (!*why) *result = out, out = NULL;
done:
  for (int t = 0; workers && t < threads; t++) free_worker(&workers[t]);
  gkt_free(&workers);
  clear_plan(&p);
  gkt_row_patches_destroy(&out);
  return status;
}

void gkt_row_patches_destroy(gkt_row_patches **patches) {
  gkt_row_patches *p = *patches;
  if (!p) return;
  gkt_idx **const own[] = {&p->first_row, &p->rows, &p->first_pair, &p->first_value, &p->stride, &p->first_node, &p->nodes, &p->first_group, &p->first_word};
  for (size_t k = 0; k < sizeof own / sizeof *own; k++) gkt_free(own[k]);
  for (int b = 0; p->blocks && b < p->num_blocks; b++) {
    gkt_free(&p->blocks[b].first);
    gkt_free(&p->blocks[b].cells);
    gkt_free(&p->blocks[b].numbers);
  }
  for (int s = 0; p->sources && s < p->num_sources; s++) {
    gkt_free(&p->sources[s].first);
    gkt_free(&p->sources[s].entities);
    gkt_free(&p->sources[s].records);
  }
  gkt_free(&p->blocks);
  gkt_free(&p->sources);
  gkt_free(&p->totals.entities);
  gkt_free(&p->list);
  gkt_free(&p->slots);
  gkt_free(&p->places);
  gkt_free(&p->mirrors);
  gkt_free(patches);
}

static gkt_size count_bytes_of_runs(const gkt_row_patches *p) {
  gkt_size lists = p->num_blocks;
  for (int s = 0; s < p->num_sources; s++) lists += p->sources[s].first != NULL;
  return lists * (p->num_patches + (gkt_size)1) * (gkt_size)sizeof(gkt_idx);
}

gkt_size gkt_row_patches_bytes(const gkt_row_patches *p) {
  if (p->runs) return count_bytes_of_runs(p);
  const gkt_patch_totals *t = &p->totals;
  gkt_size indices = 3 * (p->num_patches + (gkt_size)1) + gkt_patch_arrays_of_rows(p) * (gkt_size)p->num_rows + t->nodes + t->groups;
  gkt_size shorts = (gkt_size)t->words * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD + gkt_patch_num_places(p);
  for (int b = 0; b < p->num_blocks; b++) indices += p->num_patches + 1 + (p->blocks[b].numbered ? t->cells[b] : 0), shorts += (gkt_size)t->cells[b] * p->blocks[b].corners;
  for (int s = 0; s < p->num_sources; s++)
    if (t->entities[s] >= 0) indices += p->num_patches + 1 + (p->sources[s].numbered ? t->entities[s] : 0), shorts += t->entities[s];
  return indices * (gkt_size)sizeof(gkt_idx) + shorts * (gkt_size)sizeof(gkt_short);
}
