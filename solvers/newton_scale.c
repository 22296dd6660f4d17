/* What the system is asked for, in units in which the first right-hand side is near 1 where it is far from that: PETSc's lengths are sums of squares, which overflow above 1e154
   and vanish below 1e-154. The factor is a power of two, so no digit changes. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "solvers/newton.h"

enum { FAR = 300, FARTHEST = 1000 }; /* exponents of two: squares of what is nearer do not overflow; powers that are normal numbers */

static void scale(const gkt_newton *s, gkt_vector *v) {
  if (s->factor != 1) gkt_vector_scale(v, s->factor);
}

gkt_status gkt_newton_ask_residual(gkt_newton *s, const gkt_vector *u, gkt_vector *r) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->residual(s->system->user, u, r));
  scale(s, r);
  return status;
}

gkt_status gkt_newton_ask_tangent(gkt_newton *s) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->tangent(s->system->user, s->u, s->A));
  return status == GKT_OK ? gkt_newton_scale_tangent(s) : status;
}

gkt_status gkt_newton_ask_elimination(gkt_newton *s) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->eliminate(s->system->user, s->A));
  return status;
}

gkt_status gkt_newton_ask_magnitude(gkt_newton *s, const gkt_vector *u, gkt_vector *m) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->magnitude(s->system->user, u, m));
  scale(s, m);
  return status;
}

gkt_status gkt_newton_ask_energy(gkt_newton *s, const gkt_vector *u, double *energy) {
  gkt_status status;
  GKT_OUTSIDE(s, status = s->system->energy(s->system->user, u, energy));
  *energy *= s->factor;
  return status;
}

gkt_status gkt_newton_scale_once(gkt_newton *s) {
  double size = s->arrived ? s->norm : gkt_vector_norm(s->b);
  if (s->is_scaled || !(size > 0) || !isfinite(size)) return GKT_OK;
  s->is_scaled = true;
  int exponent = ilogb(size);
  if (abs(exponent) < FAR) return GKT_OK;
  s->factor = scalbn(1, exponent > FARTHEST ? -FARTHEST : exponent < -FARTHEST ? FARTHEST : -exponent);
  scale(s, s->f), scale(s, s->start_residual);
  s->norm *= s->factor, s->asked.atol *= s->factor;
  s->prepared = false;
  return s->arrived ? GKT_OK : gkt_newton_prepare(s);
}

void gkt_newton_scale_back(gkt_newton *s) {
  for (int i = 0; i < s->report->num_history; i++) s->report->history[i] /= s->factor;
  s->report->first /= s->factor;
}
