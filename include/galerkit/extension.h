/* Shapes by few numbers: displacements of nodes on named sets, extended into the mesh by linear elasticity,
   with its transpose and its inner product. They know a mesh and no system: J(X(d)) has the gradient E'
   dJ/dX, dJ/dX that by GKT_CONTROL_SHAPE. */
#ifndef GALERKIT_EXTENSION_H
#define GALERKIT_EXTENSION_H
#include "galerkit/assembly.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Nodes on this set of facets keep a component of their places, or all (GKT_ALL_COMPONENTS); in the others
   they slide. */
typedef struct {
  const char *set;
  int component;
} gkt_hold;

typedef struct gkt_extension gkt_extension;
/* X = X0 + E d, with X0 the coordinates at creation and d the displacements of the nodes on the sets of
   facets `moves`, component by component, but for what `holds` keep. All other nodes of the outer boundary
   are held, those at the ends of `moves` among them unless the set beside is one of `holds`. Inside, a body
   in equilibrium whose stiffness grows with 1/h^dim, so that small cells keep their form (Stein, Tezduyar and
   Benney, J. Appl. Mech. 70 (2003)), on springs so weak that only a body that nothing holds feels them.
   Factors are made once. GKT_BAD_INPUT: no such set of facets of the outer boundary, a component that is not
   there, nothing that moves. GKT_UNAVAILABLE: geometry of order 2. */
GKT_API gkt_status gkt_extension_create(gkt_mesh *, int num_moves, const char *const *moves, int num_holds,
                                        const gkt_hold *holds, gkt_extension **out) GKT_MUST_CHECK;
GKT_API void gkt_extension_destroy(gkt_extension **);
GKT_API gkt_size gkt_extension_size(const gkt_extension *); /* of d */
/* [size]: which of the coordinates each displaces, node * dim + component, ascending. */
GKT_API const gkt_idx *gkt_extension_places(const gkt_extension *);
/* coords [num_nodes][dim] = X0 + E d; the mesh is not touched (gkt_adjoint_set_control). turned: the first
   cell that would be inside out or without volume somewhere, which no state should be looked for on; -1:
   none. gkt_optimize cuts the step back where the value is NAN. GKT_LIBRARY: the system was not solved. */
GKT_API gkt_status gkt_extension_apply(gkt_extension *, const gkt_scalar *d, double *coords,
                                       gkt_idx *turned) GKT_MUST_CHECK;
/* g [size] += E' by_coords [num_nodes][dim] */
GKT_API gkt_status gkt_extension_transpose(gkt_extension *, const gkt_scalar *by_coords,
                                           gkt_scalar *g) GKT_MUST_CHECK;
/* out [size] '=' the function whose product with any d is g . d, where (c, d) is the work of the forces of E
   c along E d: smooth, however rough g is, so that steps along -out keep boundaries smooth: the traction
   method of Azegami and Wu (JSME Int. J. A 39 (1996)). out is not g. */
GKT_API gkt_status gkt_extension_riesz(gkt_extension *, const gkt_scalar *g, gkt_scalar *out) GKT_MUST_CHECK;

/* ---- smooth displacements for methods that know bounds and weights only ---- */
/* [size] integrals of the basis functions of the nodes over `moves`: weights of an inner product
   (gkt_optimize_problem), in which gradients do not depend on how facets are cut. */
GKT_API const double *gkt_extension_areas(const gkt_extension *);
/* d = F x: d - r^2 lap d = x along the facets that move, of each component by itself, with r =
   radius/(2 sqrt(3)) and lumped masses, 0 where a component is held, no slope at other ends (Lazarov and
   Sigmund, Int. J. Numer. Meth. Engng 86 (2011), on a surface: the implicit vertex morphing of shapes).
   |d| <= max |x|, so that bounds of x are bounds of displacements. Every d is F x of
   some x: nothing is lost but roughness that bounds cut. Factor made once, at the coordinates of now. Without
   this call F is 1. GKT_BAD_INPUT: a radius that is no number above 0, or below the size of facets. */
GKT_API gkt_status gkt_extension_filter(gkt_extension *, double radius) GKT_MUST_CHECK;
/* d [size] = F x; d may be x */
GKT_API gkt_status gkt_extension_smooth(gkt_extension *, const gkt_scalar *x, gkt_scalar *d) GKT_MUST_CHECK;
/* out [size] += F' g */
GKT_API gkt_status gkt_extension_smooth_transpose(gkt_extension *, const gkt_scalar *g,
                                                  gkt_scalar *out) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
