/* Batches on a device: the values of many sets go there at once, all sets of a pass are one launch of each kernel (sets_device.c) or, where they can not be, set after set is
   launched without waiting, and results come back together. */
#include <string.h>

#include "assembly/backend.h"
#include "assembly/batch_device.h"
#include "assembly/device_inputs.h"

enum { PASS_BYTES = 256 << 20 }; /* of values and results that are on the device at once */

typedef struct {
  const gkt_assembler *a;
  gkt_device *device;
  gkt_batch_room *room;
  const gkt_batch *batch;
  gkt_inputs inputs; /* of the first set of the pass, on the device; constants where they were given */
  int num_sets;      /* of the pass */
} pass;

static gkt_size num_constants(const gkt_assembler *a) { return gkt_scope_num_constants(a->form->scope); }
static gkt_size stride_of(const gkt_batch *b, int f) { return b->strides ? b->strides[f] : 0; }

static int sets_per_pass(const gkt_assembler *a, const gkt_batch *b, const gkt_batch_room *room) {
  gkt_size scalars = a->targets.num_values + (room->sets ? gkt_device_sets_scalars(room->sets) : 0);
  for (int f = 0; f < a->num_functions; f++) scalars += gkt_assembler_reads(a, f) ? stride_of(b, f) : 0;
  gkt_size fit = PASS_BYTES / (gkt_size)sizeof(gkt_scalar) / (scalars + 1);
  return fit < 1 ? 1 : fit < b->count ? (int)fit : b->count;
}

static gkt_status make_room(const pass *x, gkt_size count, const char *what, gkt_scalars *room) {
  if (room->count >= count) return GKT_OK;
  gkt_device_free(x->device, room);
  return gkt_device_alloc(x->device, count, sizeof(gkt_scalar), what, room);
}

/* What the sets of the pass read of a function, from the first set's values to the end of the last one's. */
static gkt_status send(pass *x, const gkt_inputs *given, int first) {
  const gkt_assembler *a = x->a;
  x->inputs = *given;
  if (given->constants) x->inputs.constants = given->constants + first * x->batch->constants_stride;
  x->inputs.values = x->room->at, x->inputs.where = GKT_ON_DEVICE;
  for (int f = 0; f < a->num_functions; f++) {
    const gkt_size stride = stride_of(x->batch, f), count = (x->num_sets - 1) * stride + (a->spaces[f] ? gkt_space_num_dofs(a->spaces[f]) : 0);
    x->room->at[f] = NULL;
    if (!gkt_assembler_reads(a, f)) continue;
    x->room->at[f] = given->values[f] + first * stride;
    if (given->where == GKT_ON_DEVICE) continue;
    GKT_TRY(make_room(x, count, "values of a batch", &x->room->values[f]));
    GKT_TRY(gkt_device_upload(x->device, x->room->at[f], x->room->values[f].at, count * (gkt_size)sizeof(gkt_scalar)));
    x->room->at[f] = x->room->values[f].at;
  }
  return GKT_OK;
}

/* Of all sets of the pass. */
static gkt_status send_constants(const pass *x) {
  const gkt_size count = (x->num_sets - 1) * x->batch->constants_stride + num_constants(x->a);
  if (!x->inputs.constants || num_constants(x->a) == 0) return GKT_OK;
  GKT_TRY(make_room(x, count, "constants of a batch", &x->room->constants));
  return gkt_device_upload(x->device, x->inputs.constants, x->room->constants.at, count * (gkt_size)sizeof(gkt_scalar));
}

static gkt_status run_together(const pass *x, gkt_scalar *values, gkt_size stride) {
  const gkt_sets_arguments how = {.count = x->num_sets, .constants_stride = x->batch->constants_stride, .results_stride = stride};
  gkt_inputs inputs = x->inputs;
  GKT_TRY(send_constants(x));
  inputs.constants = x->room->constants.at;
  for (int f = 0; f < x->a->num_functions; f++) x->room->strides[f] = stride_of(x->batch, f);
  for (int s = 0; x->a->ctx->options.poison && s < x->num_sets; s++)
    GKT_TRY(gkt_device_fill(x->device, values + s * stride, 0xFF, x->a->targets.num_values * (gkt_size)sizeof *values));
  return gkt_device_sets_run(x->room->sets, &inputs, &how, x->room->strides, values);
}

