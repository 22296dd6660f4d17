/* The emulated device's row of drivers: everything at once, in order; one call at a time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/emulated/emulator.h"

enum { LAUNCH, COPY, FILL };
typedef struct step { /* of a recording */
  int kind, byte;
  const void *from;
  void *to;
  size_t bytes;
  emu_launch launch;
  struct step *next;
} step;
typedef struct {
  step *first, **last;
} recording;
typedef struct {
  recording *record; /* while one is made */
  struct timespec started;
} device;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* A call: its failure on demand, else what it does, under the lock. */
#define CALL(kind, expression)            \
  do {                                    \
    pthread_mutex_lock(&lock);            \
    int emu_code = emu_fails(kind);       \
    if (!emu_code) emu_code = expression; \
    pthread_mutex_unlock(&lock);          \
    return emu_code;                      \
  } while (0)

static int count(int *out) { return *out = 1, EMU_OK; }

static void describe(int number, gkt_device_info *out) {
  *out =
      (gkt_device_info){.architecture = EMU_ARCHITECTURE, .num_processors = 4, .shared_bytes = 233472, .block_shared_bytes = EMU_SHARED, .registers = 65536, .usable = number == 0};
  strcpy(out->name, "emulated device");
  out->memory_bytes = (gkt_size)emu_limit(), out->free_bytes = (gkt_size)emu_free_bytes(), out->l2_bytes = 50 << 20;
  if (number != 0) strcpy(out->why, "there is one emulated device, number 0");
}

static int open_device(int number, void **out) {
  if (number != 0) return emu_error(EMU_INVALID, "there is one emulated device, number 0");
  return (*out = calloc(1, sizeof(device))) ? EMU_OK : emu_error(EMU_NO_MEMORY, "the host is out of memory");
}
static int call_open(int number, void **out) { CALL("open", open_device(number, out)); }

static void drop(void *made) {
  recording *r = made;
  for (step *s = r->first, *next; s; s = next) {
    next = s->next;
    free(s);
  }
  free(r);
}

static void close_device(void *opened) {
  device *d = opened;
  if (d->record) drop(d->record);
  free(d);
}

static int is_recording(const void *opened) {
  return ((const device *)opened)->record ? emu_error(EMU_INVALID, "allocations, releases, uploads, downloads and waiting are not allowed in a recording") : EMU_OK;
}

static int add_step(device *d, const step *s) {
  step *copy = malloc(sizeof *copy);
  if (!copy) return emu_error(EMU_NO_MEMORY, "the host is out of memory");
  *copy = *s;
  copy->next = NULL;
  *d->record->last = copy;
  d->record->last = &copy->next;
  return EMU_OK;
}

static int execute(const step *s) {
  if (s->kind == LAUNCH) return emu_run(&s->launch);
  return s->kind == COPY ? emu_transfer(s->from, s->to, s->bytes, true, true) : emu_fill(s->to, s->byte, s->bytes);
}
static int take(void *opened, const step *s) { return ((device *)opened)->record ? add_step(opened, s) : execute(s); }

static int alloc_bytes(void *d, size_t bytes, void **out) {
  int error = is_recording(d);
  return error ? error : emu_alloc(bytes, out);
}
static int call_alloc(void *d, size_t bytes, void **out) { CALL("alloc", alloc_bytes(d, bytes, out)); }
static int call_enter(void *d) { return (void)d, EMU_OK; }
static int call_trim(void *d) { return is_recording(d); }
static int call_release(void *d, void *at) {
  pthread_mutex_lock(&lock);
  int error = is_recording(d); /* CUDA would record it */
  if (!error) error = emu_release(at);
  pthread_mutex_unlock(&lock);
  return error;
}

static int transfer(void *d, const void *from, void *to, size_t bytes, bool up) {
  int error = is_recording(d);
  return error ? error : emu_transfer(from, to, bytes, !up, up);
}
static int call_upload(void *d, const void *host, void *at, size_t bytes) { CALL("upload", transfer(d, host, at, bytes, true)); }
static int call_download(void *d, const void *at, void *host, size_t bytes) { CALL("download", transfer(d, at, host, bytes, false)); }
static int call_copy(void *d, const void *from, void *to, size_t bytes) { CALL("copy", take(d, &(step){.kind = COPY, .from = from, .to = to, .bytes = bytes})); }
static int call_fill(void *d, void *at, int byte, size_t bytes) { CALL("fill", take(d, &(step){.kind = FILL, .to = at, .byte = byte, .bytes = bytes})); }

