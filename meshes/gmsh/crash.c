/* Gmsh and OpenCASCADE crash on some damaged CAD files. Then, and when the user stops the program, temporary files go and one line says what happened. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "mesher.h"

static const char *volatile stage, *volatile temporaries[2];
static const char *input;
static volatile sig_atomic_t status = REFUSED;

static void put(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

/* Only what a signal handler may call; the sanitizer does not expect to end on another stack. */
__attribute__((no_sanitize_address)) static void end(int signal) {
  const bool stopped = signal == SIGINT || signal == SIGTERM || signal == SIGHUP;
  for (int i = 0; i < 2; i++)
    if (temporaries[i]) unlink(temporaries[i]);
  put("galerkit-mesh: ");
  put(input);
  put(stopped ? ": stopped\n" : stage);
  _exit(stopped ? 128 + signal : status);
}

void crash_watch(const options *o) {
  static char stack[65536]; /* of its own, since the program's may be what overflowed */
  const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM, SIGHUP};
  struct sigaction action = {.sa_handler = end, .sa_flags = SA_ONSTACK | SA_RESETHAND};
  input = o->input;
  stage = ": the file is damaged: Gmsh crashed while reading it\n";
  sigaltstack(&other, NULL);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

void crash_is_meshing(void) {
  stage = ": Gmsh crashed while meshing it; another --size may help, or mending the geometry in the CAD program\n";
  status = FAILED;
}

void crash_removes(int slot, const char *path) { temporaries[slot] = path; }
