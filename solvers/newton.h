/* Inside of one nonlinear solve. Not installed. */
#ifndef GKT_SOLVERS_NEWTON_H
#define GKT_SOLVERS_NEWTON_H
#include <petscsnes.h>

#include "core/mask.h"
#include "galerkit/solver.h"
#include "solvers/petsc.h"

typedef struct {
  double energy, slope; /* at u, along d; by_length: not known */
  double length;        /* ||d|| */
  bool by_length;       /* the natural test's, which knows no energy */
} gkt_newton_mark;

typedef struct {
  double plain, scaled; /* of a residual: as it is, and with each row divided by its diagonal */
} gkt_newton_lengths;

typedef struct {
  gkt_petsc petsc;
  const gkt_nonlinear_system *system;
  const gkt_system_facts *facts;
  gkt_nonlinear_options asked;
  gkt_nonlinear_report *report;
  gkt_csr *A;
  gkt_idx n;
  gkt_mask constrained;
  struct gkt_newton_device *device; /* newton_device.h; NULL: on the host */
  /* [n] each, where A is */
  gkt_vector *u;                       /* where Newton is, the caller's */
  gkt_vector *f;                       /* F(u) = R(u) - (1-t) R(u_0) on free dofs, 0 on constrained ones */
  gkt_vector *start, *start_residual;  /* u_0 and R(u_0) */
  gkt_vector *kept;                    /* the solution of the load step before */
  gkt_vector *target;                  /* values of constrained dofs at the end of this load step; on free dofs u where it began */
  gkt_vector *b, *d, *trial, *trial_f; /* a linear system, its solution, a point on the way and its F */
  gkt_vector *jump;                    /* A_fc (target - u) of constrained dofs on their way, on free dofs */
  gkt_vector *next, *next_b;           /* the correction after this one by the same tangent, and its right-hand side, which is work elsewhere */
  gkt_vector *unit;                    /* the largest diagonal so far of each row */
  gkt_vector *row, *careful_row;       /* what the rows of A u, and by the system's magnitude of R(u), are summed from, without signs; 0 on constrained dofs */
  gkt_linear_solver *linear;           /* of A, kept over all steps; NULL before the first one. Knows the values that A has where `prepared` */
  gkt_petsc_options options;           /* the user's for SNES */
  char *linear_options;                /* the others */
  double load;                         /* t of this load step */
  bool is_seen;                        /* a method of PETSc's own looks at u and F; else its vectors hold no more than their lengths */
  double weight;                       /* of u - target of constrained dofs among the residuals that it sees: they weigh as much as the forces that their way takes */
  bool begun;                          /* SNES has asked for F */
  bool saw_admissible, saw_finite;     /* among the trials of this step */
  bool accepted;                       /* one of them is */
  double trial_norm;                   /* ||F(trial)|| */
  bool has_next;                       /* `next` is of the step before this one, whose length and part taken were */
  double last_length, last_lambda;
  double lengths[3]; /* ||d|| of the last searches, this one first */
  double longest;    /* of all of them in this load step */
  struct {
    int steps, rest, penalty; /* steps on trial so far, 0: none is under way; searches to wait before the next; how many after a return */
    gkt_vector *u, *d, *f;    /* [n] where it left, and its step */
    double t, dt;             /* of a path */
    double norm, longest;     /* longest: of the last three corrections there */
    bool arrived;
    gkt_newton_mark from;
  } watch;
  bool arrived;                             /* constrained dofs have their target */
  double factor;                            /* of residuals, tangents and energies: newton_scale.c */
  bool is_scaled;                           /* the factor is chosen */
  bool prepared;                            /* A and b are those of u */
  bool is_known;                            /* A, by its linear solver: it is finite */
  bool small;                               /* ||F(u)|| meets the tolerances */
  struct gkt_pieces *pieces;                /* of the tangent's pattern */
  gkt_newton_lengths *firsts, *lengths_now; /* [pieces] as `first`, against the loads; and of F */
  double scaled;                            /* gkt_nonlinear_report.scaled_residual */
  double norm, first;                       /* ||F(u)||, and of the first linear system's right-hand side */
  double careful;                           /* 10 eps ||m|| by the system's magnitude; 0: not known in this load step */
  double plain_floor;                       /* floor without the system's magnitude */
  double floor, size;                       /* 10 eps ||m||; || A_ff u_f - F ||, which the floor must not reach: a u so large would excuse anything */
  int iterations;                           /* in this load step */
  bool at_rounding, over;                   /* over: `end` says why nothing more can be done */
  gkt_newton_end end;
  gkt_status status; /* of a callback, which PETSc cannot carry */
  /* newton_path.c; of a path: */
  gkt_vector *slope, *tangent;          /* [n] of the system's slope; A tangent = -slope, with its constrained dofs: du/dt */
  double t, dt, next_dt, trial_t, at_t; /* where Newton is, its step, that of `next`, the trial, where R is asked for now */
  bool has_tangent;                     /* it is that of A */
} gkt_newton;

