/* gkt_optimize: what is asked for is checked and made ready, a method works, its end is said in words. */
#include "adjoint/optimize.h"

#include <string.h>

#include "galerkit/solver.h"

static const struct {
  const char *word;
  bool takes_bounds, takes_constraints, needs_hessian, is_of_petsc;
} methods[] = {
#define X(name, word, bounds, constraints, hessian) {word, bounds, constraints, hessian, name <= GKT_OPTIMIZER_GAUSS_NEWTON},
    GKT_OPTIMIZER_LIST(X)
#undef X
};

const char *gkt_optimizer_word(gkt_optimizer method) { return method >= 0 && method < GKT_NUM_OPTIMIZERS ? methods[method].word : "?"; }

gkt_status gkt_optimizer_read(gkt_context *ctx, const char *word, gkt_optimizer *out) {
  const char *words[GKT_NUM_OPTIMIZERS];
  int number;
  GKT_NEED(ctx, word, "word");
  GKT_NEED(ctx, out, "place for the method");
  for (int i = 0; i < GKT_NUM_OPTIMIZERS; i++) words[i] = methods[i].word;
  GKT_TRY(gkt_find_word(ctx, "optimizer", word, GKT_NUM_OPTIMIZERS, words, &number));
  *out = (gkt_optimizer)number;
  return GKT_OK;
}

gkt_optimize_options gkt_optimize_options_default(void) {
  return (gkt_optimize_options){.method = GKT_OPTIMIZER_BLMVM, .max_iterations = 100, .tolerance = 1e-6, .feasibility = 1e-6, .move = 0.2, .damping = 0.5};
}

void gkt_optimize_report_clear(gkt_optimize_report *r) {
  gkt_free(&r->constraints);
  gkt_free(&r->multipliers);
  gkt_free(&r->history);
  gkt_free(&r->history_constraints);
  r->num_history = r->num_constraints = 0;
}

/* ---- what is asked for ---- */
static void name_constraint(const gkt_optimization *s, int i, size_t size, char *text) {
  if (s->problem->constraint_names) snprintf(text, size, "constraint '%s'", s->problem->constraint_names[i]);
  else snprintf(text, size, "constraint %d", i + 1);
}

/* The option that is at fault, for whoever knows its place. */
static gkt_status blame(gkt_optimization *s, const char *option, gkt_status status) {
  if (status != GKT_OK) s->about = option;
  return status;
}

static gkt_status check_options(gkt_optimization *s) {
  const gkt_optimize_options *o = &s->asked;
  const struct {
    const char *option, *what, *expected;
    double value;
    bool fits;
  } numbers[] = {{"tolerance", "tolerance", "a number from 0, below 1", o->tolerance, o->tolerance >= 0 && o->tolerance < 1},
                 {"change", "change to stop at", "a number from 0", o->change, o->change >= 0},
                 {"feasibility", "violation that counts as none", "a number above 0", o->feasibility, o->feasibility > 0},
                 {"move", "move", "a number above 0, at most 1", o->move, o->move > 0 && o->move <= 1},
                 {"damping", "damping", "a number above 0, at most 1", o->damping, o->damping > 0 && o->damping <= 1}};
  if (o->method < 0 || o->method >= GKT_NUM_OPTIMIZERS) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_optimize: no such method");
  if (o->max_iterations < 0) return blame(s, "iterations", gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer: %d iterations; expected a number from 0", o->max_iterations));
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!numbers[i].fits)
      return blame(s, numbers[i].option, gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer: the %s is %g; expected %s", numbers[i].what, numbers[i].value, numbers[i].expected));
  return methods[o->method].is_of_petsc ? blame(s, "options", gkt_petsc_options_check(s->ctx, o->petsc_options)) : GKT_OK;
}

static gkt_status find_unserved(const gkt_optimization *s) {
  const gkt_optimize_problem *p = s->problem;
  const gkt_optimizer method = s->asked.method;
  const char *word = gkt_optimizer_word(method);
  const bool squares = method == GKT_OPTIMIZER_GAUSS_NEWTON && (p->residual || !p->hessian);
  if (p->num_constraints && !methods[method].takes_constraints)
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer '%s' takes no constraints beside bounds, but there %s %d; mma and gcmma do", word, p->num_constraints == 1 ? "is" : "are",
                    p->num_constraints);
  if ((p->lower || p->upper) && !methods[method].takes_bounds) return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer '%s' takes no bounds; blmvm is the same with bounds", word);
  if (methods[method].needs_hessian && !p->hessian)
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer '%s' needs actions of the Hessian, which this problem does not have; blmvm does without", word);
  if (squares && !(p->residual && p->tangent && p->transposed && p->num_residuals > 0))
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer '%s' needs an objective that is a sum of squared residuals, with the actions of their derivative", word);
  if (!squares && !(p->value && p->gradient)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "optimizer '%s' needs value and gradient", word);
  if (method == GKT_OPTIMIZER_OC && p->num_constraints != 1)
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer 'oc' serves one constraint, as a volume with an upper limit, but there are %d; mma takes any number", p->num_constraints);
  return GKT_OK;
}

