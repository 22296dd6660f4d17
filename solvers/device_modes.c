/* Sums over the rows of combinations of modes. */
#include "solvers/device_modes.h"

#include <string.h>

#include "core/embed.h"
#include "solvers/device_modes_arguments.h"
#include "solvers/device_system.h"

GKT_EMBED(gkt_device_modes_arguments_text, "solvers/device_modes_arguments.h");
GKT_EMBED(gkt_device_modes_text, "solvers/device_modes.cu");
static const char *const kernels[] = {gkt_device_modes_arguments_text, gkt_device_modes_text, NULL};

/* ---- life ---- */
/* Each at each dof, as the host has them: 0 at nodes that have another master. */
static gkt_status send(gkt_device_system *s, gkt_modes *m) {
  const gkt_idx n = s->A->num_rows;
  gkt_scalar *plain = NULL;
  double z[GKT_MAX_MODES];
  gkt_status status;
  GKT_GO(gkt_alloc(s->ctx, (gkt_size)m->count * n, sizeof *plain, &plain));
  gkt_modes_measure(m, n, NULL);
  gkt_modes_start(m);
  for (gkt_idx i = 0; i < n; i++) {
    gkt_modes_at(m, i, z);
    for (int k = 0; k < m->count; k++) plain[(gkt_size)k * n + i] = z[k];
  }
  GKT_GO(gkt_device_send(s->device, plain, (gkt_size)m->count * n, sizeof *plain, "motions of a system", &s->modes.plain));
done:
  gkt_free(&plain);
  return status;
}

/* At the first look; the modes of the facts do not change. */
static gkt_status begin(gkt_device_system *s, gkt_modes *m) {
  gkt_device_modes *d = &s->modes;
  gkt_modes_begin(s->A, s->facts, NULL, NULL, m);
  if (d->sums.at) return GKT_OK;
  const gkt_size n = s->A->num_rows, count = m->count;
  d->count = m->count;
  if (!d->plain.at) GKT_TRY(send(s, m));
  if (!d->made.at) GKT_TRY(gkt_device_alloc(s->device, n, sizeof(gkt_scalar), "a motion of a system", &d->made));
  if (!d->images.at) GKT_TRY(gkt_device_alloc(s->device, count * n, sizeof(gkt_scalar), "images of motions", &d->images));
  if (!d->combos.at) GKT_TRY(gkt_device_alloc(s->device, count * GKT_MAX_MODES, sizeof(gkt_scalar), "combinations of motions", &d->combos));
  return gkt_device_alloc(s->device, count * (count + 1) / 2 + 2 * count, sizeof(gkt_scalar), "products of motions", &d->sums);
}

void gkt_device_modes_destroy(gkt_device *device, gkt_device_modes *d) {
  gkt_scalars *arrays[] = {&d->plain, &d->made, &d->images, &d->combos, &d->sums};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) gkt_device_free(device, arrays[i]);
  *d = (gkt_device_modes){0};
}

/* ---- launches ---- */
static gkt_scalar *vector_of(const gkt_device_system *s, int k) { return s->modes.images.at + (gkt_size)k * s->A->num_rows; }

static gkt_device_modes_arguments arguments_of(const gkt_device_system *s, int combination, bool free_alone) {
  const gkt_csr *A = s->A;
  return (gkt_device_modes_arguments){.offsets = A->row_offsets,
                                      .cols = A->cols,
                                      .vals = A->vals,
                                      .fixed = s->fixed.at,
                                      .num_rows = A->num_rows,
                                      .rows = s->rows.at,
                                      .plain = s->modes.plain.at,
                                      .combos = s->modes.combos.at + (gkt_size)combination * GKT_MAX_MODES,
                                      .count = s->modes.count,
                                      .free_alone = free_alone,
                                      .smallest = gkt_smallest_image,
                                      .junk = gkt_junk,
                                      .z = s->modes.made.at,
                                      .image = vector_of(s, combination),
                                      .size = s->floor.at,
                                      .own = s->spare.at};
}

static gkt_status launch(const gkt_device_system *s, const char *kernel, const gkt_device_modes_arguments *a) {
  return gkt_device_launch_kept(s->device, kernels, &(gkt_launch){.kernel = kernel, .blocks = gkt_blocks_for(a->num_rows, 256), .threads = 256}, a, sizeof *a);
}

static gkt_status dot(const gkt_device_system *s, const gkt_scalar *x, const gkt_scalar *y, gkt_scalar *out) {
  return gkt_device_vector_dot(s->device, s->A->num_rows, x, y, s->partial.at, out);
}

static gkt_status send_combos(const gkt_device_system *s, const gkt_modes *m) {
  return gkt_device_upload(s->device, m->combos, s->modes.combos.at, (gkt_size)m->count * (gkt_size)sizeof *m->combos);
}

/* ---- images ---- */
typedef struct {
  gkt_device_system *s;
  bool free_alone;
} look;

