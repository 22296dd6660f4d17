/* run, check, and mesh of a problem file */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static int open_problem(const cli_options *o, gkt_context **ctx, gkt_problem **problem) {
  gkt_problem_options options = gkt_problem_options_default();
  options.num_sets = o->num_sets, options.sets = o->sets, options.out_dir = o->out_dir;
  options.petsc_options = o->petsc_options[0] ? o->petsc_options : NULL;
  options.progress = cli_progress, options.step_progress = cli_step_progress, options.iterate_progress = cli_iterate_progress, options.progress_user = (void *)o;
  if (gkt_context_create(&o->context, ctx)) return cli_refuse("out of memory"), EXIT_NO_ANSWER;
  return cli_exit_status(*ctx, gkt_problem_read(*ctx, o->file, &options, problem));
}

/* The report is written also without an answer; a failure to write it is one more message. */
static int write_report(const cli_options *o, gkt_context *ctx, gkt_problem *problem, int code) {
  if (!o->report) return code;
  gkt_context_clear(ctx);
  return cli_exit_status(ctx, gkt_problem_write_report(problem, o->report)) ? EXIT_NO_ANSWER : code;
}

static int run(const cli_options *o, gkt_context *ctx, gkt_problem *problem) {
  bool valid = false;
  cli_watch_signals();
  int code = o->report ? cli_exit_status(ctx, gkt_output_try(ctx, o->report)) : EXIT_DONE;
  if (!code) code = cli_exit_status(ctx, gkt_problem_run(problem, &valid));
  if (code == EXIT_REFUSED) return code;
  if (code == EXIT_DONE && !valid) {
    fprintf(stderr, "galerkit: %s\n", gkt_problem_reason(problem));
    code = EXIT_NO_ANSWER;
  }
  if (!o->quiet) printf("%s", gkt_problem_report_text(problem));
  return write_report(o, ctx, problem, code);
}

static int check(const cli_options *o, gkt_context *ctx, gkt_problem *problem) {
  int code = cli_exit_status(ctx, gkt_problem_check(problem));
  if (!code && !o->quiet) printf("%s", gkt_problem_report_text(problem));
  return code;
}

/* The geometry of the problem, to OUT.msh, else to the current folder under the name of the problem file. */
static int mesh(const cli_options *o, gkt_context *ctx, gkt_problem *problem) {
  const char *slash = strrchr(o->file, '/'), *name = slash ? slash + 1 : o->file;
  char path[4096];
  snprintf(path, sizeof path, "%.*s.msh", (int)strcspn(name, "."), name);
  if (o->output) snprintf(path, sizeof path, "%s", o->output);
  int code = cli_exit_status(ctx, gkt_problem_mesh_geometry(problem, path));
  if (!code && !o->quiet) printf("%s\n", path);
  return code;
}

static int with_problem(int argc, char **argv, const char *allowed, int (*act)(const cli_options *, gkt_context *, gkt_problem *)) {
  cli_options o;
  gkt_context *ctx = NULL;
  gkt_problem *problem = NULL;
  int code;
  if (cli_parse(argc, argv, allowed, "a problem file", &o, &code)) {
    code = open_problem(&o, &ctx, &problem);
    if (!code) code = act(&o, ctx, problem);
  }
  gkt_problem_destroy(&problem);
  if (ctx) gkt_context_destroy(&ctx);
  free(o.sets);
  return code;
}

int cli_run(int argc, char **argv) { return with_problem(argc, argv, "sbmtdrqv-", run); }
int cli_check(int argc, char **argv) { return with_problem(argc, argv, "sbmtdqv", check); }

/* Sizes are the file's own: options of geometries are none of it. */
int cli_mesh_problem(int argc, char **argv) {
  static char name[] = "mesh FILE.yaml";
  argv[0] = name;
  return with_problem(argc, argv, "soqv", mesh);
}
