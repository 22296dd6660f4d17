/* The subproblem of mma by its multipliers: for given lambda x and y are found in closed form, and the dual is concave with as many unknowns as there are constraints. An interior
   point method goes along its central path, lambda_i s_i = mu with the slack s_i of constraint i, as in Aage and Lazarov, Struct. Multidisc. Optim. 47 (2013) 493-496. */
#include <math.h>
#include <string.h>

#include "adjoint/optimize.h"

typedef struct {
  const gkt_mma_subproblem *o;
  double *hessian, *slope, *step, *slack; /* [m][m], [m]: of minus the dual */
} dual;

/* The slope of approximation i + 1 by variable j. */
static double slope_of(const gkt_mma_subproblem *o, gkt_size i, gkt_size j, double above, double below) {
  return o->p[(i + 1) * o->n + j] * above * above - o->q[(i + 1) * o->n + j] * below * below;
}

/* x_j, and what it adds to slope and hessian. */
static void add_variable(const dual *d, gkt_size j) {
  const gkt_mma_subproblem *o = d->o;
  const gkt_size m = o->m;
  double p = o->p[j], q = o->q[j];
  for (gkt_size i = 0; i < m; i++) p += o->lambda[i] * o->p[(i + 1) * o->n + j], q += o->lambda[i] * o->q[(i + 1) * o->n + j];
  const double rp = sqrt(p), rq = sqrt(q), free_x = (o->low[j] * rp + o->high[j] * rq) / (rp + rq);
  const double x = o->x[j] = fmax(o->from[j], fmin(o->to[j], free_x)), above = 1 / (o->high[j] - x), below = 1 / (x - o->low[j]);
  const double curvature = 2 * (p * above * above * above + q * below * below * below);
  for (gkt_size i = 0; i < m; i++) d->slope[i] -= o->p[(i + 1) * o->n + j] * above + o->q[(i + 1) * o->n + j] * below;
  if (x != free_x) return;
  for (gkt_size i = 0; i < m; i++)
    for (gkt_size k = 0; k <= i; k++) d->hessian[i * m + k] += slope_of(o, i, j, above, below) * slope_of(o, k, j, above, below) / curvature;
}

/* x, y; slope = b - sum(..) + y; hessian of the variables that no limit holds. */
static void evaluate(const dual *d) {
  const gkt_mma_subproblem *o = d->o;
  const gkt_size m = o->m;
  memset(d->hessian, 0, (size_t)(m * m) * sizeof(double));
  for (gkt_size i = 0; i < m; i++) {
    o->y[i] = fmax(0, o->lambda[i] - o->penalty);
    d->slope[i] = o->b[i] + o->y[i];
    if (o->lambda[i] > o->penalty) d->hessian[i * m + i] = 1;
  }
  for (gkt_size j = 0; j < o->n; j++) add_variable(d, j);
}

/* Cholesky's method in place; the diagonal is positive by the barrier. */
static void factorize(gkt_size m, double *a) {
  for (gkt_size j = 0; j < m; j++) {
    for (gkt_size k = 0; k < j; k++) a[j * m + j] -= a[j * m + k] * a[j * m + k];
    a[j * m + j] = sqrt(fmax(a[j * m + j], 1e-300));
    for (gkt_size i = j + 1; i < m; i++) {
      for (gkt_size k = 0; k < j; k++) a[i * m + j] -= a[i * m + k] * a[j * m + k];
      a[i * m + j] /= a[j * m + j];
    }
  }
}

/* hessian step = right side, in place */
static void solve(const dual *d) {
  const gkt_size m = d->o->m;
  double *a = d->hessian, *x = d->step;
  factorize(m, a);
  for (gkt_size i = 0; i < m; i++) {
    for (gkt_size k = 0; k < i; k++) x[i] -= a[i * m + k] * x[k];
    x[i] /= a[i * m + i];
  }
  for (gkt_size i = m - 1; i >= 0; i--) {
    for (gkt_size k = i + 1; k < m; k++) x[i] -= a[k * m + i] * x[k];
    x[i] /= a[i * m + i];
  }
}

/* How far from the point of the central path that belongs to mu. */
static double distance(const dual *d, double mu) {
  double most = 0;
  for (int i = 0; i < d->o->m; i++) {
    const double size = 1 + fabs(d->o->b[i]);
    most = fmax(most, fmax(fabs(d->slope[i] - d->slack[i]) / size, fabs(d->o->lambda[i] * d->slack[i] - mu)));
  }
  return most;
}

static void newton(const dual *d, double mu) {
  const gkt_size m = d->o->m;
  double *lambda = d->o->lambda, length = 1;
  for (gkt_size i = 0; i < m; i++) {
    d->hessian[i * m + i] += d->slack[i] / lambda[i];
    d->step[i] = mu / lambda[i] - d->slope[i];
  }
  solve(d);
  for (gkt_size i = 0; i < m; i++) {
    const double ds = mu / lambda[i] - d->slack[i] - d->slack[i] / lambda[i] * d->step[i];
    if (d->step[i] < 0) length = fmin(length, -0.99 * lambda[i] / d->step[i]);
    if (ds < 0) length = fmin(length, -0.99 * d->slack[i] / ds);
  }
  for (gkt_size i = 0; i < m; i++) {
    const double ds = mu / lambda[i] - d->slack[i] - d->slack[i] / lambda[i] * d->step[i];
    lambda[i] += length * d->step[i], d->slack[i] += length * ds;
  }
}

void gkt_mma_solve(const gkt_mma_subproblem *o) {
  enum { MOST = 100 };
  const gkt_size m = o->m;
  const dual d = {o, o->work, o->work + m * m, o->work + m * m + m, o->work + m * m + 2 * m};
  for (gkt_size i = 0; i < m; i++) o->lambda[i] = d.slack[i] = 1;
  double mu = 1;
  evaluate(&d);
  for (int k = 0; m && k < MOST; k++) {
    if (distance(&d, mu) < 0.5 * mu) {
      if (mu <= 1e-11) break;
      mu *= 0.1;
    }
    newton(&d, mu);
    evaluate(&d);
  }
}
