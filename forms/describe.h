/* Nodes of the scalar graph in the user's terms. Private. */
#ifndef GKT_FORMS_DESCRIBE_H
#define GKT_FORMS_DESCRIBE_H
#include "forms/form.h"

/* Appends "ln(u)", "grad(u)[0]^2 + k", ..; parts of a long expression are ".." (a graph holds products of the whole size of an expression many times over). */
void gkt_node_describe(const gkt_scope *, gkt_node, gkt_text *out);
#endif
