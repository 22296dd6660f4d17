/* Banks of shared memory, on the device: the twin of patches_deal.c. A warp deals the cells, or the slots, of a patch: each lane weighs one of the next 32, the cheapest goes on,
   the first of equally cheap ones. */
enum { GKT_DEAL_LANES = 16, GKT_DEAL_BANKS = 16, GKT_DEAL_LOADS = 64, GKT_DEAL_WARP = 32 };

/* Addresses that half a warp reads at once, by load and bank, each once. */
typedef struct {
  gkt_shared<gkt_short> counts, most, at; /* [loads][banks], [loads], [loads][banks][lanes] */
} gkt_deal;
GKT_FUNCTION gkt_deal gkt_deal_divide(gkt_shared<gkt_short> room) {
  gkt_deal d;
  d.counts = room, d.most = d.counts + GKT_DEAL_LOADS * GKT_DEAL_BANKS, d.at = d.most + GKT_DEAL_LOADS;
  return d;
}
GKT_FUNCTION void gkt_deal_clear(const gkt_deal &d) {
  for (int k = (int)threadIdx.x; k < GKT_DEAL_LOADS * GKT_DEAL_BANKS; k += GKT_DEAL_WARP) d.counts[k] = 0;
  for (int k = (int)threadIdx.x; k < GKT_DEAL_LOADS; k += GKT_DEAL_WARP) d.most[k] = 0;
}

GKT_FUNCTION int gkt_deal_cost(const gkt_deal &d, int load, int address) {
  if (address < 0) return 0; /* nothing is asked for */
  const int place = load * GKT_DEAL_BANKS + address % GKT_DEAL_BANKS, count = d.counts[place];
  for (int k = 0; k < count; k++)
    if (d.at[place * GKT_DEAL_LANES + k] == address) return 0;
  return count * count + (count && count == d.most[load] ? 2 : 0);
}

GKT_FUNCTION void gkt_deal_add(const gkt_deal &d, int load, int address) {
  if (address < 0) return;
  const int place = load * GKT_DEAL_BANKS + address % GKT_DEAL_BANKS, count = d.counts[place];
  for (int k = 0; k < count; k++)
    if (d.at[place * GKT_DEAL_LANES + k] == address) return;
  d.at[place * GKT_DEAL_LANES + count] = (gkt_short)address;
  d.counts[place] = (gkt_short)(count + 1);
  if (count + 1 > d.most[load]) d.most[load] = (gkt_short)(count + 1);
}

/* What is dealt: cells of a block (corners of each) or slots (words of two codes, one below the other). */
typedef struct {
  const gkt_short *numbers; /* [cells][loads]; NULL: slots */
  const gkt_idx *first_word;
  const gkt_short *list;
  int loads;
} gkt_dealt;
/* The twin of gkt_patch_decode. */
typedef struct {
  int block, cell, pair, at;
} gkt_deal_code;
GKT_FUNCTION gkt_deal_code gkt_deal_decode(const gkt_plan &a, int code) {
  gkt_deal_code c = {0, -1, code, 0};
  gkt_idx left = code - gkt_plan_cell(a.blocks[0]);
  if (left < 0) return c;
  for (c.at = a.zeros;; c.block++) {
    const gkt_plan_block &b = a.blocks[c.block];
    const gkt_idx pairs = gkt_plan_cell(b), cells = b.first[blockIdx.x + 1] - b.first[blockIdx.x];
    c.cell = left / pairs, c.pair = left % pairs;
    if (c.cell < cells) break;
    left -= cells * pairs, c.at += cells * b.record;
  }
  c.at += c.cell * a.blocks[c.block].record;
  return c;
}

/* What belongs to one of the two nodes (to the second one, where it is another), or the first scalar of a block. */
GKT_FUNCTION int gkt_deal_place(const gkt_plan &a, int code, int node) {
  if (!a.pairs) return code & 0x7FFF;
  const gkt_deal_code c = gkt_deal_decode(a, code);
  const gkt_plan_block &b = a.blocks[c.block];
  const int cols = b.nodes[1], row = c.pair / cols, col = c.pair % cols, low = row < col ? row : col, high = row < col ? col : row;
  if (b.tensors) return node ? -1 : c.at + (a.half ? low * cols - low * (low - 1) / 2 + high - low : c.pair) * a.block;
  if (node && (!b.apart || row == col)) return -1;
  return c.at + (node ? col : row) * b.apart;
}
GKT_FUNCTION int gkt_deal_address(const gkt_plan &a, const gkt_dealt &w, gkt_idx item, int load) {
  if (w.numbers) return w.numbers[(gkt_offset)item * w.loads + load] * a.dim;
  const int each = a.pairs ? 2 : 1, k = load / each;
  const gkt_offset word = w.first_word[item / 32] + k / 2;
  return gkt_deal_place(a, w.list[(word * 32 + item % 32) * 2 + k % 2], load % each);
}

