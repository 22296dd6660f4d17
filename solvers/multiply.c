/* y = A x for the iteration as a PETSc matrix of our own: PETSc's product uses one thread. The sum of a row does not depend on the number of threads.
   Of a vector field in space the three rows of a node go together, and one column is read for three: a tenth less time, the same bits. */
#include <string.h>

#include "solvers/linear.h"

enum { PARALLEL_ABOVE = 20000 }; /* entries under which starting threads costs more than they save */
enum { NODE = 3 };               /* dofs */

/* Do rows come in threes of equal columns, and these in whole threes? */
static bool has_nodes(const gkt_csr *A) {
  if (A->num_rows % NODE || A->num_cols % NODE) return false;
  for (gkt_idx i = 0; i < A->num_rows; i += NODE) {
    const gkt_idx *cols = A->cols + A->row_offsets[i], count = A->row_offsets[i + 1] - A->row_offsets[i];
    if (count % NODE) return false;
    for (gkt_idx k = 0; k < count; k++)
      if (cols[k] != cols[k - k % NODE] + k % NODE) return false;
    for (int r = 1; r < NODE; r++)
      if (A->row_offsets[i + r + 1] - A->row_offsets[i + r] != count || memcmp(A->cols + A->row_offsets[i + r], cols, (size_t)count * sizeof *cols)) return false;
  }
  return true;
}

static void multiply_nodes(const gkt_csr *A, int threads, const gkt_scalar *x, gkt_scalar *y) {
#pragma omp parallel for schedule(static) num_threads(threads)
  for (gkt_idx i = 0; i < A->num_rows; i += NODE) {
    const gkt_idx begin = A->row_offsets[i], count = A->row_offsets[i + 1] - begin;
    const gkt_scalar *first = A->vals + begin, *second = first + count, *third = second + count;
    gkt_scalar sum[NODE] = {0};
    for (gkt_idx k = 0; k < count; k += NODE) {
      const gkt_scalar *z = x + A->cols[begin + k];
      sum[0] += first[k] * z[0], sum[0] += first[k + 1] * z[1], sum[0] += first[k + 2] * z[2];
      sum[1] += second[k] * z[0], sum[1] += second[k + 1] * z[1], sum[1] += second[k + 2] * z[2];
      sum[2] += third[k] * z[0], sum[2] += third[k + 1] * z[1], sum[2] += third[k + 2] * z[2];
    }
    memcpy(y + i, sum, sizeof sum);
  }
}

static PetscErrorCode apply(Mat shell, Vec x, Vec y) {
  void *context;
  const PetscScalar *in;
  PetscScalar *out;
  PetscCall(MatShellGetContext(shell, &context));
  const gkt_petsc_matrix *m = context;
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArrayWrite(y, &out));
  (m->by_nodes ? multiply_nodes : gkt_csr_multiply_by)(m->packed ? m->packed : m->A, m->threads, in, out);
  PetscCall(VecRestoreArrayWrite(y, &out));
  return VecRestoreArrayRead(x, &in);
}

static PetscErrorCode apply_transposed(Mat shell, Vec x, Vec y) {
  void *context;
  PetscCall(MatShellGetContext(shell, &context));
  return MatMultTranspose(((const gkt_petsc_matrix *)context)->mat, x, y);
}

gkt_status gkt_petsc_product_create(gkt_petsc *petsc, gkt_petsc_matrix *m) {
  gkt_status status = GKT_OK;
  PetscInt n = m->A->num_rows;
  m->by_nodes = has_nodes(m->packed ? m->packed : m->A);
  m->threads = m->A->row_offsets[n] < PARALLEL_ABOVE ? 1 : gkt_threads_for(petsc->ctx, m->A->row_offsets[n]);
  GKT_PETSC(petsc, MatCreateShell(PETSC_COMM_SELF, n, n, n, n, m, &m->product));
  GKT_PETSC(petsc, MatShellSetOperation(m->product, MATOP_MULT, (void (*)(void))apply));
  GKT_PETSC(petsc, MatShellSetOperation(m->product, MATOP_MULT_TRANSPOSE, (void (*)(void))apply_transposed));
done:
  return status;
}
