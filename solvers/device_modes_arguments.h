/* What the kernels of modes (device_modes.cu) are told. Read by C and by the kernels. */
#ifndef GKT_SOLVERS_DEVICE_MODES_ARGUMENTS_H
#define GKT_SOLVERS_DEVICE_MODES_ARGUMENTS_H
#include "core/device.h"

typedef struct {
  const gkt_idx *offsets, *cols;
  const gkt_scalar *vals;
  const gkt_byte *fixed; /* [num_rows]; NULL: none is */
  gkt_idx num_rows;
  const gkt_scalar *rows;   /* scales */
  const gkt_scalar *plain;  /* [count][num_rows] modes */
  const gkt_scalar *combos; /* [count] factors of one combination */
  int count;
  int free_alone;                 /* only free rows and dofs count */
  gkt_scalar smallest, junk;      /* kernel.c */
  gkt_scalar *z;                  /* [num_rows] the combination */
  gkt_scalar *image, *size, *own; /* [num_rows] rows of A z and |A||z|, scaled; z where it counts */
} gkt_device_modes_arguments;
#endif
