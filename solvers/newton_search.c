/* The line search: which part of a step is taken. The full one is tried first, or what the steps before promise; cut back until the rule of acceptance is content. Rules that
   compare with where Newton is need the conditions to have arrived, since carrying them there costs energy and residual: on the way any admissible trial with finite values is
   taken by `energy`, `residual` and `full`. The natural test knows the way (newton_natural.c). */
#include <float.h>
#include <math.h>
#include <omp.h>

#include "solvers/newton.h"

gkt_status gkt_newton_visit(gkt_newton *s, const gkt_vector *u, gkt_vector *f, double *norm) {
  gkt_status status = GKT_OK;
  bool admissible = true;
  *norm = NAN;
  if (s->system->is_admissible) GKT_OUTSIDE(s, status = s->system->is_admissible(s->system->user, u, &admissible));
  GKT_TRY(status);
  if (!admissible) return GKT_OK;
  s->saw_admissible = true;
  GKT_TRY(gkt_newton_residual(s, u, f, norm));
  s->saw_finite = s->saw_finite || isfinite(*norm);
  return GKT_OK;
}

gkt_status gkt_newton_try(gkt_newton *s, double lambda) {
  gkt_vector_copy(s->u, s->trial);
  gkt_vector_axpy(lambda, s->d, s->trial);
  if (lambda == 1) gkt_mask_take(&s->constrained, s->target, s->trial); /* to the last bit */
  s->trial_t = s->t + lambda * s->dt;
  GKT_TRY(gkt_newton_path_move(s, s->trial_t, s->trial));
  return gkt_newton_visit(s, s->trial, s->trial_f, &s->trial_norm);
}

void gkt_newton_accept(gkt_newton *s, double lambda) {
  gkt_vector_copy(s->trial, s->u);
  gkt_vector_copy(s->trial_f, s->f);
  if (s->system->path) s->t = s->trial_t, gkt_mask_take(&s->constrained, s->u, s->target);
  s->norm = s->trial_norm;
  s->arrived = s->arrived || lambda == 1;
  s->prepared = false, s->accepted = true;
}

/* Rounding that hides the whole load hides the solution, unless the guess was it. */
static bool has_gained(const gkt_newton *s) { return s->norm <= 0.5 * s->first || s->lengths[0] <= 1e-4 * gkt_vector_norm(s->u); }

gkt_status gkt_newton_fail(gkt_newton *s) {
  if (s->report->cancelled) return GKT_OK;
  if (s->saw_finite && s->arrived) GKT_TRY(gkt_newton_floor(s, true));
  s->at_rounding = s->saw_finite && s->arrived && gkt_newton_is_rounding(s) && has_gained(s);
  s->end = s->at_rounding                                   ? GKT_NEWTON_CONVERGED
           : s->saw_finite                                  ? GKT_NEWTON_STALLED
           : s->saw_admissible || !s->system->is_admissible ? GKT_NEWTON_NO_FINITE_TRIAL
                                                            : GKT_NEWTON_NOT_ADMISSIBLE;
  s->over = true;
  return GKT_OK;
}

double gkt_newton_shorten(double lambda, double lowest) { return fmin(fmax(lowest, 0.1 * lambda), 0.5 * lambda); }

/* The longest part that leads to finite values. */
static gkt_status take_any(gkt_newton *s) {
  for (double lambda = 1; lambda >= GKT_NEWTON_SHORTEST && !s->accepted; lambda *= 0.5) {
    GKT_TRY(gkt_newton_try(s, lambda));
    if (isfinite(s->trial_norm)) gkt_newton_accept(s, lambda);
  }
  return GKT_OK;
}

/* Armijo's condition on ||F||^2 (Dennis and Schnabel 1983, 6.3.2). The linear system is taken as solved, so that the slope at 0 is -2 ||F||^2. */
static gkt_status lower_residual(gkt_newton *s) {
  for (double lambda = 1; lambda >= GKT_NEWTON_SHORTEST && !s->accepted;) {
    double ratio;
    GKT_TRY(gkt_newton_try(s, lambda));
    ratio = s->trial_norm / s->norm;
    if (s->trial_norm <= (1 - GKT_NEWTON_SUFFICIENT * lambda) * s->norm) gkt_newton_accept(s, lambda);
    else lambda = isfinite(ratio) ? gkt_newton_shorten(lambda, lambda * lambda / (ratio * ratio + 2 * lambda - 1)) : 0.5 * lambda;
  }
  return GKT_OK;
}

/* A step that is lost in the digits of u: whatever rule would go on accepting what rounding makes. */
static bool is_lost(gkt_newton *s) {
  if (!s->arrived) return false;
  gkt_vector_copy(s->u, s->next_b);
  gkt_mask_zero(&s->constrained, s->next_b);
  return gkt_newton_path_length(s, s->d, s->dt) <= 10 * DBL_EPSILON * gkt_newton_path_length(s, s->next_b, s->t);
}

gkt_status gkt_newton_search(gkt_newton *s, gkt_acceptance rule) {
  s->accepted = false, s->saw_admissible = s->saw_finite = is_lost(s);
  if (s->saw_finite) return gkt_newton_fail(s);
  s->has_next = s->has_next && rule == GKT_ACCEPT_NATURAL;
  s->watch.rest -= s->watch.rest > 0;
  s->lengths[2] = s->lengths[1], s->lengths[1] = s->lengths[0], s->lengths[0] = gkt_newton_path_length(s, s->d, s->dt);
  if (rule == GKT_ACCEPT_NATURAL) GKT_TRY(gkt_newton_search_natural(s));
  else if (rule == GKT_ACCEPT_FULL || !s->arrived) GKT_TRY(take_any(s));
  else if (rule == GKT_ACCEPT_ENERGY) GKT_TRY(gkt_newton_search_energy(s));
  else GKT_TRY(lower_residual(s));
  return s->accepted ? GKT_OK : gkt_newton_fail(s);
}
