/* What most tests begin with: cmocka, and one context with poisoned buffers for the whole program. */
#ifndef GKT_TESTS_GKT_TEST_H
#define GKT_TESTS_GKT_TEST_H
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "galerkit/core.h"

static gkt_context *ctx;
/* First in main: all of its claim speaks of the CPU, as laws in C do, whatever GKT_BACKEND says. */
static inline void speak_of_the_cpu(void) { setenv("GKT_BACKEND", "cpu", 1); }

static int setup(void **state) {
  (void)state;
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK;
}
static int teardown(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}
#endif
