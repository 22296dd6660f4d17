/* How far an iterate is from an optimum: Karush's conditions, with what slack constraints count for. */
#include <string.h>

#include "adjoint/optimize.h"

/* How much of a slope counts: none where a bound holds the variable, or both do, a part next to it, so that the measure is continuous. */
double gkt_optimize_freedom(const gkt_optimization *s, gkt_size i, double slope) {
  const double l = s->lower[i], u = s->upper[i], x = s->at[i], way = slope > 0 ? x - l : u - x;
  if (l == u) return 0;
  if (!isfinite(way)) return 1;
  const double near = 1e-3 * (isfinite(u - l) ? u - l : fmax(1, fabs(slope > 0 ? l : u)));
  return way >= near ? 1 : way / near;
}

static double slope_of_lagrangian(const gkt_optimization *s, gkt_size i) {
  double slope = s->gradient[i];
  for (int k = 0; k < s->num_rows; k++) slope += s->multipliers[k] * gkt_optimize_slope(s, k, i);
  return slope;
}

/* How far J can be expected to fall along its gradient: what lies in a variable, of what its bounds allow at least a little. */
static double reach(const gkt_optimization *s) {
  gkt_length length = {0};
  double fall = 0, most = 0;
  for (gkt_size i = 0; i < s->n; i++) {
    const double width = s->upper[i] - s->lower[i], size = fmax(fabs(s->at[i]), isfinite(width) ? 1e-5 * width : 0);
    gkt_length_add(&length, s->gradient[i] / sqrt(gkt_optimize_weight(s, i)));
    fall += fabs(s->gradient[i]) * size, most = fmax(most, size);
  }
  const double norm = gkt_length_value(&length);
  return norm > 0 && fall > 0 ? fall / norm : most > 0 ? most : 1;
}

/* The square of the measure: of the gradient of the Lagrangian as far as bounds leave it free, and of what the constraints of positive multipliers keep J from or let it win,
   lambda |g| over a tenth of the reach. A constraint that is far from its limit so gets no multiplier, and one near by no more than it pays. */
static double measure(const gkt_optimization *s) {
  gkt_length length = {0};
  for (gkt_size i = 0; i < s->n; i++) {
    const double slope = slope_of_lagrangian(s, i);
    gkt_length_add(&length, slope * gkt_optimize_freedom(s, i, slope) / sqrt(gkt_optimize_weight(s, i)));
  }
  for (int k = 0; k < s->num_rows; k++) gkt_length_add(&length, s->multipliers[k] * s->g[k] / s->near);
  return gkt_length_value(&length);
}

/* Normal equations, of the freedom that variables have with the multipliers of now. */
static void set_up(const gkt_optimization *s) {
  const int m = s->num_rows;
  double *gram = s->gram, *right = s->right;
  memset(gram, 0, (size_t)(m * m) * sizeof *gram);
  memset(right, 0, (size_t)m * sizeof *right);
  for (gkt_size i = 0; i < s->n; i++) {
    const double free = gkt_optimize_freedom(s, i, slope_of_lagrangian(s, i)), part = free * free / gkt_optimize_weight(s, i);
    for (int k = 0; part > 0 && k < m; k++) {
      const double a = part * gkt_optimize_slope(s, k, i);
      right[k] -= a * s->gradient[i];
      for (int l = 0; l < m; l++) gram[k * m + l] += a * gkt_optimize_slope(s, l, i);
    }
  }
  for (int k = 0; k < m; k++) gram[k * m + k] += pow(s->g[k] / s->near, 2);
}

/* By coordinates: there are few, mostly one. */
static void solve(const gkt_optimization *s, double *lambda) {
  enum { SWEEPS = 1000 };
  const int m = s->num_rows;
  const double *gram = s->gram, *right = s->right;
  double change = 1;
  for (int sweep = 0; sweep < SWEEPS && change > 1e-14; sweep++) {
    change = 0;
    for (int k = 0; k < m; k++) {
      double top = right[k];
      for (int l = 0; l < m; l++) top -= l == k ? 0 : gram[k * m + l] * lambda[l];
      const double next = gram[k * m + k] > 0 ? fmax(0, top / gram[k * m + k]) : 0, size = fmax(next, lambda[k]);
      if (size > 0) change = fmax(change, fabs(next - lambda[k]) / size);
      lambda[k] = next;
    }
  }
}

/* Which bounds hold depends on the multipliers: again while the measure falls, by less where it does not. */
static double find_multipliers(gkt_optimization *s) {
  enum { PASSES = 30, HALVINGS = 20 };
  const size_t size = (size_t)s->num_rows * sizeof *s->best;
  double least = measure(s);
  for (int pass = 0; pass < PASSES; pass++) {
    memcpy(s->best, s->multipliers, size);
    set_up(s);
    solve(s, s->multipliers);
    double next = measure(s);
    for (int halving = 0; !(next < least) && halving < HALVINGS; halving++, next = measure(s))
      for (int k = 0; k < s->num_rows; k++) s->multipliers[k] = 0.5 * (s->multipliers[k] + s->best[k]);
    if (!(next < least)) memcpy(s->multipliers, s->best, size);
    if (!(next < (1 - 1e-9) * least)) return fmin(next, least);
    least = next;
  }
  return least;
}

double gkt_optimize_stationarity(gkt_optimization *s) {
  memset(s->multipliers, 0, (size_t)s->num_rows * sizeof *s->multipliers);
  s->near = 0.1 * reach(s);
  return s->num_rows ? find_multipliers(s) : measure(s);
}
