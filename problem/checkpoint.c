/* Checkpoints: files from which a run in time goes on as if there had been no break (kind "checkpoint" of store.h): what the problem is, what its scheme goes on from, results so
   far. Each replaces the one before, whole or not at all. */
#include <string.h>

#include "core/cache.h"
#include "problem/problem.h"
#include "problem/store.h"

enum { VERSION = 1, NUM_COUNTS = 7 };
typedef struct { /* what a file holds */
  char *problem;
  char mesh[GKT_HASH_TEXT];
  gkt_size size, count, num_limits; /* numbers of the record; rows of the series, of limit points of a path */
  int width;
  gkt_scalar *record, *rows, *limits;
  int32_t counts[NUM_COUNTS];
} content;

static void clear(content *c) { gkt_free(&c->problem), gkt_free(&c->record), gkt_free(&c->rows), gkt_free(&c->limits); }

/* HDF5 does not see that numbers have changed. */
static void make_sum(const content *c, char out[GKT_HASH_TEXT]) {
  gkt_hash hash = gkt_hash_start();
  gkt_hash_add(&hash, c->problem, strlen(c->problem));
  gkt_hash_add(&hash, c->mesh, strlen(c->mesh));
  gkt_hash_add(&hash, c->record, (size_t)c->size * sizeof *c->record);
  gkt_hash_add(&hash, c->rows, (size_t)(c->count * c->width) * sizeof *c->rows);
  gkt_hash_add(&hash, c->limits, (size_t)(c->num_limits * c->width) * sizeof *c->limits);
  gkt_hash_add(&hash, c->counts, sizeof c->counts);
  hash = gkt_hash_finish(hash);
  snprintf(out, GKT_HASH_TEXT, "%016llx%016llx", (unsigned long long)hash.lanes[0], (unsigned long long)hash.lanes[1]);
}

/* ---- writing ---- */
static gkt_status collect(gkt_problem *p, gkt_time *t, content *c) {
  const gkt_march_counts *n = &p->counts;
  const int32_t counts[NUM_COUNTS] = {n->steps, n->rejected, n->newton, n->linear, n->setups, n->assemblies, n->kept};
  c->size = gkt_time_record_size(t), c->count = p->series.count, c->width = p->series.width;
  memcpy(c->counts, counts, sizeof counts);
  gkt_problem_hash_mesh(p, c->mesh);
  GKT_TRY(gkt_problem_describe(p, GKT_OF_TIME, &c->problem));
  GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->record, &c->record));
  GKT_TRY(gkt_time_get_record(t, c->record));
  GKT_TRY(gkt_alloc(p->ctx, c->count * c->width, sizeof *c->rows, &c->rows));
  memcpy(c->rows, p->series.rows, (size_t)(c->count * c->width) * sizeof *c->rows);
  c->num_limits = p->limit_points.count;
  GKT_TRY(gkt_alloc(p->ctx, c->num_limits * c->width, sizeof *c->limits, &c->limits));
  if (c->num_limits) memcpy(c->limits, p->limit_points.rows, (size_t)(c->num_limits * c->width) * sizeof *c->limits);
  return GKT_OK;
}

static gkt_status write(gkt_store *s, const content *c, double time) {
  char sum[GKT_HASH_TEXT];
  make_sum(c, sum);
  GKT_TRY(gkt_store_set_text(s, "galerkit", GKT_VERSION));
  GKT_TRY(gkt_store_set_text(s, "problem", c->problem));
  GKT_TRY(gkt_store_set_text(s, "mesh", c->mesh));
  GKT_TRY(gkt_store_set_text(s, "sum", sum));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"time", GKT_STORE_DOUBLE, 0, {0}}, &time));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"record", GKT_STORE_DOUBLE, 1, {c->size}}, c->record));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"series", GKT_STORE_DOUBLE, 2, {c->count, c->width}}, c->rows));
  if (c->num_limits) GKT_TRY(gkt_store_write(s, &(gkt_store_array){"limits", GKT_STORE_DOUBLE, 2, {c->num_limits, c->width}}, c->limits));
  return gkt_store_write(s, &(gkt_store_array){"counts", GKT_STORE_INT32, 1, {NUM_COUNTS}}, c->counts);
}

gkt_status gkt_problem_keep_checkpoint(gkt_problem *p, gkt_time *t, bool is_last) {
  const gkt_time_settings *s = &p->settings->time;
  const double start = gkt_seconds();
  content c = {0};
  gkt_store *store = NULL;
  char *path = NULL;
  gkt_status status;
  if (!s->checkpoint || !p->has_run || ((p->series.count - 1) % s->checkpoint_every && !is_last)) return GKT_OK;
  GKT_GO(collect(p, t, &c));
  GKT_GO(gkt_problem_out_path(p, s->checkpoint, &path));
  GKT_GO(gkt_store_create(p->ctx, path, "checkpoint", VERSION, &store));
  GKT_GO(write(store, &c, gkt_time_state(t).time));
  GKT_GO(gkt_store_commit(&store));
done:
  gkt_store_close(&store);
  clear(&c);
  gkt_free(&path);
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return status;
}

