/* Claim: 1,000 random typed expressions and their derivatives with respect to u, compiled in a few modules, give what the interpreter gives, bit for bit. */
#include "tests/jets.h"

enum { CASES = 1000, BATCH = 250, SCOPES = 3 };
typedef void kernel(const double (*in)[GKT_LANES], double (*out)[GKT_LANES]);
typedef struct { /* one scope for each dimension; all expressions live in its graph */
  gkt_context *ctx;
  gkt_scope *scopes[SCOPES];
  gkt_pointwise *functions[BATCH];
  gkt_text source;
  gkt_module *module;
} batch;

/* Value's components, then the derivative of their sum. */
static void add_case(batch *b, int number, uint64_t seed) {
  static random_text text;
  uint64_t state = seed;
  int dim = 1 + random_below(&state, 3);
  gkt_shape shape = random_shape(&state);
  gkt_scope *s = b->scopes[dim - 1];
  gkt_expression *e;
  char name[32];
  random_expression(&text, random_bits(&state), dim, shape, 2 + random_below(&state, 3));
  gkt_source source = text_source(text.text);
  assert_int_equal(gkt_expression_parse(s, &source, &e), GKT_OK);
  gkt_node nodes[10], sum = GKT_ZERO, one = GKT_ONE, u = gkt_graph_terminal(s->graph, (gkt_terminal){.kind = GKT_TERM_VALUE});
  int n = gkt_shape_size(shape);
  for (int i = 0; i < n; i++) sum = gkt_add(s->graph, sum, nodes[i] = e->value.nodes[i]);
  assert_int_equal(gkt_graph_derive(s->graph, 1, &sum, 1, &u, &one, &nodes[n]), GKT_OK);
  assert_int_equal(gkt_pointwise_create(s->graph, n + 1, nodes, &b->functions[number]), GKT_OK);
  snprintf(name, sizeof name, "point_%d", number);
  gkt_pointwise_emit(b->functions[number], name, &b->source);
  gkt_text_printf(&b->source, "void kernel_%d(const gkt_scalar (*in)[GKT_LANES], gkt_scalar (*out)[GKT_LANES]) { %s(in, out); }\n", number, name);
  gkt_expression_destroy(&e);
}

static void compare(const batch *b, int number, uint64_t *random) {
  const gkt_pointwise *f = b->functions[number];
  char name[32];
  gkt_scalar *in, *workspace, interpreted[10][GKT_LANES], compiled[10][GKT_LANES];
  kernel *function;
  snprintf(name, sizeof name, "kernel_%d", number);
  void *symbol = gkt_module_symbol(b->module, name);
  assert_non_null(symbol);
  memcpy(&function, &symbol, sizeof function);
  assert_int_equal(gkt_alloc(b->ctx, gkt_pointwise_num_inputs(f) * GKT_LANES, sizeof *in, &in), GKT_OK);
  assert_int_equal(gkt_alloc(b->ctx, gkt_pointwise_workspace(f), sizeof *workspace, &workspace), GKT_OK);
  for (int i = 0; i < gkt_pointwise_num_inputs(f) * GKT_LANES; i++) in[i] = random_between(random, -1.5, 1.5);
  gkt_pointwise_eval(f, in, workspace, interpreted[0]);
  function((const double(*)[GKT_LANES])in, compiled);
  for (int i = 0; i < gkt_pointwise_num_outputs(f); i++)
    for (int l = 0; l < GKT_LANES; l++) assert_true(interpreted[i][l] == compiled[i][l] || (isnan(interpreted[i][l]) && isnan(compiled[i][l])));
  gkt_free(&in);
  gkt_free(&workspace);
}

static void run_batch(uint64_t first) {
  batch b = {.ctx = make_context()};
  uint64_t random = first;
  b.source.ctx = b.ctx;
  for (int i = 0; i < SCOPES; i++) b.scopes[i] = make_scope(b.ctx, i + 1);
  for (int i = 0; i < SCOPES; i++)
    for (size_t j = 0; j < sizeof random_lets / sizeof *random_lets; j++) add_let(b.scopes[i], random_lets[j][0], random_lets[j][1], true);
  gkt_emit_prelude(GKT_BACKEND_CPU, &b.source);
  for (int i = 0; i < BATCH; i++) add_case(&b, i, first + (uint64_t)i);
  assert_int_equal(b.source.status, GKT_OK);
  if (gkt_module_compile(b.ctx, b.source.data, &b.module) != GKT_OK) fail_msg("%s", gkt_context_message(b.ctx));
  for (int i = 0; i < BATCH; i++) compare(&b, i, &random);
  gkt_module_destroy(&b.module);
  for (int i = 0; i < BATCH; i++) gkt_pointwise_destroy(&b.functions[i]);
  for (int i = 0; i < SCOPES; i++) gkt_scope_destroy(&b.scopes[i]);
  gkt_text_free(&b.source);
  gkt_context_destroy(&b.ctx);
}

static void compiled_and_interpreted_agree(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  bool found = gkt_compiler_found(ctx);
  gkt_context_destroy(&ctx);
  if (!found) skip();
  for (uint64_t first = 0; first < CASES; first += BATCH) run_batch(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_and_interpreted_agree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
