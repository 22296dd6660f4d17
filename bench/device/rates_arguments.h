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
typedef struct {
  const gkt_scalar *from; /* [count] */
  gkt_scalar *sums;       /* [threads of all blocks] */
  gkt_size count;         /* a multiple of the threads */
  int rounds;             /* loads of a thread */
} gkt_reread_arguments;
typedef struct {
  gkt_scalar *results;    /* [threads of all blocks] */
  int rounds;             /* of GKT_RATE_CHAINS products with sums each */
  gkt_scalar factor, add; /* 1, 1: what comes out is known */
} gkt_work_arguments;
enum { GKT_RATE_CHAINS = 8 };
#endif
