/* Claim: a node of the graph is described in the user's terms, so that reading the description back gives the same node; what is long is cut, whatever its size. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "forms/describe.h"

static gkt_context *ctx;
static gkt_scope *scope;

static int begin(void **state) {
  int f;
  (void)state;
  if (gkt_context_create(NULL, &ctx) || gkt_scope_create(ctx, 2, &scope)) return 1;
  return gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &f) ||
         gkt_scope_add_field(scope, "w", NULL, gkt_shape_vector(2), (gkt_element){GKT_LAGRANGE, 2}, &f) ||
         gkt_scope_add_coefficient(scope, "A", gkt_shape_matrix(2, 2), (gkt_element){GKT_LAGRANGE, 1}, &f) || gkt_scope_add_constant(scope, "k", &f);
}
static int end(void **state) {
  (void)state;
  gkt_scope_destroy(&scope);
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_node parse(const char *text) {
  gkt_source source = {.text = text};
  gkt_expression *e;
  if (gkt_expression_parse(scope, &source, &e) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  gkt_node node = e->value.nodes[0];
  gkt_expression_destroy(&e);
  return node;
}

static void describe(gkt_node node, char *out, size_t size) {
  gkt_text text = {.ctx = ctx};
  gkt_node_describe(scope, node, &text);
  assert_int_equal(text.status, GKT_OK);
  assert_true(text.length < size);
  memcpy(out, text.data, text.length + 1);
  gkt_text_free(&text);
}

static void descriptions_read_back(void **state) {
  (void)state;
  static const char *const texts[] = {"ln(u)",
                                      "grad(u)[0]",
                                      "w[1]",
                                      "grad(w)[0,1]",
                                      "A[1,0]",
                                      "k*u + x[0]",
                                      "u - (k - x[1])",
                                      "u/(k*u)",
                                      "u/k*x[0]",
                                      "(u + k)^2",
                                      "u^(k + 1)",
                                      "(u^k)^u",
                                      "-u^2",
                                      "(-u)^k",
                                      "2^(-u)",
                                      "sqrt(abs(u))",
                                      "atan2(u, k)",
                                      "min(u, max(k, 1.5))",
                                      "conditional(u < k, exp(u), tanh(k))",
                                      "conditional(u <= 1, u, -1)",
                                      "u - -3*k",
                                      "n[0]*h",
                                      "(u < k)*u",
                                      "1/(1/u)",
                                      "erf(asin(u))",
                                      "sign(u)*(u - k)*2"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char text[300];
    gkt_node node = parse(texts[i]);
    describe(node, text, sizeof text);
    if (parse(text) != node) fail_msg("'%s' is described as '%s', which is another expression", texts[i], text);
  }
}

static void words_are_the_users(void **state) {
  (void)state;
  static const char *const pairs[][2] = {{"ln(u)", "ln(u)"}, {"abs(grad(w)[1,0])", "abs(grad(w)[1,0])"}, {"u^3", "u^3"}, {"div(w)", "grad(w)[0,0] + grad(w)[1,1]"}, {"1/u", "1/u"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    char text[300];
    describe(parse(pairs[i][0]), text, sizeof text);
    assert_string_equal(text, pairs[i][1]);
  }
}

/* f(f(..)) written twice each time: 2^60 leaves, if it were written out. */
static void long_ones_are_cut(void **state) {
  (void)state;
  gkt_node node = parse("u + k");
  char text[400];
  for (int i = 0; i < 60; i++) node = gkt_graph_make(scope->graph, GKT_OP_ATAN2, node, gkt_add(scope->graph, node, GKT_ONE), 0);
  describe(node, text, sizeof text);
  assert_non_null(strstr(text, ".."));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(descriptions_read_back), cmocka_unit_test(words_are_the_users), cmocka_unit_test(long_ones_are_cut)};
  return cmocka_run_group_tests(tests, begin, end);
}
