/* Derivatives that are not finite where the functional is, as of a root at 0: told of as what they are. */
#include <math.h>

#include "adjoint/adjoint.h"
#include "core/core.h"

static void refuse(gkt_solve_report *report, const char *what, const char *name) {
  report->valid = false;
  snprintf(report->reason, sizeof report->reason, "the derivative of %s by '%.200s' is not finite at the solution", what, name);
}

gkt_status gkt_adjoint_check_weights(const gkt_functional *f, gkt_solve_report *report) {
  double weight;
  report->valid = true;
  for (int i = 0; i < f->num_parts && report->valid; i++) {
    GKT_TRY(gkt_functional_weight(f, i, &weight));
    if (!isfinite(weight)) refuse(report, "the functional", f->outer->scope->constants[f->places[i]]);
  }
  for (int i = 0; i < f->a->num_controls && report->valid; i++) {
    GKT_TRY(gkt_functional_slope(f, &f->a->controls[i], &weight));
    if (!isfinite(weight)) refuse(report, "the functional", f->a->controls[i].name);
  }
  return GKT_OK;
}

void gkt_adjoint_check_finite(const gkt_adjoint *a, const char *what, gkt_scalar *const *values, gkt_solve_report *report) {
  for (int i = 0; i < a->num_controls && report->valid; i++)
    if (values[i] && !gkt_is_finite(a->controls[i].size, values[i])) refuse(report, what, a->controls[i].name);
}
