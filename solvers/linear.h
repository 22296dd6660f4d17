/* Inside of one linear solve. Not installed. */
#ifndef GKT_SOLVERS_LINEAR_H
#define GKT_SOLVERS_LINEAR_H
#include "galerkit/solver.h"
#include "solvers/petsc.h"

/* ---- scales.c ---- */
typedef struct gkt_scales {
  double *rows, *cols; /* [num_rows]: r_i a_ij c_j has no unit and entries up to 1 */
} gkt_scales;
gkt_status gkt_scales_create(gkt_context *, const gkt_csr *, const gkt_system_facts *, gkt_scales *out) GKT_MUST_CHECK;
void gkt_scales_fit(const gkt_csr *, const gkt_system_facts *, gkt_scales *, double *rows, double *cols); /* to other values; rows, cols [num_rows] are work */
void gkt_scales_destroy(gkt_scales *);

/* ---- blocks.c: the fields of a system ---- */
/* The table; of one field it has one row, made in *one. */
const gkt_block_facts *gkt_facts_blocks(const gkt_system_facts *, gkt_idx num_rows, gkt_block_facts *one, int *count);
gkt_status gkt_facts_check(gkt_context *, const gkt_system_facts *, gkt_idx num_rows) GKT_MUST_CHECK;
/* Fields have units of their own: L A R with L, R powers of two, constant on each block, has entries of like size in all blocks. Of one field they are 1. */
typedef struct {
  int *left, *right; /* [blocks] exponents of two, of rows and columns; 0 for the first block */
} gkt_units;
gkt_status gkt_units_create(gkt_context *, const gkt_system_facts *, gkt_idx num_rows, const gkt_scales *, gkt_units *out) GKT_MUST_CHECK;
void gkt_units_fit(const gkt_system_facts *, gkt_idx num_rows, const gkt_scales *, gkt_units *);
void gkt_units_destroy(gkt_units *);
void gkt_units_scale(const gkt_system_facts *, const int *exponents, int sign, gkt_scalar *v); /* v [rows] times 2^(sign exponent of its block) */

/* ---- matrix.c: our CSR and what is known of it, as PETSc sees it ---- */
typedef struct {
  const gkt_csr *A;
  const gkt_units *units;
  gkt_csr *packed;              /* packed.c; NULL: A itself, of one field */
  Mat mat;                      /* its entries, for preconditioners and factors */
  Mat product;                  /* y = A x, for the iteration (multiply.c) */
  int threads;                  /* of the product */
  bool by_nodes;                /* likewise: three rows at a time */
  MatNullSpace null, left_null; /* of A, and of A' where that is not symmetric; NULL: none */
  gkt_null_space *kernel;       /* what the facts allow and A has; NULL: none */
  PetscInt *offsets, *cols;     /* copies, only where PetscInt is not 32-bit */
} gkt_petsc_matrix;
/* A and units outlive, of one field A's arrays are used in place; *out stays where it is. scales and units NULL: none. */
gkt_status gkt_petsc_matrix_create(gkt_petsc *, const gkt_csr *, const gkt_system_facts *, const gkt_scales *, const gkt_units *, gkt_petsc_matrix *out) GKT_MUST_CHECK;
gkt_status gkt_petsc_wrap(gkt_petsc *, const gkt_csr *, gkt_petsc_matrix *out) GKT_MUST_CHECK;                      /* out->mat alone, over arrays that outlive it */
gkt_status gkt_petsc_near_null(gkt_petsc *, const gkt_system_facts *, const gkt_block_facts *, Mat) GKT_MUST_CHECK; /* modes and block size of a block, to its matrix */
gkt_status gkt_petsc_product_create(gkt_petsc *, gkt_petsc_matrix *) GKT_MUST_CHECK;                                /* multiply.c: ->product */
gkt_status gkt_petsc_matrix_update(gkt_petsc *, const gkt_system_facts *, const gkt_scales *, gkt_petsc_matrix *,
                                   bool *fits) GKT_MUST_CHECK; /* the values of A are others; fits: into the pattern */
