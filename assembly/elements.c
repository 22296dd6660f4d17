/* Element tensors on a device: what the kernels read, the launches in their order, what changes from call to call. */
#include "assembly/elements.h"

#include <string.h>

#include "meshes/mesh.h"

enum { SCRATCH_SHARE = 128 }; /* of the device's memory, for large tensors */

typedef struct {
  const gkt_map *map;
  char kernel[32];
  gkt_size blocks;
  size_t size;                                           /* of the arguments: gkt_elements_arguments, then what map_emit_device.c declares */
  size_t values_at, nodes_at, sums_at, ties_at, sets_at; /* bytes before */
  uint64_t arguments[GKT_LARGEST_ARGUMENTS / 8];
} launch;

struct gkt_elements {
  const gkt_assembler *a;
  gkt_device *device;
  gkt_copies *copies;
  const gkt_scalars *sums; /* [targets] */
  bool sets;               /* of a batch */
  gkt_device_module *module;
  const gkt_device_inputs *inputs;
  gkt_scalars scratch;
  bool *touched; /* [targets][blocks] while planning: does anything stand in the sums? */
  int num_launches;
  launch *launches;
  int num_cleared;
  gkt_scalars *cleared; /* parts of sums that no launch covers as the first */
};

/* ---- which functions are read, and where dof numbers are ---- */
static gkt_status share_nodes(gkt_elements *e, int block, int f, const gkt_idx **out) {
  const gkt_space *s = e->a->spaces[f];
  gkt_size count = s ? (gkt_size)gkt_mesh_block(e->a->mesh, block)->num_cells * s->bases[block].size : 0;
  return gkt_copies_join(e->copies, s ? s->cell_nodes[block] : NULL, count, sizeof(gkt_idx), "dof numbers", out);
}

/* ---- arguments of a launch ---- */
static gkt_status append(const gkt_elements *e, launch *l, const void *what, size_t size) {
  if (l->size + size > sizeof l->arguments)
    return gkt_fail(e->a->ctx, GKT_UNAVAILABLE,
                    "a form with so many integrals and functions needs more than %d bytes of arguments of a kernel, which a GPU does not have; expected the cpu backend",
                    (int)sizeof l->arguments);
  memcpy((char *)l->arguments + l->size, what, size);
  l->size += size;
  return GKT_OK;
}

/* Weights, values and gradients at the points of the group, from their first row on; of entities with rows of their own, of all. */
static gkt_status append_tables(gkt_elements *e, launch *l, const gkt_map *m, const gkt_group *g) {
  const gkt_rule *r = &m->rule;
  const gkt_size row = g->has_own_row ? 0 : gkt_group_row(r, g, 0);
  const gkt_scalar *at;
  GKT_TRY(gkt_copies_share(e->copies, r->weights, r->num_rows, sizeof *r->weights, "weights", &at));
  at += row;
  GKT_TRY(append(e, l, &at, sizeof at));
  for (int k = 0; k < r->num_bases; k++) {
    const gkt_table *t = r->tables[k];
    const gkt_size phi = (gkt_size)r->num_rows * t->size;
    GKT_TRY(gkt_copies_share(e->copies, t->phi, phi, sizeof *t->phi, "tables of a basis", &at));
    at += row * t->size;
    GKT_TRY(append(e, l, &at, sizeof at));
    GKT_TRY(gkt_copies_share(e->copies, t->dphi, phi * t->dim, sizeof *t->dphi, "tables of a basis", &at));
    at += row * t->size * t->dim;
    GKT_TRY(append(e, l, &at, sizeof at));
  }
  return GKT_OK;
}

static gkt_status append_functions(gkt_elements *e, launch *l, const gkt_map *m) {
  const gkt_assembler *a = e->a;
  const int count = a->num_functions > 0 ? a->num_functions : 1;
  const void *none = NULL;
  l->values_at = l->size;
  for (int f = 0; f < count; f++) GKT_TRY(append(e, l, &none, sizeof none));
  l->nodes_at = l->size;
  for (int f = 0; f < count; f++) {
    const gkt_idx *nodes = NULL;
    if (f < a->num_functions && (gkt_assembler_reads(a, f) || e->inputs->ties[f].used)) GKT_TRY(share_nodes(e, m->block, f, &nodes));
    GKT_TRY(append(e, l, &nodes, sizeof nodes));
  }
  return GKT_OK;
}

