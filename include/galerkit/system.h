/* The discretized problem: R(u, u', u''; m, t) = 0 on a mesh, with conditions. Solvers, time, adjoints and
   losses stand on it; what is to be known of it is found, not asserted. Nothing here reads a file. */
#ifndef GALERKIT_SYSTEM_H
#define GALERKIT_SYSTEM_H
#include "galerkit/assembly.h"
#include "galerkit/solver.h"
#include "galerkit/vector.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct gkt_system gkt_system;
/* Where the system is looked at. time may differ from that of the system, which conditions and facts belong
   to; gkt_system_state takes that one. */
typedef struct {
  const gkt_vector *u;                   /* [dofs of the layout] */
  const gkt_vector *rate, *acceleration; /* u', u''; NULL: 0, as in steady problems */
  gkt_scalar time;                       /* t */
} gkt_state;
/* J = value dR/du + rate dR/du' + acceleration dR/du'' */
typedef struct {
  gkt_scalar value, rate, acceleration;
} gkt_shifts;

/* ---- creation ---- */
/* form: a residual (arity 1) with an equation for each unknown, or an energy (arity 0), whose derivative by
   the unknowns is then the residual and which Newton's steps are judged by, unless an unknown is a
   multiplier. unknowns [num_unknowns]: numbers of the fields to be found, in any order. spaces
   [functions of the scope] as in gkt_inputs. GKT_BAD_INPUT where an equation is missing, or is one of a field
   that is no unknown, and where an unknown drops out of the form's derivative. */
GKT_API gkt_status gkt_system_create(const gkt_form *form, gkt_mesh *, int num_unknowns, const int *unknowns,
                                     const gkt_space *const *spaces, gkt_system **out) GKT_MUST_CHECK;
GKT_API void gkt_system_destroy(gkt_system **);
GKT_API gkt_context *gkt_system_context(const gkt_system *); /* of the form that it was made from */
/* Plans what is assembled and compiles its kernels, which otherwise the first call does that needs them.
   GKT_BAD_INPUT where names in the form or the mesh do not fit. */
GKT_API gkt_status gkt_system_plan(gkt_system *) GKT_MUST_CHECK;

/* ---- data: what the form reads besides the unknown ---- */
/* By name; give all before conditions that depend on them. values [dofs of its space] are borrowed. After
   writing into them call this again: residual and tangent see new values at once, conditions do not. Fields
   that are no unknowns count as coefficients. */
GKT_API gkt_status gkt_system_set_coefficient(gkt_system *, const char *name,
                                              const gkt_scalar *values) GKT_MUST_CHECK;
GKT_API gkt_status gkt_system_set_constant(gkt_system *, const char *name, gkt_scalar value) GKT_MUST_CHECK;
/* Values of a discrete coefficient [dofs of its space] at a time. */
typedef gkt_status gkt_values_at(void *user, gkt_scalar time, gkt_scalar *values);
/* The values depend on t, as gkt_scope_follow_time has said: they are filled anew wherever the time moves, of
   a step at the times of all its stages, once each, and when other data are set. Values that are given for it
   otherwise are refused, or not looked at where all data are given. Steps keep no matrix that holds it;
   states and solver stay on the host, and paths with t unknown are not available. A failure to fill is that
   of the call that moved the time. */
GKT_API gkt_status gkt_system_follow_coefficient(gkt_system *, const char *name, gkt_values_at *,
                                                 void *user) GKT_MUST_CHECK;
/* Values that are given at times [num_times], ascending: linear between them, constant before the first and
   after the last; 0 at first. is_uniform: at each time one value of the coefficient's shape, the same
   everywhere: a constant that follows t. The system follows it from here on, as the above; to be destroyed
   after the system, or when that is not used any more. GKT_BAD_INPUT: no coefficient of this name, times that
   do not ascend. */
typedef struct gkt_signal gkt_signal;
GKT_API gkt_status gkt_signal_create(gkt_system *, const char *name, gkt_size num_times, const double *times,
                                     bool is_uniform, gkt_signal **out) GKT_MUST_CHECK;
