/* Claim: on the emulated device the backend cuda gives, of every kind of mesh, over cells, facets and points, for scalars and vectors, on curved cells, with every terminal of the
   language, matrices, vectors and numbers with the bits of the CPU's `segmented`, from poisoned memory; again when they are assembled again. Numbers of more cells than one run of
   terms are summed in its order. What it uses is reported: cuda, segmented, bytes. Cells that stand
   in a mixture: alone with GKT_LONG=1. */
#include "tests/element_results.h"

static gkt_assembler_info told;

static void assemble_with(gkt_backend backend) {
  use_context((gkt_context_options){.backend = backend, .threads = 1, .poison = true, .separate_rounding = true, .reduce = GKT_REDUCE_SEGMENTED});
}

static gkt_size differing(const gkt_scalar *x, const gkt_scalar *y, gkt_idx n) {
  gkt_size count = 0;
  for (gkt_idx i = 0; i < n; i++) count += memcmp(&x[i], &y[i], sizeof *x) != 0;
  return count;
}

static void compare(mesh_kind m, int n, int order, int degree, int components, bool discontinuous) {
  field_kind kind = {mesh_kinds[m].name, mesh_kinds[m].dim, degree, components};
  results host, device;
  assemble_with(GKT_BACKEND_CPU);
  host = assemble_of(&kind, bent_mesh(m, n, order), lagrange(discontinuous, degree));
  assemble_with(GKT_BACKEND_CUDA);
  device = assemble_of(&kind, bent_mesh(m, n, order), lagrange(discontinuous, degree));
  assert_int_equal(host.entries, device.entries);
  gkt_size matrix = differing(host.matrix, device.matrix, host.entries), vector = differing(host.vector, device.vector, host.dofs);
  if (matrix || vector || memcmp(&host.number, &device.number, sizeof host.number))
    fail_msg("%s, P%d with %d components: %lld of %d matrix entries, %lld of %d vector entries differ; numbers %.17g and %.17g", kind.name, degree, components, (long long)matrix,
             host.entries, (long long)vector, host.dofs, host.number, device.number);
  free_results(&host), free_results(&device);
}

static void bits_are_those_of_the_host(void **unused) {
  (void)unused;
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    if (!stands_in_a_mixture((mesh_kind)m) || getenv("GKT_LONG")) compare((mesh_kind)m, 1, 1, m % 2 ? 1 : 2, m % 2 ? mesh_kinds[m].dim : 1, false);
  compare(COLUMNS, 2, 1, 1, 3, false), compare(MIXED_SPACE, 2, 1, 1, 1, false), compare(TETRAHEDRA, 2, 1, 1, 3, false);
  compare(TRIANGLES, 4, 1, 3, 1, false);
  compare(QUADRILATERALS, 3, 1, 1, 1, true);
  compare(TETRAHEDRA, 1, 2, 2, 1, false);
  compare(LINES, 3000, 1, 1, 1, false);
}

/* Tensors of 6,561 scalars have places in memory, fewer than there are cells. */
static void large_tensors_share_places(void **unused) {
  (void)unused;
  gkt_scalar *vals[2];
  gkt_idx n = 0;
  for (int backend = 0; backend < 2; backend++) {
    field_kind kind = {"large tensors", 3, 2, 3};
    field_problem p;
    assemble_with(backend ? GKT_BACKEND_CUDA : GKT_BACKEND_CPU);
    begin_problem(&p, &kind, bent_mesh(HEXAHEDRA, 9, 1));
    pose_problem(&p, "inner(grad(u), grad(v))*dx + x[0]*u[0]*v[1]*dx(degree=2) == v[0]*dx", "[0, 0, 0]");
    gkt_csr *A = assemble_tangent(&p);
    n = A->row_offsets[A->num_rows];
    vals[backend] = copied(A->vals, n);
    gkt_csr_destroy(&A);
    end_problem(&p);
  }
  assert_int_equal(differing(vals[0], vals[1], n), 0);
  free(vals[0]), free(vals[1]);
}

static void again_is_the_same(void **unused) {
  (void)unused;
  field_kind kind = {"again", 3, 1, 1};
  field_problem p;
  assemble_with(GKT_BACKEND_CUDA);
  pose_every_terminal_of(&p, &kind, bent_mesh(MIXED_SPACE, 2, 1), lagrange(false, 1));
  gkt_csr *A = assemble_tangent(&p);
  gkt_idx entries = A->row_offsets[A->num_rows];
  gkt_scalar *first = copied(A->vals, entries);
  must(gkt_assemble_matrix(p.matrix, problem_inputs(&p), A), "again");
  assert_int_equal(differing(first, A->vals, entries), 0);
  gkt_assembler_get_info(p.matrix, &told);
  assert_string_equal(told.backend, "cuda");
  assert_string_equal(told.reduce, "segmented");
  assert_true(told.element_bytes > 0 && told.reduce_bytes > told.element_bytes);
  free(first);
  gkt_csr_destroy(&A);
  end_problem(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bits_are_those_of_the_host), cmocka_unit_test(large_tensors_share_places), cmocka_unit_test(again_is_the_same)};
  setenv("GKT_DEVICE", "emulated", 1);
  return cmocka_run_group_tests(tests, setup, teardown);
}
