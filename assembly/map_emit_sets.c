/* The C text of the map of a batch, of one coupling: geometry as for one set, kept at all points; then cell by cell (lane c of the geometry) and group by group, with sets as
   lanes. Tensors are not stored: an entry is summed over the points in registers and added to the sums of the chunk. Operations on a set and their order are those of the map of
   one set. */
#include "assembly/map_emit.h"

static int most_points(const gkt_map *m) {
  int most = 0;
  for (int f = 0; f < m->rule.num_facets; f++) most = gkt_map_num_points(m, f) > most ? gkt_map_num_points(m, f) : most;
  return most;
}

/* ---- geometry of a tile of cells ---- */
static void declare_geometry(const gkt_emitter *e) {
  int dim = e->map->dim;
  char points[24] = "";
  const char *many = e->affine ? "" : "s";
  if (!e->affine) snprintf(points, sizeof points, "[%d]", most_points(e->map));
  gkt_text_printf(e->text, "    gkt_scalar K%s%s[%d][%d][GKT_LANES], dx%s%s[GKT_LANES];\n", many, points, dim, dim, many, points);
  if (e->normal) gkt_text_printf(e->text, "    gkt_scalar n%s%s[%d][GKT_LANES];\n", many, points, dim);
  for (int k = 0; k < e->map->rule.num_bases; k++)
    if (e->gradients[k] && gkt_emit_is_linear(e, k)) gkt_text_printf(e->text, "    gkt_scalar g%d[%d][%d][GKT_LANES];\n", k, e->map->rule.bases[k].size, dim);
}

/* K, dx, n of point q under their names */
static void emit_kept(const gkt_emitter *e) {
  if (e->affine) return;
  gkt_text_printf(e->text, "      gkt_scalar (*K)[%d][GKT_LANES] = Ks[q], *dx = dxs[q];\n      (void)K, (void)dx;\n", e->map->dim);
  if (e->normal) gkt_text_printf(e->text, "      gkt_scalar (*n)[GKT_LANES] = ns[q];\n      (void)n;\n");
}

static void emit_geometry(const gkt_emitter *e) {
  declare_geometry(e);
  if (!e->affine) gkt_emit_begin_points(e);
  emit_kept(e);
  gkt_emit_geometry(e);
  if (!e->affine) gkt_text_printf(e->text, "    }\n");
  if (e->diameter) gkt_emit_diameter(e);
  gkt_emit_gradients(e, true);
}

/* Of cell c, at all points. */
static void emit_gradients(const gkt_emitter *e) {
  bool any = false;
  for (int k = 0; k < e->map->rule.num_bases; k++) {
    if (!e->gradients[k] || gkt_emit_is_linear(e, k)) continue;
    gkt_text_printf(e->text, "    gkt_scalar g%d[%d][%d][%d];\n", k, most_points(e->map), e->map->rule.bases[k].size, e->map->dim);
    any = true;
  }
  if (!any) return;
  gkt_emit_begin_points(e);
  emit_kept(e);
  gkt_emit_gradients(e, false);
  gkt_text_printf(e->text, "    }\n");
}

/* ---- a cell and a group of sets ---- */
static void emit_points(const gkt_emitter *e) {
  int inputs = gkt_pointwise_num_inputs(e->map->pointwise), outputs = gkt_pointwise_num_outputs(e->map->pointwise);
  gkt_text_printf(e->text, "    gkt_scalar in[%d][GKT_LANES] GKT_ALIGNED, G[%d][GKT_LANES] GKT_ALIGNED;\n    gkt_lanes H[%d][%d] GKT_ALIGNED;\n", inputs ? inputs : 1, outputs,
                  most_points(e->map), outputs);
  gkt_emit_inputs(e, true);
  if (e->once) gkt_emit_pointwise(e);
  gkt_emit_begin_points(e);
  gkt_emit_values(e);
  emit_kept(e);
  gkt_emit_inputs(e, false);
  if (!e->once) gkt_emit_pointwise(e);
  gkt_text_printf(e->text, "      const gkt_scalar w = d->weights[q] * dx[c];\n");
  for (int k = 0; k < outputs; k++) gkt_text_printf(e->text, "      GKT_FOR_LANES(l) { H[q][%d][l] = G[%d][l] * w; }\n", k, k);
  gkt_text_printf(e->text, "    }\n");
}

/* Where sums over the points are at hand: coefficients alone. */
static void emit_inputs(const gkt_emitter *e) {
  int inputs = gkt_pointwise_num_inputs(e->map->pointwise);
  gkt_text_printf(e->text, "    gkt_scalar in[%d][GKT_LANES] GKT_ALIGNED, G[%d][GKT_LANES] GKT_ALIGNED;\n", inputs ? inputs : 1, gkt_pointwise_num_outputs(e->map->pointwise));
  gkt_emit_inputs(e, true);
  gkt_emit_pointwise(e);
}

static bool has_moments(const gkt_emitter *e) { return e->way == GKT_SUM_MOMENTS || e->way == GKT_SUM_TURNED; }

/* Once for all sets. */
static void emit_moments(const gkt_emitter *e) {
  if (e->way == GKT_SUM_TURNED) {
    gkt_emit_moments_of_sets(e);
    return;
  }
  gkt_emit_begin_moments(e);
  gkt_emit_begin_points(e);
  gkt_emit_values(e);
  emit_kept(e);
  gkt_emit_keep_point(e);
  gkt_text_printf(e->text, "    }\n");
  gkt_emit_moments_of_sets(e);
}

