/* What the kernels of sort.cu are told. Read by C and by the kernels. */
#ifndef GKT_CORE_SORT_ARGUMENTS_H
#define GKT_CORE_SORT_ARGUMENTS_H
#include "core/device.h"

/* A block of threads has a tile of items; digits of keys have 8 bits. */
enum { GKT_TILE = 4096, GKT_TILE_THREADS = 256, GKT_DIGITS = 256, GKT_DIGIT_BITS = 8 };
enum { GKT_SCAN_SHARED = 64, GKT_SORT_SHARED = (1 + GKT_TILE_THREADS / 32) * GKT_DIGITS * 4 }; /* bytes of shared memory */

typedef struct {
  const gkt_idx *in; /* [count] */
  gkt_idx *out;      /* [count + 1]: sums of what stands before; may be `in` where that has room */
  gkt_size count, tiles;
  gkt_size *parts; /* [tiles + 1]: sums of the tiles, then of those before */
} gkt_scan_arguments;

typedef struct {
  const void *keys; /* [count] of 32 bits, or of 64 by the kernels whose names say so */
  void *keys_out;
  const gkt_idx *values; /* [count]; NULL: 0, 1, .. */
  gkt_idx *values_out;
  gkt_size count, tiles;
  int shift;       /* bits below the digit */
  gkt_idx *counts; /* [digits][tiles], then what stands before */
} gkt_sort_arguments;
#endif
