/* Linear solvers: choose, set up, solve (attempt.c), fall back. */
#include "solvers/linear.h"

#include <math.h>
#include <string.h>

#include "solvers/device_solver.h"

enum { MOST_FOR_ZERO = 100000 }; /* dofs: more are not factorized to learn whether 0 is the only solution */

gkt_linear_options gkt_linear_options_default(void) { return (gkt_linear_options){.rtol = 1e-10}; }

void gkt_linear_report_clear(gkt_linear_report *report) {
  gkt_free(&report->history);
  gkt_free(&report->options);
  report->num_history = 0;
}

static gkt_status check_arguments(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *f, const gkt_linear_options *o) {
  if (A->num_rows != A->num_cols) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a square matrix is needed, not %d x %d", A->num_rows, A->num_cols);
  GKT_TRY(gkt_facts_check(ctx, f, A->num_rows));
  if (o->method < 0 || o->method >= GKT_NUM_LINEAR_METHODS) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "linear solver: no such method (%d)", (int)o->method);
  if (!(o->rtol > 0 && o->rtol < 1)) return gkt_fail(ctx, GKT_BAD_INPUT, "rtol is %g: a number between 0 and 1 was expected", o->rtol);
  return GKT_OK;
}

static gkt_status check_finite(gkt_context *ctx, const char *what, const gkt_scalar *v, gkt_size count) {
  gkt_size at = gkt_find_not_finite(count, v);
  return at < 0 ? GKT_OK : gkt_fail(ctx, GKT_BAD_INPUT, "the %s holds a value that is not finite (entry %lld)", what, (long long)at);
}

static void explain_failure(const gkt_solve *s, char *out, size_t size) {
  const char *reason = KSPConvergedReasons[s->reason];
  if (s->reason == KSP_DIVERGED_INDEFINITE_MAT || s->reason == KSP_DIVERGED_INDEFINITE_PC) reason = "found negative curvature";
  else if (s->reason == KSP_DIVERGED_ITS) reason = s->report->iterations < gkt_attempt_limit(s) ? "was too slow to arrive" : "stalled at its iteration limit";
  else if (s->reason == KSP_DIVERGED_PC_FAILED) reason = "failed in the preconditioner or factor";
  else if (s->reason == KSP_DIVERGED_BREAKDOWN || s->reason == KSP_DIVERGED_BREAKDOWN_BICG) reason = "broke down";
  else if (s->reason > 0) reason = "missed the true residual";
  snprintf(out, size, "%s %s", s->report->method, reason);
}

/* -pc_factor_mat_solver_type, -pc_factor_shift_type, ..: PETSc's own factors take these. */
static bool names_factor(const gkt_petsc_options *o) {
  const char *const those[] = {"-pc_factor_mat_solver_type", "-pc_factor_shift_", "-pc_factor_zeropivot", "-pc_factor_fill",
                               "-pc_factor_pivot",           "-pc_factor_reuse_", "-mat_mumps_"};
  for (size_t i = 0; i < sizeof those / sizeof *those; i++)
    if (gkt_petsc_options_begin_with(o, those[i])) return true;
  return false;
}

