/* Inside of the discretized problem. A block is an unknown: its dofs in vectors, its rows and columns in matrices. */
#ifndef GKT_SYSTEMS_SYSTEM_H
#define GKT_SYSTEMS_SYSTEM_H
#include "assembly/constraints.h"
#include "core/core.h"
#include "forms/barriers.h"
#include "galerkit/system.h"

typedef struct { /* schur.c: of a multiplier; zeroed: none is known */
  gkt_form *form;
  gkt_assembler *assembler; /* NULL, with matrix: nothing asked for it */
  gkt_csr *matrix;
  double sign;
  bool varies; /* with the state */
} gkt_schur;

typedef struct { /* gkt_stage, copied */
  gkt_scalar weight, time;
  gkt_shifts *shifts;         /* [num_unknowns] */
  gkt_scalar *rows;           /* [num_unknowns] weights of equations, beside the weight */
  bool weighs_rows;           /* they are not all 1 */
  const gkt_vector *known[3]; /* of u, u', u'', on the host; NULL: 0, or not fetched (gkt_system_fetch_known) */
  const gkt_vector *there[3]; /* the same on the device; NULL: 0, or not sent */
} gkt_system_stage;

enum { GKT_MAX_PROJECTION = 10, GKT_KEPT_PROJECTION = 6 }; /* when it is full */
typedef struct {                                           /* projection.c */
  int count;
  gkt_scalar *x, *image;                                    /* [GKT_MAX_PROJECTION][dofs] combinations of solutions; A times them */
  gkt_scalar *guess;                                        /* [dofs] the last one; behind x */
  double gram[GKT_MAX_PROJECTION][GKT_MAX_PROJECTION];      /* x_i . A x_j */
  double of[GKT_MAX_PROJECTION];                            /* of the guess: the sum of of_j x_j */
  double solutions[GKT_MAX_PROJECTION][GKT_MAX_PROJECTION]; /* [count][count] the last ones, in the same way */
} gkt_projection;

typedef struct {             /* keep.c: what one solve leaves to the next */
  bool wanted;               /* also at rest: of many sets of data with one matrix */
  gkt_linear_solver *solver; /* NULL: none */
  const gkt_csr *A;          /* its matrix: s->matrix, or that on the device */
  gkt_linear_options options;
  char *petsc_options;
  gkt_system_facts facts;
  gkt_block_facts *blocks;   /* [facts.num_blocks] as the facts had them */
  gkt_projection projection; /* of solutions that were found with the matrix of now */
  gkt_vector *latest;        /* [dofs] u~ on the device: the last solution there with a symmetric matrix, of a steady problem; NULL: none */
  gkt_scalar *shifts;        /* [3 num_unknowns] of the step that is set */
  bool fits;                 /* matrix, conditions eliminated, and solver are those of the step, or of the data, that are set */
  gkt_vector *at;            /* [dofs] u~ of linearized.c, where A is; NULL: none yet */
  bool fits_at;              /* they are those of the tangent at this u~ */
  bool is_plain;             /* the solver was made for the matrix of now, by its first choice of a method */
  bool has_no_past;          /* it serves that matrix alone: for another one it is made anew, as where nothing was kept */
} gkt_kept;

typedef struct {            /* operators.c: R = A0 u + A1 u' + A2 u'' + rest */
  bool wanted;              /* residuals of states are looked at by them */
  bool fits, refused;       /* of the data that are set; the form is not what they say */
  bool symmetric;           /* each, to rounding */
  gkt_csr *pattern;         /* with vals[0]; all rows and columns */
  gkt_scalar *vals[3];      /* [nonzeros]; NULL: the form does not hold that rate */
  gkt_form *form;           /* R(t, 0, 0, 0) */
  gkt_assembler *assembler; /* of it; NULL: it is 0 */
  gkt_scalar *rest, time;   /* [dofs] of that, at that time */
  gkt_scalar *rests;        /* [dofs] the same, summed over stages; NULL: not needed yet */
  bool rest_fits;
} gkt_operators;

typedef struct { /* history.c */
  int function;
  const gkt_expression *initial, *update; /* retained; initial NULL: 0 */
  gkt_scalar *now, *next;                 /* [dofs of its space] */
} gkt_system_history_values;

