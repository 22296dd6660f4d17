/* Blocks from rows of scalars: the twin of bsr.c. */
#include "core/bsr_arguments.h"

/* One thread a row of blocks. */
GKT_KERNEL(256) gkt_bsr_list(const gkt_bsr_arguments GKT_BY_VALUE a) {
  const gkt_size node = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  const gkt_idx size = a.block_size, area = size * size;
  if (node >= a.num_rows) return;
  const gkt_idx begin = a.row_offsets[node * size], count = a.row_offsets[node * size + 1] - begin;
  bool whole = begin % area == 0 && count % size == 0;
  for (gkt_idx i = 1; i < size && whole; i++) whole = a.row_offsets[node * size + i + 1] - begin == (i + 1) * count;
  for (gkt_idx k = 0; k < count && whole; k++) {
    const gkt_idx col = a.row_cols[begin + k];
    whole = col % size == k % size && col / size == a.row_cols[begin + k - k % size] / size;
    for (gkt_idx i = 1; i < size && whole; i++) whole = a.row_cols[begin + i * count + k] == col;
    if (whole && k % size == 0) a.cols[begin / area + k / size] = col / size;
  }
  if (a.offsets) a.offsets[node + 1] = (begin + size * count) / area;
  if (a.offsets && node == 0) a.offsets[0] = 0;
  if (!whole) atomicMin(a.bad, (gkt_idx)node);
}

/* 32 threads a row of blocks, which write its values one after the other. */
GKT_KERNEL(256) gkt_bsr_fill(const gkt_bsr_arguments GKT_BY_VALUE a) {
  const gkt_size node = ((gkt_size)blockIdx.x * 256 + threadIdx.x) / 32;
  const gkt_idx size = a.block_size, area = size * size;
  if (node >= a.num_rows) return;
  const gkt_idx begin = a.row_offsets[node * size], count = a.row_offsets[node * size + 1] - begin;
  for (gkt_idx k = (gkt_idx)threadIdx.x % 32; k < size * count; k += 32)
    a.vals[begin + k] = a.row_vals[begin + k % area / size * count + k / area * size + k % size];
}
