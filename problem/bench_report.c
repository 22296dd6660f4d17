/* The figures as JSON. Keys: docs/benchmarks.md. */
#include <math.h>
#include <stdlib.h>

#include "problem/bench.h"

/* ---- of all measurements ---- */
json_t *gkt_bench_number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

json_t *gkt_bench_memory(gkt_size peak, gkt_size kept, gkt_idx dofs) {
  if (!peak) return json_null();
  return json_pack("{s:I, s:I, s:f, s:f}", "peak", (json_int_t)peak, "kept", (json_int_t)kept, "peak_per_dof", (double)peak / dofs, "kept_per_dof", (double)kept / dofs);
}

static char *make_json(const gkt_bench_machine *machine, json_t *cases) {
  json_t *all = json_pack("{s:s, s:{s:s, s:i, s:f}, s:o}", "version", GKT_VERSION, "machine", "processor", machine->processor, "threads", machine->threads, "copy_bandwidth",
                          machine->copy_bandwidth, "cases", cases);
  char *json = all ? json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(all);
  return json;
}

gkt_status gkt_bench_write_cases(gkt_context *ctx, const char *path, const gkt_bench_machine *machine, json_t *cases) {
  gkt_output *out = NULL;
  char *json = make_json(machine, cases);
  gkt_status status = json ? gkt_output_open(ctx, path, &out) : gkt_fail(ctx, GKT_NO_MEMORY, "out of memory while writing %s", path);
  if (status == GKT_OK) {
    fprintf(gkt_output_stream(out), "%s\n", json);
    status = gkt_output_commit(&out);
  }
  free(json);
  return status;
}

/* ---- assembly ---- */
static json_t *times(const gkt_bench_times *t, const gkt_bench_machine *machine, gkt_idx cells) {
  double rate = (double)t->bytes / t->min_seconds;
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I, s:{s:I, s:I, s:I, s:I}, s:f, s:f}", "min_seconds", t->min_seconds, "median_seconds", t->median_seconds, "cpu_seconds",
                   t->cpu_seconds, "ns_per_cell", 1e9 * t->min_seconds / cells, "cells_per_second", cells / t->min_seconds, "bytes", (json_int_t)t->bytes, "bytes_of",
                   "connectivity", (json_int_t)t->connectivity, "coordinates", (json_int_t)t->coordinates, "coefficients", (json_int_t)t->coefficients, "values",
                   (json_int_t)t->values, "bytes_per_second", rate, "share_of_copy", rate / machine->copy_bandwidth);
}

static json_t *assembly_case(const gkt_assembly_figures *f, const gkt_bench_machine *machine) {
  json_t *seconds = json_pack("{s:f, s:f, s:f, s:f}", "mesh", f->mesh_seconds, "compile", f->compile_seconds, "pattern", f->pattern_seconds, "pattern_per_million_cells",
                              1e6 * f->pattern_seconds / f->cells);
  json_t *norms =
      json_pack("{s:o, s:o, s:o}", "matrix", gkt_bench_number(f->matrix_norm), "product", gkt_bench_number(f->product_norm), "residual", gkt_bench_number(f->residual_norm));
  return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "name", f->name, "backend", f->backend, "reduce", f->reduce, "repeat", f->repeat, "cells",
                   f->cells, "dofs", f->dofs, "nonzeros", (json_int_t)f->nonzeros, "seconds", seconds, "matrix", times(&f->matrix, machine, f->cells), "vector",
                   times(&f->vector, machine, f->cells), "memory", gkt_bench_memory(f->peak_bytes, f->kept_bytes, f->dofs), "norms", norms);
}

gkt_status gkt_bench_write(gkt_context *ctx, const char *path, const gkt_bench_machine *machine, int count, const gkt_assembly_figures *figures) {
  json_t *cases = json_array();
  for (int i = 0; i < count; i++) json_array_append_new(cases, assembly_case(&figures[i], machine));
  return gkt_bench_write_cases(ctx, path, machine, cases);
}

/* ---- batch ---- */
static json_t *batch_times(const gkt_batch_times *t) {
  return json_pack("{s:f, s:f, s:f, s:b}", "apart_cpu_seconds", t->apart_seconds, "batch_cpu_seconds", t->together_seconds, "ratio", t->together_seconds / t->apart_seconds,
                   "equal", t->equal);
}

gkt_status gkt_bench_write_batch(gkt_context *ctx, const char *path, const gkt_bench_machine *machine, int count, const gkt_batch_figures *figures) {
  json_t *cases = json_array();
  for (const gkt_batch_figures *f = figures; f < figures + count; f++)
    json_array_append_new(cases, json_pack("{s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "name", f->name, "sets", f->sets, "repeat", f->repeat, "cells", f->cells, "dofs", f->dofs,
                                           "matrix", batch_times(&f->matrix), "vector", batch_times(&f->vector)));
  return gkt_bench_write_cases(ctx, path, machine, cases);
}

/* ---- solve ---- */
static json_t *stages(const gkt_bench_stages *s) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "mesh", s->mesh, "plan", s->plan, "assemble", s->assemble, "setup", s->setup, "solve", s->solve, "total", s->total);
}

static json_t *seconds_of(const gkt_solve_figures *f) {
  json_t *all = stages(&f->seconds);
  json_object_set_new(all, "compile", json_real(f->compile_seconds));
  json_object_set_new(all, "pattern", json_real(f->pattern_seconds));
  return all;
}

static json_t *linear_of(const gkt_solve_figures *f) {
  return json_pack("{s:b, s:i, s:i, s:o, s:o, s:s, s:s, s:s, s:s}", "converged", f->converged, "iterations", f->iterations, "newton_iterations", f->newton_iterations, "residual",
                   gkt_bench_number(f->residual), "form_residual", gkt_bench_number(f->form_residual), "method", f->method, "why", f->why, "options", f->options, "reason",
                   f->reason);
}

static json_t *solve_case(const gkt_solve_figures *f) {
  json_t *solution = json_pack("{s:o, s:o}", "norm", gkt_bench_number(f->norm), "max", gkt_bench_number(f->max));
  return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:o, s:o, s:o, s:f, s:o, s:o}", "name", f->name, "backend", f->backend, "reduce", f->reduce, "repeat", f->repeat,
                   "cells", f->cells, "dofs", f->dofs, "constrained", f->constrained, "nonzeros", (json_int_t)f->nonzeros, "linear", linear_of(f), "seconds", seconds_of(f),
                   "cpu_seconds", stages(&f->cpu_seconds), "dofs_per_second", f->dofs / (f->seconds.setup + f->seconds.solve), "memory",
                   gkt_bench_memory(f->peak_bytes, f->kept_bytes, f->dofs), "solution", solution);
}

gkt_status gkt_bench_write_solve(gkt_context *ctx, const char *path, const gkt_bench_machine *machine, int count, const gkt_solve_figures *figures) {
  json_t *cases = json_array();
  for (int i = 0; i < count; i++) json_array_append_new(cases, solve_case(&figures[i]));
  return gkt_bench_write_cases(ctx, path, machine, cases);
}
