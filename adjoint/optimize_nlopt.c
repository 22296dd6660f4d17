/* The globally convergent method of moving asymptotes by NLopt (LD_MMA), which calls for values and derivatives of trials and tells of nothing else. Iterates are the trials that
   are better than all before: feasible and of smaller J, or, before there is a feasible one, less violated. What J gains by a violation within the tolerance counts against it. */
#include <nlopt.h>
#include <string.h>

#include "adjoint/optimize.h"

enum { MOST_IDLE = 100, MOST_REPEATED = 20 }; /* trials one after the other that are no better, each nearer to the iterate than the one before; at the same place */
enum { MOST_DUAL = 2000 };                    /* values of multipliers for a trial: hundreds serve, but where constraints leave no room it would go on */
typedef struct {
  gkt_optimization *s;
  gkt_status status;
  nlopt_opt opt;
  bool begun, is_beyond;       /* s->at is where something is not finite */
  double value, violation;     /* of the iterate */
  gkt_scalar *gradient, *rows; /* of the iterate: [n]; [rows] */
  gkt_scalar *beyond;          /* [n] what stands for a gradient there */
  gkt_scalar *x, *size;        /* [n] in our variables; by which NLopt's are multiplied: powers of two */
  double unit;                 /* of J */
  int idle, repeated;
} nlopt_work;

static double violation_of(const gkt_optimization *s) {
  double most = 0;
  for (int k = 0; k < s->num_rows; k++) most = fmax(most, s->g[k]);
  return most;
}

/* An exact penalty, twice the multipliers of the iterate. */
static double penalty_of(const gkt_optimization *s, const gkt_scalar *rows) {
  double sum = 0;
  for (int k = 0; k < s->num_rows; k++) sum += 2 * s->multipliers[k] * fmax(0, rows[k]);
  return sum;
}

static bool is_better(const nlopt_work *w) {
  const gkt_optimization *s = w->s;
  const double violation = violation_of(s);
  if (!w->begun) return true;
  if (w->is_beyond) return false;
  if (w->violation > s->asked.feasibility) return violation < w->violation;
  return violation <= s->asked.feasibility && s->value + penalty_of(s, s->g) < w->value + penalty_of(s, w->rows);
}

static gkt_status iterate(nlopt_work *w) {
  gkt_optimization *s = w->s;
  if (w->begun) gkt_optimize_go(s, s->at);
  w->begun = true, w->idle = 0, w->value = s->value, w->violation = violation_of(s);
  memcpy(w->gradient, s->gradient, (size_t)s->n * sizeof *w->gradient);
  memcpy(w->rows, s->g, (size_t)s->num_rows * sizeof *w->rows);
  return gkt_optimize_note(s);
}

/* The same trial again and again: NLopt goes nowhere, for rounding or with multipliers left over from where it was not feasible. */
static bool is_stuck(nlopt_work *w, bool here) {
  w->repeated = here ? w->repeated + 1 : 0;
  return w->repeated >= MOST_REPEATED;
}

/* NLopt asks for objective (a trial) and constraints one after the other at the same place. */
static void come_to(nlopt_work *w, const double *z, bool is_trial) {
  gkt_optimization *s = w->s;
  const double *x = w->x;
  for (gkt_size i = 0; i < s->n; i++) w->x[i] = z[i] * w->size[i];
  const bool here = w->begun && !memcmp(x, s->at, (size_t)s->n * sizeof *x);
  if (w->status != GKT_OK || s->over) return;
  if (is_trial && is_stuck(w, here)) (void)!nlopt_force_stop(w->opt);
  if (here) return;
  w->status = gkt_optimize_differentiate(s, x);
  w->is_beyond = w->begun && !gkt_optimize_is_finite(s);
  if (w->status == GKT_OK && is_better(w)) w->status = iterate(w);
  else if (++w->idle >= MOST_IDLE) gkt_optimize_end_with(s, w->violation > s->asked.feasibility ? GKT_OPTIMIZE_INFEASIBLE : GKT_OPTIMIZE_STALLED);
  if (w->status != GKT_OK || s->over) (void)!nlopt_force_stop(w->opt);
}

static double objective(unsigned n, const double *x, double *gradient, void *user) {
  nlopt_work *w = user;
  come_to(w, x, true);
  const double value = w->is_beyond ? gkt_optimize_beyond(w->s, w->value, w->gradient, w->beyond) : w->s->value;
  for (unsigned i = 0; gradient && i < n; i++) gradient[i] = (w->is_beyond ? w->beyond[i] : w->s->gradient[i]) * w->size[i] / w->unit;
  return value / w->unit;
}

