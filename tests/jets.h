/* A plain recursive evaluation of syntax trees with small tensors, independent of the graph. Numbers are jets: value, gradient and Hessian in x (Taylor arithmetic),
   so grad(e) is read off instead of being derived symbolically. */
#ifndef GKT_TESTS_JETS_H
#define GKT_TESTS_JETS_H
#include <math.h>

#include "tests/language.h"
#include "tests/random_expressions.h"

typedef struct {
  double v, g[3], H[3][3];
} jet;
typedef struct {
  gkt_shape shape;
  jet c[27];
} tensor;
enum { MAX_FUNCTIONS = 12 };
typedef struct { /* values of the terminals at one point */
  double values[MAX_FUNCTIONS][9], grads[MAX_FUNCTIONS][9][3], constants[3], x[3], n[3], h, t;
} point;
typedef struct {
  const gkt_scope *scope;
  const point *at;
  double largest; /* magnitude of all intermediate numbers */
  double closest; /* smallest distance of the sides of a comparison, a kink or a jump */
} evaluation;

static inline tensor jet_eval(evaluation *, const gkt_ast *, int node, int order);

/* ---- jets up to `order` derivatives ---- */
static inline jet jet_constant(double v) { return (jet){.v = v}; }

static inline jet jet_seen(evaluation *e, jet a, int order) {
  double big = fabs(a.v);
  for (int i = 0; order > 0 && i < 3; i++) big = fmax(big, fabs(a.g[i]));
  for (int i = 0; order > 1 && i < 9; i++) big = fmax(big, fabs(a.H[i / 3][i % 3]));
  e->largest = fmax(e->largest, big);
  return a;
}

static inline jet jet_linear(evaluation *e, double s, jet a, double r, jet b, int order) { /* s a + r b */
  jet c = {.v = s * a.v + r * b.v};
  for (int i = 0; i < 3; i++) c.g[i] = s * a.g[i] + r * b.g[i];
  for (int i = 0; i < 9; i++) c.H[i / 3][i % 3] = s * a.H[i / 3][i % 3] + r * b.H[i / 3][i % 3];
  return jet_seen(e, c, order);
}

static inline jet jet_times(evaluation *e, jet a, jet b, int order) {
  jet c = {.v = a.v * b.v};
  for (int i = 0; i < 3; i++) c.g[i] = a.g[i] * b.v + a.v * b.g[i];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) c.H[i][j] = a.H[i][j] * b.v + a.g[i] * b.g[j] + a.g[j] * b.g[i] + a.v * b.H[i][j];
  return jet_seen(e, c, order);
}

static inline jet jet_chain(evaluation *e, jet a, double f, double f1, double f2, int order) { /* f(a) */
  jet c = {.v = f};
  for (int i = 0; order > 0 && i < 3; i++) c.g[i] = f1 * a.g[i];
  for (int i = 0; order > 1 && i < 3; i++)
    for (int j = 0; j < 3; j++) c.H[i][j] = f1 * a.H[i][j] + f2 * a.g[i] * a.g[j];
  return jet_seen(e, c, order);
}

static inline jet jet_reciprocal(evaluation *e, jet a, int order) { return jet_chain(e, a, 1 / a.v, -1 / (a.v * a.v), 2 / (a.v * a.v * a.v), order); }

static inline bool jet_varies(jet a, int order) {
  bool varies = false;
  for (int i = 0; order > 0 && i < 3; i++) varies |= a.g[i] != 0;
  for (int i = 0; order > 1 && i < 9; i++) varies |= a.H[i / 3][i % 3] != 0;
  return varies;
}

static inline jet jet_power(evaluation *e, jet a, jet b, int order) {
  double p = b.v, f1 = p == 0 ? 0 : p * pow(a.v, p - 1), f2 = p == 0 || p == 1 ? 0 : p * (p - 1) * pow(a.v, p - 2);
  if (!jet_varies(b, order)) return jet_chain(e, a, pow(a.v, p), f1, f2, order);
  jet logarithm = jet_chain(e, a, log(a.v), 1 / a.v, -1 / (a.v * a.v), order), exponent = jet_times(e, b, logarithm, order);
  double v = pow(a.v, b.v);
  return jet_chain(e, exponent, v, v, v, order);
}

