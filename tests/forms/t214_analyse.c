/* Claim: dependence and degree are what the expression shows; ranges contain every sample and are sharp for squares and norms; polynomial expansions have the value of
   the node and vanish exactly for identities. */
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

static gkt_node number(double value) { return gkt_graph_constant(g, value); }
static gkt_node unary(gkt_op op, gkt_node a) { return gkt_graph_make(g, op, a, 0, 0); }
static gkt_node power(gkt_node a, double exponent) { return gkt_graph_make(g, GKT_OP_POW, a, number(exponent), 0); }

static bool is_component(const gkt_terminal *terminal, const void *user) { return terminal->component == *(const int *)user; }

static void dependence(void **state) {
  (void)state;
  gkt_node f = gkt_add(g, unary(GKT_OP_SIN, x), gkt_mul(g, x, z));
  assert_true(gkt_graph_depends(g, f, is_component, &(int){0}));
  assert_false(gkt_graph_depends(g, f, is_component, &(int){1}));
  assert_true(gkt_graph_depends(g, f, is_component, &(int){2}));
  assert_false(gkt_graph_depends(g, GKT_ONE, is_component, &(int){0}));
}

static int component_degree(const gkt_terminal *terminal, const void *user) { return ((const int *)user)[terminal->component]; }
static bool polynomial;
static int degree(gkt_node n) { return gkt_graph_degree(g, n, component_degree, (const int[3]){1, 2, 0}, &polynomial); } /* x of degree 1, y of degree 2, z piecewise constant */

static void degrees(void **state) {
  (void)state;
  assert_int_equal(degree(number(5)), 0);
  assert_int_equal(degree(gkt_add(g, x, y)), 2);
  assert_int_equal(degree(gkt_mul(g, gkt_mul(g, x, y), z)), 3);
  assert_int_equal(degree(power(x, 5)), 5);
  assert_int_equal(degree(gkt_neg(g, power(y, 3))), 6);
  assert_int_equal(degree(gkt_div(g, y, gkt_add(g, z, number(3)))), 2);
  assert_true(polynomial);
  assert_int_equal(degree(gkt_div(g, y, x)), 5);
  assert_false(polynomial);
  assert_int_equal(degree(unary(GKT_OP_EXP, x)), 3);
  assert_int_equal(degree(unary(GKT_OP_EXP, z)), 0);
  assert_true(polynomial);
  assert_int_equal(degree(power(x, 1.5)), 3);
  assert_false(polynomial);
  assert_int_equal(degree(power(z, 1.5)), 0);
  assert_int_equal(degree(gkt_graph_make(g, GKT_OP_POW, x, z, 0)), 3); /* an exponent without a number */
  assert_false(polynomial);
  assert_int_equal(degree(gkt_graph_make(g, GKT_OP_CONDITIONAL, gkt_graph_make(g, GKT_OP_LT, z, number(2), 0), x, y)), 2);
  assert_true(polynomial);
  assert_int_equal(degree(gkt_graph_make(g, GKT_OP_CONDITIONAL, gkt_graph_make(g, GKT_OP_LT, power(y, 9), z, 0), x, y)), 2);
  assert_false(polynomial);
  assert_int_equal(degree(gkt_graph_make(g, GKT_OP_MAX, x, y, 0)), 4);
  gkt_node huge = x;
  for (int i = 0; i < 100; i++) huge = gkt_mul(g, huge, huge);
  assert_in_range(degree(huge), 100, 100000); /* and no overflow on the way */
}

static const double low[4] = {-1.5, 0.25, -2, -0.5}, high[4] = {2, 3, -0.5, 0.5};
static gkt_interval component_range(const gkt_terminal *terminal, const void *user) {
  (void)user;
  return (gkt_interval){low[terminal->component], high[terminal->component]};
}
static gkt_interval range(gkt_node n) { return gkt_graph_range(g, n, component_range, NULL); }

static void check_range(gkt_node n, double from, double to) {
  gkt_interval r = range(n);
  assert_true(r.low == from && r.high == to);
}

