/* The functions of the language, one row each. */
#include <string.h>

#include "forms/type.h"

typedef gkt_status builtin_fn(gkt_typing *, const int *arguments, gkt_value *out);
static builtin_fn sym, skew, dev, tr, det, inv, cofac, transpose, dot, outer, cross, norm, conditional, later;
typedef struct {
  const char *name;
  int num_arguments;
  builtin_fn *fn; /* NULL: `op` of scalars */
  gkt_op op;
  const char *usage;
} builtin;
static const builtin table[] = {
    {"grad", 1, gkt_type_grad, 0, "grad(u), u a scalar or a vector"},
    {"div", 1, gkt_type_div, 0, "div(u), u a vector or a matrix"},
    {"curl", 1, gkt_type_curl, 0, "curl(u)"},
    {"sym", 1, sym, 0, "sym(A), A a square matrix"},
    {"skew", 1, skew, 0, "skew(A), A a square matrix"},
    {"dev", 1, dev, 0, "dev(A), A a square matrix"},
    {"tr", 1, tr, 0, "tr(A), A a square matrix"},
    {"det", 1, det, 0, "det(A), A a square matrix"},
    {"inv", 1, inv, 0, "inv(A), A a square matrix"},
    {"cofac", 1, cofac, 0, "cofac(A), A a square matrix"},
    {"transpose", 1, transpose, 0, "transpose(A), A a matrix"},
    {"dot", 2, dot, 0, "dot(a, b), vectors or matrices"},
    {"inner", 2, gkt_type_inner, 0, "inner(a, b), two of one shape"},
    {"outer", 2, outer, 0, "outer(a, b), two vectors"},
    {"cross", 2, cross, 0, "cross(a, b), two vectors of 3"},
    {"norm", 1, norm, 0, "norm(a)"},
    {"conditional", 3, conditional, 0, "conditional(c, a, b), c a comparison"},
#define X(name, arity, word, takes, ...) {word, arity, NULL, GKT_OP_##name, arity == 1 ? word "(" takes "), a scalar" : word "(" takes "), scalars"},
    GKT_FUNCTION_LIST(X)
#undef X
        {"dt", 1, gkt_type_dt, 0, "dt(u), the rate of an expression"},
    {"dtt", 1, gkt_type_dtt, 0, "dtt(u), the rate of dt(u)"},
    {"jump", 1, later, 0, "jump(u)"},
    {"avg", 1, later, 0, "avg(u)"},
};
enum { NUM_BUILTINS = sizeof table / sizeof *table, MAX_ARGUMENTS = 3 };

const char *gkt_builtin_name(int i) { return i < NUM_BUILTINS ? table[i].name : NULL; }

const char *gkt_builtin_usage(const char *name) {
  for (int i = 0; i < NUM_BUILTINS; i++)
    if (!strcmp(table[i].name, name)) return table[i].usage;
  return NULL;
}

/* ---- shapes ---- */
static gkt_shape shape_of(const gkt_typing *t, int node) { return gkt_value_of(t, node)->shape; }

static gkt_status fail_argument(gkt_typing *t, int argument, const char *expected) {
  char text[40];
  return gkt_type_fail(t, GKT_BAD_INPUT, argument, "this is %s; expected %s", gkt_shape_text(shape_of(t, argument), text), expected);
}

static gkt_status fail_pair(gkt_typing *t, const int *a, const char *expected) {
  char first[40], second[40];
  return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "the arguments are %s and %s; expected %s", gkt_shape_text(shape_of(t, a[0]), first),
                       gkt_shape_text(shape_of(t, a[1]), second), expected);
}

static gkt_status need_square(gkt_typing *t, int argument, int largest) {
  gkt_shape s = shape_of(t, argument);
  if (s.rank != 2 || s.dims[0] != s.dims[1]) return fail_argument(t, argument, "a square matrix");
  if (s.dims[0] > largest)
    return gkt_type_fail(t, GKT_UNAVAILABLE, argument, "a %dx%d matrix here is not available yet; expected at most %dx%d", s.dims[0], s.dims[0], largest, largest);
  return GKT_OK;
}

