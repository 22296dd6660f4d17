#include "forms/form.h"

gkt_shape gkt_shape_scalar(void) { return (gkt_shape){0, {1, 1}}; }
gkt_shape gkt_shape_vector(int n) { return (gkt_shape){1, {n, 1}}; }
gkt_shape gkt_shape_matrix(int m, int n) { return (gkt_shape){2, {m, n}}; }
int gkt_shape_size(gkt_shape s) { return s.dims[0] * s.dims[1]; }
bool gkt_shapes_are_equal(gkt_shape a, gkt_shape b) { return a.rank == b.rank && a.dims[0] == b.dims[0] && a.dims[1] == b.dims[1]; }
bool gkt_expression_is_zero(const gkt_expression *e) { return e->value.shape.rank == 0 && e->value.nodes[0] == GKT_ZERO; }
