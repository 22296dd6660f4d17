/* The settings' solver, told to the system. */
#include <math.h>

#include "problem/optimize.h"

/* ---- progress ---- */
/* Time left if the residual goes on falling at the mean rate so far. */
static double seconds_left(const gkt_problem *p, double residual) {
  double wanted = p->settings->solver.rtol;
  if (!(residual < p->first_residual) || !(residual > 0)) return -1;
  return residual > wanted ? (gkt_seconds() - p->solve_started) * log(residual / wanted) / log(p->first_residual / residual) : 0;
}

static bool report_iteration(void *user, int iteration, double residual) {
  gkt_problem *p = user;
  if (p->design) return gkt_problem_tell_iterate(p);
  if (iteration == 0) p->solve_started = gkt_seconds(), p->first_residual = residual;
  return p->options.progress(p->options.progress_user, "solve", iteration, residual, seconds_left(p, residual));
}

static bool report_step(void *user, int iteration, double load, double relative) {
  gkt_problem *p = user;
  (void)load;
  if (p->design) return gkt_problem_tell_iterate(p);
  return p->options.progress(p->options.progress_user, "newton", iteration, relative, -1);
}

static bool report_stage(void *user, const char *stage) {
  gkt_problem *p = user;
  return p->design ? gkt_problem_tell_iterate(p) : gkt_problem_stage(p, stage) == GKT_OK;
}

/* ---- options ---- */
gkt_solve_options gkt_problem_solve_options(gkt_problem *p) {
  const gkt_solver_settings *s = &p->settings->solver;
  gkt_solve_options o = gkt_solve_options_default();
  o.keep_kernel = s->nullspace != GKT_NULLSPACE_AUTO;
  o.newton.rtol = s->nonlinear.rtol, o.newton.atol = s->nonlinear.atol;
  o.newton.max_iterations = s->nonlinear.iterations, o.newton.load_steps = s->nonlinear.load_steps;
  o.newton.accept = s->nonlinear.accept, o.newton.simplified = p->settings->time.at;
  o.newton.linear.method = s->linear, o.newton.linear.rtol = s->rtol, o.newton.linear.petsc_options = p->petsc_options;
  o.keep_solver = p->design, o.newton.linear.repeated = p->design && p->solution.linear.method[0];
  o.stage = report_stage, o.stage_user = p;
  if (!p->options.progress && !p->options.iterate_progress) return o;
  o.newton.progress = report_step, o.newton.progress_user = p;
  o.newton.linear.progress = report_iteration, o.newton.linear.progress_user = p;
  return o;
}

static void keep_times(gkt_problem *p) {
  const gkt_solve_report *r = &p->solution;
  p->timings[GKT_TIME_ASSEMBLE] += r->assemble_seconds, p->cpu[GKT_TIME_ASSEMBLE] += r->assemble_cpu_seconds;
  p->timings[GKT_TIME_SETUP] += r->setup_seconds, p->cpu[GKT_TIME_SETUP] += r->setup_cpu_seconds;
  p->timings[GKT_TIME_SOLVE] += r->solve_seconds, p->cpu[GKT_TIME_SOLVE] += r->solve_cpu_seconds;
}

gkt_status gkt_problem_solve_system(gkt_problem *p) {
  const gkt_solve_options options = gkt_problem_solve_options(p);
  gkt_status status = gkt_system_solve(p->system, &options, gkt_design_state(p), &p->solution);
  keep_times(p);
  p->valid = status == GKT_OK && p->solution.valid;
  snprintf(p->reason, sizeof p->reason, "%s", p->solution.reason);
  if (p->valid) return gkt_problem_commit(p);
  return status == GKT_OK && p->solution.cancelled ? GKT_CANCELLED : status;
}

gkt_status gkt_problem_look_at_solution(gkt_problem *p) {
  if (p->design) GKT_TRY(gkt_design_fetch(p));
  const gkt_state state = gkt_system_state(p->system, p->u);
  return gkt_system_inputs(p->system, &state, &p->inputs);
}
