/* bench batch: many sets of coefficients or states in one call, beside one call for each */
#include <stdio.h>

#include "cli/bench.h"

enum { DEFAULT_REPEAT = 5, DEFAULT_SETS = 16 };

static void print_head(const gkt_bench_machine *m) {
  cli_bench_print_machine(m);
  printf("%-24s%10s%9s%6s |%9s%9s%7s |%9s%9s%7s   (ns per cell and set, CPU time)\n", "", "", "", "", "matrix", "matrix", "", "residual", "residual", "");
  printf("%-24s%10s%9s%6s |%9s%9s%7s |%9s%9s%7s\n", "case", "cells", "dofs", "sets", "apart", "batch", "ratio", "apart", "batch", "ratio");
}

static void print_times(const gkt_batch_times *t, double work) {
  printf(" |%9.1f%9.1f%7.2f", 1e9 * t->apart_seconds / work, 1e9 * t->together_seconds / work, t->together_seconds / t->apart_seconds);
}

static void print_case(const void *figures, const gkt_bench_machine *m) {
  const gkt_batch_figures *f = figures;
  (void)m;
  printf("%-24s%10d%9d%6d", f->name, f->cells, f->dofs, f->sets);
  print_times(&f->matrix, (double)f->cells * f->sets);
  print_times(&f->vector, (double)f->cells * f->sets);
  printf("\n");
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const gkt_bench_case *c, const gkt_problem_options *options, void *figures) {
  gkt_problem *problem = NULL;
  gkt_status status = gkt_bench_open(ctx, c, options, &problem);
  if (status == GKT_OK) status = gkt_bench_batch(problem, c->name, o->bench_sets ? o->bench_sets : DEFAULT_SETS, o->repeat ? o->repeat : DEFAULT_REPEAT, figures);
  gkt_problem_destroy(&problem);
  return status;
}

static const char *reason(const void *figures) {
  const gkt_batch_figures *f = figures;
  return f->matrix.equal && f->vector.equal ? "" : "the batch differs from one call for each set";
}

static gkt_status write_all(gkt_context *ctx, const char *path, const gkt_bench_machine *m, int count, const void *figures) {
  return gkt_bench_write_batch(ctx, path, m, count, figures);
}

const cli_bench_kind cli_bench_batch = {"batch", "bench batch", "sbtRjCBqv?", sizeof(gkt_batch_figures), gkt_bench_cases, measure, print_head, print_case, reason, write_all};
