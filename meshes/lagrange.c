/* Lagrange bases. A cell is a product of simplices (a hexahedron of three lines, a prism of a triangle and a line). Within a simplex the function of the node with barycentric
   coordinates m_i / k is the product of S_(m_i)(lambda_i), S_m(t) = prod_(j<m) (k t - j) / (j + 1) (P. Silvester, Int. J. Engrg. Sci. 7, 1969). Pyramids: pyramid.c. */
#include "meshes/lagrange.h"

#include "meshes/pyramid.h"

/* Directions of each simplex that the cell is a product of. */
static const struct {
  int count, size[3];
} products[GKT_NUM_CELL_TYPES] = {[GKT_LINE] = {1, {1}},        [GKT_TRIANGLE] = {1, {2}},         [GKT_QUADRILATERAL] = {2, {1, 1}},
                                  [GKT_TETRAHEDRON] = {1, {3}}, [GKT_HEXAHEDRON] = {3, {1, 1, 1}}, [GKT_PRISM] = {2, {2, 1}}};

int gkt_lagrange_size(gkt_cell_type type, int degree) {
  int k = degree, most = type == GKT_PRISM || type == GKT_PYRAMID ? 2 : GKT_MAX_DEGREE;
  if (k < 0 || k > most) return 0;
  if (k == 0) return 1;
  switch (type) {
  case GKT_POINT_CELL: return 1;
  case GKT_LINE: return k + 1;
  case GKT_TRIANGLE: return (k + 1) * (k + 2) / 2;
  case GKT_QUADRILATERAL: return (k + 1) * (k + 1);
  case GKT_TETRAHEDRON: return (k + 1) * (k + 2) * (k + 3) / 6;
  case GKT_HEXAHEDRON: return (k + 1) * (k + 1) * (k + 1);
  case GKT_PRISM: return (k + 1) * (k + 1) * (k + 2) / 2;
  case GKT_PYRAMID: return (k + 1) * (k + 2) * (2 * k + 3) / 6;
  default: return 0;
  }
}

/* ---- nodes ---- */
static gkt_lagrange_node *put(gkt_lagrange_node *out, int dim, int entity, const int at[3], int step0, int step1) {
  *out = (gkt_lagrange_node){(int8_t)dim, (int8_t)entity, {(int8_t)at[0], (int8_t)at[1], (int8_t)at[2]}, {(int8_t)step0, (int8_t)step1}};
  return out + 1;
}

static gkt_lagrange_node *put_edge(const gkt_cell_topology *cell, int edge, int k, gkt_lagrange_node *out) {
  const int *a = cell->vertices[cell->edges[edge][0]], *b = cell->vertices[cell->edges[edge][1]];
  for (int p = 1; p < k; p++) out = put(out, 1, edge, (const int[3]){(k - p) * a[0] + p * b[0], (k - p) * a[1] + p * b[1], (k - p) * a[2] + p * b[2]}, p, 0);
  return out;
}

static gkt_lagrange_node *put_facet(const gkt_cell_topology *cell, int facet, int k, gkt_lagrange_node *out) {
  int n = gkt_cell_facet_vertices(cell, facet);
  const int *o = cell->vertices[cell->facets[facet][0]], *a = cell->vertices[cell->facets[facet][1]], *b = cell->vertices[cell->facets[facet][n - 1]];
  for (int j = 1; j < k; j++)
    for (int i = 1; i < (n == 3 ? k - j : k); i++) {
      int at[3];
      for (int d = 0; d < 3; d++) at[d] = k * o[d] + i * (a[d] - o[d]) + j * (b[d] - o[d]);
      out = put(out, 2, facet, at, i, j);
    }
  return out;
}

static bool is_inside(gkt_cell_type type, int k, const int at[3]) {
  if (type == GKT_PYRAMID) return at[0] < k - at[2] && at[1] < k - at[2];
  for (int s = 0, d = 0; s < products[type].count; s++) {
    int rest = k;
    for (int i = 0; i < products[type].size[s]; i++, d++) rest -= at[d];
    if (rest <= 0) return false;
  }
  return true;
}

static void put_inside(gkt_cell_type type, int dim, int k, gkt_lagrange_node *out) {
  for (int z = dim == 3 ? 1 : 0; z < (dim == 3 ? k : 1); z++)
    for (int y = 1; y < k; y++)
      for (int x = 1; x < k; x++)
        if (is_inside(type, k, (const int[3]){x, y, z})) out = put(out, dim, 0, (const int[3]){x, y, z}, 0, 0);
}

