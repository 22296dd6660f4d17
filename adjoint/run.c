/* Value and gradients of a run in time: from its end back to its start. */
#include <math.h>
#include <string.h>

#include "adjoint/reverse.h"
#include "core/vector.h"

/* ---- functionals at a state ---- */
static gkt_status add_by_state(gkt_reverse *v, gkt_functional *J, const gkt_inputs *inputs, double weight) {
  gkt_status status = GKT_OK;
  for (int order = 0; order <= gkt_functional_rate_order(J) && status == GKT_OK; order++) {
    gkt_reverse_set_order(v, order);
    status = gkt_functional_add_by_state(J, order, inputs, weight, v->of[GKT_OF_U + order]);
  }
  gkt_system_combine_shifts(v->a->s);
  return status;
}

static gkt_status add_functional(gkt_reverse *v, gkt_functional *J, double weight) {
  gkt_inputs inputs;
  double value;
  if (!J || weight == 0) return GKT_OK;
  GKT_TRY(gkt_system_inputs(v->a->s, &(gkt_state){v->u, v->rate, v->acceleration, v->a->s->inputs.time}, &inputs));
  gkt_adjoint_add_lambda(v->a, &inputs);
  GKT_TRY(gkt_functional_evaluate(J, &inputs, &value));
  v->value += weight * value;
  if (!isfinite(value)) {
    v->report->valid = false;
    snprintf(v->report->reason, sizeof v->report->reason, "the functional is not finite at t = %.9g", v->a->s->inputs.time);
  }
  if (!v->gradients || !v->report->valid) return GKT_OK;
  GKT_TRY(add_by_state(v, J, &inputs, weight));
  GKT_TRY(gkt_reverse_add_functional_histories(v, J, &inputs, weight));
  for (int i = 0; i < v->a->num_controls; i++)
    if (v->gradients[i]) GKT_TRY(gkt_functional_add_by_control(J, i, &inputs, weight, v->gradients[i]));
  return GKT_OK;
}

/* What the step from n - 1 to n begins with. */
gkt_status gkt_reverse_take_start(gkt_reverse *v, gkt_size n) {
  gkt_vector *const *parts = v->t->parts;
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n - 1, 0), parts[GKT_U0]));
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n - 1, 1), parts[GKT_RATE0]));
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n - 1, 2), parts[GKT_ACCELERATION0]));
  return gkt_vector_take(gkt_trajectory_before(v->r, n - 1), parts[GKT_BEFORE]);
}

static gkt_status plan_step(gkt_reverse *v, gkt_size n, gkt_scheme_plan *plan) {
  gkt_scheme_make_plan(&v->t->options.scheme, v->r->steps[n - 1].length, n > 1 ? v->r->steps[n - 2].length : 0, plan);
  return gkt_reverse_take_start(v, n);
}

/* Of schemes that do not go on from u' it is not kept: it is what the step made of its states. */
static gkt_status find_rates(gkt_reverse *v, gkt_size n) {
  gkt_scheme_plan plan;
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 1), v->rate));
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 2), v->acceleration));
  if (v->r->num_vectors > 1) return GKT_OK;
  if (n == 0) return gkt_vector_take(v->r->start_rate, v->rate);
  GKT_TRY(plan_step(v, n, &plan));
  gkt_time_combine(v->t, (const gkt_combination(*)[3])plan.end, 1, v->u, v->rate);
  return GKT_OK;
}

static bool holds_rates(const gkt_time_functional *J) { return (J->end && gkt_functional_rate_order(J->end)) || (J->running && gkt_functional_rate_order(J->running)); }

/* Functionals see state n at rest, whatever step is set. */
static gkt_status look_at(gkt_reverse *v, gkt_size n) {
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 0), v->u));
  if (holds_rates(&v->J) || gkt_reverse_update_rates(v->a)) GKT_TRY(find_rates(v, n));
  GKT_TRY(gkt_system_set_time(v->a->s, gkt_trajectory_time(v->r, n)));
  if (n == v->r->num_steps) GKT_TRY(add_functional(v, v->J.end, 1));
  return add_functional(v, v->J.running, gkt_trajectory_weight(v->r, n));
}

