/* Claim: assemblers of one mesh and its spaces hold coordinates, connectivity and dof numbers once on a device, whatever their strategies, and by `fused` no numbers of dofs at the
   nodes of the mesh, nor of cells; those that are destroyed take nothing from the others, and the last one leaves nothing. Nodes that move between two assemblies have moved for
   all of them. A failure while they are made leaves nothing, too. */
#include "tests/emulated_device.h"
#include "tests/element_results.h"

static const field_kind kind = {"tetrahedra", 3, 2, 1}, linear = {"tetrahedra", 3, 1, 1};
static const char equation[] = "(1 + u^2)*inner(grad(u), grad(v))*dx == v*dx";

static void begin(gkt_backend backend, gkt_reduce_strategy reduce) {
  use_context((gkt_context_options){.backend = backend, .reduce = reduce, .poison = true, .separate_rounding = true});
}

static gkt_size held(void) { return gkt_device_count_all(ctx->device).bytes_held; }

static gkt_scalar *assemble_vector(field_problem *p) {
  gkt_scalar *out = malloc((size_t)num_dofs(p) * sizeof *out);
  for (gkt_idx i = 0; i < num_dofs(p); i++) p->u[i] = sin(0.3 * i);
  must(gkt_assemble_vector(p->vector, problem_inputs(p), out), "vector");
  return out;
}

static void stretch(field_problem *p) {
  double *x = gkt_mesh_coords_mutable(p->mesh);
  for (gkt_idx i = 0; i < 3 * gkt_mesh_num_nodes(p->mesh); i++) x[i] *= 1.25;
}

/* Bytes that a matrix and a vector hold together less than each by itself. Dofs of degree 1 have the numbers of nodes, which `segmented` reads as connectivity anyhow, and patches
   have as lists of their own. */
static gkt_size find_saved(const field_kind *of, gkt_reduce_strategy reduce, gkt_size *expected) {
  const int numbers = of->degree == 1 ? 0 : 10;
  field_problem p;
  begin(GKT_BACKEND_CUDA, reduce);
  begin_problem(&p, of, unit_mesh(TETRAHEDRA, 3));
  pose_problem(&p, equation, "0");
  const gkt_size cells = gkt_mesh_num_cells(p.mesh), nodes = gkt_mesh_num_nodes(p.mesh), both = held();
  *expected = nodes * 3 * 8 + cells * numbers * 4 + (reduce == GKT_REDUCE_SEGMENTED ? cells * 4 * 4 : 0);
  gkt_assembler_destroy(&p.vector);
  const gkt_size matrix = held();
  p.vector = make_assembler(&p, p.residual);
  assert_int_equal(held(), both);
  gkt_assembler_destroy(&p.matrix);
  const gkt_size vector = held();
  gkt_assembler_destroy(&p.vector);
  assert_int_equal(held(), 0);
  end_problem(&p);
  return matrix + vector - both;
}

static void held_once(void **state) {
  gkt_size expected;
  (void)state;
  for (int k = 0; k < 4; k++) { /* tables of rules are small, and may be the same */
    const gkt_size saved = find_saved(k / 2 ? &linear : &kind, k % 2 ? GKT_REDUCE_SEGMENTED : GKT_REDUCE_FUSED, &expected);
    if (saved != expected) fail_msg("case %d: %lld bytes are held once; expected %lld", k, (long long)saved, (long long)expected);
  }
}

static void others_stay(void **state) {
  field_problem p;
  gkt_scalar *host[2], *device[2];
  (void)state;
  for (int on = 0; on < 2; on++) {
    begin(on ? GKT_BACKEND_CUDA : GKT_BACKEND_CPU, on ? GKT_REDUCE_FUSED : GKT_REDUCE_SEGMENTED);
    begin_problem(&p, &kind, unit_mesh(TETRAHEDRA, 2));
    pose_problem(&p, equation, "0");
    gkt_assembler_destroy(&p.matrix);
    (on ? device : host)[0] = assemble_vector(&p);
    p.matrix = make_assembler(&p, p.tangent);
    stretch(&p);
    gkt_csr *A = assemble_tangent(&p);
    gkt_csr_destroy(&A);
    stretch(&p);
    (on ? device : host)[1] = assemble_vector(&p);
    if (on)
      for (int k = 0; k < 2; k++) assert_memory_equal(host[k], device[k], (size_t)num_dofs(&p) * sizeof **host);
    end_problem(&p);
  }
  for (int k = 0; k < 2; k++) free(host[k]), free(device[k]);
}

/* Every allocation of the second one fails in turn. */
static void failures_leave_the_first(void **state) {
  field_problem p;
  gkt_status status = GKT_NO_MEMORY;
  (void)state;
  begin(GKT_BACKEND_CUDA, GKT_REDUCE_FUSED);
  begin_problem(&p, &kind, unit_mesh(TETRAHEDRA, 1));
  pose_problem(&p, equation, "0");
  gkt_assembler_destroy(&p.vector);
  const gkt_size before = held();
  for (int n = 1; status != GKT_OK; n++) {
    char what[32];
    snprintf(what, sizeof what, "alloc:%d", n);
    gkt_context_clear(ctx);
    emulator_fail(what);
    status = gkt_assembler_create(p.residual, p.mesh, p.spaces, &p.vector);
    assert_int_equal(status != GKT_OK, emulator_calls("alloc") >= n);
    emulator_fail(NULL);
    if (status != GKT_OK) assert_int_equal(held(), before);
    if (status != GKT_OK && status != GKT_NO_MEMORY) break; /* it sticks */
  }
  end_problem(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(held_once), cmocka_unit_test(others_stay), cmocka_unit_test(failures_leave_the_first)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
