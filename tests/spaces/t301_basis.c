/* Claim: the bases of every cell and degree are nodal, sum to one, reproduce all polynomials of their degree, and their gradients are the derivatives; nodes lie where
   gkt_lagrange_places says; what a facet sees is the facet's own basis, so that cells of different kinds fit together. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "spaces/basis.h"

static const double inside[] = {0.21, 0.33, 0.17};

#define FOR_BASES(cell, degree)                                          \
  for (gkt_cell_type cell = GKT_LINE; cell < GKT_NUM_CELL_TYPES; cell++) \
    for (int degree = 0, last_ = gkt_lagrange_size(cell, 3) ? 4 : 2; degree <= last_; degree++)

static void sizes_are_the_closed_formulas(void **state) {
  (void)state;
  static const int sizes[GKT_NUM_CELL_TYPES][5] = {[GKT_LINE] = {1, 2, 3, 4, 5},
                                                   [GKT_TRIANGLE] = {1, 3, 6, 10, 15},
                                                   [GKT_QUADRILATERAL] = {1, 4, 9, 16, 25},
                                                   [GKT_TETRAHEDRON] = {1, 4, 10, 20, 35},
                                                   [GKT_HEXAHEDRON] = {1, 8, 27, 64, 125},
                                                   [GKT_PRISM] = {1, 6, 18},
                                                   [GKT_PYRAMID] = {1, 5, 14}};
  for (gkt_cell_type cell = GKT_LINE; cell < GKT_NUM_CELL_TYPES; cell++)
    for (int degree = 0; degree < 5; degree++) assert_int_equal(gkt_lagrange_size(cell, degree), sizes[cell][degree]);
  assert_int_equal(gkt_lagrange_size(GKT_TRIANGLE, 5), 0);
  assert_int_equal(gkt_lagrange_size(GKT_TRIANGLE, -1), 0);
}

/* Thirds are rounded: products of four factors of size up to 4. */
static void nodes_are_dual_to_the_basis(void **state) {
  (void)state;
  FOR_BASES(cell, degree) {
    double nodes[3 * GKT_MAX_BASIS], phi[GKT_MAX_BASIS];
    int size = gkt_lagrange_size(cell, degree), dim = gkt_cell_topologies[cell].dim;
    gkt_lagrange_nodes(cell, degree, nodes);
    for (int i = 0; i < size; i++) {
      gkt_lagrange_values(cell, degree, nodes + i * dim, phi);
      for (int j = 0; j < size; j++) assert_true(degree == 3 ? fabs(phi[j] - (i == j)) < 2e-15 : phi[j] == (i == j));
    }
  }
}

/* Vertices first, then the insides of edges, facets (3-D) and the cell; a node inside of an entity is a mean of the entity's vertices with positive weights. */
static void nodes_lie_on_their_entities(void **state) {
  (void)state;
  FOR_BASES(cell, degree) {
    const gkt_cell_topology *t = &gkt_cell_topologies[cell];
    gkt_lagrange_node places[GKT_MAX_BASIS];
    double nodes[3 * GKT_MAX_BASIS];
    if (degree == 0) continue;
    gkt_lagrange_places(cell, degree, places);
    gkt_lagrange_nodes(cell, degree, nodes);
    for (int a = 0; a < gkt_lagrange_size(cell, degree); a++) {
      const gkt_lagrange_node *p = &places[a];
      if (a > 0) assert_true(p->dim > p[-1].dim || (p->dim == p[-1].dim && p->entity >= p[-1].entity));
      for (int d = 0; d < t->dim; d++) {
        assert_true(nodes[a * t->dim + d] == p->at[d] / (double)degree);
        const int *e = p->dim == 1 ? t->edges[p->entity] : t->facets[p->dim == 2 && t->dim == 3 ? p->entity : 0];
        if (p->dim == 0) assert_int_equal(p->at[d], degree * t->vertices[p->entity][d]);
        if (p->dim == 1) assert_int_equal(p->at[d], (degree - p->step[0]) * t->vertices[e[0]][d] + p->step[0] * t->vertices[e[1]][d]);
        if (p->dim == 2 && t->dim == 3) {
          int first = t->vertices[e[0]][d], second = t->vertices[e[1]][d], last = t->vertices[e[gkt_cell_facet_vertices(t, p->entity) - 1]][d];
          assert_int_equal(p->at[d], degree * first + p->step[0] * (second - first) + p->step[1] * (last - first));
        }
      }
    }
  }
}

static double polynomial(int dim, int degree, const double *x) { /* a full polynomial of the degree: powers of three planes */
  double value = 0.7;
  for (int k = 1; k <= degree; k++)
    for (int i = 0; i < 3; i++) {
      double plane = 0.2 * i - 0.1, power = 1;
      for (int d = 0; d < dim; d++) plane += (0.4 + 0.3 * ((i + 2 * d) % 3)) * x[d];
      for (int j = 0; j < k; j++) power *= plane;
      value += power;
    }
  return value;
}

static void polynomials_are_reproduced(void **state) {
  (void)state;
  FOR_BASES(cell, degree) {
    double nodes[3 * GKT_MAX_BASIS], phi[GKT_MAX_BASIS], sum = 0, value = 0;
    int size = gkt_lagrange_size(cell, degree), dim = gkt_cell_topologies[cell].dim;
    gkt_lagrange_nodes(cell, degree, nodes);
    gkt_lagrange_values(cell, degree, inside, phi);
    for (int i = 0; i < size; i++) {
      sum += phi[i];
      value += phi[i] * polynomial(dim, degree, nodes + i * dim);
    }
    assert_true(fabs(sum - 1) < 1e-14);
    assert_true(fabs(value - polynomial(dim, degree, inside)) < 1e-13); /* values of size 10, up to 125 terms */
  }
}

