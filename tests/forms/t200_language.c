/* Claim: every error of the language has the right status and a message that names file, key, line, column and word, says what was expected and what is near. */
#include "tests/language.h"

typedef enum { EQUATION, ENERGY, FUNCTIONAL, EXPRESSION, COEFFICIENT } mode;
typedef struct {
  mode mode;
  const char *text;
  gkt_status status;
  int line, column;
  const char *word, *says; /* says: parts of the message, separated by | */
} mistake;

#define BAD GKT_BAD_INPUT
#define LATER GKT_UNAVAILABLE
static const mistake mistakes[] = {
    /* characters and numbers */
    {EXPRESSION, "u + $", BAD, 1, 5, "$", "expected a name"},
    {EXPRESSION, "u +\n  \xc3\xa9", BAD, 2, 3, "\xc3\xa9", "a character that the language does not have"},
    {EXPRESSION, "'\xc3\xa9' + 1", BAD, 1, 1, "'\xc3\xa9'", "without quotes"},
    {EXPRESSION, "u & v", BAD, 1, 3, "&", "a*b (and)"},
    {EXPRESSION, "2u", BAD, 1, 1, "2u", "expected '*'"},
    {EXPRESSION, "1e+", BAD, 1, 1, "1e", "digits after 'e'"},
    {EXPRESSION, "1.2.3", BAD, 1, 1, "1.2.3", "one decimal point"},
    {EXPRESSION, "0x10", BAD, 1, 1, "0x10", "expected '*'"},
    {EXPRESSION, "1e999", BAD, 1, 1, "1e999", "too large"},
    {EXPRESSION, "S.t", BAD, 1, 2, ".t", ".T"},
    {EXPRESSION, "'left", BAD, 1, 1, "'left", "not closed"},
    /* grammar */
    {EXPRESSION, "", BAD, 1, 1, NULL, "end of text: expected a number"},
    {EXPRESSION, "u +", BAD, 1, 4, NULL, "end of text: expected a number"},
    {EXPRESSION, "(u", BAD, 1, 3, NULL, "end of text: expected an operator or ')'"},
    {EXPRESSION, "u)", BAD, 1, 2, ")", "closes nothing"},
    {EXPRESSION, "u]", BAD, 1, 2, "]", "closes nothing"},
    {EXPRESSION, "u f", BAD, 1, 3, "f", "expected an operator"},
    {EXPRESSION, "u, f", BAD, 1, 2, ",", "[a, b]"},
    {EXPRESSION, "(u, f)", BAD, 1, 3, ",", "[a, b]"},
    {EXPRESSION, "[]", BAD, 1, 2, "]", "a component"},
    {EXPRESSION, "[u, f", BAD, 1, 6, NULL, "expected ',' or ']'"},
    {EXPRESSION, "sin()", BAD, 1, 5, ")", "expected an argument"},
    {EXPRESSION, "sin(u", BAD, 1, 6, NULL, "expected ',' or ')'"},
    {EXPRESSION, "u = 1", BAD, 1, 3, "=", "assigns nothing"},
    {EXPRESSION, "u == 1", BAD, 1, 3, "==", "only an equation"},
    {EXPRESSION, "0 < u < 1", BAD, 1, 7, "<", "do not chain"},
    {EXPRESSION, "* u", BAD, 1, 1, "*", "expected a number"},
    {EXPRESSION, "U[u]", BAD, 1, 3, "u", "not an index"},
    {EXPRESSION, "U[-1]", BAD, 1, 3, "-", "not an index"},
    {EXPRESSION, "U[0.5]", BAD, 1, 3, "0.5", "not an index"},
    {EXPRESSION, "U[0", BAD, 1, 4, NULL, "expected ',' or ']'"},
    {EQUATION, "u*v*dx = 0", BAD, 1, 8, "=", "expected '=='"},
    {EQUATION, "u*v*dx == 0 == 0", BAD, 1, 13, "==", "at most one '=='"},
    {EQUATION, "(u*v*dx == 0)", BAD, 1, 9, "==", "top of an equation"},
    {EQUATION, "sin(u == 0)*v*dx", BAD, 1, 7, "==", "top of an equation"},
    {ENERGY, "u*dx == 0", BAD, 1, 6, "==", "only an equation"},
    /* names */
    {EXPRESSION, "gard(u)", BAD, 1, 1, "gard", "no function|did you mean 'grad'?"},
    {EXPRESSION, "1 +\n  kk*u", BAD, 2, 3, "kk", "unknown name|did you mean 'k'?|known here: u, v, U, V"},
    {EXPRESSION, "zebra", BAD, 1, 1, "zebra", "unknown name; known here: u"},
    {EXPRESSION, "NU", BAD, 1, 1, "NU", "did you mean 'nu'?"},
    {EXPRESSION, "log(u)", BAD, 1, 1, "log", "written ln(a)"},
    {EXPRESSION, "laplacian", BAD, 1, 1, "laplacian", "written div(grad(u))"},
    {EXPRESSION, "sin + 1", BAD, 1, 1, "sin", "needs its arguments; expected sin(a)"},
    {EXPRESSION, "u(1)", BAD, 1, 1, "u", "a value, not a function"},
    {EXPRESSION, "x(1)", BAD, 1, 1, "x", "a value, not a function"},
    {EXPRESSION, "q(1)", BAD, 1, 1, "q", "a value, not a function"},
    {EXPRESSION, "xyzzy_frob(1)", BAD, 1, 1, "xyzzy_frob", "expected one such as grad"},
    {EXPRESSION, "sin(u, f)", BAD, 1, 1, "sin", "takes 1 argument, here are 2"},
    {EXPRESSION, "min(u, f, k, 1)", BAD, 1, 1, "min", "takes 2 arguments, here are 4"},
    /* what is where */
    {EXPRESSION, "v + 1", BAD, 1, 1, "v", "a test function, which an expression to be evaluated must not have"},
    {EXPRESSION, "1 + qv[0]", BAD, 1, 5, "qv", "contains 'v', a test function"},
    {EXPRESSION, "u*dx", BAD, 1, 3, "dx", "a measure belongs to"},
    {EXPRESSION, "dx", BAD, 1, 1, "dx", "a measure belongs to"},
    {ENERGY, "u*dx + v*dx", BAD, 1, 8, "v", "an energy must not have"},
    {FUNCTIONAL, "dot(qv, qv)*dx", BAD, 1, 5, "qv", "contains 'v', a test function, which a functional must not have"},
    {COEFFICIENT, "1 + u", BAD, 1, 5, "u", "an unknown, which a coefficient without a space must not have"},
    {COEFFICIENT, "norm(q)", BAD, 1, 6, "q", "contains 'u', an unknown"},
    {COEFFICIENT, "v", BAD, 1, 1, "v", "a test function"},
    {FUNCTIONAL, "dot(x, n)*dx", BAD, 1, 8, "n", "expected it under ds"},
    {FUNCTIONAL, "u*ds + flux*dx(a)", BAD, 1, 8, "flux", "expected it under ds"},
    /* measures */
    {EQUATION, "u*v*dx + f*v", BAD, 1, 10, "f*v", "without a measure; expected integrand*dx"},
    {EQUATION, "u*v == f*v*dx", BAD, 1, 1, "u*v", "without a measure"},
    {EQUATION, "u*v*dx == 1", BAD, 1, 11, "1", "without a measure"},
    {EQUATION, "0 == 0", BAD, 1, 1, "0 == 0", "no integral"},
    {FUNCTIONAL, "u + f", BAD, 1, 1, "u + f", "no integral"},
    {FUNCTIONAL, "dx", BAD, 1, 1, "dx", "a measure alone"},
    {FUNCTIONAL, "u*dx + ds(top)", BAD, 1, 8, "ds(top)", "a measure alone; expected integrand*ds"},
    {FUNCTIONAL, "-dx", BAD, 1, 2, "dx", "a measure alone"},
    {FUNCTIONAL, "dx/2", BAD, 1, 1, "dx", "a measure alone"},
    {FUNCTIONAL, "u/dx", BAD, 1, 3, "dx", "divided by"},
    {FUNCTIONAL, "2/(u*dx)", BAD, 1, 3, "(u*dx)", "divided by"},
    {FUNCTIONAL, "u*dx*dx", BAD, 1, 1, "u*dx*dx", "two measures"},
    {FUNCTIONAL, "(u*dx)*(f*ds)", BAD, 1, 1, "(u*dx)*(f*ds)", "two measures"},
    {FUNCTIONAL, "u*dx^2", BAD, 1, 3, "dx", "stands outside of functions"},
    {FUNCTIONAL, "sin(u*dx)", BAD, 1, 5, "u*dx", "stands outside of functions"},
    {FUNCTIONAL, "(u*dx)[0]", BAD, 1, 1, "(u*dx)", "stands outside"},
    {FUNCTIONAL, "u*dx < f*dx", BAD, 1, 1, "u*dx", "stands outside"},
    {FUNCTIONAL, "grad(u)*dx", BAD, 1, 1, "grad(u)", "an integrand is a scalar; this is a vector of 2"},
    {FUNCTIONAL, "[1, 2]*(u*dx)", BAD, 1, 1, "[1, 2]", "multiplied by scalars only"},
    {FUNCTIONAL, "(u*dx)*f", BAD, 1, 8, "f", "must be constant"},
    {FUNCTIONAL, "u*dx(", BAD, 1, 6, NULL, "name of a region"},
    {FUNCTIONAL, "u*dx()", BAD, 1, 6, ")", "name of a region"},
    {FUNCTIONAL, "u*dx(a b)", BAD, 1, 8, "b", "expected ',' or ')'"},
    {FUNCTIONAL, "u*dx('')", BAD, 1, 6, "''", "name of a region"},
    {FUNCTIONAL, "u*dx(1)", BAD, 1, 6, "1", "name of a region|expected dx('1')"},
    {FUNCTIONAL, "u*ds(left, 12)", BAD, 1, 12, "12", "expected ds('12')"},
    {FUNCTIONAL, "u*dP", BAD, 1, 3, "dP", "expected dP(NAME)"},
    {FUNCTIONAL, "u*dP()", BAD, 1, 6, ")", "name of a region"},
    {FUNCTIONAL, "u*dP(degree=2)", BAD, 1, 6, "degree", "without a quadrature"},
    {FUNCTIONAL, "u*dP(A, degree=2)", BAD, 1, 9, "degree", "without a quadrature"},
    {FUNCTIONAL, "U[0]*n[0]*dP(A)", BAD, 1, 6, "n", "expected it under ds, not dP"},
    {FUNCTIONAL, "U*dP(A)", BAD, 1, 1, "U", "an integrand is a scalar"},
    {EXPRESSION, "u*dP(A)", BAD, 1, 3, "dP", "a measure belongs to"},
    {FUNCTIONAL, "u*dx(degree 2)", BAD, 1, 13, "2", "expected '='"},
    {FUNCTIONAL, "u*dx(degree=u)", BAD, 1, 13, "u", "whole number"},
    {FUNCTIONAL, "u*dx(degree=1.5)", BAD, 1, 13, "1.5", "whole number"},
    {FUNCTIONAL, "u*dx(degree=64)", BAD, 1, 13, "64", "0 to 63"},
    {FUNCTIONAL, "u*dx(degree=1, degree=2)", BAD, 1, 23, "2", "given twice"},
    /* not available yet */
    {FUNCTIONAL, "u*dS", LATER, 1, 3, "dS", "not available yet"},
    {FUNCTIONAL, "jump(u)*ds", LATER, 1, 1, "jump", "not available yet"},
    {FUNCTIONAL, "avg(u)*ds", LATER, 1, 1, "avg", "not available yet"},
    {FUNCTIONAL, "u('+')*ds", LATER, 1, 3, "'+'", "not available yet"},
    {EXPRESSION, "div(grad(p))", LATER, 1, 1, "div(grad(p))", "second derivatives of 'p' (P2)"},
    {EXPRESSION, "grad(div(U))", LATER, 1, 1, "grad(div(U))", "second derivatives of 'U'"},
    {EXPRESSION, "grad(S)", LATER, 1, 6, "S", "gradient of a matrix"},
    {EXPRESSION, "grad(n)", LATER, 1, 6, "n", "derivatives of the normal"},
    {EXPRESSION, "outer([1,2,3,4,5,6], [1,2,3,4,5])", LATER, 1, 1, "outer([1,2,3,4,5,6], [1,2,3,4,5])", "27 entries"},
    {EXPRESSION, "[0,1,2,3,4,5,6,7,8,9]", LATER, 1, 20, "9", "more than 9"},
    {EXPRESSION, "det(outer([1,2,3,4],[1,2,3,4]))", LATER, 1, 5, "outer([1,2,3,4],[1,2,3,4])", "at most 3x3"},
    {EXPRESSION, "outer([1,2,3,4],[1,2,3])", LATER, 1, 1, "outer([1,2,3,4],[1,2,3])", "more than 9 components"},
    /* shapes */
    {EXPRESSION, "u + U", BAD, 1, 1, "u + U", "left is a scalar, right is a vector of 2"},
    {EXPRESSION, "S - U", BAD, 1, 1, "S - U", "left is a 2x2 matrix"},
    {EXPRESSION, "U + [1, 2, 3]", BAD, 1, 1, "U + [1, 2, 3]", "right is a vector of 3"},
    {EXPRESSION, "U*w", BAD, 1, 1, "U*w", "dot(a, b)"},
    {EXPRESSION, "U*S", BAD, 1, 1, "U*S", "dot(a, A)"},
    {EXPRESSION, "S*[1, 2, 3]", BAD, 1, 1, "S*[1, 2, 3]", "as many columns"},
    {EXPRESSION, "u/U", BAD, 1, 1, "u/U", "divides by scalars"},
    {EXPRESSION, "U/S", BAD, 1, 1, "U/S", "inv(A)*b"},
    {EXPRESSION, "U^2", BAD, 1, 1, "U^2", "dot(a, a)"},
    {EXPRESSION, "S**2", BAD, 1, 1, "S**2", "A*A"},
    {EXPRESSION, "2^U", BAD, 1, 1, "2^U", "takes scalars"},
    {EXPRESSION, "U < 1", BAD, 1, 1, "U < 1", "comparison takes scalars"},
    {EXPRESSION, "U.T", BAD, 1, 1, "U.T", "a vector of 2"},
    {EXPRESSION, "u[0]", BAD, 1, 3, "0", "too many indices: this is a scalar"},
    {EXPRESSION, "U[0, 1]", BAD, 1, 6, "1", "too many indices"},
    {EXPRESSION, "U[2]", BAD, 1, 3, "2", "expected at most 1"},
    {EXPRESSION, "S[0, 2]", BAD, 1, 6, "2", "expected at most 1"},
    {EXPRESSION, "[u, U]", BAD, 1, 5, "U", "the first is a scalar, this is a vector of 2"},
    {EXPRESSION, "[S, S]", BAD, 1, 2, "S", "a 2x2 matrix"},
    {EXPRESSION, "[[1, 2], [1]]", BAD, 1, 10, "[1]", "components of [ ] have one shape"},
    {EXPRESSION, "sin(U)", BAD, 1, 5, "U", "this is a vector of 2; expected a scalar"},
    {EXPRESSION, "max(u, grad(u))", BAD, 1, 8, "grad(u)", "expected a scalar"},
    {EXPRESSION, "conditional(U, 1, 2)", BAD, 1, 13, "U", "a comparison"},
    {EXPRESSION, "conditional(u < 1, 1, U)", BAD, 1, 1, "conditional(u < 1, 1, U)", "two branches of one shape"},
    {EXPRESSION, "dot(u, U)", BAD, 1, 1, "dot(u, U)", "multiplied with '*'"},
    {EXPRESSION, "dot([1, 2, 3], U)", BAD, 1, 1, "dot([1, 2, 3], U)", "last index of the first"},
    {EXPRESSION, "inner(U, S)", BAD, 1, 1, "inner(U, S)", "two of one shape"},
    {EXPRESSION, "outer(u, U)", BAD, 1, 1, "outer(u, U)", "two vectors"},
    {EXPRESSION, "cross(U, U)", BAD, 1, 1, "cross(U, U)", "in the plane"},
    {EXPRESSION, "sym(U)", BAD, 1, 5, "U", "a square matrix"},
    {EXPRESSION, "skew(u)", BAD, 1, 6, "u", "a square matrix"},
    {EXPRESSION, "dev(1)", BAD, 1, 5, "1", "a square matrix"},
    {EXPRESSION, "tr([[1, 2, 3], [4, 5, 6]])", BAD, 1, 4, "[[1, 2, 3], [4, 5, 6]]", "this is a 2x3 matrix"},
    {EXPRESSION, "det(U)", BAD, 1, 5, "U", "a square matrix"},
    {EXPRESSION, "inv(u)", BAD, 1, 5, "u", "a square matrix"},
    {EXPRESSION, "cofac(U)", BAD, 1, 7, "U", "a square matrix"},
    {EXPRESSION, "transpose(U)", BAD, 1, 11, "U", "expected a matrix"},
    {EXPRESSION, "div(u)", BAD, 1, 5, "u", "a vector of 2"},
    {EXPRESSION, "div([1, 2, 3])", BAD, 1, 5, "[1, 2, 3]", "a vector of 2"},
    {EXPRESSION, "curl([1, 2, 3])", BAD, 1, 6, "[1, 2, 3]", "a vector of 2 or a scalar"},
    /* values */
    {EXPRESSION, "u + 1/0", BAD, 1, 5, "1/0", "not a finite number"},
    {EXPRESSION, "u/0", BAD, 1, 1, "u/0", "not a finite number"},
    {EXPRESSION, "ln(1 - 1)", BAD, 1, 1, "ln(1 - 1)", "not a finite number"},
    {EXPRESSION, "sqrt(-1)", BAD, 1, 1, "sqrt(-1)", "not a finite number"},
    {EXPRESSION, "1e300*1e300", BAD, 1, 1, "1e300*1e300", "not a finite number"},
    {EXPRESSION, "(-8)^(1/3)", BAD, 1, 1, "(-8)^(1/3)", "not a finite number"},
    {EXPRESSION, "inv([[1, 1], [1, 1]])", BAD, 1, 1, "inv([[1, 1], [1, 1]])", "not a finite number"},
};