/* Sums of the couplings' tensors of the block; a group of all cells that comes first need not add. */
static gkt_status append_sums(gkt_elements *e, launch *l, const gkt_map *m, const gkt_group *g) {
  gkt_elements_arguments *fixed = (gkt_elements_arguments *)l->arguments;
  l->sums_at = l->size;
  for (int c = 0; c < m->num_couplings; c++) {
    const int target = m->couplings[c].target;
    const gkt_reduce *r = e->a->targets.all[target].reduce;
    if (!r) { /* of a part: computed for its transpose alone */
      const void *none = NULL;
      GKT_TRY(append(e, l, &none, sizeof none));
      continue;
    }
    gkt_size first, count = gkt_reduce_contributions(r, m->block, &first);
    gkt_scalar *at = e->sums[target].at + first * r->block;
    bool *touched = &e->touched[target * gkt_mesh_num_blocks(e->a->mesh) + m->block];
    if (!*touched && !g->cells && c < GKT_MOST_FRESH) fixed->fresh |= (gkt_size)1 << c;
    else if (!*touched) e->cleared[e->num_cleared++] = (gkt_scalars){at, count * r->block};
    *touched = true;
    GKT_TRY(append(e, l, &at, sizeof at));
  }
  return GKT_OK;
}

/* First entity of each cell of a group in which they may have several, [cells + 1]; *count: cells. */
static gkt_status share_runs(gkt_elements *e, const gkt_group *g, gkt_idx *count, const gkt_idx **out) {
  gkt_idx *runs;
  *count = 0;
  GKT_TRY(gkt_alloc(e->a->ctx, (gkt_size)g->count + 1, sizeof *runs, &runs));
  for (gkt_idx i = 0; i < g->count; i++)
    if (i == 0 || g->cells[i] != g->cells[i - 1]) runs[(*count)++] = i;
  runs[*count] = g->count;
  gkt_status status = gkt_copies_add(e->copies, runs, (gkt_size)*count + 1, sizeof *runs, "points of cells", out);
  gkt_free(&runs);
  return status;
}

/* Tensors of a set after those of another, of each coupling; what is the same for all sets; strides. */
static gkt_status append_sets(gkt_elements *e, launch *l, const gkt_map *m, gkt_idx cells) {
  const gkt_sets_arguments how = {.items = cells};
  const gkt_size none = 0;
  for (int c = 0; c < m->num_couplings; c++) {
    const gkt_reduce *r = e->a->targets.all[m->couplings[c].target].reduce;
    const gkt_size between = r ? r->num_contributions * r->block : 0;
    GKT_TRY(append(e, l, &between, sizeof between));
  }
  l->sets_at = l->size;
  GKT_TRY(append(e, l, &how, sizeof how));
  for (int f = 0; f < (e->a->num_functions > 0 ? e->a->num_functions : 1); f++) GKT_TRY(append(e, l, &none, sizeof none));
  return GKT_OK;
}

static gkt_status plan_arguments(gkt_elements *e, launch *l, const gkt_map *m, const gkt_group *g) {
  const gkt_assembler *a = e->a;
  const gkt_cell_block *cells = gkt_mesh_block(a->mesh, m->block);
  gkt_elements_arguments fixed = {.coords = e->inputs->coords.at, .constants = e->inputs->constants.at, .count = g->count, .num_points = gkt_map_num_points(m, g->facet)};
  if (g->facet >= 0) gkt_cell_facet_normal(&gkt_cell_topologies[cells->cell], g->facet, fixed.normal);
  GKT_TRY(gkt_copies_join(e->copies, cells->nodes, (gkt_size)cells->num_cells * cells->nodes_per_cell, sizeof *cells->nodes, "nodes of cells", &fixed.geometry));
  GKT_TRY(gkt_copies_share(e->copies, g->cells, g->count, sizeof *g->cells, "cells of an integral", &fixed.cells));
  if (g->has_own_row) GKT_TRY(share_runs(e, g, &fixed.count, &fixed.runs));
  GKT_TRY(append(e, l, &fixed, sizeof fixed));
  GKT_TRY(append_tables(e, l, m, g));
  for (int k = 0; k < a->num_maps; k++)
    if (a->maps[k]->into == m->number) GKT_TRY(append_tables(e, l, a->maps[k], &a->maps[k]->groups[0]));
  GKT_TRY(append_functions(e, l, m));
  GKT_TRY(append_sums(e, l, m, g));
  l->ties_at = l->size;
  for (int f = 0; gkt_map_is_tied(a, m) && f < a->num_functions; f++) GKT_TRY(append(e, l, &e->inputs->ties[f].now, sizeof e->inputs->ties[f].now));
  l->sets_at = l->size;
  if (e->sets) GKT_TRY(append_sets(e, l, m, fixed.count));
  l->blocks = gkt_blocks_for(fixed.count, GKT_ELEMENT_THREADS);
  return GKT_OK;
}

