/* Claim: gradients of runs in time are right in every kind of problem: a multiplier, whose start is solved for, fields without a rate, ties, a mean that nothing fixes, paths of
   loads, lengths by errors, coefficients that follow t; within a limit of memory they are those without one. */
#include "tests/time_adjoint_world.h"

#define BOX "mesh: {box: {cells: [4, 3], upper: [1.2, 1]}}\n"
#define TIME "time: {end: 1, step: 0.1}\n"
static const char stokes[] =
    BOX TIME "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\nconstants: {a: 0.6, nu: 0.2}\ncoefficients: {f: {space: DP0, value: \"[x[1], x[0]]\"}}\n"
             "conditions: [{on: [bottom, top], field: u, value: [0, 0]}, {on: left, field: u, value: \"[a*(1 + t)*x[1]*(1 - x[1]), 0]\"}]\n"
             "equation: \"dot(dt(u), v)*dx + nu*inner(grad(u), grad(v))*dx + dot(grad(u)*u, v)*dx - p*div(v)*dx - q*div(u)*dx == dot(f, v)*dx\"\n";
static const char enclosed[] =
    BOX TIME "fields: {u: {space: P2, shape: vector, test: v}, p: {space: P1, test: q}}\nconstants: {nu: 0.2}\ncoefficients: {f: {space: P1, value: \"[x[1], -x[0]*x[1]]\"}}\n"
             "conditions: [{on: boundary, field: u, value: [0, 0]}]\n"
             "equation: \"dot(dt(u), v)*dx + nu*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx == dot(f, v)*dx\"\n";
static const char two[] = BOX TIME "fields: {u: {space: P1, test: v}, w: {space: P1, test: z}}\nconstants: {a: 0.6}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
                                   "conditions: [{on: left, field: u, value: \"a*x[1]\"}]\nequation: \"dt(u)*v*dx + k*dot(grad(w), grad(v))*dx + w*z*dx - (a*u^3 - u)*z*dx - "
                                   "0.1*dot(grad(u), grad(z))*dx == 0\"\n";
static const char periodic[] =
    BOX TIME "periodic: [{from: left, to: right}]\nfields: {u: {space: P1, test: v}}\nconstants: {a: 0.6}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
             "conditions: [{on: top, value: \"a*(1 + t)\"}]\nequation: \"dtt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*grad(u)[0]*v*dx == x[1]*v*dx\"\n";
static const char path[] =
    BOX "time: {end: 1, step: 0.1, scheme: static}\nfields: {u: {space: P1, test: v}}\nconstants: {a: 0.6}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
        "conditions: [{on: left, value: \"a*t\"}]\nequation: \"k*(1 + u^2)*dot(grad(u), grad(v))*dx == t*x[1]*v*dx\"\n";
static const char heat[] =
    BOX TIME "fields: {u: {space: P1, test: v}}\nconstants: {a: 0.6}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}, g: {space: P1, value: \"t*x[1]\"}}\n"
             "conditions: [{on: left, value: \"a*t\"}]\nequation: \"dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^2*v*dx == g*v*dx\"\n";

static void several_fields(void **unused) {
  static const char *const flow[] = {"f", "=a", "=nu", "0u", NULL}, *const closed[] = {"f", "=nu", "0u", NULL}, *const mixed[] = {"k", "=a", "0u", NULL};
  (void)unused;
  check_run("navier-stokes", &(run_options){stokes, "crank-nicolson", "dot(u, u)*dx + 0.1*p*ds(left)", "p^2*dx + u[0]*ds(right)", flow, 0.1, 2, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("navier-stokes", &(run_options){stokes, "generalized-alpha", "dot(u, u)*dx + 0.1*p*ds(left)", "u[0]*ds(right)", flow, 0.1, 2, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("enclosed", &(run_options){enclosed, "bdf2", "x[0]*p*dx", "dot(u, u)*dx", closed, 0.1, 3, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("two fields", &(run_options){two, "crank-nicolson", "u^2*dx + 0.1*w*dx", "w^2*dx", mixed, 0.02, 2, .method = GKT_LINEAR_DIRECT}, 1);
}

static void others(void **unused) {
  static const char *const tied[] = {"k", "=a", "0u", "1u", NULL}, *const loads[] = {"k", "=a", NULL}, *const all[] = {"k", "=a", "0u", NULL};
  (void)unused;
  check_run("periodic", &(run_options){periodic, "newmark", "u^2*dx + x[0]*u*dx", "u*ds(right)", tied, 0.1, 3, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("path", &(run_options){path, "static", "u^2*dx", "t*u*dx", loads, 0.3, 3, .method = GKT_LINEAR_DIRECT}, 1);
  check_run("adaptive", &(run_options){heat, "bdf2", "u^2*dx", "u*dx", all, 0.2, 2, .rtol = 3e-3, .method = GKT_LINEAR_DIRECT}, 1);
}

/* States that do not fit are computed again, and steps that are left out between records are many. */
static void within_a_limit(void **unused) {
  static const char *const all[] = {"k", "=a", "0u", NULL};
  static const char *const schemes[] = {"bdf2", "crank-nicolson", "generalized-alpha"};
  (void)unused;
  for (int i = 0; i < 3; i++) {
    run_options o = {heat, schemes[i], "u^2*dx", "u*dx", all, 0.01, 70, true, .method = GKT_LINEAR_DIRECT};
    gkt_time_gradient_report r;
    double J[2], worst = 0, largest = 0;
    run_world w = make_run(&o);
    go(&w);
    gkt_scalar *free_of_it = all_gradients(&w, &J[0], &r);
    const gkt_size whole = gkt_trajectory_memory(w.trajectory), n = size_of_gradients(&w), size = gkt_time_record_size(w.t) * (gkt_size)sizeof(gkt_scalar);
    assert_int_equal(r.repeated, 0);
    clear_run(&w);
    o.memory = whole / 2;
    for (; o.memory > 5 * size; o.memory = (gkt_size)(0.7 * (double)o.memory)) {
      w = make_run(&o);
      go(&w);
      assert_true(gkt_trajectory_memory(w.trajectory) <= o.memory);
      gkt_scalar *within = all_gradients(&w, &J[1], &r);
      assert_true(gkt_trajectory_memory(w.trajectory) <= o.memory && r.repeated >= r.steps / 2);
      if (getenv("GKT_SHOW")) print_message("%s: %lld of %lld bytes, %lld steps again\n", o.scheme, (long long)o.memory, (long long)whole, (long long)r.repeated);
      for (gkt_size k = 0; k < n; k++) worst = fmax(worst, fabs(within[k] - free_of_it[k])), largest = fmax(largest, fabs(free_of_it[k]));
      if (!(worst <= 1e-9 * largest) || !(fabs(J[1] - J[0]) <= 1e-10 * fabs(J[0]))) fail_msg("%s: %g of %g, J %.17g and %.17g", o.scheme, worst, largest, J[0], J[1]);
      free(within);
      clear_run(&w);
    }
    free(free_of_it);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(several_fields), cmocka_unit_test(others), cmocka_unit_test(within_a_limit)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
