/* Claim: cells that are not convex, twisted, collapsed, folded by their curved edges or of no volume are refused by name, as are blocks that fit no mesh and neighbours that do not
   agree on their common facet; curved edges are accepted as far as they do not fold the cell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/lagrange.h"
#include "meshes/mesh.h"
#include "tests/gkt_test.h"

static void refused(int dim, gkt_idx num_nodes, const double *x, int num_blocks, const gkt_cell_block *blocks, gkt_status expected, const char *words) {
  gkt_mesh *m = NULL;
  gkt_context_clear(ctx);
  gkt_status status = gkt_mesh_from_blocks(ctx, dim, num_nodes, x, num_blocks, blocks, &m);
  if (status == GKT_OK) status = gkt_mesh_topology(m);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("expected '%s' in '%s'", words, gkt_context_message(ctx));
  assert_int_equal(status, expected);
  gkt_mesh_destroy(&m);
}

static void wrong_blocks_are_refused(void **state) {
  (void)state;
  const double x[] = {0, 0, 1, 0, 1, 1, 0, 1, 2, 0};
  const gkt_idx quad[] = {0, 1, 2, 3}, tri[] = {1, 4, 2};
  gkt_cell_block b[2] = {{.cell = GKT_TRIANGLE, .order = 1, .num_cells = 1, .nodes = tri}, {.cell = GKT_QUADRILATERAL, .order = 2, .num_cells = 1, .nodes = quad}};
  refused(2, 5, x, 2, b, GKT_UNAVAILABLE, "cells of order 1 and of order 2 in one mesh");
  b[1] = b[0];
  refused(2, 5, x, 2, b, GKT_BAD_ARGUMENT, "two blocks of triangle cells");
  b[1] = (gkt_cell_block){.cell = GKT_TETRAHEDRON, .order = 1, .num_cells = 1, .nodes = quad};
  refused(2, 5, x, 2, b, GKT_BAD_ARGUMENT, "tetrahedron cells has dimension 3, not 2");
}

static void quadrilateral(const double *x, const char *words) {
  gkt_cell_block b = {.cell = GKT_QUADRILATERAL, .order = 1, .num_cells = 1, .nodes = (gkt_idx[]){0, 1, 2, 3}};
  refused(2, 4, x, 1, &b, GKT_BAD_INPUT, words);
}

static void bad_shapes_are_named(void **state) {
  (void)state;
  quadrilateral((double[]){0, 0, 1, 0, 0.3, 0.3, 0, 1}, "cell 0 is not convex: its angle at node 2 is 180 degrees or more; its vertices: (0, 0), (1, 0), (0.3, 0.3), (0, 1)");
  quadrilateral((double[]){0, 0, 1, 0, 0.5, 0.5, 0, 1}, "its angle at node 2 is 180 degrees");
  quadrilateral((double[]){0, 0, 1, 1, 1, 0, 0, 1}, "is not convex");
  quadrilateral((double[]){0, 0, 1, 0, 3, 0, 2, 0}, "is degenerate (no volume)");
  double x[8 * 3];
  for (int i = 0; i < 8; i++)
    for (int d = 0; d < 3; d++) x[3 * i + d] = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i][d];
  gkt_cell_block hex = {.cell = GKT_HEXAHEDRON, .order = 1, .num_cells = 1, .nodes = (gkt_idx[]){0, 1, 2, 3, 4, 5, 7, 6}};
  refused(3, 8, x, 1, &hex, GKT_BAD_INPUT, "cell 0 is not convex or twisted: at node");
  hex.nodes = (gkt_idx[]){0, 1, 2, 3, 4, 5, 6, 7};
  for (int d = 0; d < 3; d++) x[18 + d] = 0.2; /* vertex 6 goes through the plane of its neighbours */
  refused(3, 8, x, 1, &hex, GKT_BAD_INPUT, "is not convex or twisted: at node");
}

static void collapsed_cells_are_named(void **state) {
  (void)state;
  double x[8 * 3];
  for (int i = 0; i < 8; i++)
    for (int d = 0; d < 3; d++) x[3 * i + d] = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i][d];
  gkt_cell_block hex = {.cell = GKT_HEXAHEDRON, .order = 1, .num_cells = 2, .nodes = (gkt_idx[]){0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 2, 4, 5, 6, 6}};
  refused(3, 8, x, 1, &hex, GKT_BAD_INPUT, "cell 1 is degenerate: node 2 is two of its vertices; expected a cell of the kind that has as many");
}

