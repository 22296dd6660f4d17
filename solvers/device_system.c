/* Host logic of device_system.cu. What only the host can judge, as a system of several pieces, is told by a clause. */
#include "solvers/device_system.h"

#include <float.h>

#include "core/embed.h"

GKT_EMBED(gkt_device_system_arguments_text, "solvers/device_system_arguments.h");
GKT_EMBED(gkt_device_system_text, "solvers/device_system.cu");
static const char *const kernels[] = {gkt_vector_arguments_text, gkt_sums_text, gkt_device_system_arguments_text, gkt_device_system_text, NULL};

enum { SWEEPS = 6 };                      /* as scales.c */
static const double SMALLEST_LOAD = 1e-3; /* as residual.c */

static gkt_status launch(const gkt_device_system *s, const char *kernel, gkt_size blocks, const void *arguments, size_t size) {
  return gkt_device_launch_kept(s->device, kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = 256, .shared = GKT_PART_SHARED}, arguments, size);
}

static gkt_device_rows_arguments rows_arguments(const gkt_device_system *s, int what) {
  const gkt_csr *A = s->A;
  return (gkt_device_rows_arguments){.offsets = A->row_offsets,
                                     .cols = A->cols,
                                     .vals = A->vals,
                                     .fixed = s->fixed.at,
                                     .num_rows = A->num_rows,
                                     .symmetric = s->facts->symmetric,
                                     .what = what,
                                     .weights = s->weights.at,
                                     .rows = s->rows.at,
                                     .columns = gkt_device_system_columns(s),
                                     .most = s->residual.at,
                                     .most_below = s->floor.at,
                                     .parent = (gkt_idx *)s->residual.at, /* pieces are counted before scales are fitted */
                                     .next = (gkt_idx *)s->residual.at + A->num_rows,
                                     .flags = s->spare.at,
                                     .changed = (gkt_idx *)s->sizes.at};
}

static gkt_status each_row(const gkt_device_system *s, const char *kernel, const gkt_device_rows_arguments *a) {
  return launch(s, kernel, gkt_blocks_for(s->A->num_rows, 256), a, sizeof *a);
}

/* ---- life ---- */
static gkt_status allocate(gkt_device_system *s, gkt_scalars *out, const char *what) { return gkt_device_alloc(s->device, s->A->num_rows, sizeof *out->at, what, out); }

static gkt_status send_fixed(gkt_device_system *s) {
  gkt_idx n = s->A->num_rows;
  gkt_byte *bytes = NULL;
  gkt_status status;
  if (!s->facts->constrained) return GKT_OK;
  GKT_GO(gkt_alloc(s->ctx, n, sizeof *bytes, &bytes));
  for (gkt_idx i = 0; i < n; i++) bytes[i] = s->facts->constrained[i];
  GKT_GO(gkt_device_send(s->device, bytes, n, sizeof *bytes, "constrained dofs", &s->fixed));
done:
  gkt_free(&bytes);
  return status;
}

gkt_status gkt_device_system_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, gkt_device_system *s) {
  gkt_status status;
  *s = (gkt_device_system){.ctx = ctx, .A = A, .facts = facts, .parts = gkt_num_parts(A->num_rows)};
  GKT_GO(gkt_device_open(ctx, &s->device));
  GKT_GO(gkt_device_download(s->device, A->row_offsets + A->num_rows, &s->num_entries, sizeof s->num_entries));
  GKT_GO(send_fixed(s));
  GKT_GO(allocate(s, &s->weights, "inverse of a diagonal"));
  GKT_GO(allocate(s, &s->rows, "scales of rows"));
  if (!facts->symmetric) GKT_GO(allocate(s, &s->columns, "scales of columns"));
  GKT_GO(allocate(s, &s->residual, "residual"));
  GKT_GO(allocate(s, &s->floor, "rounding of a residual"));
  GKT_GO(allocate(s, &s->spare, "correction"));
  GKT_GO(gkt_device_alloc(s->device, GKT_NUM_SIZES * 3 * s->parts + gkt_sum_work(s->num_entries), sizeof(gkt_scalar), "partial sums", &s->partial));
  GKT_GO(gkt_device_alloc(s->device, GKT_NUM_SIZES, sizeof(gkt_scalar), "lengths of a residual", &s->sizes));
done:
  if (status != GKT_OK) gkt_device_system_destroy(s);
  return status;
}

void gkt_device_system_destroy(gkt_device_system *s) {
  gkt_scalars *arrays[] = {&s->weights, &s->rows, &s->columns, &s->residual, &s->floor, &s->spare, &s->partial, &s->sizes};
  if (!s->device) return;
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) gkt_device_free(s->device, arrays[i]);
  gkt_device_free(s->device, &s->fixed);
  gkt_device_modes_destroy(s->device, &s->modes);
  *s = (gkt_device_system){0};
}

