/* The kernel of the strategy `fused` (patches.h): a block of threads computes the tensors of all cells that touch the rows of a patch, then sums and writes these rows. The emitted
   text before it (patches_emit.c) defines GKT_PATCH_ARGUMENTS, its struct of arguments; GKT_PATCH_ROWS and GKT_PATCH_COLS of a block of scalars; GKT_PATCH_DIM of the space;
   GKT_PATCH_THREADS; GKT_PATCH_ZEROS, the scalars that padding adds; GKT_PATCH_PAIRS, the scalars from one record to the next, if records are no tensors, then GKT_PATCH_CELL and
   GKT_PATCH_NODE, the pairs of nodes of a cell and the nodes of its columns, GKT_PATCH_TABLES, the scalars of tables, gkt_patch_begin, which fills these, gkt_patch_find_common,
   what all cells have in common, and gkt_patch_pair, which forms a block from a record; GKT_PATCH_SINGLE, if rows have one pair; GKT_PATCH_ONCE, if a sum is the transposed one's,
   too; GKT_PATCH_LONG, the terms of a run, if a sum has more; GKT_PATCH_STAGED, if blocks go out through shared memory; and gkt_patch_room, gkt_patch_clear and gkt_patch_records:
   the scalars of the records of a patch, zeros where records are only added to, and what fills them. Of a batch also GKT_PATCH_SETS, the sets of values that a block of threads
   does: their records stand set by set, so a code, and where a sum goes, are read once for all of them. */
#ifndef GKT_PATCH_SETS
#define GKT_PATCH_ONE_SET
#define GKT_PATCH_SETS 1
#endif
enum { GKT_PATCH_BLOCK = GKT_PATCH_ROWS * GKT_PATCH_COLS, GKT_PATCH_SUMS = GKT_PATCH_SETS * GKT_PATCH_BLOCK, GKT_PATCH_NONE = 0xFFFF, GKT_PATCH_ACROSS = 0x8000 };

GKT_FUNCTION gkt_patch_work gkt_patch_find_work(const GKT_PATCH_ARGUMENTS &a) {
#ifdef GKT_PATCH_ONE_SET
  const int patch = (int)blockIdx.x;
  return {patch, gkt_patch_room(a, patch), {0, 1}, 0};
#else
  const int patch = (int)(blockIdx.x % (unsigned)a.sets.items);
  const gkt_size first = (gkt_size)(blockIdx.x / (unsigned)a.sets.items) * GKT_PATCH_SETS, left = a.sets.count - first;
  return {patch, gkt_patch_room(a, patch), {first, left < GKT_PATCH_SETS ? (int)left : GKT_PATCH_SETS}, a.sets.results_stride};
#endif
}

GKT_FUNCTION void gkt_patch_load(const GKT_PATCH_ARGUMENTS &a, int patch, gkt_shared<gkt_scalar> X) {
  const gkt_idx first = __ldg(a.p.first_node + patch), count = (__ldg(a.p.first_node + patch + 1) - first) * GKT_PATCH_DIM;
  for (gkt_idx i = (gkt_idx)threadIdx.x; i < count; i += GKT_PATCH_THREADS)
    X[i] = __ldg(a.p.coords + (gkt_offset)__ldg(a.p.nodes + first + i / GKT_PATCH_DIM) * GKT_PATCH_DIM + i % GKT_PATCH_DIM);
}

#ifndef GKT_PATCH_PAIRS
struct gkt_patch_common {};
GKT_FUNCTION gkt_patch_common gkt_patch_find_common(const gkt_scalar *constants, gkt_scalar time) {
  (void)constants, (void)time;
  return {};
}
#endif

