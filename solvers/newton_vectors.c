/* The vectors of SNES and what it calls for them. Under our rules of acceptance it needs no values: the vectors have one entry, of F its length, which is all that is read, to be
   printed. Methods of PETSc's own look at all dofs: constrained ones have the equation w (u - target) = 0, so that any method carries them to their values. */
#include <math.h>
#include <omp.h>

#include "solvers/newton.h"

/* to: n entries; of a Vec, as a vector of ours. */
static gkt_status copy_in(gkt_newton *s, const PetscScalar *from, gkt_vector *to) {
  gkt_vector *view = NULL;
  GKT_TRY(gkt_vector_wrap(s->petsc.ctx, s->n, (PetscScalar *)from, &view)); /* which is read */
  gkt_vector_copy(view, to);
  gkt_vector_destroy(&view);
  return GKT_OK;
}

static gkt_status copy_out(gkt_newton *s, const gkt_vector *from, PetscScalar *to) {
  gkt_vector *view = NULL;
  GKT_TRY(gkt_vector_wrap(s->petsc.ctx, s->n, to, &view));
  gkt_vector_copy(from, view);
  gkt_vector_destroy(&view);
  return GKT_OK;
}

static PetscErrorCode take_vector(gkt_newton *s, Vec from, gkt_vector *to) {
  const PetscScalar *values;
  PetscErrorCode code = VecGetArrayRead(from, &values);
  if (code == 0) code = gkt_newton_carry(s, copy_in(s, values, to));
  return code != 0 ? code : VecRestoreArrayRead(from, &values);
}

static PetscErrorCode show_vector(gkt_newton *s, const gkt_vector *from, Vec to) {
  PetscScalar *values;
  PetscErrorCode code = VecGetArray(to, &values);
  if (code == 0) code = gkt_newton_carry(s, copy_out(s, from, values));
  return code != 0 ? code : VecRestoreArray(to, &values);
}

/* What of it is seen elsewhere is put there; of F the constrained dofs have their equation for that long. */
static PetscErrorCode show_residual(gkt_newton *s, const gkt_vector *u, gkt_vector *f, Vec to) {
  gkt_vector_copy(u, s->next_b);
  gkt_vector_axpy(-1, s->target, s->next_b);
  gkt_vector_scale(s->next_b, s->weight);
  gkt_mask_take(&s->constrained, s->next_b, f);
  PetscErrorCode code = show_vector(s, f, to);
  gkt_mask_zero(&s->constrained, f);
  return code;
}

PetscErrorCode gkt_newton_show(gkt_newton *s, Vec u, Vec f) {
  if (!s->is_seen) return VecSet(f, s->norm);
  PetscErrorCode code = show_vector(s, s->u, u);
  return code != 0 ? code : show_residual(s, s->u, s->f, f);
}

PetscErrorCode gkt_newton_take(gkt_newton *s, Vec u, Vec f) {
  if (!s->is_seen) return 0;
  PetscErrorCode code = take_vector(s, u, s->u);
  if (code == 0) code = take_vector(s, f, s->f);
  gkt_mask_zero(&s->constrained, s->f);
  return code;
}

/* SNES asks first where F(u) is known. */
static PetscErrorCode residual(SNES snes, Vec x, Vec f, void *user) {
  gkt_newton *s = user;
  double norm = NAN;
  bool known = !s->begun;
  (void)snes;
  s->begun = true;
  if (!s->is_seen) return VecSet(f, s->norm);
  if (known) return show_residual(s, s->u, s->f, f);
  PetscErrorCode code = take_vector(s, x, s->trial);
  if (code == 0) code = gkt_newton_carry(s, gkt_newton_visit(s, s->trial, s->trial_f, &norm));
  if (code != 0) return code;
  return isfinite(norm) ? show_residual(s, s->trial, s->trial_f, f) : VecSet(f, NAN);
}

static PetscErrorCode tangent(SNES snes, Vec x, Mat A, Mat P, void *user) {
  (void)snes, (void)x, (void)A, (void)P;
  return gkt_newton_carry(user, gkt_newton_prepare(user));
}

/* y = -d, of F in f */
static PetscErrorCode correct(PC pc, Vec f, Vec y) {
  gkt_newton *s;
  PetscErrorCode code = PCShellGetContext(pc, (void **)&s);
  if (code != 0) return code;
  gkt_vector *given = s->is_seen ? s->trial_f : s->f;
  if (s->is_seen) code = take_vector(s, f, given);
  if (code == 0) code = gkt_newton_carry(s, s->over ? GKT_OK : gkt_newton_step(s, given));
  if (code != 0) return code;
  if (!s->is_seen || s->over) return VecSet(y, 0);
  code = show_vector(s, s->d, y);
  return code != 0 ? code : VecScale(y, -1);
}

