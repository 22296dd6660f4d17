/* Claim: whichever allocation of ours fails, alone or with all that follow, a problem in time says that memory is exhausted and leaves nothing allocated; its form with rates, its
   start, its steps and a record that another goes on from, of two fields of which one has no rate. */
#include "tests/failing_memory.h"
#include "tests/memory_world.h"
static gkt_scalar record[1000];

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  int u, p;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {2, 1}, {0, 0}, {1, 1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_scope_create(ctx, 2, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), P1, &p));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "dt(u)*v*dx + dot(grad(u), grad(v))*dx + (p - u)*q*dx - t*v*dx"}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "t*x[1]"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 2, (const int[]){u, p}, (const gkt_space *const[]){w->V, NULL, w->V, NULL}, &w->system));
  bool couples;
  GKT_TRY(gkt_system_couples(w->system, 0, 1, &couples));
  return gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "left"), .component = -1, .value = w->value});
}

static gkt_status march(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  options.step = 0.1, options.rtol = 0.5;
  options.solve.newton.linear.petsc_options = "-ksp_max_it 500";
  GKT_TRY(gkt_scheme_read(ctx, "crank-nicolson", &options.scheme));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  GKT_TRY(gkt_time_advance(w->time, 0.1, &report));
  if (gkt_time_record_size(w->time) > 1000) return GKT_BAD_ARGUMENT;
  GKT_TRY(gkt_time_get_record(w->time, record));
  GKT_TRY(gkt_time_create(w->system, &options, &w->again));
  GKT_TRY(gkt_time_set_record(w->again, gkt_time_record_size(w->time), record));
  return gkt_time_advance(w->again, 0.2, &report);
}

static world_step *const steps[] = {make, march, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("time", run_in_world, (void *)steps, &in_world) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
