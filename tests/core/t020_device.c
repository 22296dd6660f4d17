/* Claim: the device of a context is opened at first use and closed with it; memory, copies and launches are counted; what memory was wanted for is said; the first failure sticks,
   with the launch's name; recordings, timers and compiled images behave as device.h says. On a driver that is the host's memory. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/embed.h"
#include "tests/fake_driver.h"

GKT_EMBED(prelude, "core/device_prelude.cu");
static gkt_context *ctx;

typedef struct {
  gkt_scalar *x;
  gkt_size n;
  gkt_scalar factor;
} scale_arguments;
static void scale(gkt_size blocks, int threads, const void *arguments) {
  const scale_arguments *a = arguments;
  for (gkt_size i = 0; i < blocks * threads && i < a->n; i++) a->x[i] *= a->factor;
}
static const fake_entry kernels[] = {{"scale", scale}, {NULL, NULL}};
static gkt_driver driver; /* a copy, to be damaged */
static gkt_device *device;
static char cache[64];

static int begin(void **state) {
  (void)state;
  fake.kernels = kernels, fake.identity = "fake 1", fake.contract = false, driver = fake_driver;
  strcpy(cache, "/tmp/gkt_t020_XXXXXX");
  if (!mkdtemp(cache) || gkt_context_create(&(gkt_context_options){.poison = true, .cache_dir = cache}, &ctx)) return 1;
  return gkt_device_open_with(ctx, &driver, 0, &device) != GKT_OK;
}
static int end(void **state) {
  char command[128];
  (void)state;
  gkt_context_destroy(&ctx);
  snprintf(command, sizeof command, "rm -rf %s", cache);
  return system(command) || fake.devices || fake.arrays || fake.modules || fake.recordings || fake.free_bytes != 1000000;
}
static void assert_message(const char *part) {
  if (!strstr(gkt_context_message(ctx), part)) fail_msg("\"%s\" is not in \"%s\"", part, gkt_context_message(ctx));
}
static gkt_status launch_scale(const gkt_device_module *m, gkt_scalars x, gkt_scalar factor) {
  scale_arguments a = {x.at, x.count, factor};
  return gkt_device_launch(device, m, &(gkt_launch){"scale", gkt_blocks_for(x.count, 32), 32, 0}, &a, sizeof a);
}

static void it_is_the_contexts(void **state) {
  gkt_device *again;
  (void)state;
  assert_int_equal(gkt_device_open(ctx, &again), GKT_OK);
  assert_ptr_equal(again, device);
  assert_string_equal(gkt_device_kind(device), "fake");
  assert_int_equal(gkt_device_get_info(device)->architecture, 90);
  assert_int_equal(fake.devices, 1);
  assert_null(gkt_device_stream(device));
  gkt_context_retain(ctx); /* an object's */
  gkt_context *held = ctx;
  gkt_context_destroy(&held);
  assert_int_equal(fake.devices, 1);
}

static void memory_is_counted(void **state) {
  gkt_scalars x, y = {0};
  gkt_scalar host[100], back[100];
  (void)state;
  for (int i = 0; i < 100; i++) host[i] = i;
  assert_int_equal(gkt_device_alloc(device, 100, sizeof *x.at, "x", &x), GKT_OK);
  assert_int_equal(x.count, 100);
  assert_true(isnan(x.at[0]) && isnan(x.at[99])); /* poison */
  assert_int_equal(gkt_device_send(device, host, 100, sizeof *y.at, "y", &y), GKT_OK);
  gkt_device_counts c = gkt_device_count_all(device);
  assert_int_equal(c.bytes_held, 1600);
  assert_int_equal(c.bytes_up, 800);
  assert_int_equal(c.allocations, 2);
  gkt_device_free(device, &x);
  assert_null(x.at);
  assert_int_equal(x.count, 0);
  gkt_device_free(device, &x);
  assert_int_equal(gkt_device_count_all(device).bytes_held, 800);
  assert_int_equal(gkt_device_count_all(device).bytes_peak, 1600);
  gkt_device_reset_peak(device);
  assert_int_equal(gkt_device_count_all(device).bytes_peak, 800);
  assert_int_equal(gkt_device_alloc(device, 0, 8, "nothing", &x), GKT_OK);
  assert_null(x.at);
  assert_int_equal(gkt_device_alloc(device, 100, 8, "x", &x), GKT_OK);
  assert_int_equal(gkt_device_copy(device, y.at, x.at, 800), GKT_OK);
  assert_int_equal(gkt_device_fill(device, x.at, 0, 8), GKT_OK);
  assert_int_equal(gkt_device_download(device, x.at, back, 800), GKT_OK);
  host[0] = 0;
  assert_memory_equal(back, host, sizeof host);
  c = gkt_device_count_all(device);
  assert_int_equal(c.bytes_down, 800);
  assert_int_equal(c.downloads + 10 * c.uploads + 100 * c.waits, 111); /* what is left is released with the device */
}

