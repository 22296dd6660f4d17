/* Claim: where every call of the device fails in a process of its own, as in the long sweeps, each of them is made to fail, alone and with all that follow; a failure that is kept
   silent about, one that leaves something on the device, one that changes data of the host and one that ends the process are found, each by itself; the parent sees no failure. */
#include <fcntl.h>

#include "tests/failing_device.h"

enum { N = 8, CALLS = 5 }; /* open, two allocations, an upload, a download */
typedef enum { HONEST, SILENT, HOLDS, CHANGES, CRASHES } manner;
static double host[N], result[N];

static gkt_status copy_there_and_back(gkt_context *ctx, gkt_device **device, gkt_scalars *x, gkt_scalars *y) {
  GKT_TRY(gkt_device_open(ctx, device));
  GKT_TRY(gkt_device_alloc(*device, N, sizeof *host, "x", x));
  GKT_TRY(gkt_device_alloc(*device, N, sizeof *host, "y", y));
  GKT_TRY(gkt_device_upload(*device, host, x->at, sizeof host));
  return gkt_device_download(*device, x->at, result, sizeof host);
}

static gkt_status work(gkt_context *ctx, void *user) {
  const manner m = *(const manner *)user;
  gkt_device *device = NULL;
  gkt_scalars x = {0}, y = {0};
  gkt_status status = copy_there_and_back(ctx, &device, &x, &y);
  const bool late = status != GKT_OK && y.at; /* the upload's, or the download's */
  if (late && m == CRASHES) abort();
  if (late && m == CHANGES) host[0] = -1;
  if (device && x.at) gkt_device_free(device, &x);
  if (device && y.at && !(late && m == HOLDS)) gkt_device_free(device, &y);
  return late && m == SILENT ? GKT_OK : status;
}

/* What children print of failures that are bad on purpose is not of interest. */
static long fork_quietly(const device_trial *t) {
  const int kept[2] = {dup(1), dup(2)}, nowhere = open("/dev/null", O_WRONLY);
  fflush(NULL);
  assert_true(nowhere >= 0 && kept[0] >= 0 && kept[1] >= 0 && dup2(nowhere, 1) == 1 && dup2(nowhere, 2) == 2);
  const long calls = fork_at_each(t, open_cache());
  fflush(NULL);
  for (int i = 0; i < 2; i++) assert_int_equal(dup2(kept[i], i + 1), i + 1);
  close(kept[0]), close(kept[1]), close(nowhere);
  return calls;
}

static void what_is_bad_is_found(void **state) {
  (void)state;
  for (manner m = HONEST; m <= CRASHES; m++) {
    const device_trial t = {.name = "there and back", .work = work, .user = &m, .host = host, .host_bytes = sizeof host};
    for (int i = 0; i < N; i++) host[i] = i + 1, result[i] = 0;
    assert_int_equal(fork_quietly(&t), CALLS);
    assert_int_equal(forked.bad, m == HONEST ? 0 : 4); /* an upload and a download, alone and with all that follow */
    for (int i = 0; i < N; i++) assert_true(host[i] == i + 1 && result[i] == i + 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_bad_is_found)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
