/* Batches: the lanes of maps and sums are sets of values, so that geometry, dof numbers and places are read once for many sets. */
#include <string.h>

#include "assembly/backend.h"

/* Sums of a chunk for all groups of a pass stay in a second-level cache. Where those of one group leave the last one as well (vector fields of degree 2 on hexahedra: 40 MB),
   moving them costs half as much again as eight calls, and sets are assembled one after the other; so they are where tensors are turned before they are summed. */
enum { SUMS_BYTES = 1024 * 1024, MOST_SUMS_BYTES = 8 * SUMS_BYTES };

/* Batches go together where there is one target. */
static gkt_reduce *reduce_of(const gkt_assembler *a) { return a->targets.all[0].reduce; }

static int groups_of(int sets) { return (sets + GKT_LANES - 1) / GKT_LANES; }

/* ---- plan ---- */
static gkt_size scalars_of_sums(const gkt_assembler *a) { return (gkt_size)reduce_of(a)->max_sums * reduce_of(a)->block * GKT_LANES; }

static bool goes_together(const gkt_assembler *a, int sets) {
  return sets > 1 && !gkt_assembler_turns(a) && gkt_targets_take_sets(&a->targets) && scalars_of_sums(a) * (gkt_size)sizeof(gkt_scalar) <= MOST_SUMS_BYTES;
}

static int groups_per_pass(const gkt_assembler *a, int sets) {
  gkt_size fit = SUMS_BYTES / (scalars_of_sums(a) * (gkt_size)sizeof(gkt_scalar) + 1);
  int groups = groups_of(sets);
  return fit < 1 ? 1 : fit < groups ? (int)fit : groups;
}

static gkt_status make_workers(const gkt_assembler *a, gkt_batch_plan *p) {
  gkt_size workspace = 0;
  for (int k = 0; k < a->num_maps; k++) {
    gkt_size w = gkt_map_has_work(a->maps[k]) ? a->backend->workspace(a->maps[k], p->num_groups) : 0;
    workspace = w > workspace ? w : workspace;
  }
  p->num_workers = a->num_workers;
  GKT_TRY(gkt_calloc(a->ctx, p->num_workers, sizeof *p->workers, &p->workers));
  for (int t = 0; t < p->num_workers; t++) {
    GKT_TRY(gkt_alloc(a->ctx, scalars_of_sums(a) * p->num_groups, sizeof(gkt_scalar), &p->workers[t].sums));
    GKT_TRY(gkt_alloc(a->ctx, workspace, sizeof(gkt_scalar), &p->workers[t].workspace));
    GKT_TRY(gkt_alloc(a->ctx, a->num_functions, sizeof *p->workers[t].values, &p->workers[t].values));
  }
  return GKT_OK;
}

static gkt_status make_plan(const gkt_assembler *a, int groups, gkt_batch_plan **out) {
  gkt_batch_plan *p = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *p, &p));
  p->num_groups = groups;
  GKT_GO(gkt_calloc(a->ctx, a->num_maps, sizeof *p->kernels, &p->kernels));
  GKT_GO(gkt_calloc(a->ctx, a->num_functions, sizeof *p->strides, &p->strides));
  GKT_GO(a->backend->compile(a, &p->module, p->kernels, NULL));
  GKT_GO(make_workers(a, p));
  GKT_GO(gkt_alloc(a->ctx, reduce_of(a)->num_kept * GKT_LANES * groups, sizeof *p->kept, &p->kept));
done:
  if (status == GKT_OK) *out = p;
  else gkt_batch_plan_destroy(&p);
  return status;
}

void gkt_batch_plan_destroy(gkt_batch_plan **plan) {
  gkt_batch_plan *p = *plan;
  if (!p) return;
  gkt_workers_destroy(p->num_workers, &p->workers);
  gkt_module_destroy(&p->module);
  gkt_free(&p->kernels);
  gkt_free(&p->kept);
  gkt_free(&p->strides);
  gkt_free(plan);
}

static gkt_status plan(gkt_assembler *a, int groups) {
  gkt_batch_plan *larger = NULL;
  if (a->batch && a->batch->num_groups >= groups) return GKT_OK;
  GKT_TRY(make_plan(a, groups, &larger));
  gkt_batch_plan_destroy(&a->batch);
  a->batch = larger;
  return GKT_OK;
}

/* ---- execution of one pass ---- */
static int sets_of(const gkt_pass *x, int group) { return x->num_sets - group * GKT_LANES < GKT_LANES ? x->num_sets - group * GKT_LANES : GKT_LANES; }

