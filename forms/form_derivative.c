/* New forms from old ones: derivatives, the test function replaced. */
#include "forms/form.h"

enum { NUM_ORDERS = 3, NO_RATE = -1 };
typedef struct { /* what a form is differentiated by: z of functions, and with weights z of their rates */
  int num_orders, n;
  gkt_node *seeds, *weights; /* [num_orders][n] terminals, NO_RATE: no text takes it; what each is multiplied by */
} directions;

/* nodes [rows][n]: the derivative of each node of the source in each direction */
static gkt_status derive_integral(gkt_form *out, const gkt_integral *source, const directions *by) {
  gkt_graph *g = out->scope->graph;
  gkt_integral *integral;
  gkt_node *column = NULL, seeds[NUM_ORDERS], weights[NUM_ORDERS];
  gkt_status status;
  const int n = by->n;
  GKT_GO(gkt_calloc(out->scope->ctx, source->num_nodes, sizeof *column, &column));
  GKT_GO(gkt_form_find_integral(out, source, source->num_nodes * n, &integral));
  for (int j = 0; j < n; j++) {
    int count = 0;
    for (int o = 0; o < by->num_orders; o++)
      if (by->seeds[o * n + j] != NO_RATE) seeds[count] = by->seeds[o * n + j], weights[count++] = by->weights[o * n + j];
    GKT_GO(gkt_graph_derive(g, source->num_nodes, source->nodes, count, seeds, weights, column));
    for (int i = 0; i < source->num_nodes; i++) integral->nodes[i * n + j] = column[i];
  }
done:
  gkt_free(&column);
  return status;
}

/* An energy's second derivative is symmetric by descent, which the nodes need not show. */
static bool is_gradient_of(const gkt_form *form, const gkt_form *derivative) {
  return form->arity == 1 && form->from_energy && gkt_functions_are_equal(&form->arguments[0], &derivative->arguments[1]);
}

static gkt_status check_functions(const gkt_form *form, int num_functions, const int *functions) {
  const gkt_scope *s = form->scope;
  if (num_functions < 1) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_form_derivative: %d functions; expected at least one", num_functions);
  for (int k = 0; k < num_functions; k++)
    if (functions[k] < 0 || functions[k] >= s->num_functions || s->functions[functions[k]].role == GKT_ROLE_TEST)
      return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_form_derivative: function %d; expected a field, a coefficient or, alone, GKT_COORDINATES", functions[k]);
  return GKT_OK;
}

static gkt_status branches_with(const gkt_form *form, int n, const gkt_node *seeds, bool *out) {
  *out = false;
  for (int i = 0; i < form->num_integrals && !*out; i++) GKT_TRY(gkt_graph_branches(form->scope->graph, form->integrals[i].num_nodes, form->integrals[i].nodes, n, seeds, out));
  return GKT_OK;
}

/* Function by function, so that a form may jump with one and be linear in another. */
static gkt_status find_branches(const gkt_form *form, gkt_form *derivative, const directions *by) {
  const gkt_functions *functions = &derivative->arguments[1];
  gkt_context *ctx = form->scope->ctx;
  int *found = NULL, count = 0;
  gkt_status status;
  GKT_GO(gkt_alloc(ctx, functions->count, sizeof *found, &found));
  for (int k = 0, first = 0, n; k < functions->count; k++, first += n) {
    bool branches = false;
    n = gkt_function_components(form->scope, functions->functions[k]) * (1 + form->scope->dim);
    for (int o = 0; o < by->num_orders && !branches; o++)
      if (by->seeds[o * by->n + first] != NO_RATE) GKT_GO(branches_with(form, n, by->seeds + o * by->n + first, &branches));
    if (branches) found[count++] = functions->functions[k];
  }
  GKT_GO(gkt_functions_set(ctx, &derivative->branches, count, found));
done:
  gkt_free(&found);
  return status;
}

