/* The plan of sums on a device: lists of the host's reduce, and those of segments that are longer than one run of terms; or the product that takes their place. */
#include "assembly/segments.h"
#include "assembly/reduce_strategy.h"
#include "core/embed.h"
#include "core/product.h"

#include <string.h>

GKT_EMBED(segments_arguments, "assembly/segments_arguments.h");
GKT_EMBED(segments_kernels, "assembly/segments.cu");
const char *const gkt_segments_kernels[] = {segments_arguments, segments_kernels, NULL};

typedef struct {
  bool exists;
  gkt_segments_arguments a;
  gkt_rounding_arguments rounding;
  gkt_scalars runs;
  /* by a product */
  gkt_csr *R;
  gkt_product *product;
  gkt_scalars placed; /* its result, where it must be spread */
} sums;

struct gkt_device_segments {
  const gkt_targets *targets;
  gkt_device *device;
  const gkt_device_module *module; /* the device keeps it */
  bool products;
  sums *all;           /* [targets] */
  gkt_scalars largest; /* [rows] where rounding is dropped */
};

/* ---- plan ---- */
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

/* Numbers, vectors and matrices of one scalar field have their blocks in one piece. */
static gkt_status plan_places(const gkt_reduce *r, bool rounding, gkt_copies *copies, gkt_places_arguments *out) {
  const gkt_pattern *p = &r->pattern;
  const gkt_idx nodes = p->num_nodes[0], pairs = p->offsets[nodes];
  const bool in_one_piece = r->block == 1 || (p->num_nodes[1] == 1 && p->block_size[1] == 1);
  *out = (gkt_places_arguments){.block_rows = p->block_size[0], .block_cols = p->block_size[1]};
  if (in_one_piece && !r->embedding.first && !rounding) return GKT_OK;
  GKT_TRY(list_rows(r, copies, &out->rows));
  GKT_TRY(gkt_copies_share(copies, p->offsets, nodes + 1, sizeof *p->offsets, "rows of the pattern", &out->row_pairs));
  GKT_TRY(gkt_copies_share(copies, r->embedding.first, nodes, sizeof *r->embedding.first, "places of rows", &out->starts));
  GKT_TRY(gkt_copies_share(copies, r->embedding.stride, nodes, sizeof *r->embedding.stride, "lengths of rows", &out->strides));
  if (rounding) GKT_TRY(gkt_copies_share(copies, p->cols, pairs, sizeof *p->cols, "columns of the pattern", &out->cols));
  return GKT_OK;
}

typedef struct {
  gkt_idx num_long, num_runs;
  gkt_idx *pairs, *first, *owners;
} long_list;

static gkt_status find_long(const gkt_reduce *r, long_list *l) {
  const gkt_idx pairs = r->pattern.offsets[r->pattern.num_nodes[0]], *offsets = r->segments.offsets;
  for (gkt_idx k = 0; k < pairs; k++) {
    gkt_idx count = offsets[k + 1] - offsets[k];
    if (count > GKT_RUN) l->num_long++, l->num_runs += (count - 1) / GKT_RUN + 1;
  }
  GKT_TRY(gkt_alloc(r->ctx, l->num_long, sizeof *l->pairs, &l->pairs));
  GKT_TRY(gkt_calloc(r->ctx, (gkt_size)l->num_long + 1, sizeof *l->first, &l->first));
  GKT_TRY(gkt_alloc(r->ctx, l->num_runs, sizeof *l->owners, &l->owners));
  gkt_idx n = 0, run = 0;
  for (gkt_idx k = 0; k < pairs; k++) {
    gkt_idx count = offsets[k + 1] - offsets[k];
    if (count <= GKT_RUN) continue;
    for (gkt_idx i = 0; i < (count - 1) / GKT_RUN + 1; i++) l->owners[run++] = n;
    l->pairs[n] = k, l->first[++n] = run;
  }
  return GKT_OK;
}

