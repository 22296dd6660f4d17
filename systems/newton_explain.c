/* Why Newton's method found no answer. */
#include <string.h>

#include "systems/system.h"

static const char *stalled(const gkt_nonlinear_report *r) {
  if (!strcmp(r->accept, "energy")) return "no part of Newton's step lowers the energy or brings the solution closer";
  if (!strcmp(r->accept, "natural")) return "no part of Newton's step brings the solution closer";
  return "no part of Newton's step lowers the residual";
}

static const char *cause(const gkt_solution *o) {
  const gkt_nonlinear_report *r = &o->report->newton;
  switch (r->end) {
  case GKT_NEWTON_ITERATIONS: return "its iterations are used up";
  case GKT_NEWTON_STALLED: return stalled(r);
  case GKT_NEWTON_NO_FINITE_TRIAL: return "no part of Newton's step leads to finite values";
  case GKT_NEWTON_NOT_ADMISSIBLE:
    return o->s->barriers->list[0].shift < 0 ? "every part of Newton's step passes a pole of the form" : "every part of Newton's step turns cells inside out";
  case GKT_NEWTON_LINEAR: return "the linear solver found no direction";
  default: return "the tangent is singular";
  }
}

/* The cause, and where a body is nearest to turning inside out if that is it. */
static gkt_status print_cause(gkt_solution *o, gkt_text *t) {
  gkt_text_printf(t, "%s", cause(o));
  if (o->report->newton.end != GKT_NEWTON_NOT_ADMISSIBLE) return t->status;
  gkt_text_printf(t, " (at the last state ");
  GKT_TRY(gkt_system_print_barrier(o->s, o->u, t));
  gkt_text_printf(t, ")");
  return t->status;
}

/* Of the last load step tried; `at` names it where there are several. */
static gkt_status explain(gkt_solution *o) {
  gkt_solve_report *report = o->report;
  const gkt_nonlinear_report *r = &report->newton;
  const gkt_load_step *last = &r->steps[r->num_steps - 1];
  int steps = o->options->newton.load_steps;
  char at[80] = "", try[120];
  gkt_text t = {.ctx = o->s->ctx};
  gkt_status status = print_cause(o, &t);
  if (steps > 1) snprintf(at, sizeof at, " in the load step from %.6g to %.6g", r->load, last->load);
  if (o->plane) snprintf(try, sizeof try, "shorter steps along the path");
  else if (r->end == GKT_NEWTON_ITERATIONS)
    snprintf(try, sizeof try, "more solver.nonlinear.iterations, load_steps: %d, or an `initial` closer to the solution", steps > 1 ? 2 * steps : 4);
  else snprintf(try, sizeof try, "solver.nonlinear.load_steps: %d, or an `initial` closer to the solution", steps > 1 ? 2 * steps : 4);
  if (status == GKT_OK)
    snprintf(report->reason, sizeof report->reason, "Newton's method did not converge%s: %s after %d iteration%s, residual %.3g, %.3g of the first (wanted %.3g); try %s", at,
             t.data, last->iterations, last->iterations == 1 ? "" : "s", r->residual * r->first, r->residual, o->options->newton.rtol, try);
  gkt_text_free(&t);
  return status;
}

static bool is_at_guess(const gkt_nonlinear_report *r) { return r->load == 0 && r->steps[r->num_steps - 1].iterations == 1; }

static bool is_zero(const gkt_csr *A) {
  for (gkt_idx k = 0; k < A->row_offsets[A->num_rows]; k++)
    if (A->vals[k] != 0) return false;
  return true;
}

/* On the way, or at the end: the tangent may be singular for every u, which an iterative method tells late. */
static gkt_status explain_later(gkt_solution *o) {
  gkt_solve_report *r = o->report;
  bool regular = true;
  if (r->newton.end == GKT_NEWTON_SINGULAR) GKT_TRY(gkt_solution_is_regular_elsewhere(o, &regular));
  if (regular) return explain(o);
  gkt_system_explain_singular(o->s, &r->linear, sizeof r->reason, r->reason);
  return GKT_OK;
}

static gkt_status explain_singular(gkt_solution *o) {
  gkt_solve_report *r = o->report;
  gkt_system *s = o->s;
  bool zero, regular;
  if (!is_at_guess(&r->newton)) return explain_later(o);
  GKT_TRY(gkt_system_assemble_tangent(s, o->u));
  zero = is_zero(s->matrix);
  GKT_TRY(gkt_solution_is_regular_elsewhere(o, &regular));
  if (regular)
    snprintf(r->reason, sizeof r->reason,
             "the tangent is %s at the first guess%s, though not elsewhere, so Newton's method has no direction there; expected another `initial`, not a constant",
             zero ? "zero" : "singular", o->starts_at_zero ? ", which is 0" : "");
  else if (r->newton.end == GKT_NEWTON_SINGULAR) gkt_system_explain_singular(s, &r->linear, sizeof r->reason, r->reason);
  else return explain(o);
  return GKT_OK;
}

/* Where the form is not finite: at the guess, or its tangent on the way. */
static gkt_status explain_nonfinite(gkt_solution *o) {
  char advice[200];
  gkt_solve_report *r = o->report;
  int n = r->newton.iterations;
  if (n) snprintf(advice, sizeof advice, "; reached after %d iteration%s of Newton's method: expected an `initial` closer to the solution, or load_steps", n, n == 1 ? "" : "s");
  else snprintf(advice, sizeof advice, "%s expected an `initial` where the form is finite", o->starts_at_zero ? "; the first guess is 0:" : ";");
  return gkt_solution_explain_nonfinite(o, advice);
}

gkt_status gkt_solution_explain_newton(gkt_solution *o) {
  gkt_newton_end end = o->report->newton.end;
  if (end == GKT_NEWTON_CANCELLED) return snprintf(o->report->reason, sizeof o->report->reason, "%s", gkt_status_text(GKT_CANCELLED)), GKT_OK;
  if (end == GKT_NEWTON_START_NOT_FINITE || end == GKT_NEWTON_TANGENT_NOT_FINITE) return explain_nonfinite(o);
  if (end == GKT_NEWTON_SINGULAR || end == GKT_NEWTON_LINEAR) return explain_singular(o);
  return explain(o);
}