/* Large tensors have a place for each thread, and threads do several cells. */
static gkt_size num_threads(const launch *l) { return l->blocks * GKT_ELEMENT_THREADS; }
static gkt_size limit_blocks(const gkt_elements *e, launch *l) {
  const gkt_size bytes = (gkt_size)l->map->tensor_size * (gkt_size)sizeof(gkt_scalar) * GKT_ELEMENT_THREADS;
  const gkt_size fit = gkt_device_get_info(e->device)->memory_bytes / SCRATCH_SHARE / bytes, most = fit > 0 ? fit : 1;
  if (l->map->tensor_size <= GKT_LARGE_TENSOR) return 0;
  if (l->blocks > most) l->blocks = most;
  return num_threads(l) * l->map->tensor_size;
}

/* ---- launches, in the order of the host: map by map, group by group ---- */
static gkt_status plan_launch(gkt_elements *e, const gkt_map *m, const gkt_group *g, gkt_size *scratch) {
  launch *l = &e->launches[e->num_launches];
  l->map = m;
  snprintf(l->kernel, sizeof l->kernel, "gkt_elements_%d", m->number);
  if (g->count == 0) return GKT_OK;
  GKT_TRY(plan_arguments(e, l, m, g));
  gkt_size wanted = limit_blocks(e, l);
  *scratch = wanted > *scratch ? wanted : *scratch;
  e->num_launches++;
  return GKT_OK;
}

static bool runs(const gkt_map *m) { return gkt_map_has_work(m) && m->into < 0; }

static gkt_status plan_launches(gkt_elements *e) {
  const gkt_assembler *a = e->a;
  gkt_size scratch = 0, groups = 0, cleared = (gkt_size)a->targets.count * gkt_mesh_num_blocks(a->mesh);
  for (int k = 0; k < a->num_maps; k++) groups += runs(a->maps[k]) ? a->maps[k]->num_groups : 0;
  GKT_TRY(gkt_calloc(a->ctx, groups, sizeof *e->launches, &e->launches));
  GKT_TRY(gkt_calloc(a->ctx, cleared, sizeof *e->cleared, &e->cleared));
  GKT_TRY(gkt_calloc(a->ctx, cleared, sizeof *e->touched, &e->touched));
  for (int k = 0; k < a->num_maps; k++)
    for (int g = 0; runs(a->maps[k]) && g < a->maps[k]->num_groups; g++) GKT_TRY(plan_launch(e, a->maps[k], &a->maps[k]->groups[g], &scratch));
  return gkt_device_alloc(e->device, scratch, sizeof(gkt_scalar), "large element tensors", &e->scratch);
}

/* Sums that no integral adds to. */
static void clear_untouched(gkt_elements *e) {
  const int blocks = gkt_mesh_num_blocks(e->a->mesh);
  for (int t = 0; t < e->a->targets.count; t++)
    for (int b = 0; b < blocks; b++) {
      const gkt_reduce *r = e->a->targets.all[t].reduce;
      if (!r || e->touched[t * blocks + b]) continue;
      gkt_size first, count = gkt_reduce_contributions(r, b, &first);
      e->cleared[e->num_cleared++] = (gkt_scalars){e->sums[t].at + first * r->block, count * r->block};
    }
}

static gkt_status compile(gkt_elements *e) {
  gkt_text text = {.ctx = e->a->ctx};
  gkt_status status = gkt_elements_source(e->a, e->sets, &text);
  if (status == GKT_OK) status = gkt_device_compile(e->device, text.data, &e->module);
  gkt_text_free(&text);
  return status;
}

gkt_status gkt_elements_create(const gkt_assembler *a, const gkt_device_inputs *inputs, gkt_copies *copies, const gkt_scalars *sums, bool sets, gkt_elements **out) {
  gkt_elements *e = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *e, &e));
  e->a = a, e->device = inputs->device, e->inputs = inputs, e->copies = copies, e->sums = sums, e->sets = sets;
  GKT_GO(plan_launches(e));
  clear_untouched(e);
  GKT_GO(compile(e));
done:
  if (status == GKT_OK) *out = e;
  else gkt_elements_destroy(&e);
  return status;
}

