/* What kind of stationary point of its energy a solution is: the number of negative eigenvalues of the tangent is that of negative pivots of its factor LDL' (Sylvester). The
   tangent is that of the solution, factorized for this alone: that of the last step may be of another kind, as of a column that one step has shortened past its buckling load. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "solvers/linear.h"
#include "solvers/newton.h"

/* A factor of the tangent at u, by a solve that nothing else comes of; with the ordering of the steps before where these had such a factor, else by a solver of its own, for which
   that of the steps goes aside. */
static gkt_status factorize(gkt_newton *s, gkt_linear_solver **aside, int *negative) {
  gkt_linear_options options = gkt_linear_options_default();
  gkt_linear_report report = {0};
  int before = -1;
  *negative = -1;
  GKT_TRY(gkt_newton_prepare(s));
  if (s->over) return GKT_OK;
  if (s->linear) GKT_TRY(gkt_linear_solver_count_negative(s->linear, &before));
  options.method = GKT_LINEAR_DIRECT, options.repeated = true;
  if (before < 0) *aside = s->linear, s->linear = NULL;
  if (before < 0) GKT_TRY(gkt_newton_ready_linear(s, &options));
  gkt_vector_fill(s->b, 1);
  gkt_mask_zero(&s->constrained, s->b);
  GKT_TRY(gkt_newton_correct(s, s->b, s->d, &report));
  gkt_linear_report_clear(&report);
  return report.converged ? gkt_linear_solver_count_negative(s->linear, negative) : GKT_OK;
}

/* Where steps gain little the tangent becomes singular at the solution: no sign is left there. One of the last two counts, as rounding may be what the last one met. */
static bool is_degenerate(const gkt_newton *s) {
  const gkt_nonlinear_report *r = s->report;
  const gkt_load_step *last = &r->steps[r->num_steps - 1];
  const double *end = r->history + last->begin + last->count - 1, fast = 1e-2;
  if (last->iterations == 0 || last->at_rounding || end[0] <= fast * end[-1]) return false;
  return last->count < 3 || end[-1] > fast * end[-2];
}

/* -1: there is no factor that tells */
static gkt_status count_negative(gkt_newton *s, int *negative) {
  gkt_linear_solver *aside = NULL;
  const gkt_status status = factorize(s, &aside, negative);
  if (aside) gkt_linear_solver_destroy(&s->linear);
  if (aside) s->linear = aside;
  return status;
}

gkt_status gkt_newton_classify(gkt_newton *s) {
  bool small = s->n < GKT_DIRECT_BELOW && !s->facts->singular;
  const gkt_linear_solver *linear = s->linear ? gkt_linear_solver_on_host(s->linear) : NULL;
  bool direct = linear && linear->choice.direct;
  int negative = -1, num_free = 0;
  if (s->facts->positive) return s->report->stationary = GKT_STATIONARY_MINIMUM, GKT_OK;
  if (!s->facts->symmetric || is_degenerate(s)) return GKT_OK;
  if (direct || small) GKT_TRY(count_negative(s, &negative));
  if (negative < 0) return GKT_OK;
  for (gkt_idx i = 0; i < s->n; i++) num_free += gkt_newton_is_free(s, i);
  s->report->num_negative = negative;
  s->report->stationary = negative == 0 ? GKT_STATIONARY_MINIMUM : negative == num_free ? GKT_STATIONARY_MAXIMUM : GKT_STATIONARY_SADDLE;
  return GKT_OK;
}
