/* Claim: a matrix on the device is solved there to the true residual asked for, which the host's solver confirms for the same answer; with PETSc's iterations; what the device
   cannot do or does not arrive at is solved by the host, and the report says why; what is singular is told; after set-up only scalars cross the bus, and other values of the
   matrix take no memory. */
#include "solvers/device_system.h"
#include "tests/device_solution.h"

static char notices[4096];
static void keep(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level != GKT_LOG_DETAIL) strncat(notices, message, sizeof notices - strlen(notices) - 1);
}
static int begin(void **state) {
  (void)state;
  use_emulated_device();
  notices[0] = 0;
  return gkt_context_create(&(gkt_context_options){.poison = true, .log = keep}, &ctx) != GKT_OK;
}
static gkt_linear_report solve(test_system *s, gkt_linear_options o) {
  on_device d;
  gkt_linear_report r;
  send(s, &d);
  must(gkt_linear_solve(ctx, &d.A.csr, &s->facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &o, &r));
  must(gkt_vector_to(d.x, d.host));
  leave(&d);
  return r;
}
static bool is_on_device(const gkt_linear_report *r) { return strstr(r->method, "Jacobi (device, ") != NULL; }
static void assert_why(const gkt_linear_report *r, const char *text) {
  if (!strstr(r->why, text)) fail_msg("'%s' is not in '%s' (%s)", text, r->why, r->method);
}

static bool is_symmetric(test_element *e) { return e != element_advect; }
static void create(int n, int block, test_element *element, bool fix, test_system *s) {
  test_system_create(ctx, n, block, element, NULL, fix, s);
  s->facts.symmetric = is_symmetric(element), s->facts.positive = is_symmetric(element) && element != element_helmholtz, s->facts.elliptic = s->facts.positive;
}

static void answers_are_what_the_host_measures(void **state) {
  (void)state;
  static const struct {
    test_element *element;
    int n, block, method;
  } cases[] = {{element_laplace, 11, 1, GKT_LINEAR_AUTO},   {element_elastic, 7, 3, GKT_LINEAR_AUTO},     {element_laplace, 6, 1, GKT_LINEAR_CG},
               {element_laplace, 6, 1, GKT_LINEAR_GMRES},   {element_elastic, 3, 3, GKT_LINEAR_BICGSTAB}, {element_advect, 5, 1, GKT_LINEAR_GMRES},
               {element_laplace, 5, 1, GKT_LINEAR_BICGSTAB}};
  const double rtols[] = {1e-6, 1e-10};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (int i = 0; i < 2; i++) {
      test_system s;
      gkt_linear_report r, host;
      create(cases[c].n, cases[c].block, cases[c].element, true, &s);
      r = solve(&s, (gkt_linear_options){.method = (gkt_linear_method)cases[c].method, .rtol = rtols[i]});
      if (!r.converged || !is_on_device(&r)) fail_msg("case %d: %s, %s: %g", (int)c, r.method, r.why, r.residual);
      assert_true(r.residual <= rtols[i] && r.scaled_residual <= rtols[i] && r.iterations > 0 && r.num_history > r.iterations);
      must(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &(gkt_linear_options){.rtol = 1.001 * rtols[i], .method = GKT_LINEAR_CG}, &host));
      assert_int_equal(host.iterations, 0);           /* it is there already */
      const double close = 1e-4 * r.residual + 1e-15; /* sums have rounding of their own order */
      assert_true(fabs(host.residual - r.residual) <= close && fabs(host.scaled_residual - r.scaled_residual) <= close);
      gkt_linear_report_clear(&r), gkt_linear_report_clear(&host);
      test_system_destroy(&s);
    }
}

static void iterations_are_petscs(void **state) {
  (void)state;
  const int methods[] = {GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB};
  for (int m = 0; m < 3; m++) {
    test_system s, h;
    gkt_linear_report r, host;
    create(6, 1, element_laplace, true, &s), create(6, 1, element_laplace, true, &h);
    r = solve(&s, (gkt_linear_options){.method = (gkt_linear_method)methods[m], .rtol = 1e-9});
    must(gkt_linear_solve(ctx, h.A, &h.facts, h.b, h.x, &(gkt_linear_options){.method = (gkt_linear_method)methods[m], .rtol = 1e-9, .petsc_options = r.options}, &host));
    assert_true(r.converged && host.converged && r.iterations == host.iterations && r.num_history == host.num_history);
    for (int i = 0; i < 8; i++) assert_true(fabs(r.history[i] - host.history[i]) <= 1e-10 * host.history[i]);
    if (methods[m] == GKT_LINEAR_CG) assert_true(fabs(r.energy_error - host.energy_error) <= 1e-3 * host.energy_error && r.energy_error > 0);
    gkt_linear_report_clear(&r), gkt_linear_report_clear(&host);
    test_system_destroy(&s), test_system_destroy(&h);
  }
}

