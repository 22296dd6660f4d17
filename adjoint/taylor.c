/* Taylor remainders: a gradient is compared with values of the functional at solutions nearby. Five of them are looked at, as near as it takes until their order shows, and no
   nearer than where they drown in what solvers leave. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "galerkit/adjoint.h"

typedef struct {
  const gkt_taylor_line *line;
  double floor, noise; /* of J where nothing but rounding and solvers should move it; what remainders must exceed to tell anything */
  int deciding;        /* slopes, the last ones, that must come near a power */
} taylor;

static gkt_status fill(const taylor *t, int from, double eps, gkt_taylor *out) {
  for (int i = from; i < GKT_TAYLOR_STEPS && !out->reason[0]; i++, eps /= 2) {
    double J = 0;
    GKT_TRY(t->line->value(t->line->user, eps, &J, out));
    out->eps[i] = eps, out->remainder[i] = fabs(J - t->line->value_at_0 - eps * out->derivative - eps * eps / 2 * out->second);
  }
  return GKT_OK;
}

/* Of what solvers leave in J, in two places: where remainders are far below rounding, what is there is noise. Others stand in for those without a state, as at a kink Newton's
   method may leave. */
static gkt_status find_floor(taylor *t, gkt_taylor *out) {
  t->floor = fmax(1e3 * DBL_EPSILON, 10 * t->line->rtol) * fabs(t->line->value_at_0) + DBL_MIN;
  int found = 0;
  for (double eps = 1e-8; eps < 5e-8 && found < 2 && !out->cancelled; eps *= 1.7) {
    double J = t->line->value_at_0;
    out->reason[0] = 0;
    GKT_TRY(t->line->value(t->line->user, eps, &J, out));
    if (out->reason[0]) continue;
    found++;
    t->noise = fmax(t->noise, fabs(J - t->line->value_at_0 - eps * out->derivative));
  }
  t->floor = fmax(t->floor, 10 * t->noise);
  return GKT_OK;
}

/* The last that are above the floor, one after the other: first and number. */
static int find_telling(const taylor *t, const gkt_taylor *out, int *first) {
  int end = GKT_TAYLOR_STEPS;
  while (end > 0 && !(out->remainder[end - 1] > t->floor)) end--;
  for (*first = end; *first > 0 && out->remainder[*first - 1] > t->floor;) --*first;
  return end - *first;
}

static double order_at(const gkt_taylor *out, int i) { return log2(out->remainder[i - 1] / out->remainder[i]); }

/* They fall one after the other by a power, which is that of the first term that is left out, or a higher one where that term vanishes. With noise in the last ones slopes may
   come near a power by chance: the one before must come near it as well, as it does where what is next falls by one power more, and its part of the slope is halved. */
static bool is_settled(const taylor *t, const gkt_taylor *out) {
  int first;
  const int n = find_telling(t, out, &first), end = first + n - 1;
  if (n < 2) return end < 1; /* linear */
  const double power = fmax(round(order_at(out, end)), t->line->is_second ? 3 : 2);
  double allowed = 0.05;
  for (int i = end; i > first && i > end - t->deciding; i--, allowed *= 3)
    if (!(fabs(order_at(out, i) - power) <= allowed)) return false;
  for (int i = end; i > first; i--)
    if (!(out->remainder[i] < out->remainder[i - 1])) return false;
  return true;
}

static void judge(const taylor *t, gkt_taylor *out) {
  int first;
  const int n = find_telling(t, out, &first);
  if ((n < 2 || !is_settled(t, out)) && !out->reason[0] && t->noise > 1e-5 * fmax(fabs(t->line->value_at_0), 0.01 * fabs(out->derivative)))
    snprintf(out->reason, sizeof out->reason, "found anew with the same data the functional is %g off what it is at the given state, which is no solution, or known to no digit",
             t->noise);
  out->slope = n > 1 && !out->reason[0] ? order_at(out, first + n - 1) : NAN;
  out->passed = !out->reason[0] && is_settled(t, out);
}

/* Where there is no state so far away, from nearer by. */
static gkt_status begin(const taylor *t, double *eps, gkt_taylor *out) {
  enum { MOST = 6 };
  GKT_TRY(fill(t, 0, *eps, out));
  for (int i = 0; i < MOST && out->reason[0] && !out->cancelled; i++) {
    out->reason[0] = 0, *eps /= 8;
    GKT_TRY(fill(t, 0, *eps, out));
  }
  return GKT_OK;
}

/* Remainders that drown in what solvers leave are looked at from farther away, as far as there are states. */
static gkt_status recede(const taylor *t, double eps, gkt_taylor *out) {
  int first;
  for (; eps < 0.5 && !out->reason[0] && find_telling(t, out, &first) < 3; eps *= 7) {
    const gkt_taylor before = *out;
    GKT_TRY(fill(t, 0, 7 * eps, out));
    if (!out->reason[0] || out->cancelled) continue;
    *out = before;
    return GKT_OK;
  }
  return GKT_OK;
}

/* Those that do not show their order yet, from nearer by. */
static gkt_status approach(const taylor *t, gkt_taylor *out) {
  enum { LAST = GKT_TAYLOR_STEPS - 1 };
  const double nearest = 1e-9;
  while (!out->reason[0] && out->remainder[LAST] > t->floor && out->eps[LAST] > nearest && !is_settled(t, out)) {
    memmove(out->eps, out->eps + 1, LAST * sizeof *out->eps);
    memmove(out->remainder, out->remainder + 1, LAST * sizeof *out->remainder);
    GKT_TRY(fill(t, LAST, out->eps[LAST] / 2, out));
  }
  return GKT_OK;
}

/* Where the order does not show above what solvers may leave, as beyond a kink nearby, down to what they were seen to leave: by one slope more, as that was seen in two places
 * alone. */
static gkt_status look_below(taylor *t, gkt_taylor *out) {
  const double seen = fmax(1e3 * DBL_EPSILON * fabs(t->line->value_at_0) + DBL_MIN, 10 * t->noise);
  if (out->reason[0] || out->cancelled || is_settled(t, out) || !(seen < t->floor)) return GKT_OK;
  t->floor = seen, t->deciding = 3;
  return approach(t, out);
}

gkt_status gkt_taylor_look(const gkt_taylor_line *line, double eps, gkt_taylor *out) {
  taylor t = {.line = line, .deciding = 2};
  double from = eps > 0 ? eps : 0.01;
  if (!line || !line->value || !out) return GKT_BAD_ARGUMENT;
  *out = (gkt_taylor){.slope = NAN, .derivative = line->derivative, .second = line->second};
  if (!(eps >= 0 && isfinite(eps))) return snprintf(out->reason, sizeof out->reason, "the largest eps is %g; expected a number above 0, or 0 for one that is found", eps), GKT_OK;
  GKT_TRY(find_floor(&t, out));
  if (!out->cancelled) out->reason[0] = 0;
  if (!out->cancelled) GKT_TRY(begin(&t, &from, out));
  if (eps <= 0) GKT_TRY(recede(&t, from, out));
  GKT_TRY(approach(&t, out));
  if (eps <= 0) GKT_TRY(look_below(&t, out));
  judge(&t, out);
  return GKT_OK;
}
