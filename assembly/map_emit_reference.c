/* Text of matrices on straight simplices whose integrand has coefficients that are the same at all points of a cell. There z = (value, derivatives) is a combination, the same in
   all of a cell, of the reference function and its derivatives, so that an entry for nodes a and b is sum over r and s of D(r,s) R(r,s),   R(r,s) = sum over the points of weight *
   dphi_a/dxi_r * dphi_b/dxi_s, where r, s = 0 stand for the function itself. R is a table of numbers in the text, D is found once for a cell. */
#include "assembly/map_emit.h"

static bool reaches(const gkt_entry *k, const gkt_factor *f) { return k->row == f->row && k->col == f->col && (k->row_slot > 0) == (f->r > 0) && (k->col_slot > 0) == (f->s > 0); }

gkt_factors gkt_emit_find_factors(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  gkt_factors found = {.folded = m->mirror && m->arguments[0].components == 1};
  for (int i = 0; i < m->arguments[0].components; i++)
    for (int j = 0; j < m->arguments[1].components; j++)
      for (int r = 0; r <= e->map->dim; r++)
        for (int s = found.folded ? r : 0; s <= e->map->dim; s++) {
          gkt_factor f = {i, j, r, s};
          bool any = false;
          for (int k = 0; k < m->num_entries; k++) any |= reaches(&m->entries[k], &f);
          if (!any) continue;
          if (found.count == GKT_MOST_FACTORS) return (gkt_factors){.count = GKT_MOST_FACTORS + 1};
          found.all[found.count++] = f;
        }
  return found;
}

bool gkt_emit_has_reference(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  if (m->form->arity != 2 || !e->once || !e->affine || m->integral->measure != GKT_MEASURE_DX || m->rule.first[1] < 2) return false;
  int count = gkt_emit_find_factors(e).count;
  return count <= GKT_MOST_FACTORS && count <= m->rule.first[1] * gkt_emit_num_trial_sums(e->on) &&
         e->on->arguments[0].num_nodes * e->on->arguments[1].num_nodes * count <= GKT_MOST_NUMBERS;
}

/* ---- the table ---- */
int gkt_emit_coupling(const gkt_emitter *e) { return (int)(e->on - e->map->couplings); }

int gkt_emit_num_pairs(const gkt_coupling *c) {
  return c->mirror ? c->arguments[0].num_nodes * (c->arguments[0].num_nodes + 1) / 2 : c->arguments[0].num_nodes * c->arguments[1].num_nodes;
}

static double reference(const gkt_emitter *e, int which, int node, int point, int slot) {
  const gkt_table *t = e->map->rule.tables[e->on->arguments[which].table];
  gkt_size at = (gkt_size)point * t->size + node;
  return slot ? t->dphi[at * e->map->dim + slot - 1] : t->phi[at];
}

static double number(const gkt_emitter *e, int a, int b, int r, int s) {
  const gkt_rule *rule = &e->map->rule;
  double sum = 0;
  for (int q = 0; q < rule->first[1]; q++) sum += rule->weights[q] * reference(e, 0, a, q, r) * reference(e, 1, b, q, s);
  return sum;
}

static void emit_row(const gkt_emitter *e, const gkt_factors *f, int a, int b) {
  gkt_text_printf(e->text, "  {");
  for (int k = 0; k < f->count; k++) {
    const int r = f->all[k].r, s = f->all[k].s;
    double value = e->on->mirror && a > b ? 0 : number(e, a, b, r, s);
    if (f->folded && r < s && a <= b) value += number(e, a, b, s, r);
    gkt_text_printf(e->text, "%s%.17g", k ? ", " : "", value);
  }
  gkt_text_printf(e->text, "},\n");
}

void gkt_emit_numbers(const gkt_emitter *e, const gkt_factors *f, int stride) {
  const gkt_coupling *m = e->on;
  const int na = m->arguments[0].num_nodes, nb = m->arguments[1].num_nodes;
  gkt_text_printf(e->text, "GKT_TABLE gkt_scalar gkt_reference_%d_%d[%d][%d] = {\n", e->map->number, gkt_emit_coupling(e), e->record ? gkt_emit_num_pairs(m) : na * nb, stride);
  for (int a = 0; a < na; a++)
    for (int b = e->record && m->mirror ? a : 0; b < nb; b++) emit_row(e, f, a, b);
  gkt_text_printf(e->text, "};\n");
}

