/* Filters of designs: maps of a function onto a smoother one, each with its transpose, and projections
   onto 0 and 1. They know a space and no optimizer: J(F x) has the gradient F' dJ/dy. */
#ifndef GALERKIT_FILTER_H
#define GALERKIT_FILTER_H
#include "galerkit/space.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Word. radius: of the support, in units of the coordinates.
   density      y_i = sum of w_ij x_j, w_ij = (radius - |x_i - x_j|) times the volume of j, over all within
                the radius, rows that sum to 1: Bruns and Tortorelli, CMAME 190 (2001); Bourdin, Int. J.
                Numer. Meth. Engng 50 (2001)
   helmholtz    -r^2 lap y + y = x, no flux through the boundary, r = radius/(2 sqrt(3)): Lazarov and Sigmund,
                Int. J. Numer. Meth. Engng 86 (2011)
   sensitivity  no map: the gradient is replaced by a mean of x dJ/dx over x, with the weights of `density`:
                Sigmund, Mech. Struct. Mach. 25 (1997)
   gradient     no map: the gradient is replaced by the transpose of `density` times it
   What comes of the last two is no gradient of J; methods that search along lines get lost. */
#define GKT_FILTER_LIST(X)                 \
  X(GKT_FILTER_DENSITY, "density")         \
  X(GKT_FILTER_HELMHOLTZ, "helmholtz")     \
  X(GKT_FILTER_SENSITIVITY, "sensitivity") \
  X(GKT_FILTER_GRADIENT, "gradient")
typedef enum {
#define X(name, word) name,
  GKT_FILTER_LIST(X)
#undef X
      GKT_NUM_FILTERS
} gkt_filter_kind;
/* GKT_BAD_INPUT: no such word, and which is near. */
GKT_API gkt_status gkt_filter_read(gkt_context *, const char *word, gkt_filter_kind *out) GKT_MUST_CHECK;

typedef struct gkt_filter gkt_filter;
/* space: scalar, DP0 (places are centroids) or P1, on the mesh as it is now; held. GKT_BAD_INPUT: another
   space, a radius that is no number above 0 or so small that nothing is averaged. */
GKT_API gkt_status gkt_filter_create(const gkt_space *space, gkt_filter_kind, double radius,
                                     gkt_filter **out) GKT_MUST_CHECK;
/* The same of values at nodes of some sets alone, all of facets or all of cells: helmholtz, along the facets
   or within the cells, by lumped masses. space: P1, of any shape, each component by itself. What is filtered
   are the dofs of these nodes, ascending; values of other nodes have no part in it. No value is beyond those
   it is made of. GKT_BAD_INPUT: also another kind, sets that are not there or of several dimensions, corners
   of a line. */
GKT_API gkt_status gkt_filter_create_on(const gkt_space *space, int num_sets, const char *const *sets,
                                        gkt_filter_kind, double radius, gkt_filter **out) GKT_MUST_CHECK;
GKT_API void gkt_filter_destroy(gkt_filter **);
GKT_API gkt_size gkt_filter_size(const gkt_filter *); /* "dofs" here: of the space, or on the sets */
/* [dofs] integrals of the basis functions: volumes of cells, or the parts of nodes. Also weights of an inner
   product (gkt_optimize_problem). */
GKT_API const double *gkt_filter_volumes(const gkt_filter *);
/* y = F x, y is not x; of `sensitivity` and `gradient` y = x. [dofs] all. GKT_LIBRARY: the system of
   helmholtz was not solved. */
GKT_API gkt_status gkt_filter_apply(gkt_filter *, const gkt_scalar *x, gkt_scalar *y) GKT_MUST_CHECK;
/* out += F' g, g the derivatives by y; of `sensitivity` what it makes of g at x, which the others do not look
   at (NULL). */
GKT_API gkt_status gkt_filter_transpose(gkt_filter *, const gkt_scalar *x, const gkt_scalar *g,
                                        gkt_scalar *out) GKT_MUST_CHECK;

/* Weights of an inner product of functions, [dofs] '=', for gkt_optimize_problem: integrals of the basis
   functions where these are positive (DP0, P1) and weights of quadrature points, else the volume in equal
   parts. */
GKT_API gkt_status gkt_design_weights(const gkt_space *, double *out) GKT_MUST_CHECK;

/* y = (tanh(beta eta) + tanh(beta (x - eta))) / (tanh(beta eta) + tanh(beta (1 - eta))): Wang, Lazarov and
   Sigmund, Struct. Multidisc. Optim. 43 (2011). beta > 0: the steeper the larger; eta in [0, 1]: what becomes
   1/2 or so. [count]; y may be x */
GKT_API void gkt_project(double beta, double eta, gkt_size count, const gkt_scalar *x, gkt_scalar *y);
/* out += dy/dx g */
GKT_API void gkt_project_transpose(double beta, double eta, gkt_size count, const gkt_scalar *x,
                                   const gkt_scalar *g, gkt_scalar *out);
/* out += d2y/dx2 g d, entry by entry: what a gradient g by y adds to second derivatives along d */
GKT_API void gkt_project_second(double beta, double eta, gkt_size count, const gkt_scalar *x,
                                const gkt_scalar *g, const gkt_scalar *d, gkt_scalar *out);

#ifdef __cplusplus
}
#endif
#endif
