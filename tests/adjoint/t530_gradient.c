/* Claim: gradients by the adjoint are those of what is computed: against differences of solutions to 1e-6, Taylor remainders of order 2, the adjoint identity to 1e-12; of
   coefficients in DP0 and P1 and constants, in cells and on facets, of linear and nonlinear problems, symmetric and not, from an equation and an energy. The adjoint system is
   solved by what solved the problem: of a linear one nothing is assembled or set up. They add, and have the same bits for 1, 2 and 4 threads. */
#include "tests/adjoint_world.h"

#define BOX "mesh: {box: {cells: [6, 5], upper: [1.2, 1]}}\n"
#define DATA                                                                                                            \
  "constants: {a: 0.7, b: 1.3}\n"                                                                                       \
  "coefficients:\n  k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}\n  f: {space: P1, value: \"1 + x[0]*x[1]\"}\n" \
  "  g: {space: P1, value: \"x[0] - x[1]\"}\n"
#define FIELD "fields: {u: {space: P2, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"x[1]\"}]\n"
static const char *const poisson = BOX DATA FIELD HELD "equation: \"k*dot(grad(u), grad(v))*dx + b*u*v*ds(right) == f*v*dx + a*g*v*ds(top)\"\n";
static const char *const advection = BOX DATA FIELD HELD "equation: \"(k*dot(grad(u), grad(v)) + b*dot([3, 1 + x[0]], grad(u))*v)*dx == f*v*dx + a*g*v*ds(top)\"\n";
static const char *const nonlinear = BOX DATA FIELD HELD "equation: \"(k*(1 + b*u^2)*dot(grad(u), grad(v)) + u*grad(u)[0]*v)*dx == f*v*dx + a*g*v*ds(top)\"\n";
static const char *const energy = BOX DATA FIELD HELD "energy: \"(k*dot(grad(u), grad(u)) + b*u^4)*dx - f*u*dx - a*g*u*ds(top)\"\n";
static const char *const all[] = {"k", "f", "g", "=a", "=b", NULL};
static const char misfit[] = "0.5*(u - x[0]*x[1])^2*dx + 0.1*k^2*dx + a*dot(grad(u), [x[1], k])*dx + exp(u)*g*ds(right)";

/* ---- against differences ---- */
static void against_differences(void **unused) {
  (void)unused;
  const char *const problems[] = {poisson, advection, nonlinear, energy};
  for (int p = 0; p < 4; p++)
    for (int c = 0; c < 5; c++) {
      adjoint_world w = make_world(problems[p], GKT_LINEAR_AUTO, misfit, all);
      gkt_solve_report report = solve_world(&w);
      gkt_solve_report_clear(&report);
      const double error = error_of_gradient(&w, c, 4, 1e-2);
      if (!(error < 1e-6)) fail_msg("problem %d, control %s: %g", p, all[c], error);
      clear_world(&w);
    }
}

static void taylor(void **unused) {
  (void)unused;
  const char *const problems[] = {poisson, advection, nonlinear, energy};
  for (int p = 0; p < 4; p++) {
    adjoint_world w = make_world(problems[p], GKT_LINEAR_DIRECT, misfit, all);
    gkt_solve_report report = solve_world(&w);
    gkt_solve_report_clear(&report);
    for (int c = 0; c < 5; c++) {
      gkt_taylor t;
      ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, c, NULL, 0, w.u, &t));
      if (!t.passed || !(t.slope > 1.95)) fail_msg("problem %d, control %s: slope %g, remainders %g %g, %s", p, all[c], t.slope, t.remainder[0], t.remainder[4], t.reason);
    }
    clear_world(&w);
  }
}

