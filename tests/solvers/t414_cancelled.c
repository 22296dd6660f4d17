/* Claim: a progress call that says so cancels: in the linear iteration of each method, between right-hand sides, at a state of Newton's method, in the linear iteration of one of
   its steps, in a load step, and between the stages of a problem. What is cancelled is a result: OK, cancelled, not converged, x the last iterate, nothing else is tried; and a
   call that nobody cancels says nothing of it. */
#include "tests/chain.h"
#include "tests/systems.h"

#include "galerkit/problem.h"

typedef struct {
  int left, calls; /* left: calls until false */
} patience;
static bool lose(void *user, int iteration, double residual) {
  patience *p = user;
  (void)iteration, (void)residual;
  p->calls++;
  return p->left-- > 0;
}
static bool lose_newton(void *user, int iteration, double load, double residual) { return (void)load, lose(user, iteration, residual); }

/* The third call says no: GMRES asks its test before it tells the residual, so it may take one iteration more. */
static void in_the_linear_iteration(void **state) {
  static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB, GKT_LINEAR_MINRES};
  (void)state;
  for (int m = 0; m < 5; m++)
    for (int user_test = 0; user_test < 2; user_test++) { /* also where the user's options choose the test */
      test_system s;
      patience p = {.left = 2};
      gkt_linear_report r;
      gkt_linear_options o = gkt_linear_options_default();
      test_system_create(ctx, 16, 1, element_laplace, NULL, true, &s);
      o.method = methods[m], o.progress = lose, o.progress_user = &p;
      o.petsc_options = user_test ? "-pc_type jacobi -ksp_convergence_test default" : "-pc_type jacobi";
      assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &o, &r), GKT_OK);
      assert_true(r.cancelled && !r.converged && !r.at_rounding && !r.singular);
      assert_true(p.calls >= 3 && p.calls <= 4 && r.iterations >= 2 && r.iterations <= 3);
      assert_true(fabs(r.residual - true_residual(&s)) <= 1e-10 && fabs(r.residual - 1) > 1e-3); /* x is the last iterate */
      gkt_linear_report_clear(&r);
      test_system_destroy(&s);
    }
  assert_string_equal(notices, ""); /* no method is said to have failed */
}

static void between_right_hand_sides(void **state) {
  (void)state;
  test_system s;
  patience p = {.left = 3};
  gkt_linear_solver *solver;
  gkt_linear_report r[2], again;
  gkt_linear_options o = gkt_linear_options_default();
  test_system_create(ctx, 8, 1, element_laplace, NULL, true, &s);
  gkt_idx n = s.A->num_rows;
  double *b = calloc(2 * (size_t)n, sizeof *b), *x = calloc(2 * (size_t)n, sizeof *x);
  memcpy(b, s.b, (size_t)n * sizeof *b), memcpy(b + n, s.b, (size_t)n * sizeof *b);
  x[n] = 7;
  o.method = GKT_LINEAR_CG, o.petsc_options = "-pc_type jacobi", o.progress = lose, o.progress_user = &p;
  assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
  assert_int_equal(gkt_linear_solver_solve(solver, 2, n, b, x, r), GKT_OK);
  assert_true(r[0].cancelled && r[1].cancelled && !r[1].converged && x[n] == 7 && p.calls == 4);
  p.left = 1000; /* the next call is another one */
  assert_int_equal(gkt_linear_solver_solve(solver, 1, n, s.b, s.x, &again), GKT_OK);
  assert_true(again.converged && !again.cancelled);
  gkt_linear_report_clear(&r[0]), gkt_linear_report_clear(&r[1]), gkt_linear_report_clear(&again);
  gkt_linear_solver_destroy(&solver);
  free(b), free(x);
  test_system_destroy(&s);
}

static void load(chain *c) {
  for (int i = 0; i < c->n; i++) c->load[i] = 5 + sin(i);
}

