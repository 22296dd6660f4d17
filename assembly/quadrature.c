/* Quadrature on simplices: symmetric tables for low degrees, collapsed Gauss-Jacobi products beyond. Positive weights, points inside the cell. */
#include <math.h>

#include "assembly/quadrature_tables.h"
#include "assembly/reference.h"

enum { MAX_DEGREE = 63, MAX_GAUSS = MAX_DEGREE / 2 + 1 };

static gkt_status quadrature_allocate(gkt_context *ctx, int dim, gkt_size num_points, gkt_quadrature **out) {
  gkt_quadrature *q = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *q, &q));
  q->dim = dim;
  q->num_points = (int)num_points;
  GKT_GO(gkt_alloc(ctx, num_points * dim, sizeof *q->points, &q->points));
  GKT_GO(gkt_alloc(ctx, num_points, sizeof *q->weights, &q->weights));
  *out = q;
  return GKT_OK;
done:
  gkt_quadrature_destroy(&q);
  return status;
}

void gkt_quadrature_destroy(gkt_quadrature **q) {
  if (!*q) return;
  gkt_free(&(*q)->points);
  gkt_free(&(*q)->weights);
  gkt_free(q);
}

/* The Jacobi polynomial P_n^(alpha,0) at x and its derivative. Three-term recurrence: Abramowitz and Stegun 22.7.1, derivative: 22.8.1. */
static double jacobi(int n, int alpha, double x, double *derivative) {
  double a = alpha, previous = 0, p = 1;
  for (int k = 0; k < n; k++) {
    double s = 2 * k + a;
    double next = k == 0 ? (a + (a + 2) * x) / 2 : ((s + 1) * (a * a + s * (s + 2) * x) * p - 2 * (k + a) * k * (s + 2) * previous) / (2 * (k + 1) * (k + a + 1) * s);
    previous = p;
    p = next;
  }
  double s = 2 * n + a;
  *derivative = (n * (a - s * x) * p + 2 * (n + a) * n * previous) / (s * (1 - x) * (1 + x));
  return p;
}

/* n-point Gauss rule on [0,1] for the weight (1-u)^alpha, ascending. Newton from Chebyshev's points, known roots divided out. */
static void gauss_jacobi(int n, int alpha, double *u, double *w) {
  double x[MAX_GAUSS];
  for (int i = 0; i < n; i++) {
    double d, step = 1, r = -cos((2 * i + 1) * 3.14159265358979323846 / (2 * n));
    if (i > 0) r = (r + x[i - 1]) / 2;
    for (int it = 0; it < 100 && fabs(step) > 1e-15; it++) {
      double p = jacobi(n, alpha, r, &d), others = 0;
      for (int j = 0; j < i; j++) others += 1 / (r - x[j]);
      r -= step = p / (d - others * p);
    }
    x[i] = r;
    jacobi(n, alpha, r, &d);
    u[i] = (1 + r) / 2;
    w[i] = 1 / ((1 - r) * (1 + r) * d * d);
  }
}

/* Stroud's conical product: xi_0 = u_0, xi_1 = u_1 (1 - u_0), ..; the Jacobian's powers are the Gauss rules' weights. On the line: Gauss-Legendre. */
static gkt_status conical(gkt_context *ctx, int dim, int degree, gkt_quadrature **out) {
  int n = degree / 2 + 1;
  double u[3][MAX_GAUSS], w[3][MAX_GAUSS];
  gkt_size count = 1;
  for (int r = 0; r < dim; r++, count *= n) gauss_jacobi(n, dim - 1 - r, u[r], w[r]);
  GKT_TRY(quadrature_allocate(ctx, dim, count, out));
  for (int k = 0; k < (*out)->num_points; k++) {
    double rest = 1, weight = 1;
    for (int r = dim - 1, digits = k; r >= 0; r--, digits /= n) (*out)->points[k * dim + r] = digits % n; /* the last direction runs fastest */
    for (int r = 0; r < dim; r++) {
      int i = (int)(*out)->points[k * dim + r];
      (*out)->points[k * dim + r] = u[r][i] * rest;
      weight *= w[r][i];
      rest *= 1 - u[r][i];
    }
    (*out)->weights[k] = weight;
  }
  return GKT_OK;
}

