/* Claim: whichever allocation of ours fails, alone or with all that follow, an elastic extension says that memory is exhausted and leaves nothing allocated. */
#include "galerkit/extension.h"
#include "tests/failing_memory.h"

static gkt_status extend(gkt_context *ctx, void *user) {
  const gkt_cell_type cell = *(gkt_cell_type *)user;
  gkt_mesh *mesh = NULL;
  gkt_extension *e = NULL;
  double d[6] = {0.1}, x[18], out[6] = {0};
  gkt_idx turned;
  gkt_status status = gkt_mesh_box(ctx, &(gkt_box){cell, 2, {2, 2}, {0, 0}, {1, 1}}, &mesh);
  if (status == GKT_OK) status = gkt_extension_create(mesh, 1, (const char *const[]){"top"}, 1, &(gkt_hold){"left", 0}, &e);
  if (status == GKT_OK) status = gkt_extension_apply(e, d, x, &turned);
  if (status == GKT_OK) status = gkt_extension_transpose(e, x, out);
  if (status == GKT_OK) status = gkt_extension_riesz(e, out, d);
  if (status == GKT_OK) status = gkt_extension_filter(e, 1);
  if (status == GKT_OK) status = gkt_extension_smooth(e, out, d);
  if (status == GKT_OK) status = gkt_extension_smooth_transpose(e, out, d);
  gkt_extension_destroy(&e);
  gkt_mesh_destroy(&mesh);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  for (int i = 0; i < 2; i++) {
    gkt_cell_type cell = i ? GKT_QUADRILATERAL : GKT_TRIANGLE;
    const gkt_context_options options = {.backend = GKT_BACKEND_INTERPRETER, .threads = 1};
    assert_true(fail_each_in_turn("extension", extend, &cell, &options) > 50);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
