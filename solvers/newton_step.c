/* The linear system of a Newton step. */
#include <float.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "solvers/linear.h"
#include "solvers/newton.h"

static gkt_status give_up(gkt_newton *s, gkt_newton_end end) {
  s->end = end, s->over = true;
  return GKT_OK;
}

void gkt_newton_cancel(gkt_newton *s) { s->end = GKT_NEWTON_CANCELLED, s->over = s->report->cancelled = true; }

/* With all columns of A: the jump A (target - u) of constrained dofs and b = -F - jump; || |A||u| + |Au-F| || and || A_ff u_f - F ||, which is ||b|| of a linear problem, over free
 * dofs. */
static void read_rows(gkt_newton *s, double *magnitude) {
  gkt_length size = {0, 0}, sum = {0, 0};
  for (gkt_idx i = 0; i < s->n; i++) {
    double jump = 0, product = 0, inside = 0, absolute = 0;
    s->jump[i] = s->b[i] = 0;
    if (!gkt_newton_is_free(s, i)) continue;
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1]; k++) {
      gkt_idx j = s->A->cols[k];
      double term = s->A->vals[k] * s->u[j];
      bool is_free = gkt_newton_is_free(s, j);
      product += term, inside += is_free ? term : 0, absolute += fabs(term);
      if (!s->arrived && !is_free) jump += s->A->vals[k] * (s->target[j] - s->u[j]);
    }
    double load = fabs(product - s->f[i]);
    s->jump[i] = jump, s->b[i] = -s->f[i] - jump;
    s->row[i] = absolute + load;
    gkt_length_add(&size, inside - s->f[i]), gkt_length_add(&sum, absolute + load);
  }
  s->size = gkt_length_value(&size), *magnitude = gkt_length_value(&sum);
}

static gkt_status careful_floor(gkt_newton *s, const gkt_scalar *u, gkt_scalar *m, double *out) {
  GKT_TRY(gkt_newton_ask_magnitude(s, u, m));
  *out = 10 * DBL_EPSILON * gkt_newton_norm(s, m);
  return GKT_OK;
}

/* What is rounding at the guess is rounding, however small the load: Newton has not made that u. The estimate changes little while Newton's steps do, so one serves a load step
   unless it is to decide. */
gkt_status gkt_newton_floor(gkt_newton *s, bool anew) {
  double start;
  if (!s->system->magnitude) return GKT_OK;
  if (anew || s->careful == 0) GKT_TRY(careful_floor(s, s->u, s->careful_row, &s->careful));
  s->floor = fmax(s->plain_floor, s->careful);
  if (s->floor < s->size || !anew) return GKT_OK;
  GKT_TRY(careful_floor(s, s->start, s->trial, &start));
  s->size = fmax(s->size, 10 * start);
  return GKT_OK;
}

bool gkt_newton_rows_are_rounding(const gkt_newton *s) {
  for (gkt_idx i = 0; i < s->n; i++)
    if (gkt_newton_is_free(s, i) && !(fabs(s->f[i]) <= 10 * DBL_EPSILON * fmax(s->row[i], s->careful > 0 ? s->careful_row[i] : 0))) return false;
  return true;
}

/* A residual that has grown is no rounding of a solution, but of terms that nearly cancel. */
bool gkt_newton_is_rounding(const gkt_newton *s) { return s->norm <= s->floor && s->floor < s->size && s->norm <= 10 * s->first; }

gkt_status gkt_newton_ready_linear(gkt_newton *s, const gkt_linear_options *options) {
  if (!s->linear) GKT_TRY(gkt_linear_solver_create(s->petsc.ctx, s->A, s->facts, options, &s->linear));
  else GKT_TRY(gkt_linear_solver_update(s->linear));
  s->linear->defers = true;
  return GKT_OK;
}

gkt_status gkt_newton_prepare(gkt_newton *s) {
  double magnitude;
  if (s->prepared) return GKT_OK;
  s->is_known = false;
  GKT_TRY(gkt_newton_ask_tangent(s));
  if (!gkt_is_finite(s->A->row_offsets[s->n], s->A->vals)) return give_up(s, GKT_NEWTON_TANGENT_NOT_FINITE);
  read_rows(s, &magnitude);
  s->floor = s->plain_floor = 10 * DBL_EPSILON * magnitude;
  GKT_OUTSIDE(s, s->system->eliminate(s->system->user, s->A));
  GKT_TRY(gkt_newton_ready_linear(s, &s->asked.linear));
  s->prepared = s->is_known = true;
  return GKT_OK;
}

void gkt_newton_count(gkt_newton *s, const gkt_linear_report *linear) {
  gkt_nonlinear_report *r = s->report;
  r->linear_iterations += linear->iterations;
  r->setup_seconds += linear->setup_seconds, r->solve_seconds += linear->solve_seconds;
  r->setups += linear->setups, r->kept += linear->kept, r->factorizations += linear->factorizations;
  r->setup_cpu_seconds += linear->setup_cpu_seconds, r->solve_cpu_seconds += linear->solve_cpu_seconds;
}

gkt_status gkt_newton_inspect(gkt_newton *s) {
  gkt_nonlinear_report *r = s->report;
  gkt_linear_report more = {0};
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  gkt_status status;
  if (!s->linear || !s->linear->owes || !s->is_known) return GKT_OK; /* a tangent that is not finite was the last */
  GKT_OUTSIDE(s, status = gkt_linear_solver_inspect(s->linear, &more));
  GKT_TRY(status);
  gkt_newton_count(s, &more);
  r->solve_seconds += gkt_seconds() - start - more.setup_seconds, r->solve_cpu_seconds += gkt_cpu_seconds() - cpu - more.setup_cpu_seconds;
  r->linear.singular = more.singular, r->linear.ill_conditioned = more.ill_conditioned, r->linear.free_dof = more.free_dof, r->linear.condition = more.condition;
  if (more.singular) r->converged = false, r->end = GKT_NEWTON_SINGULAR;
  return GKT_OK;
}

static gkt_status solve(gkt_newton *s) {
  gkt_nonlinear_report *r = s->report;
  gkt_status status;
  gkt_linear_report_clear(&r->linear);
  memset(s->d, 0, (size_t)s->n * sizeof *s->d);
  GKT_OUTSIDE(s, status = gkt_linear_solver_solve(s->linear, 1, s->n, s->b, s->d, &r->linear));
  GKT_TRY(status);
  r->iterations++, s->iterations++;
  gkt_newton_count(s, &r->linear);
  return GKT_OK;
}

/* A solver that missed its tolerance may still have found a direction, which the line search then judges. */
gkt_status gkt_newton_step(gkt_newton *s, const gkt_scalar *f) {
  for (gkt_idx i = 0; i < s->n; i++) s->b[i] = gkt_newton_is_free(s, i) ? -f[i] - s->jump[i] : 0;
  GKT_TRY(solve(s));
  if (s->report->linear.cancelled) return gkt_newton_cancel(s), GKT_OK;
  if (s->report->linear.singular) return give_up(s, GKT_NEWTON_SINGULAR);
  for (gkt_idx i = 0; i < s->n; i++)
    if (!gkt_newton_is_free(s, i)) s->d[i] = s->arrived ? 0 : s->target[i] - s->u[i];
  if (!gkt_is_finite(s->n, s->d) || (!s->report->linear.converged && !(s->report->linear.residual < 0.5))) return give_up(s, GKT_NEWTON_LINEAR);
  return GKT_OK;
}
