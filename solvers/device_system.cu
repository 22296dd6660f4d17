/* A system on the device: what is to be known of its matrix, and its true residual, as scales.c, pieces.c and residual.c have them on the host. A thread looks at a row. */
#include "solvers/device_system_arguments.h"

#define GKT_ROW ((gkt_idx)(blockIdx.x * 256 + threadIdx.x))

GKT_FUNCTION bool gkt_is_fixed(const gkt_byte *fixed, gkt_idx i) { return fixed && fixed[i]; }
GKT_FUNCTION gkt_scalar gkt_more(gkt_scalar a, gkt_scalar b) { return b > a ? b : a; }

/* The place of an entry; -1: it has none. Columns ascend. */
GKT_FUNCTION gkt_idx gkt_find_entry(const gkt_device_rows_arguments &a, gkt_idx row, gkt_idx col) {
  gkt_idx low = a.offsets[row], high = a.offsets[row + 1];
  while (low < high) {
    gkt_idx middle = low + (high - low) / 2;
    if (a.cols[middle] < col) low = middle + 1;
    else high = middle;
  }
  return low < a.offsets[row + 1] && a.cols[low] == col ? low : -1;
}

GKT_KERNEL(256) gkt_device_weights(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_idx k = gkt_find_entry(a, i, i);
  gkt_scalar size = k < 0 ? 0 : fabs(a.vals[k]);
  a.weights[i] = size > 0 ? 1 / size : 1;
  a.rows[i] = a.columns[i] = 1;
}

/* ---- scales ---- */
GKT_KERNEL(256) gkt_device_largest(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_scalar most = 0, below = 0;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++) {
    gkt_idx j = a.cols[k], mirror = a.symmetric ? -1 : gkt_find_entry(a, j, i);
    most = gkt_more(most, a.rows[i] * fabs(a.vals[k]) * a.columns[j]);
    if (mirror >= 0) below = gkt_more(below, a.rows[j] * fabs(a.vals[mirror]) * a.columns[i]);
  }
  a.most[i] = most, a.most_below[i] = a.symmetric ? most : below;
}

GKT_KERNEL(256) gkt_device_rescale(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  a.rows[i] /= a.most[i] > 0 ? sqrt(a.most[i]) : 1;
  if (a.columns != a.rows) a.columns[i] /= a.most_below[i] > 0 ? sqrt(a.most_below[i]) : 1;
}

/* ---- what rows are ---- */
GKT_FUNCTION bool gkt_is_empty(const gkt_device_rows_arguments &a, gkt_idx i) {
  bool filled = false, used = false;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++) {
    gkt_idx mirror = a.symmetric ? k : gkt_find_entry(a, a.cols[k], i);
    filled = filled || a.vals[k] != 0;
    used = used || (mirror >= 0 && a.vals[mirror] != 0);
  }
  return !gkt_is_fixed(a.fixed, i) && !(filled && used);
}
GKT_FUNCTION bool gkt_is_unmirrored(const gkt_device_rows_arguments &a, gkt_idx i) {
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++)
    if (gkt_find_entry(a, a.cols[k], i) < 0) return true;
  return false;
}
GKT_FUNCTION bool gkt_is_near_one(gkt_scalar most) { return most == 0 || (most > 0.5 && most < 2); }

GKT_KERNEL(256) gkt_device_look(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  bool is = false;
  if (a.what == GKT_ROW_EMPTY) is = gkt_is_empty(a, i);
  if (a.what == GKT_ROW_UNMIRRORED) is = gkt_is_unmirrored(a, i);
  if (a.what == GKT_ROW_UNEVEN) is = !gkt_is_near_one(a.most[i]) || !gkt_is_near_one(a.most_below[i]);
  if (a.what == GKT_ROW_ROOT) is = !gkt_is_fixed(a.fixed, i) && a.parent[i] == i;
  a.flags[i] = is ? 1 : 0;
}

/* ---- pieces: each root hangs itself under the smallest one beside its tree, trees are flattened, until nothing changes (as Shiloach and Vishkin 1982). In the end each dof's parent
   is the first dof of its piece. ---- */
GKT_KERNEL(256) gkt_device_begin_pieces(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i < a.num_rows) a.parent[i] = i;
}

/* next: a copy of the parents, all of which are roots */
GKT_KERNEL(256) gkt_device_hang(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  const gkt_idx i = GKT_ROW;
  const bool looks = i < a.num_rows && !gkt_is_fixed(a.fixed, i);
  gkt_idx mine = looks ? a.parent[i] : 0;
  bool changes = false;
  for (gkt_idx k = looks ? a.offsets[i] : 0; looks && k < a.offsets[i + 1]; k++) {
    gkt_idx j = a.cols[k];
    if (a.vals[k] == 0 || gkt_is_fixed(a.fixed, j)) continue;
    gkt_idx other = a.parent[j];
    if (mine == other) continue;
    atomicMin(&a.next[mine < other ? other : mine], mine < other ? mine : other);
    changes = true;
  }
  if (__ballot_sync(0xffffffffu, changes) != 0 && threadIdx.x % 32 == 0) atomicMax(a.changed, 1); /* once for a warp: all warps meet at one address */
}

