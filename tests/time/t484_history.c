/* Claim: histories at quadrature points follow converged steps and no others: values are those of closed forms, by gkt_time and by a loop of one's own with the same bits, for 1, 2
   and 4 threads; all updates see the values of before; steps that are rejected, by an error or by an update without a value, leave them as they were; what is kept from step to
   step is kept where they are not in the tangent. What cannot be a history is refused by name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/time.h"
#include "tests/gkt_test.h"

enum { MOST = 3 };
typedef struct {
  const char *name, *initial, *update;
} remembered;
typedef struct { /* u: P2 on a line of 4 cells, held at 0 on the left and at `right`; scalars at the points of degree 2 */
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V, *at;
  gkt_form *form;
  gkt_system *system;
  gkt_vector *u;
} world;

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

static void use_threads(int threads) {
  gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = threads, .poison = true}, &ctx), GKT_OK);
}

static gkt_expression *parse(const world *w, const char *text) {
  gkt_expression *e = NULL;
  if (text) ok(gkt_expression_parse(w->scope, &(gkt_source){.text = text}, &e));
  return e;
}

static gkt_status add(world *w, const remembered *r) {
  gkt_expression *initial = parse(w, r->initial), *update = parse(w, r->update);
  gkt_status status = gkt_system_add_history(w->system, &(gkt_history){r->name, initial, update});
  if (initial) gkt_expression_destroy(&initial);
  if (update) gkt_expression_destroy(&update);
  return status;
}

static void hold(world *w, const char *set, const char *text) {
  gkt_expression *value = parse(w, text);
  ok(gkt_system_constrain(w->system, &(gkt_condition){.unknown = 0, .set = gkt_mesh_find_set(w->mesh, set), .component = -1, .value = value}));
  gkt_expression_destroy(&value);
}

static const gkt_element points = {GKT_QUADRATURE_POINTS, 2};
static world make(const char *equation, const char *right, int count, const remembered *all) {
  const gkt_element P2 = {GKT_LAGRANGE, 2};
  world w = {0};
  int u, number;
  const gkt_space *spaces[2 + MOST + 1] = {0};
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {4}, {0}, {1}}, &w.mesh));
  ok(gkt_mesh_topology(w.mesh));
  ok(gkt_space_create(w.mesh, P2, gkt_shape_scalar(), &w.V));
  ok(gkt_space_create(w.mesh, points, gkt_shape_scalar(), &w.at));
  ok(gkt_scope_create(ctx, 1, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), P2, &u));
  spaces[u] = w.V;
  for (int i = 0; i < count; i++) ok(gkt_scope_add_coefficient(w.scope, all[i].name, gkt_shape_scalar(), points, &number)), spaces[number] = w.at;
  for (int i = 0; i < count; i++) { /* rates that updates take are there before the system is */
    gkt_expression *update = parse(&w, all[i].update);
    gkt_expression_destroy(&update);
  }
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = equation}, &w.form));
  ok(gkt_system_create(w.form, w.mesh, 1, &u, spaces, &w.system));
  for (int i = 0; i < count; i++) ok(add(&w, &all[i]));
  hold(&w, "left", "0"), hold(&w, "right", right);
  ok(gkt_system_vector(w.system, &w.u));
  return w;
}

static void clear(world *w) {
  gkt_vector_destroy(&w->u);
  gkt_system_destroy(&w->system);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V), gkt_space_destroy(&w->at);
  gkt_mesh_destroy(&w->mesh);
}

static gkt_time *start(world *w, const char *scheme, double step, double rtol) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_time *t;
  ok(gkt_scheme_read(ctx, scheme, &options.scheme));
  options.step = step, options.rtol = rtol, options.atol = 1e-4;
  ok(gkt_time_create(w->system, &options, &t));
  ok(gkt_time_begin(t, w->u, NULL, &report));
  assert_true(report.valid);
  return t;
}

static gkt_scalar *copy_of(const world *w, const char *name) {
  const size_t size = (size_t)gkt_space_num_dofs(w->at) * sizeof(gkt_scalar);
  return memcpy(malloc(size), gkt_system_history(w->system, name), size);
}

/* The value at all points, which is one. */
static double value_of(const world *w, const char *name) {
  const gkt_scalar *v = gkt_system_history(w->system, name);
  for (gkt_idx i = 0; i < gkt_space_num_dofs(w->at); i++) assert_true(fabs(v[i] - v[0]) <= 1e-12 * fabs(v[0]));
  return v[0];
}

