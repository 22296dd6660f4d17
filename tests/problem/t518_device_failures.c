/* Claim: a whole problem on the device, linear by each strategy of the reduce, of two fields, by Newton's method or by steps in time, survives the failure of every call of the
   device, alone and with all that follow: no valid answer, one message of what was being done, a report that says so, nothing held on the device, and another run of the same
   problem succeeds. */
#include "tests/device_runs.h"
#include "tests/failing_device.h"

static void each_call_fails(void **state) {
  long compilations = 0;
  (void)state;
  for (size_t i = 0; i < RUNS; i++) {
    device_trial t = {.name = runs[i].name,
                      .work = run,
                      .user = (void *)runs[i].text,
                      .options = {.backend = GKT_BACKEND_CUDA, .poison = runs[i].poison, .reduce = runs[i].reduce},
                      .alone = 6,
                      .step = 41};
    device_failures f = fail_each_device_call(&t);
    assert_true(f.allocations > 10 && f.launches > 5);
    compilations += f.compilations;
  }
  assert_true(compilations > 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
