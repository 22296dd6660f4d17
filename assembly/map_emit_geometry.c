/* Text of the geometry: Jacobians, measures, normals, diameters, physical gradients; the formulas are those of points.c. */
#include "assembly/map_emit.h"

/* J[d][r] = d x_d / d xi_r */
static void emit_jacobian(const gkt_emitter *e) {
  int dim = e->map->dim, nodes = e->cells->nodes_per_cell;
  for (int d = 0; d < dim; d++)
    for (int r = 0; r < dim; r++) {
      gkt_text_printf(e->text, "        const gkt_scalar J%d%d = ", d, r);
      if (e->affine) gkt_text_printf(e->text, "X[%d][%d][l] - X[0][%d][l];\n", r + 1, d, d);
      for (int i = 0; !e->affine && i < nodes; i++) gkt_text_printf(e->text, "%sdg[%d] * X[%d][%d][l]%s", i ? " + " : "", i * dim + r, i, d, i + 1 == nodes ? ";\n" : "");
    }
}

static void emit_inverse(const gkt_emitter *e) {
  int dim = e->map->dim;
  gkt_text *t = e->text;
  for (int r = 0; r < dim; r++)
    for (int d = 0; d < dim; d++) {
      int a = (d + 1) % 3, b = (d + 2) % 3, p = (r + 1) % 3, q = (r + 2) % 3;
      if (dim == 1) gkt_text_printf(t, "        const gkt_scalar C00 = 1;\n");
      if (dim == 2) gkt_text_printf(t, "        const gkt_scalar C%d%d = %sJ%d%d;\n", r, d, r == d ? "" : "-", 1 - d, 1 - r);
      if (dim == 3) gkt_text_printf(t, "        const gkt_scalar C%d%d = J%d%d * J%d%d - J%d%d * J%d%d;\n", r, d, a, p, b, q, a, q, b, p);
    }
  gkt_text_printf(t, "        const gkt_scalar det = J00 * C00");
  for (int r = 1; r < dim; r++) gkt_text_printf(t, " + J0%d * C%d0", r, r);
  gkt_text_printf(t, ", inverse = 1 / det;\n");
  for (int r = 0; r < dim; r++)
    for (int d = 0; d < dim; d++) gkt_text_printf(t, "        K[%d][%d][l] = C%d%d * inverse;\n", r, d, r, d);
}

static void emit_surface(const gkt_emitter *e) {
  int dim = e->map->dim;
  gkt_text *t = e->text;
  for (int d = 0; d < dim; d++) {
    gkt_text_printf(t, "        const gkt_scalar n%d = ", d);
    for (int r = 0; r < dim; r++) gkt_text_printf(t, "%sd->normal[%d] * K[%d][%d][l]", r ? " + " : "", r, r, d);
    gkt_text_printf(t, ";\n");
  }
  gkt_text_printf(t, "        const gkt_scalar length = sqrt(n0 * n0");
  for (int d = 1; d < dim; d++) gkt_text_printf(t, " + n%d * n%d", d, d);
  gkt_text_printf(t, ");\n        dx[l] = fabs(det) * length;\n");
  for (int d = 0; e->normal && d < dim; d++) gkt_text_printf(t, "        n[%d][l] = n%d / length;\n", d, d);
}

char gkt_emit_cell_lane(const gkt_emitter *e) { return e->sets ? 'c' : 'l'; }

void gkt_emit_geometry(const gkt_emitter *e) {
  int dim = e->map->dim;
  if (!e->affine) gkt_text_printf(e->text, "      const gkt_scalar *GKT_RESTRICT dg = d->dphi[0] + q * %d;\n", e->cells->nodes_per_cell * dim);
  gkt_text_printf(e->text, "      GKT_FOR_LANES(l) {\n");
  emit_jacobian(e);
  emit_inverse(e);
  if (e->map->integral->measure == GKT_MEASURE_DS) emit_surface(e);
  else gkt_text_printf(e->text, "        dx[l] = %s;\n", e->map->integral->measure == GKT_MEASURE_DP ? "1" : "fabs(det)");
  gkt_text_printf(e->text, "      }\n");
}

