/* Text for large tensors on a device: a cell's record is what its entries are made of, and whoever sums forms the block of a pair of nodes from it. What is the same in all cells,
   values and gradients on the reference cell, stands in tables beside the records. Operations on an entry and their order are those of the tensor, in the way in which that is
   summed over the points. */
#include "assembly/map_emit.h"

/* Where the parts of a record begin: gradients of the nodes of rows, of columns where these are others; the inverse Jacobian, at each point where it varies; coefficients: D,
   outputs times the measure, or outputs times weight and measure at each point; where outputs are common to all cells, weight and measure at each point alone. Then the parts of
   the tables: values of rows, columns; gradients of rows, columns; or R. */
typedef struct {
  int gradients[2], inverse, coefficients, size;
  int values_table[2], gradients_table[2], numbers, tables;
} parts;

static int num_points(const gkt_emitter *e) { return e->map->rule.first[1]; }
static bool is_summed_before(const gkt_emitter *e) { return e->way == GKT_SUM_REFERENCE || e->way == GKT_SUM_TURNED; }
static const gkt_argument *side_of(const gkt_emitter *e, int which) { return &e->on->arguments[which]; }

/* Does an entry read values (gradients) of the function of a side? */
static bool reads(const gkt_emitter *e, int which, bool gradients) {
  for (int k = 0; k < e->on->num_entries; k++)
    if (((which ? e->on->entries[k].col_slot : e->on->entries[k].row_slot) > 0) == gradients) return true;
  return false;
}

static bool is_linear(const gkt_emitter *e, int which) { return gkt_emit_is_linear(e, side_of(e, which)->table); }
static bool is_same(const gkt_emitter *e) { return side_of(e, 0)->table == side_of(e, 1)->table; }

/* Number, among those that entries read, of an output; how many there are: of the output behind the last. */
static int number_of(const gkt_emitter *e, int output) {
  int number = 0;
  for (int o = 0; o < output; o++) {
    bool read = false;
    for (int k = 0; k < e->on->num_entries; k++) read |= e->on->entries[k].output == o;
    number += read;
  }
  return number;
}
static int num_outputs(const gkt_emitter *e) { return number_of(e, gkt_pointwise_num_outputs(e->map->pointwise)); }
static bool is_read(const gkt_emitter *e, int output) { return number_of(e, output + 1) > number_of(e, output); }

/* ---- outputs of constants and of time alone: whoever sums has them at hand, and multiplies ---- */
bool gkt_emit_has_common(const gkt_emitter *e) {
  enum { MOST_COMMON = 4 }; /* registers of all who sum */
  bool common = !is_summed_before(e) && e->once && e->affine && num_outputs(e) > 1 && num_outputs(e) <= MOST_COMMON;
  for (int i = 0; i < gkt_pointwise_num_inputs(e->map->pointwise); i++) {
    const int kind = gkt_pointwise_input(e->map->pointwise, i)->kind;
    common &= kind == GKT_TERM_CONSTANT || kind == GKT_TERM_TIME;
  }
  return common;
}
static int outputs_of_point(const gkt_emitter *e) { return e->common ? 1 : num_outputs(e); }

void gkt_emit_common(const gkt_emitter *e, int first) {
  const gkt_pointwise *p = e->map->pointwise;
  const int inputs = gkt_pointwise_num_inputs(p);
  if (!e->common) return;
  gkt_text_printf(e->text, "  {\n  gkt_scalar in[%d][GKT_LANES], G[%d][GKT_LANES];\n", inputs ? inputs : 1, gkt_pointwise_num_outputs(p));
  for (int i = 0; i < inputs; i++) {
    const gkt_terminal *t = gkt_pointwise_input(p, i);
    if (t->kind == GKT_TERM_TIME) gkt_text_printf(e->text, "  in[%d][0] = time;\n", i);
    else gkt_text_printf(e->text, "  in[%d][0] = __ldg(constants + %d);\n", i, t->function);
  }
  gkt_text_printf(e->text, "  gkt_point_%d((const gkt_scalar (*)[GKT_LANES])in, G);\n", e->map->number);
  for (int k = 0; k < gkt_pointwise_num_outputs(p); k++)
    if (is_read(e, k)) gkt_text_printf(e->text, "  all.of[%d] = G[%d][0];\n", first + number_of(e, k), k);
  gkt_text_printf(e->text, "  }\n");
}

