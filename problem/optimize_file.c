/* Optimizations that go on: the optimizer's record, the step of the continuation, and the history so far. */
#include <string.h>

#include "problem/checkpoint.h"
#include "problem/optimize.h"

static const char *const KIND = "optimization";
enum { STEP, DONE, EVALUATIONS, GRADIENTS, OTHERS };
_Static_assert(OTHERS + sizeof(gkt_design_counts) / sizeof(int32_t) <= GKT_CHECKPOINT_COUNTS, "room for all counts");

gkt_status gkt_design_keep(gkt_problem *p, gkt_size num_record, const gkt_scalar *record) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  struct gkt_design *d = p->design;
  const double start = gkt_seconds();
  gkt_checkpoint c = {.time = p->designing.iterate.iteration, .size = num_record, .count = d->history.count, .width = d->history.width};
  gkt_status status;
  if (!o->checkpoint || p->designing.iterate.iteration % o->checkpoint_every) return GKT_OK;
  GKT_GO(gkt_checkpoint_begin(p, GKT_OF_DESIGNS, &c));
  memcpy(c.record, record, (size_t)num_record * sizeof *record);
  memcpy(c.rows, d->history.rows, (size_t)(c.count * c.width) * sizeof *c.rows);
  c.counts[STEP] = d->step, c.counts[DONE] = d->done;
  c.counts[EVALUATIONS] = d->evaluations + d->report.evaluations, c.counts[GRADIENTS] = d->gradients + d->report.gradients;
  memcpy(c.counts + OTHERS, &d->counts, sizeof d->counts);
  GKT_GO(gkt_checkpoint_write(p, o->checkpoint, KIND, &c));
done:
  gkt_checkpoint_clear(&c);
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return status;
}

static gkt_status check_rows(gkt_problem *p, const char *path, const gkt_checkpoint *c) {
  if (c->count >= 1 && c->width == p->design->history.width) return GKT_OK;
  return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s: %lld rows of %d numbers; expected %d numbers", path, (long long)c->count, c->width, p->design->history.width);
}

/* The last row is that of the iterate that the record holds, which is looked at again. */
static void take(gkt_problem *p, const char *path, gkt_checkpoint *c) {
  struct gkt_design *d = p->design;
  d->step = c->counts[STEP], d->done = c->counts[DONE], d->evaluations = c->counts[EVALUATIONS], d->gradients = c->counts[GRADIENTS];
  memcpy(&d->counts, c->counts + OTHERS, sizeof d->counts);
  d->begun -= c->rows[(c->count - 1) * c->width + GKT_DESIGN_SECONDS];
  d->history.rows = c->rows, d->history.count = c->count - 1, d->history.capacity = c->count, c->rows = NULL;
  gkt_log(p->ctx, GKT_LOG_NOTICE, "goes on from iteration %.0f of %s", d->history.rows[d->history.count * d->history.width + GKT_DESIGN_ITERATION], path);
}

/* record NULL: the file is read, and that is all. */
static gkt_status resume(gkt_problem *p, gkt_size *num_record, gkt_scalar **record) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  gkt_checkpoint c = {0};
  char *path = NULL;
  gkt_status status;
  GKT_GO(o->restart_path ? gkt_strdup(p->ctx, o->restart_path, &path) : gkt_problem_out_path(p, o->checkpoint, &path));
  GKT_GO(gkt_checkpoint_read(p, GKT_OF_DESIGNS, path, KIND, &c));
  GKT_GO(check_rows(p, path, &c));
  if (!record) goto done;
  take(p, path, &c);
  *num_record = c.size, *record = c.record, c.record = NULL;
done:
  gkt_checkpoint_clear(&c);
  gkt_free(&path);
  return gkt_problem_place(p, status, &o->restart);
}

gkt_status gkt_design_resume(gkt_problem *p, gkt_size *num_record, gkt_scalar **record) { return resume(p, num_record, record); }

gkt_status gkt_design_check_restart(gkt_problem *p) { return resume(p, NULL, NULL); }
