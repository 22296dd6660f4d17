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

/* Of SETS sets, whose terms have the same places; fewer of the last group, whose last one comes again. */
template <int SETS> GKT_FUNCTION void gkt_sum_run(const gkt_segments_arguments *a, const gkt_set_group &sets, gkt_idx first, gkt_idx end, int i, gkt_scalar *sum) {
  const int block = a->places.block_rows * a->places.block_cols;
  const gkt_scalar *tensors[SETS];
  GKT_UNROLL
  for (int s = 0; s < SETS; s++) sum[s] = 0, tensors[s] = a->tensors + (sets.first + (s < sets.count ? s : sets.count - 1)) * a->between;
  for (gkt_idx k = first; k < end; k++) {
    const gkt_size at = (gkt_size)a->order[k] * block + i;
    GKT_UNROLL
    for (int s = 0; s < SETS; s++) sum[s] += tensors[s][at];
  }
}

GKT_FUNCTION gkt_scalar *gkt_values_of(const gkt_segments_arguments *a, gkt_size set) { return a->values + set * a->sets.results_stride; }
GKT_FUNCTION gkt_scalar *gkt_runs_of(const gkt_segments_arguments *a, gkt_size set) { return a->runs + set * a->num_runs * (a->places.block_rows * a->places.block_cols); }

template <int SETS> GKT_FUNCTION void gkt_sum_segment(const gkt_segments_arguments *a, gkt_size scalar, const gkt_set_group &sets) {
  const int block = a->places.block_rows * a->places.block_cols, i = (int)(scalar % block);
  const gkt_size pair = scalar / block;
  const gkt_idx first = a->offsets[pair], end = a->offsets[pair + 1];
  gkt_scalar sum[SETS];
  if (end - first > GKT_RUN) return;
  gkt_sum_run<SETS>(a, sets, first, end, i, sum);
  const gkt_offset place = gkt_place_of(&a->places, pair, i);
  GKT_UNROLL
  for (int s = 0; s < SETS; s++)
    if (s < sets.count) gkt_values_of(a, sets.first + s)[place] = 0 + sum[s];
}

template <int SETS> GKT_FUNCTION void gkt_sum_long(const gkt_segments_arguments *a, gkt_size scalar, const gkt_set_group &sets) {
  const int block = a->places.block_rows * a->places.block_cols;
  const gkt_size run = scalar / block;
  const gkt_idx owner = a->run_owners[run], pair = a->long_pairs[owner];
  const gkt_idx first = a->offsets[pair] + ((gkt_idx)run - a->long_runs[owner]) * GKT_RUN, last = a->offsets[pair + 1];
  gkt_scalar sum[SETS];
  gkt_sum_run<SETS>(a, sets, first, last - first < GKT_RUN ? last : first + GKT_RUN, (int)(scalar % block), sum);
  GKT_UNROLL
  for (int s = 0; s < SETS; s++)
    if (s < sets.count) gkt_runs_of(a, sets.first + s)[scalar] = sum[s];
}

GKT_FUNCTION void gkt_join(const gkt_segments_arguments *a, gkt_size scalar, gkt_size set) {
  const int block = a->places.block_rows * a->places.block_cols, i = (int)(scalar % block);
  const gkt_size owner = scalar / block;
  const gkt_scalar *runs = gkt_runs_of(a, set);
  gkt_scalar sum = 0;
  for (gkt_idx run = a->long_runs[owner]; run < a->long_runs[owner + 1]; run++) sum += runs[(gkt_size)run * block + i];
  gkt_values_of(a, set)[gkt_place_of(&a->places, a->long_pairs[owner], i)] = sum;
}

/* ---- one set: a thread for each scalar of the result ---- */
GKT_KERNEL(256) gkt_sum_segments(const gkt_segments_arguments GKT_BY_VALUE a) {
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (scalar < a.pairs * a.places.block_rows * a.places.block_cols) gkt_sum_segment<1>(&a, scalar, {0, 1});
}

GKT_KERNEL(256) gkt_sum_runs(const gkt_segments_arguments GKT_BY_VALUE a) {
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (scalar < (gkt_size)a.num_runs * a.places.block_rows * a.places.block_cols) gkt_sum_long<1>(&a, scalar, {0, 1});
}

GKT_KERNEL(256) gkt_join_runs(const gkt_segments_arguments GKT_BY_VALUE a) {
  const gkt_size scalar = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (scalar < (gkt_size)a.num_long * a.places.block_rows * a.places.block_cols) gkt_join(&a, scalar, 0);
}

/* ---- sets of a batch: a thread for each scalar of GKT_SEGMENT_SETS results, which reads the places once ---- */
GKT_FUNCTION gkt_set_group gkt_sets_at(const gkt_segments_arguments *a, gkt_size thread) {
  const gkt_size first = thread / a->sets.items * GKT_SEGMENT_SETS, left = a->sets.count - first;
  return {first, left < GKT_SEGMENT_SETS ? (int)left : GKT_SEGMENT_SETS};
}

GKT_KERNEL(256) gkt_sum_segments_of_sets(const gkt_segments_arguments GKT_BY_VALUE a) {
  const gkt_size thread = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  const gkt_set_group sets = gkt_sets_at(&a, thread);
  if (sets.count > 0) gkt_sum_segment<GKT_SEGMENT_SETS>(&a, thread % a.sets.items, sets);
}

GKT_KERNEL(256) gkt_sum_runs_of_sets(const gkt_segments_arguments GKT_BY_VALUE a) {
  const gkt_size thread = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  const gkt_set_group sets = gkt_sets_at(&a, thread);
  if (sets.count > 0) gkt_sum_long<GKT_SEGMENT_SETS>(&a, thread % a.sets.items, sets);
}

GKT_KERNEL(256) gkt_join_runs_of_sets(const gkt_segments_arguments GKT_BY_VALUE a) {
  const gkt_size thread = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  const gkt_set_group sets = gkt_sets_at(&a, thread);
  for (int s = 0; s < sets.count; s++) gkt_join(&a, thread % a.sets.items, sets.first + s);
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
