/* What a material remembers at quadrature points: coefficients that the system keeps, and replaces when a step has converged. */
#include <string.h>

#include "assembly/assembler.h"
#include "assembly/backend.h"
#include "assembly/find_nonfinite.h"
#include "forms/form.h"
#include "spaces/space.h"
#include "systems/system.h"

/* ---- looking them up ---- */
gkt_system_history_values *gkt_system_find_history(const gkt_system *s, int function) {
  for (int i = 0; i < s->num_histories; i++)
    if (s->histories[i].function == function) return &s->histories[i];
  return NULL;
}

static gkt_system_history_values *find(const gkt_system *s, const char *name) { return gkt_system_find_history(s, gkt_scope_find_function(s->scope, name)); }

const gkt_scalar *gkt_system_history(const gkt_system *s, const char *name) {
  const gkt_system_history_values *h = find(s, name);
  return h ? h->now : NULL;
}

const gkt_scalar *gkt_system_get_history(const gkt_system *s, int i, const char **name, gkt_size *count) {
  if (i < 0 || i >= s->num_histories) return NULL;
  const gkt_system_history_values *h = &s->histories[i];
  *name = gkt_scope_function_name(s->scope, h->function), *count = gkt_space_num_dofs(s->spaces[h->function]);
  return h->now;
}

/* ---- what is refused ---- */
static bool is_at_points(const gkt_system *s, int function) {
  return function >= 0 && function < s->num_functions && s->scope->functions[function].role == GKT_ROLE_COEFFICIENT &&
         s->scope->functions[function].element.kind == GKT_QUADRATURE_POINTS;
}

static gkt_status check_expression(const gkt_system *s, const char *name, int function, const gkt_expression *e, const char *what) {
  const gkt_shape a = e->value.shape, b = gkt_scope_function_shape(s->scope, function);
  int degree;
  if (e->scope != s->scope) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: %s of the history '%s' is of another scope than the form", what, name);
  if (!gkt_expression_is_zero(e) && !gkt_shapes_are_equal(a, b))
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s of '%s' has another shape (%d components, rank %d); expected its own (%d, rank %d)", what, name, gkt_shape_size(a), a.rank,
                    gkt_shape_size(b), b.rank);
  if (gkt_expression_uses_normal(e)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "n has no meaning inside of cells; expected %s of '%s' without it", what, name);
  GKT_TRY(gkt_expression_points(e, &degree));
  if (degree < 0 || degree == gkt_space_element(s->spaces[function]).degree) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s of '%s', at the points of dx(degree=%d), holds values at those of dx(degree=%d); expected one degree", what, name,
                  gkt_space_element(s->spaces[function]).degree, degree);
}

static bool is_state(const gkt_terminal *t, const void *scope) { return gkt_is_of_unknowns(scope, t) || gkt_is_at_points(t, scope); }

static gkt_status check_initial(const gkt_system *s, const char *name, const gkt_expression *e) {
  if (!gkt_expression_has_terminal(e, is_state, s->scope)) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_INPUT, "what '%s' is at the start holds an unknown or a history; expected x, t, constants and coefficients only", name);
}