void gkt_emit_diameter(const gkt_emitter *e) {
  int dim = e->map->dim;
  gkt_text *t = e->text;
  gkt_text_printf(t, "    gkt_scalar h[GKT_LANES] GKT_ALIGNED, hd[%d][GKT_LANES] GKT_ALIGNED;\n    GKT_FOR_LANES(l) {\n      gkt_scalar most = 0", dim);
  for (int d = 0; d < dim; d++) gkt_text_printf(t, ", h%d = 0", d);
  gkt_text_printf(t, ";\n");
  for (int j = 1; j < e->topology->num_vertices; j++)
    for (int i = 0; i < j; i++) {
      gkt_text_printf(t, "      {\n");
      for (int d = 0; d < dim; d++) gkt_text_printf(t, "        const gkt_scalar s%d = X[%d][%d][l] - X[%d][%d][l];\n", d, j, d, i, d);
      gkt_text_printf(t, "        const gkt_scalar s = s0 * s0");
      for (int d = 1; d < dim; d++) gkt_text_printf(t, " + s%d * s%d", d, d);
      gkt_text_printf(t, ";\n");
      for (int d = 0; d < dim; d++) gkt_text_printf(t, "        h%d = s > most ? s%d : h%d;\n", d, d, d);
      gkt_text_printf(t, "        most = s > most ? s : most;\n      }\n");
    }
  gkt_text_printf(t, "      h[l] = sqrt(most);\n");
  for (int d = 0; d < dim; d++) gkt_text_printf(t, "      hd[%d][l] = h%d / h[l];\n", d, d);
  gkt_text_printf(t, "    }\n");
}

/* Degree 1 on simplices: the reference gradients are constant and made of 0, 1 and -1. */
static void emit_linear_gradients(const gkt_emitter *e, int basis) {
  int dim = e->map->dim, size = e->map->rule.bases[basis].size;
  double xi[3] = {0}, reference[24];
  gkt_lagrange_gradients(e->cells->cell, 1, xi, reference);
  gkt_text_printf(e->text, "      GKT_FOR_LANES(l) {\n");
  for (int a = 0; a < size; a++)
    for (int d = 0; d < dim; d++) {
      gkt_text_printf(e->text, "        g%d[%d][%d][l] =", basis, a, d);
      for (int r = 0; r < dim; r++)
        if (reference[a * dim + r] != 0) gkt_text_printf(e->text, " %c K[%d][%d][l]", reference[a * dim + r] > 0 ? '+' : '-', r, d);
      gkt_text_printf(e->text, ";\n");
    }
  gkt_text_printf(e->text, "      }\n");
}

bool gkt_emit_is_linear(const gkt_emitter *e, int basis) { return e->affine && gkt_basis_is_lagrange(&e->map->rule.bases[basis], 1); }

void gkt_emit_gradient(const gkt_emitter *e, int basis, const char *node, int direction) {
  if (e->parts) gkt_text_printf(e->text, "*(const gkt_part *)&g%d[%s][%d][h]", basis, node, direction);
  else if (!e->sets) gkt_text_printf(e->text, "g%d[%s][%d][l]", basis, node, direction);
  else if (gkt_emit_is_linear(e, basis)) gkt_text_printf(e->text, "g%d[%s][%d][c]", basis, node, direction);
  else gkt_text_printf(e->text, "g%d[q][%s][%d]", basis, node, direction);
}

static void emit_table_gradients(const gkt_emitter *e, int basis) {
  int dim = e->map->dim, size = e->map->rule.bases[basis].size;
  gkt_text_printf(e->text, "      GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n        const gkt_scalar *GKT_RESTRICT r = d->dphi[%d] + (q * %d + a) * %d;\n", size, basis,
                  size, dim);
  gkt_text_printf(e->text, e->sets ? "        {\n" : "        GKT_FOR_LANES(l) {\n");
  for (int d = 0; d < dim; d++) {
    gkt_text_printf(e->text, "          ");
    gkt_emit_gradient(e, basis, "a", d);
    for (int r = 0; r < dim; r++) gkt_text_printf(e->text, "%sr[%d] * K[%d][%d][%c]", r ? " + " : " = ", r, r, d, gkt_emit_cell_lane(e));
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, "        }\n      }\n");
}

void gkt_emit_gradients(const gkt_emitter *e, bool per_cell) {
  for (int k = 0; k < e->map->rule.num_bases; k++) {
    if (!e->gradients[k] || per_cell != gkt_emit_is_linear(e, k)) continue;
    if (per_cell) emit_linear_gradients(e, k);
    else emit_table_gradients(e, k);
  }
}
