/* Linear and nonlinear systems by PETSc. Sees matrices, vectors, facts and callbacks, never forms. One thread
   at a time is inside of PETSc, others wait. While one is, OpenMP in that thread and OpenBLAS in the whole
   process have one thread, so that results do not depend on their number; products with the matrix use the
   context's threads. */
#ifndef GALERKIT_SOLVER_H
#define GALERKIT_SOLVER_H
#include "galerkit/vector.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Word of problem files; PETSc's KSP type ("": chosen, or a factor alone); name in reports. What
 * preconditioners go with each: solvers/choose.c. */
#define GKT_LINEAR_METHOD_LIST(X)                                                     \
  X(GKT_LINEAR_AUTO, "auto", "", "AUTO") /* by the facts, see docs/problem-file.md */ \
  X(GKT_LINEAR_DIRECT, "direct", "", "factor")                                        \
  X(GKT_LINEAR_CG, "cg", "cg", "CG")                                                  \
  X(GKT_LINEAR_GMRES, "gmres", "gmres", "GMRES")                                      \
  X(GKT_LINEAR_BICGSTAB, "bicgstab", "bcgs", "BiCGSTAB")                              \
  X(GKT_LINEAR_MINRES, "minres", "minres", "MINRES")
typedef enum {
#define X(name, word, type, title) name,
  GKT_LINEAR_METHOD_LIST(X)
#undef X
      GKT_NUM_LINEAR_METHODS
} gkt_linear_method;
/* Is this what stands on a PETSc command line, names with at most one value each? GKT_BAD_INPUT: which word
   is none. What PETSc makes of the names is known when they are used. NULL: nothing, which is fine. */
GKT_API gkt_status gkt_petsc_options_check(gkt_context *, const char *text) GKT_MUST_CHECK;
/* Likewise of values, as far as a linear solver of PETSc reads them before it has a matrix: GKT_BAD_INPUT,
   with the option in the message. It starts PETSc. What only a solve tells, as of a package that has no such
   factor, a solve refuses by the like message. */
GKT_API gkt_status gkt_petsc_options_try(gkt_context *, const char *text) GKT_MUST_CHECK;
typedef struct {
  gkt_linear_method method; /* default AUTO */
  double rtol; /* bound on the true residual over free dofs, `residual` and `scaled_residual` of the report;
                  default 1e-10 */
  int max_iterations;        /* default 0: 1000, and 10000 without AMG */
  const char *petsc_options; /* as on a PETSc command line, without prefix; NULL: none. Options given win over
                                the choice. Unused ones are logged as warnings */
  const gkt_scalar *load; /* [num_rows] what b is without the jumps of conditions, which may hide it: judged
                             by itself; for one right-hand side; NULL: b is judged as it is */
  bool repeated;          /* one of several solves with these options: unused ones were reported before */
  /* residual: relative. false: stop, as soon as the method can; then report->cancelled. NULL: none */
  bool (*progress)(void *user, int iteration, double residual);
  void *progress_user;
} gkt_linear_options;
typedef struct {
  bool converged;
  bool cancelled;   /* options.progress said so: never converged, x is the last iterate */
  bool at_rounding; /* accepted because in every row |b-Ax| <= 10 eps (|A||x|+|b|) (1e4 eps if not direct, and
                     * 10 eps of its lengths), where the length of that bound is below ||b|| (1e-6 ||b|| if
                     * not direct)
                     */
  bool singular; /* though the facts do not say so: solutions are not unique or do not exist; never converged
                  */
  bool ill_conditioned; /* so that rounding leaves no digit: condition > 5e13; never converged */
  /* if singular or ill_conditioned: where a vector w with A w = 0 (to rounding) is largest */
  gkt_idx free_dof;
  int iterations;
  double residual; /* true, relative, recomputed: ||b-Ax||_2/||b||_2 on free dofs */
  /* the same in a norm in which every row counts: the largest over the connected pieces of the graph of A of
   * ||b-Ax||/||b|| there, as it is and with each row divided by its diagonal, or what stands for it where
   * that is next to nothing; ||b|| without the jumps of conditions where options.load is given, down to 1e-3
   * of them */
  double scaled_residual;
  double condition;    /* || |A||w| || / || A w ||, rows and columns scaled, for the w that inverse iteration
                          with the factor finds: a lower bound; 0: not known */
  double energy_error; /* sqrt(r'Pr/l) / sqrt(x'Ax), r = b-Ax, P the factor's inverse or the preconditioner, l
                          the least eigenvalue of PA that CG saw: how far x is off in the energy norm.
                          Positive systems only; 0: not known */
  double setup_seconds, solve_seconds;
  double setup_cpu_seconds, solve_cpu_seconds; /* of all threads */
  int setups; /* preconditioners or factors made from the values of A, 0 where one of before served */
  int kept; /* of these, those that kept the method of before, and what comes from the pattern alone: PETSc's
               objects, orderings, symbolic factors */
  int factorizations; /* sparse factors, with those that only tell what is singular */
  char *options;      /* PETSc options that the choice consists of, without those given; NULL where nothing
                         was to be solved; free with gkt_linear_report_clear */
  char method[128];   /* "CG + GAMG (rigid-body modes)" */
  char why[256];      /* "symmetric and positive (proven), 204,312 dofs" */
  int num_history;
  double *history; /* [num_history] relative residuals as the method saw them; free with
                      gkt_linear_report_clear */
} gkt_linear_report;
GKT_API gkt_linear_options gkt_linear_options_default(void);
/* Solves A x = b from the guess in x; x is written also without convergence, which is a result, not a
 * failure: read report->converged. */
