/* Claim: whichever allocation of ours fails, alone or with all that follow, two solves of a nonlinear system that share a linear solver say that memory is exhausted and leave
   nothing allocated. */
#include "tests/failing_memory.h"
#include "tests/memory_world.h"

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  int u, k;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {2}, {0}, {1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_scope_create(ctx, 1, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_constant(w->scope, "k", &k));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "(u + u^3)*v*dx + dot(grad(u), grad(v))*dx - k*v*dx"}, &w->form));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL}, &w->system));
  return gkt_system_vector(w->system, &w->u);
}

static gkt_status solve(world *w, double k) {
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report = {0};
  options.keep_solver = true, options.newton.linear.petsc_options = "-ksp_max_it 500";
  GKT_TRY(gkt_system_set_constant(w->system, "k", k));
  gkt_status status = gkt_system_solve(w->system, &options, w->u, &report);
  gkt_solve_report_clear(&report);
  return status;
}

static gkt_status solve_first(gkt_context *ctx, world *w) { return (void)ctx, solve(w, 1); }
static gkt_status solve_second(gkt_context *ctx, world *w) { return (void)ctx, solve(w, 2); }
static world_step *const steps[] = {make, solve_first, solve_second, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("two solves", run_in_world, (void *)steps, &in_world) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
