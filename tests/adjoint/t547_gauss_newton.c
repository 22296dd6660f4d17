/* Claim: the Gauss-Newton matrix of a nonlinear problem is the sum of what the gradients of its residuals make, each found by an adjoint of its own; it is the Hessian where
   residuals vanish, and not elsewhere; steps by residuals and by a matrix of that kind are the same. */
#include "tests/adjoint_world.h"
#include "tests/optimize_functions.h"

enum { SENSORS = 3 };
static const char *const TEXT = "mesh: {box: {cells: [3, 3], shape: tri}}\n"
                                "regions: {a: {at: [[0.3, 0.4]]}, b: {at: [[0.6, 0.7]]}, c: {at: [[0.8, 0.2]]}}\n"
                                "fields: {u: {space: P2, test: v}}\n"
                                "constants: {q: 0.7, sa: 0.02, sb: 0.05, sc: 0.01, alpha: 0.003}\n"
                                "coefficients: {k: {space: DP0, value: \"1 + x[0]*x[1]\"}}\n"
                                "conditions: [{on: boundary, value: 0}]\n"
                                "equation: \"(1 + 5*u^2)*k*dot(grad(u), grad(v))*dx + q*u*v*dx == 4*v*dx\"\n";
static const char *const MISFIT = "0.5*(u - sa)^2*dP(a) + 0.5*(u - sb)^2*dP(b) + 0.5*(u - sc)^2*dP(c) + 0.5*alpha*k^2*dx + 0.5*q^2*dx";

typedef struct {
  gkt_size n;
  gkt_scalar *k, q;
} pair; /* of the controls k, q */

static pair make_pair(const adjoint_world *w) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, 0);
  return (pair){n, calloc((size_t)n, sizeof(gkt_scalar)), 0};
}

static pair act(adjoint_world *w, bool of_equation, const pair *d) {
  pair out = make_pair(w);
  const gkt_scalar *const from[] = {d->k, &d->q};
  gkt_scalar *const to[] = {out.k, &out.q};
  gkt_solve_report report;
  if (of_equation) ok(gkt_adjoint_hessian(w->adjoint, w->J, &w->options, w->u, from, to, &report));
  else ok(gkt_adjoint_gauss_newton(w->adjoint, w->J, &w->options, w->u, from, to, &report));
  if (!report.valid) fail_msg("%s", report.reason);
  gkt_solve_report_clear(&report);
  return out;
}

static double times(const pair *a, const pair *b) {
  double sum = a->q * b->q;
  for (gkt_size i = 0; i < a->n; i++) sum += a->k[i] * b->k[i];
  return sum;
}

static double distance(const pair *a, const pair *b) {
  double most = fabs(a->q - b->q);
  for (gkt_size i = 0; i < a->n; i++) most = fmax(most, fabs(a->k[i] - b->k[i]));
  return most;
}

/* out = sum over sensors of g (g . d), and what stands in J without the state; seen [SENSORS]: the state there */
static pair by_residuals(adjoint_world *w, const pair *d, double *seen) {
  static const char *const texts[] = {"u*dP(a)", "u*dP(b)", "u*dP(c)"};
  pair out = make_pair(w);
  for (int s = 0; s < SENSORS; s++) {
    pair g = make_pair(w);
    gkt_form *form;
    gkt_functional *S;
    gkt_solve_report report;
    ok(gkt_form_parse(gkt_problem_scope(w->problem), GKT_FUNCTIONAL, &(gkt_source){.text = texts[s]}, &form));
    ok(gkt_functional_create(w->adjoint, form, &S));
    ok(gkt_adjoint_gradient(w->adjoint, S, &w->options, w->u, &seen[s], (gkt_scalar *const[]){g.k, &g.q}, &report));
    gkt_solve_report_clear(&report);
    const double along = times(&g, d);
    for (gkt_size i = 0; i < g.n; i++) out.k[i] += along * g.k[i];
    out.q += along * g.q;
    gkt_functional_destroy(&S);
    gkt_form_destroy(&form);
    free(g.k);
  }
  for (gkt_size i = 0; i < out.n; i++) out.k[i] += 0.003 * d->k[i] / (double)out.n; /* alpha times the volume of a cell of the unit square */
  out.q += d->q;
  return out;
}

static void is_made_of_gradients(void **unused) {
  (void)unused;
  adjoint_world w = make_world(TEXT, GKT_LINEAR_DIRECT, MISFIT, (const char *const[]){"k", "=q", NULL});
  pair d = make_pair(&w), e = make_pair(&w);
  double seen[SENSORS];
  gkt_solve_report report = solve_world(&w);
  gkt_solve_report_clear(&report);
  for (gkt_size i = 0; i < d.n; i++) d.k[i] = sin(3 * (double)i), e.k[i] = cos(2 * (double)i);
  d.q = 0.4, e.q = -0.3;
  pair wanted = by_residuals(&w, &d, seen), found = act(&w, false, &d), other = act(&w, false, &e), H = act(&w, true, &d);
  const double size = sqrt(times(&wanted, &wanted));
  assert_true(distance(&found, &wanted) < 1e-9 * size); /* states are found to 1e-12 */
  assert_true(distance(&H, &found) > 1e-3 * size);
  assert_true(fabs(times(&other, &d) - times(&found, &e)) < 1e-10 * size && times(&found, &d) > 0);
  ok(gkt_system_set_constant(w.s, "sa", seen[0])), ok(gkt_system_set_constant(w.s, "sb", seen[1])), ok(gkt_system_set_constant(w.s, "sc", seen[2]));
  free(H.k), free(found.k);
  found = act(&w, false, &d), H = act(&w, true, &d);
  assert_true(distance(&H, &found) < 1e-9 * size);
  free(wanted.k), free(found.k), free(other.k), free(H.k), free(d.k), free(e.k);
  clear_world(&w);
}

/* J' J of Rosenbrock's residuals */
static gkt_status product(void *user, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  gkt_scalar r[2] = {0, 0};
  ok(rosenbrock_tangent(user, x, d, r));
  return rosenbrock_transposed(user, x, r, out);
}

static void steps_are_the_same(void **unused) {
  (void)unused;
  double x[2][2] = {{-1.2, 1}, {-1.2, 1}};
  gkt_optimize_report report[2];
  gkt_optimize_options options = gkt_optimize_options_default();
  options.method = GKT_OPTIMIZER_GAUSS_NEWTON, options.tolerance = 1e-10;
  for (int k = 0; k < 2; k++) {
    const gkt_optimize_problem by_residual = {.num = 2, .num_residuals = 2, .residual = rosenbrock_residual, .tangent = rosenbrock_tangent, .transposed = rosenbrock_transposed};
    const gkt_optimize_problem by_matrix = {.num = 2, .value = rosenbrock, .gradient = rosenbrock_gradient, .hessian = product};
    ok(gkt_optimize(ctx, k ? &by_matrix : &by_residual, &options, x[k], &report[k]));
    assert_true(report[k].converged && fabs(x[k][0] - 1) < 1e-8 && fabs(x[k][1] - 1) < 1e-8);
  }
  assert_int_equal(report[0].num_history, report[1].num_history);
  for (int i = 0; i < report[0].num_history; i++) assert_true(fabs(report[0].history[i].objective - report[1].history[i].objective) <= 1e-8 * report[0].history[0].objective);
  for (int k = 0; k < 2; k++) gkt_optimize_report_clear(&report[k]);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1);
  const struct CMUnitTest tests[] = {cmocka_unit_test(is_made_of_gradients), cmocka_unit_test(steps_are_the_same)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
