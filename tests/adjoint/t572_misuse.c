/* Claim: what adjoints, filters, extensions and optimizers are given that is not there, of another object, of another kind or not a number is refused by one message; nothing is
   written, nothing crashes, and nothing that was not compared is said to have passed. */
#include "galerkit/extension.h"
#include "galerkit/filter.h"
#include "galerkit/optimize.h"
#include "galerkit/time_adjoint.h"
#include "tests/adjoint_world.h"

static const char text[] = "mesh: {box: {cells: [3, 3]}}\nfields: {u: {space: P1, test: v}}\nconstants: {q: 1.0}\ncoefficients: {k: {space: DP0, value: 1}}\n"
                           "conditions: [{on: left, field: u, value: 0}]\nequation: \"k*dot(grad(u), grad(v))*dx == q*v*dx\"\n";
static const char *const both[] = {"=q", "k", NULL};
static adjoint_world w, other;

static void expect(gkt_status given, gkt_status expected, const char *words) {
  if (given != expected || !strstr(gkt_context_message(ctx), words)) fail_msg("status %d, '%s'; expected %d, '%s'", given, gkt_context_message(ctx), expected, words);
  gkt_context_clear(ctx);
}

static void controls(void **unused) {
  gkt_adjoint *a = NULL;
  const gkt_control nameless = {GKT_CONTROL_CONSTANT, NULL}, unkind = {(gkt_control_kind)77, "k"};
  (void)unused;
  expect(gkt_adjoint_create(w.s, 1, &nameless, &a), GKT_BAD_ARGUMENT, "control 0 has no name");
  expect(gkt_adjoint_create(w.s, 1, &unkind, &a), GKT_BAD_ARGUMENT, "'k': no such kind of control (77)");
  expect(gkt_adjoint_create(w.s, 1, NULL, &a), GKT_BAD_ARGUMENT, "expected at least one");
  assert_null(a);
}

static void functionals(void **unused) {
  gkt_functional *f = NULL, *parts[] = {NULL};
  gkt_scalar g[18] = {0}, *gradients[] = {g, NULL};
  const gkt_scalar d[18] = {1}, *directions[] = {d, NULL};
  gkt_solve_report report = solve_world(&w);
  gkt_solve_options wrong = w.options;
  double J = 7;
  (void)unused;
  gkt_solve_report_clear(&report);
  wrong.newton.linear.method = (gkt_linear_method)99;
  expect(gkt_functional_create(w.adjoint, NULL, &f), GKT_BAD_ARGUMENT, "no form");
  expect(gkt_functional_compose(w.adjoint, NULL, 0, NULL, NULL, &f), GKT_BAD_ARGUMENT, "no expression");
  expect(gkt_functional_value(w.J, w.u, NULL), GKT_BAD_ARGUMENT, "gkt_functional_value: no place for the value");
  expect(gkt_adjoint_gradient(w.adjoint, NULL, &w.options, w.u, &J, gradients, &report), GKT_BAD_ARGUMENT, "no functional");
  expect(gkt_adjoint_gradient(w.adjoint, other.J, &w.options, w.u, &J, gradients, &report), GKT_BAD_ARGUMENT, "of another one");
  expect(gkt_adjoint_hessian(w.adjoint, NULL, &w.options, w.u, directions, gradients, &report), GKT_BAD_ARGUMENT, "no functional");
  expect(gkt_system_solve(w.s, &wrong, w.u, &report), GKT_BAD_ARGUMENT, "no such method (99)");
  assert_true(J == 7 && g[0] == 0 && !f && !parts[0]);
}

