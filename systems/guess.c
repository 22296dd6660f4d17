/* A tangent that is singular at the first guess: there only, or wherever u is? */
#include <math.h>

#include "systems/system.h"

/* Unknowns have units of their own. */
static double size_of(const gkt_solution *o, int block) {
  const gkt_layout_block *l = &o->s->blocks[block];
  double most = 0;
  for (gkt_idx i = l->first; i < l->first + l->count; i++) most = fmax(most, fabs(o->u[i]));
  return most > 0 ? most : 1;
}

void gkt_solution_disturb(const gkt_solution *o, double factor, gkt_scalar *u) {
  const bool *fixed = gkt_constraints_mask(o->s->constraints);
  uint32_t seed = 1;
  for (int k = 0; k < o->s->num_unknowns; k++) {
    const double size = factor * size_of(o, k);
    for (gkt_idx i = o->s->blocks[k].first; i < o->s->blocks[k].first + o->s->blocks[k].count; i++) {
      seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
      u[i] = o->u[i] + (fixed[i] ? 0 : size * (seed / 2147483648.0 - 1));
    }
  }
}

/* Is the tangent regular at u? Asked by solving with it; what cannot be solved is taken as singular. b, d: [dofs] */
static gkt_status try_tangent(gkt_solution *o, const gkt_scalar *u, gkt_scalar *b, gkt_scalar *d, bool *regular) {
  gkt_system *s = o->s;
  gkt_linear_options options = gkt_linear_options_default();
  gkt_linear_report report;
  gkt_idx n = gkt_system_num_dofs(s);
  *regular = false;
  options.repeated = true;
  GKT_TRY(gkt_system_assemble_tangent(s, u));
  if (!gkt_is_finite(s->matrix->row_offsets[n], s->matrix->vals)) return GKT_OK;
  gkt_constraints_eliminate(s->constraints, s->matrix);
  for (gkt_idx i = 0; i < n; i++) b[i] = 1, d[i] = 0;
  gkt_constraints_zero(s->constraints, b);
  GKT_TRY(gkt_linear_solve(s->ctx, s->matrix, &o->facts, b, d, &options, &report));
  *regular = report.converged;
  if (report.singular) o->report->linear.free_dof = report.free_dof;
  gkt_linear_report_clear(&report);
  return GKT_OK;
}

/* Disturbances of the size of the guess, or of 1 where that is 0; small ones, too, as large ones may leave what the form is defined for. here: no disturbance */
static gkt_status is_regular(gkt_solution *o, bool here, bool *out) {
  gkt_idx n = gkt_system_num_dofs(o->s);
  gkt_scalar *u = NULL, *b = NULL, *d = NULL;
  gkt_status status;
  *out = false;
  GKT_GO(gkt_alloc(o->s->ctx, n, sizeof *u, &u));
  GKT_GO(gkt_alloc(o->s->ctx, n, sizeof *b, &b));
  GKT_GO(gkt_alloc(o->s->ctx, n, sizeof *d, &d));
  if (here) GKT_GO(try_tangent(o, o->u, b, d, out));
  for (double factor = 1; !here && factor > 1e-9 && !*out; factor *= 1e-4) {
    gkt_solution_disturb(o, factor, u);
    GKT_GO(try_tangent(o, u, b, d, out));
  }
done:
  gkt_free(&u);
  gkt_free(&b);
  gkt_free(&d);
  return status;
}

/* The dof that is free at the guess is named, not one of where this looked. */
gkt_status gkt_solution_is_regular_elsewhere(gkt_solution *o, bool *out) {
  gkt_idx free_dof = o->report->linear.free_dof;
  GKT_TRY(is_regular(o, false, out));
  o->report->linear.free_dof = free_dof;
  return GKT_OK;
}

gkt_status gkt_solution_look_at_guess(gkt_solution *o) {
  gkt_solve_report *r = o->report;
  bool here, elsewhere;
  if (r->newton.iterations || o->facts.singular) return GKT_OK;
  GKT_TRY(is_regular(o, true, &here));
  if (here) return GKT_OK;
  GKT_TRY(gkt_solution_is_regular_elsewhere(o, &elsewhere));
  r->valid = elsewhere;
  if (elsewhere) gkt_log(o->s->ctx, GKT_LOG_WARNING, "the first guess solves the equation, and the tangent is singular there: it may be one solution of several");
  else gkt_system_explain_singular(o->s, &r->linear, sizeof r->reason, r->reason);
  return GKT_OK;
}
