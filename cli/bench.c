/* bench: how fast problems are assembled */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { DEFAULT_REPEAT = 10, MAX_CASES = 32 };

static void print_head(const gkt_bench_machine *m) {
  printf("%s, %d thread%s, copies %.1f GB/s (read + written)\n", m->processor[0] ? m->processor : "an unnamed processor", m->threads, m->threads == 1 ? "" : "s",
         m->copy_bandwidth / 1e9);
  printf("%-24s%10s%9s%11s |%9s%9s%9s%8s%7s%7s |%9s%7s |%9s%9s%9s\n", "", "", "", "", "matrix", "", "", "must", "", "of", "residual", "of", "pattern", "peak", "kept");
  printf("%-24s%10s%9s%11s |%9s%9s%9s%8s%7s%7s |%9s%7s |%9s%9s%9s\n", "case", "cells", "dofs", "nonzeros", "ns/cell", "median", "Mcell/s", "move B", "GB/s", "copy", "ns/cell",
         "copy", "s/Mcell", "B/dof", "B/dof");
}

static double share(const gkt_bench_times *t, const gkt_bench_machine *m) { return 100 * (double)t->bytes / t->min_seconds / m->copy_bandwidth; }

static void print_case(const gkt_assembly_figures *f, const gkt_bench_machine *m) {
  const gkt_bench_times *A = &f->matrix, *r = &f->vector;
  double cells = f->cells;
  printf("%-24s%10d%9d%11lld |", f->name, f->cells, f->dofs, (long long)f->nonzeros);
  printf("%9.1f%9.1f%9.3f%8.1f%7.2f%6.1f%% |", 1e9 * A->min_seconds / cells, 1e9 * A->median_seconds / cells, 1e-6 * cells / A->min_seconds, (double)A->bytes / cells,
         1e-9 * (double)A->bytes / A->min_seconds, share(A, m));
  printf("%9.1f%6.1f%% |%9.2f%9.0f%9.0f\n", 1e9 * r->min_seconds / cells, share(r, m), 1e6 * f->pattern_seconds / cells, (double)f->peak_bytes / f->dofs,
         (double)f->kept_bytes / f->dofs);
  fflush(stdout);
}

/* text NULL: the file `name` */
static gkt_status measure(const cli_options *o, gkt_context *ctx, const char *name, const char *text, gkt_assembly_figures *out) {
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *problem = NULL;
  options.num_sets = o->num_sets, options.sets = o->sets;
  options.progress = cli_progress, options.progress_user = (void *)o;
  gkt_status status = text ? gkt_problem_parse(ctx, name, text, strlen(text), &options, &problem) : gkt_problem_read(ctx, name, &options, &problem);
  if (status == GKT_OK) status = gkt_bench_assembly(problem, name, o->repeat ? o->repeat : DEFAULT_REPEAT, out);
  cli_progress_end();
  gkt_problem_destroy(&problem);
  return status;
}

static int measure_all(const cli_options *o, gkt_context *ctx, int count, const gkt_bench_case *cases, gkt_assembly_figures *figures) {
  gkt_bench_machine machine;
  int code = cli_exit_status(ctx, gkt_bench_measure_machine(ctx, &machine));
  for (int i = 0; !code && i < count; i++) {
    code = cli_exit_status(ctx, measure(o, ctx, cases[i].name, cases[i].text, &figures[i]));
    if (!code && !o->quiet && i == 0) print_head(&machine);
    if (!code && !o->quiet) print_case(&figures[i], &machine);
  }
  if (!code && o->json) code = cli_exit_status(ctx, gkt_bench_write(ctx, o->json, &machine, count, figures)) ? EXIT_NO_ANSWER : EXIT_DONE;
  return code;
}

/* One line with every name there is. */
static bool refuse_case(const char *word, int count, const gkt_bench_case *cases) {
  const char *names[MAX_CASES];
  char list[40 * MAX_CASES] = "";
  size_t used = 0;
  for (int i = 0; i < count; i++) {
    names[i] = cases[i].name;
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
  }
  return cli_refuse("--case %s: unknown%s; expected %s", word, cli_near(word, count, names), list), false;
}

/* The file, the case named, or all cases. false: said why not. */
static bool choose(const cli_options *o, gkt_bench_case *one, int *count, const gkt_bench_case **cases) {
  *cases = gkt_bench_cases(count);
  if (o->file && o->bench_case) return cli_refuse("--case %s: a file is given as well; expected one of them", o->bench_case), false;
  if (!o->file && !o->bench_case) return true;
  *one = (gkt_bench_case){o->file, NULL};
  for (int i = 0; o->bench_case && i < *count; i++)
    if (!strcmp(o->bench_case, (*cases)[i].name)) *one = (*cases)[i];
  if (!one->name) return refuse_case(o->bench_case, *count, *cases);
  *count = 1, *cases = one;
  return true;
}

static int assembly(const cli_options *o) {
  gkt_bench_case one;
  const gkt_bench_case *cases;
  gkt_assembly_figures *figures;
  gkt_context *ctx = NULL;
  int count, code = EXIT_NO_ANSWER;
  if (!choose(o, &one, &count, &cases)) return EXIT_REFUSED;
  if (!(figures = calloc((size_t)count, sizeof *figures)) || gkt_context_create(&o->context, &ctx)) cli_refuse("out of memory");
  else code = measure_all(o, ctx, count, cases, figures);
  gkt_context_destroy(&ctx);
  free(figures);
  return code;
}

int cli_bench(int argc, char **argv) {
  static const char *const names[] = {"assembly", "solve"};
  cli_options o;
  int code;
  if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) return cli_help();
  if (argc < 2) return cli_refuse("bench: expected `galerkit bench assembly`; see `galerkit --help`");
  if (!strcmp(argv[1], "solve")) return cli_refuse("bench solve: not available yet; expected assembly");
  if (strcmp(argv[1], "assembly")) return cli_refuse("bench %s: unknown%s; expected assembly; see `galerkit --help`", argv[1], cli_near(argv[1], 2, names));
  argv[1] = "bench assembly";
  if (cli_parse(argc - 1, argv + 1, "sbtRjCqv?", "a problem file", &o, &code)) code = assembly(&o);
  free(o.sets);
  return code;
}
