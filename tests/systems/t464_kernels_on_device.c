/* Claim: with the cuda backend linear symmetric problems that no condition fixes are solved on the device: constants, rigid motions, both with
   periodic sides; loads that do not balance are refused with the host's words, what rounding leaves of one is taken away; means and mean rotations end at 0; from
   the first iteration on only scalars and the answer cross the bus; every call of the device may fail. */
#include <math.h>

#include "tests/device_problem.h"
#include "tests/failing_device.h"

#define SQUARE "mesh: {box: {cells: [5, 4], shape: tri}}\n"
#define SCALAR "fields: {u: {space: P1, test: v}}\n"
#define VECTOR "fields: {u: {space: P1, shape: vector, test: v}}\n"
#define SIDES "periodic: [{from: left, to: right}, {from: bottom, to: top}]\n"
#define BODY(load) "equation: \"(inner(sym(grad(u)), sym(grad(v))) + div(u)*div(v))*dx == " load "\"\n"
#define POISSON(load) "equation: \"dot(grad(u), grad(v))*dx == " load "\"\n"
#define CG "-ksp_type cg -ksp_norm_type unpreconditioned -pc_type jacobi"

typedef struct {
  const char *name, *text;
  bool valid, noisy; /* noisy: much of the load is rounding */
} test_case;
static const test_case cases[] = {
    {"constant", SQUARE SCALAR POISSON("(x[0] - 0.5)*v*dx"), true, false},
    {"fluxes", SQUARE "fields: {u: {space: P2, test: v}}\n" POISSON("v*ds(left) - v*ds(right)"), true, false},
    {"nothing", SQUARE SCALAR POISSON("0*v*dx"), true, false},
    {"no balance", SQUARE SCALAR POISSON("v*dx"), false, false},
    {"nearly", SQUARE SCALAR "coefficients: {k: {space: DP0, value: \"1e9\"}}\n" POISSON("(k + x[0] - 0.5)*v*dx - k*v*dx"), true, true},
    {"periodic", SQUARE SCALAR POISSON("(sin(2*pi*x[0]) + cos(2*pi*(x[0] + 2*x[1])))*v*dx") SIDES, true, false},
    {"no balance in a period", SQUARE SCALAR POISSON("x[1]*v*dx") SIDES, false, false},
    {"body", SQUARE VECTOR BODY("v[0]*ds(right) - v[0]*ds(left)"), true, false},
    {"turned", SQUARE VECTOR BODY("v[1]*ds(right) - v[1]*ds(left)"), false, false},
    {"cell", SQUARE VECTOR BODY("-sin(2*pi*x[0])*div(v)*dx") SIDES, true, false},
    {"cube", "mesh: {box: {cells: [2, 2, 2], shape: tet}}\n" VECTOR BODY("v[0]*ds(right) - v[0]*ds(left)"), true, false},
};

static bool begin_counting(void *user, int iteration, double residual) {
  traffic *t = user;
  (void)iteration, (void)residual;
  if (!t->begun && t->ctx->device) t->before = gkt_device_count_all(t->ctx->device);
  return t->begun = true;
}

static outcome solve(const test_case *c, gkt_backend backend) {
  gkt_context *ctx;
  gkt_problem *p = open_problem(c->text, backend, &ctx);
  traffic t = {.ctx = ctx};
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.method = GKT_LINEAR_CG, options.newton.linear.rtol = 1e-9, options.newton.linear.progress = begin_counting, options.newton.linear.progress_user = &t;
  if (backend == GKT_BACKEND_CPU) options.newton.linear.petsc_options = CG;
  return close_problem(p, &options, &t);
}

