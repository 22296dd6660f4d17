/* Claim: what a GPU would leave undefined is an error of the launch on the emulated device, which names the kernel, the block, threads and byte, in whatever order threads run:
   races in shared memory, reads of what nobody wrote, places outside, barriers that not all threads reach, shuffles from lanes that are not there. The repaired twin of each
   passes. */
#include "tests/emulated_device.h"

typedef struct {
  const char *wrong, *right; /* what stands in the kernel */
  const char *message[3];    /* parts of it, the last may be NULL */
} row;
#define FILL "s[t] = t; __syncthreads(); "
#define NEXT "a.y[t] = s[(t + 1) % 64];"

/* A block of 64 threads; t: the thread, s: 64 shared numbers, b: the same bytes as gkt_byte, a.y: 64 numbers on the device. */
static const row rows[] = {
    {FILL "s[t] = 2 * t; " NEXT, FILL "s[t] = 2 * t; __syncthreads(); " NEXT, {"shared byte", "without a barrier between them"}},
    {FILL NEXT " s[t] = 0;", FILL NEXT " __syncthreads(); s[t] = 0;", {"shared byte", "without a barrier between them"}},
    {"s[t / 2] = t;", "if (t % 2) s[t / 2] = t;", {"threads", "write shared byte", "without a barrier between them"}},
    {FILL "if (t < 32) { s[t] = 0; __shfl_sync(~0u, t, 0); a.y[t] = s[31 - t]; }", FILL "if (t < 32) { s[t] = 0; __syncwarp(); a.y[t] = s[31 - t]; }", {"without a barrier"}},
    {FILL "s[t] = 0; __syncwarp(); a.y[t] = s[63 - t];", FILL "s[t] = 0; __syncwarp(); a.y[t] = s[t ^ 31];", {"without a barrier between them"}},
    {FILL "if (t < 32) { s[t] = 0; __syncwarp(0xffff << t / 16 * 16); a.y[t] = s[31 - t]; }",
     FILL "if (t < 32) { s[t] = 0; __syncwarp(0xffff << t / 16 * 16); a.y[t] = s[t ^ 15]; }",
     {"without a barrier between them"}},
    {FILL "if (t == 40) b[17] = 1; a.y[t] = s[t];", FILL "if (t == 2) b[17] = 1; a.y[t] = s[t];", {"shared byte", "without a barrier"}},
    {FILL "b[t] = 1; a.y[t] = s[t];", FILL "b[8 * t + 7] = 0; a.y[t] = s[t];", {"shared byte", "without a barrier"}},
    {FILL "atomicAdd(&c[0], 1); if (t == 5) a.y[t] = c[0];", FILL "atomicAdd(&c[0], 1); __syncthreads(); if (t == 5) a.y[t] = c[0];", {"without a barrier between them"}},
    {FILL "if (t == 3) c[0] = 1; atomicAdd(&c[0], 1);", FILL "if (t == 3) c[0] = 1; __syncthreads(); atomicAdd(&c[0], 1);", {"shared byte 0"}},
    {"if (t < 63) s[t] = t; __syncthreads(); " NEXT, FILL NEXT, {"thread 62 reads shared byte 504, which nobody wrote"}},
    {"b[8 * t] = 1; __syncthreads(); " NEXT, "b[8 * t] = 1; __syncthreads(); a.y[t] = b[8 * (63 - t)];", {"reads shared byte", "which nobody wrote"}},
    {FILL "if (t == 9) s[64] = 1;", FILL "if (t == 9) s[63] = 1;", {"thread 9: shared byte 512 of 512"}},
    {FILL "if (t == 9) a.y[0] = s[-1];", FILL "if (t == 9) a.y[0] = s[1];", {"thread 9: shared byte -8 of 512"}},
    {"GKT_SHARED(gkt_scalar, odd, 4); if (t < 60) odd[t] = 1;", "GKT_SHARED(gkt_idx, odd, 4); if (t < 60) odd[t] = 1;", {"is no multiple of the 8 bytes"}},
    {"if (t < 50) __syncthreads();", "__syncthreads();", {"waits at the barrier of line", "which 14 of 64 threads do not reach"}},
    {"if (t == 7) return; __syncthreads();", "__syncthreads(); if (t == 7) return;", {"which 1 of 64 threads do not reach"}},
    {"if (t < 32) __syncthreads();\n else __syncthreads();", "__syncthreads();", {"threads", "are at different barriers, in lines"}},
    {"if (t % 2) __syncwarp(); __syncthreads();",
     "if (t % 2) __syncwarp(0xaaaaaaaa); __syncthreads();",
     {"thread 1 waits in line", "for lanes of mask 0xffffffff that do not come"}},
    {"if (t % 2) __shfl_sync(0xaaaaaaaa, t, 0);", "if (t % 2) __shfl_sync(0xaaaaaaaa, t, 1);", {"takes from lane 0, which is not there"}},
    {"if (t == 37) return; __shfl_sync(~0u, t, 5);", "if (t == 37) return; __shfl_sync(~0u, t, 6);", {"takes from lane 5, which is not there"}},
    {"if (t == 3) __ballot_sync(1, 1);", "if (t == 0) __ballot_sync(1, 1);", {"thread 3: line", "names lanes of mask 0x1, without its own"}},
    {"if (t < 32) { if (t < 16) __shfl_sync(~0u, t, 0); else __shfl_xor_sync(~0u, t, 1); }",
     "if (t < 32) { if (t < 16) __shfl_sync(~0u, t, 0); else __shfl_sync(~0u, t, 1); }",
     {"that do not come"}},
    {"if (t == 0) s[-(1ll << 60)] = 1;", "if (t == 0) s[0] = 1;", {"thread 0: shared byte"}},
};

