/* Quadrature and basis tables on reference cells (quadrature.c, table.c). */
#ifndef GKT_SPACES_REFERENCE_H
#define GKT_SPACES_REFERENCE_H
#include "core/core.h"
#include "galerkit/space.h"
#include "meshes/lagrange.h"

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
void gkt_quadrature_destroy(gkt_quadrature **);

/* An element's tables at n points: phi [n][size], dphi [n][size][dim]. Vector-valued elements (Piola) will add a component axis and a kind here. */
typedef struct {
  int num_points, size, dim;
  double *phi, *dphi;
} gkt_table;
gkt_status gkt_table_create(gkt_context *, gkt_cell_type, int degree, int num_points, const double *points, gkt_table **out) GKT_MUST_CHECK;
gkt_status gkt_table_allocate(gkt_context *, gkt_cell_type, int degree, int num_points, gkt_table **out) GKT_MUST_CHECK; /* values to be filled, as often as wanted: */
void gkt_table_fill(gkt_cell_type, int degree, const double *points, gkt_table *);                                       /* points [num_points][dim] */
void gkt_table_destroy(gkt_table **);
#endif
