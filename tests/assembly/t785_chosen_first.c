/* Claim: the backend cuda chooses between `fused` and `segmented` before anything of a strategy is compiled or sent: where it takes `segmented` by itself, the device is asked for
   just what it is asked for when it is told so, and to plan patches, by kernels that all plans share; where it takes `fused`, for the same. The fused kernel asks for the shared
   memory of two blocks. */
#include "tests/emulated_device.h"
#include "tests/patch_forms.h"

typedef struct {
  long compiled, loaded, sent, shares;
  char reduce[32];
} calls;

/* Calls of the plan of a matrix, with an empty cache of kernels. */
static calls plan(mesh_kind m, int n, int degree, int components, gkt_reduce_strategy reduce) {
  char folder[] = "/tmp/gkt_t785_XXXXXX", command[64];
  gkt_assembler_info info;
  posed p;
  assert_non_null(mkdtemp(folder));
  use_context((gkt_context_options){.backend = GKT_BACKEND_CUDA, .reduce = reduce, .cache_dir = folder});
  emulator_fail(NULL); /* counts begin anew */
  pose(unit_mesh(m, n), degree, components, false, 2, components > 1 ? "inner(grad(u), grad(v))*dx == dot(x, v)*dx" : "inner(grad(u), grad(v))*dx == v*dx", &p);
  gkt_assembler_get_info(p.assembler, &info);
  calls c = {emulator_calls("compile"), emulator_calls("load"), emulator_calls("upload"), emulator_calls("share"), ""};
  snprintf(c.reduce, sizeof c.reduce, "%s", info.reduce);
  drop(&p);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
  return c;
}

static void same_calls(mesh_kind m, int n, int degree, int components, gkt_reduce_strategy reduce, const char *name) {
  enum { MODULES = 2, SENT = 3 }; /* of a plan of patches on the device: its kernels and sorts; nodes of cells, of rows and of corners, and coordinates */
  const calls by_itself = plan(m, n, degree, components, GKT_REDUCE_AUTO);
  calls told = plan(m, n, degree, components, reduce);
  if (reduce == GKT_REDUCE_SEGMENTED) told.compiled += MODULES, told.loaded += MODULES, told.sent += SENT;
  assert_string_equal(by_itself.reduce, name);
  if (by_itself.compiled != told.compiled || by_itself.loaded != told.loaded || by_itself.sent != told.sent || by_itself.shares != told.shares)
    fail_msg("%s: by itself %ld compiled, %ld loaded, %ld sent; told so %ld, %ld, %ld", name, by_itself.compiled, by_itself.loaded, by_itself.sent, told.compiled, told.loaded,
             told.sent);
  assert_int_equal(told.shares > 0, reduce == GKT_REDUCE_FUSED);
}

static void what_is_not_chosen_costs_nothing(void **state) {
  (void)state;
  same_calls(TETRAHEDRA, 2, 1, 1, GKT_REDUCE_FUSED, "fused");
  same_calls(QUADRILATERALS, 4, 2, 2, GKT_REDUCE_SEGMENTED, "segmented");
}

/* Two blocks of the patch, each with a kilobyte beside its own, in hundredths of what a multiprocessor has. */
static void two_blocks_are_asked_for(void **state) {
  gkt_size shared;
  gkt_device_info info;
  (void)state;
  plan(TETRAHEDRA, 4, 1, 1, GKT_REDUCE_FUSED);
  const int percent = emulator_preferred("gkt_patch", &shared);
  gkt_device_describe(0, &info);
  assert_true(percent > 0 && shared > 0);
  assert_int_equal(percent, (int)ceil(100.0 * 2 * (double)(shared + 1024) / (double)info.shared_bytes));
}

int main(void) {
  use_emulated_device();
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_not_chosen_costs_nothing), cmocka_unit_test(two_blocks_are_asked_for)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
