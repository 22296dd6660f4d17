/* Newton's method and a linear solver of one's own on a system of Galerkit: -div((1 + u^2) grad u) = 10 in the unit cube, u = 0 on its boundary. */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "newton: %s\n", gkt_context_message(ctx));
  exit(1);
}

/* A x = b from x = 0 by BiCGSTAB (van der Vorst, SIAM J. Sci. Stat. Comput. 13, 1992), right-preconditioned by the diagonal D; its number of iterations. work: 7 vectors */
static int solve(const gkt_csr *A, const gkt_vector *b, gkt_vector *x, gkt_vector **work) {
  gkt_vector *r = work[0], *r0 = work[1], *p = work[2], *v = work[3], *y = work[4], *t = work[5], *D = work[6];
  double rho = 1, alpha = 1, omega = 1, wanted = 1e-10 * gkt_vector_norm(b);
  int i = 0;
  for (gkt_idx row = 0; row < A->num_rows; row++)
    for (gkt_idx k = A->row_offsets[row]; k < A->row_offsets[row + 1]; k++)
      if (A->cols[k] == row) gkt_vector_values(D)[row] = A->vals[k];
  gkt_vector_copy(b, r), gkt_vector_copy(b, r0), gkt_vector_fill(x, 0), gkt_vector_fill(p, 0), gkt_vector_fill(v, 0);
  for (; i < 1000 && gkt_vector_norm(r) > wanted; i++) {
    double before = rho;
    rho = gkt_vector_dot(r0, r);
    gkt_vector_axpy(-omega, v, p), gkt_vector_scale(p, rho / before * alpha / omega), gkt_vector_axpy(1, r, p); /* p = r + beta (p - omega v) */
    for (gkt_idx k = 0; k < A->num_rows; k++) gkt_vector_values(y)[k] = gkt_vector_read(p)[k] / gkt_vector_read(D)[k];
    gkt_csr_multiply(A, gkt_vector_read(y), gkt_vector_values(v));
    alpha = rho / gkt_vector_dot(r0, v);
    gkt_vector_axpy(-alpha, v, r), gkt_vector_axpy(alpha, y, x);
    for (gkt_idx k = 0; k < A->num_rows; k++) gkt_vector_values(y)[k] = gkt_vector_read(r)[k] / gkt_vector_read(D)[k];
    gkt_csr_multiply(A, gkt_vector_read(y), gkt_vector_values(t));
    omega = gkt_vector_dot(t, r) / gkt_vector_dot(t, t);
    gkt_vector_axpy(omega, y, x), gkt_vector_axpy(-omega, t, r);
  }
  return i;
}

int main(void) {
  const gkt_element P2 = {GKT_LAGRANGE, 2};
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_form *equation;
  gkt_expression *zero;
  gkt_system *system;
  gkt_vector *u, *r, *d, *work[7];
  gkt_csr *A;
  double first = 0, norm = 0;
  int field, step = 0;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_HEXAHEDRON, 3, {6, 6, 6}, {0, 0, 0}, {1, 1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, P2, gkt_shape_scalar(), &V));
  must(gkt_scope_create(ctx, 3, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P2, &field));
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "(1 + u^2)*dot(grad(u), grad(v))*dx == 10*v*dx"}, &equation));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  must(gkt_system_create(equation, mesh, 1, &field, (const gkt_space *const[]){V, NULL}, &system));
  must(gkt_system_constrain(system, &(gkt_condition){.unknown = field, .set = gkt_mesh_find_set(mesh, "boundary"), .component = -1, .value = zero}));
  must(gkt_system_vector(system, &u)), must(gkt_system_vector(system, &r)), must(gkt_system_vector(system, &d));
  for (int i = 0; i < 7; i++) must(gkt_system_vector(system, &work[i]));
  must(gkt_system_matrix(system, &A));
  must(gkt_system_lift(system, u));
  const gkt_state state = gkt_system_state(system, u);
  for (; step < 12; step++) {
    must(gkt_system_residual(system, &state, r));
    norm = gkt_vector_norm(r), first = step ? first : norm;
    printf("step %d: residual %.3e\n", step, norm);
    if (norm <= 1e-9 * first) break;
    must(gkt_system_tangent(system, &state, (gkt_shifts){.value = 1}, A));
    gkt_vector_scale(r, -1);
    printf("        %d iterations\n", solve(A, r, d, work));
    gkt_vector_axpy(1, d, u);
  }
  return norm <= 1e-9 * first && step <= 6 ? 0 : 1;
}
