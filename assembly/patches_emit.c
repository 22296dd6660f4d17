/* The text of the fused kernel (patches.cu): maps as functions of one entity, with the coordinates of the patch's nodes in shared memory, and what puts their tensors into records.
 */
#include "assembly/patches_emit.h"

#include <string.h>

#include "assembly/elements.h"
#include "assembly/segments_arguments.h"
#include "assembly/sets_emit.h"
#include "core/embed.h"
#include "meshes/mesh.h"

GKT_EMBED(gkt_patches_arguments_text, "assembly/patches_arguments.h");
GKT_EMBED(gkt_patches_kernels, "assembly/patches.cu");
GKT_EMBED(gkt_numbers_arguments_text, "assembly/numbers_arguments.h");
GKT_EMBED(gkt_numbers_kernels, "assembly/numbers.cu");

/* ---- arguments ---- */
static const char *type_of_coords(const gkt_patch_shares *s) { return s->runs ? "gkt_coords" : "gkt_shared<gkt_scalar>"; }
static const char *type_of_blocks(const gkt_patch_shares *s) { return s->runs ? "gkt_number_block_arguments" : "gkt_patch_block_arguments"; }

static void emit_arguments(const gkt_patch_shares *s, gkt_text *text) {
  int tables = 0, sources = 0;
  for (int k = 0; k < s->num_shares; k++)
    for (int m = 0; m < s->a->num_maps; m++)
      if (gkt_patch_share_has(&s->shares[k], s->a->maps[m])) tables += gkt_map_num_tables(s->a->maps[m]), sources++;
  gkt_text_printf(text, "typedef struct {\n  %s p;\n  %s blocks[%d];\n", s->runs ? "gkt_number_arguments" : "gkt_patch_arguments", type_of_blocks(s),
                  gkt_mesh_num_blocks(s->a->mesh));
  if (sources) gkt_text_printf(text, "  gkt_patch_source_arguments sources[%d];\n  const gkt_scalar *tables[%d];\n", sources, tables); /* none: a block of zeros */
  gkt_text_printf(text, "  const gkt_scalar *values[%d];\n  const gkt_idx *nodes[%d][%d];\n", gkt_patch_num_functions(s), gkt_mesh_num_blocks(s->a->mesh),
                  gkt_patch_num_functions(s));
  if (s->turned) gkt_text_printf(text, "  gkt_tie_arguments ties[%d];\n", gkt_patch_num_functions(s));
  if (s->sets) gkt_sets_emit_arguments(s->a, text);
  gkt_text_printf(text, "} gkt_patch_all_arguments;\n");
}

/* ---- records ---- */
/* The nodes of the mesh at the corners of a cell wait in registers for the functions that have dofs there. */
static const char patch_data[] =
    "struct gkt_patch_data : gkt_map_data {\n  const gkt_idx *vertices;\n};\n#define GKT_VERTEX(d, i) static_cast<const gkt_patch_data *>(d)->vertices[i]\n";

static void emit_prelude(const gkt_patch_shares *s, gkt_text *text) {
  if (s->sets) gkt_sets_emit_prelude(text);
  else if (!s->runs) gkt_text_printf(text, "#define GKT_COORDS gkt_shared<gkt_scalar>\n#define GKT_GEOMETRY const gkt_short *\n#define GKT_CORNERS(d, cell) (d)->first_cell\n");
  gkt_map_emit_prelude(GKT_BACKEND_CUDA, text);
  if (!s->sets && !s->runs) gkt_text_printf(text, "%s", patch_data);
}

static bool reads_vertices(const gkt_patch_shares *s, int share) {
  bool any = false;
  for (int f = 0; f < s->a->num_functions; f++) any |= gkt_patch_reads_nodes(s, share, f);
  return any;
}

/* Numbers are read again where coordinates have read them, and added in 32 bits: so fewer registers wait, and none spills (t375, t770). */
static void emit_vertices(const gkt_patch_shares *s, int share, const gkt_map *m, gkt_text *text) {
  const int corners = gkt_mesh_block(s->a->mesh, m->block)->nodes_per_cell;
  if (!reads_vertices(s, share)) return;
  gkt_text_printf(text,
                  "    gkt_idx vertices[%d];\n    GKT_UNROLL\n    for (int i = 0; i < %d; i++)\n"
                  "      vertices[i] = a.p.nodes[__ldg(a.p.first_node + patch) + (gkt_idx)__ldg(b.numbers + (gkt_offset)(cells + record) * %d + i)];\n",
                  corners, corners, corners);
}

