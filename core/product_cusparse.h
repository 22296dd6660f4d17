/* y = A x by NVIDIA's library, opened at run time. */
#ifndef GKT_CORE_PRODUCT_CUSPARSE_H
#define GKT_CORE_PRODUCT_CUSPARSE_H
#include "core/device.h"

typedef struct gkt_cusparse gkt_cusparse;
/* A stands on the device and outlives. GKT_UNAVAILABLE: the device is none of CUDA's, or the library is not found. */
gkt_status gkt_cusparse_create(gkt_context *, gkt_device *, const gkt_csr *A, gkt_idx num_entries, gkt_cusparse **out) GKT_MUST_CHECK;
void gkt_cusparse_destroy(gkt_cusparse **); /* NULL is fine */
gkt_status gkt_cusparse_apply(const gkt_cusparse *, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
#endif
