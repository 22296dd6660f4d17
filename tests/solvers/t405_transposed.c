/* Claim: A' x = b is solved by what serves A, in every method: factor or preconditioner are made once for both, whichever comes first; the answers are those of the transposed
   matrix, to its true residual; y'(A x) = (A' y)'x for both solutions; other values are followed; of several fields, where the preconditioner has no transpose, a factor serves;
   what A leaves undetermined is told. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/block_systems.h"
#include "tests/systems.h"

static gkt_context *ctx;
static int begin(void **unused) {
  (void)unused;
  return gkt_context_create(NULL, &ctx);
}
static int end(void **unused) {
  (void)unused;
  gkt_context_destroy(&ctx);
  return 0;
}

static double dot(gkt_idx n, const double *x, const double *y) {
  double sum = 0;
  for (gkt_idx i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

static double distance(gkt_idx n, const double *x, const double *y) {
  double off = 0, size = 0;
  for (gkt_idx i = 0; i < n; i++) off = fmax(off, fabs(x[i] - y[i])), size = fmax(size, fabs(y[i]));
  return off / size;
}

typedef struct {
  gkt_idx n;
  double *x, *y, *b, *c; /* A x = b, A' y = c */
} pair;

static void begin_pair(gkt_idx n, pair *p) {
  *p = (pair){.n = n};
  p->x = calloc((size_t)n, sizeof *p->x), p->y = calloc((size_t)n, sizeof *p->y), p->b = calloc((size_t)n, sizeof *p->b), p->c = calloc((size_t)n, sizeof *p->c);
}
static void end_pair(pair *p) { free(p->x), free(p->y), free(p->b), free(p->c); }

static void solve_pair(gkt_linear_solver *solver, pair *p, bool transposed_first, gkt_linear_report *r) {
  for (int k = 0; k < 2; k++) {
    const bool transposed = (k == 0) == transposed_first;
    const gkt_status status = transposed ? gkt_linear_solver_solve_transposed(solver, 1, p->n, p->c, p->y, &r[1]) : gkt_linear_solver_solve(solver, 1, p->n, p->b, p->x, &r[0]);
    if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  }
}

/* Truth: manufactured solutions; want, dual [n] */
static void check_pair(const gkt_csr *A, const pair *p, const double *want, const double *dual, const gkt_linear_report *r, double tolerance) {
  double *Ax = malloc(sizeof(double) * (size_t)p->n), *Ay = malloc(sizeof(double) * (size_t)p->n);
  gkt_csr_multiply(A, p->x, Ax), multiply_transposed(A, p->y, Ay);
  if (!r[0].converged || !r[1].converged) fail_msg("%s: %d, %s: %d, residual %g", r[0].method, r[0].converged, r[1].method, r[1].converged, r[1].residual);
  if (distance(p->n, p->x, want) > tolerance || distance(p->n, p->y, dual) > tolerance)
    fail_msg("%s: errors %g, %g", r[1].method, distance(p->n, p->x, want), distance(p->n, p->y, dual));
  assert_true(fabs(dot(p->n, p->y, Ax) - dot(p->n, Ay, p->x)) <= 1e-12 * sqrt(dot(p->n, p->y, p->y) * dot(p->n, Ax, Ax)));
  assert_true(distance(p->n, Ay, p->c) <= 1e-7);
  free(Ax), free(Ay);
}

static void manufacture(const gkt_csr *A, const bool *fixed, pair *p, double *want, double *dual) {
  for (gkt_idx i = 0; i < p->n; i++) want[i] = fixed && fixed[i] ? 0 : sin(0.02 * i) + 0.3, dual[i] = fixed && fixed[i] ? 0 : cos(0.031 * i);
  gkt_csr_multiply(A, want, p->b), multiply_transposed(A, dual, p->c);
}

static void check_method(gkt_linear_method method, const char *options, bool transposed_first) {
  gkt_linear_options o = {.method = method, .rtol = 1e-11, .petsc_options = options};
  gkt_linear_report r[2];
  gkt_linear_solver *solver;
  test_system s;
  pair p;
  test_system_create(ctx, 8, 1, element_windy, NULL, true, &s);
  s.facts.symmetric = s.facts.positive = false;
  begin_pair(s.A->num_rows, &p);
  double *want = malloc(sizeof(double) * (size_t)p.n), *dual = malloc(sizeof(double) * (size_t)p.n);
  assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
  for (int round = 0; round < 2; round++) { /* other values the second time */
    manufacture(s.A, s.fixed, &p, want, dual);
    solve_pair(solver, &p, transposed_first, r);
    check_pair(s.A, &p, want, dual, r, 1e-8);
    assert_int_equal(r[0].setups + r[1].setups, options && strstr(options, "hypre") ? 2 : 1); /* its multigrid does not serve the transpose */
    assert_string_equal(r[0].method, r[1].method);
    gkt_linear_report_clear(&r[0]), gkt_linear_report_clear(&r[1]);
    for (gkt_idx i = 0; i < p.n; i++)
      for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++) s.A->vals[k] *= s.A->cols[k] == i ? 1.5 : s.A->cols[k] > i ? 0.9 : 1.1;
    assert_int_equal(gkt_linear_solver_update(solver), GKT_OK);
  }
  gkt_linear_solver_destroy(&solver);
  end_pair(&p), test_system_destroy(&s), free(want), free(dual);
}

