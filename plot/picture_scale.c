/* Ticks of the colour bar: three to seven multiples of 1, 2, 2.5 or 5, in powers of ten that are multiples of three where numbers get long. */
#include <math.h>
#include <stdio.h>

#include "plot/picture.h"

static int exponent_for(double largest) {
  if (!(largest > 0) || (largest >= 1e-2 && largest < 1e4)) return 0;
  return 3 * (int)floor(log10(largest) / 3 + 1e-9);
}

/* The least of 1, 2, 2.5, 5 times a power of ten that leaves at most six steps; no two of these are further apart than a factor of 2, so at least three are left. */
static double step_for(double span) {
  static const double steps[] = {1, 2, 2.5, 5, 10, 20};
  const double power = pow(10, floor(log10(span / 6)));
  int i = 0;
  while (i < 5 && span / (steps[i] * power) > 6 + 1e-9) i++;
  return steps[i] * power;
}

/* How many decimals show the step in full. */
static int decimals_of(double step) {
  int n = 0;
  for (double x = step; n < 12 && fabs(x - round(x)) > 1e-6 * x; x *= 10) n++;
  return n;
}

static void add(gkt_ticks *t, double value, int decimals) {
  const double power = pow(10, t->exponent);
  snprintf(t->labels[t->count], sizeof *t->labels, "%.*f", decimals, value / power == 0 ? 0.0 : value / power);
  t->values[t->count++] = value;
}

gkt_ticks gkt_ticks_choose(const gkt_range *range) {
  gkt_ticks t = {.exponent = exponent_for(fmax(fabs(range->low), fabs(range->high)))};
  if (range->empty) return t;
  if (range->constant) {
    snprintf(t.labels[0], sizeof *t.labels, "%.6g", range->low / pow(10, t.exponent));
    t.values[0] = range->low, t.count = 1;
    return t;
  }
  const double step = step_for(range->high - range->low);
  const int decimals = decimals_of(step / pow(10, t.exponent));
  const double slack = 1e-9 * step;
  for (double k = ceil((range->low - slack) / step); k * step <= range->high + slack && t.count < GKT_MAX_TICKS; k++) add(&t, k * step, decimals);
  return t;
}
