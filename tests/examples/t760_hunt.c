/* Claim: `ok` means ok. Random problems, small enough for dense algebra in long double: none that leaves its solution undetermined is ok, none that is ok is wrong, none that is
   regular is called singular, whatever the method. GKT_LONG=1 makes more of them; GKT_HUNT_CASES and GKT_HUNT_SEED say how many and from which; GKT_HUNT_FILE names a small problem
   to be judged. */
#include "tests/hunt_run.h"

int main(void) {
  hunt_maker = random_problem;
  const struct CMUnitTest tests[] = {cmocka_unit_test(ok_means_ok)};
  return cmocka_run_group_tests(tests, begin, end);
}
