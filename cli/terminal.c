/* Progress, warnings and failures go to standard error. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static bool line_open; /* a progress line without its newline */

void cli_progress_end(void) {
  if (line_open) fprintf(stderr, "\r\033[K");
  line_open = false;
}

static void print_left(double seconds) {
  const long s = (long)(seconds + 0.5);
  if (s < 60) fprintf(stderr, ", about %ld s left", s);
  else if (s < 3600) fprintf(stderr, ", about %ld min %ld s left", s / 60, s % 60);
  else fprintf(stderr, ", about %ld h %ld min left", s / 3600, s / 60 % 60);
}

bool cli_progress(void *user, const char *stage, int iteration, double residual, double seconds_left) {
  const cli_options *o = user;
  if (o->quiet || !isatty(STDERR_FILENO)) return !cli_is_interrupted();
  fprintf(stderr, "\r\033[K%s ...", stage);
  if (iteration) fprintf(stderr, " iteration %d, residual %.2e", iteration, residual);
  if (iteration && seconds_left >= 0) print_left(seconds_left);
  fflush(stderr);
  line_open = true;
  return !cli_is_interrupted();
}

/* "step 12 of 200, t = 0.11 of 2, dt = 0.01, Newton 3, about 12 s left", ten times a second at most. */
bool cli_step_progress(void *user, const gkt_step_progress *p) {
  static double printed;
  const cli_options *o = user;
  if (o->quiet || !isatty(STDERR_FILENO) || gkt_seconds() - printed < 0.1) return !cli_is_interrupted();
  printed = gkt_seconds();
  fprintf(stderr, "\r\033[Kstep %d of %d, t = %.6g of %.6g", p->step, p->num_steps, p->time, p->end);
  if (p->length > 0) fprintf(stderr, ", dt = %.3g", p->length);
  if (p->newton > 1) fprintf(stderr, ", Newton %d", p->newton);
  if (p->seconds_left >= 0) print_left(p->seconds_left);
  fflush(stderr);
  line_open = true;
  return !cli_is_interrupted();
}

static void print_iterate(const gkt_iterate_progress *p) {
  cli_progress_end();
  if (p->iterate.iteration == 0 || p->iterate.iteration % 25 == 0) {
    fprintf(stderr, "%9s %15.15s", "iteration", p->objective_name);
    for (int i = 0; i < p->num_constraints; i++) fprintf(stderr, " %12.12s", p->constraint_names[i]);
    fprintf(stderr, " %9s %9s\n", "gradient", "step");
  }
  fprintf(stderr, "%9d %15.9g", p->iterate.iteration, p->iterate.objective);
  for (int i = 0; i < p->num_constraints; i++) fprintf(stderr, " %12.6g", p->constraints[i]);
  fprintf(stderr, " %9.2e %9.2e", p->iterate.gradient_norm, p->iterate.change);
  if (p->seconds_left >= 0) print_left(p->seconds_left);
  fprintf(stderr, "\n");
}

/* A row of a table for each iterate. */
bool cli_iterate_progress(void *user, const gkt_iterate_progress *p) {
  static int printed = -1;
  const cli_options *o = user;
  if (o->quiet || !isatty(STDERR_FILENO) || p->iterate.iteration == printed || !p->objective_name) return !cli_is_interrupted();
  printed = p->iterate.iteration;
  print_iterate(p);
  return !cli_is_interrupted();
}

void cli_log(void *user, gkt_log_level level, const char *message) {
  const cli_options *o = user;
  if (level == GKT_LOG_DETAIL && !o->verbose) return;
  if (level == GKT_LOG_NOTICE && o->quiet) return;
  cli_progress_end();
  fprintf(stderr, "%s%s\n", level == GKT_LOG_WARNING ? "warning: " : "", message);
}

int cli_exit_status(gkt_context *ctx, gkt_status status) {
  cli_progress_end();
  if (status == GKT_OK) return EXIT_DONE;
  const char *message = gkt_context_message(ctx);
  fprintf(stderr, "galerkit: %s\n", message[0] ? message : gkt_status_text(status));
  return status > 0 ? EXIT_REFUSED : EXIT_NO_ANSWER;
}

int cli_finish(int code) {
  if (!fflush(stdout) && !ferror(stdout)) return code;
  cli_refuse("cannot write to standard output: %s", strerror(errno));
  return code ? code : EXIT_NO_ANSWER;
}
