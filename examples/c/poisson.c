/* -laplace(u) = 1 in the unit square, u = 0 on its boundary, over the library's public headers. */
#include <galerkit/galerkit.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "poisson: %s\n", gkt_context_message(ctx));
  exit(1);
}

int main(void) {
  const gkt_element P2 = {GKT_LAGRANGE, 2};
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_form *equation;
  gkt_expression *zero;
  gkt_system *system;
  gkt_vector *u;
  gkt_solve_report report;
  int field;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {32, 32}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, P2, gkt_shape_scalar(), &V));

  must(gkt_scope_create(ctx, 2, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P2, &field));
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "dot(grad(u), grad(v))*dx == 1*v*dx"}, &equation));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));

  const gkt_space *spaces[] = {V, NULL}; /* of u and of its test function v */
  must(gkt_system_create(equation, mesh, 1, &field, spaces, &system));
  must(gkt_system_constrain(system, &(gkt_condition){.unknown = field, .set = gkt_mesh_find_set(mesh, "boundary"), .component = -1, .value = zero}));
  must(gkt_system_vector(system, &u));
  must(gkt_system_solve(system, NULL, u, &report));

  gkt_scalar largest = 0;
  for (gkt_idx i = 0; i < gkt_vector_size(u); i++) largest = gkt_vector_read(u)[i] > largest ? gkt_vector_read(u)[i] : largest;
  printf("%d dofs, %s, true residual %.1e, largest value %.6f\n", gkt_vector_size(u), report.linear.method, report.linear.residual, largest);
  return report.valid && largest > 0.0736 && largest < 0.0737 ? 0 : 1; /* 0.073671 by series */
}
