/* The C text of a map: tiles of GKT_LANES entities, once per cell what is the same at its points, then the points. Only macros of the preludes differ between host and device,
   where a tile is one entity, `begin`, and the map a function that kernels call. The map of a batch is in map_emit_sets.c. */
#include "assembly/map_emit.h"

#include <string.h>

#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...) TEXT_OF(__VA_ARGS__)

void gkt_map_emit_prelude(gkt_backend backend, gkt_text *text) {
  gkt_emit_prelude(backend, text);
  if (backend == GKT_BACKEND_CUDA)
    gkt_text_printf(text, "#define GKT_MAP GKT_FUNCTION\n#define GKT_FOR_TILES(first, begin, end) const gkt_idx first = (begin);\n"
                          "typedef gkt_scalar gkt_part;\n#define GKT_PART 1\n#define GKT_NO_PART 0\n#define GKT_ALIGNED\n"
                          "#ifdef __CUDACC__\n#define GKT_TABLE static __device__ const\n#else\n#define GKT_TABLE static const\n#endif\n");
  else /* four scalars of a block; as many lanes as a register holds; all lanes, of batches */
    gkt_text_printf(
        text,
        "#define GKT_MAP\n#define GKT_UNROLL\n#define GKT_FOR_TILES(first, begin, end) for (gkt_idx first = (begin); first < (end); first += GKT_LANES)\n"
        "#define GKT_TABLE static const\n#if defined(__AVX512F__)\n#define GKT_PART 8\n#elif defined(__AVX__)\n#define GKT_PART 4\n#else\n#define GKT_PART 2\n#endif\n"
        "typedef gkt_scalar gkt_four __attribute__((vector_size(4 * sizeof(gkt_scalar)), aligned(sizeof(gkt_scalar)), may_alias));\n"
        "typedef gkt_scalar gkt_part __attribute__((vector_size(GKT_PART * sizeof(gkt_scalar)), aligned(sizeof(gkt_scalar)), may_alias));\n#define GKT_NO_PART (gkt_part){0}\n"
        "typedef gkt_scalar gkt_lanes __attribute__((vector_size(GKT_LANES * sizeof(gkt_scalar)), aligned(sizeof(gkt_scalar)), may_alias));\n"
        "#define GKT_ALIGNED __attribute__((aligned(64)))\ntypedef long long gkt_offset;\n");
  gkt_text_printf(text,
                  "#ifndef GKT_COORDS\n#define GKT_COORDS const gkt_scalar *\n#define GKT_GEOMETRY const gkt_idx *\n#define GKT_CORNERS(d, cell) (cell)\n#endif\n"
                  "typedef GKT_COORDS gkt_coords;\ntypedef GKT_GEOMETRY gkt_corners;\n%s\n",
                  TEXT(GKT_MAP_DATA));
}

static void note_terminal(gkt_emitter *e, const gkt_terminal *t) {
  const gkt_map *m = e->map;
  bool tabulated = gkt_is_of_function(t) && m->functions[t->function];
  int basis = tabulated ? gkt_map_basis_of(m, t->function) : 0;
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE:
    if (tabulated) e->values[basis] = true;
    break;
  case GKT_TERM_GRAD: e->gradients[basis] = !gkt_basis_is_lagrange(&m->rule.bases[basis], 0); break;
  case GKT_TERM_X: e->position = true; break;
  case GKT_TERM_NORMAL: e->normal = true; break;
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION: e->diameter = true; break;
  case GKT_TERM_CONSTANT:
  case GKT_TERM_TIME: break;
  }
  e->once &= gkt_emit_is_per_cell(e, t);
}

static void note_entries(gkt_emitter *e, const gkt_coupling *c) {
  for (int k = 0; k < c->num_entries; k++) {
    const int slots[2] = {c->entries[k].row_slot, c->entries[k].col_slot};
    for (int i = 0; i < e->map->form->arity; i++) {
      const int table = c->arguments[i].table;
      if (e->record && (!slots[i] || !gkt_emit_is_linear(e, table))) continue; /* found by who sums */
      *(slots[i] ? &e->gradients[table] : &e->values[table]) = true;
    }
  }
}

static void note_uses(gkt_emitter *e) {
  const gkt_map *m = e->map;
  e->once = true;
  for (int i = 0; i < gkt_pointwise_num_inputs(m->pointwise); i++) note_terminal(e, gkt_pointwise_input(m->pointwise, i));
  for (int c = 0; c < m->num_couplings; c++) note_entries(e, &m->couplings[c]);
  if (e->position) e->values[0] = true;
}