typedef struct {
  gkt_expression *value;
  bool varies;   /* it holds t */
  bool is_stale; /* its values are of data or a time before */
} gkt_system_condition;

enum { GKT_NUM_MOMENTS = GKT_MAX_STAGES + 2 }; /* the system's time, those of stages, and that of a state elsewhere */
typedef struct {                               /* follow.c: of a coefficient whose values depend on t */
  int function;
  gkt_values_at *fill;
  void *user;
  gkt_scalar *values[GKT_NUM_MOMENTS]; /* [dofs of its space] */
} gkt_system_followed;

struct gkt_system {
  gkt_context *ctx;
  gkt_mesh *mesh;
  gkt_form *form;                        /* as given */
  int dim, num_functions, num_constants; /* of the scope, when the system was made */
  const gkt_scope *scope;
  const gkt_form *residual, *energy; /* energy NULL: the residual is not known to be the derivative of one */
  gkt_form *derived, *tangent;       /* the system's own: the residual of an energy, NULL else; its derivative */
  bool is_nonlinear;
  bool has_rates;                       /* of unknowns, in the form */
  bool is_constant;                     /* the tangent: it depends on no unknown and not on t */
  bool residual_varies, tangent_varies; /* they hold t */

  int num_unknowns;
  int *unknowns;            /* [num_unknowns] functions, ascending */
  gkt_layout_block *blocks; /* [num_unknowns], in this order */
  gkt_layout layout;
  char *names;         /* "u", "u and p", for messages */
  gkt_form **diagonal; /* [num_unknowns]: the tangent's part that tests and derives by this unknown alone; without integrals, of a multiplier */

  const gkt_space **spaces;  /* [num_functions] */
  const gkt_scalar **values; /* [num_functions]; of unknowns: where the system is looked at */
  gkt_scalar *constants;     /* [num_constants] */
  gkt_scalar *zeros;         /* [dofs] 0: rates that are not given; NULL: no text takes a rate of an unknown */
  gkt_inputs inputs;         /* of the three above, and the time */

  gkt_constraints *constraints;
  const gkt_ties **ties;            /* ties.c: [num_functions], those of the constraints; NULL: nothing is tied, and u~ is u */
  gkt_scalar *expanded;             /* [dofs] the u that gkt_system_now made of u~; NULL without ties */
  bool *tied;                       /* [dofs] as in the layout; NULL without ties */
  gkt_system_condition *conditions; /* [num_conditions], as constraints number them */
  int num_conditions;
  bool is_stale; /* one of them is */
  bool is_held;  /* values stand in for theirs, until data or time are set */
  int num_followed;
  gkt_system_followed *followed;
  gkt_scalar moments[GKT_NUM_MOMENTS]; /* times at which their values are known */
  bool has_moment[GKT_NUM_MOMENTS];
  int num_histories;
  gkt_system_history_values *histories;
  bool told_updates; /* of a device: where they are evaluated */

  bool seeks_time;                   /* path.c: t is unknown, while a solution on a path is looked for */
  gkt_expression **condition_slopes; /* [num_conditions] derivatives of the conditions' values by t; NULL: not yet */
  gkt_assembler *slope_assembler;    /* dR/dt; NULL: not yet, or 0 */
  bool has_slope, differences_slope; /* it is known; by differences, as the form has no derivative */
  gkt_scalar *condition_rates;       /* [dofs] of u~, of conditions; 0 on free dofs */
  gkt_scalar *slope_work;            /* [dofs] */

