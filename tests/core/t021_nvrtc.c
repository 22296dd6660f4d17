/* Claim: kernels compile for a named architecture without a device: contraction is what the context says, an architecture that NVRTC does not know gets the code of its family or
   text for the driver, what is refused is quoted; what is read from the code is registers and shared bytes. Skips where there is no NVRTC. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/cubin.h"
#include "core/device_inside.h"
#include "core/nvrtc.h"
#include "tests/nvrtc.h"

static const char fused[] = "struct fused_arguments { gkt_scalar *x, *y; gkt_size n; };\n"
                            "GKT_KERNEL(128) fused(const fused_arguments GKT_BY_VALUE a) {\n"
                            "  gkt_size i = blockIdx.x * (gkt_size)blockDim.x + threadIdx.x;\n"
                            "  if (i < a.n) a.y[i] = a.x[i] * a.x[i] + a.y[i];\n"
                            "}\n"
                            "GKT_KERNEL(64) shared(const fused_arguments GKT_BY_VALUE a) {\n"
                            "  GKT_SHARED_MEMORY\n"
                            "  GKT_SHARED(gkt_scalar, sums, 0);\n"
                            "  __shared__ gkt_scalar fixed[64];\n"
                            "  sums[threadIdx.x] = fixed[threadIdx.x] = a.x[threadIdx.x];\n"
                            "  __syncthreads();\n"
                            "  a.y[threadIdx.x] = sums[63 - threadIdx.x] + fixed[63 - threadIdx.x];\n"
                            "}\n";
static gkt_context *ctx;
static char cache[64];

static int begin(void **state) {
  (void)state;
  strcpy(cache, "/tmp/gkt_t021_XXXXXX");
  return !mkdtemp(cache) || gkt_context_create(&(gkt_context_options){.cache_dir = cache}, &ctx);
}
static int end(void **state) {
  char command[128];
  (void)state;
  gkt_context_destroy(&ctx);
  snprintf(command, sizeof command, "rm -rf %s", cache);
  return system(command);
}
static int count_of(const gkt_cubin_kernel *kernel, gkt_code_kind kind) {
  int count = 0;
  for (int i = 0; i < kernel->num_instructions; i++) count += gkt_cubin_decode(kernel, 90, i).kind == kind;
  return count;
}

static void contraction_is_the_contexts(void **state) {
  const char *const parts[] = {fused, NULL};
  (void)state;
  if (!nvrtc_is_found()) skip();
  for (int separate = 0; separate < 2; separate++) {
    gkt_cubin_kernel *kernels;
    char *image;
    size_t bytes;
    int count, k = 0;
    ctx->options.separate_rounding = separate;
    assert_int_equal(gkt_device_image(ctx, gkt_driver_cuda(), 90, parts, &image, &bytes), GKT_OK);
    assert_int_equal(gkt_cubin_read(ctx, image, (gkt_size)bytes, &count, &kernels), GKT_OK);
    assert_int_equal(count, 2);
    while (strcmp(kernels[k].info.name, "fused") != 0) k++;
    assert_int_equal(count_of(&kernels[k], GKT_CODE_DFMA), !separate);
    assert_int_equal(count_of(&kernels[k], GKT_CODE_DMUL) + count_of(&kernels[k], GKT_CODE_DADD), 2 * separate);
    gkt_free(&kernels);
    gkt_free(&image);
  }
}

static void code_is_inspected(void **state) {
  gkt_kernel_info *infos;
  int count;
  (void)state;
  if (!nvrtc_is_found()) skip();
  assert_int_equal(gkt_device_inspect(ctx, fused, 80, &count, &infos), GKT_OK);
  assert_int_equal(count, 2);
  for (int k = 0; k < count; k++) {
    assert_in_range(infos[k].registers, 4, 40);
    assert_int_equal(infos[k].local_bytes, 0);
    if (strcmp(infos[k].name, "shared") == 0) assert_in_range(infos[k].shared_bytes, 512, 512 + 1024); /* the launch adds what is not fixed; some architectures keep 1 kB */
  }
  gkt_free(&infos);
}

/* 88 is of the family of 80; of 199 nothing is known, so its code is PTX of the newest. */
static void unknown_architectures_get_what_runs_there(void **state) {
  const char *const parts[] = {fused, NULL};
  char identity[256], *image;
  size_t bytes;
  (void)state;
  if (!nvrtc_is_found()) skip();
  assert_true(gkt_nvrtc_identify(80, true, sizeof identity, identity));
  assert_non_null(strstr(identity, "sm_80 --fmad=true"));
  assert_true(gkt_nvrtc_identify(91, false, sizeof identity, identity));
  assert_non_null(strstr(identity, "sm_90 --fmad=false"));
  assert_true(gkt_nvrtc_identify(999, false, sizeof identity, identity));
  assert_non_null(strstr(identity, "compute_"));
  assert_int_equal(gkt_device_image(ctx, gkt_driver_cuda(), 999, parts, &image, &bytes), GKT_OK);
  assert_non_null(strstr(image, ".visible .entry fused("));
  gkt_free(&image);
  assert_false(gkt_nvrtc_identify(20, true, sizeof identity, identity));
  assert_non_null(strstr(identity, "no architecture up to sm_20"));
}

static void what_is_refused_is_quoted(void **state) {
  (void)state;
  if (!nvrtc_is_found()) skip();
  assert_false(nvrtc_compiles(ctx, "GKT_KERNEL(32) bad() { undeclared = 1; }\n"));
  assert_non_null(strstr(gkt_context_message(ctx), "identifier \"undeclared\" is undefined"));
}

/* Its text, which speaks for itself where it is compiled. */
static void the_prelude_is_complete(void **state) {
  gkt_kernel_info *infos;
  int count;
  (void)state;
  if (!nvrtc_is_found()) skip();
  assert_int_equal(gkt_device_inspect(ctx,
                                      "struct a { gkt_idx i; gkt_size n; gkt_byte b; gkt_short s; gkt_offset o; };\n"
                                      "GKT_FUNCTION gkt_scalar add(const gkt_scalar *GKT_RESTRICT x, gkt_shared<gkt_scalar> y) { return x[0] + y[0]; }\n"
                                      "GKT_KERNEL(32) k(const a GKT_BY_VALUE p) { GKT_SHARED_MEMORY GKT_SHARED(gkt_scalar, z, 16);\n"
                                      "  GKT_UNROLL for (int i = 0; i < 4; i++) z[i] = __shfl_sync(0xffffffff, (gkt_scalar)p.i, i);\n"
                                      "  __syncwarp(); z[8] = add(&z[0], z); }\n",
                                      90, &count, &infos),
                   GKT_OK);
  assert_string_equal(infos[0].name, "k");
  gkt_free(&infos);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(contraction_is_the_contexts), TEST(code_is_inspected), TEST(unknown_architectures_get_what_runs_there), TEST(what_is_refused_is_quoted),
                                     TEST(the_prelude_is_complete)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
