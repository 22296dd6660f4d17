/* Patches on the device: the twins of patches_cut.c and patches_fill.c. Every array is the host's, number by number. */

/* ---- cutting: a warp for each segment of rows; as many rows as fit ---- */
typedef struct {
  gkt_idx first, rows, nodes, cells, pairs, contributions, records; /* first: place of a row */
  gkt_idx mirrored, codes;                                          /* pairs that are not summed; codes of pair mode */
} gkt_plan_extent;
GKT_FUNCTION gkt_size gkt_plan_scalars(const gkt_plan &a, const gkt_plan_extent &e) {
  const gkt_size slots = (gkt_size)(e.pairs - e.mirrored + GKT_PLAN_GROUP - 1) / GKT_PLAN_GROUP * GKT_PLAN_GROUP;
  const gkt_size coordinates = (gkt_size)e.nodes * a.dim, sums = a.block == 1 ? a.sets * slots : a.block <= 9 ? (gkt_size)256 * a.block_cols : 0; /* gkt_patch_staged */
  return a.tables + a.sets * (a.zeros + (gkt_size)e.records) + (coordinates > sums ? coordinates : sums);
}
GKT_FUNCTION gkt_idx gkt_plan_cell(const gkt_plan_block &b) { return b.nodes[0] * b.nodes[1]; } /* pairs of nodes, of codes of pair mode */
GKT_FUNCTION bool gkt_plan_exceeds(const gkt_plan &a, const gkt_plan_extent &e) {
  if (e.rows > a.limits.rows || e.nodes > a.limits.nodes || e.cells > a.limits.cells || e.contributions > a.limits.contributions || e.pairs >= GKT_PLAN_NONE) return true;
  if (a.pairs ? e.codes + 2 * gkt_plan_cell(a.blocks[0]) >= 65536 : a.zeros + (gkt_size)e.records >= 32768) return true;
  return gkt_plan_scalars(a, e) > a.limits.scalars;
}

GKT_FUNCTION void gkt_plan_clear(gkt_shared<gkt_idx> cells, gkt_shared<gkt_idx> nodes, const gkt_plan &a, int thread, int threads) {
  for (int k = thread; k < a.cell_table; k += threads) cells[k] = GKT_PLAN_FREE;
  for (int k = thread; k < a.node_table; k += threads) nodes[k] = GKT_PLAN_FREE;
}

/* Of a row that is added, pairs with rows that are there. */
GKT_FUNCTION gkt_idx gkt_plan_find_mirrored(const gkt_plan &a, gkt_idx row, const gkt_plan_extent &e) {
  const int lane = (int)threadIdx.x % 32;
  gkt_idx count = 0;
  for (gkt_idx k = a.row_pairs[row], end = a.row_pairs[row + 1]; a.once && k < end; k += 32) {
    const gkt_idx at = k + lane < end ? a.rank[a.cols[k + lane]] : -1;
    count += __popc(__ballot_sync(~0u, e.first <= at && at < e.first + e.rows));
  }
  return count;
}

/* A row with its cells and their nodes; stops as soon as it is too much. */
GKT_FUNCTION void gkt_plan_add_row(const gkt_plan &a, gkt_idx place, gkt_shared<gkt_idx> cells, gkt_shared<gkt_idx> nodes, gkt_plan_extent &e) {
  const int lane = (int)threadIdx.x % 32;
  const gkt_idx row = a.order[place], end = a.star_first[place + 1];
  e.mirrored += gkt_plan_find_mirrored(a, row, e);
  e.rows++, e.pairs += a.row_pairs[row + 1] - a.row_pairs[row];
  for (gkt_idx i = a.star_first[place]; i < end && !gkt_plan_exceeds(a, e); i += 32) {
    gkt_plan_entry entry = {0, 0, 0};
    if (i + lane < end) entry = gkt_plan_read(a, a.star[i + lane]);
    const gkt_plan_block &b = a.blocks[entry.block];
    const bool counts = i + lane < end && gkt_plan_is_touched(b, entry.cell), is_new = counts && gkt_plan_insert(cells, a.cell_table, b.cells_before + entry.cell);
    for (int k = 0; k < a.num_blocks; k++) {
      const int fresh = __popc(__ballot_sync(~0u, is_new && entry.block == k));
      e.contributions += __popc(__ballot_sync(~0u, counts && entry.block == k)) * a.blocks[k].nodes[1];
      e.cells += fresh, e.records += fresh * a.blocks[k].record, e.codes += fresh * gkt_plan_cell(a.blocks[k]);
      if (fresh && a.blocks[k].own) e.records += gkt_plan_add_up(is_new && entry.block == k ? b.own[entry.cell] : 0);
      for (int c = 0; fresh && c < a.blocks[k].corners; c++)
        e.nodes += gkt_plan_insert_warp(nodes, a.node_table, is_new && entry.block == k ? b.geometry[(gkt_offset)entry.cell * b.corners + c] : -1);
    }
  }
}

