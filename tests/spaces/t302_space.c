/* Claim: spaces have the closed-form number of nodes on boxes, cells that share a node place it at the same point, no two nodes coincide unless discontinuous,
   the order of cells does not matter, and the nodes on a set are those of its closure. */
#include "tests/space_meshes.h"

static gkt_idx box_vertices(int nx, int ny, int nz) { return (nx + 1) * (ny + 1) * (nz + 1); }
/* Kuhn: parallel to the axes, the diagonals of faces, the diagonals of boxes; with nz = 0 that of a plane grid of triangles. */
static gkt_idx box_edges(int nx, int ny, int nz) {
  gkt_idx axes = nx * (ny + 1) * (nz + 1) + (nx + 1) * ny * (nz + 1) + (nx + 1) * (ny + 1) * nz;
  return axes + nx * ny * (nz + 1) + nx * (ny + 1) * nz + (nx + 1) * ny * nz + nx * ny * nz;
}

static void counts_are_the_closed_formulas(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    int nz = dim == 2 ? 0 : 2, cells = dim == 2 ? 2 * 4 * 3 : 6 * 4 * 3 * 2;
    gkt_mesh *mesh = box_mesh(dim, 4, 3, nz), *curved = quadratic_mesh(mesh);
    gkt_idx nv = box_vertices(4, 3, nz), ne = box_edges(4, 3, nz);
    gkt_mesh *both[] = {mesh, curved};
    for (int m = 0; m < 2; m++)
      for (int degree = 0; degree <= 2; degree++)
        for (int discontinuous = degree == 0; discontinuous < 2; discontinuous++) {
          gkt_space *space = make_space(both[m], discontinuous, degree, gkt_shape_vector(3));
          int size = degree == 0 ? 1 : degree == 1 ? dim + 1 : (dim + 1) * (dim + 2) / 2;
          assert_int_equal(gkt_space_nodes_per_cell(space, 0), size);
          assert_int_equal(gkt_space_num_nodes(space), discontinuous ? cells * size : degree == 1 ? nv : nv + ne);
          assert_int_equal(gkt_space_num_dofs(space), 3 * gkt_space_num_nodes(space));
          gkt_space_destroy(&space);
          assert_null(space);
        }
    gkt_mesh_destroy(&mesh);
    gkt_mesh_destroy(&curved);
  }
}

static int order;
static int compare(const void *a, const void *b) {
  const double *x = a, *y = b;
  for (int d = 0; d < order; d++)
    if (fabs(x[d] - y[d]) > 1e-12) return x[d] < y[d] ? -1 : 1;
  return 0;
}

/* Coordinates of all nodes in lexicographic order (points within 1e-12 are one: rounding of coordinates of size 1; mesh widths are above 0.1). */
static double *sorted_coords(const gkt_space *space) {
  int dim = gkt_mesh_dim(gkt_space_mesh(space));
  size_t bytes = (size_t)gkt_space_num_nodes(space) * (size_t)dim * sizeof(double);
  double *x = malloc(bytes);
  memcpy(x, gkt_space_coords(space), bytes);
  order = dim;
  qsort(x, (size_t)gkt_space_num_nodes(space), (size_t)dim * sizeof(double), compare);
  return x;
}

static void shared_nodes_coincide_and_others_do_not(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int curved = 0; curved < 2; curved++)
      for (int degree = 1; degree <= 2; degree++) {
        gkt_mesh *linear = box_mesh(dim, 3, 4, 2), *mesh = curved ? quadratic_mesh(linear) : linear;
        bend(mesh);
        gkt_space *space = make_space(mesh, false, degree, gkt_shape_scalar());
        const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
        int size = gkt_space_nodes_per_cell(space, 0);
        double xi[30], phi[10];
        gkt_lagrange_nodes(block->cell, degree, xi);
        for (gkt_idx c = 0; c < block->num_cells; c++)
          for (int i = 0; i < size; i++) {
            const double *at = gkt_space_coords(space) + dim * gkt_space_cell_nodes(space, 0)[c * size + i];
            gkt_lagrange_values(block->cell, block->order, xi + i * dim, phi);
            for (int d = 0; d < dim; d++) {
              double x = 0;
              for (int k = 0; k < block->nodes_per_cell; k++) x += phi[k] * gkt_mesh_coords(mesh)[dim * block->nodes[c * block->nodes_per_cell + k] + d];
              assert_true(x == at[d]); /* weights are 0, 1/2, 1: exact whatever the cell */
            }
          }
        double *x = sorted_coords(space);
        for (gkt_idx i = 1; i < gkt_space_num_nodes(space); i++) assert_true(compare(x + dim * (i - 1), x + dim * i) < 0);
        free(x);
        gkt_space_destroy(&space);
        if (curved) gkt_mesh_destroy(&mesh);
        gkt_mesh_destroy(&linear);
      }
}

