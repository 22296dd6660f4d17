/* Claim: whichever allocation of the host fails, alone or with all that follow, while an assembler is planned on a device, its blocks choose their ways and vectors, sets of a
   batch and a matrix are assembled there, memory is told to be exhausted, and nothing is left, on the host or on the device. */
#include "tests/device_assembly.h"

#include "core/device_inside.h"
#include "tests/failing_memory.h"

static gkt_status assemble_there(gkt_context *context, void *user) {
  const gkt_status status = assemble(context, user);
  if (context->device) assert_int_equal(gkt_device_count_all(context->device).bytes_held, 0);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  memory.device = true, fails_now = &memory.counts;
  for (int i = 0; i < CASES; i++) {
    const gkt_context_options options = {.backend = GKT_BACKEND_CUDA, .threads = 1, .reduce = cases[i].reduce};
    assert_true(fail_at_places(cases[i].name, assemble_there, (void *)&cases[i], &options, 1) > 50);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, setup, teardown);
}
