/* What the tests of displaced boundaries share. */
#ifndef GKT_TESTS_EXTENSION_WORLD_H
#define GKT_TESTS_EXTENSION_WORLD_H
#include "tests/adjoint_world.h"

/* [-1, 1]^dim */
static inline gkt_mesh *box(gkt_cell_type cell, int dim, int n) {
  gkt_box b = {.shape = cell, .dim = dim, .cells = {n, n, n}, .lower = {-1, -1, -1}, .upper = {1, 1, 1}};
  gkt_mesh *mesh;
  ok(gkt_mesh_box(ctx, &b, &mesh));
  return mesh;
}

static inline double dot(gkt_size n, const gkt_scalar *a, const gkt_scalar *b) {
  double sum = 0;
  for (gkt_size i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}
#endif