/* ---- a step ---- */
/* by[..] = what the rates at the end, and the u before it, take of the step's parts. */
static void transpose_end(gkt_reverse *v, const gkt_scheme_plan *plan) {
  const gkt_vector *const of[] = {v->of[GKT_OF_RATE], v->of[GKT_OF_ACCELERATION]};
  for (int b = 0; b < v->t->num_blocks; b++) {
    const gkt_layout_block *l = &v->a->s->blocks[b];
    const gkt_combination *end = plan->end[v->t->kinds[b]];
    for (int p = 0; p < GKT_NUM_PARTS; p++) gkt_vector_combine(l->first, l->count, 2, (const double[]){end[1].of[p], end[2].of[p]}, of, v->by[p]);
  }
  gkt_vector_axpy(1, v->of[GKT_OF_U], v->by[GKT_U1]);
  gkt_vector_axpy(1, v->of[GKT_OF_BEFORE], v->by[GKT_U0]);
}

static gkt_status set_step(gkt_reverse *v, gkt_size n, gkt_scheme_plan *plan) {
  const gkt_trajectory_step *step = &v->r->steps[n - 1];
  GKT_TRY(plan_step(v, n, plan));
  v->t->time = step->start;
  return gkt_time_set_step(v->t, plan, step->length, false);
}

static gkt_status transpose_implicit(gkt_reverse *v, gkt_size n) {
  gkt_scheme_plan plan;
  GKT_TRY(set_step(v, n, &plan));
  transpose_end(v, &plan);
  GKT_TRY(gkt_reverse_solve(v, &plan, NULL));
  return v->report->valid ? gkt_reverse_conditions(v, 1, v->by[GKT_U1]) : GKT_OK;
}

/* From derivatives by state n to those by state n - 1. */
static gkt_status go_back(gkt_reverse *v, gkt_size n) {
  static const int now[GKT_NUM_OF] = {GKT_U0, GKT_RATE0, GKT_ACCELERATION0, GKT_BEFORE};
  if (v->stages) GKT_TRY(gkt_reverse_explicit_step(v, n));
  else GKT_TRY(transpose_implicit(v, n));
  if (!v->report->valid) return GKT_OK;
  for (int i = 0; i < GKT_NUM_OF; i++) gkt_vector_copy(v->by[now[i]], v->of[i]);
  return GKT_OK;
}

/* A solution on a path of loads comes from nothing before it. */
static gkt_status leave(gkt_reverse *v) {
  for (int p = 0; p < GKT_NUM_PARTS; p++) gkt_vector_fill(v->by[p], 0);
  gkt_vector_copy(v->of[GKT_OF_U], v->by[GKT_U1]), gkt_vector_fill(v->of[GKT_OF_U], 0);
  GKT_TRY(gkt_reverse_solve(v, NULL, NULL));
  return v->report->valid ? gkt_reverse_conditions(v, 1, v->by[GKT_U1]) : GKT_OK;
}

/* ---- the run ---- */
enum { STEPS_FOR_PRODUCTS = 8 }; /* a matrix and its plan cost as much as a few sums over cells */
typedef gkt_status for_plan(const gkt_adjoint *, gkt_adjoint_plan *);
static gkt_status end_products(const gkt_adjoint *a, gkt_adjoint_plan *plan) { return (void)a, gkt_products_end(plan), GKT_OK; }

/* Of plans that each step asks: derivatives of the running functional by the state, where it holds no rates, and by controls, and what adjoint states give by controls. */
static gkt_status for_plans(gkt_reverse *v, for_plan *call) {
  gkt_adjoint *a = v->a;
  gkt_functional *J = v->J.running;
  for (int i = 0; J && i < gkt_functional_num_parts(J); i++) {
    gkt_functional *part = gkt_functional_part(J, i);
    if (part->rate_order == 0) GKT_TRY(call(a, &part->by_state));
    for (int c = 0; c < a->num_controls; c++) GKT_TRY(call(a, &part->by_control[c]));
  }
  for (int c = 0; c < a->num_controls; c++) GKT_TRY(call(a, &a->controls[c].residual));
  return GKT_OK;
}

