/* galerkit-bench-device: what only a device can show, measured with the library's inside. A check prints one JSON object; on the emulated device it is small, and has no rates. */
#ifndef GKT_BENCH_DEVICE_H
#define GKT_BENCH_DEVICE_H
#include <jansson.h>

#include "core/device.h"
#include "galerkit/problem.h"
#include "galerkit/system.h"

typedef struct {
  gkt_context *ctx;
  gkt_device *device;
  bool emulated;
  int side;    /* cells along a side, asked for; 0: those of the form */
  json_t *out; /* the object of this check */
} device_bench;
typedef struct {
  const char *name, *about;
  gkt_status (*run)(device_bench *);
} device_check;
extern const device_check device_checks[];
extern const int num_device_checks;

gkt_status check_copy(device_bench *);     /* rates.c */
gkt_status check_gather(device_bench *);   /* rates.c */
gkt_status check_l2(device_bench *);       /* rates.c */
gkt_status check_work(device_bench *);     /* rates.c */
gkt_status check_launches(device_bench *); /* rates.c */
gkt_status check_fused(device_bench *);    /* fused.c */
gkt_status check_assembly(device_bench *); /* assembly.c */
gkt_status check_bits(device_bench *);     /* bits.c */
gkt_status check_spmv(device_bench *);     /* products.c */
gkt_status check_cg(device_bench *);       /* products.c */

/* ---- forms on a cube, and what is assembled of them (forms.c) ---- */
typedef struct {
  const char *name, *text; /* after the cells of the box */
  int small, large;        /* cells along a side: emulated, GPU */
} device_form;
extern const device_form device_forms[];
extern const int num_device_forms;
const device_form *device_form_find(const char *name);
typedef struct {
  gkt_context *ctx;
  gkt_problem *problem;
  gkt_csr *matrix; /* tangent and residual at sin(1 + c + x + 2 y + 3 z) */
  gkt_vector *residual;
} assembled;
gkt_status assembled_make(const device_form *, int cells_per_side, const gkt_context_options *, assembled *out) GKT_MUST_CHECK; /* the message is that of out->ctx */
void assembled_clear(assembled *);

/* Cells along a side: asked for, or by the device. */
static inline int device_bench_side(const device_bench *b, int small, int large) { return b->side ? b->side : b->emulated ? small : large; }
/* The best of some repetitions; body queues launches only. On the emulated device once, and *seconds is 0. */
gkt_status device_bench_time(device_bench *, gkt_status (*body)(void *user), void *user, double *seconds) GKT_MUST_CHECK;
void device_bench_set(device_bench *, const char *key, double value);      /* null where it is not finite */
void device_bench_set_rate(device_bench *, const char *key, double value); /* null on the emulated device: it has none */
#endif
