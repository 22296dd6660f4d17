/* Claim: whichever allocation of ours fails, alone or with all that follow, a gradient of a run through a history, of steps that are repeated until they rest, says that memory is
   exhausted and leaves nothing allocated, with states on a disk; by what stands in the form, in the update and in what the history is at the start. */
#include "tests/failing_memory.h"
#include "tests/memory_world.h"
static gkt_scalar values[2] = {1, 2}, derivatives[4];

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0}, points = {GKT_QUADRATURE_POINTS, 1};
  int u, k, a, q;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {2}, {0}, {1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_space_create(w->mesh, DP0, gkt_shape_scalar(), &w->cells));
  GKT_TRY(gkt_space_create(w->mesh, points, gkt_shape_scalar(), &w->at));
  GKT_TRY(gkt_scope_create(ctx, 1, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "k", gkt_shape_scalar(), DP0, &k));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "q", gkt_shape_scalar(), points, &q));
  GKT_TRY(gkt_scope_add_constant(w->scope, "a", &a));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "a*x[0]"}, &w->value));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "(q + k*u)/2"}, &w->update));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "grad(u)[0]*grad(v)[0]*dx + k*u*v*dx == a*q*v*dx + v*dx"}, &w->form));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL, w->cells, w->at}, &w->system));
  GKT_TRY(gkt_system_set_coefficient(w->system, "k", values));
  GKT_TRY(gkt_system_set_constant(w->system, "a", 1));
  return gkt_system_add_history(w->system, &(gkt_history){"q", w->value, w->update});
}

static gkt_status run(gkt_context *ctx, world *w) {
  static const gkt_control controls[] = {{GKT_CONTROL_COEFFICIENT, "k"}, {GKT_CONTROL_CONSTANT, "a"}};
  gkt_scalar *const gradients[] = {derivatives, derivatives + 2};
  gkt_time_options options = gkt_time_options_default();
  gkt_time_gradient_report report;
  gkt_step_report step;
  options.step = 0.1, options.repeat_rtol = 0.1, options.solve.newton.linear.petsc_options = "-ksp_max_it 500";
  GKT_TRY(gkt_scheme_read(ctx, "static", &options.scheme));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_adjoint_create(w->system, 2, controls, &w->adjoint));
  GKT_TRY(gkt_form_parse(w->scope, GKT_FUNCTIONAL, &(gkt_source){.text = "k*u^2*dx + q*dx"}, &w->goal));
  GKT_TRY(gkt_functional_create(w->adjoint, w->goal, &w->J));
  GKT_TRY(gkt_trajectory_create(w->time, 4000, &w->trajectory));
  GKT_TRY(gkt_trajectory_use_disk(w->trajectory, NULL, 4000));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &step));
  GKT_TRY(gkt_time_step(w->time, 0.1, &step));
  GKT_TRY(gkt_time_gradient(w->adjoint, w->trajectory, (gkt_time_functional){NULL, w->J}, NULL, gradients, &report));
  return report.valid ? GKT_OK : GKT_BAD_ARGUMENT;
}
static world_step *const steps[] = {make, run, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("a gradient through a history", run_in_world, (void *)steps, &in_world) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
