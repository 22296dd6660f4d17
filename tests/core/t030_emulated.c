/* Claim: what the dialect of kernels offers works on the emulated device, in order and in random orders: indices, shared memory, barriers, shuffles, ballots, atomics on integers,
   functions of mathematics with the host's bits; copies, recordings, timers; memory is poisoned when new, and what does not fit is refused. */
#include <math.h>

#include "tests/emulated_device.h"

static gkt_context *ctx;
static gkt_device *device;
enum { N = 1000 };

static int setup(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(NULL, &ctx) || gkt_device_open(ctx, &device);
}
static int teardown(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

typedef struct {
  const gkt_scalar *x;
  gkt_scalar *y;
  gkt_idx *counts;
  gkt_size n;
  gkt_scalar factor;
} arguments;
#define ARGUMENTS "typedef struct { const gkt_scalar *x; gkt_scalar *y; gkt_idx *counts; gkt_size n; gkt_scalar factor; } arguments;\n"

static void run(const char *text, const char *kernel, gkt_size blocks, int threads, gkt_size shared, const arguments *a) {
  gkt_device_module *m;
  const char *const parts[] = {ARGUMENTS, text, NULL};
  if (gkt_device_compile_parts(device, parts, &m) || gkt_device_launch(device, m, &(gkt_launch){kernel, blocks, threads, shared}, a, sizeof *a) || gkt_device_wait(device))
    fail_msg("%s", gkt_context_message(ctx));
  gkt_device_module_destroy(&m);
}

/* x[i] = 1/(i+1) on the device, y and counts [N] */
static gkt_scalar x[N], y[N];
static gkt_idx counts[N];
static gkt_scalars dx, dy;
static gkt_indices dcounts;
static arguments send(void) {
  for (int i = 0; i < N; i++) x[i] = 1.0 / (i + 1), y[i] = -1, counts[i] = 0;
  assert_int_equal(gkt_device_send(device, x, N, sizeof *x, "x", &dx), GKT_OK);
  assert_int_equal(gkt_device_send(device, y, N, sizeof *y, "y", &dy), GKT_OK);
  assert_int_equal(gkt_device_send(device, counts, N, sizeof *counts, "counts", &dcounts), GKT_OK);
  return (arguments){dx.at, dy.at, dcounts.at, N, 3};
}
static void receive(void) {
  assert_int_equal(gkt_device_download(device, dy.at, y, sizeof y), GKT_OK);
  assert_int_equal(gkt_device_download(device, dcounts.at, counts, sizeof counts), GKT_OK);
  gkt_device_free(device, &dx);
  gkt_device_free(device, &dy);
  gkt_device_free(device, &dcounts);
}

static void it_says_what_it_is(void **state) {
  (void)state;
  assert_string_equal(gkt_device_kind(device), "emulated");
  assert_string_equal(gkt_device_get_info(device)->name, "emulated device");
  assert_int_equal(gkt_device_get_info(device)->architecture, 90);
  assert_int_equal(gkt_device_count(), 1);
  assert_null(gkt_device_stream(device));
}

static void threads_have_indices(void **state) {
  (void)state;
  arguments a = send();
  run("GKT_KERNEL(128) scale(const arguments GKT_BY_VALUE a) {\n"
      "  const gkt_size i = (gkt_size)blockIdx.x * blockDim.x + threadIdx.x;\n"
      "  if (i < a.n) a.y[i] = a.factor * __ldg(a.x + i), a.counts[i] = gridDim.x;\n"
      "}\n",
      "scale", gkt_blocks_for(N, 128), 128, 0, &a);
  receive();
  for (int i = 0; i < N; i++) assert_true(y[i] == 3 * x[i] && counts[i] == 8);
}

static void blocks_sum_in_shared_memory(void **state) { /* of 96 threads: warps by shuffles, the block by barriers */
  gkt_scalar expected[11];
  (void)state;
  arguments a = send();
  run("GKT_FUNCTION gkt_scalar add(gkt_shared<gkt_scalar> sums, int n) {\n"
      "  gkt_scalar s = 0;\n"
      "  for (int i = 0; i < n; i++) s += sums[i];\n"
      "  return s;\n"
      "}\n"
      "GKT_KERNEL(96) sum(const arguments GKT_BY_VALUE a) {\n"
      "  GKT_SHARED_MEMORY\n"
      "  GKT_SHARED(gkt_scalar, sums, 0);\n"
      "  GKT_SHARED(gkt_short, lanes, 24);\n"
      "  const gkt_size i = (gkt_size)blockIdx.x * 96 + threadIdx.x;\n"
      "  gkt_scalar v = i < a.n ? a.x[i] : 0.0;\n"
      "  for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(~0u, v, d);\n"
      "  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;\n"
      "  lanes[threadIdx.x] = threadIdx.x;\n"
      "  __syncthreads();\n"
      "  if (threadIdx.x == 0) a.y[blockIdx.x] = add(sums, 3);\n"
      "  if (threadIdx.x == 95) a.counts[blockIdx.x] = lanes[0] + lanes[94];\n"
      "}\n",
      "sum", 11, 96, 24 + 2 * 96, &a);
  receive();
  for (int b = 0; b < 11; b++) {
    gkt_scalar warp[3];
    for (int w = 0; w < 3; w++) {
      gkt_scalar lane[64] = {0};
      for (int l = 0; l < 32; l++) lane[l] = b * 96 + w * 32 + l < N ? x[b * 96 + w * 32 + l] : 0;
      for (int d = 16; d > 0; d /= 2)
        for (int l = 0; l < 32; l++) lane[l] += l + d < 32 ? lane[l + d] : lane[l]; /* in ascending order: lane l + d still has its old value */
      warp[w] = lane[0];
    }
    expected[b] = 0 + warp[0] + warp[1] + warp[2];
    assert_true(y[b] == expected[b]);
    assert_int_equal(counts[b], 94);
  }
}

static void lanes_exchange(void **state) {
  (void)state;
  arguments a = send();
  run("GKT_KERNEL(64) exchange(const arguments GKT_BY_VALUE a) {\n"
      "  const int t = threadIdx.x, l = t % 32;\n"
      "  int sum = 0;\n"
      "  sum += __shfl_sync(~0u, t, 5) * 1;\n"                            /* 5 or 37 */
      "  sum += __shfl_up_sync(~0u, t, 1) * 100;\n"                       /* t - 1, of lane 0 its own */
      "  sum += __shfl_xor_sync(~0u, t, 3) * 10000;\n"                    /* t ^ 3 */
      "  sum += (int)(__ballot_sync(~0u, l % 2) == 0xaaaaaaaau) << 20;\n" /* 1 */
      "  if (l < 8) sum += __shfl_down_sync(0xffu, t, 2, 4) << 21;\n"     /* within 4 lanes, of 8 */
      "  __syncwarp();\n"
      "  const long long wide = __shfl_sync(~0u, (long long)t << 40, 31) >> 40;\n"
      "  const float narrow = __shfl_sync(~0u, (float)t / 2, 0);\n"
      "  a.counts[t] = sum;\n"
      "  a.y[t] = wide + narrow;\n"
      "}\n",
      "exchange", 1, 64, 0, &a);
  receive();
  for (int t = 0; t < 64; t++) {
    int l = t % 32, w = t - l, four = l % 4 + 2 < 4 ? t + 2 : t;
    assert_int_equal(counts[t], w + 5 + 100 * (l ? t - 1 : t) + 10000 * (t ^ 3) + (1 << 20) + (l < 8 ? four << 21 : 0));
    assert_true(y[t] == w + 31 + w / 2);
  }
}

static void integers_are_added_by_all(void **state) {
  (void)state;
  arguments a = send();
  run("GKT_KERNEL(50) count(const arguments GKT_BY_VALUE a) {\n"
      "  GKT_SHARED_MEMORY\n"
      "  GKT_SHARED(int, most, 0);\n"
      "  if (threadIdx.x == 0) most[0] = -1;\n"
      "  __syncthreads();\n"
      "  atomicMax(&most[0], (int)threadIdx.x);\n"
      "  atomicAdd(a.counts, 1);\n"
      "  __syncthreads();\n"
      "  if (threadIdx.x == 7) atomicAdd(a.counts + 1, most[0]);\n"
      "}\n",
      "count", 20, 50, 16, &a);
  receive();
  assert_int_equal(counts[0], 1000);
  assert_int_equal(counts[1], 20 * 49);
}

static void functions_have_the_hosts_bits(void **state) {
  (void)state;
  arguments a = send();
  run("GKT_KERNEL(32) evaluate(const arguments GKT_BY_VALUE a) {\n"
      "  for (int i = threadIdx.x; i < a.n; i += blockDim.x) {\n"
      "    const gkt_scalar v = a.x[i];\n"
      "    a.y[i] = sin(v) + exp(-v) * pow(v, 0.3) - atan2(v, 2.0) + fma(v, v, erf(v)) * sqrt(v) + max(v, 0.5) / cosh(v) + fmin(log(v), tanh(v)) + fabs(-v);\n"
      "    a.counts[i] = isfinite(v) + min(i, 3) + __popc(i);\n"
      "  }\n"
      "}\n",
      "evaluate", 1, 32, 0, &a);
  receive();
  for (int i = 0; i < N; i++) {
    gkt_scalar v = x[i];
    gkt_scalar e = sin(v) + exp(-v) * pow(v, 0.3) - atan2(v, 2.0) + fma(v, v, erf(v)) * sqrt(v) + fmax(v, 0.5) / cosh(v) + fmin(log(v), tanh(v)) + fabs(-v);
    assert_true(y[i] == e);
    assert_int_equal(counts[i], 1 + (i < 3 ? i : 3) + __builtin_popcount((unsigned)i));
  }
}

static void new_memory_is_poisoned(void **state) {
  gkt_scalars v;
  gkt_scalar back[3];
  (void)state;
  assert_int_equal(gkt_device_alloc(device, 3, sizeof *v.at, "v", &v), GKT_OK);
  assert_int_equal(gkt_device_download(device, v.at, back, sizeof back), GKT_OK);
  for (int i = 0; i < 3; i++) assert_true(isnan(back[i]));
  assert_int_equal(gkt_device_fill(device, v.at, 0, sizeof back), GKT_OK);
  assert_int_equal(gkt_device_copy(device, v.at, v.at + 1, 8), GKT_OK);
  assert_int_equal(gkt_device_download(device, v.at, back, sizeof back), GKT_OK);
  for (int i = 0; i < 3; i++) assert_true(back[i] == 0);
  gkt_device_free(device, &v);
}

typedef struct {
  gkt_device_module *module;
  arguments a;
} sequence;
static gkt_status launch_twice(void *user) {
  sequence *s = user;
  for (int i = 0; i < 2; i++) GKT_TRY(gkt_device_launch(device, s->module, &(gkt_launch){"more", 1, 32, 0}, &s->a, sizeof s->a));
  s->a.factor = 1000; /* arguments are those of the recording */
  return GKT_OK;
}
static void sequences_are_replayed(void **state) {
  sequence s = {.a = send()};
  gkt_recording *recording;
  double seconds = -1;
  const char *const parts[] = {ARGUMENTS, "GKT_KERNEL(32) more(const arguments GKT_BY_VALUE a) { a.counts[threadIdx.x] += (int)a.factor; }\n", NULL};
  (void)state;
  assert_int_equal(gkt_device_compile_parts(device, parts, &s.module), GKT_OK);
  assert_int_equal(gkt_device_record(device, launch_twice, &s, &recording), GKT_OK);
  assert_int_equal(gkt_device_start_timer(device), GKT_OK);
  for (int i = 0; i < 5; i++) assert_int_equal(gkt_device_replay(device, recording), GKT_OK);
  assert_int_equal(gkt_device_stop_timer(device, &seconds), GKT_OK);
  assert_true(seconds > 0 && seconds < 10);
  gkt_recording_destroy(&recording);
  gkt_device_module_destroy(&s.module);
  receive();
  for (int i = 0; i < 32; i++) assert_int_equal(counts[i], 30);
}

static void memory_has_an_end(void **state) {
  gkt_bytes most;
  (void)state;
  setenv("GKT_EMULATED_MEMORY", "100000", 1);
  assert_int_equal(gkt_device_alloc(device, 100001, 1, "too much", &most), GKT_NO_MEMORY);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_device_alloc(device, 100000, 1, "most", &most), GKT_OK);
  gkt_device_free(device, &most);
  unsetenv("GKT_EMULATED_MEMORY");
}

