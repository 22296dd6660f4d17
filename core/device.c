/* The device of a context: opened at first use, failures that stick, counts, time. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/device_inside.h"

int gkt_device_count(void) {
  char why[256];
  int number, count = 0;
  const gkt_driver *driver = gkt_driver_find(&number, sizeof why, why);
  return driver && driver->count(&count) == 0 ? count : 0;
}

void gkt_device_describe(int number, gkt_device_info *out) {
  int unused;
  *out = (gkt_device_info){0};
  const gkt_driver *driver = gkt_driver_find(&unused, sizeof out->why, out->why);
  if (driver) driver->describe(number, out);
}

gkt_status gkt_device_open_with(gkt_context *ctx, const gkt_driver *driver, int number, gkt_device **out) {
  gkt_device *d = NULL;
  const char *synchronous = getenv("GKT_SYNC");
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *d, &d));
  d->ctx = ctx, d->driver = driver, d->number = number;
  d->synchronous = synchronous && strcmp(synchronous, "1") == 0;
  driver->describe(number, &d->info);
  if (!d->info.usable) GKT_GO(gkt_fail(ctx, GKT_UNAVAILABLE, "no GPU can be used: %s; the backends cpu and interpreter need none", d->info.why));
  int error = driver->open(number, &d->handle);
  if (error) GKT_GO(gkt_fail(ctx, driver->is_no_memory(error) ? GKT_NO_MEMORY : GKT_LIBRARY, "%s cannot be opened: %s", d->info.name, driver->text(error)));
  gkt_log(ctx, GKT_LOG_DETAIL, "device %d: %s, sm_%d, %.1f of %.1f GB of memory are free", number, d->info.name, d->info.architecture, 1e-9 * (double)d->info.free_bytes,
          1e-9 * (double)d->info.memory_bytes);
  *out = ctx->device = d;
  return GKT_OK;
done:
  gkt_free(&d);
  return status;
}

gkt_status gkt_device_open(gkt_context *ctx, gkt_device **out) {
  char why[256];
  int number;
  if (!ctx->device) {
    const gkt_driver *driver = gkt_driver_find(&number, sizeof why, why);
    if (!driver) return gkt_fail(ctx, GKT_UNAVAILABLE, "no GPU can be used: %s; the backends cpu and interpreter need none", why);
    GKT_TRY(gkt_device_open_with(ctx, driver, number, &ctx->device));
  }
  *out = ctx->device;
  return GKT_OK;
}

void gkt_device_close(gkt_device **device) {
  gkt_device *d = *device;
  if (!d) return;
  (void)d->driver->wait(d->handle); /* what failed was told, or nobody asks any more */
  gkt_device_forget_kernels(d);
  gkt_device_forget_copies(d);
  gkt_device_release_all(d);
  d->driver->close(d->handle);
  gkt_free(device);
}

const gkt_device_info *gkt_device_get_info(const gkt_device *d) { return &d->info; }
const char *gkt_device_kind(const gkt_device *d) { return d->driver->name; }
void *gkt_device_stream(gkt_device *d) { return d->driver->stream(d->handle); }
gkt_device_counts gkt_device_count_all(const gkt_device *d) { return d->counts; }
void gkt_device_reset_peak(gkt_device *d) { d->counts.bytes_peak = d->counts.bytes_held; }

gkt_status gkt_device_ready(gkt_device *d, const char *call) {
  if (d->failure[0]) return gkt_fail(d->ctx, d->lacks_memory ? GKT_NO_MEMORY : GKT_LIBRARY, "%s", d->failure);
  if (call && d->recording) return gkt_fail(d->ctx, GKT_BAD_ARGUMENT, "%s while a sequence of launches is recorded", call);
  return GKT_OK;
}

gkt_status gkt_device_check(gkt_device *d, int error, const char *format, ...) {
  char what[256];
  va_list args;
  if (!error) return GKT_OK;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  snprintf(d->failure, sizeof d->failure, "%s: %s failed: %.200s", d->info.name, what, d->driver->text(error));
  d->lacks_memory = d->driver->is_no_memory(error);
  return gkt_device_ready(d, NULL);
}

gkt_status gkt_device_check_made(gkt_device *d, int error, const char *format, ...) {
  char what[256];
  va_list args;
  if (!error) return GKT_OK;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  if (!d->driver->is_no_memory(error)) return gkt_device_check(d, error, "%s", what);
  return gkt_fail(d->ctx, GKT_NO_MEMORY, "%s: %s failed: %.200s", d->info.name, what, d->driver->text(error));
}

