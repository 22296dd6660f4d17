/* Text for large tensors on a device: a cell's record is what its entries are made of, and whoever sums forms the block of a pair of nodes from it. What is the same in all cells,
   values and gradients on the reference cell, stands in tables beside the records. Operations on an entry and their order are those of the tensor, in the way in which that is
   summed over the points. */
#include "assembly/map_emit_parts.h"

bool gkt_emit_side_reads(const gkt_emitter *e, int which, bool gradients) {
  for (int k = 0; k < e->on->num_entries; k++)
    if (((which ? e->on->entries[k].col_slot : e->on->entries[k].row_slot) > 0) == gradients) return true;
  return false;
}

/* Of the output behind the last: how many there are. */
int gkt_emit_output_number(const gkt_emitter *e, int output) {
  int number = 0;
  for (int o = 0; o < output; o++) {
    bool read = false;
    for (int k = 0; k < e->on->num_entries; k++) read |= e->on->entries[k].output == o;
    number += read;
  }
  return number;
}
static int num_outputs(const gkt_emitter *e) { return gkt_emit_output_number(e, gkt_pointwise_num_outputs(e->map->pointwise)); }

/* ---- outputs of constants and of time alone: whoever sums has them at hand, and multiplies ---- */
bool gkt_emit_has_common(const gkt_emitter *e) {
  enum { MOST_COMMON = 4 }; /* registers of all who sum */
  bool common = !gkt_emit_is_summed_before(e) && !gkt_map_is_partial(e->map) && e->once && e->affine && num_outputs(e) > 1 && num_outputs(e) <= MOST_COMMON;
  for (int i = 0; i < gkt_pointwise_num_inputs(e->map->pointwise); i++) {
    const int kind = gkt_pointwise_input(e->map->pointwise, i)->kind;
    common &= kind == GKT_TERM_CONSTANT || kind == GKT_TERM_TIME;
  }
  return common;
}
int gkt_emit_outputs_of_point(const gkt_emitter *e) { return e->common ? 1 : num_outputs(e); }

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
    if (gkt_emit_reads_output(e, k)) gkt_text_printf(e->text, "  all.of[%d] = G[%d][0];\n", first + gkt_emit_output_number(e, k), k);
  gkt_text_printf(e->text, "  }\n");
}