static inline jet jet_atan2(evaluation *e, jet y, jet x, int order) { /* atan(y/x) has the same derivatives; x > 0 in the tests */
  jet q = jet_times(e, y, jet_reciprocal(e, x, order), order);
  double s = 1 + q.v * q.v;
  return jet_chain(e, q, atan2(y.v, x.v), 1 / s, -2 * q.v / (s * s), order);
}

static inline void jet_decision(evaluation *e, double distance) { e->closest = fmin(e->closest, fabs(distance)); }

/* ---- functions of one scalar: f, f', f'' ---- */
static inline jet jet_function(evaluation *e, const char *name, jet a, int order) {
  double x = a.v, s = sin(x), c = cos(x), r = sqrt(x), o = 1 - x * x, t = tanh(x), u = tan(x), g = 2 / sqrt(acos(-1)) * exp(-x * x);
  if (!strcmp(name, "sqrt")) return jet_chain(e, a, r, 0.5 / r, -0.25 / (r * x), order);
  if (!strcmp(name, "exp")) return jet_chain(e, a, exp(x), exp(x), exp(x), order);
  if (!strcmp(name, "ln")) return jet_chain(e, a, log(x), 1 / x, -1 / (x * x), order);
  if (!strcmp(name, "sin")) return jet_chain(e, a, s, c, -s, order);
  if (!strcmp(name, "cos")) return jet_chain(e, a, c, -s, -c, order);
  if (!strcmp(name, "tan")) return jet_chain(e, a, u, 1 + u * u, 2 * u * (1 + u * u), order);
  if (!strcmp(name, "asin")) return jet_chain(e, a, asin(x), 1 / sqrt(o), x / (o * sqrt(o)), order);
  if (!strcmp(name, "acos")) return jet_chain(e, a, acos(x), -1 / sqrt(o), -x / (o * sqrt(o)), order);
  if (!strcmp(name, "atan")) return jet_chain(e, a, atan(x), 1 / (1 + x * x), -2 * x / ((1 + x * x) * (1 + x * x)), order);
  if (!strcmp(name, "sinh")) return jet_chain(e, a, sinh(x), cosh(x), sinh(x), order);
  if (!strcmp(name, "cosh")) return jet_chain(e, a, cosh(x), sinh(x), cosh(x), order);
  if (!strcmp(name, "log10")) return jet_chain(e, a, log10(x), 1 / (x * log(10)), -1 / (x * x * log(10)), order);
  if (!strcmp(name, "asinh")) return jet_chain(e, a, asinh(x), 1 / sqrt(1 + x * x), -x / ((1 + x * x) * sqrt(1 + x * x)), order);
  if (!strcmp(name, "tanh")) return jet_chain(e, a, t, 1 - t * t, -2 * t * (1 - t * t), order);
  if (!strcmp(name, "erf")) return jet_chain(e, a, erf(x), g, -2 * x * g, order);
  double sign = x > 0 ? 1 : x < 0 ? -1 : 0;
  jet_decision(e, x);
  if (!strcmp(name, "sign")) return jet_constant(sign);
  assert_string_equal(name, "abs");
  return jet_chain(e, a, fabs(x), sign, 0, order);
}

/* ---- tensors ---- */
static inline tensor tensor_scalar(jet a) { return (tensor){.shape = gkt_shape_scalar(), .c = {a}}; }

static inline tensor tensor_scale(evaluation *e, const tensor *a, jet s, int order) {
  tensor t = {.shape = a->shape};
  for (int i = 0; i < gkt_shape_size(a->shape); i++) t.c[i] = jet_times(e, a->c[i], s, order);
  return t;
}

static inline tensor tensor_linear(evaluation *e, double s, const tensor *a, double r, const tensor *b, int order) {
  const tensor *shaped = a->shape.rank >= b->shape.rank ? a : b; /* the number 0 fits any shape */
  tensor t = {.shape = shaped->shape};
  bool zero_a = a->shape.rank != shaped->shape.rank, zero_b = b->shape.rank != shaped->shape.rank;
  for (int i = 0; i < gkt_shape_size(t.shape); i++) t.c[i] = jet_linear(e, zero_a ? 0 : s, a->c[zero_a ? 0 : i], zero_b ? 0 : r, b->c[zero_b ? 0 : i], order);
  return t;
}

