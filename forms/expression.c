/* Expressions without measure. */
#include "forms/type.h"

gkt_status gkt_expression_parse(gkt_scope *scope, const gkt_source *source, gkt_expression **out) {
  gkt_typing t = {.scope = scope, .named = -1, .allow_fields = true, .who = "an expression to be evaluated"};
  gkt_ast *ast = NULL;
  gkt_expression *e = NULL;
  gkt_status status;
  GKT_GO(gkt_ast_parse(scope->ctx, source, false, &ast));
  t.ast = ast;
  GKT_GO(gkt_type(&t));
  GKT_GO(gkt_calloc(scope->ctx, 1, sizeof *e, &e));
  *e = (gkt_expression){gkt_scope_retain(scope), t.values[ast->num_nodes - 1].value, 0};
  if (gkt_shape_size(e->value.shape) > 9) status = gkt_type_fail(&t, GKT_UNAVAILABLE, ast->num_nodes - 1, "values of more than 9 components are not available yet");
  if (status == GKT_OK) *out = e;
done:
  if (status != GKT_OK) gkt_expression_destroy(&e);
  gkt_typing_free(&t);
  gkt_ast_destroy(&ast);
  return status;
}

gkt_expression *gkt_expression_retain(const gkt_expression *expression) {
  gkt_expression *e = (gkt_expression *)expression;
  gkt_refs_add(&e->refs);
  return e;
}

void gkt_expression_destroy(gkt_expression **expression) {
  gkt_expression *e = *expression;
  *expression = NULL;
  if (!e || !gkt_refs_drop(&e->refs)) return;
  gkt_scope_destroy(&e->scope);
  gkt_free(&e);
}

static gkt_status derive_by(const gkt_expression *of, gkt_terminal terminal, gkt_expression **out) {
  const gkt_node seed = gkt_graph_terminal(of->scope->graph, terminal), one = GKT_ONE;
  gkt_expression *e = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(of->scope->ctx, 1, sizeof *e, &e));
  *e = (gkt_expression){.scope = gkt_scope_retain(of->scope), .value = {.shape = of->value.shape}};
  GKT_GO(gkt_graph_derive(of->scope->graph, gkt_shape_size(of->value.shape), of->value.nodes, 1, &seed, &one, e->value.nodes));
  *out = e;
  e = NULL;
done:
  gkt_expression_destroy(&e);
  return status;
}

gkt_status gkt_expression_derivative_time(const gkt_expression *of, gkt_expression **out) { return derive_by(of, (gkt_terminal){.kind = GKT_TERM_TIME}, out); }

gkt_status gkt_expression_derivative_constant(const gkt_expression *of, int constant, gkt_expression **out) {
  return derive_by(of, (gkt_terminal){.kind = GKT_TERM_CONSTANT, .function = (int16_t)constant}, out);
}

gkt_status gkt_expression_derivative_function(const gkt_expression *of, int function, int component, gkt_expression **out) {
  return derive_by(of, (gkt_terminal){.kind = GKT_TERM_VALUE, .function = (int16_t)function, .component = (int16_t)component}, out);
}

gkt_status gkt_expression_derivative_coordinate(const gkt_expression *of, int component, gkt_expression **out) {
  return derive_by(of, (gkt_terminal){.kind = GKT_TERM_X, .component = (int16_t)component}, out);
}

gkt_shape gkt_expression_shape(const gkt_expression *e) { return e->value.shape; }

static bool test_function(const gkt_terminal *terminal, const void *user) {
  (void)user;
  return gkt_is_of_function(terminal);
}
static bool test_field(const gkt_terminal *terminal, const void *user) { return gkt_is_of_unknowns(user, terminal); }
static bool test_normal(const gkt_terminal *terminal, const void *user) {
  (void)user;
  return terminal->kind == GKT_TERM_NORMAL;
}

/* A real is one number for the whole mesh. */
static bool test_varies(const gkt_terminal *terminal, const void *user) {
  const gkt_scope *scope = user;
  if (gkt_is_of_function(terminal)) return scope->functions[terminal->function].element.kind != GKT_REAL;
  return terminal->kind != GKT_TERM_CONSTANT && terminal->kind != GKT_TERM_TIME;
}

bool gkt_expression_has_terminal(const gkt_expression *e, gkt_terminal_test *test, const void *user) {
  for (int i = 0; i < gkt_shape_size(e->value.shape); i++)
    if (gkt_graph_depends(e->scope->graph, e->value.nodes[i], test, user)) return true;
  return false;
}
static bool uses(const gkt_expression *e, gkt_terminal_test *test) { return gkt_expression_has_terminal(e, test, e->scope); }

bool gkt_expression_uses_fields(const gkt_expression *e) { return uses(e, test_field); }
bool gkt_expression_uses_functions(const gkt_expression *e) { return uses(e, test_function); }
bool gkt_expression_uses_normal(const gkt_expression *e) { return uses(e, test_normal); }
bool gkt_expression_uses_time(const gkt_expression *e) { return uses(e, gkt_terminal_varies_in_time); }

typedef struct {
  int function;
} one;
static bool test_one(const gkt_terminal *terminal, const void *user) { return gkt_is_of_function(terminal) && terminal->function == ((const one *)user)->function; }
bool gkt_expression_depends_on(const gkt_expression *e, int function) { return gkt_expression_has_terminal(e, test_one, &(one){function}); }

bool gkt_expression_varies(const gkt_expression *e) { return uses(e, test_varies); }
