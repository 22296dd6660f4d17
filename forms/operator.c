/* + - * / ^ comparisons, indices, transposes and literals: which shapes fit, and what to write where they do not. */
#include <math.h>

#include "forms/type.h"

static gkt_shape shape_of(const gkt_typing *t, int node) { return gkt_value_of(t, node)->shape; }
static bool is_scalar(const gkt_typing *t, int node) { return shape_of(t, node).rank == 0; }

static gkt_status fail_shapes(gkt_typing *t, int a, int b, const char *what) {
  char left[40], right[40];
  return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "%s; left is %s, right is %s", what, gkt_shape_text(shape_of(t, a), left), gkt_shape_text(shape_of(t, b), right));
}

static gkt_status type_sum(gkt_typing *t, gkt_op op, int a, int b, gkt_value *out) {
  gkt_value left = *gkt_value_of(t, a), right = *gkt_value_of(t, b);
  if (t->values[a].zero) left = gkt_value_zero(right.shape);
  else if (t->values[b].zero) right = gkt_value_zero(left.shape);
  if (!gkt_shape_same(left.shape, right.shape)) return fail_shapes(t, a, b, op == GKT_OP_ADD ? "cannot be added: shapes differ" : "cannot be subtracted: shapes differ");
  *out = gkt_tensor_combine(t, op, &left, &right);
  return GKT_OK;
}

static gkt_status type_product(gkt_typing *t, int a, int b, gkt_value *out) {
  const gkt_value *left = gkt_value_of(t, a), *right = gkt_value_of(t, b);
  if (right->shape.rank == 0) *out = gkt_tensor_scale(t, left, right->nodes[0]);
  else if (left->shape.rank == 0) *out = gkt_tensor_scale(t, right, left->nodes[0]);
  else if (left->shape.rank == 1 && right->shape.rank == 1)
    return fail_shapes(t, a, b, "'*' does not multiply vectors; expected dot(a, b) for a scalar, outer(a, b) for a matrix, or cross(a, b)");
  else if (left->shape.rank == 1) return fail_shapes(t, a, b, "'*' has no vector on the left of a matrix; expected dot(a, A), or A.T*a");
  else if (left->shape.dims[1] != right->shape.dims[0]) return fail_shapes(t, a, b, "'*' needs as many columns on the left as rows on the right");
  else *out = gkt_tensor_contract(t, left, right);
  return GKT_OK;
}

static gkt_status type_quotient(gkt_typing *t, int a, int b, gkt_value *out) {
  if (!is_scalar(t, b)) return fail_shapes(t, a, b, shape_of(t, b).rank == 2 ? "'/' divides by scalars; expected inv(A)*b for a matrix A" : "'/' divides by scalars");
  const gkt_value *left = gkt_value_of(t, a);
  out->shape = left->shape;
  for (int i = 0; i < gkt_shape_size(left->shape); i++) out->nodes[i] = gkt_make_div(t, left->nodes[i], gkt_value_of(t, b)->nodes[0]);
  return GKT_OK;
}

static gkt_status type_power(gkt_typing *t, int a, int b, gkt_value *out) {
  if (shape_of(t, a).rank == 1) return fail_shapes(t, a, b, "'^' takes scalars; expected dot(a, a) for the square of a vector");
  if (shape_of(t, a).rank == 2) return fail_shapes(t, a, b, "'^' takes scalars; expected A*A, inv(A) or A.T for a matrix");
  if (!is_scalar(t, b)) return fail_shapes(t, a, b, "'^' takes scalars");
  *out = gkt_value_scalar(gkt_make(t, GKT_OP_POW, gkt_value_of(t, a)->nodes[0], gkt_value_of(t, b)->nodes[0], 0));
  return GKT_OK;
}

static gkt_status type_comparison(gkt_typing *t, gkt_op op, int a, int b, gkt_value *out) {
  if (!is_scalar(t, a) || !is_scalar(t, b)) return fail_shapes(t, a, b, "a comparison takes scalars, such as components u[0] or norm(u)");
  *out = gkt_value_scalar(gkt_make(t, op, gkt_value_of(t, a)->nodes[0], gkt_value_of(t, b)->nodes[0], 0));
  return GKT_OK;
}

static gkt_status type_transpose(gkt_typing *t, int a, gkt_value *out) {
  char text[40];
  if (shape_of(t, a).rank != 2) return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "'.T' transposes matrices; this is %s", gkt_shape_text(shape_of(t, a), text));
  *out = gkt_tensor_transpose(gkt_value_of(t, a));
  return GKT_OK;
}

