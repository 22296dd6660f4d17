/* Inside of one linear solve. Not installed. */
#ifndef GKT_SOLVERS_LINEAR_H
#define GKT_SOLVERS_LINEAR_H
#include "galerkit/solver.h"
#include "solvers/petsc.h"

/* ---- blocks.c: the fields of a system ---- */
/* The table; of one field it has one row, made in *one. */
const gkt_block_facts *gkt_facts_blocks(const gkt_system_facts *, gkt_idx num_rows, gkt_block_facts *one, int *count);
gkt_status gkt_facts_check(gkt_context *, const gkt_system_facts *, gkt_idx num_rows) GKT_MUST_CHECK;

/* ---- matrix.c: our CSR and what is known of it, as PETSc sees it ---- */
typedef struct {
  const gkt_csr *A;
  Mat mat;                      /* its entries, for preconditioners and factors */
  Mat product;                  /* y = A x, for the iteration (multiply.c) */
  int threads;                  /* of the product */
  MatNullSpace near_null, null; /* NULL: none */
  int num_null;                 /* vectors of the kernel, found by multiplying */
  PetscInt *offsets, *cols;     /* copies, only where PetscInt is not 32-bit */
} gkt_petsc_matrix;
/* A outlives, its arrays are used in place; *out stays where it is. */
gkt_status gkt_petsc_matrix_create(gkt_petsc *, const gkt_csr *, const gkt_system_facts *, gkt_petsc_matrix *out) GKT_MUST_CHECK;
gkt_status gkt_petsc_product_create(gkt_petsc *, gkt_petsc_matrix *) GKT_MUST_CHECK;                          /* multiply.c: ->product */
gkt_status gkt_petsc_matrix_update(gkt_petsc *, const gkt_system_facts *, gkt_petsc_matrix *) GKT_MUST_CHECK; /* the values of A are others */
void gkt_petsc_matrix_destroy(gkt_petsc_matrix *);                                                            /* zeroed is fine */

/* Constants of each component, then rotations if the facts name them: [num_rows], of length 1, 0 on constrained dofs. */
enum { GKT_MAX_MODES = 12 }; /* 9 components at most, and 3 rotations */
int gkt_num_modes(const gkt_system_facts *);
/* Mode m at a point x [3], not scaled: the constant of component m, then rotations in the planes (0,1), (1,2), (0,2). */
double gkt_mode_value(int m, int block, int component, const double *x);
void gkt_mode(const gkt_csr *, const gkt_system_facts *, int mode, gkt_scalar *out);
bool gkt_is_in_kernel(const gkt_csr *, const gkt_scalar *m); /* ||A m|| <= 1e-10 || |A||m| ||: far above rounding, far below any physical stiffness */

/* ---- choose.c: method and preconditioner by the facts ---- */
enum { GKT_DIRECT_BELOW = 20000 }; /* dofs under which AUTO factorizes where nothing speaks for less or more: choose.c */
typedef struct {
  const char *options; /* PETSc options that make the choice */
  bool direct, amg;
  bool tried_direct, tried_gmres; /* by this choice or by one it replaces */
  char why[256];
} gkt_linear_choice;
/* named: the user's PETSc options name a method or a preconditioner, so AUTO leaves room for them: it stays iterative. */
void gkt_linear_choose(gkt_linear_method, bool named, const gkt_system_facts *, gkt_idx num_rows, gkt_linear_choice *out);
/* What to try after `failed` did not converge for `reason` (a clause), nothing twice; false: nothing is left. */
bool gkt_linear_fall_back(const gkt_linear_choice *failed, const char *reason, const gkt_system_facts *, gkt_idx num_rows, gkt_linear_choice *out);

/* ---- pieces.c ---- */
typedef struct gkt_pieces {
  gkt_idx count, *of;      /* of [num_rows]: number of the piece; -1: constrained */
  gkt_idx *offsets, *dofs; /* of piece c: dofs[offsets[c] .. offsets[c+1]-1], ascending */
} gkt_pieces;
gkt_status gkt_pieces_create(gkt_context *, const gkt_csr *, const bool *constrained, gkt_pieces *out) GKT_MUST_CHECK;
void gkt_pieces_destroy(gkt_pieces *);

/* ---- scales.c ---- */
typedef struct {
  double *rows, *cols; /* [num_rows]: r_i a_ij c_j has no unit and entries up to 1 */
} gkt_scales;
gkt_status gkt_scales_create(gkt_context *, const gkt_csr *, gkt_scales *out) GKT_MUST_CHECK;
void gkt_scales_fit(const gkt_csr *, gkt_scales *, double *rows, double *cols); /* to other values, from where they are; rows, cols [num_rows] are work */
void gkt_scales_destroy(gkt_scales *);

/* ---- residual.c ---- */
typedef struct {
  double residual, right, floor; /* over free dofs: ||b-Ax||, ||b||, 10 eps || |A||x|+|b| || */
  double scaled;                 /* gkt_linear_report.scaled_residual */
  double worst;                  /* the largest |b-Ax|_i / (eps (|A||x|+|b|)_i) */
  bool is_rounding;              /* ||b-Ax|| <= 10 eps || |A||x|+|b| || on each piece, as it is and scaled */
} gkt_true_residual;
/* x = b/diagonal on constrained dofs: their rows hold nothing else. */
void gkt_solve_constrained(const gkt_csr *, const bool *constrained, const gkt_scalar *b, gkt_scalar *x);

