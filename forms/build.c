/* Forms without a text. The rules stay where they are, in the typing of trees: an operation here is a tree of leaves below one node, all of which stand at the source's text. */
#include "forms/build.h"

#include <string.h>

#include "forms/type.h"

enum { LEFT, RIGHT, WHOLE, NUM_NODES };
typedef struct {
  gkt_ast ast;
  gkt_ast_node nodes[NUM_NODES];
  gkt_typed values[NUM_NODES];
  gkt_typing typing;
} operation;

static bool is_zero(const gkt_value *v) { return v->shape.rank == 0 && v->nodes[0] == GKT_ZERO; }

static void begin(gkt_build *b, gkt_ast_kind kind, const gkt_value *left, const gkt_value *right, operation *o) {
  const int end = (int)strlen(b->source->text);
  *o = (operation){.ast = {.ctx = b->scope->ctx, .source = b->source, .num_nodes = NUM_NODES, .nodes = o->nodes}};
  o->typing = (gkt_typing){.scope = b->scope, .ast = &o->ast, .named = -1, .values = o->values, .current = WHOLE, .field = -1, .test = -1};
  for (int i = 0; i < NUM_NODES; i++) o->nodes[i] = (gkt_ast_node){.kind = GKT_AST_NAME, .first = -1, .next = -1, .end = end, .word_end = end};
  o->nodes[WHOLE].kind = kind, o->nodes[WHOLE].first = LEFT, o->nodes[LEFT].next = RIGHT;
  o->values[LEFT] = (gkt_typed){.kind = GKT_TYPED_VALUE, .zero = is_zero(left), .value = *left};
  o->values[RIGHT] = (gkt_typed){.kind = GKT_TYPED_VALUE, .zero = is_zero(right), .value = *right};
}

static gkt_value end(gkt_build *b, operation *o, gkt_status status, const gkt_value *made) {
  if (status == GKT_OK) status = gkt_type_check(&o->typing);
  if (b->status == GKT_OK) b->status = status;
  return b->status == GKT_OK ? *made : gkt_value_scalar(GKT_ZERO);
}

/* ---- leaves ---- */
gkt_value gkt_build_number(gkt_build *b, double value) { return gkt_value_scalar(gkt_graph_constant(b->scope->graph, value)); }
gkt_value gkt_build_constant(gkt_build *b, int constant) { return gkt_value_terminals(b->scope, GKT_TERM_CONSTANT, constant, gkt_shape_scalar()); }
gkt_value gkt_build_function(gkt_build *b, int function) { return gkt_value_terminals(b->scope, GKT_TERM_VALUE, function, b->scope->functions[function].shape); }
gkt_value gkt_build_x(gkt_build *b) { return gkt_value_terminals(b->scope, GKT_TERM_X, 0, gkt_shape_vector(b->scope->dim)); }

/* ---- operations ---- */
gkt_value gkt_build_component(gkt_build *b, gkt_value v, int component) {
  return gkt_value_scalar(b->status == GKT_OK ? v.nodes[component] : GKT_ZERO); /* a value that was refused has no such component */
}

static gkt_ast_kind kind_of(char sign) { return sign == '+' ? GKT_AST_ADD : sign == '-' ? GKT_AST_SUB : sign == '*' ? GKT_AST_MUL : sign == '/' ? GKT_AST_DIV : GKT_AST_POW; }

gkt_value gkt_build_operator(gkt_build *b, char sign, gkt_value left, gkt_value right) {
  operation o;
  gkt_value made;
  begin(b, kind_of(sign), &left, &right, &o);
  return end(b, &o, gkt_type_operator(&o.typing, &made), &made);
}

gkt_value gkt_build_grad(gkt_build *b, gkt_value v) {
  operation o;
  gkt_value made;
  begin(b, GKT_AST_CALL, &v, &v, &o);
  return end(b, &o, gkt_type_grad(&o.typing, (const int[]){LEFT}, &made), &made);
}

gkt_value gkt_build_inner(gkt_build *b, gkt_value left, gkt_value right) {
  operation o;
  gkt_value made;
  begin(b, GKT_AST_CALL, &left, &right, &o);
  return end(b, &o, gkt_type_inner(&o.typing, (const int[]){LEFT, RIGHT}, &made), &made);
}

/* ---- ends of chains ---- */
gkt_status gkt_build_expression(gkt_build *b, gkt_value v, gkt_expression **out) {
  GKT_TRY(b->status);
  GKT_TRY(gkt_graph_status(b->scope->graph));
  if (gkt_shape_size(v.shape) > 9)
    return gkt_source_fail(b->scope->ctx, GKT_UNAVAILABLE, b->source, 0, (int)strlen(b->source->text), "values of more than 9 components are not available yet");
  GKT_TRY(gkt_calloc(b->scope->ctx, 1, sizeof **out, out));
  **out = (gkt_expression){gkt_scope_retain(b->scope), v, 0};
  return GKT_OK;
}

static bool is_normal(const gkt_terminal *t, const void *user) {
  (void)user;
  return t->kind == GKT_TERM_NORMAL;
}

gkt_status gkt_build_functional(gkt_build *b, gkt_value v, int degree, gkt_form **out) {
  GKT_TRY(b->status);
  GKT_TRY(gkt_graph_status(b->scope->graph));
  if (v.shape.rank > 0 || gkt_graph_depends(b->scope->graph, v.nodes[0], is_normal, NULL))
    return gkt_source_fail(b->scope->ctx, GKT_BAD_INPUT, b->source, 0, (int)strlen(b->source->text), "its integral over cells needs a scalar without the normal n");
  gkt_term term = {.measure = GKT_MEASURE_DX, .degree = degree, .integrand = v.nodes[0], .mark = gkt_source_mark(b->source, 0)};
  return gkt_form_sum(b->scope, GKT_FUNCTIONAL, b->source, &(gkt_terms){1, &term}, out);
}
