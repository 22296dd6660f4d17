/* Claim: operators bind and type as docs/forms.md says; equal meanings give equal graph nodes; a form's text gives the terms, sets, degrees and places it says. */
#include "tests/language.h"

static gkt_value value_of(gkt_scope *s, const char *text) {
  gkt_source source = text_source(text);
  gkt_expression *e;
  if (gkt_expression_parse(s, &source, &e) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(s->ctx));
  gkt_value v = e->value;
  gkt_expression_destroy(&e);
  return v;
}

static void check_same(gkt_scope *s, const char *left, const char *right) {
  gkt_value a = value_of(s, left), b = value_of(s, right);
  bool same = a.shape.rank == b.shape.rank && a.shape.dims[0] == b.shape.dims[0] && a.shape.dims[1] == b.shape.dims[1];
  for (int i = 0; same && i < gkt_shape_size(a.shape); i++) same = a.nodes[i] == b.nodes[i];
  if (!same) fail_msg("'%s' is not '%s'", left, right);
}

typedef struct {
  int dim;
  const char *left, *right;
} pair;
static const pair pairs[] = {
    /* precedence */
    {2, "-f^2", "-(f^2)"},
    {2, "2^3^2", "512"},
    {2, "(2^3)^2", "64"},
    {2, "2**-1", "1/2"},
    {2, "-2^2", "-4"},
    {2, "1/2", "0.5"},
    {2, "f - u - k", "(f - u) - k"},
    {2, "f/u/k", "(f/u)/k"},
    {2, "f*u^2", "f*(u^2)"},
    {2, "-f*u", "-(f*u)"},
    {2, "f*-u", "-(f*u)"},
    {2, "f + u < k*2", "(f + u) < (2*k)"},
    {2, "+f", "f"},
    {2, "- -f", "f"},
    {2, "2^f^u", "2^(f^u)"},
    {2, "-[f, u][0]", "-f"},
    {2, "k^-f", "k^(-f)"},
    {2, "f > u", "u < f"},
    {2, "f >= u", "u <= f"},
    {2, "(f < u) + 1", "1 + (u > f)"},
    /* zero and conditionals */
    {2, "0 + U", "U"},
    {2, "U - 0", "U"},
    {2, "0 - U", "-U"},
    {2, "conditional(u < 1, 0, U)", "[conditional(u < 1, 0, U[0]), conditional(u < 1, 0, U[1])]"},
    {2, "conditional(1 < 2, U, 0)", "U"},
    {2, "S + 0*S", "S"},
    /* indices and literals */
    {2, "[S[0], S[1]]", "S"},
    {2, "[[S[0,0], S[0,1]], [S[1][0], S[1][1]]]", "S"},
    {2, "[U[0], U[1]]", "U"},
    {2, "S.T[0, 1]", "S[1, 0]"},
    {2, "[[1, 2, 3], [4, 5, 6]][1, 2]", "6"},
    {2, "[[1, 2, 3], [4, 5, 6]].T[2]", "[3, 6]"},
    {3, "I", "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]"},
    {1, "I", "[[1]]"},
    /* products */
    {2, "S*w", "[S[0,0]*w[0] + S[0,1]*w[1], S[1,0]*w[0] + S[1,1]*w[1]]"},
    {2, "dot(S, w)", "S*w"},
    {2, "dot(w, S)", "S.T*w"},
    {2, "dot(S, S)", "S*S"},
    {2, "S*I", "S"},
    {2, "2*S", "S*2"},
    {2, "inner(S, I)", "tr(S)"},
    {2, "inner(w, U)", "dot(w, U)"},
    {2, "inner(u, f)", "u*f"},
    {2, "outer(w, U)[1, 0]", "w[1]*U[0]"},
    {2, "[[1, 2, 3]]*[4, 5, 6]", "[32]"},
    {3, "cross([1, 0, 0], w)", "[0, -w[2], w[1]]"},
    {3, "dot(cross(w, U), w)", "w[0]*cross(w, U)[0] + w[1]*cross(w, U)[1] + w[2]*cross(w, U)[2]"},
    /* matrices */
    {2, "S.T", "transpose(S)"},
    {2, "S.T.T", "S"},
    {2, "sym(S)", "0.5*(S + S.T)"},
    {2, "skew(S)", "0.5*(S - S.T)"},
    {2, "dev(S)", "S - tr(S)/2*I"},
    {3, "dev(S)", "S - tr(S)/3*I"},
    {2, "tr(dev([[3, 0, 0], [0, 4, 0], [0, 0, 8]]))", "0"},
    {2, "det([[1, 2], [3, 4]])", "-2"},
    {3, "det([[2, 0, 1], [1, 3, 2], [1, 1, 1]])", "0"},
    {1, "det([[u]])", "u"},
    {2, "inv([[1, 2], [3, 5]])", "[[-5, 2], [3, -1]]"},
    {2, "inv(2*I)", "0.5*I"},
    {3, "inv(4*I)", "0.25*I"},
    {2, "cofac([[1, 2], [3, 4]])", "[[4, -3], [-2, 1]]"},
    {1, "cofac([[u]])", "[[1]]"},
    {3, "cofac([[1, 2, 3], [0, 1, 4], [5, 6, 0]])", "[[-24, 20, -5], [18, -15, 4], [5, -4, 1]]"},
    {3, "inv([[1, 2, 3], [0, 1, 4], [5, 6, 0]])", "cofac([[1, 2, 3], [0, 1, 4], [5, 6, 0]]).T"},
    {2, "norm(w)", "sqrt(w[0]*w[0] + w[1]*w[1])"},
    {2, "norm(u)", "abs(u)"},
    {2, "norm([3, 4])", "5"},
    {2, "norm([[1, 2], [2, 4]])", "5"},
    /* functions */
    {2, "ln(exp(1))", "1"},
    {2, "atan2(1, 1)*4", "pi"},
    {2, "min(2, 3) + max(2, 3)", "5"},
    {2, "sign(-3) + abs(-3)", "2"},
    {2, "erf(0)", "0"},
    {2, "u**0.5", "sqrt(u)"},
    /* derivatives */
    {2, "grad(x)", "I"},
    {3, "div(x)", "3"},
    {2, "grad(x[0]^2)", "[2*x[0], 0]"},
    {2, "grad(u*f)", "u*grad(f) + f*grad(u)"},
    {2, "grad(k*u)", "k*grad(u)"},
    {2, "grad(r)", "[0, 0]"},
    {2, "grad(r*u)", "r*grad(u)"},
    {2, "grad(h + t + k)", "[0, 0]"},
    {2, "grad(grad(u)[0])", "[0, 0]"},
    {2, "div(grad(u))", "0"},
    {2, "div(f*grad(u))", "dot(grad(f), grad(u))"},
    {2, "div(w)", "grad(w)[0, 0] + grad(w)[1, 1]"},
    {2, "grad(w)[0]", "grad(w[0])"},
    {2, "grad(w)[1, 0]", "grad(w[1])[0]"},
    {2, "div(S)", "[div(S[0]), div(S[1])]"},
    {2, "div(u*I)", "grad(u)"},
    {2, "curl(w)", "grad(w)[1, 0] - grad(w)[0, 1]"},
    {2, "curl(u)", "[grad(u)[1], -grad(u)[0]]"},
    {3, "curl(w)[2]", "grad(w)[1, 0] - grad(w)[0, 1]"},
    {3, "curl(w)[0]", "grad(w)[2, 1] - grad(w)[1, 2]"},
    {3, "curl(w)[1]", "grad(w)[0, 2] - grad(w)[2, 0]"},
    {3, "curl(grad(u))", "0*w"},
    {1, "grad(u)[0]", "div(u*[1])"},
    {2, "grad(conditional(x[0] < 1, u, f))", "conditional(x[0] < 1, grad(u), grad(f))"},
    {2, "grad([u, f, k])", "[grad(u), grad(f), [0, 0]]"},
    {2, "grad(exp(u))", "exp(u)*grad(u)"},
    {2, "grad(norm(w)^2 - dot(w, w))", "grad(norm(w)^2) - grad(dot(w, w))"},
};

