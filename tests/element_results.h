/* A matrix, a vector and a number of one problem on a bent mesh of any kind of cell, as raw numbers that outlive the context: shared by the tests that compare ways to compute
 * them. */
#ifndef GKT_TESTS_ELEMENT_RESULTS_H
#define GKT_TESTS_ELEMENT_RESULTS_H
#include "tests/element_meshes.h"

static inline void use_context(gkt_context_options options) {
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&options, &ctx), GKT_OK);
}

static inline void bend_smoothly(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.2 * a + 0.1 * sin(2.5 * b + c) + (dim == 1 ? 0.1 * a * a : 0);
  if (dim > 1) x[1] = 0.9 * b + 0.3 * a + 0.08 * sin(2 * a - c);
  if (dim > 2) x[2] = c + 0.25 * a + 0.08 * cos(2 * a + b);
}

typedef struct {
  gkt_scalar *matrix, *vector, number, matrix_size, vector_size;
  gkt_idx entries, dofs;
} results;

static inline double largest(const gkt_scalar *x, gkt_idx n) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static inline gkt_scalar *copied(const gkt_scalar *x, gkt_idx n) { return memcpy(malloc((size_t)n * sizeof *x), x, (size_t)n * sizeof *x); }

static inline void free_results(results *r) { free(r->matrix), free(r->vector); }

/* Cells and facets, all of a side and one side, with coefficients that make nothing symmetric. */
static inline results assemble_in(const field_kind *kind, gkt_mesh *mesh, bool discontinuous) {
  field_problem p;
  results r;
  begin_problem_in(&p, kind, mesh, discontinuous);
  bool vector = kind->components > 1;
  let(&p, "w", kind->dim == 1 ? "[1 + x[0]]" : kind->dim == 2 ? "[3*x[1], 1 - x[0]]" : "[3*x[1], 1 - x[0], 2 + x[2]]");
  let(&p, "m", vector ? "exp(u[0]/4)" : "exp(u/4)");
  pose_problem(&p,
               "(1 + x[0]^2)*m*inner(grad(u), grad(v))*dx(degree=3) + h*inner(dot(grad(u), w), v)*dx(degree=3) + dot(w, n)*inner(u, v)*m*ds(degree=2)"
               " + inner(dot(grad(u), n), v)*ds(right, degree=2) == x[0]*inner(u, v)*dx(degree=3)",
               "0");
  for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = sin(0.7 * i) + 0.3 * cos(2.9 * i);
  gkt_csr *A = assemble_tangent(&p);
  r.entries = A->row_offsets[A->num_rows], r.dofs = num_dofs(&p);
  r.matrix = copied(A->vals, r.entries), r.vector = malloc((size_t)r.dofs * sizeof *r.vector);
  must(gkt_assemble_vector(p.vector, problem_inputs(&p), r.vector), kind->name);
  r.matrix_size = largest(r.matrix, r.entries), r.vector_size = largest(r.vector, r.dofs);
  r.number = functional(&p, vector ? "m*inner(grad(u), grad(u))*dx(degree=3) + h*dot(w, n)*ds(degree=2)" : "m*dot(grad(u), grad(u))*dx(degree=3) + h*dot(w, n)*ds(degree=2)");
  gkt_csr_destroy(&A);
  end_problem(&p);
  return r;
}

static inline results assemble_on(const field_kind *kind, gkt_mesh *mesh) { return assemble_in(kind, mesh, false); }

static inline gkt_mesh *make_mesh(mesh_kind kind, int n, int order) {
  gkt_mesh *mesh = unit_mesh(kind, n > mesh_kinds[kind].fewest ? n : mesh_kinds[kind].fewest);
  shake(mesh, 0.1 / n, 9);
  if (order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, bend_smoothly);
  return mesh;
}
#endif