/* A derivative that does not exist is seen, and a state that is no solution. */
static void wrong_is_seen(void **unused) {
  (void)unused;
  gkt_taylor t;
  adjoint_world kink = make_world(poisson, GKT_LINEAR_DIRECT, "(1 + abs(a - 0.7))*u*dx", (const char *const[]){"=a", NULL});
  gkt_solve_report first = solve_world(&kink);
  gkt_solve_report_clear(&first);
  ok(gkt_adjoint_verify(kink.adjoint, kink.J, &kink.options, 0, NULL, 0, kink.u, &t));
  assert_true(!t.passed && fabs(t.slope - 1) < 0.1);
  clear_world(&kink);
  adjoint_world w = make_world(poisson, GKT_LINEAR_DIRECT, misfit, all);
  gkt_solve_report report = solve_world(&w);
  gkt_solve_report_clear(&report);
  for (gkt_idx i = 0; i < gkt_vector_size(w.u); i++) gkt_vector_values(w.u)[i] *= 1.01; /* no solution: J and its gradient are of another place */
  ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, NULL, 0, w.u, &t));
  assert_true(!t.passed && strstr(t.reason, "no solution"));
  clear_world(&w);
}

/* Of a right gradient the order is found where the first remainders do not show it yet, or have no state: near a fold, and across a jump of three decades. Of one that is off by
   1e-3 it is not. */
static void verdict(void **unused) {
  static const struct {
    const char *problem, *J, *control;
    bool passes;
  } trials[] = {
#define LINE "mesh: {box: {cells: [16], lower: [0], upper: [1]}}\nfields: {u: {space: P1, test: v}}\nconditions: [{on: left, value: 0}, {on: right, value: 0}]\n"
      {LINE "constants: {a: 3.51}\nequation: \"dot(grad(u), grad(v))*dx == a*exp(u)*v*dx\"\n", "u*dx", "=a", true},
      {LINE "constants: {a: -3.52}\nequation: \"dot(grad(u), grad(v))*dx + a*exp(u)*v*dx == 0\"\n", "u*dx", "=a", true}, /* 1.01 of it is beyond the fold */
      {"mesh: {box: {cells: [8, 8], upper: [1, 1]}}\nfields: {u: {space: P1, test: v}}\nconditions: [{on: left, value: 0}]\n"
       "coefficients: {k: {space: DP0, value: \"0.001 + 0.999*(0.5 + 0.5*tanh(40*(x[0] - 0.5)))\"}}\nequation: \"k*dot(grad(u), grad(v))*dx == v*dx\"\n",
       "u^2*dx", "k", true},
      {LINE "constants: {a: 1}\nequation: \"dot(grad(u), grad(v))*dx == a*v*dx\"\n", "(a^2 + 1e-3*abs(a - 1) + u)*dx", "=a", false},
      {LINE "constants: {a: 1}\nequation: \"dot(grad(u), grad(v))*dx == a*v*dx\"\n", "(u + (a - 1)^3)*dx", "=a", true}, /* no term of second order */
      {LINE "constants: {a: 1}\nequation: \"dot(grad(u), grad(v))*dx == a*v*dx\"\n", "(u + (a - 1)^3 + 3e-7*abs(a - 1))*dx", "=a", false},
  };
  (void)unused;
  for (int i = 0; i < 6; i++) {
    adjoint_world w = make_world(trials[i].problem, GKT_LINEAR_DIRECT, trials[i].J, (const char *const[]){trials[i].control, NULL});
    gkt_solve_report report = solve_world(&w);
    gkt_taylor t;
    gkt_solve_report_clear(&report);
    ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, NULL, 0, w.u, &t));
    if (t.passed != trials[i].passes || (t.passed && !(fabs(t.slope - (i == 4 ? 3 : 2)) <= 0.05)))
      fail_msg("trial %d: slope %g, remainders %g %g %g %g %g, %s", i, t.slope, t.remainder[0], t.remainder[1], t.remainder[2], t.remainder[3], t.remainder[4], t.reason);
    for (int k = 1; t.passed && k < 3; k++) assert_true(t.remainder[k] < t.remainder[k - 1]);
    clear_world(&w);
  }
}

