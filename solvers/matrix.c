/* A matrix and its kernels for PETSc. */
#include <math.h>
#include <string.h>

#include "solvers/linear.h"

static gkt_status widen(gkt_petsc *petsc, const gkt_idx *from, gkt_size count, PetscInt **out) {
  GKT_TRY(gkt_alloc(petsc->ctx, count, sizeof **out, out));
  for (gkt_size i = 0; i < count; i++) (*out)[i] = from[i];
  return GKT_OK;
}

/* PETSc reads offsets and columns where they lie if its integers are as wide as ours; the values always. */
gkt_status gkt_petsc_wrap(gkt_petsc *petsc, const gkt_csr *A, gkt_petsc_matrix *out) {
  gkt_status status = GKT_OK;
  PetscInt *offsets = (PetscInt *)A->row_offsets, *cols = (PetscInt *)A->cols;
  if (sizeof(PetscInt) != sizeof(gkt_idx)) {
    GKT_GO(widen(petsc, A->row_offsets, (gkt_size)A->num_rows + 1, &out->offsets));
    GKT_GO(widen(petsc, A->cols, A->row_offsets[A->num_rows], &out->cols));
    offsets = out->offsets, cols = out->cols;
  }
  GKT_PETSC(petsc, MatCreateSeqAIJWithArrays(PETSC_COMM_SELF, A->num_rows, A->num_cols, offsets, cols, A->vals, &out->mat));
done:
  return status;
}

/* vecs[keep-1] made orthogonal to those before it and of length 1; what vanishes is dropped. */
static gkt_status orthonormalize(gkt_petsc *petsc, Vec *vecs, int *keep) {
  gkt_status status = GKT_OK;
  PetscReal norm = 0;
  Vec last = vecs[*keep - 1];
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < *keep - 1; i++) {
      PetscScalar dot;
      GKT_PETSC(petsc, VecDot(last, vecs[i], &dot));
      GKT_PETSC(petsc, VecAXPY(last, -dot, vecs[i]));
    }
  GKT_PETSC(petsc, VecNorm(last, NORM_2, &norm));
  if (norm > 1e-8) GKT_PETSC(petsc, VecScale(last, 1 / norm));
  else {
    GKT_PETSC(petsc, VecDestroy(&vecs[*keep - 1]));
    --*keep;
  }
done:
  return status;
}

typedef struct {
  int count;
  Vec vecs[GKT_MAX_MODES];
} vectors;

static gkt_status create_null_space(gkt_petsc *petsc, vectors *v, MatNullSpace *out) {
  gkt_status status = GKT_OK;
  if (v->count) GKT_PETSC(petsc, MatNullSpaceCreate(PETSC_COMM_SELF, PETSC_FALSE, v->count, v->vecs, out));
done:
  for (int i = 0; i < v->count; i++) (void)!VecDestroy(&v->vecs[i]);
  return status;
}

/* One more, orthonormal to those before. */
static gkt_status add_mode(gkt_petsc *petsc, const gkt_block_facts *b, const gkt_system_facts *f, int mode, vectors *v) {
  gkt_status status = GKT_OK;
  PetscScalar *values;
  GKT_PETSC(petsc, VecCreateSeq(PETSC_COMM_SELF, b->count, &v->vecs[v->count]));
  Vec last = v->vecs[v->count++];
  GKT_PETSC(petsc, VecGetArray(last, &values));
  gkt_block_mode(b, f->dim, f->constrained, mode, values);
  GKT_PETSC(petsc, VecRestoreArray(last, &values));
  GKT_GO(orthonormalize(petsc, v->vecs, &v->count));
done:
  return status;
}

gkt_status gkt_petsc_near_null(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_block_facts *b, Mat mat) {
  gkt_status status = GKT_OK;
  vectors v = {0};
  MatNullSpace space = NULL;
  for (int m = 0; m < gkt_block_num_modes(b, f->dim) && m < GKT_MAX_MODES; m++) GKT_GO(add_mode(petsc, b, f, m, &v));
  GKT_GO(create_null_space(petsc, &v, &space));
  GKT_PETSC(petsc, MatSetBlockSize(mat, b->block_size));
  GKT_GO(gkt_inner_tell(petsc, b, mat));
  if (space) GKT_PETSC(petsc, MatSetNearNullSpace(mat, space));
done:
  (void)!MatNullSpaceDestroy(&space);
  return status;
}

/* Vectors of a kernel in the units of the blocks. */
static gkt_status tell_kernel(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_petsc_matrix *m, bool left, MatNullSpace *out) {
  gkt_status status = GKT_OK;
  vectors v = {0};
  const gkt_null_space *kernel = m->kernel;
  gkt_idx n = kernel->num_rows;
  for (int k = 0; k < (left ? kernel->num_left : kernel->count); k++) {
    PetscScalar *values;
    GKT_PETSC(petsc, VecCreateSeq(PETSC_COMM_SELF, n, &v.vecs[v.count]));
    Vec last = v.vecs[v.count++];
    GKT_PETSC(petsc, VecGetArray(last, &values));
    memcpy(values, (left ? kernel->left : kernel->right) + (gkt_size)k * n, (size_t)n * sizeof *values);
    if (m->units) gkt_units_scale(f, left ? m->units->left : m->units->right, -1, values);
    PetscReal size = gkt_norm(n, values, NULL);
    for (gkt_idx i = 0; i < n; i++) values[i] /= size;
    GKT_PETSC(petsc, VecRestoreArray(last, &values));
    GKT_GO(orthonormalize(petsc, v.vecs, &v.count));
  }
  GKT_GO(create_null_space(petsc, &v, out));
done:
  return status;
}

