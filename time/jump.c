/* Did a step of a path of loads land on another solution than the one that it came from? Where the loads' solution ends, Newton's method may find one far away, without a word. */
#include <math.h>

#include "time/time.h"

static const double SUDDEN = 4, MOST_OF = 0.5, NOTHING = 1e-3; /* of the way of the step before, per length of step; of the way of this one; of the size of u */
enum { HALVINGS = 4 };
typedef struct { /* two solutions, and the field that moves most between them */
  gkt_vector *low, *high, *middle, *work;
  double from, to;
  int block;
} interval;

double gkt_time_distance(const gkt_time *t, int block, const gkt_vector *a, const gkt_vector *b, gkt_vector *work) {
  const gkt_layout_block *of = &gkt_system_layout(t->system)->blocks[block];
  const gkt_vector *from[2] = {a, b};
  gkt_vector_fill(work, 0);
  gkt_vector_combine(of->first, of->count, b ? 2 : 1, (double[2]){1, -1}, from, work);
  return gkt_vector_norm(work) / sqrt(of->count);
}

/* The field whose way is longest beside that of the step before; -1: none moves suddenly. */
static int find_sudden(const gkt_time *t, double step, gkt_vector *work) {
  double most = SUDDEN;
  int found = -1;
  for (int k = 0; k < t->num_blocks; k++) {
    if (t->kinds[k] == GKT_MULTIPLIER) continue;
    const double way = gkt_time_distance(t, k, t->u, t->parts[GKT_U0], work) / step, before = gkt_time_distance(t, k, t->parts[GKT_U0], t->parts[GKT_BEFORE], work) / t->before;
    const double size = gkt_time_distance(t, k, t->u, NULL, work);
    if (way * step <= NOTHING * size || way <= most * before) continue;
    most = before > 0 ? way / before : INFINITY, found = k;
  }
  return found;
}

/* The half in which more of the way lies; not valid where in the middle no solution is found. */
static gkt_status halve(gkt_time *t, interval *i, gkt_step_report *report) {
  const double middle = 0.5 * (i->from + i->to);
  gkt_vector_copy(i->low, i->middle);
  GKT_TRY(gkt_system_set_time(t->system, middle));
  GKT_TRY(gkt_time_solve(t, i->middle, report));
  if (!report->valid) return GKT_OK;
  const bool first = gkt_time_distance(t, i->block, i->middle, i->low, i->work) > gkt_time_distance(t, i->block, i->high, i->middle, i->work);
  gkt_vector_copy(i->middle, first ? i->high : i->low);
  *(first ? &i->to : &i->from) = middle;
  return GKT_OK;
}

static gkt_status look(gkt_time *t, interval *i, gkt_step_report *found) {
  const double whole = gkt_time_distance(t, i->block, i->high, i->low, i->work);
  double rest = whole;
  for (int k = 0; k < HALVINGS && rest > MOST_OF * whole; k++) {
    GKT_TRY(halve(t, i, found));
    if (t->report.cancelled) return GKT_OK;
    if (!found->valid) break; /* a shorter step is harder: there the path ends */
    rest = gkt_time_distance(t, i->block, i->high, i->low, i->work);
  }
  if (rest <= MOST_OF * whole) return GKT_OK;
  gkt_log(
      t->ctx, GKT_LOG_WARNING,
      "between t = %.9g and t = %.9g '%s' moves by %.3g of the %.3g (root mean squares) of a whole step: the loads jump there, or the path of before ends and what was found is "
      "another one; arc-length would follow it, smaller steps show it",
      i->from, i->to, gkt_system_layout(t->system)->blocks[i->block].name, rest, whole);
  return GKT_OK;
}

gkt_status gkt_time_look_for_jump(gkt_time *t, double step, gkt_step_report *report) {
  interval i = {t->known[0][0], t->known[0][1], t->known[0][2], t->known[1][0], t->time, t->time + step, -1};
  if (t->options.scheme.kind != GKT_SCHEME_STATIC || t->before <= 0 || !gkt_system_is_nonlinear(t->system) || gkt_time_histories_size(t)) return GKT_OK;
  i.block = find_sudden(t, step, i.work);
  if (i.block < 0) return GKT_OK;
  gkt_step_report found = {0};
  gkt_solve_report solved = t->report;
  t->report = (gkt_solve_report){0};
  gkt_vector_copy(t->parts[GKT_U0], i.low), gkt_vector_copy(t->u, i.high);
  const gkt_status status = look(t, &i, &found);
  gkt_time_add_counts(&found, report);
  gkt_time_clear_report(t);
  t->report = solved;
  return status == GKT_OK ? gkt_system_set_time(t->system, t->time + step) : status;
}
