/* Copies of arrays of the host that several objects read, once on the device. */
#include "core/device_inside.h"

static gkt_shared_copy *find(const gkt_device *d, const void *host, const void *at, gkt_size bytes) {
  for (int k = 0; k < d->num_copies; k++)
    if (host ? d->copies[k].host == host && d->copies[k].bytes == bytes : d->copies[k].array.at == at) return &d->copies[k];
  return NULL;
}

static gkt_status add(gkt_device *d, const void *host, gkt_size count, size_t size, const char *what) {
  gkt_status status;
  GKT_TRY(gkt_realloc(d->ctx, d->num_copies + 1, sizeof *d->copies, &d->copies));
  gkt_shared_copy *copy = &d->copies[d->num_copies];
  *copy = (gkt_shared_copy){.host = host, .bytes = count * (gkt_size)size};
  GKT_GO(gkt_device_send(d, host, count, size, what, &copy->array));
  d->num_copies++;
done:
  if (d->num_copies == 0) gkt_device_forget_copies(d);
  return status;
}

gkt_status gkt_device_share(gkt_device *d, const void *host, gkt_size count, size_t size, const char *what, void **at) {
  gkt_shared_copy *copy = find(d, host, NULL, count * (gkt_size)size);
  if (!copy) GKT_TRY(add(d, host, count, size, what));
  if (!copy) copy = &d->copies[d->num_copies - 1];
  copy->users++;
  *at = copy->array.at;
  return GKT_OK;
}

void gkt_device_unshare(gkt_device *d, const void *at) {
  gkt_shared_copy *copy = at ? find(d, NULL, at, 0) : NULL;
  if (!copy || --copy->users > 0) return;
  gkt_device_free(d, &copy->array);
  *copy = d->copies[--d->num_copies];
  if (d->num_copies == 0) gkt_device_forget_copies(d); /* who has nothing there holds nothing here */
}

void gkt_device_forget_copies(gkt_device *d) {
  gkt_free(&d->copies);
  d->num_copies = 0;
}