static gkt_status pass(gkt_reverse *v, gkt_size n) {
  const bool is_path = gkt_scheme_is_path(&v->t->options.scheme);
  GKT_TRY(gkt_trajectory_reach(v->r, n ? n : 1, v->report));
  if (!v->report->valid) return GKT_OK;
  GKT_TRY(gkt_reverse_set_histories(v, n));
  GKT_TRY(look_at(v, n));
  if (!v->gradients || !v->report->valid || (n == 0 && !is_path)) return GKT_OK;
  GKT_TRY(gkt_reverse_set_histories(v, n - 1));
  GKT_TRY(gkt_reverse_update(v, n));
  return is_path ? leave(v) : go_back(v, n);
}

/* ---- where: that of the steps; the start was found on the host (time/place.c) and is transposed there ---- */
static int list(gkt_reverse *v, gkt_vector **out[GKT_NUM_OF + GKT_NUM_PARTS + 4 + GKT_MOST_LATER]) {
  int n = 0;
  for (int i = 0; i < GKT_NUM_OF; i++) out[n++] = &v->of[i];
  for (int p = 0; p < GKT_NUM_PARTS; p++) out[n++] = &v->by[p];
  out[n++] = &v->u, out[n++] = &v->rate, out[n++] = &v->acceleration, out[n++] = &v->lambda;
  for (int i = 0; i < GKT_MOST_LATER; i++) out[n++] = &v->later[i];
  return n;
}

static gkt_status move(gkt_reverse *v, gkt_where where) {
  gkt_vector **vectors[GKT_NUM_OF + GKT_NUM_PARTS + 4 + GKT_MOST_LATER];
  const int count = list(v, vectors);
  for (int i = 0; i < count; i++) GKT_TRY(gkt_time_move_vector(v->t, where, vectors[i]));
  GKT_TRY(gkt_reverse_move_stages(v, where));
  GKT_TRY(gkt_time_move(v->t, where));
  return gkt_adjoint_settle(v->a, where);
}

static gkt_status set_start(gkt_reverse *v) {
  gkt_vector *const parts[3] = {v->t->u, v->t->rate, v->t->acceleration};
  for (int order = 0; order < v->r->num_vectors; order++) GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, 0, order), parts[order]));
  return move(v, GKT_ON_HOST);
}

static gkt_status walk(gkt_reverse *v) {
  for (gkt_size n = v->r->num_steps + 1; n-- > 0 && v->report->valid;) {
    if (!v->gradients && !v->J.running && n < v->r->num_steps) return GKT_OK;
    GKT_TRY(pass(v, n));
  }
  if (!v->gradients || !v->report->valid) return GKT_OK;
  if (!gkt_scheme_is_path(&v->t->options.scheme)) {
    GKT_TRY(set_start(v));
    GKT_TRY(gkt_reverse_start(v));
  }
  return v->report->valid ? gkt_reverse_remembered(v) : GKT_OK;
}

static gkt_status create(gkt_reverse *v) {
  const gkt_where where = gkt_vector_where(v->t->u);
  const gkt_idx n = gkt_system_num_dofs(v->a->s);
  gkt_vector **vectors[GKT_NUM_OF + GKT_NUM_PARTS + 4 + GKT_MOST_LATER];
  const int count = list(v, vectors);
  GKT_TRY(gkt_adjoint_settle(v->a, where));
  for (int i = 0; i < count - GKT_MOST_LATER; i++) GKT_TRY(gkt_vector_create_on(v->a->ctx, where, n, vectors[i])); /* later ones as they are found */
  GKT_TRY(gkt_alloc(v->a->ctx, n, sizeof *v->held, &v->held));
  if (gkt_scheme_is_explicit(&v->t->options.scheme)) GKT_TRY(gkt_reverse_create_stages(v));
  return v->a->num_histories ? gkt_calloc(v->a->ctx, v->a->history_size, sizeof *v->of_histories, &v->of_histories) : GKT_OK;
}

static void destroy(gkt_reverse *v) {
  gkt_vector **vectors[GKT_NUM_OF + GKT_NUM_PARTS + 4 + GKT_MOST_LATER];
  const int count = list(v, vectors);
  for (int i = 0; i < count; i++) gkt_vector_destroy(vectors[i]);
  gkt_reverse_destroy_stages(v);
  gkt_free(&v->held);
  gkt_free(&v->of_histories);
}

/* A value alone of states that are all kept: nothing but the system's time moves, and its matrix stays. */
static gkt_status look_only(gkt_reverse *v) {
  gkt_status status, returned;
  GKT_GO(create(v));
  status = walk(v);
  returned = gkt_system_set_time(v->a->s, v->t->time);
  if (status == GKT_OK) status = returned;
done:
  destroy(v);
  return status;
}

