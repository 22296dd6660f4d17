/* A' x = b by the preconditioner or factor of A. Its residual is measured by a solver of A', the dual, which knows pieces, scales and units of its rows, and solves where what
   serves A does not: so it does wherever the matrix stands on the device and is solved there, by Jacobi's preconditioner. */
#include <string.h>

#include "solvers/device_solver.h"
#include "solvers/device_transpose.h"

/* T has the pattern of A', whose rows are filled in turn. */
static void fill_values(const gkt_csr *A, gkt_csr *T) {
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) {
      const gkt_idx at = T->row_offsets[A->cols[k]]++; /* offsets become ends */
      T->cols[at] = i, T->vals[at] = A->vals[k];
    }
  for (gkt_idx i = T->num_rows; i > 0; i--) T->row_offsets[i] = T->row_offsets[i - 1];
  T->row_offsets[0] = 0;
}

gkt_status gkt_csr_transpose(gkt_context *ctx, const gkt_csr *A, gkt_csr **out) {
  gkt_csr *T;
  GKT_TRY(gkt_csr_create(ctx, A->num_cols, A->num_rows, A->row_offsets[A->num_rows], A->block_size, &T));
  memset(T->row_offsets, 0, ((size_t)T->num_rows + 1) * sizeof *T->row_offsets);
  for (gkt_idx k = 0; k < A->row_offsets[A->num_rows]; k++) T->row_offsets[A->cols[k] + 1]++;
  for (gkt_idx i = 0; i < T->num_rows; i++) T->row_offsets[i + 1] += T->row_offsets[i];
  fill_values(A, T);
  *out = T;
  return GKT_OK;
}

static gkt_status make(gkt_solve *dual, gkt_csr *T) {
  dual->A = T;
  GKT_TRY(gkt_alloc(dual->petsc.ctx, T->num_rows, sizeof *dual->r, &dual->r));
  GKT_TRY(gkt_alloc(dual->petsc.ctx, T->num_rows, sizeof *dual->d, &dual->d));
  return gkt_residual_create(dual);
}

static gkt_status create_there(gkt_solve *s) {
  gkt_context *ctx = s->petsc.ctx;
  gkt_linear_options asked = s->asked;
  gkt_status status;
  asked.load = NULL;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *s->transpose, &s->transpose));
  GKT_GO(gkt_device_transpose_create(ctx, s->A, s->transpose));
  GKT_GO(gkt_linear_solver_create(ctx, &s->transpose->A, s->facts, &asked, &s->dual));
done:
  if (status != GKT_OK) gkt_dual_destroy(s);
  return status;
}

static gkt_status create(gkt_solve *s) {
  gkt_context *ctx = s->petsc.ctx;
  gkt_csr *T;
  if (s->on_device) return create_there(s);
  GKT_TRY(gkt_csr_transpose(ctx, s->A, &T));
  gkt_status status = gkt_calloc(ctx, 1, sizeof *s->dual, &s->dual);
  if (status == GKT_OK) {
    *s->dual = (gkt_solve){.petsc.ctx = gkt_context_retain(ctx), .facts = s->facts, .asked = s->asked};
    s->dual->asked.load = NULL;
    status = make(s->dual, T);
  } else gkt_csr_destroy(&T);
  if (status != GKT_OK) gkt_dual_destroy(s);
  return status;
}

gkt_status gkt_dual_prepare(gkt_solve *s) {
  if (!s->dual) GKT_TRY(create(s));
  else if (s->dual_is_old) {
    if (s->on_device) GKT_TRY(gkt_device_transpose_take(s->transpose));
    else fill_values(s->A, (gkt_csr *)s->dual->A);
    GKT_TRY(gkt_linear_solver_update(s->dual));
  }
  s->dual_is_old = false;
  if (s->on_device) gkt_linear_solver_set_rtol(s->dual, s->asked.rtol), s->dual->on_device->inspected |= gkt_device_solver_is_regular(s->on_device);
  return GKT_OK;
}

gkt_status gkt_linear_solver_take_transposed(gkt_solve *s, const gkt_csr **out) {
  *out = s->transpose ? &s->transpose->A : NULL;
  return s->transpose ? gkt_device_transpose_take(s->transpose) : GKT_OK;
}

static void destroy_there(gkt_solve *s) {
  gkt_linear_solver_destroy(&s->dual);
  gkt_device_transpose_destroy(s->transpose);
  gkt_free(&s->transpose);
}

void gkt_dual_destroy(gkt_solve *s) {
  if (s->transpose) destroy_there(s);
  if (!s->dual) return;
  gkt_csr *T = (gkt_csr *)s->dual->A;
  gkt_linear_solver_destroy(&s->dual);
  gkt_csr_destroy(&T);
}
