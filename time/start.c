/* A consistent start: conditions hold, fields without a rate solve their own equations, and the highest rates solve the equation, as schemes need them that go on from rates. */
#include <math.h>

#include "time/time.h"

/* ---- conditions and their rates ---- */
/* Of the values that conditions give at times start + j h: forward differences of second order, as functions of time need not be there before the start. */
static gkt_status differentiate_conditions(gkt_time *t, double h, gkt_vector *first, gkt_vector *second, gkt_vector *work) {
  static const double of_first[4] = {-1.5, 2, -0.5, 0}, of_second[4] = {2, -5, 4, -1};
  gkt_vector_fill(first, 0), gkt_vector_fill(second, 0);
  for (int j = 0; j < 4; j++) {
    GKT_TRY(gkt_system_set_time(t->system, t->time + j * h));
    gkt_vector_fill(work, 0);
    GKT_TRY(gkt_system_lift(t->system, work));
    gkt_vector_axpy(of_first[j] / h, work, first), gkt_vector_axpy(of_second[j] / (h * h), work, second);
  }
  return gkt_system_set_time(t->system, t->time);
}

/* ---- the problem for the start: by kind of field the unknown is u'', u', u or a multiplier ---- */
static const gkt_combination UNKNOWN = {{1}}, U0 = {{0, 1}}, RATE0 = {{0, 0, 1}};
static bool has_kind(const gkt_time *t, gkt_field_kind kind) {
  for (int b = 0; b < t->num_blocks; b++)
    if (t->kinds[b] == kind) return true;
  return false;
}

/* The state at the start. */
static void look_at_start(gkt_scheme_plan *p) {
  gkt_combination(*of)[3] = p->stages[0];
  of[GKT_SECOND_ORDER][0] = of[GKT_FIRST_ORDER][0] = U0;
  of[GKT_SECOND_ORDER][1] = RATE0, of[GKT_SECOND_ORDER][2] = UNKNOWN;
  of[GKT_FIRST_ORDER][1] = UNKNOWN;
  of[GKT_ALGEBRAIC][0] = of[GKT_MULTIPLIER][0] = UNKNOWN;
  p->weights[0] = 1;
}

/* The state that the rates lead to after a step: Taylor's polynomial. */
static void look_ahead(double step, gkt_scheme_plan *p) {
  gkt_combination(*of)[3] = p->stages[1];
  of[GKT_SECOND_ORDER][0] = (gkt_combination){{0.5 * step * step, 1, step}};
  of[GKT_SECOND_ORDER][1] = (gkt_combination){{step, 0, 1}}, of[GKT_SECOND_ORDER][2] = UNKNOWN;
  of[GKT_FIRST_ORDER][0] = (gkt_combination){{step, 1}}, of[GKT_FIRST_ORDER][1] = UNKNOWN;
  of[GKT_ALGEBRAIC][0] = of[GKT_MULTIPLIER][0] = UNKNOWN;
  p->weights[1] = 1, p->times[1] = 1;
}

/* Which fields with rates stand in the equation of a multiplier, and does it act on one of first order among them? */
typedef struct {
  bool first, second, acts_on_first;
} constraint;

static gkt_status look_at_constraint(const gkt_time *t, int multiplier, constraint *out) {
  *out = (constraint){0};
  for (int b = 0; b < t->num_blocks; b++) {
    bool holds, acts = false;
    if (t->kinds[b] < GKT_FIRST_ORDER) continue;
    GKT_TRY(gkt_system_couples(t->system, multiplier, b, &holds));
    if (holds && t->kinds[b] == GKT_FIRST_ORDER) GKT_TRY(gkt_system_couples(t->system, b, multiplier, &acts));
    *(t->kinds[b] == GKT_FIRST_ORDER ? &out->first : &out->second) |= holds;
    out->acts_on_first = out->acts_on_first || acts;
  }
  return GKT_OK;
}

/* Constraints, the equations of multipliers, hold no highest rate: what they leave at the start is to stay as it is, which with the factor is their derivative by time and keeps
   the system symmetric: the second one of fields with u''. Where fields of both orders stand in one it is the first derivative, if the multiplier makes that hold by acting on a
   u'; else both derivatives count, and the second one of a u' is not known. */
static gkt_status factor_of(const gkt_time *t, int multiplier, double step, double *out) {
  constraint c;
  GKT_TRY(look_at_constraint(t, multiplier, &c));
  *out = c.second && !c.first ? 2 / (step * step) : 1 / step;
  if (!c.first || !c.second || c.acts_on_first) return GKT_OK;
  return gkt_fail(
      t->ctx, GKT_UNAVAILABLE,
      "the start where the equation of '%s' holds fields with dt and others with dtt, and '%s' stands in no equation of the former, is not available yet; expected rates of one "
      "order there",
      gkt_system_layout(t->system)->blocks[multiplier].name, gkt_system_layout(t->system)->blocks[multiplier].name);
}

static gkt_status plan_start(gkt_time *t, double step, gkt_scheme_plan *p) {
  double factor;
  *p = (gkt_scheme_plan){.num_stages = 1};
  look_at_start(p);
  for (int b = 0; b < t->num_blocks; b++) t->row_weights[0][b] = 1, t->row_weights[1][b] = 0;
  if (!has_kind(t, GKT_MULTIPLIER)) return GKT_OK;
  look_ahead(step, p);
  p->num_stages = 2;
  for (int b = 0; b < t->num_blocks; b++) {
    if (t->kinds[b] != GKT_MULTIPLIER) continue;
    GKT_TRY(factor_of(t, b, step, &factor));
    t->row_weights[0][b] = -factor, t->row_weights[1][b] = factor;
  }
  return GKT_OK;
}

