/* The command: arguments, terminal, exit status. options.c, terminal.c and signals.c are galerkit-bench's too. */
#ifndef GKT_CLI_CLI_H
#define GKT_CLI_CLI_H
#include "galerkit/galerkit.h"

enum { EXIT_DONE = 0, EXIT_NO_ANSWER = 1, EXIT_REFUSED = 2 }; /* docs/problem-file.md */

typedef struct {
  const char *file;  /* the one argument that is no option */
  const char **sets; /* [num_sets]; freed by whoever parsed */
  int num_sets;
  gkt_context_options context;
  const char *out_dir, *report, *output, *field, *view, *section;
  const char *json, *bench_case;
  int isolines, repeat, bench_sets, size, architecture, items;
  double warp;
  bool edges, quiet, verbose;
  char petsc_options[4096]; /* after `--` */
} cli_options;

/* Fills out from argv; argv[0] is the command's name. allowed: letters of the options it knows (options.c), `-` for options of PETSc, `?` for a file that
   may be left out; file: what it takes, NULL: none.
   false: all is said, *code is the exit status. */
bool cli_parse(int argc, char **argv, const char *allowed, const char *file, cli_options *out, int *code);
int cli_help(void);                                                                                    /* each program's own, in its main.c */
int cli_finish(int code);                                                                              /* the exit status: not 0 where standard output could not be written */
int cli_refuse(const char *format, ...) GKT_PRINTF(1, 2);                                              /* `galerkit: ...` to standard error, EXIT_REFUSED */
const char *cli_near(const char *word, int count, const char *const *candidates);                      /* "; did you mean ..?" or ""; valid until the next call */
int cli_exit_status(gkt_context *, gkt_status);                                                        /* prints the context's message; positive statuses are refusals */
void cli_log(void *user, gkt_log_level, const char *message);                                          /* user: cli_options */
bool cli_progress(void *user, const char *stage, int iteration, double residual, double seconds_left); /* false: cli_is_interrupted */
bool cli_step_progress(void *user, const gkt_step_progress *);                                         /* the same of problems in time */
bool cli_iterate_progress(void *user, const gkt_iterate_progress *);                                   /* of optimizations */
void cli_progress_end(void);

/* ---- signals.c: what stops the command is said; Ctrl-C cancels, the second one ends it at once ---- */
void cli_watch_signals(void);
bool cli_is_interrupted(void);

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_mesh(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_mesh_problem(int argc, char **argv);
int cli_plot(int argc, char **argv);
int cli_devices(int argc, char **argv);
#endif
