/* Claim: observed orders in time are those of theory also where a multiplier holds a constraint, linear and nonlinear, of first and of second order, where fields with u'' and
   others with u' go together, and with lumped masses inside of conditions, implicit and explicit; conditions and coefficients depend on time everywhere. Errors against solutions
   that the spaces hold exactly. More cases: t480. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"
#include "time/scheme.h"

typedef struct {
  const char *form, *exact, *rate, *exact_p; /* u is held at `exact` on the left side, of lumped problems everywhere; p NULL: no unknown */
  int rates;                                 /* of u */
  bool p_has_rate;                           /* p has a rate; else it is a multiplier */
  const char *acceleration;                  /* of lumped problems with u'' */
} problem;

/* Solutions are linear in x, without divergence; stresses and loads are those of the solution, so that the other sides are free. */
static const problem implicit_problems[] = {
    /* Stokes */
    {"dot(dt(u) - [cos(t)*x[1], -sin(t)*x[0]], v)*dx + (1 + t)*inner(grad(u) - [[0, sin(t)], [cos(t), 0]], grad(v))*dx - (p - (1 + t^2)*x[0])*div(v)*dx - q*div(u)*dx",
     "[sin(t)*x[1], cos(t)*x[0]]", "[cos(t)*x[1], -sin(t)*x[0]]", "(1 + t^2)*x[0]", 1, false, NULL},
    /* Navier and Stokes */
    {"dot(dt(u) + grad(u)*u - [cos(t)*x[1] + sin(t)*cos(t)*x[0], -sin(t)*x[0] + sin(t)*cos(t)*x[1]], v)*dx + (1 + t)*inner(grad(u) - [[0, sin(t)], [cos(t), 0]], grad(v))*dx - (p "
     "- "
     "(1 + t^2)*x[0])*div(v)*dx - q*div(u)*dx",
     "[sin(t)*x[1], cos(t)*x[0]]", "[cos(t)*x[1], -sin(t)*x[0]]", "(1 + t^2)*x[0]", 1, false, NULL},
    /* a body that keeps its volume, damped */
    {"dot(dtt(u) - [-sin(t)*x[1], -cos(t)*x[0]], v)*dx + (1 + t)*inner(grad(u) - [[0, sin(t)], [cos(t), 0]] + dt(grad(u)) - [[0, cos(t)], [-sin(t), 0]], grad(v))*dx - (p - (1 + "
     "t^2)*x[0])*div(v)*dx - q*div(u)*dx",
     "[sin(t)*x[1], cos(t)*x[0]]", "[cos(t)*x[1], -sin(t)*x[0]]", "(1 + t^2)*x[0]", 2, false, "[-sin(t)*x[1], -cos(t)*x[0]]"},
    /* u'' and p', coupled, with masses, damping and stiffness that depend on time and state */
    {"dot((1 + t)*dtt(u) - (1 + t)*[-sin(t)*x[1], -cos(t)*x[0]] + dot(u, u)*dt(u) - (sin(t)^2*x[1]^2 + cos(t)^2*x[0]^2)*[cos(t)*x[1], -sin(t)*x[0]], v)*dx + (1 + t)*inner(grad(u) "
     "- "
     "[[0, sin(t)], [cos(t), 0]], grad(v))*dx - (p - exp(-t)*x[0])*div(v)*dx + (dt(p) + exp(-t)*x[0] + div(dt(u)))*q*dx + (1 + t)*dot(grad(p) - [exp(-t), 0], grad(q))*dx",
     "[sin(t)*x[1], cos(t)*x[0]]", "[cos(t)*x[1], -sin(t)*x[0]]", "exp(-t)*x[0]", 2, true, "[-sin(t)*x[1], -cos(t)*x[0]]"},
};