/* The map's tensor of one entity, in `out`. Of a patch, the cell at hand is told where it is read. */
static void emit_call(const gkt_patch_shares *s, int share, const gkt_map *m, int source, int *table, const char *out, gkt_text *text) {
  const bool numbered = s->runs || gkt_patch_reads_cells(s, share);
  gkt_text_printf(text,
                  "    {\n      %s d = {};\n      d.coords = X, d.geometry = b.numbers, d.first_cell = cells + record, d.constants = a.p.constants, d.time = a.p.time;\n"
                  "      d.values = a.values, d.nodes = a.nodes[%d], d.num_points = (gkt_idx)a.sources[%d].num_points%s;\n"
                  "      d.normal[0] = a.sources[%d].normal[0], d.normal[1] = a.sources[%d].normal[1], d.normal[2] = a.sources[%d].normal[2];\n",
                  s->runs ? "gkt_map_data" : "gkt_patch_data", m->block, source, reads_vertices(s, share) ? ", d.vertices = vertices" : "", source, source, source);
  if (numbered) gkt_text_printf(text, "      d.cells = a.sources[%d].cells;\n", source);
  gkt_patches_emit_tables(m, *table, text);
  gkt_text_printf(text, "      gkt_map_%d(&d, %s, %s);\n    }\n", m->number, numbered ? "entity, entity + 1" : "0, 1", out);
  *table += gkt_map_num_tables(m);
}

/* The coupling's part of a tensor, in its record; tensor: its first scalar. */
static void emit_store(const gkt_patch_shares *s, const gkt_map *m, const gkt_coupling *c, bool first, const char *tensor, gkt_text *text) {
  const int na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes, block = c->arguments[0].components * c->arguments[1].components;
  const char *unroll = m->tensor_size <= GKT_PATCH_SMALL_TENSOR ? "GKT_UNROLL" : "";
  char from[120], to[120];
  snprintf(from, sizeof from, "%s[%d + (a * %d + b) * %d + i]", tensor, strcmp(tensor, "out") ? 0 : c->tensor_first, nb, block);
  if (s->half) snprintf(to, sizeof to, "to[(a * %d - a * (a - 1) / 2 + b - a) * %d + i]", nb, block);
  else snprintf(to, sizeof to, "to[(a * %d + b) * %d + i]", nb, block);
  gkt_text_printf(
      text,
      "    const gkt_shared<gkt_scalar> to = records + record * GKT_RECORD;\n    %s\n    for (int a = 0; a < %d; a++) {\n      %s\n      for (int b = %s; b < %d; b++) {\n"
      "        %s\n        for (int i = 0; i < %d; i++) %s %s %s;\n      }\n    }\n",
      unroll, na, unroll, s->half ? "a" : "0", nb, unroll, block, to, first ? "=" : "+=", from);
}

/* Tensors of cells with nodes that are turned, or that have a node twice. Small ones are copied, so that those of all other cells stay in registers, and stored. */
static void emit_turned(const gkt_patch_shares *s, const gkt_map *m, const gkt_coupling *c, bool first, gkt_text *text) {
  const int na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes;
  char nodes[40];
  snprintf(nodes, sizeof nodes, "a.nodes[%d]", m->block);
  gkt_map_emit_sides(s->a, c, nodes, text);
  if (m->tensor_size > GKT_PATCH_SMALL_TENSOR) {
    gkt_text_printf(text, "    gkt_turn_tensor(&shape, &rows, &cols, out + %d);\n", c->tensor_first);
    return;
  }
  gkt_text_printf(text,
                  "    if (gkt_any_turned(&rows, %d) || gkt_any_turned(&cols, %d) || gkt_any_twice(&rows, %d) || gkt_any_twice(&cols, %d)) {\n    gkt_scalar turned[%d];\n"
                  "    GKT_UNROLL\n    for (int i = 0; i < %d; i++) turned[i] = out[%d + i];\n    gkt_turn_tensor(&shape, &rows, &cols, turned);\n",
                  na, nb, na, nb, c->tensor_size, c->tensor_size, c->tensor_first);
  emit_store(s, m, c, first, "turned", text);
  gkt_text_printf(text, "    continue;\n    }\n");
}