static gkt_status check_method(gkt_optimization *s) { return blame(s, "method", find_unserved(s)); }

/* start [n]: of the caller, or of the record */
static gkt_status check_bounds(const gkt_optimization *s, const gkt_scalar *start) {
  const bool both = s->asked.method == GKT_OPTIMIZER_MMA || s->asked.method == GKT_OPTIMIZER_OC;
  for (gkt_size i = 0; i < s->n; i++) {
    const double l = s->lower[i], u = s->upper[i], x = start[i];
    const long long number = (long long)i;
    if (!(l <= u)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "bounds the wrong way round: variable %lld has the lower bound %g and the upper bound %g", number, l, u);
    if (both && !(isfinite(l) && isfinite(u)))
      return gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer '%s' needs bounds on both sides, but variable %lld has %g and %g; gcmma and blmvm do without",
                      gkt_optimizer_word(s->asked.method), number, l, u);
    if (!isfinite(x)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "infeasible start: variable %lld is %g, which is not finite", number, x);
    if (x < l || x > u) return gkt_fail(s->ctx, GKT_BAD_INPUT, "infeasible start: variable %lld is %g, outside of its bounds %g to %g", number, x, l, u);
    if (!(gkt_optimize_weight(s, i) > 0 && isfinite(gkt_optimize_weight(s, i))))
      return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "weight %lld is %g; expected a number above 0", number, gkt_optimize_weight(s, i));
  }
  return GKT_OK;
}

static double limit(const gkt_scalar *limits, int i, double none) { return limits ? limits[i] : none; }

static void add_row(gkt_optimization *s, int constraint, double sign, double value) {
  if (!isfinite(value)) return;
  s->rows[s->num_rows++] = (gkt_optimize_row){constraint, sign, sign * value, 1};
}

