/* With the bubble b, which is 1 at the centroid c and vanishes on the boundary: phi_i = psi_i - psi_i(c) b of Lagrange's psi_i, and b itself. They span the same functions as
   psi_i and b, sum to one, and are nodal, so that values at nodes mean what they mean elsewhere. */
#include "spaces/bubble.h"

#include "meshes/lagrange.h"

enum { MAX_FACETS = 6 };

/* The product of the distances to the facets, each in units of its own; on a pyramid over s^2, s = 1 - z, by which it is x(s - x) y(s - y) z / s^2: a polynomial in the directions
   of its rule. gradient [dim]. */
static double product(gkt_cell_type type, const double *xi, double *gradient) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[type];
  double distance[MAX_FACETS], normal[MAX_FACETS][3], value = 1;
  for (int f = 0; f < cell->num_facets; f++) {
    const int *on = cell->vertices[cell->facets[f][0]];
    gkt_cell_facet_normal(cell, f, normal[f]);
    distance[f] = 0;
    for (int d = 0; d < cell->dim; d++) distance[f] += normal[f][d] * (on[d] - xi[d]);
    value *= distance[f];
  }
  for (int d = 0; d < cell->dim; d++) {
    gradient[d] = 0;
    for (int f = 0; f < cell->num_facets; f++) {
      double share = -normal[f][d];
      for (int other = 0; other < cell->num_facets; other++) share *= other == f ? 1 : distance[other];
      gradient[d] += share;
    }
  }
  if (type != GKT_PYRAMID) return value;
  const double s = 1 - xi[2], scale = s > 0 ? 1 / (s * s) : 0; /* at the apex both vanish, as s^2 and s */
  for (int d = 0; d < 3; d++) gradient[d] *= scale;
  if (s > 0) gradient[2] += 2 * value * scale / s;
  return value * scale;
}

/* The bubble, scaled to 1 at the centroid; gradient [dim]. centre: Lagrange's functions there. */
static double bubble(gkt_cell_type cell, int degree, const double *xi, double *gradient, double *centre) {
  double c[3], unused[3];
  gkt_lagrange_nodes(cell, 0, c);
  gkt_lagrange_values(cell, degree, c, centre);
  const double height = product(cell, c, unused), value = product(cell, xi, gradient) / height;
  for (int d = 0; d < gkt_cell_topologies[cell].dim; d++) gradient[d] /= height;
  return value;
}

int gkt_bubble_size(gkt_cell_type cell, int degree) {
  const bool available = degree == 1 ? cell != GKT_POINT_CELL : degree == 2 && (cell == GKT_TRIANGLE || cell == GKT_TETRAHEDRON);
  return available ? gkt_lagrange_size(cell, degree) + 1 : 0;
}

void gkt_bubble_nodes(gkt_cell_type cell, int degree, double *xi) {
  gkt_lagrange_nodes(cell, degree, xi);
  gkt_lagrange_nodes(cell, 0, xi + gkt_lagrange_size(cell, degree) * gkt_cell_topologies[cell].dim);
}

void gkt_bubble_values(gkt_cell_type cell, int degree, const double *xi, double *phi) {
  const int n = gkt_lagrange_size(cell, degree);
  double gradient[3], centre[GKT_MAX_BASIS];
  gkt_lagrange_values(cell, degree, xi, phi);
  phi[n] = bubble(cell, degree, xi, gradient, centre);
  for (int i = 0; i < n; i++) phi[i] -= centre[i] * phi[n];
}

void gkt_bubble_gradients(gkt_cell_type cell, int degree, const double *xi, double *dphi) {
  const int n = gkt_lagrange_size(cell, degree), dim = gkt_cell_topologies[cell].dim;
  double centre[GKT_MAX_BASIS];
  gkt_lagrange_gradients(cell, degree, xi, dphi);
  bubble(cell, degree, xi, dphi + n * dim, centre);
  for (int i = 0; i < n; i++)
    for (int d = 0; d < dim; d++) dphi[i * dim + d] -= centre[i] * dphi[n * dim + d];
}