void gkt_emit_cells(const gkt_emitter *e) {
  int n = e->cells->nodes_per_cell, dim = e->map->dim;
  gkt_text_printf(e->text, "    gkt_idx cell[GKT_LANES];\n"
                           "    GKT_FOR_LANES(l) { cell[l] = first + l < end ? first + l : end - 1; }\n"
                           "    if (d->cells) { GKT_FOR_LANES(l) { cell[l] = d->cells[cell[l]]; } }\n");
  gkt_text_printf(e->text,
                  "    gkt_scalar X[%d][%d][GKT_LANES] GKT_ALIGNED;\n"
                  "    GKT_UNROLL_NODES for (int i = 0; i < %d; i++) {\n"
                  "      GKT_FOR_LANES(l) {\n"
                  "        const gkt_coords x = d->coords + (gkt_offset)d->geometry[(gkt_offset)GKT_CORNERS(d, cell[l]) * %d + i] * %d;\n",
                  n, dim, n, n, dim);
  for (int k = 0; k < dim; k++) gkt_text_printf(e->text, "        X[i][%d][l] = x[%d];\n", k, k);
  gkt_text_printf(e->text, "      }\n    }\n");
}

void gkt_emit_pointwise(const gkt_emitter *e) {
  gkt_text_printf(e->text, "      gkt_point_%d((const gkt_scalar (*)[GKT_LANES])in, G%s);\n", e->map->number, gkt_pointwise_num_calls(e->map->pointwise) ? ", d->calls" : "");
}

void gkt_emit_begin_points(const gkt_emitter *e) {
  if (gkt_map_is_uniform(e->map)) gkt_text_printf(e->text, "    for (int q = 0; q < %d; q++) {\n", e->map->rule.first[1]);
  else gkt_text_printf(e->text, "    for (int q = 0; q < d->num_points; q++) {\n");
}

void gkt_emit_values(const gkt_emitter *e) {
  for (int k = 0; k < e->map->rule.num_bases; k++)
    if (e->values[k]) gkt_text_printf(e->text, "      const gkt_scalar *GKT_RESTRICT p%d = d->phi[%d] + q * %d;\n", k, k, e->map->rule.bases[k].size);
}

/* ---- couplings ---- */
const char *gkt_emit_store(const gkt_emitter *e) { return e->map->into < 0 ? "=" : "+="; }

void gkt_emit_take(gkt_emitter *e, int coupling) {
  e->on = &e->map->couplings[coupling];
  if (gkt_emit_has_reference(e)) e->way = GKT_SUM_REFERENCE;
  else if (gkt_emit_has_turned(e)) e->way = GKT_SUM_TURNED;
  else if (gkt_emit_has_moments(e)) e->way = GKT_SUM_MOMENTS;
  else e->way = !e->sets && gkt_emit_has_pairs(e) ? GKT_SUM_PAIRS : GKT_SUM_ENTRIES;
}

static bool any_is_summed(const gkt_emitter *e, gkt_sum_way way) {
  gkt_emitter other = *e;
  for (int c = 0; c < e->map->num_couplings; c++) {
    gkt_emit_take(&other, c);
    if (other.on->num_entries && other.way == way) return true;
  }
  return false;
}

/* emit's text for each coupling that has entries and is summed in this way, with its tensor as A. */
static void for_couplings(const gkt_emitter *e, gkt_sum_way way, void (*emit)(const gkt_emitter *)) {
  gkt_emitter on = *e;
  for (int c = 0; c < e->map->num_couplings; c++) {
    gkt_emit_take(&on, c);
    if (!on.on->num_entries || on.way != way) continue;
    gkt_text_printf(e->text, "    {\n    gkt_scalar (*GKT_RESTRICT A)[GKT_LANES] = all + %d;\n", on.on->tensor_first);
    emit(&on);
    gkt_text_printf(e->text, "    }\n");
  }
}

static void emit_zeros(const gkt_emitter *e) {
  gkt_text_printf(e->text, "    for (int k = 0; k < %d; k++) {\n      GKT_FOR_LANES(l) { A[k][l] = 0; }\n    }\n", e->on->tensor_size);
}

