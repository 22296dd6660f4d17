/* Claim: on every kind of cell the functions of P1B, on triangles and tetrahedra those of P2B, are what a formula of their own says, with gradients that are the derivatives, sum
   to one, reproduce polynomials of the degree, and are P's on the boundary of the cell, where the bubble vanishes. Spaces number one node more in every cell, at its centroid,
   mixed and numbered at random: cells agree on their nodes, sides have the nodes of P, a named point of the mesh is a node, fields are found at points, interpolation keeps what
   the space holds, and bounds hold. */
#include "spaces/bounds.h"
#include "spaces/bubble.h"
#include "tests/element_meshes.h"

#define FOR_BUBBLES(cell, degree)                                  \
  for (gkt_cell_type cell = GKT_LINE; cell <= GKT_PYRAMID; cell++) \
    for (int degree = 1; degree <= 2; degree++)                    \
      if (gkt_bubble_size(cell, degree))

static const double inside[3][3] = {{0.21, 0.33, 0.17}, {0.4, 0.1, 0.3}, {0.05, 0.25, 0.6}};

/* Written out for each cell. */
static double bubble(gkt_cell_type cell, const double *p) {
  const double x = p[0], y = p[1], z = p[2], s = 1 - z, height = 3.0 / 8 * 3.0 / 8;
  switch (cell) {
  case GKT_LINE: return 4 * x * (1 - x);
  case GKT_TRIANGLE: return 27 * x * y * (1 - x - y);
  case GKT_QUADRILATERAL: return 16 * x * (1 - x) * y * (1 - y);
  case GKT_TETRAHEDRON: return 256 * x * y * z * (1 - x - y - z);
  case GKT_HEXAHEDRON: return 64 * x * (1 - x) * y * (1 - y) * z * (1 - z);
  case GKT_PRISM: return 27 * x * y * (1 - x - y) * 4 * z * (1 - z);
  case GKT_PYRAMID: return x * (s - x) * y * (s - y) * z / (s * s) / (height * height * 0.25 / (0.75 * 0.75));
  default: return NAN;
  }
}

static void functions_are_those_of_the_formula(void **unused) {
  (void)unused;
  FOR_BUBBLES(cell, degree) {
    const int n = gkt_lagrange_size(cell, degree), dim = gkt_cell_topologies[cell].dim;
    double centre[3] = {0}, at_centre[GKT_MAX_BASIS], psi[GKT_MAX_BASIS], phi[GKT_MAX_BASIS], nodes[3 * GKT_MAX_BASIS];
    gkt_lagrange_nodes(cell, 0, centre);
    gkt_lagrange_values(cell, degree, centre, at_centre);
    gkt_bubble_nodes(cell, degree, nodes);
    assert_int_equal(gkt_bubble_size(cell, degree), n + 1);
    for (int d = 0; d < dim; d++) assert_true(nodes[n * dim + d] == centre[d]);
    for (int p = 0; p < 3; p++) {
      double sum = 0, x[3] = {0};
      gkt_lagrange_values(cell, degree, inside[p], psi);
      gkt_bubble_values(cell, degree, inside[p], phi);
      assert_true(fabs(phi[n] - bubble(cell, inside[p])) < 1e-14);
      for (int i = 0; i <= n; i++) {
        if (i < n) assert_true(fabs(phi[i] - (psi[i] - at_centre[i] * phi[n])) < 1e-15);
        sum += phi[i];
        for (int d = 0; d < dim; d++) x[d] += phi[i] * nodes[i * dim + d];
      }
      assert_true(fabs(sum - 1) < 1e-14);
      for (int d = 0; d < dim; d++) assert_true(fabs(x[d] - inside[p][d]) < 1e-14);
    }
    gkt_bubble_values(cell, degree, centre, phi);
    for (int i = 0; i <= n; i++) assert_true(phi[i] == (i == n)); /* also: by these very operations */
    for (int i = 0; i < n; i++) {
      gkt_bubble_values(cell, degree, nodes + i * dim, phi);
      for (int j = 0; j <= n; j++) assert_true(phi[j] == (i == j));
    }
  }
}

