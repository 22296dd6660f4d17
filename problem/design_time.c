/* Designs of runs in time: a run for each that is asked for, its value and its gradient. */
#include <math.h>

#include "problem/optimize.h"

gkt_status gkt_design_plan_runs(gkt_problem *p, struct gkt_design *d) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  const gkt_word *scheme = &p->settings->time.scheme;
  GKT_TRY(gkt_march_create(p, &d->time));
  const gkt_status status = gkt_trajectory_create(d->time, (gkt_size)o->bytes, &d->trajectory);
  if (status == GKT_BAD_INPUT && o->memory.text) return gkt_problem_place(p, status, &o->memory);
  GKT_TRY(gkt_problem_place(p, status, scheme->text ? scheme : &o->key));
  if (!o->disk.text) return GKT_OK;
  const gkt_status disk = gkt_trajectory_use_disk(d->trajectory, NULL, (gkt_size)o->disk_bytes);
  return gkt_problem_place(p, disk == GKT_IO ? GKT_BAD_INPUT : disk, &o->disk); /* nothing has begun yet */
}

void gkt_design_end_runs(struct gkt_design *d) {
  gkt_trajectory_destroy(&d->trajectory);
  gkt_time_destroy(&d->time);
  gkt_free(&d->held), gkt_free(&d->repeats);
}

static void count(const gkt_problem *p, gkt_design_counts *n) {
  n->solves++, n->assemblies += p->counts.assemblies, n->setups += p->counts.setups, n->kept += p->counts.kept, n->linear += p->counts.linear;
}

/* Steps of the lengths that are held. */
static gkt_status repeat(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_step_report r;
  GKT_TRY(gkt_march_begin(p, d->time, &r));
  for (gkt_size i = 0; i < d->num_held && r.valid; i++) {
    GKT_TRY(gkt_march_tell(p, (int)i + 1, (int)d->num_held, r.time, &r));
    GKT_TRY(gkt_time_step(d->time, d->held[i], &r));
    gkt_march_count(p, &r);
  }
  return gkt_march_take_report(p, d->time, &r);
}

gkt_status gkt_design_hold_steps(gkt_problem *p) {
  struct gkt_design *d = p->design;
  const gkt_size n = gkt_trajectory_num_steps(d->trajectory);
  GKT_TRY(gkt_realloc(p->ctx, n, sizeof *d->held, &d->held));
  GKT_TRY(gkt_realloc(p->ctx, n + 1, sizeof *d->repeats, &d->repeats));
  for (gkt_size i = 0; i < n; i++) d->held[i] = gkt_trajectory_length(d->trajectory, i + 1);
  for (gkt_size i = 0; i <= n; i++) d->repeats[i] = gkt_trajectory_repeats(d->trajectory, i);
  gkt_time_hold_repeats(d->time, n + 1, d->repeats);
  d->num_held = n;
  return GKT_OK;
}

void gkt_design_release_steps(struct gkt_design *d) {
  d->num_held = 0;
  if (d->time) gkt_time_hold_repeats(d->time, 0, NULL);
}

/* What the first design is refused for, as a step that is not stable, is no value of a later one. */
static gkt_status forgive(gkt_problem *p, gkt_status status) {
  if (status != GKT_BAD_INPUT || p->design->counts.solves == 0) return status;
  p->valid = false;
  snprintf(p->reason, sizeof p->reason, "%s", gkt_context_message(p->ctx));
  gkt_context_clear(p->ctx);
  return GKT_OK;
}

gkt_status gkt_design_march(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_solve_report_clear(&p->solution);
  p->counts = (gkt_march_counts){0}, d->repeated = 0;
  GKT_TRY(gkt_problem_set_initial(p));
  GKT_TRY(gkt_adjoint_fill_initial(d->adjoint, d->time, p->u, p->rate));
  GKT_TRY(forgive(p, d->num_held ? repeat(p) : gkt_march_run(p, d->time)));
  count(p, &d->counts);
  return GKT_OK;
}

/* Once more, with results and files on the way. */
gkt_status gkt_design_show(gkt_problem *p) {
  p->is_trial = false, p->series.count = 0;
  const gkt_status status = gkt_design_march(p), listed = gkt_problem_finish_series(p);
  p->is_trial = true;
  GKT_TRY(status);
  return listed > 0 ? GKT_IO : listed; /* too late to be a refusal */
}

static gkt_time_functional functional_of(const struct gkt_design *d, int number) { return (gkt_time_functional){.end = d->functionals[number], .running = d->running[number]}; }

/* Reports tell of all since the run began. */
static void count_repeated(struct gkt_design *d, const gkt_time_gradient_report *r) {
  d->counts.repeated += (int)(r->repeated - d->repeated);
  d->repeated = r->repeated;
}

gkt_status gkt_design_run_value(gkt_problem *p, int number, double *value) {
  struct gkt_design *d = p->design;
  gkt_time_gradient_report r;
  GKT_TRY(gkt_time_value(d->adjoint, d->trajectory, functional_of(d, number), value, &r));
  count_repeated(d, &r);
  if (!r.valid) *value = NAN; /* which is for the optimizer to know */
  return GKT_OK;
}

gkt_status gkt_design_run_gradient(gkt_problem *p, int number) {
  struct gkt_design *d = p->design;
  gkt_time_gradient_report r;
  GKT_TRY(gkt_time_gradient(d->adjoint, d->trajectory, functional_of(d, number), NULL, d->slopes, &r));
  d->counts.adjoint_solves++, d->counts.adjoint_assemblies += r.assemblies, d->counts.adjoint_setups += r.setups, d->counts.adjoint_linear += r.linear;
  count_repeated(d, &r);
  if (!r.valid && !gkt_problem_tell_iterate(p)) return GKT_CANCELLED;
  if (!r.valid) snprintf(d->missing, sizeof d->missing, "no gradient: %.1000s", r.reason);
  return GKT_OK;
}
