/* The plan of patches on the device: its memory, the launches, and the numbers that the host needs between them. */
#include "assembly/patches_device_plan.h"
#include "assembly/patches_plan.h"
#include "core/embed.h"

GKT_EMBED(patches_plan_arguments_text, "assembly/patches_plan_arguments.h");
GKT_EMBED(patches_plan_stars_text, "assembly/patches_plan_stars.cu");
GKT_EMBED(patches_plan_rows_text, "assembly/patches_plan_rows.cu");
GKT_EMBED(patches_plan_text, "assembly/patches_plan.cu");
GKT_EMBED(patches_plan_deal_text, "assembly/patches_plan_deal.cu");
const char *const gkt_patches_plan_kernels[] = {gkt_sort_arguments_text, gkt_block_scan_text, patches_plan_arguments_text, patches_plan_stars_text,
                                                patches_plan_rows_text,  patches_plan_text,   patches_plan_deal_text,      NULL};

gkt_status gkt_planning_launch(gkt_planning *p, const char *kernel, gkt_size blocks, int threads, gkt_size shared) {
  return gkt_device_launch_kept(p->device, gkt_patches_plan_kernels, &(gkt_launch){kernel, blocks, threads, shared}, &p->a, sizeof p->a);
}
gkt_status gkt_planning_launch_each(gkt_planning *p, const char *kernel, gkt_size count) {
  return gkt_planning_launch(p, kernel, gkt_blocks_for(count, GKT_PLAN_THREADS), GKT_PLAN_THREADS, 0);
}
static gkt_status launch_patches(gkt_planning *p, const char *kernel, gkt_size shared) { return gkt_planning_launch(p, kernel, p->a.num_patches, GKT_PLAN_THREADS, shared); }

gkt_status gkt_planning_read_most(const gkt_planning *p, int most[GKT_PLAN_NUM_MOST]) {
  return gkt_device_download(p->device, p->a.most, most, GKT_PLAN_NUM_MOST * (gkt_size)sizeof *most);
}

gkt_status gkt_planning_scan(const gkt_planning *p, gkt_size count, gkt_idx *sums, const char *what, gkt_idx *total) {
  gkt_size sum;
  GKT_TRY(gkt_device_scan(p->device, count, sums, sums, &sum));
  return gkt_narrow(p->ctx, sum, what, total);
}

/* What the kernel of patches does not read is kept for those who compare. */
static bool is_kept(const gkt_planning *p, bool read) { return read || p->in->keep; }
static gkt_copies *copies_for(gkt_planning *p, bool read) { return is_kept(p, read) ? p->kept : &p->meanwhile; }

/* ---- what is given ---- */
static int power_above(gkt_size least) {
  int size = 64;
  while (size < least) size *= 2;
  return size;
}

static void note_limits(gkt_planning *p) {
  enum { MOST_ADDED = 1024 }; /* by the lanes of a warp before they look whether it was too much */
  const gkt_patch_limits *l = p->limits;
  gkt_plan_arguments *a = &p->a;
  a->limits = (gkt_plan_limits){l->rows, l->nodes, l->cells, l->contributions, (gkt_idx)(l->shared_bytes / (gkt_size)sizeof(gkt_scalar))};
  a->cell_list = power_above(l->cells), a->node_list = power_above(l->nodes);
  a->cell_table = power_above(l->cells + (gkt_size)(l->cells > MOST_ADDED ? l->cells : MOST_ADDED));
  a->node_table = power_above(l->nodes + (gkt_size)(l->nodes > MOST_ADDED ? l->nodes : MOST_ADDED));
}

