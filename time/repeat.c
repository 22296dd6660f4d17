/* Steps of no length, one after the other at the same time, until the state rests: what histories and unknowns of one step leave to each other. Of phase fields, whose history
   drives the crack of the next step, this is the staggered scheme with its iterations: C. Miehe, M. Hofacker and F. Welschinger, CMAME 199 (2010), make one a step. */
#include <math.h>

#include "time/time.h"

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

static gkt_status repeat(gkt_time *t, double time, gkt_step_report *report) {
  gkt_vector *before = t->known[0][0]; /* work, as a path has no stages */
  double change = INFINITY;
  for (int k = 0; k < t->options.repeats && report->valid && change > t->options.repeat_rtol; k++) {
    gkt_vector_copy(t->u, before);
    GKT_TRY(gkt_time_solve(t, t->u, report));
    change = report->valid ? change_of(t, before) : change;
    GKT_TRY(gkt_time_commit(t, time, report));
    report->repeats++;
  }
  if (!report->valid || change <= t->options.repeat_rtol) return GKT_OK;
  report->valid = false;
  snprintf(report->reason, sizeof report->reason, "after %d repeats the state still moves by %.2g of its size in one; expected %g, or more repeats", t->options.repeats, change,
           t->options.repeat_rtol);
  return GKT_OK;
}

gkt_status gkt_time_rest(gkt_time *t, double time, gkt_step_report *report) {
  const gkt_size size = t->options.repeat_rtol > 0 ? gkt_time_histories_size(t) : 0;
  gkt_scalar *histories = NULL;
  gkt_status status;
  if (!size || !report->valid) return gkt_time_commit(t, time, report);
  GKT_GO(gkt_alloc(t->ctx, size, sizeof *histories, &histories));
  gkt_time_get_histories(t, histories);
  GKT_GO(gkt_time_commit(t, time, report));
  if (report->valid) GKT_GO(repeat(t, time, report));
  if (!report->valid) GKT_GO(gkt_time_set_histories(t, histories));
done:
  gkt_free(&histories);
  return status;
}
