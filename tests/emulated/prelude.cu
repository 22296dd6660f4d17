/* Before every text of kernels on the emulated device: the dialect of core/device_prelude.cu for the host's C++ compiler. No headers, few templates: it is compiled with every
   module. Shared memory is reached through proxies, which watch every access (machine.h); barriers and shuffles are the emulator's. */
typedef double gkt_scalar;
typedef int gkt_idx;
typedef long long gkt_size;
typedef long long gkt_offset;
typedef unsigned char gkt_byte;
typedef unsigned short gkt_short;
typedef unsigned long size_t;
#define __device__
#define __forceinline__ inline
#define __restrict__ __restrict
#define GKT_KERNEL(threads) extern "C" __attribute__((visibility("default"))) void
#define GKT_BY_VALUE &
#define GKT_FUNCTION static inline
#define GKT_RESTRICT __restrict
#define GKT_UNROLL
#define GKT_SHARED_MEMORY
#define GKT_SHARED(T, name, byte) gkt_shared<T> name((unsigned long long)(byte))
#define warpSize 32
#ifdef GKT_EMULATED_GLOBAL
#define GKT_QUIET __attribute__((no_sanitize("thread")))
#else
#define GKT_QUIET
#endif

static gkt_emulated_machine gkt_machine;
extern "C" __attribute__((visibility("default"))) void *gkt_emulated_get_machine() { return &gkt_machine; }
#define threadIdx gkt_machine.thread
#define blockIdx gkt_machine.block
#define blockDim gkt_machine.threads
#define gridDim gkt_machine.blocks

