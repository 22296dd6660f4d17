#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/core.h"

/* Large arrays ask for large pages: first touches fault once in 2 MiB, and scattered reads miss the address cache less. */
enum { ALIGNMENT = 64, PAGE = 2 * 1024 * 1024, FEWEST_PAGES = 4 };

static gkt_status exhausted(gkt_context *ctx, gkt_size count, size_t size) {
  return gkt_fail(ctx, GKT_NO_MEMORY, "out of memory: %lld x %zu bytes were asked for", (long long)count, size);
}

static bool too_large(gkt_size count, size_t size) { return count < 0 || (size > 0 && (size_t)count > (SIZE_MAX / 2 - ALIGNMENT) / size); }

/* As it comes: fresh pages are zero already, and the caller writes them all. */
static void *allocate(gkt_size count, size_t size) {
  size_t bytes = ((size_t)count * size + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
  bool large = bytes >= (size_t)FEWEST_PAGES * PAGE;
  void *p = aligned_alloc(large ? PAGE : ALIGNMENT, large ? (bytes + PAGE - 1) / PAGE * PAGE : bytes); /* a multiple, as C11 wants it */
#ifdef MADV_HUGEPAGE
  if (p && large) madvise(p, bytes / PAGE * PAGE, MADV_HUGEPAGE); /* a hint: refused where the system has none */
#endif
  return p;
}

gkt_status gkt_calloc(gkt_context *ctx, gkt_size count, size_t size, void *out) {
  void *p = NULL;
  memset(out, 0, sizeof p);
  if (too_large(count, size) || !(p = allocate(count, size))) return exhausted(ctx, count, size);
  memset(p, 0, (size_t)count * size);
  memcpy(out, &p, sizeof p);
  return GKT_OK;
}

gkt_status gkt_alloc(gkt_context *ctx, gkt_size count, size_t size, void *out) {
  void *p = NULL;
  memset(out, 0, sizeof p);
  if (too_large(count, size) || !(p = allocate(count, size))) return exhausted(ctx, count, size);
  if (ctx->options.poison) memset(p, 0xFF, (size_t)count * size); /* NaN as a double, -1 as an index */
  memcpy(out, &p, sizeof p);
  return GKT_OK;
}

gkt_status gkt_realloc(gkt_context *ctx, gkt_size count, size_t size, void *inout) {
  void *p;
  memcpy(&p, inout, sizeof p);
  if (too_large(count, size) || !(p = realloc(p, (size_t)count * size + 1))) return exhausted(ctx, count, size);
  memcpy(inout, &p, sizeof p);
  return GKT_OK;
}

gkt_status gkt_strdup(gkt_context *ctx, const char *text, char **out) {
  size_t bytes = strlen(text) + 1;
  GKT_TRY(gkt_calloc(ctx, (gkt_size)bytes, 1, out));
  memcpy(*out, text, bytes);
  return GKT_OK;
}

void gkt_free(void *pointer_address) {
  void *p, *null = NULL;
  memcpy(&p, pointer_address, sizeof p);
  free(p);
  memcpy(pointer_address, &null, sizeof null);
}

gkt_status gkt_narrow(gkt_context *ctx, gkt_size value, const char *what, gkt_idx *out) {
  if (value < 0 || value > INT32_MAX) return gkt_fail(ctx, GKT_BAD_INPUT, "%lld %s: more than 32-bit indices can count (2147483647)", (long long)value, what);
  *out = (gkt_idx)value;
  return GKT_OK;
}

void gkt_text_printf(gkt_text *text, const char *format, ...) {
  if (text->status != GKT_OK) return;
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  size_t need = text->length + (size_t)n + 1;
  if (need > text->capacity) {
    size_t capacity = need > 2 * text->capacity ? need + 256 : 2 * text->capacity;
    text->status = gkt_realloc(text->ctx, (gkt_size)capacity, 1, &text->data);
    if (text->status == GKT_OK) text->capacity = capacity;
  }
  if (text->status == GKT_OK) {
    vsnprintf(text->data + text->length, (size_t)n + 1, format, again);
    text->length += (size_t)n;
  }
  va_end(again);
}

void gkt_text_free(gkt_text *text) {
  gkt_free(&text->data);
  text->length = text->capacity = 0;
}
