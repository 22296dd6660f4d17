/* Claim: gkt_linear_solve reaches the true residual asked for with every method, chooses by the facts, and says what it did. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <omp.h>
#include <petscconf.h>

#include "tests/systems.h"

#ifdef PETSC_HAVE_MUMPS
#define FACTOR "MUMPS"
#else
#define FACTOR "PETSc"
#endif
#ifdef PETSC_HAVE_HYPRE
#define SCALAR_AMG "hypre"
#else
#define SCALAR_AMG "GAMG"
#endif

static gkt_context *ctx;
static char notices[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  strncat(notices, message, sizeof notices - strlen(notices) - 1);
}
static int begin(void **state) {
  (void)state;
  notices[0] = 0;
  return gkt_context_create(&(gkt_context_options){.log = keep}, &ctx);
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_linear_report solve(test_system *s, gkt_linear_options options) {
  gkt_linear_report r;
  gkt_status status = gkt_linear_solve(ctx, s->A, &s->facts, s->b, s->x, &options, &r);
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return r;
}
static gkt_linear_report solve_with(test_system *s, gkt_linear_method method, double rtol) { return solve(s, (gkt_linear_options){.method = method, .rtol = rtol}); }

/* rtol as a true residual, at three tightnesses: 1e-13 may end at the rounding level instead, and then says so. */
static void every_method_meets_rtol(void **state) {
  (void)state;
  const double rtols[] = {1e-6, 1e-10, 1e-13};
  test_system s;
  for (int method = GKT_LINEAR_AUTO; method <= GKT_LINEAR_MINRES; method++)
    for (int i = 0; i < 3; i++) {
      test_system_create(ctx, 8, i == 1 ? 3 : 1, i == 1 ? element_elastic : element_laplace, NULL, true, &s);
      gkt_linear_report r = solve_with(&s, (gkt_linear_method)method, rtols[i]);
      assert_true(r.converged);
      if (!r.at_rounding) assert_true(true_residual(&s) <= rtols[i] * (1 + 1e-6));    /* the test sums in another order */
      assert_true(fabs(r.residual - true_residual(&s)) <= 1e-6 * r.residual + 1e-13); /* the rounding of a residual here is near 1e-14 */
      if (rtols[i] > 1e-12) assert_false(r.at_rounding);
      assert_true(strlen(r.method) > 0 && strlen(r.why) > 0);
      gkt_linear_report_clear(&r);
      test_system_destroy(&s);
    }
}

static void small_systems_are_factorized(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 6, 1, element_laplace, NULL, true, &s);
  gkt_linear_report r = solve_with(&s, GKT_LINEAR_AUTO, 1e-10);
  assert_string_equal(r.method, "Cholesky (PETSc)");
  assert_int_equal(r.iterations, 0);
  assert_non_null(strstr(r.why, "symmetric and positive (proven), 343 dofs"));
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
  test_system_create(ctx, 18, 1, element_laplace, NULL, true, &s);
  r = solve_with(&s, GKT_LINEAR_DIRECT, 1e-10);
  assert_string_equal(r.method, "Cholesky (" FACTOR ")");
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

/* A small factor stops at a pivot that is next to nothing: the one of MUMPS follows, also where a factor was asked for. */
static void a_factor_that_stops_is_followed(void **state) {
  (void)state;
  if (strcmp(FACTOR, "MUMPS")) skip();
  for (int asked = 0; asked < 2; asked++) {
    gkt_scalar vals[] = {0, 1, 1, 0}, b[] = {1, 2}, x[] = {0, 0}; /* the facts lie, so that MUMPS stops as well */
    gkt_csr A = {.num_rows = 2, .num_cols = 2, .block_size = 1, .row_offsets = (gkt_idx[]){0, 2, 4}, .cols = (gkt_idx[]){0, 1, 0, 1}, .vals = vals};
    gkt_system_facts facts = {.symmetric = true, .positive = true, .dim = 2, .block_size = 1};
    gkt_linear_options options = gkt_linear_options_default();
    gkt_linear_report r;
    options.method = asked ? GKT_LINEAR_DIRECT : GKT_LINEAR_AUTO;
    assert_int_equal(gkt_linear_solve(ctx, &A, &facts, b, x, &options, &r), GKT_OK);
    assert_true(r.converged == !asked && !r.singular);
    const char *first = strstr(notices, "Cholesky (PETSc) failed in the preconditioner or factor");
    assert_true(first && strstr(first, "Cholesky (MUMPS) failed in the preconditioner or factor"));
    notices[0] = 0;
    gkt_linear_report_clear(&r);
  }
}

