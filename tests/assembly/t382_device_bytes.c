/* Claim: on a device the assembly of the matrix of P1 Poisson holds at most 0.7 kB per dof in all, by the counters of its memory: mesh, plan and matrix; 0.8 kB with that of the
   residual. Planning holds no more for a while; a second assembly holds no more than the first; what is destroyed holds nothing. */
#include "tests/emulated_device.h"
#include "tests/device_csr.h"
#include "tests/element_results.h"

enum { CELLS = 20, OF_MATRIX = 700, OF_BOTH = 800 };

static void print_line(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  puts(message);
}

static gkt_size held(void) { return gkt_device_count_all(ctx->device).bytes_held; }

static void check_bytes(const char *what, gkt_size bytes, gkt_idx dofs, int most) {
  if (getenv("GKT_PRINT")) printf("%s: %lld bytes per dof\n", what, (long long)(bytes / dofs));
  if (bytes > (gkt_size)most * dofs) fail_msg("%s: %lld bytes per dof; expected at most %d", what, (long long)(bytes / dofs), most);
}

static void assemble_on_device(field_problem *p, gkt_scalars *values, gkt_csr *A) {
  gkt_inputs inputs = *problem_inputs(p);
  const gkt_scalar *there[16] = {NULL};
  inputs.values = there, inputs.where = GKT_ON_DEVICE;
  for (int f = 0; f < 16; f++) there[f] = values->at;
  must(gkt_assemble_matrix(p->matrix, &inputs, A), "matrix");
}

static void memory_per_dof(void **state) {
  static const field_kind kind = {"tetrahedra", 3, 1, 1};
  field_problem p;
  gkt_assembler_info info;
  device_csr there;
  gkt_scalars values;
  gkt_csr *A;
  (void)state;
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .poison = true, .log = getenv("GKT_PRINT") ? print_line : NULL});
  begin_problem(&p, &kind, unit_mesh(TETRAHEDRA, CELLS));
  pose_problem(&p, "inner(grad(u), grad(v))*dx == v*dx", "0");
  gkt_assembler_get_info(p.matrix, &info);
  assert_string_equal(info.reduce, "fused");
  must(gkt_assembler_matrix(p.matrix, &A), "pattern");
  must(device_csr_create(ctx, A, &there), "matrix on the device");
  must(gkt_device_alloc(ctx->device, num_dofs(&p), sizeof(gkt_scalar), "values", &values), "values");
  must(gkt_device_fill(ctx->device, values.at, 0, values.count * (gkt_size)sizeof(gkt_scalar)), "values");
  assemble_on_device(&p, &values, &there.csr);
  const gkt_size first = held();
  check_bytes("both", first, num_dofs(&p), OF_BOTH);
  check_bytes("both, at the most", gkt_device_count_all(ctx->device).bytes_peak, num_dofs(&p), OF_BOTH);
  assemble_on_device(&p, &values, &there.csr);
  assert_int_equal(held(), first);
  gkt_assembler_destroy(&p.vector);
  check_bytes("matrix", held(), num_dofs(&p), OF_MATRIX);
  gkt_device_free(ctx->device, &values);
  device_csr_destroy(&there);
  gkt_csr_destroy(&A);
  gkt_device *device = ctx->device;
  gkt_assembler_destroy(&p.matrix);
  assert_int_equal(gkt_device_count_all(device).bytes_held, 0);
  end_problem(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_per_dof)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
