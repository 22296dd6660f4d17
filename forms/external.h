/* Custom functions in the graph. A call is a list of ARGUMENT nodes and, on top, one EXTERNAL node for each number that is used of it: a component of the result, or an entry of
   the tangent. Equal calls share the list, so that the pointwise function calls once for all of them. */
#ifndef GKT_FORMS_EXTERNAL_H
#define GKT_FORMS_EXTERNAL_H
#include "forms/graph.h"

enum { GKT_MAX_EXTERNAL_INPUTS = 9 * GKT_MAX_ARGUMENTS, GKT_MAX_EXTERNAL_OUTPUTS = 9 * GKT_MAX_EXTERNAL_INPUTS };
typedef struct {
  char *name;
  gkt_external law;            /* zeros: the copy below */
  int num_inputs, num_results; /* components of all arguments; of the result */
  int num_derived;             /* components of the arguments that are no history: the first ones */
  bool *zeros;                 /* [num_results][num_derived] */
} gkt_external_record;
typedef struct {
  int count;
  gkt_external_record **records; /* [count], which stay where they are */
} gkt_externals;
gkt_externals *gkt_graph_externals(gkt_graph *);
const gkt_externals *gkt_graph_get_externals(const gkt_graph *);
void gkt_externals_free(gkt_externals *);
gkt_status gkt_graph_add_external(gkt_graph *, const char *name, const gkt_external *, int *number) GKT_MUST_CHECK; /* what is checked before */

/* ---- nodes. what: .function the number, .kind 0 a value, 1 an entry of the tangent, .component of the result, .direction the component of the arguments ---- */
gkt_node gkt_graph_external(gkt_graph *, gkt_terminal what, gkt_node list); /* graph.c */
gkt_node gkt_external_value(gkt_graph *, int number, int component, gkt_node list);
gkt_node gkt_external_list(gkt_graph *, int count, const gkt_node *arguments);
static inline const gkt_external_record *gkt_external_of(const gkt_graph *g, const gkt_node_data *external) {
  return gkt_graph_get_externals(g)->records[external->terminal.function];
}
/* Refuses, with the name, what has no derivative: an entry of a tangent, a function without one, one of which history varies. */
gkt_status gkt_external_check_derivable(const gkt_graph *, gkt_node, const gkt_node *derivative) GKT_MUST_CHECK;
/* sum_j d result_k / d in_j * derivative[in_j] */
gkt_node gkt_external_derive(gkt_graph *, gkt_node, const gkt_node *derivative);
/* out [num_inputs]: the arguments of an EXTERNAL node. Returns their number. */
int gkt_external_arguments(const gkt_graph *, gkt_node, gkt_node *out);
/* external_layout.c: count and stride; refuses by name. The function has a tangent. */
gkt_status gkt_external_check_layout(gkt_context *, const gkt_external_record *, gkt_size num_points, const gkt_scalar *arguments) GKT_MUST_CHECK;
/* One node at one point, from the values of all nodes below it. */
gkt_scalar gkt_external_apply(const gkt_graph *, gkt_node, const gkt_scalar *values);
/* row [num_inputs]: d node / d arguments at that point, 0 by history; false: unknown (no tangent, or the node is an entry of it). */
bool gkt_external_slopes(const gkt_graph *, gkt_node, const gkt_scalar *values, gkt_scalar *row);
#endif
