/* Claim: the derivative of every operation is its closed form, agrees with central differences, is computed in linear size, and logs appear only where they must. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "tests/graphs.h"

static gkt_context *ctx;
static gkt_graph *g;
static gkt_node x, y, z;

static int set_up(void **state) {
  (void)state;
  if (gkt_context_create(NULL, &ctx) != GKT_OK || gkt_graph_create(ctx, &g) != GKT_OK) return 1;
  x = graph_x(g, 0), y = graph_x(g, 1), z = graph_x(g, 2);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  gkt_graph_destroy(&g);
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_node make(gkt_op op, gkt_node a, gkt_node b, gkt_node c) { return gkt_graph_make(g, op, a, b, c); }

static gkt_node derive(gkt_node f, gkt_node seed) {
  gkt_node d = -1, direction = GKT_ONE;
  assert_int_equal(gkt_graph_derive(g, 1, &f, 1, &seed, &direction, &d), GKT_OK);
  return d;
}

static double value(gkt_node n, const double *point) {
  double *values = graph_values(g, graph_x_value, point), v = values[n];
  free(values);
  return v;
}

/* expected: the closed form; both it and the difference quotient with step 1e-5 must be met (error of the quotient ~ f''' h^2/6 + eps f/h). */
static void check(gkt_node f, gkt_node seed, const double *at, double expected) {
  int i = gkt_graph_get(g, seed)->terminal.component;
  double left[3] = {at[0], at[1], at[2]}, right[3] = {at[0], at[1], at[2]}, h = 1e-5;
  left[i] -= h, right[i] += h;
  double got = value(derive(f, seed), at), quotient = (value(f, right) - value(f, left)) / (2 * h), size = 1 + fabs(expected);
  assert_true(fabs(got - expected) <= 1e-14 * size);
  assert_true(fabs(got - quotient) <= 2e-8 * size);
}

static void arithmetic(void **state) {
  (void)state;
  const double points[3][3] = {{0.7, -1.3, 0.4}, {-2.1, 0.6, 1.9}, {1.5, 2.5, -0.3}};
  for (int i = 0; i < 3; i++) {
    const double *p = points[i];
    check(gkt_add(g, x, gkt_mul(g, x, y)), x, p, 1 + p[1]);
    check(gkt_sub(g, y, x), x, p, -1);
    check(gkt_mul(g, x, x), x, p, 2 * p[0]);
    check(gkt_div(g, x, y), x, p, 1 / p[1]);
    check(gkt_div(g, x, y), y, p, -p[0] / (p[1] * p[1]));
    check(gkt_neg(g, x), x, p, -1);
    check(make(GKT_OP_POW, x, gkt_graph_constant(g, 3), 0), x, p, 3 * p[0] * p[0]);
    check(make(GKT_OP_POW, x, gkt_graph_constant(g, -2), 0), x, p, -2 / (p[0] * p[0] * p[0]));
    check(make(GKT_OP_ABS, x, 0, 0), x, p, p[0] > 0 ? 1 : -1);
    check(make(GKT_OP_SIGN, x, 0, 0), x, p, 0);
    check(make(GKT_OP_MIN, gkt_mul(g, x, x), y, 0), x, p, p[0] * p[0] < p[1] ? 2 * p[0] : 0);
    check(make(GKT_OP_MAX, gkt_mul(g, x, x), y, 0), x, p, p[0] * p[0] > p[1] ? 2 * p[0] : 0);
    check(make(GKT_OP_LT, x, y, 0), x, p, 0);
    check(make(GKT_OP_LE, x, y, 0), y, p, 0);
    check(make(GKT_OP_CONDITIONAL, make(GKT_OP_LT, x, y, 0), gkt_mul(g, x, z), x), x, p, p[0] < p[1] ? p[2] : 1);
    check(make(GKT_OP_ATAN2, x, y, 0), x, p, p[1] / (p[0] * p[0] + p[1] * p[1]));
    check(make(GKT_OP_ATAN2, x, y, 0), y, p, -p[0] / (p[0] * p[0] + p[1] * p[1]));
  }
}

