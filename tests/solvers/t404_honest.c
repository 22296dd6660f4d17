/* Claim: gkt_linear_solve reports success only where every row is solved and nothing is left undetermined: soft rows beside penalties, pieces by themselves, loads behind jumps,
   zero pivots, defective kernels; and calls ill-conditioned, not singular, what is proven regular. Truth: the exact solutions and kernels of the systems that are made here. */
#include "tests/gkt_test.h"
#include "tests/systems.h"

/* A small dense system as CSR; zeros of the table are entries of the pattern. */
static gkt_csr *dense(int n, const double *a) {
  gkt_csr *A;
  assert_int_equal(gkt_csr_create(ctx, n, n, (gkt_size)n * n, 1, &A), GKT_OK);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) A->cols[i * n + j] = j, A->vals[i * n + j] = a[i * n + j];
  for (int i = 0; i <= n; i++) A->row_offsets[i] = i * n;
  return A;
}

static gkt_linear_report solve(const gkt_csr *A, const gkt_system_facts *facts, const double *b, double *x, gkt_linear_options options) {
  gkt_linear_report r;
  for (gkt_idx i = 0; i < A->num_rows; i++) x[i] = 0;
  if (gkt_linear_solve(ctx, A, facts, b, x, &options, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_linear_report_clear(&r);
  return r;
}

static const gkt_linear_method methods[] = {GKT_LINEAR_AUTO, GKT_LINEAR_DIRECT, GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB, GKT_LINEAR_MINRES};
enum { METHODS = sizeof methods / sizeof *methods };

/* Two free nodes held by springs: the rotation about their line moves neither, so nothing is free. The line has any direction, for the sake of rounding. */
static void a_rotation_that_moves_nothing_is_no_motion(void **state) {
  (void)state;
  for (int k = 0; k < 50; k++) {
    double a[36] = {0}, b[6], x[6], coords[6];
    for (int i = 0; i < 6; i++) a[7 * i] = 3 + i, a[6 * i + (i + 3) % 6] = -1, b[i] = sin(i + k), coords[i] = cos(3.1 * i + k);
    gkt_csr *A = dense(6, a);
    gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 3, .dim = 3, .near_null = GKT_KERNEL_RIGID_BODY, .coords = coords};
    gkt_linear_report r = solve(A, &facts, b, x, (gkt_linear_options){.rtol = 1e-10});
    if (!r.converged || r.singular) fail_msg("direction %d: %s", k, r.why);
    gkt_csr_destroy(&A);
  }
}

/* One node carries a penalty of 1e12 (u - 1): ||b|| is 1e12, what the rest leaves unsolved is 1e-14 of it. */
static void soft_rows_count(void **state) {
  (void)state;
  for (int m = 0; m < METHODS; m++) {
    test_system s;
    test_system_create(ctx, 8, 1, element_laplace, NULL, true, &s);
    gkt_idx dof = s.A->num_rows - 1;
    *entry(s.A, dof, dof) += 1e12, s.b[dof] += 1e12;
    gkt_linear_report r = solve(s.A, &s.facts, s.b, s.x, (gkt_linear_options){.method = methods[m], .rtol = 1e-10});
    double worst = 0;
    double *ax = malloc(sizeof *ax * (size_t)s.A->num_rows);
    gkt_csr_multiply(s.A, s.x, ax);
    for (gkt_idx i = 0; i < dof; i++) worst = fmax(worst, s.fixed[i] ? 0 : fabs(ax[i] - s.b[i]));
    assert_true(!r.converged || worst <= 1e-8); /* loads are near 1e-2, entries near 0.1 */
    if (methods[m] == GKT_LINEAR_AUTO || methods[m] == GKT_LINEAR_CG) assert_true(r.converged);
    free(ax);
    test_system_destroy(&s);
  }
}

/* Two pieces that nothing couples, loads 1 and 1e-14 (or 1e150 and 1e-150): both are solved. */
static void each_piece_counts(void **state) {
  (void)state;
  const double a[] = {2, -1, 0, 0, -1, 2, 0, 0, 0, 0, 2, 1, 0, 0, 1, 2};
  for (int large = 0; large < 2; large++)
    for (int m = 0; m < METHODS; m++) {
      double p = large ? 1e150 : 1, q = large ? 1e-150 : 1e-14, b[] = {p, p, 3 * q, 3 * q}, x[4];
      gkt_csr *A = dense(4, a);
      gkt_linear_report r = solve(A, &(gkt_system_facts){.symmetric = true, .positive = true, .block_size = 1}, b, x, (gkt_linear_options){.method = methods[m], .rtol = 1e-10});
      assert_true(r.converged && r.scaled_residual <= 1e-10);
      for (int i = 0; i < 4; i++) assert_true(fabs(x[i] - (i < 2 ? p : q)) <= 1e-9 * (i < 2 ? p : q));
      gkt_csr_destroy(&A);
    }
}

/* A load that is 1e-9 of what the jump of a condition leaves in b: judged alone, its part of the solution is right to 1e-3 at least. Without options.load GMRES stops before. */
static void loads_count_behind_jumps(void **state) {
  (void)state;
  test_system s, plain;
  test_system_create(ctx, 8, 1, element_laplace, NULL, true, &s);
  test_system_create(ctx, 8, 1, element_laplace, NULL, true, &plain);
  gkt_idx n = s.A->num_rows;
  double *jump = calloc((size_t)n, sizeof *jump), *only = malloc(sizeof *only * (size_t)n), off = 0, most = 0;
  for (gkt_idx i = 0; i < n; i++) s.b[i] *= 1e-9, plain.b[i] = s.b[i];
  for (gkt_idx i = 0; i < n; i++) only[i] = s.fixed[i] ? 0 : 1; /* the jump: A times a field of 1 on free dofs, whose solution is known */
  gkt_csr_multiply(s.A, only, jump);
  for (gkt_idx i = 0; i < n; i++) jump[i] = s.fixed[i] ? 0 : jump[i], s.b[i] += jump[i];
  (void)solve(plain.A, &plain.facts, plain.b, plain.x, (gkt_linear_options){.method = GKT_LINEAR_DIRECT, .rtol = 1e-12});
  gkt_linear_report r = solve(s.A, &s.facts, s.b, s.x, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-10, .load = plain.b});
  assert_true(r.converged);
  for (gkt_idx i = 0; i < n; i++)
    if (!s.fixed[i]) off = fmax(off, fabs(s.x[i] - 1 - plain.x[i])), most = fmax(most, fabs(plain.x[i]));
  assert_true(off <= 1e-3 * most);
  free(jump), free(only);
  test_system_destroy(&s);
  test_system_destroy(&plain);
}

