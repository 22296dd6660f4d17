/* Why Newton's method found no answer. */
#include <math.h>
#include <string.h>

#include "problem/solve.h"

static const char *stalled(const gkt_nonlinear_report *r) {
  if (!strcmp(r->accept, "energy")) return "no part of Newton's step lowers the energy or brings the solution closer";
  if (!strcmp(r->accept, "natural")) return "no part of Newton's step brings the solution closer";
  return "no part of Newton's step lowers the residual";
}

static const char *cause(const gkt_problem *p, const gkt_nonlinear_report *r) {
  switch (r->end) {
  case GKT_NEWTON_ITERATIONS: return "its iterations are used up";
  case GKT_NEWTON_STALLED: return stalled(r);
  case GKT_NEWTON_NO_FINITE_TRIAL: return "no part of Newton's step leads to finite values";
  case GKT_NEWTON_NOT_ADMISSIBLE:
    return p->barriers->list[0].shift < 0 ? "every part of Newton's step passes a pole of the form" : "every part of Newton's step turns cells inside out";
  case GKT_NEWTON_LINEAR: return "the linear solver found no direction";
  default: return "the tangent is singular";
  }
}

/* The cause, and where a body is nearest to turning inside out if that is it. */
static gkt_status print_cause(gkt_problem *p, const gkt_inputs *inputs, gkt_text *t) {
  gkt_text_printf(t, "%s", cause(p, &p->newton));
  if (p->newton.end != GKT_NEWTON_NOT_ADMISSIBLE) return t->status;
  gkt_text_printf(t, " (at the last state ");
  GKT_TRY(gkt_problem_print_barrier(p, inputs, t));
  gkt_text_printf(t, ")");
  return t->status;
}

/* Of the last load step tried; `at` names it where there are several. */
static gkt_status explain(gkt_problem *p, const gkt_inputs *inputs) {
  const gkt_nonlinear_report *r = &p->newton;
  const gkt_load_step *last = &r->steps[r->num_steps - 1];
  int steps = p->settings->solver.nonlinear.load_steps;
  char at[80] = "", try[120];
  gkt_text t = {.ctx = p->ctx};
  gkt_status status = print_cause(p, inputs, &t);
  if (steps > 1) snprintf(at, sizeof at, " in the load step from %.6g to %.6g", r->load, last->load);
  if (r->end == GKT_NEWTON_ITERATIONS)
    snprintf(try, sizeof try, "more solver.nonlinear.iterations, load_steps: %d, or an `initial` closer to the solution", steps > 1 ? 2 * steps : 4);
  else snprintf(try, sizeof try, "solver.nonlinear.load_steps: %d, or an `initial` closer to the solution", steps > 1 ? 2 * steps : 4);
  if (status == GKT_OK)
    snprintf(p->reason, sizeof p->reason, "Newton's method did not converge%s: %s after %d iteration%s, residual %.3g, %.3g of the first (wanted %.3g); try %s", at, t.data,
             last->iterations, last->iterations == 1 ? "" : "s", r->residual * r->first, r->residual, p->settings->solver.nonlinear.rtol, try);
  gkt_text_free(&t);
  return status;
}

/* ---- a tangent that is singular at the first guess: there only, or wherever u is? ---- */
static bool is_at_guess(const gkt_nonlinear_report *r) { return r->load == 0 && r->steps[r->num_steps - 1].iterations == 1; }

static bool is_zero(const gkt_csr *A) {
  for (gkt_idx k = 0; k < A->row_offsets[A->num_rows]; k++)
    if (A->vals[k] != 0) return false;
  return true;
}

/* u + size times noise in (-1, 1) on free dofs, the same in every run. */
static void disturb(const gkt_problem *p, double size, gkt_scalar *u) {
  const bool *fixed = gkt_constraints_mask(p->constraints);
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  uint32_t seed = 1;
  for (gkt_idx i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    u[i] = p->values[p->field][i] + (fixed[i] ? 0 : size * (seed / 2147483648.0 - 1));
  }
}

/* Is the tangent regular at u? Asked by solving with it; what cannot be solved is taken as singular. b, d: [dofs] */
static gkt_status try_tangent(gkt_problem *p, const gkt_inputs *inputs, const gkt_system_facts *facts, gkt_scalar *b, gkt_scalar *d, bool *regular) {
  gkt_linear_options options = gkt_linear_options_default();
  gkt_linear_report report;
  gkt_idx n = p->matrix->num_rows;
  *regular = false;
  options.repeated = true;
  GKT_TRY(gkt_assemble_matrix(p->tangent_assembler, inputs, p->matrix));
  if (!gkt_problem_is_finite(p->matrix->vals, p->matrix->row_offsets[n])) return GKT_OK;
  gkt_constraints_eliminate(p->constraints, p->matrix);
  for (gkt_idx i = 0; i < n; i++) b[i] = 1, d[i] = 0;
  gkt_constraints_zero(p->constraints, b);
  GKT_TRY(gkt_linear_solve(p->ctx, p->matrix, facts, b, d, &options, &report));
  *regular = report.converged;
  if (report.singular) p->linear.free_dof = report.free_dof;
  gkt_linear_report_clear(&report);
  return GKT_OK;
}

