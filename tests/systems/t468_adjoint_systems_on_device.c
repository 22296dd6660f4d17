/* Claim: with the cuda backend adjoint systems, and those of the tangent, are solved on the device wherever the system is: with vectors in either place, symmetric or not, linear,
   nonlinear, tied, of several fields, where nothing fixes the solution, and in the shifts of a step, the answers are those of the interpreter. Where a solve kept its solver
   nothing is assembled or set up; with vectors on the device nothing but scalars crosses the bus. What the host solves is brought there with the same answers. Vectors in two
   places are refused. */
#include <math.h>

#include "core/vector.h"
#include "tests/device_problem.h"

#define BOX(...) "mesh: {box: {cells: [" #__VA_ARGS__ "], shape: tri}}\n"
#define SCALAR "fields: {u: {space: P1, test: v}}\n"
#define SIDES "conditions: [{on: left, field: u, value: 0.2}, {on: right, field: u, value: 0.5}]\n"
#define STIFF "coefficients: {k: {space: DP0, value: \"1 + x[0]\"}}\n"
#define POISSON SCALAR STIFF "equation: \"k*dot(grad(u), grad(v))*dx == v*dx\"\n"
#define WIND SCALAR STIFF "equation: \"k*dot(grad(u), grad(v))*dx + 3*dot([1, 2], grad(u))*v*dx == v*dx\"\n"
#define POROUS SCALAR STIFF "equation: \"k*(1 + u^2)*dot(grad(u), grad(v))*dx == v*dx\"\n"

typedef struct {
  const char *name, *text;
  gkt_linear_method method;
  bool on_host; /* where the device does not solve */
} test_case;
static const test_case cases[] = {
    {"Poisson", BOX(6, 5) POISSON SIDES, GKT_LINEAR_CG, false},
    {"a wind", BOX(6, 5) WIND SIDES, GKT_LINEAR_GMRES, false},
    {"a wind, BiCGSTAB", BOX(6, 5) WIND SIDES, GKT_LINEAR_BICGSTAB, false},
    {"porous", BOX(6, 5) POROUS SIDES, GKT_LINEAR_GMRES, false},
    {"tied", BOX(6, 5) POISSON "conditions: [{on: left, field: u, value: 1}]\nperiodic: [{from: bottom, to: top}]\n", GKT_LINEAR_CG, false},
    {"a tied wind", BOX(6, 5) WIND "conditions: [{on: left, field: u, value: 1}]\nperiodic: [{from: bottom, to: top}]\n", GKT_LINEAR_GMRES, false},
    {"slip",
     BOX(4, 3) "fields: {u: {space: P2, shape: vector, test: v}}\nequation: \"inner(sym(grad(u)), sym(grad(v)))*dx == v[1]*dx\"\n"
               "conditions: [{on: left, field: u, value: 0}, {on: top, field: u, component: normal, value: 0.01}]\n",
     GKT_LINEAR_CG, false},
    {"an energy",
     BOX(4, 3) "fields: {u: {space: P1, shape: vector, test: v}}\nenergy: \"(inner(sym(grad(u)), sym(grad(u))) + 0.3*div(u)^2 + 0.1*dot(u, u)^2 - 0.2*u[1])*dx\"\n"
               "conditions: [{on: left, field: u, value: 0}]\n",
     GKT_LINEAR_CG, false},
    {"two fields",
     BOX(5, 4) "fields: {u: {space: P1, test: v}, p: {space: P1, test: q}}\n"
               "equation: \"dot(grad(u), grad(v))*dx + p*v*dx + dot(grad(p), grad(q))*dx + (p - 2*u)*q*dx == v*dx\"\n"
               "conditions: [{on: left, field: u, value: 1}, {on: left, field: p, value: 0}]\n",
     GKT_LINEAR_GMRES, false},
    {"what nothing fixes", BOX(6, 5) SCALAR "equation: \"dot(grad(u), grad(v))*dx == (x[0] - 0.5)*v*dx\"\n", GKT_LINEAR_CG, false},
    {"a factor", BOX(6, 5) WIND SIDES, GKT_LINEAR_DIRECT, true},
    {"a multiplier", BOX(5, 4) "fields: {u: {space: P1, test: v}, c: {space: real, test: d}}\nequation: \"dot(grad(u), grad(v))*dx + c*v*dx + u*d*dx == x[0]*v*dx\"\n",
     GKT_LINEAR_AUTO, true},
};

typedef struct {
  gkt_scalar *x[4]; /* transposed and not, twice */
  gkt_idx n;
  int assemblies[4], setups[4], iterations[4];
  gkt_size up[4], down[4];
  char why[600];
} answers;

