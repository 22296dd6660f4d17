/* A' of a matrix on the device, for adjoint systems that are solved there. Not installed. */
#ifndef GKT_SOLVERS_DEVICE_TRANSPOSE_H
#define GKT_SOLVERS_DEVICE_TRANSPOSE_H
#include "core/device.h"
#include "galerkit/solver.h"

typedef struct gkt_device_transpose {
  gkt_device *device;
  const gkt_csr *from; /* A */
  gkt_csr A;           /* A', its arrays are the next three */
  gkt_indices offsets, cols;
  gkt_scalars vals;
  gkt_indices order; /* [nonzeros] which entry of A each of A' is */
} gkt_device_transpose;
/* The pattern comes to the host once, where it is transposed; values stay on the device. A outlives; *out stays where it is. out: zeroed; destroyed after a failure as well. */
gkt_status gkt_device_transpose_create(gkt_context *, const gkt_csr *A, gkt_device_transpose *out) GKT_MUST_CHECK;
gkt_status gkt_device_transpose_take(gkt_device_transpose *) GKT_MUST_CHECK; /* the values that A has now */
void gkt_device_transpose_destroy(gkt_device_transpose *);                   /* zeroed is fine */
#endif
