/* PETSc options whose values are looked at before anything is computed: a KSP of one unknown reads them. */
#include "galerkit/solver.h"
#include "solvers/linear.h"
#include "solvers/shell.h"

static gkt_status read_all(gkt_petsc *petsc, const gkt_petsc_options *options, KSP *ksp, Mat *A) {
  gkt_status status;
  const PetscInt row = 0;
  const PetscScalar one = 1;
  GKT_GO(gkt_shells_register(petsc));
  GKT_PETSC(petsc, MatCreateSeqAIJ(PETSC_COMM_SELF, 1, 1, 1, NULL, A));
  GKT_PETSC(petsc, MatSetValues(*A, 1, &row, 1, &row, &one, INSERT_VALUES));
  GKT_PETSC(petsc, MatAssemblyBegin(*A, MAT_FINAL_ASSEMBLY));
  GKT_PETSC(petsc, MatAssemblyEnd(*A, MAT_FINAL_ASSEMBLY));
  GKT_PETSC(petsc, KSPCreate(PETSC_COMM_SELF, ksp));
  GKT_PETSC(petsc, KSPSetOptionsPrefix(*ksp, options->prefix));
  GKT_PETSC(petsc, KSPSetOperators(*ksp, *A, *A));
  GKT_PETSC(petsc, KSPSetFromOptions(*ksp));
done:
  return status;
}

gkt_status gkt_petsc_options_try(gkt_context *ctx, const char *text) {
  gkt_petsc petsc;
  gkt_petsc_options options = {0};
  gkt_status status;
  KSP ksp = NULL;
  Mat A = NULL;
  if (!text || !*text) return GKT_OK;
  GKT_TRY(gkt_petsc_enter(ctx, &petsc));
  gkt_petsc_options_begin(&petsc, &options);
  GKT_GO(gkt_petsc_options_insert(&options, text, true));
  GKT_GO(gkt_petsc_options_blame(&options, read_all(&petsc, &options, &ksp, &A)));
done:
  (void)!KSPDestroy(&ksp);
  (void)!MatDestroy(&A);
  gkt_petsc_options_end(&options);
  gkt_petsc_leave(&petsc);
  return status;
}
