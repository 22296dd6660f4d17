/* What all measurements share: a case becomes a problem, resident memory, lengths of vectors. */
#include "problem/bench.h"

#include <malloc.h>
#include <math.h>
#include <string.h>

gkt_status gkt_bench_open(gkt_context *ctx, const gkt_bench_case *c, const gkt_problem_options *given, gkt_problem **out) {
  gkt_problem_options options = given ? *given : gkt_problem_options_default();
  if (!c->text) return gkt_problem_read(ctx, c->name, &options, out);
  options.script = c->script;
  return gkt_problem_parse(ctx, c->name, c->text, strlen(c->text), &options, out);
}

/* ---- resident memory ---- */
/* A line of /proc/self/status in bytes; 0: not there. */
static gkt_size status_bytes(const char *key) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  long long kib = 0;
  while (file && !kib && fgets(line, sizeof line, file))
    if (!strncmp(line, key, strlen(key))) sscanf(line + strlen(key), ": %lld", &kib);
  if (file) fclose(file);
  return (gkt_size)kib * 1024;
}

/* What earlier cases freed goes back to the system, and the peak starts anew. false: the system does not let it. */
bool gkt_bench_restart_peak(gkt_size *resident) {
  malloc_trim(0);
  FILE *file = fopen("/proc/self/clear_refs", "w");
  bool written = file && fputs("5", file) >= 0;
  if (file && fclose(file)) written = false;
  *resident = status_bytes("VmRSS");
  return written && *resident > 0;
}

gkt_size gkt_bench_peak(void) { return status_bytes("VmHWM"); }
gkt_size gkt_bench_resident(void) { return status_bytes("VmRSS"); }