/* ---- going on ---- */
static gkt_status read_text(gkt_store *s, const char *name, size_t size, char *out) {
  char *text = NULL;
  GKT_TRY(gkt_store_get_text(s, name, &text));
  snprintf(out, size, "%s", text);
  gkt_free(&text);
  return GKT_OK;
}

static gkt_status read_numbers(gkt_store *s, gkt_store_array *a, gkt_context *ctx, gkt_scalar **out) {
  gkt_size size = 1;
  GKT_TRY(gkt_store_check(s, a));
  for (int d = 0; d < a->rank; d++) size *= a->extents[d];
  GKT_TRY(gkt_alloc(ctx, size, sizeof **out, out));
  return gkt_store_read(s, a, *out);
}

static gkt_status read(gkt_context *ctx, gkt_store *s, content *c) {
  gkt_store_array record = {"record", GKT_STORE_DOUBLE, 1, {-1}}, series = {"series", GKT_STORE_DOUBLE, 2, {-1, -1}}, limits = {"limits", GKT_STORE_DOUBLE, 2, {-1, -1}};
  char sum[GKT_HASH_TEXT], found[GKT_HASH_TEXT];
  GKT_TRY(gkt_store_get_text(s, "problem", &c->problem));
  GKT_TRY(read_text(s, "mesh", sizeof c->mesh, c->mesh));
  GKT_TRY(read_text(s, "sum", sizeof found, found));
  GKT_TRY(read_numbers(s, &record, ctx, &c->record));
  GKT_TRY(read_numbers(s, &series, ctx, &c->rows));
  if (gkt_store_has(s, limits.name)) GKT_TRY(read_numbers(s, &limits, ctx, &c->limits));
  GKT_TRY(gkt_store_read(s, &(gkt_store_array){"counts", GKT_STORE_INT32, 1, {NUM_COUNTS}}, c->counts));
  c->size = record.extents[0], c->count = series.extents[0], c->width = (int)series.extents[1], c->num_limits = c->limits ? limits.extents[0] : 0;
  if (c->limits && limits.extents[1] != c->width)
    return gkt_fail(ctx, GKT_BAD_INPUT, "%s: damaged: limit points have %lld numbers, rows %d", gkt_store_path(s), (long long)limits.extents[1], c->width);
  make_sum(c, sum);
  return strcmp(sum, found) ? gkt_fail(ctx, GKT_BAD_INPUT, "%s: damaged: its numbers are not those that were written", gkt_store_path(s)) : GKT_OK;
}

static gkt_status check(gkt_problem *p, const char *path, const content *c) {
  char mesh[GKT_HASH_TEXT];
  GKT_TRY(gkt_problem_compare(p, GKT_OF_TIME, path, c->problem));
  gkt_problem_hash_mesh(p, mesh);
  if (strcmp(mesh, c->mesh)) return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is of another mesh: its nodes, cells or sets differ", path);
  return GKT_OK;
}

/* How many numbers results have is known once they are computed. */
static gkt_status take_series(gkt_problem *p, const char *path, const content *c) {
  GKT_TRY(gkt_problem_compute(p));
  if (c->count <= 0 || c->width != gkt_series_width(p))
    return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s: %lld rows of results with %d numbers; expected %d", path, (long long)c->count, c->width, gkt_series_width(p));
  GKT_TRY(gkt_series_set(p, &p->limit_points, c->num_limits, c->limits));
  return gkt_series_set(p, &p->series, c->count, c->rows);
}

static gkt_status take(gkt_problem *p, gkt_time *t, const char *path, const content *c) {
  const gkt_time_settings *s = &p->settings->time;
  const int32_t *n = c->counts;
  GKT_TRY(check(p, path, c));
  GKT_TRY(gkt_time_set_record(t, c->size, c->record));
  const double time = gkt_time_state(t).time;
  if (time > s->end + 1e-9 * s->step) return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is at t = %.9g, and time.end is %.9g; expected a later end", path, time, s->end);
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

gkt_status gkt_problem_resume(gkt_problem *p, gkt_time *t) {
  const gkt_time_settings *s = &p->settings->time;
  content c = {0};
  gkt_store *store = NULL;
  char *path = NULL;
  gkt_status status;
  GKT_GO(s->restart_path ? gkt_strdup(p->ctx, s->restart_path, &path) : gkt_problem_out_path(p, s->checkpoint, &path));
  GKT_GO(gkt_store_open(p->ctx, path, false, "checkpoint", VERSION, NULL, &store));
  GKT_GO(read(p->ctx, store, &c));
  GKT_GO(take(p, t, path, &c));
done:
  gkt_store_close(&store);
  clear(&c);
  gkt_free(&path);
  return gkt_problem_place(p, status, &s->restart);
}
