/* Claim: gradients of runs in time by the coordinates of the mesh's nodes are those of what is computed, dof values held, by every scheme: against differences of runs to 1e-6,
   Taylor remainders of order 2; through masses, lumped ones too, initial values, conditions and their rates that are expressions of x and t, functionals at the end and on the way,
   in several fields, along paths of loads. A run after the nodes were moved assembles and sets up once, its way back nothing. What cannot be derived is refused by name. */
#include "tests/gradients.h"
#include "tests/time_adjoint_world.h"

#define MESH "mesh: {box: {cells: [3, 2], upper: [1.2, 1]}}\n"
#define BOX MESH "time: {end: 1, step: 0.1}\n"
#define DATA "constants: {a: 0.7, b: 1.3}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]*x[1]\"}}\n"
#define FIELD "fields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"b*x[1]*(1 + t) + 0.3*t^2\"}]\n"
static const char heat[] = BOX DATA FIELD HELD "equation: \"(1 + 0.2*x[0])*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u*v*ds(right) == (x[0] + t)*v*dx\"\n";
static const char reaction[] = BOX DATA "fields: {u: {space: P2, test: v}}\n" HELD
                                        "equation: \"(1 + 0.3*u^2)*dt(u)*v*dx + (1 + x[1])*dot(grad(u), grad(v))*dx + a*u^3*v*dx == t*x[0]*v*dx + b*u*v*ds(top)\"\n";
static const char wave[] = BOX DATA FIELD HELD "equation: \"(1 + 0.2*x[0])*dtt(u)*v*dx + 0.3*b*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == a*(1 + t*x[1])*v*dx\"\n";
static const char path[] = MESH "time: {end: 1, step: 0.1, scheme: static}\n" DATA FIELD
                                "conditions: [{on: left, value: \"a*t*x[1]^2\"}]\nequation: \"k*(1 + u^2)*dot(grad(u), grad(v))*dx == t*x[1]*v*dx\"\n";
static const char stokes[] =
    BOX "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\nconditions: [{on: [bottom, top], field: u, value: [0, 0]}, {on: left, field: u, value: \"[(1 + "
        "t)*x[1]*(1 - x[1]), 0]\"}]\nequation: \"dot(dt(u), v)*dx + 0.2*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx == x[0]*v[1]*dx\"\n";
#define ENCLOSED                                                                                                                                                          \
  BOX "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\nconditions: [{on: boundary, field: u, value: [0, 0]}]\nequation: \"dot(dt(u), v)*dx + " \
      "0.2*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx == x[0]^2*v[1]*dx\"\n"
static const char enclosed[] = ENCLOSED;
static const char end[] = "0.5*(u - x[0]*x[1])^2*dx + 0.1*a*k*u*dx", running[] = "t*u^2*ds(top) + 0.3*b*u*dx";
static const char *const shape[] = {"@", NULL}, *const with_data[] = {"@", "k", "=a", "0u", NULL};

static void start_from(run_world *w, int order, const char *text) {
  gkt_expression *e = NULL;
  if (!text) return;
  ok(gkt_expression_parse(gkt_problem_scope(w->problem), &(gkt_source){.text = text, .file = "a.yaml", .key = "initial"}, &e));
  ok(gkt_adjoint_start_from(w->adjoint, "u", order, e));
  gkt_expression_destroy(&e);
}

static void check(const run_options *o, const char *initial, const char *rate) {
  run_world w = make_run(o);
  gradients_shake_nodes(w.adjoint);
  start_from(&w, 0, initial), start_from(&w, 1, rate);
  for (int c = 0; o->controls[c]; c++) {
    double slope;
    const double error = error_of_run_gradient(&w, c, c ? 1 : 4, 5e-4, &slope);
    if (getenv("GKT_SHOW")) print_message("%s, control %s: error %.2g, slope %.3f\n", o->scheme, o->controls[c], error, slope);
    if (!(error < 1e-6) || !(fabs(slope - 2) < 0.05)) fail_msg("%s, control %s: error %g, slope %g", o->scheme, o->controls[c], error, slope);
  }
  clear_run(&w);
}

#define DIRECT .method = GKT_LINEAR_DIRECT
static void first_order(void **unused) {
  static const char *const schemes[] = {"euler", "crank-nicolson", "midpoint", "bdf2", "generalized-alpha(0.5)"};
  (void)unused;
  for (int i = 0; i < 5; i++) check(&(run_options){heat, schemes[i], end, running, shape, 0.1, 3, true, DIRECT}, "a*x[0]^2 + sin(b*x[1])*k", NULL);
  check(&(run_options){heat, "bdf2", end, running, with_data, 0.1, 3, false, DIRECT}, NULL, NULL);
  check(&(run_options){reaction, "bdf2", end, running, shape, 0.05, 2, false, DIRECT}, "x[0]*x[1]", NULL);
}

static void second_order(void **unused) {
  (void)unused;
  check(&(run_options){wave, "newmark", end, running, shape, 0.1, 3, true, DIRECT}, "a*x[0]^2", "x[1]*sin(x[0])");
  check(&(run_options){wave, "generalized-alpha(0.5)", end, "dt(u)^2*dx", shape, 0.1, 2, false, DIRECT}, NULL, NULL);
}

