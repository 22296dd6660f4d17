/* Claim: a symmetric matrix with a kernel that the facts allow - constants, rigid motions, some of them - is solved on the device: the kernel is found there, taken out of the
   right-hand side and of what is iterated, with PETSc's iterations for the same method; a kernel that the facts do not tell, and whatever else may be singular, is the host's. */
#include "solvers/device_system.h"
#include "tests/device_solution.h"

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK;
}
/* Without conditions; the load is an image, so that it balances. */
static void create(int n, int block, test_element *element, test_system *s) {
  test_system_create(ctx, n, block, element, NULL, false, s);
  s->facts.singular = s->facts.elliptic = true;
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->x[i] = i % 7 - 3 + 1e-2 * (i % 11);
  gkt_csr_multiply(s->A, s->x, s->b);
  memset(s->x, 0, sizeof *s->x * (size_t)s->A->num_rows);
}

static int count_kernel(const test_system *s, bool *regular, char *why) {
  device_csr A;
  gkt_device_system there;
  must(device_csr_create(ctx, s->A, &A));
  must(gkt_device_system_create(ctx, &A.csr, &s->facts, &there));
  must(gkt_device_system_fit(&there, 256, why));
  const int count = there.modes.num_kernel;
  *regular = there.regular;
  const gkt_size before = gkt_device_count_all(there.device).allocations;
  must(gkt_device_system_fit(&there, 256, why));
  assert_int_equal(gkt_device_count_all(there.device).allocations, before);
  gkt_device_system_destroy(&there);
  device_csr_destroy(&A);
  return count;
}

static void kernels_are_found(void **state) {
  (void)state;
  static const struct {
    test_element *element;
    int block, count;
    gkt_near_null_kind kind;
  } cases[] = {{element_laplace, 1, 1, GKT_KERNEL_CONSTANTS}, {element_elastic, 3, 6, GKT_KERNEL_RIGID_BODY}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    test_system s;
    char why[256];
    bool regular;
    create(4, cases[c].block, cases[c].element, &s);
    assert_int_equal(count_kernel(&s, &regular, why), cases[c].count);
    if (*why || !regular) fail_msg("%s", why);
    for (gkt_idx i = 0; i < s.A->num_rows; i++) *entry(s.A, i, i) *= 1.001; /* regular for all that the facts say */
    assert_int_equal(count_kernel(&s, &regular, why), 0);
    assert_true(!*why && regular);
    test_system_destroy(&s);
  }
}

static void iterations_are_petscs(void **state) {
  (void)state;
  static const gkt_linear_method methods[] = {GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB};
  for (int m = 0; m < 6; m++) {
    const gkt_linear_method method = methods[m % 3];
    const bool body = m >= 3;
    test_system s;
    on_device d;
    gkt_linear_report r, host;
    double most = 0, apart = 0, mean = 0;
    create(body ? 3 : 5, body ? 3 : 1, body ? element_elastic : element_laplace, &s);
    send(&s, &d);
    must(gkt_linear_solve(ctx, &d.A.csr, &s.facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &(gkt_linear_options){.method = method, .rtol = 1e-9}, &r));
    must(gkt_vector_to(d.x, d.host));
    double *x = memcpy(malloc(sizeof *x * (size_t)s.A->num_rows), s.x, sizeof *x * (size_t)s.A->num_rows);
    memset(s.x, 0, sizeof *s.x * (size_t)s.A->num_rows);
    must(gkt_linear_solve(ctx, s.A, &s.facts, s.b, s.x, &(gkt_linear_options){.method = method, .rtol = 1e-9, .petsc_options = r.options}, &host));
    if (!r.converged || !host.converged || !strstr(r.method, "device")) fail_msg("%d: %s, %s; %s", m, r.method, r.why, host.method);
    if (r.iterations != host.iterations || r.num_history != host.num_history) fail_msg("%d: %d and %d iterations", m, r.iterations, host.iterations);
    for (int i = 0; i < 6; i++) assert_true(fabs(r.history[i] - host.history[i]) <= 1e-9 * host.history[i]);
    for (gkt_idx i = 0; i < s.A->num_rows; i++) mean += (x[i] - s.x[i]) / s.A->num_rows;
    for (gkt_idx i = 0; i < s.A->num_rows; i++) most = fmax(most, fabs(s.x[i])), apart = fmax(apart, fabs(x[i] - s.x[i] - (body ? 0 : mean)));
    if (method == GKT_LINEAR_CG && !(apart <= 1e-7 * most)) fail_msg("%d: solutions differ by %g of %g", m, apart, most);
    free(x);
    gkt_linear_report_clear(&r), gkt_linear_report_clear(&host);
    leave(&d);
    test_system_destroy(&s);
  }
}

static gkt_linear_report solve(test_system *s) {
  on_device d;
  gkt_linear_report r;
  send(s, &d);
  must(gkt_linear_solve(ctx, &d.A.csr, &s->facts, gkt_vector_address(d.b), gkt_vector_address(d.x), &(gkt_linear_options){.method = GKT_LINEAR_CG, .rtol = 1e-9}, &r));
  leave(&d);
  return r;
}

/* Two bodies where the facts know of one; a load that does not balance. */
static void what_is_not_certain_is_the_hosts(void **state) {
  (void)state;
  test_system s;
  create(4, 1, element_laplace, &s);
  for (gkt_idx i = 0; i < s.A->num_rows; i++) s.b[i] += 1;
  gkt_linear_report r = solve(&s);
  assert_true(!r.converged && strstr(r.method, "device"));
  gkt_linear_report_clear(&r);
  const gkt_idx half = s.A->num_rows / 2;
  for (gkt_idx i = 0; i < s.A->num_rows; i++)
    for (gkt_idx k = s.A->row_offsets[i]; k < s.A->row_offsets[i + 1]; k++)
      if ((i < half) != (s.A->cols[k] < half)) *entry(s.A, i, i) += s.A->vals[k], s.A->vals[k] = 0;
  r = solve(&s);
  assert_true(r.singular && strstr(r.why, "on the host"));
  gkt_linear_report_clear(&r);
  test_system_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_are_found), cmocka_unit_test(iterations_are_petscs), cmocka_unit_test(what_is_not_certain_is_the_hosts)};
  return cmocka_run_group_tests(tests, begin, end);
}
