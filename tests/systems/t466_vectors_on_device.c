/* Claim: with the cuda backend a system takes vectors on the device: residuals of states, lifted conditions, steps of own loops with known parts in either place and their
   solutions are those of vectors on the host; coefficients that were set anew are seen. Vectors in the wrong place are refused by name, systems with a history say why their states
   stand on the host. A device that goes away at any call leaves one message. */
#include <math.h>

#include "core/vector.h"
#include "galerkit/time.h"
#include "tests/device_problem.h"

#define HEAT                                                                                                                                                      \
  "mesh: {box: {cells: [6, 5], shape: tri}}\nfields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"                           \
  "equation: \"dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == t*v*dx\"\nconditions: [{on: left, field: u, value: \"sin(t)\"}]\nperiodic: [{from: bottom, to: top}]\n" \
  "time: {end: 1, step: 0.1}\n"

static gkt_vector *wave(gkt_system *s, gkt_where where, double phase) {
  gkt_context *ctx = gkt_system_context(s);
  gkt_vector *v, *there;
  must(ctx, gkt_system_vector(s, &v));
  for (gkt_idx i = 0; i < gkt_vector_size(v); i++) gkt_vector_values(v)[i] = sin(0.7 * i + phase);
  must(ctx, gkt_system_lift(s, v)); /* tied */
  if (where == GKT_ON_HOST) return v;
  must(ctx, gkt_vector_create_on(ctx, where, gkt_vector_size(v), &there));
  must(ctx, gkt_vector_to(v, there));
  gkt_vector_destroy(&v);
  return there;
}

/* ||a - b|| over ||a||, in whatever places. */
static double distance(gkt_system *s, const gkt_vector *a, const gkt_vector *b) {
  gkt_context *ctx = gkt_system_context(s);
  gkt_vector *x, *y;
  must(ctx, gkt_system_vector(s, &x)), must(ctx, gkt_system_vector(s, &y));
  must(ctx, gkt_vector_to(a, x)), must(ctx, gkt_vector_to(b, y));
  const double size = gkt_vector_norm(x);
  gkt_vector_axpy(-1, y, x);
  const double difference = gkt_vector_norm(x);
  gkt_vector_destroy(&x), gkt_vector_destroy(&y);
  return difference / size;
}

static void states_may_be_on_the_device(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_problem *p = open_problem(HEAT, GKT_BACKEND_CUDA, &ctx);
  gkt_system *s = gkt_problem_system(p);
  gkt_vector *r[2], *lifted[2];
  for (int k = 0; k < 2; k++) {
    must(ctx, gkt_system_set_time(s, 0));
    gkt_vector *u = wave(s, k ? GKT_ON_DEVICE : GKT_ON_HOST, 0), *rate = wave(s, k ? GKT_ON_DEVICE : GKT_ON_HOST, 1);
    r[k] = wave(s, gkt_vector_where(u), 2), lifted[k] = u;
    must(ctx, gkt_system_residual(s, &(gkt_state){.u = u, .rate = rate, .time = 0.4}, r[k]));
    must(ctx, gkt_system_set_time(s, 0.7));
    must(ctx, gkt_system_lift(s, u));
    gkt_vector_destroy(&rate);
  }
  assert_true(distance(s, r[0], r[1]) <= 1e-14 && distance(s, lifted[0], lifted[1]) <= 1e-15);
  assert_int_equal(gkt_system_residual(s, &(gkt_state){.u = r[1]}, r[0]), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "r is on the host, u on a device"));
  for (int k = 0; k < 2; k++) gkt_vector_destroy(&r[k]), gkt_vector_destroy(&lifted[k]);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

/* Two steps of euler, u' = (u - u0)/h; other: the coefficient is another in the second one. u and the known part where they are wanted. */
static gkt_vector *steps(gkt_system *s, gkt_where u_at, gkt_where known_at, const gkt_scalar *other) {
  gkt_context *ctx = gkt_system_context(s);
  const gkt_shifts shifts = {.value = 1, .rate = 10};
  gkt_solve_report report;
  gkt_solve_options options = gkt_solve_options_default();
  options.newton.linear.method = GKT_LINEAR_CG, options.newton.linear.rtol = 1e-13;
  must(ctx, gkt_system_set_time(s, 0));
  gkt_vector *u = wave(s, u_at, 0), *known = wave(s, known_at, 0);
  for (int k = 1; k <= 2; k++) {
    if (k == 2 && other) must(ctx, gkt_system_set_coefficient(s, "k", other));
    must(ctx, gkt_vector_to(u, known));
    gkt_vector_scale(known, -10);
    must(ctx, gkt_system_set_time(s, 0.1 * k));
    must(ctx, gkt_system_set_step(s, 1, &(gkt_stage){.weight = 1, .time = 0.1 * k, .shifts = &shifts, .rate = known}));
    must(ctx, gkt_system_solve(s, &options, u, &report));
    if (!report.valid) fail_msg("step %d: %s", k, report.reason);
    gkt_solve_report_clear(&report);
  }
  must(ctx, gkt_system_set_step(s, 0, NULL));
  gkt_vector_destroy(&known);
  return u;
}

