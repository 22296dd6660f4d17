/* Claim: with `simplified` a nonlinear step in time makes about one factor where it made one for each of Newton's steps, and its solution is the same to the tolerance: of one
   unknown, beside a multiplier, and in steps so long that the tangent changes much. Where there is no factor, or another rule than the natural test accepts, it changes nothing,
   not a bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"

typedef struct {
  const char *form;
  int num_unknowns;
  double step;
} problem;
static const problem REACTION = {"dot(dt(u) + 5*dot(u, u)*u, v)*dx + k*inner(grad(u), grad(v))*dx - 20*v[1]*dx", 1, 0.02},
                     FLOW = {"dot(dt(u) + 10*grad(u)*u, v)*dx + k*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx - 30*x[1]*v[0]*dx", 2, 0.02},
                     LONG = {"dot(dt(u) + 50*dot(u, u)*u, v)*dx + k*inner(grad(u), grad(v))*dx - 2000*v[1]*dx", 1, 1};
enum { STEPS = 8 };

typedef struct {
  int newton, setups;
  gkt_vector *u;
} result;

static result march(const problem *p, bool simplified, gkt_linear_method method, gkt_acceptance accept) {
  world w = make_world(ctx, p->form, p->num_unknowns, "[t, t^2]");
  gkt_time_options o = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *time;
  result r = {0};
  assert_true(o.solve.newton.simplified); /* what the header says */
  ok(gkt_scheme_read(ctx, "midpoint", &o.scheme));
  o.step = p->step, o.solve.newton.simplified = simplified, o.solve.newton.accept = accept, o.solve.newton.linear.method = method;
  ok(gkt_system_vector(w.system, &r.u));
  ok(gkt_time_create(w.system, &o, &time));
  ok(gkt_time_begin(time, r.u, NULL, &report));
  for (int k = 1; k <= STEPS; k++) {
    ok(gkt_time_advance(time, k * p->step, &report));
    if (!report.valid) fail_msg("%s: step %d: %s", p->form, k, report.reason);
    r.newton += report.newton, r.setups += report.setups;
  }
  gkt_vector_copy(gkt_time_state(time).u, r.u);
  gkt_time_destroy(&time);
  clear(&w);
  return r;
}

/* of the two solutions, which are destroyed */
static double difference(result *a, result *b) {
  const double size = gkt_vector_norm(a->u);
  gkt_vector_axpy(-1, a->u, b->u);
  const double d = gkt_vector_norm(b->u) / size;
  gkt_vector_destroy(&a->u), gkt_vector_destroy(&b->u);
  return d;
}

static void one_factor(void **unused) {
  (void)unused;
  for (const problem **p = (const problem *[]){&REACTION, &FLOW, NULL}; *p; p++) {
    result with = march(*p, true, GKT_LINEAR_DIRECT, GKT_ACCEPT_AUTO), without = march(*p, false, GKT_LINEAR_DIRECT, GKT_ACCEPT_AUTO);
    if (without.newton < 2 * STEPS || 10 * with.newton > 6 * without.newton || with.setups > with.newton)
      fail_msg("%s: %d systems and %d factors, %d without simplified steps", (*p)->form, with.newton, with.setups, without.newton);
    const double d = difference(&with, &without);
    if (!(d < 1e-8)) fail_msg("%s: solutions differ by %g", (*p)->form, d);
  }
}

static void long_steps(void **unused) {
  (void)unused;
  result with = march(&LONG, true, GKT_LINEAR_DIRECT, GKT_ACCEPT_AUTO), without = march(&LONG, false, GKT_LINEAR_DIRECT, GKT_ACCEPT_AUTO);
  if (without.newton < 4 * STEPS || with.newton > without.newton) fail_msg("%d systems, %d without simplified steps", with.newton, without.newton);
  assert_true(difference(&with, &without) < 1e-8);
}

static void nothing_else(void **unused) {
  (void)unused;
  static const struct {
    gkt_linear_method method;
    gkt_acceptance accept;
  } cases[] = {{GKT_LINEAR_GMRES, GKT_ACCEPT_NATURAL}, {GKT_LINEAR_DIRECT, GKT_ACCEPT_RESIDUAL}, {GKT_LINEAR_DIRECT, GKT_ACCEPT_FULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    result with = march(&REACTION, true, cases[i].method, cases[i].accept), without = march(&REACTION, false, cases[i].method, cases[i].accept);
    assert_int_equal(with.newton, without.newton);
    assert_true(difference(&with, &without) == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_factor),
      cmocka_unit_test(long_steps),
      cmocka_unit_test(nothing_else),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
