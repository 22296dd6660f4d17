/* A system on the device: what is to be known of its matrix, and its true residual, as scales.c, pieces.c and residual.c have them on the host. A thread looks at a row. */
#include "solvers/device_system_arguments.h"

#define GKT_ROW ((gkt_idx)(blockIdx.x * 256 + threadIdx.x))

GKT_FUNCTION bool gkt_is_fixed(const gkt_byte *fixed, gkt_idx i) { return fixed && fixed[i]; }
GKT_FUNCTION gkt_scalar gkt_more(gkt_scalar a, gkt_scalar b) { return b > a ? b : a; }

GKT_KERNEL(256) gkt_device_weights(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_scalar size = 0;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++)
    if (a.cols[k] == i) size = fabs(a.vals[k]);
  a.weights[i] = size > 0 ? 1 / size : 1;
  a.rows[i] = a.columns[i] = 1;
}

/* ---- several fields ---- */
GKT_FUNCTION int gkt_field_of(const gkt_device_fields_table &t, gkt_idx i) {
  int f = 0;
  while (f + 1 < t.count && i >= t.first[f + 1]) f++;
  return f;
}

/* Their scales begin with those of their diagonal blocks (scales.c). */
GKT_KERNEL(256) gkt_device_start_fields(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  const int f = gkt_field_of(a.fields, i);
  gkt_scalar most = 0;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++)
    if (a.cols[k] >= a.fields.first[f] && a.cols[k] < a.fields.first[f + 1]) most = gkt_more(most, fabs(a.vals[k]));
  a.rows[i] = a.columns[i] = most > 0 ? 1 / sqrt(most) : 1;
}

/* Sizes are not negative, so their bits are in their order. Columns ascend: a field's entries follow each other. */
GKT_KERNEL(256) gkt_device_coupling(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  unsigned long long *row = (unsigned long long *)a.coupling + gkt_field_of(a.fields, i) * a.fields.count;
  int f = 0;
  gkt_scalar most = 0;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++) {
    const int now = gkt_field_of(a.fields, a.cols[k]);
    if (now != f && most > 0) atomicMax(row + f, (unsigned long long)__double_as_longlong(most));
    if (now != f) f = now, most = 0;
    most = gkt_more(most, a.rows[i] * fabs(a.vals[k]) * a.columns[a.cols[k]]);
  }
  if (most > 0) atomicMax(row + f, (unsigned long long)__double_as_longlong(most));
}

GKT_KERNEL(256) gkt_device_scale_matrix(const gkt_device_units_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  const gkt_scalar left = a.left[gkt_field_of(a.fields, i)];
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++) a.vals[k] = left * a.from[k] * a.right[gkt_field_of(a.fields, a.cols[k])];
}

GKT_KERNEL(256) gkt_device_scale_vector(const gkt_device_scale_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i < a.num_rows) a.to[i] = a.factors[gkt_field_of(a.fields, i)] * a.from[i];
}

GKT_KERNEL(256) gkt_device_logs(const gkt_device_logs_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  const bool is = i >= a.begin && i < a.end && !gkt_is_fixed(a.fixed, i);
  a.logs[i] = is ? log2(a.scales[i]) : 0, a.ones[i] = is ? 1 : 0;
}

/* ---- the transpose: the reads are scattered, the writes are not ---- */
GKT_KERNEL(256) gkt_device_take_entries(const gkt_device_take_arguments GKT_BY_VALUE a) {
  const gkt_size k = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (k < a.count) a.vals[k] = a.from[a.order[k]];
}

/* ---- scales ---- */
/* Sizes are not negative, so their bits are in their order: the largest of a column, whoever comes first. most_below: 0 before */
GKT_KERNEL(256) gkt_device_largest(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_scalar most = 0;
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++) {
    const gkt_scalar size = a.rows[i] * fabs(a.vals[k]) * a.columns[a.cols[k]];
    most = gkt_more(most, size);
    if (!a.symmetric && size > 0) atomicMax((unsigned long long *)a.most_below + a.cols[k], (unsigned long long)__double_as_longlong(size));
  }
  a.most[i] = most;
  if (a.symmetric) a.most_below[i] = most;
}

GKT_KERNEL(256) gkt_device_rescale(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  a.rows[i] /= a.most[i] > 0 ? sqrt(a.most[i]) : 1;
  if (a.columns != a.rows) a.columns[i] /= a.most_below[i] > 0 ? sqrt(a.most_below[i]) : 1;
}

/* ---- what rows are ---- */
GKT_FUNCTION bool gkt_is_near_one(gkt_scalar most) { return most == 0 || (most > 0.5 && most < 2); }

