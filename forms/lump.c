/* Lumped masses: the terms of an equation that hold the highest rate of the field that it tests, as sums over the nodes of its element. */
#include "forms/form.h"

typedef struct {
  const gkt_form *form;
  int field, rate;     /* functions: the field, its highest rate */
  int first, count;    /* rows of the field's test: components [count] from first */
  gkt_node *z, *zeros; /* [count][1+dim] terminals of the rate */
} lumping;

static gkt_status refuse(const lumping *l, const char *what) {
  const gkt_scope *s = l->form->scope;
  return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s'%s': its masses cannot be lumped: %s", l->form->place ? l->form->place : "", s->functions[l->field].name, what);
}

/* ---- what a row holds of the rate ---- */
static bool is_rate(const gkt_terminal *t, const void *function) { return gkt_is_of_function(t) && t->function == *(const int *)function; }
static bool is_slope_of_rate(const gkt_terminal *t, const void *function) { return t->kind == GKT_TERM_GRAD && t->function == *(const int *)function; }

/* Its mass: the derivative by the rate, times the rate; the rest is what it is without. */
static gkt_status split(const lumping *l, gkt_node row, gkt_node *mass, gkt_node *rest) {
  gkt_graph *g = l->form->scope->graph;
  const int slots = 1 + l->form->scope->dim;
  if (gkt_graph_depends(g, row, is_slope_of_rate, &l->rate)) return refuse(l, "the equation holds the gradient of its highest rate; expected its values alone");
  for (int c = 0; c < l->count; c++) {
    gkt_node slope;
    const gkt_node one = GKT_ONE;
    GKT_TRY(gkt_graph_derive(g, 1, &row, 1, &l->z[c * slots], &one, &slope));
    if (gkt_graph_depends(g, slope, is_rate, &l->rate)) return refuse(l, "the equation is not linear in its highest rate; expected one that is");
  }
  GKT_TRY(gkt_graph_derive(g, 1, &row, l->count * slots, l->z, l->z, mass));
  return gkt_graph_substitute(g, 1, &row, l->count * slots, l->z, l->zeros, rest);
}

static gkt_status lump_row(const lumping *l, int row, const gkt_integral *from, gkt_integral *rest, gkt_integral *masses) {
  const int slots = 1 + l->form->scope->dim;
  if (row / slots < l->first || row / slots >= l->first + l->count || !gkt_graph_depends(l->form->scope->graph, from->nodes[row], is_rate, &l->rate)) return GKT_OK;
  if (row % slots) return refuse(l, "the equation holds its highest rate beside the gradient of the test function; expected the test function alone");
  gkt_node mass, without;
  GKT_TRY(split(l, from->nodes[row], &mass, &without));
  rest->nodes[row] = without, masses->nodes[row] = mass;
  return GKT_OK;
}

/* Measures that are one before are one behind, so that places are those of before. */
static gkt_status lump_integral(const lumping *l, const gkt_integral *from, gkt_form *out) {
  gkt_integral *rest, *masses, like = *from;
  GKT_TRY(gkt_form_find_integral(out, from, from->num_nodes, &rest));
  for (int k = 0; k < from->num_nodes; k++) rest->nodes[k] = from->nodes[k];
  if (from->measure == GKT_MEASURE_DP || from->at_nodes) return GKT_OK;
  like.at_nodes = true, like.nodes_of = l->field, like.is_given = false;
  GKT_TRY(gkt_form_find_integral(out, &like, from->num_nodes, &masses));
  for (int k = 0; k < from->num_nodes; k++) GKT_TRY(lump_row(l, k, from, rest, masses));
  return GKT_OK;
}

/* ---- whole ---- */
static gkt_status find_rows(lumping *l) {
  const gkt_functions *tests = &l->form->arguments[0];
  l->count = gkt_function_components(l->form->scope, l->field);
  for (int k = 0; k < tests->count; k++) {
    if (tests->functions[k] == l->field) return GKT_OK;
    l->first += gkt_function_components(l->form->scope, tests->functions[k]);
  }
  return refuse(l, "no equation tests it; expected one that holds dt or dtt of it");
}

static gkt_status check(lumping *l) {
  const gkt_scope *s = l->form->scope;
  if (l->form->arity != 1) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "a form of arity %d has no masses; expected a residual", l->form->arity);
  if (l->field < 0 || l->field >= s->num_functions || s->functions[l->field].role != GKT_ROLE_FIELD)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "function %d has no masses; expected the number of a field", l->field);
  const int order = gkt_form_rate_order(l->form, l->field);
  if (!order) return refuse(l, "the equation holds no rate of it; expected dt or dtt of it");
  l->rate = s->functions[l->field].rates[order - 1];
  return find_rows(l);
}

/* One value in a cell, or one in all, is coupled to no other. */
static bool is_lumped(gkt_element e) { return e.kind == GKT_REAL || e.degree == 0; }

static gkt_status lump_all(lumping *l, gkt_form *out) {
  const gkt_scope *s = l->form->scope;
  int count;
  GKT_TRY(gkt_form_terminals(l->form, 1, &l->rate, &l->z, &count));
  GKT_TRY(gkt_alloc(s->ctx, count, sizeof *l->zeros, &l->zeros));
  for (int i = 0; i < count; i++) l->zeros[i] = GKT_ZERO;
  for (int i = 0; i < l->form->num_integrals; i++) GKT_TRY(lump_integral(l, &l->form->integrals[i], out));
  gkt_form_drop_zeros(out);
  return GKT_OK;
}

gkt_status gkt_form_lump(const gkt_form *form, int field, gkt_form **out) {
  lumping l = {.form = form, .field = field};
  gkt_form *lumped = NULL;
  gkt_status status;
  GKT_TRY(check(&l));
  if (is_lumped(form->scope->functions[field].element)) return *out = gkt_form_retain(form), GKT_OK;
  GKT_GO(gkt_form_create(form->scope, 1, 2 * form->num_integrals, &lumped));
  GKT_GO(gkt_form_copy_origin(form, lumped));
  GKT_GO(lump_all(&l, lumped));
  *out = lumped;
  lumped = NULL;
done:
  gkt_free(&l.z);
  gkt_free(&l.zeros);
  gkt_form_destroy(&lumped);
  return status;
}
