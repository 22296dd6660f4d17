/* Claim: gradients of paths of loads whose steps are repeated until histories and unknowns rest are those of the repetitions as they were made: of a law that a loop here iterates
   and differentiates, through steps that did not come to rest and were halved; of a crack as a phase field and of plasticity against differences of runs with as many repetitions
   to 1e-6, Taylor remainders of order 2; the same bits with 1, 2 and 4 threads and on a disk, and to what solvers leave where states are computed again. */
#include "tests/time_adjoint_world.h"

/* u = q/2 + m + t, q follows u */
static const char law[] = "mesh: {box: {cells: [3]}}\nfields: {u: {space: DP0, test: v}}\nconstants: {m: 1}\n"
                          "history: {q: {points: 0, initial: \"m\", update: \"u\"}}\n"
                          "equation: \"(u - q/2 - m - t)*v*dx == 0\"\ntime: {end: 1, step: 1, scheme: static, repeat: {rtol: 1e-3, most: 7}}\n";
static const char crack[] =
    "mesh: {box: {cells: [3, 2], shape: tri}}\nfields: {u: {space: P1, shape: vector, test: v}, d: {space: P1, test: e}}\n"
    "constants: {lambda: 1.2, mu: 0.8, l: 0.3, rest: 1e-6, pull: 0.3, a: 0.02}\ncoefficients: {Gc: {space: P1, value: \"0.02 + 0.01*x[0]\"}}\n"
    "history: {H: {points: 2, initial: \"a*x[1]\", update: \"max(H, tension)\"}}\n"
    "let: {strain: \"sym(grad(u))\", tension: \"lambda/2*max(tr(strain), 0)^2 + mu*inner(strain, strain)\", stress: \"((1 - d)^2 + rest)*(lambda*tr(strain)*I + 2*mu*strain)\"}\n"
    "equation: \"inner(stress, sym(grad(v)))*dx + (Gc/l*d - 2*(1 - d)*H)*e*dx + Gc*l*dot(grad(d), grad(e))*dx == 0\"\n"
    "conditions: [{on: left, field: u, value: [0, 0]}, {on: right, field: u, value: [\"pull*t\", 0]}]\ntime: {end: 1, step: 0.25, scheme: static}\n";
static const char bar[] =
    "mesh: {box: {cells: [4]}}\nfields: {u: {space: P2, test: v}}\ntime: {end: 1, step: 0.1, scheme: static}\nconstants: {E: 200, H: 20, limit: 0.25, a: 0.004}\n"
    "coefficients: {k: {space: DP0, value: \"1 + 0.2*x[0]\"}}\n"
    "history: {ep: {points: 2, update: \"ep + flow\"}, length: {points: 2, update: \"length + abs(flow)\"}, slow: {points: 2, update: \"(slow + grad(u)[0])/2\"}}\n"
    "let: {trial: \"E*(grad(u)[0] - ep)\", flow: \"sign(trial)*max(abs(trial) - limit - H*length, 0)/(E + H)\", stress: \"trial - E*flow\"}\n"
    "equation: \"k*(stress + 5*slow)*grad(v)[0]*dx == 0\"\nconditions: [{on: left, value: 0}, {on: right, value: \"a*sin(6*t)\"}]\n";

/* ---- the law, by hand: J = q at the end + the integral of u^2, and dJ/dm ---- */
typedef struct {
  double u, q, du, dq;
} law_state;

static law_state solve_again(law_state s, int times, double t) {
  for (int k = 0; k < times; k++) {
    s.u = s.q / 2 + 1 + t, s.du = s.dq / 2 + 1;
    s.q = s.u, s.dq = s.du;
  }
  return s;
}

static void iterate(const gkt_trajectory *r, double *J, double *slope) {
  double t = 0;
  law_state s = solve_again((law_state){.q = 1, .dq = 1}, 1 + gkt_trajectory_repeats(r, 0), 0);
  *J = *slope = 0;
  for (gkt_size n = 1; n <= gkt_trajectory_num_steps(r); n++) {
    const double length = gkt_trajectory_length(r, n);
    t += length;
    const law_state next = solve_again(s, 1 + gkt_trajectory_repeats(r, n), t);
    *J += length * (s.u * s.u + next.u * next.u) / 2, *slope += length * (s.u * s.du + next.u * next.du);
    s = next;
  }
  *J += s.q, *slope += s.dq;
}

