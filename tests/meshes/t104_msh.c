/* Claim: MSH 2.2 and 4.1, text and binary, order 1 and 2, of every kind of cell and of mixtures give one and the same mesh, with all groups and tags; what is odd but right
   is read. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "tests/cells.h"
#include "tests/msh_writer.h"

static gkt_context *ctx;
static char log_text[1024];
static void keep_log(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(log_text, sizeof log_text, "%s", message);
}
static int setup(void **state) {
  (void)state;
  log_text[0] = 0;
  return gkt_context_create(&(gkt_context_options){.poison = true, .log = keep_log}, &ctx) != GKT_OK;
}
static int teardown(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

static gkt_mesh *box(int dim) {
  gkt_mesh *m = NULL;
  gkt_box options = {.shape = dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, .dim = dim, .cells = {3, 2, 2}, .lower = {-1, 0, 2}, .upper = {1, 3, 2.5}};
  assert_int_equal(gkt_mesh_box(ctx, &options, &m), GKT_OK);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  return m;
}

static gkt_mesh *parse(const char *data, size_t length) {
  gkt_mesh *m = NULL;
  gkt_context_clear(ctx);
  if (gkt_mesh_parse(ctx, "test.msh", data, length, &m) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  return m;
}

static void assert_same_set(const gkt_mesh_set *a, const gkt_mesh_set *b) {
  assert_non_null(a);
  assert_non_null(b);
  assert_int_equal(a->dim, b->dim);
  assert_int_equal(a->count, b->count);
  assert_memory_equal(a->entities, b->entities, (size_t)a->count * sizeof *a->entities);
}

static void assert_same(const gkt_mesh *a, const gkt_mesh *b) {
  assert_int_equal(a->num_nodes, b->num_nodes);
  assert_int_equal(a->num_cells, b->num_cells);
  assert_int_equal(a->num_blocks, b->num_blocks);
  assert_memory_equal(a->coords, b->coords, (size_t)(a->num_nodes * a->dim) * sizeof *a->coords);
  for (int k = 0; k < a->num_blocks; k++) {
    const gkt_cell_block *x = &a->blocks[k], *y = &b->blocks[k];
    assert_true(x->cell == y->cell && x->order == y->order && x->num_cells == y->num_cells && x->nodes_per_cell == y->nodes_per_cell);
    assert_memory_equal(x->nodes, y->nodes, (size_t)(x->num_cells * x->nodes_per_cell) * sizeof *x->nodes);
  }
  assert_int_equal(a->num_sets, b->num_sets);
  for (int s = 0; s < a->num_sets; s++) assert_same_set(a->sets[s], gkt_mesh_find_set_of_dim(b, a->sets[s]->name, a->sets[s]->dim));
}

/* The reader renumbers: entities of the mesh as entities of the box, by the coordinates of their vertices. */
static gkt_idx node_in_box(const gkt_mesh *m, const gkt_mesh *b, gkt_idx node) {
  for (gkt_idx i = 0; i < b->num_nodes; i++)
    if (memcmp(b->coords + b->dim * i, m->coords + b->dim * node, (size_t)b->dim * sizeof(double)) == 0) return i;
  return -1;
}

static gkt_idx entity_in_box(const gkt_mesh *m, const gkt_mesh *b, int d, gkt_idx entity) {
  gkt_idx v[4], w[4];
  if (d == 0) return node_in_box(m, b, entity);
  for (int i = 0; i <= d; i++) v[i] = node_in_box(m, b, d == m->dim ? m->blocks[0].nodes[entity * m->blocks[0].nodes_per_cell + i] : m->entity_vertices[d][entity * (d + 1) + i]);
  if (d < m->dim) return gkt_mesh_entity_find(b, d, d + 1, v);
  gkt_tuple_sort(d + 1, v);
  for (gkt_idx c = 0; c < b->num_cells; c++) {
    memcpy(w, b->blocks[0].nodes + c * (d + 1), (size_t)(d + 1) * sizeof *w);
    gkt_tuple_sort(d + 1, w);
    if (memcmp(v, w, (size_t)(d + 1) * sizeof *w) == 0) return c;
  }
  return -1;
}

