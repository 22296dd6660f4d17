/* Claim: gradients of runs through histories at quadrature points are those of what is computed: of a viscoelastic bar and block, of plasticity along a path of loads (a cylinder
   and a bar that unloads) and in a wave, by an implicit and an explicit scheme; by elastic and plastic constants, coefficients in updates and at the points, what histories are at
   the start; of functionals that hold histories; against differences of runs to 1e-6, Taylor remainders of order 2; the same bits with 1, 2 and 4 threads, and on a disk. */
#include "tests/time_adjoint_world.h"

#define LINE "mesh: {box: {cells: [6]}}\nfields: {u: {space: P2, test: v}}\n"
#define PATH "time: {end: 1, step: 0.1, scheme: static}\n"
static const char maxwell[] = LINE PATH "constants: {E0: 1, E1: 2, tau: 0.5, a: 0.1, q0: 0.02}\ncoefficients: {k: {space: DP0, value: \"1 + 0.5*x[0]\"}}\n"
                                        "history:\n  q: {points: 2, initial: \"q0*x[0]\", update: \"now\"}\n  last: {points: 2, update: \"t\"}\n"
                                        "let: {e: \"grad(u)[0]\", d: \"(t - last)/tau\", now: \"(q + d*k*e)/(1 + d)\"}\n"
                                        "equation: \"(E0*k*e + E1*(e - now))*grad(v)[0]*dx == a*t*v*dx\"\nconditions: [{on: left, value: 0}, {on: right, value: \"a*sin(3*t)\"}]\n";
static const char kelvin[] =
    LINE "time: {end: 1, step: 0.1}\nconstants: {E0: 1, E1: 2, tau: 0.5, a: 0.1, q0: 0.02}\ncoefficients: {k: {space: P1, value: \"1 + 0.5*x[0]\"}}\n"
         "history: {q: {points: 2, initial: \"q0*k\", update: \"q + 0.05/tau*(k*grad(u)[0]*(1 + grad(u)[0]) + 0.1*grad(dt(u))[0] - q)\"}}\n"
         "equation: \"k*dtt(u)*v*dx + 0.1*dt(u)*v*dx + (E0*grad(u)[0] + E1*(grad(u)[0] - q))*grad(v)[0]*dx == a*t*v*dx\"\nconditions: [{on: left, value: \"a*t^2\"}]\n";
static const char drift[] = LINE "time: {end: 1, step: 0.001}\nconstants: {E0: 1, tau: 0.5, a: 0.1, q0: 0.02}\ncoefficients: {k: {space: P1, value: \"1 + 0.5*x[0]\"}}\n"
                                 "history: {q: {points: 2, initial: \"q0*k\", update: \"q + 0.05/tau*(k*u^2 + 0.1*dt(u) - q)\"}}\n"
                                 "equation: \"k*dt(u)*v*dx + (E0*grad(u)[0] - q*u)*grad(v)[0]*dx == a*v*dx\"\nconditions: [{on: left, value: \"a*(1 + t)\"}]\n";
#define YIELDS                                                                                               \
  "history: {ep: {points: 2, update: \"ep + flow\"}, length: {points: 2, update: \"length + abs(flow)\"}}\n" \
  "let: {trial: \"E*(grad(u)[0] - ep)\", flow: \"sign(trial)*max(abs(trial) - limit - H*length, 0)/(E + H)\", stress: \"trial - E*flow\"}\n"
static const char bar[] = LINE PATH "constants: {E: 200, H: 20, limit: 0.25, a: 0.004}\ncoefficients: {k: {space: DP0, value: \"1 + 0.2*x[0]\"}}\n" YIELDS
                                    "equation: \"k*stress*grad(v)[0]*dx == 0\"\nconditions: [{on: left, value: 0}, {on: right, value: \"a*sin(6*t)\"}]\n";
static const char wave[] = LINE "time: {end: 0.5, step: 0.02}\nconstants: {E: 100, H: 5, limit: 0.5, a: 0.1}\ncoefficients: {k: {space: P1, value: \"1 + 0.2*x[0]\"}}\n" YIELDS
                                "equation: \"k*dtt(u)*v*dx + stress*grad(v)[0]*dx == 0\"\nconditions: [{on: left, value: \"a*t\"}]\n";
static const char line_wave[] =
    "mesh: {box: {cells: [6]}}\nfields: {u: {space: P1, test: v}}\ntime: {end: 0.5, step: 0.01}\nconstants: {E: 100, H: 5, limit: 0.5, a: 0.1}\n"
    "coefficients: {k: {space: P1, value: \"1 + 0.2*x[0]\"}}\n" YIELDS "equation: \"k*dtt(u)*v*dx + stress*grad(v)[0]*dx == 0\"\nconditions: [{on: left, value: \"a*t\"}]\n";
