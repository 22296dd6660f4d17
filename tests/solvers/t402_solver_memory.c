/* Claim: whichever allocation of ours fails, alone or with all that follow, linear and nonlinear solves say that memory is exhausted, by every method, and leave nothing allocated;
   the next solve works. */
#include "tests/failing_memory.h"
#include "tests/newton.h"
#include "tests/systems.h"

typedef struct {
  test_system *system;
  gkt_linear_options options;
} linear_case;

static gkt_status solve(gkt_context *ctx, void *user) {
  linear_case *c = user;
  test_system *s = c->system;
  gkt_linear_report report = {0};
  memset(s->x, 0, (size_t)s->A->num_rows * sizeof *s->x);
  gkt_status status = gkt_linear_solve(ctx, s->A, &s->facts, s->b, s->x, &c->options, &report);
  if (status == GKT_OK) assert_true(report.converged);
  gkt_linear_report_clear(&report);
  return status;
}

/* Two right-hand sides, one set-up. */
static gkt_status solve_twice(gkt_context *ctx, void *user) {
  linear_case *c = user;
  test_system *s = c->system;
  gkt_linear_report reports[2] = {{0}};
  gkt_linear_solver *solver = NULL;
  gkt_idx n = s->A->num_rows;
  gkt_scalar *b = NULL, *x = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, 2 * (gkt_size)n, sizeof *b, &b));
  GKT_GO(gkt_calloc(ctx, 2 * (gkt_size)n, sizeof *x, &x));
  for (gkt_idx i = 0; i < 2 * n; i++) b[i] = s->b[i % n] * (1 + i / n);
  GKT_GO(gkt_linear_solver_create(ctx, s->A, &s->facts, &c->options, &solver));
  GKT_GO(gkt_linear_solver_solve(solver, 2, n, b, x, reports));
  assert_true(reports[0].converged && reports[1].converged);
done:
  for (int i = 0; i < 2; i++) gkt_linear_report_clear(&reports[i]);
  gkt_linear_solver_destroy(&solver);
  gkt_free(&b);
  gkt_free(&x);
  return status;
}

/* With what serves A, and with a method of its own. */
static gkt_status solve_transposed(gkt_context *ctx, void *user) {
  linear_case *c = user;
  test_system *s = c->system;
  gkt_linear_report report = {0};
  gkt_linear_solver *solver = NULL;
  gkt_status status;
  memset(s->x, 0, (size_t)s->A->num_rows * sizeof *s->x);
  GKT_GO(gkt_linear_solver_create(ctx, s->A, &s->facts, &c->options, &solver));
  for (int k = 0; k < 2; k++) {
    GKT_GO(gkt_linear_solver_solve_transposed(solver, 1, s->A->num_rows, s->b, s->x, &report));
    assert_true(report.converged);
    gkt_linear_report_clear(&report);
    GKT_GO(gkt_linear_solver_update(solver));
  }
done:
  gkt_linear_report_clear(&report);
  gkt_linear_solver_destroy(&solver);
  return status;
}

/* A u + u^3 = b, row by row. */
static gkt_status residual(void *user, const gkt_vector *at, gkt_vector *to) {
  const gkt_scalar *u = gkt_vector_read(at);
  gkt_scalar *r = gkt_vector_values(to);
  const test_system *s = user;
  gkt_csr_multiply(s->A, u, r);
  for (gkt_idx i = 0; i < s->A->num_rows; i++) r[i] += u[i] * u[i] * u[i] - s->b[i];
  return GKT_OK;
}

static gkt_status tangent(void *user, const gkt_vector *at, gkt_csr *A) {
  const gkt_scalar *u = gkt_vector_read(at);
  const test_system *s = user;
  memcpy(A->vals, s->A->vals, (size_t)A->row_offsets[A->num_rows] * sizeof *A->vals);
  for (gkt_idx i = 0; i < A->num_rows; i++) *entry(A, i, i) += 3 * u[i] * u[i];
  return GKT_OK;
}

