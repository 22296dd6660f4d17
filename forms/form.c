/* Forms: creation, access. */
#include <string.h>

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
  for (int i = 0; i < from->arity && i < to->arity; i++) GKT_TRY(gkt_functions_set(to->scope->ctx, &to->arguments[i], from->arguments[i].count, from->arguments[i].functions));
  return gkt_functions_set(to->scope->ctx, &to->branches, from->branches.count, from->branches.functions);
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
  gkt_free(&f->branches.functions);
  gkt_free(&f->file);
  gkt_free(&f->key);
  gkt_free(&f->place);
  gkt_scope_destroy(&f->scope);
  gkt_free(&f);
}

static bool same_measure(const gkt_integral *a, const gkt_integral *b) {
  if (a->measure != b->measure || a->num_names != b->num_names || a->degrees[GKT_STRAIGHT_SIMPLICES] != b->degrees[GKT_STRAIGHT_SIMPLICES] || a->is_given != b->is_given)
    return false;
  if (a->at_nodes != b->at_nodes || (a->at_nodes && a->nodes_of != b->nodes_of)) return false;
  for (int i = 0; i < a->num_names; i++)
    if (strcmp(a->names[i], b->names[i])) return false;
  return true;
}

bool gkt_forms_are_equal(const gkt_form *a, const gkt_form *b) {
  bool equal = a->scope == b->scope && a->arity == b->arity && a->num_integrals == b->num_integrals;
  for (int i = 0; i < 2; i++) equal = equal && gkt_functions_are_equal(&a->arguments[i], &b->arguments[i]);
  for (int i = 0; equal && i < a->num_integrals; i++) {
    const gkt_integral *x = &a->integrals[i], *y = &b->integrals[i];
    equal = same_measure(x, y) && !memcmp(x->degrees, y->degrees, sizeof x->degrees) && x->num_nodes == y->num_nodes &&
            !memcmp(x->nodes, y->nodes, (size_t)x->num_nodes * sizeof *x->nodes);
  }
  return equal;
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
  *integral = (gkt_integral){
      .measure = like->measure, .is_given = like->is_given, .at_nodes = like->at_nodes, .nodes_of = like->nodes_of, .num_names = like->num_names, .num_nodes = num_nodes};
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
int gkt_function_components(const gkt_scope *scope, int function) { return function == GKT_COORDINATES ? scope->dim : gkt_shape_size(scope->functions[function].shape); }

int gkt_form_components(const gkt_form *form, int argument) {
  int n = 0;
  for (int k = 0; k < form->arguments[argument].count; k++) n += gkt_function_components(form->scope, form->arguments[argument].functions[k]);
  return n;
}

static gkt_node *list_terminals(const gkt_scope *scope, int function, gkt_node *out) {
  for (int c = 0; c < gkt_function_components(scope, function); c++)
    for (int k = 0; k <= scope->dim; k++) {
      gkt_terminal t = {.kind = k ? GKT_TERM_GRAD : GKT_TERM_VALUE, .function = (int16_t)function, .component = (int16_t)c, .direction = (int16_t)(k ? k - 1 : 0)};
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

/* ---- access ---- */
gkt_scope *gkt_form_scope(const gkt_form *form) { return form->scope; }
int gkt_form_arity(const gkt_form *form) { return form->arity; }
int gkt_form_num_arguments(const gkt_form *form, int i) { return i >= 0 && i < form->arity ? form->arguments[i].count : 0; }
int gkt_form_argument(const gkt_form *form, int i, int k) { return k >= 0 && k < gkt_form_num_arguments(form, i) ? form->arguments[i].functions[k] : -1; }
int gkt_form_num_integrals(const gkt_form *form) { return form->num_integrals; }
bool gkt_form_is_symmetric(const gkt_form *form) { return form->arity == 2 && form->symmetric; }

static bool is_function(const gkt_terminal *t, const void *user) { return gkt_is_of_function(t) && t->function == *(const int *)user; }

bool gkt_terminal_varies_in_time(const gkt_terminal *t, const void *scope) {
  return gkt_is_of_function(t) ? ((const gkt_scope *)scope)->functions[t->function].follows_time : t->kind == GKT_TERM_TIME;
}

bool gkt_form_has_terminal(const gkt_form *form, gkt_terminal_test *test, const void *user) {
  for (int i = 0; i < form->num_integrals; i++)
    for (int k = 0; k < form->integrals[i].num_nodes; k++)
      if (gkt_graph_depends(form->scope->graph, form->integrals[i].nodes[k], test, user)) return true;
  return false;
}

bool gkt_form_depends_on_time(const gkt_form *form) { return gkt_form_has_terminal(form, gkt_terminal_varies_in_time, form->scope); }

bool gkt_form_depends_on(const gkt_form *form, int function) {
  if (function == GKT_COORDINATES) return form->num_integrals > 0; /* by the measure at least */
  if (gkt_functions_hold(&form->branches, function)) return true;
  return gkt_form_has_terminal(form, is_function, &function);
}
