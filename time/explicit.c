/* Explicit schemes: u' or u'' = -R(t, u, ..)/m with lumped masses m: the row sums of the mass matrix, which of a form that is lumped at nodes (gkt_form_lump) is diagonal. */
#include <math.h>

#include "time/time.h"

static bool is_second(const gkt_time *t) { return gkt_scheme_rates(&t->options.scheme) == 2; }

/* ---- masses ---- */
static int block_of(const gkt_layout *l, gkt_idx dof) {
  int b = l->num_blocks - 1;
  while (b > 0 && dof < l->blocks[b].first) b--;
  return b;
}

/* out = M x: R is affine in the highest rate. at_rest: R without it */
static gkt_status multiply_mass(gkt_time *t, const gkt_vector *x, const gkt_vector *at_rest, gkt_vector *out) {
  const gkt_state at = {t->u, is_second(t) ? t->rate : x, is_second(t) ? x : NULL, t->time};
  GKT_TRY(gkt_system_residual(t->system, &at, out));
  gkt_vector_axpy(-1, at_rest, out);
  return GKT_OK;
}

/* m += the row sums over the columns of one component of a block, which no other rows may see. */
static gkt_status add_sums(gkt_time *t, int block, int component, const gkt_vector *at_rest, gkt_vector *x, gkt_vector *sums) {
  const gkt_layout *l = gkt_system_layout(t->system);
  const gkt_layout_block *of = &l->blocks[block];
  gkt_scalar *one = gkt_vector_values(x), *m = gkt_vector_values(t->masses);
  double most = 0;
  gkt_vector_fill(x, 0);
  for (gkt_idx i = component; i < of->count; i += of->block_size) one[of->first + i] = 1;
  GKT_TRY(multiply_mass(t, x, at_rest, sums));
  const gkt_scalar *sum = gkt_vector_read(sums);
  for (gkt_idx i = 0; i < l->num_owned; i++) most = fmax(most, fabs(sum[i]));
  for (gkt_idx i = 0; i < l->num_owned; i++) {
    if (one[i] != 0) m[i] = sum[i];
    else if (fabs(sum[i]) > 1e-12 * most)
      return gkt_fail(t->ctx, GKT_BAD_INPUT, "the masses of '%s' couple its components or other fields and cannot be lumped; expected an implicit scheme", of->name);
  }
  return GKT_OK;
}

/* To 1/m, 0 where conditions hold. */
static gkt_status invert(gkt_time *t) {
  const gkt_layout *l = gkt_system_layout(t->system);
  gkt_scalar *m = gkt_vector_values(t->masses);
  double most = 0;
  for (gkt_idx i = 0; i < l->num_owned; i++) most = fmax(most, m[i]);
  for (gkt_idx i = 0; i < l->num_owned; i++) {
    if (!l->constrained[i] && !(m[i] > 1e-12 * most))
      return gkt_fail(t->ctx, GKT_BAD_INPUT, "a lumped mass of '%s' is %.3g; expected a space in which all are positive, such as P1 or P2B on triangles, or an implicit scheme",
                      l->blocks[block_of(l, i)].name, m[i]);
    m[i] = l->constrained[i] ? 0 : 1 / m[i];
  }
  return GKT_OK;
}

gkt_status gkt_time_check_masses(gkt_time *t) {
  bool constant;
  char word[60];
  gkt_scheme_print(&t->options.scheme, sizeof word, word);
  for (int b = 0; b < t->num_blocks; b++)
    if (t->kinds[b] < GKT_FIRST_ORDER || (t->kinds[b] == GKT_SECOND_ORDER) != is_second(t))
      return gkt_fail(t->ctx, GKT_BAD_INPUT, "%s: '%s' has no %s in the equation; expected one of each unknown, or an implicit scheme", word,
                      gkt_system_layout(t->system)->blocks[b].name, is_second(t) ? "dtt" : "dt");
  GKT_TRY(gkt_system_masses_are_constant(t->system, &constant));
  return constant ? GKT_OK : gkt_fail(t->ctx, GKT_BAD_INPUT, "%s: the masses depend on the state or on t; expected an implicit scheme", word);
}

static gkt_status lump(gkt_time *t) {
  const gkt_layout *l = gkt_system_layout(t->system);
  gkt_vector *at_rest = t->known[0][0], *x = t->known[0][1], *sums = t->known[0][2];
  const gkt_state at = {t->u, is_second(t) ? t->rate : NULL, NULL, t->time};
  GKT_TRY(gkt_time_check_masses(t));
  if (!t->masses) GKT_TRY(gkt_system_vector(t->system, &t->masses));
  GKT_TRY(gkt_system_residual(t->system, &at, at_rest));
  for (int b = 0; b < t->num_blocks; b++)
    for (int c = 0; c < l->blocks[b].block_size; c++) GKT_TRY(add_sums(t, b, c, at_rest, x, sums));
  return invert(t);
}

