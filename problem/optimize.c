/* A run that optimizes: the optimizer's questions are answered by solves of the system and adjoint gradients; the iterates are shown, kept and written. */
#include <math.h>
#include <string.h>

#include "problem/optimize.h"

static double sign_of(const gkt_problem *p) { return p->settings->optimize.maximize ? -1 : 1; }

/* ---- what the optimizer asks ---- */
static gkt_status value_at(void *user, const gkt_scalar *x, gkt_scalar *objective, gkt_scalar *constraints) {
  gkt_problem *p = user;
  struct gkt_design *d = p->design;
  GKT_TRY(gkt_design_solve(p, x));
  *objective = NAN;
  for (int i = 0; i < p->settings->optimize.num_limits; i++) constraints[i] = NAN;
  if (!d->is_valid) return snprintf(d->beyond, sizeof d->beyond, "%.1000s", p->reason), GKT_OK; /* no state, no value */
  GKT_TRY(gkt_design_value(p, 0, objective));
  *objective *= sign_of(p);
  for (int i = 0; i < p->settings->optimize.num_limits; i++) GKT_TRY(gkt_design_value(p, 1 + i, &constraints[i]));
  if (!isfinite(*objective)) snprintf(d->beyond, sizeof d->beyond, "the objective is %g", isnan(*objective) ? NAN : sign_of(p) * *objective);
  for (int i = 0; i < p->settings->optimize.num_limits; i++)
    if (!isfinite(constraints[i])) snprintf(d->beyond, sizeof d->beyond, "the constraint '%s' is %g", d->names[i], isnan(constraints[i]) ? NAN : constraints[i]);
  return GKT_OK;
}

/* gradient [num] += that of the objective, where the system was solved last */
static gkt_status differentiate(gkt_problem *p, gkt_scalar *gradient) {
  struct gkt_design *d = p->design;
  GKT_TRY(gkt_design_gradient(p, 0, gradient));
  memcpy(d->norms_at, d->at, (size_t)d->num * sizeof *d->at);
  gkt_design_keep_gradients(p, gradient);
  for (int k = 0; k < d->num_controls; k++) d->controls[k].norm = gkt_norm(d->controls[k].size, gradient + d->controls[k].first, NULL);
  return GKT_OK;
}

static gkt_status gradient_at(void *user, const gkt_scalar *x, gkt_scalar *gradient, gkt_scalar *jacobian) {
  gkt_problem *p = user;
  struct gkt_design *d = p->design;
  if (!d->is_valid) return GKT_OK;
  GKT_TRY(gkt_design_solve(p, x));
  GKT_TRY(differentiate(p, gradient));
  for (gkt_size i = 0; i < d->num; i++) gradient[i] *= sign_of(p);
  for (int i = 0; i < p->settings->optimize.num_limits; i++) GKT_TRY(gkt_design_gradient(p, 1 + i, jacobian + i * d->num));
  if (d->missing[0]) memcpy(d->beyond, d->missing, sizeof d->beyond);
  if (d->missing[0] && !d->num_gaps++) memcpy(d->gap, d->missing, sizeof d->gap);
  return GKT_OK;
}

static gkt_status action_at(void *user, const gkt_scalar *x, const gkt_scalar *direction, gkt_scalar *out) {
  gkt_problem *p = user;
  struct gkt_design *d = p->design;
  if (!d->is_valid) return GKT_OK;
  GKT_TRY(gkt_design_solve(p, x));
  GKT_TRY(gkt_design_hessian(p, direction, out));
  for (gkt_size i = 0; i < d->num; i++) out[i] *= sign_of(p);
  return GKT_OK;
}

/* ---- iterates ---- */
static gkt_status add_row(gkt_problem *p, const gkt_iterate *it, const gkt_scalar *constraints) {
  struct gkt_design *d = p->design;
  gkt_series *h = &d->history;
  if (h->count == h->capacity) {
    GKT_TRY(gkt_realloc(p->ctx, (2 * h->capacity + 64) * h->width, sizeof *h->rows, &h->rows));
    h->capacity = 2 * h->capacity + 64;
  }
  gkt_scalar *row = h->rows + h->count++ * h->width;
  row[GKT_DESIGN_ITERATION] = d->done + it->iteration, row[GKT_DESIGN_OBJECTIVE] = sign_of(p) * it->objective, row[GKT_DESIGN_GRADIENT] = it->gradient_norm;
  row[GKT_DESIGN_CHANGE] = it->change, row[GKT_DESIGN_SECONDS] = gkt_seconds() - d->begun, row[GKT_DESIGN_STEP] = d->step;
  memcpy(row + GKT_DESIGN_COLUMNS, constraints, (size_t)p->settings->optimize.num_limits * sizeof *row);
  return GKT_OK;
}

