/* A node of the scalar graph in the user's terms, for messages: names of functions and constants, operators as the language writes them, cut where it gets long. */
#include "forms/describe.h"

#include <string.h>

#include "forms/external.h"
#include "forms/op.h"

enum { COMPARISON, SUM, PRODUCT, UNARY, POWER, PRIMARY }; /* how tightly an operation binds */
enum { MAX_LENGTH = 110 };                                /* beyond this, what is left of an expression is ".." */

static int level_of(const gkt_node_data *d) {
  switch (d->op) {
  case GKT_OP_LT:
  case GKT_OP_LE: return COMPARISON;
  case GKT_OP_ADD:
  case GKT_OP_SUB: return SUM;
  case GKT_OP_MUL:
  case GKT_OP_DIV: return PRODUCT;
  case GKT_OP_NEG: return UNARY;
  case GKT_OP_POW: return POWER;
  case GKT_OP_CONSTANT: return d->value < 0 ? UNARY : PRIMARY;
  default: return PRIMARY;
  }
}

/* "[1,2]": the component of a value of this shape, and for a gradient the direction. */
static void print_index(gkt_shape shape, int component, int direction, gkt_text *out) {
  const char *comma = "[";
  if (shape.rank == 1) gkt_text_printf(out, "[%d", component), comma = ",";
  if (shape.rank == 2) gkt_text_printf(out, "[%d,%d", component / shape.dims[1], component % shape.dims[1]), comma = ",";
  if (direction >= 0) gkt_text_printf(out, "%s%d", comma, direction), comma = ",";
  if (*comma == ',') gkt_text_printf(out, "]");
}

static void print_terminal(const gkt_scope *scope, const gkt_terminal *t, gkt_text *out) {
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_VALUE:
    gkt_text_printf(out, "%s", scope->functions[t->function].name);
    print_index(scope->functions[t->function].shape, t->component, -1, out);
    return;
  case GKT_TERM_GRAD:
    gkt_text_printf(out, "grad(%s)", scope->functions[t->function].name);
    print_index(scope->functions[t->function].shape, t->component, t->direction, out);
    return;
  case GKT_TERM_CONSTANT: gkt_text_printf(out, "%s", scope->constants[t->function]); return;
  case GKT_TERM_X: gkt_text_printf(out, "x[%d]", t->component); return;
  case GKT_TERM_NORMAL: gkt_text_printf(out, "n[%d]", t->component); return;
  case GKT_TERM_TIME: gkt_text_printf(out, "t"); return;
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION: gkt_text_printf(out, "h"); return;
  }
}

static void print(const gkt_scope *, gkt_node, int level, int budget, gkt_text *);

static const char *function_name(gkt_op op) {
#define X(name, arity, word, ...) [GKT_OP_##name] = word,
  static const char *const words[GKT_NUM_OPS] = {GKT_FUNCTION_LIST(X)};
#undef X
  return op == GKT_OP_CONDITIONAL ? "conditional" : words[op];
}

static void print_call(const gkt_scope *scope, const gkt_node_data *d, int budget, gkt_text *out) {
  const gkt_node operands[3] = {d->a, d->b, d->c};
  int arity = gkt_op_arity(d->op);
  gkt_text_printf(out, "%s(", function_name(d->op));
  for (int i = 0; i < arity; i++) {
    if (i) gkt_text_printf(out, ", ");
    print(scope, operands[i], COMPARISON, budget / arity, out);
  }
  gkt_text_printf(out, ")");
}

/* a op b, which reads back as it is: brackets around equals on the right, on the left of a power. */
static void print_infix(const gkt_scope *scope, const gkt_node_data *d, int level, int budget, gkt_text *out) {
  static const char *const signs[GKT_NUM_OPS] = {
      [GKT_OP_ADD] = " + ", [GKT_OP_SUB] = " - ", [GKT_OP_MUL] = "*", [GKT_OP_DIV] = "/", [GKT_OP_POW] = "^", [GKT_OP_LT] = " < ", [GKT_OP_LE] = " <= "};
  bool power = d->op == GKT_OP_POW;
  print(scope, d->a, power ? PRIMARY : level, budget / 2, out);
  gkt_text_printf(out, "%s", signs[d->op]);
  print(scope, d->b, power ? POWER : level + 1, budget / 2, out);
}

/* "stress(u, ..)[0,1]"; of an entry of the tangent: "tangent of stress(..)[3][2]", components counted. A list alone is what its last argument is. */
static void print_external(const gkt_scope *scope, gkt_node node, int budget, gkt_text *out) {
  const gkt_node_data *d = gkt_graph_get(scope->graph, node);
  const gkt_external_record *r = gkt_external_of(scope->graph, d);
  gkt_node arguments[GKT_MAX_EXTERNAL_INPUTS];
  int count = gkt_external_arguments(scope->graph, node, arguments);
  gkt_text_printf(out, "%s%s(", d->terminal.kind ? "tangent of " : "", r->name);
  for (int j = 0; j < count && j < 3; j++) {
    if (j) gkt_text_printf(out, ", ");
    print(scope, arguments[j], COMPARISON, budget / 3, out);
  }
  gkt_text_printf(out, count > 3 ? ", ..)" : ")");
  if (d->terminal.kind) gkt_text_printf(out, "[%d][%d]", d->terminal.component, d->terminal.direction);
  else print_index(r->law.result, d->terminal.component, -1, out);
}

static void print(const gkt_scope *scope, gkt_node node, int least, int budget, gkt_text *out) {
  const gkt_node_data *d = gkt_graph_get(scope->graph, node);
  if (d->op == GKT_OP_ARGUMENT) d = gkt_graph_get(scope->graph, node = d->b);
  int level = level_of(d), arity = gkt_op_arity(d->op);
  bool brackets = level < least;
  if (arity && budget < 4) {
    gkt_text_printf(out, "..");
    return;
  }
  if (brackets) gkt_text_printf(out, "(");
  if (d->op == GKT_OP_CONSTANT) gkt_text_printf(out, "%.6g", d->value);
  else if (d->op == GKT_OP_TERMINAL) print_terminal(scope, &d->terminal, out);
  else if (d->op == GKT_OP_EXTERNAL) print_external(scope, node, budget, out);
  else if (d->op == GKT_OP_NEG) {
    gkt_text_printf(out, "-");
    print(scope, d->a, UNARY, budget, out);
  } else if (level == PRIMARY) print_call(scope, d, budget, out);
  else print_infix(scope, d, level, budget, out);
  if (brackets) gkt_text_printf(out, ")");
}

void gkt_node_describe(const gkt_scope *scope, gkt_node node, gkt_text *out) { print(scope, node, COMPARISON, MAX_LENGTH, out); }
