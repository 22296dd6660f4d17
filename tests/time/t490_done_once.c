/* Claim: what is constant is done once. Steps of nonlinear problems, of enclosed flows and along paths of loads share one linear solver, whose orderings and symbolic factors are
   made once, and give the answers of systems that keep nothing; a change of time makes only conditions, barriers and plans anew that hold t. */
#include <math.h>

#include "galerkit/time.h"
#include "systems/system.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"

static const char *const flow = "dot(dt(u) + grad(u)*u, v)*dx + k*inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx + t*x[1]*v[0]*dx";
static const char *const body = "dot(dt((1 + dot(u, u))*u), v)*dx + (1 + t)*inner(grad(u), grad(v))*dx - v[0]*dx";
static const char *const cubic = "dot((1 + dot(u, u))*u + dt(u), v)*dx + (1 + t)*inner(grad(u), grad(v))*dx - v[0]*dx";
static const char *const path = "k*inner((1 + dot(u, u))*grad(u), grad(v))*dx - t*v[0]*dx";
static const char *const line = "k*inner(grad(u), grad(v))*dx - t*v[0]*dx";

static void hold_all_around(world *w) {
  gkt_expression *zero;
  ok(gkt_expression_parse(w->scope, &(gkt_source){.text = "[0, 0]"}, &zero));
  ok(gkt_system_constrain(w->system, &(gkt_condition){.unknown = w->u, .set = gkt_mesh_find_set(w->mesh, "boundary"), .component = -1, .value = zero}));
  gkt_expression_destroy(&zero);
}

/* n steps of 0.1; again: nothing is kept from step to step. total: counts */
static gkt_vector *march(const char *text, int num_unknowns, const char *scheme, bool again, gkt_step_report *total) {
  world w = make_world(ctx, text, num_unknowns, "[0, 0]");
  gkt_time_options options = gkt_time_options_default();
  gkt_step_report report;
  gkt_vector *u, *out;
  gkt_time *t;
  if (num_unknowns > 1) hold_all_around(&w);
  *total = (gkt_step_report){0};
  ok(gkt_scheme_read(ctx, scheme, &options.scheme));
  options.step = 0.1;
  ok(gkt_system_vector(w.system, &u)), ok(gkt_system_vector(w.system, &out));
  ok(gkt_time_create(w.system, &options, &t));
  ok(gkt_time_begin(t, u, NULL, &report));
  assert_true(report.valid);
  for (int k = 1; k <= 5; k++) {
    if (again) ok(gkt_system_set_step(w.system, 0, NULL));
    ok(gkt_time_step(t, 0.1, &report));
    if (!report.valid) fail_msg("%s: step %d: %s", text, k, report.reason);
    total->newton += report.newton, total->setups += report.setups, total->kept += report.kept, total->assemblies += report.assemblies;
  }
  gkt_vector_copy(gkt_time_state(t).u, out);
  gkt_vector_destroy(&u);
  gkt_time_destroy(&t);
  clear(&w);
  return out;
}

static void one_solver_serves_all_steps(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int num_unknowns;
    const char *scheme;
    bool linear;
    int patterns; /* at u = 0 convection has no entries: the pattern without zeros is widened once */
  } cases[] = {{cubic, 1, "bdf2", false, 1}, {body, 1, "crank-nicolson", false, 1}, {flow, 2, "bdf2", false, 2}, {path, 1, "static", false, 1}, {line, 1, "static", true, 0}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    gkt_step_report kept, anew;
    gkt_vector *a = march(cases[c].text, cases[c].num_unknowns, cases[c].scheme, false, &kept);
    gkt_vector *b = march(cases[c].text, cases[c].num_unknowns, cases[c].scheme, true, &anew);
    const double size = gkt_vector_norm(b);
    gkt_vector_axpy(-1, a, b);
    if (!(gkt_vector_norm(b) <= 1e-8 * size) || size < 1e-3) fail_msg("%s, %s: %g of %g", cases[c].text, cases[c].scheme, gkt_vector_norm(b), size);
    if (cases[c].linear) assert_true(kept.setups == 1 && kept.assemblies == 0 && anew.setups == 5 && anew.assemblies == 5); /* the matrix is of the start, whose load is 0 */
    else if (kept.setups - kept.kept > cases[c].patterns || anew.setups - anew.kept < 5 || kept.assemblies != kept.newton)
      fail_msg("%s, %s: %d set-ups, %d kept, %d tangents, %d systems; anew %d, %d", cases[c].text, cases[c].scheme, kept.setups, kept.kept, kept.assemblies, kept.newton,
               anew.setups, anew.kept);
    gkt_vector_destroy(&a), gkt_vector_destroy(&b);
  }
}

