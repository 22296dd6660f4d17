/* Is z'Gz >= 0 for the matrix G of an integral, at every point?
   G is a polynomial in atoms with numeric matrices: G = sum_k a_k G_k. Monomials whose matrices are proportional are put together, so that G = sum_j c_j H_j with intervals
   c_j. G is linear in the c_j, and positive semidefinite matrices form a convex cone: G is in it for all c in the box if it is at the box's corners. Where H_j itself is
   positive (negative) semidefinite only the lower (upper) end of c_j matters. Sufficient, not necessary: atoms are taken as independent; where that is too little,
   squares are sought (squares.c), of all monomials or of those with atoms of both signs, and then the rest is judged alone. */
#include <math.h>
#include <string.h>

#include "forms/facts.h"

enum { MAX_PARTS = GKT_FACTS_MAX_PARTS, MAX_OPEN = 8 }; /* matrices H_j; of these, such that need both ends */

typedef struct {
  int size, dim;
  int num_parts;
  double *parts; /* [MAX_PARTS][size][size] H_j */
  double *sum;   /* [2][size][size] work */
  double *sizes; /* [size] work */
  gkt_interval coefficients[MAX_PARTS];
  int owner[MAX_PARTS]; /* of each product: its matrix is ratio H_owner; -1: set aside */
  double ratio[MAX_PARTS];
} decomposition;

/* ---- ranges ---- */
gkt_interval gkt_facts_atom_range(const gkt_facts_query *q, gkt_node atom) {
  gkt_interval r = gkt_graph_range(q->graph, atom, q->range, q->user);
  return r.low <= r.high ? r : (gkt_interval){-INFINITY, INFINITY}; /* NaN */
}

/* Product of the atoms' ranges; equal atoms are neighbours, and pairs of them are squares. */
static gkt_interval monomial_range(const gkt_facts_query *q, const gkt_monomial *m) {
  gkt_interval r = {m->coefficient.part[0], m->coefficient.part[0]};
  for (int i = 0; i < m->num_atoms; i++) {
    gkt_interval a = gkt_facts_atom_range(q, m->atoms[i]);
    if (i + 1 < m->num_atoms && m->atoms[i] == m->atoms[i + 1]) a = gkt_interval_power(a, 2), i++;
    r = gkt_interval_multiply(r, a);
  }
  return r;
}

/* ---- matrices ---- */
static double product(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; } /* 0 * inf: 0, for a bound */

/* sum [n][n] += a H, size [n] += |a| |diagonal of H| */
static void add_multiple(const decomposition *d, int part, double a, double *sum, double *size) {
  int n = d->size;
  const double *H = d->parts + part * n * n;
  for (int i = 0; i < n * n; i++) sum[i] += product(a, H[i]);
  for (int i = 0; i < n; i++) size[i] += fabs(product(a, H[i * (n + 1)]));
}

static bool part_is_semidefinite(const decomposition *d, int part, double sign) {
  int n = d->size;
  memset(d->sum, 0, (size_t)(n * n) * sizeof *d->sum);
  memset(d->sizes, 0, (size_t)n * sizeof *d->sizes);
  add_multiple(d, part, sign, d->sum, d->sizes);
  return gkt_is_semidefinite(d->sum, n, d->sizes);
}

/* ---- decomposition ---- */
/* matrix = ratio H up to the rounding of each entry */
static bool is_multiple(const double *matrix, const double *H, double ratio, int count) {
  for (int i = 0; i < count; i++)
    if (!(fabs(matrix[i] - ratio * H[i]) <= GKT_FACTS_ROUNDING * fabs(matrix[i]))) return false;
  return true;
}

/* Joins the matrix of a product to a part it is proportional to, or makes it one. */
static void add_part(decomposition *d, int product, const double *matrix) {
  int count = d->size * d->size, top = 0, p = 0;
  d->owner[product] = -1;
  for (int i = 0; i < count; i++)
    if (fabs(matrix[i]) > fabs(matrix[top])) top = i;
  if (matrix[top] == 0) return;
  for (; p < d->num_parts; p++) {
    const double *H = d->parts + p * count;
    if (H[top] != 0 && is_multiple(matrix, H, matrix[top] / H[top], count)) break;
  }
  if (p == d->num_parts) memcpy(d->parts + d->num_parts++ * count, matrix, (size_t)count * sizeof *matrix);
  d->owner[product] = p;
  d->ratio[product] = matrix[top] / d->parts[p * count + top];
}

/* ---- ranges of the c_j: the narrowest of four ---- */
static gkt_interval intersection(gkt_interval a, gkt_interval b) {
  gkt_interval both = {fmax(a.low, b.low), fmin(a.high, b.high)};
  return both.low <= both.high ? both : a; /* they cross by rounding only */
}

