/* Claim: whatever fails while patches are planned on the device - each allocation, launch, fill and download in turn, and each allocation of the host - nothing is held afterwards
   and the failure is told. The most that planning P1 Poisson takes is below 1.2 kB for each dof, by the counters of the allocator, and below what it is said to need. Where that is
   not free, and where a node has too many neighbours, the host plans, and the values are the same. */
#include "tests/patch_fused.h"
#include "tests/patch_plans.h"

#include "assembly/patches_device.h"
#include "core/device_inside.h"
#include "tests/failing_memory.h"

/* What the model counts: what any plan moves and more, and time for it. */
static void check_cost(const gkt_device_patch_input *in, const gkt_row_patches *patches) {
  const gkt_device_cost cost = gkt_device_patches_count(in, patches);
  const gkt_device_rates rates = gkt_device_rates_of(90, 0);
  const gkt_device_prediction p = gkt_device_predict(&cost, &rates);
  const double launches = cost.launches * rates.launch, cells = (double)cost.cells;
  assert_true(cost.floor_bytes > (double)gkt_row_patches_bytes(patches) && cost.dram_bytes > cost.floor_bytes && cost.instructions > 0);
  assert_true(p.best > launches && p.worst >= p.best);
  if (getenv("GKT_SHOW"))
    printf("predicted for %s: %.3g to %.3g s per million cells beside launches, the limit is %s; %.0f bytes of DRAM and %.0f instructions a cell\n", rates.name,
           1e6 * (p.best - launches) / cells, 1e6 * (p.worst - launches) / cells, p.limit, cost.dram_bytes / cells, cost.instructions / cells);
}

static gkt_status plan(patch_world *w, gkt_device *on, gkt_size *needed) {
  const gkt_device_patch_input in = {&w->input, w->incidence, gkt_space_coords(w->space), false};
  const gkt_patch_limits limits = gkt_patch_limits_default(227 * 1024);
  gkt_copies copies = {.ctx = ctx, .device = on};
  gkt_row_patches *patches = NULL;
  gkt_patch_arrays arrays;
  char why[200];
  if (needed) *needed = gkt_device_patches_bytes(&in);
  const gkt_status status = gkt_device_patches_create(ctx, &copies, &in, &limits, &patches, &arrays, why);
  if (status == GKT_OK && !patches) fail_msg("%s", why);
  if (status != GKT_OK) assert_null(patches);
  if (needed && patches) check_cost(&in, patches);
  gkt_row_patches_destroy(&patches);
  if (status == GKT_OK) gkt_patch_arrays_clear(&arrays);
  if (status == GKT_OK) gkt_copies_clear(&copies);
  assert_int_equal(copies.count, 0);
  return status;
}

static void open_device(void) {
  use_context((gkt_context_options){.reduce = GKT_REDUCE_SEGMENTED, .threads = 1});
  must(gkt_device_open(ctx, &device), "the emulated device");
}

static void device_fails(void **state) {
  (void)state;
  static const char *const calls[] = {"alloc", "launch", "fill", "download", "upload", "find"};
  for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
    gkt_status status = GKT_LIBRARY;
    for (int n = 1; status != GKT_OK; n++) {
      char what[32];
      patch_world w;
      open_device();
      make_patch_world(unit_mesh(TRIANGLES, 3), 1, 2, 2, true, 3, &w);
      w.input.window = 32;
      snprintf(what, sizeof what, "%s:%d", calls[k], n);
      emulator_fail(what);
      status = plan(&w, device, NULL);
      assert_int_equal(status != GKT_OK, emulator_calls(calls[k]) >= n);
      if (status != GKT_OK) assert_true(*gkt_context_message(ctx));
      emulator_fail(NULL);
      assert_int_equal(gkt_device_count_all(device).bytes_held, 0);
      free_patch_world(&w);
    }
  }
}

static void host_fails(void **state) {
  (void)state;
  patch_world w;
  gkt_status status = GKT_NO_MEMORY;
  open_device();
  make_patch_world(unit_mesh(TRIANGLES, 3), 1, 1, 2, true, 3, &w);
  must(plan(&w, device, NULL), "kernels that the device keeps");
  for (int k = 0; status != GKT_OK; k++) {
    gkt_context_clear(ctx);
    begin_failing(k, k % 2);
    status = plan(&w, device, NULL);
    end_failing();
    assert_true(status == GKT_OK || status == GKT_NO_MEMORY);
    assert_int_equal(gkt_device_count_all(device).bytes_held, 0);
  }
  free_patch_world(&w);
}

static void the_most_that_is_held(void **state) {
  (void)state;
  patch_world w;
  gkt_size needed;
  open_device();
  make_patch_world(unit_mesh(TETRAHEDRA, 14), 1, 1, 2, true, 1, &w);
  w.input.window = 32;
  gkt_device_reset_peak(device);
  const gkt_device_counts before = gkt_device_count_all(device);
  must(plan(&w, device, &needed), "plan");
  const gkt_device_counts after = gkt_device_count_all(device);
  const double rows = w.reduce->pattern.num_nodes[0], peak = (double)gkt_device_count_all(device).bytes_peak / rows;
  if (getenv("GKT_SHOW"))
    printf("%.0f bytes a dof, %.0f are said to be needed; %lld launches, %lld waits, %lld bytes down, %.0f bytes up a dof\n", peak, (double)needed / rows,
           (long long)(after.launches - before.launches), (long long)(after.waits - before.waits), (long long)(after.bytes_down - before.bytes_down),
           (double)(after.bytes_up - before.bytes_up) / rows);
  if (!(peak < 1200)) fail_msg("%.0f bytes a dof while planning", peak);
  if (!((double)needed / rows > peak)) fail_msg("%.0f bytes a dof, %.0f were said to be needed", peak, (double)needed / rows);
  free_patch_world(&w);
}

static void the_host_plans(void **state) {
  (void)state;
  begin();
  posed p;
  pose(unit_mesh(TRIANGLES, 5), 1, 1, false, 2, "inner(grad(u), grad(v))*dx + k*u*v*ds(left) == v*dx", &p);
  gkt_scalar *expected = assemble(&p);
  const gkt_size free_bytes = device->info.free_bytes;
  device->info.free_bytes = gkt_device_count_all(device).bytes_held + 10000;
  same(&p, expected, &(gkt_fused_options){.window = -1}, "little memory");
  device->info.free_bytes = free_bytes;
  same(&p, expected, &(gkt_fused_options){.window = -1, .on_host = true}, "as asked");
  same(&p, expected, &(gkt_fused_options){.window = 64}, "a wide window");
  same(&p, expected, &(gkt_fused_options){.window = -1}, "on the device");
  free(expected);
  drop(&p);
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(device_fails), cmocka_unit_test(host_fails), cmocka_unit_test(the_most_that_is_held), cmocka_unit_test(the_host_plans)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