/* Entities of set `name` are the entities first .. of the box, or those of its set. */
static void assert_set(const gkt_mesh *m, const char *name, const gkt_mesh *b, int dim, gkt_idx count, const gkt_idx *expected, gkt_idx first) {
  const gkt_mesh_set *set = gkt_mesh_find_set_of_dim(m, name, dim);
  bool *seen = calloc((size_t)b->num_entities[dim], sizeof *seen);
  assert_non_null(set);
  assert_int_equal(set->count, count);
  for (gkt_idx i = 0; i < count; i++) {
    gkt_idx e = entity_in_box(m, b, dim, set->entities[i]);
    assert_true(e >= 0);
    seen[e] = true;
  }
  for (gkt_idx i = 0; i < count; i++) assert_true(seen[expected ? expected[i] : first + i]);
  free(seen);
}
static void assert_set_is(const gkt_mesh *m, const char *name, const gkt_mesh *b, const gkt_mesh_set *set) { assert_set(m, name, b, set->dim, set->count, set->entities, 0); }

static void assert_matches_box(gkt_mesh *m, const gkt_mesh *b) {
  int dim = m->dim;
  gkt_idx n = b->num_cells;
  assert_int_equal(m->num_nodes, b->num_nodes + (m->blocks[0].order == 2 ? b->num_entities[1] : 0));
  assert_int_equal(m->num_cells, n);
  for (int d = 1; d < dim; d++) assert_int_equal(m->num_entities[d], b->num_entities[d]);
  assert_set_is(m, "inlet", b, gkt_mesh_find_set(b, "left"));
  assert_set_is(m, "7", b, gkt_mesh_find_set(b, "right"));
  assert_set_is(m, "boundary", b, gkt_mesh_find_set(b, "boundary"));
  assert_set(m, "solid", b, dim, n, NULL, 0);
  assert_set(m, "half", b, dim, n - n / 3, NULL, n / 3);
  assert_null(gkt_mesh_find_set(m, "nothing")); /* a name that holds no elements */
  assert_set(m, "corner", b, 0, 1, NULL, 0);
  if (dim == 3) assert_set(m, "the rim", b, 1, 1, NULL, 0);
  assert_int_equal(gkt_mesh_num_sets(m), dim == 3 ? 7 : 6);
}

static void assert_tags(gkt_mesh *m, const gkt_mesh *box_mesh) {
  int dim = m->dim;
  assert_int_equal(gkt_mesh_add_set_from_tags(m, "top", dim - 1, 1, (int[]){13}), GKT_OK); /* in no physical group */
  assert_set_is(m, "top", box_mesh, gkt_mesh_find_set(box_mesh, "top"));
  assert_int_equal(gkt_mesh_add_set_from_tags(m, "ends", dim - 1, 2, (int[]){12, 11}), GKT_OK);
  assert_int_equal(gkt_mesh_find_set(m, "ends")->count, gkt_mesh_find_set(m, "inlet")->count + gkt_mesh_find_set(m, "7")->count);
  assert_int_equal(gkt_mesh_add_set_from_tags(m, "second", dim, 1, (int[]){2}), GKT_OK);
  assert_int_equal(gkt_mesh_find_set(m, "second")->count, gkt_mesh_find_set(m, "half")->count);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_mesh_add_set_from_tags(m, "wrong", dim - 1, 2, (int[]){11, 99}), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), dim == 3 ? "no surface 99; there are 11 12 13" : "no curve 99; there are 11 12 13"));
  assert_null(gkt_mesh_find_set(m, "wrong"));
}

static void all_variants_give_the_same_mesh(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++)
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *b = box(dim), *first = NULL;
      for (int variant = 0; variant < 4; variant++) {
        msh_file f = write_msh(b, order, variant / 2, variant % 2);
        gkt_mesh *m = parse(f.data, f.length);
        assert_int_equal(m->blocks[0].order, order);
        assert_matches_box(m, b);
        if (first) assert_same(first, m);
        if (!first) first = m;
        else {
          assert_tags(m, b);
          gkt_mesh_destroy(&m);
        }
        free(f.data);
      }
      gkt_mesh_destroy(&first);
      gkt_mesh_destroy(&b);
    }
}

