/* Fused assembly of a target on a device: the plan is made there, or on the host and sent once it is chosen; execution is one launch. */
#include "assembly/patches_run.h"

#include <string.h>

#include "assembly/device_count.h"
#include "assembly/numbers.h"
#include "assembly/numbers_arguments.h"
#include "assembly/patches_arguments.h"
#include "assembly/patches_emit.h"
#include "assembly/reduce_strategy.h"
#include "meshes/mesh.h"
#include "spaces/space.h"

enum { ROOM_OF_RUNS = 1 << 16 }; /* scalars, of a batch of numbers */

struct gkt_fused {
  const gkt_device_inputs *inputs;
  gkt_device *device;
  gkt_device_module *module;
  gkt_launch launch;
  int target;
  gkt_device_cost cost;
  char described[240];
  gkt_patch_shares shares; /* until they are sent, but for its flags, */
  gkt_row_patches *patches;
  gkt_copies planned; /* on the device: arrays of a plan that was made there, */
  gkt_patch_arrays arrays;
  int num_sets;                    /* of a batch, that a block of threads does; 0: one call */
  gkt_size at_once;                /* sets of a batch of numbers, whose runs have room */
  size_t size, values, ties, sets; /* of the arguments; where the pointers to the functions' values, ties, and what sets need begin in them */
  unsigned char arguments[GKT_LARGEST_ARGUMENTS];
};

typedef struct { /* while it is sent */
  const gkt_assembler *a;
  const gkt_patch_shares *shares;
  const gkt_row_patches *patches;
  gkt_copies *copies;
} sending;

/* ---- the plan ---- */
static size_t count_arguments(const gkt_patch_shares *s) {
  const gkt_assembler *a = s->a;
  const size_t blocks = (size_t)gkt_mesh_num_blocks(a->mesh), pointer = sizeof(void *);
  size_t size = sizeof(gkt_patch_arguments) + blocks * sizeof(gkt_patch_block_arguments) + (size_t)gkt_patch_num_functions(s) * (1 + blocks) * pointer;
  if (s->turned) size += (size_t)gkt_patch_num_functions(s) * sizeof(gkt_tie_arguments);
  for (int k = 0; k < s->num_shares; k++)
    for (int n = 0; n < a->num_maps; n++)
      if (gkt_patch_share_has(&s->shares[k], a->maps[n])) size += sizeof(gkt_patch_source_arguments) + (1 + 2 * (size_t)a->maps[n]->rule.num_bases) * pointer;
  return s->sets ? size + sizeof(gkt_sets_arguments) + (size_t)gkt_patch_num_functions(s) * sizeof(gkt_size) : size;
}

/* On the device; patches stay NULL where they are to be made on the host. */
static gkt_status plan_on_device(gkt_fused *f, const gkt_patch_limits *limits, int window) {
  char why[200] = "";
  GKT_TRY(gkt_target_patches_on_device(&f->shares, &f->planned, limits, window, &f->patches, &f->arrays, why));
  if (*why) gkt_log(f->inputs->a->ctx, GKT_LOG_DETAIL, "patches are planned on the host: %s", why);
  return GKT_OK;
}

gkt_patch_limits gkt_patch_limits_of(const gkt_device_info *info) {
  gkt_patch_limits limits = gkt_patch_limits_default(info->shared_bytes);
  if (limits.shared_bytes > info->block_shared_bytes) limits.shared_bytes = info->block_shared_bytes;
  return limits;
}

static gkt_status make_patches(gkt_fused *f, const gkt_fused_options *options, char why[200]) {
  gkt_patch_limits limits = gkt_patch_limits_of(gkt_device_get_info(f->device));
  if (f->shares.runs) return gkt_number_runs_create(&f->shares, &f->patches);
  if (options->rows) limits.rows = options->rows;
  if (!options->on_host && !options->sets) GKT_TRY(plan_on_device(f, &limits, options->window));
  return f->patches ? GKT_OK : gkt_target_patches_create(&f->shares, &limits, options->window, &f->patches, why);
}