  gkt_assembler *residual_assembler, *tangent_assembler, *energy_assembler; /* NULL before gkt_system_plan; the energy's also where nothing asks for it */
  gkt_csr *matrix;                                                          /* of gkt_system_solve */
  int num_stages;                                                           /* step.c; 0: at rest */
  gkt_system_stage stages[GKT_MAX_STAGES];
  gkt_scalar *at[3];          /* [dofs] u, u', u'' of a stage */
  gkt_scalar *stage_residual; /* [dofs] of the second one */
  gkt_csr *stage_matrix;      /* likewise */
  gkt_kept kept;
  gkt_operators operators;
  struct gkt_system_device *device; /* device.h; NULL: nothing was solved there */
  int data_version;                 /* counts how often coefficients were set: for copies of them */
  gkt_size mesh_version;            /* of the mesh, that what is kept was made on */
  int num_changes;                  /* of data and time that the system was told of: for what was made with those before */
  bool told_place;                  /* of a device: why the host solves */
  gkt_barriers *barriers;           /* barriers.c; NULL: none, or not looked for */
  gkt_assembler *barrier_assembler;
  bool has_barriers;      /* looked for, with the data as they are */
  gkt_block_facts *facts; /* [num_unknowns], of gkt_system_get_facts */
  gkt_vector **means;     /* means.c: [num_unknowns][GKT_MEANS_OF_BLOCK]; NULL entries: not asked for yet; NULL: none was */
  gkt_schur *schurs;      /* [num_unknowns]; NULL: not looked for */
  bool schurs_stale;      /* data changed since */
  bool schurs_warned;     /* of pairs of spaces and of conditions on pressures: once */
};

/* What nothing fixes, or what no equation sees: constants of components without a condition, rotations of unknowns without any. */
enum { GKT_MAX_KERNEL = 48, GKT_MEANS_OF_BLOCK = 12 }; /* components of a tensor and rotations in planes */
typedef struct {
  int block, mode;    /* constants of its components, then rotations in the planes (0,1), (1,2), (0,2) */
  gkt_vector *values; /* [dofs], where the solution works; 0 outside of its block; of length 1, orthogonal to those before */
  gkt_vector *mean;   /* [dofs] mean . u: what is to be 0, the integral of a component, or of a turn; NULL: not yet (gkt_solution_plan_means) */
  gkt_vector *motion; /* [dofs] of a rotation, by which its mean is changed; of constants NULL: values */
  gkt_vector *spread; /* [dofs] along which what does not balance is taken away: values . spread = 1; NULL: values */
} gkt_kernel_mode;
typedef struct {
  int count;
  gkt_kernel_mode modes[GKT_MAX_KERNEL];
} gkt_kernel;

/* sets.c: what was assembled for many sets of data together, of the one that is set; NULL: it is not known */
typedef struct {
  const gkt_scalar *matrix;          /* [nonzeros] of the tangent, all rows and columns */
  const gkt_scalar *at_zero, *there; /* [dofs] R(0), R(g), all rows */
} gkt_assembled;

/* One solve. */
typedef struct {
  gkt_system *s;
  const gkt_solve_options *options;
  gkt_solve_report *report;
  gkt_system_facts facts;
  gkt_scalar *u;       /* [dofs] where the solution comes to stand, on the host */
  gkt_vector *there;   /* the caller's on the device; u then holds it after gkt_solution_fetch alone. NULL: the caller's is u */
  bool starts_at_zero; /* the guess is 0 */
  bool is_kept;        /* the matrix of the solve before serves */
  gkt_assembled assembled;
  const gkt_plane *plane; /* t is unknown; NULL: it is given */
  gkt_vector *normal;     /* of the plane, for u~ */
  gkt_kernel right, left; /* kernel.c: what the tangent and its transpose map to zero */
} gkt_solution;

static inline gkt_idx gkt_system_num_dofs(const gkt_system *s) { return s->layout.num_owned; }
/* The caller's arrays end where declarations end: rates and twins are the scope's own. */
static inline bool gkt_system_is_declared(const gkt_system *s, int function) { return s->scope->functions[function].role < GKT_ROLE_RATE; }
static inline const gkt_space *gkt_system_space(const gkt_system *s, int block) { return s->spaces[s->unknowns[block]]; }

/* ---- layout.c ---- */
gkt_status gkt_system_lay_out(gkt_system *) GKT_MUST_CHECK;  /* blocks, names, constraints */
int gkt_system_find_block(const gkt_system *, int function); /* -1: no unknown */
int gkt_system_block_of(const gkt_system *, gkt_idx dof);

gkt_status gkt_system_plan_energy(gkt_system *) GKT_MUST_CHECK;                       /* system.c: refused where there is none */
void gkt_system_set_values(gkt_system *, int function, const gkt_scalar *values);     /* data.c: of data; what was made of those before is out of date */
gkt_system_history_values *gkt_system_find_history(const gkt_system *, int function); /* history.c; NULL: none */
void gkt_system_clear_histories(gkt_system *);