gkt_status gkt_petsc_matrix_widen(gkt_petsc *, const gkt_system_facts *, const gkt_scales *,
                                  gkt_petsc_matrix *) GKT_MUST_CHECK; /* where they do not: made anew, for both patterns */
void gkt_petsc_matrix_destroy(gkt_petsc_matrix *);                    /* zeroed is fine */

/* ---- packed.c ---- */
gkt_status gkt_packed_create(gkt_context *, const gkt_csr *, const gkt_csr *before, gkt_csr **out) GKT_MUST_CHECK; /* the pattern; before: a packed one of other values, or NULL */
bool gkt_packed_fill(const gkt_csr *, const gkt_system_facts *, const gkt_units *, gkt_csr *out);                  /* the values; false: one that is not 0 has no place */
/* ---- modes.c: constants of each component of a block, then rotations if its facts name them ---- */
enum { GKT_MAX_MODES = 64 }; /* of all blocks together */
int gkt_block_num_modes(const gkt_block_facts *, int dim);
/* Mode m at a point x [3], not scaled: the constant of component m, then rotations in the planes (0,1), (1,2), (0,2). */
double gkt_mode_value(int m, int block, int component, const double *x);
void gkt_block_mode(const gkt_block_facts *, int dim, const bool *constrained, int mode, gkt_scalar *out); /* [count], of length 1, 0 on constrained dofs */
typedef struct {                                                                                           /* and combinations of them on some rows of A */
  const gkt_csr *A;
  const gkt_system_facts *facts;
  const double *rows; /* scales */
  gkt_block_facts one;
  const gkt_block_facts *blocks;
  int num_blocks, count, begin[GKT_MAX_MODES]; /* of the modes of each block */
  double unit[GKT_MAX_MODES];                  /* of each block: modes are that large */
  double middle[3], extent;
  bool plain;                                  /* combinations are the modes themselves */
  double combos[GKT_MAX_MODES][GKT_MAX_MODES]; /* [combination][mode] */
  double image[GKT_MAX_MODES][GKT_MAX_MODES], size[GKT_MAX_MODES],
      length[GKT_MAX_MODES]; /* of the combinations z: Gram matrix of A z, || |A||z| ||^2, ||z||^2; rows of A scaled (scales.c) */
} gkt_modes;
typedef gkt_status gkt_modes_former(gkt_modes *, void *user); /* image, size and length of the combinations that there are now */
void gkt_modes_begin(const gkt_csr *, const gkt_system_facts *, const double *rows, const int *units, gkt_modes *out); /* units: gkt_units.right, or NULL; *out stays where it is */
void gkt_modes_measure(gkt_modes *, gkt_idx count, const gkt_idx *dofs); /* middle and extent of some dofs, so that rotations are of the size of the constants */
void gkt_modes_start(gkt_modes *);
void gkt_modes_at(const gkt_modes *, gkt_idx dof, double *out);                    /* [count] the combinations */
void gkt_modes_row(const gkt_modes *, gkt_idx row, double *sum, double *absolute); /* [count] of A z, and of |A||z| or more */
void gkt_modes_separate(gkt_modes *);                                              /* combinations whose images are orthogonal */
bool gkt_modes_seem_free(gkt_modes *, gkt_idx count, const gkt_idx *dofs); /* combinations by their images on these rows (dofs NULL: 0 .. count-1); false: A maps none to zero */
gkt_status gkt_modes_decide(gkt_modes *, gkt_modes_former *, void *user, bool *seem_free) GKT_MUST_CHECK; /* the same, of images that somebody else forms */
bool gkt_modes_is_mapped_to_zero(const gkt_modes *, int combination);                                     /* free_modes.c: after these, up to rounding, and not 0 itself */
bool gkt_modes_hold(gkt_modes *, gkt_idx count, const gkt_idx *dofs);                                     /* free_modes.c: does no combination vanish on these dofs? */
/* ---- kernel.c ---- */
extern const double gkt_smallest_image, gkt_junk; /* a row of A z that is more than these parts of its |A||z|, and of a scaled row, is not 0 */
int gkt_modes_reduce(gkt_modes *, int *pivots);   /* of combinations that seem free: those that A maps to zero, as plain as can be; how many; pivots [count]: modes of factor 1 */
gkt_status gkt_null_space_find_scaled(gkt_context *, const gkt_csr *, const gkt_system_facts *, const gkt_scales *, const gkt_units *, gkt_null_space **out) GKT_MUST_CHECK;
bool gkt_is_in_kernel(const gkt_csr *, const gkt_scalar *m); /* ||A m|| <= 1e-10 || |A||m| ||: far above rounding, far below any physical stiffness */

