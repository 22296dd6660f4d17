/* Ranges by interval arithmetic (Moore, 1966), rounded outwards: exact results keep their ends, others move by one unit in the last place, functions of the mathematics
   library (good to 2 units) by more. Values are taken to be finite; where an argument may leave the domain of a function nothing is known. */
#include "forms/op.h"

static const gkt_interval everything = {-INFINITY, INFINITY};

static bool contains(gkt_interval a, double value) { return a.low <= value && value <= a.high; }

static gkt_interval checked(double low, double high) { return low <= high ? (gkt_interval){low, high} : everything; } /* NaN as well */

static double down(double value, bool exact) { return exact ? value : nextafter(value, -INFINITY); }
static double up(double value, bool exact) { return exact ? value : nextafter(value, INFINITY); }

static gkt_interval widened(double low, double high) { /* results of library functions */
  for (int i = 0; i < 4; i++) {
    low = nextafter(low, -INFINITY);
    high = nextafter(high, INFINITY);
  }
  return checked(low, high);
}

static gkt_interval within(gkt_interval a, double low, double high) { return checked(fmax(a.low, low), fmin(a.high, high)); }

/* The rounding error of a sum is itself a number (Knuth's two-sum); of a product and a quotient fma tells, unless it underflows. */
static bool sum_is_exact(double a, double b, double s) { return !isfinite(s) || (s - a == b && s - b == a); }
static bool product_is_exact(double a, double b, double p) { return a == 0 || b == 0 || !isfinite(p) || (fabs(p) > 1e-290 && fma(a, b, -p) == 0); }
static bool quotient_is_exact(double a, double b, double q) { return a == 0 || !isfinite(q) || (fabs(q) > 1e-290 && fabs(a) > 1e-290 && fma(q, b, -a) == 0); }

/* An overflow rounds the finite end to the largest number. */
static double low_end(double value, bool exact) { return value == INFINITY ? nextafter(INFINITY, 0) : down(value, exact); }
static double high_end(double value, bool exact) { return value == -INFINITY ? nextafter(-INFINITY, 0) : up(value, exact); }

gkt_interval gkt_interval_add(gkt_interval a, gkt_interval b) {
  double low = a.low + b.low, high = a.high + b.high;
  return checked(low_end(low, sum_is_exact(a.low, b.low, low)), high_end(high, sum_is_exact(a.high, b.high, high)));
}

static gkt_interval negate(gkt_interval a) { return (gkt_interval){-a.high, -a.low}; }

static gkt_interval hull(gkt_interval a, gkt_interval b) { return checked(fmin(a.low, b.low), fmax(a.high, b.high)); }

static gkt_interval corner_product(double a, double b) {
  double p = a == 0 || b == 0 ? 0 : a * b; /* 0 * inf: the values behind are finite */
  bool exact = product_is_exact(a, b, p);
  return (gkt_interval){low_end(p, exact), high_end(p, exact)};
}

gkt_interval gkt_interval_multiply(gkt_interval a, gkt_interval b) {
  gkt_interval low = hull(corner_product(a.low, b.low), corner_product(a.low, b.high)), high = hull(corner_product(a.high, b.low), corner_product(a.high, b.high));
  gkt_interval all = hull(low, high);
  bool not_negative = (a.low >= 0 && b.low >= 0) || (a.high <= 0 && b.high <= 0), not_positive = (a.low >= 0 && b.high <= 0) || (a.high <= 0 && b.low >= 0);
  if (not_negative) return within(all, 0, INFINITY);
  return not_positive ? within(all, -INFINITY, 0) : all;
}

static gkt_interval absolute(gkt_interval a) {
  if (a.low >= 0) return a;
  return a.high <= 0 ? negate(a) : (gkt_interval){0, fmax(-a.low, a.high)};
}

/* b: +0 from above, -0 from below */
static gkt_interval corner_quotient(double a, double b) {
  double q = isinf(b) || a == 0 ? 0 : a / b;
  bool exact = isinf(b) || quotient_is_exact(a, b, q);
  return (gkt_interval){low_end(q, exact), high_end(q, exact)};
}

