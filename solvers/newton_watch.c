/* The watchdog (Chamberlain, Powell, Lemarechal and Pedersen 1982, Math. Programming Study 16, 1-17): a full step that fails its test is taken all the same, on trial, and so are a
   few more. If that leads to where the test would have been met from the start, a narrow bend was cut: a slender body that turns must stretch for one step, along an arc no step is
   long. If not, Newton's method returns to where it left and searches there; each return makes the next leave wait longer. */
#include <math.h>

#include "solvers/newton.h"

enum { ON_TRIAL = 8 };

bool gkt_newton_may_leave(const gkt_newton *s) { return s->watch.steps == 0 && s->watch.rest == 0; }

void gkt_newton_leave(gkt_newton *s, const gkt_newton_mark *from) {
  gkt_vector_copy(s->u, s->watch.u);
  gkt_vector_copy(s->d, s->watch.d);
  gkt_vector_copy(s->f, s->watch.f);
  s->watch.t = s->t, s->watch.dt = s->dt;
  s->watch.from = *from, s->watch.norm = s->norm, s->watch.arrived = s->arrived;
  s->watch.steps = 1, s->watch.longest = fmax(s->lengths[0], fmax(s->lengths[1], s->lengths[2]));
  gkt_newton_accept(s, 1);
}

/* Corrections that grow lead nowhere: full steps for atan(u) do from 1.4 on. Around a bend short ones alternate with long ones. */
gkt_status gkt_newton_go_on(gkt_newton *s) {
  if (s->watch.steps >= ON_TRIAL || s->lengths[0] > 4 * s->watch.longest) return GKT_OK;
  GKT_TRY(gkt_newton_try(s, 1));
  if (!isfinite(s->trial_norm)) return GKT_OK;
  s->watch.steps++;
  gkt_newton_accept(s, 1);
  return GKT_OK;
}

void gkt_newton_return(gkt_newton *s) {
  gkt_vector_copy(s->watch.u, s->u);
  gkt_vector_copy(s->watch.d, s->d);
  gkt_vector_copy(s->watch.f, s->f);
  if (s->system->path) s->t = s->watch.t, s->dt = s->watch.dt, gkt_mask_take(&s->constrained, s->u, s->target);
  s->norm = s->watch.norm, s->arrived = s->watch.arrived, s->prepared = s->has_next = false;
  s->watch.steps = 0;
  s->watch.penalty = s->watch.penalty ? 2 * s->watch.penalty : 4;
  s->watch.rest = s->watch.penalty;
}
