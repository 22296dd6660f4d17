/* Claim: whichever allocation of ours fails, alone or with all that follow, a gradient of a run in time says that memory is exhausted and leaves nothing allocated: all states
   kept, or some within a limit; controls of every kind, a start that is solved for, values of conditions, a rate at the start that an expression gives. */
#include "adjoint/trajectory.h"
#include "tests/failing_memory.h"
#include "tests/memory_world.h"
enum { MOST = 3000 };
static gkt_scalar values[4] = {1, 2, 3, 4}, derivatives[20];

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1}, DP0 = {GKT_DISCONTINUOUS_LAGRANGE, 0};
  int u, k, a;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {2}, {0}, {1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_space_create(w->mesh, DP0, gkt_shape_scalar(), &w->cells));
  GKT_TRY(gkt_scope_create(ctx, 1, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "k", gkt_shape_scalar(), DP0, &k));
  GKT_TRY(gkt_scope_add_constant(w->scope, "a", &a));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "dtt(u)*v*dx + k*dot(grad(u), grad(v))*dx + u*v*dx"}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "a*t*(1 + x[0])"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL, w->cells}, &w->system));
  GKT_TRY(gkt_system_set_coefficient(w->system, "k", values));
  GKT_TRY(gkt_system_set_constant(w->system, "a", 1));
  return gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "left"), .component = -1, .value = w->value});
}

static gkt_status go(world *w) {
  gkt_step_report report;
  GKT_TRY(gkt_adjoint_fill_initial(w->adjoint, w->time, w->u, w->u));
  gkt_vector_fill(w->u, 0.1);
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  for (int i = 0; i < 1; i++) GKT_TRY(gkt_time_step(w->time, 0.1, &report));
  return GKT_OK;
}

static gkt_status differentiate(gkt_context *ctx, world *w) {
  static const gkt_control controls[] = {{GKT_CONTROL_COEFFICIENT, "k"}, {GKT_CONTROL_CONSTANT, "a"}, {GKT_CONTROL_INITIAL, "u"}};
  gkt_scalar *const gradients[] = {derivatives, derivatives + 4, derivatives + 5};
  gkt_time_options options = gkt_time_options_default();
  gkt_time_gradient_report report;
  options.step = 0.1, options.solve.newton.linear.petsc_options = "-ksp_max_it 500";
  GKT_TRY(gkt_scheme_read(ctx, "newmark", &options.scheme));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_adjoint_create(w->system, 3, controls, &w->adjoint));
  GKT_TRY(gkt_adjoint_start_from(w->adjoint, "u", 1, w->value));
  GKT_TRY(gkt_form_parse(w->scope, GKT_FUNCTIONAL, &(gkt_source){.text = "k*u^2*dx"}, &w->goal));
  GKT_TRY(gkt_functional_create(w->adjoint, w->goal, &w->J));
  GKT_TRY(gkt_trajectory_create(w->time, MOST, &w->trajectory));
  GKT_TRY(go(w));
  GKT_TRY(gkt_time_gradient(w->adjoint, w->trajectory, (gkt_time_functional){NULL, w->J}, NULL, gradients, &report));
  if (gkt_trajectory_num_steps(w->trajectory) != 1 || report.repeated == 0 || gkt_trajectory_memory(w->trajectory) > MOST) return GKT_BAD_ARGUMENT;
  return GKT_OK;
}
static world_step *const steps[] = {make, differentiate, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("a gradient of a run within a limit", run_in_world, (void *)steps, &in_world) > 300);
}

/* A step whose state could not be kept: those of other steps do not come in its place. lost: how often that was so */
static bool step_without(world *w, long k, int *lost) {
  gkt_time_gradient_report report;
  gkt_step_report step;
  double J;
  assert_int_equal(go(w), GKT_OK);
  begin_failing(k, true);
  const gkt_status failed = gkt_time_step(w->time, 0.1, &step);
  end_failing();
  if (!memory.failed) return false;
  assert_int_equal(failed, GKT_NO_MEMORY);
  const bool was_taken = w->time->num_steps == 2;
  gkt_context_clear(w->time->ctx);
  if (gkt_time_step(w->time, 0.1, &step) != GKT_OK) return gkt_context_clear(w->time->ctx), true; /* a solver without memory may only be destroyed */
  const gkt_status status = gkt_time_value(w->adjoint, w->trajectory, (gkt_time_functional){w->J, NULL}, &J, &report);
  *lost += was_taken;
  if (was_taken) {
    assert_int_equal(status, GKT_BAD_INPUT);
    return gkt_context_clear(w->time->ctx), true;
  }
  const gkt_trajectory *r = w->trajectory;
  assert_true(status == GKT_OK && r->num_states == r->num_steps + 1 && r->steps[r->num_steps - 1].start + 0.1 == w->time->time);
  assert_memory_equal(gkt_trajectory_state(r, r->num_steps, 0), gkt_vector_read(gkt_time_state(w->time).u), (size_t)gkt_vector_size(w->u) * sizeof(gkt_scalar));
  return true;
}

static void a_state_that_is_lost(void **unused) {
  gkt_context *ctx;
  world w = {0};
  int lost = 0;
  (void)unused;
  assert_int_equal(gkt_context_create(&in_world, &ctx), GKT_OK);
  assert_int_equal(make(ctx, &w), GKT_OK);
  assert_int_equal(differentiate(ctx, &w), GKT_OK);
  gkt_trajectory_destroy(&w.trajectory);
  assert_int_equal(gkt_trajectory_create(w.time, 0, &w.trajectory), GKT_OK);
  for (long k = 0; step_without(&w, k, &lost);) k++;
  assert_true(lost > 2);
  clear_world(&w);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out), cmocka_unit_test(a_state_that_is_lost)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
