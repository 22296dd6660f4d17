/* Claim: with the cuda backend steps in time stay on the device: implicit ones of every scheme, linear and nonlinear, tied, with conditions that follow time, and explicit ones
   have the states of the interpreter; of linear systems that keep their matrix, and of explicit steps, nothing but scalars and values of conditions that change crosses the bus
   from the second step on. What does not fit is brought to the host with the same answers. */
#include <math.h>

#include "core/vector.h"
#include "galerkit/time.h"
#include "tests/device_problem.h"

#define BOX(...) "mesh: {box: {cells: [" #__VA_ARGS__ "], shape: tri}}\n"
#define SCALAR "fields: {u: {space: P1, test: v}}\n"
#define VECTOR "fields: {u: {space: P2, shape: vector, test: v}}\n"
#define SIDES "conditions: [{on: left, field: u, value: \"sin(t)\"}, {on: right, field: u, value: 0.5}]\n"
#define HEAT SCALAR "coefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\nequation: \"dt(u)*v*dx + k*dot(grad(u), grad(v))*dx == (1 + t)*x[1]*v*dx\"\n"
#define BODY "equation: \"dot(dtt(u), v)*dx + 0.2*dot(dt(u), v)*dx + inner(sym(grad(u)), sym(grad(v)))*dx == t*v[1]*dx\"\n"
typedef struct {
  const char *name, *scheme, *text;
  double step;
  bool there, kept; /* its states stay there; its matrix is kept */
} test_case;
static const test_case cases[] = {
    {"heat", "crank-nicolson", BOX(5, 4) HEAT SIDES, 0.1, true, true},
    {"heat", "bdf2", BOX(5, 4) HEAT SIDES, 0.1, true, true},
    {"convection", "midpoint", BOX(5, 4) SCALAR "equation: \"dt(u)*v*dx + dot(grad(u), grad(v))*dx + 3*dot([1, 2], grad(u))*v*dx == v*dx\"\n" SIDES, 0.1, true, true},
    {"a mass that grows", "crank-nicolson", BOX(5, 4) SCALAR "equation: \"dt((1 + t)*u)*v*dx + (1 + t)*dot(grad(u), grad(v))*dx == v*dx\"\n" SIDES, 0.1, true, false},
    {"porous", "crank-nicolson", BOX(4, 3) SCALAR "equation: \"dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx == v*dx\"\n" SIDES, 0.1, true, false},
    {"body", "newmark", BOX(3, 2) VECTOR BODY "conditions: [{on: left, field: u, component: 0, value: \"0.1*sin(t)\"}, {on: left, field: u, component: 1, value: 0}]\n", 0.1, true,
     true},
    {"body", "generalized-alpha(0.5)", BOX(3, 2) VECTOR BODY "conditions: [{on: left, field: u, value: 0}]\n", 0.1, true, true},
    {"tied", "bdf2", BOX(6, 4) HEAT "conditions: [{on: left, field: u, value: \"sin(t)\"}]\nperiodic: [{from: bottom, to: top}]\n", 0.1, true, true},
    {"slip", "newmark", BOX(3, 2) VECTOR BODY "conditions: [{on: left, field: u, value: 0}, {on: top, field: u, component: normal, value: \"0.01*t\"}]\n", 0.1, true, true},
    {"two fields", "bdf2",
     BOX(4, 3) "fields: {u: {space: P1, test: v}, p: {space: P1, test: q}}\n"
               "equation: \"dt(u)*v*dx + p*v*dx + dot(grad(u), grad(v))*dx + (p - u^2)*q*dx == v*dx\"\nconditions: [{on: left, field: u, value: \"sin(t)\"}]\n",
     0.1, true, false},
    {"what nothing fixes", "static", BOX(4, 3) SCALAR "equation: \"dot(grad(u), grad(v))*dx == t*(x[0] - 0.5)*v*dx\"\n", 0.1, true, false},
    {"heat", "ssp3", BOX(5, 4) HEAT SIDES, 0.002, true, true},
    {"heat", "rk4", BOX(5, 4) HEAT SIDES, 0.002, true, true},
    {"body", "central-difference",
     BOX(3, 2) "fields: {u: {space: P1, shape: vector, test: v}}\n" BODY
               "conditions: [{on: left, field: u, component: 0, value: \"sin(t)\"}, {on: left, field: u, component: 1, value: 0}]\n",
     0.02, true, true},
    {"tied", "rk4", BOX(6, 4) HEAT "conditions: [{on: left, field: u, value: \"sin(t)\"}]\nperiodic: [{from: bottom, to: top}]\n", 0.001, true, true},
};

enum { STEPS = 6 };
typedef struct {
  gkt_idx n, num_constrained;
  gkt_scalar *values[3];
  int newton, linear, setups; /* of the steps after the second, as bdf2 begins with one of euler */
  gkt_size up, down;          /* of one of them, at most */
  char why[600];
} states;

static gkt_device_counts counts(const gkt_context *ctx) { return ctx->device ? gkt_device_count_all(ctx->device) : (gkt_device_counts){0}; }

static void take(gkt_context *ctx, gkt_time *t, double step, int k, states *out) {
  gkt_step_report report;
  const gkt_device_counts before = counts(ctx);
  must(ctx, gkt_time_step(t, step, &report));
  if (!report.valid) fail_msg("step %d: %s", k, report.reason);
  const gkt_device_counts after = counts(ctx);
  const gkt_size up = after.bytes_up - before.bytes_up, down = after.bytes_down - before.bytes_down;
  if (k > 1) out->newton += report.newton, out->linear += report.linear, out->setups += report.setups;
  if (k > 1 && up > out->up) out->up = up;
  if (k > 1 && down > out->down) out->down = down;
  snprintf(out->why, sizeof out->why, "%s", report.report.linear.why);
}

