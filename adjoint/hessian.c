/* Hessian actions by the second-order adjoint: along a change dm of the controls A du = -R_m dm, then A' dlambda = -(L_uu du + L_um dm), and
   H dm = L_mm dm + L_mu du + R_m' dlambda, L = J + R(u, m; lambda) (Hinze et al., section 1.6.5). With J in the place of L that is Gauss-Newton's S' J'' S, S dm = (du, dm). */
#include <math.h>

#include "adjoint/adjoint.h"
#include "core/vector.h"

typedef struct {
  gkt_adjoint *a;
  gkt_functional *f;
  const gkt_solve_options *options;
  const gkt_vector *u;
  const gkt_scalar *const *direction;
  gkt_scalar *zeros;       /* [largest control or state] */
  gkt_device *device;      /* where u stands; NULL: on the host */
  gkt_scalars none, *sent; /* zeros and directions [num_controls] there */
  gkt_inputs inputs;
  double *weights, *rates; /* [parts] of J's, and how they change */
  double *changes;         /* [constants of the outer scope] how its constants change */
  gkt_solve_report *report;
  const char *call; /* its name, for messages */
  bool of_equation; /* second derivatives of R count; else those of J alone: Gauss-Newton */
} action;

typedef gkt_adjoint_plan *pick_plan(gkt_adjoint_along *, int which);
static gkt_adjoint_plan *pick_value(gkt_adjoint_along *d, int which) { return (void)which, &d->value; }
static gkt_adjoint_plan *pick_state(gkt_adjoint_along *d, int which) { return (void)which, &d->by_state; }
static gkt_adjoint_plan *pick_control(gkt_adjoint_along *d, int which) { return &d->by_control[which]; }
static gkt_adjoint_plan *pick_adjoint(gkt_adjoint_along *d, int which) { return &d->by_adjoint[which]; }

static bool is_along(const action *t, const gkt_adjoint_second *second, int i) { return second->along[i].value.form && (i == 0 || t->direction[i - 1]); }
static double weigh(const action *t, int i, double weight) { return i > 0 ? weight * *t->direction[i - 1] : weight; }

/* out += weight times a derivative along all changes */
static gkt_status add(const action *t, gkt_adjoint_second *second, pick_plan *pick, int which, double weight, gkt_size size, gkt_scalar *work, gkt_scalar *out) {
  for (int i = 0; i <= t->a->num_controls; i++)
    if (is_along(t, second, i)) GKT_TRY(gkt_adjoint_plan_add(t->a, pick(&second->along[i], which), &t->inputs, weigh(t, i, weight), size, work, out));
  return GKT_OK;
}

/* The same of vectors of u~. */
static gkt_status add_vector(const action *t, gkt_adjoint_second *second, pick_plan *pick, int which, double weight, gkt_idx first, gkt_idx count, gkt_vector *out) {
  for (int i = 0; i <= t->a->num_controls; i++)
    if (is_along(t, second, i)) GKT_TRY(gkt_adjoint_plan_add_vector(t->a, pick(&second->along[i], which), &t->inputs, weigh(t, i, weight), first, count, out));
  return GKT_OK;
}

/* ---- where functions are looked at ---- */
static gkt_status send(action *t, gkt_size largest) {
  gkt_adjoint *a = t->a;
  if (gkt_vector_where(t->u) == GKT_ON_HOST) return GKT_OK;
  GKT_TRY(gkt_device_open(a->ctx, &t->device));
  GKT_TRY(gkt_calloc(a->ctx, a->num_controls, sizeof *t->sent, &t->sent));
  GKT_TRY(gkt_device_send(t->device, t->zeros, largest, sizeof *t->zeros, "no change of controls", &t->none));
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].kind == GKT_CONTROL_COEFFICIENT && t->direction[i])
      GKT_TRY(gkt_device_send(t->device, t->direction[i], a->controls[i].size, sizeof *t->zeros, "change of a control", &t->sent[i]));
  return GKT_OK;
}

static void unsend(action *t) {
  if (!t->device) return;
  gkt_device_free(t->device, &t->none);
  for (int i = 0; t->sent && i < t->a->num_controls; i++) gkt_device_free(t->device, &t->sent[i]);
  gkt_free(&t->sent);
}

