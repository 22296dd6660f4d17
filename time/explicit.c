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

static gkt_status check_masses(gkt_time *t) {
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
  GKT_TRY(check_masses(t));
  if (!t->masses) GKT_TRY(gkt_system_vector(t->system, &t->masses));
  GKT_TRY(gkt_system_residual(t->system, &at, at_rest));
  for (int b = 0; b < t->num_blocks; b++)
    for (int c = 0; c < l->blocks[b].block_size; c++) GKT_TRY(add_sums(t, b, c, at_rest, x, sums));
  return invert(t);
}

/* ---- the longest step ---- */
/* The largest |eigenvalue| of K/m, from below: powers, from a start that no mode is orthogonal to. */
static gkt_status find_largest(gkt_time *t, double *out) {
  enum { MOST = 60 };
  const gkt_state at = {t->u, is_second(t) ? t->rate : NULL, NULL, t->time};
  gkt_vector *x = t->known[0][0], *y = t->known[0][1];
  gkt_scalar *values = gkt_vector_values(x), *image = gkt_vector_values(y);
  gkt_csr *K = NULL;
  gkt_status status;
  *out = 0;
  GKT_GO(gkt_system_matrix(t->system, &K));
  GKT_GO(gkt_system_tangent(t->system, &at, (gkt_shifts){.value = 1}, K));
  for (gkt_idx i = 0; i < K->num_rows; i++) values[i] = gkt_vector_read(t->masses)[i] > 0 ? 1 + ((uint32_t)i * UINT32_C(2654435761) >> 31) : 0;
  for (int k = 0; k < MOST; k++) {
    const double size = gkt_vector_norm(x), before = *out;
    if (size == 0) break;
    gkt_vector_scale(x, 1 / size);
    gkt_csr_multiply(K, values, image);
    for (gkt_idx i = 0; i < K->num_rows; i++) values[i] = image[i] * gkt_vector_read(t->masses)[i];
    *out = gkt_vector_norm(x);
    if (k > 10 && fabs(*out - before) < 1e-3 * *out) break;
  }
done:
  gkt_csr_destroy(&K);
  return status;
}

/* Where the region of stability ends: on the negative real axis, on the imaginary one, for u'' in the square of the frequency. */
static double stable(const gkt_scheme *s, double largest, bool symmetric) {
  if (s->kind == GKT_SCHEME_CENTRAL_DIFFERENCE) return 2 / sqrt(largest);
  if (s->kind == GKT_SCHEME_SSP3) return (symmetric ? 2.51 : 1.73) / largest;
  return (symmetric ? 2.78 : 2.82) / largest;
}

static const double MARGIN = 1.02; /* the eigenvalue is found from below */
static gkt_status check_step(gkt_time *t) {
  gkt_system_facts facts;
  double largest;
  char word[60];
  GKT_TRY(find_largest(t, &largest));
  GKT_TRY(gkt_system_get_facts(t->system, &facts));
  const double most = largest > 0 ? stable(&t->options.scheme, MARGIN * largest, facts.symmetric) : INFINITY;
  if (t->options.step <= most) return GKT_OK;
  gkt_scheme_print(&t->options.scheme, sizeof word, word);
  return gkt_fail(t->ctx, GKT_BAD_INPUT,
                  "a step of %.4g is not stable with %s: the largest eigenvalue of the equation at the start is %.4g; expected at most %.4g, or an implicit scheme",
                  t->options.step, word, largest, most);
}

/* ---- where conditions hold: slope and curvature of the parabola through the last three values, at first through two with the slope at the start ---- */
static void take_of_conditions(const gkt_time *t, gkt_combination d, gkt_vector *v) {
  const gkt_vector *const from[GKT_NUM_PARTS] = {t->u, t->parts[GKT_U0], t->parts[GKT_RATE0], t->parts[GKT_ACCELERATION0], t->parts[GKT_BEFORE]};
  gkt_vector *all = t->known[0][1];
  gkt_vector_combine(0, gkt_vector_size(v), GKT_NUM_PARTS, d.of, from, all);
  gkt_mask_take(&t->constrained, all, v);
}

static void rate_of_conditions(const gkt_time *t, double step, gkt_vector *v) {
  take_of_conditions(t, t->before > 0 ? gkt_scheme_slope(step, t->before) : (gkt_combination){{2 / step, -2 / step, -1}}, v);
}

static void acceleration_of_conditions(const gkt_time *t, double h, gkt_vector *v) {
  const double b = t->before;
  take_of_conditions(t, b > 0 ? (gkt_combination){{2 / (h * (h + b)), -2 / (h * b), 0, 0, 2 / (b * (h + b))}} : (gkt_combination){{2 / (h * h), -2 / (h * h), -2 / h}}, v);
}

