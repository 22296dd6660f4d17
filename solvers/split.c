/* Preconditioners by fields: PETSc's PCFIELDSPLIT over a matrix of blocks. A multiplier's block is replaced by minus an approximation of its Schur complement, so that one sweep of
   block Gauss-Seidel from the multipliers to the other fields is the block triangular preconditioner [A B'; 0 -S]^-1, with which GMRES takes few iterations, whatever the mesh,
   where A is solved by multigrid and S is close to B A^-1 B' (Elman, Silvester and Wathen, Finite Elements and Fast Iterative Solvers, 2014, chapters 4 and 9; Benzi, Golub and
   Liesen, Acta Numerica 14, 2005, section 10). */
#include <string.h>

#include "solvers/linear.h"

typedef struct { /* one block of A, its arrays PETSc's */
  PetscInt *offsets, *cols;
  PetscScalar *values;
  Mat mat;
} part;

struct gkt_split {
  int count;     /* of fields */
  part *parts;   /* [count][count] */
  IS *fields;    /* [count] */
  bool positive; /* Schur complements with their sign turned: methods that need a positive preconditioner take each block by itself */
  Mat *schurs;   /* [count] of multipliers; NULL: the block itself serves */
  Mat nest;
};

/* Where the entries of row i in the columns of a block begin and end. */
static void find_range(const gkt_csr *A, gkt_idx i, const gkt_block_facts *col, gkt_idx *begin, gkt_idx *end) {
  gkt_idx k = A->row_offsets[i], last = A->row_offsets[i + 1];
  while (k < last && A->cols[k] < col->first) k++;
  *begin = k;
  while (k < last && A->cols[k] < col->first + col->count) k++;
  *end = k;
}

/* ---- real numbers: multipliers that are no field ---- */
static const double SHIFT = 1e-3; /* of the diagonal: less makes the sweep far from normal, more would be felt by more than a few smooth functions */

static bool is_real(const gkt_block_facts *b) { return b->multiplier && !b->coords && !b->schur; }

/* Is there a real number that the field is tied to? Such a field may be singular by itself, as what the number determines is its mean. */
static bool is_tied(const gkt_csr *A, const gkt_system_facts *f, int block) {
  gkt_idx begin, end;
  for (int b = 0; b < f->num_blocks; b++)
    for (gkt_idx i = 0; is_real(&f->blocks[b]) && b != block && i < f->blocks[b].count; i++) {
      find_range(A, f->blocks[b].first + i, &f->blocks[block], &begin, &end);
      if (end > begin) return true;
    }
  return false;
}

/* A field that is tied gets a little more on its diagonal, so that multigrid has something regular to solve. */
static void shift(gkt_idx count, part *p) {
  for (gkt_idx i = 0; i < count; i++)
    for (PetscInt k = p->offsets[i]; k < p->offsets[i + 1]; k++)
      if (p->cols[k] == i) p->values[k] *= 1 + SHIFT;
}

static gkt_status create_part(gkt_petsc *petsc, const gkt_csr *A, const gkt_block_facts *row, const gkt_block_facts *col, bool tied, part *out) {
  gkt_status status = GKT_OK;
  gkt_idx begin, end;
  PetscInt count = 0;
  GKT_GO(gkt_alloc(petsc->ctx, (gkt_size)row->count + 1, sizeof *out->offsets, &out->offsets));
  for (gkt_idx i = 0; i < row->count; i++) {
    find_range(A, row->first + i, col, &begin, &end);
    out->offsets[i] = count, count += end - begin;
  }
  out->offsets[row->count] = count;
  GKT_GO(gkt_alloc(petsc->ctx, count, sizeof *out->cols, &out->cols));
  GKT_GO(gkt_alloc(petsc->ctx, count, sizeof *out->values, &out->values));
  for (gkt_idx i = 0; i < row->count; i++) {
    find_range(A, row->first + i, col, &begin, &end);
    for (gkt_idx k = begin; k < end; k++) out->cols[out->offsets[i] + k - begin] = A->cols[k] - col->first, out->values[out->offsets[i] + k - begin] = A->vals[k];
  }
  if (tied) shift(row->count, out);
  GKT_PETSC(petsc, MatCreateSeqAIJWithArrays(PETSC_COMM_SELF, row->count, col->count, out->offsets, out->cols, out->values, &out->mat));
done:
  return status;
}