static void undetermined_is_no_success(void **state) {
  (void)state;
  static const struct {
    const char *what;
    double a[9], b[3];
    bool symmetric;
  } cases[] = {
      {"a row and a column of zeros", {2, -1, 0, -1, 2, 0, 0, 0, 0}, {1, 1, 0}, true},
      {"a column of zeros", {2, -1, 0, -1, 2, 0, 1, 1, 0}, {1, 1, 2}, false},
      {"constants", {1, -1, 0, -1, 2, -1, 0, -1, 1}, {1, 0, -1}, true},
      {"a zero pivot, consistent", {0, 1, 1, 1, 0, 1, 1, 1, 2}, {1, 1, 2}, true},
      {"a Jordan block", {0, 1, 0, 0, 0, 1, 0, 0, 0}, {1, 1, 0}, false},
      {"rank 1", {1, 2, 3, 2, 4, 6, 3, 6, 9}, {1, 2, 3}, true},
      {"rank 2, no load", {1, 2, 3, 4, 5, 6, 7, 8, 9}, {0, 0, 0}, false},
      {"scales of 1e155", {1e155, -1e155, 0, -1e155, 2e155, -1e155, 0, -1e155, 1e155}, {1e150, 0, -1e150}, true},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (int m = 0; m < METHODS; m++) {
      double x[3];
      gkt_csr *A = dense(3, cases[c].a);
      gkt_linear_report r =
          solve(A, &(gkt_system_facts){.symmetric = cases[c].symmetric, .block_size = 1}, cases[c].b, x, (gkt_linear_options){.method = methods[m], .rtol = 1e-10});
      if (r.converged) fail_msg("%s: method %d reports success", cases[c].what, m);
      if (methods[m] == GKT_LINEAR_AUTO) assert_true(r.singular);
      gkt_csr_destroy(&A);
    }
}

/* Regular, however odd: a zero diagonal, entries from 1e-12 to 1e12, a row of large entries with a small diagonal. */
static void regular_is_not_called_singular(void **state) {
  (void)state;
  static const double cases[][9] = {{0, 1, 0, 1, 0, 1, 0, 1, 1}, {3e-12, 1, 0, 1, 1e12, 1, 0, 1, 1e12}, {1, 1e10, -1e10, 0, 2, 1, 1, 0, 2}, {1e155, 0, 0, 0, 1, 0, 0, 0, 1e-155}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    double x[3], b[] = {1, 1, 1};
    gkt_csr *A = dense(3, cases[c]);
    gkt_linear_report r = solve(A, &(gkt_system_facts){.block_size = 1}, b, x, gkt_linear_options_default());
    assert_true(r.converged && !r.singular && !r.ill_conditioned);
    gkt_csr_destroy(&A);
  }
}

/* A bar of 1e8 : 1 held at one end has a condition number far above 1/eps: with the proof it is ill-conditioned, and no success. Bodies in a row of two, one held: singular. */
static void ill_conditioned_is_told_from_singular(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 6, 3, element_elastic, (double[]){1e8, 1, 1}, true, &s);
  s.facts.elliptic = true;
  gkt_linear_report r = solve(s.A, &s.facts, s.b, s.x, (gkt_linear_options){.method = GKT_LINEAR_DIRECT, .rtol = 1e-10});
  assert_true(!r.converged && !r.singular && r.ill_conditioned && r.condition > 5e13);
  test_system_destroy(&s);
}

