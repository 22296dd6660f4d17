/* Claim: memory of the emulated device is apart: host code that reads or writes it crashes, before and after launches; a kernel that leaves an allocation, touches freed memory or
   faults otherwise ends its launch with an error that names kernel, block, thread and address, and the program goes on. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/emulated_device.h"

typedef struct {
  gkt_scalar *y, *other;
  gkt_size at;
} arguments;
static const char text[] =
    "typedef struct { gkt_scalar *y, *other; gkt_size at; } arguments;\n"
    "GKT_KERNEL(32) put(const arguments GKT_BY_VALUE a) { if (blockIdx.x == 1 && threadIdx.x == 5) a.y[a.at] = 2; }\n"
    "GKT_KERNEL(32) get(const arguments GKT_BY_VALUE a) { if (blockIdx.x == 1 && threadIdx.x == 5) a.y[0] = a.y[a.at]; }\n"
    "GKT_KERNEL(32) follow(const arguments GKT_BY_VALUE a) { if (blockIdx.x == 1 && threadIdx.x == 5) a.y[1] = **(double *const *)a.other; }\n"
    "GKT_KERNEL(32) divide(const arguments GKT_BY_VALUE a) { a.y[0] = 7 / (int)a.at; }\n"
    "static int __attribute__((noinline)) deeper(volatile int *n) { volatile int large[2000]; large[0] = *n; if (*n == -1) return 0; return deeper(large) + large[0]; }\n"
    "GKT_KERNEL(32) overflow(const arguments GKT_BY_VALUE a) { volatile int n = 0; a.y[0] = deeper(&n); }\n";
static gkt_context *ctx;
static gkt_device *device;
static gkt_device_module *module;
static gkt_scalars y; /* [100], zero */

static int setup(void **state) {
  (void)state;
  if (gkt_context_create(NULL, &ctx) || gkt_device_open(ctx, &device) || gkt_device_compile(device, text, &module)) return 1;
  return gkt_device_alloc(device, 99, 8, "y", &y) || gkt_device_fill(device, y.at, 0, 99 * 8);
}
static int teardown(void **state) {
  (void)state;
  gkt_device_module_destroy(&module);
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_status launch(const char *kernel, arguments a) {
  GKT_TRY(gkt_device_launch(device, module, &(gkt_launch){kernel, 2, 32, 0}, &a, sizeof a));
  return gkt_device_wait(device);
}
static void assert_error(const char *kernel, arguments a, const char *const *parts) {
  assert_int_equal(launch(kernel, a), GKT_LIBRARY);
  for (; *parts; parts++)
    if (!strstr(gkt_context_message(ctx), *parts)) fail_msg("\"%s\" is not in \"%s\"", *parts, gkt_context_message(ctx));
}
#define ASSERT_ERROR(kernel, a, ...) assert_error(kernel, a, (const char *const[]){__VA_ARGS__, NULL})

/* The signal that a child dies of when it touches an address; 0: it lives. */
static int signal_of(volatile gkt_scalar *at, bool write) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    if (write) *at = 1;
    else (void)*at;
    _exit(0);
  }
  assert_true(child > 0 && waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
static void the_host_can_not_touch_it(void **state) {
  gkt_scalar own = 1;
  (void)state;
  assert_int_equal(signal_of(&own, true), 0);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(signal_of(y.at, false), SIGSEGV);
    assert_int_equal(signal_of(y.at + 98, true), SIGSEGV);
    assert_int_equal(launch("put", (arguments){y.at, NULL, 3}), GKT_OK);
  }
}

