/* A linear problem is one Newton step from the lifted conditions: A d = -R(g), u = g + d. A nonlinear one is in newton.c. */
#include <math.h>
#include <string.h>

#include "problem/solve.h"

/* Time left if the residual goes on falling at the mean rate so far. */
static double seconds_left(const gkt_problem *p, double residual) {
  double wanted = p->settings->solver.rtol;
  if (!(residual < p->first_residual) || !(residual > 0)) return -1;
  return residual > wanted ? (gkt_seconds() - p->solve_started) * log(residual / wanted) / log(p->first_residual / residual) : 0;
}

static bool report_progress(void *user, int iteration, double residual) {
  gkt_problem *p = user;
  if (iteration == 0) p->solve_started = gkt_seconds(), p->first_residual = residual;
  return p->options.progress(p->options.progress_user, "solve", iteration, residual, seconds_left(p, residual));
}

gkt_linear_options gkt_problem_linear_options(gkt_problem *p, gkt_text *merged) {
  const gkt_solver_settings *s = &p->settings->solver;
  gkt_linear_options options = gkt_linear_options_default();
  options.method = s->linear;
  options.rtol = s->rtol;
  if (s->options) gkt_text_printf(merged, "%s ", s->options);
  if (p->petsc_options) gkt_text_printf(merged, "%s", p->petsc_options);
  options.petsc_options = merged->data;
  if (p->options.progress) options.progress = report_progress, options.progress_user = p;
  return options;
}

/* load: -R(0), where conditions have values other than 0, which may hide it; else NULL. b = -R(g) */
static gkt_status assemble_right_side(gkt_problem *p, gkt_scalar *b, gkt_scalar **load) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  double size;
  gkt_constraints_lift(p->constraints, b);
  if (gkt_norm(n, b, NULL) > 0) {
    GKT_TRY(gkt_alloc(p->ctx, n, sizeof **load, load));
    GKT_TRY(gkt_problem_free_residual(p, *load, &size));
    for (gkt_idx i = 0; i < n; i++) (*load)[i] = -(*load)[i];
  }
  gkt_constraints_lift(p->constraints, p->values[p->field]);
  GKT_TRY(gkt_problem_free_residual(p, b, &p->initial_residual));
  for (gkt_idx i = 0; i < n; i++) b[i] = -b[i];
  return GKT_OK;
}

static gkt_status assemble(gkt_problem *p, gkt_scalar *b, gkt_scalar **load) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(gkt_problem_stage(p, "assemble"));
  GKT_TRY(assemble_right_side(p, b, load));
  GKT_TRY(gkt_assembler_matrix(p->tangent_assembler, &p->matrix));
  GKT_TRY(gkt_assemble_matrix(p->tangent_assembler, &p->inputs, p->matrix));
  gkt_constraints_eliminate(p->constraints, p->matrix);
  p->timings[GKT_TIME_ASSEMBLE] = gkt_seconds() - start, p->cpu[GKT_TIME_ASSEMBLE] = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

/* Cells that nothing ties together: each keeps a constant of its own. */
static const char *discontinuity(const gkt_problem *p) {
  bool discontinuous = gkt_space_element(p->spaces[p->field]).kind == GKT_DISCONTINUOUS_LAGRANGE;
  return discontinuous ? "; cells of a discontinuous space (DP) are coupled by terms over inner facets (dS) only, which are not available yet" : "";
}

void gkt_problem_explain_singular(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  const double *x = gkt_space_coords(space) + (gkt_size)(p->linear.free_dof / gkt_space_block_size(space)) * p->dim;
  char component[40] = "";
  if (gkt_space_block_size(space) > 1) snprintf(component, sizeof component, "component %d of ", p->linear.free_dof % gkt_space_block_size(space));
  snprintf(p->reason, sizeof p->reason,
           "the system is singular: equation and conditions leave %s'%s' undetermined near x = (%.6g, %.6g, %.6g); add conditions, or terms that hold it%s%s", component,
           gkt_scope_function_name(p->scope, p->field), x[0], p->dim > 1 ? x[1] : 0, p->dim > 2 ? x[2] : 0,
           gkt_problem_is_underintegrated(p) ? "; dx(degree=..) has too few points to see every function: a higher degree" : "", discontinuity(p));
}

