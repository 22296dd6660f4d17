/* Before every text of kernels that NVRTC compiles. The emulated device has its own (tests/emulated/). What kernels use beside plain C++17 and CUDA's threadIdx, blockIdx,
   blockDim, gridDim, __syncthreads, __syncwarp, __shfl_sync and its kin, __ballot_sync, __ldg is declared here, and nothing else: no other headers, no templates of kernels.

   GKT_KERNEL(256) gkt_scale(const gkt_scale_arguments GKT_BY_VALUE a) { .. }        a kernel of 256 threads a block, its arguments one struct
   GKT_SHARED_MEMORY                                                                      once, first in a kernel that has shared memory:
   GKT_SHARED(gkt_scalar, sums, 0); GKT_SHARED(gkt_idx, places, 256 * 8);                 named arrays in it, by their first byte */
typedef double gkt_scalar;
typedef int gkt_idx;
typedef long long gkt_size;
typedef long long gkt_offset;
typedef unsigned char gkt_byte;
typedef unsigned short gkt_short;
#define GKT_KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define GKT_BY_VALUE __grid_constant__
#define GKT_FUNCTION static __device__ __forceinline__
#define GKT_RESTRICT __restrict__
#define GKT_UNROLL _Pragma("unroll")
#define GKT_SHARED_MEMORY extern __shared__ __align__(16) unsigned char gkt_shared_memory[];
#define GKT_SHARED(T, name, byte) gkt_shared<T> name = (T *)(gkt_shared_memory + (byte))
template <class T> using gkt_shared = T *; /* as a parameter of functions */