/* P1, to be lumped: inside, row sums of loads that are linear in x are exact on this mesh. */
static const problem lumped_problems[] = {
    {"dt(u)*v*dx + 0.1*(1 + t)*dot(grad(u) - [2*sin(3*t), 0], grad(v))*dx + exp(-t)*(u^3 - (sin(3*t)*(1 + 2*x[0]))^3)*v*dx - 3*cos(3*t)*(1 + 2*x[0])*v*dx", "sin(3*t)*(1 + 2*x[0])",
     "3*cos(3*t)*(1 + 2*x[0])", NULL, 1, false, NULL},
    {"dtt(u)*v*dx + (1 + t)*(dt(u) - 3*cos(3*t)*(1 + 2*x[0]))*v*dx + 0.1*(1 + t)*dot(grad(u) - [2*sin(3*t), 0], grad(v))*dx + exp(-t)*(u^3 - (sin(3*t)*(1 + 2*x[0]))^3)*v*dx + "
     "9*sin(3*t)*(1 + 2*x[0])*v*dx",
     "sin(3*t)*(1 + 2*x[0])", "3*cos(3*t)*(1 + 2*x[0])", NULL, 2, false, "-9*sin(3*t)*(1 + 2*x[0])"},
};

static world make_lumped(const problem *p) { return make_scalar_world(ctx, &(scalar_world){{4, 4}, 1, p->form, p->exact, {"boundary"}, true}); }

/* Of u, and of p where there is one, in a vector of the system. */
static gkt_vector *values(const world *w, const char *u, const char *p, double time) {
  const gkt_layout *l = gkt_system_layout(w->system);
  gkt_vector *v;
  ok(gkt_system_vector(w->system, &v));
  for (int b = 0; b < l->num_blocks; b++) {
    const char *text = l->blocks[b].function == w->u ? u : p;
    if (!text) continue;
    gkt_expression *e = parse(w, text);
    ok(gkt_interpolate(e, l->blocks[b].function == w->u ? w->V : w->P, &(gkt_inputs){.time = time}, gkt_vector_values(v) + l->blocks[b].first));
    gkt_expression_destroy(&e);
  }
  return v;
}

typedef struct {
  double u, rate, acceleration, p;
} errors;

static double largest(const world *w, int function, const gkt_vector *a, const gkt_vector *b) {
  const gkt_layout *l = gkt_system_layout(w->system);
  double most = 0;
  for (int k = 0; k < l->num_blocks; k++)
    for (gkt_idx i = l->blocks[k].first; l->blocks[k].function == function && i < l->blocks[k].first + l->blocks[k].count; i++)
      most = fmax(most, fabs(gkt_vector_read(a)[i] - gkt_vector_read(b)[i]));
  return most;
}

static errors errors_of(const problem *p, const gkt_scheme *scheme, int n, bool uneven) {
  const bool lumps = p >= lumped_problems && p < lumped_problems + sizeof lumped_problems / sizeof *lumped_problems;
  world w = lumps ? make_lumped(p) : make_world(ctx, p->form, p->exact_p ? 2 : 1, p->exact);
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  errors out;
  options.scheme = *scheme, options.step = 1.0 / n;
  options.solve.newton.rtol = options.solve.newton.linear.rtol = 1e-13;
  ok(gkt_time_create(w.system, &options, &t));
  gkt_vector *u = values(&w, p->exact, p->exact_p, 0), *rate = values(&w, p->rate, NULL, 0), *exact = values(&w, p->exact, p->exact_p, 1),
             *exact_rate = values(&w, p->rate, NULL, 1);
  ok(gkt_time_begin(t, u, p->rates == 2 ? rate : NULL, &report));
  if (!report.valid) fail_msg("%s: start: %s", p->form, report.reason);
  for (int k = 0; k < n; k++) {
    ok(gkt_time_step(t, options.step * (!uneven ? 1 : k % 3 == 0 ? 0.6 : k % 3 == 1 ? 1.5 : 0.9), &report));
    if (!report.valid) fail_msg("%s: step %d: %s", p->form, k, report.reason);
  }
  const gkt_state end = gkt_time_state(t);
  assert_true(fabs(end.time - 1) < 1e-12);
  gkt_vector *exact_acceleration = values(&w, p->acceleration, NULL, 1);
  out = (errors){largest(&w, w.u, end.u, exact), largest(&w, w.u, end.rate, exact_rate), largest(&w, w.u, end.acceleration, exact_acceleration),
                 p->exact_p ? largest(&w, w.p, end.u, exact) : 0};
  gkt_vector_destroy(&u), gkt_vector_destroy(&rate), gkt_vector_destroy(&exact), gkt_vector_destroy(&exact_rate), gkt_vector_destroy(&exact_acceleration);
  gkt_time_destroy(&t);
  clear(&w);
  return out;
}

