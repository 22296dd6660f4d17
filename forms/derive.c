/* Symbolic differentiation, forward mode: one pass over the nodes below the outputs, each differentiated once. */
#include "forms/external.h"
#include "forms/op.h"

/* ---- the words of op_list.h's derivatives, of nodes ---- */
static gkt_node number(gkt_graph *g, double value) { return gkt_graph_constant(g, value); }
static gkt_node function(gkt_graph *g, gkt_op op, gkt_node a) { return gkt_graph_make(g, op, a, 0, 0); }
static gkt_node function_of_two(gkt_graph *g, gkt_op op, gkt_node a, gkt_node b) { return gkt_graph_make(g, op, a, b, 0); }
static gkt_node sum(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_add(g, a, b); }
static gkt_node difference(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_sub(g, a, b); }
static gkt_node product(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_mul(g, a, b); }
static gkt_node quotient(gkt_graph *g, gkt_node a, gkt_node b) { return gkt_div(g, a, b); }
static gkt_node negative(gkt_graph *g, gkt_node a) { return gkt_neg(g, a); }
static gkt_node square(gkt_graph *g, gkt_node a) { return gkt_mul(g, a, a); }
static gkt_node choose(gkt_graph *g, gkt_node condition, gkt_node a, gkt_node b) { return gkt_graph_make(g, GKT_OP_CONDITIONAL, condition, a, b); }
static gkt_node chain(gkt_graph *g, gkt_node slope, gkt_node da) { return gkt_mul(g, slope, da); }

/* p = a^b. The logarithm appears only if the exponent varies; where a is 0 the term p ln(a) is its limit for b > 0, which is p = 0. */
static gkt_node derive_pow(gkt_graph *g, gkt_node p, gkt_node a, gkt_node b, gkt_node da, gkt_node db) {
  gkt_node by_base = GKT_ZERO, by_exponent = GKT_ZERO;
  if (da != GKT_ZERO) by_base = gkt_mul(g, gkt_mul(g, b, gkt_graph_make(g, GKT_OP_POW, a, gkt_sub(g, b, GKT_ONE), 0)), da);
  if (db != GKT_ZERO) by_exponent = gkt_mul(g, choose(g, a, gkt_mul(g, p, function(g, GKT_OP_LN, a)), p), db);
  return gkt_add(g, by_base, by_exponent);
}

/* d[i]: derivatives of the operands a, b, c; at least one is not zero. */
static gkt_node derive_operation(gkt_graph *g, gkt_node n, const gkt_node d[3]) {
  gkt_node_data data = *gkt_graph_get(g, n);
  gkt_node a = data.a, b = data.b, da = d[0], db = d[1], dc = d[2];
  switch (data.op) {
#define X(name, arity, word, takes, cost, value, derivative, ...) \
  case GKT_OP_##name: return derivative;
    GKT_OP_LIST(X)
#undef X
  case GKT_OP_CONSTANT:
  case GKT_OP_TERMINAL:
  case GKT_OP_EXTERNAL: break; /* numbers and terminals have no operands; EXTERNAL: gkt_external_derive */
  }
  return GKT_ZERO;
}

static gkt_node derive_node(gkt_graph *g, gkt_node n, const gkt_node *derivative) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  int arity = gkt_op_arity(data->op);
  gkt_node operands[3] = {data->a, data->b, data->c}, d[3] = {GKT_ZERO, GKT_ZERO, GKT_ZERO};
  bool varies = false;
  for (int i = 0; i < arity; i++) varies |= (d[i] = derivative[operands[i]]) != GKT_ZERO;
  if (data->op == GKT_OP_EXTERNAL && varies) return gkt_external_derive(g, n, derivative);
  return varies ? derive_operation(g, n, d) : GKT_ZERO;
}

gkt_status gkt_graph_derive(gkt_graph *g, int n, const gkt_node *nodes, int num_seeds, const gkt_node *seeds, const gkt_node *directions, gkt_node *out) {
  gkt_node *derivative = NULL, count = gkt_graph_top(n, nodes) + 1;
  bool *below = NULL;
  gkt_status status;
  GKT_GO(gkt_graph_mark(g, n, nodes, &below));
  GKT_GO(gkt_calloc(gkt_graph_context(g), count, sizeof *derivative, &derivative));
  for (int i = 0; i < num_seeds; i++)
    if (seeds[i] < count) derivative[seeds[i]] = directions[i];
  for (gkt_node i = 0; i < count; i++) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    if (below[i] && data->op == GKT_OP_EXTERNAL && derivative[data->a] != GKT_ZERO) GKT_GO(gkt_external_check_derivable(g, i, derivative));
    if (below[i] && gkt_op_arity(data->op) > 0) derivative[i] = derive_node(g, i, derivative);
  }
  GKT_GO(gkt_graph_status(g));
  for (int i = 0; i < n; i++) out[i] = derivative[nodes[i]];
done:
  gkt_free(&derivative);
  gkt_free(&below);
  return status;
}

gkt_status gkt_graph_branches(const gkt_graph *g, int n, const gkt_node *nodes, int num_seeds, const gkt_node *seeds, bool *out) {
  gkt_node count = gkt_graph_top(n, nodes) + 1;
  bool *below = NULL, *varies = NULL, found = false;
  gkt_status status;
  GKT_GO(gkt_graph_mark(g, n, nodes, &below));
  GKT_GO(gkt_calloc(gkt_graph_context(g), count, sizeof *varies, &varies));
  for (int i = 0; i < num_seeds; i++)
    if (seeds[i] < count) varies[seeds[i]] = true;
  for (gkt_node i = 0; i < count && !found; i++) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    const gkt_node operands[3] = {data->a, data->b, data->c};
    for (int j = 0; below[i] && j < gkt_op_arity(data->op); j++) {
      varies[i] = varies[i] || varies[operands[j]];
      found = found || (varies[operands[j]] && gkt_op_breaks(data->op) >> j & GKT_JUMP_A);
    }
  }
  *out = found;
done:
  gkt_free(&below);
  gkt_free(&varies);
  return status;
}
