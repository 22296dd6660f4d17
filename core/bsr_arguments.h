/* What the kernels of blocks (bsr.cu) are told. Read by C and by the kernels. */
#ifndef GKT_CORE_BSR_ARGUMENTS_H
#define GKT_CORE_BSR_ARGUMENTS_H
#include "core/device.h"

typedef struct {                         /* from a matrix by rows of scalars */
  const gkt_idx *row_offsets, *row_cols; /* its pattern */
  const gkt_scalar *row_vals;
  gkt_idx num_rows; /* of blocks */
  int block_size;
  gkt_idx *offsets; /* [num_rows + 1] of blocks; NULL: not wanted */
  gkt_idx *cols;    /* [blocks] */
  gkt_scalar *vals; /* [blocks][block_size][block_size] */
  gkt_idx *bad;     /* the first row of blocks that is not whole becomes it */
} gkt_bsr_arguments;
#endif
