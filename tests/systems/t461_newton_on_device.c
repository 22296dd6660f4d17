/* Claim: with the cuda backend Newton's method runs on the device: its steps, acceptances, ends and results are those of the cpu backend to 1e-12, for every rule of acceptance,
   load steps, conditions on their way, barriers, many pieces and far units; after set-up each step with a Krylov method there moves scalars alone, under 4 kB either way, and the
   answer comes at the end. What the host has to do is done there, with the same answer. */
#include <math.h>

#include "tests/device_problem.h"

#define BOX "mesh: {box: {cells: [5, 4], shape: tri}}\n"
#define DIFFUSION BOX "fields: {u: {space: P1, test: v}}\nequation: \"(1 + u^2)*dot(grad(u), grad(v))*dx == 40*v*dx\"\nconditions: [{on: boundary, field: u, value: \"x[0]\"}]\n"
#define ENERGY \
  BOX "fields: {u: {space: P2}}\nenergy: \"(0.5*dot(grad(u), grad(u)) + 0.05*dot(grad(u), grad(u))^2 - 20*u)*dx\"\nconditions: [{on: left, field: u, value: \"x[1]\"}]\n"
#define RUBBER                                                                                                                                          \
  BOX "fields: {u: {space: P1, shape: vector}}\nlet: {F: \"I + grad(u)\"}\nenergy: \"(0.5*inner(F, F) - ln(det(F)) + 2*ln(det(F))^2 - 0.3*u[1])*dx\"\n" \
      "conditions: [{on: left, field: u, value: 0}, {on: right, field: u, value: [0.4, 0]}]\n"
#define PIECES                                                                                                                                                                   \
  BOX "fields: {u: {space: P1, shape: vector, test: v}}\nequation: \"((1 + u[0]^2)*dot(grad(u[0]), grad(v[0])) + 1e6*(1 + u[1]^2)*dot(grad(u[1]), grad(v[1])))*dx == (9*v[0] + " \
      "v[1])*dx\"\n"                                                                                                                                                             \
      "conditions: [{on: boundary, field: u, value: 0}]\n"
#define FAR BOX "fields: {u: {space: P1, test: v}}\nequation: \"1e200*((1 + u^2)*dot(grad(u), grad(v)) - 40*v)*dx\"\nconditions: [{on: boundary, field: u, value: \"x[0]\"}]\n"

#define FLOW                                                                                                              \
  "mesh: {box: {cells: [2, 2], shape: tri}}\nfields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\n" \
  "equation: \"(inner(grad(u), grad(v)) + 9*dot(grad(u)*u, v) - p*div(v) - q*div(u))*dx == dot([1, x[0]], v)*dx\"\n"      \
  "conditions: [{on: [left, top, bottom], field: u, value: [0, 0]}]\n"

#define FIELDS                                                                                                                                                       \
  BOX "fields: {a: {space: P1, test: v}, b: {space: P1, test: w}}\nequation: \"((1 + a^2)*dot(grad(a), grad(v)) + 3*(a - b)*v + 1e6*(dot(grad(b), grad(w)) + b^3*w " \
      "- 2*a*w))*dx == (9*v + 1e6*w)*dx\"\nconditions: [{on: boundary, field: a, value: \"x[0]\"}, {on: left, field: b, value: 0}]\n"

typedef struct {
  const char *name, *text;
  gkt_acceptance accept;
  gkt_linear_method method;
  int load_steps;
  bool by_scalars; /* all of it there */
  double rtol;     /* of linear solves; 0: 1e-13 */
} test_case;
static const test_case cases[] = {
    {"natural", DIFFUSION, GKT_ACCEPT_NATURAL, GKT_LINEAR_GMRES, 1, true, 0},
    {"full", DIFFUSION, GKT_ACCEPT_FULL, GKT_LINEAR_BICGSTAB, 1, true, 0},
    {"residual", DIFFUSION, GKT_ACCEPT_RESIDUAL, GKT_LINEAR_GMRES, 3, true, 0},
    {"energy", ENERGY, GKT_ACCEPT_ENERGY, GKT_LINEAR_CG, 1, true, 0},
    {"load steps", ENERGY, GKT_ACCEPT_ENERGY, GKT_LINEAR_CG, 2, true, 0},
    {"rubber", RUBBER, GKT_ACCEPT_AUTO, GKT_LINEAR_GMRES, 1, true, 0},
    {"factor", ENERGY, GKT_ACCEPT_AUTO, GKT_LINEAR_DIRECT, 1, false, 0},
    {"pieces", PIECES, GKT_ACCEPT_AUTO, GKT_LINEAR_GMRES, 1, true, 0},
    {"flow", FLOW, GKT_ACCEPT_AUTO, GKT_LINEAR_AUTO, 1, false, 0},
    {"fields", FIELDS, GKT_ACCEPT_AUTO, GKT_LINEAR_GMRES, 1, true, 0},
    {"far units", FAR, GKT_ACCEPT_AUTO, GKT_LINEAR_GMRES, 1, true, 0},
};

