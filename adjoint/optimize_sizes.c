/* What violations of a limit of 0 are measured by, as limits tell nothing of it: the constraint at the start and the part of it that its variables make, c'(x) x, so that
   "u - 8e-5 <= 0" is measured as u <= 8e-5 would be. Where both are rounding beside what the bounds let it change: a thousandth of that. */
#include "adjoint/optimize.h"

static double size_of(const gkt_optimization *s, int constraint) {
  const gkt_scalar *slope = s->jacobian + constraint * s->n;
  double part = 0, change = 0;
  for (gkt_size i = 0; i < s->n; i++) {
    const double width = s->upper[i] - s->lower[i];
    part += fabs(slope[i] * s->x[i]);
    if (isfinite(width)) change += fabs(slope[i]) * width;
  }
  const double here = fmax(fabs(s->constraints[constraint]), part);
  if (here > 1e-9 * change && isfinite(here)) return here;
  return change > 0 && isfinite(change) ? 1e-3 * change : 1;
}

gkt_status gkt_optimize_find_sizes(gkt_optimization *s) {
  for (int k = 0; k < s->num_rows; k++) {
    gkt_optimize_row *row = &s->rows[k];
    if (s->sizes[k] == 0 && row->limit != 0) s->sizes[k] = fabs(row->limit);
    if (s->sizes[k] == 0) {
      GKT_TRY(gkt_optimize_differentiate(s, s->x));
      s->sizes[k] = size_of(s, row->constraint);
    }
    row->size = s->sizes[k];
  }
  gkt_optimize_find_rows(s);
  return GKT_OK;
}
