/* Claim: with the cuda backend systems with ties - periodic sides, sectors by a rotation, slip along slanted sides, one or several fields - are solved on the device: answers,
   iterations, ends and reasons are those of the cpu backend with the same method, of linear and of nonlinear problems; only scalars and the answer cross the bus. Every call of the
   device may fail. */
#include <math.h>

#include "tests/device_problem.h"
#include "tests/failing_device.h"

#define SQUARE "mesh: {box: {cells: [6, 5], shape: tri}}\n"
#define SCALAR "fields: {u: {space: P1, test: v}}\n"
#define VECTOR "fields: {u: {space: P1, shape: vector, test: v}}\n"
#define SIDES "periodic: [{from: left, to: right}]\n"
#define BODY "equation: \"(inner(sym(grad(u)), sym(grad(v))) + div(u)*div(v))*dx == (v[1] + x[0]*v[0])*dx\"\n"
#define CG "-ksp_type cg -ksp_norm_type unpreconditioned -pc_type jacobi"
#define GMRES "-ksp_type gmres -ksp_gmres_restart 60 -ksp_pc_side right -ksp_norm_type unpreconditioned -pc_type jacobi"

typedef struct {
  const char *name, *text;
  gkt_linear_method method;
  const char *options; /* PETSc's, by which the host does the same */
  gkt_mesh *(*mesh)(gkt_context *);
  bool curved; /* the last steps of Newton's method end at rounding */
} test_case;

static gkt_mesh *slanted(gkt_context *ctx) {
  gkt_mesh *mesh;
  must(ctx, gkt_mesh_box(ctx, &(gkt_box){.dim = 2, .cells = {5, 4}, .upper = {1, 1}, .shape = GKT_TRIANGLE}, &mesh));
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++) x[2 * i] += 0.4 * x[2 * i + 1];
  return mesh;
}

static const test_case cases[] = {
    {"periodic", SQUARE SCALAR "equation: \"(dot(grad(u), grad(v)) + u*v)*dx == (1 + sin(2*pi*x[0]))*v*dx\"\n" SIDES, GKT_LINEAR_CG, CG, NULL, false},
    {"both ways, P2",
     SQUARE
     "fields: {u: {space: P2, test: v}}\nequation: \"(dot(grad(u), grad(v)) + u*v)*dx == sin(2*pi*x[1])*v*dx\"\nperiodic: [{from: left, to: right}, {from: bottom, to: top}]\n",
     GKT_LINEAR_CG, CG, NULL, false},
    {"held", SQUARE SCALAR "equation: \"dot(grad(u), grad(v))*dx == x[1]*v*dx\"\nconditions: [{on: bottom, field: u, value: \"1 + x[1]\"}]\n" SIDES, GKT_LINEAR_CG, CG, NULL,
     false},
    {"wind", SQUARE SCALAR "equation: \"(dot(grad(u), grad(v)) + 9*grad(u)[0]*v)*dx == x[1]*v*dx\"\nconditions: [{on: bottom, field: u, value: 1}]\n" SIDES, GKT_LINEAR_GMRES,
     GMRES, NULL, false},
    {"one cell wide", "mesh: {box: {cells: [1, 6], shape: tri}}\n" SCALAR "equation: \"dot(grad(u), grad(v))*dx == v*dx\"\nconditions: [{on: bottom, field: u, value: 0}]\n" SIDES,
     GKT_LINEAR_CG, CG, NULL, false},
    {"sector",
     "mesh: {box: {cells: [5, 5, 2], shape: tet}}\n" VECTOR BODY
     "conditions: [{on: top, field: u, value: [0, 0, 0]}]\nperiodic: [{from: bottom, to: left, rotate: {angle: 90, axis: "
     "[0, 0, 1], point: [0, 0, 0]}}]\n",
     GKT_LINEAR_CG, CG, NULL, false},
    {"slip", SQUARE VECTOR BODY "conditions: [{on: top, field: u, value: 0}, {on: [left, right], field: u, component: normal, value: 0.1}]\n", GKT_LINEAR_CG, CG, slanted, false},
    {"curved", SQUARE SCALAR "equation: \"((1 + u^2)*dot(grad(u), grad(v)) + u*v)*dx == (20 + x[1])*v*dx\"\n" SIDES, GKT_LINEAR_GMRES, GMRES, NULL, true},
    {"load",
     SQUARE "fields: {u: {space: P1, shape: vector}}\nenergy: \"(0.5*inner(grad(u), grad(u)) + 0.5*div(u)^2 + 0.1*dot(u, u)^2 - 3*u[1])*dx\"\nconditions: [{on: bottom, field: u, "
            "value: 0}]\n" SIDES,
     GKT_LINEAR_CG, CG, NULL, true},
};