static gkt_status fill_part(gkt_petsc *petsc, const gkt_csr *A, const gkt_block_facts *row, const gkt_block_facts *col, bool tied, part *p) {
  gkt_status status = GKT_OK;
  gkt_idx begin, end;
  for (gkt_idx i = 0; i < row->count; i++) {
    find_range(A, row->first + i, col, &begin, &end);
    memcpy(p->values + p->offsets[i], A->vals + begin, (size_t)(end - begin) * sizeof *p->values);
  }
  if (tied) shift(row->count, p);
  GKT_PETSC(petsc, MatAssemblyBegin(p->mat, MAT_FINAL_ASSEMBLY));
  GKT_PETSC(petsc, MatAssemblyEnd(p->mat, MAT_FINAL_ASSEMBLY));
done:
  return status;
}

/* Multigrid of a singular block would divide by what rounding leaves of it: the block of a field that nothing fixes is pinned, as for a factor (pinned.c). */
static gkt_status pin_blocks(gkt_petsc *petsc, const gkt_petsc_matrix *m, const gkt_system_facts *f, struct gkt_split *s) {
  gkt_status status = GKT_OK;
  gkt_idx pins[GKT_MAX_MODES];
  int count = m->kernel ? m->kernel->count : 0;
  if (count) GKT_GO(gkt_pins_find(petsc->ctx, m->kernel, pins));
  for (int k = 0; k < count; k++)
    for (int b = 0; b < s->count; b++) {
      const part *p = &s->parts[b * s->count + b];
      gkt_idx i = pins[k] - f->blocks[b].first;
      if (i < 0 || i >= f->blocks[b].count || f->blocks[b].multiplier) continue;
      for (PetscInt l = p->offsets[i]; l < p->offsets[i + 1]; l++)
        if (p->cols[l] == i) p->values[l] *= 2;
      GKT_PETSC(petsc, MatAssemblyBegin(p->mat, MAT_FINAL_ASSEMBLY));
      GKT_PETSC(petsc, MatAssemblyEnd(p->mat, MAT_FINAL_ASSEMBLY));
    }
done:
  return status;
}

/* ---- the Schur complement of a multiplier ---- */
/* -S as the facts give it, in units of the method. */
static gkt_status given_schur(gkt_petsc *petsc, const gkt_csr *S, int exponent, Mat *out) {
  gkt_status status = GKT_OK;
  gkt_petsc_matrix lent = {0};
  GKT_GO(gkt_petsc_wrap(petsc, S, &lent));
  GKT_PETSC(petsc, MatDuplicate(lent.mat, MAT_COPY_VALUES, out));
  GKT_PETSC(petsc, MatScale(*out, -ldexp(1, exponent)));
done:
  gkt_petsc_matrix_destroy(&lent);
  return status;
}

/* sum -= B diag(A)^-1 B' for one field that the multiplier ties (as PETSc's "selfp"). */
static gkt_status subtract_product(gkt_petsc *petsc, const part *B, const part *A, const part *T, Mat *sum) {
  gkt_status status = GKT_OK;
  Mat scaled = NULL, product = NULL;
  Vec diagonal = NULL;
  PetscScalar *d;
  PetscInt n, rows;
  GKT_PETSC(petsc, MatGetSize(T->mat, &n, &rows));
  GKT_PETSC(petsc, MatCreateVecs(A->mat, &diagonal, NULL));
  GKT_PETSC(petsc, MatGetDiagonal(A->mat, diagonal));
  GKT_PETSC(petsc, VecGetArray(diagonal, &d));
  for (PetscInt i = 0; i < n; i++) d[i] = d[i] != 0 ? 1 / d[i] : 0;
  GKT_PETSC(petsc, VecRestoreArray(diagonal, &d));
  GKT_PETSC(petsc, MatDuplicate(T->mat, MAT_COPY_VALUES, &scaled));
  GKT_PETSC(petsc, MatDiagonalScale(scaled, diagonal, NULL));
  GKT_PETSC(petsc, MatMatMult(B->mat, scaled, MAT_INITIAL_MATRIX, PETSC_DEFAULT, &product));
  GKT_PETSC(petsc, MatAXPY(*sum, -1, product, DIFFERENT_NONZERO_PATTERN));
done:
  (void)!VecDestroy(&diagonal);
  (void)!MatDestroy(&scaled);
  (void)!MatDestroy(&product);
  return status;
}

