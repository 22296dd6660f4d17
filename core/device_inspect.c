/* What a compiler made of kernels, without a device. */
#include "core/cubin.h"
#include "core/device_inside.h"

gkt_status gkt_device_inspect(gkt_context *ctx, const char *source, int architecture, int *count, gkt_kernel_info **out) {
  const char *const parts[] = {source, NULL};
  gkt_cubin_kernel *kernels = NULL;
  gkt_kernel_info *infos = NULL;
  char *image = NULL;
  size_t bytes;
  int num;
  gkt_status status;
  GKT_GO(gkt_device_image(ctx, gkt_driver_cuda(), architecture, parts, &image, &bytes));
  GKT_GO(gkt_cubin_read(ctx, image, (gkt_size)bytes, &num, &kernels));
  GKT_GO(gkt_alloc(ctx, num, sizeof *infos, &infos));
  for (int k = 0; k < num; k++) infos[k] = kernels[k].info;
  *count = num, *out = infos;
done:
  gkt_free(&kernels);
  gkt_free(&image);
  return status;
}