static void every_method_serves_both(void **unused) {
  (void)unused;
  for (int first = 0; first < 2; first++) {
    check_method(GKT_LINEAR_AUTO, NULL, first);
    check_method(GKT_LINEAR_DIRECT, NULL, first);
    check_method(GKT_LINEAR_GMRES, NULL, first);
    check_method(GKT_LINEAR_BICGSTAB, NULL, first);
    check_method(GKT_LINEAR_GMRES, "-pc_type hypre", first);
    check_method(GKT_LINEAR_GMRES, "-pc_type gamg", first);
  }
}

static void symmetric_ones_are_their_own(void **unused) {
  (void)unused;
  gkt_linear_options o = {.method = GKT_LINEAR_CG, .rtol = 1e-10};
  gkt_linear_report r[2];
  gkt_linear_solver *solver;
  test_system s;
  test_system_create(ctx, 6, 3, element_elastic, NULL, true, &s);
  double *y = calloc((size_t)s.A->num_rows, sizeof *y);
  assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
  assert_int_equal(gkt_linear_solver_solve(solver, 1, s.A->num_rows, s.b, s.x, &r[0]), GKT_OK);
  assert_int_equal(gkt_linear_solver_solve_transposed(solver, 1, s.A->num_rows, s.b, y, &r[1]), GKT_OK);
  assert_true(r[1].converged && r[1].setups == 0);
  assert_memory_equal(s.x, y, (size_t)s.A->num_rows * sizeof *y);
  gkt_linear_report_clear(&r[0]), gkt_linear_report_clear(&r[1]);
  gkt_linear_solver_destroy(&solver);
  test_system_destroy(&s), free(y);
}

/* Flow with convection: preconditioned by fields, which has no transpose; a factor then serves both. */
static void check_flow(int n, gkt_linear_method method) {
  gkt_linear_options o = gkt_linear_options_default();
  gkt_linear_report r[2];
  gkt_linear_solver *solver;
  test_blocks s;
  pair p;
  test_stokes_create(ctx, &(test_stokes){.n = n, .dim = 2, .open = true, .viscosity = 0.1, .contrast = 1, .unit = 1, .wind = 1}, &s);
  begin_pair(s.A->num_rows, &p);
  double *want = malloc(sizeof(double) * (size_t)p.n), *dual = malloc(sizeof(double) * (size_t)p.n);
  o.method = method, o.rtol = 1e-11;
  manufacture(s.A, NULL, &p, want, dual);
  assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
  solve_pair(solver, &p, false, r);
  check_pair(s.A, &p, want, dual, r, 1e-6);
  gkt_linear_report_clear(&r[0]), gkt_linear_report_clear(&r[1]);
  gkt_linear_solver_destroy(&solver);
  end_pair(&p), test_blocks_destroy(&s), free(want), free(dual);
}
static void several_fields(void **unused) {
  (void)unused;
  check_flow(12, GKT_LINEAR_AUTO);
  check_flow(12, GKT_LINEAR_DIRECT);
}

/* A singular matrix is told whichever way it is asked first. */
static void singular_ones_are_told(void **unused) {
  (void)unused;
  gkt_linear_options o = gkt_linear_options_default();
  gkt_linear_report r;
  gkt_linear_solver *solver;
  test_system s;
  test_system_create(ctx, 4, 1, element_windy, NULL, false, &s);
  s.facts.symmetric = s.facts.positive = false;
  assert_int_equal(gkt_linear_solver_create(ctx, s.A, &s.facts, &o, &solver), GKT_OK);
  assert_int_equal(gkt_linear_solver_solve_transposed(solver, 1, s.A->num_rows, s.b, s.x, &r), GKT_OK);
  assert_true(r.singular && !r.converged);
  gkt_linear_report_clear(&r);
  gkt_linear_solver_destroy(&solver), test_system_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_method_serves_both), cmocka_unit_test(symmetric_ones_are_their_own), cmocka_unit_test(several_fields),
                                     cmocka_unit_test(singular_ones_are_told)};
  return cmocka_run_group_tests(tests, begin, end);
}
