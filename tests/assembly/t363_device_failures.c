/* Claim: an assembler on a device, of two tied fields over cells and facets, with its matrix on the device, lives through every failure of the device: at each allocation, upload,
   download, launch, fill, copy, compilation, load and look-up in turn, and with a device that goes away from each call on. There is one message, nothing is held, mesh, values and
   results of the host are as they were, and after what passes it can be done again. */
#include "tests/failing_device.h"
#include "tests/tied_pair.h"

static gkt_status assemble(gkt_context *context, void *user) {
  static const int unknowns[] = {U, P};
  static gkt_scalar vector[4096], before[4096];
  gkt_assembler *r = NULL, *a = NULL;
  gkt_csr *A = NULL, *B = NULL;
  gkt_status status;
  (void)user;
  gkt_context *outer = ctx;
  ctx = context;
  pair w = make_pair(TRIANGLES, 1, PERIODIC);
  gkt_form *residual = parse(&w, SYMMETRIC), *tangent = NULL;
  const gkt_inputs inputs = inputs_of_pair(&w);
  for (int i = 0; i < 4096; i++) vector[i] = before[i] = i;
  assert_true(w.dofs < 4096);
  GKT_GO(gkt_form_derivative(residual, 2, unknowns, &tangent));
  GKT_GO(gkt_assembler_create_tied(residual, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &r));
  GKT_GO(gkt_assembler_create_tied(tangent, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &a));
  status = gkt_assemble_vector(r, &inputs, vector);
  if (status != GKT_OK) assert_memory_equal(vector, before, sizeof vector);
  GKT_GO(status);
  GKT_GO(gkt_assembler_matrix(a, &A));
  GKT_GO(gkt_csr_to(context, A, GKT_ON_DEVICE, &B));
  GKT_GO(gkt_assemble_matrix(a, &inputs, B));
  gkt_csr_destroy(&A);
  GKT_GO(gkt_csr_to(context, B, GKT_ON_HOST, &A));
done:
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  gkt_assembler_destroy(&r), gkt_assembler_destroy(&a);
  gkt_form_destroy(&tangent), gkt_form_destroy(&residual);
  free_pair(&w);
  ctx = outer;
  return status;
}

static void every_failure_is_survived(void **unused) {
  (void)unused;
  const device_trial trial = {.name = "assembly", .work = assemble, .options = {.backend = GKT_BACKEND_CUDA, .threads = 1, .reduce = GKT_REDUCE_SEGMENTED}};
  device_failures made = fail_each_device_call(&trial);
  assert_true(made.allocations > 20 && made.uploads > 20 && made.launches > 8 && made.downloads > 2 && made.compilations == 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_failure_is_survived)};
  use_emulated_device();
  return cmocka_run_group_tests(tests, setup, teardown);
}
