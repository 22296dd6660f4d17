/* An optimizer of the program's own on the library's gradients: L-BFGS with Armijo's rule (Nocedal and Wright, Numerical Optimization, Springer 2006, algorithms 7.4 and 3.1), in
   sixty lines. It knows functions and numbers, no equation; what it is used on is the source of Poisson's equation in source.yaml, whose optimum is known. */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "lbfgs: %s\n", gkt_context_message(ctx));
  exit(1);
}

/* ---- the optimizer ---- */
enum { MEMORY = 10 };
typedef struct {
  double (*value)(void *user, const double *x, double *g); /* J(x), and '=' its gradient [n] */
  void *user;
  int n, count;                  /* variables; pairs so far */
  double *s[MEMORY], *y[MEMORY]; /* [n] changes of x and of g, pair k in place k % MEMORY */
} lbfgs;

static double dot(int n, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}
static void add(int n, double c, const double *a, double *b) {
  for (int i = 0; i < n; i++) b[i] += c * a[i];
}

/* d = -H g by two loops over the pairs; without any the gradient alone, of the length of a first guess. */
static void direction(const lbfgs *o, const double *g, double *d) {
  const int oldest = o->count > MEMORY ? o->count - MEMORY : 0, n = o->n;
  double a[MEMORY];
  for (int i = 0; i < n; i++) d[i] = -g[i];
  for (int k = o->count - 1; k >= oldest; k--) {
    const double *s = o->s[k % MEMORY], *y = o->y[k % MEMORY];
    add(n, -(a[k % MEMORY] = dot(n, s, d) / dot(n, s, y)), y, d);
  }
  const double *s = o->s[(o->count + MEMORY - 1) % MEMORY], *y = o->y[(o->count + MEMORY - 1) % MEMORY];
  const double scale = o->count ? dot(n, s, y) / dot(n, y, y) : 1 / sqrt(dot(n, g, g));
  for (int i = 0; i < n; i++) d[i] *= scale;
  for (int k = oldest; k < o->count; k++) add(n, a[k % MEMORY] - dot(n, o->y[k % MEMORY], d) / dot(n, o->s[k % MEMORY], o->y[k % MEMORY]), o->s[k % MEMORY], d);
}

/* x [n], from the start to where the gradient is `part` of that at the start; iterations, or -1. */
static int minimize(lbfgs *o, double part, int most, double *x) {
  const int n = o->n;
  double *work = calloc((size_t)n * (4 + 2 * MEMORY), sizeof *work), *g = work, *d = g + n, *next = d + n, *slope = next + n;
  for (int k = 0; k < MEMORY; k++) o->s[k] = slope + (1 + k) * n, o->y[k] = slope + (1 + MEMORY + k) * n;
  double value = o->value(o->user, x, g);
  const double goal = part * sqrt(dot(n, g, g));
  int iteration = 0;
  for (; sqrt(dot(n, g, g)) > goal && iteration < most; iteration++) {
    double step = 1, there;
    direction(o, g, d);
    for (;; step /= 2) { /* as far as the value falls by a part of what the slope promises */
      memcpy(next, x, (size_t)n * sizeof *x), add(n, step, d, next);
      there = o->value(o->user, next, slope);
      if (there <= value + 1e-4 * step * dot(n, g, d) || step < 1e-10) break;
    }
    double *s = o->s[o->count % MEMORY], *y = o->y[o->count % MEMORY];
    for (int i = 0; i < n; i++) s[i] = next[i] - x[i], y[i] = slope[i] - g[i], x[i] = next[i], g[i] = slope[i];
    o->count += dot(n, s, y) > 0; /* a pair that curves downwards is left out */
    value = there;
  }
  const bool found = sqrt(dot(n, g, g)) <= goal;
  free(work);
  return found ? iteration : -1;
}

/* ---- what is minimized ---- */
typedef struct {
  gkt_problem *problem;
  gkt_adjoint *adjoint;
  gkt_functional *J;
  gkt_solve_options options;
  int solves;
} design;

static double value_and_gradient(void *user, const double *x, double *g) {
  design *d = user;
  gkt_vector *u = gkt_problem_solution(d->problem);
  gkt_solve_report report;
  double value;
  must(gkt_adjoint_set_control(d->adjoint, 0, x));
  must(gkt_system_solve(gkt_problem_system(d->problem), &d->options, u, &report));
  if (!report.valid) fprintf(stderr, "lbfgs: %s\n", report.reason), exit(1);
  gkt_solve_report_clear(&report);
  memset(g, 0, (size_t)gkt_adjoint_control_size(d->adjoint, 0) * sizeof *g); /* gradients add up */
  must(gkt_adjoint_gradient(d->adjoint, d->J, &d->options, u, &value, &g, &report));
  if (!report.valid) fprintf(stderr, "lbfgs: %s\n", report.reason), exit(1);
  gkt_solve_report_clear(&report);
  d->solves++;
  return value;
}

static double integral(design *d, const char *text) {
  gkt_form *form;
  gkt_functional *f;
  double value;
  must(gkt_form_parse(gkt_problem_scope(d->problem), GKT_FUNCTIONAL, &(gkt_source){.text = text}, &form));
  must(gkt_functional_create(d->adjoint, form, &f));
  must(gkt_functional_value(f, gkt_problem_solution(d->problem), &value));
  gkt_functional_destroy(&f), gkt_form_destroy(&form);
  return value;
}

int main(int argc, char **argv) {
  design d = {.options = gkt_solve_options_default()};
  gkt_form *cost;
  d.options.keep_solver = true; /* for the adjoint system */
  must(gkt_context_create(NULL, &ctx));
  must(gkt_problem_read(ctx, argc > 1 ? argv[1] : "source.yaml", NULL, &d.problem));
  must(gkt_problem_check(d.problem));
  must(gkt_adjoint_create(gkt_problem_system(d.problem), 1, &(gkt_control){GKT_CONTROL_COEFFICIENT, "f"}, &d.adjoint));
  must(gkt_form_parse(gkt_problem_scope(d.problem), GKT_FUNCTIONAL, &(gkt_source){.text = "0.5*(u - s/(2*pi^2))^2*dx + 0.5*alpha*f^2*dx"}, &cost));
  must(gkt_functional_create(d.adjoint, cost, &d.J));

  lbfgs optimizer = {.value = value_and_gradient, .user = &d, .n = (int)gkt_adjoint_control_size(d.adjoint, 0)};
  double *x = calloc((size_t)optimizer.n, sizeof *x), *g = calloc((size_t)optimizer.n, sizeof *g);
  const int iterations = minimize(&optimizer, 1e-8, 200, x);
  const double value = value_and_gradient(&d, x, g); /* the system has x again, whatever was tried last */
  const double error = sqrt(integral(&d, "(f - s/(1 + 4*alpha*pi^4))^2*dx"));
  printf("%d variables: %d iterations, %d solves and gradients; J %.6e, error of f %.3e\n", optimizer.n, iterations, d.solves, value, error);
  free(x), free(g);
  gkt_functional_destroy(&d.J), gkt_form_destroy(&cost), gkt_adjoint_destroy(&d.adjoint), gkt_problem_destroy(&d.problem), gkt_context_destroy(&ctx);
  return !(iterations > 0 && fabs(error / 3.83e-2 - 1) < 0.05); /* pyadjoint's documentation: 3.83e-2 */
}