static void text_is_refused_with_the_compilers_words(void **state) {
  gkt_device_module *m = NULL;
  (void)state;
  assert_int_equal(gkt_device_compile(device, "GKT_KERNEL(32) wrong(const int GKT_BY_VALUE a) {\n  atomicAdd((double *)0, 1.0);\n}\n", &m), GKT_LIBRARY);
  assert_non_null(strstr(gkt_context_message(ctx), "kernels:2:"));
  assert_null(m);
  gkt_context_clear(ctx);
}

static int in_order(void **state) { return (void)state, unsetenv("GKT_EMULATED_SEED"); }
static int seed_1(void **state) { return (void)state, setenv("GKT_EMULATED_SEED", "1", 1); }
static int seed_2(void **state) { return (void)state, setenv("GKT_EMULATED_SEED", "22", 1); }
#define ORDERS(test) \
  {#test ", in order", test, in_order, NULL, NULL}, {#test ", seed 1", test, seed_1, NULL, NULL}, { #test ", seed 22", test, seed_2, NULL, NULL }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_says_what_it_is),     ORDERS(threads_have_indices),
      ORDERS(blocks_sum_in_shared_memory),      ORDERS(lanes_exchange),
      ORDERS(integers_are_added_by_all),        ORDERS(functions_have_the_hosts_bits),
      cmocka_unit_test(new_memory_is_poisoned), ORDERS(sequences_are_replayed),
      cmocka_unit_test(memory_has_an_end),      cmocka_unit_test(text_is_refused_with_the_compilers_words),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
