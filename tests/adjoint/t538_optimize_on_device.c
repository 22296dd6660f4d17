/* Claim: with the cuda backend a design is optimized with its state on the device: from iterate to iterate nothing but controls, gradients and scalars crosses the bus, however
   large the state is; objectives and solutions are those of the interpreter, by every method that asks for gradients or second derivatives, and the solution comes back at the end.
   Where the host solves, as by a factor, what the device assembles is brought there once for a design, and the factor serves both systems. */
#include <math.h>

#include "core/vector.h"
#include "tests/device_problem.h"

#define BOX(...) "mesh: {box: {cells: [" #__VA_ARGS__ "], shape: quad}}\n"
#define COMPLIANCE                                                                                                                                         \
  "fields: {u: {space: P1, test: v}}\ncoefficients: {rho: {space: DP0, value: \"0.4\"}}\nequation: \"(0.001 + rho^3)*dot(grad(u), grad(v))*dx == v*dx\"\n" \
  "conditions: [{on: left, value: 0}]\ncompute: {compliance: \"u*dx\", volume: \"rho*dx\"}\ncontrols: {rho: {bounds: [0, 1]}}\nminimize: compliance\n"     \
  "subject_to: [{value: volume, upper: 0.4}]\n"
#define CONTROL                                                                                                                                                       \
  "fields: {u: {space: P1, test: v}}\ncoefficients: {f: {space: P1, value: \"0\"}}\nequation: \"dot(grad(u), grad(v))*dx + 2*dot([1, 2], grad(u))*v*dx == f*v*dx\"\n" \
  "conditions: [{on: boundary, value: 0}]\ncompute: {error: \"0.5*(u - x[0]*(1 - x[0]))^2*dx + 1e-4*f^2*dx\"}\ncontrols: {f: {}}\nminimize: error\n"
#define POROUS                                                                                                                                                         \
  "fields: {u: {space: P1, test: v}}\nconstants: {a: 1}\ncoefficients: {f: {space: P1, value: \"1\"}}\nequation: \"(1 + a*u^2)*dot(grad(u), grad(v))*dx == f*v*dx\"\n" \
  "conditions: [{on: boundary, value: 0}]\ncompute: {error: \"0.5*(u - 0.1)^2*dx + 1e-4*f^2*dx + 1e-3*a^2*dx\"}\ncontrols: {f: {}, a: {bounds: [0.1, 3]}}\nminimize: error\n"
typedef struct {
  const char *name, *text;
  bool on_host;
} test_case;
static const test_case cases[] = {
    {"mma", BOX(6, 4) COMPLIANCE "optimizer: {method: mma, iterations: 6}\nsolver: {linear: cg, rtol: 1e-12}\n", false},
    {"oc and a filter", BOX(6, 4) COMPLIANCE "filter: {rho: {kind: density, radius: 0.3}}\noptimizer: {method: oc, iterations: 6}\nsolver: {linear: cg, rtol: 1e-12}\n", false},
    {"lmvm, a wind", BOX(5, 4) CONTROL "optimizer: {method: lmvm, iterations: 6}\nsolver: {linear: gmres, rtol: 1e-12}\n", false},
    {"blmvm, nonlinear", BOX(5, 4) POROUS "optimizer: {method: blmvm, iterations: 5}\nsolver: {linear: bicgstab, rtol: 1e-12, nonlinear: {rtol: 1e-12}}\n", false},
    {"bnls", BOX(5, 4) CONTROL "optimizer: {method: bnls, iterations: 3}\nsolver: {linear: gmres, rtol: 1e-12}\n", false},
    {"a factor", BOX(6, 4) COMPLIANCE "optimizer: {method: oc, iterations: 4}\n", true},
};

enum { MOST = 40 };
typedef struct {
  int count, iteration;
  double objectives[MOST];
  gkt_context *ctx;
  gkt_device_counts before;
  gkt_size up, down; /* between iterates, at the most, from the second on */
  gkt_scalar *u;
  gkt_idx n;
  char method[700];
} course;

static bool note(void *user, const gkt_iterate_progress *progress) {
  course *c = user;
  if (c->count && progress->iterate.iteration == c->iteration) return true; /* within the solves that follow it */
  const gkt_device_counts now = c->ctx->device ? gkt_device_count_all(c->ctx->device) : (gkt_device_counts){0};
  const gkt_size up = now.bytes_up - c->before.bytes_up, down = now.bytes_down - c->before.bytes_down;
  if (c->count > 1 && up > c->up) c->up = up;
  if (c->count > 1 && down > c->down) c->down = down;
  c->before = now, c->iteration = progress->iterate.iteration;
  if (c->count < MOST) c->objectives[c->count++] = progress->iterate.objective;
  return true;
}