/* u is the last iterate: F there is what the history ends with. */
static void at_a_state_of_newtons_method(void **state) {
  (void)state;
  for (int rule = GKT_ACCEPT_NATURAL; rule <= GKT_ACCEPT_FULL; rule++)
    for (int left = 0; left < 3; left++) {
      gkt_nonlinear_options o = defaults();
      chain c = make(20, 30, cube, 0);
      patience p = {.left = left};
      double r20[MAX], sum = 0;
      load(&c);
      o.accept = (gkt_acceptance)rule, o.progress = lose_newton, o.progress_user = &p;
      gkt_nonlinear_report r = solve(&c, o);
      assert_true(r.cancelled && !r.converged && r.end == GKT_NEWTON_CANCELLED && r.num_steps == 1);
      assert_true(p.calls == left + 1 && r.iterations == left && r.num_history == left + 1);
      residual_on_arrays(&c, c.u, r20);
      for (int i = 0; i < c.n; i++) sum += r20[i] * r20[i];
      assert_true(fabs(sqrt(sum) - r.history[left]) <= 1e-10 * r.history[left]);
      finish(&c, &r);
    }
}

static void in_the_linear_iteration_of_a_step(void **state) {
  (void)state;
  for (int left = 1; left < 60; left += 7) { /* in steps, and in the second solves of the natural test */
    gkt_nonlinear_options o = defaults();
    chain c = make(20, 30, cube, 0);
    patience p = {.left = left};
    load(&c);
    o.linear.progress = lose, o.linear.progress_user = &p;
    o.linear.method = GKT_LINEAR_GMRES, o.linear.petsc_options = "-pc_type none";
    gkt_nonlinear_report r = solve(&c, o);
    assert_true(r.cancelled && !r.converged && r.end == GKT_NEWTON_CANCELLED);
    assert_true(p.calls <= left + 2);
    for (int i = 0; i < c.n; i++) assert_true(isfinite(c.u[i]));
    finish(&c, &r);
  }
}

/* What is cancelled is not tried again with half the load. */
static void in_a_load_step(void **state) {
  (void)state;
  gkt_nonlinear_options o = defaults();
  chain c = make(20, 30, cube, 0);
  patience p = {.left = 15};
  load(&c);
  o.load_steps = 4, o.progress = lose_newton, o.progress_user = &p;
  gkt_nonlinear_report r = solve(&c, o);
  assert_true(r.cancelled && !r.converged && r.load > 0 && r.load < 1 && p.calls == 16);
  assert_string_equal(notices, "");
  finish(&c, &r);
}

static const char poisson[] = "mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nequation: dot(grad(u), grad(v))*dx == v*dx\n"
                              "conditions: [{on: left, value: 0}]\nsolver: {linear: cg}\n";
static const char curved[] = "mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nequation: (1 + u^2)*dot(grad(u), grad(v))*dx == 5*v*dx\n"
                             "conditions: [{on: left, value: 0}]\n";

static bool lose_problem(void *user, const char *stage, int iteration, double residual, double seconds) { return (void)stage, (void)seconds, lose(user, iteration, residual); }

/* Every call of a run cancels it in its turn: stages and iterations. */
static void between_the_stages_of_a_problem(void **state) {
  const char *const texts[] = {poisson, curved};
  (void)state;
  for (int k = 0; k < 2; k++) {
    bool valid = false;
    int left = 0;
    for (; left < 200 && !valid; left++) {
      patience p = {.left = left};
      gkt_problem *problem;
      gkt_problem_options o = gkt_problem_options_default();
      o.progress = lose_problem, o.progress_user = &p;
      assert_int_equal(gkt_problem_parse(ctx, "p.yaml", texts[k], strlen(texts[k]), &o, &problem), GKT_OK);
      assert_int_equal(gkt_problem_run(problem, &valid), GKT_OK);
      assert_string_equal(gkt_problem_reason(problem), valid ? "" : "cancelled by the caller");
      assert_non_null(strstr(gkt_problem_report_json(problem), valid ? "\"status\": \"ok\"" : "\"status\": \"not_converged\""));
      assert_true(valid || p.calls <= left + 2);
      if (left == 0) assert_int_equal(gkt_problem_check(problem), GKT_CANCELLED); /* which has no result to give */
      gkt_problem_destroy(&problem);
    }
    assert_true(valid && left > 5);
  }
  assert_string_equal(gkt_context_message(ctx), "");
}

int main(void) {
#define WITH_CONTEXT(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      WITH_CONTEXT(in_the_linear_iteration),           WITH_CONTEXT(between_right_hand_sides), WITH_CONTEXT(at_a_state_of_newtons_method),
      WITH_CONTEXT(in_the_linear_iteration_of_a_step), WITH_CONTEXT(in_a_load_step),           WITH_CONTEXT(between_the_stages_of_a_problem),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
