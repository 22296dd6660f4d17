/* Stopping a run: outputs have no name until they are whole, so nothing is left to remove; it is said, and the signal does what it always does. Ctrl-C alone asks the run to end
   where it next tells its progress, with a report; only the second one is such a signal. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t interrupted;

static void say(const char *text) { /* begins with a newline, which ends a line of progress */
  text += !isatty(STDERR_FILENO);
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

static void stop(int number) {
  say("\ngalerkit: stopped; outputs that were not complete are as they were before\n");
  raise(number); /* again, now by default: the shell sees what ended it */
}

static void interrupt(int number) {
  interrupted = 1;
  sigaction(number, &(struct sigaction){.sa_handler = stop, .sa_flags = SA_RESETHAND}, NULL); /* first: the next one may come to another thread as soon as this is said */
  say("\ngalerkit: stopping at the next step of the solver; Ctrl-C once more stops at once\n");
}

bool cli_is_interrupted(void) { return interrupted; }

void cli_watch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction now, stops = {.sa_handler = stop, .sa_flags = SA_RESETHAND}, interrupts = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) sigaction(numbers[i], numbers[i] == SIGINT ? &interrupts : &stops, NULL);
}