static gkt_status send_block(gkt_planning *p, int b, gkt_size *entries, gkt_size *cells) {
  const gkt_incidence *in = &p->in->incidence[b];
  const int corners = p->in->in->corners[b];
  gkt_plan_block *to = &p->a.blocks[b];
  *to = (gkt_plan_block){.num_cells = in->num_cells, .cells_before = (gkt_idx)*cells, .entries_before = (gkt_idx)*entries, .nodes = {in->num[0], in->num[1]}, .corners = corners};
  to->record = p->out->blocks[b].record, to->tensors = p->out->blocks[b].tensors, to->apart = p->out->blocks[b].apart;
  *entries += (gkt_size)in->num_cells * in->num[0], *cells += in->num_cells;
  GKT_TRY(gkt_copies_join(&p->meanwhile, in->nodes[0], (gkt_size)in->num_cells * in->num[0], sizeof(gkt_idx), "nodes of cells", &to->rows));
  GKT_TRY(gkt_copies_join(&p->meanwhile, in->nodes[1], (gkt_size)in->num_cells * in->num[1], sizeof(gkt_idx), "nodes of cells", &to->cols));
  return gkt_copies_join(&p->meanwhile, p->in->in->nodes[b], (gkt_size)in->num_cells * corners, sizeof(gkt_idx), "nodes of cells", &to->geometry);
}

static gkt_status send(gkt_planning *p) {
  const gkt_patch_input *in = p->in->in;
  const gkt_pattern *pattern = &in->reduce->pattern;
  const bool square = pattern->num_nodes[0] == pattern->num_nodes[1] && pattern->block_size[0] == pattern->block_size[1];
  gkt_size entries = 0, cells = 0;
  gkt_plan_arguments *a = &p->a;
  *a = (gkt_plan_arguments){.num_blocks = in->num_blocks,
                            .dim = in->dim,
                            .block = in->reduce->block,
                            .block_cols = pattern->block_size[1],
                            .tables = in->tables,
                            .half = in->half,
                            .pairs = in->pairs,
                            .once = in->once};
  a->zeros = p->out->zeros, a->num_rows = pattern->num_nodes[0], a->segment = GKT_PATCH_SEGMENT;
  a->own = pattern->num_nodes[1] == 1 ? GKT_PLAN_OWN_FIRST : square ? GKT_PLAN_OWN_ROW : GKT_PLAN_OWN_NONE;
  a->window = in->window, a->sets = p->out->sets;
  note_limits(p);
  for (int b = 0; b < in->num_blocks; b++) GKT_TRY(send_block(p, b, &entries, &cells));
  GKT_TRY(gkt_narrow(p->ctx, entries, "rows of cells", &a->num_entries));
  MEANWHILE(GKT_PLAN_NUM_MOST, "limits of patches", a->most);
  MEANWHILE(1, "contributions of patches", a->contributions);
  GKT_TRY(gkt_device_fill(p->device, a->most, 0, GKT_PLAN_NUM_MOST * (gkt_size)sizeof *a->most));
  return gkt_device_fill(p->device, a->contributions, 0, (gkt_size)sizeof *a->contributions);
}

/* Cells without any entity are not computed. */
static gkt_status touch(gkt_planning *p) {
  const gkt_patch_input *in = p->in->in;
  bool all[GKT_PLAN_MOST_BLOCKS] = {false};
  for (int s = 0; s < in->num_sources; s++) all[in->sources[s].block] |= !in->sources[s].cells;
  for (int b = 0; b < in->num_blocks; b++) {
    gkt_byte *touched = NULL;
    if (all[b]) continue;
    MEANWHILE(p->a.blocks[b].num_cells, "cells with entities", touched);
    GKT_TRY(gkt_device_fill(p->device, touched, 0, p->a.blocks[b].num_cells));
    p->a.blocks[b].touched = p->a.source_touched = touched;
    for (int s = 0; s < in->num_sources; s++) {
      if (in->sources[s].block != b) continue;
      p->a.source_count = in->sources[s].count;
      GKT_TRY(gkt_copies_share(&p->meanwhile, in->sources[s].cells, p->a.source_count, sizeof(gkt_idx), "cells of an integral", &p->a.source_cells));
      GKT_TRY(gkt_planning_launch_each(p, "gkt_plan_touch", p->a.source_count));
    }
  }
  return GKT_OK;
}