static void what_memory_was_wanted_for_is_said(void **state) {
  gkt_scalars x = {0};
  (void)state;
  assert_int_equal(gkt_device_alloc(device, 10000, 8, "x", &x), GKT_OK);
  assert_int_equal(gkt_device_alloc(device, 200000, 8, "matrix values", &x), GKT_NO_MEMORY);
  assert_int_equal(x.count, 10000); /* as it was */
  assert_message("out of memory on fake device: matrix values: 1.6 MB (200000 x 8 bytes) were wanted, 0.9 of 2.0 MB are free, 0.1 MB are held");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_device_alloc(device, INT64_MAX, 8, "all", &x), GKT_NO_MEMORY);
  gkt_context_clear(ctx);
  gkt_device_free(device, &x);
  assert_int_equal(gkt_device_alloc(device, 100000, 8, "x", &x), GKT_OK); /* it does not stick */
}

static void launches_run_and_are_counted(void **state) {
  const gkt_scalar host[3] = {1, 2, 3};
  gkt_scalar back[3];
  gkt_device_module *m;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_compile(device, "scale", &m), GKT_OK);
  assert_int_equal(gkt_device_send(device, host, 3, 8, "x", &x), GKT_OK);
  assert_int_equal(launch_scale(m, x, 2), GKT_OK);
  assert_int_equal(launch_scale(m, (gkt_scalars){x.at, 0}, 7), GKT_OK); /* no blocks */
  assert_int_equal(launch_scale(m, x, 3), GKT_OK);
  assert_int_equal(gkt_device_wait(device), GKT_OK);
  assert_int_equal(gkt_device_download(device, x.at, back, 24), GKT_OK);
  assert_true(back[0] == 6 && back[1] == 12 && back[2] == 18);
  assert_int_equal(gkt_device_count_all(device).launches, 2);
  assert_int_equal(gkt_device_launch(device, m, &(gkt_launch){"scale", 1, 2048, 0}, &x, sizeof x), GKT_BAD_ARGUMENT);
  assert_message("launch of scale: 1 blocks of 2048 threads");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_device_launch(device, m, &(gkt_launch){"scale", 1, 32, 200000}, &x, sizeof x), GKT_BAD_ARGUMENT);
  assert_message("200000 bytes of shared memory; a block of fake device can have 100000");
  gkt_device_module_destroy(&m);
  assert_null(m);
}

static int fail_launch(void *d, void *k, gkt_size b, int t, gkt_size s, const void *a, size_t n) {
  return (void)d, (void)k, (void)b, (void)t, (void)s, (void)a, (void)n, FAKE_FAILED;
}
static int fail_wait(void *d) { return (void)d, FAKE_FAILED; }

static void the_first_failure_sticks(void **state) {
  gkt_device_module *m;
  gkt_scalars x;
  (void)state;
  assert_int_equal(gkt_device_compile(device, "scale", &m), GKT_OK);
  assert_int_equal(gkt_device_alloc(device, 3, 8, "x", &x), GKT_OK);
  driver.launch = fail_launch;
  assert_int_equal(launch_scale(m, x, 2), GKT_LIBRARY);
  assert_message("fake device: the launch of scale (1 blocks of 32 threads, 0 bytes of shared memory) failed: the fake driver failed");
  driver.launch = fake_launch_kernel;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_device_wait(device), GKT_LIBRARY);
  assert_message("the launch of scale");
  assert_int_equal(gkt_device_fill(device, x.at, 0, 24), GKT_LIBRARY);
  assert_int_equal(gkt_device_alloc(device, 3, 8, "y", &x), GKT_LIBRARY);
  gkt_device_free(device, &x);
  assert_int_equal(fake.arrays, 0);
  gkt_device_module_destroy(&m);
}