/* The choice, and what follows where it fails: AUTO only, and not where the user named the method or the number of iterations. */
static gkt_status solve_all(gkt_solve *s) {
  char reason[200];
  bool fields = s->facts->blocks && (gkt_petsc_options_begin_with(&s->options, "-fieldsplit_") || gkt_petsc_options_begin_with(&s->options, "-pc_fieldsplit_"));
  bool named = fields || gkt_petsc_options_has(&s->options, "-ksp_type") || gkt_petsc_options_has(&s->options, "-pc_type");
  const bool factor = names_factor(&s->options);
  bool automatic = s->asked.method == GKT_LINEAR_AUTO && !named && s->asked.max_iterations <= 0;
  if (!s->chosen) gkt_linear_choose(s->asked.method, (gkt_linear_named){.method = named, .fields = fields, .factor = factor}, s->facts, s->A->num_rows, &s->choice);
  s->chosen = true;
  for (;;) {
    s->may_give_up =
        automatic && !gkt_petsc_options_has(&s->options, "-ksp_convergence_test") && !s->choice.direct && !s->choice.tried_direct && gkt_can_factorize(s->facts, s->A->num_rows);
    bool kept = s->ksp && (s->keeps || s->stale);
    GKT_TRY(gkt_attempt(s));
    if (s->report->converged || s->singular || s->ill_conditioned || s->cancelled || s->transposed) return GKT_OK; /* what serves A stays; A' may go its own way */
    if (kept && !(automatic && s->reason == KSP_DIVERGED_INDEFINITE_MAT)) { /* what was kept for other values may be why; of A itself it is not */
      gkt_method_take_down(s);
      continue;
    }
    explain_failure(s, reason, sizeof reason);
    gkt_log(s->petsc.ctx, GKT_LOG_NOTICE, "%s (true residual %.2e after %d iterations)", reason, s->report->residual, s->report->iterations);
    const bool goes_on = automatic || s->choice.own_factor;
    s->chosen = !goes_on;
    if (!goes_on || !gkt_linear_fall_back(&s->choice, reason, s->facts, s->A->num_rows, &s->choice)) return GKT_OK;
    s->chosen = true;
    gkt_method_take_down(s);
  }
}

/* Nothing is solved: the answer would be one of many, or none. */
static void refuse(gkt_solve *s) {
  gkt_solve_constrained(s->A, s->facts->constrained, s->b, s->x);
  gkt_true_residual now = gkt_attempt_measure(s, s->x);
  gkt_attempt_copy_findings(s);
  s->report->residual = now.residual / now.right, s->report->scaled_residual = now.scaled;
  snprintf(s->report->method, sizeof s->report->method, "none");
  snprintf(s->report->why, sizeof s->report->why, "the matrix is singular");
}

/* Inside of PETSc. */
static void finish(gkt_solve *s) {
  gkt_method_take_down(s);
  gkt_petsc_options_end(&s->options);
  gkt_petsc_matrix_destroy(&s->matrix);
  s->begun = s->changed = s->stale = s->chosen = false;
}

/* Before the first right-hand side that is not zero. */
static gkt_status begin(gkt_solve *s) {
  s->begun = true;
  GKT_TRY(gkt_method_read_options(s));
  GKT_TRY(gkt_petsc_matrix_create(&s->petsc, s->A, s->facts, &s->scales, &s->units, &s->matrix));
  return gkt_find_free_modes(s);
}

/* Coarse grids that were kept for values now far off take more and more iterations. */
static bool is_worn(gkt_solve *s) { return s->keeps && gkt_method_keeps_grids(s) && s->last_iterations > s->first_iterations + s->first_iterations / 2 + 5; }

/* What was begun goes on with other values. Where nothing served AUTO chooses anew. */
static gkt_status go_on(gkt_solve *s) {
  bool fits;
  s->changed = false;
  if (!s->chosen || is_worn(s)) gkt_method_take_down(s);
  GKT_TRY(gkt_petsc_matrix_update(&s->petsc, s->facts, &s->scales, &s->matrix, &fits));
  if (!fits) {
    gkt_method_take_down(s);
    GKT_TRY(gkt_petsc_matrix_widen(&s->petsc, s->facts, &s->scales, &s->matrix));
  }
  s->stale = s->ksp;
  return gkt_find_free_modes(s);
}

/* The answer is 0 if it is the only one. */
static gkt_status solve_zero(gkt_solve *s) {
  for (gkt_idx i = 0; i < s->A->num_rows; i++) s->x[i] = 0;
  gkt_solve_constrained(s->A, s->facts->constrained, s->b, s->x);
  s->report->converged = true;
  if (!s->singular && !s->regular && !s->inspected && s->A->num_rows < MOST_FOR_ZERO) GKT_TRY(gkt_inspect_shifted(s));
  gkt_attempt_copy_findings(s);
  snprintf(s->report->method, sizeof s->report->method, "none");
  snprintf(s->report->why, sizeof s->report->why, "the right-hand side is zero");
  return GKT_OK;
}

