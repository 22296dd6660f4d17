/* Device memory: pages of one reserved range, each allocation with its end, rounded up, at a guard page, addresses used once. Allocations begin at multiples of 256 bytes, as
   CUDA's do; with GKT_EMULATED_TIGHT=1 of 16, so that what is read behind an end is found to 16 bytes. Host code can not touch it: pages are opened while a launch or a copy needs
   them and closed again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/emulated/emulator.h"

typedef struct {
  char *pages, *at; /* at + bytes, rounded up to the alignment, is the first byte of a guard page */
  size_t size, bytes;
  bool open;
} allocation;

static char *range, *next;
static size_t range_size, held, page;
static allocation *list; /* [count], by address */
static size_t count, room;
enum { HUGE_PAGE = 2 << 20, LARGE = 256 << 10, MARGIN = 16 };
static size_t opened; /* how many are */

static bool reserve(void) {
  page = (size_t)sysconf(_SC_PAGESIZE);
  for (range_size = (size_t)1 << 40; !range && range_size > (size_t)1 << 30; range_size /= 2) {
    void *got = mmap(NULL, range_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) continue;
    range = next = (char *)got + (HUGE_PAGE - (uintptr_t)got % HUGE_PAGE);
    range_size -= HUGE_PAGE;
    break;
  }
  return range != NULL;
}

void emu_range(void **first, size_t *bytes) { *first = range, *bytes = range ? range_size : 0; }

size_t emu_limit(void) {
  const char *given = getenv("GKT_EMULATED_MEMORY");
  return given && *given ? (size_t)strtoull(given, NULL, 10) : (size_t)4 << 30;
}

size_t emu_free_bytes(void) { return emu_limit() > held ? emu_limit() - held : 0; }

static void protect(allocation *a, bool open) {
  mprotect(a->pages, a->size, open ? PROT_READ | PROT_WRITE : PROT_NONE);
  opened += open, opened -= a->open;
  a->open = open;
}

/* The last allocation that begins at or before an address: its number, or count. */
static size_t before(const void *address) {
  size_t low = 0, high = count;
  if ((const char *)address < range || (const char *)address >= next) return count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (list[middle].pages <= (const char *)address) low = middle + 1;
    else high = middle;
  }
  return low ? low - 1 : count;
}

static allocation *find(const void *address) {
  size_t i = before(address);
  return i < count && (const char *)address < list[i].pages + list[i].size ? &list[i] : NULL;
}

static size_t alignment(void) {
  const char *tight = getenv("GKT_EMULATED_TIGHT");
  return tight && strcmp(tight, "1") == 0 ? 16 : 256;
}

