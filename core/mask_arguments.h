/* What the kernels of masks (mask.cu) are told. Read by C and by the kernels. */
#ifndef GKT_CORE_MASK_ARGUMENTS_H
#define GKT_CORE_MASK_ARGUMENTS_H
#include "core/device.h"

typedef struct { /* y = x where skip; x NULL: 0 */
  const gkt_byte *skip;
  const gkt_scalar *x;
  gkt_scalar *y;
  gkt_size count;
} gkt_mask_arguments;
#endif
