/* Claim: on every form of examples/forms, with a load by a coefficient and a constant added, Taylor remainders are of order 2 with the gradient and of order 3 with the Hessian: by
   that coefficient; with GKT_LONG=1 by every constant and coefficient with a space that the file has as well. */
#include <glob.h>

#include "problem/problem.h"
#include "tests/adjoint_world.h"

/* What is set beside the file's keys: a coarse mesh, and a load that balances whatever moves the whole body. */
typedef struct {
  char cells[40], form[6000];
  const char *list[4];
} changes;

static changes change(const char *path) {
  gkt_problem *p;
  changes c;
  ok(gkt_problem_read(ctx, path, NULL, &p));
  const gkt_settings *s = p->settings;
  const bool vector = s->fields[0].rank > 0;
  const char *equation = s->equation.text, *name = equation ? s->fields[0].test.text : s->fields[0].name.text;
  snprintf(c.cells, sizeof c.cells, "mesh.box.cells=%s", s->mesh.box.dim == 3 ? "[2,1,2]" : s->mesh.box.dim == 2 ? "[3,2]" : "[4]");
  snprintf(c.form, sizeof c.form, "%s=\"%s + a_load*load*grad(%s)[%s]*dx\"", equation ? "equation" : "energy", equation ? equation : s->energy.text, name, vector ? "0,0" : "0");
  for (char *line = c.form; (line = strchr(line, '\n')); *line = ' ') {
  }
  c.list[0] = c.cells, c.list[1] = c.form, c.list[2] = "coefficients.load={space: DP0, value: \"0.02 + 0.01*x[0]\"}", c.list[3] = "constants.a_load=1.5";
  gkt_problem_destroy(&p);
  return c;
}

static void check_control(adjoint_world *w, const char *path, const gkt_control *control, int *num_checked) {
  gkt_taylor t;
  const char *field = gkt_system_layout(w->s)->blocks[0].name;
  char text[200];
  ok(gkt_adjoint_create(w->s, 1, control, &w->adjoint));
  snprintf(text, sizeof text, gkt_system_layout(w->s)->blocks[0].block_size > 1 ? "(dot(%s, %s) + %s[0]*x[0])*dx + %s[1]*ds" : "(%s^2 + %s*%s*x[0])*dx + %s*ds", field, field,
           field, field);
  ok(gkt_form_parse(gkt_problem_scope(w->problem), GKT_FUNCTIONAL, &(gkt_source){.text = text}, &w->form));
  ok(gkt_functional_create(w->adjoint, w->form, &w->J));
  const bool used = gkt_adjoint_check(w->adjoint) == GKT_OK;
  gkt_context_clear(ctx);
  if (used) {
    ok(gkt_adjoint_verify(w->adjoint, w->J, &w->options, 0, NULL, 0, w->u, &t));
    if (!t.passed) fail_msg("%s, by %s: slope %g, remainders %g %g, %s", path, control->name, t.slope, t.remainder[0], t.remainder[4], t.reason);
    const gkt_status status = gkt_adjoint_verify_hessian(w->adjoint, w->J, &w->options, 0, NULL, 0, w->u, &t);
    if (status != GKT_UNAVAILABLE) ok(status);
    if (status == GKT_OK && !t.passed)
      fail_msg("%s, by %s: slope %g of second derivatives, remainders %g %g, %s", path, control->name, t.slope, t.remainder[0], t.remainder[4], t.reason);
    gkt_context_clear(ctx);
    *num_checked += 1;
  }
  gkt_functional_destroy(&w->J), gkt_form_destroy(&w->form), gkt_adjoint_destroy(&w->adjoint);
}

static int check_form(const char *path, bool all) {
  const changes c = change(path);
  const gkt_problem_options options = {.num_sets = 4, .sets = c.list};
  adjoint_world w = {.ctx = ctx, .options = gkt_solve_options_default()};
  int num_checked = 0;
  w.options.keep_solver = true, w.options.newton.rtol = 1e-12, w.options.newton.linear.rtol = 1e-13, w.options.newton.linear.method = GKT_LINEAR_DIRECT;
  ok(gkt_problem_read(ctx, path, &options, &w.problem));
  ok(gkt_problem_check(w.problem));
  w.s = gkt_problem_system(w.problem), w.u = gkt_problem_solution(w.problem);
  gkt_solve_report report = solve_world(&w);
  gkt_solve_report_clear(&report);
  check_control(&w, path, &(gkt_control){GKT_CONTROL_COEFFICIENT, "load"}, &num_checked);
  assert_int_equal(num_checked, 1);
  const gkt_settings *s = w.problem->settings;
  for (int i = 0; all && i < s->num_constants; i++) check_control(&w, path, &(gkt_control){GKT_CONTROL_CONSTANT, s->constants[i].name.text}, &num_checked);
  for (int i = 0; all && i < s->num_coefficients; i++)
    if (s->coefficients[i].kind != GKT_COEFFICIENT_SYMBOLIC && strcmp(s->coefficients[i].name.text, "load"))
      check_control(&w, path, &(gkt_control){GKT_CONTROL_COEFFICIENT, s->coefficients[i].name.text}, &num_checked);
  gkt_problem_destroy(&w.problem);
  return num_checked;
}

static void gallery(void **unused) {
  (void)unused;
  const bool all = getenv("GKT_LONG") != NULL;
  char pattern[1000];
  glob_t found;
  int checked = 0;
  snprintf(pattern, sizeof pattern, "%s/examples/forms/*.yaml", getenv("GKT_ROOT"));
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) checked += check_form(found.gl_pathv[i], all);
  assert_true(found.gl_pathc >= 28 && checked >= (all ? 60 : 28));
  globfree(&found);
}

int main(void) {
  setenv("GKT_BACKEND", "interpreter", 1); /* many small kernels */
  const struct CMUnitTest tests[] = {cmocka_unit_test(gallery)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
