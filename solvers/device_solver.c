/* Where a system on the device is solved, and by what. AUTO takes a Krylov method with Jacobi's preconditioner there wherever it would iterate on the host: the set-up of the
   host's multigrid alone takes longer than hundreds of iterations of the device (ADR 28). The host gets what it alone can do: factors, fields, kernels, PETSc's options, what the
   device gave up, and whatever may be singular. */
#include "solvers/device_solver.h"

#include <string.h>

/* ---- the choice ---- */
/* Whose diagonal is zero, so that Jacobi's preconditioner knows nothing of it. */
static bool has_multiplier(const gkt_system_facts *f) {
  for (int b = 0; f->blocks && b < f->num_blocks; b++)
    if (f->blocks[b].multiplier) return true;
  return false;
}

static const char *needs_host(const gkt_device_solver *s) {
  const gkt_system_facts *f = s->facts;
  if (s->asked.petsc_options && s->asked.petsc_options[strspn(s->asked.petsc_options, " \t\n")]) return "PETSc options are given";
  if (f->blocks && f->num_blocks > GKT_MOST_FIELDS) return "so many fields are solved there";
  if (f->blocks && f->singular) return "what several fields leave undetermined is found there";
  if (has_multiplier(f)) return "multipliers are solved there, by fields";
  if (f->singular && !f->symmetric) return "kernels of what is not symmetric are held there";
  if (s->choice.direct) return "factors are made there";
  if (s->asked.method == GKT_LINEAR_MINRES) return "MINRES runs there";
  return "";
}

static void choose(gkt_device_solver *s) {
  const gkt_system_facts *f = s->facts;
  gkt_linear_method method = s->asked.method;
  if (method == GKT_LINEAR_AUTO) method = f->symmetric && (f->positive || !f->blocks) ? GKT_LINEAR_CG : GKT_LINEAR_GMRES;
  s->method = method == GKT_LINEAR_CG ? GKT_KRYLOV_CG : method == GKT_LINEAR_BICGSTAB ? GKT_KRYLOV_BICGSTAB : GKT_KRYLOV_GMRES;
  gkt_linear_choose(s->asked.method, (gkt_linear_named){.device = true}, f, s->A->num_rows, &s->choice);
  snprintf(s->to_host, sizeof s->to_host, "%s", needs_host(s));
}

static void take_down(gkt_device_solver *s) {
  gkt_krylov_destroy(&s->krylov);
  gkt_product_destroy(&s->product);
  gkt_device_system_destroy(&s->system);
  gkt_device_fields_destroy(&s->fields);
}

/* To the values that A has now. */
static gkt_status fit(gkt_device_solver *s) {
  s->to_host[0] = 0;
  GKT_TRY(gkt_device_system_fit(&s->system, sizeof s->to_host, s->to_host));
  return s->fields.device && !s->to_host[0] ? gkt_device_fields_note_scales(&s->fields, &s->system) : GKT_OK;
}

static gkt_status begin_fields(gkt_device_solver *s) {
  GKT_TRY(gkt_device_fields_create(s->ctx, s->A, s->facts, &s->fields));
  GKT_TRY(gkt_device_fields_take(&s->fields));
  GKT_TRY(gkt_device_system_create(s->ctx, &s->fields.A, s->facts, &s->system));
  GKT_TRY(gkt_device_system_check(&s->system));
  return gkt_device_fields_fit(&s->fields, &s->system);
}

static gkt_status begin(gkt_device_solver *s) {
  take_down(s); /* what a call that failed began */
  choose(s);
  if (s->to_host[0]) return GKT_OK;
  if (s->facts->blocks) GKT_TRY(begin_fields(s));
  else GKT_TRY(gkt_device_system_create(s->ctx, s->A, s->facts, &s->system));
  GKT_TRY(gkt_product_create(s->ctx, s->system.A, GKT_PRODUCT_AUTO, &s->product));
  return fit(s);
}

/* ---- a method's words ---- */
static const char *title(const gkt_device_solver *s) { return s->method == GKT_KRYLOV_CG ? "CG" : s->method == GKT_KRYLOV_BICGSTAB ? "BiCGSTAB" : "GMRES"; }

static gkt_status describe(gkt_device_solver *s) {
  static const char *const options[] = {[GKT_KRYLOV_CG] = "-ksp_type cg -ksp_norm_type unpreconditioned -pc_type jacobi -pc_jacobi_abs",
                                        [GKT_KRYLOV_BICGSTAB] = "-ksp_type bcgs -ksp_pc_side right -ksp_norm_type unpreconditioned -pc_type jacobi -pc_jacobi_abs",
                                        [GKT_KRYLOV_GMRES] =
                                            "-ksp_type gmres -ksp_gmres_restart 60 -ksp_pc_side right -ksp_norm_type unpreconditioned -pc_type jacobi -pc_jacobi_abs"};
  snprintf(s->report->method, sizeof s->report->method, "%s + Jacobi (device, %s)", title(s), gkt_product_get_info(s->product).name);
  snprintf(s->report->why, sizeof s->report->why, "%s", s->choice.why);
  gkt_free(&s->report->options);
  return gkt_strdup(s->ctx, options[s->method], &s->report->options);
}