static const gkt_scalar *change_of(const action *t, int control) {
  if (!t->direction[control]) return t->device ? t->none.at : t->zeros;
  return t->device ? t->sent[control].at : t->direction[control];
}

/* du NULL: 0 */
static gkt_status look(action *t, const gkt_vector *du) {
  gkt_adjoint *a = t->a;
  const int n = a->s->num_unknowns;
  GKT_TRY(gkt_adjoint_inputs(a, t->u, &t->inputs));
  for (int k = 0; k < n; k++) a->values[a->changes[k]] = du ? gkt_adjoint_values(du) + a->s->blocks[k].first : t->device ? t->none.at : t->zeros;
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].kind == GKT_CONTROL_COEFFICIENT) a->values[a->changes[n + i]] = change_of(t, i);
  return GKT_OK;
}

/* What a solve has cost is added up. */
static void take_report(action *t, gkt_solve_report *one) {
  gkt_solve_report *r = t->report;
  one->assemblies += r->assemblies, one->linear.setups += r->linear.setups, one->linear.iterations += r->linear.iterations;
  one->linear.factorizations += r->linear.factorizations;
  one->assemble_seconds += r->assemble_seconds, one->setup_seconds += r->setup_seconds, one->solve_seconds += r->solve_seconds;
  one->assemble_cpu_seconds += r->assemble_cpu_seconds, one->setup_cpu_seconds += r->setup_cpu_seconds, one->solve_cpu_seconds += r->solve_cpu_seconds;
  gkt_solve_report_clear(r);
  *r = *one;
}

/* ---- the change of the state ---- */
static gkt_status find_du(action *t) {
  gkt_adjoint *a = t->a;
  gkt_solve_report one;
  GKT_TRY(look(t, NULL));
  gkt_vector_fill(a->right, 0);
  for (int k = 0; k < a->s->num_unknowns; k++) {
    const gkt_layout_block *l = &a->s->blocks[k];
    GKT_TRY(add_vector(t, &a->second, pick_adjoint, k, -1, l->first, l->count, a->right));
  }
  GKT_TRY(gkt_system_solve_linearized(a->s, t->options, t->u, a->right, a->du, &one));
  take_report(t, &one);
  return GKT_OK;
}

/* ---- a functional made of others: how its weights change ---- */
static gkt_status change_of_slope(const action *t, const gkt_expression *slope, double *out) {
  const gkt_functional *f = t->f;
  const double nowhere[3] = {0};
  const gkt_inputs inputs = {.constants = f->constants, .time = t->a->s->inputs.time};
  *out = 0;
  for (int c = 0; slope && c < f->num_constants; c++) {
    gkt_expression *second;
    double value;
    if (t->changes[c] == 0) continue;
    GKT_TRY(gkt_expression_derivative_constant(slope, c, &second));
    const gkt_status status = gkt_evaluate_at(second, f->outer->scope->dim, &inputs, 1, nowhere, &value);
    gkt_expression_destroy(&second);
    GKT_TRY(status);
    *out += value * t->changes[c];
  }
  return GKT_OK;
}

static gkt_status find_changes(action *t) {
  gkt_functional *f = t->f;
  for (int i = 0; i < t->a->num_controls; i++) {
    const int place = gkt_functional_place(f, &t->a->controls[i]);
    if (place >= 0 && t->direction[i]) t->changes[place] = *t->direction[i];
  }
  for (int i = 0; i < f->num_parts; i++) {
    double work;
    GKT_TRY(add(t, &f->parts[i]->second, pick_value, 0, 1, 1, &work, &t->changes[f->places[i]]));
  }
  for (int i = 0; i < f->num_parts; i++) GKT_TRY(change_of_slope(t, f->slopes[f->places[i]], &t->rates[i]));
  return GKT_OK;
}