/* ---- choose.c: method and preconditioner by the facts ---- */
enum { GKT_DIRECT_BELOW = 20000 }; /* dofs under which AUTO factorizes where nothing speaks for less or more: choose.c */
enum { GKT_TINY_FIELD = 100 };     /* dofs of a field whose factor costs nothing: PETSc's own */
typedef struct {
  const char *options; /* PETSc options that make the choice, but for those of each field and of inner nodes */
  bool direct, amg;
  bool own_factor;                             /* PETSc's, which has no pivots: where it fails that of `direct` follows, whoever chose */
  bool split;                                  /* by fields */
  bool tried_direct, tried_gmres, tried_split; /* by this choice or by one it replaces */
  char why[256];
} gkt_linear_choice;
typedef struct {
  bool method; /* the user's PETSc options name a method or a preconditioner, so AUTO leaves room for them: it stays iterative */
  bool fields; /* or those of fields: a preconditioner that may change from step to step */
  bool factor; /* or how a factor is made, beyond its ordering */
  bool device; /* none of these: an iteration would stay where the matrix is, a factor would not */
} gkt_linear_named;
void gkt_linear_choose(gkt_linear_method, gkt_linear_named, const gkt_system_facts *, gkt_idx num_rows, gkt_linear_choice *out);
void gkt_linear_choice_options(const gkt_linear_choice *, const gkt_system_facts *, gkt_text *out); /* +=, with those of each field */
bool gkt_linear_factorizes(const gkt_system_facts *, gkt_idx num_rows);                             /* does AUTO begin with a factor? */
/* What to try after `failed` did not converge for `reason` (a clause), nothing twice; false: nothing is left. */
bool gkt_linear_fall_back(const gkt_linear_choice *failed, const char *reason, const gkt_system_facts *, gkt_idx num_rows, gkt_linear_choice *out);

/* ---- split.c: a matrix of blocks for PCFIELDSPLIT ---- */
typedef struct gkt_split gkt_split;
/* Tells pc, which is a PCFIELDSPLIT by its options, the fields. */
gkt_status gkt_split_create(gkt_petsc *, const gkt_petsc_matrix *, const gkt_system_facts *, PC pc, gkt_split **out) GKT_MUST_CHECK;
gkt_status gkt_split_update(gkt_petsc *, const gkt_petsc_matrix *, const gkt_system_facts *, gkt_split *) GKT_MUST_CHECK; /* to the values that the matrix has now */
Mat gkt_split_matrix(const gkt_split *);
void gkt_split_destroy(gkt_split **);

/* ---- inner.c: PCs that eliminate inner nodes; others are as they are ---- */
gkt_status gkt_inner_tell(gkt_petsc *, const gkt_block_facts *, Mat) GKT_MUST_CHECK; /* which rows of the matrix are inner ones */
PC gkt_inner_pc(PC);                                                                 /* that of the other rows; of another type: itself */

/* ---- grids.c ---- */
/* A method by GAMG, whose interpolation is kept, for the values that the matrix has now; renewed: false: nothing is done, PETSc is to do it. */
gkt_status gkt_grids_renew(gkt_petsc *, KSP, bool *renewed) GKT_MUST_CHECK;

