#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/device.h"

const char *gkt_status_text(gkt_status status) {
  switch (status) {
#define X(name, value, text) \
  case name: return text;
    GKT_STATUS_LIST(X)
#undef X
  }
  return "unknown status";
}

gkt_context_options gkt_context_options_default(void) { return (gkt_context_options){.backend = GKT_BACKEND_DEFAULT}; }

/* A name that does not fit is no folder: cut off it would be another one. */
static void choose_cache_dir(gkt_context *ctx) {
  const char *given = ctx->options.cache_dir, *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  int length = 0, room = sizeof ctx->cache_dir;
  if (given) length = snprintf(ctx->cache_dir, room, "%s", given);
  else if (xdg && *xdg) length = snprintf(ctx->cache_dir, room, "%s/galerkit", xdg);
  else if (home && *home) length = snprintf(ctx->cache_dir, room, "%s/.cache/galerkit", home);
  if (length >= room) ctx->cache_dir[0] = 0;
  ctx->options.cache_dir = ctx->cache_dir;
}

/* A word that names none stays the default, and is refused where a backend is looked for. */
static void choose_backend(gkt_context *ctx) {
  static const char *const words[] = {[GKT_BACKEND_CPU] = "cpu", [GKT_BACKEND_INTERPRETER] = "interpreter", [GKT_BACKEND_CUDA] = "cuda"};
  const char *word = getenv("GKT_BACKEND");
  if (ctx->options.backend != GKT_BACKEND_DEFAULT) return;
  if (!word || !*word) ctx->options.backend = GKT_BACKEND_CPU;
  for (int b = GKT_BACKEND_CPU; word && b <= GKT_BACKEND_CUDA; b++)
    if (strcmp(word, words[b]) == 0) ctx->options.backend = (gkt_backend)b;
}

gkt_status gkt_context_create(const gkt_context_options *options, gkt_context **out) {
  gkt_context *ctx = calloc(1, sizeof *ctx);
  if (!ctx) return GKT_NO_MEMORY;
  ctx->options = options ? *options : gkt_context_options_default();
  choose_backend(ctx);
  choose_cache_dir(ctx);
  *out = ctx;
  return GKT_OK;
}

gkt_context *gkt_context_retain(gkt_context *ctx) {
  gkt_refs_add(&ctx->refs);
  return ctx;
}

void gkt_context_destroy(gkt_context **ctx) {
  if (*ctx && gkt_refs_drop(&(*ctx)->refs)) {
    gkt_device_close(&(*ctx)->device);
    free(*ctx);
  }
  *ctx = NULL;
}

const char *gkt_context_message(const gkt_context *ctx) { return ctx->message; }
void gkt_context_clear(gkt_context *ctx) {
  ctx->message[0] = 0;
  ctx->exhausted = false;
}

gkt_status gkt_fail(gkt_context *ctx, gkt_status status, const char *format, ...) {
  if (ctx->message[0]) return ctx->exhausted ? GKT_NO_MEMORY : status;
  va_list args;
  ctx->exhausted = status == GKT_NO_MEMORY;
  va_start(args, format);
  vsnprintf(ctx->message, sizeof ctx->message, format, args);
  va_end(args);
  return status;
}

gkt_status gkt_need(gkt_context *ctx, const void *pointer, const char *call, const char *what) {
  return pointer ? GKT_OK : gkt_fail(ctx, GKT_BAD_ARGUMENT, "%s: no %s", call, what);
}

gkt_status gkt_unless_exhausted(const gkt_context *ctx, gkt_status status) { return status == GKT_OK && ctx->exhausted ? GKT_NO_MEMORY : status; }

gkt_status gkt_fail_in(gkt_context *ctx, gkt_status status, const char *place) {
  char text[sizeof ctx->message];
  if (status <= 0) return status;
  memcpy(text, ctx->message, sizeof text);
  gkt_context_clear(ctx);
  return gkt_fail(ctx, status, "%s: %s", place, text);
}

void gkt_log(const gkt_context *ctx, gkt_log_level level, const char *format, ...) {
  if (!ctx->options.log) return;
  char text[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  ctx->options.log(ctx->options.log_user, level, text);
}

int gkt_threads(const gkt_context *ctx) { return ctx->options.threads > 0 ? ctx->options.threads : omp_get_num_procs(); }

int gkt_threads_for(const gkt_context *ctx, gkt_size work) {
  enum { WORTH = 200000 }; /* some tenths of a millisecond */
  return ctx->options.threads > 0 || work >= WORTH ? gkt_threads(ctx) : 1;
}

double gkt_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double gkt_cpu_seconds(void) {
  struct timespec t;
  struct rusage children;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  getrusage(RUSAGE_CHILDREN, &children);
  return (double)(t.tv_sec + children.ru_utime.tv_sec + children.ru_stime.tv_sec) + 1e-9 * (double)t.tv_nsec +
         1e-6 * (double)(children.ru_utime.tv_usec + children.ru_stime.tv_usec);
}
