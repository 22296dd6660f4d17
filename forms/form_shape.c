/* Derivative with respect to the coordinates (discrete shape derivative): nodes move by V, dof values stay.
     x_d -> V_d                 df/dx_d -> -sum_e df/dx_e dV_e/dx_d          n_i -> -sum_e dV_e/dx_i n_e + n_i (n . gradV n)
     dx  -> div V dx            ds -> (div V - n . gradV n) ds               h -> h (a . gradV a), a_i -> (gradV a)_i - a_i (a . gradV a)
     dP  -> 0: a point stays where it is in its cell
   with a the unit vector along the cell's diameter, where it is attained once (Delfour and Zolesio, Shapes and Geometries, 2011, chapter 9).
   Each coefficient of V_e and dV_e/dx_d is found on its own. */
#include "forms/form.h"

typedef struct {
  const gkt_form *form;
  gkt_graph *graph;
  int num_terminals;                /* of the integral at hand */
  gkt_node *terminals, *directions; /* [num_terminals] */
} shape_rule;

static gkt_node terminal(shape_rule *r, gkt_term_kind kind, int component) {
  return gkt_graph_terminal(r->graph, (gkt_terminal){.kind = (int8_t)kind, .component = (int16_t)component});
}

/* n_i along dV_e/dx_d */
static gkt_node turn_of_normal(shape_rule *r, gkt_node n, int i, int e, int d) {
  gkt_node ne = terminal(r, GKT_TERM_NORMAL, e), nd = terminal(r, GKT_TERM_NORMAL, d);
  return gkt_sub(r->graph, gkt_mul(r->graph, n, gkt_mul(r->graph, ne, nd)), i == d ? ne : GKT_ZERO);
}

/* h, a_i */
static gkt_node stretch_of(shape_rule *r, int e, int d) { return gkt_mul(r->graph, terminal(r, GKT_TERM_H_DIRECTION, e), terminal(r, GKT_TERM_H_DIRECTION, d)); }
static gkt_node turn_of_diameter(shape_rule *r, gkt_node a, int i, int e, int d) {
  return gkt_sub(r->graph, i == e ? terminal(r, GKT_TERM_H_DIRECTION, d) : GKT_ZERO, gkt_mul(r->graph, a, stretch_of(r, e, d)));
}

/* df_c/dx_i along dV_e/dx_d */
static gkt_node change_of_gradient(shape_rule *r, const gkt_terminal *gradient, int e, int d) {
  gkt_terminal to = *gradient;
  to.direction = (int8_t)e;
  return gradient->direction == d ? gkt_neg(r->graph, gkt_graph_terminal(r->graph, to)) : GKT_ZERO;
}

/* Of a terminal along V_e (k = 0) or dV_e/dx_d (k = 1 + d). */
static gkt_node direction_of(shape_rule *r, gkt_node node, int e, int k) {
  const gkt_terminal t = gkt_graph_get(r->graph, node)->terminal;
  const int i = t.component, d = k - 1;
  switch ((gkt_term_kind)t.kind) {
  case GKT_TERM_X: return k == 0 && i == e ? GKT_ONE : GKT_ZERO;
  case GKT_TERM_GRAD: return k ? change_of_gradient(r, &t, e, d) : GKT_ZERO;
  case GKT_TERM_NORMAL: return k ? turn_of_normal(r, node, i, e, d) : GKT_ZERO;
  case GKT_TERM_H: return k ? gkt_mul(r->graph, node, stretch_of(r, e, d)) : GKT_ZERO;
  case GKT_TERM_H_DIRECTION: return k ? turn_of_diameter(r, node, i, e, d) : GKT_ZERO;
  case GKT_TERM_VALUE:
  case GKT_TERM_CONSTANT:
  case GKT_TERM_TIME: break;
  }
  return GKT_ZERO;
}