/* What other maps add to, and this one has no entries for. */
static void emit_room(const gkt_emitter *e) {
  for (int c = 0; c < e->map->num_couplings && e->map->into < 0; c++) {
    const gkt_coupling *k = &e->map->couplings[c];
    if (k->num_entries || k->transposed_of >= 0) continue;
    gkt_text_printf(e->text, "    for (int k = %d; k < %d; k++) {\n      GKT_FOR_LANES(l) { all[k][l] = 0; }\n    }\n", k->tensor_first, k->tensor_first + k->tensor_size);
  }
}

static void emit_weighted(const gkt_emitter *e) {
  gkt_emit_inputs(e, false);
  if (!e->once) gkt_emit_pointwise(e);
  gkt_text_printf(e->text, "      GKT_FOR_LANES(l) {\n        const gkt_scalar w = d->weights[q] * dx[l];\n");
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++) gkt_text_printf(e->text, "        H[%d][l] = G[%d][l] * w;\n", k, k);
  gkt_text_printf(e->text, "      }\n");
  if (e->record) gkt_emit_record_point(e);
  else for_couplings(e, GKT_SUM_ENTRIES, gkt_emit_contraction);
}

static void emit_point(const gkt_emitter *e) {
  gkt_emit_values(e);
  if (!e->affine) gkt_emit_geometry(e);
  gkt_emit_gradients(e, false);
}

static void emit_points(const gkt_emitter *e) {
  const bool pairs = any_is_summed(e, GKT_SUM_PAIRS), entries = any_is_summed(e, GKT_SUM_ENTRIES), moments = any_is_summed(e, GKT_SUM_MOMENTS);
  if (!entries && !moments && !pairs) return;
  if (entries && e->map->rule.first[1] > 1 && e->map->into < 0) for_couplings(e, GKT_SUM_ENTRIES, emit_zeros);
  if (moments) gkt_emit_begin_moments(e);
  gkt_emit_begin_points(e);
  if (pairs) gkt_emit_name_point(e);
  emit_point(e);
  if (entries || pairs) emit_weighted(e);
  if (moments) gkt_emit_keep_point(e);
  gkt_text_printf(e->text, "    }\n");
}

static void emit_record(const gkt_emitter *e) {
  gkt_emit_record(e);
  if (e->way == GKT_SUM_REFERENCE || e->way == GKT_SUM_TURNED) return;
  gkt_emit_begin_points(e);
  emit_point(e);
  if (e->way == GKT_SUM_MOMENTS) gkt_emit_record_point(e);
  else emit_weighted(e);
  gkt_text_printf(e->text, "    }\n");
}

static void emit_from_reference(const gkt_emitter *e) {
  gkt_emit_factors(e);
  gkt_emit_reference(e);
}

/* What is computed from other entries. */
static void emit_copies(const gkt_emitter *e) {
  gkt_emitter on = *e;
  for (int c = 0; c < e->map->num_couplings; c++) {
    on.on = &e->map->couplings[c];
    if ((!on.on->mirror || !on.on->num_entries) && on.on->transposed_of < 0) continue;
    gkt_text_printf(e->text, "    {\n    gkt_scalar (*GKT_RESTRICT A)[GKT_LANES] = all + %d;\n", on.on->tensor_first);
    if (on.on->mirror) gkt_emit_mirror(&on);
    else gkt_emit_transpose(&on);
    gkt_text_printf(e->text, "    }\n");
  }
}

/* Of one point, where they are not kept at all of them. */
static void declare(const gkt_emitter *e) {
  const bool kept = !e->record && any_is_summed(e, GKT_SUM_PAIRS);
  int inputs = gkt_pointwise_num_inputs(e->map->pointwise), outputs = gkt_pointwise_num_outputs(e->map->pointwise), dim = e->map->dim;
  gkt_text_printf(e->text, "    gkt_scalar K[%d][%d][GKT_LANES] GKT_ALIGNED, dx[GKT_LANES] GKT_ALIGNED;\n", dim, dim);
  if (e->normal) gkt_text_printf(e->text, "    gkt_scalar n[%d][GKT_LANES] GKT_ALIGNED;\n", dim);
  for (int k = 0; k < e->map->rule.num_bases; k++)
    if (e->gradients[k] && (!kept || gkt_emit_is_linear(e, k))) gkt_text_printf(e->text, "    gkt_scalar g%d[%d][%d][GKT_LANES];\n", k, e->map->rule.bases[k].size, dim);
  gkt_text_printf(e->text, "    gkt_scalar in[%d][GKT_LANES] GKT_ALIGNED, G[%d][GKT_LANES] GKT_ALIGNED;\n", inputs ? inputs : 1, outputs);
  if (kept) gkt_emit_begin_pairs(e);
  else gkt_text_printf(e->text, "    gkt_scalar H[%d][GKT_LANES] GKT_ALIGNED;\n", outputs);
}

