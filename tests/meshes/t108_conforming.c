/* Claim: where cells do not meet facet to facet the mesh is refused, naming the hanging node or the cells; a crack is no such place; parts that touch without a shared node
   are joined by nothing, and a warning says so. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/cells.h"

static gkt_context *ctx;
static char warning[1024];
static void log_line(void *user, gkt_log_level level, const char *message) {
  (void)user;
  if (level == GKT_LOG_WARNING) snprintf(warning, sizeof warning, "%s", message);
}
static int setup(void **state) {
  (void)state;
  warning[0] = 0;
  return gkt_context_create(&(gkt_context_options){.poison = true, .log = log_line}, &ctx) != GKT_OK;
}
static int teardown(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_status build(int dim, gkt_idx num_nodes, const double *x, int num_blocks, const gkt_cell_block *blocks, const char *words) {
  gkt_mesh *m = NULL;
  gkt_context_clear(ctx);
  if (gkt_mesh_from_blocks(ctx, dim, num_nodes, x, num_blocks, blocks, &m) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  gkt_status status = gkt_mesh_topology(m);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("expected '%s' in '%s'", words, gkt_context_message(ctx));
  gkt_mesh_destroy(&m);
  return status;
}

/* One large square beside two small ones; then the small ones as triangles. */
static void a_node_on_an_edge_is_named(void **state) {
  (void)state;
  const double x[] = {0, 0, 1, 0, 1, 1, 0, 1, 1.5, 0, 1.5, 0.5, 1, 0.5, 1.5, 1};
  const gkt_idx quads[] = {0, 1, 2, 3, 1, 4, 5, 6, 6, 5, 7, 2}, triangles[] = {1, 4, 5, 1, 5, 6, 6, 5, 7, 6, 7, 2};
  gkt_cell_block b[2] = {{.cell = GKT_QUADRILATERAL, .order = 1, .num_cells = 3, .nodes = quads}, {.cell = GKT_TRIANGLE, .order = 1, .num_cells = 4, .nodes = triangles}};
  assert_int_equal(build(2, 8, x, 1, b, "node 6 at (1, 0.5) hangs on an edge of cell 0, which does not have it; expected a conforming mesh"), GKT_BAD_INPUT);
  b[0].num_cells = 1;
  assert_int_equal(build(2, 8, x, 2, b, "node 6 at (1, 0.5) hangs on an edge of cell 4"), GKT_BAD_INPUT);
}

/* A box of shape `shape` beside 2 x 2 of half its size that share the four corners of its side; with `shift` the facets are no longer flat. */
static gkt_status two_to_one(double shift, const char *words) {
  gkt_box coarse = {.shape = GKT_HEXAHEDRON, .dim = 3, .cells = {1, 1, 1}, .upper = {1, 1, 1}},
          fine = {.shape = GKT_HEXAHEDRON, .dim = 3, .cells = {1, 2, 2}, .lower = {1}, .upper = {1.5, 1, 1}};
  gkt_mesh *a, *b;
  double x[(8 + 18) * 3];
  gkt_idx cells[5 * 8], number[18], n = 8;
  assert_int_equal(gkt_mesh_box(ctx, &coarse, &a), GKT_OK);
  assert_int_equal(gkt_mesh_box(ctx, &fine, &b), GKT_OK);
  memcpy(x, gkt_mesh_coords(a), 24 * sizeof *x);
  for (gkt_idx i = 0; i < 18; i++) {
    const double *p = gkt_mesh_coords(b) + 3 * i;
    number[i] = -1;
    for (gkt_idx j = 0; j < 8; j++)
      if (memcmp(p, x + 3 * j, 3 * sizeof *x) == 0) number[i] = j;
    if (number[i] >= 0) continue;
    memcpy(x + 3 * n, p, 3 * sizeof *x);
    number[i] = n++;
  }
  for (gkt_idx i = 0; i < n; i++) x[3 * i] += shift * x[3 * i + 1] * x[3 * i + 2]; /* bilinear: the middles stay on the coarse facet */
  memcpy(cells, gkt_mesh_block(a, 0)->nodes, 8 * sizeof *cells);
  for (int i = 0; i < 32; i++) cells[8 + i] = number[gkt_mesh_block(b, 0)->nodes[i]];
  gkt_cell_block block = {.cell = GKT_HEXAHEDRON, .order = 1, .num_cells = 5, .nodes = cells};
  gkt_status status = build(3, n, x, 1, &block, words);
  gkt_mesh_destroy(&a);
  gkt_mesh_destroy(&b);
  return status;
}

