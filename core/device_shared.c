/* Copies of arrays of the host that several objects read, once on the device. */
#include "core/device_inside.h"

static gkt_shared_copy *find(const gkt_device *d, const void *host, const void *at, gkt_size bytes) {
  for (int k = 0; k < d->num_copies; k++)
    if (host ? d->copies[k].host == host && d->copies[k].bytes == bytes : d->copies[k].array.at == at) return &d->copies[k];
  return NULL;
}

gkt_status gkt_device_share(gkt_device *d, const void *host, gkt_size count, size_t size, const char *what, void **at) {
  const gkt_size bytes = count * (gkt_size)size;
  gkt_shared_copy *copy = find(d, host, NULL, bytes);
  if (!copy) {
    GKT_TRY(gkt_realloc(d->ctx, d->num_copies + 1, sizeof *d->copies, &d->copies));
    copy = &d->copies[d->num_copies];
    *copy = (gkt_shared_copy){.host = host, .bytes = bytes};
    GKT_TRY(gkt_device_send(d, host, count, size, what, &copy->array));
    d->num_copies++;
  }
  copy->users++;
  *at = copy->array.at;
  return GKT_OK;
}

void gkt_device_unshare(gkt_device *d, const void *at) {
  gkt_shared_copy *copy = at ? find(d, NULL, at, 0) : NULL;
  if (!copy || --copy->users > 0) return;
  gkt_device_free(d, &copy->array);
  *copy = d->copies[--d->num_copies];
}

void gkt_device_forget_copies(gkt_device *d) {
  gkt_free(&d->copies);
  d->num_copies = 0;
}
