/* Arguments of the kernels of numbers.cu, after which the emitted text (patches_emit.c) puts its own, as behind those of patches. */
#ifndef GKT_ASSEMBLY_NUMBERS_ARGUMENTS_H
#define GKT_ASSEMBLY_NUMBERS_ARGUMENTS_H
#include "core/device.h"

typedef struct {
  const gkt_idx *first;   /* [runs + 1] cells of the block before the run */
  const gkt_idx *numbers; /* [cells][corners] nodes of the mesh */
} gkt_number_block_arguments;

typedef struct {
  const gkt_scalar *coords, *constants;
  gkt_scalar *runs;   /* [sets][num_runs][block] */
  gkt_scalar *values; /* of the target */
  gkt_scalar time;
  gkt_idx num_terms, num_runs, first_value, stride; /* stride: from one row of scalars to the next */
} gkt_number_arguments;
#endif
