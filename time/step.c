/* One implicit step. */
#include <math.h>
#include <string.h>

#include "time/time.h"

/* ---- combinations of vectors ---- */
void gkt_time_combine(const gkt_time *t, const gkt_combination (*combinations)[3], int order, const gkt_vector *u1, gkt_vector *out) {
  const gkt_layout *l = gkt_system_layout(t->system);
  for (int b = 0; b < t->num_blocks; b++) {
    const double *of = combinations[t->kinds[b]][order].of;
    const gkt_vector *from[GKT_NUM_PARTS];
    double factors[GKT_NUM_PARTS];
    int count = 0;
    for (int p = u1 ? GKT_U1 : GKT_U0; p < GKT_NUM_PARTS; p++)
      if (of[p] != 0) from[count] = p == GKT_U1 ? u1 : t->parts[p], factors[count++] = of[p];
    gkt_vector_combine(l->blocks[b].first, l->blocks[b].count, count, factors, from, out);
  }
}

gkt_status gkt_time_set_step(gkt_time *t, const gkt_scheme_plan *p, double step, bool weigh_rows) {
  gkt_stage stages[GKT_MAX_STAGES];
  for (int k = 0; k < p->num_stages; k++) {
    for (int order = 0; order < 3; order++) gkt_time_combine(t, p->stages[k], order, NULL, t->known[k][order]);
    for (int b = 0; b < t->num_blocks; b++) {
      const gkt_combination *c = p->stages[k][t->kinds[b]];
      t->shifts[k][b] = (gkt_shifts){c[0].of[GKT_U1], c[1].of[GKT_U1], c[2].of[GKT_U1]};
    }
    stages[k] = (gkt_stage){.weight = p->weights[k],
                            .time = t->time + p->times[k] * step,
                            .shifts = t->shifts[k],
                            .row_weights = weigh_rows ? t->row_weights[k] : NULL,
                            .u = t->known[k][0],
                            .rate = t->known[k][1],
                            .acceleration = t->known[k][2]};
  }
  return gkt_system_set_step(t->system, p->num_stages, stages);
}

/* ---- solution ---- */
void gkt_time_clear_report(gkt_time *t) {
  gkt_solve_report_clear(&t->report);
  t->report = (gkt_solve_report){0};
}

void gkt_time_count(gkt_time *t, gkt_status status, bool linear, gkt_step_report *report) {
  report->valid = status == GKT_OK && t->report.valid;
  report->newton += linear ? 1 : t->report.newton.iterations;
  report->linear += linear ? t->report.linear.iterations : t->report.newton.linear_iterations;
  report->setups += linear ? t->report.linear.setups : t->report.newton.setups;
  report->kept += linear ? t->report.linear.kept : t->report.newton.kept;
  report->assemblies += t->report.assemblies;
  report->assemble_seconds += t->report.assemble_seconds, report->assemble_cpu_seconds += t->report.assemble_cpu_seconds;
  report->setup_seconds += t->report.setup_seconds, report->setup_cpu_seconds += t->report.setup_cpu_seconds;
  report->solve_seconds += t->report.solve_seconds, report->solve_cpu_seconds += t->report.solve_cpu_seconds;
  memcpy(report->reason, t->report.reason, sizeof report->reason);
  report->report = t->report;
}

void gkt_time_add_counts(const gkt_step_report *from, gkt_step_report *to) {
  to->newton += from->newton, to->linear += from->linear, to->setups += from->setups, to->kept += from->kept, to->assemblies += from->assemblies;
  to->assemble_seconds += from->assemble_seconds, to->assemble_cpu_seconds += from->assemble_cpu_seconds;
  to->setup_seconds += from->setup_seconds, to->setup_cpu_seconds += from->setup_cpu_seconds;
  to->solve_seconds += from->solve_seconds, to->solve_cpu_seconds += from->solve_cpu_seconds;
}

gkt_status gkt_time_solve(gkt_time *t, gkt_vector *u, gkt_step_report *report) {
  gkt_time_clear_report(t);
  const gkt_status status = gkt_system_solve(t->system, &t->options.solve, u, &t->report);
  gkt_time_count(t, status, !gkt_system_is_nonlinear(t->system), report);
  return status;
}