static gkt_status list_rows(gkt_optimization *s) {
  char name[256];
  for (int i = 0; i < s->problem->num_constraints; i++) {
    const double l = limit(s->problem->constraint_lower, i, -INFINITY), u = limit(s->problem->constraint_upper, i, INFINITY);
    name_constraint(s, i, sizeof name, name);
    if (!(l <= u)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s contradicts itself: its lower limit %g is above its upper limit %g", name, l, u);
    if (l == u) return gkt_fail(s->ctx, GKT_UNAVAILABLE, "%s is an equality, %g, which is not available yet; expected the limit that holds back alone, or limits apart", name, l);
    if (!isfinite(l) && !isfinite(u)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s has no limit; expected an upper or a lower one", name);
    add_row(s, i, 1, u);
    add_row(s, i, -1, l);
  }
  if (s->asked.method == GKT_OPTIMIZER_OC && s->num_rows != 1)
    return blame(s, "method", gkt_fail(s->ctx, GKT_BAD_INPUT, "optimizer 'oc' serves a constraint with one limit, but this one has two; mma takes them"));
  return GKT_OK;
}

/* ---- what it works with ---- */
static gkt_status allocate(gkt_optimization *s) {
  const int m = s->problem->num_constraints;
  struct {
    gkt_size count;
    void *out;
  } arrays[] = {{s->n, &s->lower},
                {s->n, &s->upper},
                {s->n, &s->at},
                {m, &s->constraints},
                {s->n, &s->gradient},
                {m * s->n, &s->jacobian},
                {2 * (gkt_size)m, &s->g},
                {2 * (gkt_size)m, &s->multipliers},
                {4 * (gkt_size)m * m, &s->gram},
                {2 * (gkt_size)m, &s->right},
                {2 * (gkt_size)m, &s->best},
                {m, &s->report->constraints},
                {m, &s->report->multipliers}};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) GKT_TRY(gkt_calloc(s->ctx, arrays[i].count, sizeof(double), arrays[i].out));
  GKT_TRY(gkt_calloc(s->ctx, 2 * (gkt_size)m, sizeof *s->rows, &s->rows));
  if (s->asked.method == GKT_OPTIMIZER_GAUSS_NEWTON && s->problem->residual) GKT_TRY(gkt_alloc(s->ctx, s->problem->num_residuals, sizeof *s->residuals, &s->residuals));
  s->report->num_constraints = m;
  s->num_record = GKT_RECORD_NUMBERS + 5 * s->n + 2 * (gkt_size)m;
  return gkt_calloc(s->ctx, s->num_record, sizeof *s->record, &s->record);
}

static void release(gkt_optimization *s) {
  gkt_free(&s->lower), gkt_free(&s->upper), gkt_free(&s->at), gkt_free(&s->constraints);
  gkt_free(&s->gradient), gkt_free(&s->jacobian), gkt_free(&s->g), gkt_free(&s->multipliers);
  gkt_free(&s->gram), gkt_free(&s->right), gkt_free(&s->best);
  gkt_free(&s->rows), gkt_free(&s->record), gkt_free(&s->residuals);
}

static void set_bounds(gkt_optimization *s) {
  s->is_boxed = true;
  for (gkt_size i = 0; i < s->n; i++) {
    s->lower[i] = s->problem->lower ? s->problem->lower[i] : -INFINITY;
    s->upper[i] = s->problem->upper ? s->problem->upper[i] : INFINITY;
    s->is_boxed = s->is_boxed && isfinite(s->lower[i]) && isfinite(s->upper[i]);
  }
}

enum { FORMAT = 2 };

/* The record: that of a run before, if it is given. */
static gkt_status go_on(gkt_optimization *s) {
  const gkt_scalar *given = s->asked.record;
  gkt_scalar *arrays = s->record + GKT_RECORD_NUMBERS;
  s->before = arrays + s->n, s->before2 = arrays + 2 * s->n, s->low = arrays + 3 * s->n, s->high = arrays + 4 * s->n, s->sizes = arrays + 5 * s->n;
  if (given) {
    if (s->asked.num_record != s->num_record || given[GKT_RECORD_FORMAT] != FORMAT || given[GKT_RECORD_METHOD] != s->asked.method || given[GKT_RECORD_NUM] != (double)s->n)
      return gkt_fail(s->ctx, GKT_BAD_INPUT, "the record to go on from is not one of optimizer '%s' with %lld variables", gkt_optimizer_word(s->asked.method), (long long)s->n);
    if (!gkt_is_finite(s->num_record, given)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "the record to go on from holds what is not finite");
    memcpy(s->record, given, (size_t)s->num_record * sizeof *given);
  } else {
    for (int k = 0; k < 3; k++) memcpy(arrays + k * s->n, s->x, (size_t)s->n * sizeof *s->x);
    s->record[GKT_RECORD_FORMAT] = FORMAT, s->record[GKT_RECORD_METHOD] = s->asked.method, s->record[GKT_RECORD_NUM] = (double)s->n;
  }
  s->iteration = s->begin_iteration = (int)s->record[GKT_RECORD_ITERATION];
  return GKT_OK;
}

/* All that can be said before anything is evaluated. */
static gkt_status prepare(gkt_optimization *s) {
  if (s->n < 1 || !s->x) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_optimize: no variables; expected a start of one number or more");
  for (int i = 0; s->problem->constraint_names && i < s->problem->num_constraints; i++)
    GKT_TRY(gkt_need(s->ctx, s->problem->constraint_names[i], "gkt_optimize", "name of a constraint"));
  if (s->problem->num_constraints < 0) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_optimize: %d constraints; expected a number from 0", s->problem->num_constraints);
  GKT_TRY(check_options(s));
  GKT_TRY(check_method(s));
  GKT_TRY(allocate(s));
  set_bounds(s);
  GKT_TRY(list_rows(s));
  GKT_TRY(go_on(s));
  GKT_TRY(check_bounds(s, s->record + GKT_RECORD_NUMBERS));
  const char *given = s->asked.petsc_options;
  return given && *given && methods[s->asked.method].is_of_petsc ? blame(s, "options", gkt_optimize_check_tao(s)) : GKT_OK;
}

static gkt_status look_at_start(gkt_optimization *s) {
  char name[256];
  s->start_length = gkt_optimize_length(s);
  GKT_TRY(gkt_optimize_evaluate(s, s->x));
  if (!isfinite(s->value)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "infeasible start: the objective is %g there; expected a finite number", s->value);
  if (gkt_is_finite(s->problem->num_constraints, s->constraints)) GKT_TRY(gkt_optimize_find_sizes(s));
  for (int k = 0; k < s->num_rows; k++) {
    const gkt_optimize_row *row = &s->rows[k];
    name_constraint(s, row->constraint, sizeof name, name);
    if (!isfinite(s->g[k])) return gkt_fail(s->ctx, GKT_BAD_INPUT, "infeasible start: %s is %g there; expected a finite number", name, s->constraints[row->constraint]);
    if (s->g[k] > s->asked.feasibility)
      gkt_log(s->ctx, GKT_LOG_WARNING, "infeasible start: %s is %g, %s its limit %g; the first steps lead there", name, s->constraints[row->constraint],
              row->sign > 0 ? "above" : "below", row->sign * row->limit);
  }
  return GKT_OK;
}

/* ---- the end, in words ---- */
static void describe_violation(const gkt_optimization *s, size_t size, char *text) {
  int worst = -1;
  char name[256];
  *text = 0;
  for (int k = 0; k < s->num_rows; k++)
    if (s->g[k] > s->asked.feasibility && (worst < 0 || s->g[k] > s->g[worst])) worst = k;
  if (worst < 0) return;
  const gkt_optimize_row *row = &s->rows[worst];
  name_constraint(s, row->constraint, sizeof name, name);
  snprintf(text, size, "; %s is %g, %s its limit %g", name, s->constraints[row->constraint], row->sign > 0 ? "above" : "below", row->sign * row->limit);
}

/* s->at: where that was seen */
static void describe_flight(const gkt_optimization *s, size_t size, char *text) {
  gkt_size most = 0;
  for (gkt_size i = 1; i < s->n; i++)
    if (fabs(s->at[i]) > fabs(s->at[most])) most = i;
  snprintf(text, size, "the objective has no bound: with variable %lld at %.3g it still gains; expected bounds, a constraint or a penalty that ends this", (long long)most,
           s->at[most]);
}

/* What kept a method from a step. */
static void describe_stall(const gkt_optimization *s, const char *violation) {
  gkt_optimize_report *r = s->report;
  char why[200] = "rounding, or the gradient is not that of the objective";
  if (r->at_rounding) snprintf(why, sizeof why, "rounding");
  else if (r->num_beyond) snprintf(why, sizeof why, "at %d trials beyond it the objective, a constraint or a derivative is not a finite number", r->num_beyond);
  else if (r->falls) snprintf(why, sizeof why, "it falls nearby as its gradient promises, and farther off it jumps, has a pole or a kink");
  snprintf(r->reason, sizeof r->reason, "no step lessens the objective; the gradient's norm is %.2e: %s%s", r->last.gradient_norm, why, violation);
}

/* Methods that do not look for a decrease may swing about an optimum until their iterations are used up: J then rises in the last ones by half of what it falls, or more. */
static void describe_swing(const gkt_optimization *s, size_t size, char *text) {
  enum { LAST = 10 };
  const gkt_optimize_report *r = s->report;
  double rises = 0, falls = 0;
  int count = 0;
  *text = 0;
  for (int i = r->num_history - LAST; i > 0 && i < r->num_history; i++) {
    const double d = r->history[i].objective - r->history[i - 1].objective;
    count += d > 0, rises += fmax(0, d), falls -= fmin(0, d);
  }
  if (s->asked.method == GKT_OPTIMIZER_MMA && rises > 1e-6 * fabs(r->last.objective) && rises >= 0.5 * falls)
    snprintf(text, size, "; it swings: the objective rose in %d of the last %d iterations, by %.2g; gcmma does not, and a smaller move does less", count, LAST, rises);
}

static void say(gkt_optimization *s) {
  gkt_optimize_report *r = s->report;
  char violation[320], swing[200];
  describe_violation(s, sizeof violation, violation);
  describe_swing(s, sizeof swing, swing);
  r->converged = r->end == GKT_OPTIMIZE_CONVERGED || r->end == GKT_OPTIMIZE_SMALL_CHANGE;
  switch (r->end) {
  case GKT_OPTIMIZE_CONVERGED:
    snprintf(r->reason, sizeof r->reason, "the gradient's norm is %.2e, %.1e of that of the start%s", r->last.gradient_norm,
             s->record[GKT_RECORD_FIRST] > 0 ? r->last.gradient_norm / s->record[GKT_RECORD_FIRST] : 0, violation);
    break;
  case GKT_OPTIMIZE_SMALL_CHANGE: snprintf(r->reason, sizeof r->reason, "no variable changed by more than %.3g in the last step", s->asked.change); break;
  case GKT_OPTIMIZE_ITERATIONS:
    snprintf(r->reason, sizeof r->reason, "its iterations are used up; the gradient's norm is %.2e%s%s", r->last.gradient_norm, swing, violation);
    break;
  case GKT_OPTIMIZE_STALLED: describe_stall(s, violation); break;
  case GKT_OPTIMIZE_INFEASIBLE: snprintf(r->reason, sizeof r->reason, "the constraints contradict each other, or the bounds: it came to rest%s", violation); break;
  case GKT_OPTIMIZE_NOT_FINITE: snprintf(r->reason, sizeof r->reason, "the objective, a constraint or a derivative is not a finite number in iteration %d", s->iteration); break;
  case GKT_OPTIMIZE_CANCELLED: snprintf(r->reason, sizeof r->reason, "cancelled in iteration %d", s->iteration); break;
  case GKT_OPTIMIZE_UNBOUNDED: describe_flight(s, sizeof r->reason, r->reason); break;
  }
}

/* A method may have asked elsewhere last. */
static void report_constraints(gkt_optimization *s) {
  gkt_optimize_report *r = s->report;
  const gkt_size m = s->problem->num_constraints;
  if (m) memcpy(s->constraints, r->num_history ? r->history_constraints + (r->num_history - 1) * m : s->constraints, (size_t)m * sizeof *r->constraints);
  gkt_optimize_find_rows(s);
  memcpy(r->constraints, s->constraints, (size_t)s->problem->num_constraints * sizeof *r->constraints);
  for (int k = 0; k < s->num_rows; k++) r->multipliers[s->rows[k].constraint] += s->rows[k].sign / s->rows[k].size * s->multipliers[k];
}

static gkt_status work(gkt_optimization *s) {
  switch (s->asked.method) {
  case GKT_OPTIMIZER_MMA: return gkt_optimize_mma(s);
  case GKT_OPTIMIZER_OC: return gkt_optimize_oc(s);
  case GKT_OPTIMIZER_GCMMA: return gkt_optimize_nlopt(s);
  default: return gkt_optimize_tao(s);
  }
}

static gkt_optimization begin(gkt_context *ctx, const gkt_optimize_problem *problem, const gkt_optimize_options *options, gkt_scalar *x, gkt_optimize_report *report) {
  *report = (gkt_optimize_report){0};
  return (gkt_optimization){
      .ctx = ctx, .problem = problem, .asked = options ? *options : gkt_optimize_options_default(), .report = report, .n = problem ? problem->num : 0, .x = x};
}

gkt_status gkt_optimize_check(gkt_context *ctx, const gkt_optimize_problem *problem, const gkt_optimize_options *options, const gkt_scalar *x, const char **option) {
  gkt_optimize_report report;
  gkt_optimization s = begin(ctx, problem, options, (gkt_scalar *)x, &report); /* which is read alone */
  const gkt_status status = problem ? prepare(&s) : check_options(&s);
  release(&s);
  gkt_optimize_report_clear(&report);
  if (option) *option = status == GKT_OK ? NULL : s.about;
  return status;
}

gkt_status gkt_optimize(gkt_context *ctx, const gkt_optimize_problem *problem, const gkt_optimize_options *options, gkt_scalar *x, gkt_optimize_report *report) {
  gkt_status status;
  GKT_NEED(ctx, report, "report");
  GKT_NEED(ctx, problem, "problem");
  gkt_optimization s = begin(ctx, problem, options, x, report);
  s.begin = gkt_seconds();
  GKT_GO(prepare(&s));
  memcpy(s.x, s.record + GKT_RECORD_NUMBERS, (size_t)s.n * sizeof *s.x);
  GKT_GO(look_at_start(&s));
  GKT_GO(work(&s));
  GKT_GO(gkt_optimize_find_rounding(&s));
  report_constraints(&s);
  say(&s);
done:
  release(&s);
  if (status != GKT_OK) gkt_optimize_report_clear(report);
  return status;
}
