/* The figures as JSON. Keys: docs/benchmarks.md. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "core/core.h"
#include "galerkit/bench.h"

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *times(const gkt_bench_times *t, const gkt_bench_machine *machine, gkt_idx cells) {
  double rate = (double)t->bytes / t->min_seconds;
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I, s:{s:I, s:I, s:I, s:I}, s:f, s:f}", "min_seconds", t->min_seconds, "median_seconds", t->median_seconds, "cpu_seconds",
                   t->cpu_seconds, "ns_per_cell", 1e9 * t->min_seconds / cells, "cells_per_second", cells / t->min_seconds, "bytes", (json_int_t)t->bytes, "bytes_of",
                   "connectivity", (json_int_t)t->connectivity, "coordinates", (json_int_t)t->coordinates, "coefficients", (json_int_t)t->coefficients, "values",
                   (json_int_t)t->values, "bytes_per_second", rate, "share_of_copy", rate / machine->copy_bandwidth);
}

static json_t *memory(const gkt_assembly_figures *f) {
  if (!f->peak_bytes) return json_null();
  return json_pack("{s:I, s:I, s:f, s:f}", "peak", (json_int_t)f->peak_bytes, "kept", (json_int_t)f->kept_bytes, "peak_per_dof", (double)f->peak_bytes / f->dofs, "kept_per_dof",
                   (double)f->kept_bytes / f->dofs);
}

static json_t *one_case(const gkt_assembly_figures *f, const gkt_bench_machine *machine) {
  json_t *seconds = json_pack("{s:f, s:f, s:f, s:f}", "mesh", f->mesh_seconds, "compile", f->compile_seconds, "pattern", f->pattern_seconds, "pattern_per_million_cells",
                              1e6 * f->pattern_seconds / f->cells);
  json_t *norms = json_pack("{s:o, s:o, s:o}", "matrix", number(f->matrix_norm), "product", number(f->product_norm), "residual", number(f->residual_norm));
  return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "name", f->name, "backend", f->backend, "reduce", f->reduce, "repeat", f->repeat, "cells",
                   f->cells, "dofs", f->dofs, "nonzeros", (json_int_t)f->nonzeros, "seconds", seconds, "matrix", times(&f->matrix, machine, f->cells), "vector",
                   times(&f->vector, machine, f->cells), "memory", memory(f), "norms", norms);
}

static char *make_json(const gkt_bench_machine *machine, int count, const gkt_assembly_figures *figures) {
  json_t *cases = json_array();
  for (int i = 0; i < count; i++) json_array_append_new(cases, one_case(&figures[i], machine));
  json_t *all = json_pack("{s:s, s:{s:s, s:i, s:f}, s:o}", "version", GKT_VERSION, "machine", "processor", machine->processor, "threads", machine->threads, "copy_bandwidth",
                          machine->copy_bandwidth, "cases", cases);
  char *json = all ? json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(all);
  return json;
}

gkt_status gkt_bench_write(gkt_context *ctx, const char *path, const gkt_bench_machine *machine, int count, const gkt_assembly_figures *figures) {
  gkt_output *out = NULL;
  char *json = make_json(machine, count, figures);
  gkt_status status = json ? gkt_output_open(ctx, path, &out) : gkt_fail(ctx, GKT_NO_MEMORY, "out of memory while writing %s", path);
  if (status == GKT_OK) {
    fprintf(gkt_output_stream(out), "%s\n", json);
    status = gkt_output_commit(&out);
  }
  free(json);
  return status;
}
