/* Claim: whichever allocation of ours fails (each fifth; GKT_LONG=1: each), alone or with all that follow, a path by arc length past a limit point says that memory is exhausted
 * and leaves nothing allocated; so does one that goes on from a record, and a static one that looks whether it jumped. */
#include <stdlib.h>

#include "tests/failing_memory.h"
#include "tests/memory_world.h"

static gkt_status create(gkt_context *ctx, const char *form, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  int u;
  memory.counts = false; /* what is made before, and the solution at the start, stand in t451 and t481 */
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {3}, {0}, {1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_scope_create(ctx, 1, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = form}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "0.01*t*x[0]"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL}, &w->system));
  return gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "boundary"), .component = -1, .value = w->value});
}

static gkt_status make(gkt_context *ctx, world *w) { return create(ctx, "dot(grad(u), grad(v))*dx - t*exp(u)*v*dx", w); }
static gkt_status make_jump(gkt_context *ctx, world *w) { return create(ctx, "dot(grad(u), grad(v))*dx + u^3*v*dx - conditional(t < 0.52, t, 9)*v*dx", w); }

static gkt_status march(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report = {0};
  options.start = 3.3, options.step = 0.3;
  options.solve.newton.linear.petsc_options = "-ksp_max_it 500";
  GKT_TRY(gkt_scheme_read(ctx, "arc-length", &options.scheme));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  memory.counts = true;
  return gkt_time_advance(w->time, 3.4, &report);
}

/* Another object goes on from the record of the first, by a step. */
static gkt_status go_on(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_scalar record[100];
  GKT_TRY(march(ctx, w));
  memory.counts = false;
  options.start = 3.3, options.step = 0.01;
  GKT_TRY(gkt_scheme_read(ctx, "arc-length", &options.scheme));
  memory.counts = true;
  if (gkt_time_record_size(w->time) > 100) return GKT_INTERNAL;
  GKT_TRY(gkt_time_get_record(w->time, record));
  GKT_TRY(gkt_time_create(w->system, &options, &w->again));
  return gkt_time_set_record(w->again, gkt_time_record_size(w->again), record);
}

/* Over a jump of the load: what lies between is looked for. */
static gkt_status jump(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report = {0};
  options.start = 0, options.step = 0.1;
  GKT_TRY(gkt_scheme_read(ctx, "static", &options.scheme));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  for (int k = 0; k < 5; k++) GKT_TRY(gkt_time_step(w->time, 0.1, &report));
  memory.counts = true;
  GKT_TRY(gkt_time_step(w->time, 0.1, &report));
  return ctx->exhausted || report.newton > report.report.newton.iterations ? GKT_OK : GKT_INTERNAL; /* more than those of the step */
}

static world_step *const steps[] = {make, go_on, NULL}, *const jumps[] = {make_jump, jump, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  const long stride = getenv("GKT_LONG") ? 1 : 5; /* a thousand solves of three steps of Newton's method take seconds */
  long k = 0;
  while (try_without("arc length", run_in_world, (void *)steps, &in_world, k, k / stride % 2)) k += stride;
  assert_true(k > 500);
}

static void memory_runs_out_where_a_path_jumps(void **unused) {
  (void)unused;
  const long stride = getenv("GKT_LONG") ? 1 : 5;
  long k = 0;
  while (try_without("jump", run_in_world, (void *)jumps, &in_world, k, k / stride % 2)) k += stride;
  assert_true(k > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out), cmocka_unit_test(memory_runs_out_where_a_path_jumps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