static void compare(const test_case *c, const outcome *host, const outcome *device) {
  const gkt_solve_report *a = &host->report, *b = &device->report;
  double most = 0, difference = 0;
  const size_t alike = strcspn(a->reason, "0123456789"); /* how much rounding leaves is each one's own */
  if (a->valid != c->valid || b->valid != c->valid || strncmp(a->reason, b->reason, alike) != 0) fail_msg("%s: \"%s\" and \"%s\"", c->name, a->reason, b->reason);
  assert_true(a->singular && b->singular && a->turns_freely == b->turns_freely);
  assert_string_equal(a->unfixed, b->unfixed);
  if (!c->valid) return;
  if (strstr(b->linear.why, "host") || (b->linear.iterations && !strstr(b->linear.method, "device"))) fail_msg("%s: %s, %s", c->name, b->linear.method, b->linear.why);
  if (!c->noisy && a->linear.iterations != b->linear.iterations) fail_msg("%s: %d and %d iterations", c->name, a->linear.iterations, b->linear.iterations);
  for (gkt_idx i = 0; i < host->n; i++) most = fmax(most, fabs(host->u[i])), difference = fmax(difference, fabs(host->u[i] - device->u[i]));
  if (!(difference <= (c->noisy ? 1e-6 : 1e-8) * most)) fail_msg("%s: solutions differ by %g of %g", c->name, difference, most);
}

static void the_device_does_as_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    outcome host = solve(&cases[k], GKT_BACKEND_CPU), device = solve(&cases[k], GKT_BACKEND_CUDA);
    if (getenv("GKT_SHOW"))
      printf("%s: %d dofs, %s, %d iterations, %lld bytes up, %lld down, \"%s\", %s\n", cases[k].name, device.n, device.report.linear.method, device.report.linear.iterations,
             (long long)device.up, (long long)device.down, device.report.reason, device.report.linear.why);
    compare(&cases[k], &host, &device);
    done(&host), done(&device);
  }
}

/* A vector has 7,688 bytes. */
static void only_scalars_and_the_answer_cross_the_bus(void **state) {
  (void)state;
  const test_case c = {"larger", "mesh: {box: {cells: [30, 30], shape: tri}}\n" SCALAR POISSON("(x[0] - 0.5)*v*dx"), true, false};
  outcome device = solve(&c, GKT_BACKEND_CUDA);
  const gkt_size answer = device.n * (gkt_size)sizeof(gkt_scalar);
  assert_true(device.report.valid && answer == 7688);
  if (device.up > 0 || device.down < answer || device.down > answer + 7000) fail_msg("%lld bytes up, %lld down", (long long)device.up, (long long)device.down);
  done(&device);
}

/* ---- failures ---- */
static gkt_status run(gkt_context *ctx, void *user) {
  gkt_solve_options options = gkt_solve_options_default();
  gkt_problem *p = NULL;
  gkt_solve_report report = {0};
  gkt_status status;
  options.newton.linear.method = GKT_LINEAR_CG, options.newton.linear.rtol = 1e-2;
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", user, strlen(user), NULL, &p));
  GKT_GO(gkt_problem_check(p));
  status = gkt_system_solve(gkt_problem_system(p), &options, gkt_problem_solution(p), &report);
  if (status == GKT_OK && !report.valid) fail_msg("%s", report.reason);
  gkt_solve_report_clear(&report);
done:
  gkt_problem_destroy(&p);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  static const struct {
    const char *name, *text;
    int alone, step;
  } all[] = {{"a constant, with ties", "mesh: {box: {cells: [4], shape: line}}\n" SCALAR POISSON("(x[0] - 0.5)*v*dx") "periodic: [{from: left, to: right}]\n", 3, 37},
             {"rigid motions", "mesh: {box: {cells: [1, 1], shape: tri}}\n" VECTOR BODY("v[0]*ds(right) - v[0]*ds(left)"), 12, 47}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    const device_trial t = {
        .name = all[i].name, .work = run, .user = (void *)all[i].text, .options = {.backend = GKT_BACKEND_CUDA, .poison = true}, .alone = all[i].alone, .step = all[i].step};
    const device_failures f = fail_each_device_call(&t);
    assert_true(f.allocations > 10 && f.launches > 5 && f.compilations > 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_device_does_as_the_host), cmocka_unit_test(only_scalars_and_the_answer_cross_the_bus), cmocka_unit_test(each_call_fails)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
