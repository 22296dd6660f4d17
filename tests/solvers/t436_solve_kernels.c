/* Claim: the kernels of all files of core, assembly, solvers and systems that no emitted text completes (those: t770, which also sees that no kernel is left out) compile for
   sm_90 (with GKT_LONG=1 sm_80 and sm_100, with and without contraction) without local memory, in at most 64 registers, as four blocks of 256 threads a multiprocessor need. Skips
   where there is no NVRTC. */
#include "core/device.h"
#include "tests/kernel_files.h"
#include "tests/nvrtc.h"

enum { MOST_REGISTERS = 64 };
typedef struct {
  int architecture, count;
} compiled;

static int count_kernels(const char *text) {
  int count = 0;
  for (const char *at = text; (at = strstr(at, "\nGKT_KERNEL(")); at++) count++;
  return count;
}

static void inspect(void *user, const char *path, bool plain, const char *text) {
  compiled *c = user;
  gkt_kernel_info *kernels = NULL;
  int count = 0;
  (void)plain;
  if (gkt_device_inspect(ctx, text, c->architecture, &count, &kernels) != GKT_OK) fail_msg("%s: %s", path, gkt_context_message(ctx));
  assert_int_equal(count, count_kernels(text));
  for (int k = 0; k < count; k++) {
    if (kernels[k].local_bytes != 0) fail_msg("%s, sm_%d: %d bytes of local memory", kernels[k].name, c->architecture, kernels[k].local_bytes);
    if (kernels[k].registers > MOST_REGISTERS) fail_msg("%s, sm_%d: %d registers", kernels[k].name, c->architecture, kernels[k].registers);
    if (getenv("GKT_SHOW")) printf("%s %s, sm_%d: %d/%d/%d\n", path, kernels[k].name, c->architecture, kernels[k].registers, kernels[k].shared_bytes, kernels[k].local_bytes);
  }
  c->count += count;
  gkt_free(&kernels);
}

static void kernels_need_no_local_memory(void **state) {
  static compiled c;
  (void)state;
  if (!nvrtc_is_found()) skip();
  for (int separate = 0; separate < (getenv("GKT_LONG") ? 2 : 1); separate++) {
    gkt_context_destroy(&ctx);
    must(gkt_context_create(&(gkt_context_options){.separate_rounding = separate}, &ctx), "context");
    for (int a = 0; a < nvrtc_num_architectures(); a++) {
      c.architecture = nvrtc_architectures[a], c.count = 0;
      visit_kernel_files(inspect, &c);
      assert_true(c.count >= 64);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_need_no_local_memory)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