/* ---- dJ/du . du = lambda . dR for A du = -dR ---- */
static void identity(void **unused) {
  (void)unused;
  const char *const problems[] = {poisson, advection, nonlinear};
  for (int p = 0; p < 3; p++) {
    adjoint_world w = make_world(problems[p], GKT_LINEAR_DIRECT, "(0.5*u^2 + x[0]*grad(u)[1])*dx", (const char *const[]){"k", "f", NULL});
    gkt_solve_report report = solve_world(&w);
    gkt_solve_report_clear(&report);
    const gkt_size n = gkt_adjoint_control_size(w.adjoint, 0);
    gkt_scalar *m = malloc((size_t)n * sizeof *m), *moved = malloc((size_t)n * sizeof *moved);
    gkt_vector *r, *before, *du;
    double J[2], value;
    ok(gkt_system_vector(w.s, &r)), ok(gkt_system_vector(w.s, &before)), ok(gkt_system_vector(w.s, &du));
    gkt_scalar *g = gradient_of(&w, 0, &value, &report);
    gkt_solve_report_clear(&report);
    ok(gkt_adjoint_get_control(w.adjoint, 0, m));
    const gkt_state state = gkt_system_state(w.s, w.u);
    ok(gkt_system_residual(w.s, &state, before));
    for (gkt_size i = 0; i < n; i++) moved[i] = m[i] + cos(1.7 * (double)i); /* R is linear in k */
    ok(gkt_adjoint_set_control(w.adjoint, 0, moved));
    ok(gkt_system_residual(w.s, &state, r));
    ok(gkt_adjoint_set_control(w.adjoint, 0, m));
    gkt_vector_axpy(-1, before, r);
    const double by_adjoint = gkt_vector_dot(gkt_adjoint_state(w.adjoint), r);
    gkt_vector_scale(r, -1);
    ok(gkt_system_solve_linearized(w.s, &w.options, w.u, r, du, &report));
    assert_true(report.valid && report.linear.residual < 1e-12);
    gkt_solve_report_clear(&report);
    for (int side = 0; side < 2; side++) {
      gkt_vector_copy(w.u, r), gkt_vector_axpy(side ? -1 : 1, du, r);
      ok(gkt_functional_value(w.J, r, &J[side])); /* quadratic in u: the difference is exact */
    }
    double by_gradient = 0;
    for (gkt_size i = 0; i < n; i++) by_gradient += g[i] * (moved[i] - m[i]);
    const double by_tangent = (J[0] - J[1]) / 2;
    if (!(fabs(by_adjoint - by_tangent) <= 1e-12 * fabs(by_tangent)) || !(fabs(by_gradient - by_tangent) <= 1e-12 * fabs(by_tangent)))
      fail_msg("problem %d: %.17g, %.17g, %.17g", p, by_adjoint, by_tangent, by_gradient);
    gkt_vector_destroy(&r), gkt_vector_destroy(&before), gkt_vector_destroy(&du);
    free(g), free(m), free(moved);
    clear_world(&w);
  }
}

/* ---- what is done: nothing twice ---- */
static void counts(void **unused) {
  (void)unused;
  const struct {
    const char *problem;
    gkt_linear_method method;
    int assemblies, setups;
  } cases[] = {{poisson, GKT_LINEAR_DIRECT, 0, 0},  {poisson, GKT_LINEAR_CG, 0, 0},       {advection, GKT_LINEAR_DIRECT, 0, 0},
               {advection, GKT_LINEAR_GMRES, 0, 0}, {nonlinear, GKT_LINEAR_DIRECT, 1, 1}, {energy, GKT_LINEAR_CG, 1, 1}};
  for (int i = 0; i < 6; i++) {
    adjoint_world w = make_world(cases[i].problem, cases[i].method, misfit, all);
    gkt_solve_report report = solve_world(&w);
    double value;
    gkt_solve_report_clear(&report);
    free(gradient_of(&w, 0, &value, &report));
    if (report.assemblies != cases[i].assemblies || report.linear.setups != cases[i].setups)
      fail_msg("case %d: %d assemblies, %d set-ups by %s", i, report.assemblies, report.linear.setups, report.linear.method);
    assert_true(report.linear.residual <= 1e-13 || report.linear.at_rounding);
    gkt_solve_report_clear(&report);
    gkt_vector *b, *lambda; /* the adjoint system of another functional at this state */
    ok(gkt_system_vector(w.s, &b)), ok(gkt_system_vector(w.s, &lambda));
    gkt_vector_fill(b, 1);
    ok(gkt_system_solve_transposed(w.s, &w.options, w.u, b, lambda, &report));
    assert_true(report.valid && report.assemblies == 0 && report.linear.setups == 0 && gkt_vector_norm(lambda) > 0);
    gkt_solve_report_clear(&report);
    gkt_vector_destroy(&b), gkt_vector_destroy(&lambda);
    free(gradient_of(&w, 1, &value, &report));
    assert_int_equal(report.assemblies, 0);
    assert_int_equal(report.linear.setups, 0);
    gkt_solve_report_clear(&report);
    report = solve_world(&w); /* the linear solver serves the next solve too */
    assert_true(cases[i].assemblies || (report.assemblies == 0 && report.linear.setups == 0));
    gkt_solve_report_clear(&report);
    clear_world(&w);
  }
}