/* As PETSc's versions type them. */
typedef PetscErrorCode gkt_ksp_test(KSP, PetscInt, PetscReal, KSPConvergedReason *, void *);
#if PETSC_VERSION_LT(3, 23, 0)
typedef PetscErrorCode gkt_ksp_destroy(void *);
#else
typedef PetscErrorCode gkt_ksp_destroy(void **);
#endif
/* ---- a solver, with the right-hand side at work (linear.c), and the method it set up (method.c) ---- */
typedef struct {
  double first, before, best; /* residuals: at the start, the least up to the last look, the least */
  double rtol;
  int limit; /* of iterations */
  bool hopeless;
} gkt_progress;
typedef struct gkt_linear_solver {
  gkt_petsc petsc;
  gkt_petsc_options options;
  gkt_petsc_matrix matrix;
  KSP ksp;
  const gkt_csr *A;
  const gkt_system_facts *facts;
  gkt_linear_options asked;
  const gkt_scalar *b;
  gkt_scalar *x, *r, *d; /* [num_rows] solution, residual, correction */
  gkt_pieces pieces;
  gkt_scales scales;
  struct gkt_piece_size *sizes; /* [pieces.count] work of residual.c */
  gkt_linear_choice choice;
  gkt_linear_report *report;
  double right;                          /* ||b|| on free dofs */
  double unit;                           /* of the residuals that the method sees */
  bool cancelled;                        /* by progress, in this call */
  bool changed;                          /* the values of A, since PETSc saw them */
  bool stale;                            /* ksp is of the values before */
  bool chosen;                           /* a method; not where nothing served the last solve */
  bool keeps;                            /* ksp has something of other values: it was set up for them first */
  int first_iterations, last_iterations; /* of the method when it was set up without anything kept, and now */
  bool defers, owes;              /* Newton's method asks once, at its end: to learn by an iteration whether A is singular takes two more runs of it; that is still to be done */
  gkt_scalar *weak;               /* [num_rows] what the A before mapped closest to zero, by its factor; NULL: not known */
  bool begun;                     /* options are read, the matrix is PETSc's as well */
  bool warned;                    /* of options that nothing used */
  bool inspected;                 /* it is known whether A is singular, beyond the kernel that the facts give */
  bool regular;                   /* proven to be, whatever rounding leaves of it */
  bool singular, ill_conditioned; /* found so: nothing is solved any more */
  double condition;
  gkt_idx free_dof;
  KSPConvergedReason reason; /* of the last pass */
  bool may_give_up;          /* another method stands ready */
  gkt_progress pace;
  struct {
    gkt_ksp_test *test; /* PETSc's, or what the user's options made of it */
    void *context;
    gkt_ksp_destroy *destroy;
  } own;
  gkt_status watch_status; /* failure in the monitor, which PETSc cannot carry */
} gkt_solve;
/* r = b - A x on free dofs, 0 on constrained ones; load: as in the options, may be NULL. */
gkt_true_residual gkt_residual(gkt_solve *, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_scalar *r);
gkt_status gkt_residual_create(gkt_solve *) GKT_MUST_CHECK; /* its work */
gkt_status gkt_residual_update(gkt_solve *) GKT_MUST_CHECK; /* the values of A are others; overwrites r and d */
bool gkt_pieces_clear(const gkt_solve *, gkt_scalar *x);    /* x = 0 on pieces without a right-hand side, as of the last residual; was it another? */
/* Each piece of v to a length near 1 by a power of two, so that no inner product of the method overflows and none of the pieces is lost beside another; ||v|| before over after. */
double gkt_pieces_normalize(gkt_solve *, gkt_scalar *v);
void gkt_pieces_restore(const gkt_solve *, gkt_scalar *v);                             /* the solution for v gets the sizes back */
gkt_status gkt_linear_solver_inspect(gkt_solve *, gkt_linear_report *) GKT_MUST_CHECK; /* linear.c: what it owes, by A as it is now */
/* The user's options, once; -ksp_rtol and -ksp_max_it among them replace what was asked. */
gkt_status gkt_method_read_options(gkt_solve *) GKT_MUST_CHECK;
gkt_status gkt_method_set_up(gkt_solve *) GKT_MUST_CHECK;         /* s->ksp for s->choice */
gkt_status gkt_method_renew(gkt_solve *) GKT_MUST_CHECK;          /* s->ksp for the values that A has now */
gkt_status gkt_method_describe(gkt_solve *) GKT_MUST_CHECK;       /* report->method, ->why */
gkt_status gkt_method_watch(gkt_solve *, bool on) GKT_MUST_CHECK; /* history and progress */
void gkt_method_take_down(gkt_solve *);
bool gkt_method_keeps_grids(gkt_solve *); /* coarse ones, when values change */
/* Singular, though the facts do not say so? Each of these sets s->singular or s->ill_conditioned, s->condition, s->free_dof, and overwrites r and d. */
/* modes.c, before solving: a row or a column of zeros; constants and rigid motions of a piece. Sets s->regular where the facts prove that there is nothing else. */
gkt_status gkt_find_free_modes(gkt_solve *) GKT_MUST_CHECK;
/* singular.c, after solving: anything else, by the factor that solved; by one of its own where that failed; by a second run of the iterative method. */
gkt_status gkt_inspect_factor(gkt_solve *) GKT_MUST_CHECK;
gkt_status gkt_inspect_shifted(gkt_solve *) GKT_MUST_CHECK;
gkt_status gkt_inspect_iteration(gkt_solve *) GKT_MUST_CHECK;
/* A d = r to rtol; r is scaled. Adds to report->iterations and ->history. */
gkt_status gkt_method_correct(gkt_solve *, double rtol, int max_iterations) GKT_MUST_CHECK;
gkt_status gkt_method_energy_error(gkt_solve *) GKT_MUST_CHECK;     /* report->energy_error; overwrites d */
bool gkt_can_factorize(const gkt_system_facts *, gkt_idx num_rows); /* choose.c: does memory allow it? */
#endif
