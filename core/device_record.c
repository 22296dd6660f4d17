/* Sequences of launches, recorded once and replayed by one call. */
#include <string.h>

#include "core/device_inside.h"

struct gkt_recording {
  gkt_device *device;
  void *handle;
  gkt_size launches; /* of one replay */
};

/* The launches of the body are counted where they run: at each replay. */
static gkt_status run_body(gkt_device *d, gkt_status (*body)(void *user), void *user, gkt_recording *r) {
  const gkt_size before = d->counts.launches;
  GKT_TRY(gkt_device_check(d, d->driver->begin_record(d->handle), "beginning to record"));
  d->recording = true;
  gkt_status status = body(user);
  d->recording = false;
  int error = d->driver->end_record(d->handle, &r->handle); /* also after a failure: the device runs again */
  gkt_device_release_unwanted(d);
  r->launches = d->counts.launches - before;
  d->counts.launches = before;
  return status != GKT_OK ? status : gkt_device_check_made(d, error, "recording up to the launch of %s", d->launch);
}

gkt_status gkt_device_record(gkt_device *d, gkt_status (*body)(void *user), void *user, gkt_recording **out) {
  gkt_recording *r = NULL;
  gkt_status status;
  GKT_TRY(gkt_device_ready(d, "a second recording"));
  GKT_GO(gkt_calloc(d->ctx, 1, sizeof *r, &r));
  r->device = d;
  GKT_GO(run_body(d, body, user, r));
  *out = r;
  r = NULL;
done:
  gkt_recording_destroy(&r);
  return status;
}

gkt_status gkt_device_replay(gkt_device *d, gkt_recording *r) {
  GKT_TRY(gkt_device_ready(d, "a replay"));
  snprintf(d->launch, sizeof d->launch, "%s", "a recorded sequence");
  GKT_TRY(gkt_device_check(d, d->driver->replay(d->handle, r->handle), "a recorded sequence of %lld launches", (long long)r->launches));
  d->counts.launches += r->launches;
  return d->synchronous ? gkt_device_wait(d) : GKT_OK;
}

void gkt_recording_destroy(gkt_recording **recording) {
  gkt_recording *r = *recording;
  if (!r) return;
  if (r->handle) r->device->driver->drop(r->handle);
  gkt_free(recording);
}
