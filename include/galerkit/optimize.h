/* Optimizers over callbacks and arrays: minimize J(x) with bounds and inequality constraints. Nothing here
   knows a form or a system, so any program's functions will do; what a file or a system asks for is built on
   it. */
#ifndef GALERKIT_OPTIMIZE_H
#define GALERKIT_OPTIMIZE_H
#include "galerkit/core.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Word; takes bounds; takes constraints; needs Hessian actions.
   lmvm          quasi-Newton, limited memory
   blmvm         the same with bounds: Benson and More, Argonne ANL/MCS-P909-0901 (2001)
   bnls          Newton-Krylov with bounds, line search
   bntr          Newton-Krylov with bounds, trust region
   gauss-newton  J = |r|^2/2 of residuals r, steps by bnls (BRGN); or, without `residual`, bnls with a
                 `hessian` that is one of Gauss-Newton's kind
   These five are PETSc's TAO. mma, gcmma, oc know constraints:
   mma           moving asymptotes with limited moves: Svanberg, Int. J. Numer. Meth. Engng 24 (1987); no
                 decrease is guaranteed; bounds on both sides of every variable; a step to where something is
                 no number is halved, ten times at most
   gcmma         the globally convergent one: Svanberg, SIAM J. Optim. 12 (2002), by NLopt; its iterates are
                 the trials that are better than all before: feasible and of smaller J, or, before there is a
                 feasible one, less violated
   oc            optimality criteria: one constraint that grows with every variable, x > 0 where it is to
                 move; Bendsoe and Sigmund, Topology Optimization (Springer 2003), section 1.2 */
#define GKT_OPTIMIZER_LIST(X)                            \
  X(GKT_OPTIMIZER_LMVM, "lmvm", 0, 0, 0)                 \
  X(GKT_OPTIMIZER_BLMVM, "blmvm", 1, 0, 0)               \
  X(GKT_OPTIMIZER_BNLS, "bnls", 1, 0, 1)                 \
  X(GKT_OPTIMIZER_BNTR, "bntr", 1, 0, 1)                 \
  X(GKT_OPTIMIZER_GAUSS_NEWTON, "gauss-newton", 1, 0, 0) \
  X(GKT_OPTIMIZER_MMA, "mma", 1, 1, 0)                   \
  X(GKT_OPTIMIZER_GCMMA, "gcmma", 1, 1, 0)               \
  X(GKT_OPTIMIZER_OC, "oc", 1, 1, 0)
typedef enum {
#define X(name, word, bounds, constraints, hessian) name,
  GKT_OPTIMIZER_LIST(X)
#undef X
      GKT_NUM_OPTIMIZERS
} gkt_optimizer;
/* GKT_BAD_INPUT: no such word, and which is near. */
GKT_API gkt_status gkt_optimizer_read(gkt_context *, const char *word, gkt_optimizer *out) GKT_MUST_CHECK;
GKT_API const char *gkt_optimizer_word(gkt_optimizer);

/* Arrays outlive the call. A callback that fails ends it with its status. Where J, a constraint or a
   derivative is not finite the step is made shorter (bntr: not where J is finite); mma and oc, which do not
   search, end with the iterate before. Gradients, actions and residuals are zero on entry, so that += serves.
   All but `value` are asked for only where `value` was asked for last, and is finite. */
typedef struct {
  void *user;
  gkt_size num;                    /* of variables */
  const gkt_scalar *lower, *upper; /* [num] bounds; infinite: none there; NULL: none at all */
  /* [num] positive: the inner product of the variables is the sum of weights x y, as lumped masses of the
     space that a function lives in. Methods then see functions and not their dofs, so that numbers of
     iterations do not depend on the mesh. NULL: all 1 */
  const gkt_scalar *weights;
  int num_constraints;
  const char *const *constraint_names; /* [num_constraints] for messages; NULL: numbers from 1 */
  /* [num_constraints]: lower <= c(x) <= upper; infinite: none there; NULL: none on that side */
  const gkt_scalar *constraint_lower, *constraint_upper;
  /* J and c [num_constraints] at x [num] */
  gkt_status (*value)(void *user, const gkt_scalar *x, gkt_scalar *objective, gkt_scalar *constraints);
  /* dJ/dx [num]; jacobian [num_constraints][num] */
  gkt_status (*gradient)(void *user, const gkt_scalar *x, gkt_scalar *gradient, gkt_scalar *jacobian);
  /* out [num] = H direction; of bnls and bntr; of gauss-newton without residuals */
  gkt_status (*hessian)(void *user, const gkt_scalar *x, const gkt_scalar *direction, gkt_scalar *out);
  /* of gauss-newton, may be in place of value, gradient and hessian: r [num_residuals]; dr/dx direction; its
     transpose times w [num_residuals] */
  gkt_size num_residuals;
  gkt_status (*residual)(void *user, const gkt_scalar *x, gkt_scalar *r);
  gkt_status (*tangent)(void *user, const gkt_scalar *x, const gkt_scalar *direction, gkt_scalar *out);
  gkt_status (*transposed)(void *user, const gkt_scalar *x, const gkt_scalar *w, gkt_scalar *out);
} gkt_optimize_problem;

