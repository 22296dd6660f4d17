/* How fast a device copies, and how fast the threads of a block read random numbers of 8 bytes in shared memory, which is what the sums of an assembly do. */
#include "bench/device/rates_arguments.h"

GKT_KERNEL(256) gkt_copy_rate(const gkt_copy_arguments GKT_BY_VALUE a) {
  const gkt_size stride = (gkt_size)gridDim.x * 256;
  gkt_size i = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  for (; i + 3 * stride < a.count; i += 4 * stride) {
    const gkt_scalar v0 = a.from[i], v1 = a.from[i + stride], v2 = a.from[i + 2 * stride], v3 = a.from[i + 3 * stride];
    a.to[i] = v0;
    a.to[i + stride] = v1;
    a.to[i + 2 * stride] = v2;
    a.to[i + 3 * stride] = v3;
  }
  for (; i < a.count; i += stride) a.to[i] = a.from[i];
}

/* 8192 numbers, 64 kB. The places are those of a generator of Lehmer's kind, so that nothing but shared memory is read; rates.c follows the same. */
GKT_KERNEL(256) gkt_gather_rate(const gkt_gather_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, table, 0);
  for (int i = threadIdx.x; i < 8192; i += 256) table[i] = i;
  __syncthreads();
  const int thread = (int)blockIdx.x * 256 + (int)threadIdx.x;
  unsigned place = a.random ? (unsigned)thread * 2654435761u : threadIdx.x;
  const unsigned factor = a.random ? 1664525u : 1u, step = a.random ? 1013904223u : 256u;
  gkt_scalar sum = 0;
  for (int k = 0; k < a.rounds; k++) {
    const unsigned at = a.random ? place >> 19 : place & 8191u;
    sum += table[at];
    place = place * factor + step;
  }
  a.sums[thread] = sum;
}

/* The same numbers again and again, few enough to stay in the second-level cache, too many for the first one. */
GKT_KERNEL(256) gkt_reread_rate(const gkt_reread_arguments GKT_BY_VALUE a) {
  const gkt_size thread = (gkt_size)blockIdx.x * 256 + threadIdx.x, threads = (gkt_size)gridDim.x * 256;
  gkt_scalar sum = 0;
  gkt_size at = thread % a.count;
  GKT_UNROLL
  for (int k = 0; k < a.rounds; k++) {
    sum += a.from[at];
    at += threads;
    if (at >= a.count) at -= a.count;
  }
  a.sums[thread] = sum;
}

/* Products with sums that do not wait for each other, of 64 bits and of 32. */
GKT_KERNEL(256) gkt_fp64_rate(const gkt_work_arguments GKT_BY_VALUE a) {
  gkt_scalar x[GKT_RATE_CHAINS], sum = 0;
  GKT_UNROLL
  for (int c = 0; c < GKT_RATE_CHAINS; c++) x[c] = c + (gkt_scalar)threadIdx.x;
  for (int k = 0; k < a.rounds; k++) {
    GKT_UNROLL
    for (int c = 0; c < GKT_RATE_CHAINS; c++) x[c] = x[c] * a.factor + a.add;
  }
  GKT_UNROLL
  for (int c = 0; c < GKT_RATE_CHAINS; c++) sum += x[c];
  a.results[(gkt_size)blockIdx.x * 256 + threadIdx.x] = sum;
}

GKT_KERNEL(256) gkt_issue_rate(const gkt_work_arguments GKT_BY_VALUE a) {
  const float factor = (float)a.factor, add = (float)a.add;
  float x[GKT_RATE_CHAINS];
  gkt_scalar sum = 0;
  GKT_UNROLL
  for (int c = 0; c < GKT_RATE_CHAINS; c++) x[c] = (float)c + (float)threadIdx.x;
  for (int k = 0; k < a.rounds; k++) {
    GKT_UNROLL
    for (int c = 0; c < GKT_RATE_CHAINS; c++) x[c] = x[c] * factor + add;
  }
  GKT_UNROLL
  for (int c = 0; c < GKT_RATE_CHAINS; c++) sum += x[c];
  a.results[(gkt_size)blockIdx.x * 256 + threadIdx.x] = sum;
}

GKT_KERNEL(32) gkt_nothing(const gkt_work_arguments GKT_BY_VALUE a) {
  if (a.rounds > 0) a.results[threadIdx.x] = 0;
}
