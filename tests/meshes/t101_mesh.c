/* Claim: a mesh from arrays is what was given, with inverted cells turned; wrong arrays are refused in words; sets are sorted and checked. */
#include <math.h>
#include <string.h>

#include "meshes/mesh.h"
#include "tests/gkt_test.h"

static const double square[] = {0, 0, 1, 0, 1, 1, 0, 1};

static void arrays_are_copied_and_inverted_cells_turned(void **state) {
  (void)state;
  gkt_mesh *m;
  const gkt_idx cells[] = {0, 1, 2, 0, 3, 2}, turned[] = {0, 1, 2, 0, 2, 3};
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, 4, square, 2, cells, &m), GKT_OK);
  assert_int_equal(gkt_mesh_dim(m), 2);
  assert_int_equal(gkt_mesh_num_nodes(m), 4);
  assert_int_equal(gkt_mesh_num_cells(m), 2);
  assert_memory_equal(gkt_mesh_coords(m), square, sizeof square);
  assert_int_equal(gkt_mesh_num_blocks(m), 1);
  const gkt_cell_block *b = gkt_mesh_block(m, 0);
  assert_null(gkt_mesh_block(m, 1));
  assert_int_equal(b->nodes_per_cell, 3);
  assert_int_equal(b->num_cells, 2);
  assert_memory_equal(b->nodes, turned, sizeof turned);
  gkt_mesh_destroy(&m);
  assert_null(m);
  gkt_mesh_destroy(&m);
}

/* The edge nodes of a turned quadratic cell still lie in the middle of their edges. */
static void turning_moves_edge_nodes_too(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_cell_type type = dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON;
    const gkt_cell_topology *t = &gkt_cell_topologies[type];
    int n = t->num_vertices + t->num_edges;
    double x[10 * 3];
    gkt_idx nodes[10];
    gkt_mesh *m;
    for (int d = 0; d < dim; d++) {
      for (int i = 0; i < t->num_vertices; i++) x[dim * i + d] = (d == 0 ? -1 : 1) * t->vertices[i][d]; /* mirrored */
      for (int e = 0; e < t->num_edges; e++) x[dim * (t->num_vertices + e) + d] = 0.5 * (x[dim * t->edges[e][0] + d] + x[dim * t->edges[e][1] + d]);
    }
    for (int i = 0; i < n; i++) nodes[i] = i;
    assert_int_equal(gkt_mesh_from_arrays(ctx, type, 2, dim, n, x, 1, nodes, &m), GKT_OK);
    const gkt_idx *c = gkt_mesh_block(m, 0)->nodes;
    assert_int_equal(c[1], 2);
    for (int e = 0; e < t->num_edges; e++)
      for (int d = 0; d < dim; d++) {
        double middle = 0.5 * (x[dim * c[t->edges[e][0]] + d] + x[dim * c[t->edges[e][1]] + d]);
        assert_true(fabs(x[dim * c[t->num_vertices + e] + d] - middle) == 0); /* halves are exact */
      }
    gkt_mesh_destroy(&m);
  }
}

static void refused(gkt_cell_type type, int order, gkt_idx num_nodes, const double *x, gkt_idx num_cells, const gkt_idx *cells, gkt_status expected, const char *words) {
  gkt_mesh *m = NULL;
  gkt_context_clear(ctx);
  int dim = type == GKT_TRIANGLE ? 2 : 3;
  gkt_status status = gkt_mesh_from_arrays(ctx, type, order, dim, num_nodes, x, num_cells, cells, &m);
  if (status == GKT_OK) status = gkt_mesh_topology(m);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("expected '%s' in '%s'", words, gkt_context_message(ctx));
  assert_int_equal(status, expected);
  gkt_mesh_destroy(&m);
}

static void wrong_arrays_are_refused(void **state) {
  (void)state;
  const gkt_idx out[] = {0, 1, 4, 0, 2, 3}, negative[] = {0, 1, -1, 0, 2, 3}, flat[] = {0, 1, 3, 0, 2, 2}, twice[] = {0, 1, 2, 2, 3, 0, 1, 2, 0}, one[] = {0, 1, 2};
  refused(GKT_TRIANGLE, 1, 4, square, 2, out, GKT_BAD_INPUT, "cell 0 names node 4; nodes are 0 to 3");
  refused(GKT_TRIANGLE, 1, 4, square, 2, negative, GKT_BAD_INPUT, "node -1");
  refused(GKT_TRIANGLE, 1, 4, square, 2, flat, GKT_BAD_INPUT, "cell 1 is degenerate (no volume); its vertices: (0, 0), (1, 1), (1, 1)");
  refused(GKT_TRIANGLE, 1, 4, square, 3, twice, GKT_BAD_INPUT, "cell 2 repeats the vertices of cell 0");
  refused(GKT_TRIANGLE, 1, 4, square, 1, one, GKT_BAD_INPUT, "node 3 belongs to no cell");
  refused(GKT_TRIANGLE, 1, 0, square, 0, one, GKT_BAD_INPUT, "at least one cell");
  refused(GKT_POINT_CELL, 1, 4, square, 1, one, GKT_BAD_ARGUMENT, "a mesh of points");
  refused(GKT_TRIANGLE, 3, 4, square, 1, one, GKT_UNAVAILABLE, "order 3 is not available yet");
  const double nan_square[] = {0, 0, 1, 0, 1, NAN, 0, 1};
  refused(GKT_TRIANGLE, 1, 4, nan_square, 2, (gkt_idx[]){0, 1, 2, 0, 2, 3}, GKT_BAD_INPUT, "node 2 has the coordinate nan");
}