/* A quotient is finite, so that b is not 0; it may come near from one side. */
static gkt_interval divide(gkt_interval a, gkt_interval b) {
  if ((b.low < 0 && b.high > 0) || (b.low == 0 && b.high == 0)) return everything;
  bool same_sign = b.low >= 0;
  double near = same_sign ? fabs(b.low) : b.low, far = same_sign || b.high != 0 ? b.high : -0.0;
  gkt_interval low = hull(corner_quotient(a.low, near), corner_quotient(a.low, far)), high = hull(corner_quotient(a.high, near), corner_quotient(a.high, far));
  gkt_interval all = hull(low, high);
  if (a.low >= 0) return same_sign ? within(all, 0, INFINITY) : within(all, -INFINITY, 0);
  if (a.high <= 0) return same_sign ? within(all, -INFINITY, 0) : within(all, 0, INFINITY);
  return all;
}

static gkt_interval repeated_product(double value, int n) {
  gkt_interval factor = {value, value}, product = {1, 1};
  for (int i = 0; i < n; i++) product = gkt_interval_multiply(product, factor);
  return product;
}

gkt_interval gkt_interval_power(gkt_interval a, int n) { /* odd powers grow everywhere, even powers with the absolute value */
  gkt_interval base = n % 2 ? a : absolute(a);
  return checked(repeated_product(base.low, n).low, repeated_product(base.high, n).high);
}

/* For a > 0 a^b is monotone in each argument: its extremes stand at corners. */
static gkt_interval general_power(gkt_interval a, gkt_interval b) {
  if (a.low < 0 || (a.low == 0 && b.low < 0)) return everything;
  double corners[4] = {pow(a.low, b.low), pow(a.low, b.high), pow(a.high, b.low), pow(a.high, b.high)}, low = corners[0], high = corners[0];
  for (int i = 0; i < 4; i++) {
    if (isnan(corners[i])) return everything;
    low = fmin(low, corners[i]);
    high = fmax(high, corners[i]);
  }
  return within(widened(low, high), 0, INFINITY);
}

static gkt_interval power(gkt_interval a, gkt_interval b) {
  bool integer = b.low == b.high && b.low == floor(b.low) && fabs(b.low) <= 64;
  if (!integer) return general_power(a, b);
  gkt_interval p = gkt_interval_power(a, (int)fabs(b.low));
  return b.low < 0 ? divide((gkt_interval){1, 1}, p) : p;
}

static gkt_interval less(gkt_interval a, gkt_interval b, bool or_equal) {
  bool always = or_equal ? a.high <= b.low : a.high < b.low, never = or_equal ? a.low > b.high : a.low >= b.high;
  return (gkt_interval){always, !never};
}

static gkt_interval selected(gkt_interval condition, gkt_interval a, gkt_interval b) {
  if (!contains(condition, 0)) return a;
  return condition.low == 0 && condition.high == 0 ? b : hull(a, b);
}

typedef double library_function(double);
static gkt_interval rising(library_function *f, gkt_interval a) { return widened(f(a.low), f(a.high)); }
static gkt_interval falling(library_function *f, gkt_interval a) { return widened(f(a.high), f(a.low)); }
static bool in_unit(gkt_interval a) { return a.low >= -1 && a.high <= 1; }

static gkt_interval range_of(const gkt_node_data *data, const gkt_interval *range, gkt_terminal_range *terminal, const void *user) {
  const double half_pi = 3.141592653589793 / 2, above_pi = 3.1415926535897936; /* from below and from above */
  const bool is_square = data->a == data->b;
  gkt_interval a = range[data->a], b = range[data->b], c = range[data->c];
  switch (data->op) {
#define X(name, arity, word, takes, cost, value, derivative, breaks, range, ...) \
  case GKT_OP_##name: return range;
    GKT_OP_LIST(X)
#undef X
  case GKT_OP_CONSTANT: return isfinite(data->value) ? (gkt_interval){data->value, data->value} : everything;
  case GKT_OP_TERMINAL: a = terminal(&data->terminal, user); return checked(a.low, a.high);
  case GKT_OP_EXTERNAL: break;
  }
  return everything;
}

gkt_interval gkt_graph_range(const gkt_graph *g, gkt_node n, gkt_terminal_range *terminal, const void *user) {
  gkt_interval *range = NULL, result = everything;
  bool *below = NULL;
  if (gkt_graph_mark(g, 1, &n, &below) == GKT_OK && gkt_calloc(gkt_graph_context(g), (gkt_size)n + 1, sizeof *range, &range) == GKT_OK) {
    for (gkt_node i = 0; i <= n; i++)
      if (below[i]) range[i] = range_of(gkt_graph_get(g, i), range, terminal, user);
    result = range[n];
  }
  gkt_free(&range);
  gkt_free(&below);
  return result;
}
