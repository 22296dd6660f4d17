/* Claim: what the makers of forms/build.h make is, node for node and degree for degree, what a text of the same meaning makes, in every dimension and shape; and it is refused as
   the text is, with one message that names the source. */
#include "tests/language.h"

#include "forms/build.h"

static gkt_context *ctx;
static gkt_scope *s;
static gkt_source origin = {.text = "u", .file = "a.yaml", .key = "made"};
static int setup(void **state) {
  (void)state;
  ctx = make_context();
  return 0;
}
static int teardown(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_build begin(void) { return (gkt_build){.scope = s, .source = &origin}; }
static gkt_value named(gkt_build *b, const char *name) { return gkt_build_function(b, gkt_scope_find_function(s, name)); }

static void same_value(gkt_build *b, gkt_value made, const char *text) {
  gkt_expression *e = NULL, *of_text = NULL;
  gkt_source source = text_source(text);
  if (gkt_build_expression(b, made, &e) != GKT_OK || gkt_expression_parse(s, &source, &of_text) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  const gkt_shape p = gkt_expression_shape(e), q = gkt_expression_shape(of_text);
  assert_true(p.rank == q.rank && p.dims[0] == q.dims[0] && p.dims[1] == q.dims[1]);
  for (int i = 0; i < gkt_shape_size(p); i++)
    if (e->value.nodes[i] != of_text->value.nodes[i]) fail_msg("%s: component %d is another node", text, i);
  gkt_expression_destroy(&e);
  gkt_expression_destroy(&of_text);
}

static void same_form(gkt_build *b, gkt_value integrand, int degree, const char *text) {
  gkt_form *made = NULL, *of_text = NULL;
  gkt_source source = text_source(text);
  if (gkt_build_functional(b, integrand, degree, &made) != GKT_OK || gkt_form_parse(s, GKT_FUNCTIONAL, &source, &of_text) != GKT_OK)
    fail_msg("%s: %s", text, gkt_context_message(ctx));
  assert_int_equal(gkt_form_arity(made), 0);
  assert_int_equal(gkt_form_num_integrals(made), 1);
  const gkt_integral *i = made->integrals, *j = of_text->integrals;
  assert_true(i->measure == j->measure && i->num_names == 0 && i->is_given == j->is_given && i->nodes[0] == j->nodes[0]);
  assert_memory_equal(i->degrees, j->degrees, sizeof i->degrees);
  assert_string_equal(made->file, "a.yaml");
  assert_string_equal(made->key, "made");
  gkt_form_destroy(&made);
  gkt_form_destroy(&of_text);
}

static void values_of_dimension(int dim) {
  gkt_build b = begin();
  char text[200];
  gkt_value u = named(&b, "u"), U = named(&b, "U"), S = named(&b, "S"), x = gkt_build_x(&b), two = gkt_build_number(&b, 2);
  same_value(&b, u, "u");
  same_value(&b, U, "U");
  same_value(&b, S, "S");
  same_value(&b, x, "x");
  same_value(&b, gkt_build_constant(&b, gkt_scope_find_constant(s, "E")), "E");
  same_value(&b, gkt_build_operator(&b, '-', U, x), "U - x");
  same_value(&b, gkt_build_operator(&b, '-', U, gkt_build_number(&b, 0)), "U");
  same_value(&b, gkt_build_operator(&b, '+', gkt_build_number(&b, 0), S), "S");
  same_value(&b, gkt_build_operator(&b, '*', S, U), "S*U");
  same_value(&b, gkt_build_operator(&b, '/', gkt_build_operator(&b, '^', u, two), two), "u^2/2");
  same_value(&b, gkt_build_grad(&b, u), "grad(u)");
  same_value(&b, gkt_build_grad(&b, gkt_build_operator(&b, '*', u, x)), "grad(u*x)");
  same_value(&b, gkt_build_inner(&b, S, gkt_build_grad(&b, U)), "inner(S, grad(U))");
  for (int c = 0; c < dim * dim; c++) {
    snprintf(text, sizeof text, "(grad(U)[%d,%d] - S[%d,%d])/2", c / dim, c % dim, c % dim, c / dim);
    gkt_value turn = gkt_build_operator(&b, '-', gkt_build_component(&b, gkt_build_grad(&b, U), c), gkt_build_component(&b, S, c % dim * dim + c / dim));
    same_value(&b, gkt_build_operator(&b, '/', turn, two), text);
  }
}

static void forms_of_dimension(void) {
  gkt_build b = begin();
  gkt_value error = gkt_build_operator(&b, '-', named(&b, "U"), gkt_build_x(&b)), slope = gkt_build_grad(&b, error);
  same_form(&b, gkt_build_number(&b, 1), -1, "1*dx");
  same_form(&b, named(&b, "p"), -1, "p*dx");
  same_form(&b, gkt_build_component(&b, named(&b, "U"), 0), -1, "U[0]*dx");
  same_form(&b, gkt_build_inner(&b, error, error), 8, "inner(U - x, U - x)*dx(degree=8)");
  same_form(&b, gkt_build_inner(&b, slope, slope), -1, "inner(grad(U) - grad(x), grad(U) - grad(x))*dx");
}

static void equal_to_texts(void **state) {
  (void)state;
  for (int dim = 1; dim <= 3; dim++) {
    s = make_scope(ctx, dim);
    values_of_dimension(dim);
    forms_of_dimension();
    gkt_scope_destroy(&s);
  }
}

static void refused(gkt_build *b, gkt_value v, gkt_status status, const char *what) {
  gkt_form *form = NULL;
  assert_int_equal(gkt_build_functional(b, gkt_build_component(b, v, 8), -1, &form), status);
  assert_null(form);
  const char *message = gkt_context_message(ctx);
  if (strncmp(message, "a.yaml: made: line 1, column 1: 'u': ", 37) || !strstr(message, what)) fail_msg("%s", message);
  gkt_context_clear(ctx);
}

static void refused_as_texts_are(void **state) {
  (void)state;
  int points;
  s = make_scope(ctx, 2);
  assert_int_equal(gkt_scope_add_coefficient(s, "m", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 2}, &points), GKT_OK);
  gkt_build b = begin();
  refused(&b, gkt_build_operator(&b, '+', named(&b, "u"), named(&b, "U")), GKT_BAD_INPUT, "shapes differ");
  b = begin();
  refused(&b, gkt_build_operator(&b, '*', named(&b, "U"), named(&b, "U")), GKT_BAD_INPUT, "does not multiply vectors");
  b = begin();
  refused(&b, gkt_build_operator(&b, '/', named(&b, "u"), gkt_build_number(&b, 0)), GKT_BAD_INPUT, "not a finite number");
  b = begin();
  refused(&b, gkt_build_inner(&b, named(&b, "u"), named(&b, "U")), GKT_BAD_INPUT, "two of one shape");
  b = begin();
  refused(&b, gkt_build_grad(&b, gkt_build_function(&b, points)), GKT_BAD_INPUT, "quadrature points only");
  b = begin();
  refused(&b, gkt_build_grad(&b, gkt_build_grad(&b, named(&b, "p"))), GKT_UNAVAILABLE, "second derivatives of 'p'");
  b = begin();
  gkt_form *form = NULL;
  assert_int_equal(gkt_build_functional(&b, named(&b, "U"), -1, &form), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), "needs a scalar"));
  gkt_scope_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(equal_to_texts), cmocka_unit_test(refused_as_texts_are)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