static void large_positive_systems_take_amg(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 27, 1, element_laplace, NULL, true, &s);
  gkt_linear_report r = solve_with(&s, GKT_LINEAR_AUTO, 1e-10);
  assert_true(r.converged && strstr(r.method, "CG + ") == r.method);
  assert_true(r.iterations > 0 && r.iterations < 40); /* 17 seen; multigrid does not grow with the mesh */
  assert_int_equal(r.num_history, r.iterations + 1);
  assert_true(r.history[r.num_history - 1] <= 1e-10);
  assert_string_equal(notices, "");
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

/* A bar of 8:1 hung at one end: rotations of its far part are what constants alone cannot carry to the coarse grid. */
static void rigid_modes_save_iterations(void **state) {
  (void)state;
  const double lengths[] = {1, 0.25, 0.25};
  int iterations[2];
  for (int rigid = 0; rigid < 2; rigid++) {
    test_system s;
    test_system_create(ctx, 14, 3, element_elastic, lengths, true, &s);
    s.facts.near_null = rigid ? GKT_KERNEL_RIGID_BODY : GKT_KERNEL_CONSTANTS;
    gkt_linear_report r = solve_with(&s, GKT_LINEAR_CG, 1e-8);
    assert_true(r.converged);
    assert_string_equal(r.method, rigid ? "CG + GAMG (rigid-body modes)" : "CG + GAMG");
    iterations[rigid] = r.iterations;
    gkt_linear_report_clear(&r);
    test_system_destroy(&s);
  }
  assert_true(iterations[1] * 3 < iterations[0] * 2); /* a third fewer at least */
}

static void negative_curvature_switches(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 27, 1, element_helmholtz, NULL, true, &s);
  s.facts.positive = false;
  gkt_linear_report r = solve_with(&s, GKT_LINEAR_AUTO, 1e-9);
  assert_true(r.converged && true_residual(&s) <= 1.01e-9);
  assert_non_null(strstr(r.method, "LDL'"));
  assert_non_null(strstr(r.why, "negative curvature"));
  assert_non_null(strstr(notices, "negative curvature"));
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

static void nonsymmetric_systems_take_gmres(void **state) {
  (void)state;
  test_system s;
  for (int n = 10; n <= 27; n += 17) {
    test_system_create(ctx, n, 1, element_advect, NULL, true, &s);
    s.facts.symmetric = s.facts.positive = false;
    gkt_linear_report r = solve_with(&s, GKT_LINEAR_AUTO, 1e-10);
    assert_true(r.converged && true_residual(&s) <= 1.01e-10);
    assert_string_equal(r.method, n == 10 ? "LU (" FACTOR ")" : "GMRES + " SCALAR_AMG);
    gkt_linear_report_clear(&r);
    test_system_destroy(&s);
  }
}

/* Pure Neumann: the load is made compatible by taking A y for a y. Elasticity then keeps all six rigid motions in its kernel. */
static void singular_systems_are_solved(void **state) {
  (void)state;
  for (int block = 1; block <= 3; block += 2)
    for (int method = GKT_LINEAR_AUTO; method <= GKT_LINEAR_CG; method++) {
      test_system s;
      test_system_create(ctx, 7, block, block == 1 ? element_laplace : element_elastic, NULL, false, &s);
      s.facts.singular = true;
      for (gkt_idx i = 0; i < s.A->num_rows; i++) s.x[i] = sin(0.37 * i);
      gkt_csr_multiply(s.A, s.x, s.b);
      memset(s.x, 0, sizeof *s.x * (size_t)s.A->num_rows);
      gkt_linear_report r = solve_with(&s, (gkt_linear_method)method, 1e-10);
      assert_true(r.converged && true_residual(&s) <= 1.01e-10);
      gkt_linear_report_clear(&r);
      test_system_destroy(&s);
    }
}

