/* Claim: the emitted text with the cuda prelude is accepted by NVRTC for sm_90, for every operation and for random expressions; a mistake in it would be noticed. No GPU is
   needed; without libnvrtc the test is skipped, visibly. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/graphs.h"
#include "tests/nvrtc.h"

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

static void emit(int number, int num_outputs, const gkt_node *outputs, gkt_text *text) {
  gkt_pointwise *p;
  char name[32];
  snprintf(name, sizeof name, "point_%d", number);
  assert_int_equal(gkt_pointwise_create(g, num_outputs, outputs, &p), GKT_OK);
  gkt_pointwise_emit(p, name, text);
  gkt_text_printf(text, "GKT_KERNEL(32) kernel_%d(const gkt_scalar *in, gkt_scalar *out) { %s((const gkt_scalar(*)[GKT_LANES])in, (gkt_scalar(*)[GKT_LANES])out); }\n", number,
                  name);
  gkt_pointwise_destroy(&p);
}

static void every_operation_is_accepted(void **state) {
  (void)state;
  enum { KERNELS = 10, COUNT = 60 };
  gkt_node nodes[COUNT];
  gkt_text text = {.ctx = ctx};
  uint64_t random = 5;
  if (!nvrtc_is_found()) skip();
  gkt_emit_prelude(GKT_BACKEND_CUDA, &text);
  for (int op = GKT_OP_ADD; op < GKT_NUM_OPS; op++) nodes[op - GKT_OP_ADD] = gkt_graph_make(g, (gkt_op)op, graph_x(g, 0), graph_x(g, 1), graph_x(g, 2));
  emit(KERNELS, GKT_NUM_OPS - GKT_OP_ADD, nodes, &text);
  for (int i = 0; i < KERNELS; i++) {
    graph_random(g, &random, 4, COUNT, nodes);
    emit(i, COUNT, nodes, &text);
  }
  assert_int_equal(text.status, GKT_OK);
  if (!nvrtc_compiles(ctx, text.data)) fail_msg("%s", gkt_context_message(ctx));
  gkt_text_printf(&text, "mistake;\n");
  assert_false(nvrtc_compiles(ctx, text.data));
  assert_non_null(strstr(gkt_context_message(ctx), "error"));
  gkt_text_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(every_operation_is_accepted, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
