/* Claim: predictions of batches know one launch for each kernel of one call, and an item for each cell in each set. Kernels of batches compile for sm_90, with GKT_LONG=1 sm_80 and
   sm_100: fused ones with as many sets as the model takes keep all in registers for scalar P1 forms and vectors of P1 elasticity on simplices, few enough for two blocks on a
   multiprocessor; those of element tensors and of their sums need no local memory, either. The exception: the matrix with a varying coefficient, of which a pointer waits in local
   memory on sm_90, as 64 registers let four blocks work. */
#include "tests/nvrtc.h"
#include "tests/patch_forms.h"

#include "assembly/elements.h"
#include "assembly/patches_emit.h"
#include "assembly/segments.h"

enum { MOST_REGISTERS = 128, SHARED = 228 << 10 };

/* most: bytes of local memory */
static void inspect(const gkt_text *text, int most, const char *what) {
  for (int k = 0; k < nvrtc_num_architectures(); k++) {
    gkt_kernel_info *infos;
    int count;
    must(gkt_device_inspect(ctx, text->data, nvrtc_architectures[k], &count, &infos), what);
    for (int i = 0; i < count; i++)
      if (infos[i].local_bytes > most || infos[i].registers > MOST_REGISTERS)
        fail_msg("%s, sm_%d: %s has %d bytes of local memory, %d registers", what, nvrtc_architectures[k], infos[i].name, infos[i].local_bytes, infos[i].registers);
    gkt_free(&infos);
  }
}

static void check(mesh_kind m, int n, int components, int arity, int sets, int most, const char *equation) {
  const gkt_patch_limits limits = gkt_patch_limits_default(SHARED);
  gkt_text fused = {.ctx = ctx}, elements = {.ctx = ctx};
  gkt_patch_shares s;
  char why[200];
  posed p;
  pose(unit_mesh(m, n), 1, components, false, arity, equation, &p);
  must(gkt_patch_shares_create(p.assembler, 0, &s, why), "shares");
  assert_string_equal(why, "");
  must(gkt_patch_choose_sets(&s, &limits, 90), "sets");
  if (s.sets < sets) fail_msg("%s, arity %d: %d sets at once, expected at least %d", equation, arity, s.sets, sets);
  must(gkt_patches_source(&s, false, &fused), "text");
  must(gkt_elements_source(p.assembler, true, &elements), "text");
  inspect(&fused, most, equation);
  inspect(&elements, 0, equation);
  gkt_text_free(&fused), gkt_text_free(&elements);
  gkt_patch_shares_clear(&s);
  drop(&p);
}

static void sets_stay_in_registers(void **state) {
  (void)state;
  if (!nvrtc_is_found()) skip();
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  check(TRIANGLES, 40, 1, 1, 4, 0, "inner(grad(u), grad(v))*dx == c*v*dx");
  check(TETRAHEDRA, 10, 1, 2, 2, 16, "c*inner(grad(u), grad(v))*dx == v*dx");
  check(TETRAHEDRA, 8, 3, 1, 1, 0, "inner(sym(grad(u)), 2*k*sym(grad(v)))*dx + c*div(u)*div(v)*dx == v[0]*dx");
}

static void sums_of_sets(void **state) {
  (void)state;
  if (!nvrtc_is_found()) skip();
  gkt_text text = {.ctx = ctx};
  for (int k = 0; gkt_segments_kernels[k]; k++) gkt_text_printf(&text, "%s", gkt_segments_kernels[k]);
  inspect(&text, 0, "sums");
  gkt_text_free(&text);
}

static void one_launch_is_predicted(void **state) {
  (void)state;
  enum { SETS = 20 };
  gkt_gpu_prediction few, many;
  posed p;
  if (!nvrtc_is_found()) skip();
  use_context((gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .reduce = GKT_REDUCE_SEGMENTED});
  pose(unit_mesh(TRIANGLES, 6), 1, 1, false, 1, "inner(grad(u), grad(v))*dx == c*v*dx", &p);
  must(gkt_assembler_predict_batch(p.assembler, 90, 2, &few), "two");
  must(gkt_assembler_predict_batch(p.assembler, 90, SETS, &many), "twenty");
  assert_int_equal(many.items, (gkt_size)SETS * gkt_mesh_num_cells(p.mesh));
  assert_true(few.launches == 1 && many.launches == 1);
  assert_true(many.floor_bytes < 10 * few.floor_bytes && many.floor_bytes > SETS * 8 * 3 * gkt_mesh_num_nodes(p.mesh)); /* two functions and a result of each, a mesh of all */
  assert_int_equal(gkt_assembler_predict_batch(p.assembler, 90, 0, &few), GKT_BAD_ARGUMENT);
  assert_string_equal(gkt_context_message(ctx), "batch: 0 sets; expected at least 1");
  gkt_context_clear(ctx);
  drop(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sets_stay_in_registers), cmocka_unit_test(sums_of_sets), cmocka_unit_test(one_launch_is_predicted)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