static void equal_meanings_are_equal_nodes(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gkt_context *ctx = make_context();
    gkt_scope *s = make_scope(ctx, pairs[i].dim);
    check_same(s, pairs[i].left, pairs[i].right);
    gkt_scope_destroy(&s);
    gkt_context_destroy(&ctx);
  }
}

static void terminals_are_what_they_say(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 3);
  static const struct {
    const char *text;
    gkt_terminal terminal;
  } cases[] = {
      {"u", {.kind = GKT_TERM_VALUE, .function = 0}},
      {"U[2]", {.kind = GKT_TERM_VALUE, .function = 2, .component = 2}},
      {"S[1, 2]", {.kind = GKT_TERM_VALUE, .function = 5, .component = 5}},
      {"grad(u)[1]", {.kind = GKT_TERM_GRAD, .function = 0, .direction = 1}},
      {"grad(U)[1, 2]", {.kind = GKT_TERM_GRAD, .function = 2, .component = 1, .direction = 2}},
      {"nu", {.kind = GKT_TERM_CONSTANT, .function = 2}},
      {"x[1]", {.kind = GKT_TERM_X, .component = 1}},
      {"n[2]", {.kind = GKT_TERM_NORMAL, .component = 2}},
      {"h", {.kind = GKT_TERM_H}},
      {"t", {.kind = GKT_TERM_TIME}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const gkt_node_data *node = gkt_graph_get(s->graph, value_of(s, cases[i].text).nodes[0]);
    assert_int_equal(node->op, GKT_OP_TERMINAL);
    assert_memory_equal(&node->terminal, &cases[i].terminal, sizeof node->terminal);
  }
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void functions_are_numbered_with_their_tests(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  assert_int_equal(gkt_scope_num_functions(s), 9);
  assert_int_equal(gkt_scope_num_constants(s), 3);
  assert_int_equal(gkt_scope_find_function(s, "V"), 3);
  assert_int_equal(gkt_scope_find_function(s, "k"), -1);
  assert_int_equal(gkt_scope_find_constant(s, "nu"), 2);
  assert_int_equal(gkt_scope_find_constant(s, "u"), -1);
  assert_string_equal(gkt_scope_function_name(s, 3), "V");
  assert_int_equal(gkt_scope_function_shape(s, 3).dims[0], 2);
  assert_int_equal(s->functions[2].partner, 3);
  assert_int_equal(s->functions[3].partner, 2);
  assert_int_equal(s->functions[3].role, GKT_ROLE_TEST);
  assert_int_equal(s->functions[3].element.degree, 2);
  assert_int_equal(s->functions[4].partner, -1);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void expressions_say_what_they_use(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  static const struct {
    const char *text;
    bool fields, functions, normal;
  } cases[] = {{"u", 1, 1, 0}, {"grad(U)", 1, 1, 0},   {"f*x", 0, 1, 0},          {"k*x[0] + t", 0, 0, 0},
               {"n", 0, 0, 1}, {"dot(q, n)", 1, 1, 1}, {"sin(pi*x[0])", 0, 0, 0}, {"dot(grad(r), n)", 0, 0, 0}};
  add_let(s, "q", "k*grad(u)", true);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_source source = text_source(cases[i].text);
    gkt_expression *e;
    assert_int_equal(gkt_expression_parse(s, &source, &e), GKT_OK);
    assert_int_equal(gkt_expression_uses_fields(e), cases[i].fields);
    assert_int_equal(gkt_expression_uses_functions(e), cases[i].functions);
    assert_int_equal(gkt_expression_uses_normal(e), cases[i].normal);
    gkt_expression_destroy(&e);
  }
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static gkt_terms terms_of(gkt_scope *s, gkt_form_kind kind, const char *text) {
  gkt_source source = text_source(text);
  gkt_terms terms;
  if (gkt_terms_parse(s, kind, &source, &terms) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(s->ctx));
  return terms;
}

static void check_term(gkt_scope *s, const gkt_term *term, gkt_measure measure, const char *names, int degree, int line, int column, const char *integrand) {
  char all[100] = "", text[200];
  for (int i = 0; i < term->num_names; i++) strcat(strcat(all, term->names[i]), ";");
  assert_int_equal(term->measure, measure);
  assert_string_equal(all, names);
  assert_int_equal(term->degree, degree);
  assert_int_equal(term->mark.line, line);
  assert_int_equal(term->mark.column, column);
  snprintf(text, sizeof text, "(%s)*dx", integrand);
  if (measure == GKT_MEASURE_DS) snprintf(text, sizeof text, "(%s)*ds", integrand);
  gkt_terms alone = terms_of(s, GKT_EQUATION, text);
  assert_int_equal(alone.num_terms, 1);
  assert_int_equal(alone.terms[0].integrand, term->integrand);
  gkt_terms_destroy(s->ctx, &alone);
}

static void terms_carry_measures_and_places(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  add_let(s, "q", "k*grad(u)", true);
  gkt_terms a = terms_of(s, GKT_EQUATION, "inner(q, grad(v))*dx + 2*(f*v*dx(a, 'b c')\n  - E*v*ds(top, degree=3))/k == -(u*v*ds('degree') - 0) + f*v*dx(a, degree=4)");
  assert_int_equal(a.num_terms, 5);
  check_term(s, &a.terms[0], GKT_MEASURE_DX, "", -1, 1, 1, "dot(k*grad(u), grad(v))");
  check_term(s, &a.terms[1], GKT_MEASURE_DX, "a;b c;", -1, 1, 27, "2*(f*v)/k");
  check_term(s, &a.terms[2], GKT_MEASURE_DS, "top;", 3, 2, 5, "2*(-(E*v))/k");
  check_term(s, &a.terms[3], GKT_MEASURE_DS, "degree;", -1, 2, 35, "u*v");
  check_term(s, &a.terms[4], GKT_MEASURE_DX, "a;", 4, 2, 59, "-(f*v)");
  assert_int_equal(a.terms[1].marks[1].column, 37);
  assert_int_equal(a.terms[2].marks[0].line, 2);
  gkt_terms_destroy(ctx, &a);
  a = terms_of(s, GKT_EQUATION, "0 == u*v*dx");
  assert_int_equal(a.num_terms, 1);
  check_term(s, &a.terms[0], GKT_MEASURE_DX, "", -1, 1, 6, "-(u*v)");
  gkt_terms_destroy(ctx, &a);
  a = terms_of(s, GKT_ENERGY, "0.5*k*inner(grad(u), grad(u))*dx - f*u*dx - t*(E*u*ds(top))*2");
  assert_int_equal(a.num_terms, 3);
  check_term(s, &a.terms[2], GKT_MEASURE_DS, "top;", -1, 1, 47, "-(t*(E*u)*2)");
  gkt_terms_destroy(ctx, &a);
  a = terms_of(s, GKT_FUNCTIONAL, "dot(q, n)*ds(base)");
  check_term(s, &a.terms[0], GKT_MEASURE_DS, "base;", -1, 1, 1, "q[0]*n[0] + q[1]*n[1]");
  gkt_terms_destroy(ctx, &a);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_meanings_are_equal_nodes), cmocka_unit_test(terminals_are_what_they_say),     cmocka_unit_test(functions_are_numbered_with_their_tests),
      cmocka_unit_test(expressions_say_what_they_use),  cmocka_unit_test(terms_carry_measures_and_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
