/* Symbolic differentiation, forward mode: one pass over the nodes below the outputs, each differentiated once. */
#include "forms/external.h"
#include "forms/op.h"

static gkt_node unary(gkt_graph *g, gkt_op op, gkt_node a) { return gkt_graph_make(g, op, a, 0, 0); }
static gkt_node number(gkt_graph *g, double value) { return gkt_graph_constant(g, value); }
static gkt_node square(gkt_graph *g, gkt_node a) { return gkt_mul(g, a, a); }
static gkt_node select(gkt_graph *g, gkt_node condition, gkt_node a, gkt_node b) { return gkt_graph_make(g, GKT_OP_CONDITIONAL, condition, a, b); }

/* p = a^b. The logarithm appears only if the exponent varies; where a is 0 the term p ln(a) is its limit for b > 0, which is p = 0. */
static gkt_node derive_pow(gkt_graph *g, gkt_node p, gkt_node a, gkt_node b, gkt_node da, gkt_node db) {
  gkt_node by_base = GKT_ZERO, by_exponent = GKT_ZERO;
  if (da != GKT_ZERO) by_base = gkt_mul(g, gkt_mul(g, b, gkt_graph_make(g, GKT_OP_POW, a, gkt_sub(g, b, GKT_ONE), 0)), da);
  if (db != GKT_ZERO) by_exponent = gkt_mul(g, select(g, a, gkt_mul(g, p, unary(g, GKT_OP_LN, a)), p), db);
  return gkt_add(g, by_base, by_exponent);
}

/* Factor f'(a) of the chain rule, n = f(a). */
static gkt_node slope(gkt_graph *g, gkt_op op, gkt_node n, gkt_node a) {
  switch (op) {
  case GKT_OP_SQRT: return gkt_div(g, number(g, 0.5), n);
  case GKT_OP_EXP: return n;
  case GKT_OP_LN: return gkt_div(g, GKT_ONE, a);
  case GKT_OP_SIN: return unary(g, GKT_OP_COS, a);
  case GKT_OP_COS: return gkt_neg(g, unary(g, GKT_OP_SIN, a));
  case GKT_OP_TAN: return gkt_add(g, GKT_ONE, square(g, n));
  case GKT_OP_ASIN: return gkt_div(g, GKT_ONE, unary(g, GKT_OP_SQRT, gkt_sub(g, GKT_ONE, square(g, a))));
  case GKT_OP_ACOS: return gkt_neg(g, slope(g, GKT_OP_ASIN, n, a));
  case GKT_OP_ATAN: return gkt_div(g, GKT_ONE, gkt_add(g, GKT_ONE, square(g, a)));
  case GKT_OP_SINH: return unary(g, GKT_OP_COSH, a);
  case GKT_OP_COSH: return unary(g, GKT_OP_SINH, a);
  case GKT_OP_TANH: return gkt_sub(g, GKT_ONE, square(g, n));
  case GKT_OP_ABS: return unary(g, GKT_OP_SIGN, a);
  case GKT_OP_ERF: return gkt_mul(g, number(g, 1.12837916709551257390), unary(g, GKT_OP_EXP, gkt_neg(g, square(g, a)))); /* 2/sqrt(pi) */
  default: return GKT_ZERO;
  }
}

/* d[i]: derivatives of the operands a, b, c; at least one is not zero. */
static gkt_node derive_operation(gkt_graph *g, gkt_node n, const gkt_node d[3]) {
  gkt_node_data data = *gkt_graph_get(g, n);
  gkt_node a = data.a, b = data.b;
  switch (data.op) {
  case GKT_OP_ADD: return gkt_add(g, d[0], d[1]);
  case GKT_OP_SUB: return gkt_sub(g, d[0], d[1]);
  case GKT_OP_MUL: return gkt_add(g, gkt_mul(g, d[0], b), gkt_mul(g, a, d[1]));
  case GKT_OP_DIV: return gkt_div(g, gkt_sub(g, d[0], gkt_mul(g, n, d[1])), b);
  case GKT_OP_NEG: return gkt_neg(g, d[0]);
  case GKT_OP_POW: return derive_pow(g, n, a, b, d[0], d[1]);
  case GKT_OP_ATAN2: return gkt_div(g, gkt_sub(g, gkt_mul(g, b, d[0]), gkt_mul(g, a, d[1])), gkt_add(g, square(g, a), square(g, b)));
  case GKT_OP_MIN: return select(g, gkt_graph_make(g, GKT_OP_LE, a, b, 0), d[0], d[1]);
  case GKT_OP_MAX: return select(g, gkt_graph_make(g, GKT_OP_LE, b, a, 0), d[0], d[1]);
  case GKT_OP_CONDITIONAL: return select(g, a, d[1], d[2]);
  default: return gkt_mul(g, slope(g, data.op, n, a), d[0]);
  }
}

static gkt_node derive_node(gkt_graph *g, gkt_node n, const gkt_node *derivative) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  int arity = gkt_op_arity(data->op);
  gkt_node operands[3] = {data->a, data->b, data->c}, d[3] = {GKT_ZERO, GKT_ZERO, GKT_ZERO};
  bool varies = false;
  for (int i = 0; i < arity; i++) varies |= (d[i] = derivative[operands[i]]) != GKT_ZERO;
  if (data->op == GKT_OP_ARGUMENT) return varies ? GKT_ONE : GKT_ZERO; /* a list has no derivative: one of its members has */
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
    for (int j = 0; below[i] && j < gkt_op_arity(data->op); j++) varies[i] = varies[i] || varies[operands[j]];
    bool jumps = data->op == GKT_OP_SIGN || data->op == GKT_OP_LT || data->op == GKT_OP_LE || data->op == GKT_OP_EXTERNAL; /* a custom function may */
    found = below[i] && (jumps ? varies[i] : data->op == GKT_OP_CONDITIONAL && varies[data->a]);
  }
  *out = found;
done:
  gkt_free(&below);
  gkt_free(&varies);
  return status;
}