GKT_API void gkt_signal_destroy(gkt_signal **);
/* values [num_times][dofs of its space, or components of its shape], size in all; set: copied */
GKT_API gkt_size gkt_signal_size(const gkt_signal *);
GKT_API const gkt_scalar *gkt_signal_read(const gkt_signal *);
GKT_API gkt_status gkt_signal_set(gkt_signal *, const gkt_scalar *values) GKT_MUST_CHECK;
/* All at once, by number; NULL entries and NULL arrays leave what was there. Constants are copied, values
   borrowed as above; spaces, values of unknowns and the time are not looked at. */
GKT_API gkt_status gkt_system_set_data(gkt_system *, const gkt_inputs *) GKT_MUST_CHECK;
/* Of the system: conditions get the values of this time on the nodes that they have. Also to be called when
   nodes of the mesh have moved. Default 0. */
GKT_API gkt_status gkt_system_set_time(gkt_system *, gkt_scalar time) GKT_MUST_CHECK;

/* ---- conditions: u = g on sets; later ones win, with a warning where they differ ---- */
typedef struct {
  int unknown;             /* number of the field */
  const gkt_mesh_set *set; /* of the system's mesh, of any dimension */
  int component;           /* of the field; GKT_ALL_COMPONENTS: the value then has the field's shape (0 fits
                              any); GKT_NORMAL: u . n */
  const gkt_expression *value; /* in x, t, constants and coefficients */
  const char *note;            /* names it in warnings, "line 12"; NULL: none */
  const char *place;           /* begins messages of refusal; NULL: the note and the set */
} gkt_condition;
/* Strings are copied. GKT_BAD_INPUT: a set without nodes, a component or shape that does not fit, a value
 * that is not finite or contains an unknown. */
GKT_API gkt_status gkt_system_constrain(gkt_system *, const gkt_condition *) GKT_MUST_CHECK;
/* Nodes on one set of facets are those where a rigid motion brings them, on another: periodic cells, sectors
   of what repeats around an axis. At corners and edges all that are brought onto each other are one. */
typedef struct {
  const gkt_mesh_set *from, *to; /* of the system's mesh: facets of its outer boundary, cut alike */
  const gkt_rotation *rotation;  /* that brings `from` onto `to`, and turns the values of vectors and tensors
                                    of  the space's dimension; NULL: a translation, which is found */
  int num_unknowns;              /* 0: all of them whose spaces are continuous */
  const int *unknowns;           /* [num_unknowns] numbers of fields */
  const char *place;             /* begins messages of refusal; NULL: nothing */
} gkt_tie;
/* Before or after conditions, which then hold on both sides, turned with them. Plans that were made before
   are made anew. Nodes on `to` that are off by less than a millionth of the sides are moved to where they
   belong, with a notice. GKT_BAD_INPUT: sets that are not cut alike, naming how many facets have no partner,
   the first and where it was expected; a field of a space that is not continuous. The unknowns then are u~ of
   u = C u~, with one node for all that are tied, and of nodes that have conditions on normal components the
   first components are those (ADR 19). Vectors u, in states and solutions, hold the values of u at all nodes;
   residuals and matrices are those of u~: C' R and C' A C, with the rows of nodes that another one stands for
   zero but for a diagonal. */
GKT_API gkt_status gkt_system_tie(gkt_system *, const gkt_tie *) GKT_MUST_CHECK;
/* u = C u~, as steps of Newton's method need: A d = -R, u += C d. Two vectors. Without ties a copy. */
GKT_API gkt_status gkt_system_expand(gkt_system *, const gkt_vector *tied, gkt_vector *u) GKT_MUST_CHECK;
/* u = g on constrained dofs, and u = C u~ where nodes are tied */
GKT_API gkt_status gkt_system_lift(gkt_system *, gkt_vector *u) GKT_MUST_CHECK;