/* ---- functions of scalars ---- */
static gkt_status scalars(gkt_typing *t, const int *a, gkt_op op, gkt_value *out) {
  gkt_node operands[2] = {0, 0};
  for (int i = 0, node = a[0]; node >= 0; node = t->ast->nodes[node].next, i++) {
    bool one = shape_of(t, node).rank == 1 && shape_of(t, node).dims[0] == 1;
    if (shape_of(t, node).rank > 0) return fail_argument(t, node, one ? "a scalar: its component [0]" : "a scalar, such as a component [0] or norm( )");
    operands[i] = gkt_value_of(t, node)->nodes[0];
  }
  *out = gkt_value_scalar(gkt_make(t, op, operands[0], operands[1], 0));
  return GKT_OK;
}

/* Branches of any shape; both are evaluated and one is selected, also in derivatives. */
static gkt_status conditional(gkt_typing *t, const int *a, gkt_value *out) {
  gkt_value left = *gkt_value_of(t, a[1]), right = *gkt_value_of(t, a[2]);
  if (shape_of(t, a[0]).rank > 0) return fail_argument(t, a[0], "a comparison of scalars, such as x[0] < 0.5");
  if (t->values[a[1]].zero) left = gkt_value_zero(right.shape);
  else if (t->values[a[2]].zero) right = gkt_value_zero(left.shape);
  if (!gkt_shape_same(left.shape, right.shape)) return fail_pair(t, a + 1, "two branches of one shape");
  out->shape = left.shape;
  for (int i = 0; i < gkt_shape_size(left.shape); i++) out->nodes[i] = gkt_make(t, GKT_OP_CONDITIONAL, gkt_value_of(t, a[0])->nodes[0], left.nodes[i], right.nodes[i]);
  return GKT_OK;
}

/* ---- products ---- */
static gkt_status dot(gkt_typing *t, const int *a, gkt_value *out) {
  const gkt_value *left = gkt_value_of(t, a[0]), *right = gkt_value_of(t, a[1]);
  if (left->shape.rank == 0 || right->shape.rank == 0) return fail_pair(t, a, "vectors or matrices; scalars are multiplied with '*'");
  if (left->shape.dims[left->shape.rank - 1] != right->shape.dims[0]) return fail_pair(t, a, "the last index of the first as long as the first index of the second");
  *out = gkt_tensor_contract(t, left, right);
  return GKT_OK;
}

gkt_status gkt_type_inner(gkt_typing *t, const int *a, gkt_value *out) {
  if (!gkt_shape_same(shape_of(t, a[0]), shape_of(t, a[1]))) return fail_pair(t, a, "two of one shape");
  *out = gkt_value_scalar(gkt_tensor_inner(t, gkt_value_of(t, a[0]), gkt_value_of(t, a[1])));
  return GKT_OK;
}

static gkt_status outer(gkt_typing *t, const int *a, gkt_value *out) {
  const gkt_value *left = gkt_value_of(t, a[0]), *right = gkt_value_of(t, a[1]);
  int m = left->shape.dims[0], n = right->shape.dims[0];
  if (left->shape.rank != 1 || right->shape.rank != 1) return fail_pair(t, a, "two vectors");
  if (m * n > GKT_MAX_COMPONENTS) return gkt_type_fail(t, GKT_UNAVAILABLE, t->current, "a %dx%d matrix is not available yet; expected at most 27 entries", m, n);
  out->shape = gkt_shape_matrix(m, n);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) out->nodes[i * n + j] = gkt_make_mul(t, left->nodes[i], right->nodes[j]);
  return GKT_OK;
}

static gkt_status cross(gkt_typing *t, const int *a, gkt_value *out) {
  for (int i = 0; i < 2; i++)
    if (shape_of(t, a[i]).rank != 1 || shape_of(t, a[i]).dims[0] != 3) return fail_pair(t, a, "two vectors of 3; in the plane write a[0]*b[1] - a[1]*b[0]");
  const gkt_node *p = gkt_value_of(t, a[0])->nodes, *q = gkt_value_of(t, a[1])->nodes;
  out->shape = gkt_shape_vector(3);
  for (int i = 0; i < 3; i++) {
    int j = (i + 1) % 3, k = (i + 2) % 3;
    out->nodes[i] = gkt_make_sub(t, gkt_make_mul(t, p[j], q[k]), gkt_make_mul(t, p[k], q[j]));
  }
  return GKT_OK;
}

/* sqrt of the sum of squares of all components. Its derivative is a/|a|, which at a = 0 is 0/0, NaN: forms that reach 0 want sqrt(inner(a,a) + eps^2).
   Of a scalar it is abs, whose derivative at 0 is 0. */
