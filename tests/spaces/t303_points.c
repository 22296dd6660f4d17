/* Claim: at quadrature points the geometry gives volumes, areas, outward unit normals and gradients that satisfy the divergence theorem on skewed and on curved meshes,
   and terminals are the functions' values and gradients. */
#include "spaces/points.h"
#include "tests/space_meshes.h"

/* 1.5 x 1 (x 0.5) boxes; skew() multiplies by its determinant */
static double box_volume(int dim) { return dim == 2 ? 1.5 : 0.75; }
static double skew_determinant(int dim) { return dim == 2 ? 1.1 * 0.9 : 1.1 * 0.9 * 1.2; }

typedef struct {
  double volume, moment[3];        /* int dx, int x_d dx */
  double area, outflow, normal[3]; /* int ds, int x.n ds, int n ds */
  double second[3];                /* int x_d^2 n_d ds = 2 int x_d dx */
} sums;

static gkt_status geometry_table(const gkt_cell_block *block, int num_points, const double *points, gkt_table **out) {
  const gkt_basis basis = gkt_geometry_basis(block);
  return gkt_table_create(ctx, &basis, num_points, points, out);
}

static gkt_lanes lanes_at(gkt_idx cell, int facet, int row) {
  gkt_lanes at;
  for (int l = 0; l < GKT_LANES; l++) at.cell[l] = cell, at.facet[l] = facet, at.row[l] = row;
  return at;
}

static void add_cells(const gkt_mesh *mesh, int degree, sums *s) {
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  gkt_quadrature *q;
  gkt_table *geometry;
  assert_int_equal(gkt_quadrature_create(ctx, block->cell, degree, &q), GKT_OK);
  assert_int_equal(geometry_table(block, q->num_points, q->points, &geometry), GKT_OK);
  gkt_point_tables tables = {.mesh = mesh, .geometry = geometry};
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int k = 0; k < q->num_points; k++) {
      gkt_geometry g;
      gkt_lanes at = lanes_at(c, -1, k);
      gkt_geometry_at(&tables, &at, &g);
      double dx = g.detJ[3] * q->weights[k];
      assert_true(dx > 0 && g.detS[3] == 0 && g.n[0][3] == 0);
      s->volume += dx;
      for (int d = 0; d < 3; d++) s->moment[d] += g.x[d][3] * dx;
    }
  gkt_table_destroy(&geometry);
  gkt_quadrature_destroy(&q);
}

static void add_facets(gkt_mesh *mesh, int degree, sums *s) {
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  int dim = gkt_mesh_dim(mesh);
  assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
  for (int f = 0; f <= dim; f++) {
    gkt_quadrature *q;
    gkt_table *geometry;
    assert_int_equal(gkt_quadrature_on_facet(ctx, block->cell, f, degree, &q), GKT_OK);
    assert_int_equal(geometry_table(block, q->num_points, q->points, &geometry), GKT_OK);
    gkt_point_tables tables = {.mesh = mesh, .geometry = geometry};
    for (gkt_idx i = 0; i < gkt_mesh_num_entities(mesh, dim - 1); i++) {
      const gkt_facet *facet = &gkt_mesh_facets(mesh)[i];
      if (facet->cell[1] >= 0 || facet->local[0] != f) continue;
      for (int k = 0; k < q->num_points; k++) {
        gkt_geometry g;
        gkt_lanes at = lanes_at(facet->cell[0], f, k);
        gkt_geometry_at(&tables, &at, &g);
        double ds = g.detS[5] * q->weights[k], length = 0;
        assert_true(ds > 0);
        for (int d = 0; d < 3; d++) {
          length += g.n[d][5] * g.n[d][5];
          s->normal[d] += g.n[d][5] * ds;
          s->outflow += g.n[d][5] * g.x[d][5] * ds;
          s->second[d] += g.n[d][5] * g.x[d][5] * g.x[d][5] * ds;
        }
        assert_true(fabs(length - 1) < 1e-14);
        s->area += ds;
      }
    }
    gkt_table_destroy(&geometry);
    gkt_quadrature_destroy(&q);
  }
}

/* det J of order 2 has degree dim, x.n dS degree 2 + 2 (dim-1), x^2 n dS 2 more: degree 8 is exact throughout. Sums of about 1000 terms of size 1: 1e-13. */
static void check_divergence(gkt_mesh *mesh, const sums *s) {
  int dim = gkt_mesh_dim(mesh);
  assert_true(fabs(s->outflow - dim * s->volume) < 1e-13);
  for (int d = 0; d < 3; d++) {
    assert_true(fabs(s->normal[d]) < 1e-13);
    assert_true(fabs(s->second[d] - 2 * s->moment[d]) < 1e-13);
  }
}

