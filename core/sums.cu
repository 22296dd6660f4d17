/* Sums of many numbers in one fixed order: thread t of a block of 256 adds entries t, t + 256, .. of a part, then a tree joins the threads, then one block joins the parts in the
   same way. Joined in front of the kernels that sum. */
#include "core/vector_arguments.h"

#define GKT_ALL_LANES 0xffffffffu

/* The sum over the threads of a block, in all of them; warps [8] in shared memory. To be called by all. */
GKT_FUNCTION gkt_scalar gkt_block_sum(gkt_scalar value, gkt_shared<gkt_scalar> warps) {
  for (int d = 16; d > 0; d /= 2) value += __shfl_xor_sync(GKT_ALL_LANES, value, d);
  __syncthreads(); /* what stood there has been read */
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = 0;
  for (int w = 0; w < GKT_PART_THREADS / 32; w++) value += warps[w];
  return value;
}

/* Likewise the largest; once in a kernel: nobody has read warps before. */
GKT_FUNCTION gkt_scalar gkt_block_most(gkt_scalar value, gkt_shared<gkt_scalar> warps) {
  for (int d = 16; d > 0; d /= 2) {
    gkt_scalar other = __shfl_xor_sync(GKT_ALL_LANES, value, d);
    value = other > value || other != other ? other : value; /* NaN wins */
  }
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = warps[0];
  for (int w = 1; w < GKT_PART_THREADS / 32; w++) value = warps[w] > value || warps[w] != warps[w] ? warps[w] : value;
  return value;
}

/* The sum of a row of partial sums. */
GKT_FUNCTION gkt_scalar gkt_sum_parts(const gkt_scalar *partial, gkt_size parts, gkt_shared<gkt_scalar> warps) {
  gkt_scalar sum = 0;
  for (gkt_size p = threadIdx.x; p < parts; p += GKT_PART_THREADS) sum += partial[p];
  return gkt_block_sum(sum, warps);
}
GKT_FUNCTION gkt_scalar gkt_most_of_parts(const gkt_scalar *partial, gkt_size parts, gkt_scalar nothing, gkt_shared<gkt_scalar> warps) {
  gkt_scalar most = nothing;
  for (gkt_size p = threadIdx.x; p < parts; p += GKT_PART_THREADS) most = partial[p] > most || partial[p] != partial[p] ? partial[p] : most;
  return gkt_block_most(most, warps);
}

/* First entry of a block's part, and its end. */
GKT_FUNCTION gkt_size gkt_part_begin() { return (gkt_size)blockIdx.x * GKT_PART + threadIdx.x; }
GKT_FUNCTION gkt_size gkt_part_end(gkt_size count) {
  gkt_size end = ((gkt_size)blockIdx.x + 1) * GKT_PART;
  return end < count ? end : count;
}

/* A sum of squares of any size in three accumulators of their own units (Blue 1978, as LAPACK's dnrm2): no square overflows or vanishes, and nothing is divided. */
struct gkt_squares {
  gkt_scalar large, middle, small;
};
GKT_FUNCTION void gkt_squares_add(gkt_squares *s, gkt_scalar value) {
  gkt_scalar size = fabs(value);
  if (size > 0x1p486) s->large += (size * 0x1p-538) * (size * 0x1p-538);
  else if (size < 0x1p-511) s->small += (size * 0x1p537) * (size * 0x1p537);
  else s->middle += size * size; /* NaN as well */
}
GKT_FUNCTION gkt_scalar gkt_squares_length(gkt_squares s) {
  bool middle = s.middle > 0 || s.middle != s.middle;
  if (s.large > 0) return sqrt(middle ? s.large + (s.middle * 0x1p-538) * 0x1p-538 : s.large) * 0x1p538;
  if (!(s.small > 0)) return sqrt(s.middle);
  gkt_scalar a = sqrt(s.middle), b = sqrt(s.small) * 0x1p-537;
  if (!middle) return b;
  if (a != a) return a;
  gkt_scalar most = a > b ? a : b, ratio = (a > b ? b : a) / most;
  return most * sqrt(1 + ratio * ratio);
}
GKT_FUNCTION gkt_squares gkt_squares_join(gkt_squares s, gkt_shared<gkt_scalar> warps) {
  s.large = gkt_block_sum(s.large, warps);
  s.middle = gkt_block_sum(s.middle, warps);
  s.small = gkt_block_sum(s.small, warps);
  return s;
}
/* partial [3][stride] */
GKT_FUNCTION void gkt_squares_store(gkt_squares s, gkt_scalar *partial, gkt_size stride) {
  if (threadIdx.x == 0) partial[blockIdx.x] = s.large, partial[stride + blockIdx.x] = s.middle, partial[2 * stride + blockIdx.x] = s.small;
}
GKT_FUNCTION gkt_scalar gkt_length_of_parts(const gkt_scalar *partial, gkt_size parts, gkt_shared<gkt_scalar> warps) {
  gkt_squares s;
  s.large = gkt_sum_parts(partial, parts, warps);
  s.middle = gkt_sum_parts(partial + parts, parts, warps);
  s.small = gkt_sum_parts(partial + 2 * parts, parts, warps);
  return gkt_squares_length(s);
}
