/* One block: its threads on fibers. A fiber begins threads one after the other, so those that never wait cost a call; one that waits keeps its fiber, and another fiber goes on. */
#include <stdio.h>
#include <string.h>

#include "tests/emulated/emulator.h"

enum { STACK = 256 << 10 };
typedef struct { /* what a lane waits with */
  int kind, from, line;
  uint32_t mask;
  uint64_t value;
} waiting;
static emu_fiber fibers[EMU_THREADS + 1], launcher;
static int made, idle[EMU_THREADS + 1], num_idle; /* fibers that begin threads when switched to */
static int fiber_of[EMU_THREADS], running;        /* the fiber that runs */
static waiting lanes[EMU_THREADS];
static uint32_t ready[32], begun[32], done[32], at_lanes[32]; /* [warp] bits of lanes */
static int arrived, num_threads, num_done, barrier_line, barrier_thread;
static void (*code)(const void *);
static const void *arguments;

void emu_leave(void) {
  emu_fiber *from = &fibers[running];
  made = 0; /* all of them begin anew */
  emu_fiber_switch(from, &launcher);
  __builtin_unreachable();
}

static void fail(const char *what) __attribute__((noreturn));
static void fail(const char *what) {
  if (!emu_failed) emu_failed = emu_error(EMU_FAULT, "%s, block %u: %s", emu_running->function->name, emu_machine->block.x, what);
  emu_leave();
}

static int waiting_at_barrier(void) { /* a thread, the first one */
  for (int t = 0; t < num_threads; t++)
    if (!((ready[t / 32] | done[t / 32] | at_lanes[t / 32]) >> (t % 32) & 1)) return t;
  return -1;
}

static void stuck(void) {
  char text[320];
  int n = 0;
  if (arrived > 0)
    n = snprintf(text, sizeof text, "thread %d waits at the barrier of line %d, which %d of %d threads do not reach", waiting_at_barrier(), barrier_line, num_threads - arrived,
                 num_threads);
  for (int t = 0; t < num_threads; t++)
    if (at_lanes[t / 32] >> (t % 32) & 1) {
      snprintf(text + n, sizeof text - (size_t)n, "%sthread %d waits in line %d for lanes of mask %#x that do not come", n ? "; " : "", t, lanes[t].line, lanes[t].mask);
      break;
    }
  fail(text);
}

/* The thread that goes on, or -1 when all are done. In order: the next one of this warp, else of the next warp. */
static int choose(void) {
  int warps = (num_threads + 31) / 32, start = emu_machine->current >> 5, lane = emu_machine->current & 31;
  uint32_t among = 0;
  if (emu_is_random()) start = (int)emu_random((uint32_t)warps), lane = (int)emu_random(32);
  int warp = start;
  do {
    among = ready[warp];
    if (among) break;
    lane = emu_is_random() ? lane : 31;
    warp = warp + 1 == warps ? 0 : warp + 1;
  } while (warp != start);
  if (!among) {
    if (num_done < num_threads) stuck();
    return -1;
  }
  uint32_t later = lane == 31 ? 0 : among & (~0u << (lane + 1));
  return warp * 32 + __builtin_ctz(later ? later : among);
}

static void set_current(int thread) {
  emu_machine->current = thread;
  emu_machine->thread.x = (unsigned)thread;
}

static void switch_to(int fiber) {
  int from = running;
  running = fiber;
  emu_fiber_switch(&fibers[from], &fibers[fiber]);
}

bool emu_is_stack_end(const void *at) {
  const size_t from = (size_t)((const char *)at - (fibers[0].bottom - EMU_GUARD));
  return fibers[0].bottom && from < (size_t)(EMU_THREADS + 1) * (STACK + EMU_GUARD) && from % (STACK + EMU_GUARD) < EMU_GUARD;
}

static bool has_begun(int thread) { return begun[thread >> 5] >> (thread & 31) & 1; }

static void make_all_ready(void) {
  for (int w = 0; w * 32 < num_threads; w++) ready[w] = num_threads - w * 32 < 32 ? (1u << (num_threads - w * 32)) - 1 : ~0u;
}

