/* Claim: assemblers on a device, of two tied fields over cells and facets, with their matrix and sets of a batch on the device, by `segmented` or with a way for each block, live
   through every failure of the device: at each allocation, upload, download, launch, fill, copy, compilation, load and look-up in turn, and with a device that goes away from each
   call on. There is one message, nothing is held, mesh, values and results of the host are as they were, and after what passes it can be done again. */
#include "tests/device_assembly.h"
#include "tests/failing_device.h"

static void every_failure_is_survived(void **unused) {
  long compilations = 0;
  (void)unused;
  for (int i = 0; i < CASES; i++) {
    const device_trial trial = {
        .name = cases[i].name, .work = assemble, .user = (void *)&cases[i], .options = {.backend = GKT_BACKEND_CUDA, .threads = 1, .reduce = cases[i].reduce}, .step = 5};
    const device_failures made = fail_each_device_call(&trial);
    assert_true(made.allocations > 20 && made.uploads > 10 && made.launches > 2 && made.downloads > 1);
    compilations += made.compilations;
  }
  assert_true(compilations > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_failure_is_survived)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, setup, teardown);
}