void gkt_elements_destroy(gkt_elements **elements) {
  gkt_elements *e = *elements;
  if (!e) return;
  gkt_device_free(e->device, &e->scratch);
  gkt_device_module_destroy(&e->module);
  gkt_free(&e->touched);
  gkt_free(&e->launches);
  gkt_free(&e->cleared);
  gkt_free(elements);
}

gkt_size gkt_elements_bytes_held(const gkt_elements *e) { return e->scratch.count * (gkt_size)sizeof(gkt_scalar); }

/* ---- execution ---- */
static void fill_arguments(const gkt_elements *e, launch *l, const gkt_inputs *inputs) {
  gkt_elements_arguments *fixed = (gkt_elements_arguments *)l->arguments;
  char *arguments = (char *)l->arguments;
  fixed->time = inputs->time, fixed->scratch = e->scratch.at, fixed->constants = inputs->constants;
  for (int f = 0; f < e->a->num_functions; f++) {
    if (inputs->values) memcpy(arguments + l->values_at + (size_t)f * sizeof(void *), &inputs->values[f], sizeof(void *));
    if (gkt_map_is_tied(e->a, l->map)) memcpy(arguments + l->ties_at + (size_t)f * sizeof(gkt_tie_arguments), &e->inputs->ties[f].now, sizeof(gkt_tie_arguments));
  }
}

static gkt_status run(const gkt_elements *e, const launch *l, gkt_size blocks) {
  const gkt_launch launched = {.kernel = l->kernel, .blocks = blocks, .threads = GKT_ELEMENT_THREADS};
  return gkt_device_launch(e->device, e->module, &launched, l->arguments, l->size);
}

gkt_status gkt_elements_run(gkt_elements *e, gkt_scalar time) {
  const gkt_inputs inputs = {.values = e->inputs->values_now, .constants = e->inputs->constants.at, .time = time};
  for (int k = 0; k < e->num_cleared; k++) GKT_TRY(gkt_device_fill(e->device, e->cleared[k].at, 0, e->cleared[k].count * (gkt_size)sizeof(gkt_scalar)));
  for (int k = 0; k < e->num_launches; k++) {
    fill_arguments(e, &e->launches[k], &inputs);
    GKT_TRY(run(e, &e->launches[k], e->launches[k].blocks));
  }
  return GKT_OK;
}

/* ---- of a batch ---- */
static void fill_sets(const gkt_elements *e, launch *l, const gkt_sets_arguments *how, const gkt_size *strides) {
  char *arguments = (char *)l->arguments;
  gkt_sets_arguments sets = *how;
  sets.items = ((gkt_elements_arguments *)l->arguments)->count;
  for (int c = 0; c < l->map->num_couplings; c++) {
    const int target = l->map->couplings[c].target;
    gkt_size first;
    gkt_reduce_contributions(e->a->targets.all[target].reduce, l->map->block, &first);
    gkt_scalar *at = e->sums[target].at + first * e->a->targets.all[target].reduce->block;
    memcpy(arguments + l->sums_at + (size_t)c * sizeof at, &at, sizeof at);
  }
  memcpy(arguments + l->sets_at, &sets, sizeof sets);
  memcpy(arguments + l->sets_at + sizeof sets, strides, (size_t)e->a->num_functions * sizeof *strides);
}

/* What no launch covers as the first is cleared with all else. */
static gkt_status clear_sets(const gkt_elements *e, gkt_size sets) {
  for (int k = 0; e->num_cleared && k < e->a->targets.count; k++) {
    const gkt_reduce *r = e->a->targets.all[k].reduce;
    if (r) GKT_TRY(gkt_device_fill(e->device, e->sums[k].at, 0, sets * r->num_contributions * r->block * (gkt_size)sizeof(gkt_scalar)));
  }
  return GKT_OK;
}

gkt_status gkt_elements_run_sets(gkt_elements *e, const gkt_inputs *inputs, const gkt_sets_arguments *how, const gkt_size *strides) {
  const gkt_size groups = gkt_blocks_for(how->count, GKT_ELEMENT_SETS);
  GKT_TRY(clear_sets(e, how->count));
  for (int k = 0; k < e->num_launches; k++) {
    launch *l = &e->launches[k];
    const gkt_size blocks = gkt_blocks_for(((gkt_elements_arguments *)l->arguments)->count * groups, GKT_ELEMENT_THREADS);
    fill_arguments(e, l, inputs);
    fill_sets(e, l, how, strides);
    GKT_TRY(run(e, l, l->map->tensor_size > GKT_LARGE_TENSOR ? l->blocks : blocks));
  }
  return GKT_OK;
}
