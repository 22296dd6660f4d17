/* Host logic of device_system.cu. What only the host can judge, as a system of several pieces, is told by a clause. */
#include "solvers/device_system.h"

#include <float.h>

#include "core/embed.h"

GKT_EMBED(gkt_device_system_arguments_text, "solvers/device_system_arguments.h");
GKT_EMBED(gkt_device_system_text, "solvers/device_system.cu");
const char *const gkt_device_system_kernels[] = {gkt_vector_arguments_text, gkt_sums_text, gkt_device_system_arguments_text, gkt_device_system_text, NULL};

enum { SWEEPS = 6 };                                     /* as scales.c */
static const double SMALLEST_LOAD = 1e-3, BESIDE = 1e-2; /* as residual.c */

static gkt_status launch(const gkt_device_system *s, const char *kernel, gkt_size blocks, const void *arguments, size_t size) {
  return gkt_device_launch_kept(s->device, gkt_device_system_kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = 256, .shared = GKT_PART_SHARED}, arguments,
                                size);
}

gkt_device_fields_table gkt_device_fields_of(const gkt_system_facts *f) {
  gkt_device_fields_table t = {.count = f->blocks ? f->num_blocks : 0};
  for (int b = 0; b < t.count; b++) t.first[b] = f->blocks[b].first, t.first[b + 1] = f->blocks[b].first + f->blocks[b].count;
  return t;
}

gkt_device_rows_arguments gkt_device_system_rows(const gkt_device_system *s, int what) {
  const gkt_csr *A = s->A;
  return (gkt_device_rows_arguments){.offsets = A->row_offsets,
                                     .cols = A->cols,
                                     .vals = A->vals,
                                     .fixed = s->fixed.at,
                                     .num_rows = A->num_rows,
                                     .symmetric = s->facts->symmetric,
                                     .what = what,
                                     .fields = gkt_device_fields_of(s->facts),
                                     .coupling = s->coupling.at,
                                     .weights = s->weights.at,
                                     .rows = s->rows.at,
                                     .columns = gkt_device_system_columns(s),
                                     .most = s->residual.at,
                                     .most_below = s->floor.at,
                                     .parent = (gkt_idx *)s->residual.at, /* pieces are counted before scales are fitted */
                                     .next = (gkt_idx *)s->residual.at + A->num_rows,
                                     .before = s->pieces.roots.at,
                                     .flags = s->spare.at,
                                     .changed = (gkt_idx *)s->sizes.at};
}

gkt_status gkt_device_system_each_row(const gkt_device_system *s, const char *kernel, const gkt_device_rows_arguments *a) {
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

static gkt_status list_fields(gkt_device_system *s) {
  gkt_device_fields_table t = gkt_device_fields_of(s->facts);
  if (!t.count) return GKT_OK;
  GKT_TRY(gkt_device_chunks_send(s->ctx, s->device, &(gkt_pieces){.count = t.count, .offsets = t.first}, &s->fields));
  s->parts = s->fields.num_chunks;
  return gkt_device_alloc(s->device, (gkt_size)t.count * t.count, sizeof(gkt_scalar), "couplings of fields", &s->coupling);
}

gkt_status gkt_device_system_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, gkt_device_system *s) {
  gkt_status status;
  *s = (gkt_device_system){.ctx = ctx, .A = A, .facts = facts, .parts = gkt_num_parts(A->num_rows)};
  GKT_GO(gkt_device_open(ctx, &s->device));
  GKT_GO(gkt_device_download(s->device, A->row_offsets + A->num_rows, &s->num_entries, sizeof s->num_entries));
  GKT_GO(send_fixed(s));
  GKT_GO(list_fields(s));
  GKT_GO(allocate(s, &s->weights, "inverse of a diagonal"));
  GKT_GO(allocate(s, &s->rows, "scales of rows"));
  if (!facts->symmetric) GKT_GO(allocate(s, &s->columns, "scales of columns"));
  GKT_GO(allocate(s, &s->residual, "residual"));
  GKT_GO(allocate(s, &s->floor, "rounding of a residual"));
  GKT_GO(allocate(s, &s->spare, "correction"));
  GKT_GO(gkt_device_alloc(s->device, GKT_NUM_SIZES * 3 * s->parts + gkt_sum_work(s->num_entries), sizeof(gkt_scalar), "partial sums", &s->partial));
  GKT_GO(gkt_device_alloc(s->device, (2 + s->fields.num_pieces) * GKT_NUM_SIZES, sizeof(gkt_scalar), "lengths of a residual", &s->sizes));
  GKT_GO(gkt_device_alloc(s->device, GKT_NUM_FOUND, sizeof(gkt_scalar), "lengths of a residual", &s->found));
done:
  if (status != GKT_OK) gkt_device_system_destroy(s);
  return status;
}