/* ---- vectors and matrices ---- */
/* A block for each unknown, ascending by number. */
GKT_API const gkt_layout *gkt_system_layout(const gkt_system *);
/* At the system's time. */
GKT_API gkt_state gkt_system_state(const gkt_system *, const gkt_vector *u);
/* A new vector of the layout, zero; a new matrix with the pattern of the tangent, values zero. The caller's.
 */
GKT_API gkt_status gkt_system_vector(const gkt_system *, gkt_vector **out) GKT_MUST_CHECK;
GKT_API gkt_status gkt_system_matrix(gkt_system *, gkt_csr **out) GKT_MUST_CHECK;
/* GKT_ON_DEVICE: all that the system assembles runs there, it has no history, and vectors on the device are
   taken by gkt_system_residual, _inputs, _lift, _set_step, _solve, _solve_transposed, _solve_linearized, all
   of a call in one place but for the known parts of a step; what of a solution only the host does brings them
   over, with a notice. Nothing but scalars, values of conditions that change, and data that were set anew
   goes there then: whoever writes into a coefficient's array sets it again. Plans, as gkt_system_plan. */
GKT_API gkt_status gkt_system_where(gkt_system *, gkt_where *out) GKT_MUST_CHECK;
/* r = R, 0 on constrained dofs. The rates of a form that has none are not looked at. */
GKT_API gkt_status gkt_system_residual(gkt_system *, const gkt_state *, gkt_vector *r) GKT_MUST_CHECK;
/* From here on residuals of states are sums of matrices times u, u' and u'', which are assembled once, and of
   what the form is without these, where that is proven: the system is linear, its derivatives do not depend
   on t, nothing is tied, and the form itself agrees. Changed data are followed, values that were written into
   after gkt_system_set_coefficient has been called again. kept: is it so? */
GKT_API gkt_status gkt_system_keep_operators(gkt_system *, bool *kept) GKT_MUST_CHECK;
/* A = J, rows and columns of constrained dofs zero but for a diagonal of the size of the others. With u
   lifted, a Newton step is A d = -R, u += d (with ties C d). */
GKT_API gkt_status gkt_system_tangent(gkt_system *, const gkt_state *, gkt_shifts, gkt_csr *A) GKT_MUST_CHECK;
/* The rows that test one unknown and the columns of another (numbers of functions), of a matrix of the
   system: a new matrix with the entries that it has now, the caller's. Of an unsymmetric pair the block_size
   is 1. */
GKT_API gkt_status gkt_system_block(const gkt_system *, const gkt_csr *A, int test, int trial,
                                    gkt_csr **out) GKT_MUST_CHECK;
/* GKT_BAD_ARGUMENT where the system was not made from an energy. Plans it, of a linear system, at the first
 * call. */
GKT_API gkt_status gkt_system_energy(gkt_system *, const gkt_state *, double *out) GKT_MUST_CHECK;

/* ---- one step in time, of any implicit scheme ---- */
/* Where a step looks at R: at u_k = value u + .., u'_k = rate u + .., u''_k = acceleration u + .., with u the
   unknown at its end, shifts for each unknown of the layout, and known parts. */
typedef struct {
  gkt_scalar weight, time;       /* weight R(u_k, u'_k, u''_k, time) */
  const gkt_shifts *shifts;      /* [num_blocks of the layout]; copied */
  const gkt_scalar *row_weights; /* [num_blocks] of the equation that tests each; copied; NULL: all 1 */
  const gkt_vector *u, *rate,
      *acceleration; /* known parts, not tied: borrowed, and not to be changed, until the next call (where a
                        solve wants them in another place they are copied once); NULL: 0 */
} gkt_stage;
enum { GKT_MAX_STAGES = 2 };
/* What gkt_system_solve then solves is the sum over the stages = 0 for u, which on entry is a guess.
   Conditions are those of the system's time, the end of the step. The linear solver is kept from solve to
   solve, with matrix, preconditioner or factor where the tangent of a linear system cannot have changed. 0
   stages: the system at rest again. GKT_BAD_ARGUMENT: the form has no rates. Residuals, tangents and energies
   of states are not concerned. */
