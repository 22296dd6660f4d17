/* A matrix as PETSc's, for the caller. */
#include "galerkit/petsc.h"
#include "solvers/linear.h"

gkt_status gkt_petsc_mat_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, Mat *out) {
  gkt_petsc petsc = {.ctx = ctx};
  gkt_petsc_matrix matrix = {0};
  gkt_status status;
  if (sizeof(PetscInt) != sizeof(gkt_idx)) return gkt_fail(ctx, GKT_UNAVAILABLE, "this PETSc counts with %d bits; expected one of 32 bits", (int)sizeof(PetscInt) * 8);
  GKT_GO(gkt_petsc_enter(ctx, &petsc));
  GKT_GO(gkt_petsc_matrix_create(&petsc, A, facts, NULL, NULL, &matrix));
  *out = matrix.mat;
  matrix.mat = NULL;
done:
  if (petsc.inside) gkt_petsc_matrix_destroy(&matrix);
  gkt_petsc_leave(&petsc);
  return status;
}
