/* The plan of patches made on the device, from connectivity (patches_plan.cu): no lists and no pattern of the host are read, and every array is the host planner's. */
#ifndef GKT_ASSEMBLY_PATCHES_DEVICE_H
#define GKT_ASSEMBLY_PATCHES_DEVICE_H
#include "assembly/device_copies.h"
#include "assembly/patches.h"
#include "assembly/patches_arguments.h"
#include "core/device_cost.h"

/* What is planned, beside what a plan on the host is made of, of which neither columns nor segments nor order are read. */
typedef struct {
  const gkt_patch_input *in;
  const gkt_incidence *incidence; /* [num_blocks] of rows and columns */
  const double *points;           /* [rows][dim] along whose curve the rows go; NULL: their own order */
  bool keep;                      /* what the kernel of patches does not read, too: rows, and strides of scalars */
} gkt_device_patch_input;

/* Arrays as in gkt_row_patches, on the device. */
typedef struct {
  const gkt_idx *first, *entities;
  const gkt_short *records;
} gkt_patch_entity_arrays;
typedef struct {
  gkt_patch_arguments all; /* its arrays alone */
  gkt_patch_block_arguments blocks[GKT_NUM_CELL_TYPES];
  gkt_patch_entity_arrays *sources; /* [num_sources] */
  const gkt_idx *rows;              /* where they are kept */
} gkt_patch_arrays;

/* *plan has numbers, no arrays: these are in *arrays, held by the copies, which hold nothing else. *plan is NULL, and why tells the reason, of what is not planned
   there: nothing is held then. */
gkt_status gkt_device_patches_create(gkt_context *, gkt_copies *, const gkt_device_patch_input *, const gkt_patch_limits *, gkt_row_patches **plan, gkt_patch_arrays *arrays,
                                     char why[200]) GKT_MUST_CHECK;
/* Bytes on the device while it plans, the plan itself included: an upper bound for patches as they mostly are. Reads how many pairs the host's pattern has. */
gkt_size gkt_device_patches_bytes(const gkt_device_patch_input *);
/* What planning moves and does, for the model of costs: bytes are counted, instructions estimated from the text. */
gkt_device_cost gkt_device_patches_count(const gkt_device_patch_input *, const gkt_row_patches *);
void gkt_patch_arrays_clear(gkt_patch_arrays *); /* the host's part of them */
#endif
