/* Claim: on every kind of cell, also mixed, numbered at random, of geometry of order 1 and 2, for every degree: cells that share a node place it at one point, and no two nodes of
   a continuous space share a point; the nodes on a side are those that lie on it; the divergence theorem holds on curved cells; points are located in their cells, and the values
   there are those of the field. */
#include "spaces/evaluate.h"
#include "tests/element_meshes.h"

static void bend_smoothly(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.2 * a + 0.08 * sin(2.5 * b + c) + (dim == 1 ? 0.1 * a * a : 0);
  if (dim > 1) x[1] = 0.9 * b + 0.3 * a + 0.06 * sin(2 * a - c);
  if (dim > 2) x[2] = c + 0.25 * a + 0.06 * cos(2 * a + b);
}

static gkt_mesh *make_mesh(mesh_kind kind, int order, bool bent) {
  int n = mesh_kinds[kind].dim == 3 ? 2 : 3;
  gkt_mesh *mesh = renumbered(unit_mesh(kind, n > mesh_kinds[kind].fewest ? n : mesh_kinds[kind].fewest), 17);
  shake(mesh, 0.1 / (n + 1), 5);
  if (order == 2) mesh = with_order_two(mesh);
  if (bent) map_nodes(mesh, bend_smoothly);
  return mesh;
}

#define FOR_ELEMENTS(kind, degree, order)                                  \
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)                  \
    for (int degree = 1; degree <= mesh_kinds[kind].most_degree; degree++) \
      for (int order = 1; order <= 2; order++)

/* x of a reference point in a cell of a block */
static void map_point(const gkt_mesh *mesh, const gkt_cell_block *b, gkt_idx cell, const double *xi, double *x) {
  int dim = gkt_mesh_dim(mesh);
  double phi[GKT_MAX_BASIS];
  gkt_lagrange_values(b->cell, b->order, xi, phi);
  for (int d = 0; d < dim; d++) {
    x[d] = 0;
    for (int k = 0; k < b->nodes_per_cell; k++) x[d] += phi[k] * gkt_mesh_coords(mesh)[dim * b->nodes[(gkt_size)cell * b->nodes_per_cell + k] + d];
  }
}

static int dim_of_order;
static int compare(const void *a, const void *b) {
  const double *x = a, *y = b;
  for (int d = 0; d < dim_of_order; d++)
    if (fabs(x[d] - y[d]) > 1e-9) return x[d] < y[d] ? -1 : 1;
  return 0;
}

static void nodes_have_one_place(void **unused) {
  (void)unused;
  FOR_ELEMENTS(kind, degree, order) {
    gkt_mesh *mesh = make_mesh(kind, order, true);
    gkt_space *space = make_space(mesh, false, degree, gkt_shape_scalar());
    int dim = dim_of_order = gkt_mesh_dim(mesh);
    gkt_idx n = gkt_space_num_nodes(space);
    double xi[3 * GKT_MAX_BASIS], x[3];
    for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
      const gkt_cell_block *block = gkt_mesh_block(mesh, b);
      int size = gkt_space_nodes_per_cell(space, b);
      gkt_lagrange_nodes(block->cell, degree, xi);
      for (gkt_idx c = 0; c < block->num_cells; c++)
        for (int i = 0; i < size; i++) {
          const double *at = gkt_space_coords(space) + dim * gkt_space_cell_nodes(space, b)[c * size + i];
          map_point(mesh, block, c, xi + i * dim, x);
          for (int d = 0; d < dim; d++) assert_true(fabs(x[d] - at[d]) < 1e-14); /* rounding of places of size 1 */
        }
    }
    double *places = malloc((size_t)(n * dim) * sizeof *places);
    memcpy(places, gkt_space_coords(space), (size_t)(n * dim) * sizeof *places);
    qsort(places, (size_t)n, (size_t)dim * sizeof *places, compare);
    for (gkt_idx i = 1; i < n; i++) assert_true(compare(places + dim * (i - 1), places + dim * i) < 0);
    free(places);
    gkt_space_destroy(&space);
    gkt_mesh_destroy(&mesh);
  }
}

