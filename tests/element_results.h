/* A matrix, a vector and a number of one problem on a bent mesh of any kind of cell, as raw numbers that outlive the context: shared by the tests that compare ways to compute
 * them. */
#ifndef GKT_TESTS_ELEMENT_RESULTS_H
#define GKT_TESTS_ELEMENT_RESULTS_H
#include "tests/element_form.h"

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

static inline results assemble_of(const field_kind *kind, gkt_mesh *mesh, gkt_element element) {
  field_problem p;
  results r;
  pose_every_terminal_of(&p, kind, mesh, element);
  gkt_csr *A = assemble_tangent(&p);
  r.entries = A->row_offsets[A->num_rows], r.dofs = num_dofs(&p);
  r.matrix = copied(A->vals, r.entries), r.vector = malloc((size_t)r.dofs * sizeof *r.vector);
  must(gkt_assemble_vector(p.vector, problem_inputs(&p), r.vector), kind->name);
  r.matrix_size = largest(r.matrix, r.entries), r.vector_size = largest(r.vector, r.dofs);
  r.number = functional(&p, every_functional(kind));
  gkt_csr_destroy(&A);
  end_problem(&p);
  return r;
}

static inline results assemble_on(const field_kind *kind, gkt_mesh *mesh) { return assemble_of(kind, mesh, lagrange(false, kind->degree)); }
#endif
