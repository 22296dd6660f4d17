/* The row of a device: block by block fused assembly (patches_run.c), or element tensors by kernels (elements.c) and their sums (segments.c); and where arguments and results
 * stand. */
#include <string.h>

#include "assembly/backend.h"
#include "assembly/batch_device.h"
#include "assembly/elements.h"
#include "assembly/device_choose.h"
#include "assembly/device_count.h"
#include "assembly/part.h"
#include "assembly/patches_run.h"
#include "assembly/rounding_device.h"
#include "assembly/segments.h"
#include "assembly/reduce_strategy.h"

struct gkt_device_plan {
  gkt_device *device;
  gkt_copies copies;
  gkt_device_inputs inputs;
  gkt_fused **fused;    /* [targets]; NULL: it goes by `segmented`, as do */
  gkt_assembler *part;  /* these targets, and what their tensors are made of; NULL: there are none, nor is what follows */
  gkt_scalars *tensors; /* [targets] of all cells */
  gkt_elements *elements;
  gkt_device_segments *segments;
  gkt_device_rounding *rounding; /* NULL: nothing is to be dropped */
  gkt_device_cost cost;
  gkt_scalars result; /* for values on the host; made when these are asked for */
  gkt_batch_room room;
};

gkt_status gkt_cuda_take(gkt_context *ctx, const gkt_backend_ops **out) {
  gkt_device *device;
  GKT_TRY(gkt_device_open(ctx, &device));
  *out = gkt_backend_row(GKT_BACKEND_CUDA);
  return GKT_OK;
}

/* ---- plan ---- */
static gkt_status make_tensors(const gkt_assembler *part, gkt_device_plan *p) {
  GKT_TRY(gkt_calloc(part->ctx, part->targets.count, sizeof *p->tensors, &p->tensors));
  for (int k = 0; k < part->targets.count; k++) {
    gkt_reduce *r = part->targets.all[k].reduce;
    if (!r) continue;
    GKT_TRY(gkt_reduce_make_lists(r));
    GKT_TRY(gkt_device_alloc(p->device, r->num_contributions * r->block, sizeof(gkt_scalar), "element tensors", &p->tensors[k]));
  }
  return GKT_OK;
}

static gkt_status make_segmented(const gkt_assembler *a, gkt_device_plan *p, const bool *segmented) {
  bool any = false;
  for (int k = 0; k < a->targets.count; k++) any |= segmented[k];
  if (!any) return GKT_OK;
  GKT_TRY(gkt_assembler_part_create(a, segmented, &p->part));
  GKT_TRY(make_tensors(p->part, p));
  GKT_TRY(gkt_elements_create(p->part, &p->inputs, &p->copies, p->tensors, false, &p->elements));
  return gkt_device_segments_create(&p->part->targets, p->device, &p->copies, p->tensors, a->ctx->options.reduce == GKT_REDUCE_SPMM, &p->segments);
}

/* A target's plan, where it can be fused; else why not is told. */
static gkt_status plan_fused(const gkt_assembler *a, gkt_device_plan *p, int target) {
  const gkt_log_level level = a->ctx->options.reduce == GKT_REDUCE_FUSED ? GKT_LOG_NOTICE : GKT_LOG_DETAIL;
  char what[200], why[200];
  if (!a->targets.all[target].reduce) return GKT_OK;
  GKT_TRY(gkt_fused_create(&p->inputs, target, &(gkt_fused_options){.window = -1}, &p->fused[target], why));
  gkt_assembler_name_target(a, target, sizeof what, what);
  if (*why) gkt_log(a->ctx, level, "reduce of a %s on the device: segmented, not fused: %s", what, why);
  return GKT_OK;
}

static gkt_status send_fused(const gkt_assembler *a, gkt_device_plan *p) {
  for (int k = 0; k < a->targets.count; k++)
    if (p->fused[k]) GKT_TRY(gkt_fused_send(p->fused[k], &p->copies));
  return GKT_OK;
}

/* ---- which of them: by the model ---- */
static void tell_prediction(const gkt_assembler *a, const gkt_device_cost *c, const gkt_device_rates *rates) {
  const gkt_device_prediction p = gkt_device_predict(c, rates);
  const double cells = (double)c->cells / 1e9;
  gkt_log(a->ctx, GKT_LOG_DETAIL,
          "predicted for %s, %s: %.3g to %.3g G cells a second, the limit is %s; per cell %.0f bytes of DRAM (the least is %.0f), %.1f wavefronts, %.0f operations", rates->name,
          c->strategy, cells / p.worst, cells / p.best, p.limit, c->dram_bytes / (double)c->cells, c->floor_bytes / (double)c->cells, c->wavefronts / (double)c->cells,
          c->fp64 / (double)c->cells);
}

