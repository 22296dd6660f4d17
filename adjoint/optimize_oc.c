/* Optimality criteria: x_i (-dJ_i / (lambda dc_i))^damping within moves and bounds, with the lambda for which the constraint, linear about x, is met. */
#include "adjoint/optimize.h"

typedef struct {
  gkt_optimization *s;
  gkt_scalar *next, *factor; /* [n] x_i (-dJ_i/dc_i)^damping, which lambda^-damping scales */
} criteria;

static gkt_status check_slopes(const gkt_optimization *s) {
  for (gkt_size i = 0; i < s->n; i++)
    if (!(gkt_optimize_slope(s, 0, i) > 0))
      return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer 'oc' serves a constraint that grows with every variable, but its derivative by variable %lld is %g; mma takes any",
                      (long long)i, gkt_optimize_slope(s, 0, i));
  return GKT_OK;
}

static double limited(const gkt_optimization *s, gkt_size i, double x) {
  const double move = s->asked.move * (s->upper[i] - s->lower[i]);
  return fmax(fmax(s->lower[i], s->x[i] - move), fmin(fmin(s->upper[i], s->x[i] + move), x));
}

/* The constraint that this lambda leads to; next is set. */
static double constraint_at(const criteria *c, double log_lambda) {
  const gkt_optimization *s = c->s;
  const double scale = exp(-s->asked.damping * log_lambda);
  double g = s->g[0];
  for (gkt_size i = 0; i < s->n; i++) {
    c->next[i] = limited(s, i, c->factor[i] * scale);
    g += gkt_optimize_slope(s, 0, i) * (c->next[i] - s->x[i]);
  }
  return g;
}

/* Where even the ends do not meet it, moves lead towards it (above), or it does not hold anything back (below). */
static void bisect(const criteria *c) {
  enum { STEPS = 60 };
  double below = -100, above = 100; /* of log lambda, relative to its size */
  double size = 0;
  for (gkt_size i = 0; i < c->s->n; i++) size = fmax(size, fmax(0, -c->s->gradient[i]) / gkt_optimize_slope(c->s, 0, i));
  const double middle = size > 0 ? log(size) : 0;
  for (int k = 0; k < STEPS && above - below > 1e-14; k++) {
    const double at = 0.5 * (below + above);
    if (constraint_at(c, middle + at) > 0) below = at;
    else above = at;
  }
  (void)constraint_at(c, middle + above);
}

static gkt_status step(const criteria *c) {
  gkt_optimization *s = c->s;
  GKT_TRY(check_slopes(s));
  for (gkt_size i = 0; i < s->n; i++) c->factor[i] = s->x[i] * pow(fmax(0, -s->gradient[i]) / gkt_optimize_slope(s, 0, i), s->asked.damping);
  bisect(c);
  gkt_optimize_go(s, c->next);
  return GKT_OK;
}

gkt_status gkt_optimize_oc(gkt_optimization *s) {
  gkt_status status;
  criteria c = {.s = s};
  GKT_GO(gkt_alloc(s->ctx, s->n, sizeof *c.next, &c.next));
  GKT_GO(gkt_alloc(s->ctx, s->n, sizeof *c.factor, &c.factor));
  for (;;) {
    GKT_GO(gkt_optimize_differentiate(s, s->x));
    GKT_GO(gkt_optimize_note(s));
    if (s->over) break;
    GKT_GO(step(&c));
  }
done:
  gkt_free(&c.next);
  gkt_free(&c.factor);
  return status;
}
