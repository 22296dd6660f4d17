/* bench assembly: how fast matrices and residuals are assembled */
#include <stdio.h>

#include "cli/bench.h"

enum { DEFAULT_REPEAT = 10 };

static void print_head(const gkt_bench_machine *m) {
  cli_bench_print_machine(m);
  printf("%-24s%10s%9s%11s |%9s%9s%9s%8s%7s%7s |%9s%7s |%9s%9s%9s\n", "", "", "", "", "matrix", "", "", "must", "", "of", "residual", "of", "pattern", "peak", "kept");
  printf("%-24s%10s%9s%11s |%9s%9s%9s%8s%7s%7s |%9s%7s |%9s%9s%9s\n", "case", "cells", "dofs", "nonzeros", "ns/cell", "median", "Mcell/s", "move B", "GB/s", "copy", "ns/cell",
         "copy", "s/Mcell", "B/dof", "B/dof");
}

static double share(const gkt_bench_times *t, const gkt_bench_machine *m) { return 100 * (double)t->bytes / t->min_seconds / m->copy_bandwidth; }

static void print_case(const void *figures, const gkt_bench_machine *m) {
  const gkt_assembly_figures *f = figures;
  const gkt_bench_times *A = &f->matrix, *r = &f->vector;
  double cells = f->cells;
  printf("%-24s%10d%9d%11lld |", f->name, f->cells, f->dofs, (long long)f->nonzeros);
  printf("%9.1f%9.1f%9.3f%8.1f%7.2f%6.1f%% |", 1e9 * A->min_seconds / cells, 1e9 * A->median_seconds / cells, 1e-6 * cells / A->min_seconds, (double)A->bytes / cells,
         1e-9 * (double)A->bytes / A->min_seconds, share(A, m));
  printf("%9.1f%6.1f%% |%9.2f%9.0f%9.0f\n", 1e9 * r->min_seconds / cells, share(r, m), 1e6 * f->pattern_seconds / cells, (double)f->peak_bytes / f->dofs,
         (double)f->kept_bytes / f->dofs);
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const gkt_bench_case *c, const gkt_problem_options *options, void *figures) {
  gkt_problem *problem = NULL;
  gkt_status status = gkt_bench_open(ctx, c, options, &problem);
  if (status == GKT_OK) status = gkt_bench_assembly(problem, c->name, o->repeat ? o->repeat : DEFAULT_REPEAT, figures);
  gkt_problem_destroy(&problem);
  return status;
}

static const char *reason(const void *figures) {
  (void)figures;
  return "";
}

static gkt_status write_all(gkt_context *ctx, const char *path, const gkt_bench_machine *m, int count, const void *figures) {
  return gkt_bench_write(ctx, path, m, count, figures);
}

const cli_bench_kind cli_bench_assembly = {"assembly", "bench assembly", "sbtRjCqv?", sizeof(gkt_assembly_figures), gkt_bench_cases, measure, print_head,
                                           print_case, reason,           write_all};
