/* Claim: an infeasible start, bounds the wrong way round, limits that contradict each other, methods that do not take what a problem has, numbers out of range and derivatives that
   oc does not serve are refused with one clear message; constraints that contradict each other and values that are no numbers end the run with the reason; a callback's failure is
   the call's. */
#include <string.h>

#include "core/core.h"
#include "tests/gkt_test.h"
#include "tests/optimize_functions.h"

static const double INF = INFINITY;

static const published *by_name(const char *name) {
  for (int i = 0; i < NUM_PUBLISHED; i++)
    if (!strcmp(published_problems[i].name, name)) return &published_problems[i];
  fail();
  return NULL;
}

static gkt_optimize_problem problem_of(const published *p) {
  return (gkt_optimize_problem){.num = p->num,
                                .lower = p->lower,
                                .upper = p->upper,
                                .num_constraints = p->constraints,
                                .constraint_upper = p->limits,
                                .value = p->value,
                                .gradient = p->gradient,
                                .hessian = p->hessian};
}

static void is_refused(const gkt_optimize_problem *problem, const gkt_optimize_options *options, double *x, const char *message) {
  gkt_optimize_report report;
  assert_int_equal(gkt_optimize(ctx, problem, options, x, &report), GKT_BAD_INPUT);
  if (!strstr(gkt_context_message(ctx), message)) fail_msg("\"%s\", expected \"%s\"", gkt_context_message(ctx), message);
  assert_true(!report.history && !report.constraints);
  gkt_context_clear(ctx);
}

/* Of two variables, with the bounds and the start of the first one replaced. */
static void starts_and_bounds(void **unused) {
  static const struct {
    gkt_optimizer method;
    double x, lower, upper;
    const char *message;
  } refusals[] = {
      {GKT_OPTIMIZER_BLMVM, 3, -1, 2, "infeasible start: variable 0 is 3, outside of its bounds -1 to 2"},
      {GKT_OPTIMIZER_BNLS, -2, -1, 2, "infeasible start: variable 0 is -2, outside of its bounds -1 to 2"},
      {GKT_OPTIMIZER_GCMMA, NAN, -1, 2, "infeasible start: variable 0 is nan"},
      {GKT_OPTIMIZER_BLMVM, 0, 2, -1, "bounds the wrong way round: variable 0 has the lower bound 2 and the upper bound -1"},
      {GKT_OPTIMIZER_MMA, 0, NAN, 1, "bounds the wrong way round"},
      {GKT_OPTIMIZER_MMA, 0, -1, INFINITY, "optimizer 'mma' needs bounds on both sides, but variable 0 has -1 and inf; gcmma and blmvm do without"},
  };
  (void)unused;
  for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++) {
    double x[2] = {refusals[k].x, 0}, lower[2] = {refusals[k].lower, -1}, upper[2] = {refusals[k].upper, 1};
    gkt_optimize_problem problem = problem_of(&published_problems[0]);
    gkt_optimize_options options = gkt_optimize_options_default();
    options.method = refusals[k].method, problem.lower = lower, problem.upper = upper;
    is_refused(&problem, &options, x, refusals[k].message);
  }
}

static void methods(void **unused) {
  double x[MOST_VARIABLES] = {1, 1, 1, 1, 1}, weights[2] = {1, 0};
  gkt_optimizer method;
  (void)unused;
  gkt_optimize_problem plain = problem_of(by_name("1")), three = problem_of(by_name("43"));
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_LMVM;
  is_refused(&plain, &options, x, "optimizer 'lmvm' takes no bounds; blmvm is the same with bounds");
  options.method = GKT_OPTIMIZER_BLMVM;
  is_refused(&three, &options, x, "optimizer 'blmvm' takes no constraints beside bounds, but there are 3; mma and gcmma do");
  options.method = GKT_OPTIMIZER_OC;
  is_refused(&three, &options, x, "optimizer 'oc' serves one constraint, as a volume with an upper limit, but there are 3; mma takes any number");
  plain.hessian = NULL, options.method = GKT_OPTIMIZER_BNTR;
  is_refused(&plain, &options, x, "optimizer 'bntr' needs actions of the Hessian, which this problem does not have; blmvm does without");
  options.method = GKT_OPTIMIZER_GAUSS_NEWTON;
  is_refused(&plain, &options, x, "optimizer 'gauss-newton' needs an objective that is a sum of squared residuals");
  assert_int_equal(gkt_optimizer_read(ctx, "gcma", &method), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "unknown optimizer 'gcma'; did you mean 'gcmma'?");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_optimizer_read(ctx, "simplex", &method), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "unknown optimizer 'simplex'; expected lmvm, blmvm, bnls, bntr, gauss-newton, mma, gcmma or oc");
  gkt_context_clear(ctx);
  assert_int_equal(gkt_optimizer_read(ctx, "bntr", &method), GKT_OK);
  assert_int_equal(method, GKT_OPTIMIZER_BNTR);
  gkt_optimize_report report;
  options = gkt_optimize_options_default(), plain.weights = weights;
  assert_int_equal(gkt_optimize(ctx, &plain, &options, x, &report), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "weight 1 is 0; expected a number above 0");
  gkt_context_clear(ctx);
}