/* von Mises in plane strain, radial return: a quarter of a thick cylinder, here an arc of quadrilaterals */
static const char cylinder[] =
    "mesh: {box: {cells: [2, 2], lower: [1, 0], upper: [2, 1]}}\nfields: {u: {space: P2, shape: vector}}\nconstants: {K: 175, G: 80.769, limit: 0.24, H: 1, a: 0.01}\n"
    "coefficients: {k: {space: DP0, value: \"1\"}}\n"
    "history:\n  ep: {points: 4, shape: tensor, update: \"ep + conditional(excess > 0, flow/size, 0)*s\"}\n  length: {points: 4, update: \"length + sqrt(2/3)*flow\"}\n"
    "let:\n  strain: \"sym(grad(u))\"\n  s: \"2*G*(strain - ep - tr(strain)/3*I)\"\n  s_axis: \"2*G*(tr(ep) - tr(strain)/3)\"\n  square: \"inner(s, s) + s_axis^2\"\n"
    "  size: \"sqrt(square)\"\n  excess: \"max(size - sqrt(2/3)*(k*limit + H*length), 0)\"\n  flow: \"excess/(2*G + 2/3*H)\"\n"
    "energy: \"K/2*tr(strain)^2*dx + (square/4/G - excess^2/2/(2*G + 2/3*H))*dx\"\n"
    "conditions: [{on: bottom, component: 1, value: 0}, {on: left, component: 0, value: \"a*sin(2.2*t)\"}, {on: right, value: [0, 0]}]\n"
    "time: {end: 1, step: 0.25, scheme: static}\n";

static void viscous(void **unused) {
  static const char *const all[] = {"k", "=E0", "=E1", "=tau", "=a", "=q0", NULL}, *const moving[] = {"k", "=E1", "=tau", "=a", "=q0", "0u", "1u", NULL};
  static const char *const slow[] = {"k", "=E0", "=tau", "=a", "=q0", "0u", NULL};
  (void)unused;
  check_run("maxwell", &(run_options){maxwell, "static", "u^2*dx + q*u*dx(degree=2)", "q^2*dx(degree=2) + u*dx", all, 0.2, 4, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("kelvin", &(run_options){kelvin, "newmark", "u^2*dx + q*u*dx(degree=2)", "q^2*dx(degree=2) + u*dx", moving, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("drift", &(run_options){drift, "bdf2", "u^2*dx + q*u*dx(degree=2)", "q*dt(u)*dx(degree=2)", slow, 0.1, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("drift", &(run_options){drift, "ssp3", "u^2*dx + q*u*dx(degree=2)", "q*dt(u)*dx(degree=2)", slow, 0.0005, 3, true, .method = GKT_LINEAR_DIRECT}, 1);
}

/* Along kinks of the update there is no derivative: differences are of runs on one side of them. */
static void plastic(void **unused) {
  static const char *const all[] = {"k", "=E", "=H", "=limit", "=a", NULL};
  (void)unused;
  check_near("bar",
             &(run_options){bar, "static", "x[0]*u*dx + 100*ep*u*dx(degree=2)", "length*dx(degree=2) + 1e-3*trial^2*u*dx(degree=2)", all, 0.17, 5, .method = GKT_LINEAR_DIRECT}, 2,
             3e-4);
  check_near("wave", &(run_options){wave, "generalized-alpha", "u^2*dx", "length*dx(degree=2)", all, 0.02, 6, .method = GKT_LINEAR_DIRECT}, 1, 3e-4);
  check_near("explicit wave", &(run_options){line_wave, "central-difference", "u^2*dx", "length*dx(degree=2)", all, 0.01, 10, .method = GKT_LINEAR_DIRECT}, 1, 3e-4);
}

/* An elastic and a plastic constant from a displacement that was measured along the path. */
static void measured(void **unused) {
  static const char *const all[] = {"k", "=G", "=limit", "=H", "=a", NULL};
  (void)unused;
  check_near("cylinder", &(run_options){cylinder, "static", NULL, "1e4*(u[1] - 0.002*t)^2*ds(top)", all, 0.25, 4, .method = GKT_LINEAR_DIRECT}, 1, 3e-4);
}

/* ---- bits ---- */
static void bits(void **unused) {
  static const char *const all[] = {"k", "=E", "=H", "=limit", "=a", NULL};
  const run_options o = {bar, "static", "u^2*dx", "length*dx(degree=2)", all, 0.05, 20, .method = GKT_LINEAR_DIRECT};
  (void)unused;
  compare_gradients_of_runs(o, 5000, 1e-10);
}

/* ---- what cannot be ---- */
static void refused(void **unused) {
  const run_options o = {maxwell, "static", "q*u*dx(degree=2)", NULL, (const char *const[]){"=q0", NULL}, 0.2, 1, .method = GKT_LINEAR_DIRECT};
  run_world w = make_run(&o);
  gkt_adjoint *a = NULL;
  gkt_solve_report solved;
  gkt_time_gradient_report r;
  gkt_step_report step;
  double g = 0, J, *gradients[] = {&g};
  const double direction = 1, *directions[] = {&direction};
  (void)unused;
  expect(gkt_adjoint_gradient(w.adjoint, w.J.end, NULL, w.u, &J, gradients, &solved), GKT_BAD_ARGUMENT, "holds histories: its gradients are those of runs in time");
  expect(gkt_adjoint_hessian(w.adjoint, w.J.end, NULL, w.u, directions, gradients, &solved), GKT_UNAVAILABLE, "through histories");
  expect(gkt_adjoint_create(w.s, 1, &(gkt_control){GKT_CONTROL_SHAPE, NULL}, &a), GKT_UNAVAILABLE, "by the shape through histories");
  go(&w);
  ok(gkt_time_begin(w.t, w.u, w.rate, &step)); /* from what the run before left */
  ok(gkt_time_step(w.t, 0.2, &step));
  expect(gkt_time_gradient(w.adjoint, w.trajectory, w.J, &J, gradients, &r), GKT_BAD_INPUT, "expected gkt_system_start_histories before it");
  assert_null(a);
  clear_run(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(viscous), cmocka_unit_test(plastic), cmocka_unit_test(measured), cmocka_unit_test(bits), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
