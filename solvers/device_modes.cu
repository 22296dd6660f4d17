/* Motions that A may map to zero, on the device: modes.c and kernel.c have it for the host. A thread looks at a row. */
#include "solvers/device_modes_arguments.h"

#define GKT_ROW ((gkt_idx)(blockIdx.x * 256 + threadIdx.x))

GKT_FUNCTION bool gkt_is_given(const gkt_device_modes_arguments &a, gkt_idx i) { return a.fixed && a.fixed[i]; }

/* A combination; on free dofs alone, where it is to be a vector of the kernel. */
GKT_KERNEL(256) gkt_modes_combine(const gkt_device_modes_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  gkt_scalar sum = 0;
  for (int k = 0; k < a.count; k++) sum += a.combos[k] * a.plain[(gkt_size)k * a.num_rows + i];
  a.z[i] = a.free_alone && gkt_is_given(a, i) ? 0 : sum;
}

/* What moves a given dof is not in the kernel. */
GKT_KERNEL(256) gkt_modes_image(const gkt_device_modes_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  const bool given = gkt_is_given(a, i), counts = !(given && a.free_alone);
  gkt_scalar sum = 0, size = 0;
  for (gkt_idx k = a.offsets[i]; !given && k < a.offsets[i + 1]; k++) {
    gkt_scalar product = a.vals[k] * a.z[a.cols[k]];
    sum += product;
    size += fabs(product);
  }
  a.image[i] = !counts ? 0 : given ? a.z[i] : a.rows[i] * sum;
  a.size[i] = !counts ? 0 : given ? fabs(a.z[i]) : a.rows[i] * size;
  a.own[i] = counts ? a.z[i] : 0;
}

/* own: 1 where a row says that the combination is none. image, size: as above */
GKT_KERNEL(256) gkt_modes_fail(const gkt_device_modes_arguments GKT_BY_VALUE a) {
  gkt_idx i = GKT_ROW;
  if (i >= a.num_rows) return;
  const gkt_scalar part = a.smallest * a.size[i], most = gkt_is_given(a, i) ? a.smallest : part > a.junk ? part : a.junk;
  a.own[i] = fabs(a.image[i]) > most ? 1 : 0;
}
