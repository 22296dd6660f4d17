/* Conditions one by one, for systems: their places in messages, and their values anew. */
#ifndef GKT_ASSEMBLY_CONSTRAINTS_H
#define GKT_ASSEMBLY_CONSTRAINTS_H
#include "galerkit/assembly.h"

/* gkt_constraints_add, whose messages of refusal begin with place; NULL: with the note and the set. Conditions are numbered in the order of these calls. */
gkt_status gkt_constraints_add_at(gkt_constraints *, int space, const gkt_mesh_set *, int component, const gkt_expression *value, const gkt_inputs *, const char *note,
                                  const char *place) GKT_MUST_CHECK;
/* The values of a condition anew, on the dofs that it had: value is the expression that it was added with. Nothing changes where it fails. */
gkt_status gkt_constraints_update(gkt_constraints *, int condition, const gkt_expression *value, const gkt_inputs *) GKT_MUST_CHECK;
#endif
