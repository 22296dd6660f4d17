/* Memory of the device: what is held, what was wanted, what went over the bus. */
#include <string.h>

#include "core/device_inside.h"

typedef struct { /* how every gkt_array lies in memory */
  void *at;
  gkt_size count;
} array;

/* ---- what is held ---- */
static gkt_status make_room(gkt_device *d) {
  if (d->num_blocks < d->room) return GKT_OK;
  gkt_size room = 2 * d->room + 64;
  GKT_TRY(gkt_realloc(d->ctx, room, sizeof *d->blocks, &d->blocks));
  d->room = room;
  return GKT_OK;
}

static void hold(gkt_device *d, void *at, gkt_size bytes) {
  d->blocks[d->num_blocks++] = (gkt_device_block){at, bytes, false};
  d->counts.allocations++;
  d->counts.bytes_held += bytes;
  if (d->counts.bytes_held > d->counts.bytes_peak) d->counts.bytes_peak = d->counts.bytes_held;
}

/* Searched from the youngest: arrays are few, and mostly go in the order in which they came, reversed. A release that fails is a failure of an earlier launch, or of a device that
   is gone: the next call that can say so does. */
static void let_go(gkt_device *d, const void *at) {
  gkt_size i = d->num_blocks - 1;
  while (i >= 0 && d->blocks[i].at != at) i--;
  if (i < 0) return;
  if (d->recording) {
    d->blocks[i].unwanted = true;
    return;
  }
  d->counts.bytes_held -= d->blocks[i].bytes;
  (void)d->driver->release(d->handle, d->blocks[i].at);
  memmove(d->blocks + i, d->blocks + i + 1, (size_t)(--d->num_blocks - i) * sizeof *d->blocks);
}

void gkt_device_release_unwanted(gkt_device *d) {
  for (gkt_size i = d->num_blocks - 1; i >= 0; i--)
    if (d->blocks[i].unwanted) let_go(d, d->blocks[i].at);
}

void gkt_device_release_all(gkt_device *d) {
  while (d->num_blocks > 0) let_go(d, d->blocks[d->num_blocks - 1].at);
  gkt_free(&d->blocks);
}

/* ---- arrays ---- */
static gkt_status exhausted(gkt_device *d, gkt_size count, size_t size, const char *what) {
  gkt_device_info now = {0};
  const double mega = 1e6;
  d->driver->describe(d->number, &now);
  return gkt_fail(d->ctx, GKT_NO_MEMORY, "out of memory on %s: %s: %.1f MB (%lld x %zu bytes) were wanted, %.1f of %.1f MB are free, %.1f MB are held by this program",
                  d->info.name, what, (double)count * (double)size / mega, (long long)count, size, (double)now.free_bytes / mega, (double)now.memory_bytes / mega,
                  (double)d->counts.bytes_held / mega);
}

static gkt_status fill(gkt_device *d, void *at, int byte, gkt_size bytes) {
  return bytes == 0 ? GKT_OK : gkt_device_check(d, d->driver->fill(d->handle, at, byte, (size_t)bytes), "filling %lld bytes", (long long)bytes);
}

gkt_status gkt_device_alloc(gkt_device *d, gkt_size count, size_t size, const char *what, void *out) {
  array made = {NULL, count};
  GKT_TRY(gkt_device_ready(d, "an allocation"));
  if (count < 0 || (size > 0 && (size_t)count > SIZE_MAX / 4 / size)) return exhausted(d, count, size, what);
  gkt_size bytes = count * (gkt_size)size;
  if (bytes > 0) {
    GKT_TRY(make_room(d));
    int error = d->driver->alloc(d->handle, (size_t)bytes, &made.at);
    if (error && d->driver->is_no_memory(error)) return exhausted(d, count, size, what);
    GKT_TRY(gkt_device_check(d, error, "allocation of %lld bytes for %s", (long long)bytes, what));
    hold(d, made.at, bytes);
    gkt_status status = d->ctx->options.poison ? fill(d, made.at, 0xFF, bytes) : GKT_OK;
    if (status != GKT_OK) return let_go(d, made.at), status;
  }
  memcpy(out, &made, sizeof made);
  return GKT_OK;
}

void gkt_device_free(gkt_device *d, void *out) {
  array a;
  memcpy(&a, out, sizeof a);
  if (a.at) let_go(d, a.at);
  memset(out, 0, sizeof a);
}

gkt_status gkt_device_send(gkt_device *d, const void *host, gkt_size count, size_t size, const char *what, void *out) {
  array made;
  GKT_TRY(gkt_device_alloc(d, count, size, what, &made));
  gkt_status status = gkt_device_upload(d, host, made.at, count * (gkt_size)size);
  if (status == GKT_OK) memcpy(out, &made, sizeof made);
  else gkt_device_free(d, &made);
  return status;
}

/* ---- copies ---- */
gkt_status gkt_device_upload(gkt_device *d, const void *host, void *at, gkt_size bytes) {
  GKT_TRY(gkt_device_ready(d, "an upload"));
  if (bytes == 0) return GKT_OK;
  GKT_TRY(gkt_device_check(d, d->driver->upload(d->handle, host, at, (size_t)bytes), "upload of %lld bytes", (long long)bytes));
  d->counts.uploads++, d->counts.bytes_up += bytes;
  return GKT_OK;
}

gkt_status gkt_device_download(gkt_device *d, const void *at, void *host, gkt_size bytes) {
  GKT_TRY(gkt_device_ready(d, "a download"));
  if (bytes == 0) return GKT_OK;
  GKT_TRY(gkt_device_check(d, d->driver->download(d->handle, at, host, (size_t)bytes), "download of %lld bytes%s%s", (long long)bytes,
                           d->launch[0] ? ", or what was launched up to " : "", d->launch));
  d->counts.downloads++, d->counts.waits++, d->counts.bytes_down += bytes;
  return GKT_OK;
}

gkt_status gkt_device_copy(gkt_device *d, const void *from, void *to, gkt_size bytes) {
  GKT_TRY(gkt_device_ready(d, NULL));
  return bytes == 0 ? GKT_OK : gkt_device_check(d, d->driver->copy(d->handle, from, to, (size_t)bytes), "a copy of %lld bytes", (long long)bytes);
}

gkt_status gkt_device_fill(gkt_device *d, void *at, int byte, gkt_size bytes) {
  GKT_TRY(gkt_device_ready(d, NULL));
  return fill(d, at, byte, bytes);
}