/* ---- a bar that yields: E = 200, hardening 20, limit 0.25 ---- */
#define FLOW "sign(200*(grad(u)[0] - ep))*max(abs(200*(grad(u)[0] - ep)) - 0.25 - 20*length, 0)/220"
static const remembered yields[2] = {{"ep", NULL, "ep + " FLOW}, {"length", NULL, "length + abs(" FLOW ")"}};
static const char bar[] = "200*(grad(u)[0] - ep - " FLOW ")*grad(v)[0]*dx";
static const char pull[] = "0.004*sin(6*t)";

static void follow(double t, double *ep, double *length) {
  const double trial = 200 * (0.004 * sin(6 * t) - *ep), excess = fmax(fabs(trial) - 0.25 - 20 * *length, 0) / 220;
  *ep += copysign(excess, trial), *length += excess;
}

static void check_bar(int threads, gkt_scalar *out) {
  world w;
  gkt_step_report report;
  double ep = 0, length = 0;
  use_threads(threads);
  w = make(bar, pull, 2, yields);
  gkt_time *t = start(&w, "static", 0.05, 0);
  for (int k = 1; k <= 20; k++) {
    ok(gkt_time_advance(t, 0.05 * k, &report));
    assert_true(report.valid && report.newton <= 2); /* the second step is exact: the tangent of the law is that of its expression */
    follow(0.05 * k, &ep, &length);
    assert_true(fabs(value_of(&w, "ep") - ep) < 1e-14 && fabs(value_of(&w, "length") - length) < 1e-14);
  }
  assert_true(length > 0.007);
  memcpy(out, gkt_system_history(w.system, "ep"), 8 * sizeof *out);
  gkt_time_destroy(&t);
  clear(&w);
}

static void steps_follow_the_closed_form(void **state) {
  (void)state;
  gkt_scalar one[8], more[8];
  check_bar(1, one);
  check_bar(2, more), assert_memory_equal(one, more, sizeof one);
  check_bar(4, more), assert_memory_equal(one, more, sizeof one);
}

static void own_loops_have_the_same_bits(void **state) {
  (void)state;
  world w = make(bar, pull, 2, yields), same = make(bar, pull, 2, yields);
  gkt_time *t = start(&w, "static", 0.05, 0);
  gkt_step_report report;
  char text[200] = "?";
  for (int k = 1; k <= 6; k++) {
    gkt_solve_report solved;
    ok(gkt_time_advance(t, 0.05 * k, &report));
    ok(gkt_system_set_time(same.system, 0 + gkt_time_state(t).time));
    ok(gkt_system_solve(same.system, NULL, same.u, &solved));
    assert_true(solved.valid);
    gkt_state reached = gkt_system_state(same.system, same.u);
    ok(gkt_system_commit(same.system, &reached, sizeof text, text));
    assert_string_equal(text, "");
    gkt_solve_report_clear(&solved);
    assert_memory_equal(gkt_system_history(w.system, "length"), gkt_system_history(same.system, "length"), 8 * sizeof(gkt_scalar));
  }
  assert_true(value_of(&w, "length") > 0.002);
  gkt_time_destroy(&t);
  clear(&w), clear(&same);
}

/* ---- when they follow ---- */
static void updates_see_the_values_of_before(void **state) {
  (void)state;
  const remembered swap[] = {{"a", "1 + x[0]", "b"}, {"b", "3", "a"}};
  world w = make("dot(grad(u), grad(v))*dx - (a + b)*v*dx", "0", 2, swap);
  gkt_scalar *a = copy_of(&w, "a"), *b = copy_of(&w, "b");
  gkt_state at = {.u = w.u};
  ok(gkt_system_commit(w.system, &at, 0, NULL));
  assert_memory_equal(gkt_system_history(w.system, "a"), b, 8 * sizeof *b);
  assert_memory_equal(gkt_system_history(w.system, "b"), a, 8 * sizeof *a);
  ok(gkt_system_start_histories(w.system)); /* anew */
  assert_memory_equal(gkt_system_history(w.system, "a"), a, 8 * sizeof *a);
  assert_memory_equal(gkt_system_history(w.system, "b"), b, 8 * sizeof *b);
  ok(gkt_system_commit(w.system, &at, 0, NULL));
  ok(gkt_system_set_history(w.system, "a", a)); /* to go on from what was written */
  assert_memory_equal(gkt_system_history(w.system, "a"), a, 8 * sizeof *a);
  const char *name;
  gkt_size count;
  assert_ptr_equal(gkt_system_get_history(w.system, 1, &name, &count), gkt_system_history(w.system, "b"));
  assert_string_equal(name, "b");
  assert_int_equal(count, 8);
  assert_null(gkt_system_get_history(w.system, 2, &name, &count));
  free(a), free(b);
  clear(&w);
}

