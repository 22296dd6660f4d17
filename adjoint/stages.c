/* The transpose of what solved for the end of a step: one adjoint system, then derivatives of its residual by all that the step was made of, each an assembly of one functional
   with the shifts of that part in the place of those of the tangent. */
#include <math.h>

#include "adjoint/reverse.h"
#include "core/vector.h"
#include "systems/device.h"

/* ---- conditions ---- */
bool gkt_reverse_asks_for_conditions(const gkt_reverse *v) { return gkt_adjoint_asks_for_conditions(v->a, v->gradients); }

gkt_status gkt_reverse_conditions(gkt_reverse *v, double weight, const gkt_vector *by) {
  gkt_adjoint *a = v->a;
  const gkt_system *s = a->s;
  const gkt_idx n = gkt_system_num_dofs(s);
  gkt_inputs inputs;
  if (!gkt_reverse_asks_for_conditions(v) || weight == 0) return GKT_OK;
  GKT_TRY(gkt_vector_give(by, v->held));
  for (gkt_idx i = 0; i < n; i++) v->held[i] = s->layout.constrained[i] && gkt_constraints_give(s->constraints, i) ? weight * v->held[i] : 0;
  if (gkt_norm(n, v->held, NULL) == 0) return GKT_OK;
  GKT_TRY(gkt_adjoint_inputs(a, v->u, &inputs));
  for (int i = 0; i < a->num_controls; i++)
    if (v->gradients[i] && a->controls[i].in_conditions) GKT_TRY(gkt_adjoint_add_by_conditions(a, &a->controls[i], &inputs, v->held, v->gradients[i]));
  return GKT_OK;
}

/* ---- the adjoint system ---- */
/* What iterations found: the next ones begin from combinations of these. */
static gkt_status keep(gkt_reverse *v, const gkt_solve_report *report) {
  gkt_vector **room = &v->later[v->num_solved % GKT_MOST_LATER];
  if (!report->valid || !report->linear.iterations) return GKT_OK;
  if (!*room) GKT_TRY(gkt_vector_create_on(v->a->ctx, gkt_vector_where(v->lambda), gkt_vector_size(v->lambda), room));
  gkt_vector_copy(v->lambda, *room);
  v->num_solved++;
  return GKT_OK;
}

static gkt_status solve_near_later(gkt_reverse *v, gkt_solve_report *report) {
  gkt_adjoint *a = v->a;
  const gkt_vector *near[GKT_MOST_LATER];
  const int count = v->num_solved < GKT_MOST_LATER ? v->num_solved : GKT_MOST_LATER;
  for (int i = 0; i < count; i++) near[i] = v->later[(v->num_solved - 1 - i) % GKT_MOST_LATER];
  const gkt_status status = gkt_system_solve_transposed_near(a->s, &v->t->options.solve, v->u, a->right, count, near, v->lambda, report);
  return status == GKT_OK ? keep(v, report) : status;
}

static gkt_status solve(gkt_reverse *v) {
  gkt_adjoint *a = v->a;
  gkt_solve_report report;
  gkt_vector_fill(a->right, 0), gkt_vector_axpy(-1, v->by[GKT_U1], a->right);
  if (gkt_vector_norm(a->right) == 0) {
    gkt_vector_fill(v->lambda, 0);
    return GKT_OK;
  }
  if (!gkt_vector_is_finite(a->right)) {
    v->report->valid = false;
    snprintf(v->report->reason, sizeof v->report->reason, "the derivative of the functional by the state is not finite at t = %.9g", a->s->inputs.time);
    return GKT_OK;
  }
  gkt_status status = solve_near_later(v, &report);
  if (status == GKT_OK) status = gkt_adjoint_check_means(a, &report);
  v->report->valid = status == GKT_OK && report.valid;
  snprintf(v->report->reason, sizeof v->report->reason, "%s", report.reason);
  v->report->linear += report.linear.iterations, v->report->assemblies += report.assemblies, v->report->setups += report.linear.setups;
  v->report->residual = fmax(v->report->residual, report.linear.residual);
  gkt_solve_report_clear(&report);
  return status;
}

/* ---- stages ---- */
/* Shifts of a part in a stage; false: it does not stand there. */
static bool set_shifts(const gkt_reverse *v, const gkt_scheme_plan *plan, int k, int part) {
  bool any = false;
  for (int b = 0; b < v->t->num_blocks; b++) {
    const gkt_combination *c = plan ? plan->stages[k][v->t->kinds[b]] : NULL;
    const gkt_shifts shifts = c ? (gkt_shifts){c[0].of[part], c[1].of[part], c[2].of[part]} : (gkt_shifts){.value = part == GKT_U1};
    gkt_system_set_shifts(v->a->s, b, shifts);
    any = any || shifts.value != 0 || shifts.rate != 0 || shifts.acceleration != 0;
  }
  return any;
}

