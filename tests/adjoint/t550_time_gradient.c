/* Claim: gradients of runs in time are those of what is computed, with every implicit scheme (explicit ones: t553): against differences of runs to 1e-6, Taylor remainders of order
   2; by coefficients and constants in the form, in values of conditions and in functionals, by initial states and rates; of linear and nonlinear problems, of functionals at the
   end and along the way. A linear problem with equal steps is assembled and set up nowhere on the way back. */
#include "tests/time_adjoint_world.h"

#define BOX "mesh: {box: {cells: [4, 3], upper: [1.2, 1]}}\ntime: {end: 1, step: 0.1}\n"
#define DATA                                                                                             \
  "constants: {a: 0.7, b: 1.3}\ncoefficients:\n  k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}\n" \
  "  f: {space: P1, value: \"1 + x[0]*x[1]\"}\n"
#define FIELD "fields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"b*x[1]*(1 + t) + 0.3*t^2*f\"}]\n"
static const char heat[] = BOX DATA FIELD HELD "equation: \"(1 + 0.2*x[0])*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u*v*ds(right) == f*(1 + t)*v*dx\"\n";
static const char reaction[] = BOX DATA FIELD HELD "equation: \"(1 + 0.3*u^2)*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*dx == f*(1 + t)*v*dx + b*u*v*ds(top)\"\n";
static const char wave[] = BOX DATA FIELD HELD "equation: \"(1 + 0.2*x[0])*dtt(u)*v*dx + 0.3*b*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == a*f*(1 + t)*v*dx\"\n";
static const char duffing[] = BOX DATA FIELD HELD "equation: \"k*dtt(u)*v*dx + 0.3*b*dt(u)*(1 + u^2)*v*dx + dot(grad(u), grad(v))*dx + a*u^3*v*dx == f*(1 + t)*v*dx\"\n";
static const char at_rest[] = "mesh: {box: {cells: [4, 3], upper: [1.2, 1]}}\n" DATA FIELD "equation: \"k*dot(grad(u), grad(v))*dx + u^3*v*dx == a*v*dx\"\n";
static const char end[] = "0.5*(u - x[0]*x[1])^2*dx + 0.1*a*k*u*dx", running[] = "t*u^2*ds(top) + 0.3*b*u*f*dx";
static const char *const parabolic[] = {"k", "f", "=a", "=b", "0u", NULL}, *const hyperbolic[] = {"k", "f", "=a", "=b", "0u", "1u", NULL};

static void first_order(void **unused) {
  static const char *const schemes[] = {"euler", "crank-nicolson", "theta(0.7)", "midpoint", "bdf2", "generalized-alpha(0.5)", "newmark"};
  (void)unused;
  for (int i = 0; i < 7; i++) check_run("heat", &(run_options){heat, schemes[i], end, running, parabolic, 0.1, 4, true, .method = GKT_LINEAR_DIRECT}, 2);
}

static void nonlinear(void **unused) {
  static const char *const schemes[] = {"euler", "crank-nicolson", "midpoint", "bdf2", "generalized-alpha(0.8)"};
  (void)unused;
  for (int i = 0; i < 5; i++) check_run("reaction", &(run_options){reaction, schemes[i], end, running, parabolic, 0.05, 3, true, .method = GKT_LINEAR_DIRECT}, 2);
}

static void second_order(void **unused) {
  static const char *const schemes[] = {"newmark", "newmark(0.3, 0.6)", "generalized-alpha(0.5)"};
  (void)unused;
  for (int i = 0; i < 3; i++) check_run("wave", &(run_options){wave, schemes[i], end, running, hyperbolic, 0.1, 4, true, .method = GKT_LINEAR_DIRECT}, 2);
  check_run("duffing", &(run_options){duffing, "newmark", end, running, hyperbolic, 0.1, 3, false, .method = GKT_LINEAR_DIRECT}, 2);
}

/* ---- what is done: nothing twice ---- */
static void counts(void **unused) {
  (void)unused;
  static const char *const schemes[] = {"euler", "crank-nicolson", "newmark"};
  for (int i = 0; i < 3; i++)
    for (int iterative = 0; iterative < 2; iterative++) {
      const run_options o = {i < 2 ? heat : wave, schemes[i], end, running, parabolic, 0.1, 4, false, .method = iterative ? GKT_LINEAR_CG : GKT_LINEAR_DIRECT};
      run_world w = make_run(&o);
      gkt_time_gradient_report r;
      double value;
      go(&w);
      free(all_gradients(&w, &value, &r));
      if (r.assemblies != (i == 2) || r.setups != (i == 2)) fail_msg("%s: %d assemblies, %d set-ups", schemes[i], r.assemblies, r.setups); /* of the start's masses */
      assert_true(r.steps == 4 && r.repeated == 0 && (r.linear > 0) == iterative && r.residual > 0 && r.residual < 1e-12);
      clear_run(&w);
    }
}

