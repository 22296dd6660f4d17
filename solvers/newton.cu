/* What Newton's method asks of all entries and rows, on the device: newton_entries.c, newton_matrix.c and newton_rows.c have it for the host. Answers are the most of 0 and 1 of
   all. */
#include "solvers/newton_arguments.h"

GKT_FUNCTION bool gkt_is_held(const gkt_byte *fixed, gkt_size i) { return fixed && fixed[i]; }
GKT_FUNCTION gkt_scalar gkt_larger(gkt_scalar a, gkt_scalar b) { return a != a || b > a ? b : a; } /* fmax */

/* ---- entries ---- */
/* u = target where no more than rounding is between them; 1: somewhere it is more. */
GKT_KERNEL(256) gkt_newton_snap_kernel(const gkt_newton_entries_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar apart = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) {
    if (!gkt_is_held(a.fixed, i) || a.u[i] == a.target[i]) continue;
    if (fabs(a.u[i] - a.target[i]) <= a.tolerance * gkt_larger(fabs(a.target[i]), fabs(a.kept[i]))) a.u[i] = a.target[i];
    else apart = 1;
  }
  apart = gkt_block_most(apart, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = apart;
}

/* 1: some |f| is more than the rounding of its row. */
GKT_KERNEL(256) gkt_newton_rounding_kernel(const gkt_newton_entries_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar more = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS)
    if (!(fabs(a.f[i]) <= a.tolerance * gkt_larger(a.row[i], a.careful ? a.careful[i] : 0))) more = 1;
  more = gkt_block_most(more, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = more;
}

GKT_KERNEL(256) gkt_newton_unit_kernel(const gkt_newton_entries_arguments GKT_BY_VALUE a) {
  gkt_size i = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (i < a.count) a.unit[i] = gkt_larger(a.anew ? 0 : a.unit[i], 1 / (a.scale_rows[i] * a.scale_cols[i]));
}

/* ---- rows of the tangent: one thread each, in the order of the host ---- */
GKT_KERNEL(256) gkt_newton_read_kernel(const gkt_newton_rows_arguments GKT_BY_VALUE a) {
  gkt_idx i = (gkt_idx)(blockIdx.x * 256 + threadIdx.x);
  if (i >= a.num_rows) return;
  gkt_scalar product = 0, inside = 0, absolute = 0, jump = 0;
  bool held = gkt_is_held(a.fixed, i);
  for (gkt_idx k = a.offsets[i]; !held && k < a.offsets[i + 1]; k++) {
    gkt_idx j = a.cols[k];
    gkt_scalar term = a.vals[k] * a.u[j];
    bool beside = gkt_is_held(a.fixed, j);
    product += term, inside += beside ? 0 : term, absolute += fabs(term);
    if (beside && !a.arrived) jump += a.vals[k] * (a.target[j] - a.u[j]);
  }
  a.jump[i] = jump;
  a.b[i] = held ? 0 : -a.f[i] - jump;
  a.row[i] = held ? 0 : absolute + fabs(product - a.f[i]);
  a.inside[i] = held ? 0 : inside - a.f[i];
}

/* ---- lengths on pieces, plain and with each row divided by its unit ---- */
GKT_KERNEL(256) gkt_newton_chunk_kernel(const gkt_newton_pieces_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_squares plain = {0, 0, 0}, scaled = {0, 0, 0};
  for (gkt_idx k = a.chunks[blockIdx.x] + (gkt_idx)threadIdx.x; k < a.chunks[blockIdx.x + 1]; k += GKT_PART_THREADS) {
    gkt_idx i = a.dofs[k];
    gkt_squares_add(&plain, a.v[i]);
    gkt_squares_add(&scaled, a.v[i] / a.unit[i]);
  }
  plain = gkt_squares_join(plain, warps);
  gkt_squares_store(plain, a.partial, a.num_chunks);
  scaled = gkt_squares_join(scaled, warps);
  gkt_squares_store(scaled, a.partial + 3 * a.num_chunks, a.num_chunks);
}

GKT_FUNCTION gkt_scalar gkt_piece_sum(const gkt_newton_pieces_arguments &a, int which, gkt_shared<gkt_scalar> warps) {
  gkt_size first = a.first_chunks[blockIdx.x];
  return gkt_sum_parts(a.partial + which * a.num_chunks + first, a.first_chunks[blockIdx.x + 1] - first, warps);
}

/* One block for each piece. */
GKT_KERNEL(256) gkt_newton_piece_kernel(const gkt_newton_pieces_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  for (int scaled = 0; scaled < 2; scaled++) {
    gkt_squares s;
    s.large = gkt_piece_sum(a, 3 * scaled, warps);
    s.middle = gkt_piece_sum(a, 3 * scaled + 1, warps);
    s.small = gkt_piece_sum(a, 3 * scaled + 2, warps);
    if (threadIdx.x == 0) a.lengths[2 * (gkt_size)blockIdx.x + scaled] = gkt_squares_length(s);
  }
}

GKT_FUNCTION gkt_scalar gkt_with_load(gkt_scalar all, gkt_scalar load, gkt_scalar smallest) {
  gkt_scalar least = gkt_larger(load, smallest * all);
  return load > 0 ? (least < all ? least : all) : all;
}

/* firsts, of right-hand sides, as far as loads allow. */
GKT_KERNEL(256) gkt_newton_first_kernel(const gkt_newton_pieces_arguments GKT_BY_VALUE a) {
  gkt_size k = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (k < 2 * a.num_pieces) a.firsts[k] = gkt_with_load(a.firsts[k], a.lengths[k], a.smallest_load);
}

/* The largest ratio of a part of the pieces; what has no load stays where it is. */
GKT_KERNEL(256) gkt_newton_ratio_kernel(const gkt_newton_pieces_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar worst = 0;
  gkt_size end = gkt_part_end(a.num_pieces);
  for (gkt_size c = gkt_part_begin(); c < end; c += GKT_PART_THREADS) {
    if (!(a.firsts[2 * c] > 0)) continue;
    gkt_scalar here = gkt_larger(a.lengths[2 * c] / a.firsts[2 * c], a.lengths[2 * c + 1] / a.firsts[2 * c + 1]);
    worst = here <= worst ? worst : here; /* NaN as well */
  }
  worst = gkt_block_most(worst, warps);
  if (threadIdx.x == 0) a.worst[blockIdx.x] = worst;
}
