/* Claim: whichever allocation fails while a form of several fields is read, derived, added, taken apart or asked for Schur complements, it is said, and nothing is left allocated.
 */
#include "tests/failing_memory.h"
#include "tests/language.h"

#include <math.h>

#include "forms/schur.h"

static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  (void)user;
  return t->kind == GKT_TERM_CONSTANT ? (gkt_interval){2, 2} : (gkt_interval){-INFINITY, INFINITY};
}

static gkt_status make(gkt_scope *s, gkt_form_kind kind, const char *text, gkt_form **out) {
  gkt_source source = text_source(text);
  return gkt_form_parse(s, kind, &source, out);
}

static gkt_status work(gkt_context *ctx, void *user) {
  gkt_scope *s = NULL;
  gkt_form *flow = NULL, *energy = NULL, *gradient = NULL, *sum = NULL, *tangent = NULL, *block = NULL;
  gkt_schur_forms found = {0};
  gkt_form_facts facts;
  gkt_status status;
  int u, p, T, k;
  (void)user;
  GKT_GO(gkt_scope_create(ctx, 2, &s));
  GKT_GO(gkt_scope_add_field(s, "u", "v", gkt_shape_vector(2), (gkt_element){GKT_LAGRANGE, 2}, &u));
  GKT_GO(gkt_scope_add_field(s, "p", "q", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &p));
  GKT_GO(gkt_scope_add_field(s, "T", NULL, gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &T));
  GKT_GO(gkt_scope_add_constant(s, "k", &k));
  GKT_GO(make(s, GKT_EQUATION, "(k*dot(u, v) + inner(sym(grad(u)), sym(grad(v))) - p*div(v) - q*div(u) - p*q/k)*dx", &flow));
  GKT_GO(make(s, GKT_ENERGY, "dot(grad(T), grad(T))*dx", &energy));
  GKT_GO(gkt_form_derivative(energy, 1, &T, &gradient));
  GKT_GO(gkt_form_add(flow, gradient, &sum));
  GKT_GO(gkt_form_derivative(sum, 3, (const int[]){u, p, T}, &tangent));
  GKT_GO(gkt_form_check_unknowns(tangent));
  GKT_GO(gkt_form_block(tangent, p, p, &block));
  GKT_GO(gkt_form_analyse(block, ranges, NULL, NULL, &facts));
  GKT_GO(gkt_form_find_schur(tangent, p, ranges, NULL, &found));
  assert_true(found.count == 2 && !found.is_saddle); /* 1/k is no small part of 1/(2 mu) = 1 */
done:
  gkt_schur_forms_clear(&found);
  gkt_form_destroy(&flow), gkt_form_destroy(&energy), gkt_form_destroy(&gradient), gkt_form_destroy(&sum);
  gkt_form_destroy(&tangent), gkt_form_destroy(&block);
  gkt_scope_destroy(&s);
  return status;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  assert_true(fail_each("several fields", work, NULL, NULL) > 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
