/* Coarse matrices of a multigrid whose interpolation is kept: C = P'A P for other values of A, in the pattern that C has. PETSc's product for this keeps A P and P', which take
   more memory than the matrix of a body in space; this one goes over the rows of A once, holds those of A P for one node, and multiplies dense blocks, of which matrices of vector
   fields and interpolations of rigid motions are made. Rows go one after the other, so bits do not depend on the number of threads. */
#include <string.h>

#include "solvers/linear.h"

typedef struct { /* a SeqAIJ, read by blocks */
  Mat mat;
  PetscInt rows, cols; /* of the matrix */
  const PetscInt *offsets, *columns;
  const PetscScalar *values;
} entries;

/* ---- access ---- */
/* offsets stay NULL where the matrix is of another type. */
static PetscErrorCode look(Mat mat, entries *out) {
  PetscBool is_aij, done;
  PetscInt n;
  *out = (entries){.mat = mat};
  PetscCall(PetscObjectTypeCompare((PetscObject)mat, MATSEQAIJ, &is_aij));
  if (!is_aij) return 0;
  PetscCall(MatGetSize(mat, &out->rows, &out->cols));
  PetscCall(MatSeqAIJGetArrayRead(mat, &out->values));
  return MatGetRowIJ(mat, 0, PETSC_FALSE, PETSC_FALSE, &n, &out->offsets, &out->columns, &done);
}

static PetscErrorCode look_away(entries *e) {
  PetscBool done;
  PetscInt n;
  if (!e->offsets) return 0;
  PetscCall(MatRestoreRowIJ(e->mat, 0, PETSC_FALSE, PETSC_FALSE, &n, &e->offsets, &e->columns, &done));
  return MatSeqAIJRestoreArrayRead(e->mat, &e->values);
}

/* Do rows come in groups of equal columns, and these in whole groups? */
static bool has_blocks(const entries *e, PetscInt height, PetscInt width) {
  if (e->rows % height || e->cols % width) return false;
  for (PetscInt i = 0; i < e->rows; i += height) {
    const PetscInt *cols = e->columns + e->offsets[i], count = e->offsets[i + 1] - e->offsets[i];
    if (count % width) return false;
    for (PetscInt k = 0; k < count; k++)
      if (cols[k] != cols[k - k % width] + k % width || cols[k - k % width] % width) return false;
    for (PetscInt r = 1; r < height; r++)
      if (e->offsets[i + r + 1] - e->offsets[i + r] != count || memcmp(e->columns + e->offsets[i + r], cols, (size_t)count * sizeof *cols)) return false;
  }
  return true;
}

/* ---- the product: sizes of blocks are numbers that the compiler knows (multiply) ---- */
#define GKT_UNROLLED static inline __attribute__((always_inline))
typedef struct {
  const entries *A, *P, *C;
  PetscScalar *out;      /* values of C */
  PetscInt *slot, *list; /* [coarse nodes] of a row of A P: where a column stands, -1: nowhere; the columns */
  PetscScalar *sums;     /* [coarse nodes][height][width] */
} product;

/* out [m][n] += a [m][k] b [k][n], or a' b with a [k][m]; rows are so many numbers apart */
GKT_UNROLLED void add_block(bool transposed, PetscInt m, PetscInt k, PetscInt n, const PetscScalar *restrict a, PetscInt between_a, const PetscScalar *restrict b,
                            PetscInt between_b, PetscScalar *restrict out, PetscInt between_out) {
#pragma GCC unroll 6
  for (PetscInt i = 0; i < m; i++)
#pragma GCC unroll 6
    for (PetscInt s = 0; s < k; s++) {
      const PetscScalar factor = transposed ? a[s * between_a + i] : a[i * between_a + s];
#pragma omp simd
      for (PetscInt j = 0; j < n; j++) out[i * between_out + j] += factor * b[s * between_b + j];
    }
}