/* Records of entities come with those of their cells. */
static gkt_status count_own(gkt_planning *p) {
  const gkt_patch_input *in = p->in->in;
  for (int s = 0; s < in->num_sources; s++) {
    const gkt_patch_source *from = &in->sources[s];
    gkt_plan_block *b = &p->a.blocks[from->block];
    if (!from->own) continue;
    if (!b->own) {
      MEANWHILE(b->num_cells, "records of entities", b->own);
      GKT_TRY(gkt_device_fill(p->device, b->own, 0, b->num_cells * (gkt_size)sizeof *b->own));
    }
    p->a.source_block = from->block, p->a.source_count = from->count, p->a.source_own = from->own;
    GKT_TRY(gkt_copies_share(&p->meanwhile, from->cells, from->count, sizeof(gkt_idx), "cells of an integral", &p->a.source_cells));
    GKT_TRY(gkt_planning_launch_each(p, "gkt_plan_own", from->count));
  }
  return GKT_OK;
}

/* ---- patches ---- */
static gkt_status cut(gkt_planning *p) {
  gkt_plan_arguments *a = &p->a;
  gkt_row_patches *out = p->out;
  int most[GKT_PLAN_NUM_MOST];
  unsigned long long contributions;
  MEANWHILE((gkt_size)a->num_rows + 1, "beginnings of patches", a->marks);
  GKT_TRY(gkt_device_fill(p->device, a->marks, 0, (a->num_rows + (gkt_size)1) * (gkt_size)sizeof *a->marks));
  GKT_TRY(gkt_planning_launch(p, "gkt_plan_cut", gkt_blocks_for(a->num_rows, GKT_PATCH_SEGMENT), 32, (a->cell_table + (gkt_size)a->node_table) * (gkt_size)sizeof(gkt_idx)));
  GKT_TRY(gkt_planning_read_most(p, most));
  if (most[GKT_PLAN_MISFITS]) return snprintf(p->why, 200, "a node alone is more than a patch may have"), GKT_OK;
  GKT_TRY(gkt_device_download(p->device, a->contributions, &contributions, (gkt_size)sizeof contributions));
  GKT_TRY(gkt_planning_scan(p, a->num_rows, a->marks, "patches", &a->num_patches));
  KEEP((gkt_size)a->num_patches + 1, "rows of patches", a->first_row);
  out->num_patches = a->num_patches, out->num_contributions = (gkt_size)contributions, out->shared_bytes = most[GKT_PLAN_SCALARS] * (gkt_size)sizeof(gkt_scalar);
  out->most_rows = most[GKT_PLAN_ROWS], out->most_nodes = most[GKT_PLAN_NODES], out->most_pairs = most[GKT_PLAN_PAIRS], out->most_cells = most[GKT_PLAN_CELLS];
  out->most_contributions = most[GKT_PLAN_CONTRIBUTIONS];
  return gkt_planning_launch_each(p, "gkt_plan_starts", a->num_rows > 0 ? a->num_rows : 1);
}

static gkt_status place_rows(gkt_planning *p) {
  const gkt_embedding *e = &p->in->in->reduce->embedding;
  gkt_plan_arguments *a = &p->a;
  const gkt_size rows = a->num_rows;
  GKT_TRY(gkt_copies_share(&p->meanwhile, e->first, rows, sizeof *e->first, "places of rows", &a->embedded));
  GKT_TRY(gkt_copies_share(&p->meanwhile, e->stride, rows, sizeof *e->stride, "lengths of rows", &a->embedded_stride));
  GKT_TRY(gkt_copies_make(copies_for(p, false), rows, sizeof *a->rows, "rows of patches", &a->rows));
  GKT_TRY(gkt_copies_make(copies_for(p, !p->out->single), rows + 1, sizeof *a->first_pair, "rows of patches", &a->first_pair));
  KEEP(rows, "rows of patches", a->first_value);
  if (a->block > 1 || p->in->keep) KEEP(rows, "rows of patches", a->stride);
  GKT_TRY(launch_patches(p, "gkt_plan_rows", p->out->most_rows * (gkt_size)sizeof(gkt_idx)));
  return gkt_planning_scan(p, rows, a->first_pair, "pairs of nodes", &p->out->totals.pairs);
}

static gkt_size room(const gkt_planning *p) {
  const gkt_plan_arguments *a = &p->a;
  return (GKT_PLAN_COUNTS + a->cell_list + a->node_list + a->cell_table + (gkt_size)a->node_table) * (gkt_size)sizeof(gkt_idx);
}

