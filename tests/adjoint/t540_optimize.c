/* Claim: each method finds published optima of each problem that it takes, with bounds and constraints held and a gradient that vanishes, and constraints whose limit is 0,
   or that are slack at the start by little or much, hold back no more than they must; in the inner product of a function the
   number of iterations does not grow with the mesh; mma and oc go on from a record with the bits of a run that was not interrupted; a monitor sees what the history holds. */
#include <string.h>

#include "tests/gkt_test.h"
#include "tests/optimize_functions.h"

static bool takes(gkt_optimizer method, const published *p) {
  switch (method) {
  case GKT_OPTIMIZER_LMVM: return false; /* these have bounds: see without_bounds */
  case GKT_OPTIMIZER_BLMVM: return !p->constraints;
  case GKT_OPTIMIZER_BNLS:
  case GKT_OPTIMIZER_BNTR: return p->hessian;
  case GKT_OPTIMIZER_GAUSS_NEWTON: return p->value == rosenbrock;
  case GKT_OPTIMIZER_MMA: return p->value != rosenbrock && p->value != hs5; /* valleys across the axes, in which it swings: no decrease is guaranteed */
  case GKT_OPTIMIZER_OC: return p->value == bars;
  default: return p->value != rosenbrock; /* thousands of iterations */
  }
}

static gkt_optimize_problem problem_of(const published *p, double *below, double *above) {
  for (int i = 0; i < MOST_CONSTRAINTS; i++) {
    const bool from_below = !strcmp(p->name, "76") && i == 2;
    below[i] = from_below ? p->limits[i] : -INFINITY, above[i] = from_below ? INFINITY : p->limits[i];
  }
  return (gkt_optimize_problem){.num = p->num,
                                .lower = p->lower,
                                .upper = p->upper,
                                .num_constraints = p->constraints,
                                .constraint_lower = below,
                                .constraint_upper = above,
                                .value = p->value,
                                .gradient = p->gradient,
                                .hessian = p->hessian,
                                .num_residuals = 2,
                                .residual = rosenbrock_residual,
                                .tangent = rosenbrock_tangent,
                                .transposed = rosenbrock_transposed};
}

static void finds(gkt_optimizer method, const published *p) {
  const double precision = method == GKT_OPTIMIZER_GCMMA ? 2e-5 : 1e-7; /* NLopt solves its subproblems less well */
  double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[MOST_VARIABLES], most = 0;
  const gkt_optimize_problem problem = problem_of(p, below, above);
  gkt_optimize_options options = gkt_optimize_options_default();
  gkt_optimize_report report;
  options.method = method, options.max_iterations = 2000, options.tolerance = precision;
  memcpy(x, p->start, sizeof x);
  if (gkt_optimize(ctx, &problem, &options, x, &report) != GKT_OK) fail_msg("%s, %s: %s", gkt_optimizer_word(method), p->name, gkt_context_message(ctx));
  if (!report.converged) fail_msg("%s, %s: %s", gkt_optimizer_word(method), p->name, report.reason);
  if (!(fabs(report.last.objective - p->optimum) <= 2 * precision * (1 + fabs(p->optimum))))
    fail_msg("%s, %s: %.12g, published %.12g (%s)", gkt_optimizer_word(method), p->name, report.last.objective, p->optimum, report.reason);
  for (int i = 0; i < p->num; i++) most = fmax(most, fmax(p->lower[i] - x[i], x[i] - p->upper[i]));
  assert_true(most <= 0);
  for (int i = 0; i < p->constraints; i++) most = fmax(most, fmax(below[i] - report.constraints[i], report.constraints[i] - above[i]));
  assert_true(most <= 1e-5);
  assert_true(report.num_history == report.last.iteration + 1 && report.history[0].iteration == 0);
  gkt_optimize_report_clear(&report);
}

static void published_optima(void **unused) {
  (void)unused;
  int tried = 0;
  for (int method = 0; method < GKT_NUM_OPTIMIZERS; method++)
    for (int i = 0; i < NUM_PUBLISHED; i++)
      if (takes(method, &published_problems[i])) finds(method, &published_problems[i]), tried++;
  assert_int_equal(tried, 4 + 4 + 4 + 2 + 6 + 7 + 1);
}

