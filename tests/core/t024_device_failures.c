/* Claim: whichever call of the device fails (allocation, upload, download, copy, fill, compilation, loading, launch, wait, recording), alone or with all that follow, there is one
   message with what was being done, host data are intact, nothing is held on the device, and the context, or another one, works again. A launch
   does not look for its kernel. */
#include "tests/failing_device.h"

static const char source[] = "struct scale_arguments { gkt_scalar *x; gkt_size n; gkt_scalar factor; };\n"
                             "GKT_KERNEL(64) scale(const scale_arguments GKT_BY_VALUE a) {\n"
                             "  gkt_size i = blockIdx.x * (gkt_size)blockDim.x + threadIdx.x;\n"
                             "  if (i < a.n) a.x[i] *= a.factor;\n"
                             "}\n";
static const char another[] = "struct shift_arguments { gkt_scalar *x; gkt_size n; gkt_scalar by; };\n"
                              "GKT_KERNEL(64) shift(const shift_arguments GKT_BY_VALUE a) {\n"
                              "  gkt_size i = blockIdx.x * (gkt_size)blockDim.x + threadIdx.x;\n"
                              "  if (i < a.n) a.x[i] += a.by;\n"
                              "}\n";
enum { N = 100 };
static gkt_scalar host[N], result[N];

typedef struct {
  gkt_device *device;
  gkt_device_module *scale, *shift;
  gkt_recording *recording;
  gkt_scalars x, y;
} objects;
typedef struct {
  gkt_scalar *x;
  gkt_size n;
  gkt_scalar by;
} arguments;

static gkt_status launch(const objects *o, const gkt_device_module *m, const char *kernel, gkt_scalars x, gkt_scalar by) {
  arguments a = {x.at, x.count, by};
  return gkt_device_launch(o->device, m, &(gkt_launch){kernel, gkt_blocks_for(x.count, 64), 64, 0}, &a, sizeof a);
}

static gkt_status sequence(void *user) {
  objects *o = user;
  GKT_TRY(launch(o, o->scale, "scale", o->y, 2));
  GKT_TRY(gkt_device_copy(o->device, o->y.at, o->x.at, N / 2 * (gkt_size)sizeof *o->x.at));
  return launch(o, o->shift, "shift", o->x, 1);
}

/* y = x, then twice (y *= 2, x[first half] = y, x += 1) */
static gkt_status work(gkt_context *ctx, void *user) {
  objects o = {0};
  double seconds;
  gkt_status status;
  (void)user;
  GKT_GO(gkt_device_open(ctx, &o.device));
  GKT_GO(gkt_device_compile(o.device, source, &o.scale));
  GKT_GO(gkt_device_compile(o.device, another, &o.shift));
  GKT_GO(gkt_device_send(o.device, host, N, sizeof *host, "x", &o.x));
  GKT_GO(gkt_device_alloc(o.device, N, sizeof *host, "y", &o.y));
  GKT_GO(gkt_device_fill(o.device, o.y.at, 0, N * (gkt_size)sizeof *host));
  GKT_GO(gkt_device_upload(o.device, host, o.y.at, N * (gkt_size)sizeof *host));
  GKT_GO(gkt_device_record(o.device, sequence, &o, &o.recording));
  GKT_GO(gkt_device_start_timer(o.device));
  GKT_GO(gkt_device_replay(o.device, o.recording));
  GKT_GO(gkt_device_replay(o.device, o.recording));
  GKT_GO(gkt_device_stop_timer(o.device, &seconds));
  GKT_GO(launch(&o, o.shift, "shift", o.y, 0));
  GKT_GO(gkt_device_wait(o.device));
  GKT_GO(gkt_device_download(o.device, o.x.at, result, N * (gkt_size)sizeof *host));
done:
  gkt_recording_destroy(&o.recording);
  gkt_device_module_destroy(&o.scale);
  gkt_device_module_destroy(&o.shift);
  if (o.device) gkt_device_free(o.device, &o.x), gkt_device_free(o.device, &o.y);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  for (int poison = 0; poison < 2; poison++) {
    device_trial t = {.name = "scale and shift", .work = work, .options = {.poison = poison}, .host = host, .host_bytes = sizeof host, .every = true};
    for (int i = 0; i < N; i++) host[i] = i, result[i] = 0;
    device_failures f = fail_each_device_call(&t);
    assert_int_equal(f.allocations, 2);
    assert_int_equal(f.uploads, 2);
    assert_int_equal(f.downloads, 1);
    assert_int_equal(f.launches, 3);                  /* of replays none of their own */
    assert_int_equal(f.compilations, poison ? 0 : 2); /* they are cached */
    assert_int_equal(f.loads, 2);
    assert_true(f.all >= 20);
    for (int i = 0; i < N; i++) assert_true(result[i] == (i < N / 2 ? 4 * i + 1 : i + 2));
  }
}

/* Messages say what was being done. */
static void messages_name_the_work(void **state) {
  const struct {
    const char *what, *said;
  } cases[] = {{"open:1", "emulated device cannot be opened: it fails as asked for"},
               {"alloc:2", "out of memory on emulated device: y: 0.0 MB (100 x 8 bytes) were wanted"},
               {"upload:1", "upload of 800 bytes failed: it fails as asked for: upload number 1"},
               {"download:1", "download of 800 bytes, or what was launched up to shift failed"},
               {"fill:1", "filling 800 bytes failed"},
               {"load:2", "loading kernels failed"},
               {"find:1", "looking for the kernel scale failed"},
               {"launch:2", "the launch of shift (2 blocks of 64 threads, 0 bytes of shared memory) failed"},
               {"copy:1", "a copy of 400 bytes failed"},
               {"record:1", "beginning to record failed"},
               {"record:2", "recording up to the launch of shift failed"},
               {"replay:2", "a recorded sequence of 2 launches failed"},
               {"timer:1", "starting a timer failed"},
               {"wait:1", "what was launched up to shift (GKT_SYNC=1 finds which) failed"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_context *ctx;
    assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
    emulator_fail(cases[i].what);
    assert_int_not_equal(work(ctx, NULL), GKT_OK);
    emulator_fail(NULL);
    if (!strstr(gkt_context_message(ctx), cases[i].said)) fail_msg("%s: \"%s\"", cases[i].what, gkt_context_message(ctx));
    gkt_context_destroy(&ctx);
  }
}

/* To find a kernel takes memory, which a launch without a status, or one that is recorded, must not need. */
static void kernels_are_found_with_their_module(void **state) {
  gkt_context *ctx;
  objects o = {0};
  (void)state;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_device_open(ctx, &o.device), GKT_OK);
  emulator_fail(NULL);
  assert_int_equal(gkt_device_compile(o.device, source, &o.scale), GKT_OK);
  assert_int_equal(emulator_calls("find"), 1);
  assert_int_equal(gkt_device_send(o.device, host, N, sizeof *host, "x", &o.x), GKT_OK);
  assert_int_equal(launch(&o, o.scale, "scale", o.x, 2), GKT_OK);
  assert_int_equal(emulator_calls("find"), 1);
  gkt_device_free(o.device, &o.x);
  gkt_device_module_destroy(&o.scale);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_are_found_with_their_module), cmocka_unit_test(each_call_fails), cmocka_unit_test(messages_name_the_work)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