/* ---- follow.c: coefficients whose values depend on t. Their values at the system's time and at those of the stages that are set are always known ---- */
gkt_status gkt_system_follow(gkt_system *, gkt_scalar time) GKT_MUST_CHECK;      /* they are known at this time, too */
gkt_status gkt_system_refill(gkt_system *) GKT_MUST_CHECK;                       /* data changed, which they may depend on */
void gkt_system_look_at(gkt_system *, gkt_scalar time);                          /* s->values are those of this time, which is known; else NULL */
gkt_system_followed *gkt_system_find_followed(const gkt_system *, int function); /* NULL: none */
void gkt_system_clear_followed(gkt_system *);
gkt_signal *gkt_system_find_signal(const gkt_system *, int function);                                  /* signal.c; NULL: it does not follow one */
gkt_size gkt_signal_num_dofs(const gkt_signal *);                                                      /* of the coefficient */
void gkt_signal_spread(const gkt_signal *, double time, const gkt_scalar *by_values, gkt_scalar *out); /* out [size] += by values, of by_values [dofs] at a time */

/* ---- ties.c: u = C u~. A solution's u, g, d, b, kernels and matrix are of u~, whatever they are called; vectors that callers of the public functions give and get are of u ----
 */
gkt_status gkt_system_follow_ties(gkt_system *) GKT_MUST_CHECK;                               /* after each change of the constraints; plans that are of before go */
gkt_frames gkt_system_frames(const gkt_system *, int block);                                  /* of the nodes of u~ */
bool gkt_system_turns(const gkt_system *, int block);                                         /* are values of the unknown turned anywhere? */
void gkt_system_from_tied(const gkt_system *, const gkt_scalar *tied, gkt_scalar *u);         /* u = C u~; not in place */
void gkt_system_to_tied(const gkt_system *, const gkt_scalar *u, gkt_scalar *tied);           /* back; may be in place */
void gkt_system_to_tied_transpose(const gkt_system *, const gkt_scalar *tied, gkt_scalar *u); /* of derivatives; may be in place */

/* ---- evaluate.c. What is given or made of it [dofs] stays the place of the unknowns' values until the next of these calls; NULL: none ---- */
gkt_inputs gkt_system_at(gkt_system *, const gkt_scalar *u, gkt_scalar time); /* of u itself, at rest */
void gkt_system_set_shifts(gkt_system *, int block, gkt_shifts);              /* for tangents; at rest value 1, else 0 */
/* Rates of order 1, 2 of the unknowns, which the calls above set to 0; NULL: 0 */
void gkt_system_set_rates(gkt_system *, int order, const gkt_scalar *rates);
gkt_inputs gkt_system_now(gkt_system *, const gkt_scalar *u);           /* of u~, at the time of the system; of a step, at its last stage */
const gkt_scalar *gkt_system_untied(gkt_system *, const gkt_scalar *u); /* u of u~, until the next call */
gkt_status gkt_system_check_vector(const gkt_system *, const gkt_vector *, const char *what) GKT_MUST_CHECK;
gkt_status gkt_system_check_size(const gkt_system *, const gkt_vector *, const char *what) GKT_MUST_CHECK;          /* the same, wherever it is */
gkt_status gkt_system_free_residual(gkt_system *, const gkt_scalar *u, gkt_scalar *r, double *size) GKT_MUST_CHECK; /* 0 on constrained dofs; its length */
/* step.c: sums over the stages, of u~; without a step R, what it is summed from, its tangent. All rows and columns. The system is planned. */
gkt_inputs gkt_system_at_stage(gkt_system *, int stage, const gkt_scalar *u); /* of u itself */
gkt_status gkt_system_sum_residual(gkt_system *, const gkt_scalar *u, gkt_scalar *r) GKT_MUST_CHECK;
gkt_status gkt_system_sum_magnitude(gkt_system *, const gkt_scalar *u, gkt_scalar *m) GKT_MUST_CHECK;
gkt_status gkt_system_sum_tangent(gkt_system *, const gkt_scalar *u, gkt_csr *) GKT_MUST_CHECK;
void gkt_system_combine_shifts(gkt_system *); /* those of the step, of the whole tangent */
gkt_status gkt_system_assemble_stage(gkt_system *, int stage, const gkt_inputs *,
                                     gkt_csr *A) GKT_MUST_CHECK; /* its tangent, by its shifts and weight; inputs, A where the system is */