/* The contribution of a code is added to the scalars of a sum. first: scalars before the records of its set. */
GKT_FUNCTION void gkt_patch_add(gkt_shared<gkt_scalar> all, const gkt_patch_common &common, int first, unsigned code, gkt_scalar *sum) {
  (void)common;
  const gkt_shared<gkt_scalar> records = all + first;
#ifdef GKT_PATCH_PAIRS
  const int pair = (int)(code % GKT_PATCH_CELL);
  gkt_patch_pair(all + -GKT_PATCH_TABLES, records + (gkt_idx)(code / GKT_PATCH_CELL) * GKT_PATCH_PAIRS, common, pair / GKT_PATCH_NODE, pair % GKT_PATCH_NODE, sum);
#elif GKT_PATCH_ROWS * GKT_PATCH_COLS == 1
  sum[0] += records[code];
#elif GKT_PATCH_ROWS == GKT_PATCH_COLS
  const int across = code >> 15, from = code & 0x7FFF, down = across ? 1 : GKT_PATCH_COLS, right = across ? GKT_PATCH_COLS : 1;
  GKT_UNROLL
  for (int i = 0; i < GKT_PATCH_ROWS; i++) {
    GKT_UNROLL
    for (int j = 0; j < GKT_PATCH_COLS; j++) sum[i * GKT_PATCH_COLS + j] += records[from + i * down + j * right];
  }
#else
  GKT_UNROLL
  for (int i = 0; i < GKT_PATCH_BLOCK; i++) sum[i] += records[(int)code + i];
#endif
}

/* The same of each set. */
GKT_FUNCTION void gkt_patch_add_sets(gkt_shared<gkt_scalar> records, const gkt_patch_common &common, int room, unsigned code, gkt_scalar *sum) {
  GKT_UNROLL
  for (int s = 0; s < GKT_PATCH_SETS; s++) gkt_patch_add(records, common, s * room, code, sum + s * GKT_PATCH_BLOCK);
}

/* Words of a slot, [words][32 slots]. */
GKT_FUNCTION void gkt_patch_sum(gkt_shared<gkt_scalar> records, const gkt_patch_common &common, int room, const unsigned *list, gkt_idx words, gkt_scalar *sum) {
  for (gkt_idx k = 0; k < words; k++) {
    const unsigned word = __ldg(list + k * 32);
    gkt_patch_add_sets(records, common, room, word & 0xFFFF, sum);
    gkt_patch_add_sets(records, common, room, word >> 16, sum);
  }
}

GKT_FUNCTION void gkt_patch_gather(gkt_shared<gkt_scalar> records, const gkt_patch_common &common, int room, const unsigned *list, gkt_idx words, gkt_scalar *sum) {
  GKT_UNROLL
  for (int i = 0; i < GKT_PATCH_SUMS; i++) sum[i] = 0;
#ifdef GKT_PATCH_LONG
  for (gkt_idx k = 0; k < words; k += GKT_PATCH_LONG / 2) {
    gkt_scalar run[GKT_PATCH_SUMS];
    GKT_UNROLL
    for (int i = 0; i < GKT_PATCH_SUMS; i++) run[i] = 0;
    gkt_patch_sum(records, common, room, list + k * 32, words - k < GKT_PATCH_LONG / 2 ? words - k : GKT_PATCH_LONG / 2, run);
    GKT_UNROLL
    for (int i = 0; i < GKT_PATCH_SUMS; i++) sum[i] += run[i];
  }
#else
  gkt_patch_sum(records, common, room, list, words, sum);
#endif
}

