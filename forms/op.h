/* Operations of the scalar graph as functions of numbers, and what is known of them, from the table in op_list.h. */
#ifndef GKT_FORMS_OP_H
#define GKT_FORMS_OP_H
#include <math.h>

#include "forms/graph.h"

GKT_OP_HELPERS(static inline)

enum { GKT_NO_BREAK = 0, GKT_JUMP_A = 1, GKT_JUMP_B = 2, GKT_EDGE_A = 4, GKT_EDGE_B = 8 };
typedef enum { GKT_COST_ARITHMETIC, GKT_COST_CALL } gkt_op_cost;

/* Operands in the order of gkt_node_data; unused ones are ignored. Not for CONSTANT, TERMINAL, EXTERNAL. */
static inline gkt_scalar gkt_op_apply(gkt_op op, gkt_scalar a, gkt_scalar b, gkt_scalar c) {
  switch (op) {
#define X(name, arity, word, takes, cost, value, derivative, breaks, range, degree, size) \
  case GKT_OP_##name: return value;
    GKT_OP_LIST(X)
#undef X
  case GKT_OP_CONSTANT:
  case GKT_OP_TERMINAL:
  case GKT_OP_EXTERNAL: break;
  }
  return NAN;
}

static inline int gkt_op_arity(gkt_op op) {
#define X(name, arity, ...) [GKT_OP_##name] = arity,
  static const int arities[GKT_NUM_OPS] = {[GKT_OP_EXTERNAL] = 1, GKT_OP_LIST(X)};
#undef X
  return arities[op];
}

/* The bits of GKT_JUMP_A, .. and GKT_EDGE_A, ..; a custom function may do anything with its list. */
static inline int gkt_op_breaks(gkt_op op) {
#define X(name, arity, word, takes, cost, value, derivative, breaks, ...) [GKT_OP_##name] = breaks,
  static const int all[GKT_NUM_OPS] = {[GKT_OP_EXTERNAL] = GKT_JUMP_A, GKT_OP_LIST(X)};
#undef X
  return all[op];
}

/* fold.c: the node that op(a, b, c) simplifies to, or -1; operands are brought to normal order. */
gkt_node gkt_graph_fold(gkt_graph *, gkt_op op, gkt_node operands[3]);
#endif