/* ---- pieces.c ---- */
typedef struct gkt_pieces {
  gkt_idx count, *of;      /* of [num_rows]: number of the piece; -1: constrained */
  gkt_idx *offsets, *dofs; /* of piece c: dofs[offsets[c] .. offsets[c+1]-1], ascending */
} gkt_pieces;
gkt_status gkt_pieces_create(gkt_context *, const gkt_csr *, const bool *constrained, gkt_pieces *out) GKT_MUST_CHECK;
/* roots [num_rows]: the first dof of each dof's piece; the pieces' own from here on, whatever the status. */
gkt_status gkt_pieces_of_roots(gkt_context *, gkt_idx num_rows, const bool *constrained, gkt_idx *roots, gkt_pieces *out) GKT_MUST_CHECK;
void gkt_pieces_destroy(gkt_pieces *);

/* ---- residual.c ---- */
typedef struct {
  double residual, right, floor; /* over free dofs: ||b-Ax||, ||b||, 10 eps || |A||x|+|b| || */
  double scaled;                 /* gkt_linear_report.scaled_residual */
  double worst;                  /* the largest |b-Ax|_i / (eps (|A||x|+|b|)_i) */
  bool is_rounding;              /* ||b-Ax|| <= 10 eps || |A||x|+|b| || on each piece, as it is and scaled */
} gkt_true_residual;
/* x = b/diagonal on constrained dofs: their rows hold nothing else. */
void gkt_solve_constrained(const gkt_csr *, const bool *constrained, const gkt_scalar *b, gkt_scalar *x);

/* ---- pinned.c: A with something added to its diagonal ---- */
typedef struct {
  gkt_csr *csr;
  gkt_petsc_matrix matrix;
} gkt_pinned;
gkt_status gkt_pins_find(gkt_context *, const gkt_null_space *, gkt_idx *pins) GKT_MUST_CHECK; /* [count]: dofs by which a vector of the kernel is known */

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
enum { GKT_WINDOW = 50 };
/* method.c: would a method not arrive within its limit at the rate of its last iterations? norm: of the residual after so many iterations, each in turn; window: iterations that
   the rate is taken from */
