/* Essential constraints on the device: vectors and matrices there are treated as assembly.h has it for the host. Host logic of constraints.cu. Not installed. */
#ifndef GKT_ASSEMBLY_CONSTRAINTS_DEVICE_H
#define GKT_ASSEMBLY_CONSTRAINTS_DEVICE_H
#include "assembly/constraints.h"
#include "core/mask.h"

typedef struct {
  const gkt_constraints *of;
  gkt_device *device;
  gkt_mask mask;
  gkt_vector *values;     /* [dofs], 0 where nothing is given */
  gkt_idx count, *dofs;   /* [count] that are constrained */
  gkt_scalar *packed;     /* [count] their values, as they were sent */
  gkt_indices dofs_there; /* the same two on the device */
  gkt_scalars packed_there;
  bool has_values;
  gkt_scalars partial, scales;
  gkt_idx *num_free; /* [num_blocks] rows */
} gkt_device_constraints;
/* As they are now; the constraints outlive. */
gkt_status gkt_device_constraints_create(const gkt_constraints *, gkt_device_constraints *out) GKT_MUST_CHECK;
gkt_status gkt_device_constraints_follow(gkt_device_constraints *) GKT_MUST_CHECK; /* to the values that conditions give now, on the dofs that they had */
void gkt_device_constraints_destroy(gkt_device_constraints *);                     /* zeroed is fine */
/* gkt_constraints_eliminate, of a matrix on the device; launches alone. */
gkt_status gkt_device_constraints_eliminate(const gkt_device_constraints *, gkt_csr *) GKT_MUST_CHECK;
#endif
