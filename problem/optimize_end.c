/* What the end of an optimization is worth: whether it is one, and warnings of what its numbers do not say. */
#include <math.h>

#include "problem/optimize.h"

/* Designs with values but no slopes, as of sqrt(rho) where rho is 0, are walls that no optimizer passes; it comes to rest beside them without a word. */
void gkt_design_tell_gaps(const gkt_problem *p) {
  const struct gkt_design *d = p->design;
  if (d->num_gaps)
    gkt_log(p->ctx, GKT_LOG_WARNING, "%s at %d of %d designs, so steps to them were shortened; expected powers from 1 of what becomes 0", d->gap, d->num_gaps, d->gradients);
}

/* A method that asks nothing of its end may leave the best that it saw. */
static void tell_better(gkt_problem *p) {
  const gkt_optimize_report *r = &p->design->report;
  const gkt_iterate *best = &r->last;
  const double sign = p->settings->optimize.maximize ? -1 : 1;
  for (int i = 0; i < r->num_history; i++)
    if (r->history[i].objective < best->objective && r->history[i].violation <= fmax(1e-6, r->last.violation)) best = &r->history[i];
  if (r->last.objective - best->objective > 0.01 * fmax(fabs(best->objective), fabs(r->last.objective)))
    gkt_problem_warn(
        p, "the objective was %.9g in iteration %d, within the limits, and is %.9g at the end: %s does not go back to what was best; expected gcmma, which does, or a smaller move",
        sign * best->objective, p->design->done - r->last.iteration + best->iteration, sign * r->last.objective, gkt_optimizer_word(p->settings->optimize.method));
}

/* Nothing changes the objective: no method goes anywhere from there, be it a minimum, a maximum, or a design of which nothing hangs together. */
static bool is_flat(const gkt_problem *p) {
  const struct gkt_design *d = p->design;
  for (int k = 0; k < d->num_controls; k++)
    if (d->controls[k].norm != 0) return false;
  return d->done == 0 && d->report.end == GKT_OPTIMIZE_CONVERGED;
}

/* An end that is an answer, as iterations are used up or no step is found, and yet no nearer to an optimum than the start. */
static bool is_no_nearer(const gkt_problem *p) {
  enum { FEW = 10 };
  const gkt_optimize_report *r = &p->design->report;
  return !r->converged && r->num_history > FEW && r->last.gradient_norm >= r->history[0].gradient_norm;
}

/* It came to rest at the edge of what has an answer, where there may be no optimum. */
static bool is_at_edge(const gkt_optimize_report *r) { return r->end == GKT_OPTIMIZE_STALLED && r->num_beyond && !r->at_rounding; }

void gkt_design_tell_end(gkt_problem *p) {
  const gkt_optimize_report *r = &p->design->report;
  if (is_at_edge(r)) gkt_problem_warn(p, "%s; expected bounds, limits or a start that keep away from there", r->reason);
  if (is_flat(p))
    gkt_problem_warn(p, "the gradient is 0 at the start, which is an optimum, or a place that leads nowhere, as a maximum; expected another start if it is not what was sought");
  if (is_no_nearer(p))
    gkt_problem_warn(
        p, "the gradient's norm is %.2e after %d iterations, %.2e before: no optimum came nearer; expected an objective that has one, limits that leave room, or more iterations",
        r->last.gradient_norm, r->num_history - 1, r->history[0].gradient_norm);
  if (p->settings->optimize.method == GKT_OPTIMIZER_MMA || p->settings->optimize.method == GKT_OPTIMIZER_OC) tell_better(p);
}

/* The optimizer found no step at all, from a start whose gradient promises more than rounding. */
bool gkt_design_is_unmoved(const gkt_problem *p) {
  const struct gkt_design *d = p->design;
  const gkt_iterate *last = &d->report.last;
  gkt_length length = {0};
  if (d->report.end != GKT_OPTIMIZE_STALLED || d->done > 0 || d->report.at_rounding) return false;
  for (gkt_size i = 0; i < d->num; i++) gkt_length_add(&length, sqrt(d->weights ? d->weights[i] : 1) * d->x[i]);
  return last->gradient_norm * fmax(1, gkt_length_value(&length)) > 1e-6 * fabs(last->objective);
}

/* Values that a continuation was to come to are what the design is made for. */
void gkt_design_tell_steps(gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  const struct gkt_design *d = p->design;
  gkt_text t = {.ctx = p->ctx};
  int before = 0; /* iterations */
  if (d->step + 1 == o->num_steps) return;
  for (int i = 0; i + 1 < o->num_steps; i++) before += o->every[i];
  for (int i = 0; i < o->num_continuations; i++)
    gkt_text_printf(&t, ", %s = %g instead of %g", o->continuations[i].name.text, o->continuations[i].values[d->step], o->continuations[i].values[o->num_steps - 1]);
  for (int i = 0; i < o->num_filters; i++) {
    const gkt_filter_settings *f = &o->filters[i];
    if (f->num_betas > 1) gkt_text_printf(&t, ", beta = %g instead of %g for %s", f->betas[d->step], f->betas[f->num_betas - 1], f->name.text);
  }
  if (t.status == GKT_OK)
    gkt_problem_warn(p, "the continuation was not finished, the design is one of step %d of %d: %s; expected more than %d iterations", d->step + 1, o->num_steps, t.data + 2,
                     before);
  gkt_text_free(&t);
}
