/* The figures as JSON. Keys: docs/benchmarks.md. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

json_t *bench_number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

json_t *bench_memory(gkt_size peak, gkt_size kept, gkt_idx dofs) {
  if (!peak) return json_null();
  return json_pack("{s:I, s:I, s:f, s:f}", "peak", (json_int_t)peak, "kept", (json_int_t)kept, "peak_per_dof", (double)peak / dofs, "kept_per_dof", (double)kept / dofs);
}

/* NULL: memory is exhausted; half a list would look like a whole one. */
static json_t *list_cases(const bench_machine *machine, const bench_kind *kind, int count, const char *figures) {
  json_t *cases = json_array();
  for (int i = 0; cases && i < count; i++)
    if (json_array_append_new(cases, kind->json(figures + (size_t)i * kind->size, machine))) json_decref(cases), cases = NULL;
  return cases;
}

/* Of predictions nothing is known of this machine. */
static json_t *machine_json(const bench_machine *m, const bench_kind *kind) {
  if (kind->print_place) return json_null();
  return json_pack("{s:s, s:i, s:f}", "processor", m->processor, "threads", m->threads, "copy_bandwidth", m->copy_bandwidth);
}

gkt_status bench_write(gkt_context *ctx, const char *path, const bench_machine *machine, const bench_kind *kind, int count, const char *figures) {
  json_t *all = json_pack("{s:s, s:o, s:o}", "version", GKT_VERSION, "machine", machine_json(machine, kind), "cases", list_cases(machine, kind, count, figures));
  char *json = all ? json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL, *text = NULL;
  int length = json ? asprintf(&text, "%s\n", json) : -1;
  gkt_status status = length >= 0 ? gkt_file_write(ctx, path, (size_t)length, text) : GKT_NO_MEMORY;
  if (length >= 0) free(text);
  free(json);
  json_decref(all);
  return status;
}