static inline tensor tensor_transpose(const tensor *a) {
  int m = a->shape.dims[0], n = a->shape.dims[1];
  tensor t = {.shape = gkt_shape_matrix(n, m)};
  for (int i = 0; i < m * n; i++) t.c[i % n * m + i / n] = a->c[i];
  return t;
}

static inline tensor tensor_product(evaluation *e, const tensor *a, const tensor *b, int order) {
  bool row = a->shape.rank == 1, column = b->shape.rank == 1;
  int m = row ? 1 : a->shape.dims[0], l = b->shape.dims[0], n = column ? 1 : b->shape.dims[1];
  tensor t = {.shape = row && column ? gkt_shape_scalar() : row ? gkt_shape_vector(n) : column ? gkt_shape_vector(m) : gkt_shape_matrix(m, n)};
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++)
      for (int s = 0; s < l; s++) t.c[i * n + j] = jet_linear(e, 1, t.c[i * n + j], 1, jet_times(e, a->c[i * l + s], b->c[s * n + j], order), order);
  return t;
}

static inline jet tensor_inner(evaluation *e, const tensor *a, const tensor *b, int order) {
  jet sum = jet_constant(0);
  for (int i = 0; i < gkt_shape_size(a->shape); i++) sum = jet_linear(e, 1, sum, 1, jet_times(e, a->c[i], b->c[i], order), order);
  return sum;
}

static inline jet tensor_trace(evaluation *e, const tensor *a, int order) {
  jet sum = jet_constant(0);
  for (int i = 0; i < a->shape.dims[0]; i++) sum = jet_linear(e, 1, sum, 1, a->c[i * (a->shape.dims[0] + 1)], order);
  return sum;
}

/* Laplace expansion along the first row, for any size: the minor without row i and column j, with its sign */
static inline jet tensor_determinant(evaluation *e, const tensor *a, int order);
static inline jet tensor_cofactor(evaluation *e, const tensor *a, int i, int j, int order) {
  int n = a->shape.dims[0], count = 0;
  tensor minor = {.shape = gkt_shape_matrix(n - 1, n - 1)};
  for (int s = 0; s < n * n; s++)
    if (s / n != i && s % n != j) minor.c[count++] = a->c[s];
  return jet_linear(e, (i + j) % 2 ? -1 : 1, tensor_determinant(e, &minor, order), 0, jet_constant(0), order);
}
static inline jet tensor_determinant(evaluation *e, const tensor *a, int order) {
  jet sum = jet_constant(a->shape.dims[0] == 0);
  for (int j = 0; j < a->shape.dims[0]; j++) sum = jet_linear(e, 1, sum, 1, jet_times(e, a->c[j], tensor_cofactor(e, a, 0, j, order), order), order);
  return sum;
}

/* ---- terminals ---- */
static inline tensor jet_function_terminal(const evaluation *e, int function) {
  const gkt_function *f = &e->scope->functions[function];
  tensor t = {.shape = f->shape};
  for (int c = 0; c < gkt_shape_size(f->shape); c++) {
    t.c[c].v = e->at->values[function][c];
    for (int j = 0; j < 3 && f->element.degree > 0; j++) t.c[c].g[j] = e->at->grads[function][c][j];
  }
  return t;
}