/* `count` has no value where a step is longer than 0.03. */
static const remembered timid[2] = {{"count", NULL, "count + sqrt(0.03 - (t - last))"}, {"last", NULL, "t"}};
static void steps_without_a_value_are_halved(void **state) {
  (void)state;
  world w = make("dot(grad(u), grad(v))*dx - count*v*dx", "t", 2, timid);
  gkt_time *t = start(&w, "static", 0.1, 0);
  gkt_step_report report;
  gkt_scalar *before = copy_of(&w, "count");
  ok(gkt_time_step(t, 0.1, &report));
  assert_false(report.valid);
  if (!strstr(report.reason, "the history 'count' not finite at x = (0.0528312)") || !strstr(report.reason, "sqrt(0.03 - (t - last)) = nan, where 0.03 - (t - last) = -0.07"))
    fail_msg("%s", report.reason);
  assert_memory_equal(gkt_system_history(w.system, "count"), before, 8 * sizeof *before);
  assert_true(gkt_time_state(t).time == 0 && gkt_vector_read(gkt_time_state(t).u)[8] == 0);
  ok(gkt_time_advance(t, 0.1, &report));
  assert_true(report.valid && report.steps == 4 && report.rejected > 1);
  assert_true(fabs(value_of(&w, "last") - 0.1) < 1e-15 && fabs(value_of(&w, "count") - sqrt(0.03) - 4 * sqrt(0.005)) < 1e-12);
  free(before);
  gkt_time_destroy(&t);
  clear(&w);
}

static const remembered counts[2] = {{"count", NULL, "count + 1"}, {"speed", NULL, "dt(u)"}};
static void check_counts(const char *scheme, double step, double rtol, bool rejects) {
  world w = make("dt(u)*v*dx + 0.1*dot(grad(u), grad(v))*dx - (10*sin(30*t^2)*x[0]*(1 - x[0]) + 0*count*speed)*v*dx", "0", 2, counts);
  gkt_time *t = start(&w, scheme, step, rtol);
  gkt_step_report report;
  int steps = 0, rejected = 0;
  for (int k = 1; k <= 5; k++) ok(gkt_time_advance(t, 10 * step * k, &report)), assert_string_equal(report.reason, ""), steps += report.steps, rejected += report.rejected;
  assert_true(value_of(&w, "count") == steps && steps >= 5 && (rejected > 0) == rejects);
  gkt_time_destroy(&t);
  clear(&w);
}

static void rejected_steps_are_not_remembered(void **state) {
  (void)state;
  check_counts("crank-nicolson", 0.05, 1e-3, true);
  check_counts("euler", 0.01, 0, false);
  check_counts("rk4", 0.001, 0, false);
}

/* The last slope of euler, at the points. */
static void updates_take_rates(void **state) {
  (void)state;
  const remembered speed = {"speed", NULL, "dt(u) + grad(dt(u))[0]"};
  world w = make("dt(u)*v*dx - speed*0.0*v*dx - v*dx + 0*dot(grad(u), grad(v))*dx", "t", 1, &speed);
  gkt_time *t = start(&w, "euler", 0.1, 0);
  gkt_step_report report;
  ok(gkt_time_advance(t, 0.1, &report));
  const gkt_scalar *u = gkt_vector_read(gkt_time_state(t).rate), *s = gkt_system_history(w.system, "speed");
  gkt_expression *e = parse(&w, "dt(u) + grad(dt(u))[0]");
  gkt_scalar expected[8];
  gkt_state now = gkt_time_state(t);
  gkt_inputs inputs;
  ok(gkt_system_inputs(w.system, &now, &inputs));
  ok(gkt_interpolate(e, w.at, &inputs, expected));
  assert_memory_equal(s, expected, sizeof expected);
  assert_true(fabs(s[3]) > 0.1 && fabs(u[4]) > 0.5);
  gkt_expression_destroy(&e);
  gkt_time_destroy(&t);
  clear(&w);
}

/* A source that follows the state leaves the tangent; a conductivity does not. */
static int setups_of(const char *equation) {
  const remembered one = {"q", "1", "1 + u^2"};
  world w = make(equation, "t", 1, &one);
  gkt_time *t = start(&w, "euler", 0.1, 0);
  gkt_step_report report;
  int setups = 0;
  for (int k = 1; k <= 6; k++) ok(gkt_time_advance(t, 0.1 * k, &report)), assert_true(report.valid), setups += report.setups;
  gkt_time_destroy(&t);
  clear(&w);
  return setups;
}

static void factors_are_kept_where_they_hold(void **state) {
  (void)state;
  assert_int_equal(setups_of("dt(u)*v*dx + dot(grad(u), grad(v))*dx - q*v*dx"), 1);
  assert_int_equal(setups_of("dt(u)*v*dx + q*dot(grad(u), grad(v))*dx"), 6);
}

