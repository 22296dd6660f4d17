/* The file of a data set: inputs, outputs and results, a row for each sample. It is made whole, with a count of 0, and rows are filled in; the count comes after each, so that a
   run that is killed goes on behind it. */
#include <string.h>
#include <unistd.h>

#include "core/cache.h"
#include "meshes/cell.h"
#include "problem/sample.h"

enum { VERSION = 1, REASON = 240 };

/* ---- what is in it ---- */
typedef enum { INPUT, OUTPUT, COMPUTE, PROBE, VALID, WHY } row_kind;
typedef struct {
  row_kind kind;
  int number; /* in its list */
  char name[160];
  gkt_store_array array; /* extents[0]: samples */
} row;
typedef gkt_status row_fn(gkt_problem *, const gkt_draws *, const row *, void *user);

static void add_extent(gkt_store_array *a, gkt_size extent) { a->extents[a->rank++] = extent; }

/* [samples], [times] in time, [nodes], [components] of what has several */
static void shape_output(const gkt_problem *p, int i, int num_times, gkt_store_array *a) {
  const gkt_space *space = p->spaces[p->fields[i]];
  if (p->settings->time.at) add_extent(a, num_times);
  add_extent(a, gkt_space_num_nodes(space));
  if (gkt_space_block_size(space) > 1) add_extent(a, gkt_space_block_size(space));
}

static void shape_input(const gkt_problem *p, const gkt_drawn *d, gkt_store_array *a) {
  if (d->function < 0) return;
  const gkt_space *space = p->spaces[d->function];
  add_extent(a, gkt_space_num_nodes(space));
  if (gkt_space_block_size(space) > 1) add_extent(a, gkt_space_block_size(space));
}

static gkt_status visit(gkt_problem *p, const gkt_draws *d, row_kind kind, int number, const char *folder, const char *name, const gkt_sample_file *f, row_fn *act, void *user) {
  row r = {.kind = kind, .number = number, .array = {.type = kind >= VALID ? GKT_STORE_BYTE : GKT_STORE_DOUBLE, .rank = 1, .extents = {f->count}}};
  snprintf(r.name, sizeof r.name, "%s%s", folder, name);
  r.array.name = r.name;
  if (kind == INPUT) shape_input(p, &d->drawn[number], &r.array);
  if (kind == OUTPUT) shape_output(p, number, f->num_times, &r.array);
  if ((kind == COMPUTE || kind == PROBE) && p->settings->time.at) add_extent(&r.array, f->num_times);
  if (kind == PROBE && gkt_shape_size(gkt_expression_shape(p->probes[number].expression)) > 1)
    add_extent(&r.array, gkt_shape_size(gkt_expression_shape(p->probes[number].expression)));
  if (kind == WHY) add_extent(&r.array, REASON);
  return act(p, d, &r, user);
}

static gkt_status for_each(gkt_problem *p, const gkt_draws *d, const gkt_sample_file *f, row_fn *act, void *user) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->sample.num_draws; i++) GKT_TRY(visit(p, d, INPUT, i, "inputs/", s->sample.draws[i].name.text, f, act, user));
  for (int i = 0; i < s->num_fields; i++) GKT_TRY(visit(p, d, OUTPUT, i, "outputs/", s->fields[i].name.text, f, act, user));
  for (int i = 0; i < s->num_compute; i++) GKT_TRY(visit(p, d, COMPUTE, i, "compute/", s->compute[i].name.text, f, act, user));
  for (int i = 0; i < s->num_probes; i++) GKT_TRY(visit(p, d, PROBE, i, "probes/", s->probes[i].name.text, f, act, user));
  GKT_TRY(visit(p, d, VALID, 0, "", "valid", f, act, user));
  return visit(p, d, WHY, 0, "", "reason", f, act, user);
}

/* ---- a new file ---- */
static gkt_status write_coordinates(gkt_problem *p, gkt_store *s, const char *name, int function) {
  const gkt_space *space = p->spaces[function];
  char path[160];
  if (gkt_space_element(space).kind == GKT_REAL) return GKT_OK; /* it has no place */
  snprintf(path, sizeof path, "coordinates/%s", name);
  return gkt_store_write(s, &(gkt_store_array){path, GKT_STORE_DOUBLE, 2, {gkt_space_num_nodes(space), p->dim}}, gkt_space_coords(space));
}

