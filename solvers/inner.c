/* Multigrid for fields with nodes inside of the cells, as bubbles have: these are eliminated first, which is exact, since each of them couples to the nodes of its cell alone. What
   is left has the pattern of the others and, of P1B on simplices, nearly P1's entries; aggregation over all nodes instead takes coarse matrices that are nearly dense. A type of
   PC, so that options choose it (-pc_type gkt_inner, the multigrid's under inner_) for a matrix of its own as for a field of several. With D the inner nodes' block,

     [A B'; B D]^-1 = [1 0; -D^-1 B 1] [S^-1 0; 0 D^-1] [1 -B' D^-1; 0 1],   S = A - B' D^-1 B. */
#include "solvers/linear.h"
#include "solvers/shell.h"

static const char key[] = "gkt_inner_rows"; /* under which a matrix knows them */

typedef struct {
  PetscInt outer, inner;      /* rows: the inner ones are the last */
  Mat S, up, inverse, factor; /* S, B' [outer][inner], D^-1, D^-1 B; without inner rows S is the matrix itself, and there are no others */
  Vec r, z, t, w;             /* [outer], [outer], [inner], [inner] */
  PC pc;                      /* of S */
} elimination;

gkt_status gkt_inner_tell(gkt_petsc *petsc, const gkt_block_facts *b, Mat mat) {
  gkt_status status = GKT_OK;
  IS rows = NULL;
  if (!b->num_inner) return GKT_OK;
  GKT_PETSC(petsc, ISCreateStride(PETSC_COMM_SELF, b->num_inner, b->count - b->num_inner, 1, &rows));
  GKT_PETSC(petsc, PetscObjectCompose((PetscObject)mat, key, (PetscObject)rows));
done:
  (void)!ISDestroy(&rows);
  return status;
}

static const gkt_shell shell;
static elimination *context_of(PC pc) { return gkt_shell_context(pc, &shell); }

static PetscErrorCode make_pc(PC pc, elimination *e) {
  const char *prefix;
  PetscCall(PCCreate(PETSC_COMM_SELF, &e->pc));
  PetscCall(PCGetOptionsPrefix(pc, &prefix));
  PetscCall(PCSetOptionsPrefix(e->pc, prefix));
  PetscCall(PCAppendOptionsPrefix(e->pc, "inner_"));
  PetscCall(PCSetFromOptions(e->pc));
  return 0;
}

PC gkt_inner_pc(PC pc) {
  elimination *e = context_of(pc);
  if (e && !e->pc && make_pc(pc, e) != 0) return pc;
  return e ? e->pc : pc;
}

/* ---- set-up ---- */
static PetscErrorCode clear(void *context) {
  elimination *e = context;
  PetscCall(PCDestroy(&e->pc));
  PetscCall(MatDestroy(&e->S));
  PetscCall(MatDestroy(&e->up));
  PetscCall(MatDestroy(&e->inverse));
  PetscCall(MatDestroy(&e->factor));
  PetscCall(VecDestroy(&e->r));
  PetscCall(VecDestroy(&e->z));
  PetscCall(VecDestroy(&e->t));
  PetscCall(VecDestroy(&e->w));
  return 0;
}

/* Vectors of a null space of the whole, on the outer rows, orthonormal again. */
static PetscErrorCode restrict_space(MatNullSpace whole, IS outer, MatNullSpace *out) {
  PetscBool constant;
  PetscInt count;
  const Vec *vecs;
  Vec *made;
  PetscCall(MatNullSpaceGetVecs(whole, &constant, &count, &vecs));
  PetscCall(PetscMalloc1((size_t)count + 1, &made));
  for (PetscInt i = 0; i < count; i++) {
    Vec part;
    PetscCall(VecGetSubVector(vecs[i], outer, &part));
    PetscCall(VecDuplicate(part, &made[i]));
    PetscCall(VecCopy(part, made[i]));
    PetscCall(VecRestoreSubVector(vecs[i], outer, &part));
    for (int pass = 0; pass < 2; pass++)
      for (PetscInt k = 0; k < i; k++) {
        PetscScalar dot;
        PetscCall(VecDot(made[i], made[k], &dot));
        PetscCall(VecAXPY(made[i], -dot, made[k]));
      }
    PetscCall(VecNormalize(made[i], NULL));
  }
  PetscCall(MatNullSpaceCreate(PETSC_COMM_SELF, constant, count, made, out));
  for (PetscInt i = 0; i < count; i++) PetscCall(VecDestroy(&made[i]));
  PetscCall(PetscFree(made));
  return 0;
}

/* What is known of the whole holds for S. */
static PetscErrorCode describe(Mat P, IS outer, Mat S) {
  MatNullSpace near, null, made = NULL;
  PetscBool set, is;
  PetscCall(MatGetNearNullSpace(P, &near));
  PetscCall(MatGetNullSpace(P, &null));
  if (near) {
    PetscCall(restrict_space(near, outer, &made));
    PetscCall(MatSetNearNullSpace(S, made));
    PetscCall(MatNullSpaceDestroy(&made));
  }
  if (null) {
    PetscCall(restrict_space(null, outer, &made));
    PetscCall(MatSetNullSpace(S, made));
    PetscCall(MatNullSpaceDestroy(&made));
  }
  PetscCall(MatIsSymmetricKnown(P, &set, &is));
  if (set && is) PetscCall(MatSetOption(S, MAT_SYMMETRIC, PETSC_TRUE));
  PetscCall(MatIsSPDKnown(P, &set, &is));
  if (set && is) PetscCall(MatSetOption(S, MAT_SPD, PETSC_TRUE));
  return 0;
}

