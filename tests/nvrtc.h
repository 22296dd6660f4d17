/* NVRTC in tests: what compiles without a GPU, where the library is found. */
#ifndef GKT_TESTS_NVRTC_H
#define GKT_TESTS_NVRTC_H
#include <stdlib.h>

#include "core/device.h"

/* What kernels are compiled for: sm_90, with GKT_LONG=1 sm_80 and sm_100 as well. */
static const int nvrtc_architectures[] = {90, 80, 100};
static inline int nvrtc_num_architectures(void) { return getenv("GKT_LONG") ? 3 : 1; }

static inline bool nvrtc_is_found(void) {
  char why[256];
  return gkt_library_open("nvrtc", sizeof why, why) != NULL;
}

/* The text of kernels for sm_90, in the context's cache. False: it is refused, the context says why. */
static inline bool nvrtc_compiles(gkt_context *context, const char *source) {
  gkt_kernel_info *infos = NULL;
  int count;
  gkt_status status = gkt_device_inspect(context, source, 90, &count, &infos);
  gkt_free(&infos);
  return status == GKT_OK;
}
#endif
