/* Claim: facets and edges are counted right, numbered by their vertices whatever the order of the cells, and facets turn outwards from their first cell. */
#include <math.h>
#include <string.h>

#include "meshes/mesh.h"
#include "tests/gkt_test.h"

static gkt_mesh *box(int dim, gkt_idx a, gkt_idx b, gkt_idx c) {
  gkt_mesh *m = NULL;
  gkt_box options = {.shape = dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, .dim = dim, .cells = {a, b, c}, .lower = {-1, 0, 2}, .upper = {1, 3, 2.5}};
  assert_int_equal(gkt_mesh_box(ctx, &options, &m), GKT_OK);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  return m;
}

/* An a x b x c grid has (a+1)(b+1)(c+1) nodes; edges, facets by counting axis, face-diagonal and space-diagonal directions of Kuhn's cut. */
static void counts_follow_the_closed_formulas(void **state) {
  (void)state;
  for (gkt_idx a = 1; a <= 4; a++)
    for (gkt_idx b = 1; b <= 3; b++)
      for (gkt_idx c = 1; c <= 2; c++) {
        gkt_idx A = a + 1, B = b + 1, C = c + 1;
        gkt_mesh *m = box(2, a, b, 0);
        assert_int_equal(gkt_mesh_num_entities(m, 0), A * B);
        assert_int_equal(gkt_mesh_num_entities(m, 1), a * B + A * b + a * b);
        assert_int_equal(gkt_mesh_num_entities(m, 2), 2 * a * b);
        gkt_mesh_destroy(&m);
        m = box(3, a, b, c);
        gkt_idx edges = a * B * C + A * b * C + A * B * c + a * b * C + a * B * c + A * b * c + a * b * c, outer = 4 * (a * b + b * c + a * c);
        assert_int_equal(gkt_mesh_num_entities(m, 1), edges);
        assert_int_equal(gkt_mesh_num_entities(m, 2), (4 * 6 * a * b * c + outer) / 2);
        assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, outer);
        assert_int_equal(A * B * C - edges + gkt_mesh_num_entities(m, 2) - 6 * a * b * c, 1); /* Euler characteristic of a ball */
        gkt_mesh_destroy(&m);
      }
}

static void entities_ascend_and_cells_refer_to_them(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *m = box(dim, 3, 2, 2);
    const gkt_cell_block *block = gkt_mesh_block(m, 0);
    const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
    for (int d = 1; d < dim; d++) {
      int k = d + 1, per_cell = gkt_mesh_entities_per_cell(m, 0, d);
      const gkt_idx *v = gkt_mesh_entity_vertices(m, d), *ce = gkt_mesh_cell_entities(m, 0, d);
      for (gkt_idx e = 0; e < gkt_mesh_num_entities(m, d); e++) {
        for (int i = 1; i < k; i++) assert_true(v[e * k + i - 1] < v[e * k + i]);
        int i = 0;
        while (e > 0 && i < k - 1 && v[e * k + i] == v[(e - 1) * k + i]) i++;
        assert_true(e == 0 || v[e * k + i] > v[(e - 1) * k + i]);
        assert_int_equal(gkt_mesh_entity_find(m, d, k, v + e * k), e);
      }
      for (gkt_idx c = 0; c < block->num_cells; c++)
        for (int i = 0; i < per_cell; i++) {
          gkt_idx key[3];
          for (int j = 0; j < k; j++) key[j] = block->nodes[c * (dim + 1) + (d == dim - 1 ? t->facets[i][j] : t->edges[i][j])];
          gkt_tuple_sort(k, key);
          assert_memory_equal(key, v + ce[c * per_cell + i] * k, (size_t)k * sizeof *key);
        }
      assert_int_equal(gkt_mesh_entity_find(m, d, k, (gkt_idx[]){0, 0, 0}), -1);
    }
    gkt_mesh_destroy(&m);
  }
}

