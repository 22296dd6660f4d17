/* Claim: systems that fall into several pieces, and those whose patterns are not symmetric, are solved on the device: each piece to the length that is asked for, whatever its
   units, those without a load to 0, with PETSc's iterations and the host's lengths; after set-up only scalars cross the bus, however many pieces there are; a piece that conditions
   may leave free to move is the host's. */
#include "solvers/device_system.h"
#include "tests/device_solution.h"

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK;
}
/* The same by both; answers and lengths. */
static void compare(test_system *s, gkt_linear_method method, const char *name) {
  const gkt_idx n = s->A->num_rows;
  on_device d;
  gkt_linear_report r, host;
  double *x = calloc((size_t)n, sizeof *x);
  double most = 0, apart = 0;
  send(s, &d);
  must(gkt_vector_to(d.host, d.x)); /* the guess */
  must(gkt_linear_solve(ctx, &d.A.csr, &s->facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &(gkt_linear_options){.method = method, .rtol = 1e-9}, &r));
  memcpy(x, s->x, sizeof *x * (size_t)n);
  must(gkt_vector_to(d.x, d.host));
  must(gkt_linear_solve(ctx, s->A, &s->facts, s->b, x, &(gkt_linear_options){.method = method, .rtol = 1e-9, .petsc_options = r.options}, &host));
  if (!r.converged || !host.converged || !strstr(r.method, "device")) fail_msg("%s: %s, %s; %s, %s", name, r.method, r.why, host.method, host.why);
  if (r.iterations != host.iterations || r.num_history != host.num_history) fail_msg("%s: %d and %d iterations", name, r.iterations, host.iterations);
  for (int i = 0; i < 6 && i < r.num_history; i++)
    if (!(fabs(r.history[i] - host.history[i]) <= 1e-9 * host.history[i])) fail_msg("%s, iteration %d: %g and %g", name, i, r.history[i], host.history[i]);
  if (!(fabs(r.scaled_residual - host.scaled_residual) <= 1e-3 * host.scaled_residual)) fail_msg("%s: scaled residuals %g and %g", name, r.scaled_residual, host.scaled_residual);
  for (gkt_idx i = 0; i < n; i++) most = fmax(most, fabs(x[i])), apart = fmax(apart, fabs(x[i] - s->x[i]));
  if (!(apart <= 1e-9 * most)) fail_msg("%s: solutions differ by %g of %g", name, apart, most);
  gkt_linear_report_clear(&r), gkt_linear_report_clear(&host);
  leave(&d);
  free(x);
}

/* Bodies that nothing joins; a part of them in other units, and one without a load. */
static void cut(test_system *s, gkt_idx count, double unit) {
  const gkt_idx n = s->A->num_rows, part = (n + count - 1) / count;
  for (gkt_idx i = 0; i < n; i++) {
    const double factor = (i / part) % 2 ? unit : 1;
    for (gkt_idx k = s->A->row_offsets[i]; k < s->A->row_offsets[i + 1]; k++)
      if (i / part != s->A->cols[k] / part) s->A->vals[k] = 0;
      else s->A->vals[k] *= factor;
    s->b[i] *= factor;
  }
}

static void each_piece_is_solved(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_CG, GKT_LINEAR_GMRES};
  for (int m = 0; m < 4; m++) {
    test_system s;
    test_system_create(ctx, 5, 1, element_laplace, NULL, true, &s);
    s.facts.elliptic = m < 2;
    cut(&s, m < 2 ? 2 : 5, m % 2 ? 1e7 : 1);
    if (m == 3)
      for (gkt_idx i = 0; i < s.A->num_rows / 5; i++) s.b[i] = 0, s.x[i] = 3; /* a guess that is to go */
    compare(&s, methods[m % 2], m < 2 ? "two pieces" : "five pieces");
    test_system_destroy(&s);
  }
}