/* "CG + Jacobi found negative curvature" */
static void hand_over(gkt_device_solver *s) {
  const char *what = s->hopeless ? "was too slow to arrive" : gkt_krylov_end_text(s->end);
  if (s->report->converged) what = "left open whether the matrix is singular";
  s->gave_up = true;
  snprintf(s->to_host, sizeof s->to_host, "%s + Jacobi on the device %s", title(s), what);
  gkt_log(s->ctx, GKT_LOG_NOTICE, "%s (true residual %.2e after %d iterations)", s->to_host, s->report->residual, s->report->iterations);
}

/* ---- one right-hand side ---- */
/* Is more to be asked of the host? Of a system that is not proven regular, whether it is. */
static gkt_status inspect(gkt_device_solver *s) {
  if (s->system.regular || s->inspected || s->cancelled || !s->report->converged) return GKT_OK;
  s->owes = s->defers;
  if (s->owes) return GKT_OK;
  GKT_TRY(gkt_device_has_any_answer(s, &s->inspected));
  if (!s->inspected) hand_over(s);
  return GKT_OK;
}

/* The answer is 0 if it is the only one. */
static gkt_status solve_zero(gkt_device_solver *s) {
  GKT_TRY(gkt_device_fill(s->device, s->x, 0, (gkt_size)s->A->num_rows * (gkt_size)sizeof *s->x));
  GKT_TRY(gkt_device_system_lift(&s->system, s->b, s->x));
  s->report->converged = true;
  snprintf(s->report->method, sizeof s->report->method, "none");
  snprintf(s->report->why, sizeof s->report->why, "the right-hand side is zero");
  return inspect(s);
}

