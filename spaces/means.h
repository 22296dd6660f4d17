/* Inside of interpolation. */
#ifndef GKT_SPACES_MEANS_H
#define GKT_SPACES_MEANS_H
#include "spaces/space.h"

/* Of an expression that holds values at the points of dx(degree): at each node of the space the mean over the cells that meet there of their means. out [dofs] '=' */
gkt_status gkt_interpolate_means(const gkt_expression *, int degree, const gkt_space *, const gkt_inputs *, gkt_scalar *out) GKT_MUST_CHECK;
#endif
