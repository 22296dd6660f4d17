/* Derivative with respect to the coordinates (discrete shape derivative): nodes move by V, dof values stay.
     x_d -> V_d                 df/dx_d -> -sum_e df/dx_e dV_e/dx_d          n_i -> -sum_e dV_e/dx_i n_e + n_i (n . gradV n)
     dx  -> div V dx            ds -> (div V - n . gradV n) ds               h -> h (a . gradV a), a_i -> (gradV a)_i - a_i (a . gradV a)
     dP  -> 0: a point stays where it is in its cell
   with a the unit vector along the cell's diameter, where it is attained once (Delfour and Zolesio, Shapes and Geometries, 2011, chapter 9).
   Each coefficient of V_e and dV_e/dx_d is found on its own: seeds and directions below are those of one (e, d). */
#include "forms/form.h"

typedef struct {
  const gkt_form *form;
  gkt_graph *graph;
  int num_seeds;
  gkt_node *seeds, *directions; /* room for every terminal */
} shape_rule;

static gkt_node terminal(shape_rule *r, gkt_term_kind kind, int component) {
  return gkt_graph_terminal(r->graph, (gkt_terminal){.kind = (int8_t)kind, .component = (int16_t)component});
}

static void seed(shape_rule *r, gkt_node node, gkt_node direction) {
  r->seeds[r->num_seeds] = node;
  r->directions[r->num_seeds++] = direction;
}

static void seed_gradients(shape_rule *r, int e, int d) {
  const gkt_scope *scope = r->form->scope;
  for (int f = 0; f < scope->num_functions; f++)
    for (int c = 0; c < gkt_shape_size(scope->functions[f].shape); c++) {
      gkt_terminal from = {.kind = GKT_TERM_GRAD, .function = (int16_t)f, .component = (int16_t)c, .direction = (int8_t)d}, to = from;
      to.direction = (int8_t)e;
      seed(r, gkt_graph_terminal(r->graph, from), gkt_neg(r->graph, gkt_graph_terminal(r->graph, to)));
    }
}

/* Rules for the coefficient of dV_e/dx_d. */
static void seed_gradient_of_V(shape_rule *r, int e, int d) {
  gkt_graph *g = r->graph;
  gkt_node ne = terminal(r, GKT_TERM_NORMAL, e), nd = terminal(r, GKT_TERM_NORMAL, d), ae = terminal(r, GKT_TERM_H_DIRECTION, e), ad = terminal(r, GKT_TERM_H_DIRECTION, d);
  gkt_node h = terminal(r, GKT_TERM_H, 0), nn = gkt_mul(g, ne, nd), aa = gkt_mul(g, ae, ad);
  r->num_seeds = 0;
  seed_gradients(r, e, d);
  seed(r, h, gkt_mul(g, h, aa));
  for (int i = 0; i < r->form->scope->dim; i++) {
    gkt_node n = terminal(r, GKT_TERM_NORMAL, i), a = terminal(r, GKT_TERM_H_DIRECTION, i);
    seed(r, n, gkt_sub(g, gkt_mul(g, n, nn), i == d ? ne : GKT_ZERO));
    seed(r, a, gkt_sub(g, i == e ? ad : GKT_ZERO, gkt_mul(g, a, aa)));
  }
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
  r->num_seeds = 0;
  if (k == 0) seed(r, terminal(r, GKT_TERM_X, e), GKT_ONE);
  else seed_gradient_of_V(r, e, d);
  GKT_TRY(gkt_graph_derive(g, s->num_nodes, s->nodes, r->num_seeds, r->seeds, r->directions, column));
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
  int room = 1 + 2 * scope->dim;
  for (int f = 0; f < scope->num_functions; f++) room += gkt_shape_size(scope->functions[f].shape);
  GKT_GO(gkt_calloc(scope->ctx, room, sizeof *r.seeds, &r.seeds));
  GKT_GO(gkt_calloc(scope->ctx, room, sizeof *r.directions, &r.directions));
  GKT_GO(gkt_form_create(form->scope, form->arity + 1, form->num_integrals, &d));
  GKT_GO(gkt_form_copy_origin(form, d));
  d->arguments[form->arity] = GKT_COORDINATES;
  for (int i = 0; i < form->num_integrals; i++) GKT_GO(derive_integral(&r, &form->integrals[i], d));
  gkt_form_drop_zeros(d);
  *out = d;
  d = NULL;
done:
  gkt_free(&r.seeds);
  gkt_free(&r.directions);
  gkt_form_destroy(&d);
  return status;
}
