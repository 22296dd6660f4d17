/* Forms: creation, parsing, access. */
#include <string.h>

#include "forms/ast.h"
#include "forms/form.h"

gkt_status gkt_form_create(gkt_scope *scope, int arity, int max_integrals, gkt_form **out) {
  gkt_form *form = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(scope->ctx, 1, sizeof *form, &form));
  form->scope = gkt_scope_retain(scope), form->arity = arity;
  GKT_GO(gkt_calloc(scope->ctx, max_integrals, sizeof *form->integrals, &form->integrals));
  *out = form;
  return GKT_OK;
done:
  gkt_form_destroy(&form);
  return status;
}

gkt_status gkt_form_copy_origin(const gkt_form *from, gkt_form *to) {
  if (from->file) GKT_TRY(gkt_strdup(to->scope->ctx, from->file, &to->file));
  if (from->key) GKT_TRY(gkt_strdup(to->scope->ctx, from->key, &to->key));
  if (from->place) GKT_TRY(gkt_strdup(to->scope->ctx, from->place, &to->place));
  for (int i = 0; i < from->arity && i < to->arity; i++) GKT_TRY(gkt_form_set_argument(to, i, from->arguments[i].count, from->arguments[i].functions));
  to->branches = from->branches;
  return GKT_OK;
}

static void clear_integral(gkt_integral *integral) {
  for (int j = 0; integral->names && j < integral->num_names; j++) gkt_free(&integral->names[j]);
  gkt_free(&integral->names);
  gkt_free(&integral->marks);
  gkt_free(&integral->nodes);
}

gkt_form *gkt_form_retain(const gkt_form *form) {
  gkt_form *f = (gkt_form *)form;
  gkt_refs_add(&f->refs);
  return f;
}

void gkt_form_destroy(gkt_form **form) {
  gkt_form *f = *form;
  *form = NULL;
  if (!f || !gkt_refs_drop(&f->refs)) return;
  for (int i = 0; i < f->num_integrals; i++) clear_integral(&f->integrals[i]);
  gkt_free(&f->integrals);
  for (int i = 0; i < 2; i++) gkt_free(&f->arguments[i].functions);
  gkt_free(&f->file);
  gkt_free(&f->key);
  gkt_free(&f->place);
  gkt_scope_destroy(&f->scope);
  gkt_free(&f);
}

static bool same_measure(const gkt_integral *a, const gkt_integral *b) {
  if (a->measure != b->measure || a->num_names != b->num_names || a->degrees[GKT_STRAIGHT_SIMPLICES] != b->degrees[GKT_STRAIGHT_SIMPLICES] || a->is_given != b->is_given)
    return false;
  for (int i = 0; i < a->num_names; i++)
    if (strcmp(a->names[i], b->names[i])) return false;
  return true;
}

gkt_status gkt_form_find_integral(gkt_form *form, const gkt_integral *like, int num_nodes, gkt_integral **out) {
  gkt_context *ctx = form->scope->ctx;
  for (int i = 0; i < form->num_integrals; i++)
    if (same_measure(&form->integrals[i], like)) {
      *out = &form->integrals[i];
      for (int c = 0; c < GKT_NUM_CELL_SORTS; c++)
        if ((*out)->degrees[c] < like->degrees[c]) (*out)->degrees[c] = like->degrees[c];
      return GKT_OK;
    }
  gkt_integral *integral = &form->integrals[form->num_integrals++];
  *integral = (gkt_integral){.measure = like->measure, .is_given = like->is_given, .num_names = like->num_names, .num_nodes = num_nodes};
  memcpy(integral->degrees, like->degrees, sizeof integral->degrees);
  GKT_TRY(gkt_calloc(ctx, like->num_names, sizeof *integral->names, &integral->names));
  GKT_TRY(gkt_calloc(ctx, like->num_names, sizeof *integral->marks, &integral->marks));
  GKT_TRY(gkt_calloc(ctx, num_nodes, sizeof *integral->nodes, &integral->nodes));
  for (int i = 0; i < like->num_names; i++) {
    integral->marks[i] = like->marks[i];
    GKT_TRY(gkt_strdup(ctx, like->names[i], &integral->names[i]));
  }
  *out = integral;
  return GKT_OK;
}

void gkt_form_drop_zeros(gkt_form *form) {
  int kept = 0;
  for (int i = 0; i < form->num_integrals; i++) {
    bool zero = true;
    for (int k = 0; k < form->integrals[i].num_nodes; k++) zero = zero && form->integrals[i].nodes[k] == GKT_ZERO;
    if (zero) clear_integral(&form->integrals[i]);
    else form->integrals[kept++] = form->integrals[i];
  }
  form->num_integrals = kept;
}

