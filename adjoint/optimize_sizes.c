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

/* How far variable i may be expected to go: as its bounds allow or, where these are none or too far apart to tell, by as much as is there. */
static double size_of_variable(const gkt_optimization *s, gkt_size i) {
  const double width = s->upper[i] - s->lower[i], here = fabs(s->x[i]);
  return isfinite(width) && (here == 0 || width <= 100 * here) ? width : here;
}

double gkt_optimize_length(const gkt_optimization *s) {
  gkt_length sizes = {0};
  for (gkt_size i = 0; i < s->n; i++) gkt_length_add(&sizes, sqrt(gkt_optimize_weight(s, i)) * size_of_variable(s, i));
  const double length = gkt_length_value(&sizes);
  return length > 0 && isfinite(length) ? length : 1;
}

gkt_status gkt_optimize_find_unit(gkt_optimization *s, double *unit) {
  gkt_length slopes = {0};
  GKT_TRY(gkt_optimize_differentiate(s, s->x));
  for (gkt_size i = 0; i < s->n; i++) gkt_length_add(&slopes, s->gradient[i] / sqrt(gkt_optimize_weight(s, i)));
  *unit = gkt_power_near(gkt_length_value(&slopes) * s->start_length);
  return GKT_OK;
}
