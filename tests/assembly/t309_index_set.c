/* Claim: a set of indices is emptied in ascending order, each index once however often it was added, and is empty then; also at the ends of the words of its three levels. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "assembly/index_set.h"

static gkt_context *ctx;
static int start(void **state) {
  (void)state;
  return gkt_context_create(NULL, &ctx);
}
static int finish(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

/* Every step-th index, downwards and again upwards. */
static void fill(gkt_index_set *s, gkt_idx size, gkt_idx step) {
  for (gkt_idx i = (size - 1) / step * step; i >= 0; i -= step) gkt_index_set_add(s, i);
  for (gkt_idx i = 0; i < size; i += step) gkt_index_set_add(s, i);
}

static void check_steps(gkt_index_set *s, gkt_idx size, gkt_idx step, gkt_idx *out) {
  fill(s, size, step);
  assert_int_equal(gkt_index_set_drain(s, out), (size - 1) / step + 1);
  for (gkt_idx i = 0; i * step < size; i++) assert_int_equal(out[i], i * step);
  assert_int_equal(gkt_index_set_drain(s, out), 0);
}

static void ascending_and_once(void **state) {
  static const gkt_idx sizes[] = {1, 2, 63, 64, 65, 4095, 4096, 4097, 262143, 262144, 262145, 700001}, steps[] = {1, 7, 63, 64, 65, 4096, 262144};
  (void)state;
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    gkt_index_set set = {0};
    gkt_idx *out = malloc((size_t)sizes[k] * sizeof *out);
    assert_int_equal(gkt_index_set_make(ctx, sizes[k], &set), GKT_OK);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) check_steps(&set, sizes[k], steps[i], out);
    gkt_index_set_free(&set);
    free(out);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ascending_and_once)};
  return cmocka_run_group_tests(tests, start, finish);
}
