/* Newton's method on the device: what newton.cu computes. Of each question a scalar comes back. */
#include "solvers/newton_device.h"

#include <float.h>
#include <string.h>

#include "core/embed.h"
#include "core/vector.h"
#include "solvers/device_solver.h"

GKT_EMBED(gkt_newton_arguments_text, "solvers/newton_arguments.h");
GKT_EMBED(gkt_newton_text, "solvers/newton.cu");
static const char *const kernels[] = {gkt_vector_arguments_text, gkt_sums_text, gkt_newton_arguments_text, gkt_newton_text, NULL};

static const double SMALLEST_LOAD = 1e-3; /* as newton_rows.c */

static gkt_status launch(const gkt_newton_device *d, const char *kernel, gkt_size blocks, const void *arguments, size_t size) {
  return gkt_device_launch_kept(d->device, kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = 256, .shared = GKT_PART_SHARED}, arguments, size);
}

/* ---- what lasts from solve to solve ---- */
static gkt_device_pattern *known_pattern(const gkt_newton *s) { return s->linear && s->linear->on_device ? &s->linear->on_device->pattern : NULL; }

bool gkt_newton_device_take_mask(gkt_newton *s) {
  gkt_device_pattern *p = known_pattern(s);
  if (!p || !p->constrained.at.at || p->constrained.skip != s->facts->constrained) return false;
  s->constrained = p->constrained, p->constrained = (gkt_mask){0};
  return true;
}

static bool take_pieces(gkt_newton *s) {
  gkt_device_pattern *p = known_pattern(s);
  if (!p || !p->num_entries) return false;
  s->device->pieces = p->pieces, s->device->num_entries = p->num_entries;
  p->pieces = (gkt_device_chunks){0}, p->num_entries = 0;
  return true;
}

void gkt_newton_device_leave(gkt_newton *s) {
  gkt_device_pattern *p = known_pattern(s);
  if (!p || !s->device) return;
  gkt_mask_destroy(&p->constrained); /* of other conditions */
  gkt_device_chunks_destroy(s->device->device, &p->pieces);
  *p = (gkt_device_pattern){s->device->num_entries, s->device->pieces, s->constrained};
  s->device->pieces = (gkt_device_chunks){0}, s->constrained = (gkt_mask){0};
}

/* ---- pieces ---- */
/* By the pattern, as what is 0 at the guess need not stay so. */
static gkt_status find_pieces(gkt_newton *s) {
  const gkt_csr *A = s->A;
  gkt_newton_device *d = s->device;
  gkt_csr *pattern = NULL;
  gkt_pieces pieces = {0};
  gkt_idx entries = 0;
  gkt_status status;
  GKT_GO(gkt_device_download(d->device, A->row_offsets + s->n, &entries, sizeof entries));
  d->num_entries = entries;
  GKT_GO(gkt_csr_create(s->petsc.ctx, s->n, s->n, entries, A->block_size, &pattern));
  GKT_GO(gkt_device_download(d->device, A->row_offsets, pattern->row_offsets, ((gkt_size)s->n + 1) * (gkt_size)sizeof(gkt_idx)));
  GKT_GO(gkt_device_download(d->device, A->cols, pattern->cols, entries * (gkt_size)sizeof(gkt_idx)));
  for (gkt_idx k = 0; k < entries; k++) pattern->vals[k] = 1;
  GKT_GO(gkt_pieces_create(s->petsc.ctx, pattern, s->facts->constrained, &pieces));
  GKT_GO(gkt_device_chunks_send(s->petsc.ctx, d->device, &pieces, &d->pieces));
done:
  gkt_pieces_destroy(&pieces);
  gkt_csr_destroy(&pattern);
  return status;
}

