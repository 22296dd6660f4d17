/* Fibers: stacks that are switched by hand. On x86-64 a switch is 16 instructions; elsewhere ucontext, slower. The address sanitizer is told. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/emulated/emulator.h"

enum { COLOURS = 61 };
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
static emu_fiber *leaving; /* who switched last: its bounds are told to whoever goes on */
static void announce(emu_fiber *from, emu_fiber *to) {
  leaving = from;
  __sanitizer_start_switch_fiber(&from->fake, to->bottom, to->bytes);
}
static void arrived(void *fake) {
  const void *bottom;
  size_t bytes;
  __sanitizer_finish_switch_fiber(fake, &bottom, &bytes);
  if (leaving->bytes == 0) leaving->bottom = (char *)bottom, leaving->bytes = bytes; /* the thread's own stack */
}
static void forget(emu_fiber *f) { __asan_unpoison_memory_region(f->bottom, f->bytes); }
#else
static void announce(emu_fiber *from, emu_fiber *to) { (void)from, (void)to; }
static void arrived(void *fake) { (void)fake; }
static void forget(emu_fiber *f) { (void)f; }
#endif

void emu_fiber_started(void) { arrived(NULL); }

bool emu_fiber_make_stacks(emu_fiber *f, int count, size_t bytes) {
  char *got = mmap(NULL, (size_t)count * (bytes + EMU_GUARD), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (got == MAP_FAILED) return false;
  for (int i = 0; i < count; i++, got += bytes + EMU_GUARD) {
    mprotect(got, EMU_GUARD, PROT_NONE);
    f[i] = (emu_fiber){.bottom = got + EMU_GUARD, .bytes = bytes - (size_t)(i % COLOURS) * 1088};
  }
  return true;
}

#ifdef __x86_64__
void emu_switch(void **save, void *to);
__asm__(".text\n.type emu_switch, @function\n.hidden emu_switch\nemu_switch:\n"
        "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\nmov %rsp, (%rdi)\nmov %rsi, %rsp\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n.size emu_switch, . - emu_switch\n");

void emu_fiber_make(emu_fiber *f, void (*body)(void)) {
  uintptr_t end = ((uintptr_t)f->bottom + f->bytes) & ~(uintptr_t)63;
  void **top = (void **)end - 8;
  forget(f);
  memset(top, 0, 64);
  memcpy(&top[6], &body, sizeof body); /* what ret takes, above six registers */
  f->top = top, f->fake = NULL;
}

void emu_fiber_switch(emu_fiber *from, emu_fiber *to) {
  announce(from, to);
  emu_switch(&from->top, to->top);
  arrived(from->fake);
}
#else
void emu_fiber_make(emu_fiber *f, void (*body)(void)) {
  ucontext_t *c = f->top ? f->top : calloc(1, sizeof *c);
  forget(f);
  getcontext(c);
  c->uc_stack.ss_sp = f->bottom, c->uc_stack.ss_size = f->bytes, c->uc_link = NULL;
  makecontext(c, body, 0);
  f->top = c, f->fake = NULL;
}

void emu_fiber_switch(emu_fiber *from, emu_fiber *to) {
  if (!from->top) from->top = calloc(1, sizeof(ucontext_t));
  announce(from, to);
  swapcontext(from->top, to->top);
  arrived(from->fake);
}
#endif
