/* Claim: vectors do the algebra that their header says, their lengths neither overflow nor vanish, and an array of the caller's stays the caller's. */
#include <math.h>
#include <stdlib.h>

#include "galerkit/vector.h"
#include "tests/gkt_test.h"

static void algebra(void **unused) {
  (void)unused;
  gkt_scalar own[3] = {3, 0, -4};
  gkt_vector *x, *y;
  assert_int_equal(gkt_vector_wrap(ctx, 3, own, &x), GKT_OK);
  assert_int_equal(gkt_vector_create(ctx, 3, &y), GKT_OK);
  assert_int_equal(gkt_vector_size(y), 3);
  assert_int_equal(gkt_vector_where(y), GKT_ON_HOST);
  assert_true(gkt_vector_norm(y) == 0 && gkt_vector_norm(x) == 5);
  gkt_vector_axpy(2, x, y);
  assert_true(gkt_vector_read(y)[0] == 6 && gkt_vector_read(y)[2] == -8 && gkt_vector_dot(x, y) == 50);
  gkt_vector_copy(y, x), gkt_vector_scale(x, 0.5);
  assert_true(own[0] == 3 && own[2] == -4 && gkt_vector_values(x) == own);
  gkt_vector_fill(x, 1e200);
  assert_true(fabs(gkt_vector_norm(x) / (1e200 * sqrt(3)) - 1) < 1e-15);
  assert_true(gkt_vector_is_finite(x));
  gkt_vector_fill(x, 1e-200);
  assert_true(fabs(gkt_vector_norm(x) / (1e-200 * sqrt(3)) - 1) < 1e-15);
  own[1] = NAN;
  assert_false(gkt_vector_is_finite(x));
  assert_true(isnan(gkt_vector_norm(x)));
  gkt_vector_destroy(&x), gkt_vector_destroy(&y), gkt_vector_destroy(&y);
  assert_true(own[0] == 1e-200);
  assert_int_equal(gkt_vector_wrap(ctx, 3, NULL, &x), GKT_BAD_ARGUMENT);
  gkt_context_clear(ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(algebra)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
