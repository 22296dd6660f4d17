/* Is a tangent symmetric? Proven by identity of nodes, of polynomials, or by descent from an energy. */
#include "forms/form.h"

enum { MAX_TERMS = 256 };
static const double TOLERANCE = 16 * 2.3e-16; /* of each coefficient: folding numbers in another order */

static gkt_status are_equal(gkt_scope *scope, gkt_node a, gkt_node b, gkt_monomial *terms, bool *equal) {
  *equal = gkt_graph_is_close(scope->graph, a, b, TOLERANCE, MAX_TERMS, terms);
  if (!*equal && scope->ctx->exhausted) return GKT_NO_MEMORY; /* then it is not known */
  return gkt_graph_status(scope->graph);
}

gkt_status gkt_form_prove_symmetry(gkt_form *form) {
  int n = gkt_form_components(form, 0) * (1 + form->scope->dim);
  bool symmetric = true, equal;
  gkt_monomial *terms = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(form->scope->ctx, 2 * MAX_TERMS, sizeof *terms, &terms));
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