bool gkt_system_is_one_tangent(const gkt_system *);              /* for all stages */
void gkt_system_clear_step(gkt_system *);
gkt_status gkt_system_need_matrix(gkt_system *) GKT_MUST_CHECK;                           /* s->matrix */
gkt_status gkt_system_assemble_tangent(gkt_system *, const gkt_scalar *u) GKT_MUST_CHECK; /* into s->matrix, all rows and columns */
gkt_status gkt_system_refresh(gkt_system *) GKT_MUST_CHECK;                               /* conditions.c: their values with the data as they are */

/* out [dofs] of u~: derivatives of given values, by those of the conditions' expressions, slopes [num_conditions]; 0 on other dofs */
gkt_status gkt_system_derive_values(gkt_system *, gkt_expression *const *slopes, gkt_scalar *out) GKT_MUST_CHECK;
/* The other way: from derivatives by dofs of u~ to those by what the condition gives, [its nodes][its components] */
gkt_status gkt_system_transpose_values(gkt_system *, int condition, const gkt_scalar *by_dofs, gkt_scalar *out) GKT_MUST_CHECK;

/* ---- facts.c ---- */
gkt_interval gkt_system_range(const gkt_terminal *, const void *system); /* of its values here */
bool gkt_system_is_underintegrated(const gkt_system *, int block);       /* does a given degree of quadrature miss functions of the unknown's space? */

/* ---- schur.c, of several unknowns, after gkt_system_get_facts ---- */
gkt_status gkt_system_look_at_multipliers(gkt_system *) GKT_MUST_CHECK;                /* their forms; warns of pairs of spaces that do not go together */
gkt_status gkt_system_make_schurs(gkt_system *, const gkt_scalar *u) GKT_MUST_CHECK;   /* s->facts[..].schur */
gkt_status gkt_system_update_schurs(gkt_system *, const gkt_scalar *u) GKT_MUST_CHECK; /* those that vary, for the tangent at u */
void gkt_system_clear_schurs(gkt_system *);

/* As gkt_system_solve, from what is known. */
gkt_status gkt_system_solve_assembled(gkt_system *, const gkt_solve_options *, const gkt_assembled *, gkt_vector *u, gkt_solve_report *) GKT_MUST_CHECK; /* solve.c */

/* ---- keep.c, of steps in time, of many sets of data, and of solves that are to keep their solver ---- */
bool gkt_solution_keeps(const gkt_solution *); /* is there anything to be kept for? */
/* As gkt_linear_solve, by the solver of the step before, which is told of other values where they do not fit. */
gkt_status gkt_solution_solve_kept(gkt_solution *, const gkt_csr *A, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *, gkt_linear_report *) GKT_MUST_CHECK;
gkt_status gkt_solution_solve_tangent(gkt_solution *, const gkt_csr *A, bool transposed, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *,
                                      gkt_linear_report *) GKT_MUST_CHECK; /* by the same, of A d = b without a load; or A' x = b */
/* As gkt_nonlinear_solve, by the linear solver of the solve before. */
gkt_status gkt_solution_newton_kept(gkt_solution *, const gkt_nonlinear_system *, gkt_csr *A, gkt_vector *u) GKT_MUST_CHECK;
void gkt_system_forget(gkt_system *); /* the solver: s->matrix goes, or the conditions are others */

/* ---- linearized.c ---- */
/* As gkt_system_solve_transposed. guesses [num_guesses]: solutions of systems like this one, in any place: iterations begin from the combination that leaves the least
 * residual */
gkt_status gkt_system_solve_transposed_near(gkt_system *, const gkt_solve_options *, const gkt_vector *u, const gkt_vector *b, int num_guesses, const gkt_vector *const *guesses,
                                            gkt_vector *lambda, gkt_solve_report *) GKT_MUST_CHECK;

