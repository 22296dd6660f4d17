/* Trials at which value or derivatives are not finite. Methods that search along a line or in a ball know numbers alone, and give up: they are told of a parabola through the last
   iterate instead, with its value, its slope towards the trial, and a rise as large as the slope allows, whose least value is at most a quarter of the way off. */
#include "adjoint/optimize.h"

double gkt_optimize_beyond(const gkt_optimization *s, double value, const gkt_scalar *gradient, gkt_scalar *out) {
  gkt_length step = {0}, steepest = {0};
  double slope = 0;
  for (gkt_size i = 0; i < s->n; i++) {
    const double d = s->at[i] - s->x[i], root = sqrt(gkt_optimize_weight(s, i));
    gkt_length_add(&step, root * d), gkt_length_add(&steepest, gradient[i] / root);
    slope += gradient[i] * d;
  }
  const double length = gkt_length_value(&step), rise = gkt_length_value(&steepest) * length;
  for (gkt_size i = 0; i < s->n; i++) out[i] = length > 0 ? (2 * rise - slope) * gkt_optimize_weight(s, i) * ((s->at[i] - s->x[i]) / length) / length : 0;
  return value + rise;
}
