#include "adjoint/design_solver.h"

#include "core/core.h"

/* dofs in space: a factor up to the first; up to the second, where multigrid would be instead */
enum { SMALL_FACTOR = 4000, LARGEST_FACTOR = 50000 };

/* a_ii over the sum of its row, in which a stiffness adds nothing: of a filter of few cells' radius it is near 1, and CG with the diagonal arrives in 22 times its root iterations
   or so, each a fifth of multigrid's. */
static bool is_nearly_mass(const gkt_csr *A, const gkt_system_facts *f) {
  const double most = 9;
  if (!f->symmetric || !f->positive || f->block_size > 1 || f->blocks) return false;
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    double sum = 0, diagonal = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) sum += A->vals[k], diagonal += A->cols[k] == i ? A->vals[k] : 0;
    if (!(diagonal <= most * sum)) return false;
  }
  return true;
}

static void choose(const gkt_csr *matrix, const gkt_system_facts *facts, gkt_linear_options *out) {
  const bool plane = facts->dim < 3;
  if (plane || matrix->num_rows <= SMALL_FACTOR) out->method = GKT_LINEAR_DIRECT;
  else if (is_nearly_mass(matrix, facts)) out->petsc_options = "-ksp_type cg -ksp_norm_type unpreconditioned -pc_type jacobi";
  else if (matrix->num_rows <= LARGEST_FACTOR) out->method = GKT_LINEAR_DIRECT;
}

gkt_status gkt_design_solver_create(gkt_context *ctx, const gkt_csr *matrix, const gkt_system_facts *facts, gkt_linear_solver **out) {
  gkt_linear_options options = gkt_linear_options_default();
  choose(matrix, facts, &options);
  options.rtol = 1e-12, options.repeated = true;
  return gkt_linear_solver_create(ctx, matrix, facts, &options, out);
}

gkt_status gkt_design_solver_solve(gkt_context *ctx, gkt_linear_solver *solver, gkt_size count, const gkt_scalar *b, gkt_scalar *y, const char *what) {
  gkt_linear_report report;
  for (gkt_size i = 0; i < count; i++) y[i] = 0;
  GKT_TRY(gkt_linear_solver_solve(solver, 1, count, b, y, &report));
  const bool converged = report.converged;
  const gkt_status status = converged ? GKT_OK : gkt_fail(ctx, GKT_LIBRARY, "%s was not solved (%s, residual %.2e)", what, report.method, report.residual);
  gkt_linear_report_clear(&report);
  return status;
}
