/* A launch: what a GPU would refuse is refused, then block after block, in order or in a random one. */
#include <stdlib.h>
#include <string.h>

#include "tests/emulated/emulator.h"

gkt_emulated_machine *emu_machine;
const emu_launch *emu_running;
int emu_failed;
enum { WORDS = EMU_SHARED / 8 };
static unsigned char shared[EMU_SHARED] __attribute__((aligned(16))), sizes[WORDS];
static gkt_emulated_piece *words, *parts;
static unsigned epoch, stamp;
static uint64_t launches;

static int check(const emu_launch *l) {
  const char *name = l->function->name;
  if (l->threads < 1 || l->threads > EMU_THREADS) return emu_error(EMU_INVALID, "%s: a block has 1 to %d threads, not %d", name, EMU_THREADS, l->threads);
  if (l->function->threads && l->threads > l->function->threads)
    return emu_error(EMU_INVALID, "%s: %d threads in a block, compiled for at most %d", name, l->threads, l->function->threads);
  if (l->shared < 0 || l->shared > EMU_SHARED) return emu_error(EMU_INVALID, "%s: a block has at most %d bytes of shared memory, not %lld", name, EMU_SHARED, (long long)l->shared);
  if (l->blocks < 1 || l->blocks > INT32_MAX) return emu_error(EMU_INVALID, "%s: %lld blocks", name, (long long)l->blocks);
  return EMU_OK;
}

static bool make_pieces(void) {
  if (words && epoch < 1u << 31) return true;
  if (!words) words = calloc(WORDS, sizeof *words);
  if (!parts) parts = calloc(WORDS, 8 * sizeof *parts);
  if (!words || !parts) return false;
  memset(words, 0, WORDS * sizeof *words);
  memset(parts, 0, WORDS * 8 * sizeof *parts);
  memset(sizes, 0, sizeof sizes);
  epoch = 1;
  return true;
}

static bool prepare(const emu_launch *l) {
  gkt_emulated_machine *m = emu_machine = l->function->module->machine;
  if (!emu_bind(m)) return false;
  m->threads = (gkt_emulated_index){(unsigned)l->threads, 1, 1};
  m->blocks = (gkt_emulated_index){(unsigned)l->blocks, 1, 1};
  m->shared = shared, m->shared_bytes = (unsigned long long)l->shared;
  m->sizes = sizes, m->words = words, m->parts = parts;
  m->epoch = epoch, m->launch_epoch = epoch + 1;
  m->module = l->function->module->first, m->module_bytes = l->function->module->bytes;
  memcpy(m->arguments, l->arguments, l->size);
  for (int w = 0; w < 32; w++) m->stamp[w] = stamp;
  return true;
}

static void open_arguments(const emu_launch *l) { /* what looks like an address; the rest is opened when it is touched */
  for (size_t at = 0; at + sizeof(void *) <= l->size; at += sizeof(void *)) {
    void *address;
    memcpy(&address, l->arguments + at, sizeof address);
    emu_open(address);
  }
}

static uint32_t *order; /* [blocks] of the launch, NULL: ascending */
static bool backwards;

static bool shuffle_blocks(gkt_size count) {
  order = emu_is_random() && count > 1 ? malloc((size_t)count * sizeof *order) : NULL;
  if (!order) return !emu_is_random() || count == 1;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t j = emu_random(i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return true;
}

static void run_blocks(const emu_launch *l) {
  for (gkt_size i = 0; i < l->blocks && !emu_failed; i++) {
    const gkt_size b = backwards ? l->blocks - 1 - i : i;
    emu_machine->block.x = order ? order[b] : (unsigned)b;
    emu_machine->first_epoch = ++emu_machine->epoch;
    emu_run_block(l->function->code, emu_machine->arguments);
  }
}

static int run_once(const emu_launch *l) {
  if (!make_pieces() || !prepare(l)) return emu_error(EMU_NO_MEMORY, "the host is out of memory");
  emu_running = l, emu_failed = EMU_OK;
  open_arguments(l);
  emu_watch_faults();
  run_blocks(l);
  emu_unwatch_faults();
  emu_running = NULL;
  epoch = emu_machine->epoch;
  for (int w = 0; w < 32; w++)
    if (emu_machine->stamp[w] > stamp) stamp = emu_machine->stamp[w];
  if (!emu_failed) emu_failed = emu_check_ends(l->function->name);
  emu_close_all();
  return emu_failed;
}

/* GKT_EMULATED_ORDERS=2: from the same memory once more, blocks backwards and threads at random; what was written must be the same. */
static int run_again(const emu_launch *l, void *before, void *after, void *again) {
  size_t byte, bytes;
  emu_save_all(before);
  int error = run_once(l);
  if (error) return error;
  emu_save_all(after);
  emu_restore_all(before);
  emu_seed_orders(launches);
  backwards = true;
  error = run_once(l);
  backwards = false;
  if (error) return error;
  emu_save_all(again);
  if (!emu_differs(after, again, &byte, &bytes)) return EMU_OK;
  return emu_error(EMU_FAULT, "%s: byte %zu of an allocation of %zu bytes depends on the order of blocks and threads", l->function->name, byte, bytes);
}

static int run_in_orders(const emu_launch *l) {
  size_t bytes = emu_save_all(NULL);
  char *room = malloc(3 * bytes + 1);
  int error = room ? run_again(l, room, room + bytes, room + 2 * bytes) : emu_error(EMU_NO_MEMORY, "the host is out of memory");
  free(room);
  return error;
}

int emu_run(const emu_launch *l) {
  const char *orders = getenv("GKT_EMULATED_ORDERS");
  int error = check(l);
  if (error) return error;
  emu_seed(++launches);
  if (!shuffle_blocks(l->blocks)) return emu_error(EMU_NO_MEMORY, "the host is out of memory");
  error = orders && strcmp(orders, "2") == 0 ? run_in_orders(l) : run_once(l);
  free(order);
  return error;
}