/* D^-1: its blocks stand for nodes, which do not couple to each other. */
static PetscErrorCode invert(Mat P, IS inner, PetscInt bs, Mat *out) {
  Mat D;
  PetscInt rows;
  PetscCall(MatCreateSubMatrix(P, inner, inner, MAT_INITIAL_MATRIX, &D));
  PetscCall(MatSetBlockSize(D, bs));
  PetscCall(MatGetSize(D, &rows, NULL));
  PetscCall(MatCreateSeqAIJ(PETSC_COMM_SELF, rows, rows, bs, NULL, out));
  PetscCall(MatSetBlockSize(*out, bs));
  PetscCall(MatInvertBlockDiagonalMat(D, *out));
  PetscCall(MatDestroy(&D));
  return 0;
}

static PetscErrorCode eliminate(elimination *e, Mat P, IS inner) {
  IS outer;
  Mat B, product;
  PetscInt rows, bs;
  PetscCall(MatGetSize(P, &rows, NULL));
  PetscCall(MatGetBlockSize(P, &bs));
  PetscCall(ISGetSize(inner, &e->inner));
  e->outer = rows - e->inner;
  PetscCall(ISCreateStride(PETSC_COMM_SELF, e->outer, 0, 1, &outer));
  PetscCall(MatCreateSubMatrix(P, outer, outer, MAT_INITIAL_MATRIX, &e->S));
  PetscCall(MatCreateSubMatrix(P, outer, inner, MAT_INITIAL_MATRIX, &e->up));
  PetscCall(MatCreateSubMatrix(P, inner, outer, MAT_INITIAL_MATRIX, &B));
  PetscCall(invert(P, inner, bs, &e->inverse));
  PetscCall(MatMatMult(e->inverse, B, MAT_INITIAL_MATRIX, PETSC_DEFAULT, &e->factor));
  PetscCall(MatMatMult(e->up, e->factor, MAT_INITIAL_MATRIX, PETSC_DEFAULT, &product));
  PetscCall(MatAXPY(e->S, -1, product, DIFFERENT_NONZERO_PATTERN));
  PetscCall(MatSetBlockSize(e->S, bs));
  PetscCall(describe(P, outer, e->S));
  PetscCall(MatCreateVecs(e->S, &e->r, &e->z));
  PetscCall(MatCreateVecs(e->inverse, &e->t, &e->w));
  PetscCall(MatDestroy(&product));
  PetscCall(MatDestroy(&B));
  PetscCall(ISDestroy(&outer));
  return 0;
}

static PetscErrorCode set_up(PC pc) {
  elimination *e = context_of(pc);
  IS inner = NULL;
  Mat P;
  PetscCall(clear(e));
  PetscCall(PCGetOperators(pc, NULL, &P));
  PetscCall(PetscObjectQuery((PetscObject)P, key, (PetscObject *)&inner));
  if (inner) PetscCall(eliminate(e, P, inner));
  else {
    PetscCall(PetscObjectReference((PetscObject)P));
    e->S = P;
  }
  PetscCall(make_pc(pc, e));
  PetscCall(PCSetOperators(e->pc, e->S, e->S));
  PetscCall(PCSetUp(e->pc));
  return 0;
}

/* ---- application ---- */
static PetscErrorCode apply(PC pc, Vec x, Vec y) {
  elimination *e = context_of(pc);
  const PetscScalar *from;
  PetscScalar *to;
  if (!e->up) return PCApply(e->pc, x, y);
  PetscCall(VecGetArrayRead(x, &from));
  PetscCall(VecGetArray(y, &to));
  PetscCall(VecPlaceArray(e->w, from + e->outer));
  PetscCall(MatMult(e->inverse, e->w, e->t)); /* t = D^-1 x_i */
  PetscCall(VecResetArray(e->w));
  PetscCall(MatMult(e->up, e->t, e->r));
  PetscCall(VecPlaceArray(e->z, from));
  PetscCall(VecAYPX(e->r, -1, e->z)); /* r = x_o - B' t */
  PetscCall(VecResetArray(e->z));
  PetscCall(VecPlaceArray(e->z, to));
  PetscCall(PCApply(e->pc, e->r, e->z)); /* y_o = S^-1 r */
  PetscCall(MatMult(e->factor, e->z, e->w));
  PetscCall(VecResetArray(e->z));
  PetscCall(VecAXPY(e->t, -1, e->w)); /* y_i = t - D^-1 B y_o */
  PetscCall(VecRestoreArrayRead(x, &from));
  const PetscScalar *last;
  PetscCall(VecGetArrayRead(e->t, &last));
  for (PetscInt i = 0; i < e->inner; i++) to[e->outer + i] = last[i];
  PetscCall(VecRestoreArrayRead(e->t, &last));
  PetscCall(VecRestoreArray(y, &to));
  return 0;
}

static const gkt_shell shell = {GKT_PC_INNER, sizeof(elimination), set_up, apply, NULL, clear};
PetscErrorCode gkt_inner_create(PC pc) { return gkt_shell_make(pc, &shell); }
