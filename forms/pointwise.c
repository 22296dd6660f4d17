/* From graph to steps: the nodes below the outputs, depth first, so that values are used soon after they are made. */
#include <stdlib.h>
#include <string.h>

#include "forms/pointwise.h"

int gkt_pointwise_num_inputs(const gkt_pointwise *p) { return p->num_inputs; }
int gkt_pointwise_num_outputs(const gkt_pointwise *p) { return p->num_outputs; }
const gkt_terminal *gkt_pointwise_input(const gkt_pointwise *p, int input) { return &p->inputs[input]; }
gkt_size gkt_pointwise_workspace(const gkt_pointwise *p) { return (gkt_size)p->num_registers * GKT_LANES; }

enum { LARGEST_PRODUCT = 16 }; /* a^16 as a product is off by at most 8 ulp or so, and much faster than pow */

static gkt_node product(gkt_graph *g, gkt_node a, int exponent) {
  if (exponent == 1) return a;
  gkt_node half = product(g, a, exponent / 2), even = gkt_mul(g, half, half);
  return exponent % 2 ? gkt_mul(g, a, even) : even;
}

/* The node computed in place of n: small integer powers become products. Asking again finds the same node. */
static gkt_node lower(gkt_graph *g, gkt_node n) {
  const gkt_node_data *data = gkt_graph_get(g, n);
  if (data->op != GKT_OP_POW || gkt_graph_get(g, data->b)->op != GKT_OP_CONSTANT) return n;
  double exponent = gkt_graph_get(g, data->b)->value, size = fabs(exponent);
  if (exponent != floor(exponent) || size < 2 || size > LARGEST_PRODUCT) return n;
  gkt_node power = product(g, data->a, (int)size);
  return exponent < 0 ? gkt_div(g, GKT_ONE, power) : power;
}

static gkt_status lower_all(gkt_graph *g, int n, const gkt_node *nodes) {
  bool *below;
  gkt_node top = gkt_graph_top(n, nodes);
  GKT_TRY(gkt_graph_mark(g, n, nodes, &below));
  for (gkt_node i = 0; i <= top; i++)
    if (below[i]) lower(g, i);
  gkt_free(&below);
  return gkt_graph_status(g);
}

typedef struct {
  gkt_graph *g;
  gkt_pointwise *p;
  int *step;       /* [size of the graph]: number of the node's step, -1: none yet */
  gkt_node *stack; /* [size of the graph]: a path downwards */
} builder;

/* The first operand of n that has no step yet, lowered; -1: all have one. Fills the steps of the others. */
static gkt_node missing_operand(const builder *b, const gkt_node_data *data, int steps[3]) {
  gkt_node operands[3] = {data->a, data->b, data->c};
  for (int i = 0; i < gkt_op_arity(data->op); i++) {
    gkt_node operand = lower(b->g, operands[i]);
    if ((steps[i] = b->step[operand]) < 0) return operand;
  }
  return -1;
}

static void append_steps(builder *b, gkt_node root) {
  int depth = 0;
  b->stack[depth++] = root;
  while (depth > 0) {
    gkt_node n = b->stack[depth - 1];
    const gkt_node_data *data = gkt_graph_get(b->g, n);
    int steps[3] = {0};
    gkt_node missing = b->step[n] < 0 ? missing_operand(b, data, steps) : -1;
    if (missing >= 0) {
      b->stack[depth++] = missing;
      continue;
    }
    depth--;
    if (b->step[n] >= 0) continue;
    b->step[n] = b->p->num_steps;
    b->p->steps[b->p->num_steps++] = (gkt_step){data->op, {steps[0], steps[1], steps[2]}, n, -1, data->value};
  }
}

static gkt_status build_steps(gkt_graph *g, gkt_pointwise *p, const gkt_node *outputs) {
  gkt_status status;
  builder b = {.g = g, .p = p};
  GKT_TRY(lower_all(g, p->num_outputs, outputs));
  gkt_node size = gkt_graph_size(g);
  GKT_GO(gkt_alloc(p->ctx, size, sizeof *b.step, &b.step));
  GKT_GO(gkt_alloc(p->ctx, size, sizeof *b.stack, &b.stack));
  GKT_GO(gkt_alloc(p->ctx, size, sizeof *p->steps, &p->steps));
  for (gkt_node i = 0; i < size; i++) b.step[i] = -1;
  for (int i = 0; i < p->num_outputs; i++) {
    gkt_node root = lower(g, outputs[i]);
    append_steps(&b, root);
    p->outputs[i] = b.step[root];
  }
done:
  gkt_free(&b.step);
  gkt_free(&b.stack);
  return status;
}

static int compare_terminals(const void *left, const void *right) {
  const gkt_terminal *a = left, *b = right;
  const int keys_a[] = {a->kind, a->side, a->function, a->component, a->direction}, keys_b[] = {b->kind, b->side, b->function, b->component, b->direction};
  for (int i = 0; i < 5; i++)
    if (keys_a[i] != keys_b[i]) return keys_a[i] < keys_b[i] ? -1 : 1;
  return 0;
}

/* Until here `input` of a step is its node; afterwards the number of its terminal. */
static gkt_status number_inputs(const gkt_graph *g, gkt_pointwise *p) {
  GKT_TRY(gkt_alloc(p->ctx, p->num_steps, sizeof *p->inputs, &p->inputs));
  for (int i = 0; i < p->num_steps; i++)
    if (p->steps[i].op == GKT_OP_TERMINAL) p->inputs[p->num_inputs++] = gkt_graph_get(g, p->steps[i].input)->terminal;
  qsort(p->inputs, (size_t)p->num_inputs, sizeof *p->inputs, compare_terminals);
  for (int i = 0; i < p->num_steps; i++) {
    gkt_step *step = &p->steps[i];
    if (step->op != GKT_OP_TERMINAL) continue;
    const gkt_terminal *found = bsearch(&gkt_graph_get(g, step->input)->terminal, p->inputs, (size_t)p->num_inputs, sizeof *p->inputs, compare_terminals);
    step->input = (int)(found - p->inputs);
  }
  return GKT_OK;
}

gkt_status gkt_pointwise_create(gkt_graph *g, int num_outputs, const gkt_node *outputs, gkt_pointwise **out) {
  gkt_pointwise *p;
  gkt_status status;
  GKT_TRY(gkt_graph_status(g));
  GKT_TRY(gkt_calloc(gkt_graph_context(g), 1, sizeof *p, &p));
  p->ctx = gkt_graph_context(g);
  p->num_outputs = num_outputs;
  GKT_GO(gkt_alloc(p->ctx, num_outputs, sizeof *p->outputs, &p->outputs));
  GKT_GO(build_steps(g, p, outputs));
  GKT_GO(gkt_calls_create(g, p));
  GKT_GO(number_inputs(g, p));
  GKT_GO(gkt_bytecode_create(p));
done:
  if (status != GKT_OK) gkt_pointwise_destroy(&p);
  else *out = p;
  return status;
}

void gkt_pointwise_destroy(gkt_pointwise **out) {
  gkt_pointwise *p = *out;
  if (!p) return;
  gkt_calls_destroy(p);
  gkt_free(&p->inputs);
  gkt_free(&p->outputs);
  gkt_free(&p->steps);
  gkt_free(&p->constants);
  gkt_free(&p->instructions);
  gkt_free(out);
}
