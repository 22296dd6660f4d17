/* Claim: facets and edges have the numbers that plain loops give them, lexicographic by their vertices, with their cells, for any kinds of cells, order of geometry, numbering of
   nodes and cells, and number of threads; facets are found alone or with all the rest. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/cells.h"

static const int thread_counts[] = {1, 2, 3, 4, 7};
enum { NUM_COUNTS = sizeof thread_counts / sizeof *thread_counts };

static uint64_t seed;
static gkt_idx random_below(gkt_idx n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (gkt_idx)((seed >> 33) % (uint64_t)n);
}

static void shuffle(gkt_idx *p, gkt_idx n) {
  for (gkt_idx i = 0; i < n; i++) p[i] = i;
  for (gkt_idx i = n - 1; i > 0; i--) {
    gkt_idx j = random_below(i + 1), swap = p[i];
    p[i] = p[j], p[j] = swap;
  }
}

/* The same cells with other numbers. */
static gkt_mesh *renumbered(gkt_context *ctx, const gkt_mesh *from, bool shuffled) {
  gkt_cell_block blocks[GKT_NUM_CELL_TYPES];
  gkt_idx *node = malloc(sizeof *node * (size_t)from->num_nodes), *cell = malloc(sizeof *cell * (size_t)from->num_cells), *cells[GKT_NUM_CELL_TYPES];
  double *x = malloc(sizeof *x * (size_t)(from->num_nodes * from->dim));
  gkt_mesh *mesh = NULL;
  seed = 7;
  shuffle(node, from->num_nodes);
  for (gkt_idx i = 0; i < from->num_nodes && !shuffled; i++) node[i] = i;
  for (gkt_idx i = 0; i < from->num_nodes; i++) memcpy(x + from->dim * node[i], from->coords + from->dim * i, sizeof *x * (size_t)from->dim);
  for (int b = 0; b < from->num_blocks; b++) {
    const gkt_cell_block *k = &from->blocks[b];
    cells[b] = malloc(sizeof *cell * (size_t)(k->num_cells * k->nodes_per_cell));
    shuffle(cell, k->num_cells);
    for (gkt_idx c = 0; c < k->num_cells; c++)
      for (int i = 0; i < k->nodes_per_cell; i++) cells[b][(shuffled ? cell[c] : c) * k->nodes_per_cell + i] = node[k->nodes[c * k->nodes_per_cell + i]];
    blocks[b] = *k, blocks[b].nodes = cells[b];
  }
  if (gkt_mesh_from_blocks(ctx, from->dim, from->num_nodes, x, from->num_blocks, blocks, &mesh) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  for (int b = 0; b < from->num_blocks; b++) free(cells[b]);
  free(node), free(cell), free(x);
  return mesh;
}

/* ---- plain loops ---- */
typedef struct {
  gkt_idx vertices[4], cell; /* ascending, unused: -1 */
  int local, at;             /* at: in the list of entities of all cells */
} occurrence;

static int compare(const void *a, const void *b) {
  const occurrence *x = a, *y = b;
  for (int i = 0; i < 4; i++)
    if (x->vertices[i] != y->vertices[i]) return (uint32_t)x->vertices[i] < (uint32_t)y->vertices[i] ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

static int list_occurrences(const gkt_mesh *m, int d, occurrence *out) {
  int n = 0;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[b].cell];
    for (gkt_idx c = 0; c < m->blocks[b].num_cells; c++)
      for (int i = 0; i < (d == m->dim - 1 ? t->num_facets : t->num_edges); i++, n++) {
        int count = d == m->dim - 1 ? gkt_cell_facet_vertices(t, i) : 2;
        out[n] = (occurrence){{-1, -1, -1, -1}, m->blocks[b].first_cell + c, i, n};
        for (int j = 0; j < count; j++) {
          gkt_idx v = m->blocks[b].nodes[c * m->blocks[b].nodes_per_cell + (d == m->dim - 1 ? t->facets[i][j] : t->edges[i][j])];
          int k = j;
          for (; k > 0 && out[n].vertices[k - 1] > v; k--) out[n].vertices[k] = out[n].vertices[k - 1];
          out[n].vertices[k] = v;
        }
      }
  }
  qsort(out, (size_t)n, sizeof *out, compare);
  return n;
}

static void assert_facet(const gkt_mesh *m, gkt_idx number, const occurrence *first, const occurrence *second) {
  const gkt_facet *f = &gkt_mesh_facets(m)[number];
  assert_true(f->cell[0] == first->cell && f->local[0] == first->local);
  assert_true(second ? f->cell[1] == second->cell && f->local[1] == second->local : f->cell[1] == -1 && f->local[1] == -1);
}

static void assert_entities(const gkt_mesh *m, int d, bool all) {
  occurrence *list = malloc(sizeof *list * 12 * (size_t)m->num_cells);
  int n = list_occurrences(m, d, list), width = gkt_mesh_vertices_per_entity(m, d);
  gkt_idx number = -1;
  for (int i = 0; i < n; i++) {
    bool same = i > 0 && memcmp(list[i].vertices, list[i - 1].vertices, sizeof list->vertices) == 0;
    if (!same) number++;
    if (all) assert_int_equal(m->cell_entities[d][list[i].at], number);
    if (all) assert_memory_equal(gkt_mesh_entity_vertices(m, d) + (gkt_size)width * number, list[i].vertices, (size_t)width * sizeof(gkt_idx));
    bool pair = i + 1 < n && memcmp(list[i].vertices, list[i + 1].vertices, sizeof list->vertices) == 0;
    if (d == m->dim - 1 && !same) assert_facet(m, number, &list[i], pair ? &list[i + 1] : NULL);
  }
  assert_int_equal(gkt_mesh_num_entities(m, d), number + 1);
  free(list);
}

