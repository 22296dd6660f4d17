/* Claim: equal operations are one node, constants and neutral elements fold as graph.h says, non-finite constants are kept, and running out of memory sticks. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "forms/graph.h"

static gkt_context *ctx;
static gkt_graph *g;

static int set_up(void **state) {
  (void)state;
  return gkt_context_create(NULL, &ctx) != GKT_OK || gkt_graph_create(ctx, &g) != GKT_OK;
}

static int tear_down(void **state) {
  (void)state;
  gkt_graph_destroy(&g);
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_node terminal(int component) { return gkt_graph_terminal(g, (gkt_terminal){.kind = GKT_TERM_X, .component = (int16_t)component}); }
static gkt_node number(double value) { return gkt_graph_constant(g, value); }
static gkt_node unary(gkt_op op, gkt_node a) { return gkt_graph_make(g, op, a, 0, 0); }
static gkt_node power(gkt_node a, double exponent) { return gkt_graph_make(g, GKT_OP_POW, a, number(exponent), 0); }

static void equal_operations_are_one_node(void **state) {
  (void)state;
  gkt_node x = terminal(0), y = terminal(1);
  assert_int_equal(number(0), GKT_ZERO);
  assert_int_equal(number(-0.0), GKT_ZERO);
  assert_int_equal(number(1), GKT_ONE);
  assert_int_equal(terminal(0), x);
  assert_int_not_equal(x, y);
  assert_int_equal(gkt_add(g, x, y), gkt_add(g, y, x));
  assert_int_equal(gkt_mul(g, x, y), gkt_mul(g, y, x));
  assert_int_equal(gkt_graph_make(g, GKT_OP_MIN, x, y, 0), gkt_graph_make(g, GKT_OP_MIN, y, x, 0));
  assert_int_not_equal(gkt_sub(g, x, y), gkt_sub(g, y, x));
  assert_int_not_equal(gkt_div(g, x, y), gkt_div(g, y, x));
  assert_int_equal(unary(GKT_OP_SIN, x), gkt_graph_make(g, GKT_OP_SIN, x, y, y)); /* unused operands do not count */
  const gkt_node_data *data = gkt_graph_get(g, gkt_mul(g, y, number(3)));
  assert_int_equal(data->op, GKT_OP_MUL);
  assert_int_equal(data->a, number(3)); /* constants first */
  assert_int_equal(data->b, y);
}

static void neutral_elements_fold(void **state) {
  (void)state;
  gkt_node x = terminal(0), y = terminal(1), minus_x = gkt_neg(g, x);
  assert_int_equal(gkt_add(g, x, GKT_ZERO), x);
  assert_int_equal(gkt_sub(g, x, GKT_ZERO), x);
  assert_int_equal(gkt_sub(g, GKT_ZERO, x), minus_x);
  assert_int_equal(gkt_sub(g, x, x), GKT_ZERO);
  assert_int_equal(gkt_mul(g, x, GKT_ONE), x);
  assert_int_equal(gkt_mul(g, x, GKT_ZERO), GKT_ZERO);
  assert_int_equal(gkt_mul(g, number(-1), x), minus_x);
  assert_int_equal(gkt_div(g, x, GKT_ONE), x);
  assert_int_equal(gkt_div(g, GKT_ZERO, x), GKT_ZERO);
  assert_int_equal(gkt_neg(g, minus_x), x);
  assert_int_equal(gkt_add(g, x, minus_x), GKT_ZERO);
  assert_int_equal(gkt_add(g, minus_x, gkt_neg(g, y)), gkt_neg(g, gkt_add(g, x, y)));
  assert_int_equal(gkt_add(g, x, x), gkt_mul(g, number(2), x));
  assert_int_equal(gkt_neg(g, gkt_sub(g, x, y)), gkt_sub(g, y, x));
  assert_int_equal(gkt_mul(g, minus_x, gkt_neg(g, y)), gkt_mul(g, x, y));
  assert_int_equal(gkt_mul(g, minus_x, y), gkt_neg(g, gkt_mul(g, x, y)));
  assert_int_equal(gkt_add(g, y, gkt_mul(g, number(-3), x)), gkt_sub(g, y, gkt_mul(g, number(3), x)));
  assert_int_equal(gkt_mul(g, number(0.5), gkt_mul(g, number(2), x)), x);
  assert_int_equal(gkt_graph_make(g, GKT_OP_CONDITIONAL, x, y, y), y);
  assert_int_equal(gkt_graph_make(g, GKT_OP_CONDITIONAL, GKT_ONE, x, y), x);
  assert_int_equal(gkt_graph_make(g, GKT_OP_CONDITIONAL, GKT_ZERO, x, y), y);
  gkt_node less = gkt_graph_make(g, GKT_OP_LT, x, y, 0);
  assert_int_equal(gkt_graph_make(g, GKT_OP_CONDITIONAL, less, GKT_ONE, GKT_ZERO), less);
}

