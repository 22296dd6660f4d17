/* Room for a factor, and what its pivots tell. MUMPS plans it before it knows the pivots; where the diagonal holds zeros it puts many of them off, and what they fill may be
 * several times what was planned.
 */
#include <string.h>

#include "solvers/linear.h"
#include "solvers/shell.h"

#ifdef PETSC_HAVE_MUMPS
enum { NO_INTEGERS = -8, NO_ROOM = -9 };                    /* INFOG(1) */
static const PetscInt ROOMS[] = {60, 300, 1500, 7500};      /* ICNTL(14): percent more than planned */
enum { NUM_ROOMS = (int)(sizeof ROOMS / sizeof ROOMS[0]) }; /* options of the user win */

/* NULL: the preconditioner is no factor of MUMPS. */
static gkt_status find_factor(gkt_petsc *petsc, PC pc, Mat *out) {
  gkt_status status = GKT_OK;
  PetscBool factors = PETSC_FALSE;
  MatSolverType type = NULL;
  *out = NULL;
  GKT_PETSC(petsc, PetscObjectTypeCompareAny((PetscObject)pc, &factors, PCLU, PCCHOLESKY, ""));
  if (!factors) return GKT_OK;
  GKT_PETSC(petsc, PCFactorSetUpMatSolverType(pc));
  GKT_PETSC(petsc, PCFactorGetMatSolverType(pc, &type));
  if (type && strcmp(type, MATSOLVERMUMPS) == 0) GKT_PETSC(petsc, PCFactorGetMatrix(pc, out));
done:
  return status;
}

/* What is there of the factor goes. */
static gkt_status begin_anew(gkt_petsc *petsc, KSP ksp, PC pc) {
  gkt_status status = GKT_OK;
  Mat A = NULL, P = NULL;
  GKT_PETSC(petsc, KSPGetOperators(ksp, &A, &P));
  GKT_PETSC(petsc, PetscObjectReference((PetscObject)A));
  GKT_PETSC(petsc, PetscObjectReference((PetscObject)P));
  GKT_PETSC(petsc, PCReset(pc));
  GKT_PETSC(petsc, KSPSetOperators(ksp, A, P));
done:
  (void)!MatDestroy(&A);
  (void)!MatDestroy(&P);
  return status;
}

gkt_status gkt_factor_set_up(gkt_petsc *petsc, KSP ksp) {
  gkt_status status = GKT_OK;
  PC pc;
  Mat factor;
  PetscInt failure = NO_ROOM, room;
  GKT_PETSC(petsc, KSPGetPC(ksp, &pc));
  for (int k = 0; k < NUM_ROOMS && (failure == NO_ROOM || failure == NO_INTEGERS); k++) {
    if (k > 0) GKT_GO(begin_anew(petsc, ksp, pc));
    GKT_GO(find_factor(petsc, pc, &factor));
    if (factor) GKT_PETSC(petsc, MatMumpsGetIcntl(factor, 14, &room));
    if (factor && room < ROOMS[k]) GKT_PETSC(petsc, MatMumpsSetIcntl(factor, 14, ROOMS[k])); /* a factor of before may have more */
    GKT_PETSC(petsc, KSPSetUp(ksp));
    failure = 0;
    if (factor) GKT_PETSC(petsc, MatMumpsGetInfog(factor, 1, &failure));
  }
done:
  return status;
}
#else
gkt_status gkt_factor_set_up(gkt_petsc *petsc, KSP ksp) { return gkt_petsc_status(petsc, KSPSetUp(ksp)); }
#endif

/* The factor LDL' by MUMPS or PETSc, whose pivots may be asked for; NULL: it is none. */
static gkt_status find_symmetric(gkt_petsc *petsc, const gkt_linear_solver *s, Mat *out) {
  gkt_status status = GKT_OK;
  PC pc;
  PCType type = NULL;
  MatSolverType solver = NULL;
  *out = NULL;
  if (!s || !s->ksp || !s->choice.direct) return GKT_OK;
  GKT_PETSC(petsc, KSPGetPC(s->ksp, &pc));
  GKT_PETSC(petsc, PCGetType(pc, &type));
  GKT_PETSC(petsc, PCFactorGetMatSolverType(pc, &solver));
  if (type && !strcmp(type, PCCHOLESKY) && solver && (!strcmp(solver, MATSOLVERMUMPS) || !strcmp(solver, MATSOLVERPETSC))) GKT_PETSC(petsc, PCFactorGetMatrix(pc, out));
done:
  return status;
}

/* By blocks PETSc does not tell: what AUTO takes such a factor of is positive. */
static gkt_status is_by_blocks(gkt_petsc *petsc, const gkt_linear_solver *s, PetscBool *out) {
  gkt_status status = GKT_OK;
  PC pc;
  *out = PETSC_FALSE;
  if (!s || !s->ksp || !s->choice.own_factor) return GKT_OK;
  GKT_PETSC(petsc, KSPGetPC(s->ksp, &pc));
  GKT_PETSC(petsc, PetscObjectTypeCompare((PetscObject)pc, GKT_PC_CHOLESKY, out));
done:
  return status;
}

gkt_status gkt_linear_solver_count_negative(gkt_linear_solver *solver, int *out) {
  const gkt_linear_solver *s = gkt_linear_solver_on_host(solver);
  gkt_petsc petsc = {0};
  gkt_status status;
  PetscInt negative = 0;
  PetscBool by_blocks;
  Mat factor;
  *out = -1;
  GKT_GO(gkt_petsc_enter(solver->petsc.ctx, &petsc));
  GKT_GO(find_symmetric(&petsc, s, &factor));
  GKT_GO(is_by_blocks(&petsc, s, &by_blocks));
  if (factor) GKT_PETSC(&petsc, MatGetInertia(factor, &negative, NULL, NULL));
  if (factor) *out = (int)negative;
  else if (by_blocks) *out = 0;
done:
  gkt_petsc_leave(&petsc);
  return status;
}