/* Each pointer that a header does not allow to be NULL, one by one: nothing is computed before all are looked at. */
static void nothing_there(void **unused) {
  gkt_scalar g[18] = {0}, *gradients[] = {g, NULL};
  const gkt_scalar d[18] = {1}, *directions[] = {d, NULL};
  const gkt_control q = control_of("=q");
  gkt_solve_report report;
  gkt_taylor t;
  gkt_optimizer method;
  gkt_filter_kind kind;
  (void)unused;
  expect(gkt_adjoint_create(w.s, 1, &q, NULL), GKT_BAD_ARGUMENT, "gkt_adjoint_create: no place for the adjoint");
  expect(gkt_adjoint_get_control(w.adjoint, 0, NULL), GKT_BAD_ARGUMENT, "no array for 'q'");
  expect(gkt_adjoint_set_control(w.adjoint, 0, NULL), GKT_BAD_ARGUMENT, "no array for 'q'");
  expect(gkt_functional_create(w.adjoint, w.form, NULL), GKT_BAD_ARGUMENT, "gkt_functional_create: no place");
  expect(gkt_functional_compose(w.adjoint, NULL, 0, NULL, NULL, NULL), GKT_BAD_ARGUMENT, "gkt_functional_compose: no place");
  expect(gkt_functional_value(w.J, NULL, &t.slope), GKT_BAD_ARGUMENT, "no vector u");
  expect(gkt_adjoint_gradient(w.adjoint, w.J, &w.options, w.u, NULL, gradients, NULL), GKT_BAD_ARGUMENT, "gkt_adjoint_gradient: no report");
  expect(gkt_adjoint_gradient(w.adjoint, w.J, &w.options, NULL, NULL, gradients, &report), GKT_BAD_ARGUMENT, "no vector u");
  expect(gkt_adjoint_gradient(w.adjoint, w.J, &w.options, w.u, NULL, NULL, &report), GKT_BAD_ARGUMENT, "gkt_adjoint_gradient: no array of gradients");
  for (int k = 0; k < 2; k++) {
    gkt_status (*act)(gkt_adjoint *, gkt_functional *, const gkt_solve_options *, const gkt_vector *, const gkt_scalar *const *, gkt_scalar *const *, gkt_solve_report *) =
        k ? gkt_adjoint_gauss_newton : gkt_adjoint_hessian;
    expect(act(w.adjoint, w.J, &w.options, w.u, directions, gradients, NULL), GKT_BAD_ARGUMENT, k ? "gkt_adjoint_gauss_newton: no report" : "gkt_adjoint_hessian: no report");
    expect(act(w.adjoint, w.J, &w.options, NULL, directions, gradients, &report), GKT_BAD_ARGUMENT, "no vector u");
    expect(act(w.adjoint, w.J, &w.options, w.u, NULL, gradients, &report), GKT_BAD_ARGUMENT, "no array of directions");
    expect(act(w.adjoint, w.J, &w.options, w.u, directions, NULL, &report), GKT_BAD_ARGUMENT, "no array of results");
  }
  expect(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, NULL, 0, w.u, NULL), GKT_BAD_ARGUMENT, "gkt_adjoint_verify: no place");
  expect(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, NULL, 0, NULL, &t), GKT_BAD_ARGUMENT, "no vector u");
  expect(gkt_adjoint_verify_hessian(w.adjoint, w.J, &w.options, 0, NULL, 0, NULL, &t), GKT_BAD_ARGUMENT, "no vector u");
  expect(gkt_adjoint_start_from(w.adjoint, NULL, 0, NULL), GKT_BAD_ARGUMENT, "gkt_adjoint_start_from: no name");
  expect(gkt_adjoint_start_from(w.adjoint, "u", 0, NULL), GKT_BAD_ARGUMENT, "gkt_adjoint_start_from: no expression");
  expect(gkt_adjoint_fill_initial(w.adjoint, NULL, w.u, NULL), GKT_BAD_ARGUMENT, "gkt_adjoint_fill_initial: no gkt_time");
  expect(gkt_optimizer_read(ctx, NULL, &method), GKT_BAD_ARGUMENT, "gkt_optimizer_read: no word");
  expect(gkt_optimizer_read(ctx, "mma", NULL), GKT_BAD_ARGUMENT, "gkt_optimizer_read: no place");
  expect(gkt_filter_read(ctx, NULL, &kind), GKT_BAD_ARGUMENT, "gkt_filter_read: no word");
  expect(gkt_filter_read(ctx, "density", NULL), GKT_BAD_ARGUMENT, "gkt_filter_read: no place");
  expect(gkt_system_solve(w.s, &w.options, w.u, NULL), GKT_BAD_ARGUMENT, "gkt_system_solve: no report");
  expect(gkt_system_solve(w.s, &w.options, NULL, &report), GKT_BAD_ARGUMENT, "no vector u");
  expect(gkt_system_solve_transposed(w.s, &w.options, w.u, w.u, w.u, NULL), GKT_BAD_ARGUMENT, "no report");
  assert_true(g[0] == 0);
}