/* The image of a combination into its vector; of its size and of itself the squares of their lengths. */
static gkt_status form_one(const look *l, int k, gkt_scalar *squares) {
  const gkt_device_system *s = l->s;
  gkt_device_modes_arguments a = arguments_of(s, k, false);
  GKT_TRY(launch(s, "gkt_modes_combine", &a));
  a.free_alone = l->free_alone;
  GKT_TRY(launch(s, "gkt_modes_image", &a));
  GKT_TRY(dot(s, a.size, a.size, squares));
  return dot(s, a.own, a.own, squares + 1);
}

static gkt_status form(gkt_modes *m, void *user) {
  const look *l = user;
  const gkt_device_system *s = l->s;
  gkt_scalar sums[GKT_MOST_DEVICE_MODES * (GKT_MOST_DEVICE_MODES + 5) / 2], *at = s->modes.sums.at, *read = sums;
  GKT_TRY(send_combos(s, m));
  for (int k = 0; k < m->count; k++, at += 2) GKT_TRY(form_one(l, k, at));
  for (int k = 0; k < m->count; k++)
    for (int i = 0; i <= k; i++) GKT_TRY(dot(s, vector_of(s, k), vector_of(s, i), at++));
  GKT_TRY(gkt_device_download(s->device, s->modes.sums.at, sums, (at - s->modes.sums.at) * (gkt_size)sizeof *sums));
  for (int k = 0; k < m->count; k++, read += 2) m->size[k] = read[0], m->length[k] = read[1];
  for (int k = 0; k < m->count; k++)
    for (int i = 0; i <= k; i++) m->image[k][i] = m->image[i][k] = *read++;
  return GKT_OK;
}

gkt_status gkt_device_modes_count_free(gkt_device_system *s, int *count) {
  look l = {s, true};
  gkt_modes m;
  bool seem;
  *count = 0;
  GKT_TRY(begin(s, &m));
  GKT_TRY(gkt_modes_decide(&m, form, &l, &seem));
  for (int k = 0; k < m.count && seem; k++) *count += gkt_modes_is_mapped_to_zero(&m, k);
  return GKT_OK;
}

/* ---- the kernel ---- */
static gkt_status passes(gkt_device_system *s, int k, bool *out) {
  gkt_device_modes_arguments a = arguments_of(s, k, false);
  gkt_scalar fails;
  GKT_TRY(launch(s, "gkt_modes_combine", &a));
  a.image = s->residual.at; /* vectors of the kernel stand where images did */
  GKT_TRY(launch(s, "gkt_modes_image", &a));
  GKT_TRY(launch(s, "gkt_modes_fail", &a));
  GKT_TRY(dot(s, a.own, a.own, s->modes.sums.at));
  GKT_TRY(gkt_device_download(s->device, s->modes.sums.at, &fails, sizeof fails));
  return *out = fails == 0, GKT_OK;
}

/* Orthogonal to those before, of length 1; what vanishes is dropped. Twice, as the first time leaves rounding. */
static gkt_status keep(gkt_device_system *s, int k) {
  gkt_device_modes *d = &s->modes;
  const gkt_size n = s->A->num_rows;
  gkt_device_modes_arguments a = arguments_of(s, k, true);
  gkt_scalar sum, *last = a.z = vector_of(s, d->num_kernel);
  GKT_TRY(launch(s, "gkt_modes_combine", &a));
  for (int i = -1; i < 2 * d->num_kernel; i++) { /* to a length of 1 at first */
    const gkt_scalar *other = i < 0 ? last : vector_of(s, i % d->num_kernel);
    GKT_TRY(dot(s, last, other, d->sums.at));
    GKT_TRY(gkt_device_download(s->device, d->sums.at, &sum, sizeof sum));
    if (i < 0) GKT_TRY(gkt_device_vector_scale(s->device, n, sum > 0 ? 1 / sqrt(sum) : 0, last));
    else GKT_TRY(gkt_device_vector_axpy(s->device, n, -sum, other, last));
  }
  GKT_TRY(dot(s, last, last, d->sums.at));
  GKT_TRY(gkt_device_download(s->device, d->sums.at, &sum, sizeof sum));
  if (!(sqrt(sum) > 1e-8)) return GKT_OK;
  d->num_kernel++;
  return gkt_device_vector_scale(s->device, n, 1 / sqrt(sum), last);
}

gkt_status gkt_device_modes_find_kernel(gkt_device_system *s) {
  look l = {s, false};
  gkt_modes m;
  int pivots[GKT_MAX_MODES], count;
  bool seem, is_one;
  s->modes.num_kernel = 0;
  GKT_TRY(begin(s, &m));
  GKT_TRY(gkt_modes_decide(&m, form, &l, &seem));
  if (!seem) return GKT_OK;
  count = gkt_modes_reduce(&m, pivots);
  GKT_TRY(send_combos(s, &m));
  for (int k = 0; k < count; k++) {
    GKT_TRY(passes(s, k, &is_one));
    if (is_one) GKT_TRY(keep(s, k));
  }
  return GKT_OK;
}