static void nodes_on_sides_lie_on_them(void **unused) {
  static const char *const names[3][2] = {{"left", "right"}, {"bottom", "top"}, {"back", "front"}};
  (void)unused;
  FOR_ELEMENTS(kind, degree, order) {
    gkt_mesh *mesh = make_mesh(kind, order, false);
    gkt_space *space = make_space(mesh, false, degree, gkt_shape_scalar());
    int dim = gkt_mesh_dim(mesh);
    for (int d = 0; d < dim; d++)
      for (int side = 0; side < 2; side++) {
        gkt_idx count, *nodes, expected = 0;
        must(gkt_space_nodes_on(space, gkt_mesh_find_set_of_dim(mesh, names[d][side], dim - 1), &count, &nodes), names[d][side]);
        for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) {
          if (fabs(gkt_space_coords(space)[dim * i + d] - side) > 1e-12) continue;
          assert_true(expected < count);
          assert_int_equal(nodes[expected++], i);
        }
        assert_int_equal(expected, count);
        free(nodes);
      }
    gkt_space_destroy(&space);
    gkt_mesh_destroy(&mesh);
  }
}

/* A rule that is exact for the Jacobians at hand: the volume is the integral of x . n over the boundary. On pyramids with bent sides it is rational. */
static void divergence_theorem_on_curved_cells(void **unused) {
  (void)unused;
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
    for (int order = 1; order <= 2; order++) {
      field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, 1, 1};
      bool rational = kind == PYRAMIDS || kind == MIXED_SPACE || kind == COLUMNS;
      field_problem p;
      begin_problem(&p, &k, make_mesh(kind, order, true));
      double volume = functional(&p, "1*dx(degree=16)"), flow = functional(&p, "dot(x, n)*ds(degree=16)") / k.dim;
      if (!(fabs(volume - flow) < (rational ? 1e-9 : 1e-13))) fail_msg("%s of order %d: volume %.16g, by its boundary %.16g", k.name, order, volume, flow);
      for (int d = 0; d < k.dim; d++) {
        char text[40];
        snprintf(text, sizeof text, "n[%d]*ds(degree=16)", d);
        assert_true(fabs(functional(&p, text)) < (rational ? 1e-9 : 1e-13));
      }
      end_problem(&p);
    }
}

static double polynomial(int dim, int degree, const double *x) {
  double plane = 0.3 + 0.7 * x[0] - (dim > 1 ? 0.4 * x[1] : 0) + (dim > 2 ? 0.5 * x[2] : 0), power = 1;
  for (int i = 0; i < degree; i++) power *= plane;
  return power + x[dim - 1];
}

/* The field is a polynomial of its degree on straight-sided images of cells, see t324: its value anywhere is known. */
static void points_are_found(void **unused) {
  static const double inside[3][3] = {{0.21, 0.33, 0.17}, {0.05, 0.1, 0.6}, {0.3, 0.3, 0.3}};
  (void)unused;
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++)
    for (int order = 1; order <= 2; order++) {
      int degree = mesh_kinds[kind].most_degree, dim = mesh_kinds[kind].dim, found;
      field_kind k = {mesh_kinds[kind].name, dim, degree, 1};
      gkt_source source = {.text = "u", .key = "u"};
      gkt_expression *u;
      field_problem p;
      begin_problem(&p, &k, make_mesh(kind, order, false));
      must(gkt_expression_parse(p.scope, &source, &u), "u");
      for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = polynomial(dim, degree, gkt_space_coords(p.space) + i * dim);
      for (int b = 0; b < gkt_mesh_num_blocks(p.mesh); b++) {
        const gkt_cell_block *block = gkt_mesh_block(p.mesh, b);
        for (gkt_idx c = 0; c < block->num_cells; c += 3) {
          const double *xi = inside[c % 3];
          double x[3], at[12];
          gkt_idx cells[4];
          gkt_scalar value;
          map_point(p.mesh, block, c, xi, x);
          must(gkt_locate(p.mesh, x, 4, cells, at, &found), "locate");
          assert_int_equal(found, 1);
          assert_int_equal(cells[0], block->first_cell + c);
          for (int d = 0; d < dim; d++) assert_true(fabs(at[d] - xi[d]) < 1e-12);
          must(gkt_evaluate(u, p.mesh, problem_inputs(&p), 1, cells, at, NULL, &value), "evaluate");
          if (!(fabs(value - polynomial(dim, degree, x)) < 1e-12)) fail_msg("%s of order %d: %g, expected %g", k.name, order, value, polynomial(dim, degree, x));
        }
      }
      double outside[3] = {1.5, 0.5, 0.5};
      gkt_idx cell;
      double at[3];
      must(gkt_locate(p.mesh, outside, 1, &cell, at, &found), "outside");
      assert_int_equal(found, 0);
      gkt_expression_destroy(&u);
      end_problem(&p);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_have_one_place), cmocka_unit_test(nodes_on_sides_lie_on_them), cmocka_unit_test(divergence_theorem_on_curved_cells),
                                     cmocka_unit_test(points_are_found)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