#if GKT_PATCH_ROWS * GKT_PATCH_COLS == 1
/* Row after row. */
GKT_FUNCTION void gkt_patch_write(const GKT_PATCH_ARGUMENTS &a, int patch, gkt_shared<gkt_scalar> sums, gkt_scalar *values) {
  const gkt_idx first = __ldg(a.p.first_row + patch), end = __ldg(a.p.first_row + patch + 1);
#ifdef GKT_PATCH_SINGLE
  for (gkt_idx r = first + (gkt_idx)threadIdx.x; r < end; r += GKT_PATCH_THREADS) values[__ldg(a.p.first_value + r)] = sums[__ldg(a.p.slots + r)];
#else
  for (gkt_idx r = first + (gkt_idx)threadIdx.x / 32; r < end; r += GKT_PATCH_THREADS / 32) {
    const gkt_idx pair = __ldg(a.p.first_pair + r), count = __ldg(a.p.first_pair + r + 1) - pair, to = __ldg(a.p.first_value + r);
    for (gkt_idx k = (gkt_idx)threadIdx.x % 32; k < count; k += 32) values[to + k] = sums[__ldg(a.p.slots + pair + k)];
  }
#endif
}
#else
/* Where the block of a pair is stored, and how far its rows are apart. */
GKT_FUNCTION gkt_idx gkt_patch_find(const GKT_PATCH_ARGUMENTS &a, int patch, gkt_idx place, gkt_idx *stride) {
#ifdef GKT_PATCH_SINGLE
  const gkt_idx row = __ldg(a.p.first_row + patch) + place;
  *stride = __ldg(a.p.stride + row);
  return __ldg(a.p.first_value + row);
#else
  gkt_idx low = __ldg(a.p.first_row + patch), high = __ldg(a.p.first_row + patch + 1) - 1;
  const gkt_idx pair = __ldg(a.p.first_pair + low) + place;
  while (low < high) { /* the last row that begins at the pair or before it */
    const gkt_idx middle = (low + high + 1) / 2;
    if (__ldg(a.p.first_pair + middle) <= pair) low = middle;
    else high = middle - 1;
  }
  *stride = __ldg(a.p.stride + low);
  return __ldg(a.p.first_value + low) + (pair - __ldg(a.p.first_pair + low)) * GKT_PATCH_COLS;
#endif
}

/* The blocks of a warp, or their transposes (across), row by row, so that lanes next to each other write scalars next to each other. to: -1, with stride 0: nothing; room: of a row
   of each. */
GKT_FUNCTION void gkt_patch_write_blocks(gkt_idx to, gkt_idx stride, bool across, const gkt_scalar *sum, gkt_shared<gkt_scalar> room, gkt_scalar *values) {
  const int lane = (int)threadIdx.x % 32;
#ifdef GKT_PATCH_STAGED
  GKT_UNROLL
  for (int row = 0; row < GKT_PATCH_ROWS; row++) {
    GKT_UNROLL
    for (int col = 0; col < GKT_PATCH_COLS; col++) room[lane * GKT_PATCH_COLS + col] = sum[across ? col * GKT_PATCH_COLS + row : row * GKT_PATCH_COLS + col];
    __syncwarp();
    GKT_UNROLL
    for (int k = 0; k < GKT_PATCH_COLS; k++) {
      const int at = k * 32 + lane;
      const gkt_idx there = __shfl_sync(~0u, to + row * stride, at / GKT_PATCH_COLS);
      if (there >= 0) values[there + at % GKT_PATCH_COLS] = room[at];
    }
    __syncwarp();
  }
#else
  (void)room, (void)lane;
  for (int i = 0; to >= 0 && i < GKT_PATCH_BLOCK; i++) {
    const int row = i / GKT_PATCH_COLS, col = i % GKT_PATCH_COLS;
    values[to + row * stride + col] = sum[across ? col * GKT_PATCH_COLS + row : i];
  }
#endif
}

/* Of a set. */
GKT_FUNCTION void gkt_patch_take_blocks(const GKT_PATCH_ARGUMENTS &a, int patch, gkt_idx place, gkt_idx mirror, const gkt_scalar *sum, gkt_shared<gkt_scalar> room,
                                        gkt_scalar *values) {
  gkt_idx stride = 0, to = -1;
  if (place != GKT_PATCH_NONE) to = gkt_patch_find(a, patch, place, &stride);
  gkt_patch_write_blocks(to, stride, false, sum, room, values);
#ifdef GKT_PATCH_ONCE
  if (!__ballot_sync(~0u, mirror != GKT_PATCH_NONE)) return;
  to = -1, stride = 0;
  if (mirror != GKT_PATCH_NONE) to = gkt_patch_find(a, patch, mirror, &stride);
  gkt_patch_write_blocks(to, stride, true, sum, room, values);
#else
  (void)mirror;
#endif
}
#endif

