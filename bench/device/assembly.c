/* Assembly by the backend with its values left on the device: what a solver there sees, without the bus. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/device/device_bench.h"

typedef struct {
  gkt_assembler *assembler;
  const gkt_inputs *inputs;
  gkt_csr *matrix; /* its values on the device */
} assembling;
static gkt_status assemble(void *user) {
  const assembling *a = user;
  return gkt_assemble_matrix(a->assembler, a->inputs, a->matrix);
}

/* Finite everywhere, and the sum over all entries as the host's values have it. */
static gkt_status is_right(device_bench *b, const gkt_csr *host, const gkt_scalars *values, const char *what) {
  double *found, sum = 0, size = 0;
  gkt_status status;
  GKT_TRY(gkt_alloc(b->ctx, values->count, sizeof *found, &found));
  GKT_GO(gkt_device_download(b->device, values->at, found, values->count * (gkt_size)sizeof *found));
  for (gkt_size k = 0; k < values->count; k++) sum += found[k] - host->vals[k], size += fabs(host->vals[k]);
  if (!(fabs(sum) <= 1e-12 * size)) status = gkt_fail(b->ctx, GKT_INTERNAL, "%s: values on the device differ from those that were fetched", what);
done:
  gkt_free(&found);
  return status;
}

static gkt_status measure(device_bench *b, const device_form *form, int n, gkt_reduce_strategy reduce) {
  assembled a = {0};
  device_bench own = *b; /* the device of the context that assembles */
  gkt_scalars values = {0};
  gkt_inputs inputs;
  gkt_assembler_info info;
  char key[100];
  double seconds;
  gkt_status status;
  GKT_GO(assembled_make(form, n, &(gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = reduce}, &a));
  gkt_system *system = gkt_problem_system(a.problem);
  gkt_csr matrix = *a.matrix;
  own.ctx = a.ctx;
  GKT_GO(gkt_device_open(a.ctx, &own.device));
  GKT_GO(gkt_device_alloc(own.device, matrix.row_offsets[matrix.num_rows], sizeof(gkt_scalar), "matrix values", &values));
  matrix.where = GKT_ON_DEVICE, matrix.vals = values.at;
  GKT_GO(gkt_system_inputs(system, &(gkt_state){.u = gkt_problem_solution(a.problem)}, &inputs));
  GKT_GO(device_bench_time(&own, assemble, &(assembling){gkt_system_assembler(system, 2), &inputs, &matrix}, &seconds));
  gkt_assembler_get_info(gkt_system_assembler(system, 2), &info);
  snprintf(key, sizeof key, "%s, %s", form->name, info.reduce);
  const double cells = (double)gkt_mesh_num_cells(gkt_problem_mesh(a.problem));
  json_object_set_new(b->out, key,
                      json_pack("{s:f, s:o, s:o, s:o}", "cells", cells, "seconds", b->emulated ? json_null() : json_real(seconds), "cells_per_second",
                                b->emulated ? json_null() : json_real(cells / seconds), "pattern_seconds", b->emulated ? json_null() : json_real(info.pattern_seconds)));
  GKT_GO(is_right(&own, a.matrix, &values, key));
done:
  if (status && a.ctx && *gkt_context_message(a.ctx)) (void)gkt_fail(b->ctx, status, "%s: %s", form->name, gkt_context_message(a.ctx));
  if (own.device != b->device) gkt_device_free(own.device, &values);
  assembled_clear(&a);
  return status;
}

/* The strategy that the model chooses, and the two stages. */
gkt_status check_assembly(device_bench *b) {
  static const int large[] = {118, 56, 80, 80}; /* 10, 1, 3 million tetrahedra, half a million hexahedra */
  for (int i = 0; i < num_device_forms; i++) {
    const int n = device_bench_side(b, device_forms[i].small, large[i]);
    GKT_TRY(measure(b, &device_forms[i], n, GKT_REDUCE_AUTO));
    GKT_TRY(measure(b, &device_forms[i], i ? n : device_bench_side(b, device_forms[i].small, 56), GKT_REDUCE_SEGMENTED));
  }
  return GKT_OK;
}
