/* The transpose of explicit steps (time/explicit.c). The highest rate of a state is a function of that state: what it gives is taken back there, where the slope at the state is
   also the first one of the next step. */
#include <string.h>

#include "adjoint/reverse.h"
#include "core/vector.h"

static bool is_second(const gkt_reverse *v) { return gkt_scheme_rates(&v->t->options.scheme) == 2; }

/* ---- vectors ---- */
enum { OTHERS = 5, MOST_VECTORS = 3 * GKT_MOST_SLOPES + OTHERS };
static void list(gkt_reverse_stages *w, gkt_vector **out[MOST_VECTORS]) {
  gkt_vector **const others[OTHERS] = {&w->of_stage, &w->start, &w->middle, &w->of_first, &w->masses};
  for (int k = 0; k < GKT_MOST_SLOPES; k++) out[3 * k] = &w->u[k], out[3 * k + 1] = &w->slopes[k], out[3 * k + 2] = &w->of_slopes[k];
  memcpy(out + 3 * GKT_MOST_SLOPES, others, sizeof others);
}

gkt_status gkt_reverse_create_stages(gkt_reverse *v) {
  gkt_vector **all[MOST_VECTORS];
  GKT_TRY(gkt_calloc(v->a->ctx, 1, sizeof *v->stages, &v->stages));
  list(v->stages, all);
  for (int i = 0; i < MOST_VECTORS; i++) GKT_TRY(gkt_vector_create_on(v->a->ctx, gkt_vector_where(v->u), gkt_vector_size(v->u), all[i]));
  return GKT_OK;
}

gkt_status gkt_reverse_move_stages(gkt_reverse *v, gkt_where where) {
  gkt_vector **all[MOST_VECTORS];
  if (!v->stages) return GKT_OK;
  list(v->stages, all);
  for (int i = 0; i < MOST_VECTORS; i++) GKT_TRY(gkt_time_move_vector(v->t, where, all[i]));
  return GKT_OK;
}

void gkt_reverse_destroy_stages(gkt_reverse *v) {
  gkt_vector **all[MOST_VECTORS];
  if (!v->stages) return;
  list(v->stages, all);
  for (int i = 0; i < MOST_VECTORS; i++) gkt_vector_destroy(all[i]);
  gkt_free(&v->stages);
}

/* ---- the slope at a state ---- */
static bool holds_rate(const gkt_system *s, int order) {
  bool holds = false;
  for (int k = 0; k < s->num_unknowns; k++) {
    const int rate = gkt_scope_rate(s->scope, s->unknowns[k], order);
    holds = holds || (rate >= 0 && gkt_form_depends_on(s->residual, rate));
  }
  return holds;
}

/* Of K = -R(u, u', t)/m, with dJ/dK in `of`, 0 where conditions hold: to_u and to_rate (NULL: not looked at), gradients and masses +=. */
static gkt_status transpose_slope(gkt_reverse *v, double time, const gkt_vector *u, const gkt_vector *rate, const gkt_vector *K, const gkt_vector *of, gkt_vector *to_u,
                                  gkt_vector *to_rate) {
  gkt_adjoint *a = v->a;
  gkt_inputs inputs;
  if (gkt_vector_norm(of) == 0) return GKT_OK;
  gkt_vector_copy(of, v->lambda), gkt_vector_multiply(-1, v->t->masses, v->lambda);
  gkt_vector_copy(v->lambda, a->part), gkt_vector_multiply(1, K, a->part);
  gkt_vector_axpy(1, a->part, v->stages->masses);
  GKT_TRY(gkt_system_expand(a->s, v->lambda, a->lambda));
  GKT_TRY(gkt_system_inputs(a->s, &(gkt_state){u, rate, NULL, time}, &inputs));
  gkt_adjoint_add_lambda(a, &inputs);
  GKT_TRY(gkt_reverse_add_order(v, 0, &inputs, to_u));
  if (to_rate && holds_rate(a->s, 1)) GKT_TRY(gkt_reverse_add_order(v, 1, &inputs, to_rate));
  return gkt_reverse_add_gradients(v, 1, &inputs);
}

/* ---- conditions ---- */
/* Values that were put in place of what `of` is the derivative by. */
static gkt_status give_conditions(gkt_reverse *v, double time, gkt_vector *of) {
  if (gkt_reverse_asks_for_conditions(v)) {
    GKT_TRY(gkt_system_set_time(v->a->s, time));
    GKT_TRY(gkt_reverse_conditions(v, 1, of));
  }
  gkt_mask_zero(&v->t->constrained, of);
  return GKT_OK;
}

/* The same of rates there, which are of the last values; U1 of by[..] is not used: it goes to of[GKT_OF_U]. */
static void give_rates(gkt_reverse *v, int order, double step, double before, gkt_vector *of) {
  const gkt_combination c = gkt_scheme_of_values(order, step, before);
  gkt_vector *held = v->a->part;
  gkt_vector_fill(held, 0), gkt_mask_take(&v->t->constrained, of, held);
  for (int p = 0; p < GKT_NUM_PARTS; p++)
    if (c.of[p] != 0) gkt_vector_axpy(c.of[p], held, p == GKT_U1 ? v->of[GKT_OF_U] : v->by[p]);
  gkt_mask_zero(&v->t->constrained, of);
}