static gkt_status write_mesh(gkt_problem *p, gkt_store *s) {
  char path[160];
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"mesh/points", GKT_STORE_DOUBLE, 2, {gkt_mesh_num_nodes(p->mesh), p->dim}}, gkt_mesh_coords(p->mesh)));
  for (int b = 0; b < gkt_mesh_num_blocks(p->mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(p->mesh, b);
    snprintf(path, sizeof path, "mesh/%s", gkt_cell_topologies[block->cell].plural);
    GKT_TRY(gkt_store_write(s, &(gkt_store_array){path, GKT_STORE_INT32, 2, {block->num_cells, block->nodes_per_cell}}, block->nodes));
  }
  return GKT_OK;
}

static gkt_status write_times(gkt_problem *p, gkt_store *s, int count) {
  double *times = NULL;
  if (!p->settings->time.at) return GKT_OK;
  GKT_TRY(gkt_alloc(p->ctx, count, sizeof *times, &times));
  for (int i = 0; i < count; i++) times[i] = gkt_problem_output_time(p, i);
  gkt_status status = gkt_store_write(s, &(gkt_store_array){"times", GKT_STORE_DOUBLE, 1, {count}}, times);
  gkt_free(&times);
  return status;
}

/* What runs, which may not be what was asked for. */
static const char *backend_of(const gkt_problem *p) {
  gkt_assembler_info info;
  gkt_assembler_get_info(gkt_system_assembler(p->system, 1), &info);
  return info.backend;
}

static gkt_status write_texts(gkt_problem *p, gkt_store *s) {
  char *lines = NULL, mesh[GKT_HASH_TEXT];
  gkt_status status;
  gkt_problem_hash_mesh(p, mesh);
  GKT_GO(gkt_problem_describe(p, GKT_OF_SAMPLES, &lines));
  GKT_GO(gkt_store_set_text(s, "galerkit", GKT_VERSION));
  GKT_GO(gkt_store_set_text(s, "petsc", gkt_petsc_version()));
  GKT_GO(gkt_store_set_text(s, "problem", lines));
  GKT_GO(gkt_store_set_text(s, "mesh_hash", mesh));
  GKT_GO(gkt_store_set_text(s, "backend", backend_of(p)));
done:
  gkt_free(&lines);
  return status;
}

static gkt_status make_row(gkt_problem *p, const gkt_draws *d, const row *r, void *store) { return (void)p, (void)d, gkt_store_write(store, &r->array, NULL); }

static gkt_status write_head(gkt_problem *p, const gkt_draws *d, const gkt_sample_file *f, gkt_store *s) {
  const int32_t none = 0, seed = p->settings->sample.seed;
  const gkt_settings *settings = p->settings;
  GKT_TRY(write_texts(p, s));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"seed", GKT_STORE_INT32, 0, {0}}, &seed));
  GKT_TRY(gkt_store_write(s, &(gkt_store_array){"done", GKT_STORE_INT32, 0, {0}}, &none));
  GKT_TRY(write_mesh(p, s));
  GKT_TRY(write_times(p, s, f->num_times));
  for (int i = 0; i < settings->sample.num_draws; i++)
    if (d->drawn[i].function >= 0) GKT_TRY(write_coordinates(p, s, settings->sample.draws[i].name.text, d->drawn[i].function));
  for (int i = 0; i < settings->num_fields; i++) GKT_TRY(write_coordinates(p, s, settings->fields[i].name.text, p->fields[i]));
  return for_each(p, d, f, make_row, s);
}

/* ---- one that is there ---- */
/* Files of earlier versions do not say. */
static gkt_status check_backend(gkt_problem *p, gkt_store *s, const char *path) {
  char *theirs = NULL;
  gkt_status status = GKT_OK;
  if (!gkt_store_has(s, "backend")) return GKT_OK;
  GKT_GO(gkt_store_get_text(s, "backend", &theirs));
  if (strcmp(theirs, backend_of(p)))
    status = gkt_fail(p->ctx, GKT_BAD_INPUT, "%s was begun with the backend %.40s, this is %s, whose last bits may differ; expected --backend %.40s, or another file", path, theirs,
                      backend_of(p), theirs);
done:
  gkt_free(&theirs);
  return status;
}

