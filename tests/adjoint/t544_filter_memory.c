/* Claim: whichever allocation of ours fails, alone or with all that follow, a filter says that memory is exhausted and leaves nothing allocated. */
#include "galerkit/filter.h"
#include "tests/failing_memory.h"

typedef struct {
  gkt_filter_kind kind;
  bool on_set;
} choice;

static gkt_status create(const gkt_space *space, const choice *c, gkt_filter **out) {
  const char *const sets[] = {"left", "top"};
  return c->on_set ? gkt_filter_create_on(space, 2, sets, c->kind, 0.4, out) : gkt_filter_create(space, c->kind, 0.4, out);
}

static gkt_status filter(gkt_context *ctx, void *user) {
  const choice *c = user;
  const gkt_element element = c->on_set ? (gkt_element){GKT_LAGRANGE, 1} : (gkt_element){GKT_DISCONTINUOUS_LAGRANGE, 0};
  gkt_mesh *mesh = NULL;
  gkt_space *space = NULL;
  gkt_filter *f = NULL;
  double x[16] = {1}, y[16], out[16] = {0};
  gkt_status status = gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {4, 4}, {0, 0}, {1, 1}}, &mesh);
  if (status == GKT_OK) status = gkt_space_create(mesh, element, gkt_shape_scalar(), &space);
  if (status == GKT_OK) status = create(space, c, &f);
  if (status == GKT_OK) status = gkt_filter_apply(f, x, y);
  if (status == GKT_OK) status = gkt_filter_transpose(f, x, y, out);
  gkt_filter_destroy(&f);
  gkt_space_destroy(&space);
  gkt_mesh_destroy(&mesh);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  for (int kind = 0; kind <= GKT_NUM_FILTERS; kind++) { /* the last one: on sets */
    choice chosen = {kind < GKT_NUM_FILTERS ? (gkt_filter_kind)kind : GKT_FILTER_HELMHOLTZ, kind == GKT_NUM_FILTERS};
    const gkt_context_options options = {.backend = GKT_BACKEND_INTERPRETER, .threads = 1};
    assert_true(fail_each_in_turn("filter", filter, &chosen, &options) > 50);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
