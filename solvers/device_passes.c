/* Passes of a Krylov method on the device until the true residual satisfies, as linear.c has them on the host: each solves for a correction, so that a restart is iterative
   refinement. */
#include <float.h>
#include <string.h>

#include "solvers/device_solver.h"

enum { PASSES = 3, FOR_NOISE = 3000 }; /* as linear.c, singular.c */
static const double ROWS = 1e4, SMALLEST_RTOL = 1e-15, LARGEST_FLOOR = 1e-6;

int gkt_device_limit(const gkt_device_solver *s) { return s->asked.max_iterations > 0 ? s->asked.max_iterations : 10000; }

/* ---- history, progress, giving up ---- */
static gkt_status note(gkt_device_solver *s, double residual) {
  gkt_linear_report *report = s->report;
  int n = report->num_history;
  if ((n & (n - 1)) == 0) GKT_TRY(gkt_realloc(s->ctx, n ? 2 * (gkt_size)n : 1, sizeof *report->history, &report->history));
  report->history[report->num_history++] = residual;
  if (s->asked.progress && !s->asked.progress(s->asked.progress_user, n, residual)) s->cancelled = true;
  return GKT_OK;
}

static bool watch(void *user, int iteration, double norm) {
  gkt_device_solver *s = user;
  if (s->silent) return true;
  if (iteration > 0 || s->report->num_history == 0) s->watch_status = note(s, norm * s->unit / s->right);
  s->hopeless = s->hopeless || (s->may_give_up && gkt_progress_is_hopeless(&s->pace, GKT_WINDOW, iteration, norm));
  return s->watch_status == GKT_OK && !s->cancelled && !s->hopeless;
}

/* ---- one correction: system.spare solves A d = system.residual ---- */
/* Of other values the kernel may have fewer vectors or more. */
static gkt_status need_krylov(gkt_device_solver *s) {
  const gkt_krylov_options o = {.method = s->method,
                                .weights = s->system.weights.at,
                                .degree = 1,
                                .kernel = s->system.modes.images.at,
                                .num_kernel = s->system.modes.num_kernel,
                                .restart = 60,
                                .limit = gkt_device_limit(s),
                                .look = 10};
  if (s->krylov && s->num_kernel != o.num_kernel) gkt_krylov_destroy(&s->krylov);
  s->num_kernel = o.num_kernel;
  return s->krylov ? GKT_OK : gkt_krylov_create(s->ctx, s->product, s->A->num_rows, &o, s->system.residual.at, s->system.spare.at, &s->krylov);
}

/* Lengths of vectors, for what is told. */
static gkt_status length_of(gkt_device_solver *s, const gkt_scalar *v, double *out) {
  gkt_scalar *at = s->system.found.at;
  GKT_TRY(gkt_device_vector_norm(s->device, s->A->num_rows, v, s->system.partial.at, at));
  return gkt_device_download(s->device, at, out, sizeof *out);
}

/* length: of the residual */
static gkt_status correct(gkt_device_solver *s, double length, double rtol, int limit, gkt_krylov_result *out) {
  gkt_device_system *y = &s->system;
  double after = 0;
  s->pace = (gkt_progress){.rtol = rtol, .limit = limit};
  GKT_TRY(need_krylov(s));
  GKT_TRY(gkt_device_system_normalize(y, false, y->residual.at));
  GKT_TRY(length_of(s, y->residual.at, &after));
  s->unit = after > 0 ? length / after : 1;
  GKT_TRY(gkt_krylov_project(s->krylov, y->residual.at));
  GKT_TRY(gkt_krylov_solve(s->krylov, rtol, limit, watch, s, out));
  GKT_TRY(s->watch_status);
  s->end = out->end;
  return gkt_device_system_normalize(y, true, y->spare.at);
}

/* ---- passes ---- */
static void judge(gkt_device_solver *s, const gkt_true_residual *now) {
  gkt_linear_report *r = s->report;
  r->residual = now->residual / now->right, r->scaled_residual = now->scaled;
  bool met = r->residual <= s->asked.rtol && now->scaled <= s->asked.rtol;
  r->at_rounding = !met && now->worst <= ROWS && now->is_rounding && now->floor < now->right * LARGEST_FLOOR;
  r->converged = met || r->at_rounding;
  if (s->cancelled) r->cancelled = true, r->converged = r->at_rounding = false;
}

static gkt_status measure(gkt_device_solver *s, const gkt_scalar *x, gkt_true_residual *now) { return gkt_device_system_residual(&s->system, s->b, s->asked.load, x, now); }