static gkt_status parse(gkt_scope *s, mode m, const char *text) {
  static const gkt_form_kind kinds[] = {GKT_EQUATION, GKT_ENERGY, GKT_FUNCTIONAL};
  gkt_source source = text_source(text);
  if (m == COEFFICIENT) {
    gkt_status status = gkt_scope_add_expression(s, "subject", &source, false);
    return status == GKT_OK ? gkt_scope_check(s) : status;
  }
  if (m == EXPRESSION) {
    gkt_expression *e = NULL;
    gkt_status status = gkt_expression_parse(s, &source, &e);
    gkt_expression_destroy(&e);
    return status;
  }
  gkt_terms terms = {0};
  gkt_status status = gkt_terms_parse(s, kinds[m], &source, &terms);
  gkt_terms_destroy(s->ctx, &terms);
  return status;
}

static void assert_says(const char *text, const char *message, const char *parts) {
  char part[200];
  while (*parts) {
    size_t n = strcspn(parts, "|");
    snprintf(part, sizeof part, "%.*s", (int)n, parts);
    if (!strstr(message, part)) fail_msg("%s: the message '%s' does not say '%s'", text, message, part);
    parts += n + (parts[n] == '|');
  }
}

static void check_mistake(const mistake *m) {
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  char head[256];
  add_let(s, "q", "k*grad(u)", true);
  add_let(s, "qv", "grad(v)", true);
  add_let(s, "flux", "dot(q, n)", true);
  gkt_status status = parse(s, m->mode, m->text);
  const char *message = gkt_context_message(ctx);
  if (status != m->status) fail_msg("%s: status %d, expected %d (%s)", m->text, status, m->status, message);
  const char *quote = m->word && m->word[0] != '\'' ? "'" : "";
  if (m->word) snprintf(head, sizeof head, "a.yaml: key: line %d, column %d: %s%s%s: ", m->line, m->column, quote, m->word, quote);
  else snprintf(head, sizeof head, "a.yaml: key: line %d, column %d: end of text: ", m->line, m->column);
  if (strncmp(message, head, strlen(head))) fail_msg("%s: the message '%s' does not begin with '%s'", m->text, message, head);
  assert_says(m->text, message, m->says);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void every_mistake_is_named(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) check_mistake(&mistakes[i]);
}

