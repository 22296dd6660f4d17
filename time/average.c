/* What states show of u'' where the trapezoidal rule swings. By Newmark's formulas with beta = 1/4, gamma = 1/2 a u that is given, by a condition that moves or by a constraint,
   has a u'' of u1'' = 2 (u1' - u0')/h - u0'', whose error changes its sign from step to step and does not fall with h (a double root -1 of the recurrence; Cardona and Geradin,
   Comput. Struct. 33 (1989)). u and u' do not see it, as they hold sums over two steps; the rest of u'' and multipliers, which balance u'' at the end of a step, do. Means over two
   steps are free of it, as the slope of u' over two steps is: shown is the line through the last two of them, of order 2, and of order 1 where lengths vary from step to step. */
#include "time/time.h"

static bool is_trapezoidal(const gkt_scheme *s) {
  return (s->kind == GKT_SCHEME_NEWMARK && s->parameters[0] == 0.25 && s->parameters[1] == 0.5) || (s->kind == GKT_SCHEME_GENERALIZED_ALPHA && s->parameters[0] == 1);
}

/* Newmark's multipliers balance u'' at the end of a step; those of generalized-alpha its mean. */
static bool shows_multipliers(const gkt_time *t) { return t->options.scheme.kind == GKT_SCHEME_NEWMARK; }

/* Is some u of second order given, other than by its equation? */
static bool is_driven(const gkt_time *t) {
  bool second = false, multiplier = false;
  for (int b = 0; b < t->num_blocks; b++) second = second || t->kinds[b] == GKT_SECOND_ORDER, multiplier = multiplier || t->kinds[b] == GKT_MULTIPLIER;
  return second && (multiplier || gkt_system_conditions_vary(t->system));
}

bool gkt_time_averages(const gkt_time *t) { return is_trapezoidal(&t->options.scheme) && is_driven(t); }

/* One root of the recurrence is beyond -1 where Newmark's formulas are stable for short steps only, whatever the step. */
gkt_status gkt_time_check_recurrence(const gkt_time *t) {
  const gkt_scheme *s = &t->options.scheme;
  const double least = 0.5 * s->parameters[1];
  char word[60];
  if (s->kind != GKT_SCHEME_NEWMARK || s->parameters[0] >= least * (1 - 1e-12) || !is_driven(t)) return GKT_OK;
  gkt_scheme_print(s, sizeof word, word);
  return gkt_fail(t->ctx, GKT_BAD_INPUT, "%s: where conditions move, or a multiplier holds a constraint, u'' would grow from step to step; expected beta from gamma/2 = %.6g on",
                  word, least);
}

gkt_status gkt_time_begin_averages(gkt_time *t) {
  GKT_TRY(gkt_time_check_recurrence(t));
  if (!gkt_time_averages(t)) return GKT_OK;
  for (int k = 0; k < 3; k++)
    if (!t->past[k]) GKT_TRY(gkt_system_vector(t->system, &t->past[k]));
  for (int k = 0; k < 2; k++)
    if (!t->averaged[k]) GKT_TRY(gkt_system_vector(t->system, &t->averaged[k]));
  return GKT_OK;
}

/* Is it averaged, and where does it stand among u, u''? */
static const gkt_vector *choose(const gkt_time *t, int block, const gkt_vector *u, const gkt_vector *acceleration) {
  if (t->kinds[block] == GKT_SECOND_ORDER) return acceleration;
  return t->kinds[block] == GKT_MULTIPLIER && shows_multipliers(t) ? u : NULL;
}

void gkt_time_keep_past(gkt_time *t) {
  const gkt_layout *l = gkt_system_layout(t->system);
  const double one = 1;
  gkt_vector *oldest = t->past[2];
  if (!oldest) return;
  t->past[2] = t->past[1], t->past[1] = t->past[0], t->past[0] = oldest;
  for (int b = 0; b < t->num_blocks; b++) {
    const gkt_vector *from = choose(t, b, t->parts[GKT_U0], t->parts[GKT_ACCELERATION0]);
    if (from) gkt_vector_combine(l->blocks[b].first, l->blocks[b].count, 1, &one, &from, oldest);
  }
}

/* ---- what is shown ---- */
enum { NUM_POINTS = 4 };
static bool is_averaged(const gkt_time *t) { return t->past[2] && t->num_steps >= NUM_POINTS - 1; }

/* The line through the means over the last two pairs of steps, at its end, as factors of values at the last four times. */
static void find_factors(const gkt_time *t, double of[NUM_POINTS]) {
  const double h1 = t->before, h2 = t->earlier, h3 = t->earliest, s = (h1 + h2) / (h1 + h3), a = (1 + s) / (h1 + h2), b = s / (h2 + h3);
  of[0] = 0.5 * a * h1, of[1] = 0.5 * a * (h1 + h2) - 0.5 * b * h2, of[2] = 0.5 * a * h2 - 0.5 * b * (h2 + h3), of[3] = -0.5 * b * h3;
}

/* out = now, averaged on blocks of a kind */
static const gkt_vector *average(const gkt_time *t, gkt_field_kind kind, const gkt_vector *now, gkt_vector *out) {
  const gkt_layout *l = gkt_system_layout(t->system);
  const gkt_vector *const from[NUM_POINTS] = {now, t->past[0], t->past[1], t->past[2]};
  double of[NUM_POINTS];
  find_factors(t, of);
  gkt_vector_copy(now, out);
  for (int b = 0; b < t->num_blocks; b++)
    if (t->kinds[b] == kind) gkt_vector_combine(l->blocks[b].first, l->blocks[b].count, NUM_POINTS, of, from, out);
  return out;
}

const gkt_vector *gkt_time_shown_u(const gkt_time *t) { return is_averaged(t) && shows_multipliers(t) ? average(t, GKT_MULTIPLIER, t->u, t->averaged[0]) : t->u; }

const gkt_vector *gkt_time_shown_acceleration(const gkt_time *t) { return is_averaged(t) ? average(t, GKT_SECOND_ORDER, t->acceleration, t->averaged[1]) : t->acceleration; }