/* ---- layout ---- */
gkt_factors gkt_emit_record_columns(const gkt_emitter *e) {
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

static void place_points(const gkt_emitter *e, gkt_parts *p) {
  bool turned = false;
  for (int w = 0; w < 2; w++) {
    const bool again = w && gkt_emit_sides_agree(e);
    if (gkt_emit_side_reads(e, w, true) && gkt_emit_side_is_linear(e, w)) {
      p->gradients[w] = again && gkt_emit_side_reads(e, 0, true) ? p->gradients[0] : p->size;
      if (p->gradients[w] == p->size) p->size += gkt_emit_side(e, w)->num_nodes * e->map->dim;
    } else if (gkt_emit_side_reads(e, w, true)) {
      p->gradients_table[w] = again && gkt_emit_side_reads(e, 0, true) ? p->gradients_table[0] : p->tables;
      if (p->gradients_table[w] == p->tables) p->tables += gkt_emit_num_points(e) * gkt_emit_side(e, w)->num_nodes * e->map->dim;
      turned = true;
    }
    if (!gkt_emit_side_reads(e, w, false)) continue;
    p->values_table[w] = again && gkt_emit_side_reads(e, 0, false) ? p->values_table[0] : p->tables;
    if (p->values_table[w] == p->tables) p->tables += gkt_emit_num_points(e) * gkt_emit_side(e, w)->num_nodes;
  }
  p->inverse = p->size;
  if (turned) p->size += (e->affine ? 1 : gkt_emit_num_points(e)) * e->map->dim * e->map->dim;
  p->coefficients = p->size;
  p->measures = p->size + num_outputs(e);
  p->size += e->way == GKT_SUM_MOMENTS ? num_outputs(e) + gkt_emit_num_points(e) : gkt_emit_num_points(e) * gkt_emit_outputs_of_point(e);
}

gkt_parts gkt_emit_place(const gkt_emitter *e) {
  gkt_parts p = {0};
  if (!gkt_emit_is_summed_before(e)) {
    place_points(e, &p);
    return p;
  }
  const gkt_factors columns = gkt_emit_record_columns(e);
  p.tables = gkt_emit_num_pairs(e->on) * gkt_emit_columns_stride(&columns);
  if (e->way == GKT_SUM_TURNED) p.coefficients = e->map->dim * e->map->dim;
  p.size = p.coefficients + (e->way == GKT_SUM_TURNED ? num_outputs(e) : gkt_emit_find_factors(e).count);
  return p;
}

gkt_record gkt_emit_measure_record(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  gkt_record r = {0};
  if (m->form->arity != 2 || m->integral->measure == GKT_MEASURE_DP || !e->on->num_entries) return r;
  if (e->way == GKT_SUM_MOMENTS && m->integral->measure == GKT_MEASURE_DX) return r;
  const gkt_parts p = gkt_emit_place(e);
  const int square = m->dim * m->dim;
  r.size = p.size, r.tables = p.tables, r.common = e->common ? num_outputs(e) : 0;
  if (gkt_emit_is_summed_before(e)) r.loads = p.size, r.table_loads = gkt_emit_record_columns(e).count;
  else {
    r.loads = p.size - p.gradients[0];
    if (p.inverse > 0 && gkt_emit_sides_agree(e)) r.apart = m->dim, r.loads = p.size - p.inverse + 2 * m->dim;
    for (int w = 0; w < 2; w++)
      r.table_loads += gkt_emit_num_points(e) * (gkt_emit_side_reads(e, w, false) + (gkt_emit_side_reads(e, w, true) && !gkt_emit_side_is_linear(e, w) ? m->dim : 0));
    r.operations = gkt_emit_num_points(e) * r.common;
    for (int w = 0; w < 2; w++) r.operations += gkt_emit_side_reads(e, w, true) && !gkt_emit_side_is_linear(e, w) ? gkt_emit_num_points(e) * square : 0;
  }
  return r;
}

/* ---- the record of an entity, in `out` ---- */
static void emit_gradients(const gkt_emitter *e, const gkt_parts *p) {
  const int dim = e->map->dim;
  for (int w = 0; w < 2; w++) {
    if (!gkt_emit_side_reads(e, w, true) || !gkt_emit_side_is_linear(e, w) || (w && gkt_emit_sides_agree(e) && gkt_emit_side_reads(e, 0, true))) continue;
    for (int i = 0; i < gkt_emit_side(e, w)->num_nodes * dim; i++)
      gkt_text_printf(e->text, "    out[%d] = g%d[%d][%d][0];\n", p->gradients[w] + i, gkt_emit_side(e, w)->table, i / dim, i % dim);
  }
}

static void emit_inverse(const gkt_emitter *e, const gkt_parts *p) {
  const int dim = e->map->dim;
  for (int i = 0; p->coefficients > p->inverse && i < dim * dim; i++) {
    gkt_text_printf(e->text, "    out[%d", p->inverse + i);
    if (!e->affine) gkt_text_printf(e->text, " + q * %d", dim * dim);
    gkt_text_printf(e->text, "] = K[%d][%d][0];\n", i / dim, i % dim);
  }
}

static void emit_outputs(const gkt_emitter *e, const gkt_parts *p, const char *name, const char *point) {
  for (int k = 0; k < gkt_pointwise_num_outputs(e->map->pointwise); k++)
    if (gkt_emit_reads_output(e, k)) gkt_text_printf(e->text, "    out[%d%s] = %s[%d][0];\n", p->coefficients + gkt_emit_output_number(e, k), point, name, k);
}

void gkt_emit_record(const gkt_emitter *e) {
  const gkt_parts p = gkt_emit_place(e);
  if (!gkt_emit_is_summed_before(e)) emit_gradients(e, &p); /* records of factors have no room for them */
  if (e->affine) emit_inverse(e, &p);
  if (e->way == GKT_SUM_TURNED) {
    gkt_emit_scaled(e);
    emit_outputs(e, &p, "Gdx", "");
  } else if (e->way == GKT_SUM_MOMENTS) {
    emit_outputs(e, &p, "G", "");
  } else if (e->way == GKT_SUM_REFERENCE) {
    gkt_emit_factors(e);
    for (int k = 0; k < p.size; k++) gkt_text_printf(e->text, "    out[%d] = D[%d][0];\n", k, k);
  }
}

void gkt_emit_record_point(const gkt_emitter *e) {
  const gkt_parts p = gkt_emit_place(e);
  char point[32];
  snprintf(point, sizeof point, " + q * %d", gkt_emit_outputs_of_point(e));
  if (!e->affine) emit_inverse(e, &p);
  if (e->way == GKT_SUM_MOMENTS) gkt_text_printf(e->text, "    out[%d + q] = d->weights[q] * dx[0];\n", p.measures);
  else if (e->common) gkt_text_printf(e->text, "    out[%d%s] = d->weights[q] * dx[0];\n", p.coefficients, point);
  else emit_outputs(e, &p, "H", point);
}

/* ---- tables ---- */
static void copy_table(const gkt_emitter *e, int first, int count, const char *points, const char *from) {
  gkt_text_printf(e->text, "  for (int i = (int)threadIdx.x; i < %d%s; i += (int)blockDim.x) tables[%d + i] = %s[i];\n", count, points, first, from);
}

/* A number for each point of the cell, or of the facet at hand. */
static void copy_points(const gkt_emitter *e, int first, int count, const char *name, int table) {
  char from[32];
  snprintf(from, sizeof from, "d->%s[%d]", name, table);
  if (gkt_map_is_uniform(e->map)) copy_table(e, first, gkt_emit_num_points(e) * count, "", from);
  else copy_table(e, first, count, " * (int)d->num_points", from);
}

void gkt_emit_pair_numbers(const gkt_emitter *e) {
  if (!gkt_emit_is_summed_before(e)) return;
  const gkt_factors columns = gkt_emit_record_columns(e);
  gkt_emit_numbers(e, &columns, gkt_emit_columns_stride(&columns));
}

void gkt_emit_pair_tables(const gkt_emitter *e) {
  const gkt_parts p = gkt_emit_place(e);
  char from[64];
  gkt_text_printf(e->text, "GKT_FUNCTION void gkt_map_tables_%d(const gkt_map_data *d, gkt_shared<gkt_scalar> tables) {\n  (void)d, (void)tables;\n", e->map->number);
  if (gkt_emit_is_summed_before(e)) {
    snprintf(from, sizeof from, "(&gkt_reference_%d_%d[0][0])", e->map->number, gkt_emit_coupling(e));
    copy_table(e, p.numbers, p.tables, "", from);
  }
  for (int w = 0; w < 2 && !gkt_emit_is_summed_before(e); w++) {
    const gkt_argument *side = gkt_emit_side(e, w);
    const bool again = w && gkt_emit_sides_agree(e);
    if (gkt_emit_side_reads(e, w, false) && !(again && gkt_emit_side_reads(e, 0, false))) copy_points(e, p.values_table[w], side->num_nodes, "phi", side->table);
    if (gkt_emit_side_reads(e, w, true) && !gkt_emit_side_is_linear(e, w) && !(again && gkt_emit_side_reads(e, 0, true)))
      copy_points(e, p.gradients_table[w], side->num_nodes * e->map->dim, "dphi", side->table);
  }
  gkt_text_printf(e->text, "}\n");
}