static void finish(int thread);
static void begin_threads(void) { /* the body of every fiber */
  emu_fiber_started();
  int me = running;
  for (;;) {
    int next = emu_machine->current, warp = next >> 5;
    uint32_t bit = 1u << (next & 31);
    begun[warp] |= bit, ready[warp] &= ~bit;
    fiber_of[next] = me;
    code(arguments);
    finish(next);
    next = choose();
    if (next >= 0) set_current(next);
    if (next >= 0 && !has_begun(next)) continue;
    idle[num_idle++] = me;
    if (next >= 0) switch_to(fiber_of[next]);
    else emu_fiber_switch(&fibers[me], &launcher);
  }
}

/* From a thread that waits, or whose turn is over: others run until it is chosen. `last`: the thread that ran last, as far as order goes. */
static void let_others(int me, int last) {
  emu_machine->current = last;
  int next = choose();
  set_current(next);
  if (next != me) switch_to(has_begun(next) ? fiber_of[next] : idle[--num_idle]);
  ready[me >> 5] &= ~(1u << (me & 31));
}

static void sync_threads(int line) {
  int me = emu_machine->current;
  char text[160];
  if (arrived++ == 0) barrier_line = line, barrier_thread = me;
  if (line != barrier_line) {
    snprintf(text, sizeof text, "threads %d and %d are at different barriers, in lines %d and %d", barrier_thread, me, barrier_line, line);
    fail(text);
  }
  if (arrived < num_threads) return let_others(me, me);
  arrived = 0;
  emu_machine->epoch++;
  make_all_ready();
  let_others(me, num_threads - 1);
}

/* A barrier of lanes: whatever one of them did before comes before what the others do now. */
static void join(int warp, uint32_t mask) {
  unsigned(*known)[32] = emu_machine->known[warp], joined[32] = {0};
  for (int a = 0; a < 32; a++)
    for (int b = 0; mask >> a & 1 && b < 32; b++)
      if (known[a][b] > joined[b]) joined[b] = known[a][b];
  unsigned now = ++emu_machine->stamp[warp];
  for (int b = 0; b < 32; b++)
    if (mask >> b & 1) joined[b] = now;
  for (int a = 0; a < 32; a++)
    if (mask >> a & 1) memcpy(known[a], joined, sizeof joined);
}

static void shuffle(int warp, uint32_t group) {
  uint64_t values[32], ballot = 0;
  char text[160];
  for (int l = 0; l < 32; l++)
    if (group >> l & 1) values[l] = lanes[warp * 32 + l].value, ballot |= (values[l] & 1) << l;
  for (int l = 0; l < 32; l++) {
    waiting *w = &lanes[warp * 32 + l];
    if (!(group >> l & 1)) continue;
    if (w->kind == GKT_EMULATED_BALLOT) w->value = ballot;
    else if (group >> w->from & 1) w->value = values[w->from];
    else {
      snprintf(text, sizeof text, "thread %d: the shuffle of line %d takes from lane %d, which is not there", warp * 32 + l, w->line, w->from);
      fail(text);
    }
  }
}

/* All lanes of the group's mask that still live are here: they go on. */
static bool release(int thread) {
  int warp = thread >> 5;
  const waiting *w = &lanes[thread];
  uint32_t group = 0, living = ~done[warp];
  if (num_threads - warp * 32 < 32) living &= (1u << (num_threads - warp * 32)) - 1;
  if (w->mask & living & ~at_lanes[warp]) return false;
  for (int l = 0; l < 32; l++)
    if ((at_lanes[warp] >> l & 1) && lanes[warp * 32 + l].kind == w->kind && lanes[warp * 32 + l].mask == w->mask) group |= 1u << l;
  if (group != (w->mask & living)) return false;
  if (w->kind == GKT_EMULATED_SYNC) join(warp, group);
  else shuffle(warp, group);
  at_lanes[warp] &= ~group;
  ready[warp] |= group;
  return true;
}