static gkt_status solve_here(gkt_device_solver *s) {
  gkt_krylov_result last = {0};
  gkt_true_residual start;
  double begun = gkt_seconds(), cpu = gkt_cpu_seconds();
  bool automatic = s->asked.method == GKT_LINEAR_AUTO && s->asked.max_iterations <= 0;
  GKT_TRY(gkt_device_system_residual(&s->system, s->b, s->asked.load, s->x, &start));
  s->right = start.right;
  if (s->right == 0) return solve_zero(s);
  s->may_give_up = automatic;
  GKT_TRY(describe(s));
  GKT_TRY(gkt_device_passes(s, &last));
  if (s->report->converged) GKT_TRY(gkt_device_energy_error(s, &last));
  GKT_TRY(inspect(s));
  if (!s->report->converged && automatic && !s->cancelled) hand_over(s);
  s->report->solve_seconds = gkt_seconds() - begun, s->report->solve_cpu_seconds = gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

/* In units of the fields. */
static gkt_status solve_fields(gkt_device_solver *s) {
  const gkt_scalar *b = s->b, *load = s->asked.load;
  gkt_scalar *x = s->x;
  GKT_TRY(gkt_device_fields_begin(&s->fields, b, x, load));
  s->b = s->fields.b.at, s->x = s->fields.x.at, s->asked.load = load ? s->fields.load.at : NULL;
  const gkt_status status = solve_here(s);
  s->b = b, s->x = x, s->asked.load = load;
  GKT_TRY(status);
  return gkt_device_fields_end(&s->fields, x);
}

static gkt_status check_finite(gkt_device_solver *s, const char *what, const gkt_scalar *v) {
  gkt_size n = s->A->num_rows, at;
  gkt_scalars work = {0};
  GKT_TRY(gkt_device_alloc(s->device, gkt_sum_work(n), sizeof *work.at, "partial sums", &work));
  gkt_status status = gkt_device_find_not_finite(s->device, n, v, work.at, &at);
  gkt_device_free(s->device, &work);
  GKT_TRY(status);
  return at < 0 ? GKT_OK : gkt_fail(s->ctx, GKT_BAD_INPUT, "the %s holds a value that is not finite (entry %lld)", what, (long long)at);
}

static gkt_status prepare(gkt_device_solver *s) {
  double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  if (s->begun && !s->changed) return GKT_OK;
  if (!s->begun) GKT_TRY(begin(s));
  s->begun = true;
  if (s->changed && s->product && !s->gave_up) { /* else the host goes on, which served last */
    if (s->fields.device) GKT_TRY(gkt_device_fields_fit(&s->fields, &s->system));
    GKT_TRY(gkt_product_update(s->product));
    GKT_TRY(fit(s));
  }
  s->made.setups += !s->to_host[0], s->made.kept += s->changed && !s->to_host[0];
  s->changed = false;
  s->made.setup_seconds += gkt_seconds() - start, s->made.setup_cpu_seconds += gkt_cpu_seconds() - cpu;
  return GKT_OK;
}

static void tell_made(gkt_device_solver *s) {
  s->report->setups = s->made.setups, s->report->kept = s->made.kept;
  s->report->setup_seconds = s->made.setup_seconds, s->report->setup_cpu_seconds = s->made.setup_cpu_seconds;
  s->made = (gkt_linear_report){0};
}

static gkt_status take(gkt_device_solver *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report) {
  s->b = b, s->x = x, s->report = report;
  s->cancelled = s->hopeless = false, s->watch_status = GKT_OK;
  GKT_TRY(check_finite(s, "right-hand side", b));
  return check_finite(s, "initial guess", x);
}

gkt_status gkt_device_solver_solve(gkt_device_solver *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report) {
  gkt_status status;
  GKT_GO(take(s, b, x, report));
  GKT_GO(prepare(s));
  tell_made(s);
  if (!s->to_host[0]) GKT_GO((s->fields.device ? solve_fields : solve_here)(s));
  if (s->to_host[0] && !s->cancelled) GKT_GO(gkt_device_solve_on_host(s, false));
done:
  if (status != GKT_OK) gkt_linear_report_clear(report);
  return status;
}

/* Where A was solved there its values of now are not looked at: A' has scales and a product of its own. */
gkt_status gkt_device_solver_solve_transposed(gkt_device_solver *s, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *report, bool *served) {
  gkt_status status;
  GKT_GO(take(s, b, x, report));
  if (!s->begun) GKT_GO(prepare(s));
  tell_made(s);
  *served = s->to_host[0];
  if (*served) GKT_GO(gkt_device_solve_on_host(s, true));
done:
  if (status != GKT_OK) gkt_linear_report_clear(report);
  return status;
}

bool gkt_device_solver_is_regular(const gkt_device_solver *s) { return !s->changed && (s->system.regular || s->inspected); }

/* ---- for Newton's method ---- */
bool gkt_device_solver_owes(const gkt_device_solver *s) { return s->owes || (s->host.solver && s->host.solver->owes); }

gkt_status gkt_device_solver_inspect(gkt_device_solver *s, gkt_linear_report *report) {
  s->report = report, s->owes = false;
  GKT_TRY(prepare(s));
  tell_made(s);
  if (s->host.solver && s->host.solver->owes) {
    GKT_TRY(gkt_device_make_host(s));
    return gkt_linear_solver_inspect(s->host.solver, report);
  }
  if (s->to_host[0] || s->system.regular || s->inspected) return GKT_OK;
  GKT_TRY(gkt_device_has_any_answer(s, &s->inspected));
  if (s->inspected) return GKT_OK;
  report->converged = true; /* what was solved was */
  hand_over(s);
  GKT_TRY(gkt_device_make_host(s));
  s->host.solver->defers = false;
  return gkt_device_solve_on_host(s, false);
}

gkt_status gkt_device_solver_scales(gkt_device_solver *s, const gkt_scalar **rows, const gkt_scalar **cols, gkt_where *where) {
  GKT_TRY(prepare(s));
  if (s->to_host[0]) GKT_TRY(gkt_device_make_host(s));
  *where = s->to_host[0] ? GKT_ON_HOST : GKT_ON_DEVICE;
  *rows = s->to_host[0] ? s->host.solver->scales.rows : s->fields.device ? s->fields.rows.at : s->system.rows.at;
  *cols = s->to_host[0] ? s->host.solver->scales.cols : s->fields.cols.at ? s->fields.cols.at : s->fields.device ? s->fields.rows.at : gkt_device_system_columns(&s->system);
  return GKT_OK;
}

/* ---- life ---- */
gkt_status gkt_device_solver_create(gkt_context *ctx, const gkt_csr *A, const gkt_system_facts *facts, const gkt_linear_options *options, gkt_device_solver **out) {
  gkt_device_solver *s = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *s, &s));
  *s = (gkt_device_solver){.ctx = ctx, .A = A, .facts = facts, .asked = *options};
  GKT_GO(gkt_device_open(ctx, &s->device));
  *out = s;
done:
  if (status != GKT_OK) gkt_device_solver_destroy(&s);
  return status;
}

gkt_status gkt_device_solver_update(gkt_device_solver *s) {
  if (s->fields.device) GKT_TRY(gkt_device_fields_take(&s->fields));
  if (s->system.device) GKT_TRY(gkt_device_system_check(&s->system));
  s->changed = s->begun, s->host.stale = true, s->inspected = false;
  return GKT_OK;
}

void gkt_device_solver_destroy(gkt_device_solver **solver) {
  gkt_device_solver *s = *solver;
  if (!s) return;
  take_down(s);
  gkt_device_host_destroy(&s->host);
  if (s->device) gkt_device_chunks_destroy(s->device, &s->pattern.pieces);
  gkt_mask_destroy(&s->pattern.constrained);
  gkt_free(solver);
}