/* Cells before they are dealt. */
static gkt_status make_sorted(gkt_planning *p, gkt_plan_block *to, gkt_idx cells) {
  MEANWHILE(cells, "cells of patches", to->sorted);
  MEANWHILE((gkt_size)cells * to->corners, "cells of patches", to->sorted_numbers);
  MEANWHILE(cells, "places of cells", to->place);
  return GKT_OK;
}

static gkt_status make_cells(gkt_planning *p) {
  gkt_plan_arguments *a = &p->a;
  gkt_patch_totals *t = &p->out->totals;
  KEEP((gkt_size)a->num_patches + 1, "nodes of patches", a->first_node);
  KEEP((gkt_size)a->num_patches + 1, "sums of patches", a->first_group);
  MEANWHILE(a->num_patches, "sums of patches", a->summed);
  for (int b = 0; b < a->num_blocks; b++) KEEP((gkt_size)a->num_patches + 1, "cells of patches", a->blocks[b].first);
  GKT_TRY(launch_patches(p, "gkt_plan_count", room(p)));
  GKT_TRY(gkt_planning_scan(p, a->num_patches, a->first_node, "nodes of patches", &t->nodes));
  GKT_TRY(gkt_planning_scan(p, a->num_patches, a->first_group, "groups of pairs", &t->groups));
  KEEP(t->nodes, "nodes of patches", a->nodes);
  for (int b = 0; b < a->num_blocks; b++) {
    gkt_plan_block *to = &a->blocks[b];
    GKT_TRY(gkt_planning_scan(p, a->num_patches, to->first, "cells of patches", &t->cells[b]));
    GKT_TRY(gkt_copies_make(copies_for(p, p->out->blocks[b].numbered), t->cells[b], sizeof *to->cells, "cells of patches", &to->cells));
    KEEP((gkt_size)t->cells[b] * to->corners, "cells of patches", to->numbers);
    to->sorted = to->cells, to->sorted_numbers = to->numbers;
    if (a->window) GKT_TRY(make_sorted(p, to, t->cells[b]));
    p->out->num_computed += t->cells[b];
  }
  GKT_TRY(launch_patches(p, "gkt_plan_fill", room(p)));
  return a->window ? gkt_planning_launch(p, "gkt_plan_deal_cells", a->num_patches, GKT_PATCH_GROUP, GKT_PLAN_DEAL_SHARED) : GKT_OK;
}

static gkt_status make_entities(gkt_planning *p, int s) {
  const gkt_patch_source *in = &p->in->in->sources[s];
  gkt_plan_arguments *a = &p->a;
  a->source_block = in->block, a->source_count = in->count, a->entities = NULL, a->records = NULL;
  p->out->totals.entities[s] = -1;
  if (!in->cells) return GKT_OK;
  GKT_TRY(gkt_copies_share(&p->meanwhile, in->cells, in->count, sizeof *in->cells, "cells of an integral", &a->source_cells));
  KEEP((gkt_size)a->num_patches + 1, "entities of patches", a->source_first);
  GKT_TRY(launch_patches(p, "gkt_plan_entities", GKT_SCAN_SHARED));
  GKT_TRY(gkt_planning_scan(p, a->num_patches, a->source_first, "entities of patches", &p->out->totals.entities[s]));
  GKT_TRY(gkt_copies_make(copies_for(p, in->numbered), p->out->totals.entities[s], sizeof *a->entities, "entities of patches", &a->entities));
  KEEP(p->out->totals.entities[s], "entities of patches", a->records);
  if (p->out->totals.entities[s]) GKT_TRY(launch_patches(p, "gkt_plan_entities", GKT_SCAN_SHARED));
  p->arrays->sources[s] = (gkt_patch_entity_arrays){a->source_first, is_kept(p, in->numbered) ? a->entities : NULL, a->records};
  return GKT_OK;
}

/* ---- sums ---- */
static gkt_status sort_pairs(gkt_planning *p) {
  gkt_plan_arguments *a = &p->a;
  enum { COUNT_BITS = 15 };
  const int bits = COUNT_BITS + gkt_planning_bits(a->num_patches);
  const gkt_size pairs = p->out->totals.pairs;
  MEANWHILE(pairs, "contributions of pairs", a->counts);
  GKT_TRY(gkt_device_alloc(p->device, pairs, bits > 32 ? 8 : 4, "keys of pairs", &p->keys));
  a->keys = bits > 32 ? NULL : (void *)p->keys.at, a->wide_keys = (void *)p->keys.at;
  GKT_TRY(launch_patches(p, "gkt_plan_pairs", 0));
  GKT_TRY(gkt_device_sort(p->device, bits > 32 ? 8 : 4, bits, &p->keys, &p->numbers));
  gkt_device_free(p->device, &p->keys);
  a->sorted = p->numbers.at;
  return GKT_OK;
}

