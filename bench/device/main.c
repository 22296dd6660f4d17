/* galerkit-bench-device [--side N] CHECK..: each prints its JSON object, one a line, with the device it ran on. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/device/device_bench.h"

/* What every kernel is launched on; what is read elsewhere as well is not repeated. */
static gkt_status check_device(device_bench *b) {
  const gkt_device_info *i = gkt_device_get_info(b->device);
  device_bench_set(b, "architecture", i->architecture);
  device_bench_set(b, "processors", i->num_processors);
  device_bench_set(b, "memory_bytes", (double)i->memory_bytes);
  device_bench_set(b, "free_bytes", (double)i->free_bytes);
  device_bench_set(b, "l2_bytes", (double)i->l2_bytes);
  device_bench_set(b, "shared_bytes", (double)i->shared_bytes);
  device_bench_set(b, "block_shared_bytes", (double)i->block_shared_bytes);
  device_bench_set(b, "registers", (double)i->registers);
  return GKT_OK;
}

const device_check device_checks[] = {
    {"device", "what the device is", check_device},
    {"copy", "bytes per second of copies on the device", check_copy},
    {"gather", "reads of shared memory at random places", check_gather},
    {"l2", "bytes per second of the second-level cache", check_l2},
    {"work", "products with sums, of 64 and of 32 bits", check_work},
    {"launches", "launches that do nothing, by themselves and recorded", check_launches},
    {"bits", "matrices and residuals beside the CPU's, bit by bit", check_bits},
    {"assembly", "assembly by the backend, values left on the device", check_assembly},
    {"fused", "the fused kernel by sizes of patches, dealt and not", check_fused},
    {"spmv", "products of matrices on the device with vectors, by layouts", check_spmv},
    {"cg", "iterations of CG with Jacobi", check_cg},
};
const int num_device_checks = sizeof device_checks / sizeof *device_checks;

void device_bench_set(device_bench *b, const char *key, double value) {
  bool counted = value == floor(value) && fabs(value) < 9e15;
  json_object_set_new(b->out, key, !isfinite(value) ? json_null() : counted ? json_integer((json_int_t)value) : json_real(value));
}
void device_bench_set_rate(device_bench *b, const char *key, double value) { device_bench_set(b, key, b->emulated ? NAN : value); }

gkt_status device_bench_time(device_bench *b, gkt_status (*body)(void *user), void *user, double *seconds) {
  const int repetitions = b->emulated ? 1 : 6; /* the first one is not counted */
  *seconds = INFINITY;
  for (int i = 0; i < repetitions; i++) {
    double s;
    GKT_TRY(gkt_device_start_timer(b->device));
    GKT_TRY(body(user));
    GKT_TRY(gkt_device_stop_timer(b->device, &s));
    if (i || b->emulated) *seconds = fmin(*seconds, s);
  }
  return GKT_OK;
}

static int help(void) {
  puts("galerkit-bench-device [--side N] CHECK..: what only a device can show; each check prints a line of JSON, with status 1 where something is wrong;\n"
       "meshes have N cells along a side\n");
  for (int i = 0; i < num_device_checks; i++) printf("  %-8s %s\n", device_checks[i].name, device_checks[i].about);
  return 0;
}

static int print(device_bench *b, const char *error) {
  json_object_set_new(b->out, "error", error ? json_string(error) : json_null());
  char *text = json_dumps(b->out, JSON_COMPACT | JSON_REAL_PRECISION(9));
  const int printed = text ? puts(text) : EOF;
  free(text);
  json_decref(b->out);
  return error || printed == EOF || fflush(stdout) ? 1 : 0;
}

static int run(gkt_context *ctx, const device_check *check, int side) {
  device_bench b = {.ctx = ctx, .side = side, .out = json_object()};
  gkt_status status;
  json_object_set_new(b.out, "check", json_string(check->name));
  GKT_GO(gkt_device_open(ctx, &b.device));
  b.emulated = strcmp(gkt_device_kind(b.device), "emulated") == 0;
  json_object_set_new(b.out, "device", json_string(gkt_device_get_info(b.device)->name));
  json_object_set_new(b.out, "emulated", json_boolean(b.emulated));
  GKT_GO(check->run(&b));
done:;
  const int code = print(&b, status ? gkt_context_message(ctx) : NULL);
  gkt_context_clear(ctx);
  return code;
}

static int run_named(gkt_context *ctx, const char *name, int side) {
  for (int k = 0; k < num_device_checks; k++)
    if (!strcmp(name, device_checks[k].name)) return run(ctx, &device_checks[k], side);
  fprintf(stderr, "galerkit-bench-device: %s: unknown; see --help\n", name);
  return 2;
}

int main(int argc, char **argv) {
  gkt_context *ctx = NULL;
  int code = 0, side = 0;
  if (argc < 2 || !strcmp(argv[1], "--help")) return help();
  if (gkt_context_create(NULL, &ctx)) return 1;
  for (int i = 1; i < argc; i++)
    if (!strcmp(argv[i], "--side") && i + 1 < argc) side = atoi(argv[++i]);
    else code |= run_named(ctx, argv[i], side);
  gkt_context_destroy(&ctx);
  return code;
}
