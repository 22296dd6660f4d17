/* Claim: whichever allocation of ours fails, alone or with all that follow, what a program calls of a system of several unknowns, one of them a pressure that no condition fixes,
   says that memory is exhausted and leaves nothing allocated. */
#include "galerkit/system.h"
#include "tests/failing_memory.h"

#include "core/core.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_space *V, *Q;
  gkt_scope *scope;
  gkt_form *form;
  gkt_expression *value;
  gkt_system *system;
  gkt_vector *u;
  gkt_csr *A, *B;
  gkt_solve_report report;
} world;

static gkt_status make(gkt_context *ctx, const char *text, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1}, P2 = {GKT_LAGRANGE, 2};
  int u, p;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {2, 2}, {0, 0}, {1, 1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  GKT_TRY(gkt_space_create(w->mesh, P2, gkt_shape_vector(2), &w->V));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->Q));
  GKT_TRY(gkt_scope_create(ctx, 2, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_vector(2), P2, &u));
  GKT_TRY(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), P1, &p));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = text}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "[x[1]*(1 - x[1]), 0]"}, &w->value));
  GKT_TRY(gkt_system_create(w->form, w->mesh, 2, (const int[]){p, u}, (const gkt_space *const[]){w->V, NULL, w->Q, NULL}, &w->system));
  return gkt_system_constrain(w->system, &(gkt_condition){.unknown = u, .set = gkt_mesh_find_set(w->mesh, "boundary"), .component = -1, .value = w->value});
}

static gkt_status use(world *w) {
  gkt_solve_options options = gkt_solve_options_default();
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_system_matrix(w->system, &w->A));
  GKT_TRY(gkt_system_block(w->system, w->A, 2, 0, &w->B));
  options.newton.linear.method = GKT_LINEAR_GMRES; /* with what stands for the Schur complement */
  GKT_TRY(gkt_system_solve(w->system, &options, w->u, &w->report));
  if (!w->report.valid) fail_msg("%s", w->report.reason);
  return GKT_OK;
}

static void clear(world *w) {
  gkt_solve_report_clear(&w->report);
  gkt_csr_destroy(&w->A), gkt_csr_destroy(&w->B);
  gkt_vector_destroy(&w->u);
  gkt_system_destroy(&w->system);
  gkt_expression_destroy(&w->value);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V), gkt_space_destroy(&w->Q);
  gkt_mesh_destroy(&w->mesh);
}

static gkt_status run(gkt_context *ctx, void *text) {
  world w = {0};
  gkt_status status;
  GKT_GO(make(ctx, text, &w));
  GKT_GO(use(&w));
done:
  clear(&w);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  static char stokes[] = "(inner(grad(u), grad(v)) - p*div(v) - q*div(u))*dx";
  assert_true(fail_each_in_turn("stokes", run, stokes, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