/* x += d, unless d is not finite or a restart or a failure that makes the residual worse. */
static gkt_status accept(gkt_device_solver *s, bool first, gkt_true_residual *now) {
  gkt_size n = s->A->num_rows, at;
  gkt_true_residual then = *now;
  gkt_scalar *d = s->system.spare.at;
  bool kept = first && (s->end == GKT_KRYLOV_RUNNING || s->end == GKT_KRYLOV_CONVERGED || s->end == GKT_KRYLOV_LIMIT);
  GKT_TRY(gkt_device_vector_axpy(s->device, n, 1, s->x, d));
  GKT_TRY(gkt_device_find_not_finite(s->device, n, d, s->system.partial.at, &at));
  if (at < 0) GKT_TRY(measure(s, d, now));
  if (at < 0 && (now->scaled <= then.scaled || kept)) return gkt_device_copy(s->device, d, s->x, n * (gkt_size)sizeof *d);
  return measure(s, s->x, now);
}

gkt_status gkt_device_passes(gkt_device_solver *s, gkt_krylov_result *last) {
  gkt_true_residual now;
  int limit = gkt_device_limit(s);
  GKT_TRY(gkt_device_system_lift(&s->system, s->b, s->x));
  GKT_TRY(measure(s, s->x, &now));
  if (s->system.has_unloaded) {
    GKT_TRY(gkt_device_system_clear(&s->system, s->x));
    GKT_TRY(measure(s, s->x, &now));
  }
  judge(s, &now);
  for (int pass = 0; pass < PASSES && !s->report->converged && s->report->iterations < limit; pass++) {
    GKT_TRY(correct(s, now.residual, fmax(fmin(s->asked.rtol / now.scaled, 0.5), SMALLEST_RTOL), limit - s->report->iterations, last));
    s->report->iterations += last->iterations;
    GKT_TRY(accept(s, pass == 0, &now));
    judge(s, &now);
    if (s->cancelled || s->hopeless || (s->end != GKT_KRYLOV_CONVERGED && s->end != GKT_KRYLOV_LIMIT)) break;
  }
  return GKT_OK;
}

/* ---- the error in the energy norm: method.c ---- */
static gkt_status dot(gkt_device_solver *s, const gkt_scalar *x, const gkt_scalar *y, double *out) {
  gkt_scalar *at = s->system.found.at;
  GKT_TRY(gkt_device_vector_dot(s->device, s->A->num_rows, x, y, s->system.partial.at, at));
  return gkt_device_download(s->device, at, out, sizeof *out);
}

gkt_status gkt_device_energy_error(gkt_device_solver *s, const gkt_krylov_result *last) {
  gkt_scalar *r = s->system.residual.at, *z = s->system.spare.at;
  double least, most, product, of_residual, of_right;
  gkt_true_residual unused;
  if (s->method != GKT_KRYLOV_CG || !s->facts->positive || last->iterations == 0) return GKT_OK;
  GKT_TRY(gkt_krylov_eigenvalues(s->krylov, &least, &most));
  GKT_TRY(gkt_krylov_precondition(s->krylov, r, z));
  GKT_TRY(dot(s, r, z, &product));
  GKT_TRY(dot(s, s->x, r, &of_residual));
  GKT_TRY(gkt_device_fill(s->device, z, 0, (gkt_size)s->A->num_rows * (gkt_size)sizeof *z));
  GKT_TRY(measure(s, z, &unused)); /* b on free dofs */
  GKT_TRY(dot(s, s->x, r, &of_right));
  if (least > 0 && product >= 0 && of_right - of_residual > 0) s->report->energy_error = sqrt(product / least / (of_right - of_residual));
  return GKT_OK;
}

/* ---- A d = noise ---- */
static gkt_status answer_noise(gkt_device_solver *s, gkt_scalar *w, double rtol, bool *out) {
  gkt_krylov_result result;
  gkt_true_residual now;
  gkt_scalar *zero = s->system.spare.at;
  gkt_size bytes = (gkt_size)s->A->num_rows * (gkt_size)sizeof *w;
  GKT_TRY(need_krylov(s));
  GKT_TRY(gkt_device_system_noise(&s->system, w));
  GKT_TRY(gkt_krylov_project(s->krylov, w));
  GKT_TRY(gkt_device_fill(s->device, zero, 0, bytes));
  GKT_TRY(gkt_device_system_residual(&s->system, w, NULL, zero, &now));
  GKT_TRY(correct(s, now.residual, 0.5 * rtol, FOR_NOISE, &result));
  if (result.end != GKT_KRYLOV_CONVERGED) return GKT_OK;
  GKT_TRY(gkt_device_system_residual(&s->system, w, NULL, s->system.spare.at, &now));
  *out = now.residual <= rtol * now.right && now.floor / (10 * DBL_EPSILON) * gkt_suspicious < now.right;
  return GKT_OK;
}

gkt_status gkt_device_has_any_answer(gkt_device_solver *s, bool *out) {
  gkt_scalars w = {0};
  double rtol = fmax(fmin(0.01 / sqrt(s->A->num_rows), 1e-3), 1e-7);
  *out = false, s->silent = true;
  GKT_TRY(gkt_device_alloc(s->device, s->A->num_rows, sizeof *w.at, "noise", &w));
  gkt_status status = answer_noise(s, w.at, rtol, out);
  gkt_device_free(s->device, &w);
  s->silent = false;
  return status;
}
