/* PETSc's view of our matrices, for programs that call PETSc themselves. Not part of galerkit.h: it needs
 * PETSc's own headers (pkg-config PETSc). */
#ifndef GALERKIT_PETSC_H
#define GALERKIT_PETSC_H
#include <petscmat.h>

#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

/* A sequential AIJ matrix over the arrays of A, which outlives it. It knows what the facts say: block size,
   symmetry, positivity, near-null-space and, where the facts say singular, null space. The caller's, freed
   with MatDestroy. The first call starts PETSc (and MPI) where the caller has not; both are ended when the
   process ends. PETSc is not thread-safe: the caller's own calls must not run while another thread is in a
   solver of Galerkit.
   A on the device: an aijcusparse matrix, a copy, since PETSc's matrices for GPUs own their arrays. Pattern
   and facts cross the bus in this call, values never again.
   GKT_UNAVAILABLE with a PETSc of 64-bit integers and, for A on the device, with a PETSc without CUDA or a
   device that is no GPU; GKT_LIBRARY with PETSc's text where PETSc fails. */
GKT_API gkt_status gkt_petsc_mat_create(gkt_context *, const gkt_csr *A, const gkt_system_facts *,
                                        Mat *out) GKT_MUST_CHECK;
/* After other values were assembled into A: PETSc is told of them; on the device they are copied from A into
 * PETSc's own array there. Null spaces stay those of the first values. */
GKT_API gkt_status gkt_petsc_mat_update(gkt_context *, const gkt_csr *A, Mat) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