static gkt_node shift_of(const gkt_scope *s, int function, int order) {
  return gkt_graph_terminal(s->graph, (gkt_terminal){.kind = GKT_TERM_CONSTANT, .function = (int16_t)s->functions[function].shifts[order]});
}

/* z of the functions (order 0), or of their rates where there are any. */
static gkt_status add_order(const gkt_form *form, const gkt_functions *functions, int order, directions *by) {
  const gkt_scope *s = form->scope;
  for (int k = 0, first = order * by->n, n; k < functions->count; k++, first += n) {
    const int function = functions->functions[k], z_of = order ? s->functions[function].rates[order - 1] : function;
    gkt_node *z = NULL, weight = by->num_orders > 1 && z_of >= 0 ? shift_of(s, function, order) : GKT_ONE;
    n = gkt_function_components(s, function) * (1 + s->dim);
    if (z_of >= 0) GKT_TRY(gkt_form_terminals(form, 1, &z_of, &z, &n));
    for (int i = 0; i < n; i++) by->seeds[first + i] = z ? z[i] : NO_RATE, by->weights[first + i] = weight;
    gkt_free(&z);
  }
  return GKT_OK;
}

static gkt_status find_directions(const gkt_form *form, const gkt_functions *functions, bool with_rates, directions *by) {
  const gkt_scope *s = form->scope;
  *by = (directions){.num_orders = with_rates ? NUM_ORDERS : 1};
  for (int k = 0; k < functions->count; k++) by->n += gkt_function_components(s, functions->functions[k]) * (1 + s->dim);
  GKT_TRY(gkt_alloc(s->ctx, (gkt_size)by->num_orders * by->n, sizeof *by->seeds, &by->seeds));
  GKT_TRY(gkt_alloc(s->ctx, (gkt_size)by->num_orders * by->n, sizeof *by->weights, &by->weights));
  for (int o = 0; o < by->num_orders; o++) GKT_TRY(add_order(form, functions, o, by));
  return GKT_OK;
}

static gkt_status differentiate(const gkt_form *form, int num_functions, const int *functions, bool with_rates, gkt_form **out) {
  gkt_form *d = NULL;
  directions by = {0};
  gkt_status status;
  GKT_TRY(check_functions(form, num_functions, functions));
  GKT_GO(gkt_form_create(form->scope, form->arity + 1, form->num_integrals, &d));
  GKT_GO(gkt_form_copy_origin(form, d));
  GKT_GO(gkt_functions_set(form->scope->ctx, &d->arguments[form->arity], num_functions, functions));
  GKT_GO(find_directions(form, &d->arguments[form->arity], with_rates, &by));
  for (int i = 0; i < form->num_integrals; i++) GKT_GO(derive_integral(d, &form->integrals[i], &by));
  if (form->arity == 1) GKT_GO(find_branches(form, d, &by));
  gkt_form_drop_zeros(d);
  d->from_energy = form->arity == 0;
  d->symmetric = is_gradient_of(form, d);
  if (d->arity == 2 && gkt_functions_are_equal(&d->arguments[0], &d->arguments[1])) GKT_GO(gkt_form_prove_symmetry(d));
  *out = d;
  d = NULL;
done:
  gkt_free(&by.seeds);
  gkt_free(&by.weights);
  gkt_form_destroy(&d);
  return status;
}

gkt_status gkt_form_derivative(const gkt_form *form, int num_functions, const int *functions, gkt_form **out) {
  if (form->arity > 1) return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "a form of arity 2 cannot be differentiated again");
  if (num_functions == 1 && functions[0] == GKT_COORDINATES) return gkt_form_shape_derivative(form, out);
  return differentiate(form, num_functions, functions, false, out);
}

gkt_status gkt_form_tangent(const gkt_form *form, int num_fields, const int *fields, gkt_form **out) {
  bool with_rates = false;
  if (form->arity > 1) return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "gkt_form_tangent: a form of arity %d; expected a residual or a functional", form->arity);
  GKT_TRY(check_functions(form, num_fields, fields));
  for (int k = 0; k < num_fields; k++) with_rates = with_rates || gkt_form_rate_order(form, fields[k]) > 0;
  return differentiate(form, num_fields, fields, with_rates, out);
}

