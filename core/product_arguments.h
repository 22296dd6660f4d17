/* What the kernels of y = A x (product.cu) are told. Read by C and by the kernels. */
#ifndef GKT_CORE_PRODUCT_ARGUMENTS_H
#define GKT_CORE_PRODUCT_ARGUMENTS_H
#include "core/device.h"

enum { GKT_SLICE = 32, GKT_SORTED = 256 }; /* rows of a slice; rows among which they are sorted by length */

typedef struct {
  const gkt_idx *offsets, *cols;
  const gkt_scalar *vals, *x;
  gkt_scalar *y;
  gkt_idx num_rows;
  int width;                /* threads of a row: 1, 2, .. 32 */
  const gkt_idx *node_cols; /* 3x3 blocks: [entries / 9] the columns of blocks */
} gkt_product_csr_arguments;
typedef struct {
  const gkt_idx *offsets; /* [slices + 1] in entries of a row */
  const gkt_idx *cols;    /* [offsets[slices]][32]; -1: none */
  const gkt_idx *order;   /* [num_rows] row of each place */
  const gkt_scalar *vals, *x;
  gkt_scalar *y;
  gkt_idx num_rows;
} gkt_product_sell_arguments;
typedef struct { /* CSR to SELL */
  const gkt_idx *row_offsets, *row_cols;
  const gkt_scalar *row_vals;
  const gkt_idx *offsets, *order;
  gkt_idx *cols; /* NULL: values alone */
  gkt_scalar *vals;
  gkt_idx num_rows;
} gkt_product_slice_arguments;
#endif
