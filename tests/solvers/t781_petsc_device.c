/* Claim: a matrix as PETSc's own sees values that are assembled later; one on the device goes into PETSc's array there, or is refused with what is missing: no GPU, a PETSc without
   CUDA, a device that is none of PETSc's. Nothing is left behind. On devices that are the host's memory, so what a GPU would do is not shown: values in PETSc's array. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <petscksp.h>

#include "galerkit/petsc.h"
#include "tests/fake_driver.h"
#include "tests/systems.h"

static gkt_context *ctx;
static test_system s;
static gkt_driver driver;

static int begin(void **state) {
  (void)state;
  driver = fake_driver;
  if (gkt_context_create(NULL, &ctx) != GKT_OK) return -1;
  test_system_create(ctx, 4, 1, element_laplace, NULL, true, &s);
  return 0;
}
static int end(void **state) {
  (void)state;
  test_system_destroy(&s);
  gkt_context_destroy(&ctx);
  return fake.devices || fake.arrays;
}
static void assert_message(const char *part) {
  if (!strstr(gkt_context_message(ctx), part)) fail_msg("\"%s\" is not in \"%s\"", part, gkt_context_message(ctx));
}

/* The sum of all entries of A, by PETSc and by us. */
static double sum_by_petsc(Mat mat) {
  Vec x, y;
  PetscScalar sum;
  assert_int_equal(MatCreateVecs(mat, &x, &y), 0);
  assert_int_equal(VecSet(x, 1), 0);
  assert_int_equal(MatMult(mat, x, y), 0);
  assert_int_equal(VecSum(y, &sum), 0);
  assert_int_equal(VecDestroy(&x), 0);
  assert_int_equal(VecDestroy(&y), 0);
  return sum;
}
static double sum_of(const gkt_csr *A) {
  double sum = 0;
  for (gkt_idx k = 0; k < A->row_offsets[A->num_rows]; k++) sum += A->vals[k];
  return sum;
}

/* By PETSc's Jacobi, which keeps the diagonal until it is told that the matrix changed. */
static double jacobi_of_ones(PC pc, Mat mat) {
  Vec x, y;
  PetscReal largest;
  assert_int_equal(MatCreateVecs(mat, &x, &y), 0);
  assert_int_equal(VecSet(x, 1), 0);
  assert_int_equal(PCSetUp(pc), 0);
  assert_int_equal(PCApply(pc, x, y), 0);
  assert_int_equal(VecMax(y, NULL, &largest), 0);
  assert_int_equal(VecDestroy(&x), 0);
  assert_int_equal(VecDestroy(&y), 0);
  return largest;
}

static void later_values_are_seen(void **state) {
  Mat mat;
  PC pc;
  (void)state;
  assert_int_equal(gkt_petsc_mat_create(ctx, s.A, &s.facts, &mat), GKT_OK);
  assert_true(fabs(sum_by_petsc(mat) - sum_of(s.A)) < 1e-12 * s.A->num_rows);
  assert_int_equal(PCCreate(PETSC_COMM_SELF, &pc), 0);
  assert_int_equal(PCSetType(pc, PCJACOBI), 0);
  assert_int_equal(PCSetOperators(pc, mat, mat), 0);
  double before = jacobi_of_ones(pc, mat);
  for (gkt_idx k = 0; k < s.A->row_offsets[s.A->num_rows]; k++) s.A->vals[k] *= 4;
  assert_int_equal(gkt_petsc_mat_update(ctx, s.A, mat), GKT_OK);
  assert_true(jacobi_of_ones(pc, mat) == before / 4);
  assert_int_equal(PCDestroy(&pc), 0);
  assert_int_equal(MatDestroy(&mat), 0);
}

/* Its arrays are the host's, which a fake device can read. */
static gkt_status create_on(const char *kind, Mat *out) {
  gkt_device *device;
  driver.name = kind;
  assert_int_equal(gkt_device_open_with(ctx, &driver, 0, &device), GKT_OK);
  s.A->where = GKT_ON_DEVICE;
  gkt_status status = gkt_petsc_mat_create(ctx, s.A, &s.facts, out);
  s.A->where = GKT_ON_HOST;
  return status;
}

static void other_devices_are_refused(void **state) {
  Mat mat = NULL;
  (void)state;
  assert_int_equal(create_on("emulated", &mat), GKT_UNAVAILABLE);
  assert_message("PETSc cannot work on the emulated device");
  assert_null(mat);
}

static void without_a_gpu_it_is_refused(void **state) {
  Mat mat = NULL;
  (void)state;
  if (gkt_device_count() > 0) return; /* PETSc would take the GPU, and host memory for its own */
#ifdef PETSC_HAVE_CUDA
  assert_int_equal(create_on("cuda", &mat), GKT_LIBRARY);
  assert_message("cuda error");
#else
  assert_int_equal(create_on("cuda", &mat), GKT_UNAVAILABLE);
  assert_message("was built without CUDA");
#endif
  assert_null(mat);
}

static void updates_are_refused_alike(void **state) {
  gkt_device *device;
  Mat mat;
  (void)state;
  driver.name = "emulated";
  assert_int_equal(gkt_device_open_with(ctx, &driver, 0, &device), GKT_OK);
  assert_int_equal(gkt_petsc_mat_create(ctx, s.A, &s.facts, &mat), GKT_OK);
  s.A->where = GKT_ON_DEVICE;
  assert_int_equal(gkt_petsc_mat_update(ctx, s.A, mat), GKT_UNAVAILABLE);
  s.A->where = GKT_ON_HOST;
  assert_message("PETSc cannot work on");
  assert_int_equal(MatDestroy(&mat), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(later_values_are_seen, begin, end),
      cmocka_unit_test_setup_teardown(other_devices_are_refused, begin, end),
      cmocka_unit_test_setup_teardown(without_a_gpu_it_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(updates_are_refused_alike, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
