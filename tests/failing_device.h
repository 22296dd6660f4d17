/* Makes calls of the emulated device fail in turn: each call of a kind alone (a failure that passes), and all calls from the N-th on (a device that goes away); so
   many that a failure goes back to each place in the library that such a call comes from (tests/call_places.h), with GKT_LONG=1 every one, where the work is done once and each
   failure is one of a process that is forked at the call. Whatever is made and used on the device can be run through it: after each failure there is one message that says what was
   being done, the status is GKT_NO_MEMORY or GKT_LIBRARY, host data are as they were, nothing is held on the device, and the work can be done again. */
#ifndef GKT_TESTS_FAILING_DEVICE_H
#define GKT_TESTS_FAILING_DEVICE_H
#include <dirent.h>
#include <omp.h>
#include <signal.h>
#include <sys/wait.h>

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
  bool every; /* call is tried: of what makes few */
  /* Of the calls that are tried one in so many; 0: each. */
  int alone, step; /* alone: that fail by themselves; step: at which the device goes away */
} device_trial;

/* After the work, in which a call failed or was never made. before: the host's data as they were. */
static void judge(const device_trial *t, gkt_context *context, gkt_status status, const char *what, bool failed, const void *before) {
  const char *message = gkt_context_message(context);
  if (!failed && status != GKT_OK) fail_msg("%s, %s is not reached: status %d, \"%s\"", t->name, what, status, message);
  if (failed && status != GKT_NO_MEMORY && status != GKT_LIBRARY) fail_msg("%s, %s: status %d, \"%s\"", t->name, what, status, message);
  if (failed && strncmp(what, "alloc", 5) == 0 && status != GKT_NO_MEMORY) fail_msg("%s, %s: status %d, \"%s\"", t->name, what, status, message);
  if (failed && !strstr(message, status == GKT_NO_MEMORY ? "out of memory" : "as asked for")) fail_msg("%s, %s: \"%s\"", t->name, what, message);
  if (t->host && memcmp(before, t->host, t->host_bytes) != 0) fail_msg("%s, %s: data of the host were changed", t->name, what);
  if (context->device && gkt_device_count_all(context->device).bytes_held != 0)
    fail_msg("%s, %s: %lld bytes are still held", t->name, what, (long long)context->device->counts.bytes_held);
}

static void *copy_host(const device_trial *t) { return t->host ? memcpy(malloc(t->host_bytes), t->host, t->host_bytes) : NULL; }

/* The work with one call, or all from it on, failing. False: that call was never made. */
static bool try_device(const device_trial *t, gkt_context *context, const char *kind, long n, bool onwards) {
  char what[64];
  void *before = copy_host(t);
  snprintf(what, sizeof what, "%s:%ld%s", kind, n, onwards ? "+" : "");
  emulator_fail(what);
  gkt_status status = t->work(context, t->user);
  const bool failed = emulator_calls(kind) >= n;
  emulator_fail(NULL);
  judge(t, context, status, what, failed, before);
  free(before);
  return failed;
}

/* What passes leaves a context that works. */
static void work_again(const device_trial *t, gkt_context *context, const char *what) {
  gkt_context_clear(context);
  if (t->work(context, t->user) != GKT_OK) fail_msg("%s, again after %s: \"%s\"", t->name, what, gkt_context_message(context));
}

static gkt_context *trial_context(const device_trial *t, const char *cache) {
  gkt_context *context;
  gkt_context_options options = t->options;
  options.cache_dir = cache;
  assert_int_equal(gkt_context_create(&options, &context), GKT_OK);
  return context;
}

static const char *const device_kinds[] = {"alloc", "upload", "download", "launch", "load", "find", "share", "copy", "fill", "wait", "record", "replay", "open"};
enum { DEVICE_KINDS = sizeof device_kinds / sizeof *device_kinds, MOST_TRIED = 8192, LAST = 3 };

/* Which calls fail, by their numbers: found in a run in which none fails. */
typedef struct {
  long numbers[MOST_TRIED];
  int count;
} device_calls;

