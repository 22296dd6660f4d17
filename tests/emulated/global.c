/* Global memory under watch (GKT_EMULATED_GLOBAL=1): who wrote and read each piece, kept far away from the memory itself; pages come when they are touched. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/emulated/emulator.h"

static unsigned char *sizes;
static gkt_emulated_piece *words, *parts;
static char *first;

bool emu_is_global_watched(void) {
#ifdef GKT_EMULATED_SANITIZE /* modules have the address sanitizer, which does not go with it */
  return false;
#endif
  const char *given = getenv("GKT_EMULATED_GLOBAL");
  return given && strcmp(given, "1") == 0;
}

static void *reserve(size_t bytes) {
  void *got = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return got == MAP_FAILED ? NULL : got;
}

static bool make(void) {
  size_t bytes;
  if (parts) return true;
  emu_range((void **)&first, &bytes);
  if (!bytes) return false;
  sizes = reserve(bytes / 8);
  words = reserve(bytes / 8 * sizeof *words);
  parts = reserve(bytes * sizeof *parts);
  return sizes && words && parts;
}

void emu_bind_global(gkt_emulated_machine *m) {
  size_t bytes;
  if (!emu_is_global_watched() || !make()) return;
  emu_range((void **)&first, &bytes);
  m->global = (uintptr_t)first, m->global_bytes = bytes;
  m->global_sizes = sizes, m->global_words = words, m->global_parts = parts;
}

/* Written by a copy, or (poison) by nobody. */
void emu_mark(const void *at, size_t bytes, bool written) {
  if (!emu_is_global_watched() || !make() || !bytes) return;
  size_t from = (size_t)((const char *)at - first), end = from + bytes;
  for (size_t w = from / 8; w < (end + 7) / 8; w++) {
    const gkt_emulated_piece now = {.write_epoch = written};
    if (w * 8 >= from && w * 8 + 8 <= end) {
      words[w] = now;
      sizes[w] = 0;
      continue;
    }
    if (sizes[w] == 0) /* a part of a word: byte by byte from now on */
      for (int i = 0; i < 8; i++) parts[w * 8 + (size_t)i] = words[w];
    for (int have = 8 ^ sizes[w]; sizes[w] && have > 1; have /= 2)
      for (int i = 8 / have - 1; i >= 0; i--) parts[w * 8 + 2 * (size_t)i + 1] = parts[w * 8 + 2 * (size_t)i] = parts[w * 8 + (size_t)i];
    sizes[w] = 8 ^ 1;
    for (size_t b = w * 8 > from ? w * 8 : from; b < w * 8 + 8 && b < end; b++) parts[b] = now;
  }
}