static void kernels_stay_inside(void **state) {
  gkt_scalar back[99];
  (void)state;
  assert_int_equal(launch("put", (arguments){y.at, NULL, 98}), GKT_OK);
  assert_int_equal(gkt_device_download(device, y.at, back, sizeof back), GKT_OK);
  assert_true(back[98] == 2 && back[97] == 0);
  ASSERT_ERROR("put", ((arguments){y.at, NULL, 100}), "put, block 1: thread 5:", "byte 800 of an allocation of 792 bytes");
}
static void reads_stay_inside(void **state) {
  (void)state;
  ASSERT_ERROR("get", ((arguments){y.at, NULL, 101}), "get, block 1: thread 5", "byte 808 of an allocation of 792 bytes");
}
static void ends_are_watched(void **state) { /* between the end and the next multiple of 16 bytes */
  (void)state;
  ASSERT_ERROR("put", ((arguments){y.at, NULL, 99}), "put: byte 792 of an allocation of 792 bytes was written");
}
static void beginnings_are_watched(void **state) {
  (void)state;
  ASSERT_ERROR("put", ((arguments){y.at, NULL, -1}), "put: byte -8 of an allocation of 792 bytes was written");
}
/* Without GKT_EMULATED_TIGHT: what is read behind an end is then found by its value alone. */
static void allocations_begin_where_those_of_cuda_may(void **state) {
  gkt_scalars more;
  (void)state;
  unsetenv("GKT_EMULATED_TIGHT");
  for (gkt_size n = 1; n < 3000; n = 3 * n + 2) {
    assert_int_equal(gkt_device_alloc(device, n, 8, "more", &more), GKT_OK);
    assert_true((uintptr_t)more.at % 256 == 0);
    assert_int_equal(launch("put", (arguments){more.at, NULL, (int)n - 1}), GKT_OK);
    gkt_device_free(device, &more);
  }
  assert_int_equal(gkt_device_alloc(device, 99, 8, "more", &more), GKT_OK);
  setenv("GKT_EMULATED_TIGHT", "1", 1);
  ASSERT_ERROR("put", ((arguments){more.at, NULL, 101}), "put: byte 808 of an allocation of 792 bytes was written");
}
static void freed_memory_is_gone(void **state) {
  gkt_scalar *was = y.at;
  (void)state;
  gkt_device_free(device, &y);
  assert_int_equal(gkt_device_alloc(device, 99, 8, "y", &y), GKT_OK);
  assert_ptr_not_equal(y.at, was);
  assert_int_equal(signal_of(was, false), SIGSEGV);
  ASSERT_ERROR("put", ((arguments){was, NULL, 0}), "put, block 1: thread 5:", "device memory that was freed");
}
static void no_address_is_found(void **state) {
  (void)state;
  ASSERT_ERROR("put", ((arguments){NULL, NULL, 1}), "put, block 1: thread 5:", "0x8");
}
static void addresses_on_the_device_are_followed(void **state) { /* what the arguments do not name is opened when it is touched */
  gkt_array(gkt_scalar *) pointers;
  gkt_scalar *const to = y.at + 40, back[2];
  (void)state;
  assert_int_equal(launch("put", (arguments){y.at, NULL, 40}), GKT_OK);
  gkt_scalars z;
  assert_int_equal(gkt_device_alloc(device, 2, 8, "z", &z), GKT_OK);
  assert_int_equal(gkt_device_send(device, &to, 1, sizeof to, "pointers", &pointers), GKT_OK);
  assert_int_equal(launch("follow", (arguments){z.at, (gkt_scalar *)pointers.at, 0}), GKT_OK);
  assert_int_equal(gkt_device_download(device, z.at, back, sizeof back), GKT_OK);
  assert_true(back[1] == 2);
  assert_int_equal(signal_of(to, false), SIGSEGV);
}
static void faults_are_errors(void **state) {
  (void)state;
#ifdef __SANITIZE_ADDRESS__ /* the sanitizer comes first, and ends the program */
  skip();
#endif
  ASSERT_ERROR("divide", ((arguments){y.at, NULL, 0}), "divide, block 0: thread 0: fault at", "division by zero");
}
static void full_stacks_are_errors(void **state) {
  (void)state;
  ASSERT_ERROR("overflow", ((arguments){y.at, NULL, 0}), "overflow, block 0: thread 0: access to", "stack of a thread");
}
static void copies_stay_inside(void **state) {
  gkt_scalar host[100] = {0};
  (void)state;
  assert_int_equal(gkt_device_upload(device, host, y.at, 800), GKT_LIBRARY);
  assert_non_null(strstr(gkt_context_message(ctx), "800 bytes at byte 0 of an allocation of 792 bytes"));
}
static void kernels_are_found_by_name(void **state) {
  (void)state;
  ASSERT_ERROR("nothing", ((arguments){y.at, NULL, 0}), "the module has no kernel nothing");
}
static void blocks_have_at_most_their_threads(void **state) {
  const arguments a = {y.at, NULL, 0};
  (void)state;
  assert_int_equal(gkt_device_launch(device, module, &(gkt_launch){"put", 2, 64, 0}, &a, sizeof a), GKT_LIBRARY);
  assert_non_null(strstr(gkt_context_message(ctx), "put: 64 threads in a block, compiled for at most 32"));
}

int main(void) {
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
  const struct CMUnitTest tests[] = {EACH(the_host_can_not_touch_it),
                                     EACH(kernels_stay_inside),
                                     EACH(reads_stay_inside),
                                     EACH(ends_are_watched),
                                     EACH(beginnings_are_watched),
                                     EACH(allocations_begin_where_those_of_cuda_may),
                                     EACH(freed_memory_is_gone),
                                     EACH(no_address_is_found),
                                     EACH(addresses_on_the_device_are_followed),
                                     EACH(faults_are_errors),
                                     EACH(full_stacks_are_errors),
                                     EACH(copies_stay_inside),
                                     EACH(kernels_are_found_by_name),
                                     EACH(blocks_have_at_most_their_threads)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