/* What is upwind alone has no entry downwind. */
static void patterns_need_no_mirror(void **state) {
  (void)state;
  test_system s;
  gkt_csr *A;
  gkt_idx at = 0;
  test_system_create(ctx, 5, 1, element_laplace, NULL, true, &s);
  must(gkt_csr_create(ctx, s.A->num_rows, s.A->num_rows, s.A->row_offsets[s.A->num_rows], 1, &A));
  for (gkt_idx i = 0; i < s.A->num_rows; A->row_offsets[++i] = at)
    for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++)
      if (s.A->cols[k] <= i || s.A->cols[k] == i + 1) A->cols[at] = s.A->cols[k], A->vals[at++] = s.A->vals[k];
  gkt_csr *whole = s.A;
  s.A = A, s.facts.symmetric = s.facts.positive = false;
  compare(&s, GKT_LINEAR_GMRES, "upwind");
  for (gkt_idx k = A->row_offsets[100]; k < A->row_offsets[101]; k++) A->vals[k] = 0;
  on_device d;
  gkt_linear_report r;
  send(&s, &d);
  must(gkt_vector_to(d.host, d.x)); /* the guess */
  must(gkt_linear_solve(ctx, &d.A.csr, &s.facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &(gkt_linear_options){.method = GKT_LINEAR_GMRES, .rtol = 1e-9}, &r));
  assert_true(r.singular && strstr(r.why, "rows or columns of it are zero"));
  gkt_linear_report_clear(&r);
  leave(&d);
  s.A = whole;
  gkt_csr_destroy(&A);
  test_system_destroy(&s);
}

static void only_scalars_cross_the_bus(void **state) {
  (void)state;
  test_system s;
  on_device d;
  gkt_linear_solver *solver;
  gkt_linear_report r;
  test_system_create(ctx, 9, 1, element_laplace, NULL, true, &s);
  cut(&s, 100, 1e3);
  s.facts.elliptic = false;
  send(&s, &d);
  must(gkt_vector_to(d.host, d.x)); /* the guess */
  must(gkt_linear_solver_create(ctx, &d.A.csr, &s.facts, &(gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9}, &solver));
  for (int again = 0; again < 2; again++) {
    gkt_vector_fill(d.x, 0);
    const gkt_device_counts before = gkt_device_count_all(d.A.device);
    must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(d.b), gkt_vector_address(d.x), &r));
    const gkt_device_counts after = gkt_device_count_all(d.A.device);
    if (!r.converged || !strstr(r.method, "device")) fail_msg("%s, %s", r.method, r.why);
    gkt_linear_report_clear(&r);
    if (again) assert_true(after.bytes_up - before.bytes_up <= 400 && after.bytes_down - before.bytes_down <= 2000 && after.allocations == before.allocations + 2);
  }
  gkt_linear_solver_destroy(&solver);
  leave(&d);
  test_system_destroy(&s);
}

static void a_piece_that_may_move_is_the_hosts(void **state) {
  (void)state;
  test_system s;
  on_device d;
  gkt_linear_report r;
  test_system_create(ctx, 4, 1, element_laplace, NULL, true, &s);
  s.facts.elliptic = true;
  const gkt_idx n = s.A->num_rows;
  for (gkt_idx i = 0; i < n; i++) /* two nodes inside, of which only their difference is held */
    for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++) {
      const bool in = i == 62 || i == 63, other = s.A->cols[k] == 62 || s.A->cols[k] == 63;
      if (in && other) s.A->vals[k] = i == s.A->cols[k] ? 1 : -1;
      else if (in != other) s.A->vals[k] = 0;
    }
  s.b[62] = 1, s.b[63] = -1;
  send(&s, &d);
  must(gkt_vector_to(d.host, d.x)); /* the guess */
  must(gkt_linear_solve(ctx, &d.A.csr, &s.facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &(gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9}, &r));
  if (!r.singular && !strstr(r.why, "on the host")) fail_msg("%s, %s", r.method, r.why);
  gkt_linear_report_clear(&r);
  leave(&d);
  test_system_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_piece_is_solved), cmocka_unit_test(patterns_need_no_mirror), cmocka_unit_test(only_scalars_cross_the_bus),
                                     cmocka_unit_test(a_piece_that_may_move_is_the_hosts)};
  return cmocka_run_group_tests(tests, begin, end);
}
