/* Simplification while nodes are made. Every rule keeps the value to the last bit where it is finite (signs of zeros aside); 0*a and 0/a are structural zeros.
   A constant operation that is not finite is kept as an operation, so that it is seen. */
#include "forms/op.h"

static bool is_op(const gkt_graph *g, gkt_node n, gkt_op op) { return gkt_graph_get(g, n)->op == op; }
static bool is_constant(const gkt_graph *g, gkt_node n) { return is_op(g, n, GKT_OP_CONSTANT); }
static double value_of(const gkt_graph *g, gkt_node n) { return gkt_graph_get(g, n)->value; }
static bool is_value(const gkt_graph *g, gkt_node n, double value) { return is_constant(g, n) && value_of(g, n) == value; }
static gkt_node negated(const gkt_graph *g, gkt_node n) { return gkt_graph_get(g, n)->a; } /* a of -a */
static bool is_neg(const gkt_graph *g, gkt_node n) { return is_op(g, n, GKT_OP_NEG); }

/* A factor that multiplies without rounding unless the product overflows or underflows. */
static bool is_power_of_two(double value) {
  int exponent;
  return fabs(frexp(value, &exponent)) == 0.5 && exponent > -64 && exponent < 64;
}

static gkt_node fold_constants(gkt_graph *g, gkt_op op, const gkt_node operands[3]) {
  double v[3] = {0};
  for (int i = 0; i < gkt_op_arity(op); i++) {
    if (!is_constant(g, operands[i])) return -1;
    v[i] = value_of(g, operands[i]);
  }
  double value = gkt_op_apply(op, v[0], v[1], v[2]);
  return isfinite(value) ? gkt_graph_constant(g, value) : -1;
}

/* Commutative operands: constants first, then by number. */
static void order(const gkt_graph *g, gkt_node *a, gkt_node *b) {
  bool constant_a = is_constant(g, *a), constant_b = is_constant(g, *b);
  if (constant_a == constant_b ? *a <= *b : constant_a) return;
  gkt_node t = *a;
  *a = *b;
  *b = t;
}

static bool is_negative_multiple(const gkt_graph *g, gkt_node n) { /* c*a, c < 0 */
  const gkt_node_data *data = gkt_graph_get(g, n);
  return data->op == GKT_OP_MUL && is_constant(g, data->a) && value_of(g, data->a) < 0;
}

static gkt_node fold_add(gkt_graph *g, gkt_node a, gkt_node b) {
  if (a == GKT_ZERO) return b;
  if (a == b) return gkt_mul(g, gkt_graph_constant(g, 2), a);
  if (is_neg(g, b)) return gkt_sub(g, a, negated(g, b));
  if (is_neg(g, a)) return gkt_sub(g, b, negated(g, a));
  if (is_negative_multiple(g, b)) return gkt_sub(g, a, gkt_neg(g, b));
  if (is_negative_multiple(g, a)) return gkt_sub(g, b, gkt_neg(g, a));
  return -1;
}

static gkt_node fold_sub(gkt_graph *g, gkt_node a, gkt_node b) {
  if (b == GKT_ZERO) return a;
  if (a == GKT_ZERO) return gkt_neg(g, b);
  if (a == b) return GKT_ZERO;
  if (is_neg(g, b)) return gkt_add(g, a, negated(g, b));
  if (is_neg(g, a)) return gkt_neg(g, gkt_add(g, negated(g, a), b));
  if (is_negative_multiple(g, b)) return gkt_add(g, a, gkt_neg(g, b));
  return -1;
}

static gkt_node fold_mul(gkt_graph *g, gkt_node a, gkt_node b) {
  if (a == GKT_ZERO) return GKT_ZERO;
  if (a == GKT_ONE) return b;
  if (is_value(g, a, -1)) return gkt_neg(g, b);
  if (is_constant(g, a)) {
    if (is_neg(g, b)) return gkt_mul(g, gkt_graph_constant(g, -value_of(g, a)), negated(g, b));
    const gkt_node_data *inner = gkt_graph_get(g, b);
    if (inner->op != GKT_OP_MUL || !is_constant(g, inner->a)) return -1;
    double first = value_of(g, a), second = value_of(g, inner->a);
    bool exact = (is_power_of_two(first) || is_power_of_two(second)) && isnormal(first * second);
    if (exact) return gkt_mul(g, gkt_graph_constant(g, first * second), inner->b);
    return -1;
  }
  if (is_neg(g, a) && is_neg(g, b)) return gkt_mul(g, negated(g, a), negated(g, b));
  if (is_neg(g, a)) return gkt_neg(g, gkt_mul(g, negated(g, a), b));
  if (is_neg(g, b)) return gkt_neg(g, gkt_mul(g, a, negated(g, b)));
  return -1;
}

