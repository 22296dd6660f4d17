/* Makes every call of the emulated device fail in turn: each call of a kind alone (a failure that passes), and all calls from the N-th on (a device that goes away). Whatever is
   made and used on the device can be run through it: after each failure there is one message that says what was being done, the status is GKT_NO_MEMORY or GKT_LIBRARY, host data
   are as they were, nothing is held on the device, and the work can be done again. */
#ifndef GKT_TESTS_FAILING_DEVICE_H
#define GKT_TESTS_FAILING_DEVICE_H
#include <dirent.h>

#include "core/device_inside.h"
#include "tests/emulated_device.h"

/* Makes, uses and destroys objects on the context's device; everything is let go of when it returns, whatever the status. */
typedef gkt_status device_work(gkt_context *, void *user);
typedef struct {
  const char *name;
  device_work *work;
  void *user;
  gkt_context_options options; /* cache_dir is the trial's own */
  void *host;                  /* [host_bytes] what work reads and must not change; NULL: nothing */
  size_t host_bytes;
  int step; /* where the device goes away: at every step-th call, at each one with GKT_LONG=1; 0: at each */
} device_trial;

/* The work with one call, or all from it on, failing. False: that call was never made. */
static bool try_device(const device_trial *t, gkt_context *context, const char *kind, long n, bool onwards) {
  char what[64], *before = NULL;
  snprintf(what, sizeof what, "%s:%ld%s", kind, n, onwards ? "+" : "");
  if (t->host) before = memcpy(malloc(t->host_bytes), t->host, t->host_bytes);
  emulator_fail(what);
  gkt_status status = t->work(context, t->user);
  const bool failed = emulator_calls(kind) >= n;
  emulator_fail(NULL);
  const char *message = gkt_context_message(context);
  if (!failed && status != GKT_OK) fail_msg("%s, %s is not reached: status %d, \"%s\"", t->name, what, status, message);
  if (failed && status != GKT_NO_MEMORY && status != GKT_LIBRARY) fail_msg("%s, %s: status %d, \"%s\"", t->name, what, status, message);
  if (failed && strcmp(kind, "alloc") == 0 && status != GKT_NO_MEMORY) fail_msg("%s, %s: status %d, \"%s\"", t->name, what, status, message);
  if (failed && !strstr(message, status == GKT_NO_MEMORY ? "out of memory" : "as asked for")) fail_msg("%s, %s: \"%s\"", t->name, what, message);
  if (t->host && memcmp(before, t->host, t->host_bytes) != 0) fail_msg("%s, %s: data of the host were changed", t->name, what);
  if (context->device && gkt_device_count_all(context->device).bytes_held != 0)
    fail_msg("%s, %s: %lld bytes are still held", t->name, what, (long long)context->device->counts.bytes_held);
  free(before);
  return failed;
}

static gkt_context *trial_context(const device_trial *t, const char *cache) {
  gkt_context *context;
  gkt_context_options options = t->options;
  options.cache_dir = cache;
  assert_int_equal(gkt_context_create(&options, &context), GKT_OK);
  return context;
}

/* Each call of the kind; what does not stick leaves a context that works. */
static long fail_each_of(const device_trial *t, const char *cache, const char *kind) {
  const bool passes = strcmp(kind, "alloc") == 0;
  bool failed = true;
  for (long n = 1;; n++) {
    gkt_context *context = trial_context(t, cache);
    failed = try_device(t, context, kind, n, false);
    gkt_context_clear(context);
    if (passes && failed && t->work(context, t->user) != GKT_OK) fail_msg("%s, again after %s:%ld: \"%s\"", t->name, kind, n, gkt_context_message(context));
    gkt_context_destroy(&context);
    if (!failed) return n - 1;
  }
}

static long lose_at_each(const device_trial *t, const char *cache) {
  const int step = t->step && !getenv("GKT_LONG") ? t->step : 1;
  bool failed = true;
  long n = 1 - step;
  while (failed) {
    gkt_context *context = trial_context(t, cache);
    failed = try_device(t, context, "any", n += step, true);
    gkt_context_destroy(&context);
  }
  return n - 1;
}

/* Images that are cached are not compiled: one after the other is taken away. */
static long fail_each_compilation(const device_trial *t, const char *cache) {
  char images[64][512], away[600];
  long count = 0;
  DIR *dir = opendir(cache);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir)) && count < 64;)
    if (strstr(entry->d_name, ".image")) snprintf(images[count++], sizeof *images, "%.250s/%.250s", cache, entry->d_name);
  closedir(dir);
  for (long i = 0; i < count; i++) {
    gkt_context *context = trial_context(t, cache);
    snprintf(away, sizeof away, "%.511s.away", images[i]);
    assert_int_equal(rename(images[i], away), 0);
    if (!try_device(t, context, "compile", 1, false)) fail_msg("%s: %s was not compiled again", t->name, images[i]);
    assert_int_equal(rename(away, images[i]), 0);
    gkt_context_clear(context);
    if (t->work(context, t->user) != GKT_OK) fail_msg("%s, again after a compilation: \"%s\"", t->name, gkt_context_message(context));
    gkt_context_destroy(&context);
  }
  return count;
}

typedef struct { /* how many calls of each kind failed, one after the other */
  long allocations, uploads, downloads, launches, compilations, loads, finds, all;
} device_failures;

static inline device_failures fail_each_device_call(const device_trial *t) {
  char cache[64] = "/tmp/gkt_failing_XXXXXX", command[128];
  device_failures made = {0};
  assert_non_null(mkdtemp(cache));
  gkt_context *context = trial_context(t, cache);
  if (t->work(context, t->user) != GKT_OK) fail_msg("%s: \"%s\"", t->name, gkt_context_message(context)); /* and the cache is full */
  gkt_context_destroy(&context);
  made.allocations = fail_each_of(t, cache, "alloc");
  made.uploads = fail_each_of(t, cache, "upload");
  made.downloads = fail_each_of(t, cache, "download");
  made.launches = fail_each_of(t, cache, "launch");
  made.loads = fail_each_of(t, cache, "load");
  made.finds = fail_each_of(t, cache, "find");
  fail_each_of(t, cache, "share"), fail_each_of(t, cache, "copy"), fail_each_of(t, cache, "fill"), fail_each_of(t, cache, "wait"), fail_each_of(t, cache, "record"),
      fail_each_of(t, cache, "replay");
  fail_each_of(t, cache, "open");
  made.compilations = fail_each_compilation(t, cache);
  made.all = lose_at_each(t, cache);
  context = trial_context(t, cache);
  if (t->work(context, t->user) != GKT_OK) fail_msg("%s, after all failures: \"%s\"", t->name, gkt_context_message(context));
  gkt_context_destroy(&context);
  snprintf(command, sizeof command, "rm -rf %s", cache);
  assert_int_equal(system(command), 0);
  return made;
}
#endif