/* Linear problems go straight to their end: what is nearest to it saves iterations. Newton's method begins where it knows that R is finite. */
static void guess(gkt_time *t, double step) {
  if (gkt_system_is_nonlinear(t->system) || t->options.scheme.kind == GKT_SCHEME_STATIC || t->num_steps == 0 || t->before <= 0) return;
  gkt_vector_axpy(step / t->before, t->parts[GKT_U0], t->u);
  gkt_vector_axpy(-step / t->before, t->parts[GKT_BEFORE], t->u);
}

static void find_rates(gkt_time *t, const gkt_scheme_plan *p) {
  gkt_time_combine(t, p->end, 1, t->u, t->rate);
  gkt_time_combine(t, p->end, 2, t->u, t->acceleration);
}

static void advance(gkt_time *t, double step) {
  if (t->earlier_u) gkt_vector_copy(t->parts[GKT_BEFORE], t->earlier_u);
  if (t->earlier_acceleration) gkt_vector_copy(t->parts[GKT_ACCELERATION0], t->earlier_acceleration);
  gkt_vector_copy(t->parts[GKT_U0], t->parts[GKT_BEFORE]);
  gkt_time_keep_past(t);
  t->earliest = t->earlier, t->earlier = t->before;
  t->time += step, t->before = step, t->num_steps++;
}

static void go_back(gkt_time *t) {
  gkt_vector_copy(t->parts[GKT_U0], t->u), gkt_vector_copy(t->parts[GKT_RATE0], t->rate), gkt_vector_copy(t->parts[GKT_ACCELERATION0], t->acceleration);
}

static gkt_status solve_implicit(gkt_time *t, const gkt_scheme_plan *plan, double step, gkt_step_report *report) {
  if (t->options.scheme.kind != GKT_SCHEME_STATIC) GKT_TRY(gkt_time_set_step(t, plan, step, false));
  GKT_TRY(gkt_system_set_time(t->system, t->time + step));
  guess(t, step);
  const gkt_status status = gkt_time_solve(t, t->u, report);
  report->error = report->valid && gkt_time_adapts(t) ? gkt_time_error(t, step) : 0;
  if (report->valid) find_rates(t, plan);
  return status;
}

gkt_status gkt_time_tell(gkt_time *t, gkt_follow_event event, double start, double step) {
  return t->follower.follow ? t->follower.follow(t->follower.user, event, start, step) : GKT_OK;
}

/* Counts in the report are added to. */
static gkt_status take_step(gkt_time *t, double step, gkt_step_report *report) {
  const double start = t->time;
  gkt_scheme_plan plan;
  report->time = t->time + step, report->step = step, report->valid = false;
  if (!(step > 0) || !isfinite(step)) return gkt_fail(t->ctx, GKT_BAD_ARGUMENT, "a step of length %g; expected one above 0", step);
  gkt_scheme_make_plan(&t->options.scheme, step, t->before, &plan);
  gkt_vector_copy(t->u, t->parts[GKT_U0]), gkt_vector_copy(t->rate, t->parts[GKT_RATE0]), gkt_vector_copy(t->acceleration, t->parts[GKT_ACCELERATION0]);
  gkt_status status = gkt_scheme_is_explicit(&t->options.scheme) ? gkt_time_step_explicit(t, step, report) : solve_implicit(t, &plan, step, report);
  if (report->error > 1) report->valid = false;
  if (report->valid) status = gkt_time_commit(t, t->time + step, report);
  if (report->valid) GKT_TRY(gkt_time_look_for_jump(t, step, report));
  if (report->valid) advance(t, step);
  else go_back(t);
  if (status == GKT_OK) status = gkt_context_settled(t->ctx, false);
  if (status != GKT_OK || !report->valid) return status;
  GKT_TRY(gkt_time_follow_stability(t));
  return gkt_time_tell(t, GKT_FOLLOW_STEP, start, step);
}

gkt_status gkt_time_step_once(gkt_time *t, double step, gkt_step_report *report) {
  double change;
  *report = (gkt_step_report){.time = t->time};
  return step > 0 ? take_step(t, step, report) : gkt_time_repeat(t, &change, report);
}

