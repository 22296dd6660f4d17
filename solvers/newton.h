/* Inside of one nonlinear solve. Not installed. */
#ifndef GKT_SOLVERS_NEWTON_H
#define GKT_SOLVERS_NEWTON_H
#include <petscsnes.h>

#include "galerkit/solver.h"
#include "solvers/petsc.h"

typedef struct {
  gkt_petsc petsc;
  const gkt_nonlinear_system *system;
  const gkt_system_facts *facts;
  gkt_nonlinear_options asked;
  gkt_nonlinear_report *report;
  gkt_csr *A;
  gkt_idx n;
  /* [n] each */
  gkt_scalar *u;                       /* where Newton is, the caller's */
  gkt_scalar *f;                       /* F(u) = R(u) - (1-t) R(u_0) on free dofs, 0 on constrained ones */
  gkt_scalar *start, *start_residual;  /* u_0 and R(u_0) */
  gkt_scalar *kept;                    /* the solution of the load step before */
  gkt_scalar *target;                  /* values of constrained dofs at the end of this load step */
  gkt_scalar *b, *d, *trial, *trial_f; /* a linear system, its solution, a point on the way and its F */
  gkt_scalar *row, *careful_row;       /* what the rows of A u, and by the system's magnitude of R(u), are summed from, without signs */
  double load;                         /* t of this load step */
  bool arrived;                        /* constrained dofs have their target */
  bool prepared;                       /* A and b are those of u */
  bool small;                          /* ||F(u)|| meets the tolerances */
  double norm, first;                  /* ||F(u)||, and of the first linear system's right-hand side */
  double careful;                      /* 10 eps ||m|| by the system's magnitude; 0: not known in this load step */
  double floor, size;                  /* 10 eps ||m||; || A_ff u_f - F ||, which the floor must not reach: a u so large would excuse anything */
  int iterations;                      /* in this load step */
  bool at_rounding, over;              /* over: `end` says why nothing more can be done */
  gkt_newton_end end;
  gkt_status status; /* of a callback, which PETSc cannot carry */
} gkt_newton;

/* nonlinear.c */
double gkt_newton_norm(const gkt_newton *, const gkt_scalar *v); /* over free dofs; not finite if an entry is not */
bool gkt_newton_is_free(const gkt_newton *, gkt_idx dof);
/* f = F(u), *norm its length. */
gkt_status gkt_newton_residual(gkt_newton *, const gkt_scalar *u, gkt_scalar *f, double *norm) GKT_MUST_CHECK;
gkt_status gkt_newton_note(gkt_newton *, int iteration, double norm) GKT_MUST_CHECK; /* history, progress */
/* newton_step.c: A, b, floor at u; A d = b. Set end and over where that fails. */
gkt_status gkt_newton_prepare(gkt_newton *) GKT_MUST_CHECK;
gkt_status gkt_newton_step(gkt_newton *) GKT_MUST_CHECK;
bool gkt_newton_rows_are_rounding(const gkt_newton *);               /* is every |F_i|? */
gkt_status gkt_newton_floor(gkt_newton *, bool anew) GKT_MUST_CHECK; /* with the system's magnitude, where it gives one */
bool gkt_newton_is_rounding(const gkt_newton *);                     /* is ||F|| no more than what rounding leaves? */
/* newton_search.c: u += lambda d, f and norm follow; or end and over. */
gkt_status gkt_newton_search(gkt_newton *) GKT_MUST_CHECK;
/* newton.c: one load step by SNES, from u. The result is in end. */
gkt_status gkt_newton_solve(gkt_newton *) GKT_MUST_CHECK;

/* Callbacks and linear solves run with the caller's threads; PETSc around them with one. */
#define GKT_OUTSIDE(newton, statement)            \
  do {                                            \
    omp_set_num_threads((newton)->petsc.threads); \
    statement;                                    \
    omp_set_num_threads(1);                       \
  } while (0)
#endif
