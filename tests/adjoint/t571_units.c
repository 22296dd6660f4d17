/* Claim: no optimizer hangs on the units of its variables or of J: from 1e-12 to 1e12 and 1e-11 to 1e11 each comes to the optimum in about as many iterations; variables whose
   bounds are equal are no reason to go on; where no step lessens J, what is rounding is told apart from a gradient that is not that of J; two limits that leave little room end. */
#include <math.h>
#include <string.h>

#include "galerkit/optimize.h"
#include "tests/gkt_test.h"

enum { N = 3, MANY = 100 };
typedef struct {
  double J, x; /* units */
  double lie;  /* what the gradient is multiplied by */
} units;

/* sum of i (y_i - 1)^2/2 + y_i^4/4 - y_i, whose least value is at y = 1, with y = x over its unit */
static double steepness(int i) { return i + 1; }
static gkt_status value(void *user, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  const units *u = user;
  *f = 0, (void)c;
  for (int i = 0; i < N; i++) {
    const double y = x[i] / u->x;
    *f += u->J * (steepness(i) * pow(y - 1, 2) / 2 + pow(y, 4) / 4 - y + 0.75);
  }
  return GKT_OK;
}
static gkt_status gradient(void *user, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  const units *u = user;
  (void)a;
  for (int i = 0; i < N; i++) g[i] += u->lie * u->J / u->x * (steepness(i) * (x[i] / u->x - 1) + pow(x[i] / u->x, 3) - 1);
  return GKT_OK;
}
static gkt_status hessian(void *user, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  const units *u = user;
  for (int i = 0; i < N; i++) out[i] += u->J / (u->x * u->x) * (steepness(i) + 3 * pow(x[i] / u->x, 2)) * d[i];
  return GKT_OK;
}

static gkt_optimize_problem problem_of(units *u) { return (gkt_optimize_problem){.user = u, .num = N, .value = value, .gradient = gradient, .hessian = hessian}; }

static int iterations(gkt_optimizer method, units u, bool bounded) {
  const double lower[N] = {-4 * u.x, -4 * u.x, -4 * u.x}, upper[N] = {5 * u.x, 5 * u.x, 5 * u.x};
  double x[N] = {3 * u.x, -1 * u.x, 2 * u.x};
  gkt_optimize_problem p = problem_of(&u);
  gkt_optimize_options options = gkt_optimize_options_default();
  gkt_optimize_report report;
  if (bounded) p.lower = lower, p.upper = upper;
  const bool swings = method == GKT_OPTIMIZER_MMA; /* about an optimum that no bound and no constraint holds */
  options.method = method;
  if (swings) options.max_iterations = 20;
  assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
  if (!swings && !report.converged) fail_msg("%s, J in %g, x in %g: %s", gkt_optimizer_word(method), u.J, u.x, report.reason);
  for (int i = 0; i < N; i++)
    if (fabs(x[i] / u.x - 1) > (swings ? 0.1 : 1e-5)) fail_msg("%s, J in %g, x in %g: %g, expected 1", gkt_optimizer_word(method), u.J, u.x, x[i] / u.x);
  const int count = report.last.iteration;
  gkt_optimize_report_clear(&report);
  return count;
}

/* Twice as many and a few: units are taken to the next power of 1024, so what TAO and NLopt see differs by up to that */
static void any_units(void **unused) {
  const double sizes[] = {1e-12, 1e-5, 1e6, 1e12}, lengths[] = {1e-11, 1, 1e11};
  (void)unused;
  for (int method = 0; method < GKT_NUM_OPTIMIZERS; method++) {
    if (method == GKT_OPTIMIZER_OC) continue; /* which takes one constraint */
    for (int bounded = method == GKT_OPTIMIZER_MMA; bounded < (method == GKT_OPTIMIZER_LMVM ? 1 : 2); bounded++) {
      const int usual = iterations(method, (units){1, 1, 1}, bounded);
      for (int k = 0; k < 12; k++) {
        const units u = {sizes[k / 3], lengths[k % 3], 1};
        const int count = iterations(method, u, bounded);
        if (count > 2 * usual + 5) fail_msg("%s, J in %g, x in %g: %d iterations, %d in units of 1", gkt_optimizer_word(method), u.J, u.x, count, usual);
      }
    }
  }
}