static gkt_vector *vector_of(gkt_system *s, gkt_where where, double phase) {
  gkt_context *ctx = gkt_system_context(s);
  const gkt_layout *l = gkt_system_layout(s);
  gkt_vector *v, *there;
  must(ctx, gkt_system_vector(s, &v));
  for (gkt_idx i = 0; i < l->num_owned; i++) gkt_vector_values(v)[i] = phase && !(l->tied && l->tied[i]) ? sin(0.7 * i + phase) : 0;
  must(ctx, gkt_vector_create_on(ctx, where, gkt_vector_size(v), &there));
  must(ctx, gkt_vector_to(v, there));
  gkt_vector_destroy(&v);
  return there;
}

static answers ask(const test_case *c, gkt_backend backend, gkt_where where) {
  gkt_context *ctx;
  gkt_problem *p = open_problem(c->text, backend, &ctx);
  gkt_system *s = gkt_problem_system(p);
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report;
  gkt_vector *b = vector_of(s, where, 1), *x = vector_of(s, where, 0), *u = vector_of(s, where, 0), *host;
  answers out = {.n = gkt_vector_size(u)};
  options.keep_solver = true, options.newton.rtol = options.newton.linear.rtol = 1e-12, options.newton.linear.method = c->method;
  must(ctx, gkt_system_vector(s, &host));
  must(ctx, gkt_system_solve(s, &options, u, &report));
  if (!report.valid) fail_msg("%s: %s", c->name, report.reason);
  gkt_solve_report_clear(&report);
  if (strstr(c->name, "nothing fixes")) { /* loads of the tangent must balance */
    gkt_vector *ones = vector_of(s, where, 0);
    gkt_vector_fill(ones, 1);
    gkt_vector_axpy(-gkt_vector_dot(ones, b) / out.n, ones, b);
    gkt_vector_destroy(&ones);
  }
  for (int k = 0; k < 4; k++) {
    const gkt_device_counts before = ctx->device ? gkt_device_count_all(ctx->device) : (gkt_device_counts){0};
    must(ctx, (k % 2 ? gkt_system_solve_linearized : gkt_system_solve_transposed)(s, &options, u, b, x, &report));
    const gkt_device_counts after = ctx->device ? gkt_device_count_all(ctx->device) : (gkt_device_counts){0};
    if (!report.valid) fail_msg("%s, %d: %s", c->name, k, report.reason);
    out.assemblies[k] = report.assemblies, out.setups[k] = report.linear.setups, out.iterations[k] = report.linear.iterations;
    out.up[k] = after.bytes_up - before.bytes_up, out.down[k] = after.bytes_down - before.bytes_down;
    snprintf(out.why, sizeof out.why, "%s, %s", report.linear.method, report.linear.why);
    gkt_solve_report_clear(&report);
    must(ctx, gkt_vector_to(x, host));
    out.x[k] = memcpy(malloc((size_t)out.n * sizeof *out.x[k]), gkt_vector_read(host), (size_t)out.n * sizeof *out.x[k]);
  }
  gkt_vector_destroy(&b), gkt_vector_destroy(&x), gkt_vector_destroy(&u), gkt_vector_destroy(&host);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
  return out;
}

static void compare(const test_case *c, const answers *want, const answers *have) {
  for (int k = 0; k < 4; k++) {
    double most = 0, off = 0;
    for (gkt_idx i = 0; i < want->n; i++) most = fmax(most, fabs(want->x[k][i])), off = fmax(off, fabs(want->x[k][i] - have->x[k][i]));
    if (!(off <= 1e-8 * most) || most < 1e-3) fail_msg("%s, %d: answers differ by %g of %g; %s", c->name, k, off, most, have->why);
    if (k > 1 && !strstr(c->name, "nothing fixes") && (have->assemblies[k] || have->setups[k]))
      fail_msg("%s, %d: %d assemblies, %d setups; %s", c->name, k, have->assemblies[k], have->setups[k], have->why);
  }
  if (!strstr(have->why, "device") != c->on_host) fail_msg("%s: %s", c->name, have->why);
}

static void clear(answers *a) {
  for (int k = 0; k < 4; k++) free(a->x[k]);
}

static void answers_are_those_of_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const test_case *c = &cases[k];
    answers want = ask(c, GKT_BACKEND_INTERPRETER, GKT_ON_HOST), there = ask(c, GKT_BACKEND_CUDA, GKT_ON_DEVICE), brought = ask(c, GKT_BACKEND_CUDA, GKT_ON_HOST);
    if (getenv("GKT_SHOW"))
      printf("%s: %d dofs; %lld bytes up, %lld down, %d iterations; assemblies %d %d %d %d; %s\n", c->name, there.n, (long long)there.up[2], (long long)there.down[2],
             there.iterations[2], there.assemblies[0], there.assemblies[1], there.assemblies[2], there.assemblies[3], there.why);
    compare(c, &want, &there), compare(c, &want, &brought);
    clear(&want), clear(&there), clear(&brought);
  }
}

