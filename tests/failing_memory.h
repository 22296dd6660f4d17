/* Makes a chosen allocation of the library fail and counts what it holds. Only for programs whose calls of malloc and its family are wrapped by the linker (tests/CMakeLists.txt
   does so where this file is included): the library's own calls come here, those of other libraries do not. */
#ifndef GKT_TESTS_FAILING_MEMORY_H
#define GKT_TESTS_FAILING_MEMORY_H
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/core.h"
#include "tests/call_places.h"

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
void __real_free(void *);

static struct {
  bool counts; /* from here on, until it is cleared */
  bool once;   /* later allocations succeed again */
  long left;   /* allocations until one fails */
  bool failed; /* one did */
  void **held; /* a hash table of what was allocated and not freed */
  size_t num_held, room;
  long *first; /* [num_first] the first allocation from each place, while they are looked for; NULL: they are not */
  int num_first;
  long made;
  bool device; /* the context opens one, which is held until the context goes */
} memory;

static size_t place_of(void *const *table, size_t room, const void *p) {
  size_t i = (uintptr_t)p / 16 * 0x9e3779b97f4a7c15u % room;
  while (table[i] && table[i] != p) i = (i + 1) % room;
  return i;
}

static void *note(void *p) {
  if (!p || !memory.counts) return p;
  if (2 * memory.num_held >= memory.room) abort(); /* see start_failing */
  memory.held[place_of(memory.held, memory.room, p)] = p, memory.num_held++;
  return p;
}

static void forget(void *p) {
  size_t hole = memory.room ? place_of(memory.held, memory.room, p) : 0;
  if (!p || !memory.room || !memory.held[hole]) return;
  memory.held[hole] = NULL, memory.num_held--;
  for (size_t i = (hole + 1) % memory.room; memory.held[i]; i = (i + 1) % memory.room) { /* those that stood behind the hole find their place again */
    void *moved = memory.held[i];
    memory.held[i] = NULL;
    memory.held[place_of(memory.held, memory.room, moved)] = moved;
  }
}

static void note_first(void) {
  static call_places seen;
  if (memory.made == 0) forget_places(&seen);
  if (is_new_place(&seen, 0) && memory.num_first < PLACES) memory.first[memory.num_first++] = memory.made;
  memory.made++;
}

static bool fails(void) {
  if (!memory.counts) return false;
  if (memory.first) note_first();
  if (memory.left > 0) return memory.left--, false;
  if (memory.failed && memory.once) return false;
  return memory.failed = true;
}

/* Threads of the library never allocate side by side; if they did, the sanitizers' build would see it here. */
void *__wrap_malloc(size_t size) { return fails() ? NULL : note(__real_malloc(size)); }
void *__wrap_calloc(size_t count, size_t size) { return fails() ? NULL : note(__real_calloc(count, size)); }
void *__wrap_aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : note(__real_aligned_alloc(alignment, size)); }
void __wrap_free(void *p) {
  forget(p);
  __real_free(p);
}
void *__wrap_realloc(void *p, size_t size) {
  if (fails()) return NULL;
  forget(p); /* before its address can be another's */
  return note(__real_realloc(p, size));
}

static inline void begin_failing(long k, bool once) {
  if (!memory.room && !(memory.held = __real_calloc(memory.room = 1 << 20, sizeof *memory.held))) abort();
  memory.left = k, memory.once = once, memory.failed = false, memory.counts = true;
}
static inline void end_failing(void) { memory.counts = false; }

/* Makes, uses and destroys an object; everything it allocates is freed when it returns, whatever the status. */
typedef gkt_status attempt(gkt_context *, void *user);

/* One try with the k-th allocation failing (once or from then on): false if it was never reached. */
static bool try_without(const char *name, attempt *work, void *user, const gkt_context_options *options, long k, bool once) {
  gkt_context *context;
  if (gkt_context_create(options, &context) != GKT_OK) fail_msg("no context");
  const size_t before = memory.num_held;
  begin_failing(k, once);
  gkt_status status = work(context, user);
  end_failing();
  if (memory.failed && status != GKT_NO_MEMORY) fail_msg("%s, allocation %ld: status %d, \"%s\"", name, k, status, gkt_context_message(context));
  if (memory.failed && !strstr(gkt_context_message(context), "out of memory")) fail_msg("%s, allocation %ld: \"%s\"", name, k, gkt_context_message(context));
  if (!memory.failed && status != GKT_OK) fail_msg("%s: %s", name, gkt_context_message(context));
  if (memory.device) gkt_context_destroy(&context);
  if (memory.num_held != before) fail_msg("%s, allocation %ld: %zu allocations are not freed", name, k, memory.num_held - before);
  gkt_context_destroy(&context);
  return memory.failed;
}

/* How many allocations there are: each of them failed, alone and with all that follow. */
static inline long fail_each(const char *name, attempt *work, void *user, const gkt_context_options *options) {
  long k = 0;
  while (try_without(name, work, user, options, k, false)) try_without(name, work, user, options, k++, true);
  return k;
}

/* The same in half the time: they fail alone and with all that follow in turn. */
static inline long fail_each_in_turn(const char *name, attempt *work, void *user, const gkt_context_options *options) {
  long k = 0;
  while (try_without(name, work, user, options, k, k % 2)) k++;
  return k;
}

/* Of long work so many allocations that a failure goes back to each place that they come from (call_places.h), or one in `step` of these; alone and with all that follow in turn;
   with GKT_LONG=1 all. */
static inline long fail_at_places(const char *name, attempt *work, void *user, const gkt_context_options *options, int step) {
  static long first[PLACES];
  if (getenv("GKT_LONG")) return fail_each_in_turn(name, work, user, options);
  memory.first = first, memory.num_first = 0, memory.made = 0;
  if (try_without(name, work, user, options, 1L << 40, false)) fail_msg("%s: an allocation failed", name);
  memory.first = NULL;
  for (int i = 0; i < memory.num_first; i += step)
    if (!try_without(name, work, user, options, first[i], i / step % 2)) fail_msg("%s: allocation %ld was not made again", name, first[i]);
  return memory.num_first;
}
#endif