static inline tensor jet_name(evaluation *e, const char *name, int order) {
  int dim = e->scope->dim, function = gkt_scope_find_function(e->scope, name), constant = gkt_scope_find_constant(e->scope, name);
  tensor t = {.shape = gkt_shape_vector(dim)};
  if (function >= 0) return jet_function_terminal(e, function);
  if (constant >= 0) return tensor_scalar(jet_constant(e->at->constants[constant]));
  for (int i = 0; i < dim; i++) t.c[i].v = *name == 'x' ? e->at->x[i] : e->at->n[i];
  for (int i = 0; i < dim && *name == 'x'; i++) t.c[i].g[i] = 1;
  if (!strcmp(name, "x") || !strcmp(name, "n")) return t;
  if (!strcmp(name, "h")) return tensor_scalar(jet_constant(e->at->h));
  if (!strcmp(name, "t")) return tensor_scalar(jet_constant(e->at->t));
  if (!strcmp(name, "pi")) return tensor_scalar(jet_constant(acos(-1)));
  if (!strcmp(name, "I")) {
    t = (tensor){.shape = gkt_shape_matrix(dim, dim)};
    for (int i = 0; i < dim; i++) t.c[i * (dim + 1)].v = 1;
    return t;
  }
  for (size_t i = 0; i < sizeof random_lets / sizeof *random_lets; i++) {
    if (strcmp(name, random_lets[i][0])) continue;
    gkt_source source = {.text = random_lets[i][1]};
    gkt_ast *ast;
    assert_int_equal(gkt_ast_parse(e->scope->ctx, &source, false, &ast), GKT_OK);
    t = jet_eval(e, ast, ast->num_nodes - 1, order);
    gkt_ast_destroy(&ast);
    return t;
  }
  fail_msg("the evaluator does not know %s", name);
  return t;
}

/* ---- derivatives ---- */
static inline tensor jet_gradient(evaluation *e, const gkt_ast *ast, int node, int order) {
  assert_true(order < 2);
  tensor a = jet_eval(e, ast, node, order + 1);
  int dim = e->scope->dim, size = gkt_shape_size(a.shape);
  tensor t = {.shape = a.shape.rank ? gkt_shape_matrix(size, dim) : gkt_shape_vector(dim)}; /* of a matrix: one row for each entry */
  for (int i = 0; i < size; i++)
    for (int j = 0; j < dim; j++) {
      t.c[i * dim + j].v = a.c[i].g[j];
      memcpy(t.c[i * dim + j].g, a.c[i].H[j], sizeof a.c[i].H[j]);
    }
  return t;
}

static inline tensor jet_divergence(evaluation *e, const tensor *g, int order) { /* g [rows*dim][dim] */
  int dim = e->scope->dim, rows = g->shape.dims[0] / dim;
  tensor t = {.shape = gkt_shape_vector(rows)};
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < dim; j++) t.c[i] = jet_linear(e, 1, t.c[i], 1, g->c[(i * dim + j) * dim + j], order);
  return t;
}

static inline tensor jet_curl(evaluation *e, const tensor *g, int order) {
  int dim = e->scope->dim;
  if (g->shape.rank == 1) return (tensor){.shape = gkt_shape_vector(2), .c = {g->c[1], jet_linear(e, -1, g->c[0], 0, g->c[0], order)}};
  if (dim == 2) return tensor_scalar(jet_linear(e, 1, g->c[2], -1, g->c[1], order));
  tensor t = {.shape = gkt_shape_vector(3)};
  for (int i = 0; i < 3; i++) {
    int j = (i + 1) % 3, k = (i + 2) % 3;
    t.c[i] = jet_linear(e, 1, g->c[k * 3 + j], -1, g->c[j * 3 + k], order);
  }
  return t;
}

