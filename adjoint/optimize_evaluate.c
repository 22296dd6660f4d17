/* Evaluations, each once where it is asked for twice. */
#include <string.h>

#include "adjoint/optimize.h"

static bool is_here(const gkt_optimization *s, const gkt_scalar *x) { return s->has_value && !memcmp(s->at, x, (size_t)s->n * sizeof *x); }

static gkt_status find_residuals(gkt_optimization *s, const gkt_scalar *x) {
  const gkt_size count = s->problem->num_residuals;
  gkt_scalar *r = s->residuals;
  memset(r, 0, (size_t)count * sizeof *r);
  GKT_TRY(s->problem->residual(s->problem->user, x, r));
  s->value = 0;
  for (gkt_size i = 0; i < count; i++) s->value += 0.5 * r[i] * r[i];
  return GKT_OK;
}

void gkt_optimize_find_rows(gkt_optimization *s) {
  for (int k = 0; k < s->num_rows; k++) s->g[k] = (s->rows[k].sign * s->constraints[s->rows[k].constraint] - s->rows[k].limit) / s->rows[k].size;
}

gkt_status gkt_optimize_evaluate(gkt_optimization *s, const gkt_scalar *x) {
  if (is_here(s, x)) return GKT_OK;
  memmove(s->at, x, (size_t)s->n * sizeof *x);
  s->has_value = s->has_gradient = false;
  s->report->evaluations++;
  if (s->residuals) GKT_TRY(find_residuals(s, s->at));
  else GKT_TRY(s->problem->value(s->problem->user, s->at, &s->value, s->constraints));
  gkt_optimize_find_rows(s);
  s->has_value = true;
  if (!gkt_optimize_is_finite(s)) s->report->num_beyond++;
  return GKT_OK;
}

bool gkt_optimize_is_finite(const gkt_optimization *s) {
  const int m = s->problem->num_constraints;
  return isfinite(s->value) && gkt_is_finite(m, s->constraints) && (!s->has_gradient || (gkt_is_finite(s->n, s->gradient) && gkt_is_finite(m * s->n, s->jacobian)));
}

gkt_status gkt_optimize_differentiate(gkt_optimization *s, const gkt_scalar *x) {
  GKT_TRY(gkt_optimize_evaluate(s, x));
  if (s->has_gradient) return GKT_OK;
  memset(s->gradient, 0, (size_t)s->n * sizeof *s->gradient);
  memset(s->jacobian, 0, (size_t)s->n * (size_t)s->problem->num_constraints * sizeof *s->jacobian);
  if (!gkt_optimize_is_finite(s)) return GKT_OK;
  s->report->gradients++;
  if (s->residuals) GKT_TRY(s->problem->transposed(s->problem->user, s->at, s->residuals, s->gradient));
  else GKT_TRY(s->problem->gradient(s->problem->user, s->at, s->gradient, s->jacobian));
  s->has_gradient = true;
  if (!gkt_optimize_is_finite(s)) s->report->num_beyond++;
  return GKT_OK;
}
