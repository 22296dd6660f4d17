/* Text of the kernels around maps on a device: a thread for each cell of a group, whose tensors, with those of the maps that go into them, are turned and added to the cell's. */
#include "assembly/elements.h"
#include "assembly/sets_emit.h"
#include "core/embed.h"

GKT_EMBED(elements_arguments, "assembly/elements_arguments.h");
GKT_EMBED(elements_kernels, "assembly/elements.cu");
GKT_EMBED(turn_kernels, "assembly/turn.cu");

enum { SMALL_TENSOR = 160 }; /* scalars of a tensor that is kept in registers */

bool gkt_map_reads(const gkt_map *m, int function) {
  for (int i = 0; i < gkt_pointwise_num_inputs(m->pointwise); i++) {
    const gkt_terminal *t = gkt_pointwise_input(m->pointwise, i);
    if (gkt_is_of_function(t) && t->function == function) return true;
  }
  return false;
}

static const gkt_ties *ties_of(const gkt_assembler *a, const gkt_argument *arg) { return arg->space && arg->function >= 0 ? a->ties[arg->function] : NULL; }

bool gkt_coupling_is_tied(const gkt_assembler *a, const gkt_coupling *c) { return ties_of(a, &c->arguments[0]) || ties_of(a, &c->arguments[1]); }

bool gkt_map_is_tied(const gkt_assembler *a, const gkt_map *m) {
  for (int k = 0; k < m->num_couplings; k++)
    if (gkt_coupling_is_tied(a, &m->couplings[k])) return true;
  return false;
}

int gkt_map_num_tables(const gkt_map *m) { return 1 + 2 * m->rule.num_bases; }

static void emit_arguments(const gkt_assembler *a, const gkt_map *m, bool sets, gkt_text *text) {
  int tables = gkt_map_num_tables(m), functions = a->num_functions > 0 ? a->num_functions : 1;
  for (int k = 0; k < a->num_maps; k++) tables += a->maps[k]->into == m->number ? gkt_map_num_tables(a->maps[k]) : 0;
  gkt_text_printf(text, "typedef struct {\n  gkt_elements_arguments e;\n  const gkt_scalar *tables[%d], *values[%d];\n  const gkt_idx *nodes[%d];\n  gkt_scalar *sums[%d];\n",
                  tables, functions, functions, m->num_couplings);
  if (gkt_map_is_tied(a, m)) gkt_text_printf(text, "  gkt_tie_arguments ties[%d];\n", functions);
  if (sets) gkt_text_printf(text, "  gkt_size between[%d];\n", m->num_couplings), gkt_sets_emit_arguments(a, text);
  gkt_text_printf(text, "} gkt_elements_%d_arguments;\n", m->number);
}

/* The map's tensor of one entity in `out`; *table: number of its first table. */
static void emit_call(const gkt_map *m, bool sets, int *table, gkt_text *text) {
  const char *row = m->integral->measure == GKT_MEASURE_DP ? "entity" : "0";
  if (sets) {
    gkt_sets_emit_call(m, "a.e", "a.e", row, table, "out", text);
    return;
  }
  gkt_text_printf(text,
                  "      {\n        gkt_map_data d = {};\n        d.coords = a.e.coords, d.geometry = a.e.geometry, d.cells = a.e.cells, d.constants = a.e.constants;\n"
                  "        d.values = a.values, d.nodes = a.nodes, d.time = a.e.time, d.num_points = a.e.num_points;\n"
                  "        d.normal[0] = a.e.normal[0], d.normal[1] = a.e.normal[1], d.normal[2] = a.e.normal[2];\n        d.weights = a.tables[%d] + %s;\n",
                  *table, row);
  for (int k = 0; k < m->rule.num_bases; k++)
    gkt_text_printf(text, "        d.phi[%d] = a.tables[%d] + (gkt_offset)%s * %d, d.dphi[%d] = a.tables[%d] + (gkt_offset)%s * %d;\n", k, *table + 1 + 2 * k, row,
                    m->rule.bases[k].size, k, *table + 2 + 2 * k, row, m->rule.bases[k].size * m->dim);
  gkt_text_printf(text, "        gkt_map_%d(&d, entity, entity + 1, out);\n      }\n", m->number);
  *table += gkt_map_num_tables(m);
}

static void emit_side(const gkt_assembler *a, const gkt_argument *arg, const char *nodes, const char *name, gkt_text *text) {
  if (!ties_of(a, arg)) gkt_text_printf(text, "        const gkt_tied_side %s = {0, 0};\n", name);
  else gkt_text_printf(text, "        const gkt_tied_side %s = {&a.ties[%d], %s[%d] + (gkt_offset)cell * %d};\n", name, arg->function, nodes, arg->function, arg->num_nodes);
}

void gkt_map_emit_sides(const gkt_assembler *a, const gkt_coupling *c, const char *nodes, gkt_text *text) {
  const gkt_argument *rows = &c->arguments[0], *cols = &c->arguments[1];
  gkt_text_printf(text, "        const gkt_tensor_shape shape = {{%d, %d}, {%d, %d}, %s, %s};\n", rows->num_nodes, cols->num_nodes, rows->components, cols->components,
                  c->mirror ? "true" : "false", c->transposed_of >= 0 ? "true" : "false");
  emit_side(a, rows, nodes, "rows", text);
  emit_side(a, cols, nodes, "cols", text);
}

/* Of a part of an assembler some tensors are computed for their transposes alone. */
static bool is_summed(const gkt_assembler *a, const gkt_coupling *c) { return a->targets.all[c->target].reduce != NULL; }