/* Central differences of fifth order, as in t301; the bubble of a pyramid has fifth derivatives of size 1e4. */
static void gradients_are_derivatives(void **unused) {
  (void)unused;
  FOR_BUBBLES(cell, degree)
  for (int p = 0; p < 3; p++) {
    static const double at[4] = {-2, -1, 1, 2}, weight[4] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    double dphi[3 * GKT_MAX_BASIS], phi[GKT_MAX_BASIS], step = cell == GKT_PYRAMID ? 1e-3 : 1e-2;
    const int size = gkt_bubble_size(cell, degree), dim = gkt_cell_topologies[cell].dim;
    gkt_bubble_gradients(cell, degree, inside[p], dphi);
    for (int d = 0; d < dim; d++) {
      double sum[GKT_MAX_BASIS] = {0};
      for (int k = 0; k < 4; k++) {
        double x[3] = {inside[p][0], inside[p][1], inside[p][2]};
        x[d] += at[k] * step;
        gkt_bubble_values(cell, degree, x, phi);
        for (int i = 0; i < size; i++) sum[i] += weight[k] * phi[i] / step;
      }
      for (int i = 0; i < size; i++) assert_true(fabs(sum[i] - dphi[i * dim + d]) < (cell == GKT_PYRAMID ? 1e-9 : 1e-11));
    }
  }
}

static void bubbles_vanish_on_facets(void **unused) {
  (void)unused;
  FOR_BUBBLES(cell, degree) {
    const gkt_cell_topology *t = &gkt_cell_topologies[cell];
    const int n = gkt_lagrange_size(cell, degree);
    for (int f = 0; f < t->num_facets; f++) {
      double x[3] = {0}, phi[GKT_MAX_BASIS], psi[GKT_MAX_BASIS];
      const int *v = t->facets[f], count = gkt_cell_facet_vertices(t, f);
      for (int d = 0; d < t->dim; d++) x[d] = count == 1 ? t->vertices[v[0]][d] : 0.55 * t->vertices[v[0]][d] + 0.25 * t->vertices[v[1]][d] + 0.2 * t->vertices[v[count - 1]][d];
      gkt_bubble_values(cell, degree, x, phi);
      gkt_lagrange_values(cell, degree, x, psi);
      assert_true(fabs(phi[n]) < 1e-14);
      for (int i = 0; i < n; i++) assert_true(fabs(phi[i] - psi[i]) < 1e-14);
    }
    if (cell != GKT_PYRAMID) continue;
    double apex[] = {0, 0, 1}, phi[GKT_MAX_BASIS], dphi[3 * GKT_MAX_BASIS];
    gkt_bubble_values(cell, degree, apex, phi), gkt_bubble_gradients(cell, degree, apex, dphi);
    assert_true(phi[n] == 0 && dphi[3 * n] == 0 && dphi[3 * n + 1] == 0 && dphi[3 * n + 2] == 0);
  }
}

/* Of the points of a rule on a facet: what vanishes there is 0, not what rounding leaves, for P as for bubbles. How many do not: the nodes of the facet. */
static void tables_have_zeros_on_facets(void **unused) {
  (void)unused;
  for (gkt_cell_type cell = GKT_TRIANGLE; cell <= GKT_PYRAMID; cell++)
    for (int kind = 0; kind < 2; kind++)
      for (int degree = 1; degree <= 4; degree++) {
        gkt_basis b;
        gkt_lagrange_node places[GKT_MAX_BASIS];
        if (gkt_basis_find(ctx, cell, (gkt_element){kind ? GKT_BUBBLE : GKT_LAGRANGE, degree}, &b) != GKT_OK) {
          gkt_context_clear(ctx);
          continue;
        }
        gkt_basis_places(&b, places);
        for (int f = 0; f < gkt_cell_topologies[cell].num_facets; f++) {
          gkt_quadrature *q;
          gkt_table *t;
          assert_int_equal(gkt_quadrature_on_facet(ctx, cell, f, 2 * degree, &q), GKT_OK);
          assert_int_equal(gkt_table_create(ctx, &b, q->num_points, q->points, &t), GKT_OK);
          gkt_table_drop_rounding(t);
          for (int k = 0; k < q->num_points * b.size; k++) assert_true(t->phi[k] == 0 || fabs(t->phi[k]) > 1e-12);
          for (int k = 0; k < q->num_points; k++)
            for (int i = 0; i < b.size; i++)
              if (places[i].dim == b.dim) assert_true(t->phi[k * b.size + i] == 0); /* inside of the cell */
          gkt_table_destroy(&t);
          gkt_quadrature_destroy(&q);
        }
      }
}