/* Each integral with its nodes mapped by derivation or substitution of `seeds`. */
static gkt_status map_nodes(const gkt_form *form, bool derive, int n, const gkt_node *seeds, const gkt_node *images, gkt_form **out) {
  gkt_form *d = NULL;
  gkt_integral *integral;
  gkt_status status;
  GKT_GO(gkt_form_create(form->scope, form->arity, form->num_integrals, &d));
  GKT_GO(gkt_form_copy_origin(form, d));
  for (int i = 0; i < form->num_integrals; i++) {
    const gkt_integral *s = &form->integrals[i];
    GKT_GO(gkt_form_find_integral(d, s, s->num_nodes, &integral));
    GKT_GO((derive ? gkt_graph_derive : gkt_graph_substitute)(form->scope->graph, s->num_nodes, s->nodes, n, seeds, images, integral->nodes));
  }
  *out = d;
  d = NULL;
done:
  gkt_form_destroy(&d);
  return status;
}

static gkt_status derive_by(const gkt_form *form, gkt_node seed, gkt_form **out) {
  const gkt_node one = GKT_ONE;
  GKT_TRY(map_nodes(form, true, 1, &seed, &one, out));
  gkt_form_drop_zeros(*out);
  return GKT_OK;
}

gkt_status gkt_form_derivative_constant(const gkt_form *form, int constant, gkt_form **out) {
  if (constant < 0 || constant >= form->scope->num_constants)
    return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "gkt_form_derivative_constant: constant %d; the scope has %d", constant, form->scope->num_constants);
  return derive_by(form, gkt_graph_terminal(form->scope->graph, (gkt_terminal){.kind = GKT_TERM_CONSTANT, .function = (int16_t)constant}), out);
}

gkt_status gkt_form_derivative_time(const gkt_form *form, gkt_form **out) {
  return derive_by(form, gkt_graph_terminal(form->scope->graph, (gkt_terminal){.kind = GKT_TERM_TIME}), out);
}

/* sum over z of nodes * z(function) */
static gkt_status check_replacement(const gkt_form *form, int test, int function) {
  const gkt_scope *s = form->scope;
  if (function < 0 || function >= s->num_functions) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_form_replace_test: function %d; the scope has %d", function, s->num_functions);
  if (gkt_shapes_are_equal(s->functions[function].shape, s->functions[test].shape)) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s' does not have the shape of the test function", s->functions[function].name);
}

gkt_status gkt_form_replace_test(const gkt_form *form, const int *functions, gkt_form **out) {
  gkt_graph *g = form->scope->graph;
  gkt_form *d = NULL;
  gkt_integral *integral;
  gkt_node *z = NULL;
  int n;
  gkt_status status;
  if (form->arity != 1) return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "only a form of arity 1 has a test function to replace");
  for (int k = 0; k < form->arguments[0].count; k++) GKT_TRY(check_replacement(form, form->arguments[0].functions[k], functions[k]));
  GKT_GO(gkt_form_create(form->scope, 0, form->num_integrals, &d));
  GKT_GO(gkt_form_copy_origin(form, d));
  GKT_GO(gkt_form_terminals(form, form->arguments[0].count, functions, &z, &n));
  for (int i = 0; i < form->num_integrals; i++) {
    GKT_GO(gkt_form_find_integral(d, &form->integrals[i], 1, &integral));
    for (int k = 0; k < n; k++) integral->nodes[0] = gkt_add(g, integral->nodes[0], gkt_mul(g, form->integrals[i].nodes[k], z[k]));
  }
  GKT_GO(gkt_graph_status(g));
  *out = d;
  d = NULL;
done:
  gkt_free(&z);
  gkt_form_destroy(&d);
  return status;
}