/* ---- arguments ---- */
static void put(gkt_fused *f, const void *part, size_t size) {
  memcpy(f->arguments + f->size, part, size);
  f->size += size;
}

#define SEND(array, count, what, to) GKT_TRY(gkt_copies_add(m->copies, array, count, sizeof *(array), what, &(to)))

static gkt_status send_patches(const sending *m, gkt_patch_arguments *to) {
  const gkt_row_patches *p = m->patches;
  const gkt_size groups = p->totals.groups, slots = p->block > 1 ? groups * GKT_PATCH_GROUP : 0, patches = p->num_patches + (gkt_size)1, rows = p->num_rows;
  SEND(p->first_row, patches, "rows of patches", to->first_row);
  SEND(p->first_pair, p->single ? 0 : rows + 1, "rows of patches", to->first_pair);
  SEND(p->first_value, rows, "rows of patches", to->first_value);
  SEND(p->stride, p->block > 1 ? rows : 0, "rows of patches", to->stride);
  SEND(p->first_node, patches, "nodes of patches", to->first_node);
  SEND(p->nodes, p->totals.nodes, "nodes of patches", to->nodes);
  SEND(p->first_group, patches, "sums of patches", to->first_group);
  SEND(p->first_word, groups + 1, "sums of patches", to->first_word);
  SEND(p->list, (gkt_size)p->totals.words * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD, "contributions of patches", to->list);
  SEND(p->slots, p->block == 1 ? p->totals.pairs : 0, "sums of patches", to->slots);
  SEND(p->places, slots, "sums of patches", to->places);
  SEND(p->mirrors, p->once ? slots : 0, "sums of patches", to->mirrors);
  return GKT_OK;
}

static gkt_status send_cells(const sending *m, int block, gkt_patch_block_arguments *to) {
  const gkt_patch_cells *c = &m->patches->blocks[block];
  const gkt_size count = m->patches->totals.cells[block];
  SEND(c->first, m->patches->num_patches + (gkt_size)1, "cells of patches", to->first);
  SEND(c->cells, c->numbered ? count : 0, "cells of patches", to->cells);
  SEND(c->numbers, count * c->corners, "cells of patches", to->numbers);
  return GKT_OK;
}

static gkt_status send_entities(const sending *m, int share, gkt_patch_entity_arrays *to) {
  const gkt_patch_entities *e = &m->patches->sources[share];
  const gkt_size count = e->first ? m->patches->totals.entities[share] : 0;
  SEND(e->first, m->patches->num_patches + (gkt_size)1, "entities of patches", to->first);
  SEND(e->entities, e->numbered ? count : 0, "entities of patches", to->entities);
  SEND(e->records, count, "entities of patches", to->records);
  return GKT_OK;
}

/* Of a plan that was made on the host. */
static gkt_status send_arrays(const sending *m, gkt_patch_arrays *to) {
  GKT_TRY(gkt_calloc(m->a->ctx, m->patches->num_sources, sizeof *to->sources, &to->sources));
  GKT_TRY(send_patches(m, &to->all));
  for (int b = 0; b < m->patches->num_blocks; b++) GKT_TRY(send_cells(m, b, &to->blocks[b]));
  for (int s = 0; s < m->patches->num_sources; s++) GKT_TRY(send_entities(m, s, &to->sources[s]));
  return GKT_OK;
}

static gkt_status put_number(const sending *m, gkt_fused *f) {
  const gkt_row_patches *p = m->patches;
  const gkt_reduce *r = m->a->targets.all[f->target].reduce;
  gkt_number_arguments to = {.num_terms = r->num_cells, .num_runs = p->num_patches};
  const gkt_size each = (gkt_size)p->num_patches * p->block;
  to.first_value = gkt_reduce_place(r, 0, 0, &to.stride);
  f->at_once = f->num_sets && each < ROOM_OF_RUNS ? ROOM_OF_RUNS / each : 1;
  GKT_TRY(gkt_copies_make(m->copies, f->at_once * each, sizeof *to.runs, "sums of runs", &to.runs));
  put(f, &to, sizeof to);
  return GKT_OK;
}

