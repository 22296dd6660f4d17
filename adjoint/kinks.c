/* Where a functional has no derivative: functions with kinks and jumps, of what depends on the state or a control. */
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

static bool moves(const gkt_terminal *t, const void *user) {
  const gkt_adjoint *a = user;
  if (gkt_is_of_unknowns(a->s->scope, t)) return true;
  for (int i = 0; i < a->num_controls; i++)
    if (gkt_adjoint_is_control(t, &a->controls[i])) return true;
  return false;
}

/* Of a conditional its condition, of which it is the first operand; what it chooses between is smooth or told by itself. */
static bool bends(const gkt_adjoint *a, const gkt_node_data *d) {
  const gkt_graph *g = a->s->scope->graph;
  return gkt_graph_depends(g, d->a, moves, a) || (d->op != GKT_OP_CONDITIONAL && gkt_op_arity(d->op) > 1 && gkt_graph_depends(g, d->b, moves, a));
}

static gkt_status find_word(const gkt_adjoint *a, const gkt_integral *integral, const char **word) {
  const gkt_graph *g = a->s->scope->graph;
  bool *below = NULL;
  GKT_TRY(gkt_graph_mark(g, integral->num_nodes, integral->nodes, &below));
  for (gkt_node n = 0; n <= gkt_graph_top(integral->num_nodes, integral->nodes) && !*word; n++) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    const char *found = below[n] ? word_of(d->op) : NULL;
    if (found && bends(a, d)) *word = found;
  }
  gkt_free(&below);
  return GKT_OK;
}

gkt_status gkt_functional_warn_kinks(const gkt_functional *f, const gkt_form *form) {
  gkt_text place = {.ctx = f->a->ctx};
  const char *word = NULL;
  for (int i = 0; i < form->num_integrals && !word; i++) GKT_TRY(find_word(f->a, &form->integrals[i], &word));
  if (!word) return GKT_OK;
  gkt_system_print_place(form, &place);
  if (place.status == GKT_OK)
    gkt_log(f->a->ctx, GKT_LOG_WARNING, "%sthe functional holds %s of what the controls move: at its kinks and jumps the gradient is that of one side",
            place.data ? place.data : "", word);
  gkt_text_free(&place);
  return place.status;
}
