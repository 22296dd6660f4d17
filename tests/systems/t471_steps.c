/* Claim: a step that is set by stages is solved: the weighted sum of residuals at the states that the stages name is 0 on free dofs, conditions hold at the system's time, for
   linear and nonlinear forms, one unknown and two, tied sides, on every backend. Of a linear system whose tangent does not change matrix and preconditioner are kept from step to
   step, and made anew when shifts, a coefficient or a condition change; the answers are those of a system that keeps nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/system.h"
#include "tests/gkt_test.h"
#include "tests/rates_world.h"

static world make(const char *text, int num_unknowns, bool tied) {
  world w = make_world(ctx, text, num_unknowns, "[t, t^2]");
  if (tied) ok(gkt_system_tie(w.system, &(gkt_tie){.from = gkt_mesh_find_set(w.mesh, "bottom"), .to = gkt_mesh_find_set(w.mesh, "top")}));
  return w;
}

/* The same on tied sides: a wave along x. */
static gkt_vector *wave(const world *w, double size, double phase) {
  gkt_vector *v;
  ok(gkt_system_vector(w->system, &v));
  const gkt_layout *l = gkt_system_layout(w->system);
  for (int b = 0; b < l->num_blocks; b++) {
    const double *x = gkt_space_coords(b ? w->P : w->V);
    for (gkt_idx i = 0; i < l->blocks[b].count; i++)
      gkt_vector_values(v)[l->blocks[b].first + i] = size * sin(4 * x[2 * (i / l->blocks[b].block_size)] + phase + i % l->blocks[b].block_size);
  }
  return v;
}

typedef struct {
  int count;
  gkt_stage stages[2];
  gkt_shifts shifts[2][2];
} step;

/* The sum over the stages at u, by residuals of states. */
static double residual_at(const world *w, const step *s, const gkt_vector *u, double *size) {
  gkt_vector *sum = wave(w, 0, 0), *r = wave(w, 0, 0), *at[3] = {wave(w, 0, 0), wave(w, 0, 0), wave(w, 0, 0)};
  *size = 0;
  for (int k = 0; k < s->count; k++) {
    const gkt_layout *l = gkt_system_layout(w->system);
    const gkt_vector *const known[3] = {s->stages[k].u, s->stages[k].rate, s->stages[k].acceleration};
    for (int b = 0; b < l->num_blocks; b++)
      for (gkt_idx i = l->blocks[b].first; i < l->blocks[b].first + l->blocks[b].count; i++) {
        const double shifts[3] = {s->shifts[k][b].value, s->shifts[k][b].rate, s->shifts[k][b].acceleration};
        for (int o = 0; o < 3; o++) gkt_vector_values(at[o])[i] = shifts[o] * gkt_vector_read(u)[i] + (known[o] ? gkt_vector_read(known[o])[i] : 0);
      }
    ok(gkt_system_residual(w->system, &(gkt_state){at[0], at[1], at[2], s->stages[k].time}, r));
    gkt_vector_axpy(s->stages[k].weight, r, sum);
    *size += fabs(s->stages[k].weight) * gkt_vector_norm(r);
  }
  const double norm = gkt_vector_norm(sum);
  gkt_vector_destroy(&sum), gkt_vector_destroy(&r);
  for (int o = 0; o < 3; o++) gkt_vector_destroy(&at[o]);
  return norm;
}

/* theta from time t0 to t0 + dt; p, of which there are no rates, at the end of the step in both stages. value: -u0/dt, made here */
static step make_theta(double theta, double t0, double dt, const gkt_vector *u0, gkt_vector *value) {
  step s = {.count = theta == 1 ? 1 : 2};
  gkt_vector_copy(u0, value), gkt_vector_scale(value, -1 / dt);
  for (int k = 0; k < s.count; k++) {
    const bool end = k == 1 || s.count == 1;
    s.shifts[k][0] = (gkt_shifts){.value = end, .rate = 1 / dt}, s.shifts[k][1] = (gkt_shifts){.value = 1};
    s.stages[k] = (gkt_stage){.weight = end ? theta : 1 - theta, .time = end ? t0 + dt : t0, .u = end ? NULL : u0, .rate = value};
  }
  return s;
}
static void set(world *w, step *s, double end) {
  for (int k = 0; k < s->count; k++) s->stages[k].shifts = s->shifts[k];
  ok(gkt_system_set_time(w->system, end));
  ok(gkt_system_set_step(w->system, s->count, s->stages));
}