/* ---- what is refused ---- */
static void refuses(gkt_status status, gkt_status expected, const char *message) {
  if (status != expected || !strstr(gkt_context_message(ctx), message)) fail_msg("%d, %s; expected %d, %s", status, gkt_context_message(ctx), expected, message);
  gkt_context_clear(ctx);
}

static void others_are_refused(void **state) {
  (void)state;
  const remembered q = {"q", "1", "q + u"};
  world w = make("dot(grad(u), grad(v))*dx - q*v*dx", "0", 1, &q);
  static const struct {
    remembered h;
    gkt_status status;
    const char *message;
  } cases[] = {{{"q", NULL, "q"}, GKT_BAD_ARGUMENT, "the history 'q' is given twice"},
               {{"u", NULL, "q"}, GKT_BAD_ARGUMENT, "'u' is no coefficient at quadrature points of the form's scope; expected one as a history"},
               {{"nobody", NULL, "q"}, GKT_BAD_ARGUMENT, "'nobody' is no coefficient at quadrature points"},
               {{"late", NULL, "q"}, GKT_BAD_ARGUMENT, "'late' is no coefficient at quadrature points"}};
  int number;
  ok(gkt_scope_add_coefficient(w.scope, "late", gkt_shape_scalar(), points, &number));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refuses(add(&w, &cases[i].h), cases[i].status, cases[i].message);
  gkt_scalar values[8] = {0};
  refuses(gkt_system_set_coefficient(w.system, "q", values), GKT_BAD_ARGUMENT, "'q' is a history; expected gkt_system_set_history");
  refuses(gkt_system_set_history(w.system, "u", values), GKT_BAD_ARGUMENT, "'u' is no history");
  assert_null(gkt_system_history(w.system, "u"));
  clear(&w);
}

/* Of a fresh system with a history q that was not yet added, of a vector r and of s at other points. */
static void expressions_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *initial, *update, *message;
  } cases[] = {{NULL, "[u, u]", "the update of 'q' has another shape (2 components, rank 1); expected its own (1, rank 0)"},
               {NULL, "q + s", "'q' has values at the points of dx(degree=2), 's' at those of dx(degree=3); expected one degree"},
               {NULL, "2*s", "the update of 'q', at the points of dx(degree=2), holds values at those of dx(degree=3); expected one degree"},
               {NULL, "n[0]", "n has no meaning inside of cells; expected the update of 'q' without it"},
               {"u", "q", "what 'q' is at the start holds an unknown or a history"},
               {"2*q", "q", "what 'q' is at the start holds an unknown or a history"},
               {"ln(x[0] - 2)", "q", "the history 'q' not finite at x = (0.0528312)"}};
  const remembered none = {"q", NULL, "q"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    world w = make("dot(grad(u), grad(v))*dx", "0", 0, &none);
    world v = w; /* its scope with more names, and a system of its own */
    int u = 0, q, s;
    ok(gkt_scope_add_coefficient(w.scope, "q", gkt_shape_scalar(), points, &q));
    ok(gkt_scope_add_coefficient(w.scope, "s", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 3}, &s));
    const gkt_space *spaces[4] = {w.V, NULL, w.at, NULL};
    ok(gkt_system_create(w.form, w.mesh, 1, &u, spaces, &v.system));
    refuses(add(&v, &(remembered){"q", cases[i].initial, cases[i].update}), GKT_BAD_INPUT, cases[i].message);
    gkt_system_destroy(&v.system);
    clear(&w);
  }
}

static void degrees_that_differ_are_refused(void **state) {
  (void)state;
  const remembered q = {"q", NULL, "q"};
  world w = make("dot(grad(u), grad(v))*dx - q*v*dx", "0", 1, &q);
  gkt_form *form;
  int s;
  ok(gkt_scope_add_coefficient(w.scope, "s", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 3}, &s));
  refuses(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = "q*s*v*dx"}, &form), GKT_BAD_INPUT,
          "it holds 'q', which has values at the points of dx(degree=2), and 's', at those of dx(degree=3); expected one degree, or two terms");
  clear(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps_follow_the_closed_form),      cmocka_unit_test(own_loops_have_the_same_bits),
                                     cmocka_unit_test(updates_see_the_values_of_before),  cmocka_unit_test(steps_without_a_value_are_halved),
                                     cmocka_unit_test(rejected_steps_are_not_remembered), cmocka_unit_test(updates_take_rates),
                                     cmocka_unit_test(factors_are_kept_where_they_hold),  cmocka_unit_test(others_are_refused),
                                     cmocka_unit_test(expressions_are_refused),           cmocka_unit_test(degrees_that_differ_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