bool gkt_problem_tell_iterate(gkt_problem *p) {
  const struct gkt_design *d = p->design;
  if (p->options.iterate_progress) return p->options.iterate_progress(p->options.progress_user, &p->designing);
  return !p->options.progress ||
         p->options.progress(p->options.progress_user, "optimize", d->done + p->designing.iterate.iteration, p->designing.iterate.gradient_norm, p->designing.seconds_left);
}

static gkt_status look(gkt_problem *p, const gkt_iterate *it, double left, const gkt_scalar *constraints, gkt_size num_record, const gkt_scalar *record) {
  struct gkt_design *d = p->design;
  const gkt_optimize_settings *o = &p->settings->optimize;
  p->designing = (gkt_iterate_progress){.iterate = *it,
                                        .num_iterations = o->iterations,
                                        .seconds_left = isnan(left) ? -1 : left,
                                        .num_constraints = o->num_limits,
                                        .constraint_names = d->names,
                                        .constraints = constraints,
                                        .objective_name = o->objective.name};
  p->designing.iterate.objective *= sign_of(p), p->designing.iterate.iteration += d->done;
  GKT_TRY(add_row(p, it, constraints));
  if (!p->has_run) return GKT_OK;
  const gkt_output_settings *shown = &p->settings->output;
  if (!d->time && (!d->there || shown->every || shown->film.file)) { /* pictures of runs are over time; a state on a device comes over to be shown */
    GKT_TRY(gkt_problem_look_at_solution(p));
    GKT_TRY(gkt_problem_add_frame(p));
  }
  return gkt_design_keep(p, num_record, record);
}

static bool monitor(void *user, const gkt_iterate *it, double left, const gkt_scalar *x, const gkt_scalar *constraints, gkt_size num_record, const gkt_scalar *record) {
  gkt_problem *p = user;
  (void)x;
  p->design->status = look(p, it, left, constraints, num_record, record);
  return p->design->status == GKT_OK && gkt_problem_tell_iterate(p);
}

/* ---- one step of the continuation ---- */
static gkt_optimize_problem describe(gkt_problem *p) {
  const struct gkt_design *d = p->design;
  const int m = p->settings->optimize.num_limits;
  bool bounded = false;
  for (gkt_size i = 0; i < d->num; i++) bounded = bounded || isfinite(d->lower[i]) || isfinite(d->upper[i]);
  return (gkt_optimize_problem){.user = p,
                                .num = d->num,
                                .lower = bounded ? d->lower : NULL,
                                .upper = bounded ? d->upper : NULL,
                                .weights = d->weights,
                                .num_constraints = m,
                                .constraint_names = d->names,
                                .constraint_lower = d->limits,
                                .constraint_upper = d->limits + m,
                                .value = value_at,
                                .gradient = gradient_at,
                                .hessian = action_at};
}

gkt_status gkt_problem_check_optimizer(gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  const gkt_optimize_problem problem = describe(p);
  const gkt_optimize_options options = gkt_settings_optimizer(o);
  const char *option;
  if (o->only_gradient) return GKT_OK;
  const gkt_status status = gkt_optimize_check(p->ctx, &problem, &options, p->design->x, &option);
  const gkt_yaml *at = option ? gkt_yaml_get(gkt_yaml_get(p->settings->root, "optimizer"), option) : NULL;
  return gkt_problem_place(p, status, at ? &(gkt_word){(char *)(uintptr_t)at->text, at} : &o->key);
}

/* Of the iterations of all steps those of this one: each but the last ends after `every`. */
static int iterations_of(const gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  const int left = o->iterations - p->design->done;
  const int step = p->design->step;
  return step == o->num_steps - 1 || o->every[step] > left ? left : o->every[step];
}