static unsigned long long exchange(int kind, unsigned mask, int from, unsigned long long value, int line) {
  int me = emu_machine->current, warp = me >> 5;
  char text[160];
  if (!(mask >> (me & 31) & 1)) {
    snprintf(text, sizeof text, "thread %d: line %d names lanes of mask %#x, without its own", me, line, mask);
    fail(text);
  }
  lanes[me] = (waiting){.kind = kind, .from = from & 31, .line = line, .mask = mask, .value = value};
  at_lanes[warp] |= 1u << (me & 31);
  let_others(me, release(me) ? warp * 32 + 31 : me);
  return lanes[me].value;
}

static void finish(int thread) {
  int warp = thread >> 5;
  done[warp] |= 1u << (thread & 31);
  num_done++;
  for (int l = 0; at_lanes[warp] && l < 32; l++)
    if (at_lanes[warp] >> l & 1) release(warp * 32 + l);
}

static void name_place(int kind, unsigned long long byte, size_t size, char *text) {
  if (kind & GKT_EMULATED_GLOBAL_BYTE) emu_describe_address((const char *)(uintptr_t)emu_machine->global + byte, size, text);
  else snprintf(text, size, "shared byte %lld", (long long)byte);
}

static void report(int kind, unsigned long long byte, int other) {
  int me = emu_machine->current;
  char text[300], place[100], who[40] = "another block";
  static const char apart[] = "without a barrier between them";
  name_place(kind, byte, sizeof place, place);
  if (other >= 0) snprintf(who, sizeof who, "thread %d", other);
  switch (kind & ~GKT_EMULATED_GLOBAL_BYTE) {
  case GKT_EMULATED_RACE_WRITES: snprintf(text, sizeof text, "thread %d writes %s, which %s writes too, %s", me, place, who, apart); break;
  case GKT_EMULATED_RACE_READ: snprintf(text, sizeof text, "thread %d reads %s, which %s writes, %s", me, place, who, apart); break;
  case GKT_EMULATED_RACE_WRITE: snprintf(text, sizeof text, "thread %d writes %s, which %s reads, %s", me, place, who, apart); break;
  case GKT_EMULATED_UNWRITTEN: snprintf(text, sizeof text, "thread %d reads %s, which nobody wrote", me, place); break;
  case GKT_EMULATED_OUTSIDE: snprintf(text, sizeof text, "thread %d: %s of %llu", me, place, emu_machine->shared_bytes); break;
  case GKT_EMULATED_HOST: snprintf(text, sizeof text, "thread %d: %#llx is an address of the host", me, byte); break;
  default: snprintf(text, sizeof text, "thread %d: %s is no multiple of the %d bytes that are read or written there", me, place, other);
  }
  fail(text);
}

static void make_fibers(void) {
  for (int i = 0; i <= num_threads; i++) emu_fiber_make(&fibers[i], begin_threads), idle[num_threads - i] = i;
  num_idle = made = num_threads + 1;
}

bool emu_bind(gkt_emulated_machine *m) {
  if (!fibers[0].bottom && !emu_fiber_make_stacks(fibers, EMU_THREADS + 1, STACK)) return false;
  m->sync_threads = sync_threads;
  m->exchange = exchange;
  m->fail = report;
  m->stacks = (uintptr_t)fibers[0].bottom, m->stack_bytes = (EMU_THREADS + 1) * (unsigned long long)(STACK + EMU_GUARD);
  emu_bind_global(m);
  return true;
}

void emu_run_block(void (*kernel)(const void *), const void *with) {
  num_threads = (int)emu_machine->threads.x;
  code = kernel, arguments = with;
  arrived = num_done = 0;
  make_all_ready();
  for (int w = 0; w * 32 < num_threads; w++) begun[w] = done[w] = at_lanes[w] = 0;
  launcher.bytes = 0;
  if (made <= num_threads) make_fibers();
  set_current(num_threads - 1);
  set_current(choose());
  running = idle[--num_idle];
  emu_fiber_switch(&launcher, &fibers[running]);
}
