/* Sums of what stands before, and stable sorts, on the device (sort.cu): for plans that are made there. They allocate what they need meanwhile. */
#ifndef GKT_CORE_SORT_H
#define GKT_CORE_SORT_H
#include "core/device.h"

extern const char *const gkt_sort_kernels[];                        /* parts of the module */
extern const char gkt_sort_arguments_text[], gkt_block_scan_text[]; /* for modules whose kernels sum what stands before */
/* out [count + 1] on the device: out[k] the sum of in[0] .. in[k - 1]; it may be `in`, where that has room for one more. total: on the host, of 64 bits, and then it waits; larger
   ones than 31 bits are not in out. NULL: it is known to be smaller. */
gkt_status gkt_device_scan(gkt_device *, gkt_size count, const gkt_idx *in, gkt_idx *out, gkt_size *total) GKT_MUST_CHECK;
/* Keys of 4 or 8 bytes, unsigned, below 2^bits, with a number each; equal keys stay in their order. values->at NULL on entry: 0, 1, ... Both arrays may be
   others afterwards: what they were is let go of. */
gkt_status gkt_device_sort(gkt_device *, int key_bytes, int bits, gkt_bytes *keys, gkt_indices *values) GKT_MUST_CHECK;
gkt_size gkt_device_sort_bytes(gkt_size count, int key_bytes); /* keys, values and what a sort holds meanwhile */
#endif
