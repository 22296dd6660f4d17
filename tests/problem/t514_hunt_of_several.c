/* Claim: `ok` means ok of several fields, too. Random problems of two or three, coupled in cells and on sides, with one of them a multiplier or a number, held or free: none that
   leaves a solution undetermined is ok, but for means that the report names; none that is ok is wrong; none that is regular is called singular. GKT_LONG=1 makes more of them, as
   t760. */
#include "tests/hunt_run.h"
#include "tests/hunt_several.h"

int main(void) {
  hunt_maker = random_several, hunt_cases = 300, given_up_in = 50; /* with those whose loads cancel to rounding */
  const struct CMUnitTest tests[] = {cmocka_unit_test(ok_means_ok)};
  return cmocka_run_group_tests(tests, begin, end);
}
