/* What is left of a form where some of its functions are 0. */
#include "forms/form.h"

static gkt_status put_zeros(const gkt_form *form, int count, const gkt_node *terminals, const gkt_node *zeros, gkt_form *out) {
  gkt_integral *integral;
  for (int i = 0; i < form->num_integrals; i++) {
    const gkt_integral *from = &form->integrals[i];
    GKT_TRY(gkt_form_find_integral(out, from, from->num_nodes, &integral));
    GKT_TRY(gkt_graph_substitute(form->scope->graph, from->num_nodes, from->nodes, count, terminals, zeros, integral->nodes));
  }
  gkt_form_drop_zeros(out);
  return GKT_OK;
}

gkt_status gkt_form_at_zero(const gkt_form *form, int num_functions, const int *functions, gkt_form **out) {
  gkt_node *terminals = NULL, *zeros = NULL;
  gkt_form *rest = NULL;
  int count;
  gkt_status status;
  GKT_GO(gkt_form_create(form->scope, form->arity, form->num_integrals, &rest));
  GKT_GO(gkt_form_copy_origin(form, rest));
  GKT_GO(gkt_form_terminals(form, num_functions, functions, &terminals, &count));
  GKT_GO(gkt_calloc(form->scope->ctx, count, sizeof *zeros, &zeros));
  for (int i = 0; i < count; i++) zeros[i] = GKT_ZERO;
  GKT_GO(put_zeros(form, count, terminals, zeros, rest));
  *out = rest;
  rest = NULL;
done:
  gkt_free(&terminals);
  gkt_free(&zeros);
  gkt_form_destroy(&rest);
  return status;
}
