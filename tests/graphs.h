/* Helpers of the t21x tests: a small random generator, random graphs with every operation, and evaluation of a graph node by node. */
#ifndef GKT_TESTS_GRAPHS_H
#define GKT_TESTS_GRAPHS_H
#include <stdlib.h>

#include "forms/op.h"

static inline uint64_t random_bits(uint64_t *state) { /* splitmix64, Steele et al. 2014 */
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
static inline int random_below(uint64_t *state, int n) { return (int)(random_bits(state) % (uint64_t)n); }
static inline double random_real(uint64_t *state, double low, double high) { return low + (high - low) * (double)(random_bits(state) >> 11) * 0x1p-53; }

typedef double graph_terminal_value(const gkt_terminal *, const void *user);

/* values [size of the graph], by definition of the operations; freed with free(). */
static inline double *graph_values(const gkt_graph *g, graph_terminal_value *terminal, const void *user) {
  gkt_node size = gkt_graph_size(g);
  double *values = malloc((size_t)size * sizeof *values);
  for (gkt_node n = 0; values && n < size; n++) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    if (d->op == GKT_OP_CONSTANT) values[n] = d->value;
    else if (d->op == GKT_OP_TERMINAL) values[n] = terminal(&d->terminal, user);
    else values[n] = gkt_op_apply(d->op, values[d->a], values[d->b], values[d->c]);
  }
  return values;
}

static inline gkt_node graph_x(gkt_graph *g, int component) { return gkt_graph_terminal(g, (gkt_terminal){.kind = GKT_TERM_X, .component = (int16_t)component}); }
static inline double graph_x_value(const gkt_terminal *terminal, const void *user) { return ((const double *)user)[terminal->component]; } /* user: x [components] */

/* An operand inside the domain of op, made from any a: keeps most values of a random graph finite. */
static inline gkt_node graph_tame(gkt_graph *g, gkt_op op, gkt_node a) {
  gkt_node bounded = gkt_graph_make(g, GKT_OP_TANH, a, 0, 0);
  switch (op) {
  case GKT_OP_SQRT:
  case GKT_OP_LOG10:
  case GKT_OP_LN: return gkt_add(g, gkt_graph_constant(g, 0.25), gkt_mul(g, a, a));
  case GKT_OP_EXP:
  case GKT_OP_SINH:
  case GKT_OP_COSH:
  case GKT_OP_TAN:
  case GKT_OP_ASIN:
  case GKT_OP_ACOS: return gkt_mul(g, gkt_graph_constant(g, 0.9), bounded);
  default: return a;
  }
}

static inline gkt_node graph_random_node(gkt_graph *g, uint64_t *state, int count, const gkt_node *pool) {
  gkt_op op = (gkt_op)(GKT_OP_ADD + random_below(state, GKT_NUM_OPS - GKT_OP_ADD));
  gkt_node a = pool[random_below(state, count)], b = pool[random_below(state, count)], c = pool[random_below(state, count)];
  if (op == GKT_OP_POW && random_below(state, 2)) return gkt_graph_make(g, op, graph_tame(g, GKT_OP_EXP, a), gkt_graph_constant(g, random_below(state, 13) - 4), 0);
  if (op == GKT_OP_POW) a = graph_tame(g, GKT_OP_LN, graph_tame(g, GKT_OP_EXP, a)), b = graph_tame(g, GKT_OP_EXP, b);
  if (random_below(state, 20)) a = graph_tame(g, op, a); /* one in twenty may leave its domain */
  if (op == GKT_OP_CONDITIONAL) a = gkt_graph_make(g, random_below(state, 2) ? GKT_OP_LT : GKT_OP_LE, a, c, 0);
  return gkt_graph_make(g, op, a, b, c);
}

/* count nodes over num_terminals coordinates and a few constants; later ones build on earlier ones. */
static inline void graph_random(gkt_graph *g, uint64_t *state, int num_terminals, int count, gkt_node *nodes) {
  for (int i = 0; i < count; i++) {
    if (i < num_terminals) nodes[i] = graph_x(g, i);
    else if (i < num_terminals + 2) nodes[i] = gkt_graph_constant(g, random_real(state, -3, 3));
    else nodes[i] = graph_random_node(g, state, i, nodes);
  }
}
#endif