/* ---- schemes of Runge and Kutta ---- */
/* of_u: by the state at the end, then by that at the start; of_first = by the first slope */
static gkt_status transpose_stretch(gkt_reverse *v, const gkt_stretch *s, gkt_vector *of_u, gkt_vector *of_first) {
  gkt_reverse_stages *w = v->stages;
  const gkt_butcher *b = gkt_scheme_butcher(&v->t->options.scheme);
  for (int k = 1; k < b->num_slopes; k++) GKT_TRY(gkt_time_stage(v->t, s, b->times[k], k, b->stages[k], w->u[k], s->slopes[k]));
  GKT_TRY(give_conditions(v, s->start + s->length, of_u));
  for (int k = 0; k < b->num_slopes; k++) gkt_vector_copy(of_u, w->of_slopes[k]), gkt_vector_scale(w->of_slopes[k], s->length * b->end[k]);
  for (int k = b->num_slopes - 1; k > 0; k--) {
    const double time = s->start + b->times[k] * s->length;
    gkt_vector_fill(w->of_stage, 0);
    GKT_TRY(transpose_slope(v, time, w->u[k], NULL, s->slopes[k], w->of_slopes[k], w->of_stage, NULL));
    GKT_TRY(give_conditions(v, time, w->of_stage));
    gkt_vector_axpy(1, w->of_stage, of_u);
    for (int j = 0; j < k; j++) gkt_vector_axpy(s->length * b->stages[k][j], w->of_stage, w->of_slopes[j]);
  }
  gkt_vector_copy(w->of_slopes[0], of_first);
  return GKT_OK;
}

/* Twice, of half the length. */
static gkt_status transpose_halves(gkt_reverse *v, const gkt_stretch *whole, gkt_vector *of_u, gkt_vector *of_first) {
  gkt_reverse_stages *w = v->stages;
  gkt_stretch first = *whole, second;
  first.length *= 0.5;
  GKT_TRY(gkt_time_go_along(v->t, &first, w->middle));
  second = first;
  second.start += first.length, second.u = w->middle, second.slopes[0] = w->u[0];
  GKT_TRY(gkt_time_slope(v->t, second.start, w->middle, NULL, w->u[0]));
  GKT_TRY(transpose_stretch(v, &second, of_u, of_first));
  GKT_TRY(transpose_slope(v, second.start, w->middle, NULL, w->u[0], of_first, of_u, NULL));
  return transpose_stretch(v, &first, of_u, of_first);
}

static gkt_status transpose_runge_kutta(gkt_reverse *v, gkt_size n, double step, double before) {
  gkt_reverse_stages *w = v->stages;
  const gkt_stretch s = {gkt_trajectory_time(v->r, n - 1), step, w->start, {w->slopes[0], w->slopes[1], w->slopes[2], w->slopes[3]}};
  give_rates(v, 1, step, before, v->of[GKT_OF_RATE]);
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 0), w->u[0]));
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 1), w->slopes[0]));
  GKT_TRY(transpose_slope(v, gkt_trajectory_time(v->r, n), w->u[0], NULL, w->slopes[0], v->of[GKT_OF_RATE], v->of[GKT_OF_U], NULL));
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n - 1, 0), w->start));
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n - 1, 1), w->slopes[0]));
  GKT_TRY((gkt_time_goes_in_halves(v->t) ? transpose_halves : transpose_stretch)(v, &s, v->of[GKT_OF_U], w->of_first));
  gkt_vector_axpy(1, w->of_first, v->by[GKT_RATE0]);
  return GKT_OK;
}

/* ---- central differences ---- */
/* The u' that damping saw at the end of the step. */
static gkt_status find_ahead(gkt_reverse *v, gkt_size n, double step, double before, gkt_vector *ahead) {
  gkt_time *t = v->t;
  const gkt_vector *const from[2] = {t->parts[GKT_RATE0], t->parts[GKT_ACCELERATION0]};
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 0), t->u));
  GKT_TRY(gkt_reverse_take_start(v, n));
  t->before = before;
  gkt_vector_combine(0, gkt_vector_size(ahead), 2, (const double[]){1, step}, from, ahead);
  gkt_time_take_rate_of_conditions(t, step, ahead);
  return GKT_OK;
}

