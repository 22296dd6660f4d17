/* The machine that figures belong to: its processor and how fast it copies. */
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "galerkit/bench.h"

/* Parts are timed one by one, short enough that some are not interrupted on a busy machine; until a part comes again, others have passed through the caches. */
enum { COPY_BYTES = 256 << 20, PART_BYTES = 32 << 20, BLOCK_BYTES = 1 << 20, ROUNDS = 8 };

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
  for (int i = 0; i < PART_BYTES / BLOCK_BYTES; i++) memcpy(to + (size_t)i * BLOCK_BYTES, from + (size_t)i * BLOCK_BYTES, BLOCK_BYTES);
  return gkt_seconds() - start;
}

gkt_status gkt_bench_measure_machine(gkt_context *ctx, gkt_bench_machine *out) {
  gkt_bench_machine m = {.threads = gkt_threads(ctx)};
  char *from = NULL, *to = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(ctx, COPY_BYTES, 1, &from));
  GKT_GO(gkt_calloc(ctx, COPY_BYTES, 1, &to));
  for (int i = 0; i < ROUNDS * (COPY_BYTES / PART_BYTES); i++) {
    size_t at = (size_t)i * PART_BYTES % COPY_BYTES;
    m.copy_bandwidth = fmax(m.copy_bandwidth, 2.0 * PART_BYTES / copy_seconds(m.threads, from + at, to + at));
  }
  find_processor(m.processor, sizeof m.processor);
  *out = m;
done:
  gkt_free(&from);
  gkt_free(&to);
  return status;
}
