/* What the kernels of rates.cu are launched with. */
#ifndef GKT_BENCH_DEVICE_RATES_ARGUMENTS_H
#define GKT_BENCH_DEVICE_RATES_ARGUMENTS_H
#include "core/device.h"

typedef struct {
  const gkt_scalar *from; /* [count] */
  gkt_scalar *to;
  gkt_size count;
} gkt_copy_arguments;
typedef struct {
  gkt_scalar *sums; /* [threads of all blocks] */
  int rounds;       /* loads of a thread */
  int random;       /* 0: lane after lane, without conflicts */
} gkt_gather_arguments;
#endif