static void without_bounds(void **unused) {
  (void)unused;
  for (int method = GKT_OPTIMIZER_LMVM; method <= GKT_OPTIMIZER_GAUSS_NEWTON; method++) {
    published p = published_problems[0];
    double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[2] = {-1.2, 1};
    gkt_optimize_problem problem = problem_of(&p, below, above);
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    problem.lower = problem.upper = NULL;
    options.method = method, options.tolerance = 1e-10;
    assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &report), GKT_OK);
    if (!report.converged || fabs(x[0] - 1) > 1e-6 || fabs(x[1] - 1) > 1e-6) fail_msg("%s: %g %g, %s", gkt_optimizer_word(method), x[0], x[1], report.reason);
    gkt_optimize_report_clear(&report);
  }
}

/* Multipliers: what the optimum gains where a limit gives way. Of the bars (sum sqrt(load length))^2 / limit. */
static void multipliers(void **unused) {
  (void)unused;
  const published *p = &published_problems[NUM_PUBLISHED - 1];
  const gkt_optimizer methods[] = {GKT_OPTIMIZER_MMA, GKT_OPTIMIZER_GCMMA, GKT_OPTIMIZER_OC};
  for (int k = 0; k < 3; k++) {
    double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[MOST_VARIABLES];
    const gkt_optimize_problem problem = problem_of(p, below, above);
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    options.method = methods[k];
    memcpy(x, p->start, sizeof x);
    assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &report), GKT_OK);
    assert_true(fabs(report.multipliers[0] - p->optimum / 7) < 1e-5);
    gkt_optimize_report_clear(&report);
  }
}

/* ---- the largest load: maximize f = w.x with c = (A x - b) limited by 0 from above, or A x by b, in units and from starts that differ by powers of ten ---- */
typedef struct {
  int n, m;
  double unit, w[2], a[2][2], b[2]; /* of constraints */
  bool square;                      /* c = (A x)^2 - b^2 */
  bool from_zero;
} loads;

static gkt_status load(void *user, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) {
  const loads *p = user;
  *f = 0;
  for (int i = 0; i < p->n; i++) *f -= p->w[i] * x[i];
  for (int k = 0; k < p->m; k++) {
    double sum = 0;
    for (int i = 0; i < p->n; i++) sum += p->a[k][i] * x[i];
    c[k] = p->unit * (p->square ? sum * sum - (p->from_zero ? p->b[k] * p->b[k] : 0) : sum - (p->from_zero ? p->b[k] : 0));
  }
  return GKT_OK;
}
static gkt_status load_gradient(void *user, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *jacobian) {
  const loads *p = user;
  for (int i = 0; i < p->n; i++) g[i] -= p->w[i];
  for (int k = 0; k < p->m; k++) {
    double sum = 0;
    for (int i = 0; i < p->n; i++) sum += p->a[k][i] * x[i];
    for (int i = 0; i < p->n; i++) jacobian[k * p->n + i] += p->unit * p->a[k][i] * (p->square ? 2 * sum : 1);
  }
  return GKT_OK;
}

static void largest_load(gkt_optimizer method, const loads *p, double scale, double start, const double *wanted, double upper) {
  double lower[2] = {p->square ? -upper : 0, 0}, above[2] = {upper, upper}, limits[2], x[2], off = 0;
  gkt_optimize_options options = gkt_optimize_options_default();
  gkt_optimize_report report;
  if (p->square) lower[1] = -upper;
  for (int k = 0; k < p->m; k++) limits[k] = p->from_zero ? 0 : p->unit * (p->square ? p->b[k] * p->b[k] : p->b[k]);
  for (int i = 0; i < p->n; i++) x[i] = start * wanted[i];
  const gkt_optimize_problem problem = {
      .user = (void *)p, .num = p->n, .lower = lower, .upper = above, .num_constraints = p->m, .constraint_upper = limits, .value = load, .gradient = load_gradient};
  options.method = method, options.max_iterations = 500, options.tolerance = 1e-7;
  assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &report), GKT_OK);
  for (int i = 0; i < p->n; i++) off = fmax(off, fabs(x[i] / wanted[i] - 1));
  if (!(off <= 1e-5))
    fail_msg("%s from %g of the optimum in units of %g, %g, bounds to %g%s: off by %g (%s)", gkt_optimizer_word(method), start, scale, p->unit, upper,
             p->from_zero ? ", limit 0" : "", off, report.reason);
  gkt_optimize_report_clear(&report);
}

