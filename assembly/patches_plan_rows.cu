/* Before patches are cut on the device: rows along Hilbert's curve (the twin of meshes/order.c), their stars, the pattern (of pattern.c). */

/* ---- rows along the curve ---- */
GKT_FUNCTION gkt_scalar gkt_plan_least(gkt_scalar value, gkt_shared<gkt_scalar> warps) {
  for (int d = 16; d > 0; d /= 2) {
    const gkt_scalar other = __shfl_xor_sync(~0u, value, d);
    value = other < value ? other : value;
  }
  __syncthreads(); /* what stood there has been read */
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  for (int w = 0; w < GKT_PLAN_THREADS / 32; w++) value = warps[w] < value ? warps[w] : value;
  return value;
}
GKT_FUNCTION gkt_scalar gkt_plan_infinity() { return __longlong_as_double(0x7FF0000000000000LL); }

/* Least x, y, z and least -x, -y, -z. */
GKT_KERNEL(256) gkt_plan_bounds(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  const gkt_size first = (gkt_size)blockIdx.x * GKT_TILE, end = first + GKT_TILE < a.num_rows ? first + GKT_TILE : a.num_rows;
  for (int k = 0; k < 6; k++) {
    gkt_scalar least = gkt_plan_infinity();
    for (gkt_size i = first + threadIdx.x; i < end; i += GKT_PLAN_THREADS) {
      const gkt_scalar x = k % 3 < a.dim ? a.points[i * a.dim + k % 3] : 0, value = k < 3 ? x : -x;
      least = value < least ? value : least;
    }
    least = gkt_plan_least(least, warps);
    if (threadIdx.x == 0) a.parts[(gkt_size)blockIdx.x * 6 + k] = least;
  }
}
GKT_KERNEL(256) gkt_plan_join_bounds(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  for (int k = 0; k < 6; k++) {
    gkt_scalar least = gkt_plan_infinity();
    for (gkt_size i = threadIdx.x; i < a.tiles; i += GKT_PLAN_THREADS) least = a.parts[i * 6 + k] < least ? a.parts[i * 6 + k] : least;
    least = gkt_plan_least(least, warps);
    if (threadIdx.x == 0) a.parts[a.tiles * (gkt_size)6 + k] = least;
  }
}

GKT_FUNCTION unsigned long long gkt_plan_spread(unsigned long long x) {
  x = (x | x << 32) & 0x001f00000000ffffull;
  x = (x | x << 16) & 0x001f0000ff0000ffull;
  x = (x | x << 8) & 0x100f00f00f00f00full;
  x = (x | x << 4) & 0x10c30c30c30c30c3ull;
  return (x | x << 2) & 0x1249249249249249ull;
}

/* Skilling 2004, as in meshes/order.c. */
GKT_FUNCTION void gkt_plan_transform(int dim, unsigned *at) {
  unsigned turned = 0;
  for (unsigned bit = 1u << 20; bit > 1; bit >>= 1) {
    GKT_UNROLL
    for (int d = 0; d < 3; d++) {
      if (d >= dim) continue;
      const unsigned low = bit - 1, swap = (at[0] ^ at[d]) & low;
      if (at[d] & bit) at[0] ^= low;
      else at[0] ^= swap, at[d] ^= swap;
    }
  }
  at[1] ^= at[0];
  if (dim > 2) at[2] ^= at[1];
  for (unsigned bit = 1u << 20; bit > 1; bit >>= 1)
    if ((dim > 2 ? at[2] : at[1]) & bit) turned ^= bit - 1;
  at[0] ^= turned, at[1] ^= turned;
  if (dim > 2) at[2] ^= turned;
}

GKT_KERNEL(256) gkt_plan_curve(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  const gkt_scalar *bounds = a.parts + a.tiles * (gkt_size)6;
  gkt_scalar extent = 0;
  unsigned at[3] = {0, 0, 0};
  if (i >= a.num_rows) return;
  for (int d = 0; d < 3; d++) extent = fmax(extent, -bounds[3 + d] - bounds[d]);
  GKT_UNROLL
  for (int d = 0; d < 3; d++) {
    const gkt_scalar t = ((d < a.dim ? a.points[i * a.dim + d] : 0) - bounds[d]) / extent;
    if (t >= 0 && t <= 1) at[d] = (unsigned)(t * 0x1fffff);
  }
  gkt_plan_transform(-bounds[5] > bounds[2] ? 3 : 2, at);
  a.curve[i] = gkt_plan_spread(at[2]) | gkt_plan_spread(at[1]) << 1 | gkt_plan_spread(at[0]) << 2;
}

