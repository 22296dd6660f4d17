/* Text of matrices whose element tensor does not stay in a first-level cache: pair by pair of nodes, over the points in registers, so that the tensor is written once. What the
   sums need is kept at all points; operations on an entry and their order are those of the sum point by point (map_emit_contract.c). */
#include "assembly/map_emit.h"

enum { LEAST_TENSOR = 256, MOST_ENTRIES = 16, MOST_BYTES = 256 * 1024 }; /* scalars; entries of a pair, which are registers; on the stack */

bool gkt_emit_has_pairs(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  const int points = m->rule.first[1], entries = e->on->arguments[0].components * e->on->arguments[1].components;
  if (m->form->arity != 2 || points < 2 || !gkt_map_is_uniform(m) || e->on->tensor_size < LEAST_TENSOR || entries > MOST_ENTRIES) return false;
  gkt_size kept = gkt_pointwise_num_outputs(m->pointwise) + e->on->num_sums;
  for (int k = 0; k < m->rule.num_bases; k++) kept += e->gradients[k] ? (gkt_size)m->rule.bases[k].size * m->dim : 0;
  return kept * points * GKT_LANES * (gkt_size)sizeof(gkt_scalar) <= MOST_BYTES;
}

static bool is_kept(const gkt_emitter *e, int basis) { return e->gradients[basis] && !gkt_emit_is_linear(e, basis); }

void gkt_emit_begin_pairs(const gkt_emitter *e) {
  const int points = e->map->rule.first[1];
  gkt_text_printf(e->text, "    gkt_scalar Hs[%d][%d][GKT_LANES] GKT_ALIGNED;\n", points, gkt_pointwise_num_outputs(e->map->pointwise));
  for (int k = 0; k < e->map->rule.num_bases; k++)
    if (is_kept(e, k)) gkt_text_printf(e->text, "    gkt_scalar gs%d[%d][%d][%d][GKT_LANES] GKT_ALIGNED;\n", k, points, e->map->rule.bases[k].size, e->map->dim);
}

/* At point q: H and gradients under their names. */
void gkt_emit_name_point(const gkt_emitter *e) {
  gkt_text_printf(e->text, "      gkt_scalar (*H)[GKT_LANES] = Hs[q];\n      (void)H;\n");
  for (int k = 0; k < e->map->rule.num_bases; k++)
    if (is_kept(e, k)) gkt_text_printf(e->text, "      gkt_scalar (*g%d)[%d][GKT_LANES] = gs%d[q];\n      (void)g%d;\n", k, e->map->dim, k, k);
}

/* Of node b, at all points. */
static void emit_trial_sums(const gkt_emitter *e) {
  gkt_text_printf(e->text, "      gkt_scalar Ts[%d][%d][GKT_LANES] GKT_ALIGNED;\n", e->map->rule.first[1], e->on->num_sums);
  gkt_emit_begin_points(e);
  gkt_emit_values(e);
  gkt_emit_name_point(e);
  gkt_text_printf(e->text, "      gkt_scalar (*T)[GKT_LANES] = Ts[q];\n      GKT_FOR_LANES(l) {\n");
  gkt_emit_trial_sums(e);
  gkt_text_printf(e->text, "      }\n    }\n");
}

static void emit_entries(const gkt_emitter *e, int rows, int cols) {
  gkt_emitter parts = *e;
  parts.parts = true;
  for (int k = 0; k < rows * cols; k++) gkt_text_printf(e->text, "      gkt_part E%d = GKT_NO_PART;\n", k);
  gkt_emit_begin_points(e);
  gkt_emit_values(e);
  gkt_emit_name_point(e);
  gkt_text_printf(e->text, "      const gkt_scalar (*T)[GKT_LANES] = (const gkt_scalar (*)[GKT_LANES])Ts[q];\n");
  for (int k = 0; k < rows * cols; k++) {
    gkt_text_printf(e->text, "        E%d += ", k);
    gkt_emit_entry(&parts, k / cols, k % cols);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "      }\n");
}

void gkt_emit_pairs(const gkt_emitter *e) {
  const gkt_coupling *c = e->on;
  const int rows = c->arguments[0].components, cols = c->arguments[1].components, na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes;
  gkt_text_printf(e->text, "    for (int b = 0; b < %d; b++) {\n", nb);
  emit_trial_sums(e);
  if (c->mirror) gkt_text_printf(e->text, "      for (int a = 0; a <= b; a++) {\n");
  else gkt_text_printf(e->text, "      for (int a = 0; a < %d; a++) {\n", na);
  gkt_text_printf(e->text, "      gkt_scalar (*GKT_RESTRICT E)[GKT_LANES] = A + (a * %d + b) * %d;\n      for (int h = 0; h < GKT_LANES; h += GKT_PART) {\n", nb, rows * cols);
  emit_entries(e, rows, cols);
  for (int k = 0; k < rows * cols; k++) gkt_text_printf(e->text, "      *(gkt_part *)&E[%d][h] %s E%d;\n", k, gkt_emit_store(e), k);
  gkt_text_printf(e->text, "      }\n      }\n    }\n");
}