/* ---- layout ---- */
static gkt_factors columns_of(const gkt_emitter *e) {
  if (e->way == GKT_SUM_TURNED) return gkt_emit_find_columns(e);
  const gkt_factors all = gkt_emit_find_factors(e);
  gkt_factors found = {.folded = all.folded};
  for (int k = 0; k < all.count; k++) { /* those of other components have the same R */
    bool there = false;
    for (int i = 0; i < found.count; i++) there |= found.all[i].r == all.all[k].r && found.all[i].s == all.all[k].s;
    if (!there) found.all[found.count++] = all.all[k];
  }
  return found;
}

static int stride_of(const gkt_factors *columns) { return columns->count | 1; } /* odd: for the banks of shared memory */

static void place_points(const gkt_emitter *e, parts *p) {
  bool turned = false;
  for (int w = 0; w < 2; w++) {
    const bool again = w && is_same(e);
    if (reads(e, w, true) && is_linear(e, w)) {
      p->gradients[w] = again && reads(e, 0, true) ? p->gradients[0] : p->size;
      if (p->gradients[w] == p->size) p->size += side_of(e, w)->num_nodes * e->map->dim;
    } else if (reads(e, w, true)) {
      p->gradients_table[w] = again && reads(e, 0, true) ? p->gradients_table[0] : p->tables;
      if (p->gradients_table[w] == p->tables) p->tables += num_points(e) * side_of(e, w)->num_nodes * e->map->dim;
      turned = true;
    }
    if (!reads(e, w, false)) continue;
    p->values_table[w] = again && reads(e, 0, false) ? p->values_table[0] : p->tables;
    if (p->values_table[w] == p->tables) p->tables += num_points(e) * side_of(e, w)->num_nodes;
  }
  p->inverse = p->size;
  if (turned) p->size += (e->affine ? 1 : num_points(e)) * e->map->dim * e->map->dim;
  p->coefficients = p->size;
  p->size += num_points(e) * outputs_of_point(e);
}

static parts place(const gkt_emitter *e) {
  parts p = {0};
  if (!is_summed_before(e)) {
    place_points(e, &p);
    return p;
  }
  const gkt_factors columns = columns_of(e);
  p.tables = gkt_emit_num_pairs(e->on) * stride_of(&columns);
  if (e->way == GKT_SUM_TURNED) p.coefficients = e->map->dim * e->map->dim;
  p.size = p.coefficients + (e->way == GKT_SUM_TURNED ? num_outputs(e) : gkt_emit_find_factors(e).count);
  return p;
}

gkt_record gkt_emit_measure_record(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  gkt_record r = {0};
  if (m->form->arity != 2 || m->integral->measure != GKT_MEASURE_DX || !e->on->num_entries) return r;
  if (e->way == GKT_SUM_MOMENTS) return r;
  const parts p = place(e);
  const int square = m->dim * m->dim;
  r.size = p.size, r.tables = p.tables, r.common = e->common ? num_outputs(e) : 0;
  if (is_summed_before(e)) r.loads = p.size, r.table_loads = columns_of(e).count;
  else {
    r.loads = p.size - p.gradients[0];
    if (p.inverse > 0 && is_same(e)) r.apart = m->dim, r.loads = p.size - p.inverse + 2 * m->dim;
    for (int w = 0; w < 2; w++) r.table_loads += num_points(e) * (reads(e, w, false) + (reads(e, w, true) && !is_linear(e, w) ? m->dim : 0));
    r.operations = num_points(e) * r.common;
    for (int w = 0; w < 2; w++) r.operations += reads(e, w, true) && !is_linear(e, w) ? num_points(e) * square : 0;
  }
  return r;
}

