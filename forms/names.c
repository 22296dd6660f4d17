/* What a name means: x n h t pi I, then fields, tests, coefficients, constants and named expressions. Unknown names get a suggestion. */
#include <string.h>

#include "forms/type.h"

static const char *const reserved[] = {"x", "n", "h", "t", "pi", "I", "dx", "ds", "dS", "dP", NULL};
/* What other languages call it. */
static const struct {
  const char *word, *meant;
} synonyms[] = {{"y", "x[1]"},
                {"z", "x[2]"},
                {"log", "ln(a)"},
                {"trace", "tr(A)"},
                {"pow", "a^b"},
                {"Identity", "I"},
                {"identity", "I"},
                {"laplacian", "div(grad(u))"},
                {"nabla", "grad(u)"},
                {"nabla_grad", "grad(u).T"},
                {"nabla_div", "div(u)"},
                {"rot", "curl(u)"},
                {"fabs", "abs(a)"},
                {"arctan", "atan(a)"},
                {"determinant", "det"},
                {"inverse", "inv(A)"},
                {"cofactor", "cofac(A)"},
                {"as_vector", "[a, b]"},
                {"as_matrix", "[[a, b], [c, d]]"},
                {"if", "conditional(c, a, b)"},
                {"where", "conditional(c, a, b)"},
                {"heaviside", "conditional(a > 0, 1, 0)"},
                {"gt", "a > b"},
                {"lt", "a < b"},
                {"ge", "a >= b"},
                {"le", "a <= b"},
                {"eq", "abs(a - b) < 1e-12"},
                {"ne", "abs(a - b) > 1e-12"},
                {"And", "a*b"},
                {"Or", "max(a, b)"},
                {"Not", "1 - a"},
                {"dy", "grad(u)[1]"},
                {"dz", "grad(u)[2]"},
                {"Dx", "grad(u)[0]"},
                {"Dn", "dot(grad(u), n)"},
                {"FacetNormal", "n"},
                {"SpatialCoordinate", "x"},
                {"CellDiameter", "h"},
                {"hTriangle", "h"},
                {"as_tensor", "[[a, b], [c, d]]"},
                {"max_value", "max(a, b)"},
                {"min_value", "min(a, b)"},
                {"atan_2", "atan2(y, x)"},
                {"sgn", "sign(a)"},
                {"sqr", "a^2"},
                {"square", "a^2"},
                {"arcsinh", "asinh(a)"},
                {"mag", "norm(a)"}};

const char *gkt_reserved_name(int i) { return reserved[i]; }

bool gkt_is_reserved(const char *name) {
  for (int i = 0; reserved[i]; i++)
    if (!strcmp(reserved[i], name)) return true;
  return gkt_builtin_usage(name) != NULL;
}

static bool type_reserved(const gkt_typing *t, const char *name, gkt_value *out) {
  int dim = t->scope->dim;
  if (!strcmp(name, "x")) *out = gkt_value_terminals(t->scope, GKT_TERM_X, 0, gkt_shape_vector(dim));
  else if (!strcmp(name, "n")) *out = gkt_value_terminals(t->scope, GKT_TERM_NORMAL, 0, gkt_shape_vector(dim));
  else if (!strcmp(name, "h")) *out = gkt_value_terminals(t->scope, GKT_TERM_H, 0, gkt_shape_scalar());
  else if (!strcmp(name, "t")) *out = gkt_value_terminals(t->scope, GKT_TERM_TIME, 0, gkt_shape_scalar());
  else if (!strcmp(name, "pi")) *out = gkt_value_scalar(gkt_graph_constant(t->scope->graph, 3.14159265358979323846));
  else if (!strcmp(name, "I")) *out = gkt_tensor_identity(dim);
  else return false;
  return true;
}

/* Unknowns and tests stand only where the text may have them; `through` names the expression that brings them in. */
static gkt_status use_function(gkt_typing *t, int function, const char *through) {
  const gkt_function *f = &t->scope->functions[function];
  if (f->role == GKT_ROLE_COEFFICIENT) return GKT_OK; /* no text can name a rate */
  bool is_test = f->role == GKT_ROLE_TEST;
  *(is_test ? &t->test : &t->field) = function;
  if (is_test ? t->allow_tests : t->allow_fields) return GKT_OK;
  const char *what = is_test ? "a test function" : "an unknown";
  if (through) return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "it contains '%s', %s, which %s must not have", f->name, what, t->who);
  return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "%s, which %s must not have", what, t->who);
}

static gkt_status type_named(gkt_typing *t, int named, gkt_value *out) {
  const struct gkt_named_expression *e;
  gkt_scope *scope = t->scope;
  if (scope->expressions[named].state == GKT_NAMED_BUSY) {
    gkt_text chain = {.ctx = scope->ctx};
    int path[GKT_MAX_CHAIN + 2], n = 0;
    for (int i = t->named; i >= 0 && i != named && n <= GKT_MAX_CHAIN; i = scope->expressions[i].asked_by) path[n++] = i;
    gkt_text_printf(&chain, "%s", scope->expressions[named].name);
    while (n > 0) gkt_text_printf(&chain, " -> %s", scope->expressions[path[--n]].name);
    gkt_status status =
        gkt_type_fail(t, GKT_BAD_INPUT, t->current, "a cycle: %s -> %s; expected names that do not need themselves", chain.data ? chain.data : "", scope->expressions[named].name);
    gkt_text_free(&chain);
    return status;
  }
  int deep = 0;
  for (int i = t->named; i >= 0; i = scope->expressions[i].asked_by) deep++;
  if (deep >= GKT_MAX_CHAIN && scope->expressions[named].state != GKT_NAMED_TYPED)
    return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "names that need names, deeper than %d; expected a shorter chain", GKT_MAX_CHAIN);
  GKT_TRY(gkt_scope_value(scope, named, t->named, &e));
  *out = e->value;
  if (e->test >= 0) GKT_TRY(use_function(t, e->test, e->name));
  if (e->field >= 0) GKT_TRY(use_function(t, e->field, e->name));
  return GKT_OK;
}