static double closed_form(gkt_op op, double a) {
  switch (op) {
  case GKT_OP_SQRT: return 0.5 / sqrt(a);
  case GKT_OP_EXP: return exp(a);
  case GKT_OP_LN: return 1 / a;
  case GKT_OP_SIN: return cos(a);
  case GKT_OP_COS: return -sin(a);
  case GKT_OP_TAN: return 1 / (cos(a) * cos(a));
  case GKT_OP_ASIN: return 1 / sqrt(1 - a * a);
  case GKT_OP_ACOS: return -1 / sqrt(1 - a * a);
  case GKT_OP_ATAN: return 1 / (1 + a * a);
  case GKT_OP_SINH: return cosh(a);
  case GKT_OP_COSH: return sinh(a);
  case GKT_OP_TANH: return 1 / (cosh(a) * cosh(a));
  case GKT_OP_LOG10: return 1 / (a * log(10));
  case GKT_OP_ASINH: return 1 / sqrt(1 + a * a);
  case GKT_OP_ERF: return 2 / sqrt(acos(-1)) * exp(-a * a);
  default: return NAN;
  }
}

static void functions(void **state) {
  (void)state;
  const double points[] = {0.11, 0.35, 0.62, 0.87, -0.2, -0.77};
#define X(name, ...) GKT_OP_##name,
  const gkt_op all[] = {GKT_FUNCTION_LIST(X)};
#undef X
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    const gkt_op op = all[k];
    const bool elsewhere = gkt_op_arity(op) == 2 || op == GKT_OP_ABS || op == GKT_OP_SIGN; /* above */
    if (isnan(closed_form(op, 0.5)) && !elsewhere) fail_msg("no derivative is known here of function %d", (int)k);
    for (int i = 0; !elsewhere && i < (gkt_op_breaks(op) & GKT_EDGE_A ? 4 : 6); i++) {
      double at[3] = {points[i], 0.3, 0};
      check(make(op, x, 0, 0), x, at, closed_form(op, points[i]));
      check(make(op, gkt_mul(g, x, gkt_graph_constant(g, 0.5)), 0, 0), x, at, 0.5 * closed_form(op, 0.5 * points[i])); /* chain rule */
    }
  }
}

static bool has_op(gkt_node n, gkt_op op) {
  bool *below, found = false;
  assert_int_equal(gkt_graph_mark(g, 1, &n, &below), GKT_OK);
  for (gkt_node i = 0; i <= n; i++) found |= below[i] && gkt_graph_get(g, i)->op == op;
  gkt_free(&below);
  return found;
}

static void powers(void **state) {
  (void)state;
  gkt_node f = make(GKT_OP_POW, x, y, 0), self = make(GKT_OP_POW, x, x, 0);
  const double at[3] = {1.7, 2.3, 0}, negative[3] = {-2, 3, 0}, zero[3] = {0, 2.5, 0};
  check(f, x, at, 2.3 * pow(1.7, 1.3));
  check(f, y, at, pow(1.7, 2.3) * log(1.7));
  check(self, x, at, pow(1.7, 1.7) * (1 + log(1.7)));
  assert_false(has_op(derive(f, x), GKT_OP_LN)); /* the exponent does not vary */
  assert_true(has_op(derive(f, y), GKT_OP_LN));
  assert_true(value(derive(f, x), negative) == 12);
  assert_true(value(derive(f, x), zero) == 0);
  assert_true(value(derive(f, y), zero) == 0); /* the limit, not 0 * ln 0 */
}

static void other_branch_leaves_no_trace(void **state) {
  (void)state;
  gkt_node root = make(GKT_OP_CONDITIONAL, make(GKT_OP_LT, GKT_ZERO, x, 0), make(GKT_OP_SQRT, x, 0, 0), GKT_ZERO);
  assert_true(value(derive(root, x), (double[3]){-1, 0, 0}) == 0); /* the root of -1 is selected away */
  assert_true(value(derive(root, x), (double[3]){4, 0, 0}) == 0.25);
}