static gkt_status try_here(gkt_problem *p, const gkt_inputs *inputs, const gkt_system_facts *facts, bool *regular) {
  gkt_idx n = p->matrix->num_rows;
  gkt_scalar *b = NULL, *d = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, n, sizeof *b, &b));
  GKT_GO(gkt_alloc(p->ctx, n, sizeof *d, &d));
  GKT_GO(try_tangent(p, inputs, facts, b, d, regular));
done:
  gkt_free(&b);
  gkt_free(&d);
  return status;
}

/* Disturbances of the size of the guess, or of 1 where that is 0; small ones, too, as large ones may leave what the form is defined for. */
static gkt_status is_regular_elsewhere(gkt_problem *p, gkt_inputs inputs, const gkt_system_facts *facts, bool *out) {
  gkt_idx n = gkt_space_num_dofs(p->spaces[p->field]);
  const gkt_scalar **values = (const gkt_scalar **)(uintptr_t)inputs.values;
  gkt_scalar *u = NULL, *b = NULL, *d = NULL;
  double most = 0;
  gkt_status status;
  *out = false;
  GKT_GO(gkt_alloc(p->ctx, n, sizeof *u, &u));
  GKT_GO(gkt_alloc(p->ctx, n, sizeof *b, &b));
  GKT_GO(gkt_alloc(p->ctx, n, sizeof *d, &d));
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(p->values[p->field][i]));
  values[p->field] = u;
  for (double size = 1; size > 1e-9 && !*out; size *= 1e-4) {
    disturb(p, size * (most > 0 ? most : 1), u);
    GKT_GO(try_tangent(p, &inputs, facts, b, d, out));
  }
done:
  values[p->field] = p->values[p->field];
  gkt_free(&u);
  gkt_free(&b);
  gkt_free(&d);
  return status;
}

static gkt_status explain_singular(gkt_problem *p, const gkt_inputs *inputs, const gkt_system_facts *facts) {
  bool zero, regular;
  if (!is_at_guess(&p->newton)) return explain(p, inputs);
  GKT_TRY(gkt_assemble_matrix(p->tangent_assembler, inputs, p->matrix));
  zero = is_zero(p->matrix);
  gkt_idx free_dof = p->linear.free_dof;
  GKT_TRY(is_regular_elsewhere(p, *inputs, facts, &regular));
  p->linear.free_dof = free_dof;
  if (regular)
    snprintf(p->reason, sizeof p->reason,
             "the tangent is %s at the first guess%s, though not elsewhere, so Newton's method has no direction there; expected another `initial`, not a constant",
             zero ? "zero" : "singular", p->initial ? "" : ", which is 0");
  else if (p->newton.end == GKT_NEWTON_SINGULAR) gkt_problem_explain_singular(p);
  else return explain(p, inputs);
  return GKT_OK;
}

/* Where the form is not finite: at the guess, or its tangent on the way. */
static gkt_status explain_nonfinite(gkt_problem *p, const gkt_inputs *inputs) {
  char advice[200];
  const gkt_nonlinear_report *r = &p->newton;
  if (r->iterations)
    snprintf(advice, sizeof advice, "; reached after %d iteration%s of Newton's method: expected an `initial` closer to the solution, or load_steps", r->iterations,
             r->iterations == 1 ? "" : "s");
  else snprintf(advice, sizeof advice, "%s expected an `initial` where the form is finite", p->initial ? ";" : "; the first guess is 0:");
  return gkt_problem_explain_nonfinite(p, inputs, advice);
}

gkt_status gkt_problem_look_at_guess(gkt_problem *p, const gkt_inputs *inputs, const gkt_system_facts *facts) {
  bool here, elsewhere;
  if (p->newton.iterations || facts->singular) return GKT_OK;
  GKT_TRY(try_here(p, inputs, facts, &here));
  if (here) return GKT_OK;
  gkt_idx free_dof = p->linear.free_dof;
  GKT_TRY(is_regular_elsewhere(p, *inputs, facts, &elsewhere));
  p->linear.free_dof = free_dof;
  p->valid = elsewhere;
  if (elsewhere) gkt_problem_warn(p, "the first guess solves the equation, and the tangent is singular there: it may be one solution of several");
  else gkt_problem_explain_singular(p);
  return GKT_OK;
}

gkt_status gkt_problem_explain_newton(gkt_problem *p, const gkt_inputs *inputs, const gkt_system_facts *facts) {
  gkt_newton_end end = p->newton.end;
  if (end == GKT_NEWTON_CANCELLED) return snprintf(p->reason, sizeof p->reason, "%s", gkt_status_text(GKT_CANCELLED)), GKT_OK;
  if (end == GKT_NEWTON_START_NOT_FINITE || end == GKT_NEWTON_TANGENT_NOT_FINITE) return explain_nonfinite(p, inputs);
  if (end == GKT_NEWTON_SINGULAR || end == GKT_NEWTON_LINEAR) return explain_singular(p, inputs, facts);
  return explain(p, inputs);
}