static gkt_status wait_for(gkt_device *d) {
  d->counts.waits++;
  int error = d->driver->wait(d->handle);
  if (!d->launch[0]) return gkt_device_check(d, error, "waiting for the device");
  if (d->synchronous) return gkt_device_check(d, error, "the launch of %s", d->launch);
  return gkt_device_check(d, error, "what was launched up to %s (GKT_SYNC=1 finds which)", d->launch);
}

gkt_status gkt_device_wait(gkt_device *d) {
  GKT_TRY(gkt_device_ready(d, "a wait"));
  return wait_for(d);
}

gkt_status gkt_context_settled(gkt_context *ctx, bool waits) {
  if (!ctx->device) return GKT_OK;
  return waits ? gkt_device_wait(ctx->device) : gkt_device_ready(ctx->device, NULL);
}

gkt_status gkt_device_launch(gkt_device *d, const gkt_device_module *module, const gkt_launch *l, const void *arguments, size_t size) {
  void *kernel;
  GKT_TRY(gkt_device_ready(d, NULL));
  if (l->blocks == 0) return GKT_OK;
  if (l->blocks < 0 || l->blocks > INT32_MAX || l->threads < 1 || l->threads > 1024 || size > GKT_LARGEST_ARGUMENTS)
    return gkt_fail(d->ctx, GKT_BAD_ARGUMENT, "launch of %s: %lld blocks of %d threads with %zu bytes of arguments; expected at most 2147483647 of 1 to 1024 with %d", l->kernel,
                    (long long)l->blocks, l->threads, size, GKT_LARGEST_ARGUMENTS);
  if (l->shared > d->info.block_shared_bytes)
    return gkt_fail(d->ctx, GKT_BAD_ARGUMENT, "launch of %s: %lld bytes of shared memory; a block of %s can have %lld", l->kernel, (long long)l->shared, d->info.name,
                    (long long)d->info.block_shared_bytes);
  GKT_TRY(gkt_device_module_find(d, module, l->kernel, &kernel));
  snprintf(d->launch, sizeof d->launch, "%s", l->kernel);
  int error = d->driver->launch(d->handle, kernel, l->blocks, l->threads, l->shared, arguments, size);
  GKT_TRY(
      gkt_device_check(d, error, "the launch of %s (%lld blocks of %d threads, %lld bytes of shared memory)", l->kernel, (long long)l->blocks, l->threads, (long long)l->shared));
  return gkt_device_note_launch(d, l->kernel);
}

gkt_status gkt_device_launch_kept(gkt_device *d, const char *const *parts, const gkt_launch *l, const void *arguments, size_t size) {
  const gkt_device_module *module;
  GKT_TRY(gkt_device_kernels(d, parts, &module));
  return gkt_device_launch(d, module, l, arguments, size);
}

/* A block takes RESERVED bytes beside its own; a device that does not say what it has gives all. */
gkt_status gkt_device_prefer_shared(gkt_device *d, const gkt_device_module *module, const gkt_launch *l, int together) {
  enum { RESERVED = 1024 };
  const gkt_size has = d->info.shared_bytes, wanted = together * (l->shared + RESERVED);
  void *kernel;
  GKT_TRY(gkt_device_ready(d, "a wish for shared memory"));
  GKT_TRY(gkt_device_module_find(d, module, l->kernel, &kernel));
  const int percent = wanted < has ? (int)((100 * wanted + has - 1) / has) : 100;
  return gkt_device_check_made(d, d->driver->prefer_shared(d->handle, kernel, l->shared, percent), "asking for %lld bytes of shared memory for %s", (long long)l->shared,
                               l->kernel);
}

/* ---- other libraries ---- */
gkt_status gkt_device_enter(gkt_device *d) {
  GKT_TRY(gkt_device_ready(d, NULL));
  return gkt_device_check(d, d->driver->enter(d->handle), "choosing the device");
}

gkt_status gkt_device_note_launch(gkt_device *d, const char *name) {
  snprintf(d->launch, sizeof d->launch, "%s", name);
  d->counts.launches++;
  return d->synchronous && !d->recording ? wait_for(d) : GKT_OK;
}

gkt_status gkt_device_trim(gkt_device *d) {
  GKT_TRY(gkt_device_ready(d, "giving memory back"));
  d->counts.waits++;
  return gkt_device_check(d, d->driver->trim(d->handle), "giving memory back");
}

/* ---- time ---- */
gkt_status gkt_device_start_timer(gkt_device *d) {
  GKT_TRY(gkt_device_ready(d, "a timer"));
  return gkt_device_check(d, d->driver->start_timer(d->handle), "starting a timer");
}

gkt_status gkt_device_stop_timer(gkt_device *d, double *seconds) {
  GKT_TRY(gkt_device_ready(d, "a timer"));
  d->counts.waits++;
  return gkt_device_check(d, d->driver->stop_timer(d->handle, seconds), "what was timed up to the launch of %s", d->launch);
}
