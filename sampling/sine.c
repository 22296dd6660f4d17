/* Sums of sines with random amplitudes. */
#include "core/core.h"
#include "galerkit/sample.h"

enum { MOST_TERMS = 256 };

gkt_sine_options gkt_sine_options_default(void) { return (gkt_sine_options){.terms = 8, .decay = 1, .deviation = 1}; }

static gkt_status check(gkt_context *ctx, const gkt_sine_options *o, int dim) {
  if (dim < 1 || dim > 3) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "sine sum: %d dimensions; expected 1 to 3", dim);
  if (o->terms < 1 || o->terms > MOST_TERMS) return gkt_fail(ctx, GKT_BAD_INPUT, "sine sum: %d terms in each direction; expected 1 to %d", o->terms, MOST_TERMS);
  if (!isfinite(o->decay)) return gkt_fail(ctx, GKT_BAD_INPUT, "sine sum: the decay is not finite; expected a number");
  if (!(o->deviation > 0) || !isfinite(o->deviation)) return gkt_fail(ctx, GKT_BAD_INPUT, "sine sum: the deviation is %g; expected a number above 0", o->deviation);
  for (int d = 0; d < dim; d++)
    if (!(o->upper[d] > o->lower[d])) return gkt_fail(ctx, GKT_BAD_INPUT, "sine sum: a box from %g to %g; expected an upper end above the lower one", o->lower[d], o->upper[d]);
  return GKT_OK;
}

/* sin(pi x), 0 where x is whole: the boundary is met exactly. */
static double sin_pi(double x) {
  const double r = fmod(x, 2);
  return r == 0 || fabs(r) == 1 ? 0 : sin(3.14159265358979323846 * r);
}

/* amplitudes [terms^dim] */
static void draw_amplitudes(const gkt_sine_options *o, const gkt_draw *d, int dim, gkt_size count, gkt_scalar *amplitudes) {
  double square = 0;
  if (o->uniform) gkt_draw_uniform(d, count, amplitudes);
  else gkt_draw_normal(d, count, amplitudes);
  for (gkt_size i = 0; i < count; i++) {
    double length = 0, weight;
    gkt_size rest = i;
    for (int k = 0; k < dim; k++, rest /= o->terms) length += (double)((rest % o->terms + 1) * (rest % o->terms + 1));
    weight = pow(length, -0.5 * o->decay), square += weight * weight;
    amplitudes[i] = weight * (o->uniform ? sqrt(3) * (2 * amplitudes[i] - 1) : amplitudes[i]);
  }
  const double factor = o->deviation / sqrt(square * pow(0.5, dim)); /* the mean square of each product of sines is 2^-dim */
  for (gkt_size i = 0; i < count; i++) amplitudes[i] *= factor;
}

/* The sum at a point, direction by direction; sines [3][terms]. */
static double sum(const gkt_sine_options *o, int dim, const gkt_scalar *amplitudes, const double *sines) {
  const int n = o->terms;
  double total = 0;
  for (int k = 0; k < (dim > 2 ? n : 1); k++) {
    double plane = 0;
    for (int j = 0; j < (dim > 1 ? n : 1); j++, amplitudes += n) {
      double line = 0;
      for (int i = 0; i < n; i++) line += amplitudes[i] * sines[i];
      plane += dim > 1 ? sines[n + j] * line : line;
    }
    total += dim > 2 ? sines[2 * n + k] * plane : plane;
  }
  return total;
}

gkt_status gkt_sine_draw(gkt_context *ctx, const gkt_sine_options *o, const gkt_draw *d, int dim, gkt_size num_points, const double *coords, gkt_scalar *values) {
  gkt_scalar *amplitudes = NULL;
  gkt_size count = 1;
  GKT_TRY(check(ctx, o, dim));
  for (int k = 0; k < dim; k++) count *= o->terms;
  GKT_TRY(gkt_alloc(ctx, count, sizeof *amplitudes, &amplitudes));
  draw_amplitudes(o, d, dim, count, amplitudes);
  const int threads = gkt_threads_for(ctx, num_points * count);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_size p = 0; p < num_points; p++) {
    double sines[3 * MOST_TERMS];
    for (int k = 0; k < dim; k++)
      for (int i = 0; i < o->terms; i++) sines[k * o->terms + i] = sin_pi((i + 1) * (coords[p * dim + k] - o->lower[k]) / (o->upper[k] - o->lower[k]));
    values[p] = sum(o, dim, amplitudes, sines);
  }
  gkt_free(&amplitudes);
  return GKT_OK;
}
