/* Where a functional has no derivative: functions with kinks and jumps, of what depends on the state or a control; in the equation of what depends on controls alone, as a
   solution passes kinks of its own, a yield surface, where it is not differentiable at one load only. */
#include "adjoint/adjoint.h"
#include "forms/form.h"
#include "forms/op.h"

static const char *word_of(gkt_op op) {
  switch (op) {
  case GKT_OP_ABS: return "abs";
  case GKT_OP_MIN: return "min";
  case GKT_OP_MAX: return "max";
  case GKT_OP_SIGN: return "sign";
  case GKT_OP_CONDITIONAL: return "conditional";
  default: return NULL;
  }
}

static bool is_control(const gkt_terminal *t, const void *user) {
  const gkt_adjoint *a = user;
  for (int i = 0; i < a->num_controls; i++)
    if (gkt_adjoint_is_control(t, &a->controls[i])) return true;
  return false;
}

static bool is_unknown(const gkt_terminal *t, const void *user) { return gkt_is_of_unknowns(((const gkt_adjoint *)user)->s->scope, t); }
static bool moves(const gkt_terminal *t, const void *user) { return is_unknown(t, user) || is_control(t, user); }

/* Of an outer expression: parts, and controls that are constants. */
static bool moves_outer(const gkt_terminal *t, const void *user) {
  const gkt_functional *f = user;
  if (t->kind != GKT_TERM_CONSTANT) return false;
  for (int i = 0; i < f->num_parts; i++)
    if (f->places[i] == t->function) return true;
  for (int i = 0; i < f->a->num_controls; i++)
    if (gkt_functional_place(f, &f->a->controls[i]) == t->function) return true;
  return false;
}

typedef struct {
  const gkt_graph *graph;
  gkt_terminal_test *moves, *solves; /* what moves it; NULL, or what excuses it: of the unknowns */
  const void *user;                  /* of them */
} search;

static bool is_moved(const search *s, gkt_node n) {
  return gkt_graph_depends(s->graph, n, s->moves, s->user) && !(s->solves && gkt_graph_depends(s->graph, n, s->solves, s->user));
}

/* Of a conditional its condition, of which it is the first operand; what it chooses between is smooth or told by itself. */
static bool bends(const search *s, const gkt_node_data *d) { return is_moved(s, d->a) || (d->op != GKT_OP_CONDITIONAL && gkt_op_arity(d->op) > 1 && is_moved(s, d->b)); }

static gkt_status find_word(const search *s, int num_nodes, const gkt_node *nodes, const char **word) {
  bool *below = NULL;
  GKT_TRY(gkt_graph_mark(s->graph, num_nodes, nodes, &below));
  for (gkt_node n = 0; n <= gkt_graph_top(num_nodes, nodes) && !*word; n++) {
    const gkt_node_data *d = gkt_graph_get(s->graph, n);
    const char *found = below[n] ? word_of(d->op) : NULL;
    if (found && bends(s, d)) *word = found;
  }
  gkt_free(&below);
  return GKT_OK;
}

static void warn(gkt_context *ctx, const char *place, const char *holder, const char *word) {
  gkt_log(ctx, GKT_LOG_WARNING, "%sthe %s holds %s of what the controls move: at its kinks and jumps the gradient is that of one side", place, holder, word);
}

static gkt_status warn_of_form(const gkt_adjoint *a, const gkt_form *form, gkt_terminal_test *moves_it, gkt_terminal_test *solves, const char *holder) {
  const search s = {a->s->scope->graph, moves_it, solves, a};
  gkt_text place = {.ctx = a->ctx};
  const char *word = NULL;
  for (int i = 0; i < form->num_integrals && !word; i++) GKT_TRY(find_word(&s, form->integrals[i].num_nodes, form->integrals[i].nodes, &word));
  if (!word) return GKT_OK;
  gkt_system_print_place(form, &place);
  if (place.status == GKT_OK) warn(a->ctx, place.data ? place.data : "", holder, word);
  gkt_text_free(&place);
  return place.status;
}

gkt_status gkt_adjoint_warn_kinks(const gkt_adjoint *a) { return warn_of_form(a, a->s->form, is_control, is_unknown, "equation"); }
gkt_status gkt_functional_warn_kinks(const gkt_functional *f, const gkt_form *form) { return warn_of_form(f->a, form, moves, NULL, "functional"); }

gkt_status gkt_functional_warn_outer_kinks(const gkt_functional *f) {
  const search s = {f->outer->scope->graph, moves_outer, NULL, f};
  gkt_text names = {.ctx = f->a->ctx};
  const char *word = NULL;
  GKT_TRY(find_word(&s, 1, f->outer->value.nodes, &word));
  if (!word) return GKT_OK;
  for (int i = 0; i < f->num_parts; i++) gkt_text_printf(&names, "%s'%s'", i ? ", " : "made of ", f->outer->scope->constants[f->places[i]]);
  if (f->num_parts) gkt_text_printf(&names, ": ");
  if (names.status == GKT_OK) warn(f->a->ctx, names.data ? names.data : "", "functional", word);
  gkt_text_free(&names);
  return names.status;
}
