/* A matrix as PETSc's, for the caller: over our arrays on the host; on the device a copy in PETSc's own memory, since PETSc's matrices for GPUs own their arrays. */
#include "galerkit/petsc.h"
#include "solvers/linear.h"
#include "solvers/mat_device.h"

static gkt_status create_on_host(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *facts, Mat *out) {
  gkt_petsc_matrix matrix = {0};
  gkt_status status;
  GKT_GO(gkt_petsc_matrix_create(petsc, A, facts, NULL, NULL, &matrix));
  *out = matrix.mat;
  matrix.mat = NULL;
done:
  gkt_petsc_matrix_destroy(&matrix);
  return status;
}

gkt_status gkt_petsc_mat_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, Mat *out) {
  gkt_petsc petsc = {.ctx = ctx};
  gkt_status status;
  if (sizeof(PetscInt) != sizeof(gkt_idx)) return gkt_fail(ctx, GKT_UNAVAILABLE, "this PETSc counts with %d bits; expected one of 32 bits", (int)sizeof(PetscInt) * 8);
  GKT_GO(gkt_petsc_enter(ctx, &petsc));
  status = A->where == GKT_ON_DEVICE ? gkt_device_mat_create(&petsc, A, facts, create_on_host, out) : create_on_host(&petsc, A, facts, out);
done:
  gkt_petsc_leave(&petsc);
  return status;
}

gkt_status gkt_petsc_mat_update(gkt_context *ctx, const gkt_csr *A, Mat mat) {
  gkt_petsc petsc = {.ctx = ctx};
  gkt_status status;
  GKT_GO(gkt_petsc_enter(ctx, &petsc));
  if (A->where == GKT_ON_DEVICE) GKT_GO(gkt_device_mat_fill(&petsc, A, mat));
  else { /* the values are A's own: what PETSc derived from them is dropped */ GKT_PETSC(&petsc, MatAssemblyBegin(mat, MAT_FINAL_ASSEMBLY));
    GKT_PETSC(&petsc, MatAssemblyEnd(mat, MAT_FINAL_ASSEMBLY));
  }
done:
  gkt_petsc_leave(&petsc);
  return status;
}
