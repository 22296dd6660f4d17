/* grad, div, curl of any expression by the chain rule: de/dx_j = sum over the values f_c in e of de/df_c * d f_c/d x_j, plus the part through x itself.
   Second derivatives of functions of degree <= 1 are exactly zero on straight simplices; they are noted, so that the assembler can refuse other cells. Those of higher degree
   are refused by name. */
#include "forms/type.h"

typedef struct { /* the terminals e depends on that vary in space, and their derivatives */
  int count;
  gkt_node *seeds;      /* [count] */
  gkt_node *directions; /* [dim][count] */
} seed_table;

static gkt_node gradient_terminal(gkt_graph *g, const gkt_terminal *value, int direction) {
  gkt_terminal grad = *value;
  grad.kind = GKT_TERM_GRAD;
  grad.direction = (int16_t)direction;
  return gkt_graph_terminal(g, grad);
}

/* Notes the place in words: whether the derivative is zero is known where the cells are. */
static gkt_status note_flat(gkt_typing *t, const gkt_function *f) {
  const gkt_ast_node *n = &t->ast->nodes[t->current];
  gkt_text text = {.ctx = t->scope->ctx};
  char place[GKT_PLACE];
  if (t->scope->flat) return GKT_OK;
  gkt_source_place(t->ast->source, n->begin, n->end, place);
  gkt_text_printf(&text, "%s: second derivatives of '%s' (degree 1)", place, f->name);
  t->scope->flat = text.data;
  return text.status;
}

/* *varies: false where the derivative is zero, else it is direction_of. */
static gkt_status check_terminal(gkt_typing *t, int argument, const gkt_terminal *terminal, bool *varies) {
  const gkt_function *f = gkt_is_of_function(terminal) ? &t->scope->functions[terminal->function] : NULL;
  char element[16];
  *varies = false;
  switch ((gkt_term_kind)terminal->kind) {
  case GKT_TERM_VALUE:
    if (f->element.kind == GKT_QUADRATURE_POINTS)
      return gkt_type_fail(t, GKT_BAD_INPUT, argument, "'%s' has values at quadrature points only; expected no gradient of it", f->name);
    *varies = gkt_element_polynomial_degree(f->element, t->scope->dim, true) > 0;
    return GKT_OK;
  case GKT_TERM_GRAD:
    if (f->element.degree <= 1 && f->element.kind != GKT_BUBBLE) return f->element.degree == 1 ? note_flat(t, f) : GKT_OK;
    gkt_element_name(f->element, element, sizeof element);
    return gkt_type_fail(t, GKT_UNAVAILABLE, t->current, "second derivatives of '%s' (%s) are not available yet; expected no derivative of grad(%s)", f->name, element, f->name);
  case GKT_TERM_X: *varies = true; return GKT_OK;
  case GKT_TERM_NORMAL: return gkt_type_fail(t, GKT_UNAVAILABLE, argument, "derivatives of the normal n are not available yet");
  case GKT_TERM_H: /* h and its direction are constant on a cell; constants and t everywhere */
  case GKT_TERM_H_DIRECTION:
  case GKT_TERM_CONSTANT:
  case GKT_TERM_TIME: break;
  }
  return GKT_OK;
}

static gkt_node direction_of(gkt_graph *g, const gkt_terminal *terminal, int j) {
  if (terminal->kind == GKT_TERM_X) return terminal->component == j ? GKT_ONE : GKT_ZERO;
  return gradient_terminal(g, terminal, j);
}

static gkt_status fill_seeds(gkt_typing *t, int argument, const bool *below, gkt_node size, seed_table *table) {
  gkt_graph *g = t->scope->graph;
  bool varies;
  for (gkt_node i = 0; i < size; i++) {
    if (!below[i] || gkt_graph_get(g, i)->op != GKT_OP_TERMINAL) continue;
    GKT_TRY(check_terminal(t, argument, &gkt_graph_get(g, i)->terminal, &varies));
    if (varies) table->seeds[table->count++] = i;
  }
  for (int j = 0; j < t->scope->dim; j++)
    for (int s = 0; s < table->count; s++) table->directions[j * table->count + s] = direction_of(g, &gkt_graph_get(g, table->seeds[s])->terminal, j);
  return GKT_OK;
}