/* The entry (row, col) of the pair at hand in E, over the points. */
static void emit_entries(const gkt_emitter *e) {
  int rows = e->on->arguments[0].components, cols = e->on->arguments[1].components;
  bool many = e->map->rule.first[1] > 1;
  for (int k = 0; k < rows * cols; k++) gkt_text_printf(e->text, many ? "      gkt_lanes E%d = {0};\n" : "      gkt_lanes E%d;\n", k);
  gkt_emit_begin_points(e);
  gkt_emit_values(e);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      gkt_text_printf(e->text, "        E%d %s ", i * cols + j, many ? "+=" : "=");
      gkt_emit_entry(e, i, j);
      gkt_text_printf(e->text, ";\n");
    }
  gkt_text_printf(e->text, "      }\n");
}

typedef enum { AS_IS, TRANSPOSED, UPPER_HALF } block_way; /* UPPER_HALF: of a diagonal block, for both halves */

static void emit_add(const gkt_emitter *e, const char *pair, block_way way) {
  int rows = e->on->arguments[0].components, cols = e->on->arguments[1].components;
  gkt_text_printf(e->text, "      {\n        gkt_lanes *S = (gkt_lanes *)sums + (gkt_offset)(slots[%s]%s) * %d;\n", pair, e->on->half && rows > 1 ? " & 32767" : "", rows * cols);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      bool across = way == TRANSPOSED || (way == UPPER_HALF && i > j);
      gkt_text_printf(e->text, "        S[%d] += E%d;\n", i * cols + j, across ? j * rows + i : i * cols + j);
    }
  gkt_text_printf(e->text, "      }\n");
}

/* Nodes a and b; T of node b at all points first. */
static void emit_pairs(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int na = m->arguments[0].num_nodes, nb = m->arguments[1].num_nodes;
  char pair[40], mirrored[40];
  if (m->half) snprintf(pair, sizeof pair, "a * (%d - a) / 2 + b", 2 * nb - 1);
  else snprintf(pair, sizeof pair, "a * %d + b", nb);
  snprintf(mirrored, sizeof mirrored, "b * %d + a", nb);
  gkt_text_printf(e->text, "    for (int b = 0; b < %d; b++) {\n", nb);
  if (e->map->form->arity == 2 && e->way == GKT_SUM_ENTRIES) {
    gkt_text_printf(e->text, "    gkt_lanes T[%d][%d] GKT_ALIGNED;\n", most_points(e->map), m->num_sums);
    gkt_emit_begin_points(e);
    gkt_emit_values(e);
    gkt_emit_trial_sums(e);
    gkt_text_printf(e->text, "    }\n");
  }
  if (m->mirror) gkt_text_printf(e->text, "    for (int a = 0; a <= b; a++) {\n");
  else gkt_text_printf(e->text, "    for (int a = 0; a < %d; a++) {\n", na);
  if (has_moments(e)) gkt_emit_entries_of_sets(e);
  else if (e->way == GKT_SUM_REFERENCE) gkt_emit_reference_of_sets(e);
  else emit_entries(e);
  if (m->mirror) {
    gkt_text_printf(e->text, "      if (a == b)\n");
    emit_add(e, pair, UPPER_HALF);
    gkt_text_printf(e->text, "      else\n");
  }
  if (m->half && m->arguments[0].components > 1) {
    gkt_text_printf(e->text, "      if (slots[%s] > 32767)\n", pair); /* GKT_ACROSS */
    emit_add(e, pair, TRANSPOSED);
    gkt_text_printf(e->text, "      else\n");
  }
  emit_add(e, pair, AS_IS);
  if (m->mirror && !m->half) {
    gkt_text_printf(e->text, "      if (a < b)\n");
    emit_add(e, mirrored, TRANSPOSED);
  }
  gkt_text_printf(e->text, "    }\n    }\n");
}

void gkt_emit_sets(const gkt_emitter *e) {
  gkt_emit_cells(e);
  emit_geometry(e);
  gkt_text_printf(e->text,
                  "    for (int c = 0; c < GKT_LANES && first + c < end; c++) {\n    const unsigned short *slots = d->slots + (gkt_offset)(cell[c] - d->first_cell) * %d;\n",
                  gkt_coupling_num_slots(e->on));
  if (e->way != GKT_SUM_REFERENCE && e->way != GKT_SUM_TURNED) emit_gradients(e);
  if (has_moments(e)) emit_moments(e);
  gkt_text_printf(e->text, "    for (int group = 0; group * GKT_LANES < d->num_sets; group++) {\n"
                           "    gkt_scalar *sums = out + group * d->group_stride;\n    gkt_offset set[GKT_LANES];\n    (void)set;\n"
                           "    for (int l = 0; l < GKT_LANES; l++) set[l] = group * GKT_LANES + l < d->num_sets ? group * GKT_LANES + l : d->num_sets - 1;\n");
  gkt_emit_dofs(e);
  if (e->way == GKT_SUM_ENTRIES) emit_points(e);
  else emit_inputs(e);
  if (e->way == GKT_SUM_REFERENCE) gkt_emit_factors(e);
  if (e->way == GKT_SUM_TURNED) gkt_emit_scaled(e);
  emit_pairs(e);
  gkt_text_printf(e->text, "    }\n    }\n");
}