static gkt_status own_schur(gkt_petsc *petsc, const gkt_system_facts *f, const struct gkt_split *s, int b, Mat *out) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, MatDuplicate(s->parts[b * s->count + b].mat, MAT_COPY_VALUES, out));
  for (int a = 0; a < s->count; a++)
    if (!f->blocks[a].multiplier) GKT_GO(subtract_product(petsc, &s->parts[b * s->count + a], &s->parts[a * s->count + a], &s->parts[a * s->count + b], out));
done:
  return status;
}

/* values [reals of block l] -= (c'z)^2 / z'Pz for the constants z of a block's components: of a field that these leave next to undetermined this is C P^-1 C', of others a number
   that the method makes up for in an iteration. */
static gkt_status subtract_tie(gkt_petsc *petsc, const gkt_system_facts *f, const struct gkt_split *s, int l, int b, PetscScalar *values) {
  gkt_status status = GKT_OK;
  Mat P = s->schurs[b] ? s->schurs[b] : s->parts[b * s->count + b].mat, C = s->parts[l * s->count + b].mat;
  Vec z = NULL, image = NULL, tie = NULL;
  PetscScalar *array, energy;
  const PetscScalar *ties;
  GKT_PETSC(petsc, MatCreateVecs(P, &z, &image));
  GKT_PETSC(petsc, MatCreateVecs(C, NULL, &tie));
  for (int m = 0; m < f->blocks[b].block_size; m++) {
    GKT_PETSC(petsc, VecGetArray(z, &array));
    gkt_block_mode(&f->blocks[b], f->dim, f->constrained, m, array);
    GKT_PETSC(petsc, VecRestoreArray(z, &array));
    GKT_PETSC(petsc, MatMult(P, z, image));
    GKT_PETSC(petsc, VecDot(z, image, &energy));
    GKT_PETSC(petsc, MatMult(C, z, tie));
    GKT_PETSC(petsc, VecGetArrayRead(tie, &ties));
    for (gkt_idx j = 0; j < f->blocks[l].count && energy != 0; j++) values[j] -= ties[j] * ties[j] / energy;
    GKT_PETSC(petsc, VecRestoreArrayRead(tie, &ties));
  }
done:
  (void)!VecDestroy(&z);
  (void)!VecDestroy(&image);
  (void)!VecDestroy(&tie);
  return status;
}

static gkt_status real_schur(gkt_petsc *petsc, const gkt_system_facts *f, const struct gkt_split *s, int l, Mat *out) {
  gkt_status status = GKT_OK;
  Vec diagonal = NULL;
  PetscScalar *values;
  PetscInt n = f->blocks[l].count;
  GKT_PETSC(petsc, VecCreateSeq(PETSC_COMM_SELF, n, &diagonal));
  GKT_PETSC(petsc, VecGetArray(diagonal, &values));
  for (PetscInt j = 0; j < n; j++) values[j] = 0;
  for (int b = 0; b < s->count; b++)
    if (!is_real(&f->blocks[b])) GKT_GO(subtract_tie(petsc, f, s, l, b, values));
  for (PetscInt j = 0; j < n; j++) values[j] = values[j] == 0 ? 1 : s->positive ? fabs(values[j]) : values[j];
  GKT_PETSC(petsc, VecRestoreArray(diagonal, &values));
  GKT_PETSC(petsc, MatCreateSeqAIJ(PETSC_COMM_SELF, n, n, 1, NULL, out));
  GKT_PETSC(petsc, MatDiagonalSet(*out, diagonal, INSERT_VALUES));
done:
  (void)!VecDestroy(&diagonal);
  return status;
}

/* PETSc's own LU, which tiny fields have, reads beyond its arrays where it meets a zero pivot in rows that it took together (3.18). */
static gkt_status take_rows_singly(gkt_petsc *petsc, const gkt_block_facts *b, Mat mat) {
  gkt_status status = GKT_OK;
  if (b->count > GKT_TINY_FIELD) return GKT_OK;
  GKT_PETSC(petsc, MatSetOption(mat, MAT_USE_INODES, PETSC_FALSE));
  GKT_PETSC(petsc, MatAssemblyBegin(mat, MAT_FINAL_ASSEMBLY)); /* by which it is noticed */
  GKT_PETSC(petsc, MatAssemblyEnd(mat, MAT_FINAL_ASSEMBLY));
done:
  return status;
}

