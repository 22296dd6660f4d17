/* PETSc's view of our matrices, for programs that call PETSc themselves. Not part of galerkit.h: it needs
 * PETSc's own headers (pkg-config PETSc). */
#ifndef GALERKIT_PETSC_H
#define GALERKIT_PETSC_H
#include <petscmat.h>

#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

/* A sequential AIJ matrix over the arrays of A, which outlives it: what is assembled into A afterwards is
   seen after PetscObjectStateIncrease. It knows what the facts say: block size, symmetry, positivity,
   near-null-space and, where the facts say singular, null space. The caller's, freed with MatDestroy. The
   first call starts PETSc (and MPI) where the caller has not; both are ended when the process ends. PETSc is
   not thread-safe: the caller's own calls must not run while another thread is in a solver of Galerkit.
   GKT_UNAVAILABLE with a PETSc of 64-bit integers, GKT_LIBRARY with PETSc's text where PETSc fails. */
GKT_API gkt_status gkt_petsc_mat_create(gkt_context *, const gkt_csr *A, const gkt_system_facts *,
                                        Mat *out) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
