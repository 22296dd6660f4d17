/* Claim: the nodes of a space have the numbers and the places, to the last bit, that plain loops over the topology give them, for any number of threads, kind of cell and order of
   geometry: vertices, edges, facets, cells. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/cells.h"

#include "spaces/space.h"

static const int thread_counts[] = {1, 2, 3, 4, 7};
enum { NUM_COUNTS = sizeof thread_counts / sizeof *thread_counts };

/* first[d][entity]: the first node inside an entity of the mesh, -1: none */
static void number_entities(const gkt_mesh *m, int k, gkt_idx *first[4]) {
  gkt_idx next = 0;
  for (int d = 0; d <= m->dim; d++) {
    int *inside = calloc((size_t)m->num_entities[d], sizeof *inside);
    for (int b = 0; b < m->num_blocks; b++) {
      gkt_lagrange_node places[GKT_MAX_BASIS];
      const gkt_cell_block *block = &m->blocks[b];
      int size = gkt_lagrange_size(block->cell, k), per_cell = gkt_mesh_entities_per_cell(m, b, d);
      gkt_lagrange_places(block->cell, k, places);
      for (gkt_idx c = 0; c < block->num_cells; c++)
        for (int e = 0; e < per_cell; e++) {
          gkt_idx entity = d == 0 ? block->nodes[c * block->nodes_per_cell + e] : d == m->dim ? block->first_cell + c : gkt_mesh_cell_entities(m, b, d)[c * per_cell + e];
          inside[entity] = 0;
          for (int i = 0; i < size; i++) inside[entity] += places[i].dim == d && places[i].entity == e;
        }
    }
    first[d] = malloc(sizeof **first * (size_t)m->num_entities[d]);
    for (gkt_idx e = 0; e < m->num_entities[d]; e++) first[d][e] = inside[e] ? next : -1, next += inside[e];
    free(inside);
  }
}

/* One node inside an entity at most, or nodes inside cells in their own order. */
static void assert_numbers(const gkt_mesh *m, const gkt_space *s) {
  gkt_idx *first[4] = {NULL};
  int k = s->element.degree;
  number_entities(m, k, first);
  for (int b = 0; b < m->num_blocks; b++) {
    gkt_lagrange_node places[GKT_MAX_BASIS];
    const gkt_cell_block *block = &m->blocks[b];
    int size = gkt_lagrange_size(block->cell, k);
    gkt_lagrange_places(block->cell, k, places);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int i = 0, inside = 0; i < size; i++) {
        int d = places[i].dim, e = places[i].entity, per_cell = gkt_mesh_entities_per_cell(m, b, d);
        gkt_idx expected = d == 0        ? first[0][block->nodes[c * block->nodes_per_cell + e]]
                           : d == m->dim ? first[d][block->first_cell + c] + inside++
                                         : first[d][gkt_mesh_cell_entities(m, b, d)[c * per_cell + e]];
        assert_int_equal(gkt_space_cell_nodes(s, b)[c * size + i], expected);
      }
  }
  for (int d = 0; d <= m->dim; d++) free(first[d]);
}

/* Sums over the nodes of the geometry; of the cells of a node the last one. */
static void assert_places(const gkt_mesh *m, const gkt_space *s) {
  int dim = m->dim;
  double *x = malloc(sizeof *x * (size_t)(s->num_nodes * dim));
  for (int b = 0; b < m->num_blocks; b++) {
    double xi[GKT_MAX_BASIS * 3], phi[GKT_MAX_BASIS][GKT_MAX_BASIS];
    const gkt_cell_block *block = &m->blocks[b];
    int size = gkt_lagrange_size(block->cell, s->element.degree);
    gkt_lagrange_nodes(block->cell, s->element.degree, xi);
    for (int i = 0; i < size; i++) gkt_lagrange_values(block->cell, block->order, xi + i * dim, phi[i]);
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int i = 0; i < size; i++)
        for (int d = 0; d < dim; d++) {
          double sum = 0;
          for (int k = 0; k < block->nodes_per_cell; k++) sum += phi[i][k] * m->coords[block->nodes[c * block->nodes_per_cell + k] * dim + d];
          x[gkt_space_cell_nodes(s, b)[c * size + i] * dim + d] = sum;
        }
  }
  assert_memory_equal(x, gkt_space_coords(s), sizeof *x * (size_t)(s->num_nodes * dim));
  free(x);
}

static void assert_same(const gkt_mesh *m, const gkt_space *a, const gkt_space *b) {
  assert_int_equal(a->num_nodes, b->num_nodes);
  for (int i = 0; i < m->num_blocks; i++)
    assert_memory_equal(gkt_space_cell_nodes(a, i), gkt_space_cell_nodes(b, i), sizeof(gkt_idx) * (size_t)(m->blocks[i].num_cells * a->bases[i].size));
}

/* The mesh belongs to one context, its threads change. */
static void compare_space(gkt_mesh *m, gkt_element element) {
  gkt_space *first = NULL;
  for (int t = 0; t < NUM_COUNTS; t++) {
    gkt_space *s;
    m->ctx->options.threads = thread_counts[t];
    assert_int_equal(gkt_space_create(m, element, gkt_shape_scalar(), &s), GKT_OK);
    assert_int_equal(gkt_mesh_topology(m), GKT_OK);
    if (!first) first = s;
    assert_same(m, s, first);
    assert_places(m, s);
    if (element.kind == GKT_LAGRANGE && element.degree < 3) assert_numbers(m, s); /* above, the places within edges and facets are for t302 */
    if (s != first) gkt_space_destroy(&s);
  }
  gkt_space_destroy(&first);
}

static void numbers_and_places_are_those_of_plain_loops(void **state) {
  static const struct {
    int kind, dim, n;
  } cases[] = {{GKT_LINE, 1, 5},       {GKT_TRIANGLE, 2, 4}, {GKT_QUADRILATERAL, 2, 4}, {TEST_MIXED, 2, 4}, {GKT_TETRAHEDRON, 3, 3},
               {GKT_HEXAHEDRON, 3, 3}, {GKT_PRISM, 3, 2},    {GKT_PYRAMID, 3, 2},       {TEST_MIXED, 3, 3}, {TEST_LAYERS, 3, 3}};
  (void)state;
  for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++)
    for (int order = 1; order <= 2; order++)
      for (int degree = 0; degree <= 4; degree++)
        for (int kind = 0; kind < 2; kind++) {
          gkt_element element = {kind ? GKT_LAGRANGE : GKT_DISCONTINUOUS_LAGRANGE, degree};
          if (degree < kind || (degree > 2 && (cases[i].kind == GKT_PRISM || cases[i].kind == GKT_PYRAMID || (cases[i].kind >= TEST_MIXED && cases[i].dim == 3)))) continue;
          gkt_context *ctx;
          assert_int_equal(gkt_context_create(&(gkt_context_options){.poison = true}, &ctx), GKT_OK);
          gkt_mesh *mesh = test_mesh(ctx, cases[i].kind, cases[i].dim, cases[i].n, order, 0.05);
          gkt_mesh_coords_mutable(mesh)[0] = -0.0;
          compare_space(mesh, element);
          gkt_mesh_destroy(&mesh);
          gkt_context_destroy(&ctx);
        }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_places_are_those_of_plain_loops)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