/* c_p by an entry that no other part has: the node as it was written, (a - b)^2 */
static gkt_interval range_by_nodes(const gkt_facts_query *q, const decomposition *d, int part, const gkt_node *nodes) {
  gkt_interval r = {-INFINITY, INFINITY};
  int entries = d->size * d->size;
  for (int i = 0; i < entries; i++) {
    double own = d->parts[part * entries + i], others = 0;
    for (int p = 0; p < d->num_parts; p++) others += p == part ? 0 : fabs(d->parts[p * entries + i]);
    if (own == 0 || others != 0) continue;
    double a = (1 - GKT_FACTS_ROUNDING) / own, b = (1 + GKT_FACTS_ROUNDING) / own;
    r = intersection(r, gkt_interval_multiply(gkt_facts_atom_range(q, nodes[i]), (gkt_interval){fmin(a, b), fmax(a, b)}));
  }
  return r;
}

/* Is the polynomial, less a number, a sum of squares? */
static gkt_status find_sign(const gkt_facts_query *q, int count, const gkt_monomial *terms, double less, bool *positive) {
  gkt_facts_part parts[MAX_PARTS];
  double values[MAX_PARTS];
  gkt_ellipticity ignored;
  for (int t = 0; t < count; t++) {
    values[t] = terms[t].coefficient.part[0] - (terms[t].num_atoms ? 0 : less);
    parts[t] = (gkt_facts_part){terms[t], &values[t], false};
  }
  return gkt_facts_squares(q, 1, count, parts, positive, &ignored);
}

static gkt_status range_by_squares(const gkt_facts_query *q, int count, const gkt_monomial *terms, gkt_interval *r) {
  double number = 0, little = 1e-6;
  bool positive, above = false;
  for (int t = 0; t < count; t++) number = terms[t].num_atoms ? number : terms[t].coefficient.part[0];
  GKT_TRY(find_sign(q, count, terms, 0, &positive));
  if (positive && number > 0) GKT_TRY(find_sign(q, count, terms, little * number, &above));
  if (positive) r->low = fmax(r->low, above ? little * number : 0);
  return GKT_OK;
}

/* nodes NULL: something is set aside, so that they are not the sum of the parts */
static gkt_status find_range(const gkt_facts_query *q, decomposition *d, int part, int count, const gkt_facts_part *list, const gkt_node *nodes) {
  gkt_monomial terms[MAX_PARTS];
  gkt_interval r = {0, 0};
  int num_terms = 0;
  for (int k = 0; k < count; k++) {
    if (d->owner[k] != part) continue;
    terms[num_terms] = list[k].monomial;
    terms[num_terms].coefficient = gkt_exact_of(d->ratio[k]);
    r = gkt_interval_add(r, monomial_range(q, &terms[num_terms++]));
  }
  if (num_terms > 1) r = intersection(r, gkt_facts_polynomial_range(q, num_terms, terms));
  if (num_terms > 1 && r.low <= 0) GKT_TRY(range_by_squares(q, num_terms, terms, &r));
  if (nodes && r.low <= 0) r = intersection(r, range_by_nodes(q, d, part, nodes));
  d->coefficients[part] = r;
  return GKT_OK;
}

/* ---- corners ---- */
/* bound->lower, sizes: the sum over the parts that are not open. Its ellipticity becomes the least of the corners'. */
static bool corner_is_semidefinite(const decomposition *d, int num_open, const int *open, int corner, gkt_facts_bound *bound) {
  int n = d->size;
  memcpy(d->sum, bound->lower, (size_t)(n * n) * sizeof *d->sum);
  memcpy(d->sizes, bound->sizes, (size_t)n * sizeof *d->sizes);
  for (int k = 0; k < num_open; k++) {
    gkt_interval c = d->coefficients[open[k]];
    add_multiple(d, open[k], corner >> k & 1 ? c.high : c.low, d->sum, d->sizes);
  }
  for (int i = 0; i < n * n; i++)
    if (!isfinite(d->sum[i]) || !isfinite(d->sizes[i % n])) return false;
  gkt_ellipticity here = gkt_ellipticity_of(d->sum, n, d->dim, d->sizes, d->sum + n * n);
  if (here < bound->ellipticity) bound->ellipticity = here;
  return gkt_is_semidefinite(d->sum, n, d->sizes);
}

