/* Claim: paths by arc length pass limit points, which are where theory has them, with t in loads and in conditions, whatever the mesh; the direction of a path is its derivative by
   t; an end on the way is hit to the last bit; solutions that branch off are told of where an eigenvalue changes its sign without a limit point; what does not fit is refused. */
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "galerkit/time.h"
#include "tests/gkt_test.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *V;
  gkt_form *form;
  gkt_expression *value;
  gkt_system *system;
  gkt_vector *u;
  gkt_time *time;
  int field;
} world;

static void ok(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

/* A law in C that is without a tangent: sinh(t) */
static void law(void *user, int count, int stride, const gkt_scalar *in, gkt_scalar *out) {
  (void)user, (void)stride;
  for (int i = 0; i < count; i++) out[i] = sinh(in[i]);
}

/* u on a line of cells, held at `value` at both ends; NULL: nowhere */
static world make(int cells, int degree, const char *form, const char *value) {
  const gkt_element e = {GKT_LAGRANGE, degree};
  world w = {0};
  ok(gkt_mesh_box(ctx, &(gkt_box){GKT_LINE, 1, {cells}, {0}, {1}}, &w.mesh));
  ok(gkt_mesh_topology(w.mesh));
  ok(gkt_space_create(w.mesh, e, gkt_shape_scalar(), &w.V));
  ok(gkt_scope_create(ctx, 1, &w.scope));
  ok(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), e, &w.field));
  ok(gkt_scope_add_external(w.scope, "law", &(gkt_external){.num_arguments = 1, .arguments = {gkt_shape_scalar()}, .result = gkt_shape_scalar(), .function = law}, &(int){0}));
  ok(gkt_form_parse(w.scope, GKT_EQUATION, &(gkt_source){.text = form}, &w.form));
  if (value) ok(gkt_expression_parse(w.scope, &(gkt_source){.text = value}, &w.value));
  const gkt_space **spaces = calloc(4, sizeof *spaces);
  spaces[w.field] = w.V;
  ok(gkt_system_create(w.form, w.mesh, 1, &w.field, spaces, &w.system));
  free(spaces);
  if (value) ok(gkt_system_constrain(w.system, &(gkt_condition){.unknown = w.field, .set = gkt_mesh_find_set(w.mesh, "boundary"), .component = -1, .value = w.value}));
  ok(gkt_system_vector(w.system, &w.u));
  return w;
}

static void begin(world *w, double start, double step) {
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report r;
  options.start = start, options.step = step, options.longest = 10 * step;
  ok(gkt_scheme_read(ctx, "arc-length", &options.scheme));
  ok(gkt_time_create(w->system, &options, &w->time));
  ok(gkt_time_begin(w->time, w->u, NULL, &r));
  if (!r.valid) fail_msg("start: %s", r.reason);
}

static void clear(world *w) {
  gkt_time_destroy(&w->time);
  gkt_vector_destroy(&w->u);
  gkt_system_destroy(&w->system);
  gkt_expression_destroy(&w->value);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_mesh_destroy(&w->mesh);
}

/* Up to `most` steps; t of the limit points, to `limits`; how many. */
static int follow(world *w, double end, int most, int *steps, double *limits) {
  gkt_step_report r;
  int count = 0;
  for (*steps = 0; *steps < most && gkt_time_state(w->time).time != end; ++*steps) {
    ok(gkt_time_advance(w->time, end, &r));
    if (!r.valid) fail_msg("step %d, t = %g: %s", *steps, r.time, r.reason);
    if (r.setups > r.assemblies + 2) fail_msg("step %d: %d tangents for %d factors", *steps, r.assemblies, r.setups); /* searches count; a factor may be made again */
    if (gkt_time_limit_point(w->time).u && count < 4) limits[count++] = gkt_time_limit_point(w->time).time;
  }
  return count;
}

static const char *const bratu = "dot(grad(u), grad(v))*dx - t*exp(u)*v*dx", *const heated = "dot(grad(u), grad(v))*dx - exp(u)*v*dx";
static const double fold = 3.513830719125; /* 8 (theta/cosh theta)^2 with theta tanh theta = 1 */

static void folds(void **state) {
  (void)state;
  double limits[4];
  int steps, first = 0;
  for (int cells = 5; cells <= 40; cells *= 2) {
    world w = make(cells, 4, bratu, "0");
    begin(&w, 0, 0.5);
    assert_int_equal(follow(&w, 10, 18, &steps, limits), 1);
    if (fabs(limits[0] - fold) > (cells < 20 ? 2e-5 : 1e-9)) fail_msg("%d cells: limit point at %.12g, expected %.12g", cells, limits[0], fold);
    if (cells == 5) first = (int)(1e3 * gkt_time_state(w.time).time);
    else if (abs(first - (int)(1e3 * gkt_time_state(w.time).time)) > 3)
      fail_msg("%d cells: the same steps end at t = %g, expected %g", cells, gkt_time_state(w.time).time, 1e-3 * first);
    clear(&w);
  }
}

