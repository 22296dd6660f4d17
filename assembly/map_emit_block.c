/* Text of the summing thread: the block of nodes a and b from records, and of a linked cell from those of its entities (map.h). */
#include "assembly/map_emit_parts.h"

/* ---- what is read ---- */
static void load_inverse(const gkt_emitter *e, const gkt_parts *p) {
  const int dim = e->map->dim;
  if (p->coefficients == p->inverse) return;
  gkt_text_printf(e->text, "  gkt_scalar K[%d][%d][GKT_LANES];\n", dim, dim);
  for (int i = 0; i < dim * dim; i++) {
    gkt_text_printf(e->text, "  K[%d][%d][0] = record[%d", i / dim, i % dim, p->inverse + i);
    if (!e->affine) gkt_text_printf(e->text, " + q * %d", dim * dim);
    gkt_text_printf(e->text, "];\n");
  }
}

static void load_outputs(const gkt_emitter *e, const gkt_parts *p, const char *name, const char *point) {
  gkt_text_printf(e->text, "  gkt_scalar %s[%d][GKT_LANES];\n", name, gkt_pointwise_num_outputs(e->map->pointwise));
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++)
    if (gkt_emit_reads_output(e, k)) gkt_text_printf(e->text, "  %s[%d][0] = record[%d%s];\n", name, k, p->coefficients + gkt_emit_output_number(e, k), point);
}

/* As the map makes them. */
static void find_outputs(const gkt_emitter *e, const gkt_parts *p, const char *point, int common) {
  if (!e->common) {
    load_outputs(e, p, "H", point);
    return;
  }
  gkt_text_printf(e->text, "  gkt_scalar H[%d][GKT_LANES];\n  const gkt_scalar w = record[%d%s];\n", gkt_pointwise_num_outputs(e->map->pointwise), p->coefficients, point);
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++)
    if (gkt_emit_reads_output(e, k)) gkt_text_printf(e->text, "  H[%d][0] = common.of[%d] * w;\n", k, common + gkt_emit_output_number(e, k));
}

static const char *const node_of[2] = {"first", "second"};

/* g[0], g[1]: of both nodes, where their functions are of degree 1; of one and the same node, once: shared memory is the limit. */
static void load_gradients(const gkt_emitter *e, const gkt_parts *p) {
  const int dim = e->map->dim;
  for (int w = 0; w < 2; w++) {
    const int table = gkt_emit_side(e, w)->table;
    if (gkt_emit_side_reads(e, w, true) && (!w || !gkt_emit_sides_agree(e) || !gkt_emit_side_reads(e, 0, true)))
      gkt_text_printf(e->text, "  gkt_scalar g%d[2][%d][GKT_LANES];\n", table, dim);
    for (int d = 0; gkt_emit_side_reads(e, w, true) && gkt_emit_side_is_linear(e, w) && d < dim; d++) {
      gkt_text_printf(e->text, "  g%d[%d][%d][0] = ", table, w, d);
      if (w && gkt_emit_sides_agree(e) && gkt_emit_side_reads(e, 0, true)) gkt_text_printf(e->text, "first == second ? g%d[0][%d][0] : ", table, d);
      gkt_text_printf(e->text, "record[%d + %s * %d];\n", p->gradients[w] + d, node_of[w], dim);
    }
  }
}

