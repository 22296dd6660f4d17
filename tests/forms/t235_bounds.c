/* Claim: a discrete function of random values never leaves the bounds that are given for it, on any cell, and the bounds are near: equal to the extremes of linear functions, and
   to a quarter of the square of the size of cells for smooth ones. */
#include "spaces/bounds.h"
#include "tests/space_meshes.h"

static gkt_mesh *mesh_of(gkt_cell_type shape, int n) {
  gkt_mesh *mesh;
  int dim = shape == GKT_LINE ? 1 : shape <= GKT_QUADRILATERAL ? 2 : 3;
  gkt_box box = {.shape = shape, .dim = dim, .cells = {n, n, n}, .upper = {1, 1, 1}};
  assert_int_equal(gkt_mesh_box(ctx, &box, &mesh), GKT_OK);
  return mesh;
}

/* The function c of the space at random points of all cells: its extremes there. */
static void sample(const gkt_space *space, const gkt_scalar *values, double *low, double *high) {
  enum { PER_CELL = 40 };
  gkt_mesh *mesh = gkt_space_mesh(space);
  gkt_scope *scope;
  gkt_expression *e;
  gkt_source source = {.text = "c"};
  int f, dim = gkt_mesh_dim(mesh);
  gkt_size n = (gkt_size)PER_CELL * gkt_mesh_num_cells(mesh);
  gkt_idx *cells = malloc((size_t)n * sizeof *cells);
  double *xi = malloc((size_t)(n * dim) * sizeof *xi), *out = malloc((size_t)n * sizeof *out);
  assert_int_equal(gkt_scope_create(ctx, dim, &scope), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(scope, "c", gkt_shape_scalar(), gkt_space_element(space), &f), GKT_OK);
  assert_int_equal(gkt_expression_parse(scope, &source, &e), GKT_OK);
  bool simplex = gkt_mesh_block(mesh, 0)->cell != GKT_QUADRILATERAL && gkt_mesh_block(mesh, 0)->cell != GKT_HEXAHEDRON;
  uint32_t state = 1;
  for (gkt_size i = 0; i < n; i++) {
    double left = 1; /* points of the simplex are in every cell of a kind */
    cells[i] = (gkt_idx)(i / PER_CELL);
    for (int d = 0; d < dim; d++) {
      double t = (state = state * 1664525u + 1013904223u) / 4294967296.0;
      xi[i * dim + d] = simplex ? left * t : t;
      left -= xi[i * dim + d];
    }
  }
  gkt_inputs inputs = {.spaces = (const gkt_space *[]){space}, .values = (const gkt_scalar *[]){values}};
  assert_int_equal(gkt_evaluate(e, mesh, &inputs, n, cells, xi, NULL, out), GKT_OK);
  *low = INFINITY, *high = -INFINITY;
  for (gkt_size i = 0; i < n; i++) *low = fmin(*low, out[i]), *high = fmax(*high, out[i]);
  gkt_expression_destroy(&e);
  gkt_scope_destroy(&scope);
  free(cells);
  free(xi);
  free(out);
}

static double smooth(const double *x, int dim) { return dim == 1 ? sin(3 * x[0]) : dim == 2 ? sin(3 * x[0]) * cos(2 * x[1]) : sin(3 * x[0]) * cos(2 * x[1]) + x[2] * x[2]; }

static void bounds_hold(void **state) {
  (void)state;
  const gkt_cell_type shapes[] = {GKT_LINE, GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  for (int s = 0; s < 5; s++)
    for (int k = 1; k <= 6; k++) { /* P1 to P4, P1B and P2B */
      const gkt_element element = k < 5 ? (gkt_element){GKT_LAGRANGE, k} : (gkt_element){GKT_BUBBLE, k - 4};
      if (k == 6 && shapes[s] != GKT_TRIANGLE && shapes[s] != GKT_TETRAHEDRON) continue;
      gkt_mesh *mesh = mesh_of(shapes[s], 4);
      int dim = gkt_mesh_dim(mesh);
      gkt_space *space = make_space_of(mesh, element, gkt_shape_scalar());
      gkt_idx n = gkt_space_num_dofs(space);
      const double *x = gkt_space_coords(space);
      gkt_scalar *values = malloc((size_t)n * sizeof *values);
      double low, high, a, b;
      for (gkt_idx i = 0; i < n; i++) values[i] = sin(12.9 * i * i);
      assert_int_equal(gkt_space_bounds(space, values, 0, &low, &high), GKT_OK);
      sample(space, values, &a, &b);
      assert_true(low <= a && b <= high && high - low <= 2 * 11.1);
      for (gkt_idx i = 0; i < n; i++) values[i] = 2 + x[i * dim];
      assert_int_equal(gkt_space_bounds(space, values, 0, &low, &high), GKT_OK);
      assert_true(low == 2 && high == 3);
      for (gkt_idx i = 0; i < n; i++) values[i] = smooth(x + i * dim, dim);
      assert_int_equal(gkt_space_bounds(space, values, 0, &low, &high), GKT_OK);
      sample(space, values, &a, &b);
      /* second derivatives are 9 + 4 at most, cells of size 1/4: control points are within h^2/8 |f''| dim of the function; 0.4 covers that and the samples */
      assert_true(low <= a && b <= high && a - low < 0.4 && high - b < 0.4);
      free(values);
      gkt_space_destroy(&space);
      gkt_mesh_destroy(&mesh);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(bounds_hold, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
