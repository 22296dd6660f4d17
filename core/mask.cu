/* Entries that stand apart, on the device. */
#include "core/mask_arguments.h"

GKT_KERNEL(256) gkt_mask_take_kernel(const gkt_mask_arguments GKT_BY_VALUE a) {
  gkt_size i = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (i < a.count && a.skip[i]) a.y[i] = a.x ? a.x[i] : 0;
}
