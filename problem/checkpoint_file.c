/* Files of checkpoints (store.h): what the problem is, numbers that a run goes on from, rows of results so far. Each replaces the one before, whole or not at all. */
#include <string.h>

#include "core/cache.h"
#include "problem/checkpoint.h"
#include "problem/store.h"

enum { VERSION = 2 };

void gkt_checkpoint_clear(gkt_checkpoint *c) { gkt_free(&c->problem), gkt_free(&c->record), gkt_free(&c->rows), gkt_free(&c->limits); }

/* HDF5 does not see that numbers have changed. */
static void make_sum(const gkt_checkpoint *c, char out[GKT_HASH_TEXT]) {
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
gkt_status gkt_checkpoint_begin(gkt_problem *p, gkt_identity of, gkt_checkpoint *c) {
  gkt_problem_hash_mesh(p, c->mesh);
  GKT_TRY(gkt_problem_describe(p, of, &c->problem));
  GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->record, &c->record));
  GKT_TRY(gkt_alloc(p->ctx, c->num_limits * c->width, sizeof *c->limits, &c->limits));
  return gkt_alloc(p->ctx, c->count * c->width, sizeof *c->rows, &c->rows);
}

static gkt_status write(gkt_store *s, const gkt_checkpoint *c) {
  char sum[GKT_HASH_TEXT];
  make_sum(c, sum);
  GKT_TRY(gkt_store_set_text(s, "galerkit", GKT_VERSION));
  GKT_TRY(gkt_store_set_text(s, "problem", c->problem));
  GKT_TRY(gkt_store_set_text(s, "mesh", c->mesh));
  GKT_TRY(gkt_store_set_text(s, "sum", sum));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"time", GKT_STORE_DOUBLE, 0, {0}}, &c->time));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"record", GKT_STORE_DOUBLE, 1, {c->size}}, c->record));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"series", GKT_STORE_DOUBLE, 2, {c->count, c->width}}, c->rows));
  if (c->num_limits) GKT_TRY(gkt_store_write(s, &(gkt_store_array){"limits", GKT_STORE_DOUBLE, 2, {c->num_limits, c->width}}, c->limits));
  return gkt_store_write(s, &(gkt_store_array){"counts", GKT_STORE_INT32, 1, {GKT_CHECKPOINT_COUNTS}}, c->counts);
}

gkt_status gkt_checkpoint_write(gkt_problem *p, const char *name, const char *kind, const gkt_checkpoint *c) {
  gkt_store *store = NULL;
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(gkt_store_create(p->ctx, path, kind, VERSION, &store));
  GKT_GO(write(store, c));
  GKT_GO(gkt_store_commit(&store));
done:
  gkt_store_close(&store);
  gkt_free(&path);
  return status;
}

/* ---- reading ---- */
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

static gkt_status read(gkt_context *ctx, gkt_store *s, gkt_checkpoint *c) {
  gkt_store_array record = {"record", GKT_STORE_DOUBLE, 1, {-1}}, series = {"series", GKT_STORE_DOUBLE, 2, {-1, -1}}, limits = {"limits", GKT_STORE_DOUBLE, 2, {-1, -1}};
  char sum[GKT_HASH_TEXT], found[GKT_HASH_TEXT];
  GKT_TRY(gkt_store_get_text(s, "problem", &c->problem));
  GKT_TRY(read_text(s, "mesh", sizeof c->mesh, c->mesh));
  GKT_TRY(read_text(s, "sum", sizeof found, found));
  GKT_TRY(gkt_store_read(s, &(gkt_store_array){"time", GKT_STORE_DOUBLE, 0, {0}}, &c->time));
  GKT_TRY(read_numbers(s, &record, ctx, &c->record));
  GKT_TRY(read_numbers(s, &series, ctx, &c->rows));
  if (gkt_store_has(s, limits.name)) GKT_TRY(read_numbers(s, &limits, ctx, &c->limits));
  GKT_TRY(gkt_store_read(s, &(gkt_store_array){"counts", GKT_STORE_INT32, 1, {GKT_CHECKPOINT_COUNTS}}, c->counts));
  c->size = record.extents[0], c->count = series.extents[0], c->width = (int)series.extents[1], c->num_limits = c->limits ? limits.extents[0] : 0;
  if (c->limits && limits.extents[1] != c->width)
    return gkt_fail(ctx, GKT_BAD_INPUT, "%s: damaged: limit points have %lld numbers, rows %d", gkt_store_path(s), (long long)limits.extents[1], c->width);
  make_sum(c, sum);
  return strcmp(sum, found) ? gkt_fail(ctx, GKT_BAD_INPUT, "%s: damaged: its numbers are not those that were written", gkt_store_path(s)) : GKT_OK;
}

gkt_status gkt_checkpoint_read(gkt_problem *p, gkt_identity of, const char *path, const char *kind, gkt_checkpoint *c) {
  char mesh[GKT_HASH_TEXT];
  gkt_store *store = NULL;
  gkt_status status;
  GKT_GO(gkt_store_open(p->ctx, path, false, kind, VERSION, NULL, &store));
  GKT_GO(read(p->ctx, store, c));
  GKT_GO(gkt_problem_compare(p, of, path, c->problem));
  gkt_problem_hash_mesh(p, mesh);
  if (strcmp(mesh, c->mesh)) GKT_GO(gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is of another mesh: its nodes, cells or sets differ", path));
done:
  gkt_store_close(&store);
  return status;
}
