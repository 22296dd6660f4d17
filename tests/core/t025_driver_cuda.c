/* Claim: CUDA's driver keeps the rules of the runtime library's manual: it acts on its own device and stream whatever is current, waits where host memory may be read late, asks
   for shared memory above 48 kB, trims its pool before it gives up, whatever it is that lacks memory, unloads no code that is running, leaves no error
   behind, and gives back all it took. By a stand-in for the library: that a GPU does the same, it
   can not show. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/device_inside.h"
#include "tests/runtime_standin.h"

typedef struct {
  double *x;
  gkt_size n;
  double factor;
} scale_arguments;
static void scale(unsigned blocks, unsigned threads, void *argument) {
  const scale_arguments *a = argument;
  for (gkt_size i = 0; i < (gkt_size)blocks * threads && i < a->n; i++) a->x[i] *= a->factor;
}
static const standin_kernel kernels[] = {{"scale", scale}, {NULL, NULL}};
static bool identify(int architecture, bool contract, size_t size, char *out) { return (void)architecture, (void)contract, snprintf(out, size, "stand-in"), true; }
static int compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error) {
  (void)architecture, (void)contract, (void)size, (void)error;
  return *bytes = strlen(source) + 1, *image = strdup(source), 0;
}

static gkt_context *ctx;
static gkt_driver driver;
static gkt_device *device;
static gkt_device_module *module;
static char cache[64];

static void reset(void) {
  memset(&cuda, 0, sizeof cuda);
  cuda.driver_version = 99000, cuda.num_devices = 2, cuda.home = 1, cuda.major = 9, cuda.pools_supported = 1, cuda.kernels = kernels, cuda.free_bytes = 1000000;
  cuda.argument_bytes = sizeof(scale_arguments);
}
static int begin(void **state) {
  (void)state;
  reset();
  strcpy(cache, "/tmp/gkt_t025_XXXXXX");
  driver = *gkt_driver_cuda();
  driver.identify = identify, driver.compile = compile;
  if (!mkdtemp(cache) || gkt_context_create(&(gkt_context_options){.cache_dir = cache}, &ctx)) return 1;
  return gkt_device_open_with(ctx, &driver, 1, &device) || gkt_device_compile(device, "scale", &module);
}
static int end(void **state) {
  char command[128];
  (void)state;
  gkt_device_module_destroy(&module);
  gkt_context_destroy(&ctx);
  snprintf(command, sizeof command, "rm -rf %s", cache);
  const int alive = cuda.streams | cuda.events | cuda.all_pools | cuda.arrays | cuda.libraries | cuda.graphs | cuda.executables;
  return system(command) || alive || cuda.wrong_device || cuda.unloaded_too_early || cuda.last != cudaSuccess;
}
static gkt_status launch(gkt_scalars x, double factor, gkt_size shared) {
  scale_arguments a = {x.at, x.count, factor};
  return gkt_device_launch(device, module, &(gkt_launch){"scale", 1, 64, shared}, &a, sizeof a);
}

static void work_goes_to_its_device_in_order(void **state) {
  double host[4] = {1, 2, 3, 4}, back[4], seconds;
  gkt_scalars x, y;
  (void)state;
  assert_string_equal(gkt_device_get_info(device)->name, "stand-in 1");
  assert_int_equal(gkt_device_get_info(device)->architecture, 90);
  cuda.current = 0; /* as another library left it */
  assert_int_equal(gkt_device_send(device, host, 4, 8, "x", &x), GKT_OK);
  host[0] = 100; /* not pinned: was copied before */
  cuda.current = 0;
  assert_int_equal(launch(x, 2, 0), GKT_OK);
  assert_int_equal(cuda.synchronizations, 0); /* nothing waited */
  assert_int_equal(gkt_device_alloc(device, 4, 8, "y", &y), GKT_OK);
  assert_int_equal(gkt_device_copy(device, x.at, y.at, 32), GKT_OK);
  assert_int_equal(gkt_device_fill(device, x.at, 0, 16), GKT_OK);
  assert_int_equal(gkt_device_download(device, x.at, back, 32), GKT_OK);
  assert_true(back[0] == 0 && back[1] == 0 && back[2] == 6 && back[3] == 8);
  assert_int_equal(gkt_device_start_timer(device), GKT_OK);
  assert_int_equal(gkt_device_stop_timer(device, &seconds), GKT_OK);
  assert_true(seconds == 0.25);
  assert_int_equal(gkt_device_download(device, y.at, back, 32), GKT_OK);
  assert_true(back[0] == 2 && back[3] == 8);
  gkt_device_free(device, &x);
  assert_int_equal(cuda.arrays, 1);
  assert_ptr_equal(gkt_device_stream(device), &cuda.stream);
}

