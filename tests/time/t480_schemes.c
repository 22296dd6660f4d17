/* Claim: words of schemes are read and refused by name; observed orders of convergence in time are those of theory, for equations of first and of second order, linear and
   nonlinear, with conditions and coefficients that depend on time, with fields that have no rate and with multipliers: errors against solutions that the spaces hold exactly, so
   that only time counts; a record goes on with the same bits, and those of others are refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"
#include "time/scheme.h"

/* ---- words ---- */
static void words(void **state) {
  (void)state;
  static const struct {
    const char *text, *printed, *message;
  } cases[] = {{"euler", "euler", NULL},
               {"theta(0.75)", "theta(0.75)", NULL},
               {"newmark", "newmark(0.25, 0.5)", NULL},
               {"newmark(0.3, 0.6)", "newmark(0.3, 0.6)", NULL},
               {"generalized-alpha( 0.5 )", "generalized-alpha(0.5)", NULL},
               {"bdf3", NULL, "did you mean 'bdf2'?"},
               {"theta(0)", NULL, "expected theta above 0, at most 1"},
               {"theta(", NULL, "takes 1 parameter in brackets; expected theta(0.5)"},
               {"euler(1)", NULL, "takes 0 parameters in brackets; expected euler"},
               {"newmark(0.25)", NULL, "takes 2 parameters in brackets; expected newmark(0.25, 0.5)"},
               {"generalized-alpha(2)", NULL, "expected a spectral radius from 0 to 1"},
               {"leapfrog", NULL, "no such scheme; expected one of euler"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_scheme s;
    char text[60];
    gkt_context_clear(ctx);
    gkt_status status = gkt_scheme_read(ctx, cases[i].text, &s);
    if (cases[i].message) {
      if (status != GKT_BAD_INPUT || !strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("%s: %d, %s", cases[i].text, status, gkt_context_message(ctx));
      continue;
    }
    ok(status);
    gkt_scheme_print(&s, sizeof text, text);
    assert_string_equal(text, cases[i].printed);
  }
}

/* ---- orders ---- */
typedef struct {
  const char *form, *exact, *rate; /* of u in P1 on the unit square, linear in x; p in P1, its own equation */
  const char *exact_p;
  int num_unknowns, order; /* of rates */
} problem;
/* Left and right sides are held at the exact values. */
static const problem problems[] = {
    {"dt(u)*v*dx + (1 + t)*dot(grad(u), grad(v))*dx - (cos(t)*(1 + 2*x[0]))*v*dx - (1 + t)*dot([2*sin(t), 0], grad(v))*dx", "sin(t)*(1 + 2*x[0])", "cos(t)*(1 + 2*x[0])", NULL, 1,
     1},
    {"dt(u)*v*dx + u^3*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx - (cos(t)*(1 + x[0]) + (sin(t)*(1 + x[0]))^3)*v*dx - (1 + (sin(t)*(1 + x[0]))^2)*dot([sin(t), 0], grad(v))*dx",
     "sin(t)*(1 + x[0])", "cos(t)*(1 + x[0])", NULL, 1, 1},
    {"dt((1 + t)*u)*v*dx + dot(grad(u), grad(v))*dx - (exp(-t)*(1 - 1 - t)*x[0])*v*dx - dot([exp(-t), 0], grad(v))*dx", "exp(-t)*x[0]", "-exp(-t)*x[0]", NULL, 1, 1},
    {"dt(u)*v*dx + p*v*dx + dot(grad(u), grad(v))*dx + (p - u^2)*q*dx - (cos(t)*x[0] + (sin(t)*x[0])^2)*v*dx - dot([sin(t), 0], grad(v))*dx", "sin(t)*x[0]", "cos(t)*x[0]",
     "(sin(t)*x[0])^2", 2, 1}, /* p: algebraic; its P2 part is left to the mean square */
    {"dtt(u)*v*dx + dt(u)*v*dx + dot(grad(u), grad(v))*dx - (-sin(t) + cos(t))*(1 + x[0])*v*dx - dot([sin(t), 0], grad(v))*dx", "sin(t)*(1 + x[0])", "cos(t)*(1 + x[0])", NULL, 1,
     2},
    {"dtt(u)*v*dx + u^3*v*dx + dot(grad(u), grad(v))*dx - (-sin(t)*(1 + x[0]) + (sin(t)*(1 + x[0]))^3)*v*dx - dot([sin(t), 0], grad(v))*dx", "sin(t)*(1 + x[0])",
     "cos(t)*(1 + x[0])", NULL, 1, 2},
};

static world make(const problem *p) { return make_scalar_world(ctx, &(scalar_world){{3, 2}, p->num_unknowns, p->form, p->exact, {"left", "right"}, false}); }

/* At the nodes of u, the rest 0. */
static gkt_vector *values_of(const world *w, const char *text, double time) {
  gkt_vector *v;
  gkt_expression *e = parse(w, text);
  ok(gkt_system_vector(w->system, &v));
  ok(gkt_interpolate(e, w->V, &(gkt_inputs){.time = time}, gkt_vector_values(v)));
  gkt_expression_destroy(&e);
  return v;
}

/* The largest error of u, and of its rate, at t = 1, in n steps from 0. */
static double error_of(const problem *p, const gkt_scheme *scheme, int n, double *rate_error) {
  world w = make(p);
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  options.scheme = *scheme, options.step = 1.0 / n;
  options.solve.newton.rtol = 1e-13, options.solve.newton.linear.rtol = 1e-13;
  ok(gkt_time_create(w.system, &options, &t));
  gkt_vector *u = values_of(&w, p->exact, 0), *rate = values_of(&w, p->rate, 0), *exact = values_of(&w, p->exact, 1), *exact_rate = values_of(&w, p->rate, 1);
  ok(gkt_time_begin(t, u, p->order == 2 ? rate : NULL, &report));
  if (!report.valid) fail_msg("%s: start: %s", p->form, report.reason);
  for (int k = 0; k < n; k++) {
    ok(gkt_time_step(t, options.step, &report));
    if (!report.valid) fail_msg("%s: step %d: %s", p->form, k, report.reason);
  }
  const gkt_state end = gkt_time_state(t);
  double most = 0;
  *rate_error = 0;
  assert_true(fabs(end.time - 1) < 1e-12);
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w.V); i++) {
    most = fmax(most, fabs(gkt_vector_read(end.u)[i] - gkt_vector_read(exact)[i]));
    *rate_error = fmax(*rate_error, fabs(gkt_vector_read(end.rate)[i] - gkt_vector_read(exact_rate)[i]));
  }
  gkt_solve_report last;
  gkt_time_take_report(t, &last);
  assert_true(gkt_scheme_is_explicit(scheme) || last.valid);
  gkt_solve_report_clear(&last);
  gkt_vector_destroy(&u), gkt_vector_destroy(&rate), gkt_vector_destroy(&exact), gkt_vector_destroy(&exact_rate);
  gkt_time_destroy(&t);
  clear(&w);
  return most;
}