static void constraints_hold_back_no_more_than_they_must(void **unused) {
  static const double units[] = {1, 1e-6, 1e6}, scales[] = {1, 1.6e-4, 300}, starts[] = {0.125, 0.5, 0.9999, 0.99999, 1.0001, 2, 5.6};
  (void)unused;
  for (int method = GKT_OPTIMIZER_MMA; method <= GKT_OPTIMIZER_GCMMA; method++)
    for (int k = 0; k < 9 * 7 * 4; k++) {
      const double scale = scales[k % 3], unit = units[k / 3 % 3], start = starts[k / 9 % 7];
      const double one[2] = {scale, 0}, two[2] = {3 * scale, 4 * scale};
      const bool from_zero = k / 63 % 2, several = k / 126;
      const loads bar = {1, 1, unit, {1}, {{0.5}}, {0.5 * scale}, .from_zero = from_zero}, pair = {2, 2, unit, {1, 2}, {{1, 0}, {0, 1}}, {two[0], two[1]}, .from_zero = from_zero};
      const loads square = {1, 1, unit, {1}, {{1}}, {scale}, true, from_zero};
      largest_load(method, several ? &pair : &bar, scale, start, several ? two : one, 40 * scale);
      if (!several) largest_load(method, &square, scale, start, one, 10 * scale);
      if (!several) largest_load(method, &bar, scale, start, one, 6000 * scale);
    }
}

/* ---- functions on graded meshes: J = integral of u^4/4 + (u - d)^2/2 over (0, 1), constant on cells whose lengths grow from one to the next ---- */
typedef struct {
  int n;
  double *h;
} graded;

static double wanted(double x) { return 3 * sin(7 * x); }

static gkt_status integral(void *user, const gkt_scalar *u, gkt_scalar *f, gkt_scalar *c) {
  const graded *g = user;
  double x = 0;
  (void)c;
  *f = 0;
  for (int i = 0; i < g->n; x += g->h[i++]) *f += g->h[i] * (0.25 * pow(u[i], 4) + 0.5 * pow(u[i] - wanted(x), 2));
  return GKT_OK;
}
static gkt_status integral_gradient(void *user, const gkt_scalar *u, gkt_scalar *out, gkt_scalar *a) {
  const graded *g = user;
  double x = 0;
  (void)a;
  for (int i = 0; i < g->n; x += g->h[i++]) out[i] += g->h[i] * (pow(u[i], 3) + u[i] - wanted(x));
  return GKT_OK;
}
static gkt_status integral_hessian(void *user, const gkt_scalar *u, const gkt_scalar *d, gkt_scalar *out) {
  const graded *g = user;
  for (int i = 0; i < g->n; i++) out[i] += g->h[i] * (3 * u[i] * u[i] + 1) * d[i];
  return GKT_OK;
}

static int iterations_on(int n, gkt_optimizer method, bool weights) {
  double total = 0, *h = malloc(n * sizeof *h), *u = calloc(n, sizeof *u), *lower = malloc(n * sizeof *h);
  graded g = {n, h};
  for (int i = 0; i < n; i++) total += h[i] = pow(1000, (double)i / n);
  for (int i = 0; i < n; i++) h[i] /= total, lower[i] = -0.7;
  gkt_optimize_problem problem = {.user = &g, .num = n, .weights = weights ? h : NULL, .value = integral, .gradient = integral_gradient, .hessian = integral_hessian};
  gkt_optimize_options options = gkt_optimize_options_default();
  gkt_optimize_report report;
  options.method = method, options.max_iterations = 1000;
  if (method != GKT_OPTIMIZER_LMVM) problem.lower = lower;
  assert_int_equal(gkt_optimize(ctx, &problem, &options, u, &report), GKT_OK);
  assert_true(report.converged);
  const int iterations = report.last.iteration;
  gkt_optimize_report_clear(&report);
  free(h), free(u), free(lower);
  return iterations;
}

