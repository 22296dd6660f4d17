/* Which entries of vectors stand apart, as constrained dofs do. Host logic of mask.cu. */
#ifndef GKT_CORE_MASK_H
#define GKT_CORE_MASK_H
#include "core/device.h"
#include "galerkit/vector.h"

typedef struct {
  const bool *skip; /* [size of the vectors], borrowed; NULL: none */
  gkt_device *device;
  gkt_bytes at; /* the same on the device; empty: the vectors stand on the host, or there is none */
} gkt_mask;
gkt_status gkt_mask_create(gkt_context *, gkt_where, gkt_idx size, const bool *skip, gkt_mask *out) GKT_MUST_CHECK;
void gkt_mask_destroy(gkt_mask *); /* zeroed is fine */

/* Of vectors where the mask is. A failure of a device is returned by its next call with a status. */
void gkt_mask_zero(const gkt_mask *, gkt_vector *y);                      /* y = 0 there */
void gkt_mask_take(const gkt_mask *, const gkt_vector *x, gkt_vector *y); /* y = x there */
#endif