/* ---- the record of an entity, in `out` ---- */
static void emit_gradients(const gkt_emitter *e, const parts *p) {
  const int dim = e->map->dim;
  for (int w = 0; w < 2; w++) {
    if (!reads(e, w, true) || !is_linear(e, w) || (w && is_same(e) && reads(e, 0, true))) continue;
    for (int i = 0; i < side_of(e, w)->num_nodes * dim; i++)
      gkt_text_printf(e->text, "    out[%d] = g%d[%d][%d][0];\n", p->gradients[w] + i, side_of(e, w)->table, i / dim, i % dim);
  }
}

static void emit_inverse(const gkt_emitter *e, const parts *p) {
  const int dim = e->map->dim;
  for (int i = 0; p->coefficients > p->inverse && i < dim * dim; i++) {
    gkt_text_printf(e->text, "    out[%d", p->inverse + i);
    if (!e->affine) gkt_text_printf(e->text, " + q * %d", dim * dim);
    gkt_text_printf(e->text, "] = K[%d][%d][0];\n", i / dim, i % dim);
  }
}

static void emit_outputs(const gkt_emitter *e, const parts *p, const char *name, const char *point) {
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++)
    if (is_read(e, k)) gkt_text_printf(e->text, "    out[%d%s] = %s[%d][0];\n", p->coefficients + number_of(e, k), point, name, k);
}

void gkt_emit_record(const gkt_emitter *e) {
  const parts p = place(e);
  if (!is_summed_before(e)) emit_gradients(e, &p); /* records of factors have no room for them */
  if (e->affine) emit_inverse(e, &p);
  if (e->way == GKT_SUM_TURNED) {
    gkt_emit_scaled(e);
    emit_outputs(e, &p, "Gdx", "");
  } else if (e->way == GKT_SUM_REFERENCE) {
    gkt_emit_factors(e);
    for (int k = 0; k < p.size; k++) gkt_text_printf(e->text, "    out[%d] = D[%d][0];\n", k, k);
  }
}

void gkt_emit_record_point(const gkt_emitter *e) {
  const parts p = place(e);
  char point[32];
  snprintf(point, sizeof point, " + q * %d", outputs_of_point(e));
  if (!e->affine) emit_inverse(e, &p);
  if (e->common) gkt_text_printf(e->text, "    out[%d%s] = d->weights[q] * dx[0];\n", p.coefficients, point);
  else emit_outputs(e, &p, "H", point);
}

/* ---- tables ---- */
static void copy_table(const gkt_emitter *e, int first, int count, const char *from) {
  gkt_text_printf(e->text, "  for (int i = (int)threadIdx.x; i < %d; i += (int)blockDim.x) tables[%d + i] = %s[i];\n", count, first, from);
}

void gkt_emit_pair_numbers(const gkt_emitter *e) {
  if (!is_summed_before(e)) return;
  const gkt_factors columns = columns_of(e);
  gkt_emit_numbers(e, &columns, stride_of(&columns));
}

void gkt_emit_pair_tables(const gkt_emitter *e) {
  const parts p = place(e);
  char from[64];
  gkt_text_printf(e->text, "GKT_FUNCTION void gkt_map_tables_%d(const gkt_map_data *d, gkt_shared<gkt_scalar> tables) {\n  (void)d, (void)tables;\n", e->map->number);
  if (is_summed_before(e)) {
    snprintf(from, sizeof from, "(&gkt_reference_%d_%d[0][0])", e->map->number, gkt_emit_coupling(e));
    copy_table(e, p.numbers, p.tables, from);
  }
  for (int w = 0; w < 2 && !is_summed_before(e); w++) {
    const int count = num_points(e) * side_of(e, w)->num_nodes;
    snprintf(from, sizeof from, "d->phi[%d]", side_of(e, w)->table);
    if (reads(e, w, false) && (!w || !is_same(e) || !reads(e, 0, false))) copy_table(e, p.values_table[w], count, from);
    snprintf(from, sizeof from, "d->dphi[%d]", side_of(e, w)->table);
    if (reads(e, w, true) && !is_linear(e, w) && (!w || !is_same(e) || !reads(e, 0, true))) copy_table(e, p.gradients_table[w], count * e->map->dim, from);
  }
  gkt_text_printf(e->text, "}\n");
}

