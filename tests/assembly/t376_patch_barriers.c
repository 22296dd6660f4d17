/* Claim: fused kernels of scalars and of blocks, over cells and facets, give the bits of `segmented` on patches of several groups for each warp: short, so that it can run once for
   each barrier that is taken out of them (t035). */
#include "tests/patch_fused.h"

static void check_patches(int components, const char *equation) {
  posed p;
  pose(bent_mesh(QUADRILATERALS, 7, 1), 1, components, false, 2, equation, &p);
  gkt_scalar *expected = assemble(&p);
  same(&p, expected, &(gkt_fused_options){.window = 0}, equation);
  free(expected);
  drop(&p);
}

static void scalars_and_blocks(void **state) {
  (void)state;
  begin();
  check_patches(1, "inner(grad(u), grad(v))*dx + u*v*ds(left) == 0");
  check_patches(2, "inner(grad(u), grad(v))*dx + dot(u, v)*ds(left) == 0");
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(scalars_and_blocks)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