/* ---- what crosses the bus between two states of Newton's method ---- */
static bool count(void *user, int iteration, double load, double residual) {
  traffic *t = user;
  (void)iteration, (void)load, (void)residual;
  if (!t->ctx->device) return true;
  const gkt_device_counts now = gkt_device_count_all(t->ctx->device);
  const gkt_size up = now.bytes_up - t->before.bytes_up, down = now.bytes_down - t->before.bytes_down;
  if (t->begun) t->most = up > t->most ? up : t->most, t->most = down > t->most ? down : t->most;
  t->begun = true, t->before = now;
  return true;
}

static outcome solve(const test_case *c, gkt_backend backend) {
  gkt_context *ctx;
  gkt_problem *p = open_problem(c->text, backend, &ctx);
  traffic t = {.ctx = ctx};
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.accept = c->accept, options.newton.load_steps = c->load_steps, options.newton.progress = count, options.newton.progress_user = &t;
  options.newton.linear.method = c->method, options.newton.linear.rtol = c->rtol > 0 ? c->rtol : 1e-13;
  return close_problem(p, &options, &t);
}

static void compare(const test_case *c, const outcome *a, const outcome *b) {
  const gkt_nonlinear_report *x = &a->report.newton, *y = &b->report.newton;
  double most = 0, difference = 0;
  if (!a->report.valid || !b->report.valid) fail_msg("%s: %s%s", c->name, a->report.reason, b->report.reason);
  if (x->iterations != y->iterations || x->num_history != y->num_history || x->end != y->end || x->num_steps != y->num_steps)
    fail_msg("%s: %d and %d steps, ends %d and %d", c->name, x->iterations, y->iterations, x->end, y->end);
  assert_string_equal(x->accept, y->accept);
  assert_int_equal(x->stationary, y->stationary);
  for (int k = 0; k < x->num_history; k++)
    if (!(fabs(x->history[k] - y->history[k]) <= 1e-12 * x->first)) fail_msg("%s: residual %d is %g and %g", c->name, k, x->history[k], y->history[k]);
  for (gkt_idx i = 0; i < a->n; i++) most = fmax(most, fabs(a->u[i])), difference = fmax(difference, fabs(a->u[i] - b->u[i]));
  if (!(difference <= 1e-12 * most)) fail_msg("%s: solutions differ by %g of %g", c->name, difference, most);
}

static void the_device_does_as_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const test_case *c = &cases[k];
    outcome host = solve(c, GKT_BACKEND_CPU), device = solve(c, GKT_BACKEND_CUDA);
    if (getenv("GKT_SHOW"))
      printf("%s: %d steps, %lld bytes a step at most, %lld for the answer of %d, %s\n", c->name, device.report.newton.iterations, (long long)device.most, (long long)device.down,
             device.n, device.report.linear.method);
    compare(c, &host, &device);
    if (c->by_scalars) {
      if (!strstr(device.report.linear.method, "device")) fail_msg("%s: %s", c->name, device.report.linear.method);
      if (device.most >= 4096) fail_msg("%s: a step moves %lld bytes", c->name, (long long)device.most);
    }
    assert_true(device.down >= device.n * (gkt_size)sizeof(gkt_scalar));
    done(&host), done(&device);
  }
}

/* A vector of this one is more than a step may move. */
static void what_a_step_moves_does_not_grow(void **state) {
  (void)state;
  const test_case c = {"larger",
                       "mesh: {box: {cells: [28, 28], shape: tri}}\nfields: {u: {space: P1, test: v}}\n"
                       "equation: \"(1 + u^2)*dot(grad(u), grad(v))*dx == 4*v*dx\"\nconditions: [{on: left, field: u, value: \"x[1]\"}]\n",
                       GKT_ACCEPT_NATURAL,
                       GKT_LINEAR_BICGSTAB,
                       1,
                       true,
                       1e-5};
  outcome device = solve(&c, GKT_BACKEND_CUDA);
  assert_true(device.report.valid && device.n * sizeof(gkt_scalar) > 6000);
  if (getenv("GKT_SHOW")) printf("%d dofs: %lld bytes a step at most\n", device.n, (long long)device.most);
  if (device.most >= 4096) fail_msg("a step moves %lld bytes", (long long)device.most);
  done(&device);
}

static void methods_of_petsc_are_refused_by_name(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_problem *p;
  gkt_solve_report report = {0};
  gkt_solve_options options = gkt_solve_options_default();
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_CUDA}, &ctx), GKT_OK);
  must(ctx, gkt_problem_parse(ctx, "a.yaml", DIFFUSION, strlen(DIFFUSION), NULL, &p));
  must(ctx, gkt_problem_check(p));
  options.newton.linear.petsc_options = "-snes_linesearch_type bt";
  assert_int_equal(gkt_system_solve(gkt_problem_system(p), &options, gkt_problem_solution(p), &report), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "bt looks at values of the host"));
  gkt_solve_report_clear(&report);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_device_does_as_the_host), cmocka_unit_test(what_a_step_moves_does_not_grow),
                                     cmocka_unit_test(methods_of_petsc_are_refused_by_name)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
