/* History: values at quadrature points that the file names and says the updates of; the system keeps them. */
#include <string.h>

#include "forms/form.h"
#include "problem/problem.h"

gkt_status gkt_problem_declare_histories(gkt_problem *p) {
  int number;
  for (int i = 0; i < p->settings->num_histories; i++) {
    const gkt_history_settings *h = &p->settings->histories[i];
    GKT_TRY(gkt_scope_add_coefficient(p->scope, h->name.text, gkt_problem_shape(h->rank, h->size, p->dim), (gkt_element){GKT_QUADRATURE_POINTS, h->degree}, &number));
  }
  return GKT_OK;
}

/* ---- is there one who reads it? ---- */
static bool holds(const gkt_expression *e, int function) { return e && gkt_expression_depends_on(e, function); }

static bool reads(const gkt_result *results, int n, int function) {
  for (int i = 0; i < n; i++)
    if ((results[i].form && gkt_form_depends_on(results[i].form, function)) || (!results[i].is_derived && holds(results[i].expression, function))) return true;
  return false;
}

static bool is_read(const gkt_problem *p, int i, int function) {
  const gkt_settings *s = p->settings;
  bool read = gkt_form_depends_on(p->form, function) || reads(p->compute, s->num_compute, function) || reads(p->probes, s->num_probes, function) || holds(p->color, function) ||
              holds(p->warp, function);
  for (int k = 0; k < s->output.num_fields; k++) read = read || holds(p->outputs[k], function);
  for (int k = 0; k < s->num_histories; k++) read = read || (k != i && holds(p->histories[2 * k + 1], function));
  return read;
}

/* ---- expressions ---- */
/* At points of cells, of the history's shape. */
static gkt_status parse(gkt_problem *p, const gkt_source *source, const gkt_history_settings *h, gkt_expression **out) {
  GKT_TRY(gkt_expression_parse(p->scope, source, out));
  GKT_TRY(gkt_problem_check_rates(p, source, *out, NULL));
  if (gkt_expression_uses_normal(*out))
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "n has no meaning inside of cells; expected x, t, constants, coefficients, fields and histories");
  return gkt_problem_check_shape(p, source, *out, gkt_problem_shape(h->rank, h->size, p->dim));
}

static bool holds_any(const gkt_expression *e) { return gkt_expression_has_terminal(e, gkt_is_at_points, e->scope); }

gkt_status gkt_problem_refuse_history(gkt_problem *p, const gkt_source *source, const gkt_expression *e) {
  if (!holds_any(e)) return GKT_OK;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source,
                                 "it holds a history, which has values at points inside of cells only; expected x, t, constants and other coefficients only");
}

static gkt_status parse_initial(gkt_problem *p, const gkt_history_settings *h, gkt_expression **out) {
  if (!h->initial.text) return GKT_OK;
  GKT_TRY(parse(p, &h->initial, h, out));
  const bool bad = holds_any(*out);
  if (!bad && !gkt_expression_uses_fields(*out)) return GKT_OK;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &h->initial, "what a history is at the start holds %s; expected x, t, constants and coefficients only",
                                 bad ? "a history" : "an unknown");
}

static gkt_status check_degree(gkt_problem *p, const gkt_history_settings *h, const gkt_expression *update) {
  gkt_points_found found;
  GKT_TRY(gkt_points_find(p->scope, gkt_shape_size(update->value.shape), update->value.nodes, &found));
  const int other = found.other >= 0 && found.degree == h->degree ? found.other : found.function;
  if (found.function < 0 || gkt_scope_function_element(p->scope, other).degree == h->degree) return GKT_OK;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &h->update, "'%s' stands at the points of degree %d, '%s' at those of degree %d; expected the same points",
                                 gkt_scope_function_name(p->scope, other), gkt_scope_function_element(p->scope, other).degree, h->name.text, h->degree);
}

gkt_status gkt_problem_parse_histories(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  GKT_TRY(gkt_calloc(p->ctx, 2 * s->num_histories, sizeof *p->histories, &p->histories));
  for (int i = 0; i < s->num_histories; i++) {
    const gkt_history_settings *h = &s->histories[i];
    GKT_TRY(parse_initial(p, h, &p->histories[2 * i]));
    GKT_TRY(parse(p, &h->update, h, &p->histories[2 * i + 1]));
    GKT_TRY(check_degree(p, h, p->histories[2 * i + 1]));
  }
  return GKT_OK;
}

gkt_status gkt_problem_check_histories(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_histories; i++)
    if (!is_read(p, i, gkt_scope_find_function(p->scope, s->histories[i].name.text)))
      return gkt_problem_refuse(p, GKT_BAD_INPUT, &s->histories[i].name,
                                "nothing reads it; expected it in the equation, a result, an output or another update, or no such history");
  return GKT_OK;
}

/* ---- values ---- */
gkt_status gkt_problem_add_histories(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  if (s->num_histories) GKT_TRY(gkt_system_set_time(p->system, s->time.start));
  for (int i = 0; i < s->num_histories; i++) {
    const gkt_history h = {s->histories[i].name.text, p->histories[2 * i], p->histories[2 * i + 1]};
    GKT_TRY(gkt_problem_place(p, gkt_system_add_history(p->system, &h), &s->histories[i].name));
  }
  return GKT_OK;
}

gkt_status gkt_problem_start_histories(gkt_problem *p) {
  if (!p->settings->num_histories) return GKT_OK;
  GKT_TRY(gkt_system_set_time(p->system, p->settings->time.start));
  return gkt_system_start_histories(p->system);
}

gkt_status gkt_problem_commit(gkt_problem *p) {
  const gkt_state state = gkt_system_state(p->system, p->u);
  GKT_TRY(gkt_system_commit(p->system, &state, sizeof p->reason, p->reason));
  p->valid = !p->reason[0];
  return GKT_OK;
}
