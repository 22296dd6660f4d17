#include "spaces/bounds.h"

#include <math.h>

#include "spaces/space.h"
#include "meshes/cell.h"

enum { MAX_DEGREE = 4 };

/* ---- Bernstein bases on the reference cells ---- */
/* out: k!/(a! b! ..) products of barycentric coordinates, all of degree k in dim variables; returns how many. */
static int simplex_basis(int dim, int k, const double *xi, double *out) {
  static const double factorial[MAX_DEGREE + 1] = {1, 1, 2, 6, 24};
  double last = 1;
  int n = 0;
  for (int d = 0; d < dim; d++) last -= xi[d];
  for (int a = 0; a <= k; a++)
    for (int b = 0; b <= (dim > 1 ? k - a : 0); b++)
      for (int c = 0; c <= (dim > 2 ? k - a - b : 0); c++) {
        int rest = k - a - b - c;
        double powers = pow(xi[0], a) * (dim > 1 ? pow(xi[1], b) : 1) * (dim > 2 ? pow(xi[2], c) : 1) * pow(last, rest);
        out[n++] = factorial[k] / (factorial[a] * factorial[b] * factorial[c] * factorial[rest]) * powers;
      }
  return n;
}

/* On quadrilaterals, hexahedra and prisms: products along the axes. 0: there is none. */
static int basis(gkt_cell_type cell, int dim, int k, const double *xi, double *out) {
  double first[64], second[MAX_DEGREE + 1], third[MAX_DEGREE + 1];
  if (cell == GKT_PYRAMID) return 0;
  if (gkt_cell_is_simplex(cell)) return simplex_basis(dim, k, xi, out);
  bool prism = cell == GKT_PRISM;
  int n = 0, count = simplex_basis(prism ? 2 : 1, k, xi, first), across = prism ? 1 : simplex_basis(1, k, xi + 1, second), up = dim > 2 ? simplex_basis(1, k, xi + 2, third) : 1;
  for (int a = 0; a < count; a++)
    for (int b = 0; b < across; b++)
      for (int c = 0; c < up; c++) out[n++] = first[a] * (prism ? 1 : second[b]) * (dim > 2 ? third[c] : 1);
  return n;
}

/* ---- from nodal values to coefficients ---- */
/* A [n][n] becomes its inverse: Gauss and Jordan with row pivots; false: singular */
static bool invert(int n, double *A, double *inverse) {
  for (int i = 0; i < n * n; i++) inverse[i] = i % (n + 1) == 0;
  for (int k = 0; k < n; k++) {
    int p = k;
    for (int i = k; i < n; i++) p = fabs(A[i * n + k]) > fabs(A[p * n + k]) ? i : p;
    double pivot = A[p * n + k];
    if (pivot == 0) return false;
    for (int j = 0; j < n; j++) {
      double a = A[p * n + j] / pivot, b = inverse[p * n + j] / pivot;
      A[p * n + j] = A[k * n + j], inverse[p * n + j] = inverse[k * n + j];
      A[k * n + j] = a, inverse[k * n + j] = b;
    }
    for (int i = 0; i < n; i++) {
      double factor = A[i * n + k];
      for (int j = 0; j < n && i != k && factor != 0; j++) A[i * n + j] -= factor * A[k * n + j], inverse[i * n + j] -= factor * inverse[k * n + j];
    }
  }
  return true;
}

/* matrix [n][n], n nodes per cell: coefficients = matrix nodal values. *known false: the cell's functions are no polynomials. */
static gkt_status find_matrix(const gkt_space *s, int block, double *matrix, bool *known) {
  int n = s->bases[block].size, dim = gkt_mesh_dim(s->mesh);
  gkt_cell_type cell = gkt_mesh_block(s->mesh, block)->cell;
  double *xi = NULL, *at_nodes = NULL, row[128];
  gkt_status status;
  *known = true;
  GKT_GO(gkt_space_reference_nodes(s, block, &xi));
  GKT_GO(gkt_alloc(s->ctx, (gkt_size)n * n, sizeof *at_nodes, &at_nodes));
  for (int i = 0; i < n && *known; i++) {
    *known = basis(cell, dim, s->element.degree, xi + i * dim, row) == n;
    for (int j = 0; j < n && *known; j++) at_nodes[i * n + j] = row[j];
  }
  *known = *known && invert(n, at_nodes, matrix);
done:
  gkt_free(&at_nodes);
  gkt_free(&xi);
  return status;
}

typedef struct {
  double low, high;
} interval;
static void include(interval *r, double value) { r->low = fmin(r->low, value), r->high = fmax(r->high, value); }

/* An interpolant leaves the range of its nodal values by less than its Lebesgue constant. The largest are those of hexahedra, powers of 1.25, 1.64 and 2.21, and of tetrahedra:
   3 for degree 2, 5 for 3, 11 for 4 are above all of them. */
static interval widen(interval r, int degree) {
  static const double lebesgue[MAX_DEGREE + 1] = {1, 1, 3, 5, 11};
  double middle = 0.5 * (r.low + r.high), half = 0.5 * lebesgue[degree] * (r.high - r.low);
  return (interval){middle - half, middle + half};
}

static gkt_status bound_block(const gkt_space *s, int block, const gkt_scalar *values, int component, interval *r) {
  int n = s->bases[block].size;
  const gkt_idx *nodes = s->cell_nodes[block];
  double *matrix;
  bool known;
  GKT_TRY(gkt_alloc(s->ctx, (gkt_size)n * n, sizeof *matrix, &matrix));
  gkt_status status = find_matrix(s, block, matrix, &known);
  if (status == GKT_OK && !known) include(r, -INFINITY), include(r, INFINITY);
  for (gkt_size c = 0; c < gkt_mesh_block(s->mesh, block)->num_cells && known && status == GKT_OK; c++)
    for (int i = 0; i < n; i++) {
      double b = 0;
      for (int j = 0; j < n; j++) b += matrix[i * n + j] * values[(gkt_size)nodes[c * n + j] * s->block_size + component];
      include(r, b);
    }
  gkt_free(&matrix);
  return status;
}

gkt_status gkt_space_bounds(const gkt_space *s, const gkt_scalar *values, int component, double *low, double *high) {
  interval nodal = {INFINITY, -INFINITY};
  for (gkt_size i = 0; i < s->num_nodes; i++) include(&nodal, values[i * s->block_size + component]);
  interval r = nodal;
  if (s->element.degree > 1 && !gkt_space_is_at_points(s)) {
    interval wide = widen(nodal, s->element.degree);
    for (int b = 0; b < s->num_blocks; b++) GKT_TRY(bound_block(s, b, values, component, &r));
    r.low = fmax(r.low, wide.low), r.high = fmin(r.high, wide.high);
  }
  /* the rounding of the coefficients: what does not leave the nodal values stays within them */
  double rounding = 1e-12 * fmax(fabs(nodal.low), fabs(nodal.high));
  *low = r.low >= nodal.low - rounding ? nodal.low : r.low - rounding;
  *high = r.high <= nodal.high + rounding ? nodal.high : r.high + rounding;
  return GKT_OK;
}