/* Steps of length 1, of which the first are halved: in memory, in little memory, on a disk. */
static void by_hand(void **unused) {
  (void)unused;
  for (int way = 0; way < 3; way++) {
    run_options o = {
        law, "static", "q*dx(degree=0)", "u^2*dx", (const char *const[]){"=m", NULL}, 1, 3, .method = GKT_LINEAR_DIRECT, .repeat_rtol = 1e-3, .memory = way ? 1700 : 0};
    run_world w = make_run(&o);
    gkt_step_report step;
    gkt_time_gradient_report r;
    double J, slope, value, g = 0;
    int repeats = 0;
    if (way == 2) ok(gkt_trajectory_use_disk(w.trajectory, NULL, 1500));
    ok(gkt_system_start_histories(w.s));
    ok(gkt_time_begin(w.t, w.u, NULL, &step)), check_step(&step);
    w.t->options.repeats = 7; /* as the file has it */
    ok(gkt_time_advance(w.t, 3, &step)), check_step(&step);
    assert_true(step.rejected > 0 && gkt_trajectory_num_steps(w.trajectory) == step.steps && step.steps > 3);
    for (gkt_size n = 1; n <= step.steps; n++) repeats += gkt_trajectory_repeats(w.trajectory, n);
    assert_true(repeats > 20 && repeats < step.repeats && gkt_trajectory_repeats(w.trajectory, 0) > 3);
    ok(gkt_time_gradient(w.adjoint, w.trajectory, w.J, &value, (gkt_scalar *const[]){&g}, &r));
    iterate(w.trajectory, &J, &slope);
    if (!r.valid || fabs(value - J) > 1e-11 * J || fabs(g - slope) > 1e-11 * slope) fail_msg("way %d: %.15g, %.15g; expected %.15g, %.15g; %s", way, value, g, J, slope, r.reason);
    assert_true((r.repeated > 0) == (way > 0) && r.steps == step.steps);
    assert_true(gkt_trajectory_repeats(w.trajectory, -1) == 0 && gkt_trajectory_repeats(w.trajectory, step.steps + 1) == 0);
    clear_run(&w);
  }
}

/* ---- against differences ---- */
static void differences(void **unused) {
  static const char *const of_crack[] = {"Gc", "=lambda", "=pull", "=a", NULL}, *const of_bar[] = {"k", "=E", "=H", "=limit", "=a", NULL};
  (void)unused;
  check_near(
      "crack",
      &(run_options){crack, "static", "u[0]*d*dx", "(d^2/l + l*dot(grad(d), grad(d)))*dx + H*dx(degree=2)", of_crack, 0.3, 3, .method = GKT_LINEAR_DIRECT, .repeat_rtol = 1e-3}, 1,
      1e-3);
  check_near("bar", &(run_options){bar, "static", "x[0]*u*dx + 100*ep*u*dx(degree=2)", "length*dx(degree=2)", of_bar, 0.17, 5, .method = GKT_LINEAR_DIRECT, .repeat_rtol = 1e-3}, 1,
             3e-4);
}

/* ---- bits ---- */
static void bits(void **unused) {
  static const char *const all[] = {"Gc", "=lambda", "=pull", "=a", NULL};
  const run_options o = {crack, "static", "u[0]*d*dx", "d^2*dx", all, 0.25, 3, .method = GKT_LINEAR_DIRECT, .repeat_rtol = 1e-3};
  (void)unused;
  compare_gradients_of_runs(o, 30000, 1e-9);
}

/* Fewer numbers than steps: the others come to rest by themselves. */
static void held(void **unused) {
  const run_options o = {law, "static", "q*dx(degree=0)", NULL, (const char *const[]){"=m", NULL}, 1, 2, .method = GKT_LINEAR_DIRECT, .repeat_rtol = 1e-6};
  static const int few[2] = {0, 2};
  run_world w = make_run(&o);
  (void)unused;
  w.is_held = true;
  gkt_time_hold_repeats(w.t, 2, few);
  go(&w);
  assert_true(gkt_trajectory_repeats(w.trajectory, 0) == 0 && gkt_trajectory_repeats(w.trajectory, 1) == 2 && gkt_trajectory_repeats(w.trajectory, 2) > 10);
  gkt_time_hold_repeats(w.t, 2, NULL);
  go(&w);
  assert_true(gkt_trajectory_repeats(w.trajectory, 0) > 10 && gkt_trajectory_repeats(w.trajectory, 1) > 10);
  clear_run(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(differences), cmocka_unit_test(bits), cmocka_unit_test(held)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
