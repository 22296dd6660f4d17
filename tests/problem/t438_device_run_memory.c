/* Claim: whichever allocation of the host fails, alone or with all that follow, while a problem is solved on the device - linear, of two fields, by Newton's method, in time -
   memory is told to be exhausted, the report says that the run failed, and nothing is left, on the host or on the device. */
#include "tests/device_runs.h"

#include "core/device_inside.h"
#include "tests/failing_memory.h"

static gkt_status run_there(gkt_context *context, void *user) {
  const gkt_status status = run(context, user);
  if (context->device) assert_int_equal(gkt_device_count_all(context->device).bytes_held, 0);
  return status == GKT_OK && context->exhausted ? GKT_NO_MEMORY : status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  memory.device = true, fails_now = &memory.counts;
  for (int i = 0; i < RUNS; i++) {
    const gkt_context_options options = {.backend = GKT_BACKEND_CUDA, .threads = 1, .reduce = runs[i].reduce};
    assert_true(fail_at_places(runs[i].name, run_there, (void *)runs[i].text, &options, 5) > 50);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
