/* Claim: whichever allocation of ours fails, alone or with all that follow, ties and conditions on normal components say that memory is exhausted and leave nothing allocated. */
#include "galerkit/system.h"
#include "tests/failing_memory.h"

#include "core/core.h"
#include "systems/system.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_space *V, *Q;
  gkt_scope *scope;
  gkt_form *form;
  gkt_expression *value;
  gkt_system *system;
  gkt_vector *u, *r;
  gkt_csr *A;
} world;

/* A box, sheared so that the top is slanted, or as it is. */
static gkt_status make(gkt_context *ctx, bool sheared, world *w) {
  const gkt_element P2 = {GKT_LAGRANGE, 2}, P1 = {GKT_LAGRANGE, 1};
  int u, p;
  GKT_TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {2, 2}, {0, 0}, {1, 1}}, &w->mesh));
  GKT_TRY(gkt_mesh_topology(w->mesh));
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(w->mesh) && sheared; i++) gkt_mesh_coords_mutable(w->mesh)[2 * i + 1] += 0.3 * gkt_mesh_coords(w->mesh)[2 * i];
  GKT_TRY(gkt_space_create(w->mesh, P2, gkt_shape_vector(2), &w->V));
  GKT_TRY(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->Q));
  GKT_TRY(gkt_scope_create(ctx, 2, &w->scope));
  GKT_TRY(gkt_scope_add_field(w->scope, "u", "v", gkt_shape_vector(2), P2, &u));
  GKT_TRY(gkt_scope_add_field(w->scope, "p", "q", gkt_shape_scalar(), P1, &p));
  GKT_TRY(gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = "inner(grad(u), grad(v))*dx - p*div(v)*dx - q*div(u)*dx - v[0]*dx"}, &w->form));
  GKT_TRY(gkt_expression_parse(w->scope, &(gkt_source){.text = "t*x[1]"}, &w->value));
  const gkt_space *spaces[4] = {NULL};
  spaces[u] = w->V, spaces[p] = w->Q;
  return gkt_system_create(w->form, w->mesh, 2, (const int[]){u, p}, spaces, &w->system);
}

static const gkt_scalar ones[60] = {1, 1}; /* dofs of P2 on four cells and of P1 */
static gkt_scalar by_nodes[5];

static gkt_status use(world *w, bool sheared) {
  static const gkt_rotation quarter = {.angle = 90};
  gkt_state state = {.time = 0.5};
  gkt_system_facts facts;
  const gkt_mesh_set *left = gkt_mesh_find_set(w->mesh, "left"), *right = gkt_mesh_find_set(w->mesh, "right"), *bottom = gkt_mesh_find_set(w->mesh, "bottom");
  if (sheared) GKT_TRY(gkt_system_tie(w->system, &(gkt_tie){.from = left, .to = right, .place = "here"}));
  else GKT_TRY(gkt_system_tie(w->system, &(gkt_tie){.from = bottom, .to = left, .rotation = &quarter}));
  GKT_TRY(gkt_system_constrain(w->system, &(gkt_condition){.set = gkt_mesh_find_set(w->mesh, "top"), .component = GKT_NORMAL, .value = w->value, .note = "line 1"}));
  GKT_TRY(gkt_system_vector(w->system, &w->u));
  GKT_TRY(gkt_system_vector(w->system, &w->r));
  state.u = w->u;
  GKT_TRY(gkt_system_set_time(w->system, 0.5));
  GKT_TRY(gkt_system_lift(w->system, w->u));
  GKT_TRY(gkt_system_transpose_values(w->system, 0, ones, by_nodes));
  GKT_TRY(gkt_system_matrix(w->system, &w->A));
  GKT_TRY(gkt_system_residual(w->system, &state, w->r));
  GKT_TRY(gkt_system_tangent(w->system, &state, (gkt_shifts){.value = 1}, w->A));
  GKT_TRY(gkt_system_expand(w->system, w->r, w->u));
  return gkt_system_get_facts(w->system, &facts);
}

static void clear(world *w) {
  gkt_csr_destroy(&w->A);
  gkt_vector_destroy(&w->u);
  gkt_vector_destroy(&w->r);
  gkt_system_destroy(&w->system);
  gkt_expression_destroy(&w->value);
  gkt_form_destroy(&w->form);
  gkt_scope_destroy(&w->scope);
  gkt_space_destroy(&w->V);
  gkt_space_destroy(&w->Q);
  gkt_mesh_destroy(&w->mesh);
}

static gkt_status run(gkt_context *ctx, void *user) {
  world w = {0};
  gkt_status status;
  GKT_GO(make(ctx, user != NULL, &w));
  GKT_GO(use(&w, user != NULL));
done:
  clear(&w);
  return status;
}

static void memory_runs_out(void **unused) {
  int sheared;
  (void)unused;
  assert_true(fail_each_in_turn("translation, slip", run, &sheared, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}) > 300);
  assert_true(fail_each_in_turn("rotation", run, NULL, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}) > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
