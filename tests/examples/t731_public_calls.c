/* Claim: public functions that the command calls, and no other test, do what their headers say when a program calls them: names of states, versions, problems from memory. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <galerkit/galerkit.h>
#include <stdio.h>
#include <string.h>

static gkt_context *ctx;

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

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(names, begin, end), cmocka_unit_test_setup_teardown(spaces_tell_their_shape, begin, end),
                                     cmocka_unit_test_setup_teardown(problems_from_memory, begin, end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
