/* Claim: over calls of a program that change time or data, the plan of what stands for a Schur complement is kept as long as the form is the same, its values follow, and what is
   warned of pairs of spaces and conditions on pressures is said once. */
#include "systems/system.h"

#include "tests/several_unknowns.h"

static int warnings;
static void count(void *user, gkt_log_level level, const char *message) {
  (void)user;
  warnings += level == GKT_LOG_WARNING && strstr(message, "a condition on p, a pressure") != NULL;
}

static void solve_by_iteration(world *w, gkt_vector *x) {
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report;
  options.newton.linear.method = GKT_LINEAR_GMRES;
  ok(gkt_system_solve(w->system, &options, x, &report));
  if (!report.valid) fail_msg("%s", report.reason);
  gkt_solve_report_clear(&report);
}

static void plans_are_kept_and_warnings_said_once(void **unused) {
  (void)unused;
  const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2};
  gkt_context *context;
  gkt_mesh *mesh;
  int nu;
  ok(gkt_context_create(&(gkt_context_options){.log = count}, &context));
  ok(gkt_mesh_box(context, &(gkt_box){GKT_TRIANGLE, 2, {6, 6}, {0, 0}, {1, 1}}, &mesh));
  world w = open_world(context, mesh, (const gkt_element[]){P1, P2, P1}, (const gkt_shape[]){gkt_shape_scalar(), gkt_shape_vector(2), gkt_shape_scalar()});
  ok(gkt_scope_add_constant(w.scope, "nu", &nu));
  make_system(&w, GKT_EQUATION, "(nu*inner(grad(u), grad(v)) - p*div(v) - q*div(u) - x[1]*v[0])*dx", 2, (const int[]){P, U});
  ok(gkt_system_set_constant(w.system, "nu", 1));
  hold(&w, U, "left", "[t*x[1]*(1 - x[1]), 0]"), hold(&w, U, "bottom", "0"), hold(&w, U, "top", "0");
  hold(&w, P, "right", "0"); /* instead of nothing there */
  gkt_vector *x = vector_of(w.system);
  solve_by_iteration(&w, x);
  const gkt_assembler *plan = w.system->schurs[0].assembler;
  const double before = w.system->schurs[0].matrix->vals[0];
  assert_non_null(plan);
  for (int k = 1; k < 3; k++) {
    ok(gkt_system_set_time(w.system, k));
    ok(gkt_system_set_constant(w.system, "nu", k));
    solve_by_iteration(&w, x);
    assert_ptr_equal(w.system->schurs[0].assembler, plan);
    assert_true(fabs(w.system->schurs[0].matrix->vals[0] * k - before) <= 1e-14 * fabs(before));
  }
  assert_int_equal(warnings, 1);
  gkt_vector_destroy(&x);
  close_world(&w);
  gkt_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(plans_are_kept_and_warnings_said_once)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
