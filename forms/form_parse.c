/* From terms to forms: an integrand that is linear in test functions becomes its coefficients. */
#include "forms/ast.h"
#include "forms/form.h"

static gkt_status refuse(const gkt_form *form, gkt_status status, gkt_mark mark, const char *word, const char *what) {
  return gkt_fail_at(form->scope->ctx, status, form->file, form->key, mark, word, "%s", what);
}

/* ---- test functions ---- */
/* Those below the nodes, ascending. */
static gkt_status find_tests(const gkt_scope *scope, int n, const gkt_node *nodes, gkt_functions *out) {
  gkt_node top = gkt_graph_top(n, nodes);
  bool *below = NULL, *found = NULL;
  gkt_status status;
  out->count = 0;
  GKT_GO(gkt_graph_mark(scope->graph, n, nodes, &below));
  GKT_GO(gkt_calloc(scope->ctx, scope->num_functions, sizeof *found, &found));
  GKT_GO(gkt_realloc(scope->ctx, scope->num_functions, sizeof *out->functions, &out->functions));
  for (gkt_node i = 0; i <= top; i++) {
    const gkt_node_data *data = gkt_graph_get(scope->graph, i);
    if (below[i] && data->op == GKT_OP_TERMINAL && gkt_is_of_function(&data->terminal)) found[data->terminal.function] = true;
  }
  for (int f = 0; f < scope->num_functions; f++)
    if (found[f] && scope->functions[f].role == GKT_ROLE_TEST) out->functions[out->count++] = f;
done:
  gkt_free(&below);
  gkt_free(&found);
  return status;
}

/* What is left of an integrand where these test functions are 0. */
static gkt_status without_tests(const gkt_form *form, gkt_node integrand, const gkt_functions *tests, gkt_node *out) {
  gkt_node *seeds = NULL, *zeros = NULL;
  int n;
  gkt_status status;
  GKT_GO(gkt_form_terminals(form, tests->count, tests->functions, &seeds, &n));
  GKT_GO(gkt_calloc(form->scope->ctx, n, sizeof *zeros, &zeros));
  GKT_GO(gkt_graph_substitute(form->scope->graph, 1, &integrand, n, seeds, zeros, out));
done:
  gkt_free(&seeds);
  gkt_free(&zeros);
  return status;
}

/* ---- what is no equation ---- */
/* q*div(v): p*div(v) was meant, or q*div(u). */
static gkt_status refuse_product(const gkt_form *form, const gkt_term *term, int first, int second) {
  const gkt_function *f = form->scope->functions;
  char what[400];
  snprintf(what, sizeof what, "multiplied with the test function '%s'; expected one test function in each product, with a field for the other: '%s' for '%s', or '%s' for '%s'",
           f[first].name, f[f[first].partner].name, f[first].name, f[f[second].partner].name, f[second].name);
  return refuse(form, GKT_BAD_INPUT, term->mark, f[second].name, what);
}

static gkt_status refuse_no_test(const gkt_form *form, const gkt_term *term) {
  const gkt_scope *s = form->scope;
  gkt_text what = {.ctx = s->ctx};
  const char *between = ": ";
  gkt_text_printf(&what, "has no test function; expected every term of an equation to be linear in one");
  for (int i = 0; i < s->num_functions; i++)
    if (s->functions[i].role == GKT_ROLE_TEST) gkt_text_printf(&what, "%s'%s'", between, s->functions[i].name), between = ", ";
  gkt_status status = what.status == GKT_OK ? refuse(form, GKT_BAD_INPUT, term->mark, "this term", what.data) : what.status;
  gkt_text_free(&what);
  return status;
}

static gkt_status refuse_nonlinear(const gkt_form *form, const gkt_term *term, int test) {
  return refuse(form, GKT_BAD_INPUT, term->mark, form->scope->functions[test].name, "this term is not linear in the test function");
}

static gkt_status check_homogeneous(const gkt_form *form, const gkt_term *term, const gkt_functions *tests) {
  gkt_node rest;
  GKT_TRY(without_tests(form, term->integrand, tests, &rest));
  return rest == GKT_ZERO ? GKT_OK : refuse_nonlinear(form, term, tests->functions[0]);
}

/* ---- coefficients ---- */
/* nodes[i] = d integrand / d z_i(test), which no test function may be in. */
static gkt_status split_term(const gkt_form *form, const gkt_term *term, int test, gkt_node *nodes) {
  gkt_graph *g = form->scope->graph;
  gkt_functions left = {0};
  gkt_node *seeds = NULL, one = GKT_ONE;
  int n;
  gkt_status status;
  bool branches;
  GKT_GO(gkt_form_terminals(form, 1, &test, &seeds, &n));
  for (int i = 0; i < n; i++) GKT_GO(gkt_graph_derive(g, 1, &term->integrand, 1, &seeds[i], &one, &nodes[i]));
  GKT_GO(find_tests(form->scope, n, nodes, &left));
  GKT_GO(gkt_graph_branches(g, 1, &term->integrand, n, seeds, &branches));
  for (int k = 0; k < left.count; k++)
    if (left.functions[k] != test) GKT_GO(refuse_product(form, term, test, left.functions[k]));
  if (left.count || branches) status = refuse_nonlinear(form, term, test);
done:
  gkt_free(&left.functions);
  gkt_free(&seeds);
  return status;
}

/* Components of the form's tested fields before this one. */
static int first_of(const gkt_form *form, int field) {
  int n = 0;
  for (int k = 0; form->arguments[0].functions[k] != field; k++) n += gkt_function_components(form->scope, form->arguments[0].functions[k]);
  return n;
}

