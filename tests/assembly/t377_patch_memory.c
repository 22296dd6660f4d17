/* Claim: when the k-th allocation fails, for every k, a plan of patches says GKT_NO_MEMORY, is not half made, and loses nothing: of tensors, of pair mode, of facets, dealt, and of
   a row that does not fit. The steady state of P1 Poisson on a device, matrix included, is below 0.7 kB for each dof, by the counters of its allocator. */
#include "tests/patch_fused.h"
#include "tests/patch_plans.h"

#include "tests/failing_memory.h"

static void fail_at_every_allocation(patch_world *w, gkt_idx nodes) {
  gkt_patch_limits limits = gkt_patch_limits_default(227 * 1024);
  int k = 0;
  limits.nodes = nodes;
  for (gkt_status status = GKT_NO_MEMORY; status != GKT_OK; k++) {
    gkt_row_patches *p = NULL;
    char why[200];
    gkt_context_clear(ctx);
    begin_failing(k, k % 2);
    status = gkt_row_patches_create(ctx, &w->input, &limits, &p, why);
    end_failing();
    if (status != GKT_OK) {
      assert_int_equal(status, GKT_NO_MEMORY);
      assert_null(p);
    } else if (p) gkt_row_patches_destroy(&p);
    else assert_true(*why);
    assert_int_equal(memory.num_held, 0);
  }
  assert_true(k > 20);
}

static void plans_fail_cleanly(void **state) {
  (void)state;
  use_context((gkt_context_options){.reduce = GKT_REDUCE_SEGMENTED, .threads = 1});
  for (int pairs = 0; pairs < 2; pairs++) {
    patch_world w;
    make_patch_world(unit_mesh(pairs ? TETRAHEDRA : MIXED_SPACE, 3), 1, 3, 2, !pairs, pairs ? 1 : 3, &w);
    w.input.pairs = pairs, w.input.record[0] = pairs ? 14 : 0, w.input.apart[0] = pairs ? 3 : 0, w.input.window = 8;
    fail_at_every_allocation(&w, 1024);
    fail_at_every_allocation(&w, 4);
    free_patch_world(&w);
  }
}

static void little_is_held(void **state) {
  (void)state;
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA});
  posed p;
  gkt_csr *A, *on_device;
  gkt_assembler_info info;
  must(gkt_device_open(ctx, &device), "device");
  const gkt_size before = gkt_device_count_all(device).bytes_held;
  pose(unit_mesh(TETRAHEDRA, 12), 1, 1, false, 2, "inner(grad(u), grad(v))*dx == v*dx", &p);
  gkt_assembler_get_info(p.assembler, &info);
  assert_string_equal(info.reduce, "fused");
  must(gkt_assembler_matrix(p.assembler, &A), "matrix");
  must(gkt_csr_to(ctx, A, GKT_ON_DEVICE, &on_device), "matrix on the device");
  const double held = (double)(gkt_device_count_all(device).bytes_held - before) / gkt_space_num_dofs(p.spaces[0]);
  if (!(held < 700)) fail_msg("%.0f bytes for each dof", held);
  gkt_csr_destroy(&on_device);
  gkt_csr_destroy(&A);
  drop(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(plans_fail_cleanly), cmocka_unit_test(little_is_held)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