static gkt_status plan_long(const gkt_reduce *r, gkt_device *device, gkt_copies *copies, sums *s) {
  long_list l = {0};
  gkt_status status;
  GKT_GO(find_long(r, &l));
  s->a.num_long = l.num_long, s->a.num_runs = l.num_runs;
  if (l.num_long == 0) goto done;
  GKT_GO(gkt_copies_add(copies, l.pairs, l.num_long, sizeof *l.pairs, "long sums", &s->a.long_pairs));
  GKT_GO(gkt_copies_add(copies, l.first, (gkt_size)l.num_long + 1, sizeof *l.first, "runs of long sums", &s->a.long_runs));
  GKT_GO(gkt_copies_add(copies, l.owners, l.num_runs, sizeof *l.owners, "runs of long sums", &s->a.run_owners));
  GKT_GO(gkt_device_alloc(device, (gkt_size)l.num_runs * r->block, sizeof(gkt_scalar), "sums of runs", &s->runs));
  s->a.runs = s->runs.at;
done:
  gkt_free(&l.pairs);
  gkt_free(&l.first);
  gkt_free(&l.owners);
  return status;
}

static gkt_status plan_product(const gkt_device_segments *d, const gkt_target *t, sums *s) {
  const gkt_reduce *r = t->reduce;
  const gkt_product_kind kind = strcmp(gkt_device_kind(d->device), "cuda") == 0 ? GKT_PRODUCT_CUSPARSE : GKT_PRODUCT_CSR;
  gkt_csr *R;
  GKT_TRY(gkt_spmm_route(r, &R));
  gkt_status status = gkt_csr_to(r->ctx, R, GKT_ON_DEVICE, &s->R);
  gkt_csr_destroy(&R);
  GKT_TRY(status);
  GKT_TRY(gkt_product_create(r->ctx, s->R, kind, &s->product));
  return r->embedding.first ? gkt_device_alloc(d->device, s->R->num_rows, sizeof(gkt_scalar), "sums of a field's block", &s->placed) : GKT_OK;
}

static gkt_status plan_lists(const gkt_device_segments *d, const gkt_reduce *r, gkt_copies *copies, sums *s) {
  GKT_TRY(gkt_copies_add(copies, r->segments.offsets, s->a.pairs + 1, sizeof(gkt_idx), "first contributions of pairs", &s->a.offsets));
  GKT_TRY(gkt_copies_add(copies, r->segments.order, r->num_contributions, sizeof(gkt_idx), "contributions of pairs", &s->a.order));
  return plan_long(r, d->device, copies, s);
}

static gkt_status plan_target(gkt_device_segments *d, const gkt_target *t, gkt_copies *copies, const gkt_scalars *tensors, sums *s) {
  const gkt_reduce *r = t->reduce;
  const gkt_idx pairs = r->pattern.offsets[r->pattern.num_nodes[0]];
  s->exists = true;
  s->a.tensors = tensors->at, s->a.pairs = pairs;
  GKT_TRY(plan_places(r, d->targets->largest != NULL, copies, &s->a.places));
  s->rounding = (gkt_rounding_arguments){
      .largest = d->largest.at, .pairs = pairs, .num_nodes = r->pattern.num_nodes[0], .first_row = t->first_row, .first_col = t->first_col, .places = s->a.places};
  return d->products ? plan_product(d, t, s) : plan_lists(d, r, copies, s);
}

gkt_status gkt_device_segments_create(const gkt_targets *t, gkt_device *device, gkt_copies *copies, const gkt_scalars *tensors, bool products, gkt_device_segments **out) {
  gkt_device_segments *d = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(t->ctx, 1, sizeof *d, &d));
  d->targets = t, d->device = device, d->products = products;
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *d->all, &d->all));
  GKT_GO(gkt_device_kernels(device, gkt_segments_kernels, &d->module));
  if (t->largest) GKT_GO(gkt_device_alloc(device, t->num_dofs[0], sizeof(gkt_scalar), "largest entries of rows", &d->largest));
  for (int k = 0; k < t->count; k++)
    if (t->all[k].reduce) GKT_GO(plan_target(d, &t->all[k], copies, &tensors[k], &d->all[k]));