/* sums = row of nodes `node` of A P; returns its number of columns. */
GKT_UNROLLED PetscInt multiply_row(const product *p, PetscInt node, PetscInt height, PetscInt width) {
  const entries *A = p->A, *P = p->P;
  PetscInt count = 0;
  const PetscInt first = A->offsets[node * height], length = A->offsets[node * height + 1] - first;
  for (PetscInt k = 0; k < length; k += height) {
    const PetscInt from = A->columns[first + k], begin = P->offsets[from], of_p = P->offsets[from + 1] - begin;
    for (PetscInt l = 0; l < of_p; l += width) {
      const PetscInt column = P->columns[begin + l] / width;
      if (p->slot[column] < 0) {
        p->slot[column] = count, p->list[count] = column;
        memset(p->sums + count++ * height * width, 0, (size_t)(height * width) * sizeof *p->sums);
      }
      add_block(false, height, height, width, A->values + first + k, length, P->values + begin + l, of_p, p->sums + p->slot[column] * height * width, width);
    }
  }
  return count;
}

static void sort(PetscInt count, PetscInt *list) { /* by insertion, as there are few */
  for (PetscInt n = 1; n < count; n++) {
    const PetscInt one = list[n];
    PetscInt k = n;
    for (; k > 0 && list[k - 1] > one; k--) list[k] = list[k - 1];
    list[k] = one;
  }
}

/* C += P' times that row, whose columns ascend as those of C do; false: one has no place there */
GKT_UNROLLED bool add_row(const product *p, PetscInt node, PetscInt count, PetscInt height, PetscInt width) {
  const entries *P = p->P, *C = p->C;
  const PetscInt first = P->offsets[node * height], length = P->offsets[node * height + 1] - first;
  for (PetscInt k = 0; k < length; k += width) {
    const PetscInt row = P->columns[first + k], of_c = C->offsets[row + 1] - C->offsets[row];
    PetscInt at = C->offsets[row];
    for (PetscInt n = 0; n < count; n++) {
      while (at < C->offsets[row] + of_c && C->columns[at] < p->list[n] * width) at += width;
      if (at == C->offsets[row] + of_c || C->columns[at] != p->list[n] * width) return false;
      add_block(true, width, height, width, P->values + first + k, length, p->sums + p->slot[p->list[n]] * height * width, width, p->out + at, of_c);
    }
  }
  return true;
}

GKT_UNROLLED bool multiply_blocks(const product *p, PetscInt height, PetscInt width) {
  for (PetscInt node = 0; node < p->A->rows / height; node++) {
    const PetscInt count = multiply_row(p, node, height, width);
    sort(count, p->list);
    if (!add_row(p, node, count, height, width)) return false;
    for (PetscInt n = 0; n < count; n++) p->slot[p->list[n]] = -1;
  }
  return true;
}

static bool multiply(const product *p, PetscInt height, PetscInt width) {
  if (height == 3 && width == 6) return multiply_blocks(p, 3, 6);
  if (height == 6 && width == 6) return multiply_blocks(p, 6, 6);
  if (height == 2 && width == 3) return multiply_blocks(p, 2, 3);
  if (height == 3 && width == 3) return multiply_blocks(p, 3, 3);
  if (height == 1 && width == 1) return multiply_blocks(p, 1, 1);
  return multiply_blocks(p, height, width);
}

/* fits: into the pattern of C */
static gkt_status multiply_into(gkt_context *ctx, const entries *A, const entries *P, const entries *C, PetscInt height, PetscInt width, PetscScalar *out, bool *fits) {
  gkt_status status;
  product p = {.A = A, .P = P, .C = C, .out = out};
  const PetscInt nodes = C->rows / width;
  GKT_GO(gkt_alloc(ctx, nodes, sizeof *p.slot, &p.slot));
  GKT_GO(gkt_alloc(ctx, nodes, sizeof *p.list, &p.list));
  GKT_GO(gkt_alloc(ctx, (gkt_size)nodes * height * width, sizeof *p.sums, &p.sums));
  for (PetscInt j = 0; j < nodes; j++) p.slot[j] = -1;
  memset(out, 0, (size_t)C->offsets[C->rows] * sizeof *out);
  *fits = multiply(&p, height, width);
done:
  gkt_free(&p.slot);
  gkt_free(&p.list);
  gkt_free(&p.sums);
  return status;
}