GKT_FUNCTION void gkt_plan_close(const gkt_plan &a, const gkt_plan_extent &e) {
  if (threadIdx.x) return;
  atomicMax(a.most + GKT_PLAN_ROWS, e.rows), atomicMax(a.most + GKT_PLAN_NODES, e.nodes), atomicMax(a.most + GKT_PLAN_PAIRS, e.pairs);
  atomicMax(a.most + GKT_PLAN_CELLS, e.cells), atomicMax(a.most + GKT_PLAN_CONTRIBUTIONS, e.contributions);
  atomicMax(a.most + GKT_PLAN_SCALARS, (int)gkt_plan_scalars(a, e));
  atomicAdd(a.contributions, (unsigned long long)e.contributions);
}

GKT_KERNEL(32) gkt_plan_cut(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, cells, 0);
  const gkt_shared<gkt_idx> nodes = cells + a.cell_table;
  const gkt_size first = (gkt_size)blockIdx.x * a.segment, end = first + a.segment < a.num_rows ? first + a.segment : a.num_rows;
  gkt_plan_extent e = {};
  for (gkt_size i = first; i < end; i++) {
    const gkt_plan_extent before = e;
    if (i > first) gkt_plan_add_row(a, (gkt_idx)i, cells, nodes, e);
    if (i > first && !gkt_plan_exceeds(a, e)) continue;
    if (i > first) gkt_plan_close(a, before);
    e = gkt_plan_extent{(gkt_idx)i, 0, 0, 0, 0, 0, 0, 0, 0};
    __syncthreads();
    gkt_plan_clear(cells, nodes, a, (int)threadIdx.x, 32);
    __syncthreads();
    gkt_plan_add_row(a, (gkt_idx)i, cells, nodes, e);
    if (threadIdx.x == 0) a.marks[i] = 1;
    if (gkt_plan_exceeds(a, e) && threadIdx.x == 0) atomicMax(a.most + GKT_PLAN_MISFITS, 1);
    if (gkt_plan_exceeds(a, e)) return;
  }
  gkt_plan_close(a, e);
}

GKT_KERNEL(256) gkt_plan_starts(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  if (i < a.num_rows && a.marks[i + 1] != a.marks[i]) a.first_row[a.marks[i]] = (gkt_idx)i;
  if (i == 0) a.first_row[a.num_patches] = a.num_rows;
}

/* ---- of one patch, by a block of threads: its rows, ascending ---- */
GKT_KERNEL(256) gkt_plan_rows(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, rows, 0);
  const gkt_idx first = a.first_row[blockIdx.x], count = a.first_row[blockIdx.x + 1] - first;
  for (gkt_idx i = (gkt_idx)threadIdx.x; i < count; i += GKT_PLAN_THREADS) rows[i] = a.order[first + i];
  __syncthreads();
  for (gkt_idx i = (gkt_idx)threadIdx.x; i < count; i += GKT_PLAN_THREADS) {
    const gkt_idx row = rows[i], before = a.row_pairs[row], length = a.row_pairs[row + 1] - before;
    gkt_idx to = first;
    for (gkt_idx k = 0; k < count; k++) to += rows[k] < row;
    a.rows[to] = row, a.first_pair[to] = length;
    a.first_value[to] = a.embedded ? a.embedded[row] : before * a.block;
    if (a.stride) a.stride[to] = a.embedded ? a.embedded_stride[row] : length * a.block_cols;
  }
}