static void marks_place_messages(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  const char *text = "u + bad";
  gkt_mark marks[8];
  gkt_expression *e = NULL;
  for (int i = 0; i < 8; i++) marks[i] = (gkt_mark){7, 20 + i};
  gkt_source source = {.text = text, .file = NULL, .key = "let.a", .marks = marks};
  assert_int_equal(gkt_expression_parse(s, &source, &e), GKT_BAD_INPUT);
  const char *head = "let.a: line 7, column 24: 'bad': ";
  assert_memory_equal(gkt_context_message(ctx), head, strlen(head));
  gkt_context_clear(ctx);
  assert_int_equal(gkt_expression_parse(s, &(gkt_source){.text = "\n\nbad"}, &e), GKT_BAD_INPUT);
  head = "line 3, column 1: 'bad': ";
  assert_memory_equal(gkt_context_message(ctx), head, strlen(head));
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void cycles_name_their_chain(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  add_let(s, "a", "b + 1", true);
  add_let(s, "b", "2*c", true);
  add_let(s, "c", "u +\n a", true);
  add_let(s, "d", "d", true);
  assert_int_equal(gkt_scope_check(s), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "a.yaml: c: line 2, column 2: 'a': a cycle: a -> b -> c -> a; expected names that do not need themselves");
  gkt_context_clear(ctx);
  assert_int_equal(parse(s, EXPRESSION, "1 + d"), GKT_BAD_INPUT);
  assert_string_equal(gkt_context_message(ctx), "a.yaml: d: line 1, column 1: 'd': a cycle: d -> d; expected names that do not need themselves");
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void chains_of_names_are_bounded(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 2);
  char name[16], text[32];
  for (int i = 0; i < 5000; i++) {
    snprintf(name, sizeof name, "a%d", i);
    snprintf(text, sizeof text, i < 4999 ? "a%d*0.5" : "u", i + 1);
    add_let(s, name, text, true);
  }
  assert_int_equal(parse(s, EXPRESSION, "a4900"), GKT_OK);
  assert_int_equal(parse(s, EXPRESSION, "a0"), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "deeper than 200"));
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static void declarations_are_checked(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 3);
  int i = -7, functions = gkt_scope_num_functions(s);
  gkt_source one = text_source("1");
  const char *names[] = {"x", "n", "h", "t", "pi", "I", "dx", "ds", "dS", "dP", "grad", "sin", "jump", "u", "v", "f", "k", "", "2a", "a-b", "a b", "\xc3\xa9"};
  for (size_t c = 0; c < sizeof names / sizeof *names; c++) {
    gkt_context_clear(ctx);
    assert_int_equal(gkt_scope_add_constant(s, names[c], &i), GKT_BAD_INPUT);
    assert_int_equal(gkt_scope_add_expression(s, names[c], &one, true), GKT_BAD_INPUT);
    assert_int_equal(gkt_scope_add_coefficient(s, names[c], gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_BAD_INPUT);
    assert_int_equal(gkt_scope_add_field(s, "fresh", names[c], gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_BAD_INPUT);
    assert_int_equal(gkt_scope_add_field(s, names[c], "fresh", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_BAD_INPUT);
    assert_non_null(strstr(gkt_context_message(ctx), names[c]));
  }
  assert_int_equal(gkt_scope_add_field(s, "same", "same", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_BAD_INPUT);
  assert_int_equal(gkt_scope_add_coefficient(s, "c", gkt_shape_vector(10), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_scope_add_coefficient(s, "c", gkt_shape_matrix(4, 2), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_BAD_ARGUMENT);
  assert_int_equal(gkt_scope_add_coefficient(s, "c", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, -1}, &i), GKT_BAD_ARGUMENT);
  assert_int_equal(i, -7);
  assert_int_equal(gkt_scope_num_functions(s), functions);
  assert_int_equal(gkt_scope_find_function(s, "fresh"), -1);
  for (const char *const *free_name = (const char *const[]){"e", "J", "T", "degree", "X", NULL}; *free_name; free_name++)
    assert_int_equal(gkt_scope_add_constant(s, *free_name, &i), GKT_OK);
  gkt_scope *none = NULL;
  assert_int_equal(gkt_scope_create(ctx, 4, &none), GKT_BAD_ARGUMENT);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

/* prefix^n core suffix^n */
static char *repeat(const char *prefix, const char *core, const char *suffix, int n) {
  size_t a = strlen(prefix), c = strlen(suffix);
  char *text = malloc((a + c) * (size_t)n + strlen(core) + 1), *at = text;
  for (int i = 0; i < n; i++, at += a) memcpy(at, prefix, a);
  strcpy(at, core);
  at += strlen(core);
  for (int i = 0; i < n; i++, at += c) memcpy(at, suffix, c);
  *at = 0;
  return text;
}

/* Deep, long and wide texts are refused with a message or typed; none exhausts the stack, the memory or patience. */
static void hostile_texts_are_survived(void **state) {
  (void)state;
  static const struct {
    const char *prefix, *core, *suffix;
    int n;
    gkt_status status;
  } cases[] = {
      {"(", "u", ")", 199, GKT_OK},           {"(", "u", ")", 200, BAD},        {"(", "u", ")", 400000, BAD},   {"[", "u", "]", 100000, BAD}, {"sin(", "u", ")", 199, GKT_OK},
      {"sin(", "u", ")", 100000, BAD},        {"-", "u", "", 300000, BAD},      {"+", "u", "", 300000, BAD},    {"u^", "u", "", 100000, BAD}, {"", "u", "+u", 20000, GKT_OK},
      {"", "u", "*f", 20000, GKT_OK},         {"", "u", "+u", 300000, BAD},     {"", "S", ".T", 40000, GKT_OK}, {"", "[[1]]", "[0]", 3, BAD}, {"", "S", ".T", 100000, BAD},
      {"grad(u)[0]+", "u", "", 9000, GKT_OK}, {" ", "u", "\n", 400000, GKT_OK}, {" ", "u", "\n", 600000, BAD},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gkt_context *ctx = make_context();
    gkt_scope *s = make_scope(ctx, 2);
    char *text = repeat(cases[i].prefix, cases[i].core, cases[i].suffix, cases[i].n);
    gkt_status status = parse(s, EXPRESSION, text);
    if (status != cases[i].status) fail_msg("%s..%s..%s x %d: %s", cases[i].prefix, cases[i].core, cases[i].suffix, cases[i].n, gkt_context_message(ctx));
    free(text);
    gkt_scope_destroy(&s);
    gkt_context_destroy(&ctx);
  }
}

/* Names that double at every step stay small, because equal operations are one node; products of sums that differ do not, and are refused. */
static void doubling_names_stay_small(void **state) {
  (void)state;
  gkt_context *ctx = make_context();
  gkt_scope *s = make_scope(ctx, 3);
  char name[16], text[64];
  add_let(s, "a0", "u*f", true);
  for (int i = 1; i < 150; i++) {
    snprintf(name, sizeof name, "a%d", i);
    snprintf(text, sizeof text, "sin(a%d)*a%d + a%d", i - 1, i - 1, i - 1);
    add_let(s, name, text, true);
  }
  assert_int_equal(parse(s, EXPRESSION, "grad(a149)"), GKT_OK);
  assert_true(gkt_graph_size(s->graph) < 10000);
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_mistake_is_named),      cmocka_unit_test(marks_place_messages),     cmocka_unit_test(cycles_name_their_chain),
      cmocka_unit_test(chains_of_names_are_bounded), cmocka_unit_test(declarations_are_checked), cmocka_unit_test(hostile_texts_are_survived),
      cmocka_unit_test(doubling_names_stay_small),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