/* The edge nodes of order 2 lie in the middle of their edges: Gmsh's order of tetrahedra was undone. */
static void edge_nodes_are_in_order(void **state) {
  (void)state;
  for (int dim = 2; dim <= 3; dim++) {
    gkt_mesh *b = box(dim);
    msh_file f = write_msh(b, 2, true, true);
    gkt_mesh *m = parse(f.data, f.length);
    const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[0].cell];
    for (gkt_idx c = 0; c < m->num_cells; c++)
      for (int e = 0; e < t->num_edges; e++)
        for (int d = 0; d < dim; d++) {
          const gkt_idx *v = m->blocks[0].nodes + c * m->blocks[0].nodes_per_cell;
          double middle = 0.5 * (m->coords[dim * v[t->edges[e][0]] + d] + m->coords[dim * v[t->edges[e][1]] + d]);
          assert_true(fabs(m->coords[dim * v[t->num_vertices + e] + d] - middle) <= 1e-15 * 3); /* one rounding of coordinates to 3 */
        }
    gkt_mesh_destroy(&m);
    gkt_mesh_destroy(&b);
    free(f.data);
  }
}

/* Straight cells: every node lies where the reference node is mapped to by the vertices, so Gmsh's order was undone; all cells of the mesh are there. */
static void assert_matches_mesh(const gkt_mesh *m, const gkt_mesh *from, int order) {
  int dim = m->dim;
  assert_int_equal(m->dim, from->dim);
  assert_int_equal(m->num_blocks, from->num_blocks);
  for (int d = 1; d < dim; d++) assert_int_equal(m->num_entities[d], from->num_entities[d]);
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *k = &m->blocks[b];
    double xi[27 * 3], phi[8];
    assert_int_equal(k->cell, from->blocks[b].cell);
    assert_int_equal(k->num_cells, from->blocks[b].num_cells);
    assert_int_equal(k->order, order);
    gkt_lagrange_nodes(k->cell, order, xi);
    for (gkt_idx i = 0; i < k->num_cells * k->nodes_per_cell; i++) {
      const gkt_idx *v = k->nodes + i / k->nodes_per_cell * k->nodes_per_cell;
      gkt_lagrange_values(k->cell, 1, xi + i % k->nodes_per_cell * dim, phi);
      for (int d = 0; d < dim; d++) {
        double x = 0;
        for (int a = 0; a < gkt_cell_topologies[k->cell].num_vertices; a++) x += phi[a] * m->coords[dim * v[a] + d];
        assert_true(fabs(x - m->coords[dim * k->nodes[i] + d]) < 1e-15); /* sums of up to 8 coordinates of the unit cube */
      }
    }
  }
  assert_int_equal(gkt_mesh_find_set(m, "inlet")->count, gkt_mesh_find_set(from, "left")->count);
  assert_int_equal(gkt_mesh_find_set(m, "7")->count, gkt_mesh_find_set(from, "right")->count);
  assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, gkt_mesh_find_set(from, "boundary")->count);
  assert_int_equal(gkt_mesh_find_set_of_dim(m, "solid", dim)->count, m->num_cells);
  assert_int_equal(gkt_mesh_find_set_of_dim(m, "half", dim)->count, m->num_cells - m->num_cells / 3);
  for (gkt_idx i = 0; i < gkt_mesh_find_set(m, "inlet")->count; i++) {
    gkt_idx ring[4];
    int n = gkt_mesh_facet_ring(m, gkt_mesh_find_set(m, "inlet")->entities[i], ring);
    for (int v = 0; v < n; v++) assert_true(m->coords[dim * ring[v]] == 0);
  }
}

static void every_kind_of_cell_is_read(void **state) {
  (void)state;
  static const int kinds[][2] = {{GKT_LINE, 1},  {GKT_TRIANGLE, 2}, {GKT_QUADRILATERAL, 2}, {GKT_TETRAHEDRON, 3}, {GKT_HEXAHEDRON, 3},
                                 {GKT_PRISM, 3}, {GKT_PYRAMID, 3},  {TEST_MIXED, 2},        {TEST_MIXED, 3}};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *from = test_mesh(ctx, kinds[k][0], kinds[k][1], 2, 1, 0), *first = NULL;
      for (int variant = 0; variant < 4; variant++) {
        msh_file f = write_msh(from, order, variant / 2, variant % 2);
        gkt_mesh *m = parse(f.data, f.length);
        assert_matches_mesh(m, from, order);
        if (first) assert_same(first, m);
        if (first) gkt_mesh_destroy(&m);
        else first = m;
        free(f.data);
      }
      gkt_mesh_destroy(&first);
      gkt_mesh_destroy(&from);
    }
}

