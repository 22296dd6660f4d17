/* Claim: methods that search along a line or in a ball come to the optimum past trials at which value, derivatives or residuals are not finite, in any inner product; mma, which
   does not search, halves such a step and goes on; where that helps no more it ends by one message, with the last iterate that was finite. */
#include <math.h>
#include <string.h>

#include "galerkit/optimize.h"
#include "tests/gkt_test.h"

enum { N = 3 };
typedef struct {
  int beyond;      /* calls where there is nothing */
  bool by_slope;   /* what is not finite there is the gradient */
  bool constrains; /* the constraint as well */
  double least;    /* of x; lower bound of the domain */
} domain;
static const double size[N] = {1, 2, 5};

static bool is_inside(const domain *d, const gkt_scalar *x) { return x[0] > d->least && x[1] > d->least && x[2] > d->least; }

/* sum of size (x - ln x), whose Newton steps leave x > 0 from anywhere above 2 */
static gkt_status value(void *user, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  domain *d = user;
  *f = 0;
  for (int i = 0; i < N; i++) *f += is_inside(d, x) ? size[i] * (x[i] - log(x[i])) : d->by_slope ? -1 : NAN;
  if (d->constrains) c[0] = x[0];
  d->beyond += !is_inside(d, x);
  return GKT_OK;
}
static gkt_status gradient(void *user, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  const domain *d = user;
  for (int i = 0; i < N; i++) g[i] += is_inside(d, x) ? size[i] * (1 - 1 / x[i]) : INFINITY;
  if (d->constrains) a[0] += 1;
  if (!d->by_slope && !is_inside(d, x)) fail_msg("a gradient is asked for where there is no value");
  return GKT_OK;
}
static gkt_status hessian(void *user, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  (void)user;
  for (int i = 0; i < N; i++) out[i] += size[i] / (x[i] * x[i]) * d[i];
  return GKT_OK;
}
static gkt_status residual(void *user, const gkt_scalar *x, gkt_scalar *r) {
  domain *d = user;
  for (int i = 0; i < N; i++) r[i] += size[i] * log(is_inside(d, x) ? x[i] : NAN);
  d->beyond += !is_inside(d, x);
  return GKT_OK;
}
static gkt_status tangent(void *user, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  if (!is_inside(user, x)) fail_msg("a derivative is asked for where there are no residuals");
  for (int i = 0; i < N; i++) out[i] += size[i] / x[i] * d[i];
  return GKT_OK;
}

static void searches(gkt_optimizer method, bool by_slope, const double *weights) {
  const double lower[N] = {-100, -100, -100}, upper[N] = {100, 100, 100};
  domain d = {.by_slope = by_slope};
  double x[N] = {10, 20, 40};
  const gkt_optimize_problem p = {.user = &d,
                                  .num = N,
                                  .lower = method == GKT_OPTIMIZER_LMVM ? NULL : lower,
                                  .upper = method == GKT_OPTIMIZER_LMVM ? NULL : upper,
                                  .weights = weights,
                                  .value = value,
                                  .gradient = gradient,
                                  .hessian = hessian,
                                  .num_residuals = N,
                                  .residual = residual,
                                  .tangent = tangent,
                                  .transposed = tangent};
  gkt_optimize_options options = gkt_optimize_options_default();
  gkt_optimize_report report;
  options.method = method, options.tolerance = method == GKT_OPTIMIZER_GCMMA ? 1e-6 : 1e-8; /* NLopt solves its subproblems less well */
  assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
  if (!report.converged || !d.beyond) fail_msg("%s: %d times beyond, %s", gkt_optimizer_word(method), d.beyond, report.reason);
  for (int i = 0; i < N; i++) assert_true(fabs(x[i] - 1) < (method == GKT_OPTIMIZER_GCMMA ? 1e-5 : 1e-6));
  assert_true(report.evaluations < 120);
  gkt_optimize_report_clear(&report);
}

static void steps_are_cut(void **unused) {
  (void)unused; /* bntr takes a step by values alone; residuals of gauss-newton have no gradient of their own */
  const double weights[N] = {0.1, 1, 30};
  for (int method = GKT_OPTIMIZER_LMVM; method <= GKT_OPTIMIZER_GCMMA; method++)
    for (int k = 0; k < 4 && method != GKT_OPTIMIZER_MMA; k++)
      if (!(k & 1) || (method != GKT_OPTIMIZER_BNTR && method != GKT_OPTIMIZER_GAUSS_NEWTON)) searches(method, k & 1, k & 2 ? weights : NULL);
}

/* The start is at the edge: no step is short enough. */
static void ends_with_the_last_that_was(void **unused) {
  (void)unused;
  const double lower[N] = {-100, -100, -100}, upper[N] = {100, 100, 100}, most = 50;
  for (int k = 0; k < 2; k++) {
    domain d = {.by_slope = k & 1, .constrains = true, .least = 9.999};
    double x[N] = {10, 20, 40}, f, c;
    const gkt_optimize_problem p = {.user = &d, .num = N, .lower = lower, .upper = upper, .num_constraints = 1, .constraint_upper = &most, .value = value, .gradient = gradient};
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    options.method = GKT_OPTIMIZER_MMA;
    assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
    assert_int_equal(report.end, GKT_OPTIMIZE_NOT_FINITE);
    assert_true(!report.converged && strstr(report.reason, "is not a finite number in iteration"));
    assert_int_equal(value(&d, x, &f, &c), GKT_OK);
    assert_true(is_inside(&d, x) && f == report.last.objective && report.constraints[0] == x[0] && report.num_history == report.last.iteration + 1);
    gkt_optimize_report_clear(&report);
  }
}

/* It swings about the optimum of such a function. */
static void steps_of_mma_are_halved(void **unused) {
  (void)unused;
  const double lower[N] = {-5, -5, -5}, upper[N] = {60, 60, 60};
  for (int k = 0; k < 2; k++) {
    domain d = {.by_slope = k & 1};
    double x[N] = {10, 20, 40};
    const gkt_optimize_problem p = {.user = &d, .num = N, .lower = lower, .upper = upper, .value = value, .gradient = gradient};
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    options.method = GKT_OPTIMIZER_MMA, options.tolerance = 1e-5;
    assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
    if (report.end == GKT_OPTIMIZE_NOT_FINITE || !d.beyond || !(report.last.objective < 8.4))
      fail_msg("mma: %d times beyond, %g where 8 is least: %s", d.beyond, report.last.objective, report.reason);
    gkt_optimize_report_clear(&report);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps_are_cut), cmocka_unit_test(steps_of_mma_are_halved), cmocka_unit_test(ends_with_the_last_that_was)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