static gkt_status find_terminals(shape_rule *r, const gkt_integral *s) {
  bool *below = NULL;
  gkt_node count = gkt_graph_top(s->num_nodes, s->nodes) + 1;
  gkt_status status;
  GKT_GO(gkt_graph_mark(r->graph, s->num_nodes, s->nodes, &below));
  gkt_free(&r->terminals);
  gkt_free(&r->directions);
  GKT_GO(gkt_calloc(r->form->scope->ctx, count, sizeof *r->terminals, &r->terminals));
  GKT_GO(gkt_calloc(r->form->scope->ctx, count, sizeof *r->directions, &r->directions));
  r->num_terminals = 0;
  for (gkt_node n = 0; n < count; n++)
    if (below[n] && gkt_graph_get(r->graph, n)->op == GKT_OP_TERMINAL) r->terminals[r->num_terminals++] = n;
done:
  gkt_free(&below);
  return status;
}

static gkt_node measure_factor(shape_rule *r, gkt_measure measure, int e, int d) {
  gkt_node same = e == d ? GKT_ONE : GKT_ZERO;
  if (measure == GKT_MEASURE_DX) return same;
  if (measure == GKT_MEASURE_DP) return GKT_ZERO;
  return gkt_sub(r->graph, same, gkt_mul(r->graph, terminal(r, GKT_TERM_NORMAL, e), terminal(r, GKT_TERM_NORMAL, d)));
}

/* Column (e, k) of the derivative of one integral: k = 0 for V_e, 1 + d for dV_e/dx_d. */
static gkt_status derive_column(shape_rule *r, const gkt_integral *s, int e, int k, gkt_node *column) {
  int dim = r->form->scope->dim, d = k - 1;
  gkt_graph *g = r->graph;
  for (int i = 0; i < r->num_terminals; i++) r->directions[i] = direction_of(r, r->terminals[i], e, k);
  GKT_TRY(gkt_graph_derive(g, s->num_nodes, s->nodes, r->num_terminals, r->terminals, r->directions, column));
  if (k == 0) return GKT_OK;
  gkt_node factor = measure_factor(r, s->measure, e, d);
  for (int i = 0; i < s->num_nodes; i++) column[i] = gkt_add(g, column[i], gkt_mul(g, s->nodes[i], factor));
  for (int i = 0; r->form->arity == 1 && i < s->num_nodes; i++) { /* the gradient of the test function changes as well */
    if (i % (1 + dim) != k) continue;
    int row = i - k + 1 + e;
    column[row] = gkt_sub(g, column[row], s->nodes[i]);
  }
  return gkt_graph_status(g);
}

static gkt_status derive_integral(shape_rule *r, const gkt_integral *s, gkt_form *out) {
  int dim = r->form->scope->dim, n = dim * (1 + dim);
  gkt_integral *integral;
  gkt_node *column = NULL;
  gkt_status status;
  GKT_GO(find_terminals(r, s));
  GKT_GO(gkt_calloc(out->scope->ctx, s->num_nodes, sizeof *column, &column));
  GKT_GO(gkt_form_find_integral(out, s, s->num_nodes * n, &integral));
  for (int j = 0; j < n; j++) {
    GKT_GO(derive_column(r, s, j / (1 + dim), j % (1 + dim), column));
    for (int i = 0; i < s->num_nodes; i++) integral->nodes[i * n + j] = column[i];
  }
done:
  gkt_free(&column);
  return status;
}

gkt_status gkt_form_shape_derivative(const gkt_form *form, gkt_form **out) {
  const gkt_scope *scope = form->scope;
  shape_rule r = {.form = form, .graph = scope->graph};
  gkt_form *d = NULL;
  gkt_status status;
  GKT_GO(gkt_form_create(form->scope, form->arity + 1, form->num_integrals, &d));
  GKT_GO(gkt_form_copy_origin(form, d));
  GKT_GO(gkt_functions_set(scope->ctx, &d->arguments[form->arity], 1, (const int[]){GKT_COORDINATES}));
  for (int i = 0; i < form->num_integrals; i++) GKT_GO(derive_integral(&r, &form->integrals[i], d));
  gkt_form_drop_zeros(d);
  *out = d;
  d = NULL;
done:
  gkt_free(&r.terminals);
  gkt_free(&r.directions);
  gkt_form_destroy(&d);
  return status;
}