/* u[i] of a vector, A[i, j] and the row A[i] of a matrix */
static gkt_status type_index(gkt_typing *t, int a, gkt_value *out) {
  const gkt_value *v = gkt_value_of(t, a);
  int first = t->ast->nodes[a].next, index[2] = {0, 0}, count = 0;
  char text[40];
  gkt_shape_text(v->shape, text);
  for (int i = first; i >= 0; i = t->ast->nodes[i].next, count++) {
    if (count == v->shape.rank) return gkt_type_fail(t, GKT_BAD_INPUT, i, "too many indices: this is %s", text);
    index[count] = (int)t->ast->nodes[i].number;
    if (index[count] >= v->shape.dims[count]) return gkt_type_fail(t, GKT_BAD_INPUT, i, "index outside of %s; expected at most %d", text, v->shape.dims[count] - 1);
  }
  int columns = v->shape.dims[1];
  if (count == v->shape.rank) *out = gkt_value_scalar(v->nodes[index[0] * columns + index[1]]);
  else {
    out->shape = gkt_shape_vector(columns);
    for (int j = 0; j < columns; j++) out->nodes[j] = v->nodes[index[0] * columns + j];
  }
  return GKT_OK;
}

static gkt_status type_literal(gkt_typing *t, int first, gkt_value *out) {
  gkt_shape row = shape_of(t, first);
  int count = 0, size = gkt_shape_size(row);
  char text[40], other[40];
  if (row.rank == 2) return gkt_type_fail(t, GKT_BAD_INPUT, first, "a component of [ ] is a scalar or a row; this is %s", gkt_shape_text(row, text));
  for (int i = first; i >= 0; i = t->ast->nodes[i].next, count++) {
    if (!gkt_shape_same(shape_of(t, i), row))
      return gkt_type_fail(t, GKT_BAD_INPUT, i, "components of [ ] have one shape; the first is %s, this is %s", gkt_shape_text(row, text), gkt_shape_text(shape_of(t, i), other));
    if (count == 9 || (count + 1) * size > GKT_MAX_COMPONENTS)
      return gkt_type_fail(t, GKT_UNAVAILABLE, i, "more than 9 components or rows, or more than 27 entries, are not available yet");
    for (int j = 0; j < size; j++) out->nodes[count * size + j] = gkt_value_of(t, i)->nodes[j];
  }
  out->shape = row.rank == 0 ? gkt_shape_vector(count) : gkt_shape_matrix(count, size);
  return GKT_OK;
}

gkt_status gkt_type_operator(gkt_typing *t, gkt_value *out) {
  const gkt_ast_node *node = &t->ast->nodes[t->current];
  int a = node->first, b = t->ast->nodes[a].next;
  switch (node->kind) {
  case GKT_AST_ADD: return type_sum(t, GKT_OP_ADD, a, b, out);
  case GKT_AST_SUB: return type_sum(t, GKT_OP_SUB, a, b, out);
  case GKT_AST_MUL: return type_product(t, a, b, out);
  case GKT_AST_DIV: return type_quotient(t, a, b, out);
  case GKT_AST_POW: return type_power(t, a, b, out);
  case GKT_AST_LT: return type_comparison(t, GKT_OP_LT, a, b, out);
  case GKT_AST_LE: return type_comparison(t, GKT_OP_LE, a, b, out);
  case GKT_AST_GT: return type_comparison(t, GKT_OP_LT, b, a, out);
  case GKT_AST_GE: return type_comparison(t, GKT_OP_LE, b, a, out);
  case GKT_AST_TRANSPOSE: return type_transpose(t, a, out);
  case GKT_AST_INDEX: return type_index(t, a, out);
  case GKT_AST_LIST: return type_literal(t, a, out);
  case GKT_AST_NEG:
    out->shape = shape_of(t, a);
    for (int i = 0; i < gkt_shape_size(out->shape); i++) out->nodes[i] = gkt_make(t, GKT_OP_NEG, gkt_value_of(t, a)->nodes[i], 0, 0);
    return GKT_OK;
  case GKT_AST_NUMBER:
  case GKT_AST_NAME:
  case GKT_AST_CALL:
  case GKT_AST_SET:
  case GKT_AST_MEASURE:
  case GKT_AST_EQUALS: break;
  }
  return gkt_fail(t->scope->ctx, GKT_INTERNAL, "no operator has kind %d", (int)node->kind);
}
