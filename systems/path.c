/* Solutions with t unknown: what Newton's method on a path asks of the system (gkt_nonlinear_path), and the path's direction. */
#include <math.h>

#include "assembly/assembler.h"
#include "forms/form.h"
#include "solvers/linear.h"
#include "systems/system.h"

/* ---- dR/dt, and the rates of conditions ---- */
void gkt_system_forget_slopes(gkt_system *s) {
  for (int i = 0; s->condition_slopes && i < s->num_conditions; i++) gkt_expression_destroy(&s->condition_slopes[i]);
  gkt_free(&s->condition_slopes);
  gkt_free(&s->condition_rates);
}

static gkt_status derive_conditions(gkt_system *s) {
  if (!s->condition_rates) GKT_TRY(gkt_calloc(s->ctx, gkt_system_num_dofs(s), sizeof *s->condition_rates, &s->condition_rates));
  if (s->condition_slopes || s->num_conditions == 0) return GKT_OK;
  GKT_TRY(gkt_calloc(s->ctx, s->num_conditions, sizeof *s->condition_slopes, &s->condition_slopes));
  for (int i = 0; i < s->num_conditions; i++) GKT_TRY(gkt_expression_derivative_time(s->conditions[i].value, &s->condition_slopes[i]));
  return GKT_OK;
}

/* Of a form that has no derivative its differences serve. */
static gkt_status derive_residual(gkt_system *s) {
  gkt_form *slope = NULL;
  gkt_status status;
  if (s->has_slope) return GKT_OK;
  status = gkt_form_derivative_time(s->residual, &slope);
  if (status == GKT_BAD_INPUT || status == GKT_UNAVAILABLE) {
    gkt_log(s->ctx, GKT_LOG_NOTICE, "the derivative by t is taken by differences: %s", gkt_context_message(s->ctx));
    gkt_context_clear(s->ctx);
    s->has_slope = s->differences_slope = true;
    return GKT_OK;
  }
  GKT_TRY(status);
  if (gkt_form_num_integrals(slope)) status = gkt_assembler_create_tied(slope, s->mesh, s->spaces, s->ties, &s->slope_assembler);
  gkt_form_destroy(&slope);
  s->has_slope = status == GKT_OK;
  return status;
}

/* out = (R(t + e) - R(t - e)) / 2e, of order e^2; the third root of the rounding balances both errors. */
static gkt_status difference(gkt_system *s, const gkt_scalar *u, gkt_scalar *out) {
  const double t = s->inputs.time, e = 6e-6 * fmax(fabs(t), 1);
  gkt_status status = GKT_OK;
  if (!s->slope_work) GKT_TRY(gkt_calloc(s->ctx, gkt_system_num_dofs(s), sizeof *s->slope_work, &s->slope_work));
  s->inputs.time = t + e;
  status = gkt_system_sum_residual(s, u, out);
  s->inputs.time = t - e;
  if (status == GKT_OK) status = gkt_system_sum_residual(s, u, s->slope_work);
  s->inputs.time = t;
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) out[i] = (out[i] - s->slope_work[i]) / (2 * e);
  return status;
}

static gkt_status assemble_slope(gkt_system *s, const gkt_scalar *u, gkt_scalar *out) {
  if (s->differences_slope) return difference(s, u, out);
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) out[i] = 0;
  if (!s->slope_assembler) return GKT_OK;
  const gkt_inputs inputs = gkt_system_now(s, u);
  return gkt_assemble_vector(s->slope_assembler, &inputs, out);
}

static bool follow_time(const gkt_system *s) {
  for (int i = 0; i < s->num_conditions; i++)
    if (s->conditions[i].varies) return true;
  return false;
}

/* out = dR/dt + A g' on free dofs, g' on constrained ones; A: all rows and columns. Of u~. */
static gkt_status find_slope(gkt_system *s, const gkt_scalar *u, const gkt_csr *A, gkt_scalar *out) {
  const bool *constrained = s->layout.constrained;
  GKT_TRY(derive_residual(s));
  GKT_TRY(derive_conditions(s));
  GKT_TRY(assemble_slope(s, u, out));
  const bool moves = follow_time(s);
  if (moves) GKT_TRY(gkt_system_derive_values(s, s->condition_slopes, s->condition_rates));
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) {
    if (constrained[i]) out[i] = moves ? s->condition_rates[i] : 0;
    for (gkt_idx k = A->row_offsets[i]; moves && !constrained[i] && k < A->row_offsets[i + 1]; k++) out[i] += A->vals[k] * s->condition_rates[A->cols[k]];
  }
  return GKT_OK;
}

/* ---- what Newton's method calls; user: the solution ---- */
static gkt_status move(void *user, double t, gkt_vector *u) {
  gkt_system *s = ((gkt_solution *)user)->s;
  GKT_TRY(gkt_system_set_time(s, t));
  GKT_TRY(gkt_system_refresh(s));
  gkt_constraints_lift(s->constraints, gkt_vector_values(u));
  return GKT_OK;
}

