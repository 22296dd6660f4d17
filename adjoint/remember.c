/* The way back through what a material remembers: a step reads the values of before, and leaves others. */
#include <string.h>

#include "adjoint/reverse.h"

gkt_status gkt_reverse_set_histories(gkt_reverse *v, gkt_size n) {
  if (!v->of_histories) return GKT_OK;
  return gkt_time_set_histories(v->t, n < 0 ? v->r->given : gkt_trajectory_histories(v->r, n));
}

gkt_status gkt_reverse_add_residual_histories(gkt_reverse *v, const gkt_inputs *inputs, double weight) {
  gkt_adjoint *a = v->a;
  for (int i = 0; i < a->num_histories; i++) {
    gkt_adjoint_history *h = &a->histories[i];
    GKT_TRY(gkt_adjoint_plan_add(a, &h->residual, inputs, weight, h->size, a->work, v->of_histories + h->first));
  }
  return GKT_OK;
}

gkt_status gkt_reverse_add_functional_histories(gkt_reverse *v, gkt_functional *J, const gkt_inputs *inputs, double factor) {
  gkt_adjoint *a = v->a;
  double weight;
  for (int k = 0; k < gkt_functional_num_parts(J) && a->num_histories; k++) {
    GKT_TRY(gkt_functional_weight(J, k, &weight));
    for (int i = 0; i < a->num_histories; i++)
      GKT_TRY(gkt_adjoint_plan_add(a, &gkt_functional_part(J, k)->by_history[i], inputs, factor * weight, a->histories[i].size, a->work, v->of_histories + a->histories[i].first));
  }
  return GKT_OK;
}

/* What arrives at the points becomes p; false: nothing does. */
static bool take_over(gkt_reverse *v) {
  bool any = false;
  for (gkt_size i = 0; i < v->a->history_size; i++) any = any || v->of_histories[i] != 0, v->a->p[i] = v->of_histories[i] / v->a->point_weights[i];
  memset(v->of_histories, 0, (size_t)v->a->history_size * sizeof *v->of_histories);
  return any;
}

int gkt_reverse_update_rates(const gkt_adjoint *a) {
  int order = 0;
  for (int k = 0; k < a->s->num_unknowns && a->updates; k++) {
    const int n = gkt_form_rate_order(a->updates, a->s->unknowns[k]);
    order = n > order ? n : order;
  }
  return order;
}

static gkt_status add_by_state(gkt_reverse *v, const gkt_inputs *inputs) {
  gkt_adjoint *a = v->a;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_adjoint_plan_ahead(a, true, &a->update_by_state));
  for (int order = 0; order <= gkt_reverse_update_rates(a) && status == GKT_OK; order++) {
    gkt_reverse_set_order(v, order);
    status = gkt_adjoint_plan_add(a, &a->update_by_state, inputs, 1, gkt_system_num_dofs(a->s), gkt_vector_values(a->part), gkt_vector_values(v->of[GKT_OF_U + order]));
  }
  gkt_system_combine_shifts(a->s);
  return status;
}

gkt_status gkt_reverse_update(gkt_reverse *v, gkt_size n) {
  gkt_adjoint *a = v->a;
  gkt_inputs inputs;
  if (!v->of_histories || !take_over(v) || !a->updates) return GKT_OK;
  GKT_TRY(gkt_system_inputs(a->s, &(gkt_state){v->u, v->rate, v->acceleration, gkt_trajectory_time(v->r, n)}, &inputs));
  gkt_adjoint_add_lambda(a, &inputs);
  GKT_TRY(add_by_state(v, &inputs));
  for (int i = 0; i < a->num_controls; i++)
    if (v->gradients[i]) GKT_TRY(gkt_adjoint_plan_add_control(a, &a->controls[i], &a->controls[i].update, &inputs, 1, v->gradients[i]));
  for (int i = 0; i < a->num_histories; i++)
    GKT_TRY(gkt_adjoint_plan_add(a, &a->histories[i].update, &inputs, 1, a->histories[i].size, a->work, v->of_histories + a->histories[i].first));
  return GKT_OK;
}

/* ---- the start ---- */
/* Is what the run began with what the expressions give? */
static gkt_status check_given(gkt_reverse *v) {
  gkt_scalar *found = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(v->a->ctx, v->a->history_size, sizeof *found, &found));
  GKT_GO(gkt_system_start_histories(v->a->s));
  gkt_time_get_histories(v->t, found);
  if (memcmp(found, v->r->given, (size_t)v->a->history_size * sizeof *found))
    status = gkt_fail(v->a->ctx, GKT_BAD_INPUT,
                      "a control stands in what histories are at the start, and the run did not begin with that; expected gkt_system_start_histories before it");
done:
  gkt_free(&found);
  return status;
}

gkt_status gkt_reverse_remembered(gkt_reverse *v) {
  gkt_adjoint *a = v->a;
  gkt_inputs inputs;
  bool asks = false;
  for (int i = 0; i < a->num_controls; i++) asks = asks || (v->gradients[i] && a->controls[i].remembered.form);
  if (!v->of_histories || !asks) return GKT_OK;
  GKT_TRY(gkt_system_set_time(a->s, v->t->options.start));
  GKT_TRY(check_given(v));
  take_over(v);
  GKT_TRY(gkt_adjoint_inputs(a, v->u, &inputs));
  for (int i = 0; i < a->num_controls; i++)
    if (v->gradients[i]) GKT_TRY(gkt_adjoint_plan_add_control(a, &a->controls[i], &a->controls[i].remembered, &inputs, 1, v->gradients[i]));
  return GKT_OK;
}
