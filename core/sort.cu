/* Sums of what stands before (scans), and stable sorts of keys with a number each, by digits, the lowest first (as Merrill and Grimshaw 2011, in three kernels a digit: counts of the
   tiles, their scan, and each item to its place). Nothing depends on the order of threads. */

/* A thread's items of a tile, one after the other. */
enum { GKT_TILE_EACH = GKT_TILE / GKT_TILE_THREADS };
GKT_FUNCTION gkt_size gkt_first_item() { return (gkt_size)blockIdx.x * GKT_TILE + threadIdx.x * GKT_TILE_EACH; }
GKT_FUNCTION gkt_size gkt_sum_items(const gkt_scan_arguments &a) {
  gkt_size sum = 0;
  for (gkt_size i = gkt_first_item(), end = i + GKT_TILE_EACH; i < end && i < a.count; i++) sum += a.in[i];
  return sum;
}

GKT_KERNEL(256) gkt_scan_sum(const gkt_scan_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_size, warps, 0);
  gkt_size all;
  gkt_block_scan(gkt_sum_items(a), warps, &all);
  if (threadIdx.x == 0) a.parts[blockIdx.x] = all;
}

/* One block. */
GKT_KERNEL(256) gkt_scan_parts(const gkt_scan_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_size, warps, 0);
  gkt_size before = 0, all;
  for (gkt_size i = threadIdx.x; i - threadIdx.x < a.tiles; i += GKT_TILE_THREADS) {
    const gkt_size sum = before + gkt_block_scan(i < a.tiles ? a.parts[i] : 0, warps, &all);
    if (i < a.tiles) a.parts[i] = sum;
    before += all;
  }
  if (threadIdx.x == 0) a.parts[a.tiles] = before, a.out[a.count] = (gkt_idx)before;
}

GKT_KERNEL(256) gkt_scan_tiles(const gkt_scan_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_size, warps, 0);
  gkt_size all, sum = a.parts[blockIdx.x] + gkt_block_scan(gkt_sum_items(a), warps, &all);
  for (gkt_size i = gkt_first_item(), end = i + GKT_TILE_EACH; i < end && i < a.count; i++) {
    const gkt_idx own = a.in[i];
    a.out[i] = (gkt_idx)sum;
    sum += own;
  }
}

/* ---- sorts ---- */
template <class K> GKT_FUNCTION int gkt_digit_of(const gkt_sort_arguments &a, gkt_size i) { return (int)(((const K *)a.keys)[i] >> a.shift) & (GKT_DIGITS - 1); }

template <class K> GKT_FUNCTION void gkt_sort_count(const gkt_sort_arguments &a, gkt_shared<gkt_idx> counts) {
  const gkt_size first = (gkt_size)blockIdx.x * GKT_TILE, end = first + GKT_TILE < a.count ? first + GKT_TILE : a.count;
  counts[threadIdx.x] = 0;
  __syncthreads();
  for (gkt_size i = first + threadIdx.x; i < end; i += GKT_TILE_THREADS) atomicAdd(counts + gkt_digit_of<K>(a, i), 1);
  __syncthreads();
  a.counts[threadIdx.x * a.tiles + blockIdx.x] = counts[threadIdx.x];
}

/* Lanes of the warp that have the same digit; -1: no item. */
GKT_FUNCTION unsigned gkt_same_digit(int digit) {
  unsigned same = __ballot_sync(~0u, digit >= 0);
  for (int b = 0; b < GKT_DIGIT_BITS; b++) {
    const unsigned set = __ballot_sync(~0u, digit >> b & 1);
    same &= digit >> b & 1 ? set : ~set;
  }
  return digit < 0 ? 0 : same;
}

/* A round takes one item for each thread. next [digits]: places of the next items; warps [8][digits]: of those of each warp. */
template <class K> GKT_FUNCTION void gkt_sort_round(const gkt_sort_arguments &a, gkt_size i, gkt_shared<gkt_idx> next, gkt_shared<gkt_idx> warps) {
  const int lane = (int)threadIdx.x % 32, digit = i < a.count ? gkt_digit_of<K>(a, i) : -1;
  const gkt_shared<gkt_idx> own = warps + (int)threadIdx.x / 32 * GKT_DIGITS;
  const unsigned same = gkt_same_digit(digit);
  const int before = __popc(same & ((1u << lane) - 1));
  for (int d = lane; d < GKT_DIGITS; d += 32) own[d] = 0;
  __syncwarp();
  if (digit >= 0 && !before) own[digit] = __popc(same);
  __syncthreads();
  gkt_idx place = next[threadIdx.x];
  for (int w = 0; w < GKT_TILE_THREADS / 32; w++) {
    const gkt_idx count = warps[w * GKT_DIGITS + (int)threadIdx.x];
    warps[w * GKT_DIGITS + (int)threadIdx.x] = place;
    place += count;
  }
  next[threadIdx.x] = place;
  __syncthreads();
  if (digit >= 0) {
    place = own[digit] + before;
    ((K *)a.keys_out)[place] = ((const K *)a.keys)[i];
    a.values_out[place] = a.values ? a.values[i] : (gkt_idx)i;
  }
  __syncwarp();
}

template <class K> GKT_FUNCTION void gkt_sort_place(const gkt_sort_arguments &a, gkt_shared<gkt_idx> next, gkt_shared<gkt_idx> warps) {
  const gkt_size first = (gkt_size)blockIdx.x * GKT_TILE;
  next[threadIdx.x] = a.counts[threadIdx.x * a.tiles + blockIdx.x]; /* read by nobody else */
  for (gkt_size i = first; i < first + GKT_TILE && i < a.count; i += GKT_TILE_THREADS) gkt_sort_round<K>(a, i + threadIdx.x, next, warps);
}

GKT_KERNEL(256) gkt_sort_count_32(const gkt_sort_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, counts, 0);
  gkt_sort_count<unsigned>(a, counts);
}
GKT_KERNEL(256) gkt_sort_count_64(const gkt_sort_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, counts, 0);
  gkt_sort_count<unsigned long long>(a, counts);
}
GKT_KERNEL(256) gkt_sort_place_32(const gkt_sort_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, next, 0);
  gkt_sort_place<unsigned>(a, next, next + GKT_DIGITS);
}
GKT_KERNEL(256) gkt_sort_place_64(const gkt_sort_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, next, 0);
  gkt_sort_place<unsigned long long>(a, next, next + GKT_DIGITS);
}