static void check_steps(const problem *p, int number, const char *text, int n, bool uneven) {
  gkt_scheme s;
  ok(gkt_scheme_read(ctx, text, &s));
  if (p->rates == 2 && gkt_scheme_rates(&s) == 1) return;
  const double order = gkt_scheme_order(&s);
  const errors coarse = errors_of(p, &s, n, uneven), fine = errors_of(p, &s, 2 * n, uneven);
  const double of_u = log2(coarse.u / fine.u), of_rate = log2(coarse.rate / fine.rate), of_p = log2(coarse.p / fine.p),
               of_acceleration = log2(coarse.acceleration / fine.acceleration);
  if (getenv("GKT_SHOW"))
    print_message("problem %d, %s: u %.2e %.2f, u' %.2e %.2f, u'' %.2e %.2f, p %.2e %.2f%s\n", number, text, fine.u, of_u, fine.rate, of_rate, fine.acceleration,
                  p->acceleration ? of_acceleration : 0, fine.p, p->exact_p ? of_p : 0, uneven ? ", uneven steps" : "");
  if (!(of_u > order - 0.1) || !(fine.u < 0.05)) fail_msg("problem %d, %s: u %g, %g: order %.3f", number, text, coarse.u, fine.u, of_u);
  if (gkt_scheme_is_explicit(&s) && (!(of_rate > 1.9) || !(fine.rate < 0.1))) fail_msg("problem %d, %s: u' %g, %g: order %.3f", number, text, coarse.rate, fine.rate, of_rate);
  const double of_second = s.kind == GKT_SCHEME_NEWMARK && order == 2 && !uneven ? 2 : 1; /* u'': at conditions of explicit steps, and of generalized-alpha between, of order 1 */
  if (p->acceleration && (!(of_acceleration > of_second - 0.1) || !(fine.acceleration < 2)))
    fail_msg("problem %d, %s: u'' %g, %g: order %.3f", number, text, coarse.acceleration, fine.acceleration, of_acceleration);
  if (p->rates == 2 && (!(of_rate > order - 0.1) || !(fine.rate < 0.1))) fail_msg("problem %d, %s: u' %g, %g: order %.3f", number, text, coarse.rate, fine.rate, of_rate);
  /* a multiplier is that of some time within the step, of newmark, with u'', that of its end */
  const double of_multiplier = p->rates == 2 ? of_second : 1;
  if (p->exact_p && !p->p_has_rate && (!(of_p > of_multiplier - 0.1) || !(fine.p < 0.1))) fail_msg("problem %d, %s: p %g, %g: order %.3f", number, text, coarse.p, fine.p, of_p);
  if (p->p_has_rate && (!(of_p > order - 0.1) || !(fine.p < 0.05))) fail_msg("problem %d, %s: p %g, %g: order %.3f", number, text, coarse.p, fine.p, of_p);
}

static void check(const problem *p, int number, const char *text, int n) { check_steps(p, number, text, n, false); }

static void implicit_orders(void **state) {
  (void)state;
  static const char *const schemes[] = {"euler", "crank-nicolson", "theta(0.7)", "midpoint", "bdf2", "newmark", "newmark(0.3, 0.6)", "generalized-alpha(0.5)"};
  for (size_t p = 0; p < sizeof implicit_problems / sizeof *implicit_problems; p++)
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) check(&implicit_problems[p], (int)p, schemes[k], 16);
}

/* At conditions rates are those of a parabola: u' of order 2, u'' of 1. */
static void explicit_orders(void **state) {
  (void)state;
  check(&lumped_problems[0], 0, "ssp3", 40);
  check(&lumped_problems[0], 0, "rk4", 40);
  check(&lumped_problems[1], 1, "central-difference", 40);
}