static gkt_status transpose_central(gkt_reverse *v, gkt_size n, double step, double before) {
  gkt_vector *of_u = v->of[GKT_OF_U], *of_half = v->of[GKT_OF_RATE], *of_acceleration = v->of[GKT_OF_ACCELERATION];
  gkt_vector *ahead = v->stages->u[0], *of_ahead = v->stages->of_stage, *acceleration = v->stages->slopes[0];
  const double end = gkt_trajectory_time(v->r, n);
  give_rates(v, 2, step, before, of_acceleration), give_rates(v, 1, step, before, of_half);
  gkt_vector_axpy(0.5 * step, of_half, of_acceleration);
  GKT_TRY(find_ahead(v, n, step, before, ahead));
  gkt_vector_fill(of_ahead, 0);
  GKT_TRY(gkt_vector_take(gkt_trajectory_state(v->r, n, 2), acceleration));
  GKT_TRY(transpose_slope(v, end, v->t->u, ahead, acceleration, of_acceleration, of_u, of_ahead));
  give_rates(v, 1, step, before, of_ahead);
  gkt_vector_axpy(1, of_ahead, of_half);
  GKT_TRY(give_conditions(v, end, of_u));
  gkt_vector_axpy(step, of_u, of_half);
  gkt_vector_axpy(1, of_half, v->by[GKT_RATE0]);
  gkt_vector_axpy(0.5 * step, of_half, v->by[GKT_ACCELERATION0]), gkt_vector_axpy(0.5 * step, of_ahead, v->by[GKT_ACCELERATION0]);
  return GKT_OK;
}

gkt_status gkt_reverse_explicit_step(gkt_reverse *v, gkt_size n) {
  const double step = v->r->steps[n - 1].length, before = n > 1 ? v->r->steps[n - 2].length : 0;
  for (int p = 0; p < GKT_NUM_PARTS; p++) gkt_vector_fill(v->by[p], 0);
  GKT_TRY((is_second(v) ? transpose_central : transpose_runge_kutta)(v, n, step, before));
  gkt_vector_axpy(1, v->of[GKT_OF_U], v->by[GKT_U0]), gkt_vector_axpy(1, v->of[GKT_OF_BEFORE], v->by[GKT_U0]);
  return GKT_OK;
}

/* ---- the start ---- */
/* Masses are sums of rows over the columns of a component: with the highest rate 1 there, less without it. */
static gkt_status add_mass(gkt_reverse *v, int control, int block, int component) {
  gkt_adjoint *a = v->a;
  gkt_reverse_stages *w = v->stages;
  const gkt_layout_block *l = &a->s->blocks[block];
  const gkt_vector *rate = is_second(v) ? v->t->rate : NULL;
  gkt_adjoint_control *c = &a->controls[control];
  gkt_inputs inputs;
  gkt_vector_fill(w->of_stage, 0), gkt_vector_fill(v->lambda, 0);
  for (gkt_idx i = l->first + component; i < l->first + l->count; i += l->block_size)
    gkt_vector_values(w->of_stage)[i] = 1, gkt_vector_values(v->lambda)[i] = gkt_vector_read(w->masses)[i];
  GKT_TRY(gkt_system_expand(a->s, v->lambda, a->lambda));
  for (int with = 0; with < 2; with++) {
    const gkt_state at = {v->t->u, !is_second(v) && with ? w->of_stage : rate, is_second(v) && with ? w->of_stage : NULL, v->t->options.start};
    GKT_TRY(gkt_system_inputs(a->s, &at, &inputs));
    gkt_adjoint_add_lambda(a, &inputs);
    GKT_TRY(gkt_adjoint_plan_add_control(a, c, &c->residual, &inputs, with ? 1 : -1, v->gradients[control]));
  }
  return GKT_OK;
}

static bool holds_masses(const gkt_reverse *v, const gkt_adjoint_control *c) {
  const gkt_system *s = v->a->s;
  bool holds = false;
  for (int k = 0; k < s->num_unknowns && c->residual.form; k++) holds = holds || gkt_form_rate_order(c->residual.form, s->unknowns[k]) == gkt_scheme_rates(&v->t->options.scheme);
  return holds;
}

static gkt_status add_masses(gkt_reverse *v) {
  const gkt_system *s = v->a->s;
  for (int i = 0; i < v->a->num_controls; i++)
    for (int b = 0; b < v->t->num_blocks && v->gradients[i] && holds_masses(v, &v->a->controls[i]); b++)
      for (int c = 0; c < s->blocks[b].block_size; c++) GKT_TRY(add_mass(v, i, b, c));
  return GKT_OK;
}

gkt_status gkt_reverse_explicit_start(gkt_reverse *v) {
  const gkt_time *t = v->t;
  gkt_vector *of = v->of[is_second(v) ? GKT_OF_ACCELERATION : GKT_OF_RATE], *free_part = v->stages->of_first;
  gkt_vector_copy(of, free_part), gkt_mask_zero(&t->constrained, free_part);
  gkt_vector_axpy(-1, free_part, of);
  GKT_TRY(transpose_slope(v, t->options.start, t->u, is_second(v) ? t->rate : NULL, is_second(v) ? t->acceleration : t->rate, free_part, v->of[GKT_OF_U],
                          is_second(v) ? v->of[GKT_OF_RATE] : NULL));
  return add_masses(v);
}
