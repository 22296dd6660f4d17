/* Lagrange bases enriched by a bubble, P1B and P2B. */
#ifndef GKT_SPACES_BUBBLE_H
#define GKT_SPACES_BUBBLE_H
#include "meshes/cell.h"

/* Lagrange's of the degree, whose numbering they keep, and one at the centroid, the last. 0: not available; degree 1 on all cells, 2 on triangles and tetrahedra. */
int gkt_bubble_size(gkt_cell_type, int degree);
void gkt_bubble_nodes(gkt_cell_type, int degree, double *xi);                         /* [size][dim] */
void gkt_bubble_values(gkt_cell_type, int degree, const double *xi, double *phi);     /* xi [dim]; phi [size] */
void gkt_bubble_gradients(gkt_cell_type, int degree, const double *xi, double *dphi); /* dphi [size][dim] */
#endif
