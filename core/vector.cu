/* Vectors on the device. */
#include "core/vector_arguments.h"

#define GKT_MY_ENTRY ((gkt_size)blockIdx.x * 256 + threadIdx.x)

GKT_KERNEL(256) gkt_vector_fill_kernel(const gkt_vector_value_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MY_ENTRY;
  if (i < a.count) a.x[i] = a.value;
}
GKT_KERNEL(256) gkt_vector_scale_kernel(const gkt_vector_value_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MY_ENTRY;
  if (i < a.count) a.x[i] *= a.value;
}
GKT_KERNEL(256) gkt_vector_axpy_kernel(const gkt_vector_axpy_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MY_ENTRY;
  if (i < a.count) a.y[i] += a.a * a.x[i];
}

GKT_KERNEL(256) gkt_vector_combine_kernel(const gkt_vector_combine_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MY_ENTRY;
  if (i >= a.count) return;
  gkt_scalar sum = 0;
  for (int k = 0; k < a.num; k++) sum += a.factors[k] * a.x[k][i];
  a.y[i] = sum;
}
GKT_KERNEL(256) gkt_vector_multiply_kernel(const gkt_vector_axpy_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MY_ENTRY;
  if (i < a.count) a.y[i] *= a.a * a.x[i];
}

GKT_KERNEL(256) gkt_vector_dot_parts(const gkt_vector_parts_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar sum = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) sum += a.x[i] * a.y[i];
  sum = gkt_block_sum(sum, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = sum;
}
GKT_KERNEL(256) gkt_vector_sizes_parts(const gkt_vector_parts_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar sum = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) sum += fabs(a.x[i] * a.y[i]);
  sum = gkt_block_sum(sum, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = sum;
}
GKT_KERNEL(256) gkt_vector_dot_join(const gkt_vector_join_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar sum = gkt_sum_parts(a.partial, a.parts, warps);
  if (threadIdx.x == 0) a.out[0] = sum;
}

GKT_KERNEL(256) gkt_vector_norm_parts(const gkt_vector_parts_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_squares sums = {0, 0, 0};
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) gkt_squares_add(&sums, a.x[i]);
  gkt_squares_store(gkt_squares_join(sums, warps), a.partial, gridDim.x);
}
GKT_KERNEL(256) gkt_vector_norm_join(const gkt_vector_join_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar length = gkt_length_of_parts(a.partial, a.parts, warps);
  if (threadIdx.x == 0) a.out[0] = length;
}

/* Minus the number of the first entry that is not finite, so that the most of all is the first one. */
GKT_KERNEL(256) gkt_vector_finite_parts(const gkt_vector_parts_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar most = -(gkt_scalar)a.count;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS)
    if (!(fabs(a.x[i]) <= 0x1.fffffffffffffp1023) && -(gkt_scalar)i > most) most = -(gkt_scalar)i;
  most = gkt_block_most(most, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = most;
}
GKT_KERNEL(256) gkt_vector_most_join(const gkt_vector_join_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar most = gkt_most_of_parts(a.partial, a.parts, a.nothing, warps);
  if (threadIdx.x == 0) a.out[0] = most;
}

/* The largest |x|. */
GKT_KERNEL(256) gkt_vector_largest_parts(const gkt_vector_parts_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_scalar most = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) {
    gkt_scalar size = fabs(a.x[i]);
    if (size > most || size != size) most = size;
  }
  most = gkt_block_most(most, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = most;
}
