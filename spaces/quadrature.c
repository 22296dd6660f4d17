/* Quadrature: on simplices symmetric tables for low degrees, collapsed Gauss-Jacobi products beyond; on other cells products. Positive weights, points inside the cell. */
#include <math.h>

#include "spaces/quadrature_tables.h"
#include "spaces/reference.h"
#include "forms/form.h"

enum { MAX_GAUSS = GKT_LARGEST_QUADRATURE / 2 + 1 };

gkt_status gkt_quadrature_allocate(gkt_context *ctx, int dim, gkt_size num_points, gkt_quadrature **out) {
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
  GKT_TRY(gkt_quadrature_allocate(ctx, dim, count, out));
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
  GKT_TRY(gkt_quadrature_allocate(ctx, cell->dim, count, out));
  for (int o = 0, k = 0; o < rule->num_orbits; o++) k += orbit_points(&rule->orbits[o], cell->dim, cell->volume, (*out)->points + k * cell->dim, (*out)->weights + k);
  return GKT_OK;
}

static gkt_status simplex(gkt_context *ctx, gkt_cell_type type, int degree, gkt_quadrature **out) {
  for (const gkt_symmetric_rule *rule = gkt_symmetric_rules; rule->num_orbits; rule++)
    if (rule->cell == type && rule->degree >= degree) return symmetric(ctx, rule, out);
  return conical(ctx, gkt_cell_topologies[type].dim, degree, out);
}

/* Points (a, b) of the two rules; b runs faster. */
static gkt_status multiply(gkt_context *ctx, const gkt_quadrature *a, const gkt_quadrature *b, gkt_quadrature **out) {
  GKT_TRY(gkt_quadrature_allocate(ctx, a->dim + b->dim, (gkt_size)a->num_points * b->num_points, out));
  gkt_quadrature *q = *out;
  for (int i = 0, k = 0; i < a->num_points; i++)
    for (int j = 0; j < b->num_points; j++, k++) {
      for (int d = 0; d < a->dim; d++) q->points[k * q->dim + d] = a->points[i * a->dim + d];
      for (int d = 0; d < b->dim; d++) q->points[k * q->dim + a->dim + d] = b->points[j * b->dim + d];
      q->weights[k] = a->weights[i] * b->weights[j];
    }
  return GKT_OK;
}

/* Base times line: quadrilateral, hexahedron, prism. */
static gkt_status product(gkt_context *ctx, gkt_cell_type base, int degree, gkt_quadrature **out) {
  gkt_quadrature *a = NULL, *b = NULL;
  gkt_status status;
  GKT_GO(gkt_quadrature_create(ctx, base, degree, &a));
  GKT_GO(simplex(ctx, GKT_LINE, degree, &b));
  GKT_GO(multiply(ctx, a, b, out));
done:
  gkt_quadrature_destroy(&a);
  gkt_quadrature_destroy(&b);
  return status;
}

/* x = u s, y = v s with s = 1 - z; the Jacobian s^2 is the weight of the rule along z. */
static gkt_status pyramid(gkt_context *ctx, int degree, gkt_quadrature **out) {
  int n = degree / 2 + 1;
  double u[MAX_GAUSS], wu[MAX_GAUSS], z[MAX_GAUSS], wz[MAX_GAUSS];
  gauss_jacobi(n, 0, u, wu);
  gauss_jacobi(n, 2, z, wz);
  GKT_TRY(gkt_quadrature_allocate(ctx, 3, (gkt_size)n * n * n, out));
  for (int k = 0; k < n * n * n; k++) {
    int i = k / n / n, j = k / n % n, l = k % n;
    double *x = (*out)->points + 3 * k;
    x[0] = u[i] * (1 - z[l]), x[1] = u[j] * (1 - z[l]), x[2] = z[l];
    (*out)->weights[k] = wu[i] * wu[j] * wz[l];
  }
  return GKT_OK;
}

gkt_status gkt_quadrature_create(gkt_context *ctx, gkt_cell_type type, int degree, gkt_quadrature **out) {
  if (degree < 0) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "quadrature of degree %d: degrees start at 0", degree);
  if (degree > GKT_LARGEST_QUADRATURE) return gkt_fail(ctx, GKT_UNAVAILABLE, "quadrature of degree %d is not available yet, at most %d", degree, GKT_LARGEST_QUADRATURE);
  switch (type) {
  case GKT_QUADRILATERAL: return product(ctx, GKT_LINE, degree, out);
  case GKT_HEXAHEDRON: return product(ctx, GKT_QUADRILATERAL, degree, out);
  case GKT_PRISM: return product(ctx, GKT_TRIANGLE, degree, out);
  case GKT_PYRAMID: return pyramid(ctx, degree, out);
  default: return simplex(ctx, type, degree, out);
  }
}

/* Traces of a pyramid's gradients on its triangles are rational, but polynomials in the collapsed coordinates whose rays end at the apex, which is the last vertex. */
static gkt_status on_pyramid_triangle(gkt_context *ctx, int degree, gkt_quadrature **out) {
  GKT_TRY(conical(ctx, 2, degree, out));
  for (int k = 0; k < (*out)->num_points; k++) {
    double *x = (*out)->points + 2 * k, along = x[0];
    x[0] = x[1], x[1] = along;
  }
  return GKT_OK;
}

gkt_status gkt_quadrature_on_facet(gkt_context *ctx, gkt_cell_type type, int facet, int degree, gkt_quadrature **out) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  gkt_quadrature *reference = NULL, *q = NULL;
  gkt_status status;
  if (facet < 0 || facet >= cell->num_facets) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "facet %d of a %s: it has %d", facet, cell->name, cell->num_facets);
  const gkt_cell_type facet_type = gkt_cell_facet_type(cell, facet);
  const bool rational = type == GKT_PYRAMID && facet_type == GKT_TRIANGLE && degree >= 0 && degree <= GKT_LARGEST_QUADRATURE;
  GKT_TRY(rational ? on_pyramid_triangle(ctx, degree, &reference) : gkt_quadrature_create(ctx, facet_type, degree, &reference));
  GKT_GO(gkt_quadrature_allocate(ctx, cell->dim, reference->num_points, &q));
  const int *v = cell->facets[facet], *origin = cell->vertices[v[0]], ends[2] = {v[1], v[gkt_cell_facet_vertices(cell, facet) - 1]};
  for (int k = 0; k < q->num_points; k++) {
    q->weights[k] = reference->weights[k];
    for (int d = 0; d < cell->dim; d++) {
      double x = origin[d];
      for (int r = 0; r < reference->dim; r++) x += reference->points[k * reference->dim + r] * (cell->vertices[ends[r]][d] - origin[d]);
      q->points[k * cell->dim + d] = x;
    }
  }
  *out = q;
done:
  gkt_quadrature_destroy(&reference);
  return status;
}