static void divergence_theorem_on_skewed_boxes(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *mesh = box_mesh(dim, 3, 2, 2);
    sums s = {0};
    skew(mesh);
    add_cells(mesh, 2, &s);
    add_facets(mesh, 2, &s);
    assert_true(fabs(s.volume - box_volume(dim) * skew_determinant(dim)) < 1e-13);
    check_divergence(mesh, &s);
    gkt_mesh_destroy(&mesh);
  }
}

static void areas_of_boxes(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *mesh = box_mesh(dim, 2, 3, 1);
    sums s = {0};
    add_facets(mesh, 1, &s);
    assert_true(fabs(s.area - (dim == 2 ? 5.0 : 2 * (1.5 + 0.5 + 0.75))) < 1e-13);
    gkt_mesh_destroy(&mesh);
  }
}

static void divergence_theorem_on_curved_cells(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *linear = box_mesh(dim, 3, 2, 2), *mesh = quadratic_mesh(linear);
    sums s = {0}, straight = {0};
    bend(mesh);
    bend(linear);
    add_cells(mesh, 8, &s);
    add_facets(mesh, 8, &s);
    check_divergence(mesh, &s);
    add_cells(linear, 1, &straight);
    assert_true(fabs(straight.volume - s.volume) > 1e-4); /* the cells are curved indeed */
    gkt_mesh_destroy(&mesh);
    gkt_mesh_destroy(&linear);
  }
}

/* A disc cut into n sectors with one curved side, midpoints on the circle: the area's error is O(h^4). */
static void area_of_a_circle_converges_with_order_four(void **state) {
  (void)state;
  double error[2];
  for (int level = 0; level < 2; level++) {
    int n = level ? 32 : 16;
    double *x = calloc((size_t)(4 * n + 1) * 2, sizeof *x), pi = 3.14159265358979323846;
    gkt_idx *cells = calloc((size_t)n * 6, sizeof *cells);
    gkt_mesh *mesh;
    for (int i = 0; i < n; i++) { /* nodes: 0 centre, rim vertices, rim midpoints, spoke midpoints */
      for (int k = 0; k < 3; k++) {
        double angle = 2 * pi * (i + (k == 1) * 0.5) / n, radius = k == 2 ? 0.5 : 1;
        x[2 * (1 + k * n + i)] = radius * cos(angle), x[2 * (1 + k * n + i) + 1] = radius * sin(angle);
      }
      int next = (i + 1) % n;
      gkt_idx cell[6] = {0, 1 + i, 1 + next, 1 + 2 * n + i, 1 + n + i, 1 + 2 * n + next};
      memcpy(cells + 6 * i, cell, sizeof cell);
    }
    assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 2, 2, 3 * n + 1, x, n, cells, &mesh), GKT_OK);
    sums s = {0};
    add_cells(mesh, 2, &s);
    add_facets(mesh, 12, &s);
    error[level] = fabs(s.volume - pi);
    assert_true(fabs(s.area - 2 * pi) < 1e-3);
    assert_true(fabs(s.outflow - 2 * s.volume) < 1e-13);
    gkt_mesh_destroy(&mesh);
    free(x), free(cells);
  }
  assert_true(log2(error[0] / error[1]) > 3.9);
}

static void diameter_is_the_longest_edge(void **state) {
  (void)state;
  double coords[] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0.5, 0.5, -3}, xi[] = {0.1, 0.2, 0.3};
  gkt_idx cell[] = {0, 2, 1, 3};
  gkt_mesh *mesh;
  gkt_table *geometry;
  gkt_geometry g;
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TETRAHEDRON, 1, 3, 4, coords, 1, cell, &mesh), GKT_OK);
  assert_int_equal(geometry_table(gkt_mesh_block(mesh, 0), 1, xi, &geometry), GKT_OK);
  gkt_lanes at = lanes_at(0, -1, 0);
  gkt_geometry_at(&(gkt_point_tables){.mesh = mesh, .geometry = geometry}, &at, &g);
  double expected[] = {0.5, -1.5, -3}, length = sqrt(0.25 + 2.25 + 9), sign = g.h_direction[0][0] > 0 ? 1 : -1; /* from (0,2,0) to (0.5,0.5,-3) */
  assert_true(fabs(g.h[0] - length) < 1e-15 * length);
  for (int d = 0; d < 3; d++) assert_true(fabs(sign * g.h_direction[d][0] - expected[d] / length) < 1e-15);
  gkt_table_destroy(&geometry);
  gkt_mesh_destroy(&mesh);
}

/* ---- terminals ---- */
static double field(int c, const double *x) { return 0.3 + c + (1 + c) * x[0] - 0.7 * x[1] * x[0] + 0.4 * x[1] * x[1] + (c - 0.2) * x[2] * x[0] + x[2]; }
static double slope(int c, int d, const double *x) { return d == 0 ? 1 + c - 0.7 * x[1] + (c - 0.2) * x[2] : d == 1 ? -0.7 * x[0] + 0.8 * x[1] : (c - 0.2) * x[0] + 1; }

