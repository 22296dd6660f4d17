/* Claim: on every kind of cell, also mixed, a set given by the vertices of its entities, in any order, is the set of these entities, for nodes, edges, facets and cells; a tuple
   that is no entity is refused by its place and its nodes, and leaves the mesh as it was. */
#include "tests/element_meshes.h"

static gkt_mesh *box_of(gkt_cell_type shape) {
  gkt_box box = {.shape = shape, .dim = gkt_cell_topologies[shape].dim, .cells = {2, 2, 2}, .upper = {1, 1, 1}};
  gkt_mesh *mesh;
  assert_int_equal(gkt_mesh_box(ctx, &box, &mesh), GKT_OK);
  assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
  return mesh;
}

/* out [8]: those of a cell or entity, backwards; -1 behind */
static void vertices_of(const gkt_mesh *mesh, int d, gkt_idx entity, gkt_idx *out) {
  const gkt_cell_block *block = gkt_mesh_block(mesh, d == gkt_mesh_dim(mesh) ? gkt_mesh_block_of(mesh, entity) : 0);
  const gkt_idx *from = &entity;
  int n = 1;
  if (d > 0 && d < gkt_mesh_dim(mesh)) n = gkt_mesh_vertices_per_entity(mesh, d), from = gkt_mesh_entity_vertices(mesh, d) + (gkt_size)entity * n;
  else if (d > 0) n = gkt_cell_topologies[block->cell].num_vertices, from = block->nodes + (gkt_size)(entity - block->first_cell) * block->nodes_per_cell;
  while (from[n - 1] == -1) n--;
  for (int i = 0; i < 8; i++) out[i] = i < n ? from[n - 1 - i] : -1;
}

/* Every third entity; the same list again gives nothing new. */
static void entities_are_found(void **unused) {
  (void)unused;
  for (mesh_kind kind = 0; kind < NUM_MESH_KINDS; kind++) {
    gkt_mesh *mesh = unit_mesh(kind, mesh_kinds[kind].fewest > 2 ? mesh_kinds[kind].fewest : 2);
    assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
    for (int d = 0; d <= gkt_mesh_dim(mesh); d++) {
      gkt_idx count = 0, num = gkt_mesh_num_entities(mesh, d), *list = malloc((size_t)(16 * num) * sizeof *list);
      for (int again = 0; again < 2; again++)
        for (gkt_idx e = 0; e < num; e += 3) vertices_of(mesh, d, e, list + 8 * count++);
      if (gkt_mesh_add_set_of_vertices(mesh, "thirds", d, count, 8, list)) fail_msg("%s: %s", mesh_kinds[kind].name, gkt_context_message(ctx));
      const gkt_mesh_set *set = gkt_mesh_find_set_of_dim(mesh, "thirds", d);
      assert_int_equal(set->count, (num + 2) / 3);
      for (gkt_idx i = 0; i < set->count; i++) assert_int_equal(set->entities[i], 3 * i);
      free(list);
    }
    gkt_mesh_destroy(&mesh);
  }
}

static void refused(gkt_mesh *mesh, int dim, int n, const gkt_idx *vertices, gkt_status expected, const char *words) {
  int sets = gkt_mesh_num_sets(mesh);
  assert_int_equal(gkt_mesh_add_set_of_vertices(mesh, "bad", dim, 2, n, vertices), expected);
  if (!strstr(gkt_context_message(ctx), words)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), words);
  assert_int_equal(gkt_mesh_num_sets(mesh), sets);
  gkt_context_clear(ctx);
}

static void others_are_refused(void **unused) {
  (void)unused;
  gkt_mesh *mesh = box_of(GKT_TRIANGLE);
  gkt_idx edge[8];
  vertices_of(mesh, 1, 0, edge);
  edge[2] = 0, edge[3] = 8;
  refused(mesh, 1, 2, edge, GKT_BAD_INPUT, "set 'bad': entry 1 (nodes 0, 8) is no facet of the mesh");
  edge[3] = 900;
  refused(mesh, 1, 2, edge, GKT_BAD_INPUT, "entry 1 (nodes 0, 900) is no facet");
  refused(mesh, 2, 3, (gkt_idx[]){0, 1, 8, 0, 0, 0}, GKT_BAD_INPUT, "entry 0 (nodes 0, 1, 8) is no cell");
  refused(mesh, 1, 3, (gkt_idx[]){0, 1, 8, 0, 0, 0}, GKT_BAD_INPUT, "entry 0 (nodes 0, 1, 8) is no facet");
  refused(mesh, 0, 1, (gkt_idx[]){0, -1}, GKT_BAD_INPUT, "entry 1 (nodes -1) is no node");
  refused(mesh, 3, 3, (gkt_idx[]){0, 1, 8, 0, 0, 0}, GKT_BAD_ARGUMENT, "dimensions 0 to 2");
  refused(mesh, 1, 9, edge, GKT_BAD_ARGUMENT, "expected 1 to 8");
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(entities_are_found), cmocka_unit_test(others_are_refused)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