static gkt_status norm(gkt_typing *t, const int *a, gkt_value *out) {
  const gkt_value *v = gkt_value_of(t, a[0]);
  if (v->shape.rank == 0) *out = gkt_value_scalar(gkt_make(t, GKT_OP_ABS, v->nodes[0], 0, 0));
  else *out = gkt_value_scalar(gkt_make(t, GKT_OP_SQRT, gkt_tensor_inner(t, v, v), 0, 0));
  return GKT_OK;
}

/* ---- matrices ---- */
/* (A + sign A.T)/2 */
static gkt_value half_sum(gkt_typing *t, const gkt_value *a, gkt_op op) {
  gkt_value transposed = gkt_tensor_transpose(a), sum = gkt_tensor_combine(t, op, a, &transposed);
  return gkt_tensor_scale(t, &sum, gkt_graph_constant(t->scope->graph, 0.5));
}

static gkt_status sym(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], GKT_MAX_COMPONENTS));
  *out = half_sum(t, gkt_value_of(t, a[0]), GKT_OP_ADD);
  return GKT_OK;
}

static gkt_status skew(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], GKT_MAX_COMPONENTS));
  *out = half_sum(t, gkt_value_of(t, a[0]), GKT_OP_SUB);
  return GKT_OK;
}

/* A - tr(A)/d I in the d dimensions of the matrix, not of the mesh */
static gkt_status dev(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], GKT_MAX_COMPONENTS));
  const gkt_value *v = gkt_value_of(t, a[0]);
  int d = v->shape.dims[0];
  gkt_node mean = gkt_make_div(t, gkt_tensor_trace(t, v), gkt_graph_constant(t->scope->graph, d));
  *out = *v;
  for (int i = 0; i < d; i++) out->nodes[i * d + i] = gkt_make_sub(t, v->nodes[i * d + i], mean);
  return GKT_OK;
}

static gkt_status tr(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], GKT_MAX_COMPONENTS));
  *out = gkt_value_scalar(gkt_tensor_trace(t, gkt_value_of(t, a[0])));
  return GKT_OK;
}

static gkt_status det(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], 3));
  *out = gkt_value_scalar(gkt_tensor_determinant(t, gkt_value_of(t, a[0])));
  return GKT_OK;
}

static gkt_status cofac(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], 3));
  *out = gkt_tensor_cofactor(t, gkt_value_of(t, a[0]));
  return GKT_OK;
}

static gkt_status inv(gkt_typing *t, const int *a, gkt_value *out) {
  GKT_TRY(need_square(t, a[0], 3));
  gkt_value cofactor = gkt_tensor_cofactor(t, gkt_value_of(t, a[0])), adjugate = gkt_tensor_transpose(&cofactor);
  gkt_node reciprocal = gkt_make_div(t, GKT_ONE, gkt_tensor_determinant(t, gkt_value_of(t, a[0])));
  *out = gkt_tensor_scale(t, &adjugate, reciprocal);
  return GKT_OK;
}

static gkt_status transpose(gkt_typing *t, const int *a, gkt_value *out) {
  if (shape_of(t, a[0]).rank != 2) return fail_argument(t, a[0], "a matrix");
  *out = gkt_tensor_transpose(gkt_value_of(t, a[0]));
  return GKT_OK;
}

static gkt_status later(gkt_typing *t, const int *a, gkt_value *out) {
  (void)a, (void)out;
  return gkt_type_fail_word(t, GKT_UNAVAILABLE, t->current, "jumps and averages on inner facets are not available yet");
}

static const builtin *find(const gkt_typing *t) {
  for (int i = 0; i < NUM_BUILTINS; i++)
    if (gkt_ast_word_is(t->ast, t->current, table[i].name)) return &table[i];
  return NULL;
}

gkt_status gkt_type_call(gkt_typing *t, gkt_value *out) {
  const builtin *f = find(t);
  int arguments[MAX_ARGUMENTS] = {-1, -1, -1}, count = 0;
  if (!f) return gkt_type_custom_call(t, out);
  for (int i = t->ast->nodes[t->current].first; i >= 0; i = t->ast->nodes[i].next, count++)
    if (count < MAX_ARGUMENTS) arguments[count] = i;
  if (count != f->num_arguments)
    return gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "takes %d argument%s, here are %d; expected %s", f->num_arguments, f->num_arguments > 1 ? "s" : "", count, f->usage);
  return f->fn ? f->fn(t, arguments, out) : scalars(t, arguments, f->op, out);
}
