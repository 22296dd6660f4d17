/* All sets of a batch on a device by as many launches as one call has: kernels that do a group of sets where one call does one. */
#ifndef GKT_ASSEMBLY_SETS_DEVICE_H
#define GKT_ASSEMBLY_SETS_DEVICE_H
#include "assembly/elements.h"
#include "assembly/patches_run.h"
#include "assembly/rounding_device.h"
#include "assembly/segments.h"

typedef struct gkt_device_sets gkt_device_sets;
typedef struct { /* of an assembly of one set; all of it lives longer */
  gkt_device_inputs *inputs;
  gkt_copies *copies;
  const gkt_assembler *part;     /* of what goes by `segmented`; NULL: nothing does; */
  gkt_device_segments *segments; /* its */
  gkt_device_rounding *rounding; /* is dropped set by set */
} gkt_sets_plan;
/* *out is NULL, and why tells the reason, where sets go one by one. */
gkt_status gkt_device_sets_create(const gkt_sets_plan *, gkt_device_sets **out, char why[200]) GKT_MUST_CHECK;
void gkt_device_sets_destroy(gkt_device_sets **);          /* before its device is closed */
gkt_size gkt_device_sets_scalars(const gkt_device_sets *); /* of memory that a set needs beside values and results */
/* As gkt_fused_run_sets, of all targets. */
gkt_status gkt_device_sets_run(gkt_device_sets *, const gkt_inputs *, const gkt_sets_arguments *how, const gkt_size *strides, gkt_scalar *values) GKT_MUST_CHECK;
#endif
