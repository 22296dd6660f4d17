/* Problems with published optima, for tests of optimizers: of Hock and Schittkowski, Test Examples for Nonlinear Programming Codes (Springer 1981), by their numbers; Svanberg's
   cantilever of five hollow beams (1987). Each with its residuals or Hessian where a method asks for them. */
#ifndef GKT_TESTS_OPTIMIZE_FUNCTIONS_H
#define GKT_TESTS_OPTIMIZE_FUNCTIONS_H
#include <math.h>

#include "galerkit/optimize.h"

enum { MOST_VARIABLES = 5, MOST_CONSTRAINTS = 3 };
typedef gkt_status function_value(void *, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c);
typedef gkt_status function_gradient(void *, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a);
typedef gkt_status function_action(void *, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out);

/* ---- Rosenbrock: 1 and 2 ---- */
static inline gkt_status rosenbrock(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u, (void)c;
  *f = 100 * pow(x[1] - x[0] * x[0], 2) + pow(1 - x[0], 2);
  return GKT_OK;
}
static inline gkt_status rosenbrock_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u, (void)a;
  g[0] += -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]), g[1] += 200 * (x[1] - x[0] * x[0]);
  return GKT_OK;
}
static inline gkt_status rosenbrock_hessian(void *u, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  (void)u;
  out[0] += (1200 * x[0] * x[0] - 400 * x[1] + 2) * d[0] - 400 * x[0] * d[1], out[1] += -400 * x[0] * d[0] + 200 * d[1];
  return GKT_OK;
}
/* sqrt(2) of each, as J is half of the squares */
static inline gkt_status rosenbrock_residual(void *u, const gkt_scalar *x, gkt_scalar *r) {
  (void)u;
  r[0] += sqrt(200) * (x[1] - x[0] * x[0]), r[1] += sqrt(2) * (1 - x[0]);
  return GKT_OK;
}
static inline gkt_status rosenbrock_tangent(void *u, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  (void)u;
  out[0] += sqrt(200) * (d[1] - 2 * x[0] * d[0]), out[1] += -sqrt(2) * d[0];
  return GKT_OK;
}
static inline gkt_status rosenbrock_transposed(void *u, const gkt_scalar *x, const gkt_scalar *w, gkt_scalar *out) {
  (void)u;
  out[0] += -2 * sqrt(200) * x[0] * w[0] - sqrt(2) * w[1], out[1] += sqrt(200) * w[0];
  return GKT_OK;
}

/* ---- 5 ---- */
static inline gkt_status hs5(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u, (void)c;
  *f = sin(x[0] + x[1]) + pow(x[0] - x[1], 2) - 1.5 * x[0] + 2.5 * x[1] + 1;
  return GKT_OK;
}
static inline gkt_status hs5_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u, (void)a;
  const double k = cos(x[0] + x[1]), d = 2 * (x[0] - x[1]);
  g[0] += k + d - 1.5, g[1] += k - d + 2.5;
  return GKT_OK;
}
static inline gkt_status hs5_hessian(void *u, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  (void)u;
  const double k = -sin(x[0] + x[1]);
  out[0] += (k + 2) * d[0] + (k - 2) * d[1], out[1] += (k - 2) * d[0] + (k + 2) * d[1];
  return GKT_OK;
}

/* ---- 45 ---- */
static inline gkt_status hs45(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u, (void)c;
  *f = 2 - x[0] * x[1] * x[2] * x[3] * x[4] / 120;
  return GKT_OK;
}
static inline gkt_status hs45_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u, (void)a;
  for (int i = 0; i < 5; i++) {
    double product = -1.0 / 120;
    for (int k = 0; k < 5; k++) product *= k == i ? 1 : x[k];
    g[i] += product;
  }
  return GKT_OK;
}
static inline gkt_status hs45_hessian(void *u, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  (void)u;
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++) {
      double product = i == j ? 0 : -1.0 / 120;
      for (int k = 0; k < 5; k++) product *= k == i || k == j ? 1 : x[k];
      out[i] += product * d[j];
    }
  return GKT_OK;
}

/* ---- 35 (Beale): a quadratic program ---- */
static inline gkt_status hs35(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u;
  *f = 9 - 8 * x[0] - 6 * x[1] - 4 * x[2] + 2 * x[0] * x[0] + 2 * x[1] * x[1] + x[2] * x[2] + 2 * x[0] * x[1] + 2 * x[0] * x[2];
  c[0] = x[0] + x[1] + 2 * x[2];
  return GKT_OK;
}
static inline gkt_status hs35_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u;
  g[0] += -8 + 4 * x[0] + 2 * x[1] + 2 * x[2], g[1] += -6 + 4 * x[1] + 2 * x[0], g[2] += -4 + 2 * x[2] + 2 * x[0];
  a[0] += 1, a[1] += 1, a[2] += 2;
  return GKT_OK;
}

/* ---- 76: a quadratic program with three constraints, one of them from below ---- */
static inline gkt_status hs76(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u;
  *f = x[0] * x[0] + 0.5 * x[1] * x[1] + x[2] * x[2] + 0.5 * x[3] * x[3] - x[0] * x[2] + x[2] * x[3] - x[0] - 3 * x[1] + x[2] - x[3];
  c[0] = x[0] + 2 * x[1] + x[2] + x[3], c[1] = 3 * x[0] + x[1] + 2 * x[2] - x[3], c[2] = x[1] + 4 * x[2];
  return GKT_OK;
}
static inline gkt_status hs76_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  static const double rows[12] = {1, 2, 1, 1, 3, 1, 2, -1, 0, 1, 4, 0};
  (void)u;
  g[0] += 2 * x[0] - x[2] - 1, g[1] += x[1] - 3, g[2] += 2 * x[2] - x[0] + x[3] + 1, g[3] += x[3] + x[2] - 1;
  for (int i = 0; i < 12; i++) a[i] += rows[i];
  return GKT_OK;
}

