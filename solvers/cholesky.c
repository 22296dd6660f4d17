/* LDL' of a symmetric positive matrix whose rows come in blocks, one for each node, by PETSc's factor of symmetric blocks (SBAIJ): it reads one index for each block where that of
   AIJ reads one for each entry. It takes rows in the order in which they stand, so the blocks are permuted here, and later values go where the first ones went. A type of PC, so
   that options choose it: -pc_type gkt_cholesky, -pc_factor_mat_ordering_type. */
#include "solvers/shell.h"

typedef struct {
  PetscInt bs, count;    /* rows of a block; blocks */
  PetscObjectId id;      /* of the matrix that the pattern is of, */
  PetscObjectState made; /* and when it was */
  PetscInt *place;       /* [count] of each block in the order of the factor */
  PetscInt *target;      /* [entries of the matrix] to which of `sorted` each goes; -1: of the other triangle */
  Mat sorted, factor;    /* blocks of the upper triangle in that order */
  Vec x, y;              /* likewise */
} block_factor;
static const gkt_shell shell;

static PetscErrorCode clear(void *context) {
  block_factor *f = context;
  PetscCall(PetscFree(f->place));
  PetscCall(PetscFree(f->target));
  PetscCall(MatDestroy(&f->sorted));
  PetscCall(MatDestroy(&f->factor));
  PetscCall(VecDestroy(&f->x));
  PetscCall(VecDestroy(&f->y));
  return 0;
}

/* ---- the pattern ---- */
typedef struct {
  const PetscInt *offsets, *cols; /* of the matrix */
  PetscInt *begin, *blocks;       /* [count + 1], [begin[count]]: of its blocks, by rows */
  PetscInt *work;                 /* [count] */
} pattern;

/* Columns of one row of blocks, ascending, to `out`; how many. */
static PetscErrorCode gather_row(const block_factor *f, const pattern *p, PetscInt row, PetscInt *out, PetscInt *count) {
  *count = 0;
  for (PetscInt k = p->offsets[f->bs * row]; k < p->offsets[f->bs * (row + 1)]; k++) {
    const PetscInt col = p->cols[k] / f->bs;
    if (p->work[col] == row) continue;
    p->work[col] = row;
    out[(*count)++] = col;
  }
  return PetscSortInt(*count, out);
}

/* A block has one entry at least, so that there are no more of them than entries. */
static PetscErrorCode gather(const block_factor *f, pattern *p) {
  PetscInt row, count;
  PetscCall(PetscMalloc3(f->count + 1, &p->begin, p->offsets[f->bs * f->count], &p->blocks, f->count, &p->work));
  for (row = 0; row < f->count; row++) p->work[row] = -1;
  for (row = p->begin[0] = 0; row < f->count; row++) {
    PetscCall(gather_row(f, p, row, p->blocks + p->begin[row], &count));
    p->begin[row + 1] = p->begin[row] + count;
  }
  return 0;
}

/* out[k]: which block comes at place k. Whether the ordering is one is for PETSc to say, once the graph is gone. */
static PetscErrorCode order_graph(const block_factor *f, const pattern *p, const char *type, IS *out) {
  PetscScalar *none;
  Mat graph;
  IS cols = NULL;
  PetscErrorCode code;
  PetscCall(PetscCalloc1(p->begin[f->count], &none));
  PetscCall(MatCreateSeqAIJWithArrays(PETSC_COMM_SELF, f->count, f->count, p->begin, p->blocks, none, &graph));
  code = MatGetOrdering(graph, type, out, &cols);
  PetscCall(ISDestroy(&cols));
  PetscCall(MatDestroy(&graph));
  PetscCall(PetscFree(none));
  return code;
}

static PetscErrorCode find_order(PC pc, block_factor *f, const pattern *p, IS *out) {
  char type[64] = MATORDERINGND;
  const char *prefix;
  const PetscInt *order;
  PetscCall(PCGetOptionsPrefix(pc, &prefix));
  PetscCall(PetscOptionsGetString(NULL, prefix, "-pc_factor_mat_ordering_type", type, sizeof type, NULL));
  PetscCall(order_graph(f, p, type, out));
  PetscCheck(*out, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "-pc_factor_mat_ordering_type %s: an ordering by the pattern of the matrix was expected", type);
  PetscCall(PetscMalloc1(f->count, &f->place));
  PetscCall(ISGetIndices(*out, &order));
  for (PetscInt k = 0; k < f->count; k++) f->place[order[k]] = k;
  PetscCall(ISRestoreIndices(*out, &order));
  return 0;
}

