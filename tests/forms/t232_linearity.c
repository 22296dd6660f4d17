/* Claim: a form whose tangent is said not to depend on the unknown is affine in it, and a term that is accepted as linear in its test function is: by values at random states, for
   every function of the language with arguments that cancel in derivatives. */
#include "tests/language.h"

#include <math.h>
#include <stdio.h>

#include "tests/graphs.h"

static gkt_context *ctx;
static gkt_scope *s;

static void begin(void) { /* a graph of its own for each function, so that evaluating it stays cheap */
  int i;
  ctx = make_context();
  s = make_scope(ctx, 2);
  assert_int_equal(gkt_scope_add_field(s, "y", NULL, gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i), GKT_OK); /* stands for the test function v */
}
static void end(void) {
  gkt_scope_destroy(&s);
  gkt_context_destroy(&ctx);
}

static const char *const functions[] = {"$",
                                        "1/$",
                                        "$/$",
                                        "$*$",
                                        "$ + $",
                                        "$ - $",
                                        "($)^0",
                                        "($)^1",
                                        "($)^2",
                                        "($)^-1",
                                        "($)^0.5",
                                        "($)^($)",
                                        "2^($)",
                                        "1^($)",
                                        "0^($)",
                                        "sqrt($)",
                                        "sqrt($*$)",
                                        "exp($)",
                                        "ln($)",
                                        "log10($)",
                                        "exp(ln($))",
                                        "sin($)",
                                        "cos($)",
                                        "tan($)",
                                        "tan(atan($))",
                                        "atan(tan($))",
                                        "asin(sin($))",
                                        "acos(cos($))",
                                        "atan($)",
                                        "atan2($, $)",
                                        "atan2(1, $)",
                                        "sinh($)",
                                        "cosh($)",
                                        "tanh($)",
                                        "asinh($)",
                                        "asinh(sinh($))",
                                        "abs($)",
                                        "abs($)*sign($)",
                                        "sign($)",
                                        "min($, $)",
                                        "max($, $)",
                                        "max($, $) + min($, $)",
                                        "erf($)",
                                        "($ < $)",
                                        "($ <= $)",
                                        "($ > $)*($)",
                                        "conditional($ < $, $, $)",
                                        "conditional($ > 0, 1, 2)",
                                        "conditional(x[0] < 0, $, $)",
                                        "norm([$, $])",
                                        "dot([$, $], [$, $])/($)",
                                        "det([[$, $], [$, $]])",
                                        "inv([[$, 0], [0, $]])[0,0]*($)",
                                        "0*($)"};
static const char *const arguments[] = {"#", "2*#", "-3*#", "f*#", "(# + 1)", "grad(#)[0]", "(# - #)", "0.5"};
enum { NUM_FUNCTIONS = sizeof functions / sizeof *functions, NUM_ARGUMENTS = sizeof arguments / sizeof *arguments };

/* The function with the chosen arguments, in turn, and # replaced by a name. */
static void write(const char *function, const char *const chosen[2], const char *name, size_t size, char *out) {
  size_t n = 0;
  int turn = 0;
  for (const char *c = function; *c && n < size; c++) {
    if (*c != '$') {
      out[n++] = *c;
      continue;
    }
    for (const char *a = chosen[turn++ % 2]; *a && n < size; a++) {
      if (*a == '#') n += (size_t)snprintf(out + n, size - n, "%s", name);
      else out[n++] = *a;
    }
  }
  assert_true(n < size);
  out[n] = 0;
}

/* ---- values ---- */
typedef struct {
  int function;
  double state[3]; /* value, gradient */
} point;
static double at_point(const gkt_terminal *t, const void *user) {
  const point *p = user;
  bool field = t->kind == GKT_TERM_VALUE || t->kind == GKT_TERM_GRAD;
  if (field && t->function == p->function) return p->state[t->kind == GKT_TERM_GRAD ? 1 + t->direction : 0];
  return 0.7 + 0.1 * t->component; /* all others */
}
static double value(gkt_node n, int function, const double *state) {
  point p = {function, {state[0], state[1], state[2]}};
  double *values = graph_values(s->graph, at_point, &p), v = values[n];
  free(values);
  return v;
}

/* n(a + b) - n(0) = n(a) - n(0) + n(b) - n(0), or not finite somewhere. 1e-12: rounding of numbers near 1, in a graph of a few operations. */
static bool is_affine(gkt_node n, int function, bool homogeneous, uint64_t *random) {
  const double zero[3] = {0};
  double at_zero = value(n, function, zero), size = fabs(at_zero);
  bool affine = !homogeneous || at_zero == 0 || !isfinite(at_zero);
  for (int trial = 0; trial < 6 && affine; trial++) {
    double a[3], b[3], sum[3];
    for (int i = 0; i < 3; i++) a[i] = random_real(random, -4, 4), b[i] = random_real(random, -4, 4), sum[i] = a[i] + b[i];
    double x = value(n, function, a), y = value(n, function, b), z = value(n, function, sum), base = isfinite(at_zero) ? at_zero : 0;
    size = 1 + fabs(x) + fabs(y) + fabs(z) + fabs(base);
    affine = !isfinite(size) || fabs(z - x - y + base) <= 1e-12 * size;
  }
  return affine;
}