static void zero_right_hand_side_gives_zero(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 4, 1, element_laplace, NULL, true, &s);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] = 0, s.x[i] = 3;
  gkt_linear_report r = solve_with(&s, GKT_LINEAR_AUTO, 1e-10);
  assert_true(r.converged && r.iterations == 0 && r.residual == 0);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) assert_true(s.x[i] == 0);
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

/* Constrained rows hold a diagonal: their value is b/diagonal, whatever the guess. */
static void constrained_rows_are_met(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 6, 1, element_laplace, NULL, true, &s);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) {
    if (s.fixed[i]) s.b[i] = 0.5 / 6; /* diagonal 1/6 */
    s.x[i] = 7;
  }
  gkt_linear_report r = solve_with(&s, GKT_LINEAR_CG, 1e-10);
  assert_true(r.converged);
  for (gkt_idx i = 0; i < s.A->num_rows; i++)
    if (s.fixed[i]) assert_true(fabs(s.x[i] - 0.5) <= 1e-15);
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

static bool count_calls(void *user, int iteration, double residual) {
  int *calls = user;
  if (iteration == *calls && residual > 0) ++*calls;
  return true;
}

static void no_convergence_is_a_result(void **state) {
  (void)state;
  test_system s;
  int calls = 0;
  test_system_create(ctx, 12, 1, element_laplace, NULL, true, &s);
  gkt_linear_report r = solve(
      &s, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-10, .max_iterations = 5, .petsc_options = "-pc_type jacobi", .progress = count_calls, .progress_user = &calls});
  assert_false(r.converged);
  assert_int_equal(r.iterations, 5);
  assert_int_equal(r.num_history, 6);
  assert_int_equal(calls, 6);
  assert_true(r.residual > 1e-10 && fabs(r.residual - true_residual(&s)) <= 1e-10);
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

/* Bitwise the same for 1, 2 and 4 threads of the context, which products with the matrix use; PETSc's part runs on one, and the caller's number of threads is his again. */
static void threads_change_no_bit(void **state) {
  test_system s[3];
  int before = omp_get_max_threads();
  for (int t = 0; t < 3; t++) {
    gkt_context_destroy(&ctx);
    assert_int_equal(gkt_context_create(&(gkt_context_options){.log = keep, .threads = 1 << t}, &ctx), GKT_OK);
    test_system_create(ctx, 27, 1, element_laplace, NULL, true, &s[t]);
    omp_set_num_threads(t + 1);
    gkt_linear_report r = solve_with(&s[t], GKT_LINEAR_AUTO, 1e-10);
    assert_int_equal(omp_get_max_threads(), t + 1);
    gkt_linear_report_clear(&r);
  }
  omp_set_num_threads(before);
  for (int t = 0; t < 3; t++) assert_memory_equal(s[0].x, s[t].x, sizeof(double) * (size_t)s[0].A->num_rows);
  for (int t = 0; t < 3; t++) test_system_destroy(&s[t]);
  (void)state;
}

/* Loads whose squares are no numbers. */
static void any_size_of_the_load_is_measured(void **state) {
  (void)state;
  test_system s;
  for (int large = 0; large < 2; large++) {
    double unit = large ? 1e180 : 1e-180;
    test_system_create(ctx, 4, 1, element_laplace, NULL, true, &s);
    for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] *= unit;
    gkt_linear_report r = solve_with(&s, GKT_LINEAR_DIRECT, 1e-10);
    for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] /= unit, s.x[i] /= unit;
    assert_true(r.converged && !r.at_rounding && r.residual > 0 && true_residual(&s) <= 1e-10);
    gkt_linear_report_clear(&r);
    test_system_destroy(&s);
  }
}