/* ---- life ---- */
gkt_status gkt_newton_device_create(gkt_newton *s) {
  const gkt_device_module *module;
  gkt_newton_device *d;
  GKT_TRY(gkt_calloc(s->petsc.ctx, 1, sizeof *d, &s->device));
  d = s->device;
  GKT_TRY(gkt_device_open(s->petsc.ctx, &d->device));
  GKT_TRY(gkt_device_kernels(d->device, kernels, &module));
  if (!take_pieces(s)) GKT_TRY(find_pieces(s));
  gkt_size parts = gkt_num_parts(s->n), others = gkt_num_parts(d->pieces.num_pieces), sums = gkt_sum_work(d->num_entries);
  parts = (parts > others ? parts : others) + 1;
  GKT_TRY(gkt_device_alloc(d->device, 6 * d->pieces.num_chunks, sizeof(gkt_scalar), "partial sums", &d->partial));
  GKT_TRY(gkt_device_alloc(d->device, 2 * d->pieces.num_pieces, sizeof(gkt_scalar), "lengths on the pieces of a system", &d->lengths));
  GKT_TRY(gkt_device_alloc(d->device, 2 * d->pieces.num_pieces, sizeof(gkt_scalar), "lengths on the pieces of a system", &d->firsts));
  return gkt_device_alloc(d->device, parts > sums ? parts : sums, sizeof(gkt_scalar), "partial sums", &d->work);
}

void gkt_newton_device_destroy(gkt_newton *s) {
  gkt_newton_device *d = s->device;
  if (!d) return;
  gkt_scalars *scalars[] = {&d->partial, &d->lengths, &d->firsts, &d->rows, &d->cols, &d->work};
  for (size_t i = 0; d->device && i < sizeof scalars / sizeof *scalars; i++) gkt_device_free(d->device, scalars[i]);
  if (d->device) gkt_device_chunks_destroy(d->device, &d->pieces);
  gkt_free(&s->device);
}

/* ---- entries ---- */
/* The largest of partial results in work, behind which it is put. */
static gkt_status ask(const gkt_newton_device *d, gkt_size parts, double *out) {
  gkt_scalar *at = d->work.at + d->work.count - 1;
  GKT_TRY(gkt_device_vector_most(d->device, parts, d->work.at, at));
  return gkt_device_download(d->device, at, out, sizeof *out);
}

static gkt_newton_entries_arguments entries_arguments(const gkt_newton *s) {
  return (gkt_newton_entries_arguments){.count = s->n,
                                        .fixed = s->constrained.at.at,
                                        .target = gkt_vector_address(s->target),
                                        .kept = gkt_vector_address(s->kept),
                                        .f = gkt_vector_address(s->f),
                                        .row = gkt_vector_address(s->row),
                                        .careful = s->careful > 0 ? gkt_vector_address(s->careful_row) : NULL,
                                        .u = gkt_vector_address(s->u),
                                        .unit = gkt_vector_address(s->unit),
                                        .partial = s->device->work.at};
}

gkt_status gkt_newton_device_snap(gkt_newton *s) {
  gkt_newton_entries_arguments a = entries_arguments(s);
  double apart = 0;
  a.tolerance = 4 * DBL_EPSILON;
  GKT_TRY(launch(s->device, "gkt_newton_snap_kernel", gkt_num_parts(s->n), &a, sizeof a));
  GKT_TRY(ask(s->device, gkt_num_parts(s->n), &apart));
  s->arrived = apart == 0;
  return GKT_OK;
}

gkt_status gkt_newton_device_rounding(gkt_newton *s, bool *out) {
  gkt_newton_entries_arguments a = entries_arguments(s);
  double more = 0;
  a.tolerance = 10 * DBL_EPSILON;
  GKT_TRY(launch(s->device, "gkt_newton_rounding_kernel", gkt_num_parts(s->n), &a, sizeof a));
  GKT_TRY(ask(s->device, gkt_num_parts(s->n), &more));
  *out = more == 0;
  return GKT_OK;
}

/* ---- rows ---- */
gkt_status gkt_newton_device_read_rows(gkt_newton *s) {
  const gkt_csr *A = s->A;
  gkt_newton_rows_arguments a = {.offsets = A->row_offsets,
                                 .cols = A->cols,
                                 .vals = A->vals,
                                 .num_rows = s->n,
                                 .fixed = s->constrained.at.at,
                                 .u = gkt_vector_address(s->u),
                                 .target = gkt_vector_address(s->target),
                                 .f = gkt_vector_address(s->f),
                                 .arrived = s->arrived,
                                 .jump = gkt_vector_address(s->jump),
                                 .b = gkt_vector_address(s->b),
                                 .row = gkt_vector_address(s->row),
                                 .inside = gkt_vector_address(s->next_b)};
  return launch(s->device, "gkt_newton_read_kernel", gkt_blocks_for(s->n, 256), &a, sizeof a);
}

