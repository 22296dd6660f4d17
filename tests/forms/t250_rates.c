/* Claim: dt and dtt of an expression are what differences along a motion of all fields in time show, in whatever operators they stand; the tangent of a form with rates is the sum
   of its derivatives by values and rates, each times its shift; without rates it is the derivative. What has no rate is refused by name. */
#include "tests/language.h"

#include <math.h>

#include "tests/graphs.h"

static gkt_context *ctx;
static gkt_scope *s;
static void begin(int dim) {
  ctx = make_context();
  s = make_scope(ctx, dim);
}
static void end(void) {
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static gkt_form *parse(gkt_form_kind kind, const char *text) {
  gkt_form *form = NULL;
  gkt_source source = text_source(text);
  if (gkt_form_parse(s, kind, &source, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return form;
}
static gkt_expression *parse_expression(const char *text) {
  gkt_expression *e = NULL;
  gkt_source source = text_source(text);
  if (gkt_expression_parse(s, &source, &e) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  return e;
}

/* ---- a motion: each value and gradient is a cubic in time, whose derivatives the rates have ---- */
static double coefficient(const gkt_terminal *t, int power) {
  const int function = t->kind == GKT_TERM_CONSTANT ? t->function : gkt_is_of_function(t) ? gkt_field_of(s, t->function) : 0;
  uint64_t state = 31u * (uint64_t)power + 1000003u * (uint64_t)t->kind + 10007u * (uint64_t)function + 101u * (uint64_t)t->component + 7u * (uint64_t)t->direction;
  random_bits(&state);
  return random_real(&state, 0.3, 1);
}
static int order_of(const gkt_terminal *t) {
  const gkt_function *f = &s->functions[t->function];
  return f->role != GKT_ROLE_RATE ? 0 : s->functions[f->partner].rates[0] == t->function ? 1 : 2;
}
static double value_at(const gkt_terminal *t, const void *user) {
  const double time = *(const double *)user, *c = (const double[]){coefficient(t, 0), coefficient(t, 1), coefficient(t, 2), coefficient(t, 3)};
  const double sign = t->kind == GKT_TERM_GRAD && t->component != t->direction ? -0.4 : 1; /* keeps I + grad(U) far from singular */
  if (t->kind == GKT_TERM_TIME) return time;
  if (!gkt_is_of_unknowns(s, t)) return c[0];
  switch (order_of(t)) {
  case 0: return sign * (c[0] + time * (c[1] + time * (c[2] + time * c[3])));
  case 1: return sign * (c[1] + time * (2 * c[2] + time * 3 * c[3]));
  default: return sign * (2 * c[2] + time * 6 * c[3]);
  }
}
static double component_at(const gkt_expression *e, int component, double time) {
  double *values = graph_values(s->graph, value_at, &time), v = values[e->value.nodes[component]];
  free(values);
  return v;
}

/* Central differences with step 1e-4 of values of size 1 to 100: truncation 1e-7, rounding 1e-11. */
static void check_rate(const char *text, const char *operator) {
  char rated[300];
  snprintf(rated, sizeof rated, "%s(%s)", operator, text);
  gkt_expression *e = parse_expression(text), *r = parse_expression(rated);
  const double step = operator[2] == 't' ? 1e-3 : 1e-4, at = 0.1;
  for (int c = 0; c < gkt_shape_size(gkt_expression_shape(e)); c++) {
    const double up = component_at(e, c, at + step), down = component_at(e, c, at - step), here = component_at(e, c, at), exact = component_at(r, c, at);
    const double found = operator[2] == 't' ? (up - 2 * here + down) / (step * step) : (up - down) / (2 * step);
    if (!(fabs(found - exact) <= 1e-4 * (1 + fabs(exact)))) fail_msg("%s, component %d: %.10g by differences, %.10g", rated, c, found, exact);
  }
  gkt_expression_destroy(&e), gkt_expression_destroy(&r);
}

static const char *const moving[] = {"u",
                                     "U",
                                     "S",
                                     "u^2*t",
                                     "sin(u*p) + x[0]*t^2 + f",
                                     "grad(u)",
                                     "div(U)",
                                     "sym(grad(U))",
                                     "grad(U)*U + u*U",
                                     "ln(det(I + grad(U)))",
                                     "sqrt(1 + inner(S, S))",
                                     "k*exp(-t)*norm(U)",
                                     "conditional(u < 5, u^3, p)",
                                     "inv(I + grad(U))",
                                     "h*r*p",
                                     "atan2(u, p)"};

static void rates_are_those_of_a_motion(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    begin(dim);
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) check_rate(moving[i], "dt"), check_rate(moving[i], "dtt");
    end();
  }
}

/* One node, however it is written. */
static void operators_and_rates_commute(void **state) {
  (void)state;
  const char *const pairs[][2] = {{"grad(dt(u))", "dt(grad(u))"},
                                  {"div(dt(U))", "dt(div(U))"},
                                  {"sym(grad(dtt(U)))", "dtt(sym(grad(U)))"},
                                  {"dt(dt(u))", "dtt(u)"},
                                  {"dt(U)[1]", "dt(U[1])"},
                                  {"dt(k*x[0]*f + r*u)", "r*dt(u)"},
                                  {"dt(t)", "1"}};
  begin(2);
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gkt_expression *a = parse_expression(pairs[i][0]), *b = parse_expression(pairs[i][1]);
    assert_memory_equal(a->value.nodes, b->value.nodes, (size_t)gkt_shape_size(gkt_expression_shape(b)) * sizeof *b->value.nodes);
    gkt_expression_destroy(&a), gkt_expression_destroy(&b);
  }
  gkt_expression *e = parse_expression("dt(u)"), *clock = parse_expression("t*x[0]");
  assert_true(gkt_expression_uses_fields(e) && !gkt_expression_uses_time(e) && gkt_expression_uses_time(clock));
  const int u = gkt_scope_find_function(s, "u");
  assert_true(gkt_expression_depends_on(e, gkt_scope_rate(s, u, 1)) && !gkt_expression_depends_on(e, u));
  gkt_expression_destroy(&clock);
  gkt_expression_destroy(&e);
  end();
}

/* ---- tangents ---- */
static const char *const residuals[] = {"dt(u)*v*dx + k*dot(grad(u), grad(v))*dx - f*v*dx",
                                        "dtt(u)*v*dx + E*dt(u)*v*ds + dot(grad(u) + nu*grad(dt(u)), grad(v))*dx",
                                        "(1 + u^2)*dt(u)*v*dx + exp(u)*v*dx",
                                        "dt(u)^3*v*dx + u*v*dx(degree=4)",
                                        "dt(u^2)*v*dx + dtt(u)*v*dx(left)",
                                        "inner(dtt(U), V)*dx + inner(sym(grad(U)), grad(V))*dx + dot(dt(U), V)*ds(right)"};
enum { NUM_RESIDUALS = sizeof residuals / sizeof *residuals };

static void a_tangent_is_the_sum_of_its_shifted_parts(void **state) {
  (void)state;
  const double at = 0.1;
  for (int r = 0; r < NUM_RESIDUALS; r++) {
    begin(2);
    gkt_form *R = parse(GKT_EQUATION, residuals[r]), *J = NULL;
    const int field = gkt_form_argument(R, 0, 0);
    assert_int_equal(gkt_form_tangent(R, 1, &field, &J), GKT_OK);
    gkt_form *parts[3] = {NULL};
    for (int o = 0; o < 3; o++) {
      const int by = o ? gkt_scope_rate(s, field, o) : field;
      if (by >= 0) assert_int_equal(gkt_form_derivative(R, 1, &by, &parts[o]), GKT_OK);
    }
    double *values = graph_values(s->graph, value_at, &at);
    for (int i = 0; i < J->num_integrals; i++)
      for (int k = 0; k < J->integrals[i].num_nodes; k++) {
        double sum = 0, size = 0;
        for (int o = 0; o < 3; o++)
          for (int j = 0; parts[o] && j < parts[o]->num_integrals; j++) {
            const gkt_integral *a = &parts[o]->integrals[j], *b = &J->integrals[i];
            if (a->measure != b->measure || a->degrees[0] != b->degrees[0] || a->is_given != b->is_given || a->num_names != b->num_names ||
                (a->num_names && strcmp(a->names[0], b->names[0])))
              continue;
            const int shift = gkt_scope_shift(s, field, o);
            const double weight = coefficient(&(gkt_terminal){.kind = GKT_TERM_CONSTANT, .function = (int16_t)shift}, 0), part = weight * values[a->nodes[k]];
            sum += part, size += fabs(part);
          }
        if (!(fabs(sum - values[J->integrals[i].nodes[k]]) <= 1e-13 * (1 + size)))
          fail_msg("%s: node %d of integral %d: %.15g, the parts sum to %.15g", residuals[r], k, i, values[J->integrals[i].nodes[k]], sum);
      }
    free(values);
    for (int o = 0; o < 3; o++) gkt_form_destroy(&parts[o]);
    gkt_form_destroy(&J), gkt_form_destroy(&R);
    end();
  }
}

static void facts_of_tangents(void **state) {
  (void)state;
  const struct {
    const char *text;
    int order;
    bool nonlinear, symmetric;
  } cases[NUM_RESIDUALS + 1] = {{residuals[0], 1, false, true},
                                {residuals[1], 2, false, true},
                                {residuals[2], 1, true, true},
                                {residuals[3], 1, true, true},
                                {residuals[4], 2, true, true},
                                {residuals[5], 2, false, true},
                                {"dt(u)*v*dx + grad(u)[0]*v*dx", 1, false, false}};
  for (int r = 0; r <= NUM_RESIDUALS; r++) {
    begin(2);
    gkt_form *R = parse(GKT_EQUATION, cases[r].text), *J = NULL;
    const int field = gkt_form_argument(R, 0, 0);
    assert_int_equal(gkt_form_tangent(R, 1, &field, &J), GKT_OK);
    assert_int_equal(gkt_form_rate_order(R, field), cases[r].order);
    const bool depends = gkt_form_varies_with(J, field);
    assert_false(gkt_form_depends_on_time(J));
    if (depends != cases[r].nonlinear || gkt_form_is_symmetric(J) != cases[r].symmetric)
      fail_msg("%s: nonlinear %d, symmetric %d", cases[r].text, depends, gkt_form_is_symmetric(J));
    gkt_form_destroy(&J), gkt_form_destroy(&R);
    end();
  }
}

/* Also where another text of the scope takes rates. */
static void without_rates_it_is_the_derivative(void **state) {
  (void)state;
  begin(2);
  gkt_form *F = parse(GKT_FUNCTIONAL, "dt(u)^2*dx"), *R = parse(GKT_EQUATION, "(1 + u^2)*dot(grad(u), grad(v))*dx"), *J, *D;
  const int u = gkt_scope_find_function(s, "u");
  assert_int_equal(gkt_form_tangent(R, 1, &u, &J), GKT_OK);
  assert_int_equal(gkt_form_derivative(R, 1, &u, &D), GKT_OK);
  assert_true(gkt_forms_are_equal(J, D));
  assert_int_equal(gkt_form_rate_order(R, u), 0);
  assert_int_equal(gkt_form_rate_order(F, u), 1);
  gkt_form_destroy(&F), gkt_form_destroy(&R), gkt_form_destroy(&J), gkt_form_destroy(&D);
  end();
}

/* A field that is declared later has its shift as well; of a name that is not known the list shows what can be written. */
static void rates_stay_out_of_sight(void **state) {
  (void)state;
  int late;
  begin(2);
  gkt_form *F = parse(GKT_FUNCTIONAL, "dt(u)^2*dx"), *refused = NULL;
  gkt_source source = text_source("shift*dx");
  assert_int_equal(gkt_scope_add_field(s, "late", "l", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &late), GKT_OK);
  assert_true(gkt_scope_shift(s, late, 0) >= 0);
  assert_int_equal(gkt_scope_shift(s, late, 1), -1);
  assert_int_equal(gkt_form_parse(s, GKT_FUNCTIONAL, &source, &refused), GKT_BAD_INPUT);
  assert_null(strstr(gkt_context_message(ctx), "shift("));
  assert_null(strstr(gkt_context_message(ctx), "dt("));
  assert_non_null(strstr(gkt_context_message(ctx), "late"));
  gkt_form_destroy(&F);
  end();
}

static void what_has_no_rate_is_named(void **state) {
  (void)state;
  const struct {
    gkt_form_kind kind;
    const char *text, *message;
  } cases[] = {{GKT_EQUATION, "u*dt(v)*dx", "'v': 'v' is a test function, which has no rate; expected dt of a field"},
               {GKT_EQUATION, "dt(dtt(u))*v*dx", "third derivatives of 'u' by time are not available yet; expected dt and dtt"},
               {GKT_ENERGY, "u*dt(u)*dx", "has a rate (dt) in it, and an energy is one of states; expected rates in `equation`, beside the energy"},
               {GKT_ENERGY, "power*dx", "has a rate (dt) in it"},
               {GKT_EQUATION, "dt(u, p)*v*dx", "takes 1 argument, here are 2; expected dt(u), the rate of an expression"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    begin(2);
    add_let(s, "power", "u*dt(u)", true);
    gkt_form *form = NULL;
    gkt_source source = text_source(cases[i].text);
    gkt_status status = gkt_form_parse(s, cases[i].kind, &source, &form);
    if (status <= 0 || !strstr(gkt_context_message(ctx), cases[i].message)) fail_msg("%s: %d, %s", cases[i].text, status, gkt_context_message(ctx));
    end();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rates_are_those_of_a_motion), cmocka_unit_test(operators_and_rates_commute),        cmocka_unit_test(a_tangent_is_the_sum_of_its_shifted_parts),
      cmocka_unit_test(facts_of_tangents),           cmocka_unit_test(without_rates_it_is_the_derivative), cmocka_unit_test(rates_stay_out_of_sight),
      cmocka_unit_test(what_has_no_rate_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