/* ---- its cells and nodes ---- */
typedef struct {
  gkt_shared<gkt_idx> cell_table, node_table, cells, nodes, counts; /* tables, lists; how many of both, and of pairs that are not summed */
} gkt_plan_room;
GKT_FUNCTION gkt_plan_room gkt_plan_divide(const gkt_plan &a, gkt_shared<gkt_idx> at) {
  gkt_plan_room r;
  r.counts = at, r.cells = at + GKT_PLAN_COUNTS, r.nodes = r.cells + a.cell_list, r.cell_table = r.nodes + a.node_list, r.node_table = r.cell_table + a.cell_table;
  return r;
}

/* Lists in the order of their coming; all threads have passed a barrier when it returns. */
GKT_FUNCTION void gkt_plan_collect(const gkt_plan &a, const gkt_plan_room &r) {
  const gkt_idx first = a.star_first[a.first_row[blockIdx.x]], end = a.star_first[a.first_row[blockIdx.x + 1]];
  gkt_plan_clear(r.cell_table, r.node_table, a, (int)threadIdx.x, GKT_PLAN_THREADS);
  if (threadIdx.x < GKT_PLAN_COUNTS) r.counts[(int)threadIdx.x] = 0;
  __syncthreads();
  for (gkt_idx i = first + (gkt_idx)threadIdx.x; i < end; i += GKT_PLAN_THREADS) {
    const gkt_plan_entry e = gkt_plan_read(a, a.star[i]);
    const gkt_plan_block &b = a.blocks[e.block];
    if (!gkt_plan_is_touched(b, e.cell) || !gkt_plan_insert(r.cell_table, a.cell_table, b.cells_before + e.cell)) continue;
    r.cells[atomicAdd(r.counts, 1)] = b.cells_before + e.cell;
    for (int c = 0; c < b.corners; c++) {
      const gkt_idx node = b.geometry[(gkt_offset)e.cell * b.corners + c];
      if (gkt_plan_insert(r.node_table, a.node_table, node)) r.nodes[atomicAdd(r.counts + 1, 1)] = node;
    }
  }
  __syncthreads();
}

/* Ascending (Batcher 1968); room for a power of two. */
GKT_FUNCTION void gkt_plan_sort(gkt_shared<gkt_idx> list, int count) {
  int size = 1;
  while (size < count) size *= 2;
  for (int i = count + (int)threadIdx.x; i < size; i += GKT_PLAN_THREADS) list[i] = GKT_PLAN_LARGEST;
  __syncthreads();
  for (int k = 2; k <= size; k *= 2)
    for (int j = k / 2; j > 0; j /= 2) {
      for (int i = (int)threadIdx.x; i < size / 2; i += GKT_PLAN_THREADS) {
        const int low = i / j * 2 * j + i % j, high = low + j;
        const gkt_idx x = list[low], y = list[high];
        if ((x > y) == ((low & k) == 0)) list[low] = y, list[high] = x;
      }
      __syncthreads();
    }
}

/* Cells of the list that stand before a block. */
GKT_FUNCTION int gkt_plan_cells_before(const gkt_plan &a, gkt_shared<gkt_idx> cells, int count, int block) {
  if (block == a.num_blocks) return count;
  const int at = gkt_plan_find(cells, count, a.blocks[block].cells_before);
  return at + (count && cells[at] < a.blocks[block].cells_before);
}

/* Is the pair (row, col) summed as (col, row)? Both rows are the patch's then. */
GKT_FUNCTION bool gkt_plan_has(const gkt_plan &a, gkt_idx row) { return a.rank[row] >= a.first_row[blockIdx.x] && a.rank[row] < a.first_row[blockIdx.x + 1]; }
GKT_FUNCTION bool gkt_plan_is_mirrored(const gkt_plan &a, gkt_idx row, gkt_idx col) { return a.once && col < row && gkt_plan_has(a, col); }