static gkt_status put_cells_of_runs(const sending *m, gkt_fused *f, int b) {
  const gkt_cell_block *cells = gkt_mesh_block(m->a->mesh, b);
  gkt_number_block_arguments to = {0};
  SEND(m->patches->blocks[b].first, m->patches->num_patches + (gkt_size)1, "runs of terms", to.first);
  GKT_TRY(gkt_copies_join(m->copies, cells->nodes, (gkt_size)cells->num_cells * cells->nodes_per_cell, sizeof *cells->nodes, "nodes of cells", &to.numbers));
  put(f, &to, sizeof to);
  return GKT_OK;
}

static gkt_status put_runs(const sending *m, gkt_fused *f) {
  GKT_TRY(put_number(m, f));
  for (int b = 0; b < m->patches->num_blocks; b++) GKT_TRY(put_cells_of_runs(m, f, b));
  GKT_TRY(gkt_calloc(m->a->ctx, m->patches->num_sources, sizeof *f->arrays.sources, &f->arrays.sources));
  for (int s = 0; s < m->patches->num_sources; s++) GKT_TRY(send_entities(m, s, &f->arrays.sources[s]));
  return GKT_OK;
}

/* Of a share's own map, and of each map that goes into its tensor. */
static gkt_status put_source(const sending *m, gkt_fused *f, int share, const gkt_map *map) {
  const gkt_group *g = &map->groups[map->number == m->shares->shares[share].map ? m->shares->shares[share].group : 0];
  const gkt_patch_entity_arrays *e = &f->arrays.sources[share];
  gkt_patch_source_arguments to = {.first = e->first, .entities = e->entities, .records = e->records, .num_points = gkt_map_num_points(map, g->facet)};
  if (g->facet >= 0) gkt_cell_facet_normal(&gkt_cell_topologies[gkt_mesh_block(m->a->mesh, map->block)->cell], g->facet, to.normal);
  GKT_TRY(gkt_copies_share(m->copies, g->cells, g->count, sizeof *g->cells, "cells of an integral", &to.cells));
  put(f, &to, sizeof to);
  return GKT_OK;
}

static gkt_status put_table(const sending *m, gkt_fused *f, const double *table, gkt_size rows, gkt_size first, gkt_size size) {
  const gkt_scalar *at;
  GKT_TRY(gkt_copies_share(m->copies, table, rows * size, sizeof *table, "tables of a rule", &at));
  at += first * size;
  put(f, &at, sizeof at);
  return GKT_OK;
}

static gkt_status put_tables(const sending *m, gkt_fused *f, int share, const gkt_map *map) {
  const gkt_group *g = &map->groups[map->number == m->shares->shares[share].map ? m->shares->shares[share].group : 0];
  const gkt_size first = gkt_group_row(&map->rule, g, 0), rows = map->rule.num_rows;
  GKT_TRY(put_table(m, f, map->rule.weights, rows, first, 1));
  for (int k = 0; k < map->rule.num_bases; k++) {
    const gkt_table *t = map->rule.tables[k];
    GKT_TRY(put_table(m, f, t->phi, rows, first, t->size));
    GKT_TRY(put_table(m, f, t->dphi, rows, first, (gkt_size)t->size * t->dim));
  }
  return GKT_OK;
}

typedef gkt_status put_map(const sending *, gkt_fused *, int share, const gkt_map *);
static gkt_status put_maps(const sending *m, gkt_fused *f, put_map *one) {
  for (int k = 0; k < m->shares->num_shares; k++)
    for (int n = 0; n < m->a->num_maps; n++)
      if (gkt_patch_share_has(&m->shares->shares[k], m->a->maps[n])) GKT_TRY(one(m, f, k, m->a->maps[n]));
  return GKT_OK;
}