/* What lambda gives by u, u' or u'' is once multiplied by a matrix that steps keep, and dealt out to the parts from `first` on. */
static void add_product(gkt_reverse *v, const gkt_scheme_plan *plan, int k, int first, int order) {
  const gkt_system *s = v->a->s;
  double factors[GKT_NUM_FIELD_KINDS][GKT_NUM_PARTS];
  bool any = false;
  for (int b = 0; b < v->t->num_blocks; b++)
    for (int p = first; p < GKT_NUM_PARTS; p++) {
      const int kind = v->t->kinds[b];
      factors[kind][p] = plan->weights[k] * plan->stages[k][kind][order].of[p];
      any = any || factors[kind][p] != 0;
    }
  if (!any) return;
  gkt_system_multiply_by_operator(s, order, gkt_vector_read(v->a->lambda), v->held);
  for (int b = 0; b < v->t->num_blocks; b++)
    for (int p = first; p < GKT_NUM_PARTS; p++) {
      const gkt_layout_block *l = &s->blocks[b];
      const double factor = factors[v->t->kinds[b]][p];
      gkt_scalar *to = factor != 0 ? gkt_vector_values(v->by[p]) : NULL;
      for (gkt_idx i = l->first; to && i < l->first + l->count; i++) to[i] += factor * v->held[i];
    }
}

static gkt_status plan_by_state(gkt_adjoint *a) {
  if (!a->by_state.form) GKT_TRY(gkt_adjoint_derive_by_state(a, a->lagrangian, &a->by_state.form));
  return gkt_adjoint_plan_ahead(a, true, &a->by_state);
}

static gkt_status add_parts(gkt_reverse *v, const gkt_scheme_plan *plan, int k, const gkt_inputs *inputs) {
  gkt_adjoint *a = v->a;
  const double weight = plan ? plan->weights[k] : 1;
  const int first = gkt_reverse_asks_for_conditions(v) ? GKT_U1 : GKT_U0;
  gkt_status status = GKT_OK;
  if (plan && gkt_vector_where(a->lambda) == GKT_ON_HOST && gkt_system_has_symmetric_operators(a->s)) {
    for (int order = 0; order < 3; order++) add_product(v, plan, k, first, order);
    return GKT_OK;
  }
  GKT_TRY(plan_by_state(a));
  for (int p = first; p < GKT_NUM_PARTS && status == GKT_OK; p++)
    if (set_shifts(v, plan, k, p)) status = gkt_adjoint_plan_add_vector(a, &a->by_state, inputs, weight, 0, gkt_system_num_dofs(a->s), v->by[p]);
  gkt_system_combine_shifts(a->s);
  return status;
}

void gkt_reverse_set_order(const gkt_reverse *v, int order) {
  for (int b = 0; b < v->t->num_blocks; b++) gkt_system_set_shifts(v->a->s, b, (gkt_shifts){order == 0, order == 1, order == 2});
}

gkt_status gkt_reverse_add_order(gkt_reverse *v, int order, const gkt_inputs *inputs, gkt_vector *to) {
  gkt_adjoint *a = v->a;
  GKT_TRY(plan_by_state(a));
  gkt_reverse_set_order(v, order);
  const gkt_status status = gkt_adjoint_plan_add_vector(a, &a->by_state, inputs, 1, 0, gkt_system_num_dofs(a->s), to);
  gkt_system_combine_shifts(a->s);
  return status;
}

gkt_status gkt_reverse_add_gradients(gkt_reverse *v, double weight, const gkt_inputs *inputs) {
  gkt_adjoint *a = v->a;
  GKT_TRY(gkt_reverse_add_residual_histories(v, inputs, weight));
  for (int i = 0; i < a->num_controls; i++)
    if (v->gradients[i]) GKT_TRY(gkt_adjoint_plan_add_control(a, &a->controls[i], &a->controls[i].residual, inputs, weight, v->gradients[i]));
  return GKT_OK;
}

static void weigh_rows(const gkt_reverse *v, const gkt_scalar *rows) {
  for (int b = 0; b < v->t->num_blocks; b++) {
    const gkt_layout_block *l = &v->a->s->blocks[b];
    gkt_vector_combine(l->first, l->count, 1, &(const gkt_scalar){rows ? rows[b] : 1}, (const gkt_vector *const[]){v->lambda}, v->a->lambda);
  }
}

static gkt_status add_stage(gkt_reverse *v, const gkt_scheme_plan *plan, int k, const gkt_scalar *rows) {
  gkt_adjoint *a = v->a;
  gkt_inputs inputs;
  weigh_rows(v, rows);
  if (plan) {
    GKT_TRY(gkt_system_look_at_stage(a->s, k, v->u, &inputs));
    gkt_adjoint_add_lambda(a, &inputs);
  } else GKT_TRY(gkt_adjoint_inputs(a, v->u, &inputs));
  GKT_TRY(add_parts(v, plan, k, &inputs));
  return gkt_reverse_add_gradients(v, plan ? plan->weights[k] : 1, &inputs);
}

gkt_status gkt_reverse_solve(gkt_reverse *v, const gkt_scheme_plan *plan, gkt_scalar *const *row_weights) {
  GKT_TRY(solve(v));
  for (int k = 0; v->report->valid && k < (plan ? plan->num_stages : 1); k++) GKT_TRY(add_stage(v, plan, k, row_weights ? row_weights[k] : NULL));
  gkt_vector_copy(v->lambda, v->a->lambda);
  return GKT_OK;
}