GKT_FUNCTION gkt_idx gkt_plan_count_mirrored(const gkt_plan &a) {
  gkt_idx count = 0;
  for (gkt_idx r = a.first_row[blockIdx.x] + (gkt_idx)threadIdx.x; a.once && r < a.first_row[blockIdx.x + 1]; r += GKT_PLAN_THREADS)
    for (gkt_idx row = a.rows[r], k = a.row_pairs[row]; k < a.row_pairs[row + 1]; k++) count += gkt_plan_is_mirrored(a, row, a.cols[k]);
  return count;
}

GKT_KERNEL(256) gkt_plan_count(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, room, 0);
  const gkt_plan_room r = gkt_plan_divide(a, room);
  const int patch = (int)blockIdx.x;
  gkt_plan_collect(a, r);
  const int cells = r.counts[0];
  if (a.num_blocks > 1) gkt_plan_sort(r.cells, cells);
  if (a.once) {
    atomicAdd(r.counts + 2, gkt_plan_count_mirrored(a));
    __syncthreads();
  }
  if (threadIdx.x) return;
  const gkt_idx pairs = a.first_pair[a.first_row[patch + 1]] - a.first_pair[a.first_row[patch]] - r.counts[2];
  a.summed[patch] = pairs, a.first_node[patch] = r.counts[1], a.first_group[patch] = (pairs + GKT_PLAN_GROUP - 1) / GKT_PLAN_GROUP;
  for (int b = 0; b < a.num_blocks; b++)
    a.blocks[b].first[patch] = a.num_blocks == 1 ? cells : gkt_plan_cells_before(a, r.cells, cells, b + 1) - gkt_plan_cells_before(a, r.cells, cells, b);
}

GKT_KERNEL(256) gkt_plan_fill(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, room, 0);
  const gkt_plan_room r = gkt_plan_divide(a, room);
  const int patch = (int)blockIdx.x;
  gkt_plan_collect(a, r);
  const int cells = r.counts[0], nodes = r.counts[1];
  gkt_plan_sort(r.cells, cells);
  gkt_plan_sort(r.nodes, nodes);
  for (int i = (int)threadIdx.x; i < nodes; i += GKT_PLAN_THREADS) a.nodes[a.first_node[patch] + i] = r.nodes[i];
  for (int k = 0, before = 0; k < a.num_blocks; k++) {
    const gkt_plan_block &b = a.blocks[k];
    const gkt_idx first = b.first[patch];
    const int count = b.first[patch + 1] - first;
    for (int i = (int)threadIdx.x; i < count; i += GKT_PLAN_THREADS) b.sorted[first + i] = r.cells[before + i] - b.cells_before;
    for (int i = (int)threadIdx.x; i < count * b.corners; i += GKT_PLAN_THREADS) {
      const gkt_offset cell = r.cells[before + i / b.corners] - b.cells_before;
      b.sorted_numbers[(gkt_offset)first * b.corners + i] = (gkt_short)gkt_plan_find(r.nodes, nodes, b.geometry[cell * b.corners + i % b.corners]);
    }
    before += count;
  }
}

/* ---- entities ---- */
GKT_KERNEL(256) gkt_plan_touch(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  if (i < a.source_count) a.source_touched[a.source_cells[i]] = 1;
}

/* Cells of a source are others, each once. */
GKT_KERNEL(256) gkt_plan_own(const gkt_plan GKT_BY_VALUE a) {
  const gkt_size i = (gkt_size)blockIdx.x * GKT_PLAN_THREADS + threadIdx.x;
  if (i < a.source_count) a.blocks[a.source_block].own[a.source_cells[i]] += a.source_own;
}