/* ---- steps ---- */
/* out = the highest rate at a state; 0 where conditions hold */
static gkt_status slope(gkt_time *t, double time, const gkt_vector *u, const gkt_vector *rate, gkt_vector *out) {
  const gkt_state at = {u, rate, NULL, time};
  GKT_TRY(gkt_system_residual(t->system, &at, out));
  gkt_vector_multiply(-1, t->masses, out);
  return GKT_OK;
}

/* u' at a stage u = u0 + step (sum of parts of slopes), with the conditions of its time. */
static gkt_status stage(gkt_time *t, double start, double part, double step, int count, const double *parts, gkt_vector *const *slopes, gkt_vector *u, gkt_vector *out) {
  gkt_vector_copy(t->parts[GKT_U0], u);
  for (int k = 0; k < count; k++)
    if (parts[k] != 0) gkt_vector_axpy(step * parts[k], slopes[k], u);
  GKT_TRY(gkt_system_set_time(t->system, start + part * step));
  GKT_TRY(gkt_system_lift(t->system, u));
  return out ? slope(t, start + part * step, u, NULL, out) : GKT_OK;
}

/* Butcher's tables; the first slope is that of the end of the step before. */
static gkt_status step_runge_kutta(gkt_time *t, double step) {
  static const double ssp[2][2] = {{1, 0}, {0.25, 0.25}}, ssp_end[4] = {1.0 / 6, 1.0 / 6, 2.0 / 3, 0}, ssp_times[2] = {1, 0.5};
  static const double rk[3][3] = {{0.5, 0, 0}, {0, 0.5, 0}, {0, 0, 1}}, rk_end[4] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}, rk_times[3] = {0.5, 0.5, 1};
  const bool is_rk = t->options.scheme.kind == GKT_SCHEME_RK4;
  const int count = is_rk ? 4 : 3;
  gkt_vector *slopes[4] = {t->rate, t->known[0][0], t->known[0][1], t->known[0][2]};
  for (int k = 1; k < count; k++) GKT_TRY(stage(t, t->time, is_rk ? rk_times[k - 1] : ssp_times[k - 1], step, k, is_rk ? rk[k - 1] : ssp[k - 1], slopes, t->u, slopes[k]));
  GKT_TRY(stage(t, t->time, 1, step, count, is_rk ? rk_end : ssp_end, slopes, t->u, NULL));
  GKT_TRY(slope(t, t->time + step, t->u, NULL, t->rate));
  rate_of_conditions(t, step, t->rate);
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
  rate_of_conditions(t, step, ahead);
  GKT_TRY(slope(t, t->time + step, t->u, ahead, t->acceleration));
  gkt_vector_axpy(0.5 * step, t->acceleration, t->rate);
  rate_of_conditions(t, step, t->rate), acceleration_of_conditions(t, step, t->acceleration);
  return GKT_OK;
}

gkt_status gkt_time_step_explicit(gkt_time *t, double step, gkt_step_report *report) {
  const double start = gkt_seconds(), cpu = gkt_cpu_seconds();
  GKT_TRY(is_second(t) ? step_central(t, step) : step_runge_kutta(t, step));
  report->assemble_seconds += gkt_seconds() - start, report->assemble_cpu_seconds += gkt_cpu_seconds() - cpu;
  report->valid = gkt_vector_is_finite(t->u) && gkt_vector_is_finite(t->rate);
  GKT_TRY(gkt_time_commit(t, t->time + step, report));
  if (report->valid) {
    gkt_vector_copy(t->parts[GKT_U0], t->parts[GKT_BEFORE]);
    t->time += step, t->before = step, t->num_steps++;
    return GKT_OK;
  }
  if (!report->reason[0]) snprintf(report->reason, sizeof report->reason, "values are no longer finite: the step may be longer than what is stable");
  gkt_vector_copy(t->parts[GKT_U0], t->u), gkt_vector_copy(t->parts[GKT_RATE0], t->rate), gkt_vector_copy(t->parts[GKT_ACCELERATION0], t->acceleration);
  return GKT_OK;
}

gkt_status gkt_time_begin_explicit(gkt_time *t) {
  bool kept;
  GKT_TRY(gkt_system_keep_operators(t->system, &kept));
  GKT_TRY(lump(t));
  GKT_TRY(check_step(t));
  gkt_vector *highest = is_second(t) ? t->acceleration : t->rate, *given = t->known[0][1];
  gkt_vector_copy(highest, given);
  GKT_TRY(slope(t, t->time, t->u, is_second(t) ? t->rate : NULL, highest));
  gkt_mask_take(&t->constrained, given, highest);
  return GKT_OK;
}