static gkt_status solve_inside(gkt_solve *s) {
  gkt_status status;
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  bool first = !s->begun || s->changed;
  GKT_GO(gkt_petsc_enter(s->petsc.ctx, &s->petsc));
  if (!s->begun) GKT_GO(begin(s));
  else if (s->changed) GKT_GO(go_on(s));
  if (first) s->report->setup_seconds = gkt_seconds() - start, s->report->setup_cpu_seconds = gkt_cpu_seconds() - cpu;
  if (s->right == 0) GKT_GO(solve_zero(s));
  else if (s->singular) refuse(s);
  else GKT_GO(solve_all(s));
  if (s->ksp && !s->warned && !s->asked.repeated) gkt_petsc_options_warn_unused(&s->options);
  s->warned = s->warned || s->ksp;
done:
  if (status != GKT_OK && s->begun && s->petsc.inside) finish(s); /* a next call begins anew */
  gkt_petsc_leave(&s->petsc);
  return status;
}

/* ---- the solver ---- */
gkt_status gkt_linear_solver_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, const gkt_linear_options *options, gkt_linear_solver **out) {
  gkt_linear_solver *s = NULL;
  gkt_status status;
  gkt_linear_options asked = options ? *options : gkt_linear_options_default();
  GKT_TRY(check_arguments(ctx, A, facts, &asked));
  if (A->where == GKT_ON_HOST) GKT_TRY(check_finite(ctx, "matrix", A->vals, A->row_offsets[A->num_rows]));
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *s, &s));
  *s = (gkt_solve){.petsc.ctx = gkt_context_retain(ctx), .A = A, .facts = facts, .asked = asked};
  if (asked.petsc_options) GKT_GO(gkt_strdup(ctx, asked.petsc_options, &s->text));
  s->asked.petsc_options = asked.petsc_options = s->text;
  if (A->where == GKT_ON_DEVICE) {
    GKT_GO(gkt_device_solver_create(ctx, A, facts, &asked, &s->on_device));
    goto done;
  }
  GKT_GO(gkt_alloc(ctx, A->num_rows, sizeof *s->r, &s->r));
  GKT_GO(gkt_alloc(ctx, A->num_rows, sizeof *s->d, &s->d));
  GKT_GO(gkt_residual_create(s));
done:
  if (status == GKT_OK) *out = s;
  else gkt_linear_solver_destroy(&s);
  return status;
}

/* Methods that were given up may help again; the one that served is first. */
gkt_status gkt_linear_solver_update(gkt_linear_solver *s) {
  s->dual_is_old = true;
  if (s->on_device) return gkt_device_solver_update(s->on_device);
  GKT_TRY(check_finite(s->petsc.ctx, "matrix", s->A->vals, s->A->row_offsets[s->A->num_rows]));
  GKT_TRY(gkt_residual_update(s));
  s->changed = s->begun;
  s->choice.tried_direct = s->choice.direct && !s->choice.own_factor, s->choice.tried_gmres = s->choice.tried_gmres && !s->choice.direct, s->choice.tried_split = s->choice.split;
  s->inspected = s->regular = s->singular = s->ill_conditioned = false;
  s->condition = 0;
  return GKT_OK;
}

gkt_status gkt_linear_solver_inspect(gkt_linear_solver *s, gkt_linear_report *report) {
  gkt_status status;
  if (s->on_device) return gkt_device_solver_inspect(s->on_device, report);
  s->report = report;
  GKT_GO(gkt_petsc_enter(s->petsc.ctx, &s->petsc));
  if (s->changed) GKT_GO(go_on(s));
  GKT_GO(gkt_attempt_prepare(s));
  if (!s->singular && !s->regular) GKT_GO(gkt_inspect_iteration(s));
  s->owes = false;
  gkt_attempt_copy_findings(s);
done:
  gkt_petsc_leave(&s->petsc);
  return status;
}

