/* Joined in front of the kernels that plan patches: stars, and sets of numbers. What the host takes from `segments` is found on the device by walking a row's star: the cells that have
   it, ascending, as a stable sort of (row, cell) left them. */
enum { GKT_PLAN_GROUP = 32, GKT_PLAN_PER_WORD = 2, GKT_PLAN_NONE = 0xFFFF, GKT_PLAN_ACROSS = 0x8000, GKT_PLAN_MOST_CONTRIBUTIONS = 16384, GKT_PLAN_COUNT_BITS = 15 };
enum { GKT_PLAN_FREE = -1, GKT_PLAN_LARGEST = 0x7FFFFFFF };
typedef gkt_plan_arguments gkt_plan;

/* ---- stars ---- */
typedef struct {
  int block, a;
  gkt_idx cell; /* of the block */
} gkt_plan_entry;
GKT_FUNCTION gkt_plan_entry gkt_plan_read(const gkt_plan &a, gkt_idx entry) {
  gkt_plan_entry e;
  e.block = 0;
  while (e.block + 1 < a.num_blocks && entry >= a.blocks[e.block + 1].entries_before) e.block++;
  const gkt_idx within = entry - a.blocks[e.block].entries_before;
  e.cell = within / a.blocks[e.block].nodes[0], e.a = within % a.blocks[e.block].nodes[0];
  return e;
}
GKT_FUNCTION bool gkt_plan_is_touched(const gkt_plan_block &b, gkt_idx cell) { return !b.touched || b.touched[cell]; }
GKT_FUNCTION gkt_idx gkt_plan_column(const gkt_plan_block &b, gkt_idx cell, int k) { return b.cols ? __ldg(b.cols + (gkt_offset)cell * b.nodes[1] + k) : 0; }

/* ---- sets of numbers, in shared memory: a table with open addressing, whose size is a power of two and which is never full ---- */
GKT_FUNCTION bool gkt_plan_insert(gkt_shared<gkt_idx> table, int size, gkt_idx key) {
  int at = (int)((unsigned)key * 2654435769u >> 7) & (size - 1);
  for (;; at = (at + 1) & (size - 1)) {
    const gkt_idx old = atomicCAS(table + at, (gkt_idx)GKT_PLAN_FREE, key);
    if (old == key) return false;
    if (old == GKT_PLAN_FREE) return true;
  }
}

/* The sum of all lanes. */
GKT_FUNCTION gkt_idx gkt_plan_add_up(gkt_idx number) {
  for (int bit = 16; bit > 0; bit /= 2) number += __shfl_xor_sync(~0u, number, bit);
  return number;
}

/* Those of the lanes that have one (-1: none), each once; the same count in all lanes. list NULL: not wanted. */
GKT_FUNCTION gkt_idx gkt_plan_insert_warp(gkt_shared<gkt_idx> table, int size, gkt_idx key) {
  return __popc(__ballot_sync(~0u, key >= 0 && gkt_plan_insert(table, size, key)));
}

GKT_FUNCTION int gkt_plan_find(gkt_shared<gkt_idx> list, int count, gkt_idx key) {
  int low = 0, high = count - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (list[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
