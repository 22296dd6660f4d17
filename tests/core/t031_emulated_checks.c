/* Claim: what a GPU would leave undefined is an error of the launch on the emulated device, which names the kernel, the block, threads and byte, in whatever order threads run:
   races in shared and in global memory, reads of what nobody wrote, places outside, barriers that not all threads reach, shuffles from lanes that are not there. The repaired twin
   of each passes. */
#include "tests/emulated_device.h"

typedef struct {
  const char *wrong, *right; /* what stands in the kernel */
  const char *message[3];    /* parts of it, the last may be NULL */
} row;
#define FILL "s[t] = t; __syncthreads(); "
#define NEXT "a.y[t] = s[(t + 1) % 64];"

/* A block of 64 threads; t: the thread, s: 64 shared numbers, b: the same bytes as gkt_byte, a.y: 64 numbers on the device for each of three blocks. */
static const row rows[] = {
    {FILL "s[t] = 2 * t; " NEXT, FILL "s[t] = 2 * t; __syncthreads(); " NEXT, {"shared byte", "without a barrier between them"}},
    {FILL NEXT " s[t] = 0;", FILL NEXT " __syncthreads(); s[t] = 0;", {"shared byte", "without a barrier between them"}},
    {"s[t / 2] = t;", "if (t % 2) s[t / 2] = t;", {"writes shared byte", "writes too, without a barrier between them"}},
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

/* What needs GKT_EMULATED_GLOBAL=1: z: the 192 numbers of all blocks, zero; x: as many that nobody wrote; i: numbers of threads over all blocks. */
static const row global_rows[] = {
    {"z[t] = i;", "z[i] = i;", {"of an allocation of 1536 bytes, which another block writes too"}},
    {"z[i] = z[(i + 64) % 192];", "z[i] = z[i] + 1;", {"another block"}},
    {"z[i] = z[64 * blockIdx.x + (t + 1) % 64];", "gkt_scalar v = z[64 * blockIdx.x + (t + 1) % 64]; __syncthreads(); z[i] = v;", {"without a barrier between them"}},
    {"a.y[t] = z[5]; if (i == 191) z[5] = 1;", "a.y[t] = z[5]; if (i == 191) z[6] = 1;", {"which"}},
    {"((gkt_short *)z)[i / 2] = 1;", "((gkt_short *)z)[i] = 1;", {"writes byte", "writes too"}},
    {"((gkt_byte *)z)[9] = i;", "if (i == 3) ((gkt_byte *)z)[9] = i;", {"writes byte 9 of an allocation of 1536 bytes, which"}},
    {"atomicAdd((int *)z, 1); if (i == 7) z[3] = ((int *)z)[0];", "atomicAdd((int *)z, 1); if (i == 7) z[3] = ((int *)z)[2];", {"byte 0 of an allocation"}},
    {"a.y[t] = x[t];", "x[i] = t; a.y[t] = x[i];", {"reads byte", "of an allocation of 1536 bytes, which nobody wrote"}},
    {"gkt_scalar v[4] = {1, 2, 3, 4}; a.y[t] = v[t % 4] + *(const gkt_scalar *)a.host;", "gkt_scalar v[4] = {1, 2, 3, 4}; a.y[t] = v[t % 4];", {"is an address of the host"}},
    {"a.y[t] = *(gkt_scalar *)((char *)z + 4);", "a.y[t] = *(gkt_scalar *)((char *)z + 8);", {"byte 4 of an allocation of 1536 bytes is no multiple of the 8 bytes"}},
};

typedef struct {
  gkt_scalar *all, *z, *x;
  const gkt_scalar *host;
} arguments;

/* NULL: it ran; else the message. */
static const char *run(const char *body, char *text, size_t size) {
  gkt_context *ctx;
  gkt_device *device;
  gkt_device_module *m = NULL;
  gkt_scalars y, z, x;
  const gkt_scalar host = 0;
  const char *message = NULL;
  snprintf(text, size,
           "typedef struct { gkt_scalar *all, *z, *x; const gkt_scalar *host; } arguments;\ntypedef struct { gkt_scalar *y; const gkt_scalar *host; } block_arguments;\n"
           "GKT_KERNEL(64) checked(const arguments GKT_BY_VALUE given) {\n  GKT_SHARED_MEMORY\n  GKT_SHARED(gkt_scalar, s, 0);\n  GKT_SHARED(gkt_byte, b, 0);\n"
           "  GKT_SHARED(int, c, 0);\n  const int t = threadIdx.x, i = blockIdx.x * 64 + t;\n  const block_arguments a = {given.all + blockIdx.x * 64, given.host};\n"
           "  gkt_scalar *const z = given.z, *const x = given.x;\n  %s\n}\n",
           body);
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_device_open(ctx, &device), GKT_OK);
  assert_int_equal(gkt_device_alloc(device, 192, 8, "y", &y), GKT_OK);
  assert_int_equal(gkt_device_alloc(device, 192, 8, "z", &z), GKT_OK);
  assert_int_equal(gkt_device_alloc(device, 192, 8, "x", &x), GKT_OK);
  assert_int_equal(gkt_device_fill(device, z.at, 0, 192 * 8), GKT_OK);
  if (gkt_device_compile(device, text, &m)) fail_msg("%s", gkt_context_message(ctx));
  const arguments a = {y.at, z.at, x.at, &host};
  if (gkt_device_launch(device, m, &(gkt_launch){"checked", 3, 64, 512}, &a, sizeof a) || gkt_device_wait(device)) {
    snprintf(text, size, "%s", gkt_context_message(ctx));
    message = text;
  }
  gkt_device_module_destroy(&m);
  gkt_context_destroy(&ctx);
  return message;
}

