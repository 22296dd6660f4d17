/* Claim: with bubbles, on every kind of cell and geometry, the compiled map gives what the interpreter gives, to 1e-12 of the assembled absolute contributions, for matrices,
   vectors and numbers, over cells, facets and points, with every kind of terminal; matrices of mixed meshes have the same bits for 1, 2 and 4 threads, and every strategy of the
   reduce gives them to rounding. */
#include "tests/element_results.h"

static void expect_equal(const char *name, const results *a, const results *b) {
  double matrix = 0, vector = 0;
  assert_int_equal(a->entries, b->entries);
  for (gkt_idx i = 0; i < a->entries; i++) matrix = fmax(matrix, fabs(a->matrix[i] - b->matrix[i]));
  for (gkt_idx i = 0; i < a->dofs; i++) vector = fmax(vector, fabs(a->vector[i] - b->vector[i]));
  if (!(matrix <= 1e-12 * a->matrix_size)) fail_msg("%s: matrices differ by %g of %g", name, matrix, a->matrix_size);
  if (!(vector <= 1e-12 * a->vector_size)) fail_msg("%s: vectors differ by %g of %g", name, vector, a->vector_size);
  if (!(fabs(a->number - b->number) <= 1e-12 * fabs(a->number))) fail_msg("%s: numbers differ: %.17g, %.17g", name, a->number, b->number);
}

static results assemble(mesh_kind m, const field_kind *kind, int order, gkt_context_options options) {
  options.poison = true;
  use_context(options);
  return assemble_of(kind, bent_mesh(m, 2, order), (gkt_element){GKT_BUBBLE, kind->degree});
}

static void compiled_is_interpreted(void **unused) {
  (void)unused;
  for (int m = 0; m < COLUMNS; m++) /* whose cells are those of the mixture before */
    for (int degree = m != MIXED_PLANE ? 1 : 2; degree <= (m == TRIANGLES || m == TETRAHEDRA ? 2 : 1); degree++) {
      char name[120];
      int components = m % 2 ? mesh_kinds[m].dim : 1, order = m == MIXED_SPACE ? 1 : 1 + (m + degree) % 2; /* orders of geometry and shapes in turn */
      field_kind kind = {name, mesh_kinds[m].dim, degree, components};
      snprintf(name, sizeof name, "%s, P%dB, %d components, geometry of order %d", mesh_kinds[m].name, degree, components, order);
      results a = assemble((mesh_kind)m, &kind, order, (gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1});
      results b = assemble((mesh_kind)m, &kind, order, (gkt_context_options){.backend = GKT_BACKEND_CPU, .threads = 1});
      expect_equal(name, &a, &b);
      free_results(&a), free_results(&b);
    }
}

static void strategies_agree(void **unused) {
  (void)unused;
  field_kind kind = {"a mixture in space, P1B", 3, 1, 3};
  results first = assemble(MIXED_SPACE, &kind, 1, (gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .reduce = GKT_REDUCE_FUSED});
  for (gkt_reduce_strategy reduce = GKT_REDUCE_SEGMENTED; reduce <= GKT_REDUCE_SPMM; reduce++) {
    results r = assemble(MIXED_SPACE, &kind, 1, (gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .reduce = reduce});
    expect_equal(kind.name, &first, &r);
    free_results(&r);
  }
  free_results(&first);
}

static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  field_kind kind = {"mixed", 3, 1, 1};
  results first = {0};
  for (int threads = 1; threads <= 4; threads *= 2) {
    use(GKT_BACKEND_CPU, threads);
    results r = assemble_of(&kind, bent_mesh(MIXED_SPACE, 9, 1), (gkt_element){GKT_BUBBLE, 1});
    if (threads == 1) first = r;
    assert_memory_equal(first.matrix, r.matrix, (size_t)r.entries * sizeof *r.matrix);
    assert_memory_equal(first.vector, r.vector, (size_t)r.dofs * sizeof *r.vector);
    assert_true(first.number == r.number);
    if (threads > 1) free_results(&r);
  }
  free_results(&first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_is_interpreted), cmocka_unit_test(strategies_agree), cmocka_unit_test(bits_do_not_depend_on_threads)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
