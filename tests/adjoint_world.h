/* Problems for tests of gradients: a problem file's text, its system solved as it stands, an adjoint and a functional on it; differences as an oracle. */
#ifndef GKT_TESTS_ADJOINT_WORLD_H
#define GKT_TESTS_ADJOINT_WORLD_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/adjoint.h"
#include "galerkit/problem.h"
#include "tests/gkt_test.h"

static inline void ok_in(gkt_context *context, gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(context));
}
static inline void ok(gkt_status status) { ok_in(ctx, status); }

typedef struct {
  gkt_context *ctx;
  gkt_problem *problem;
  gkt_system *s;
  gkt_vector *u;
  gkt_solve_options options;
  gkt_adjoint *adjoint;
  gkt_form *form;
  gkt_functional *J;
} adjoint_world;

/* The next call takes what the last one left. */
static inline gkt_solve_report solve_world(adjoint_world *w) {
  gkt_solve_report report;
  ok_in(w->ctx, gkt_system_solve(w->s, &w->options, w->u, &report));
  if (!report.valid) fail_msg("%s", report.reason);
  return report;
}

static inline gkt_control control_of(const char *name) {
  if (name[0] == '=') return (gkt_control){GKT_CONTROL_CONSTANT, name + 1};
  return name[0] == '@' ? (gkt_control){GKT_CONTROL_SHAPE, NULL} : (gkt_control){GKT_CONTROL_COEFFICIENT, name};
}

/* mesh: in place of the text's; NULL: that one. method: of the linear solver; names of controls end with NULL, "=c" is the constant c, "@" the shape */
static inline adjoint_world make_world_with(gkt_context *context, gkt_mesh *mesh, const char *text, gkt_linear_method method, const char *functional, const char *const *controls) {
  adjoint_world w = {.ctx = context, .options = gkt_solve_options_default()};
  gkt_control list[8];
  int n = 0;
  w.options.keep_solver = true, w.options.newton.rtol = 1e-12;
  w.options.newton.linear.method = method, w.options.newton.linear.rtol = 1e-13;
  ok_in(context, gkt_problem_parse(context, "a.yaml", text, strlen(text), NULL, &w.problem));
  if (mesh) ok_in(context, gkt_problem_set_mesh(w.problem, mesh));
  ok_in(context, gkt_problem_check(w.problem));
  w.s = gkt_problem_system(w.problem), w.u = gkt_problem_solution(w.problem);
  for (; controls[n]; n++) list[n] = control_of(controls[n]);
  ok_in(context, gkt_adjoint_create(w.s, n, list, &w.adjoint));
  ok_in(context, gkt_form_parse(gkt_problem_scope(w.problem), GKT_FUNCTIONAL, &(gkt_source){.text = functional, .file = "a.yaml", .key = "minimize"}, &w.form));
  ok_in(context, gkt_functional_create(w.adjoint, w.form, &w.J));
  return w;
}
static inline adjoint_world make_world_on(gkt_context *context, const char *text, gkt_linear_method method, const char *functional, const char *const *controls) {
  return make_world_with(context, NULL, text, method, functional, controls);
}
static inline adjoint_world make_world(const char *text, gkt_linear_method method, const char *functional, const char *const *controls) {
  return make_world_on(ctx, text, method, functional, controls);
}

static inline void clear_world(adjoint_world *w) {
  gkt_functional_destroy(&w->J);
  gkt_form_destroy(&w->form);
  gkt_adjoint_destroy(&w->adjoint);
  gkt_problem_destroy(&w->problem);
}

/* J and its gradient by one control, '=', freed by the caller */
static inline gkt_scalar *gradient_of(adjoint_world *w, int control, double *value, gkt_solve_report *report) {
  gkt_scalar *g = calloc((size_t)gkt_adjoint_control_size(w->adjoint, control), sizeof *g), *gradients[8] = {NULL};
  gradients[control] = g;
  ok_in(w->ctx, gkt_adjoint_gradient(w->adjoint, w->J, &w->options, w->u, value, gradients, report));
  if (!report->valid) fail_msg("%s", report->reason);
  return g;
}

static inline double value_at(adjoint_world *w, int control, const gkt_scalar *m) {
  double J;
  ok_in(w->ctx, gkt_adjoint_set_control(w->adjoint, control, m));
  gkt_solve_report report = solve_world(w);
  gkt_solve_report_clear(&report);
  ok_in(w->ctx, gkt_functional_value(w->J, w->u, &J));
  return J;
}

/* dJ/dm_i by central differences of solutions, extrapolated; the system is left solved at m */
static inline double difference(adjoint_world *w, int control, gkt_scalar *m, gkt_size i, double h) {
  const gkt_scalar before = m[i];
  double d[2];
  for (int k = 0; k < 2; k++, h /= 2) {
    m[i] = before + h;
    const double plus = value_at(w, control, m);
    m[i] = before - h;
    d[k] = (plus - value_at(w, control, m)) / (2 * h);
  }
  m[i] = before;
  value_at(w, control, m);
  return (4 * d[1] - d[0]) / 3;
}

/* The gradient by each of some entries of a control against differences, relative to the largest entry */
static inline double error_of_gradient(adjoint_world *w, int control, int num_checked, double h) {
  const gkt_size n = gkt_adjoint_control_size(w->adjoint, control);
  gkt_scalar *m = malloc((size_t)n * sizeof *m), *own = NULL;
  gkt_solve_report report;
  double largest = 0, worst = 0, value;
  ok_in(w->ctx, gkt_adjoint_get_control(w->adjoint, control, m));
  own = gradient_of(w, control, &value, &report);
  gkt_solve_report_clear(&report);
  for (gkt_size i = 0; i < n; i++) largest = fmax(largest, fabs(own[i]));
  for (gkt_size i = 0; i < n; i += 1 + n / num_checked) worst = fmax(worst, fabs(own[i] - difference(w, control, m, i, h)));
  free(own);
  free(m); /* what it borrowed is set anew by whoever goes on */
  return worst / largest;
}
#endif