static gkt_status slope(void *user, const gkt_vector *u, const gkt_csr *A, gkt_vector *out) {
  gkt_solution *o = user;
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  const gkt_status status = find_slope(o->s, gkt_vector_read(u), A, gkt_vector_values(out));
  o->report->assemble_seconds += gkt_seconds() - start, o->report->assemble_cpu_seconds += gkt_cpu_seconds() - cpu;
  return status;
}

void gkt_solution_set_path(gkt_solution *o, double *t, gkt_nonlinear_path *path, gkt_nonlinear_system *system) {
  *path = (gkt_nonlinear_path){
      .user = o, .move = move, .slope = slope, .plane = o->normal, .plane_t = o->plane->normal_t, .scale = o->plane->scale, .length = o->plane->length, .t = t};
  system->path = path;
}

static gkt_status check_fixed(const gkt_solution *o) {
  if (!o->facts.singular) return GKT_OK;
  return gkt_fail(o->s->ctx, GKT_UNAVAILABLE, "a path of arc length with unknowns that nothing fixes is not available yet; expected conditions on %s", o->s->names);
}

/* Beyond a barrier nothing would keep Newton's method from staying there. */
gkt_status gkt_solution_check_plane(gkt_solution *o) {
  gkt_system *s = o->s;
  gkt_text t = {.ctx = s->ctx};
  bool inside = true;
  if (o->options->newton.accept == GKT_ACCEPT_ENERGY)
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "steps are to be accepted by the energy, but along a path it has no minimum; expected the natural test");
  GKT_TRY(check_fixed(o));
  GKT_TRY(gkt_system_find_barriers(s));
  if (s->barriers && s->barriers->blocks) GKT_TRY(gkt_system_is_inside(s, o->u, &inside));
  if (inside) return GKT_OK;
  gkt_status status = gkt_system_print_barrier(s, o->u, &t);
  if (status == GKT_OK) snprintf(o->report->reason, sizeof o->report->reason, "the step along the path leads beyond a barrier (%s); expected a shorter one", t.data);
  gkt_text_free(&t);
  return status;
}

/* ---- calls ---- */
static gkt_status check(const gkt_system *s, const gkt_plane *p) {
  if (s->has_rates) return gkt_fail(s->ctx, GKT_UNAVAILABLE, "system: a path of solutions of a form with rates; expected one without");
  if (s->num_followed) return gkt_fail(s->ctx, GKT_UNAVAILABLE, "system: a path with coefficients that are filled anew as t moves is not available yet; expected symbolic ones");
  if (!p) return GKT_OK;
  GKT_TRY(gkt_system_check_vector(s, p->normal, "the normal of a plane"));
  return isfinite(p->normal_t) && p->length > 0 && p->scale > 0
             ? GKT_OK
             : gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a plane with a normal that is not finite, a scale of %g or a length of %g; expected both above 0", p->scale, p->length);
}

gkt_status gkt_system_solve_on(gkt_system *s, const gkt_solve_options *options, const gkt_plane *plane, gkt_vector *u, gkt_solve_report *report) {
  gkt_vector *normal = NULL;
  gkt_status status;
  GKT_NEED(s->ctx, report, "report");
  *report = (gkt_solve_report){0};
  GKT_TRY(check(s, plane));
  GKT_GO(gkt_system_lift(s, u));
  GKT_GO(gkt_system_vector(s, &normal));
  gkt_system_to_tied(s, gkt_vector_read(plane->normal), gkt_vector_values(normal));
  gkt_constraints_zero(s->constraints, gkt_vector_values(normal));
  s->seeks_time = true;
  GKT_GO(gkt_solution_run(s, options, NULL, plane, normal, u, report));
done:
  s->seeks_time = false;
  gkt_vector_destroy(&normal);
  return status;
}

/* A of s->matrix, all rows and columns; b = -slope on free dofs, z = g' on constrained ones */
static gkt_status assemble(gkt_solution *o, gkt_scalar *b, gkt_scalar *z) {
  gkt_system *s = o->s;
  GKT_TRY(gkt_system_assemble_tangent(s, o->u));
  GKT_TRY(find_slope(s, o->u, s->matrix, b));
  gkt_constraints_eliminate(s->constraints, s->matrix);
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) z[i] = 0, b[i] = -b[i];
  gkt_constraints_zero(s->constraints, b);
  return GKT_OK;
}