static void find_calls(const device_trial *t, const char *kind, device_calls *out) {
  const long all = emulator_calls(kind), sample = t->every ? 0 : emulator_places(kind, MOST_TRIED, out->numbers);
  const long first = sample && all > LAST ? all - LAST : 0; /* the last ones have no later call that would tell of them */
  assert_true(sample + all - first <= MOST_TRIED);
  out->count = (int)sample;
  for (long n = first + 1; n <= all; n++) {
    bool is_known = false;
    for (long i = 0; i < sample; i++) is_known = is_known || out->numbers[i] == n;
    if (!is_known) out->numbers[out->count++] = n;
  }
}

/* Calls of a kind, alone. */
static long fail_each_of(const device_trial *t, const char *cache, const char *kind, const device_calls *calls) {
  const bool passes = strcmp(kind, "alloc") == 0;
  const int step = t->alone ? t->alone : 1;
  for (int i = 0; i < calls->count; i += step) {
    gkt_context *context = trial_context(t, cache);
    if (!try_device(t, context, kind, calls->numbers[i], false)) fail_msg("%s: %s:%ld was not made again", t->name, kind, calls->numbers[i]);
    if (passes) work_again(t, context, kind);
    gkt_context_destroy(&context);
  }
  return calls->count;
}

static long lose_at_each(const device_trial *t, const char *cache, const device_calls *calls) {
  const int step = t->step ? t->step : 1;
  for (int i = 0; i < calls->count; i += step) {
    gkt_context *context = trial_context(t, cache);
    if (!try_device(t, context, "any", calls->numbers[i], true)) fail_msg("%s: any:%ld was not made again", t->name, calls->numbers[i]);
    gkt_context_destroy(&context);
  }
  return calls->count;
}

/* ---- every call: where it is made the process is forked, and fails in the child ---- */
enum { MOST_BAD = 10 };
static struct {
  char what[64]; /* of a child: which of its calls failed; of the parent "" */
  long calls;
  int bad;
} forked;

static int become_child(const char *kind, long number, bool onwards) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  setenv("CMOCKA_TEST_ABORT", "1", 1); /* a check that fails ends the child, and not the parent's tests a second time */
  for (int i = 0; i < 4; i++) signal(signals[i], SIG_DFL);
  snprintf(forked.what, sizeof forked.what, "%s:%ld%s", kind, number, onwards ? "+" : "");
  return onwards ? 2 : 1;
}

static int fork_here(const char *kind, long number, long of_all) {
  forked.calls = of_all;
  for (int onwards = 0; onwards < 2 && forked.bad < MOST_BAD; onwards++) {
    int status = -1;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) return become_child(kind, number, onwards);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) print_error("a failure of %s:%ld%s\n", kind, number, onwards ? "+" : ""), forked.bad++;
  }
  return 0;
}

static void end_child(const device_trial *t, gkt_context *context, gkt_status status, const void *before) {
  const bool passes = strncmp(forked.what, "alloc", 5) == 0 && !strchr(forked.what, '+');
  emulator_fail(NULL);
  judge(t, context, status, forked.what, true, before);
  if (passes) work_again(t, context, forked.what);
  gkt_context_destroy(&context);
  fflush(NULL);
  _exit(0);
}

/* How many calls there are: each failed alone, and with all that follow. How many of these failures ended badly: forked.bad. */
static inline long fork_at_each(const device_trial *t, const char *cache) {
  device_trial one = *t;
  const int threads = omp_get_max_threads();
  one.options.threads = 1; /* others would not be in a child, nor those of other libraries, for which it waited without end */
  omp_set_num_threads(1);
  gkt_context *context = trial_context(&one, cache);
  void *before = copy_host(t);
  forked.bad = 0, forked.calls = 0;
  emulator_fail(NULL);
  emulator_visit(fork_here);
  const gkt_status status = t->work(context, t->user);
  if (forked.what[0]) end_child(t, context, status, before);
  emulator_visit(NULL);
  omp_set_num_threads(threads);
  if (status != GKT_OK) fail_msg("%s: \"%s\"", t->name, gkt_context_message(context));
  if (getenv("GKT_SHOW")) printf("%s: each of %ld calls failed\n", t->name, forked.calls), fflush(stdout);
  free(before);
  gkt_context_destroy(&context);
  return forked.calls;
}

