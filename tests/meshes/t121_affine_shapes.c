/* Claim: cells that are affine, nearly affine, flat or turned are accepted, turned or refused as their Jacobian on a fine lattice says, whether the shortcut for affine cells takes
   them or not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"
#include "tests/gkt_test.h"

static uint64_t seed = 3;
static double next_random(void) { /* in (-1, 1) */
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)seed * 0x1p-63;
}

/* An affine image of the reference cell, as thick as `height` in the last direction, each vertex moved by up to `noise`. */
static void make_cell(gkt_cell_type type, double height, double noise, bool turned, double *x) {
  const gkt_cell_topology *t = &gkt_cell_topologies[type];
  double a[3][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) a[i][j] = (i == j) + 0.3 * next_random();
  for (int i = 0; i < t->dim; i++) a[i][t->dim - 1] *= height;
  for (int v = 0; v < t->num_vertices; v++)
    for (int i = 0; i < t->dim; i++) {
      double sum = noise * next_random();
      for (int j = 0; j < t->dim; j++) sum += a[i][j] * t->vertices[v][j];
      x[v * t->dim + i] = i == 0 && turned ? -sum : sum;
    }
}

static double determinant(int dim, const double a[3][3]) {
  if (dim == 1) return a[0][0];
  if (dim == 2) return a[0][0] * a[1][1] - a[0][1] * a[1][0];
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

/* The least and the largest Jacobian on a lattice of 7 points in each direction, over h^dim. */
static void sample(gkt_cell_type type, const double *x, double range[2]) {
  const gkt_cell_topology *t = &gkt_cell_topologies[type];
  double h2 = 0;
  for (int e = 0; e < t->num_edges; e++) {
    double sum = 0;
    for (int i = 0; i < t->dim; i++) sum += pow(x[t->edges[e][0] * t->dim + i] - x[t->edges[e][1] * t->dim + i], 2);
    h2 = fmax(h2, sum);
  }
  range[0] = INFINITY, range[1] = -INFINITY;
  for (int k = 0; k < 343; k++) {
    double xi[3] = {k % 7 / 6.0, k / 7 % 7 / 6.0, k / 49 / 6.0}, g[24], a[3][3] = {{0}};
    if (t->dim < 3 && xi[2] > 0) continue;
    if (t->dim < 2 && xi[1] > 0) continue;
    if ((type == GKT_TRIANGLE || type == GKT_PRISM) && xi[0] + xi[1] > 1) continue;
    if (type == GKT_TETRAHEDRON && xi[0] + xi[1] + xi[2] > 1) continue;
    gkt_lagrange_gradients(type, 1, xi, g);
    for (int v = 0; v < t->num_vertices; v++)
      for (int j = 0; j < t->dim; j++)
        for (int i = 0; i < t->dim; i++) a[j][i] += g[v * t->dim + j] * (x[v * t->dim + i] - x[i]);
    double det = determinant(t->dim, a) / pow(h2, t->dim / 2.0);
    range[0] = fmin(range[0], det), range[1] = fmax(range[1], det);
  }
}

/* Near the threshold of 1e-14, and where a sample is near 0, either answer is right. */
static void compare(gkt_cell_type type, const double *x, int *accepted, int *refused) {
  const gkt_cell_topology *t = &gkt_cell_topologies[type];
  gkt_idx nodes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  gkt_mesh *m = NULL;
  double range[2];
  sample(type, x, range);
  gkt_context_clear(ctx);
  gkt_status status = gkt_mesh_from_arrays(ctx, type, 1, t->dim, t->num_vertices, x, 1, nodes, &m);
  bool up = range[0] > 1e-13, down = range[1] < -1e-13, bad = range[0] < -1e-13 && range[1] > 1e-13, flat = range[0] > -1e-16 && range[1] < 1e-16;
  bool clear = (up || down) && fmin(fabs(range[0]), fabs(range[1])) > 0.2 * fmax(fabs(range[0]), fabs(range[1]));
  if (clear && status != GKT_OK) fail_msg("%s: Jacobian from %g to %g: %s", t->name, range[0], range[1], gkt_context_message(ctx));
  if ((bad || flat) && status != GKT_BAD_INPUT) fail_msg("%s: Jacobian from %g to %g was accepted", t->name, range[0], range[1]);
  if (status == GKT_OK && (up || down)) assert_int_equal(m->turned[0], down);
  *accepted += clear, *refused += bad || flat;
  gkt_mesh_destroy(&m);
}

static void verdicts_are_those_of_samples(void **state) {
  static const gkt_cell_type types[] = {GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON, GKT_PRISM};
  (void)state;
  for (int t = 0; t < 5; t++) {
    int accepted = 0, refused = 0;
    for (int i = 0; i < 4000; i++) {
      double x[24], height = i % 3 ? 1 : pow(10, -9 - 9 * next_random()), noise = i % 4 == 0 || height < 1e-16 ? 0 : pow(10, -9 + 9 * next_random());
      make_cell(types[t], height, noise, i % 5 == 0, x);
      compare(types[t], x, &accepted, &refused);
    }
    assert_true(accepted > 1000 && refused > 100);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(verdicts_are_those_of_samples, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
