/* Stokes flow in a channel with a step, P2 for the velocity and P1 for the pressure: two unknowns in one system, its blocks as matrices of their own. */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "stokes: %s\n", gkt_context_message(ctx));
  exit(1);
}

static void hold(gkt_system *system, int unknown, gkt_mesh *mesh, const char *set, gkt_scope *scope, const char *value) {
  gkt_expression *e;
  must(gkt_expression_parse(scope, &(gkt_source){.text = value}, &e));
  must(gkt_system_constrain(system, &(gkt_condition){.unknown = unknown, .set = gkt_mesh_find_set(mesh, set), .component = GKT_ALL_COMPONENTS, .value = e, .note = set}));
  gkt_expression_destroy(&e);
}

int main(void) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, P1 = {GKT_LAGRANGE, 1};
  gkt_mesh *mesh;
  gkt_space *V, *Q;
  gkt_scope *scope;
  gkt_form *equation;
  gkt_system *system;
  gkt_vector *x;
  gkt_csr *A, *B;
  gkt_solve_report report;
  int u, p;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {48, 16}, {0, 0}, {3, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, P2, gkt_shape_vector(2), &V));
  must(gkt_space_create(mesh, P1, gkt_shape_scalar(), &Q));
  must(gkt_scope_create(ctx, 2, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_vector(2), P2, &u));
  must(gkt_scope_add_field(scope, "p", "q", gkt_shape_scalar(), P1, &p));
  /* the step is a region of high resistance, x < 1 and y < 1/2 */
  must(gkt_form_parse(scope, GKT_EQUATION,
                      &(gkt_source){.text = "(inner(grad(u), grad(v)) - p*div(v) - q*div(u) + conditional(x[0] < 1, conditional(x[1] < 0.5, 1e6, 0), 0)*dot(u, v))*dx"},
                      &equation));
  const gkt_space *spaces[4] = {NULL}; /* of u, v, p, q by their numbers; tests need none */
  spaces[u] = V, spaces[p] = Q;
  must(gkt_system_create(equation, mesh, 2, (const int[]){u, p}, spaces, &system));
  hold(system, u, mesh, "bottom", scope, "[0, 0]"), hold(system, u, mesh, "top", scope, "[0, 0]");
  hold(system, u, mesh, "left", scope, "[conditional(x[1] > 0.5, (x[1] - 0.5)*(1 - x[1]), 0), 0]"); /* nothing is said on the right: the flow leaves there */
  must(gkt_system_vector(system, &x));
  must(gkt_system_solve(system, NULL, x, &report));
  printf("%s, %d dofs, residual %.1e %s\n", report.linear.method, gkt_vector_size(x), report.linear.residual, report.reason);

  /* the divergence is 0 against every pressure: B u, with the rows of q and the columns of u, before conditions */
  const gkt_layout_block *velocity = &gkt_system_layout(system)->blocks[0], *pressure = &gkt_system_layout(system)->blocks[1];
  gkt_scalar *div = malloc((size_t)pressure->count * sizeof *div), most = 0, drop;
  gkt_inputs inputs;
  gkt_state state = gkt_system_state(system, x);
  must(gkt_system_inputs(system, &state, &inputs));
  must(gkt_system_matrix(system, &A));
  must(gkt_assemble_matrix(gkt_system_assembler(system, 2), &inputs, A));
  must(gkt_system_block(system, A, p, u, &B));
  gkt_csr_multiply(B, gkt_vector_read(x) + velocity->first, div);
  for (gkt_idx i = 0; i < pressure->count; i++) most = fmax(most, fabs(div[i]));
  drop = gkt_vector_read(x)[pressure->first] - gkt_vector_read(x)[pressure->first + 48];
  printf("largest divergence %.1e, pressure along the bottom falls by %.4f\n", most, drop);
  free(div);
  gkt_csr_destroy(&A), gkt_csr_destroy(&B), gkt_vector_destroy(&x), gkt_solve_report_clear(&report), gkt_system_destroy(&system), gkt_form_destroy(&equation);
  gkt_scope_destroy(&scope), gkt_space_destroy(&V), gkt_space_destroy(&Q), gkt_mesh_destroy(&mesh), gkt_context_destroy(&ctx);
  return most < 1e-10 && drop > 0 ? 0 : 1;
}