static void own_loops_may_be_there(void **state) {
  (void)state;
  static const gkt_where places[4][2] = {{GKT_ON_HOST, GKT_ON_HOST}, {GKT_ON_DEVICE, GKT_ON_DEVICE}, {GKT_ON_DEVICE, GKT_ON_HOST}, {GKT_ON_HOST, GKT_ON_DEVICE}};
  gkt_context *ctx;
  gkt_scalar other[60];
  for (int i = 0; i < 60; i++) other[i] = 3 + 0.1 * i;
  for (int change = 0; change < 2; change++) {
    gkt_vector *u[4];
    gkt_problem *p[4];
    gkt_context *contexts[4];
    for (int k = 0; k < 4; k++) {
      p[k] = open_problem(HEAT, GKT_BACKEND_CUDA, &ctx);
      contexts[k] = ctx;
      u[k] = steps(gkt_problem_system(p[k]), places[k][0], places[k][1], change ? other : NULL);
      if (k && !(distance(gkt_problem_system(p[0]), u[0], u[k]) <= 1e-12)) fail_msg("places %d: %g", k, distance(gkt_problem_system(p[0]), u[0], u[k]));
    }
    for (int k = 0; k < 4; k++) gkt_vector_destroy(&u[k]), gkt_problem_destroy(&p[k]), gkt_context_destroy(&contexts[k]);
  }
}

static void wrong_places_are_refused(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_problem *p = open_problem(HEAT, GKT_BACKEND_INTERPRETER, &ctx);
  gkt_system *s = gkt_problem_system(p);
  gkt_vector *there;
  gkt_solve_report report;
  gkt_where where;
  must(ctx, gkt_system_where(s, &where));
  assert_int_equal(where, GKT_ON_HOST);
  must(ctx, gkt_vector_create_on(ctx, GKT_ON_DEVICE, gkt_system_layout(s)->num_owned, &there));
  assert_int_equal(gkt_system_lift(s, there), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "vectors are on a device, the backend is interpreter"));
  assert_int_equal(gkt_system_solve(s, NULL, there, &report), GKT_BAD_ARGUMENT);
  gkt_vector_destroy(&there);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

static bool told;
static void listen(void *user, gkt_log_level level, const char *text) {
  (void)user;
  told = told || (level == GKT_LOG_NOTICE && strstr(text, "histories are updated there"));
}

static void histories_stay_on_the_host(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_where where;
  gkt_problem *p = open_problem("mesh: {box: {cells: [2, 2], shape: tri}}\nfields: {u: {space: P1, test: v}}\nhistory: {m: {points: 1, update: \"max(m, u)\"}}\n"
                                "equation: \"dt(u)*v*dx + (1 + m)*dot(grad(u), grad(v))*dx == v*dx\"\nconditions: [{on: left, field: u, value: 0}]\ntime: {end: 1, step: 0.1}\n",
                                GKT_BACKEND_CUDA, &ctx);
  ctx->options.log = listen;
  must(ctx, gkt_system_where(gkt_problem_system(p), &where));
  assert_true(where == GKT_ON_HOST && told);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

/* With the device gone from call n on. How many calls were made. */
static long run_until(const char *scheme, long n) {
  char text[800], what[40];
  gkt_context *ctx;
  bool valid = false;
  snprintf(text, sizeof text,
           "mesh: {box: {cells: [3], shape: line}}\nfields: {u: {space: P1, test: v}}\nequation: \"(1 + x[0])*dt(u)*v*dx + dot(grad(u), grad(v))*dx == v*dx\"\n"
           "conditions: [{on: left, field: u, value: \"sin(t)\"}]\ntime: {end: 0.02, step: 0.01, scheme: %s}\nsolver: {linear: cg}\n",
           scheme);
  gkt_problem *p = open_problem(text, GKT_BACKEND_CUDA, &ctx);
  snprintf(what, sizeof what, "any:%ld+", n);
  emulator_fail(what);
  const gkt_status status = gkt_problem_run(p, &valid);
  const long calls = emulator_calls("any");
  emulator_fail(NULL);
  if (calls >= n ? status == GKT_OK || valid || !gkt_context_message(ctx)[0] : !valid) fail_msg("%s, call %ld: status %d, \"%s\"", scheme, n, status, gkt_context_message(ctx));
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
  return calls;
}

/* Some calls of many, and the last ones, which no later call tells of; t518 has all of a steady problem. */
static void a_device_may_go_away(void **state) {
  static const char *const schemes[] = {"crank-nicolson", "rk4"};
  const bool each = getenv("GKT_LONG") != NULL;
  (void)state;
  for (int k = 0; k < 2; k++) {
    const long all = run_until(schemes[k], 1 << 20);
    for (long n = each ? 1 : 60; n <= all; n += each || n >= all - 9 ? 1 : n + 190 > all - 9 ? all - 9 - n : 190) run_until(schemes[k], n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(states_may_be_on_the_device), cmocka_unit_test(own_loops_may_be_there), cmocka_unit_test(wrong_places_are_refused),
                                     cmocka_unit_test(histories_stay_on_the_host), cmocka_unit_test(a_device_may_go_away)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
