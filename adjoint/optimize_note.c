/* An iterate is judged, shown and written down. */
#include <string.h>

#include "adjoint/optimize.h"

static double largest_change(const gkt_optimization *s) {
  double change = 0;
  for (gkt_size i = 0; i < s->n; i++) change = fmax(change, fabs(s->x[i] - s->before[i]));
  return change;
}

static gkt_status keep(gkt_optimization *s, const gkt_iterate *it) {
  gkt_optimize_report *r = s->report;
  const gkt_size m = s->problem->num_constraints, n = r->num_history;
  if ((n & (n - 1)) == 0) { /* room for a power of two */
    const gkt_size room = n ? 2 * n : 1;
    GKT_TRY(gkt_realloc(s->ctx, room, sizeof *r->history, &r->history));
    if (m) GKT_TRY(gkt_realloc(s->ctx, room * m, sizeof *r->history_constraints, &r->history_constraints));
  }
  r->history[n] = r->last = *it;
  if (m) memcpy(r->history_constraints + n * m, s->constraints, (size_t)m * sizeof(double));
  r->num_history++;
  return GKT_OK;
}

static bool show(gkt_optimization *s, const gkt_iterate *it) {
  const int done = it->iteration - s->begin_iteration, left = s->asked.max_iterations - it->iteration;
  if (!s->asked.monitor) return true;
  return s->asked.monitor(s->asked.monitor_user, it, done > 0 ? it->seconds / done * left : NAN, s->x, s->constraints, s->num_record, s->record);
}

void gkt_optimize_end_with(gkt_optimization *s, gkt_optimize_end end) { s->report->end = end, s->over = true; }

/* TAO's methods may stand still for an iteration, and have their own way to say that they are stuck. */
static bool is_at_rest(const gkt_optimization *s, const gkt_iterate *it) {
  const bool ours = s->asked.method == GKT_OPTIMIZER_MMA || s->asked.method == GKT_OPTIMIZER_OC;
  return it->iteration > 0 && it->change <= s->asked.change && (ours || it->change > 0);
}

/* By far more than any slope of the start and any size of the variables there explain, which may begin near 0 and go to 1. */
bool gkt_optimize_is_unbounded(const gkt_optimization *s) {
  const gkt_optimize_report *r = s->report;
  if (!r->num_history || s->is_boxed) return false;
  const gkt_iterate *first = &r->history[0];
  return s->value < first->objective - 1e10 * fmax(fabs(first->objective), first->gradient_norm * fmax(1e-7, s->start_length));
}

static void judge(gkt_optimization *s, const gkt_iterate *it) {
  const bool feasible = it->violation <= s->asked.feasibility;
  const double first = s->record[GKT_RECORD_FIRST];
  if (feasible && s->asked.tolerance > 0 && it->gradient_norm <= s->asked.tolerance * first) gkt_optimize_end_with(s, GKT_OPTIMIZE_CONVERGED);
  else if (gkt_optimize_is_unbounded(s)) gkt_optimize_end_with(s, GKT_OPTIMIZE_UNBOUNDED);
  else if (is_at_rest(s, it)) gkt_optimize_end_with(s, !feasible ? GKT_OPTIMIZE_INFEASIBLE : s->asked.change > 0 ? GKT_OPTIMIZE_SMALL_CHANGE : GKT_OPTIMIZE_STALLED);
  else if (it->iteration >= s->asked.max_iterations) gkt_optimize_end_with(s, GKT_OPTIMIZE_ITERATIONS);
}

gkt_status gkt_optimize_note(gkt_optimization *s) {
  gkt_iterate it = {.iteration = s->iteration, .objective = s->value};
  if (!gkt_optimize_is_finite(s)) {
    memcpy(s->x, s->record + GKT_RECORD_NUMBERS, (size_t)s->n * sizeof *s->x); /* to the iterate before */
    return gkt_optimize_end_with(s, GKT_OPTIMIZE_NOT_FINITE), GKT_OK;
  }
  s->report->num_beyond = 0;
  it.gradient_norm = gkt_optimize_stationarity(s);
  for (int k = 0; k < s->num_rows; k++) it.violation = fmax(it.violation, s->g[k]);
  it.change = largest_change(s);
  it.seconds = gkt_seconds() - s->begin;
  if (s->iteration == 0) s->record[GKT_RECORD_FIRST] = it.gradient_norm;
  s->record[GKT_RECORD_ITERATION] = s->iteration;
  memcpy(s->record + GKT_RECORD_NUMBERS, s->x, (size_t)s->n * sizeof *s->x);
  GKT_TRY(keep(s, &it));
  judge(s, &it);
  if (!show(s, &it)) gkt_optimize_end_with(s, GKT_OPTIMIZE_CANCELLED);
  return GKT_OK;
}

void gkt_optimize_go(gkt_optimization *s, const gkt_scalar *next) {
  const size_t size = (size_t)s->n * sizeof *s->x;
  memcpy(s->before2, s->before, size);
  memcpy(s->before, s->x, size);
  if (next) memcpy(s->x, next, size);
  s->iteration++;
}