static course optimize(const char *text, gkt_backend backend) {
  course out = {0};
  gkt_context *ctx;
  gkt_problem *p;
  gkt_problem_options options = gkt_problem_options_default();
  bool valid;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.backend = backend, .separate_rounding = true, .poison = true, .threads = 1}, &ctx), GKT_OK);
  out.ctx = ctx, options.iterate_progress = note, options.progress_user = &out;
  must(ctx, gkt_problem_parse(ctx, "a.yaml", text, strlen(text), &options, &p));
  must(ctx, gkt_problem_solve(p, &valid));
  if (!valid) fail_msg("%s", gkt_problem_reason(p));
  const gkt_solve_report *report = gkt_problem_solve_report(p);
  snprintf(out.method, sizeof out.method, "%s, %s", report->linear.method, report->linear.why);
  out.n = gkt_vector_size(gkt_problem_solution(p));
  out.u = memcpy(malloc((size_t)out.n * sizeof *out.u), gkt_vector_read(gkt_problem_solution(p)), (size_t)out.n * sizeof *out.u);
  gkt_problem_destroy(&p);
  gkt_context_destroy(&ctx);
  return out;
}

static void courses_are_those_of_the_host(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    course want = optimize(cases[k].text, GKT_BACKEND_INTERPRETER), have = optimize(cases[k].text, GKT_BACKEND_CUDA);
    double off = 0, most = 0;
    if (want.count != have.count || want.count < 3) fail_msg("%s: %d and %d iterates", cases[k].name, want.count, have.count);
    for (int i = 0; i < want.count; i++)
      if (!(fabs(want.objectives[i] - have.objectives[i]) <= 1e-6 * fabs(want.objectives[i])))
        fail_msg("%s, %d: %.17g, %.17g", cases[k].name, i, want.objectives[i], have.objectives[i]);
    assert_true(fabs(want.objectives[0] - want.objectives[want.count - 1]) > 1e-3 * fabs(want.objectives[0]));
    for (gkt_idx i = 0; i < want.n; i++) most = fmax(most, fabs(want.u[i])), off = fmax(off, fabs(want.u[i] - have.u[i]));
    if (!(off <= 1e-5 * most) || most == 0) fail_msg("%s: solutions differ by %g of %g", cases[k].name, off, most);
    if (!strstr(have.method, "device") != cases[k].on_host) fail_msg("%s: %s", cases[k].name, have.method);
    if (getenv("GKT_SHOW"))
      printf("%s: %d iterates, %lld bytes up, %lld down from one to the next; %s\n", cases[k].name, have.count, (long long)have.up, (long long)have.down, have.method);
    free(want.u), free(have.u);
  }
}

/* A state of 1,089 dofs has 8,712 bytes. */
static void states_stay_there(void **state) {
  (void)state;
  static const char text[] =
      "mesh: {box: {cells: [8, 8], shape: quad}}\nfields: {u: {space: P4, test: v}}\nconstants: {a: 1, b: 2}\n"
      "equation: \"(a + b*x[0])*dot(grad(u), grad(v))*dx == v*dx\"\nconditions: [{on: boundary, value: 0}]\ncompute: {error: \"0.5*(u - 0.02)^2*dx + 1e-6*(a^2 + b^2)*dx\"}\n"
      "controls: {a: {bounds: [0.1, 10]}, b: {bounds: [0.1, 10]}}\nminimize: error\noptimizer: {method: mma, iterations: 4}\nsolver: {linear: cg, rtol: 1e-9}\n";
  course c = optimize(text, GKT_BACKEND_CUDA);
  const gkt_size vector = c.n * (gkt_size)sizeof(gkt_scalar);
  if (getenv("GKT_SHOW")) printf("%d dofs: %lld bytes up, %lld down from one iterate to the next, a state has %lld\n", c.n, (long long)c.up, (long long)c.down, (long long)vector);
  if (c.up > 2500 || c.down > 7000 || c.up + c.down == 0) fail_msg("%lld bytes up, %lld down", (long long)c.up, (long long)c.down);
  free(c.u);
}

static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(states_stay_there), cmocka_unit_test(courses_are_those_of_the_host)};
  return cmocka_run_group_tests(tests, begin, NULL);
}
