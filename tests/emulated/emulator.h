/* Inside of the emulated device: one machine for all contexts, one call at a time (driver.c holds the lock). */
#ifndef GKT_EMULATED_EMULATOR_H
#define GKT_EMULATED_EMULATOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/driver.h"
#include "tests/emulated/machine.h"

enum {
  EMU_OK,
  EMU_NO_MEMORY,
  EMU_INVALID,
  EMU_FAULT,
  EMU_COMPILE,
  EMU_INJECTED,
  EMU_WARP = 32,
  EMU_THREADS = 1024,
  EMU_SHARED = 232448,
  EMU_ARCHITECTURE = 90,
  EMU_GUARD = 64 << 10
};
int emu_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3))); /* keeps the text, gives the code; the first error of a launch is the one that counts */
const char *emu_text(int error);

/* ---- memory.c: a range of addresses of its own. Nothing in it can be read or written while host code runs. ---- */
int emu_alloc(size_t bytes, void **out);
int emu_release(void *at);
int emu_check_range(const void *at, size_t bytes); /* in one allocation */
void emu_open(const void *at);                     /* what it points into, if that is device memory */
bool emu_open_fault(const void *at);               /* from the handler: was it closed? */
void emu_close_all(void);
int emu_check_ends(const char *kernel); /* was something written around an allocation? */
size_t emu_limit(void), emu_free_bytes(void);
void emu_describe_address(const void *at, size_t size, char *text);
int emu_transfer(const void *from, void *to, size_t bytes, bool from_device, bool to_device);
int emu_fill(void *at, int byte, size_t bytes);
void emu_range(void **first, size_t *bytes);
size_t emu_save_all(void *into); /* the contents of all allocations, one after the other; into NULL: how many bytes */
void emu_restore_all(const void *from);
/* Do two saved states differ? Then the first byte, in an allocation of so many. */
bool emu_differs(const void *a, const void *b, size_t *byte, size_t *bytes);

/* ---- global.c ---- */
bool emu_is_global_watched(void);
void emu_bind_global(gkt_emulated_machine *);
void emu_mark(const void *at, size_t bytes, bool written);

/* ---- compile.c ---- */
extern const char emu_prelude[];
bool emu_identify(int architecture, bool contract, size_t size, char *out);
int emu_compile(const char *source, int architecture, bool contract, void **image, size_t *bytes, size_t size, char *error);

/* ---- text.c ---- */
bool emu_write_text(const char *path, const char *source);
void emu_tell_dropped(const void *image, size_t bytes);

/* ---- images.c ---- */
bool emu_read_file(const char *path, void **data, size_t *bytes);            /* data: with a 0 behind it, to be freed */
bool emu_name_image(const char *text, const char *compiler, char path[600]); /* of the text in that file; false: none are kept */
void emu_keep_image(const char *path, const void *image, size_t bytes);

/* ---- modules.c ---- */
typedef struct emu_module emu_module;
typedef struct emu_function {
  emu_module *module;
  void (*code)(const void *arguments);
  int threads; /* 0: not known */
  char name[96];
  struct emu_function *next;
} emu_function;
struct emu_module {
  void *library;
  gkt_emulated_machine *machine;
  const gkt_emulated_kernel *kernels;
  uintptr_t first; /* of its image */
  size_t bytes;
  emu_function *functions;
};
int emu_load(const void *image, size_t bytes, emu_module **out);
void emu_unload(emu_module *);
int emu_find(emu_module *, const char *name, emu_function **out);
int emu_prefer(const emu_function *, gkt_size shared, int percent);

/* ---- launch.c, block.c, faults.c: a launch is block after block, the threads of a block are fibers ---- */
typedef struct {
  emu_function *function;
  gkt_size blocks, shared;
  int threads;
  size_t size; /* of arguments */
  unsigned char arguments[4096] __attribute__((aligned(16)));
} emu_launch;
int emu_run(const emu_launch *);
extern gkt_emulated_machine *emu_machine; /* of the launch that runs */
extern const emu_launch *emu_running;
extern int emu_failed; /* the error of the launch that runs */
void emu_run_block(void (*code)(const void *), const void *arguments);
bool emu_bind(gkt_emulated_machine *);          /* its functions and memory; false: the host has none */
void emu_leave(void) __attribute__((noreturn)); /* the fiber that runs is given up, the block as well */
bool emu_is_stack_end(const void *at);
void emu_watch_faults(void), emu_unwatch_faults(void);

/* ---- fiber.c ---- */
typedef struct {
  void *top; /* of the saved stack */
  char *bottom;
  size_t bytes;
  void *fake; /* the address sanitizer's */
} emu_fiber;
bool emu_fiber_make_stacks(emu_fiber *, int count, size_t bytes); /* their memory, with a guard below each; beginnings differ, so that they do not meet in a cache */
void emu_fiber_make(emu_fiber *, void (*body)(void));             /* begins there at its first switch */
void emu_fiber_switch(emu_fiber *from, emu_fiber *to);
void emu_fiber_started(void); /* first thing in a body */

/* ---- random.c: orders of blocks and threads ---- */
void emu_seed(uint64_t launch);        /* random if GKT_EMULATED_SEED is set */
void emu_seed_orders(uint64_t number); /* random in any case */
uint32_t emu_random(uint32_t below);
bool emu_is_random(void);

/* ---- failures.c: the call number N of a kind fails, or all from N on ---- */
int emu_fails(const char *kind);
#endif
