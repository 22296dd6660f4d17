/* The machine that figures belong to: its processor and how fast it copies. */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "galerkit/bench.h"

enum { COPY_BYTES = 256 << 20, COPY_BLOCK = 1 << 20, COPIES = 8 };

static void find_processor(char *out, size_t size) {
  FILE *file = fopen("/proc/cpuinfo", "r");
  char line[512];
  *out = 0;
  while (file && !*out && fgets(line, sizeof line, file)) {
    char *value = strstr(line, ": ");
    if (strncmp(line, "model name", 10) || !value) continue;
    snprintf(out, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
  }
  if (file) fclose(file);
}

static double copy_seconds(int threads, const char *from, char *to) {
  double start = gkt_seconds();
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int i = 0; i < COPY_BYTES / COPY_BLOCK; i++) memcpy(to + (size_t)i * COPY_BLOCK, from + (size_t)i * COPY_BLOCK, COPY_BLOCK);
  return gkt_seconds() - start;
}

gkt_status gkt_bench_measure_machine(gkt_context *ctx, gkt_bench_machine *out) {
  gkt_bench_machine m = {.threads = gkt_threads(ctx)};
  char *from = NULL, *to = NULL;
  double best = 0;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, COPY_BYTES, 1, &from));
  GKT_GO(gkt_calloc(ctx, COPY_BYTES, 1, &to));
  for (int i = 0; i < COPIES; i++) {
    double seconds = copy_seconds(m.threads, from, to);
    if (i == 0 || seconds < best) best = seconds;
  }
  m.copy_bandwidth = 2.0 * COPY_BYTES / best;
  find_processor(m.processor, sizeof m.processor);
  *out = m;
done:
  gkt_free(&from);
  gkt_free(&to);
  return status;
}
