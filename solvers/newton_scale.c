/* What the system is asked for, in units in which the first right-hand side is near 1 where it is far from that: PETSc's lengths are sums of squares, which overflow above 1e154
   and vanish below 1e-154. The factor is a power of two, so no digit changes. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "solvers/newton.h"

enum { FAR = 300, FARTHEST = 1000 }; /* exponents of two: squares of what is nearer do not overflow; powers that are normal numbers */

static void scale(double factor, gkt_size n, gkt_scalar *v) {
  for (gkt_size i = 0; i < n && factor != 1; i++) v[i] *= factor;
}

gkt_status gkt_newton_ask_residual(gkt_newton *s, const gkt_scalar *u, gkt_scalar *r) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->residual(s->system->user, u, r));
  scale(s->factor, s->n, r);
  return status;
}

gkt_status gkt_newton_ask_tangent(gkt_newton *s) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->tangent(s->system->user, s->u, s->A));
  scale(s->factor, s->A->row_offsets[s->n], s->A->vals);
  return status;
}

gkt_status gkt_newton_ask_magnitude(gkt_newton *s, const gkt_scalar *u, gkt_scalar *m) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->magnitude(s->system->user, u, m));
  scale(s->factor, s->n, m);
  return status;
}

gkt_status gkt_newton_ask_energy(gkt_newton *s, const gkt_scalar *u, double *energy) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->energy(s->system->user, u, energy));
  *energy *= s->factor;
  return status;
}

gkt_status gkt_newton_scale_once(gkt_newton *s) {
  double size = s->arrived ? s->norm : gkt_newton_norm(s, s->b);
  if (s->is_scaled || !(size > 0) || !isfinite(size)) return GKT_OK;
  s->is_scaled = true;
  int exponent = ilogb(size);
  if (abs(exponent) < FAR) return GKT_OK;
  s->factor = scalbn(1, exponent > FARTHEST ? -FARTHEST : exponent < -FARTHEST ? FARTHEST : -exponent);
  scale(s->factor, s->n, s->f), scale(s->factor, s->n, s->start_residual);
  s->norm *= s->factor, s->asked.atol *= s->factor;
  s->prepared = false;
  return s->arrived ? GKT_OK : gkt_newton_prepare(s);
}

void gkt_newton_scale_back(gkt_newton *s) {
  for (int i = 0; i < s->report->num_history; i++) s->report->history[i] /= s->factor;
  s->report->first /= s->factor;
}
