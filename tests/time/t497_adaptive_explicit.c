/* Claim: explicit steps that choose their lengths stay within what each may err, fall with the tolerance by the order of their scheme, with conditions and coefficients that depend
   on time, try again what erred too much, end where they are told to the last bit, stay stable where the stiffness of the state grows and use it where it falls, and go on from a
   record with the same bits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"

typedef struct {
  const char *form, *held, *rate; /* u, held at `held` on all sides, and its rate */
} problem;
/* P1 with lumped masses: inside, row sums of loads that are linear in x are exact on this mesh. */
static const problem first = {
    "dt(u)*v*dx + 0.02*(1 + t)*dot(grad(u) - [2*sin(3*t), 0], grad(v))*dx + exp(-t)*(u^3 - (sin(3*t)*(1 + 2*x[0]))^3)*v*dx - 3*cos(3*t)*(1 + 2*x[0])*v*dx", "sin(3*t)*(1 + 2*x[0])",
    "3*cos(3*t)*(1 + 2*x[0])"};
static const problem second = {
    "dtt(u)*v*dx + (1 + t)*(dt(u) - 3*cos(3*t)*(1 + 2*x[0]))*v*dx + 0.1*(1 + t)*dot(grad(u) - [2*sin(3*t), 0], grad(v))*dx + 9*sin(3*t)*(1 + 2*x[0])*v*dx", "sin(3*t)*(1 + 2*x[0])",
    "3*cos(3*t)*(1 + 2*x[0])"};
/* Stiffness 1 + 400 sin(3 t)^2: the largest step that is stable falls by 20 and comes back. */
static const problem stiffening = {"dtt(u)*v*dx + (1 + 400*sin(3*t)^2)*dot(grad(u), grad(v))*dx", "0", "0"};

static world make(const problem *p) { return make_scalar_world(ctx, &(scalar_world){{4, 4}, 1, p->form, p->held, {"boundary"}, true}); }

static gkt_vector *values_of(const world *w, const char *text, double time) {
  gkt_vector *v;
  gkt_expression *e = parse(w, text);
  ok(gkt_system_vector(w->system, &v));
  ok(gkt_interpolate(e, w->V, &(gkt_inputs){.time = time}, gkt_vector_values(v)));
  gkt_expression_destroy(&e);
  return v;
}

static gkt_time *begin(const world *w, const problem *p, const char *scheme, double step, double rtol) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  ok(gkt_scheme_read(ctx, scheme, &options.scheme));
  options.step = step, options.rtol = rtol;
  ok(gkt_time_create(w->system, &options, &t));
  gkt_vector *u = values_of(w, p->held, 0), *rate = values_of(w, p->rate, 0);
  ok(gkt_time_begin(t, u, gkt_scheme_rates(&options.scheme) == 2 ? rate : NULL, &report));
  gkt_vector_destroy(&u), gkt_vector_destroy(&rate);
  return t;
}

/* ---- errors ---- */
typedef struct {
  double error; /* the largest at t = 1 */
  int steps, rejected;
} outcome;

static outcome go(const problem *p, const char *scheme, double rtol) {
  world w = make(p);
  gkt_time *t = begin(&w, p, scheme, 0.5, rtol);
  gkt_vector *exact = values_of(&w, p->held, 1);
  gkt_step_report report;
  outcome out = {0};
  for (int k = 1; k <= 2; k++) {
    ok(gkt_time_advance(t, 0.5 * k, &report));
    if (!report.valid) fail_msg("%s, rtol %g: %s", scheme, rtol, report.reason);
    assert_true(gkt_time_state(t).time == 0.5 * k && report.error <= 1);
    out.steps += report.steps, out.rejected += report.rejected;
  }
  for (gkt_idx i = 0; i < gkt_vector_size(exact); i++) out.error = fmax(out.error, fabs(gkt_vector_read(gkt_time_state(t).u)[i] - gkt_vector_read(exact)[i]));
  gkt_vector_destroy(&exact);
  gkt_time_destroy(&t);
  clear(&w);
  return out;
}

