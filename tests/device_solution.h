/* A system of tests/systems.h on the device: what the tests of solvers there share. */
#ifndef GKT_TESTS_DEVICE_SOLUTION_H
#define GKT_TESTS_DEVICE_SOLUTION_H
#include "core/vector.h"
#include "tests/device_csr.h"
#include "tests/emulated_device.h"
#include "tests/systems.h"

static gkt_context *ctx;
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}
static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}

typedef struct {
  device_csr A;
  gkt_vector *b, *x, *host;
} on_device;
/* b is sent, x is 0; answers go to `host`, which is s->x. */
static void send(test_system *s, on_device *d) {
  const gkt_idx n = s->A->num_rows;
  must(device_csr_create(ctx, s->A, &d->A));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, n, &d->b));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, n, &d->x));
  must(gkt_vector_wrap(ctx, n, s->b, &d->host));
  must(gkt_vector_to(d->host, d->b));
  gkt_vector_destroy(&d->host);
  must(gkt_vector_wrap(ctx, n, s->x, &d->host));
}
static void leave(on_device *d) {
  gkt_vector_destroy(&d->b), gkt_vector_destroy(&d->x), gkt_vector_destroy(&d->host);
  device_csr_destroy(&d->A);
}
#endif
