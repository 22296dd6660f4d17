/* Acceptance by the energy E of which F is the derivative on free dofs: E must fall by a part of what its slope F.d promises (Armijo). Near a minimum the change of E is lost in
   its rounding; there the slope at the trial decides (the approximate Wolfe condition of Hager and Zhang 2005, SIAM J. Optim. 16, 170-192, (2.4) and (4.1)). Where the step leads
   uphill, as it does near saddles and maxima, E cannot judge it: Newton's method solves F = 0, wherever that is, and the natural test takes over. */
#include <math.h>
#include <omp.h>

#include "solvers/newton.h"

static const double NOISE = 1e-6; /* of |E|: what a sum of differences may be wrong by */

/* The energy of which F, with what the load step holds back, is the derivative. */
static gkt_status evaluate(gkt_newton *s, const gkt_vector *u, double *energy) {
  GKT_TRY(gkt_newton_ask_energy(s, u, energy));
  if (s->load < 1) *energy -= (1 - s->load) * gkt_vector_dot(s->start_residual, u);
  return GKT_OK;
}

static bool is_lower(const gkt_newton *s, const gkt_newton_mark *at, double lambda, double energy) {
  bool falls = energy <= at->energy + GKT_NEWTON_SUFFICIENT * lambda * at->slope;
  bool may_fall = energy <= at->energy + NOISE * fabs(at->energy) && gkt_vector_dot(s->trial_f, s->d) <= (2 * GKT_NEWTON_SUFFICIENT - 1) * at->slope;
  return isfinite(s->trial_norm) && isfinite(energy) && (falls || may_fall);
}

static gkt_status descend(gkt_newton *s, const gkt_newton_mark *at) {
  for (double lambda = 1; lambda >= GKT_NEWTON_SHORTEST && !s->accepted;) {
    double energy = NAN;
    GKT_TRY(gkt_newton_try(s, lambda));
    if (isfinite(s->trial_norm)) GKT_TRY(evaluate(s, s->trial, &energy));
    if (is_lower(s, at, lambda, energy)) gkt_newton_accept(s, lambda);
    else if (lambda == 1 && isfinite(energy) && gkt_newton_may_leave(s)) gkt_newton_leave(s, at);
    double rise = energy - at->energy - lambda * at->slope; /* above the tangent: half a parabola's curvature */
    lambda = isfinite(rise) ? gkt_newton_shorten(lambda, -0.5 * at->slope * lambda * lambda / rise) : 0.5 * lambda;
  }
  return GKT_OK;
}

/* Back below where it left: the way was right. Else on, or back. */
static gkt_status look_back(gkt_newton *s, gkt_newton_mark *at) {
  const gkt_newton_mark *from = &s->watch.from;
  if (at->energy <= from->energy + GKT_NEWTON_SUFFICIENT * from->slope) return s->watch.steps = 0, GKT_OK;
  GKT_TRY(gkt_newton_go_on(s));
  if (s->accepted) return GKT_OK;
  *at = *from;
  gkt_newton_return(s);
  return GKT_OK;
}

gkt_status gkt_newton_search_energy(gkt_newton *s) {
  gkt_newton_mark at = {.slope = gkt_vector_dot(s->f, s->d)};
  if (s->watch.steps && s->watch.from.by_length) return gkt_newton_search_natural(s);
  GKT_TRY(evaluate(s, s->u, &at.energy));
  if (s->watch.steps) GKT_TRY(look_back(s, &at));
  if (!s->accepted && at.slope < 0 && isfinite(at.energy)) GKT_TRY(descend(s, &at));
  return s->accepted ? GKT_OK : gkt_newton_search_natural(s);
}
