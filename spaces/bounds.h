/* Between which numbers a discrete function lies, also between its nodes. */
#ifndef GKT_SPACES_BOUNDS_H
#define GKT_SPACES_BOUNDS_H
#include "galerkit/space.h"

/* A component over all cells: by its coefficients in the Bernstein basis of each cell, which enclose a polynomial and come near to its range as cells become small, or by
   the Lebesgue constant where that is nearer (values without smoothness) or the functions are rational (pyramids). Values of a space at points: their range. */
gkt_status gkt_space_bounds(const gkt_space *, const gkt_scalar *values, int component, double *low, double *high) GKT_MUST_CHECK;
#endif