static const struct {
  const char *text;
  int num_unknowns;
  bool tied;
} cases[] = {{"dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx - exp(-t)*v[0]*dx", 1, false},
             {"dot(dt(u), v)*dx + k*inner(grad(u), grad(v))*dx - exp(-t)*v[0]*dx", 1, true},
             {"dot(dt((1 + dot(u, u))*u), v)*dx + (1 + t)*inner(grad(u), grad(v))*dx", 1, false},
             {"(1 + t)*dot(dt(u), v)*dx + inner(grad(u), grad(v))*dx", 1, false},
             {"dot(dt(u) + grad(u)*u, v)*dx + inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx", 2, false}};

static void steps_are_solved(void **state) {
  (void)state;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (int i = 0; i < 2; i++) {
      world w = make(cases[c].text, cases[c].num_unknowns, cases[c].tied);
      gkt_vector *u = wave(&w, 0.3, 0), *u0 = wave(&w, 0.3, 0), *value = wave(&w, 0, 0);
      gkt_solve_report report;
      double size;
      for (int n = 0; n < 2; n++) { /* two steps of different lengths */
        const double dt = n ? 0.02 : 0.01, t0 = n ? 0.11 : 0.1;
        gkt_vector_copy(u, u0);
        if (cases[c].num_unknowns > 1)
          memset(gkt_vector_values(u0) + gkt_system_layout(w.system)->blocks[1].first, 0, (size_t)gkt_system_layout(w.system)->blocks[1].count * sizeof(double));
        step s = make_theta(i ? 0.5 : 1, t0, dt, u0, value);
        set(&w, &s, t0 + dt);
        const double before = residual_at(&w, &s, u, &size);
        ok(gkt_system_solve(w.system, NULL, u, &report));
        if (!report.valid) fail_msg("%s: %s", cases[c].text, report.reason);
        const double left = residual_at(&w, &s, u, &size);
        if (!(left <= 1e-8 * (size + before))) fail_msg("%s, theta %d, step %d: %g of %g is left", cases[c].text, i, n, left, size);
        for (gkt_idx j = 0; j < gkt_system_layout(w.system)->blocks[0].count; j++)
          if (gkt_space_coords(w.V)[2 * (j / 2)] == 0) assert_true(fabs(gkt_vector_read(u)[j] - (j % 2 ? (t0 + dt) * (t0 + dt) : t0 + dt)) <= 1e-15);
        gkt_solve_report_clear(&report);
      }
      gkt_vector_destroy(&u), gkt_vector_destroy(&u0), gkt_vector_destroy(&value);
      clear(&w);
    }
}

/* n steps of the heat equation from t = 0; setups [n] of the linear solver. again: the step is forgotten each time */
static gkt_vector *run(world *w, int n, const double *lengths, bool again, int *setups) {
  gkt_vector *u = wave(w, 0.3, 0), *u0 = wave(w, 0, 0), *value = wave(w, 0, 0);
  double t = 0;
  for (int i = 0; i < n; i++) {
    gkt_solve_report report;
    if (again) ok(gkt_system_set_step(w->system, 0, NULL));
    gkt_vector_copy(u, u0);
    step s = make_theta(0.5, t, lengths[i], u0, value);
    set(w, &s, t += lengths[i]);
    ok(gkt_system_solve(w->system, NULL, u, &report));
    assert_true(report.valid && report.positive && report.linear.residual <= 1e-10);
    setups[i] = report.linear.setups;
    gkt_solve_report_clear(&report);
  }
  gkt_vector_destroy(&u0), gkt_vector_destroy(&value);
  return u;
}