/* What may be missing by the header may: options, the value, gradients that nobody asks for. */
static void what_may_be_missing(void **unused) {
  gkt_scalar *gradients[] = {NULL, NULL};
  gkt_solve_report report = solve_world(&w);
  (void)unused;
  gkt_solve_report_clear(&report);
  ok(gkt_adjoint_gradient(w.adjoint, w.J, NULL, w.u, NULL, gradients, &report));
  assert_true(report.valid);
  gkt_solve_report_clear(&report);
}

/* A run in time, and what its gradients are given. */
static void runs(void **unused) {
  static const char heat[] = "mesh: {box: {cells: [3, 3]}}\nfields: {u: {space: P1, test: v}}\nconstants: {q: 1.0}\nconditions: [{on: left, field: u, value: 0}]\n"
                             "equation: \"dt(u)*v*dx + dot(grad(u), grad(v))*dx == q*v*dx\"\ninitial: {u: 0}\ntime: {end: 1, step: 0.5}\n";
  static const char *const q[] = {"=q", NULL};
  adjoint_world h = make_world(heat, GKT_LINEAR_DIRECT, "u*dx", q);
  gkt_time_options options = gkt_time_options_default();
  gkt_time_gradient_report report;
  gkt_scalar g = 0, *gradients[] = {&g};
  const gkt_time_functional J = {.end = h.J};
  gkt_trajectory *r = NULL;
  gkt_step_report step;
  gkt_time *t;
  double value = 7;
  (void)unused;
  options.step = 0.5, options.solve = h.options;
  ok(gkt_time_create(h.s, &options, &t));
  expect(gkt_trajectory_create(t, 0, NULL), GKT_BAD_ARGUMENT, "gkt_trajectory_create: no place");
  ok(gkt_trajectory_create(t, 0, &r));
  expect(gkt_time_begin(t, h.u, NULL, NULL), GKT_BAD_ARGUMENT, "gkt_time_begin: no report");
  ok(gkt_time_begin(t, h.u, NULL, &step));
  expect(gkt_time_step(t, 0.5, NULL), GKT_BAD_ARGUMENT, "gkt_time_step: no report");
  expect(gkt_time_advance(t, 0.5, NULL), GKT_BAD_ARGUMENT, "gkt_time_advance: no report");
  ok(gkt_time_step(t, 0.5, &step));
  expect(gkt_time_value(h.adjoint, NULL, J, &value, &report), GKT_BAD_ARGUMENT, "gkt_time_value: no trajectory");
  expect(gkt_time_value(h.adjoint, r, J, NULL, &report), GKT_BAD_ARGUMENT, "gkt_time_value: no place");
  expect(gkt_time_value(h.adjoint, r, J, &value, NULL), GKT_BAD_ARGUMENT, "gkt_time_value: no report");
  expect(gkt_time_gradient(h.adjoint, NULL, J, &value, gradients, &report), GKT_BAD_ARGUMENT, "gkt_time_gradient: no trajectory");
  expect(gkt_time_gradient(h.adjoint, r, J, &value, NULL, &report), GKT_BAD_ARGUMENT, "gkt_time_gradient: no array");
  expect(gkt_time_gradient(h.adjoint, r, J, &value, gradients, NULL), GKT_BAD_ARGUMENT, "gkt_time_gradient: no report");
  assert_true(value == 7 && g == 0);
  ok(gkt_time_gradient(h.adjoint, r, J, NULL, gradients, &report));
  assert_true(report.valid && g != 0);
  gkt_trajectory_destroy(&r);
  gkt_time_destroy(&t);
  clear_world(&h);
}

