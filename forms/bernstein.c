/* Range of a polynomial over a box of its atoms: its coefficients in the basis of Bernstein polynomials enclose its values (Cargo and Shisha 1966), more closely than the sum of
   the ranges of its terms: x (1 - x) is in [0, 1/2] for x in [0, 1], not in [-1, 1]. Atoms are taken as independent. */
#include <math.h>
#include <string.h>

#include "forms/facts.h"

enum { MAX_VARIABLES = 6, MAX_COEFFICIENTS = 4096 };
typedef struct {
  int num_variables, count;
  gkt_node variables[MAX_VARIABLES];
  gkt_interval ranges[MAX_VARIABLES];
  int degrees[MAX_VARIABLES];
  double *coefficients, *sizes; /* [count]: by powers of t in [0, 1]; what they were summed from, without signs */
} box_polynomial;

static int power_of(const gkt_monomial *m, gkt_node atom) {
  int power = 0;
  for (int i = 0; i < m->num_atoms; i++) power += m->atoms[i] == atom;
  return power;
}

/* false: too many variables or coefficients, or one without bounds */
static bool find_variables(const gkt_facts_query *q, int count, const gkt_monomial *terms, box_polynomial *p) {
  p->count = 1;
  for (int t = 0; t < count; t++)
    for (int i = 0; i < terms[t].num_atoms; i++) {
      int v = 0, power = power_of(&terms[t], terms[t].atoms[i]);
      while (v < p->num_variables && p->variables[v] != terms[t].atoms[i]) v++;
      if (v == MAX_VARIABLES) return false;
      if (v == p->num_variables) p->variables[p->num_variables++] = terms[t].atoms[i], p->ranges[v] = gkt_facts_atom_range(q, terms[t].atoms[i]);
      if (power > p->degrees[v]) p->degrees[v] = power;
      if (!isfinite(p->ranges[v].low) || !isfinite(p->ranges[v].high)) return false;
    }
  for (int v = 0; v < p->num_variables; v++) {
    p->count *= p->degrees[v] + 1;
    if (p->count > MAX_COEFFICIENTS) return false;
  }
  return true;
}

static double choose(int n, int k) {
  double c = 1;
  for (int i = 1; i <= k; i++) c = c * (n - k + i) / i;
  return c;
}

/* += value * product of (low + (high - low) t)^power over the variables from v on */
static void expand(box_polynomial *p, const gkt_monomial *m, int v, int place, double value, double size) {
  if (v == p->num_variables) {
    p->coefficients[place] += value, p->sizes[place] += size;
    return;
  }
  double low = p->ranges[v].low, width = p->ranges[v].high - low;
  int power = power_of(m, p->variables[v]);
  for (int k = 0; k <= power; k++) {
    double factor = choose(power, k) * pow(low, power - k) * pow(width, k);
    if (factor != 0) expand(p, m, v + 1, place * (p->degrees[v] + 1) + k, value * factor, size * fabs(factor));
  }
}

/* Powers to Bernstein along each variable: b_i = sum_j C(i, j)/C(n, j) a_j. */
static void transform(const box_polynomial *p, double *a) {
  int stride = p->count;
  for (int v = 0; v < p->num_variables; v++) {
    int n = p->degrees[v], block = stride;
    stride /= n + 1;
    for (int start = 0; start < p->count; start++) {
      if (start % block >= stride) continue;
      for (int i = n; i > 0; i--) {
        double b = 0;
        for (int j = 0; j <= i; j++) b += choose(i, j) / choose(n, j) * a[start + j * stride];
        a[start + i * stride] = b;
      }
    }
  }
}

gkt_interval gkt_facts_polynomial_range(const gkt_facts_query *q, int count, const gkt_monomial *terms) {
  box_polynomial p = {0};
  gkt_interval r = {INFINITY, -INFINITY}, unknown = {-INFINITY, INFINITY};
  if (!find_variables(q, count, terms, &p) || gkt_calloc(q->ctx, 2 * (gkt_size)p.count, sizeof *p.coefficients, &p.coefficients) != GKT_OK) return unknown;
  p.sizes = p.coefficients + p.count;
  for (int t = 0; t < count; t++) expand(&p, &terms[t], 0, 0, terms[t].coefficient.part[0], fabs(terms[t].coefficient.part[0]));
  transform(&p, p.coefficients);
  transform(&p, p.sizes);
  for (int i = 0; i < p.count; i++) {
    double rounding = GKT_FACTS_ROUNDING * p.sizes[i], b = fabs(p.coefficients[i]) <= rounding ? 0 : p.coefficients[i];
    r.low = fmin(r.low, b == 0 ? 0 : b - rounding);
    r.high = fmax(r.high, b == 0 ? 0 : b + rounding);
  }
  gkt_free(&p.coefficients);
  return r.low <= r.high ? r : unknown;
}
