/* Small tensors of graph nodes. Shapes are checked by the callers, which can name the words. */
#include "forms/op.h"
#include "forms/type.h"

static bool is_constant(const gkt_graph *g, gkt_node n) { return gkt_graph_get(g, n)->op == GKT_OP_CONSTANT; }

gkt_node gkt_make(gkt_typing *t, gkt_op op, gkt_node a, gkt_node b, gkt_node c) {
  gkt_graph *g = t->scope->graph;
  gkt_node made = gkt_graph_make(g, op, a, b, c), operands[3] = {a, b, c};
  if (op == GKT_OP_DIV && b == GKT_ZERO) t->not_finite = true;
  bool constant = !is_constant(g, made);
  for (int i = 0; i < gkt_op_arity(op); i++) constant &= is_constant(g, operands[i]);
  t->not_finite |= constant; /* a fold that would not be finite is kept as an operation */
  return made;
}

bool gkt_shape_same(gkt_shape a, gkt_shape b) { return a.rank == b.rank && a.dims[0] == b.dims[0] && a.dims[1] == b.dims[1]; }

const char *gkt_shape_text(gkt_shape s, char text[40]) {
  if (s.rank == 0) snprintf(text, 40, "a scalar");
  else if (s.rank == 1) snprintf(text, 40, "a vector of %d", s.dims[0]);
  else snprintf(text, 40, "a %dx%d matrix", s.dims[0], s.dims[1]);
  return text;
}

gkt_value gkt_value_zero(gkt_shape shape) {
  gkt_value v = {.shape = shape};
  for (int i = 0; i < gkt_shape_size(shape); i++) v.nodes[i] = GKT_ZERO;
  return v;
}

gkt_value gkt_value_scalar(gkt_node node) { return (gkt_value){.shape = gkt_shape_scalar(), .nodes = {node}}; }

gkt_value gkt_value_terminals(const gkt_scope *scope, gkt_term_kind kind, int function, gkt_shape shape) {
  gkt_value v = {.shape = shape};
  for (int i = 0; i < gkt_shape_size(shape); i++)
    v.nodes[i] = gkt_graph_terminal(scope->graph, (gkt_terminal){.kind = (int8_t)kind, .function = (int16_t)function, .component = (int16_t)i});
  return v;
}

gkt_value gkt_tensor_identity(int n) {
  gkt_value v = gkt_value_zero(gkt_shape_matrix(n, n));
  for (int i = 0; i < n; i++) v.nodes[i * n + i] = GKT_ONE;
  return v;
}

gkt_value gkt_tensor_transpose(const gkt_value *a) {
  int m = a->shape.dims[0], n = a->shape.dims[1];
  gkt_value v = {.shape = gkt_shape_matrix(n, m)};
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) v.nodes[j * m + i] = a->nodes[i * n + j];
  return v;
}

gkt_value gkt_tensor_scale(gkt_typing *t, const gkt_value *a, gkt_node factor) {
  gkt_value v = {.shape = a->shape};
  for (int i = 0; i < gkt_shape_size(a->shape); i++) v.nodes[i] = gkt_make_mul(t, a->nodes[i], factor);
  return v;
}

gkt_value gkt_tensor_combine(gkt_typing *t, gkt_op op, const gkt_value *a, const gkt_value *b) {
  gkt_value v = {.shape = a->shape};
  for (int i = 0; i < gkt_shape_size(a->shape); i++) v.nodes[i] = gkt_make(t, op, a->nodes[i], b->nodes[i], 0);
  return v;
}

gkt_value gkt_tensor_contract(gkt_typing *t, const gkt_value *a, const gkt_value *b) {
  bool row = a->shape.rank == 1, column = b->shape.rank == 1;
  int m = row ? 1 : a->shape.dims[0], k = b->shape.dims[0], n = column ? 1 : b->shape.dims[1];
  gkt_value v = {.shape = row && column ? gkt_shape_scalar() : row ? gkt_shape_vector(n) : column ? gkt_shape_vector(m) : gkt_shape_matrix(m, n)};
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      gkt_node sum = GKT_ZERO;
      for (int l = 0; l < k; l++) sum = gkt_make_add(t, sum, gkt_make_mul(t, a->nodes[i * k + l], b->nodes[l * n + j]));
      v.nodes[i * n + j] = sum;
    }
  return v;
}

gkt_node gkt_tensor_inner(gkt_typing *t, const gkt_value *a, const gkt_value *b) {
  gkt_node sum = GKT_ZERO;
  for (int i = 0; i < gkt_shape_size(a->shape); i++) sum = gkt_make_add(t, sum, gkt_make_mul(t, a->nodes[i], b->nodes[i]));
  return sum;
}

gkt_node gkt_tensor_trace(gkt_typing *t, const gkt_value *a) {
  int n = a->shape.dims[0];
  gkt_node sum = GKT_ZERO;
  for (int i = 0; i < n; i++) sum = gkt_make_add(t, sum, a->nodes[i * n + i]);
  return sum;
}

/* ad - bc of the rows i, k and columns j, l */
static gkt_node minor_of(gkt_typing *t, const gkt_value *a, int i, int k, int j, int l) {
  int n = a->shape.dims[0];
  return gkt_make_sub(t, gkt_make_mul(t, a->nodes[i * n + j], a->nodes[k * n + l]), gkt_make_mul(t, a->nodes[i * n + l], a->nodes[k * n + j]));
}

gkt_node gkt_tensor_determinant(gkt_typing *t, const gkt_value *a) {
  if (a->shape.dims[0] == 1) return a->nodes[0];
  if (a->shape.dims[0] == 2) return minor_of(t, a, 0, 1, 0, 1);
  gkt_node sum = GKT_ZERO;
  for (int j = 0; j < 3; j++) sum = gkt_make_add(t, sum, gkt_make_mul(t, a->nodes[j], minor_of(t, a, 1, 2, (j + 1) % 3, (j + 2) % 3)));
  return sum;
}

gkt_value gkt_tensor_cofactor(gkt_typing *t, const gkt_value *a) {
  int n = a->shape.dims[0];
  gkt_value v = {.shape = a->shape, .nodes = {GKT_ONE}};
  if (n == 2) v = (gkt_value){.shape = a->shape, .nodes = {a->nodes[3], gkt_make(t, GKT_OP_NEG, a->nodes[2], 0, 0), gkt_make(t, GKT_OP_NEG, a->nodes[1], 0, 0), a->nodes[0]}};
  for (int i = 0; n == 3 && i < 3; i++) /* cyclic indices carry the sign */
    for (int j = 0; j < 3; j++) v.nodes[3 * i + j] = minor_of(t, a, (i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
  return v;
}