/* ---- what goes to the host ---- */
static void expect_host(test_system *s, gkt_linear_options o, bool converged, const char *why) {
  o.rtol = 1e-9;
  gkt_linear_report r = solve(s, o);
  assert_false(is_on_device(&r));
  assert_why(&r, "on the host: ");
  assert_why(&r, why);
  if (r.converged != converged) fail_msg("%s: %g", r.method, r.residual);
  if (converged) assert_true(true_residual(s) <= 1e-9 * (1 + 1e-6));
  gkt_linear_report_clear(&r);
}

static void the_host_does_what_the_device_cannot(void **state) {
  (void)state;
  test_system s;
  create(5, 1, element_laplace, true, &s);
  expect_host(&s, (gkt_linear_options){0}, true, "factors are made there");
  expect_host(&s, (gkt_linear_options){.method = GKT_LINEAR_DIRECT}, true, "factors are made there");
  expect_host(&s, (gkt_linear_options){.method = GKT_LINEAR_MINRES}, true, "MINRES runs there");
  expect_host(&s, (gkt_linear_options){.method = GKT_LINEAR_CG, .petsc_options = "-pc_type icc"}, true, "PETSc options are given");
  s.facts.singular = true, s.facts.symmetric = false;
  expect_host(&s, (gkt_linear_options){.method = GKT_LINEAR_GMRES}, true, "kernels of what is not symmetric are held there");
  test_system_destroy(&s);
}

static void what_the_device_gives_up_is_solved(void **state) {
  (void)state;
  test_system s;
  create(18, 1, element_helmholtz, true, &s);
  notices[0] = 0;
  expect_host(&s, (gkt_linear_options){0}, true, "CG + Jacobi on the device found negative curvature");
  assert_non_null(strstr(notices, "CG + Jacobi on the device found negative curvature (true residual "));
  test_system_destroy(&s);
  gkt_linear_solver *solver; /* with other values the host, which served, goes on */
  gkt_linear_report last;
  on_device d;
  create(18, 1, element_helmholtz, true, &s);
  send(&s, &d);
  must(gkt_linear_solver_create(ctx, &d.A.csr, &s.facts, NULL, &solver));
  for (int k = 0; k < 2; k++) {
    notices[0] = 0;
    gkt_vector_fill(d.x, 0);
    must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(d.b), gkt_vector_address(d.x), &last));
    assert_true(last.converged && (strstr(notices, "on the device found") != NULL) == (k == 0) && last.kept == k);
    gkt_linear_report_clear(&last);
    must(gkt_linear_solver_update(solver));
  }
  gkt_linear_solver_destroy(&solver);
  leave(&d);
  test_system_destroy(&s);
  create(6, 1, element_helmholtz, true, &s); /* as asked, it is the result */
  gkt_linear_report r = solve(&s, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9});
  assert_true(!r.converged && is_on_device(&r));
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

static void what_may_be_singular_is_the_hosts(void **state) {
  (void)state;
  test_system s;
  gkt_linear_report r;
  for (int known = 0; known < 2; known++) { /* free to move, of which the facts say nothing: proven elliptic, or not */
    create(5, 1, element_laplace, false, &s);
    s.facts.elliptic = known;
    double mean = 0;
    for (gkt_idx i = 0; i < s.A->num_rows; i++) mean += s.b[i] / s.A->num_rows;
    for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] -= mean; /* so that there are solutions */
    r = solve(&s, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9});
    assert_true(r.singular && !r.converged);
    assert_why(&r, known ? "its conditions may leave it free to move" : "left open whether the matrix is singular");
    gkt_linear_report_clear(&r);
    test_system_destroy(&s);
  }
  create(5, 1, element_laplace, true, &s);
  for (gkt_idx k = s.A->row_offsets[100]; k < s.A->row_offsets[101]; k++) *entry(s.A, s.A->cols[k], 100) = s.A->vals[k] = 0;
  r = solve(&s, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9});
  assert_true(r.singular && r.free_dof == 100);
  assert_why(&r, "rows or columns of it are zero");
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

