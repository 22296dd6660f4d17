/* Meshes for the tests of spaces, points and evaluation: boxes, skewed boxes, curved ones. */
#ifndef GKT_TESTS_SPACE_MESHES_H
#define GKT_TESTS_SPACE_MESHES_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spaces/space.h"
#include "tests/gkt_test.h"

static inline gkt_mesh *box_mesh(int dim, int nx, int ny, int nz) {
  gkt_mesh *mesh;
  gkt_box box = {.shape = dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, .dim = dim, .cells = {nx, ny, nz}, .lower = {0, 0, 0}, .upper = {1.5, 1, 0.5}};
  assert_int_equal(gkt_mesh_box(ctx, &box, &mesh), GKT_OK);
  return mesh;
}

/* An affine map with determinant 1.1 * 0.9 * 1.2 (2-D: without the last), no face left parallel to an axis. */
static inline void skew(gkt_mesh *mesh) {
  int dim = gkt_mesh_dim(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++, x += dim) {
    double z = dim == 3 ? x[2] : 0, a = 1.1 * x[0] + 0.4 * x[1] - 0.3 * z, b = 0.9 * x[1] + 0.2 * z, c = 1.2 * z;
    double angle = 0.5, p = cos(angle) * a - sin(angle) * b, q = sin(angle) * a + cos(angle) * b;
    x[0] = p, x[1] = q;
    if (dim == 3) x[1] = cos(0.3) * q - sin(0.3) * c, x[2] = sin(0.3) * q + cos(0.3) * c;
  }
}

/* The same cells with geometry of order 2: the P2 space of a mesh is its quadratic twin. */
static inline gkt_mesh *quadratic_mesh(gkt_mesh *linear) {
  gkt_space *space;
  gkt_mesh *mesh;
  const gkt_cell_block *block = gkt_mesh_block(linear, 0);
  assert_int_equal(gkt_space_create(linear, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &space), GKT_OK);
  assert_int_equal(
      gkt_mesh_from_arrays(ctx, block->cell, 2, gkt_mesh_dim(linear), gkt_space_num_nodes(space), gkt_space_coords(space), block->num_cells, gkt_space_cell_nodes(space, 0), &mesh),
      GKT_OK);
  gkt_space_destroy(&space);
  return mesh;
}

/* Moves every node by a smooth map, so that cells of order 2 are truly curved. */
static inline void bend(gkt_mesh *mesh) {
  int dim = gkt_mesh_dim(mesh);
  double *x = gkt_mesh_coords_mutable(mesh);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i++, x += dim) {
    double a = x[0], b = x[1], c = dim == 3 ? x[2] : 0;
    x[0] = a + 0.08 * sin(2 * b + c) * (1 + a);
    x[1] = b + 0.06 * sin(3 * a - c);
    if (dim == 3) x[2] = c + 0.05 * cos(2 * a + b);
  }
}

static inline gkt_space *make_space_of(gkt_mesh *mesh, gkt_element element, gkt_shape shape) {
  gkt_space *space;
  assert_int_equal(gkt_space_create(mesh, element, shape, &space), GKT_OK);
  return space;
}

static inline gkt_element lagrange(bool discontinuous, int degree) { return (gkt_element){discontinuous ? GKT_DISCONTINUOUS_LAGRANGE : GKT_LAGRANGE, degree}; }
static inline gkt_space *make_space(gkt_mesh *mesh, bool discontinuous, int degree, gkt_shape shape) { return make_space_of(mesh, lagrange(discontinuous, degree), shape); }
#endif
