/* The row of a device: element tensors by kernels (elements.c), their sums (segments.c), and where arguments and results stand. */
#include "assembly/backend.h"
#include "assembly/elements.h"
#include "assembly/segments.h"
#include "assembly/reduce_strategy.h"

struct gkt_device_plan {
  gkt_device *device;
  gkt_copies copies;
  gkt_scalars *tensors; /* [targets] of all cells */
  gkt_elements *elements;
  gkt_device_segments *segments;
  gkt_scalars result; /* for values on the host; made when these are asked for */
};

gkt_status gkt_cuda_take(gkt_context *ctx, const gkt_backend_ops **out) {
  gkt_device *device;
  GKT_TRY(gkt_device_open(ctx, &device));
  *out = gkt_backend_row(GKT_BACKEND_CUDA);
  return GKT_OK;
}

/* ---- plan ---- */
static gkt_status make_tensors(const gkt_assembler *a, gkt_device_plan *p) {
  GKT_TRY(gkt_calloc(a->ctx, a->targets.count, sizeof *p->tensors, &p->tensors));
  for (int k = 0; k < a->targets.count; k++) {
    gkt_reduce *r = a->targets.all[k].reduce;
    if (!r) continue;
    GKT_TRY(gkt_device_alloc(p->device, r->num_contributions * r->block, sizeof(gkt_scalar), "element tensors", &p->tensors[k]));
  }
  return GKT_OK;
}

static void tell(gkt_assembler *a) {
  const int segmented = GKT_REDUCE_SEGMENTED - GKT_REDUCE_FUSED;
  const gkt_device_plan *p = a->device;
  char what[200];
  a->info.reduce = "segmented";
  for (int k = 0; k < a->targets.count; k++) {
    const gkt_reduce *r = a->targets.all[k].reduce;
    if (!r) continue;
    const gkt_size tensors = p->tensors[k].count * (gkt_size)sizeof(gkt_scalar), moved = gkt_reduce_bytes_of(r, segmented);
    a->info.element_bytes += tensors, a->info.reduce_bytes += moved;
    gkt_assembler_name_target(a, k, sizeof what, what);
    gkt_log(a->ctx, GKT_LOG_DETAIL, "reduce of a %s: segmented, on the device: bytes per cell %.0f; element tensors %.1f MB", what,
            (double)moved / (r->num_cells > 0 ? r->num_cells : 1), (double)tensors / 1e6);
  }
  gkt_log(a->ctx, GKT_LOG_DETAIL, "device: %.1f MB of meshes, dof numbers, tables and lists, %.1f MB of coordinates and values", (double)p->copies.bytes / 1e6,
          (double)gkt_elements_bytes_held(p->elements) / 1e6);
}

gkt_status gkt_cuda_plan(gkt_assembler *a) {
  gkt_device_plan *p;
  GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *p, &p));
  a->device = p;
  GKT_TRY(gkt_device_open(a->ctx, &p->device));
  p->copies = (gkt_copies){.ctx = a->ctx, .device = p->device};
  GKT_TRY(make_tensors(a, p));
  double start = gkt_seconds();
  GKT_TRY(gkt_elements_create(a, p->device, &p->copies, p->tensors, &p->elements));
  GKT_TRY(gkt_device_segments_create(&a->targets, p->device, &p->copies, p->tensors, &p->segments));
  a->info.compile_seconds = gkt_seconds() - start;
  for (int k = 0; k < a->targets.count; k++)
    if (a->targets.all[k].reduce) gkt_reduce_drop_lists(a->targets.all[k].reduce);
  tell(a);
  return GKT_OK;
}

void gkt_cuda_destroy(gkt_assembler *a) {
  gkt_device_plan *p = a->device;
  if (!p) return;
  gkt_elements_destroy(&p->elements);
  gkt_device_segments_destroy(&p->segments);
  for (int k = 0; p->tensors && k < a->targets.count; k++) gkt_device_free(p->device, &p->tensors[k]);
  if (p->device) gkt_device_free(p->device, &p->result);
  gkt_copies_clear(&p->copies);
  gkt_free(&p->tensors);
  gkt_free(&a->device);
}

/* ---- execution ---- */
static gkt_status poison(const gkt_assembler *a, const gkt_device_plan *p, gkt_scalar *values) {
  for (int k = 0; k < a->targets.count; k++) GKT_TRY(gkt_device_fill(p->device, p->tensors[k].at, 0xFF, p->tensors[k].count * (gkt_size)sizeof(gkt_scalar)));
  return gkt_device_fill(p->device, values, 0xFF, a->targets.num_values * (gkt_size)sizeof *values);
}

static gkt_status assemble(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *values) {
  const gkt_device_plan *p = a->device;
  if (a->ctx->options.poison) GKT_TRY(poison(a, p, values));
  GKT_TRY(gkt_elements_run(p->elements, inputs));
  return gkt_device_segments_sum(p->segments, values);
}

gkt_status gkt_cuda_execute(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *values, gkt_where where) {
  gkt_device_plan *p = a->device;
  if (where == GKT_ON_DEVICE) return assemble(a, inputs, values);
  if (!p->result.at) GKT_TRY(gkt_device_alloc(p->device, a->targets.num_values, sizeof(gkt_scalar), "values of a result", &p->result));
  GKT_TRY(assemble(a, inputs, p->result.at));
  return gkt_device_download(p->device, p->result.at, values, a->targets.num_values * (gkt_size)sizeof *values);
}
