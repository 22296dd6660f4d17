/* Matrices by blocks, and the blocks of matrices by rows of scalars. Host logic of bsr.cu. */
#ifndef GKT_CORE_BSR_H
#define GKT_CORE_BSR_H
#include "core/device.h"

/* Of a matrix on the device with whole rows of blocks: offsets [num_rows / block_size + 1], NULL: not wanted, and cols [entries / block_size^2] of blocks, there as well. *bad: the
   first row of blocks that is not whole; -1: none. Waits. */
gkt_status gkt_blocks_list(gkt_device *, const gkt_csr *, gkt_idx *offsets, gkt_idx *cols, gkt_idx *bad) GKT_MUST_CHECK;
#endif
