/* Claim: whichever allocation of ours fails, alone or with all that follow, the call of a system in which it does says that memory is exhausted, and nothing is left allocated; a
   condition or a time that could not be taken leaves the values of before. */
#include "galerkit/system.h"
#include "tests/failing_memory.h"

#include "core/core.h"

typedef struct {
  gkt_mesh *mesh;
  gkt_space *V;
  gkt_scope *scope;
  gkt_form *form;
  gkt_expression *value;
  gkt_system *system;
  gkt_vector *u, *r;
  gkt_csr *A;
} world;

static const char *silent; /* a call that said nothing of it */
#define ASK(call)                                  \
  do {                                             \
    GKT_TRY(call);                                 \
    if (ctx->exhausted && !silent) silent = #call; \
  } while (0)

static gkt_status make(gkt_context *ctx, world *w) {
  const gkt_element P1 = {GKT_LAGRANGE, 1};
  int u, c;
  ASK(gkt_mesh_box(ctx, &(gkt_box){GKT_TRIANGLE, 2, {2, 2}, {0, 0}, {1, 1}}, &w->mesh));
  ASK(gkt_mesh_topology(w->mesh));
  ASK(gkt_space_create(w->mesh, P1, gkt_shape_scalar(), &w->V));
  ASK(gkt_scope_create(ctx, 2, &w->scope));
  ASK(gkt_scope_add_field(w->scope, "u", NULL, gkt_shape_scalar(), P1, &u));
  ASK(gkt_scope_add_constant(w->scope, "c", &c));
  ASK(gkt_form_parse(w->scope, GKT_ENERGY, &(gkt_source){.text = "(dot(grad(u), grad(u)) + exp(u) - c*u*x[0])*dx"}, &w->form));
  ASK(gkt_expression_parse(w->scope, &(gkt_source){.text = "t*x[1] + 0*h"}, &w->value)); /* h: through cells */
  ASK(gkt_system_create(w->form, w->mesh, 1, &u, (const gkt_space *const[]){w->V}, &w->system));
  return GKT_OK;
}

static gkt_status use(gkt_context *ctx, world *w) {
  gkt_state state = {.time = 0.5};
  gkt_system_facts facts;
  double energy;
  char text[500];
  ASK(gkt_system_constrain(w->system, &(gkt_condition){.set = gkt_mesh_find_set(w->mesh, "left"), .component = -1, .value = w->value, .note = "line 1"}));
  ASK(gkt_system_set_constant(w->system, "c", 2));
  ASK(gkt_system_vector(w->system, &w->u));
  ASK(gkt_system_vector(w->system, &w->r));
  state.u = w->u;
  ASK(gkt_system_set_time(w->system, 0.5));
  ASK(gkt_system_lift(w->system, w->u));
  ASK(gkt_system_matrix(w->system, &w->A));
  ASK(gkt_system_residual(w->system, &state, w->r));
  ASK(gkt_system_tangent(w->system, &state, (gkt_shifts){.value = 1}, w->A));
  ASK(gkt_system_energy(w->system, &state, &energy));
  ASK(gkt_system_get_facts(w->system, &facts));
  ASK(gkt_system_explain(w->system, &state, NULL, sizeof text, text));
  gkt_vector_values(w->u)[4] = 1e4; /* exp of it */
  ASK(gkt_system_explain(w->system, &state, NULL, sizeof text, text));
  return GKT_OK;
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
  gkt_mesh_destroy(&w->mesh);
}

static gkt_status run(gkt_context *ctx, void *user) {
  world w = {0};
  gkt_status status;
  (void)user;
  GKT_GO(make(ctx, &w));
  GKT_GO(use(ctx, &w));
done:
  clear(&w);
  return status;
}

static void memory_runs_out(void **unused) {
  (void)unused;
  assert_true(fail_each_in_turn("interpreter", run, NULL, &(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1}) > 300);
  if (silent) fail_msg("GKT_OK without memory: %s", silent);
}

/* A time at which a value is not finite: the old values stand, and the next call says it again. */
static void values_stay(void **unused) {
  (void)unused;
  gkt_context *ctx;
  world w = {0};
  gkt_expression *root;
  assert_int_equal(gkt_context_create(NULL, &ctx), GKT_OK);
  assert_int_equal(make(ctx, &w), GKT_OK);
  assert_int_equal(gkt_expression_parse(w.scope, &(gkt_source){.text = "sqrt(1 - t)"}, &root), GKT_OK);
  assert_int_equal(gkt_system_constrain(w.system, &(gkt_condition){.set = gkt_mesh_find_set(w.mesh, "left"), .component = -1, .value = root}), GKT_OK);
  assert_int_equal(gkt_system_vector(w.system, &w.u), GKT_OK);
  assert_int_equal(gkt_system_set_time(w.system, 2), GKT_OK);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(gkt_system_lift(w.system, w.u), GKT_BAD_INPUT);
    assert_non_null(strstr(gkt_context_message(ctx), "on 'left': the value is not finite"));
    gkt_context_clear(ctx);
  }
  assert_true(gkt_vector_norm(w.u) == 0);
  assert_int_equal(gkt_system_set_time(w.system, 0), GKT_OK);
  assert_int_equal(gkt_system_lift(w.system, w.u), GKT_OK);
  assert_true(gkt_vector_norm(w.u) > 1);
  gkt_expression_destroy(&root);
  clear(&w);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out), cmocka_unit_test(values_stay)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
