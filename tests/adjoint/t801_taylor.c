/* Claim: gkt_taylor_look tells right derivatives of a function of a number from wrong ones, of both orders, what is linear from what is not known, and goes nearer where there is
   no value so far away; with it and the lengths of a run's steps a program verifies the gradient of a run in time of its own. */
#include "tests/time_adjoint_world.h"

typedef struct {
  double limit; /* there is no value beyond */
  double noise;
  double kink, jump; /* beyond which another slope adds up */
} function;

static gkt_status exponential(void *user, double eps, double *value, gkt_taylor *out) {
  const function *f = user;
  if (fabs(eps) > f->limit) return snprintf(out->reason, sizeof out->reason, "too far"), GKT_OK;
  *value = exp(3 * eps) + f->noise * sin(1e9 * eps) + f->jump * fmax(0, eps - f->kink);
  return GKT_OK;
}

static gkt_taylor look(function f, double derivative, bool is_second, double second) {
  const gkt_taylor_line line = {&f, exponential, 1, derivative, second, is_second, 1e-14};
  gkt_taylor t;
  ok(gkt_taylor_look(&line, 0, &t));
  return t;
}

static void orders(void **unused) {
  const function f = {.limit = 1};
  (void)unused;
  gkt_taylor t = look(f, 3, false, 0);
  assert_true(t.passed && fabs(t.slope - 2) < 0.05 && t.derivative == 3 && !t.reason[0]);
  t = look(f, 3.001, false, 0);
  assert_true(!t.passed);
  t = look(f, 3, true, 9);
  assert_true(t.passed && fabs(t.slope - 3) < 0.05 && t.second == 9);
  t = look(f, 3, true, 9.01);
  assert_true(!t.passed);
}

static void places(void **unused) {
  (void)unused;
  gkt_taylor t = look((function){.limit = 1e-3}, 3, false, 0);
  assert_true(t.passed && t.eps[0] <= 1e-3);
  t = look((function){.limit = 0}, 3, false, 0);
  assert_true(!t.passed && !strcmp(t.reason, "too far"));
  t = look((function){.limit = 1, .noise = 1e-3}, 3, false, 0);
  assert_true(!t.passed && strstr(t.reason, "known to no digit"));
}

/* Kinks near by, wherever they are, of a solver whose tolerance promises no more than 1e-10. */
static void kinks(void **unused) {
  (void)unused;
  for (double kink = 1e-2; kink > 5e-5; kink /= 1.7)
    for (int wrong = 0; wrong < 2; wrong++) {
      const function f = {.limit = 1, .kink = kink, .jump = 0.1};
      const gkt_taylor_line line = {(void *)&f, exponential, 1, wrong ? 3.001 : 3, 0, false, 1e-10};
      gkt_taylor t;
      ok(gkt_taylor_look(&line, 0, &t));
      if (t.passed == wrong) fail_msg("a kink at %g, a derivative that is %s: slope %g, %s", kink, wrong ? "wrong" : "right", t.slope, t.passed ? "passed" : "failed");
    }
}

/* ---- a run ---- */
static const char reaction[] =
    "mesh: {box: {cells: [4, 3]}}\ntime: {end: 1, step: 0.1}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 0.7}\nconditions: [{on: left, value: \"a*t\"}]\n"
    "equation: \"dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx == a*v*dx\"\n";

typedef struct {
  run_world w;
  double lengths[64];
  int num_lengths;
} own_run;

static gkt_status run_at(void *user, double eps, double *value, gkt_taylor *out) {
  own_run *r = user;
  const double a = 0.7 + eps;
  gkt_step_report step;
  gkt_time_gradient_report report;
  (void)out;
  GKT_TRY(gkt_adjoint_set_control(r->w.adjoint, 0, &a));
  GKT_TRY(gkt_time_begin(r->w.t, r->w.u, NULL, &step));
  for (int i = 0; i < r->num_lengths; i++) GKT_TRY(gkt_time_step(r->w.t, r->lengths[i], &step));
  return gkt_time_value(r->w.adjoint, r->w.trajectory, r->w.J, value, &report);
}

static void run(void **unused) {
  static const char *const controls[] = {"=a", NULL};
  const run_options o = {.text = reaction, .scheme = "bdf2", .end = "u^2*dx", .running = "t*u*dx", .controls = controls, .step = 0.1, .num_steps = 5, .varies = true};
  own_run r = {.w = make_run(&o)};
  gkt_time_gradient_report report;
  gkt_taylor t;
  double J, g = 0, *gradients[] = {&g};
  (void)unused;
  go(&r.w);
  r.num_lengths = (int)gkt_trajectory_num_steps(r.w.trajectory);
  for (int i = 0; i < r.num_lengths; i++) r.lengths[i] = gkt_trajectory_length(r.w.trajectory, i + 1);
  assert_true(r.num_lengths == 5 && r.lengths[0] == 0.1 && r.lengths[1] == 0.06);
  ok(gkt_time_gradient(r.w.adjoint, r.w.trajectory, r.w.J, &J, gradients, &report));
  ok(gkt_taylor_look(&(gkt_taylor_line){.user = &r, .value = run_at, .value_at_0 = J, .derivative = g, .rtol = 1e-13}, 0, &t));
  assert_true(t.passed && fabs(t.slope - 2) < 0.05);
  ok(gkt_taylor_look(&(gkt_taylor_line){.user = &r, .value = run_at, .value_at_0 = J, .derivative = 1.001 * g, .rtol = 1e-13}, 0, &t));
  assert_true(!t.passed);
  clear_run(&r.w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(orders), cmocka_unit_test(places), cmocka_unit_test(kinks), cmocka_unit_test(run)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