static void composed(void **unused) {
  gkt_scope *scope = NULL;
  gkt_expression *square = NULL;
  gkt_functional *f = NULL, *parts[] = {NULL};
  const char *const names[] = {"A"}, *const none[] = {NULL};
  int number;
  (void)unused;
  ok(gkt_scope_create(ctx, 2, &scope));
  ok(gkt_scope_add_constant(scope, "A", &number));
  ok(gkt_expression_parse(scope, &(gkt_source){.text = "A^2", .file = "x", .key = "k"}, &square));
  expect(gkt_functional_compose(w.adjoint, square, 1, names, parts, &f), GKT_BAD_ARGUMENT, "part 0 has no name");
  parts[0] = w.J;
  expect(gkt_functional_compose(w.adjoint, square, 1, none, parts, &f), GKT_BAD_ARGUMENT, "part 0 has no name");
  expect(gkt_functional_compose(w.adjoint, square, 1, NULL, parts, &f), GKT_BAD_ARGUMENT, "no names or parts");
  assert_null(f);
  gkt_expression_destroy(&square);
  gkt_scope_destroy(&scope);
}

static void taylor(void **unused) {
  const double wrong[] = {NAN, -1, INFINITY};
  gkt_scalar d = 1;
  gkt_taylor t = {0};
  gkt_taylor_line line = {0};
  (void)unused;
  for (int k = 0; k < 3; k++) expect(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, &d, wrong[k], w.u, &t), GKT_BAD_INPUT, "the largest eps is");
  d = 0;
  expect(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, &d, 0, w.u, &t), GKT_BAD_INPUT, "the direction is 0");
  expect(gkt_adjoint_verify_hessian(w.adjoint, w.J, &w.options, 0, &d, 0, w.u, &t), GKT_BAD_INPUT, "the direction is 0");
  d = NAN;
  expect(gkt_adjoint_verify(w.adjoint, w.J, &w.options, 0, &d, 0, w.u, &t), GKT_BAD_INPUT, "not finite");
  expect(gkt_adjoint_verify(w.adjoint, NULL, &w.options, 0, NULL, 0, w.u, &t), GKT_BAD_ARGUMENT, "no functional");
  assert_false(t.passed);
  assert_int_equal(gkt_taylor_look(&line, 0, &t), GKT_BAD_ARGUMENT);
}