/* Cells in reverse order, vertices of each turned by one (an even permutation: orientation stays): the same nodes, at the same places. */
static void order_of_cells_does_not_matter(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int degree = 1; degree <= 2; degree++) {
      gkt_mesh *mesh = box_mesh(dim, 3, 2, 2), *turned;
      const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
      gkt_idx n = block->num_cells, *cells = malloc((size_t)n * (size_t)(dim + 1) * sizeof *cells);
      for (gkt_idx c = 0; c < n; c++)
        for (int v = 0; v <= dim; v++) cells[c * (dim + 1) + v] = block->nodes[(n - 1 - c) * (dim + 1) + (v < 3 ? (v + 1) % 3 : v)];
      assert_int_equal(gkt_mesh_from_arrays(ctx, block->cell, 1, dim, gkt_mesh_num_nodes(mesh), gkt_mesh_coords(mesh), n, cells, &turned), GKT_OK);
      gkt_space *a = make_space(mesh, false, degree, gkt_shape_scalar()), *b = make_space(turned, false, degree, gkt_shape_scalar());
      assert_int_equal(gkt_space_num_nodes(a), gkt_space_num_nodes(b));
      double *x = sorted_coords(a), *y = sorted_coords(b);
      for (gkt_idx i = 0; i < gkt_space_num_nodes(a); i++) assert_int_equal(compare(x + dim * i, y + dim * i), 0);
      free(x), free(y), free(cells);
      gkt_space_destroy(&a);
      gkt_space_destroy(&b);
      gkt_mesh_destroy(&turned);
      gkt_mesh_destroy(&mesh);
    }
}

/* The nodes with x < 1e-12, found by their place. */
static void check_left(const gkt_space *space) {
  const gkt_mesh *mesh = gkt_space_mesh(space);
  int dim = gkt_mesh_dim(mesh);
  gkt_idx count, *nodes, expected = 0;
  assert_int_equal(gkt_space_nodes_on(space, gkt_mesh_find_set(mesh, "left"), &count, &nodes), GKT_OK);
  for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) {
    if (gkt_space_coords(space)[dim * i] > 1e-12) continue;
    assert_true(expected < count);
    assert_int_equal(nodes[expected], i); /* ascending, and all of them */
    expected++;
  }
  assert_int_equal(count, expected);
  free(nodes);
}

static void nodes_on_a_side_lie_there(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int degree = 1; degree <= 2; degree++) {
      gkt_mesh *mesh = box_mesh(dim, 3, 4, 2);
      gkt_space *space = make_space(mesh, false, degree, gkt_shape_vector(dim));
      check_left(space);
      gkt_space_destroy(&space);
      gkt_mesh_destroy(&mesh);
    }
}

static gkt_idx count_on(const gkt_space *space, int dim, gkt_idx count, const gkt_idx *entities) {
  gkt_idx found, *nodes;
  gkt_mesh_set set = {.name = "some", .dim = dim, .count = count, .entities = entities};
  assert_int_equal(gkt_space_nodes_on(space, &set, &found, &nodes), GKT_OK);
  for (gkt_idx i = 1; i < found; i++) assert_true(nodes[i - 1] < nodes[i]);
  free(nodes);
  return found;
}

/* One inner entity of each dimension in 3-D: the nodes of its closure; discontinuous: those of every cell around it. */
static void closures_of_single_entities(void **state) {
  (void)state;
  gkt_mesh *mesh = box_mesh(3, 2, 2, 2);
  assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
  gkt_idx facet = 0, cell = 5, node = 13, edge = gkt_mesh_cell_entities(mesh, 0, 1)[0], around_edge = 0, around_node = 0; /* 13: the centre of 3 x 3 x 3 */
  while (gkt_mesh_facets(mesh)[facet].cell[1] < 0) facet++;
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  for (gkt_idx c = 0; c < block->num_cells; c++) {
    for (int e = 0; e < 6; e++) around_edge += gkt_mesh_cell_entities(mesh, 0, 1)[6 * c + e] == edge;
    for (int v = 0; v < 4; v++) around_node += block->nodes[4 * c + v] == node;
  }
  assert_int_equal(around_node, 24); /* Kuhn's star of an inner vertex */
  const gkt_idx expected[5][4] = {
      /* vertex, edge, facet, cell */ {1, 2, 3, 4}, {1, 3, 6, 10}, {0, 0, 0, 1}, {around_node, 2 * around_edge, 6, 4}, {around_node, 3 * around_edge, 12, 10}};
  const gkt_element elements[] = {{GKT_LAGRANGE, 1}, {GKT_LAGRANGE, 2}, {GKT_DISCONTINUOUS_LAGRANGE, 0}, {GKT_DISCONTINUOUS_LAGRANGE, 1}, {GKT_DISCONTINUOUS_LAGRANGE, 2}};
  for (int k = 0; k < 5; k++) {
    gkt_space *space = make_space(mesh, elements[k].kind == GKT_DISCONTINUOUS_LAGRANGE, elements[k].degree, gkt_shape_scalar());
    assert_int_equal(count_on(space, 0, 1, &node), expected[k][0]);
    assert_int_equal(count_on(space, 1, 1, &edge), expected[k][1]);
    assert_int_equal(count_on(space, 2, 1, &facet), expected[k][2]);
    assert_int_equal(count_on(space, 3, 1, &cell), expected[k][3]);
    assert_int_equal(count_on(space, 3, 0, &cell), 0);
    gkt_space_destroy(&space);
  }
  gkt_mesh_destroy(&mesh);
}

