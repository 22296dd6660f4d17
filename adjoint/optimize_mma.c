/* The method of moving asymptotes: Svanberg, Int. J. Numer. Meth. Engng 24 (1987) 359-373, with the constants of his "MMA and GCMMA, two methods for nonlinear optimization"
   (KTH 2007). The subproblem is solved in its multipliers (optimize_dual.c). */
#include <string.h>

#include "adjoint/optimize.h"

static const double FIRST = 0.5, SHRINK = 0.7, GROW = 1.2;         /* asymptotes, in parts of upper - lower */
static const double NEAREST = 0.01, FARTHEST = 10, DISTANCE = 0.1; /* of an asymptote; of x from it */
static const double PENALTY = 1000, LARGEST_PENALTY = 1e9;

typedef struct {
  gkt_optimization *s;
  double *p, *q;            /* [1 + rows][n] */
  double *from, *to, *next; /* [n] */
  double *b, *lambda, *y, *work;
} asymptotes;

static double range(const gkt_optimization *s, gkt_size i) { return s->upper[i] > s->lower[i] ? s->upper[i] - s->lower[i] : 1; } /* 1: it does not move */

static double clamp(double x, double from, double to) { return fmax(from, fmin(to, x)); }

/* What swings gets nearer asymptotes, what goes on gets farther ones. */
static void move_asymptotes(gkt_optimization *s) {
  const bool begin = s->iteration < 2;
  for (gkt_size i = 0; i < s->n; i++) {
    const double x = s->x[i], r = range(s, i), swing = (x - s->before[i]) * (s->before[i] - s->before2[i]);
    const double factor = swing < 0 ? SHRINK : swing > 0 ? GROW : 1;
    const double below = begin ? FIRST * r : factor * (s->before[i] - s->low[i]), above = begin ? FIRST * r : factor * (s->high[i] - s->before[i]);
    s->low[i] = x - clamp(below, NEAREST * r, FARTHEST * r);
    s->high[i] = x + clamp(above, NEAREST * r, FARTHEST * r);
  }
}

static void limit_moves(const asymptotes *a) {
  const gkt_optimization *s = a->s;
  for (gkt_size i = 0; i < s->n; i++) {
    const double x = s->x[i], move = s->asked.move * range(s, i);
    a->from[i] = fmax(s->lower[i], fmax(s->low[i] + DISTANCE * (x - s->low[i]), x - move));
    a->to[i] = fmin(s->upper[i], fmin(s->high[i] - DISTANCE * (s->high[i] - x), x + move));
  }
}

/* Convex about x: a little of the other sign, and of curvature where there is no slope. Returns what the approximation is at x. */
static double approximate(const asymptotes *a, int function, double scale) {
  const gkt_optimization *s = a->s;
  double *p = a->p + function * s->n, *q = a->q + function * s->n, value = 0;
  for (gkt_size i = 0; i < s->n; i++) {
    const double slope = scale * (function ? gkt_optimize_slope(s, function - 1, i) : s->gradient[i]);
    const double up = fmax(slope, 0), down = fmax(-slope, 0), round = 0.001 * (up + down) + 1e-5 / range(s, i);
    const double above = s->high[i] - s->x[i], below = s->x[i] - s->low[i];
    p[i] = above * above * (up + round), q[i] = below * below * (down + round);
    value += p[i] / above + q[i] / below;
  }
  return value;
}

/* Objective and constraints in comparable units, per range of a variable as curvature is added, so that the penalty is far above multipliers: those of the start, kept. */
static double scale_of_objective(gkt_optimization *s) {
  gkt_length objective = {0}, constraint = {0};
  double *scale = &s->record[GKT_RECORD_SCALE], most = 0;
  if (*scale > 0) return *scale;
  for (gkt_size i = 0; i < s->n; i++) gkt_length_add(&objective, s->gradient[i] * range(s, i));
  for (int k = 0; k < s->num_rows; k++, constraint = (gkt_length){0}) {
    for (gkt_size i = 0; i < s->n; i++) gkt_length_add(&constraint, gkt_optimize_slope(s, k, i) * range(s, i));
    most = fmax(most, gkt_length_value(&constraint));
  }
  const double length = gkt_length_value(&objective);
  *scale = length > 0 ? (most > 0 ? most : 1) / length : 1;
  return *scale;
}