/* out [components][dim] */
static gkt_status differentiate(gkt_typing *t, int argument, gkt_node *out) {
  gkt_graph *g = t->scope->graph;
  gkt_context *ctx = t->scope->ctx;
  const gkt_value *e = gkt_value_of(t, argument);
  int n = gkt_shape_size(e->shape), dim = t->scope->dim;
  gkt_node column[GKT_MAX_COMPONENTS], size = 0;
  seed_table table = {0};
  bool *below = NULL;
  gkt_status status;
  for (int i = 0; i < n; i++) size = e->nodes[i] >= size ? e->nodes[i] + 1 : size;
  GKT_GO(gkt_graph_mark(g, n, e->nodes, &below));
  GKT_GO(gkt_alloc(ctx, size, sizeof *table.seeds, &table.seeds));
  GKT_GO(gkt_alloc(ctx, (gkt_size)size * dim, sizeof *table.directions, &table.directions));
  GKT_GO(fill_seeds(t, argument, below, size, &table));
  for (int j = 0; j < dim; j++) {
    GKT_GO(gkt_graph_derive(g, n, e->nodes, table.count, table.seeds, table.directions + j * table.count, column));
    for (int i = 0; i < n; i++) out[i * dim + j] = column[i];
  }
  t->work += (gkt_size)size * (dim + 1);
done:
  gkt_free(&below);
  gkt_free(&table.seeds);
  gkt_free(&table.directions);
  return status;
}

static gkt_status fail_shape(gkt_typing *t, int argument, gkt_status failure, const char *what) {
  char text[40];
  return gkt_type_fail(t, failure, argument, "%s; this is %s", what, gkt_shape_text(gkt_value_of(t, argument)->shape, text));
}

gkt_status gkt_type_grad(gkt_typing *t, const int *arguments, gkt_value *out) {
  int argument = arguments[0];
  gkt_shape shape = gkt_value_of(t, argument)->shape;
  int dim = t->scope->dim;
  if (shape.rank == 2) return fail_shape(t, argument, GKT_UNAVAILABLE, "the gradient of a matrix is not available yet; expected a scalar or a vector");
  if (gkt_shape_size(shape) * dim > GKT_MAX_COMPONENTS) return fail_shape(t, argument, GKT_UNAVAILABLE, "gradients of more than 27 components are not available yet");
  out->shape = shape.rank == 0 ? gkt_shape_vector(dim) : gkt_shape_matrix(shape.dims[0], dim);
  return differentiate(t, argument, out->nodes);
}

gkt_status gkt_type_div(gkt_typing *t, const int *arguments, gkt_value *out) {
  int argument = arguments[0];
  gkt_shape shape = gkt_value_of(t, argument)->shape;
  gkt_node grad[GKT_MAX_COMPONENTS * 3];
  int dim = t->scope->dim, columns = shape.rank == 2 ? shape.dims[1] : shape.dims[0], rows = shape.rank == 2 ? shape.dims[0] : 1;
  char what[96];
  snprintf(what, sizeof what, "div needs a vector of %d, or a matrix with %d columns (div of each row)", dim, dim);
  if (shape.rank == 0 || columns != dim) return fail_shape(t, argument, GKT_BAD_INPUT, what);
  GKT_TRY(differentiate(t, argument, grad));
  out->shape = shape.rank == 2 ? gkt_shape_vector(rows) : gkt_shape_scalar();
  for (int i = 0; i < rows; i++) {
    out->nodes[i] = GKT_ZERO;
    for (int j = 0; j < dim; j++) out->nodes[i] = gkt_make_add(t, out->nodes[i], grad[(i * dim + j) * dim + j]);
  }
  return GKT_OK;
}

gkt_status gkt_type_curl(gkt_typing *t, const int *arguments, gkt_value *out) {
  int argument = arguments[0];
  gkt_shape shape = gkt_value_of(t, argument)->shape;
  gkt_node g[GKT_MAX_COMPONENTS * 3];
  int dim = t->scope->dim;
  if (dim == 1) return fail_shape(t, argument, GKT_BAD_INPUT, "curl needs two or three dimensions");
  bool fits = (shape.rank == 1 && shape.dims[0] == dim) || (dim == 2 && shape.rank == 0);
  if (!fits) return fail_shape(t, argument, GKT_BAD_INPUT, dim == 3 ? "curl needs a vector of 3" : "curl needs a vector of 2 or a scalar");
  GKT_TRY(differentiate(t, argument, g));
  if (shape.rank == 0) *out = (gkt_value){.shape = gkt_shape_vector(2), .nodes = {g[1], gkt_make(t, GKT_OP_NEG, g[0], 0, 0)}};
  else if (dim == 2) *out = gkt_value_scalar(gkt_make_sub(t, g[2], g[1]));
  else *out = (gkt_value){.shape = gkt_shape_vector(3), .nodes = {gkt_make_sub(t, g[7], g[5]), gkt_make_sub(t, g[2], g[6]), gkt_make_sub(t, g[3], g[1])}};
  return GKT_OK;
}