/* The cell's corners and dof numbers, and the loop over the sets, whose records are then those of one. */
static void emit_sets(const gkt_patch_shares *s, const gkt_map *m, gkt_text *text) {
  char nodes[24];
  snprintf(nodes, sizeof nodes, "a.nodes[%d]", m->block);
  gkt_sets_emit_cell(s->a, m->block, "X[(gkt_idx)b.numbers[(gkt_offset)(cells + record) * %d + i] * %d + k]", !s->runs, nodes, text);
  gkt_sets_emit_begin(s->a, s->sets, "a.p", text);
  gkt_text_printf(text, "    const gkt_shared<gkt_scalar> records = of_sets + s * w.room;\n");
}

static void emit_call_of_sets(const gkt_map *m, int source, int *table, const char *out, gkt_text *text) {
  char from[24];
  snprintf(from, sizeof from, "a.sources[%d]", source);
  gkt_sets_emit_call(m, "a.p", from, m->integral->measure == GKT_MEASURE_DP ? "entity" : "0", table, out, text);
}

static void emit_tensor(const gkt_patch_shares *s, int share, const gkt_map *m, int source, int *table, const char *out, gkt_text *text) {
  if (s->sets) emit_call_of_sets(m, source, table, out, text);
  else emit_call(s, share, m, source, table, out, text);
}

/* Of number k in the patch's list of a source: the entity, and the record of its cell. */
static void emit_entity(const gkt_patch_shares *s, int source, const char *k, gkt_text *text) {
  if (s->runs) gkt_text_printf(text, "first + %s", k);
  else gkt_text_printf(text, "__ldg(a.sources[%d].entities + first + %s)", source, k);
}
static void emit_record(const gkt_patch_shares *s, int source, const char *k, gkt_text *text) {
  if (s->runs) gkt_text_printf(text, "__ldg(a.sources[%d].cells + first + %s) - cells", source, k);
  else gkt_text_printf(text, "__ldg(a.sources[%d].records + first + %s)", source, k);
}

/* Points of dP in one cell stand one after the other, and one thread does them. */
static void emit_points(const gkt_patch_shares *s, int source, gkt_text *text) {
  gkt_text_printf(text, ";\n    if (k > 0 && ");
  emit_record(s, source, "k - 1", text);
  gkt_text_printf(text, " == record) continue;\n    for (gkt_idx more = k; more < count && ");
  emit_record(s, source, "more", text);
  gkt_text_printf(text, " == record; more++) {\n    const gkt_idx entity = ");
  emit_entity(s, source, "more", text);
}

/* Over the cells of the patch, or over entities in them; numbered: by their numbers, too. */
static void emit_loop(const gkt_patch_shares *s, const gkt_group *g, int source, bool numbered, gkt_text *text) {
  if (g->cells) gkt_text_printf(text, "  const gkt_idx first = __ldg(a.sources[%d].first + patch), count = __ldg(a.sources[%d].first + patch + 1) - first;\n", source, source);
  else gkt_text_printf(text, "  const gkt_idx first = cells, count = __ldg(b.first + patch + 1) - first;\n");
  gkt_text_printf(text, "  for (gkt_idx k = (gkt_idx)threadIdx.x; k < count; k += GKT_PATCH_THREADS) {\n    const gkt_idx record = ");
  if (!g->cells) gkt_text_printf(text, !numbered ? "k" : s->runs ? "k, entity = first + k" : "k, entity = __ldg(b.cells + first + k)");
  else emit_record(s, source, "k", text);
  if (g->has_own_row) emit_points(s, source, text);
  else if (g->cells && numbered) gkt_text_printf(text, ", entity = "), emit_entity(s, source, "k", text);
  gkt_text_printf(text, ";\n");
}

/* The cell of an entity. */
static void emit_cell(const gkt_patch_shares *s, int share, int source, gkt_text *text) {
  const gkt_map *m = s->a->maps[s->shares[share].map];
  if (!gkt_patch_reads_cells(s, share)) return;
  if (m->groups[s->shares[share].group].cells) gkt_text_printf(text, "    const gkt_idx cell = __ldg(a.sources[%d].cells + entity);\n", source);
  else gkt_text_printf(text, "    const gkt_idx cell = entity;\n");
}

