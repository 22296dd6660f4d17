/* The twin of gkt_targets_drop_rounding on a device; kernels in segments.cu. */
#ifndef GKT_ASSEMBLY_ROUNDING_DEVICE_H
#define GKT_ASSEMBLY_ROUNDING_DEVICE_H
#include "assembly/segments.h"

/* Where the blocks of a pattern stand; without columns. */
gkt_status gkt_places_plan(const gkt_reduce *, gkt_copies *, gkt_places_arguments *out) GKT_MUST_CHECK;
typedef struct gkt_device_rounding gkt_device_rounding;
/* *out is NULL where there is nothing to drop. */
gkt_status gkt_device_rounding_create(const gkt_targets *, gkt_device *, gkt_copies *, gkt_device_rounding **out) GKT_MUST_CHECK;
void gkt_device_rounding_destroy(gkt_device_rounding **);                                            /* before its device is closed */
gkt_status gkt_device_rounding_drop(const gkt_device_rounding *, gkt_scalar *values) GKT_MUST_CHECK; /* values: of all targets */
#endif
