/* Claim: on the way back of a run derivatives that are linear in the one function that moves are products with matrices that are assembled once a run: gradients are those of sums
   over cells to rounding, in a second run with other data as well; what only seems linear, by a jump, is seen and goes over cells; forms that hold t, or two functions that move,
   and short runs do. */
#include "adjoint/adjoint.h"
#include "tests/time_adjoint_world.h"

#define MESH "mesh: {box: {cells: [7, 6], upper: [1.2, 1]}}\nfields: {u: {space: P1, test: v}}\n"
#define COEFFICIENTS "coefficients: {f: {space: P1, value: \"1 + x[0]*x[1]\"}, k: {space: DP0, value: \"1 + x[0]\"}}\n"
#define HEAT(more) MESH COEFFICIENTS "time: {end: 1, step: 0.02}\nequation: \"dt(u)*v*dx + (1 + 0.2*k)*dot(grad(u), grad(v))*dx == f*v*dx" more "\"\n"
#define PLAIN "0.5*(u - 0.1)^2*dx + 0.3*f*u*dx"
#define JUMPS "conditional(u < 0.9, 1, 2)*f*dx + f*u*dx + u*dx"
#define T(form) form " + 1e-40*t*u*f*dx" /* goes over cells */
static const char *const controls[] = {"f", "k", "0u", NULL};

typedef struct {
  gkt_scalar *gradients[2]; /* of a run, and of one with other data */
  double J[2];
  gkt_size n;
  bool by_state, by_source, adjoint_by_source, adjoint_by_k; /* products serve */
} findings;

static bool serves(const gkt_adjoint_plan *p) { return p->products && p->products->serves; }

static void other_data(run_world *w) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, 0);
  gkt_scalar *m = malloc((size_t)n * sizeof *m);
  ok(gkt_adjoint_get_control(w->adjoint, 0, m));
  for (gkt_size i = 0; i < n; i++) m[i] *= 1.5;
  ok(gkt_adjoint_set_control(w->adjoint, 0, m));
  w->borrowed[0] = m;
}

static findings run(const char *text, const char *scheme, const char *running, int num_steps) {
  run_options o = {text, scheme, NULL, running, controls, 0.005, num_steps, .method = GKT_LINEAR_DIRECT};
  run_world w = make_run(&o);
  findings found = {0};
  for (int k = 0; k < 2; k++) {
    gkt_time_gradient_report r;
    if (k) other_data(&w);
    go(&w);
    found.gradients[k] = all_gradients(&w, &found.J[k], &r);
  }
  found.n = size_of_gradients(&w);
  found.by_state = serves(&w.J.running->by_state), found.by_source = serves(&w.J.running->by_control[0]);
  found.adjoint_by_source = serves(&w.adjoint->controls[0].residual), found.adjoint_by_k = serves(&w.adjoint->controls[1].residual);
  clear_run(&w);
  return found;
}

/* Both runs, to rounding of sums; frees them. */
static void compare(findings *a, findings *b) {
  assert_int_equal(a->n, b->n);
  for (int k = 0; k < 2; k++) {
    double apart = 0, most = 0;
    for (gkt_size i = 0; i < a->n; i++) apart = fmax(apart, fabs(a->gradients[k][i] - b->gradients[k][i])), most = fmax(most, fabs(b->gradients[k][i]));
    if (getenv("GKT_SHOW")) print_message("apart %.2g of %.2g\n", apart, most);
    if (!(apart <= 1e-11 * most) || fabs(a->J[k] - b->J[k]) > 1e-11 * fabs(b->J[k])) fail_msg("run %d: %g of %g apart, %.16g and %.16g", k, apart, most, a->J[k], b->J[k]);
    free(a->gradients[k]), free(b->gradients[k]);
  }
}

static void products_are_sums_over_cells(void **unused) {
  static const char *const schemes[] = {"euler", "crank-nicolson", "bdf2", "rk4"};
  (void)unused;
  for (int i = 0; i < 4; i++) {
    findings products = run(HEAT(""), schemes[i], PLAIN, 10), cells = run(HEAT(" + 1e-40*t*u*f*v*dx"), schemes[i], T(PLAIN), 10);
    assert_true(products.by_state && products.by_source && products.adjoint_by_source && !products.adjoint_by_k);
    assert_true(!cells.by_state && !cells.by_source && !cells.adjoint_by_source && !cells.adjoint_by_k);
    compare(&products, &cells);
  }
}

static void jumps_are_seen(void **unused) {
  (void)unused;
  findings jumps = run(HEAT(""), "euler", JUMPS, 10), cells = run(HEAT(""), "euler", T(JUMPS), 10);
  assert_true(!jumps.by_source && !cells.by_source);
  compare(&jumps, &cells);
}

static void short_runs_go_over_cells(void **unused) {
  (void)unused;
  findings brief = run(HEAT(""), "euler", PLAIN, 3), cells = run(HEAT(""), "euler", T(PLAIN), 3);
  assert_true(!brief.by_state && !brief.by_source && !brief.adjoint_by_source);
  compare(&brief, &cells);
}

int main(void) {
  speak_of_the_cpu(); /* on a device there are no products */
  const struct CMUnitTest tests[] = {cmocka_unit_test(products_are_sums_over_cells), cmocka_unit_test(jumps_are_seen), cmocka_unit_test(short_runs_go_over_cells)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