/* All but sums. */
static void emit_cell(const gkt_emitter *e) {
  gkt_emit_cells(e);
  gkt_emit_dofs(e);
  declare(e);
  if (e->affine) gkt_emit_geometry(e);
  if (e->diameter) gkt_emit_diameter(e);
  gkt_emit_gradients(e, true);
  gkt_emit_inputs(e, true);
  if (e->once) gkt_emit_pointwise(e);
}

static void emit_tile(const gkt_emitter *e) {
  gkt_text_printf(e->text, "    gkt_scalar (*all)[GKT_LANES] = (gkt_scalar (*)[GKT_LANES])(out + (gkt_offset)(first - begin) * %d);\n", e->map->tensor_size);
  emit_cell(e);
  emit_room(e);
  for_couplings(e, GKT_SUM_REFERENCE, emit_from_reference);
  for_couplings(e, GKT_SUM_TURNED, gkt_emit_turned);
  emit_points(e);
  for_couplings(e, GKT_SUM_PAIRS, gkt_emit_pairs);
  for_couplings(e, GKT_SUM_MOMENTS, gkt_emit_moments);
  emit_copies(e);
}

static void emit_tables(const gkt_emitter *e) {
  gkt_emitter on = *e;
  for (int c = 0; c < e->map->num_couplings; c++) {
    gkt_emit_take(&on, c);
    if (!on.on->num_entries || (on.way != GKT_SUM_REFERENCE && on.way != GKT_SUM_TURNED)) continue;
    const gkt_factors numbers = on.way == GKT_SUM_TURNED ? gkt_emit_find_columns(&on) : gkt_emit_find_factors(&on);
    gkt_emit_numbers(&on, &numbers, numbers.count);
  }
}

/* Scalars of a tensor that a device's thread keeps in registers: all loops over its nodes are unrolled there, so that no index is computed. */
enum { MOST_UNROLLED = 160 };

static gkt_emitter begin(const gkt_map *m, bool sets, bool record, gkt_text *text) {
  gkt_emitter e = {.map = m, .text = text, .cells = gkt_mesh_block(m->mesh, m->block), .sets = sets, .record = record};
  e.topology = &gkt_cell_topologies[e.cells->cell];
  e.affine = gkt_map_is_affine(m);
  note_uses(&e);
  return e;
}

bool gkt_map_is_once(const gkt_map *m) { return begin(m, false, false, NULL).once; }

void gkt_map_count_products(const gkt_map *m, int coupling, int *of_pair, int *of_node) {
  gkt_emitter e = begin(m, false, false, NULL);
  gkt_emit_take(&e, coupling);
  const bool summed = e.way == GKT_SUM_REFERENCE || e.way == GKT_SUM_TURNED;
  if (e.way == GKT_SUM_REFERENCE) *of_pair = gkt_emit_find_factors(&e).count;
  else if (e.way == GKT_SUM_TURNED) *of_pair = gkt_emit_count_turned(&e) + e.on->num_entries;
  else *of_pair = m->rule.first[1] * gkt_emit_num_trial_sums(e.on);
  *of_node = summed ? 0 : m->rule.first[1] * e.on->num_entries;
}

static void emit_map(const gkt_emitter *e, const char *out, bool unroll, void (*emit)(const gkt_emitter *)) {
  const gkt_map *m = e->map;
  char name[32];
  snprintf(name, sizeof name, "gkt_point_%d", m->number);
  gkt_pointwise_emit(m->pointwise, name, e->text);
  if (e->record) gkt_emit_pair_numbers(e);
  else emit_tables(e);
  gkt_text_printf(e->text, "#define GKT_UNROLL_NODES%s\n", unroll ? " GKT_UNROLL" : "");
  gkt_text_printf(e->text,
                  "GKT_MAP void gkt_map_%d(const gkt_map_data *GKT_RESTRICT d, gkt_idx begin, gkt_idx end, %sout) {\n"
                  "  GKT_FOR_TILES(first, begin, end) {\n",
                  m->number, out);
  emit(e);
  gkt_text_printf(e->text, "  }\n}\n#undef GKT_UNROLL_NODES\n");
}

void gkt_map_emit(const gkt_map *m, gkt_map_text how, gkt_text *text) {
  gkt_emitter e = begin(m, how.sets, false, text);
  e.keeps = how.keeps, e.vertices = how.vertices;
  gkt_emit_take(&e, 0);
  emit_map(&e, "gkt_scalar *GKT_RESTRICT ", m->tensor_size <= MOST_UNROLLED, how.sets ? gkt_emit_sets : emit_tile);
}