static gkt_status make_schur(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_units *units, struct gkt_split *s, int b) {
  gkt_status status = GKT_OK;
  if (!f->blocks[b].multiplier) return GKT_OK;
  if (is_real(&f->blocks[b])) GKT_GO(real_schur(petsc, f, s, b, &s->schurs[b]));
  else if (f->blocks[b].schur) GKT_GO(given_schur(petsc, f->blocks[b].schur, units->left[b] + units->right[b], &s->schurs[b]));
  else GKT_GO(own_schur(petsc, f, s, b, &s->schurs[b]));
  if (s->positive && !is_real(&f->blocks[b])) GKT_PETSC(petsc, MatScale(s->schurs[b], -1));
  GKT_GO(take_rows_singly(petsc, &f->blocks[b], s->schurs[b]));
done:
  return status;
}

/* ---- the matrix of blocks ---- */
static gkt_status describe_block(gkt_petsc *petsc, const gkt_system_facts *f, int b, Mat mat) {
  gkt_status status = GKT_OK;
  GKT_GO(take_rows_singly(petsc, &f->blocks[b], mat));
  GKT_GO(gkt_petsc_near_null(petsc, f, &f->blocks[b], mat));
  if (f->blocks[b].symmetric) GKT_PETSC(petsc, MatSetOption(mat, MAT_SYMMETRIC, PETSC_TRUE));
  if (f->blocks[b].symmetric && f->blocks[b].positive) GKT_PETSC(petsc, MatSetOption(mat, MAT_SPD, PETSC_TRUE));
done:
  return status;
}

static gkt_status create_nest(gkt_petsc *petsc, struct gkt_split *s, bool replace) {
  gkt_status status = GKT_OK;
  Mat *mats = NULL;
  GKT_GO(gkt_alloc(petsc->ctx, (gkt_size)s->count * s->count, sizeof *mats, &mats));
  for (int k = 0; k < s->count * s->count; k++) mats[k] = s->parts[k].mat;
  for (int b = 0; b < s->count && replace; b++)
    if (s->schurs[b]) mats[b * s->count + b] = s->schurs[b];
  GKT_PETSC(petsc, MatCreateNest(PETSC_COMM_SELF, s->count, s->fields, s->count, s->fields, mats, &s->nest));
done:
  gkt_free(&mats);
  return status;
}

static gkt_status create_parts(gkt_petsc *petsc, const gkt_petsc_matrix *m, const gkt_system_facts *f, struct gkt_split *s) {
  gkt_status status = GKT_OK;
  for (int b = 0; b < s->count; b++) {
    GKT_PETSC(petsc, ISCreateStride(PETSC_COMM_SELF, f->blocks[b].count, f->blocks[b].first, 1, &s->fields[b]));
    for (int c = 0; c < s->count; c++) GKT_GO(create_part(petsc, m->packed, &f->blocks[b], &f->blocks[c], b == c && is_tied(m->packed, f, b), &s->parts[b * s->count + c]));
    GKT_GO(describe_block(petsc, f, b, s->parts[b * s->count + b].mat));
  }
  GKT_GO(pin_blocks(petsc, m, f, s));
  for (int pass = 0; pass < 2; pass++) /* real numbers last, as they need the others */
    for (int b = 0; b < s->count; b++)
      if (is_real(&f->blocks[b]) == (pass == 1)) GKT_GO(make_schur(petsc, f, m->units, s, b));
done:
  return status;
}

void gkt_split_destroy(gkt_split **split) {
  struct gkt_split *s = *split;
  if (!s) return;
  (void)!MatDestroy(&s->nest);
  for (int b = 0; s->fields && b < s->count; b++) (void)!ISDestroy(&s->fields[b]);
  for (int b = 0; s->schurs && b < s->count; b++) (void)!MatDestroy(&s->schurs[b]);
  for (int k = 0; s->parts && k < s->count * s->count; k++) {
    (void)!MatDestroy(&s->parts[k].mat);
    gkt_free(&s->parts[k].offsets);
    gkt_free(&s->parts[k].cols);
    gkt_free(&s->parts[k].values);
  }
  gkt_free(&s->fields);
  gkt_free(&s->schurs);
  gkt_free(&s->parts);
  gkt_free(split);
}

