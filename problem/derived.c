/* Results made from results, `ratio: "flux_out/flux_in"`: numbers only. They have a scope of their own, in which other results and the problem's constants are constants, its reals
   are coefficients, and results made from results are named expressions, as are names of `let` that hold constants and reals only: so any order will do, and a cycle is named. */
#include <math.h>
#include <string.h>

#include "forms/type.h"
#include "problem/not_finite.h"
#include "problem/file/schema.h"

static bool is_measure(const char *name, const void *user) {
  (void)user;
  return gkt_word_in(name, "dx ds dP");
}

static bool is_rate(const char *name, const void *user) {
  (void)user;
  return gkt_word_in(name, "dt dtt");
}

/* A name that has values in space: this was meant to be an integral. */
static bool varies(const char *name, const void *user) {
  const gkt_problem *p = user;
  if (gkt_scope_find_constant(p->results, name) >= 0 || gkt_scope_find_named(p->results, name) >= 0 || gkt_scope_find_function(p->results, name) >= 0) return false;
  return gkt_word_in(name, "x n h t") || gkt_scope_find_function(p->scope, name) >= 0 || gkt_scope_find_named(p->scope, name) >= 0;
}

static bool is_number(const gkt_expression *e) { return e->value.shape.rank == 0 && !gkt_expression_varies(e) && !gkt_expression_uses_time(e); }

/* ---- the scope ---- */
static bool is_taken(const gkt_problem *p, const char *name) {
  return gkt_is_reserved(name) || gkt_scope_find_constant(p->results, name) >= 0 || gkt_scope_find_named(p->results, name) >= 0 || gkt_scope_find_function(p->results, name) >= 0;
}

/* Before results, so that `c: "c"` is the value of c. */
static gkt_status add_reals(gkt_problem *p) {
  int number;
  for (int f = 0; f < gkt_scope_num_functions(p->scope); f++) {
    if (gkt_scope_function_element(p->scope, f).kind != GKT_REAL || p->scope->functions[f].role == GKT_ROLE_TEST) continue;
    GKT_TRY(gkt_scope_add_coefficient(p->results, gkt_scope_function_name(p->scope, f), gkt_scope_function_shape(p->scope, f), gkt_scope_function_element(p->scope, f), &number));
    if (p->scope->functions[f].follows_time) GKT_TRY(gkt_scope_follow_time(p->results, number));
  }
  return GKT_OK;
}

/* A result whose name is a word of the language cannot be spoken of. */
static gkt_status add_results(gkt_problem *p) {
  int number;
  for (int i = 0; i < p->settings->num_compute; i++) {
    const gkt_compute_settings *c = &p->settings->compute[i];
    if (is_taken(p, c->name.text)) continue;
    if (p->compute[i].is_derived) GKT_TRY(gkt_scope_add_expression(p->results, c->name.text, &c->source, false));
    else GKT_TRY(gkt_scope_add_constant(p->results, c->name.text, &number));
  }
  return GKT_OK;
}

static gkt_status add_constants(gkt_problem *p) {
  int number;
  for (int i = 0; i < p->settings->num_constants; i++)
    if (!is_taken(p, p->settings->constants[i].name.text)) GKT_TRY(gkt_scope_add_constant(p->results, p->settings->constants[i].name.text, &number));
  return GKT_OK;
}

/* Those that are numbers: seen with the problem's own scope. */
static gkt_status add_lets(gkt_problem *p) {
  for (int i = 0; i < p->settings->num_lets; i++) {
    const gkt_named_source *let = &p->settings->lets[i];
    const struct gkt_named_expression *value;
    GKT_TRY(gkt_scope_value(p->scope, gkt_scope_find_named(p->scope, let->name.text), -1, &value));
    gkt_expression e = {.scope = p->scope, .value = value->value};
    if (!is_taken(p, let->name.text) && is_number(&e)) GKT_TRY(gkt_scope_add_expression(p->results, let->name.text, &let->source, false));
  }
  return GKT_OK;
}

static gkt_status refuse_integrals(gkt_problem *p) {
  for (int i = 0; i < p->settings->num_compute; i++) {
    const gkt_source *source = &p->settings->compute[i].source;
    gkt_token found = {.kind = GKT_TOKEN_END};
    if (!p->compute[i].is_derived) continue;
    GKT_TRY(gkt_lex_find_name(p->ctx, source, is_rate, NULL, &found));
    if (found.kind != GKT_TOKEN_END)
      return gkt_source_fail(p->ctx, GKT_BAD_INPUT, source, found.begin, found.end,
                             "the rate of a number that is made from results, of which none is known; expected rates within an integral, as dt(u)*dx");
    GKT_TRY(gkt_lex_find_name(p->ctx, source, varies, p, &found));
    if (found.kind != GKT_TOKEN_END)
      return gkt_source_fail(p->ctx, GKT_BAD_INPUT, source, found.begin, found.end,
                             "it varies in space, and no measure integrates it; expected integrand*dx or integrand*ds, or a number made from other results and constants");
  }
  return GKT_OK;
}