static void pinned_memory_may_change_after_an_upload(void **state) {
  double host = 5, back;
  gkt_scalars x;
  (void)state;
  cuda.pinned = (const char *)&host, cuda.pinned_bytes = sizeof host;
  assert_int_equal(gkt_device_send(device, &host, 1, 8, "x", &x), GKT_OK);
  host = 6;
  cuda.pinned = NULL;
  assert_int_equal(gkt_device_download(device, x.at, &back, 8), GKT_OK);
  assert_true(back == 5);
}

static void memory_is_trimmed_before_it_is_exhausted(void **state) {
  gkt_scalars x = {0};
  (void)state;
  cuda.free_bytes = 500, cuda.trimmed_bytes = 1000;
  assert_int_equal(gkt_device_alloc(device, 100, 8, "x", &x), GKT_OK);
  assert_int_equal(cuda.trims, 1);
  gkt_device_free(device, &x);
  assert_int_equal(gkt_device_alloc(device, 1000000, 8, "y", &x), GKT_NO_MEMORY);
  assert_non_null(strstr(gkt_context_message(ctx), "out of memory on stand-in 1: y: 8.0 MB"));
  gkt_context_clear(ctx);
  assert_int_equal(gkt_device_alloc(device, 10, 8, "z", &x), GKT_OK);
}

static void begin_shortage(size_t comes_back) { cuda.beside = 600, cuda.free_bytes = 500, cuda.trimmed_bytes = comes_back, cuda.trims = 0; }
static void expect_shortage(const char *of) {
  char message[128];
  snprintf(message, sizeof message, "stand-in 1: %s", of);
  if (!strstr(gkt_context_message(ctx), message) || !strstr(gkt_context_message(ctx), "failed: out of memory")) fail_msg("%s: %s", of, gkt_context_message(ctx));
  assert_int_equal(cuda.trims, 1);
  assert_int_equal(cuda.last, cudaSuccess);
  gkt_context_clear(ctx);
}

/* What takes memory beside the pool has what the pool keeps; where that is not enough nothing sticks, but for a launch, which is then missing. */
static void code_graphs_and_launches_get_what_the_pool_keeps(void **state) {
  gkt_device_module *more = NULL;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_alloc(device, 10, 8, "x", &x), GKT_OK);
  begin_shortage(0);
  assert_int_equal(gkt_device_compile(device, "scale", &more), GKT_NO_MEMORY);
  expect_shortage("loading kernels");
  begin_shortage(1000);
  assert_int_equal(gkt_device_compile(device, "scale", &more), GKT_OK);
  assert_int_equal(cuda.trims, 1);
  gkt_device_module_destroy(&more);
  assert_int_equal(launch(x, 1, 0), GKT_OK); /* its kernel is found */
  begin_shortage(1000);
  assert_int_equal(launch(x, 2, 0), GKT_OK);
  assert_int_equal(cuda.trims, 1);
  assert_int_equal(gkt_device_trim(device), GKT_OK);
  assert_int_equal(cuda.trims, 2);
  begin_shortage(0);
  assert_int_equal(launch(x, 2, 0), GKT_NO_MEMORY);
  expect_shortage("the launch of scale");
  cuda.beside = 0;
  assert_int_equal(launch(x, 2, 0), GKT_NO_MEMORY); /* one is missing */
  gkt_device_free(device, &x);
}

/* A graph is empty here: its launches would lack memory first. */
static gkt_status nothing(void *user) { return (void)user, GKT_OK; }
static void graphs_get_what_the_pool_keeps(void **state) {
  gkt_recording *r = NULL;
  (void)state;
  begin_shortage(0);
  assert_int_equal(gkt_device_record(device, nothing, NULL, &r), GKT_NO_MEMORY);
  expect_shortage("recording up to the launch of ");
  begin_shortage(1000);
  assert_int_equal(gkt_device_record(device, nothing, NULL, &r), GKT_OK);
  assert_int_equal(cuda.trims, 1);
  gkt_recording_destroy(&r);
}