gkt_solve *gkt_linear_solver_on_host(gkt_solve *s) { return s->on_device ? s->on_device->host.solver : s; }

bool gkt_linear_solver_iterates(gkt_solve *s) { return s->on_device ? !s->on_device->to_host[0] && !s->on_device->gave_up : !gkt_method_is_factor(s); }

void gkt_linear_solver_defer(gkt_solve *s) {
  s->defers = true;
  if (s->on_device) s->on_device->defers = true;
}

bool gkt_linear_solver_owes(const gkt_solve *s) { return s->on_device ? gkt_device_solver_owes(s->on_device) : s->owes; }

void gkt_linear_solver_set_rtol(gkt_solve *s, double rtol) {
  s->asked.rtol = rtol;
  if (!s->on_device) return;
  s->on_device->asked.rtol = rtol;
  if (s->on_device->host.solver) s->on_device->host.solver->asked.rtol = rtol;
}

void gkt_linear_solver_set_load(gkt_solve *s, const gkt_scalar *load) {
  s->asked.load = load;
  if (s->on_device) s->on_device->asked.load = load;
}

void gkt_linear_solver_repeat(gkt_solve *s, bool repeats, gkt_scalar *first) { s->repeats = repeats, s->first = first; }
const gkt_scalar *gkt_linear_solver_residual(const gkt_solve *s) { return s->r; }

gkt_status gkt_linear_solver_scales(gkt_solve *s, const gkt_scalar **rows, const gkt_scalar **cols, gkt_where *where) {
  if (s->on_device) return gkt_device_solver_scales(s->on_device, rows, cols, where);
  *rows = s->scales.rows, *cols = s->scales.cols, *where = GKT_ON_HOST;
  return GKT_OK;
}

void gkt_linear_solver_destroy(gkt_linear_solver **solver) {
  gkt_linear_solver *s = *solver;
  if (!s) return;
  gkt_device_solver_destroy(&s->on_device);
  gkt_dual_destroy(s);
  if (s->begun && gkt_petsc_enter(s->petsc.ctx, &s->petsc) == GKT_OK) {
    finish(s);
    gkt_petsc_leave(&s->petsc);
  }
  gkt_free(&s->text);
  gkt_free(&s->r);
  gkt_free(&s->d);
  gkt_free(&s->weak);
  gkt_free(&s->sizes);
  gkt_free(&s->parts);
  gkt_free(&s->coupling);
  gkt_units_destroy(&s->units);
  gkt_text_free(&s->choice_text);
  gkt_pieces_destroy(&s->pieces);
  gkt_scales_destroy(&s->scales);
  gkt_context_destroy(&s->petsc.ctx);
  gkt_free(solver);
}

static bool is_settled(const gkt_linear_report *r) { return r->converged || r->singular || r->ill_conditioned || r->cancelled; }

/* By what serves A, unless that has no transpose, or fails; then by a method of its own, as any matrix. */
static gkt_status solve_transposed(gkt_solve *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report) {
  gkt_linear_report own;
  if (!s->dual_alone) {
    s->b = b, s->x = x, s->report = report;
    s->right = gkt_attempt_measure(s, x).right;
    GKT_TRY(solve_inside(s));
    if (is_settled(report)) return GKT_OK;
    gkt_log(s->petsc.ctx, GKT_LOG_NOTICE, "%s does not serve the transposed system, which gets a method of its own", report->method);
    s->dual_alone = true;
  }
  GKT_TRY(gkt_linear_solver_solve(s->dual, 1, s->A->num_rows, b, x, &own));
  own.setups += report->setups, own.factorizations += report->factorizations, own.kept += report->kept;
  own.setup_seconds += report->setup_seconds, own.setup_cpu_seconds += report->setup_cpu_seconds;
  own.solve_seconds += report->solve_seconds, own.solve_cpu_seconds += report->solve_cpu_seconds;
  gkt_linear_report_clear(report);
  *report = own, s->cancelled = own.cancelled;
  return GKT_OK;
}