/* ---- the block of a pair ---- */
static void load_inverse(const gkt_emitter *e, const parts *p) {
  const int dim = e->map->dim;
  if (p->coefficients == p->inverse) return;
  gkt_text_printf(e->text, "  gkt_scalar K[%d][%d][GKT_LANES];\n", dim, dim);
  for (int i = 0; i < dim * dim; i++) {
    gkt_text_printf(e->text, "  K[%d][%d][0] = record[%d", i / dim, i % dim, p->inverse + i);
    if (!e->affine) gkt_text_printf(e->text, " + q * %d", dim * dim);
    gkt_text_printf(e->text, "];\n");
  }
}

static void load_outputs(const gkt_emitter *e, const parts *p, const char *name, const char *point) {
  gkt_text_printf(e->text, "  gkt_scalar %s[%d][GKT_LANES];\n", name, gkt_pointwise_num_outputs(e->map->pointwise));
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++)
    if (is_read(e, k)) gkt_text_printf(e->text, "  %s[%d][0] = record[%d%s];\n", name, k, p->coefficients + number_of(e, k), point);
}

/* As the map makes them. */
static void find_outputs(const gkt_emitter *e, const parts *p, const char *point, int common) {
  if (!e->common) {
    load_outputs(e, p, "H", point);
    return;
  }
  gkt_text_printf(e->text, "  gkt_scalar H[%d][GKT_LANES];\n  const gkt_scalar w = record[%d%s];\n", gkt_pointwise_num_outputs(e->map->pointwise), p->coefficients, point);
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++)
    if (is_read(e, k)) gkt_text_printf(e->text, "  H[%d][0] = common.of[%d] * w;\n", k, common + number_of(e, k));
}

static const char *const node_of[2] = {"first", "second"};

/* g[0], g[1]: of both nodes, where their functions are of degree 1; of one and the same node, once: shared memory is the limit. */
static void load_gradients(const gkt_emitter *e, const parts *p) {
  const int dim = e->map->dim;
  for (int w = 0; w < 2; w++) {
    const int table = side_of(e, w)->table;
    if (reads(e, w, true) && (!w || !is_same(e) || !reads(e, 0, true))) gkt_text_printf(e->text, "  gkt_scalar g%d[2][%d][GKT_LANES];\n", table, dim);
    for (int d = 0; reads(e, w, true) && is_linear(e, w) && d < dim; d++) {
      gkt_text_printf(e->text, "  g%d[%d][%d][0] = ", table, w, d);
      if (w && is_same(e) && reads(e, 0, true)) gkt_text_printf(e->text, "first == second ? g%d[0][%d][0] : ", table, d);
      gkt_text_printf(e->text, "record[%d + %s * %d];\n", p->gradients[w] + d, node_of[w], dim);
    }
  }
}