static void assert_boundary(const gkt_mesh *m) {
  const gkt_mesh_set *set = gkt_mesh_find_set(m, "boundary");
  gkt_idx n = 0;
  for (gkt_idx f = 0; f < gkt_mesh_num_entities(m, m->dim - 1); f++)
    if (gkt_mesh_facets(m)[f].cell[1] < 0) assert_int_equal(set->entities[n++], f);
  assert_int_equal(set->count, n);
}

static void compare_all(gkt_mesh *from, bool shuffled) {
  for (int t = 0; t < NUM_COUNTS; t++) {
    gkt_context *ctx;
    assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = thread_counts[t], .poison = true}, &ctx), GKT_OK);
    gkt_mesh *m = renumbered(ctx, from, shuffled);
    if (gkt_mesh_find_facets(m) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
    if (m->blocks[0].order == 1) assert_null(gkt_mesh_cell_entities(m, 0, m->dim - 1)); /* no more than was asked for */
    assert_entities(m, m->dim - 1, false);
    assert_int_equal(gkt_mesh_topology(m), GKT_OK);
    for (int d = 1; d < m->dim; d++) assert_entities(m, d, true);
    assert_boundary(m);
    gkt_mesh_destroy(&m);
    gkt_context_destroy(&ctx);
  }
}

static void numbers_are_those_of_plain_loops(void **state) {
  static const struct {
    int kind, dim, n;
  } cases[] = {{GKT_TRIANGLE, 2, 5},   {GKT_QUADRILATERAL, 2, 5}, {TEST_MIXED, 2, 4},  {TEST_LAYERS, 2, 4}, {GKT_TETRAHEDRON, 3, 3},
               {GKT_HEXAHEDRON, 3, 3}, {GKT_PRISM, 3, 3},         {GKT_PYRAMID, 3, 2}, {TEST_MIXED, 3, 4},  {TEST_LAYERS, 3, 4}};
  (void)state;
  for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++)
    for (int order = 1; order <= 2; order++) {
      gkt_context *ctx;
      assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
      gkt_mesh *mesh = test_mesh(ctx, cases[i].kind, cases[i].dim, cases[i].n, order, 0.05);
      compare_all(mesh, false);
      compare_all(mesh, true);
      gkt_mesh_destroy(&mesh);
      gkt_context_destroy(&ctx);
    }
}

/* Long lists of facets around one vertex; parts of threads that hold many nodes. */
static void stars_are_numbered(void **state) {
  enum { N = 3000 };
  gkt_idx *cells = malloc(sizeof *cells * 3 * N);
  double *x = calloc(2 * (N + 1), sizeof *x);
  (void)state;
  for (int i = 0; i < N; i++) {
    x[2 * i + 2] = cos(2 * M_PI * i / N), x[2 * i + 3] = sin(2 * M_PI * i / N);
    cells[3 * i] = 0, cells[3 * i + 1] = 1 + (7 * i) % N, cells[3 * i + 2] = 1 + (7 * i + 1) % N;
  }
  gkt_context *ctx;
  gkt_mesh *star;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 1, 2, N + 1, x, N, cells, &star), GKT_OK);
  compare_all(star, false);
  compare_all(star, true);
  gkt_mesh_destroy(&star);
  gkt_context_destroy(&ctx);
  free(cells), free(x);
}

/* Enough cells for threads that nobody asked for, and for many tiles. */
static void boxes_do_not_depend_on_threads(void **state) {
  static const gkt_cell_type shapes[] = {GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  (void)state;
  for (int s = 0; s < 4; s++) {
    gkt_mesh *first = NULL;
    gkt_context *ctx[NUM_COUNTS];
    for (int t = 0; t < NUM_COUNTS; t++) {
      gkt_mesh *m;
      gkt_box box = {.shape = shapes[s], .dim = gkt_cell_topologies[shapes[s]].dim, .cells = {23, 21, 19}, .lower = {-1, 0, 2}, .upper = {1, 3, 2.5}};
      assert_int_equal(gkt_context_create(&(gkt_context_options){.threads = thread_counts[t], .poison = true}, &ctx[t]), GKT_OK);
      assert_int_equal(gkt_mesh_box(ctx[t], &box, &m), GKT_OK);
      assert_entities(m, m->dim - 1, false);
      assert_boundary(m);
      if (!first) first = m;
      assert_memory_equal(m->coords, first->coords, sizeof *m->coords * (size_t)(m->num_nodes * m->dim));
      assert_memory_equal(m->cell_nodes, first->cell_nodes, sizeof *m->cell_nodes * (size_t)(m->num_cells * m->blocks[0].nodes_per_cell));
      assert_memory_equal(m->turned, first->turned, (size_t)m->num_cells);
      if (m != first) gkt_mesh_destroy(&m);
    }
    gkt_mesh_destroy(&first);
    for (int t = 0; t < NUM_COUNTS; t++) gkt_context_destroy(&ctx[t]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_those_of_plain_loops), cmocka_unit_test(stars_are_numbered), cmocka_unit_test(boxes_do_not_depend_on_threads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