static const char odd[] = "$MeshFormat\r\n4.1 0 8\r\n$EndMeshFormat\r\n$Comments\nanything $EndNodes 1 2 3\n$EndComments\n"
                          "$Nodes\n2 6 1 100\n2 1 1 5\n1\n2\n3\n4\n90\n0 0 1 0.1 0.2\n1 0 1 .3 .4\n+1.0 1e0 1 0 0\n0 1.0E+0 1 0 0\n7 7 7 0 0\n0 1 0 1\n100\n8 8 8\n$EndNodes\n"
                          "$Elements\n1 2 1 2\n2 1 2 2\n1 1 2 3\n2 4 3 1\n$EndElements\n$NodeData\n1\n\"T\"\n$EndNodeData\n  \n";

static void odd_but_right_files_are_read(void **state) {
  (void)state;
  const char *const locales[] = {"C", "de_DE.UTF-8"}; /* a decimal comma, where it is installed, changes nothing */
  for (int i = 0; i < 2; i++) {
    setlocale(LC_ALL, locales[i]);
    gkt_mesh *m = parse(odd, sizeof odd - 1); /* no $Entities, parametric nodes, DOS lines, an inverted cell, unused nodes, a plane at z = 1 */
    assert_int_equal(m->num_nodes, 4);
    assert_memory_equal(m->coords, ((double[]){0, 0, 1, 0, 0, 1, 1, 1}), 8 * sizeof(double));      /* along the curve */
    assert_memory_equal(m->blocks[0].nodes, ((gkt_idx[]){0, 1, 3, 2, 0, 3}), 6 * sizeof(gkt_idx)); /* the second is turned */
    assert_string_equal(log_text, "test.msh: 2 nodes belong to no cell and are dropped, the first is node 90");
    gkt_mesh_destroy(&m);
  }
  setlocale(LC_ALL, "C");
}

static const char own[] = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n1 5 \"boundary\"\n$EndPhysicalNames\n$Nodes\n3\n1 0 0 0\n2 1 0 0\n3 0 1 0\n$EndNodes\n"
                          "$Elements\n3\n1 1 2 5 1 1 2\n2 1 2 5 1 2 1\n3 2 0 1 2 3\n$EndElements\n";

static void a_boundary_of_the_file_is_kept(void **state) {
  (void)state;
  gkt_mesh *m = parse(own, sizeof own - 1); /* its one facet stands twice; the cell has no tags */
  assert_int_equal(gkt_mesh_find_set(m, "boundary")->count, 1);
  assert_non_null(strstr(log_text, "1 of the 3 outer facets"));
  gkt_mesh_destroy(&m);
}

static void files_are_read_by_path(void **state) {
  (void)state;
  char path[] = "/tmp/gkt_t104_XXXXXX";
  int file = mkstemp(path);
  gkt_mesh *m = NULL;
  assert_true(file >= 0);
  assert_int_equal(write(file, own, sizeof own - 1), sizeof own - 1);
  close(file);
  assert_int_equal(gkt_mesh_read(ctx, path, &m), GKT_OK);
  gkt_mesh_destroy(&m);
  unlink(path);
  assert_int_equal(gkt_mesh_read(ctx, path, &m), GKT_BAD_INPUT);
  assert_non_null(strstr(gkt_context_message(ctx), path));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(all_variants_give_the_same_mesh, setup, teardown), cmocka_unit_test_setup_teardown(edge_nodes_are_in_order, setup, teardown),
      cmocka_unit_test_setup_teardown(odd_but_right_files_are_read, setup, teardown),    cmocka_unit_test_setup_teardown(a_boundary_of_the_file_is_kept, setup, teardown),
      cmocka_unit_test_setup_teardown(every_kind_of_cell_is_read, setup, teardown),      cmocka_unit_test_setup_teardown(files_are_read_by_path, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