static void they_add(void **unused) {
  (void)unused;
  adjoint_world w = make_world(nonlinear, GKT_LINEAR_DIRECT, misfit, all);
  gkt_solve_report report = solve_world(&w);
  gkt_scalar g[2] = {0, 5}, *gradients[5] = {NULL, NULL, NULL, &g[0], NULL};
  gkt_solve_report_clear(&report);
  for (int twice = 0; twice < 2; twice++, gradients[3] = &g[1]) {
    ok(gkt_adjoint_gradient(w.adjoint, w.J, &w.options, w.u, NULL, gradients, &report));
    gkt_solve_report_clear(&report);
  }
  assert_true(g[0] != 0 && fabs(g[1] - 5 - g[0]) <= 1e-14 * (5 + fabs(g[0])));
  clear_world(&w);
}

/* ---- bits ---- */
static void threads(void **unused) {
  (void)unused;
  const char *const problems[] = {poisson, nonlinear};
  for (int p = 0; p < 2; p++) {
    gkt_scalar *first = NULL;
    for (int n = 1; n <= 4; n *= 2) {
      gkt_context_options options = gkt_context_options_default();
      gkt_context *context;
      gkt_solve_report report;
      double value;
      options.threads = n, options.backend = GKT_BACKEND_CPU;
      ok(gkt_context_create(&options, &context));
      adjoint_world w = make_world_on(context, problems[p], GKT_LINEAR_AUTO, misfit, all);
      report = solve_world(&w);
      gkt_solve_report_clear(&report);
      gkt_scalar *g = gradient_of(&w, 0, &value, &report);
      gkt_solve_report_clear(&report);
      if (first) assert_memory_equal(first, g, (size_t)gkt_adjoint_control_size(w.adjoint, 0) * sizeof *g);
      if (first) free(g);
      else first = g;
      clear_world(&w);
      gkt_context_destroy(&context);
    }
    free(first);
  }
}

/* ---- made of others ---- */
static void composed(void **unused) {
  (void)unused;
  adjoint_world w = make_world(nonlinear, GKT_LINEAR_DIRECT, "u^4*dx", all);
  gkt_scope *numbers;
  gkt_expression *outer;
  gkt_form *form;
  gkt_functional *parts[2] = {w.J, NULL}, *J;
  int number;
  ok(gkt_form_parse(gkt_problem_scope(w.problem), GKT_FUNCTIONAL, &(gkt_source){.text = "k*dx + a*u*ds(right)"}, &form));
  ok(gkt_functional_create(w.adjoint, form, &parts[1]));
  ok(gkt_scope_create(ctx, 2, &numbers));
  for (int i = 0; i < 3; i++) ok(gkt_scope_add_constant(numbers, (const char *const[]){"P", "V", "a"}[i], &number));
  ok(gkt_expression_parse(numbers, &(gkt_source){.text = "P^(1/4)/V + a^2*V"}, &outer));
  ok(gkt_functional_compose(w.adjoint, outer, 2, (const char *const[]){"P", "V"}, parts, &J));
  gkt_solve_report report = solve_world(&w);
  double P, V, value;
  gkt_solve_report_clear(&report);
  ok(gkt_functional_value(parts[0], w.u, &P)), ok(gkt_functional_value(parts[1], w.u, &V)), ok(gkt_functional_value(J, w.u, &value));
  assert_true(fabs(value - (pow(P, 0.25) / V + 0.49 * V)) < 1e-14 * fabs(value) && gkt_functional_depends_on_state(J));
  w.J = J; /* the checks are of it */
  for (int c = 0; c < 5; c++) {
    gkt_taylor t;
    ok(gkt_adjoint_verify(w.adjoint, w.J, &w.options, c, NULL, 0, w.u, &t));
    if (!t.passed) fail_msg("%s: slope %g", all[c], t.slope);
    ok(gkt_adjoint_verify_hessian(w.adjoint, w.J, &w.options, c, NULL, 0, w.u, &t));
    if (!t.passed || !(t.slope > 2.95)) fail_msg("%s: slope %g of second derivatives", all[c], t.slope);
  }
  gkt_functional_destroy(&J), gkt_functional_destroy(&parts[1]);
  w.J = parts[0];
  gkt_expression_destroy(&outer), gkt_scope_destroy(&numbers), gkt_form_destroy(&form);
  clear_world(&w);
}

