/* A fault inside a kernel: closed device memory is opened and the kernel goes on; anything else ends the launch with an error that says where. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "tests/emulated/emulator.h"

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { NUM_SIGNALS = sizeof signals / sizeof *signals, STACK = 64 << 10 };
static struct sigaction kept[NUM_SIGNALS];
static stack_t kept_stack;
static char handler_stack[STACK], landing_stack[STACK] __attribute__((aligned(16)));
static pthread_t launching;

static void describe(int signal, const void *address) {
  char what[160] = "a division by zero";
  if (signal == SIGSEGV || signal == SIGBUS) emu_describe_address(address, sizeof what, what);
  if (emu_is_stack_end(address)) strcpy(what, "the end of the stack of a thread");
  if (signal == SIGILL) strcpy(what, "an instruction that is none");
  emu_failed = emu_error(EMU_FAULT, "%s, block %u: thread %d: %s %p: %s", emu_running->function->name, emu_machine->block.x, emu_machine->current,
                         signal == SIGFPE || signal == SIGILL ? "fault at" : "access to", address, what);
}

/* When the handler returns, the launch is left from a stack of its own: the fiber's may be full. */
static bool redirect(ucontext_t *c) {
  uintptr_t top = (uintptr_t)(landing_stack + STACK - 64);
#if defined __x86_64__
  c->uc_mcontext.gregs[REG_RSP] = (greg_t)(top - 8);
  c->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)emu_leave;
#elif defined __aarch64__
  c->uc_mcontext.sp = top;
  c->uc_mcontext.pc = (uintptr_t)emu_leave;
#else
  return (void)c, (void)top, false;
#endif
  return true;
}

static void handle(int signal, siginfo_t *info, void *context) {
  bool ours = emu_running && pthread_equal(launching, pthread_self());
  if (ours && (signal == SIGSEGV || signal == SIGBUS) && emu_open_fault(info->si_addr)) return;
  if (ours) describe(signal, info->si_addr);
  if (ours && redirect(context)) return;
  for (int i = 0; i < NUM_SIGNALS; i++) /* of the host: as if there were no handler */
    if (signals[i] == signal) sigaction(signal, &kept[i], NULL);
}

void emu_watch_faults(void) {
  struct sigaction ours = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  stack_t stack = {.ss_sp = handler_stack, .ss_size = STACK};
  launching = pthread_self();
  sigaltstack(&stack, &kept_stack);
  for (int i = 0; i < NUM_SIGNALS; i++) sigaction(signals[i], &ours, &kept[i]);
}

void emu_unwatch_faults(void) {
  for (int i = 0; i < NUM_SIGNALS; i++) sigaction(signals[i], &kept[i], NULL);
  sigaltstack(&kept_stack, NULL);
}