static bool corners_are_semidefinite(decomposition *d, gkt_facts_bound *bound) {
  int n = d->size, open[MAX_OPEN], num_open = 0;
  memset(bound->lower, 0, (size_t)(n * n) * sizeof *bound->lower);
  memset(bound->sizes, 0, (size_t)n * sizeof *bound->sizes);
  bound->ellipticity = GKT_ELLIPTIC;
  for (int p = 0; p < d->num_parts; p++) {
    bool up = part_is_semidefinite(d, p, 1), down = !up && part_is_semidefinite(d, p, -1);
    double a = up ? d->coefficients[p].low : d->coefficients[p].high;
    if (!up && !down && num_open == MAX_OPEN) return false;
    if (!up && !down) open[num_open++] = p;
    else add_multiple(d, p, a, bound->lower, bound->sizes);
  }
  for (int corner = 0; corner < 1 << num_open; corner++)
    if (!corner_is_semidefinite(d, num_open, open, corner, bound)) return false;
  bound->is_constant = num_open == 0;
  return true;
}

static gkt_status try_ranges(const gkt_facts_query *q, decomposition *d, int count, const gkt_facts_part *list, const gkt_node *nodes, gkt_facts_bound *bound) {
  d->num_parts = 0;
  for (int k = 0; k < count; k++) {
    d->owner[k] = -1;
    if (!list[k].done) add_part(d, k, list[k].matrix);
  }
  for (int p = 0; p < d->num_parts; p++) GKT_TRY(find_range(q, d, p, count, list, nodes));
  bound->positive = corners_are_semidefinite(d, bound);
  return GKT_OK;
}

/* ---- squares ---- */
static bool has_both_signs(const gkt_facts_query *q, const gkt_monomial *m) {
  for (int i = 0; i < m->num_atoms; i++) {
    gkt_interval r = gkt_facts_atom_range(q, m->atoms[i]);
    if (r.low < 0 && r.high > 0) return true;
  }
  return false;
}

/* Of all products, or of those with atoms of both signs, and the rest by ranges. */
static gkt_status try_squares(const gkt_facts_query *q, decomposition *d, int count, gkt_facts_part *list, gkt_facts_bound *bound) {
  gkt_ellipticity ignored;
  int num_set_aside = 0;
  GKT_TRY(gkt_facts_squares(q, d->size, count, list, &bound->positive, &bound->ellipticity));
  if (bound->positive) return GKT_OK;
  for (int k = 0; k < count; k++) num_set_aside += !(list[k].done = !has_both_signs(q, &list[k].monomial));
  if (num_set_aside == 0) return GKT_OK;
  GKT_TRY(gkt_facts_squares(q, d->size, count, list, &bound->positive, &ignored));
  for (int k = 0; k < count; k++) list[k].done = !list[k].done;
  return bound->positive ? try_ranges(q, d, count, list, NULL, bound) : GKT_OK;
}

typedef struct {
  decomposition d;
  gkt_facts_part *list; /* [MAX_PARTS] */
  double *room;         /* [MAX_PARTS][size][size] */
} workspace;

static gkt_status try_expansion(const gkt_facts_query *q, workspace *w, const gkt_node *nodes, gkt_node num_kept, const bool *kept, gkt_facts_bound *bound) {
  int count;
  bound->positive = false;
  GKT_TRY(gkt_facts_split(q, w->d.size, nodes, num_kept, kept, w->room, w->list, &count));
  for (int k = 0; k < count; k++) gkt_facts_mention(q, &w->list[k].monomial);
  if (count >= 0) GKT_TRY(try_ranges(q, &w->d, count, w->list, nodes, bound));
  return bound->positive || count <= 0 ? GKT_OK : try_squares(q, &w->d, count, w->list, bound);
}

gkt_status gkt_facts_positive(const gkt_facts_query *q, int size, const gkt_node *nodes, gkt_facts_bound *bound) {
  workspace w = {.d = {.size = size, .dim = q->scope->dim}};
  gkt_size entries = (gkt_size)size * size;
  gkt_node num_kept;
  bool *kept = NULL, any;
  gkt_status status;
  GKT_GO(gkt_alloc(q->ctx, MAX_PARTS * entries, sizeof *w.room, &w.room));
  GKT_GO(gkt_calloc(q->ctx, MAX_PARTS * entries, sizeof *w.d.parts, &w.d.parts));
  GKT_GO(gkt_calloc(q->ctx, 2 * entries, sizeof *w.d.sum, &w.d.sum));
  GKT_GO(gkt_calloc(q->ctx, size, sizeof *w.d.sizes, &w.d.sizes));
  GKT_GO(gkt_calloc(q->ctx, MAX_PARTS, sizeof *w.list, &w.list));
  GKT_GO(try_expansion(q, &w, nodes, 0, NULL, bound));
  if (bound->positive) goto done;
  GKT_GO(gkt_facts_find_factors(q, (int)entries, nodes, &num_kept, &kept, &any));
  if (any) GKT_GO(try_expansion(q, &w, nodes, num_kept, kept, bound));
done:
  gkt_free(&kept);
  gkt_free(&w.room);
  gkt_free(&w.d.parts);
  gkt_free(&w.d.sum);
  gkt_free(&w.d.sizes);
  gkt_free(&w.list);
  return status;
}
