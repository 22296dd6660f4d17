/* bench design: iterations of an optimizer per second, each a solution, the gradients of objective and constraint, filter and update. The first iteration makes what stays (plans,
   kernels, orderings, grids) and is not counted. */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"

enum { DEFAULT_ITERATIONS = 5 };

typedef struct { /* CPU seconds of an iteration; solution = assemble + setup + solve */
  double total, assemble, setup, solve;
} parts;
typedef struct {
  const char *name;
  int iterations; /* that are counted */
  gkt_idx cells, dofs;
  parts seconds;
  double wall;         /* of an iteration */
  double linear;       /* iterations of the linear solver in each */
  double residual;     /* true, the largest */
  double objective[2]; /* at the start and at the end */
  double violation;    /* of the constraint, at the end */
  char method[128];
  char reason[2048]; /* why there is no answer; "" if there is one */
} design_figures;

/* ---- what is seen at an iterate ---- */
typedef struct {
  const cli_options *o;
  gkt_problem *problem;
  design_figures *f;
  int seen; /* iterates */
  double wall, cpu;
  gkt_stage_times parts; /* at the first that is counted from */
} watcher;

/* It is told within solves as well: each iterate counts when it is new. */
static bool look(void *user, const gkt_iterate_progress *p) {
  watcher *w = user;
  const gkt_solve_report *r = gkt_problem_solve_report(w->problem);
  gkt_stage_times wall;
  if (p->objective_name && p->iterate.iteration == w->seen && r->valid) {
    w->seen++;
    if (w->seen == 1) w->f->objective[0] = p->iterate.objective;
    if (w->seen == 2) w->wall = gkt_seconds(), w->cpu = gkt_cpu_seconds(), gkt_problem_get_times(w->problem, &wall, &w->parts);
    if (w->seen > 2) w->f->linear += r->linear.iterations, w->f->residual = fmax(w->f->residual, r->linear.residual);
    w->f->objective[1] = p->iterate.objective, w->f->violation = p->iterate.violation;
  }
  return cli_iterate_progress((void *)w->o, p);
}

static void conclude(watcher *w) {
  design_figures *f = w->f;
  gkt_stage_times wall, cpu;
  f->iterations = w->seen > 2 ? w->seen - 2 : 0;
  if (!f->iterations && !f->reason[0])
    snprintf(f->reason, sizeof f->reason, "no iteration to count: the optimizer ended after %d, and the first makes what stays; expected a start from which it takes more",
             w->seen > 0 ? w->seen - 1 : 0);
  const double n = f->iterations ? f->iterations : NAN;
  gkt_problem_get_times(w->problem, &wall, &cpu);
  f->wall = (gkt_seconds() - w->wall) / n;
  f->seconds = (parts){(gkt_cpu_seconds() - w->cpu) / n, (cpu.assemble - w->parts.assemble) / n, (cpu.setup - w->parts.setup) / n, (cpu.solve - w->parts.solve) / n};
  f->linear /= n;
}

static void describe(const gkt_problem *p, design_figures *f) {
  f->cells = gkt_mesh_num_cells(gkt_problem_mesh(p)), f->dofs = gkt_system_layout(gkt_problem_system(p))->num_owned;
  snprintf(f->method, sizeof f->method, "%s", gkt_problem_solve_report(p)->linear.method);
  snprintf(f->reason, sizeof f->reason, "%s", gkt_problem_reason(p));
}

/* One set more is behind the others (cli_parse leaves room): the number of iterations. */
static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *given, void *figures) {
  design_figures f = {.name = c->name};
  watcher w = {.o = o, .f = &f};
  gkt_problem_options options = *given;
  gkt_adjoint *adjoint;
  gkt_functional *objective;
  gkt_optimizer method;
  gkt_status status;
  char iterations[64];
  bool valid;
  snprintf(iterations, sizeof iterations, "optimizer.iterations=%d", 1 + (o->repeat ? o->repeat : DEFAULT_ITERATIONS));
  o->sets[options.num_sets++] = iterations;
  options.progress = NULL, options.iterate_progress = look, options.progress_user = &w;
  GO(bench_open(ctx, c, &options, &w.problem));
  GO(gkt_problem_optimizer(w.problem, &method));
  GO(gkt_problem_check(w.problem));
  GO(gkt_problem_objective(w.problem, &adjoint, &objective)); /* of a steady problem */
  GO(gkt_problem_solve(w.problem, &valid));
  describe(w.problem, &f);
  conclude(&w);
  *(design_figures *)figures = f;
done:
  gkt_problem_destroy(&w.problem);
  return status;
}

/* ---- the table and the file ---- */
static void print_head(void) {
  printf("CPU seconds of all threads for an iteration of the optimizer; other: gradients, filter, update; per second: by wall clock\n");
  printf("%-20s%9s%9s%6s |%9s%9s%9s%9s%9s%11s |%7s%10s%13s%10s  %s\n", "case", "cells", "dofs", "count", "assemble", "setup", "solve", "other", "total", "per second", "linear",
         "residual", "objective", "violation", "method");
}

static double other_of(const parts *p) { return p->total - p->assemble - p->setup - p->solve; }

static void print(const void *figures, const bench_machine *m) {
  const design_figures *f = figures;
  const parts *s = &f->seconds;
  (void)m;
  printf("%-20s%9d%9d%6d |%9.3f%9.3f%9.3f%9.3f%9.3f%11.3g |", f->name, f->cells, f->dofs, f->iterations, s->assemble, s->setup, s->solve, other_of(s), s->total, 1 / f->wall);
  printf("%7.1f%10.1e%13.6g%10.1e  %s\n", f->linear, f->residual, f->objective[1], f->violation, f->method);
}

static const char *reason(const void *figures) { return ((const design_figures *)figures)->reason; }

static json_t *json(const void *figures, const bench_machine *m) {
  const design_figures *f = figures;
  const parts *s = &f->seconds;
  (void)m;
  json_t *seconds = json_pack("{s:o, s:o, s:o, s:o, s:o}", "assemble", bench_number(s->assemble), "setup", bench_number(s->setup), "solve", bench_number(s->solve), "other",
                              bench_number(other_of(s)), "total", bench_number(s->total));
  return json_pack("{s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:[o, o], s:o, s:s, s:s}", "name", f->name, "iterations", f->iterations, "cells", f->cells, "dofs", f->dofs,
                   "cpu_seconds", seconds, "iterations_per_second", bench_number(1 / f->wall), "linear_iterations", bench_number(f->linear), "residual", bench_number(f->residual),
                   "objective", bench_number(f->objective[0]), bench_number(f->objective[1]), "violation", bench_number(f->violation), "method", f->method, "reason", f->reason);
}

const bench_kind bench_design = {"design", "bench design", "sbtmRjCSqv?-", sizeof(design_figures), bench_design_cases, measure, print_head, print, reason, json, NULL};
