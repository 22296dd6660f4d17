/* Claim: meshes of every kind of cell and of conforming mixtures, of order 1 and 2, have the entities that Euler's formula demands, facets that pair cells and enclose the
   volume, blocks in the order of the enum, and inverted cells turned with all their nodes. */
#include "tests/cells.h"
#include "tests/gkt_test.h"

static const struct {
  int kind, dim;
} kinds[] = {{GKT_LINE, 1},  {GKT_TRIANGLE, 2}, {GKT_QUADRILATERAL, 2}, {GKT_TETRAHEDRON, 3}, {GKT_HEXAHEDRON, 3},
             {GKT_PRISM, 3}, {GKT_PYRAMID, 3},  {TEST_LAYERS, 3},       {TEST_MIXED, 2},      {TEST_MIXED, 3}};
enum { NUM_KINDS = sizeof kinds / sizeof *kinds };

static gkt_mesh *make(int k, int n, int order, double bend) {
  gkt_mesh *m = test_mesh(ctx, kinds[k].kind, kinds[k].dim, n, order, bend);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  return m;
}

static int corners(const gkt_mesh *m, int b) { return gkt_cell_topologies[gkt_mesh_block(m, b)->cell].num_vertices; }

static gkt_idx count_vertices(const gkt_mesh *m) {
  bool *is_vertex = calloc((size_t)gkt_mesh_num_nodes(m), sizeof *is_vertex);
  gkt_idx n = 0;
  for (int b = 0; b < gkt_mesh_num_blocks(m); b++) {
    const gkt_cell_block *block = gkt_mesh_block(m, b);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int v = 0; v < corners(m, b); v++) is_vertex[block->nodes[c * block->nodes_per_cell + v]] = true;
  }
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(m); i++) n += is_vertex[i];
  free(is_vertex);
  return n;
}

static void entities_obey_eulers_formula(void **state) {
  (void)state;
  for (int k = 0; k < NUM_KINDS; k++)
    for (int order = 1; order <= 2; order++)
      for (int n = 1; n <= 3; n++) {
        gkt_mesh *m = make(k, n, order, 0.1);
        int dim = gkt_mesh_dim(m);
        gkt_idx sum = count_vertices(m);
        for (int d = 1; d <= dim; d++) sum += (d % 2 ? -1 : 1) * gkt_mesh_num_entities(m, d);
        assert_int_equal(sum, 1); /* of a ball */
        gkt_idx outer = gkt_mesh_find_set_of_dim(m, "boundary", dim - 1)->count, sides = dim == 1 ? 2 : dim == 2 ? 4 * n : 6 * n * n;
        if (kinds[k].kind == GKT_TETRAHEDRON) assert_int_equal(outer, 2 * sides);
        else if (kinds[k].kind == GKT_PRISM) assert_int_equal(outer, sides + 2 * n * n);
        else if (kinds[k].kind < GKT_NUM_CELL_TYPES || dim == 2) assert_int_equal(outer, sides);
        else assert_true(outer >= sides && outer <= sides + 2 * n * n);
        gkt_mesh_destroy(&m);
      }
}

static void blocks_are_in_order_and_cells_numbered_through(void **state) {
  (void)state;
  static const int sizes[2][GKT_NUM_CELL_TYPES] = {{1, 2, 3, 4, 4, 8, 6, 5}, {1, 3, 6, 9, 10, 27, 18, 14}};
  for (int order = 1; order <= 2; order++) {
    gkt_mesh *m = make(NUM_KINDS - 1, 2, order, 0);
    gkt_idx first = 0;
    static const gkt_idx counts[4] = {16, 2, 4, 16}; /* 4 columns of 2 boxes: 1 of hexahedra, 1 of prisms, 2 with a centre */
    assert_int_equal(gkt_mesh_num_blocks(m), 4);
    for (int b = 0; b < 4; b++) {
      const gkt_cell_block *block = gkt_mesh_block(m, b);
      assert_int_equal(block->cell, GKT_TETRAHEDRON + b);
      assert_int_equal(block->order, order);
      assert_int_equal(block->num_cells, counts[b]);
      assert_int_equal(block->nodes_per_cell, sizes[order - 1][block->cell]);
      assert_int_equal(block->first_cell, first);
      first += block->num_cells;
    }
    assert_int_equal(first, gkt_mesh_num_cells(m));
    assert_null(gkt_mesh_block(m, 4));
    assert_null(gkt_mesh_block(m, -1));
    gkt_mesh_destroy(&m);
  }
}