static void a_node_on_a_facet_is_named(void **state) {
  (void)state;
  assert_int_equal(two_to_one(0, "of cell 0, which does not have it"), GKT_BAD_INPUT);
  assert_int_equal(two_to_one(0.3, "of cell 0, which does not have it"), GKT_BAD_INPUT);
  const double x[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.3, 0, 0, 0, -1}; /* node 4 inside the base of the first tetrahedron */
  const gkt_idx tets[] = {0, 1, 2, 3, 0, 1, 4, 5, 1, 2, 4, 5, 2, 0, 4, 5};
  gkt_cell_block b = {.cell = GKT_TETRAHEDRON, .order = 1, .num_cells = 4, .nodes = tets};
  assert_int_equal(build(3, 6, x, 1, &b, "node 4 at (0.2, 0.3, 0) hangs on a facet of cell 0"), GKT_BAD_INPUT);
  const double y[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0, 0, 0, -1}; /* and on its edge */
  const gkt_idx pair[] = {0, 1, 2, 3, 0, 1, 4, 5, 2, 0, 4, 5};
  b = (gkt_cell_block){.cell = GKT_TETRAHEDRON, .order = 1, .num_cells = 3, .nodes = pair};
  assert_int_equal(build(3, 6, y, 1, &b, "node 4 at (0.5, 0.5, 0) hangs on an edge of cell 0"), GKT_BAD_INPUT);
}

/* Two prisms on a hexahedron. */
static void a_quadrilateral_does_not_face_triangles(void **state) {
  (void)state;
  double x[12 * 3];
  for (int i = 0; i < 12; i++) {
    const int *v = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i % 4];
    memcpy(x + 3 * i, (double[]){v[0], v[1], i / 4}, 3 * sizeof *x);
  }
  const gkt_idx hex[] = {0, 1, 2, 3, 4, 5, 6, 7}, prisms[] = {4, 5, 6, 8, 9, 10, 4, 6, 7, 8, 10, 11};
  gkt_cell_block b[2] = {{.cell = GKT_HEXAHEDRON, .order = 1, .num_cells = 1, .nodes = hex}, {.cell = GKT_PRISM, .order = 1, .num_cells = 2, .nodes = prisms}};
  assert_int_equal(build(3, 12, x, 2, b, "cell 0 has a quadrilateral facet where cell"), GKT_BAD_INPUT);
}

/* A square cut along one diagonal above and along the other below. With one corner doubled, cut alike, it is a crack, which is allowed. */
static void diagonals_do_not_cross(void **state) {
  (void)state;
  const double x[] = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0.5, 0.5, 1, 0.5, 0.5, -1};
  const gkt_idx tets[] = {0, 1, 2, 4, 0, 2, 3, 4, 0, 1, 3, 5, 1, 2, 3, 5}, same[] = {0, 1, 2, 4, 0, 2, 3, 4, 0, 1, 2, 5, 0, 2, 3, 5};
  gkt_cell_block b = {.cell = GKT_TETRAHEDRON, .order = 1, .num_cells = 4, .nodes = tets};
  assert_int_equal(build(3, 6, x, 1, &b, "have triangles that lie on each other and share an edge only; expected a conforming mesh"), GKT_BAD_INPUT);
  b.nodes = same;
  assert_int_equal(build(3, 6, x, 1, &b, ""), GKT_OK);
  const double cracked[] = {0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0.5, 0.5, 1, 0.5, 0.5, -1, 1, 1, 0}; /* the lower side has a node of its own in one corner */
  const gkt_idx open[] = {0, 1, 2, 4, 0, 2, 3, 4, 0, 1, 6, 5, 0, 6, 3, 5};
  b.nodes = open;
  assert_int_equal(build(3, 7, cracked, 1, &b, ""), GKT_OK);
}