static void errors_follow_tolerances(void **state) {
  (void)state;
  static const struct {
    const problem *p;
    const char *scheme;
    double rtol, tighter, order; /* of the order: in the number of steps */
  } cases[] = {{&first, "ssp3", 1e-5, 1e-2, 3}, {&first, "rk4", 1e-8, 1e-3, 4}, {&second, "central-difference", 1e-4, 1e-3, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const outcome loose = go(cases[i].p, cases[i].scheme, cases[i].rtol), tight = go(cases[i].p, cases[i].scheme, cases[i].tighter * cases[i].rtol);
    const double order = log(loose.error / tight.error) / log((double)tight.steps / loose.steps);
    if (getenv("GKT_SHOW"))
      print_message("%s: rtol %g: %d steps, %d again, error %.2e; %g: %d, %d, %.2e: order %.2f\n", cases[i].scheme, cases[i].rtol, loose.steps, loose.rejected, loose.error,
                    cases[i].tighter * cases[i].rtol, tight.steps, tight.rejected, tight.error, order);
    if (!(order > cases[i].order - 0.1) || !(loose.error < 0.05) || loose.rejected + tight.rejected < 1)
      fail_msg("%s: %d steps, error %g; %d, %g: order %.3f", cases[i].scheme, loose.steps, loose.error, tight.steps, tight.error, order);
  }
}

/* ---- stability ---- */
/* Steps follow 2/sqrt of the largest eigenvalue up and down; the same length throughout, which was stable at the start, is not. */
static void steps_stay_stable(void **state) {
  (void)state;
  world w = make(&stiffening);
  gkt_time *t = begin(&w, &stiffening, "central-difference", 0.5, 0.2);
  gkt_step_report report;
  gkt_expression *e = parse(&w, "x[0]*(1 - x[0])*x[1]*(1 - x[1])");
  gkt_vector *u, *none;
  double first_length = 0, shortest = 1, last = 0;
  ok(gkt_system_vector(w.system, &u));
  ok(gkt_system_vector(w.system, &none));
  ok(gkt_interpolate(e, w.V, &(gkt_inputs){0}, gkt_vector_values(u)));
  ok(gkt_time_begin(t, u, none, &report));
  for (int k = 1; k <= 11; k++) {
    ok(gkt_time_advance(t, 0.1 * k, &report));
    if (!report.valid) fail_msg("at t = %g: %s", 0.1 * k, report.reason);
    const double length = 0.1 / report.steps;
    if (k == 1) first_length = length;
    shortest = fmin(shortest, length), last = length;
  }
  const double size = gkt_vector_norm(gkt_time_state(t).u);
  if (getenv("GKT_SHOW")) print_message("mean length %.4f at first, %.4f at least, %.4f at last; |u| %.3g\n", first_length, shortest, last, size);
  if (!(size < 1) || !(shortest < 0.5 * first_length) || !(last > 2 * shortest)) fail_msg("lengths %g, %g, %g, |u| %g", first_length, shortest, last, size);
  gkt_time_destroy(&t);

  t = begin(&w, &stiffening, "central-difference", 0.05, 0);
  ok(gkt_time_begin(t, u, none, &report));
  for (int k = 1; k <= 22 && report.valid; k++) ok(gkt_time_step(t, 0.05, &report));
  assert_true(!report.valid || gkt_vector_norm(gkt_time_state(t).u) > 1e3);
  gkt_time_destroy(&t);
  gkt_vector_destroy(&u), gkt_vector_destroy(&none);
  gkt_expression_destroy(&e);
  clear(&w);
}

/* Where nothing is stable the reason says so, and nothing of the try stays. */
static void a_collapse_is_explained(void **state) {
  (void)state;
  static const problem pole = {"dt(u)*v*dx - (1 + u^2)*v*dx(degree=1)", "tan(t)", "1 + tan(t)^2"};
  world w = make_scalar_world(ctx, &(scalar_world){{2, 2}, 1, pole.form, pole.held, {NULL}, true});
  gkt_time *t = begin(&w, &pole, "ssp3", 0.1, 1e-4);
  gkt_step_report report;
  ok(gkt_time_advance(t, 2, &report));
  assert_false(report.valid);
  if (!strstr(report.reason, "expected a larger rtol or atol") && !strstr(report.reason, "no longer finite")) fail_msg("%s", report.reason);
  const gkt_state end = gkt_time_state(t);
  assert_true(end.time > 1.5 && end.time < 1.5709 && isfinite(gkt_vector_norm(end.u)));
  gkt_time_destroy(&t);
  clear(&w);
}

/* ---- records ---- */
enum { BREAK = 2, PARTS = 4 };
static void records_go_on_with_the_same_bits(void **state) {
  (void)state;
  static const struct {
    const problem *p;
    const char *scheme;
  } cases[] = {{&first, "ssp3"}, {&first, "rk4"}, {&second, "central-difference"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    world w = make(cases[i].p);
    gkt_step_report report;
    gkt_time *t = begin(&w, cases[i].p, cases[i].scheme, 0.1, 1e-4);
    const gkt_size size = gkt_time_record_size(t);
    gkt_scalar *record = malloc((size_t)size * sizeof *record), *ends[2];
    for (int k = 1; k <= PARTS; k++) {
      ok(gkt_time_advance(t, 0.25 * k, &report));
      if (k == BREAK) ok(gkt_time_get_record(t, record));
    }
    ends[0] = malloc((size_t)size * sizeof **ends), ends[1] = malloc((size_t)size * sizeof **ends);
    ok(gkt_time_get_record(t, ends[0]));
    gkt_time_destroy(&t);
    world again = make(cases[i].p);
    t = begin(&again, cases[i].p, cases[i].scheme, 0.1, 1e-4);
    ok(gkt_time_set_record(t, size, record));
    for (int k = BREAK + 1; k <= PARTS; k++) ok(gkt_time_advance(t, 0.25 * k, &report));
    ok(gkt_time_get_record(t, ends[1]));
    if (memcmp(ends[0], ends[1], (size_t)size * sizeof **ends)) fail_msg("%s: what goes on differs", cases[i].scheme);
    free(record), free(ends[0]), free(ends[1]);
    gkt_time_destroy(&t);
    clear(&w), clear(&again);
  }
}

/* ---- a start that is not valid is none ---- */
static void what_has_not_begun_has_no_record(void **state) {
  (void)state;
  static const problem fails = {"dtt(u)*v*dx + sqrt(t - 1)*u*v*dx - v*dx", "0", "0"};
  world w = make_scalar_world(ctx, &(scalar_world){{2, 2}, 1, fails.form, fails.held, {NULL}, false});
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_scalar record[400];
  gkt_time *t;
  gkt_vector *u;
  ok(gkt_scheme_read(ctx, "newmark", &options.scheme));
  options.step = 0.1;
  ok(gkt_time_create(w.system, &options, &t));
  ok(gkt_system_vector(w.system, &u));
  ok(gkt_time_begin(t, u, NULL, &report));
  assert_true(!report.valid && gkt_time_record_size(t) <= 400);
  assert_int_equal(gkt_time_get_record(t, record), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  gkt_vector_destroy(&u);
  gkt_time_destroy(&t);
  clear(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(errors_follow_tolerances), cmocka_unit_test(steps_stay_stable), cmocka_unit_test(a_collapse_is_explained),
                                     cmocka_unit_test(records_go_on_with_the_same_bits), cmocka_unit_test(what_has_not_begun_has_no_record)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