static gkt_status make_sums(gkt_planning *p) {
  gkt_plan_arguments *a = &p->a;
  gkt_patch_totals *t = &p->out->totals;
  int most[GKT_PLAN_NUM_MOST];
  GKT_TRY(sort_pairs(p));
  KEEP((gkt_size)t->groups + 1, "sums of patches", a->first_word);
  GKT_TRY(launch_patches(p, "gkt_plan_words", 0));
  GKT_TRY(gkt_planning_scan(p, t->groups, a->first_word, "words of contributions", &t->words));
  GKT_TRY(gkt_planning_read_most(p, most));
  t->longest = most[GKT_PLAN_WORDS];
  const gkt_size slots = (gkt_size)t->groups * GKT_PATCH_GROUP;
  KEEP((gkt_size)t->words * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD, "contributions of patches", a->list);
  if (a->block == 1) KEEP(t->pairs, "sums of patches", a->slots);
  if (a->block > 1) KEEP(slots, "sums of patches", a->places);
  if (a->block > 1 && a->once) KEEP(slots, "sums of patches", a->mirrors);
  a->sorted_list = a->list;
  if (a->window) MEANWHILE((gkt_size)t->words * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD, "contributions of patches", a->sorted_list);
  if (a->window) MEANWHILE(slots, "sums of patches", a->sorted_places);
  if (a->window) MEANWHILE(slots, "sums of patches", a->sorted_mirrors);
  GKT_TRY(launch_patches(p, "gkt_plan_lists", (2 * (GKT_PLAN_MOST_BLOCKS + 1) + (gkt_size)p->out->most_cells) * (gkt_size)sizeof(gkt_idx)));
  return a->window ? gkt_planning_launch(p, "gkt_plan_deal_slots", a->num_patches, GKT_PATCH_GROUP, GKT_PLAN_DEAL_SHARED) : GKT_OK;
}

static gkt_status count_waves(gkt_planning *p) {
  const gkt_patch_totals *t = &p->out->totals;
  unsigned long long waves[5];
  MEANWHILE(5, "wavefronts", p->a.waves);
  GKT_TRY(gkt_device_fill(p->device, p->a.waves, 0, (gkt_size)sizeof waves));
  GKT_TRY(launch_patches(p, "gkt_plan_sum_waves", 0));
  GKT_TRY(launch_patches(p, "gkt_plan_corner_waves", 0));
  GKT_TRY(gkt_device_download(p->device, p->a.waves, waves, (gkt_size)sizeof waves));
  p->out->totals.waves = (gkt_patch_waves){.sum_loads = (gkt_size)t->words * 2 * GKT_PATCH_PER_WORD * (p->a.pairs ? 2 : 1),
                                           .sum_waves = (gkt_size)waves[0],
                                           .second_waves = (gkt_size)waves[4],
                                           .table_waves = (gkt_size)waves[1],
                                           .corner_loads = (gkt_size)waves[2],
                                           .corner_waves = (gkt_size)waves[3]};
  return GKT_OK;
}

/* ---- the plan ---- */
static gkt_status make(gkt_planning *p) {
  GKT_TRY(send(p));
  GKT_TRY(touch(p));
  GKT_TRY(count_own(p));
  GKT_TRY(gkt_planning_make_rows(p));
  if (!*p->why) GKT_TRY(cut(p));
  if (*p->why) return GKT_OK;
  GKT_TRY(place_rows(p));
  GKT_TRY(make_cells(p));
  for (int s = 0; s < p->in->in->num_sources; s++) GKT_TRY(make_entities(p, s));
  GKT_TRY(make_sums(p));
  return count_waves(p);
}

