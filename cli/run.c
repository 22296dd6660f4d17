#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

static int open_problem(const cli_options *o, gkt_context **ctx, gkt_problem **problem) {
  gkt_problem_options options = gkt_problem_options_default();
  options.num_sets = o->num_sets, options.sets = o->sets, options.out_dir = o->out_dir;
  options.petsc_options = o->petsc_options[0] ? o->petsc_options : NULL;
  options.progress = cli_progress, options.progress_user = (void *)o;
  if (gkt_context_create(&o->context, ctx)) return cli_refuse("out of memory"), EXIT_NO_ANSWER;
  return cli_exit_status(*ctx, gkt_problem_read(*ctx, o->file, &options, problem));
}

/* The report is written also without an answer; its own failure does not hide the first. */
static int finish(const cli_options *o, gkt_context *ctx, gkt_problem *problem, gkt_status status, bool valid) {
  int code = status == GKT_OK ? valid ? EXIT_DONE : EXIT_NO_ANSWER : (cli_exit_status(ctx, status), EXIT_NO_ANSWER);
  cli_progress_end();
  if (!o->quiet) printf("%s", gkt_problem_report_text(problem));
  else if (status == GKT_OK && !valid) fprintf(stderr, "%s", gkt_problem_report_text(problem));
  if (o->report) {
    gkt_problem_report_json(problem);
    gkt_context_clear(ctx);
    gkt_status written = gkt_problem_write_report(problem, o->report);
    if (written != GKT_OK) cli_exit_status(ctx, written), code = EXIT_NO_ANSWER;
  }
  if (fflush(stdout)) code = EXIT_NO_ANSWER;
  return code;
}

int cli_run(int argc, char **argv) {
  cli_options o;
  gkt_context *ctx = NULL;
  gkt_problem *problem = NULL;
  bool valid = false;
  int code = EXIT_REFUSED;
  if (!cli_parse(argc, argv, "run", "sbtdrqv", &o)) goto done;
  if (!o.file) {
    cli_refuse("run: expected a problem file; see `galerkit --help`");
    goto done;
  }
  if ((code = open_problem(&o, &ctx, &problem))) goto done;
  if ((code = cli_exit_status(ctx, gkt_problem_check(problem)))) {
    if (code == EXIT_NO_ANSWER && o.report && gkt_problem_write_report(problem, o.report)) cli_refuse("cannot write the report %s", o.report);
    goto done;
  }
  gkt_status status = gkt_problem_run(problem, &valid);
  code = finish(&o, ctx, problem, status, valid);
done:
  gkt_problem_destroy(&problem);
  if (ctx) gkt_context_destroy(&ctx);
  free(o.sets);
  return code;
}

int cli_check(int argc, char **argv) {
  cli_options o;
  gkt_context *ctx = NULL;
  gkt_problem *problem = NULL;
  int code = EXIT_REFUSED;
  if (!cli_parse(argc, argv, "check", "sbtqv", &o)) goto done;
  if (!o.file) {
    cli_refuse("check: expected a problem file; see `galerkit --help`");
    goto done;
  }
  if ((code = open_problem(&o, &ctx, &problem))) goto done;
  if ((code = cli_exit_status(ctx, gkt_problem_check(problem)))) goto done;
  if (!o.quiet) printf("%s", gkt_problem_report_text(problem));
done:
  gkt_problem_destroy(&problem);
  if (ctx) gkt_context_destroy(&ctx);
  free(o.sets);
  return code;
}