/* What cut the optimizer short, as a solve that was interrupted: it had no chance to say why it ended. */
static void describe_failure(gkt_problem *p, gkt_status status) {
  gkt_optimize_report *r = &p->design->report;
  if (status == GKT_CANCELLED) snprintf(r->reason, sizeof r->reason, "interrupted after iteration %d", p->designing.iterate.iteration);
  else snprintf(r->reason, sizeof r->reason, "%s", gkt_context_message(p->ctx));
}

/* What only numbers tell of a file that was checked, as a start whose objective is infinite, is an end like others: there is a report, and no valid answer. */
static void end_with_refusal(gkt_problem *p) {
  gkt_optimize_report *r = &p->design->report;
  *r = (gkt_optimize_report){.end = GKT_OPTIMIZE_NOT_FINITE};
  snprintf(r->reason, sizeof r->reason, "%s", gkt_context_message(p->ctx));
  gkt_context_clear(p->ctx);
}

/* What the optimizer cannot know: why there are no numbers where it was told so. */
static void explain(gkt_problem *p) {
  gkt_optimize_report *r = &p->design->report;
  const size_t length = strlen(r->reason);
  if (r->num_beyond && !r->at_rounding && !r->converged && p->design->beyond[0]) snprintf(r->reason + length, sizeof r->reason - length, ": %s", p->design->beyond);
}

static gkt_status run_step(gkt_problem *p, gkt_size num_record, const gkt_scalar *record) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  struct gkt_design *d = p->design;
  const gkt_optimize_problem problem = describe(p);
  gkt_optimize_options options = gkt_settings_optimizer(o);
  options.max_iterations = iterations_of(p);
  options.monitor = monitor, options.monitor_user = p, options.record = record, options.num_record = num_record;
  gkt_optimize_report_clear(&d->report);
  const gkt_status status = gkt_optimize(p->ctx, &problem, &options, d->x, &d->report);
  if (d->status != GKT_OK || status != GKT_OK) describe_failure(p, d->status != GKT_OK ? d->status : status);
  GKT_TRY(d->status);
  d->evaluations += d->report.evaluations, d->gradients += d->report.gradients;
  if (status == GKT_BAD_INPUT) return end_with_refusal(p), GKT_OK;
  if (status == GKT_OK) explain(p);
  return status;
}

/* Norms are those of the design that was reached; a method may have asked elsewhere last. */
static gkt_status find_norms(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_scalar *gradient = NULL;
  double value = NAN;
  gkt_status status = GKT_OK;
  if (!memcmp(d->norms_at, d->x, (size_t)d->num * sizeof *d->x)) return GKT_OK;
  for (int k = 0; k < d->num_controls; k++) d->controls[k].norm = NAN;
  if (d->is_valid) GKT_GO(gkt_design_value(p, 0, &value));
  if (!isfinite(value)) goto done;
  GKT_GO(gkt_calloc(p->ctx, d->num, sizeof *gradient, &gradient));
  GKT_GO(differentiate(p, gradient));
done:
  gkt_free(&gradient);
  return status;
}

/* Numbers of the end, and whether it is one to write down. */
static gkt_status conclude(gkt_problem *p) {
  struct gkt_design *d = p->design;
  const gkt_optimize_end end = d->report.end;
  if (end == GKT_OPTIMIZE_CANCELLED) return GKT_CANCELLED;
  GKT_TRY(gkt_design_solve(p, d->x));
  GKT_TRY(find_norms(p));
  gkt_design_tell_gaps(p);
  p->valid = d->is_valid && (d->report.converged || end == GKT_OPTIMIZE_ITERATIONS || end == GKT_OPTIMIZE_STALLED) && !gkt_design_is_unmoved(p) && d->report.last.violation <= 1e-3;
  if (p->valid) gkt_design_tell_end(p);
  if (!d->is_valid || p->valid) return GKT_OK;
  snprintf(p->reason, sizeof p->reason, "optimizer: %s", d->report.reason);
  return GKT_OK;
}

