/* Value and gradients at a solution. */
#include <math.h>

#include "adjoint/adjoint.h"
#include "core/vector.h"

gkt_status gkt_functional_add_by_state(gkt_functional *f, int order, const gkt_inputs *inputs, double factor, gkt_vector *out) {
  gkt_adjoint *a = f->a;
  for (int i = 0; i < gkt_functional_num_parts(f); i++) {
    gkt_functional *part = gkt_functional_part(f, i);
    double weight;
    if (order > part->rate_order) continue;
    GKT_TRY(gkt_functional_weight(f, i, &weight));
    GKT_TRY(gkt_adjoint_plan_add_vector(a, &part->by_state, inputs, factor * weight, 0, gkt_system_num_dofs(a->s), out));
  }
  return GKT_OK;
}

/* What an iteration found: for the next design. */
static gkt_status keep(gkt_functional *f, const gkt_solve_report *report) {
  const gkt_vector *lambda = f->a->lambda;
  if (!report->valid || !report->linear.iterations) return GKT_OK;
  if (f->last && gkt_vector_where(f->last) != gkt_vector_where(lambda)) gkt_vector_destroy(&f->last);
  if (!f->last) GKT_TRY(gkt_vector_create_on(f->a->ctx, gkt_vector_where(lambda), gkt_vector_size(lambda), &f->last));
  gkt_vector_copy(lambda, f->last);
  return GKT_OK;
}

static gkt_status solve(gkt_functional *f, const gkt_solve_options *options, const gkt_vector *u, const gkt_inputs *inputs, gkt_solve_report *report) {
  gkt_adjoint *a = f->a;
  gkt_vector_fill(a->lambda, 0);
  report->valid = true;
  if (!gkt_functional_depends_on_state(f)) return GKT_OK;
  gkt_vector_fill(a->right, 0);
  GKT_TRY(gkt_functional_add_by_state(f, 0, inputs, -1, a->right));
  if (gkt_vector_is_finite(a->right)) {
    GKT_TRY(gkt_system_solve_transposed_near(a->s, options, u, a->right, f->last != NULL, (const gkt_vector *const[]){f->last}, a->lambda, report));
    return keep(f, report);
  }
  if (gkt_vector_device(a->right)) GKT_TRY(gkt_device_wait(gkt_vector_device(a->right))); /* one that failed has no numbers */
  report->valid = false;
  snprintf(report->reason, sizeof report->reason, "the derivative of the functional by the state is not finite at the solution");
  return GKT_OK;
}

gkt_status gkt_adjoint_find_lambda(gkt_functional *f, const gkt_solve_options *options, const gkt_vector *u, const gkt_inputs *inputs, gkt_solve_report *report) {
  gkt_adjoint *a = f->a;
  a->lambda_of = NULL;
  GKT_TRY(solve(f, options, u, inputs, report));
  if (!report->valid) return GKT_OK;
  gkt_vector_copy(u, a->lambda_at);
  a->lambda_of = f, a->lambda_changes = a->s->num_changes;
  return GKT_OK;
}

gkt_status gkt_functional_add_by_control(gkt_functional *f, int control, const gkt_inputs *inputs, double factor, gkt_scalar *g) {
  gkt_adjoint *a = f->a;
  gkt_adjoint_control *c = &a->controls[control];
  double weight;
  for (int i = 0; i < gkt_functional_num_parts(f); i++) {
    GKT_TRY(gkt_functional_weight(f, i, &weight));
    GKT_TRY(gkt_adjoint_plan_add_control(a, c, &gkt_functional_part(f, i)->by_control[control], inputs, factor * weight, g));
  }
  GKT_TRY(gkt_functional_slope(f, c, &weight));
  if (c->kind == GKT_CONTROL_CONSTANT) *g += factor * weight;
  return GKT_OK;
}

/* by_values: dJ/dg; NULL: nothing asked for it */
static gkt_status add_gradient(gkt_functional *f, int control, const gkt_inputs *inputs, const gkt_scalar *by_values, gkt_scalar *g) {
  gkt_adjoint *a = f->a;
  gkt_adjoint_control *c = &a->controls[control];
  GKT_TRY(gkt_functional_add_by_control(f, control, inputs, 1, g));
  if (!gkt_functional_depends_on_state(f)) return GKT_OK;
  GKT_TRY(gkt_adjoint_plan_add_control(a, c, &c->residual, inputs, 1, g));
  return c->in_conditions ? gkt_adjoint_add_by_conditions(a, c, inputs, by_values, g) : GKT_OK;
}

static gkt_status add_gradients(gkt_functional *f, const gkt_inputs *inputs, gkt_scalar *const *gradients) {
  gkt_adjoint *a = f->a;
  gkt_scalar *by_values = NULL;
  gkt_status status = GKT_OK;
  if (gkt_functional_depends_on_state(f) && gkt_adjoint_asks_for_conditions(a, gradients)) {
    GKT_GO(gkt_alloc(a->ctx, gkt_system_num_dofs(a->s), sizeof *by_values, &by_values));
    GKT_GO(gkt_adjoint_derive_values(a, inputs, by_values));
  }
  for (int i = 0; i < a->num_controls; i++)
    if (gradients[i]) GKT_GO(add_gradient(f, i, inputs, by_values, gradients[i]));
done:
  gkt_free(&by_values);
  return status;
}

static gkt_status check(gkt_adjoint *a, gkt_functional *f) {
  GKT_TRY(gkt_adjoint_check_functional(a, f));
  if (a->s->has_rates) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: the form holds rates: its gradients are those of runs in time; expected gkt_time_gradient");
  if (a->num_histories) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: the form holds histories: its gradients are those of runs in time; expected gkt_time_gradient");
  GKT_TRY(gkt_adjoint_check(a));
  return gkt_functional_check(f);
}

static gkt_status differentiate(gkt_functional *f, const gkt_solve_options *options, const gkt_vector *u, double *value, gkt_scalar *const *gradients, gkt_solve_report *report) {
  gkt_adjoint *a = f->a;
  gkt_inputs inputs;
  double J;
  GKT_TRY(gkt_adjoint_inputs(a, u, &inputs));
  GKT_TRY(gkt_functional_evaluate(f, &inputs, &J));
  if (value) *value = J;
  if (!isfinite(J)) {
    snprintf(report->reason, sizeof report->reason, "the functional is not finite at the solution");
    return GKT_OK;
  }
  GKT_TRY(gkt_adjoint_check_weights(f, report));
  if (!report->valid) return GKT_OK;
  GKT_TRY(gkt_adjoint_find_lambda(f, options, u, &inputs, report));
  GKT_TRY(gkt_adjoint_check_means(a, report));
  if (!report->valid) return GKT_OK;
  GKT_TRY(gkt_adjoint_inputs(a, u, &inputs));
  GKT_TRY(add_gradients(f, &inputs, gradients));
  gkt_adjoint_check_finite(a, "the functional", gradients, report);
  return GKT_OK;
}

gkt_status gkt_adjoint_gradient(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, const gkt_vector *u, double *value, gkt_scalar *const *gradients,
                                gkt_solve_report *report) {
  GKT_NEED(a->ctx, report, "report");
  *report = (gkt_solve_report){0};
  GKT_TRY(check(a, f));
  GKT_TRY(gkt_system_check_size(a->s, u, "u"));
  GKT_NEED(a->ctx, gradients, "array of gradients, one for each control");
  const gkt_status status = differentiate(f, options, u, value, gradients, report);
  if (status != GKT_OK) gkt_solve_report_clear(report);
  return status;
}