/* The next permutation in lexicographic order; false after the last. Equal labels are not told apart. */
static bool next_permutation(int n, int *label) {
  int i = n - 2, j = n - 1;
  while (i >= 0 && label[i] >= label[i + 1]) i--;
  if (i < 0) return false;
  while (label[j] <= label[i]) j--;
  int keep = label[i];
  label[i] = label[j], label[j] = keep;
  for (int a = i + 1, b = n - 1; a < b; a++, b--) keep = label[a], label[a] = label[b], label[b] = keep;
  return true;
}

/* Writes the points and weights of an orbit, or only counts them (points NULL). */
static int orbit_points(const gkt_orbit *orbit, int dim, double volume, double *points, double *weights) {
  int label[4], n = 0, count = 0, last = orbit->times[2] ? 2 : orbit->times[1] ? 1 : 0;
  double value[3] = {orbit->values[0], orbit->values[1], 0}, rest = 1;
  for (int v = 0; v < last; v++) rest -= orbit->times[v] * value[v];
  value[last] = rest / orbit->times[last];
  for (int v = 0; v <= last; v++)
    for (int t = 0; t < orbit->times[v]; t++) label[n++] = v;
  do {
    if (points) {
      for (int r = 0; r < dim; r++) points[count * dim + r] = value[label[r + 1]]; /* xi_r = lambda_(r+1) */
      weights[count] = orbit->weight * volume;
    }
    count++;
  } while (next_permutation(n, label));
  return count;
}

static gkt_status symmetric(gkt_context *ctx, const gkt_symmetric_rule *rule, gkt_quadrature **out) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[rule->cell];
  int count = 0;
  for (int o = 0; o < rule->num_orbits; o++) count += orbit_points(&rule->orbits[o], cell->dim, cell->volume, NULL, NULL);
  GKT_TRY(quadrature_allocate(ctx, cell->dim, count, out));
  for (int o = 0, k = 0; o < rule->num_orbits; o++) k += orbit_points(&rule->orbits[o], cell->dim, cell->volume, (*out)->points + k * cell->dim, (*out)->weights + k);
  return GKT_OK;
}

gkt_status gkt_quadrature_create(gkt_context *ctx, gkt_cell_type type, int degree, gkt_quadrature **out) {
  bool simplex = type == GKT_POINT_CELL || type == GKT_LINE || type == GKT_TRIANGLE || type == GKT_TETRAHEDRON;
  if (!simplex) return gkt_fail(ctx, GKT_UNAVAILABLE, "quadrature on a %s is not available yet", type < GKT_NUM_CELL_TYPES ? gkt_cell_topologies[type].name : "mixed facet");
  if (degree < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "quadrature of degree %d: degrees start at 0", degree);
  if (degree > MAX_DEGREE) return gkt_fail(ctx, GKT_UNAVAILABLE, "quadrature of degree %d is not available yet, at most %d", degree, MAX_DEGREE);
  for (const gkt_symmetric_rule *rule = gkt_symmetric_rules; rule->num_orbits; rule++)
    if (rule->cell == type && rule->degree >= degree) return symmetric(ctx, rule, out);
  return conical(ctx, type == GKT_POINT_CELL ? 0 : gkt_cell_topologies[type].dim, degree, out);
}

gkt_status gkt_quadrature_on_facet(gkt_context *ctx, gkt_cell_type type, int facet, int degree, gkt_quadrature **out) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  gkt_quadrature *reference = NULL, *q = NULL;
  gkt_status status;
  if (facet < 0 || facet >= cell->num_facets) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "facet %d of a %s: it has %d", facet, cell->name, cell->num_facets);
  GKT_TRY(gkt_quadrature_create(ctx, cell->facet, degree, &reference));
  GKT_GO(quadrature_allocate(ctx, cell->dim, reference->num_points, &q));
  const int *v = cell->facets[facet], *origin = cell->vertices[v[0]];
  for (int k = 0; k < q->num_points; k++) {
    q->weights[k] = reference->weights[k];
    for (int d = 0; d < cell->dim; d++) {
      double x = origin[d];
      for (int r = 0; r < reference->dim; r++) x += reference->points[k * reference->dim + r] * (cell->vertices[v[r + 1]][d] - origin[d]);
      q->points[k * cell->dim + d] = x;
    }
  }
  *out = q;
done:
  gkt_quadrature_destroy(&reference);
  return status;
}
