/* Claim: mosaic's structural task (examples/topology/mosaic.yaml, 8 x 2 x 4 hexahedra) has the work of the load that is published at five uniform densities, to every digit, and at
   densities that vary from cell to cell each entry of its gradient is a difference of works, within 2e-9 of the largest entry (published there: 2.1e-5). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/adjoint.h"
#include "galerkit/problem.h"
#include "tests/gkt_test.h"

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

typedef struct {
  gkt_problem *problem;
  gkt_adjoint *adjoint;
  gkt_form *form;
  gkt_functional *work;
  gkt_solve_options options;
  gkt_size n;
  gkt_scalar *rho;
} world;

static world begin(void) {
  world w = {.options = gkt_solve_options_default()};
  char path[4096];
  const gkt_space *space;
  w.options.keep_solver = true, w.options.newton.linear.method = GKT_LINEAR_DIRECT, w.options.newton.linear.rtol = 1e-13;
  snprintf(path, sizeof path, "%s/examples/topology/mosaic.yaml", getenv("GKT_ROOT"));
  ok(gkt_problem_read(ctx, path, NULL, &w.problem));
  ok(gkt_problem_check(w.problem));
  ok(gkt_problem_values(w.problem, "rho", &space, &w.rho));
  w.n = gkt_space_num_dofs(space);
  ok(gkt_adjoint_create(gkt_problem_system(w.problem), 1, &(gkt_control){GKT_CONTROL_COEFFICIENT, "rho"}, &w.adjoint));
  ok(gkt_form_parse(gkt_problem_scope(w.problem), GKT_FUNCTIONAL, &(gkt_source){.text = "-u[2]*ds(right)"}, &w.form));
  ok(gkt_functional_create(w.adjoint, w.form, &w.work));
  return w;
}

static void end(world *w) { gkt_functional_destroy(&w->work), gkt_form_destroy(&w->form), gkt_adjoint_destroy(&w->adjoint), gkt_problem_destroy(&w->problem); }

static double work_of(world *w) {
  double value;
  gkt_solve_report report;
  ok(gkt_adjoint_set_control(w->adjoint, 0, w->rho));
  ok(gkt_system_solve(gkt_problem_system(w->problem), &w->options, gkt_problem_solution(w->problem), &report));
  assert_true(report.valid);
  gkt_solve_report_clear(&report);
  ok(gkt_functional_value(w->work, gkt_problem_solution(w->problem), &value));
  return value;
}

static void has_the_published_work(void **unused) {
  static const double published[][2] = {{0.2, 0.0556488027}, {0.4, 0.00770595715}, {0.5, 0.00397532499}, {0.7, 0.00145608567}, {0.9, 0.000686156496}};
  world w = begin();
  (void)unused;
  assert_int_equal(w.n, 64);
  for (int k = 0; k < 5; k++) {
    for (gkt_size i = 0; i < w.n; i++) w.rho[i] = published[k][0];
    const double work = work_of(&w), unit = pow(10, floor(log10(published[k][1])) - 8); /* of the last of nine digits */
    if (fabs(work - published[k][1]) > unit) fail_msg("density %g: work %.12g, published %.9g", published[k][0], work, published[k][1]);
  }
  end(&w);
}

/* Of order 6: (45 D1 - 9 D2 + D3)/60h. */
static double difference(world *w, gkt_size i, double h) {
  static const double weights[] = {45, -9, 1};
  const double middle = w->rho[i];
  double sum = 0;
  for (int k = 1; k <= 3; k++) {
    w->rho[i] = middle + k * h, sum += weights[k - 1] * work_of(w);
    w->rho[i] = middle - k * h, sum -= weights[k - 1] * work_of(w);
  }
  w->rho[i] = middle;
  return sum / (60 * h);
}

static void has_a_gradient_of_differences(void **unused) {
  world w = begin();
  gkt_scalar *gradient = calloc((size_t)w.n, sizeof *gradient);
  gkt_solve_report report;
  double worst = 0, largest = 0;
  (void)unused;
  for (gkt_size i = 0; i < w.n; i++) w.rho[i] = 0.5 + 0.3 * sin(1.7 * (double)i);
  (void)work_of(&w);
  ok(gkt_adjoint_gradient(w.adjoint, w.work, &w.options, gkt_problem_solution(w.problem), NULL, &gradient, &report));
  assert_true(report.valid && report.assemblies == 0);
  gkt_solve_report_clear(&report);
  for (gkt_size i = 0; i < w.n; i++) largest = fmax(largest, fabs(gradient[i]));
  for (gkt_size i = 0; i < w.n; i++) worst = fmax(worst, fabs(difference(&w, i, 0.004) - gradient[i]) / largest);
  if (getenv("GKT_LONG")) print_message("gradient against differences: %.2e\n", worst);
  if (!(worst < 2e-9)) fail_msg("an entry of the gradient is off by %.2e of the largest", worst);
  free(gradient);
  end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(has_the_published_work), cmocka_unit_test(has_a_gradient_of_differences)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
