/* Claim: with the cuda backend a linear problem is assembled, eliminated, solved and judged on the device, with the answer of the cpu backend to 1e-12; from the first iteration on
   nothing but scalars and the answer crosses the bus. What the host has to do is done there: factors, several fields, what nothing fixes, forms that are not solved; with the same
   answers and the same reasons. */
#include <math.h>

#include "tests/device_problem.h"

#define BOX(...) "mesh: {box: {cells: [" #__VA_ARGS__ "], shape: tri}}\n"
#define SCALAR "fields: {u: {space: P1, test: v}}\n"
#define POISSON SCALAR "equation: \"dot(grad(u), grad(v))*dx == (1 + x[0])*v*dx\"\nconditions: [{on: left, field: u, value: \"x[1]\"}, {on: right, field: u, value: 0}]\n"

typedef struct {
  const char *name, *text;
  gkt_linear_method method;
  bool there; /* solved there */
} test_case;
static const test_case cases[] = {
    {"poisson", BOX(6, 5) POISSON, GKT_LINEAR_CG, true},
    {"without jumps",
     BOX(6, 5) SCALAR "coefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\nequation: \"k*dot(grad(u), grad(v))*dx == v*dx\"\nconditions: [{on: left, field: u, value: 0}]\n",
     GKT_LINEAR_CG, true},
    {"convection", BOX(6, 5) SCALAR "equation: \"dot(grad(u), grad(v))*dx + 5*dot([1, 2], grad(u))*v*dx == v*dx\"\nconditions: [{on: boundary, field: u, value: \"x[0]\"}]\n",
     GKT_LINEAR_GMRES, true},
    {"elasticity",
     BOX(5, 3) "fields: {u: {space: P2, shape: vector, test: v}}\nequation: \"inner(sym(grad(u)), sym(grad(v)))*dx + div(u)*div(v)*dx == v[1]*dx\"\n"
               "conditions: [{on: left, field: u, value: 0}]\n",
     GKT_LINEAR_CG, true},
    {"rounding", /* of terms that nearly cancel: the host judges the form */
     BOX(6, 5) SCALAR "coefficients: {k: {space: DP0, value: \"1e8 + x[0]\"}, r: {space: DP0, value: \"1e8 + x[0] - 1\"}}\n"
                      "equation: \"k*dot(grad(u), grad(v))*dx - r*dot(grad(u), grad(v))*dx == v*dx\"\nconditions: [{on: left, field: u, value: 1}]\n",
     GKT_LINEAR_GMRES, true},
    {"factor", BOX(6, 5) POISSON, GKT_LINEAR_DIRECT, false},
    {"nothing fixes it", BOX(6, 5) SCALAR "equation: \"dot(grad(u), grad(v))*dx == (x[0] - 0.5)*v*dx\"\n", GKT_LINEAR_AUTO, false},
    {"no balance", BOX(6, 5) SCALAR "equation: \"dot(grad(u), grad(v))*dx == v*dx\"\n", GKT_LINEAR_AUTO, false},
    {"two fields",
     BOX(4, 3) "fields: {u: {space: P1, test: v}, w: {space: P1, test: z}}\nequation: \"(dot(grad(u), grad(v)) + w*v + dot(grad(w), grad(z)) - u*z)*dx == v*dx\"\n"
               "conditions: [{on: left, field: u, value: 1}, {on: left, field: w, value: 0}]\n",
     GKT_LINEAR_AUTO, false},
    {"not finite", BOX(6, 5) SCALAR "equation: \"dot(grad(u), grad(v))*dx == ln(x[0] - 2)*v*dx\"\nconditions: [{on: left, field: u, value: 0}]\n", GKT_LINEAR_CG, true},
};

static bool begin_counting(void *user, int iteration, double residual) {
  traffic *t = user;
  (void)iteration, (void)residual;
  if (!t->begun && t->ctx->device) t->before = gkt_device_count_all(t->ctx->device);
  return t->begun = true;
}

static outcome solve(const test_case *c, gkt_backend backend, double rtol) {
  gkt_context *ctx;
  gkt_problem *p = open_problem(c->text, backend, &ctx);
  traffic t = {.ctx = ctx};
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.method = c->method, options.newton.linear.rtol = rtol, options.newton.linear.progress = begin_counting, options.newton.linear.progress_user = &t;
  return close_problem(p, &options, &t);
}

static void compare(const test_case *c, const outcome *host, const outcome *device) {
  const gkt_solve_report *a = &host->report, *b = &device->report;
  double most = 0, difference = 0;
  if (a->valid != b->valid || strcmp(a->reason, b->reason) != 0) fail_msg("%s: \"%s\", \"%s\"", c->name, a->reason, b->reason);
  if (!(fabs(a->initial_residual - b->initial_residual) <= 1e-12 * a->initial_residual) && a->valid)
    fail_msg("%s: residuals at first %g and %g", c->name, a->initial_residual, b->initial_residual);
  for (gkt_idx i = 0; i < host->n; i++) most = fmax(most, fabs(host->u[i])), difference = fmax(difference, fabs(host->u[i] - device->u[i]));
  if (a->valid && !(difference <= 1e-12 * most)) fail_msg("%s: solutions differ by %g of %g", c->name, difference, most);
}

static void the_device_does_as_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const test_case *c = &cases[k];
    outcome host = solve(c, GKT_BACKEND_CPU, 1e-13), device = solve(c, GKT_BACKEND_CUDA, 1e-13);
    if (getenv("GKT_SHOW"))
      printf("%s: %s, %d iterations, %lld bytes up, %lld down, %d dofs; %s\n", c->name, device.report.linear.method, device.report.linear.iterations, (long long)device.up,
             (long long)device.down, device.n, device.report.reason);
    compare(c, &host, &device);
    assert_true(!c->there || !device.report.valid || strstr(device.report.linear.method, "device"));
    done(&host), done(&device);
  }
}

/* Of scalars some 35 bytes an iteration come back; a vector has 7,688. */
static void scalars_and_the_answer_cross_the_bus(void **state) {
  (void)state;
  const test_case c = {"larger", BOX(30, 30) POISSON, GKT_LINEAR_CG, true};
  outcome device = solve(&c, GKT_BACKEND_CUDA, 1e-8);
  const gkt_size answer = device.n * (gkt_size)sizeof(gkt_scalar);
  if (getenv("GKT_SHOW"))
    printf("%d dofs: %lld bytes up, %lld down after the answer, %d iterations\n", device.n, (long long)device.up, (long long)(device.down - answer),
           device.report.linear.iterations);
  assert_true(device.report.valid && answer > 7000);
  if (device.up > 0 || device.down < answer || device.down > answer + 7000) fail_msg("%lld bytes up, %lld down", (long long)device.up, (long long)device.down);
  done(&device);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_device_does_as_the_host), cmocka_unit_test(scalars_and_the_answer_cross_the_bus)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
