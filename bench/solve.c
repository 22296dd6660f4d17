/* bench solve: how fast whole problems are solved, stage by stage. A problem is opened anew for each repeat, so that nothing is left from the one before; nothing is computed from
   the solution or written. */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"

enum { DEFAULT_REPEAT = 1 };

typedef struct {   /* seconds, the least of the repeats for each stage */
  double mesh;     /* made or read, with its topology */
  double plan;     /* from the mesh to the first assembly: names, spaces, forms and their kernels, pattern, plan of the reduce */
  double assemble; /* right-hand side and matrix, with the arrays of the matrix, conditions eliminated; of a nonlinear problem all of its assemblies */
  double setup;    /* of the linear methods: what is told to PETSc, preconditioner or factor */
  double solve;    /* iterations, and the true residual recomputed */
  double total;    /* of everything, also what lies between */
} stages;
typedef struct {
  const char *name;
  gkt_assembler_info info; /* of the tangent */
  int repeat;
  gkt_idx cells, dofs, constrained; /* dofs: with those that conditions hold */
  gkt_size nonzeros;
  stages seconds, cpu_seconds;             /* wall; of all threads, and of the mesher where one is started */
  double compile_seconds, pattern_seconds; /* parts of plan, wall, of the last repeat */
  bool converged;
  int iterations, newton_iterations; /* linear ones, over all steps of Newton's method; its steps: 1 for a linear problem */
  double residual;                   /* true, ||b-Ax||_2/||b||_2 on free dofs, recomputed: gkt_linear_report */
  double form_residual;              /* the same from the form itself: |R(u)|/|R(g)|; of a nonlinear problem gkt_nonlinear_report.residual */
  char method[128], why[256];        /* gkt_linear_report */
  char options[4096];                /* PETSc options of the choice, then those given */
  char reason[2048];                 /* why not converged; "" if it is */
  gkt_size peak_bytes, kept_bytes;   /* resident memory that the first repeat added: at most, and at its end. 0: not known */
  double norm, max;                  /* ||u||_2 and max |u| over all dofs, for comparison with other programs */
} solve_figures;

/* ---- times ---- */
static void keep_least(double *kept, double now) { *kept = fmin(*kept, now); }

static void keep_least_stages(stages *kept, const stages *now) {
  keep_least(&kept->mesh, now->mesh);
  keep_least(&kept->plan, now->plan);
  keep_least(&kept->assemble, now->assemble);
  keep_least(&kept->setup, now->setup);
  keep_least(&kept->solve, now->solve);
  keep_least(&kept->total, now->total);
}

static stages stages_of(const gkt_stage_times *t, double checked, double total) { return (stages){t->mesh, checked - t->mesh, t->assemble, t->setup, t->solve, total}; }

/* ---- what came out ---- */
static void describe_system(const gkt_problem *p, solve_figures *f) {
  gkt_system *system = gkt_problem_system(p);
  const gkt_layout *layout = gkt_system_layout(system);
  gkt_assembler_get_info(gkt_system_assembler(system, 2), &f->info);
  f->cells = gkt_mesh_num_cells(gkt_problem_mesh(p)), f->dofs = layout->num_owned, f->constrained = layout->num_constrained;
  f->nonzeros = gkt_problem_solve_report(p)->nonzeros;
}

static void describe_method(const gkt_problem *p, solve_figures *f) {
  const gkt_solve_report *r = gkt_problem_solve_report(p);
  const bool nonlinear = gkt_system_is_nonlinear(gkt_problem_system(p));
  f->iterations = nonlinear ? r->newton.linear_iterations : r->linear.iterations;
  f->newton_iterations = nonlinear ? r->newton.iterations : 1;
  f->residual = r->linear.method[0] ? r->linear.residual : NAN;
  f->form_residual = nonlinear ? r->newton.residual : r->initial_residual > 0 ? r->final_residual / r->initial_residual : NAN;
  snprintf(f->method, sizeof f->method, "%s", r->linear.method);
  snprintf(f->why, sizeof f->why, "%s", r->linear.why);
  snprintf(f->options, sizeof f->options, "%s%s", r->linear.options ? r->linear.options : "", gkt_problem_petsc_options(p));
  snprintf(f->reason, sizeof f->reason, "%s", gkt_problem_reason(p));
}

static void describe_solution(const gkt_problem *p, solve_figures *f) {
  const gkt_vector *solution = gkt_problem_solution(p);
  const gkt_scalar *u = gkt_vector_read(solution);
  f->norm = gkt_vector_norm(solution);
  f->max = 0;
  for (gkt_idx i = 0; i < f->dofs; i++) f->max = fmax(f->max, fabs(u[i]));
}