/* ---- kernels are cached once for all trials of a program ---- */
static char trial_cache[64];
static void remove_cache(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", trial_cache);
  if (system(command) != 0) fprintf(stderr, "%s: it stays\n", trial_cache);
}

static const char *open_cache(void) {
  if (*trial_cache) return trial_cache;
  strcpy(trial_cache, "/tmp/gkt_failing_XXXXXX");
  assert_non_null(mkdtemp(trial_cache));
  assert_int_equal(atexit(remove_cache), 0);
  return trial_cache;
}

/* Images that are cached are not compiled: one after the other is taken away, in the first trial that has it. How many. */
static long fail_each_compilation(const device_trial *t, const char *cache) {
  static char images[256][280];
  static long known;
  const long before = known;
  char path[400], away[410];
  DIR *dir = opendir(cache);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir));) {
    bool is_new = strstr(entry->d_name, ".image") && known < 256;
    for (long i = 0; i < before && is_new; i++) is_new = strcmp(images[i], entry->d_name) != 0;
    if (is_new) snprintf(images[known++], sizeof *images, "%s", entry->d_name);
  }
  closedir(dir);
  for (long i = before; i < known; i++) {
    gkt_context *context = trial_context(t, cache);
    snprintf(path, sizeof path, "%s/%s", cache, images[i]), snprintf(away, sizeof away, "%s.away", path);
    assert_int_equal(rename(path, away), 0);
    if (!try_device(t, context, "compile", 1, false)) fail_msg("%s: %s was not compiled again", t->name, path);
    assert_int_equal(rename(away, path), 0);
    work_again(t, context, "a compilation");
    gkt_context_destroy(&context);
  }
  return known - before;
}

typedef struct { /* how many calls of each kind failed, one after the other; all: places, or calls, at which a device may go away */
  long allocations, uploads, downloads, launches, compilations, loads, finds, all; /* compilations: of kernels that no trial before had */
} device_failures;

static device_calls kind_calls[DEVICE_KINDS], any_calls;

/* The work while nothing fails; looks: its calls are found. */
static void run_whole(const device_trial *t, const char *cache, const char *when, bool looks) {
  gkt_context *context = trial_context(t, cache);
  emulator_fail(NULL);
  emulator_look(looks);
  if (t->work(context, t->user) != GKT_OK) fail_msg("%s%s: \"%s\"", t->name, when, gkt_context_message(context));
  for (int k = 0; looks && k < DEVICE_KINDS; k++) find_calls(t, device_kinds[k], &kind_calls[k]);
  if (looks) find_calls(t, "any", &any_calls);
  if (looks && getenv("GKT_SHOW")) printf("%s: a failure at %d of %ld calls comes back to each place\n", t->name, any_calls.count, emulator_calls("any")), fflush(stdout);
  emulator_look(false);
  gkt_context_destroy(&context);
}

static inline device_failures fail_each_device_call(const device_trial *t) {
  const char *cache = open_cache();
  const bool forks = getenv("GKT_LONG") && !t->every;
  long made[DEVICE_KINDS], all = 0;
  run_whole(t, cache, "", false); /* the cache is full */
  if (forks) all = fork_at_each(t, cache);
  if (forks && forked.bad) fail_msg("%s: %d%s failures ended badly", t->name, forked.bad, forked.bad >= MOST_BAD ? " or more" : "");
  if (!forks) run_whole(t, cache, ", once more", true);
  for (int k = 0; k < DEVICE_KINDS; k++) made[k] = forks ? emulator_calls(device_kinds[k]) : fail_each_of(t, cache, device_kinds[k], &kind_calls[k]);
  const long compilations = fail_each_compilation(t, cache);
  if (!forks) all = lose_at_each(t, cache, &any_calls);
  run_whole(t, cache, ", after all failures", false);
  return (device_failures){made[0], made[1], made[2], made[3], compilations, made[4], made[5], all};
}
#endif
