/* galerkit-bench-device: what only a device can show, measured with the library's inside. A check prints one JSON object; on the emulated device it is small, and has no rates. */
#ifndef GKT_BENCH_DEVICE_H
#define GKT_BENCH_DEVICE_H
#include <jansson.h>

#include "core/device.h"

typedef struct {
  gkt_context *ctx;
  gkt_device *device;
  bool emulated;
  json_t *out; /* the object of this check */
} device_bench;
typedef struct {
  const char *name, *about;
  gkt_status (*run)(device_bench *);
} device_check;
extern const device_check device_checks[];
extern const int num_device_checks;

gkt_status check_copy(device_bench *);   /* rates.c */
gkt_status check_gather(device_bench *); /* rates.c */

/* The best of some repetitions; body queues launches only. On the emulated device once, and *seconds is 0. */
gkt_status device_bench_time(device_bench *, gkt_status (*body)(void *user), void *user, double *seconds) GKT_MUST_CHECK;
void device_bench_set(device_bench *, const char *key, double value);      /* null where it is not finite */
void device_bench_set_rate(device_bench *, const char *key, double value); /* null on the emulated device: it has none */
#endif
