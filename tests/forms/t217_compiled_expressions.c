/* Claim, on 1,000 random typed expressions and a derivative of each: compiled code and the interpreter give the same numbers, bit for bit. */
#include <math.h>

#include "tests/language.h"
#include "tests/random_expressions.h"

enum { CASES = 1000, BATCH = 125 }; /* expressions per module: compiling is what takes time */
typedef void kernel(const double (*in)[GKT_LANES], double (*out)[GKT_LANES]);
typedef struct {
  gkt_context *ctx;
  gkt_scope *scope;
  gkt_pointwise *f;
} subject;

/* The components and the derivative of their sum in every terminal at once. */
static gkt_pointwise *make_pointwise(gkt_graph *g, const gkt_value *value) {
  int n = gkt_shape_size(value->shape), num_seeds = 0;
  gkt_node outputs[10], sum = GKT_ZERO, size = gkt_graph_size(g), *seeds = malloc((size_t)size * sizeof *seeds), *directions = malloc((size_t)size * sizeof *directions);
  gkt_pointwise *f;
  for (gkt_node i = 0; i < size; i++) {
    if (gkt_graph_get(g, i)->op != GKT_OP_TERMINAL) continue;
    seeds[num_seeds] = i;
    directions[num_seeds] = gkt_graph_constant(g, 1 + 0.25 * num_seeds);
    num_seeds++;
  }
  for (int i = 0; i < n; i++) sum = gkt_add(g, sum, outputs[i] = value->nodes[i]);
  assert_int_equal(gkt_graph_derive(g, 1, &sum, num_seeds, seeds, directions, &outputs[n]), GKT_OK);
  assert_int_equal(gkt_pointwise_create(g, n + 1, outputs, &f), GKT_OK);
  free(seeds);
  free(directions);
  return f;
}

static void make_subject(subject *s, uint64_t seed) {
  static random_text text;
  uint64_t state = seed + 5000; /* others than those of t203 */
  int dim = 1 + random_below(&state, 3);
  gkt_shape shape = random_shape(&state);
  gkt_expression *expression;
  s->ctx = make_context();
  s->scope = make_scope(s->ctx, dim);
  for (size_t i = 0; i < sizeof random_lets / sizeof *random_lets; i++) add_let(s->scope, random_lets[i][0], random_lets[i][1], true);
  random_expression(&text, random_bits(&state), dim, shape, 2 + random_below(&state, 3));
  gkt_source source = text_source(text.text);
  if (gkt_expression_parse(s->scope, &source, &expression) != GKT_OK) fail_msg("%s\n%s", text.text, gkt_context_message(s->ctx));
  s->f = make_pointwise(s->scope->graph, &expression->value);
  gkt_expression_destroy(&expression);
}

static void free_subject(subject *s) {
  gkt_pointwise_destroy(&s->f);
  gkt_scope_destroy(&s->scope);
  gkt_context_destroy(&s->ctx);
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

static void compare(const gkt_pointwise *f, kernel *compiled, uint64_t *state, int *finite) {
  size_t inputs = (size_t)gkt_pointwise_num_inputs(f), outputs = (size_t)gkt_pointwise_num_outputs(f), lane = GKT_LANES * sizeof(double);
  double *in = malloc((inputs + 1) * lane), *interpreted = malloc(outputs * lane), *got = malloc(outputs * lane);
  double *workspace = malloc((size_t)gkt_pointwise_workspace(f) * sizeof(double) + 1);
  for (size_t i = 0; i < inputs * GKT_LANES; i++) in[i] = random_between(state, -1.5, 1.5);
  memset(got, 0xFF, outputs * lane);
  gkt_pointwise_eval(f, in, workspace, interpreted);
  compiled((const double(*)[GKT_LANES])in, (double(*)[GKT_LANES])got);
  for (size_t i = 0; i < outputs * GKT_LANES; i++) {
    if (interpreted[i] != got[i] && !(isnan(interpreted[i]) && isnan(got[i]))) fail_msg("output %zu: interpreted %.17g, compiled %.17g", i / GKT_LANES, interpreted[i], got[i]);
    *finite += isfinite(got[i]) != 0;
  }
  free(in);
  free(interpreted);
  free(got);
  free(workspace);
}

static void compiled_is_interpreted(void **state) {
  (void)state;
  static subject subjects[BATCH];
  int finite = 0;
  gkt_context *ctx = make_context();
  for (uint64_t batch = 0; batch < CASES / BATCH; batch++) {
    gkt_text text = {.ctx = ctx};
    gkt_module *module;
    uint64_t random = batch;
    gkt_emit_prelude(GKT_BACKEND_CPU, &text);
    for (int i = 0; i < BATCH; i++) {
      char name[32];
      make_subject(&subjects[i], batch * BATCH + (uint64_t)i);
      snprintf(name, sizeof name, "point_%d", i);
      gkt_pointwise_emit(subjects[i].f, name, &text);
      gkt_text_printf(&text, "void kernel_%d(const gkt_scalar (*in)[GKT_LANES], gkt_scalar (*out)[GKT_LANES]) { %s(in, out); }\n", i, name);
    }
    assert_int_equal(text.status, GKT_OK);
    if (gkt_module_compile(ctx, text.data, &module) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
    for (int i = 0; i < BATCH; i++) compare(subjects[i].f, find(module, i), &random, &finite);
    for (int i = 0; i < BATCH; i++) free_subject(&subjects[i]);
    gkt_module_destroy(&module);
    gkt_text_free(&text);
  }
  assert_true(finite > CASES * GKT_LANES);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_is_interpreted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
