/* Simplified Newton steps (Deuflhard 2011, section 2.1.2): corrections by the factor that is there. The natural test has computed the first of them; near the solution, as from one
   step in time to the next, each is a fixed part of the one before, and costs a residual and a solve where another tangent would be assembled and factorized. */
#include <math.h>

#include "solvers/linear.h"
#include "solvers/newton.h"

enum { MOST = 10 };
static const double PART = 0.1; /* a digit for a solve; less, and another tangent is worth its factor */

static bool has_factor(const gkt_newton *s) {
  const gkt_linear_solver *linear = s->linear ? gkt_linear_solver_on_host(s->linear) : NULL;
  return linear && linear->choice.direct;
}

/* From u along next, if that lessens the residual as the corrections promise; then next is the one after it. */
static gkt_status go_on(gkt_newton *s, double *length, bool *on) {
  const double now = gkt_newton_path_length(s, s->next, s->next_dt);
  *on = now <= PART * *length;
  if (!*on) return GKT_OK;
  gkt_vector_copy(s->next, s->d);
  s->dt = s->next_dt;
  GKT_TRY(gkt_newton_try(s, 1));
  *on = isfinite(s->trial_norm) && s->trial_norm <= 2 * PART * s->norm;
  if (!*on) return GKT_OK;
  gkt_newton_accept(s, 1);
  *length = now;
  if (gkt_newton_ends(s, 1)) return *on = false, GKT_OK;
  return gkt_newton_simplified(s, 1, on);
}

gkt_status gkt_newton_follow(gkt_newton *s, double length) {
  bool on = s->asked.simplified && has_factor(s);
  if (!on) return GKT_OK;
  for (int k = 0; k < MOST && on && !s->over; k++) GKT_TRY(go_on(s, &length, &on));
  s->has_next = false; /* of a step that is no longer the last one */
  return GKT_OK;
}
