/* Entries that stand apart. */
#include "core/mask.h"

void gkt_mask_zero(gkt_mask mask, gkt_vector *y) {
  gkt_scalar *values = gkt_vector_values(y);
  for (gkt_idx i = 0; mask.skip && i < gkt_vector_size(y); i++)
    if (mask.skip[i]) values[i] = 0;
}

void gkt_mask_take(gkt_mask mask, const gkt_vector *x, gkt_vector *y) {
  const gkt_scalar *from = gkt_vector_read(x);
  gkt_scalar *values = gkt_vector_values(y);
  for (gkt_idx i = 0; mask.skip && i < gkt_vector_size(y); i++)
    if (mask.skip[i]) values[i] = from[i];
}