static void emit_turn(const gkt_assembler *a, const gkt_coupling *c, gkt_text *text) {
  if (!gkt_coupling_is_tied(a, c) || !is_summed(a, c)) return;
  gkt_text_printf(text, "      {\n");
  gkt_map_emit_sides(a, c, "a.nodes", text);
  gkt_text_printf(text, "        gkt_turn_tensor(&shape, &rows, &cols, out + %d);\n      }\n", c->tensor_first);
}

void gkt_map_emit_turns(gkt_text *text) { gkt_text_printf(text, "%s%s", elements_arguments, turn_kernels); }

static void emit_add(const gkt_map *m, int k, bool sets, gkt_text *text) {
  const gkt_coupling *c = &m->couplings[k];
  const char *name = m->tensor_size <= SMALL_TENSOR ? "GKT_ADD_SMALL_TENSOR" : "gkt_add_tensor";
  char fresh[80] = "false", set[40] = "";
  if (sets) snprintf(set, sizeof set, " + set * a.between[%d]", k);
  if (k < GKT_MOST_FRESH) snprintf(fresh, sizeof fresh, "(a.e.fresh >> %d & 1) && entity == first", k);
  gkt_text_printf(text, "      {\n        gkt_scalar *sums = a.sums[%d] + (gkt_offset)cell * %d%s;\n        const gkt_scalar *tensor = out + %d;\n", k, c->tensor_size, set,
                  c->tensor_first);
  gkt_text_printf(text, "        const bool fresh = %s;\n        %s(sums, tensor, %d, fresh);\n      }\n", fresh, name, c->tensor_size);
}

/* A thread's cells or, of a batch, cells with some sets each. */
static void emit_items(const gkt_assembler *a, const gkt_map *m, bool sets, gkt_text *text) {
  if (sets)
    gkt_text_printf(text,
                    "  const gkt_size rounds = (a.sets.count + %d) / %d * a.sets.items;\n  for (gkt_size k = thread; k < rounds; k += threads) {\n"
                    "    const gkt_size item = k %% a.sets.items, before = k / a.sets.items * %d, left = a.sets.count - before;\n    const gkt_set_group sets = {before, left < %d "
                    "? (int)left : %d};\n",
                    GKT_ELEMENT_SETS - 1, GKT_ELEMENT_SETS, GKT_ELEMENT_SETS, GKT_ELEMENT_SETS, GKT_ELEMENT_SETS);
  else gkt_text_printf(text, "  for (gkt_size item = thread; item < a.e.count; item += threads) {\n");
  gkt_text_printf(
      text, "    const gkt_idx first = a.e.runs ? a.e.runs[item] : (gkt_idx)item, end = a.e.runs ? a.e.runs[item + 1] : first + 1, cell = a.e.cells ? a.e.cells[first] : first;\n");
  if (sets) gkt_sets_emit_cell(a, m->block, "__ldg(a.e.coords + (gkt_offset)__ldg(a.e.geometry + (gkt_offset)cell * %d + i) * %d + k)", false, "a.nodes", text);
  gkt_text_printf(text, "    for (gkt_idx entity = first; entity < end; entity++) {\n");
  if (sets) gkt_sets_emit_begin(a, 0, "a.e", text);
}

static void emit_kernel(const gkt_assembler *a, const gkt_map *m, bool sets, gkt_text *text) {
  const bool large = m->tensor_size > GKT_LARGE_TENSOR;
  int table = 0;
  emit_arguments(a, m, sets, text);
  gkt_text_printf(text,
                  "GKT_KERNEL(%d) gkt_elements_%d(const gkt_elements_%d_arguments GKT_BY_VALUE a) {\n"
                  "  const gkt_size thread = (gkt_size)blockIdx.x * %d + threadIdx.x, threads = (gkt_size)gridDim.x * %d;\n",
                  GKT_ELEMENT_THREADS, m->number, m->number, GKT_ELEMENT_THREADS, GKT_ELEMENT_THREADS);
  if (large) gkt_text_printf(text, "  gkt_scalar *out = a.e.scratch + thread * %d;\n", m->tensor_size);
  else gkt_text_printf(text, "  gkt_scalar out[%d];\n", m->tensor_size);
  emit_items(a, m, sets, text);
  emit_call(m, sets, &table, text);
  for (int k = 0; k < a->num_maps; k++)
    if (a->maps[k]->into == m->number) emit_call(a->maps[k], sets, &table, text);
  for (int k = 0; k < m->num_couplings; k++) emit_turn(a, &m->couplings[k], text);
  for (int k = 0; k < m->num_couplings; k++)
    if (is_summed(a, &m->couplings[k])) emit_add(m, k, sets, text);
  gkt_text_printf(text, "    }\n  }\n}\n%s", sets ? "}\n" : "");
}

gkt_status gkt_elements_source(const gkt_assembler *a, bool sets, gkt_text *text) {
  if (sets) gkt_sets_emit_prelude(text);
  GKT_TRY(gkt_assembler_source(a, -1, GKT_BACKEND_CUDA, false, text));
  if (sets) gkt_text_printf(text, "%s", gkt_sets_arguments_text);
  gkt_text_printf(text, "%s%s%s", elements_arguments, elements_kernels, turn_kernels);
  for (int k = 0; k < a->num_maps; k++)
    if (gkt_map_has_work(a->maps[k]) && a->maps[k]->into < 0) emit_kernel(a, a->maps[k], sets, text);
  return text->status;
}
