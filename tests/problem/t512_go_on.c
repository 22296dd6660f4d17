/* Claim: a program goes on from a problem file: a mesh of its own in place of the file's, space and values by name, the system solved again with other data, as a file with those
   data would be; and nothing of it is there before it was made. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/problem.h"
#include "tests/gkt_test.h"

static const char text[] = "mesh: {box: {cells: [2, 2], shape: tri}}\n"
                           "fields: {u: {space: P2, test: v}}\n"
                           "constants: {f: %g}\n"
                           "coefficients: {k: {space: DP0, value: \"%g\"}}\n"
                           "equation: \"k*dot(grad(u), grad(v))*dx == f*v*dx\"\n"
                           "conditions: [{on: boundary, field: u, value: 0}]\n";

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static gkt_problem *parse(double f, double k) {
  char file[1000];
  gkt_problem *p;
  snprintf(file, sizeof file, text, f, k);
  ok(gkt_problem_parse(ctx, "a.yaml", file, strlen(file), NULL, &p));
  return p;
}

static gkt_mesh *own_mesh(void) {
  gkt_mesh *mesh;
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {4, 5}, {0, 0}, {1, 2}}, &mesh));
  return mesh;
}

static void goes_on(void **unused) {
  (void)unused;
  gkt_mesh *mesh = own_mesh();
  gkt_problem *p = parse(1, 1), *other = parse(6, 2);
  const gkt_space *space;
  gkt_scalar *u, *k, *wanted;
  gkt_solve_report report;
  gkt_solve_options options = gkt_solve_options_default();
  bool valid;
  assert_null(gkt_problem_mesh(p)), assert_null(gkt_problem_scope(p)), assert_null(gkt_problem_system(p)), assert_null(gkt_problem_solution(p));
  assert_int_equal(gkt_problem_values(p, "u", &space, &u), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  ok(gkt_problem_set_mesh(p, mesh)), ok(gkt_problem_set_mesh(other, mesh));
  ok(gkt_problem_run(p, &valid));
  assert_true(valid && gkt_problem_mesh(p) == mesh);
  assert_int_equal(gkt_problem_set_mesh(p, mesh), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  ok(gkt_problem_values(p, "u", &space, &u));
  assert_int_equal(gkt_space_num_nodes(space), 9 * 11);
  assert_true(u == gkt_vector_values(gkt_problem_solution(p)));
  ok(gkt_problem_values(p, "k", &space, &k));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(space); i++) k[i] = 2;
  ok(gkt_system_set_coefficient(gkt_problem_system(p), "k", k)), ok(gkt_system_set_constant(gkt_problem_system(p), "f", 6));
  ok(gkt_system_solve(gkt_problem_system(p), &options, gkt_problem_solution(p), &report));
  assert_true(report.valid);
  gkt_solve_report_clear(&report);
  ok(gkt_problem_run(other, &valid));
  ok(gkt_problem_values(other, "u", &space, &wanted));
  for (gkt_idx i = 0; i < gkt_space_num_dofs(space); i++) assert_true(fabs(u[i] - wanted[i]) <= 1e-13);
  assert_int_equal(gkt_problem_values(p, "v", &space, &u), GKT_BAD_ARGUMENT); /* a test has no values */
  gkt_context_clear(ctx);
  gkt_problem_destroy(&p), gkt_problem_destroy(&other);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(goes_on)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
