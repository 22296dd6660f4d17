/* Claim: with the cuda backend a linear problem is assembled, solved and judged on the device: answers, residuals, iterations and reasons are those of the cpu backend with the
   same method; between set-up and answer only scalars cross the bus. What the host has to look at closer is looked at there, with the same outcome. Where it does
   all but assemble, a notice says why, once, and so does the report. */
#include <math.h>

#include "tests/device_problem.h"

#define CUBE "mesh: {box: {cells: [4, 4, 4], shape: tet}}\n"
#define SQUARE "mesh: {box: {cells: [7, 6], shape: tri}}\n"
#define POISSON "fields: {u: {space: P1, test: v}}\nequation: \"dot(grad(u), grad(v))*dx == 3*v*dx\"\n"

typedef struct {
  const char *name, *text;
  gkt_linear_method method;
  const char *options; /* PETSc's, by which the host does the same */
  bool there;          /* by the device alone */
} test_case;
#define CG "-ksp_type cg -ksp_norm_type unpreconditioned -pc_type jacobi"
#define GMRES "-ksp_type gmres -ksp_gmres_restart 60 -ksp_pc_side right -ksp_norm_type unpreconditioned -pc_type jacobi"
static const test_case cases[] = {
    {"poisson", CUBE POISSON "conditions: [{on: boundary, field: u, value: 0}]\n", GKT_LINEAR_CG, CG, true},
    {"jumps", CUBE POISSON "conditions: [{on: left, field: u, value: 0}, {on: right, field: u, value: \"2 + x[1]\"}]\n", GKT_LINEAR_CG, CG, true},
    {"natural",
     SQUARE "fields: {u: {space: P2, test: v}}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
            "equation: \"k*dot(grad(u), grad(v))*dx + 2*u*v*ds(right) == x[1]*v*dx + v*ds(top)\"\nconditions: [{on: left, field: u, value: 1}]\n",
     GKT_LINEAR_CG, CG, true},
    {"body",
     "mesh: {box: {cells: [3, 3, 3], shape: tet}}\nfields: {u: {space: P1, shape: vector, test: v}}\n"
     "equation: \"(inner(sym(grad(u)), sym(grad(v))) + div(u)*div(v))*dx == v[1]*dx\"\nconditions: [{on: left, field: u, value: 0}, {on: right, field: u, component: 0, value: "
     "0.1}]\n",
     GKT_LINEAR_CG, CG, true},
    {"wind",
     SQUARE "fields: {u: {space: P1, test: v}}\nequation: \"(dot(grad(u), grad(v)) + 3*grad(u)[0]*v)*dx == v*dx\"\nconditions: [{on: boundary, field: u, value: \"x[0]\"}]\n",
     GKT_LINEAR_GMRES, GMRES, true},
    {"nothing", CUBE "fields: {u: {space: P1, test: v}}\nequation: \"dot(grad(u), grad(v))*dx == 0*v*dx\"\nconditions: [{on: boundary, field: u, value: 0}]\n", GKT_LINEAR_CG, CG,
     true},
    {"factor", CUBE POISSON "conditions: [{on: boundary, field: u, value: 0}]\n", GKT_LINEAR_DIRECT, NULL, false},
    {"free", CUBE "fields: {u: {space: P1, test: v}}\nequation: \"dot(grad(u), grad(v))*dx == (x[0] - 0.5)*v*dx\"\n", GKT_LINEAR_CG, CG, true},
    {"hidden",
     CUBE "fields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: DP0, value: \"1e14 + x[0]\"}, m: {space: DP0, value: \"1e14\"}}\n"
          "equation: \"dot(grad(u), grad(v))*dx + (k*u - m*u)*v*dx == 3*v*dx\"\nconditions: [{on: boundary, field: u, value: 0}]\n",
     GKT_LINEAR_CG, CG, false},
    {"pole", CUBE "fields: {u: {space: P1, test: v}}\nequation: \"dot(grad(u), grad(v))/(x[0] - 0.3125)*dx == v*dx\"\nconditions: [{on: boundary, field: u, value: 0}]\n",
     GKT_LINEAR_GMRES, GMRES, false},
    {"not finite",
     CUBE "fields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: DP0, value: \"1\"}}\n"
          "equation: \"dot(grad(u), grad(v))*ln(k - 1)*dx == v*dx\"\nconditions: [{on: boundary, field: u, value: 0}]\n",
     GKT_LINEAR_CG, CG, false},
};

static bool stage(void *user, const char *name) {
  traffic *t = user;
  if (strcmp(name, "solve") == 0 && t->ctx->device) t->begun = true, t->before = gkt_device_count_all(t->ctx->device);
  return true;
}

static outcome solve(const test_case *c, gkt_backend backend) {
  gkt_context *ctx;
  gkt_problem *p = open_problem(c->text, backend, &ctx);
  traffic t = {.ctx = ctx};
  gkt_solve_options options = gkt_solve_options_default();
  options.stage = stage, options.stage_user = &t;
  options.newton.linear.method = c->method, options.newton.linear.rtol = 1e-8;
  if (backend == GKT_BACKEND_CPU) options.newton.linear.petsc_options = c->options;
  return close_problem(p, &options, &t);
}

static bool are_near(double a, double b, double part) { return fabs(a - b) <= part * fmax(fabs(a), fabs(b)) || (isnan(a) && isnan(b)); }