/* The entity of a cell; -1: none. */
GKT_FUNCTION gkt_idx gkt_plan_find_entity(const gkt_plan &a, gkt_idx cell) {
  gkt_idx low = 0, high = a.source_count;
  while (low < high) {
    const gkt_idx middle = low + (high - low) / 2;
    if (__ldg(a.source_cells + middle) < cell) low = middle + 1;
    else high = middle;
  }
  return low < a.source_count && a.source_cells[low] == cell ? low : -1;
}

GKT_KERNEL(256) gkt_plan_entities(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_size, warps, 0);
  const gkt_plan_block &b = a.blocks[a.source_block];
  const gkt_idx first = b.first[blockIdx.x], count = b.first[blockIdx.x + 1] - first;
  gkt_size before = 0, all;
  for (gkt_idx i = (gkt_idx)threadIdx.x; i - (gkt_idx)threadIdx.x < count; i += GKT_PLAN_THREADS) {
    const gkt_idx entity = i < count ? gkt_plan_find_entity(a, b.cells[first + i]) : -1;
    const gkt_size to = before + gkt_block_scan(entity >= 0, warps, &all);
    if (a.entities && entity >= 0) a.entities[a.source_first[blockIdx.x] + to] = entity, a.records[a.source_first[blockIdx.x] + to] = (gkt_short)i;
    before += all;
  }
  if (!a.entities && threadIdx.x == 0) a.source_first[blockIdx.x] = (gkt_idx)before;
}

/* ---- sums: a thread for each pair of nodes walks the cells of its row ---- */
typedef struct {
  gkt_idx row, place, col; /* where the row stands in the order; column */
} gkt_plan_pair;
GKT_FUNCTION gkt_plan_pair gkt_plan_find_pair(const gkt_plan &a, gkt_idx pair) {
  gkt_idx low = a.first_row[blockIdx.x], high = a.first_row[blockIdx.x + 1] - 1;
  while (low < high) { /* the last row that begins at the pair or before it, and is not empty */
    const gkt_idx middle = (low + high + 1) / 2;
    if (a.first_pair[middle] <= pair) low = middle;
    else high = middle - 1;
  }
  const gkt_idx row = a.rows[low];
  const gkt_plan_pair found = {row, a.rank[row], a.cols[a.row_pairs[row] + pair - a.first_pair[low]]};
  return found;
}

/* The first one that is not less; numbers ascend. */
GKT_FUNCTION gkt_idx gkt_plan_search(const gkt_idx *list, gkt_idx first, gkt_idx end, gkt_idx number) {
  while (first < end) {
    const gkt_idx middle = first + (end - first) / 2;
    if (list[middle] < number) first = middle + 1;
    else end = middle;
  }
  return first;
}

/* The pair of the patch that has the transposed sum; GKT_PLAN_NONE: none. */
GKT_FUNCTION gkt_idx gkt_plan_mirror(const gkt_plan &a, const gkt_plan_pair &pair) {
  if (!a.once || pair.col <= pair.row || !gkt_plan_has(a, pair.col)) return GKT_PLAN_NONE;
  const gkt_idx first = a.first_row[blockIdx.x], r = gkt_plan_search(a.rows, first, a.first_row[blockIdx.x + 1], pair.col), before = a.row_pairs[pair.col];
  return a.first_pair[r] - a.first_pair[first] + gkt_plan_search(a.cols, before, a.row_pairs[pair.col + 1], pair.row) - before;
}

/* The twin of gkt_patch_key. */
GKT_FUNCTION gkt_idx gkt_plan_key(const gkt_plan &a, const gkt_plan_pair &pair, gkt_idx count) {
  const gkt_idx fewer = GKT_PLAN_MOST_CONTRIBUTIONS - 2 - count;
  return 2 * (fewer > 0 ? fewer : 0) + (gkt_plan_is_mirrored(a, pair.row, pair.col) ? 2 : a.block > 1 && gkt_plan_mirror(a, pair) == GKT_PLAN_NONE);
}