bool gkt_progress_is_hopeless(gkt_progress *, int window, int iteration, double norm);
typedef struct gkt_linear_solver {
  gkt_petsc petsc;
  gkt_petsc_options options;
  gkt_petsc_matrix matrix;
  KSP ksp;
  gkt_split *split;     /* what ksp is set up from, where that is by fields */
  gkt_pinned pinned;    /* likewise, where that is a factor of a matrix with a kernel */
  gkt_text choice_text; /* options of the choice */
  const gkt_csr *A;
  const gkt_system_facts *facts;
  gkt_linear_options asked;
  char *text; /* asked.petsc_options */
  const gkt_scalar *b;
  gkt_scalar *x, *r, *d; /* [num_rows] solution, residual, correction */
  gkt_pieces pieces;
  gkt_scales scales;
  gkt_units units;
  struct gkt_piece_size *sizes; /* [pieces.count] work of residual.c */
  struct gkt_part_size *parts;  /* [pieces.count][blocks] */
  double *coupling;             /* [blocks][blocks], likewise */
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
  bool repeats;                   /* one solve of many with this matrix: what only the report holds is found once */
  gkt_scalar *first;              /* [num_rows] where the residual of the guess is put; NULL: nowhere */
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
  gkt_status watch_status;                /* failure in the monitor, which PETSc cannot carry */
  bool transposed;                        /* A' x = b is at work, by the method that serves A */
  struct gkt_linear_solver *dual;         /* transposed.c: of A', by which its residuals are measured; NULL: not asked for yet */
  bool dual_is_old, dual_alone;           /* of values before; what serves A does not serve A' */
  struct gkt_device_transpose *transpose; /* of the dual on the device, whose matrix it is; NULL: none */
  struct gkt_device_solver *on_device;    /* A stands on the device: all else but petsc.ctx, A, asked and the dual is unused (device_solver.h); NULL: on the host */
} gkt_solve;
/* ---- attempt.c: by the method that is chosen; A' x = b where s->transposed ---- */
gkt_true_residual gkt_attempt_measure(gkt_solve *, const gkt_scalar *x); /* s->r of x */
gkt_status gkt_attempt_prepare(gkt_solve *) GKT_MUST_CHECK;              /* s->ksp for the values of now; what is set up is kept for the next right-hand side */
gkt_status gkt_attempt(gkt_solve *) GKT_MUST_CHECK;                      /* s->x for s->b, and s->report */
void gkt_attempt_copy_findings(gkt_solve *);                             /* what is known of A, to the report */
int gkt_attempt_limit(const gkt_solve *);                                /* of iterations */
/* ---- transposed.c ---- */
gkt_status gkt_dual_prepare(gkt_solve *) GKT_MUST_CHECK; /* s->dual for A as it is now */
void gkt_dual_destroy(gkt_solve *);
/* On the device, with the values that A has now; *out NULL: no system with A' was solved there. */
gkt_status gkt_linear_solver_take_transposed(gkt_solve *, const gkt_csr **out) GKT_MUST_CHECK;
gkt_status gkt_csr_transpose(gkt_context *, const gkt_csr *, gkt_csr **out) GKT_MUST_CHECK;
/* shift of the scaled matrix everywhere, and 1 for each vector of the kernel */
gkt_status gkt_pinned_create(gkt_solve *, double shift, gkt_pinned *out) GKT_MUST_CHECK;
gkt_status gkt_pinned_update(gkt_solve *, double shift, gkt_pinned *) GKT_MUST_CHECK; /* to the values that A has now */
void gkt_pinned_destroy(gkt_pinned *);                                                /* zeroed is fine */
/* r = b - A x on free dofs, 0 on constrained ones; load: as in the options, may be NULL. */
gkt_true_residual gkt_residual(gkt_solve *, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_scalar *r);
double gkt_right_length(const gkt_solve *, const gkt_scalar *b); /* .right of that, without x */
gkt_status gkt_residual_create(gkt_solve *) GKT_MUST_CHECK;      /* its work */
gkt_status gkt_residual_update(gkt_solve *) GKT_MUST_CHECK;      /* the values of A are others; overwrites r and d */
bool gkt_pieces_clear(const gkt_solve *, gkt_scalar *x);         /* x = 0 on pieces without a right-hand side, as of the last residual; was it another? */
/* v in units of the method (gkt_units, left for A, right for A'); each piece of v to a length near 1 by a power of two, so that no inner product of the method overflows and none
 * of the pieces is lost beside another; ||v|| before over after. */
double gkt_pieces_normalize(gkt_solve *, const int *units, gkt_scalar *v);
void gkt_pieces_weigh(const gkt_solve *, const int *units, gkt_scalar *v);   /* another right-hand side as the last one was normalized */
void gkt_pieces_restore(const gkt_solve *, const int *units, gkt_scalar *v); /* the solution for v gets sizes and units back (right for A, left for A') */
/* nonlinear.c: gkt_nonlinear_solve that begins with the linear solver in *linear, of this A, these facts and these options, NULL: with one of its own, and leaves there what it
   ended with; NULL where it fails. What of before fits no longer is made anew. */
gkt_status gkt_nonlinear_solve_kept(gkt_context *, const gkt_nonlinear_system *, const gkt_system_facts *, gkt_csr *A, gkt_vector *u, const gkt_nonlinear_options *,
                                    gkt_linear_solver **linear, gkt_nonlinear_report *) GKT_MUST_CHECK;
/* linear.c, for Newton's method: asked once whether A is singular, which solves then leave open; that, by A as it is now; another tolerance; the solver on the host, NULL: it has
 * not been needed; row and column scales of A as it is now, which stand where they say. */
