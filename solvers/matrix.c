/* A matrix and its kernels for PETSc. */
#include <math.h>
#include <stdlib.h>

#include "solvers/linear.h"

static gkt_status widen(gkt_petsc *petsc, const gkt_idx *from, gkt_size count, PetscInt **out) {
  GKT_TRY(gkt_alloc(petsc->ctx, count, sizeof **out, out));
  for (gkt_size i = 0; i < count; i++) (*out)[i] = from[i];
  return GKT_OK;
}

/* PETSc reads offsets and columns where they lie if its integers are as wide as ours; the values always. */
static gkt_status wrap(gkt_petsc *petsc, const gkt_csr *A, gkt_petsc_matrix *out) {
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

double gkt_mode_value(int m, int block, int component, const double *x) {
  static const int planes[3][2] = {{0, 1}, {1, 2}, {0, 2}};
  if (m < block) return component == m;
  const int *plane = planes[m - block];
  return component == plane[0] ? -x[plane[1]] : component == plane[1] ? x[plane[0]] : 0;
}

static void find_middle(const gkt_csr *A, const gkt_system_facts *f, double *middle) {
  gkt_idx nodes = A->num_rows / f->block_size;
  for (int d = 0; d < 3; d++) middle[d] = 0;
  for (gkt_idx i = 0; i < nodes && f->coords; i++)
    for (int d = 0; d < f->dim; d++) middle[d] += f->coords[(gkt_size)i * f->dim + d] / nodes;
}

int gkt_num_modes(const gkt_system_facts *f) {
  bool rotations = f->near_null == GKT_KERNEL_RIGID_BODY && f->coords && f->block_size == f->dim;
  int count = f->block_size + (rotations ? f->dim * (f->dim - 1) / 2 : 0);
  return count < GKT_MAX_MODES ? count : GKT_MAX_MODES;
}

/* Rotations about the middle of the points, so that the modes are well apart. Zero on constrained dofs: those rows hold a diagonal only, and a mode that is nonzero
   there would tie them to the coarse grid. */
void gkt_mode(const gkt_csr *A, const gkt_system_facts *f, int m, gkt_scalar *out) {
  double middle[3], x[3] = {0}, norm;
  find_middle(A, f, middle);
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    for (int d = 0; d < f->dim && f->coords; d++) x[d] = f->coords[(gkt_size)(i / f->block_size) * f->dim + d] - middle[d];
    bool fixed = f->constrained && f->constrained[i];
    out[i] = fixed ? 0 : gkt_mode_value(m, f->block_size, i % f->block_size, x);
  }
  norm = gkt_norm(A->num_rows, out, NULL);
  for (gkt_idx i = 0; i < A->num_rows && norm > 0; i++) out[i] /= norm;
}

bool gkt_is_in_kernel(const gkt_csr *A, const gkt_scalar *m) {
  gkt_length image = {0, 0}, size = {0, 0};
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    double sum = 0, sum_abs = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k] * m[A->cols[k]], sum_abs += fabs(A->vals[k] * m[A->cols[k]]);
    gkt_length_add(&image, sum), gkt_length_add(&size, sum_abs);
  }
  return gkt_length_value(&image) <= 1e-10 * gkt_length_value(&size);
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
} gkt_modes;

/* Modes of A, orthonormal; only_kernel: only those that A maps to zero. */
static gkt_status find_modes(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *f, bool only_kernel, gkt_modes *out) {
  gkt_status status = GKT_OK;
  for (int m = 0; m < gkt_num_modes(f); m++) {
    PetscScalar *values;
    bool keep;
    GKT_PETSC(petsc, VecCreateSeq(PETSC_COMM_SELF, A->num_rows, &out->vecs[out->count]));
    Vec v = out->vecs[out->count++];
    GKT_PETSC(petsc, VecGetArray(v, &values));
    gkt_mode(A, f, m, values);
    keep = !only_kernel || gkt_is_in_kernel(A, values);
    GKT_PETSC(petsc, VecRestoreArray(v, &values));
    if (keep) GKT_GO(orthonormalize(petsc, out->vecs, &out->count));
    else GKT_PETSC(petsc, VecDestroy(&out->vecs[--out->count]));
  }
done:
  return status;
}