GKT_KERNEL(256) gkt_plan_rank(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  if (i < a.num_rows) a.rank[a.order[i]] = (gkt_idx)i;
}

/* ---- stars ---- */
GKT_KERNEL(256) gkt_plan_incidences(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  if (i >= a.num_entries) return;
  const gkt_plan_entry e = gkt_plan_read(a, (gkt_idx)i);
  a.ranks[i] = (unsigned)a.rank[a.blocks[e.block].rows[i - a.blocks[e.block].entries_before]];
}

/* Where the ranks change, rows begin. */
GKT_KERNEL(256) gkt_plan_stars(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  if (i > a.num_entries) return;
  const gkt_idx end = i < a.num_entries ? (gkt_idx)a.ranks[i] : a.num_rows;
  for (gkt_idx k = i ? (gkt_idx)a.ranks[i - 1] + 1 : 0; k <= end; k++) a.star_first[k] = (gkt_idx)i;
}

/* ---- the pattern: a warp for each row ---- */
GKT_FUNCTION gkt_idx gkt_plan_collect_columns(const gkt_plan &a, gkt_idx place, gkt_shared<gkt_idx> table, gkt_shared<gkt_idx> list) {
  const int lane = (int)threadIdx.x % 32;
  const gkt_idx row = a.order[place], first = a.star_first[place], end = a.star_first[place + 1];
  gkt_idx count = 0;
  for (int k = lane; k < GKT_PLAN_COLUMN_TABLE; k += 32) table[k] = GKT_PLAN_FREE;
  __syncwarp();
  for (gkt_idx i = first - 1; i < end && count <= GKT_PLAN_MOST_COLUMNS; i++) { /* the first one is the row's own */
    gkt_plan_entry e = {0, 0, 0};
    if (i >= first) e = gkt_plan_read(a, a.star[i]);
    const int columns = i >= first ? a.blocks[e.block].nodes[1] : a.own != GKT_PLAN_OWN_NONE;
    for (int k = lane; k - lane < columns && count <= GKT_PLAN_MOST_COLUMNS; k += 32) {
      const gkt_idx own = a.own == GKT_PLAN_OWN_ROW ? row : 0, col = k >= columns ? -1 : i >= first ? gkt_plan_column(a.blocks[e.block], e.cell, k) : own;
      const bool is_new = col >= 0 && gkt_plan_insert(table, GKT_PLAN_COLUMN_TABLE, col);
      const unsigned fresh = __ballot_sync(~0u, is_new);
      const gkt_idx at = count + __popc(fresh & ((1u << lane) - 1));
      if (is_new && at < GKT_PLAN_MOST_COLUMNS) list[at] = col;
      count += __popc(fresh);
    }
  }
  __syncwarp();
  return count;
}

enum { GKT_PLAN_ROW_WARPS = 4, GKT_PLAN_ROW_SHARED = GKT_PLAN_COLUMN_TABLE + GKT_PLAN_MOST_COLUMNS };
GKT_KERNEL(128) gkt_plan_columns(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, room, 0);
  const int warp = (int)threadIdx.x / 32, lane = (int)threadIdx.x % 32;
  const gkt_shared<gkt_idx> table = room + warp * GKT_PLAN_ROW_SHARED, list = table + GKT_PLAN_COLUMN_TABLE;
  const gkt_size place = (gkt_size)blockIdx.x * GKT_PLAN_ROW_WARPS + warp;
  if (place >= a.num_rows) return;
  const gkt_idx row = a.order[place], count = gkt_plan_collect_columns(a, (gkt_idx)place, table, list);
  if (count > GKT_PLAN_MOST_COLUMNS) {
    if (lane == 0) atomicMax(a.most + GKT_PLAN_MISFITS, 1);
    if (lane == 0 && !a.cols) a.row_pairs[row] = count;
    return;
  }
  if (lane == 0 && !a.cols) a.row_pairs[row] = count;
  if (!a.cols) return;
  for (gkt_idx i = lane; i < count; i += 32) {
    const gkt_idx col = list[i];
    gkt_idx before = 0;
    for (gkt_idx k = 0; k < count; k++) before += list[k] < col;
    a.cols[a.row_pairs[row] + before] = col;
  }
}
