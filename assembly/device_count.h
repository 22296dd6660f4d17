/* Counts of what an assembly costs on a device, for the model (device_cost.h). */
#ifndef GKT_ASSEMBLY_DEVICE_COUNT_H
#define GKT_ASSEMBLY_DEVICE_COUNT_H
#include "core/device_cost.h"
#include "assembly/elements.h"
#include "assembly/patches_emit.h"

/* Operations on 64-bit numbers of one entity, a multiplication with an addition as one: an estimate from the plan of the map, within a factor of about two. */
double gkt_map_count_operations(const gkt_map *);
/* Of one target. Bytes, wavefronts of shared memory and terms of sums are counted on the plan; instructions and the wavefronts of global memory are estimates. */
gkt_device_cost gkt_fused_count(const gkt_patch_shares *, const gkt_row_patches *, int num_sets); /* of all sets of a batch; 1: of one call */
gkt_device_cost gkt_segmented_count(const gkt_assembler *, int target);
/* Of the strategy that the backend cuda has chosen, all targets (backend_cuda.c); refused of other backends. */
gkt_status gkt_assembler_get_cost(const gkt_assembler *, gkt_device_cost *out) GKT_MUST_CHECK;
#endif