/* A node in the middle of an edge that moves past three quarters of it towards its end folds the cell there: at that vertex the derivative along the edge is
   4 (1 - t) - 1 < 0 for a node at t > 3/4. Up to there the cell is right. */
static void curved_cells_are_checked(void **state) {
  (void)state;
  for (int type = GKT_LINE; type < GKT_NUM_CELL_TYPES; type++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[type];
    gkt_idx nodes[27];
    double x[27 * 3];
    int n = gkt_lagrange_size((gkt_cell_type)type, 2);
    for (int i = 0; i < n; i++) nodes[i] = i;
    gkt_cell_block b = {.cell = (gkt_cell_type)type, .order = 2, .num_cells = 1, .nodes = nodes};
    for (int e = 0; e < t->num_edges; e++)
      for (int folded = 0; folded < 2; folded++) {
        double at = folded ? 0.77 : 0.73;
        gkt_lagrange_nodes((gkt_cell_type)type, 2, x);
        for (int d = 0; d < t->dim; d++) x[t->dim * (t->num_vertices + e) + d] = (1 - at) * t->vertices[t->edges[e][0]][d] + at * t->vertices[t->edges[e][1]][d];
        if (folded) refused(t->dim, n, x, 1, &b, GKT_BAD_INPUT, "cell 0 is folded by its curved edges (the Jacobian changes sign)");
        else {
          gkt_mesh *m = NULL;
          assert_int_equal(gkt_mesh_from_blocks(ctx, t->dim, n, x, 1, &b, &m), GKT_OK);
          gkt_mesh_destroy(&m);
        }
      }
  }
}

/* The mid-facet node of two hexahedra side by side must be one. */
static void neighbours_agree_on_nodes_inside_facets(void **state) {
  (void)state;
  gkt_box box = {.shape = GKT_HEXAHEDRON, .dim = 3, .cells = {2, 1, 1}, .upper = {2, 1, 1}};
  gkt_mesh *m;
  gkt_middles q;
  assert_int_equal(gkt_mesh_box(ctx, &box, &m), GKT_OK);
  assert_int_equal(gkt_middles_create(m, &q), GKT_OK);
  q.coords = realloc(q.coords, sizeof(double) * 3 * (size_t)(q.num_nodes + 1));
  memcpy(q.coords + 3 * q.num_nodes, (double[]){1, 0.5, 0.5}, 3 * sizeof(double));
  q.nodes[0][23] = q.num_nodes; /* facet 3 of the first cell, x = 1 */
  gkt_cell_block b = {.cell = GKT_HEXAHEDRON, .order = 2, .num_cells = 2, .nodes = q.nodes[0]};
  refused(3, q.num_nodes + 1, q.coords, 1, &b, GKT_BAD_INPUT, "in the middle of a facet where its neighbour has");
  gkt_middles_destroy(&q);
  gkt_mesh_destroy(&m);
}

static void quadrilateral_facets_have_one_ring(void **state) {
  (void)state;
  gkt_box box = {.shape = GKT_HEXAHEDRON, .dim = 3, .cells = {2, 1, 1}, .upper = {2, 1, 1}};
  gkt_mesh *m;
  assert_int_equal(gkt_mesh_box(ctx, &box, &m), GKT_OK);
  gkt_idx cells[16];
  memcpy(cells, gkt_mesh_block(m, 0)->nodes, sizeof cells);
  gkt_idx mirrored[8] = {cells[1], cells[0], cells[3], cells[2], cells[5], cells[4], cells[7], cells[6]}; /* the first cell on the side of the second */
  double x[12 * 3 + 12];
  memcpy(x, gkt_mesh_coords(m), 36 * sizeof *x);
  for (int i = 0; i < 4; i++) { /* new nodes beyond the shared facet */
    const double *at = gkt_mesh_coords(m) + 3 * mirrored[(int[]){1, 2, 5, 6}[i]];
    memcpy(x + 36 + 3 * i, (double[]){1.7, at[1], at[2]}, 3 * sizeof *x);
    mirrored[(int[]){1, 2, 5, 6}[i]] = 12 + i;
  }
  gkt_idx both[24];
  memcpy(both, cells, 16 * sizeof *both);
  memcpy(both, mirrored, 8 * sizeof *both);
  gkt_cell_block b = {.cell = GKT_HEXAHEDRON, .order = 1, .num_cells = 3, .nodes = both};
  memcpy(both + 16, cells, 8 * sizeof *both);
  refused(3, 16, x, 1, &b, GKT_BAD_INPUT, "overlap: they lie on the same side of the facet that they share");
  gkt_mesh_destroy(&m);
}