GKT_KERNEL(256) gkt_plan_pairs(const gkt_plan GKT_BY_VALUE a) {
  const gkt_idx end = a.first_pair[a.first_row[blockIdx.x + 1]];
  for (gkt_idx k = a.first_pair[a.first_row[blockIdx.x]] + (gkt_idx)threadIdx.x; k < end; k += GKT_PLAN_THREADS) {
    const gkt_plan_pair pair = gkt_plan_find_pair(a, k);
    gkt_idx count = 0;
    for (gkt_idx i = a.star_first[pair.place]; i < a.star_first[pair.place + 1] && !gkt_plan_is_mirrored(a, pair.row, pair.col); i++) {
      const gkt_plan_entry e = gkt_plan_read(a, a.star[i]);
      const gkt_plan_block &b = a.blocks[e.block];
      if (!gkt_plan_is_touched(b, e.cell)) continue;
      for (int c = 0; c < b.nodes[1]; c++) count += gkt_plan_column(b, e.cell, c) == pair.col;
    }
    a.counts[k] = count;
    const unsigned key = (unsigned)gkt_plan_key(a, pair, count);
    if (a.keys) a.keys[k] = (unsigned)blockIdx.x << GKT_PLAN_COUNT_BITS | key;
    else a.wide_keys[k] = (unsigned long long)blockIdx.x << GKT_PLAN_COUNT_BITS | key;
  }
}

GKT_KERNEL(256) gkt_plan_words(const gkt_plan GKT_BY_VALUE a) {
  const gkt_idx first = a.first_group[blockIdx.x], count = a.first_group[blockIdx.x + 1] - first, pair = a.first_pair[a.first_row[blockIdx.x]];
  for (gkt_idx g = (gkt_idx)threadIdx.x; g < count; g += GKT_PLAN_THREADS) {
    const gkt_idx words = (a.counts[a.sorted[pair + g * GKT_PLAN_GROUP]] + GKT_PLAN_PER_WORD - 1) / GKT_PLAN_PER_WORD;
    a.first_word[first + g] = words;
    if (g == 0) atomicMax(a.most + GKT_PLAN_WORDS, words);
  }
}

/* cell: its number in the patch, of the block; start: scalars before the block's records, or in pair mode codes. */
GKT_FUNCTION gkt_short gkt_plan_code(const gkt_plan &a, const gkt_plan_block &b, gkt_idx start, int cell, int row, int col) {
  if (a.pairs) return (gkt_short)(start + cell * gkt_plan_cell(b) + row * b.nodes[1] + col);
  const int n = b.nodes[1], low = row < col ? row : col, high = row < col ? col : row;
  const int pair = a.half ? low * n - low * (low - 1) / 2 + high - low : row * n + col;
  return (gkt_short)((start + cell * b.record + pair * a.block) | (a.half && a.block > 1 && row > col ? GKT_PLAN_ACROSS : 0));
}

/* Where the k-th code of a slot stands, from the first one on. */
GKT_FUNCTION gkt_idx gkt_plan_at(gkt_idx k) { return k / GKT_PLAN_PER_WORD * GKT_PLAN_GROUP * GKT_PLAN_PER_WORD + k % GKT_PLAN_PER_WORD; }

/* The codes of a slot; how many. */
GKT_FUNCTION gkt_idx gkt_plan_list(const gkt_plan &a, const gkt_plan_pair &pair, gkt_shared<gkt_idx> cells, gkt_shared<gkt_idx> starts, gkt_short *list) {
  gkt_idx k = 0;
  for (gkt_idx i = a.star_first[pair.place]; i < a.star_first[pair.place + 1]; i++) {
    const gkt_plan_entry e = gkt_plan_read(a, a.star[i]);
    const gkt_plan_block &b = a.blocks[e.block];
    if (!gkt_plan_is_touched(b, e.cell)) continue;
    for (int c = 0; c < b.nodes[1]; c++) {
      if (gkt_plan_column(b, e.cell, c) != pair.col) continue;
      const int at = gkt_plan_find(cells + starts[2 * e.block], starts[2 * e.block + 2] - starts[2 * e.block], e.cell), cell = b.place ? b.place[b.first[blockIdx.x] + at] : at;
      list[gkt_plan_at(k)] = gkt_plan_code(a, b, starts[2 * e.block + 1], cell, e.a, c);
      k++;
    }
  }
  return k;
}