/* What is known of A, told to one of its two faces. */
static gkt_status describe(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_petsc_matrix *m, Mat mat) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, MatSetBlockSize(mat, f->block_size));
  if (f->symmetric) GKT_PETSC(petsc, MatSetOption(mat, MAT_SYMMETRIC, PETSC_TRUE));
  if (f->symmetric && f->positive) GKT_PETSC(petsc, MatSetOption(mat, MAT_SPD, m->null ? PETSC_FALSE : PETSC_TRUE));
  GKT_PETSC(petsc, MatSetNullSpace(mat, m->null)); /* NULL: none any more */
  GKT_PETSC(petsc, MatSetTransposeNullSpace(mat, f->symmetric ? m->null : m->left_null));
done:
  return status;
}

/* The kernel is looked for anew, as other values may have another. */
static gkt_status tell(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_scales *scales, gkt_petsc_matrix *m) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, MatNullSpaceDestroy(&m->null));
  GKT_PETSC(petsc, MatNullSpaceDestroy(&m->left_null));
  gkt_null_space_destroy(&m->kernel);
  if (f->singular && scales) GKT_GO(gkt_null_space_find_scaled(petsc->ctx, m->A, f, scales, m->units, &m->kernel));
  else if (f->singular) GKT_GO(gkt_null_space_find(petsc->ctx, m->A, f, &m->kernel));
  if (m->kernel) GKT_GO(tell_kernel(petsc, f, m, false, &m->null));
  if (m->kernel && !f->symmetric) GKT_GO(tell_kernel(petsc, f, m, true, &m->left_null));
  GKT_GO(describe(petsc, f, m, m->mat));
  GKT_GO(describe(petsc, f, m, m->product));
done:
  return status;
}

gkt_status gkt_petsc_matrix_update(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_scales *scales, gkt_petsc_matrix *m, bool *fits) {
  gkt_status status = GKT_OK;
  Mat both[] = {m->mat, m->product};
  *fits = !m->packed || gkt_packed_fill(m->A, f, m->units, m->packed);
  if (!*fits) return GKT_OK;
  for (int i = 0; i < 2; i++) {
    GKT_PETSC(petsc, MatAssemblyBegin(both[i], MAT_FINAL_ASSEMBLY)); /* what PETSc derived from the values is dropped, and preconditioners see that theirs are old */
    GKT_PETSC(petsc, MatAssemblyEnd(both[i], MAT_FINAL_ASSEMBLY));
  }
  GKT_GO(tell(petsc, f, scales, m));
done:
  return status;
}

static gkt_status pack(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_csr *before, gkt_petsc_matrix *m) {
  if (!f->blocks || !m->units) return GKT_OK;
  GKT_TRY(gkt_packed_create(petsc->ctx, m->A, before, &m->packed));
  return gkt_packed_fill(m->A, f, m->units, m->packed) ? GKT_OK : gkt_fail(petsc->ctx, GKT_INTERNAL, "a matrix does not fit into its own pattern");
}

static gkt_status build(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *f, const gkt_scales *scales, const gkt_units *units, const gkt_csr *before,
                        gkt_petsc_matrix *out) {
  gkt_status status = GKT_OK;
  gkt_block_facts one;
  int count;
  const gkt_block_facts *blocks = gkt_facts_blocks(f, A->num_rows, &one, &count);
  *out = (gkt_petsc_matrix){.A = A, .units = units};
  GKT_GO(pack(petsc, f, before, out));
  GKT_GO(gkt_petsc_wrap(petsc, out->packed ? out->packed : A, out));
  GKT_GO(gkt_petsc_product_create(petsc, out));
  if (!f->blocks) GKT_GO(gkt_petsc_near_null(petsc, f, blocks, out->mat));
  GKT_GO(tell(petsc, f, scales, out));
done:
  if (status != GKT_OK) gkt_petsc_matrix_destroy(out);
  return status;
}

gkt_status gkt_petsc_matrix_create(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *f, const gkt_scales *scales, const gkt_units *units, gkt_petsc_matrix *out) {
  return build(petsc, A, f, scales, units, NULL, out);
}

gkt_status gkt_petsc_matrix_widen(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_scales *scales, gkt_petsc_matrix *m) {
  gkt_petsc_matrix old = *m;
  gkt_status status = build(petsc, old.A, f, scales, old.units, old.packed, m);
  gkt_petsc_matrix_destroy(&old);
  return status;
}

void gkt_petsc_matrix_destroy(gkt_petsc_matrix *m) {
  (void)!MatNullSpaceDestroy(&m->null);
  (void)!MatNullSpaceDestroy(&m->left_null);
  (void)!MatDestroy(&m->product);
  (void)!MatDestroy(&m->mat);
  gkt_null_space_destroy(&m->kernel);
  gkt_csr_destroy(&m->packed);
  gkt_free(&m->offsets);
  gkt_free(&m->cols);
}
