/* A matrix of the host, copied to the device. */
#ifndef GKT_TESTS_DEVICE_CSR_H
#define GKT_TESTS_DEVICE_CSR_H
#include "core/core.h"
#include "core/device.h"

typedef struct {
  gkt_csr csr; /* on the device */
  gkt_device *device;
  gkt_indices offsets, cols;
  gkt_scalars vals;
} device_csr;
static inline gkt_status device_csr_create(gkt_context *context, const gkt_csr *A, device_csr *out) {
  gkt_idx entries = A->row_offsets[A->num_rows];
  *out = (device_csr){.csr = *A};
  GKT_TRY(gkt_device_open(context, &out->device));
  GKT_TRY(gkt_device_send(out->device, A->row_offsets, (gkt_size)A->num_rows + 1, sizeof(gkt_idx), "offsets", &out->offsets));
  GKT_TRY(gkt_device_send(out->device, A->cols, entries, sizeof(gkt_idx), "columns", &out->cols));
  GKT_TRY(gkt_device_send(out->device, A->vals, entries, sizeof(gkt_scalar), "values", &out->vals));
  out->csr.row_offsets = out->offsets.at, out->csr.cols = out->cols.at, out->csr.vals = out->vals.at, out->csr.where = GKT_ON_DEVICE;
  return GKT_OK;
}
static inline void device_csr_destroy(device_csr *d) {
  if (!d->device) return;
  gkt_device_free(d->device, &d->offsets);
  gkt_device_free(d->device, &d->cols);
  gkt_device_free(d->device, &d->vals);
}
#endif
