/* Claim: `ok` means ok of any fields. Random problems of one to four in spaces that are continuous, discontinuous, with bubbles or real, scalars, vectors and tensors, with
   couplings that are symmetric, skew or one-sided, multipliers, zero blocks and conditions of any kind, judged as those of t760: none that leaves something undetermined is ok, but
   for means that are named; none that is ok is wrong; none that is regular is called singular, and a factor calls all others so. The environment says more, as for t760. */
#include "tests/hunt_run.h"
#include "tests/hunt_fields.h"

int main(void) {
  hunt_maker = random_fields, hunt_cases = 400, given_up_in = 100, fields_apart = true;
  const struct CMUnitTest tests[] = {cmocka_unit_test(ok_means_ok)};
  return cmocka_run_group_tests(tests, begin, end);
}
