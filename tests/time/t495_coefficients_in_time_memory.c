/* Claim: a coefficient that follows t has the values of each time at which a system looks: residuals of states at any time, tangents, conditions and both stages of a step; it is
   filled once for each time, anew when other data change, and nothing else may give its values. A failure to fill is that of the call that moved the time; whichever allocation
   fails leaves nothing behind. */
#include <math.h>
#include <stdlib.h>

#include "galerkit/time.h"
#include "tests/failing_memory.h"
#include "tests/gkt_test.h"

#include "core/core.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V;
  gkt_form *form;
  gkt_system *system;
  gkt_time *t;
  gkt_vector *u, *r;
  int fills;
  double factor; /* of all values */
  bool fails;
} world;

static gkt_status fill(void *user, gkt_scalar time, gkt_scalar *values) {
  world *w = user;
  w->fills++;
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w->V); i++) values[i] = w->factor * (1 + time * gkt_space_coords(w->V)[i]);
  return w->fails ? GKT_IO : GKT_OK;
}

static gkt_status constrain(world *w, int u, const char *text) {
  gkt_expression *value = NULL;
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = text}, &value));
  gkt_status status = gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "right"), .component = -1, .value = value});
  gkt_expression_destroy(&value);
  return status;
}

/* Functions u, v, f; the values of f are 1 + t x. */
static gkt_status make(gkt_context *context, const char *form, const char *condition, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  int u, f, k;
  w->factor = 1;
  GKT_TRY(gkt_mesh_box(context, &(gkt_box){GKT_LINE, 1, {4}, {0}, {1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  GKT_TRY(gkt_scope_create(context, 1, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_scalar(), P1, &u));
  GKT_TRY(gkt_scope_add_coefficient(w->scope, "f", gkt_shape_scalar(), P1, &f));
  GKT_TRY(gkt_scope_follow_time(w->scope, f));
  GKT_TRY(gkt_scope_add_constant(w->scope, "k", &k));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = form, .file = "a.yaml", .key = "form"}, &w->form));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V, NULL, w->V}, &w->system));
  GKT_TRY(gkt_system_set_constant(w->system, "k", 1));
  GKT_TRY(gkt_system_follow_coefficient(w->system, "f", fill, w));
  GKT_TRY(constrain(w, u, condition));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  return gkt_system_vector(w->system, &w->r);
}

static void clear(world *w) {
  gkt_time_destroy(&w->t);
  gkt_vector_destroy(&w->u), gkt_vector_destroy(&w->r);
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_mesh_destroy(&w->mesh);
}

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static const char *const HEAT = "f*dt(u)*v*dx + f*dot(grad(u), grad(v))*dx - k*f*v*dx", *const STATED = "(1 + t*x[0])*(dt(u)*v + dot(grad(u), grad(v)) - k*v)*dx";

static double residual(world *w, double time, double rate) {
  gkt_vector *rates;
  ok(gkt_system_vector(w->system, &rates));
  for (gkt_idx i = 0; i < gkt_vector_size(w->u); i++) gkt_vector_values(w->u)[i] = sin(1.7 * i);
  gkt_vector_fill(rates, rate);
  ok(gkt_system_residual(w->system, &(gkt_state){w->u, rates, NULL, time}, w->r));
  gkt_vector_destroy(&rates);
  return gkt_vector_norm(w->r);
}

static void residuals_and_conditions_follow(void **state) {
  (void)state;
  world w = {0}, stated = {0};
  bool kept;
  ok(make(ctx, HEAT, "f", &w)), ok(make(ctx, STATED, "1 + t*x[0]", &stated));
  ok(gkt_system_keep_operators(w.system, &kept));
  assert_false(kept); /* the tangent holds f */
  for (int i = 0; i < 5; i++) {
    const double time = 0.7 * (i % 3), a = residual(&w, time, i), b = residual(&stated, time, i);
    if (fabs(a - b) > 1e-13 * b) fail_msg("residual at %g: %.17g, stated %.17g", time, a, b);
    ok(gkt_system_set_time(w.system, 0.1 * i)), ok(gkt_system_lift(w.system, w.u));
    assert_float_equal(gkt_vector_read(w.u)[4], 1 + 0.1 * i, 1e-15);
  }
  ok(gkt_system_set_constant(w.system, "k", 2)), ok(gkt_system_set_constant(stated.system, "k", 2));
  w.factor = 3; /* what else it depends on changed with the constant, or does now */
  ok(gkt_system_set_constant(w.system, "k", 1)), ok(gkt_system_set_constant(stated.system, "k", 1));
  assert_float_equal(residual(&w, 0.25, 1), 3 * residual(&stated, 0.25, 1), 1e-12);
  ok(gkt_system_lift(w.system, w.u));
  assert_float_equal(gkt_vector_read(w.u)[4], 3 * 1.4, 1e-14);
  clear(&w), clear(&stated);
}