static void filters(void **unused) {
  gkt_space *space = NULL;
  gkt_filter *f = NULL;
  gkt_scalar x[16] = {1}, y[16] = {0};
  (void)unused;
  ok(gkt_space_create((gkt_mesh *)gkt_problem_mesh(w.problem), (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &space));
  expect(gkt_filter_create(space, GKT_FILTER_DENSITY, 1, NULL), GKT_BAD_ARGUMENT, "gkt_filter_create: no place");
  expect(gkt_filter_create_on(space, 1, NULL, GKT_FILTER_HELMHOLTZ, 1, &f), GKT_BAD_ARGUMENT, "gkt_filter_create_on: no names of sets");
  expect(gkt_filter_create_on(space, 1, (const char *const[]){"left"}, GKT_FILTER_HELMHOLTZ, 1, NULL), GKT_BAD_ARGUMENT, "gkt_filter_create_on: no place");
  expect(gkt_design_weights(space, NULL), GKT_BAD_ARGUMENT, "gkt_design_weights: no array");
  expect(gkt_filter_create(space, (gkt_filter_kind)99, 1, &f), GKT_BAD_ARGUMENT, "no such kind (99)");
  for (int kind = 0; kind < GKT_NUM_FILTERS; kind++) {
    ok(gkt_filter_create(space, (gkt_filter_kind)kind, 0.5, &f));
    expect(gkt_filter_apply(f, x, x), GKT_BAD_ARGUMENT, "in and out");
    expect(gkt_filter_apply(f, NULL, y), GKT_BAD_ARGUMENT, "an array is missing");
    expect(gkt_filter_transpose(f, x, NULL, y), GKT_BAD_ARGUMENT, "an array is missing");
    if (kind == GKT_FILTER_SENSITIVITY) expect(gkt_filter_transpose(f, NULL, x, y), GKT_BAD_ARGUMENT, "expected two of 16 numbers");
    assert_true(x[0] == 1 && y[0] == 0);
    gkt_filter_destroy(&f);
  }
  gkt_space_destroy(&space);
}

static void extensions(void **unused) {
  gkt_mesh *mesh = (gkt_mesh *)gkt_problem_mesh(w.problem);
  gkt_extension *e = NULL;
  const char *const none[] = {NULL}, *const right[] = {"right"};
  (void)unused;
  expect(gkt_extension_create(mesh, 1, none, 0, NULL, &e), GKT_BAD_ARGUMENT, "a set without a name");
  expect(gkt_extension_create(mesh, 1, NULL, 0, NULL, &e), GKT_BAD_ARGUMENT, "no names of what moves");
  expect(gkt_extension_create(mesh, 1, right, 1, NULL, &e), GKT_BAD_ARGUMENT, "no list of what is held");
  expect(gkt_extension_create(mesh, 1, right, 0, NULL, NULL), GKT_BAD_ARGUMENT, "gkt_extension_create: no place");
  assert_null(e);
  ok(gkt_extension_create(mesh, 1, right, 0, NULL, &e));
  expect(gkt_extension_apply(e, NULL, NULL, NULL), GKT_BAD_ARGUMENT, "no displacements");
  gkt_scalar d[16] = {0}, X[32] = {0};
  expect(gkt_extension_transpose(e, NULL, d), GKT_BAD_ARGUMENT, "gkt_extension_transpose: no array of derivatives");
  expect(gkt_extension_transpose(e, X, NULL), GKT_BAD_ARGUMENT, "gkt_extension_transpose: no array for");
  expect(gkt_extension_riesz(e, NULL, d), GKT_BAD_ARGUMENT, "gkt_extension_riesz: no gradient");
  expect(gkt_extension_riesz(e, d, NULL), GKT_BAD_ARGUMENT, "gkt_extension_riesz: no array");
  expect(gkt_extension_smooth(e, NULL, d), GKT_BAD_ARGUMENT, "gkt_extension_smooth: no variables");
  expect(gkt_extension_smooth(e, d, NULL), GKT_BAD_ARGUMENT, "gkt_extension_smooth: no array");
  expect(gkt_extension_smooth_transpose(e, NULL, d), GKT_BAD_ARGUMENT, "gkt_extension_smooth_transpose: no gradient");
  expect(gkt_extension_smooth_transpose(e, d, NULL), GKT_BAD_ARGUMENT, "gkt_extension_smooth_transpose: no array");
  gkt_extension_destroy(&e);
}

static gkt_status value(void *user, const gkt_scalar *x, gkt_scalar *f, gkt_scalar *c) { return *f = *x, (void)user, (void)c, GKT_OK; }
static gkt_status slope(void *user, const gkt_scalar *x, gkt_scalar *g, gkt_scalar *a) { return *g += 1, (void)user, (void)x, (void)a, GKT_OK; }

static void optimizers(void **unused) {
  const gkt_scalar endless = INFINITY;
  const gkt_optimize_problem p = {.num = 1, .weights = &endless, .value = value, .gradient = slope};
  gkt_optimize_report report;
  gkt_scalar x = 3;
  (void)unused;
  expect(gkt_optimize(ctx, &p, NULL, &x, &report), GKT_BAD_ARGUMENT, "weight 0 is inf");
  expect(gkt_optimize(ctx, &p, NULL, &x, NULL), GKT_BAD_ARGUMENT, "no report");
  expect(gkt_optimize(ctx, NULL, NULL, &x, &report), GKT_BAD_ARGUMENT, "gkt_optimize: no problem");
  expect(gkt_optimize(ctx, &p, NULL, NULL, &report), GKT_BAD_ARGUMENT, "no variables");
  const char *const nameless[] = {NULL};
  const gkt_optimize_problem named = {.num = 1, .num_constraints = 1, .constraint_names = nameless, .value = value, .gradient = slope};
  expect(gkt_optimize(ctx, &named, NULL, &x, &report), GKT_BAD_ARGUMENT, "no name of a constraint");
  assert_true(x == 3);
}

static int begin(void **state) {
  if (setup(state)) return 1;
  w = make_world(text, GKT_LINEAR_DIRECT, "u*dx", both), other = make_world(text, GKT_LINEAR_DIRECT, "u*dx", both);
  return 0;
}

static int end(void **state) {
  clear_world(&w), clear_world(&other);
  return teardown(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(controls),   cmocka_unit_test(functionals), cmocka_unit_test(nothing_there), cmocka_unit_test(what_may_be_missing),
                                     cmocka_unit_test(runs),       cmocka_unit_test(composed),    cmocka_unit_test(taylor),        cmocka_unit_test(filters),
                                     cmocka_unit_test(extensions), cmocka_unit_test(optimizers)};
  return cmocka_run_group_tests(tests, begin, end);
}
