/* Is a form solved, and not only its system: judge_form.c on the device. */
#include "systems/judge_arguments.h"

#define GKT_ROW ((gkt_size)blockIdx.x * 256 + threadIdx.x)

/* The signs of the bits of a counter, as on the host. */
GKT_KERNEL(256) gkt_judge_noise(const gkt_judge_noise_arguments GKT_BY_VALUE a) {
  gkt_size i = a.first + GKT_ROW;
  if (i < a.end) a.out[i] = ((unsigned)i * 2654435761u) >> 31 ? a.most : -a.most;
}

GKT_KERNEL(256) gkt_judge_rows(const gkt_judge_rows_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_ROW;
  if (i >= a.num_rows) return;
  const gkt_scalar b = a.b ? a.b[i] : 0;
  gkt_scalar image = 0, size = fabs(b);
  for (gkt_idx k = a.offsets[i]; k < a.offsets[i + 1]; k++) {
    gkt_scalar product = a.vals[k] * a.v[a.cols[k]];
    image += product;
    size += fabs(product);
  }
  a.size[i] = size;
  if (a.image) a.image[i] = image;
  if (a.r) a.mismatch[i] = size > 0 ? fabs(a.r[i] + b - image) / size : 0;
}
