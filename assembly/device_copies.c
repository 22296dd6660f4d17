/* Copies of arrays of the host on a device. */
#include "assembly/device_copies.h"

#include <string.h>

/* host NULL: room alone. */
static gkt_status add(gkt_copies *c, const void *key, const void *host, gkt_size count, size_t size, const char *what, void **at) {
  gkt_copy copy = {.host = key, .bytes = count * (gkt_size)size};
  GKT_TRY(gkt_realloc(c->ctx, c->count + 1, sizeof *c->all, &c->all));
  if (host) GKT_TRY(gkt_device_send(c->device, host, count, size, what, &copy.array));
  else GKT_TRY(gkt_device_alloc(c->device, count, size, what, &copy.array));
  c->all[c->count++] = copy;
  c->bytes += copy.bytes;
  *at = copy.array.at;
  return GKT_OK;
}

static void *find(const gkt_copies *c, const void *host) {
  for (gkt_size k = 0; k < c->count; k++)
    if (c->all[k].host == host) return c->all[k].array.at;
  return NULL;
}

gkt_status gkt_copies_share(gkt_copies *c, const void *host, gkt_size count, size_t size, const char *what, void *out) {
  void *at = host ? find(c, host) : NULL;
  if (host && !at) GKT_TRY(add(c, host, host, count, size, what, &at));
  memcpy(out, &at, sizeof at);
  return GKT_OK;
}

gkt_status gkt_copies_join(gkt_copies *c, const void *host, gkt_size count, size_t size, const char *what, void *out) {
  void *at = host ? find(c, host) : NULL;
  if (host && !at && count > 0) {
    gkt_copy copy = {.host = host, .bytes = count * (gkt_size)size, .joined = true};
    GKT_TRY(gkt_realloc(c->ctx, c->count + 1, sizeof *c->all, &c->all));
    GKT_TRY(gkt_device_share(c->device, host, count, size, what, &at));
    copy.array.at = at, copy.array.count = copy.bytes;
    c->all[c->count++] = copy;
    c->bytes += copy.bytes;
  }
  memcpy(out, &at, sizeof at);
  return GKT_OK;
}

gkt_status gkt_copies_add(gkt_copies *c, const void *host, gkt_size count, size_t size, const char *what, void *out) {
  void *at = NULL;
  if (host) GKT_TRY(add(c, NULL, host, count, size, what, &at));
  memcpy(out, &at, sizeof at);
  return GKT_OK;
}

gkt_status gkt_copies_make(gkt_copies *c, gkt_size count, size_t size, const char *what, void *out) {
  void *at = NULL;
  GKT_TRY(add(c, NULL, NULL, count, size, what, &at));
  memcpy(out, &at, sizeof at);
  return GKT_OK;
}

gkt_status gkt_copies_take(gkt_copies *c, gkt_copies *from) {
  GKT_TRY(gkt_realloc(c->ctx, c->count + from->count, sizeof *c->all, &c->all));
  for (gkt_size k = 0; k < from->count; k++) c->all[c->count++] = from->all[k];
  c->bytes += from->bytes;
  from->count = from->bytes = 0;
  gkt_free(&from->all);
  return GKT_OK;
}

void gkt_copies_clear(gkt_copies *c) {
  for (gkt_size k = 0; k < c->count; k++) {
    if (c->all[k].joined) gkt_device_unshare(c->device, c->all[k].array.at);
    else gkt_device_free(c->device, &c->all[k].array);
  }
  gkt_free(&c->all);
  c->count = c->bytes = 0;
}