/* Area vector of a facet as cell number `side` sees it, and a point of the facet; a quadrilateral by its diagonals. */
static void facet_vector(const gkt_mesh *m, const gkt_facet *f, int side, double n[3], double centre[3]) {
  int dim = gkt_mesh_dim(m);
  const gkt_idx *nodes = gkt_mesh_nodes_of(m, f->cell[side]);
  const gkt_cell_topology *t = &gkt_cell_topologies[gkt_mesh_block(m, gkt_mesh_block_of(m, f->cell[side]))->cell];
  int count = gkt_cell_facet_vertices(t, f->local[side]);
  double x[4][3] = {{0}}, a[3], b[3];
  for (int d = 0; d < 3; d++) n[d] = centre[d] = 0;
  for (int i = 0; i < count; i++)
    for (int d = 0; d < dim; d++) {
      x[i][d] = gkt_mesh_coords(m)[dim * nodes[t->facets[f->local[side]][i]] + d];
      centre[d] += x[i][d] / count;
    }
  for (int d = 0; d < 3; d++) a[d] = count == 4 ? x[2][d] - x[0][d] : x[1][d] - x[0][d], b[d] = count == 4 ? x[3][d] - x[1][d] : x[2][d] - x[0][d];
  for (int d = 0; dim == 3 && d < 3; d++) n[d] = 0.5 * (a[(d + 1) % 3] * b[(d + 2) % 3] - a[(d + 2) % 3] * b[(d + 1) % 3]);
  if (dim == 2) n[0] = a[1], n[1] = -a[0];
  if (dim == 1) n[0] = 2 * f->local[side] - 1;
}

/* On meshes of order 1 without bend: opposite as the two cells see it, outwards on the boundary, where the divergence theorem gives the volume. */
static void facets_pair_cells_and_enclose_the_volume(void **state) {
  (void)state;
  for (int k = 0; k < NUM_KINDS; k++)
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *m = make(k, 3, order, 0);
      int dim = gkt_mesh_dim(m);
      double volume = 0, n[2][3], x[3];
      for (gkt_idx f = 0; f < gkt_mesh_num_entities(m, dim - 1); f++) {
        const gkt_facet *facet = &gkt_mesh_facets(m)[f];
        if (facet->cell[0] < 0) continue; /* a node inside a line */
        facet_vector(m, facet, 0, n[0], x);
        if (gkt_facet_is_outer(facet)) {
          for (int d = 0; d < dim; d++) volume += n[0][d] * x[d] / dim;
          continue;
        }
        assert_true(facet->cell[1] > facet->cell[0]);
        facet_vector(m, facet, 1, n[1], x);
        for (int d = 0; d < dim; d++) assert_true(fabs(n[0][d] + n[1][d]) < 1e-14); /* coordinates of the unit cube, rounded once */
      }
      assert_true(fabs(volume - 1) < 1e-13);
      gkt_mesh_destroy(&m);
    }
}

static void cells_know_their_entities(void **state) {
  (void)state;
  for (int k = 0; k < NUM_KINDS; k++) {
    gkt_mesh *m = make(k, 2, 1, 0);
    for (int d = 1; d < gkt_mesh_dim(m); d++) {
      int stride = gkt_mesh_vertices_per_entity(m, d);
      bool quads = d == 2 && kinds[k].kind != GKT_TETRAHEDRON;
      assert_int_equal(stride, quads ? 4 : d + 1);
      for (int b = 0; b < gkt_mesh_num_blocks(m); b++) {
        const gkt_cell_block *block = gkt_mesh_block(m, b);
        const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
        int per_cell = gkt_mesh_entities_per_cell(m, b, d);
        for (gkt_idx i = 0; i < block->num_cells * per_cell; i++) {
          gkt_idx number = gkt_mesh_cell_entities(m, b, d)[i], key[4];
          int local = i % per_cell, count = d == t->dim - 1 ? gkt_cell_facet_vertices(t, local) : 2;
          const int *v = d == t->dim - 1 ? t->facets[local] : t->edges[local];
          for (int j = 0; j < count; j++) key[j] = block->nodes[(i / per_cell) * block->nodes_per_cell + v[j]];
          assert_int_equal(gkt_mesh_entity_find(m, d, count, key), number);
          gkt_tuple_sort(count, key);
          for (int j = 0; j < stride; j++) assert_int_equal(gkt_mesh_entity_vertices(m, d)[number * stride + j], j < count ? key[j] : -1);
        }
      }
      assert_int_equal(gkt_mesh_entity_find(m, d, 2, (gkt_idx[]){0, 0}), -1);
    }
    gkt_mesh_destroy(&m);
  }
}

