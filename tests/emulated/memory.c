/* Device memory: pages of one reserved range, each allocation with its end at a guard page, addresses used once. Host code can not touch it: pages are opened while a launch or a
   copy needs them and closed again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/emulated/emulator.h"

typedef struct {
  char *pages, *at; /* at + bytes, rounded up to 16, is the first byte of a guard page */
  size_t size, bytes;
  bool open;
} allocation;

static char *range, *next;
static size_t range_size, held, page;
static allocation *list; /* [count], by address */
static size_t count, room;
enum { MOST_OPEN = 256 };
static size_t opened; /* how many are */

static bool reserve(void) {
  page = (size_t)sysconf(_SC_PAGESIZE);
  for (range_size = (size_t)1 << 42; !range && range_size > (size_t)1 << 30; range_size /= 2) {
    void *got = mmap(NULL, range_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) continue;
    range = next = got;
    break;
  }
  return range != NULL;
}

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

int emu_alloc(size_t bytes, void **out) {
  if (!range && !reserve()) return emu_error(EMU_NO_MEMORY, "the emulated device found no addresses");
  size_t rounded = (bytes + 15) / 16 * 16, size = (rounded + page - 1) / page * page;
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

int emu_check_ends(const char *kernel) { /* of those that a launch had open */
  for (size_t i = 0; i < count; i++)
    for (const char *c = list[i].at + list[i].bytes; list[i].open && c < list[i].pages + list[i].size; c++)
      if ((unsigned char)*c != 0xFF) return emu_error(EMU_FAULT, "%s: byte %zu of an allocation of %zu bytes was written", kernel, (size_t)(c - list[i].at), list[i].bytes);
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
  emu_close_all();
  return EMU_OK;
}

int emu_fill(void *at, int byte, size_t bytes) {
  int error = emu_check_range(at, bytes);
  if (error || !bytes) return error;
  emu_open(at);
  memset(at, byte, bytes);
  emu_close_all();
  return EMU_OK;
}
