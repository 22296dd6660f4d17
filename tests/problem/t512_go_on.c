/* Claim: a program goes on from a problem file: a mesh of its own in place of the file's, space and values by name, the system solved again with other data, as a file with those
   data would be; or solved without results and outputs, which run then adds; or differentiated; and nothing of it is there before it was made. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Numbers are computed and files written by run alone, from the solution that is there. */
static void solves_without_results(void **unused) {
  (void)unused;
  static const char file[] = "mesh: {box: {cells: [6, 6]}}\nfields: {u: {space: P1, test: v}}\nequation: dot(grad(u), grad(v))*dx == v*dx\n"
                             "conditions: [{on: boundary, value: 0}]\nsolver: {linear: cg, options: -pc_type icc}\ncompute: {total: u*dx}\noutput: {file: u.vtu}\n";
  char folder[] = "/tmp/t512_XXXXXX", vtu[64];
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p;
  gkt_stage_times wall, cpu, again;
  bool valid = false;
  assert_non_null(mkdtemp(folder));
  snprintf(vtu, sizeof vtu, "%s/u.vtu", folder);
  options.out_dir = folder, options.petsc_options = "-pc_type jacobi";
  ok(gkt_problem_parse(ctx, "a.yaml", file, strlen(file), &options, &p));
  assert_string_equal(gkt_problem_petsc_options(p), "-pc_type icc -pc_type jacobi");
  const gkt_solve_report *report = gkt_problem_solve_report(p);
  gkt_problem_get_times(p, &wall, &cpu);
  assert_true(!report->valid && !report->nonzeros && wall.mesh == 0 && cpu.mesh == 0);
  ok(gkt_problem_solve(p, &valid));
  assert_true(valid && report->valid && report->nonzeros == 49 + 2 * 120 && report->linear.iterations > 0); /* nodes, edges both ways */
  assert_string_equal(report->linear.method, "CG + Jacobi");
  assert_int_not_equal(access(vtu, F_OK), 0);
  assert_non_null(strstr(gkt_problem_report_json(p), "\"functionals\": null"));
  assert_null(strstr(gkt_problem_report_text(p), "written"));
  gkt_problem_get_times(p, &wall, &cpu);
  const double parts[] = {wall.mesh, wall.compile, wall.pattern, wall.assemble, wall.setup, wall.solve, cpu.mesh, cpu.assemble, cpu.setup, cpu.solve};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_true(parts[i] > 0);
  assert_true(wall.output == 0);
  ok(gkt_problem_run(p, &valid)), ok(gkt_problem_solve(p, &valid));
  assert_true(valid && access(vtu, F_OK) == 0);
  gkt_problem_get_times(p, &again, &cpu);
  assert_true(again.output > 0 && again.assemble == wall.assemble && again.solve == wall.solve); /* not solved anew */
  assert_non_null(strstr(gkt_problem_report_json(p), "\"total\": 0.0"));
  gkt_problem_destroy(&p);
  unlink(vtu), rmdir(folder);
}

static bool cancel(void *user, const char *stage, int iteration, double residual, double seconds_left) {
  (void)iteration, (void)residual, (void)seconds_left;
  return strcmp(stage, user) != 0;
}

/* Refusals say where; what gives no answer is a result, and run then adds none. */
static void solves_in_vain(void **unused) {
  (void)unused;
  gkt_problem_options options = gkt_problem_options_default();
  gkt_problem *p;
  char file[1000];
  bool valid = true;
  snprintf(file, sizeof file, text, 1.0, 1.0);
  options.progress = cancel, options.progress_user = "assemble";
  ok(gkt_problem_parse(ctx, "a.yaml", file, strlen(file), &options, &p));
  assert_string_equal(gkt_problem_petsc_options(p), "");
  ok(gkt_problem_solve(p, &valid));
  assert_false(valid);
  assert_string_equal(gkt_problem_reason(p), "cancelled by the caller");
  valid = true;
  ok(gkt_problem_run(p, &valid));
  assert_false(valid);
  gkt_problem_destroy(&p), gkt_context_clear(ctx);
  *strstr(file, "boundary") = 'B';
  ok(gkt_problem_parse(ctx, "a.yaml", file, strlen(file), NULL, &p));
  assert_int_equal(gkt_problem_solve(p, &valid), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "did you mean 'boundary'?"));
  gkt_problem_destroy(&p), gkt_context_clear(ctx);
}

/* Plans say what they assemble. */
static void plans_know_their_form(void **unused) {
  (void)unused;
  gkt_problem *p = parse(1, 1);
  ok(gkt_problem_check(p));
  for (int arity = 1; arity <= 2; arity++) {
    const gkt_form *form = gkt_assembler_form(gkt_system_assembler(gkt_problem_system(p), arity));
    assert_int_equal(gkt_form_arity(form), arity);
    assert_ptr_equal(gkt_form_scope(form), gkt_problem_scope(p));
  }
  gkt_problem_destroy(&p);
}

/* u = f w: f dJ/df = J; the file's solver is what solves. */
static void differentiates(void **unused) {
  (void)unused;
  gkt_problem *p, *other = parse(1, 1);
  gkt_adjoint *adjoint;
  gkt_functional *objective;
  gkt_solve_report report;
  char file[1000];
  double J;
  gkt_scalar slope = 0;
  snprintf(file, sizeof file, text, 2.0, 4.0);
  strcat(file, "compute: {J: u*dx}\nsolver: {linear: gmres}\ncontrols: {k: {}, f: {}}\nmaximize: J\noptimizer: {method: none}\n");
  ok(gkt_problem_parse(ctx, "a.yaml", file, strlen(file), NULL, &p));
  assert_int_equal(gkt_problem_objective(p, &adjoint, &objective), GKT_BAD_INPUT); /* before check */
  gkt_context_clear(ctx);
  ok(gkt_problem_check(p)), ok(gkt_problem_check(other));
  ok(gkt_problem_objective(p, &adjoint, &objective));
  const gkt_solve_options options = gkt_problem_solve_options(p);
  ok(gkt_system_solve(gkt_problem_system(p), &options, gkt_problem_solution(p), &report));
  assert_true(report.valid && report.linear.method[0] == 'G' && options.keep_solver);
  gkt_solve_report_clear(&report);
  ok(gkt_adjoint_gradient(adjoint, objective, &options, gkt_problem_solution(p), &J, (gkt_scalar *[]){NULL, &slope}, &report));
  assert_true(report.valid && J > 0 && fabs(2 * slope - J) < 1e-8 * J);
  gkt_solve_report_clear(&report);
  assert_int_equal(gkt_problem_objective(other, &adjoint, &objective), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "a.yaml: nothing is to be differentiated; expected the keys minimize and controls");
  gkt_context_clear(ctx);
  gkt_problem_destroy(&p), gkt_problem_destroy(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(goes_on), cmocka_unit_test(differentiates), cmocka_unit_test(solves_without_results), cmocka_unit_test(solves_in_vain),
                                     cmocka_unit_test(plans_know_their_form)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