/* Every cell mirrored in the first direction comes back right: its nodes lie where the reference nodes are mapped to by an affine map of positive determinant. */
static void inverted_cells_are_turned_with_all_nodes(void **state) {
  (void)state;
  for (int type = GKT_LINE; type < GKT_NUM_CELL_TYPES; type++)
    for (int order = 1; order <= 2; order++) {
      int dim = gkt_cell_topologies[type].dim, n = gkt_lagrange_size((gkt_cell_type)type, order);
      double x[27 * 3], xi[27 * 3], phi[27];
      gkt_idx nodes[27];
      gkt_mesh *m;
      gkt_lagrange_nodes((gkt_cell_type)type, order, xi);
      for (int i = 0; i < n; i++) {
        nodes[i] = i;
        for (int d = 0; d < dim; d++) x[dim * i + d] = d == 0 ? -xi[dim * i] : xi[dim * i + d];
      }
      assert_int_equal(gkt_mesh_from_arrays(ctx, (gkt_cell_type)type, order, dim, n, x, 1, nodes, &m), GKT_OK);
      const gkt_idx *c = gkt_mesh_block(m, 0)->nodes;
      assert_int_equal(c[0], type == GKT_LINE);
      for (int i = 0; i < n; i++) {
        gkt_lagrange_values((gkt_cell_type)type, 1, xi + dim * i, phi);
        for (int d = 0; d < dim; d++) {
          double at = 0;
          for (int v = 0; v < gkt_cell_topologies[type].num_vertices; v++) at += phi[v] * x[dim * c[v] + d];
          assert_true(fabs(at - x[dim * c[i] + d]) < 1e-15);
        }
      }
      gkt_mesh_destroy(&m);
    }
}

/* Three lines meet at a node: a network. */
static void lines_may_form_networks(void **state) {
  (void)state;
  gkt_mesh *m;
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_LINE, 1, 1, 4, (double[]){0, 1, 2, 3}, 3, (gkt_idx[]){0, 1, 2, 1, 1, 3}, &m), GKT_OK);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  assert_memory_equal(gkt_mesh_block(m, 0)->nodes, ((gkt_idx[]){0, 1, 1, 2, 1, 3}), 6 * sizeof(gkt_idx));
  assert_int_equal(gkt_mesh_facets(m)[1].cell[1], 1);
  assert_memory_equal(gkt_mesh_find_set(m, "boundary")->entities, ((gkt_idx[]){0, 2, 3}), 3 * sizeof(gkt_idx));
  gkt_mesh_destroy(&m);
  m = test_mesh(ctx, GKT_LINE, 1, 4, 2, 0);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  assert_int_equal(gkt_mesh_facets(m)[gkt_mesh_block(m, 0)->nodes[2]].cell[0], -1);
  assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, 2);
  gkt_mesh_destroy(&m);
}

/* Cells of meshes that are not bent are affine images of their reference cells. */
static double cell_volume(const gkt_mesh *m, gkt_idx cell) {
  const gkt_cell_block *block = gkt_mesh_block(m, gkt_mesh_block_of(m, cell));
  const gkt_idx *nodes = gkt_mesh_nodes_of(m, cell);
  double xi[3], g[8 * 3], a[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  int dim = gkt_mesh_dim(m);
  gkt_lagrange_nodes(block->cell, 0, xi);
  gkt_lagrange_gradients(block->cell, 1, xi, g);
  for (int i = 0; i < dim; i++)
    for (int j = 0; j < dim; j++) {
      a[i][j] = 0;
      for (int v = 0; v < gkt_cell_topologies[block->cell].num_vertices; v++) a[i][j] += gkt_mesh_coords(m)[dim * nodes[v] + i] * g[v * dim + j];
    }
  return gkt_cell_topologies[block->cell].volume *
         (a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]));
}

static double set_volume(const gkt_mesh *m, const char *name) {
  const gkt_mesh_set *set = gkt_mesh_find_set_of_dim(m, name, gkt_mesh_dim(m));
  double sum = 0;
  for (gkt_idx i = 0; i < set->count; i++) {
    double v = cell_volume(m, set->entities[i]);
    assert_true(v > 0);
    sum += v;
  }
  return sum;
}

/* Twice, each level beside its parent: volumes of named cells, Euler's formula (a gap or overlap would change it), numbers of parts of named facets and edges; every third
   cell is given inverted, so that its order is turned. */