/* What a thread has summed, of all sets: a scalar waits in X, of a set [slots], blocks go out. */
GKT_FUNCTION void gkt_patch_take(const GKT_PATCH_ARGUMENTS &a, const gkt_patch_work &w, gkt_idx slot, gkt_idx slots, const gkt_scalar *sum, gkt_shared<gkt_scalar> X) {
#if GKT_PATCH_ROWS * GKT_PATCH_COLS == 1
  (void)a, (void)w;
  GKT_UNROLL
  for (int s = 0; s < GKT_PATCH_SETS; s++) X[s * slots + slot] = sum[s];
#else
  const gkt_offset at = (gkt_offset)__ldg(a.p.first_group + w.patch) * 32 + slot;
#ifdef GKT_PATCH_ONCE
  const gkt_idx place = __ldg(a.p.places + at), mirror = __ldg(a.p.mirrors + at);
#else
  const gkt_idx place = __ldg(a.p.places + at), mirror = GKT_PATCH_NONE;
#endif
  (void)slots;
  GKT_UNROLL
  for (int s = 0; s < GKT_PATCH_SETS; s++)
    if (s < w.sets.count)
      gkt_patch_take_blocks(a, w.patch, place, mirror, sum + s * GKT_PATCH_BLOCK, X + (int)threadIdx.x / 32 * 32 * GKT_PATCH_COLS, a.p.values + (w.sets.first + s) * w.apart);
#endif
}

GKT_KERNEL(GKT_PATCH_THREADS) gkt_patch(const GKT_PATCH_ARGUMENTS GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, tables, 0);
  const gkt_patch_work w = gkt_patch_find_work(a);
  const int lane = (int)threadIdx.x % 32;
#ifdef GKT_PATCH_PAIRS
  const gkt_shared<gkt_scalar> records = tables + GKT_PATCH_TABLES;
  gkt_patch_begin(a, tables);
#else
  const gkt_shared<gkt_scalar> records = tables;
#endif
  const gkt_shared<gkt_scalar> X = records + GKT_PATCH_SETS * w.room;
  gkt_patch_load(a, w.patch, X);
  for (int s = 0; s < GKT_PATCH_SETS; s++) {
    gkt_patch_clear(a, w.patch, records + s * w.room);
    if (threadIdx.x < GKT_PATCH_ZEROS) records[s * w.room + (int)threadIdx.x] = 0;
  }
  __syncthreads();
  gkt_patch_records(a, w, records, X); /* and a barrier: nobody reads coordinates any more */
  const gkt_patch_common common = gkt_patch_find_common(a.p.constants, a.p.time);
  const gkt_idx start = __ldg(a.p.first_group + w.patch), slots = (__ldg(a.p.first_group + w.patch + 1) - start) * 32;
  for (gkt_idx slot = (gkt_idx)threadIdx.x; slot < slots; slot += GKT_PATCH_THREADS) {
    const gkt_idx *at = a.p.first_word + start + slot / 32;
    const gkt_idx first = __ldg(at), words = __ldg(at + 1) - first;
    gkt_scalar sum[GKT_PATCH_SUMS];
    gkt_patch_gather(records, common, w.room, a.p.list + (gkt_offset)first * 32 + lane, words, sum);
    gkt_patch_take(a, w, slot, slots, sum, X);
  }
#if GKT_PATCH_ROWS * GKT_PATCH_COLS == 1
  __syncthreads();
  for (int s = 0; s < w.sets.count; s++) gkt_patch_write(a, w.patch, X + s * slots, a.p.values + (w.sets.first + s) * w.apart);
#endif
}