/* Normal of local facet i of cell c times (centre of the facet - centre of the cell). */
static double outward(const gkt_mesh *m, gkt_idx c, int f) {
  const gkt_cell_block *b = gkt_mesh_block(m, 0);
  int dim = gkt_mesh_dim(m);
  double x[3][3] = {{0}}, n[3] = {0}, s = 0;
  for (int i = 0; i < dim; i++)
    for (int d = 0; d < dim; d++) x[i][d] = gkt_mesh_coords(m)[dim * b->nodes[c * (dim + 1) + gkt_cell_topologies[b->cell].facets[f][i]] + d];
  if (dim == 2) n[0] = x[1][1] - x[0][1], n[1] = x[0][0] - x[1][0];
  for (int d = 0; dim == 3 && d < 3; d++) {
    int p = (d + 1) % 3, q = (d + 2) % 3;
    n[d] = (x[1][p] - x[0][p]) * (x[2][q] - x[0][q]) - (x[1][q] - x[0][q]) * (x[2][p] - x[0][p]);
  }
  for (int d = 0; d < dim; d++) {
    double centre = 0, facet = 0;
    for (int i = 0; i <= dim; i++) centre += gkt_mesh_coords(m)[dim * b->nodes[c * (dim + 1) + i] + d] / (dim + 1);
    for (int i = 0; i < dim; i++) facet += x[i][d] / dim;
    s += n[d] * (facet - centre);
  }
  return s;
}

static void facets_pair_cells_and_turn_outwards(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *m = box(dim, 3, 2, 2);
    const gkt_idx *ce = gkt_mesh_cell_entities(m, 0, dim - 1);
    int seen = 0;
    for (gkt_idx f = 0; f < gkt_mesh_num_entities(m, dim - 1); f++) {
      gkt_facet facet = gkt_mesh_facets(m)[f];
      assert_true(facet.cell[0] >= 0 && (facet.cell[1] == -1 || facet.cell[1] > facet.cell[0]));
      for (int side = 0; side < 2; side++) {
        if (facet.cell[side] < 0) continue;
        assert_int_equal(ce[facet.cell[side] * (dim + 1) + facet.local[side]], f);
        assert_true(outward(m, facet.cell[side], facet.local[side]) > 0);
        seen++;
      }
    }
    assert_int_equal(seen, gkt_mesh_num_cells(m) * (dim + 1));
    gkt_mesh_destroy(&m);
  }
}

static void numbering_ignores_the_order_of_cells(void **state) {
  (void)state;
  gkt_mesh *m = box(3, 3, 2, 2), *p = NULL;
  gkt_idx n = gkt_mesh_num_cells(m), cells[4 * 72];
  assert_int_equal(n, 72);
  for (gkt_idx c = 0; c < n; c++)
    for (int i = 0; i < 4; i++) cells[4 * c + i] = gkt_mesh_block(m, 0)->nodes[4 * ((c * 31 + 7) % n) + (i + c) % 4]; /* rotated by c: some become inverted */
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TETRAHEDRON, 1, 3, gkt_mesh_num_nodes(m), gkt_mesh_coords(m), n, cells, &p), GKT_OK);
  assert_null(gkt_mesh_facets(p));
  assert_int_equal(gkt_mesh_topology(p), GKT_OK);
  for (int d = 1; d < 3; d++) {
    assert_int_equal(gkt_mesh_num_entities(p, d), gkt_mesh_num_entities(m, d));
    assert_memory_equal(gkt_mesh_entity_vertices(p, d), gkt_mesh_entity_vertices(m, d), (size_t)gkt_mesh_num_entities(m, d) * (size_t)(d + 1) * sizeof(gkt_idx));
  }
  gkt_mesh_destroy(&m);
  gkt_mesh_destroy(&p);
}

/* More cells around one vertex than the small sort handles. */
static void a_large_fan_is_numbered(void **state) {
  (void)state;
  enum { N = 500 };
  double x[2 * (N + 1)] = {0};
  gkt_idx cells[3 * N];
  gkt_mesh *m;
  for (int i = 0; i < N; i++) {
    x[2 * i + 2] = cos(2 * M_PI * i / N);
    x[2 * i + 3] = sin(2 * M_PI * i / N);
    memcpy(cells + 3 * i, (gkt_idx[]){0, 1 + (7 * i) % N, 1 + (7 * i + 1) % N}, 3 * sizeof *cells);
  }
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, N + 1, x, N, cells, &m), GKT_OK);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  assert_int_equal(gkt_mesh_num_entities(m, 1), 2 * N);
  for (int i = 0; i < N; i++) assert_int_equal(gkt_mesh_entity_vertices(m, 1)[2 * i + 1], i + 1);
  gkt_mesh_destroy(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(counts_follow_the_closed_formulas, setup, teardown),
                                     cmocka_unit_test_setup_teardown(entities_ascend_and_cells_refer_to_them, setup, teardown),
                                     cmocka_unit_test_setup_teardown(facets_pair_cells_and_turn_outwards, setup, teardown),
                                     cmocka_unit_test_setup_teardown(numbering_ignores_the_order_of_cells, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_large_fan_is_numbered, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
