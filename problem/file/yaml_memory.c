#include <string.h>

#include "problem/file/yaml.h"

enum { BLOCK = 16384, ALIGN = 16 };
typedef struct block {
  struct block *next;
  size_t used, size;
} block;
struct gkt_memory {
  gkt_context *ctx;
  block *blocks; /* the first one is being filled */
};
static size_t round_up(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

gkt_status gkt_memory_create(gkt_context *ctx, gkt_memory **out) {
  GKT_TRY(gkt_calloc(ctx, 1, sizeof **out, out));
  (*out)->ctx = ctx;
  return GKT_OK;
}

void gkt_memory_destroy(gkt_memory **memory) {
  if (!*memory) return;
  for (block *b = (*memory)->blocks, *next; b; b = next) {
    next = b->next;
    gkt_free(&b);
  }
  gkt_free(memory);
}

gkt_context *gkt_memory_context(const gkt_memory *memory) { return memory->ctx; }

static gkt_status add_block(gkt_memory *memory, size_t bytes) {
  block *b;
  size_t size = round_up(sizeof *b) + (bytes > BLOCK ? bytes : BLOCK);
  GKT_TRY(gkt_calloc(memory->ctx, (gkt_size)size, 1, &b));
  b->next = memory->blocks;
  b->used = round_up(sizeof *b);
  b->size = size;
  memory->blocks = b;
  return GKT_OK;
}

gkt_status gkt_memory_take(gkt_memory *memory, gkt_size count, size_t size, void *out) {
  if (count < 0 || (size_t)count > SIZE_MAX / 4 / (size ? size : 1))
    return gkt_fail(memory->ctx, GKT_NO_MEMORY, "out of memory: %lld x %zu bytes were asked for", (long long)count, size);
  size_t bytes = round_up((size_t)count * size + 1);
  if (!memory->blocks || memory->blocks->size - memory->blocks->used < bytes) GKT_TRY(add_block(memory, bytes));
  void *p = (char *)memory->blocks + memory->blocks->used;
  memory->blocks->used += bytes;
  memcpy(out, &p, sizeof p);
  return GKT_OK;
}

gkt_status gkt_memory_text(gkt_memory *memory, const char *text, size_t length, char **out) {
  GKT_TRY(gkt_memory_take(memory, (gkt_size)length + 1, 1, out));
  if (length) memcpy(*out, text, length);
  return GKT_OK;
}
