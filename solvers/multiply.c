/* y = A x for the iteration as a PETSc matrix of our own: PETSc's product uses one thread. The sum of a row does not depend on the number of threads.
   Blocks of columns (one number per 3x3 block) were tried and did not pay on the CPU. */
#include "solvers/linear.h"

enum { PARALLEL_ABOVE = 20000 }; /* entries under which starting threads costs more than they save */

static void multiply(const gkt_csr *A, int threads, const gkt_scalar *x, gkt_scalar *y) {
#pragma omp parallel for schedule(static) num_threads(threads)
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    gkt_scalar sum = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k] * x[A->cols[k]];
    y[i] = sum;
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
  multiply(m->packed ? m->packed : m->A, m->threads, in, out);
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
  m->threads = m->A->row_offsets[n] < PARALLEL_ABOVE ? 1 : gkt_threads_for(petsc->ctx, m->A->row_offsets[n]);
  GKT_PETSC(petsc, MatCreateShell(PETSC_COMM_SELF, n, n, n, n, m, &m->product));
  GKT_PETSC(petsc, MatShellSetOperation(m->product, MATOP_MULT, (void (*)(void))apply));
  GKT_PETSC(petsc, MatShellSetOperation(m->product, MATOP_MULT_TRANSPOSE, (void (*)(void))apply_transposed));
done:
  return status;
}