static void zeros_are_structural(void **state) {
  (void)state;
  gkt_node f = gkt_mul(g, make(GKT_OP_SIN, y, 0, 0), gkt_add(g, z, y));
  assert_int_equal(derive(f, x), GKT_ZERO);
  assert_int_equal(derive(derive(gkt_mul(g, gkt_graph_constant(g, 0.5), gkt_mul(g, x, x)), x), x), GKT_ONE);
  assert_int_equal(derive(gkt_mul(g, x, y), x), y);
  assert_int_equal(derive(gkt_mul(g, gkt_graph_constant(g, 0.5), gkt_mul(g, x, x)), x), x);
}

static void many_seeds_and_outputs_in_place(void **state) {
  (void)state;
  gkt_node nodes[2] = {gkt_mul(g, x, y), make(GKT_OP_EXP, gkt_add(g, x, z), 0, 0)}, seeds[2] = {x, y}, directions[2] = {z, x};
  gkt_node expected[2] = {gkt_add(g, gkt_mul(g, y, z), gkt_mul(g, x, x)), gkt_mul(g, nodes[1], z)};
  assert_int_equal(gkt_graph_derive(g, 2, nodes, 2, seeds, directions, nodes), GKT_OK);
  assert_int_equal(nodes[0], expected[0]);
  assert_int_equal(nodes[1], expected[1]);
}

/* sin(sin(..x..)): 300 nested, each derivative node is made once; a tree would need 300^2/2 nodes. */
static void size_is_linear(void **state) {
  (void)state;
  gkt_node f = x;
  for (int i = 0; i < 300; i++) f = make(GKT_OP_SIN, gkt_mul(g, f, f), 0, 0);
  gkt_node before = gkt_graph_size(g);
  derive(f, x);
  assert_in_range(gkt_graph_size(g) - before, 300, 300 * 5);
}

/* Random graphs with every operation: directional derivatives against central differences, where the function is smooth at the point. */
static void random_graphs(void **state) {
  (void)state;
  enum { COUNT = 60 };
  gkt_node nodes[COUNT], derivatives[COUNT], direction = GKT_ONE;
  int compared = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    uint64_t random = seed;
    graph_random(g, &random, 3, COUNT, nodes);
    assert_int_equal(gkt_graph_derive(g, COUNT, nodes, 1, &x, &direction, derivatives), GKT_OK);
    double at[3] = {random_real(&random, -1, 1), random_real(&random, -1, 1), random_real(&random, -1, 1)}, h = 1e-5;
    double *exact = graph_values(g, graph_x_value, at);
    double *points[4]; /* values at -2h, -h, h, 2h */
    const double steps[4] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; i++) points[i] = graph_values(g, graph_x_value, (double[3]){at[0] + steps[i] * h, at[1], at[2]});
    for (int i = 0; i < COUNT; i++) {
      gkt_node n = nodes[i];
      double near = (points[2][n] - points[1][n]) / (2 * h), far = (points[3][n] - points[0][n]) / (4 * h), size = 1 + fabs(near) + fabs(exact[n]);
      if (!(fabs(near - far) < 1e-6 * size) || isnan(exact[derivatives[i]])) continue; /* a kink, a jump or a pole is near; asin(1) has no derivative */
      assert_true(fabs(exact[derivatives[i]] - near) <= 1e-5 * size);
      compared++;
    }
    for (int i = 0; i < 4; i++) free(points[i]);
    free(exact);
  }
  assert_true(compared > 40 * COUNT * 9 / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(arithmetic, set_up, tear_down),
      cmocka_unit_test_setup_teardown(functions, set_up, tear_down),
      cmocka_unit_test_setup_teardown(powers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_branch_leaves_no_trace, set_up, tear_down),
      cmocka_unit_test_setup_teardown(zeros_are_structural, set_up, tear_down),
      cmocka_unit_test_setup_teardown(many_seeds_and_outputs_in_place, set_up, tear_down),
      cmocka_unit_test_setup_teardown(size_is_linear, set_up, tear_down),
      cmocka_unit_test_setup_teardown(random_graphs, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
