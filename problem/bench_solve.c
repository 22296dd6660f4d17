/* One case, solved as `run` solves it: check and solve of a problem that is read anew for each repeat, so that nothing is left from the one before. */
#include <math.h>
#include <string.h>

#include "problem/bench.h"

static void keep_least(double *kept, double now) { *kept = fmin(*kept, now); }

static void keep_least_stages(gkt_bench_stages *kept, const gkt_bench_stages *now) {
  keep_least(&kept->mesh, now->mesh);
  keep_least(&kept->plan, now->plan);
  keep_least(&kept->assemble, now->assemble);
  keep_least(&kept->setup, now->setup);
  keep_least(&kept->solve, now->solve);
  keep_least(&kept->total, now->total);
}

/* times: of the problem's stages */
static gkt_bench_stages stages(const double *times, double checked, double total) {
  return (gkt_bench_stages){times[GKT_TIME_MESH], checked - times[GKT_TIME_MESH], times[GKT_TIME_ASSEMBLE], times[GKT_TIME_SETUP], times[GKT_TIME_SOLVE], total};
}

static void describe_system(const gkt_problem *p, gkt_solve_figures *f) {
  gkt_assembler_info info;
  gkt_assembler_get_info(gkt_system_assembler(p->system, 2), &info);
  f->backend = info.backend, f->reduce = info.reduce;
  f->cells = gkt_mesh_num_cells(p->mesh), f->dofs = gkt_space_num_dofs(p->spaces[p->field]), f->constrained = gkt_system_layout(p->system)->num_constrained;
  f->nonzeros = p->solution.nonzeros;
  f->compile_seconds = p->timings[GKT_TIME_COMPILE], f->pattern_seconds = p->timings[GKT_TIME_PATTERN];
}

static void describe_method(const gkt_problem *p, gkt_solve_figures *f) {
  f->iterations = p->is_nonlinear ? p->solution.newton.linear_iterations : p->solution.linear.iterations;
  f->newton_iterations = p->is_nonlinear ? p->solution.newton.iterations : 1;
  f->residual = p->solution.linear.method[0] ? p->solution.linear.residual : NAN;
  f->form_residual = p->is_nonlinear ? p->solution.newton.residual : p->solution.initial_residual > 0 ? p->solution.final_residual / p->solution.initial_residual : NAN;
  snprintf(f->method, sizeof f->method, "%s", p->solution.linear.method);
  snprintf(f->why, sizeof f->why, "%s", p->solution.linear.why);
  snprintf(f->options, sizeof f->options, "%s%s", p->solution.linear.options ? p->solution.linear.options : "", gkt_problem_petsc_options(p));
  snprintf(f->reason, sizeof f->reason, "%s", p->reason);
}

static void describe_solution(const gkt_problem *p, gkt_solve_figures *f) {
  const gkt_scalar *u = p->values[p->field];
  f->norm = gkt_norm(f->dofs, u, NULL);
  f->max = 0;
  for (gkt_idx i = 0; i < f->dofs; i++) f->max = fmax(f->max, fabs(u[i]));
}

static gkt_status solve_once(gkt_problem *p, gkt_solve_figures *f, gkt_bench_stages *seconds, gkt_bench_stages *cpu_seconds) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(gkt_problem_check(p));
  double checked = gkt_seconds() - start, cpu_checked = gkt_cpu_seconds() - cpu;
  GKT_TRY(gkt_problem_solve(p, &f->converged));
  *seconds = stages(p->timings, checked, gkt_seconds() - start);
  *cpu_seconds = stages(p->cpu, cpu_checked, gkt_cpu_seconds() - cpu);
  describe_system(p, f);
  describe_method(p, f);
  describe_solution(p, f);
  return GKT_OK;
}

static gkt_status repeat_once(gkt_context *ctx, const gkt_bench_case *c, const gkt_problem_options *options, bool first, gkt_solve_figures *f) {
  gkt_problem *p = NULL;
  gkt_bench_stages seconds, cpu_seconds;
  gkt_size before = 0;
  gkt_status status;
  bool counted = gkt_bench_restart_peak(&before);
  GKT_GO(gkt_bench_open(ctx, c, options, &p));
  GKT_GO(solve_once(p, f, &seconds, &cpu_seconds));
  if (first && counted) f->peak_bytes = gkt_bench_peak() - before, f->kept_bytes = gkt_bench_resident() - before;
  if (first) f->seconds = seconds, f->cpu_seconds = cpu_seconds;
  keep_least_stages(&f->seconds, &seconds);
  keep_least_stages(&f->cpu_seconds, &cpu_seconds);
done:
  gkt_problem_destroy(&p);
  return status;
}

gkt_status gkt_bench_solve(gkt_context *ctx, const gkt_bench_case *c, const gkt_problem_options *options, int repeat, gkt_solve_figures *out) {
  gkt_solve_figures f = {.name = c->name, .repeat = repeat};
  if (repeat < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "bench: %d repeats; expected at least 1", repeat);
  for (int i = 0; i < repeat; i++) GKT_TRY(repeat_once(ctx, c, options, i == 0, &f));
  *out = f;
  return GKT_OK;
}