/* ---- bits ---- */
static void threads(void **unused) {
  const run_options o = {reaction, "crank-nicolson", end, running, parabolic, 0.1, 3, .memory = 0};
  gkt_scalar *first = NULL;
  (void)unused;
  for (int n = 1; n <= 4; n *= 2) {
    gkt_context_options options = gkt_context_options_default();
    gkt_time_gradient_report r;
    gkt_context *context;
    double value;
    options.threads = n;
    ok(gkt_context_create(&options, &context));
    run_world w = make_run_on(context, &o);
    go(&w);
    gkt_scalar *g = all_gradients(&w, &value, &r);
    if (first) assert_memory_equal(first, g, (size_t)size_of_gradients(&w) * sizeof *g);
    if (first) free(g);
    else first = g;
    clear_run(&w);
    gkt_context_destroy(&context);
  }
  free(first);
}

/* The gradient leaves the run where it was: steps go on from there; gradients add. */
static void goes_on(void **unused) {
  const run_options o = {wave, "newmark", end, running, hyperbolic, 0.1, 3, .memory = 0};
  run_world w = make_run(&o);
  gkt_time_gradient_report r;
  gkt_step_report step;
  double J[3], g[2] = {0, 5}, *gradients[6] = {NULL, NULL, NULL, &g[0]};
  (void)unused;
  go(&w);
  for (int i = 0; i < 2; i++, gradients[3] = &g[1]) ok(gkt_time_gradient(w.adjoint, w.trajectory, w.J, &J[i], gradients, &r));
  assert_true(g[0] != 0 && J[0] == J[1] && fabs(g[1] - 5 - g[0]) < 1e-12 * (5 + fabs(g[0])));
  ok(gkt_time_step(w.t, 0.1, &step));
  assert_int_equal(gkt_trajectory_num_steps(w.trajectory), 4);
  ok(gkt_time_value(w.adjoint, w.trajectory, w.J, &J[0], &r));
  clear_run(&w);
  const run_options longer = {wave, "newmark", end, running, hyperbolic, 0.1, 4, .memory = 0};
  w = make_run(&longer);
  J[1] = run_value(&w);
  assert_true(fabs(J[0] - J[1]) < 1e-11 * fabs(J[1]));
  clear_run(&w);
}

/* ---- what is refused, by name ---- */
static void refused(void **unused) {
  const run_options o = {heat, "euler", end, running, parabolic, 0.1, 1, .memory = 0}, arc = {at_rest, "arc-length", end, running, parabolic, 0.1, 1, .memory = 0};
  run_world w = make_run(&o);
  gkt_adjoint *a = NULL;
  gkt_trajectory *none = NULL;
  gkt_solve_report solved;
  gkt_time_gradient_report r;
  gkt_time *t;
  gkt_time_options options = gkt_time_options_default();
  double J, *gradients[5] = {NULL};
  (void)unused;
  expect(gkt_time_gradient(w.adjoint, w.trajectory, w.J, &J, gradients, &r), GKT_BAD_INPUT, "did not begin");
  expect(gkt_adjoint_gradient(w.adjoint, w.J.end, NULL, w.u, &J, gradients, &solved), GKT_BAD_ARGUMENT, "expected gkt_time_gradient");
  expect(gkt_adjoint_create(w.s, 1, &(gkt_control){GKT_CONTROL_INITIAL_RATE, "u"}, &a), GKT_BAD_INPUT, "holds no dtt(u)");
  expect(gkt_adjoint_create(w.s, 1, &(gkt_control){GKT_CONTROL_INITIAL, "k"}, &a), GKT_BAD_INPUT, "'k': no unknown");
  expect(gkt_trajectory_create(w.t, 0, &none), GKT_BAD_ARGUMENT, "kept already");
  gkt_trajectory_destroy(&w.trajectory);
  expect(gkt_trajectory_create(w.t, 1000, &none), GKT_BAD_INPUT, "1000 bytes");
  ok(gkt_trajectory_create(w.t, INT64_MAX, &w.trajectory)); /* room is taken as it is needed */
  go(&w);
  expect(gkt_time_gradient(w.adjoint, w.trajectory, (gkt_time_functional){NULL, NULL}, &J, gradients, &r), GKT_BAD_ARGUMENT, "neither");
  clear_run(&w);
  ok(gkt_problem_parse(ctx, "a.yaml", arc.text, strlen(arc.text), NULL, &w.problem)), ok(gkt_problem_check(w.problem));
  options.step = 0.1;
  ok(gkt_scheme_read(ctx, arc.scheme, &options.scheme));
  ok(gkt_time_create(gkt_problem_system(w.problem), &options, &t));
  expect(gkt_trajectory_create(t, 0, &none), GKT_UNAVAILABLE, "runs by arc-length");
  gkt_time_destroy(&t), gkt_problem_destroy(&w.problem);
  assert_null(a), assert_null(none);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(first_order), cmocka_unit_test(nonlinear), cmocka_unit_test(second_order), cmocka_unit_test(counts),
                                     cmocka_unit_test(threads),     cmocka_unit_test(goes_on),   cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
