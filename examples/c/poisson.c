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
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_form *R, *A;
  gkt_expression *zero;
  gkt_assembler *residual, *tangent;
  gkt_constraints *fixed;
  gkt_csr *matrix;
  gkt_linear_report report;
  int field;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {32, 32}, {0, 0}, {1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &V));

  must(gkt_scope_create(ctx, 2, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &field));
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "dot(grad(u), grad(v))*dx == 1*v*dx"}, &R));
  must(gkt_form_derivative(R, field, &A));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));

  gkt_idx n = gkt_space_num_dofs(V);
  gkt_scalar *u = calloc((size_t)n, sizeof *u), *b = calloc((size_t)n, sizeof *b);
  const gkt_space *spaces[] = {V, NULL}; /* of u and of its test function v */
  const gkt_scalar *values[] = {u, NULL};
  gkt_inputs inputs = {.spaces = spaces, .values = values};
  must(gkt_constraints_create(V, &fixed));
  must(gkt_constraints_add(fixed, gkt_mesh_find_set(mesh, "boundary"), -1, zero, &inputs, "boundary"));
  must(gkt_assembler_create(R, mesh, spaces, &residual));
  must(gkt_assembler_create(A, mesh, spaces, &tangent));
  must(gkt_assemble_vector(residual, &inputs, b)); /* R(0) = -load */
  for (gkt_idx i = 0; i < n; i++) b[i] = -b[i];
  gkt_constraints_zero(fixed, b);
  must(gkt_assembler_matrix(tangent, &matrix));
  must(gkt_assemble_matrix(tangent, &inputs, matrix));
  gkt_constraints_eliminate(fixed, matrix);
  gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 2, .coords = gkt_space_coords(V), .constrained = gkt_constraints_mask(fixed)};
  must(gkt_linear_solve(ctx, matrix, &facts, b, u, NULL, &report));

  gkt_scalar largest = 0;
  for (gkt_idx i = 0; i < n; i++) largest = u[i] > largest ? u[i] : largest;
  printf("%d dofs, %s, true residual %.1e, largest value %.6f\n", n, report.method, report.residual, largest);
  return report.converged && largest > 0.0736 && largest < 0.0737 ? 0 : 1; /* 0.073671 by series */
}
