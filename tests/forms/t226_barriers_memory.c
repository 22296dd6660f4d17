/* Claim: whichever allocation fails while the barriers of a form are looked for, it is said, and nothing is left allocated. */
#include "tests/failing_memory.h"
#include "tests/language.h"

#include <math.h>

#include "forms/barriers.h"

static gkt_interval ranges(const gkt_terminal *t, const void *user) {
  (void)t, (void)user;
  return (gkt_interval){-INFINITY, INFINITY};
}

static gkt_status look(gkt_context *ctx, void *user) {
  gkt_source source = text_source("(inner(I + grad(u), I + grad(u)) - ln(det(I + grad(u))))*dx + inner(u, u)^2*ds");
  gkt_scope *s = NULL;
  gkt_form *energy = NULL, *residual = NULL;
  gkt_barriers *b = NULL;
  gkt_status status;
  int u;
  (void)user;
  GKT_GO(gkt_scope_create(ctx, 2, &s));
  GKT_GO(gkt_scope_add_field(s, "u", NULL, gkt_shape_vector(2), (gkt_element){GKT_LAGRANGE, 1}, &u));
  GKT_GO(gkt_form_parse(s, GKT_ENERGY, &source, &energy));
  GKT_GO(gkt_form_derivative(energy, 1, &u, &residual));
  GKT_GO(gkt_form_find_barriers(residual, ranges, NULL, &b));
  assert_true(b && b->count == 1 && b->blocks);
done:
  gkt_barriers_destroy(&b);
  gkt_form_destroy(&residual);
  gkt_form_destroy(&energy);
  gkt_scope_destroy(&s);
  return status;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  assert_true(fail_each("barriers", look, NULL, NULL) > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
