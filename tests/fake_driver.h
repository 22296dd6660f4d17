/* A driver whose device is the host's memory and whose kernels are C functions of the test: for the logic of core/device*.c, without a compiler or an emulator. An image is the
   text it was made from. Counts what is alive, so that what is not given back is seen; any call can be made to fail. */
#ifndef GKT_TESTS_FAKE_DRIVER_H
#define GKT_TESTS_FAKE_DRIVER_H
#include <stdlib.h>
#include <string.h>

#include "core/device_inside.h"

typedef void fake_kernel(gkt_size blocks, int threads, const void *arguments);
typedef struct {
  const char *name;
  fake_kernel *run;
} fake_entry;
typedef struct {
  fake_kernel *run;
  gkt_size blocks;
  int threads;
  _Alignas(max_align_t) char arguments[256];
} fake_launch;
typedef struct {
  int count;
  fake_launch at[16];
} fake_recording;

static struct {
  const fake_entry *kernels;                                            /* NULL name at the end */
  int devices, arrays, modules, recordings, waits, compilations, trims; /* alive; done */
  size_t free_bytes;
  bool contract, released_while_recording;
  fake_recording *recorder;
  const char *identity;
  gkt_size preferred; /* the last wish for shared memory */
  int preferred_percent;
} fake = {.free_bytes = 1000000, .identity = "fake 1"};

enum { FAKE_NO_MEMORY = 2, FAKE_FAILED = 7 };

static int fake_count(int *out) { return *out = 1, 0; }
static void fake_describe(int number, gkt_device_info *out) {
  *out = (gkt_device_info){
      .architecture = 90, .num_processors = 4, .block_shared_bytes = 100000, .memory_bytes = 2000000, .free_bytes = (gkt_size)fake.free_bytes, .usable = number == 0};
  snprintf(out->name, sizeof out->name, "fake device");
  if (number) snprintf(out->why, sizeof out->why, "there is one fake device");
}
static int fake_open(int number, void **device) { return (void)number, fake.devices++, *device = &fake, 0; }
static void fake_close(void *device) { (void)device, fake.devices--; }
static int fake_enter(void *device) { return (void)device, 0; }
static int fake_trim(void *device) { return (void)device, fake.trims++, 0; }
static int fake_alloc(void *device, size_t bytes, void **out) {
  (void)device;
  if (bytes > fake.free_bytes) return FAKE_NO_MEMORY;
  size_t *at = malloc(bytes + 64);
  *at = bytes, *out = (char *)at + 64;
  fake.free_bytes -= bytes, fake.arrays++;
  return 0;
}
static int fake_release(void *device, void *at) {
  size_t *start = (void *)((char *)at - 64);
  (void)device;
  fake.released_while_recording |= fake.recorder != NULL;
  fake.free_bytes += *start, fake.arrays--;
  free(start);
  return 0;
}
static int fake_upload(void *device, const void *host, void *at, size_t bytes) { return (void)device, memcpy(at, host, bytes), 0; }
static int fake_download(void *device, const void *at, void *host, size_t bytes) { return (void)device, memcpy(host, at, bytes), 0; }
static int fake_copy(void *device, const void *from, void *to, size_t bytes) { return (void)device, memcpy(to, from, bytes), 0; }
static int fake_fill(void *device, void *at, int byte, size_t bytes) { return (void)device, memset(at, byte, bytes), 0; }
static int fake_load(void *device, const void *image, size_t bytes, void **module) {
  (void)device;
  fake.modules++;
  *module = strndup(image, bytes);
  return 0;
}
static void fake_unload(void *device, void *module) { (void)device, fake.modules--, free(module); }
static int fake_prefer_shared(void *device, void *kernel, gkt_size shared, int percent) {
  return (void)device, (void)kernel, fake.preferred = shared, fake.preferred_percent = percent, 0;
}
static int fake_find(void *device, void *module, const char *kernel, void **out) {
  (void)device;
  for (const fake_entry *e = fake.kernels; e && e->name; e++)
    if (strcmp(e->name, kernel) == 0 && strstr(module, kernel)) return *out = (void *)e, 0;
  return FAKE_FAILED;
}
static int fake_launch_kernel(void *device, void *kernel, gkt_size blocks, int threads, gkt_size shared, const void *arguments, size_t size) {
  fake_launch l = {((const fake_entry *)kernel)->run, blocks, threads, ""};
  (void)device, (void)shared;
  if (size > sizeof l.arguments) return FAKE_FAILED;
  memcpy(l.arguments, arguments, size);
  if (fake.recorder) fake.recorder->at[fake.recorder->count++] = l;
  else l.run(l.blocks, l.threads, l.arguments);
  return 0;
}
static int fake_wait(void *device) { return (void)device, fake.waits++, 0; }
static void *fake_stream(void *device) { return (void)device, NULL; }
static int fake_begin_record(void *device) { return (void)device, fake.recorder = calloc(1, sizeof *fake.recorder), 0; }
static int fake_end_record(void *device, void **recording) { return (void)device, fake.recordings++, *recording = fake.recorder, fake.recorder = NULL, 0; }
static int fake_replay(void *device, void *recording) {
  const fake_recording *r = recording;
  (void)device;
  for (int i = 0; i < r->count; i++) r->at[i].run(r->at[i].blocks, r->at[i].threads, r->at[i].arguments);
  return 0;
}
static void fake_drop(void *recording) { fake.recordings--, free(recording); }
static int fake_start_timer(void *device) { return (void)device, 0; }
static int fake_stop_timer(void *device, double *seconds) { return (void)device, *seconds = 0.5, 0; }
static const char *fake_text(int error) { return error == FAKE_NO_MEMORY ? "no memory" : "the fake driver failed"; }
static bool fake_is_no_memory(int error) { return error == FAKE_NO_MEMORY; }
static bool fake_identify(int architecture, bool contract, size_t size, char *out) {
  (void)architecture, (void)contract;
  snprintf(out, size, "%s", fake.identity ? fake.identity : "the fake compiler is not there");
  return fake.identity != NULL;
}
static int fake_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error) {
  (void)architecture;
  fake.compilations++, fake.contract = contract;
  if (strstr(source, "nonsense")) return snprintf(error, size, "line 3: note\nline 4: error: nonsense\nline 5: more"), FAKE_FAILED;
  *image = strdup(source), *bytes = strlen(source);
  return 0;
}

static const gkt_driver fake_driver = {.name = "fake",
                                       .count = fake_count,
                                       .describe = fake_describe,
                                       .open = fake_open,
                                       .close = fake_close,
                                       .enter = fake_enter,
                                       .alloc = fake_alloc,
                                       .release = fake_release,
                                       .trim = fake_trim,
                                       .upload = fake_upload,
                                       .download = fake_download,
                                       .copy = fake_copy,
                                       .fill = fake_fill,
                                       .load = fake_load,
                                       .unload = fake_unload,
                                       .find = fake_find,
                                       .prefer_shared = fake_prefer_shared,
                                       .launch = fake_launch_kernel,
                                       .wait = fake_wait,
                                       .stream = fake_stream,
                                       .begin_record = fake_begin_record,
                                       .end_record = fake_end_record,
                                       .replay = fake_replay,
                                       .drop = fake_drop,
                                       .start_timer = fake_start_timer,
                                       .stop_timer = fake_stop_timer,
                                       .text = fake_text,
                                       .is_no_memory = fake_is_no_memory,
                                       .prelude = "fake prelude\n",
                                       .identify = fake_identify,
                                       .compile = fake_compile};
#endif
