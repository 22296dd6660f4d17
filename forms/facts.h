/* What facts.c asks of positive.c. Private to `forms`. */
#ifndef GKT_FORMS_FACTS_H
#define GKT_FORMS_FACTS_H
#include "forms/form.h"

typedef struct {
  gkt_context *ctx;
  const gkt_scope *scope;
  gkt_graph *graph;
  gkt_terminal_range *range;
  const void *user;
  gkt_text *mentioned; /* coefficients and their ranges, for the user */
} gkt_facts_query;
/* nodes [size][size]: is z'Gz >= 0 at every point, for all values in the terminals' ranges? false: not proven. */
gkt_status gkt_facts_positive(const gkt_facts_query *, int size, const gkt_node *nodes, bool *positive) GKT_MUST_CHECK;
void gkt_facts_mention(const gkt_facts_query *, const gkt_monomial *); /* a coefficient that the proof used */
#endif