/* ---- calls ---- */
static inline tensor jet_call(evaluation *e, const gkt_ast *ast, int node, const char *name, int order) {
  int child[3] = {-1, -1, -1}, count = 0;
  tensor a[3], t;
  for (int i = ast->nodes[node].first; i >= 0; i = ast->nodes[i].next) child[count++] = i;
  bool derivative = !strcmp(name, "grad") || !strcmp(name, "div") || !strcmp(name, "curl");
  if (derivative) {
    bool matrix = !strcmp(name, "div") && jet_eval(e, ast, child[0], 0).shape.rank == 2;
    t = jet_gradient(e, ast, child[0], order);
    if (!strcmp(name, "grad")) return t;
    if (!strcmp(name, "curl")) return jet_curl(e, &t, order);
    tensor d = jet_divergence(e, &t, order);
    return matrix ? d : tensor_scalar(d.c[0]);
  }
  for (int i = 0; i < count; i++) a[i] = jet_eval(e, ast, child[i], order);
  int n = a[0].shape.dims[0];
  if (!strcmp(name, "sym") || !strcmp(name, "skew")) {
    t = tensor_transpose(&a[0]);
    return tensor_linear(e, 0.5, &a[0], name[1] == 'y' ? 0.5 : -0.5, &t, order);
  }
  if (!strcmp(name, "tr")) return tensor_scalar(tensor_trace(e, &a[0], order));
  if (!strcmp(name, "dev")) {
    jet trace = tensor_trace(e, &a[0], order);
    for (int i = 0; i < n; i++) a[0].c[i * (n + 1)] = jet_linear(e, 1, a[0].c[i * (n + 1)], -1.0 / n, trace, order);
    return a[0];
  }
  if (!strcmp(name, "det")) return tensor_scalar(tensor_determinant(e, &a[0], order));
  if (!strcmp(name, "cofac") || !strcmp(name, "inv")) {
    t = a[0];
    for (int i = 0; i < n * n; i++) t.c[i] = tensor_cofactor(e, &a[0], i / n, i % n, order);
    if (*name == 'c') return t;
    t = tensor_transpose(&t);
    return tensor_scale(e, &t, jet_reciprocal(e, tensor_determinant(e, &a[0], order), order), order);
  }
  if (!strcmp(name, "transpose")) return tensor_transpose(&a[0]);
  if (!strcmp(name, "dot")) return tensor_product(e, &a[0], &a[1], order);
  if (!strcmp(name, "inner")) return tensor_scalar(tensor_inner(e, &a[0], &a[1], order));
  if (!strcmp(name, "outer")) {
    t = (tensor){.shape = gkt_shape_matrix(n, a[1].shape.dims[0])};
    for (int i = 0; i < gkt_shape_size(t.shape); i++) t.c[i] = jet_times(e, a[0].c[i / t.shape.dims[1]], a[1].c[i % t.shape.dims[1]], order);
    return t;
  }
  if (!strcmp(name, "cross")) {
    t = (tensor){.shape = gkt_shape_vector(3)};
    for (int i = 0; i < 3; i++) {
      int j = (i + 1) % 3, k = (i + 2) % 3;
      t.c[i] = jet_linear(e, 1, jet_times(e, a[0].c[j], a[1].c[k], order), -1, jet_times(e, a[0].c[k], a[1].c[j], order), order);
    }
    return t;
  }
  if (!strcmp(name, "norm"))
    return tensor_scalar(a[0].shape.rank ? jet_function(e, "sqrt", tensor_inner(e, &a[0], &a[0], order), order) : jet_function(e, "abs", a[0].c[0], order));
  if (!strcmp(name, "conditional")) {
    t = tensor_linear(e, 1, &a[1], 0, &a[2], order); /* for the shape */
    const tensor *chosen = &a[a[0].c[0].v != 0 ? 1 : 2];
    return chosen->shape.rank == t.shape.rank ? *chosen : (tensor){.shape = t.shape};
  }
  if (!strcmp(name, "atan2")) return tensor_scalar(jet_atan2(e, a[0].c[0], a[1].c[0], order));
  if (!strcmp(name, "min") || !strcmp(name, "max")) {
    double sign = name[1] == 'i' ? 1 : -1;
    jet_decision(e, a[0].c[0].v - a[1].c[0].v);
    return tensor_scalar(sign * a[0].c[0].v <= sign * a[1].c[0].v ? a[0].c[0] : a[1].c[0]);
  }
  return tensor_scalar(jet_function(e, name, a[0].c[0], order));
}

/* ---- operators ---- */
static inline tensor jet_comparison(evaluation *e, double a, double b, bool strict) {
  jet_decision(e, a - b);
  return tensor_scalar(jet_constant(strict ? a < b : a <= b));
}

static inline tensor jet_index(const gkt_ast *ast, int node, const tensor *a) {
  int first = ast->nodes[ast->nodes[node].first].next, second = ast->nodes[first].next, columns = a->shape.dims[1];
  int i = (int)ast->nodes[first].number;
  if (second >= 0) return tensor_scalar(a->c[i * columns + (int)ast->nodes[second].number]);
  if (a->shape.rank == 1) return tensor_scalar(a->c[i]);
  tensor t = {.shape = gkt_shape_vector(columns)};
  memcpy(t.c, a->c + i * columns, (size_t)columns * sizeof *t.c);
  return t;
}

