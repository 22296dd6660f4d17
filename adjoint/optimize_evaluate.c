/* Evaluations, each once where it is asked for twice, and what an iterate is worth. */
#include <string.h>

#include "adjoint/optimize.h"

static bool is_here(const gkt_optimization *s, const gkt_scalar *x) { return s->has_value && !memcmp(s->at, x, (size_t)s->n * sizeof *x); }

static gkt_status find_residuals(gkt_optimization *s, const gkt_scalar *x) {
  const gkt_size count = s->problem->num_residuals;
  gkt_scalar *r = s->residuals;
  memset(r, 0, (size_t)count * sizeof *r);
  GKT_TRY(s->problem->residual(s->problem->user, x, r));
  s->value = 0;
  for (gkt_size i = 0; i < count; i++) s->value += 0.5 * r[i] * r[i];
  return GKT_OK;
}

void gkt_optimize_find_rows(gkt_optimization *s) {
  for (int k = 0; k < s->num_rows; k++) s->g[k] = (s->rows[k].sign * s->constraints[s->rows[k].constraint] - s->rows[k].limit) / s->rows[k].size;
}

gkt_status gkt_optimize_evaluate(gkt_optimization *s, const gkt_scalar *x) {
  if (is_here(s, x)) return GKT_OK;
  memmove(s->at, x, (size_t)s->n * sizeof *x);
  s->has_value = s->has_gradient = false;
  s->report->evaluations++;
  if (s->residuals) GKT_TRY(find_residuals(s, s->at));
  else GKT_TRY(s->problem->value(s->problem->user, s->at, &s->value, s->constraints));
  gkt_optimize_find_rows(s);
  s->has_value = true;
  return GKT_OK;
}

bool gkt_optimize_is_finite(const gkt_optimization *s) {
  const int m = s->problem->num_constraints;
  return isfinite(s->value) && gkt_is_finite(m, s->constraints) && (!s->has_gradient || (gkt_is_finite(s->n, s->gradient) && gkt_is_finite(m * s->n, s->jacobian)));
}

gkt_status gkt_optimize_differentiate(gkt_optimization *s, const gkt_scalar *x) {
  GKT_TRY(gkt_optimize_evaluate(s, x));
  if (s->has_gradient) return GKT_OK;
  memset(s->gradient, 0, (size_t)s->n * sizeof *s->gradient);
  memset(s->jacobian, 0, (size_t)s->n * (size_t)s->problem->num_constraints * sizeof *s->jacobian);
  if (!gkt_optimize_is_finite(s)) return GKT_OK;
  s->report->gradients++;
  if (s->residuals) GKT_TRY(s->problem->transposed(s->problem->user, s->at, s->residuals, s->gradient));
  else GKT_TRY(s->problem->gradient(s->problem->user, s->at, s->gradient, s->jacobian));
  s->has_gradient = true;
  return GKT_OK;
}

/* ---- stationarity ---- */
/* How much of a slope counts: none where a bound holds the variable, a part next to it, so that the measure is continuous. */
static double freedom(const gkt_optimization *s, gkt_size i, double slope) {
  const double l = s->lower[i], u = s->upper[i], x = s->at[i], way = slope > 0 ? x - l : u - x;
  if (!isfinite(way)) return 1;
  const double near = 1e-3 * (isfinite(u - l) ? u - l : fmax(1, fabs(slope > 0 ? l : u)));
  return way >= near ? 1 : way / near;
}

static double slope_of_lagrangian(const gkt_optimization *s, gkt_size i) {
  double slope = s->gradient[i];
  for (int k = 0; k < s->num_rows; k++) slope += s->multipliers[k] * gkt_optimize_slope(s, k, i);
  return slope;
}

static bool is_free(const gkt_optimization *s, gkt_size i) { return freedom(s, i, 1) == 1 && freedom(s, i, -1) == 1; }

static bool is_active(const gkt_optimization *s, int k) { return s->g[k] > -1e-4; }

/* The multiplier of a row that is best while the others stay, by the variables that no bound holds (or all, where each is held). */
static double best(const gkt_optimization *s, int k, bool all) {
  double top = 0, bottom = 0;
  for (gkt_size i = 0; i < s->n; i++) {
    if (!all && !is_free(s, i)) continue;
    const double a = gkt_optimize_slope(s, k, i), w = gkt_optimize_weight(s, i);
    top += a * (slope_of_lagrangian(s, i) - s->multipliers[k] * a) / w, bottom += a * a / w;
  }
  return bottom > 0 ? fmax(0, -top / bottom) : 0;
}

/* Multipliers from least squares, none negative, by coordinates: there are few, mostly one. */
static void find_multipliers(gkt_optimization *s) {
  enum { SWEEPS = 100 };
  bool all = true;
  memset(s->multipliers, 0, (size_t)s->num_rows * sizeof *s->multipliers);
  for (gkt_size i = 0; all && i < s->n; i++) all = !is_free(s, i);
  double change = 1;
  for (int sweep = 0; sweep < SWEEPS && change > 1e-12; sweep++) {
    change = 0;
    for (int k = 0; k < s->num_rows; k++) {
      if (!is_active(s, k)) continue;
      const double next = best(s, k, all), size = fmax(fabs(next), fabs(s->multipliers[k]));
      if (size > 0) change = fmax(change, fabs(next - s->multipliers[k]) / size);
      s->multipliers[k] = next;
    }
    if (s->num_rows == 1) break;
  }
}

double gkt_optimize_stationarity(gkt_optimization *s) {
  gkt_length length = {0};
  find_multipliers(s);
  for (gkt_size i = 0; i < s->n; i++) {
    const double slope = slope_of_lagrangian(s, i);
    gkt_length_add(&length, slope * freedom(s, i, slope) / sqrt(gkt_optimize_weight(s, i)));
  }
  return gkt_length_value(&length);
}