static gkt_status create_null_space(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *f, bool only_kernel, MatNullSpace *out, int *count) {
  gkt_status status = GKT_OK;
  gkt_modes modes = {0};
  GKT_GO(find_modes(petsc, A, f, only_kernel, &modes));
  *count = modes.count;
  if (modes.count) GKT_PETSC(petsc, MatNullSpaceCreate(PETSC_COMM_SELF, PETSC_FALSE, modes.count, modes.vecs, out));
done:
  for (int i = 0; i < modes.count; i++) (void)!VecDestroy(&modes.vecs[i]);
  return status;
}

/* What is known of A, told to one of its two faces. */
static gkt_status describe(gkt_petsc *petsc, const gkt_system_facts *f, const gkt_petsc_matrix *m, Mat mat) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, MatSetBlockSize(mat, f->block_size));
  if (f->symmetric) GKT_PETSC(petsc, MatSetOption(mat, MAT_SYMMETRIC, PETSC_TRUE));
  if (f->symmetric && f->positive) GKT_PETSC(petsc, MatSetOption(mat, MAT_SPD, m->null ? PETSC_FALSE : PETSC_TRUE));
  GKT_PETSC(petsc, MatSetNullSpace(mat, m->null)); /* NULL: none any more */
  if (f->symmetric) GKT_PETSC(petsc, MatSetTransposeNullSpace(mat, m->null));
  if (m->near_null) GKT_PETSC(petsc, MatSetNearNullSpace(mat, m->near_null));
done:
  return status;
}

/* The kernel is looked for anew, as other values may have another. */
static gkt_status tell(gkt_petsc *petsc, const gkt_system_facts *f, gkt_petsc_matrix *m) {
  gkt_status status = GKT_OK;
  GKT_PETSC(petsc, MatNullSpaceDestroy(&m->null));
  if (f->singular) GKT_GO(create_null_space(petsc, m->A, f, true, &m->null, &m->num_null));
  GKT_GO(describe(petsc, f, m, m->mat));
  GKT_GO(describe(petsc, f, m, m->product));
done:
  return status;
}

gkt_status gkt_petsc_matrix_update(gkt_petsc *petsc, const gkt_system_facts *f, gkt_petsc_matrix *m) {
  gkt_status status = GKT_OK;
  Mat both[] = {m->mat, m->product};
  for (int i = 0; i < 2; i++) {
    GKT_PETSC(petsc, MatAssemblyBegin(both[i], MAT_FINAL_ASSEMBLY)); /* what PETSc derived from the values is dropped, and preconditioners see that theirs are old */
    GKT_PETSC(petsc, MatAssemblyEnd(both[i], MAT_FINAL_ASSEMBLY));
  }
  GKT_GO(tell(petsc, f, m));
done:
  return status;
}

gkt_status gkt_petsc_matrix_create(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *f, gkt_petsc_matrix *out) {
  gkt_status status = GKT_OK;
  int count;
  *out = (gkt_petsc_matrix){.A = A};
  GKT_GO(wrap(petsc, A, out));
  GKT_GO(gkt_petsc_product_create(petsc, out));
  GKT_GO(create_null_space(petsc, A, f, false, &out->near_null, &count));
  GKT_GO(tell(petsc, f, out));
done:
  if (status != GKT_OK) gkt_petsc_matrix_destroy(out);
  return status;
}

void gkt_petsc_matrix_destroy(gkt_petsc_matrix *m) {
  (void)!MatNullSpaceDestroy(&m->near_null);
  (void)!MatNullSpaceDestroy(&m->null);
  (void)!MatDestroy(&m->product);
  (void)!MatDestroy(&m->mat);
  gkt_free(&m->offsets);
  gkt_free(&m->cols);
}