/* With lumped masses solutions linear in x are no longer exact where time changes them; so the form is lumped, too, by what has no gradient: u' = .., node by node. */
static void explicit_orders_are_those_of_theory(void **state) {
  (void)state;
  static const problem nodal[] = {{"dt(u)*v*dx(degree=1) + (u^2 - cos(t) - sin(t)^2)*v*dx", "sin(t) + 0*x[0]", "cos(t) + 0*x[0]", NULL, 1, 1},
                                  {"dtt(u)*v*dx + 0.5*dt(u)*v*dx + dot(grad(u), grad(v))*dx + (sin(t) - 0.5*cos(t))*v*dx", "sin(t) + 0*x[0]", "cos(t) + 0*x[0]", NULL, 1, 2}};
  static const char *const schemes[] = {"ssp3", "rk4", "central-difference"};
  for (size_t k = 0; k < 3; k++) {
    gkt_scheme s;
    double rate[2];
    ok(gkt_scheme_read(ctx, schemes[k], &s));
    const problem *p = &nodal[gkt_scheme_rates(&s) - 1];
    const double coarse = error_of(p, &s, 16, &rate[0]), fine = error_of(p, &s, 32, &rate[1]), order = log2(coarse / fine);
    if (getenv("GKT_SHOW")) print_message("%s: %.3e, %.3e: order %.2f; rate %.2f\n", schemes[k], coarse, fine, order, log2(rate[0] / rate[1]));
    if (!(order > gkt_scheme_order(&s) - 0.1) || !(fine < 0.01)) fail_msg("%s: %g, %g: order %.3f", schemes[k], coarse, fine, order);
  }
}

