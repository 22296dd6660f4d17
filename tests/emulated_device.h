/* A test on the emulated device: GKT_DEVICE is set, the emulator found beside the build's libraries, its controls by dlsym. What
   is read behind the end of an allocation is found to 16 bytes. */
#ifndef GKT_TESTS_EMULATED_DEVICE_H
#define GKT_TESTS_EMULATED_DEVICE_H
#include <dlfcn.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/device.h"

/* Before the first context of the program. */
static inline void use_emulated_device(void) {
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
  setenv("GKT_DEVICE", "emulated", 1);
  setenv("GKT_EMULATED_TIGHT", "1", 0);
  if (getenv("GKT_EMULATOR") || n <= 0) return;
  path[n] = 0;
  *strrchr(path, '/') = 0;
  strcpy(strrchr(path, '/'), "/lib/libgalerkit_emulated.so");
  setenv("GKT_EMULATOR", path, 1);
}

static inline void *emulator_symbol(const char *name) {
  void *library = dlopen(getenv("GKT_EMULATOR"), RTLD_NOW | RTLD_LOCAL);
  void *symbol = library ? dlsym(library, name) : NULL;
  if (!symbol) fail_msg("%s is not in %s", name, getenv("GKT_EMULATOR"));
  return symbol;
}

/* "launch:5": the fifth launch from now on fails; "launch:5+": and all later ones; "any:3": the third call of whatever kind; NULL: none. */
static inline void emulator_fail(const char *what) {
  bool (*set)(const char *);
  void *symbol = emulator_symbol("gkt_emulated_fail");
  memcpy(&set, &symbol, sizeof set);
  assert_true(set(what));
}

/* Calls since emulator_fail: "any", "open", "alloc", "upload", "download", "copy", "fill", "compile", "load", "find", "share", "launch", "wait", "record", "replay", "timer". */
static inline long emulator_calls(const char *kind) {
  long (*count)(const char *);
  void *symbol = emulator_symbol("gkt_emulated_calls");
  memcpy(&count, &symbol, sizeof count);
  return count(kind);
}

/* From now on blocks and threads in the random order of a seed, and no thread reads what another one writes, or nobody wrote; 0: in their own order again. */
static inline void use_random_order(int seed) {
  char text[16];
  snprintf(text, sizeof text, "%d", seed);
  if (seed) setenv("GKT_EMULATED_SEED", text, 1), setenv("GKT_EMULATED_GLOBAL", "1", 1);
  else unsetenv("GKT_EMULATED_SEED"), unsetenv("GKT_EMULATED_GLOBAL");
}

/* Whether it is noted from where calls are made. */
static inline void emulator_look(bool looks) {
  void (*set)(bool);
  void *symbol = emulator_symbol("gkt_emulated_look");
  memcpy(&set, &symbol, sizeof set);
  set(looks);
}

/* The numbers, since emulator_fail, of those calls of a kind since emulator_look(true) that come back to places where none before does (tests/call_places.h). How many of them. */
static inline int emulator_places(const char *kind, int room, long *numbers) {
  int (*find)(const char *, int, long *);
  void *symbol = emulator_symbol("gkt_emulated_places");
  memcpy(&find, &symbol, sizeof find);
  return find(kind, room, numbers);
}

/* Asked at each call, by its kind, its number of that kind and of all: 0: it does what it does; 1: it fails; 2: and so do all that follow. NULL: nobody is asked. */
typedef int emulator_visitor(const char *kind, long number, long of_all);
static inline void emulator_visit(emulator_visitor *visitor) {
  void (*set)(emulator_visitor *);
  void *symbol = emulator_symbol("gkt_emulated_visit");
  memcpy(&set, &symbol, sizeof set);
  set(visitor);
}

/* Of the last wish for shared memory, if it was for this kernel: bytes of a block; per cent of a multiprocessor's, 0: it was for another. */
static inline int emulator_preferred(const char *kernel, gkt_size *shared) {
  int (*find)(const char *, gkt_size *);
  void *symbol = emulator_symbol("gkt_emulated_preferred");
  memcpy(&find, &symbol, sizeof find);
  return find(kernel, shared);
}
#endif
