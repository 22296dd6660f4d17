/* The machine that figures belong to: its processor and how fast it copies, its memory. */
#include <malloc.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/bench.h"

/* ---- memory ---- */
void *bench_alloc(gkt_size count, size_t size) {
  enum { ALIGNMENT = 64, PAGE = 2 << 20, FEWEST_PAGES = 4 };
  if ((size_t)count > (PTRDIFF_MAX - ALIGNMENT) / size) return NULL;
  size_t bytes = ((size_t)count * size + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
  bool large = bytes >= (size_t)FEWEST_PAGES * PAGE;
  void *p = aligned_alloc(large ? PAGE : ALIGNMENT, large ? (bytes + PAGE - 1) / PAGE * PAGE : bytes);
  if (p && large) madvise(p, bytes / PAGE * PAGE, MADV_HUGEPAGE); /* a hint */
  return p;
}

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

bool bench_restart_peak(gkt_size *resident) {
  malloc_trim(0);
  FILE *file = fopen("/proc/self/clear_refs", "w");
  bool written = file && fputs("5", file) >= 0;
  if (file && fclose(file)) written = false;
  *resident = status_bytes("VmRSS");
  return written && *resident > 0;
}

gkt_size bench_peak(void) { return status_bytes("VmHWM"); }
gkt_size bench_resident(void) { return status_bytes("VmRSS"); }

/* ---- processor and copies ---- */
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

gkt_status bench_measure_machine(int threads, bench_machine *out) {
  bench_machine m = {.threads = threads ? threads : omp_get_num_procs()};
  char *from = bench_alloc(COPY_BYTES, 1), *to = bench_alloc(COPY_BYTES, 1);
  const bool there = from && to;
  if (there) memset(from, 0, COPY_BYTES), memset(to, 0, COPY_BYTES);
  for (int i = 0; there && i < ROUNDS * (COPY_BYTES / PART_BYTES); i++) {
    size_t at = (size_t)i * PART_BYTES % COPY_BYTES;
    m.copy_bandwidth = fmax(m.copy_bandwidth, 2.0 * PART_BYTES / copy_seconds(m.threads, from + at, to + at));
  }
  free(from);
  free(to);
  if (!there) return GKT_NO_MEMORY;
  find_processor(m.processor, sizeof m.processor);
  *out = m;
  return GKT_OK;
}