static void limits(void **unused) {
  static const char *const names[] = {"volume", "mass", "stress"};
  double x[4] = {0}, below[3] = {9, -INFINITY, -INFINITY}, none[3] = {INFINITY, 1, 1}, nothing[3] = {-INFINITY, -INFINITY, -INFINITY};
  (void)unused;
  gkt_optimize_problem p = problem_of(by_name("43"));
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_MMA;
  p.constraint_lower = below, p.constraint_names = names;
  is_refused(&p, &options, x, "constraint 'volume' contradicts itself: its lower limit 9 is above its upper limit 8");
  p.constraint_lower = nothing, p.constraint_upper = none, p.constraint_names = NULL;
  is_refused(&p, &options, x, "constraint 1 has no limit; expected an upper or a lower one");
}

static void numbers(void **unused) {
  double x[2] = {0, 0}, record[17];
  (void)unused;
  const gkt_optimize_problem p = problem_of(by_name("1"));
#define REFUSED(member, value, message)                            \
  do {                                                             \
    gkt_optimize_options options = gkt_optimize_options_default(); \
    options.member = value;                                        \
    is_refused(&p, &options, x, message);                          \
  } while (0)
  REFUSED(max_iterations, -1, "-1 iterations; expected a number from 0");
  REFUSED(tolerance, 1, "tolerance is 1; expected a number from 0, below 1");
  REFUSED(tolerance, NAN, "tolerance is nan");
  REFUSED(change, -1, "change to stop at is -1");
  REFUSED(feasibility, 0, "violation that counts as none is 0");
  REFUSED(move, 0, "move is 0; expected a number above 0, at most 1");
  REFUSED(damping, 2, "damping is 2");
  gkt_optimize_options options = gkt_optimize_options_default();
  memset(record, 0, sizeof record);
  options.record = record, options.num_record = 17;
  is_refused(&p, &options, x, "the record to go on from is not one of optimizer 'blmvm' with 2 variables");
}

/* A record is judged before x is touched. */
static bool keep(void *user, const gkt_iterate *it, double left, const gkt_scalar *x, const gkt_scalar *constraints, gkt_size size, const gkt_scalar *record) {
  (void)it, (void)left, (void)x, (void)constraints;
  memcpy(user, record, (size_t)size * sizeof *record);
  return true;
}

static void records(void **unused) {
  double x[2] = {-1, 1}, lower[2] = {-2, -2}, upper[2] = {2, 2}, record[17];
  gkt_optimize_report report;
  (void)unused;
  gkt_optimize_problem p = problem_of(by_name("1"));
  gkt_optimize_options options = gkt_optimize_options_default();
  p.lower = lower, p.upper = upper, options.monitor = keep, options.monitor_user = record, options.max_iterations = 3;
  assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
  gkt_optimize_report_clear(&report);
  assert_true(record[7] != -1 && record[8] <= 2);
  x[0] = -1, x[1] = 1, upper[1] = record[8] - 1e-3;
  options.record = record, options.num_record = 17;
  is_refused(&p, &options, x, "infeasible start: variable 1 is");
  assert_true(x[0] == -1 && x[1] == 1);
}

/* A volume that shrinks with a variable. */
static gkt_status shrinks(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u;
  *f = 1 / x[0] + 1 / x[1], c[0] = x[0] - x[1];
  return GKT_OK;
}
static gkt_status shrinks_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u;
  g[0] = -1 / (x[0] * x[0]), g[1] = -1 / (x[1] * x[1]), a[0] = 1, a[1] = -1;
  return GKT_OK;
}