static void ranges_are_sharp(void **state) {
  (void)state;
  gkt_node condition = gkt_graph_make(g, GKT_OP_LT, z, y, 0);
  check_range(number(3), 3, 3);
  check_range(gkt_add(g, x, y), -1.25, 5);
  check_range(gkt_sub(g, x, y), -4.5, 1.75);
  check_range(gkt_mul(g, x, x), 0, 4); /* a square is not negative */
  check_range(power(x, 4), 0, 16);
  check_range(power(x, 3), -3.375, 8);
  check_range(power(z, -2), 0.25, 4);
  check_range(gkt_add(g, gkt_mul(g, x, x), number(0)), 0, 4);
  check_range(gkt_mul(g, y, z), -6, -0.125);
  check_range(gkt_div(g, number(1), z), -2, -0.5);
  check_range(gkt_div(g, number(1), x), -INFINITY, INFINITY); /* through zero */
  check_range(unary(GKT_OP_ABS, x), 0, 2);
  check_range(unary(GKT_OP_SIGN, z), -1, -1);
  check_range(gkt_graph_make(g, GKT_OP_MIN, x, y, 0), -1.5, 2);
  check_range(condition, 1, 1);
  check_range(gkt_graph_make(g, GKT_OP_LT, y, z, 0), 0, 0);
  check_range(gkt_graph_make(g, GKT_OP_LE, x, y, 0), 0, 1);
  check_range(gkt_graph_make(g, GKT_OP_CONDITIONAL, condition, y, x), 0.25, 3);
  check_range(gkt_graph_make(g, GKT_OP_CONDITIONAL, gkt_graph_make(g, GKT_OP_LT, x, y, 0), y, z), -2, 3);
  check_range(unary(GKT_OP_LN, x), -INFINITY, INFINITY);
  assert_true(range(unary(GKT_OP_SQRT, gkt_add(g, gkt_mul(g, x, x), gkt_mul(g, z, z)))).low >= 0.4999999);
  assert_true(range(unary(GKT_OP_SQRT, gkt_mul(g, x, x))).low == 0);
  assert_true(range(unary(GKT_OP_EXP, x)).low >= 0.22);
  assert_true(range(gkt_mul(g, number(1e-200), gkt_mul(g, number(1e-200), gkt_mul(g, y, y)))).low >= 0); /* underflow does not turn negative */
  assert_true(range(gkt_mul(g, number(0.1), y)).low <= 0.025 && range(gkt_mul(g, number(0.1), y)).high > 0.3 - 1e-16);
}

static gkt_interval no_range(const gkt_terminal *terminal, const void *user) {
  (void)terminal, (void)user;
  return (gkt_interval){-INFINITY, INFINITY};
}

static void ranges_without_knowledge(void **state) {
  (void)state;
  gkt_interval square = gkt_graph_range(g, gkt_mul(g, x, x), no_range, NULL), positive = gkt_graph_range(g, gkt_add(g, GKT_ONE, gkt_mul(g, x, x)), no_range, NULL);
  gkt_interval inverse = gkt_graph_range(g, gkt_div(g, GKT_ONE, gkt_add(g, GKT_ONE, gkt_mul(g, x, x))), no_range, NULL);
  assert_true(square.low == 0 && square.high == INFINITY && positive.low == 1);
  assert_true(inverse.low == 0 && inverse.high == 1);
  assert_true(gkt_graph_range(g, unary(GKT_OP_EXP, x), no_range, NULL).low == 0);
  assert_true(gkt_graph_range(g, gkt_sub(g, x, y), no_range, NULL).low == -INFINITY);
  assert_true(gkt_graph_range(g, unary(GKT_OP_TANH, x), no_range, NULL).high == 1);
}

