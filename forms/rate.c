/* dt and dtt of any expression by the chain rule: de/dt = sum over the values z in e of de/dz * dz/dt, plus the part through t itself. The rate of a field is a function of its
   own, "dt(u)", of the field's shape and element, so that whatever reads functions reads rates. Places do not move, and what is given by numbers stays: x, n, h, constants and
   discrete coefficients have no rate. */
#include "forms/type.h"

/* ---- the functions ---- */
/* Names of the language's own, which no declaration can take: they hold a bracket. */
static void print_name(const gkt_scope *s, int field, int order, gkt_text *out) {
  gkt_text_printf(out, order ? "%s(%s)" : "%s%s", order == 0 ? "" : order == 1 ? "dt" : "dtt", s->functions[field].name);
}

gkt_status gkt_scope_add_shift(gkt_scope *s, int field, int order) {
  gkt_text name = {.ctx = s->ctx};
  gkt_text_printf(&name, "shift(");
  print_name(s, field, order, &name);
  gkt_text_printf(&name, ")");
  gkt_status status = name.status;
  if (status == GKT_OK) status = gkt_realloc(s->ctx, s->num_constants + 1, sizeof *s->constants, &s->constants);
  if (status != GKT_OK) {
    gkt_text_free(&name);
    return status;
  }
  s->constants[s->num_constants] = name.data;
  s->functions[field].shifts[order] = s->num_constants++;
  return GKT_OK;
}

/* From the first rate on every field has a shift of its value. */
static gkt_status begin_rates(gkt_scope *s) {
  for (int f = 0; f < s->num_functions; f++)
    if (s->functions[f].role == GKT_ROLE_FIELD && s->functions[f].shifts[0] < 0) GKT_TRY(gkt_scope_add_shift(s, f, 0));
  s->has_rates = true;
  return GKT_OK;
}

static gkt_status add_function(gkt_scope *s, int field, int order, int *out) {
  gkt_text name = {.ctx = s->ctx};
  print_name(s, field, order, &name);
  gkt_status status = name.status;
  if (status == GKT_OK) status = gkt_scope_check_count(s, name.data);
  if (status == GKT_OK) status = gkt_realloc(s->ctx, s->num_functions + 1, sizeof *s->functions, &s->functions);
  if (status != GKT_OK) {
    gkt_text_free(&name);
    return status;
  }
  const gkt_function *f = &s->functions[field];
  s->functions[s->num_functions] =
      (gkt_function){.name = name.data, .role = GKT_ROLE_RATE, .shape = f->shape, .element = f->element, .partner = field, .rates = {-1, -1}, .shifts = {-1, -1, -1}};
  *out = s->functions[field].rates[order - 1] = s->num_functions++;
  return GKT_OK;
}

static gkt_status rate_of(gkt_scope *s, int function, int *out) {
  const gkt_function *f = &s->functions[function];
  const int field = f->role == GKT_ROLE_RATE ? f->partner : function, order = f->role == GKT_ROLE_RATE ? 2 : 1;
  *out = s->functions[field].rates[order - 1];
  if (*out >= 0) return GKT_OK;
  GKT_TRY(begin_rates(s));
  if (s->functions[field].shifts[order] < 0) GKT_TRY(gkt_scope_add_shift(s, field, order));
  return add_function(s, field, order, out);
}

static bool has_order(const gkt_scope *s, int field, int lowest, int order) { return field >= 0 && field < s->num_functions && order >= lowest && order <= 2; }

int gkt_scope_rate(const gkt_scope *s, int field, int order) { return has_order(s, field, 1, order) ? s->functions[field].rates[order - 1] : -1; }
int gkt_scope_shift(const gkt_scope *s, int field, int order) { return has_order(s, field, 0, order) ? s->functions[field].shifts[order] : -1; }

bool gkt_scope_is_shift(const gkt_scope *s, int constant) { return !gkt_is_name(s->constants[constant]); }

bool gkt_form_varies_with(const gkt_form *form, int field) { return gkt_form_depends_on(form, field) || gkt_form_rate_order(form, field) > 0; }

int gkt_form_rate_order(const gkt_form *form, int field) {
  for (int order = 2; order > 0; order--) {
    const int rate = gkt_scope_rate(form->scope, field, order);
    if (rate >= 0 && gkt_form_depends_on(form, rate)) return order;
  }
  return 0;
}