/* ---- spaces ---- */
static gkt_mesh *make_mesh(mesh_kind kind, int order) {
  int n = mesh_kinds[kind].dim == 3 ? 2 : 3;
  gkt_mesh *mesh = renumbered(unit_mesh(kind, n > mesh_kinds[kind].fewest ? n : mesh_kinds[kind].fewest), 17);
  shake(mesh, 0.1 / (n + 1), 5);
  return order == 2 ? with_order_two(mesh) : mesh;
}

static bool has(mesh_kind kind, int degree) { return degree == 1 || kind == TRIANGLES || kind == TETRAHEDRA; }
#define FOR_SPACES(kind, degree, order)                   \
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++) \
    for (int degree = 1; degree <= 2; degree++)           \
      for (int order = 1; order <= 2 && has(kind, degree); order++)

/* The first nodes of a cell, and all of a side, are as far as numbers go those of P; the others, one of each cell, follow in the order of the cells. */
static void nodes_are_those_of_p_and_one_of_each_cell(void **unused) {
  (void)unused;
  FOR_SPACES(kind, degree, order) {
    gkt_mesh *mesh = make_mesh(kind, order);
    gkt_space *plain = make_space(mesh, false, degree, gkt_shape_scalar()), *space = make_space_of(mesh, (gkt_element){GKT_BUBBLE, degree}, gkt_shape_scalar());
    const int dim = gkt_mesh_dim(mesh);
    const gkt_idx before = gkt_space_num_nodes(plain), count = gkt_space_num_nodes(space);
    gkt_idx num_sides[2], *sides[2], *corner_of = malloc((size_t)before * sizeof *corner_of);
    assert_int_equal(count, before + gkt_mesh_num_cells(mesh));
    for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
      const gkt_cell_block *block = gkt_mesh_block(mesh, b);
      const int n = gkt_space_nodes_per_cell(plain, b);
      double centre[3], phi[GKT_MAX_BASIS];
      gkt_lagrange_nodes(block->cell, 0, centre);
      gkt_lagrange_values(block->cell, block->order, centre, phi);
      assert_int_equal(gkt_space_nodes_per_cell(space, b), n + 1);
      for (gkt_idx c = 0; c < block->num_cells; c++) {
        const gkt_idx *own = gkt_space_cell_nodes(space, b) + c * (n + 1), *other = gkt_space_cell_nodes(plain, b) + c * n;
        for (int i = 0; i < n; i++) corner_of[other[i]] = own[i]; /* where the mesh is curved P1 has numbers of its own */
        for (int d = 0; d < dim; d++) {
          double x = 0;
          for (int k = 0; k < block->nodes_per_cell; k++) x += phi[k] * gkt_mesh_coords(mesh)[dim * block->nodes[c * block->nodes_per_cell + k] + d];
          assert_true(fabs(gkt_space_coords(space)[own[n] * dim + d] - x) < 1e-14);
        }
        assert_int_equal(own[n], before + block->first_cell + c);
      }
    }
    for (gkt_idx i = 0; i < before; i++)
      for (int d = 0; d < dim; d++) assert_true(gkt_space_coords(plain)[i * dim + d] == gkt_space_coords(space)[corner_of[i] * dim + d]);
    must(gkt_space_nodes_on(plain, gkt_mesh_find_set(mesh, "boundary"), &num_sides[0], &sides[0]), "boundary");
    must(gkt_space_nodes_on(space, gkt_mesh_find_set(mesh, "boundary"), &num_sides[1], &sides[1]), "boundary");
    assert_int_equal(num_sides[0], num_sides[1]);
    for (gkt_idx i = 0; i < num_sides[0]; i++) assert_int_equal(corner_of[sides[0][i]], sides[1][i]);
    free(sides[0]), free(sides[1]), free(corner_of);
    gkt_space_destroy(&plain), gkt_space_destroy(&space), gkt_mesh_destroy(&mesh);
  }
}

