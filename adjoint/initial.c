/* Initial values that an expression of controls gives: the chain rule through what nodes take. */
#include <string.h>

#include "adjoint/reverse.h"
#include "spaces/space.h"

static gkt_status find_block(const gkt_adjoint *a, const char *field, int order, int *out) {
  const gkt_system *s = a->s;
  const int function = gkt_scope_find_function(s->scope, field);
  *out = function >= 0 && function < s->num_functions ? gkt_system_find_block(s, function) : -1;
  if (*out < 0 || order < 0 || order > 1) return gkt_fail(a->ctx, GKT_BAD_INPUT, "'%s': no unknown of the system; expected the name of one for its initial values", field);
  for (int i = 0; i < a->num_controls; i++)
    if (a->controls[i].number == *out && a->controls[i].kind == (order ? GKT_CONTROL_INITIAL_RATE : GKT_CONTROL_INITIAL))
      return gkt_fail(a->ctx, GKT_BAD_INPUT, "'%s': its initial values are a control themselves; expected one of the two", field);
  return GKT_OK;
}

static bool holds(const gkt_adjoint_start *start, const gkt_adjoint_control *c) { return gkt_expression_has_terminal(start->value, gkt_adjoint_is_control, c); }

static gkt_status note_use(gkt_adjoint *a, const gkt_adjoint_start *start) {
  for (int i = 0; i < a->num_controls; i++) {
    gkt_adjoint_control *c = &a->controls[i];
    if (!holds(start, c)) continue;
    GKT_TRY(gkt_adjoint_check_interpolated(a, c, start->value, "initial values"));
    c->is_used = c->in_initial = true;
  }
  return GKT_OK;
}

gkt_status gkt_adjoint_start_from(gkt_adjoint *a, const char *field, int order, const gkt_expression *value) {
  gkt_adjoint_start start = {.order = order};
  GKT_NEED(a->ctx, field, "name of a field");
  GKT_NEED(a->ctx, value, "expression");
  GKT_TRY(find_block(a, field, order, &start.block));
  start.value = (gkt_expression *)value;
  GKT_TRY(note_use(a, &start));
  GKT_TRY(gkt_realloc(a->ctx, a->num_starts + 1, sizeof *a->starts, &a->starts));
  start.value = gkt_expression_retain(value);
  a->starts[a->num_starts++] = start;
  return GKT_OK;
}

void gkt_adjoint_clear_starts(gkt_adjoint *a) {
  for (int i = 0; i < a->num_starts; i++) gkt_expression_destroy(&a->starts[i].value);
  gkt_free(&a->starts);
}

/* ---- values ---- */
static gkt_status fill_from(const gkt_adjoint *a, const gkt_adjoint_start *start, gkt_vector *to) {
  gkt_inputs inputs;
  GKT_TRY(gkt_adjoint_inputs((gkt_adjoint *)a, to, &inputs));
  return gkt_interpolate(start->value, gkt_system_space(a->s, start->block), &inputs, gkt_vector_values(to) + a->s->blocks[start->block].first);
}

gkt_status gkt_adjoint_fill_initial(const gkt_adjoint *a, const gkt_time *t, gkt_vector *u, gkt_vector *rate) {
  GKT_NEED(a->ctx, t, "gkt_time");
  if (t->system != a->s) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: a gkt_time of another system");
  GKT_TRY(gkt_system_check_vector(a->s, u, "u"));
  if (rate) GKT_TRY(gkt_system_check_vector(a->s, rate, "rate"));
  for (int i = 0; i < a->num_controls; i++) {
    const gkt_adjoint_control *c = &a->controls[i];
    gkt_vector *to = c->kind == GKT_CONTROL_INITIAL ? u : rate;
    if (!c->initial) continue;
    if (!to) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: '%s' is a rate at the start, and no vector for rates is given", c->name);
    memcpy(gkt_vector_values(to) + a->s->blocks[c->number].first, c->initial, (size_t)c->size * sizeof(gkt_scalar));
  }
  if (a->num_starts) GKT_TRY(gkt_system_set_time(a->s, t->options.start)); /* it may stand at the end of the run before */
  for (int i = 0; i < a->num_starts; i++) {
    if (a->starts[i].order && !rate) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "adjoint: a rate at the start is given, and no vector for rates");
    GKT_TRY(fill_from(a, &a->starts[i], a->starts[i].order ? rate : u));
  }
  return GKT_OK;
}

/* ---- back ---- */
/* [dofs] derivatives by values (order 0) or rates (1) that nodes are given; those at conditions do not count. */
static void find_by_given(const gkt_reverse *v, int order, gkt_scalar *out) {
  const gkt_system *s = v->a->s;
  const gkt_scalar *of = gkt_vector_read(v->of[order ? GKT_OF_RATE : GKT_OF_U]);
  for (gkt_idx i = 0; i < gkt_system_num_dofs(s); i++) out[i] = s->layout.constrained[i] ? 0 : of[i];
  if (s->ties) gkt_system_to_tied_transpose(s, out, out);
}

static void add_controls(gkt_reverse *v, int order, const gkt_scalar *by) {
  for (int i = 0; i < v->a->num_controls; i++) {
    const gkt_adjoint_control *c = &v->a->controls[i];
    if (!c->initial || !v->gradients[i] || c->kind != (order ? GKT_CONTROL_INITIAL_RATE : GKT_CONTROL_INITIAL)) continue;
    for (gkt_size k = 0; k < c->size; k++) v->gradients[i][k] += by[v->a->s->blocks[c->number].first + k];
  }
}

static gkt_status add_from(gkt_reverse *v, const gkt_adjoint_start *start, const gkt_inputs *inputs, const gkt_scalar *by) {
  gkt_adjoint *a = v->a;
  for (int i = 0; i < a->num_controls; i++)
    if (v->gradients[i] && holds(start, &a->controls[i]))
      GKT_TRY(
          gkt_adjoint_add_by_interpolated(a, &a->controls[i], start->value, gkt_system_space(a->s, start->block), inputs, by + a->s->blocks[start->block].first, v->gradients[i]));
  return GKT_OK;
}

gkt_status gkt_reverse_given(gkt_reverse *v) {
  gkt_adjoint *a = v->a;
  gkt_scalar *by[2] = {NULL};
  gkt_inputs inputs;
  gkt_status status;
  GKT_GO(gkt_system_set_time(a->s, v->t->options.start));
  GKT_GO(gkt_adjoint_inputs(a, v->u, &inputs));
  for (int order = 0; order < 2; order++) {
    GKT_GO(gkt_alloc(a->ctx, gkt_system_num_dofs(a->s), sizeof *by[order], &by[order]));
    find_by_given(v, order, by[order]);
    add_controls(v, order, by[order]);
  }
  for (int i = 0; i < a->num_starts; i++) GKT_GO(add_from(v, &a->starts[i], &inputs, by[a->starts[i].order]));
done:
  gkt_free(&by[0]), gkt_free(&by[1]);
  return status;
}