static bool reads_numbers(const sending *m, int function) {
  bool any = false;
  for (int k = 0; k < m->shares->num_shares; k++) any |= gkt_patch_reads_numbers(m->shares, k, function);
  return any;
}

static gkt_status put_functions(const sending *m, gkt_fused *f) {
  const gkt_scalar *none = NULL;
  const int functions = gkt_patch_num_functions(m->shares);
  f->values = f->size;
  for (int k = 0; k < functions; k++) put(f, &none, sizeof none);
  for (int b = 0; b < gkt_mesh_num_blocks(m->a->mesh); b++)
    for (int k = 0; k < functions; k++) {
      const bool reads = k < m->a->num_functions && (reads_numbers(m, k) || f->inputs->ties[k].used);
      const gkt_space *s = reads ? m->a->spaces[k] : NULL;
      const gkt_idx *at = NULL;
      if (s) GKT_TRY(gkt_copies_join(m->copies, s->cell_nodes[b], (gkt_size)gkt_mesh_block(m->a->mesh, b)->num_cells * s->bases[b].size, sizeof *at, "dof numbers", &at));
      put(f, &at, sizeof at);
    }
  f->ties = f->size;
  for (int k = 0; k < functions && m->shares->turned; k++) put(f, &f->inputs->ties[k].now, sizeof f->inputs->ties[k].now);
  return GKT_OK;
}

static void put_sets(const sending *m, gkt_fused *f) {
  const gkt_sets_arguments none = {0};
  const gkt_size stride = 0;
  f->sets = f->size;
  if (f->num_sets) put(f, &none, sizeof none);
  for (int k = 0; f->num_sets && k < gkt_patch_num_functions(m->shares); k++) put(f, &stride, sizeof stride);
}

static gkt_status put_arguments(const sending *m, gkt_fused *f) {
  if (m->shares->runs) GKT_TRY(put_runs(m, f));
  else if (f->planned.count) GKT_TRY(gkt_copies_take(m->copies, &f->planned));
  else GKT_TRY(send_arrays(m, &f->arrays));
  if (!m->shares->runs) put(f, &f->arrays.all, sizeof f->arrays.all);
  for (int b = 0; b < m->patches->num_blocks && !m->shares->runs; b++) put(f, &f->arrays.blocks[b], sizeof f->arrays.blocks[b]);
  GKT_TRY(put_maps(m, f, put_source));
  GKT_TRY(put_maps(m, f, put_tables));
  GKT_TRY(put_functions(m, f));
  put_sets(m, f);
  return GKT_OK;
}

/* ---- the kernel ---- */
/* Two blocks are to be on a multiprocessor at once, for which patches were cut. */
static gkt_status compile(const sending *m, gkt_fused *f) {
  enum { TOGETHER = 2 };
  const gkt_row_patches *p = m->patches;
  gkt_text text = {.ctx = m->a->ctx};
  gkt_status status;
  GKT_GO(gkt_patches_source(m->shares, p->totals.longest * GKT_PATCH_PER_WORD > GKT_RUN, &text));
  gkt_text_printf(&text, "static_assert(sizeof(gkt_patch_all_arguments) == %zu, \"arguments as the host lays them out\");\n", f->size);
  GKT_GO(gkt_device_compile(f->device, text.data, &f->module));
  f->launch = (gkt_launch){"gkt_patch", p->num_patches, GKT_PATCH_THREADS, p->shared_bytes};
  if (p->runs) f->launch.kernel = "gkt_number", f->launch.threads = GKT_NUMBER_THREADS;
  else GKT_GO(gkt_device_prefer_shared(f->device, f->module, &f->launch, TOGETHER));
done:
  gkt_text_free(&text);
  return status;
}