GKT_API gkt_status gkt_linear_solve(gkt_context *, const gkt_csr *A, const gkt_system_facts *,
                                    const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *,
                                    gkt_linear_report *report) GKT_MUST_CHECK;
GKT_API void gkt_linear_report_clear(gkt_linear_report *);
/* ---- many right-hand sides: preconditioner or factor are made once, for the first that is not zero, and
 * made anew only where AUTO falls back to another method ---- */
typedef struct gkt_linear_solver gkt_linear_solver;
/* A, facts and all that they and the options point to outlive the solver, but for petsc_options, which are
 * copied; the values of A stay as they are until gkt_linear_solver_update says otherwise. Where A stands on
 * the device, right-hand sides, solutions and options.load do, and facts on the host; CG, GMRES and BiCGSTAB
 * then run there, by Jacobi's preconditioner, and AUTO takes one of them where it would not take a factor.
 * What the host alone can do brings the matrix there, which report.why says. */
GKT_API gkt_status gkt_linear_solver_create(gkt_context *, const gkt_csr *A, const gkt_system_facts *,
                                            const gkt_linear_options *,
                                            gkt_linear_solver **out) GKT_MUST_CHECK;
GKT_API void gkt_linear_solver_destroy(gkt_linear_solver **);
/* The values of A have changed, its pattern and all else has not: preconditioner or factor are made anew by
   the next solve, which keeps PETSc's objects, orderings and symbolic factors, and begins with the method
   that served last. What was found singular is looked at anew. GKT_BAD_INPUT: a value that is not finite; to
   be called again once it is. */
GKT_API gkt_status gkt_linear_solver_update(gkt_linear_solver *) GKT_MUST_CHECK;
/* A x_s = b_s for s < count, one after the other, x_s from the guess in it: b_s = b + s * stride, x_s = x + s
   * stride, stride from num_rows. reports [count], as of gkt_linear_solve; setup_seconds is 0 where nothing
   was set up. What is cancelled ends the call: the x_s after it stay as they are, their reports say
   cancelled. */
GKT_API gkt_status gkt_linear_solver_solve(gkt_linear_solver *, int count, gkt_size stride,
                                           const gkt_scalar *b, gkt_scalar *x,
                                           gkt_linear_report *reports) GKT_MUST_CHECK;
/* A' x_s = b_s by what serves A: preconditioner or factor are those of gkt_linear_solver_solve, made by
   whichever call comes first; where they have no transpose (by fields, some of hypre) or fail, A' gets a
   method of its own. Residuals are true ones, of A'; options.load is not looked at. Of a matrix that is
   solved on the device, and is not symmetric, A' is made there, once for its pattern, and its values anew
   with those of A. */
