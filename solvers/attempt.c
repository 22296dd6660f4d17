/* One method of a linear solver: set up, solve, recompute the residual, judge. Each pass solves for a correction A d = b - A x, so that a restart is iterative refinement. */
#include <math.h>
#include <string.h>

#include "solvers/linear.h"

enum { PASSES = 3 };                    /* a miss restarts, as the method aims at one length and is judged by several */
enum { SMALL = 2000 };                  /* dofs of which a factor costs next to nothing */
static const double ROWS[] = {10, 1e4}; /* eps: rounding of a row by a direct method, by an iterative one, which leaves it unevenly */
static const double SMALLEST_RTOL = 1e-15;
static const double LARGEST_FLOOR = 1e-6; /* of ||b||: solutions 5e8 times as large as b deserves; a tiny pivot makes them 1e12 times as large */

/* Who judges: of a transposed system, whoever knows A'. */
static gkt_solve *judge_of(gkt_solve *s) { return s->transposed ? s->dual : s; }
gkt_true_residual gkt_attempt_measure(gkt_solve *s, const gkt_scalar *x) { return gkt_residual(judge_of(s), s->b, s->transposed ? NULL : s->asked.load, x, s->r); }

/* x += d, unless d is not finite, or a restart or a failure that makes the residual worse (CG cut off early may: its error is smaller nevertheless). */
static void accept(gkt_solve *s, bool first, gkt_true_residual *now) {
  gkt_idx n = s->A->num_rows;
  gkt_true_residual then = *now;
  bool finite = gkt_is_finite(n, s->d);
  for (gkt_idx i = 0; i < n && finite; i++) s->d[i] = s->x[i] + s->d[i];
  if (finite) *now = gkt_attempt_measure(s, s->d);
  if (finite && (now->scaled <= then.scaled || (first && (s->reason > 0 || s->reason == KSP_DIVERGED_ITS)))) memcpy(s->x, s->d, (size_t)n * sizeof *s->x);
  else *now = gkt_attempt_measure(s, s->x);
}

/* Rounding excuses a residual, row by row, as long as x is not so large that any right-hand side would be excused. An iterative method stops at far less: where it does not, a
   direct one shall look whether the matrix is singular. */
static bool is_excused(const gkt_solve *s, const gkt_true_residual *now) {
  bool rows = now->worst <= ROWS[!s->choice.direct] && now->is_rounding;
  return rows && now->floor < now->right * (s->choice.direct ? 1 : LARGEST_FLOOR);
}

static void judge(gkt_solve *s, const gkt_true_residual *now) {
  s->report->residual = now->residual / now->right, s->report->scaled_residual = now->scaled;
  bool met = s->report->residual <= s->asked.rtol && now->scaled <= s->asked.rtol;
  s->report->at_rounding = !met && is_excused(s, now);
  s->report->converged = met || s->report->at_rounding;
  if (s->cancelled) s->report->cancelled = true, s->report->converged = s->report->at_rounding = false;
}

int gkt_attempt_limit(const gkt_solve *s) {
  if (s->asked.max_iterations > 0) return s->asked.max_iterations;
  return s->choice.amg ? 1000 : 10000;
}

/* Passes of one method, until the true residual satisfies. */
static gkt_status solve_passes(gkt_solve *s) {
  gkt_true_residual now;
  int limit = gkt_attempt_limit(s);
  gkt_solve_constrained(s->A, s->facts->constrained, s->b, s->x);
  now = gkt_attempt_measure(s, s->x);
  if (gkt_pieces_clear(judge_of(s), s->x)) now = gkt_attempt_measure(s, s->x);
  if (s->first) memcpy(s->first, s->r, (size_t)s->A->num_rows * sizeof *s->first);
  judge(s, &now);
  for (int pass = 0; pass < PASSES && !s->report->converged && s->report->iterations < limit; pass++) {
    GKT_TRY(gkt_method_correct(s, fmax(fmin(s->asked.rtol / now.scaled, 0.5), SMALLEST_RTOL), limit - s->report->iterations));
    accept(s, pass == 0, &now);
    judge(s, &now);
    if (s->cancelled || s->pace.hopeless || (s->reason < 0 && s->reason != KSP_DIVERGED_ITS)) break;
  }
  return GKT_OK;
}

/* What is set up is kept for the next right-hand side. */
gkt_status gkt_attempt_prepare(gkt_solve *s) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  bool fresh = !s->ksp, anew = fresh || s->stale;
  if (anew) {
    GKT_TRY(fresh ? gkt_method_set_up(s) : gkt_method_renew(s));
    s->report->setup_seconds += gkt_seconds() - start, s->report->setup_cpu_seconds += gkt_cpu_seconds() - cpu;
    s->report->setups++, s->report->kept += !fresh, s->report->factorizations += s->choice.direct;
  }
  if (anew) s->keeps = !fresh;
  s->stale = false, s->inspected = s->inspected && !anew;
  return gkt_method_describe(s);
}

static gkt_status inspect_by(gkt_solve *s, bool factor, bool owed) {
  if (factor) return gkt_inspect_factor(s);
  if (s->choice.direct || s->A->num_rows < SMALL) return gkt_can_factorize(s->facts, s->A->num_rows) ? gkt_inspect_shifted(s) : GKT_OK;
  s->owes = owed || s->defers;
  if (!s->report->converged) return GKT_OK; /* no success, but Newton's method may go on with it, and be asked at its end */
  return s->owes ? GKT_OK : gkt_inspect_iteration(s);
}

/* Asked once whether the matrix is singular, whatever method solved or failed. r stays the residual, which guesses are made with. */
static gkt_status inspect(gkt_solve *s) {
  gkt_scalar *const residual = s->r, *work;
  bool factor = s->reason >= 0 && gkt_method_is_factor(s); /* the user's options may have put an iteration in place of one */
  bool owed = s->owes;
  s->owes = false;
  if (s->inspected || (s->regular && !factor)) return GKT_OK;
  GKT_TRY(gkt_alloc(s->petsc.ctx, s->A->num_rows, sizeof *work, &work));
  s->r = work;
  const gkt_status status = inspect_by(s, factor, owed);
  s->r = residual;
  gkt_free(&work);
  return status;
}

void gkt_attempt_copy_findings(gkt_solve *s) {
  gkt_linear_report *r = s->report;
  r->singular = s->singular, r->ill_conditioned = s->ill_conditioned, r->free_dof = s->free_dof, r->condition = s->condition;
  if (s->singular || s->ill_conditioned) r->converged = r->at_rounding = false;
}

gkt_status gkt_attempt(gkt_solve *s) {
  double ready, cpu_ready;
  bool anew = !s->ksp || s->stale;
  s->report->iterations = 0;
  GKT_TRY(gkt_attempt_prepare(s));
  ready = gkt_seconds(), cpu_ready = gkt_cpu_seconds();
  GKT_TRY(solve_passes(s));
  if (s->report->converged && (anew || !s->repeats)) GKT_TRY(gkt_method_energy_error(s));
  if (!s->cancelled) GKT_TRY(inspect(s));
  gkt_attempt_copy_findings(s);
  if (anew) s->last_iterations = s->report->iterations;
  if (anew && !s->keeps) s->first_iterations = s->last_iterations;
  s->report->solve_seconds += gkt_seconds() - ready;
  s->report->solve_cpu_seconds += gkt_cpu_seconds() - cpu_ready;
  return GKT_OK;
}
