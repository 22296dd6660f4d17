/* Claim: every element on every cell is known by its handle: its nodes are where its functions are one, tables hold its functions, the nodes that cells share are those of the
   space's numbering, and what is not available is refused with what is. A map has one table for equal functions, whatever element they stand for, the geometry's first. */
#include "assembly/assembler.h"
#include "spaces/basis.h"
#include "tests/space_meshes.h"

static const gkt_cell_type cells[] = {GKT_LINE, GKT_TRIANGLE, GKT_QUADRILATERAL, GKT_TETRAHEDRON, GKT_HEXAHEDRON, GKT_PRISM, GKT_PYRAMID};
enum { NUM_CELLS = sizeof cells / sizeof *cells };

static int most_degree(gkt_cell_type cell) { return cell == GKT_PRISM || cell == GKT_PYRAMID ? 2 : 4; }

/* 1e-12: products of at most 12 factors of size 4 */
static void functions_are_one_at_their_nodes(const gkt_basis *b) {
  double xi[3 * GKT_MAX_BASIS];
  gkt_table *table;
  assert_int_equal(gkt_basis_nodes(ctx, b, xi), GKT_OK);
  assert_int_equal(gkt_table_create(ctx, b, b->size, xi, &table), GKT_OK);
  for (int q = 0; q < b->size; q++)
    for (int i = 0; i < b->size; i++) assert_true(fabs(table->phi[q * b->size + i] - (q == i)) < 1e-12);
  gkt_table_destroy(&table);
}

static void handles_know_their_elements(void **unused) {
  (void)unused;
  for (int c = 0; c < NUM_CELLS; c++)
    for (int degree = 0; degree <= most_degree(cells[c]); degree++)
      for (int kind = degree == 0 ? GKT_DISCONTINUOUS_LAGRANGE : GKT_LAGRANGE; kind <= GKT_REAL; kind++) {
        gkt_basis b;
        if ((kind == GKT_REAL && degree) || (kind == GKT_BUBBLE && degree != 1 && (degree != 2 || (cells[c] != GKT_TRIANGLE && cells[c] != GKT_TETRAHEDRON)))) continue;
        assert_int_equal(gkt_basis_find(ctx, cells[c], (gkt_element){(gkt_element_kind)kind, degree}, &b), GKT_OK);
        assert_int_equal(b.dim, gkt_cell_topologies[cells[c]].dim);
        assert_int_equal(b.value_size, 1);
        assert_int_equal(gkt_basis_has_values(&b), kind != GKT_QUADRATURE_POINTS);
        assert_int_equal(gkt_basis_is_lagrange(&b, degree), kind != GKT_QUADRATURE_POINTS && kind != GKT_BUBBLE);
        assert_int_equal(gkt_basis_is_shared(&b), kind == GKT_LAGRANGE || kind == GKT_BUBBLE || kind == GKT_REAL);
        assert_int_equal(gkt_basis_num_shared(&b, 0, 0), kind == GKT_LAGRANGE || kind == GKT_BUBBLE);
        if (gkt_basis_has_values(&b)) functions_are_one_at_their_nodes(&b);
      }
}

/* On a box of two cells a side: every shared node is that of one entity of the mesh, so the space has as many nodes as these have, and the cells' own. */
static void shared_nodes_are_those_of_the_numbering(void **unused) {
  (void)unused;
  for (int c = 0; c < 5; c++)
    for (int degree = 1; degree <= 4; degree++) {
      gkt_mesh *mesh;
      gkt_basis b;
      gkt_box box = {.shape = cells[c], .dim = gkt_cell_topologies[cells[c]].dim, .cells = {2, 2, 2}, .upper = {1, 1, 1}};
      assert_int_equal(gkt_mesh_box(ctx, &box, &mesh), GKT_OK);
      assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
      assert_int_equal(gkt_basis_find(ctx, cells[c], (gkt_element){GKT_LAGRANGE, degree}, &b), GKT_OK);
      const gkt_cell_topology *t = &gkt_cell_topologies[cells[c]];
      const int of_cell[] = {t->num_vertices, t->num_edges, t->num_facets};
      gkt_size nodes = gkt_mesh_num_nodes(mesh), own = b.size - t->num_vertices;
      for (int d = 1; d < b.dim; d++) nodes += (gkt_size)gkt_mesh_num_entities(mesh, d) * gkt_basis_num_shared(&b, d, 0), own -= of_cell[d] * gkt_basis_num_shared(&b, d, 0);
      gkt_space *shared = make_space(mesh, false, degree, gkt_shape_scalar()), *apart = make_space(mesh, true, degree, gkt_shape_scalar());
      assert_int_equal(gkt_space_num_nodes(shared), nodes + own * gkt_mesh_num_cells(mesh));
      assert_int_equal(gkt_space_num_nodes(apart), (gkt_size)b.size * gkt_mesh_num_cells(mesh));
      gkt_space_destroy(&shared), gkt_space_destroy(&apart), gkt_mesh_destroy(&mesh);
    }
}