static void powers_and_quotients_fold(void **state) {
  (void)state;
  gkt_node x = terminal(0);
  assert_int_equal(power(x, 0), GKT_ONE);
  assert_int_equal(power(x, 1), x);
  assert_int_equal(power(x, 2), gkt_mul(g, x, x));
  assert_int_equal(power(x, -1), gkt_div(g, GKT_ONE, x));
  assert_int_equal(power(x, 0.5), unary(GKT_OP_SQRT, x));
  assert_int_equal(gkt_div(g, x, number(4)), gkt_mul(g, number(0.25), x));
  assert_int_equal(gkt_graph_get(g, gkt_div(g, x, number(3)))->op, GKT_OP_DIV); /* 1/3 would round */
  assert_int_equal(gkt_graph_get(g, gkt_mul(g, number(0.1), gkt_mul(g, number(3), x)))->op, GKT_OP_MUL);
  assert_int_not_equal(gkt_mul(g, number(0.1), gkt_mul(g, number(3), x)), gkt_mul(g, number(0.3), x)); /* nor may these be joined */
}

static void constants_fold_unless_not_finite(void **state) {
  (void)state;
  assert_int_equal(gkt_add(g, number(2), number(3)), number(5));
  assert_int_equal(unary(GKT_OP_SIN, number(0.5)), number(sin(0.5)));
  assert_int_equal(gkt_graph_make(g, GKT_OP_LT, number(1), number(2), 0), GKT_ONE);
  assert_int_equal(gkt_graph_make(g, GKT_OP_LE, number(3), number(2), 0), GKT_ZERO);
  assert_int_equal(gkt_graph_get(g, gkt_div(g, GKT_ONE, GKT_ZERO))->op, GKT_OP_DIV);
  assert_int_equal(gkt_graph_get(g, gkt_div(g, GKT_ZERO, GKT_ZERO))->op, GKT_OP_DIV);
  assert_int_equal(gkt_graph_get(g, unary(GKT_OP_LN, number(-1)))->op, GKT_OP_LN);
  assert_int_equal(gkt_graph_get(g, unary(GKT_OP_EXP, number(1e3)))->op, GKT_OP_EXP);
  gkt_node huge = gkt_mul(g, number(1e300), terminal(0)), tiny = gkt_mul(g, number(1e-300), terminal(0)); /* factors whose product leaves the range are not joined */
  assert_int_equal(gkt_graph_get(g, gkt_mul(g, number(0x1p60), huge))->b, huge);
  assert_int_equal(gkt_graph_get(g, gkt_mul(g, number(0x1p-60), tiny))->b, tiny);
}

static void nodes_stay_where_they_are(void **state) {
  (void)state;
  gkt_node x = terminal(0);
  const gkt_node_data *data = gkt_graph_get(g, x);
  for (int i = 1; i <= 20000; i++) assert_int_equal(gkt_graph_get(g, gkt_mul(g, number(1.0 / i - 7), x))->b, x);
  assert_ptr_equal(gkt_graph_get(g, x), data);
  gkt_node size = gkt_graph_size(g);
  for (int i = 1; i <= 20000; i++) gkt_mul(g, x, number(1.0 / i - 7));
  assert_int_equal(gkt_graph_size(g), size); /* all found again */
  for (gkt_node n = 0; n < size; n++) assert_true(gkt_graph_get(g, n)->a < n || n == GKT_ZERO);
  assert_int_equal(gkt_graph_status(g), GKT_OK);
}

static void failure_sticks(void **state) {
  (void)state;
  assert_int_equal(gkt_graph_make(g, GKT_OP_ADD, 0, 12345, 0), GKT_ZERO);
  assert_int_equal(gkt_graph_status(g), GKT_INTERNAL);
  assert_int_equal(gkt_add(g, GKT_ONE, GKT_ONE), GKT_ZERO);
  assert_int_equal(terminal(0), GKT_ZERO);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(equal_operations_are_one_node, set_up, tear_down), cmocka_unit_test_setup_teardown(neutral_elements_fold, set_up, tear_down),
      cmocka_unit_test_setup_teardown(powers_and_quotients_fold, set_up, tear_down),     cmocka_unit_test_setup_teardown(constants_fold_unless_not_finite, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nodes_stay_where_they_are, set_up, tear_down),     cmocka_unit_test_setup_teardown(failure_sticks, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