static void impossible_topologies_are_refused(void **state) {
  (void)state;
  const double fan[] = {0, 0, 1, 0, 0, 1, 0, -1, 0.5, 2};
  refused(GKT_TRIANGLE, 1, 5, fan, 3, (gkt_idx[]){0, 1, 2, 0, 1, 3, 0, 1, 4}, GKT_BAD_INPUT, "cell 2 share one facet");
  refused(GKT_TRIANGLE, 1, 4, (double[]){0, 0, 1, 0, 0, 1, 0.5, 2}, 2, (gkt_idx[]){0, 1, 2, 0, 1, 3}, GKT_BAD_INPUT, "cell 0 and cell 1 overlap");
}

static void curved_cells_are_checked(void **state) {
  (void)state;
  double x[] = {0, 0, 1, 0, 0, 1, 0.5, 0.05, 0.5, 0.5, 0, 0.5};
  const gkt_idx cell[] = {0, 1, 2, 3, 4, 5};
  gkt_mesh *m;
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 2, 2, 6, x, 1, cell, &m), GKT_OK);
  gkt_mesh_destroy(&m);
  x[7] = 0.3; /* the edge 01 rises past a quarter of the height: det J at a vertex is 1 - 4*0.3 < 0 */
  refused(GKT_TRIANGLE, 2, 6, x, 1, cell, GKT_BAD_INPUT, "folded");
  const double gap[] = {0, 0, 1, 0, 1, 1, 0, 1, 0.5, 0, 1, 0.5, 0.5, 0.5, 0.5, 1, 0, 0.5, 0.51, 0.5};
  refused(GKT_TRIANGLE, 2, 10, gap, 2, (gkt_idx[]){0, 1, 2, 4, 5, 6, 0, 2, 3, 9, 7, 8}, GKT_BAD_INPUT, "in the middle of an edge");
}

static void sets_are_sorted_distinct_and_checked(void **state) {
  (void)state;
  gkt_mesh *m;
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, 4, square, 2, (gkt_idx[]){0, 1, 2, 0, 2, 3}, &m), GKT_OK);
  assert_int_equal(gkt_mesh_add_set(m, "a", 0, 4, (gkt_idx[]){3, 1, 3, 0}), GKT_OK);
  const gkt_mesh_set *a = gkt_mesh_find_set(m, "a");
  assert_int_equal(a->count, 3);
  assert_memory_equal(a->entities, ((gkt_idx[]){0, 1, 3}), 3 * sizeof(gkt_idx));
  assert_int_equal(gkt_mesh_add_set(m, "a", 0, 0, NULL), GKT_BAD_INPUT);
  assert_int_equal(gkt_mesh_add_set(m, "b", 2, 1, (gkt_idx[]){2}), GKT_BAD_INPUT);
  assert_int_equal(gkt_mesh_add_set(m, "b", 3, 0, NULL), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_mesh_add_set(m, "a", 2, 1, (gkt_idx[]){1}), GKT_OK); /* the same name in another dimension */
  assert_int_equal(gkt_mesh_add_set(m, "a", 1, 1, (gkt_idx[]){4}), GKT_OK); /* a facet: the topology is built */
  assert_int_equal(gkt_mesh_find_set(m, "a")->dim, 1);
  assert_int_equal(gkt_mesh_find_set_of_dim(m, "a", 2)->entities[0], 1);
  assert_true(gkt_mesh_find_set_of_dim(m, "a", 0) == a); /* pointers stay */
  assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, 4);
  assert_null(gkt_mesh_find_set(m, "b"));
  assert_int_equal(gkt_mesh_num_sets(m), 4);
  assert_null(gkt_mesh_get_set(m, 4));
  gkt_mesh_destroy(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(arrays_are_copied_and_inverted_cells_turned, setup, teardown),
                                     cmocka_unit_test_setup_teardown(turning_moves_edge_nodes_too, setup, teardown),
                                     cmocka_unit_test_setup_teardown(wrong_arrays_are_refused, setup, teardown),
                                     cmocka_unit_test_setup_teardown(impossible_topologies_are_refused, setup, teardown),
                                     cmocka_unit_test_setup_teardown(curved_cells_are_checked, setup, teardown),
                                     cmocka_unit_test_setup_teardown(sets_are_sorted_distinct_and_checked, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
