/* Claim: the kernels of vectors, masks, constraints, products, Krylov methods, Newton's method, systems and judgements compile for sm_80, sm_90 and sm_100, with and without
   contraction, without local memory, in at most 64 registers, as four blocks of 256 threads a multiprocessor need. Skips where there is no NVRTC. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/device.h"
#include "core/embed.h"
#include "tests/nvrtc.h"

GKT_EMBED(vector_arguments, "core/vector_arguments.h");
GKT_EMBED(sums, "core/sums.cu");
GKT_EMBED(vector, "core/vector.cu");
GKT_EMBED(product_arguments, "core/product_arguments.h");
GKT_EMBED(product, "core/product.cu");
GKT_EMBED(krylov_arguments, "solvers/krylov_arguments.h");
GKT_EMBED(krylov, "solvers/krylov.cu");
GKT_EMBED(device_system_arguments, "solvers/device_system_arguments.h");
GKT_EMBED(device_system, "solvers/device_system.cu");
GKT_EMBED(mask_arguments, "core/mask_arguments.h");
GKT_EMBED(mask, "core/mask.cu");
GKT_EMBED(constraints_arguments, "assembly/constraints_arguments.h");
GKT_EMBED(constraints, "assembly/constraints.cu");
GKT_EMBED(newton_arguments, "solvers/newton_arguments.h");
GKT_EMBED(newton, "solvers/newton.cu");
GKT_EMBED(judge_arguments, "systems/judge_arguments.h");
GKT_EMBED(judge, "systems/judge.cu");

static const struct {
  const char *name, *parts[4];
  int kernels;
} modules[] = {{"vector", {vector_arguments, sums, vector}, 10},
               {"product", {product_arguments, product}, 5},
               {"krylov", {vector_arguments, sums, krylov_arguments, krylov}, 16},
               {"device_system", {vector_arguments, sums, device_system_arguments, device_system}, 13},
               {"mask", {mask_arguments, mask}, 1},
               {"constraints", {vector_arguments, sums, constraints_arguments, constraints}, 3},
               {"newton", {vector_arguments, sums, newton_arguments, newton}, 8},
               {"judge", {judge_arguments, judge}, 2}};
enum { MODULES = sizeof modules / sizeof *modules, MOST_REGISTERS = 64 };

static void inspect(gkt_context *ctx, int m, int architecture) {
  gkt_text text = {.ctx = ctx};
  gkt_kernel_info *kernels = NULL;
  int count = 0;
  for (int i = 0; i < 4 && modules[m].parts[i]; i++) gkt_text_printf(&text, "%s\n", modules[m].parts[i]);
  assert_int_equal(text.status, GKT_OK);
  if (gkt_device_inspect(ctx, text.data, architecture, &count, &kernels) != GKT_OK) fail_msg("%s: %s", modules[m].name, gkt_context_message(ctx));
  assert_int_equal(count, modules[m].kernels);
  for (int k = 0; k < count; k++) {
    if (kernels[k].local_bytes != 0) fail_msg("%s, sm_%d: %d bytes of local memory", kernels[k].name, architecture, kernels[k].local_bytes);
    if (kernels[k].registers > MOST_REGISTERS) fail_msg("%s, sm_%d: %d registers", kernels[k].name, architecture, kernels[k].registers);
  }
  gkt_free(&kernels);
  gkt_text_free(&text);
}

static void kernels_need_no_local_memory(void **state) {
  static const int architectures[] = {80, 90, 100};
  char cache[64] = "/tmp/gkt_t436_XXXXXX", command[128];
  (void)state;
  if (!nvrtc_is_found()) skip();
  assert_non_null(mkdtemp(cache));
  for (int separate = 0; separate < 2; separate++) {
    gkt_context *ctx;
    assert_int_equal(gkt_context_create(&(gkt_context_options){.separate_rounding = separate, .cache_dir = cache}, &ctx), GKT_OK);
    for (int m = 0; m < MODULES; m++)
      for (int a = 0; a < 3; a++) inspect(ctx, m, architectures[a]);
    gkt_context_destroy(&ctx);
  }
  snprintf(command, sizeof command, "rm -rf %s", cache);
  assert_int_equal(system(command), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_need_no_local_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