static void describe(gkt_fused *f) {
  const gkt_row_patches *p = f->patches;
  const gkt_idx of_mesh = f->inputs->a->targets.all[f->target].reduce->num_cells;
  const double cells = of_mesh > 0 ? of_mesh : 1, rows = p->num_rows > 0 ? p->num_rows : 1;
  f->cost = gkt_fused_count(&f->shares, p, p->sets);
  if (p->runs) {
    snprintf(f->described, sizeof f->described, "%d runs of %d terms, %.1f kB of shared memory", (int)p->num_patches, GKT_RUN, (double)p->shared_bytes / 1e3);
    return;
  }
  snprintf(
      f->described, sizeof f->described,
      "%d patches of %.0f rows, %.2f tensors computed per cell, %.1f contributions a cell in %.1f terms of sums%s, %.1f kB of shared memory, plan %.0f bytes a row, made on the %s",
      (int)p->num_patches, rows / (p->num_patches > 0 ? p->num_patches : 1), (double)p->num_computed / cells, (double)p->num_contributions / cells,
      (double)p->totals.words * GKT_PATCH_GROUP * GKT_PATCH_PER_WORD / cells, p->once ? ", transposed pairs at once" : "", (double)p->shared_bytes / 1e3,
      (double)gkt_row_patches_bytes(p) / rows, f->planned.count ? "device" : "host");
}

void gkt_fused_describe(const gkt_fused *f, size_t size, char *what) { snprintf(what, size, "%s", f->described); }

const gkt_device_cost *gkt_fused_get_cost(const gkt_fused *f) { return &f->cost; }

static gkt_status make(gkt_fused *f, const gkt_fused_options *options, char why[200]) {
  GKT_TRY(gkt_patch_shares_create(f->inputs->a, f->target, &f->shares, why));
  f->num_sets = options->sets;
  if (!*why) gkt_patch_shares_take_sets(&f->shares, options->sets);
  if (!*why && count_arguments(&f->shares) > GKT_LARGEST_ARGUMENTS) snprintf(why, 200, "more integrals, tables and functions than a launch can name");
  if (!*why) GKT_TRY(make_patches(f, options, why));
  if (!*why) describe(f);
  return GKT_OK;
}

gkt_status gkt_fused_create(const gkt_device_inputs *inputs, int target, const gkt_fused_options *options, gkt_fused **out, char why[200]) {
  gkt_fused *f = NULL;
  gkt_status status;
  *out = NULL, *why = 0;
  GKT_TRY(gkt_calloc(inputs->a->ctx, 1, sizeof *f, &f));
  f->inputs = inputs, f->device = inputs->device, f->target = target;
  f->planned = (gkt_copies){.ctx = inputs->a->ctx, .device = inputs->device};
  GKT_GO(make(f, options, why));
  if (!*why) *out = f, f = NULL;
done:
  gkt_fused_destroy(&f);
  return status;
}

static void drop_plan(gkt_fused *f) {
  gkt_patch_shares_clear(&f->shares);
  gkt_row_patches_destroy(&f->patches);
  gkt_patch_arrays_clear(&f->arrays);
  gkt_copies_clear(&f->planned);
}

gkt_status gkt_fused_send(gkt_fused *f, gkt_copies *copies) {
  const sending m = {.a = f->inputs->a, .shares = &f->shares, .patches = f->patches, .copies = copies};
  GKT_TRY(put_arguments(&m, f));
  GKT_TRY(compile(&m, f));
  drop_plan(f);
  return GKT_OK;
}

void gkt_fused_destroy(gkt_fused **fused) {
  if (!*fused) return;
  drop_plan(*fused);
  gkt_device_module_destroy(&(*fused)->module);
  gkt_free(fused);
}

static void fill_head(const gkt_fused *f, const gkt_inputs *inputs, gkt_scalar *values, unsigned char *arguments) {
  gkt_patch_arguments head;
  memcpy(&head, arguments, sizeof head);
  head.coords = f->inputs->coords.at, head.constants = inputs->constants, head.time = inputs->time, head.values = values;
  memcpy(arguments, &head, sizeof head);
}

static void fill_number(const gkt_fused *f, const gkt_inputs *inputs, gkt_scalar *values, unsigned char *arguments) {
  gkt_number_arguments head;
  memcpy(&head, arguments, sizeof head);
  head.coords = f->inputs->coords.at, head.constants = inputs->constants, head.time = inputs->time, head.values = values;
  memcpy(arguments, &head, sizeof head);
}

