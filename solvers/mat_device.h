/* A matrix on the device as PETSc's. Not installed. */
#ifndef GKT_SOLVERS_MAT_DEVICE_H
#define GKT_SOLVERS_MAT_DEVICE_H
#include "solvers/petsc.h"

/* Makes PETSc's matrix over arrays on the host. */
typedef gkt_status gkt_mat_on_host(gkt_petsc *, const gkt_csr *A, const gkt_system_facts *, Mat *out);
/* The same of a matrix on the device: what PETSc needs to know goes over the bus once, here. GKT_UNAVAILABLE, with the reason, where PETSc was built without CUDA or the device is
   no GPU. */
gkt_status gkt_device_mat_create(gkt_petsc *, const gkt_csr *A, const gkt_system_facts *, gkt_mat_on_host *, Mat *out) GKT_MUST_CHECK;
/* The values of A into PETSc's own array on the device, without the bus. */
gkt_status gkt_device_mat_fill(gkt_petsc *, const gkt_csr *A, Mat) GKT_MUST_CHECK;
#endif
