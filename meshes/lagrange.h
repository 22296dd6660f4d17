/* Lagrange bases on the reference cells, equidistant nodes. They serve fields (assembly), the geometry of curved cells (check.c, refine.c) and pictures.

   Nodes of degree k >= 1, in this order everywhere: the vertices; k-1 on each edge, from its first to its second vertex; those inside each facet (3-D only) in the order of
   the facets, along v0 -> v1 fastest, then along v0 -> the facet's last vertex; those inside the cell, x fastest, then y, then z. Degree 0: one node at the centroid.
   Pk on quadrilaterals and hexahedra is Qk; on prisms it is triangle times line; on pyramids it is the rational basis of Bergot, Cohen and Durufle, "Higher-order finite
   elements for hybrid meshes using new nodal pyramidal elements", J. Sci. Comput. 42 (2010). */
#ifndef GKT_MESHES_LAGRANGE_H
#define GKT_MESHES_LAGRANGE_H
#include "meshes/cell.h"

enum { GKT_MAX_DEGREE = 4, GKT_MAX_BASIS = 125 };

/* 0: not available. Degrees 0 to 4; prisms and pyramids 0 to 2; a point has one node of any degree. */
int gkt_lagrange_size(gkt_cell_type, int degree);
void gkt_lagrange_nodes(gkt_cell_type, int degree, double *xi);                         /* [size][dim] */
void gkt_lagrange_values(gkt_cell_type, int degree, const double *xi, double *phi);     /* xi [dim]; phi [size] */
void gkt_lagrange_gradients(gkt_cell_type, int degree, const double *xi, double *dphi); /* dphi [size][dim], reference gradients; at a pyramid's apex their limit along its axis */

/* Where a node of degree >= 1 lies. */
typedef struct {
  int8_t dim, entity; /* the vertex, edge, facet or cell (dim of the cell, 0) whose inside holds it */
  int8_t at[3];       /* its reference coordinates times the degree, whole numbers */
  int8_t step[2];     /* on an edge: steps from its first vertex; in a facet: along v0 -> v1 and v0 -> the last vertex */
} gkt_lagrange_node;
void gkt_lagrange_places(gkt_cell_type, int degree, gkt_lagrange_node *out); /* [size] */
#endif
