/* Claim: where an iteration solves, adjoint systems begin from those before: a functional's at the next design, later steps' on the way back of a run, of matrices that are not
   symmetric and of tangents that vary. That takes fewer iterations than to begin at 0, and gradients are those found from there to what was asked of the solver. */
#include "tests/time_adjoint_world.h"

#define MESH "mesh: {box: {cells: [12, 10], upper: [1.2, 1]}}\nfields: {u: {space: P1, test: v}}\ncoefficients: {k: {space: DP0, value: \"1 + x[0]*x[1]\"}}\n"
#define HELD "conditions: [{on: left, value: \"x[1]\"}]\n"
static const char wind[] = MESH HELD "equation: \"(k*dot(grad(u), grad(v)) + 5*dot([1, x[0]], grad(u))*v)*dx == v*dx\"\n";
static const char bent[] = MESH HELD "equation: \"(k*(1 + u^2)*dot(grad(u), grad(v)) + u*grad(u)[0]*v)*dx == v*dx\"\n";
#define IN_TIME "time: {end: 1, step: 0.02}\n"
static const char blown[] = MESH IN_TIME HELD "equation: \"dt(u)*v*dx + (k*dot(grad(u), grad(v)) + 5*dot([1, x[0]], grad(u))*v)*dx == (1 + t)*v*dx\"\n";
static const char reacting[] = MESH IN_TIME HELD "equation: \"(1 + 0.3*u^2)*dt(u)*v*dx + k*(1 + u^2)*dot(grad(u), grad(v))*dx == (1 + t)*v*dx\"\n";
static const char *const by_k[] = {"k", NULL};

static gkt_functional *make(gkt_problem *p, gkt_adjoint *a, gkt_form **form) {
  gkt_functional *J;
  if (!*form) ok(gkt_form_parse(gkt_problem_scope(p), GKT_FUNCTIONAL, &(gkt_source){.text = "(u - x[0]*x[1])^2*dx + 0.1*k^2*u*dx", .file = "a.yaml", .key = "minimize"}, form));
  ok(gkt_functional_create(a, *form, &J));
  return J;
}

static int differentiate(gkt_adjoint *a, gkt_functional *J, const gkt_solve_options *o, const gkt_vector *u, gkt_scalar *g, gkt_size n) {
  gkt_solve_report r;
  memset(g, 0, (size_t)n * sizeof *g);
  ok(gkt_adjoint_gradient(a, J, o, u, NULL, (gkt_scalar *const[]){g}, &r));
  if (!r.valid) fail_msg("%s", r.reason);
  const int iterations = r.linear.iterations;
  gkt_solve_report_clear(&r);
  return iterations;
}

static void next_design(const char *text) {
  gkt_problem *p;
  gkt_adjoint *a;
  gkt_form *form = NULL;
  gkt_solve_options o = gkt_solve_options_default();
  gkt_solve_report r;
  o.keep_solver = true, o.newton.rtol = 1e-11, o.newton.linear.rtol = 1e-11, o.newton.linear.method = GKT_LINEAR_GMRES;
  ok(gkt_problem_parse(ctx, "a.yaml", text, strlen(text), NULL, &p)), ok(gkt_problem_check(p));
  gkt_system *s = gkt_problem_system(p);
  gkt_vector *u = gkt_problem_solution(p);
  ok(gkt_adjoint_create(s, 1, &(gkt_control){GKT_CONTROL_COEFFICIENT, "k"}, &a));
  const gkt_size n = gkt_adjoint_control_size(a, 0);
  gkt_functional *J = make(p, a, &form), *fresh = make(p, a, &form);
  gkt_scalar *m = malloc((size_t)n * sizeof *m), *g = malloc((size_t)n * sizeof *g), *h = malloc((size_t)n * sizeof *h);
  int near = 0, far = 0;
  double off = 0, most = 0;
  ok(gkt_adjoint_get_control(a, 0, m));
  for (int design = 0; design < 2; design++) {
    for (gkt_size i = 0; i < n && design; i++) m[i] *= 1 + 1e-4 * cos((double)i);
    ok(gkt_adjoint_set_control(a, 0, m));
    ok(gkt_system_solve(s, &o, u, &r)), assert_true(r.valid), gkt_solve_report_clear(&r);
    near = differentiate(a, J, &o, u, g, n);
  }
  far = differentiate(a, fresh, &o, u, h, n);
  for (gkt_size i = 0; i < n; i++) off = fmax(off, fabs(g[i] - h[i])), most = fmax(most, fabs(h[i]));
  if (getenv("GKT_SHOW")) print_message("%d iterations from the adjoint before, %d from 0; off by %.2g of %.2g\n", near, far, off, most);
  if (!(near < 0.85 * far) || !(off <= 1e-9 * most)) fail_msg("%d and %d iterations, off by %g of %g", near, far, off, most);
  free(g), free(h);
  gkt_functional_destroy(&J), gkt_functional_destroy(&fresh), gkt_form_destroy(&form), gkt_adjoint_destroy(&a);
  gkt_problem_destroy(&p);
  free(m);
}

static void designs(void **unused) {
  (void)unused;
  next_design(wind), next_design(bent);
}

static void back(const char *text) {
  run_options o = {text, "crank-nicolson", "u^2*dx", NULL, by_k, 0.02, 1, .method = GKT_LINEAR_GMRES};
  int iterations[2];
  for (int many = 0; many < 2; many++) {
    gkt_time_gradient_report r;
    double J;
    o.num_steps = many ? 32 : 1;
    run_world w = make_run(&o);
    go(&w);
    free(all_gradients(&w, &J, &r));
    iterations[many] = r.linear;
    clear_run(&w);
  }
  if (getenv("GKT_SHOW")) print_message("%d iterations of one step back, %d of 32\n", iterations[0], iterations[1]);
  if (!(iterations[1] < 0.9 * 32 * iterations[0])) fail_msg("%d iterations of one step back, %d of 32", iterations[0], iterations[1]);
}

static void steps(void **unused) {
  (void)unused;
  back(blown), back(reacting);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(designs), cmocka_unit_test(steps)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