/* At point q, others, and values. */
static void find_functions(const gkt_emitter *e, const parts *p) {
  const int dim = e->map->dim;
  for (int w = 0; w < 2; w++) {
    const int table = side_of(e, w)->table, nodes = side_of(e, w)->num_nodes;
    if (reads(e, w, false) && (!w || !is_same(e) || !reads(e, 0, false))) gkt_text_printf(e->text, "  gkt_scalar p%d[2];\n", table);
    if (reads(e, w, false)) gkt_text_printf(e->text, "  p%d[%d] = tables[%d + q * %d + %s];\n", table, w, p->values_table[w], nodes, node_of[w]);
    if (!reads(e, w, true) || is_linear(e, w)) continue;
    gkt_text_printf(e->text, "  {\n    const gkt_shared<gkt_scalar> r = tables + %d + (q * %d + %s) * %d;\n    const gkt_scalar r0 = r[0]", p->gradients_table[w], nodes,
                    node_of[w], dim);
    for (int r = 1; r < dim; r++) gkt_text_printf(e->text, ", r%d = r[%d]", r, r);
    gkt_text_printf(e->text, ";\n");
    for (int d = 0; d < dim; d++) {
      gkt_text_printf(e->text, "    g%d[%d][%d][0] = ", table, w, d);
      for (int r = 0; r < dim; r++) gkt_text_printf(e->text, "%sr%d * K[%d][%d][0]", r ? " + " : "", r, r, d);
      gkt_text_printf(e->text, ";\n");
    }
    gkt_text_printf(e->text, "  }\n");
  }
}

static int block_of(const gkt_emitter *e) { return side_of(e, 0)->components * side_of(e, 1)->components; }

static const char *assign(const gkt_emitter *e) { return e->added || e->map->into >= 0 ? "+=" : "="; }

/* Is the sum over the points whole before it is stored or added? */
static bool is_apart(const gkt_emitter *e) { return num_points(e) > 1 && (e->way == GKT_SUM_PAIRS || e->added); }

static void sum_points(const gkt_emitter *e, const parts *p, int common) {
  const int cols = side_of(e, 1)->components, block = block_of(e);
  const char name = is_apart(e) ? 'F' : 'E';
  char point[32];
  snprintf(point, sizeof point, " + q * %d", outputs_of_point(e));
  load_gradients(e, p);
  if (e->affine) load_inverse(e, p);
  if (is_apart(e)) gkt_text_printf(e->text, "  gkt_scalar F[%d];\n", block);
  for (int k = 0; num_points(e) > 1 && (is_apart(e) || e->map->into < 0) && k < block; k++) gkt_text_printf(e->text, "  %c[%d] = 0;\n", name, k);
  gkt_text_printf(e->text, "  for (int q = 0; q < %d; q++) {\n", num_points(e));
  if (!e->affine) load_inverse(e, p);
  find_functions(e, p);
  find_outputs(e, p, point, common);
  gkt_text_printf(e->text, "  gkt_scalar T[%d][GKT_LANES];\n", e->on->num_sums);
  gkt_emit_trial_sums(e);
  for (int k = 0; k < block; k++) {
    gkt_text_printf(e->text, "  %c[%d] %s ", name, k, num_points(e) > 1 ? "+=" : assign(e));
    gkt_emit_entry(e, k / cols, k % cols);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "  }\n");
  for (int k = 0; is_apart(e) && k < block; k++) gkt_text_printf(e->text, "  E[%d] %s F[%d];\n", k, assign(e), k);
}

static int column_of(const gkt_factors *columns, const gkt_factor *f) {
  int k = 0;
  while (columns->all[k].r != f->r || columns->all[k].s != f->s) k++;
  return k;
}

/* R, of all factors or of moments. */
static void load_numbers(const gkt_emitter *e) {
  const gkt_factors columns = columns_of(e), all = e->way == GKT_SUM_TURNED ? columns : gkt_emit_find_factors(e);
  const int nb = side_of(e, 1)->num_nodes;
  if (e->on->mirror) gkt_text_printf(e->text, "  const int pair = first * %d - first * (first - 1) / 2 + second - first;\n", nb);
  else gkt_text_printf(e->text, "  const int pair = first * %d + second;\n", nb);
  for (int k = 0; k < columns.count; k++) gkt_text_printf(e->text, "  const gkt_scalar R_%d = tables[pair * %d + %d];\n", k, stride_of(&columns), k);
  gkt_text_printf(e->text, "  const gkt_scalar R[%d] = {", all.count);
  for (int k = 0; k < all.count; k++) gkt_text_printf(e->text, "%sR_%d", k ? ", " : "", column_of(&columns, &all.all[k]));
  gkt_text_printf(e->text, "};\n");
}