static void ranges_contain_samples(void **state) {
  (void)state;
  enum { COUNT = 60 };
  gkt_node nodes[COUNT];
  int bounded = 0, checked = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t random = seed;
    gkt_interval ranges[COUNT];
    gkt_graph_destroy(&g);
    assert_int_equal(gkt_graph_create(ctx, &g), GKT_OK);
    graph_random(g, &random, 4, COUNT, nodes);
    for (int i = 0; i < COUNT; i++) {
      ranges[i] = range(nodes[i]);
      bounded += isfinite(ranges[i].low) && isfinite(ranges[i].high);
    }
    for (int sample = 0; sample < 30; sample++) {
      double at[4];
      for (int i = 0; i < 4; i++) at[i] = random_below(&random, 4) ? random_real(&random, low[i], high[i]) : random_below(&random, 2) ? low[i] : high[i];
      double *values = graph_values(g, graph_x_value, at);
      for (int i = 0; i < COUNT; i++) {
        double v = values[nodes[i]];
        if (isnan(v)) continue;
        assert_true(ranges[i].low <= v && v <= ranges[i].high);
        checked++;
      }
      free(values);
    }
  }
  assert_true(bounded > 60 * COUNT / 2 && checked > 60 * COUNT * 30 * 3 / 4);
}

enum { MAX_TERMS = 300 };
static int expand(gkt_node n, gkt_monomial *terms) {
  int count = -1;
  assert_true(gkt_graph_polynomial(g, n, MAX_TERMS, terms, &count));
  return count;
}
static void check_zero(gkt_node n) {
  gkt_monomial terms[MAX_TERMS];
  assert_int_equal(expand(n, terms), 0);
}

static void identities_vanish(void **state) {
  (void)state;
  gkt_node sum = gkt_add(g, x, y), m[8];
  check_zero(GKT_ZERO);
  check_zero(gkt_sub(g, gkt_mul(g, sum, sum), gkt_add(g, gkt_add(g, gkt_mul(g, x, x), gkt_mul(g, gkt_mul(g, number(2), x), y)), gkt_mul(g, y, y))));
  check_zero(gkt_sub(g, power(sum, 3), gkt_mul(g, sum, gkt_mul(g, sum, sum))));
  check_zero(gkt_sub(g, gkt_div(g, sum, z), gkt_add(g, gkt_div(g, x, z), gkt_div(g, y, z))));
  check_zero(gkt_sub(g, gkt_mul(g, gkt_div(g, x, z), gkt_div(g, y, z)), gkt_mul(g, gkt_mul(g, x, y), power(z, -2))));
  check_zero(gkt_sub(g, gkt_div(g, x, gkt_mul(g, number(3), gkt_mul(g, y, z))), gkt_div(g, gkt_div(g, gkt_div(g, x, number(3)), z), y)));
  gkt_node s = unary(GKT_OP_SIN, sum);
  check_zero(gkt_sub(g, gkt_mul(g, gkt_add(g, s, x), gkt_sub(g, s, x)), gkt_sub(g, gkt_mul(g, s, s), gkt_mul(g, x, x))));
  check_zero(
      gkt_sub(g, gkt_add(g, gkt_mul(g, number(0.1), x), gkt_mul(g, number(0.1), gkt_mul(g, number(3), x))), gkt_mul(g, number(4), gkt_mul(g, number(0.1), x)))); /* exactly */
  gkt_node c = gkt_graph_make(g, GKT_OP_LT, x, y, 0);
  check_zero(gkt_sub(g, gkt_mul(g, z, gkt_graph_make(g, GKT_OP_CONDITIONAL, c, x, y)), gkt_graph_make(g, GKT_OP_CONDITIONAL, c, gkt_mul(g, z, x), gkt_mul(g, z, y))));
  for (int i = 0; i < 8; i++) m[i] = graph_x(g, 10 + i); /* det(AB) = det A det B */
  gkt_node ab[4];
  for (int i = 0; i < 4; i++) ab[i] = gkt_add(g, gkt_mul(g, m[i / 2 * 2], m[4 + i % 2]), gkt_mul(g, m[i / 2 * 2 + 1], m[6 + i % 2]));
  gkt_node det_ab = gkt_sub(g, gkt_mul(g, ab[0], ab[3]), gkt_mul(g, ab[1], ab[2]));
  gkt_node det_a = gkt_sub(g, gkt_mul(g, m[0], m[3]), gkt_mul(g, m[1], m[2])), det_b = gkt_sub(g, gkt_mul(g, m[4], m[7]), gkt_mul(g, m[5], m[6]));
  check_zero(gkt_sub(g, det_ab, gkt_mul(g, det_a, det_b)));
}

