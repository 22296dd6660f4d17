/* Adjoint systems: A' lambda = b, A the tangent at a solution. Matrix, preconditioner or factor are those that found it, as far as they fit there; vectors and matrix stand on the
 * host.
 */
#include <string.h>

#include "assembly/assembler.h"
#include "core/vector.h"
#include "systems/device.h"

typedef struct {
  bool transposed;
  gkt_vector *u, *b, *x; /* [dofs] of u~ */
} linearized;

static gkt_status create(const gkt_system *s, const gkt_vector *u, const gkt_vector *b, linearized *a) {
  GKT_TRY(gkt_system_vector(s, &a->u));
  GKT_TRY(gkt_system_vector(s, &a->b));
  GKT_TRY(gkt_system_vector(s, &a->x));
  gkt_system_to_tied(s, gkt_vector_read(u), gkt_vector_values(a->u));
  gkt_vector_copy(b, a->b);
  gkt_constraints_zero(s->constraints, gkt_vector_values(a->b));
  return GKT_OK;
}

static void destroy(linearized *a) { gkt_vector_destroy(&a->u), gkt_vector_destroy(&a->b), gkt_vector_destroy(&a->x); }

/* Is what is kept that of the tangent at u? */
static bool fits(const gkt_system *s, const gkt_scalar *u) {
  const gkt_kept *k = &s->kept;
  if (!k->solver || k->A != s->matrix) return false;
  return k->fits || (k->fits_at && !memcmp(k->at, u, (size_t)gkt_system_num_dofs(s) * sizeof *u));
}

/* The tangent, with conditions eliminated. */
static gkt_status assemble(gkt_solution *o) {
  gkt_system *s = o->s;
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(gkt_system_assemble_tangent(s, o->u));
  gkt_constraints_eliminate(s->constraints, s->matrix);
  o->report->assemblies = 1;
  o->report->assemble_seconds = gkt_seconds() - start, o->report->assemble_cpu_seconds = gkt_cpu_seconds() - cpu;
  if (!gkt_is_finite(s->matrix->row_offsets[s->matrix->num_rows], s->matrix->vals)) return gkt_solution_explain_nonfinite(o, "");
  return GKT_OK;
}

static gkt_status look_at(gkt_solution *o) {
  GKT_TRY(gkt_system_refresh(o->s));
  o->is_kept = fits(o->s, o->u);
  if (o->is_kept) gkt_solution_take_facts(o);
  else GKT_TRY(gkt_solution_find_facts(o));
  if (!o->is_kept) GKT_TRY(assemble(o));
  return o->report->reason[0] ? GKT_OK : gkt_solution_find_kernel(o, o->s->matrix);
}

/* What nothing fixes, and what must balance: of the transpose each takes the place of the other. */
static gkt_status prepare(gkt_solution *o, linearized *a) {
  if (a->transposed) return gkt_solution_fix_kernel_transposed(o, a->u, a->b);
  return o->left.count ? gkt_solution_balance(o, a->u, a->b) : GKT_OK;
}
static gkt_status finish(gkt_solution *o, linearized *a) { return a->transposed ? gkt_solution_balance_transposed(o, a->u, a->x) : gkt_solution_fix_kernel(o, a->x); }

static gkt_status solve(gkt_solution *o, linearized *a) {
  gkt_linear_options options = o->options->newton.linear;
  gkt_solve_report *r = o->report;
  options.load = NULL;
  GKT_TRY(prepare(o, a));
  if (r->reason[0]) return GKT_OK;
  GKT_TRY(gkt_solution_solve_here(o, a->transposed, gkt_vector_read(a->b), gkt_vector_values(a->x), &options, &r->linear));
  GKT_TRY(finish(o, a));
  r->setup_seconds = r->linear.setup_seconds, r->setup_cpu_seconds = r->linear.setup_cpu_seconds;
  r->solve_seconds = r->linear.solve_seconds, r->solve_cpu_seconds = r->linear.solve_cpu_seconds;
  r->initial_residual = gkt_vector_norm(a->b), r->final_residual = r->linear.residual * r->initial_residual;
  r->valid = r->linear.converged, r->cancelled = r->linear.cancelled;
  if (r->cancelled) snprintf(r->reason, sizeof r->reason, "%s", gkt_status_text(GKT_CANCELLED));
  else gkt_system_explain_linear(o->s, &r->linear, options.rtol, sizeof r->reason, r->reason);
  return GKT_OK;
}

/* For the next one at this state. */
static gkt_status remember(gkt_solution *o) {
  gkt_kept *k = &o->s->kept;
  const gkt_size n = gkt_system_num_dofs(o->s);
  k->fits_at = false;
  if (!o->report->valid || k->fits) return GKT_OK;
  if (!k->at) GKT_TRY(gkt_alloc(o->s->ctx, n, sizeof *k->at, &k->at));
  memcpy(k->at, o->u, (size_t)n * sizeof *k->at);
  k->fits_at = true;
  return GKT_OK;
}

static gkt_status run(gkt_solution *o, linearized *a) {
  const gkt_inputs inputs = gkt_system_at(o->s, o->u, o->s->inputs.time);
  GKT_TRY(gkt_assembler_check(o->s->tangent_assembler, &inputs));
  GKT_TRY(look_at(o));
  if (o->report->reason[0]) return GKT_OK;
  GKT_TRY(solve(o, a));
  return remember(o);
}

static gkt_status check(gkt_system *s, const gkt_vector *u, const gkt_vector *b, const gkt_vector *x) {
  GKT_TRY(gkt_system_check_vector(s, u, "u"));
  GKT_TRY(gkt_system_check_vector(s, b, "b"));
  GKT_TRY(gkt_system_check_vector(s, x, "the solution"));
  return gkt_system_plan(s);
}

static gkt_status solve_at(gkt_system *s, bool transposed, const gkt_solve_options *given, const gkt_vector *u, const gkt_vector *b, gkt_vector *x, gkt_solve_report *report) {
  const gkt_solve_options options = given ? *given : gkt_solve_options_default();
  gkt_solution o = {.s = s, .options = &options, .report = report};
  linearized a = {.transposed = transposed};
  gkt_status status;
  *report = (gkt_solve_report){0};
  GKT_TRY(check(s, u, b, x));
  GKT_GO(create(s, u, b, &a));
  o.u = gkt_vector_values(a.u);
  GKT_GO(run(&o, &a));
  gkt_system_from_tied(s, gkt_vector_read(a.x), gkt_vector_values(x));
  report->nonzeros = s->matrix->row_offsets[s->matrix->num_rows];
done:
  gkt_solution_clear_kernel(&o);
  gkt_system_at(s, NULL, 0);
  destroy(&a);
  if (status != GKT_OK) gkt_solve_report_clear(report);
  return status;
}

gkt_status gkt_system_solve_transposed(gkt_system *s, const gkt_solve_options *options, const gkt_vector *u, const gkt_vector *b, gkt_vector *lambda, gkt_solve_report *report) {
  return solve_at(s, true, options, u, b, lambda, report);
}

gkt_status gkt_system_solve_linearized(gkt_system *s, const gkt_solve_options *options, const gkt_vector *u, const gkt_vector *b, gkt_vector *du, gkt_solve_report *report) {
  return solve_at(s, false, options, u, b, du, report);
}
