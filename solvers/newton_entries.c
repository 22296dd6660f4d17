/* What is asked of all entries of vectors at once. */
#include <float.h>
#include <math.h>

#include "solvers/newton_device.h"

gkt_status gkt_newton_snap(gkt_newton *s) {
  if (s->device) return gkt_newton_device_snap(s);
  const gkt_scalar *target = gkt_vector_read(s->target), *kept = gkt_vector_read(s->kept);
  gkt_scalar *u = gkt_vector_values(s->u);
  s->arrived = true;
  for (gkt_idx i = 0; i < s->n; i++) {
    if (gkt_newton_is_free(s, i) || u[i] == target[i]) continue;
    if (fabs(u[i] - target[i]) <= 4 * DBL_EPSILON * fmax(fabs(target[i]), fabs(kept[i]))) u[i] = target[i];
    else s->arrived = false;
  }
  return GKT_OK;
}

gkt_status gkt_newton_rows_are_rounding(gkt_newton *s, bool *out) {
  if (s->device) return gkt_newton_device_rounding(s, out);
  const gkt_scalar *f = gkt_vector_read(s->f), *row = gkt_vector_read(s->row), *careful = gkt_vector_read(s->careful_row);
  *out = true;
  for (gkt_idx i = 0; i < s->n && *out; i++) *out = fabs(f[i]) <= 10 * DBL_EPSILON * fmax(row[i], s->careful > 0 ? careful[i] : 0); /* 0 on constrained dofs */
  return GKT_OK;
}