static void what_is_not_zero_stays(void **state) {
  (void)state;
  gkt_monomial terms[MAX_TERMS];
  int count = -1;
  assert_int_equal(expand(gkt_sub(g, gkt_mul(g, x, y), gkt_mul(g, x, z)), terms), 2);
  assert_int_equal(expand(gkt_add(g, number(2), gkt_mul(g, number(3), gkt_mul(g, x, x))), terms), 2);
  assert_true(terms[0].num_atoms == 0 && terms[0].coefficient.part[0] == 2);
  assert_true(terms[1].num_atoms == 2 && terms[1].coefficient.part[0] == 3 && terms[1].atoms[0] == x && terms[1].atoms[1] == x);
  assert_int_equal(expand(gkt_mul(g, number(1e-300), x), terms), 1);
  gkt_node large = gkt_add(g, gkt_add(g, x, y), gkt_add(g, z, number(1)));
  assert_false(gkt_graph_polynomial(g, power(large, 16), MAX_TERMS, terms, &count));
  assert_int_equal(count, -1);
  assert_int_equal(gkt_graph_status(g), GKT_OK);
}

/* Random polynomials in 4 variables, long products among them: the expansion has the node's value, to the rounding of its terms and
   of the values it was made from. */
static void expansions_have_the_value(void **state) {
  (void)state;
  static gkt_monomial terms[MAX_TERMS];
  const gkt_op ops[] = {GKT_OP_ADD, GKT_OP_SUB, GKT_OP_MUL, GKT_OP_NEG, GKT_OP_DIV, GKT_OP_POW, GKT_OP_CONDITIONAL};
  int compared = 0;
  bool long_product = false;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    uint64_t random = seed;
    gkt_node nodes[24];
    for (int i = 0; i < 24; i++) {
      gkt_op op = ops[random_below(&random, 7)];
      gkt_node a = nodes[i < 4 ? 0 : random_below(&random, i)], b = nodes[i < 4 ? 0 : random_below(&random, i)];
      if (i < 4) nodes[i] = graph_x(g, i);
      else if (op == GKT_OP_DIV) nodes[i] = gkt_div(g, a, random_below(&random, 2) ? graph_x(g, 1) : number(3));
      else if (op == GKT_OP_POW) nodes[i] = power(a, 3);
      else nodes[i] = gkt_graph_make(g, op, op == GKT_OP_CONDITIONAL ? gkt_graph_make(g, GKT_OP_LT, a, b, 0) : a, b, nodes[0]);
    }
    double at[4];
    for (int i = 0; i < 4; i++) at[i] = random_real(&random, low[i], high[i]);
    for (int i = 4; i < 24; i++) {
      int count;
      double sum = 0, size = 0;
      if (!gkt_graph_polynomial(g, nodes[i], MAX_TERMS, terms, &count)) continue;
      double *values = graph_values(g, graph_x_value, at);
      for (int t = 0; t < count; t++) {
        double term = terms[t].coefficient.part[0];
        for (int k = 0; k < terms[t].num_atoms; k++) term *= values[terms[t].atoms[k]];
        for (int k = 0; k < terms[t].num_atoms; k++) long_product |= gkt_graph_get(g, terms[t].atoms[k])->op == GKT_OP_MUL;
        sum += term;
        size += fabs(term);
      }
      for (int j = 0; j <= i; j++) size += fabs(values[nodes[j]]);
      assert_true(fabs(sum - values[nodes[i]]) <= 1e-13 * size || !isfinite(size));
      compared++;
      free(values);
    }
  }
  assert_true(compared > 200 * 20 / 2 && long_product);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(dependence, set_up, tear_down),
      cmocka_unit_test_setup_teardown(degrees, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ranges_are_sharp, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ranges_without_knowledge, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ranges_contain_samples, set_up, tear_down),
      cmocka_unit_test_setup_teardown(identities_vanish, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_not_zero_stays, set_up, tear_down),
      cmocka_unit_test_setup_teardown(expansions_have_the_value, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
