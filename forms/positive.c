/* Is z'Gz >= 0 for the matrix G of an integral, at every point?
   G is a polynomial in atoms with numeric matrices: G = sum_k a_k G_k. Monomials whose matrices are proportional are put together, so that G = sum_j c_j H_j with intervals
   c_j. G is linear in the c_j, and positive semidefinite matrices form a convex cone: G is in it for all c in the box if it is at the box's corners. Where H_j itself is
   positive (negative) semidefinite only the lower (upper) end of c_j matters. Sufficient, not necessary: atoms are taken as independent; where that is too little,
   the monomials that make up squares are set aside (squares.c) and the rest is judged alone. */
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
static bool same_atoms(const gkt_monomial *a, const gkt_monomial *b) {
  return a->num_atoms == b->num_atoms && !memcmp(a->atoms, b->atoms, (size_t)a->num_atoms * sizeof *a->atoms);
}

/* Adds the entry (row, column), symmetrized. false: too many different monomials, or the coefficient is uncertain. */
static bool add_entry(gkt_facts_part *list, int *count, double *room, int size, int row, int column, const gkt_monomial *m) {
  int k = 0;
  while (k < *count && !same_atoms(&list[k].monomial, m)) k++;
  if (k == MAX_PARTS || m->coefficient.error > GKT_FACTS_ROUNDING * fabs(m->coefficient.part[0])) return false;
  if (k == *count) list[(*count)++] = (gkt_facts_part){*m, room + k * size * size, false}, list[k].monomial.coefficient = gkt_exact_of(1);
  list[k].matrix[row * size + column] += 0.5 * m->coefficient.part[0];
  list[k].matrix[column * size + row] += 0.5 * m->coefficient.part[0];
  return true;
}

/* room [MAX_PARTS][size][size] zeros; *count -1: the nodes are no polynomials of moderate size. */
static gkt_status split(const gkt_facts_query *q, int size, const gkt_node *nodes, double *room, gkt_facts_part *list, int *count) {
  gkt_monomial *terms = NULL;
  int num_terms;
  bool known = true;
  GKT_TRY(gkt_alloc(q->ctx, MAX_PARTS, sizeof *terms, &terms));
  *count = 0;
  for (int i = 0; i < size * size && known; i++) {
    known = gkt_graph_polynomial(q->graph, nodes[i], MAX_PARTS, terms, &num_terms);
    for (int t = 0; known && t < num_terms; t++) known = add_entry(list, count, room, size, i / size, i % size, &terms[t]);
  }
  if (!known) *count = -1;
  gkt_free(&terms);
  return gkt_graph_status(q->graph);
}

/* matrix = ratio H up to the rounding of each entry */
static bool is_multiple(const double *matrix, const double *H, double ratio, int count) {
  for (int i = 0; i < count; i++)
    if (!(fabs(matrix[i] - ratio * H[i]) <= GKT_FACTS_ROUNDING * fabs(matrix[i]))) return false;
  return true;
}

/* Joins c * matrix to a part it is proportional to, or makes it one. */
static void add_part(decomposition *d, const double *matrix, gkt_interval c) {
  int count = d->size * d->size, top = 0;
  for (int i = 0; i < count; i++)
    if (fabs(matrix[i]) > fabs(matrix[top])) top = i;
  if (matrix[top] == 0) return;
  for (int p = 0; p < d->num_parts; p++) {
    const double *H = d->parts + p * count;
    double ratio = matrix[top] / H[top];
    if (H[top] == 0 || !is_multiple(matrix, H, ratio, count)) continue;
    d->coefficients[p] = gkt_interval_add(d->coefficients[p], gkt_interval_multiply(c, (gkt_interval){ratio, ratio}));
    return;
  }
  memcpy(d->parts + d->num_parts * count, matrix, (size_t)count * sizeof *matrix);
  d->coefficients[d->num_parts++] = c;
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

static bool rest_is_semidefinite(const gkt_facts_query *q, decomposition *d, int count, const gkt_facts_part *list, gkt_facts_bound *bound) {
  d->num_parts = 0;
  for (int k = 0; k < count; k++)
    if (!list[k].done) add_part(d, list[k].matrix, monomial_range(q, &list[k].monomial));
  return corners_are_semidefinite(d, bound);
}

gkt_status gkt_facts_positive(const gkt_facts_query *q, int size, const gkt_node *nodes, gkt_facts_bound *bound) {
  decomposition d = {.size = size, .dim = q->scope->dim};
  gkt_facts_part list[MAX_PARTS];
  double *room = NULL;
  int count = 0;
  gkt_status status;
  GKT_GO(gkt_calloc(q->ctx, (gkt_size)MAX_PARTS * size * size, sizeof *room, &room));
  GKT_GO(gkt_calloc(q->ctx, (gkt_size)MAX_PARTS * size * size, sizeof *d.parts, &d.parts));
  GKT_GO(gkt_calloc(q->ctx, 2 * (gkt_size)size * size, sizeof *d.sum, &d.sum));
  GKT_GO(gkt_calloc(q->ctx, size, sizeof *d.sizes, &d.sizes));
  GKT_GO(split(q, size, nodes, room, list, &count));
  for (int k = 0; k < count; k++) gkt_facts_mention(q, &list[k].monomial);
  bound->positive = count >= 0 && rest_is_semidefinite(q, &d, count, list, bound);
  if (bound->positive || count <= 0) goto done;
  GKT_GO(gkt_facts_squares(q, size, count, list));
  bound->positive = rest_is_semidefinite(q, &d, count, list, bound);
done:
  gkt_free(&room);
  gkt_free(&d.parts);
  gkt_free(&d.sum);
  gkt_free(&d.sizes);
  return status;
}