/* ---- unknown names ---- */
static void list_names(const gkt_scope *s, gkt_text *out) {
  const char *between = "";
  int total = s->num_functions + s->num_constants + s->num_expressions;
  int listed = 0;
  for (int i = 0; i < total; i++) {
    int constant = i - s->num_functions, named = constant - s->num_constants;
    const char *name = constant < 0 ? s->functions[i].name : named < 0 ? s->constants[constant] : s->expressions[named].name;
    if (!gkt_is_name(name)) continue; /* rates and shifts */
    if (listed++ < 12) gkt_text_printf(out, "%s%s", between, name), between = ", ";
  }
  if (listed > 12) gkt_text_printf(out, ", ...");
  if (listed == 0) gkt_text_printf(out, "none");
}

static void offer(gkt_suggestion *near, const char *name) {
  if (gkt_is_name(name)) gkt_suggestion_offer(near, name); /* no rates and shifts */
}

static void offer_scope(const gkt_scope *s, gkt_suggestion *near) {
  for (int i = 0; i < s->num_functions; i++) offer(near, s->functions[i].name);
  for (int i = 0; i < s->num_constants; i++) offer(near, s->constants[i]);
  for (int i = 0; i < s->num_expressions; i++) offer(near, s->expressions[i].name);
}

static const char *meant_by(const char *word) {
  for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
    if (!strcmp(synonyms[i].word, word)) return synonyms[i].meant;
  return NULL;
}

static gkt_status fail_unknown(gkt_typing *t, const char *word, bool called) {
  gkt_text names = {.ctx = t->scope->ctx};
  gkt_suggestion near = gkt_suggestion_begin(word);
  const char *meant = meant_by(word);
  if (!called) offer_scope(t->scope, &near);
  for (int i = 0; gkt_builtin_name(i); i++) gkt_suggestion_offer(&near, gkt_builtin_name(i));
  const gkt_externals *externals = gkt_graph_get_externals(t->scope->graph);
  for (int i = 0; i < externals->count; i++) gkt_suggestion_offer(&near, externals->records[i]->name);
  for (int i = 0; reserved[i] && !called; i++) gkt_suggestion_offer(&near, reserved[i]);
  if (!called) list_names(t->scope, &names);
  const char *what = called ? "no function of the language" : "unknown name";
  const char *known = called ? "" : "; known here: ", *list = names.data ? names.data : "";
  gkt_status status;
  if (meant) status = gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "%s; here it is written %s%s%s", what, meant, known, list);
  else if (near.nearest) status = gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "%s; did you mean '%s'?%s%s", what, near.nearest, called ? "" : " known here: ", list);
  else status = gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "%s%s%s", what, called ? "; expected one such as grad, dot, sin" : known, list);
  gkt_text_free(&names);
  return status;
}

static bool is_known(const gkt_scope *s, const char *name) {
  return gkt_scope_find_function(s, name) >= 0 || gkt_scope_find_constant(s, name) >= 0 || gkt_scope_find_named(s, name) >= 0;
}

static gkt_status copy_word(const gkt_typing *t, char **out) {
  const gkt_ast_node *node = &t->ast->nodes[t->current];
  size_t n = (size_t)(node->word_end - node->word_begin);
  GKT_TRY(gkt_calloc(t->scope->ctx, (gkt_size)n + 1, 1, out));
  memcpy(*out, t->ast->source->text + node->word_begin, n);
  return GKT_OK;
}

gkt_status gkt_type_unknown_function(gkt_typing *t) {
  char *word;
  GKT_TRY(copy_word(t, &word));
  gkt_value ignored;
  bool value = type_reserved(t, word, &ignored) || is_known(t->scope, word);
  gkt_status status =
      value ? gkt_type_fail_word(t, GKT_BAD_INPUT, t->current, "a value, not a function; expected '*' before '(', or an index in [ ]") : fail_unknown(t, word, true);
  gkt_free(&word);
  return status;
}

static gkt_status resolve(gkt_typing *t, const char *word, gkt_value *out) {
  if (type_reserved(t, word, out)) return GKT_OK;
  const gkt_scope *s = t->scope;
  const char *usage = gkt_builtin_usage(word);
  if (usage) return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "a function needs its arguments; expected %s", usage);
  int external = gkt_scope_find_external(s, word);
  if (external >= 0) {
    char text[GKT_USAGE];
    gkt_external_usage(gkt_graph_get_externals(s->graph)->records[external], text);
    return gkt_type_fail(t, GKT_BAD_INPUT, t->current, "a function needs its arguments; expected %s", text);
  }
  int function = gkt_scope_find_function(s, word), constant = gkt_scope_find_constant(s, word), named = gkt_scope_find_named(s, word);
  if (function >= 0) {
    *out = gkt_value_terminals(s, GKT_TERM_VALUE, function, s->functions[function].shape);
    return use_function(t, function, NULL);
  }
  if (constant >= 0) *out = gkt_value_terminals(s, GKT_TERM_CONSTANT, constant, gkt_shape_scalar());
  else if (named >= 0) return type_named(t, named, out);
  else return fail_unknown(t, word, false);
  return GKT_OK;
}

gkt_status gkt_type_name(gkt_typing *t, gkt_value *out) {
  char *word;
  GKT_TRY(copy_word(t, &word));
  gkt_status status = resolve(t, word, out);
  gkt_free(&word);
  return status;
}
