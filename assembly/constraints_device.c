/* What constraints.cu computes. */
#include "assembly/constraints_device.h"

#include "assembly/constraints_arguments.h"
#include "core/embed.h"
#include "core/vector.h"

GKT_EMBED(gkt_constraints_arguments_text, "assembly/constraints_arguments.h");
GKT_EMBED(gkt_constraints_text, "assembly/constraints.cu");
static const char *const kernels[] = {gkt_vector_arguments_text, gkt_sums_text, gkt_constraints_arguments_text, gkt_constraints_text, NULL};

/* ---- values: those of constrained dofs alone cross the bus, where they have changed ---- */
static gkt_status list_dofs(const gkt_constraints *c, gkt_device_constraints *d) {
  for (gkt_idx i = 0; i < c->num_dofs; i++) d->count += c->mask[i];
  GKT_TRY(gkt_alloc(c->ctx, d->count, sizeof *d->dofs, &d->dofs));
  GKT_TRY(gkt_alloc(c->ctx, d->count, sizeof *d->packed, &d->packed));
  d->count = 0;
  for (gkt_idx i = 0; i < c->num_dofs; i++)
    if (c->mask[i]) d->dofs[d->count++] = i;
  GKT_TRY(gkt_device_send(d->device, d->dofs, d->count, sizeof *d->dofs, "constrained dofs", &d->dofs_there));
  GKT_TRY(gkt_device_alloc(d->device, d->count, sizeof *d->packed, "values of conditions", &d->packed_there));
  return gkt_vector_create_on(c->ctx, GKT_ON_DEVICE, c->num_dofs, &d->values);
}

gkt_status gkt_device_constraints_follow(gkt_device_constraints *d) {
  const gkt_constraints_place_arguments a = {d->dofs_there.at, d->packed_there.at, gkt_vector_address(d->values), d->count};
  bool changed = !d->has_values;
  for (gkt_idx i = 0; i < d->count; i++) {
    const gkt_scalar value = d->of->values[d->dofs[i]];
    changed = changed || d->packed[i] != value;
    d->packed[i] = value;
  }
  if (!changed) return GKT_OK;
  d->has_values = false;
  GKT_TRY(gkt_device_upload(d->device, d->packed, d->packed_there.at, d->count * (gkt_size)sizeof *d->packed));
  GKT_TRY(gkt_device_launch_kept(d->device, kernels, &(gkt_launch){.kernel = "gkt_constraints_place", .blocks = gkt_blocks_for(a.count, 256), .threads = 256}, &a, sizeof a));
  d->has_values = true;
  return GKT_OK;
}

static gkt_idx end_of(const gkt_constraints *c, int block) { return block + 1 < c->num_blocks ? c->blocks[block + 1].first : c->num_dofs; }

static gkt_status count_free(const gkt_constraints *c, gkt_device_constraints *d) {
  GKT_TRY(gkt_calloc(c->ctx, c->num_blocks, sizeof *d->num_free, &d->num_free));
  for (int k = 0; k < c->num_blocks; k++)
    for (gkt_idx i = c->blocks[k].first; i < end_of(c, k); i++) d->num_free[k] += !c->mask[i];
  return GKT_OK;
}

gkt_status gkt_device_constraints_create(const gkt_constraints *c, gkt_device_constraints *d) {
  const gkt_device_module *module;
  gkt_status status;
  *d = (gkt_device_constraints){.of = c};
  GKT_GO(gkt_device_open(c->ctx, &d->device));
  GKT_GO(gkt_device_kernels(d->device, kernels, &module));
  GKT_GO(gkt_mask_create(c->ctx, GKT_ON_DEVICE, c->num_dofs, c->mask, &d->mask));
  GKT_GO(list_dofs(c, d));
  GKT_GO(gkt_device_constraints_follow(d));
  GKT_GO(count_free(c, d));
  GKT_GO(gkt_device_alloc(d->device, gkt_num_parts(c->num_dofs), sizeof(gkt_scalar), "partial sums", &d->partial));
  GKT_GO(gkt_device_alloc(d->device, c->num_blocks, sizeof(gkt_scalar), "diagonals of constrained rows", &d->scales));
done:
  if (status != GKT_OK) gkt_device_constraints_destroy(d);
  return status;
}

void gkt_device_constraints_destroy(gkt_device_constraints *d) {
  gkt_mask_destroy(&d->mask);
  gkt_vector_destroy(&d->values);
  if (d->device) gkt_device_free(d->device, &d->partial), gkt_device_free(d->device, &d->scales);
  if (d->device) gkt_device_free(d->device, &d->dofs_there), gkt_device_free(d->device, &d->packed_there);
  gkt_free(&d->dofs);
  gkt_free(&d->packed);
  gkt_free(&d->num_free);
  *d = (gkt_device_constraints){0};
}

static gkt_status launch(const gkt_device_constraints *d, const char *kernel, gkt_size blocks, const gkt_constraints_arguments *a) {
  return gkt_device_launch_kept(d->device, kernels, &(gkt_launch){.kernel = kernel, .blocks = blocks, .threads = 256, .shared = GKT_PART_SHARED}, a, sizeof *a);
}

static gkt_constraints_arguments arguments_of(const gkt_device_constraints *d, int block, const gkt_csr *A) {
  const gkt_constraints *c = d->of;
  gkt_idx first = c->blocks[block].first, end = end_of(c, block);
  return (gkt_constraints_arguments){.offsets = A->row_offsets,
                                     .cols = A->cols,
                                     .vals = A->vals,
                                     .fixed = d->mask.at.at,
                                     .first = first,
                                     .end = end,
                                     .partial = d->partial.at,
                                     .parts = gkt_num_parts(end - first),
                                     .num_free = d->num_free[block],
                                     .scale = d->scales.at + block};
}

/* As on the host, a block's scale does not see the rows of others. */
gkt_status gkt_device_constraints_eliminate(const gkt_device_constraints *d, gkt_csr *A) {
  for (int k = 0; k < d->of->num_blocks; k++) {
    const gkt_constraints_arguments a = arguments_of(d, k, A);
    GKT_TRY(launch(d, "gkt_constraints_diagonal", a.parts, &a));
    GKT_TRY(launch(d, "gkt_constraints_scale", 1, &a));
    GKT_TRY(launch(d, "gkt_constraints_clear", gkt_blocks_for(a.end - a.first, 256), &a));
  }
  return GKT_OK;
}
