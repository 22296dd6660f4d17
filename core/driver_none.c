/* CUDA's driver of a build without its toolkit: there is no device, and this is why. Kernels compile where NVRTC is found. */
#include "core/nvrtc.h"

static const char reason[] = "this build of Galerkit has no CUDA: configure it where the toolkit (headers and libcudart_static.a) is found, with -DGKT_CUDA=ON";

static int count(int *out) { return *out = 0, 1; }
static void describe(int number, gkt_device_info *out) {
  (void)number;
  *out = (gkt_device_info){.name = "cuda"};
  snprintf(out->why, sizeof out->why, "%s", reason);
}
static const char *text(int error) { return error ? reason : ""; }

const gkt_driver *gkt_driver_cuda(void) {
  static const gkt_driver none = {
      .name = "cuda", .count = count, .describe = describe, .text = text, .prelude = gkt_device_prelude, .identify = gkt_nvrtc_identify, .compile = gkt_nvrtc_compile};
  return &none;
}