/* ---- arguments ---- */
gkt_status gkt_form_set_argument(gkt_form *form, int which, int count, const int *functions) {
  gkt_functions *a = &form->arguments[which];
  GKT_TRY(gkt_realloc(form->scope->ctx, count, sizeof *a->functions, &a->functions));
  for (int n = 0; n < count; n++) {
    int k = n;
    for (; k > 0 && a->functions[k - 1] > functions[n]; k--) a->functions[k] = a->functions[k - 1];
    if (k > 0 && a->functions[k - 1] == functions[n])
      return gkt_fail(form->scope->ctx, GKT_BAD_ARGUMENT, "form: function %d is given twice; expected different ones", functions[n]);
    a->functions[k] = functions[n];
  }
  a->count = count;
  return GKT_OK;
}

bool gkt_functions_hold(const gkt_functions *f, int function) {
  for (int k = 0; k < f->count; k++)
    if (f->functions[k] == function) return true;
  return false;
}

bool gkt_functions_are_equal(const gkt_functions *a, const gkt_functions *b) {
  for (int k = 0; k < a->count && k < b->count; k++)
    if (a->functions[k] != b->functions[k]) return false;
  return a->count == b->count;
}

int gkt_function_components(const gkt_scope *scope, int function) { return function == GKT_COORDINATES ? scope->dim : gkt_shape_size(scope->functions[function].shape); }

int gkt_form_components(const gkt_form *form, int argument) {
  int n = 0;
  for (int k = 0; k < form->arguments[argument].count; k++) n += gkt_function_components(form->scope, form->arguments[argument].functions[k]);
  return n;
}

static gkt_node *list_terminals(const gkt_scope *scope, int function, gkt_node *out) {
  for (int c = 0; c < gkt_function_components(scope, function); c++)
    for (int k = 0; k <= scope->dim; k++) {
      gkt_terminal t = {.kind = k ? GKT_TERM_GRAD : GKT_TERM_VALUE, .function = (int16_t)function, .component = (int16_t)c, .direction = (int8_t)(k ? k - 1 : 0)};
      *out++ = gkt_graph_terminal(scope->graph, t);
    }
  return out;
}

gkt_status gkt_form_terminals(const gkt_form *form, int num_functions, const int *functions, gkt_node **out, int *count) {
  const gkt_scope *scope = form->scope;
  int n = 0;
  for (int k = 0; k < num_functions; k++) n += gkt_function_components(scope, functions[k]);
  GKT_TRY(gkt_calloc(scope->ctx, (gkt_size)n * (1 + scope->dim), sizeof **out, out));
  gkt_node *end = *out;
  for (int k = 0; k < num_functions; k++) end = list_terminals(scope, functions[k], end);
  *count = n * (1 + scope->dim);
  return GKT_OK;
}

/* ---- parsing ---- */
/* Numbers of the first and the last test function below the nodes; -1: none. */
static gkt_status find_tests(const gkt_scope *scope, int n, const gkt_node *nodes, int *first, int *last) {
  bool *below;
  GKT_TRY(gkt_graph_mark(scope->graph, n, nodes, &below));
  *first = *last = -1;
  for (gkt_node i = gkt_graph_top(n, nodes); i >= 0; i--) {
    const gkt_node_data *data = gkt_graph_get(scope->graph, i);
    int f = data->terminal.function;
    bool function = data->op == GKT_OP_TERMINAL && gkt_is_of_function(&data->terminal);
    if (!below[i] || !function || scope->functions[f].role != GKT_ROLE_TEST) continue;
    *first = *first < 0 || f < *first ? f : *first;
    *last = f > *last ? f : *last;
  }
  gkt_free(&below);
  return GKT_OK;
}

static gkt_status refuse(const gkt_form *form, gkt_status status, gkt_mark mark, const char *word, const char *what) {
  return gkt_fail_at(form->scope->ctx, status, form->file, form->key, mark, word, "%s", what);
}

/* The one test function of a term. */
static gkt_status find_test(const gkt_form *form, const gkt_term *term, int *test) {
  int last;
  GKT_TRY(find_tests(form->scope, 1, &term->integrand, test, &last));
  if (last != *test) return refuse(form, GKT_BAD_INPUT, term->mark, form->scope->functions[last].name, "two test functions in one term, this is the second; expected one");
  if (*test >= 0 || term->integrand == GKT_ZERO) return GKT_OK;
  return refuse(form, GKT_BAD_INPUT, term->mark, "this term", "has no test function; expected every term of an equation to be linear in one");
}

