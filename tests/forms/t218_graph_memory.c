/* Claim: when the k-th allocation fails, for every k, graphs, derivatives, analyses, pointwise functions and their text say GKT_NO_MEMORY, leave nothing half made, and
   lose nothing. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "forms/external.h"
#include "tests/custom_laws.h"
#include "tests/failing_memory.h"
#include "tests/graphs.h"

static gkt_interval unit(const gkt_terminal *terminal, const void *user) {
  (void)terminal, (void)user;
  return (gkt_interval){0, 1};
}

static int linear(const gkt_terminal *terminal, const void *user) {
  (void)terminal, (void)user;
  return 1;
}

static bool any(const gkt_terminal *terminal, const void *user) {
  (void)user;
  return terminal->component == 99;
}

static gkt_status work(gkt_context *ctx, gkt_graph **g, gkt_pointwise **p, gkt_text *text) {
  enum { COUNT = 30 };
  static gkt_monomial terms[100];
  gkt_node nodes[COUNT], x, one = GKT_ONE, derivative;
  uint64_t random = 3;
  int count;
  GKT_TRY(gkt_graph_create(ctx, g));
  graph_random(*g, &random, 3, COUNT, nodes);
  x = graph_x(*g, 0);
  for (int i = 0; i < 2100; i++) gkt_mul(*g, gkt_graph_constant(*g, 3.5 + i), x); /* the tables grow */
  GKT_TRY(gkt_graph_derive(*g, 1, &nodes[COUNT - 1], 1, &x, &one, &derivative));
  gkt_graph_range(*g, derivative, unit, NULL);
  bool polynomial;
  gkt_graph_degree(*g, derivative, linear, NULL, &polynomial);
  gkt_graph_depends(*g, derivative, any, NULL);
  gkt_node cube = gkt_graph_make(*g, GKT_OP_POW, gkt_add(*g, x, GKT_ONE), gkt_graph_constant(*g, 3), 0);
  if (!gkt_graph_polynomial(*g, gkt_div(*g, cube, x), 100, terms, &count)) return GKT_NO_MEMORY;
  gkt_external law = hard_law(2);
  int number;
  GKT_TRY(gkt_graph_add_external(*g, "hard", &law, &number));
  nodes[0] = gkt_external_value(*g, number, 1, gkt_external_list(*g, 5, nodes + 10));
  GKT_TRY(gkt_graph_derive(*g, 1, &nodes[0], 1, &x, &one, &nodes[1]));
  GKT_TRY(gkt_pointwise_create(*g, COUNT, nodes, p));
  gkt_pointwise_emit(*p, "f", text);
  return text->status;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  int k = 0;
  for (gkt_status status = GKT_NO_MEMORY; status != GKT_OK; k++) {
    gkt_context *ctx;
    gkt_graph *g = NULL;
    gkt_pointwise *p = NULL;
    assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
    gkt_text text = {.ctx = ctx};
    begin_failing(k, false);
    status = work(ctx, &g, &p, &text);
    end_failing();
    assert_true(status == GKT_OK || status == GKT_NO_MEMORY);
    if (status == GKT_NO_MEMORY) assert_non_null(strstr(gkt_context_message(ctx), "out of memory"));
    if (status == GKT_OK) assert_true(gkt_context_message(ctx)[0] == 0);
    gkt_text_free(&text);
    gkt_pointwise_destroy(&p);
    gkt_graph_destroy(&g);
    assert_int_equal(memory.num_held, 0);
    gkt_context_destroy(&ctx);
  }
  assert_true(k > 30);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
