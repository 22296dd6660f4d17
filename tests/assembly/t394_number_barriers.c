/* Claim: a number over facets, of more runs than are joined at once, has the bits of the CPU's: short, so that it can run once for each barrier that is taken out of its
   kernels (t035). */
#include "tests/patch_numbers.h"

/* The cell in a corner has both facets, which two threads do. */
static void of_facets(void **state) {
  (void)state;
  same_number(QUADRILATERALS, 260, 1, "u*ds(right, degree=1) + u*x[0]*ds(bottom, degree=3)");
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(of_facets)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