static void code_that_runs_stays(void **state) {
  double one = 1, back;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_send(device, &one, 1, 8, "x", &x), GKT_OK);
  assert_int_equal(launch(x, 2, 0), GKT_OK);
  cuda.current = 0;
  gkt_device_module_destroy(&module);
  assert_false(cuda.unloaded_too_early);
  assert_int_equal(gkt_device_download(device, x.at, &back, 8), GKT_OK);
  assert_true(back == 2);
}

/* Another library launches. */
static void libraries_are_entered(void **state) {
  const gkt_size before = gkt_device_count_all(device).launches;
  (void)state;
  cuda.current = 0;
  assert_int_equal(gkt_device_enter(device), GKT_OK);
  assert_int_equal(cuda.current, 1);
  assert_int_equal(gkt_device_note_launch(device, "a product"), GKT_OK);
  assert_int_equal(gkt_device_count_all(device).launches, before + 1);
}

static void much_shared_memory_is_asked_for(void **state) {
  double one = 1;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_send(device, &one, 1, 8, "x", &x), GKT_OK);
  assert_int_equal(launch(x, 2, 40000), GKT_OK);
  assert_int_equal(cuda.asked_shared, 0);
  assert_int_equal(launch(x, 2, 100000), GKT_OK);
  assert_int_equal(cuda.asked_shared, 100000);
  assert_int_equal(cuda.preferred_percent, 0); /* nothing is wished for by a launch */
  const gkt_launch l = {"scale", 1, 64, 110000};
  assert_int_equal(gkt_device_prefer_shared(device, module, &l, 2), GKT_OK);
  assert_int_equal(cuda.asked_shared, 110000);
  assert_int_equal(cuda.preferred_percent, 96); /* 2 * 111024 of 233472, rounded up */
  assert_int_equal(gkt_device_prefer_shared(device, module, &l, 4), GKT_OK);
  assert_int_equal(cuda.preferred_percent, 100); /* there is no more */
}

static gkt_status body(void *user) {
  const gkt_scalars *x = user;
  GKT_TRY(launch(*x, 2, 0));
  return launch(*x, 3, 0);
}
static gkt_status bad_body(void *user) {
  GKT_TRY(body(user));
  return gkt_device_wait(device);
}
static void sequences_are_captured(void **state) {
  double one = 1, back;
  gkt_recording *r = NULL;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_send(device, &one, 1, 8, "x", &x), GKT_OK);
  assert_int_equal(gkt_device_record(device, bad_body, &x, &r), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_device_record(device, body, &x, &r), GKT_OK);
  for (int i = 0; i < 2; i++) assert_int_equal(gkt_device_replay(device, r), GKT_OK);
  assert_int_equal(gkt_device_download(device, x.at, &back, 8), GKT_OK);
  assert_true(back == 36);
  gkt_recording_destroy(&r);
}

/* An error of a launch that is found by the next call that waits: everything fails from there, and all is given back. */
static void a_device_may_break(void **state) {
  double one = 1, back = 7;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_send(device, &one, 1, 8, "x", &x), GKT_OK);
  assert_int_equal(launch(x, 2, 0), GKT_OK);
  cuda.broken = cudaErrorLaunchFailure;
  void *lost = x.at; /* a broken device releases nothing by name */
  assert_int_equal(gkt_device_download(device, x.at, &back, 8), GKT_LIBRARY);
  assert_non_null(strstr(gkt_context_message(ctx), "or what was launched up to scale failed: unspecified launch failure"));
  assert_true(back == 7);
  gkt_device_free(device, &x);
  gkt_device_module_destroy(&module);
  gkt_context_destroy(&ctx);
  assert_int_equal(cuda.streams + cuda.events + cuda.all_pools + cuda.libraries, 0);
  cuda.broken = cudaSuccess, cuda.arrays = 0;
  free(lost);
}