/* ---- watching shared memory ---- */
/* Does what lane b of this warp did at a stamp come before now? */
static GKT_QUIET inline bool gkt_before(int b, unsigned stamp) { return gkt_machine.known[gkt_machine.current >> 5][gkt_machine.current & 31][b] > stamp; }
static GKT_QUIET inline bool gkt_apart(int thread, unsigned stamp) {
  return thread == gkt_machine.current || (thread >> 5 == gkt_machine.current >> 5 && gkt_before(thread & 31, stamp));
}
static GKT_QUIET __attribute__((noinline)) void gkt_reads(gkt_emulated_piece *p) { /* another reader than those at hand */
  const int warp = gkt_machine.current >> 5;
  if (p->read_epoch != gkt_machine.epoch) p->lanes = 0, p->flags &= ~GKT_EMULATED_MIXED;
  else if (p->read_warp != warp) p->flags |= GKT_EMULATED_MIXED, p->lanes = 0;
  else
    for (int l = 0; l < 32; l++)
      if ((p->lanes >> l & 1) && gkt_before(l, p->read_stamp)) p->lanes &= ~(1u << l);
  p->read_epoch = gkt_machine.epoch, p->read_warp = warp, p->read_stamp = gkt_machine.stamp[warp], p->lanes |= 1u << (gkt_machine.current & 31);
}
static GKT_QUIET inline void gkt_watch_read(gkt_emulated_piece *p, unsigned long long at) {
  const int warp = gkt_machine.current >> 5;
  if (p->write_epoch < gkt_machine.first_epoch) gkt_machine.fail(GKT_EMULATED_UNWRITTEN, at, 0);
  if (p->write_epoch == gkt_machine.epoch && ((p->flags & GKT_EMULATED_SEVERAL) || !gkt_apart(p->writer, p->write_stamp))) gkt_machine.fail(GKT_EMULATED_RACE_READ, at, p->writer);
  if (p->read_epoch == gkt_machine.epoch && p->read_warp == warp && p->read_stamp == gkt_machine.stamp[warp]) p->lanes |= 1u << (gkt_machine.current & 31);
  else gkt_reads(p);
}
static GKT_QUIET __attribute__((noinline)) void gkt_after_reads(gkt_emulated_piece *p, unsigned long long at, int where) {
  const int warp = gkt_machine.current >> 5;
  const unsigned others = p->lanes & ~(p->read_warp == warp ? 1u << (gkt_machine.current & 31) : 0);
  if (p->flags & GKT_EMULATED_MIXED) gkt_machine.fail(where | GKT_EMULATED_RACE_WRITE, at, p->read_warp == warp ? -1 : p->read_warp * 32 + __builtin_ctz(p->lanes));
  for (int l = 0; l < 32; l++)
    if ((others >> l & 1) && (p->read_warp != warp || !gkt_before(l, p->read_stamp))) gkt_machine.fail(where | GKT_EMULATED_RACE_WRITE, at, p->read_warp * 32 + l);
}
static GKT_QUIET inline void gkt_watch_write(gkt_emulated_piece *p, unsigned long long at, bool atomic, int where) {
  unsigned char flags = atomic ? GKT_EMULATED_ATOMIC : 0;
  if (p->write_epoch == gkt_machine.epoch) {
    const bool both = atomic && (p->flags & GKT_EMULATED_ATOMIC), other = p->writer != gkt_machine.current;
    if (!both && ((p->flags & GKT_EMULATED_SEVERAL) || !gkt_apart(p->writer, p->write_stamp))) gkt_machine.fail(where | GKT_EMULATED_RACE_WRITES, at, p->writer);
    if (both && (other || (p->flags & GKT_EMULATED_SEVERAL))) flags |= GKT_EMULATED_SEVERAL;
  }
  if (p->read_epoch == gkt_machine.epoch) gkt_after_reads(p, at, where);
  p->write_epoch = gkt_machine.epoch, p->write_stamp = gkt_machine.stamp[gkt_machine.current >> 5], p->writer = gkt_machine.current, p->read_epoch = 0, p->flags = flags;
}
static GKT_QUIET inline void gkt_watch_piece(gkt_emulated_piece *p, unsigned long long at, bool read, bool write, bool atomic) {
  if (atomic) {
    if (p->write_epoch < gkt_machine.first_epoch) gkt_machine.fail(GKT_EMULATED_UNWRITTEN, at, 0);
  } else if (read) gkt_watch_read(p, at);
  if (write) gkt_watch_write(p, at, atomic, 0);
}
/* A word is watched in other pieces than an access has: larger ones are cut. What they are now. */
static GKT_QUIET __attribute__((noinline)) unsigned gkt_cut(const gkt_emulated_piece *words, gkt_emulated_piece *parts, unsigned long long w, unsigned have, unsigned size) {
  if (have == 8 && size < 8) parts[0] = words[w];
  for (; have > size; have /= 2)
    for (int i = 8 / have - 1; i >= 0; i--) parts[2 * i + 1] = parts[2 * i] = parts[i];
  return have;
}
static GKT_QUIET __attribute__((noinline)) void gkt_watch_other(unsigned long long at, unsigned size, bool read, bool write, bool atomic) { /* smaller ones are looked at one by one */
  const unsigned long long w = at >> 3;
  gkt_emulated_piece *parts = gkt_machine.parts + w * 8;
  const unsigned have = gkt_cut(gkt_machine.words, parts, w, 8 ^ gkt_machine.sizes[w], size);
  gkt_machine.sizes[w] = 8 ^ have;
  for (unsigned b = at & 7; b < (at & 7) + size; b += have) gkt_watch_piece(&parts[b / have], (w << 3) + b, read, write, atomic);
  if (size == 8 && write) gkt_machine.sizes[w] = 0, gkt_machine.words[w] = parts[0];
}
template <unsigned size> static GKT_QUIET inline void gkt_watch(unsigned long long at, bool read, bool write, bool atomic) {
  if (at + size > gkt_machine.shared_bytes || at + size < at) gkt_machine.fail(GKT_EMULATED_OUTSIDE, at, 0);
  if (at % size) gkt_machine.fail(GKT_EMULATED_MISALIGNED, at, size);
  if (gkt_machine.sizes[at >> 3] != (8 ^ size)) gkt_watch_other(at, size, read, write, atomic);
  else gkt_watch_piece(size == 8 ? &gkt_machine.words[at >> 3] : &gkt_machine.parts[(at >> 3) * 8 + (at & 7) / size], at, read, write, atomic);
}
template <class T> static GKT_QUIET inline void gkt_watch_all(unsigned long long at, bool read, bool write, bool atomic) {
  constexpr unsigned size = sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8 ? sizeof(T) : alignof(T) < 8 ? alignof(T) : 8;
  for (unsigned b = 0; b < sizeof(T); b += size) gkt_watch<size>(at + b, read, write, atomic);
}

