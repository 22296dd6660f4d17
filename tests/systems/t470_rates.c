/* Claim: residuals of forms with rates are those of the state that is given, rates that are not given are 0, and the tangent with its shifts is the derivative of the residual
   along u + value h d, u' + rate h d, u'' + acceleration h d, for linear and nonlinear forms, of one field and of two, on every backend; arrays of the caller's need no room for
   rates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/system.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"

static world make(gkt_context *context, const char *text, int num_unknowns) {
  world w = make_world(context, text, num_unknowns, "[0, 0]");
  ok(gkt_system_set_data(w.system, &(gkt_inputs){.constants = (const gkt_scalar[]){1.5}}));
  return w;
}

static gkt_vector *wave(gkt_system *s, double size, double phase) {
  gkt_vector *v;
  ok(gkt_system_vector(s, &v));
  for (gkt_idx i = 0; i < gkt_vector_size(v); i++) gkt_vector_values(v)[i] = size * (sin(0.7 * i + phase) + 0.3 * cos(2.9 * i));
  return v;
}

static const struct {
  const char *text;
  int num_unknowns;
} cases[] = {{"dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx - v[0]*dx", 1},
             {"dot(dtt(u), v)*dx + inner(sym(grad(u)) + k*sym(grad(dt(u))), grad(v))*dx + dot(dt(u), v)*ds(right)", 1},
             {"dot(dt((1 + dot(u, u))*u), v)*dx + dot(dt(u), dt(u))*v[1]*dx + inner(grad(u), grad(v))*dx", 1},
             {"dot(dt(u) + grad(u)*u, v)*dx + inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + 0.1*dt(p)*q*dx + t*k*p*q*dx", 2}};

typedef struct {
  gkt_vector *u, *rate, *acceleration;
} motion;
static void move(motion *m, const gkt_shifts *s, double h, const gkt_vector *d) {
  gkt_vector_axpy(h * s->value, d, m->u), gkt_vector_axpy(h * s->rate, d, m->rate), gkt_vector_axpy(h * s->acceleration, d, m->acceleration);
}
static gkt_state state_of(const motion *m) { return (gkt_state){.u = m->u, .rate = m->rate, .acceleration = m->acceleration, .time = 0.3}; }

/* By a difference of fourth order: of polynomials of degree 4 in h exact to rounding. */
static void tangents_are_derivatives(void **state) {
  (void)state;
  static const gkt_shifts all[] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.7, 20, 300}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
      world w = make(ctx, cases[c].text, cases[c].num_unknowns);
      motion m = {wave(w.system, 0.3, 0), wave(w.system, 0.4, 1), wave(w.system, 0.2, 2)};
      gkt_vector *d = wave(w.system, 0.1, 3), *sum = wave(w.system, 0, 0), *r = wave(w.system, 0, 0), *image = wave(w.system, 0, 0);
      gkt_csr *A;
      ok(gkt_system_lift(w.system, d)); /* 0 where it is held */
      ok(gkt_system_matrix(w.system, &A));
      gkt_state at = state_of(&m);
      ok(gkt_system_tangent(w.system, &at, all[k], A));
      gkt_csr_multiply(A, gkt_vector_read(d), gkt_vector_values(image));
      const double h = 0.1, weights[] = {1, -8, 8, -1}, places[] = {-2, -1, 1, 2};
      for (int i = 0; i < 4; i++) {
        move(&m, &all[k], h * places[i], d);
        at = state_of(&m);
        ok(gkt_system_residual(w.system, &at, r));
        gkt_vector_axpy(weights[i] / (12 * h), r, sum);
        move(&m, &all[k], -h * places[i], d);
      }
      const double size = gkt_vector_norm(image);
      gkt_vector_axpy(-1, image, sum);
      if (!(gkt_vector_norm(sum) <= 1e-11 * (1 + size))) fail_msg("%s, shifts %zu: tangent of size %g is off by %g", cases[c].text, k, size, gkt_vector_norm(sum));
      assert_true(k == 2 ? c == 1 || size == 0 : size > 0); /* accelerations are in the second form only */
      gkt_csr_destroy(&A);
      gkt_vector_destroy(&d), gkt_vector_destroy(&sum), gkt_vector_destroy(&r), gkt_vector_destroy(&image);
      gkt_vector_destroy(&m.u), gkt_vector_destroy(&m.rate), gkt_vector_destroy(&m.acceleration);
      clear(&w);
    }
}

