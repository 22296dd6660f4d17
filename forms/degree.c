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
  int degree = gkt_is_of_function(t) ? gkt_element_polynomial_degree(c->scope->functions[t->function].element, c->scope->dim, c->simplex) : 0;
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

/* Of the functions in an integrand, the highest; 0: none. */
typedef struct {
  int complete, polynomial[2]; /* [simplex] */
} element_degrees;

static void include(element_degrees *d, const gkt_scope *scope, gkt_element e) {
  int k = gkt_element_complete_degree(e);
  d->complete = k > d->complete ? k : d->complete;
  for (int simplex = 0; simplex < 2; simplex++) {
    int p = gkt_element_polynomial_degree(e, scope->dim, simplex);
    d->polynomial[simplex] = p > d->polynomial[simplex] ? p : d->polynomial[simplex];
  }
}

/* No rule is exact for a function that is no polynomial. Degree 2k keeps the order of the solution; 3k + 2 also makes the error of the quadrature small beside it. Bubbles are
   seen by a rule for their squares. */
static int estimate(const gkt_graph *g, const gkt_term *term, const element_degrees *tested, const element_degrees *highest, cells c) {
  bool polynomial;
  int degree = gkt_graph_degree(g, term->integrand, degree_of_terminal, &c, &polynomial), jacobian = degree_of_jacobian(&c, term->measure), k = highest->complete,
      p = highest->polynomial[c.simplex], t = tested->polynomial[c.simplex], most = 3 * k + 2 > 2 * p ? 3 * k + 2 : 2 * p;
  if (degree < 0) return degree;
  if (degree <= GKT_LARGEST_QUADRATURE) degree = degree + t < GKT_LARGEST_QUADRATURE ? degree + t : GKT_LARGEST_QUADRATURE;
  if (polynomial || k == 0) return degree + jacobian;
  if (c.rational) return degree + jacobian < most + !c.simplex ? degree + jacobian : most + !c.simplex;
  return (degree < most ? degree : most) + jacobian;
}

static gkt_status highest_degree(const gkt_form *form, gkt_node integrand, element_degrees *inout) {
  const gkt_graph *g = form->scope->graph;
  bool *below;
  GKT_TRY(gkt_graph_mark(g, 1, &integrand, &below));
  for (gkt_node i = 0; i <= integrand; i++) {
    const gkt_node_data *data = gkt_graph_get(g, i);
    if (below[i] && data->op == GKT_OP_TERMINAL && gkt_is_of_function(&data->terminal)) include(inout, form->scope, form->scope->functions[data->terminal.function].element);
  }
  gkt_free(&below);
  return GKT_OK;
}

/* A functional is integrated as if a test function stood in it, so that flows and forces balance to rounding with the terms of the equation, on curved cells too. */
static element_degrees degree_of_tests(const gkt_scope *scope, gkt_form_kind kind) {
  element_degrees most = {0};
  for (int f = 0; f < scope->num_functions && kind == GKT_FUNCTIONAL; f++)
    if (scope->functions[f].role == GKT_ROLE_FIELD) include(&most, scope, scope->functions[f].element);
  return most;
}

static gkt_status estimate_all(const gkt_form *form, const gkt_term *term, gkt_form_kind kind, int out[GKT_NUM_CELL_SORTS]) {
  const gkt_scope *scope = form->scope;
  const element_degrees tested = degree_of_tests(scope, kind);
  element_degrees highest = tested;
  GKT_TRY(highest_degree(form, term->integrand, &highest));
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) {
    bool curved = s == GKT_CURVED_SIMPLICES || s == GKT_CURVED_PRODUCTS;
    cells c = {.scope = scope, .simplex = s == GKT_STRAIGHT_SIMPLICES || s == GKT_CURVED_SIMPLICES, .order = curved ? 2 : 1};
    out[s] = estimate(scope->graph, term, &tested, &highest, c);
    c.rational = true;
    int rational = curved && out[s] >= 0 ? estimate(scope->graph, term, &tested, &highest, c) : out[s];
    if (out[s] < 0 || rational < 0) return GKT_NO_MEMORY;
    out[s] = out[s] > rational ? out[s] : rational;
    if (!c.simplex && out[s] < scope->dim - 1) out[s] = scope->dim - 1; /* the volume of cells with straight edges */
  }
  return GKT_OK;
}

static gkt_status refuse_points(const gkt_form *form, const gkt_term *term, const gkt_function *f) {
  static const char *const expected[] = {
      [GKT_MEASURE_DS] = "no integral over facets of it", [GKT_MEASURE_DP] = "no sum over other points of it", [GKT_MEASURE_DS_INTERIOR] = "no integral over facets of it"};
  gkt_context *ctx = form->scope->ctx;
  if (term->measure == GKT_MEASURE_DX)
    return gkt_fail_at(ctx, GKT_BAD_INPUT, form->file, form->key, term->mark, "this term",
                       "'%s' has values at the points of dx(degree=%d) only; expected that measure, here the degree is %d", f->name, f->element.degree, term->degree);
  return gkt_fail_at(ctx, GKT_BAD_INPUT, form->file, form->key, term->mark, "this term", "'%s' has values at the points of dx(degree=%d) only; expected %s", f->name,
                     f->element.degree, expected[term->measure]);
}

/* Values at quadrature points are read where they stand, so on every sort of cell the rule is theirs. */
static gkt_status take_points(const gkt_form *form, const gkt_term *term, gkt_integral *out) {
  const gkt_function *functions = form->scope->functions;
  gkt_points_found found;
  GKT_TRY(gkt_points_find(form->scope, 1, &term->integrand, &found));
  if (found.function < 0) return GKT_OK;
  if (found.other >= 0)
    return gkt_fail_at(form->scope->ctx, GKT_BAD_INPUT, form->file, form->key, term->mark, "this term",
                       "it holds '%s', which has values at the points of dx(degree=%d), and '%s', at those of dx(degree=%d); expected one degree, or two terms",
                       functions[found.function].name, functions[found.function].element.degree, functions[found.other].name, functions[found.other].element.degree);
  if (term->measure != GKT_MEASURE_DX || (out->is_given && term->degree != found.degree)) return refuse_points(form, term, &functions[found.function]);
  out->is_given = true;
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) out->degrees[s] = found.degree;
  return GKT_OK;
}

gkt_status gkt_form_choose_degrees(const gkt_form *form, const gkt_term *term, gkt_form_kind kind, gkt_integral *out) {
  int *degrees = out->degrees;
  if (term->measure == GKT_MEASURE_DP) return take_points(form, term, out); /* a sum, without a quadrature */
  out->is_given = term->degree >= 0;
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) degrees[s] = term->degree;
  GKT_TRY(take_points(form, term, out));
  if (!out->is_given) GKT_TRY(estimate_all(form, term, kind, degrees));
  if (degrees[GKT_STRAIGHT_SIMPLICES] > GKT_LARGEST_QUADRATURE)
    return gkt_fail_at(form->scope->ctx, GKT_UNAVAILABLE, form->file, form->key, term->mark, "this term",
                       "quadrature of degree %d is not available yet; expected at most %d, which dx(degree=%d) chooses", degrees[GKT_STRAIGHT_SIMPLICES], GKT_LARGEST_QUADRATURE,
                       GKT_LARGEST_QUADRATURE);
  for (int s = 0; s < GKT_NUM_CELL_SORTS; s++) degrees[s] = degrees[s] < GKT_LARGEST_QUADRATURE ? degrees[s] : GKT_LARGEST_QUADRATURE;
  return GKT_OK;
}