/* out = by blocks what is unknown there */
static void select_unknowns(const gkt_time *t, const gkt_vector *u, const gkt_vector *rate, const gkt_vector *acceleration, gkt_vector *out) {
  const gkt_layout *l = gkt_system_layout(t->system);
  for (int b = 0; b < t->num_blocks; b++) {
    const gkt_vector *from = t->kinds[b] == GKT_SECOND_ORDER ? acceleration : t->kinds[b] == GKT_FIRST_ORDER ? rate : u;
    for (gkt_idx i = l->blocks[b].first; i < l->blocks[b].first + l->blocks[b].count; i++) gkt_vector_values(out)[i] = gkt_vector_read(from)[i];
  }
}

static void return_unknowns(gkt_time *t, const gkt_vector *solution) {
  const gkt_layout *l = gkt_system_layout(t->system);
  for (int b = 0; b < t->num_blocks; b++) {
    gkt_vector *to = t->kinds[b] == GKT_SECOND_ORDER ? t->acceleration : t->kinds[b] == GKT_FIRST_ORDER ? t->rate : t->u;
    for (gkt_idx i = l->blocks[b].first; i < l->blocks[b].first + l->blocks[b].count; i++) gkt_vector_values(to)[i] = gkt_vector_read(solution)[i];
  }
}

/* The system's step is set; x: what is known of the unknowns, as a guess. */
static gkt_status set_start(gkt_time *t, gkt_vector *x) {
  gkt_scheme_plan plan;
  select_unknowns(t, t->u, t->rate, t->acceleration, x);
  gkt_vector_copy(t->u, t->parts[GKT_U0]), gkt_vector_copy(t->rate, t->parts[GKT_RATE0]);
  GKT_TRY(plan_start(t, t->options.step, &plan));
  GKT_TRY(gkt_time_set_step(t, &plan, t->options.step, true));
  return gkt_system_hold(t->system, x);
}

static gkt_status solve_start(gkt_time *t, gkt_step_report *report) {
  gkt_vector *x = NULL;
  gkt_status status;
  GKT_GO(gkt_system_vector(t->system, &x));
  GKT_GO(set_start(t, x));
  GKT_GO(gkt_time_solve(t, x, report));
  if (report->valid) return_unknowns(t, x);
  GKT_GO(gkt_system_set_time(t->system, t->time)); /* conditions are what they were */
done:
  gkt_vector_destroy(&x);
  return status;
}

static const double PART = 0.05; /* of a step, between times at which conditions are looked at */
static gkt_status lift(gkt_time *t) {
  gkt_vector *first = t->parts[GKT_RATE0], *second = t->parts[GKT_ACCELERATION0];
  GKT_TRY(gkt_system_lift(t->system, t->u));
  GKT_TRY(differentiate_conditions(t, PART * t->options.step, first, second, t->parts[GKT_BEFORE]));
  gkt_mask_take(&t->constrained, first, t->rate), gkt_mask_take(&t->constrained, second, t->acceleration);
  return GKT_OK;
}

static gkt_status start_at_rest(gkt_time *t, gkt_step_report *report) {
  GKT_TRY(gkt_system_set_step(t->system, 0, NULL));
  GKT_TRY(gkt_time_solve(t, t->u, report));
  return gkt_time_rest(t, t->time, report);
}

bool gkt_time_adapts(const gkt_time *t) {
  const gkt_scheme *s = &t->options.scheme;
  return t->options.rtol > 0 && !gkt_scheme_is_path(s);
}

static gkt_status begin(gkt_time *t, const gkt_vector *u, const gkt_vector *rate, gkt_step_report *report) {
  const gkt_scheme *s = &t->options.scheme;
  const bool adapts = gkt_time_adapts(t);
  *report = (gkt_step_report){.valid = true, .time = t->options.start};
  t->time = t->options.start, t->before = 0, t->num_steps = 0, t->has_begun = false;
  GKT_TRY(gkt_system_set_time(t->system, t->time));
  gkt_vector_copy(u, t->u);
  gkt_vector_fill(t->rate, 0), gkt_vector_fill(t->acceleration, 0);
  if (rate) gkt_vector_copy(rate, t->rate);
  GKT_TRY(lift(t));
  GKT_TRY(gkt_time_begin_averages(t));
  if (s->kind == GKT_SCHEME_STATIC) return start_at_rest(t, report);
  if (s->kind == GKT_SCHEME_ARC_LENGTH) {
    GKT_TRY(start_at_rest(t, report));
    return report->valid ? gkt_time_begin_arc(t, report) : GKT_OK;
  }
  if (gkt_scheme_is_explicit(s)) GKT_TRY(gkt_time_begin_explicit(t));
  if (gkt_scheme_is_explicit(s)) return adapts ? gkt_time_begin_adaptive(t) : GKT_OK;
  if (t->balances) return adapts ? gkt_time_begin_adaptive(t) : GKT_OK; /* what is given stands: the first step leads to a balance */
  if (has_kind(t, GKT_ALGEBRAIC) || gkt_scheme_needs_rates(s) || adapts) GKT_TRY(solve_start(t, report));
  return adapts ? gkt_time_begin_adaptive(t) : GKT_OK;
}

gkt_status gkt_time_begin(gkt_time *t, const gkt_vector *u, const gkt_vector *rate, gkt_step_report *report) {
  GKT_TRY(gkt_time_move(t, GKT_ON_HOST));
  GKT_TRY(begin(t, u, rate, report));
  t->has_begun = report->valid;
  return report->valid ? gkt_time_settle(t) : GKT_OK;
}
