/* The plan of sums on a device: lists of the host's reduce, and those of segments that are longer than one run of terms; or the product that takes their place. */
#include "assembly/segments.h"
#include "assembly/rounding_device.h"
#include "assembly/reduce_strategy.h"
#include "assembly/sets_emit.h"
#include "core/embed.h"
#include "core/product.h"

#include <string.h>

GKT_EMBED(segments_arguments, "assembly/segments_arguments.h");
GKT_EMBED(segments_kernels, "assembly/segments.cu");
const char *const gkt_segments_kernels[] = {gkt_sets_arguments_text, segments_arguments, segments_kernels, NULL};

typedef struct {
  bool exists;
  gkt_segments_arguments a;
  gkt_scalars runs, runs_of_sets;
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
  sums *all; /* [targets] */
};

/* ---- plan ---- */
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
  GKT_TRY(gkt_places_plan(r, copies, &s->a.places));
  return d->products ? plan_product(d, t, s) : plan_lists(d, r, copies, s);
}

gkt_status gkt_device_segments_create(const gkt_targets *t, gkt_device *device, gkt_copies *copies, const gkt_scalars *tensors, bool products, gkt_device_segments **out) {
  gkt_device_segments *d = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(t->ctx, 1, sizeof *d, &d));
  d->targets = t, d->device = device, d->products = products;
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *d->all, &d->all));
  GKT_GO(gkt_device_kernels(device, gkt_segments_kernels, &d->module));
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
    gkt_device_free(d->device, &d->all[k].runs_of_sets);
    gkt_device_free(d->device, &d->all[k].placed);
    gkt_product_destroy(&d->all[k].product);
    gkt_csr_destroy(&d->all[k].R);
  }
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

gkt_status gkt_device_segments_sum(gkt_device_segments *d, gkt_scalar *values) {
  for (int k = 0; k < d->targets->count; k++)
    if (d->all[k].exists) GKT_TRY(sum_target(d, &d->all[k], values + d->targets->all[k].first_value));
  return GKT_OK;
}

/* ---- of a batch ---- */
gkt_size gkt_device_segments_scalars(const gkt_device_segments *d) {
  gkt_size count = 0;
  for (int k = 0; k < d->targets->count; k++) count += d->all[k].runs.count;
  return count;
}

/* A thread does some sets of an item: of a scalar of the result, of a run, of one that has several. */
static gkt_status launch_sets(const gkt_device_segments *d, const char *kernel, gkt_size items, gkt_segments_arguments *a) {
  a->sets.items = items;
  return launch(d, kernel, items * gkt_blocks_for(a->sets.count, GKT_SEGMENT_SETS), a, sizeof *a);
}

static gkt_status make_runs(const gkt_device_segments *d, sums *s, gkt_size sets) {
  const gkt_size count = s->runs.count * sets;
  if (s->runs_of_sets.count >= count) return GKT_OK;
  gkt_device_free(d->device, &s->runs_of_sets);
  return gkt_device_alloc(d->device, count, sizeof(gkt_scalar), "sums of runs of a batch", &s->runs_of_sets);
}

gkt_status gkt_device_segments_sum_sets(gkt_device_segments *d, const gkt_scalars *tensors, const gkt_sets_arguments *how, gkt_scalar *values) {
  for (int k = 0; k < d->targets->count; k++) {
    const gkt_target *t = &d->targets->all[k];
    if (!d->all[k].exists) continue;
    GKT_TRY(make_runs(d, &d->all[k], how->count));
    gkt_segments_arguments a = d->all[k].a;
    a.tensors = tensors[k].at, a.runs = d->all[k].runs_of_sets.at, a.values = values + t->first_value, a.between = t->reduce->num_contributions * t->reduce->block, a.sets = *how;
    const gkt_size block = a.places.block_rows * a.places.block_cols;
    GKT_TRY(launch_sets(d, "gkt_sum_segments_of_sets", a.pairs * block, &a));
    GKT_TRY(launch_sets(d, "gkt_sum_runs_of_sets", a.num_runs * block, &a));
    GKT_TRY(launch_sets(d, "gkt_join_runs_of_sets", a.num_long * block, &a));
  }
  return GKT_OK;
}