/* ---- what is refused, by name ---- */
static void expect(gkt_status given, gkt_status wanted, const char *words) {
  if (given != wanted || !strstr(gkt_context_message(ctx), words)) fail_msg("status %d, \"%s\"; expected %d, \"%s\"", given, gkt_context_message(ctx), wanted, words);
  gkt_context_clear(ctx);
}

static void refused(void **unused) {
  (void)unused;
  adjoint_world w = make_world(poisson, GKT_LINEAR_AUTO, misfit, (const char *const[]){"k", NULL});
  gkt_adjoint *a = NULL;
  gkt_functional *J = NULL;
  gkt_form *form;
  gkt_solve_report report;
  gkt_scalar g = 0;
  expect(gkt_adjoint_create(w.s, 1, &(gkt_control){GKT_CONTROL_COEFFICIENT, "q"}, &a), GKT_BAD_INPUT, "'q': no discrete coefficient");
  expect(gkt_adjoint_create(w.s, 1, &(gkt_control){GKT_CONTROL_CONSTANT, "k"}, &a), GKT_BAD_INPUT, "'k': no constant");
  expect(gkt_adjoint_create(w.s, 2, (const gkt_control[]){{GKT_CONTROL_CONSTANT, "a"}, {GKT_CONTROL_CONSTANT, "a"}}, &a), GKT_BAD_INPUT, "'a': a control that is given twice");
  expect(gkt_adjoint_create(w.s, 0, NULL, &a), GKT_BAD_ARGUMENT, "0 controls");
  ok(gkt_form_parse(gkt_problem_scope(w.problem), GKT_FUNCTIONAL, &(gkt_source){.text = "g*dx"}, &form));
  ok(gkt_functional_create(w.adjoint, form, &J));
  expect(gkt_functional_check(J), GKT_BAD_INPUT, "depends on no control");
  expect(gkt_adjoint_gradient(w.adjoint, J, &w.options, w.u, NULL, (gkt_scalar *const[]){NULL}, &report), GKT_BAD_INPUT, "depends on no control");
  gkt_functional_destroy(&J);
  assert_null(a);
  gkt_form_destroy(&form);
  clear_world(&w);
  w = make_world(BOX DATA "fields: {u: {space: P1, test: v}}\n" HELD "equation: \"k*dot(grad(u), grad(v))*dx == f*v*dx\"\n", GKT_LINEAR_AUTO, "u^2*dx",
                 (const char *const[]){"k", "=b", NULL});
  report = solve_world(&w);
  gkt_solve_report_clear(&report);
  assert_int_equal(gkt_adjoint_num_controls(w.adjoint), 2);
  expect(gkt_adjoint_check(w.adjoint), GKT_BAD_INPUT, "'b': nothing depends on this control");
  expect(gkt_adjoint_gradient(w.adjoint, w.J, &w.options, w.u, NULL, (gkt_scalar *const[]){NULL, &g}, &report), GKT_BAD_INPUT, "'b': nothing depends on this control");
  clear_world(&w);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels; threads compile theirs */
  const struct CMUnitTest tests[] = {cmocka_unit_test(against_differences),
                                     cmocka_unit_test(taylor),
                                     cmocka_unit_test(wrong_is_seen),
                                     cmocka_unit_test(verdict),
                                     cmocka_unit_test(identity),
                                     cmocka_unit_test(counts),
                                     cmocka_unit_test(they_add),
                                     cmocka_unit_test(threads),
                                     cmocka_unit_test(composed),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
