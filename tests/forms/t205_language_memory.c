/* Claim: memory that fails at the first, second, third, ... allocation of a scope, a form and an expression gives GKT_NO_MEMORY and a message, and leaks nothing. */
#include "tests/custom_laws.h"
#include "tests/language.h"

#include "forms/build.h"
#include "tests/failing_memory.h"

static gkt_status declare(gkt_scope *s) {
  gkt_external law = hard_law(2);
  const gkt_scalar point[5] = {0.1, 0.2, 0.3, 0.4, 0.5};
  int i;
  GKT_TRY(gkt_scope_add_external(s, "hard", &law, &i));
  GKT_TRY(gkt_external_check(s, i, 1, point, NULL, 0, NULL));
  gkt_mark marks[12] = {{0, 0}};
  gkt_source q = {.text = "k*grad(u)+n", .file = "a.yaml", .key = "let.q", .marks = marks};
  GKT_TRY(gkt_scope_add_field(s, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i));
  GKT_TRY(gkt_scope_add_coefficient(s, "f", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &i));
  GKT_TRY(gkt_scope_add_constant(s, "k", &i));
  return gkt_scope_add_expression(s, "q", &q, true);
}

static gkt_status read_form(gkt_scope *s) {
  gkt_source source = text_source("dot(q, grad(v))*ds(a, 'b c') + 2*(u*v*dx + f*v*dx(degree=3))/k == div(f*x)*v*dx(c)");
  gkt_terms terms = {0};
  gkt_status status = gkt_terms_parse(s, GKT_EQUATION, &source, &terms);
  gkt_terms_destroy(s->ctx, &terms);
  return status;
}

static gkt_status differentiate(gkt_scope *s, gkt_form_kind kind, const char *text) {
  gkt_source source = text_source(text);
  gkt_form *form = NULL, *first = NULL, *second = NULL;
  gkt_status status;
  GKT_GO(gkt_form_parse(s, kind, &source, &form));
  GKT_GO(gkt_form_derivative(form, 1, (const int[]){0}, &first));
  GKT_GO(gkt_form_derivative(kind == GKT_ENERGY ? first : form, 1, (const int[]){kind == GKT_ENERGY ? 0 : GKT_COORDINATES}, &second));
  gkt_form_destroy(&second);
  if (kind == GKT_ENERGY) GKT_GO(gkt_form_add(first, first, &second));
  else GKT_GO(gkt_form_replace_test(form, (const int[]){0}, &second));
done:
  gkt_form_destroy(&form);
  gkt_form_destroy(&first);
  gkt_form_destroy(&second);
  return status;
}

static gkt_status read_expression(gkt_scope *s) {
  gkt_source source = text_source("norm(q)*inv(outer(x, x) + I)[0, 1]");
  gkt_expression *e = NULL;
  gkt_status status = gkt_expression_parse(s, &source, &e);
  gkt_expression_destroy(&e);
  return status;
}

static gkt_status build(gkt_scope *s) {
  const gkt_source source = text_source("made");
  gkt_build b = {.scope = s, .source = &source};
  gkt_value difference = gkt_build_operator(&b, '-', gkt_build_function(&b, 0), gkt_build_component(&b, gkt_build_x(&b), 0)), slope = gkt_build_grad(&b, difference);
  gkt_expression *e = NULL;
  gkt_form *form = NULL;
  gkt_status status;
  GKT_GO(gkt_build_expression(&b, slope, &e));
  GKT_GO(gkt_build_functional(&b, gkt_build_inner(&b, slope, slope), -1, &form));
done:
  gkt_expression_destroy(&e);
  gkt_form_destroy(&form);
  return status;
}

static gkt_status run(gkt_context *ctx, void *user) {
  gkt_scope *s;
  gkt_status status;
  (void)user;
  GKT_TRY(gkt_scope_create(ctx, 2, &s));
  GKT_GO(declare(s));
  GKT_GO(gkt_scope_check(s));
  GKT_GO(read_form(s));
  GKT_GO(read_expression(s));
  GKT_GO(build(s));
  GKT_GO(differentiate(s, GKT_EQUATION, "conditional(x[0] < 1, k, f)*dot(grad(u), grad(v))*dx == f*v*ds(a)"));
  GKT_GO(differentiate(s, GKT_EQUATION, "dot(hard(outer(x, grad(u)), f)[0], grad(v))*dx"));
  GKT_GO(differentiate(s, GKT_ENERGY, "u^4*dx - f*u*ds"));
done:
  gkt_scope_destroy(&s);
  return status;
}

static void failing_memory_is_reported(void **state) {
  (void)state;
  assert_true(fail_each("scope, forms, expressions", run, NULL, NULL) > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(failing_memory_is_reported)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
