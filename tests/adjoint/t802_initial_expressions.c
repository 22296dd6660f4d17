/* Claim: initial values that an expression of controls gives count in gradients of runs: by coefficients and constants, of fields and of their rates, scalar and vector, beside
   controls that are initial values themselves; dofs with conditions do not count twice; where t stands in them it is the start in every run. What is not available is refused by
   name. */
#include "tests/time_adjoint_world.h"

#define BOX "mesh: {box: {cells: [3, 2], upper: [1.2, 1]}}\ntime: {end: 1, step: 0.1}\nconstants: {a: 0.7, b: 1.3}\n"
#define DATA "coefficients: {k: {space: DP0, value: \"1 + x[0]*x[1]\"}, f: {space: P1, value: \"1 + x[0]\"}}\n"
static const char heat[] =
    BOX DATA "fields: {u: {space: P2, test: v}}\nconditions: [{on: left, value: \"b*f*x[1]\"}]\nequation: \"dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx == a*v*dx\"\n";
static const char wave[] = BOX DATA
    "fields: {u: {space: P1, shape: vector, test: v}}\nconditions: [{on: left, value: [0, 0]}]\nequation: \"dot(dtt(u), v)*dx + k*inner(grad(u), grad(v))*dx == a*v[1]*dx\"\n";
static const char followed[] = BOX "coefficients: {f: {space: P1, value: \"1 + x[0]\"}, g: {space: P1, value: \"1 + t*x[0]\"}, q: {space: DP0, value: \"1 + t + x[1]\"}}\n"
                                   "fields: {u: {space: P2, test: v}}\nequation: \"dt(u)*v*dx + q*dot(grad(u), grad(v))*dx == g*v*dx\"\n";
static const char *const in_time[] = {"~g", "f", "=a", NULL};
static const char *const by_all[] = {"k", "f", "=a", "=b", NULL}, *const beside[] = {"k", "f", "=b", "0u", NULL}, *const alone[] = {"f", NULL};

static gkt_expression *parse(run_world *w, const char *text) {
  gkt_expression *e = NULL;
  ok(gkt_expression_parse(gkt_problem_scope(w->problem), &(gkt_source){.text = text, .file = "a.yaml", .key = "initial"}, &e));
  return e;
}

static void check(const run_options *o, const char *value, const char *rate) {
  run_world w = make_run(o);
  gkt_expression *given[] = {value ? parse(&w, value) : NULL, rate ? parse(&w, rate) : NULL};
  for (int order = 0; order < 2; order++)
    if (given[order]) ok(gkt_adjoint_start_from(w.adjoint, "u", order, given[order]));
  for (int order = 0; order < 2; order++) gkt_expression_destroy(&given[order]);
  for (int c = 0; o->controls[c]; c++) {
    double slope;
    const double error = error_of_run_gradient(&w, c, 4, 3e-3, &slope);
    if (!(error < 1e-6) || !(fabs(slope - 2) < 0.05)) fail_msg("%s, control %s: error %g, slope %g", o->scheme, o->controls[c], error, slope);
  }
  clear_run(&w);
}

static void gradients(void **unused) {
  (void)unused;
  check(&(run_options){.text = heat, .scheme = "bdf2", .end = "0.5*u^2*dx", .running = "t*u*ds(right)", .controls = by_all, .step = 0.1, .num_steps = 3},
        "a*f^2*x[0] + sin(b*x[1])*k", NULL);
  check(&(run_options){.text = wave, .scheme = "newmark", .end = "0.5*u[0]^2*dx + u[1]*f*dx", .controls = by_all, .step = 0.1, .num_steps = 3}, "[b*f*x[0], x[1]^2*a]",
        "[k*x[0], f^2*b]");
  check(&(run_options){.text = wave, .scheme = "generalized-alpha(0.5)", .running = "dot(u, u)*dx", .controls = beside, .step = 0.1, .num_steps = 3}, NULL, "[k*x[0], f^2*b]");
}

static void at_the_start(void **unused) {
  (void)unused;
  for (int i = 0; i < 2; i++)
    check(&(run_options){.text = followed, .scheme = i ? "bdf2" : "crank-nicolson", .end = "0.5*u^2*dx", .controls = in_time, .step = 0.1, .num_steps = 2, .start = 0.1 * i},
          "a*g^2*x[0] + (b + 3*t)*f^2 + a^2*q", NULL);
}

static void refused(void **unused) {
  run_world w = make_run(&(run_options){.text = wave, .scheme = "newmark", .end = "u[0]*dx", .controls = beside, .step = 0.1, .num_steps = 1}),
            other = make_run(&(run_options){.text = heat, .scheme = "euler", .end = "u*dx", .controls = alone, .step = 0.1, .num_steps = 1});
  gkt_expression *value = parse(&w, "[f, b]"), *slope = parse(&other, "grad(f)[0]");
  (void)unused;
  expect(gkt_adjoint_start_from(w.adjoint, "w", 0, value), GKT_BAD_INPUT, "'w': no unknown");
  expect(gkt_adjoint_start_from(w.adjoint, "u", 0, value), GKT_BAD_INPUT, "a control themselves");
  expect(gkt_adjoint_start_from(other.adjoint, "u", 0, slope), GKT_UNAVAILABLE, "'f': its gradient stands in initial values");
  expect(gkt_adjoint_fill_initial(w.adjoint, other.t, w.u, w.rate), GKT_BAD_ARGUMENT, "a gkt_time of another system");
  gkt_expression_destroy(&value), gkt_expression_destroy(&slope);
  clear_run(&w), clear_run(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gradients), cmocka_unit_test(at_the_start), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
