/* The way back through a run in time. Not installed. */
#ifndef GKT_ADJOINT_REVERSE_H
#define GKT_ADJOINT_REVERSE_H
#include "adjoint/adjoint.h"
#include "adjoint/trajectory.h"

/* Derivatives of J by what a state is, u, u', u'' and the u before, all of u~, through all that came after it. */
enum { GKT_MOST_LATER = 6 };
enum { GKT_OF_U, GKT_OF_RATE, GKT_OF_ACCELERATION, GKT_OF_BEFORE, GKT_NUM_OF };
typedef struct { /* of explicit steps; all [dofs] */
  gkt_vector *u[GKT_MOST_SLOPES], *slopes[GKT_MOST_SLOPES], *of_slopes[GKT_MOST_SLOPES];
  gkt_vector *of_stage, *start, *middle, *of_first;
  gkt_vector *masses; /* dJ/d of lumped masses, through the whole run */
} gkt_reverse_stages;

typedef struct {
  gkt_adjoint *a;
  gkt_trajectory *r;
  gkt_time *t;
  gkt_time_functional J;
  gkt_scalar *const *gradients; /* [num_controls], entries NULL: not asked for; NULL: only the value is */
  gkt_time_gradient_report *report;
  double value;
  gkt_vector *of[GKT_NUM_OF];
  gkt_vector *by[GKT_NUM_PARTS];       /* the same by what a step was made of */
  gkt_vector *u, *rate, *acceleration; /* where the system is looked at; rates where functionals hold them */
  gkt_vector *lambda;                  /* of all rows alike */
  gkt_vector *later[GKT_MOST_LATER];   /* the last ones that iterations found, the k-th at k % GKT_MOST_LATER; NULL: none yet */
  int num_solved;
  gkt_scalar *held;           /* [dofs] on the host: derivatives by values of conditions */
  gkt_scalar *of_histories;   /* [history_size] dJ/d of histories as the next step found them; NULL: there are none */
  gkt_reverse_stages *stages; /* explicit.c; NULL: an implicit scheme */
} gkt_reverse;

/* run.c: t->parts of the step to state n */
gkt_status gkt_reverse_take_start(gkt_reverse *, gkt_size n) GKT_MUST_CHECK;
/* ---- stages.c ---- */
/* What solved R = 0, the sum over the plan's stages, for u: by[GKT_U1] is dJ/du on entry. lambda is found, and what it gives is added to by[..] and to the gradients. plan NULL:
 * the system is at rest. row_weights [stages][blocks], NULL: all 1. The system's step, time and held values are set. On dofs with conditions by[GKT_U1] is then dJ/du of these
 * values. */
gkt_status gkt_reverse_solve(gkt_reverse *, const gkt_scheme_plan *plan, gkt_scalar *const *row_weights) GKT_MUST_CHECK;
/* += by controls in values of conditions at the system's time, of weight times what stands in `by` on dofs with conditions */
gkt_status gkt_reverse_conditions(gkt_reverse *, double weight, const gkt_vector *by) GKT_MUST_CHECK;
void gkt_reverse_set_order(const gkt_reverse *, int order); /* shifts, until gkt_system_combine_shifts: derivatives by u, u' or u'' alone */
/* to += what a->lambda gives by u (order 0), u' or u'' of the inputs; gradients += by controls */
gkt_status gkt_reverse_add_order(gkt_reverse *, int order, const gkt_inputs *, gkt_vector *to) GKT_MUST_CHECK;
gkt_status gkt_reverse_add_gradients(gkt_reverse *, double weight, const gkt_inputs *) GKT_MUST_CHECK;
bool gkt_reverse_asks_for_conditions(const gkt_reverse *);
/* ---- remember.c ---- */
/* To the values that histories had behind step n, or, where n is -1, before the start. */
gkt_status gkt_reverse_set_histories(gkt_reverse *, gkt_size n) GKT_MUST_CHECK;
/* += by histories: weight dJ/dh, and what a->lambda gives by them */
gkt_status gkt_reverse_add_functional_histories(gkt_reverse *, gkt_functional *, const gkt_inputs *, double weight) GKT_MUST_CHECK;
gkt_status gkt_reverse_add_residual_histories(gkt_reverse *, const gkt_inputs *, double weight) GKT_MUST_CHECK;
/* From values behind step n, whose state u and its rates are, to those before it, which are set: of[..] and gradients +=. */
gkt_status gkt_reverse_update(gkt_reverse *, gkt_size n) GKT_MUST_CHECK;
int gkt_reverse_update_rates(const gkt_adjoint *);               /* the highest rate of the state that updates hold */
gkt_status gkt_reverse_remembered(gkt_reverse *) GKT_MUST_CHECK; /* what histories are before the start */
/* ---- explicit.c ---- */
gkt_status gkt_reverse_create_stages(gkt_reverse *) GKT_MUST_CHECK;
void gkt_reverse_destroy_stages(gkt_reverse *);
gkt_status gkt_reverse_move_stages(gkt_reverse *, gkt_where) GKT_MUST_CHECK;    /* of implicit steps there are none */
gkt_status gkt_reverse_explicit_step(gkt_reverse *, gkt_size n) GKT_MUST_CHECK; /* by[..] '=' from of[..], which is overwritten; states n and n - 1 are kept */
gkt_status gkt_reverse_explicit_start(gkt_reverse *) GKT_MUST_CHECK;            /* the highest rate at the start, masses */
/* ---- initial.c: += by initial values, and by controls in expressions of these ---- */
gkt_status gkt_reverse_given(gkt_reverse *) GKT_MUST_CHECK;
/* ---- start.c ---- */
gkt_status gkt_reverse_start(gkt_reverse *) GKT_MUST_CHECK;
#endif
