/* Linear systems by PETSc. Sees matrices, vectors and facts, never forms. */
#ifndef GALERKIT_SOLVER_H
#define GALERKIT_SOLVER_H
#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum { GKT_LINEAR_AUTO, GKT_LINEAR_DIRECT, GKT_LINEAR_CG, GKT_LINEAR_GMRES, GKT_LINEAR_BICGSTAB, GKT_LINEAR_MINRES } gkt_linear_method;
typedef struct {
  gkt_linear_method method;  /* default AUTO: by the facts, see docs/problem-file.md */
  double rtol;               /* bound on the true ||b-Ax||_2/||b||_2 over free dofs; default 1e-10 */
  int max_iterations;        /* default 0: 1000, and 10000 without AMG */
  const char *petsc_options; /* as on a PETSc command line, without prefix; NULL: none. Options given win over the choice. Unused ones are logged as warnings */
  void (*progress)(void *user, int iteration, double residual); /* relative; NULL: none */
  void *progress_user;
} gkt_linear_options;
typedef struct {
  bool converged;
  bool at_rounding; /* accepted because ||b-Ax|| <= 10 eps || |A||x|+|b| ||, where that bound is below ||b|| (1e-6 ||b|| if not direct) */
  bool singular;    /* though the facts do not say so: solutions are not unique or do not exist; never converged */
  gkt_idx free_dof; /* if singular: where a vector w with A w = 0 (to rounding) is largest */
  int iterations;
  double residual; /* true, relative, recomputed: ||b-Ax||_2/||b||_2 on free dofs */
  double setup_seconds, solve_seconds;
  char method[128]; /* "CG + GAMG (rigid-body modes)" */
  char why[256];    /* "symmetric and positive (proven), 204,312 dofs" */
  int num_history;
  double *history; /* [num_history] relative residuals as the method saw them; free with gkt_linear_report_clear */
} gkt_linear_report;
GKT_API gkt_linear_options gkt_linear_options_default(void);
/* Solves A x = b from the guess in x; x is written also without convergence, which is a result, not a failure: read report->converged. */
GKT_API gkt_status gkt_linear_solve(gkt_context *, const gkt_csr *A, const gkt_system_facts *, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *,
                                    gkt_linear_report *report) GKT_MUST_CHECK;
GKT_API void gkt_linear_report_clear(gkt_linear_report *);
GKT_API const char *gkt_petsc_version(void); /* of the library linked: "3.18.5" */

#ifdef __cplusplus
}
#endif
#endif