static void check(const row *r, const char *seed) {
  char text[2048];
  const char *message = run(r->wrong, text, sizeof text);
  if (!message) fail_msg("seed %s: not found: %s", seed, r->wrong);
  for (int p = 0; p < 3 && r->message[p]; p++)
    if (!strstr(message, r->message[p])) fail_msg("%s, seed %s: \"%s\" is not in \"%s\"", r->wrong, seed, r->message[p], message);
  if (!strstr(message, "checked, block ")) fail_msg("%s: neither kernel nor block in \"%s\"", r->wrong, message);
  message = run(r->right, text, sizeof text);
  if (message) fail_msg("%s, seed %s: %s", r->right, seed, message);
}

static void check_all(const row *all, size_t count) {
  static const char *const seeds[] = {"1", "2", "3", "4", "5"};
  for (size_t i = 0; i < count; i++) {
    unsetenv("GKT_EMULATED_SEED");
    check(&all[i], "none");
    for (size_t k = 0; k < sizeof seeds / sizeof *seeds; k++) {
      setenv("GKT_EMULATED_SEED", seeds[k], 1);
      check(&all[i], seeds[k]);
    }
  }
}

static void each_is_found_and_its_twin_passes(void **state) {
  (void)state;
  check_all(rows, sizeof rows / sizeof *rows);
}

static void in_global_memory_too(void **state) {
  (void)state;
#ifdef __SANITIZE_ADDRESS__ /* which does not go with it */
  skip();
#endif
  setenv("GKT_EMULATED_GLOBAL", "1", 1);
  check_all(global_rows, sizeof global_rows / sizeof *global_rows);
  check_all(rows, sizeof rows / sizeof *rows);
}

/* Blocks that add to one number in turn: exact, but not what a GPU would do. */
static void what_depends_on_the_order_is_found(void **state) {
  char text[2048];
  const row r = {"if (t == 0) { int n = atomicAdd((int *)z, 1); z[1 + n] = i; }", "if (t == 0) { atomicAdd((int *)z, 1); z[1 + blockIdx.x] = i; }", {NULL}};
  (void)state;
  unsetenv("GKT_EMULATED_GLOBAL");
  unsetenv("GKT_EMULATED_SEED");
  assert_null(run(r.wrong, text, sizeof text));
  setenv("GKT_EMULATED_ORDERS", "2", 1);
  const char *message = run(r.wrong, text, sizeof text);
  if (!message || !strstr(message, "checked: byte") || !strstr(message, "of an allocation of 1536 bytes depends on the order of blocks and threads"))
    fail_msg("%s", message ? message : "not found");
  message = run(r.right, text, sizeof text);
  if (message) fail_msg("%s", message);
  unsetenv("GKT_EMULATED_ORDERS");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_found_and_its_twin_passes), cmocka_unit_test(in_global_memory_too),
                                     cmocka_unit_test(what_depends_on_the_order_is_found)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
