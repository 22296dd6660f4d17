/* Where a point lies on the facet through given vertices: a segment, a triangle or a bilinear quadrilateral; the words for a point. */
#include <math.h>

#include "meshes/mesh.h"

/* Relative to the facet's size. */
static const double near = 1e-6;

/* x(xi) on the facet through its vertices, and its tangents. */
static void map_facet(const gkt_mesh *m, gkt_cell_type type, const gkt_idx *ring, const double *xi, double x[3], double t[2][3]) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  double phi[4], dphi[8];
  gkt_lagrange_values(type, 1, xi, phi);
  gkt_lagrange_gradients(type, 1, xi, dphi);
  for (int d = 0; d < m->dim; d++) {
    x[d] = t[0][d] = t[1][d] = 0;
    for (int v = 0; v < cell->num_vertices; v++) {
      double at = m->coords[(gkt_size)m->dim * ring[v] + d];
      x[d] += phi[v] * at;
      for (int j = 0; j < cell->dim; j++) t[j][d] += dphi[v * cell->dim + j] * at;
    }
  }
}

/* One step of Gauss and Newton towards the nearest point of the facet; false where the facet is flat. */
static bool improve(int dim, int n, const double *r, double t[2][3], double *xi) {
  double a = 0, b = 0, c = 0, f = 0, g = 0;
  for (int d = 0; d < dim; d++) a += t[0][d] * t[0][d], b += t[0][d] * t[1][d], c += t[1][d] * t[1][d], f += t[0][d] * r[d], g += t[1][d] * r[d];
  double det = n == 1 ? a : a * c - b * b;
  if (!(det > 0)) return false;
  xi[0] += n == 1 ? f / a : (c * f - b * g) / det;
  if (n == 2) xi[1] += (a * g - b * f) / det;
  return true;
}

double gkt_facet_box(const gkt_mesh *m, int n, const gkt_idx *ring, double low[3], double high[3]) {
  double size = 0;
  for (int d = 0; d < m->dim; d++) {
    low[d] = INFINITY, high[d] = -INFINITY;
    for (int i = 0; i < n; i++) {
      double x = m->coords[(gkt_size)m->dim * ring[i] + d];
      low[d] = fmin(low[d], x), high[d] = fmax(high[d], x);
    }
    size = fmax(size, high[d] - low[d]);
  }
  for (int d = 0; d < m->dim; d++) low[d] -= near * size, high[d] += near * size;
  return size;
}

/* By the distances from the sides of the reference facet: none at a side: inside; at two: in a corner. */
static gkt_facet_place place_of(int n, const double *xi) {
  double sides[4] = {xi[0], 1 - xi[0], xi[1], 1 - xi[1]};
  int at_side = 0, count = n == 2 ? 2 : n;
  if (n == 3) sides[1] = xi[1], sides[2] = 1 - xi[0] - xi[1];
  for (int i = 0; i < count; i++) {
    if (sides[i] < -near) return GKT_OFF_FACET;
    at_side += sides[i] < near;
  }
  if (n == 2) return at_side ? GKT_AT_VERTEX : GKT_ON_EDGE;
  return at_side > 1 ? GKT_AT_VERTEX : at_side ? GKT_ON_EDGE : GKT_IN_FACET;
}

gkt_facet_place gkt_facet_locate(const gkt_mesh *m, int n, const gkt_idx *ring, const double *point) {
  gkt_cell_type type = n == 2 ? GKT_LINE : n == 3 ? GKT_TRIANGLE : GKT_QUADRILATERAL;
  double xi[2] = {n == 3 ? 1.0 / 3 : 0.5, n == 3 ? 1.0 / 3 : 0.5}, x[3], t[2][3], r[3], low[3], high[3], size = gkt_facet_box(m, n, ring, low, high);
  for (int d = 0; d < m->dim; d++)
    if (!(point[d] >= low[d] && point[d] <= high[d])) return GKT_OFF_FACET;
  for (int step = 0;; step++) {
    map_facet(m, type, ring, xi, x, t);
    for (int d = 0; d < m->dim; d++) r[d] = point[d] - x[d];
    if (step == (n == 4 ? 6 : 1)) break; /* affine: one step is exact */
    if (!improve(m->dim, n == 2 ? 1 : 2, r, t, xi)) return GKT_OFF_FACET;
  }
  for (int d = 0; d < m->dim; d++)
    if (!(fabs(r[d]) <= near * size)) return GKT_OFF_FACET;
  return place_of(n, xi);
}

const char *gkt_point_text(int dim, const double *x, char room[100]) {
  int n = snprintf(room, 100, "x = (%.6g", x[0]);
  for (int d = 1; d < dim; d++) n += snprintf(room + n, 100 - (size_t)n, ", %.6g", x[d]);
  snprintf(room + n, 100 - (size_t)n, ")");
  return room;
}
