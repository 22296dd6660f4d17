/* Where the blocks of a pattern stand, and what rounding left in them, on a device. */
#include "assembly/rounding_device.h"

enum { THREADS = 256 };

struct gkt_device_rounding {
  const gkt_targets *targets;
  gkt_device *device;
  const gkt_device_module *module; /* the device keeps it */
  gkt_rounding_arguments *all;     /* [targets] */
  gkt_scalars largest;             /* [rows] */
};

/* ---- places ---- */
static gkt_status list_rows(const gkt_reduce *r, gkt_copies *copies, const gkt_idx **out) {
  const gkt_pattern *p = &r->pattern;
  gkt_idx *rows;
  GKT_TRY(gkt_alloc(r->ctx, p->offsets[p->num_nodes[0]], sizeof *rows, &rows));
  for (gkt_idx row = 0; row < p->num_nodes[0]; row++)
    for (gkt_idx k = p->offsets[row]; k < p->offsets[row + 1]; k++) rows[k] = row;
  gkt_status status = gkt_copies_add(copies, rows, p->offsets[p->num_nodes[0]], sizeof *rows, "rows of pairs", out);
  gkt_free(&rows);
  return status;
}

static gkt_status plan_rows(const gkt_reduce *r, gkt_copies *copies, gkt_places_arguments *out) {
  const gkt_pattern *p = &r->pattern;
  const gkt_idx nodes = p->num_nodes[0];
  GKT_TRY(list_rows(r, copies, &out->rows));
  GKT_TRY(gkt_copies_share(copies, p->offsets, nodes + 1, sizeof *p->offsets, "rows of the pattern", &out->row_pairs));
  GKT_TRY(gkt_copies_share(copies, r->embedding.first, nodes, sizeof *r->embedding.first, "places of rows", &out->starts));
  return gkt_copies_share(copies, r->embedding.stride, nodes, sizeof *r->embedding.stride, "lengths of rows", &out->strides);
}

/* Numbers, vectors and matrices of one scalar field have their blocks in one piece. */
gkt_status gkt_places_plan(const gkt_reduce *r, gkt_copies *copies, gkt_places_arguments *out) {
  const gkt_pattern *p = &r->pattern;
  const bool in_one_piece = r->block == 1 || (p->num_nodes[1] == 1 && p->block_size[1] == 1);
  *out = (gkt_places_arguments){.block_rows = p->block_size[0], .block_cols = p->block_size[1]};
  return in_one_piece && !r->embedding.first ? GKT_OK : plan_rows(r, copies, out);
}

/* ---- rounding ---- */
static gkt_status plan_target(const gkt_device_rounding *d, const gkt_target *t, gkt_copies *copies, gkt_rounding_arguments *out) {
  const gkt_pattern *p = &t->reduce->pattern;
  const gkt_idx pairs = p->offsets[p->num_nodes[0]];
  *out = (gkt_rounding_arguments){.largest = d->largest.at,
                                  .pairs = pairs,
                                  .num_nodes = p->num_nodes[0],
                                  .first_row = t->first_row,
                                  .first_col = t->first_col,
                                  .places = {.block_rows = p->block_size[0], .block_cols = p->block_size[1]}};
  GKT_TRY(plan_rows(t->reduce, copies, &out->places));
  return gkt_copies_share(copies, p->cols, pairs, sizeof *p->cols, "columns of the pattern", &out->places.cols);
}

gkt_status gkt_device_rounding_create(const gkt_targets *t, gkt_device *device, gkt_copies *copies, gkt_device_rounding **out) {
  gkt_device_rounding *d = NULL;
  gkt_status status;
  *out = NULL;
  if (!t->largest) return GKT_OK;
  GKT_TRY(gkt_calloc(t->ctx, 1, sizeof *d, &d));
  d->targets = t, d->device = device;
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *d->all, &d->all));
  GKT_GO(gkt_device_kernels(device, gkt_segments_kernels, &d->module));
  GKT_GO(gkt_device_alloc(device, t->num_dofs[0], sizeof(gkt_scalar), "largest entries of rows", &d->largest));
  for (int k = 0; k < t->count; k++)
    if (t->all[k].reduce) GKT_GO(plan_target(d, &t->all[k], copies, &d->all[k]));
done:
  if (status == GKT_OK) *out = d;
  else gkt_device_rounding_destroy(&d);
  return status;
}

void gkt_device_rounding_destroy(gkt_device_rounding **rounding) {
  gkt_device_rounding *d = *rounding;
  if (!d) return;
  gkt_device_free(d->device, &d->largest);
  gkt_free(&d->all);
  gkt_free(rounding);
}

static gkt_status launch(const gkt_device_rounding *d, const char *kernel, gkt_size threads, const gkt_rounding_arguments *a) {
  return gkt_device_launch(d->device, d->module, &(gkt_launch){.kernel = kernel, .blocks = gkt_blocks_for(threads, THREADS), .threads = THREADS}, a, sizeof *a);
}

gkt_status gkt_device_rounding_drop(const gkt_device_rounding *d, gkt_scalar *values) {
  if (!d) return GKT_OK;
  GKT_TRY(gkt_device_fill(d->device, d->largest.at, 0, d->largest.count * (gkt_size)sizeof(gkt_scalar)));
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < d->targets->count; k++) {
      gkt_rounding_arguments a = d->all[k];
      a.values = values;
      if (!a.largest) continue;
      if (pass == 0) GKT_TRY(launch(d, "gkt_find_largest", (gkt_size)a.num_nodes * a.places.block_rows, &a));
      else GKT_TRY(launch(d, "gkt_drop_rounding", a.pairs * a.places.block_rows * a.places.block_cols, &a));
    }
  return GKT_OK;
}
