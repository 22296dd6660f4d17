/* Degrees of quadrature, estimated from the integrand of a term for every sort of cell. */
#include "forms/ast.h"
#include "forms/form.h"

/* Cells of an order, and how gradients and the Jacobian are counted on them. `rational`: a gradient is J^-1 times a polynomial, so that it loses what the Jacobian brings; with
   this count products of values, and of one gradient with constants, are integrated exactly. Without it: as on cells that are curved but little, where products of several
   gradients need more. */
typedef struct {
  const gkt_scope *scope;
  bool simplex, rational;
  int order;
} cells;

static int degree_of_terminal(const gkt_terminal *t, const void *user) {
  const cells *c = user;
  int degree = gkt_is_of_function(t) ? gkt_element_polynomial_degree(c->scope->functions[t->function].element) : 0;
  switch ((gkt_term_kind)t->kind) {
  case GKT_TERM_GRAD: degree -= c->simplex + (c->rational ? c->order - 1 : 0); break;
  case GKT_TERM_X: return c->order;
  case GKT_TERM_NORMAL: return c->order - 1; /* turns as the tangents do, which are derivatives of x */
  case GKT_TERM_VALUE:
  case GKT_TERM_CONSTANT:
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION:
  case GKT_TERM_TIME: break;
  }
  return degree > 0 ? degree : 0;
}

/* Of cells the determinant, a polynomial; on straight ones that are no simplices one degree, which Gauss rules often have for nothing. On curved facets the root of a polynomial:
   with 6 degrees an edge that turns by a right angle has its length to 2e-5, and the normal, which is a polynomial over this root, is exact. */
static int degree_of_jacobian(const cells *c, gkt_measure measure) {
  enum { CURVED_FACET = 6 };
  int dim = c->scope->dim;
  if (measure != GKT_MEASURE_DX && c->order > 1) return CURVED_FACET;
  if (!c->rational) return !c->simplex;
  return c->simplex ? dim * (c->order - 1) : dim * c->order - 1;
}

/* No rule is exact for a function that is no polynomial. Degree 2k keeps the order of the solution; 3k + 2 also makes the error of the quadrature small beside it. */
static int estimate(const gkt_graph *g, const gkt_term *term, int tested, int k, cells c) {
  bool polynomial;
  int degree = gkt_graph_degree(g, term->integrand, degree_of_terminal, &c, &polynomial), jacobian = degree_of_jacobian(&c, term->measure), most = 3 * k + 2;
  if (degree < 0) return degree;
  if (degree <= GKT_LARGEST_QUADRATURE) degree = degree + tested < GKT_LARGEST_QUADRATURE ? degree + tested : GKT_LARGEST_QUADRATURE;
  if (polynomial || k == 0) return degree + jacobian;
  if (c.rational) return degree + jacobian < most + !c.simplex ? degree + jacobian : most + !c.simplex;
  return (degree < most ? degree : most) + jacobian;
}

/* The highest degree of a function in the integrand; 0: none. */
static gkt_status highest_degree(const gkt_form *form, gkt_node integrand, int *out) {
  const gkt_graph *g = form->scope->graph;
  bool *below;
  GKT_TRY(gkt_graph_mark(g, 1, &integrand, &below));
  *out = 0;
  for (gkt_node i = 0; i <= integrand; i++) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    bool function = below[i] && data->op == GKT_OP_TERMINAL && gkt_is_of_function(&data->terminal);
    int degree = function ? gkt_element_polynomial_degree(form->scope->functions[data->terminal.function].element) : 0;
    *out = degree > *out ? degree : *out;
  }
  gkt_free(&below);
  return GKT_OK;
}

/* A functional is integrated as if a test function stood in it, so that flows and forces balance to rounding with the terms of the equation, on curved cells too. */
static int degree_of_tests(const gkt_scope *scope, gkt_form_kind kind) {
  int most = 0;
  for (int f = 0; f < scope->num_functions && kind == GKT_FUNCTIONAL; f++)
    if (scope->functions[f].role == GKT_ROLE_FIELD && scope->functions[f].element.degree > most) most = scope->functions[f].element.degree;
  return most;
}

static gkt_status estimate_all(const gkt_form *form, const gkt_term *term, gkt_form_kind kind, int degrees[GKT_NUM_CELL_SORTS]) {
  const gkt_scope *scope = form->scope;
  int highest, tested = degree_of_tests(scope, kind);
  GKT_TRY(highest_degree(form, term->integrand, &highest));
  highest = highest > tested ? highest : tested;
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) {
    bool curved = s == GKT_CURVED_SIMPLICES || s == GKT_CURVED_PRODUCTS;
    cells c = {.scope = scope, .simplex = s == GKT_STRAIGHT_SIMPLICES || s == GKT_CURVED_SIMPLICES, .order = curved ? 2 : 1};
    degrees[s] = estimate(scope->graph, term, tested, highest, c);
    c.rational = true;
    int rational = curved && degrees[s] >= 0 ? estimate(scope->graph, term, tested, highest, c) : degrees[s];
    if (degrees[s] < 0 || rational < 0) return GKT_NO_MEMORY;
    degrees[s] = degrees[s] > rational ? degrees[s] : rational;
    if (!c.simplex && degrees[s] < scope->dim - 1) degrees[s] = scope->dim - 1; /* the volume of cells with straight edges */
  }
  return GKT_OK;
}

gkt_status gkt_form_choose_degrees(const gkt_form *form, const gkt_term *term, gkt_form_kind kind, gkt_integral *out) {
  int *degrees = out->degrees;
  if (term->measure == GKT_MEASURE_DP) return GKT_OK; /* a sum, without a quadrature */
  out->is_given = term->degree >= 0;
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) degrees[s] = term->degree;
  if (!out->is_given) GKT_TRY(estimate_all(form, term, kind, degrees));
  if (degrees[GKT_STRAIGHT_SIMPLICES] > GKT_LARGEST_QUADRATURE)
    return gkt_fail_at(form->scope->ctx, GKT_UNAVAILABLE, form->file, form->key, term->mark, "this term",
                       "quadrature of degree %d is not available yet; expected at most %d, which dx(degree=%d) chooses", degrees[GKT_STRAIGHT_SIMPLICES], GKT_LARGEST_QUADRATURE,
                       GKT_LARGEST_QUADRATURE);
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) degrees[s] = degrees[s] < GKT_LARGEST_QUADRATURE ? degrees[s] : GKT_LARGEST_QUADRATURE;
  return GKT_OK;
}