/* The lane whose item costs least, the first of them; -1: no item. */
GKT_FUNCTION int gkt_deal_choose(const gkt_plan &a, const gkt_deal &d, const gkt_dealt &w, gkt_idx item, int loads) {
  int best = (int)threadIdx.x, least = 0x7FFFFFFF;
  if (item >= 0) {
    least = 0;
    for (int k = 0; k < loads; k++) least += gkt_deal_cost(d, k, gkt_deal_address(a, w, item, k));
  }
  for (int bit = 16; bit > 0; bit /= 2) {
    const int cost = __shfl_xor_sync(~0u, least, bit), lane = __shfl_xor_sync(~0u, best, bit);
    if (cost < least || (cost == least && lane < best)) least = cost, best = lane;
  }
  return best;
}

/* One more item: the lanes hold the next ones, `next` is what follows them (-1: nothing). All lanes get the item that goes to lane `to`. */
GKT_FUNCTION gkt_idx gkt_deal_one(const gkt_plan &a, const gkt_deal &d, const gkt_dealt &w, gkt_idx to, int window, int loads, gkt_idx *item, gkt_idx next) {
  const int lane = (int)threadIdx.x;
  __syncwarp();
  if (to % GKT_DEAL_LANES == 0) gkt_deal_clear(d);
  __syncwarp();
  const int best = gkt_deal_choose(a, d, w, *item, loads);
  const gkt_idx chosen = __shfl_sync(~0u, *item, best), after = __shfl_down_sync(~0u, *item, 1);
  if (lane >= best) *item = lane + 1 < window ? after : next;
  if (lane >= window) *item = -1;
  __syncwarp();
  for (int k = lane; k < loads; k += GKT_DEAL_WARP) gkt_deal_add(d, k, gkt_deal_address(a, w, chosen, k));
  return chosen;
}

GKT_FUNCTION int gkt_deal_count(int loads) { return loads < GKT_DEAL_LOADS ? loads : GKT_DEAL_LOADS; }

GKT_KERNEL(32) gkt_plan_deal_cells(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_short, room, 0);
  const gkt_deal d = gkt_deal_divide(room);
  const int lane = (int)threadIdx.x;
  for (int k = 0; k < a.num_blocks; k++) {
    const gkt_plan_block &b = a.blocks[k];
    const gkt_idx first = b.first[blockIdx.x], count = b.first[blockIdx.x + 1] - first;
    const gkt_dealt w = {b.sorted_numbers + (gkt_offset)first * b.corners, 0, 0, b.corners};
    gkt_idx item = lane < a.window && lane < count ? lane : -1;
    for (gkt_idx i = 0; i < count; i++) {
      const gkt_idx chosen = gkt_deal_one(a, d, w, i, a.window, gkt_deal_count(b.corners), &item, i + a.window < count ? i + a.window : -1);
      if (lane == 0) b.cells[first + i] = b.sorted[first + chosen], b.place[first + chosen] = (gkt_short)i;
      for (int c = lane; c < b.corners; c += GKT_DEAL_WARP) b.numbers[(gkt_offset)(first + i) * b.corners + c] = w.numbers[(gkt_offset)chosen * b.corners + c];
    }
  }
}

/* Slot `to` becomes what slot `from` was; zeros behind its words. */
GKT_FUNCTION void gkt_deal_move(const gkt_plan &a, gkt_idx group, gkt_idx to, gkt_idx from, gkt_idx words) {
  const unsigned *in = (const unsigned *)a.sorted_list;
  unsigned *out = (unsigned *)a.list;
  const gkt_idx there = a.first_word[group + to / 32], length = a.first_word[group + to / 32 + 1] - there, here = a.first_word[group + from / 32];
  if (threadIdx.x == 0) gkt_plan_place(a, to, a.sorted_places[(gkt_offset)group * 32 + from], a.sorted_mirrors[(gkt_offset)group * 32 + from]);
  for (gkt_idx k = (gkt_idx)threadIdx.x; k < length; k += GKT_DEAL_WARP) out[(gkt_offset)(there + k) * 32 + to % 32] = k < words ? in[(gkt_offset)(here + k) * 32 + from % 32] : 0;
}

/* Has the block of a slot, before they are dealt, a mirror? */
GKT_FUNCTION bool gkt_deal_has_mirror(const gkt_plan &a, gkt_idx group, gkt_idx slot) { return a.block > 1 && a.sorted_mirrors[(gkt_offset)group * 32 + slot] != GKT_PLAN_NONE; }