static void a_regular_system_is_seen_to_be(void **state) {
  (void)state;
  test_system s;
  create(6, 1, element_advect, true, &s);
  gkt_linear_report r = solve(&s, (gkt_linear_options){.method = GKT_LINEAR_GMRES, .rtol = 1e-9});
  assert_true(r.converged && is_on_device(&r) && !r.singular);
  gkt_linear_report_clear(&r);
  memset(s.b, 0, sizeof *s.b * (size_t)s.A->num_rows);
  r = solve(&s, (gkt_linear_options){.method = GKT_LINEAR_GMRES, .rtol = 1e-9});
  assert_true(r.converged && !r.singular && strcmp(r.method, "none") == 0);
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

static void bad_values_are_refused(void **state) {
  (void)state;
  test_system s;
  on_device d;
  gkt_linear_report r;
  gkt_linear_options o = {.method = GKT_LINEAR_CG, .rtol = 1e-8};
  create(4, 1, element_laplace, true, &s);
  for (int which = 0; which < 3; which++) {
    double *at = which == 0 ? &s.A->vals[77] : which == 1 ? &s.b[9] : NULL, before = at ? *at : 0;
    if (at) *at = NAN;
    send(&s, &d);
    if (which == 2) gkt_vector_fill(d.x, INFINITY);
    assert_int_equal(gkt_linear_solve(ctx, &d.A.csr, &s.facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &o, &r), GKT_BAD_INPUT);
    const char *const texts[] = {"the matrix holds a value that is not finite (entry 77)", "the right-hand side holds a value that is not finite (entry 9)",
                                 "the initial guess holds a value that is not finite (entry 0)"};
    assert_string_equal(gkt_context_message(ctx), texts[which]);
    gkt_context_clear(ctx);
    leave(&d);
    if (at) *at = before;
  }
  test_system_destroy(&s);
}

/* ---- one set-up ---- */
static void many_right_sides_and_other_values(void **state) {
  (void)state;
  test_system s;
  on_device d;
  gkt_linear_solver *solver;
  gkt_linear_report r;
  gkt_linear_options o = {.method = GKT_LINEAR_CG, .rtol = 1e-9};
  create(9, 1, element_laplace, true, &s);
  send(&s, &d);
  must(gkt_linear_solver_create(ctx, &d.A.csr, &s.facts, &o, &solver));
  must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(d.b), gkt_vector_address(d.x), &r));
  int iterations = r.iterations;
  assert_true(r.converged && r.setups == 1 && r.kept == 0);
  gkt_linear_report_clear(&r);
  gkt_vector_fill(d.x, 0), gkt_vector_scale(d.b, 3);
  gkt_device_counts before = gkt_device_count_all(d.A.device), after;
  must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(d.b), gkt_vector_address(d.x), &r));
  after = gkt_device_count_all(d.A.device);
  assert_true(r.converged && r.setups == 0 && r.iterations == iterations);
  gkt_linear_report_clear(&r);
  assert_true(after.bytes_up - before.bytes_up <= 1000 && after.bytes_down - before.bytes_down <= 4000 && s.A->num_rows * 8 == 8000);
  for (gkt_idx k = 0; k < s.A->row_offsets[s.A->num_rows]; k++) s.A->vals[k] *= 2;
  must(gkt_device_upload(d.A.device, s.A->vals, d.A.vals.at, s.A->row_offsets[s.A->num_rows] * (gkt_size)sizeof *s.A->vals));
  must(gkt_linear_solver_update(solver));
  gkt_vector_fill(d.x, 0), gkt_vector_scale(d.b, 1.0 / 3);
  must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(d.b), gkt_vector_address(d.x), &r));
  must(gkt_vector_to(d.x, d.host));
  assert_true(r.converged && r.setups == 1 && r.kept == 1 && true_residual(&s) <= 1e-9 * (1 + 1e-6));
  gkt_linear_report_clear(&r);
  s.A->vals[5] = NAN;
  must(gkt_device_upload(d.A.device, s.A->vals, d.A.vals.at, s.A->row_offsets[s.A->num_rows] * (gkt_size)sizeof *s.A->vals));
  assert_int_equal(gkt_linear_solver_update(solver), GKT_BAD_INPUT);
  gkt_context_clear(ctx);
  gkt_linear_solver_destroy(&solver);
  leave(&d);
  test_system_destroy(&s);
}

