/* The linear system of a Newton step. */
#include <float.h>
#include <math.h>
#include <omp.h>

#include "core/vector.h"
#include "solvers/linear.h"
#include "solvers/newton.h"

static gkt_status give_up(gkt_newton *s, gkt_newton_end end) {
  s->end = end, s->over = true;
  return GKT_OK;
}

void gkt_newton_cancel(gkt_newton *s) { s->end = GKT_NEWTON_CANCELLED, s->over = s->report->cancelled = true; }

static gkt_status careful_floor(gkt_newton *s, const gkt_vector *u, gkt_vector *m, double *out) {
  GKT_TRY(gkt_newton_path_move(s, s->t, s->u));
  GKT_TRY(gkt_newton_ask_magnitude(s, u, m));
  gkt_mask_zero(&s->constrained, m);
  *out = 10 * DBL_EPSILON * gkt_vector_norm(m);
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

/* A residual that has grown is no rounding of a solution, but of terms that nearly cancel. */
bool gkt_newton_is_rounding(const gkt_newton *s) { return s->norm <= s->floor && s->floor < s->size && s->norm <= 10 * s->first; }

gkt_status gkt_newton_ready_linear(gkt_newton *s, const gkt_linear_options *options) {
  if (!s->linear) GKT_TRY(gkt_linear_solver_create(s->petsc.ctx, s->A, s->facts, options, &s->linear));
  else GKT_TRY(gkt_linear_solver_update(s->linear));
  gkt_linear_solver_defer(s->linear);
  return GKT_OK;
}

gkt_status gkt_newton_prepare(gkt_newton *s) {
  double magnitude;
  bool finite;
  if (s->prepared) return GKT_OK;
  s->is_known = false;
  GKT_TRY(gkt_newton_path_move(s, s->t, s->u));
  GKT_TRY(gkt_newton_ask_tangent(s));
  GKT_TRY(gkt_newton_tangent_is_finite(s, &finite));
  if (!finite) return give_up(s, GKT_NEWTON_TANGENT_NOT_FINITE);
  GKT_TRY(gkt_newton_read_rows(s, &magnitude));
  s->floor = s->plain_floor = 10 * DBL_EPSILON * magnitude;
  GKT_TRY(gkt_newton_path_look(s));
  GKT_TRY(gkt_newton_ask_elimination(s));
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
  if (!s->linear || !gkt_linear_solver_owes(s->linear) || !s->is_known) return GKT_OK; /* a tangent that is not finite was the last */
  GKT_OUTSIDE(s, status = gkt_linear_solver_inspect(s->linear, &more));
  GKT_TRY(status);
  gkt_newton_count(s, &more);
  r->solve_seconds += gkt_seconds() - start - more.setup_seconds, r->solve_cpu_seconds += gkt_cpu_seconds() - cpu - more.setup_cpu_seconds;
  r->linear.singular = more.singular, r->linear.ill_conditioned = more.ill_conditioned, r->linear.free_dof = more.free_dof, r->linear.condition = more.condition;
  if (more.singular) r->converged = false, r->end = GKT_NEWTON_SINGULAR;
  return GKT_OK;
}

gkt_status gkt_newton_correct(gkt_newton *s, const gkt_vector *b, gkt_vector *x, gkt_linear_report *report) {
  gkt_status status;
  gkt_linear_report_clear(report);
  gkt_vector_fill(x, 0);
  GKT_OUTSIDE(s, status = gkt_linear_solver_solve(s->linear, 1, s->n, s->device ? gkt_vector_address(b) : gkt_vector_read(b),
                                                  s->device ? gkt_vector_address(x) : gkt_vector_values(x), report));
  GKT_TRY(status);
  gkt_newton_count(s, report);
  return GKT_OK;
}

void gkt_newton_right_side(const gkt_newton *s, const gkt_vector *f, double rest, gkt_vector *b) {
  gkt_vector_copy(f, b);
  gkt_vector_scale(b, -1);
  if (!s->arrived) gkt_vector_axpy(-rest, s->jump, b);
  gkt_mask_zero(&s->constrained, b);
}

/* d of constrained dofs. */
static void move_conditions(gkt_newton *s) {
  gkt_mask_zero(&s->constrained, s->d);
  if (s->arrived) return;
  gkt_vector_copy(s->target, s->next_b);
  gkt_vector_axpy(-1, s->u, s->next_b);
  gkt_mask_take(&s->constrained, s->next_b, s->d);
}

/* A solver that missed its tolerance may still have found a direction, which the line search then judges. */
gkt_status gkt_newton_step(gkt_newton *s, const gkt_vector *f) {
  const gkt_linear_report *r = &s->report->linear;
  gkt_newton_right_side(s, f, 1, s->b);
  GKT_TRY(gkt_newton_correct(s, s->b, s->d, &s->report->linear));
  s->report->iterations++, s->iterations++;
  if (r->cancelled) return gkt_newton_cancel(s), GKT_OK;
  if (r->singular) return give_up(s, GKT_NEWTON_SINGULAR);
  move_conditions(s);
  GKT_TRY(gkt_newton_path_turn(s, s->d, &s->dt));
  if (!gkt_vector_is_finite(s->d) || (!r->converged && !(r->residual < 0.5))) return give_up(s, GKT_NEWTON_LINEAR);
  return GKT_OK;
}