static gkt_status make_outline(gkt_planning *p) {
  const gkt_patch_input *in = p->in->in;
  const gkt_pattern *pattern = &in->reduce->pattern;
  gkt_row_patches *out;
  GKT_TRY(gkt_calloc(p->ctx, 1, sizeof *out, &out));
  p->out = out;
  *out = (gkt_row_patches){.ctx = p->ctx, .dim = in->dim, .block_size = {pattern->block_size[0], pattern->block_size[1]}, .block = in->reduce->block, .half = in->half};
  out->single = pattern->num_nodes[1] == 1, out->pairs = in->pairs, out->once = in->once, out->tables = in->tables, out->sets = in->sets ? in->sets : 1,
  out->num_rows = pattern->num_nodes[0];
  GKT_TRY(gkt_calloc(p->ctx, in->num_blocks, sizeof *out->blocks, &out->blocks));
  GKT_TRY(gkt_calloc(p->ctx, in->num_sources, sizeof *out->sources, &out->sources));
  GKT_TRY(gkt_calloc(p->ctx, in->num_sources, sizeof *out->totals.entities, &out->totals.entities));
  GKT_TRY(gkt_calloc(p->ctx, in->num_sources, sizeof *p->arrays->sources, &p->arrays->sources));
  out->num_blocks = in->num_blocks, out->num_sources = in->num_sources;
  for (int b = 0; b < in->num_blocks; b++) {
    const int *n = p->in->incidence[b].num;
    out->blocks[b] = (gkt_patch_cells){.corners = in->corners[b], .nodes = {n[0], n[1]}};
    out->blocks[b].record = gkt_patch_record_in(in, b, n[0], n[1]);
  }
  out->zeros = in->pairs ? out->blocks[0].record : out->block;
  gkt_row_patches_note_sources(in, out);
  return GKT_OK;
}

static void list_arrays(const gkt_planning *p) {
  const gkt_plan_arguments *a = &p->a;
  gkt_patch_arguments *to = &p->arrays->all;
  to->first_row = a->first_row, to->first_pair = is_kept(p, !p->out->single) ? a->first_pair : NULL, to->first_value = a->first_value, to->stride = a->stride,
  to->first_node = a->first_node, to->nodes = a->nodes;
  to->first_group = a->first_group, to->first_word = a->first_word, to->list = (const void *)a->list, to->slots = a->slots, to->places = a->places, to->mirrors = a->mirrors;
  for (int b = 0; b < a->num_blocks; b++) {
    const gkt_plan_block *from = &a->blocks[b];
    p->arrays->blocks[b] = (gkt_patch_block_arguments){from->first, is_kept(p, p->out->blocks[b].numbered) ? from->cells : NULL, from->numbers};
  }
  if (p->in->keep) p->arrays->rows = a->rows;
}

gkt_status gkt_device_patches_create(gkt_context *ctx, gkt_copies *copies, const gkt_device_patch_input *in, const gkt_patch_limits *limits, gkt_row_patches **plan,
                                     gkt_patch_arrays *arrays, char why[200]) {
  gkt_planning p = {
      .ctx = ctx, .device = copies->device, .in = in, .limits = limits, .kept = copies, .meanwhile = {.ctx = ctx, .device = copies->device}, .arrays = arrays, .why = why};
  gkt_status status;
  *why = 0, *plan = NULL, *arrays = (gkt_patch_arrays){0};
  if (in->in->window > GKT_PLAN_MOST_WINDOW) return snprintf(why, 200, "cells and slots are dealt out of more than %d", GKT_PLAN_MOST_WINDOW), GKT_OK;
  GKT_GO(make_outline(&p));
  GKT_GO(make(&p));
  if (!*why) list_arrays(&p), *plan = p.out, p.out = NULL;
done:
  gkt_device_free(p.device, &p.keys);
  gkt_device_free(p.device, &p.numbers);
  gkt_device_free(p.device, &p.order);
  gkt_device_free(p.device, &p.stars);
  gkt_copies_clear(&p.meanwhile);
  gkt_row_patches_destroy(&p.out);
  if (!*plan) gkt_copies_clear(copies), gkt_patch_arrays_clear(arrays);
  return status;
}

void gkt_patch_arrays_clear(gkt_patch_arrays *a) { gkt_free(&a->sources); }
