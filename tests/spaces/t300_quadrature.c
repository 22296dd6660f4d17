/* Claim: rules of every degree 0..20 integrate every monomial of that degree exactly on every cell (products: of that degree in each direction) and on facets; weights are
   positive, points inside. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "spaces/reference.h"

static const gkt_cell_type simplices[] = {GKT_LINE, GKT_TRIANGLE, GKT_TETRAHEDRON};

static gkt_context *context(bool poison) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = poison}, &ctx), GKT_OK);
  return ctx;
}

static double power(double x, int n) {
  double p = 1;
  while (n-- > 0) p *= x;
  return p;
}

/* a! b! c! / (a + b + c + dim)!, built up as a product of factors below one. */
static double exact(int dim, const int *e) {
  double value = 1;
  int k = 0;
  for (int r = 0; r < dim; r++)
    for (int i = 1; i <= e[r]; i++) value *= (double)i / ++k;
  for (int d = 1; d <= dim; d++) value /= ++k;
  return value;
}

static double integral(const gkt_quadrature *q, const int *e) {
  double sum = 0;
  for (int k = 0; k < q->num_points; k++) {
    double value = q->weights[k];
    for (int r = 0; r < q->dim; r++) value *= power(q->points[k * q->dim + r], e[r]);
    sum += value;
  }
  return sum;
}

static void check_inside(const gkt_quadrature *q) {
  for (int k = 0; k < q->num_points; k++) {
    double last = 1;
    assert_true(q->weights[k] > 0);
    for (int r = 0; r < q->dim; r++) {
      assert_true(q->points[k * q->dim + r] > 0);
      last -= q->points[k * q->dim + r];
    }
    assert_true(last > 0);
  }
}

/* Rounding: a sum of positive terms that makes `exact`; points carry 1e-16 relative to 1, raised to 20: 20 * 1e-16 relative to integrals of smaller degree. 2e-15 absolute bounds
 * both. */
static void every_monomial_is_exact(void **state) {
  (void)state;
  gkt_context *ctx = context(true);
  for (int s = 0; s < 3; s++)
    for (int degree = 0; degree <= 20; degree++) {
      gkt_quadrature *q;
      assert_int_equal(gkt_quadrature_create(ctx, simplices[s], degree, &q), GKT_OK);
      int dim = gkt_cell_topologies[simplices[s]].dim;
      assert_int_equal(q->dim, dim);
      if (dim == 1) assert_int_equal(q->num_points, degree / 2 + 1);
      check_inside(q);
      for (int a = 0; a <= degree; a++)
        for (int b = 0; b <= (dim > 1 ? degree - a : 0); b++)
          for (int c = 0; c <= (dim > 2 ? degree - a - b : 0); c++) {
            int e[3] = {a, b, c};
            double right = exact(dim, e);
            assert_true(fabs(integral(q, e) - right) <= 2e-15);
            assert_true(fabs(integral(q, e) - right) <= 1e-12 * right); /* relative: points near 0 raised to high powers lose up to power * eps / point */
          }
      gkt_quadrature_destroy(&q);
      assert_null(q);
    }
  gkt_context_destroy(&ctx);
}

/* 1/(a+1) in each direction; triangle times line; on the pyramid x^a y^b z^c gives 1/(a+1)/(b+1) times the integral of (1-z)^(a+b+2) z^c, a beta function. */
static double exact_product(gkt_cell_type cell, const int *e) {
  double value = 1 / (e[0] + 1.0) / (e[1] + 1.0);
  if (cell == GKT_QUADRILATERAL) return value;
  if (cell == GKT_HEXAHEDRON) return value / (e[2] + 1.0);
  if (cell == GKT_PRISM) return exact(2, e) / (e[2] + 1.0);
  for (int i = 1; i <= e[2]; i++) value *= (double)i / (e[0] + e[1] + 2 + i);
  return value / (e[0] + e[1] + e[2] + 3);
}

static bool has_degree(gkt_cell_type cell, int degree, const int *e) {
  if (cell == GKT_PRISM) return e[0] + e[1] <= degree;
  return cell != GKT_PYRAMID || e[0] + e[1] + e[2] <= degree;
}

static void every_monomial_is_exact_on_products(void **state) {
  (void)state;
  const gkt_cell_type cells[] = {GKT_QUADRILATERAL, GKT_HEXAHEDRON, GKT_PRISM, GKT_PYRAMID};
  gkt_context *ctx = context(true);
  for (int s = 0; s < 4; s++)
    for (int degree = 0; degree <= 12; degree++) {
      gkt_quadrature *q;
      int dim = gkt_cell_topologies[cells[s]].dim;
      double volume = 0;
      assert_int_equal(gkt_quadrature_create(ctx, cells[s], degree, &q), GKT_OK);
      assert_int_equal(q->dim, dim);
      if (dim == 2 || cells[s] == GKT_HEXAHEDRON) assert_int_equal(q->num_points, (int)power(degree / 2 + 1, dim)); /* floor(d/2) + 1 in each direction */
      for (int a = 0; a <= degree; a++)
        for (int b = 0; b <= degree; b++)
          for (int c = 0; c <= (dim > 2 ? degree : 0); c++) {
            int e[3] = {a, b, c};
            if (has_degree(cells[s], degree, e)) assert_true(fabs(integral(q, e) - exact_product(cells[s], e)) <= 1e-13 * exact_product(cells[s], e));
          }
      for (int k = 0; k < q->num_points; k++) {
        const double *x = q->points + k * dim;
        volume += q->weights[k];
        assert_true(q->weights[k] > 0 && x[0] > 0 && x[1] > 0 && x[0] < 1 && x[1] < 1 && (dim == 2 || (x[2] > 0 && x[2] < 1)));
        if (cells[s] == GKT_PYRAMID) assert_true(x[0] < 1 - x[2] && x[1] < 1 - x[2]);
        if (cells[s] == GKT_PRISM) assert_true(x[0] + x[1] < 1);
      }
      assert_true(fabs(volume - gkt_cell_topologies[cells[s]].volume) < 1e-14); /* up to 343 positive terms */
      gkt_quadrature_destroy(&q);
    }
  gkt_context_destroy(&ctx);
}

