/* The names a text may use. One namespace, in any order: named expressions are parsed and typed when they are first needed. */
#include <string.h>

#include "forms/type.h"

gkt_status gkt_scope_create(gkt_context *ctx, int dim, gkt_scope **out) {
  gkt_scope *scope;
  if (dim < 1 || dim > 3) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "gkt_scope_create: dim is %d; expected 1, 2 or 3", dim);
  GKT_TRY(gkt_calloc(ctx, 1, sizeof *scope, &scope));
  scope->ctx = gkt_context_retain(ctx);
  scope->dim = dim;
  gkt_status status = gkt_graph_create(ctx, &scope->graph);
  if (status != GKT_OK) gkt_scope_destroy(&scope);
  else *out = scope;
  return status;
}

gkt_scope *gkt_scope_retain(const gkt_scope *scope) {
  gkt_scope *s = (gkt_scope *)scope;
  gkt_refs_add(&s->refs);
  return s;
}

void gkt_scope_destroy(gkt_scope **handle) {
  gkt_scope *s = *handle;
  *handle = NULL;
  if (!s || !gkt_refs_drop(&s->refs)) return;
  for (int i = 0; i < s->num_functions; i++) gkt_free(&s->functions[i].name);
  for (int i = 0; i < s->num_constants; i++) gkt_free(&s->constants[i]);
  for (int i = 0; i < s->num_expressions; i++) {
    gkt_free(&s->expressions[i].name);
    gkt_source_free(&s->expressions[i].source);
  }
  gkt_free(&s->functions);
  gkt_free(&s->constants);
  gkt_free(&s->expressions);
  gkt_free(&s->flat);
  gkt_graph_destroy(&s->graph);
  gkt_context_destroy(&s->ctx);
  gkt_free(&s);
}

/* ---- lookup ---- */
int gkt_scope_num_functions(const gkt_scope *s) { return s->num_functions; }
int gkt_scope_num_constants(const gkt_scope *s) { return s->num_constants; }
static bool has_function(const gkt_scope *s, int function) { return function >= 0 && function < s->num_functions; }

const char *gkt_scope_function_name(const gkt_scope *s, int function) { return has_function(s, function) ? s->functions[function].name : ""; }
gkt_shape gkt_scope_function_shape(const gkt_scope *s, int function) { return has_function(s, function) ? s->functions[function].shape : gkt_shape_scalar(); }
gkt_element gkt_scope_function_element(const gkt_scope *s, int function) { return has_function(s, function) ? s->functions[function].element : (gkt_element){0}; }

int gkt_scope_find_function(const gkt_scope *s, const char *name) {
  for (int i = 0; i < s->num_functions; i++)
    if (!strcmp(s->functions[i].name, name)) return i;
  return -1;
}

int gkt_scope_find_constant(const gkt_scope *s, const char *name) {
  for (int i = 0; i < s->num_constants; i++)
    if (!strcmp(s->constants[i], name)) return i;
  return -1;
}

int gkt_scope_find_named(const gkt_scope *s, const char *name) {
  for (int i = 0; i < s->num_expressions; i++)
    if (!strcmp(s->expressions[i].name, name)) return i;
  return -1;
}

/* ---- declarations ---- */
static const char *meaning_of(const gkt_scope *s, const char *name) {
  int function = gkt_scope_find_function(s, name);
  if (function >= 0) return s->functions[function].role == GKT_ROLE_FIELD ? "a field" : s->functions[function].role == GKT_ROLE_TEST ? "a test function" : "a coefficient";
  if (gkt_scope_find_constant(s, name) >= 0) return "a constant";
  if (gkt_scope_find_external(s, name) >= 0) return "a custom function";
  return gkt_scope_find_named(s, name) >= 0 ? "an expression" : NULL;
}

gkt_status gkt_scope_check_name(const gkt_scope *s, const char *name) {
  const char *taken = meaning_of(s, name);
  if (!gkt_is_name(name)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%.60s': not a name; expected a letter, then letters, digits and _", name);
  if (strlen(name) > 63) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%.60s...': the name is too long; expected at most 63 letters", name);
  if (gkt_is_reserved(name)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': reserved by the language; expected another name", name);
  if (taken)
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': is %s already; expected another name (fields, tests, constants, coefficients and let share one set of names)", name, taken);
  return GKT_OK;
}

gkt_status gkt_scope_check_shape(const gkt_scope *s, gkt_shape shape) {
  int rank = shape.rank, m = shape.dims[0], n = shape.dims[1];
  bool fits = (rank == 0 && m == 1 && n == 1) || (rank == 1 && m >= 1 && m <= 9 && n == 1) || (rank == 2 && m >= 1 && m <= 3 && n >= 1 && n <= 3);
  if (fits) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "a function of shape rank %d, %d x %d; expected a scalar, a vector of at most 9 or a matrix of at most 3x3", rank, m, n);
}

gkt_status gkt_scope_check_count(const gkt_scope *s, const char *name) {
  return s->num_functions < INT16_MAX ? GKT_OK : gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': more than %d functions", name, INT16_MAX);
}

static gkt_status check_function(const gkt_scope *s, gkt_role role, gkt_shape shape, gkt_element e) {
  int least, most;
  GKT_TRY(gkt_scope_check_shape(s, shape));
  if ((int)e.kind < 0 || (int)e.kind >= GKT_NUM_ELEMENT_KINDS) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "an element of kind %d; expected a gkt_element_kind", (int)e.kind);
  gkt_element_degrees(e.kind, &least, &most);
  if (e.degree < least || e.degree > most) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "a function of degree %d; expected %d to %d", e.degree, least, most);
  if (e.kind == GKT_QUADRATURE_POINTS && role != GKT_ROLE_COEFFICIENT)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "a field of values at quadrature points; expected a coefficient, no unknown");
  return GKT_OK;
}

