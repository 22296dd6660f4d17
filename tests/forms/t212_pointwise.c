/* Claim: the interpreter gives what the graph means, for every operation, lane by lane; it reuses registers, touches nothing outside its arrays, and the branch that a
   conditional does not select leaves no trace. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "tests/graphs.h"

static gkt_context *ctx;
static gkt_graph *g;

static int set_up(void **state) {
  (void)state;
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK || gkt_graph_create(ctx, &g) != GKT_OK;
}

static int tear_down(void **state) {
  (void)state;
  gkt_graph_destroy(&g);
  gkt_context_destroy(&ctx);
  return 0;
}

enum { GUARD = 16 };

/* Evaluates with x [components][LANES]; a guard zone around each array must stay as it is. Result freed with free(). */
static double *evaluate(const gkt_pointwise *p, double x[][GKT_LANES]) {
  size_t inputs = (size_t)gkt_pointwise_num_inputs(p) * GKT_LANES, outputs = (size_t)gkt_pointwise_num_outputs(p) * GKT_LANES, work = (size_t)gkt_pointwise_workspace(p);
  double *in = malloc((inputs + 1) * sizeof *in), *out = malloc((outputs + GUARD) * sizeof *out), *workspace = malloc((work + GUARD) * sizeof *workspace);
  for (int i = 0; i < gkt_pointwise_num_inputs(p); i++) memcpy(in + i * GKT_LANES, x[gkt_pointwise_input(p, i)->component], GKT_LANES * sizeof *in);
  memset(out, 0xFF, outputs * sizeof *out);
  memset(workspace, 0xFF, work * sizeof *workspace);
  for (int i = 0; i < GUARD; i++) out[outputs + (size_t)i] = workspace[work + (size_t)i] = 42;
  gkt_pointwise_eval(p, in, workspace, out);
  for (int i = 0; i < GUARD; i++) assert_true(out[outputs + (size_t)i] == 42 && workspace[work + (size_t)i] == 42);
  free(in);
  free(workspace);
  return out;
}

static bool has_large_power(const gkt_graph *graph, gkt_node n) { /* computed as a product: equal to rounding only, also in what is built on it */
  bool *below, found = false;
  assert_int_equal(gkt_graph_mark(graph, 1, &n, &below), GKT_OK);
  for (gkt_node i = 0; i <= n; i++) found |= below[i] && gkt_graph_get(graph, i)->op == GKT_OP_POW;
  gkt_free(&below);
  return found;
}

static void random_graphs(void **state) {
  (void)state;
  enum { COUNT = 80, TERMINALS = 4 };
  gkt_node nodes[COUNT];
  int exact = 0, finite = 0;
  bool seen[GKT_NUM_OPS] = {false};
  for (uint64_t seed = 1; seed <= 60; seed++) {
    uint64_t random = seed;
    double x[TERMINALS][GKT_LANES];
    gkt_pointwise *p;
    gkt_graph_destroy(&g);
    assert_int_equal(gkt_graph_create(ctx, &g), GKT_OK);
    graph_random(g, &random, TERMINALS, COUNT, nodes);
    for (int i = 0; i < COUNT; i++) seen[gkt_graph_get(g, nodes[i])->op] = true;
    for (int i = 0; i < TERMINALS * GKT_LANES; i++) (&x[0][0])[i] = random_real(&random, -2, 2);
    assert_int_equal(gkt_pointwise_create(g, COUNT, nodes, &p), GKT_OK);
    double *out = evaluate(p, x);
    for (int l = 0; l < GKT_LANES; l++) {
      double *values = graph_values(g, graph_x_value, (double[TERMINALS]){x[0][l], x[1][l], x[2][l], x[3][l]});
      for (int i = 0; i < COUNT; i++) {
        double got = out[i * GKT_LANES + l], expected = values[nodes[i]];
        finite += isfinite(expected) != 0;
        if (has_large_power(g, nodes[i])) continue; /* `powers` */
        assert_true(got == expected || (isnan(got) && isnan(expected)));
        exact++;
      }
      free(values);
    }
    free(out);
    gkt_pointwise_destroy(&p);
  }
  for (int op = GKT_OP_ADD; op < GKT_NUM_OPS; op++) assert_true(seen[op]);
  assert_true(exact > 60 * COUNT * GKT_LANES / 2 && finite > 60 * COUNT * GKT_LANES * 3 / 4);
}

/* a^n by products: each of at most 2 log2(16) = 8 products rounds once, and pow is good to an ulp. */
static void powers(void **state) {
  (void)state;
  double x[1][GKT_LANES] = {{0.3, -0.3, 1.7, -1.7, 12.5, -1e-3, 1, 1e10}};
  for (int exponent = -20; exponent <= 20; exponent++) {
    gkt_node n = gkt_graph_make(g, GKT_OP_POW, graph_x(g, 0), gkt_graph_constant(g, exponent), 0);
    gkt_pointwise *p;
    assert_int_equal(gkt_pointwise_create(g, 1, &n, &p), GKT_OK);
    double *out = evaluate(p, x);
    for (int l = 0; l < GKT_LANES; l++) assert_true(fabs(out[l] - pow(x[0][l], exponent)) <= 20 * 2.3e-16 * fabs(pow(x[0][l], exponent)));
    free(out);
    gkt_pointwise_destroy(&p);
  }
}