static void what_does_not_change_is_kept(void **state) {
  (void)state;
  static const double lengths[] = {0.01, 0.01, 0.01, 0.02, 0.02, 0.01};
  int kept[6], anew[6];
  world w = make(cases[0].text, 1, false);
  gkt_vector *a = run(&w, 6, lengths, false, kept), *b = run(&w, 6, lengths, true, anew);
  for (int i = 0; i < 6; i++) {
    assert_int_equal(anew[i], 1);
    assert_int_equal(kept[i], i == 0 || i == 3 || i == 5);
  }
  const double size = gkt_vector_norm(b);
  gkt_vector_axpy(-1, a, b);
  assert_true(gkt_vector_norm(b) <= 1e-11 * size);
  gkt_vector_destroy(&a), gkt_vector_destroy(&b);
  clear(&w);
  w = make(cases[3].text, 1, false); /* a mass that grows */
  a = run(&w, 3, lengths, false, kept);
  assert_true(kept[0] && kept[1] && kept[2]);
  gkt_vector_destroy(&a);
  clear(&w);
}

static void changes_are_seen(void **state) {
  (void)state;
  static const double lengths[] = {0.01, 0.01};
  int setups[2];
  world w = make(cases[0].text, 1, false), other = make(cases[0].text, 1, false);
  gkt_vector *a = run(&w, 2, lengths, false, setups), *b;
  gkt_vector_destroy(&a);
  ok(gkt_system_set_constant(w.system, "k", 5)), ok(gkt_system_set_constant(other.system, "k", 5));
  a = run(&w, 2, lengths, false, setups);
  assert_true(setups[0] == 1 && setups[1] == 0);
  b = run(&other, 2, lengths, false, setups);
  const double size = gkt_vector_norm(b);
  gkt_vector_axpy(-1, a, b);
  assert_true(gkt_vector_norm(b) <= 1e-11 * size);
  gkt_vector_destroy(&a), gkt_vector_destroy(&b);
  clear(&w), clear(&other);
}

/* Rates of the conditions are held where rates are looked for: M w = -R(u) with w = 1, 2t on the left. */
static void held_values_stand_in_for_conditions(void **state) {
  (void)state;
  world w = make(cases[4].text, 2, false);
  gkt_vector *u = wave(&w, 0.3, 0), *held = wave(&w, 0, 0), *x = wave(&w, 0, 0);
  assert_true(gkt_system_context(w.system) == ctx);
  assert_true(gkt_system_rate_order(w.system, 0) == 1 && gkt_system_rate_order(w.system, 1) == 0);
  assert_true(!gkt_system_is_multiplier(w.system, 0) && gkt_system_is_multiplier(w.system, 1));
  for (gkt_idx i = 0; i < gkt_system_layout(w.system)->blocks[0].count; i++) gkt_vector_values(held)[i] = i % 2 ? 0.4 : 1;
  ok(gkt_system_set_time(w.system, 0.2));
  ok(gkt_system_hold(w.system, held));
  ok(gkt_system_lift(w.system, x));
  for (gkt_idx i = 0; i < gkt_system_layout(w.system)->blocks[0].count; i++)
    if (gkt_space_coords(w.V)[2 * (i / 2)] == 0) assert_true(gkt_vector_read(x)[i] == (i % 2 ? 0.4 : 1));
  ok(gkt_system_set_time(w.system, 0.2)); /* the conditions again */
  ok(gkt_system_lift(w.system, x));
  for (gkt_idx i = 0; i < gkt_system_layout(w.system)->blocks[0].count; i++)
    if (gkt_space_coords(w.V)[2 * (i / 2)] == 0) assert_true(fabs(gkt_vector_read(x)[i] - (i % 2 ? 0.04 : 0.2)) < 1e-15);
  gkt_vector_destroy(&u), gkt_vector_destroy(&held), gkt_vector_destroy(&x);
  clear(&w);
}

