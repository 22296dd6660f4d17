/* Smoothing of what stands at nodes of facets, or of some cells: F = (M + r^2 L)^-1 M, with lumped masses M and the Laplacian L along them, of values of any number of components.
   Not installed. */
#ifndef GKT_ADJOINT_BOUNDARY_FILTER_H
#define GKT_ADJOINT_BOUNDARY_FILTER_H
#include "core/core.h"
#include "galerkit/mesh.h"
#include "galerkit/solver.h"

typedef struct { /* what is smoothed */
  gkt_context *ctx;
  gkt_mesh *mesh;
  const char *measure; /* "ds('wing', 'flap')", "dx('core')" */
  int components;
  gkt_size size;
  const gkt_idx *places; /* [size] node*components + component, nodes those of P1; values of others are held at 0 */
  const double *areas;   /* [size] integrals of the basis functions: M */
} gkt_boundary_values;

typedef struct {
  gkt_context *ctx;
  gkt_size size;
  const double *areas;
  gkt_csr *matrix; /* [size], NULL: none */
  gkt_system_facts facts;
  gkt_linear_solver *solver;
  gkt_scalar *b, *y; /* [size] work */
} gkt_boundary_filter;

/* areas [size] of places '=', by the measure; num_nodes: of P1 */
gkt_status gkt_boundary_measure(const gkt_boundary_values *, gkt_idx num_nodes, double *areas) GKT_MUST_CHECK;
/* Factor made once, at the coordinates of now; areas outlive. *out, zeroed or one that goes, stays where it is. what: "the facets that move", dim: of these. GKT_BAD_INPUT: a
 * radius that is no number above 0, or below their size.
 */
gkt_status gkt_boundary_filter_create(const gkt_boundary_values *, const char *what, int dim, double radius, gkt_boundary_filter *out) GKT_MUST_CHECK;
void gkt_boundary_filter_destroy(gkt_boundary_filter *);                                                              /* zeroed is fine */
gkt_status gkt_boundary_filter_apply(gkt_boundary_filter *, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;       /* y = F x; y may be x */
gkt_status gkt_boundary_filter_transpose(gkt_boundary_filter *, const gkt_scalar *g, gkt_scalar *out) GKT_MUST_CHECK; /* out += F' g */
#endif
