/* Claim: gkt_nonlinear_solve converges quadratically, searches along its step, lets conditions arrive through the tangent, follows load steps, tells rounding from failure, and
   ends without convergence as a result that says why. */
#include "tests/chain.h"

/* From one iterate to the next the exponent doubles: log r(k+1) / log r(k), where the next is above rounding and the last below 1e-2. */
static void newton_is_quadratic(void **state) {
  (void)state;
  chain c = make(20, 30, cube, 0);
  int counted = 0;
  for (int i = 0; i < c.n; i++) c.load[i] = 5 + sin(i);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && !r.at_rounding && r.end == GKT_NEWTON_CONVERGED && r.residual <= 1e-10);
  assert_int_equal(r.num_steps, 1);
  assert_int_equal(r.num_history, r.iterations + 1);
  assert_int_equal(c.num_tangents, r.iterations);
  for (int k = 0; k + 1 < r.num_history; k++) {
    double now = r.history[k] / r.first, next = r.history[k + 1] / r.first;
    if (now > 1e-2 || next < 1e-14) continue;
    assert_true(log(next) / log(now) > 1.7);
    counted++;
  }
  assert_true(counted >= 1);
  finish(&c, &r);
}

/* Full steps on atan(u) = 0 leave 3 for -9.5, 124, .. */
static void the_search_saves_a_step_too_long(void **state) {
  (void)state;
  for (int rule = GKT_ACCEPT_NATURAL; rule <= GKT_ACCEPT_RESIDUAL; rule++) {
    gkt_nonlinear_options o = defaults();
    chain c = make(3, 0, arctan, 3);
    o.accept = (gkt_acceptance)rule;
    gkt_nonlinear_report r = solve(&c, o);
    assert_true(r.converged);
    for (int k = 0; k + 1 < r.num_history; k++) assert_true(rule == GKT_ACCEPT_NATURAL || r.history[k + 1] < r.history[k]);
    for (int i = 0; i < c.n; i++) assert_true(fabs(c.u[i]) < 1e-9);
    finish(&c, &r);
  }
}

static double pure_cube(double u, double *slope) { return *slope = 3 * u * u, u * u * u; }

/* u^3 = 1 from 1e4: rtol of the first residual is met at u = 4.6, where each step still gains a factor 3.4. u^3 = 0 never gains more, and each
   step moves by half of what is left: no success, however small the residual beside the first. */
static void a_far_guess_does_not_end_it_early(void **state) {
  (void)state;
  for (int degenerate = 0; degenerate < 2; degenerate++) {
    chain c = make(1, 0, pure_cube, 1e4);
    c.load[0] = !degenerate;
    gkt_nonlinear_report r = solve(&c, defaults());
    assert_true(r.residual <= 1e-10);
    if (degenerate) assert_true(!r.converged && r.end == GKT_NEWTON_ITERATIONS && r.iterations == 30);
    else assert_true(r.converged && r.iterations < 30 && fabs(c.u[0] - 1) < 1e-6);
    finish(&c, &r);
  }
}

/* ln(20): the full step ends at -40. */
static void a_trial_that_is_not_finite_is_cut_back(void **state) {
  (void)state;
  chain c = make(2, 0, logarithm, 20);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && fabs(c.u[0] - 1) < 1e-9 && r.iterations > 1);
  finish(&c, &r);
}

/* atan(u) from 3: the full step would end at -9.5, where the residual is finite and must not be asked for. */
static void a_trial_that_is_not_admissible_is_cut_back(void **state) {
  (void)state;
  for (int free_to_go = 1; free_to_go >= 0; free_to_go--) {
    chain c = make(1, 0, arctan, 3);
    c.lowest = free_to_go ? -5 : 3 - 1e-10;
    gkt_nonlinear_report r = solve(&c, defaults());
    assert_true(r.converged == free_to_go && c.least >= c.lowest);
    if (free_to_go) assert_true(fabs(c.u[0]) < 1e-9);
    else assert_true(r.end == GKT_NEWTON_NOT_ADMISSIBLE);
    finish(&c, &r);
  }
}

static void fix_ends(chain *c, double left, double right) {
  c->fixed[0] = c->fixed[c->n - 1] = true;
  c->values[0] = left, c->values[c->n - 1] = right;
}

/* A linear chain between two values: one step, though the guess knows nothing of them. `first` is the right-hand side with the lifted values, and the values are met to 0 ulp. */
static void conditions_arrive_through_the_tangent(void **state) {
  (void)state;
  chain c = make(9, 4, linear, 0);
  fix_ends(&c, 0.1, 0.7);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && r.iterations == 1);
  assert_true(c.u[0] == 0.1 && c.u[8] == 0.7);
  assert_true(fabs(r.first - sqrt(0.4 * 0.4 + 2.8 * 2.8)) < 1e-14 && r.history[0] == r.first);
  for (int i = 1; i < 8; i++) assert_true(fabs(c.u[i] + 4 * (2 * c.u[i] - c.u[i - 1] - c.u[i + 1])) < 1e-14);
  finish(&c, &r);
}

