/* Expressions and forms that stages make by themselves: nodes of the graph, not text to be parsed. Rules of shapes, nodes and degrees are those of a text that says the same.
   Makers take and give values (a shape and its nodes), so they nest; after a refusal they give the scalar 0, and the one who ends a chain returns the status. */
#ifndef GKT_FORMS_BUILD_H
#define GKT_FORMS_BUILD_H
#include "forms/form.h"

typedef struct {
  gkt_scope *scope;
  const gkt_source *source; /* what messages speak of: its file and key, its whole text as the word. Outlives the chain, not the form */
  gkt_status status;        /* GKT_OK at the start */
} gkt_build;

gkt_value gkt_build_number(gkt_build *, double);
gkt_value gkt_build_constant(gkt_build *, int constant);                               /* of the scope, by number */
gkt_value gkt_build_function(gkt_build *, int function);                               /* a field, test or coefficient, of its shape */
gkt_value gkt_build_x(gkt_build *);                                                    /* [dim] */
gkt_value gkt_build_component(gkt_build *, gkt_value, int component);                  /* a scalar; components are numbered by rows */
gkt_value gkt_build_operator(gkt_build *, char sign, gkt_value left, gkt_value right); /* + - * / ^ as in the language; a scalar that is 0 fits any shape under + and - */
gkt_value gkt_build_grad(gkt_build *, gkt_value);
gkt_value gkt_build_inner(gkt_build *, gkt_value, gkt_value); /* of one shape */

/* Ends of a chain. */
gkt_status gkt_build_expression(gkt_build *, gkt_value, gkt_expression **out) GKT_MUST_CHECK;
/* GKT_FUNCTIONAL: the integral of a scalar over all cells. degree: of the quadrature; -1: estimated. */
gkt_status gkt_build_functional(gkt_build *, gkt_value, int degree, gkt_form **out) GKT_MUST_CHECK;
#endif