/* ---- where conditions hold: slope and curvature of the parabola through the last three values, at first through two with the slope at the start ---- */
static void take_of_conditions(const gkt_time *t, gkt_combination d, gkt_vector *v) {
  const gkt_vector *const from[GKT_NUM_PARTS] = {t->u, t->parts[GKT_U0], t->parts[GKT_RATE0], t->parts[GKT_ACCELERATION0], t->parts[GKT_BEFORE]};
  gkt_vector *all = t->known[0][1];
  gkt_vector_combine(0, gkt_vector_size(v), GKT_NUM_PARTS, d.of, from, all);
  gkt_mask_take(&t->constrained, all, v);
}

void gkt_time_take_rate_of_conditions(const gkt_time *t, double step, gkt_vector *v) { take_of_conditions(t, gkt_scheme_of_values(1, step, t->before), v); }

/* ---- steps ---- */
/* out = the highest rate at a state; 0 where conditions hold */
gkt_status gkt_time_slope(gkt_time *t, double time, const gkt_vector *u, const gkt_vector *rate, gkt_vector *out) {
  const gkt_state at = {u, rate, NULL, time};
  GKT_TRY(gkt_system_residual(t->system, &at, out));
  gkt_vector_multiply(-1, t->masses, out);
  return GKT_OK;
}

/* u' at a stage u = u0 + length (sum of parts of slopes), with the conditions of its time; out NULL: u alone */
gkt_status gkt_time_stage(gkt_time *t, const gkt_stretch *s, double part, int count, const double *parts, gkt_vector *u, gkt_vector *out) {
  gkt_vector_copy(s->u, u);
  for (int k = 0; k < count; k++)
    if (parts[k] != 0) gkt_vector_axpy(s->length * parts[k], s->slopes[k], u);
  GKT_TRY(gkt_system_set_time(t->system, s->start + part * s->length));
  GKT_TRY(gkt_system_lift(t->system, u));
  return out ? gkt_time_slope(t, s->start + part * s->length, u, NULL, out) : GKT_OK;
}

gkt_status gkt_time_go_along(gkt_time *t, const gkt_stretch *s, gkt_vector *u) {
  const gkt_butcher *b = gkt_scheme_butcher(&t->options.scheme);
  for (int k = 1; k < b->num_slopes; k++) GKT_TRY(gkt_time_stage(t, s, b->times[k], k, b->stages[k], u, s->slopes[k]));
  return gkt_time_stage(t, s, 1, b->num_slopes, b->end, u, NULL);
}

bool gkt_time_goes_in_halves(const gkt_time *t) { return gkt_time_adapts(t) && t->options.scheme.kind == GKT_SCHEME_RK4; }

/* The same with half the length, twice, which is what is kept; the error is what Richardson's extrapolation would take away (Hairer, Norsett and Wanner, section II.4). */
static gkt_status go_in_halves(gkt_time *t, const gkt_stretch *whole, gkt_vector *error) {
  gkt_vector *middle = t->known[1][1];
  gkt_stretch half = *whole;
  GKT_TRY(gkt_time_go_along(t, whole, error));
  half.length = 0.5 * whole->length;
  GKT_TRY(gkt_time_go_along(t, &half, middle));
  half.start += half.length, half.u = middle, half.slopes[0] = t->known[1][2];
  GKT_TRY(gkt_time_slope(t, half.start, middle, NULL, half.slopes[0]));
  GKT_TRY(gkt_time_go_along(t, &half, t->u));
  gkt_vector_scale(error, -1.0 / 15), gkt_vector_axpy(1.0 / 15, t->u, error);
  return GKT_OK;
}

/* error: of ssp3 against Heun's scheme of order 2, which is among its stages */
static gkt_status step_runge_kutta(gkt_time *t, double step, gkt_vector *error) {
  static const double less_heun[3] = {-1.0 / 3, -1.0 / 3, 2.0 / 3};
  const gkt_stretch s = {t->time, step, t->parts[GKT_U0], {t->rate, t->known[0][0], t->known[0][1], t->known[0][2]}};
  if (gkt_time_goes_in_halves(t)) GKT_TRY(go_in_halves(t, &s, error));
  else GKT_TRY(gkt_time_go_along(t, &s, t->u));
  if (error && t->options.scheme.kind == GKT_SCHEME_SSP3) {
    gkt_vector_fill(error, 0);
    for (int k = 0; k < 3; k++) gkt_vector_axpy(step * less_heun[k], s.slopes[k], error);
  }
  GKT_TRY(gkt_time_slope(t, t->time + step, t->u, NULL, t->rate));
  gkt_time_take_rate_of_conditions(t, step, t->rate);
  return GKT_OK;
}