template <class T> struct gkt_plain { typedef T type; };
template <class T> struct gkt_plain<const T> { typedef T type; };
/* An array in shared memory: as T * is, but for watching. What [] gives is a proxy: convert it at once, `auto` would keep it. */
template <class T> struct gkt_shared {
  typedef typename gkt_plain<T>::type V;
  unsigned long long first; /* byte */
  struct place {
    unsigned long long at;
    operator V() const { return get(); }
    GKT_QUIET V get() const {
      V v;
      gkt_watch_all<V>(at, true, false, false);
      __builtin_memcpy(&v, gkt_machine.shared + at, sizeof v);
      return v;
    }
    GKT_QUIET V put(V v) const {
      gkt_watch_all<T>(at, false, true, false); /* of a const T: refused below */
      T *to = (T *)(gkt_machine.shared + at);
      *to = v;
      return v;
    }
    V operator=(V v) const { return put(v); }
    V operator=(const place &p) const { return put(p.get()); }
    V operator+=(V v) const { return put(get() + v); }
    V operator-=(V v) const { return put(get() - v); }
    V operator*=(V v) const { return put(get() * v); }
    V operator/=(V v) const { return put(get() / v); }
    V operator|=(V v) const { return put(get() | v); }
    V operator&=(V v) const { return put(get() & v); }
    V operator^=(V v) const { return put(get() ^ v); }
    V operator++() const { return put(get() + 1); }
    V operator--() const { return put(get() - 1); }
    V operator++(int) const { V v = get(); put(v + 1); return v; }
    V operator--(int) const { V v = get(); put(v - 1); return v; }
    gkt_shared operator&() const { return gkt_shared(at); }
  };
  gkt_shared() : first(~0ull >> 1) {}
  explicit gkt_shared(unsigned long long byte) : first(byte) {}
  template <class U> gkt_shared(const gkt_shared<U> &o) : first(o.first) { T *same = (U *)0; (void)same; } /* T to const T, as pointers */
  template <class I> place operator[](I i) const { return {first + (unsigned long long)((long long)i * (long long)sizeof(T))}; }
  place operator*() const { return {first}; }
  template <class I> gkt_shared operator+(I i) const { return gkt_shared(first + (unsigned long long)((long long)i * (long long)sizeof(T))); }
  gkt_shared &operator+=(long long i) { first += (unsigned long long)(i * (long long)sizeof(T)); return *this; }
  gkt_shared &operator++() { return *this += 1; }
  bool operator<(gkt_shared o) const { return first < o.first; }
  bool operator!=(gkt_shared o) const { return first != o.first; }
  long long operator-(gkt_shared o) const { return (long long)(first - o.first) / (long long)sizeof(T); }
};

/* ---- threads of a block ---- */
static inline void __syncthreads(int line = __builtin_LINE()) { gkt_machine.sync_threads(line); }
static inline void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE()) { gkt_machine.exchange(GKT_EMULATED_SYNC, mask, 0, 0, line); }
/* In the place of a barrier that was taken out (text.c). */
static inline void gkt_unsync(unsigned = 0) { __asm__ volatile(".pushsection .rodata\n.ascii \"gkt_barrier_is_out\"\n.popsection"); }
template <class T> static inline T gkt_exchange(int kind, unsigned mask, int from, T v, int line) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  unsigned long long bits = 0;
  __builtin_memcpy(&bits, &v, sizeof v);
  bits = gkt_machine.exchange(kind, mask, from, bits, line);
  __builtin_memcpy(&v, &bits, sizeof v);
  return v;
}
static inline int gkt_lane() { return gkt_machine.current & 31; }
static inline int gkt_within(int from, int width) { return from < (gkt_lane() & ~(width - 1)) || from > (gkt_lane() | (width - 1)) ? gkt_lane() : from; }
template <class T> static inline T __shfl_sync(unsigned mask, T v, int lane, int width = 32, int line = __builtin_LINE()) {
  return gkt_exchange(GKT_EMULATED_SHUFFLE, mask, (gkt_lane() & ~(width - 1)) | (lane & (width - 1)), v, line);
}
template <class T> static inline T __shfl_up_sync(unsigned mask, T v, unsigned by, int width = 32, int line = __builtin_LINE()) {
  return gkt_exchange(GKT_EMULATED_UP, mask, gkt_within(gkt_lane() - (int)by, width), v, line);
}
template <class T> static inline T __shfl_down_sync(unsigned mask, T v, unsigned by, int width = 32, int line = __builtin_LINE()) {
  return gkt_exchange(GKT_EMULATED_DOWN, mask, gkt_within(gkt_lane() + (int)by, width), v, line);
}
template <class T> static inline T __shfl_xor_sync(unsigned mask, T v, int bits, int width = 32, int line = __builtin_LINE()) {
  return gkt_exchange(GKT_EMULATED_XOR, mask, gkt_within(gkt_lane() ^ bits, width), v, line);
}
static inline unsigned __ballot_sync(unsigned mask, int p, int line = __builtin_LINE()) { return (unsigned)gkt_machine.exchange(GKT_EMULATED_BALLOT, mask, 0, p != 0, line); }
static inline int __any_sync(unsigned mask, int p, int line = __builtin_LINE()) { return __ballot_sync(mask, p, line) != 0; }
static inline int __all_sync(unsigned mask, int p, int line = __builtin_LINE()) { return __ballot_sync(mask, !p, line) == 0; }
template <class T> static inline T __ldg(const T *p) { return *p; }

