/* Claim: second derivatives of a design through a filter, of values on sets as well, and a projection are those of its objective: against differences of gradients to 1e-6, and
   symmetric; without the projection's second derivative they are not. Those of Gauss and Newton's method stay positive. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/problem.h"
#include "problem/optimize.h"
#include "tests/gkt_test.h"

static const char text[] = "mesh: {box: {cells: [5, 4], shape: quad}}\nfields: {T: {space: P1, test: v}}\nconstants: {a: 0.7}\n"
                           "coefficients: {k: {space: %s, value: \"0.3 + 0.4*x[0]\"}}\n"
                           "equation: \"(0.1 + k^3)*(1 + T^2)*dot(grad(T), grad(v))*dx == a*v*dx\"\nconditions: [{on: left, value: 0}]\n"
                           "controls: {k: {%sbounds: [0, 1]}, a: {}}\nminimize: \"(T - 0.2)^2*dx + 0.1*k^2*dx\"\n"
                           "filter: {k: {kind: %s, radius: 0.5, project: {beta: [%s], eta: 0.4, every: 5}}}\nsolver: {linear: direct, rtol: 1e-13}\noptimizer: {method: %s}\n";

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* on: of values on two sets in P1; else in DP0 everywhere */
static gkt_problem *make(const char *kind, bool on, const char *betas, const char *method) {
  gkt_problem *p;
  char file[2048];
  snprintf(file, sizeof file, text, on ? "P1" : "DP0", on ? "on: [top, right], " : "", kind, betas, method);
  ok(gkt_problem_parse(ctx, "a.yaml", file, strlen(file), NULL, &p)), ok(gkt_problem_check(p));
  ok(gkt_design_begin_step(p));
  return p;
}

static void gradient_at(gkt_problem *p, const gkt_scalar *x, gkt_scalar *g) {
  ok(gkt_design_solve(p, x));
  memset(g, 0, (size_t)p->design->num * sizeof *g);
  ok(gkt_design_gradient(p, 0, g));
}

static void action_at(gkt_problem *p, const gkt_scalar *x, const gkt_scalar *d, gkt_scalar *out) {
  ok(gkt_design_solve(p, x));
  memset(out, 0, (size_t)p->design->num * sizeof *out);
  ok(gkt_design_hessian(p, d, out));
}

static double dot(gkt_size n, const gkt_scalar *a, const gkt_scalar *b) {
  double sum = 0;
  for (gkt_size i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* x, two directions, their actions, work: [num] each */
enum { X, D, E, HD, HE, MOVED, GRADIENT, DIFFERENCE, NUM };
static void fill(gkt_problem *p, gkt_scalar **v) {
  const gkt_size n = p->design->num;
  for (int k = 0; k < NUM; k++) v[k] = calloc((size_t)n, sizeof **v);
  for (gkt_size i = 0; i < n; i++) v[X][i] = p->design->x[i], v[D][i] = cos(0.7 * (double)i), v[E][i] = sin(1 + 1.3 * (double)i);
}

static void difference(gkt_problem *p, gkt_scalar **v, double eps, double factor) {
  const gkt_size n = p->design->num;
  for (int sign = -1; sign < 2; sign += 2) {
    for (gkt_size i = 0; i < n; i++) v[MOVED][i] = v[X][i] + sign * eps * v[D][i];
    gradient_at(p, v[MOVED], v[GRADIENT]);
    for (gkt_size i = 0; i < n; i++) v[DIFFERENCE][i] += factor * sign * v[GRADIENT][i] / (2 * eps);
  }
}

static void check(const char *kind, bool on, const char *betas, int step) {
  gkt_scalar *v[NUM];
  gkt_problem *p = make(kind, on, betas, "bnls");
  double worst = 0, largest = 0;
  fill(p, v);
  p->design->step = step;
  ok(gkt_design_begin_step(p));
  action_at(p, v[X], v[D], v[HD]), action_at(p, v[X], v[E], v[HE]);
  difference(p, v, 1e-3, -1.0 / 3), difference(p, v, 5e-4, 4.0 / 3);
  for (gkt_size i = 0; i < p->design->num; i++) worst = fmax(worst, fabs(v[HD][i] - v[DIFFERENCE][i])), largest = fmax(largest, fabs(v[HD][i]));
  const double de = dot(p->design->num, v[E], v[HD]), ed = dot(p->design->num, v[D], v[HE]);
  if (getenv("GKT_SHOW")) print_message("%s: off by %.2g of %.2g, symmetric to %.2g\n", kind, worst, largest, fabs(de - ed));
  if (!(worst < 1e-6 * largest) || !(fabs(de - ed) < 1e-9 * largest)) fail_msg("%s: off by %g of %g, %g and %g", kind, worst, largest, de, ed);
  for (int k = 0; k < NUM; k++) free(v[k]);
  gkt_problem_destroy(&p);
}

static void exact(void **unused) {
  (void)unused;
  check("density", false, "4", 0);
  check("helmholtz", false, "1, 8", 1);
  check("helmholtz", true, "1, 4", 1);
}

static void positive(void **unused) {
  gkt_scalar *v[NUM];
  gkt_problem *p = make("density", false, "8", "gauss-newton");
  (void)unused;
  fill(p, v);
  action_at(p, v[X], v[D], v[HD]), action_at(p, v[X], v[E], v[HE]);
  const double de = dot(p->design->num, v[E], v[HD]), ed = dot(p->design->num, v[D], v[HE]), dd = dot(p->design->num, v[D], v[HD]);
  if (!(dd > 0) || !(dot(p->design->num, v[E], v[HE]) > 0) || !(fabs(de - ed) < 1e-9 * dd)) fail_msg("%g, %g, %g", dd, de, ed);
  for (int k = 0; k < NUM; k++) free(v[k]);
  gkt_problem_destroy(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(exact), cmocka_unit_test(positive)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
