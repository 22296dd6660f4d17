/* The fused kernel, by the size of patches and by whether slots are dealt to lanes: a matrix on the device, from the plan that the backend makes, timed alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assembly/patches_run.h"
#include "bench/device/device_bench.h"

typedef struct {
  device_bench *b;
  const device_form *form;
  assembled host; /* segmented: the lists that patches are cut from */
  const gkt_assembler *assembler;
  gkt_copies copies;
  gkt_device_inputs inputs;
  gkt_scalar *result; /* on the device */
} fused_bench;

static gkt_status prepare(fused_bench *f) {
  gkt_system *system = gkt_problem_system(f->host.problem);
  gkt_inputs inputs;
  f->assembler = gkt_system_assembler(system, 2);
  f->copies = (gkt_copies){.ctx = f->host.ctx, .device = f->b->device};
  GKT_TRY(gkt_system_inputs(system, &(gkt_state){.u = gkt_problem_solution(f->host.problem)}, &inputs));
  GKT_TRY(gkt_device_inputs_create(f->assembler, f->b->device, &f->inputs));
  GKT_TRY(gkt_device_inputs_send(&f->inputs, &inputs));
  GKT_TRY(gkt_copies_add(&f->copies, f->host.matrix->vals, f->assembler->targets.num_values, sizeof(gkt_scalar), "matrix values", &f->result));
  return gkt_device_fill(f->b->device, f->result, 0xFF, f->assembler->targets.num_values * (gkt_size)sizeof(gkt_scalar));
}

/* Products and sums are fused: to rounding of the largest of a row. */
static gkt_status is_right(fused_bench *f, const char *what) {
  const gkt_csr *A = f->host.matrix;
  const gkt_size count = f->assembler->targets.num_values;
  double *found, worst = 0;
  gkt_status status;
  GKT_TRY(gkt_alloc(f->b->ctx, count, sizeof *found, &found));
  GKT_GO(gkt_device_download(f->b->device, f->result, found, count * (gkt_size)sizeof *found));
  for (gkt_idx i = 0; i < A->num_rows; i++) {
    double size = 0;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) size = fmax(size, fabs(A->vals[k]));
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) worst = fmax(worst, isnan(found[k]) ? INFINITY : fabs(found[k] - A->vals[k]) / size);
  }
  if (!(worst <= 1e-12)) status = gkt_fail(f->b->ctx, GKT_INTERNAL, "%s: values differ by %.3g", what, worst);
done:
  gkt_free(&found);
  return status;
}

typedef struct {
  const fused_bench *f;
  const gkt_fused *fused;
} launched;
static gkt_status launch(void *user) {
  const launched *l = user;
  return gkt_fused_run(l->fused, 0, l->f->result);
}

/* Times of a GPU; beside them what the model of costs predicts for it, from what the plan counts. The emulated device has neither. */
static json_t *figures(const fused_bench *f, const gkt_fused *fused, double planned, double seconds) {
  const gkt_device_info *info = gkt_device_get_info(f->b->device);
  const gkt_device_cost *cost = gkt_fused_get_cost(fused);
  const gkt_device_rates rates = gkt_device_rates_of(info->architecture, info->num_processors);
  const gkt_device_prediction predicted = gkt_device_predict(cost, &rates);
  const double cells = (double)cost->cells;
  char what[300];
  gkt_fused_describe(fused, sizeof what, what);
  json_t *out = json_pack("{s:s, s:I, s:I, s:f, s:f}", "plan", what, "cells", (json_int_t)cost->cells, "tensors_computed", (json_int_t)cost->computed, "dram_bytes_counted",
                          cost->dram_bytes, "wavefronts_counted", cost->wavefronts);
  if (!out || f->b->emulated) return out;
  json_object_set_new(out, "plan_seconds", json_real(planned));
  json_object_set_new(out, "seconds", json_real(seconds));
  json_object_set_new(out, "cells_per_second", json_real(cells / seconds));
  json_object_set_new(out, "cells_per_second_predicted", json_pack("[f, f]", cells / predicted.worst, cells / predicted.best));
  json_object_set_new(out, "predicted_limit", json_string(predicted.limit));
  return out;
}

static gkt_status measure(fused_bench *f, gkt_idx rows, bool dealt) {
  char key[100], why[200] = "";
  gkt_fused *fused = NULL;
  double seconds, start = gkt_seconds();
  gkt_status status;
  snprintf(key, sizeof key, "%s, %d rows%s", f->form->name, rows, dealt ? ", dealt" : "");
  GKT_GO(gkt_fused_create(&f->inputs, 0, &(gkt_fused_options){.rows = rows, .window = dealt ? -1 : 0}, &fused, why));
  if (*why) {
    json_object_set_new(f->b->out, key, json_pack("{s:s}", "not_fused", why));
    return GKT_OK;
  }
  const double planned = gkt_seconds() - start;
  GKT_GO(gkt_fused_send(fused, &f->copies));
  GKT_GO(device_bench_time(f->b, launch, &(launched){f, fused}, &seconds));
  json_object_set_new(f->b->out, key, figures(f, fused, planned, seconds));
  GKT_GO(is_right(f, key));
done:
  gkt_fused_destroy(&fused);
  return status;
}

static gkt_status measure_form(device_bench *b, const char *name, int small, int large, const gkt_idx rows[3]) {
  fused_bench f = {.b = b, .form = device_form_find(name)};
  gkt_status status;
  GKT_GO(assembled_make(f.form, device_bench_side(b, small, large), &(gkt_context_options){.backend = GKT_BACKEND_CPU, .reduce = GKT_REDUCE_SEGMENTED}, &f.host));
  GKT_GO(prepare(&f));
  for (int i = 0; i < 6 && (i < 2 || rows[i / 2]); i++) GKT_GO(measure(&f, rows[i / 2], i % 2));
done:
  if (status && f.host.ctx && *gkt_context_message(f.host.ctx)) (void)gkt_fail(b->ctx, status, "%s: %s", name, gkt_context_message(f.host.ctx));
  gkt_copies_clear(&f.copies);
  gkt_device_inputs_clear(&f.inputs);
  assembled_clear(&f.host);
  return status;
}

gkt_status check_fused(device_bench *b) {
  GKT_TRY(measure_form(b, "poisson-p1", 4, 56, (const gkt_idx[]){64, 96, 128}));
  GKT_TRY(measure_form(b, "elasticity-p1", 3, 40, (const gkt_idx[]){64, 80, 0}));
  return measure_form(b, "poisson-p2", 2, 30, (const gkt_idx[]){64, 96, 0});
}
