/* The globally convergent method of moving asymptotes by NLopt (LD_MMA), which calls for values and derivatives and tells of nothing else. */
#include <nlopt.h>
#include <string.h>

#include "adjoint/optimize.h"

typedef struct {
  gkt_optimization *s;
  gkt_status status;
  nlopt_opt opt;
} nlopt_work;

/* NLopt asks for objective and constraints one after the other at the same place: the first call is the iterate. */
static void come_to(nlopt_work *w, const double *x) {
  gkt_optimization *s = w->s;
  const bool here = s->iteration > s->begin_iteration && !memcmp(x, s->before, (size_t)s->n * sizeof *x);
  if (w->status != GKT_OK || s->over || here) return;
  memcpy(s->x, x, (size_t)s->n * sizeof *x);
  w->status = gkt_optimize_differentiate(s, s->x);
  if (w->status == GKT_OK) w->status = gkt_optimize_note(s);
  if (w->status != GKT_OK || s->over) (void)!nlopt_force_stop(w->opt);
  else gkt_optimize_go(s, NULL);
}

static double objective(unsigned n, const double *x, double *gradient, void *user) {
  nlopt_work *w = user;
  come_to(w, x);
  if (gradient) memcpy(gradient, w->s->gradient, n * sizeof *gradient);
  return w->s->value;
}

static void constraints(unsigned m, double *result, unsigned n, const double *x, double *gradient, void *user) {
  nlopt_work *w = user;
  come_to(w, x);
  for (unsigned k = 0; k < m; k++) {
    result[k] = w->s->g[k];
    for (unsigned i = 0; gradient && i < n; i++) gradient[k * n + i] = gkt_optimize_slope(w->s, (int)k, i);
  }
}

static gkt_status told(gkt_optimization *s, nlopt_result result) {
  if (result == NLOPT_OUT_OF_MEMORY) return gkt_fail(s->ctx, GKT_NO_MEMORY, "NLopt is out of memory");
  if (result == NLOPT_INVALID_ARGS || result == NLOPT_FAILURE) return gkt_fail(s->ctx, GKT_LIBRARY, "NLopt: %s", nlopt_result_to_string(result));
  return GKT_OK;
}

static gkt_status create(nlopt_work *w) {
  gkt_optimization *s = w->s;
  gkt_idx n;
  GKT_TRY(gkt_narrow(s->ctx, s->n, "variables of an optimization", &n));
  w->opt = nlopt_create(NLOPT_LD_MMA, (unsigned)n);
  if (!w->opt) return gkt_fail(s->ctx, GKT_NO_MEMORY, "NLopt is out of memory");
  GKT_TRY(told(s, nlopt_set_lower_bounds(w->opt, s->lower)));
  GKT_TRY(told(s, nlopt_set_upper_bounds(w->opt, s->upper)));
  GKT_TRY(told(s, nlopt_set_min_objective(w->opt, objective, w)));
  if (s->num_rows) GKT_TRY(told(s, nlopt_add_inequality_mconstraint(w->opt, (unsigned)s->num_rows, constraints, w, NULL)));
  return GKT_OK;
}

gkt_status gkt_optimize_nlopt(gkt_optimization *s) {
  gkt_status status;
  nlopt_work w = {.s = s};
  nlopt_result result;
  double value, *x = NULL;
  GKT_GO(gkt_alloc(s->ctx, s->n, sizeof *x, &x));
  memcpy(x, s->x, (size_t)s->n * sizeof *x);
  GKT_GO(create(&w));
  result = nlopt_optimize(w.opt, x, &value);
  GKT_GO(w.status);
  if (s->over) goto done;
  GKT_GO(told(s, result));
  /* It gave up (rounding), and x is the best it has seen. */
  memcpy(s->x, x, (size_t)s->n * sizeof *x);
  GKT_GO(gkt_optimize_differentiate(s, s->x));
  GKT_GO(gkt_optimize_note(s));
  if (!s->over) gkt_optimize_end_with(s, GKT_OPTIMIZE_STALLED);
done:
  nlopt_destroy(w.opt);
  gkt_free(&x);
  return status;
}