/* Among equal counts, with a mirror or without. */
GKT_KERNEL(32) gkt_plan_deal_slots(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_short, room, 0);
  const gkt_deal d = gkt_deal_divide(room);
  const int lane = (int)threadIdx.x;
  const gkt_idx group = a.first_group[blockIdx.x], slots = (a.first_group[blockIdx.x + 1] - group) * 32;
  const gkt_idx before = a.first_pair[a.first_row[blockIdx.x]], pairs = a.summed[blockIdx.x];
  const gkt_dealt w = {0, a.first_word + group, a.sorted_list, 0};
  gkt_deal_clear(d);
  for (gkt_idx first = 0, end; first < pairs; first = end) {
    const gkt_idx length = a.counts[a.sorted[before + first]];
    const bool mirrored = gkt_deal_has_mirror(a, group, first);
    for (end = first + 1; end < pairs && a.counts[a.sorted[before + end]] == length && gkt_deal_has_mirror(a, group, end) == mirrored; end++) continue;
    gkt_idx item = lane < a.window && first + lane < end ? first + lane : -1;
    for (gkt_idx i = first; i < end; i++) {
      const gkt_idx chosen = gkt_deal_one(a, d, w, i, a.window, gkt_deal_count(a.pairs ? 2 * length : length), &item, i + a.window < end ? i + a.window : -1);
      gkt_deal_move(a, group, i, chosen, (length + 1) / 2);
    }
  }
  for (gkt_idx i = pairs; i < slots; i++) gkt_deal_move(a, group, i, i, 0);
}

/* ---- counting ---- */
/* Wavefronts of the lane's half of the warp; address -1: the lane asks for nothing. To be called by all. */
GKT_FUNCTION int gkt_deal_waves(int address) {
  const int lane = (int)threadIdx.x % 32, half = lane / GKT_DEAL_LANES * GKT_DEAL_LANES;
  bool again = address < 0;
  int waves = 0;
  for (int l = 0; l < GKT_DEAL_LANES; l++) {
    const int other = __shfl_sync(~0u, address, half + l);
    again = again || (half + l < lane && other == address);
  }
  const unsigned firsts = __ballot_sync(~0u, !again);
  for (int l = 0; l < GKT_DEAL_LANES; l++) {
    const int other = __shfl_sync(~0u, address, half + l);
    waves += (firsts >> (half + l) & 1) && address >= 0 && other % GKT_DEAL_BANKS == address % GKT_DEAL_BANKS;
  }
  for (int bit = GKT_DEAL_LANES / 2; bit > 0; bit /= 2) {
    const int other = __shfl_xor_sync(~0u, waves, bit);
    waves = other > waves ? other : waves;
  }
  return waves;
}

/* A warp for each of the patch's words. */
GKT_KERNEL(256) gkt_plan_sum_waves(const gkt_plan GKT_BY_VALUE a) {
  const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32, each = a.pairs ? 2 : 1, loads = each + (a.tables != 0);
  unsigned sum = 0, second = 0, tables = 0; /* those of a patch */
  for (gkt_idx k = a.first_word[a.first_group[blockIdx.x]] + warp; k < a.first_word[a.first_group[blockIdx.x + 1]]; k += GKT_PLAN_THREADS / 32)
    for (int c = 0; c < 2 * loads; c++) {
      const int code = a.list[((gkt_offset)k * 32 + lane) * 2 + c / loads], load = c % loads;
      const int waves = gkt_deal_waves(load < each ? gkt_deal_place(a, code, load) : gkt_deal_decode(a, code).pair);
      if (load == 0) sum += waves;
      else if (load < each) second += waves;
      else tables += waves;
    }
  if (lane % GKT_DEAL_LANES == 0)
    atomicAdd(a.waves, (unsigned long long)sum), atomicAdd(a.waves + 1, (unsigned long long)tables), atomicAdd(a.waves + 4, (unsigned long long)second);
}

/* A warp for 32 cells of a block. */
GKT_KERNEL(256) gkt_plan_corner_waves(const gkt_plan GKT_BY_VALUE a) {
  const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32;
  unsigned waves = 0, loads = 0;
  for (int k = 0; k < a.num_blocks; k++) {
    const gkt_plan_block &b = a.blocks[k];
    const gkt_idx end = b.first[blockIdx.x + 1];
    for (gkt_idx i = b.first[blockIdx.x] + warp * 32; i < end; i += GKT_PLAN_THREADS)
      for (int c = 0; c < b.corners; c++) {
        const int address = i + lane < end ? b.numbers[(gkt_offset)(i + lane) * b.corners + c] * a.dim : -1;
        waves += gkt_deal_waves(address), loads += address >= 0;
      }
  }
  if (lane % GKT_DEAL_LANES == 0) atomicAdd(a.waves + 2, (unsigned long long)loads), atomicAdd(a.waves + 3, (unsigned long long)waves);
}