/* As launches are asynchronous: the wait finds it, and names the last; with GKT_SYNC=1 the launch itself. */
static void a_late_failure_names_the_launch(void **state) {
  gkt_device_module *m;
  gkt_scalars x;
  for (int synchronous = 0; synchronous < 2; synchronous++) {
    if (synchronous) setenv("GKT_SYNC", "1", 1);
    assert_int_equal(begin(state), 0);
    assert_int_equal(gkt_device_compile(device, "scale", &m), GKT_OK);
    assert_int_equal(gkt_device_alloc(device, 3, 8, "x", &x), GKT_OK);
    driver.wait = fail_wait;
    assert_int_equal(launch_scale(m, x, 2), synchronous ? GKT_LIBRARY : GKT_OK);
    assert_int_equal(gkt_device_wait(device), GKT_LIBRARY);
    assert_message(synchronous ? "the launch of scale failed" : "what was launched up to scale (GKT_SYNC=1 finds which) failed");
    gkt_device_module_destroy(&m);
    assert_int_equal(end(state), 0);
    unsetenv("GKT_SYNC");
  }
}

typedef struct {
  const gkt_device_module *module;
  gkt_scalars x, gone;
  int disobey;
} sequence;
static gkt_status body(void *user) {
  sequence *s = user;
  gkt_scalar host = 0;
  GKT_TRY(launch_scale(s->module, s->x, 2));
  if (s->disobey == 1) GKT_TRY(gkt_device_download(device, s->x.at, &host, 8));
  if (s->disobey == 3) gkt_device_free(device, &s->gone);
  if (s->disobey == 2) GKT_TRY(gkt_device_wait(device));
  return launch_scale(s->module, s->x, 5);
}

static void sequences_are_replayed(void **state) {
  const gkt_scalar one = 1;
  gkt_scalar back;
  gkt_recording *r = NULL;
  gkt_device_module *m;
  sequence s = {0};
  (void)state;
  assert_int_equal(gkt_device_compile(device, "scale", &m), GKT_OK);
  assert_int_equal(gkt_device_send(device, &one, 1, 8, "x", &s.x), GKT_OK);
  s.module = m;
  for (s.disobey = 1; s.disobey < 3; s.disobey++) {
    assert_int_equal(gkt_device_record(device, body, &s, &r), GKT_BAD_ARGUMENT);
    assert_message(s.disobey == 1 ? "a download while a sequence of launches is recorded" : "a wait while");
    gkt_context_clear(ctx);
    assert_null(r);
  }
  s.disobey = 3; /* which is allowed: it takes place afterwards */
  assert_int_equal(gkt_device_alloc(device, 1, 8, "gone", &s.gone), GKT_OK);
  const int arrays = fake.arrays;
  assert_int_equal(gkt_device_record(device, body, &s, &r), GKT_OK);
  assert_true(!s.gone.at && fake.arrays == arrays - 1 && !fake.released_while_recording && gkt_device_count_all(device).bytes_held == 8);
  gkt_recording_destroy(&r);
  s.disobey = 0;
  assert_int_equal(gkt_device_record(device, body, &s, &r), GKT_OK);
  assert_int_equal(gkt_device_count_all(device).launches, 0);
  assert_int_equal(gkt_device_replay(device, r), GKT_OK);
  assert_int_equal(gkt_device_replay(device, r), GKT_OK);
  assert_int_equal(gkt_device_count_all(device).launches, 4);
  assert_int_equal(gkt_device_download(device, s.x.at, &back, 8), GKT_OK);
  assert_true(back == 100);
  gkt_recording_destroy(&r);
  gkt_device_module_destroy(&m);
}

static void time_is_taken(void **state) {
  double seconds = 0;
  (void)state;
  assert_int_equal(gkt_device_start_timer(device), GKT_OK);
  assert_int_equal(gkt_device_stop_timer(device, &seconds), GKT_OK);
  assert_true(seconds == 0.5);
}