GKT_KERNEL(256) gkt_device_look(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  bool is = false;
  if (a.what == GKT_ROW_EMPTY) is = !gkt_is_fixed(a.fixed, i) && !(a.most[i] > 0 && a.most_below[i] > 0);
  if (a.what == GKT_ROW_UNEVEN) is = !gkt_is_near_one(a.most[i]) || !gkt_is_near_one(a.most_below[i]);
  if (a.what == GKT_ROW_ROOT) is = !gkt_is_fixed(a.fixed, i) && a.parent[i] == i;
  if (a.what == GKT_ROW_MOVED) is = a.parent[i] != a.before[i];
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

/* Of several pieces, one after the other. */
GKT_KERNEL(256) gkt_device_beside_next(const gkt_device_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_idx least = GKT_NO_PIECE;
  for (gkt_idx k = a.offsets[i]; gkt_is_fixed(a.fixed, i) && k < a.offsets[i + 1]; k++) {
    const gkt_idx j = a.cols[k], piece = a.parent[j] + 1;
    if (!gkt_is_fixed(a.fixed, j) && piece > a.next_piece[i] && piece < least) least = piece;
  }
  a.next_piece[i] = least;
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

/* Blocks of each length one after the other, one for each chunk; then those of the largest |b-Ax|_i / (eps (|A||x|+|b|)_i). */
GKT_KERNEL(256) gkt_device_sizes(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  int what = (int)(blockIdx.x / a.parts);
  gkt_size part = blockIdx.x % a.parts, begin = part * GKT_PART, end = begin + GKT_PART < a.num_rows ? begin + GKT_PART : a.num_rows;
  if (a.chunks) begin = a.chunks[part], end = a.chunks[part + 1];
  gkt_squares sums = {0, 0, 0};
  gkt_scalar worst = 0;
  for (gkt_size k = begin + threadIdx.x; k < end; k += GKT_PART_THREADS) {
    const gkt_size i = a.dofs ? a.dofs[k] : k;
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

/* One block for each length of each piece, and of all of them together. */
GKT_KERNEL(256) gkt_device_join_sizes(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  const int what = (int)(blockIdx.x % GKT_NUM_SIZES);
  const gkt_size piece = blockIdx.x / GKT_NUM_SIZES;
  const bool one = a.first_chunks && piece < a.pieces;
  const gkt_size first = one ? a.first_chunks[piece] : 0, count = (one ? a.first_chunks[piece + 1] : a.parts) - first;
  const gkt_scalar *partial = a.partial + (gkt_size)what * 3 * a.parts + first;
  gkt_scalar size = 0;
  if (what < GKT_NUM_LENGTHS) {
    gkt_squares s;
    s.large = gkt_sum_parts(partial, count, warps);
    s.middle = gkt_sum_parts(partial + a.parts, count, warps);
    s.small = gkt_sum_parts(partial + 2 * a.parts, count, warps);
    size = gkt_squares_length(s);
  } else size = gkt_most_of_parts(partial, count, 0, warps);
  if (threadIdx.x == 0) a.sizes[piece * GKT_NUM_SIZES + what] = size;
}

/* ---- what they say of each piece ---- */
GKT_FUNCTION gkt_scalar gkt_least_of(const gkt_device_residual_arguments &a, const gkt_scalar *size) {
  const gkt_scalar right = size[GKT_SIZE_RIGHT], load = size[GKT_SIZE_LOAD], least = gkt_more(load, a.smallest_load * right);
  return load > 0 && least < right ? least : right;
}
GKT_FUNCTION gkt_scalar gkt_ratio(gkt_scalar residual, gkt_scalar right) { return residual == 0 ? 0 : residual / right; }
GKT_FUNCTION bool gkt_is_rounding(const gkt_scalar *size) { return size[GKT_SIZE_RESIDUAL] <= 10 * 0x1p-52 * size[GKT_SIZE_FLOOR]; }

/* A piece without a right-hand side has the solution 0, which rounding may miss. */
GKT_FUNCTION gkt_scalar gkt_piece_ratio(const gkt_device_residual_arguments &a, const gkt_scalar *size) {
  const gkt_scalar forces = gkt_ratio(size[GKT_SIZE_RESIDUAL], gkt_least_of(a, size));
  const gkt_scalar motions = gkt_ratio(size[GKT_SIZE_SCALED + GKT_SIZE_RESIDUAL], gkt_least_of(a, size + GKT_SIZE_SCALED));
  if (size[GKT_SIZE_RIGHT] == 0 && gkt_is_rounding(size)) return 0;
  return motions <= forces ? forces : motions;
}

/* What the residual of a field is measured by: right_of_part of residual.c. */
GKT_FUNCTION gkt_scalar gkt_right_of_field(const gkt_device_residual_arguments &a, int field) {
  const gkt_scalar *part = a.sizes + field * GKT_NUM_SIZES + GKT_SIZE_SCALED;
  gkt_scalar right = gkt_more(gkt_least_of(a, part), a.least_right * part[GKT_SIZE_FLOOR]);
  for (int other = 0; other < a.fields; other++)
    if (other != field) right = gkt_more(right, a.coupling[field * a.fields + other] * gkt_least_of(a, a.sizes + other * GKT_NUM_SIZES + GKT_SIZE_SCALED));
  return right;
}

/* One piece, of several fields: forces of all, displacements field by field. */
GKT_FUNCTION void gkt_judge_fields(const gkt_device_residual_arguments &a) {
  const gkt_scalar *all = a.sizes + a.fields * GKT_NUM_SIZES;
  gkt_scalar scaled = gkt_ratio(all[GKT_SIZE_RESIDUAL], gkt_least_of(a, all));
  bool rounding = gkt_is_rounding(all);
  for (int f = 0; f < a.fields; f++) {
    const gkt_scalar *part = a.sizes + f * GKT_NUM_SIZES + GKT_SIZE_SCALED, here = gkt_ratio(part[GKT_SIZE_RESIDUAL], gkt_right_of_field(a, f));
    scaled = here <= scaled ? scaled : here; /* NaN as well */
    rounding = rounding && gkt_is_rounding(part);
  }
  if (all[GKT_SIZE_RIGHT] == 0 && gkt_is_rounding(all)) scaled = 0;
  a.found[GKT_FOUND_SCALED] = scaled, a.found[GKT_FOUND_MORE] = rounding ? 0 : 1, a.found[GKT_FOUND_UNLOADED] = all[GKT_SIZE_RIGHT] == 0 ? 1 : 0;
}

/* One block. */
GKT_KERNEL(256) gkt_device_judge(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar scaled = 0, more = 0, unloaded = 0;
  for (gkt_size c = threadIdx.x; c < a.pieces; c += 256) {
    const gkt_scalar *size = a.sizes + c * GKT_NUM_SIZES, here = gkt_piece_ratio(a, size);
    scaled = here <= scaled ? scaled : here; /* NaN as well */
    more += gkt_is_rounding(size) && gkt_is_rounding(size + GKT_SIZE_SCALED) ? 0 : 1;
    unloaded += size[GKT_SIZE_RIGHT] == 0 ? 1 : 0;
  }
  scaled = gkt_block_most(scaled, warps);
  more = gkt_block_sum(more, warps);
  unloaded = gkt_block_sum(unloaded, warps);
  if (threadIdx.x != 0) return;
  const gkt_scalar *all = a.sizes + a.pieces * GKT_NUM_SIZES;
  a.found[GKT_FOUND_RESIDUAL] = all[GKT_SIZE_RESIDUAL], a.found[GKT_FOUND_RIGHT] = all[GKT_SIZE_RIGHT], a.found[GKT_FOUND_FLOOR] = all[GKT_SIZE_FLOOR];
  a.found[GKT_FOUND_WORST] = all[GKT_SIZE_WORST], a.found[GKT_FOUND_SCALED] = scaled, a.found[GKT_FOUND_MORE] = more, a.found[GKT_FOUND_UNLOADED] = unloaded;
  if (a.fields) gkt_judge_fields(a);
}

/* residual: x, 0 on pieces without a right-hand side. */
GKT_KERNEL(256) gkt_device_clear(const gkt_device_residual_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows || gkt_is_fixed(a.fixed, i)) return;
  if (a.sizes[(gkt_size)(a.of ? a.of[i] : 0) * GKT_NUM_SIZES + GKT_SIZE_RIGHT] == 0) a.residual[i] = 0;
}

/* By the power of two that the length of its piece's residual begins with. */
GKT_KERNEL(256) gkt_device_normalize(const gkt_device_normalize_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  const gkt_idx piece = a.of ? a.of[i] : 0;
  if (piece < 0) return;
  const gkt_scalar length = a.sizes[(gkt_size)piece * GKT_NUM_SIZES + GKT_SIZE_RESIDUAL];
  long long exponent = __double_as_longlong(length) >> 52;
  if (!(length > 0) || exponent > 2046) return; /* nothing, or not a number */
  exponent = exponent < 1 ? 1 : exponent > 2045 ? 2045 : exponent;
  a.v[i] *= __longlong_as_double((a.back ? exponent : 2046 - exponent) << 52);
}
