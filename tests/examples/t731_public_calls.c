/* Claim: public functions that the command calls, and no other test, do what their headers say when a program calls them: names of states, versions, problems from memory,
 * measurements. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <galerkit/galerkit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gkt_context *ctx;
static const char *const cells[] = {"mesh.box.cells=[2, 2, 2]"};

static int begin(void **unused) {
  (void)unused;
  gkt_context_options options = gkt_context_options_default();
  options.threads = 1;
  return gkt_context_create(&options, &ctx);
}
static int end(void **unused) {
  (void)unused;
  gkt_context_destroy(&ctx);
  return 0;
}

static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s: %s", gkt_status_text(status), gkt_context_message(ctx));
}

static gkt_problem_options small(void) {
  gkt_problem_options options = gkt_problem_options_default();
  options.num_sets = 1, options.sets = cells;
  return options;
}

static void names(void **unused) {
  (void)unused;
  int major = 0, minor = 0;
  assert_string_equal(gkt_status_text(GKT_OK), "success");
  assert_string_equal(gkt_status_text(GKT_NO_MEMORY), "memory is exhausted");
  assert_true(sscanf(gkt_petsc_version(), "%d.%d", &major, &minor) == 2 && major >= 3 && minor > 0);
}

static void spaces_tell_their_shape(void **unused) {
  (void)unused;
  gkt_mesh *mesh;
  gkt_space *space;
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {2, 2}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_vector(2), &space));
  assert_int_equal(gkt_space_block_size(space), 2);
  assert_true(gkt_space_shape(space).rank == 1 && gkt_space_shape(space).dims[0] == 2);
  gkt_space_destroy(&space);
  gkt_mesh_destroy(&mesh);
}

static void problems_from_memory(void **unused) {
  (void)unused;
  static const char text[] =
      "mesh: {box: {cells: [4, 4]}}\nfields: {u: {space: P1, test: v}}\nequation: dot(grad(u), grad(v))*dx == v*dx\nconditions: [{on: boundary, value: 0}]\n";
  gkt_problem *problem;
  bool valid = false;
  must(gkt_problem_parse(ctx, "text", text, strlen(text), NULL, &problem));
  assert_int_equal(gkt_problem_mesh_geometry(problem, "no.msh"), GKT_BAD_INPUT); /* a box has no geometry */
  gkt_context_clear(ctx);
  gkt_problem_destroy(&problem);
  must(gkt_problem_parse(ctx, "text", text, strlen(text), NULL, &problem));
  must(gkt_problem_run(problem, &valid));
  assert_true(valid);
  assert_string_equal(gkt_problem_reason(problem), "");
  gkt_problem_destroy(&problem);
}

static void measurements(void **unused) {
  (void)unused;
  char path[] = "/tmp/t731_XXXXXX";
  int count, file = mkstemp(path);
  gkt_bench_machine machine;
  gkt_assembly_figures assembly;
  gkt_batch_figures batch;
  gkt_solve_figures solve;
  gkt_problem *problem;
  gkt_problem_options options = small();
  const gkt_bench_case *cases = gkt_bench_cases(&count);
  assert_true(file >= 0 && count == 12);
  close(file);
  must(gkt_bench_measure_machine(ctx, &machine));
  assert_true(machine.threads == 1 && machine.copy_bandwidth > 0);
  must(gkt_bench_open(ctx, &cases[0], &options, &problem));
  must(gkt_bench_assembly(problem, cases[0].name, 1, &assembly));
  assert_int_equal(assembly.cells, 48);
  gkt_problem_destroy(&problem);
  must(gkt_bench_write(ctx, path, &machine, 1, &assembly));
  must(gkt_bench_open(ctx, &cases[1], &options, &problem));
  must(gkt_bench_batch(problem, cases[1].name, 3, 1, &batch));
  assert_true(batch.matrix.equal && batch.vector.equal && batch.sets == 3);
  gkt_problem_destroy(&problem);
  must(gkt_bench_write_batch(ctx, path, &machine, 1, &batch));
  cases = gkt_bench_solve_cases(&count);
  must(gkt_bench_solve(ctx, &cases[0], &options, 1, &solve));
  assert_true(solve.converged && solve.dofs == 27);
  must(gkt_bench_write_solve(ctx, path, &machine, 1, &solve));
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(names, begin, end), cmocka_unit_test_setup_teardown(spaces_tell_their_shape, begin, end),
                                     cmocka_unit_test_setup_teardown(problems_from_memory, begin, end), cmocka_unit_test_setup_teardown(measurements, begin, end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