static gkt_status check_identity(gkt_problem *p, gkt_store *s, const char *path) {
  char *theirs = NULL, *mesh = NULL, ours[GKT_HASH_TEXT];
  gkt_status status;
  gkt_problem_hash_mesh(p, ours);
  GKT_GO(gkt_store_get_text(s, "problem", &theirs));
  GKT_GO(gkt_store_get_text(s, "mesh_hash", &mesh));
  GKT_GO(gkt_problem_compare(p, GKT_OF_SAMPLES, path, theirs));
  if (strcmp(mesh, ours)) status = gkt_fail(p->ctx, GKT_BAD_INPUT, "%s is of another mesh; expected that of this problem, or another name for the data set", path);
done:
  gkt_free(&theirs);
  gkt_free(&mesh);
  return status;
}

/* What was read into room of this problem's sizes is to have them. */
static gkt_status check_row(gkt_problem *p, const gkt_draws *d, const row *r, void *store) {
  gkt_store_array array = r->array;
  (void)p, (void)d;
  return gkt_store_check(store, &array);
}

static gkt_status open_old(gkt_problem *p, const gkt_draws *d, const char *path, bool writable, gkt_sample_file *f) {
  gkt_store_array valid = {"valid", GKT_STORE_BYTE, 1, {-1}}, done = {"done", GKT_STORE_INT32, 0, {0}};
  int32_t count;
  GKT_TRY(gkt_store_open(p->ctx, path, writable, "samples", VERSION, NULL, &f->store));
  GKT_TRY(check_identity(p, f->store, path));
  GKT_TRY(check_backend(p, f->store, path));
  GKT_TRY(gkt_store_check(f->store, &valid));
  GKT_TRY(gkt_store_read(f->store, &done, &count));
  f->count = (int)valid.extents[0], f->done = count;
  if (count < 0 || count > f->count) return gkt_fail(p->ctx, GKT_BAD_INPUT, "%s says that %d of %d samples are done; the file is damaged", path, count, f->count);
  GKT_TRY(for_each(p, d, f, check_row, f->store));
  if (f->count <= p->settings->sample.count) return GKT_OK;
  return gkt_problem_refuse_key(p, GKT_BAD_INPUT, p->settings->sample.at, "count", "%s has room for %d samples already; expected as many or more, or another file", path, f->count);
}

typedef struct {
  gkt_store *from, *to;
  int rows;
} copying;

static gkt_status copy_row(gkt_problem *p, const gkt_draws *d, const row *r, void *user) {
  const copying *c = user;
  gkt_size size = 1;
  char *values = NULL;
  gkt_status status;
  (void)d;
  for (int k = 1; k < r->array.rank; k++) size *= r->array.extents[k];
  GKT_GO(gkt_alloc(p->ctx, size, sizeof(double), &values));
  for (int i = 0; i < c->rows; i++) {
    GKT_GO(gkt_store_read_row(c->from, r->name, i, values));
    GKT_GO(gkt_store_write_row(c->to, r->name, i, values));
  }
done:
  gkt_free(&values);
  return status;
}

/* A new file for `count` samples, with the rows of the old one, if any, which it replaces. */
static gkt_status make(gkt_problem *p, const gkt_draws *d, const char *path, gkt_sample_file *f) {
  copying c = {.from = f->store, .rows = f->done};
  const int32_t done = f->done;
  gkt_status status;
  f->count = p->settings->sample.count;
  GKT_GO(gkt_store_create(p->ctx, path, "samples", VERSION, &c.to));
  GKT_GO(write_head(p, d, f, c.to));
  if (c.from) GKT_GO(for_each(p, d, f, copy_row, &c));
  if (c.from) GKT_GO(gkt_store_write_row(c.to, "done", 0, &done));
  gkt_store_close(&f->store);
  GKT_GO(gkt_store_commit(&c.to));
  GKT_GO(gkt_store_open(p->ctx, path, true, "samples", VERSION, NULL, &f->store));
done:
  gkt_store_close(&c.to);
  return status;
}

gkt_status gkt_sample_file_open(gkt_problem *p, const gkt_draws *d, gkt_sample_file *out) {
  gkt_sample_file f = {.num_times = gkt_problem_num_outputs(p)};
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, p->settings->sample.file, &path));
  if (access(path, F_OK) == 0) GKT_GO(open_old(p, d, path, true, &f));
  if (!f.store || f.count < p->settings->sample.count) GKT_GO(make(p, d, path, &f));
  *out = f, f.store = NULL;
