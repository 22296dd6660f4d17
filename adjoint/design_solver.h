/* Systems behind maps of designs (filters, extensions): solved for many right-hand sides, forwards and transposed, which are to belong to each other to nearly all digits. */
#ifndef GKT_ADJOINT_DESIGN_SOLVER_H
#define GKT_ADJOINT_DESIGN_SOLVER_H
#include "galerkit/solver.h"

/* A factor where it is not too large, else an iteration to 1e-12. matrix, facts outlive. */
gkt_status gkt_design_solver_create(gkt_context *, const gkt_csr *matrix, const gkt_system_facts *facts, gkt_linear_solver **out) GKT_MUST_CHECK;
/* y [rows of the matrix] = K^-1 b, from 0, so that it is the same whatever was asked before. GKT_LIBRARY: "`what` was not solved". */
gkt_status gkt_design_solver_solve(gkt_context *, gkt_linear_solver *, gkt_size count, const gkt_scalar *b, gkt_scalar *y, const char *what) GKT_MUST_CHECK;
#endif