static gkt_status eliminate(void *user, gkt_csr *A) {
  const test_system *s = user;
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (s->fixed[i] || s->fixed[A->cols[k]]) A->vals[k] = i == A->cols[k];
  return GKT_OK;
}

static gkt_status solve_nonlinear(gkt_context *ctx, void *user) {
  linear_case *c = user;
  test_system *s = c->system;
  gkt_nonlinear_options options = gkt_nonlinear_options_default();
  gkt_nonlinear_report report = {0};
  gkt_csr *A = NULL;
  gkt_scalar *g = NULL;
  gkt_status status;
  options.linear = c->options, options.load_steps = 2;
  memset(s->x, 0, (size_t)s->A->num_rows * sizeof *s->x);
  GKT_GO(gkt_csr_create(ctx, s->A->num_rows, s->A->num_cols, s->A->row_offsets[s->A->num_rows], s->A->block_size, &A));
  memcpy(A->row_offsets, s->A->row_offsets, ((size_t)A->num_rows + 1) * sizeof *A->row_offsets);
  memcpy(A->cols, s->A->cols, (size_t)A->row_offsets[A->num_rows] * sizeof *A->cols);
  GKT_GO(gkt_calloc(ctx, A->num_rows, sizeof *g, &g));
  const gkt_nonlinear_system system = {.user = s, .residual = residual, .tangent = tangent, .eliminate = eliminate};
  GKT_GO(solve_newton(ctx, &system, &s->facts, A, s->x, g, &options, &report));
  assert_true(report.converged);
done:
  gkt_nonlinear_report_clear(&report);
  gkt_free(&g);
  gkt_csr_destroy(&A);
  return status;
}

static void with_system(int block, test_element *element, void (*check)(linear_case *)) {
  gkt_context *ctx;
  test_system s;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  test_system_create(ctx, 3, block, element, NULL, true, &s);
  linear_case c = {&s, gkt_linear_options_default()};
  check(&c);
  test_system_destroy(&s);
  gkt_context_destroy(&ctx);
}

static const gkt_context_options options = {.threads = 1, .poison = true};

static void fail_linear(linear_case *c) {
  static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_DIRECT, GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB, GKT_LINEAR_MINRES};
  static const char *const choices[] = {NULL, "-pc_type jacobi -ksp_max_it 400"};
  for (int i = 0; i < 12; i++) {
    c->options.method = methods[i % 6], c->options.petsc_options = choices[i / 6];
    if (c->options.petsc_options && i % 6 < 2) continue;
    assert_true(fail_each("linear solve", solve, c, &options) > 3);
    assert_true(fail_each("two right-hand sides", solve_twice, c, &options) > 5);
  }
}

static void fail_nonlinear(linear_case *c) { assert_true(fail_each("nonlinear solve", solve_nonlinear, c, &options) > 10); }

static void linear_solves_fail_cleanly(void **state) {
  (void)state;
  with_system(1, element_laplace, fail_linear);
  with_system(3, element_elastic, fail_linear);
}

static void fail_transposed(linear_case *c) {
  static const char *const choices[] = {"-ksp_type preonly -pc_type lu", "-ksp_type gmres -pc_type ilu", "-ksp_type gmres -pc_type hypre"};
  c->system->facts.symmetric = c->system->facts.positive = false;
  for (int i = 0; i < 3; i++) {
    c->options.petsc_options = choices[i];
    assert_true(fail_each("transposed solve", solve_transposed, c, &options) > 5);
  }
}

static void transposed_solves_fail_cleanly(void **state) {
  (void)state;
  with_system(1, element_laplace, fail_transposed);
}

static void nonlinear_solves_fail_cleanly(void **state) {
  (void)state;
  with_system(1, element_laplace, fail_nonlinear);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(linear_solves_fail_cleanly), cmocka_unit_test(transposed_solves_fail_cleanly),
                                     cmocka_unit_test(nonlinear_solves_fail_cleanly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
