#include "spaces/bounds.h"

#include <math.h>

#include "spaces/space.h"
#include "meshes/lagrange.h"

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

/* matrix [n][n], n Lagrange nodes of the degree in a cell: coefficients = matrix nodal values. *known false: the cell's functions are no polynomials. */
static gkt_status find_matrix(gkt_context *ctx, gkt_cell_type cell, int degree, int n, double *matrix, bool *known) {
  const int dim = gkt_cell_topologies[cell].dim;
  double *at_nodes, xi[3 * GKT_MAX_BASIS], row[GKT_MAX_BASIS];
  *known = true;
  GKT_TRY(gkt_alloc(ctx, (gkt_size)n * n, sizeof *at_nodes, &at_nodes));
  gkt_lagrange_nodes(cell, degree, xi);
  for (int i = 0; i < n && *known; i++) {
    *known = basis(cell, dim, degree, xi + i * dim, row) == n;
    for (int j = 0; j < n && *known; j++) at_nodes[i * n + j] = row[j];
  }
  *known = *known && invert(n, at_nodes, matrix);
  gkt_free(&at_nodes);
  return GKT_OK;
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
  gkt_status status = find_matrix(s->ctx, s->bases[block].cell, s->element.degree, n, matrix, &known);
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

/* ---- bubbles: in a cell the function is Lagrange's part and beta b, where beta is what the value at the centroid has more, and b in [0, 1] (on pyramids [0, 1.06]) ---- */
typedef struct {
  int n;          /* Lagrange nodes of a cell */
  double *matrix; /* [n][n] coefficients of bounds; NULL: degree 1, the values are */
  double centre[GKT_MAX_BASIS];
} part;

static interval bound_cell(const gkt_space *s, const part *p, const gkt_idx *nodes, const gkt_scalar *values) {
  double u[GKT_MAX_BASIS], beta = values[(gkt_size)nodes[p->n] * s->block_size];
  interval r = {INFINITY, -INFINITY};
  for (int i = 0; i < p->n; i++) {
    u[i] = values[(gkt_size)nodes[i] * s->block_size];
    beta -= p->centre[i] * u[i];
  }
  for (int i = 0; i < p->n; i++) {
    double b = p->matrix ? 0 : u[i];
    for (int j = 0; p->matrix && j < p->n; j++) b += p->matrix[i * p->n + j] * u[j];
    include(&r, b);
  }
  return (interval){r.low + 1.06 * fmin(beta, 0), r.high + 1.06 * fmax(beta, 0)};
}

/* P2B is on simplices, whose functions are polynomials. */
static gkt_status bound_bubbles(const gkt_space *s, int block, const gkt_scalar *values, int component, interval *r) {
  const gkt_cell_type cell = s->bases[block].cell;
  part p = {.n = s->bases[block].size - 1};
  double centroid[3];
  bool known = true;
  gkt_status status = GKT_OK;
  gkt_lagrange_nodes(cell, 0, centroid);
  gkt_lagrange_values(cell, s->element.degree, centroid, p.centre);
  if (s->element.degree > 1) {
    GKT_GO(gkt_alloc(s->ctx, (gkt_size)p.n * p.n, sizeof *p.matrix, &p.matrix));
    GKT_GO(find_matrix(s->ctx, cell, s->element.degree, p.n, p.matrix, &known));
  }
  if (!known) include(r, -INFINITY), include(r, INFINITY);
  for (gkt_size c = 0; known && c < gkt_mesh_block(s->mesh, block)->num_cells; c++) {
    const interval of_cell = bound_cell(s, &p, s->cell_nodes[block] + c * (p.n + 1), values + component);
    include(r, of_cell.low), include(r, of_cell.high);
  }
done:
  gkt_free(&p.matrix);
  return status;
}

gkt_status gkt_space_bounds(const gkt_space *s, const gkt_scalar *values, int component, double *low, double *high) {
  interval nodal = {INFINITY, -INFINITY};
  for (gkt_size i = 0; i < s->num_nodes; i++) include(&nodal, values[i * s->block_size + component]);
  interval r = nodal;
  if (s->element.kind == GKT_BUBBLE)
    for (int b = 0; b < s->num_blocks; b++) GKT_TRY(bound_bubbles(s, b, values, component, &r));
  else if (s->element.degree > 1 && !gkt_space_is_at_points(s)) {
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