/* Verlet's form: u' half a step on, u, then u'' and the other half; damping sees u' as the start's u'' leads it on. */
static gkt_status step_central(gkt_time *t, double step) {
  gkt_vector *ahead = t->known[0][0];
  gkt_vector_axpy(0.5 * step, t->acceleration, t->rate);
  gkt_vector_axpy(step, t->rate, t->u);
  GKT_TRY(gkt_system_set_time(t->system, t->time + step));
  GKT_TRY(gkt_system_lift(t->system, t->u));
  gkt_vector_copy(t->rate, ahead), gkt_vector_axpy(0.5 * step, t->acceleration, ahead);
  gkt_time_take_rate_of_conditions(t, step, ahead);
  GKT_TRY(gkt_time_slope(t, t->time + step, t->u, ahead, t->acceleration));
  gkt_vector_axpy(0.5 * step, t->acceleration, t->rate);
  gkt_time_take_rate_of_conditions(t, step, t->rate), take_of_conditions(t, gkt_scheme_of_values(2, step, t->before), t->acceleration);
  return GKT_OK;
}

/* ---- errors of adaptive steps; conditions are met ---- */
static double weigh(const gkt_time *t, gkt_vector *error, const gkt_vector *of) {
  gkt_mask_zero(&t->constrained, error);
  return gkt_time_weigh_error(t, error, of, t->known[1][2]);
}

/* Of Verlet's form: of u what a u'' that is linear over the step adds (Zienkiewicz and Xie, Earthquake Eng. Struct. Dyn. 20 (1991)), of u' what the trapezoidal rule leaves, by the
   second difference of u''. */
static double error_of_central(const gkt_time *t, double h) {
  const gkt_vector *const from[3] = {t->acceleration, t->parts[GKT_ACCELERATION0], t->earlier_acceleration};
  const double b = t->before, of_u[2] = {h * h / 6, -h * h / 6}, c = b > 0 ? h * h * h / (6 * (h + b)) : 0, of_rate[3] = {c / h, -c / h - c / b, c / b};
  gkt_vector *error = t->known[1][0];
  gkt_vector_combine(0, gkt_vector_size(error), 2, of_u, from, error);
  const double of_state = weigh(t, error, t->u);
  if (b <= 0) return of_state;
  gkt_vector_combine(0, gkt_vector_size(error), 3, of_rate, from, error);
  return fmax(of_state, weigh(t, error, t->rate));
}

gkt_status gkt_time_step_explicit(gkt_time *t, double step, gkt_step_report *report) {
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  gkt_vector *error = gkt_time_adapts(t) ? t->known[1][0] : NULL;
  GKT_TRY(is_second(t) ? step_central(t, step) : step_runge_kutta(t, step, error));
  report->valid = gkt_vector_is_finite(t->u) && gkt_vector_is_finite(t->rate);
  report->error = !error || !report->valid ? 0 : is_second(t) ? error_of_central(t, step) : weigh(t, error, t->u);
  report->assemble_seconds += gkt_seconds() - start, report->assemble_cpu_seconds += gkt_cpu_seconds() - cpu;
  report->reason[0] = 0;
  if (!report->valid) snprintf(report->reason, sizeof report->reason, "values are no longer finite: the step may be longer than what is stable");
  return GKT_OK;
}

gkt_status gkt_time_begin_explicit(gkt_time *t) {
  bool kept;
  if (gkt_time_adapts(t) && is_second(t) && !t->earlier_acceleration) GKT_TRY(gkt_system_vector(t->system, &t->earlier_acceleration));
  GKT_TRY(gkt_system_keep_operators(t->system, &kept));
  GKT_TRY(lump(t));
  GKT_TRY(gkt_time_check_stability(t));
  gkt_vector *highest = is_second(t) ? t->acceleration : t->rate, *given = t->known[0][1];
  gkt_vector_copy(highest, given);
  GKT_TRY(gkt_time_slope(t, t->time, t->u, is_second(t) ? t->rate : NULL, highest));
  gkt_mask_take(&t->constrained, given, highest);
  return GKT_OK;
}