static void lumped_orders(void **state) {
  (void)state;
  static const char *const first[] = {"euler", "crank-nicolson", "theta(0.7)", "midpoint", "bdf2"}, *const second[] = {"newmark", "generalized-alpha(0.5)"};
  for (size_t k = 0; k < sizeof first / sizeof *first; k++) check(&lumped_problems[0], 0, first[k], 40);
  for (size_t k = 0; k < sizeof second / sizeof *second; k++) check(&lumped_problems[1], 1, second[k], 40);
  check(&lumped_problems[1], 1, "newmark(0.3, 0.6)", 320); /* two errors cancel in longer steps */
}

/* What newmark shows of u'' and of multipliers has an order where lengths vary, too. */
static void uneven_orders(void **state) {
  (void)state;
  check_steps(&implicit_problems[2], 2, "newmark", 30, true);
  check_steps(&lumped_problems[1], 1, "newmark", 60, true);
  check_steps(&lumped_problems[1], 1, "generalized-alpha(1)", 60, true);
}

/* Where nothing moves u'' is the scheme's own: the equation holds at the end of a step. */
static void other_accelerations_are_the_schemes_own(void **state) {
  (void)state;
  world w = make_scalar_world(ctx, &(scalar_world){{3, 3}, 1, "dtt(u)*v*dx + dot(grad(u), grad(v))*dx - x[1]*v*dx", "0", {"left"}, false});
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  gkt_vector *u, *r;
  ok(gkt_scheme_read(ctx, "newmark", &options.scheme));
  options.step = 0.1, options.solve.newton.linear.rtol = 1e-13;
  ok(gkt_system_vector(w.system, &u));
  ok(gkt_system_vector(w.system, &r));
  assert_false(gkt_system_conditions_vary(w.system));
  ok(gkt_time_create(w.system, &options, &t));
  ok(gkt_time_begin(t, u, NULL, &report));
  for (int k = 0; k < 6; k++) ok(gkt_time_step(t, 0.1, &report));
  const gkt_state now = gkt_time_state(t);
  ok(gkt_system_residual(w.system, &now, r));
  assert_true(gkt_vector_norm(now.acceleration) > 0.1 && gkt_vector_norm(r) < 1e-12);
  gkt_time_destroy(&t);
  gkt_vector_destroy(&u), gkt_vector_destroy(&r);
  clear(&w);
}

/* Where a condition moves u'' would grow by 3.7 a step, whatever the step, and the rest with it. */
static void unstable_recurrences_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *scheme, *held, *message;
  } cases[] = {{"newmark(0.1666, 0.5)", "t", "newmark(0.1666, 0.5): where conditions move"},
               {"newmark(0.25, 0.6)", "t", "expected beta from gamma/2 = 0.3 on"},
               {"newmark(0.3, 0.6)", "t", NULL},
               {"newmark(0.1666, 0.5)", "0", NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    world w = make_scalar_world(ctx, &(scalar_world){{2, 2}, 1, "dtt(u)*v*dx + dot(grad(u), grad(v))*dx - x[1]*v*dx", cases[i].held, {"left"}, false});
    gkt_time_options options = gkt_time_options_default();
    gkt_step_report report;
    gkt_time *t;
    gkt_vector *u;
    ok(gkt_scheme_read(ctx, cases[i].scheme, &options.scheme));
    options.step = 0.01;
    ok(gkt_system_vector(w.system, &u));
    ok(gkt_time_create(w.system, &options, &t));
    const gkt_status status = gkt_time_begin(t, u, NULL, &report);
    if (cases[i].message ? status != GKT_BAD_INPUT || !strstr(gkt_context_message(ctx), cases[i].message) : status != GKT_OK)
      fail_msg("%s: %d, %s", cases[i].scheme, status, gkt_context_message(ctx));
    gkt_context_clear(ctx);
    gkt_time_destroy(&t);
    gkt_vector_destroy(&u);
    clear(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(explicit_orders),
                                     cmocka_unit_test(lumped_orders),
                                     cmocka_unit_test(uneven_orders),
                                     cmocka_unit_test(other_accelerations_are_the_schemes_own),
                                     cmocka_unit_test(unstable_recurrences_are_refused),
                                     cmocka_unit_test(implicit_orders)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
