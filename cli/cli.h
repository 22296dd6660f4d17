/* The command: arguments, terminal, exit status. */
#ifndef GKT_CLI_CLI_H
#define GKT_CLI_CLI_H
#include "galerkit/galerkit.h"

enum { EXIT_DONE = 0, EXIT_NO_ANSWER = 1, EXIT_REFUSED = 2 }; /* docs/problem-file.md */

typedef struct {
  const char *file;    /* the one argument that is no option */
  const char **sets;   /* [num_sets] */
  int num_sets;
  gkt_context_options context;
  const char *out_dir, *report, *output, *field, *view;
  bool quiet, verbose, help;
  char petsc_options[4096]; /* after `--` */
} cli_options;

/* Fills out from argv after the command's name; allowed: the option letters this command knows. false: said why. */
bool cli_parse(int argc, char **argv, const char *command, const char *allowed, cli_options *out);
int cli_refuse(const char *format, ...) GKT_PRINTF(1, 2); /* `galerkit: ...` to standard error, EXIT_REFUSED */
int cli_exit_status(gkt_context *, gkt_status); /* prints the context's message; before computing: positive statuses are refusals */
void cli_log(void *user, gkt_log_level, const char *message); /* user: cli_options */
void cli_progress(void *user, const char *stage, int iteration, double residual, double seconds_left);
void cli_progress_end(void);

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_mesh(int argc, char **argv);
int cli_plot(int argc, char **argv);
int cli_devices(int argc, char **argv);
#endif
