/* Claim: a mesh that is written as MSH comes back with its nodes to all digits, its cells and its sets of every dimension, for every type of cell and mixed ones, whatever the
   locale; what cannot be written is refused, and leaves the file that was there. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meshes/mesh.h"
#include "tests/gkt_test.h"

static char path[] = "/tmp/gkt_msh_XXXXXX";

static gkt_mesh *written(gkt_mesh *m) {
  gkt_mesh *back = NULL;
  assert_int_equal(gkt_mesh_write(m, path), GKT_OK);
  assert_int_equal(gkt_mesh_read(ctx, path, &back), GKT_OK);
  assert_int_equal(gkt_mesh_topology(back), GKT_OK);
  return back;
}

/* Places of an entity's vertices, summed, which tells the entities of these meshes apart. */
static double place_of(const gkt_mesh *m, int dim, gkt_idx entity) {
  double sum = 0;
  if (dim == 0) return m->coords[(gkt_size)entity * m->dim] + 3 * m->coords[(gkt_size)entity * m->dim + 1];
  if (dim == m->dim) {
    const gkt_cell_block *b = m->blocks;
    while (entity >= b->num_cells) entity -= b++->num_cells;
    for (int i = 0; i < b->nodes_per_cell; i++) sum += place_of(m, 0, b->nodes[(gkt_size)entity * b->nodes_per_cell + i]);
    return sum;
  }
  const int n = gkt_mesh_vertices_per_entity(m, dim);
  for (int i = 0; i < n && gkt_mesh_entity_vertices(m, dim)[(gkt_size)entity * n + i] >= 0; i++) sum += place_of(m, 0, gkt_mesh_entity_vertices(m, dim)[(gkt_size)entity * n + i]);
  return sum;
}

static double place_of_set(const gkt_mesh *m, const gkt_mesh_set *set) {
  double sum = 0;
  for (gkt_idx i = 0; i < set->count; i++) sum += place_of(m, set->dim, set->entities[i]) * place_of(m, set->dim, set->entities[i]);
  return sum;
}

static int compare(const void *a, const void *b) { return memcmp(a, b, 2 * sizeof(double)); }

static void is_equal(const gkt_mesh *m, const gkt_mesh *back) {
  double *a = malloc(3 * sizeof *a * (size_t)m->num_nodes), *b = malloc(3 * sizeof *b * (size_t)m->num_nodes);
  assert_int_equal(m->num_nodes, back->num_nodes), assert_int_equal(m->num_blocks, back->num_blocks), assert_int_equal(m->num_sets, back->num_sets);
  for (int k = 0; k < m->num_blocks; k++) assert_int_equal(m->blocks[k].num_cells, back->blocks[k].num_cells);
  memcpy(a, m->coords, sizeof *a * (size_t)m->num_nodes * (size_t)m->dim), memcpy(b, back->coords, sizeof *b * (size_t)m->num_nodes * (size_t)m->dim);
  qsort(a, (size_t)m->num_nodes, sizeof *a * (size_t)m->dim, compare), qsort(b, (size_t)m->num_nodes, sizeof *b * (size_t)m->dim, compare);
  assert_memory_equal(a, b, sizeof *a * (size_t)m->num_nodes * (size_t)m->dim);
  for (int s = 0; s < m->num_sets; s++) {
    const gkt_mesh_set *set = m->sets[s], *other = gkt_mesh_find_set_of_dim(back, set->name, set->dim);
    if (!other) fail_msg("set '%s' of dimension %d did not come back", set->name, set->dim);
    assert_int_equal(set->count, other->count);
    assert_true(fabs(place_of_set(m, set) - place_of_set(back, other)) < 1e-11 * (1 + place_of_set(m, set)));
  }
  free(a), free(b);
}

static void add_sets(gkt_mesh *m) {
  const gkt_idx some[] = {0, 2, 5}, cells[] = {1, 3}, more[] = {3};
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  assert_int_equal(gkt_mesh_add_set(m, "some nodes", 0, 3, some), GKT_OK);
  assert_int_equal(gkt_mesh_add_set(m, "left side", m->dim, 2, cells), GKT_OK);
  assert_int_equal(gkt_mesh_add_set(m, "core", m->dim, 1, more), GKT_OK); /* of both */
  if (m->dim == 3) assert_int_equal(gkt_mesh_add_set(m, "rim", 1, 3, some), GKT_OK);
}

static void boxes(void **unused) {
  (void)unused;
  const gkt_cell_type cells[] = {GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON};
  for (int c = 0; c < 4; c++) {
    gkt_mesh *m = NULL;
    assert_int_equal(gkt_mesh_box(ctx, &(gkt_box){cells[c], c < 2 ? 2 : 3, {3, 2, 2}, {-1, 0, 1.0 / 3}, {1, 1.0 / 7, 2}}, &m), GKT_OK);
    add_sets(m);
    gkt_mesh *back = written(m);
    is_equal(m, back);
    gkt_mesh_destroy(&back);
    gkt_mesh_destroy(&m);
  }
}

static void prism_and_pyramid(void **unused) {
  (void)unused;
  const double X[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 2, 0.5};
  const gkt_idx prism[] = {0, 1, 2, 3, 4, 5}, pyramid[] = {1, 2, 5, 4, 6};
  const gkt_cell_block blocks[] = {{.cell = GKT_PRISM, .order = 1, .num_cells = 1, .nodes = prism}, {.cell = GKT_PYRAMID, .order = 1, .num_cells = 1, .nodes = pyramid}};
  gkt_mesh *m = NULL;
  assert_int_equal(gkt_mesh_from_blocks(ctx, 3, 7, X, 2, blocks, &m), GKT_OK);
  assert_int_equal(gkt_mesh_topology(m), GKT_OK);
  gkt_mesh *back = written(m);
  is_equal(m, back);
  gkt_mesh_destroy(&back);
  gkt_mesh_destroy(&m);
}

static void refused(void **unused) {
  (void)unused;
  const double X[] = {0, 0, 1, 0, 0, 1, 0.5, 0, 0.5, 0.5, 0, 0.5};
  const gkt_idx nodes[] = {0, 1, 2, 3, 4, 5};
  gkt_mesh *m = NULL;
  assert_int_equal(gkt_mesh_from_arrays(ctx, GKT_TRIANGLE, 2, 2, 6, X, 1, nodes, &m), GKT_OK);
  assert_int_equal(gkt_mesh_write(m, path), GKT_UNAVAILABLE);
  assert_non_null(strstr(gkt_context_message(ctx), "order 2"));
  gkt_context_clear(ctx);
  gkt_mesh_destroy(&m);
  assert_int_equal(gkt_mesh_read(ctx, path, &m), GKT_OK); /* what was there is there */
  assert_int_equal(gkt_mesh_write(m, "/nowhere/a.msh"), GKT_IO);
  gkt_context_clear(ctx);
  gkt_mesh_destroy(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(boxes), cmocka_unit_test(prism_and_pyramid), cmocka_unit_test(refused)};
  (void)setlocale(LC_ALL, "");
  const int file = mkstemp(path);
  if (file < 0) return 1;
  close(file);
  const int failed = cmocka_run_group_tests(tests, setup, teardown);
  unlink(path);
  return failed;
}
