/* y = A x. Each row is summed in an order that its layout fixes: in CSR by `width` threads, which take its entries in turn and are joined by a tree; in SELL and by threads alone as
   they stand. */
#include "core/product_arguments.h"

/* All threads of a warp are there: rows beyond the last one are empty. */
GKT_FUNCTION gkt_scalar gkt_join_row(gkt_scalar sum, int width) {
  for (int d = width / 2; d > 0; d /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
  return sum;
}

/* The row of `width` threads each, of which 256 is a multiple: divided in 32 bits, as a GPU divides 64 by a routine. */
GKT_FUNCTION gkt_size gkt_row_of_thread(int width) { return (gkt_size)blockIdx.x * (256u / (unsigned)width) + threadIdx.x / (unsigned)width; }

GKT_KERNEL(256) gkt_product_csr(const gkt_product_csr_arguments GKT_BY_VALUE a) {
  gkt_size row = gkt_row_of_thread(a.width);
  int lane = (int)threadIdx.x % a.width;
  gkt_scalar sum = 0;
  if (row < a.num_rows)
    for (gkt_idx k = a.offsets[row] + lane, end = a.offsets[row + 1]; k < end; k += a.width) sum += a.vals[k] * a.x[a.cols[k]];
  sum = gkt_join_row(sum, a.width);
  if (row < a.num_rows && lane == 0) a.y[row] = sum;
}

/* One thread a row; slices of 32 rows of like length stand column by column. */
GKT_KERNEL(256) gkt_product_sell(const gkt_product_sell_arguments GKT_BY_VALUE a) {
  gkt_size place = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (place >= a.num_rows) return;
  gkt_size slice = place / GKT_SLICE, lane = place % GKT_SLICE;
  gkt_scalar sum = 0;
  for (gkt_size k = a.offsets[slice], end = a.offsets[slice + 1]; k < end; k++) {
    gkt_idx col = a.cols[k * GKT_SLICE + lane];
    if (col >= 0) sum += a.vals[k * GKT_SLICE + lane] * a.x[col];
  }
  a.y[a.order[place]] = sum;
}

GKT_KERNEL(256) gkt_product_slice(const gkt_product_slice_arguments GKT_BY_VALUE a) {
  gkt_size place = (gkt_size)blockIdx.x * 256 + threadIdx.x, slice = place / GKT_SLICE, lane = place % GKT_SLICE;
  if (slice * GKT_SLICE >= a.num_rows) return;
  gkt_idx from = 0, count = 0;
  if (place < a.num_rows) from = a.row_offsets[a.order[place]], count = a.row_offsets[a.order[place] + 1] - from;
  for (gkt_idx k = 0; k < a.offsets[slice + 1] - a.offsets[slice]; k++) {
    gkt_size to = ((gkt_size)a.offsets[slice] + k) * GKT_SLICE + lane;
    if (a.cols) a.cols[to] = k < count ? a.row_cols[from + k] : -1;
    a.vals[to] = k < count ? a.row_vals[from + k] : 0;
  }
}

/* The values stand as in CSR, in which the three rows of a node have the same columns: a node's columns are read once, and x once for three rows. */
GKT_KERNEL(256) gkt_product_bsr3(const gkt_product_csr_arguments GKT_BY_VALUE a) {
  gkt_size node = ((gkt_size)blockIdx.x * 256 + threadIdx.x) / a.width; /* in 32 bits, as gkt_product_csr has it, it takes 8 registers more on sm_80 */
  int lane = (int)threadIdx.x % a.width;
  gkt_scalar sums[3] = {0, 0, 0};
  bool there = 3 * node < a.num_rows;
  if (there) {
    gkt_idx begin = a.offsets[3 * node], count = a.offsets[3 * node + 1] - begin;
    for (gkt_idx k = lane; k < count; k += a.width) {
      gkt_scalar x = a.x[3 * a.node_cols[begin / 9 + k / 3] + k % 3];
      sums[0] += a.vals[begin + k] * x;
      sums[1] += a.vals[begin + count + k] * x;
      sums[2] += a.vals[begin + 2 * count + k] * x;
    }
  }
  sums[0] = gkt_join_row(sums[0], a.width);
  sums[1] = gkt_join_row(sums[1], a.width);
  sums[2] = gkt_join_row(sums[2], a.width);
  if (there && lane == 0) a.y[3 * node] = sums[0], a.y[3 * node + 1] = sums[1], a.y[3 * node + 2] = sums[2];
}
