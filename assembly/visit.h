/* All quadrature points of an assembler, by the interpreter and one after the other: for what is asked rarely (messages, bounds of rounding). Private. */
#ifndef GKT_ASSEMBLY_VISIT_H
#define GKT_ASSEMBLY_VISIT_H
#include "assembly/assembler.h"

typedef struct { /* the same point of the rule in some entities */
  const gkt_map *m;
  const gkt_group *group;
  gkt_point_tables tables;
  int count; /* lanes in use, the first ones */
  int row;   /* of the tables and of rule.weights */
  gkt_lanes at;
  gkt_geometry geometry;
  gkt_scalar *in, *values; /* of the pointwise function: [inputs][LANES], [outputs][LANES] */
} gkt_visit;
typedef gkt_status gkt_visitor(const gkt_visit *, void *user, bool *stop);
gkt_status gkt_visit_points(const gkt_assembler *, const gkt_inputs *, gkt_visitor *, void *user) GKT_MUST_CHECK;

gkt_node gkt_visit_node(const gkt_map *, const gkt_coupling *, const gkt_entry *); /* of the graph, that the entry multiplies */
/* The nodes below the integral, [0 .. *top] of the graph; freed with gkt_free. */
gkt_status gkt_visit_mark(const gkt_map *, bool **below, gkt_node *top) GKT_MUST_CHECK;
/* values [top+1]: of the marked nodes, where those of their terminals stand there already. */
void gkt_evaluate_graph(const gkt_graph *, const bool *below, gkt_node top, gkt_scalar *values);
/* values [top+1]: of the marked nodes at the point of a lane. */
void gkt_visit_evaluate(const gkt_visit *, int lane, const bool *below, gkt_node top, gkt_scalar *values);
#endif