/* What these targets cost by `segmented`, all others fused; told, if it is not what was counted last. */
static gkt_status count(const gkt_assembler *a, gkt_device_plan *p, const gkt_choices *c, const bool *segmented) {
  const double before = gkt_device_predict(&p->cost, c->rates).worst;
  GKT_TRY(gkt_choices_count(c, segmented, &p->cost));
  if (p->cost.cells && gkt_device_predict(&p->cost, c->rates).worst != before) tell_prediction(a, &p->cost, c->rates);
  return GKT_OK;
}

/* segmented [targets]. Plans that are slower by the model are dropped, unless they were asked for, or are all that there is room for. */
static gkt_status choose(const gkt_assembler *a, gkt_device_plan *p, const gkt_device_cost **fused, bool *segmented) {
  const gkt_device_info *info = gkt_device_get_info(p->device);
  const gkt_device_rates rates = gkt_device_rates_of(info->architecture, 0);
  const gkt_choices choices = {a, fused, &rates, info->free_bytes - gkt_device_count_all(p->device).bytes_held};
  for (int k = 0; k < a->targets.count; k++) fused[k] = p->fused[k] ? gkt_fused_get_cost(p->fused[k]) : NULL;
  for (int k = 0; k < a->targets.count; k++) segmented[k] = a->targets.all[k].reduce != NULL;
  GKT_TRY(count(a, p, &choices, segmented));
  GKT_TRY(gkt_choices_take(&choices, false, segmented));
  GKT_TRY(count(a, p, &choices, segmented));
  GKT_TRY(gkt_choices_take(&choices, a->ctx->options.reduce == GKT_REDUCE_AUTO, segmented));
  GKT_TRY(count(a, p, &choices, segmented));
  for (int k = 0; k < a->targets.count; k++)
    if (segmented[k]) gkt_fused_destroy(&p->fused[k]);
  return GKT_OK;
}

gkt_status gkt_assembler_get_cost(const gkt_assembler *a, gkt_device_cost *out) {
  if (!a->device) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "assembly: the backend is %s, costs are counted of cuda", a->info.backend);
  *out = a->device->cost;
  return GKT_OK;
}

static gkt_status make_sums(const gkt_assembler *a, gkt_device_plan *p) {
  const gkt_reduce_strategy asked = a->ctx->options.reduce;
  const gkt_size count = a->targets.count;
  const gkt_device_cost **costs = NULL;
  bool *segmented = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(a->ctx, count, sizeof *p->fused, &p->fused));
  GKT_GO(gkt_calloc(a->ctx, count, sizeof *costs, &costs));
  GKT_GO(gkt_calloc(a->ctx, count, sizeof *segmented, &segmented));
  for (int k = 0; k < count && (asked == GKT_REDUCE_FUSED || asked == GKT_REDUCE_AUTO); k++) GKT_GO(plan_fused(a, p, k));
  GKT_GO(choose(a, p, costs, segmented));
  GKT_GO(send_fused(a, p));
  GKT_GO(make_segmented(a, p, segmented));
  GKT_GO(gkt_device_rounding_create(&a->targets, p->device, &p->copies, &p->rounding));
done:
  gkt_free(&segmented);
  gkt_free(&costs);
  return status;
}

static void tell_target(gkt_assembler *a, int target) {
  const gkt_device_plan *p = a->device;
  const gkt_reduce *r = a->targets.all[target].reduce;
  const double cells = r->num_cells > 0 ? r->num_cells : 1;
  char what[200], how[240];
  gkt_assembler_name_target(a, target, sizeof what, what);
  if (p->fused[target]) {
    gkt_fused_describe(p->fused[target], sizeof how, how);
    gkt_log(a->ctx, GKT_LOG_DETAIL, "reduce of a %s: fused, on the device: %s", what, how);
    return;
  }
  const char *product = gkt_device_segments_product(p->segments);
  const gkt_size tensors = p->tensors[target].count * (gkt_size)sizeof(gkt_scalar);
  const gkt_size moved = gkt_reduce_bytes_of(r, (product ? GKT_REDUCE_SPMM : GKT_REDUCE_SEGMENTED) - GKT_REDUCE_FUSED);
  a->info.element_bytes += tensors, a->info.reduce_bytes += moved;
  gkt_log(a->ctx, GKT_LOG_DETAIL, "reduce of a %s: %s%s%s, on the device: bytes per cell %.0f; element tensors %.1f MB", what, product ? "spmm by " : "segmented",
          product ? product : "", product && strcmp(product, "cuSPARSE") ? " in place of cuSPARSE" : "", (double)moved / cells, (double)tensors / 1e6);
}