void gkt_problem_explain_ill_conditioned(gkt_problem *p) {
  const gkt_space *space = p->spaces[p->field];
  const double *x = gkt_space_coords(space) + (gkt_size)(p->linear.free_dof / gkt_space_block_size(space)) * p->dim;
  snprintf(
      p->reason, sizeof p->reason,
      "the system is too ill-conditioned: its condition number is above %.1e, so rounding leaves no digit of '%s'; it is determined, but hardly so near x = (%.6g, %.6g, %.6g): "
      "expected cells that are less stretched, a coarser mesh of higher degree, or coefficients that differ less",
      p->linear.condition, gkt_scope_function_name(p->scope, p->field), x[0], p->dim > 1 ? x[1] : 0, p->dim > 2 ? x[2] : 0);
}

gkt_status gkt_problem_refuse_free(gkt_problem *p, const gkt_system_facts *facts, gkt_scalar *b) {
  const char *field = gkt_scope_function_name(p->scope, p->field);
  if (!facts->singular) return GKT_OK;
  if (gkt_space_element(p->spaces[p->field]).kind == GKT_LAGRANGE) return gkt_problem_balance_load(p, facts, b);
  snprintf(p->reason, sizeof p->reason, "the system is singular: nothing determines the mean of '%s' in each cell%s", field, discontinuity(p));
  return GKT_OK;
}

gkt_status gkt_problem_find_facts(gkt_problem *p, gkt_system_facts *out) {
  GKT_TRY(gkt_problem_facts(p, out));
  out->singular = out->singular && p->settings->solver.nullspace == GKT_NULLSPACE_AUTO;
  p->symmetric = out->symmetric, p->positive = out->positive, p->singular = out->singular;
  return GKT_OK;
}

static gkt_status solve_system(gkt_problem *p, gkt_scalar *b, const gkt_scalar *load, gkt_scalar *d) {
  gkt_system_facts facts;
  gkt_text merged = {.ctx = p->ctx};
  gkt_linear_options options = gkt_problem_linear_options(p, &merged);
  gkt_status status;
  GKT_GO(merged.status);
  GKT_GO(gkt_problem_stage(p, "solve"));
  GKT_GO(gkt_problem_find_facts(p, &facts));
  GKT_GO(gkt_problem_refuse_free(p, &facts, b));
  if (p->reason[0]) goto done;
  options.load = load;
  GKT_GO(gkt_linear_solve(p->ctx, p->matrix, &facts, b, d, &options, &p->linear));
  p->timings[GKT_TIME_SETUP] = p->linear.setup_seconds, p->cpu[GKT_TIME_SETUP] = p->linear.setup_cpu_seconds;
  p->timings[GKT_TIME_SOLVE] = p->linear.solve_seconds, p->cpu[GKT_TIME_SOLVE] = p->linear.solve_cpu_seconds;
  p->valid = p->linear.converged;
  if (p->linear.cancelled) snprintf(p->reason, sizeof p->reason, "%s", gkt_status_text(GKT_CANCELLED));
  else if (p->linear.singular) gkt_problem_explain_singular(p);
  else if (p->linear.ill_conditioned) gkt_problem_explain_ill_conditioned(p);
  else if (!p->valid)
    snprintf(p->reason, sizeof p->reason, "%s did not converge: true residual %.3g, in the norm in which every row counts %.3g, after %d iterations, wanted %.3g%s",
             p->linear.method, p->linear.residual, p->linear.scaled_residual, p->linear.iterations, options.rtol, discontinuity(p));
done:
  gkt_text_free(&merged);
  return status;
}

static gkt_status compute(gkt_problem *p, gkt_scalar *b, const gkt_scalar *load, gkt_scalar *d) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  if (gkt_is_finite(n, b) && gkt_is_finite(p->matrix->row_offsets[n], p->matrix->vals)) return solve_system(p, b, load, d);
  return gkt_problem_explain_nonfinite(p, &p->inputs, "");
}

static gkt_status solve_linear(gkt_problem *p) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  gkt_scalar *b = NULL, *d = NULL, *load = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *b, &b));
  GKT_GO(gkt_calloc(p->ctx, n, sizeof *d, &d));
  GKT_GO(assemble(p, b, &load));
  GKT_GO(compute(p, b, load, d));
  for (gkt_idx i = 0; i < n; i++) p->values[p->field][i] += d[i];
  if (p->singular && p->valid) {
    GKT_GO(gkt_problem_fix_kernel(p));
    memcpy(d, p->values[p->field], (size_t)n * sizeof *d); /* nothing is constrained */
  }
  if (p->valid) GKT_GO(gkt_problem_judge_form(p, b, d));
  else GKT_GO(gkt_problem_free_residual(p, b, &p->final_residual));
done:
  gkt_free(&b);
  gkt_free(&d);
  gkt_free(&load);
  return status;
}

gkt_status gkt_problem_solve(gkt_problem *p) { return p->is_nonlinear ? gkt_problem_newton(p) : solve_linear(p); }
