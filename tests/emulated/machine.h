/* What the emulated device and a module of kernels share: read by the emulator as C and, before prelude.cu, by every text of kernels as C++. Every module has one machine, which
   the emulator fills before a launch. */
#ifndef GKT_EMULATED_MACHINE_H
#define GKT_EMULATED_MACHINE_H
typedef struct {
  unsigned x, y, z;
} gkt_emulated_index;

/* Who touched a piece of shared memory. Epochs count barriers of blocks, over all launches: what has an epoch before the block's first one is of another block. Stamps count
   barriers of the warp; lanes: those that have read since. */
typedef struct {
  unsigned write_epoch, write_stamp, read_epoch, read_stamp, lanes;
  unsigned short writer;
  unsigned char read_warp, flags;
} gkt_emulated_piece;
enum { GKT_EMULATED_MIXED = 1, GKT_EMULATED_ATOMIC = 2, GKT_EMULATED_SEVERAL = 4, GKT_EMULATED_BLOCKS = 8 };
/* read by several warps; last written by an atomic; by atomics of several threads; read by several blocks */

enum {
  GKT_EMULATED_RACE_WRITES,
  GKT_EMULATED_RACE_READ,
  GKT_EMULATED_RACE_WRITE,
  GKT_EMULATED_UNWRITTEN,
  GKT_EMULATED_OUTSIDE,
  GKT_EMULATED_MISALIGNED,
  GKT_EMULATED_HOST,
  GKT_EMULATED_GLOBAL_BYTE = 16
};
enum { GKT_EMULATED_SYNC, GKT_EMULATED_SHUFFLE, GKT_EMULATED_UP, GKT_EMULATED_DOWN, GKT_EMULATED_XOR, GKT_EMULATED_BALLOT };

typedef struct {
  gkt_emulated_index thread, block, threads, blocks;
  int current;                 /* thread */
  unsigned epoch, first_epoch; /* now; of this block */
  unsigned stamp[32];          /* [warp] */
  unsigned known[32][32][32];  /* [warp][a][b]: accesses of lane b with a smaller stamp come before what lane a does now */
  unsigned char *shared;       /* [shared_bytes], 16-byte aligned */
  unsigned long long shared_bytes;
  unsigned char *sizes;              /* [words of 8 bytes] of the pieces that a word is watched in: 8 xor 8, 4, 2, 1 */
  gkt_emulated_piece *words, *parts; /* [words], [words][8] */
  void (*sync_threads)(int line);
  unsigned long long (*exchange)(int kind, unsigned mask, int from, unsigned long long value, int line);
  void (*fail)(int kind, unsigned long long byte, int other); /* does not return */
  /* Where global memory is watched: places count from the first address of device memory. */
  unsigned launch_epoch;
  unsigned long long global, global_bytes, stacks, stack_bytes, module, module_bytes;
  unsigned char *global_sizes;
  gkt_emulated_piece *global_words, *global_parts;
  unsigned char arguments[4096] __attribute__((aligned(16)));
} gkt_emulated_machine;

typedef struct { /* a module's kernels, a name of NULL at the end */
  const char *name;
  int threads; /* of GKT_KERNEL */
} gkt_emulated_kernel;
#endif
