/* Claim: a gradient and a Hessian action at a state on the device survive the failure of every call of the device, alone and with all that follow: one message, host data intact,
   nothing held, and the same can be done again. */
#include "galerkit/adjoint.h"
#include "galerkit/problem.h"
#include "tests/failing_device.h"

static const char text[] = "mesh: {box: {cells: [2, 1], shape: tri}}\nfields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
                           "equation: \"(k*dot(grad(u), grad(v)) + dot([2, 1], grad(u))*v)*dx == v*dx\"\nconditions: [{on: left, value: 0}]\n";
enum { CELLS = 4 };
static gkt_scalar direction[CELLS];

typedef struct {
  gkt_problem *p;
  gkt_vector *u;
  gkt_adjoint *a;
  gkt_form *form;
  gkt_functional *J;
} objects;

static gkt_status derive(objects *o) {
  gkt_scalar gradient[CELLS] = {0}, action[CELLS] = {0};
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report;
  options.keep_solver = true, options.newton.linear.method = GKT_LINEAR_BICGSTAB, options.newton.linear.rtol = 1e-1;
  gkt_status status = gkt_system_solve(gkt_problem_system(o->p), &options, o->u, &report);
  gkt_solve_report_clear(&report);
  GKT_TRY(status);
  GKT_TRY(gkt_adjoint_gradient(o->a, o->J, &options, o->u, NULL, (gkt_scalar *const[]){gradient}, &report));
  const bool valid = report.valid;
  gkt_solve_report_clear(&report);
  if (!valid || gradient[0] == 0) return GKT_INTERNAL;
  GKT_TRY(gkt_adjoint_hessian(o->a, o->J, &options, o->u, (const gkt_scalar *const[]){direction}, (gkt_scalar *const[]){action}, &report));
  status = report.valid && action[0] != 0 ? GKT_OK : GKT_INTERNAL;
  gkt_solve_report_clear(&report);
  return status;
}

static gkt_status work(gkt_context *ctx, void *user) {
  objects o = {0};
  gkt_status status;
  (void)user;
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &o.p));
  GKT_GO(gkt_problem_check(o.p));
  GKT_GO(gkt_vector_create_on(ctx, GKT_ON_DEVICE, gkt_vector_size(gkt_problem_solution(o.p)), &o.u));
  GKT_GO(gkt_adjoint_create(gkt_problem_system(o.p), 1, &(const gkt_control){GKT_CONTROL_COEFFICIENT, "k"}, &o.a));
  GKT_GO(gkt_form_parse(gkt_problem_scope(o.p), GKT_FUNCTIONAL, &(gkt_source){.text = "k*u^2*dx"}, &o.form));
  GKT_GO(gkt_functional_create(o.a, o.form, &o.J));
  GKT_GO(derive(&o));
done:
  gkt_functional_destroy(&o.J), gkt_form_destroy(&o.form), gkt_adjoint_destroy(&o.a), gkt_vector_destroy(&o.u), gkt_problem_destroy(&o.p);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  for (int i = 0; i < CELLS; i++) direction[i] = 1 + i % 3;
  const device_trial trial = {
      .name = "a gradient", .work = work, .options = {.backend = GKT_BACKEND_CUDA, .poison = true}, .host = direction, .host_bytes = sizeof direction, .alone = 9, .step = 47};
  const device_failures made = fail_each_device_call(&trial);
  assert_true(made.allocations > 50 && made.launches > 50 && made.all > 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
