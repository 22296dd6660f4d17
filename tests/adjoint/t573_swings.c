/* Claim: where the iterations of mma are used up while it swings about an optimum that no limit and no bound holds, as asymptotes come no nearer than a hundredth of the range, the
   reason says so and names what does not swing: gcmma, which comes to rest there. Of an end on the way down it says no such thing. */
#include "galerkit/optimize.h"
#include "tests/gkt_test.h"

#include <math.h>
#include <string.h>

enum { N = 5 };
typedef struct {
  double (*value)(double d), (*slope)(double d); /* of each variable, d from its own optimum */
} bowl;
static double square(double d) { return d * d; }
static double square_slope(double d) { return 2 * d; }
static double steep(double d) { return d * d + 10 * d * d * d * d; }
static double steep_slope(double d) { return 2 * d + 40 * d * d * d; }
static double skew(double d) { return exp(2 * d) - 2 * d; }
static double skew_slope(double d) { return 2 * exp(2 * d) - 2; }
static double optimum(int i) { return 0.3 + 0.2 * i; }

static gkt_status value(void *user, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  const bowl *b = user;
  (void)c;
  *f = 0;
  for (int i = 0; i < N; i++) *f += (i + 1) * b->value(x[i] - optimum(i));
  return GKT_OK;
}
static gkt_status gradient(void *user, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  const bowl *b = user;
  (void)a;
  for (int i = 0; i < N; i++) g[i] += (i + 1) * b->slope(x[i] - optimum(i));
  return GKT_OK;
}

static gkt_optimize_report run(bowl *b, gkt_optimizer method, double move, int iterations, gkt_scalar x[N]) {
  static const gkt_scalar lower[N] = {-2, -2, -2, -2, -2}, upper[N] = {3, 3, 3, 3, 3};
  const gkt_optimize_problem p = {.user = b, .num = N, .lower = lower, .upper = upper, .value = value, .gradient = gradient};
  gkt_optimize_options o = gkt_optimize_options_default();
  gkt_optimize_report r;
  o.method = method, o.max_iterations = iterations, o.move = move;
  for (int i = 0; i < N; i++) x[i] = -1;
  if (gkt_optimize(ctx, &p, &o, x, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return r;
}

static bowl bowls[] = {{square, square_slope}, {steep, steep_slope}, {skew, skew_slope}};

static void comes_to_rest(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    gkt_scalar x[N];
    gkt_optimize_report r = run(&bowls[k], GKT_OPTIMIZER_GCMMA, 0.2, 300, x);
    if (!r.converged) fail_msg("bowl %d: %s", k, r.reason);
    for (int i = 0; i < N; i++)
      if (!(fabs(x[i] - optimum(i)) < 1e-3)) fail_msg("bowl %d: x_%d = %.9g, not %g", k, i, x[i], optimum(i)); /* a millionth of the first gradient, up to 2,000, over 2 */
    gkt_optimize_report_clear(&r);
  }
}

static void a_swing_is_told(void **state) {
  gkt_scalar x[N];
  (void)state;
  for (int k = 0; k < 3; k += 2) { /* the steep one goes down all the way, slowly */
    gkt_optimize_report r = run(&bowls[k], GKT_OPTIMIZER_MMA, 0.2, 150, x);
    if (r.converged || !strstr(r.reason, "it swings: the objective rose in ") || !strstr(r.reason, "gcmma")) fail_msg("bowl %d: %s", k, r.reason);
    gkt_optimize_report_clear(&r);
    r = run(&bowls[k], GKT_OPTIMIZER_MMA, 0.01, 12, x); /* on the way down */
    assert_true(r.end == GKT_OPTIMIZE_ITERATIONS && !strstr(r.reason, "swings"));
    gkt_optimize_report_clear(&r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(comes_to_rest), cmocka_unit_test(a_swing_is_told)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
