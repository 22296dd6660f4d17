/* Joined in front of kernels of 256 threads that sum what stands before. */
/* Sum of the values of the threads before in the block; *all: of all. warps [8] in shared memory. To be called by all. */
GKT_FUNCTION gkt_size gkt_block_scan(gkt_size value, gkt_shared<gkt_size> warps, gkt_size *all) {
  const int lane = (int)threadIdx.x % 32;
  gkt_size sum = value, before = 0;
  for (int d = 1; d < 32; d *= 2) {
    const gkt_size other = __shfl_up_sync(~0u, sum, d);
    if (lane >= d) sum += other;
  }
  __syncthreads(); /* what stood there has been read */
  if (lane == 31) warps[threadIdx.x / 32] = sum;
  __syncthreads();
  *all = 0;
  for (int w = 0; w < GKT_TILE_THREADS / 32; w++) {
    if (w == (int)threadIdx.x / 32) before = *all;
    *all += warps[w];
  }
  return before + sum - value;
}
