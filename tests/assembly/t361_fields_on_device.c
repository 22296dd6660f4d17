/* Claim: on the emulated device matrices and vectors of two fields, with the same tensors of cells for several integrals, couplings that are transposes of others and halves that
   are mirrored, tied across periodic sides (also one cell apart, where what rounding leaves is dropped), turned by rotations and by frames, have the bits of the CPU's `segmented`.
   Frames that are set after an assembler was made are those of its next assembly. */
#include "tests/tied_results.h"

static void compare(mesh_kind kind, int n, tie_kind ties, const char *text) { compare_tied(GKT_REDUCE_SEGMENTED, kind, n, ties, text); }

static void periodic(void **unused) {
  (void)unused;
  compare(MIXED_PLANE, 1, PERIODIC, SYMMETRIC), compare(MIXED_PLANE, 3, PERIODIC, SYMMETRIC);
  compare(TRIANGLES, 2, PERIODIC, GENERAL), compare(TETRAHEDRA, 2, PERIODIC, SYMMETRIC);
}

static void rotated(void **unused) {
  (void)unused;
  compare(QUADRILATERALS, 2, QUARTER, SYMMETRIC), compare(QUADRILATERALS, 2, QUARTER, GENERAL);
  compare(HEXAHEDRA, 1, QUARTER, ONE_FIELD);
}

static void slipping(void **unused) {
  (void)unused;
  compare(MIXED_PLANE, 2, SLIP, SYMMETRIC), compare(TETRAHEDRA, 1, SLIP, GENERAL), compare(MIXED_SPACE, 1, SLIP, SYMMETRIC), compare(TRIANGLES, 2, SLIP, ONE_FIELD);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(periodic), cmocka_unit_test(rotated), cmocka_unit_test(slipping)};
  setenv("GKT_DEVICE", "emulated", 1);
  return cmocka_run_group_tests(tests, setup, teardown);
}
