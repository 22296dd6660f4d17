/* Terminals at points: LANES points at a time, each in a cell of one block. Shared by evaluation (arbitrary points) and the interpreter's map (quadrature points). */
#ifndef GKT_SPACES_POINTS_H
#define GKT_SPACES_POINTS_H
#include "spaces/space.h"
#include "forms/form.h"

typedef struct {
  const gkt_mesh *mesh;
  int block;
  const gkt_table *geometry;         /* of the block's geometry order */
  const gkt_table *const *functions; /* [functions of the scope]; NULL where unused, and of spaces at points */
  const gkt_inputs *inputs;
} gkt_point_tables;
typedef struct {
  gkt_idx cell[GKT_LANES]; /* within the block; unused lanes repeat lane 0 */
  int facet[GKT_LANES];    /* local facet, for n and the surface measure; -1: none */
  int row[GKT_LANES];      /* of the tables */
  int point[GKT_LANES];    /* of the cell's quadrature: for coefficients that have values there only */
} gkt_lanes;
typedef struct { /* at the points, [..][lane] */
  gkt_scalar x[3][GKT_LANES];
  gkt_scalar detJ[GKT_LANES];    /* |det J|; times the reference weight: dx */
  gkt_scalar detS[GKT_LANES];    /* |surface Jacobian|; times the reference weight of the facet: ds (0 without facet) */
  gkt_scalar K[3][3][GKT_LANES]; /* K[r][d] = d xi_r / d x_d: grad_d = sum_r dphi_r K[r][d] */
  gkt_scalar n[3][GKT_LANES];
  gkt_scalar h[GKT_LANES], h_direction[3][GKT_LANES];
} gkt_geometry;
/* One cell (its mesh nodes) at one row of the geometry's table: x [3] and K as above; returns det J. */
double gkt_map_at(const gkt_mesh *, const gkt_table *geometry, int row, const gkt_idx *nodes, double *x, double (*K)[3]);
/* Nanson's formula: dS = |det J| |K^T N| dS_reference along the unit normal n = K^T N / |K^T N|; N has the length that weights of the reference facet want. Returns detS; n [3]. */
double gkt_facet_normal_at(const gkt_cell_topology *, int facet, double det, double (*K)[3], double *n);
void gkt_geometry_at(const gkt_point_tables *, const gkt_lanes *, gkt_geometry *out);
/* in [pointwise inputs][LANES], '=' */
void gkt_terminals_at(const gkt_pointwise *, const gkt_point_tables *, const gkt_lanes *, const gkt_geometry *, gkt_scalar *in);
/* locate.c: the cells that hold each of the points [num_points][dim], cells ascending; several share a point on their facets. Lists are freed with gkt_free. */
typedef struct {
  gkt_idx point, cell;
  double xi[3];
} gkt_touch;
gkt_status gkt_locate_all(gkt_mesh *, gkt_idx num_points, const double *points, gkt_size *count, gkt_touch **out) GKT_MUST_CHECK;
double gkt_mesh_tolerance(const gkt_mesh *); /* within which places are the same: 1e-9 of the diagonal of the mesh's box */
/* flat.c: straight simplices, whose Jacobian is constant; refuses other cells where forms or expressions of the scope took second derivatives of P1 functions as zero. */
bool gkt_block_is_affine(const gkt_cell_block *);
gkt_status gkt_flat_check(const gkt_scope *, const gkt_mesh *) GKT_MUST_CHECK;
#endif