/* ln(u_1) + 2 u_1 = u_0 + u_2, from 1 to -9 at both ends: the first full step would make u_1 negative, so the ends go only part of the way at a time. */
static void conditions_go_on_after_a_cut(void **state) {
  (void)state;
  chain c = make(3, 1, logarithm, 1);
  fix_ends(&c, -9, -9);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && r.iterations > 2);
  assert_true(c.u[0] == -9 && c.u[2] == -9 && fabs(log(c.u[1]) + 2 * c.u[1] + 18) < 1e-7);
  finish(&c, &r);
}

static void a_start_that_is_not_finite_is_told(void **state) {
  (void)state;
  chain c = make(3, 1, logarithm, 0);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(!r.converged && r.end == GKT_NEWTON_START_NOT_FINITE && r.iterations == 0 && r.num_steps == 0);
  assert_int_equal(c.num_tangents, 0);
  finish(&c, &r);
}

/* -u'' = lam exp(u), u = 0 at both ends, with lam = 23^2/tie: solutions end at 3.51, a tie of 151. */
static void past_a_fold_there_is_no_success(void **state) {
  (void)state;
  chain c = make(24, 140, negative_exp, 0);
  fix_ends(&c, 0, 0);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(!r.converged && (r.end == GKT_NEWTON_STALLED || r.end == GKT_NEWTON_ITERATIONS) && r.load == 0);
  for (int i = 0; i < c.n; i++) assert_true(isfinite(c.u[i]));
  gkt_nonlinear_report_clear(&r);
  memset(c.u, 0, sizeof c.u);
  c.tie = 200;
  r = solve(&c, defaults());
  assert_true(r.converged);
  finish(&c, &r);
}

static void iterations_are_limited(void **state) {
  (void)state;
  for (int limit = 0; limit < 4; limit++) {
    gkt_nonlinear_options o = defaults();
    chain c = make(20, 30, cube, 0);
    for (int i = 0; i < c.n; i++) c.load[i] = 50;
    o.max_iterations = limit;
    gkt_nonlinear_report r = solve(&c, o);
    assert_true(!r.converged && r.end == GKT_NEWTON_ITERATIONS && r.iterations == limit && r.num_history == limit + 1);
    finish(&c, &r);
  }
}

/* A tolerance below rounding ends at the floor, and says so. Sums within R that its derivative does not show need the caller's magnitude. */
static void rounding_is_success_and_is_told(void **state) {
  (void)state;
  gkt_nonlinear_options o = defaults();
  o.rtol = 1e-17;
  chain c = make(20, 30, cube, 0);
  for (int i = 0; i < c.n; i++) c.load[i] = 5 + sin(i);
  gkt_nonlinear_report r = solve(&c, o);
  assert_true(r.converged && (r.at_rounding || r.residual == 0));
  finish(&c, &r);
  for (int known = 0; known < 2; known++) { /* (1e8 + u) - 1e8 = 1e-6 knows u to 1.5e-8 only */
    c = make(3, 0, difference, 0);
    for (int i = 0; i < c.n; i++) c.load[i] = 1e-6;
    c.size = known ? of_difference : NULL;
    r = solve(&c, defaults());
    assert_true(r.converged == known && r.at_rounding == known);
    finish(&c, &r);
  }
}

/* The sums of one row excuse no other: a guess solves row 0, whose terms are of size 1e15, and leaves 0.5 in row 1. */
static void large_sums_do_not_excuse_the_rest(void **state) {
  (void)state;
  double slope;
  chain c = make(2, 0, cube, 0);
  c.u[0] = 1e5;
  c.load[0] = cube(c.u[0], &slope), c.load[1] = 0.5;
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && c.u[0] == 1e5 && fabs(cube(c.u[1], &slope) - 0.5) < 1e-10);
  finish(&c, &r);
}

static void absolute_bound(void **state) {
  (void)state;
  gkt_nonlinear_options o = defaults();
  chain c = make(4, 1, cube, 0);
  c.load[0] = 1;
  o.atol = 2;
  gkt_nonlinear_report r = solve(&c, o);
  assert_true(r.converged && r.iterations == 0 && r.history[0] == 1);
  finish(&c, &r);
}

