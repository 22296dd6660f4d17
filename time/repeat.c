/* Steps of no length, one after the other at the same time, until the state rests: what histories and unknowns of one step leave to each other. Of phase fields, whose history
   drives the crack of the next step, this is the staggered scheme with its iterations: C. Miehe, M. Hofacker and F. Welschinger, CMAME 199 (2010), make one a step. */
#include <math.h>

#include "time/time.h"

bool gkt_time_repeats(const gkt_time *t) { return t->options.repeat_rtol > 0 && gkt_time_histories_size(t) > 0; }

/* Of the field that moves most, the way beside its size. */
static double change_of(const gkt_time *t, const gkt_vector *before) {
  gkt_vector *work = t->known[0][1];
  double most = 0;
  for (int k = 0; k < t->num_blocks; k++) {
    const double moved = gkt_time_distance(t, k, t->u, before, work);
    if (t->kinds[k] != GKT_MULTIPLIER && moved > 0) most = fmax(most, moved / gkt_time_distance(t, k, t->u, NULL, work));
  }
  return most;
}

gkt_status gkt_time_repeat(gkt_time *t, double *change, gkt_step_report *report) {
  gkt_vector *before = t->known[0][0]; /* work, as a path has no stages */
  gkt_vector_copy(t->u, before);
  GKT_TRY(gkt_system_set_time(t->system, t->time));
  GKT_TRY(gkt_time_solve(t, t->u, report));
  if (report->valid) *change = change_of(t, before);
  GKT_TRY(gkt_time_commit(t, t->time, report));
  report->repeats++;
  return report->valid ? gkt_time_tell(t, GKT_FOLLOW_REPEAT, t->time, 0) : GKT_OK;
}

gkt_status gkt_time_rest(gkt_time *t, gkt_step_report *report) {
  const bool is_held = t->held && t->num_steps < t->num_held;
  const int most = is_held ? t->held[t->num_steps] : t->options.repeats;
  const double least = is_held ? -1 : t->options.repeat_rtol;
  double change = INFINITY;
  if (!gkt_time_repeats(t)) return GKT_OK;
  for (int k = 0; k < most && report->valid && change > least; k++) GKT_TRY(gkt_time_repeat(t, &change, report));
  if (is_held || !report->valid || change <= least) return GKT_OK;
  report->valid = false;
  snprintf(report->reason, sizeof report->reason, "after %d repeats the state still moves by %.2g of its size in one; expected %g, or more repeats", most, change, least);
  return GKT_OK;
}

void gkt_time_hold_repeats(gkt_time *t, gkt_size count, const int *repeats) { t->held = repeats, t->num_held = repeats ? count : 0; }

/* ---- back to where a step began ---- */
gkt_status gkt_time_set_mark(gkt_time *t, gkt_time_mark *m) {
  *m = (gkt_time_mark){.before = t->known[0][2], .time = t->time, .lengths = {t->before, t->earlier, t->earliest}, .num_steps = t->num_steps};
  gkt_vector_copy(t->parts[GKT_BEFORE], m->before);
  GKT_TRY(gkt_alloc(t->ctx, gkt_time_histories_size(t), sizeof *m->histories, &m->histories));
  gkt_time_get_histories(t, m->histories);
  return GKT_OK;
}

gkt_status gkt_time_go_back_to(gkt_time *t, const gkt_time_mark *m) {
  gkt_vector_copy(t->parts[GKT_U0], t->u), gkt_vector_copy(m->before, t->parts[GKT_BEFORE]);
  t->time = m->time, t->before = m->lengths[0], t->earlier = m->lengths[1], t->earliest = m->lengths[2], t->num_steps = m->num_steps;
  GKT_TRY(gkt_time_set_histories(t, m->histories));
  return gkt_time_tell(t, GKT_FOLLOW_BACK, t->time, 0);
}

void gkt_time_clear_mark(gkt_time_mark *m) { gkt_free(&m->histories); }
