/* Claim: integrals over named sets run over their union, each entity once; wrong names, dimensions and inner facets are refused with a message that names the place and what
 * exists. */
#include "tests/assembly_world.h"

static void add_cells(world *w, const char *name, gkt_idx from, gkt_idx to) {
  gkt_idx cells[64];
  for (gkt_idx c = from; c < to; c++) cells[c - from] = c;
  assert_int_equal(gkt_mesh_add_set(w->mesh, name, gkt_mesh_dim(w->mesh), to - from, cells), GKT_OK);
}

static gkt_scalar value_of(world *w, const char *text) {
  gkt_form *f = residual_of(w, GKT_FUNCTIONAL, text);
  gkt_scalar value = number_of(w, f);
  gkt_form_destroy(&f);
  return value;
}

static void sets_are_unions(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_world(2, 1, 1, false);
    double cell = 1.5 * 1.1 * 0.9 / 24, tolerance = 1e-14; /* 24 equal triangles; sums of numbers below 1.5 */
    add_cells(&w, "one", 0, 7), add_cells(&w, "two", 5, 11);
    assert_true(fabs(value_of(&w, "1*dx") - 24 * cell) <= tolerance);
    assert_true(fabs(value_of(&w, "1*dx(one)") - 7 * cell) <= tolerance);
    assert_true(fabs(value_of(&w, "1*dx(one,two)") - 11 * cell) <= tolerance); /* shared cells once */
    assert_true(fabs(value_of(&w, "1*dx(one) + 1*dx(two)") - 13 * cell) <= tolerance);
    double boundary = value_of(&w, "1*ds"), left = value_of(&w, "1*ds(left)"), top = value_of(&w, "1*ds(top)");
    assert_true(fabs(boundary - 2 * left - 2 * top) <= 1e-13);
    assert_true(fabs(value_of(&w, "1*ds(left,top,left)") - left - top) <= 1e-13);
    free_world(&w);
  }
}

static void refuse(world *w, const char *text, gkt_status expected, const char *const *words) {
  gkt_source source = {.text = text, .file = "a.yaml", .key = "equation"};
  gkt_form *f;
  gkt_assembler *a = NULL;
  assert_int_equal(gkt_form_parse(w->scope, GKT_FUNCTIONAL, &source, &f), GKT_OK);
  assert_int_equal(gkt_assembler_create(f, w->mesh, (const gkt_space *const *)w->spaces, &a), expected);
  assert_null(a);
  for (; *words; words++)
    if (!strstr(gkt_context_message(ctx), *words)) fail_msg("'%s' lacks '%s'", gkt_context_message(ctx), *words);
  gkt_context_clear(ctx);
  gkt_form_destroy(&f);
}

static void wrong_sets_are_named(void **unused) {
  (void)unused;
  use_backend(0);
  world w = make_world(2, 1, 1, false);
  gkt_idx inner[2];
  int n = 0;
  assert_int_equal(gkt_mesh_topology(w.mesh), GKT_OK);
  for (gkt_idx f = 0; n < 2; f++)
    if ((gkt_mesh_facets(w.mesh)[f].cell[1] >= 0) == (n == 0)) inner[n++] = f; /* an inner one, then an outer one */
  assert_int_equal(gkt_mesh_add_set(w.mesh, "mixed", 1, 2, inner), GKT_OK);
  add_cells(&w, "steel", 0, 3);
  refuse(&w, "u*dx + u*ds(lefft)", GKT_BAD_INPUT, (const char *const[]){"a.yaml: equation: line 1, column 13", "'lefft'", "did you mean 'left'?", "top", NULL});
  refuse(&w, "u*dx(steal)", GKT_BAD_INPUT, (const char *const[]){"line 1, column 6", "'steal'", "'steel'", NULL});
  refuse(&w, "u*ds(steel)", GKT_BAD_INPUT, (const char *const[]){"'steel'", "consists of cells", "ds integrates over facets", "left", NULL});
  refuse(&w, "u*dx(left)", GKT_BAD_INPUT, (const char *const[]){"'left'", "consists of facets", "dx integrates over cells", "steel", NULL});
  refuse(&w, "u*ds(mixed)", GKT_BAD_INPUT, (const char *const[]){"'mixed'", "1 of its 2 facets lie between two cells", NULL});
  free_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sets_are_unions), cmocka_unit_test(wrong_sets_are_named)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