void gkt_linear_solver_defer(gkt_solve *);
bool gkt_linear_solver_owes(const gkt_solve *);
gkt_status gkt_linear_solver_inspect(gkt_solve *, gkt_linear_report *) GKT_MUST_CHECK;
void gkt_linear_solver_set_rtol(gkt_solve *, double rtol);
void gkt_linear_solver_set_load(gkt_solve *, const gkt_scalar *load); /* options.load of the next right-hand side, where A is */
/* For steps with one matrix: the error in the energy norm is found where a method was set up, and in no other solve; first [num_rows], NULL: none, gets the residual of the guess.
 */
void gkt_linear_solver_repeat(gkt_solve *, bool repeats, gkt_scalar *first);
const gkt_scalar *gkt_linear_solver_residual(const gkt_solve *); /* [num_rows] b - A x of the last solution; on the host */
gkt_solve *gkt_linear_solver_on_host(gkt_solve *);
bool gkt_linear_solver_iterates(gkt_solve *); /* would a guess serve the next solve, by what is known of it? */
gkt_status gkt_linear_solver_scales(gkt_solve *, const gkt_scalar **rows, const gkt_scalar **cols, gkt_where *where) GKT_MUST_CHECK;
gkt_status gkt_linear_solver_count_negative(gkt_linear_solver *, int *out)
    GKT_MUST_CHECK; /* factor.c: eigenvalues of A below 0, by its factor LDL' (Sylvester), 0 where that is by blocks, of what is said to be positive; -1: it has none */
/* The user's options, once; -ksp_rtol and -ksp_max_it among them replace what was asked. */
gkt_status gkt_method_read_options(gkt_solve *) GKT_MUST_CHECK;
gkt_status gkt_method_set_up(gkt_solve *) GKT_MUST_CHECK;         /* s->ksp for s->choice */
gkt_status gkt_method_renew(gkt_solve *) GKT_MUST_CHECK;          /* s->ksp for the values that A has now */
gkt_status gkt_method_describe(gkt_solve *) GKT_MUST_CHECK;       /* report->method, ->why */
gkt_status gkt_method_watch(gkt_solve *, bool on) GKT_MUST_CHECK; /* history and progress */
void gkt_method_take_down(gkt_solve *);
bool gkt_method_is_factor(gkt_solve *);   /* alone */
bool gkt_method_keeps_grids(gkt_solve *); /* coarse ones, when values change */
/* Singular, though the facts do not say so? Each of these sets s->singular or s->ill_conditioned, s->condition, s->free_dof, and overwrites r and d. */
/* free_modes.c, before solving: a row or a column of zeros; constants and rigid motions of a piece. Sets s->regular where the facts prove that there is nothing else. */
gkt_status gkt_find_free_modes(gkt_solve *) GKT_MUST_CHECK;
/* singular.c, after solving: anything else, by the factor that solved; by one of its own where that failed; by a second run of the iterative method. */
extern const double gkt_suspicious; /* || A w || / || |A||w| ||, rows scaled, that an iterative method cannot tell from 0 */
gkt_status gkt_inspect_factor(gkt_solve *) GKT_MUST_CHECK;
gkt_status gkt_inspect_shifted(gkt_solve *) GKT_MUST_CHECK;
gkt_status gkt_inspect_iteration(gkt_solve *) GKT_MUST_CHECK;
/* A d = r to rtol; r is scaled. Adds to report->iterations and ->history. */
gkt_status gkt_method_correct(gkt_solve *, double rtol, int max_iterations) GKT_MUST_CHECK;
gkt_status gkt_method_energy_error(gkt_solve *) GKT_MUST_CHECK;     /* report->energy_error; overwrites d */
gkt_status gkt_factor_set_up(gkt_petsc *, KSP) GKT_MUST_CHECK;      /* factor.c: KSPSetUp, with more room where MUMPS asks for it */
bool gkt_can_factorize(const gkt_system_facts *, gkt_idx num_rows); /* choose.c: does memory allow it? */
#endif