/* x -> x*x + 1/3 -> .., 1000 times: a thousand values, and none of them lives longer than to the next. */
static void registers_are_reused(void **state) {
  (void)state;
  gkt_node x = graph_x(g, 0), n = x, third = gkt_graph_constant(g, 1.0 / 3);
  for (int i = 0; i < 1000; i++) n = gkt_sub(g, gkt_mul(g, n, gkt_sub(g, n, third)), x);
  gkt_pointwise *p;
  assert_int_equal(gkt_pointwise_create(g, 1, &n, &p), GKT_OK);
  assert_in_range(gkt_pointwise_workspace(p), GKT_LANES, 3 * GKT_LANES);
  gkt_pointwise_destroy(&p);
}

static void outputs_are_written_one_each(void **state) {
  (void)state;
  gkt_node x = graph_x(g, 0), square = gkt_mul(g, x, x), outputs[] = {square, x, GKT_ZERO, square, gkt_graph_constant(g, 7.5), gkt_add(g, square, x)};
  double at[1][GKT_LANES] = {{0, 1, 2, 3, 4, 5, 6, 7}};
  gkt_pointwise *p;
  assert_int_equal(gkt_pointwise_create(g, 6, outputs, &p), GKT_OK);
  assert_int_equal(gkt_pointwise_num_inputs(p), 1);
  double *out = evaluate(p, at);
  for (int l = 0; l < GKT_LANES; l++) {
    const double expected[] = {l * l, l, 0, l * l, 7.5, l * l + l};
    for (int i = 0; i < 6; i++) assert_true(out[i * GKT_LANES + l] == expected[i]);
  }
  free(out);
  gkt_pointwise_destroy(&p);
  assert_int_equal(gkt_pointwise_create(g, 0, NULL, &p), GKT_OK);
  gkt_pointwise_destroy(&p);
}

static void other_branch_leaves_no_trace(void **state) {
  (void)state;
  gkt_node x = graph_x(g, 0), condition = gkt_graph_make(g, GKT_OP_LE, GKT_ZERO, x, 0), root = gkt_graph_make(g, GKT_OP_SQRT, x, 0, 0),
           logarithm = gkt_graph_make(g, GKT_OP_LN, gkt_neg(g, x), 0, 0);
  gkt_node n = gkt_graph_make(g, GKT_OP_CONDITIONAL, condition, root, logarithm);
  double at[1][GKT_LANES] = {{-4, -3, -2, -1, 0, 1, 4, 9}};
  gkt_pointwise *p;
  assert_int_equal(gkt_pointwise_create(g, 1, &n, &p), GKT_OK);
  double *out = evaluate(p, at);
  for (int l = 0; l < GKT_LANES; l++) assert_true(out[l] == (at[0][l] >= 0 ? sqrt(at[0][l]) : log(-at[0][l])));
  free(out);
  gkt_pointwise_destroy(&p);
}

/* sign, min, max, comparisons and conditions hand a NaN on. */
static void nan_is_not_hidden(void **state) {
  (void)state;
  gkt_node x = graph_x(g, 0), y = graph_x(g, 1);
  const gkt_op ops[] = {GKT_OP_SIGN, GKT_OP_MIN, GKT_OP_MAX, GKT_OP_LT, GKT_OP_LE};
  gkt_node nodes[6];
  for (int i = 0; i < 5; i++) nodes[i] = gkt_graph_make(g, ops[i], x, y, 0);
  nodes[5] = gkt_graph_make(g, GKT_OP_CONDITIONAL, x, gkt_graph_constant(g, 7), y);
  double at[2][GKT_LANES] = {{NAN, 1, NAN, -2, 0, 3, -0.5, 2}, {1, NAN, NAN, 0, 0, 2, 4, 2}};
  gkt_pointwise *p;
  assert_int_equal(gkt_pointwise_create(g, 6, nodes, &p), GKT_OK);
  double *out = evaluate(p, at);
  for (int l = 0; l < GKT_LANES; l++) {
    double a = at[0][l], b = at[1][l];
    bool bad = isnan(a) || isnan(b);
    assert_true(isnan(a) ? isnan(out[l]) : out[l] == (a > 0) - (a < 0));
    assert_true(bad ? isnan(out[GKT_LANES + l]) : out[GKT_LANES + l] == fmin(a, b));
    assert_true(bad ? isnan(out[2 * GKT_LANES + l]) : out[2 * GKT_LANES + l] == fmax(a, b));
    assert_true(bad ? isnan(out[3 * GKT_LANES + l]) && isnan(out[4 * GKT_LANES + l]) : out[3 * GKT_LANES + l] == (a < b) && out[4 * GKT_LANES + l] == (a <= b));
    assert_true(isnan(a) ? isnan(out[5 * GKT_LANES + l]) : out[5 * GKT_LANES + l] == (a != 0 ? 7 : b) || isnan(b));
  }
  free(out);
  gkt_pointwise_destroy(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(random_graphs, set_up, tear_down),
      cmocka_unit_test_setup_teardown(powers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(registers_are_reused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(outputs_are_written_one_each, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_branch_leaves_no_trace, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nan_is_not_hidden, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