/* ---- measuring ---- */
static gkt_status solve_once(gkt_problem *p, solve_figures *f, stages *seconds, stages *cpu_seconds) {
  gkt_stage_times wall, cpu;
  double start = gkt_seconds(), cpu_start = gkt_cpu_seconds();
  TRY(gkt_problem_check(p));
  double checked = gkt_seconds() - start, cpu_checked = gkt_cpu_seconds() - cpu_start;
  TRY(gkt_problem_solve(p, &f->converged));
  gkt_problem_get_times(p, &wall, &cpu);
  *seconds = stages_of(&wall, checked, gkt_seconds() - start);
  *cpu_seconds = stages_of(&cpu, cpu_checked, gkt_cpu_seconds() - cpu_start);
  f->compile_seconds = wall.compile, f->pattern_seconds = wall.pattern;
  describe_system(p, f);
  describe_method(p, f);
  describe_solution(p, f);
  return GKT_OK;
}

static gkt_status repeat_once(gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, bool first, solve_figures *f) {
  gkt_problem *p = NULL;
  stages seconds, cpu_seconds;
  gkt_size before = 0;
  gkt_status status;
  bool counted = bench_restart_peak(&before);
  GO(bench_open(ctx, c, options, &p));
  GO(solve_once(p, f, &seconds, &cpu_seconds));
  if (first && counted) f->peak_bytes = bench_peak() - before, f->kept_bytes = bench_resident() - before;
  if (first) f->seconds = seconds, f->cpu_seconds = cpu_seconds;
  keep_least_stages(&f->seconds, &seconds);
  keep_least_stages(&f->cpu_seconds, &cpu_seconds);
done:
  gkt_problem_destroy(&p);
  return status;
}

static gkt_status measure(const cli_options *o, gkt_context *ctx, const bench_case *c, const gkt_problem_options *options, void *figures) {
  solve_figures f = {.name = c->name, .repeat = o->repeat ? o->repeat : DEFAULT_REPEAT};
  for (int i = 0; i < f.repeat; i++) TRY(repeat_once(ctx, c, options, i == 0, &f));
  *(solve_figures *)figures = f;
  return GKT_OK;
}

/* ---- the table and the file ---- */
static void print_head(void) {
  printf("CPU seconds of all threads; total and kdof/s, of set-up and solve, by wall clock\n");
  printf("%-24s%9s%9s%11s |%8s%8s%8s%8s%8s%8s |%6s%10s%9s%8s  %s\n", "case", "cells", "dofs", "nonzeros", "mesh", "plan", "assemble", "setup", "solve", "total", "its", "residual",
         "kdof/s", "B/dof", "method");
}

static void print(const void *figures, const bench_machine *m) {
  const solve_figures *f = figures;
  const stages *s = &f->cpu_seconds;
  (void)m;
  printf("%-24s%9d%9d%11lld |", f->name, f->cells, f->dofs, (long long)f->nonzeros);
  printf("%8.3f%8.3f%8.3f%8.3f%8.3f%8.3f |", s->mesh, s->plan, s->assemble, s->setup, s->solve, f->seconds.total);
  printf("%6d%10.2e%9.0f%8.0f  %s\n", f->iterations, f->residual, 1e-3 * f->dofs / (f->seconds.setup + f->seconds.solve), (double)f->peak_bytes / f->dofs, f->method);
}

static const char *reason(const void *figures) { return ((const solve_figures *)figures)->reason; }

static json_t *stages_json(const stages *s) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "mesh", s->mesh, "plan", s->plan, "assemble", s->assemble, "setup", s->setup, "solve", s->solve, "total", s->total);
}

static json_t *seconds_json(const solve_figures *f) {
  const stages *s = &f->seconds;
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "mesh", s->mesh, "plan", s->plan, "assemble", s->assemble, "setup", s->setup, "solve", s->solve, "total", s->total,
                   "compile", f->compile_seconds, "pattern", f->pattern_seconds);
}

static json_t *linear_json(const solve_figures *f) {
  return json_pack("{s:b, s:i, s:i, s:o, s:o, s:s, s:s, s:s, s:s}", "converged", f->converged, "iterations", f->iterations, "newton_iterations", f->newton_iterations, "residual",
                   bench_number(f->residual), "form_residual", bench_number(f->form_residual), "method", f->method, "why", f->why, "options", f->options, "reason", f->reason);
}

static json_t *json(const void *figures, const bench_machine *m) {
  const solve_figures *f = figures;
  (void)m;
  json_t *solution = json_pack("{s:o, s:o}", "norm", bench_number(f->norm), "max", bench_number(f->max));
  return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:f, s:o, s:o}", "name", f->name, "backend", f->info.backend, "reduce", f->info.reduce, "repeat",
                   f->repeat, "cells", f->cells, "dofs", f->dofs, "constrained", f->constrained, "nonzeros", (json_int_t)f->nonzeros, "linear", linear_json(f), "seconds",
                   seconds_json(f), "cpu_seconds", stages_json(&f->cpu_seconds), "dofs_per_second", f->dofs / (f->seconds.setup + f->seconds.solve), "memory",
                   bench_memory(f->peak_bytes, f->kept_bytes, f->dofs), "solution", solution);
}

const bench_kind bench_solve = {"solve", "bench solve", "sbtmRjCqvAN?-", sizeof(solve_figures), bench_solve_cases, measure, print_head, print, reason, json, NULL};
