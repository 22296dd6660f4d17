/* Failures on demand: GKT_EMULATED_FAIL=launch:5 fails the fifth launch, launch:5+ all from then on, any:7 the seventh call of whatever kind. Tests in one process set it by
   gkt_emulated_fail, found by dlsym in $GKT_EMULATOR, and count by gkt_emulated_calls; which are worth it tells gkt_emulated_places; gkt_emulated_visit is asked at each call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/call_places.h"
#include "tests/emulated/emulator.h"

static const char *const kinds[] = {"any",  "open", "alloc", "upload", "download", "copy",   "fill",   "compile",
                                    "load", "find", "share", "launch", "wait",     "record", "replay", "timer"};
enum { NUM_KINDS = sizeof kinds / sizeof *kinds };
static long calls[NUM_KINDS];
static char wanted[16];
static long number;
static bool onwards, read_environment;

static int kind_of(const char *name) {
  for (int i = 0; i < NUM_KINDS; i++)
    if (strcmp(kinds[i], name) == 0) return i;
  return -1;
}

/* ---- the calls that come back to places where none before does ---- */
enum { MOST_FIRST = 8192 };
static struct {
  int kind;
  long number, of_all; /* of its kind, and of all calls */
} first[MOST_FIRST];
static int num_first;
static bool looks;
static call_places seen;

static void note_place(int kind) {
  if (num_first == MOST_FIRST || !is_new_place(&seen, kind == kind_of("alloc"))) return; /* others stick */
  first[num_first].kind = kind, first[num_first].number = calls[kind], first[num_first++].of_all = calls[0];
}

/* Begins to look for places, or ends it. */
__attribute__((visibility("default"))) void gkt_emulated_look(bool begin);
void gkt_emulated_look(bool begin) {
  looks = begin, num_first = 0;
  forget_places(&seen);
}

/* "launch:5", "launch:5+", NULL or "": nothing fails. Counts begin anew. False: no such kind. */
__attribute__((visibility("default"))) bool gkt_emulated_fail(const char *what);
bool gkt_emulated_fail(const char *what) {
  char plus = 0;
  read_environment = true;
  memset(calls, 0, sizeof calls);
  wanted[0] = 0, onwards = false;
  if (!what || !*what) return true;
  if (sscanf(what, "%15[a-z]:%ld%c", wanted, &number, &plus) < 2 || kind_of(wanted) < 0) return wanted[0] = 0, false;
  onwards = plus == '+';
  return true;
}

/* Calls of a kind ("any": of all) since gkt_emulated_fail; -1: no such kind. */
__attribute__((visibility("default"))) long gkt_emulated_calls(const char *kind);
long gkt_emulated_calls(const char *kind) { return kind_of(kind) < 0 ? -1 : calls[kind_of(kind)]; }

/* Calls of a kind ("any": of all) since gkt_emulated_look(true) that come back to places where none before does (tests/call_places.h), by their numbers, in their order; how many
 * there are, at most `room`. */
__attribute__((visibility("default"))) int gkt_emulated_places(const char *kind, int room, long *numbers);
int gkt_emulated_places(const char *kind, int room, long *numbers) {
  const int k = kind_of(kind);
  int count = 0;
  for (int i = 0; i < num_first && count < room; i++)
    if (k == 0 || first[i].kind == k) numbers[count++] = k == 0 ? first[i].of_all : first[i].number;
  return count;
}

/* Asked at each call, by its kind, its number of that kind and of all: 0: it does what it does; 1: it fails; 2: and so do all that follow. After a failure nobody is asked. */
static int (*visitor)(const char *kind, long number, long of_all);
__attribute__((visibility("default"))) void gkt_emulated_visit(int (*visit)(const char *kind, long number, long of_all));
void gkt_emulated_visit(int (*visit)(const char *kind, long number, long of_all)) { visitor = visit; }

static void ask(int kind) {
  const int answer = visitor(kinds[kind], calls[kind], calls[0]), w = answer == 2 ? 0 : kind;
  if (!answer) return;
  snprintf(wanted, sizeof wanted, "%s", kinds[w]), number = calls[w], onwards = answer == 2;
  visitor = NULL;
}

int emu_fails(const char *kind) {
  if (!read_environment && !gkt_emulated_fail(getenv("GKT_EMULATED_FAIL"))) fprintf(stderr, "GKT_EMULATED_FAIL is KIND:N or KIND:N+\n");
  const int k = kind_of(kind);
  calls[0]++, calls[k]++;
  if (looks) note_place(k);
  if (visitor) ask(k);
  const int w = wanted[0] ? kind_of(wanted) : -1;
  if (w < 0 || (w != 0 && w != k)) return EMU_OK;
  if (calls[w] != number && !(onwards && calls[w] > number)) return EMU_OK;
  if (strcmp(kind, "alloc") == 0) return emu_error(EMU_NO_MEMORY, "out of memory, as asked for: %s number %ld", wanted, calls[w]);
  return emu_error(EMU_INJECTED, "it fails as asked for: %s number %ld", wanted, calls[w]);
}