/* Where the sum of a slot goes: of a scalar, whence; of a block, whither. slot: of the patch; GKT_PLAN_NONE: no pair. */
GKT_FUNCTION void gkt_plan_place(const gkt_plan &a, gkt_idx slot, gkt_short pair, gkt_short mirror) {
  if (a.block == 1) {
    gkt_short *slots = a.slots + a.first_pair[a.first_row[blockIdx.x]];
    if (pair != GKT_PLAN_NONE) slots[pair] = (gkt_short)slot;
    if (mirror != GKT_PLAN_NONE) slots[mirror] = (gkt_short)slot;
    return;
  }
  const gkt_offset at = (gkt_offset)a.first_group[blockIdx.x] * GKT_PLAN_GROUP + slot;
  a.places[at] = pair;
  if (a.once) a.mirrors[at] = mirror;
}

/* Cells of the patch, [all blocks]; starts: cells and scalars, or codes of pair mode, before each block. */
GKT_FUNCTION void gkt_plan_load_cells(const gkt_plan &a, gkt_shared<gkt_idx> cells, gkt_shared<gkt_idx> starts) {
  gkt_idx before = 0, scalars = a.pairs ? gkt_plan_cell(a.blocks[0]) : a.zeros;
  for (int k = 0; k < a.num_blocks; k++) {
    const gkt_plan_block &b = a.blocks[k];
    const gkt_idx first = b.first[blockIdx.x], count = b.first[blockIdx.x + 1] - first;
    for (gkt_idx i = (gkt_idx)threadIdx.x; i < count; i += GKT_PLAN_THREADS) cells[before + i] = b.sorted[first + i];
    if (threadIdx.x == 0) starts[2 * k] = before, starts[2 * k + 1] = scalars;
    before += count, scalars += count * (a.pairs ? gkt_plan_cell(b) : b.record);
  }
  if (threadIdx.x == 0) starts[2 * a.num_blocks] = before;
  __syncthreads();
}

GKT_KERNEL(256) gkt_plan_lists(const gkt_plan GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_idx, starts, 0);
  const gkt_shared<gkt_idx> cells = starts + 2 * (GKT_PLAN_MOST_BLOCKS + 1);
  const gkt_idx group = a.first_group[blockIdx.x], groups = a.first_group[blockIdx.x + 1] - group;
  const gkt_idx first = a.first_pair[a.first_row[blockIdx.x]], pairs = a.summed[blockIdx.x];
  gkt_plan_load_cells(a, cells, starts);
  for (gkt_idx s = (gkt_idx)threadIdx.x; s < groups * GKT_PLAN_GROUP; s += GKT_PLAN_THREADS) {
    const gkt_idx g = group + s / GKT_PLAN_GROUP, word = a.first_word[g], length = (a.first_word[g + 1] - word) * GKT_PLAN_PER_WORD;
    gkt_short *list = a.sorted_list + ((gkt_offset)word * GKT_PLAN_GROUP + s % GKT_PLAN_GROUP) * GKT_PLAN_PER_WORD;
    gkt_idx k = 0, place = GKT_PLAN_NONE, mirror = GKT_PLAN_NONE;
    if (s < pairs) {
      const gkt_plan_pair pair = gkt_plan_find_pair(a, a.sorted[first + s]);
      place = a.sorted[first + s] - first, mirror = gkt_plan_mirror(a, pair), k = gkt_plan_list(a, pair, cells, starts, list);
    }
    if (!a.window) gkt_plan_place(a, s, (gkt_short)place, (gkt_short)mirror);
    else a.sorted_places[(gkt_offset)group * GKT_PLAN_GROUP + s] = (gkt_short)place, a.sorted_mirrors[(gkt_offset)group * GKT_PLAN_GROUP + s] = (gkt_short)mirror;
    for (; k < length; k++) list[gkt_plan_at(k)] = 0; /* padding */
  }
}
