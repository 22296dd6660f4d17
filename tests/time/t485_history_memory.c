/* Claim: whichever allocation of ours fails, alone or with all that follow, a system with histories says that memory is exhausted and leaves nothing allocated: their declaration
   and first values, steps that they follow, one that has no value for them, means of cells. */
#include <stdlib.h>

#include "tests/failing_memory.h"
#include "tests/memory_world.h"

static gkt_status create(gkt_context *ctx, const char *form, const char *update, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1}, points = {GKT_QUADRATURE_POINTS, 2};
  int u, q;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {2, 1}, {0, 0}, {1, 1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_space_create(w->mesh, points, gkt_shape_scalar(), &w->at));
  GKT_TRY(gkt_space_create(w->mesh, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, gkt_shape_scalar(), &w->cells));
  GKT_TRY(gkt_scope_create(ctx, 2, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "q", gkt_shape_scalar(), points, &q));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = form}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "x[0]"}, &w->value));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = update}, &w->update));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL, w->at}, &w->system));
  return gkt_system_add_history(w->system, &(gkt_history){"q", w->value, w->update});
}

static gkt_status make(gkt_context *ctx, world *w) { return create(ctx, "dt(u)*v*dx + dot(grad(u), grad(v))*dx - (q + t)*v*dx", "0.5*q + u + dt(u) + 1e-3*sqrt(0.15 - t)", w); }

/* A path whose steps are repeated; the last one has no history after a repeat. */
static gkt_status make_path(gkt_context *ctx, world *w) { return create(ctx, "u*v*dx - (0.5*q + 1 + t)*v*dx", "u + 1e-9*sqrt(200 - u^2)", w); }

static gkt_status follow(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  options.step = 0.1, options.scheme.kind = GKT_SCHEME_STATIC, options.repeat_rtol = 0.05, options.repeats = 4;
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  GKT_TRY(gkt_time_step(w->time, 0.1, &report));
  if (!ctx->exhausted && (!report.valid || report.repeats < 1)) return GKT_INTERNAL;
  GKT_TRY(gkt_time_step(w->time, 10, &report));
  return !ctx->exhausted && (report.valid || report.repeats < 1) ? GKT_INTERNAL : GKT_OK;
}

static gkt_status march(gkt_context *ctx, world *w) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_inputs inputs;
  gkt_scalar means[2];
  options.step = 0.1;
  options.solve.newton.linear.petsc_options = "-ksp_max_it 500";
  (void)ctx;
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_time_create(w->system, &options, &w->time));
  GKT_TRY(gkt_time_begin(w->time, w->u, NULL, &report));
  GKT_TRY(gkt_time_step(w->time, 0.1, &report));
  GKT_TRY(gkt_time_step(w->time, 0.1, &report));
  if (report.valid && gkt_system_history(w->system, "q")) return GKT_INTERNAL; /* sqrt(-0.05) */
  const gkt_state now = gkt_time_state(w->time);
  GKT_TRY(gkt_system_inputs(w->system, &now, &inputs));
  return gkt_interpolate(w->update, w->cells, &inputs, means);
}

static world_step *const steps[] = {make, march, NULL}, *const path[] = {make_path, follow, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("history", run_in_world, (void *)steps, &in_world) > 300);
  assert_true(fail_each_in_turn("repeats", run_in_world, (void *)path, &in_world) > 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
