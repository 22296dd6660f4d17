/* Where no step lessens J: is it rounding, or does the gradient promise what J does not keep? A trial along the gradient that is left, far enough to be seen, tells how J bends;
   where the least value of the parabola through it is nearer than variables are known, nothing was left to go. A gradient that is not that of J, or a kink, lets J rise along
   it at once, and the parabola ends a quarter of the way off or so. */
#include "adjoint/optimize.h"

/* next = x - step d within bounds, d the gradient that is left; returns the slope of J along the way */
static double go_down(const gkt_optimization *s, double step, double *next) {
  double slope = 0;
  for (gkt_size i = 0; i < s->n; i++) {
    const double g = s->gradient[i], d = g * gkt_optimize_freedom(s, i, g) / gkt_optimize_weight(s, i);
    next[i] = fmax(s->lower[i], fmin(s->upper[i], s->x[i] - step * d));
    slope += g * (next[i] - s->x[i]);
  }
  return slope;
}

static gkt_status look(gkt_optimization *s, double *next) {
  const double way = 1e-4, nearest = 1e-8; /* of the size of the variables */
  const double norm = gkt_optimize_stationarity(s), value = s->value, length = gkt_optimize_length(s);
  if (!(norm > 0)) return GKT_OK;
  const double slope = go_down(s, way * length / norm, next);
  GKT_TRY(gkt_optimize_evaluate(s, next));
  const double bend = s->value - value - slope;
  s->report->falls = s->value - value <= 0.5 * slope;
  s->report->at_rounding = isfinite(bend) && bend > 0 && -slope / (2 * bend) * way < nearest;
  return GKT_OK;
}

gkt_status gkt_optimize_find_rounding(gkt_optimization *s) {
  double *next = NULL;
  gkt_status status;
  if (s->report->end != GKT_OPTIMIZE_STALLED || s->num_rows) return GKT_OK;
  GKT_GO(gkt_alloc(s->ctx, s->n, sizeof *next, &next));
  GKT_GO(gkt_optimize_differentiate(s, s->x));
  if (gkt_optimize_is_finite(s)) GKT_GO(look(s, next));
done:
  gkt_free(&next);
  return status;
}