/* Blocks as the interpolation says, if all three are of such, else single entries. */
static gkt_status multiply_matrices(gkt_petsc *petsc, const entries *A, const entries *P, const entries *C, bool *fits) {
  gkt_status status;
  PetscInt height, width;
  PetscScalar *out = NULL;
  GKT_PETSC(petsc, MatGetBlockSizes(P->mat, &height, &width));
  if (!has_blocks(A, height, height) || !has_blocks(P, height, width) || !has_blocks(C, width, width)) height = width = 1;
  GKT_PETSC(petsc, MatSeqAIJGetArrayWrite(C->mat, &out));
  status = multiply_into(petsc->ctx, A, P, C, height, width, out, fits);
  GKT_PETSC(petsc, MatSeqAIJRestoreArrayWrite(C->mat, &out));
done:
  return status;
}

/* What PETSc derived from the values of C is dropped, and what it keeps for a product of its own. */
static gkt_status renew_matrix(gkt_petsc *petsc, Mat fine, Mat interpolation, Mat coarse, bool *can) {
  gkt_status status = GKT_OK;
  entries all[3] = {{0}};
  const Mat mats[] = {fine, interpolation, coarse};
  for (int i = 0; i < 3; i++) GKT_PETSC(petsc, look(mats[i], &all[i]));
  *can = all[0].offsets && all[1].offsets && all[2].offsets;
  if (*can) GKT_GO(multiply_matrices(petsc, &all[0], &all[1], &all[2], can));
done:
  for (int i = 0; i < 3; i++) (void)!look_away(&all[i]);
  if (status != GKT_OK || !*can) return status;
  GKT_TRY(gkt_petsc_status(petsc, MatAssemblyBegin(coarse, MAT_FINAL_ASSEMBLY)));
  GKT_TRY(gkt_petsc_status(petsc, MatAssemblyEnd(coarse, MAT_FINAL_ASSEMBLY)));
  return gkt_petsc_status(petsc, MatProductClear(coarse));
}

/* ---- levels ---- */
static gkt_status renew_matrices(gkt_petsc *petsc, PC pc, PetscInt levels, bool *can) {
  gkt_status status = GKT_OK;
  *can = levels > 1;
  for (PetscInt level = levels - 1; level > 0 && *can; level--) {
    KSP above, below;
    Mat fine, coarse, interpolation;
    GKT_PETSC(petsc, PCMGGetSmoother(pc, level, &above));
    GKT_PETSC(petsc, PCMGGetSmoother(pc, level - 1, &below));
    GKT_PETSC(petsc, PCMGGetInterpolation(pc, level, &interpolation));
    GKT_PETSC(petsc, KSPGetOperators(above, NULL, &fine));
    GKT_PETSC(petsc, KSPGetOperators(below, NULL, &coarse));
    GKT_GO(renew_matrix(petsc, fine, interpolation, coarse, can));
  }
done:
  return status;
}

static gkt_status renew_smoothers(gkt_petsc *petsc, PC pc, PetscInt levels) {
  gkt_status status = GKT_OK;
  for (PetscInt level = 0; level < levels; level++) {
    KSP smoother;
    Mat A, B;
    GKT_PETSC(petsc, PCMGGetSmoother(pc, level, &smoother));
    GKT_PETSC(petsc, KSPGetOperators(smoother, &A, &B));
    GKT_PETSC(petsc, KSPSetOperators(smoother, A, B)); /* else its set-up sees nothing new */
    GKT_PETSC(petsc, KSPSetUp(smoother));
  }
done:
  return status;
}

gkt_status gkt_grids_renew(gkt_petsc *petsc, KSP ksp, bool *renewed) {
  gkt_status status = GKT_OK;
  PC pc;
  PetscInt levels;
  GKT_PETSC(petsc, KSPGetPC(ksp, &pc));
  GKT_PETSC(petsc, PCMGGetLevels(pc, &levels));
  GKT_GO(renew_matrices(petsc, pc, levels, renewed));
  GKT_PETSC(petsc, PCSetReusePreconditioner(pc, *renewed ? PETSC_TRUE : PETSC_FALSE));
  if (*renewed) GKT_GO(renew_smoothers(petsc, pc, levels));
done:
  return status;
}