/* y = J x or J' x for methods of PETSc that ask for it: with the columns of constrained dofs, which are gone from A once it is prepared. */
static gkt_status multiply(gkt_newton *s, bool transposed, const PetscScalar *x, PetscScalar *y) {
  GKT_TRY(gkt_newton_ask_tangent(s));
  for (gkt_idx i = 0; i < s->n; i++) y[i] = gkt_newton_is_free(s, i) ? 0 : s->weight * x[i];
  for (gkt_idx i = 0; i < s->n; i++)
    for (gkt_idx k = s->A->row_offsets[i]; gkt_newton_is_free(s, i) && k < s->A->row_offsets[i + 1]; k++) {
      gkt_idx j = s->A->cols[k];
      y[transposed ? j : i] += s->A->vals[k] * x[transposed ? i : j];
    }
  GKT_TRY(gkt_newton_ask_elimination(s));
  return GKT_OK;
}

static PetscErrorCode multiply_vectors(Mat A, Vec x, Vec y, bool transposed) {
  gkt_newton *s;
  const PetscScalar *from;
  PetscScalar *to;
  PetscErrorCode code = MatShellGetContext(A, (void *)&s);
  if (code == 0) code = VecGetArrayRead(x, &from);
  if (code == 0) code = VecGetArray(y, &to);
  if (code == 0) code = gkt_newton_carry(s, multiply(s, transposed, from, to));
  if (code == 0) code = VecRestoreArray(y, &to);
  return code != 0 ? code : VecRestoreArrayRead(x, &from);
}

static PetscErrorCode multiply_by(Mat A, Vec x, Vec y) { return multiply_vectors(A, x, y, false); }
static PetscErrorCode multiply_by_transposed(Mat A, Vec x, Vec y) { return multiply_vectors(A, x, y, true); }

/* Of vectors that hold their length alone there is no product. With -info PETSc looks at J' (J x - F) where J has a transpose, so it has none; where a search failed it asks for J
   x all the same. */
static PetscErrorCode multiply_nothing(Mat A, Vec x, Vec y) { return (void)A, VecCopy(x, y); }

static PetscErrorCode set_products(const gkt_newton *s, Mat A) {
  if (!s->is_seen) return MatShellSetOperation(A, MATOP_MULT, (void (*)(void))multiply_nothing);
  PetscErrorCode code = MatShellSetOperation(A, MATOP_MULT, (void (*)(void))multiply_by);
  return code != 0 ? code : MatShellSetOperation(A, MATOP_MULT_TRANSPOSE, (void (*)(void))multiply_by_transposed);
}

gkt_status gkt_newton_set_linear(gkt_newton *s, const gkt_newton_parts *p) {
  gkt_status status = GKT_OK;
  KSP ksp;
  PC pc;
  GKT_PETSC(&s->petsc, SNESGetKSP(p->snes, &ksp));
  GKT_PETSC(&s->petsc, KSPSetType(ksp, KSPPREONLY));
  GKT_PETSC(&s->petsc, KSPGetPC(ksp, &pc));
  GKT_PETSC(&s->petsc, PCSetType(pc, PCSHELL));
  GKT_PETSC(&s->petsc, PCShellSetContext(pc, s));
  GKT_PETSC(&s->petsc, PCShellSetApply(pc, correct));
done:
  return status;
}

gkt_status gkt_newton_set_vectors(gkt_newton *s, gkt_newton_parts *p) {
  gkt_status status = GKT_OK;
  PetscInt n = s->is_seen ? s->n : 1;
  GKT_PETSC(&s->petsc, VecCreateSeq(PETSC_COMM_SELF, n, &p->u));
  GKT_PETSC(&s->petsc, VecDuplicate(p->u, &p->f));
  GKT_PETSC(&s->petsc, MatCreateShell(PETSC_COMM_SELF, n, n, n, n, s, &p->A));
  GKT_PETSC(&s->petsc, set_products(s, p->A));
  GKT_PETSC(&s->petsc, SNESSetFunction(p->snes, p->f, residual, s));
  GKT_PETSC(&s->petsc, SNESSetJacobian(p->snes, p->A, p->A, tangent, s));
  if (s->is_seen) GKT_PETSC(&s->petsc, show_vector(s, s->u, p->u));
done:
  return s->status != GKT_OK ? s->status : status;
}