/* A layer of width 1/50 at the start, then a slow motion: errors of the whole stay near what each step is allowed, times are hit, and steps are short in the layer alone. */
static void adaptive_steps_follow_their_errors(void **state) {
  (void)state;
  static const problem layer = {"dt(u)*v*dx + 50*(u - sin(t))*v*dx - cos(t)*v*dx", "sin(t) + exp(-50*t) + 0*x[0]", "cos(t) - 50*exp(-50*t) + 0*x[0]", NULL, 1, 1};
  static const char *const schemes[] = {"bdf2", "crank-nicolson"};
  for (int k = 0; k < 2; k++)
    for (double rtol = 1e-3; rtol > 1e-6; rtol /= 10) {
      world w = make(&layer);
      gkt_time_options options = gkt_time_options_default();
      gkt_step_report report;
      gkt_time *t;
      int early = 0, late = 0;
      ok(gkt_scheme_read(ctx, schemes[k], &options.scheme));
      options.step = 0.25, options.rtol = rtol;
      ok(gkt_time_create(w.system, &options, &t));
      gkt_vector *u = values_of(&w, layer.exact, 0);
      ok(gkt_time_begin(t, u, NULL, &report));
      for (int i = 1; i <= 8; i++) {
        ok(gkt_time_advance(t, 0.25 * i, &report));
        if (!report.valid) fail_msg("%s, rtol %g: %s", schemes[k], rtol, report.reason);
        assert_true(gkt_time_state(t).time == 0.25 * i && report.error <= 1);
        *(i == 1 ? &early : &late) += report.steps;
      }
      const double error = fabs(gkt_vector_read(gkt_time_state(t).u)[6] - (sin(2) + exp(-100))); /* a node inside */
      if (getenv("GKT_SHOW")) print_message("%s, rtol %g: error %.2e, %d steps in the layer, %d after it\n", schemes[k], rtol, error, early, late);
      if (!(error <= 10 * rtol) || early < 2 || late < 7) fail_msg("%s, rtol %g: error %g, %d and %d steps", schemes[k], rtol, error, early, late);
      gkt_vector_destroy(&u);
      gkt_time_destroy(&t);
      clear(&w);
    }
}

static void orders_are_those_of_theory(void **state) {
  (void)state;
  static const char *const schemes[] = {
      "euler", "crank-nicolson",    "theta(0.7)", "midpoint", "bdf2", "newmark", "newmark(0.3, 0.6)", "generalized-alpha(0.5)", "generalized-alpha(1)", "ssp3",
      "rk4",   "central-difference"};
  for (size_t p = 0; p < sizeof problems / sizeof *problems; p++)
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) {
      gkt_scheme s;
      double rate[2];
      ok(gkt_scheme_read(ctx, schemes[k], &s));
      if (problems[p].order == 2 && gkt_scheme_rates(&s) == 1) continue;
      if (s.kind >= GKT_SCHEME_SSP3) continue;
      const double coarse = error_of(&problems[p], &s, 16, &rate[0]), fine = error_of(&problems[p], &s, 32, &rate[1]), order = log2(coarse / fine);
      if (getenv("GKT_SHOW")) print_message("problem %zu, %s: %.3e, %.3e: order %.2f; rate %.2f\n", p, schemes[k], coarse, fine, order, log2(rate[0] / rate[1]));
      if (!(order > gkt_scheme_order(&s) - 0.1) || !(fine < 0.05)) fail_msg("problem %zu, %s: %g, %g: order %.3f", p, schemes[k], coarse, fine, order);
    }
}