done:
  gkt_store_close(&f.store);
  gkt_free(&path);
  return status;
}

gkt_status gkt_sample_file_check(gkt_problem *p, const gkt_draws *d) {
  gkt_sample_file f = {.num_times = gkt_problem_num_outputs(p)};
  char *path = NULL;
  gkt_status status;
  GKT_GO(gkt_problem_out_path(p, p->settings->sample.file, &path));
  if (access(path, F_OK) == 0) GKT_GO(open_old(p, d, path, false, &f));
done:
  gkt_store_close(&f.store);
  gkt_free(&path);
  return status;
}

gkt_status gkt_sample_file_close(gkt_sample_file *f) { return f->store ? gkt_store_commit(&f->store) : GKT_OK; }

/* ---- rows ---- */
typedef struct {
  gkt_sample_file *file;
  const gkt_scalar *states; /* [times][dofs] */
  const char *reason;
  gkt_scalar *work; /* the longest row */
} writing;

/* The columns of the series behind time and step, as series.c has them. */
static int first_column(const gkt_problem *p, const row *r) {
  int at = 2;
  if (r->kind == COMPUTE) return at + r->number;
  at += p->settings->num_compute;
  for (int i = 0; i < r->number; i++) at += gkt_shape_size(gkt_expression_shape(p->probes[i].expression));
  return at;
}

static void fill_results(const gkt_problem *p, const row *r, int num_times, gkt_scalar *out) {
  const int n = r->kind == PROBE ? gkt_shape_size(gkt_expression_shape(p->probes[r->number].expression)) : 1, first = first_column(p, r);
  for (int t = 0; t < num_times; t++)
    for (int k = 0; k < n; k++) out[t * n + k] = t < p->series.count ? p->series.rows[t * p->series.width + first + k] : NAN;
}

static void fill_output(const gkt_problem *p, const row *r, int num_times, const gkt_scalar *states, gkt_scalar *out) {
  const gkt_size dofs = gkt_vector_size(p->u), n = gkt_space_num_dofs(p->spaces[p->fields[r->number]]);
  const gkt_size first = p->values[p->fields[r->number]] - gkt_vector_values(p->u);
  for (int t = 0; t < num_times; t++)
    for (gkt_size i = 0; i < n; i++) out[t * n + i] = t < p->series.count ? states[t * dofs + first + i] : NAN;
}

static gkt_status write_row(gkt_problem *p, const gkt_draws *d, const row *r, void *user) {
  const writing *w = user;
  const int number = w->file->done, num_times = w->file->num_times;
  const uint8_t valid = !*w->reason;
  char reason[REASON] = "";
  const void *values = w->work;
  switch (r->kind) {
  case INPUT: values = d->drawn[r->number].function < 0 ? &p->constants[d->drawn[r->number].constant] : p->values[d->drawn[r->number].function]; break;
  case OUTPUT: fill_output(p, r, num_times, w->states, w->work); break;
  case COMPUTE:
  case PROBE: fill_results(p, r, num_times, w->work); break;
  case VALID: values = &valid; break;
  case WHY: snprintf(reason, sizeof reason, "%s", w->reason), values = reason; break;
  }
  return gkt_store_write_row(w->file->store, r->name, number, values);
}

gkt_status gkt_sample_file_add(gkt_problem *p, const gkt_draws *d, gkt_sample_file *f, const gkt_scalar *states, const char *reason) {
  writing w = {.file = f, .states = states, .reason = reason};
  const int32_t done = f->done + 1;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, f->num_times * ((gkt_size)gkt_vector_size(p->u) + 9), sizeof *w.work, &w.work));
  GKT_GO(for_each(p, d, f, write_row, &w));
  GKT_GO(gkt_store_write_row(f->store, "done", 0, &done));
  f->done++;
done:
  gkt_free(&w.work);
  return status;
}

gkt_status gkt_sample_file_find_failures(gkt_problem *p, gkt_sample_file *f) {
  for (int i = 0; i < f->done; i++) {
    uint8_t valid;
    char reason[REASON];
    GKT_TRY(gkt_store_read_row(f->store, "valid", i, &valid));
    if (valid) continue;
    GKT_TRY(gkt_store_read_row(f->store, "reason", i, reason));
    reason[REASON - 1] = 0;
    gkt_samples_note(p, i, reason);
  }
  return GKT_OK;
}
