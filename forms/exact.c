#include "forms/exact.h"

#include <float.h>
#include <math.h>

enum { MAX_WORK = 2 * GKT_EXACT_PARTS * GKT_EXACT_PARTS };
static const double UP = 1 + 4 * DBL_EPSILON; /* bounds of errors are themselves rounded */

/* rising, without overlap */
typedef struct {
  int count;
  double part[MAX_WORK], error;
} expansion;

static void two_sum(double a, double b, double *sum, double *rest) { /* Knuth */
  *sum = a + b;
  double virtual = *sum - a;
  *rest = (a - (*sum - virtual)) + (b - virtual);
}

static void grow(expansion *e, double b) {
  int kept = 0;
  for (int i = 0; i < e->count; i++) {
    double rest;
    two_sum(b, e->part[i], &b, &rest);
    if (rest != 0) e->part[kept++] = rest;
  }
  if (b != 0 || isnan(b)) e->part[kept++] = b;
  e->count = kept;
}

/* Downwards, then upwards: as few parts as hold it, the largest within a unit of the sum. */
static void compress(expansion *e) {
  double rest, *p = e->part, q = e->count ? p[e->count - 1] : 0;
  int bottom = e->count - 1, top = 0;
  for (int i = e->count - 2; i >= 0; i--) {
    two_sum(q, p[i], &q, &rest);
    if (rest != 0) p[bottom--] = q, q = rest;
  }
  if (e->count) p[bottom] = q;
  for (int i = bottom + 1; i < e->count; i++) {
    two_sum(p[i], q, &q, &rest);
    if (rest != 0) p[top++] = rest;
  }
  if (e->count) p[top++] = q;
  e->count = e->count && q == 0 ? 0 : top;
}

static gkt_exact cut(expansion *e) {
  gkt_exact out = {.error = e->error};
  double sum = e->error;
  for (int i = 0; i < e->count; i++) sum += e->part[i];
  if (!isfinite(sum)) return gkt_exact_of(NAN);
  compress(e);
  for (int i = 0; i < e->count; i++) {
    if (i < GKT_EXACT_PARTS) out.part[i] = e->part[e->count - 1 - i];
    else out.error = (out.error + fabs(e->part[e->count - 1 - i])) * UP;
  }
  return out;
}

gkt_exact gkt_exact_add(gkt_exact a, gkt_exact b) {
  expansion e = {.error = (a.error + b.error) * UP};
  for (int i = 0; i < GKT_EXACT_PARTS; i++) grow(&e, a.part[GKT_EXACT_PARTS - 1 - i]);
  for (int i = 0; i < GKT_EXACT_PARTS; i++) grow(&e, b.part[GKT_EXACT_PARTS - 1 - i]);
  return cut(&e);
}

/* Below this the rest of a product may underflow. */
static const double SMALL = DBL_MIN / DBL_EPSILON;

static double size(gkt_exact a) { return fabs(a.part[0]) * UP + a.error; }

gkt_exact gkt_exact_multiply(gkt_exact a, gkt_exact b) {
  expansion e = {.error = (size(a) * b.error + size(b) * a.error) * UP};
  for (int i = GKT_EXACT_PARTS - 1; i >= 0; i--)
    for (int j = GKT_EXACT_PARTS - 1; j >= 0; j--) {
      double p = a.part[i] * b.part[j];
      if (a.part[i] == 0 || b.part[j] == 0) continue;
      if (fabs(p) < SMALL) e.error = (e.error + 2 * DBL_MIN) * UP;
      grow(&e, fma(a.part[i], b.part[j], -p));
      grow(&e, p);
    }
  return cut(&e);
}

static gkt_exact negate(gkt_exact a) { return gkt_exact_multiply(a, gkt_exact_of(-1)); }

/* Newton's iteration; what is left of 1 - a q bounds the error of q. */
gkt_exact gkt_exact_invert(gkt_exact a) {
  double low = fabs(a.part[0]) / UP - a.error;
  if (!(low > 0)) return gkt_exact_of(NAN);
  gkt_exact exact = a, q = gkt_exact_of(1 / a.part[0]), one = gkt_exact_of(1);
  exact.error = 0;
  for (int i = 0; i < 2; i++) {
    q.error = 0;
    q = gkt_exact_add(q, gkt_exact_multiply(q, gkt_exact_add(one, negate(gkt_exact_multiply(exact, q)))));
  }
  q.error = 0;
  q.error = size(gkt_exact_add(one, negate(gkt_exact_multiply(a, q)))) / low * UP;
  return q;
}

bool gkt_exact_is_close(gkt_exact a, gkt_exact b, double tolerance) {
  gkt_exact difference = gkt_exact_add(a, negate(b));
  return size(difference) <= tolerance * (fmin(fabs(a.part[0]) - a.error, fabs(b.part[0]) - b.error) / UP);
}
