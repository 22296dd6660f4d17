/* Claim: fused kernels of scalars and of blocks, stored and formed from records, over cells and facets, give the bits of `segmented` on patches of several groups for each warp:
   short, so that it can run once for each barrier that is taken out of them (t035). */
#include "tests/patch_fused.h"

static void check_patches(gkt_mesh *mesh, int components, const char *equation) {
  posed p;
  pose(mesh, 1, components, false, 2, equation, &p);
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.window = 0}, equation);
  free(expected);
  drop(&p);
}

static void scalars_and_blocks(void **state) {
  (void)state;
  begin();
  check_patches(bent_mesh(QUADRILATERALS, 7, 1), 1, "inner(grad(u), grad(v))*dx + u*v*ds(left) == 0");
  check_patches(bent_mesh(QUADRILATERALS, 7, 1), 2, "inner(grad(u), grad(v))*dx + dot(u, v)*ds(left) == 0");
}

/* Facets of a cell that are linked one after the other. */
static void pairs_beside_facets(void **state) {
  (void)state;
  begin();
  check_patches(bent_mesh(TETRAHEDRA, 3, 1), 3, "inner(grad(u), grad(v))*dx + dot(u, v)*ds == 0");
}

int main(int count, char **arguments) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(scalars_and_blocks), cmocka_unit_test(pairs_beside_facets)}, pairs[] = {cmocka_unit_test(pairs_beside_facets)};
  if (count > 1 && strcmp(arguments[1], "pairs") == 0) return cmocka_run_group_tests(pairs, setup, teardown);
  return cmocka_run_group_tests(tests, setup, teardown);
}