/* What the way back moves is put where it was. */
static gkt_status run(gkt_reverse *v) {
  gkt_scalar *end = NULL;
  gkt_status status;
  v->a->lambda_of = NULL;
  v->report->steps = v->r->num_whole;
  if (!v->gradients && !v->r->most_states && !gkt_time_histories_size(v->t)) return look_only(v);
  GKT_GO(create(v));
  GKT_GO(gkt_alloc(v->a->ctx, gkt_time_record_size(v->t), sizeof *end, &end));
  GKT_GO(gkt_time_get_record(v->t, end));
  if (v->gradients && v->r->num_steps >= STEPS_FOR_PRODUCTS && gkt_vector_where(v->t->u) == GKT_ON_HOST) GKT_GO(for_plans(v, gkt_products_begin));
  status = walk(v);
  v->r->is_repeating = true;
  const gkt_status returned = gkt_time_set_record(v->t, gkt_time_record_size(v->t), end);
  v->r->is_repeating = false;
  if (status == GKT_OK) status = returned;
done:
  (void)!for_plans(v, end_products);
  gkt_free(&end);
  destroy(v);
  v->report->steps = v->r->num_whole, v->report->repeated = v->r->repeated;
  return status;
}

static gkt_status check(const gkt_adjoint *a, const gkt_trajectory *r, const gkt_time_functional *J) {
  if (r->t->system != a->s) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: a run of another system");
  if (!r->has_begun || r->num_whole == 0)
    return gkt_fail(a->ctx, GKT_BAD_INPUT,
                    "the run has no step, did not begin at its start while its states were kept, or ran out of memory for them; expected a run from gkt_time_begin on");
  if (r->history_size != a->history_size) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: it was made before histories were added; expected it after them");
  if (J->end) GKT_TRY(gkt_adjoint_check_functional(a, J->end));
  if (J->running) GKT_TRY(gkt_adjoint_check_functional(a, J->running));
  return J->end || J->running ? GKT_OK : gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: neither a functional at the end nor a running one");
}

gkt_status gkt_time_value(gkt_adjoint *a, gkt_trajectory *r, gkt_time_functional J, double *value, gkt_time_gradient_report *report) {
  GKT_NEED(a->ctx, r, "trajectory");
  GKT_NEED(a->ctx, value, "place for the value");
  GKT_NEED(a->ctx, report, "report");
  gkt_reverse v = {.a = a, .r = r, .t = r->t, .J = J, .report = report};
  *report = (gkt_time_gradient_report){.valid = true};
  GKT_TRY(check(a, r, &J));
  GKT_TRY(run(&v));
  *value = v.value;
  return GKT_OK;
}

static gkt_status check_dependence(gkt_adjoint *a, const gkt_time_functional *J) {
  GKT_TRY(gkt_adjoint_check(a));
  if (J->end) GKT_TRY(gkt_functional_check(J->end));
  return J->running ? gkt_functional_check(J->running) : GKT_OK;
}

/* Where the functional is finite, as at a root of 0 that a control moves. */
static void check_finite(const gkt_reverse *v) {
  gkt_solve_report r = {.valid = true};
  gkt_adjoint_check_finite(v->a, "the functional", v->gradients, &r);
  if (r.valid) return;
  v->report->valid = false;
  snprintf(v->report->reason, sizeof v->report->reason, "%s", r.reason);
}

gkt_status gkt_time_gradient(gkt_adjoint *a, gkt_trajectory *r, gkt_time_functional J, double *value, gkt_scalar *const *gradients, gkt_time_gradient_report *report) {
  GKT_NEED(a->ctx, r, "trajectory");
  GKT_NEED(a->ctx, report, "report");
  GKT_NEED(a->ctx, gradients, "array of gradients, one for each control");
  gkt_reverse v = {.a = a, .r = r, .t = r->t, .J = J, .gradients = gradients, .report = report};
  *report = (gkt_time_gradient_report){.valid = true};
  GKT_TRY(check(a, r, &J));
  GKT_TRY(check_dependence(a, &J));
  GKT_TRY(run(&v));
  if (report->valid) check_finite(&v);
  if (value) *value = v.value;
  return GKT_OK;
}