static int call_load(void *d, const void *image, size_t bytes, void **module) {
  (void)d;
  CALL("load", emu_load(image, bytes, (emu_module **)module));
}
static void call_unload(void *d, void *module) {
  (void)d;
  pthread_mutex_lock(&lock);
  emu_unload(module);
  pthread_mutex_unlock(&lock);
}
static int call_find(void *d, void *module, const char *kernel, void **out) {
  (void)d;
  CALL("find", emu_find(module, kernel, (emu_function **)out));
}

static int call_prefer_shared(void *d, void *kernel, gkt_size shared, int percent) {
  (void)d;
  CALL("share", emu_prefer(kernel, shared, percent));
}

static int launch(void *d, void *kernel, gkt_size blocks, int threads, gkt_size shared, const void *arguments, size_t size) {
  step s = {.kind = LAUNCH, .launch = {.function = kernel, .blocks = blocks, .threads = threads, .shared = shared, .size = size}};
  if (size > 4000) return emu_error(EMU_INVALID, "%s: %zu bytes of arguments, at most 4000", s.launch.function->name, size);
  if (size) memcpy(s.launch.arguments, arguments, size);
  return take(d, &s);
}
static int call_launch(void *d, void *kernel, gkt_size blocks, int threads, gkt_size shared, const void *arguments, size_t size) {
  CALL("launch", launch(d, kernel, blocks, threads, shared, arguments, size));
}
static int call_wait(void *d) { CALL("wait", is_recording(d)); }
static void *stream(void *d) { return (void)d, NULL; }

static int begin_record(void *opened) {
  device *d = opened;
  if (d->record) return emu_error(EMU_INVALID, "a recording is being made already");
  if (!(d->record = calloc(1, sizeof *d->record))) return emu_error(EMU_NO_MEMORY, "the host is out of memory");
  d->record->last = &d->record->first;
  return EMU_OK;
}
static int end_record(void *opened, void **out) {
  device *d = opened;
  if (!d->record) return emu_error(EMU_INVALID, "no recording is being made");
  *out = d->record;
  d->record = NULL;
  return EMU_OK;
}
static int replay(void *d, const recording *r) {
  int error = is_recording(d);
  for (const step *s = r->first; s && !error; s = s->next) error = execute(s);
  return error;
}
static int call_begin_record(void *d) { CALL("record", begin_record(d)); }
static int call_end_record(void *d, void **out) { CALL("record", end_record(d, out)); }
static int call_replay(void *d, void *r) { CALL("replay", replay(d, r)); }

static int start_timer(void *d) { return clock_gettime(CLOCK_MONOTONIC, &((device *)d)->started) ? emu_error(EMU_INVALID, "there is no clock") : EMU_OK; }
static int stop_timer(void *d, double *seconds) {
  struct timespec now, was = ((device *)d)->started;
  if (clock_gettime(CLOCK_MONOTONIC, &now)) return emu_error(EMU_INVALID, "there is no clock");
  *seconds = (double)(now.tv_sec - was.tv_sec) + 1e-9 * (double)(now.tv_nsec - was.tv_nsec);
  return EMU_OK;
}
static int call_start_timer(void *d) { CALL("timer", start_timer(d)); }
static int call_stop_timer(void *d, double *seconds) { CALL("timer", stop_timer(d, seconds)); }

static bool is_no_memory(int error) { return error == EMU_NO_MEMORY; }
static int call_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error) {
  pthread_mutex_lock(&lock);
  int code = emu_fails("compile");
  if (code) snprintf(error, size, "%s", emu_text(code));
  else code = emu_compile(source, architecture, contract, image, bytes, size, error);
  pthread_mutex_unlock(&lock);
  return code;
}

__attribute__((visibility("default"))) const gkt_driver *gkt_emulated_driver(void);
const gkt_driver *gkt_emulated_driver(void) {
  static const gkt_driver driver = {"emulated",         count,           describe,      call_open,    close_device,      call_enter,      call_alloc,  call_release,
                                    call_trim,          call_upload,     call_download, call_copy,    call_fill,         call_load,       call_unload, call_find,
                                    call_prefer_shared, call_launch,     call_wait,     stream,       call_begin_record, call_end_record, call_replay, drop,
                                    call_start_timer,   call_stop_timer, emu_text,      is_no_memory, emu_prelude,       emu_identify,    call_compile};
  return &driver;
}
