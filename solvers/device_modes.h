/* Motions that the matrix of a system on the device may map to zero. Host logic of device_modes.cu: sums are the device's, what they say is said by modes.c and kernel.c. Not
 * installed. */
#ifndef GKT_SOLVERS_DEVICE_MODES_H
#define GKT_SOLVERS_DEVICE_MODES_H
#include "core/vector.h"
#include "solvers/linear.h"

typedef struct {
  int count;          /* modes of the facts */
  gkt_scalars plain;  /* [count][num_rows] sent once; empty: not yet */
  gkt_scalars made;   /* [num_rows] a combination */
  gkt_scalars images; /* [count][num_rows] of combinations; in the end the vectors of the kernel, orthonormal, 0 where a dof is given */
  gkt_scalars combos; /* [count][GKT_MAX_MODES] */
  gkt_scalars sums;   /* [count*(count+1)/2 + 2*count] */
  int num_kernel;
} gkt_device_modes;
struct gkt_device_system;
enum { GKT_MOST_DEVICE_MODES = 12 }; /* of systems with more the host looks at them */
/* How many motions A maps to zero beyond rounding's doubt, looked at on free rows alone: at most num_kernel of a system that is regular but for its kernel. */
gkt_status gkt_device_modes_count_free(struct gkt_device_system *, int *count) GKT_MUST_CHECK;
gkt_status gkt_device_modes_find_kernel(struct gkt_device_system *) GKT_MUST_CHECK; /* ->modes.num_kernel and the vectors */
void gkt_device_modes_destroy(gkt_device *, gkt_device_modes *);                    /* zeroed is fine */
#endif