static gkt_status solve_transposed_there(gkt_solve *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report) {
  bool served;
  GKT_TRY(gkt_device_solver_solve_transposed(s->on_device, b, x, report, &served));
  if (served) return GKT_OK;
  const gkt_linear_report made = *report; /* setups of A, if it had none */
  GKT_TRY(gkt_dual_prepare(s));
  GKT_TRY(gkt_linear_solver_solve(s->dual, 1, s->A->num_rows, b, x, report));
  report->setups += made.setups, report->kept += made.kept;
  report->setup_seconds += made.setup_seconds, report->setup_cpu_seconds += made.setup_cpu_seconds;
  return GKT_OK;
}

static gkt_status solve_there(gkt_solve *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report) {
  if (s->transposed) GKT_TRY(solve_transposed_there(s, b, x, report));
  else GKT_TRY(gkt_device_solver_solve(s->on_device, b, x, report));
  s->cancelled = report->cancelled;
  return GKT_OK;
}

/* One right-hand side. */
static gkt_status solve_one(gkt_solve *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report) {
  gkt_status status = GKT_OK;
  if (s->on_device) return solve_there(s, b, x, report);
  if (s->transposed) GKT_GO(solve_transposed(s, b, x, report));
  else {
    s->b = b, s->x = x, s->report = report;
    s->right = gkt_right_length(s, b);
    GKT_GO(solve_inside(s));
  }
done:
  if (status != GKT_OK) gkt_linear_report_clear(report);
  return status;
}

static gkt_status solve_many(gkt_linear_solver *s, int count, gkt_size stride, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *reports) {
  gkt_context *ctx = s->petsc.ctx;
  gkt_idx n = s->A->num_rows;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_need(ctx, reports, "gkt_linear_solver_solve", "reports"));
  if (count < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "%d right-hand sides; expected at least 1", count);
  if (count > 1 && stride < n) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "right-hand sides are %lld scalars apart; expected at least %d, the rows", (long long)stride, n);
  if (count > 1 && s->asked.load) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "options.load is that of one right-hand side, but %d are given", count);
  for (int i = 0; i < count; i++) reports[i] = (gkt_linear_report){0};
  for (int i = 0; i < count && !s->on_device; i++) {
    GKT_TRY(check_finite(ctx, "right-hand side", b + i * stride, n));
    GKT_TRY(check_finite(ctx, "initial guess", x + i * stride, n));
  }
  s->cancelled = false;
  for (int i = 0; i < count; i++) {
    reports[i].cancelled = s->cancelled;
    if (!s->cancelled) GKT_GO(solve_one(s, b + i * stride, x + i * stride, &reports[i]));
  }
done:
  for (int i = 0; i < count && status != GKT_OK; i++) gkt_linear_report_clear(&reports[i]);
  return status;
}

gkt_status gkt_linear_solver_solve(gkt_linear_solver *s, int count, gkt_size stride, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *reports) {
  s->transposed = false;
  return solve_many(s, count, stride, b, x, reports);
}

gkt_status gkt_linear_solver_solve_transposed(gkt_linear_solver *s, int count, gkt_size stride, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *reports) {
  if (s->facts->symmetric) return gkt_linear_solver_solve(s, count, stride, b, x, reports);
  if (!s->on_device) GKT_TRY(gkt_dual_prepare(s));
  s->transposed = true;
  return solve_many(s, count, stride, b, x, reports);
}

gkt_status gkt_linear_solve(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *options,
                            gkt_linear_report *report) {
  gkt_linear_solver *s = NULL;
  GKT_NEED(ctx, report, "report");
  *report = (gkt_linear_report){0};
  GKT_TRY(gkt_linear_solver_create(ctx, A, facts, options, &s));
  gkt_status status = gkt_linear_solver_solve(s, 1, A->num_rows, b, x, report);
  gkt_linear_solver_destroy(&s);
  return status;
}