/* ---- 43 (Rosen and Suzuki) ---- */
static inline gkt_status hs43(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u;
  const double a = x[0] * x[0], b = x[1] * x[1], d = x[2] * x[2], e = x[3] * x[3];
  *f = a + b + 2 * d + e - 5 * x[0] - 5 * x[1] - 21 * x[2] + 7 * x[3];
  c[0] = a + b + d + e + x[0] - x[1] + x[2] - x[3], c[1] = a + 2 * b + d + 2 * e - x[0] - x[3], c[2] = 2 * a + b + d + 2 * x[0] - x[1] - x[3];
  return GKT_OK;
}
static inline gkt_status hs43_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u;
  const double rows[12] = {2 * x[0] + 1, 2 * x[1] - 1, 2 * x[2] + 1, 2 * x[3] - 1, 2 * x[0] - 1, 4 * x[1], 2 * x[2], 4 * x[3] - 1, 4 * x[0] + 2, 2 * x[1] - 1, 2 * x[2], -1};
  g[0] += 2 * x[0] - 5, g[1] += 2 * x[1] - 5, g[2] += 4 * x[2] - 21, g[3] += 2 * x[3] + 7;
  for (int i = 0; i < 12; i++) a[i] += rows[i];
  return GKT_OK;
}

/* ---- five beams: weight under a limit of the deflection ---- */
static inline gkt_status beams(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  static const double loads[5] = {61, 37, 19, 7, 1};
  (void)u;
  *f = c[0] = 0;
  for (int i = 0; i < 5; i++) *f += 0.0624 * x[i], c[0] += loads[i] / (x[i] * x[i] * x[i]);
  return GKT_OK;
}
static inline gkt_status beams_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  static const double loads[5] = {61, 37, 19, 7, 1};
  (void)u;
  for (int i = 0; i < 5; i++) g[i] += 0.0624, a[i] += -3 * loads[i] / pow(x[i], 4);
  return GKT_OK;
}

/* ---- bars: compliance under a limit of the volume; x_i = sqrt(load_i / (lambda length_i)) ---- */
static const double bar_loads[4] = {1, 4, 9, 16}, bar_lengths[4] = {1, 2, 1, 3};
static inline gkt_status bars(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u;
  *f = c[0] = 0;
  for (int i = 0; i < 4; i++) *f += bar_loads[i] / x[i], c[0] += bar_lengths[i] * x[i];
  return GKT_OK;
}
static inline gkt_status bars_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u;
  for (int i = 0; i < 4; i++) g[i] += -bar_loads[i] / (x[i] * x[i]), a[i] += bar_lengths[i];
  return GKT_OK;
}

typedef struct {
  const char *name;
  int num, constraints;
  double start[MOST_VARIABLES], lower[MOST_VARIABLES], upper[MOST_VARIABLES]; /* both 0 everywhere: no bounds */
  double limits[MOST_CONSTRAINTS];                                            /* upper ones; of 76 the last is a lower one */
  double optimum;                                                             /* published, or from the formula */
  function_value *value;
  function_gradient *gradient;
  function_action *hessian;
} published;
#define FAR 1e3
static const published published_problems[] = {
    {"1", 2, 0, {-2, 1}, {-FAR, -1.5}, {FAR, FAR}, {0}, 0, rosenbrock, rosenbrock_gradient, rosenbrock_hessian},
    {"2", 2, 0, {2, 2}, {-FAR, 1.5}, {FAR, FAR}, {0}, 0.0504261879, rosenbrock, rosenbrock_gradient, rosenbrock_hessian},
    {"5", 2, 0, {0, 0}, {-1.5, -3}, {4, 3}, {0}, -1.9132229549810367, hs5, hs5_gradient, hs5_hessian},
    {"45", 5, 0, {0.5, 1, 1.5, 2, 2.5}, {0}, {1, 2, 3, 4, 5}, {0}, 1, hs45, hs45_gradient, hs45_hessian},
    {"35", 3, 1, {0.5, 0.5, 0.5}, {0}, {10, 10, 10}, {3}, 1.0 / 9, hs35, hs35_gradient, NULL},
    {"76", 4, 3, {0.5, 0.5, 0.5, 0.5}, {0}, {10, 10, 10, 10}, {5, 4, 1.5}, -4.681818181, hs76, hs76_gradient, NULL},
    {"43", 4, 3, {0, 0, 0, 0}, {-10, -10, -10, -10}, {10, 10, 10, 10}, {8, 10, 5}, -44, hs43, hs43_gradient, NULL},
    {"beams", 5, 1, {5, 5, 5, 5, 5}, {1, 1, 1, 1, 1}, {10, 10, 10, 10, 10}, {1}, 1.3399563605990743, beams, beams_gradient, NULL},
    {"bars", 4, 1, {1, 1, 1, 1}, {0.1, 0.1, 0.1, 0.1}, {10, 10, 10, 10}, {7}, 27.034982674957774, bars, bars_gradient, NULL},
};
enum { NUM_PUBLISHED = sizeof published_problems / sizeof *published_problems };
#endif