done:
  if (status == GKT_OK) *out = d;
  else gkt_device_segments_destroy(&d);
  return status;
}

void gkt_device_segments_destroy(gkt_device_segments **segments) {
  gkt_device_segments *d = *segments;
  if (!d) return;
  for (int k = 0; d->all && k < d->targets->count; k++) {
    gkt_device_free(d->device, &d->all[k].runs);
    gkt_device_free(d->device, &d->all[k].placed);
    gkt_product_destroy(&d->all[k].product);
    gkt_csr_destroy(&d->all[k].R);
  }
  gkt_device_free(d->device, &d->largest);
  gkt_free(&d->all);
  gkt_free(segments);
}

const char *gkt_device_segments_product(const gkt_device_segments *d) {
  int k = 0;
  while (!d->all[k].exists) k++;
  return d->products ? gkt_product_get_info(d->all[k].product).name : NULL;
}

/* ---- sums ---- */
static gkt_status launch(const gkt_device_segments *d, const char *kernel, gkt_size threads, const void *arguments, size_t size) {
  const gkt_launch l = {.kernel = kernel, .blocks = gkt_blocks_for(threads, GKT_SEGMENT_THREADS), .threads = GKT_SEGMENT_THREADS};
  return gkt_device_launch(d->device, d->module, &l, arguments, size);
}

static gkt_status multiply(const gkt_device_segments *d, sums *s) {
  gkt_segments_arguments *a = &s->a;
  if (!s->placed.at) return gkt_product_apply(s->product, a->tensors, a->values);
  GKT_TRY(gkt_product_apply(s->product, a->tensors, s->placed.at));
  a->sums = s->placed.at;
  return launch(d, "gkt_spread_sums", a->pairs * a->places.block_rows * a->places.block_cols, a, sizeof *a);
}

static gkt_status sum_target(const gkt_device_segments *d, sums *s, gkt_scalar *values) {
  gkt_segments_arguments *a = &s->a;
  const gkt_size block = a->places.block_rows * a->places.block_cols;
  a->values = values;
  if (s->product) return multiply(d, s);
  GKT_TRY(launch(d, "gkt_sum_segments", a->pairs * block, a, sizeof *a));
  GKT_TRY(launch(d, "gkt_sum_runs", a->num_runs * block, a, sizeof *a));
  return launch(d, "gkt_join_runs", a->num_long * block, a, sizeof *a);
}

static gkt_status drop_rounding(const gkt_device_segments *d, gkt_scalar *values) {
  GKT_TRY(gkt_device_fill(d->device, d->largest.at, 0, d->largest.count * (gkt_size)sizeof(gkt_scalar)));
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < d->targets->count; k++) {
      gkt_rounding_arguments *a = &d->all[k].rounding;
      a->values = values;
      if (!d->all[k].exists) continue;
      if (pass == 0) GKT_TRY(launch(d, "gkt_find_largest", (gkt_size)a->num_nodes * a->places.block_rows, a, sizeof *a));
      else GKT_TRY(launch(d, "gkt_drop_rounding", a->pairs * a->places.block_rows * a->places.block_cols, a, sizeof *a));
    }
  return GKT_OK;
}

gkt_status gkt_device_segments_sum(gkt_device_segments *d, gkt_scalar *values) {
  for (int k = 0; k < d->targets->count; k++)
    if (d->all[k].exists) GKT_TRY(sum_target(d, &d->all[k], values + d->targets->all[k].first_value));
  return d->targets->largest ? drop_rounding(d, values) : GKT_OK;
}
