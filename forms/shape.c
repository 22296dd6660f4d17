#include "galerkit/form.h"

gkt_shape gkt_shape_scalar(void) { return (gkt_shape){0, {1, 1}}; }
gkt_shape gkt_shape_vector(int n) { return (gkt_shape){1, {n, 1}}; }
gkt_shape gkt_shape_matrix(int m, int n) { return (gkt_shape){2, {m, n}}; }
int gkt_shape_size(gkt_shape s) { return s.dims[0] * s.dims[1]; }
