/* Claim: Newton's test does not end where ||R|| is small and rows are unsolved that something large hides: another body, a penalty, a condition far from zero. */
#include "tests/chain.h"

static double residual_of(const chain *c, int i) {
  double slope, r = c->local(c->u[i], &slope) - c->load[i];
  if (i > 0) r += c->tie * (c->u[i] - c->u[i - 1]);
  if (i + 1 < c->n) r += c->tie * (c->u[i] - c->u[i + 1]);
  return r;
}

/* Two bodies, a matrix without entries between them. The first begins at 9e5 instead of 1e6, with a residual of 2.7e17, and is done in a few steps; 1e-10 of that is met while the
   second is still on its way from 40 to 1. */
static void a_body_hides_no_other(void **state) {
  (void)state;
  double slope;
  chain c = make(2, 0, cube, 0);
  gkt_csr_destroy(&c.A);
  assert_int_equal(gkt_csr_create(ctx, 2, 2, 2, 1, &c.A), GKT_OK);
  c.A->cols[0] = 0, c.A->cols[1] = 1, c.A->row_offsets[1] = 1, c.A->row_offsets[2] = 2;
  c.load[0] = cube(1e6, &slope), c.load[1] = 1;
  c.u[0] = 9e5, c.u[1] = 40;
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && fabs(residual_of(&c, 1)) <= 1e-10 * (cube(40, &slope) - 1));
  finish(&c, &r);
}

/* u^3 + 0.1 u, and 1e12 (u - 1) in addition at u > 0.5, which is dof 0 only: neighbours are tied by 1e-3. */
static double with_penalty(double u, double *slope) {
  double stiff = u > 0.5 ? 1e12 : 0, value = cube(u, slope);
  *slope += stiff;
  return value + stiff * (u - 1);
}

static void a_penalty_hides_no_other_row(void **state) {
  (void)state;
  chain c = make(4, 1e-3, with_penalty, 0);
  c.u[0] = 0.9;
  for (int i = 1; i < 4; i++) c.load[i] = 0.01;
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged && fabs(c.u[0] - 1) < 1e-10);
  for (int i = 1; i < 4; i++) assert_true(c.u[i] < 0.5 && fabs(residual_of(&c, i)) <= 1e-10);
  finish(&c, &r);
}

/* A condition of 1e9: its jump makes the first residual 1e9 times the tie, the loads are 1. At most 1e-3 of the jump's part counts against them. */
static void a_jump_counts_a_thousandth(void **state) {
  (void)state;
  chain c = make(6, 1e-6, cube, 0);
  for (int i = 0; i < 6; i++) c.load[i] = 1;
  c.fixed[0] = true, c.values[0] = 1e9;
  gkt_nonlinear_report r = solve(&c, defaults());
  assert_true(r.converged);
  for (int i = 1; i < 6; i++) assert_true(fabs(residual_of(&c, i)) <= 1e-10 * 2.3); /* sqrt(5) of loads, and what the jump adds to them */
  finish(&c, &r);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(a_body_hides_no_other), T(a_penalty_hides_no_other_row), T(a_jump_counts_a_thousandth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