/* A start without a state is no start: why is the reason that is kept. Solved once: the optimizer asks there first. */
static gkt_status begin(gkt_problem *p, bool restarts) {
  struct gkt_design *d = p->design;
  char why[sizeof p->reason];
  GKT_TRY(gkt_design_begin_step(p));
  if (!restarts) GKT_TRY(gkt_design_solve(p, d->x));
  if (restarts || d->is_valid) return GKT_OK;
  memcpy(why, p->reason, sizeof why);
  snprintf(p->reason, sizeof p->reason, "the start has no solution: %.1900s", why);
  return GKT_OK;
}

static gkt_status follow_steps(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_scalar *record = NULL;
  gkt_size num_record = 0;
  gkt_status status = GKT_OK;
  if (p->settings->optimize.restart.text) GKT_TRY(gkt_design_resume(p, &num_record, &record)); /* which names its place */
  GKT_GO(begin(p, record));
  for (bool first = true; record || d->is_valid || !first; first = false) {
    GKT_GO(run_step(p, num_record, first ? record : NULL));
    d->done += d->report.last.iteration;
    if (d->step + 1 == p->settings->optimize.num_steps || d->report.end == GKT_OPTIMIZE_CANCELLED || d->report.end == GKT_OPTIMIZE_NOT_FINITE ||
        d->done >= p->settings->optimize.iterations)
      break;
    d->step++;
    GKT_GO(gkt_design_begin_step(p));
  }
  gkt_design_tell_steps(p);
done:
  gkt_free(&record);
  return gkt_problem_place(p, status, &p->settings->optimize.key);
}

/* ---- without an optimizer ---- */
/* Has everything a value? Else that is the reason why there is no answer. */
static bool is_finite(gkt_problem *p, double value, const gkt_scalar *constraints) {
  const struct gkt_design *d = p->design;
  const int m = p->settings->optimize.num_limits;
  int i = 0;
  if (!isfinite(value)) snprintf(p->reason, sizeof p->reason, "no gradient: the objective is %g", isnan(value) ? NAN : sign_of(p) * value);
  else {
    while (i < m && isfinite(constraints[i])) i++;
    if (i == m) return true;
    snprintf(p->reason, sizeof p->reason, "no gradient: the constraint '%s' is %g", d->names[i], isnan(constraints[i]) ? NAN : constraints[i]);
  }
  p->valid = false;
  return false;
}

static gkt_status evaluate(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_scalar *gradient = NULL, *jacobian = NULL, *constraints = NULL, value;
  gkt_status status;
  const gkt_size m = p->settings->optimize.num_limits;
  GKT_GO(gkt_calloc(p->ctx, d->num, sizeof *gradient, &gradient));
  GKT_GO(gkt_calloc(p->ctx, m * d->num, sizeof *jacobian, &jacobian));
  GKT_GO(gkt_alloc(p->ctx, m, sizeof *constraints, &constraints));
  GKT_GO(gkt_design_begin_step(p));
  GKT_GO(value_at(p, d->x, &value, constraints));
  d->evaluations = 1;
  if (d->is_valid && !is_finite(p, value, constraints)) goto done;
  if (d->is_valid) GKT_GO(gradient_at(p, d->x, gradient, jacobian));
  d->gradients = 1;
  if (d->missing[0]) p->valid = false, snprintf(p->reason, sizeof p->reason, "%s", d->missing);
  if (d->is_valid) GKT_GO(add_row(p, &(gkt_iterate){.objective = value, .gradient_norm = gkt_norm(d->num, gradient, NULL)}, constraints));
done:
  gkt_free(&gradient), gkt_free(&jacobian), gkt_free(&constraints);
  return status;
}

static gkt_status find(gkt_problem *p) {
  if (p->settings->optimize.only_gradient) GKT_TRY(evaluate(p));
  else {
    GKT_TRY(follow_steps(p));
    GKT_TRY(conclude(p));
  }
  return p->settings->optimize.verify ? gkt_design_verify(p) : GKT_OK;
}

gkt_status gkt_problem_optimize(gkt_problem *p) {
  p->design->begun = gkt_seconds(), p->is_trial = p->settings->time.at;
  const gkt_status status = find(p), fetched = gkt_design_fetch(p);
  GKT_TRY(status);
  GKT_TRY(fetched);
  if (p->is_trial && p->valid) GKT_TRY(gkt_design_show(p));
  gkt_design_end_runs(p->design);
  return GKT_OK;
}