/* On the host, too. */
static void the_hosts_set_up_is_kept(void **state) {
  (void)state;
  test_system s;
  on_device d;
  gkt_linear_solver *solver;
  gkt_linear_report r[2];
  create(4, 1, element_laplace, true, &s);
  send(&s, &d);
  gkt_vector *both, *answers;
  gkt_idx n = s.A->num_rows;
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, 2 * n, &both));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, 2 * n, &answers));
  for (int k = 0; k < 2; k++) must(gkt_device_copy(d.A.device, gkt_vector_address(d.b), gkt_vector_address(both) + k * n, n * (gkt_size)sizeof(gkt_scalar)));
  must(gkt_linear_solver_create(ctx, &d.A.csr, &s.facts, NULL, &solver));
  must(gkt_linear_solver_solve(solver, 2, n, gkt_vector_address(both), gkt_vector_address(answers), r));
  assert_true(r[0].converged && r[1].converged && r[0].setups == 1 && r[1].setups == 0);
  must(gkt_device_copy(d.A.device, gkt_vector_address(answers) + n, gkt_vector_address(d.x), n * (gkt_size)sizeof(gkt_scalar)));
  must(gkt_vector_to(d.x, d.host));
  assert_true(true_residual(&s) <= 1e-10);
  gkt_linear_report_clear(&r[0]), gkt_linear_report_clear(&r[1]);
  must(gkt_linear_solver_update(solver));
  must(gkt_linear_solver_solve(solver, 1, 0, gkt_vector_address(d.b), gkt_vector_address(d.x), r));
  assert_true(r[0].converged && r[0].setups == 1 && r[0].kept == 1);
  gkt_linear_report_clear(&r[0]);
  gkt_linear_solver_destroy(&solver);
  gkt_vector_destroy(&both), gkt_vector_destroy(&answers);
  leave(&d);
  test_system_destroy(&s);
}

static bool stop_at_five(void *user, int iteration, double residual) { return (void)user, (void)residual, iteration < 5; }
static void progress_can_cancel(void **state) {
  (void)state;
  test_system s;
  create(6, 1, element_laplace, true, &s);
  gkt_linear_report r = solve(&s, (gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9, .progress = stop_at_five});
  assert_true(r.cancelled && !r.converged);
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

static void other_values_take_no_memory(void **state) {
  (void)state;
  test_system s;
  device_csr A;
  gkt_device_system there;
  char why[256];
  create(5, 1, element_laplace, true, &s);
  must(device_csr_create(ctx, s.A, &A));
  must(gkt_device_system_create(ctx, &A.csr, &s.facts, &there));
  const gkt_size before = gkt_device_count_all(there.device).allocations;
  for (int i = 0; i < 2; i++) {
    must(gkt_device_system_fit(&there, sizeof why, why));
    assert_string_equal(why, "");
    assert_true(there.regular);
  }
  assert_int_equal(gkt_device_count_all(there.device).allocations, before);
  gkt_device_system_destroy(&there);
  device_csr_destroy(&A);
  test_system_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_what_the_host_measures),
                                     cmocka_unit_test(iterations_are_petscs),
                                     cmocka_unit_test(the_host_does_what_the_device_cannot),
                                     cmocka_unit_test(what_the_device_gives_up_is_solved),
                                     cmocka_unit_test(what_may_be_singular_is_the_hosts),
                                     cmocka_unit_test(a_regular_system_is_seen_to_be),
                                     cmocka_unit_test(bad_values_are_refused),
                                     cmocka_unit_test(many_right_sides_and_other_values),
                                     cmocka_unit_test(other_values_take_no_memory),
                                     cmocka_unit_test(the_hosts_set_up_is_kept),
                                     cmocka_unit_test(progress_can_cancel)};
  return cmocka_run_group_tests(tests, begin, end);
}
