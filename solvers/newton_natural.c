/* Acceptance by the natural test with adaptive damping: algorithm NLEQ-ERR of Deuflhard, Newton Methods for Nonlinear Problems (2011), section 3.3. The next correction by the same
   tangent must be shorter than this one. That does not change if the equations are scaled or combined, as residuals do: a slender body that bends must stretch first, and ||F||
   rises by powers of ten where the distance to the solution falls. Constrained dofs take part: theirs are the equations u = g, so conditions arrive under the same test. */
#include <math.h>
#include <omp.h>

#include "solvers/linear.h"
#include "solvers/newton.h"

/* ||next - part d|| */
static double distance(gkt_newton *s, double part) {
  gkt_vector_copy(s->next, s->next_b);
  gkt_vector_axpy(-part, s->d, s->next_b);
  return gkt_newton_path_length(s, s->next_b, s->next_dt - part * s->dt);
}

static double length_of_next(const gkt_newton *s) { return gkt_newton_path_length(s, s->next, s->next_dt); }

/* next: A next = -F(trial) with the tangent of u. Two digits of its length are enough. */
gkt_status gkt_newton_simplified(gkt_newton *s, double lambda, bool *known) {
  gkt_linear_report report = {0};
  double rest = s->arrived ? 0 : 1 - lambda;
  gkt_newton_right_side(s, s->trial_f, rest, s->next_b);
  double rtol = s->linear->asked.rtol;
  gkt_linear_solver_set_rtol(s->linear, fmax(rtol, 1e-3));
  gkt_status status = gkt_newton_correct(s, s->next_b, s->next, &report);
  gkt_linear_solver_set_rtol(s->linear, rtol);
  GKT_TRY(status);
  if (report.cancelled) gkt_newton_cancel(s);
  gkt_vector_copy(s->d, s->next_b);
  gkt_vector_scale(s->next_b, rest);
  gkt_mask_take(&s->constrained, s->next_b, s->next);
  GKT_TRY(gkt_newton_path_turn(s, s->next, &s->next_dt));
  *known = isfinite(length_of_next(s)) && (report.converged || report.residual < 0.5);
  gkt_linear_report_clear(&report);
  return GKT_OK;
}

/* What the last step tells of the curvature on the way of this one. */
static double predict(gkt_newton *s, double now) {
  if (!s->has_next) return 1;
  double change = distance(s, 1);
  return change > 0 ? fmin(1, s->last_lambda * s->last_length * length_of_next(s) / (change * now)) : 1;
}

/* A trial that ends the iteration needs no test, which rounding would decide. */
bool gkt_newton_ends(const gkt_newton *s, double lambda) { return (s->arrived || lambda == 1) && s->trial_norm <= fmax(s->asked.rtol * s->first, s->asked.atol); }

typedef struct {
  double lambda, now; /* ||d|| */
  bool cut;
} gkt_damping;

/* Accepts, or sets the next lambda to try. */
static gkt_status test(gkt_newton *s, gkt_damping *p) {
  bool known = false;
  double lambda = p->lambda, allowed;
  GKT_TRY(gkt_newton_try(s, lambda));
  if (isfinite(s->trial_norm) && gkt_newton_ends(s, lambda)) {
    s->has_next = false;
    gkt_newton_accept(s, lambda);
    return GKT_OK;
  }
  if (isfinite(s->trial_norm)) GKT_TRY(gkt_newton_simplified(s, lambda, &known));
  if (s->over) return GKT_OK;
  s->has_next = known;
  double bend = known ? distance(s, 1 - lambda) : INFINITY;
  allowed = bend > 0 ? 0.5 * p->now * lambda * lambda / bend : 1;
  if (!known || length_of_next(s) > (1 - 0.25 * lambda) * p->now) {
    if (lambda == 1 && isfinite(s->trial_norm) && gkt_newton_may_leave(s)) return gkt_newton_leave(s, &(gkt_newton_mark){.length = p->now, .by_length = true}), GKT_OK;
    p->lambda = known ? fmin(fmax(allowed, 0.1 * lambda), 0.5 * lambda) : 0.5 * lambda;
    p->cut = true;
    return GKT_OK;
  }
  if (!p->cut && allowed >= 4 * lambda && lambda < 1) {
    p->lambda = fmin(1, allowed), p->cut = true;
    return GKT_OK;
  }
  s->last_lambda = lambda, s->last_length = p->now;
  gkt_newton_accept(s, lambda);
  return lambda == 1 ? gkt_newton_follow(s, p->now) : GKT_OK;
}

/* The correction is half as long as that where it left: the way was right. Else on, or back, where the tangent is needed again. */
static gkt_status look_back(gkt_newton *s, double now) {
  if (now <= 0.5 * s->watch.from.length) return s->watch.steps = 0, GKT_OK;
  GKT_TRY(gkt_newton_go_on(s));
  if (s->accepted) return GKT_OK;
  gkt_newton_return(s);
  GKT_TRY(gkt_newton_prepare(s));
  return s->over ? GKT_OK : gkt_newton_step(s, s->f);
}

/* Where the energy sent it here, the factor may be of another place: on return from a trial it is. */
static gkt_status need_factor(gkt_newton *s) {
  if (s->prepared) return GKT_OK; /* methods of PETSc that solve no system have made none */
  GKT_TRY(gkt_newton_prepare(s));
  return s->over ? GKT_OK : gkt_newton_step(s, s->f);
}

gkt_status gkt_newton_search_natural(gkt_newton *s) {
  gkt_damping p = {0};
  if (s->watch.steps) GKT_TRY(look_back(s, gkt_newton_path_length(s, s->d, s->dt)));
  if (s->accepted || s->over) return GKT_OK;
  GKT_TRY(need_factor(s));
  p.now = gkt_newton_path_length(s, s->d, s->dt);
  p.lambda = gkt_newton_may_leave(s) ? 1 : fmax(predict(s, p.now), 1e-4);
  for (bool rounding = false; p.lambda >= GKT_NEWTON_SHORTEST && !s->accepted && !s->over && !rounding;) { /* which would go on deciding */
    GKT_TRY(test(s, &p));
    if (!s->accepted && s->arrived) GKT_TRY(gkt_newton_rows_are_rounding(s, &rounding));
  }
  return GKT_OK;
}