/* With geometry of order 2 a mesh node on an edge is a node of P2 there, and none of P1. */
static void midpoints_of_the_geometry(void **state) {
  (void)state;
  gkt_mesh *linear = box_mesh(2, 2, 2, 0), *mesh = quadratic_mesh(linear);
  gkt_idx midpoint = gkt_mesh_block(mesh, 0)->nodes[3], vertex = gkt_mesh_block(mesh, 0)->nodes[0];
  gkt_space *p1 = make_space(mesh, false, 1, gkt_shape_scalar()), *p2 = make_space(mesh, false, 2, gkt_shape_scalar());
  assert_int_equal(count_on(p1, 0, 1, &midpoint), 0);
  assert_int_equal(count_on(p2, 0, 1, &midpoint), 1);
  assert_int_equal(count_on(p1, 0, 1, &vertex), 1);
  gkt_space_destroy(&p1);
  gkt_space_destroy(&p2);
  gkt_mesh_destroy(&mesh);
  gkt_mesh_destroy(&linear);
}

static void refused(gkt_status expected, gkt_status status, const char *words) {
  assert_int_equal(status, expected);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), words);
  gkt_context_clear(ctx);
}

static void elements_are_read_or_refused(void **state) {
  (void)state;
  gkt_element e;
  gkt_space *space = NULL;
  const char *bad[] = {"", "P", "D", "DP", "Q1", "p1", "P1x", "P-1", "P1.5", "CG1", "D1", "P 1", "PB", "P0B", "DP1B", "P1b", "P1BB", "Real", "real1"};
  assert_int_equal(gkt_element_parse(ctx, "P2", &e), GKT_OK);
  assert_true(e.kind == GKT_LAGRANGE && e.degree == 2);
  assert_int_equal(gkt_element_parse(ctx, "DP0", &e), GKT_OK);
  assert_true(e.kind == GKT_DISCONTINUOUS_LAGRANGE && e.degree == 0);
  assert_int_equal(gkt_element_parse(ctx, "P2B", &e), GKT_OK);
  assert_true(e.kind == GKT_BUBBLE && e.degree == 2);
  assert_int_equal(gkt_element_parse(ctx, "real", &e), GKT_OK);
  assert_true(e.kind == GKT_REAL && e.degree == 0);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) refused(GKT_BAD_INPUT, gkt_element_parse(ctx, bad[i], &e), "expected P1 to P4 (continuous), DP0 to DP4");
  refused(GKT_BAD_INPUT, gkt_element_parse(ctx, "P0", &e), "DP0");
  refused(GKT_UNAVAILABLE, gkt_element_parse(ctx, "P5", &e), "'P5' is not available yet");
  refused(GKT_UNAVAILABLE, gkt_element_parse(ctx, "DP12", &e), "'DP12' is not available yet");
  refused(GKT_UNAVAILABLE, gkt_element_parse(ctx, "P3B", &e), "'P3B' is not available yet: expected P1 to P4 (continuous), DP0 to DP4 (discontinuous), P1B or P2B");
  gkt_mesh *mesh = box_mesh(2, 1, 1, 0);
  refused(GKT_UNAVAILABLE, gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 5}, gkt_shape_scalar(), &space), "P5 is not available yet on triangles");
  refused(GKT_BAD_INPUT, gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 0}, gkt_shape_scalar(), &space), "expected P1");
  refused(GKT_BAD_INPUT, gkt_space_create(mesh, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, -1}, gkt_shape_scalar(), &space), "expected P1");
  refused(GKT_BAD_INPUT, gkt_space_create(mesh, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 2}, gkt_shape_vector(200000000), &space), "dofs");
  refused(GKT_BAD_INPUT, gkt_space_create(mesh, (gkt_element){GKT_BUBBLE, 0}, gkt_shape_scalar(), &space), "space P0B: expected P1");
  refused(GKT_UNAVAILABLE, gkt_space_create(mesh, (gkt_element){GKT_BUBBLE, 3}, gkt_shape_scalar(), &space), "P3B is not available");
  refused(GKT_BAD_INPUT, gkt_space_create(mesh, (gkt_element){GKT_REAL, 1}, gkt_shape_scalar(), &space), "a real of degree 1; expected 0");
  assert_null(space);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_the_closed_formulas), cmocka_unit_test(shared_nodes_coincide_and_others_do_not),
                                     cmocka_unit_test(order_of_cells_does_not_matter), cmocka_unit_test(nodes_on_a_side_lie_there),
                                     cmocka_unit_test(closures_of_single_entities),    cmocka_unit_test(midpoints_of_the_geometry),
                                     cmocka_unit_test(elements_are_read_or_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
