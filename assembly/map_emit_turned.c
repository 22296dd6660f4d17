/* Text of matrices on straight simplices whose coefficients are the same at all points of a cell, where components are coupled in more ways than derivatives: moments as in
   map_emit_moments.c, but from numbers of the reference cell (map_emit_reference.c) that the inverse Jacobian turns,
     M(s,t) = sum over r and u of K(r,s) R(r,u) K(u,t),   K(0,0) = 1 for values,
   whatever the number of points; an entry is then a sum of coefficients, times the measure, times moments. */
#include "assembly/map_emit.h"

bool gkt_emit_has_turned(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  if (e->keeps || m->form->arity != 2 || !e->once || !e->affine || m->integral->measure != GKT_MEASURE_DX || m->rule.first[1] < 2) return false;
  return gkt_emit_find_moments(e->on).count <= gkt_emit_num_trial_sums(e->on) &&
         e->on->arguments[0].num_nodes * e->on->arguments[1].num_nodes * gkt_emit_find_columns(e).count <= GKT_MOST_NUMBERS;
}

/* ---- R(r,u): of values and of all derivatives, where a moment is of any ---- */
static bool any_moment(const gkt_moments *m, int r, int u) {
  for (int k = 0; k < m->count; k++)
    if ((m->row_slots[k] > 0) == (r > 0) && (m->col_slots[k] > 0) == (u > 0)) return true;
  return false;
}

gkt_factors gkt_emit_find_columns(const gkt_emitter *e) {
  const gkt_moments moments = gkt_emit_find_moments(e->on);
  gkt_factors found = {0};
  for (int r = 0; r <= e->map->dim; r++)
    for (int u = 0; u <= e->map->dim; u++)
      if (any_moment(&moments, r, u)) found.all[found.count++] = (gkt_factor){.r = r, .s = u};
  return found;
}

static int column_of(const gkt_factors *f, int r, int u) {
  int k = 0;
  while (f->all[k].r != r || f->all[k].s != u) k++;
  return k;
}

/* ---- moments ---- */
static void emit_inverse(const gkt_emitter *e, int r, int slot) {
  if (e->sets) gkt_text_printf(e->text, "K[%d][%d][c]", r - 1, slot - 1);
  else gkt_text_printf(e->text, "*(const gkt_part *)&K[%d][%d][h]", r - 1, slot - 1);
}

/* sum over u of R(r,u) K(u,t) */
static void emit_right(const gkt_emitter *e, const gkt_factors *columns, int r, int t) {
  if (!t) {
    gkt_text_printf(e->text, "R[%d]", column_of(columns, r, 0));
    return;
  }
  for (int u = 1; u <= e->map->dim; u++) {
    gkt_text_printf(e->text, "%sR[%d] * ", u > 1 ? " + " : "", column_of(columns, r, u));
    emit_inverse(e, u, t);
  }
}

/* Those with derivatives on the left read it several times. */
static bool is_right_read(const gkt_moments *m, int t) {
  bool read = false;
  for (int k = 0; k < m->count; k++) read |= m->col_slots[k] == t && m->row_slots[k];
  return read;
}

int gkt_emit_count_turned(const gkt_emitter *e) {
  const gkt_moments m = gkt_emit_find_moments(e->on);
  int count = m.count * e->map->dim;
  for (int t = 1; t <= e->map->dim; t++) count += is_right_read(&m, t) ? e->map->dim * e->map->dim : 0;
  return count;
}

static void emit_rights(const gkt_emitter *e, const gkt_moments *m, const gkt_factors *columns) {
  for (int t = 0; t <= e->map->dim; t++) {
    for (int r = 1; is_right_read(m, t) && r <= e->map->dim; r++) {
      gkt_text_printf(e->text, "        const %s T%d_%d = ", t && !e->sets ? "gkt_part" : "gkt_scalar", r, t);
      emit_right(e, columns, r, t);
      gkt_text_printf(e->text, ";\n");
    }
  }
}

void gkt_emit_turned_moments(const gkt_emitter *e) {
  const gkt_moments m = gkt_emit_find_moments(e->on);
  const gkt_factors columns = gkt_emit_find_columns(e);
  emit_rights(e, &m, &columns);
  for (int k = 0; k < m.count; k++) {
    const int s = m.row_slots[k], t = m.col_slots[k];
    gkt_text_printf(e->text, "        const %s M%d = %s", e->sets ? "gkt_scalar" : "gkt_part", k, !s && !t && !e->sets ? "GKT_NO_PART + " : "");
    if (!s) emit_right(e, &columns, 0, t);
    for (int r = 1; s && r <= e->map->dim; r++) {
      gkt_text_printf(e->text, r > 1 ? " + " : "");
      emit_inverse(e, r, s);
      gkt_text_printf(e->text, " * T%d_%d", r, t);
    }
    gkt_text_printf(e->text, ";\n");
  }
}

/* ---- the element tensor ---- */
void gkt_emit_scaled(const gkt_emitter *e) {
  const int outputs = gkt_pointwise_num_outputs(e->map->pointwise);
  gkt_text_printf(e->text, "    gkt_scalar Gdx[%d][GKT_LANES] GKT_ALIGNED;\n    GKT_FOR_LANES(l) {\n", outputs);
  for (int k = 0; k < outputs; k++) gkt_text_printf(e->text, "      Gdx[%d][l] = G[%d][l] * dx[%c];\n", k, k, gkt_emit_cell_lane(e));
  gkt_text_printf(e->text, "    }\n");
}

void gkt_emit_begin_turned(const gkt_emitter *e) {
  gkt_text_printf(e->text, "    GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n      GKT_UNROLL_NODES for (int b = %s; b < %d; b++) {\n", e->on->arguments[0].num_nodes,
                  e->on->mirror ? "a" : "0", e->on->arguments[1].num_nodes);
  gkt_emit_declare_numbers(e);
}

void gkt_emit_turned(const gkt_emitter *e) {
  const int rows = e->on->arguments[0].components, cols = e->on->arguments[1].components;
  gkt_emit_scaled(e);
  gkt_text_printf(e->text, "    for (int h = 0; h < GKT_LANES; h += GKT_PART) {\n");
  gkt_emit_begin_turned(e);
  gkt_text_printf(e->text, "      gkt_scalar (*GKT_RESTRICT E)[GKT_LANES] = A + (a * %d + b) * %d;\n", e->on->arguments[1].num_nodes, rows * cols);
  gkt_emit_turned_moments(e);
  for (int k = 0; k < rows * cols; k++) {
    gkt_text_printf(e->text, "        *(gkt_part *)&E[%d][h] %s ", k, gkt_emit_store(e));
    gkt_emit_moment_entry(e, k / cols, k % cols, "M%d", "*(const gkt_part *)&Gdx[%d][h]");
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "      }\n    }\n    }\n");
}