/* The image of the fake driver is the text that its compiler got. */
static void compiled_text_is_the_parts_without_inclusions(void **state) {
  const char *const parts[] = {"#include \"x.h\"\nstruct s { int a; };", "#include <math>\nkernel\n  #include \"y.h\"", NULL};
  gkt_device_module *m;
  char *image;
  size_t bytes;
  (void)state;
  assert_int_equal(gkt_device_compile_parts(device, parts, &m), GKT_OK);
  gkt_device_module_destroy(&m);
  assert_int_equal(gkt_device_image(ctx, &driver, 90, parts, &image, &bytes), GKT_OK);
  const char *expected = "fake prelude\n\nstruct s { int a; };\n#include <math>\nkernel\n\n";
  assert_int_equal(bytes, strlen(expected));
  assert_memory_equal(image, expected, bytes);
  gkt_free(&image);
}

/* What a machine has is described whatever it is: number 0 says why it is not usable; libraries say where they are, or where they were looked for. */
static void machines_are_described(void **state) {
  gkt_device_info info;
  gkt_library_info library;
  char why[256];
  (void)state;
  gkt_device_describe(0, &info);
  assert_true(info.usable == !info.why[0]);
  if (gkt_device_count() == 0) assert_false(info.usable);
  gkt_device_describe(1000, &info);
  assert_false(info.usable);
  assert_int_equal(gkt_library_count(), 3);
  for (int i = 0; i < gkt_library_count(); i++) {
    gkt_library_describe(i, &library);
    assert_true(library.name[0] && library.purpose[0] && library.path[0]);
    assert_int_equal(library.found, gkt_library_open(library.name, sizeof why, why) != NULL);
  }
  gkt_library_describe(3, &library);
  assert_false(library.found || !library.path[0]);
  assert_null(gkt_library_open("nothing", sizeof why, why));
  assert_string_equal(why, "nothing is in no table of libraries");
}

static void texts_are_embedded(void **state) {
  (void)state;
  assert_non_null(strstr(prelude, "#define GKT_KERNEL(threads)"));
  assert_int_equal(prelude[strlen(prelude) - 1], '\n');
}

/* Not made again: the same text. Made again: other text, another compiler, architecture or rounding. */
static void images_are_cached(void **state) {
  const char *const parts[] = {"a text", NULL}, *const other[] = {"another text", NULL};
  char *image;
  size_t bytes;
  (void)state;
  const struct {
    const char *const *parts;
    const char *identity;
    int architecture;
    bool separate;
    int compilations;
  } steps[] = {{parts, "fake 1", 90, false, 1}, {parts, "fake 1", 90, false, 1}, {other, "fake 1", 90, false, 2}, {parts, "fake 2", 90, false, 3},
               {parts, "fake 1", 80, false, 4}, {parts, "fake 1", 90, true, 5},  {parts, "fake 1", 90, false, 5}};
  fake.compilations = 0;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    fake.identity = steps[i].identity, ctx->options.separate_rounding = steps[i].separate;
    assert_int_equal(gkt_device_image(ctx, &driver, steps[i].architecture, steps[i].parts, &image, &bytes), GKT_OK);
    gkt_free(&image);
    assert_int_equal(fake.compilations, steps[i].compilations);
  }
  assert_false(fake.contract); /* of the last compilation */
}

static void a_compiler_that_refuses_is_quoted(void **state) {
  gkt_device_module *m = NULL;
  (void)state;
  assert_int_equal(gkt_device_compile(device, "nonsense", &m), GKT_LIBRARY);
  assert_message("line 4: error: nonsense");
  assert_null(strstr(gkt_context_message(ctx), "more"));
  gkt_context_clear(ctx);
  fake.identity = NULL;
  assert_int_equal(gkt_device_compile(device, "scale", &m), GKT_UNAVAILABLE);
  assert_message("the fake compiler is not there");
  gkt_context_clear(ctx);
  fake.identity = "fake 1";
  assert_int_equal(gkt_device_compile(device, "scale", &m), GKT_OK); /* it does not stick */
  gkt_device_module_destroy(&m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(it_is_the_contexts),
                                     TEST(memory_is_counted),
                                     TEST(what_memory_was_wanted_for_is_said),
                                     TEST(launches_run_and_are_counted),
                                     TEST(the_first_failure_sticks),
                                     cmocka_unit_test(a_late_failure_names_the_launch),
                                     TEST(sequences_are_replayed),
                                     TEST(time_is_taken),
                                     TEST(compiled_text_is_the_parts_without_inclusions),
                                     TEST(images_are_cached),
                                     cmocka_unit_test(machines_are_described),
                                     cmocka_unit_test(texts_are_embedded),
                                     TEST(a_compiler_that_refuses_is_quoted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