static void devices_without_pools_work(void **state) {
  gkt_scalars x;
  (void)state;
  assert_int_equal(end(state), 0);
  reset();
  cuda.pools_supported = 0;
  driver.identify = identify;
  strcpy(cache, "/tmp/gkt_t025_XXXXXX");
  assert_non_null(mkdtemp(cache));
  assert_int_equal(gkt_context_create(&(gkt_context_options){.cache_dir = cache}, &ctx), GKT_OK);
  assert_int_equal(gkt_device_open_with(ctx, &driver, 1, &device), GKT_OK);
  assert_int_equal(cuda.all_pools, 0);
  assert_int_equal(gkt_device_alloc(device, 10, 8, "x", &x), GKT_OK);
  gkt_device_free(device, &x);
  assert_int_equal(cuda.arrays, 0);
}

static char logged[256];
static void keep_line(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(logged, sizeof logged, "%s", message);
}

/* GKT_DEVICE=1 is the second one; the third is not there. */
static void the_environment_names_the_device(void **state) {
  (void)state;
  for (int number = 1; number < 3; number++) {
    reset();
    setenv("GKT_DEVICE", number == 1 ? "1" : "2", 1);
    assert_int_equal(gkt_context_create(&(gkt_context_options){.log = keep_line}, &ctx), GKT_OK);
    assert_int_equal(gkt_device_open(ctx, &device), number == 1 ? GKT_OK : GKT_UNAVAILABLE);
    if (number == 1) assert_string_equal(logged, "device 1: stand-in 1, sm_90, 0.0 of 1.1 GB of memory are free");
    else assert_string_equal(gkt_context_message(ctx), "no GPU can be used: there is no GPU 2: there are 2, counted from 0; the backends cpu and interpreter need none");
    gkt_context_destroy(&ctx);
    assert_false(cuda.wrong_device || cuda.streams);
  }
  assert_int_equal(gkt_device_count(), 2);
  unsetenv("GKT_DEVICE");
}

static void what_is_not_usable_is_said(void **state) {
  gkt_device_info info;
  const gkt_driver *real = gkt_driver_cuda();
  const struct {
    int driver, devices, number, major, minor;
    cudaError_t broken;
    const char *why;
  } cases[] = {{0, 0, 0, 9, 0, cudaSuccess, "no driver of NVIDIA is found (libcuda.so.1); install one"},
               {9020, 1, 0, 9, 0, cudaSuccess, "the driver of NVIDIA supports CUDA 9.2, and this build needs"},
               {99000, 0, 0, 9, 0, cudaSuccess, "finds no GPU (CUDA_VISIBLE_DEVICES may hide it)"},
               {99000, 2, 2, 9, 0, cudaSuccess, "there is no GPU 2: there are 2, counted from 0"},
               {99000, 2, 1, 7, 5, cudaSuccess, "stand-in 1 is of architecture sm_75; sm_80 or newer is needed"},
               {99000, 2, 1, 9, 0, cudaErrorLaunchFailure, "the driver of NVIDIA failed: unspecified launch failure"},
               {99000, 2, 1, 8, 0, cudaSuccess, NULL}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    reset();
    cuda.driver_version = cases[i].driver, cuda.num_devices = cases[i].devices, cuda.major = cases[i].major, cuda.minor = cases[i].minor, cuda.broken = cases[i].broken;
    real->describe(cases[i].number, &info);
    assert_int_equal(info.usable, cases[i].why == NULL);
    if (cases[i].why && !strstr(info.why, cases[i].why)) fail_msg("\"%s\"", info.why);
    assert_int_equal(cuda.last, cudaSuccess);
    assert_in_set(cuda.current, ((const unsigned long[]){0, (unsigned long)cases[i].number}), 2); /* no other is touched */
  }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(work_goes_to_its_device_in_order),
                                     TEST(pinned_memory_may_change_after_an_upload),
                                     TEST(memory_is_trimmed_before_it_is_exhausted),
                                     TEST(code_graphs_and_launches_get_what_the_pool_keeps),
                                     TEST(graphs_get_what_the_pool_keeps),
                                     TEST(code_that_runs_stays),
                                     TEST(libraries_are_entered),
                                     TEST(much_shared_memory_is_asked_for),
                                     TEST(sequences_are_captured),
                                     TEST(a_device_may_break),
                                     TEST(devices_without_pools_work),
                                     cmocka_unit_test(the_environment_names_the_device),
                                     cmocka_unit_test(what_is_not_usable_is_said)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