GKT_KERNEL(256) gkt_device_flatten(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_idx root = i;
  while (a.next[root] != root) root = a.next[root];
  a.parent[i] = root;
}

/* ---- what is given ---- */
GKT_KERNEL(256) gkt_device_beside(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  bool is = false;
  for (gkt_idx k = a.offsets[i]; gkt_is_fixed(a.fixed, i) && k < a.offsets[i + 1]; k++) is = is || !gkt_is_fixed(a.fixed, a.cols[k]);
  a.beside[i] = is ? 1 : 0;
}

/* x = b / diagonal on fixed dofs: their rows hold nothing else. */
GKT_KERNEL(256) gkt_device_lift(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows || !gkt_is_fixed(a.fixed, i)) return;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++)
    if (a.cols[k] == i && a.vals[k] != 0) a.residual[i] = a.b[i] / a.vals[k];
}

/* Numbers without pattern between -1/2 and 1/2, from their places alone (splitmix64). */
GKT_KERNEL(256) gkt_device_noise(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  unsigned long long z = ((unsigned long long)i + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  z = z ^ (z >> 31);
  a.residual[i] = gkt_is_fixed(a.fixed, i) ? 0 : (gkt_scalar)(z >> 11) * 0x1p-53 - 0.5;
}

/* ---- the true residual ---- */
GKT_KERNEL(256) gkt_device_residual(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_scalar value = a.b[i], size = fabs(a.b[i]);
  bool fixed = gkt_is_fixed(a.fixed, i);
  for (gkt_idx k = a.offsets[i]; !fixed && k < a.offsets[i + 1]; k++) {
    gkt_scalar product = a.vals[k] * a.x[a.cols[k]];
    value -= product;
    size += fabs(product);
  }
  a.residual[i] = fixed ? 0 : value, a.floor[i] = fixed ? 0 : size;
}

GKT_FUNCTION gkt_scalar gkt_size_of(const gkt_device_residual_arguments &a, int what, gkt_size i) {
  if (gkt_is_fixed(a.fixed, (gkt_idx)i)) return 0;
  gkt_scalar unit = what >= GKT_SIZE_SCALED ? a.rows[i] * a.columns[i] : 1;
  int which = what % GKT_SIZE_SCALED;
  if (which == GKT_SIZE_LOAD) return a.load ? a.load[i] * unit : 0;
  return (which == GKT_SIZE_RESIDUAL ? a.residual[i] : which == GKT_SIZE_RIGHT ? a.b[i] : a.floor[i]) * unit;
}

/* Blocks of each length one after the other; then those of the largest |b-Ax|_i / (eps (|A||x|+|b|)_i). */
GKT_KERNEL(256) gkt_device_sizes(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  int what = (int)(blockIdx.x / a.parts);
  gkt_size part = blockIdx.x % a.parts, begin = part * GKT_PART, end = begin + GKT_PART < a.num_rows ? begin + GKT_PART : a.num_rows;
  gkt_squares sums = {0, 0, 0};
  gkt_scalar worst = 0;
  for (gkt_size i = begin + threadIdx.x; i < end; i += GKT_PART_THREADS) {
    if (what < GKT_NUM_LENGTHS) gkt_squares_add(&sums, gkt_size_of(a, what, i));
    else if (a.residual[i] != 0) worst = gkt_more(worst, fabs(a.residual[i]) / (0x1p-52 * a.floor[i]));
  }
  gkt_scalar *partial = a.partial + (gkt_size)what * 3 * a.parts + part;
  if (what < GKT_NUM_LENGTHS) {
    sums = gkt_squares_join(sums, warps);
    if (threadIdx.x == 0) partial[0] = sums.large, partial[a.parts] = sums.middle, partial[2 * a.parts] = sums.small;
  } else {
    worst = gkt_block_most(worst, warps);
    if (threadIdx.x == 0) partial[0] = worst;
  }
}

/* One block for each. */
GKT_KERNEL(256) gkt_device_join_sizes(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  int what = (int)blockIdx.x;
  const gkt_scalar *partial = a.partial + (gkt_size)what * 3 * a.parts;
  gkt_scalar size = what < GKT_NUM_LENGTHS ? gkt_length_of_parts(partial, a.parts, warps) : gkt_most_of_parts(partial, a.parts, 0, warps);
  if (threadIdx.x == 0) a.sizes[what] = size;
}