static gkt_status check(const gkt_system *s, const gkt_history *h, int *function) {
  *function = gkt_scope_find_function(s->scope, h->name);
  if (!is_at_points(s, *function))
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' is no coefficient at quadrature points of the form's scope; expected one as a history", h->name);
  if (!s->spaces[*function]) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no space is given for the history '%s'", h->name);
  if (gkt_system_find_history(s, *function)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: the history '%s' is given twice", h->name);
  if (!h->update) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no update is given for the history '%s'", h->name);
  GKT_TRY(check_expression(s, h->name, *function, h->update, "the update"));
  if (!h->initial) return GKT_OK;
  GKT_TRY(check_expression(s, h->name, *function, h->initial, "the initial value"));
  return check_initial(s, h->name, h->initial);
}

/* ---- values ---- */
/* values '='; text: "" or where they are not finite */
static gkt_status evaluate(const gkt_system *s, int function, const gkt_expression *e, const gkt_inputs *inputs, gkt_scalar *values, gkt_text *text) {
  const gkt_space *space = s->spaces[function];
  const int n = gkt_space_block_size(space);
  gkt_nonfinite found;
  gkt_idx i = 0;
  GKT_TRY(gkt_interpolate(e, space, inputs, values));
  while (i < gkt_space_num_nodes(space) && gkt_is_finite(n, values + (gkt_size)i * n)) i++;
  if (i == gkt_space_num_nodes(space)) return GKT_OK;
  GKT_TRY(gkt_find_nonfinite_node(e, space, inputs, i, &found));
  gkt_text_printf(text, "the history '%s' ", gkt_scope_function_name(s->scope, function));
  gkt_nonfinite_print(&found, s->dim, "at", text);
  return text->status;
}

static gkt_status start(gkt_system *s, gkt_system_history_values *h) {
  const gkt_size size = (gkt_size)gkt_space_num_dofs(s->spaces[h->function]) * (gkt_size)sizeof *h->now;
  gkt_text text = {.ctx = s->ctx};
  gkt_status status = GKT_OK;
  gkt_system_look_at(s, s->inputs.time);
  if (h->initial) GKT_GO(evaluate(s, h->function, h->initial, &s->inputs, h->next, &text));
  else memset(h->next, 0, (size_t)size);
  if (text.length) status = gkt_fail(s->ctx, GKT_BAD_INPUT, "%s; expected finite values at the start", text.data);
  else memcpy(h->now, h->next, (size_t)size);
done:
  gkt_text_free(&text);
  return status;
}

static void destroy(gkt_system_history_values *h) {
  gkt_expression *initial = (gkt_expression *)h->initial, *update = (gkt_expression *)h->update;
  if (initial) gkt_expression_destroy(&initial);
  if (update) gkt_expression_destroy(&update);
  gkt_free(&h->now);
  gkt_free(&h->next);
}

static gkt_status create(gkt_system *s, const gkt_history *given, gkt_system_history_values *h) {
  const gkt_idx n = gkt_space_num_dofs(s->spaces[h->function]);
  GKT_TRY(gkt_calloc(s->ctx, n, sizeof *h->now, &h->now));
  GKT_TRY(gkt_calloc(s->ctx, n, sizeof *h->next, &h->next));
  h->initial = given->initial ? gkt_expression_retain(given->initial) : NULL;
  h->update = gkt_expression_retain(given->update);
  return start(s, h);
}

gkt_status gkt_system_add_history(gkt_system *s, const gkt_history *given) {
  gkt_system_history_values h = {0};
  gkt_status status;
  GKT_GO(check(s, given, &h.function));
  GKT_GO(create(s, given, &h));
  GKT_GO(gkt_realloc(s->ctx, s->num_histories + 1, sizeof *s->histories, &s->histories));
  s->histories[s->num_histories++] = h;
  gkt_system_set_values(s, h.function, h.now);
  return GKT_OK;
done:
  destroy(&h);
  return status;
}

gkt_status gkt_system_start_histories(gkt_system *s) {
  for (int i = 0; i < s->num_histories; i++) {
    GKT_TRY(start(s, &s->histories[i]));
    gkt_system_set_values(s, s->histories[i].function, s->histories[i].now);
  }
  return GKT_OK;
}

gkt_status gkt_system_set_history(gkt_system *s, const char *name, const gkt_scalar *values) {
  gkt_system_history_values *h = find(s, name);
  if (!h) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: '%s' is no history; expected the name of one that was added", name);
  memcpy(h->now, values, (size_t)gkt_space_num_dofs(s->spaces[h->function]) * sizeof *values);
  gkt_system_set_values(s, h->function, h->now);
  return GKT_OK;
}

void gkt_system_clear_histories(gkt_system *s) {
  for (int i = 0; i < s->num_histories; i++) destroy(&s->histories[i]);
  gkt_free(&s->histories);
}

/* ---- steps ---- */
static void tell_place(gkt_system *s) {
  if (!s->told_updates && s->tangent_assembler && s->tangent_assembler->backend->on_device) gkt_log(s->ctx, GKT_LOG_NOTICE, "updates of histories are evaluated on the host");
  s->told_updates = true;
}

static void replace(gkt_system *s) {
  for (int i = 0; i < s->num_histories; i++) {
    gkt_system_history_values *h = &s->histories[i];
    gkt_scalar *before = h->now;
    h->now = h->next, h->next = before;
    gkt_system_set_values(s, h->function, h->now);
  }
}

gkt_status gkt_system_commit(gkt_system *s, const gkt_state *state, size_t size, char *text) {
  gkt_text what = {.ctx = s->ctx};
  gkt_inputs inputs;
  gkt_status status = GKT_OK;
  if (size) text[0] = 0;
  if (!s->num_histories) return GKT_OK;
  tell_place(s);
  GKT_TRY(gkt_system_inputs(s, state, &inputs));
  for (int i = 0; i < s->num_histories && !what.length; i++) GKT_GO(evaluate(s, s->histories[i].function, s->histories[i].update, &inputs, s->histories[i].next, &what));
  if (what.length) snprintf(text, size, "%s", what.data);
  else replace(s);
done:
  gkt_text_free(&what);
  return status;
}
