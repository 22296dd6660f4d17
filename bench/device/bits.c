/* Whether the device gives the bits of the CPU: matrices and residuals of a few forms, products and sums rounded one by one, and to rounding where they are fused. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/device/device_bench.h"

typedef struct {
  gkt_size values, differ;
  double worst; /* difference, over the largest magnitude of its row */
} difference;
static void compare_row(gkt_idx count, const double *a, const double *b, difference *out) {
  double scale = 0;
  for (gkt_idx k = 0; k < count; k++) scale = fmax(scale, fabs(a[k]));
  for (gkt_idx k = 0; k < count; k++) {
    out->differ += memcmp(&a[k], &b[k], sizeof *a) != 0;
    if (a[k] != b[k]) out->worst = fmax(out->worst, fabs(a[k] - b[k]) / scale);
    if (isnan(a[k] - b[k])) out->worst = INFINITY;
  }
  out->values += count;
}

/* A residual is compared with its largest value: what cancels in a row has no scale of its own. */
static void compare(const assembled *a, const assembled *b, difference *matrix, difference *residual) {
  const gkt_idx *offsets = a->matrix->row_offsets, n = a->matrix->num_rows;
  *matrix = *residual = (difference){0};
  for (gkt_idx i = 0; i < n; i++) compare_row(offsets[i + 1] - offsets[i], a->matrix->vals + offsets[i], b->matrix->vals + offsets[i], matrix);
  compare_row(n, gkt_vector_values(a->residual), gkt_vector_values(b->residual), residual);
}

static void report(device_bench *b, const char *form, bool separate, const difference *matrix, const difference *residual) {
  char key[100];
  snprintf(key, sizeof key, "%s%s", form, separate ? "" : ", fused rounding");
  json_object_set_new(b->out, key,
                      json_pack("{s:I, s:I, s:f, s:I, s:I, s:f}", "entries", (json_int_t)matrix->values, "entries_that_differ", (json_int_t)matrix->differ, "entries_worst",
                                matrix->worst, "residual_values", (json_int_t)residual->values, "residual_values_that_differ", (json_int_t)residual->differ, "residual_worst",
                                residual->worst));
}

static gkt_status compare_form(device_bench *b, const device_form *form, const assembled *reference, bool separate) {
  const double largest = 1e-12;
  assembled device = {0};
  difference matrix, residual;
  gkt_status status;
  GKT_GO(assembled_make(form, device_bench_side(b, form->small, form->large), &(gkt_context_options){.backend = GKT_BACKEND_CUDA, .separate_rounding = separate}, &device));
  compare(reference, &device, &matrix, &residual);
  report(b, form->name, separate, &matrix, &residual);
  if (separate && matrix.differ + residual.differ)
    status = gkt_fail(b->ctx, GKT_INTERNAL, "%s: %lld values differ from the CPU's", form->name, (long long)(matrix.differ + residual.differ));
  else if (!(fmax(matrix.worst, residual.worst) <= largest)) status = gkt_fail(b->ctx, GKT_INTERNAL, "%s: values differ by %.3g", form->name, fmax(matrix.worst, residual.worst));
done:
  if (status && device.ctx) (void)gkt_fail(b->ctx, status, "%s: %s", form->name, gkt_context_message(device.ctx));
  assembled_clear(&device);
  return status;
}

gkt_status check_bits(device_bench *b) {
  gkt_status status = GKT_OK;
  for (int i = 0; i < num_device_forms && !status; i++) {
    const device_form *form = &device_forms[i];
    assembled reference = {0};
    GKT_GO(assembled_make(form, device_bench_side(b, form->small, form->large), &(gkt_context_options){.backend = GKT_BACKEND_CPU, .reduce = GKT_REDUCE_SEGMENTED}, &reference));
    GKT_GO(compare_form(b, form, &reference, true));
    GKT_GO(compare_form(b, form, &reference, false));
  done:
    if (status && reference.ctx) (void)gkt_fail(b->ctx, status, "%s: %s", form->name, gkt_context_message(reference.ctx));
    assembled_clear(&reference);
  }
  return status;
}