/* Those of a linear solver on the host are brought. */
static gkt_status find_scales(gkt_newton *s, gkt_newton_entries_arguments *a) {
  gkt_newton_device *d = s->device;
  const gkt_scalar *rows, *cols;
  gkt_where where;
  GKT_TRY(gkt_linear_solver_scales(s->linear, &rows, &cols, &where));
  a->scale_rows = rows, a->scale_cols = cols;
  if (where == GKT_ON_DEVICE) return GKT_OK;
  gkt_size bytes = (gkt_size)s->n * (gkt_size)sizeof(gkt_scalar);
  if (!d->rows.at) GKT_TRY(gkt_device_alloc(d->device, s->n, sizeof(gkt_scalar), "scales of rows", &d->rows));
  if (!d->cols.at) GKT_TRY(gkt_device_alloc(d->device, s->n, sizeof(gkt_scalar), "scales of columns", &d->cols));
  GKT_TRY(gkt_device_upload(d->device, rows, d->rows.at, bytes));
  GKT_TRY(gkt_device_upload(d->device, cols, d->cols.at, bytes));
  a->scale_rows = d->rows.at, a->scale_cols = d->cols.at;
  return GKT_OK;
}

gkt_status gkt_newton_device_look_at_rows(gkt_newton *s, bool anew) {
  gkt_newton_entries_arguments a = entries_arguments(s);
  a.anew = anew;
  GKT_TRY(find_scales(s, &a));
  return launch(s->device, "gkt_newton_unit_kernel", gkt_blocks_for(s->n, 256), &a, sizeof a);
}

/* ---- lengths ---- */
static gkt_newton_pieces_arguments pieces_arguments(const gkt_newton *s) {
  const gkt_newton_device *d = s->device;
  return (gkt_newton_pieces_arguments){.dofs = d->pieces.dofs.at,
                                       .chunks = d->pieces.chunks.at,
                                       .first_chunks = d->pieces.first_chunks.at,
                                       .num_chunks = d->pieces.num_chunks,
                                       .num_pieces = d->pieces.num_pieces,
                                       .unit = gkt_vector_address(s->unit),
                                       .partial = d->partial.at,
                                       .lengths = d->lengths.at,
                                       .firsts = d->firsts.at,
                                       .smallest_load = SMALLEST_LOAD,
                                       .worst = d->work.at};
}

static gkt_status measure(gkt_newton *s, const gkt_vector *v, gkt_scalar *lengths) {
  gkt_newton_pieces_arguments a = pieces_arguments(s);
  a.v = gkt_vector_address(v), a.lengths = lengths;
  GKT_TRY(launch(s->device, "gkt_newton_chunk_kernel", a.num_chunks, &a, sizeof a));
  return launch(s->device, "gkt_newton_piece_kernel", a.num_pieces, &a, sizeof a);
}

gkt_status gkt_newton_device_first_rows(gkt_newton *s) {
  gkt_newton_pieces_arguments a = pieces_arguments(s);
  GKT_TRY(measure(s, s->b, s->device->firsts.at));
  GKT_TRY(measure(s, s->f, s->device->lengths.at));
  return launch(s->device, "gkt_newton_first_kernel", gkt_blocks_for(2 * a.num_pieces, 256), &a, sizeof a);
}

gkt_status gkt_newton_device_scaled(gkt_newton *s, double *out) {
  gkt_newton_pieces_arguments a = pieces_arguments(s);
  GKT_TRY(measure(s, s->f, s->device->lengths.at));
  GKT_TRY(launch(s->device, "gkt_newton_ratio_kernel", gkt_num_parts(a.num_pieces), &a, sizeof a));
  return ask(s->device, gkt_num_parts(a.num_pieces), out);
}
