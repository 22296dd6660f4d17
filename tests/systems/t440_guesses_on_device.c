/* Claim: on a device adjoint systems begin from what was solved there before: a compliance's is a multiple of the state and is not iterated for, one of a matrix that is not
   symmetric begins from the adjoint before. Gradients are those of the interpreter; of vectors nothing crosses the bus for a guess. */
#include "core/vector.h"
#include "tests/adjoint_world.h"
#include "tests/emulated_device.h"
#include "tests/gradients.h"

#define MESH "mesh: {box: {cells: [12, 10], upper: [1.2, 1], shape: tri}}\n"
#define DATA "coefficients:\n  k: {space: DP0, value: \"1 + 0.5*sin(3*x[0])*x[1]\"}\n  f: {space: P1, value: \"1 + x[0]*x[1]\"}\nfields: {u: {space: P1, test: v}}\n"
static const char compliance[] = MESH DATA "conditions: [{on: left, value: 0}]\nequation: \"k*dot(grad(u), grad(v))*dx == f*v*dx\"\n";
static const char wind[] = MESH DATA "conditions: [{on: left, value: 0}]\nequation: \"(k*dot(grad(u), grad(v)) + 5*dot([1, x[0]], grad(u))*v)*dx == f*v*dx\"\n";
enum { ROOM = 400 };

typedef struct {
  int state, adjoint[2]; /* iterations, of a gradient and of another one at the same state */
  gkt_size n, down[2];   /* entries of the gradient; bytes from the device for each */
  double gradient[ROOM];
} results;

static gkt_size bytes_down(const gkt_context *context) { return context->device ? gkt_device_count_all(context->device).bytes_down : 0; }

static results find(const char *text, const char *J, gkt_linear_method method, gkt_backend backend) {
  gkt_context *context;
  gkt_solve_report report;
  gkt_where where;
  gkt_vector *u;
  double value;
  results r = {0};
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .poison = true, .threads = 1}, &context), GKT_OK);
  adjoint_world w = make_world_on(context, text, method, J, (const char *const[]){"k", NULL});
  ok_in(context, gkt_system_where(w.s, &where));
  ok_in(context, gkt_vector_create_on(context, where, gkt_vector_size(w.u), &u));
  ok_in(context, gkt_system_solve(w.s, &w.options, u, &report));
  assert_true(report.valid);
  r.state = report.linear.iterations, r.n = gkt_adjoint_control_size(w.adjoint, 0);
  assert_true(r.n <= ROOM);
  gkt_solve_report_clear(&report);
  for (int k = 0; k < 2; k++) {
    const gkt_size before = bytes_down(context);
    memset(r.gradient, 0, sizeof r.gradient);
    ok_in(context, gkt_adjoint_gradient(w.adjoint, w.J, &w.options, u, &value, (gkt_scalar *const[]){r.gradient}, &report));
    assert_true(report.valid && report.assemblies == 0);
    r.adjoint[k] = report.linear.iterations, r.down[k] = bytes_down(context) - before;
    gkt_solve_report_clear(&report);
  }
  gkt_vector_destroy(&u);
  clear_world(&w);
  gkt_context_destroy(&context);
  return r;
}

static void compare(const char *what, const results *want, const results *have) {
  const double off = gradients_distance(want->n, want->gradient, have->gradient);
  if (getenv("GKT_SHOW"))
    print_message("%s: %d iterations of the state, %d and %d of adjoints; %ld and %ld bytes down\n", what, have->state, have->adjoint[0], have->adjoint[1], (long)have->down[0],
                  (long)have->down[1]);
  if (!(off <= 1e-8)) fail_msg("%s: gradients differ by %g", what, off);
}

static void multiples_of_the_state(void **unused) {
  (void)unused;
  const results want = find(compliance, "f*u*dx", GKT_LINEAR_CG, GKT_BACKEND_INTERPRETER), have = find(compliance, "f*u*dx", GKT_LINEAR_CG, GKT_BACKEND_CUDA);
  compare("compliance", &want, &have);
  assert_true(have.state > 5);
  assert_int_equal(have.adjoint[0], 0), assert_int_equal(have.adjoint[1], 0);
  assert_true(have.down[0] < 2 * have.n * 8 + 800); /* dJ/dk, lambda' dR/dk, scalars; a vector has 1,144 bytes */
}

static void adjoints_before(void **unused) {
  (void)unused;
  const results want = find(wind, "(u - x[0])^2*dx", GKT_LINEAR_GMRES, GKT_BACKEND_INTERPRETER), have = find(wind, "(u - x[0])^2*dx", GKT_LINEAR_GMRES, GKT_BACKEND_CUDA);
  compare("a wind", &want, &have);
  assert_true(have.adjoint[0] > 5 && have.adjoint[1] <= 1);
  assert_true(have.down[1] < 2 * have.n * 8 + 800);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(multiples_of_the_state), cmocka_unit_test(adjoints_before)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