/* On quadrilaterals of order 2 a node of the mesh is at the centroid: a set that holds it holds the bubble's node. */
static void named_points_are_nodes(void **unused) {
  (void)unused;
  gkt_mesh *mesh = make_mesh(QUADRILATERALS, 2);
  gkt_space *space = make_space_of(mesh, (gkt_element){GKT_BUBBLE, 1}, gkt_shape_scalar());
  const gkt_cell_block *block = gkt_mesh_block(mesh, 0);
  gkt_idx middle = block->nodes[2 * 9 + 8], corner = block->nodes[0], edge = block->nodes[4], count, *nodes;
  must(gkt_mesh_add_set(mesh, "middle", 0, 3, (const gkt_idx[]){middle, corner, edge}), "set");
  must(gkt_space_nodes_on(space, gkt_mesh_find_set(mesh, "middle"), &count, &nodes), "nodes");
  assert_int_equal(count, 2); /* P1B has no node on edges */
  assert_int_equal(nodes[0], gkt_space_cell_nodes(space, 0)[0]);
  assert_int_equal(nodes[1], gkt_space_cell_nodes(space, 0)[2 * 5 + 4]);
  free(nodes);
  gkt_space_destroy(&space), gkt_mesh_destroy(&mesh);
}

/* Random values at the nodes are a function of the space: interpolated into it, they are themselves (1e-14: sums of ten terms of size 1); evaluated where they stand, too. */
static void fields_keep_their_values(void **unused) {
  (void)unused;
  FOR_SPACES(kind, degree, order) {
    field_kind k = {mesh_kinds[kind].name, mesh_kinds[kind].dim, degree, 1};
    gkt_source source = {.text = "u", .key = "u"};
    gkt_expression *u;
    field_problem p;
    uint32_t seed = 3;
    begin_problem_of(&p, &k, make_mesh(kind, order), (gkt_element){GKT_BUBBLE, degree});
    must(gkt_expression_parse(p.scope, &source, &u), "u");
    gkt_scalar *copy = malloc((size_t)num_dofs(&p) * sizeof *copy), low, high;
    for (gkt_idx i = 0; i < num_dofs(&p); i++) p.u[i] = noise(&seed);
    must(gkt_interpolate(u, p.space, problem_inputs(&p), copy), "interpolate");
    for (gkt_idx i = 0; i < num_dofs(&p); i++) assert_true(fabs(copy[i] - p.u[i]) < 1e-14);
    must(gkt_space_bounds(p.space, p.u, 0, &low, &high), "bounds");
    assert_true(isfinite(low) && isfinite(high) && low >= -7 && high <= 7);
    for (gkt_idx i = num_dofs(&p) - gkt_mesh_num_cells(p.mesh); i < num_dofs(&p); i += 3) {
      gkt_idx cells[4];
      double xi[12], step[3];
      gkt_scalar value;
      int found;
      must(gkt_locate(p.mesh, gkt_space_coords(p.space) + i * k.dim, 4, cells, xi, &found), "locate");
      assert_int_equal(found, 1);
      must(gkt_evaluate(u, p.mesh, problem_inputs(&p), 1, cells, xi, NULL, &value), "evaluate");
      assert_true(fabs(value - p.u[i]) < 1e-12);
      for (int s = 1; s < 20; s++) { /* along rays to the first vertex of the reference cell, which is the origin */
        for (int d = 0; d < k.dim; d++) step[d] = xi[d] * s / 20;
        must(gkt_evaluate(u, p.mesh, problem_inputs(&p), 1, cells, step, NULL, &value), "evaluate");
        assert_true(value >= low && value <= high);
      }
    }
    free(copy);
    gkt_expression_destroy(&u);
    end_problem(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(functions_are_those_of_the_formula),
                                     cmocka_unit_test(gradients_are_derivatives),
                                     cmocka_unit_test(bubbles_vanish_on_facets),
                                     cmocka_unit_test(tables_have_zeros_on_facets),
                                     cmocka_unit_test(nodes_are_those_of_p_and_one_of_each_cell),
                                     cmocka_unit_test(named_points_are_nodes),
                                     cmocka_unit_test(fields_keep_their_values)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