/* nodes [components of the form][1+dim] */
static gkt_status split_by_tests(const gkt_form *form, const gkt_term *term, gkt_node *nodes) {
  gkt_functions tests = {0};
  gkt_status status;
  GKT_GO(find_tests(form->scope, 1, &term->integrand, &tests));
  for (int k = 0; k < tests.count; k++) {
    int field = form->scope->functions[tests.functions[k]].partner;
    GKT_GO(split_term(form, term, tests.functions[k], nodes + first_of(form, field) * (1 + form->scope->dim)));
  }
  if (tests.count) GKT_GO(check_homogeneous(form, term, &tests));
done:
  gkt_free(&tests.functions);
  return status;
}

/* An energy is one of states. */
static gkt_status refuse_rates(const gkt_form *form, const gkt_term *term) {
  const gkt_scope *s = form->scope;
  bool *below, found = false;
  GKT_TRY(gkt_graph_mark(s->graph, 1, &term->integrand, &below));
  for (gkt_node i = 0; i <= term->integrand; i++) {
    const gkt_node_data *data = gkt_graph_get(s->graph, i);
    found = found || (below[i] && data->op == GKT_OP_TERMINAL && gkt_is_of_function(&data->terminal) && s->functions[data->terminal.function].role == GKT_ROLE_RATE);
  }
  gkt_free(&below);
  return found ? refuse(form, GKT_BAD_INPUT, term->mark, "this term", "has a rate (dt) in it, and an energy is one of states; expected rates in `equation`, beside the energy")
               : GKT_OK;
}

static gkt_status add_term(gkt_form *form, const gkt_term *term, gkt_form_kind kind) {
  gkt_graph *g = form->scope->graph;
  gkt_integral like = {.measure = term->measure, .num_names = term->num_names, .names = term->names, .marks = term->marks}, *integral;
  int n = form->arity == 1 ? gkt_form_components(form, 0) * (1 + form->scope->dim) : 1;
  gkt_node *nodes = NULL;
  gkt_status status;
  if (form->arity == 1 && term->integrand == GKT_ZERO) return GKT_OK;
  if (kind == GKT_ENERGY) GKT_TRY(refuse_rates(form, term));
  GKT_TRY(gkt_form_choose_degrees(form, term, kind, &like));
  GKT_GO(gkt_calloc(form->scope->ctx, n, sizeof *nodes, &nodes));
  if (form->arity == 1) GKT_GO(split_by_tests(form, term, nodes));
  else nodes[0] = term->integrand;
  GKT_GO(gkt_form_find_integral(form, &like, n, &integral));
  for (int i = 0; i < n; i++) integral->nodes[i] = gkt_add(g, integral->nodes[i], nodes[i]);
  status = gkt_graph_status(g);
done:
  gkt_free(&nodes);
  return status;
}

/* ---- the whole ---- */
/* The fields whose tests occur. */
static gkt_status find_arguments(gkt_form *form, const gkt_terms *terms) {
  gkt_functions tests = {0}, fields = {0};
  gkt_context *ctx = form->scope->ctx;
  gkt_status status = GKT_OK;
  for (int i = 0; i < terms->num_terms; i++) {
    GKT_GO(find_tests(form->scope, 1, &terms->terms[i].integrand, &tests));
    if (!tests.count && terms->terms[i].integrand != GKT_ZERO) GKT_GO(refuse_no_test(form, &terms->terms[i]));
    for (int k = 0; k < tests.count; k++) tests.functions[k] = form->scope->functions[tests.functions[k]].partner;
    GKT_GO(gkt_functions_set(ctx, &fields, form->arguments[0].count, form->arguments[0].functions));
    GKT_GO(gkt_functions_unite(ctx, &fields, &tests, &form->arguments[0]));
  }
done:
  gkt_free(&tests.functions);
  gkt_free(&fields.functions);
  return status;
}

static gkt_status copy_place(gkt_context *ctx, const gkt_source *source, char **out) {
  gkt_text t = {.ctx = ctx};
  gkt_source_describe(source, &t);
  *out = t.data;
  return t.status;
}

gkt_status gkt_form_sum(gkt_scope *scope, gkt_form_kind kind, const gkt_source *source, const gkt_terms *terms, gkt_form **out) {
  gkt_form *form = NULL;
  gkt_status status;
  GKT_GO(gkt_form_create(scope, kind == GKT_EQUATION, terms->num_terms, &form));
  if (source->file) GKT_GO(gkt_strdup(scope->ctx, source->file, &form->file));
  if (source->key) GKT_GO(gkt_strdup(scope->ctx, source->key, &form->key));
  GKT_GO(copy_place(scope->ctx, source, &form->place));
  if (form->arity == 1) GKT_GO(find_arguments(form, terms));
  for (int i = 0; i < terms->num_terms; i++) GKT_GO(add_term(form, &terms->terms[i], kind));
  gkt_form_drop_zeros(form);
  if (kind == GKT_EQUATION && form->num_integrals == 0) GKT_GO(refuse(form, GKT_BAD_INPUT, gkt_source_mark(source, 0), "this equation", "is zero: no term is left"));
  *out = form;
  form = NULL;
done:
  gkt_form_destroy(&form);
  return status;
}

gkt_status gkt_form_parse(gkt_scope *scope, gkt_form_kind kind, const gkt_source *source, gkt_form **out) {
  gkt_terms terms = {0};
  GKT_TRY(gkt_terms_parse(scope, kind, source, &terms));
  gkt_status status = gkt_form_sum(scope, kind, source, &terms, out);
  gkt_terms_destroy(scope->ctx, &terms);
  return status;
}