static void compare(const test_case *c, const outcome *host, const outcome *device) {
  const gkt_solve_report *a = &host->report, *b = &device->report;
  double most = 0, difference = 0;
  const size_t alike = strcspn(a->reason, "="); /* how much rounding leaves is each one's own */
  if (a->valid != b->valid || strncmp(a->reason, b->reason, alike) != 0) fail_msg("%s: \"%s\" and \"%s\"", c->name, a->reason, b->reason);
  if (c->there && a->linear.iterations != b->linear.iterations) fail_msg("%s: %d and %d iterations", c->name, a->linear.iterations, b->linear.iterations);
  if (!are_near(a->initial_residual, b->initial_residual, 1e-12)) fail_msg("%s: begins with %.17g and %.17g", c->name, a->initial_residual, b->initial_residual);
  for (gkt_idx i = 0; i < host->n; i++) most = fmax(most, fabs(host->u[i])), difference = fmax(difference, fabs(host->u[i] - device->u[i]));
  if (!(difference <= (c->there ? 1e-10 : 1e-6) * most)) /* by the same method */
    fail_msg("%s: solutions differ by %g of %g", c->name, difference, most);
  if (b->valid && c->there && !(b->final_residual <= 1e-7 * b->initial_residual)) fail_msg("%s: ends with %g of %g", c->name, b->final_residual, b->initial_residual);
}

static void the_device_does_as_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    outcome host = solve(&cases[k], GKT_BACKEND_CPU), device = solve(&cases[k], GKT_BACKEND_CUDA);
    if (getenv("GKT_SHOW"))
      printf("%s: %d dofs, %s, %d iterations, %lld bytes up, %lld down, \"%s\", %s\n", cases[k].name, device.n, device.report.linear.method, device.report.linear.iterations,
             (long long)device.up, (long long)device.down, device.report.reason, device.report.linear.why);
    compare(&cases[k], &host, &device);
    if (cases[k].there && device.report.linear.iterations && !strstr(device.report.linear.method, "device")) fail_msg("%s: %s", cases[k].name, device.report.linear.method);
    done(&host), done(&device);
  }
}

/* From the assembled system to its answer: of n dofs, less than a byte each beside the answer and what the set-up looks at: offsets of rows and conditions. */
static void only_scalars_cross_the_bus(void **state) {
  (void)state;
  const test_case c = {"larger", "mesh: {box: {cells: [14, 14, 14], shape: tet}}\n" POISSON "conditions: [{on: boundary, field: u, value: \"x[1]\"}]\n", GKT_LINEAR_AUTO, NULL,
                       true};
  outcome device = solve(&c, GKT_BACKEND_CUDA);
  const gkt_size n = device.n, offsets = 4 * (n + 1), plan = 8 * n + 4 * n, mask = n, answer = 8 * n;
  assert_true(device.report.valid && n == 3375);
  if (getenv("GKT_SHOW")) printf("%s, %s: %lld up, %lld down\n", device.report.linear.method, device.report.linear.why, (long long)device.up, (long long)device.down);
  assert_true(strstr(device.report.linear.method, "CG + Jacobi (device") == device.report.linear.method);
  assert_true(device.up <= plan + mask + 3000 && device.down <= offsets + mask + answer + 9000);
  done(&device);
}

/* ---- the host's part ---- */
typedef struct {
  char last[512];
  int count;
} notices;
static void listen(void *user, gkt_log_level level, const char *text) {
  notices *n = user;
  if (level != GKT_LOG_NOTICE || !strstr(text, "the host's")) return;
  snprintf(n->last, sizeof n->last, "%s", text);
  n->count++;
}

static void expect_told(const char *text, const char *why) {
  gkt_context *ctx;
  gkt_problem *p;
  notices heard = {.count = 0};
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.method = GKT_LINEAR_CG;
  must(NULL, gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_CUDA, .threads = 1, .log = listen, .log_user = &heard}, &ctx));
  must(ctx, gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &p));
  must(ctx, gkt_problem_check(p));
  for (int i = 0; i < 2; i++) {
    gkt_solve_report report;
    gkt_vector_fill(gkt_problem_solution(p), 0);
    must(ctx, gkt_system_solve(gkt_problem_system(p), &options, gkt_problem_solution(p), &report));
    const bool told = strstr(report.linear.why, "on the host: ") && strstr(report.linear.why, why);
    if (!report.valid || told != (*why != 0)) fail_msg("%s: \"%s\", expected \"%s\"", text, report.linear.why, why);
    gkt_solve_report_clear(&report);
  }
  if (heard.count != (*why != 0) || !strstr(heard.last, why)) fail_msg("%s: %d notices, \"%s\"", text, heard.count, heard.last);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

static void what_the_host_does_is_said(void **state) {
  (void)state;
#define FIELD SQUARE "fields: {u: {space: P1, test: v}}\n"
#define TIED "periodic: [{from: left, to: right}]\n"
  expect_told(FIELD "equation: \"dot(grad(u), grad(v))*dx + u*v*dx == x[1]*v*dx\"\n" TIED, "");
  expect_told(FIELD "equation: \"dot(grad(u), grad(v))*dx + (u + u^3)*v*dx == x[1]*v*dx\"\n" TIED, "");
  expect_told(FIELD "equation: \"dot(grad(u), grad(v))*dx == (x[1] - 0.5)*v*dx\"\n", "");
  expect_told(FIELD "equation: \"(1 + dot(grad(u), grad(u)))*dot(grad(u), grad(v))*dx == (x[1] - 0.5)*v*dx\"\n", "no condition fixes");
  expect_told(FIELD "equation: \"dot(grad(u), grad(v))*dx == x[1]*v*dx\"\nconditions: [{on: boundary, field: u, value: 0}]\n", "");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_device_does_as_the_host), cmocka_unit_test(only_scalars_cross_the_bus), cmocka_unit_test(what_the_host_does_is_said)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