/* ---- D ---- */
static void emit_factor(const gkt_emitter *e, const gkt_factor *f) {
  const gkt_coupling *m = e->on;
  char lane = gkt_emit_cell_lane(e);
  bool any = false;
  for (int k = 0; k < m->num_entries; k++) {
    const gkt_entry *entry = &m->entries[k];
    if (!reaches(entry, f)) continue;
    gkt_text_printf(e->text, "%sG[%d][l]", any ? " + " : "(", entry->output);
    if (f->r) gkt_text_printf(e->text, " * K[%d][%d][%c]", f->r - 1, entry->row_slot - 1, lane);
    if (f->s) gkt_text_printf(e->text, " * K[%d][%d][%c]", f->s - 1, entry->col_slot - 1, lane);
    any = true;
  }
  gkt_text_printf(e->text, ") * dx[%c]", lane);
}

void gkt_emit_factors(const gkt_emitter *e) {
  const gkt_factors found = gkt_emit_find_factors(e);
  gkt_text_printf(e->text, "    gkt_scalar D[%d][GKT_LANES] GKT_ALIGNED;\n    GKT_FOR_LANES(l) {\n", found.count);
  for (int k = 0; k < found.count; k++) {
    gkt_text_printf(e->text, "      D[%d][l] = ", k);
    emit_factor(e, &found.all[k]);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "    }\n");
}

/* ---- entries. D is called by its type, a part of the lanes from h on, or all. ---- */
void gkt_emit_factor_entry(const gkt_emitter *e, const gkt_factors *found, int row, int col) {
  bool any = false;
  for (int k = 0; k < found->count; k++) {
    if (found->all[k].row != row || found->all[k].col != col) continue;
    gkt_text_printf(e->text, e->sets ? "%s*(const gkt_lanes *)D[%d] * R[%d]" : "%s*(const gkt_part *)&D[%d][h] * R[%d]", any ? " + " : "", k, k);
    any = true;
  }
  if (!any) gkt_text_printf(e->text, e->sets ? "(gkt_lanes){0}" : "GKT_NO_PART");
}

void gkt_emit_declare_numbers(const gkt_emitter *e) {
  gkt_text_printf(e->text, "      const gkt_scalar *R = gkt_reference_%d_%d[a * %d + b];\n", e->map->number, gkt_emit_coupling(e), e->on->arguments[1].num_nodes);
}

/* Cells as lanes: the element tensor. */
void gkt_emit_reference(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  const gkt_factors found = gkt_emit_find_factors(e);
  int rows = m->arguments[0].components, cols = m->arguments[1].components, nb = m->arguments[1].num_nodes;
  gkt_text_printf(
      e->text, "    for (int h = 0; h < GKT_LANES; h += GKT_PART) {\n    GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n    GKT_UNROLL_NODES for (int b = %s; b < %d; b++) {\n",
      m->arguments[0].num_nodes, m->mirror ? "a" : "0", nb);
  gkt_emit_declare_numbers(e);
  gkt_text_printf(e->text, "      gkt_scalar (*GKT_RESTRICT E)[GKT_LANES] = A + (a * %d + b) * %d;\n", nb, rows * cols);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      gkt_text_printf(e->text, "      *(gkt_part *)&E[%d][h] %s ", i * cols + j, gkt_emit_store(e));
      gkt_emit_factor_entry(e, &found, i, j);
      gkt_text_printf(e->text, ";\n");
    }
  gkt_text_printf(e->text, "    }\n    }\n    }\n");
}

/* Entries E0, E1, .. of nodes a and b for the sets of a group. */
void gkt_emit_reference_of_sets(const gkt_emitter *e) {
  const gkt_factors found = gkt_emit_find_factors(e);
  int rows = e->on->arguments[0].components, cols = e->on->arguments[1].components;
  gkt_emit_declare_numbers(e);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      gkt_text_printf(e->text, "      const gkt_lanes E%d = ", i * cols + j);
      gkt_emit_factor_entry(e, &found, i, j);
      gkt_text_printf(e->text, ";\n");
    }
}
