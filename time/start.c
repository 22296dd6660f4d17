/* A consistent start: conditions hold, fields without a rate solve their own equations, and the highest rates solve the equation, as schemes need them that go on from rates. */
#include <math.h>

#include "time/time.h"

/* ---- conditions and their rates ---- */
/* Of the values that conditions give at times start + j h: forward differences of second order, as functions of time need not be there before the start. */
static const double PART = 0.05; /* of a step, between times at which conditions are looked at */
double gkt_time_look_at_conditions(const gkt_time *t, int j, double weights[3]) {
  static const double of_first[GKT_START_LOOKS] = {-1.5, 2, -0.5, 0}, of_second[GKT_START_LOOKS] = {2, -5, 4, -1};
  const double h = PART * t->options.step;
  weights[0] = j == 0, weights[1] = of_first[j] / h, weights[2] = of_second[j] / (h * h);
  return t->options.start + j * h;
}

static gkt_status differentiate_conditions(gkt_time *t, gkt_vector *first, gkt_vector *second, gkt_vector *work) {
  double weights[3];
  gkt_vector_fill(first, 0), gkt_vector_fill(second, 0);
  for (int j = 0; j < GKT_START_LOOKS; j++) {
    GKT_TRY(gkt_system_set_time(t->system, gkt_time_look_at_conditions(t, j, weights)));
    gkt_vector_fill(work, 0);
    GKT_TRY(gkt_system_lift(t->system, work));
    gkt_vector_axpy(weights[1], work, first), gkt_vector_axpy(weights[2], work, second);
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

int gkt_time_sought_order(const gkt_time *t, int block) { return t->kinds[block] == GKT_SECOND_ORDER ? 2 : t->kinds[block] == GKT_FIRST_ORDER ? 1 : 0; }

/* Between what is unknown there and the state of now. */
static void exchange_unknowns(gkt_time *t, gkt_vector *unknowns, bool back) {
  gkt_vector *const state[3] = {t->u, t->rate, t->acceleration};
  for (int b = 0; b < t->num_blocks; b++) {
    const gkt_layout_block *l = &gkt_system_layout(t->system)->blocks[b];
    gkt_vector *now = state[gkt_time_sought_order(t, b)];
    gkt_vector_combine(l->first, l->count, 1, (const double[]){1}, (const gkt_vector *const[]){back ? unknowns : now}, back ? now : unknowns);
  }
}

gkt_status gkt_time_set_start(gkt_time *t, gkt_scheme_plan *plan, gkt_vector *x) {
  exchange_unknowns(t, x, false);
  gkt_vector_copy(t->u, t->parts[GKT_U0]), gkt_vector_copy(t->rate, t->parts[GKT_RATE0]);
  GKT_TRY(plan_start(t, t->options.step, plan));
  GKT_TRY(gkt_time_set_step(t, plan, t->options.step, true));
  return gkt_system_hold(t->system, x);
}

static gkt_status solve_start(gkt_time *t, gkt_step_report *report) {
  gkt_scheme_plan plan;
  gkt_vector *x = NULL;
  gkt_status status;
  GKT_GO(gkt_system_vector(t->system, &x));
  GKT_GO(gkt_time_set_start(t, &plan, x));
  GKT_GO(gkt_time_solve(t, x, report));
  if (report->valid) exchange_unknowns(t, x, true);
  GKT_GO(gkt_system_set_time(t->system, t->time)); /* conditions are what they were */
done:
  gkt_vector_destroy(&x);
  return status;
}

/* rate = 0 on dofs with conditions, and tied as u is: what lifting it adds is taken away */
static gkt_status release(gkt_time *t, gkt_vector *rate, gkt_vector *work) {
  gkt_vector_fill(work, 0);
  GKT_TRY(gkt_system_lift(t->system, work));
  GKT_TRY(gkt_system_lift(t->system, rate));
  gkt_vector_axpy(-1, work, rate);
  return GKT_OK;
}

static gkt_status lift(gkt_time *t) {
  gkt_vector *first = t->parts[GKT_RATE0], *second = t->parts[GKT_ACCELERATION0], *work = t->parts[GKT_BEFORE];
  GKT_TRY(gkt_system_lift(t->system, t->u));
  GKT_TRY(release(t, t->rate, work));
  GKT_TRY(differentiate_conditions(t, first, second, work));
  gkt_vector_axpy(1, first, t->rate), gkt_vector_axpy(1, second, t->acceleration);
  return GKT_OK;
}

static gkt_status start_at_rest(gkt_time *t, gkt_step_report *report) {
  GKT_TRY(gkt_system_set_step(t->system, 0, NULL));
  GKT_TRY(gkt_time_solve(t, t->u, report));
  return gkt_time_commit(t, t->time, report);
}

bool gkt_time_adapts(const gkt_time *t) {
  const gkt_scheme *s = &t->options.scheme;
  return t->options.rtol > 0 && !gkt_scheme_is_path(s);
}

bool gkt_time_solves_start(const gkt_time *t) {
  const gkt_scheme *s = &t->options.scheme;
  if (gkt_scheme_is_path(s) || gkt_scheme_is_explicit(s) || t->balances) return false;
  return has_kind(t, GKT_ALGEBRAIC) || gkt_scheme_needs_rates(s) || gkt_time_adapts(t);
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
  if (gkt_time_solves_start(t)) GKT_TRY(solve_start(t, report));
  return adapts ? gkt_time_begin_adaptive(t) : GKT_OK;
}

/* One that does not come to rest is none. */
static gkt_status begin_at_rest(gkt_time *t, const gkt_vector *u, const gkt_vector *rate, gkt_step_report *report) {
  GKT_TRY(begin(t, u, rate, report));
  t->has_begun = report->valid;
  if (!report->valid) return GKT_OK;
  GKT_TRY(gkt_time_settle(t));
  GKT_TRY(gkt_time_tell(t, GKT_FOLLOW_START, t->time, 0));
  GKT_TRY(gkt_time_rest(t, report));
  t->has_begun = report->valid;
  return report->valid ? GKT_OK : gkt_time_tell(t, GKT_FOLLOW_LOSS, t->time, 0);
}

gkt_status gkt_time_begin(gkt_time *t, const gkt_vector *u, const gkt_vector *rate, gkt_step_report *report) {
  gkt_time_mark given = {0};
  gkt_status status;
  GKT_NEED(t->ctx, report, "report");
  GKT_GO(gkt_time_move(t, GKT_ON_HOST));
  GKT_GO(gkt_time_tell(t, GKT_FOLLOW_LOSS, t->options.start, 0));
  if (gkt_time_repeats(t)) GKT_GO(gkt_time_set_mark(t, &given));
  GKT_GO(begin_at_rest(t, u, rate, report));
  if (!report->valid && given.histories) GKT_GO(gkt_time_set_histories(t, given.histories));
done:
  gkt_time_clear_mark(&given);
  return status;
}