GKT_API gkt_status gkt_system_set_step(gkt_system *, int num_stages, const gkt_stage *) GKT_MUST_CHECK;
/* Of what is kept between steps, that goes which only the past explains: a preconditioner that was made for
   other values, a method that others were given up for. From here on steps have the bits of steps of a system
   that did none before. */
GKT_API void gkt_system_forget_past(gkt_system *);
/* Dofs with conditions are held at these values, not at those of the conditions, until data or time are set:
   of the rates that a start is looked for. */
GKT_API gkt_status gkt_system_hold(gkt_system *, const gkt_vector *values) GKT_MUST_CHECK;
/* Of a block of the layout: the highest rate that the form holds, 0 to 2; is it without a rate, in an
   equation without itself? */
GKT_API int gkt_system_rate_order(const gkt_system *, int block);
GKT_API bool gkt_system_is_multiplier(const gkt_system *, int block);
/* Of a block with a rate: does the equation that tests it hold none of its own rates? So is a displacement in
   equilibrium at any time, whose rate stands in the equation of a pressure. */
GKT_API gkt_status gkt_system_is_balance(const gkt_system *, int block, bool *out) GKT_MUST_CHECK;
/* Does the equation that tests one block hold another, or a rate of it? */
GKT_API gkt_status gkt_system_couples(const gkt_system *, int test, int trial, bool *out) GKT_MUST_CHECK;
/* Do the derivatives of R by the highest rate of each unknown depend on no unknown, no rate and not on t? */
GKT_API gkt_status gkt_system_masses_are_constant(const gkt_system *, bool *out) GKT_MUST_CHECK;

/* ---- history: what a material remembers at quadrature points ---- */
typedef struct {
  const char *name;              /* of a coefficient of the form's scope, of element GKT_QUADRATURE_POINTS */
  const gkt_expression *initial; /* in x, t, constants and other coefficients; NULL: 0 */
  /* What takes its place when a step has converged: also in unknowns, their rates and gradients, and in
     histories, with the values of before. */
  const gkt_expression *update;
} gkt_history;
/* After constants and coefficients that `initial` depends on. Values are the system's from here on, `initial`
   is evaluated at the system's time. GKT_BAD_ARGUMENT: no coefficient at points has this name, or it is
   a history, or its update is missing. GKT_BAD_INPUT: another shape, points of another degree, an unknown or
   a history in `initial`, n, initial values that are not finite. */
GKT_API gkt_status gkt_system_add_history(gkt_system *, const gkt_history *) GKT_MUST_CHECK;
/* They begin anew: `initial` with the data and the time that the system has now. */
GKT_API gkt_status gkt_system_start_histories(gkt_system *) GKT_MUST_CHECK;
/* Of a step that has converged, at the state it has reached: all updates are evaluated with the values of
   before, then take their places at once. Where one of them is not finite all are what they were, and text
   [size] says which and where; else it is "". gkt_time does this in every step (its start takes
   them as they stand); own loops after gkt_system_solve. Without histories nothing happens. */
GKT_API gkt_status gkt_system_commit(gkt_system *, const gkt_state *, size_t size, char *text) GKT_MUST_CHECK;
/* Values of now [dofs of its space], the system's until the next commit; NULL: no history has this name. */
GKT_API const gkt_scalar *gkt_system_history(const gkt_system *, const char *name);
/* All of them, in the order in which they were added: values of now [*count], the name; NULL: no more. */
GKT_API const gkt_scalar *gkt_system_get_history(const gkt_system *, int i, const char **name,
                                                 gkt_size *count);
/* They become these, copied: to go on from a state that was written. */
GKT_API gkt_status gkt_system_set_history(gkt_system *, const char *name,
                                          const gkt_scalar *values) GKT_MUST_CHECK;

/* ---- what is known ---- */
/* the tangent depends on an unknown, or jumps with it */
GKT_API bool gkt_system_is_nonlinear(const gkt_system *);
GKT_API bool gkt_system_conditions_vary(const gkt_system *); /* values of conditions depend on t */
GKT_API bool gkt_system_is_constant(const gkt_system *); /* the tangent depends on no unknown and not on t */
/* Of the tangent with shifts.value > 0, proven with the values that constants, coefficients and time have
 * now; pointers are the system's. blocks[..].schur is there for solves only. */