/* ---- records ---- */
enum { BREAK = 3, STEPS = 6 };
typedef struct {
  gkt_scalar *end[3]; /* u, u', u'' */
  gkt_scalar *record; /* after BREAK steps */
  gkt_size size, count;
} way;

static gkt_time *make_time(const world *w, const char *scheme, double rtol) {
  gkt_time_options options = gkt_time_options_default();
  gkt_time *t;
  ok(gkt_scheme_read(ctx, scheme, &options.scheme));
  options.step = 0.1, options.rtol = rtol;
  ok(gkt_time_create(w->system, &options, &t));
  return t;
}

/* From the start, or from the record of a way before. */
static way go(const problem *p, const char *scheme, double rtol, const way *from) {
  world w = make(p);
  gkt_step_report report;
  gkt_time *t = make_time(&w, scheme, rtol);
  way out = {.size = gkt_time_record_size(t)};
  gkt_vector *u = values_of(&w, p->exact, 0), *rate = values_of(&w, p->rate, 0);
  if (from) ok(gkt_time_set_record(t, from->size, from->record));
  else ok(gkt_time_begin(t, u, p->order == 2 ? rate : NULL, &report));
  for (int k = from ? BREAK + 1 : 1; k <= STEPS; k++) {
    ok(gkt_time_advance(t, 0.1 * k, &report));
    if (!report.valid) fail_msg("%s, %s: %s", p->form, scheme, report.reason);
    if (k == BREAK) out.record = malloc((size_t)out.size * sizeof *out.record), ok(gkt_time_get_record(t, out.record));
  }
  const gkt_state now = gkt_time_state(t);
  const gkt_vector *const parts[3] = {now.u, now.rate, now.acceleration};
  out.count = gkt_vector_size(u);
  for (int i = 0; i < 3; i++) out.end[i] = malloc((size_t)out.count * sizeof **out.end), memcpy(out.end[i], gkt_vector_read(parts[i]), (size_t)out.count * sizeof **out.end);
  gkt_vector_destroy(&u), gkt_vector_destroy(&rate);
  gkt_time_destroy(&t);
  clear(&w);
  return out;
}

static void free_way(way *w) {
  for (int i = 0; i < 3; i++) free(w->end[i]);
  free(w->record);
}