static gkt_status parse(gkt_problem *p, const gkt_compute_settings *c, gkt_result *r) {
  GKT_TRY(gkt_expression_parse(p->results, &c->source, &r->expression));
  GKT_TRY(gkt_problem_check_shape(p, &c->source, r->expression, gkt_shape_scalar()));
  if (is_number(r->expression)) return GKT_OK;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &c->source, "this varies in space; expected a number made from other results and constants, or an integral");
}

gkt_status gkt_problem_find_derived(gkt_problem *p) {
  gkt_token measure;
  for (int i = 0; i < p->settings->num_compute; i++) {
    const gkt_compute_settings *c = &p->settings->compute[i];
    if (c->kind != GKT_COMPUTE_FUNCTIONAL) continue;
    GKT_TRY(gkt_lex_find_name(p->ctx, &c->source, is_measure, NULL, &measure));
    p->compute[i].is_derived = measure.kind == GKT_TOKEN_END;
    p->num_derived += p->compute[i].is_derived;
  }
  return GKT_OK;
}

gkt_status gkt_problem_parse_derived(gkt_problem *p) {
  if (!p->num_derived) return GKT_OK;
  GKT_TRY(gkt_scope_create(p->ctx, p->dim, &p->results));
  GKT_TRY(add_reals(p));
  GKT_TRY(add_results(p));
  GKT_TRY(add_constants(p));
  GKT_TRY(add_lets(p));
  GKT_TRY(refuse_integrals(p));
  for (int i = 0; i < p->settings->num_compute; i++)
    if (p->compute[i].is_derived) GKT_TRY(parse(p, &p->settings->compute[i], &p->compute[i]));
  return gkt_calloc(p->ctx, gkt_scope_num_constants(p->results), sizeof *p->result_values, &p->result_values);
}

/* ---- values ---- */
static void set_value(const gkt_problem *p, const char *name, double value) {
  int number = gkt_scope_find_constant(p->results, name);
  if (number >= 0) p->result_values[number] = value;
}

/* Reals have their values in any cell: in the first, at a vertex. Without them no cell is needed. */
static gkt_status evaluate(gkt_problem *p, const gkt_inputs *inputs, const gkt_expression *e, gkt_scalar *out) {
  const double nowhere[3] = {0};
  const gkt_idx cell = 0;
  if (!gkt_expression_uses_functions(e)) return gkt_evaluate_at(e, p->dim, inputs, 1, nowhere, out);
  return gkt_evaluate(e, p->mesh, inputs, 1, &cell, nowhere, NULL, out);
}

static gkt_status warn(gkt_problem *p, const gkt_source *source, const gkt_expression *e, const gkt_inputs *inputs) {
  const double nowhere[3] = {0};
  const bool in_cell = gkt_expression_uses_functions(e);
  gkt_location at = {.cell = in_cell ? 0 : -1, .xi = in_cell ? nowhere : NULL};
  gkt_nonfinite found;
  gkt_text t = {.ctx = p->ctx};
  GKT_TRY(gkt_find_nonfinite_at(e, p->mesh, inputs, &at, &found));
  gkt_source_describe(source, &t);
  if (t.data) gkt_problem_warn(p, "%snot finite: %s; the report holds null", t.data, found.what);
  gkt_text_free(&t);
  return t.status;
}

static gkt_status compute(gkt_problem *p, const gkt_inputs *inputs) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_constants; i++) /* of now: controls and draws are not what the file says */
    set_value(p, s->constants[i].name.text, p->constants[gkt_scope_find_constant(p->scope, s->constants[i].name.text)]);
  for (int i = 0; i < s->num_compute; i++) set_value(p, s->compute[i].name.text, p->compute[i].values[0]); /* a result goes before a constant of its name */
  for (int i = 0; i < s->num_compute; i++) {
    gkt_result *r = &p->compute[i];
    if (!r->is_derived) continue;
    GKT_TRY(evaluate(p, inputs, r->expression, &r->values[0]));
    if (!isfinite(r->values[0])) GKT_TRY(warn(p, &s->compute[i].source, r->expression, inputs));
  }
  return GKT_OK;
}

gkt_status gkt_problem_compute_derived(gkt_problem *p) {
  const gkt_space **spaces = NULL;
  const gkt_scalar **values = NULL;
  gkt_status status = GKT_OK;
  if (!p->results) return GKT_OK;
  GKT_GO(gkt_calloc(p->ctx, gkt_scope_num_functions(p->results), sizeof *spaces, &spaces));
  GKT_GO(gkt_calloc(p->ctx, gkt_scope_num_functions(p->results), sizeof *values, &values));
  for (int f = 0; f < gkt_scope_num_functions(p->results); f++) {
    int function = gkt_scope_find_function(p->scope, gkt_scope_function_name(p->results, f));
    spaces[f] = p->spaces[function], values[f] = p->values[function];
  }
  GKT_GO(compute(p, &(gkt_inputs){.spaces = spaces, .values = values, .constants = p->result_values}));
done:
  gkt_free(&spaces);
  gkt_free(&values);
  return status;
}