/* At rest, where it is asked for; changed data are seen, and so is a step that follows, whose matrix is another. */
static void solves_at_rest_keep_where_asked(void **state) {
  (void)state;
  gkt_solve_options options = gkt_solve_options_default();
  world w = make_world(ctx, "dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx - (1 + t)*v[0]*dx", 1, "[0, 0]");
  gkt_solve_report report;
  gkt_vector *u, *first;
  options.keep_solver = true;
  ok(gkt_system_vector(w.system, &u)), ok(gkt_system_vector(w.system, &first));
  for (int k = 0; k < 3; k++) {
    ok(gkt_system_set_time(w.system, k));
    ok(gkt_system_solve(w.system, &options, u, &report));
    assert_true(report.valid && report.linear.setups == (k == 0) && report.assemblies == (k == 0));
    if (k == 0) gkt_vector_copy(u, first);
    gkt_solve_report_clear(&report);
  }
  gkt_vector_axpy(-3, first, u); /* three times the load */
  assert_true(gkt_vector_norm(u) <= 1e-8 * gkt_vector_norm(first));
  ok(gkt_system_set_constant(w.system, "k", 3));
  ok(gkt_system_set_time(w.system, 0));
  ok(gkt_system_solve(w.system, &options, u, &report));
  assert_true(report.valid && report.linear.setups == 1 && report.assemblies == 1);
  gkt_solve_report_clear(&report);
  gkt_vector_axpy(-0.5, first, u);
  assert_true(gkt_vector_norm(u) <= 1e-8 * gkt_vector_norm(first));
  /* A step whose shifts are those of a step before, and a solve at rest between. */
  const gkt_shifts shifts = {.value = 1, .rate = 1e6};
  const gkt_stage stage = {.weight = 1, .shifts = &shifts};
  double norms[2];
  for (int k = 0; k < 2; k++) {
    if (k) ok(gkt_system_set_step(w.system, 0, NULL)), ok(gkt_system_solve(w.system, &options, u, &report)), gkt_solve_report_clear(&report);
    ok(gkt_system_set_step(w.system, 1, &stage));
    gkt_vector_fill(u, 0);
    ok(gkt_system_solve(w.system, NULL, u, &report));
    assert_true(report.valid && report.linear.setups == 1);
    gkt_solve_report_clear(&report);
    norms[k] = gkt_vector_norm(u);
  }
  assert_true(norms[0] == norms[1] && norms[0] < 1e-3 * gkt_vector_norm(first));
  gkt_vector_destroy(&u), gkt_vector_destroy(&first);
  clear(&w);
}

/* ---- conditions ---- */
static gkt_scalar at_top(const world *w) { /* of the second component, where it is largest on the left */
  gkt_vector *v;
  double most = -INFINITY;
  ok(gkt_system_vector(w->system, &v));
  ok(gkt_system_lift(w->system, v));
  for (gkt_idx i = 1; i < gkt_system_layout(w->system)->blocks[0].count; i += 2) most = fmax(most, gkt_vector_read(v)[i]);
  gkt_vector_destroy(&v);
  return most;
}

static void conditions_follow_what_they_hold(void **state) {
  (void)state;
  world w = make_world(ctx, "dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx", 1, "[0, k*x[1]]");
  gkt_expression *value;
  ok(gkt_expression_parse(w.scope, &(gkt_source){.text = "[t, 0]"}, &value));
  ok(gkt_system_constrain(w.system, &(gkt_condition){.unknown = w.u, .set = gkt_mesh_find_set(w.mesh, "right"), .component = -1, .value = value}));
  gkt_expression_destroy(&value);
  const gkt_system_condition *c = w.system->conditions;
  assert_true(!c[0].varies && c[1].varies && !c[0].is_stale && !c[1].is_stale);
  ok(gkt_system_set_time(w.system, 2));
  assert_true(!c[0].is_stale && c[1].is_stale);
  assert_true(at_top(&w) == 1.5 && !c[1].is_stale);
  ok(gkt_system_set_constant(w.system, "k", 4));
  assert_true(c[0].is_stale && !c[1].is_stale);
  assert_true(at_top(&w) == 4);
  gkt_vector *held;
  ok(gkt_system_vector(w.system, &held));
  gkt_vector_fill(held, -1);
  ok(gkt_system_hold(w.system, held));
  assert_true(at_top(&w) == 0); /* -1 where it is held */
  ok(gkt_system_set_time(w.system, 2));
  assert_true(c[0].is_stale && c[1].is_stale && at_top(&w) == 4);
  ok(gkt_system_hold(w.system, held));
  ok(gkt_system_set_constant(w.system, "k", 4)); /* the value that it has */
  assert_true(at_top(&w) == 4);
  assert_non_null(gkt_mesh_coords_mutable(w.mesh)); /* somebody may move nodes now */
  ok(gkt_system_set_time(w.system, 2));
  assert_true(c[0].is_stale && c[1].is_stale);
  gkt_vector_destroy(&held);
  clear(&w);
}

/* ln J: a barrier, which t, as a factor of it, leaves what it is. */
static void barriers_stay(void **state) {
  (void)state;
  static const char *const texts[] = {"inner(grad(u), grad(v))*dx - ln(det(I + grad(u)))*div(v)*dx - t*v[0]*dx", "inner(grad(u), grad(v))*dx - ln(det(I + grad(u)))*div(v)*dx"};
  for (int k = 0; k < 2; k++) {
    world w = make_world(ctx, texts[k], 1, "[0, 0]");
    ok(gkt_system_find_barriers(w.system));
    const gkt_assembler *plan = w.system->barrier_assembler;
    assert_non_null(plan);
    ok(gkt_system_set_time(w.system, 1));
    assert_true(w.system->has_barriers == (k == 1)); /* a residual that holds t is looked at again */
    ok(gkt_system_find_barriers(w.system));
    assert_ptr_equal(plan, w.system->barrier_assembler);
    clear(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_solver_serves_all_steps), cmocka_unit_test(solves_at_rest_keep_where_asked),
                                     cmocka_unit_test(conditions_follow_what_they_hold), cmocka_unit_test(barriers_stay)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
