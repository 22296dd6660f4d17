/* Claim: multigrid whose interpolation is kept gets the coarse matrices P'A P of other values of A, entry by entry those of PETSc's own product to rounding, of scalars, pairs
   and bodies in space, on all levels, and keeps no product of PETSc's; what options of cycles speak of is left to PETSc; the product of the iteration has the bits of
   gkt_csr_multiply, by rows and by nodes. */
#include "tests/gkt_test.h"
#include "tests/systems.h"

#include "solvers/linear.h"

/* two quantities that pull at each other */
static void element_pair(const double *ga, const double *gb, double mean, const double *x, double *out) {
  double dot;
  element_laplace(ga, gb, mean, x, &dot);
  out[0] = 2 * dot, out[1] = out[2] = 0.3 * dot, out[3] = dot;
}
static test_element *const elements[] = {NULL, element_laplace, element_pair, element_elastic};

static void change(test_system *s, double k) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++)
    for (gkt_idx e = s->A->row_offsets[i]; e < s->A->row_offsets[i + 1]; e++) s->A->vals[e] *= (1 + 0.05 * sin(k * i)) * (1 + 0.05 * sin(k * s->A->cols[e]));
}

static gkt_linear_report solve(gkt_linear_solver *solver, test_system *s) {
  gkt_linear_report r;
  memset(s->x, 0, (size_t)s->A->num_rows * sizeof *s->x);
  if (gkt_linear_solver_solve(solver, 1, s->A->num_rows, s->b, s->x, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_linear_report_clear(&r);
  assert_true(r.converged && true_residual(s) <= 1e-10 * (1 + 1e-6));
  return r;
}

/* |C - P'AP| over |C|, the largest entries */
static double apart(Mat A, Mat P, Mat C) {
  Mat own;
  PetscReal size, difference;
  assert_int_equal(MatPtAP(A, P, MAT_INITIAL_MATRIX, PETSC_DEFAULT, &own), 0);
  assert_int_equal(MatNorm(C, NORM_FROBENIUS, &size), 0);
  assert_int_equal(MatAXPY(own, -1, C, DIFFERENT_NONZERO_PATTERN), 0);
  assert_int_equal(MatNorm(own, NORM_FROBENIUS, &difference), 0);
  assert_int_equal(MatDestroy(&own), 0);
  return (double)(difference / size);
}

/* All levels; returns how many. */
static int hold_levels(gkt_linear_solver *solver, double tolerance) {
  PC pc;
  PetscInt levels;
  assert_int_equal(KSPGetPC(solver->ksp, &pc), 0);
  assert_int_equal(PCMGGetLevels(pc, &levels), 0);
  for (PetscInt level = levels - 1; level > 0; level--) {
    KSP above, below;
    Mat A, P, C;
    assert_int_equal(PCMGGetSmoother(pc, level, &above), 0);
    assert_int_equal(PCMGGetSmoother(pc, level - 1, &below), 0);
    assert_int_equal(PCMGGetInterpolation(pc, level, &P), 0);
    assert_int_equal(KSPGetOperators(above, NULL, &A), 0);
    assert_int_equal(KSPGetOperators(below, NULL, &C), 0);
    const double d = apart(A, P, C);
    if (!(d <= tolerance)) fail_msg("level %d of %d: %g apart", (int)level, (int)levels, d);
  }
  return (int)levels;
}

static const struct {
  int n, block;
  const char *options;
} cases[] = {{20, 1, "-pc_type gamg -pc_gamg_reuse_interpolation true"}, {9, 3, NULL}, {14, 3, NULL}, {9, 3, "-pc_mg_cycle_type w"}, {9, 2, NULL}};

static void coarse_matrices_are_those_of_the_product(void **state) {
  (void)state;
  int deepest = 0;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    test_system s;
    gkt_linear_options o = gkt_linear_options_default();
    gkt_linear_solver *solver;
    test_system_create(ctx, cases[c].n, cases[c].block, elements[cases[c].block], NULL, true, &s);
    o.method = GKT_LINEAR_CG, o.petsc_options = cases[c].options;
    assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
    (void)solve(solver, &s);
    KSP ksp = solver->ksp;
    for (int k = 1; k <= 2; k++) {
      change(&s, k);
      assert_int_equal(gkt_linear_solver_update(solver), GKT_OK);
      const gkt_linear_report r = solve(solver, &s);
      if (r.setups != 1 || r.kept != 1 || solver->ksp != ksp) fail_msg("case %d, values %d: %d set-ups, %d kept, %d iterations", (int)c, k, r.setups, r.kept, r.iterations);
      const int levels = hold_levels(solver, 1e-13); /* rounding of sums of a few hundred terms: 1e-15 seen */
      deepest = levels > deepest ? levels : deepest;
    }
    gkt_linear_solver_destroy(&solver);
    test_system_destroy(&s);
  }
  assert_true(deepest >= 3);
}

static void products_have_the_same_bits(void **state) {
  (void)state;
  for (int block = 1; block <= 3; block++) {
    test_system s;
    gkt_linear_options o = gkt_linear_options_default();
    gkt_linear_solver *solver;
    Vec x, y;
    test_system_create(ctx, 8, block, elements[block], NULL, true, &s);
    o.method = GKT_LINEAR_CG;
    assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
    (void)solve(solver, &s);
    assert_true(solver->matrix.by_nodes == (block == 3));
    const gkt_idx n = s.A->num_rows;
    double *in = malloc(3 * (size_t)n * sizeof *in), *want = in + n, *have = want + n;
    for (gkt_idx i = 0; i < n; i++) in[i] = sin(i);
    gkt_csr_multiply(s.A, in, want);
    assert_int_equal(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, n, in, &x), 0);
    assert_int_equal(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, n, have, &y), 0);
    assert_int_equal(MatMult(solver->matrix.product, x, y), 0);
    assert_memory_equal(want, have, (size_t)n * sizeof *want);
    (void)!VecDestroy(&x), (void)!VecDestroy(&y);
    free(in);
    gkt_linear_solver_destroy(&solver);
    test_system_destroy(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(coarse_matrices_are_those_of_the_product, setup, teardown),
                                     cmocka_unit_test_setup_teardown(products_have_the_same_bits, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
