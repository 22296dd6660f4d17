/* Stopping a run: outputs have no name until they are whole, so nothing is left to remove; it is said, and the signal does what it always does. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static void stop(int number) {
  static const char text[] = "\ngalerkit: stopped; outputs that were not complete are as they were before\n";
  if (write(STDERR_FILENO, text + !isatty(STDERR_FILENO), strlen(text) - (size_t)!isatty(STDERR_FILENO)) < 0) number += 0;
  raise(number); /* again, now by default: the shell sees what ended it */
}

void cli_watch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction now;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) sigaction(numbers[i], &(struct sigaction){.sa_handler = stop, .sa_flags = SA_RESETHAND}, NULL);
}
