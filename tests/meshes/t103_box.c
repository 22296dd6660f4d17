/* Claim: a box fills its volume with equal, positively oriented cells of the shape asked for, its sides carry their names, and wrong boxes are refused in words. */
#include <math.h>
#include <string.h>

#include "meshes/mesh.h"
#include "tests/gkt_test.h"

static const gkt_box plane = {.shape = GKT_TRIANGLE, .dim = 2, .cells = {4, 3}, .lower = {-0.1, 0.2}, .upper = {0.7, 0.9}};
static const gkt_box solid = {.shape = GKT_TETRAHEDRON, .dim = 3, .cells = {4, 3, 2}, .lower = {-0.1, 0.2, 5}, .upper = {0.7, 0.9, 5.1}};

static const gkt_box bar = {.shape = GKT_LINE, .dim = 1, .cells = {5}, .lower = {-0.1}, .upper = {0.7}};
static const gkt_box plate = {.shape = GKT_QUADRILATERAL, .dim = 2, .cells = {4, 3}, .lower = {-0.1, 0.2}, .upper = {0.7, 0.9}};
static const gkt_box block = {.shape = GKT_HEXAHEDRON, .dim = 3, .cells = {4, 3, 2}, .lower = {-0.1, 0.2, 5}, .upper = {0.7, 0.9, 5.1}};
static const gkt_box *const boxes[] = {&plane, &solid, &bar, &plate, &block};
enum { NUM_BOXES = sizeof boxes / sizeof *boxes };

/* By the edges from vertex 0 along the reference axes. */
static double volume(const gkt_mesh *m, gkt_idx c) {
  int dim = gkt_mesh_dim(m);
  const gkt_cell_topology *t = &gkt_cell_topologies[gkt_mesh_block(m, 0)->cell];
  const gkt_idx *n = gkt_mesh_block(m, 0)->nodes + c * t->num_vertices;
  double e[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, v = 0;
  for (int k = 0; k < t->num_vertices; k++)
    for (int j = 0; j < dim; j++) {
      if (t->vertices[k][j] != 1 || t->vertices[k][(j + 1) % 3] || t->vertices[k][(j + 2) % 3]) continue;
      for (int i = 0; i < dim; i++) e[j][i] = gkt_mesh_coords(m)[dim * n[k] + i] - gkt_mesh_coords(m)[dim * n[0] + i];
    }
  for (int i = 0; i < 3; i++) v += t->volume * e[0][i] * (e[1][(i + 1) % 3] * e[2][(i + 2) % 3] - e[1][(i + 2) % 3] * e[2][(i + 1) % 3]);
  return v;
}

static void cells_are_equal_and_fill_the_box(void **state) {
  (void)state;
  for (int k = 0; k < NUM_BOXES; k++) {
    gkt_mesh *m;
    assert_int_equal(gkt_mesh_box(ctx, boxes[k], &m), GKT_OK);
    double whole = 1;
    for (int i = 0; i < boxes[k]->dim; i++) whole *= boxes[k]->upper[i] - boxes[k]->lower[i];
    for (gkt_idx c = 0; c < gkt_mesh_num_cells(m); c++)
      assert_true(fabs(volume(m, c) * gkt_mesh_num_cells(m) / whole - 1) < 1e-12); /* rounding of coordinates near 5, spacing 0.05 */
    gkt_mesh_destroy(&m);
  }
}

static void sides_are_named(void **state) {
  (void)state;
  static const char *const names[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};
  for (int k = 0; k < NUM_BOXES; k++) {
    gkt_mesh *m;
    const gkt_box *b = boxes[k];
    assert_int_equal(gkt_mesh_box(ctx, b, &m), GKT_OK);
    assert_int_equal(gkt_mesh_num_sets(m), 2 * b->dim + 1);
    gkt_idx total = 0;
    for (int axis = 0; axis < b->dim; axis++)
      for (int side = 0; side < 2; side++) {
        const gkt_mesh_set *set = gkt_mesh_find_set(m, names[axis][side]);
        assert_non_null(set);
        assert_int_equal(set->dim, b->dim - 1);
        total += set->count;
        for (gkt_idx i = 0; i < set->count; i++) {
          gkt_idx ring[4];
          int n = gkt_mesh_facet_ring(m, set->entities[i], ring);
          for (int j = 0; j < n; j++) assert_true(gkt_mesh_coords(m)[b->dim * ring[j] + axis] == (side ? b->upper[axis] : b->lower[axis])); /* corners are exact */
        }
      }
    assert_int_equal(total, gkt_mesh_find_set(m, "boundary")->count);
    gkt_mesh_destroy(&m);
  }
}

static void refused(gkt_box box, gkt_status expected, const char *words) {
  gkt_mesh *m = NULL;
  gkt_context_clear(ctx);
  assert_int_equal(gkt_mesh_box(ctx, &box, &m), expected);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("expected '%s' in '%s'", words, gkt_context_message(ctx));
  assert_null(m);
}

static void wrong_boxes_are_refused(void **state) {
  (void)state;
  gkt_box b = solid;
  b.cells[1] = 0;
  refused(b, GKT_BAD_INPUT, "0 cells in direction y");
  b = solid;
  b.upper[2] = b.lower[2];
  refused(b, GKT_BAD_INPUT, "in direction z the lower corner 5 must be less");
  b = solid;
  b.lower[0] = NAN;
  refused(b, GKT_BAD_INPUT, "direction x");
  b = solid;
  b.shape = GKT_TRIANGLE;
  refused(b, GKT_BAD_INPUT, "need 2 dimensions, 3 are given");
  b.shape = GKT_PRISM;
  refused(b, GKT_UNAVAILABLE, "prism cells is not available yet");
  b = solid;
  b.cells[0] = b.cells[1] = b.cells[2] = 2000000;
  refused(b, GKT_BAD_INPUT, "32-bit");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(cells_are_equal_and_fill_the_box, setup, teardown),
                                     cmocka_unit_test_setup_teardown(sides_are_named, setup, teardown), cmocka_unit_test_setup_teardown(wrong_boxes_are_refused, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