static void independent_of_the_mesh(void **unused) {
  (void)unused;
  for (int method = GKT_OPTIMIZER_LMVM; method <= GKT_OPTIMIZER_BNTR; method++) {
    const int few = iterations_on(40, method, true), more = iterations_on(400, method, true), many = iterations_on(4000, method, true);
    const int dofs = iterations_on(4000, method, false);
    if (abs(few - many) > 2 || abs(more - many) > 2) fail_msg("%s: %d, %d, %d iterations on three meshes", gkt_optimizer_word(method), few, more, many);
    if (method <= GKT_OPTIMIZER_BLMVM && dofs <= 1.5 * many) fail_msg("%s: %d iterations without weights, %d with", gkt_optimizer_word(method), dofs, many);
  }
}

/* ---- records ---- */
typedef struct {
  int at, calls, stop_at;
  gkt_size size;
  double record[256], seconds_left;
  gkt_iterate last;
} watched;

static bool watch(void *user, const gkt_iterate *it, double left, const gkt_scalar *x, const gkt_scalar *constraints, gkt_size size, const gkt_scalar *record) {
  watched *w = user;
  (void)x, (void)constraints;
  w->calls++, w->last = *it, w->seconds_left = left;
  if (it->iteration == w->at) memcpy(w->record, record, (w->size = size) * sizeof *record);
  return it->iteration != w->stop_at;
}

static void goes_on(void **unused) {
  (void)unused;
  const gkt_optimizer methods[] = {GKT_OPTIMIZER_MMA, GKT_OPTIMIZER_OC};
  for (int k = 0; k < 2; k++) {
    const published *p = &published_problems[NUM_PUBLISHED - 1];
    double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[MOST_VARIABLES], again[MOST_VARIABLES];
    const gkt_optimize_problem problem = problem_of(p, below, above);
    watched w = {.at = 4, .stop_at = -1};
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report whole, rest;
    options.method = methods[k], options.damping = 0.3, options.max_iterations = 9, options.tolerance = 0, options.monitor = watch, options.monitor_user = &w;
    memcpy(x, p->start, sizeof x);
    memset(again, 0, sizeof again);
    assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &whole), GKT_OK);
    assert_int_equal(w.calls, 10);
    assert_int_equal(whole.end, GKT_OPTIMIZE_ITERATIONS);
    options.record = w.record, options.num_record = w.size;
    assert_int_equal(gkt_optimize(ctx, &problem, &options, again, &rest), GKT_OK);
    assert_memory_equal(x, again, p->num * sizeof *x);
    assert_int_equal(rest.num_history, 6);
    assert_true(rest.history[0].iteration == 4 && rest.last.objective == whole.last.objective && rest.last.gradient_norm == whole.last.gradient_norm);
    gkt_optimize_report_clear(&whole);
    gkt_optimize_report_clear(&rest);
  }
}

static void cancelled(void **unused) {
  (void)unused;
  for (int method = 0; method < GKT_NUM_OPTIMIZERS; method++) {
    const published *p = &published_problems[method < GKT_OPTIMIZER_MMA ? 0 : NUM_PUBLISHED - 1];
    double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[MOST_VARIABLES];
    gkt_optimize_problem problem = problem_of(p, below, above);
    watched w = {.at = -1, .stop_at = 1};
    gkt_optimize_options options = gkt_optimize_options_default();
    gkt_optimize_report report;
    if (method == GKT_OPTIMIZER_LMVM) problem.lower = problem.upper = NULL;
    options.method = method, options.damping = 0.3, options.monitor = watch, options.monitor_user = &w;
    memcpy(x, p->start, sizeof x);
    assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &report), GKT_OK);
    if (report.end != GKT_OPTIMIZE_CANCELLED) fail_msg("%s: %s", gkt_optimizer_word(method), report.reason);
    assert_true(!report.converged && w.calls == 2 && report.last.iteration == 1 && w.seconds_left >= 0);
    assert_string_equal(report.reason, "cancelled in iteration 1");
    gkt_optimize_report_clear(&report);
  }
}