/* r'A^-1 r is the square of the error: against the solution by the factor. */
static void the_energy_error_is_bounded(void **state) {
  (void)state;
  test_system s;
  test_system_create(ctx, 10, 1, element_laplace, NULL, true, &s);
  gkt_idx n = s.A->num_rows;
  double *exact = malloc(sizeof *exact * (size_t)n), *e = malloc(sizeof *e * (size_t)n), *ae = malloc(sizeof *ae * (size_t)n), error = 0, energy = 0;
  (void)solve(s.A, &s.facts, s.b, exact, (gkt_linear_options){.method = GKT_LINEAR_DIRECT, .rtol = 1e-12});
  gkt_linear_report r = solve(s.A, &s.facts, s.b, s.x, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-4});
  for (gkt_idx i = 0; i < n; i++) e[i] = s.x[i] - exact[i];
  gkt_csr_multiply(s.A, e, ae);
  for (gkt_idx i = 0; i < n; i++) error += e[i] * ae[i], energy += exact[i] * s.b[i];
  double relative = sqrt(error / energy);
  assert_true(r.converged && relative > 1e-9);
  assert_true(r.energy_error >= 0.5 * relative && r.energy_error <= 20 * relative); /* the least eigenvalue that CG saw in few steps may be too large */
  free(exact), free(e), free(ae);
  test_system_destroy(&s);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {T(a_rotation_that_moves_nothing_is_no_motion),
                                     T(soft_rows_count),
                                     T(each_piece_counts),
                                     T(loads_count_behind_jumps),
                                     T(undetermined_is_no_success),
                                     T(regular_is_not_called_singular),
                                     T(ill_conditioned_is_told_from_singular),
                                     T(the_energy_error_is_bounded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
