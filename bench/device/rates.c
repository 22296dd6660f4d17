/* Copies, reads of shared memory and of the second-level cache, arithmetic, launches: what constants of the model of costs (core/device_cards.inc) follow from. */
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

/* ---- the second-level cache ---- */
/* The same in every thread: count is a multiple of the threads, so that all of them read what stands a round further. */
static gkt_status rereads_are_right(device_bench *b, const gkt_scalars *sums, gkt_size count, int rounds) {
  gkt_scalar first[THREADS];
  GKT_TRY(gkt_device_download(b->device, sums->at, first, sizeof first));
  for (int i = 0; i < THREADS; i++) {
    double sum = 0;
    gkt_size at = i;
    for (int k = 0; k < rounds; k++, at = (at + sums->count) % count) sum += (double)(at % 1024);
    if (first[i] != sum) return gkt_fail(b->ctx, GKT_INTERNAL, "thread %d summed %.17g, expected %.17g", i, first[i], sum);
  }
  return GKT_OK;
}

/* As many bytes as half of the cache, at most 16 MB. */
gkt_status check_l2(device_bench *b) {
  const gkt_device_info *info = gkt_device_get_info(b->device);
  const gkt_size blocks = b->emulated ? 2 : 8 * (gkt_size)info->num_processors, threads = blocks * THREADS;
  const gkt_size fit = (info->l2_bytes / 2 < 16 << 20 ? info->l2_bytes / 2 : 16 << 20) / 8, count = b->emulated ? 4 * threads : fit / threads * threads;
  const int rounds = b->emulated ? 10 : 2048;
  gkt_device_module *module = NULL;
  gkt_scalars from = {0}, sums = {0};
  gkt_scalar *host = NULL;
  double seconds;
  gkt_status status;
  GKT_GO(gkt_alloc(b->ctx, count, sizeof *host, &host));
  for (gkt_size i = 0; i < count; i++) host[i] = (double)(i % 1024);
  GKT_GO(gkt_device_compile_parts(b->device, rate_text, &module));
  GKT_GO(gkt_device_send(b->device, host, count, sizeof *host, "numbers to read", &from));
  GKT_GO(gkt_device_alloc(b->device, threads, sizeof *host, "sums", &sums));
  const gkt_reread_arguments arguments = {.from = from.at, .sums = sums.at, .count = count, .rounds = rounds};
  const gkt_launch launch = {.kernel = "gkt_reread_rate", .blocks = blocks, .threads = THREADS};
  GKT_GO(device_bench_time(b, queue, &(queued){b, module, &launch, &arguments, sizeof arguments}, &seconds));
  device_bench_set(b, "bytes_held", 8.0 * (double)count);
  device_bench_set_rate(b, "bytes_per_second", 8.0 * (double)threads * rounds / seconds);
  GKT_GO(rereads_are_right(b, &sums, count, rounds));
done:
  gkt_device_free(b->device, &from);
  gkt_device_free(b->device, &sums);
  gkt_device_module_destroy(&module);
  gkt_free(&host);
  return status;
}

/* ---- arithmetic ---- */
static gkt_status work(device_bench *b, gkt_device_module *module, const char *kernel, const char *key, const gkt_scalars *results) {
  const gkt_work_arguments arguments = {.results = results->at, .rounds = b->emulated ? 20 : 65536, .factor = 1, .add = 1};
  const gkt_launch launch = {.kernel = kernel, .blocks = results->count / THREADS, .threads = THREADS};
  gkt_scalar first[THREADS];
  double seconds;
  GKT_TRY(device_bench_time(b, queue, &(queued){b, module, &launch, &arguments, sizeof arguments}, &seconds));
  device_bench_set_rate(b, key, (double)results->count * GKT_RATE_CHAINS * arguments.rounds / seconds);
  GKT_TRY(gkt_device_download(b->device, results->at, first, sizeof first));
  for (int i = 0; i < THREADS; i++) { /* integers below 2^24 */
    const double expected = GKT_RATE_CHAINS * ((double)i + arguments.rounds) + GKT_RATE_CHAINS * (GKT_RATE_CHAINS - 1) / 2;
    if (first[i] != expected) return gkt_fail(b->ctx, GKT_INTERNAL, "%s: thread %d has %.17g, expected %.17g", kernel, i, first[i], expected);
  }
  return GKT_OK;
}

gkt_status check_work(device_bench *b) {
  gkt_device_module *module = NULL;
  gkt_scalars results = {0};
  gkt_status status;
  GKT_GO(gkt_device_compile_parts(b->device, rate_text, &module));
  GKT_GO(gkt_device_alloc(b->device, (b->emulated ? 1 : 8 * (gkt_size)gkt_device_get_info(b->device)->num_processors) * THREADS, sizeof(gkt_scalar), "results", &results));
  GKT_GO(work(b, module, "gkt_fp64_rate", "fp64_per_second", &results));
  GKT_GO(work(b, module, "gkt_issue_rate", "instructions_per_second", &results));
done:
  gkt_device_free(b->device, &results);
  gkt_device_module_destroy(&module);
  return status;
}

/* ---- launches that do nothing ---- */
enum { LAUNCHES = 500 };
static gkt_status queue_many(void *user) {
  for (int i = 0; i < LAUNCHES; i++) GKT_TRY(queue(user));
  return GKT_OK;
}

typedef struct {
  device_bench *b;
  gkt_recording *recording;
} replayed;
static gkt_status replay(void *user) {
  const replayed *r = user;
  return gkt_device_replay(r->b->device, r->recording);
}

gkt_status check_launches(device_bench *b) {
  const gkt_work_arguments arguments = {.rounds = 0};
  const gkt_launch launch = {.kernel = "gkt_nothing", .blocks = 1, .threads = 32};
  gkt_device_module *module = NULL;
  gkt_recording *recording = NULL;
  double alone, recorded;
  gkt_status status;
  GKT_GO(gkt_device_compile_parts(b->device, rate_text, &module));
  queued all = {b, module, &launch, &arguments, sizeof arguments};
  GKT_GO(device_bench_time(b, queue_many, &all, &alone));
  GKT_GO(gkt_device_record(b->device, queue_many, &all, &recording));
  GKT_GO(device_bench_time(b, replay, &(replayed){b, recording}, &recorded));
  device_bench_set_rate(b, "seconds_per_launch", alone / LAUNCHES);
  device_bench_set_rate(b, "seconds_per_recorded_launch", recorded / LAUNCHES);
done:
  gkt_recording_destroy(&recording);
  gkt_device_module_destroy(&module);
  return status;
}
