/* Claim: whichever allocation fails, places, the nodes that they name, and assemblers and sums over them say that memory is exhausted and leave nothing allocated. */
#include "tests/failing_memory.h"

#include "core/core.h"
#include "galerkit/assembly.h"

static gkt_status work(gkt_context *ctx, void *user) {
  static const char text[] = "u*dot(grad(u), grad(v))*dP(A, B) == v*dP(A)";
  const gkt_idx corners[] = {0, 8};
  gkt_mesh *mesh = NULL;
  gkt_scope *scope = NULL;
  gkt_space *space = NULL;
  gkt_form *form = NULL;
  gkt_assembler *a = NULL;
  gkt_idx count, *nodes = NULL;
  gkt_scalar u[9] = {0.5, 1, 2, 3}, out[9];
  int f;
  gkt_status status;
  (void)user;
  GKT_GO(gkt_mesh_box(ctx, &(gkt_box){.shape = GKT_TRIANGLE, .dim = 2, .cells = {2, 2}, .upper = {1, 1}}, &mesh));
  GKT_GO(gkt_mesh_add_set(mesh, "B", 0, 2, corners));
  GKT_GO(gkt_mesh_add_places(mesh, "A", 3, (double[]){0.5, 0.5, 0.2, 0.7, 0, 0}));
  GKT_GO(gkt_mesh_add_places(mesh, "C", 1, (double[]){0.5, 0.5}));
  GKT_GO(gkt_scope_create(ctx, 2, &scope));
  GKT_GO(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f));
  GKT_GO(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = text}, &form));
  GKT_GO(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &space));
  GKT_GO(gkt_space_nodes_on(space, gkt_mesh_find_set(mesh, "C"), &count, &nodes));
  GKT_GO(gkt_assembler_create(form, mesh, (const gkt_space *[]){space, NULL}, &a));
  GKT_GO(gkt_assemble_vector(a, &(gkt_inputs){.values = (const gkt_scalar *[]){u, NULL}}, out));
done:
  gkt_assembler_destroy(&a);
  free(nodes);
  gkt_space_destroy(&space);
  gkt_form_destroy(&form);
  gkt_scope_destroy(&scope);
  gkt_mesh_destroy(&mesh);
  return status;
}

static void sums_over_points_fail_cleanly(void **unused) {
  (void)unused;
  assert_true(fail_each("points", work, NULL, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true}) > 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sums_over_points_fail_cleanly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