static void backends_agree(void **state) {
  (void)state;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gkt_vector *r[2];
    world w[2];
    for (int b = 0; b < 2; b++) {
      gkt_context *context;
      ok(gkt_context_create(&(gkt_context_options){.backend = b ? GKT_BACKEND_INTERPRETER : GKT_BACKEND_DEFAULT}, &context));
      w[b] = make(context, cases[c].text, cases[c].num_unknowns);
      motion m = {wave(w[b].system, 0.3, 0), wave(w[b].system, 0.4, 1), wave(w[b].system, 0.2, 2)};
      const gkt_state at = state_of(&m);
      r[b] = wave(w[b].system, 0, 0);
      ok(gkt_system_residual(w[b].system, &at, r[b]));
      gkt_vector_destroy(&m.u), gkt_vector_destroy(&m.rate), gkt_vector_destroy(&m.acceleration);
      gkt_context_destroy(&context);
    }
    const double size = gkt_vector_norm(r[0]);
    gkt_vector_axpy(-1, r[1], r[0]);
    assert_true(size > 0.01 && gkt_vector_norm(r[0]) <= 1e-13 * size);
    for (int b = 0; b < 2; b++) gkt_vector_destroy(&r[b]), clear(&w[b]);
  }
}

/* R(u, 0, 0), and a solve finds the steady state. */
static void without_rates_things_rest(void **state) {
  (void)state;
  world w = make(ctx, cases[1].text, 1), steady = make(ctx, "inner(sym(grad(u)), grad(v))*dx", 1);
  gkt_vector *u = wave(w.system, 0.3, 0), *a = wave(w.system, 0, 0), *b = wave(w.system, 0, 0);
  ok(gkt_system_residual(w.system, &(gkt_state){.u = u}, a));
  ok(gkt_system_residual(steady.system, &(gkt_state){.u = u}, b));
  const double size = gkt_vector_norm(b);
  gkt_vector_axpy(-1, a, b);
  assert_true(size > 0.01 && gkt_vector_norm(b) <= 1e-14 * size);
  gkt_vector_destroy(&u), gkt_vector_destroy(&a), gkt_vector_destroy(&b);
  clear(&w), clear(&steady);
  w = make(ctx, cases[0].text, 1), steady = make(ctx, "k*inner(grad(u), grad(v))*dx - v[0]*dx", 1);
  gkt_solve_report reports[2];
  u = wave(w.system, 0, 0), a = wave(w.system, 0, 0);
  ok(gkt_system_solve(w.system, NULL, u, &reports[0])), ok(gkt_system_solve(steady.system, NULL, a, &reports[1]));
  assert_true(reports[0].valid && reports[1].valid && reports[0].positive);
  gkt_vector_axpy(-1, a, u);
  assert_true(gkt_vector_norm(u) <= 1e-9 * gkt_vector_norm(a));
  for (int k = 0; k < 2; k++) gkt_solve_report_clear(&reports[k]);
  gkt_vector_destroy(&u), gkt_vector_destroy(&a);
  clear(&w), clear(&steady);
}

static void wrong_rates_are_refused(void **state) {
  (void)state;
  world w = make(ctx, cases[0].text, 1);
  gkt_vector *u = wave(w.system, 0, 0), *r = wave(w.system, 0, 0), *shorter;
  ok(gkt_vector_create(ctx, 3, &shorter));
  assert_int_equal(gkt_system_residual(w.system, &(gkt_state){.u = u, .rate = shorter}, r), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "rate has 3 entries; expected"));
  assert_int_equal(gkt_system_set_constant(w.system, "shift(u)", 2), GKT_BAD_ARGUMENT);
  gkt_vector_destroy(&u), gkt_vector_destroy(&r), gkt_vector_destroy(&shorter);
  clear(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(tangents_are_derivatives), cmocka_unit_test(backends_agree), cmocka_unit_test(without_rates_things_rest),
                                     cmocka_unit_test(wrong_rates_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
