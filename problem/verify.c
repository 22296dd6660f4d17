/* `verify`: is the gradient by each control that of the objective? As the optimizer has it, but for filters that make of it what is none, it is compared with the objective's own
 * changes along a direction of the variables: through filters, forms and, in time, the whole run, whose steps keep their lengths. */
#include <math.h>
#include <string.h>

#include "meshes/mesh.h"
#include "problem/optimize.h"

typedef struct {
  gkt_problem *p;
  const gkt_design_control *control;
  gkt_scalar *x, *direction; /* [variables]; [those of the control] */
} line;

static gkt_status value_at(void *user, double eps, double *value, gkt_taylor *out) {
  const line *l = user;
  const struct gkt_design *d = l->p->design;
  const gkt_size first = l->control->first;
  memcpy(l->x, d->x, (size_t)d->num * sizeof *l->x);
  for (gkt_size i = 0; i < l->control->size; i++) l->x[first + i] += eps * l->direction[i];
  GKT_TRY(gkt_design_solve(l->p, l->x));
  if (d->is_valid) GKT_TRY(gkt_design_value(l->p, 0, value));
  if (d->is_valid && isfinite(*value)) return GKT_OK;
  snprintf(out->reason, sizeof out->reason, "with the control moved by %g of the direction: %.1500s", eps, d->is_valid ? "the objective is not finite" : l->p->reason);
  return GKT_OK;
}

/* What a change of a value is measured by: the value, so that what lies far apart moves alike; where it is 0 the width between its bounds, the largest value, 1. */
static double unit_of(const gkt_design_control *c, double value, double largest) {
  const double width = c->settings->upper - c->settings->lower;
  return value != 0 ? fabs(value) : isfinite(width) ? width : largest > 0 ? largest : 1;
}

/* Numbers that are no pattern, the same in every run, none that leaves the bounds on a step of 1. */
static void make_direction(const line *l) {
  const gkt_design_control *c = l->control;
  const gkt_scalar *x = l->p->design->x + c->first;
  uint32_t seed = 1;
  const double edge = c->extension ? 0.2 * gkt_mesh_shortest_edge(l->p->mesh) : 0; /* a fifth of the shortest: no cell is turned */
  double largest = 0;
  for (gkt_size i = 0; i < c->size; i++) largest = fmax(largest, fabs(x[i]));
  for (gkt_size i = 0; i < c->size; i++) {
    const double up = c->settings->upper - x[i], down = x[i] - c->settings->lower, unit = edge > 0 ? edge : unit_of(c, x[i], largest);
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    const double part = 2 * (seed / 4294967296.0) - 1, sign = fmin(up, down) >= unit ? copysign(1, part) : up >= down ? 1 : -1;
    l->direction[i] = sign * fabs(part) * fmin(unit, fmax(fmax(up, down), 0));
  }
}

static gkt_status look(const line *l, double value, const gkt_scalar *gradient, gkt_taylor *out) {
  gkt_taylor_line along = {.user = (void *)l, .value = value_at, .value_at_0 = value, .rtol = l->p->settings->solver.rtol};
  make_direction(l);
  for (gkt_size i = 0; i < l->control->size; i++) along.derivative += gradient[l->control->first + i] * l->direction[i];
  if (isfinite(along.derivative)) return gkt_taylor_look(&along, 0, out);
  *out = (gkt_taylor){.slope = NAN};
  snprintf(out->reason, sizeof out->reason, "%s", l->p->design->missing);
  return GKT_OK;
}

static gkt_status look_at_all(gkt_problem *p, gkt_scalar *x, gkt_scalar *direction, gkt_scalar *gradient) {
  struct gkt_design *d = p->design;
  double value;
  GKT_TRY(gkt_design_value(p, 0, &value));
  if (!isfinite(value)) return GKT_OK; /* that is the reason already */
  GKT_TRY(gkt_design_gradient(p, 0, gradient));
  for (int i = 0; i < d->num_controls; i++) {
    gkt_design_control *c = &d->controls[i];
    GKT_TRY(look(&(line){p, c, x, direction}, value, gradient, &c->taylor));
    c->is_verified = true, c->verified_norm = gkt_norm(c->size, gradient + c->first, NULL);
  }
  return GKT_OK;
}

static gkt_status compare(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_scalar *x = NULL, *direction = NULL, *gradient = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, d->num, sizeof *x, &x));
  GKT_GO(gkt_alloc(p->ctx, d->num, sizeof *direction, &direction));
  GKT_GO(gkt_calloc(p->ctx, d->num, sizeof *gradient, &gradient));
  d->is_plain = true;
  if (d->time) GKT_GO(gkt_design_hold_steps(p));
  GKT_GO(look_at_all(p, x, direction, gradient));
done:
  gkt_design_release_steps(d);
  d->is_plain = false;
  gkt_free(&x), gkt_free(&direction), gkt_free(&gradient);
  return status;
}

/* The first that fails is the reason. */
static void judge(gkt_problem *p) {
  for (int i = 0; i < p->design->num_controls && p->valid; i++) {
    const gkt_taylor *t = &p->design->controls[i].taylor;
    const char *name = p->design->controls[i].settings->name.text;
    if (t->passed) continue;
    p->valid = false;
    if (t->reason[0]) snprintf(p->reason, sizeof p->reason, "verify: the gradient by %s could not be verified: %.1500s", name, t->reason);
    else if (fabs(t->slope - 2) < 0.1)
      snprintf(
          p->reason, sizeof p->reason,
          "verify: the gradient by %s is not shown to be that of the objective: Taylor remainders do not fall evenly, with slope 2 only at the end, as near a kink or in noise",
          name);
    else snprintf(p->reason, sizeof p->reason, "verify: the gradient by %s is not that of the objective: Taylor remainders fall with slope %.3g, 2 was expected", name, t->slope);
  }
}

/* State, counts and what is said of the solver are those of before. */
gkt_status gkt_design_verify(gkt_problem *p) {
  struct gkt_design *d = p->design;
  const gkt_design_counts counts = d->counts;
  const bool valid = p->valid;
  char reason[sizeof p->reason];
  gkt_vector *u = NULL;
  gkt_status status;
  GKT_TRY(gkt_design_solve(p, d->x));
  if (!d->is_valid) return GKT_OK;
  memcpy(reason, p->reason, sizeof reason);
  const gkt_solve_report solution = p->solution;
  p->solution = (gkt_solve_report){0};
  GKT_GO(gkt_vector_create_on(p->ctx, gkt_vector_where(gkt_design_state(p)), gkt_vector_size(p->u), &u));
  gkt_vector_copy(gkt_design_state(p), u);
  GKT_GO(compare(p));
  gkt_vector_copy(u, gkt_design_state(p));
  GKT_GO(gkt_design_set(p, d->x));
  d->is_solved = d->is_valid = !d->time;
done:
  gkt_vector_destroy(&u);
  gkt_solve_report_clear(&p->solution);
  p->solution = solution, p->valid = valid, d->counts = counts;
  memcpy(p->reason, reason, sizeof reason);
  if (status == GKT_OK) judge(p);
  return status;
}