static void constraints(unsigned m, double *result, unsigned n, const double *x, double *gradient, void *user) {
  nlopt_work *w = user;
  come_to(w, x, false);
  memcpy(result, w->is_beyond ? w->rows : w->s->g, m * sizeof *result);
  for (unsigned k = 0; gradient && k < m; k++)
    for (unsigned i = 0; i < n; i++) gradient[k * (size_t)n + i] = w->is_beyond ? 0 : gkt_optimize_slope(w->s, (int)k, i) * w->size[i];
}

static gkt_status told(gkt_optimization *s, nlopt_result result) {
  if (result == NLOPT_OUT_OF_MEMORY) return gkt_fail(s->ctx, GKT_NO_MEMORY, "NLopt is out of memory");
  if (result == NLOPT_INVALID_ARGS || result == NLOPT_FAILURE) return gkt_fail(s->ctx, GKT_LIBRARY, "NLopt: %s", nlopt_result_to_string(result));
  return GKT_OK;
}

/* z = x / size */
static void scale(const nlopt_work *w, const double *x, double *z) {
  for (gkt_size i = 0; i < w->s->n; i++) z[i] = x[i] / w->size[i];
}

/* NLopt goes one unit far at first where there are no bounds, adds curvature of 1 to what it takes J and constraints for, and looks for multipliers up to 100,000 times. */
static gkt_status set_units(nlopt_work *w) {
  const gkt_optimization *s = w->s;
  GKT_TRY(gkt_optimize_find_unit(w->s, &w->unit));
  for (gkt_size i = 0; i < s->n; i++) w->size[i] = gkt_power_near(s->start_length / sqrt((double)s->n * gkt_optimize_weight(s, i)));
  return GKT_OK;
}

static gkt_status set_bounds(nlopt_work *w, double *z) {
  gkt_optimization *s = w->s;
  scale(w, s->lower, z);
  GKT_TRY(told(s, nlopt_set_lower_bounds(w->opt, z)));
  scale(w, s->upper, z);
  return told(s, nlopt_set_upper_bounds(w->opt, z));
}

static gkt_status create(nlopt_work *w, double *z) {
  gkt_optimization *s = w->s;
  gkt_idx n;
  GKT_TRY(gkt_narrow(s->ctx, s->n, "variables of an optimization", &n));
  w->opt = nlopt_create(NLOPT_LD_MMA, (unsigned)n);
  if (!w->opt) return gkt_fail(s->ctx, GKT_NO_MEMORY, "NLopt is out of memory");
  GKT_TRY(set_bounds(w, z));
  GKT_TRY(told(s, nlopt_set_param(w->opt, "dual_maxeval", MOST_DUAL)));
  GKT_TRY(told(s, nlopt_set_min_objective(w->opt, objective, w)));
  if (s->num_rows) GKT_TRY(told(s, nlopt_add_inequality_mconstraint(w->opt, (unsigned)s->num_rows, constraints, w, NULL)));
  return GKT_OK;
}

static gkt_status allocate(nlopt_work *w, double **z) {
  const gkt_optimization *s = w->s;
  GKT_TRY(gkt_alloc(s->ctx, s->n, sizeof *w->gradient, &w->gradient));
  GKT_TRY(gkt_alloc(s->ctx, s->n, sizeof *w->beyond, &w->beyond));
  GKT_TRY(gkt_alloc(s->ctx, s->n, sizeof *w->x, &w->x));
  GKT_TRY(gkt_alloc(s->ctx, s->n, sizeof *w->size, &w->size));
  GKT_TRY(gkt_alloc(s->ctx, s->num_rows, sizeof *w->rows, &w->rows));
  return gkt_alloc(s->ctx, s->n, sizeof **z, z);
}

/* From the iterate, with approximations that begin anew, until it is over or NLopt gives up. */
static gkt_status go(nlopt_work *w, double *z) {
  gkt_optimization *s = w->s;
  double value;
  gkt_status status;
  nlopt_result result;
  w->repeated = 0;
  GKT_GO(create(w, z));
  scale(w, s->x, z);
  result = nlopt_optimize(w->opt, z, &value);
  GKT_GO(w->status);
  if (!s->over) GKT_GO(told(s, result));
done:
  nlopt_destroy(w->opt), w->opt = NULL;
  return status;
}

gkt_status gkt_optimize_nlopt(gkt_optimization *s) {
  gkt_status status;
  nlopt_work w = {.s = s};
  double *z = NULL;
  int from;
  GKT_GO(allocate(&w, &z));
  GKT_GO(set_units(&w));
  do {
    from = s->iteration;
    GKT_GO(go(&w, z));
  } while (!s->over && s->iteration > from);
  if (!s->over) gkt_optimize_end_with(s, w.violation > s->asked.feasibility ? GKT_OPTIMIZE_INFEASIBLE : GKT_OPTIMIZE_STALLED); /* rounding */
done:
  gkt_free(&z), gkt_free(&w.x), gkt_free(&w.size), gkt_free(&w.gradient), gkt_free(&w.beyond), gkt_free(&w.rows);
  return status;
}