void gkt_device_system_destroy(gkt_device_system *s) {
  gkt_scalars *arrays[] = {&s->weights, &s->rows, &s->columns, &s->residual, &s->floor, &s->spare, &s->partial, &s->sizes, &s->found, &s->coupling};
  if (!s->device) return;
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) gkt_device_free(s->device, arrays[i]);
  gkt_device_free(s->device, &s->fixed);
  gkt_device_modes_destroy(s->device, &s->modes);
  gkt_device_pieces_destroy(s->device, &s->pieces);
  gkt_device_chunks_destroy(s->device, &s->fields);
  *s = (gkt_device_system){0};
}

/* ---- what is found ---- */
/* How many rows are so. */
gkt_status gkt_device_system_count_rows(gkt_device_system *s, int what, gkt_idx *out) {
  gkt_device_rows_arguments a = gkt_device_system_rows(s, what);
  gkt_scalar *flags = s->spare.at, sum;
  GKT_TRY(gkt_device_system_each_row(s, "gkt_device_look", &a));
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

/* The largest scaled entry of each row and column. */
static gkt_status find_largest(gkt_device_system *s) {
  const gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  if (!a.symmetric) GKT_TRY(gkt_device_fill(s->device, a.most_below, 0, (gkt_size)s->A->num_rows * (gkt_size)sizeof *a.most_below));
  return gkt_device_system_each_row(s, "gkt_device_largest", &a);
}

static gkt_status fit_scales(gkt_device_system *s) {
  const gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  gkt_idx uneven;
  for (int sweep = 0; sweep < SWEEPS; sweep++) {
    GKT_TRY(find_largest(s));
    GKT_TRY(gkt_device_system_count_rows(s, GKT_ROW_UNEVEN, &uneven));
    if (uneven == 0) break;
    GKT_TRY(gkt_device_system_each_row(s, "gkt_device_rescale", &a));
  }
  return GKT_OK;
}

static gkt_status start_scales(gkt_device_system *s) {
  const gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  GKT_TRY(gkt_device_system_each_row(s, "gkt_device_weights", &a));
  return a.fields.count ? gkt_device_system_each_row(s, "gkt_device_start_fields", &a) : GKT_OK;
}

gkt_status gkt_device_system_fit_scales(gkt_device_system *s) {
  GKT_TRY(start_scales(s));
  return fit_scales(s);
}

static gkt_status look_at_rows(gkt_device_system *s, size_t size, char *why) {
  gkt_idx count;
  bool moved;
  GKT_TRY(start_scales(s));
  GKT_TRY(find_largest(s));
  GKT_TRY(gkt_device_system_count_rows(s, GKT_ROW_EMPTY, &count));
  if (count) return snprintf(why, size, "rows or columns of it are zero"), GKT_OK;
  GKT_TRY(gkt_device_pieces_find(s, &moved));
  s->looked = s->looked && !moved;
  if (s->pieces.count == 0) snprintf(why, size, "no dof of it is free");
  return GKT_OK;
}

static bool is_proven(const gkt_device_system *s) { return s->facts->elliptic && s->facts->symmetric && s->facts->positive; }

static bool has_many_modes(const gkt_device_system *s) {
  gkt_modes m;
  gkt_modes_begin(s->A, s->facts, NULL, NULL, &m);
  return m.count > GKT_MOST_DEVICE_MODES;
}

/* Of one piece whose conditions, by the pattern, do not hold all of its motions: does A? */
static gkt_status look_at_motions(gkt_device_system *s, bool *held) {
  int count;
  if (has_many_modes(s) || s->pieces.count > 1) return *held = false, GKT_OK;
  GKT_TRY(gkt_device_modes_count_free(s, &count));
  if (s->facts->singular) GKT_TRY(gkt_device_modes_find_kernel(s));
  *held = count <= s->modes.num_kernel;
  return GKT_OK;
}

/* A kernel that is not proven to be all is looked for as well. */
static gkt_status prove(gkt_device_system *s, bool *held) {
  const bool proven = is_proven(s);
  *held = true, s->modes.num_kernel = 0;
  if (proven && !s->held) GKT_TRY(look_at_motions(s, held));
  if (!proven && s->facts->singular) {
    *held = !has_many_modes(s) && s->pieces.count == 1;
    if (*held) GKT_TRY(gkt_device_modes_find_kernel(s));
  }
  s->regular = proven && *held;
  return GKT_OK;
}

/* Of several fields nothing is proven. */
static gkt_status fit_fields(gkt_device_system *s, size_t size, char *why) {
  const gkt_device_rows_arguments a = gkt_device_system_rows(s, 0);
  if (s->pieces.count > 1) return snprintf(why, size, "its fields are %d pieces that nothing couples", s->pieces.count), GKT_OK;
  GKT_TRY(fit_scales(s));
  GKT_TRY(gkt_device_fill(s->device, a.coupling, 0, s->coupling.count * (gkt_size)sizeof *a.coupling));
  return gkt_device_system_each_row(s, "gkt_device_coupling", &a);
}

gkt_status gkt_device_system_fit(gkt_device_system *s, size_t size, char *why) {
  bool held;
  why[0] = 0, s->regular = false;
  GKT_TRY(gkt_device_system_check(s));
  GKT_TRY(look_at_rows(s, size, why));
  if (why[0]) return GKT_OK;
  if (s->facts->blocks) return fit_fields(s, size, why);
  if (is_proven(s) && !s->looked) GKT_TRY(gkt_device_pieces_are_held(s, &s->held)); /* while roots of pieces stand where residuals will */
  s->looked = s->looked || is_proven(s);
  GKT_TRY(fit_scales(s));
  GKT_TRY(prove(s, &held));
  if (!held && s->pieces.count > 1) snprintf(why, size, "conditions may leave one of its %d pieces free to move", s->pieces.count);
  else if (!held) snprintf(why, size, "its conditions may leave it free to move");
  return GKT_OK;
}

/* ---- the residual ---- */
static gkt_device_residual_arguments residual_arguments(const gkt_device_system *s) {
  const gkt_csr *A = s->A;
  const bool fields = s->facts->blocks;
  const gkt_device_chunks *c = fields ? &s->fields : &s->pieces.chunks;
  const bool several = fields || s->pieces.count > 1;
  return (gkt_device_residual_arguments){.offsets = A->row_offsets,
                                         .cols = A->cols,
                                         .vals = A->vals,
                                         .fixed = s->fixed.at,
                                         .num_rows = A->num_rows,
                                         .dofs = c->dofs.at,
                                         .chunks = c->chunks.at,
                                         .first_chunks = c->first_chunks.at,
                                         .of = s->pieces.of.at,
                                         .rows = s->rows.at,
                                         .columns = gkt_device_system_columns(s),
                                         .residual = s->residual.at,
                                         .floor = s->floor.at,
                                         .partial = s->partial.at,
                                         .sizes = s->sizes.at,
                                         .found = s->found.at,
                                         .parts = several ? c->num_chunks : s->parts,
                                         .pieces = fields    ? s->fields.num_pieces
                                                   : several ? s->pieces.count
                                                             : 1,
                                         .smallest_load = SMALLEST_LOAD,
                                         .fields = (int)s->fields.num_pieces,
                                         .coupling = s->coupling.at,
                                         .least_right = BESIDE};
}

gkt_status gkt_device_system_residual(gkt_device_system *s, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_true_residual *out) {
  gkt_device_residual_arguments a = residual_arguments(s);
  gkt_scalar found[GKT_NUM_FOUND];
  a.b = b, a.load = load, a.x = x;
  GKT_TRY(launch(s, "gkt_device_residual", gkt_blocks_for(s->A->num_rows, 256), &a, sizeof a));
  GKT_TRY(launch(s, "gkt_device_sizes", GKT_NUM_SIZES * a.parts, &a, sizeof a));
  GKT_TRY(launch(s, "gkt_device_join_sizes", GKT_NUM_SIZES * (a.pieces + 1), &a, sizeof a));
  GKT_TRY(launch(s, "gkt_device_judge", 1, &a, sizeof a));
  GKT_TRY(gkt_device_download(s->device, s->found.at, found, sizeof found));
  s->has_unloaded = found[GKT_FOUND_UNLOADED] > 0;
  *out = (gkt_true_residual){.residual = found[GKT_FOUND_RESIDUAL],
                             .right = found[GKT_FOUND_RIGHT],
                             .floor = 10 * DBL_EPSILON * found[GKT_FOUND_FLOOR],
                             .scaled = found[GKT_FOUND_SCALED],
                             .worst = found[GKT_FOUND_WORST],
                             .is_rounding = found[GKT_FOUND_MORE] == 0};
  return GKT_OK;
}

/* Of a piece; of several fields, which are one, those of all rows. */
static gkt_scalar *sizes_of_pieces(const gkt_device_system *s) { return s->sizes.at + s->fields.num_pieces * GKT_NUM_SIZES; }

gkt_status gkt_device_system_clear(gkt_device_system *s, gkt_scalar *x) {
  gkt_device_residual_arguments a = residual_arguments(s);
  a.residual = x, a.sizes = sizes_of_pieces(s);
  return launch(s, "gkt_device_clear", gkt_blocks_for(s->A->num_rows, 256), &a, sizeof a);
}

gkt_status gkt_device_system_normalize(gkt_device_system *s, bool back, gkt_scalar *v) {
  const gkt_device_normalize_arguments a = {s->pieces.of.at, sizes_of_pieces(s), s->A->num_rows, back, v};
  return launch(s, "gkt_device_normalize", gkt_blocks_for(s->A->num_rows, 256), &a, sizeof a);
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