/* At point q, others, and values. */
static void find_functions(const gkt_emitter *e, const gkt_parts *p) {
  const int dim = e->map->dim;
  for (int w = 0; w < 2; w++) {
    const int table = gkt_emit_side(e, w)->table, nodes = gkt_emit_side(e, w)->num_nodes;
    if (gkt_emit_side_reads(e, w, false) && (!w || !gkt_emit_sides_agree(e) || !gkt_emit_side_reads(e, 0, false))) gkt_text_printf(e->text, "  gkt_scalar p%d[2];\n", table);
    if (gkt_emit_side_reads(e, w, false)) gkt_text_printf(e->text, "  p%d[%d] = tables[%d + q * %d + %s];\n", table, w, p->values_table[w], nodes, node_of[w]);
    if (!gkt_emit_side_reads(e, w, true) || gkt_emit_side_is_linear(e, w)) continue;
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

/* ---- sums ---- */
static const char *assign(const gkt_emitter *e) { return e->added || e->map->into >= 0 ? "+=" : "="; }

/* Is the sum over the points whole before it is stored or added? */
static bool is_apart(const gkt_emitter *e) { return gkt_emit_num_points(e) > 1 && (e->way == GKT_SUM_PAIRS || e->added); }

/* points: those of the facet at hand, where facets differ. */
static void begin_points(const gkt_emitter *e, const gkt_parts *p) {
  if (gkt_map_is_uniform(e->map)) gkt_text_printf(e->text, "  for (int q = 0; q < %d; q++) {\n", gkt_emit_num_points(e));
  else gkt_text_printf(e->text, "  for (int q = 0; q < points; q++) {\n");
  if (!e->affine) load_inverse(e, p);
  find_functions(e, p);
}

static void sum_points(const gkt_emitter *e, const gkt_parts *p, int common) {
  const int cols = gkt_emit_side(e, 1)->components, block = gkt_emit_block(e);
  const char name = is_apart(e) ? 'F' : 'E';
  char point[32];
  snprintf(point, sizeof point, " + q * %d", gkt_emit_outputs_of_point(e));
  load_gradients(e, p);
  if (e->affine) load_inverse(e, p);
  if (is_apart(e)) gkt_text_printf(e->text, "  gkt_scalar F[%d];\n", block);
  for (int k = 0; gkt_emit_num_points(e) > 1 && (is_apart(e) || e->map->into < 0) && k < block; k++) gkt_text_printf(e->text, "  %c[%d] = 0;\n", name, k);
  begin_points(e, p);
  find_outputs(e, p, point, common);
  gkt_text_printf(e->text, "  gkt_scalar T[%d][GKT_LANES];\n", e->on->num_sums);
  gkt_emit_trial_sums(e);
  for (int k = 0; k < block; k++) {
    gkt_text_printf(e->text, "  %c[%d] %s ", name, k, gkt_emit_num_points(e) > 1 ? "+=" : assign(e));
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
  const gkt_factors columns = gkt_emit_record_columns(e), all = e->way == GKT_SUM_TURNED ? columns : gkt_emit_find_factors(e);
  const int nb = gkt_emit_side(e, 1)->num_nodes;
  if (e->on->mirror) gkt_text_printf(e->text, "  const int pair = first * %d - first * (first - 1) / 2 + second - first;\n", nb);
  else gkt_text_printf(e->text, "  const int pair = first * %d + second;\n", nb);
  for (int k = 0; k < columns.count; k++) gkt_text_printf(e->text, "  const gkt_scalar R_%d = tables[pair * %d + %d];\n", k, gkt_emit_columns_stride(&columns), k);
  gkt_text_printf(e->text, "  const gkt_scalar R[%d] = {", all.count);
  for (int k = 0; k < all.count; k++) gkt_text_printf(e->text, "%sR_%d", k ? ", " : "", column_of(&columns, &all.all[k]));
  gkt_text_printf(e->text, "};\n");
}

static void sum_factors(const gkt_emitter *e) {
  const gkt_factors all = gkt_emit_find_factors(e);
  const int cols = gkt_emit_side(e, 1)->components, block = gkt_emit_block(e);
  gkt_text_printf(e->text, "  gkt_scalar D[%d][GKT_LANES];\n", all.count);
  for (int k = 0; k < all.count; k++) gkt_text_printf(e->text, "  D[%d][0] = record[%d];\n", k, k);
  for (int k = 0; k < block; k++) {
    gkt_text_printf(e->text, "  E[%d] %s ", k, assign(e));
    gkt_emit_factor_entry(e, &all, k / cols, k % cols);
    gkt_text_printf(e->text, ";\n");
  }
}

static void sum_entries(const gkt_emitter *e, const char *output) {
  const int cols = gkt_emit_side(e, 1)->components, block = gkt_emit_block(e);
  for (int k = 0; k < block; k++) {
    gkt_text_printf(e->text, "  E[%d] %s ", k, assign(e));
    gkt_emit_moment_entry(e, k / cols, k % cols, "M%d", output);
    gkt_text_printf(e->text, ";\n");
  }
}

static void sum_turned(const gkt_emitter *e, const gkt_parts *p) {
  load_inverse(e, p);
  load_outputs(e, p, "Gdx", "");
  gkt_emit_turned_moments(e);
  sum_entries(e, "Gdx[%d][0]");
}

/* Moments over the points, in the operations of map_emit_moments.c. */
static void sum_moments(const gkt_emitter *e, const gkt_parts *p) {
  const gkt_moments m = gkt_emit_find_moments(e->on);
  load_gradients(e, p);
  if (e->affine) load_inverse(e, p);
  load_outputs(e, p, "G", "");
  for (int k = 0; k < m.count; k++) gkt_text_printf(e->text, "  gkt_scalar M%d = 0;\n", k);
  begin_points(e, p);
  gkt_text_printf(e->text, "  const gkt_scalar w = record[%d + q];\n", p->measures);
  for (int k = 0; k < m.count; k++) {
    gkt_text_printf(e->text, "  M%d += ", k);
    gkt_emit_basis(e, gkt_emit_side(e, 0)->table, "a", m.row_slots[k]);
    gkt_text_printf(e->text, " * w * ");
    gkt_emit_basis(e, gkt_emit_side(e, 1)->table, "b", m.col_slots[k]);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "  }\n");
  sum_entries(e, "G[%d][0]");
}

static void sum(const gkt_emitter *e, int common) {
  const gkt_parts p = gkt_emit_place(e);
  if (gkt_emit_is_summed_before(e)) load_numbers(e);
  if (e->way == GKT_SUM_REFERENCE) sum_factors(e);
  else if (e->way == GKT_SUM_TURNED) sum_turned(e, &p);
  else if (e->way == GKT_SUM_MOMENTS) sum_moments(e, &p);
  else sum_points(e, &p, common);
}

void gkt_emit_pair_sum(const gkt_emitter *e, int record, int tables, int common) {
  gkt_text_printf(e->text, "  {\n  const gkt_shared<gkt_scalar> tables = all_tables + %d, record = all + %d;\n  (void)tables;\n", tables, record);
  sum(e, common);
  gkt_text_printf(e->text, "  }\n");
}

/* Points of the facet that entities of a source have. */
static void emit_num_points(const gkt_emitter *e, int count) {
  gkt_text_printf(e->text, "  const int points = ");
  for (int k = 0; k + 1 < count; k++) gkt_text_printf(e->text, "from == %d ? %d : ", k, gkt_map_num_points(e->map, e->map->groups[k].facet));
  gkt_text_printf(e->text, "%d;\n", gkt_map_num_points(e->map, e->map->groups[count - 1].facet));
}

void gkt_emit_entities_sum(const gkt_emitter *e, int first, int count, int tables) {
  gkt_text_printf(e->text,
                  "  for (; link && (int)all[link + 1] >= %d && (int)all[link + 1] < %d; link = (int)all[link]) {\n  const int from = (int)all[link + 1] - %d;\n"
                  "  const gkt_shared<gkt_scalar> tables = all_tables + (%d + from * %d), record = all + (link + %d);\n  (void)tables;\n",
                  first, first + count, first, tables, gkt_emit_place(e).tables, GKT_ENTITY_HEAD);
  if (!gkt_map_is_uniform(e->map)) emit_num_points(e, count);
  sum(e, 0);
  gkt_text_printf(e->text, "  }\n");
}

/* Nodes of the coupling at hand: of one that is copied from its transpose they change places; of a mirrored one the lower comes first. */
void gkt_emit_begin_pair(const gkt_emitter *e, bool transposed) {
  const char *const *names = transposed ? (const char *const[]){"B", "A"} : (const char *const[]){"A", "B"};
  gkt_text_printf(e->text,
                  "GKT_FUNCTION void gkt_patch_pair(gkt_shared<gkt_scalar> all_tables, gkt_shared<gkt_scalar> all, const gkt_patch_common &common, int A, int B, "
                  "gkt_scalar *sum) {\n  (void)common;\n"
                  "  enum { a = 0, b = 1, l = 0, h = 0 };\n  gkt_scalar E[%d];\n",
                  gkt_emit_block(e));
  if (e->on->mirror) gkt_text_printf(e->text, "  const int first = A < B ? A : B, second = A < B ? B : A;\n");
  else gkt_text_printf(e->text, "  const int first = %s, second = %s;\n", names[0], names[1]);
}

/* Of a mirrored pair the block (b,a) is the transpose of (a,b), and the lower half of (a,a) that of its upper half. */
void gkt_emit_end_pair(const gkt_emitter *e, bool transposed) {
  const int rows = gkt_emit_side(e, transposed)->components, cols = gkt_emit_side(e, !transposed)->components;
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      if (e->on->mirror && i != j) gkt_text_printf(e->text, "  sum[%d] += A %s B ? E[%d] : E[%d];\n", i * cols + j, i > j ? ">=" : ">", j * cols + i, i * cols + j);
      else gkt_text_printf(e->text, "  sum[%d] += E[%d];\n", i * cols + j, transposed ? j * rows + i : i * cols + j);
    }
  gkt_text_printf(e->text, "}\n");
}