/* ---- projection.c ---- */
gkt_status gkt_projection_make_room(gkt_context *, gkt_idx n, gkt_projection *) GKT_MUST_CHECK;
void gkt_projection_guess(gkt_projection *, gkt_idx n, const gkt_scalar *b, gkt_scalar *x); /* for A x = b; as it is where nothing is known */
/* A solution that was found from the guess, and b - A x. That of the guess stands in gkt_projection_residual [dofs]. */
gkt_scalar *gkt_projection_residual(const gkt_projection *, gkt_idx n);
void gkt_projection_add(gkt_idx n, const gkt_scalar *b, const gkt_scalar *x, const gkt_scalar *residual, gkt_projection *p);
void gkt_projection_clear(gkt_projection *);

/* ---- operators.c ---- */
gkt_status gkt_system_make_operators(gkt_system *, bool *made) GKT_MUST_CHECK; /* those of the data that are set; false: it is not proven that there are any, or not worth it */
/* out = the sum, all rows; x [3][dofs] u, u', u'', NULL: 0 */
gkt_status gkt_system_apply_operators(gkt_system *, const gkt_scalar *const x[3], gkt_scalar time, gkt_scalar *out) GKT_MUST_CHECK;
bool gkt_system_has_symmetric_operators(const gkt_system *);                                               /* they fit, and each is symmetric */
void gkt_system_multiply_by_operator(const gkt_system *, int order, const gkt_scalar *x, gkt_scalar *out); /* out [dofs] = A_order x, which fits */
gkt_status gkt_system_sum_by_operators(gkt_system *, const gkt_scalar *u, gkt_scalar *out) GKT_MUST_CHECK; /* of the step that is set, without weights of rows; u [dofs], NULL: 0 */
void gkt_system_clear_operators(gkt_system *);

/* ---- explain.c: texts; room [size] ---- */
void gkt_system_print_place(const gkt_form *, gkt_text *); /* "FILE: KEY: line L: " */
/* of a linear solve; nothing is written where it converged. wanted: its tolerance, 0: not said */
void gkt_system_explain_linear(const gkt_system *, const gkt_linear_report *, double wanted, size_t size, char *text);
void gkt_system_explain_singular(const gkt_system *, const gkt_linear_report *, size_t size, char *text);
void gkt_system_explain_ill_conditioned(const gkt_system *, const gkt_linear_report *, size_t size, char *text);
/* where R or its tangent are not finite, and the sub-expression; advice follows if the unknown has a part in it */
gkt_status gkt_system_explain_nonfinite(gkt_system *, const gkt_inputs *, const char *advice, size_t size, char *text) GKT_MUST_CHECK;
gkt_status gkt_solution_explain_nonfinite(gkt_solution *, const char *advice) GKT_MUST_CHECK; /* solve.c: the reason */
const char *gkt_system_discontinuity(const gkt_system *, int block);                          /* "; cells .." of a discontinuous space: each keeps a constant of its own */

/* ---- kernel.c: no condition fixes the solution, or a part of it ---- */
/* What the facts say may be free, looked for in A (of one unknown it is proven), which stands where vectors of the kernel shall: right and left, facts.singular, the report. Sets
 * the reason where nothing can be done. On the device: of one unknown. */
gkt_status gkt_solution_find_kernel(gkt_solution *, const gkt_csr *A) GKT_MUST_CHECK;
gkt_status gkt_solution_fetch_kernel(gkt_solution *) GKT_MUST_CHECK;                    /* its vectors to the host, where they do not stand there */
gkt_status gkt_solution_plan_means(gkt_solution *, const gkt_vector *u) GKT_MUST_CHECK; /* what gkt_solution_fix_kernel needs; u: where vectors are */
void gkt_solution_clear_kernel(gkt_solution *);
gkt_status gkt_solution_balance(gkt_solution *, const gkt_vector *u,
                                gkt_vector *b) GKT_MUST_CHECK;      /* b = -R(u); what rounding leaves of b along `left` is taken away; the reason is set where it is more */