void gkt_lagrange_places(gkt_cell_type type, int k, gkt_lagrange_node *out) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  for (int v = 0; v < cell->num_vertices; v++) {
    const int *x = cell->vertices[v];
    out = put(out, 0, v, (const int[3]){k * x[0], k * x[1], k * x[2]}, 0, 0);
  }
  for (int e = 0; e < cell->num_edges; e++) out = put_edge(cell, e, k, out);
  for (int f = 0; cell->dim == 3 && f < cell->num_facets; f++) out = put_facet(cell, f, k, out);
  if (cell->dim > 1) put_inside(type, cell->dim, k, out);
}

void gkt_lagrange_nodes(gkt_cell_type type, int degree, double *xi) {
  static const double centroids[GKT_NUM_CELL_TYPES][3] = {[GKT_LINE] = {0.5},
                                                          [GKT_TRIANGLE] = {1.0 / 3, 1.0 / 3},
                                                          [GKT_QUADRILATERAL] = {0.5, 0.5},
                                                          [GKT_TETRAHEDRON] = {0.25, 0.25, 0.25},
                                                          [GKT_HEXAHEDRON] = {0.5, 0.5, 0.5},
                                                          [GKT_PRISM] = {1.0 / 3, 1.0 / 3, 0.5},
                                                          [GKT_PYRAMID] = {0.375, 0.375, 0.25}};
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int dim = gkt_cell_topologies[type].dim, size = gkt_lagrange_size(type, degree);
  if (degree > 0) gkt_lagrange_places(type, degree, places);
  for (int a = 0; a < size; a++)
    for (int d = 0; d < dim; d++) xi[a * dim + d] = degree == 0 ? centroids[type][d] : places[a].at[d] / (double)degree;
}

/* ---- products ---- */
typedef struct { /* S_0 .. S_k at one barycentric coordinate, and their derivatives by it */
  double value[GKT_MAX_DEGREE + 1], slope[GKT_MAX_DEGREE + 1];
} factors;

static void silvester(int k, double t, factors *out) {
  out->value[0] = 1, out->slope[0] = 0;
  for (int m = 0; m < k; m++) {
    out->value[m + 1] = out->value[m] * (k * t - m) / (m + 1);
    out->slope[m + 1] = (out->slope[m] * (k * t - m) + out->value[m] * k) / (m + 1);
  }
}

typedef struct {
  factors along[3], rest[3]; /* by direction; by simplex: of its first barycentric coordinate */
} product;

static void prepare(gkt_cell_type type, int k, const double *xi, product *p) {
  for (int s = 0, d = 0; s < products[type].count; s++) {
    double rest = 1;
    for (int i = 0; i < products[type].size[s]; i++, d++) {
      silvester(k, xi[d], &p->along[d]);
      rest -= xi[d];
    }
    silvester(k, rest, &p->rest[s]);
  }
}

/* The node's function, or its derivative along direction `by` (-1: none). */
static double evaluate(gkt_cell_type type, int k, const product *p, const int8_t at[3], int by) {
  double result = 1;
  for (int s = 0, first = 0; s < products[type].count; first += products[type].size[s++]) {
    int end = first + products[type].size[s], rest = k;
    double others = 1;
    for (int d = first; d < end; d++) rest -= at[d], others *= d == by ? 1 : p->along[d].value[at[d]];
    if (by < first || by >= end) result *= others * p->rest[s].value[rest];
    else result *= others * (p->along[by].slope[at[by]] * p->rest[s].value[rest] - p->along[by].value[at[by]] * p->rest[s].slope[rest]);
  }
  return result;
}

void gkt_lagrange_values(gkt_cell_type type, int degree, const double *xi, double *phi) {
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int size = gkt_lagrange_size(type, degree);
  product p;
  if (degree == 0 || type == GKT_POINT_CELL) phi[0] = 1;
  else if (type == GKT_PYRAMID) gkt_pyramid_values(degree, xi, phi);
  else {
    gkt_lagrange_places(type, degree, places);
    prepare(type, degree, xi, &p);
    for (int a = 0; a < size; a++) phi[a] = evaluate(type, degree, &p, places[a].at, -1);
  }
}

void gkt_lagrange_gradients(gkt_cell_type type, int degree, const double *xi, double *dphi) {
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int dim = gkt_cell_topologies[type].dim, size = gkt_lagrange_size(type, degree);
  product p;
  for (int d = 0; d < dim && degree == 0; d++) dphi[d] = 0;
  if (degree == 0 || dim == 0) return;
  if (type == GKT_PYRAMID) {
    gkt_pyramid_gradients(degree, xi, dphi);
    return;
  }
  gkt_lagrange_places(type, degree, places);
  prepare(type, degree, xi, &p);
  for (int a = 0; a < size; a++)
    for (int d = 0; d < dim; d++) dphi[a * dim + d] = evaluate(type, degree, &p, places[a].at, d);
}
