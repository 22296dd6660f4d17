/* Claim: compiled code gives what the interpreter gives, bit for bit, for several hundred random expressions with every operation, in one module; constants survive as text
   in any locale. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "tests/graphs.h"

typedef void kernel(const double (*in)[GKT_LANES], double (*out)[GKT_LANES]);

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

static void emit(const gkt_pointwise *p, int number, gkt_text *text) {
  char name[32];
  snprintf(name, sizeof name, "point_%d", number);
  gkt_pointwise_emit(p, name, text);
  gkt_text_printf(text, "void kernel_%d(const gkt_scalar (*in)[GKT_LANES], gkt_scalar (*out)[GKT_LANES]) { %s(in, out); }\n", number, name);
}

static kernel *find(const gkt_module *module, int number) {
  char name[32];
  snprintf(name, sizeof name, "kernel_%d", number);
  void *symbol = gkt_module_symbol(module, name);
  kernel *function;
  assert_non_null(symbol);
  memcpy(&function, &symbol, sizeof function);
  return function;
}

/* Both ways, with the same random inputs; NaN equals NaN. */
static void compare(const gkt_pointwise *p, kernel *compiled, uint64_t *random) {
  size_t inputs = (size_t)gkt_pointwise_num_inputs(p) * GKT_LANES, outputs = (size_t)gkt_pointwise_num_outputs(p) * GKT_LANES, work = (size_t)gkt_pointwise_workspace(p);
  double *in = malloc((inputs + 1) * sizeof *in), *left = malloc(outputs * sizeof *left), *right = malloc(outputs * sizeof *right),
         *workspace = malloc((work + 1) * sizeof *workspace);
  for (size_t i = 0; i < inputs; i++) in[i] = random_real(random, -2, 2);
  memset(right, 0xFF, outputs * sizeof *right);
  gkt_pointwise_eval(p, in, workspace, left);
  compiled((const double(*)[GKT_LANES])in, (double(*)[GKT_LANES])right);
  for (size_t i = 0; i < outputs; i++) assert_true(left[i] == right[i] || (isnan(left[i]) && isnan(right[i])));
  free(in);
  free(left);
  free(right);
  free(workspace);
}

static void compiled_is_interpreted(void **state) {
  (void)state;
  enum { KERNELS = 40, COUNT = 60, OUTPUTS = 10 };
  gkt_pointwise *p[KERNELS];
  gkt_node nodes[COUNT];
  gkt_text text = {.ctx = ctx};
  gkt_module *module;
  uint64_t random = 7;
  gkt_emit_prelude(GKT_BACKEND_CPU, &text);
  for (int i = 0; i < KERNELS; i++) {
    graph_random(g, &random, 4, COUNT, nodes);
    assert_int_equal(gkt_pointwise_create(g, OUTPUTS, nodes + COUNT - OUTPUTS, &p[i]), GKT_OK);
    emit(p[i], i, &text);
  }
  assert_int_equal(text.status, GKT_OK);
  assert_int_equal(gkt_module_compile(ctx, text.data, &module), GKT_OK);
  for (int i = 0; i < KERNELS; i++)
    for (int sample = 0; sample < 4; sample++) compare(p[i], find(module, i), &random);
  for (int i = 0; i < KERNELS; i++) gkt_pointwise_destroy(&p[i]);
  gkt_module_destroy(&module);
  gkt_text_free(&text);
}

/* One after the other: every operation alone, and a chain through calls and arithmetic that needs several loops. */
static void every_operation(void **state) {
  (void)state;
  gkt_pointwise *p[GKT_NUM_OPS];
  gkt_text text = {.ctx = ctx};
  gkt_module *module;
  uint64_t random = 11;
  gkt_emit_prelude(GKT_BACKEND_CPU, &text);
  for (int op = GKT_OP_ADD; op < GKT_NUM_OPS; op++) {
    gkt_node n = gkt_graph_make(g, (gkt_op)op, graph_x(g, 0), graph_x(g, 1), graph_x(g, 2)), chain = n;
    for (int i = 0; i < 3; i++) chain = gkt_sub(g, gkt_graph_make(g, GKT_OP_SIN, gkt_mul(g, chain, graph_x(g, 1)), 0, 0), gkt_div(g, chain, gkt_graph_constant(g, 3)));
    assert_int_equal(gkt_pointwise_create(g, 3, (gkt_node[]){n, chain, n}, &p[op]), GKT_OK);
    emit(p[op], op, &text);
  }
  assert_int_equal(gkt_module_compile(ctx, text.data, &module), GKT_OK);
  for (int op = GKT_OP_ADD; op < GKT_NUM_OPS; op++) {
    for (int sample = 0; sample < 4; sample++) compare(p[op], find(module, op), &random);
    gkt_pointwise_destroy(&p[op]);
  }
  gkt_module_destroy(&module);
  gkt_text_free(&text);
}

static void constants_round_trip(void **state) {
  (void)state;
  const double values[] = {0.1, -1.0 / 3, 1e300, -1e-300, DBL_MIN, DBL_TRUE_MIN, DBL_MAX, 123456789012345680.0, 3, -7, 4.9e-310, INFINITY, -INFINITY, NAN, 1e15, 999999999999999};
  enum { COUNT = sizeof values / sizeof *values };
  gkt_node nodes[2 * COUNT + 1];
  gkt_pointwise *p;
  gkt_text text = {.ctx = ctx};
  gkt_module *module;
  uint64_t random = 3;
  for (int i = 0; i < COUNT; i++) {
    nodes[2 * i] = gkt_graph_constant(g, values[i]);
    nodes[2 * i + 1] = gkt_mul(g, nodes[2 * i], gkt_sub(g, graph_x(g, 0), nodes[2 * i]));
  }
  nodes[2 * COUNT] = graph_x(g, 0);
  assert_int_equal(gkt_pointwise_create(g, 2 * COUNT + 1, nodes, &p), GKT_OK);
  const char *locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}; /* the first that is installed */
  for (int i = 0; i < 3 && !setlocale(LC_ALL, locales[i]); i++) continue;
  gkt_emit_prelude(GKT_BACKEND_CPU, &text);
  emit(p, 0, &text);
  setlocale(LC_ALL, "C");
  assert_int_equal(gkt_module_compile(ctx, text.data, &module), GKT_OK);
  compare(p, find(module, 0), &random);
  double in[1][GKT_LANES] = {{0}}, out[2 * COUNT + 1][GKT_LANES];
  find(module, 0)((const double(*)[GKT_LANES])in, out);
  for (int i = 0; i < COUNT; i++) assert_true(memcmp(&out[2 * i][GKT_LANES - 1], &values[i], sizeof(double)) == 0 || (isnan(values[i]) && isnan(out[2 * i][0])));
  gkt_module_destroy(&module);
  gkt_pointwise_destroy(&p);
  gkt_text_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(compiled_is_interpreted, set_up, tear_down),
      cmocka_unit_test_setup_teardown(every_operation, set_up, tear_down),
      cmocka_unit_test_setup_teardown(constants_round_trip, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
