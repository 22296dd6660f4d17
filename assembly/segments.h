/* Sums of element tensors on a device, in the order and with the bits of the host's `segmented` (reduce_segmented.c); or, for comparison, by the product with a routing matrix
   (reduce_spmm.c): cuSPARSE's on a GPU, in its order, and on the emulated device, which has none, a plain one. */
#ifndef GKT_ASSEMBLY_SEGMENTS_H
#define GKT_ASSEMBLY_SEGMENTS_H
#include "assembly/device_copies.h"
#include "assembly/segments_arguments.h"
#include "assembly/targets.h"

enum { GKT_SEGMENT_THREADS = 256 };
extern const char *const gkt_segments_kernels[]; /* parts of the module */
typedef struct gkt_device_segments gkt_device_segments;
/* Of all targets that have a reduce, with lists; they live longer. tensors [targets]: [contributions][block] of each, on the device. */
gkt_status gkt_device_segments_create(const gkt_targets *, gkt_device *, gkt_copies *, const gkt_scalars *tensors, bool products, gkt_device_segments **out) GKT_MUST_CHECK;
void gkt_device_segments_destroy(gkt_device_segments **);             /* before its device is closed */
const char *gkt_device_segments_product(const gkt_device_segments *); /* whose it is: "cuSPARSE", "CSR"; NULL: none */
/* The result in values [num_values] on the device; '='. */
gkt_status gkt_device_segments_sum(gkt_device_segments *, gkt_scalar *values) GKT_MUST_CHECK;
/* The same of how->count sets of a batch, without products and rounding; tensors [targets]: [sets][contributions][block] of each; how->items is not read. */
gkt_status gkt_device_segments_sum_sets(gkt_device_segments *, const gkt_scalars *tensors, const gkt_sets_arguments *how, gkt_scalar *values) GKT_MUST_CHECK;
gkt_size gkt_device_segments_scalars(const gkt_device_segments *); /* of memory that a set of a batch needs */
#endif
