/* The line search: full length first, then backtracking on ||F||_2 over free dofs with a quadratic model of ||F||^2 (Dennis and Schnabel 1983, 6.3.2). The model takes the linear
   system as solved, so that the slope at 0 is -||F||^2. Not for steps that carry conditions to their values: ||F|| may have to rise with them. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "solvers/newton.h"

static const double SUFFICIENT = 1e-4; /* of the decrease that the slope promises (Armijo) */
static const double SHORTEST = 1e-10;

/* *norm: not finite where u + lambda d is no place to go; *admissible says which way. */
static gkt_status try_length(gkt_newton *s, double lambda, bool *admissible, double *norm) {
  gkt_status status;
  for (gkt_idx i = 0; i < s->n; i++) s->trial[i] = s->u[i] + lambda * s->d[i];
  for (gkt_idx i = 0; i < s->n && lambda == 1; i++)
    if (!gkt_newton_is_free(s, i)) s->trial[i] = s->target[i]; /* to the last bit */
  *admissible = true, *norm = NAN;
  if (s->system->is_admissible) {
    GKT_OUTSIDE(s, status = s->system->is_admissible(s->system->user, s->trial, admissible));
    GKT_TRY(status);
  }
  return *admissible ? gkt_newton_residual(s, s->trial, s->trial_f, norm) : GKT_OK;
}

/* Where the parabola through ||F(0)||^2, its slope and ||F(lambda)||^2 is lowest, between a tenth and a half of lambda. */
static double shorten(double lambda, double ratio) {
  double best = lambda * lambda / (ratio * ratio + 2 * lambda - 1);
  return fmin(fmax(best, 0.1 * lambda), 0.5 * lambda);
}

static void accept(gkt_newton *s, double lambda, double norm) {
  memcpy(s->u, s->trial, (size_t)s->n * sizeof *s->u);
  memcpy(s->f, s->trial_f, (size_t)s->n * sizeof *s->f);
  s->norm = norm;
  s->arrived = s->arrived || lambda == 1;
  s->prepared = false;
}

gkt_status gkt_newton_search(gkt_newton *s) {
  double norm, lambda = 1;
  bool admissible, any_finite = false, any_admissible = false;
  while (lambda >= SHORTEST) {
    GKT_TRY(try_length(s, lambda, &admissible, &norm));
    bool finite = isfinite(norm);
    if (finite && (!s->arrived || norm <= (1 - SUFFICIENT * lambda) * s->norm)) {
      accept(s, lambda, norm);
      return GKT_OK;
    }
    any_finite = any_finite || finite, any_admissible = any_admissible || admissible;
    lambda = finite ? shorten(lambda, norm / s->norm) : 0.5 * lambda;
  }
  if (any_finite && s->arrived) GKT_TRY(gkt_newton_floor(s, true));
  s->at_rounding = any_finite && s->arrived && gkt_newton_is_rounding(s);
  s->end = s->at_rounding ? GKT_NEWTON_CONVERGED : any_finite ? GKT_NEWTON_STALLED : any_admissible ? GKT_NEWTON_NO_FINITE_TRIAL : GKT_NEWTON_NOT_ADMISSIBLE;
  s->over = true;
  return GKT_OK;
}