/* One that does not come to rest is as if it had not been taken. */
static gkt_status take_step_to_rest(gkt_time *t, double step, gkt_step_report *report) {
  gkt_time_mark start = {0};
  gkt_status status;
  if (!gkt_time_repeats(t)) return take_step(t, step, report);
  GKT_GO(gkt_time_set_mark(t, &start));
  GKT_GO(take_step(t, step, report));
  if (report->valid) {
    GKT_GO(gkt_time_rest(t, report));
    if (!report->valid) GKT_GO(gkt_time_go_back_to(t, &start));
  }
done:
  gkt_time_clear_mark(&start);
  return status;
}

gkt_status gkt_time_step(gkt_time *t, double step, gkt_step_report *report) {
  GKT_NEED(t->ctx, report, "report");
  *report = (gkt_step_report){0};
  if (t->options.scheme.kind == GKT_SCHEME_ARC_LENGTH) return gkt_time_step_arc(t, step, report);
  GKT_TRY(take_step_to_rest(t, step, report));
  report->steps = report->valid;
  return GKT_OK;
}

/* ---- steps that fail ---- */
enum { MOST_HALVINGS = 10 };
static bool is_near(double a, double b, double scale) { return fabs(a - b) <= 1e-9 * scale; }

static gkt_status explain_collapse(const gkt_time *t, gkt_step_report *r) {
  if (r->error > 1)
    snprintf(r->reason, sizeof r->reason,
             "the error of a step is still %.3g of what is allowed, and the step %.1g of the first; expected a larger rtol or atol, or a smoother start", r->error,
             r->step / t->options.step);
  const size_t n = strlen(r->reason);
  if (t->options.scheme.kind == GKT_SCHEME_STATIC && !t->report.cancelled)
    snprintf(r->reason + n, sizeof r->reason - n, "; where the load has its largest value there is no solution beyond: expected a path by arc-length, which turns back there");
  return GKT_OK;
}

/* Of the first step: where shorter ones are given up. */
static double least(const gkt_time *t) { return gkt_time_adapts(t) ? 1e-9 : 1.5 / (1 << MOST_HALVINGS); }

/* The length after a step, or after one that failed. */
static double next_step(const gkt_time *t, const gkt_step_report *r, double step, double whole) {
  if (gkt_time_adapts(t) && (r->valid || r->error > 1)) return gkt_time_next_step(t, step, r->error);
  if (!r->valid) return 0.5 * step;
  return step < whole ? 2 * step : step;
}

/* So that no short one is left at the end, beside which lengths near what is stable are not; each length is another matrix where there is one. */
static double spread(const gkt_time *t, double step, double left) {
  return gkt_time_adapts(t) && gkt_scheme_is_explicit(&t->options.scheme) && step < left ? left / ceil(left / step * (1 - 1e-9)) : step;
}

gkt_status gkt_time_advance(gkt_time *t, double time, gkt_step_report *report) {
  const double whole = is_near(time - t->time, t->options.step, t->options.step) ? t->options.step : time - t->time; /* the same number each time: what it makes is kept */
  double step = gkt_time_adapts(t) ? t->next : whole;
  GKT_NEED(t->ctx, report, "report");
  *report = (gkt_step_report){0};
  if (t->options.scheme.kind == GKT_SCHEME_ARC_LENGTH) return gkt_time_advance_arc(t, time, report);
  while (!is_near(t->time, time, whole)) {
    const double left = time - t->time;
    const bool is_cut = step > left && !is_near(step, left, whole);
    GKT_TRY(take_step_to_rest(t, is_cut ? left : spread(t, step, left), report));
    if (!report->valid && (t->report.cancelled || report->step < t->options.step * least(t))) return explain_collapse(t, report);
    report->rejected += !report->valid, report->steps += report->valid;
    if (!(report->valid && is_cut && gkt_time_adapts(t))) step = next_step(t, report, report->step, whole); /* one that was cut to end here says little of the next */
  }
  t->time = time, t->next = step;
  return GKT_OK;
}

void gkt_time_take_report(gkt_time *t, gkt_solve_report *out) {
  *out = t->report;
  t->report = (gkt_solve_report){0};
}