static states march(const test_case *c, gkt_backend backend) {
  gkt_context *ctx;
  char text[2000];
  snprintf(text, sizeof text, "%stime: {end: 1, step: %g, scheme: \"%s\"}\n", c->text, c->step, c->scheme);
  gkt_problem *p = open_problem(text, backend, &ctx);
  gkt_system *s = gkt_problem_system(p);
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_where where;
  gkt_time *t;
  states out = {.n = gkt_system_layout(s)->num_owned, .num_constrained = gkt_system_layout(s)->num_constrained};
  must(ctx, gkt_system_where(s, &where));
  assert_int_equal(where, backend == GKT_BACKEND_CUDA ? GKT_ON_DEVICE : GKT_ON_HOST);
  must(ctx, gkt_scheme_read(ctx, c->scheme, &options.scheme));
  options.step = c->step, options.solve.newton.rtol = options.solve.newton.linear.rtol = 1e-13;
  if (strstr(c->name, "fields") == NULL) options.solve.newton.linear.method = strcmp(c->name, "convection") ? GKT_LINEAR_CG : GKT_LINEAR_GMRES;
  must(ctx, gkt_time_create(s, &options, &t));
  must(ctx, gkt_time_begin(t, gkt_problem_solution(p), NULL, &report));
  if (!report.valid) fail_msg("%s, %s: start: %s", c->name, c->scheme, report.reason);
  for (int k = 0; k < STEPS; k++) take(ctx, t, c->step, k, &out);
  const gkt_state end = gkt_time_state(t);
  const gkt_vector *const all[] = {end.u, end.rate, end.acceleration};
  for (int k = 0; k < 3; k++) out.values[k] = malloc((size_t)out.n * sizeof **out.values), memcpy(out.values[k], gkt_vector_read(all[k]), (size_t)out.n * sizeof **out.values);
  gkt_time_destroy(&t);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
  return out;
}

static void compare(const test_case *c, const states *host, const states *device) {
  for (int k = 0; k < 3; k++) {
    double most = 0, difference = 0;
    for (gkt_idx i = 0; i < host->n; i++) most = fmax(most, fabs(host->values[k][i])), difference = fmax(difference, fabs(host->values[k][i] - device->values[k][i]));
    /* rates are differences of states over a step, and of that once more */
    const double allowed = 1e-11 * (k == 0 ? 1 : k == 1 ? 1 / c->step : 1 / (c->step * c->step));
    if (!(difference <= allowed * fmax(most, 1)) || (k == 0 && most < 1e-4)) fail_msg("%s, %s, rate %d: states differ by %g of %g", c->name, c->scheme, k, difference, most);
  }
  if (host->newton != device->newton) fail_msg("%s, %s: %d and %d systems", c->name, c->scheme, host->newton, device->newton);
  if (c->kept && device->setups) fail_msg("%s, %s: %d setups", c->name, c->scheme, device->setups);
}

static void steps_are_those_of_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const test_case *c = &cases[k];
    states host = march(c, GKT_BACKEND_INTERPRETER), device = march(c, GKT_BACKEND_CUDA);
    if (getenv("GKT_SHOW"))
      printf("%s, %s: %d dofs, %d constrained; %lld bytes up, %lld down a step; %d iterations in %d steps; %s\n", c->name, c->scheme, device.n, device.num_constrained,
             (long long)device.up, (long long)device.down, device.linear, STEPS - 2, device.why);
    compare(c, &host, &device);
    for (int i = 0; i < 3; i++) free(host.values[i]), free(device.values[i]);
  }
}

/* Of 625 dofs a vector has 5,000 bytes. Of scalars an iteration brings back eight, a solve some hundreds; constants go up with each assembly. */
static void scalars_cross_the_bus(void **state) {
  (void)state;
  static const test_case large[] = {
      {"heat", "crank-nicolson", BOX(24, 24) HEAT "conditions: [{on: left, field: u, value: 1}]\n", 0.1, true, true},
      {"heat, a side that follows time", "bdf2", BOX(24, 24) HEAT SIDES, 0.1, true, true},
      {"heat", "rk4", BOX(24, 24) HEAT SIDES, 1e-4, true, true},
      {"wave", "central-difference", BOX(24, 24) SCALAR "equation: \"dtt(u)*v*dx + dot(grad(u), grad(v))*dx == t*v*dx\"\n" SIDES, 0.01, true, true},
      {"wave", "newmark", BOX(24, 24) SCALAR "equation: \"dtt(u)*v*dx + dot(grad(u), grad(v))*dx == t*v*dx\"\n" SIDES, 0.01, true, true},
      {"porous", "bdf2", BOX(24, 24) SCALAR "equation: \"dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx == v*dx\"\n" SIDES, 0.01, true, false},
  };
  for (size_t k = 0; k < sizeof large / sizeof *large; k++) {
    states s = march(&large[k], GKT_BACKEND_CUDA);
    if (getenv("GKT_SHOW"))
      printf("%s, %s: %d dofs, %d constrained; %lld bytes up, %lld down a step, %d iterations in %d steps\n", large[k].name, large[k].scheme, s.n, s.num_constrained,
             (long long)s.up, (long long)s.down, s.linear, STEPS - 2);
    const bool kept = large[k].kept; /* steps of Newton's method: scalars of each */
    if (s.up > (kept ? 1000 : 2500) || s.down > (kept ? 2000 : 8000) || (kept && s.setups))
      fail_msg("%s, %s: %lld bytes up, %lld down, %d setups", large[k].name, large[k].scheme, (long long)s.up, (long long)s.down, s.setups);
    for (int i = 0; i < 3; i++) free(s.values[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(scalars_cross_the_bus), cmocka_unit_test(steps_are_those_of_the_host)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
