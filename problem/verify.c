/* `verify`: is the gradient by each control that of the objective? */
#include <math.h>

#include "problem/optimize.h"

/* What a change of a value is measured by: the value, so that what lies far apart moves alike; where it is 0 the width between its bounds, the largest value, 1. */
static double unit_of(const gkt_design_control *c, double value, double largest) {
  const double width = c->settings->upper - c->settings->lower;
  return value != 0 ? fabs(value) : isfinite(width) ? width : largest > 0 ? largest : 1;
}

/* direction [size]: numbers that are no pattern, the same in every run, none that leaves the bounds on a step of 1. */
static void make_direction(const gkt_design_control *c, gkt_scalar *direction) {
  uint32_t seed = 1;
  double largest = 0;
  for (gkt_size i = 0; i < c->size; i++) largest = fmax(largest, fabs(c->values[i]));
  for (gkt_size i = 0; i < c->size; i++) {
    const double value = c->values[i], up = c->settings->upper - value, down = value - c->settings->lower, unit = unit_of(c, value, largest);
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    const double part = 2 * (seed / 4294967296.0) - 1, sign = fmin(up, down) >= unit ? copysign(1, part) : up >= down ? 1 : -1;
    direction[i] = sign * fabs(part) * fmin(unit, fmax(fmax(up, down), 0));
  }
}

static gkt_status judge(gkt_problem *p, const gkt_design_control *c) {
  const gkt_taylor *t = &c->taylor;
  if (t->cancelled) return GKT_CANCELLED;
  if (t->passed || !p->valid) return GKT_OK;
  p->valid = false;
  if (t->reason[0]) snprintf(p->reason, sizeof p->reason, "verify: the gradient by %s could not be verified: %.1500s", c->settings->name.text, t->reason);
  else
    snprintf(p->reason, sizeof p->reason, "verify: the gradient by %s is not that of the objective: Taylor remainders fall with slope %.3g, 2 was expected", c->settings->name.text,
             t->slope);
  return GKT_OK;
}

static gkt_status verify_control(gkt_problem *p, int number) {
  const gkt_solve_options options = gkt_problem_solve_options(p);
  struct gkt_design *d = p->design;
  gkt_design_control *c = &d->controls[number];
  gkt_scalar *direction = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, c->size, sizeof *direction, &direction));
  make_direction(c, direction);
  GKT_GO(gkt_adjoint_verify(d->adjoint, d->functionals[0], &options, number, direction, 0, p->u, &c->taylor));
  c->is_verified = true;
  GKT_GO(judge(p, c));
done:
  gkt_free(&direction);
  return status;
}

gkt_status gkt_design_verify(gkt_problem *p) {
  struct gkt_design *d = p->design;
  GKT_TRY(gkt_design_solve(p, d->x));
  for (int i = 0; i < d->num_controls && d->is_valid; i++) GKT_TRY(verify_control(p, i));
  return GKT_OK;
}