static gkt_status add_function(gkt_scope *s, const char *name, gkt_role role, gkt_shape shape, gkt_element element, int *out) {
  GKT_TRY(gkt_scope_check_name(s, name));
  GKT_TRY(check_function(s, role, shape, element));
  GKT_TRY(gkt_scope_check_count(s, name));
  GKT_TRY(gkt_realloc(s->ctx, s->num_functions + 1, sizeof *s->functions, &s->functions));
  gkt_function *f = &s->functions[s->num_functions];
  *f = (gkt_function){.role = role, .shape = shape, .element = element, .partner = -1, .rates = {-1, -1}, .shifts = {-1, -1, -1}};
  GKT_TRY(gkt_strdup(s->ctx, name, &f->name));
  *out = s->num_functions++;
  return GKT_OK;
}

gkt_status gkt_scope_add_coefficient(gkt_scope *s, const char *name, gkt_shape shape, gkt_element element, int *function) {
  return add_function(s, name, GKT_ROLE_COEFFICIENT, shape, element, function);
}

gkt_status gkt_scope_follow_time(gkt_scope *s, int coefficient) {
  if (coefficient < 0 || coefficient >= s->num_functions || s->functions[coefficient].role != GKT_ROLE_COEFFICIENT)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "scope: function %d is no discrete coefficient; expected the number of one whose values depend on t", coefficient);
  s->functions[coefficient].follows_time = true;
  return GKT_OK;
}

gkt_status gkt_scope_add_field(gkt_scope *s, const char *name, const char *test, gkt_shape shape, gkt_element element, int *function) {
  int field, partner;
  GKT_TRY(add_function(s, name, GKT_ROLE_FIELD, shape, element, &field));
  gkt_status status = test ? add_function(s, test, GKT_ROLE_TEST, shape, element, &partner) : GKT_OK;
  if (status != GKT_OK) { /* refused means unchanged */
    gkt_free(&s->functions[--s->num_functions].name);
    return status;
  }
  if (test) {
    s->functions[field].partner = partner;
    s->functions[partner].partner = field;
  }
  *function = field;
  return s->has_rates ? gkt_scope_add_shift(s, field, 0) : GKT_OK;
}

gkt_status gkt_scope_add_constant(gkt_scope *s, const char *name, int *constant) {
  GKT_TRY(gkt_scope_check_name(s, name));
  if (s->num_constants == INT16_MAX) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': more than %d constants", name, INT16_MAX);
  GKT_TRY(gkt_realloc(s->ctx, s->num_constants + 1, sizeof *s->constants, &s->constants));
  GKT_TRY(gkt_strdup(s->ctx, name, &s->constants[s->num_constants]));
  *constant = s->num_constants++;
  return GKT_OK;
}

gkt_status gkt_scope_add_expression(gkt_scope *s, const char *name, const gkt_source *source, bool allow_fields) {
  GKT_TRY(gkt_scope_check_name(s, name));
  GKT_TRY(gkt_realloc(s->ctx, s->num_expressions + 1, sizeof *s->expressions, &s->expressions));
  struct gkt_named_expression *e = &s->expressions[s->num_expressions];
  *e = (struct gkt_named_expression){.allow_fields = allow_fields, .state = GKT_NAMED_UNTYPED, .asked_by = -1, .field = -1, .test = -1};
  GKT_TRY(gkt_strdup(s->ctx, name, &e->name));
  gkt_status status = gkt_source_copy(s->ctx, source, &e->source);
  if (status != GKT_OK) gkt_free(&e->name);
  else s->num_expressions++;
  return status;
}

/* ---- named expressions ---- */
static gkt_status type_expression(gkt_scope *s, struct gkt_named_expression *e, int named) {
  gkt_typing t = {.scope = s, .named = named, .allow_fields = e->allow_fields, .allow_tests = e->allow_fields, .who = "a coefficient without a space"};
  gkt_ast *ast = NULL;
  gkt_status status;
  GKT_GO(gkt_ast_parse(s->ctx, &e->source, false, &ast));
  t.ast = ast;
  GKT_GO(gkt_type(&t));
  e->value = t.values[ast->num_nodes - 1].value;
  e->field = t.field;
  e->test = t.test;
done:
  gkt_typing_free(&t);
  gkt_ast_destroy(&ast);
  return status;
}

gkt_status gkt_scope_value(gkt_scope *s, int named, int asked_by, const struct gkt_named_expression **out) {
  struct gkt_named_expression *e = &s->expressions[named];
  if (e->state == GKT_NAMED_UNTYPED) {
    e->state = GKT_NAMED_BUSY;
    e->asked_by = asked_by;
    gkt_status status = type_expression(s, e, named);
    e->state = status == GKT_OK ? GKT_NAMED_TYPED : GKT_NAMED_UNTYPED;
    GKT_TRY(status);
  }
  *out = e;
  return GKT_OK;
}

gkt_status gkt_scope_check(gkt_scope *s) {
  const struct gkt_named_expression *e;
  for (int i = 0; i < s->num_expressions; i++) GKT_TRY(gkt_scope_value(s, i, -1, &e));
  return GKT_OK;
}
