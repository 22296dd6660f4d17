/* Lengths of steps by an estimate of the local error: C h^(p+1) times the (p+1)-th derivative, which divided differences of the last states give (Hairer, Norsett and Wanner,
   Solving Ordinary Differential Equations I, sections II.4 and III.5). Of the first step, where two states and the slope at the start are known, an order less. Explicit schemes
   find their errors themselves (explicit.c). */
#include <math.h>

#include "time/time.h"

enum { MOST_NODES = 4 };
typedef struct {
  int count; /* states, the newest first */
  double times[MOST_NODES];
  const gkt_vector *values[MOST_NODES], *slope; /* slope: at the last two, where they are the same */
} history;

/* Where the first step leads to a balance from what need not be one, no difference reaches across it: it is short, and the next is not looked at. */
static const double FIRST_TO_A_BALANCE = 1e-3; /* of the longest */
gkt_status gkt_time_begin_adaptive(gkt_time *t) {
  t->next = t->balances ? FIRST_TO_A_BALANCE * t->options.step : gkt_time_longest(t), t->earlier = 0;
  if (gkt_scheme_is_explicit(&t->options.scheme)) return GKT_OK; /* which compare what they find themselves */
  if (!t->earlier_u) GKT_TRY(gkt_system_vector(t->system, &t->earlier_u));
  if (!t->start_rate) GKT_TRY(gkt_system_vector(t->system, &t->start_rate));
  gkt_vector_copy(t->rate, t->start_rate);
  return GKT_OK;
}

static history collect(const gkt_time *t, double step) {
  history h = {.count = 2, .times = {t->time + step, t->time}, .values = {t->u, t->parts[GKT_U0]}};
  const gkt_size known = t->balances ? t->num_steps - 1 : t->num_steps; /* states before that of the start of the step */
  if (known > 0) h.times[2] = t->time - t->before, h.values[2] = t->parts[GKT_BEFORE], h.count++;
  if (known > 1) h.times[3] = t->time - t->before - t->earlier, h.values[3] = t->earlier_u, h.count++;
  else if (!t->balances) h.times[h.count] = h.times[h.count - 1], h.values[h.count] = h.values[h.count - 1], h.slope = t->start_rate, h.count++;
  return h;
}

/* The divided difference over the newest n states, as factors of these; the last one is the slope's. */
static void divide(const history *h, int n, double *factors) {
  double d[MOST_NODES][MOST_NODES + 1] = {{0}};
  for (int i = 0; i < n; i++) d[i][i] = 1;
  for (int k = 1; k < n; k++)
    for (int i = 0; i + k < n; i++) {
      const double length = h->times[i] - h->times[i + k];
      for (int j = 0; j <= MOST_NODES; j++) d[i][j] = length > 0 ? (d[i][j] - d[i + 1][j]) / length : j == MOST_NODES;
    }
  for (int j = 0; j <= MOST_NODES; j++) factors[j] = d[0][j];
}

/* Of the leading term of the local error. */
static double constant_of(const gkt_scheme *s, int order) {
  if (order == 1) return s->kind == GKT_SCHEME_THETA && gkt_scheme_order(s) == 1 ? fabs(s->parameters[0] - 0.5) : 0.5;
  return s->kind == GKT_SCHEME_BDF2 ? 2.0 / 9 : 1.0 / 12;
}

/* ---- what is allowed ---- */
/* v on a block, 0 elsewhere; work is overwritten */
static const gkt_vector *part(const gkt_vector *v, const gkt_layout_block *of, gkt_vector *work) {
  const double one = 1;
  gkt_vector_fill(work, 0);
  gkt_vector_combine(of->first, of->count, 1, &one, &v, work);
  return work;
}

double gkt_time_weigh_error(const gkt_time *t, const gkt_vector *error, const gkt_vector *of, gkt_vector *work) {
  const gkt_layout *l = gkt_system_layout(t->system);
  double worst = 0;
  for (int b = 0; b < t->num_blocks; b++) {
    if (t->kinds[b] == GKT_MULTIPLIER) continue;
    const double allowed = t->options.atol + t->options.rtol * gkt_vector_largest(part(of, &l->blocks[b], work));
    const double size = gkt_vector_norm(part(error, &l->blocks[b], work)) / sqrt(l->blocks[b].count);
    worst = fmax(worst, allowed > 0 ? size / allowed : size > 0 ? INFINITY : 0);
  }
  return worst;
}

/* ---- of an implicit step ---- */
/* out = factor times the divided difference over n states */
static void estimate(const history *h, int n, double factor, gkt_vector *out) {
  const gkt_vector *from[MOST_NODES + 1];
  double all[MOST_NODES + 1], factors[MOST_NODES + 1];
  int count = 0;
  divide(h, n, all);
  for (int j = 0; j <= MOST_NODES; j++)
    if (all[j] != 0) from[count] = j < MOST_NODES ? h->values[j] : h->slope, factors[count++] = factor * all[j];
  gkt_vector_combine(0, gkt_vector_size(out), count, factors, from, out);
}

double gkt_time_error(const gkt_time *t, double step) {
  const history h = collect(t, step);
  const int scheme = gkt_scheme_order(&t->options.scheme) < 2 ? 1 : 2, order = scheme < h.count - 1 ? scheme : h.count - 2;
  const double factor = constant_of(&t->options.scheme, order) * pow(step, order + 1) * (order == 1 ? 2 : 6);
  gkt_vector *error = t->known[0][0]; /* the step is solved */
  if (order < 1) return 0;
  estimate(&h, order + 2, factor, error);
  return gkt_time_weigh_error(t, error, t->u, t->known[0][1]);
}

/* ---- lengths ---- */
double gkt_time_longest(const gkt_time *t) { return t->stable > 0 ? fmin(t->stable, t->options.step) : t->options.step; }

/* Of the length in the estimate, less one. */
static double order_of_estimate(const gkt_scheme *s) { return s->kind == GKT_SCHEME_RK4 ? 4 : gkt_scheme_order(s) < 2 ? 1 : 2; }

static const double SAFETY = 0.9, LEAST = 0.2, MOST = 2, WORTH = 1.3; /* a new length is a new matrix */
double gkt_time_next_step(const gkt_time *t, double step, double error) {
  const double order = order_of_estimate(&t->options.scheme);
  double factor = error > 0 ? SAFETY * pow(error, -1 / (order + 1)) : MOST;
  factor = fmin(MOST, fmax(LEAST, factor));
  if (error <= 1 && factor < WORTH && factor > 0.85 && !gkt_scheme_is_explicit(&t->options.scheme)) factor = 1;
  return fmin(step * factor, gkt_time_longest(t));
}