/* A share's part of the record. */
static void emit_pair_records(const gkt_patch_shares *s, int share, int *source, int *table, gkt_text *text) {
  const int block = s->a->maps[s->shares[share].map]->block, link = s->kinds[block].link;
  const gkt_patch_maps p = gkt_patch_maps_of(s, block);
  for (int m = 0; m < s->a->num_maps; m++) {
    const gkt_map *map = s->a->maps[m];
    char out[64];
    int record, tables;
    if (!gkt_patch_share_has(&s->shares[share], map)) continue;
    const bool adds = gkt_patches_find_part(s, &p, map, &record, &tables);
    snprintf(out, sizeof out, "records + (record * GKT_RECORD + %d)", record);
    if (adds) emit_tensor(s, share, map, *source, table, out, text);
    else *table += gkt_map_num_tables(map);
    (*source)++;
  }
  if (link >= 0) gkt_text_printf(text, "    records[record * GKT_RECORD + %d] = 0;\n", link);
}

/* The record of an entity, to which its cell is linked ahead of those that are. own: scalars from the records of the block to those of the source. */
static void emit_entity_record(const gkt_patch_shares *s, int share, int *source, int *table, gkt_text *text) {
  const gkt_map *m = s->a->maps[s->shares[share].map];
  gkt_text_printf(text, "    const gkt_idx at = own + k * %d, from = record * GKT_RECORD;\n", gkt_patch_entity_of(s, share));
  char out[64];
  snprintf(out, sizeof out, "records + (at + %d)", GKT_ENTITY_HEAD);
  emit_tensor(s, share, m, (*source)++, table, out, text);
  gkt_text_printf(text, "    records[at] = records[from + %d], records[at + 1] = %d, records[from + %d] = at - from;\n", s->kinds[m->block].link, share, s->kinds[m->block].link);
}

/* first: the tensors of all cells of the patch that are in the block, so they are stored; else they are added. */
static void emit_source(const gkt_patch_shares *s, int number, bool first, int *source, int *table, gkt_text *text) {
  const gkt_patch_share *share = &s->shares[number];
  const gkt_map *m = s->a->maps[share->map];
  const gkt_coupling *c = &m->couplings[share->coupling];
  const gkt_group *g = &m->groups[share->group];
  const bool turned = gkt_patch_may_turn(s->a, c), pairs = s->kinds[m->block].stride, entity = gkt_patch_entity_of(s, number);
  const int own = *source;
  gkt_text_printf(text,
                  "#define GKT_RECORD %d\nGKT_FUNCTION void gkt_patch_source_%d(const gkt_patch_all_arguments &a, const gkt_patch_work &w, gkt_shared<gkt_scalar> %s, "
                  "%s%s X) "
                  "{\n  const int patch = w.patch;\n  const gkt_set_group sets = w.sets;\n  const %s &b = a.blocks[%d];\n  const gkt_idx cells = "
                  "__ldg(b.first + patch);\n  (void)sets;\n",
                  gkt_patch_record_of(s, m->block), number, s->sets ? "of_sets" : "records", entity ? "gkt_idx own, " : "", type_of_coords(s), type_of_blocks(s), m->block);
  emit_loop(s, g, own, gkt_patch_is_numbered(s, number), text);
  emit_vertices(s, number, m, text);
  if (s->sets) emit_cell(s, number, own, text), emit_sets(s, m, text);
  if (entity) emit_entity_record(s, number, source, table, text);
  else if (pairs) emit_pair_records(s, number, source, table, text);
  else gkt_text_printf(text, "    gkt_scalar out[%d];\n", m->tensor_size);
  for (int k = 0; !pairs && k < s->a->num_maps; k++)
    if (gkt_patch_share_has(share, s->a->maps[k])) emit_tensor(s, number, s->a->maps[k], (*source)++, table, "out", text);
  if (turned && !s->sets) emit_cell(s, number, own, text);
  if (turned) emit_turned(s, m, c, first, text);
  if (!pairs) emit_store(s, m, c, first, "out", text);
  gkt_text_printf(text, "  }%s%s\n}\n#undef GKT_RECORD\n", s->sets ? "\n  }" : "", g->has_own_row ? "\n  }" : "");
}

/* Is it the first of its block, and of all cells? In pair mode any of all cells. */
static bool is_whole(const gkt_patch_shares *s, int number) {
  const gkt_map *m = s->a->maps[s->shares[number].map];
  for (int k = 0; !s->kinds[m->block].stride && k < number; k++)
    if (s->a->maps[s->shares[k].map]->block == m->block) return false;
  return !m->groups[s->shares[number].group].cells;
}

