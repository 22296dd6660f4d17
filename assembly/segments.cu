/* The twin of reduce_segmented.c: each entry of the result sums its segment of contributions, in the order of the cells, in runs of GKT_RUN terms. A thread sums a run; of segments
   with more of them, as a number has, the runs are summed first, and then their sums, in their order. */

/* Where scalar i of the block of a pair stands. */
GKT_FUNCTION gkt_offset gkt_place_of(const gkt_places_arguments *p, gkt_size pair, int i) {
  const int block = p->block_rows * p->block_cols;
  if (!p->rows) return pair * block + i;
  const gkt_idx row = p->rows[pair], first = p->row_pairs[row];
  const gkt_offset stride = p->starts ? p->strides[row] : (gkt_offset)(p->row_pairs[row + 1] - first) * p->block_cols;
  const gkt_offset start = p->starts ? p->starts[row] : (gkt_offset)first * block;
  return start + (pair - first) * p->block_cols + i / p->block_cols * stride + i % p->block_cols;
}

GKT_FUNCTION gkt_scalar gkt_sum_run(const gkt_segments_arguments *a, gkt_idx first, gkt_idx end, int i) {
  const int block = a->places.block_rows * a->places.block_cols;
  gkt_scalar sum = 0;
  for (gkt_idx k = first; k < end; k++) sum += a->tensors[(gkt_size)a->order[k] * block + i];
  return sum;
}

/* A thread for each scalar of the result. */
GKT_KERNEL(256) gkt_sum_segments(const gkt_segments_arguments GKT_BY_VALUE a) {
  const int block = a.places.block_rows * a.places.block_cols;
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x, pair = scalar / block;
  const int i = (int)(scalar % block);
  if (pair >= a.pairs) return;
  const gkt_idx first = a.offsets[pair], end = a.offsets[pair + 1];
  if (end - first > GKT_RUN) return;
  a.values[gkt_place_of(&a.places, pair, i)] = 0 + gkt_sum_run(&a, first, end, i);
}

GKT_KERNEL(256) gkt_sum_runs(const gkt_segments_arguments GKT_BY_VALUE a) {
  const int block = a.places.block_rows * a.places.block_cols;
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x, run = scalar / block;
  if (run >= a.num_runs) return;
  const gkt_idx owner = a.run_owners[run], pair = a.long_pairs[owner];
  const gkt_idx first = a.offsets[pair] + ((gkt_idx)run - a.long_runs[owner]) * GKT_RUN, last = a.offsets[pair + 1];
  a.runs[scalar] = gkt_sum_run(&a, first, last - first < GKT_RUN ? last : first + GKT_RUN, (int)(scalar % block));
}

GKT_KERNEL(256) gkt_join_runs(const gkt_segments_arguments GKT_BY_VALUE a) {
  const int block = a.places.block_rows * a.places.block_cols;
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x, owner = scalar / block;
  const int i = (int)(scalar % block);
  if (owner >= a.num_long) return;
  gkt_scalar sum = 0;
  for (gkt_idx run = a.long_runs[owner]; run < a.long_runs[owner + 1]; run++) sum += a.runs[(gkt_size)run * block + i];
  a.values[gkt_place_of(&a.places, a.long_pairs[owner], i)] = sum;
}

/* Sums of a pattern that is alone, to their places in values that it shares: a thread for each scalar. */
GKT_KERNEL(256) gkt_spread_sums(const gkt_segments_arguments GKT_BY_VALUE a) {
  const int block = a.places.block_rows * a.places.block_cols;
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x, pair = scalar / block;
  if (pair >= a.pairs) return;
  gkt_places_arguments alone = a.places;
  alone.starts = 0;
  a.values[gkt_place_of(&a.places, pair, (int)(scalar % block))] = a.sums[gkt_place_of(&alone, pair, (int)(scalar % block))];
}

/* ---- rounding ---- */
/* A thread for each row of scalars of a target; targets of the same rows one after the other. */
GKT_KERNEL(256) gkt_find_largest(const gkt_rounding_arguments GKT_BY_VALUE a) {
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x, row = scalar / a.places.block_rows;
  const int i = (int)(scalar % a.places.block_rows);
  if (row >= a.num_nodes) return;
  gkt_scalar most = a.largest[a.first_row + scalar];
  for (gkt_idx pair = a.places.row_pairs[row]; pair < a.places.row_pairs[row + 1]; pair++)
    for (int j = 0; j < a.places.block_cols; j++) most = fmax(most, fabs(a.values[gkt_place_of(&a.places, pair, i * a.places.block_cols + j)]));
  a.largest[a.first_row + scalar] = most;
}

/* A thread for each scalar of the result. */
GKT_KERNEL(256) gkt_drop_rounding(const gkt_rounding_arguments GKT_BY_VALUE a) {
  const int block = a.places.block_rows * a.places.block_cols;
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x, pair = scalar / block;
  const int i = (int)(scalar % block);
  if (pair >= a.pairs) return;
  const gkt_scalar row = a.largest[a.first_row + a.places.rows[pair] * a.places.block_rows + i / a.places.block_cols];
  const gkt_scalar col = a.largest[a.first_col + a.places.cols[pair] * a.places.block_cols + i % a.places.block_cols];
  gkt_scalar *value = a.values + gkt_place_of(&a.places, pair, i);
  if (fabs(*value) <= 2e-15 * fmin(row, col)) *value = 0;
}