/* ---- what is found ---- */
/* How many rows are so. */
static gkt_status count_rows(gkt_device_system *s, int what, gkt_idx *out) {
  gkt_device_rows_arguments a = rows_arguments(s, what);
  gkt_scalar *flags = s->spare.at, sum;
  GKT_TRY(each_row(s, "gkt_device_look", &a));
  GKT_TRY(gkt_device_vector_dot(s->device, s->A->num_rows, flags, flags, s->partial.at, s->sizes.at));
  GKT_TRY(gkt_device_download(s->device, s->sizes.at, &sum, sizeof sum));
  *out = (gkt_idx)sum;
  return GKT_OK;
}

gkt_status gkt_device_system_check(gkt_device_system *s) {
  gkt_size at;
  GKT_TRY(gkt_device_find_not_finite(s->device, s->num_entries, s->A->vals, s->partial.at, &at));
  return at < 0 ? GKT_OK : gkt_fail(s->ctx, GKT_BAD_INPUT, "the matrix holds a value that is not finite (entry %lld)", (long long)at);
}

static gkt_status fit_scales(gkt_device_system *s) {
  gkt_device_rows_arguments a = rows_arguments(s, 0);
  gkt_idx uneven;
  for (int sweep = 0; sweep < SWEEPS; sweep++) {
    GKT_TRY(each_row(s, "gkt_device_largest", &a));
    GKT_TRY(count_rows(s, GKT_ROW_UNEVEN, &uneven));
    if (uneven == 0) break;
    GKT_TRY(each_row(s, "gkt_device_rescale", &a));
  }
  return GKT_OK;
}

static gkt_status count_pieces(gkt_device_system *s, gkt_idx *out) {
  const gkt_size n = s->A->num_rows;
  const gkt_device_rows_arguments a = rows_arguments(s, 0);
  gkt_idx changed = 1;
  _Static_assert(2 * sizeof *a.parent <= sizeof *s->residual.at, "parents and their copy stand where residuals will");
  GKT_TRY(each_row(s, "gkt_device_begin_pieces", &a));
  while (changed) {
    GKT_TRY(gkt_device_fill(s->device, a.changed, 0, sizeof changed));
    GKT_TRY(gkt_device_copy(s->device, a.parent, a.next, n * (gkt_size)sizeof *a.parent));
    GKT_TRY(each_row(s, "gkt_device_hang", &a));
    GKT_TRY(each_row(s, "gkt_device_flatten", &a));
    GKT_TRY(gkt_device_download(s->device, a.changed, &changed, sizeof changed));
  }
  return count_rows(s, GKT_ROW_ROOT, out);
}

/* Do the conditions beside the one piece hold all of its rigid motions? */
static gkt_status is_held(gkt_device_system *s, bool *held) {
  gkt_idx n = s->A->num_rows, count = 0, *list = NULL;
  gkt_byte *beside = NULL;
  gkt_modes m;
  gkt_status status;
  gkt_device_rows_arguments a = rows_arguments(s, 0);
  a.beside = (gkt_byte *)s->spare.at;
  *held = false;
  GKT_GO(gkt_alloc(s->ctx, n, sizeof *beside, &beside));
  GKT_GO(gkt_alloc(s->ctx, n, sizeof *list, &list));
  GKT_GO(each_row(s, "gkt_device_beside", &a));
  GKT_GO(gkt_device_download(s->device, a.beside, beside, n * (gkt_size)sizeof *beside));
  for (gkt_idx i = 0; i < n; i++)
    if (beside[i]) list[count++] = i;
  gkt_modes_begin(s->A, s->facts, NULL, NULL, &m);
  *held = gkt_modes_hold(&m, count, list);
done:
  gkt_free(&beside);
  gkt_free(&list);
  return status;
}

static gkt_status look_at_pattern(gkt_device_system *s, size_t size, char *why) {
  gkt_idx count = 0;
  GKT_TRY(s->facts->symmetric ? GKT_OK : count_rows(s, GKT_ROW_UNMIRRORED, &count));
  if (count) return snprintf(why, size, "its pattern is not symmetric"), GKT_OK;
  GKT_TRY(count_rows(s, GKT_ROW_EMPTY, &count));
  if (count) return snprintf(why, size, "rows or columns of it are zero"), GKT_OK;
  GKT_TRY(count_pieces(s, &count));
  if (count == 0) snprintf(why, size, "no dof of it is free");
  if (count > 1) snprintf(why, size, "it falls into %d pieces", count);
  return GKT_OK;
}

static bool has_many_modes(const gkt_device_system *s) {
  gkt_modes m;
  gkt_modes_begin(s->A, s->facts, NULL, NULL, &m);
  return m.count > GKT_MOST_DEVICE_MODES;
}

/* Of one piece whose conditions, by the pattern, do not hold all of its motions: does A? */
static gkt_status look_at_motions(gkt_device_system *s, bool *held) {
  int count;
  if (has_many_modes(s)) return *held = false, GKT_OK;
  GKT_TRY(gkt_device_modes_count_free(s, &count));
  if (s->facts->singular) GKT_TRY(gkt_device_modes_find_kernel(s));
  *held = count <= s->modes.num_kernel;
  return GKT_OK;
}