static gkt_pointwise *all_terminals(gkt_graph **graph, int dim) {
  gkt_node nodes[40];
  int n = 0;
  gkt_pointwise *f;
  assert_int_equal(gkt_graph_create(ctx, graph), GKT_OK);
  for (int c = 0; c < 2; c++) {
    nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_VALUE, .function = 1, .component = (int16_t)c});
    for (int d = 0; d < dim; d++) nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_GRAD, .function = 1, .component = (int16_t)c, .direction = (int8_t)d});
  }
  for (int d = 0; d < dim; d++) {
    nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_X, .component = (int16_t)d});
    nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_NORMAL, .component = (int16_t)d});
    nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_H_DIRECTION, .component = (int16_t)d});
  }
  nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_CONSTANT, .function = 2});
  nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_H});
  nodes[n++] = gkt_graph_terminal(*graph, (gkt_terminal){.kind = GKT_TERM_TIME});
  assert_int_equal(gkt_pointwise_create(*graph, n, nodes, &f), GKT_OK);
  assert_int_equal(gkt_pointwise_num_inputs(f), n);
  return f;
}

static double expected_terminal(const gkt_terminal *t, const gkt_geometry *g, int l) {
  double x[3] = {g->x[0][l], g->x[1][l], g->x[2][l]};
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE: return field(t->component, x);
  case GKT_TERM_GRAD: return slope(t->component, t->direction, x);
  case GKT_TERM_CONSTANT: return 17;
  case GKT_TERM_X: return x[t->component];
  case GKT_TERM_NORMAL: return g->n[t->component][l];
  case GKT_TERM_H: return g->h[l];
  case GKT_TERM_H_DIRECTION: return g->h_direction[t->component][l];
  case GKT_TERM_TIME: return 2.5;
  }
  return NAN;
}

/* A quadratic field in P2 on a skewed mesh (affine cells): values and gradients to rounding, with lanes in different cells, facets and rows. */
static void terminals_are_the_functions(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *mesh = box_mesh(dim, 2, 2, 1);
    gkt_graph *graph;
    gkt_table *geometry, *basis;
    gkt_geometry g;
    gkt_lanes at;
    double points[] = {0.1, 0.2, 0.3, 0.4, 0.05, 0.5}, x[3] = {0};
    skew(mesh);
    gkt_space *space = make_space(mesh, false, 2, gkt_shape_vector(2));
    gkt_scalar *u = malloc((size_t)gkt_space_num_dofs(space) * sizeof *u), constants[] = {NAN, NAN, 17}, *in;
    for (gkt_idx i = 0; i < gkt_space_num_dofs(space); i++) {
      memcpy(x, gkt_space_coords(space) + dim * (i / 2), (size_t)dim * sizeof *x);
      u[i] = field(i % 2, x);
    }
    gkt_pointwise *f = all_terminals(&graph, dim);
    in = malloc((size_t)gkt_pointwise_num_inputs(f) * GKT_LANES * sizeof *in);
    const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
    assert_int_equal(geometry_table(block, 2, points, &geometry), GKT_OK);
    assert_int_equal(gkt_table_create(ctx, &space->bases[0], 2, points, &basis), GKT_OK);
    gkt_inputs inputs = {.spaces = (const gkt_space *const[]){NULL, space}, .values = (const gkt_scalar *const[]){NULL, u}, .constants = constants, .time = 2.5};
    gkt_point_tables tables = {.mesh = mesh, .geometry = geometry, .functions = (const gkt_table *const[]){NULL, basis}, .inputs = &inputs};
    for (int l = 0; l < GKT_LANES; l++) at.cell[l] = (3 * l) % block->num_cells, at.facet[l] = l % (dim + 2) - 1, at.row[l] = l % 2;
    gkt_geometry_at(&tables, &at, &g);
    gkt_terminals_at(f, &tables, &at, &g, in);
    for (int i = 0; i < gkt_pointwise_num_inputs(f); i++)
      for (int l = 0; l < GKT_LANES; l++) assert_true(fabs(in[i * GKT_LANES + l] - expected_terminal(gkt_pointwise_input(f, i), &g, l)) < 1e-13); /* 10 products of size 1 to 10 */
    free(in), free(u);
    gkt_table_destroy(&basis);
    gkt_table_destroy(&geometry);
    gkt_pointwise_destroy(&f);
    gkt_graph_destroy(&graph);
    gkt_space_destroy(&space);
    gkt_mesh_destroy(&mesh);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(divergence_theorem_on_skewed_boxes), cmocka_unit_test(areas_of_boxes),
                                     cmocka_unit_test(divergence_theorem_on_curved_cells), cmocka_unit_test(area_of_a_circle_converges_with_order_four),
                                     cmocka_unit_test(diameter_is_the_longest_edge),       cmocka_unit_test(terminals_are_the_functions)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