/* u = t + w, where w is Bratu's with exp(t) */
static void conditions_that_move(void **state) {
  (void)state;
  double limits[4];
  int steps;
  world w = make(20, 4, heated, "t");
  gkt_scalar *u = gkt_vector_values(w.u);
  for (gkt_idx i = 0; i < gkt_vector_size(w.u); i++) u[i] = -2;
  begin(&w, -2, 0.3);
  assert_int_equal(follow(&w, 3, 15, &steps, limits), 1);
  if (fabs(limits[0] - log(fold)) > 1e-9) fail_msg("limit point at %.12g, expected %.12g", limits[0], log(fold));
  assert_true(gkt_time_state(w.time).time < limits[0]);
  clear(&w);
}

static int warnings, notices; /* of branches, of differences */
static void listen(void *user, gkt_log_level level, const char *message) {
  (void)user;
  warnings += level == GKT_LOG_WARNING && strstr(message, "other solutions branch off"), notices += level == GKT_LOG_NOTICE && strstr(message, "by differences");
}

/* du/dt against central differences of solutions; of a form without a derivative it is one of differences itself. */
static void compare_slope(const char *form, const char *value, bool by_differences) {
  const double t = 0.7, e = 1e-4;
  world w = make(6, 2, form, value);
  gkt_vector *at[3], *z;
  gkt_solve_report r;
  int negative;
  notices = 0;
  ok(gkt_system_vector(w.system, &z));
  for (int i = 0; i < 3; i++) {
    ok(gkt_system_vector(w.system, &at[i]));
    ok(gkt_system_set_time(w.system, t + (i - 1) * e));
    ok(gkt_system_solve(w.system, NULL, at[i], &r));
    assert_true(r.valid);
    gkt_solve_report_clear(&r);
  }
  ok(gkt_system_set_time(w.system, t));
  ctx->options.log = listen;
  ok(gkt_system_slope(w.system, NULL, at[1], z, &negative, &r));
  ctx->options.log = NULL;
  assert_true(r.valid && negative <= 0 && notices == by_differences);
  gkt_solve_report_clear(&r);
  for (gkt_idx i = 0; i < gkt_vector_size(z); i++) {
    const double expected = (gkt_vector_read(at[2])[i] - gkt_vector_read(at[0])[i]) / (2 * e);
    if (fabs(gkt_vector_read(z)[i] - expected) > 1e-6) fail_msg("%s, dof %d: slope %.9g, differences %.9g", form, i, gkt_vector_read(z)[i], expected);
  }
  for (int i = 0; i < 3; i++) gkt_vector_destroy(&at[i]);
  gkt_vector_destroy(&z);
  clear(&w);
}

static void slopes(void **state) {
  (void)state;
  compare_slope("(1 + t*u^2)*dot(grad(u), grad(v))*dx - t^2*v*dx", "t^2*(1 + x[0])", false);
  compare_slope("dot(grad(u), grad(v))*dx - sin(t)*exp(u)*v*dx", "cos(t)", false);
}

/* Laws in C are the host's. */
static void slopes_by_differences(void **state) {
  (void)state;
  gkt_context *outer = ctx;
  ok(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_CPU, .poison = true}, &ctx));
  compare_slope("dot(grad(u), grad(v))*dx - law(t)*(1 + u^2)*v*dx", "0", true);
  gkt_context_destroy(&ctx);
  ctx = outer;
}

/* Before the limit point, beyond it where the path does not come, and on the way back from above. */
static void ends(void **state) {
  (void)state;
  double limits[4];
  int steps;
  gkt_step_report r;
  world w = make(10, 2, bratu, "0");
  begin(&w, 0, 0.4);
  assert_int_equal(follow(&w, 3, 50, &steps, limits), 0);
  assert_true(gkt_time_state(w.time).time == 3);
  assert_int_equal(follow(&w, 3.6, 6, &steps, limits), 1); /* turns back */
  assert_true(gkt_time_state(w.time).time < limits[0]);
  const double below = gkt_time_state(w.time).time - 0.01;
  assert_int_equal(follow(&w, below, 50, &steps, limits), 0);
  assert_true(gkt_time_state(w.time).time == below && steps == 1);
  assert_true(gkt_time_step(w.time, -1, &r) == GKT_BAD_ARGUMENT);
  clear(&w);
}