/* Places of the blocks of `row` that are in the upper triangle, ascending. */
static PetscErrorCode gather_upper(const block_factor *f, const pattern *p, PetscInt row, PetscInt *out, PetscInt *count) {
  *count = 0;
  for (PetscInt k = p->begin[row]; k < p->begin[row + 1]; k++)
    if (f->place[p->blocks[k]] >= f->place[row]) out[(*count)++] = f->place[p->blocks[k]];
  return PetscSortInt(*count, out);
}

/* Blocks are stored by columns. first: of the row's blocks in `sorted` */
static void aim_row(block_factor *f, const pattern *p, PetscInt row, PetscInt first, PetscInt count, const PetscInt *places) {
  const PetscInt bs = f->bs;
  for (PetscInt m = 0; m < count; m++) p->work[places[m]] = first + m;
  for (PetscInt d = 0; d < bs; d++)
    for (PetscInt k = p->offsets[bs * row + d]; k < p->offsets[bs * row + d + 1]; k++) {
      const PetscInt place = f->place[p->cols[k] / bs];
      f->target[k] = place < f->place[row] ? -1 : (p->work[place] * bs + p->cols[k] % bs) * bs + d;
    }
}

static PetscErrorCode fill_rows(block_factor *f, const pattern *p, const PetscInt *order, PetscInt *places, const PetscScalar *zeros) {
  for (PetscInt k = 0, first = 0, count; k < f->count; k++, first += count) {
    PetscCall(gather_upper(f, p, order[k], places, &count));
    PetscCall(MatSetValuesBlocked(f->sorted, 1, &k, count, places, zeros, INSERT_VALUES));
    aim_row(f, p, order[k], first, count, places);
  }
  PetscCall(MatAssemblyBegin(f->sorted, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(f->sorted, MAT_FINAL_ASSEMBLY));
  return 0;
}

static PetscErrorCode make_sorted(block_factor *f, const pattern *p, const PetscInt *order) {
  const PetscInt rows = f->bs * f->count;
  PetscInt *places, *upper, most = 0;
  PetscScalar *zeros;
  PetscCall(PetscMalloc2(f->count, &places, f->count, &upper));
  PetscCall(PetscMalloc1(p->offsets[rows], &f->target));
  for (PetscInt k = 0; k < f->count; k++) {
    PetscCall(gather_upper(f, p, order[k], places, &upper[k]));
    if (upper[k] > most) most = upper[k];
  }
  PetscCall(PetscCalloc1(most * f->bs * f->bs, &zeros));
  PetscCall(MatCreateSeqSBAIJ(PETSC_COMM_SELF, f->bs, rows, rows, 0, upper, &f->sorted));
  PetscCall(fill_rows(f, p, order, places, zeros));
  PetscCall(PetscFree(zeros));
  PetscCall(PetscFree2(places, upper));
  return 0;
}

static PetscErrorCode sort_blocks(PC pc, block_factor *f, const pattern *p) {
  IS rows = NULL;
  const PetscInt *order;
  PetscCall(find_order(pc, f, p, &rows));
  PetscCall(ISGetIndices(rows, &order));
  PetscCall(make_sorted(f, p, order));
  PetscCall(ISRestoreIndices(rows, &order));
  PetscCall(ISDestroy(&rows));
  PetscCall(MatCreateVecs(f->sorted, &f->x, &f->y));
  return 0;
}

/* ---- set-up ---- */
static PetscErrorCode plan_factor(block_factor *f) {
  IS order, same;
  MatFactorInfo info;
  PetscCall(MatGetFactor(f->sorted, MATSOLVERPETSC, MAT_FACTOR_CHOLESKY, &f->factor));
  PetscCall(MatGetOrdering(f->sorted, MATORDERINGNATURAL, &order, &same));
  PetscCall(MatFactorInfoInitialize(&info));
  info.fill = 5; /* entries of the factor over those of the matrix; more are found room for */
  PetscCall(MatCholeskyFactorSymbolic(f->factor, f->sorted, order, &info));
  PetscCall(ISDestroy(&order));
  PetscCall(ISDestroy(&same));
  return 0;
}

static PetscErrorCode plan(PC pc, block_factor *f, Mat A) {
  PetscInt rows;
  PetscBool there;
  PetscErrorCode code;
  pattern p = {0};
  PetscCall(clear(f));
  PetscCall(MatGetBlockSize(A, &f->bs));
  PetscCall(MatGetRowIJ(A, 0, PETSC_FALSE, PETSC_FALSE, &rows, &p.offsets, &p.cols, &there));
  PetscCheck(there && rows % f->bs == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "gkt_cholesky: a matrix by rows, in blocks, was expected");
  f->count = rows / f->bs;
  PetscCall(gather(f, &p));
  code = sort_blocks(pc, f, &p);
  PetscCall(PetscFree3(p.begin, p.blocks, p.work));
  PetscCall(MatRestoreRowIJ(A, 0, PETSC_FALSE, PETSC_FALSE, &rows, &p.offsets, &p.cols, &there));
  PetscCall(code);
  return plan_factor(f);
}

static PetscErrorCode copy_values(const block_factor *f, Mat A) {
  PetscInt rows, entries;
  const PetscInt *offsets, *cols;
  const PetscScalar *from;
  PetscScalar *to;
  PetscBool there;
  PetscCall(MatGetRowIJ(A, 0, PETSC_FALSE, PETSC_FALSE, &rows, &offsets, &cols, &there));
  entries = offsets[rows];
  PetscCall(MatRestoreRowIJ(A, 0, PETSC_FALSE, PETSC_FALSE, &rows, &offsets, &cols, &there));
  PetscCall(MatSeqAIJGetArrayRead(A, &from));
  PetscCall(MatSeqSBAIJGetArray(f->sorted, &to));
  for (PetscInt k = 0; k < entries; k++)
    if (f->target[k] >= 0) to[f->target[k]] = from[k];
  PetscCall(MatSeqSBAIJRestoreArray(f->sorted, &to));
  PetscCall(MatSeqAIJRestoreArrayRead(A, &from));
  return 0;
}

static PetscErrorCode set_up(PC pc) {
  block_factor *f = gkt_shell_context(pc, &shell);
  Mat A;
  MatFactorInfo info;
  MatFactorError error;
  PetscObjectId id;
  PetscObjectState made;
  PetscCall(PCGetOperators(pc, NULL, &A));
  PetscCall(PetscObjectGetId((PetscObject)A, &id));
  PetscCall(MatGetNonzeroState(A, &made));
  if (!f->factor || f->id != id || f->made != made) PetscCall(plan(pc, f, A));
  f->id = id, f->made = made;
  PetscCall(copy_values(f, A));
  PetscCall(MatFactorInfoInitialize(&info));
  PetscCall(MatFactorClearError(f->factor));
  PetscCall(MatCholeskyFactorNumeric(f->factor, f->sorted, &info));
  PetscCall(MatFactorGetError(f->factor, &error));
  PetscCall(PCSetFailedReason(pc, (PCFailedReason)error)); /* PETSc's own factors tell it so */
  return 0;
}

/* ---- application; A' = A ---- */
/* y = x, whose blocks go to their places, or come back from there */
static PetscErrorCode permute(const block_factor *f, bool back, Vec x, Vec y) {
  const PetscInt bs = f->bs;
  const PetscScalar *from;
  PetscScalar *to;
  PetscCall(VecGetArrayRead(x, &from));
  PetscCall(VecGetArrayWrite(y, &to));
  for (PetscInt i = 0; i < f->count; i++)
    for (PetscInt d = 0, here = bs * i, there = bs * f->place[i]; d < bs; d++) to[(back ? here : there) + d] = from[(back ? there : here) + d];
  PetscCall(VecRestoreArrayWrite(y, &to));
  PetscCall(VecRestoreArrayRead(x, &from));
  return 0;
}

static PetscErrorCode apply(PC pc, Vec x, Vec y) {
  const block_factor *f = gkt_shell_context(pc, &shell);
  PetscCall(permute(f, false, x, f->x));
  PetscCall(MatSolve(f->factor, f->x, f->y));
  PetscCall(permute(f, true, f->y, y));
  return 0;
}

static const gkt_shell shell = {GKT_PC_CHOLESKY, sizeof(block_factor), set_up, apply, apply, clear};
PetscErrorCode gkt_cholesky_create(PC pc) { return gkt_shell_make(pc, &shell); }