/* nodes[i] = d integrand / d z_i(test); the term must be linear and homogeneous in the test function. */
static gkt_status split_term(const gkt_form *form, const gkt_term *term, int test, gkt_node *nodes) {
  gkt_graph *g = form->scope->graph;
  gkt_node *seeds = NULL, *zeros = NULL, rest, one = GKT_ONE;
  int n, left, ignored;
  gkt_status status;
  bool branches;
  GKT_GO(gkt_form_terminals(form, 1, &test, &seeds, &n));
  for (int i = 0; i < n; i++) GKT_GO(gkt_graph_derive(g, 1, &term->integrand, 1, &seeds[i], &one, &nodes[i]));
  GKT_GO(find_tests(form->scope, n, nodes, &left, &ignored));
  GKT_GO(gkt_graph_branches(g, 1, &term->integrand, n, seeds, &branches));
  GKT_GO(gkt_calloc(form->scope->ctx, n, sizeof *zeros, &zeros));
  GKT_GO(gkt_graph_substitute(g, 1, &term->integrand, n, seeds, zeros, &rest));
  if (left >= 0 || branches || rest != GKT_ZERO)
    status = refuse(form, GKT_BAD_INPUT, term->mark, form->scope->functions[test].name, "this term is not linear in the test function");
done:
  gkt_free(&seeds);
  gkt_free(&zeros);
  return status;
}

/* Components of the form's tested fields before this one. */
static int first_of(const gkt_form *form, int field) {
  int n = 0;
  for (int k = 0; form->arguments[0].functions[k] != field; k++) n += gkt_function_components(form->scope, form->arguments[0].functions[k]);
  return n;
}

/* The fields whose tests occur. */
static gkt_status find_arguments(gkt_form *form, const gkt_terms *terms) {
  int *fields = NULL, count = 0, test;
  gkt_status status;
  GKT_GO(gkt_alloc(form->scope->ctx, terms->num_terms, sizeof *fields, &fields));
  for (int i = 0; i < terms->num_terms; i++) {
    GKT_GO(find_test(form, &terms->terms[i], &test));
    int field = test >= 0 ? form->scope->functions[test].partner : -1, k = 0;
    while (k < count && fields[k] != field) k++;
    if (test >= 0 && k == count) fields[count++] = field;
  }
  GKT_GO(gkt_form_set_argument(form, 0, count, fields));
done:
  gkt_free(&fields);
  return status;
}

static gkt_status add_term(gkt_form *form, const gkt_term *term, gkt_form_kind kind) {
  gkt_graph *g = form->scope->graph;
  gkt_integral like = {.measure = term->measure, .num_names = term->num_names, .names = term->names, .marks = term->marks}, *integral;
  int test = -1, n = 1, first = 0;
  if (form->arity == 1) GKT_TRY(find_test(form, term, &test));
  if (form->arity == 1 && test < 0) return GKT_OK;
  if (test >= 0) n = gkt_form_components(form, 0) * (1 + form->scope->dim), first = first_of(form, form->scope->functions[test].partner) * (1 + form->scope->dim);
  GKT_TRY(gkt_form_choose_degrees(form, term, kind, &like));
  gkt_node *nodes = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(form->scope->ctx, n, sizeof *nodes, &nodes));
  if (test >= 0) GKT_GO(split_term(form, term, test, nodes + first));
  else nodes[0] = term->integrand;
  GKT_GO(gkt_form_find_integral(form, &like, n, &integral));
  for (int i = 0; i < n; i++) integral->nodes[i] = gkt_add(g, integral->nodes[i], nodes[i]);
  status = gkt_graph_status(g);
done:
  gkt_free(&nodes);
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

gkt_scope *gkt_form_scope(const gkt_form *form) { return form->scope; }
int gkt_form_arity(const gkt_form *form) { return form->arity; }
int gkt_form_num_arguments(const gkt_form *form, int i) { return form->arguments[i].count; }
int gkt_form_argument(const gkt_form *form, int i, int k) { return form->arguments[i].functions[k]; }
int gkt_form_num_integrals(const gkt_form *form) { return form->num_integrals; }
bool gkt_form_is_symmetric(const gkt_form *form) { return form->arity == 2 && form->symmetric; }

static bool is_function(const gkt_terminal *t, const void *user) { return gkt_is_of_function(t) && t->function == *(const int *)user; }

bool gkt_form_depends_on(const gkt_form *form, int function) {
  if (function == GKT_COORDINATES) return form->num_integrals > 0; /* by the measure at least */
  if (form->branches && gkt_functions_hold(&form->arguments[form->arity - 1], function)) return true;
  for (int i = 0; i < form->num_integrals; i++)
    for (int k = 0; k < form->integrals[i].num_nodes; k++)
      if (gkt_graph_depends(form->scope->graph, form->integrals[i].nodes[k], is_function, &function)) return true;
  return false;
}
