/* Claim: the table of reference cells is consistent with itself: volumes, facets that turn outwards, edges that facets share. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "meshes/cell.h"

static int facet_size(const gkt_cell_topology *t, int f) {
  int n = 0;
  while (n < 4 && n <= t->dim && t->facets[f][n] >= 0) n++;
  return n > t->dim && t->dim < 3 ? t->dim : n;
}

/* Area vector of facet f times (any of its points - centre): by the divergence theorem these sum to dim * volume. */
static double outward(const gkt_cell_topology *t, int f) {
  double x[4][3] = {{0}}, centre[3] = {0}, n[3] = {0}, s = 0;
  int k = facet_size(t, f);
  for (int i = 0; i < t->num_vertices; i++)
    for (int d = 0; d < 3; d++) centre[d] += (double)t->vertices[i][d] / t->num_vertices;
  for (int i = 0; i < k; i++)
    for (int d = 0; d < 3; d++) x[i][d] = t->vertices[t->facets[f][i]][d];
  if (t->dim == 2) {
    n[0] = x[1][1] - x[0][1];
    n[1] = x[0][0] - x[1][0];
  }
  for (int i = 1; t->dim == 3 && i + 1 < k; i++)
    for (int d = 0; d < 3; d++) {
      int p = (d + 1) % 3, q = (d + 2) % 3;
      n[d] += 0.5 * ((x[i][p] - x[0][p]) * (x[i + 1][q] - x[0][q]) - (x[i][q] - x[0][q]) * (x[i + 1][p] - x[0][p]));
    }
  for (int d = 0; d < 3; d++) s += n[d] * (x[0][d] - centre[d]);
  return s;
}

static void facets_turn_outwards_and_enclose_the_volume(void **state) {
  (void)state;
  for (int c = GKT_TRIANGLE; c < GKT_NUM_CELL_TYPES; c++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[c];
    double sum = 0;
    for (int f = 0; f < t->num_facets; f++) {
      assert_true(outward(t, f) > 0);
      sum += outward(t, f);
    }
    assert_true(fabs(sum / t->dim - t->volume) < 1e-15); /* a few sums of small fractions */
  }
}

static void edges_lie_between_two_facets(void **state) {
  (void)state;
  for (int c = GKT_TRIANGLE; c < GKT_NUM_CELL_TYPES; c++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[c];
    assert_int_equal(t->num_vertices - t->num_edges + (t->dim == 3 ? t->num_facets : 1), t->dim == 3 ? 2 : 1); /* Euler */
    for (int e = 0; t->dim == 3 && e < t->num_edges; e++) {
      int forward = 0, backward = 0;
      for (int f = 0; f < t->num_facets; f++)
        for (int i = 0, k = facet_size(t, f); i < k; i++) {
          int a = t->facets[f][i], b = t->facets[f][(i + 1) % k];
          forward += a == t->edges[e][0] && b == t->edges[e][1];
          backward += b == t->edges[e][0] && a == t->edges[e][1];
        }
      assert_int_equal(forward, 1);
      assert_int_equal(backward, 1);
    }
  }
}

static void simplex_facets_are_opposite_their_vertex(void **state) {
  (void)state;
  const gkt_cell_topology *t = &gkt_cell_topologies[GKT_TETRAHEDRON];
  for (int f = 0; f < 4; f++)
    for (int i = 0; i < 3; i++) assert_int_not_equal(t->facets[f][i], f);
  for (int i = 1; i < 4; i++)
    for (int d = 0; d < 3; d++) assert_int_equal(t->vertices[i][d], d == i - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(facets_turn_outwards_and_enclose_the_volume), cmocka_unit_test(edges_lie_between_two_facets),
                                     cmocka_unit_test(simplex_facets_are_opposite_their_vertex)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
