/* What the methods of gkt_optimize share: evaluations, the judgement of an iterate, history and record. Not installed. */
#ifndef GKT_ADJOINT_OPTIMIZE_H
#define GKT_ADJOINT_OPTIMIZE_H
#include "core/core.h"
#include "galerkit/optimize.h"

/* One side of a constraint: (sign c - limit) / size <= 0. The size is that of the limit; of a limit of 0 what is compared with it (optimize_sizes.c), in the record. */
typedef struct {
  int constraint;
  double sign, limit, size;
} gkt_optimize_row;

/* The record, all that mma and oc go on from: numbers, then x, those of the two iterates before, asymptotes, sizes of rows [2 num_constraints]. */
enum { GKT_RECORD_FORMAT, GKT_RECORD_METHOD, GKT_RECORD_NUM, GKT_RECORD_ITERATION, GKT_RECORD_FIRST, GKT_RECORD_SCALE, GKT_RECORD_PENALTY, GKT_RECORD_NUMBERS };

typedef struct {
  gkt_context *ctx;
  const gkt_optimize_problem *problem;
  gkt_optimize_options asked;
  gkt_optimize_report *report;
  gkt_size n;
  int num_rows;
  gkt_optimize_row *rows;          /* [num_rows] */
  gkt_scalar *lower, *upper;       /* [n], infinite where there are none */
  gkt_scalar *x;                   /* [n] the iterate, the caller's */
  gkt_scalar *at;                  /* [n] where value was asked for last */
  bool has_value, has_gradient;    /* there */
  gkt_scalar value, *constraints;  /* there; [num_constraints] */
  gkt_scalar *gradient, *jacobian; /* there; [n]; [num_constraints][n] */
  gkt_scalar *residuals;           /* there; [num_residuals]; NULL: value and gradient have callbacks of their own */
  double *g;                       /* [num_rows] of the rows, there */
  double *multipliers;             /* [num_rows] of the last iterate that was judged */
  double near;                     /* there: of the unit of a variable; a constraint so far from its limit pays nothing more */
  double *gram, *right, *best;     /* [num_rows][num_rows], [num_rows], [num_rows] work */
  gkt_size num_record;
  gkt_scalar *record;                        /* [num_record] */
  gkt_scalar *before, *before2, *low, *high; /* [n] in the record */
  gkt_scalar *sizes;                         /* [num_rows] in the record */
  bool is_boxed;                             /* bounds on both sides of every variable */
  double start_length;                       /* gkt_optimize_length at the start */
  const char *about;                         /* the option that was refused; NULL: none */
  double begin;                              /* clock */
  int begin_iteration, iteration;
  bool over;
} gkt_optimization;

static inline double gkt_optimize_weight(const gkt_optimization *s, gkt_size i) { return s->problem->weights ? s->problem->weights[i] : 1; }
/* d row / dx_i */
static inline double gkt_optimize_slope(const gkt_optimization *s, int row, gkt_size i) {
  return s->rows[row].sign / s->rows[row].size * s->jacobian[s->rows[row].constraint * s->n + i];
}
/* At x; what is known of x already is not asked for again. Residuals of gauss-newton are asked for by its own functions. */
gkt_status gkt_optimize_evaluate(gkt_optimization *, const gkt_scalar *x) GKT_MUST_CHECK;
/* Zeros where value or constraints are not finite: there is nothing to ask for. */
gkt_status gkt_optimize_differentiate(gkt_optimization *, const gkt_scalar *x) GKT_MUST_CHECK;
void gkt_optimize_find_rows(gkt_optimization *); /* g of the constraints */
bool gkt_optimize_is_finite(const gkt_optimization *);
/* optimize_beyond.c: what stands for a value that is not finite at s->at; value, gradient [n]: of the iterate s->x; out [n]: the gradient that goes with it. */
double gkt_optimize_beyond(const gkt_optimization *, double value, const gkt_scalar *gradient, gkt_scalar *out);
/* optimize_sizes.c: of the rows, at the start s->x, which was evaluated */
gkt_status gkt_optimize_find_sizes(gkt_optimization *) GKT_MUST_CHECK;
/* Likewise: how far the variables may be expected to go, in their inner product; by how much J may be expected to change over that, as a power of 1024: libraries compare what they
   are told with numbers of their own. */
double gkt_optimize_length(const gkt_optimization *);
gkt_status gkt_optimize_find_unit(gkt_optimization *, double *unit) GKT_MUST_CHECK;
/* optimize_stall.c: nothing but rounding kept a method from a step at s->x, where there are no constraints */
gkt_status gkt_optimize_find_rounding(gkt_optimization *) GKT_MUST_CHECK;
/* optimize_stationarity.c: how much of a slope counts at s->at beside bounds, from 0 to 1; gradient_norm there, and multipliers of the rows. */
double gkt_optimize_freedom(const gkt_optimization *, gkt_size i, double slope);
double gkt_optimize_stationarity(gkt_optimization *);
/* The iterate s->x, evaluated there: into history and record, before the monitor; is it over? */
gkt_status gkt_optimize_note(gkt_optimization *) GKT_MUST_CHECK;
/* To the next iterate; next [n] NULL: which the caller writes into x. */
void gkt_optimize_go(gkt_optimization *, const gkt_scalar *next);
bool gkt_optimize_is_unbounded(const gkt_optimization *); /* the value at s->at, beside that of the start */
void gkt_optimize_end_with(gkt_optimization *, gkt_optimize_end);
/* The methods: from s->x until it is over. */
gkt_status gkt_optimize_tao(gkt_optimization *) GKT_MUST_CHECK;
gkt_status gkt_optimize_check_tao(gkt_optimization *) GKT_MUST_CHECK; /* its options, which nothing but PETSc can read */
gkt_status gkt_optimize_nlopt(gkt_optimization *) GKT_MUST_CHECK;
gkt_status gkt_optimize_mma(gkt_optimization *) GKT_MUST_CHECK;
gkt_status gkt_optimize_oc(gkt_optimization *) GKT_MUST_CHECK;

/* ---- the subproblem of mma (optimize_dual.c): minimize sum_j p_0j/(high_j - x_j) + q_0j/(x_j - low_j) + sum_i (c y_i + y_i^2/2) with
   sum_j p_ij/(high_j - x_j) + q_ij/(x_j - low_j) - y_i <= b_i, from <= x <= to, y >= 0 ---- */
typedef struct {
  gkt_size n;
  int m;
  const double *low, *high, *from, *to; /* [n] */
  const double *p, *q;                  /* [1 + m][n] */
  const double *b;                      /* [m] */
  double penalty;                       /* c */
  double *x;                            /* [n] out */
  double *lambda, *y;                   /* [m] out */
  double *work;                         /* [m * m + 4 m] */
} gkt_mma_subproblem;
void gkt_mma_solve(const gkt_mma_subproblem *);
#endif