/* Multipliers first, as their sweep is; PETSc's own Schur complements take them last, and are given the approximation beside the matrix. */
static gkt_status tell_fields(gkt_petsc *petsc, const gkt_system_facts *f, const struct gkt_split *s, bool schur, PC pc) {
  gkt_status status = GKT_OK;
  for (int pass = 0; pass < 2; pass++)
    for (int b = 0; b < s->count; b++)
      if (f->blocks[b].multiplier == ((pass == 0) != schur)) GKT_PETSC(petsc, PCFieldSplitSetIS(pc, f->blocks[b].name, s->fields[b]));
  for (int b = 0; b < s->count && schur; b++)
    if (s->schurs[b]) GKT_PETSC(petsc, PCFieldSplitSetSchurPre(pc, PC_FIELDSPLIT_SCHUR_PRE_USER, s->schurs[b]));
done:
  return status;
}

gkt_status gkt_split_create(gkt_petsc *petsc, const gkt_petsc_matrix *m, const gkt_system_facts *f, PC pc, gkt_split **out) {
  struct gkt_split *s = NULL;
  gkt_status status;
  PCCompositeType type;
  GKT_TRY(gkt_calloc(petsc->ctx, 1, sizeof *s, &s));
  s->count = f->num_blocks;
  GKT_GO(gkt_calloc(petsc->ctx, (gkt_size)s->count * s->count, sizeof *s->parts, &s->parts));
  GKT_GO(gkt_calloc(petsc->ctx, s->count, sizeof *s->fields, &s->fields));
  GKT_GO(gkt_calloc(petsc->ctx, s->count, sizeof *s->schurs, &s->schurs));
  GKT_PETSC(petsc, PCFieldSplitGetType(pc, &type));
  s->positive = type == PC_COMPOSITE_ADDITIVE;
  GKT_GO(create_parts(petsc, m, f, s));
  GKT_GO(create_nest(petsc, s, type != PC_COMPOSITE_SCHUR));
  GKT_GO(tell_fields(petsc, f, s, type == PC_COMPOSITE_SCHUR, pc));
  *out = s;
done:
  if (status != GKT_OK) gkt_split_destroy(&s);
  return status;
}

Mat gkt_split_matrix(const gkt_split *s) { return s->nest; }

/* Into the matrices that are there, so that what was set up for them is kept. */
static gkt_status renew_schur(gkt_petsc *petsc, const gkt_petsc_matrix *m, const gkt_system_facts *f, gkt_split *s, int b) {
  gkt_status status = GKT_OK;
  Mat old = s->schurs[b];
  s->schurs[b] = NULL;
  if (!old) return GKT_OK;
  GKT_GO(make_schur(petsc, f, m->units, s, b));
  GKT_PETSC(petsc, MatCopy(s->schurs[b], old, DIFFERENT_NONZERO_PATTERN));
  GKT_PETSC(petsc, MatDestroy(&s->schurs[b]));
  s->schurs[b] = old, old = NULL;
done:
  (void)!MatDestroy(&old);
  return status;
}

gkt_status gkt_split_update(gkt_petsc *petsc, const gkt_petsc_matrix *m, const gkt_system_facts *f, gkt_split *s) {
  gkt_status status = GKT_OK;
  for (int b = 0; b < s->count; b++)
    for (int c = 0; c < s->count; c++) GKT_GO(fill_part(petsc, m->packed, &f->blocks[b], &f->blocks[c], b == c && is_tied(m->packed, f, b), &s->parts[b * s->count + c]));
  GKT_GO(pin_blocks(petsc, m, f, s));
  for (int pass = 0; pass < 2; pass++)
    for (int b = 0; b < s->count; b++)
      if (is_real(&f->blocks[b]) == (pass == 1)) GKT_GO(renew_schur(petsc, m, f, s, b));
  GKT_PETSC(petsc, MatAssemblyBegin(s->nest, MAT_FINAL_ASSEMBLY));
  GKT_PETSC(petsc, MatAssemblyEnd(s->nest, MAT_FINAL_ASSEMBLY));
done:
  return status;
}