static const char *name_strategy(const gkt_assembler *a) {
  const gkt_device_plan *p = a->device;
  bool any = false;
  for (int k = 0; k < a->targets.count; k++) any |= p->fused[k] != NULL;
  if (!p->part) return "fused";
  return any ? "fused and segmented" : gkt_device_segments_product(p->segments) ? "spmm" : "segmented";
}

static void tell(gkt_assembler *a) {
  const gkt_device_plan *p = a->device;
  a->info.reduce = name_strategy(a);
  for (int k = 0; k < a->targets.count; k++)
    if (a->targets.all[k].reduce) tell_target(a, k);
  gkt_log(a->ctx, GKT_LOG_DETAIL, "device: %.1f MB of meshes, dof numbers, tables and lists, %.1f MB of coordinates and values", (double)p->copies.bytes / 1e6,
          (double)(gkt_device_inputs_bytes(&p->inputs) + (p->elements ? gkt_elements_bytes_held(p->elements) : 0)) / 1e6);
}

gkt_status gkt_cuda_plan(gkt_assembler *a) {
  gkt_device_plan *p;
  GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *p, &p));
  a->device = p;
  GKT_TRY(gkt_device_open(a->ctx, &p->device));
  p->copies = (gkt_copies){.ctx = a->ctx, .device = p->device};
  double start = gkt_seconds();
  GKT_TRY(gkt_device_inputs_create(a, p->device, &p->inputs));
  GKT_TRY(make_sums(a, p));
  a->info.compile_seconds = gkt_seconds() - start;
  gkt_targets_drop_lists(&a->targets);
  tell(a);
  return GKT_OK;
}

void gkt_cuda_destroy(gkt_assembler *a) {
  gkt_device_plan *p = a->device;
  if (!p) return;
  gkt_batch_room_clear(a, p->device, &p->room);
  for (int k = 0; p->fused && k < a->targets.count; k++) gkt_fused_destroy(&p->fused[k]);
  gkt_elements_destroy(&p->elements);
  gkt_device_segments_destroy(&p->segments);
  gkt_assembler_part_destroy(&p->part);
  gkt_device_rounding_destroy(&p->rounding);
  for (int k = 0; p->tensors && k < a->targets.count; k++) gkt_device_free(p->device, &p->tensors[k]);
  if (p->device) gkt_device_free(p->device, &p->result);
  gkt_device_inputs_clear(&p->inputs);
  gkt_copies_clear(&p->copies);
  gkt_free(&p->fused);
  gkt_free(&p->tensors);
  gkt_free(&a->device);
}

/* ---- execution ---- */
static gkt_status poison(const gkt_assembler *a, const gkt_device_plan *p, gkt_scalar *values) {
  for (int k = 0; p->tensors && k < a->targets.count; k++) GKT_TRY(gkt_device_fill(p->device, p->tensors[k].at, 0xFF, p->tensors[k].count * (gkt_size)sizeof(gkt_scalar)));
  return gkt_device_fill(p->device, values, 0xFF, a->targets.num_values * (gkt_size)sizeof *values);
}

static gkt_status assemble(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *values) {
  gkt_device_plan *p = a->device;
  if (a->ctx->options.poison) GKT_TRY(poison(a, p, values));
  GKT_TRY(gkt_device_inputs_send(&p->inputs, inputs));
  for (int k = 0; k < a->targets.count; k++)
    if (p->fused[k]) GKT_TRY(gkt_fused_run(p->fused[k], inputs->time, values));
  if (p->part) GKT_TRY(gkt_elements_run(p->elements, inputs->time));
  if (p->part) GKT_TRY(gkt_device_segments_sum(p->segments, values));
  return gkt_device_rounding_drop(p->rounding, values);
}

gkt_status gkt_cuda_execute(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *values, gkt_where where) {
  gkt_device_plan *p = a->device;
  if (where == GKT_ON_DEVICE) return assemble(a, inputs, values);
  if (!p->result.at) GKT_TRY(gkt_device_alloc(p->device, a->targets.num_values, sizeof(gkt_scalar), "values of a result", &p->result));
  GKT_TRY(assemble(a, inputs, p->result.at));
  return gkt_device_download(p->device, p->result.at, values, a->targets.num_values * (gkt_size)sizeof *values);
}

gkt_status gkt_cuda_execute_batch(const gkt_assembler *a, const gkt_inputs *inputs, const gkt_batch *b, gkt_scalar *results) {
  gkt_device_plan *p = a->device;
  GKT_TRY(gkt_device_inputs_send_coords(&p->inputs));
  p->inputs.keeps_coords = true;
  const gkt_sets_plan plan = {&p->inputs, &p->copies, p->part, p->segments, p->rounding};
  const gkt_status status = gkt_batch_on_device(&plan, inputs, b, results, &p->room);
  p->inputs.keeps_coords = false;
  return status;
}