void gkt_solution_drop_kernel(const gkt_solution *, gkt_vector *r); /* the same without a question */
gkt_status gkt_solution_fix_kernel(gkt_solution *, gkt_vector *u) GKT_MUST_CHECK; /* means and mean rotations of what is free to 0 */
/* The transposes of these two, of functionals by u and of multipliers of the load. u: where vectors are */
gkt_status gkt_solution_fix_kernel_transposed(gkt_solution *, const gkt_vector *u, gkt_vector *b) GKT_MUST_CHECK;
gkt_status gkt_solution_balance_transposed(gkt_solution *, const gkt_vector *u, gkt_vector *lambda) GKT_MUST_CHECK;

/* ---- means.c ---- */
/* out [dofs]: out . u~ is the integral of a component of the unknown, or of its rotation in a plane; where u stands */
gkt_status gkt_solution_integrate(gkt_solution *, int block, int mode, const gkt_vector *u, gkt_vector *out) GKT_MUST_CHECK;
void gkt_system_clear_means(gkt_system *);

/* ---- linear.c, judge_form.c, newton.c, newton_explain.c, guess.c ---- */
gkt_status gkt_solution_stage(const gkt_solution *, const char *stage) GKT_MUST_CHECK; /* the caller may cancel */
gkt_status gkt_solution_linear(gkt_solution *) GKT_MUST_CHECK;
/* Of a linear problem with u = g + d, A d = b = -R(g): R(g + w) - R(g) = A w, and R(u) = 0 as far as was asked. Else not valid, with the reason. Sets final_residual. */
gkt_status gkt_solution_judge_form(gkt_solution *, const gkt_scalar *b, const gkt_scalar *d) GKT_MUST_CHECK;
bool gkt_solution_form_is_met(const gkt_solution *, double mismatch, double residual); /* by what was measured at a quick look */
gkt_status gkt_solution_newton(gkt_solution *) GKT_MUST_CHECK;
gkt_status gkt_solution_explain_newton(gkt_solution *) GKT_MUST_CHECK;
/* u + noise on free dofs, up to factor times the largest value that the unknown has (1 where that is 0), the same in every run; guess.c */
void gkt_solution_disturb(const gkt_solution *, double factor, gkt_scalar *u);
/* Is the tangent, singular at u, regular elsewhere? Asked by solving with it at disturbed states. */
gkt_status gkt_solution_is_regular_elsewhere(gkt_solution *, bool *out) GKT_MUST_CHECK;
/* Where the guess solved the equation, no system was solved and nothing is known of the tangent: one that is singular there and elsewhere leaves the solution undetermined. */
gkt_status gkt_solution_look_at_guess(gkt_solution *) GKT_MUST_CHECK;

/* ---- path.c ---- */
void gkt_system_forget_slopes(gkt_system *); /* of conditions, which are others */
/* solve.c. gkt_system_solve, on a plane where one is given, with its normal for u~; u is lifted then. */
gkt_status gkt_solution_run(gkt_system *, const gkt_solve_options *, const gkt_assembled *, const gkt_plane *, gkt_vector *normal, gkt_vector *u,
                            gkt_solve_report *) GKT_MUST_CHECK;
gkt_status gkt_solution_find_facts(gkt_solution *) GKT_MUST_CHECK;
void gkt_solution_take_facts(gkt_solution *);                       /* those of the solve before */
gkt_status gkt_solution_check_plane(gkt_solution *) GKT_MUST_CHECK; /* before Newton's method; sets the reason where there is no way from the guess */
/* Tells the nonlinear system of t, which *t holds. path, system: filled; they refer to each other and to o. */
void gkt_solution_set_path(gkt_solution *, double *t, gkt_nonlinear_path *path, gkt_nonlinear_system *system);

/* ---- barriers.c: bodies turned inside out, and poles ---- */
gkt_status gkt_system_find_barriers(gkt_system *) GKT_MUST_CHECK;
gkt_status gkt_system_is_inside_at(gkt_system *, const gkt_inputs *, bool *inside) GKT_MUST_CHECK;
gkt_status gkt_system_is_inside(gkt_system *, const gkt_scalar *u, bool *inside) GKT_MUST_CHECK;   /* not beyond a barrier anywhere */
gkt_status gkt_system_print_barrier(gkt_system *, const gkt_scalar *u, gkt_text *) GKT_MUST_CHECK; /* the least value and its place */
gkt_status gkt_system_warn_barriers(gkt_system *, const gkt_scalar *u) GKT_MUST_CHECK;             /* of the solution */
#endif