static gkt_node fold_div(gkt_graph *g, gkt_node a, gkt_node b) {
  if (a == GKT_ZERO && b != GKT_ZERO) return GKT_ZERO;
  if (b == GKT_ONE) return a;
  if (is_constant(g, b) && is_power_of_two(value_of(g, b))) return gkt_mul(g, gkt_graph_constant(g, 1 / value_of(g, b)), a);
  if (is_neg(g, a)) return gkt_neg(g, gkt_div(g, negated(g, a), b));
  if (is_neg(g, b)) return gkt_neg(g, gkt_div(g, a, negated(g, b)));
  return -1;
}

static gkt_node fold_neg(gkt_graph *g, gkt_node a) {
  const gkt_node_data *n = gkt_graph_get(g, a);
  if (n->op == GKT_OP_NEG) return n->a;
  if (n->op == GKT_OP_SUB) return gkt_sub(g, n->b, n->a);
  if (n->op == GKT_OP_MUL && is_constant(g, n->a)) return gkt_mul(g, gkt_graph_constant(g, -value_of(g, n->a)), n->b);
  return -1;
}

/* Higher integer powers stay POW here, where their derivative is simplest; the pointwise function turns them into products. */
static gkt_node fold_pow(gkt_graph *g, gkt_node a, gkt_node b) {
  if (b == GKT_ZERO || a == GKT_ONE) return GKT_ONE;
  if (b == GKT_ONE) return a;
  if (is_value(g, b, 2)) return gkt_mul(g, a, a);
  if (is_value(g, b, -1)) return gkt_div(g, GKT_ONE, a);
  if (is_value(g, b, 0.5)) return gkt_graph_make(g, GKT_OP_SQRT, a, 0, 0);
  return -1;
}

static gkt_node fold_conditional(const gkt_graph *g, const gkt_node operands[3]) {
  bool comparison = is_op(g, operands[0], GKT_OP_LT) || is_op(g, operands[0], GKT_OP_LE);
  if (comparison && operands[1] == GKT_ONE && operands[2] == GKT_ZERO) return operands[0];
  if (is_constant(g, operands[0])) return value_of(g, operands[0]) != 0 ? operands[1] : operands[2];
  return operands[1] == operands[2] ? operands[1] : -1;
}

gkt_node gkt_graph_fold(gkt_graph *g, gkt_op op, gkt_node operands[3]) {
  if (op == GKT_OP_ARGUMENT) return -1; /* a place in a list, not a number */
  bool commutes = op == GKT_OP_ADD || op == GKT_OP_MUL || op == GKT_OP_MIN || op == GKT_OP_MAX;
  if (commutes) order(g, &operands[0], &operands[1]);
  gkt_node a = operands[0], b = operands[1], folded = fold_constants(g, op, operands);
  if (folded >= 0) return folded;
  switch (op) {
  case GKT_OP_ADD: return fold_add(g, a, b);
  case GKT_OP_SUB: return fold_sub(g, a, b);
  case GKT_OP_MUL: return fold_mul(g, a, b);
  case GKT_OP_DIV: return fold_div(g, a, b);
  case GKT_OP_NEG: return fold_neg(g, a);
  case GKT_OP_POW: return fold_pow(g, a, b);
  case GKT_OP_MIN:
  case GKT_OP_MAX: return a == b ? a : -1;
  case GKT_OP_ABS: return is_op(g, a, GKT_OP_ABS) ? a : is_neg(g, a) ? gkt_graph_make(g, GKT_OP_ABS, negated(g, a), 0, 0) : -1;
  case GKT_OP_CONDITIONAL: return fold_conditional(g, operands);
  default: return -1;
  }
}
