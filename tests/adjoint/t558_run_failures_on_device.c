/* Claim: a gradient of a run in time on the device survives the failure of calls of each kind there, and a device that goes away: one message, nothing held, and the same
   can be done again. With GKT_LONG=1 every call of the device fails in turn. */
#include "galerkit/problem.h"
#include "galerkit/time_adjoint.h"
#include "tests/failing_device.h"

static const char text[] = "mesh: {box: {cells: [2, 2], shape: tri}}\nfields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
                           "equation: \"dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == v*dx\"\nconditions: [{on: left, value: \"t*x[1]\"}]\ntime: {end: 1, step: 0.1}\n";
enum { CELLS = 8 };

typedef struct {
  gkt_problem *p;
  gkt_vector *u;
  gkt_time *t;
  gkt_trajectory *r;
  gkt_adjoint *a;
  gkt_form *form;
  gkt_functional *J;
} objects;

static gkt_status take_steps(objects *o) {
  gkt_step_report r;
  GKT_TRY(gkt_time_begin(o->t, o->u, NULL, &r));
  for (int i = 0; i < 2 && r.valid; i++) GKT_TRY(gkt_time_step(o->t, 0.1, &r));
  return r.valid ? GKT_OK : GKT_INTERNAL;
}

static gkt_status derive(objects *o) {
  gkt_scalar gradient[CELLS] = {0};
  gkt_time_gradient_report r;
  double J;
  GKT_TRY(take_steps(o));
  GKT_TRY(gkt_time_gradient(o->a, o->r, (gkt_time_functional){o->J, o->J}, &J, (gkt_scalar *const[]){gradient}, &r));
  return r.valid && gradient[0] != 0 ? GKT_OK : GKT_INTERNAL;
}

static gkt_status work(gkt_context *ctx, void *user) {
  objects o = {0};
  gkt_status status;
  gkt_time_options options = gkt_time_options_default();
  (void)user;
  options.step = 0.1, options.solve.newton.linear.method = GKT_LINEAR_CG, options.solve.newton.linear.rtol = 1e-3;
  GKT_GO(gkt_scheme_read(ctx, "crank-nicolson", &options.scheme));
  GKT_GO(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &o.p));
  GKT_GO(gkt_problem_check(o.p));
  GKT_GO(gkt_vector_create(ctx, gkt_vector_size(gkt_problem_solution(o.p)), &o.u));
  GKT_GO(gkt_time_create(gkt_problem_system(o.p), &options, &o.t));
  GKT_GO(gkt_trajectory_create(o.t, 0, &o.r));
  GKT_GO(gkt_adjoint_create(gkt_problem_system(o.p), 1, &(const gkt_control){GKT_CONTROL_COEFFICIENT, "k"}, &o.a));
  GKT_GO(gkt_form_parse(gkt_problem_scope(o.p), GKT_FUNCTIONAL, &(gkt_source){.text = "k*u^2*dx"}, &o.form));
  GKT_GO(gkt_functional_create(o.a, o.form, &o.J));
  GKT_GO(derive(&o));
done:
  gkt_functional_destroy(&o.J), gkt_form_destroy(&o.form), gkt_adjoint_destroy(&o.a), gkt_trajectory_destroy(&o.r), gkt_time_destroy(&o.t), gkt_vector_destroy(&o.u),
      gkt_problem_destroy(&o.p);
  return status;
}

static void each_call_fails(void **state) {
  (void)state;
  const device_trial trial = {.name = "a gradient of a run", .work = work, .options = {.backend = GKT_BACKEND_CUDA, .poison = true}, .alone = 12, .step = 61};
  const device_failures made = fail_each_device_call(&trial);
  assert_true(made.allocations > 20 && made.launches > 20 && made.all > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
