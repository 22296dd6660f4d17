/* Claim: a nonlinear system whose equations are 2^515 or 2^980 times as large or small, so that squares of residuals overflow or vanish, is solved by Newton's method step by
   step alike: every rule of acceptance, loads and conditions on their way, load steps, an absolute tolerance, an energy. The report is in the units of the system. */
#include "tests/chain.h"

static double unit = 1;
static double far_cube(double u, double *slope) { return *slope = unit * (3 * u * u + 0.1), unit * (u * u * u + 0.1 * u); }

static gkt_status energy(void *user, const gkt_vector *at, double *value) {
  const gkt_scalar *u = gkt_vector_read(at);
  const chain *c = user;
  *value = 0;
  for (int i = 0; i < c->n; i++) {
    *value += unit * (u[i] * u[i] * u[i] * u[i] / 4 + 0.05 * u[i] * u[i]) - c->load[i] * u[i];
    if (i > 0) *value += c->tie / 2 * (u[i] - u[i - 1]) * (u[i] - u[i - 1]);
  }
  return GKT_OK;
}
static gkt_status eliminate_in_units(void *user, gkt_csr *A) {
  const chain *c = user;
  for (int i = 0; i < c->n; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (c->fixed[i] || c->fixed[A->cols[k]]) A->vals[k] = A->cols[k] == i ? fabs(A->vals[k]) : 0;
  return GKT_OK;
}

static gkt_nonlinear_report run(chain *c, int exponent, bool held, gkt_nonlinear_options o) {
  gkt_nonlinear_report r;
  unit = scalbn(1, exponent);
  *c = make(20, 30 * unit, far_cube, 0);
  for (int i = 0; i < c->n; i++) c->load[i] = held ? 0 : unit * (5 + sin(i));
  if (held) c->fixed[0] = c->fixed[19] = true, c->values[0] = 0.5, c->values[19] = -2;
  gkt_nonlinear_system system = {.user = c, .residual = residual, .tangent = tangent, .eliminate = eliminate_in_units};
  if (o.accept == GKT_ACCEPT_ENERGY) system.energy = energy;
  gkt_system_facts facts = {.block_size = 1, .constrained = c->fixed, .symmetric = true};
  o.atol *= unit;
  if (solve_newton(ctx, &system, &facts, c->A, c->u, c->values, &o, &r) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  return r;
}

static void far_units_change_nothing(void **state) {
  static const int exponents[] = {515, -515, 980, -980};
  (void)state;
  for (int rule = GKT_ACCEPT_ENERGY; rule <= GKT_ACCEPT_FULL; rule++)
    for (int kind = 0; kind < 8; kind++) {
      gkt_nonlinear_options o = defaults();
      chain near, far;
      o.accept = (gkt_acceptance)rule, o.load_steps = kind & 1 ? 3 : 1, o.atol = kind & 4 ? 1e-3 : 0;
      gkt_nonlinear_report a = run(&near, 0, kind & 2, o);
      assert_true(a.converged && a.iterations > 1);
      for (int e = 0; e < 4; e++) {
        gkt_nonlinear_report b = run(&far, exponents[e], kind & 2, o);
        assert_true(b.converged && b.iterations == a.iterations && b.num_history == a.num_history);
        for (int i = 0; i < far.n; i++) assert_true(fabs(near.u[i] - far.u[i]) <= 1e-12);
        for (int k = 0; k < a.num_history; k++) assert_true(fabs(scalbn(b.history[k], -exponents[e]) - a.history[k]) <= 1e-10 * a.first);
        assert_true(b.first == scalbn(a.first, exponents[e]) && fabs(b.residual - a.residual) <= 1e-10 && b.scaled_residual <= fmax(1e-10, a.scaled_residual * 1.01) &&
                    b.stationary == a.stationary);
        finish(&far, &b);
      }
      finish(&near, &a);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(far_units_change_nothing, begin, end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
