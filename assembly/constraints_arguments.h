/* What the kernels of constraints (constraints.cu) are told. Read by C and by the kernels. */
#ifndef GKT_ASSEMBLY_CONSTRAINTS_ARGUMENTS_H
#define GKT_ASSEMBLY_CONSTRAINTS_ARGUMENTS_H
#include "core/device.h"
#include "core/vector_arguments.h"

typedef struct { /* rows [first, end) of a block */
  const gkt_idx *offsets, *cols;
  gkt_scalar *vals;
  const gkt_byte *fixed; /* [dofs] */
  gkt_idx first, end;
  gkt_scalar *partial; /* [parts of the rows] */
  gkt_size parts;
  gkt_idx num_free;  /* rows */
  gkt_scalar *scale; /* [1] of the diagonal of constrained rows */
} gkt_constraints_arguments;

typedef struct { /* values[dofs[i]] = packed[i] */
  const gkt_idx *dofs;
  const gkt_scalar *packed;
  gkt_scalar *values;
  gkt_size count;
} gkt_constraints_place_arguments;
#endif