static void criteria_do_not_serve(void **unused) {
  const double lower[2] = {0.1, 0.1}, upper[2] = {1, 1}, limit[1] = {0};
  double x[2] = {0.5, 0.5};
  (void)unused;
  const gkt_optimize_problem p = {.num = 2, .lower = lower, .upper = upper, .num_constraints = 1, .constraint_upper = limit, .value = shrinks, .gradient = shrinks_gradient};
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_OC;
  is_refused(&p, &options, x, "optimizer 'oc' serves a constraint that grows with every variable, but its derivative by variable 1 is -1; mma takes any");
}

/* ---- ends ---- */
/* x <= 0.2 and x >= 0.8 in two constraints: each is possible, both are not */
static gkt_status both(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u;
  *f = x[0] * x[0], c[0] = c[1] = x[0];
  return GKT_OK;
}
static gkt_status both_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u;
  g[0] = 2 * x[0], a[0] = a[1] = 1;
  return GKT_OK;
}

static void contradictory_constraints(void **unused) {
  const double lower[1] = {0}, upper[1] = {1}, below[2] = {-INF, 0.8}, above[2] = {0.2, INF};
  double x[1] = {0.5};
  (void)unused;
  gkt_optimize_report report;
  const gkt_optimize_problem p = {
      .num = 1, .lower = lower, .upper = upper, .num_constraints = 2, .constraint_lower = below, .constraint_upper = above, .value = both, .gradient = both_gradient};
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_MMA, options.change = 1e-9, options.max_iterations = 1000;
  assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
  if (report.end != GKT_OPTIMIZE_INFEASIBLE || !strstr(report.reason, "contradict each other")) fail_msg("%d, x = %g: %s", report.end, x[0], report.reason);
  assert_false(report.converged);
  gkt_optimize_report_clear(&report);
}

static int calls, fails_at;
static gkt_status logarithm(void *u, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  (void)u, (void)c;
  if (++calls == fails_at) return gkt_fail(ctx, GKT_IO, "the file is gone");
  *f = log(x[0]); /* down to where it ends */
  return GKT_OK;
}
static gkt_status logarithm_gradient(void *u, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) {
  (void)u, (void)a;
  g[0] = 1 / x[0];
  return GKT_OK;
}

static void not_finite(void **unused) {
  const double lower[1] = {-1}, upper[1] = {1};
  const gkt_optimizer with[] = {GKT_OPTIMIZER_BLMVM, GKT_OPTIMIZER_MMA, GKT_OPTIMIZER_GCMMA};
  (void)unused;
  for (int k = 0; k < 3; k++) {
    double x[1] = {0.5}, bad[1] = {-0.5};
    gkt_optimize_report report;
    const gkt_optimize_problem p = {.num = 1, .lower = lower, .upper = upper, .value = logarithm, .gradient = logarithm_gradient};
    gkt_optimize_options options = gkt_optimize_options_default();
    options.method = with[k], fails_at = 0;
    is_refused(&p, &options, bad, "infeasible start: the objective is");
    assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_OK);
    if (report.converged) fail_msg("%s: %s", gkt_optimizer_word(with[k]), report.reason);
    gkt_optimize_report_clear(&report);
    x[0] = 0.5, calls = 0, fails_at = 2;
    assert_int_equal(gkt_optimize(ctx, &p, &options, x, &report), GKT_IO);
    assert_string_equal(gkt_context_message(ctx), "the file is gone");
    gkt_context_clear(ctx);
  }
}

static int warnings;
static void count_warnings(void *user, gkt_log_level level, const char *message) {
  (void)user;
  warnings += level == GKT_LOG_WARNING && strstr(message, "infeasible start: constraint 1 is 7.5, above its limit 7");
}

static void start_with_a_violated_constraint(void **unused) {
  (void)unused;
  gkt_context *other;
  double x[4] = {1.5, 1, 1, 1};
  gkt_optimize_report report;
  const gkt_optimize_problem p = problem_of(by_name("bars"));
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_MMA, warnings = 0;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.log = count_warnings}, &other), GKT_OK);
  assert_int_equal(gkt_optimize(other, &p, &options, x, &report), GKT_OK);
  assert_true(report.converged && warnings == 1);
  gkt_optimize_report_clear(&report);
  gkt_context_destroy(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(starts_and_bounds),
                                     cmocka_unit_test(methods),
                                     cmocka_unit_test(limits),
                                     cmocka_unit_test(numbers),
                                     cmocka_unit_test(records),
                                     cmocka_unit_test(criteria_do_not_serve),
                                     cmocka_unit_test(contradictory_constraints),
                                     cmocka_unit_test(not_finite),
                                     cmocka_unit_test(start_with_a_violated_constraint)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