static void sum_factors(const gkt_emitter *e) {
  const gkt_factors all = gkt_emit_find_factors(e);
  const int cols = side_of(e, 1)->components, block = block_of(e);
  gkt_text_printf(e->text, "  gkt_scalar D[%d][GKT_LANES];\n", all.count);
  for (int k = 0; k < all.count; k++) gkt_text_printf(e->text, "  D[%d][0] = record[%d];\n", k, k);
  for (int k = 0; k < block; k++) {
    gkt_text_printf(e->text, "  E[%d] %s ", k, assign(e));
    gkt_emit_factor_entry(e, &all, k / cols, k % cols);
    gkt_text_printf(e->text, ";\n");
  }
}

static void sum_moments(const gkt_emitter *e, const parts *p) {
  const int cols = side_of(e, 1)->components, block = block_of(e);
  load_inverse(e, p);
  load_outputs(e, p, "Gdx", "");
  gkt_emit_turned_moments(e);
  for (int k = 0; k < block; k++) {
    gkt_text_printf(e->text, "  E[%d] %s ", k, assign(e));
    gkt_emit_moment_entry(e, k / cols, k % cols, "M%d", "Gdx[%d][0]");
    gkt_text_printf(e->text, ";\n");
  }
}

void gkt_emit_pair_sum(const gkt_emitter *e, int record, int tables, int common) {
  const parts p = place(e);
  gkt_text_printf(e->text, "  {\n  const gkt_shared<gkt_scalar> tables = all_tables + %d, record = all + %d;\n  (void)tables;\n", tables, record);
  if (is_summed_before(e)) load_numbers(e);
  if (e->way == GKT_SUM_REFERENCE) sum_factors(e);
  else if (e->way == GKT_SUM_TURNED) sum_moments(e, &p);
  else sum_points(e, &p, common);
  gkt_text_printf(e->text, "  }\n");
}

/* Nodes of the coupling at hand: of one that is copied from its transpose they change places; of a mirrored one the lower comes first. */
void gkt_emit_begin_pair(const gkt_emitter *e, bool transposed) {
  const char *const *names = transposed ? (const char *const[]){"B", "A"} : (const char *const[]){"A", "B"};
  gkt_text_printf(e->text,
                  "GKT_FUNCTION void gkt_patch_pair(gkt_shared<gkt_scalar> all_tables, gkt_shared<gkt_scalar> all, const gkt_patch_common &common, int A, int B, "
                  "gkt_scalar *sum) {\n  (void)common;\n"
                  "  enum { a = 0, b = 1, l = 0, h = 0 };\n  gkt_scalar E[%d];\n",
                  block_of(e));
  if (e->on->mirror) gkt_text_printf(e->text, "  const int first = A < B ? A : B, second = A < B ? B : A;\n");
  else gkt_text_printf(e->text, "  const int first = %s, second = %s;\n", names[0], names[1]);
}

/* Of a mirrored pair the block (b,a) is the transpose of (a,b), and the lower half of (a,a) that of its upper half. */
void gkt_emit_end_pair(const gkt_emitter *e, bool transposed) {
  const int rows = side_of(e, transposed)->components, cols = side_of(e, !transposed)->components;
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      if (e->on->mirror && i != j) gkt_text_printf(e->text, "  sum[%d] += A %s B ? E[%d] : E[%d];\n", i * cols + j, i > j ? ">=" : ">", j * cols + i, i * cols + j);
      else gkt_text_printf(e->text, "  sum[%d] += E[%d];\n", i * cols + j, transposed ? j * rows + i : i * cols + j);
    }
  gkt_text_printf(e->text, "}\n");
}