static bool begin_counting(void *user, int iteration, double residual) {
  traffic *t = user;
  (void)iteration, (void)residual;
  if (!t->begun && t->ctx->device) t->before = gkt_device_count_all(t->ctx->device);
  return t->begun = true;
}

static outcome solve(const test_case *c, gkt_backend backend) {
  gkt_context *ctx;
  gkt_problem *p = open_problem_on(c->text, backend, c->mesh, &ctx);
  traffic t = {.ctx = ctx};
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.method = c->method, options.newton.linear.rtol = 1e-9, options.newton.linear.progress = begin_counting, options.newton.linear.progress_user = &t;
  if (backend == GKT_BACKEND_CPU) options.newton.linear.petsc_options = c->options;
  return close_problem(p, &options, &t);
}

static void compare(const test_case *c, const outcome *host, const outcome *device) {
  const gkt_solve_report *a = &host->report, *b = &device->report;
  double most = 0, difference = 0;
  if (!a->valid || !b->valid) fail_msg("%s: \"%s\" and \"%s\"", c->name, a->reason, b->reason);
  if (!strstr(b->linear.method, "device") || strstr(b->linear.why, "host")) fail_msg("%s: %s, %s", c->name, b->linear.method, b->linear.why);
  if ((!c->curved && a->linear.iterations != b->linear.iterations) || a->newton.iterations != b->newton.iterations)
    fail_msg("%s: %d and %d iterations, %d and %d steps", c->name, a->linear.iterations, b->linear.iterations, a->newton.iterations, b->newton.iterations);
  for (gkt_idx i = 0; i < host->n; i++) most = fmax(most, fabs(host->u[i])), difference = fmax(difference, fabs(host->u[i] - device->u[i]));
  if (!(difference <= 1e-9 * most)) fail_msg("%s: solutions differ by %g of %g", c->name, difference, most);
}

static void the_device_does_as_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    outcome host = solve(&cases[k], GKT_BACKEND_CPU), device = solve(&cases[k], GKT_BACKEND_CUDA);
    if (getenv("GKT_SHOW"))
      printf("%s: %d dofs, %s, %d iterations, %d steps, %lld bytes up, %lld down, \"%s\", %s\n", cases[k].name, device.n, device.report.linear.method,
             device.report.linear.iterations, device.report.newton.iterations, (long long)device.up, (long long)device.down, device.report.reason, device.report.linear.why);
    compare(&cases[k], &host, &device);
    done(&host), done(&device);
  }
}

/* From the first iteration on; a vector has 7,688 bytes. */
static void only_scalars_and_the_answer_cross_the_bus(void **state) {
  (void)state;
  const test_case c = {
      "larger", "mesh: {box: {cells: [30, 30], shape: tri}}\n" SCALAR "equation: \"(dot(grad(u), grad(v)) + 99*u*v)*dx == x[1]*v*dx\"\n" SIDES, GKT_LINEAR_CG, NULL, NULL, false};
  outcome device = solve(&c, GKT_BACKEND_CUDA);
  const gkt_size answer = device.n * (gkt_size)sizeof(gkt_scalar);
  assert_true(device.report.valid && answer == 7688);
  if (device.up > 0 || device.down < answer || device.down > answer + 4000) fail_msg("%lld bytes up, %lld down", (long long)device.up, (long long)device.down);
  done(&device);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_device_does_as_the_host), cmocka_unit_test(only_scalars_and_the_answer_cross_the_bus)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
