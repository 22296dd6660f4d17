/* Sixteen conductivities on one mesh: their matrices in one call, then sixteen loads solved with one set-up; both equal, bit for bit, what one call for each gives. */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "batch: %s\n", gkt_context_message(ctx));
  exit(1);
}

enum { SETS = 16, K = 2 };
static gkt_scalar *numbers(gkt_size count) {
  gkt_scalar *x = calloc((size_t)count, sizeof *x);
  return x ? x : (exit(1), NULL);
}

int main(void) {
  gkt_mesh *mesh;
  gkt_space *V, *Q;
  gkt_scope *scope;
  gkt_form *R;
  gkt_expression *zero;
  gkt_system *system;
  gkt_vector *u;
  gkt_csr *matrix;
  int f;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_mesh_box(ctx, &(gkt_box){GKT_TETRAHEDRON, 3, {8, 8, 8}, {0, 0, 0}, {1, 1, 1}}, &mesh));
  must(gkt_mesh_topology(mesh));
  must(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &V));
  must(gkt_space_create(mesh, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, gkt_shape_scalar(), &Q));
  must(gkt_scope_create(ctx, 3, &scope));
  must(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f));
  must(gkt_scope_add_coefficient(scope, "k", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0}, &f));
  must(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = "k*dot(grad(u), grad(v))*dx"}, &R));
  must(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));

  const gkt_space *spaces[] = {V, NULL, Q};
  gkt_idx n = gkt_space_num_dofs(V), m = gkt_space_num_dofs(Q);
  must(gkt_system_create(R, mesh, 1, (int[]){0}, spaces, &system));
  must(gkt_system_constrain(system, &(gkt_condition){.set = gkt_mesh_find_set(mesh, "boundary"), .component = -1, .value = zero}));
  must(gkt_system_matrix(system, &matrix));
  must(gkt_system_vector(system, &u));
  gkt_size nonzeros = matrix->row_offsets[n];
  gkt_scalar *k = numbers((gkt_size)m * SETS), *together = numbers(nonzeros * SETS);
  for (gkt_size i = 0; i < (gkt_size)m * SETS; i++) k[i] = 1 + 0.5 * sin((double)i);
  const gkt_scalar *values[] = {gkt_vector_read(u), NULL, k};
  gkt_inputs inputs = {.spaces = spaces, .values = values};
  gkt_assembler *tangent = gkt_system_assembler(system, 2);
  const gkt_size strides[] = {0, 0, m}; /* one state for all sets, each its own conductivity */
  must(gkt_assemble_batch(tangent, &inputs, &(gkt_batch){.count = SETS, .strides = strides, .results_stride = nonzeros}, together));
  int equal = 0;
  for (int s = 0; s < SETS; s++) {
    values[K] = k + (gkt_size)s * m;
    must(gkt_assemble_matrix(tangent, &inputs, matrix));
    equal += !memcmp(matrix->vals, together + s * nonzeros, (size_t)nonzeros * sizeof *together);
  }

  gkt_scalar *b = numbers((gkt_size)n * SETS), *x = numbers((gkt_size)n * SETS), *alone = numbers(n);
  gkt_linear_report reports[SETS], report;
  gkt_linear_solver *solver;
  gkt_system_facts facts;
  must(gkt_system_set_coefficient(system, "k", values[K]));
  must(gkt_system_tangent(system, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, matrix));
  must(gkt_system_get_facts(system, &facts));
  for (gkt_size i = 0; i < (gkt_size)n * SETS; i++) b[i] = facts.constrained[i % n] ? 0 : cos(0.1 * (double)(i / n + 1) * (double)(i % n));
  must(gkt_linear_solver_create(ctx, matrix, &facts, NULL, &solver));
  must(gkt_linear_solver_solve(solver, SETS, n, b, x, reports));
  must(gkt_linear_solve(ctx, matrix, &facts, b + (gkt_size)(SETS - 1) * n, alone, NULL, &report));
  bool same = !memcmp(alone, x + (gkt_size)(SETS - 1) * n, (size_t)n * sizeof *alone);
  int converged = 0;
  for (int s = 0; s < SETS; s++) converged += reports[s].converged;
  printf("%d matrices of %lld nonzeros, %d equal; %d loads, %d converged, the last %s\n", SETS, (long long)nonzeros, equal, SETS, converged, same ? "equal" : "different");
  return equal == SETS && converged == SETS && same ? 0 : 1;
}
