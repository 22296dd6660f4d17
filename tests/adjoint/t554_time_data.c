/* Claim: gradients of runs in time are right where functionals hold rates, with every scheme, and by coefficients that are given at times (gkt_signal), everywhere or point by
   point: in the form, in its masses, in values of conditions and in functionals; against differences of runs to 1e-6, Taylor remainders of order 2. Signals are linear between
   their times and constant beyond. */
#include "tests/time_adjoint_world.h"

#define BOX "mesh: {box: {cells: [4, 3], upper: [1.2, 1]}}\ntime: {end: 1, step: 0.1}\n"
#define DATA                                                                                             \
  "constants: {a: 0.7, b: 1.3}\ncoefficients:\n  k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}\n" \
  "  f: {space: P1, value: \"1 + x[0]*x[1]\"}\n  g: {space: P1, value: \"t*x[0]\"}\n  q: {space: DP0, value: \"t\"}\n"
#define FIELD "fields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"b*x[1]*(1 + t) + 0.3*t^2*f\"}]\n"
#define MOVED "conditions: [{on: left, value: \"b*x[1] + 0.3*g\"}]\n"
static const char heat[] = BOX DATA FIELD HELD "equation: \"(1 + 0.2*u^2)*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u*v*ds(right) == f*(1 + t)*v*dx\"\n";
static const char plain[] = BOX DATA FIELD HELD "equation: \"f*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*ds(right) == f*(1 + t)*v*dx\"\n";
static const char wave[] = BOX DATA FIELD HELD "equation: \"k*dtt(u)*v*dx + 0.3*b*dt(u)*v*dx + f*dot(grad(u), grad(v))*dx == a*f*(1 + t)*v*dx\"\n";
static const char mixed[] = BOX DATA "fields: {u: {space: P1, test: v}, w: {space: P1, test: z}}\n"
                                     "conditions: [{on: left, field: u, value: \"a*t^2\"}]\n"
                                     "equation: \"dtt(u)*v*dx + k*dot(grad(u), grad(v))*dx + w*v*dx + dt(w)*z*dx + f*dot(grad(w), grad(z))*dx == b*dt(u)*z*dx\"\n";
static const char forced[] = BOX DATA FIELD MOVED "equation: \"(1 + 0.2*q)*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + q*u^2*v*ds(right) == g*v*dx\"\n";
static const char pushed[] = BOX DATA FIELD MOVED "equation: \"k*dtt(u)*v*dx + q*dot(grad(u), grad(v))*dx == g*v*dx\"\n";
static const char rates[] = "dt(u)^2*dx + 0.1*a*k*u*dx", swing[] = "dtt(u)*u*dx + 0.5*k*dt(u)^2*dx", running[] = "(dt(u) - x[0])^2*ds(top) + 0.3*b*u*f*dx";
static const char *const parabolic[] = {"k", "f", "=b", "0u", NULL}, *const hyperbolic[] = {"k", "=b", "0u", "1u", NULL};

static void rates_in_functionals(void **unused) {
  static const char *const implicit[] = {"euler", "crank-nicolson", "bdf2", "generalized-alpha(0.5)"}, *const explicit[] = {"ssp3", "rk4"};
  (void)unused;
  for (int i = 0; i < 4; i++) check_run("heat", &(run_options){heat, implicit[i], rates, running, parabolic, 0.05, 2, true, .method = GKT_LINEAR_DIRECT}, 1);
  for (int i = 0; i < 2; i++) check_run("plain", &(run_options){plain, explicit[i], rates, running, parabolic, 0.02, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("wave", &(run_options){wave, "newmark(0.3, 0.6)", swing, running, hyperbolic, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("wave", &(run_options){wave, "central-difference", swing, running, hyperbolic, 0.05, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("mixed", &(run_options){mixed, "generalized-alpha(0.7)", "dtt(u)*dt(w)*dx", "dt(w)^2*dx + u*dx", hyperbolic, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
}

static void data_in_time(void **unused) {
  static const char *const all[] = {"~g", "~=q", "k", "0u", NULL};
  static const char *const schemes[] = {"crank-nicolson", "midpoint", "bdf2"};
  (void)unused;
  for (int i = 0; i < 3; i++) check_run("forced", &(run_options){forced, schemes[i], "u^2*dx + q*u*dx", "g*dt(u)*dx", all, 0.1, 4, true, .method = GKT_LINEAR_DIRECT}, 2);
  check_run("pushed", &(run_options){pushed, "newmark", "u^2*dx", "g*u*dx", all, 0.1, 4, true, .method = GKT_LINEAR_DIRECT}, 2);
  check_run("pushed", &(run_options){pushed, "central-difference", "u^2*dx", "g*u*dx", all, 0.04, 4, true, .method = GKT_LINEAR_DIRECT}, 2);
}

/* ---- signals themselves ---- */
static void signals(void **unused) {
  const run_options o = {forced, "euler", "u*dx", NULL, (const char *const[]){"~=q", "~g", NULL}, 0.1, 1, .method = GKT_LINEAR_DIRECT};
  run_world w = make_run(&o);
  const double times[] = {0.1, 0.1};
  const gkt_scalar values[3] = {1, 3, 2}, expected[] = {1, 1, 2, 3, 2.5, 2, 2}, at[] = {0, 0.03, 0.07, 0.11, 0.205, 0.3, 5};
  gkt_signal *none = NULL;
  gkt_inputs inputs;
  (void)unused;
  assert_true(gkt_signal_size(w.signals[0]) == 3 && gkt_adjoint_control_size(w.adjoint, 1) == 3 * 20);
  ok(gkt_signal_set(w.signals[0], values));
  assert_memory_equal(gkt_signal_read(w.signals[0]), values, sizeof values);
  for (int i = 0; i < 7; i++) {
    ok(gkt_system_inputs(w.s, &(gkt_state){.u = w.u, .time = at[i]}, &inputs));
    const gkt_scalar *q = inputs.values[gkt_scope_find_function(gkt_problem_scope(w.problem), "q")];
    assert_true(fabs(q[0] - expected[i]) < 1e-14 && q[0] == q[11]);
  }
  expect(gkt_signal_create(w.s, "q", 2, times, false, &none), GKT_BAD_INPUT, "time 1 of its values is 0.1");
  expect(gkt_signal_create(w.s, "q", 0, times, false, &none), GKT_BAD_INPUT, "at no time");
  expect(gkt_signal_create(w.s, "r", 1, times, false, &none), GKT_BAD_INPUT, "'r': no discrete coefficient");
  assert_null(none);
  clear_run(&w);
}

static void refused(void **unused) {
  const run_options o = {plain, "euler", "u*dx", NULL, (const char *const[]){"k", NULL}, 0.1, 1, .method = GKT_LINEAR_DIRECT};
  run_world w = make_run(&o);
  gkt_form *form = NULL;
  gkt_functional *J = NULL;
  gkt_adjoint *a = NULL;
  (void)unused;
  ok(gkt_form_parse(gkt_problem_scope(w.problem), GKT_FUNCTIONAL, &(gkt_source){.text = "dtt(u)*dx"}, &form));
  expect(gkt_functional_create(w.adjoint, form, &J), GKT_BAD_INPUT, "holds dtt(u), which the equation does not");
  expect(gkt_adjoint_create(w.s, 1, &(gkt_control){GKT_CONTROL_COEFFICIENT, "g"}, &a), GKT_BAD_INPUT, "expected values at times");
  assert_null(J), assert_null(a);
  gkt_form_destroy(&form);
  clear_run(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rates_in_functionals), cmocka_unit_test(data_in_time), cmocka_unit_test(signals), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