/* ---- the change of the adjoint state ---- */
static gkt_status find_dlambda(action *t) {
  gkt_adjoint *a = t->a;
  const gkt_idx n = gkt_system_num_dofs(a->s);
  gkt_solve_report one;
  gkt_vector_fill(a->right, 0);
  if (t->of_equation) GKT_TRY(add_vector(t, &a->second, pick_state, 0, -1, 0, n, a->right));
  for (int i = 0; i < gkt_functional_num_parts(t->f); i++) {
    gkt_functional *part = gkt_functional_part(t->f, i);
    GKT_TRY(add_vector(t, &part->second, pick_state, 0, -t->weights[i], 0, n, a->right));
    GKT_TRY(gkt_adjoint_plan_add_vector(a, &part->by_state, &t->inputs, -t->rates[i], 0, n, a->right));
  }
  GKT_TRY(gkt_system_solve_transposed(a->s, t->options, t->u, a->right, a->dlambda, &one));
  take_report(t, &one);
  return GKT_OK;
}

/* ---- the sum ---- */
static gkt_status add_result(action *t, int control, gkt_scalar *out) {
  gkt_adjoint *a = t->a;
  gkt_adjoint_control *c = &a->controls[control];
  double change = 0;
  for (int i = 0; i < gkt_functional_num_parts(t->f); i++) {
    gkt_functional *part = gkt_functional_part(t->f, i);
    GKT_TRY(add(t, &part->second, pick_control, control, t->weights[i], c->size, a->work, out));
    GKT_TRY(gkt_adjoint_plan_add(a, &part->by_control[control], &t->inputs, t->rates[i], c->size, a->work, out));
  }
  if (t->of_equation && gkt_functional_depends_on_state(t->f)) GKT_TRY(add(t, &a->second, pick_control, control, 1, c->size, a->work, out));
  const int place = gkt_functional_place(t->f, c);
  if (place >= 0) GKT_TRY(change_of_slope(t, t->f->slopes[place], &change));
  if (place >= 0) *out += change;
  return GKT_OK;
}

static gkt_status add_results(action *t, gkt_scalar *const *result) {
  gkt_adjoint *a = t->a;
  const bool by_state = gkt_functional_depends_on_state(t->f);
  GKT_TRY(look(t, a->du));
  for (int i = 0; i < a->num_controls; i++)
    if (result[i]) GKT_TRY(add_result(t, i, result[i]));
  for (int k = 0; k < a->s->num_unknowns; k++) a->values[a->twins[k]] = gkt_adjoint_values(a->dlambda) + a->s->blocks[k].first;
  for (int i = 0; i < a->num_controls && by_state; i++)
    if (result[i]) GKT_TRY(gkt_adjoint_plan_add(a, &a->controls[i].residual, &t->inputs, 1, a->controls[i].size, a->work, result[i]));
  return GKT_OK;
}

/* ---- the whole ---- */
static gkt_status plan(action *t) {
  gkt_adjoint *a = t->a;
  const int parts = gkt_functional_num_parts(t->f);
  gkt_size largest = gkt_system_num_dofs(a->s);
  GKT_TRY(gkt_adjoint_plan_second(a, a->lagrangian, true, &a->second));
  for (int i = 0; i < parts; i++) GKT_TRY(gkt_adjoint_plan_second(a, gkt_functional_part(t->f, i)->value.form, false, &gkt_functional_part(t->f, i)->second));
  for (int i = 0; i < a->num_controls; i++) largest = a->controls[i].size > largest ? a->controls[i].size : largest;
  GKT_TRY(gkt_calloc(a->ctx, largest, sizeof *t->zeros, &t->zeros));
  GKT_TRY(gkt_calloc(a->ctx, parts, sizeof *t->weights, &t->weights));
  GKT_TRY(gkt_calloc(a->ctx, parts, sizeof *t->rates, &t->rates));
  GKT_TRY(gkt_calloc(a->ctx, t->f->num_constants, sizeof *t->changes, &t->changes));
  return send(t, largest);
}

static bool is_known(const action *t) {
  const gkt_adjoint *a = t->a;
  if (a->lambda_of != t->f || a->lambda_changes != a->s->num_changes) return false;
  gkt_vector_copy(t->u, a->part);
  gkt_vector_axpy(-1, a->lambda_at, a->part);
  return gkt_vector_norm(a->part) == 0;
}

