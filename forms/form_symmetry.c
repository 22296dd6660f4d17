/* Is a tangent symmetric? Proven by identity of nodes, of polynomials, or by descent from an energy. */
#include "forms/form.h"

enum { MAX_TERMS = 256 };

static gkt_status are_equal(gkt_scope *scope, gkt_node a, gkt_node b, gkt_monomial *terms, bool *equal) {
  int count;
  *equal = a == b;
  if (*equal) return GKT_OK;
  gkt_node difference = gkt_sub(scope->graph, a, b);
  *equal = gkt_graph_polynomial(scope->graph, difference, MAX_TERMS, terms, &count) && count == 0;
  if (!*equal && scope->ctx->exhausted) return GKT_NO_MEMORY; /* then it is not known */
  return gkt_graph_status(scope->graph);
}

gkt_status gkt_form_prove_symmetry(gkt_form *form) {
  int n = gkt_form_components(form, 0) * (1 + form->scope->dim);
  bool symmetric = true, equal;
  gkt_monomial *terms = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(form->scope->ctx, MAX_TERMS, sizeof *terms, &terms));
  for (int i = 0; i < form->num_integrals && symmetric && !form->symmetric; i++)
    for (int k = 0; k < n * n && symmetric; k++) {
      GKT_GO(are_equal(form->scope, form->integrals[i].nodes[k], form->integrals[i].nodes[k % n * n + k / n], terms, &equal));
      symmetric = equal;
    }
  form->symmetric = form->symmetric || symmetric;
  /* equal values by different operations differ in rounding: one node for both makes the matrix symmetric to the last bit */
  for (int i = 0; i < form->num_integrals && form->symmetric; i++)
    for (int k = 0; k < n * n; k++)
      if (k / n > k % n) form->integrals[i].nodes[k] = form->integrals[i].nodes[k % n * n + k / n];
  status = GKT_OK;
done:
  gkt_free(&terms);
  return status;
}