static void emit_cell_record(const gkt_emitter *e) {
  emit_cell(e);
  emit_record(e);
}

/* Of a coupling that is copied from its transpose: that one. */
static gkt_emitter begin_record(const gkt_map *m, int coupling, bool sets, gkt_text *text) {
  const int from = m->couplings[coupling].transposed_of;
  gkt_emitter e = begin(m, false, true, text);
  gkt_emit_take(&e, from < 0 ? coupling : from);
  e.vertices = !sets, e.common = !sets && gkt_emit_has_common(&e);
  return e;
}

void gkt_map_emit_record(const gkt_map *m, int coupling, bool sets, gkt_text *text) {
  gkt_emitter e = begin_record(m, coupling, sets, text);
  emit_map(&e, "gkt_shared<gkt_scalar> ", true, emit_cell_record);
  gkt_emit_pair_tables(&e);
}

static void emit_common(int count, const gkt_pair_part *parts, bool sets, gkt_text *text) {
  int all = 0, first = 0;
  for (int k = 0; k < count; k++) all += gkt_map_measure_record(parts[k].map, parts[k].coupling, sets).common;
  gkt_text_printf(text,
                  "struct gkt_patch_common {\n  gkt_scalar of[%d];\n};\nGKT_FUNCTION gkt_patch_common gkt_patch_find_common(const gkt_scalar *constants, gkt_scalar time) {\n"
                  "  gkt_patch_common all = {};\n  (void)constants, (void)time;\n",
                  all ? all : 1);
  for (int k = 0; k < count; k++) {
    const gkt_emitter e = begin_record(parts[k].map, parts[k].coupling, sets, text);
    gkt_emit_common(&e, first);
    first += gkt_emit_measure_record(&e).common;
  }
  gkt_text_printf(text, "  return all;\n}\n");
}

/* What a tensor that others go into is added to. */
static void keep_before(const gkt_emitter *e, int block) {
  gkt_text_printf(e->text, "  gkt_scalar before[%d];\n", block);
  for (int k = 0; k < block; k++) gkt_text_printf(e->text, "  before[%d] = E[%d];\n", k, k);
}
static void add_before(const gkt_emitter *e, int block) {
  for (int k = 0; k < block; k++) gkt_text_printf(e->text, "  E[%d] = before[%d] + E[%d];\n", k, k, k);
}

void gkt_map_emit_pair(int count, const gkt_pair_part *parts, bool sets, int link, gkt_text *text) {
  gkt_emitter e = begin_record(parts[0].map, parts[0].coupling, sets, text);
  const int block = e.on->arguments[0].components * e.on->arguments[1].components;
  const bool transposed = parts[0].map->couplings[parts[0].coupling].transposed_of >= 0;
  int record = 0, tables = 0, common = 0;
  bool kept = false;
  emit_common(count, parts, sets, text);
  gkt_emit_begin_pair(&e, transposed);
  if (link >= 0) gkt_text_printf(text, "  int link = (int)all[%d];\n", link);
  for (int k = 0; parts[0].num_sources && k < block; k++) gkt_text_printf(text, "  E[%d] = 0;\n", k);
  for (int k = 0; k < count; k++) {
    const gkt_pair_part *p = &parts[k];
    const bool goes_on = k + 1 < count && parts[k + 1].map->into >= 0;
    e = begin_record(p->map, p->coupling, sets, text);
    const gkt_record r = gkt_emit_measure_record(&e);
    e.added = k > 0 && p->map->into < 0 && !goes_on;
    if (p->num_sources) {
      e.added = true;
      gkt_emit_entities_sum(&e, p->first_source, p->num_sources, tables);
      tables += p->num_sources * r.tables;
      continue;
    }
    if (k > 0 && p->map->into < 0 && goes_on) kept = true, keep_before(&e, block);
    gkt_emit_pair_sum(&e, record, tables, common);
    if (kept && !goes_on) kept = false, add_before(&e, block);
    record += r.size, tables += r.tables, common += r.common;
  }
  gkt_emit_end_pair(&e, transposed);
}

gkt_record gkt_map_measure_record(const gkt_map *m, int coupling, bool sets) {
  const gkt_emitter e = begin_record(m, coupling, sets, NULL);
  return gkt_emit_measure_record(&e);
}