/* ---- forms ---- */
static bool parse(gkt_form_kind kind, const char *text, gkt_form **out) {
  gkt_source source = text_source(text);
  return gkt_form_parse(s, kind, &source, out) == GKT_OK;
}

/* Returns 1 if the tangent is said not to depend on u. */
static int check_unknown(const char *expression, uint64_t *random) {
  char text[400];
  gkt_form *form, *tangent;
  int u = gkt_scope_find_function(s, "u"), claimed = 0;
  snprintf(text, sizeof text, "u*v*dx(degree=1) + (%s)*v*dx(degree=1)", expression);
  if (!parse(GKT_EQUATION, text, &form)) return 0;
  if (gkt_form_derivative(form, 1, &u, &tangent) == GKT_OK) {
    claimed = !gkt_form_depends_on(tangent, u);
    if (claimed && !is_affine(form->integrals[0].nodes[0], u, false, random)) fail_msg("%s is said to be linear in u", expression);
    gkt_form_destroy(&tangent);
  }
  gkt_form_destroy(&form);
  return claimed;
}

/* Returns 1 if the term is accepted; its values are those of the same text with a field in place of the test function. */
static int check_test(const char *function, const char *const chosen[2], uint64_t *random) {
  char expression[300], text[400];
  gkt_form *form, *same;
  write(function, chosen, "v", sizeof expression, expression);
  snprintf(text, sizeof text, "u*v*dx(degree=1) + (%s)*dx(degree=1)", expression);
  if (!parse(GKT_EQUATION, text, &form)) return 0;
  gkt_form_destroy(&form);
  write(function, chosen, "y", sizeof expression, expression);
  snprintf(text, sizeof text, "(%s)*dx(degree=1)", expression);
  if (!parse(GKT_FUNCTIONAL, text, &same)) fail_msg("%s: %s", text, gkt_context_message(ctx));
  if (same->num_integrals && !is_affine(same->integrals[0].nodes[0], gkt_scope_find_function(s, "y"), true, random)) fail_msg("%s is accepted as linear in a test function", text);
  gkt_form_destroy(&same);
  return 1;
}

static void what_is_called_linear_is(void **state) {
  (void)state;
  uint64_t random = 1;
  int unknowns = 0, tests = 0;
  for (int f = 0; f < NUM_FUNCTIONS; f++) {
    begin();
    for (int k = 0; k < NUM_ARGUMENTS * NUM_ARGUMENTS; k++) {
      const char *const chosen[2] = {arguments[k / NUM_ARGUMENTS], arguments[k % NUM_ARGUMENTS]};
      char expression[300];
      write(functions[f], chosen, "u", sizeof expression, expression);
      unknowns += check_unknown(expression, &random);
      tests += check_test(functions[f], chosen, &random);
    }
    end();
  }
  assert_true(unknowns > 500 && tests > 150); /* the claims are made */
}

static void instances(void **state) {
  (void)state;
  static const char *const not_linear[] = {"atan2(u, u)", "sign(u)", "conditional(u < 0, 1, 2)", "atan2(2*u, 3*grad(u)[0] - 3*grad(u)[0] + u)", "(u > 1)"};
  static const char *const not_linear_in_test[] = {"atan2(2*v, 3*v)", "sign(v)", "v/v", "abs(v)", "max(v, 0)", "v*sign(v)", "norm([v, v])"};
  begin();
  for (size_t i = 0; i < sizeof not_linear / sizeof *not_linear; i++)
    if (check_unknown(not_linear[i], &(uint64_t){1})) fail_msg("%s", not_linear[i]);
  for (size_t i = 0; i < sizeof not_linear_in_test / sizeof *not_linear_in_test; i++) {
    char text[100];
    gkt_form *form;
    snprintf(text, sizeof text, "u*v*dx + (%s)*dx", not_linear_in_test[i]);
    if (parse(GKT_EQUATION, text, &form)) fail_msg("%s is accepted", text);
    assert_non_null(strstr(gkt_context_message(ctx), "not linear in the test function"));
  }
  end();
}

/* Not as the tail of a longer word. */
static bool calls_it(const char *text, const char *call) {
  for (const char *at = strstr(text, call); at; at = strstr(at + 1, call))
    if (at == text || !strchr("abcdefghijklmnopqrstuvwxyz", at[-1])) return true;
  return false;
}

static void every_function_is_here(void **state) {
  (void)state;
#define X(name, arity, word, ...) word "(",
  static const char *const calls[] = {GKT_FUNCTION_LIST(X)};
#undef X
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    bool found = false;
    for (int k = 0; k < NUM_FUNCTIONS; k++) found = found || calls_it(functions[k], calls[i]);
    if (!found) fail_msg("%s is not tried", calls[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_function_is_here), cmocka_unit_test(what_is_called_linear_is), cmocka_unit_test(instances)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
