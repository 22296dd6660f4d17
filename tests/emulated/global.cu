/* Watching global memory, after prelude.cu's first part where GKT_EMULATED_GLOBAL is defined: the compiler calls a function at every access that is not to a local variable
   (-fsanitize=thread, without its library). Blocks of a launch have no order; threads of one have that of its barriers. */
#ifdef GKT_EMULATED_GLOBAL
#define GKT_TSAN extern "C" __attribute__((visibility("hidden"), no_sanitize("thread")))
static GKT_QUIET inline bool gkt_other_block(unsigned epoch) { return epoch >= gkt_machine.launch_epoch && epoch < gkt_machine.first_epoch; }
static GKT_QUIET inline void gkt_read_global(gkt_emulated_piece *p, unsigned long long at) {
  if (p->write_epoch == 0) gkt_machine.fail(GKT_EMULATED_GLOBAL_BYTE | GKT_EMULATED_UNWRITTEN, at, 0);
  if (gkt_other_block(p->write_epoch)) gkt_machine.fail(GKT_EMULATED_GLOBAL_BYTE | GKT_EMULATED_RACE_READ, at, -1);
  if (p->write_epoch == gkt_machine.epoch && ((p->flags & GKT_EMULATED_SEVERAL) || !gkt_apart(p->writer, p->write_stamp)))
    gkt_machine.fail(GKT_EMULATED_GLOBAL_BYTE | GKT_EMULATED_RACE_READ, at, p->writer);
  if (p->read_epoch < gkt_machine.launch_epoch) p->flags &= ~GKT_EMULATED_BLOCKS;
  else if (p->read_epoch < gkt_machine.first_epoch) p->flags |= GKT_EMULATED_BLOCKS;
  gkt_reads(p);
}
static GKT_QUIET inline void gkt_write_global(gkt_emulated_piece *p, unsigned long long at, bool atomic) {
  const bool both = atomic && (p->flags & GKT_EMULATED_ATOMIC);
  if (gkt_other_block(p->write_epoch) && !both) gkt_machine.fail(GKT_EMULATED_GLOBAL_BYTE | GKT_EMULATED_RACE_WRITES, at, -1);
  if (p->read_epoch >= gkt_machine.launch_epoch && (p->read_epoch < gkt_machine.first_epoch || (p->flags & GKT_EMULATED_BLOCKS)))
    gkt_machine.fail(GKT_EMULATED_GLOBAL_BYTE | GKT_EMULATED_RACE_WRITE, at, -1);
  gkt_watch_write(p, at, atomic, GKT_EMULATED_GLOBAL_BYTE);
}
static GKT_QUIET inline void gkt_touch_piece(gkt_emulated_piece *p, unsigned long long at, bool write, bool atomic) {
  if (write) gkt_write_global(p, at, atomic);
  else gkt_read_global(p, at);
}
template <unsigned size> static GKT_QUIET inline void gkt_touch(const void *address, bool write, bool atomic) {
  const unsigned long long at = (unsigned long long)address - gkt_machine.global, w = at >> 3;
  if (at >= gkt_machine.global_bytes) {
    if ((unsigned long long)address - gkt_machine.stacks < gkt_machine.stack_bytes || (unsigned long long)address - gkt_machine.module < gkt_machine.module_bytes) return;
    gkt_machine.fail(GKT_EMULATED_HOST, (unsigned long long)address, 0);
  }
  if (at % size) gkt_machine.fail(GKT_EMULATED_GLOBAL_BYTE | GKT_EMULATED_MISALIGNED, at, size);
  gkt_emulated_piece *words = gkt_machine.global_words, *parts = gkt_machine.global_parts + w * 8;
  unsigned have = 8 ^ gkt_machine.global_sizes[w];
  if (have == size) return gkt_touch_piece(size == 8 ? &words[w] : &parts[(at & 7) / size], at, write, atomic);
  have = gkt_cut(words, parts, w, have, size);
  gkt_machine.global_sizes[w] = 8 ^ have;
  for (unsigned b = at & 7; b < (at & 7) + size; b += have) gkt_touch_piece(&parts[b / have], (w << 3) + b, write, atomic);
  if (size == 8 && write) gkt_machine.global_sizes[w] = 0, words[w] = parts[0];
}
#define GKT_TOUCH(size)                                                            \
  GKT_TSAN void __tsan_read##size(void *p) { gkt_touch<size>(p, false, false); }    \
  GKT_TSAN void __tsan_write##size(void *p) { gkt_touch<size>(p, true, false); }
GKT_TOUCH(1) GKT_TOUCH(2) GKT_TOUCH(4) GKT_TOUCH(8)
static GKT_QUIET inline void gkt_touch_range(const void *p, unsigned long long bytes, bool write) {
  const unsigned long long at = (unsigned long long)p;
  const unsigned step = at % 8 == 0 && bytes % 8 == 0 ? 8 : at % 4 == 0 && bytes % 4 == 0 ? 4 : 1;
  for (unsigned long long b = 0; b < bytes; b += step) {
    const void *q = (const char *)p + b;
    if (step == 8) gkt_touch<8>(q, write, false);
    else if (step == 4) gkt_touch<4>(q, write, false);
    else gkt_touch<1>(q, write, false);
  }
}
GKT_TSAN void __tsan_read16(void *p) { gkt_touch_range(p, 16, false); }
GKT_TSAN void __tsan_write16(void *p) { gkt_touch_range(p, 16, true); }
GKT_TSAN void __tsan_read_range(void *p, unsigned long bytes) { gkt_touch_range(p, bytes, false); }
GKT_TSAN void __tsan_write_range(void *p, unsigned long bytes) { gkt_touch_range(p, bytes, true); }
#define GKT_TOUCH_UNALIGNED(size)                                                              \
  GKT_TSAN void __tsan_unaligned_read##size(void *p) { gkt_touch_range(p, size, false); }       \
  GKT_TSAN void __tsan_unaligned_write##size(void *p) { gkt_touch_range(p, size, true); }
GKT_TOUCH_UNALIGNED(2) GKT_TOUCH_UNALIGNED(4) GKT_TOUCH_UNALIGNED(8) GKT_TOUCH_UNALIGNED(16)
GKT_TSAN void __tsan_func_entry(void *) {}
GKT_TSAN void __tsan_func_exit() {}
GKT_TSAN void __tsan_init() {}
#define GKT_TOUCH_ATOMIC(T, p) gkt_touch<sizeof(T)>(p, true, true)
#else
#define GKT_TOUCH_ATOMIC(T, p) (void)0
#endif
