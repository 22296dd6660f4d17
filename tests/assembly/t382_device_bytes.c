/* Claim: on a device the assembly of the matrix of P1 Poisson holds at most 0.46 kB per dof in all, by the counters of its memory: mesh, plan and matrix; 0.6 kB with that of the
   residual. Planning holds at most 1.1 kB for a while; a second assembly holds no more than the first; what is destroyed holds nothing. Of a plan of patches that
   the model finds slower than `segmented` nothing is left; where the device has no room for all element tensors it is kept, and said. */
#include "tests/emulated_device.h"
#include "tests/device_csr.h"
#include "tests/element_results.h"

enum { CELLS = 20, OF_MATRIX = 460, OF_BOTH = 600, OF_PLANNING = 1100 };

static void print_line(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  puts(message);
}

static char logged[8000];
static void keep_lines(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", message);
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
  check_bytes("both, at the most", gkt_device_count_all(ctx->device).bytes_peak, num_dofs(&p), OF_PLANNING);
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

typedef struct {
  char strategy[20];
  gkt_size planned, peak; /* bytes held by the plan, and at most */
  gkt_idx entries;
  gkt_scalar *values;
} outcome;

/* A tangent so expensive that patches, which compute cells again, lose by the model. memory: bytes of the device; 0: as many as it takes. */
static outcome assemble_expensive(gkt_reduce_strategy reduce, gkt_size memory) {
  static const field_kind kind = {"tetrahedra", 3, 2, 1};
  char bytes[30];
  outcome out = {0};
  field_problem p;
  gkt_assembler_info info;
  snprintf(bytes, sizeof bytes, "%lld", (long long)memory);
  if (memory) setenv("GKT_EMULATED_MEMORY", bytes, 1);
  *logged = 0;
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = reduce, .separate_rounding = true, .log = keep_lines});
  begin_problem(&p, &kind, unit_mesh(TETRAHEDRA, 4));
  pose_problem(&p, "exp(u)*(1 + dot(grad(u), grad(u)))^2*inner(grad(u), grad(v))*dx == 0", "0");
  gkt_assembler_destroy(&p.vector);
  gkt_assembler_get_info(p.matrix, &info);
  snprintf(out.strategy, sizeof out.strategy, "%s", info.reduce);
  out.planned = held();
  gkt_csr *A = assemble_tangent(&p);
  out.peak = gkt_device_count_all(ctx->device).bytes_peak, out.entries = A->row_offsets[A->num_rows];
  out.values = copied(A->vals, out.entries);
  gkt_csr_destroy(&A);
  end_problem(&p);
  unsetenv("GKT_EMULATED_MEMORY");
  return out;
}

static void plans_that_are_not_taken(void **state) {
  (void)state;
  const outcome fused = assemble_expensive(GKT_REDUCE_FUSED, 0), segmented = assemble_expensive(GKT_REDUCE_SEGMENTED, 0), chosen = assemble_expensive(GKT_REDUCE_AUTO, 0);
  assert_string_equal(fused.strategy, "fused");
  assert_string_equal(chosen.strategy, "segmented");
  assert_int_equal(chosen.planned, segmented.planned);
  assert_true(fused.peak < segmented.peak);
  const outcome kept = assemble_expensive(GKT_REDUCE_AUTO, fused.peak);
  if (!strstr(logged, "fused, though segmented is predicted to be faster: it needs ")) fail_msg("expected the reason:\n%s", logged);
  assert_string_equal(kept.strategy, "fused");
  assert_int_equal(kept.entries, chosen.entries);
  assert_memory_equal(kept.values, chosen.values, sizeof *kept.values * (size_t)kept.entries);
  free(fused.values), free(segmented.values), free(chosen.values), free(kept.values);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_per_dof), cmocka_unit_test(plans_that_are_not_taken)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