static void fill_arguments(const gkt_fused *f, const gkt_inputs *inputs, gkt_scalar *values, unsigned char arguments[GKT_LARGEST_ARGUMENTS]) {
  memcpy(arguments, f->arguments, f->size);
  (f->shares.runs ? fill_number : fill_head)(f, inputs, values + f->inputs->a->targets.all[f->target].first_value, arguments);
  if (inputs->values) memcpy(arguments + f->values, inputs->values, (size_t)f->inputs->a->num_functions * sizeof *inputs->values);
  for (int k = 0; f->shares.turned && k < f->inputs->a->num_functions; k++)
    memcpy(arguments + f->ties + (size_t)k * sizeof(gkt_tie_arguments), &f->inputs->ties[k].now, sizeof(gkt_tie_arguments));
}

static const gkt_launch JOIN = {"gkt_number_join", 1, GKT_NUMBER_THREADS, GKT_NUMBER_THREADS *(gkt_size)sizeof(gkt_scalar)};

gkt_status gkt_fused_run(const gkt_fused *f, gkt_scalar time, gkt_scalar *values) {
  const gkt_launch join = JOIN;
  unsigned char arguments[GKT_LARGEST_ARGUMENTS];
  const gkt_inputs inputs = {.values = f->inputs->values_now, .constants = f->inputs->constants.at, .time = time};
  fill_arguments(f, &inputs, values, arguments);
  GKT_TRY(gkt_device_launch(f->device, f->module, &f->launch, arguments, f->size));
  return f->shares.runs ? gkt_device_launch(f->device, f->module, &join, arguments, f->size) : GKT_OK;
}

/* Of a batch of numbers so many sets at a time as their runs have room for; values, constants and results are those of the first of them. */
static gkt_status run_numbers(const gkt_fused *f, const gkt_sets_arguments *how, const gkt_size *strides, unsigned char *arguments) {
  gkt_launch launch = f->launch, join = JOIN;
  gkt_number_arguments head;
  const gkt_scalar *values;
  memcpy(&head, arguments, sizeof head);
  for (gkt_size first = 0; first < how->count; first += f->at_once) {
    const gkt_size count = how->count - first < f->at_once ? how->count - first : f->at_once;
    launch.blocks = f->launch.blocks * count, join.blocks = count;
    GKT_TRY(gkt_device_launch(f->device, f->module, &launch, arguments, f->size));
    GKT_TRY(gkt_device_launch(f->device, f->module, &join, arguments, f->size));
    head.constants += count * how->constants_stride, head.values += count * how->results_stride;
    memcpy(arguments, &head, sizeof head);
    for (int k = 0; k < f->inputs->a->num_functions; k++) {
      unsigned char *at = arguments + f->values + (size_t)k * sizeof values;
      memcpy(&values, at, sizeof values);
      if (values) values += count * strides[k];
      memcpy(at, &values, sizeof values);
    }
  }
  return GKT_OK;
}

gkt_status gkt_fused_run_sets(const gkt_fused *f, const gkt_inputs *inputs, const gkt_sets_arguments *how, const gkt_size *strides, gkt_scalar *values) {
  unsigned char arguments[GKT_LARGEST_ARGUMENTS];
  gkt_launch launch = f->launch;
  gkt_sets_arguments sets = *how;
  sets.items = f->launch.blocks;
  launch.blocks *= gkt_blocks_for(how->count, f->num_sets);
  fill_arguments(f, inputs, values, arguments);
  memcpy(arguments + f->sets, &sets, sizeof sets);
  memcpy(arguments + f->sets + sizeof sets, strides, (size_t)f->inputs->a->num_functions * sizeof *strides);
  if (f->shares.runs) return run_numbers(f, how, strides, arguments);
  return gkt_device_launch(f->device, f->module, &launch, arguments, f->size);
}
