/* Claim: whichever allocation of ours fails, alone or with all that follow, random fields and solutions of many sets of data say that memory is exhausted and leave nothing
   allocated. */
#include "tests/failing_memory.h"
#include "tests/memory_world.h"

enum { SETS = 2, NODES = 6 };

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  gkt_gaussian_options options = gkt_gaussian_options_default();
  int u, k, b;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {2, 1}, {0, 0}, {1, 1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_scope_create(ctx, 2, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "k", gkt_shape_scalar(), P1, &k));
  GKT_TRY(gkt_scope_add_constant(w->scope, "b", &b));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "exp(k)*dot(grad(u), grad(v))*dx - b*v*dx"}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "b*x[1]"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL, w->V}, &w->system));
  GKT_TRY(gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "left"), .component = -1, .value = w->value}));
  options.length = 0.5, options.smoothness = 1.5, options.boundary = GKT_FIELD_ZERO;
  return gkt_gaussian_create(ctx, w->mesh, &options, &w->field);
}

static gkt_status solve(gkt_context *ctx, world *w) {
  gkt_sine_options sine = gkt_sine_options_default();
  gkt_scalar k[SETS * NODES], u[SETS * NODES] = {0};
  gkt_solve_report reports[SETS];
  gkt_space *points = NULL;
  gkt_status status;
  double weights[3 * 4];
  sine.upper[0] = sine.upper[1] = 1;
  GKT_TRY(gkt_gaussian_draw(w->field, &(gkt_draw){1, 0, "k"}, k));
  GKT_TRY(gkt_sine_draw(ctx, &sine, &(gkt_draw){1, 1, "k"}, 2, NODES, gkt_space_coords(w->V), k + NODES));
  GKT_TRY(gkt_space_create(w->mesh, (gkt_element){GKT_QUADRATURE_POINTS, 2}, gkt_shape_scalar(), &points));
  status = gkt_space_weights(points, weights);
  gkt_space_destroy(&points);
  GKT_TRY(status);
  status = gkt_system_solve_sets(w->system, &(gkt_inputs){.values = (const gkt_scalar *const[]){NULL, NULL, k}, .constants = (const gkt_scalar[]){1, 2}},
                                 &(gkt_batch){.count = SETS, .strides = (const gkt_size[]){0, 0, NODES}, .constants_stride = 1, .results_stride = NODES}, NULL, u, reports);
  for (int i = 0; i < SETS; i++) gkt_solve_report_clear(&reports[i]);
  return status;
}

static world_step *const steps[] = {make, solve, NULL};

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("samples", run_in_world, (void *)steps, &in_world) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
