/* Quadrature on reference cells. */
#ifndef GKT_SPACES_REFERENCE_H
#define GKT_SPACES_REFERENCE_H
#include "core/core.h"
#include "meshes/cell.h"

/* A rule exact for polynomials of `degree` (0..63) on the reference cell; on quadrilaterals and hexahedra, and along prisms: in each direction. Weights sum to its volume and are
 * positive. */
typedef struct {
  int dim, num_points;
  double *points;  /* [num_points][dim] */
  double *weights; /* [num_points] */
} gkt_quadrature;
gkt_status gkt_quadrature_create(gkt_context *, gkt_cell_type, int degree, gkt_quadrature **out) GKT_MUST_CHECK;
/* A rule of the facet type mapped into the cell's facet `facet`: points [n][cell dim], weights of the reference facet. */
gkt_status gkt_quadrature_on_facet(gkt_context *, gkt_cell_type, int facet, int degree, gkt_quadrature **out) GKT_MUST_CHECK;
gkt_status gkt_quadrature_allocate(gkt_context *, int dim, gkt_size num_points, gkt_quadrature **out) GKT_MUST_CHECK; /* to be filled */
void gkt_quadrature_destroy(gkt_quadrature **);
#endif
