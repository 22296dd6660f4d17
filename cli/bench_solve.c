/* bench solve: how fast whole problems are solved, stage by stage */
#include <stdio.h>

#include "cli/bench.h"

enum { DEFAULT_REPEAT = 1 };

static void print_head(const gkt_bench_machine *m) {
  cli_bench_print_machine(m);
  printf("CPU seconds of all threads; total and kdof/s, of set-up and solve, by wall clock\n");
  printf("%-24s%9s%9s%11s |%8s%8s%8s%8s%8s%8s |%6s%10s%9s%8s  %s\n", "case", "cells", "dofs", "nonzeros", "mesh", "plan", "assemble", "setup", "solve", "total", "its", "residual",
         "kdof/s", "B/dof", "method");
}

static void print_case(const void *figures, const gkt_bench_machine *m) {
  const gkt_solve_figures *f = figures;
  const gkt_bench_stages *s = &f->cpu_seconds;
  (void)m;
  printf("%-24s%9d%9d%11lld |", f->name, f->cells, f->dofs, (long long)f->nonzeros);
  printf("%8.3f%8.3f%8.3f%8.3f%8.3f%8.3f |", s->mesh, s->plan, s->assemble, s->setup, s->solve, f->seconds.total);
  printf("%6d%10.2e%9.0f%8.0f  %s\n", f->iterations, f->residual, 1e-3 * f->dofs / (f->seconds.setup + f->seconds.solve), (double)f->peak_bytes / f->dofs, f->method);
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const gkt_bench_case *c, const gkt_problem_options *options, void *figures) {
  return gkt_bench_solve(ctx, c, options, o->repeat ? o->repeat : DEFAULT_REPEAT, figures);
}

static const char *reason(const void *figures) { return ((const gkt_solve_figures *)figures)->reason; }

static gkt_status write_all(gkt_context *ctx, const char *path, const gkt_bench_machine *m, int count, const void *figures) {
  return gkt_bench_write_solve(ctx, path, m, count, figures);
}

const cli_bench_kind cli_bench_solve = {"solve", "bench solve", "sbtRjCqv?-", sizeof(gkt_solve_figures), gkt_bench_solve_cases, measure, print_head, print_case, reason, write_all};