typedef struct {
  gkt_scalar *y;
} arguments;

/* NULL: it ran; else the message. */
static const char *run(const char *body, char *text, size_t size) {
  gkt_context *ctx;
  gkt_device *device;
  gkt_device_module *m = NULL;
  gkt_scalars y;
  const char *message = NULL;
  snprintf(text, size,
           "typedef struct { gkt_scalar *y; } arguments;\nGKT_KERNEL(64) checked(const arguments GKT_BY_VALUE a) {\n  GKT_SHARED_MEMORY\n  GKT_SHARED(gkt_scalar, s, 0);\n"
           "  GKT_SHARED(gkt_byte, b, 0);\n  GKT_SHARED(int, c, 0);\n  const int t = threadIdx.x;\n  %s\n}\n",
           body);
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_device_open(ctx, &device), GKT_OK);
  assert_int_equal(gkt_device_alloc(device, 64, 8, "y", &y), GKT_OK);
  if (gkt_device_compile(device, text, &m)) fail_msg("%s", gkt_context_message(ctx));
  const arguments a = {y.at};
  if (gkt_device_launch(device, m, &(gkt_launch){"checked", 3, 64, 512}, &a, sizeof a) || gkt_device_wait(device)) {
    snprintf(text, size, "%s", gkt_context_message(ctx));
    message = text;
  }
  gkt_device_module_destroy(&m);
  gkt_context_destroy(&ctx);
  return message;
}

static void each_is_found_and_its_twin_passes(void **state) {
  static const char *const seeds[] = {NULL, "1", "2", "3", "4", "5"};
  char text[2048];
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t k = 0; k < sizeof seeds / sizeof *seeds; k++) {
      if (seeds[k]) setenv("GKT_EMULATED_SEED", seeds[k], 1);
      else unsetenv("GKT_EMULATED_SEED");
      const char *message = run(rows[i].wrong, text, sizeof text);
      if (!message) fail_msg("row %zu, seed %s: not found: %s", i, seeds[k] ? seeds[k] : "none", rows[i].wrong);
      for (int p = 0; p < 3 && rows[i].message[p]; p++)
        if (!strstr(message, rows[i].message[p])) fail_msg("row %zu, seed %s: \"%s\" is not in \"%s\"", i, seeds[k] ? seeds[k] : "none", rows[i].message[p], message);
      if (!strstr(message, "checked, block ")) fail_msg("row %zu: neither kernel nor block in \"%s\"", i, message);
      message = run(rows[i].right, text, sizeof text);
      if (message) fail_msg("row %zu, seed %s: the repaired kernel failed: %s", i, seeds[k] ? seeds[k] : "none", message);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_found_and_its_twin_passes)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