GKT_API gkt_status gkt_linear_solver_solve_transposed(gkt_linear_solver *, int count, gkt_size stride,
                                                      const gkt_scalar *b, gkt_scalar *x,
                                                      gkt_linear_report *reports) GKT_MUST_CHECK;
/* ---- what a system leaves undetermined: constants of components without a condition, rigid motions where
   the facts of a block name them, and combinations of these over blocks. Found by multiplying with A, row by
   row: |A z| <= 1e-10 |A||z|, or what is rounding beside the other entries of the row. ---- */
typedef struct {
  gkt_idx num_rows;
  int count, num_left; /* of the vectors z with A z = 0, and with A' z = 0 */
  /* [count][num_rows], [num_left][num_rows]: independent, as plain as can be (1 on one component of one
     block, where there is such a one), 0 on constrained dofs; the same array where A is symmetric */
  gkt_scalar *right, *left;
  int *right_blocks, *left_blocks; /* the block in which each is largest, by the units of the blocks */
} gkt_null_space;
/* facts->singular is not looked at. GKT_OK with a count of 0: there is none of these. */
GKT_API gkt_status gkt_null_space_find(gkt_context *, const gkt_csr *A, const gkt_system_facts *,
                                       gkt_null_space **out) GKT_MUST_CHECK;
GKT_API void gkt_null_space_destroy(gkt_null_space **);
/* A x = b has a solution only where z'b = 0 for all z of the left kernel: the largest |z'b| / |z|'|b|. */
typedef struct {
  int vector;         /* of `left`; -1: none, or b is 0 */
  int block;          /* left_blocks[vector] */
  double total, size; /* z'b, |z|'|b| */
} gkt_imbalance;
GKT_API gkt_imbalance gkt_null_space_imbalance(const gkt_null_space *, const gkt_scalar *b);
/* v without its part in the kernel: of A' for right-hand sides (left), of A for solutions. */
GKT_API void gkt_null_space_project(const gkt_null_space *, bool left, gkt_scalar *v);
/* ---- nonlinear systems: R(u) = 0 on free dofs, u = g on constrained ones, by Newton's method on PETSc's
   SNES ---- Step: A d = -R(u) with d = g - u on constrained dofs, so that the rest moves along with them at
   first order. Each step is tried at full length first, or at what the steps before promise, and cut back by
   a rule of acceptance (gkt_acceptance); a trial that is not finite or not admissible is cut back by every
   rule. While constrained dofs are on their way the natural test judges them as well; the other rules take
   any finite and admissible trial. Load steps: step s of n solves R(u) = (1-t) R(u_0), u = (1-t) u_0 + t g on
   constrained dofs, t = s/n; from two steps on, one that fails is halved, to a 16th at most. */
/* A parameter t of R that is sought as well, R(u, t) = 0, on the plane through the guess in which all steps
   (d, dt) then lie: plane . d + plane_t dt = 0. So paths of solutions go past points where they turn back in
   t (Keller, in Applications of Bifurcation Theory, Academic Press 1977, 359-384). Each step is one factor
   and two right-hand sides. Constrained dofs are functions of t, and not on their way. */