/* lambda, which stays for further directions. */
static gkt_status find_first(action *t) {
  gkt_adjoint *a = t->a;
  double J;
  GKT_TRY(gkt_adjoint_inputs(a, t->u, &t->inputs));
  GKT_TRY(gkt_functional_evaluate(t->f, &t->inputs, &J));
  for (int i = 0; i < gkt_functional_num_parts(t->f); i++) GKT_TRY(gkt_functional_weight(t->f, i, &t->weights[i]));
  if (!t->of_equation || is_known(t)) return t->report->valid = true, GKT_OK;
  return gkt_adjoint_find_lambda(t->f, t->options, t->u, &t->inputs, t->report);
}

static gkt_status run(action *t, gkt_scalar *const *result) {
  const bool by_state = gkt_functional_depends_on_state(t->f);
  GKT_TRY(plan(t));
  GKT_TRY(find_first(t));
  if (t->report->valid && by_state) GKT_TRY(find_du(t));
  else gkt_vector_fill(t->a->du, 0);
  if (!t->report->valid) return GKT_OK;
  GKT_TRY(look(t, t->a->du));
  if (t->f->outer) GKT_TRY(find_changes(t));
  if (by_state) GKT_TRY(find_dlambda(t));
  return t->report->valid ? add_results(t, result) : GKT_OK;
}

static gkt_status check(const gkt_adjoint *a, const gkt_functional *f) {
  GKT_TRY(gkt_adjoint_check_functional(a, f));
  if (a->s->has_rates) return gkt_fail(a->ctx, GKT_UNAVAILABLE, "second derivatives of runs in time are not available yet; expected a form without rates");
  if (a->num_histories) return gkt_fail(a->ctx, GKT_UNAVAILABLE, "second derivatives through histories are not available yet; expected a form without them");
  if (gkt_adjoint_has_kind(a, GKT_CONTROL_SHAPE)) return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'shape': second derivatives by the shape are not available yet");
  for (int i = 0; i < a->num_controls; i++) {
    if (a->controls[i].signal) return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'%s': second derivatives by values at times are not available yet", a->controls[i].name);
    if (a->controls[i].in_conditions)
      return gkt_fail(a->ctx, GKT_UNAVAILABLE, "'%s' stands in the value of a condition: second derivatives by it are not available yet; expected blmvm, lmvm or mma",
                      a->controls[i].name);
  }
  return GKT_OK;
}

static gkt_status act(action *t, gkt_scalar *const *result) {
  gkt_status status;
  GKT_TRY(gkt_need(t->a->ctx, t->report, t->call, "report"));
  *t->report = (gkt_solve_report){0};
  GKT_TRY(gkt_adjoint_check(t->a));
  GKT_TRY(check(t->a, t->f));
  GKT_TRY(gkt_functional_check(t->f));
  GKT_TRY(gkt_system_check_size(t->a->s, t->u, "u"));
  GKT_TRY(gkt_need(t->a->ctx, t->direction, t->call, "array of directions, one for each control"));
  GKT_TRY(gkt_need(t->a->ctx, result, t->call, "array of results, one for each control"));
  GKT_GO(run(t, result));
  if (t->report->valid) gkt_adjoint_check_finite(t->a, "a gradient", result, t->report);
done:
  if (status != GKT_OK) gkt_solve_report_clear(t->report);
  unsend(t);
  gkt_free(&t->zeros);
  gkt_free(&t->weights);
  gkt_free(&t->rates);
  gkt_free(&t->changes);
  return status;
}

gkt_status gkt_adjoint_hessian(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, const gkt_vector *u, const gkt_scalar *const *direction,
                               gkt_scalar *const *result, gkt_solve_report *report) {
  return act(&(action){.a = a, .f = f, .options = options, .u = u, .direction = direction, .report = report, .call = __func__, .of_equation = true}, result);
}

gkt_status gkt_adjoint_gauss_newton(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, const gkt_vector *u, const gkt_scalar *const *direction,
                                    gkt_scalar *const *result, gkt_solve_report *report) {
  return act(&(action){.a = a, .f = f, .options = options, .u = u, .direction = direction, .report = report, .call = __func__}, result);
}