static void records_go_on_with_the_same_bits(void **state) {
  (void)state;
  static const struct {
    const char *scheme;
    int problem; /* -1: explicit, below */
    double rtol;
  } cases[] = {{"euler", 0, 0},   {"crank-nicolson", 1, 0}, {"bdf2", 0, 0},
               {"bdf2", 1, 0},    {"bdf2", 2, 0},           {"midpoint", 3, 0},
               {"newmark", 4, 0}, {"newmark", 5, 0},        {"generalized-alpha(0.5)", 4, 0},
               {"bdf2", 0, 1e-4}, {"rk4", -1, 0},           {"central-difference", -2, 0}};
  static const problem lumped[] = {{"dt(u)*v*dx(degree=1) + (u^2 - cos(t))*v*dx", "sin(t) + 0*x[0]", "cos(t) + 0*x[0]", NULL, 1, 1},
                                   {"dtt(u)*v*dx + 0.5*dt(u)*v*dx + 0.01*dot(grad(u), grad(v))*dx + sin(t)*v*dx", "sin(t) + 0*x[0]", "cos(t) + 0*x[0]", NULL, 1, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const problem *p = cases[i].problem < 0 ? &lumped[-1 - cases[i].problem] : &problems[cases[i].problem];
    way whole = go(p, cases[i].scheme, cases[i].rtol, NULL), broken = go(p, cases[i].scheme, cases[i].rtol, &whole);
    for (int k = 0; k < 3; k++)
      if (memcmp(whole.end[k], broken.end[k], (size_t)whole.count * sizeof **whole.end))
        fail_msg("%s, rtol %g, problem %d: derivative %d differs", cases[i].scheme, cases[i].rtol, cases[i].problem, k);
    free_way(&whole), free_way(&broken);
  }
}

/* The first step of bdf2 is one of euler: the matrix is another from the second on, and its solver one that was made for the first. */
static void what_only_the_past_explains_is_let_go(void **state) {
  (void)state;
  world w = make(&problems[2]);
  gkt_vector *u = values_of(&w, problems[2].exact, 0);
  gkt_step_report report;
  world steady = make(&(problem){"dt(u)*v*dx + dot(grad(u), grad(v))*dx", "x[0]", "0*x[0]", NULL, 1, 1});
  gkt_time *t = make_time(&steady, "bdf2", 0);
  static const int expected[] = {1, 1, 0, 1, 0};
  ok(gkt_time_begin(t, u, NULL, &report));
  for (int k = 0; k < 5; k++) {
    if (k == 3 || k == 4) gkt_system_forget_past(steady.system);
    ok(gkt_time_step(t, 0.1, &report));
    if (report.setups != expected[k]) fail_msg("step %d: %d set-ups, expected %d", k, report.setups, expected[k]);
  }
  gkt_time_destroy(&t);
  gkt_vector_destroy(&u);
  clear(&w), clear(&steady);
}

static void records_of_others_are_refused(void **state) {
  (void)state;
  way whole = go(&problems[0], "bdf2", 0, NULL);
  world same = make(&problems[0]), more = make(&problems[3]);
  const double good = whole.record[whole.size - 1];
  gkt_time *t = make_time(&same, "bdf2", 0), *other = make_time(&same, "theta(0.7)", 0), *adaptive = make_time(&same, "bdf2", 0.1), *larger = make_time(&more, "bdf2", 0);
  const struct {
    gkt_time *t;
    gkt_size size;
    double last;
    const char *message;
  } cases[] = {{other, whole.size, good, "another scheme: 4; expected 2"},
               {larger, whole.size, good, "another number of unknowns: 12; expected 24"},
               {adaptive, whole.size, good, "another kind of steps, adaptive or fixed"},
               {t, whole.size - 1, good, "a record in time of"},
               {t, 0, good, "a record in time of 0 numbers"},
               {t, whole.size, NAN, "not finite"}};
  assert_int_equal(gkt_time_get_record(t, whole.record), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_context_clear(ctx);
    whole.record[whole.size - 1] = cases[i].last;
    if (gkt_time_set_record(cases[i].t, cases[i].size, whole.record) != GKT_BAD_INPUT || !strstr(gkt_context_message(ctx), cases[i].message))
      fail_msg("\"%s\"; expected \"%s\"", gkt_context_message(ctx), cases[i].message);
  }
  gkt_context_clear(ctx);
  gkt_time_destroy(&t), gkt_time_destroy(&other), gkt_time_destroy(&adaptive), gkt_time_destroy(&larger);
  clear(&same), clear(&more);
  free_way(&whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(records_go_on_with_the_same_bits),
                                     cmocka_unit_test(records_of_others_are_refused),
                                     cmocka_unit_test(what_only_the_past_explains_is_let_go),
                                     cmocka_unit_test(words),
                                     cmocka_unit_test(explicit_orders_are_those_of_theory),
                                     cmocka_unit_test(adaptive_steps_follow_their_errors),
                                     cmocka_unit_test(orders_are_those_of_theory)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
