/* Rows and columns of constrained dofs, on the device: constraints.c has it for the host. */
#include "assembly/constraints_arguments.h"

/* Sums of |diagonal| of free rows. */
GKT_KERNEL(256) gkt_constraints_diagonal(const gkt_constraints_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar sum = 0;
  gkt_size end = gkt_part_end(a.end - a.first);
  for (gkt_size r = gkt_part_begin(); r < end; r += GKT_PART_THREADS) {
    gkt_idx i = a.first + (gkt_idx)r;
    for (gkt_idx k = a.offsets[i]; !a.fixed[i] && k < a.offsets[i + 1]; k++)
      if (a.cols[k] == i) sum += fabs(a.vals[k]);
  }
  sum = gkt_block_sum(sum, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = sum;
}

GKT_KERNEL(256) gkt_constraints_scale(const gkt_constraints_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar sum = gkt_sum_parts(a.partial, a.parts, warps);
  if (threadIdx.x == 0) a.scale[0] = sum > 0 ? sum / a.num_free : 1;
}

GKT_KERNEL(256) gkt_constraints_clear(const gkt_constraints_arguments GKT_BY_VALUE a) {
  gkt_idx i = a.first + (gkt_idx)(blockIdx.x * 256 + threadIdx.x);
  if (i >= a.end) return;
  bool fixed = a.fixed[i];
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++)
    if (fixed || a.fixed[a.cols[k]]) a.vals[k] = a.cols[k] == i ? a.scale[0] : 0;
}

GKT_KERNEL(256) gkt_constraints_place(const gkt_constraints_place_arguments GKT_BY_VALUE a) {
  gkt_size i = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (i < a.count) a.values[a.dofs[i]] = a.packed[i];
}