/* Half of the load, then all of it; a step that needs more iterations than there are is halved, with a notice, and the answer is the same. */
static void load_steps_are_followed_and_halved(void **state) {
  (void)state;
  double plain[MAX];
  for (int limit = 30; limit >= 4; limit -= 26) {
    gkt_nonlinear_options o = defaults();
    chain c = make(20, 3, cube, 2);
    for (int i = 0; i < c.n; i++) c.load[i] = 30 * (1 + i % 3);
    fix_ends(&c, 3, -2);
    o.load_steps = 2, o.max_iterations = limit;
    gkt_nonlinear_report r = solve(&c, o);
    assert_true(r.converged && r.load == 1 && r.steps[r.num_steps - 1].load == 1 && c.u[0] == 3 && c.u[19] == -2);
    if (limit == 30) assert_true(r.num_steps == 2 && r.steps[0].load == 0.5 && !*notices);
    else assert_true(r.num_steps > 2 && r.steps[0].end == GKT_NEWTON_ITERATIONS && r.steps[1].load == 0.25 && strstr(notices, "the load step to 0.5 failed"));
    for (int i = 0; i < c.n; i++) {
      if (limit == 30) plain[i] = c.u[i];
      else assert_true(fabs(plain[i] - c.u[i]) < 1e-8);
    }
    finish(&c, &r);
  }
}

/* A load step that cannot be made ends after 5 tries: 1, 1/2, .. 1/16 of it. */
static void halving_is_bounded(void **state) {
  (void)state;
  gkt_nonlinear_options o = defaults();
  chain c = make(24, 140, negative_exp, 0);
  fix_ends(&c, 0, 0);
  o.load_steps = 2, o.max_iterations = 0;
  gkt_nonlinear_report r = solve(&c, o);
  assert_true(!r.converged && r.num_steps == 5 && r.load == 0 && r.steps[4].load == 1.0 / 32);
  finish(&c, &r);
}

static void failures_of_callbacks_come_through(void **state) {
  (void)state;
  for (int call = 1; call < 6; call++) {
    gkt_nonlinear_report r;
    chain c = make(20, 30, cube, 0);
    for (int i = 0; i < c.n; i++) c.load[i] = 50;
    c.failing_residual = call;
    assert_int_equal(attempt(&c, NULL, &r), GKT_NO_MEMORY);
    assert_string_equal(gkt_context_message(ctx), "the callback failed");
    gkt_context_clear(ctx);
    finish(&c, &r);
  }
}

/* At every allocation, with two load steps: refused, nothing lost (under the leak checker), and the next solve is as if nothing had happened. */
static void no_memory_is_told(void **state) {
  (void)state;
  gkt_nonlinear_options o = defaults();
  gkt_status status = GKT_NO_MEMORY;
  int k = 0;
  o.load_steps = 2;
  for (; status != GKT_OK; k++) {
    gkt_nonlinear_report r;
    chain c = make(6, 3, cube, 1);
    fix_ends(&c, 1, 2);
    allocations_left = k;
    status = attempt(&c, &o, &r);
    allocations_left = -1;
    assert_true(status == GKT_OK ? r.converged : status == GKT_NO_MEMORY && strstr(gkt_context_message(ctx), "memory"));
    gkt_context_clear(ctx);
    finish(&c, &r);
  }
  assert_true(k > 30);
}

static void callbacks_run_with_the_callers_threads(void **state) {
  (void)state;
  chain c = make(4, 1, cube, 0);
  int before = omp_get_max_threads();
  c.load[0] = 1;
  omp_set_num_threads(3);
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(c.threads == 3 && omp_get_max_threads() == 3);
  omp_set_num_threads(before);
  finish(&c, &r);
}

static void wrong_options_are_refused(void **state) {
  (void)state;
  gkt_nonlinear_options options[] = {defaults(), defaults(), defaults(), defaults()};
  options[0].rtol = 0, options[1].load_steps = 0, options[2].max_iterations = -1, options[3].atol = NAN;
  for (int i = 0; i < 4; i++) {
    gkt_nonlinear_report r;
    chain c = make(4, 1, cube, 0);
    assert_int_equal(attempt(&c, &options[i], &r), GKT_BAD_INPUT);
    gkt_context_clear(ctx);
    finish(&c, &r);
  }
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(newton_is_quadratic),
                                     T(the_search_saves_a_step_too_long),
                                     T(a_far_guess_does_not_end_it_early),
                                     T(a_trial_that_is_not_finite_is_cut_back),
                                     T(a_trial_that_is_not_admissible_is_cut_back),
                                     T(conditions_arrive_through_the_tangent),
                                     T(conditions_go_on_after_a_cut),
                                     T(a_start_that_is_not_finite_is_told),
                                     T(past_a_fold_there_is_no_success),
                                     T(iterations_are_limited),
                                     T(rounding_is_success_and_is_told),
                                     T(large_sums_do_not_excuse_the_rest),
                                     T(absolute_bound),
                                     T(load_steps_are_followed_and_halved),
                                     T(halving_is_bounded),
                                     T(failures_of_callbacks_come_through),
                                     T(no_memory_is_told),
                                     T(callbacks_run_with_the_callers_threads),
                                     T(wrong_options_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