int emu_alloc(size_t bytes, void **out) {
  if (!range && !reserve()) return emu_error(EMU_NO_MEMORY, "the emulated device found no addresses");
  const size_t aligned = alignment();
  size_t rounded = (bytes + aligned - 1) / aligned * aligned, size = (rounded + page - 1) / page * page;
  if (size >= LARGE) { /* huge pages are opened and closed faster */
    next = range + ((size_t)(next - range) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    size = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  }
  if (bytes > emu_free_bytes() || size + page > (size_t)(range + range_size - next)) return emu_error(EMU_NO_MEMORY, "out of memory");
  if (count == room) {
    allocation *more = realloc(list, (room = 2 * room + 64) * sizeof *list);
    if (!more) return emu_error(EMU_NO_MEMORY, "the host is out of memory");
    list = more;
  }
  allocation *a = &list[count++];
  *a = (allocation){.pages = next, .at = next + size - rounded, .size = size, .bytes = bytes};
  next += size + page;
  held += bytes;
  protect(a, true);
  if (size >= LARGE) madvise(a->pages, size, MADV_HUGEPAGE);
  memset(a->pages, 0xFF, size);
  protect(a, false);
  *out = a->at;
  return EMU_OK;
}

int emu_release(void *at) {
  allocation *a = find(at);
  if (!a || a->at != at) return emu_error(EMU_INVALID, "no allocation begins at %p", at);
  madvise(a->pages, a->size, MADV_DONTNEED);
  held -= a->bytes;
  memmove(a, a + 1, (size_t)(list + --count - a) * sizeof *a);
  return EMU_OK;
}

int emu_check_range(const void *at, size_t bytes) {
  const allocation *a = find(at);
  if (bytes == 0 || (a && (const char *)at >= a->at && bytes <= a->bytes - (size_t)((const char *)at - a->at))) return EMU_OK;
  if (!a || (const char *)at < a->at) return emu_error(EMU_INVALID, "%p is not an address in memory of the device", at);
  return emu_error(EMU_INVALID, "%zu bytes at byte %zu of an allocation of %zu bytes", bytes, (size_t)((const char *)at - a->at), a->bytes);
}

void emu_open(const void *at) {
  allocation *a = find(at);
  if (a && !a->open) protect(a, true);
}

bool emu_open_fault(const void *at) {
  allocation *a = find(at);
  if (!a || a->open) return false;
  protect(a, true);
  return true;
}

void emu_close_all(void) {
  for (size_t i = 0; i < count && opened; i++)
    if (list[i].open) protect(&list[i], false);
}

static const char *find_written(const allocation *a) { /* around it */
  for (const char *c = a->at + a->bytes; c < a->pages + a->size; c++)
    if ((unsigned char)*c != 0xFF) return c;
  for (const char *c = a->at - MARGIN; a->at > a->pages && c < a->at; c++)
    if ((unsigned char)*c != 0xFF) return c;
  return NULL;
}

int emu_check_ends(const char *kernel) { /* of those that a launch had open */
  for (size_t i = 0; i < count; i++) {
    const char *c = list[i].open ? find_written(&list[i]) : NULL;
    if (c) return emu_error(EMU_FAULT, "%s: byte %td of an allocation of %zu bytes was written", kernel, c - list[i].at, list[i].bytes);
  }
  return EMU_OK;
}

void emu_describe_address(const void *at, size_t size, char *text) {
  size_t i = before(at);
  if ((const char *)at < range || (const char *)at >= range + range_size) snprintf(text, size, "no memory of the device");
  else if (i < count && (const char *)at < list[i].pages + list[i].size + page)
    snprintf(text, size, "byte %td of an allocation of %zu bytes", (const char *)at - list[i].at, list[i].bytes);
  else snprintf(text, size, (const char *)at < next ? "device memory that was freed" : "device memory that is not allocated");
}

int emu_transfer(const void *from, void *to, size_t bytes, bool from_device, bool to_device) {
  int error = from_device ? emu_check_range(from, bytes) : EMU_OK;
  if (!error && to_device) error = emu_check_range(to, bytes);
  if (error || !bytes) return error;
  if (from_device) emu_open(from);
  if (to_device) emu_open(to);
  memmove(to, from, bytes);
  if (to_device) emu_mark(to, bytes, true);
  emu_close_all();
  return EMU_OK;
}

int emu_fill(void *at, int byte, size_t bytes) {
  int error = emu_check_range(at, bytes);
  if (error || !bytes) return error;
  emu_open(at);
  memset(at, byte, bytes);
  emu_mark(at, bytes, (byte & 0xFF) != 0xFF || find(at)->bytes != bytes);
  emu_close_all();
  return EMU_OK;
}

/* ---- all of it, for launches that run in several orders ---- */
size_t emu_save_all(void *into) {
  size_t bytes = 0;
  for (size_t i = 0; i < count; bytes += list[i++].bytes) {
    if (!into) continue;
    protect(&list[i], true);
    memcpy((char *)into + bytes, list[i].at, list[i].bytes);
    protect(&list[i], false);
  }
  return bytes;
}

void emu_restore_all(const void *from) {
  const char *next_bytes = from;
  for (size_t i = 0; i < count; next_bytes += list[i++].bytes) {
    protect(&list[i], true);
    memcpy(list[i].at, next_bytes, list[i].bytes);
    protect(&list[i], false);
  }
}

bool emu_differs(const void *a, const void *b, size_t *byte, size_t *bytes) {
  const char *x = a, *y = b;
  for (size_t i = 0; i < count; x += list[i].bytes, y += list[i++].bytes) {
    if (memcmp(x, y, list[i].bytes) == 0) continue;
    for (*byte = 0; x[*byte] == y[*byte];) ++*byte;
    *bytes = list[i].bytes;
    return true;
  }
  return false;
}
