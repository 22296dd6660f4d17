/* Claim: coefficients of polynomials are exact, or say by how much they may be wrong; what cancels to the rounding of something is not taken for zero, and no matrix is made
   symmetric that is not. */
#include "tests/proofs.h"

static int begin(void **state) {
  (void)state;
  open_scope(2);
  return 0;
}
/* ---- numbers, beside integers of 128 bits ---- */
static __int128 integer(gkt_exact a) {
  __int128 sum = 0;
  for (int i = 0; i < GKT_EXACT_PARTS; i++) sum += (__int128)a.part[i];
  return sum;
}

static void sums_and_products_are_exact(void **state) {
  (void)state;
  uint64_t random = 1;
  for (int trial = 0; trial < 20000; trial++) {
    int64_t a = (int64_t)(random_bits(&random) >> 3), b = (int64_t)(random_bits(&random) >> (3 + random_below(&random, 60))), c = (int64_t)(random_bits(&random) >> 40);
    gkt_exact x = gkt_exact_add(gkt_exact_of((double)(a >> 32) * 0x1p32), gkt_exact_of((double)(a & 0xffffffff))), y = gkt_exact_of((double)(b >> 10));
    gkt_exact z = gkt_exact_of(-(double)c), product = gkt_exact_multiply(x, y), all = gkt_exact_add(product, z);
    assert_true(integer(x) == a && integer(product) == (__int128)a * (b >> 10) && integer(all) == (__int128)a * (b >> 10) - c);
    assert_true(x.error == 0 && product.error == 0 && all.error == 0);
    assert_true(gkt_exact_is_zero(gkt_exact_add(gkt_exact_add(all, gkt_exact_of((double)c)), gkt_exact_multiply(product, gkt_exact_of(-1)))));
  }
}

/* Quotients by numbers that have none in binary: the bound holds, and is small. 2^-150: four parts have 212 bits. */
static void quotients_are_bounded(void **state) {
  (void)state;
  uint64_t random = 2;
  for (int trial = 0; trial < 2000; trial++) {
    double a = random_real(&random, 0.1, 1) * pow(10, random_below(&random, 200) - 100);
    gkt_exact q = gkt_exact_invert(gkt_exact_of(a)), one = gkt_exact_multiply(q, gkt_exact_of(a));
    gkt_exact rest = gkt_exact_add(one, gkt_exact_of(-1));
    assert_true(fabs(rest.part[0]) <= rest.error && rest.error < 0x1p-150);
    assert_true(gkt_exact_is_close(one, gkt_exact_of(1), 1e-30) && !gkt_exact_is_close(q, gkt_exact_of(1 / (a * (1 + 1e-15))), 1e-16));
  }
  assert_true(gkt_exact_invert(gkt_exact_of(-0.25)).part[0] == -4 && gkt_exact_invert(gkt_exact_of(-0.25)).error == 0);
  assert_true(isnan(gkt_exact_invert(gkt_exact_of(0)).part[0]));
}

static void what_does_not_fit_is_said(void **state) {
  (void)state;
  gkt_exact sum = gkt_exact_of(1), small = gkt_exact_multiply(gkt_exact_of(1e-200), gkt_exact_of(1e-200)), large = gkt_exact_multiply(gkt_exact_of(1e200), gkt_exact_of(1e200));
  for (int i = 1; i < 6; i++) sum = gkt_exact_add(sum, gkt_exact_of(pow(2, -100 * i)));
  assert_true(sum.error >= 0x1p-400 && sum.error < 0x1p-390);
  for (int i = 0; i < 4; i++) sum = gkt_exact_add(sum, gkt_exact_of(-sum.part[0]));
  assert_false(gkt_exact_is_zero(sum));
  assert_false(gkt_exact_is_zero(small));
  assert_false(isfinite(large.part[0]));
  assert_true(gkt_exact_is_close(gkt_exact_of(0), gkt_exact_of(0), 1e-15));
  assert_false(gkt_exact_is_close(gkt_exact_of(1e-300), gkt_exact_of(0), 1e-15));
}

/* ---- forms ---- */
static void check_symmetry(const char *field, const char *text, bool symmetric) {
  gkt_form *tangent = make_tangent(GKT_EQUATION, text, field);
  if (gkt_form_is_symmetric(tangent) != symmetric) fail_msg("%s: is symmetric %d", text, !symmetric);
  gkt_form_destroy(&tangent);
}

static void cancellation_is_no_symmetry(void **state) {
  (void)state;
  check_symmetry("u", "(k - 1.000000000000006*k)*grad(u)[0]*v*dx + inner(grad(u), grad(v))*dx", false); /* k = 1e15: -6 grad(u)[0]*v */
  check_symmetry("u", "(k - 1.0000000000000002*k)*grad(u)[0]*v*dx", false);                             /* one unit in the last place */
  check_symmetry("u", "(1e16 + k - 1e16)*grad(u)[0]*v*dx - k*grad(u)[0]*v*dx + u*v*dx", true); /* cancels exactly, though not in doubles: the user's form has no such term */
  check_symmetry("u", "(k/3 - k/3)*grad(u)[0]*v*dx + ((k + E)/3 - k/3 - E/3)*grad(u)[0]*v*dx + u*v*dx", true);
  check_symmetry("u", "(k/3 - 0.3333333333333333*k)*grad(u)[0]*v*dx", false);
  check_symmetry("u", "(k/3 + k/3 + k/3 - k)*grad(u)[0]*v*dx + u*v*dx", false);          /* zero, but not proven to be: 1/3 is no double */
  check_symmetry("u", "(1e200*k*1e200 - 1e200*k*1e200)*grad(u)[0]*v*dx + u*v*dx", true); /* one node */
}

/* The same number on two ways is one number. */
static void rounding_is_no_asymmetry(void **state) {
  (void)state;
  check_symmetry("u", "(0.1*k + 0.2*k)*grad(u)[0]*grad(v)[1]*dx + 0.3*k*grad(u)[1]*grad(v)[0]*dx", true);
  check_symmetry("u", "(0.1*k + 0.2*k)*grad(u)[0]*grad(v)[1]*dx + 0.30000000000001*k*grad(u)[1]*grad(v)[0]*dx", false);
  check_symmetry("u", "k/3*grad(u)[0]*grad(v)[1]*dx + 0.3333333333333333*k*grad(u)[1]*grad(v)[0]*dx", true);
  check_symmetry("U", "inner(dev(sym(grad(U))), dev(grad(V)))*dx", true);
  check_symmetry("U", "(E/(1 + nu)*inner(dev(sym(grad(U))), grad(V)) + E/(3*(1 - 2*nu))*div(U)*div(V))*dx", true);
  check_symmetry("U", "E/(1 - 0.3^2)*inner((1 - 0.3)*sym(grad(U)) + 0.3*div(U)*I, grad(V))*dx", true);
}

int main(void) {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {T(sums_and_products_are_exact), T(quotients_are_bounded), T(what_does_not_fit_is_said), T(cancellation_is_no_symmetry),
                                     T(rounding_is_no_asymmetry)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