/* A kernel that is not proven to be all is looked for as well. */
static gkt_status prove(gkt_device_system *s, bool *held) {
  const bool proven = s->facts->elliptic && s->facts->symmetric && s->facts->positive;
  *held = true, s->modes.num_kernel = 0;
  if (proven && !s->looked) GKT_TRY(is_held(s, &s->held));
  s->looked = s->looked || proven;
  if (proven && !s->held) GKT_TRY(look_at_motions(s, held));
  if (!proven && s->facts->singular) {
    *held = !has_many_modes(s);
    if (*held) GKT_TRY(gkt_device_modes_find_kernel(s));
  }
  s->regular = proven && *held;
  return GKT_OK;
}

gkt_status gkt_device_system_fit(gkt_device_system *s, size_t size, char *why) {
  bool held;
  gkt_device_rows_arguments a = rows_arguments(s, 0);
  why[0] = 0, s->regular = false;
  GKT_TRY(gkt_device_system_check(s));
  GKT_TRY(look_at_pattern(s, size, why));
  if (why[0]) return GKT_OK;
  GKT_TRY(each_row(s, "gkt_device_weights", &a));
  GKT_TRY(fit_scales(s));
  GKT_TRY(prove(s, &held));
  if (!held) snprintf(why, size, "its conditions may leave it free to move");
  return GKT_OK;
}

/* ---- the residual ---- */
static gkt_device_residual_arguments residual_arguments(const gkt_device_system *s) {
  const gkt_csr *A = s->A;
  return (gkt_device_residual_arguments){.offsets = A->row_offsets,
                                         .cols = A->cols,
                                         .vals = A->vals,
                                         .fixed = s->fixed.at,
                                         .num_rows = A->num_rows,
                                         .rows = s->rows.at,
                                         .columns = gkt_device_system_columns(s),
                                         .residual = s->residual.at,
                                         .floor = s->floor.at,
                                         .partial = s->partial.at,
                                         .sizes = s->sizes.at,
                                         .parts = s->parts};
}

static double least_of(double right, double load) { return load > 0 ? fmin(right, fmax(load, SMALLEST_LOAD * right)) : right; }
static double ratio(double residual, double right) { return residual == 0 ? 0 : residual / right; }

static gkt_true_residual judge(const gkt_scalar *sizes) {
  const gkt_scalar *plain = sizes, *scaled = sizes + GKT_SIZE_SCALED;
  const double unit = 10 * DBL_EPSILON;
  double forces = ratio(plain[GKT_SIZE_RESIDUAL], least_of(plain[GKT_SIZE_RIGHT], plain[GKT_SIZE_LOAD]));
  double motions = ratio(scaled[GKT_SIZE_RESIDUAL], least_of(scaled[GKT_SIZE_RIGHT], scaled[GKT_SIZE_LOAD]));
  gkt_true_residual out = {plain[GKT_SIZE_RESIDUAL], plain[GKT_SIZE_RIGHT], unit * plain[GKT_SIZE_FLOOR], motions <= forces ? forces : motions, sizes[GKT_SIZE_WORST], false};
  out.is_rounding = plain[GKT_SIZE_RESIDUAL] <= unit * plain[GKT_SIZE_FLOOR] && scaled[GKT_SIZE_RESIDUAL] <= unit * scaled[GKT_SIZE_FLOOR];
  return out;
}

gkt_status gkt_device_system_residual(gkt_device_system *s, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_true_residual *out) {
  gkt_device_residual_arguments a = residual_arguments(s);
  gkt_scalar sizes[GKT_NUM_SIZES];
  a.b = b, a.load = load, a.x = x;
  GKT_TRY(launch(s, "gkt_device_residual", gkt_blocks_for(s->A->num_rows, 256), &a, sizeof a));
  GKT_TRY(launch(s, "gkt_device_sizes", GKT_NUM_SIZES * s->parts, &a, sizeof a));
  GKT_TRY(launch(s, "gkt_device_join_sizes", GKT_NUM_SIZES, &a, sizeof a));
  GKT_TRY(gkt_device_download(s->device, s->sizes.at, sizes, sizeof sizes));
  *out = judge(sizes);
  return GKT_OK;
}

gkt_status gkt_device_system_lift(gkt_device_system *s, const gkt_scalar *b, gkt_scalar *x) {
  gkt_device_residual_arguments a = residual_arguments(s);
  a.b = b, a.residual = x;
  return s->fixed.at ? launch(s, "gkt_device_lift", gkt_blocks_for(s->A->num_rows, 256), &a, sizeof a) : GKT_OK;
}

gkt_status gkt_device_system_noise(gkt_device_system *s, gkt_scalar *out) {
  gkt_device_residual_arguments a = residual_arguments(s);
  a.residual = out;
  return launch(s, "gkt_device_noise", gkt_blocks_for(s->A->num_rows, 256), &a, sizeof a);
}