static void small_change(void **unused) {
  (void)unused;
  const published *p = &published_problems[NUM_PUBLISHED - 1];
  double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[MOST_VARIABLES];
  const gkt_optimize_problem problem = problem_of(p, below, above);
  gkt_optimize_options options = gkt_optimize_options_default();
  gkt_optimize_report report;
  options.method = GKT_OPTIMIZER_OC, options.change = 0.01, options.tolerance = 0;
  memcpy(x, p->start, sizeof x);
  assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &report), GKT_OK);
  assert_int_equal(report.end, GKT_OPTIMIZE_SMALL_CHANGE);
  assert_true(report.converged && report.last.change <= 0.01 && report.history[report.num_history - 2].change > 0.01);
  gkt_optimize_report_clear(&report);
}

/* ---- iterates of gcmma: feasible ones get better, `change` is from one to the next, and the last of them is the result, wherever NLopt has tried ---- */
typedef struct {
  int n, calls, feasible;
  double x[MOST_VARIABLES], objective;
} followed;

static bool follow(void *user, const gkt_iterate *it, double left, const gkt_scalar *x, const gkt_scalar *constraints, gkt_size size, const gkt_scalar *record) {
  followed *f = user;
  double change = 0;
  (void)left, (void)constraints, (void)size, (void)record;
  for (int i = 0; i < f->n; i++) change = fmax(change, fabs(x[i] - f->x[i]));
  if (f->calls++) assert_true(it->change == change);
  if (f->feasible) assert_true(it->violation <= 1e-6 && it->objective < f->objective + 1e-4); /* what a violation of 1e-6 had gained */
  f->feasible += it->violation <= 1e-6, f->objective = it->objective;
  memcpy(f->x, x, (size_t)f->n * sizeof *x);
  return true;
}

static void best_of_the_feasible(void **unused) {
  (void)unused;
  for (int i = 0; i < NUM_PUBLISHED; i++) {
    const published *p = &published_problems[i];
    if (!takes(GKT_OPTIMIZER_GCMMA, p)) continue;
    for (int most = 1; most < 12; most++) {
      double below[MOST_CONSTRAINTS], above[MOST_CONSTRAINTS], x[MOST_VARIABLES], c[MOST_CONSTRAINTS], J;
      const gkt_optimize_problem problem = problem_of(p, below, above);
      followed f = {.n = p->num};
      gkt_optimize_options options = gkt_optimize_options_default();
      gkt_optimize_report report;
      options.method = GKT_OPTIMIZER_GCMMA, options.max_iterations = most, options.monitor = follow, options.monitor_user = &f;
      memcpy(x, p->start, sizeof x);
      assert_int_equal(gkt_optimize(ctx, &problem, &options, x, &report), GKT_OK);
      assert_memory_equal(x, f.x, p->num * sizeof *x);
      assert_int_equal(p->value(NULL, x, &J, c), GKT_OK);
      assert_true(J == report.last.objective && !memcmp(c, report.constraints, (size_t)p->constraints * sizeof *c) && f.calls == report.num_history);
      gkt_optimize_report_clear(&report);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_optima),        cmocka_unit_test(without_bounds), cmocka_unit_test(multipliers), cmocka_unit_test(constraints_hold_back_no_more_than_they_must),
      cmocka_unit_test(independent_of_the_mesh), cmocka_unit_test(goes_on),        cmocka_unit_test(cancelled),   cmocka_unit_test(small_change),
      cmocka_unit_test(best_of_the_feasible)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
