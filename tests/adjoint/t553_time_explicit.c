/* Claim: gradients of explicit runs are those of what is computed, by ssp3, rk4 and central-difference: against differences of runs to 1e-6, Taylor remainders of order 2; by
   coefficients and constants in the form, in its lumped masses, in values of conditions and in functionals, by initial states and rates; with ties, several fields, damping, steps
   by errors, of which rk4 takes two at once; the same bits with 1, 2 and 4 threads, and within a limit of memory. Nothing is assembled as a matrix on the way back. */
#include "tests/time_adjoint_world.h"

#define BOX "mesh: {box: {cells: [4, 3], upper: [1.2, 1]}}\n"
#define TIME "time: {end: 1, step: 0.01}\n"
#define DATA                                                                                             \
  "constants: {a: 0.7, b: 1.3}\ncoefficients:\n  k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}\n" \
  "  f: {space: P1, value: \"1 + x[0]*x[1]\"}\n"
#define FIELD "fields: {u: {space: P1, test: v}}\n"
#define HELD "conditions: [{on: left, value: \"b*x[1]*(1 + t) + 3*t^2*f\"}]\n"
static const char reaction[] = BOX TIME DATA FIELD HELD "equation: \"(a + 0.3*k)*f*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*dx == f*(1 + t)*v*dx + b*u*v*ds(top)\"\n";
static const char wave[] = BOX TIME DATA FIELD HELD "equation: \"a*k*dtt(u)*v*dx + b*(1 + u^2)*dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == a*f*(1 + t)*v*dx\"\n";
static const char undamped[] = BOX TIME DATA FIELD "conditions: [{on: left, value: 0}]\nequation: \"f*dtt(u)*v*dx + k*dot(grad(u), grad(v))*dx + a*u^3*v*dx == b*v*dx\"\n";
static const char elastic[] = BOX TIME DATA
    "periodic: [{from: bottom, to: top}]\nfields: {u: {space: P1, shape: vector, test: v}, w: {space: P1, test: z}}\n"
    "conditions: [{on: left, field: u, value: \"[a*t^2, 0]\"}, {on: right, field: w, value: \"b*t^2\"}]\n"
    "equation: \"f*dot(dtt(u), v)*dx + k*inner(sym(grad(u)), grad(v))*dx + w*div(v)*dx + b*dtt(w)*z*dx + dot(grad(w), grad(z))*dx + 0.3*dt(u)[0]*z*dx == x[0]*v[1]*dx\"\n";
static const char pair[] =
    BOX TIME DATA "periodic: [{from: bottom, to: top}]\nfields: {u: {space: P1, shape: vector, test: v}, w: {space: P1, test: z}}\n"
                  "conditions: [{on: left, field: w, value: \"b*t\"}]\n"
                  "equation: \"f*dot(dt(u), v)*dx + 0.1*inner(grad(u), grad(v))*dx + dot(grad(w), v)*dx + b*dt(w)*z*dx + k*dot(grad(w), grad(z))*dx == u[0]^2*z*dx\"\n";
static const char end[] = "0.5*(u - x[0]*x[1])^2*dx + 0.1*a*k*u*dx", running[] = "t*u^2*ds(top) + 0.3*b*u*f*dx";
static const char *const first[] = {"k", "f", "=a", "=b", "0u", NULL}, *const second[] = {"k", "f", "=a", "=b", "0u", "1u", NULL};

static void first_order(void **unused) {
  static const char *const schemes[] = {"ssp3", "rk4"};
  (void)unused;
  for (int i = 0; i < 2; i++) check_run("reaction", &(run_options){reaction, schemes[i], end, running, first, 0.02, 4, true, .memory = 0}, 2);
}

static void second_order(void **unused) {
  (void)unused;
  check_run("wave", &(run_options){wave, "central-difference", end, running, second, 0.04, 4, true, .memory = 0}, 2);
  check_run("undamped", &(run_options){undamped, "central-difference", end, NULL, second, 0.05, 3, false, .memory = 0}, 2);
}

static void several_fields(void **unused) {
  static const char *const all[] = {"k", "f", "=a", "=b", "0u", "1w", NULL}, *const both[] = {"k", "f", "=b", "0u", "0w", NULL};
  (void)unused;
  check_run("elastic", &(run_options){elastic, "central-difference", "dot(u, u)*dx + w*ds(left)", "u[0]*w*dx", all, 0.05, 3, true, .memory = 0}, 1);
  check_run("pair", &(run_options){pair, "ssp3", "dot(u, u)*dx + w*ds(right)", "u[0]*w*dx", both, 0.01, 3, true, .memory = 0}, 1);
}

/* Lengths are those of the run, and are held fixed. */
static void adaptive(void **unused) {
  static const char *const schemes[] = {"ssp3", "rk4", "central-difference"};
  (void)unused;
  for (int i = 0; i < 3; i++) check_run("adaptive", &(run_options){i < 2 ? reaction : wave, schemes[i], end, running, i < 2 ? first : second, 0.03, 2, .rtol = 1e-2}, 1);
}

/* ---- bits, a limit of memory, what is done ---- */
static void bits(void **unused) {
  static const char *const schemes[] = {"ssp3", "rk4", "central-difference"};
  (void)unused;
  for (int i = 0; i < 3; i++) {
    run_options o = {i < 2 ? reaction : wave, schemes[i], end, running, i < 2 ? first : second, 0.01, 40, true, .memory = 0};
    gkt_time_gradient_report r;
    gkt_size n;
    gkt_scalar *one = gradients_of_run(1, &o, false, &n, &r);
    assert_true(r.steps == 40 && r.repeated == 0 && r.linear == 0 && r.assemblies == 0 && r.setups == 0);
    for (int threads = 1; threads <= 4; threads *= 2) { /* alone within a limit: explicit steps have the same bits again */
      o.memory = threads == 1 ? 9000 : 0;
      gkt_scalar *other = gradients_of_run(threads, &o, false, &n, &r);
      assert_memory_equal(one, other, (size_t)n * sizeof *one);
      assert_true((r.repeated > 20) == (threads == 1));
      free(other);
    }
    free(one);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(first_order), cmocka_unit_test(second_order), cmocka_unit_test(several_fields), cmocka_unit_test(adaptive),
                                     cmocka_unit_test(bits)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
