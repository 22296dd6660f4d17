/* Claim: on a device the strategy `spmm` multiplies element tensors by a routing matrix: on the emulated device, which has no cuSPARSE, by a plain product that is named so.
   Matrices, vectors and numbers are those of `segmented` to 1e-12 of the largest entry, also of several fields, tied, whose sums share one matrix; assembled again they have the
   same bits. */
#include "tests/element_results.h"
#include "tests/tied_pair.h"

static char logged[300];
static void keep_line(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level == GKT_LOG_DETAIL && strstr(message, "reduce of a matrix")) snprintf(logged, sizeof logged, "%s", message);
}

static void with(gkt_reduce_strategy strategy) { use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .poison = true, .reduce = strategy, .log = keep_line}); }

static void near(const char *what, const gkt_scalar *x, const gkt_scalar *y, gkt_idx n) {
  double size = largest(x, n);
  for (gkt_idx i = 0; i < n; i++)
    if (!(fabs(x[i] - y[i]) <= 1e-12 * size)) fail_msg("%s: entry %d is %.17g, expected %.17g; the largest is %g", what, i, y[i], x[i], size);
}

static void one_field(void **unused) {
  (void)unused;
  const struct {
    mesh_kind mesh;
    int n, degree, components;
  } cases[] = {{LINES, 3000, 1, 1}, {MIXED_PLANE, 2, 1, 2}, {MIXED_SPACE, 1, 1, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    field_kind kind = {mesh_kinds[cases[i].mesh].name, mesh_kinds[cases[i].mesh].dim, cases[i].degree, cases[i].components};
    with(GKT_REDUCE_SEGMENTED);
    results x = assemble_on(&kind, bent_mesh(cases[i].mesh, cases[i].n, 1));
    with(GKT_REDUCE_SPMM);
    results y = assemble_on(&kind, bent_mesh(cases[i].mesh, cases[i].n, 1));
    assert_non_null(strstr(logged, "spmm by CSR in place of cuSPARSE"));
    near(kind.name, x.matrix, y.matrix, x.entries), near(kind.name, x.vector, y.vector, x.dofs), near(kind.name, &x.number, &y.number, 1);
    free_results(&x), free_results(&y);
  }
}

static gkt_csr *tangent_of(gkt_reduce_strategy strategy, tie_kind ties) {
  static const int unknowns[] = {U, P};
  gkt_assembler *a = NULL;
  gkt_assembler_info info;
  gkt_form *tangent;
  gkt_csr *A, *B;
  with(strategy);
  pair w = make_pair(TRIANGLES, 2, ties);
  gkt_form *residual = parse(&w, SYMMETRIC);
  const gkt_inputs inputs = inputs_of_pair(&w);
  must(gkt_form_derivative(residual, 2, unknowns, &tangent), "tangent");
  must(gkt_assembler_create_tied(tangent, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &a), "assembler");
  gkt_assembler_get_info(a, &info);
  assert_string_equal(info.reduce, strategy == GKT_REDUCE_SPMM ? "spmm" : "segmented");
  must(gkt_assembler_matrix(a, &A), "matrix"), must(gkt_assembler_matrix(a, &B), "matrix");
  must(gkt_assemble_matrix(a, &inputs, A), "matrix"), must(gkt_assemble_matrix(a, &inputs, B), "again");
  assert_memory_equal(A->vals, B->vals, (size_t)A->row_offsets[A->num_rows] * sizeof *A->vals);
  gkt_csr_destroy(&B);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
  free_pair(&w);
  return A;
}

static void several_fields(void **unused) {
  (void)unused;
  for (tie_kind ties = PERIODIC; ties <= SLIP; ties += SLIP - PERIODIC) {
    gkt_csr *A = tangent_of(GKT_REDUCE_SEGMENTED, ties), *B = tangent_of(GKT_REDUCE_SPMM, ties);
    near("several fields", A->vals, B->vals, A->row_offsets[A->num_rows]);
    gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_field), cmocka_unit_test(several_fields)};
  setenv("GKT_DEVICE", "emulated", 1);
  return cmocka_run_group_tests(tests, setup, teardown);
}