/* What is known at an iterate. gradient_norm: of the gradient of the Lagrangian, without what bounds hold, in
   the dual of the inner product, so sqrt(sum g^2/weights), and of what a constraint c with the multiplier m
   and the distance d from its limit keeps J from, m d / L for each, L a tenth of a change of the variables by
   their own size along the gradient of J. Multipliers, none of the wrong sign, are those that make it
   smallest: 0 of all that are far from their limits, and it vanishes where the conditions of Karush, Kuhn and
   Tucker hold. */
typedef struct {
  int iteration; /* 0: the start */
  double objective, gradient_norm;
  double violation; /* of the constraint that is violated most, by the size of its limit; of a limit of 0 by
                       that of c and its variable part at the start, max(|c|, sum |dc/dx x|), or, where both
                       are rounding beside what bounds allow, by a thousandth of that */
  double change;    /* largest, of a variable since the iterate before */
  double seconds;   /* since the start of the call */
} gkt_iterate;

typedef struct {
  gkt_optimizer method; /* default BLMVM */
  int max_iterations;   /* default 100 */
  double tolerance;     /* of gradient_norm, relative to that of the start; default 1e-6; 0: not looked at */
  double
      change; /* stop where `change` is at most this, in units of the variables; default 0: not looked at */
  double feasibility; /* violation that counts as none; default 1e-6 */
  double move;    /* of mma, oc: the largest change of a variable, as a part of upper - lower; default 0.2 */
  double damping; /* of oc: the exponent; default 0.5 */
  const char *petsc_options; /* of TAO's methods, as on a PETSc command line; NULL: none */
  /* At every iterate, the start included. seconds_left: of the iterations that may follow, at the pace so
     far. false: stop there, which is then `cancelled`. NULL: none */
  bool (*monitor)(void *user, const gkt_iterate *, double seconds_left, const gkt_scalar *x,
                  const gkt_scalar *constraints, gkt_size num_record, const gkt_scalar *record);
  void *monitor_user;
  /* A record that a monitor was given, of the same problem and options: the call goes on from there, in place
     of x. mma and oc with the bits of a run that was not interrupted; others begin their approximations
     anew. NULL: from x */
  const gkt_scalar *record;
  gkt_size num_record;
} gkt_optimize_options;
GKT_API gkt_optimize_options gkt_optimize_options_default(void);

typedef enum {
  GKT_OPTIMIZE_CONVERGED,    /* gradient_norm is as small as asked for, no constraint violated */
  GKT_OPTIMIZE_SMALL_CHANGE, /* likewise the change */
  GKT_OPTIMIZE_ITERATIONS,   /* as many as allowed */
  GKT_OPTIMIZE_STALLED, /* no step lessens J: rounding, J without a value beyond, or with a jump or a pole, or
                           a gradient that is not that of J; the reason says which */
  GKT_OPTIMIZE_INFEASIBLE, /* it came to rest where a constraint is violated: they contradict each other */
  GKT_OPTIMIZE_NOT_FINITE, /* J, a constraint or a gradient is not a number */
  GKT_OPTIMIZE_CANCELLED,  /* by the monitor */
  GKT_OPTIMIZE_UNBOUNDED   /* J fell by 1e10 times its size at the start, and its gradient did not vanish */
} gkt_optimize_end;
typedef struct {
  bool converged; /* CONVERGED or SMALL_CHANGE */
  gkt_optimize_end end;
  char reason[1024]; /* in words, with the constraint that is violated */
  bool at_rounding;  /* of STALLED without constraints: by J's curvature what is left to go is less
                        than 1e-8 of the size of the variables */
  bool falls;     /* likewise: a ten-thousandth of their size along its gradient J falls as that promises */
  int num_beyond; /* trials since the last iterate at which something is not a finite number: of STALLED they
                     are why no step was found, of NOT_FINITE where it ended */
  gkt_iterate last;           /* of x */
  int evaluations, gradients; /* calls of value (residual), gradient (transposed) */
  int actions;                /* of the Hessian, or of tangent and transposed in gauss-newton's steps */
  int num_constraints;
  double *constraints; /* [num_constraints] at x */
  double *
      multipliers; /* [num_constraints] of upper limits positive, of lower ones negative; of mma, gcmma, oc */
  int num_history;
  gkt_iterate *history;        /* [num_history] */
  double *history_constraints; /* [num_history][num_constraints] */
} gkt_optimize_report;
/* x [num]: the start, then the result. GKT_BAD_INPUT, before anything is evaluated: bounds the wrong way
   round, limits that contradict each other, a start outside of the bounds or not finite, a method that does
   not take what the problem has, numbers out of range; after the first evaluation: a start at which J is not
   a number, a constraint that oc does not serve. GKT_UNAVAILABLE: limits that are an equality. A start at
   which constraints are violated is logged as a warning. */
GKT_API gkt_status gkt_optimize(gkt_context *, const gkt_optimize_problem *, const gkt_optimize_options *,
                                gkt_scalar *x, gkt_optimize_report *report) GKT_MUST_CHECK;
GKT_API void gkt_optimize_report_clear(gkt_optimize_report *);
/* Refuses all that gkt_optimize refuses before anything is evaluated, and evaluates nothing. problem NULL: of
   the options alone, for whatever problem. option, which may be NULL: the one that is at fault, "method",
   "iterations", "tolerance", "change", "move", "damping", "feasibility" or "options"; NULL: none, or nothing
   is refused. */
GKT_API gkt_status gkt_optimize_check(gkt_context *, const gkt_optimize_problem *problem,
                                      const gkt_optimize_options *, const gkt_scalar *x,
                                      const char **option) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
