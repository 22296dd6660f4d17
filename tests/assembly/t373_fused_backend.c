/* Claim: the backend cuda fuses what it can, by itself or when it is asked to, and says so; all else goes by `segmented`, with the reason. Values have the bits of the CPU's
   `segmented`, also when coefficients change and nodes move between assemblies. */
#include "tests/emulated_device.h"
#include "tests/element_results.h"

static char logged[4000];
static void keep_lines(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", message);
}

static void use_reduce(gkt_backend backend, gkt_reduce_strategy strategy) {
  *logged = 0;
  use_context((gkt_context_options){.backend = backend, .poison = true, .separate_rounding = true, .reduce = strategy, .log = keep_lines});
}

static void said(const char *what) {
  if (!strstr(logged, what)) fail_msg("expected '%s' among what was said:\n%s", what, logged);
}

static const char diffusion[] = "inner((1 + u^2)*grad(u), grad(v))*dx + u*v*ds(left) == k*v*dx", points[] = "inner(grad(u), grad(v))*dx + u*v*dP(nodes) == v*dx",
                  wide[] = "inner(grad(u), grad(v))*dx == v[8]*dx"; /* 9 components */

static void begin_on(field_problem *p, const char *equation, const char *strategy) {
  static field_kind kind;
  gkt_assembler_info info;
  kind = (field_kind){"tetrahedra", 3, 1, equation == wide ? 9 : 1};
  begin_problem(p, &kind, bent_mesh(TETRAHEDRA, 2, 1));
  set_constant(p, "k", 0.7);
  pose_problem(p, equation, "0");
  gkt_assembler_get_info(p->matrix, &info);
  if (strategy) assert_string_equal(info.reduce, strategy);
}

/* Values of the matrix and the vector, one after the other, for the fields and nodes at hand. */
static gkt_scalar *assemble_both(field_problem *p, gkt_idx *count) {
  gkt_csr *A = assemble_tangent(p);
  const gkt_idx entries = A->row_offsets[A->num_rows], dofs = num_dofs(p);
  gkt_scalar *out = malloc((size_t)(entries + dofs) * sizeof *out);
  memcpy(out, A->vals, (size_t)entries * sizeof *out);
  must(gkt_assemble_vector(p->vector, problem_inputs(p), out + entries), "vector");
  gkt_csr_destroy(&A);
  *count = entries + dofs;
  return out;
}

/* Three assemblies: as it is, with other values, with nodes that have moved. */
static gkt_scalar *assemble_thrice(field_problem *p, gkt_idx *count) {
  gkt_scalar *all = NULL;
  *count = 0;
  for (int round = 0; round < 3; round++) {
    gkt_idx n;
    for (gkt_idx i = 0; i < num_dofs(p) && round < 2; i++) p->u[i] = sin(0.3 * i + round);
    double *x = gkt_mesh_coords_mutable(p->mesh);
    for (gkt_idx i = 0; i < 3 * gkt_mesh_num_nodes(p->mesh) && round == 2; i++) x[i] *= 1.25;
    gkt_scalar *now = assemble_both(p, &n);
    all = realloc(all, (size_t)(*count + n) * sizeof *all);
    memcpy(all + *count, now, (size_t)n * sizeof *all);
    free(now);
    *count += n;
  }
  return all;
}

static void compare(const char *equation, gkt_reduce_strategy strategy, const char *expected, const char *line) {
  field_problem p;
  gkt_idx count, same;
  use_reduce(GKT_BACKEND_CPU, GKT_REDUCE_SEGMENTED);
  begin_on(&p, equation, NULL);
  gkt_scalar *host = assemble_thrice(&p, &count);
  end_problem(&p);
  use_reduce(GKT_BACKEND_CUDA, strategy);
  begin_on(&p, equation, expected);
  said(line);
  gkt_scalar *device = assemble_thrice(&p, &same);
  assert_int_equal(count, same);
  for (gkt_idx i = 0; i < count; i++)
    if (memcmp(&host[i], &device[i], sizeof *host)) fail_msg("value %d of %d: %.17g, %.17g on the device", (int)i, (int)count, host[i], device[i]);
  end_problem(&p);
  free(host), free(device);
}

static void what_is_fused(void **state) {
  (void)state;
  compare(diffusion, GKT_REDUCE_AUTO, "fused", "reduce of a matrix: fused, on the device: ");
  compare(diffusion, GKT_REDUCE_FUSED, "fused", "reduce of a vector: fused, on the device: ");
  compare(points, GKT_REDUCE_FUSED, "fused", "reduce of a matrix: fused, on the device: ");
}

static void what_is_not(void **state) {
  (void)state;
  compare(diffusion, GKT_REDUCE_SEGMENTED, "segmented", "reduce of a matrix: segmented, on the device: ");
  compare(wide, GKT_REDUCE_FUSED, "segmented", "reduce of a matrix on the device: segmented, not fused: blocks of more than 64 scalars");
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_fused), cmocka_unit_test(what_is_not)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
