/* Claim: whichever allocation of ours fails, alone or with all that follow, a form that is lumped at nodes and adaptive explicit steps with it, whose stability is looked at again,
   say that memory is exhausted and leave nothing allocated; so do a record that another goes on from, and steps whose u'' is averaged. */
#include "tests/failing_memory.h"
#include "tests/memory_world.h"
static gkt_scalar record[1000];

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  gkt_form *lumped;
  int u;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {2, 1}, {0, 0}, {1, 1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_scope_create(ctx, 2, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "dtt(u)*v*dx + (1 + t + u^2)*dot(grad(u), grad(v))*dx - v*dx"}, &w->form));
  GKT_TRY(gkt_form_lump(w->form, u, &lumped));
  gkt_form_destroy(&w->form);
  w->form = lumped;
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "t*x[1]"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL}, &w->system));
  if (gkt_system_is_constant(w->system)) return GKT_BAD_ARGUMENT;
  return gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "left"), .component = -1, .value = w->value});
}

static gkt_status march(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  options.step = 0.1, options.rtol = 0.5;
  GKT_TRY(gkt_scheme_read(ctx, "central-difference", &options.scheme));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  GKT_TRY(gkt_time_advance(w->time, 0.2, &report));
  if (gkt_time_record_size(w->time) > 1000 || !gkt_scheme_is_explicit(&options.scheme)) return GKT_BAD_ARGUMENT;
  GKT_TRY(gkt_time_get_record(w->time, record));
  GKT_TRY(gkt_time_create(w->system, &options, &w->again));
  GKT_TRY(gkt_time_set_record(w->again, gkt_time_record_size(w->time), record));
  return gkt_time_advance(w->again, 0.3, &report);
}

/* States that are averaged. */
static gkt_status swing(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  options.step = 0.1;
  GKT_TRY(gkt_scheme_read(ctx, "newmark", &options.scheme));
  gkt_time_destroy(&w->again);
  GKT_TRY(gkt_time_create(w->system, &options, &w->again));
  gkt_vector_fill(w->u, 0);
  GKT_TRY(gkt_time_begin(w->again, w->u, NULL, &report));
  for (int k = 0; k < 3; k++) GKT_TRY(gkt_time_step(w->again, 0.1, &report));
  if (gkt_time_record_size(w->again) > 1000 || !gkt_time_state(w->again).acceleration) return GKT_BAD_ARGUMENT;
  return gkt_time_get_record(w->again, record);
}

static world_step *const steps[] = {make, march, swing, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("explicit", run_in_world, (void *)steps, &in_world) > 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