/* Central differences of fifth order (nodes at 1 and 2 steps), step 1e-2: their error is 1e-8/30 times a fifth derivative, zero up to degree 4 but on pyramids, whose functions
   have fifth derivatives of size 1e4 at this point. */
static void gradients_are_derivatives(void **state) {
  (void)state;
  FOR_BASES(cell, degree) {
    static const double at[4] = {-2, -1, 1, 2}, weight[4] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    double dphi[3 * GKT_MAX_BASIS], phi[GKT_MAX_BASIS], step = cell == GKT_PYRAMID ? 1e-3 : 1e-2;
    int size = gkt_lagrange_size(cell, degree), dim = gkt_cell_topologies[cell].dim;
    gkt_lagrange_gradients(cell, degree, inside, dphi);
    for (int d = 0; d < dim; d++) {
      double sum[GKT_MAX_BASIS] = {0};
      for (int k = 0; k < 4; k++) {
        double x[3] = {inside[0], inside[1], inside[2]};
        x[d] += at[k] * step;
        gkt_lagrange_values(cell, degree, x, phi);
        for (int i = 0; i < size; i++) sum[i] += weight[k] * phi[i] / step;
      }
      for (int i = 0; i < size; i++) assert_true(fabs(sum[i] - dphi[i * dim + d]) < (cell == GKT_PYRAMID ? 1e-9 : 1e-12));
    }
  }
}

/* At points of a facet the functions of the nodes on it are the facet's own basis, the others vanish. */
static void traces_are_those_of_the_facet(void **state) {
  (void)state;
  FOR_BASES(cell, degree) {
    const gkt_cell_topology *t = &gkt_cell_topologies[cell];
    for (int f = 0; f < t->num_facets && degree > 0; f++) {
      gkt_cell_type type = gkt_cell_facet_type(t, f);
      const int *v = t->facets[f], ends[2] = {v[1], v[gkt_cell_facet_vertices(t, f) - 1]};
      double x[3], phi[GKT_MAX_BASIS], own[GKT_MAX_BASIS], nodes[2 * GKT_MAX_BASIS], rest = 0;
      int size = gkt_lagrange_size(type, degree), dim = gkt_cell_topologies[type].dim;
      gkt_lagrange_nodes(type, degree, nodes);
      for (int d = 0; d < 3; d++) {
        x[d] = t->vertices[v[0]][d];
        for (int r = 0; r < dim; r++) x[d] += inside[r] * (t->vertices[ends[r]][d] - t->vertices[v[0]][d]);
      }
      gkt_lagrange_values(cell, degree, x, phi);
      gkt_lagrange_values(type, degree, inside, own);
      for (int a = 0; a < gkt_lagrange_size(cell, degree); a++) rest += fabs(phi[a]);
      for (int b = 0; b < size; b++) {
        double found = NAN, node[3];
        for (int d = 0; d < 3; d++) {
          node[d] = t->vertices[v[0]][d];
          for (int r = 0; r < dim; r++) node[d] += nodes[b * dim + r] * (t->vertices[ends[r]][d] - t->vertices[v[0]][d]);
        }
        double all[3 * GKT_MAX_BASIS];
        gkt_lagrange_nodes(cell, degree, all);
        for (int a = 0; a < gkt_lagrange_size(cell, degree); a++) {
          double distance = 0;
          for (int d = 0; d < t->dim; d++) distance += fabs(all[a * t->dim + d] - node[d]);
          if (distance < 1e-12) found = phi[a];
        }
        assert_true(fabs(found - own[b]) < 1e-13);
        rest -= fabs(found);
      }
      assert_true(fabs(rest) < 1e-12);
    }
  }
}

static void tables_hold_the_basis(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_table *table;
  gkt_basis basis;
  double points[] = {0.1, 0.2, 0.3, 0.25, 0.05, 0.6}, phi[10], dphi[30];
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
  assert_int_equal(gkt_basis_find(ctx, GKT_TETRAHEDRON, (gkt_element){GKT_LAGRANGE, 2}, &basis), GKT_OK);
  assert_int_equal(gkt_table_create(ctx, &basis, 2, points, &table), GKT_OK);
  assert_int_equal(table->size, 10);
  for (int k = 0; k < 2; k++) {
    gkt_lagrange_values(GKT_TETRAHEDRON, 2, points + 3 * k, phi);
    gkt_lagrange_gradients(GKT_TETRAHEDRON, 2, points + 3 * k, dphi);
    assert_memory_equal(table->phi + 10 * k, phi, sizeof phi);
    assert_memory_equal(table->dphi + 30 * k, dphi, sizeof dphi);
  }
  gkt_table_destroy(&table);
  assert_null(table);
  assert_int_equal(gkt_basis_find(ctx, GKT_PRISM, (gkt_element){GKT_LAGRANGE, 3}, &basis), GKT_UNAVAILABLE);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_are_the_closed_formulas), cmocka_unit_test(nodes_are_dual_to_the_basis),
                                     cmocka_unit_test(nodes_lie_on_their_entities),   cmocka_unit_test(polynomials_are_reproduced),
                                     cmocka_unit_test(gradients_are_derivatives),     cmocka_unit_test(traces_are_those_of_the_facet),
                                     cmocka_unit_test(tables_hold_the_basis)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