/* A constraint that is violated and could not be met within the moves, or for which the penalty was too small. Two limits of one number that are close together leave no room for
   what makes approximations convex: there a penalty that is raised would hold the design where it is. */
static void raise_penalty(gkt_optimization *s, const double *y) {
  double most = 0, *penalty = &s->record[GKT_RECORD_PENALTY];
  for (int k = 0; k < s->num_rows; k++)
    if (s->g[k] > s->asked.feasibility) most = fmax(most, y[k]);
  if (most > 1e-7) *penalty = fmin(LARGEST_PENALTY, 10 * *penalty);
}

static void step(const asymptotes *a) {
  gkt_optimization *s = a->s;
  if (!(s->record[GKT_RECORD_PENALTY] > 0)) s->record[GKT_RECORD_PENALTY] = PENALTY;
  move_asymptotes(s);
  limit_moves(a);
  (void)approximate(a, 0, scale_of_objective(s));
  for (int k = 0; k < s->num_rows; k++) a->b[k] = approximate(a, 1 + k, 1) - s->g[k];
  gkt_mma_solve(&(gkt_mma_subproblem){s->n, s->num_rows, s->low, s->high, a->from, a->to, a->p, a->q, a->b, s->record[GKT_RECORD_PENALTY], a->next, a->lambda, a->y, a->work});
  raise_penalty(s, a->y);
  gkt_optimize_go(s, a->next);
}

static gkt_status allocate(asymptotes *a) {
  gkt_context *ctx = a->s->ctx;
  const gkt_size n = a->s->n, m = a->s->num_rows;
  GKT_TRY(gkt_alloc(ctx, (1 + m) * n, sizeof *a->p, &a->p));
  GKT_TRY(gkt_alloc(ctx, (1 + m) * n, sizeof *a->q, &a->q));
  GKT_TRY(gkt_alloc(ctx, n, sizeof *a->from, &a->from));
  GKT_TRY(gkt_alloc(ctx, n, sizeof *a->to, &a->to));
  GKT_TRY(gkt_alloc(ctx, n, sizeof *a->next, &a->next));
  GKT_TRY(gkt_alloc(ctx, m, sizeof *a->b, &a->b));
  GKT_TRY(gkt_alloc(ctx, m, sizeof *a->lambda, &a->lambda));
  GKT_TRY(gkt_alloc(ctx, m, sizeof *a->y, &a->y));
  return gkt_alloc(ctx, m * m + 4 * m, sizeof *a->work, &a->work);
}

static void release(asymptotes *a) {
  gkt_free(&a->p), gkt_free(&a->q), gkt_free(&a->from), gkt_free(&a->to), gkt_free(&a->next);
  gkt_free(&a->b), gkt_free(&a->lambda), gkt_free(&a->y), gkt_free(&a->work);
}

/* A design at which something is not a number, as a shape whose cells fold, is left for one half as far away, with asymptotes half as far as well. */
static gkt_status evaluate(gkt_optimization *s) {
  enum { MOST_HALVINGS = 10 };
  GKT_TRY(gkt_optimize_differentiate(s, s->x));
  for (int k = 0; k < MOST_HALVINGS && s->iteration > s->begin_iteration && !gkt_optimize_is_finite(s); k++) {
    for (gkt_size i = 0; i < s->n; i++) s->x[i] = 0.5 * (s->x[i] + s->before[i]), s->low[i] = 0.5 * (s->low[i] + s->before[i]), s->high[i] = 0.5 * (s->high[i] + s->before[i]);
    GKT_TRY(gkt_optimize_differentiate(s, s->x));
  }
  return GKT_OK;
}

gkt_status gkt_optimize_mma(gkt_optimization *s) {
  gkt_status status;
  asymptotes a = {.s = s};
  GKT_GO(allocate(&a));
  for (;;) {
    GKT_GO(evaluate(s));
    GKT_GO(gkt_optimize_note(s));
    if (s->over) break;
    step(&a);
  }
done:
  release(&a);
  return status;
}