GKT_API gkt_status gkt_system_get_facts(gkt_system *, gkt_system_facts *out) GKT_MUST_CHECK;
/* Why a linear solve of the tangent at a state gave no answer: which component is undetermined or
   ill-determined and where, or, report NULL, where residual or tangent are not finite and the operation that
   began it. text [size]: one line, "" where nothing is wrong. */
GKT_API gkt_status gkt_system_explain(gkt_system *, const gkt_state *, const gkt_linear_report *, size_t size,
                                      char *text) GKT_MUST_CHECK;
/* For whoever assembles more: the system's own plans, of arity 1 (residual), 2 (tangent), 0 (energy, NULL
   without one), and inputs with its data and the state; arrays of *out are the system's, until its next call.
 */
GKT_API gkt_assembler *gkt_system_assembler(gkt_system *, int arity);
GKT_API gkt_status gkt_system_inputs(gkt_system *, const gkt_state *, gkt_inputs *out) GKT_MUST_CHECK;

/* ---- solution ---- */
typedef struct {
  gkt_nonlinear_options newton; /* newton.linear: also of linear problems */
  bool keep_kernel; /* solve pure Neumann problems and free bodies as they are; default false: loads must
                       balance, and mean value (and mean rotation) become 0 */
  bool keep_solver; /* what the linear solver has made serves the next solve of this system, as far as nothing
                       has changed that it was made from; of linear ones u is then a guess. A step in time
                       (gkt_system_set_step) always keeps; a solve at rest without this gives it back */
  /* At the start of a stage, "assemble", "solve" or "newton"; false cancels. NULL: none */
  bool (*stage)(void *user, const char *stage);
  void *stage_user;
} gkt_solve_options;
typedef struct {
  bool valid; /* solved to the tolerances, every row of it, nothing undetermined, the form itself compared */
  bool cancelled; /* by a call of progress or stage; never valid, u is the last iterate */
  /* why not; "" if valid. In words of the problem file: `initial` is the guess in u,
     solver.nonlinear.iterations is newton.max_iterations */
  char reason[2048];
  bool symmetric, positive;                /* proven */
  bool singular;                           /* nothing fixes an unknown but for a constant: its mean is 0 */
  bool turns_freely;                       /* its mean rotation, too */
  char unfixed[200];                       /* such unknowns, "u and p"; "": none */
  gkt_size nonzeros;                       /* of the matrix */
  gkt_linear_report linear;                /* of the last linear system */
  gkt_nonlinear_report newton;             /* of a nonlinear problem; its `linear` is empty */
  double initial_residual, final_residual; /* of a linear problem: ||R|| on free dofs, before and after */
  int assemblies;                          /* of the tangent */
  double assemble_seconds, assemble_cpu_seconds;
  double setup_seconds, setup_cpu_seconds, solve_seconds, solve_cpu_seconds; /* of all linear solves */
} gkt_solve_report;
GKT_API gkt_solve_options gkt_solve_options_default(void);
/* From the guess in u (of nonlinear problems; linear ones need none) to the solution, in place. Linear
   problems are one step, A d = -R(g), u = g + d, and u's values are not read. What has no solution, or none
   that is determined, is a report that is not valid, with the reason, and no failure. The report is to be
   cleared whatever the status. Warnings go to the context's log. */
GKT_API gkt_status gkt_system_solve(gkt_system *, const gkt_solve_options *, gkt_vector *u,
                                    gkt_solve_report *report) GKT_MUST_CHECK;