/* A quadratic triangle whose mid-edge node is the vertex of two smaller ones. */
static void a_node_is_a_vertex_for_all_or_for_none(void **state) {
  (void)state;
  const double x[] = {0, 0, 1, 0, 0, 1, 0.5, 0, 0.5, 0.5, 0, 0.5, 0.5, -1, 0.25, 0, 0.25, -0.5, 0.5, -0.5, 0.75, 0, 0.75, -0.5};
  const gkt_idx cells[] = {0, 1, 2, 3, 4, 5, 0, 6, 3, 8, 9, 7, 3, 6, 1, 9, 11, 10};
  gkt_cell_block b = {.cell = GKT_TRIANGLE, .order = 2, .num_cells = 3, .nodes = cells};
  assert_int_equal(build(2, 12, x, 1, &b, "node 3 lies inside an edge, a facet or the whole of cell 0 and is a vertex of another cell"), GKT_BAD_INPUT);
}

/* Four squares around a node; two of them do not share the nodes of the edge between them, which ends at that node. */
static void a_crack_is_allowed(void **state) {
  (void)state;
  const double x[] = {-1, -1, 0, -1, 1, -1, -1, 0, 0, 0, 1, 0, -1, 1, 0, 1, 1, 1, 1, 0};
  const gkt_idx cells[] = {0, 1, 4, 3, 1, 2, 5, 4, 3, 4, 7, 6, 4, 9, 8, 7};
  gkt_cell_block b = {.cell = GKT_QUADRILATERAL, .order = 1, .num_cells = 4, .nodes = cells};
  assert_int_equal(build(2, 10, x, 1, &b, ""), GKT_OK);
  assert_string_equal(warning, "");
}

static void parts_that_only_touch_are_told_of(void **state) {
  (void)state;
  const double x[] = {0, 0, 1, 0, 1, 1, 0, 1, 1, 0.25, 2, 0.25, 2, 2, 1, 2}, apart[] = {0, 0, 1, 0, 1, 1, 0, 1, 1.01, 0.25, 2, 0.25, 2, 2, 1.01, 2};
  const gkt_idx cells[] = {0, 1, 2, 3, 4, 5, 6, 7};
  gkt_cell_block b = {.cell = GKT_QUADRILATERAL, .order = 1, .num_cells = 2, .nodes = cells};
  assert_int_equal(build(2, 8, apart, 1, &b, ""), GKT_OK);
  assert_string_equal(warning, "");
  assert_int_equal(build(2, 8, x, 1, &b, ""), GKT_OK);
  assert_non_null(
      strstr(warning, "parts of the mesh touch that share no node, so they are not joined: 2 nodes lie on facets of another part, the first is node 2 at (1, 1) on cell 1"));
}

/* The same in space, far from the origin, with facets of very different sizes. */
static void touching_is_found_at_any_scale(void **state) {
  (void)state;
  for (int ratio = 1; ratio <= 1000000; ratio *= 1000)
    for (int touch = 0; touch < 2; touch++) {
      double x[16 * 3], gap = touch ? 0 : 1e-4;
      gkt_idx cells[16];
      for (int i = 0; i < 16; i++) {
        const int *v = gkt_cell_topologies[GKT_HEXAHEDRON].vertices[i % 8];
        double side = i < 8 ? 1 : 1.0 / ratio;
        for (int d = 0; d < 3; d++) x[3 * i + d] = 100 + side * v[d] + (i < 8 ? 0 : d == 0 ? 1 + gap : 0.3);
        cells[i] = i;
      }
      gkt_cell_block b = {.cell = GKT_HEXAHEDRON, .order = 1, .num_cells = 2, .nodes = cells};
      warning[0] = 0;
      assert_int_equal(build(3, 16, x, 1, &b, ""), GKT_OK);
      assert_int_equal(warning[0] != 0, touch);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(a_node_on_an_edge_is_named, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_node_on_a_facet_is_named, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_quadrilateral_does_not_face_triangles, setup, teardown),
                                     cmocka_unit_test_setup_teardown(diagonals_do_not_cross, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_node_is_a_vertex_for_all_or_for_none, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_crack_is_allowed, setup, teardown),
                                     cmocka_unit_test_setup_teardown(parts_that_only_touch_are_told_of, setup, teardown),
                                     cmocka_unit_test_setup_teardown(touching_is_found_at_any_scale, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