/* As that of a displacement in a porous body, whose rate stands in the equation of the pressure. */
static void equations_without_their_rates_are_told(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool expected;
  } porous[] = {{"inner(sym(grad(u)) - p*I, grad(v))*dx + div(dt(u))*q*dx + k*dot(grad(p), grad(q))*dx", true},
                {"inner(sym(grad(u)) + k*sym(grad(dt(u))) - p*I, grad(v))*dx + div(dt(u))*q*dx + k*dot(grad(p), grad(q))*dx", false},
                {"dot(dtt(u), v)*dx + inner(sym(grad(u)) - p*I, grad(v))*dx + div(dt(u))*q*dx + k*dot(grad(p), grad(q))*dx", false}};
  for (size_t c = 0; c < sizeof porous / sizeof *porous; c++) {
    world w = make(porous[c].text, 2, false);
    bool of_u, of_p;
    ok(gkt_system_is_balance(w.system, 0, &of_u));
    ok(gkt_system_is_balance(w.system, 1, &of_p));
    assert_true(of_u == porous[c].expected && !of_p);
    clear(&w);
  }
}

static void constant_masses_are_told(void **state) {
  (void)state;
  static const bool expected[] = {true, true, false, false, true}; /* of the cases above */
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    world w = make(cases[c].text, cases[c].num_unknowns, false);
    bool constant;
    ok(gkt_system_masses_are_constant(w.system, &constant));
    if (constant != expected[c]) fail_msg("%s: masses constant %d", cases[c].text, constant);
    clear(&w);
  }
}

/* A stiffness that turns its sign within a step is not positive, though it is at the step's end. */
static void facts_are_of_all_times_of_a_step(void **state) {
  (void)state;
  world w = make("inner(dt(u), v)*dx + 10*(t - 0.5)*inner(grad(u), grad(v))*dx", 1, false);
  const gkt_shifts shift = {.value = 1, .rate = 1};
  gkt_system_facts facts;
  ok(gkt_system_set_time(w.system, 0.9));
  for (int k = 1; k <= 2; k++) {
    ok(gkt_system_set_step(w.system, k, (const gkt_stage[]){{.weight = 0.5, .time = 0.9, .shifts = &shift}, {.weight = 0.5, .time = 0.1, .shifts = &shift}}));
    ok(gkt_system_get_facts(w.system, &facts));
    assert_int_equal(facts.positive, k == 1);
  }
  clear(&w);
}

static void wrong_steps_are_refused(void **state) {
  (void)state;
  world w = make(cases[0].text, 1, false), still = make("k*inner(grad(u), grad(v))*dx", 1, false);
  gkt_vector *shorter;
  const gkt_shifts shift = {.value = 1};
  ok(gkt_vector_create(ctx, 3, &shorter));
  assert_int_equal(gkt_system_set_step(w.system, 3, NULL), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_system_set_step(w.system, 1, &(gkt_stage){.weight = 1}), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_system_set_step(w.system, 1, &(gkt_stage){.weight = 1, .shifts = &shift, .rate = shorter}), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "the rate of a stage has 3 entries"));
  assert_int_equal(gkt_system_set_step(w.system, 1, &(gkt_stage){.weight = NAN, .shifts = &shift}), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_system_set_step(still.system, 1, &(gkt_stage){.weight = 1, .shifts = &shift}), GKT_BAD_ARGUMENT);
  assert_non_null(strstr(gkt_context_message(ctx), "expected dt(u) or dtt(u) in it"));
  gkt_vector_destroy(&shorter);
  clear(&w), clear(&still);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps_are_solved),
                                     cmocka_unit_test(what_does_not_change_is_kept),
                                     cmocka_unit_test(changes_are_seen),
                                     cmocka_unit_test(held_values_stand_in_for_conditions),
                                     cmocka_unit_test(equations_without_their_rates_are_told),
                                     cmocka_unit_test(constant_masses_are_told),
                                     cmocka_unit_test(facts_are_of_all_times_of_a_step),
                                     cmocka_unit_test(wrong_steps_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
