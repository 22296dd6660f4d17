/* Lengths of vectors and what else every stage asks of one. */
#include "core/core.h"

double gkt_norm(gkt_idx n, const gkt_scalar *v, const bool *skip) {
  gkt_length length = {0, 0};
  for (gkt_idx i = 0; i < n; i++)
    if (!(skip && skip[i])) gkt_length_add(&length, v[i]);
  return gkt_length_value(&length);
}

bool gkt_is_finite(gkt_size n, const gkt_scalar *v) {
  for (gkt_size i = 0; i < n; i++)
    if (!isfinite(v[i])) return false;
  return true;
}
