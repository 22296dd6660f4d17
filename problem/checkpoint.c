/* Checkpoints: files from which a run in time goes on as if there had been no break: what its scheme goes on from, results so far. */
#include <string.h>

#include "problem/checkpoint.h"

static gkt_status collect(gkt_problem *p, gkt_time *t, gkt_checkpoint *c) {
  const gkt_march_counts *n = &p->counts;
  const int32_t counts[GKT_CHECKPOINT_COUNTS] = {n->steps, n->rejected, n->newton, n->linear, n->setups, n->assemblies, n->kept};
  c->size = gkt_time_record_size(t), c->count = p->series.count, c->width = p->series.width, c->num_limits = p->limit_points.count;
  memcpy(c->counts, counts, sizeof counts);
  GKT_TRY(gkt_checkpoint_begin(p, GKT_OF_TIME, c));
  GKT_TRY(gkt_time_get_record(t, c->record));
  memcpy(c->rows, p->series.rows, (size_t)(c->count * c->width) * sizeof *c->rows);
  if (c->num_limits) memcpy(c->limits, p->limit_points.rows, (size_t)(c->num_limits * c->width) * sizeof *c->limits);
  c->time = gkt_time_state(t).time;
  return GKT_OK;
}

gkt_status gkt_problem_keep_checkpoint(gkt_problem *p, gkt_time *t, bool is_last) {
  const gkt_time_settings *s = &p->settings->time;
  const double start = gkt_seconds();
  gkt_checkpoint c = {0};
  gkt_status status;
  if (!s->checkpoint || !p->has_run || ((p->series.count - 1) % s->checkpoint_every && !is_last)) return GKT_OK;
  GKT_GO(collect(p, t, &c));
  GKT_GO(gkt_checkpoint_write(p, s->checkpoint, "checkpoint", &c));
done:
  gkt_checkpoint_clear(&c);
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return status;
}

/* ---- going on ---- */
/* How many numbers results have is known once they are computed. */
static gkt_status take_series(gkt_problem *p, const char *path, const gkt_checkpoint *c) {
  GKT_TRY(gkt_problem_compute(p));
  if (c->count <= 0 || c->width != gkt_series_width(p))
    return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s: %lld rows of results with %d numbers; expected %d", path, (long long)c->count, c->width, gkt_series_width(p));
  GKT_TRY(gkt_series_set(p, &p->limit_points, c->num_limits, c->limits));
  return gkt_series_set(p, &p->series, c->count, c->rows);
}

static gkt_status check_end(gkt_problem *p, const char *path, double time) {
  const gkt_time_settings *s = &p->settings->time;
  if (time <= s->end + 1e-9 * s->step) return GKT_OK;
  return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is at t = %.9g, and time.end is %.9g; expected a later end", path, time, s->end);
}

static gkt_status take(gkt_problem *p, gkt_time *t, const char *path, const gkt_checkpoint *c) {
  const int32_t *n = c->counts;
  GKT_TRY(gkt_time_set_record(t, c->size, c->record));
  const double time = gkt_time_state(t).time;
  GKT_TRY(gkt_problem_look_at(p, t));
  GKT_TRY(take_series(p, path, c));
  p->counts = (gkt_march_counts){.steps = n[0], .rejected = n[1], .newton = n[2], .linear = n[3], .setups = n[4], .assemblies = n[5], .kept = n[6]};
  p->march_from = time;
  gkt_log(p->ctx, GKT_LOG_NOTICE, "goes on from t = %.9g, %lld outputs, of %s", time, (long long)c->count, path);
  if (p->settings->output.every || p->settings->output.film.file)
    gkt_problem_warn(p, "time.restart: pictures over time show what comes after t = %.9g, not what the run before has kept for them", time);
  const gkt_status status = p->has_run ? gkt_problem_list_earlier(p) : GKT_OK;
  if (status > 0) p->series.count = 0; /* a refusal: nothing of this run has been computed */
  return status;
}

/* t NULL: the file is read, and that is all. */
static gkt_status resume(gkt_problem *p, gkt_time *t) {
  const gkt_time_settings *s = &p->settings->time;
  gkt_checkpoint c = {0};
  char *path = NULL;
  gkt_status status;
  GKT_GO(s->restart_path ? gkt_strdup(p->ctx, s->restart_path, &path) : gkt_problem_out_path(p, s->checkpoint, &path));
  GKT_GO(gkt_checkpoint_read(p, GKT_OF_TIME, path, "checkpoint", &c));
  GKT_GO(check_end(p, path, c.time));
  if (t) GKT_GO(take(p, t, path, &c));
done:
  gkt_checkpoint_clear(&c);
  gkt_free(&path);
  return gkt_problem_place(p, status, &s->restart);
}

gkt_status gkt_problem_resume(gkt_problem *p, gkt_time *t) { return resume(p, t); }

gkt_status gkt_problem_check_restart(gkt_problem *p) { return resume(p, NULL); }