/* u = 0 solves it for every t, and eigenvalues change sign where t is (k pi)^2. */
static void branches(void **state) {
  (void)state;
  double limits[4];
  int steps;
  world w = make(16, 4, "dot(grad(u), grad(v))*dx - t*(u - u^3)*v*dx", "0");
  ctx->options.log = listen;
  begin(&w, 8, 0.7);
  assert_int_equal(follow(&w, 45, 100, &steps, limits), 0); /* pi^2 and 4 pi^2 are passed */
  ctx->options.log = NULL;
  if (warnings != 2) fail_msg("%d warnings of branches in %d steps, expected 2", warnings, steps);
  clear(&w);
}

static void refused(void **state) {
  (void)state;
  gkt_time_options options = gkt_time_options_default();
  gkt_vector *normal;
  gkt_solve_report r;
  world w = make(4, 1, "dt(u)*v*dx + dot(grad(u), grad(v))*dx", "0");
  ok(gkt_scheme_read(ctx, "arc-length", &options.scheme));
  gkt_context_clear(ctx);
  if (gkt_time_create(w.system, &options, &w.time) != GKT_BAD_INPUT || !strstr(gkt_context_message(ctx), "arc-length solves no equations with dt(u)"))
    fail_msg("%s", gkt_context_message(ctx));
  ok(gkt_system_vector(w.system, &normal));
  const gkt_plane plane = {normal, 1, 1, 1}, flat = {normal, 1, 1, 0};
  gkt_context_clear(ctx);
  assert_true(gkt_system_solve_on(w.system, NULL, &plane, w.u, &r) == GKT_UNAVAILABLE && strstr(gkt_context_message(ctx), "of a form with rates"));
  clear(&w);
  w = make(4, 1, bratu, "0");
  gkt_context_clear(ctx);
  assert_true(gkt_system_solve_on(w.system, NULL, &flat, w.u, &r) == GKT_BAD_ARGUMENT);
  gkt_solve_options energy = gkt_solve_options_default();
  energy.newton.accept = GKT_ACCEPT_ENERGY;
  gkt_context_clear(ctx);
  assert_true(gkt_system_solve_on(w.system, &energy, &plane, w.u, &r) == GKT_BAD_INPUT && strstr(gkt_context_message(ctx), "expected the natural test"));
  gkt_vector_destroy(&normal);
  clear(&w);
  w = make(4, 1, "dot(grad(u), grad(v))*dx - t*v*dx", NULL);
  gkt_context_clear(ctx);
  int negative;
  ok(gkt_system_vector(w.system, &normal));
  assert_true(gkt_system_slope(w.system, NULL, w.u, normal, &negative, &r) == GKT_UNAVAILABLE && strstr(gkt_context_message(ctx), "unknowns that nothing fixes"));
  gkt_vector_destroy(&normal);
  clear(&w);
}

static int stages_left, jumps;
static bool go_on(void *user, const char *stage) {
  (void)user, (void)stage;
  return stages_left-- > 0;
}
static void hear(void *user, gkt_log_level level, const char *message) {
  (void)user;
  jumps += level == GKT_LOG_WARNING && strstr(message, "the path of before ends");
}

/* A load that jumps in the sixth step of a static path, as long as a program lets it go on: jumps that were told of. */
static int step_over_a_jump(int stages, bool *valid) {
  world w = make(4, 1, "dot(grad(u), grad(v))*dx + u^3*v*dx - conditional(t < 0.52, t, 9)*v*dx", "0*x[0]");
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report r;
  options.step = 0.1, options.scheme.kind = GKT_SCHEME_STATIC, options.solve.stage = go_on, stages_left = 1000, jumps = 0;
  ok(gkt_time_create(w.system, &options, &w.time));
  ok(gkt_time_begin(w.time, w.u, NULL, &r));
  for (int k = 0; k < 5; k++) ok(gkt_time_step(w.time, 0.1, &r));
  ctx->options.log = hear, stages_left = stages;
  ok(gkt_time_step(w.time, 0.1, &r));
  ctx->options.log = NULL;
  *valid = r.valid;
  clear(&w);
  return jumps;
}

static void a_jump_that_nobody_waits_for(void **state) {
  (void)state;
  bool valid;
  int needed = 0;
  while (step_over_a_jump(needed, &valid), !valid) needed++; /* the step itself */
  int more = needed;
  while (!step_over_a_jump(more, &valid)) assert_true(valid && ++more < needed + 100); /* cancelled while it looks: the step stands, without a word */
  assert_true(more > needed && valid);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds),    cmocka_unit_test(conditions_that_move),         cmocka_unit_test(slopes), cmocka_unit_test(slopes_by_differences), cmocka_unit_test(ends),
      cmocka_unit_test(branches), cmocka_unit_test(a_jump_that_nobody_waits_for), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