static gkt_status run(const pass *x, gkt_scalar *values, gkt_size stride) {
  if (x->room->sets && x->batch->count > 1) return run_together(x, values, stride);
  for (int s = 0; s < x->num_sets; s++) {
    gkt_inputs one = gkt_inputs_of_set(x->a, &x->inputs, x->batch, s, x->a->set_values);
    if (s > 0 && x->batch->constants_stride == 0) one.constants = NULL; /* they are there */
    GKT_TRY(x->a->backend->execute(x->a, &one, values + s * stride, GKT_ON_DEVICE));
  }
  return GKT_OK;
}

static gkt_status fetch(const pass *x, gkt_scalar *results) {
  const gkt_size n = x->a->targets.num_values, bytes = n * (gkt_size)sizeof(gkt_scalar);
  const bool together = x->batch->results_stride == n || x->num_sets == 1;
  if (together) return gkt_device_download(x->device, x->room->results.at, results, x->num_sets * bytes);
  for (int s = 0; s < x->num_sets; s++) GKT_TRY(gkt_device_download(x->device, x->room->results.at + s * n, results + s * x->batch->results_stride, bytes));
  return GKT_OK;
}

static gkt_status create_room(const gkt_assembler *a, gkt_batch_room *room) {
  if (room->values) return GKT_OK;
  if (!room->at) GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *room->at, &room->at));
  if (!room->strides) GKT_TRY(gkt_calloc(a->ctx, a->num_functions, sizeof *room->strides, &room->strides));
  return gkt_calloc(a->ctx, a->num_functions, sizeof *room->values, &room->values);
}

/* At the first batch of several sets. */
static gkt_status plan_sets(const gkt_sets_plan *plan, gkt_batch_room *room) {
  char why[200] = "";
  if (room->planned) return GKT_OK;
  GKT_TRY(gkt_device_sets_create(plan, &room->sets, why));
  if (*why) gkt_log(plan->inputs->a->ctx, GKT_LOG_DETAIL, "batch on the device: set by set: %s", why);
  room->planned = true;
  return GKT_OK;
}

gkt_status gkt_batch_on_device(const gkt_sets_plan *plan, const gkt_inputs *inputs, const gkt_batch *b, gkt_scalar *results, gkt_batch_room *room) {
  const gkt_assembler *a = plan->inputs->a;
  pass x = {.a = a, .device = plan->inputs->device, .room = room, .batch = b};
  GKT_TRY(create_room(a, room));
  if (b->count > 1) GKT_TRY(plan_sets(plan, room));
  const int step = sets_per_pass(a, b, room);
  for (int first = 0; first < b->count; first += step) {
    x.num_sets = b->count - first < step ? b->count - first : step;
    GKT_TRY(send(&x, inputs, first));
    gkt_scalar *to = results + first * b->results_stride;
    if (b->where == GKT_ON_DEVICE) {
      GKT_TRY(run(&x, to, b->results_stride));
      continue;
    }
    GKT_TRY(make_room(&x, x.num_sets * a->targets.num_values, "results of a batch", &room->results));
    GKT_TRY(run(&x, room->results.at, a->targets.num_values));
    GKT_TRY(fetch(&x, to));
  }
  return GKT_OK;
}

void gkt_batch_room_clear(const gkt_assembler *a, gkt_device *device, gkt_batch_room *room) {
  for (int f = 0; room->values && f < a->num_functions; f++) gkt_device_free(device, &room->values[f]);
  gkt_device_sets_destroy(&room->sets);
  if (device) gkt_device_free(device, &room->results), gkt_device_free(device, &room->constants);
  gkt_free(&room->values);
  gkt_free(&room->at);
  gkt_free(&room->strides);
}
