/* Claim: every point inside of a cell of any kind, bent or not, is found in that cell, up to the apexes of pyramids, where their maps have no derivative; every node of the mesh in
   all cells that have it; many points at once as one by one. Places name the nodes of a space that stand there, all of them in a discontinuous one, and are refused where none
   does; they survive refinement. */
#include "tests/element_form.h"

enum { MANY = 400 };

static bool is_found_in(gkt_mesh *mesh, const double *x, gkt_idx cell) {
  gkt_idx cells[MANY];
  double xi[3 * MANY];
  int found;
  must(gkt_locate(mesh, x, MANY, cells, xi, &found), "locate");
  for (int i = 0; i < found; i++)
    if (cells[i] == cell) return true;
  return false;
}

/* Points that come nearer and nearer to the last vertex. */
static void cells_hold_their_points(gkt_mesh *mesh, const char *name, int order) {
  int dim = gkt_mesh_dim(mesh);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
    for (gkt_idx c = 0; c < block->num_cells; c += 3)
      for (int n = 0; n < 8; n++) {
        double xi[3] = {0}, x[3], K[3][3], share[8], rest = pow(10, -n), sum = 0;
        gkt_table *table;
        for (int v = 0; v < t->num_vertices; v++) sum += share[v] = 1.1 + sin(3.0 * c + 5 * v);
        for (int v = 0; v < t->num_vertices; v++)
          for (int d = 0; d < dim; d++) xi[d] += t->vertices[v][d] * (rest * share[v] / sum + (v == t->num_vertices - 1 ? 1 - rest : 0));
        const gkt_basis geometry = gkt_geometry_basis(block);
        must(gkt_table_create(ctx, &geometry, 1, xi, &table), name);
        gkt_map_at(mesh, table, 0, block->nodes + c * block->nodes_per_cell, x, K);
        gkt_table_destroy(&table);
        if (!is_found_in(mesh, x, block->first_cell + c)) fail_msg("%s of order %d: cell %d, %g from a vertex", name, order, c, rest);
      }
  }
}

static void cells_hold_their_nodes(gkt_mesh *mesh, const char *name, int order) {
  gkt_size count, expected = 0;
  gkt_touch *all;
  must(gkt_locate_all(mesh, gkt_mesh_num_nodes(mesh), gkt_mesh_coords(mesh), &count, &all), name);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) expected += (gkt_size)gkt_mesh_block(mesh, b)->num_cells * gkt_mesh_block(mesh, b)->nodes_per_cell;
  if (count != expected) fail_msg("%s of order %d: %ld touches, expected %ld", name, order, (long)count, (long)expected);
  gkt_free(&all);
}

static void points_are_found(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  for (int m = 0; m < NUM_MESH_KINDS; m++)
    for (int order = 1; order <= 2; order++) {
      gkt_mesh *mesh = bent_mesh((mesh_kind)m, 2, order);
      cells_hold_their_points(mesh, mesh_kinds[m].name, order);
      cells_hold_their_nodes(mesh, mesh_kinds[m].name, order);
      gkt_mesh_destroy(&mesh);
    }
}

static gkt_idx nodes_at(gkt_mesh *mesh, bool discontinuous, int degree) {
  gkt_space *space = make_space(mesh, discontinuous, degree, gkt_shape_scalar());
  gkt_idx count = -1, *nodes = NULL;
  gkt_status status = gkt_space_nodes_on(space, gkt_mesh_find_set(mesh, "A"), &count, &nodes);
  assert_true(status == GKT_OK || status == GKT_BAD_INPUT);
  free(nodes);
  gkt_space_destroy(&space);
  return status == GKT_OK ? count : -1;
}

static void places_name_nodes(void **unused) {
  (void)unused;
  use(GKT_BACKEND_INTERPRETER, 1);
  gkt_mesh *mesh = unit_mesh(QUADRILATERALS, 4), *fine;
  must(gkt_mesh_add_places(mesh, "A", 2, (double[]){0.25, 0.5 + 1e-10, 0.5, 0.125}), "A");
  assert_int_equal(nodes_at(mesh, false, 2), 2);
  assert_int_equal(nodes_at(mesh, true, 2), 6); /* four cells meet at a corner, two at a side */
  assert_int_equal(nodes_at(mesh, false, 1), -1);
  assert_string_equal(gkt_context_message(ctx), "no node of the field's space stands at (0.5, 0.125); the nearest is (0.5, 0), 0.125 away");
  gkt_context_clear(ctx);
  must(gkt_mesh_refine(mesh, &fine), "refine");
  assert_int_equal(nodes_at(fine, false, 1), 2);
  gkt_mesh_destroy(&fine);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(points_are_found), cmocka_unit_test(places_name_nodes)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