static void wrong_input_is_refused(void **state) {
  (void)state;
  test_system s;
  gkt_linear_report r;
  test_system_create(ctx, 2, 1, element_laplace, NULL, true, &s);
  gkt_linear_options o = {.rtol = 0};
  assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &o, &r), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "rtol"));
  gkt_context_clear(ctx);
  s.b[20] = NAN;
  assert_int_equal(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, NULL, &r), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "right-hand side"));
  test_system_destroy(&s);
}

static void expect_singular(test_system *s) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->x[i] = 0;
  gkt_linear_report r = solve_with(s, GKT_LINEAR_AUTO, 1e-10);
  assert_true(r.singular && !r.converged && !r.at_rounding);
  assert_in_range(r.free_dof, 0, s->A->num_rows - 1);
  gkt_linear_report_clear(&r);
}

/* Pressing a singular matrix into the promise of regularity: no crash, no false success, where no solution exists and where there are many. Free bodies have constants for
   kernel, those held at a point rotations about it, which only the factor shows. */
static void a_lie_in_the_facts_is_no_success(void **state) {
  (void)state;
  if (strcmp(FACTOR, "MUMPS")) skip(); /* PETSc's own factor stops at a null pivot, and GMRES then finds one of the many solutions */
  test_system s;
  for (int held = 0; held < 2; held++)
    for (int block = held ? 3 : 1; block <= 3; block += 2) {
      test_system_create(ctx, 5, block, block == 1 ? element_laplace : element_elastic, NULL, false, &s); /* the facts say positive and regular */
      for (int c = 0; held && c < block; c++) s.fixed[c] = true;
      if (held) fix_dofs(&s, 1), s.facts.constrained = s.fixed;
      expect_singular(&s);
      for (gkt_idx i = 0; i < s.A->num_rows; i++) s.x[i] = s.fixed[i] ? 0 : sin(i);
      gkt_csr_multiply(s.A, s.x, s.b);
      expect_singular(&s);
      test_system_destroy(&s);
    }
}

/* A bar 1000 times as long as thick, and rows that differ by 1e12 in scale: solutions have digits. */
static void ill_conditioned_systems_are_not_singular(void **state) {
  (void)state;
  test_system s;
  for (int i = 0; i < 2; i++) {
    test_system_create(ctx, 6, 3, element_elastic, (double[]){i ? 1 : 1000, 1, 1}, true, &s);
    for (gkt_idx row = 0; i && row < s.A->num_rows; row++) /* D A D, entries from 1 to 1e24 */
      for (gkt_idx k = s.A->row_offsets[row]; k < s.A->row_offsets[row + 1]; k++) s.A->vals[k] *= (row % 2 ? 1e12 : 1) * (s.A->cols[k] % 2 ? 1e12 : 1);
    gkt_linear_report r = solve_with(&s, GKT_LINEAR_DIRECT, 1e-10);
    assert_true(r.converged && !r.singular);
    gkt_linear_report_clear(&r);
    test_system_destroy(&s);
  }
}

/* A row of zeros with a load: every method fails, once. (Without an end this test never returns.) */
static void nothing_is_tried_twice(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 4, 1, element_laplace, NULL, true, &s);
  for (gkt_idx i = 0; i < s.A->num_rows; i++)
    for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++)
      if (i == 62 || s.A->cols[k] == 62) s.A->vals[k] = 0;
  gkt_linear_report r = solve_with(&s, GKT_LINEAR_AUTO, 1e-10);
  assert_false(r.converged);
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(every_method_meets_rtol),         T(small_systems_are_factorized),     T(a_factor_that_stops_is_followed),
                                     T(large_positive_systems_take_amg), T(rigid_modes_save_iterations),      T(negative_curvature_switches),
                                     T(nonsymmetric_systems_take_gmres), T(singular_systems_are_solved),      T(zero_right_hand_side_gives_zero),
                                     T(constrained_rows_are_met),        T(no_convergence_is_a_result),       T(threads_change_no_bit),
                                     T(wrong_input_is_refused),          T(a_lie_in_the_facts_is_no_success), T(ill_conditioned_systems_are_not_singular),
                                     T(nothing_is_tried_twice),          T(any_size_of_the_load_is_measured)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