static void refined_meshes_stay_conforming_and_named(void **state) {
  (void)state;
  for (int k = 0; k < NUM_KINDS; k++) {
    gkt_mesh *m = make(k, 2, 1, 0), *fine, *mirrored = NULL;
    gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
    int dim = gkt_mesh_dim(m), turned[GKT_MAX_BASIS];
    for (int b = 0; b < gkt_mesh_num_blocks(m); b++) {
      blocks[b] = *gkt_mesh_block(m, b);
      gkt_cell_turn(blocks[b].cell, 1, turned);
      gkt_idx *nodes = malloc(sizeof *nodes * (size_t)(blocks[b].num_cells * blocks[b].nodes_per_cell));
      for (gkt_idx i = 0; i < blocks[b].num_cells * blocks[b].nodes_per_cell; i++) {
        gkt_idx c = i / blocks[b].nodes_per_cell;
        nodes[i] = blocks[b].nodes[c % 3 ? i : c * blocks[b].nodes_per_cell + turned[i % blocks[b].nodes_per_cell]];
      }
      blocks[b].nodes = nodes;
    }
    assert_int_equal(gkt_mesh_from_blocks(ctx, dim, gkt_mesh_num_nodes(m), gkt_mesh_coords(m), gkt_mesh_num_blocks(m), blocks, &mirrored), GKT_OK);
    for (int b = 0; b < gkt_mesh_num_blocks(m); b++) free((gkt_idx *)blocks[b].nodes);
    gkt_mesh_destroy(&m);
    m = mirrored;
    assert_int_equal(gkt_mesh_topology(m), GKT_OK);
    gkt_idx some[3] = {0, gkt_mesh_num_cells(m) / 2, gkt_mesh_num_cells(m) - 1};
    assert_int_equal(gkt_mesh_add_set(m, "some", dim, gkt_mesh_num_cells(m) > 2 ? 3 : 2, some), GKT_OK);
    if (dim > 1) assert_int_equal(gkt_mesh_add_set(m, "edges", 1, 3, (gkt_idx[]){0, 1, 2}), GKT_OK);
    assert_int_equal(gkt_mesh_add_set(m, "nodes", 0, 2, (gkt_idx[]){0, 2}), GKT_OK);
    for (int level = 0; level < 2; level++) {
      assert_int_equal(gkt_mesh_refine(m, &fine), GKT_OK);
      gkt_size cells = 0;
      gkt_idx sum = gkt_mesh_num_nodes(fine);
      double volume = 0;
      for (int b = 0; b < gkt_mesh_num_blocks(m); b++) cells += (gkt_size)gkt_mesh_block(m, b)->num_cells * (gkt_mesh_block(m, b)->cell == GKT_PYRAMID ? 10 : 1 << dim);
      assert_int_equal(gkt_mesh_num_cells(fine), cells);
      for (int d = 1; d <= dim; d++) sum += (d % 2 ? -1 : 1) * gkt_mesh_num_entities(fine, d);
      assert_int_equal(sum, 1);
      for (gkt_idx c = 0; c < gkt_mesh_num_cells(fine); c++) volume += cell_volume(fine, c);
      assert_true(fabs(volume - 1) < 1e-12); /* thousands of cells */
      assert_true(fabs(set_volume(fine, "some") - set_volume(m, "some")) < 1e-13);
      assert_int_equal(gkt_mesh_find_set_of_dim(fine, "boundary", dim - 1)->count, gkt_mesh_find_set_of_dim(m, "boundary", dim - 1)->count << (dim - 1));
      if (dim > 1) assert_int_equal(gkt_mesh_find_set_of_dim(fine, "edges", 1)->count, 6 << level);
      assert_int_equal(gkt_mesh_find_set_of_dim(fine, "nodes", 0)->entities[1], 2);
      gkt_mesh_destroy(&m);
      m = fine;
    }
    gkt_mesh_destroy(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(entities_obey_eulers_formula, setup, teardown),
                                     cmocka_unit_test_setup_teardown(blocks_are_in_order_and_cells_numbered_through, setup, teardown),
                                     cmocka_unit_test_setup_teardown(facets_pair_cells_and_enclose_the_volume, setup, teardown),
                                     cmocka_unit_test_setup_teardown(cells_know_their_entities, setup, teardown),
                                     cmocka_unit_test_setup_teardown(inverted_cells_are_turned_with_all_nodes, setup, teardown),
                                     cmocka_unit_test_setup_teardown(refined_meshes_stay_conforming_and_named, setup, teardown),
                                     cmocka_unit_test_setup_teardown(lines_may_form_networks, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
