/* What has values at quadrature points only: which rule integrals and results of it are bound to. */
#include "forms/form.h"

bool gkt_is_at_points(const gkt_terminal *t, const void *scope) {
  return gkt_is_of_function(t) && ((const gkt_scope *)scope)->functions[t->function].element.kind == GKT_QUADRATURE_POINTS;
}

gkt_status gkt_points_find(const gkt_scope *s, int count, const gkt_node *nodes, gkt_points_found *out) {
  bool *below;
  gkt_node last = 0;
  *out = (gkt_points_found){-1, -1, -1};
  for (int i = 0; i < count; i++) last = nodes[i] > last ? nodes[i] : last;
  GKT_TRY(gkt_graph_mark(s->graph, count, nodes, &below));
  for (gkt_node i = 0; i <= last; i++) {
    const gkt_node_data *data = gkt_graph_get(s->graph, i);
    if (!below[i] || data->op != GKT_OP_TERMINAL || !gkt_is_at_points(&data->terminal, s)) continue;
    const int degree = s->functions[data->terminal.function].element.degree;
    if (out->function < 0) out->degree = degree, out->function = data->terminal.function;
    else if (degree != out->degree && out->other < 0) out->other = data->terminal.function;
  }
  gkt_free(&below);
  return GKT_OK;
}

gkt_status gkt_expression_points(const gkt_expression *e, int *degree) {
  gkt_points_found found;
  GKT_TRY(gkt_points_find(e->scope, gkt_shape_size(e->value.shape), e->value.nodes, &found));
  *degree = found.degree;
  if (found.other < 0) return GKT_OK;
  const gkt_function *f = &e->scope->functions[found.function], *g = &e->scope->functions[found.other];
  return gkt_fail(e->scope->ctx, GKT_BAD_INPUT, "'%s' has values at the points of dx(degree=%d), '%s' at those of dx(degree=%d); expected one degree", f->name, f->element.degree,
                  g->name, g->element.degree);
}
