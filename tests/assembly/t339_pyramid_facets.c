/* Claim: on an affine pyramid facet terms with gradients, whose traces on the triangles are rational, are integrated exactly by the degree that is chosen; the rule of a pyramid's
 * triangle is exact for polynomials in the coordinates whose rays end at the apex, and for those of the triangle. */
#include "spaces/reference.h"
#include "tests/element_form.h"

static gkt_mesh *one_pyramid(void) {
  static const double coords[] = {0, 0, 0, 1.2, 0.2, -0.1, 1.5, 1.1, 0.1, 0.3, 0.9, 0.2, -0.2, 0.1, 1.1};
  static const gkt_idx nodes[] = {0, 1, 2, 3, 4};
  gkt_mesh *mesh;
  must(gkt_mesh_from_arrays(ctx, GKT_PYRAMID, 1, 3, 5, coords, 1, nodes, &mesh), "pyramid");
  return mesh;
}

static void expect(field_problem *p, const char *what, double value, double right, double size) {
  if (!(fabs(value - right) <= 1e-13 * size)) fail_msg("P%d: %s: %.15g, expected %.15g: %.1e", p->kind.degree, what, value, right, fabs(value - right) / size);
}

/* A degree of 40 is exact for all purposes: rational functions without poles nearby. 1e-13: sums of some thousand terms. */
static void compare(field_problem *p, const char *integrand, const char *measure) {
  char text[3][160];
  snprintf(text[0], sizeof text[0], "(%s)*%s", integrand, measure);
  snprintf(text[1], sizeof text[1], "(%s)*%s(degree=40)", integrand, measure);
  snprintf(text[2], sizeof text[2], "abs(%s)*%s(degree=12)", integrand, measure);
  expect(p, text[0], functional(p, text[0]), functional(p, text[1]), functional(p, text[2]));
}

static void traces_of_gradients_are_exact(void **unused) {
  (void)unused;
  static const char *const on_facets[] = {"dot(grad(u), n)", "u*dot(grad(u), n)", "dot(grad(u), grad(u))", "x[0]*grad(u)[1]", "u*u"};
  static const char *const on_cells[] = {"grad(u)[0]", "u*grad(u)[1]", "dot(grad(u), grad(u))", "u*u"};
  use(GKT_BACKEND_INTERPRETER, 1);
  for (int degree = 1; degree <= 2; degree++) {
    field_problem p;
    field_kind kind = {"pyramid", 3, degree, 1};
    begin_problem(&p, &kind, one_pyramid());
    for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = 1.5 + sin(0.7 * i);
    for (size_t i = 0; i < sizeof on_facets / sizeof *on_facets; i++) compare(&p, on_facets[i], "ds");
    for (size_t i = 0; i < sizeof on_cells / sizeof *on_cells; i++) compare(&p, on_cells[i], "dx");
    end_problem(&p);
  }
}

/* t^a s^b, t along the edge of the base, s = 1 - z the distance from the apex: the integral of t^a s^b s over the triangle. */
static void rays_end_at_the_apex(void **unused) {
  (void)unused;
  const gkt_cell_topology *cell = &gkt_cell_topologies[GKT_PYRAMID];
  for (int f = 1; f < cell->num_facets; f++)
    for (int degree = 0; degree <= 9; degree++) {
      gkt_quadrature *q;
      assert_int_equal(gkt_quadrature_on_facet(ctx, GKT_PYRAMID, f, degree, &q), GKT_OK);
      const int axis = f % 2 ? 0 : 1;
      for (int a = 0; a <= degree; a++)
        for (int b = 0; b <= degree; b++) {
          double sum = 0, right = 1 / (a + 1.0) / (b + 2.0);
          for (int k = 0; k < q->num_points; k++) {
            const double *x = q->points + 3 * k, s = 1 - x[2];
            sum += q->weights[k] * pow(x[axis] / s, a) * pow(s, b);
          }
          assert_true(fabs(sum - right) <= 1e-14);
        }
      gkt_quadrature_destroy(&q);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(traces_of_gradients_are_exact), cmocka_unit_test(rays_end_at_the_apex)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