static void refused(gkt_cell_type cell, gkt_element element, const char *message) {
  gkt_basis b = {.size = -1};
  assert_int_equal(gkt_basis_find(ctx, cell, element, &b), GKT_UNAVAILABLE);
  assert_string_equal(gkt_context_message(ctx), message);
  assert_int_equal(b.size, -1);
  gkt_context_clear(ctx);
}

static void refusals_say_what_there_is(void **unused) {
  (void)unused;
  refused(GKT_TRIANGLE, (gkt_element){GKT_LAGRANGE, 7}, "P7 is not available yet on triangles; expected P1 to P4 there");
  refused(GKT_PRISM, (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 3}, "DP3 is not available yet on prisms; expected DP0 to DP2 there");
  refused(GKT_QUADRILATERAL, (gkt_element){GKT_BUBBLE, 2}, "P2B is not available on quadrilaterals, where P2 has a node inside already; expected P1B or P2 there");
  refused(GKT_PRISM, (gkt_element){GKT_BUBBLE, 2}, "P2B is not available yet on prisms; expected P1B there");
  refused(GKT_TETRAHEDRON, (gkt_element){GKT_BUBBLE, 3}, "P3B is not available yet on tetrahedra; expected P1B to P2B there");
  refused(GKT_HEXAHEDRON, (gkt_element){GKT_BUBBLE, 3}, "P3B is not available on hexahedra, where P3 has a node inside already; expected P1B or P3 there");
}

static void equal_functions_have_one_table(void **unused) {
  (void)unused;
  gkt_mesh *mesh = box_mesh(2, 2, 2, 0);
  gkt_scope *scope;
  gkt_form *form;
  gkt_assembler *a;
  int f;
  assert_int_equal(gkt_scope_create(ctx, 2, &scope), GKT_OK);
  assert_int_equal(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(scope, "c", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(scope, "d", gkt_shape_scalar(), (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 2}, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_coefficient(scope, "q", gkt_shape_scalar(), (gkt_element){GKT_QUADRATURE_POINTS, 4}, &f), GKT_OK);
  gkt_source text = {.text = "(c + d + q)*u*v*dx(degree=4) == 0"};
  assert_int_equal(gkt_form_parse(scope, GKT_EQUATION, &text, &form), GKT_OK);
  gkt_space *points,
      *spaces[] = {make_space(mesh, false, 2, gkt_shape_scalar()), NULL, make_space(mesh, false, 1, gkt_shape_scalar()), make_space(mesh, true, 2, gkt_shape_scalar())};
  assert_int_equal(gkt_space_create(mesh, (gkt_element){GKT_QUADRATURE_POINTS, 4}, gkt_shape_scalar(), &points), GKT_OK);
  assert_int_equal(gkt_assembler_create(form, mesh, (const gkt_space *const[]){spaces[0], NULL, spaces[2], spaces[3], points}, &a), GKT_OK);
  assert_int_equal(a->num_maps, 1);
  const gkt_map *m = a->maps[0];
  assert_int_equal(m->rule.num_bases, 2);
  assert_true(gkt_basis_is_lagrange(&m->rule.bases[0], 1) && gkt_basis_is_lagrange(&m->rule.bases[1], 2));
  assert_int_equal(m->couplings[0].arguments[0].table, 1);
  assert_int_equal(gkt_map_basis_of(m, 2), 0);
  assert_int_equal(gkt_map_basis_of(m, 3), 1);
  assert_null(m->functions[4]);
  gkt_assembler_destroy(&a), gkt_form_destroy(&form), gkt_scope_destroy(&scope), gkt_space_destroy(&points);
  for (int i = 0; i < 4; i++) gkt_space_destroy(&spaces[i]);
  gkt_mesh_destroy(&mesh);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(handles_know_their_elements), cmocka_unit_test(shared_nodes_are_those_of_the_numbering),
                                     cmocka_unit_test(refusals_say_what_there_is), cmocka_unit_test(equal_functions_have_one_table)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