static gkt_status solve_alone(gkt_solution *o, const gkt_scalar *b, gkt_scalar *z, const gkt_linear_options *options, int *num_negative) {
  gkt_linear_solver *solver = NULL;
  gkt_status status;
  GKT_GO(gkt_linear_solver_create(o->s->ctx, o->s->matrix, &o->facts, options, &solver));
  GKT_GO(gkt_linear_solver_solve(solver, 1, gkt_system_num_dofs(o->s), b, z, &o->report->linear));
  GKT_GO(gkt_linear_solver_count_negative(solver, num_negative));
done:
  gkt_linear_solver_destroy(&solver);
  return status;
}

/* By the solver of Newton's method, where that is kept. */
static gkt_status solve_kept(gkt_solution *o, const gkt_scalar *b, gkt_scalar *z, const gkt_linear_options *options, int *num_negative) {
  GKT_TRY(gkt_solution_solve_kept(o, o->s->matrix, b, z, options, &o->report->linear));
  return gkt_linear_solver_count_negative(o->s->kept.solver, num_negative);
}

/* Where nothing moves with t a factor is still asked for what its pivots tell. b: overwritten then */
static gkt_status solve(gkt_solution *o, gkt_scalar *b, gkt_scalar *z, int *num_negative) {
  const gkt_idx n = gkt_system_num_dofs(o->s);
  const bool stays = gkt_norm(n, b, NULL) == 0;
  gkt_solve_report *r = o->report;
  gkt_linear_options options = o->options->newton.linear;
  options.repeated = true;
  for (gkt_idx i = 0; stays && i < n; i++) b[i] = o->s->layout.constrained[i] ? 0 : 1;
  GKT_TRY((gkt_solution_keeps(o) ? solve_kept : solve_alone)(o, b, z, &options, num_negative));
  r->valid = r->linear.converged;
  if (!r->valid) *num_negative = -1;
  gkt_system_explain_linear(o->s, &r->linear, options.rtol, sizeof r->reason, r->reason);
  for (gkt_idx i = 0; stays && i < n; i++) z[i] = 0;
  return GKT_OK;
}

/* u~, b and z~ [dofs] each */
static gkt_status find_direction(gkt_solution *o, gkt_scalar *b, gkt_scalar *z, int *num_negative) {
  gkt_system *s = o->s;
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(gkt_system_refresh(s));
  GKT_TRY(gkt_solution_find_facts(o));
  GKT_TRY(assemble(o, b, z));
  o->report->assemblies = 1;
  const bool finite = gkt_is_finite(gkt_system_num_dofs(s), b) && gkt_is_finite(s->matrix->row_offsets[s->matrix->num_rows], s->matrix->vals);
  o->report->assemble_seconds = gkt_seconds() - start, o->report->assemble_cpu_seconds = gkt_cpu_seconds() - cpu;
  if (!finite) return gkt_solution_explain_nonfinite(o, "");
  if (o->facts.singular) GKT_TRY(gkt_solution_find_kernel(o, s->matrix)); /* of several unknowns it is looked for */
  if (o->report->reason[0]) return GKT_OK;
  GKT_TRY(check_fixed(o));
  GKT_TRY(solve(o, b, z, num_negative));
  o->report->setup_seconds = o->report->linear.setup_seconds, o->report->setup_cpu_seconds = o->report->linear.setup_cpu_seconds;
  o->report->solve_seconds = o->report->linear.solve_seconds, o->report->solve_cpu_seconds = o->report->linear.solve_cpu_seconds;
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++)
    if (s->layout.constrained[i]) z[i] = s->condition_rates[i];
  return GKT_OK;
}

gkt_status gkt_system_slope(gkt_system *s, const gkt_solve_options *given, const gkt_vector *u, gkt_vector *z, int *num_negative, gkt_solve_report *report) {
  const gkt_solve_options options = given ? *given : gkt_solve_options_default();
  const gkt_size n = gkt_system_num_dofs(s);
  gkt_scalar *work = NULL;
  gkt_status status;
  GKT_NEED(s->ctx, report, "report");
  GKT_NEED(s->ctx, num_negative, "place for the number of eigenvalues below 0");
  *report = (gkt_solve_report){0}, *num_negative = -1;
  GKT_TRY(check(s, NULL));
  GKT_TRY(gkt_system_check_vector(s, u, "u"));
  GKT_TRY(gkt_system_check_vector(s, z, "z"));
  GKT_TRY(gkt_system_plan(s));
  GKT_TRY(gkt_alloc(s->ctx, 3 * n, sizeof *work, &work));
  gkt_solution o = {.s = s, .options = &options, .report = report, .u = work};
  gkt_system_to_tied(s, gkt_vector_read(u), work);
  s->seeks_time = true;
  GKT_GO(find_direction(&o, work + n, work + 2 * n, num_negative));
  gkt_system_from_tied(s, work + 2 * n, gkt_vector_values(z));
done:
  s->seeks_time = false;
  gkt_solution_clear_kernel(&o);
  if (status != GKT_OK) gkt_solve_report_clear(report);
  gkt_system_at(s, NULL, 0);
  gkt_free(&work);
  return status;
}