static bool is_stored(const gkt_patch_shares *s, int block) {
  for (int k = 0; k < s->num_shares; k++)
    if (s->a->maps[s->shares[k].map]->block == block && is_whole(s, k)) return true;
  return false;
}

static void emit_room(const gkt_patch_shares *s, gkt_text *text) {
  gkt_text_printf(text, "GKT_FUNCTION int gkt_patch_room(const gkt_patch_all_arguments &a, int patch) {\n  return GKT_PATCH_ZEROS");
  for (int b = 0; b < gkt_mesh_num_blocks(s->a->mesh); b++)
    gkt_text_printf(text, " + (__ldg(a.blocks[%d].first + patch + 1) - __ldg(a.blocks[%d].first + patch)) * %d", b, b, gkt_patch_record_of(s, b));
  for (int k = 0; k < s->num_shares; k++)
    if (gkt_patch_entity_of(s, k)) gkt_text_printf(text, " + "), gkt_patches_emit_size(s, k, text);
  gkt_text_printf(text, ";\n}\n");
}

/* What padding adds: the record of no cell. */
static int zeros_of(const gkt_patch_shares *s) { return s->pairs ? gkt_patch_record_of(s, 0) : s->a->targets.all[s->target].reduce->block; }

/* Records of blocks in which no integral covers all cells of a patch. */
static void emit_clear(const gkt_patch_shares *s, gkt_text *text) {
  bool waits = false;
  gkt_text_printf(
      text, "GKT_FUNCTION void gkt_patch_clear(const gkt_patch_all_arguments &a, int patch, gkt_shared<gkt_scalar> records) {\n  gkt_idx first = GKT_PATCH_ZEROS, end = first;\n");
  if (zeros_of(s) > GKT_PATCH_THREADS) /* the kernel clears one for each thread */
    gkt_text_printf(text, "  for (gkt_idx i = GKT_PATCH_THREADS + (gkt_idx)threadIdx.x; i < GKT_PATCH_ZEROS; i += GKT_PATCH_THREADS) records[i] = 0;\n");
  for (int b = 0; b < gkt_mesh_num_blocks(s->a->mesh); b++) {
    gkt_text_printf(text, "  first = end, end += (__ldg(a.blocks[%d].first + patch + 1) - __ldg(a.blocks[%d].first + patch)) * %d;\n", b, b, gkt_patch_record_of(s, b));
    if (!is_stored(s, b)) gkt_text_printf(text, "  for (gkt_idx i = first + (gkt_idx)threadIdx.x; i < end; i += GKT_PATCH_THREADS) records[i] = 0;\n");
    waits |= !is_stored(s, b);
  }
  if (waits && s->runs) gkt_text_printf(text, "  __syncthreads();\n");
  gkt_text_printf(text, "  (void)first;\n}\n");
}

/* Shares of all cells have parts of their own in a record of pair mode. */
static void emit_cells(const gkt_patch_shares *s, int share, gkt_text *text) {
  if (!gkt_patch_entity_of(s, share)) gkt_text_printf(text, "  gkt_patch_source_%d(a, w, at_%d, X);\n", share, s->a->maps[s->shares[share].map]->block);
  if (!s->pairs || share + 1 == s->num_shares) gkt_text_printf(text, "  __syncthreads();\n");
}

static void emit_records(const gkt_patch_shares *s, gkt_text *text) {
  gkt_text_printf(text,
                  "GKT_FUNCTION void gkt_patch_records(const gkt_patch_all_arguments &a, const gkt_patch_work &w, gkt_shared<gkt_scalar> records, %s X) "
                  "{\n  const int patch = w.patch;\n"
                  "  const gkt_shared<gkt_scalar> at_0 = records + GKT_PATCH_ZEROS;\n",
                  type_of_coords(s));
  for (int b = 0; b < gkt_mesh_num_blocks(s->a->mesh); b++) {
    gkt_text_printf(text, "  const gkt_idx room_%d = (__ldg(a.blocks[%d].first + patch + 1) - __ldg(a.blocks[%d].first + patch)) * %d;\n", b, b, b, gkt_patch_record_of(s, b));
    gkt_text_printf(text, "  const gkt_shared<gkt_scalar> at_%d = at_%d + room_%d;\n", b + 1, b, b);
  }
  for (int k = 0; k < s->num_shares; k++) emit_cells(s, k, text);
  gkt_patches_emit_entities(s, text);
  gkt_text_printf(text, "  (void)at_%d;\n}\n", gkt_mesh_num_blocks(s->a->mesh));
}