static void nothing_is_free(void **unused) {
  const double at[N] = {3, -1, 2};
  (void)unused;
  for (int method = GKT_OPTIMIZER_BLMVM; method < GKT_OPTIMIZER_OC; method++) {
    units u = {1, 1, 1};
    double x[N] = {3, -1, 2};
    gkt_optimize_problem p = problem_of(&u);
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    p.lower = p.upper = at, options.method = method;
    assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
    if (!report.converged || report.last.gradient_norm != 0) fail_msg("%s: %s", gkt_optimizer_word(method), report.reason);
    assert_memory_equal(x, at, sizeof at);
    gkt_optimize_report_clear(&report);
  }
}

/* From an optimum that is known to rounding, and with a gradient that is J's with the wrong sign. */
static void rounding(void **unused) {
  (void)unused;
  for (int method = GKT_OPTIMIZER_LMVM; method < GKT_OPTIMIZER_BNTR; method++)
    for (int lies = 0; lies < 2; lies++) {
      units u = {1, 1, lies ? -1 : 1};
      double x[N] = {1 + (lies ? 0.3 : 4e-16), 1 - (lies ? 0.3 : 4e-16), 1};
      gkt_optimize_problem p = problem_of(&u);
      gkt_optimize_options options = gkt_optimize_options_default();
      gkt_optimize_report report;
      if (lies) p.hessian = NULL;
      if (lies && method == GKT_OPTIMIZER_BNLS) continue;
      options.method = method, options.tolerance = 1e-12;
      assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
      if (report.end == GKT_OPTIMIZE_STALLED) assert_int_equal(report.at_rounding, !lies);
      else if (lies) fail_msg("%s: %s", gkt_optimizer_word(method), report.reason);
      gkt_optimize_report_clear(&report);
    }
}

/* ---- sum of c_i/x_i with a mean of x between two limits ---- */
static gkt_status compliance(void *user, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  *f = c[0] = 0, (void)user;
  for (int i = 0; i < MANY; i++) *f += (1 + i) / x[i], c[0] += x[i] / MANY;
  return GKT_OK;
}
static gkt_status compliance_gradient(void *user, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)user;
  for (int i = 0; i < MANY; i++) g[i] -= (1 + i) / (x[i] * x[i]), a[i] += 1. / MANY;
  return GKT_OK;
}

static void little_room(void **unused) {
  double lower[MANY], upper[MANY], x[MANY];
  const double least = 0.3999, most = 0.4;
  const gkt_optimize_problem p = {.num = MANY,
                                  .lower = lower,
                                  .upper = upper,
                                  .num_constraints = 1,
                                  .constraint_lower = &least,
                                  .constraint_upper = &most,
                                  .value = compliance,
                                  .gradient = compliance_gradient};
  const gkt_optimize_problem equality = {.num = MANY,
                                         .lower = lower,
                                         .upper = upper,
                                         .num_constraints = 1,
                                         .constraint_lower = &most,
                                         .constraint_upper = &most,
                                         .value = compliance,
                                         .gradient = compliance_gradient};
  (void)unused;
  for (int method = GKT_OPTIMIZER_MMA; method <= GKT_OPTIMIZER_GCMMA; method++) {
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    options.method = method;
    for (int i = 0; i < MANY; i++) lower[i] = 0.01, upper[i] = 1, x[i] = 0.39995;
    assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK); /* it ends */
    if (report.last.violation > 1e-3 || !(report.last.objective < report.history[0].objective)) fail_msg("%s: %s", gkt_optimizer_word(method), report.reason);
    gkt_optimize_report_clear(&report);
    assert_int_equal(gkt_optimize(ctx, &equality, &options, x, &report), GKT_UNAVAILABLE);
    if (!strstr(gkt_context_message(ctx), "constraint 1 is an equality, 0.4")) fail_msg("%s", gkt_context_message(ctx));
    gkt_context_clear(ctx);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(any_units), cmocka_unit_test(nothing_is_free), cmocka_unit_test(rounding), cmocka_unit_test(little_room)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