/* ---- typing ---- */
static gkt_status rate_of_function(gkt_typing *t, int argument, gkt_terminal terminal, bool *varies, gkt_node *out) {
  const gkt_function *f = &t->scope->functions[terminal.function];
  int function;
  switch (f->role) {
  case GKT_ROLE_TEST: return gkt_type_fail(t, GKT_BAD_INPUT, argument, "'%s' is a test function, which has no rate; expected dt of a field", f->name);
  case GKT_ROLE_COEFFICIENT:
    if (gkt_is_at_points(&terminal, t->scope)) /* no number that stays, and no rate that is known */
      return gkt_type_fail(t, GKT_BAD_INPUT, argument, "'%s' has values at quadrature points, which follow the steps: it has no rate; expected dt of a field", f->name);
    if (f->follows_time)
      return gkt_type_fail(t, GKT_UNAVAILABLE, argument, "the rate of '%s', a discrete coefficient whose values depend on t, is not available yet; expected a symbolic one",
                           f->name);
    *varies = false;
    return GKT_OK;
  case GKT_ROLE_RATE:
    if (t->scope->functions[f->partner].rates[1] == terminal.function)
      return gkt_type_fail(t, GKT_UNAVAILABLE, t->current, "third derivatives of '%s' by time are not available yet; expected dt and dtt", t->scope->functions[f->partner].name);
    break;
  case GKT_ROLE_TWIN:
  case GKT_ROLE_FIELD: break;
  }
  GKT_TRY(rate_of(t->scope, terminal.function, &function));
  terminal.function = (int16_t)function;
  *out = gkt_graph_terminal(t->scope->graph, terminal);
  return GKT_OK;
}

/* The terminal's rate; *varies: false where there is none. */
static gkt_status rate_of_terminal(gkt_typing *t, int argument, gkt_terminal terminal, bool *varies, gkt_node *out) {
  *varies = true;
  switch ((gkt_term_kind)terminal.kind) {
  case GKT_TERM_VALUE:
  case GKT_TERM_GRAD: return rate_of_function(t, argument, terminal, varies, out);
  case GKT_TERM_TIME: *out = GKT_ONE; return GKT_OK;
  case GKT_TERM_X:
  case GKT_TERM_NORMAL:
  case GKT_TERM_H:
  case GKT_TERM_H_DIRECTION:
  case GKT_TERM_CONSTANT: *varies = false;
  }
  return GKT_OK;
}

static gkt_status find_rates(gkt_typing *t, int argument, const bool *below, gkt_node size, int *count, gkt_node *seeds, gkt_node *rates) {
  bool varies;
  for (gkt_node i = 0; i < size; i++) {
    if (!below[i] || gkt_graph_get(t->scope->graph, i)->op != GKT_OP_TERMINAL) continue;
    GKT_TRY(rate_of_terminal(t, argument, gkt_graph_get(t->scope->graph, i)->terminal, &varies, &rates[*count]));
    if (varies) seeds[(*count)++] = i;
  }
  return GKT_OK;
}

/* inout: an expression, then its rate */
static gkt_status differentiate(gkt_typing *t, int argument, gkt_value *inout) {
  gkt_graph *g = t->scope->graph;
  const int n = gkt_shape_size(inout->shape);
  const gkt_node size = gkt_graph_top(n, inout->nodes) + 1;
  gkt_node *seeds = NULL, *rates = NULL;
  bool *below = NULL;
  int count = 0;
  gkt_status status;
  GKT_GO(gkt_graph_mark(g, n, inout->nodes, &below));
  GKT_GO(gkt_alloc(t->scope->ctx, size, sizeof *seeds, &seeds));
  GKT_GO(gkt_alloc(t->scope->ctx, size, sizeof *rates, &rates));
  GKT_GO(find_rates(t, argument, below, size, &count, seeds, rates));
  GKT_GO(gkt_graph_derive(g, n, inout->nodes, count, seeds, rates, inout->nodes));
  t->work += 2 * (gkt_size)size;
done:
  gkt_free(&below);
  gkt_free(&seeds);
  gkt_free(&rates);
  return status;
}

gkt_status gkt_type_dt(gkt_typing *t, const int *arguments, gkt_value *out) {
  *out = *gkt_value_of(t, arguments[0]);
  return differentiate(t, arguments[0], out);
}

gkt_status gkt_type_dtt(gkt_typing *t, const int *arguments, gkt_value *out) {
  GKT_TRY(gkt_type_dt(t, arguments, out));
  return differentiate(t, arguments[0], out);
}
