/* Claim: the bases of degree 0..2 on line, triangle and tetrahedron are nodal, sum to one, reproduce polynomials, and their gradients are the derivatives. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "assembly/reference.h"

static const gkt_cell_type simplices[] = {GKT_LINE, GKT_TRIANGLE, GKT_TETRAHEDRON};
static const double inside[] = {0.21, 0.33, 0.17};

static void nodes_are_dual_to_the_basis(void **state) {
  (void)state;
  const int sizes[3][3] = {{1, 2, 3}, {1, 3, 6}, {1, 4, 10}};
  for (int s = 0; s < 3; s++)
    for (int degree = 0; degree <= 2; degree++) {
      double nodes[30], phi[10];
      int size = gkt_basis_size(simplices[s], degree), dim = gkt_cell_topologies[simplices[s]].dim;
      assert_int_equal(size, sizes[s][degree]);
      gkt_basis_nodes(simplices[s], degree, nodes);
      for (int i = 0; i < size; i++) {
        gkt_basis_values(simplices[s], degree, nodes + i * dim, phi);
        for (int j = 0; j < size; j++) assert_true(phi[j] == (i == j)); /* nodes are multiples of 1/2: exact */
      }
    }
  assert_int_equal(gkt_basis_size(GKT_TRIANGLE, 3), 0);
  assert_int_equal(gkt_basis_size(GKT_HEXAHEDRON, 1), 0);
}

/* The order of edge nodes is the topology's: the node of edge (i,j) is the mean of vertices i and j. */
static void edge_nodes_follow_the_topology(void **state) {
  (void)state;
  for (int s = 0; s < 3; s++) {
    const gkt_cell_topology *cell = &gkt_cell_topologies[simplices[s]];
    double nodes[30];
    gkt_basis_nodes(simplices[s], 2, nodes);
    for (int e = 0; e < cell->num_edges; e++)
      for (int d = 0; d < cell->dim; d++)
        assert_true(2 * nodes[(cell->num_vertices + e) * cell->dim + d] == nodes[cell->edges[e][0] * cell->dim + d] + nodes[cell->edges[e][1] * cell->dim + d]);
  }
}

static double quadratic(int dim, int degree, const double *x) { /* full polynomial of the degree */
  double value = 0.7;
  if (degree > 0)
    for (int d = 0; d < dim; d++) value += (d + 0.5) * x[d];
  if (degree > 1)
    for (int d = 0; d < dim; d++)
      for (int c = 0; c <= d; c++) value += (0.3 + d - 2 * c) * x[d] * x[c];
  return value;
}

static void polynomials_are_reproduced(void **state) {
  (void)state;
  for (int s = 0; s < 3; s++)
    for (int degree = 0; degree <= 2; degree++) {
      double nodes[30], phi[10], sum = 0, value = 0;
      int size = gkt_basis_size(simplices[s], degree), dim = gkt_cell_topologies[simplices[s]].dim;
      gkt_basis_nodes(simplices[s], degree, nodes);
      gkt_basis_values(simplices[s], degree, inside, phi);
      for (int i = 0; i < size; i++) {
        sum += phi[i];
        value += phi[i] * quadratic(dim, degree, nodes + i * dim);
      }
      assert_true(fabs(sum - 1) < 1e-15);
      assert_true(fabs(value - quadratic(dim, degree, inside)) < 1e-14);
    }
}

/* Central differences of a quadratic are exact up to rounding: eps / step = 1e-13 for step 1e-2 and values of size 1. */
static void gradients_are_derivatives(void **state) {
  (void)state;
  for (int s = 0; s < 3; s++)
    for (int degree = 0; degree <= 2; degree++) {
      double dphi[30], above[10], below[10], x[3], step = 1e-2;
      int size = gkt_basis_size(simplices[s], degree), dim = gkt_cell_topologies[simplices[s]].dim;
      gkt_basis_gradients(simplices[s], degree, inside, dphi);
      for (int d = 0; d < dim; d++) {
        for (int c = 0; c < dim; c++) x[c] = inside[c] + (c == d ? step : 0);
        gkt_basis_values(simplices[s], degree, x, above);
        x[d] = inside[d] - step;
        gkt_basis_values(simplices[s], degree, x, below);
        for (int i = 0; i < size; i++) assert_true(fabs((above[i] - below[i]) / (2 * step) - dphi[i * dim + d]) < 1e-13);
      }
    }
}

static void tables_hold_the_basis(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_table *table;
  double points[] = {0.1, 0.2, 0.3, 0.25, 0.05, 0.6}, phi[10], dphi[30];
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  assert_int_equal(gkt_table_create(ctx, GKT_TETRAHEDRON, 2, 2, points, &table), GKT_OK);
  assert_int_equal(table->size, 10);
  for (int k = 0; k < 2; k++) {
    gkt_basis_values(GKT_TETRAHEDRON, 2, points + 3 * k, phi);
    gkt_basis_gradients(GKT_TETRAHEDRON, 2, points + 3 * k, dphi);
    assert_memory_equal(table->phi + 10 * k, phi, sizeof phi);
    assert_memory_equal(table->dphi + 30 * k, dphi, sizeof dphi);
  }
  gkt_table_destroy(&table);
  assert_null(table);
  assert_int_equal(gkt_table_create(ctx, GKT_TETRAHEDRON, 3, 2, points, &table), GKT_UNAVAILABLE);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_are_dual_to_the_basis), cmocka_unit_test(edge_nodes_follow_the_topology), cmocka_unit_test(polynomials_are_reproduced),
                                     cmocka_unit_test(gradients_are_derivatives), cmocka_unit_test(tables_hold_the_basis)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