GKT_API void gkt_solve_report_clear(gkt_solve_report *);
/* A' lambda = b with A as of gkt_system_tangent at a solution u, of the step that is set where there is one:
   adjoint systems. b [dofs] as residuals are, of u~, not looked at on dofs with conditions, where lambda is
   0; lambda = C lambda~. Where nothing fixes u but its mean, lambda is that of the map from loads that
   balance to the u of mean 0. By what solved for u: where a solve of a linear system has kept its solver
   (options.keep_solver) nothing is assembled or set up; of a nonlinear one the tangent at u is, once for all
   calls at this u. It stays for the next call whatever keep_solver says. The options are to be those of the
   solve. The report is as of a linear problem, to be cleared whatever the status. All vectors stand in one
   place, on the device where gkt_system_where says so; whatever theirs is, the system is solved where
   gkt_system_solve would solve it, and they are brought there and back. */
GKT_API gkt_status gkt_system_solve_transposed(gkt_system *, const gkt_solve_options *, const gkt_vector *u,
                                               const gkt_vector *b, gkt_vector *lambda,
                                               gkt_solve_report *report) GKT_MUST_CHECK;
/* A du = b: how u changes along a change of the data, b = -dR. As the above in all else; du is 0 on dofs with
   conditions. Where nothing fixes u, b must balance and means of du are 0. */
GKT_API gkt_status gkt_system_solve_linearized(gkt_system *, const gkt_solve_options *, const gkt_vector *u,
                                               const gkt_vector *b, gkt_vector *du,
                                               gkt_solve_report *report) GKT_MUST_CHECK;
/* ---- many sets of data on one mesh: coefficients, sources, values of conditions ---- */
/* Solutions of the system with each of sets->count sets: values and constants of set k begin k strides behind
   `data`'s, as gkt_assemble_batch has it; names without a stride, and NULL entries of `data`, are as they
   are. u [count][results_stride], each from the guess in it; reports [count], each to be cleared. Every set
   has the bits that it has alone. Of a linear system on the host whose matrix depends on nothing that varies
   matrix and factor are made once; where it does, matrices and loads are assembled together, if nothing is
   tied; else sets are solved one after the other. A set without a valid answer is a report that says so.
   GKT_BAD_INPUT where the data of a set are refused, as values of conditions that are not finite. What is
   cancelled ends the call: reports of sets after it say so. The data of the last set stay set, borrowed. */
GKT_API gkt_status gkt_system_solve_sets(gkt_system *, const gkt_inputs *data, const gkt_batch *sets,
                                         const gkt_solve_options *, gkt_scalar *u,
                                         gkt_solve_report *reports) GKT_MUST_CHECK;
/* Does the tangent depend on the value of a constant? GKT_NO_MEMORY */
GKT_API gkt_status gkt_system_tangent_holds(const gkt_system *, int constant, bool *out) GKT_MUST_CHECK;

/* ---- paths of solutions: R(u, t) = 0 in u and t, of a form at rest ---- */
/* z = du/dt along the path through a solution u at the system's time: A z = -dR/dt, and dg/dt on dofs with
   conditions. Derivatives by t are exact wherever t stands; of a form that has none (a custom function
   without a tangent), differences, which the log tells once. num_negative: eigenvalues of A below 0, by the
   factor that solved; -1: not known. The report is as of a linear problem; not valid where A is singular, as
   at a limit point. */
GKT_API gkt_status gkt_system_slope(gkt_system *, const gkt_solve_options *, const gkt_vector *u,
                                    gkt_vector *z, int *num_negative,
                                    gkt_solve_report *report) GKT_MUST_CHECK;
typedef struct {
  const gkt_vector *normal; /* of u: normal . du + normal_t dt = 0; dofs with conditions are not looked at */
  double normal_t;
  double scale;  /* that of ||du/dt||, for lengths of steps (gkt_nonlinear_path) */
  double length; /* in t: tolerances are relative to what it is as a load (gkt_nonlinear_path) */
} gkt_plane;
/* As gkt_system_solve, from u at the system's time, with t sought as well: the solution on the plane through
   the guess. The system's time is then that of the solution, or of the last iterate. Steps are accepted by
   the natural test. GKT_UNAVAILABLE: rates in the form, unknowns that nothing fixes. */
GKT_API gkt_status gkt_system_solve_on(gkt_system *, const gkt_solve_options *, const gkt_plane *,
                                       gkt_vector *u, gkt_solve_report *report) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