/* Of 625 dofs a vector has 5,000 bytes; an iteration brings eight back. */
static void scalars_cross_the_bus(void **state) {
  (void)state;
  static const test_case large[] = {{"Poisson", BOX(24, 24) POISSON SIDES, GKT_LINEAR_CG, false},
                                    {"a wind", BOX(24, 24) WIND SIDES, GKT_LINEAR_BICGSTAB, false},
                                    {"porous", BOX(24, 24) POROUS SIDES, GKT_LINEAR_BICGSTAB, false}};
  for (size_t k = 0; k < sizeof large / sizeof *large; k++) {
    answers a = ask(&large[k], GKT_BACKEND_CUDA, GKT_ON_DEVICE);
    const bool linear = k < 2;
    if (getenv("GKT_SHOW"))
      printf("%s: %d dofs; first %lld bytes up, %lld down; then %lld, %lld; %d iterations; assemblies %d, setups %d\n", large[k].name, a.n, (long long)a.up[0],
             (long long)a.down[0], (long long)a.up[2], (long long)a.down[2], a.iterations[2], a.assemblies[0], a.setups[0]);
    if (a.up[2] > 1000 || a.down[2] > 2500 || a.up[3] > 1000 || a.down[3] > 2500) fail_msg("%s: %lld bytes up, %lld down", large[k].name, (long long)a.up[2], (long long)a.down[2]);
    if (a.assemblies[0] != !linear || a.setups[0] > 1 || (k == 0 && a.setups[0])) fail_msg("%s: %d assemblies, %d setups", large[k].name, a.assemblies[0], a.setups[0]);
    clear(&a);
  }
}

/* With the shifts of a step, and known parts on the device. */
static void of_steps(void **state) {
  (void)state;
  static const char text[] =
      BOX(6, 5) SCALAR "equation: \"dt(u)*v*dx + (1 + u^2)*dot(grad(u), grad(v))*dx + dot([2, 1], grad(u))*v*dx == v*dx\"\n" SIDES "time: {end: 1, step: 0.1}\n";
  gkt_scalar *x[2];
  gkt_idx n = 0;
  for (int k = 0; k < 2; k++) {
    gkt_context *ctx;
    gkt_problem *p = open_problem(text, k ? GKT_BACKEND_CUDA : GKT_BACKEND_INTERPRETER, &ctx);
    gkt_system *s = gkt_problem_system(p);
    const gkt_where where = k ? GKT_ON_DEVICE : GKT_ON_HOST;
    gkt_vector *u = vector_of(s, where, 0.3), *b = vector_of(s, where, 1), *lambda = vector_of(s, where, 0), *known = vector_of(s, where, 0.6), *host;
    const gkt_shifts shifts = {.value = 1, .rate = 10};
    const gkt_stage stage = {.weight = 1, .time = 0.1, .shifts = &shifts, .rate = known};
    gkt_solve_options options = gkt_solve_options_default();
    gkt_solve_report report;
    options.newton.linear.method = GKT_LINEAR_GMRES, options.newton.linear.rtol = 1e-12;
    must(ctx, gkt_system_lift(s, u));
    must(ctx, gkt_system_set_step(s, 1, &stage));
    must(ctx, gkt_system_solve_transposed(s, &options, u, b, lambda, &report));
    if (!report.valid || (k && !strstr(report.linear.method, "device"))) fail_msg("%s; %s", report.reason, report.linear.method);
    gkt_solve_report_clear(&report);
    must(ctx, gkt_system_vector(s, &host));
    must(ctx, gkt_vector_to(lambda, host));
    n = gkt_vector_size(host);
    x[k] = memcpy(malloc((size_t)n * sizeof *x[k]), gkt_vector_read(host), (size_t)n * sizeof *x[k]);
    gkt_vector_destroy(&u), gkt_vector_destroy(&b), gkt_vector_destroy(&lambda), gkt_vector_destroy(&known), gkt_vector_destroy(&host);
    gkt_problem_destroy(&p);
    gkt_context_destroy(&ctx);
  }
  for (gkt_idx i = 0; i < n; i++) assert_true(fabs(x[0][i] - x[1][i]) <= 1e-9);
  free(x[0]), free(x[1]);
}

static void places_are_checked(void **state) {
  (void)state;
  gkt_context *ctx;
  gkt_problem *p = open_problem(cases[0].text, GKT_BACKEND_CUDA, &ctx);
  gkt_system *s = gkt_problem_system(p);
  gkt_vector *u = vector_of(s, GKT_ON_DEVICE, 0.3), *b = vector_of(s, GKT_ON_HOST, 1);
  gkt_solve_report report;
  assert_int_equal(gkt_system_solve_transposed(s, NULL, u, b, b, &report), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "expected all in one place"));
  gkt_vector_destroy(&u), gkt_vector_destroy(&b);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
}

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_those_of_the_host), cmocka_unit_test(scalars_cross_the_bus), cmocka_unit_test(of_steps),
                                     cmocka_unit_test(places_are_checked)};
  return cmocka_run_group_tests(tests, begin, NULL);
}