static void low_degrees_are_small(void **state) {
  (void)state;
  const int line[] = {1, 1, 2, 2, 3, 3}, triangle[] = {1, 1, 3, 6, 6, 7, 12, 15, 16, 19, 25}, tetrahedron[] = {1, 1, 4, 8, 14, 14, 24, 35, 46, 81, 81};
  gkt_context *ctx = context(false);
  gkt_quadrature *q;
  for (int d = 0; d < 11; d++) {
    if (d < 6) {
      assert_int_equal(gkt_quadrature_create(ctx, GKT_LINE, d, &q), GKT_OK);
      assert_int_equal(q->num_points, line[d]);
      gkt_quadrature_destroy(&q);
    }
    assert_int_equal(gkt_quadrature_create(ctx, GKT_TRIANGLE, d, &q), GKT_OK);
    assert_int_equal(q->num_points, triangle[d]);
    gkt_quadrature_destroy(&q);
    assert_int_equal(gkt_quadrature_create(ctx, GKT_TETRAHEDRON, d, &q), GKT_OK);
    assert_int_equal(q->num_points, tetrahedron[d]);
    gkt_quadrature_destroy(&q);
  }
  gkt_context_destroy(&ctx);
}

/* A facet's rule lies on the facet, keeps the reference facet's weights, and runs from its first vertex to the second and to the last. */
static void facet_rules_follow_the_vertices(void **state) {
  (void)state;
  gkt_context *ctx = context(true);
  for (gkt_cell_type type = GKT_LINE; type < GKT_NUM_CELL_TYPES; type++) {
    const gkt_cell_topology *cell = &gkt_cell_topologies[type];
    for (int f = 0; f < cell->num_facets; f++) {
      gkt_quadrature *q, *reference;
      const int *v = cell->facets[f], ends[2] = {v[1], v[gkt_cell_facet_vertices(cell, f) - 1]};
      if (type == GKT_PYRAMID && gkt_cell_facet_type(cell, f) == GKT_TRIANGLE) continue; /* with a rule of their own: t339 */
      assert_int_equal(gkt_quadrature_create(ctx, gkt_cell_facet_type(cell, f), 5, &reference), GKT_OK);
      assert_int_equal(gkt_quadrature_on_facet(ctx, type, f, 5, &q), GKT_OK);
      assert_int_equal(q->num_points, reference->num_points);
      for (int k = 0; k < q->num_points; k++) {
        assert_true(q->weights[k] == reference->weights[k]);
        for (int d = 0; d < cell->dim; d++) {
          double x = cell->vertices[v[0]][d];
          for (int r = 0; r < reference->dim; r++) x += reference->points[k * reference->dim + r] * (cell->vertices[ends[r]][d] - cell->vertices[v[0]][d]);
          assert_true(fabs(q->points[k * cell->dim + d] - x) < 1e-15);
        }
      }
      gkt_quadrature_destroy(&q);
      gkt_quadrature_destroy(&reference);
    }
  }
  gkt_context_destroy(&ctx);
}

/* Gauss's theorem on the reference cell: the volume is the integral of x . N over the facets, which also turn outwards. */
static void facet_normals_enclose_the_cell(void **state) {
  (void)state;
  gkt_context *ctx = context(true);
  for (gkt_cell_type type = GKT_LINE; type < GKT_NUM_CELL_TYPES; type++) {
    const gkt_cell_topology *cell = &gkt_cell_topologies[type];
    double volume = 0, sum[3] = {0};
    for (int f = 0; f < cell->num_facets; f++) {
      gkt_quadrature *q;
      double N[3];
      gkt_cell_facet_normal(cell, f, N);
      assert_int_equal(gkt_quadrature_on_facet(ctx, type, f, 2, &q), GKT_OK);
      for (int k = 0; k < q->num_points; k++)
        for (int d = 0; d < cell->dim; d++) {
          volume += q->weights[k] * q->points[k * cell->dim + d] * N[d] / cell->dim;
          sum[d] += q->weights[k] * N[d];
        }
      gkt_quadrature_destroy(&q);
    }
    assert_true(fabs(volume - cell->volume) < 1e-15);
    for (int d = 0; d < 3; d++) assert_true(fabs(sum[d]) < 1e-15);
  }
  gkt_context_destroy(&ctx);
}

static void what_is_missing_is_refused(void **state) {
  (void)state;
  gkt_context *ctx = context(false);
  gkt_quadrature *q = NULL;
  assert_int_equal(gkt_quadrature_create(ctx, GKT_LINE, 64, &q), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "64"));
  assert_int_equal(gkt_quadrature_create(ctx, GKT_TRIANGLE, -1, &q), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_quadrature_on_facet(ctx, GKT_TRIANGLE, 3, 1, &q), GKT_BAD_ARGUMENT);
  assert_null(q);
  assert_int_equal(gkt_quadrature_create(ctx, GKT_TETRAHEDRON, 63, &q), GKT_OK);
  check_inside(q);
  gkt_quadrature_destroy(&q);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_monomial_is_exact),         cmocka_unit_test(every_monomial_is_exact_on_products),
                                     cmocka_unit_test(facet_normals_enclose_the_cell),  cmocka_unit_test(low_degrees_are_small),
                                     cmocka_unit_test(facet_rules_follow_the_vertices), cmocka_unit_test(what_is_missing_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