/* ---- random cells: what is accepted has no fold on a lattice far finer than the samples ---- */
static double noise(uint32_t *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 23) - 1;
}

static double jacobian(gkt_cell_type cell, int order, const double *x, const double *xi) {
  double g[3 * GKT_MAX_BASIS], a[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  int dim = gkt_cell_topologies[cell].dim, n = gkt_lagrange_size(cell, order);
  gkt_lagrange_gradients(cell, order, xi, g);
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) {
      a[i][j] = 0;
      for (int k = 0; k < n; k++) a[i][j] += g[k * dim + j] * x[k * dim + i];
    }
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

/* The least Jacobian on a lattice of n steps (inside of boxes and simplices), its sign that of the mean. */
static double least_jacobian(gkt_cell_type cell, int order, const double *x, int n) {
  int dim = gkt_cell_topologies[cell].dim;
  bool simplex = gkt_cell_is_simplex(cell);
  double least = INFINITY, mean = 0;
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k <= (dim == 3 ? n : 0); k++)
      for (int j = 0; j <= n; j++)
        for (int i = 0; i <= n; i++) {
          double xi[3] = {(double)i / n, (double)j / n, (double)k / n};
          if (simplex && i + j + k > n) continue;
          double value = jacobian(cell, order, x, xi);
          if (pass == 0) mean += value;
          else least = fmin(least, mean > 0 ? value : -value);
        }
  return least;
}

static void accepted_cells_have_no_fold(void **state) {
  (void)state;
  static const struct {
    gkt_cell_type cell;
    int order, tries, lattice;
    double size;
  } cases[] = {{GKT_QUADRILATERAL, 2, 2000, 24, 0.17},
               {GKT_TRIANGLE, 2, 1000, 24, 0.15},
               {GKT_TETRAHEDRON, 2, 200, 12, 0.16},
               {GKT_HEXAHEDRON, 2, 40, 8, 0.11},
               {GKT_HEXAHEDRON, 1, 200, 10, 0.5}};
  uint32_t seed = 1;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int n = gkt_lagrange_size(cases[i].cell, cases[i].order), dim = gkt_cell_topologies[cases[i].cell].dim, accepted = 0;
    for (int t = 0; t < cases[i].tries; t++) {
      double x[3 * GKT_MAX_BASIS];
      gkt_idx nodes[GKT_MAX_BASIS];
      gkt_mesh *m = NULL;
      gkt_lagrange_nodes(cases[i].cell, cases[i].order, x);
      for (int k = 0; k < n * dim; k++) x[k] += cases[i].size * noise(&seed);
      for (int k = 0; k < n; k++) nodes[k] = k;
      gkt_context_clear(ctx);
      if (gkt_mesh_from_arrays(ctx, cases[i].cell, cases[i].order, dim, n, x, 1, nodes, &m) != GKT_OK) continue;
      accepted++;
      gkt_mesh_destroy(&m);
      if (!(least_jacobian(cases[i].cell, cases[i].order, x, cases[i].lattice) > 0))
        fail_msg("a folded %s of order %d is accepted", gkt_cell_topologies[cases[i].cell].name, cases[i].order);
    }
    assert_in_range(accepted, cases[i].tries / 20, cases[i].tries - cases[i].tries / 20); /* else the test tells nothing */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(accepted_cells_have_no_fold, setup, teardown),
      cmocka_unit_test_setup_teardown(wrong_blocks_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(bad_shapes_are_named, setup, teardown),
      cmocka_unit_test_setup_teardown(collapsed_cells_are_named, setup, teardown),
      cmocka_unit_test_setup_teardown(curved_cells_are_checked, setup, teardown),
      cmocka_unit_test_setup_teardown(neighbours_agree_on_nodes_inside_facets, setup, teardown),
      cmocka_unit_test_setup_teardown(quadrilateral_facets_have_one_ring, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
