#include "solvers/device_fields.h"

#include <math.h>

#include "core/embed.h"

static gkt_status launch(const gkt_device_fields *f, const char *kernel, const void *arguments, size_t size) {
  return gkt_device_launch_kept(f->device, gkt_device_system_kernels, &(gkt_launch){.kernel = kernel, .blocks = gkt_blocks_for(f->A.num_rows, 256), .threads = 256}, arguments,
                                size);
}

/* ---- life ---- */
static gkt_status allocate(const gkt_device_fields *f, gkt_scalars *out, const char *what) { return gkt_device_alloc(f->device, f->A.num_rows, sizeof *out->at, what, out); }

gkt_status gkt_device_fields_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, gkt_device_fields *f) {
  gkt_idx entries;
  GKT_TRY(gkt_device_open(ctx, &f->device));
  f->from = A, f->A = *A, f->table = gkt_device_fields_of(facts);
  GKT_TRY(gkt_device_download(f->device, A->row_offsets + A->num_rows, &entries, sizeof entries));
  GKT_TRY(gkt_device_alloc(f->device, entries, sizeof *f->vals.at, "values of a matrix in units of its fields", &f->vals));
  f->A.vals = f->vals.at;
  GKT_TRY(allocate(f, &f->b, "right-hand side in units of fields"));
  GKT_TRY(allocate(f, &f->x, "solution in units of fields"));
  GKT_TRY(allocate(f, &f->rows, "scales of rows"));
  return facts->symmetric ? GKT_OK : allocate(f, &f->cols, "scales of columns");
}

void gkt_device_fields_destroy(gkt_device_fields *f) {
  gkt_scalars *arrays[] = {&f->vals, &f->b, &f->x, &f->load, &f->rows, &f->cols};
  for (size_t i = 0; f->device && i < sizeof arrays / sizeof *arrays; i++) gkt_device_free(f->device, arrays[i]);
  *f = (gkt_device_fields){0};
}

/* ---- units ---- */
gkt_status gkt_device_fields_take(gkt_device_fields *f) { return gkt_device_copy(f->device, f->from->vals, f->vals.at, f->vals.count * (gkt_size)sizeof *f->vals.at); }

/* The mean over free rows of log2 of a scale: mean_exponent of blocks.c. */
static gkt_status find_mean(const gkt_device_fields *f, gkt_device_system *s, const gkt_scalar *scales, int field, double *out) {
  const gkt_device_logs_arguments a = {scales, s->fixed.at, f->A.num_rows, f->table.first[field], f->table.first[field + 1], s->residual.at, s->floor.at};
  gkt_scalar sums[2];
  GKT_TRY(launch(f, "gkt_device_logs", &a, sizeof a));
  GKT_TRY(gkt_device_vector_dot(f->device, f->A.num_rows, a.logs, a.ones, s->partial.at, s->sizes.at));
  GKT_TRY(gkt_device_vector_dot(f->device, f->A.num_rows, a.ones, a.ones, s->partial.at, s->sizes.at + 1));
  GKT_TRY(gkt_device_download(f->device, s->sizes.at, sums, (gkt_size)sizeof sums));
  *out = sums[1] > 0 ? sums[0] / sums[1] : 0;
  return GKT_OK;
}

static gkt_status find_units(const gkt_device_fields *f, gkt_device_system *s, const gkt_scalar *scales, gkt_scalar *units) {
  double first = 0, mean;
  for (int k = 0; k < f->table.count; k++) {
    GKT_TRY(find_mean(f, s, scales, k, &mean));
    if (k == 0) first = mean;
    units[k] = ldexp(1, (int)lrint(mean - first));
  }
  return GKT_OK;
}

gkt_status gkt_device_fields_fit(gkt_device_fields *f, gkt_device_system *s) {
  gkt_device_units_arguments a = {f->A.row_offsets, f->A.cols, f->from->vals, f->vals.at, f->A.num_rows, f->table, {0}, {0}};
  GKT_TRY(gkt_device_system_fit_scales(s));
  GKT_TRY(find_units(f, s, s->rows.at, f->left));
  GKT_TRY(find_units(f, s, gkt_device_system_columns(s), f->right));
  for (int k = 0; k < f->table.count; k++) a.left[k] = f->left[k], a.right[k] = f->right[k];
  return launch(f, "gkt_device_scale_matrix", &a, sizeof a);
}

static gkt_status scale(const gkt_device_fields *f, const gkt_scalar *units, bool back, const gkt_scalar *from, gkt_scalar *to) {
  gkt_device_scale_arguments a = {.from = from, .to = to, .num_rows = f->A.num_rows, .fields = f->table};
  for (int k = 0; k < f->table.count; k++) a.factors[k] = back ? 1 / units[k] : units[k];
  return launch(f, "gkt_device_scale_vector", &a, sizeof a);
}

gkt_status gkt_device_fields_note_scales(gkt_device_fields *f, const gkt_device_system *s) {
  GKT_TRY(scale(f, f->left, false, s->rows.at, f->rows.at));
  return f->cols.at ? scale(f, f->right, false, s->columns.at, f->cols.at) : GKT_OK;
}

/* ---- a right-hand side ---- */
gkt_status gkt_device_fields_begin(gkt_device_fields *f, const gkt_scalar *b, const gkt_scalar *x, const gkt_scalar *load) {
  GKT_TRY(scale(f, f->left, false, b, f->b.at));
  GKT_TRY(scale(f, f->right, true, x, f->x.at));
  if (!load) return GKT_OK;
  if (!f->load.at) GKT_TRY(allocate(f, &f->load, "loads in units of fields"));
  return scale(f, f->left, false, load, f->load.at);
}

gkt_status gkt_device_fields_end(gkt_device_fields *f, gkt_scalar *x) { return scale(f, f->right, false, f->x.at, x); }
