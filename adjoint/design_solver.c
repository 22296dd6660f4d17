#include "adjoint/design_solver.h"

#include "core/core.h"

enum { LARGEST_FACTOR = 50000 /* dofs in space */ };

gkt_status gkt_design_solver_create(gkt_context *ctx, const gkt_csr *matrix, const gkt_system_facts *facts, gkt_linear_solver **out) {
  gkt_linear_options options = gkt_linear_options_default();
  if (facts->dim < 3 || matrix->num_rows <= LARGEST_FACTOR) options.method = GKT_LINEAR_DIRECT;
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