static inline tensor jet_literal(evaluation *e, const gkt_ast *ast, int node, int order) {
  tensor t = {.shape = gkt_shape_scalar()}, row = t;
  int count = 0;
  for (int i = ast->nodes[node].first; i >= 0; i = ast->nodes[i].next, count++) {
    row = jet_eval(e, ast, i, order);
    for (int j = 0; j < gkt_shape_size(row.shape); j++) t.c[count * gkt_shape_size(row.shape) + j] = row.c[j];
  }
  t.shape = row.shape.rank ? gkt_shape_matrix(count, row.shape.dims[0]) : gkt_shape_vector(count);
  return t;
}

static inline tensor jet_eval(evaluation *e, const gkt_ast *ast, int node, int order) {
  const gkt_ast_node *n = &ast->nodes[node];
  char word[64];
  snprintf(word, sizeof word, "%.*s", n->word_end - n->word_begin, ast->source->text + n->word_begin);
  switch (n->kind) {
  case GKT_AST_NUMBER: return tensor_scalar(jet_seen(e, jet_constant(n->number), 0));
  case GKT_AST_NAME: return jet_name(e, word, order);
  case GKT_AST_CALL: return jet_call(e, ast, node, word, order);
  case GKT_AST_LIST: return jet_literal(e, ast, node, order);
  default: break;
  }
  tensor a = jet_eval(e, ast, n->first, order);
  if (n->kind == GKT_AST_INDEX) return jet_index(ast, node, &a);
  if (n->kind == GKT_AST_TRANSPOSE) return tensor_transpose(&a);
  if (n->kind == GKT_AST_NEG) return tensor_linear(e, -1, &a, 0, &a, order);
  tensor b = jet_eval(e, ast, ast->nodes[n->first].next, order);
  switch (n->kind) {
  case GKT_AST_ADD: return tensor_linear(e, 1, &a, 1, &b, order);
  case GKT_AST_SUB: return tensor_linear(e, 1, &a, -1, &b, order);
  case GKT_AST_MUL: return b.shape.rank == 0 ? tensor_scale(e, &a, b.c[0], order) : a.shape.rank == 0 ? tensor_scale(e, &b, a.c[0], order) : tensor_product(e, &a, &b, order);
  case GKT_AST_DIV: return tensor_scale(e, &a, jet_reciprocal(e, b.c[0], order), order);
  case GKT_AST_POW: return tensor_scalar(jet_power(e, a.c[0], b.c[0], order));
  case GKT_AST_LT: return jet_comparison(e, a.c[0].v, b.c[0].v, true);
  case GKT_AST_LE: return jet_comparison(e, a.c[0].v, b.c[0].v, false);
  case GKT_AST_GT: return jet_comparison(e, b.c[0].v, a.c[0].v, true);
  case GKT_AST_GE: return jet_comparison(e, b.c[0].v, a.c[0].v, false);
  default: fail_msg("the evaluator does not know node %d", (int)n->kind); return a;
  }
}

/* ---- points ---- */
static inline point random_point(uint64_t *state) {
  point p;
  double *all = (double *)&p;
  for (size_t i = 0; i < sizeof p / sizeof *all; i++) all[i] = random_between(state, -1.5, 1.5);
  p.h = random_between(state, 0.1, 1);
  return p;
}

static inline double *terminal_at(point *p, const gkt_terminal *t) {
  switch (t->kind) {
  case GKT_TERM_VALUE: return &p->values[t->function][t->component];
  case GKT_TERM_GRAD: return &p->grads[t->function][t->component][t->direction];
  case GKT_TERM_CONSTANT: return &p->constants[t->function];
  case GKT_TERM_X: return &p->x[t->component];
  case GKT_TERM_NORMAL: return &p->n[t->component];
  case GKT_TERM_H: return &p->h;
  case GKT_TERM_TIME: return &p->t;
  default: fail_msg("terminal %d in an expression", t->kind); return NULL;
  }
}
#endif
