/* One loop over the tree, children first. */
#include <stdarg.h>
#include <string.h>

#include "forms/type.h"

gkt_status gkt_type_fail(gkt_typing *t, gkt_status status, int node, const char *format, ...) {
  const gkt_ast_node *n = &t->ast->nodes[node];
  va_list args;
  va_start(args, format);
  status = gkt_source_fail_list(t->scope->ctx, status, t->ast->source, n->begin, n->end, format, args);
  va_end(args);
  return status;
}

gkt_status gkt_type_fail_word(gkt_typing *t, gkt_status status, int node, const char *format, ...) {
  const gkt_ast_node *n = &t->ast->nodes[node];
  va_list args;
  va_start(args, format);
  status = gkt_source_fail_list(t->scope->ctx, status, t->ast->source, n->word_begin, n->word_end, format, args);
  va_end(args);
  return status;
}

gkt_status gkt_type_depends(gkt_typing *t, gkt_node node, gkt_terminal_test *test, bool *out) {
  const gkt_graph *g = t->scope->graph;
  bool *below;
  GKT_TRY(gkt_graph_mark(g, 1, &node, &below));
  *out = false;
  for (gkt_node i = 0; i <= node && !*out; i++) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    *out = below[i] && data->op == GKT_OP_TERMINAL && test(&data->terminal, NULL);
  }
  gkt_free(&below);
  t->work += node;
  return GKT_OK;
}

static bool has_integral(const gkt_typing *t, int node) {
  for (int i = t->ast->nodes[node].first; i >= 0; i = t->ast->nodes[i].next)
    if (t->values[i].kind != GKT_TYPED_VALUE) return true;
  return false;
}

static gkt_status type_node(gkt_typing *t, gkt_typed *out) {
  const gkt_ast_node *n = &t->ast->nodes[t->current];
  switch (n->kind) {
  case GKT_AST_NUMBER:
    out->zero = n->number == 0;
    out->value = gkt_value_scalar(gkt_graph_constant(t->scope->graph, n->number));
    return GKT_OK;
  case GKT_AST_NAME: return gkt_type_name(t, &out->value);
  case GKT_AST_SET: return GKT_OK;
  case GKT_AST_MEASURE:
    out->kind = GKT_TYPED_MEASURE;
    if (t->allow_measures) return GKT_OK;
    return gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "a measure belongs to an equation, an energy or a functional; expected an expression without it");
  case GKT_AST_EQUALS: return gkt_type_integral(t, out);
  case GKT_AST_CALL: return has_integral(t, t->current) ? gkt_type_integral(t, out) : gkt_type_call(t, &out->value);
  case GKT_AST_LIST:
  case GKT_AST_INDEX:
  case GKT_AST_TRANSPOSE:
  case GKT_AST_NEG:
  case GKT_AST_ADD:
  case GKT_AST_SUB:
  case GKT_AST_MUL:
  case GKT_AST_DIV:
  case GKT_AST_POW:
  case GKT_AST_LT:
  case GKT_AST_LE:
  case GKT_AST_GT:
  case GKT_AST_GE: break;
  }
  return has_integral(t, t->current) ? gkt_type_integral(t, out) : gkt_type_operator(t, &out->value);
}

gkt_status gkt_type_check(gkt_typing *t) {
  gkt_graph *g = t->scope->graph;
  GKT_TRY(gkt_graph_status(g));
  if (t->not_finite) return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "its value is not a finite number; expected no division by 0, no root or logarithm of a negative number");
  if (t->work > GKT_MAX_WORK) return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "too many derivatives or integrals of too large expressions; expected a smaller form");
  if (gkt_graph_size(g) <= GKT_MAX_GRAPH) return GKT_OK;
  return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "the expressions are too large; expected at most %d operations in all", GKT_MAX_GRAPH);
}

gkt_status gkt_type(gkt_typing *t) {
  int n = t->ast->num_nodes;
  t->field = t->test = -1;
  GKT_TRY(gkt_calloc(t->scope->ctx, n, sizeof *t->values, &t->values));
  for (t->current = 0; t->current < n; t->current++) {
    GKT_TRY(type_node(t, &t->values[t->current]));
    GKT_TRY(gkt_type_check(t));
  }
  return GKT_OK;
}

void gkt_typing_free(gkt_typing *t) {
  gkt_free(&t->values);
  gkt_free(&t->terms);
}