gkt_inputs gkt_inputs_of_set(const gkt_assembler *a, const gkt_inputs *given, const gkt_batch *b, gkt_size s, const gkt_scalar **values) {
  gkt_inputs inputs = *given;
  for (int f = 0; given->values && f < a->num_functions; f++) values[f] = given->values[f] && b->strides ? given->values[f] + s * b->strides[f] : given->values[f];
  if (given->values) inputs.values = values;
  if (given->constants) inputs.constants = given->constants + s * b->constants_stride;
  return inputs;
}

static void run_chunk(const void *what, int chunk, int worker) {
  const gkt_pass *x = what;
  const gkt_assembler *a = x->a;
  const gkt_worker *w = &a->batch->workers[worker];
  for (int k = 0; k < x->num_groups; k++) gkt_fused_begin_sets(reduce_of(a), chunk, w->sums + k * x->group_stride);
  for (int k = 0; k < a->num_maps; k++) {
    if (a->maps[k]->block != reduce_of(a)->chunks[chunk].block || !gkt_map_has_work(a->maps[k])) continue;
    for (int g = 0; g < a->maps[k]->num_groups; g++) a->backend->add_sets(x, (gkt_share){k, g, chunk}, w);
  }
  for (int k = 0; k < x->num_groups; k++)
    gkt_fused_flush_sets(reduce_of(a), chunk, w->sums + k * x->group_stride, a->batch->kept + k * reduce_of(a)->num_kept * GKT_LANES, sets_of(x, k), x->batch->results_stride,
                         x->results + (gkt_size)k * GKT_LANES * x->batch->results_stride);
}

gkt_status gkt_host_execute_sets(const gkt_pass *x) {
  const gkt_reduce *r = reduce_of(x->a);
  gkt_assembler_run(x->a, run_chunk, x);
  for (int k = 0; k < x->num_groups; k++)
    gkt_fused_join_sets(r, x->a->batch->kept + k * r->num_kept * GKT_LANES, sets_of(x, k), x->batch->results_stride,
                        x->results + (gkt_size)k * GKT_LANES * x->batch->results_stride);
  return GKT_OK;
}

/* ---- the call ---- */
static void poison(const gkt_assembler *a, const gkt_batch *b, gkt_scalar *results) {
  for (int s = 0; s < b->count; s++) gkt_assembler_poison(a, results + s * b->results_stride);
  memset(a->batch->kept, 0xFF, (size_t)(reduce_of(a)->num_kept * GKT_LANES * a->batch->num_groups) * sizeof *a->batch->kept);
}

static gkt_status run_together(gkt_assembler *a, const gkt_inputs *inputs, const gkt_batch *b, gkt_scalar *results) {
  int groups = groups_per_pass(a, b->count), step = groups * GKT_LANES;
  GKT_TRY(plan(a, groups));
  for (int f = 0; f < a->num_functions; f++) a->batch->strides[f] = b->strides ? b->strides[f] : 0;
  if (a->ctx->options.poison) poison(a, b, results);
  for (int first = 0; first < b->count; first += step) {
    int num_sets = b->count - first < step ? b->count - first : step;
    gkt_pass x = {.a = a, .batch = b, .num_sets = num_sets, .num_groups = groups_of(num_sets), .group_stride = scalars_of_sums(a), .results = results + first * b->results_stride};
    x.inputs = gkt_inputs_of_set(a, inputs, b, first, a->set_values);
    GKT_TRY(a->backend->execute_sets(&x));
  }
  return GKT_OK;
}

static gkt_status run_apart(gkt_assembler *a, const gkt_inputs *inputs, const gkt_batch *b, gkt_scalar *results) {
  for (int s = 0; s < b->count; s++) {
    gkt_inputs one = gkt_inputs_of_set(a, inputs, b, s, a->set_values);
    GKT_TRY(a->backend->execute(a, &one, results + s * b->results_stride, GKT_ON_HOST));
  }
  return GKT_OK;
}

gkt_status gkt_assemble_batch(gkt_assembler *a, const gkt_inputs *given, const gkt_batch *b, gkt_scalar *results) {
  gkt_inputs inputs = given ? *given : (gkt_inputs){0};
  gkt_size n = a->targets.num_values;
  inputs.spaces = a->spaces;
  if (b->count < 1) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "batch: %d sets; expected at least 1", b->count);
  if (b->results_stride < n && b->count > 1)
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "batch: results are %lld scalars apart; expected at least %lld, one result", (long long)b->results_stride, (long long)n);
  if (b->where != GKT_ON_HOST && !a->backend->on_device)
    return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "batch: the results are on a device, the backend is %s; expected them on the host", a->info.backend);
  GKT_TRY(gkt_assembler_check(a, &inputs));
  if (a->backend->execute_batch) return a->backend->execute_batch(a, &inputs, b, results);
  if (goes_together(a, b->count)) return run_together(a, &inputs, b, results);
  return run_apart(a, &inputs, b, results);
}