static void explicit_steps(void **unused) {
  (void)unused;
  check(&(run_options){heat, "ssp3", end, running, shape, 0.004, 3, false, DIRECT}, "a*x[0]^2", NULL);
  check(&(run_options){heat, "rk4", end, running, shape, 0.004, 2, false, DIRECT}, "a*x[0]^2", NULL);
  check(&(run_options){wave, "central-difference", end, running, shape, 0.02, 3, false, DIRECT}, "a*x[0]^2", "x[1]*sin(x[0])");
}

static void others(void **unused) {
  (void)unused;
  check(&(run_options){path, "static", end, running, shape, 0.3, 2, false, DIRECT}, NULL, NULL);
  check(&(run_options){stokes, "crank-nicolson", "dot(u, u)*dx + 0.1*p*ds(left)", "u[0]*ds(right)", shape, 0.1, 2, false, DIRECT}, "[x[1]*(1 - x[1]), 0]", NULL);
  check(&(run_options){enclosed, "bdf2", "dot(u, u)*dx", "grad(p)[0]*x[1]*dx", shape, 0.1, 2, false, DIRECT}, NULL, NULL);
}

static void nothing_twice(void **unused) {
  run_world w = make_run(&(run_options){heat, "euler", end, running, shape, 0.1, 4, false, DIRECT});
  gkt_time_gradient_report back;
  gkt_step_report r;
  double J;
  (void)unused;
  for (int run = 0; run < 2; run++) {
    int assemblies = 0, setups = 0;
    gradients_shake_nodes(w.adjoint);
    ok(gkt_time_begin(w.t, w.u, NULL, &r));
    for (int i = 0; i < 4; i++) ok(gkt_time_step(w.t, 0.1, &r)), check_step(&r), assemblies += r.assemblies, setups += r.setups;
    free(all_gradients(&w, &J, &back));
    if (assemblies != 1 || setups != 1 || back.assemblies || back.setups) fail_msg("%d assemblies, %d set-ups; %d, %d back", assemblies, setups, back.assemblies, back.setups);
  }
  clear_run(&w);
}

static void bits(void **unused) {
  gkt_scalar *first = NULL;
  (void)unused;
  for (int threads = 1; threads <= 2; threads++) {
    gkt_time_gradient_report r;
    gkt_size n;
    gkt_scalar *g = gradients_of_run(threads, &(run_options){heat, "crank-nicolson", end, running, shape, 0.1, 3, .memory = 0}, false, &n, &r);
    if (first) assert_memory_equal(first, g, (size_t)n * sizeof *g);
    free(first), first = g;
  }
  free(first);
}

/* ---- what is refused ---- */
static gkt_problem *parse(const char *text) {
  gkt_problem *p = NULL;
  ok(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &p)), ok(gkt_problem_check(p));
  return p;
}

static void refuse_adjoint(const char *text, const char *words) {
  gkt_problem *p = parse(text);
  gkt_adjoint *a = NULL;
  expect(gkt_adjoint_create(gkt_problem_system(p), 1, &(gkt_control){GKT_CONTROL_SHAPE, NULL}, &a), GKT_UNAVAILABLE, words);
  gkt_problem_destroy(&p);
}

static void refused(void **unused) {
  run_world w = make_run(&(run_options){heat, "euler", end, NULL, shape, 0.1, 1, .memory = 0}),
            means = make_run(&(run_options){enclosed, "bdf2", "p*x[0]*dx", NULL, shape, 0.1, 1, false, DIRECT});
  gkt_expression *e = NULL;
  gkt_time_gradient_report r;
  double J, *g[1] = {calloc((size_t)gkt_adjoint_control_size(means.adjoint, 0), sizeof(double))};
  (void)unused;
  ok(gkt_expression_parse(gkt_problem_scope(w.problem), &(gkt_source){.text = "h*x[0]", .file = "a.yaml", .key = "initial"}, &e));
  expect(gkt_adjoint_start_from(w.adjoint, "u", 0, e), GKT_UNAVAILABLE, "'shape': h or a gradient stands in initial values");
  gkt_expression_destroy(&e);
  refuse_adjoint(BOX "coefficients: {g: {space: P1, value: \"t*x[1]\"}}\n" FIELD "equation: \"dt(u)*v*dx == g*v*dx\"\n", "the coefficient 'g' is filled anew as t moves");
  refuse_adjoint(BOX "periodic: [{from: left, to: right}]\n" FIELD "equation: \"dt(u)*v*dx + u*v*dx == v*dx\"\n", "a field is tied");
  refuse_adjoint(BOX "history: {s: {points: 1, update: \"s + u\"}}\n" FIELD "equation: \"dt(u)*v*dx + s*v*dx == v*dx\"\n", "derivatives by the shape through histories");
  gradients_shake_nodes(means.adjoint), go(&means);
  expect(gkt_time_gradient(means.adjoint, means.trajectory, means.J, &J, g, &r), GKT_UNAVAILABLE, "'shape': nothing fixes");
  free(g[0]);
  clear_run(&w), clear_run(&means);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(first_order),   cmocka_unit_test(second_order), cmocka_unit_test(explicit_steps), cmocka_unit_test(others),
                                     cmocka_unit_test(nothing_twice), cmocka_unit_test(bits),         cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