typedef struct {
  void *user;
  /* R is asked for at this t from here on; constrained dofs of u get their values there */
  gkt_status (*move)(void *user, double t, gkt_vector *u);
  /* out = dR/dt + A dg/dt on free dofs, dg/dt on constrained ones, g the values of constrained dofs; A: all
     rows and columns, at u */
  gkt_status (*slope)(void *user, const gkt_vector *u, const gkt_csr *A, gkt_vector *out);
  const gkt_vector *plane; /* [n] 0 on constrained dofs */
  double plane_t;
  double scale;  /* of t in lengths of steps, sqrt(||d||^2 + (scale dt)^2): that of ||du/dt|| */
  double length; /* rtol is relative to what a change of t by this is as a load, where that is more than R of
                    the guess */
  double *t;     /* of the guess, then of the solution */
} gkt_nonlinear_path;
typedef struct {
  void *user; /* vectors [n] stand where A does: all on the host, or all on the device */
  /* r = R(u); rows of constrained dofs are not looked at */
  gkt_status (*residual)(void *user, const gkt_vector *u, gkt_vector *r);
  /* A = dR/du at u, all rows and columns */
  gkt_status (*tangent)(void *user, const gkt_vector *u, gkt_csr *A);
  /* constrained rows and columns to zero but for a diagonal */
  gkt_status (*eliminate)(void *user, gkt_csr *A);
  /* m = what R(u) was summed from, without signs: 10 eps ||m|| is its rounding. NULL: || |A||u| + |Au-R| ||
   * is taken for ||m||, which knows nothing of sums within a point */
  gkt_status (*magnitude)(void *user, const gkt_vector *u, gkt_vector *m);
  const gkt_vector *values; /* g on constrained dofs; NULL where none are constrained */
  /* May Newton's method go to u? Where not, a trial is cut back like one that is not finite: an elastic body
     turned inside out has finite residuals, too. Not asked of the guess. NULL: to all. */
  gkt_status (*is_admissible)(void *user, const gkt_vector *u, bool *admissible);
  /* E(u), of which R(u) is the derivative by free dofs. NULL: there is none. */
  gkt_status (*energy)(void *user, const gkt_vector *u, double *energy);
  const gkt_nonlinear_path *path; /* on the host, in one load step, without an energy; NULL: t is given */
} gkt_nonlinear_system;
/* When a part lambda of a step d is taken. */
typedef enum {
  GKT_ACCEPT_AUTO,     /* ENERGY where the system has one, else NATURAL */
  GKT_ACCEPT_ENERGY,   /* E falls by a part of what its slope along d promises (Armijo; close to a minimum,
                          where rounding hides that, by the slope: Hager and Zhang 2005). NATURAL where
                          d leads uphill */
  GKT_ACCEPT_NATURAL,  /* the next correction by the same tangent is shorter: ||d'|| <= (1 - lambda/4) ||d||
                          (Deuflhard 2011, section 3.3, with his damping); a second solve by what was set
                          up for d */
  GKT_ACCEPT_RESIDUAL, /* ||R||_2 over free dofs falls (Armijo). Slender bodies never get there: to bend they
                          must stretch first, and ||R|| rises by powers of ten */
  GKT_ACCEPT_FULL      /* lambda is 1 wherever that leads to finite values and an admissible u */
} gkt_acceptance;
typedef struct {
  /* ||R||_2 <= rtol * first and scaled_residual <= rtol, or ||R||_2 <= atol, in each load step; default 1e-10
     and 0. first: of A d = -R(u), the right-hand side with the jumps of conditions. As a far guess makes it
     large, rtol ends Newton's method only where the next correction, estimated as the last one times what the
     residual gained by it, is below 1e-6 ||u||, and where one of the last two steps gained two digits; where
     none ever does, what is left of the iterations is used. */
  double rtol, atol;
  int max_iterations;    /* of each load step; default 30 */
  int load_steps;        /* from 1; default 1 */
  gkt_acceptance accept; /* default AUTO */
  /* With NATURAL and a factor: a full step is followed by simplified ones, corrections by the factor that is
     there, as long as each is at most a tenth of the one before. A solve and a residual each, for a digit,
     where another tangent and its factor cost several; default false */
  bool simplified;
  /* Of the system of each step. PETSc options that begin with -snes_ are of Newton's method: -snes_type,
     -snes_linesearch_type and -snes_monitor mean what they do in PETSc, our rules of acceptance are line
     searches gkt_energy .. gkt_full there; PETSc's see constrained dofs with the equation w (u - g) = 0.
     -snes_rtol, _atol, _max_it replace the above.
   */
  gkt_linear_options linear;
  /* residual: relative to first. false: stop, as soon as the method can, as with `linear.progress`; then
   * report->cancelled. NULL: none */
  bool (*progress)(void *user, int iteration, double load, double residual);
  void *progress_user;
} gkt_nonlinear_options;
typedef enum {
  GKT_NEWTON_CONVERGED,        /* also at_rounding */
  GKT_NEWTON_ITERATIONS,       /* used up */
  GKT_NEWTON_STALLED,          /* no part of the step is accepted */
  GKT_NEWTON_NO_FINITE_TRIAL,  /* no part of the step leads to finite residuals */
  GKT_NEWTON_NOT_ADMISSIBLE,   /* nor to an admissible u */
  GKT_NEWTON_SINGULAR,         /* the tangent is: linear.free_dof says where */
  GKT_NEWTON_LINEAR,           /* the linear solver gave nothing to go on with */
  GKT_NEWTON_START_NOT_FINITE, /* R(u_0) */
  GKT_NEWTON_TANGENT_NOT_FINITE,
  GKT_NEWTON_CANCELLED /* by a progress call */
} gkt_newton_end;
typedef struct { /* one try to solve one load step */
  double load;   /* t */
  gkt_newton_end end;
  bool at_rounding;
  int iterations, begin, count; /* its residuals are history[begin .. begin+count-1] */
} gkt_load_step;
/* Of the energy, by the number of negative pivots of the tangent's factor LDL'. */
typedef enum {
  GKT_STATIONARY_UNKNOWN, /* no energy, no such factor, or a tangent that becomes singular */
  GKT_STATIONARY_MINIMUM,
  GKT_STATIONARY_SADDLE,
  GKT_STATIONARY_MAXIMUM
} gkt_stationary;
typedef struct {
  bool converged;
  bool cancelled;   /* by a progress call: never converged, u is the last iterate */
  bool at_rounding; /* the last load step was accepted because ||R|| <= 10 eps ||m||, see gkt_nonlinear_system
                     */
  gkt_newton_end end; /* of the last load step tried */
  double load;        /* t that was reached */
  int iterations;     /* linear systems solved, over all load steps */
  double first;       /* of the last load step */
  double residual;    /* ||R||/first at the end */
  /* The same in a norm in which every row counts: the largest over the connected pieces of A's pattern of
     ||R||/first there, as it is and with each row divided by its diagonal, where `first` is taken without the
     jumps of conditions, down to 1e-3 of them. A row that a penalty or a stiff neighbour would hide in ||R||
     shows here. */
  double scaled_residual;
  int linear_iterations; /* of all solves, with those of the natural test */
  /* what accepted steps: "energy", "natural", or the name of PETSc's line search or method */
  char accept[32];
  gkt_stationary stationary;
  int num_negative;                    /* directions in which the energy falls from a SADDLE or MAXIMUM */
  double setup_seconds, solve_seconds; /* of all linear solves */
  double setup_cpu_seconds, solve_cpu_seconds;
  int setups, kept, factorizations; /* likewise */
  gkt_linear_report linear;         /* of the last one */
  int num_steps, num_history;
  gkt_load_step *steps; /* [num_steps] */
  double *history; /* [num_history] ||R|| on free dofs; where conditions jump, the first of a load step is
                      `first` */
} gkt_nonlinear_report;
GKT_API gkt_nonlinear_options gkt_nonlinear_options_default(void);
/* From the guess in u to the solution, in place. A: a matrix with the tangent's pattern. A, u and
   system->values stand in one place. Without convergence,
   a result and not a failure, u is the last state of which the residual is finite. facts hold for the tangent
   at every u. */
GKT_API gkt_status gkt_nonlinear_solve(gkt_context *, const gkt_nonlinear_system *, const gkt_system_facts *,
                                       gkt_csr *A, gkt_vector *u, const gkt_nonlinear_options *,
                                       gkt_nonlinear_report *report) GKT_MUST_CHECK;
GKT_API void gkt_nonlinear_report_clear(gkt_nonlinear_report *);
GKT_API const char *gkt_petsc_version(void); /* of the library linked: "3.18.5" */

/* ---- what a device would do ---- */
/* y = A x, in the layout that the device would choose, and one iteration of CG by Jacobi's preconditioner, on
   an NVIDIA GPU by a model (gkt_gpu_prediction); architecture: 80, 90, 100. A on the host, whose entries'
   places are counted; instructions are not. */
GKT_API gkt_status gkt_linear_predict(gkt_context *, const gkt_csr *A, int architecture,
                                      gkt_gpu_prediction *product,
                                      gkt_gpu_prediction *iteration) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