static gkt_status march(gkt_context *context, world *w, const char *scheme, int steps) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  options.step = 0.1;
  GKT_TRY(gkt_scheme_read(context, scheme, &options.scheme));
  GKT_TRY(gkt_time_create(w->system, &options, &w->t));
  GKT_TRY(gkt_time_begin(w->t, w->u, NULL, &report));
  w->fills = 0;
  for (int k = 0; k < steps; k++) {
    GKT_TRY(gkt_time_step(w->t, 0.1, &report));
    if (!report.valid && !context->exhausted) return GKT_BAD_INPUT;
  }
  return context->exhausted ? GKT_NO_MEMORY : GKT_OK; /* facts that memory was not enough to look for are no facts */
}

static void both_stages_see_their_times(void **state) {
  (void)state;
  const char *const schemes[] = {"crank-nicolson", "theta(0.7)", "midpoint", "bdf2"};
  for (int i = 0; i < 4; i++) {
    world w = {0}, stated = {0};
    ok(make(ctx, HEAT, "f", &w)), ok(make(ctx, STATED, "1 + t*x[0]", &stated));
    ok(march(ctx, &w, schemes[i], 6)), ok(march(ctx, &stated, schemes[i], 6));
    const gkt_scalar *a = gkt_vector_read(gkt_time_state(w.t).u), *b = gkt_vector_read(gkt_time_state(stated.t).u);
    for (int j = 0; j < 5; j++)
      if (fabs(a[j] - b[j]) > 1e-9) fail_msg("%s: %.12g, stated %.12g", schemes[i], a[j], b[j]);
    const int expected = i == 2 ? 12 : 6; /* the start of a step is the end of the one before */
    if (w.fills != expected) fail_msg("%s: filled %d times, expected %d", schemes[i], w.fills, expected);
    clear(&w), clear(&stated);
  }
}

static void what_is_wrong_is_refused(void **state) {
  (void)state;
  world w = {0};
  int number;
  gkt_scope *scope;
  gkt_form *form = NULL;
  gkt_solve_report report;
  const gkt_scalar values[5] = {0};
  gkt_scalar solutions[10];
  ok(make(ctx, HEAT, "f", &w));
  assert_int_equal(gkt_system_set_coefficient(w.system, "f", values), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_system_follow_coefficient(w.system, "f", NULL, NULL), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_system_follow_coefficient(w.system, "u", fill, &w), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_scope_follow_time(w.scope, 0), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = "dt(f*u)*v*dx"}, &form), GKT_UNAVAILABLE);
  gkt_solve_report reports[2];
  const gkt_batch sets = {.count = 2, .strides = (const gkt_size[]){0, 0, 5}, .results_stride = 5};
  assert_int_equal(gkt_system_solve_sets(w.system, &(gkt_inputs){.values = (const gkt_scalar *const[]){NULL, NULL, values}}, &sets, NULL, solutions, reports), GKT_BAD_ARGUMENT);
  w.fails = true;
  assert_int_equal(gkt_system_set_time(w.system, 9), GKT_IO);
  w.fails = false;
  ok(gkt_system_set_time(w.system, 9));
  clear(&w);
  ok(make(ctx, "f*dot(grad(u), grad(v))*dx - k*v*dx", "f", &w));
  assert_int_equal(gkt_system_slope(w.system, NULL, w.u, w.r, &number, &report), GKT_UNAVAILABLE);
  clear(&w);
  ok(gkt_scope_create(ctx, 1, &scope));
  ok(gkt_scope_add_coefficient(scope, "f", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &number));
  assert_int_equal(gkt_scope_follow_time(scope, number + 1), GKT_BAD_ARGUMENT);
  gkt_scope_destroy(&scope);
}

static gkt_status steps(gkt_context *context, void *user) {
  world w = {0};
  (void)user;
  gkt_status status = make(context, HEAT, "f", &w);
  if (status == GKT_OK) status = march(context, &w, "crank-nicolson", 2);
  clear(&w);
  return status;
}

static void memory_runs_out(void **state) {
  (void)state;
  assert_true(fail_each_in_turn("steps with a coefficient in t", steps, NULL, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(residuals_and_conditions_follow), cmocka_unit_test(both_stages_see_their_times), cmocka_unit_test(what_is_wrong_is_refused),
                                     cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