/* ---- nonlinear.c ---- */
bool gkt_newton_is_free(const gkt_newton *, gkt_idx dof);
/* f = F(u), *norm its length. */
gkt_status gkt_newton_residual(gkt_newton *, const gkt_vector *u, gkt_vector *f, double *norm) GKT_MUST_CHECK;
double gkt_newton_way(gkt_newton *);                                                 /* ||target - u||; overwrites next_b */
gkt_status gkt_newton_note(gkt_newton *, int iteration, double norm) GKT_MUST_CHECK; /* history, progress */
/* ---- newton_entries.c, newton_matrix.c: what is asked of all entries, and of all rows of A ---- */
gkt_status gkt_newton_snap(gkt_newton *) GKT_MUST_CHECK;                         /* u = target where rounding alone is between them; arrived: is it so everywhere? */
gkt_status gkt_newton_rows_are_rounding(gkt_newton *, bool *out) GKT_MUST_CHECK; /* is every |F_i|? */
gkt_status gkt_newton_tangent_is_finite(gkt_newton *, bool *out) GKT_MUST_CHECK;
gkt_status gkt_newton_scale_tangent(gkt_newton *) GKT_MUST_CHECK; /* by the factor */
/* With all columns of A: the jump A (target - u) of constrained dofs and b = -F - jump; row, magnitude = ||row||, size. */
gkt_status gkt_newton_read_rows(gkt_newton *, double *magnitude) GKT_MUST_CHECK;
/* ---- newton_step.c: A, jump, floor at u; A d = -f - jump. Set end and over where that fails. ---- */
gkt_status gkt_newton_prepare(gkt_newton *) GKT_MUST_CHECK;
gkt_status gkt_newton_step(gkt_newton *, const gkt_vector *f) GKT_MUST_CHECK;
void gkt_newton_right_side(const gkt_newton *, const gkt_vector *f, double rest, gkt_vector *b);                     /* b = -f - rest jump on free dofs, 0 on the others */
gkt_status gkt_newton_correct(gkt_newton *, const gkt_vector *b, gkt_vector *x, gkt_linear_report *) GKT_MUST_CHECK; /* A x = b, from 0 */
gkt_status gkt_newton_inspect(gkt_newton *) GKT_MUST_CHECK;                                                          /* is the last tangent singular, which no step has asked? */
gkt_status gkt_newton_ready_linear(gkt_newton *, const gkt_linear_options *) GKT_MUST_CHECK;                         /* ->linear for the values of A */
void gkt_newton_cancel(gkt_newton *);
void gkt_newton_count(gkt_newton *, const gkt_linear_report *);      /* += iterations and seconds of a solve */
gkt_status gkt_newton_floor(gkt_newton *, bool anew) GKT_MUST_CHECK; /* with the system's magnitude, where it gives one */
bool gkt_newton_is_rounding(const gkt_newton *);                     /* is ||F|| no more than what rounding leaves? */
/* ---- newton_path.c: t is sought as well; without a path nothing is done ---- */
gkt_status gkt_newton_path_begin(gkt_newton *) GKT_MUST_CHECK;
gkt_status gkt_newton_path_end(gkt_newton *) GKT_MUST_CHECK; /* R is asked for where Newton is */
void gkt_newton_path_destroy(gkt_newton *);
gkt_status gkt_newton_path_move(gkt_newton *, double t, gkt_vector *u) GKT_MUST_CHECK;
gkt_status gkt_newton_path_look(gkt_newton *) GKT_MUST_CHECK;                            /* slope, by all columns of A */
void gkt_newton_path_first(gkt_newton *);                                                /* first and firsts by the load of a step */
double gkt_newton_path_length(const gkt_newton *, const gkt_vector *d, double dt);       /* ||d||, with dt in it */
gkt_status gkt_newton_path_turn(gkt_newton *, gkt_vector *d, double *dt) GKT_MUST_CHECK; /* d into the plane */
/* ---- newton_scale.c: the system's callbacks, times the factor ---- */
gkt_status gkt_newton_ask_residual(gkt_newton *, const gkt_vector *u, gkt_vector *r) GKT_MUST_CHECK;
gkt_status gkt_newton_ask_tangent(gkt_newton *) GKT_MUST_CHECK; /* A, at u */
gkt_status gkt_newton_ask_elimination(gkt_newton *) GKT_MUST_CHECK;
gkt_status gkt_newton_ask_magnitude(gkt_newton *, const gkt_vector *u, gkt_vector *m) GKT_MUST_CHECK;
gkt_status gkt_newton_ask_energy(gkt_newton *, const gkt_vector *u, double *energy) GKT_MUST_CHECK;
gkt_status
gkt_newton_scale_once(gkt_newton *) GKT_MUST_CHECK; /* chooses the factor by the first right-hand side that is not zero; needs f, and b where conditions are on their way */
void gkt_newton_scale_back(gkt_newton *);           /* the report */
/* ---- newton_rows.c ---- */
gkt_status gkt_newton_rows_create(gkt_newton *) GKT_MUST_CHECK;
void gkt_newton_rows_destroy(gkt_newton *);
gkt_status gkt_newton_look_at_rows(gkt_newton *, bool anew) GKT_MUST_CHECK; /* unit, from A */
gkt_status gkt_newton_first_rows(gkt_newton *) GKT_MUST_CHECK;              /* firsts, from b and f */
void gkt_newton_raise_rows(gkt_newton *, const gkt_vector *load);           /* firsts are at least those of this; on the host */
gkt_status gkt_newton_scaled(gkt_newton *, double *out) GKT_MUST_CHECK;     /* of f */
/* ---- newton_search.c ---- */
#define GKT_NEWTON_SUFFICIENT 1e-4 /* of the decrease that a slope promises (Armijo) */
#define GKT_NEWTON_SHORTEST 1e-10  /* part of a step */
/* u += lambda d, f and norm follow; or end and over. */
gkt_status gkt_newton_search(gkt_newton *, gkt_acceptance) GKT_MUST_CHECK;
gkt_status gkt_newton_search_energy(gkt_newton *) GKT_MUST_CHECK;                          /* newton_energy.c; accepted: is it? */
gkt_status gkt_newton_search_natural(gkt_newton *) GKT_MUST_CHECK;                         /* newton_natural.c */
gkt_status gkt_newton_simplified(gkt_newton *, double lambda, bool *known) GKT_MUST_CHECK; /* next, the correction at the trial, a part lambda of d away, by the tangent of u */
bool gkt_newton_ends(const gkt_newton *, double lambda);                                   /* does the trial meet the tolerances? */
gkt_status gkt_newton_follow(gkt_newton *, double length) GKT_MUST_CHECK;                  /* newton_follow.c: after a full step of this length was accepted */
/* f = F(u); *norm is not finite where u is not admissible or f is not finite. */
gkt_status gkt_newton_visit(gkt_newton *, const gkt_vector *u, gkt_vector *f, double *norm) GKT_MUST_CHECK;
gkt_status gkt_newton_try(gkt_newton *, double lambda) GKT_MUST_CHECK; /* trial, trial_f, trial_norm */
void gkt_newton_accept(gkt_newton *, double lambda);                   /* the trial */
gkt_status gkt_newton_fail(gkt_newton *) GKT_MUST_CHECK;               /* no trial was: rounding, or over */
double gkt_newton_shorten(double lambda, double lowest);               /* where a model is lowest, between a tenth and a half of lambda */
/* ---- newton_watch.c: full steps on trial ---- */
bool gkt_newton_may_leave(const gkt_newton *);
void gkt_newton_leave(gkt_newton *, const gkt_newton_mark *); /* takes the trial at full length */
gkt_status gkt_newton_go_on(gkt_newton *) GKT_MUST_CHECK;     /* accepted: another full step is worth a trial */
void gkt_newton_return(gkt_newton *);                         /* u, d, f as they were; not prepared */
/* ---- newton_lines.c: the rules as line searches of PETSc, `gkt_energy` .. `gkt_full` ---- */
gkt_status gkt_newton_register(gkt_newton *) GKT_MUST_CHECK;
const char *gkt_newton_line(gkt_acceptance);
/* ---- newton_options.c ---- */
gkt_status gkt_newton_read_options(gkt_newton *) GKT_MUST_CHECK; /* those of SNES apart; -snes_rtol, -snes_atol and -snes_max_it replace what was asked */
/* ---- newton_stationary.c: what kind of stationary point of the energy u is ---- */
gkt_status gkt_newton_classify(gkt_newton *) GKT_MUST_CHECK;
/* ---- newton.c: one load step by SNES, from u. The result is in end. ---- */
gkt_status gkt_newton_solve(gkt_newton *) GKT_MUST_CHECK;
PetscErrorCode gkt_newton_carry(gkt_newton *, gkt_status); /* a failure of ours stops SNES; its status is kept */
/* ---- newton_vectors.c: what SNES has of u and F ---- */
typedef struct {
  SNES snes;
  Mat A;
  Vec u, f;
} gkt_newton_parts;
gkt_status gkt_newton_set_vectors(gkt_newton *, gkt_newton_parts *) GKT_MUST_CHECK;      /* all but snes, and what it calls; the rule is known */
gkt_status gkt_newton_set_linear(gkt_newton *, const gkt_newton_parts *) GKT_MUST_CHECK; /* its KSP */
PetscErrorCode gkt_newton_show(gkt_newton *, Vec u, Vec f);                              /* what is seen */
PetscErrorCode gkt_newton_take(gkt_newton *, Vec u, Vec f);                              /* back */

/* Callbacks and linear solves run with the caller's threads; PETSc around them with one. */
#define GKT_OUTSIDE(newton, statement)            \
  do {                                            \
    omp_set_num_threads((newton)->petsc.threads); \
    statement;                                    \
    omp_set_num_threads(1);                       \
  } while (0)
#endif