/* ---- all of it ---- */
static void emit_maps(const gkt_patch_shares *s, gkt_text *text) {
  for (int m = 0; m < s->a->num_maps; m++) {
    bool any = false;
    for (int k = 0; k < s->num_shares; k++) any |= gkt_patch_share_has(&s->shares[k], s->a->maps[m]);
    if (any && !s->kinds[s->a->maps[m]->block].stride) gkt_map_emit(s->a->maps[m], (gkt_map_text){.vertices = !s->sets && !s->runs}, text);
  }
  if (!s->pairs) return;
  const gkt_patch_maps p = gkt_patch_maps_of(s, 0);
  for (int k = 0; k < p.count; k++) gkt_map_emit_record(p.parts[k].map, p.parts[k].coupling, s->sets, text);
  gkt_map_emit_pair(p.count, p.parts, s->sets, s->kinds[0].link, text);
}

static void emit_sources(const gkt_patch_shares *s, gkt_text *text) {
  int source = 0, table = 0;
  if (s->turned) gkt_map_emit_turns(text);
  emit_arguments(s, text);
  for (int k = 0; k < s->num_shares; k++) emit_source(s, k, is_whole(s, k), &source, &table, text);
}

/* One sum, of all cells: numbers.cu. */
static gkt_status emit_number(const gkt_patch_shares *s, gkt_text *text) {
  const gkt_reduce *r = s->a->targets.all[s->target].reduce;
  emit_prelude(s, text);
  emit_maps(s, text);
  if (s->sets) gkt_text_printf(text, "#define GKT_NUMBER_SETS\n");
  gkt_text_printf(text,
                  "%s%s%s\n#define GKT_PATCH_ARGUMENTS gkt_patch_all_arguments\n#define GKT_PATCH_COLS %d\n#define GKT_PATCH_BLOCK %d\n#define GKT_PATCH_ZEROS 0\n"
                  "#define GKT_PATCH_THREADS %d\n#define GKT_NUMBER_RUN %d\n",
                  gkt_sets_arguments_text, gkt_patches_arguments_text, gkt_numbers_arguments_text, r->pattern.block_size[1], r->block, GKT_NUMBER_THREADS, GKT_RUN);
  emit_sources(s, text);
  emit_clear(s, text);
  emit_records(s, text);
  gkt_text_printf(text, "%s", gkt_numbers_kernels);
  return text->status;
}

gkt_status gkt_patches_source(const gkt_patch_shares *s, bool has_long, gkt_text *text) {
  const gkt_reduce *r = s->a->targets.all[s->target].reduce;
  if (s->runs) return emit_number(s, text);
  emit_prelude(s, text);
  emit_maps(s, text);
  gkt_text_printf(
      text,
      "%s%s\n#define GKT_PATCH_ARGUMENTS gkt_patch_all_arguments\n#define GKT_PATCH_ROWS %d\n#define GKT_PATCH_COLS %d\n#define GKT_PATCH_DIM %d\n#define GKT_PATCH_THREADS %d\n",
      gkt_sets_arguments_text, gkt_patches_arguments_text, r->pattern.block_size[0], r->pattern.block_size[1], gkt_mesh_dim(s->a->mesh), GKT_PATCH_THREADS);
  if (s->sets) gkt_text_printf(text, "#define GKT_PATCH_SETS %d\n", s->sets);
  if (r->pattern.num_nodes[1] == 1) gkt_text_printf(text, "#define GKT_PATCH_SINGLE\n");
  if (s->once) gkt_text_printf(text, "#define GKT_PATCH_ONCE\n");
  gkt_text_printf(text, "#define GKT_PATCH_ZEROS %d\n", zeros_of(s));
  if (s->pairs) gkt_patches_emit_pair_sizes(s, text);
  if (has_long) gkt_text_printf(text, "#define GKT_PATCH_LONG %d\n", GKT_RUN);
  if (r->block <= GKT_PATCH_MOST_STAGED) gkt_text_printf(text, "#define GKT_PATCH_STAGED\n");
  emit_sources(s, text);
  emit_room(s, text);
  emit_clear(s, text);
  emit_records(s, text);
  if (s->pairs) gkt_patches_emit_begin(s, text);
  gkt_text_printf(text, "%s", gkt_patches_kernels);
  return text->status;
}
