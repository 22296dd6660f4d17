/* Copies, and reads of shared memory. */
#include "bench/device/rates_arguments.h"

#include <string.h>

#include "bench/device/device_bench.h"
#include "core/embed.h"

GKT_EMBED(rate_arguments, "bench/device/rates_arguments.h");
GKT_EMBED(rate_kernels, "bench/device/rates.cu");
static const char *const rate_text[] = {rate_arguments, rate_kernels, NULL};

typedef struct {
  device_bench *b;
  gkt_device_module *module;
  const gkt_launch *launch;
  const void *arguments;
  size_t size;
} queued;
static gkt_status queue(void *user) {
  const queued *q = user;
  return gkt_device_launch(q->b->device, q->module, q->launch, q->arguments, q->size);
}

/* ---- copies ---- */
static gkt_status copies_are_equal(device_bench *b, const gkt_scalars *to, const gkt_scalar *host, gkt_scalar *back) {
  const gkt_size bytes = to->count * (gkt_size)sizeof *host;
  GKT_TRY(gkt_device_download(b->device, to->at, back, bytes));
  const bool equal = memcmp(host, back, (size_t)bytes) == 0;
  json_object_set_new(b->out, "equal", json_boolean(equal));
  return equal ? GKT_OK : gkt_fail(b->ctx, GKT_INTERNAL, "a copy on the device differs from what was copied");
}

static gkt_status measure_copy(device_bench *b, gkt_device_module *module, gkt_size count, const gkt_scalars *from, const gkt_scalars *to) {
  double seconds;
  const gkt_copy_arguments arguments = {.from = from->at, .to = to->at, .count = count};
  const gkt_launch launch = {.kernel = "gkt_copy_rate", .blocks = b->emulated ? 2 : 16 * (gkt_size)gkt_device_get_info(b->device)->num_processors, .threads = 256};
  GKT_TRY(device_bench_time(b, queue, &(queued){b, module, &launch, &arguments, sizeof arguments}, &seconds));
  device_bench_set(b, "bytes_copied", 8.0 * (double)count);
  device_bench_set_rate(b, "seconds", seconds);
  device_bench_set_rate(b, "bytes_per_second", 16.0 * (double)count / seconds); /* read plus written */
  return GKT_OK;
}

gkt_status check_copy(device_bench *b) {
  const gkt_size count = b->emulated ? 5000 : (gkt_size)1 << 28; /* 2 GiB, beyond any cache */
  gkt_device_module *module = NULL;
  gkt_scalars from = {0}, to = {0};
  gkt_scalar *host = NULL, *back = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(b->ctx, count, sizeof *host, &host));
  GKT_GO(gkt_alloc(b->ctx, count, sizeof *back, &back));
  for (gkt_size i = 0; i < count; i++) host[i] = (double)i;
  GKT_GO(gkt_device_compile_parts(b->device, rate_text, &module));
  GKT_GO(gkt_device_send(b->device, host, count, sizeof *host, "numbers to copy", &from));
  GKT_GO(gkt_device_alloc(b->device, count, sizeof *host, "copied numbers", &to));
  GKT_GO(measure_copy(b, module, count, &from, &to));
  GKT_GO(copies_are_equal(b, &to, host, back));
done:
  gkt_device_free(b->device, &from);
  gkt_device_free(b->device, &to);
  gkt_device_module_destroy(&module);
  gkt_free(&host);
  gkt_free(&back);
  return status;
}

/* ---- reads of shared memory ---- */
enum { TABLE = 8192, TABLE_BYTES = TABLE * 8, THREADS = 256 };

/* As the kernel does it. */
static double sum_of(int thread, int rounds, bool random) {
  uint32_t place = random ? (uint32_t)thread * 2654435761u : (uint32_t)thread % THREADS;
  double sum = 0;
  for (int k = 0; k < rounds; k++) {
    sum += (double)(random ? place >> 19 : place & (TABLE - 1));
    place = random ? place * 1664525u + 1013904223u : place + THREADS;
  }
  return sum;
}

static gkt_status sums_are_right(device_bench *b, const gkt_scalars *sums, int rounds, bool random) {
  gkt_scalar first[THREADS]; /* of the first block; integers below 2^53, so exact */
  GKT_TRY(gkt_device_download(b->device, sums->at, first, sizeof first));
  for (int i = 0; i < THREADS; i++)
    if (first[i] != sum_of(i, rounds, random)) return gkt_fail(b->ctx, GKT_INTERNAL, "thread %d summed %.17g, expected %.17g", i, first[i], sum_of(i, rounds, random));
  return GKT_OK;
}

static gkt_status gather(device_bench *b, gkt_device_module *module, bool random, const gkt_scalars *sums, double *seconds) {
  const gkt_gather_arguments arguments = {.sums = sums->at, .rounds = b->emulated ? 20 : 4096, .random = random};
  const gkt_launch launch = {.kernel = "gkt_gather_rate", .blocks = sums->count / THREADS, .threads = THREADS, .shared = TABLE_BYTES};
  GKT_TRY(device_bench_time(b, queue, &(queued){b, module, &launch, &arguments, sizeof arguments}, seconds));
  device_bench_set_rate(b, random ? "random_loads_per_second" : "ordered_loads_per_second", (double)sums->count * arguments.rounds / *seconds);
  return sums_are_right(b, sums, arguments.rounds, random);
}

gkt_status check_gather(device_bench *b) {
  gkt_device_module *module = NULL;
  gkt_scalars sums = {0};
  double ordered, random;
  const gkt_size blocks = b->emulated ? 2 : 24 * (gkt_size)gkt_device_get_info(b->device)->num_processors;
  gkt_status status;
  GKT_GO(gkt_device_compile_parts(b->device, rate_text, &module));
  GKT_GO(gkt_device_alloc(b->device, blocks * THREADS, sizeof(gkt_scalar), "sums of shared reads", &sums));
  GKT_GO(gather(b, module, false, &sums, &ordered));
  GKT_GO(gather(b, module, true, &sums, &random));
  device_bench_set_rate(b, "wavefronts_per_random_load", 2 * random / ordered); /* 32 lanes of 8 bytes are two wavefronts of 128 bytes where nothing conflicts */
  device_bench_set(b, "wavefronts_assumed", 5.8);                               /* by the model of costs */
done:
  gkt_device_free(b->device, &sums);
  gkt_device_module_destroy(&module);
  return status;
}
