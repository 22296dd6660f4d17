/* Claim: where some fields have u'', others u', and a multiplier holds a constraint, steps begin with the rates and the multiplier that solve the equation at the start, and keep
   their orders; what would need the second rate of a field with u' is refused by name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* u with test v, w with z, the multiplier p with q, all in P1 on the unit square; solutions are linear in x. */
#define U "sin(t)*(1 + x[0])"
#define U_RATE "cos(t)*(1 + x[0])"
#define W "cos(t)*x[0]"
#define P "exp(-t)*x[0]"
static const char *const of_u = "dtt(u)*v*dx + p*v*dx - (-" U " + " P ")*v*dx + dt(w)*z*dx + (w - u)*z*dx - (-sin(t)*x[0] + " W " - " U ")*z*dx + (u - " U ")*q*dx",
                         *of_both = "dtt(u)*v*dx + (u + w)*v*dx - " W "*v*dx + dt(w)*z*dx + p*z*dx - (-sin(t)*x[0] + " P ")*z*dx + (w + u - " W " - " U ")*q*dx",
                         *acts_on_u = "dtt(u)*v*dx + p*v*dx + dt(w)*z*dx + w*z*dx + (w + u)*q*dx";

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V;
  gkt_form *form;
  gkt_system *system;
  int fields[3]; /* u, w, p */
} world;

static world make(const char *text) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  static const char *const names[3][2] = {{"u", "v"}, {"w", "z"}, {"p", "q"}};
  const gkt_space *spaces[6] = {NULL};
  world w = {0};
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {2, 2}, {0, 0}, {1, 1}}, &w.mesh));
  ok(gkt_mesh_topology(w.mesh));
  ok(gkt_space_create(w.mesh, P1, gkt_shape_scalar(), &w.V));
  ok(gkt_scope_create(ctx, 2, &w.scope));
  for (int f = 0; f < 3; f++) ok(gkt_scope_add_field(w.scope, names[f][0], names[f][1], gkt_shape_scalar(), P1, &w.fields[f])), spaces[w.fields[f]] = w.V;
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = text}, &w.form));
  ok(gkt_system_create(w.form, w.mesh, 3, w.fields, spaces, &w.system));
  return w;
}

static void clear(world *w) {
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_mesh_destroy(&w->mesh);
}

/* By fields; NULL: 0. */
static gkt_vector *values(const world *w, const char *const texts[3], double time) {
  const gkt_idx n = gkt_space_num_dofs(w->V);
  gkt_vector *v;
  ok(gkt_system_vector(w->system, &v));
  for (int f = 0; f < 3; f++) {
    gkt_expression *e;
    if (!texts[f]) continue;
    ok(gkt_expression_parse(w->scope, &(gkt_source){.text = texts[f]}, &e));
    ok(gkt_interpolate(e, w->V, &(gkt_inputs){.time = time}, gkt_vector_values(v) + f * n));
    gkt_expression_destroy(&e);
  }
  return v;
}

typedef struct {
  double start[3], end[3]; /* u'', w', p at the start; u, w, p at t = 1 */
} errors;

static double largest(const world *w, int field, const gkt_vector *a, const gkt_vector *b) {
  const gkt_idx n = gkt_space_num_dofs(w->V);
  double most = 0;
  for (gkt_idx i = field * n; i < (field + 1) * n; i++) most = fmax(most, fabs(gkt_vector_read(a)[i] - gkt_vector_read(b)[i]));
  return most;
}

static errors errors_of(const char *form, const char *scheme, int n) {
  world w = make(form);
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  errors out;
  ok(gkt_scheme_read(ctx, scheme, &options.scheme));
  options.step = 1.0 / n, options.solve.newton.linear.rtol = 1e-12;
  ok(gkt_time_create(w.system, &options, &t));
  gkt_vector *u = values(&w, (const char *const[]){U, W, NULL}, 0), *rate = values(&w, (const char *const[]){U_RATE, NULL, NULL}, 0),
             *rates = values(&w, (const char *const[]){"-" U, "-sin(t)*x[0]", P}, 0), *exact = values(&w, (const char *const[]){U, W, P}, 1);
  ok(gkt_time_begin(t, u, rate, &report));
  if (!report.valid) fail_msg("%s, start: %s", scheme, report.reason);
  const gkt_state start = gkt_time_state(t);
  out.start[0] = largest(&w, 0, start.acceleration, rates), out.start[1] = largest(&w, 1, start.rate, rates), out.start[2] = largest(&w, 2, start.u, rates);
  for (int k = 0; k < n; k++) {
    ok(gkt_time_step(t, options.step, &report));
    if (!report.valid) fail_msg("%s, step %d: %s", scheme, k, report.reason);
  }
  for (int f = 0; f < 3; f++) out.end[f] = largest(&w, f, gkt_time_state(t).u, exact);
  gkt_vector_destroy(&u), gkt_vector_destroy(&rate), gkt_vector_destroy(&rates), gkt_vector_destroy(&exact);
  gkt_time_destroy(&t);
  clear(&w);
  return out;
}

static void orders_are_those_of_theory(void **state) {
  (void)state;
  static const char *const schemes[] = {"newmark", "generalized-alpha(0.5)"};
  const char *const forms[] = {of_u, of_both};
  for (int i = 0; i < 4; i++) {
    const errors coarse = errors_of(forms[i / 2], schemes[i % 2], 20), fine = errors_of(forms[i / 2], schemes[i % 2], 40);
    for (int f = 0; f < 3; f++) {
      const double start = coarse.start[f] > 1e-10 ? log2(coarse.start[f] / fine.start[f]) : 1, end = coarse.end[f] > 1e-10 ? log2(coarse.end[f] / fine.end[f]) : 2;
      if (getenv("GKT_SHOW"))
        print_message("problem %d, %s, field %d: start %.2e, %.2e: %.2f; end %.2e, %.2e: %.2f\n", i / 2, schemes[i % 2], f, coarse.start[f], fine.start[f], start, coarse.end[f],
                      fine.end[f], end);
      if (!(start > 0.9) || !(fine.start[f] < 0.1)) fail_msg("problem %d, %s, field %d: start %g, %g", i / 2, schemes[i % 2], f, coarse.start[f], fine.start[f]);
      if (!(end > (f == 2 ? 0.9 : 1.9)) || !(fine.end[f] < 0.05)) fail_msg("problem %d, %s, field %d: %g, %g", i / 2, schemes[i % 2], f, coarse.end[f], fine.end[f]);
    }
  }
}

static void what_is_not_known_is_refused(void **state) {
  (void)state;
  world w = make(acts_on_u);
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  gkt_vector *u;
  bool couples;
  ok(gkt_system_couples(w.system, 2, 1, &couples));
  assert_true(couples);
  ok(gkt_system_couples(w.system, 1, 2, &couples));
  assert_false(couples);
  ok(gkt_scheme_read(ctx, "newmark", &options.scheme));
  options.step = 0.1;
  ok(gkt_time_create(w.system, &options, &t));
  ok(gkt_system_vector(w.system, &u));
  assert_int_equal(gkt_time_begin(t, u, NULL, &report), GKT_UNAVAILABLE);
  if (!strstr(gkt_context_message(ctx), "the equation of 'p' holds fields with dt and others with dtt")) fail_msg("%s", gkt_context_message(ctx));
  gkt_context_clear(ctx);
  gkt_vector_destroy(&u);
  gkt_time_destroy(&t);
  clear(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(orders_are_those_of_theory), cmocka_unit_test(what_is_not_known_is_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
